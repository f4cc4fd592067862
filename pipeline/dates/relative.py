"""Days by name and counts of time before the reference: "أمس", "منذ 3 ساعات", "قبل يومين"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import NamedTuple

from pipeline.dates import words
from pipeline.dates.absolute import Bounds, Hit
from pipeline.dates.around import stands_alone
from pipeline.dates.calendars import to_day
from pipeline.dates.months import GREGORIAN
from pipeline.dates.text import Token, is_at, number_at
from pipeline.dates.words import DAY, MINUTE, MONTH, SECOND, YEAR


def find_named_day(tokens: Sequence[Token], bounds: Bounds) -> Hit | None:
    """Such as "اليوم", "أمس", "أول أمس", "أمس الأول"."""
    for index, token in enumerate(tokens):
        if token.text in words.YESTERDAY:
            first, end, days = index, index + 1, 1
            if is_at(tokens, index - 1, "اول", "قبل"):
                first, days = index - 1, 2
            elif is_at(tokens, end, "الاول"):
                end, days = end + 1, 2
        elif token.text in words.TODAY:
            first, end, days = index, index + 1, 0
        else:
            continue
        day = bounds.now.date() - timedelta(days=days)
        return Hit(first, end, day, DAY, GREGORIAN, "relative:day-name", True) if bounds.allows(day) else None
    return None


class Ago(NamedTuple):
    """A count of time in tokens[first:end], gone back from the reference."""

    first: int
    end: int
    value: date
    precision: str
    method: str


_STEP = {
    words.SECOND: timedelta(seconds=1),
    words.MINUTE: timedelta(minutes=1),
    words.HOUR: timedelta(hours=1),
    words.DAY: timedelta(days=1),
    words.WEEK: timedelta(days=7),
}
_PRECISION = {
    words.SECOND: SECOND,
    words.MINUTE: MINUTE,
    words.HOUR: MINUTE,
    words.DAY: DAY,
    words.WEEK: DAY,
    words.MONTH: MONTH,
    words.YEAR: YEAR,
}
_FINENESS = (words.YEAR, words.MONTH, words.WEEK, words.DAY, words.HOUR, words.MINUTE, words.SECOND)
_LARGEST_COUNT = 1000


def find_relative(tokens: list[Token], bounds: Bounds) -> Ago | None:
    """A count of time before the reference: "منذ 3 ساعات", "قبل يومين", "3 ساعات مضت"."""
    if not any(token.text in words.AGO for token in tokens):
        return None
    for index, token in enumerate(tokens):
        before = token.text in words.AGO_BEFORE
        if not before and token.kind == "p":
            continue
        amounts, end = _amounts(tokens, index + 1 if before else index)
        if not amounts:
            if before and is_at(tokens, index + 1, *words.MOMENTS):
                amounts, end = [(0.0, words.MINUTE)], index + 2
            else:
                continue
        if not before:
            if not is_at(tokens, end, *words.AGO_AFTER):
                continue
            end += 1
        elif is_at(tokens, end, *words.AGO_AFTER) and tokens[end].text != "قبل":
            end += 1
        if not stands_alone(tokens, index, end):
            return None
        return _go_back(amounts, index, end, bounds)
    return None


def _amounts(tokens: list[Token], index: int) -> tuple[list[tuple[float, str]], int]:
    """Such as "3 ساعات", "يومين", "ساعة ونصف", "ساعة و20 دقيقة": counts with their units, and the index after them."""
    amounts: list[tuple[float, str]] = []
    while len(amounts) < 3:
        start = index
        if amounts and is_at(tokens, start, "و"):
            start += 1
        found = _amount(tokens, start, joined=bool(amounts))
        if found is None:
            break
        count, unit, index = found
        amounts.append((count, unit))
        if is_at(tokens, index, "ونصف", "والنصف") and unit != words.MONTH:
            amounts[-1] = (count + 0.5, unit)
            index += 1
        elif is_at(tokens, index, "وربع"):
            amounts[-1] = (count + 0.25, unit)
            index += 1
    return amounts, index


def _amount(tokens: list[Token], index: int, *, joined: bool) -> tuple[float, str, int] | None:
    """One count and its unit; ``joined`` ones may carry the "and" that joins them to what stands before."""
    if index >= len(tokens):
        return None

    def word(position: int) -> str:
        text = tokens[position].text if position < len(tokens) else ""
        return text[1:] if joined and text.startswith("و") and position == index and len(text) > 3 else text

    count = number_at(tokens, index, range(1, 5))
    number_word = words.NUMBER_WORDS.get(word(index))
    if count is None and number_word is not None and word(index + 1) in words.UNITS:
        count = number_word
    if count is not None:
        unit = words.UNITS.get(word(index + 1))
        return (float(count), unit[0], index + 2) if unit and 0 < count <= _LARGEST_COUNT and unit[1] != 2 else None
    if word(index) in {"نصف", "ربع"} and word(index + 1) in words.UNITS:
        unit_name = words.UNITS[word(index + 1)][0]
        return (0.5 if word(index) == "نصف" else 0.25, unit_name, index + 2) if unit_name == words.HOUR else None
    unit = words.UNITS.get(word(index))
    if unit is None or unit[1] is None:
        return None
    end = index + 1
    if words.NUMBER_WORDS.get(word(end)) == unit[1]:  # "ساعة واحدة"
        end += 1
    return float(unit[1]), unit[0], end


def _go_back(amounts: Sequence[tuple[float, str]], first: int, end: int, bounds: Bounds) -> Ago | None:
    instant = bounds.now
    finest = max((unit for _, unit in amounts), key=_FINENESS.index)
    for count, unit in amounts:
        if unit in _STEP:
            # Counts run in real time, so the arithmetic is done in UTC and days in the source's calendar.
            if unit in {words.DAY, words.WEEK}:
                instant -= count * _STEP[unit]
            else:
                instant = (instant.astimezone(UTC) - count * _STEP[unit]).astimezone(bounds.zone)
        else:
            months = round(count * (12 if unit == words.YEAR else 1))
            year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
            if year < 1:
                return None
            last = to_day(GREGORIAN, year, month + 1, instant.day)
            day = instant.day
            while last is None:
                day -= 1
                last = to_day(GREGORIAN, year, month + 1, day)
            instant = instant.replace(year=year, month=month + 1, day=day)
    if not bounds.allows(instant.date()):
        return None
    precision = _PRECISION[finest]
    method = f"relative:{finest}"
    if precision == MINUTE:
        return Ago(first, end, instant.replace(second=0, microsecond=0), precision, method)
    if precision == SECOND:
        return Ago(first, end, instant.replace(microsecond=0), precision, method)
    return Ago(first, end, instant.date(), precision, method)
