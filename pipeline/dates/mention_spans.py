"""Expressions that name a span of time: a month, a year, a season, so many days ago."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from pipeline.dates import words
from pipeline.dates.absolute import months_at, year_at
from pipeline.dates.calendars import to_day
from pipeline.dates.mention_words import (
    ABOUT,
    AFTER_YEAR,
    AGO,
    APPROXIMATE,
    BEFORE_MONTH,
    BEFORE_YEAR,
    CURRENT,
    DUALS,
    EARLIEST,
    FEW,
    FEW_AGO,
    FEW_WORDS,
    FIRST_WEEKDAY,
    FROM_YEAR,
    HALF_LENGTHS,
    HALVES,
    INTERVAL,
    LAST,
    LATEST,
    MONTH_WORD,
    NEXT,
    PART_NUMBERS,
    PAST,
    PLURALS,
    SEASON_MONTHS,
    SEASONS,
    SINCE,
    THIRDS,
    THIS,
    UNITS,
    YEAR_WORD,
    Expression,
    unknown,
)
from pipeline.dates.months import FIRST_WORDS, GREGORIAN, Month
from pipeline.dates.relative import amounts_at
from pipeline.dates.tokens import FOUR, Token, fold, is_at, is_number, number_at
from pipeline.dates.words import DAY, MONTH, WEEK, YEAR

if TYPE_CHECKING:
    from pipeline.dates.mention_words import Anchor


_MAY_BE_COMING = timedelta(days=300)


def may_be_coming(latest: date, published: date) -> bool:
    """Whether the latest such day is so long ago that the coming one, less than ten weeks ahead, may be meant."""
    return published - latest > _MAY_BE_COMING


class _YearTold(NamedTuple):
    """The year that words after a month tell; None where they contradict. ``by_month``: as "أيار الماضي" does."""

    year: int | None
    stop: int
    by_month: bool


def year_after(tokens: list[Token], index: int, month: Month, anchor: Anchor) -> _YearTold | None:
    """The year told by "الماضي", "الجاري", "المقبل" after a month, or by "من العام الماضي"."""
    published = anchor.day
    of = index + 1 if is_at(tokens, index, fold("من")) else index
    if is_at(tokens, of, *FROM_YEAR):
        away = _away(tokens, of + 1)
        if away is not None:
            return _YearTold(published.year + away[0] if published else None, away[1], by_month=False)
        return None
    away = _away(tokens, index)
    if away is None:
        return None
    if published is None:
        return _YearTold(None, away[1], by_month=True)
    if away[0] == 0:
        year = published.year if month.number == published.month else None
    elif away[0] < 0:
        year = published.year - (month.number >= published.month) + away[0] + 1
    else:
        year = published.year + (month.number <= published.month)
    return _YearTold(year, away[1], by_month=True)


def _away(tokens: list[Token], index: int) -> tuple[int, int] | None:
    """How many units away "الماضي", "الجاري", "المقبل" or "قبل الماضي" put their noun, and the index after them."""
    if is_at(tokens, index, *PAST):
        return -1, index + 1
    if is_at(tokens, index, *CURRENT):
        return 0, index + 1
    if is_at(tokens, index, *NEXT):
        return 1, index + 1
    before = index + 1 if is_at(tokens, index, fold("ما")) else index
    if is_at(tokens, before, fold("قبل")) and is_at(tokens, before + 1, *PAST):
        return -2, before + 2
    return None


# Months, seasons and years ---------------------------------------------------------------------------------------------


def read_month(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A month with its year or with "الماضي": "آذار/مارس 2011", "نيسان الماضي", "شهر أيار الجاري", and "في نيسان"."""
    if tokens[index].text in MONTH_WORD:
        return _month_named(tokens, index + 1, anchor, certain=True)
    return _month_named(tokens, index, anchor, certain=is_at(tokens, index - 1, *BEFORE_MONTH))


