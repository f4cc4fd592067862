"""Dates that name their day: months by name in either order, numbers, three calendars.

A rule that recognises the shape of a date but finds an impossible day takes the shape away: no part of "32 أيار 2016" is
read as another date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from pipeline.dates import words
from pipeline.dates.calendars import FOREIGN_YEARS, to_day
from pipeline.dates.months import FIRST_WORDS, GREGORIAN, HIJRI, LONGEST_NAME, MONTHS, PERSIAN, Month
from pipeline.dates.text import FOUR, SHORT, Token, is_at, is_number, number_at, texts_at
from pipeline.dates.words import DAY, MONTH


class Bounds(NamedTuple):
    """What a reading needs to know: now at the source, its zone, the order of numbers and the range of days."""

    now: datetime
    zone: tzinfo
    order: str
    first: date
    last: date

    def allows(self, day: date) -> bool:
        """Whether a day is within the range."""
        return self.first <= day <= self.last


class Hit(NamedTuple):
    """A day found in tokens[first:end]; ``weak`` ones stand only where nothing but labels stands around them."""

    first: int
    end: int
    day: date
    precision: str
    calendar: str
    method: str
    weak: bool


class Shape(NamedTuple):
    """The shape of a date that is no date (an impossible or excluded day): tokens up to ``end`` are spent."""

    end: int


def find_absolute(tokens: list[Token], bounds: Bounds) -> list[Hit]:
    """Every absolute date, left to right, none overlapping another."""
    hits: list[Hit] = []
    index = 0
    while index < len(tokens):
        found = _date_at(tokens, index, bounds)
        if found is None:
            index += 1
            continue
        if isinstance(found, Hit):
            hits.append(found)
        index = max(found.end, index + 1)
    return hits


def _date_at(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    token = tokens[index]
    if token.kind == "n":
        return (
            _numeric(tokens, index, bounds) or _year_first(tokens, index, bounds) or _day_first(tokens, index, bounds)
        )
    if token.kind == "w":
        return _ordinal_day(tokens, index, bounds) or _month_first(tokens, index, bounds)
    return None


def _month_at(tokens: Sequence[Token], index: int) -> tuple[Month, int] | None:
    """The longest month name at an index, and the index after it."""
    if index >= len(tokens) or tokens[index].text not in FIRST_WORDS:
        return None
    for length in range(min(LONGEST_NAME, len(tokens) - index), 0, -1):
        known = MONTHS.get(" ".join(token.text for token in tokens[index : index + length]))
        if known is not None:
            return known, index + length
    return None


def _months_at(tokens: Sequence[Token], index: int) -> tuple[Month | None, int] | None:
    """A month and its other names, "أيار/مايو", "مايو (أيار)": None for the month where the names disagree."""
    found = _month_at(tokens, index)
    if found is None:
        return None
    month: Month | None = found[0]
    end = found[1]
    for _ in range(2):
        after = end
        bracket = is_at(tokens, after, "(", "[", "{")
        if is_at(tokens, after, "/", "-", "(", "[", "{", ",", "او"):
            after += 1
        other = _month_at(tokens, after)
        if other is None or other[0].calendar != found[0].calendar:
            break
        if month is not None and other[0].number != month.number:
            month = None
        elif month is not None:
            month = Month(month.calendar, month.number, month.needs_year and other[0].needs_year)
        end = other[1]
        if bracket and is_at(tokens, end, ")", "]", "}"):
            end += 1
    return month, end


def _year_at(tokens: Sequence[Token], index: int) -> tuple[int, str | None, int] | None:
    """A four-digit year after a month, its era's calendar if said, and the index after them."""
    for _ in range(2):
        if is_at(tokens, index, "-", "/", ",", ".", "|", "من", "عام", "سنه", "لعام", "للعام", "لسنه", "of"):
            index += 1
    year = number_at(tokens, index, FOUR)
    if year is None:
        return None
    if is_at(tokens, index + 1, ":") and number_at(tokens, index + 2, SHORT) is not None:
        return None
    calendar, end = _era(tokens, index + 1)
    return year, calendar, end


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
    day = number_at(tokens, index, SHORT)
    if day is None or (
        is_at(tokens, index - 1, ":", "/", ".") and is_number(tokens, index - 2) and not tokens[index].spaced
    ):
        return None
    after = index + 1
    if is_at(tokens, after, "st", "nd", "rd", "th", "er"):
        after += 1
    return _month_after_day(tokens, index, after, day, bounds)


