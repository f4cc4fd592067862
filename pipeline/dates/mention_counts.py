"""Expressions that count time from publication: "الأيام الثلاثة الماضية", "قبل يومين"."""

from __future__ import annotations

from datetime import timedelta

from pipeline.dates import words
from pipeline.dates.calendars import shift
from pipeline.dates.expressions import APPROXIMATE, INTERVAL, Anchor, Expression, unknown
from pipeline.dates.mention_periods import unit_ends, whole_at
from pipeline.dates.mention_words import (
    ABOUT,
    AGO,
    DEFINITE,
    DUALS,
    FEW,
    FEW_AGO,
    FEW_WORDS,
    FIRST_OF,
    LAST,
    LAST_OF,
    NEXT,
    PLURALS,
    SINCE,
    SOME,
)
from pipeline.dates.months import FIRST_WORDS
from pipeline.dates.numbers import and_fraction_at
from pipeline.dates.relative import HALF_MONTH, amounts_at
from pipeline.dates.tokens import Token, fold, is_at, is_number, text_at
from pipeline.dates.words import DAY, HOUR, MONTH, WEEK, YEAR

_CALENDAR_UNITS = frozenset({DAY, WEEK, MONTH, YEAR})
_LARGEST_COUNT = 1000
_HALF_YEAR = 6
_THIRDS = {WEEK: (DAY, 3), MONTH: (DAY, 10), YEAR: (MONTH, 4), INTERVAL: (YEAR, 3)}
"""About a third of a week, a month, a year and a decade."""

# Up to publication, or from it on --------------------------------------------------------------------------------------


