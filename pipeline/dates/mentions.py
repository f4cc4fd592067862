"""The days and intervals that an article's text speaks of: "الشهر الماضي", "فجر الثلاثاء", "في الثالث من أيار".

News dates its events from the day it is printed, so most mentions count from the day of publication; without one only those
that name their year are resolved. A text is cut into tokens once, and every rule looks forward over a fixed number of
them, so the work is linear in the text. What the words leave open is left out: "في السابق", a weekday in a sentence that
looks ahead, a month without its year that may be the coming one.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from babel import Locale

from pipeline.dates import words
from pipeline.dates.absolute import Bounds, Hit, date_at, months_at, year_at
from pipeline.dates.calendars import to_day
from pipeline.dates.months import FIRST_WORDS, GREGORIAN, Month
from pipeline.dates.relative import amounts_at
from pipeline.dates.text import FOUR, SHORT, Token, fold, is_at, is_number, number_at, texts_at, tokenize
from pipeline.dates.words import DAY, MONTH, WEEK, YEAR

INTERVAL, APPROXIMATE = "interval", "approximate"


@dataclass(frozen=True, slots=True)
class Mention:
    """A day or an interval that a text speaks of.

    Attributes:
        text: the literal words.
        offset: where they begin, in characters (Unicode code points) from the beginning of the text.
        start: first day.
        end: last day, inclusive; the same as ``start`` where one day is meant.
        precision: "day", "week", "month" or "year", a whole one of them; "interval" where the text states both ends;
            "approximate" where it does not, as in "الأيام القليلة الماضية".
    """

    text: str
    offset: int
    start: date
    end: date
    precision: str


def mentions(text: str, published: date | None, *, order: str = "DMY") -> tuple[Mention, ...]:
    """Find the time expressions of a text and resolve each to a day or an interval, in the order of the text.

    Args:
        text: an article's body, of any length.
        published: the day on which it was published, at the source; None where that is not known, and then only
            expressions that name their year are resolved. Of a datetime its own calendar day is taken.
        order: how the source orders numeric dates: "DMY", "MDY" or "YMD".
    """
    if isinstance(published, datetime):
        published = published.date()
    tokens = tokenize(text)
    bounds = Bounds(
        datetime.combine(published or _UNANCHORED, datetime.min.time(), UTC), UTC, order, _EARLIEST, _LATEST
    )
    anchor = _Anchor(published, bounds)
    found: list[Mention] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        rules = _NUMBER_RULES if token.kind == "n" else _RULES.get(token.text)
        expression = _expression_at(rules, tokens, index, anchor) if rules else None
        if expression is None:
            index += 1
            continue
        if expression.start is not None and expression.end is not None:
            start, end = token.start, tokens[expression.stop - 1].end
            if token.end - token.start == len(token.text):  # no vowel marks among the letters
                start += _PREFIX_LENGTHS.get(token.text, 0)
            found.append(Mention(text[start:end], start, expression.start, expression.end, expression.precision))
        index = expression.stop
    return tuple(found)


# Texts speak of the past centuries too; Hijri days before 1924 are not read (see pipeline.dates.calendars).
_EARLIEST, _LATEST, _UNANCHORED = date(1800, 1, 1), date(2199, 12, 31), date(2199, 12, 31)

FIRST_WEEKDAY = Locale("ar", "SY").first_week_day
"""Saturday (Monday 0): where weeks begin in Syria, Iraq, Egypt, Sudan and Libya, by CLDR."""

FEW = range(3, 11)
"""What the bare plural counts: Arabic has a dual for two, and the plural of "days" goes with three to ten."""


class _Anchor(NamedTuple):
    """What an expression is resolved against."""

    day: date | None
    bounds: Bounds


class _Expression(NamedTuple):
    """Tokens up to ``stop`` are spent; without a start they mean no day that could be told."""

    stop: int
    start: date | None
    end: date | None
    precision: str = DAY


def _unknown(stop: int) -> _Expression:
    return _Expression(stop, None, None)


_Rule = Callable[[list[Token], int, _Anchor], _Expression | None]


def _expression_at(rules: tuple[_Rule, ...], tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    for rule in rules:
        try:
            found = rule(tokens, index, anchor)
        except (OverflowError, ValueError):  # a day outside the calendar
            continue
        if found is not None:
            return found
    return None


# Words -----------------------------------------------------------------------------------------------------------------


_PREFIX_LENGTHS: dict[str, int] = {}
"""Letters before the word itself, of the forms that carry a conjunction or preposition."""


def _forms(line: str) -> dict[str, str]:
    """Folded words, and those with the conjunctions and prepositions that are written onto them, to the bare word."""
    forms = {}
    for word in fold(line).split():
        forms[word] = word
        for prefix in ("و", "ف", "ب", "وب", "ك"):
            forms[prefix + word] = word
            _PREFIX_LENGTHS[prefix + word] = len(prefix)
        if word.startswith("ال"):
            forms |= {prefix + word[1:]: word for prefix in ("ل", "ول", "فل")}
        else:
            forms |= {prefix + word: word for prefix in ("ل", "ول")}
    return forms


_SENTENCE_ENDS = frozenset({".", "!", "?", "؟", "|", ";"})

_PAST = frozenset(
    fold(
        "الماضي الماضية الماضيين الماضيتين المنصرم المنصرمة المنصرمين الفائت الفائتة الفائتين الفارط الفارطة المنقضي المنقضية"
    ).split()
)
_LAST = _PAST | frozenset(fold("الأخير الأخيرة الأخيرين الأخيرتين").split())
_CURRENT = frozenset(fold("الجاري الجارية الحالي الحالية").split())
_NEXT = frozenset(fold("المقبل المقبلة المقبلين المقبلتين القادم القادمة القادمين القادمتين").split())
_THIS = frozenset(fold("هذا هذه").split())
_FEW = frozenset(fold("القليلة").split())
_ABOUT = frozenset(fold("نحو حوالي زهاء قرابة").split())
_FROM_YEAR = frozenset(fold("عام العام سنة السنة").split())

_WEEKDAYS = {
    form: words.WEEKDAYS[name]
    for form, name in _forms("الاثنين الاتنين الثلاثاء الثلثاء الأربعاء الخميس الجمعة السبت الأحد").items()
}
_DAY_PARTS = _forms("يوم صباح فجر ضحى ظهر عصر مساء مغرب عشاء ليل ليلة عشية نهار منتصف")
_FIRST, _BEFORE, _AFTER = _forms("أول"), _forms("قبل"), _forms("بعد")
_YESTERDAY = _forms("أمس الأمس البارحة")
_TODAY = _forms("اليوم")
_NIGHT = _forms("الليلة")
_TOMORROW = _forms("غد غدا الغد")
_UNITS = {form: words.UNITS[unit.removeprefix("ال")][0] for form, unit in _forms("الأسبوع الشهر العام السنة").items()}
_SEASONS = {form: fold(name).removeprefix("ال") for form, name in _forms("الربيع الصيف الخريف ربيع صيف خريف").items()}
# Meteorological seasons: the first month and the last; winter lies in two years, so that its year says too little.
_SEASON_MONTHS = {fold("ربيع"): (3, 5), fold("صيف"): (6, 8), fold("خريف"): (9, 11)}
_PLURALS = {
    form: words.UNITS[plural.removeprefix("ال")][0]
    for form, plural in _forms("الساعات الأيام الأسابيع الأشهر الشهور السنوات السنين الأعوام").items()
}
_DUALS = {
    form: words.UNITS[dual.removeprefix("ال")][0]
    for form, dual in _forms("اليومين الأسبوعين الشهرين العامين السنتين").items()
}
_FEW_AGO = {plural: words.UNITS[plural][0] for plural in fold("أيام أسابيع أشهر شهور").split()}
# The parts of a month or a year, in twelfths: Arabic itself halves and thirds them (أوائل، أواسط، أواخر).
_THIRDS = {
    **dict.fromkeys(_forms("مطلع بداية أوائل مستهل"), (0, 4)),
    **dict.fromkeys(_forms("منتصف أواسط"), (4, 8)),
    **dict.fromkeys(_forms("أواخر نهاية ختام"), (8, 12)),
}
_HALVES = _forms("النصف الربع الثلث")
_HALF_LENGTHS = {fold("النصف"): 6, fold("الربع"): 3, fold("الثلث"): 4}
_PART_NUMBERS = {fold("الأول"): 1, fold("الثاني"): 2, fold("الثالث"): 3, fold("الرابع"): 4}
_MONTH_WORD = _forms("شهر")
_YEAR_WORD = _forms("عام العام سنة السنة عامي سنتي العامين")
_BEFORE_MONTH = frozenset(_forms("في منذ خلال حتى"))
_BEFORE_YEAR = frozenset(_forms("في منذ حتى خلال"))
_AFTER_YEAR = frozenset(fold("في من إلى على عن مع بعد قبل حين عندما حتى لكن أن إن كما بسبب").split())
_BETWEEN = _forms("بين من")
_AGO = _forms("قبل منذ")
_SINCE = fold("منذ")

# After "اليوم" or before it: some other day, or one of a series.
_OTHER_DAY_AFTER = frozenset(
    fold(
        "التالي السابق الموالي العالمي الدولي الوطني العربي الواحد نفسه ذاته المذكور الموعود المشهود الذي التي الأخير الآخر"
    ).split()
) | {ordinal[0] for ordinal in words.ORDINAL_DAYS}
_OTHER_DAY_BEFORE = frozenset(fold("ذلك نفس ذات مثل منتصف طيلة طوال").split())
# Before a weekday: a series of days, a market, a prayer, a name, or "the two of them".
_NO_WEEKDAY_BEFORE = frozenset(
    fold(
        "أيام كل سوق صلاة لصلاة خطبة بصلاة مسجد جامع آل عبد بن ابن كلا بين هذين كلاهما الطرفين الرجلين الشخصين"
    ).split()
)
_NO_WEEKDAY_AFTER = frozenset(fold("عشر عشرة معا كليهما الأسود السوداء الحزينة العظيمة").split())

# A sentence that looks ahead: its weekday may be the coming one. "س" before a verb, and the words for what is planned.
_AHEAD = frozenset(fold("سوف المقرر المتوقع المزمع المرتقب المنتظر مقرر مرتقب يعتزم تعتزم").split())
_AHEAD_VERB = re.compile(r"[وف]?س[يت][\u0621-\u064a]{3,}")
_NO_VERB = re.compile(
    r"[وف]?(?:سيار|سياس|سيطر|سياد|سياق|سياج|سياح|سينا|سينم|سيناريو|ستين|ستون|ستماي|ستاد|ستار|ستوك|(?:سيدات|سيده|سيره|سيول|سيناتور)$)"
)


def _looks_ahead(tokens: list[Token], index: int) -> bool:
    """Whether the sentence up to an index, or its last forty words, has a word of the future."""
    for token in reversed(tokens[max(index - 40, 0) : index]):
        if token.text in _SENTENCE_ENDS:
            return False
        if token.text in _AHEAD or (_AHEAD_VERB.fullmatch(token.text) and not _NO_VERB.match(token.text)):
            return True
    return False


# Days ------------------------------------------------------------------------------------------------------------------


def _day_part(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """A day with its part: "فجر الثلاثاء", "مساء أمس", "بعد منتصف ليل الجمعة - السبت", "صباح هذا اليوم"."""
    end = index
    if tokens[end].text in _AFTER or tokens[end].text in _BEFORE:
        end += 1
    parts = end
    while end < len(tokens) and end - parts < 4 and tokens[end].text in _DAY_PARTS:
        end += 1
    if end == parts or end == len(tokens):
        return None
    if is_at(tokens, end, *_THIS) and end + 1 < len(tokens) and tokens[end + 1].text in _TODAY:
        end += 1
    found = _named_day(tokens, end, anchor) or _weekday(tokens, end, anchor)
    night = any(token.text.endswith("ليل") or token.text.endswith("ليله") for token in tokens[parts:end])
    if found is not None and night and found.start is not None and found.start == found.end:
        other = found.stop + 1 if is_at(tokens, found.stop, "-", "/") else found.stop
        if other < len(tokens) and _WEEKDAYS.get(tokens[other].text) == (found.start + timedelta(days=1)).weekday():
            return _Expression(other + 1, found.start, found.start + timedelta(days=1), INTERVAL)
    return found


def _named_day(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Such as "أمس", "أول من أمس", "أمس الأول", "اليوم الثلاثاء", "بعد غد", "الليلة الماضية"; a weekday beside it must agree."""
    named = _days_away(tokens, index)
    if named is None:
        return None
    away, end, figurative = named
    beside = end + 1 if is_at(tokens, end, ",", "(") else end
    beside += is_at(tokens, beside, fold("يوم"))
    weekday = _WEEKDAYS.get(tokens[beside].text) if beside < len(tokens) else None
    if weekday is not None:
        end = beside + 1
        if is_at(tokens, end, ")"):
            end += 1
    if anchor.day is None or (figurative and weekday is None):
        return _unknown(end)
    day = anchor.day + timedelta(days=away)
    if weekday is not None and weekday != day.weekday():
        return _unknown(end)
    return _Expression(end, day, day)


