"""Expressions that name a week, a month, a season, a year, or part of one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from pipeline.dates import words
from pipeline.dates.absolute import ORDINALS, months_at, year_at
from pipeline.dates.calendars import month_ends, shift
from pipeline.dates.expressions import (
    APPROXIMATE,
    EARLIEST,
    INTERVAL,
    LATEST,
    Anchor,
    Expression,
    is_year,
    unknown,
)
from pipeline.dates.mention_words import (
    AFTER_YEAR,
    AGE,
    AGES_TOO,
    BEFORE_SPAN,
    CENTURIES,
    CENTURY,
    CURRENT,
    DECADES,
    FIRST_WEEKDAY,
    FRACTION_LENGTHS,
    FRACTION_NUMBERS,
    FRACTIONS,
    FROM_YEAR,
    JOINED_MONTHS,
    LAST_OF,
    MONTH_WORD,
    NEXT,
    OF_TWO_CENTURIES,
    PAST,
    SEASON_MONTHS,
    SEASONS,
    THIRDS,
    THIS,
    UNITS,
    YEAR_WORD,
)
from pipeline.dates.months import FIRST_WORDS, GREGORIAN, Month
from pipeline.dates.tokens import FOUR, Phrases, Token, fold, is_at, is_number, number_at, text_at
from pipeline.dates.words import MONTH, WEEK, YEAR

# Weeks, months and years by how far away they are ----------------------------------------------------------------------


def read_unit(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "الشهر الماضي", "العام قبل الماضي", "هذا الأسبوع", "الأسبوع الأول من الشهر الجاري"."""
    return _unit_away(tokens, index, anchor) or _counted_unit(tokens, index, anchor)


