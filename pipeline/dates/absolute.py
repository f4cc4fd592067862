"""Dates that name their day: months by name in either order, numbers, three calendars.

A rule that recognises the shape of a date but finds an impossible day takes the shape away: no part of "32 أيار 2016" is
read as another date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from pipeline.dates import words
from pipeline.dates.calendars import FOREIGN_YEARS, to_day
from pipeline.dates.months import FIRST_WORDS, GREGORIAN, HIJRI, MONTHS, PERSIAN, Month
from pipeline.dates.tokens import COMPACT_TIME, FOUR, SHORT, TWO, Phrases, Token, is_at, is_number, number_at, text_at
from pipeline.dates.words import DAY, MONTH


class Reason(StrEnum):
    """Why a text, or a part of one that looks like a date, states no date that could be read."""

    NONE = "no date"
    COPYRIGHT = "copyright line"
    IMPOSSIBLE = "impossible day"
    FUTURE = "after the reference"
    EARLY = "before the earliest day"
    RANGE = "a range"
    NAMES = "month names disagree"
    NUMBER = "a number of another kind"
    VAGUE = "a span of time without its count"
    PROSE = "a day among prose"
    YEAR_ALONE = "a year alone"
    MONTH_ALONE = "a month alone"
    WEEKDAY_ALONE = "a weekday alone"
    TIME_ALONE = "a time alone"
    REFERENCE = "the reference is at the edge of the calendar"


class Bounds(NamedTuple):
    """What a reading needs to know: now at the source, its zone, the order of numbers and the range of days."""

    now: datetime
    zone: tzinfo
    order: str
    first: date
    last: date

    def against(self, day: date | None) -> Reason | None:
        """What speaks against a day: that there is no such day (None), or that it is outside the range."""
        if day is None:
            return Reason.IMPOSSIBLE
        if day < self.first:
            return Reason.EARLY
        return Reason.FUTURE if day > self.last else None

    def hit(
        self, first: int, end: int, day: date | None, precision: str, calendar: str, method: str, *, weak: bool
    ) -> Hit | Shape:
        """A day found in tokens[first:end], or why it is none."""
        reason = self.against(day)
        if day is None or reason is not None:
            return Shape(first, end, reason or Reason.IMPOSSIBLE)
        return Hit(first, end, day, precision, calendar, method, weak)


class Hit(NamedTuple):
    """A day found in tokens[first:end]; ``weak`` ones stand only where nothing but labels stands around them."""

    first: int
    end: int
    day: date
    precision: str
    calendar: str
    method: str
    weak: bool
    notes: tuple[str, ...] = ()


class Shape(NamedTuple):
    """The shape of a date in tokens[first:end] that is no date, and why: no part of it is read as another date."""

    first: int
    end: int
    reason: Reason


def by_weekday(hit: Hit, weekday: int, bounds: Bounds) -> Hit | Shape:
    """A hit with the weekday beside it, Monday 0, which chooses among the days that may be meant; a note where it fits none.

    A day without a year is of the latest year in which it is that weekday; where the coming one alone of the nearest
    two is, it may be announced, or be of years ago: it is refused unless the range allows it. A Hijri day lies a day off
    where the month was begun by sight or by tables.
    """
    for day in _days_meant(hit):
        if day.weekday() == weekday:
            reason = bounds.against(day)
            return hit._replace(day=day) if reason is None else Shape(hit.first, hit.end, reason)
    return hit._replace(notes=(*hit.notes, "weekday contradicts"))


def _days_meant(hit: Hit) -> list[date]:
    """The days that a hit may mean, the nearest first."""
    if hit.calendar == HIJRI:
        return [hit.day + timedelta(days=off) for off in (0, 1, -1)]
    if hit.method != "no-year" or hit.calendar != GREGORIAN:
        return [hit.day]
    years = (0, 1, *range(-1, -_YEARS_BACK, -1))
    days = (to_day(GREGORIAN, hit.day.year + years_away, hit.day.month, hit.day.day) for years_away in years)
    return [day for day in days if day is not None]


_YEARS_BACK = 9
"""Years in which a day without one may lie: 29 February comes after eight at most, and every weekday but seldom later."""


def find_absolute(tokens: list[Token], bounds: Bounds) -> list[Hit]:
    """Every absolute date, left to right, none overlapping another."""
    return [found for found in scan_absolute(tokens, bounds) if isinstance(found, Hit)]


def scan_absolute(tokens: list[Token], bounds: Bounds) -> list[Hit | Shape]:
    """Every absolute date and every shape of one that is none, left to right, none overlapping another."""
    scanned: list[Hit | Shape] = []
    end = 0
    for index, token in enumerate(tokens):
        if index >= end and (token.kind == "n" or token.text in _BEGINNINGS):
            found = date_at(tokens, index, bounds)
            if found is not None:
                scanned.append(found)
                end = found.end
    return scanned


_BEGINNINGS = words.ORDINAL_WORDS | FIRST_WORDS


def date_at(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """The date that begins at an index, or the shape of one that is no date."""
    token = tokens[index]
    if token.kind == "n":
        if is_at(tokens, index + 1, "/", "-", "."):
            found = _numeric(tokens, index, bounds)
            if found is not None:
                return found
        rule = _RULES.get(len(token.text))
        return rule(tokens, index, bounds) if rule is not None else None
    if token.text in words.ORDINAL_WORDS:
        found = _ordinal_day(tokens, index, bounds)
        if found is not None:
            return found
    return _month_first(tokens, index, bounds) if token.text in FIRST_WORDS else None


_MONTHS = Phrases({tuple(name.split()): month for name, month in MONTHS.items()})
ORDINALS = Phrases(words.ORDINAL_DAYS)
"""Days of the month in words, as they stand among tokens."""
_APOSTROPHES = ("'", "\u2019")
_OPENING, _CLOSING = ("(", "[", "{", "|"), (")", "]", "}", "|")


def months_at(tokens: Sequence[Token], index: int) -> tuple[Month | None, int] | None:
    """A month and its other names, "أيار/مايو", "مايو (أيار)", "(مايو)": None for the month where the names disagree."""
    opened = text_at(tokens, index) in _OPENING
    found = _MONTHS.at(tokens, index + opened)
    if found is None:
        return None
    month: Month | None = found[0]
    end = found[1]
    for _ in range(2):
        opens = text_at(tokens, end) in _OPENING
        other = _MONTHS.at(tokens, end + (opens or is_at(tokens, end, "/", "-", ",", "او")))
        if other is None or other[0].calendar != found[0].calendar:
            break
        if tokens[end].text == "|" and not is_at(tokens, other[1], "|"):
            break  # the next field of the line
        if month is not None:
            needs_year = month.needs_year and other[0].needs_year
            month = Month(month.calendar, month.number, needs_year) if other[0].number == month.number else None
        opened, end = opened or opens, other[1]
    if opened and text_at(tokens, end) in _CLOSING:
        end += 1
    return month, end


_BEFORE_YEAR = ("-", "/", ",", ".", "|", "من", "عام", "العام", "سنه", "السنه", "لعام", "للعام", "لسنه", "للسنه", "of")


def year_at(tokens: Sequence[Token], index: int) -> tuple[int, str | None, int] | None:
    """A four-digit year after a month, its era's calendar if said, and the index after them."""
    for _ in range(3):
        if text_at(tokens, index) in _BEFORE_YEAR:
            index += 1
    year = number_at(tokens, index, FOUR)
    if year is None or _is_clock(tokens, index):
        return None
    calendar, end = _era(tokens, index + 1)
    return year, calendar, end