def _ordinal_day(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """A day in words: "الأول من آذار", "الحادي والعشرين من شهر مايو"."""
    if tokens[index].text not in words.ORDINAL_WORDS:
        return None
    for length in (2, 1):
        day = words.ORDINAL_DAYS.get(texts_at(tokens, index, length))
        if day is not None:
            found = _month_after_day(tokens, index, index + length, day, bounds)
            if found is not None:
                return found
    return None


def _month_after_day(tokens: list[Token], first: int, index: int, day: int, bounds: Bounds) -> Hit | Shape | None:
    for _ in range(2):
        if is_at(tokens, index, "من", "شهر", "-", "/", ".", ",", "of", "ي"):
            index += 1
    months = _months_at(tokens, index)
    if months is None:
        return None
    month, end = months
    year = _year_at(tokens, end)
    if year is not None:
        end = year[2]
    if month is None or _is_range(tokens, first, end):
        return Shape(end)
    if year is not None:
        return _written(month, year[0], day, first, end, bounds)
    if month.needs_year:
        return None
    latest = _latest(month, day, bounds)
    return Hit(first, end, latest, DAY, month.calendar, "no-year", True) if latest else Shape(end)


def _written(month: Month, year: int, day: int, first: int, end: int, bounds: Bounds) -> Hit | Shape:
    value = to_day(month.calendar, year, month.number, day)
    if value is None or not bounds.allows(value):
        return Shape(end)
    return Hit(first, end, value, DAY, month.calendar, "written", False)


def _is_range(tokens: Sequence[Token], first: int, end: int) -> bool:
    """Whether a day and month are one end of a range: "3-5 أيار", "من 3 إلى 5 أيار", "10 أيار حتى 12 أيار"."""
    if is_at(tokens, first - 1, *words.RANGE_WORDS):
        return True
    if (
        is_at(tokens, first - 1, "-")
        and number_at(tokens, first - 2, SHORT) is not None
        and not is_at(tokens, first - 3, ":", ".")
    ):
        return True
    return is_at(tokens, end, *words.RANGE_WORDS) and end + 1 < len(tokens) and tokens[end + 1].kind == "n"


def _latest(month: Month, day: int, bounds: Bounds) -> date | None:
    """The latest such day of a calendar that is not after the reference; 29 February may lie eight years back."""
    today = bounds.now.date()
    year = today.year
    if month.calendar == HIJRI:
        year = int((today.year - 622) * 33 / 32) + 2
    elif month.calendar == PERSIAN:
        year = today.year - 621
    for candidate in range(year, year - 9, -1):
        value = to_day(month.calendar, candidate, month.number, day) if candidate > 0 else None
        if value is not None and value <= today:
            return value if bounds.allows(value) else None
    return None


def _month_first(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """A month before its day, "مايو 10, 2016", or a month and year alone."""
    months = _months_at(tokens, index)
    if months is None:
        return None
    month, end = months
    year = _year_at(tokens, end)
    if year is not None:
        if month is None:
            return Shape(year[2])
        value = to_day(month.calendar, year[0], month.number, 1)
        if value is None or not bounds.allows(value):
            return Shape(year[2])
        return Hit(index, year[2], value, MONTH, month.calendar, "month", True)
    after = end + 1 if is_at(tokens, end, "-", "/", ".") else end
    day = number_at(tokens, after, SHORT)
    if day is None or is_at(tokens, after + 1, ":"):
        return None
    after += 1
    if is_at(tokens, after, "st", "nd", "rd", "th"):
        after += 1
    year = _year_at(tokens, after)
    if month is None:
        return Shape(year[2] if year else after)
    if year is not None:
        return _written(month, year[0], day, index, year[2], bounds)
    if month.needs_year:
        return None
    latest = _latest(month, day, bounds)
    return Hit(index, after, latest, DAY, month.calendar, "no-year", True) if latest else Shape(after)


def _year_first(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """A year before its month and day: "2016 مايو 10", "2016-أيار-10"."""
    year = number_at(tokens, index, FOUR)
    if year is None:
        return None
    after = index + 1
    if is_at(tokens, after, "-", "/", ",", "."):
        after += 1
    months = _months_at(tokens, after)
    if months is None:
        return None
    month, end = months
    if is_at(tokens, end, "-", "/", ",", "."):
        end += 1
    day = number_at(tokens, end, SHORT)
    if day is None or is_at(tokens, end + 1, ":"):
        return None
    return _written(month, year, day, index, end + 1, bounds) if month else Shape(end + 1)


def _numeric(tokens: list[Token], index: int, bounds: Bounds) -> Hit | Shape | None:
    """Three numbers with one separator: "10/05/2016", "2016-05-10", "1445/09/05", "10.05.16"."""
    if (
        index + 4 >= len(tokens)
        or tokens[index + 1].text not in {"/", "-", "."}
        or tokens[index + 3].text != tokens[index + 1].text
    ):
        return None
    parts = tokens[index], tokens[index + 2], tokens[index + 4]
    if any(part.kind != "n" for part in parts):
        return None
    end = index + 5
    lengths = tuple(len(part.text) for part in parts)
    if max(lengths) > 4 or _glued(tokens, index, end):
        return Shape(end)
    first, second, third = (part.value for part in parts)
    weak = False
    if lengths[0] == 4 and lengths[1] <= 2 and lengths[2] <= 2:
        year, readings = first, [(second, third)]
    elif lengths[2] == 4 and lengths[0] <= 2 and lengths[1] <= 2:
        year, readings = (
            third,
            [(first, second), (second, first)] if bounds.order == "MDY" else [(second, first), (first, second)],
        )
    elif lengths == (2, 2, 2) and bounds.order != "YMD":
        year, weak = 2000 + third, True
        readings = [(first, second)] if bounds.order == "MDY" else [(second, first)]
    else:
        return Shape(end)
    era, end = _era(tokens, end)
    if era is not None:
        calendars: tuple[str, ...] = (era,)
    elif year in FOREIGN_YEARS:
        calendars = (HIJRI, PERSIAN)
    else:
        calendars = (GREGORIAN,)
    # The source's order first; the other order only where the source's gives no month at all (a month above 12).
    month, day = next(((m, d) for m, d in readings if 1 <= m <= 12), (0, 0))
    for calendar in calendars:
        value = to_day(calendar, year, month, day)
        if value is not None and bounds.allows(value):
            return Hit(index, end, value, DAY, calendar, "numeric", weak)
    return Shape(end)


def _glued(tokens: Sequence[Token], first: int, end: int) -> bool:
    """Whether numbers or signs are glued to a numeric date: a telephone number, an address, a version, a score."""
    before = tokens[first - 1] if first else None
    if before is not None and not tokens[first].spaced and before.kind == "p" and before.text in "/-.+:":
        earlier = tokens[first - 2] if first > 1 else None
        if before.text in "+/" or (earlier is not None and earlier.kind == "n" and not before.spaced):
            return True
    if end + 1 < len(tokens):
        sign, after = tokens[end], tokens[end + 1]
        if sign.kind == "p" and sign.text in "/-." and not sign.spaced and not after.spaced and after.kind == "n":
            return not is_at(tokens, end + 2, ":")
    return False


def choose(hits: Sequence[Hit]) -> tuple[Hit | None, tuple[str, ...]]:
    """The first date; of two calendars side by side the Gregorian, with a note where they are more than a day apart."""
    if not hits:
        return None, ()
    full = [hit for hit in hits if not hit.weak]
    chosen = full[0] if full else hits[0]
    notes: tuple[str, ...] = ()
    if chosen.weak:
        return chosen, notes
    position = full.index(chosen)
    if position + 1 < len(full):
        other = full[position + 1]
        if other.calendar != chosen.calendar and other.first - chosen.end <= 6:
            gregorian = chosen if chosen.calendar == GREGORIAN else other
            if abs((chosen.day - other.day).days) > 1:
                notes = ("calendars disagree",)
            # The span covers both, for both were read.
            day = gregorian.day if GREGORIAN in {chosen.calendar, other.calendar} else chosen.day
            calendar = GREGORIAN if GREGORIAN in {chosen.calendar, other.calendar} else chosen.calendar
            chosen = Hit(chosen.first, other.end, day, DAY, calendar, chosen.method, False)
    return chosen, notes