def _unit_away(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A unit by how far away it is."""
    this = text_at(tokens, index) in THIS
    at = index + 1 if this else index
    unit = UNITS.get(tokens[at].text) if at < len(tokens) else None
    away = (0, at + 1) if this else away_at(tokens, at + 1)
    if unit is None or away is None:
        return None
    if anchor.day is None:
        return unknown(away[1])
    first, last = unit_ends(unit, shift(anchor.day, unit, away[0]))
    return Expression(away[1], first, last, unit)


def _counted_unit(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A week or month by its number in a longer one: "الأسبوع الأول من الشهر الجاري", "الشهر الأخير من عام 2014"."""
    unit = UNITS.get(text_at(tokens, index))
    last = text_at(tokens, index + 1) in LAST_OF
    ordinal = (0, index + 2) if last else ORDINALS.at(tokens, index + 1)
    if unit is None or ordinal is None or not is_at(tokens, ordinal[1], fold("من")):
        return None
    whole = whole_at(tokens, ordinal[1] + 1, anchor)
    if whole is None:
        return None
    number = ordinal[0]
    if whole.start is None or whole.end is None:
        return unknown(whole.stop)
    if unit == WEEK and whole.precision in {MONTH, YEAR}:  # newsrooms count them from the first of the month
        first = whole.end - timedelta(days=6) if last else whole.start + timedelta(days=7 * (number - 1))
        end = min(first + timedelta(days=6), whole.end)
        return Expression(whole.stop, first, end, APPROXIMATE) if first <= whole.end else unknown(whole.stop)
    if unit == MONTH and whole.precision == YEAR and number <= 12:
        return Expression(whole.stop, *_months(whole.start.year, number or 12, number or 12), MONTH)
    return unknown(whole.stop)


def unit_ends(unit: str, day: date) -> tuple[date, date]:
    """The first and the last day of the week, month or year in which a day lies."""
    if unit == WEEK:
        first = day - timedelta(days=(day.weekday() - FIRST_WEEKDAY) % 7)
        return first, first + timedelta(days=6)
    if unit == MONTH:
        return day.replace(day=1), _month_end(day)
    return date(day.year, 1, 1), date(day.year, 12, 31)


_LAST_OF_MONTH = relativedelta(day=31)


def _month_end(day: date) -> date:
    return day + _LAST_OF_MONTH


def away_at(tokens: list[Token], index: int) -> tuple[int, int] | None:
    """How many units away "الماضي", "الجاري", "المقبل", "قبل الماضي" put their noun, and the index after them."""
    if text_at(tokens, index) in PAST:
        return -1, index + 1
    if text_at(tokens, index) in CURRENT:
        return 0, index + 1
    if text_at(tokens, index) in NEXT:
        return 1, index + 1
    before = index + 1 if is_at(tokens, index, fold("ما")) else index
    if is_at(tokens, before, fold("قبل")) and text_at(tokens, before + 1) in PAST:
        return -2, before + 2
    if is_at(tokens, before, fold("بعد")) and text_at(tokens, before + 1) in NEXT:
        return 2, before + 2
    return None


# Months by name --------------------------------------------------------------------------------------------------------


def read_month(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A month with its year or with "الماضي": "آذار/مارس 2011", "نيسان الماضي", "شهر أيار الجاري", and "في نيسان"."""
    if tokens[index].text in MONTH_WORD:
        return _named_month(tokens, index + 1, anchor, certain=True)
    return _named_month(tokens, index, anchor, certain=text_at(tokens, index - 1) in BEFORE_SPAN)


def _named_month(tokens: list[Token], index: int, anchor: Anchor, *, certain: bool) -> Expression | None:
    """A month by its name; without a year only where it is ``certain`` that the month is meant."""
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
    listed = _year_of_list(tokens, end, month, anchor)
    if listed is not None:
        return _month_of(month, listed, end) if listed else unknown(end)
    if not certain or month.needs_year or anchor.day is None or month.calendar != GREGORIAN:
        return None
    latest = anchor.day.year - (month.number > anchor.day.month)
    if may_be_coming(date(latest, month.number, 1), anchor.day):
        return unknown(end)
    return _month_of(month, latest, end)


def read_joined_month(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A month joined to the one before it: April of "شهري آذار ونيسان"."""
    before = next((start for start in (index - 1, index - 2) if _ends_month(tokens, start, index)), None)
    if before is None:
        return None
    first = tokens[before - 1].text if before else ""
    found = _named_month(_unjoined(tokens, index), 0, anchor, certain=first in MONTH_WORD or first in BEFORE_SPAN)
    return None if found is None else found._replace(stop=index + found.stop)


def _ends_month(tokens: list[Token], start: int, index: int) -> bool:
    found = months_at(tokens, start) if start >= 0 else None
    return found is not None and found[1] == index


_LONGEST_MONTH = 12
"""Tokens of a month with its other names, its year and the month after it."""


def _unjoined(tokens: list[Token], index: int) -> list[Token]:
    """The tokens from a month on that has the "and" written onto it, without it."""
    joined = tokens[index]
    return [joined._replace(text=joined.text[1:]), *tokens[index + 1 : index + _LONGEST_MONTH]]


def _year_of_list(tokens: list[Token], index: int, month: Month, anchor: Anchor) -> int | None:
    """The year of a month that is told behind the month after it, "آذار ونيسان 2015"; 0 where their order leaves it open."""
    if text_at(tokens, index) not in JOINED_MONTHS:
        return None
    rest = _unjoined(tokens, index)
    months = months_at(rest, 0)
    if months is None or months[0] is None or months[0].calendar != GREGORIAN != month.calendar:
        return None
    year = year_at(rest, months[1])
    later = month.number < months[0].number
    if year is not None:
        return year[0] if later else 0
    told = year_after(rest, months[1], months[0], anchor)
    return None if told is None or told.year is None else told.year - (not later)


def _month_of(month: Month, year: int, stop: int) -> Expression | None:
    if month.calendar == GREGORIAN and not EARLIEST.year <= year <= LATEST.year:
        return None
    ends = month_ends(month.calendar, year, month.number)
    return None if ends is None else Expression(stop, *ends, MONTH)


class YearTold(NamedTuple):
    """The year that words after a month tell; None where they contradict. ``by_month``: as "أيار الماضي" does."""

    year: int | None
    stop: int
    by_month: bool


def year_after(tokens: list[Token], index: int, month: Month, anchor: Anchor) -> YearTold | None:
    """The year told by "الماضي", "الجاري", "المقبل" after a month, or by "من العام الماضي"."""
    published = anchor.day
    of = index + 1 if is_at(tokens, index, fold("من")) else index
    if text_at(tokens, of) in FROM_YEAR:
        away = away_at(tokens, of + 1)
        if away is not None:
            return YearTold(published.year + away[0] if published else None, away[1], by_month=False)
        return None
    away = away_at(tokens, index)
    if away is None:
        return None
    if published is None:
        return YearTold(None, away[1], by_month=True)
    if away[0] == 0:
        year = published.year if month.number == published.month else None
    elif away[0] < 0:
        year = published.year - (month.number >= published.month) + away[0] + 1
    else:
        year = published.year + (month.number <= published.month)
    return YearTold(year, away[1], by_month=True)


_MAY_BE_COMING = timedelta(days=300)


def may_be_coming(latest: date, published: date) -> bool:
    """Whether the latest such day is so long ago that the coming one, less than ten weeks ahead, may be meant."""
    return published - latest > _MAY_BE_COMING


# Years and seasons -----------------------------------------------------------------------------------------------------


def read_year(tokens: list[Token], index: int, _anchor: Anchor) -> Expression | None:
    """A year with its noun: "عام 2011", "العام 2013", and the second of "عامي 2012 و2013"."""
    if index >= len(tokens) or tokens[index].text not in YEAR_WORD:
        return None
    if text_at(tokens, index + 2) in words.ERA_HIJRI:
        return unknown(index + 3) if _year_at(tokens, index + 1) else None
    return _year_at(tokens, index + 1)


def _year_at(tokens: list[Token], index: int) -> Expression | None:
    """The whole of a year in digits."""
    year = number_at(tokens, index, FOUR)
    if year is None or not is_year(year):
        return None
    return Expression(index + 1, date(year, 1, 1), date(year, 12, 31), YEAR)


def read_listed_year(tokens: list[Token], index: int, _anchor: Anchor) -> Expression | None:
    """One of several years behind one noun: 2020 of "عامي 2019 و2020"."""
    first = list_start(tokens, index, FOUR)
    return _year_at(tokens, index) if first < index and text_at(tokens, first - 1) in YEAR_WORD else None


def list_start(tokens: list[Token], index: int, digits: range) -> int:
    """Where the list of numbers begins that goes on at an index: that of 27 in "يومي 27، 28 و29"."""
    first = index
    while index - first < LONGEST_LIST and is_at(tokens, first - 1, "و", ","):
        joint = first - 1 - (is_at(tokens, first - 1, "و") and is_at(tokens, first - 2, ","))
        if number_at(tokens, joint - 1, digits) is None:
            break
        first = joint - 1
    return first


LONGEST_LIST = 20
"""Tokens of a list of days or years that are read."""


def read_decade(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "الثمانينيات", "تسعينيات القرن الماضي"; not "في الستينيات", which may be somebody's age."""
    tens = DECADES.get(tokens[index].text)
    if tens is None:
        return None
    end = index + 1
    of = end + is_at(tokens, end, fold("من"))
    named = _CENTURIES.at(tokens, of + 1) if is_at(tokens, of, CENTURY) else None
    if named is not None:
        end = named[1]
        century = named[0] or (anchor.day.year // 100 - 1 if anchor.day is not None else 0)
    elif text_at(tokens, of) in AGE or anchor.day is None or tens in OF_TWO_CENTURIES:
        return unknown(end)
    else:
        age = tens in AGES_TOO and (is_at(tokens, index - 1, fold("في")) or tokens[index].text.startswith("ب"))
        century = 0 if age else 19
    first = century * 100 + tens * 10
    if not century or not is_year(first) or (anchor.day is not None and first > anchor.day.year):
        return unknown(end)
    return Expression(end, date(first, 1, 1), date(first + 9, 12, 31), INTERVAL)


_CENTURIES = Phrases({tuple(map(fold, names)): hundreds for names, hundreds in CENTURIES.items()})


def read_bare_year(tokens: list[Token], index: int, _anchor: Anchor) -> Expression | None:
    """A year with no noun but a preposition, "منذ 2011": where it cannot count what follows, as in "في 2000 قرية"."""
    year = number_at(tokens, index, FOUR)
    if year is None or not 1900 <= year <= 2100 or text_at(tokens, index - 1) not in BEFORE_SPAN:
        return None
    if index + 1 < len(tokens):
        after = tokens[index + 1]
        if after.kind == "n" or after.text in {"/", "%", ":"}:
            return None
        if after.kind == "w" and after.text not in AFTER_YEAR and not after.text.startswith(("ال", "و")):
            return None
    return _year_at(tokens, index)


def read_season(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "صيف 2014", "خريف العام الماضي", "الربيع الماضي"; approximate, for newsrooms keep no calendar of seasons."""
    first, last = SEASON_MONTHS[SEASONS[tokens[index].text]]
    end = index + 1
    year: int | None = None
    away = away_at(tokens, end)
    whole = read_unit(tokens, end, anchor) or read_year(tokens, end, anchor) or _year_at(tokens, end)
    if away is not None and away[0] != 0:
        end = away[1]
        if anchor.day is not None:
            ended = _month_end(date(anchor.day.year, last, 1)) < anchor.day
            begun = date(anchor.day.year, first, 1) <= anchor.day
            year = anchor.day.year + (away[0] + ended if away[0] < 0 else begun)
    elif whole is not None and whole.precision == YEAR:
        end, year = whole.stop, whole.start.year if whole.start else None
    else:
        return None
    return unknown(end) if year is None else Expression(end, *_months(year, first, last), APPROXIMATE)


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    """The first day of one month of a year, and the last day of another."""
    return date(year, first, 1), _month_end(date(year, last, 1))


# Parts -----------------------------------------------------------------------------------------------------------------


def read_part(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Part of a month or a year: "مطلع أيار الماضي", "أواخر عام 2013", "النصف الأول من العام الجاري"."""
    exact = tokens[index].text in FRACTIONS
    part = _fraction_at(tokens, index) if exact else (*THIRDS[tokens[index].text], index + 1)
    if part is None or part[2] >= len(tokens):
        return None
    begin, end, stop = part
    whole = whole_at(tokens, stop, anchor) or (None if exact else _this_unit(tokens, stop, begin, anchor))
    if whole is None or whole.start is None or whole.end is None or whole.precision == WEEK:
        return whole
    if whole.precision == INTERVAL:  # a decade
        year = whole.start.year
        begin, end = begin * 10 // 12, end * 10 // 12 - (exact or end == 12)
        return Expression(whole.stop, date(year + begin, 1, 1), date(year + end, 12, 31), APPROXIMATE)
    if whole.precision == YEAR:
        return Expression(whole.stop, *_months(whole.start.year, begin + 1, end), INTERVAL if exact else APPROXIMATE)
    first = whole.start + timedelta(days=begin * 10 // 4)
    last = whole.end if end == 12 else whole.start + timedelta(days=end * 10 // 4 - 1)
    return Expression(whole.stop, first, last, APPROXIMATE)


def _fraction_at(tokens: list[Token], index: int) -> tuple[int, int, int] | None:
    """Such as "النصف الأول من": where it begins and ends, in twelfths, and the index after it."""
    length = FRACTION_LENGTHS[FRACTIONS[tokens[index].text]]
    number = FRACTION_NUMBERS.get(tokens[index + 1].text, 0) if index + 1 < len(tokens) else 0
    if not 1 <= number <= 12 // length or not is_at(tokens, index + 2, fold("من")):
        return None
    return (number - 1) * length, number * length, index + 3


def _this_unit(tokens: list[Token], index: int, begin: int, anchor: Anchor) -> Expression | None:
    """The month or year that its noun alone means, "منذ بداية العام", where its part has begun; a week only from its start."""
    unit = UNITS.get(tokens[index].text)
    after = text_at(tokens, index + 1)
    if unit is None or is_number(tokens, index + 1) or after.startswith("ال") or after in FIRST_WORDS:
        return None  # "العام الدراسي", "الشهر الفضيل"
    if anchor.day is None:
        return unknown(index + 1)
    first, last = unit_ends(unit, anchor.day)
    begins = first + (last - first) * begin // 12
    return Expression(index + 1, first, last, unit) if begins <= anchor.day and (unit != WEEK or not begin) else None


def whole_at(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """What a part is of: a month, a year or a decade, however it is named."""
    if index >= len(tokens):
        return None
    whole = _unit_away(tokens, index, anchor) or read_year(tokens, index, anchor) or read_decade(tokens, index, anchor)
    if whole is None:
        name = index + 1 if tokens[index].text in MONTH_WORD else index
        whole = _named_month(tokens, name, anchor, certain=True)
    return whole or _year_at(tokens, index)