def _short_year_at(
    tokens: Sequence[Token], index: int, month: Month, joint: str, bounds: Bounds
) -> tuple[int, int] | None:
    """A year of two digits where nothing else can be meant: "10-May-16", "10 May '16", "10 May 16 14:35", "۲۱ ثور ۹۵".

    ``joint`` is what joins the day to the month.
    """
    sign = tokens[index].text if is_at(tokens, index, "-", "/", *_APOSTROPHES) else ""
    position = index + bool(sign)
    value = number_at(tokens, position, TWO)
    if value is None or _is_clock(tokens, position):
        return None
    if not sign and month.calendar == PERSIAN and value >= 60:
        return 1300 + value, position + 1
    certain = sign == joint or sign in _APOSTROPHES
    if (sign and certain and not tokens[position].spaced) or (not sign and _is_clock(tokens, position + 1)):
        return _latest_year(value, bounds), position + 1
    return None


def _latest_year(two_digits: int, bounds: Bounds) -> int:
    """The latest year with these last two digits that is not after the last day allowed."""
    return bounds.last.year - (bounds.last.year - two_digits) % 100


def _is_clock(tokens: Sequence[Token], index: int) -> bool:
    return is_number(tokens, index) and is_at(tokens, index + 1, ":") and is_number(tokens, index + 2)