def read_span(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "الأيام القليلة الماضية", "الأشهر الستة الأخيرة", "اليومين الماضيين", "الساعات الـ24 الماضية"."""
    text = tokens[index].text
    end = index + 1
    count: int | None = None
    if text in DUALS:
        unit, count = DUALS[text], 2
    else:
        unit = PLURALS[text]
        end += text_at(tokens, end) in FEW_WORDS
        count, end = _definite_count(tokens, end)
    last, first = text_at(tokens, end) in LAST_OF, text_at(tokens, end) in FIRST_OF
    whole = whole_at(tokens, end + 2, anchor) if (last or first) and is_at(tokens, end + 1, fold("من")) else None
    if whole is not None:
        return _share(unit, count, whole, from_end=last)
    if last and is_at(tokens, end + 1, fold("من")):
        return unknown(end + 1)  # of a war, or of a life
    past, coming = text_at(tokens, end) in LAST, text_at(tokens, end) in NEXT
    if not past and not coming:
        return None
    end += 1
    end += text_at(tokens, end) in FEW_WORDS
    return _spread(unit, count, end, anchor, coming=coming)


def _share(unit: str, count: int | None, whole: Expression, *, from_end: bool) -> Expression:
    """The first or last so many units of a month or a year; without a count as many as the bare plural may mean, to a third."""
    if whole.start is None or whole.end is None or unit not in _CALENDAR_UNITS or whole.precision not in _THIRDS:
        return unknown(whole.stop)
    day = timedelta(days=1)
    sign = -1 if from_end else 1
    begin = whole.end + day if from_end else whole.start
    far = shift(begin, unit, sign * (FEW[-1] if count is None else count))
    if count is None:
        of, number = _THIRDS[whole.precision]
        third = shift(begin, of, sign * number)
        far = max(far, third) if from_end else min(far, third)
    first, last = (far, whole.end) if from_end else (whole.start, far - day)
    if first < whole.start or last > whole.end:
        return unknown(whole.stop)
    return Expression(whole.stop, first, last, APPROXIMATE if count is None else INTERVAL)


def read_counted_span(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """The count first: "الـ24 ساعة الماضية", "الثلاثة أيام الأخيرة"."""
    count, end = _definite_count(tokens, index)
    if count is None or end >= len(tokens) or tokens[end].text not in words.UNITS:
        return None
    unit = words.UNITS[tokens[end].text][0]
    past, coming = text_at(tokens, end + 1) in LAST, text_at(tokens, end + 1) in NEXT
    if not past and not coming:
        return None
    return _spread(unit, count, end + 2, anchor, coming=coming)


def _definite_count(tokens: list[Token], index: int) -> tuple[int | None, int]:
    """A definite number, "الثلاثة", "الـ24", and the index after it."""
    start = index
    index += text_at(tokens, index) in DEFINITE
    if is_number(tokens, index) and 0 < tokens[index].value <= _LARGEST_COUNT:
        return tokens[index].value, index + 1
    if index < len(tokens) and tokens[index].text.startswith("ال"):
        number = words.NUMBER_WORDS.get(tokens[index].text[2:])
        if number is not None:
            return number, index + 1
    return None, start


def _spread(unit: str, count: int | None, end: int, anchor: Anchor, *, coming: bool) -> Expression:
    """The days of so many units up to publication, or from it on; without a count as many as the bare plural may mean."""
    if anchor.day is None or (count is None and unit == YEAR):
        return unknown(end)
    sign = 1 if coming else -1
    if unit == HOUR:
        near = anchor.day
        far = shift(near, DAY, sign * (1 if count is None else -(-count // 24)))
    elif unit in _CALENDAR_UNITS:
        near = shift(anchor.day, DAY, sign)
        far = shift(anchor.day, unit, sign * (FEW[-1] if count is None else count))
    else:
        return unknown(end)
    return Expression(end, min(far, near), max(far, near), APPROXIMATE if count is None else INTERVAL)


# Back from publication -------------------------------------------------------------------------------------------------


def read_ago(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A count back: "قبل يومين" is that day, "قبل شهرين" that month, "منذ ثلاثة أيام" the days since, "قبل أيام" three to ten."""
    since = AGO[tokens[index].text] == SINCE
    start = index + 1
    about = text_at(tokens, start) in ABOUT
    start += about
    if start >= len(tokens):
        return None
    some = text_at(tokens, start) in SOME
    few = FEW_AGO.get(text_at(tokens, start + some))
    if few is not None:
        return _few_ago(few, tokens, start + some + 1, anchor, since=since)
    amounts, end = amounts_at(tokens[start : start + 8], 0)
    end += start
    half = [unit for _, unit in amounts] == [YEAR, MONTH] and amounts[1][0] == _HALF_YEAR
    if len(amounts) != 1 + half:
        return None
    count, unit = amounts[0]
    if unit not in _CALENDAR_UNITS:
        return None
    if and_fraction_at(tokens, end) is not None:
        return unknown(end)  # half a week or a day
    if _counts_from_elsewhere(tokens, end) or _names_its_unit(tokens, start, end):
        return None
    if anchor.day is None:
        return unknown(end)
    then = shift(anchor.day, unit, -int(count))
    if half or not count.is_integer():
        then = shift(then, MONTH, -_HALF_YEAR) if half else then - HALF_MONTH
        about, unit = True, MONTH if half else WEEK
    if since:
        return Expression(end, then, anchor.day, APPROXIMATE if about else INTERVAL)
    first, last = (then, then) if unit == DAY else unit_ends(unit, then)
    return Expression(end, first, last, APPROXIMATE if about else unit)


def _few_ago(unit: str, tokens: list[Token], end: int, anchor: Anchor, *, since: bool) -> Expression:
    """As many units back as the bare plural may mean: "قبل أيام", "منذ أشهر قليلة"."""
    end += is_at(tokens, end, fold("قليلة"), fold("معدودة"), fold("عدة"))
    if anchor.day is None or _counts_from_elsewhere(tokens, end):
        return unknown(end)
    near = anchor.day if since else shift(anchor.day, unit, -FEW[0])
    return Expression(end, shift(anchor.day, unit, -FEW[-1]), near, APPROXIMATE)


def _counts_from_elsewhere(tokens: list[Token], end: int) -> bool:
    """Whether a count is from another event, "قبل يومين من الهجوم"; "من الآن" and "من اليوم" count from publication."""
    return is_at(tokens, end, fold("من"), fold("على")) and not is_at(tokens, end + 1, fold("الآن"), fold("اليوم"))


def _names_its_unit(tokens: list[Token], start: int, end: int) -> bool:
    """Whether a single "day", "month" or "year" is only the noun before a name: "قبل شهر رمضان", "منذ عام 2011"."""
    if end - start != 1 or end >= len(tokens):
        return False
    return tokens[end].kind == "n" or tokens[end].text in FIRST_WORDS or tokens[end].text.startswith("ال")
