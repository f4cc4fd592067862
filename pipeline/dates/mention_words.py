"""The words of time expressions in running text."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from babel import Locale

from pipeline.dates import words
from pipeline.dates.absolute import Bounds
from pipeline.dates.tokens import fold
from pipeline.dates.words import DAY

INTERVAL, APPROXIMATE = "interval", "approximate"


# Texts speak of the past centuries too; Hijri days before 1924 are not read (see pipeline.dates.calendars).
EARLIEST, LATEST, UNANCHORED = date(1800, 1, 1), date(2199, 12, 31), date(2199, 12, 31)

FIRST_WEEKDAY = Locale("ar", "SY").first_week_day
"""Saturday (Monday 0): where weeks begin in Syria, Iraq, Egypt, Sudan and Libya, by CLDR."""

FEW = range(3, 11)
"""What the bare plural counts: Arabic has a dual for two, and the plural of "days" goes with three to ten."""


class Anchor(NamedTuple):
    """What an expression is resolved against."""

    day: date | None
    bounds: Bounds


class Expression(NamedTuple):
    """Tokens up to ``stop`` are spent; without a start they mean no day that could be told."""

    stop: int
    start: date | None
    end: date | None
    precision: str = DAY


def unknown(stop: int) -> Expression:
    """An expression that is read up to a token and names no day that could be known."""
    return Expression(stop, None, None)


# Words -----------------------------------------------------------------------------------------------------------------


PREFIX_LENGTHS: dict[str, int] = {}
"""Letters before the word itself, of the forms that carry a conjunction or preposition."""


def _forms(line: str) -> dict[str, str]:
    """Folded words, and those with the conjunctions and prepositions that are written onto them, to the bare word."""
    forms = {}
    for word in fold(line).split():
        forms[word] = word
        for prefix in ("و", "ف", "ب", "وب", "ك"):
            forms[prefix + word] = word
            PREFIX_LENGTHS[prefix + word] = len(prefix)
        if word.startswith("ال"):
            forms |= {prefix + word[1:]: word for prefix in ("ل", "ول", "فل")}
        else:
            forms |= {prefix + word: word for prefix in ("ل", "ول")}
    return forms


SENTENCE_ENDS = frozenset({".", "!", "?", "؟", "|", ";"})

PAST = frozenset(
    fold(
        "الماضي الماضية الماضيين الماضيتين المنصرم المنصرمة المنصرمين الفائت الفائتة الفائتين الفارط الفارطة المنقضي المنقضية"
    ).split()
)
LAST = PAST | frozenset(fold("الأخير الأخيرة الأخيرين الأخيرتين").split())
CURRENT = frozenset(fold("الجاري الجارية الحالي الحالية").split())
NEXT = frozenset(fold("المقبل المقبلة المقبلين المقبلتين القادم القادمة القادمين القادمتين").split())
THIS = frozenset(fold("هذا هذه").split())
FEW_WORDS = frozenset(fold("القليلة").split())
ABOUT = frozenset(fold("نحو حوالي زهاء قرابة").split())
FROM_YEAR = frozenset(fold("عام العام سنة السنة").split())

WEEKDAYS = {
    form: words.WEEKDAYS[name]
    for form, name in _forms("الاثنين الاتنين الثلاثاء الثلثاء الأربعاء الخميس الجمعة السبت الأحد").items()
}
DAY_PARTS = _forms("يوم صباح فجر ضحى ظهر عصر مساء مغرب عشاء ليل ليلة عشية نهار منتصف")
FIRST, BEFORE, AFTER = _forms("أول"), _forms("قبل"), _forms("بعد")
YESTERDAY = _forms("أمس الأمس البارحة")
TODAY = _forms("اليوم")
NIGHT = _forms("الليلة")
TOMORROW = _forms("غد غدا الغد")
UNITS = {form: words.UNITS[unit.removeprefix("ال")][0] for form, unit in _forms("الأسبوع الشهر العام السنة").items()}
SEASONS = {form: fold(name).removeprefix("ال") for form, name in _forms("الربيع الصيف الخريف ربيع صيف خريف").items()}
# Meteorological seasons: the first month and the last; winter lies in two years, so that its year says too little.
SEASON_MONTHS = {fold("ربيع"): (3, 5), fold("صيف"): (6, 8), fold("خريف"): (9, 11)}
PLURALS = {
    form: words.UNITS[plural.removeprefix("ال")][0]
    for form, plural in _forms("الساعات الأيام الأسابيع الأشهر الشهور السنوات السنين الأعوام").items()
}
DUALS = {
    form: words.UNITS[dual.removeprefix("ال")][0]
    for form, dual in _forms("اليومين الأسبوعين الشهرين العامين السنتين").items()
}
FEW_AGO = {plural: words.UNITS[plural][0] for plural in fold("أيام أسابيع أشهر شهور").split()}
# The parts of a month or a year, in twelfths: Arabic itself halves and thirds them (أوائل، أواسط، أواخر).
THIRDS = {
    **dict.fromkeys(_forms("مطلع بداية أوائل مستهل"), (0, 4)),
    **dict.fromkeys(_forms("منتصف أواسط"), (4, 8)),
    **dict.fromkeys(_forms("أواخر نهاية ختام"), (8, 12)),
}
HALVES = _forms("النصف الربع الثلث")
HALF_LENGTHS = {fold("النصف"): 6, fold("الربع"): 3, fold("الثلث"): 4}
PART_NUMBERS = {fold("الأول"): 1, fold("الثاني"): 2, fold("الثالث"): 3, fold("الرابع"): 4}
MONTH_WORD = _forms("شهر")
YEAR_WORD = _forms("عام العام سنة السنة عامي سنتي العامين")
BEFORE_MONTH = frozenset(_forms("في منذ خلال حتى"))
BEFORE_YEAR = frozenset(_forms("في منذ حتى خلال"))
AFTER_YEAR = frozenset(fold("في من إلى على عن مع بعد قبل حين عندما حتى لكن أن إن كما بسبب").split())
BETWEEN = _forms("بين من")
AGO = _forms("قبل منذ")
SINCE = fold("منذ")

# After "اليوم" or before it: some other day, or one of a series.
OTHER_DAY_AFTER = frozenset(
    fold(
        "التالي السابق الموالي العالمي الدولي الوطني العربي الواحد نفسه ذاته المذكور الموعود المشهود الذي التي الأخير الآخر"
    ).split()
) | {ordinal[0] for ordinal in words.ORDINAL_DAYS}
OTHER_DAY_BEFORE = frozenset(fold("ذلك نفس ذات مثل منتصف طيلة طوال").split())
# Before a weekday: a series of days, a market, a prayer, a name, or "the two of them".
NO_WEEKDAY_BEFORE = frozenset(
    fold(
        "أيام كل سوق صلاة لصلاة خطبة بصلاة مسجد جامع آل عبد بن ابن كلا بين هذين كلاهما الطرفين الرجلين الشخصين"
    ).split()
)
NO_WEEKDAY_AFTER = frozenset(fold("عشر عشرة معا كليهما الأسود السوداء الحزينة العظيمة").split())

# A sentence that looks ahead: its weekday may be the coming one. "س" before a verb, and the words for what is planned.
AHEAD = frozenset(fold("سوف المقرر المتوقع المزمع المرتقب المنتظر مقرر مرتقب يعتزم تعتزم").split())
AHEAD_VERB = re.compile(r"[وف]?س[يت][\u0621-\u064a]{3,}")
NO_VERB = re.compile(
    r"[وف]?(?:سيار|سياس|سيطر|سياد|سياق|سياج|سياح|سينا|سينم|سيناريو|ستين|ستون|ستماي|ستاد|ستار|ستوك|(?:سيدات|سيده|سيره|سيول|سيناتور)$)"
)