def _days_away(tokens: list[Token], index: int) -> tuple[int, int, bool] | None:
    """How many days from publication a named day lies, the index after it, and whether it may mean something else."""
    token, after = tokens[index], index + 1
    if token.text in _YESTERDAY:
        if is_at(tokens, after, fold("الأول")):
            return -2, after + 1, False
        return -1, after, is_at(tokens, after, fold("القريب"))
    if token.text in _FIRST or token.text in _BEFORE:
        after += token.text in _FIRST and is_at(tokens, after, fold("من"))
        before_yesterday = after < len(tokens) and tokens[after].text in _YESTERDAY
        return (-2, after + 1, False) if before_yesterday else None
    if token.text in _AFTER:
        return (2, after + 1, False) if is_at(tokens, after, fold("غد"), fold("الغد")) else None
    if token.text in _TODAY:
        other = is_at(tokens, after, *_OTHER_DAY_AFTER) or is_at(tokens, index - 1, *_OTHER_DAY_BEFORE)
        # "في هذا اليوم" and "مثل هذا اليوم" speak of the day told about.
        told = is_at(tokens, index - 1, *_THIS) and is_at(tokens, index - 2, "في", "وفي", "ففي", "مثل")
        return 0, after, other or told
    if token.text in _TOMORROW:
        # "غدا" is also a verb, and "الغد" the future: certain are "يوم غد" and the tanwin of "غدًا", where it is written.
        marked = token.end - token.start > len(token.text)
        return 1, after, not (marked or is_at(tokens, index - 1, fold("يوم")))
    return None


