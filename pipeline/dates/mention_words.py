"""The words of time expressions in running text. All keys are folded.

Running text writes conjunctions and prepositions onto its words, "وأمس", "بالأمس", where a date line does not: a table made
by `_forms` holds a word with each of them, and says what the bare word is.
"""

from __future__ import annotations

import re

from babel import Locale

from pipeline.dates import words
from pipeline.dates.months import FIRST_WORDS
from pipeline.dates.tokens import fold
from pipeline.dates.words import folded

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


def _units(line: str) -> dict[str, str]:
    """Forms of the nouns of units, with or without their article, to the units."""
    return {form: words.UNITS[noun.removeprefix("ال")][0] for form, noun in _forms(line).items()}


# How far away ----------------------------------------------------------------------------------------------------------

PAST = folded(
    "الماضي الماضية الماضيين الماضيتين المنصرم المنصرمة المنصرمين الفائت الفائتة الفائتين الفارط الفارطة المنقضي المنقضية"
)
LAST_OF = folded("الأخير الأخيرة الأخيرين الأخيرتين")
FIRST_OF = folded("الأول الأولى الأولين الأوليين الأوائل")
LAST = PAST | LAST_OF
CURRENT = folded("الجاري الجارية الحالي الحالية")
NEXT = folded("المقبل المقبلة المقبلين المقبلتين القادم القادمة القادمين القادمتين الآتي الآتية الآتيين الآتيتين")
THIS = folded("هذا هذه")
AGO = _forms("قبل منذ")
SINCE = fold("منذ")
SOME = folded("بضع بضعة عدة")
ABOUT = folded("نحو حوالي زهاء قرابة")
BETWEEN = _forms("بين من")

# Days ------------------------------------------------------------------------------------------------------------------

WEEKDAYS = {
    form: words.WEEKDAYS[name]
    for form, name in _forms(" ".join(name for name in words.WEEKDAYS if name.startswith("ال"))).items()
}
DAY_PARTS = _forms("يوم صباح فجر ضحى ظهر عصر مساء مغرب عشاء ليل ليلة عشية نهار منتصف")
JOINED_WEEKDAYS = frozenset(form for form in WEEKDAYS if form.startswith("وال"))
FIRST, BEFORE, AFTER = _forms("أول"), _forms("قبل"), _forms("بعد")
YESTERDAY = _forms("أمس الأمس البارحة")
TODAY = _forms("اليوم")
NIGHT = _forms("الليلة")
PARTS_OF_TODAY = folded("الصباح المساء الفجر الظهر الظهيرة العصر النهار الليلة")
"""After "this": of the day of publication."""
DAYS_LISTED = frozenset(_forms("يومي أيام الأيام ليلتي في بتاريخ"))
"""Before the first of several days of one month."""
TOMORROW = _forms("غد غدا الغد")

# After "اليوم" or before it: some other day, or one of a series.
OTHER_DAY_AFTER = folded(
    "التالي السابق الموالي العالمي الدولي الوطني العربي الواحد نفسه ذاته المذكور الموعود المشهود الذي التي الأخير الآخر "
    "المئتين المئتان المائتين المائتان الألف"
) | {ordinal[0] for ordinal in words.ORDINAL_DAYS}
TOLD = folded("في وفي ففي مثل")
"""Before "this day": the day told about."""
OTHER_DAY_BEFORE = folded("ذلك نفس ذات مثل منتصف طيلة طوال")
# Before a weekday: a series of days, a market, a prayer, a name, or "the two of them".
NO_WEEKDAY_BEFORE = folded(
    "أيام كل سوق صلاة لصلاة خطبة بصلاة مسجد جامع آل عبد بن ابن كلا بين هذين كلاهما الطرفين الرجلين الشخصين"
)
NO_WEEKDAY_AFTER = folded("عشر عشرة معا كليهما الأسود السوداء الحزينة العظيمة")