def _year_behind_clock(tokens: Sequence[Token], index: int) -> int | None:
    """The year that stands behind the time, as Unix and Java print it: "Tue May 10 14:35:20 UTC 2016"."""
    if not _is_clock(tokens, index):
        return None
    end = index + 3
    if is_at(tokens, end, ":") and is_number(tokens, end + 1):
        end += 2
    if is_at(tokens, end, "+", "-") and number_at(tokens, end + 1, FOUR) is not None:
        end += 2
    elif text_at(tokens, end) in words.ZONE_ABBREVIATIONS or text_at(tokens, end) in words.DAY_PARTS:
        end += 1
    return None if _is_clock(tokens, end) else number_at(tokens, end, FOUR)


def _era(tokens: Sequence[Token], index: int) -> tuple[str | None, int]:
    """The calendar that an era's sign after a year says, and the index after it."""
    start = index
    if is_at(tokens, index, "(", ".") and index + 1 < len(tokens):
        index += 1
    if index < len(tokens):
        word = tokens[index].text
        if word == "ه" and is_at(tokens, index + 1, ".", "-") and is_at(tokens, index + 2, "ش", "ق"):
            return (PERSIAN if tokens[index + 2].text == "ش" else HIJRI), index + 3
        if word == "ه" and is_at(tokens, index + 1, "ش"):
            return PERSIAN, index + 2
        for calendar, signs in (
            (GREGORIAN, words.ERA_GREGORIAN),
            (HIJRI, words.ERA_HIJRI),
            (PERSIAN, words.ERA_PERSIAN),
        ):
            if word in signs:
                end = index + 1
                if index > start and is_at(tokens, end, ")"):
                    end += 1
                return calendar, end
    return None, start