def _weekday(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """A weekday: "الثلاثاء" is the latest one, "الثلاثاء الماضي" the latest before the day of publication."""
    if index >= len(tokens):
        return None
    number = _WEEKDAYS.get(tokens[index].text)
    if number is None:
        return None
    end = index + 1
    past, coming = is_at(tokens, end, *_PAST), is_at(tokens, end, *_NEXT)
    end += past or coming
    dated = _numbered(tokens, end + 1 if is_at(tokens, end, ",", "(", fold("الموافق")) else end, anchor)
    if dated is not None:
        agrees = dated.start is not None and dated.start.weekday() == number
        return dated if agrees else _unknown(dated.stop)
    other = is_at(tokens, index - 1, *_NO_WEEKDAY_BEFORE) or is_at(tokens, end, *_NO_WEEKDAY_AFTER)
    series = is_at(tokens, end, fold("من")) and is_at(tokens, end + 1, fold("كل"))
    if anchor.day is None or not (past or coming or not (other or series or _looks_ahead(tokens, index))):
        return _unknown(end)
    back = (anchor.day.weekday() - number) % 7
    day = anchor.day + timedelta(days=7 - back if coming else -(back or 7 * past))
    return _Expression(end, day, day)


def _night(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Such as "الليلة الماضية": from the evening before to the morning of publication."""
    if not is_at(tokens, index + 1, *_PAST):
        return None
    if anchor.day is None:
        return _unknown(index + 2)
    return _Expression(index + 2, anchor.day - timedelta(days=1), anchor.day, INTERVAL)


# Written dates ---------------------------------------------------------------------------------------------------------


def _numbered(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """A date written out, with its year, without it, or with "الماضي" in its place: "الثالث من أيار", "10/5/2016"."""
    if index >= len(tokens) or (tokens[index].kind != "n" and tokens[index].text not in words.ORDINAL_WORDS):
        return None
    hit = date_at(tokens, index, anchor.bounds)
    if hit is None:
        return None
    if not isinstance(hit, Hit) or hit.precision != DAY:
        return _unknown(hit.end)
    if hit.method == "no-year":
        return _yearless(tokens, hit, anchor)
    if hit.weak:
        return _unknown(hit.end)
    return _Expression(hit.end, hit.day, hit.day)


def _yearless(tokens: list[Token], hit: Hit, anchor: _Anchor) -> _Expression:
    """A day and month without a year: of the latest such month, or of the one that the words after it tell."""
    month = Month(hit.calendar, hit.day.month, needs_year=False)
    told = _year_after(tokens, hit.end, month, anchor)
    if anchor.day is None or hit.calendar != GREGORIAN:
        return _unknown(told.stop if told else hit.end)
    if told is None:
        return _Expression(hit.end, hit.day, hit.day) if not _may_be_coming(hit.day, anchor.day) else _unknown(hit.end)
    if told.year is None or (hit.day.month == anchor.day.month and told.by_month and told.year != anchor.day.year):
        return _unknown(told.stop)
    day = to_day(GREGORIAN, told.year, hit.day.month, hit.day.day)
    return _Expression(told.stop, day, day)


_MAY_BE_COMING = timedelta(days=300)


def _may_be_coming(latest: date, published: date) -> bool:
    """Whether the latest such day is so long ago that the coming one, less than ten weeks ahead, may be meant."""
    return published - latest > _MAY_BE_COMING


class _YearTold(NamedTuple):
    """The year that words after a month tell; None where they contradict. ``by_month``: as "أيار الماضي" does."""

    year: int | None
    stop: int
    by_month: bool


def _year_after(tokens: list[Token], index: int, month: Month, anchor: _Anchor) -> _YearTold | None:
    """The year told by "الماضي", "الجاري", "المقبل" after a month, or by "من العام الماضي"."""
    published = anchor.day
    of = index + 1 if is_at(tokens, index, fold("من")) else index
    if is_at(tokens, of, *_FROM_YEAR):
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
    if is_at(tokens, index, *_PAST):
        return -1, index + 1
    if is_at(tokens, index, *_CURRENT):
        return 0, index + 1
    if is_at(tokens, index, *_NEXT):
        return 1, index + 1
    before = index + 1 if is_at(tokens, index, fold("ما")) else index
    if is_at(tokens, before, fold("قبل")) and is_at(tokens, before + 1, *_PAST):
        return -2, before + 2
    return None


def _day_of_this_month(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
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
    month = _unit(tokens, end + 1, anchor)
    if month is None or month.precision != MONTH:
        return None
    if month.start is None or not 1 <= day <= calendar.monthrange(month.start.year, month.start.month)[1]:
        return _unknown(month.stop)
    return _Expression(month.stop, month.start.replace(day=day), month.start.replace(day=day))


def _between(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Two ends: "من 3 إلى 5 أيار 2015", "بين 10 و15 أيار", "بين عامي 2011 و2015"."""
    years = index + 1
    if years < len(tokens) and tokens[years].text in _YEAR_WORD:
        years += 1
    first = number_at(tokens, years, FOUR)
    end = _conjunction(tokens, years + 1)
    if end is not None and end < len(tokens) and tokens[end].text in _YEAR_WORD:
        end += 1
    last = number_at(tokens, end, FOUR) if end is not None else None
    if (
        end is not None
        and first is not None
        and last is not None
        and _is_year(first)
        and first < last
        and _is_year(last)
    ):
        return _Expression(end + 1, date(first, 1, 1), date(last, 12, 31), INTERVAL)
    return _days_between(tokens, index + 1, anchor)


def _days_between(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
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
    closed = _yearless(tokens, last, anchor) if last.method == "no-year" else _Expression(last.end, last.day, last.day)
    if closed.end is None:
        return _unknown(closed.stop)
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
        return _unknown(closed.stop)
    return _Expression(closed.stop, start, closed.end, INTERVAL)


def _conjunction(tokens: list[Token], index: int) -> int | None:
    """The index after what joins two ends."""
    return index + 1 if is_at(tokens, index, "و", "-", *words.RANGE_WORDS) else None


# Months, seasons and years ---------------------------------------------------------------------------------------------


def _month(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """A month with its year or with "الماضي": "آذار/مارس 2011", "نيسان الماضي", "شهر أيار الجاري", and "في نيسان"."""
    if tokens[index].text in _MONTH_WORD:
        return _month_named(tokens, index + 1, anchor, certain=True)
    return _month_named(tokens, index, anchor, certain=is_at(tokens, index - 1, *_BEFORE_MONTH))


def _month_named(tokens: list[Token], index: int, anchor: _Anchor, *, certain: bool) -> _Expression | None:
    months = months_at(tokens, index)
    if months is None:
        return None
    month, end = months
    if month is None:
        return _unknown(end)
    year = year_at(tokens, end)
    if year is not None:
        return _month_of(month, year[0], year[2])
    told = _year_after(tokens, end, month, anchor)
    if told is not None:
        return _month_of(month, told.year, told.stop) if told.year is not None else _unknown(told.stop)
    if not certain or month.needs_year or anchor.day is None or month.calendar != GREGORIAN:
        return None
    latest = anchor.day.year - (month.number > anchor.day.month)
    if _may_be_coming(date(latest, month.number, 1), anchor.day):
        return _unknown(end)
    return _month_of(month, latest, end)


def _month_of(month: Month, year: int, end: int) -> _Expression | None:
    if month.calendar == GREGORIAN and not _EARLIEST.year <= year <= _LATEST.year:
        return None
    start = to_day(month.calendar, year, month.number, 1)
    for length in (31, 30, 29, 28):
        last = to_day(month.calendar, year, month.number, length)
        if start is not None and last is not None:
            return _Expression(end, start, last, MONTH)
    return None


def _unit(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Such as "الشهر الماضي", "العام قبل الماضي", "هذا الأسبوع"."""
    this = is_at(tokens, index, *_THIS)
    at = index + 1 if this else index
    unit = _UNITS.get(tokens[at].text) if at < len(tokens) else None
    if unit is None:
        return None
    away = (0, at + 1) if this else _away(tokens, at + 1)
    if away is None:
        return _year(tokens, index, anchor) if unit == YEAR else None
    if anchor.day is None:
        return _unknown(away[1])
    start, last = _whole(unit, anchor.day, away[0])
    return _Expression(away[1], start, last, unit)


def _whole(unit: str, day: date, away: int) -> tuple[date, date]:
    """The first and last day of the week, month or year that lies so many of them from a day's own."""
    if unit == WEEK:
        start = day - timedelta(days=(day.weekday() - FIRST_WEEKDAY) % 7 - 7 * away)
        return start, start + timedelta(days=6)
    if unit == MONTH:
        year, month = divmod(day.year * 12 + day.month - 1 + away, 12)
        return date(year, month + 1, 1), date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    return date(day.year + away, 1, 1), date(day.year + away, 12, 31)


def _season(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Such as "صيف 2014", "خريف العام الماضي", "الربيع الماضي"; approximate, for newsrooms keep no calendar of seasons."""
    first, last = _SEASON_MONTHS[_SEASONS[tokens[index].text]]
    end = index + 1
    year: int | None = None
    away = _away(tokens, end)
    whole = _unit(tokens, end, anchor) or _year(tokens, end, anchor)
    bare = number_at(tokens, end, FOUR)
    if away is not None and away[0] != 0:
        end = away[1]
        if anchor.day is not None:
            ended = date(anchor.day.year, last, calendar.monthrange(anchor.day.year, last)[1]) < anchor.day
            begun = date(anchor.day.year, first, 1) <= anchor.day
            year = anchor.day.year + (away[0] + ended if away[0] < 0 else begun)
    elif whole is not None and whole.precision == YEAR:
        end, year = whole.stop, whole.start.year if whole.start else None
    elif bare is not None and _is_year(bare):
        end, year = end + 1, bare
    else:
        return None
    if year is None:
        return _unknown(end)
    return _Expression(end, date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]), APPROXIMATE)


def _year(tokens: list[Token], index: int, _anchor: _Anchor) -> _Expression | None:
    """A year with its noun: "عام 2011", "العام 2013", and the second of "عامي 2012 و2013"."""
    if index >= len(tokens) or tokens[index].text not in _YEAR_WORD:
        return None
    year = number_at(tokens, index + 1, FOUR)
    if year is None or not _is_year(year):
        return None
    if is_at(tokens, index + 2, *words.ERA_HIJRI):
        return _unknown(index + 3)
    return _Expression(index + 2, date(year, 1, 1), date(year, 12, 31), YEAR)


def _bare_year(tokens: list[Token], index: int, _anchor: _Anchor) -> _Expression | None:
    """A year with no noun but a preposition, "منذ 2011": where it cannot count what follows, as in "في 2000 قرية"."""
    year = number_at(tokens, index, FOUR)
    if year is None or not 1900 <= year <= 2100 or not is_at(tokens, index - 1, *_BEFORE_YEAR):
        return None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if after is not None and (after.kind == "n" or after.text in {"/", "%", ":"}):
        return None
    counts = after is not None and after.kind == "w" and after.text not in _AFTER_YEAR
    if counts and after is not None and not after.text.startswith(("ال", "و")):
        return None
    return _Expression(index + 1, date(year, 1, 1), date(year, 12, 31), YEAR)


def _is_year(number: int) -> bool:
    return _EARLIEST.year <= number <= 2100


def _part(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Part of a month or a year: "مطلع أيار الماضي", "أواخر عام 2013", "النصف الأول من العام الجاري"."""
    text = tokens[index].text
    end = index + 1
    if text in _HALVES:
        length = _HALF_LENGTHS[_HALVES[text]]
        number = _PART_NUMBERS.get(tokens[end].text, 0) if end < len(tokens) else 0
        if not 1 <= number <= 12 // length or not is_at(tokens, end + 1, fold("من")):
            return None
        part, end = ((number - 1) * length, number * length), end + 2
    else:
        part = _THIRDS[text]
    if end >= len(tokens):
        return None
    whole = _unit(tokens, end, anchor) or _year(tokens, end, anchor)
    if whole is None and tokens[end].text in _MONTH_WORD:
        whole = _month_named(tokens, end + 1, anchor, certain=True)
    if whole is None:
        whole = _month_named(tokens, end, anchor, certain=True)
    bare = number_at(tokens, end, FOUR)
    if whole is None and bare is not None and _is_year(bare):
        whole = _Expression(end + 1, date(bare, 1, 1), date(bare, 12, 31), YEAR)
    if whole is None or whole.start is None or whole.end is None or whole.precision == WEEK:
        return whole
    if whole.precision == YEAR:
        year, last = whole.start.year, part[1]
        exact = text in _HALVES
        return _Expression(
            whole.stop,
            date(year, part[0] + 1, 1),
            date(year, last, calendar.monthrange(year, last)[1]),
            INTERVAL if exact else APPROXIMATE,
        )
    days = (whole.end - whole.start).days + 1
    first_day, last_day = part[0] * 10 // 4, days - 1 if part[1] == 12 else part[1] * 10 // 4 - 1
    start = whole.start
    return _Expression(whole.stop, start + timedelta(days=first_day), start + timedelta(days=last_day), APPROXIMATE)


# Spans and counts ------------------------------------------------------------------------------------------------------


def _span(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Such as "الأيام القليلة الماضية", "الأشهر الستة الأخيرة", "اليومين الماضيين", "الساعات الـ24 الماضية"."""
    text = tokens[index].text
    end = index + 1
    count: int | None = None
    if text in _DUALS:
        unit, count = _DUALS[text], 2
    else:
        unit = _PLURALS[text]
        end += is_at(tokens, end, *_FEW)
        count, end = _count(tokens, end)
    past, coming = is_at(tokens, end, *_LAST), is_at(tokens, end, *_NEXT)
    if not past and not coming:
        return None
    end += 1
    end += is_at(tokens, end, *_FEW)
    return _spread(unit, count, end, anchor, coming=coming)


def _counted_span(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """The count first: "الـ24 ساعة الماضية", "الثلاثة أيام الأخيرة"."""
    count, end = _count(tokens, index)
    if count is None or end >= len(tokens) or tokens[end].text not in words.UNITS:
        return None
    unit = words.UNITS[tokens[end].text][0]
    past, coming = is_at(tokens, end + 1, *_LAST), is_at(tokens, end + 1, *_NEXT)
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


def _spread(unit: str, count: int | None, end: int, anchor: _Anchor, *, coming: bool) -> _Expression:
    """The days of so many units up to publication, or from it on; without a count as many as the bare plural may mean."""
    if anchor.day is None or (count is None and unit == YEAR):
        return _unknown(end)
    precision = APPROXIMATE if count is None else INTERVAL
    sign = 1 if coming else -1
    if unit == words.HOUR:
        far = anchor.day + sign * timedelta(days=1 if count is None else -(-count // 24))
        near = anchor.day
    elif unit in {DAY, WEEK, MONTH, YEAR}:
        far = _shift(anchor.day, unit, sign * (count if count is not None else FEW[-1]))
        near = anchor.day + timedelta(days=sign)
    else:
        return _unknown(end)
    return _Expression(end, min(far, near), max(far, near), precision)


def _ago(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """A count back: "قبل يومين" is that day, "قبل شهرين" that month, "منذ ثلاثة أيام" the days since, "قبل أيام" three to ten."""
    since = _AGO[tokens[index].text] == _SINCE
    start = index + 1
    about = is_at(tokens, start, *_ABOUT)
    start += about
    if start >= len(tokens):
        return None
    few = _FEW_AGO.get(tokens[start].text)
    if few is not None:
        end = start + 1
        end += is_at(tokens, end, fold("قليلة"))
        if _counts_from_elsewhere(tokens, end):
            return _unknown(end)
        if anchor.day is None:
            return _unknown(end)
        near = anchor.day if since else _shift(anchor.day, few, -FEW[0])
        return _Expression(end, _shift(anchor.day, few, -FEW[-1]), near, APPROXIMATE)
    amounts, end = amounts_at(tokens[start : start + 8], 0)
    end += start
    if len(amounts) != 1 or amounts[0][0] != int(amounts[0][0]) or amounts[0][1] not in {DAY, WEEK, MONTH, YEAR}:
        return None
    count, unit = int(amounts[0][0]), amounts[0][1]
    if _counts_from_elsewhere(tokens, end) or _names_its_unit(tokens, start, end):
        return None
    if anchor.day is None:
        return _unknown(end)
    then = _shift(anchor.day, unit, -count)
    if since:
        return _Expression(end, then, anchor.day, APPROXIMATE if about else INTERVAL)
    first, last = (then, then) if unit == DAY else _whole(unit, then, 0)
    return _Expression(end, first, last, APPROXIMATE if about else unit)


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


def _dashed(tokens: list[Token], index: int, anchor: _Anchor) -> _Expression | None:
    """Two days with no "from" before them: "3-5 أيار 2015"."""
    return _days_between(tokens, index, anchor) if is_at(tokens, index + 1, "-", *words.RANGE_WORDS) else None


_NUMBER_RULES: tuple[_Rule, ...] = (_dashed, _day_of_this_month, _counted_span, _numbered, _bare_year)


def _rules() -> dict[str, tuple[_Rule, ...]]:
    """The rules that may begin with a word."""
    counts = frozenset("ال" + word for word in words.NUMBER_WORDS) | {"ال", "وال", "بال", "لل"}
    rules: dict[str, tuple[_Rule, ...]] = {}
    for rule, first_words in (
        (_named_day, (_YESTERDAY, _TODAY, _TOMORROW, _FIRST, _BEFORE, _AFTER)),
        (_day_part, (_DAY_PARTS, _BEFORE, _AFTER)),
        (_weekday, (_WEEKDAYS,)),
        (_night, (_NIGHT,)),
        (_day_of_this_month, (words.ORDINAL_WORDS,)),
        (_numbered, (words.ORDINAL_WORDS,)),
        (_between, (_BETWEEN,)),
        (_part, (_THIRDS, _HALVES)),
        (_unit, (_UNITS, _THIS)),
        (_season, (_SEASONS,)),
        (_year, (_YEAR_WORD,)),
        (_month, (_MONTH_WORD, FIRST_WORDS)),
        (_span, (_PLURALS, _DUALS)),
        (_counted_span, (counts,)),
        (_ago, (_AGO,)),
    ):
        for first_word in frozenset[str]().union(*first_words):
            rules[first_word] = (*rules.get(first_word, ()), rule)
    return rules


_RULES = _rules()