def _month_named(tokens: list[Token], index: int, anchor: Anchor, *, certain: bool) -> Expression | None:
    months = months_at(tokens, index)
    if months is None:
        return None
    month, end = months
    if month is None:
        return unknown(end)
    year = year_at(tokens, end)
    if year is not None:
        return _month_of(month, year[0], year[2])
    told = year_after(tokens, end, month, anchor)
    if told is not None:
        return _month_of(month, told.year, told.stop) if told.year is not None else unknown(told.stop)
    if not certain or month.needs_year or anchor.day is None or month.calendar != GREGORIAN:
        return None
    latest = anchor.day.year - (month.number > anchor.day.month)
    if may_be_coming(date(latest, month.number, 1), anchor.day):
        return unknown(end)
    return _month_of(month, latest, end)


def _month_of(month: Month, year: int, end: int) -> Expression | None:
    if month.calendar == GREGORIAN and not EARLIEST.year <= year <= LATEST.year:
        return None
    start = to_day(month.calendar, year, month.number, 1)
    for length in (31, 30, 29, 28):
        last = to_day(month.calendar, year, month.number, length)
        if start is not None and last is not None:
            return Expression(end, start, last, MONTH)
    return None


def read_unit(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "الشهر الماضي", "العام قبل الماضي", "هذا الأسبوع"."""
    this = is_at(tokens, index, *THIS)
    at = index + 1 if this else index
    unit = UNITS.get(tokens[at].text) if at < len(tokens) else None
    if unit is None:
        return None
    away = (0, at + 1) if this else _away(tokens, at + 1)
    if away is None:
        return read_year(tokens, index, anchor) if unit == YEAR else None
    if anchor.day is None:
        return unknown(away[1])
    start, last = _whole(unit, anchor.day, away[0])
    return Expression(away[1], start, last, unit)


def _whole(unit: str, day: date, away: int) -> tuple[date, date]:
    """The first and last day of the week, month or year that lies so many of them from a day's own."""
    if unit == WEEK:
        start = day - timedelta(days=(day.weekday() - FIRST_WEEKDAY) % 7 - 7 * away)
        return start, start + timedelta(days=6)
    if unit == MONTH:
        year, month = divmod(day.year * 12 + day.month - 1 + away, 12)
        return date(year, month + 1, 1), date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    return date(day.year + away, 1, 1), date(day.year + away, 12, 31)


def read_season(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "صيف 2014", "خريف العام الماضي", "الربيع الماضي"; approximate, for newsrooms keep no calendar of seasons."""
    first, last = SEASON_MONTHS[SEASONS[tokens[index].text]]
    end = index + 1
    year: int | None = None
    away = _away(tokens, end)
    whole = read_unit(tokens, end, anchor) or read_year(tokens, end, anchor)
    bare = number_at(tokens, end, FOUR)
    if away is not None and away[0] != 0:
        end = away[1]
        if anchor.day is not None:
            ended = date(anchor.day.year, last, calendar.monthrange(anchor.day.year, last)[1]) < anchor.day
            begun = date(anchor.day.year, first, 1) <= anchor.day
            year = anchor.day.year + (away[0] + ended if away[0] < 0 else begun)
    elif whole is not None and whole.precision == YEAR:
        end, year = whole.stop, whole.start.year if whole.start else None
    elif bare is not None and is_year(bare):
        end, year = end + 1, bare
    else:
        return None
    if year is None:
        return unknown(end)
    return Expression(end, date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), APPROXIMATE)


def read_year(tokens: list[Token], index: int, _anchor: Anchor) -> Expression | None:
    """A year with its noun: "عام 2011", "العام 2013", and the second of "عامي 2012 و2013"."""
    if index >= len(tokens) or tokens[index].text not in YEAR_WORD:
        return None
    year = number_at(tokens, index + 1, FOUR)
    if year is None or not is_year(year):
        return None
    if is_at(tokens, index + 2, *words.ERA_HIJRI):
        return unknown(index + 3)
    return Expression(index + 2, date(year, 1, 1), date(year, 12, 31), YEAR)


def read_bare_year(tokens: list[Token], index: int, _anchor: Anchor) -> Expression | None:
    """A year with no noun but a preposition, "منذ 2011": where it cannot count what follows, as in "في 2000 قرية"."""
    year = number_at(tokens, index, FOUR)
    if year is None or not 1900 <= year <= 2100 or not is_at(tokens, index - 1, *BEFORE_YEAR):
        return None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if after is not None and (after.kind == "n" or after.text in {"/", "%", ":"}):
        return None
    counts = after is not None and after.kind == "w" and after.text not in AFTER_YEAR
    if counts and after is not None and not after.text.startswith(("ال", "و")):
        return None
    return Expression(index + 1, date(year, 1, 1), date(year, 12, 31), YEAR)


def is_year(number: int) -> bool:
    """Whether a bare number can be a year that a news text means."""
    return EARLIEST.year <= number <= 2100


def read_part(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Part of a month or a year: "مطلع أيار الماضي", "أواخر عام 2013", "النصف الأول من العام الجاري"."""
    text = tokens[index].text
    end = index + 1
    if text in HALVES:
        length = HALF_LENGTHS[HALVES[text]]
        number = PART_NUMBERS.get(tokens[end].text, 0) if end < len(tokens) else 0
        if not 1 <= number <= 12 // length or not is_at(tokens, end + 1, fold("من")):
            return None
        part, end = ((number - 1) * length, number * length), end + 2
    else:
        part = THIRDS[text]
    if end >= len(tokens):
        return None
    whole = read_unit(tokens, end, anchor) or read_year(tokens, end, anchor)
    if whole is None and tokens[end].text in MONTH_WORD:
        whole = _month_named(tokens, end + 1, anchor, certain=True)
    if whole is None:
        whole = _month_named(tokens, end, anchor, certain=True)
    bare = number_at(tokens, end, FOUR)
    if whole is None and bare is not None and is_year(bare):
        whole = Expression(end + 1, date(bare, 1, 1), date(bare, 12, 31), YEAR)
    if whole is None or whole.start is None or whole.end is None or whole.precision == WEEK:
        return whole
    if whole.precision == YEAR:
        year, last = whole.start.year, part[1]
        exact = text in HALVES
        return Expression(
            whole.stop,
            date(year, part[0] + 1, 1),
            date(year, last, calendar.monthrange(year, last)[1]),
            INTERVAL if exact else APPROXIMATE,
        )
    days = (whole.end - whole.start).days + 1
    first_day, last_day = part[0] * 10 // 4, days - 1 if part[1] == 12 else part[1] * 10 // 4 - 1
    start = whole.start
    return Expression(whole.stop, start + timedelta(days=first_day), start + timedelta(days=last_day), APPROXIMATE)


# Spans and counts ------------------------------------------------------------------------------------------------------


def read_span(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "الأيام القليلة الماضية", "الأشهر الستة الأخيرة", "اليومين الماضيين", "الساعات الـ24 الماضية"."""
    text = tokens[index].text
    end = index + 1
    count: int | None = None
    if text in DUALS:
        unit, count = DUALS[text], 2
    else:
        unit = PLURALS[text]
        end += is_at(tokens, end, *FEW_WORDS)
        count, end = _count(tokens, end)
    past, coming = is_at(tokens, end, *LAST), is_at(tokens, end, *NEXT)
    if not past and not coming:
        return None
    end += 1
    end += is_at(tokens, end, *FEW_WORDS)
    return _spread(unit, count, end, anchor, coming=coming)


def read_counted_span(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """The count first: "الـ24 ساعة الماضية", "الثلاثة أيام الأخيرة"."""
    count, end = _count(tokens, index)
    if count is None or end >= len(tokens) or tokens[end].text not in words.UNITS:
        return None
    unit = words.UNITS[tokens[end].text][0]
    past, coming = is_at(tokens, end + 1, *LAST), is_at(tokens, end + 1, *NEXT)
    if not past and not coming:
        return None
    return _spread(unit, count, end + 2, anchor, coming=coming)


def _count(tokens: list[Token], index: int) -> tuple[int | None, int]:
    """A definite number, "الثلاثة", "الـ24", and the index after it."""
    start = index
    if is_at(tokens, index, "ال", "وال", "بال", "لل"):
        index += 1
    if is_number(tokens, index) and 0 < tokens[index].value <= 1000:
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
    precision = APPROXIMATE if count is None else INTERVAL
    sign = 1 if coming else -1
    if unit == words.HOUR:
        far = anchor.day + sign * timedelta(days=1 if count is None else -(-count // 24))
        near = anchor.day
    elif unit in {DAY, WEEK, MONTH, YEAR}:
        far = _shift(anchor.day, unit, sign * (count if count is not None else FEW[-1]))
        near = anchor.day + timedelta(days=sign)
    else:
        return unknown(end)
    return Expression(end, min(far, near), max(far, near), precision)


def read_ago(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A count back: "قبل يومين" is that day, "قبل شهرين" that month, "منذ ثلاثة أيام" the days since, "قبل أيام" three to ten."""
    since = AGO[tokens[index].text] == SINCE
    start = index + 1
    about = is_at(tokens, start, *ABOUT)
    start += about
    if start >= len(tokens):
        return None
    few = FEW_AGO.get(tokens[start].text)
    if few is not None:
        end = start + 1
        end += is_at(tokens, end, fold("قليلة"))
        if _counts_from_elsewhere(tokens, end):
            return unknown(end)
        if anchor.day is None:
            return unknown(end)
        near = anchor.day if since else _shift(anchor.day, few, -FEW[0])
        return Expression(end, _shift(anchor.day, few, -FEW[-1]), near, APPROXIMATE)
    amounts, end = amounts_at(tokens[start : start + 8], 0)
    end += start
    if len(amounts) != 1 or amounts[0][0] != int(amounts[0][0]) or amounts[0][1] not in {DAY, WEEK, MONTH, YEAR}:
        return None
    count, unit = int(amounts[0][0]), amounts[0][1]
    if _counts_from_elsewhere(tokens, end) or _names_its_unit(tokens, start, end):
        return None
    if anchor.day is None:
        return unknown(end)
    then = _shift(anchor.day, unit, -count)
    if since:
        return Expression(end, then, anchor.day, APPROXIMATE if about else INTERVAL)
    first, last = (then, then) if unit == DAY else _whole(unit, then, 0)
    return Expression(end, first, last, APPROXIMATE if about else unit)


def _counts_from_elsewhere(tokens: list[Token], end: int) -> bool:
    """Whether a count is from another event, "قبل يومين من الهجوم"; "من الآن" and "من اليوم" count from publication."""
    return is_at(tokens, end, fold("من"), fold("على")) and not is_at(tokens, end + 1, fold("الآن"), fold("اليوم"))


def _names_its_unit(tokens: list[Token], start: int, end: int) -> bool:
    """Whether a single "day", "month" or "year" is only the noun before a name: "قبل شهر رمضان", "منذ عام 2011"."""
    if end - start != 1 or end >= len(tokens):
        return False
    return tokens[end].kind == "n" or tokens[end].text in FIRST_WORDS or tokens[end].text.startswith("ال")


def _shift(day: date, unit: str, count: int) -> date:
    """The day so many units away; of months and years the last day there is, where the day itself is not."""
    if unit in {DAY, WEEK}:
        return day + timedelta(days=count * (7 if unit == WEEK else 1))
    year, month = divmod(day.year * 12 + day.month - 1 + count * (12 if unit == YEAR else 1), 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
