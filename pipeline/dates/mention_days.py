"""Expressions that name a day: a weekday, yesterday, the tenth of a month; and intervals from one day to another."""

from __future__ import annotations

from datetime import date, timedelta

from pipeline.dates import words
from pipeline.dates.absolute import ORDINALS, Hit, by_weekday, counts_another, date_at
from pipeline.dates.calendars import to_day
from pipeline.dates.expressions import INTERVAL, Anchor, Expression, is_year, unknown
from pipeline.dates.mention_periods import LONGEST_LIST, away_at, list_start, may_be_coming, read_unit, year_after
from pipeline.dates.mention_words import (
    AFTER,
    AHEAD,
    AHEAD_VERB,
    BEFORE,
    COUNTS,
    DAY_PARTS,
    DAYS_LISTED,
    FIRST,
    JOINED_WEEKDAYS,
    NEXT,
    NO_VERB,
    NO_WEEKDAY_AFTER,
    NO_WEEKDAY_BEFORE,
    OTHER_DAY_AFTER,
    OTHER_DAY_BEFORE,
    PARTS_OF_TODAY,
    PAST,
    PRESENT_VERB,
    SENTENCE_ENDS,
    THIS,
    TODAY,
    TOLD,
    TOMORROW,
    WEEKDAYS,
    YEAR_WORD,
    YESTERDAY,
)
from pipeline.dates.months import GREGORIAN, Month
from pipeline.dates.tokens import FOUR, SHORT, Token, fold, is_at, number_at, text_at
from pipeline.dates.words import DAY, MONTH

# Days by name ----------------------------------------------------------------------------------------------------------


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
    if text_at(tokens, end) in THIS and end + 1 < len(tokens) and tokens[end + 1].text in TODAY:
        end += 1
    found = read_named_day(tokens, end, anchor) or read_weekday(tokens, end, anchor)
    night = any(token.text.endswith(("ليل", "ليله")) for token in tokens[parts:end])
    if found is not None and night and found.start is not None and found.start == found.end:
        other = found.stop + 1 if is_at(tokens, found.stop, "-", "/") else found.stop
        if other < len(tokens) and WEEKDAYS.get(tokens[other].text) == (found.start + timedelta(days=1)).weekday():
            return Expression(other + 1, found.start, found.start + timedelta(days=1), INTERVAL)
    return found


