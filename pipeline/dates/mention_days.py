"""Expressions that name a day: a weekday, yesterday, the tenth of a month, an interval of days."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipeline.dates import words
from pipeline.dates.absolute import Hit, date_at
from pipeline.dates.calendars import to_day
from pipeline.dates.mention_spans import is_year, may_be_coming, read_unit, year_after
from pipeline.dates.mention_words import (
    AFTER,
    AHEAD,
    AHEAD_VERB,
    BEFORE,
    DAY_PARTS,
    FIRST,
    INTERVAL,
    NEXT,
    NO_VERB,
    NO_WEEKDAY_AFTER,
    NO_WEEKDAY_BEFORE,
    OTHER_DAY_AFTER,
    OTHER_DAY_BEFORE,
    PAST,
    SENTENCE_ENDS,
    THIS,
    TODAY,
    TOMORROW,
    WEEKDAYS,
    YEAR_WORD,
    YESTERDAY,
    Expression,
    unknown,
)
from pipeline.dates.months import GREGORIAN, Month
from pipeline.dates.tokens import FOUR, SHORT, Token, fold, is_at, number_at, texts_at
from pipeline.dates.words import DAY, MONTH

if TYPE_CHECKING:
    from pipeline.dates.mention_words import Anchor


def _looks_ahead(tokens: list[Token], index: int) -> bool:
    """Whether the sentence up to an index, or its last forty words, has a word of the future."""
    for token in reversed(tokens[max(index - 40, 0) : index]):
        if token.text in SENTENCE_ENDS:
            return False
        if token.text in AHEAD or (AHEAD_VERB.fullmatch(token.text) and not NO_VERB.match(token.text)):
            return True
    return False


# Days ------------------------------------------------------------------------------------------------------------------


def read_day_part(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A day with its part: "فجر الثلاثاء", "مساء أمس", "بعد منتصف ليل الجمعة - السبت", "صباح هذا اليوم"."""
    end = index
    if tokens[end].text in AFTER or tokens[end].text in BEFORE:
        end += 1
    parts = end
    while end < len(tokens) and end - parts < 4 and tokens[end].text in DAY_PARTS:
        end += 1
    if end == parts or end == len(tokens):
        return None
    if is_at(tokens, end, *THIS) and end + 1 < len(tokens) and tokens[end + 1].text in TODAY:
        end += 1
    found = read_named_day(tokens, end, anchor) or read_weekday(tokens, end, anchor)
    night = any(token.text.endswith("ليل") or token.text.endswith("ليله") for token in tokens[parts:end])
    if found is not None and night and found.start is not None and found.start == found.end:
        other = found.stop + 1 if is_at(tokens, found.stop, "-", "/") else found.stop
        if other < len(tokens) and WEEKDAYS.get(tokens[other].text) == (found.start + timedelta(days=1)).weekday():
            return Expression(other + 1, found.start, found.start + timedelta(days=1), INTERVAL)
    return found