def _day_first(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """A day in digits before its month: "10 أيار 2016", "4 من تموز", "10-مايو-2016"."""
    if is_at(tokens, index - 1, ":", "/", ".") and is_number(tokens, index - 2) and not tokens[index].spaced:
        return None
    after = index + 1
    if is_at(tokens, after, "st", "nd", "rd", "th", "er"):
        after += 1
    return _month_after_day(tokens, index, after, tokens[index].value, bounds)


def counts_another(tokens: Sequence[Token], index: int) -> bool:
    """Whether an ordinal belongs to the noun before it: "الأسبوع الأول من آذار"."""
    before = text_at(tokens, index - 1)
    return before.startswith("ال") and before not in words.LABELS and before not in words.WEEKDAYS


def _ordinal_day(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """A day in words: "الأول من آذار", "الحادي والعشرين من شهر مايو"; but not "الأسبوع الأول من آذار"."""
    day = None if counts_another(tokens, index) else ORDINALS.at(tokens, index)
    return None if day is None else _month_after_day(tokens, index, day[1], day[0], bounds)


# What joins a day to its month; "ی" and "'ê" do in Kurdish.
_BEFORE_MONTH = ("من", "شهر", "-", "/", ".", ",", "of", "ي", "e", *_APOSTROPHES)


def _month_after_day(tokens: list[Token], first: int, index: int, day: int, bounds: Bounds) -> Hit | Shape | None:
    joint = text_at(tokens, index)
    for _ in range(2):
        if text_at(tokens, index) in _BEFORE_MONTH:
            index += 1
    months = months_at(tokens, index)
    if months is None:
        return None
    month, end = months
    stated = year_at(tokens, end)
    if stated is not None:
        end = stated[2]
    if month is None:
        return Shape(first, end, Reason.NAMES)
    if _is_range(tokens, first, end, day):
        return Shape(first, end, Reason.RANGE)
    if stated is not None:
        return _written(month, stated[0], day, first, end, bounds)
    short = _short_year_at(tokens, end, month, joint, bounds)
    if short is not None:
        return _written(month, short[0], day, first, short[1], bounds)
    return _without_year(tokens, month, day, first, end, bounds)


def _written(month: Month, year: int, day: int, first: int, end: int, bounds: Bounds) -> Hit | Shape:
    value = to_day(month.calendar, year, month.number, day)
    return bounds.hit(first, end, value, DAY, month.calendar, "written", weak=False)


def _without_year(
    tokens: Sequence[Token], month: Month, day: int, first: int, end: int, bounds: Bounds
) -> Hit | Shape | None:
    year = _year_behind_clock(tokens, end)
    if year is not None:
        return _written(month, year, day, first, end, bounds)
    if month.needs_year:
        return None
    value = _latest(month, day, bounds.now.date())
    return bounds.hit(first, end, value, DAY, month.calendar, "no-year", weak=True)


def _is_range(tokens: Sequence[Token], first: int, end: int, day: int) -> bool:
    """Whether a day and month are one end of a range: "3-5 أيار", "من 3 إلى 5 أيار", "10 أيار حتى 12 أيار"."""
    if text_at(tokens, first - 1) in words.RANGE_WORDS:
        return True
    start = number_at(tokens, first - 2, SHORT) if is_at(tokens, first - 1, "-") else None
    if start is not None and start < day and text_at(tokens, first - 3) not in _BEFORE_CLOCK:
        return True
    return text_at(tokens, end) in words.RANGE_WORDS and is_number(tokens, end + 1)


_BEFORE_CLOCK = words.HOUR_LABELS | {":", "."}


def _latest(month: Month, day: int, today: date) -> date | None:
    """The latest such day of a calendar that is not after today; 29 February may lie eight years back."""
    year = today.year
    if month.calendar == HIJRI:
        year = int((today.year - 622) * 33 / 32) + 2
    elif month.calendar == PERSIAN:
        year = today.year - 621
    for candidate in range(year, year - _YEARS_BACK, -1):
        value = to_day(month.calendar, candidate, month.number, day) if candidate > 0 else None
        if value is not None and value <= today:
            return value
    return None


def _month_first(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """A month before its day, "مايو 10, 2016", or a month and year alone."""
    months = months_at(tokens, index)
    if months is None:
        return None
    month, end = months
    year = year_at(tokens, end)
    if year is not None:
        if month is None:
            return Shape(index, year[2], Reason.NAMES)
        if month.calendar == GREGORIAN and month.needs_year:
            return None  # "الصيف 2015" is a summer, whatever Libya called June
        value = to_day(month.calendar, year[0], month.number, 1)
        return bounds.hit(index, year[2], value, MONTH, month.calendar, "month", weak=True)
    after = end + 1 if is_at(tokens, end, "-", "/", ".") else end
    day = number_at(tokens, after, SHORT)
    if day is None or is_at(tokens, after + 1, ":"):
        return None
    after += 1
    if is_at(tokens, after, "st", "nd", "rd", "th"):
        after += 1
    year = year_at(tokens, after)
    if month is None:
        return Shape(index, year[2] if year else after, Reason.NAMES)
    if year is not None:
        return _written(month, year[0], day, index, year[2], bounds)
    return _without_year(tokens, month, day, index, after, bounds)


def _year_first(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """A year before its month and day: "2016 مايو 10", "2016-أيار-10"."""
    after = index + 1
    if is_at(tokens, after, "-", "/", ",", "."):
        after += 1
    months = months_at(tokens, after)
    if months is None:
        return None
    month, end = months
    if is_at(tokens, end, "-", "/", ",", "."):
        end += 1
    day = number_at(tokens, end, SHORT)
    if day is None or is_at(tokens, end + 1, ":"):
        return None
    if month is None:
        return Shape(index, end + 1, Reason.NAMES)
    return _written(month, tokens[index].value, day, index, end + 1, bounds)


def _numeric(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """Three numbers with one separator: "10/05/2016", "2016-05-10", "1445/09/05", "10.05.16"."""
    if (
        index + 4 >= len(tokens)
        or tokens[index + 1].text not in {"/", "-", "."}
        or tokens[index + 3].text != tokens[index + 1].text
    ):
        return None
    first, second, third = tokens[index], tokens[index + 2], tokens[index + 4]
    if second.kind != "n" or third.kind != "n":
        return None
    end = index + 5
    read = _year_and_readings(first, second, third, tokens[index + 1].text, bounds)
    if read is None or _glued(tokens, index, end):
        return Shape(index, end, Reason.NUMBER)
    year, readings, weak = read
    era, end = _era(tokens, end)
    calendars = (era,) if era is not None else (HIJRI, PERSIAN) if year in FOREIGN_YEARS else (GREGORIAN,)
    # The source's order first; the other order only where the source's gives no month at all (a month above 12).
    month, day = next(((m, d) for m, d in readings if 1 <= m <= 12), (0, 0))
    refused: Shape | None = None
    for calendar in calendars:
        found = bounds.hit(index, end, to_day(calendar, year, month, day), DAY, calendar, "numeric", weak=weak)
        if isinstance(found, Hit):
            return found
        refused = refused or found
    return refused


def _year_and_readings(
    first: Token, second: Token, third: Token, separator: str, bounds: Bounds
) -> tuple[int, list[tuple[int, int]], bool] | None:
    """The year of three numbers, what may be their month and day, and whether the year has two digits only."""
    lengths = len(first.text), len(second.text), len(third.text)
    month_first = bounds.order == "MDY"
    if lengths[1] > 2:
        return None
    if lengths[0] == 4 and lengths[2] <= 2:
        return first.value, [(second.value, third.value)], False
    readings = [(second.value, first.value), (first.value, second.value)]
    if lengths[2] == 4 and lengths[0] <= 2:
        return third.value, readings[::-1] if month_first else readings, False
    # Two digits for the year: "3/10/12" is a date, "3-10-12" and "3.10.12" may be anything.
    if lengths != (2, 2, 2) and (separator != "/" or lengths[2] != 2 or lengths[0] > 2):
        return None
    if bounds.order == "YMD":
        return (_latest_year(first.value, bounds), [(second.value, third.value)], True) if lengths[0] == 2 else None
    return _latest_year(third.value, bounds), readings[month_first:][:1], True


def _compact(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """The day of ISO 8601's basic form, "20160510T143500Z"; without its time it may be any number."""
    if not is_at(tokens, index + 1, "t") or number_at(tokens, index + 2, COMPACT_TIME) is None:
        return None
    if tokens[index + 1].spaced or tokens[index + 2].spaced:
        return None
    year, month_and_day = divmod(tokens[index].value, 10_000)
    value = to_day(GREGORIAN, year, *divmod(month_and_day, 100))
    return bounds.hit(index, index + 1, value, DAY, GREGORIAN, "numeric", weak=False)


# What a number of so many digits may begin, besides three numbers with one separator.
_RULES = {1: _day_first, 2: _day_first, 4: _year_first, 8: _compact}


def _glued(tokens: Sequence[Token], first: int, end: int) -> bool:
    """Whether numbers or signs are glued to a numeric date: a telephone number, an address, a version, a score."""
    if first and not tokens[first].spaced:
        before = tokens[first - 1]
        if before.kind == "w" and before.text.isascii():
            return True
        if before.kind == "p" and before.text in "/-.+:":
            earlier = tokens[first - 2] if first > 1 else None
            if before.text in "+/" or (earlier is not None and earlier.kind == "n" and not before.spaced):
                return True
    if end + 1 < len(tokens):
        sign, after = tokens[end], tokens[end + 1]
        if sign.kind == "p" and sign.text in "/-." and not sign.spaced and not after.spaced and after.kind == "n":
            return not is_at(tokens, end + 2, ":")
    return False


# Words and marks between the two dates of a line that gives both calendars: "هـ - الموافق يوم الثلاثاء".
_WIDEST_GAP = 6


def pair_calendars(hits: Sequence[Hit]) -> list[Hit]:
    """One hit for two days of different calendars side by side: the Gregorian, noted where they are over a day apart."""
    paired: list[Hit] = []
    index = 0
    while index < len(hits):
        hit = hits[index]
        other = hits[index + 1] if index + 1 < len(hits) else None
        if other is None or not _belong_together(hit, other):
            paired.append(hit)
            index += 1
            continue
        chosen = other if other.calendar == GREGORIAN else hit
        notes = ("calendars disagree",) if abs((hit.day - other.day).days) > 1 else ()
        paired.append(chosen._replace(first=hit.first, end=other.end, method=hit.method, notes=notes))
        index += 2
    return paired


def _belong_together(hit: Hit, other: Hit) -> bool:
    return (
        hit.calendar != other.calendar
        and hit.weak == other.weak
        and hit.precision == other.precision == DAY
        and other.first - hit.end <= _WIDEST_GAP
    )