# A sentence that looks ahead: its weekday may be the coming one. "س" before a verb, and the words for what is planned.
AHEAD = folded("سوف المقرر المتوقع المزمع المرتقب المنتظر مقرر مرتقب يعتزم تعتزم")
AHEAD_VERB = re.compile(r"[وف]?س[يت][\u0621-\u064a]{3,}")
NO_VERB = re.compile(
    r"[وف]?(?:سيار|سياس|سيطر|سياد|سياق|سياج|سياح|سينا|سينم|سيناريو|ستين|ستون|ستماي|ستاد|ستار|ستوك|(?:سيدات|سيده|سيره|سيول|سيناتور)$)"
)
PRESENT_VERB = re.compile(r"[يتن][\u0621-\u064a]{2,}")
"""After "على أن", such as "على أن يعود": what is to come."""
SENTENCE_ENDS = frozenset({".", "!", "?", "؟", "|", ";"})

# Weeks, months, seasons and years --------------------------------------------------------------------------------------

FIRST_WEEKDAY = Locale("ar", "SY").first_week_day
"""Saturday (Monday 0): where weeks begin in Syria, Iraq, Egypt, Sudan and Libya, by CLDR."""

UNITS = _units("الأسبوع الشهر العام السنة")
MONTH_WORD = _forms("شهر شهري أشهر")
YEAR_WORD = _forms("عام العام سنة السنة عامي سنتي العامين أعوام سنوات الأعوام السنوات")
FROM_YEAR = folded("عام العام سنة السنة")
BEFORE_SPAN = frozenset(_forms("في منذ خلال حتى"))
"""Before a month or a year that stands without its noun."""
AFTER_YEAR = folded("في من إلى على عن مع بعد قبل حين عندما حتى لكن أن إن كما بسبب")
"""After a bare year: not the noun that a number would count."""
SEASONS = {form: name.removeprefix("ال") for form, name in _forms("الربيع الصيف الخريف ربيع صيف خريف").items()}
# Meteorological seasons: the first month and the last; winter lies in two years, so that its year says too little.
SEASON_MONTHS = {fold("ربيع"): (3, 5), fold("صيف"): (6, 8), fold("خريف"): (9, 11)}
# The parts of a month or a year, in twelfths: Arabic itself halves and thirds them (أوائل، أواسط، أواخر).
THIRDS = {
    **dict.fromkeys(_forms("مطلع بداية أوائل مستهل"), (0, 4)),
    **dict.fromkeys(_forms("منتصف أواسط"), (4, 8)),
    **dict.fromkeys(_forms("أواخر نهاية ختام"), (8, 12)),
}
FRACTIONS = _forms("النصف الربع الثلث")
FRACTION_LENGTHS = {fold("النصف"): 6, fold("الربع"): 3, fold("الثلث"): 4}
FRACTION_NUMBERS = {fold("الأول"): 1, fold("الثاني"): 2, fold("الثالث"): 3, fold("الرابع"): 4}
JOINED_MONTHS = frozenset(f"و{name}" for name in FIRST_WORDS)
"""Months with the "and" that joins them to the one before."""
PREFIX_LENGTHS |= dict.fromkeys(JOINED_MONTHS, 1)

# Decades of a century.
DECADES = {
    form: tens
    for tens, stem in enumerate(("عشرين", "ثلاثين", "أربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين"), start=2)
    for ending in ("يات", "ات")
    for form in _forms(f"{stem}{ending} ال{stem}{ending}")
}
CENTURY = fold("القرن")
CENTURIES = {("الماضي",): 0, ("العشرين",): 19, ("التاسع", "عشر"): 18}
"""Centuries after "القرن" by their hundreds, 0 for the one before that of publication."""
OF_TWO_CENTURIES, AGES_TOO = (2, 3, 4), (5, 6)
"""Decades that say nothing without their century, and those that after "in" may be somebody's age."""
AGE = folded("عمره عمرها عمرهم عمرهما العمر")

# Counts ----------------------------------------------------------------------------------------------------------------

PLURALS = _units("الساعات الأيام الأسابيع الأشهر الشهور السنوات السنين الأعوام")
DUALS = _units("اليومين الأسبوعين الشهرين العامين السنتين")
DEFINITE = frozenset({"ال", "وال", "بال", "لل"})
"""The article before a number in digits, "الـ24"."""
COUNTS = frozenset(f"ال{word}" for word in words.NUMBER_WORDS) | DEFINITE
FEW_AGO = {plural: words.UNITS[plural][0] for plural in fold("أيام أسابيع أشهر شهور").split()}
FEW_WORDS = folded("القليلة")
FEW = range(3, 11)
"""What the bare plural counts: Arabic has a dual for two, and the plural of "days" goes with three to ten."""