def read_named_day(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "أمس", "أول من أمس", "أمس الأول", "اليوم الثلاثاء", "بعد غد"; a weekday beside it must agree."""
    named = _days_away(tokens, index, anchor)
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


def _days_away(tokens: list[Token], index: int, anchor: Anchor) -> tuple[int, int, bool] | None:
    """How many days from publication a named day lies, the index after it, and whether it may mean something else."""
    token, after = tokens[index], index + 1
    if token.text in YESTERDAY:
        if is_at(tokens, after, fold("الأول")):
            return -2, after + 1, False
        return -1, after, is_at(tokens, after, fold("القريب"))
    if token.text in FIRST or token.text in BEFORE:
        after += is_at(tokens, after, fold("من") if token.text in FIRST else fold("يوم"))
        before_yesterday = after < len(tokens) and tokens[after].text in YESTERDAY
        return (-2, after + 1, False) if before_yesterday else None
    if token.text in AFTER:
        after += is_at(tokens, after, fold("يوم"))
        return (2, after + 1, False) if is_at(tokens, after, fold("غد"), fold("الغد")) else None
    if token.text in TODAY and text_at(tokens, after) in PAST:
        return -1, after + 1, False
    if token.text in TODAY:
        other = (
            _is_counted(tokens, after, anchor)
            or text_at(tokens, after) in OTHER_DAY_AFTER
            or text_at(tokens, after) in NEXT
            or text_at(tokens, index - 1) in OTHER_DAY_BEFORE
        )
        # "في هذا اليوم" and "مثل هذا اليوم" speak of the day told about.
        told = text_at(tokens, index - 1) in THIS and text_at(tokens, index - 2) in TOLD
        return 0, after, other or told
    if token.text in TOMORROW:
        # "غدا" is also a verb, and "الغد" the future: certain are "يوم غد" and the tanwin of "غدًا", where it is written.
        marked = token.length > len(token.text)
        return 1, after, not (marked or is_at(tokens, index - 1, fold("يوم")))
    return None


def _is_counted(tokens: list[Token], index: int, anchor: Anchor) -> bool:
    """Whether a number after "the day" counts the days of something: "الـ80", "الثمانين", "80 للحرب", but not "80 قتيلا"."""
    if text_at(tokens, index) in COUNTS:
        return text_at(tokens, index) not in WEEKDAYS
    number = number_at(tokens, index, range(1, 5))
    return (
        number is not None
        and date_at(tokens, index, anchor.bounds) is None
        and (is_at(tokens, index + 1, fold("من"), fold("على")) or text_at(tokens, index + 1).startswith("لل"))
    )


def read_part_of_today(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "هذا الصباح"; "في هذا الصباح" speaks of the day told about."""
    if text_at(tokens, index + 1) not in PARTS_OF_TODAY:
        return None
    told = text_at(tokens, index - 1) in TOLD
    return unknown(index + 2) if anchor.day is None or told else Expression(index + 2, anchor.day, anchor.day)


def read_weekday(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """A weekday: "الثلاثاء" is the latest one, "الثلاثاء الماضي" the latest before the day of publication."""
    if index >= len(tokens):
        return None
    number = WEEKDAYS.get(tokens[index].text)
    if number is None:
        return None
    end = index + 1
    away, stop = _weeks_away(tokens, end)
    dated = read_written(tokens, stop + 1 if is_at(tokens, stop, ",", "(", fold("الموافق")) else stop, anchor, number)
    if dated is not None:
        agrees = dated.start is not None and dated.start.weekday() == number
        return dated if agrees else unknown(dated.stop)
    other = text_at(tokens, index - 1) in NO_WEEKDAY_BEFORE or text_at(tokens, end) in NO_WEEKDAY_AFTER
    series = is_at(tokens, end, fold("من")) and is_at(tokens, end + 1, fold("كل"))
    if anchor.day is None or not (away or not (other or series or _looks_ahead(tokens, index))):
        return unknown(stop)
    back = (anchor.day.weekday() - number) % 7
    weeks = away if away > 0 else away + (away < 0 and back > 0)
    day = anchor.day + timedelta(days=7 * weeks - back)
    return Expression(stop, day, day)


_LONGEST_WEEK = 6
"""Weekdays that may follow one."""


def _weeks_away(tokens: list[Token], index: int) -> tuple[int, int]:
    """How many weeks away the words after a weekday put it, 0 for none, and the index after those that are its alone.

    Of several weekdays, "السبت والأحد المقبلين", the words after the last are of all.
    """
    after = index
    while after < index + _LONGEST_WEEK and text_at(tokens, after) in JOINED_WEEKDAYS:
        after += 1
    away = away_at(tokens, after)
    if away is None or away[0] == 0:
        return 0, index
    return away[0], away[1] if after == index else index


_SENTENCE_REACH = 40


def _looks_ahead(tokens: list[Token], index: int) -> bool:
    """Whether the sentence up to an index, or its last words, has a word of the future."""
    for at in range(index - 1, max(index - _SENTENCE_REACH, 0) - 1, -1):
        text = tokens[at].text
        if text in SENTENCE_ENDS:
            return False
        if text in AHEAD or (AHEAD_VERB.fullmatch(text) and not NO_VERB.match(text)):
            return True
        if PRESENT_VERB.fullmatch(text) and is_at(tokens, at - 2, fold("على")) and is_at(tokens, at - 1, fold("أن")):
            return True
    return False


def read_night(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "الليلة الماضية": from the evening before to the morning of publication."""
    if text_at(tokens, index + 1) not in PAST:
        return None
    if anchor.day is None:
        return unknown(index + 2)
    return Expression(index + 2, anchor.day - timedelta(days=1), anchor.day, INTERVAL)


# Written dates ---------------------------------------------------------------------------------------------------------


def read_written(tokens: list[Token], index: int, anchor: Anchor, weekday: int | None = None) -> Expression | None:
    """A date written out, with its year, without it, or with "الماضي" in its place: "الثالث من أيار", "10/5/2016".

    A ``weekday`` before it helps to tell the year that it does not name, and which day a Hijri one is.
    """
    if index >= len(tokens) or (tokens[index].kind != "n" and tokens[index].text not in words.ORDINAL_WORDS):
        return None
    hit = date_at(tokens, index, anchor.bounds)
    if hit is None:
        return None
    if not isinstance(hit, Hit) or hit.precision != DAY:
        return unknown(hit.end)
    if hit.method == "no-year":
        return _yearless(tokens, hit, anchor, weekday)
    if hit.weak:
        return unknown(hit.end)
    told = hit if weekday is None else by_weekday(hit, weekday, anchor.bounds)
    return Expression(hit.end, told.day, told.day) if isinstance(told, Hit) else unknown(hit.end)


def _yearless(tokens: list[Token], hit: Hit, anchor: Anchor, weekday: int | None = None) -> Expression:
    """A day and month without a year: of the latest such month, or of the one that the words after it tell."""
    month = Month(hit.calendar, hit.day.month, needs_year=False)
    told = year_after(tokens, hit.end, month, anchor)
    if anchor.day is None or hit.calendar != GREGORIAN:
        return unknown(told.stop if told else hit.end)
    if told is None:
        return _nearest(tokens, hit, anchor.day, anchor, weekday)
    if told.year is None or (hit.day.month == anchor.day.month and told.by_month and told.year != anchor.day.year):
        return unknown(told.stop)
    day = to_day(GREGORIAN, told.year, hit.day.month, hit.day.day)
    return Expression(told.stop, day, day)


def _nearest(tokens: list[Token], hit: Hit, published: date, anchor: Anchor, weekday: int | None) -> Expression:
    """The latest such day, unless the coming one may be meant or a day listed after it names another year."""
    listed = date_at(tokens, hit.end + 1, anchor.bounds) if is_at(tokens, hit.end, "و") else None
    if isinstance(listed, Hit) and listed.method == "written" and listed.calendar == GREGORIAN:
        day = to_day(GREGORIAN, listed.day.year, hit.day.month, hit.day.day)
        return Expression(hit.end, day, day) if day is not None and day < listed.day else unknown(hit.end)
    if not may_be_coming(hit.day, published):
        return Expression(hit.end, hit.day, hit.day)
    coming = to_day(GREGORIAN, hit.day.year + 1, hit.day.month, hit.day.day)
    told = next((day for day in (hit.day, coming) if day is not None and day.weekday() == weekday), None)
    return Expression(hit.end, told, told)


def read_listed_day(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """One of several days of a month that is named behind the last of them: the 27th of "يومي 27 و28 آب"."""
    day = number_at(tokens, index, SHORT)
    if day is None or not is_at(tokens, index + 1, "و", ","):
        return None
    if text_at(tokens, list_start(tokens, index, SHORT) - 1) not in DAYS_LISTED:
        return None
    for other in range(index + 2, index + LONGEST_LIST, 2):
        if number_at(tokens, other, SHORT) is None or not is_at(tokens, other - 1, "و", ","):
            return None
        dated = read_written(tokens, other, anchor) or read_day_of_this_month(tokens, other, anchor)
        if dated is not None:
            known = dated.start is not None and 0 < day < dated.start.day
            found = dated.start.replace(day=day) if dated.start is not None and known else None
            return Expression(index + 1, found, found)
    return None


def read_day_of_this_month(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Such as "العاشر من الشهر الجاري", "3 من هذا الشهر"."""
    day, end = number_at(tokens, index, SHORT), index + 1
    if day is None:
        ordinal = ORDINALS.at(tokens, index)
        if ordinal is None or counts_another(tokens, index):
            return None
        day, end = ordinal
    if not is_at(tokens, end, fold("من")):
        return None
    month = read_unit(tokens, end + 1, anchor)
    if month is None or month.precision != MONTH:
        return None
    if month.start is None or month.end is None or not 1 <= day <= month.end.day:
        return unknown(month.stop)
    found = month.start.replace(day=day)
    return Expression(month.stop, found, found)


# From one day to another -----------------------------------------------------------------------------------------------


def read_range(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Two ends: "من 3 إلى 5 أيار 2015", "بين 10 و15 أيار", "بين عامي 2011 و2015"."""
    return _years_between(tokens, index + 1) or _days_between(tokens, index + 1, anchor)


def read_dashed_range(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Two days with no "from" before them: "3-5 أيار 2015"."""
    return _days_between(tokens, index, anchor) if is_at(tokens, index + 1, "-", *words.RANGE_WORDS) else None


def _years_between(tokens: list[Token], index: int) -> Expression | None:
    """Two years, with their nouns or without."""
    index += text_at(tokens, index) in YEAR_WORD
    first = number_at(tokens, index, FOUR)
    second = _behind_joint(tokens, index + 1)
    if first is None or second is None:
        return None
    second += text_at(tokens, second) in YEAR_WORD
    last = number_at(tokens, second, FOUR)
    if last is None or not (is_year(first) and first < last and is_year(last)):
        return None
    return Expression(second + 1, date(first, 1, 1), date(last, 12, 31), INTERVAL)


def _days_between(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """Two days, the first with or without its own month: "10 و15 أيار 2016", "28 نيسان إلى 3 أيار"."""
    if index >= len(tokens):
        return None
    dated = date_at(tokens, index, anchor.bounds)
    day = number_at(tokens, index, SHORT)
    after = index + 1 if dated is None else dated.end
    second = _behind_joint(tokens, after)
    if second is None or (dated is None and day is None):
        return None
    last = _end_of_range(tokens, second, anchor)
    if last is None:
        return None
    if last.end is None:
        return unknown(last.stop)
    if dated is None and day is not None:
        first = to_day(GREGORIAN, last.end.year, last.end.month, day)
    else:
        first = _start_of_range(tokens[index:after], last.end, anchor)
    if first is None or first >= last.end:
        return unknown(last.stop)
    return Expression(last.stop, first, last.end, INTERVAL)


def _behind_joint(tokens: list[Token], index: int) -> int | None:
    """The index after what joins two ends."""
    return index + 1 if is_at(tokens, index, "و", "-", *words.RANGE_WORDS) else None


_LONGEST_DATE = 12
"""Tokens of the longest date at the end of a range."""


def _end_of_range(tokens: list[Token], index: int, anchor: Anchor) -> Expression | None:
    """The day at the end of a range, which is refused where it stands; read from where its tokens begin it is a date."""
    hit = date_at(tokens[index : index + _LONGEST_DATE], 0, anchor.bounds) if index < len(tokens) else None
    if not isinstance(hit, Hit) or hit.precision != DAY:
        return None
    hit = hit._replace(end=index + hit.end)
    return _yearless(tokens, hit, anchor) if hit.method == "no-year" else Expression(hit.end, hit.day, hit.day)


def _start_of_range(tokens: list[Token], end: date, anchor: Anchor) -> date | None:
    """The day at the start of a range, of the year of its end where it has none."""
    hit = date_at(tokens, 0, anchor.bounds)
    if not isinstance(hit, Hit) or hit.precision != DAY:
        return None
    return to_day(GREGORIAN, end.year, hit.day.month, hit.day.day) if hit.method == "no-year" else hit.day
