"""``read_date``: the date that a short Arabic text states, or why none was read; ``parse_date``: the date or None.

The text is cut into tokens once (`pipeline.dates.tokens`); every rule looks at a fixed number of tokens from where it
stands, so the work is linear in the input. `pipeline.dates.absolute`, `pipeline.dates.relative` and
`pipeline.dates.times` find days and times; here they are put together.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.dates import words
from pipeline.dates.absolute import Bounds, Hit, Reason, Shape, by_weekday, pair_calendars, scan_absolute
from pipeline.dates.context import is_open, stands_alone, weekday_beside, weekday_number, without_ranges
from pipeline.dates.months import GREGORIAN, MONTHS
from pipeline.dates.relative import BEGINNINGS, Ago, find_named_days, find_relative
from pipeline.dates.times import Clock, clock_beside, find_clocks
from pipeline.dates.tokens import FOUR, Phrases, Token, cut, number_at, tokenize
from pipeline.dates.words import DAY

EARLIEST = date(1990, 1, 1)
"""First day read unless asked otherwise: before it no outlet was on the web."""

READ_LIMIT = 4096
"""Characters of a text that are read. A date line is short; what is longer is prose, and the bound keeps any input cheap."""

ORDERS = ("DMY", "MDY", "YMD")
"""Orders of numeric dates; a four-digit year that comes first is read year, month, day in all of them."""


# Numbers that a reader takes for a year.
_YEARS = range(1900, 2100)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date that a text states.

    Attributes:
        value: the day; or, where a time is stated, the aware instant, in the zone the text names or else the caller's.
        precision: "year", "month", "day", "minute" or "second": how closely the text says it.
        calendar: "gregorian", "hijri" (Umm al-Qura) or "persian": what the day was read from.
        matched: the literal part of the text that was read.
        method: "written" (a month by name), "numeric", "no-year" (a day and month, the latest not after the reference),
            "month" (a month and year), "relative:<unit>" or "relative:day-name".
        notes: what a careful reader would want to know: "weekday contradicts", "calendars disagree", "zone stated".
    """

    value: date
    precision: str
    calendar: str
    matched: str
    method: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text that states no date that could be read.

    Attributes:
        reason: why: of what looks like a date what is wrong with it, or that nothing does.
        matched: the literal part of the text that looks like a date; None where nothing does.
    """

    reason: Reason
    matched: str | None = None


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not an IANA time zone such as Asia/Damascus") from error


def parse_date(
    text: str, *, reference: datetime, zone: str = "UTC", order: str = "DMY", earliest: date = EARLIEST
) -> ParsedDate | None:
    """`read_date` for those who do not ask why a text states no date: None then."""
    text = text[:READ_LIMIT]
    found = _find(text, tokenize(text), reference, zone, order, earliest)
    return found if isinstance(found, ParsedDate) else None


def read_date(
    text: str, *, reference: datetime, zone: str = "UTC", order: str = "DMY", earliest: date = EARLIEST
) -> ParsedDate | Refusal:
    """Read the date a short text states: a byline, a date line, the content of a meta tag.

    Args:
        text: any string; its first 4,096 characters are read.
        reference: when the page was captured; a naive one is taken in ``zone``. Relative dates count from it, and no
            day later than the day after it is read.
        zone: IANA name of the zone in which the source prints its dates.
        order: "DMY", "MDY" or "YMD": how the source orders numeric dates.
        earliest: first day that is read.

    Returns:
        The first date stated; a refusal where the text states none, an impossible one, or only a count, a year, a
        telephone number or a copyright line.

    Raises:
        ValueError: ``zone`` or ``order`` is unknown. No text raises.
    """
    text = text[:READ_LIMIT]
    tokens = tokenize(text)
    found = _find(text, tokens, reference, zone, order, earliest)
    if isinstance(found, ParsedDate):
        return found
    refused = found or _without_date(tokens)
    return Refusal(refused.reason, _span(text, refused.first, refused.end) or None)


def _find(
    text: str, tokens: list[Token], reference: datetime, zone: str, order: str, earliest: date
) -> ParsedDate | Shape | None:
    """The first date that nothing speaks against, else the first shape of one, else nothing."""
    where = zone_of(zone)
    if order not in ORDERS:
        raise ValueError(f"{order!r} is not an order of numeric dates: one of {', '.join(ORDERS)}")
    present = {token.text for token in tokens}
    if _BEGINNINGS.isdisjoint(present) and not any(token.kind == "n" for token in tokens):
        return None
    if not _COPYRIGHT.first_words.isdisjoint(present):
        copyright_line = _copyright(tokens)
        if copyright_line is not None:
            return copyright_line
    try:
        now = reference.replace(tzinfo=where) if reference.tzinfo is None else reference.astimezone(where)
        return _read(text, tokens, Bounds(now, where, order, earliest, now.date() + timedelta(days=1)))
    except OverflowError:
        return Shape(0, 0, Reason.REFERENCE)


_COPYRIGHT = Phrases(dict.fromkeys(words.COPYRIGHT))
# One of these stands in every date without digits.
_BEGINNINGS = BEGINNINGS | words.ORDINAL_WORDS | _COPYRIGHT.first_words


def _read(text: str, tokens: list[Token], bounds: Bounds) -> ParsedDate | Shape | None:
    """A day with its year, else one without, else a relative one; else the first shape that is no date."""
    found = scan_absolute(tokens, bounds)
    hits = [hit for hit in found if isinstance(hit, Hit)]
    refused = [shape for shape in found if isinstance(shape, Shape)]
    taken = frozenset(index for hit in hits for index in range(hit.first, hit.end))
    days = sorted(without_ranges(tokens, pair_calendars(hits)), key=_is_weak)
    read = _first_read(text, tokens, bounds, days, taken, refused)
    if read is None:
        ago = find_relative(tokens, bounds)
        if isinstance(ago, Ago):
            span = _span(text, ago.first, ago.end)
            return ParsedDate(ago.value, ago.precision, GREGORIAN, span, ago.method)
        if ago is not None:
            refused.append(ago)
        read = _first_read(text, tokens, bounds, find_named_days(tokens, bounds), taken, refused)
    return read or min(refused, key=lambda shape: shape.first, default=None)


def _first_read(
    text: str,
    tokens: list[Token],
    bounds: Bounds,
    days: Sequence[Hit | Shape],
    taken: Container[int],
    refused: list[Shape],
) -> ParsedDate | None:
    """The first of the days that nothing speaks against; those before it are added to the refused."""
    clocks = find_clocks(tokens, taken) if days else []
    for day in days:
        read = _dated(text, tokens, bounds, day, clocks) if isinstance(day, Hit) else day
        if isinstance(read, ParsedDate):
            return read
        refused.append(read)
    return None


def _is_weak(hit: Hit | Shape) -> bool:
    return isinstance(hit, Hit) and hit.weak


def _copyright(tokens: Sequence[Token]) -> Shape | None:
    for index in range(len(tokens)):
        phrase = _COPYRIGHT.at(tokens, index)
        if phrase is not None:
            return Shape(index, phrase[1], Reason.COPYRIGHT)
    return None


def _dated(text: str, tokens: list[Token], bounds: Bounds, hit: Hit, clocks: Sequence[Clock]) -> ParsedDate | Shape:
    """A day with its time and its weekday, where they stand beside it; or why it is none of the text's own."""
    first, end = hit.first, hit.end
    clock = clock_beside(tokens, first, end, clocks) if hit.precision == DAY else None
    weekday = weekday_beside(tokens, first, end, clock.first if clock else None)
    if weekday is not None:
        first, end = min(first, weekday), max(end, weekday + 1)
        told = by_weekday(hit, weekday_number(tokens, weekday), bounds) if hit.precision == DAY else hit
        if isinstance(told, Shape):
            return Shape(first, end, told.reason)
        hit = told
    if is_open(tokens, first):
        return Shape(first, end, Reason.RANGE)
    if clock is not None:
        first, end = min(first, clock.first), max(end, clock.end)
        end += number_at(tokens, end, FOUR) == hit.day.year and not hit.weak  # as Unix prints it
    if hit.weak and not stands_alone(tokens, first, end):
        return Shape(first, end, Reason.PROSE)
    value: date = hit.day
    precision, notes = hit.precision, hit.notes
    if clock is not None:
        value = datetime.combine(hit.day, clock.time, tzinfo=clock.zone or bounds.zone)
        precision = clock.precision
        if clock.zone is not None:
            notes = (*notes, "zone stated")
            for zone in (bounds.zone, UTC):
                reason = bounds.against(value.astimezone(zone).date())
                if reason is not None:
                    return Shape(first, end, reason)
    return ParsedDate(value, precision, hit.calendar, _span(text, first, end), hit.method, notes)


def _without_date(tokens: list[Token]) -> Shape:
    """Why a text without the shape of a date is refused: the first part of a date that it has, or nothing."""
    clocks = find_clocks(tokens, frozenset())
    if clocks:
        return Shape(clocks[0].first, clocks[0].end, Reason.TIME_ALONE)
    for index, token in enumerate(tokens):
        if token.value in _YEARS and len(token.text) == 4:
            return Shape(index, index + 1, Reason.YEAR_ALONE)
        if token.text in MONTHS:
            return Shape(index, index + 1, Reason.MONTH_ALONE)
        if token.text in words.WEEKDAYS:
            return Shape(index, index + 1, Reason.WEEKDAY_ALONE)
    return Shape(0, 0, Reason.NONE)


def _span(text: str, first: int, end: int) -> str:
    """What stands literally in tokens[first:end]."""
    return "".join(cut(text)[2 * first + 1 : 2 * end])
