"""Days by name and counts of time before the reference: "أمس", "منذ 3 ساعات", "قبل يومين", "3 hours ago"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import NamedTuple

from pipeline.dates import words
from pipeline.dates.absolute import Bounds, Hit, Reason, Shape
from pipeline.dates.calendars import shift
from pipeline.dates.context import stands_alone
from pipeline.dates.months import GREGORIAN
from pipeline.dates.numbers import and_fraction_at, count_at, without_and
from pipeline.dates.tokens import Phrases, Token, fold, is_at, text_at, texts_at
from pipeline.dates.words import DAY, HOUR, MINUTE, MONTH, SECOND, WEEK, YEAR

_NAMES = Phrases(words.DAY_NAMES)


def find_named_days(tokens: Sequence[Token], bounds: Bounds) -> list[Hit | Shape]:
    """Such as "اليوم", "أمس", "أول من أمس", "أمس الأول", left to right."""
    found: list[Hit | Shape] = []
    end = 0
    for index, token in enumerate(tokens):
        name = _NAMES.at(tokens, index) if index >= end and token.text in _NAMES.first_words else None
        if name is not None and not is_at(tokens, name[1], "الاخير"):  # "the last day" of something
            days, end = name
            day = bounds.now.date() - timedelta(days=days)
            found.append(bounds.hit(index, end, day, DAY, GREGORIAN, "relative:day-name", weak=True))
    return found


class Ago(NamedTuple):
    """A count of time in tokens[first:end], gone back from the reference."""

    first: int
    end: int
    value: date
    precision: str
    method: str


_CLOCK_STEPS = {SECOND: timedelta(seconds=1), MINUTE: timedelta(minutes=1), HOUR: timedelta(hours=1)}
# Units from the coarsest to the finest, with how closely a count of each tells the time.
_PRECISION = {YEAR: YEAR, MONTH: MONTH, WEEK: DAY, DAY: DAY, HOUR: MINUTE, MINUTE: MINUTE, SECOND: SECOND}
_FINENESS = tuple(_PRECISION)
_LARGEST_COUNT = 1000
_MOST_AMOUNTS = 3
_HALF = 30
"""Of sixty: parts of any unit are told as those of an hour."""
HALF_MONTH = timedelta(days=15)

_Amounts = list[tuple[float, str]]
_NO_TIME: _Amounts = [(0.0, MINUTE)]
_IL_Y_A = ("il", "y", "a")
_LESS_THAN = Phrases({tuple(phrase.split()): None for phrase in ("اقل من", "less than", "moins d '", "moins de")})
_TRIGGERS = words.AGO | words.NOW | {_IL_Y_A[0]}
_BEFORE_AGO = (".", fold("لەمەو"))  # "3 hr. ago", "3 کاتژمێر لەمەو پێش"
BEGINNINGS = _TRIGGERS | _NAMES.first_words
"""One of these words stands in every relative date."""


def find_relative(tokens: list[Token], bounds: Bounds) -> Ago | Shape | None:
    """The first count of time before the reference with nothing but labels around it; else why the first is none."""
    if not any(token.text in _TRIGGERS for token in tokens):
        return None
    refused: Shape | None = None
    for index, token in enumerate(tokens):
        found = None if token.kind == "p" else _ago_at(tokens, index)
        if found is None:
            continue
        if isinstance(found, Shape):
            refused = refused or found
            continue
        amounts, end = found
        if stands_alone(tokens, index, end):
            return _go_back(amounts, index, end, bounds)
        refused = refused or Shape(index, end, Reason.PROSE)
    return refused


def _ago_at(tokens: Sequence[Token], index: int) -> tuple[_Amounts, int] | Shape | None:
    """A span of time that ends now, at an index, and the index after it."""
    if tokens[index].text in words.NOW:
        return _NO_TIME, index + 1
    start = index + 1 if tokens[index].text in words.AGO_BEFORE else None
    if tokens[index].text == "il" and texts_at(tokens, index, 3) == _IL_Y_A:
        start = index + 3
    if start is None:
        span = _span_at(tokens, index)
        if span is None:
            return None
        end = span[1] + (text_at(tokens, span[1]) in _BEFORE_AGO)
        if text_at(tokens, end) not in words.AGO_AFTER:
            return None
        # "3 ساعات قبل" is that long ago, "3 ساعات قبل الظهر" is not.
        event = tokens[end].text in words.AGO_BEFORE and end + 1 < len(tokens) and tokens[end + 1].kind != "p"
        return None if event else (span[0], end + 1)
    span = _span_at(tokens, start)
    if span is not None:
        return span[0], span[1] + (text_at(tokens, span[1]) in words.AGO_AFTER - words.AGO_BEFORE)
    if start < len(tokens) and (tokens[start].text in words.SOME | words.MORE or tokens[start].text in words.UNITS):
        return Shape(index, start + 1, Reason.VAGUE)
    return None


def _span_at(tokens: Sequence[Token], index: int) -> tuple[_Amounts, int] | None:
    """A counted span, or one of moments: "نحو ساعتين", "ساعة تقريبا", "لحظات", "بضع ثوان", "أقل من دقيقة", "a few seconds"."""
    less = _LESS_THAN.at(tokens, index)
    if less is not None:
        amounts, end = amounts_at(tokens, less[1])
        return (_NO_TIME, end) if amounts in ([(1.0, MINUTE)], [(1.0, SECOND)]) else None
    amounts, end = amounts_at(tokens, index + (text_at(tokens, index) in words.ABOUT))
    if amounts:
        return amounts, end + (text_at(tokens, end) in words.ABOUT)
    index += is_at(tokens, index, "a") and is_at(tokens, index + 1, "few")
    some = text_at(tokens, index) in words.SOME
    end = index + some
    unit = words.MOMENTS.get(tokens[end].text) if end < len(tokens) else None
    if unit is None:
        return None
    return [(0.0, unit)], end + 1 + is_at(tokens, end + 1, "قليله", "معدوده")


def amounts_at(tokens: Sequence[Token], index: int) -> tuple[_Amounts, int]:
    """Such as "3 ساعات", "يومين", "ساعة ونصف", "ساعة و20 دقيقة": counts with their units, and the index after them."""
    amounts: _Amounts = []
    while len(amounts) < _MOST_AMOUNTS:
        start = index + 1 if amounts and is_at(tokens, index, "و", "and", "et") else index
        found = _amount(tokens, start, joined=bool(amounts))
        if found is None:
            break
        count, unit, index = found
        amounts.append((count, unit))
        fraction = and_fraction_at(tokens, index)
        if fraction is None:
            continue
        if unit == YEAR and fraction[0] == _HALF:
            amounts.append((6.0, MONTH))
        elif unit == HOUR or (unit == MONTH and fraction[0] == _HALF):
            amounts[-1] = (count + fraction[0] / 60, unit)
        else:
            continue
        index = fraction[1]
        again = words.UNITS.get(text_at(tokens, index).removeprefix("ال"))
        index += again == (unit, 1)  # "شهر ونصف الشهر"
    return amounts, index


def _amount(tokens: Sequence[Token], index: int, *, joined: bool) -> tuple[float, str, int] | None:
    """One count and its unit; ``joined`` ones may carry the "and" that joins them to what stands before."""
    if index >= len(tokens):
        return None
    counted = count_at(tokens, index, joined=joined)
    if counted is not None and counted[1] < len(tokens):
        unit = words.UNITS.get(tokens[counted[1]].text)
        if unit is not None:
            possible = 0 < counted[0] <= _LARGEST_COUNT and unit[1] != 2
            return (float(counted[0]), unit[0], counted[1] + 1) if possible else None
    word = without_and(tokens[index].text) if joined else tokens[index].text
    if word in words.FRACTIONS:
        of_hour = index + 1 < len(tokens) and words.UNITS.get(tokens[index + 1].text) == (HOUR, 1)
        return (words.FRACTIONS[word] / 60, HOUR, index + 2) if of_hour else None
    unit = words.UNITS.get(word)
    if unit is None or unit[1] is None:
        return None
    end = index + 1
    after = text_at(tokens, end)
    if words.NUMBER_WORDS.get(after) == unit[1]:  # "ساعة واحدة"
        end += 1
    elif unit[1] == 1 and (after.startswith("ال") or after in words.WEEKDAYS or after in words.YESTERDAY):
        return None  # "يوم الثلاثاء", "ساعة الصفر": a name
    return float(unit[1]), unit[0], end


def _go_back(amounts: Sequence[tuple[float, str]], first: int, end: int, bounds: Bounds) -> Ago | Shape:
    instant = bounds.now
    finest = max((unit for _, unit in amounts), key=_FINENESS.index)
    for count, unit in amounts:
        if unit in _CLOCK_STEPS:
            instant = (instant.astimezone(UTC) - count * _CLOCK_STEPS[unit]).astimezone(bounds.zone)
            continue
        try:
            instant = shift(instant, unit, -int(count))  # of the source's calendar, whatever the clocks there did
            instant -= HALF_MONTH if count % 1 else timedelta()
        except ValueError:  # before the year 1
            return Shape(first, end, Reason.EARLY)
    reason = bounds.against(instant.date())
    if reason is not None:
        return Shape(first, end, reason)
    precision = _PRECISION[finest]
    value: date = instant.date()
    if precision == MINUTE:
        value = instant.replace(second=0, microsecond=0)
    elif precision == SECOND:
        value = instant.replace(microsecond=0)
    return Ago(first, end, value, precision, f"relative:{finest}")
