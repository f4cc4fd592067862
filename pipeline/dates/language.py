"""``parse_date``: the date that a short Arabic text states, or nothing.

The text is cut into tokens once (:mod:`pipeline.dates.text`); every rule looks at a fixed number of tokens from where it
stands, so the work is linear in the input. :mod:`~pipeline.dates.absolute`, :mod:`~pipeline.dates.relative` and
:mod:`~pipeline.dates.clock` find days and times; here they are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.dates import words
from pipeline.dates.absolute import Bounds, choose, find_absolute
from pipeline.dates.around import stands_alone, weekday_beside, weekday_number
from pipeline.dates.clock import clock_beside, find_clocks
from pipeline.dates.months import GREGORIAN
from pipeline.dates.relative import find_named_day, find_relative
from pipeline.dates.text import Token, tokenize
from pipeline.dates.words import DAY

EARLIEST = date(1990, 1, 1)
"""First day read unless asked otherwise: before it no outlet was on the web."""

ORDERS = ("DMY", "MDY", "YMD")
"""Orders of numeric dates; a four-digit year that comes first is read year, month, day in all of them."""


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
    """Read the date a short text states: a byline, a date line, the content of a meta tag.

    Args:
        text: any string; its first 4,096 characters are read.
        reference: when the page was captured; a naive one is taken in ``zone``. Relative dates count from it, and no
            day later than the day after it is read.
        zone: IANA name of the zone in which the source prints its dates.
        order: "DMY", "MDY" or "YMD": how the source orders numeric dates.
        earliest: first day that is read.

    Returns:
        The first date stated, or None where the text states none, an impossible one, or only a count, a year, a
        telephone number or a copyright line.

    Raises:
        ValueError: ``zone`` or ``order`` is unknown. No text raises.
    """
    where = zone_of(zone)
    if order not in ORDERS:
        raise ValueError(f"{order!r} is not an order of numeric dates: one of {', '.join(ORDERS)}")
    try:
        now = reference.replace(tzinfo=where) if reference.tzinfo is None else reference.astimezone(where)
        bounds = Bounds(now, where, order, earliest, now.date() + timedelta(days=1))
        return _read(text, tokenize(text), bounds)
    except OverflowError:  # a reference at the edge of the calendar
        return None


def _read(text: str, tokens: list[Token], bounds: Bounds) -> ParsedDate | None:
    if any(token.text in words.COPYRIGHT for token in tokens):
        return None
    hits = find_absolute(tokens, bounds)
    chosen, notes = choose(hits)
    if chosen is None:
        ago = find_relative(tokens, bounds)
        if ago is not None:
            return ParsedDate(ago.value, ago.precision, GREGORIAN, _span(text, tokens, ago.first, ago.end), ago.method)
        chosen = find_named_day(tokens, bounds)
        if chosen is None:
            return None
    taken = {index for hit in hits for index in range(hit.first, hit.end)}
    clock = None
    if chosen.precision == DAY:
        clock = clock_beside(tokens, chosen.first, chosen.end, find_clocks(tokens, taken))
    first, end = chosen.first, chosen.end
    weekday = weekday_beside(tokens, first, end, clock)
    if weekday is not None:
        if weekday_number(tokens, weekday) != chosen.day.weekday() and chosen.precision == DAY:
            notes = (*notes, "weekday contradicts")
        first, end = min(first, weekday), max(end, weekday + 1)
    if clock is not None:
        first, end = min(first, clock.first), max(end, clock.end)
    if chosen.weak and not stands_alone(tokens, first, end):
        return None
    value: date = chosen.day
    precision = chosen.precision
    if clock is not None:
        value = datetime.combine(chosen.day, clock.time, tzinfo=clock.zone or bounds.zone)
        precision = clock.precision
        if clock.zone is not None:
            notes = (*notes, "zone stated")
            if not bounds.allows(value.astimezone(bounds.zone).date()) or not bounds.allows(
                value.astimezone(UTC).date()
            ):
                return None
    return ParsedDate(value, precision, chosen.calendar, _span(text, tokens, first, end), chosen.method, notes)


def _span(text: str, tokens: Sequence[Token], first: int, end: int) -> str:
    return text[tokens[first].start : tokens[end - 1].end]