def read_named_day(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "أمس", "أول من أمس", "أمس الأول", "اليوم الثلاثاء", "بعد غد", "الليلة الماضية"; a weekday beside it must agree."""
    named = _days_away(tokens, index)
    if named is None:
        return None
    away, end, figurative = named
    beside = end + 1 if is_at(tokens, end, ",", "(") else end
    beside += is_at(tokens, beside, fold("يوم"))
    weekday = WEEKDAYS.get(tokens[beside].text) if beside < len(tokens) else None
    if weekday is not None:
        end = beside + 1
        if is_at(tokens, end, ")"):
            end += 1
    if anchor.day is None or (figurative and weekday is None):
        return unknown(end)
    day = anchor.day + timedelta(days=away)
    if weekday is not None and weekday != day.weekday():
        return unknown(end)
    return Expression(end, day, day)


def _days_away(tokens: list[Token], index: int) -> tuple[int, int, bool] | None:
    """How many days from publication a named day lies, the index after it, and whether it may mean something else."""
    token, after = tokens[index], index + 1
    if token.text in YESTERDAY:
        if is_at(tokens, after, fold("الأول")):
            return -2, after + 1, False
        return -1, after, is_at(tokens, after, fold("القريب"))
    if token.text in FIRST or token.text in BEFORE:
        after += token.text in FIRST and is_at(tokens, after, fold("من"))
        before_yesterday = after < len(tokens) and tokens[after].text in YESTERDAY
        return (-2, after + 1, False) if before_yesterday else None
    if token.text in AFTER:
        return (2, after + 1, False) if is_at(tokens, after, fold("غد"), fold("الغد")) else None
    if token.text in TODAY:
        other = is_at(tokens, after, *OTHER_DAY_AFTER) or is_at(tokens, index - 1, *OTHER_DAY_BEFORE)
        # "في هذا اليوم" and "مثل هذا اليوم" speak of the day told about.
        told = is_at(tokens, index - 1, *THIS) and is_at(tokens, index - 2, "في", "وفي", "ففي", "مثل")
        return 0, after, other or told
    if token.text in TOMORROW:
        # "غدا" is also a verb, and "الغد" the future: certain are "يوم غد" and the tanwin of "غدًا", where it is written.
        marked = token.end - token.start > len(token.text)
        return 1, after, not (marked or is_at(tokens, index - 1, fold("يوم")))
    return None


def read_weekday(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A weekday: "الثلاثاء" is the latest one, "الثلاثاء الماضي" the latest before the day of publication."""
    if index >= len(tokens):
        return None
    number = WEEKDAYS.get(tokens[index].text)
    if number is None:
        return None
    end = index + 1
    past, coming = is_at(tokens, end, *PAST), is_at(tokens, end, *NEXT)
    end += past or coming
    dated = read_numbered(tokens, end + 1 if is_at(tokens, end, ",", "(", fold("الموافق")) else end, anchor)
    if dated is not None:
        agrees = dated.start is not None and dated.start.weekday() == number
        return dated if agrees else unknown(dated.stop)
    other = is_at(tokens, index - 1, *NO_WEEKDAY_BEFORE) or is_at(tokens, end, *NO_WEEKDAY_AFTER)
    series = is_at(tokens, end, fold("من")) and is_at(tokens, end + 1, fold("كل"))
    if anchor.day is None or not (past or coming or not (other or series or _looks_ahead(tokens, index))):
        return unknown(end)
    back = (anchor.day.weekday() - number) % 7
    day = anchor.day + timedelta(days=7 - back if coming else -(back or 7 * past))
    return Expression(end, day, day)


def read_night(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "الليلة الماضية": from the evening before to the morning of publication."""
    if not is_at(tokens, index + 1, *PAST):
        return None
    if anchor.day is None:
        return unknown(index + 2)
    return Expression(index + 2, anchor.day - timedelta(days=1), anchor.day, INTERVAL)


# Written dates ---------------------------------------------------------------------------------------------------------


def read_numbered(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A date written out, with its year, without it, or with "الماضي" in its place: "الثالث من أيار", "10/5/2016"."""
    if index >= len(tokens) or (tokens[index].kind != "n" and tokens[index].text not in words.ORDINAL_WORDS):
        return None
    hit = date_at(tokens, index, anchor.bounds)
    if hit is None:
        return None
    if not isinstance(hit, Hit) or hit.precision != DAY:
        return unknown(hit.end)
    if hit.method == "no-year":
        return _yearless(tokens, hit, anchor)
    if hit.weak:
        return unknown(hit.end)
    return Expression(hit.end, hit.day, hit.day)


def _yearless(tokens: list[Token], hit: Hit, anchor: Anchor) -> Expression:
    """A day and month without a year: of the latest such month, or of the one that the words after it tell."""
    month = Month(hit.calendar, hit.day.month, needs_year=False)
    told = year_after(tokens, hit.end, month, anchor)
    if anchor.day is None or hit.calendar != GREGORIAN:
        return unknown(told.stop if told else hit.end)
    if told is None:
        return Expression(hit.end, hit.day, hit.day) if not may_be_coming(hit.day, anchor.day) else unknown(hit.end)
    if told.year is None or (hit.day.month == anchor.day.month and told.by_month and told.year != anchor.day.year):
        return unknown(told.stop)
    day = to_day(GREGORIAN, told.year, hit.day.month, hit.day.day)
    return Expression(told.stop, day, day)


def read_day_of_this_month(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "العاشر من الشهر الجاري", "3 من هذا الشهر"."""
    day = number_at(tokens, index, SHORT)
    end = index + 1
    if day is None:
        for length in (2, 1):
            day = words.ORDINAL_DAYS.get(texts_at(tokens, index, length))
            if day is not None:
                end = index + length
                break
    if day is None or not is_at(tokens, end, fold("من")):
        return None
    month = read_unit(tokens, end + 1, anchor)
    if month is None or month.precision != MONTH:
        return None
    if month.start is None or not 1 <= day <= calendar.monthrange(month.start.year, month.start.month)[1]:
        return unknown(month.stop)
    return Expression(month.stop, month.start.replace(day=day), month.start.replace(day=day))


def read_between(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Two ends: "من 3 إلى 5 أيار 2015", "بين 10 و15 أيار", "بين عامي 2011 و2015"."""
    years = index + 1
    if years < len(tokens) and tokens[years].text in YEAR_WORD:
        years += 1
    first = number_at(tokens, years, FOUR)
    end = _conjunction(tokens, years + 1)
    if end is not None and end < len(tokens) and tokens[end].text in YEAR_WORD:
        end += 1
    last = number_at(tokens, end, FOUR) if end is not None else None
    if end is not None and first is not None and last is not None and is_year(first) and first < last and is_year(last):
        return Expression(end + 1, date(first, 1, 1), date(last, 12, 31), INTERVAL)
    return _days_between(tokens, index + 1, anchor)


def _days_between(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Two days, the first with or without its own month: "10 و15 أيار 2016", "28 نيسان إلى 3 أيار"."""
    if index >= len(tokens):
        return None
    whole = date_at(tokens, index, anchor.bounds)
    first_day = number_at(tokens, index, SHORT)
    after = whole.end if whole is not None else index + 1
    second = _conjunction(tokens, after)
    if second is None or second >= len(tokens) or (whole is None and first_day is None):
        return None
    # The end of a range is refused where it stands; read from where its tokens begin it is a date like any other.
    rest = tokens[second : second + 12]
    last = date_at(rest, 0, anchor.bounds)
    if not isinstance(last, Hit) or last.precision != DAY:
        return None
    last = last._replace(end=last.end + second)
    closed = _yearless(tokens, last, anchor) if last.method == "no-year" else Expression(last.end, last.day, last.day)
    if closed.end is None:
        return unknown(closed.stop)
    start: date | None = None
    if whole is None and first_day is not None:
        start = to_day(GREGORIAN, closed.end.year, closed.end.month, first_day)
    else:
        opened = date_at(tokens[index:after], 0, anchor.bounds)
        if isinstance(opened, Hit) and opened.precision == DAY:
            start = opened.day
            if opened.method == "no-year":
                start = to_day(GREGORIAN, closed.end.year, opened.day.month, opened.day.day)
    if start is None or start >= closed.end:
        return unknown(closed.stop)
    return Expression(closed.stop, start, closed.end, INTERVAL)


def _conjunction(tokens: list[Token], index: int) -> int | None:
    """The index after what joins two ends."""
    return index + 1 if is_at(tokens, index, "و", "-", *words.RANGE_WORDS) else None


def read_dashed(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Two days with no "from" before them: "3-5 أيار 2015"."""
    return _days_between(tokens, index, anchor) if is_at(tokens, index + 1, "-", *words.RANGE_WORDS) else None
