"""The words around a date: weekdays, parts of the day, units of time, time zones, labels. All keys are folded."""

from __future__ import annotations

from babel import Locale

from pipeline.dates.text import fold


def _folded(line: str) -> frozenset[str]:
    return frozenset(fold(line).split())


def _weekdays() -> dict[str, int]:
    names: dict[str, int] = {}
    for code in ("ar", "fa", "ckb", "en", "fr"):
        for width in ("wide", "abbreviated"):
            for number, name in Locale.parse(code).days["format"][width].items():
                key = fold(name).replace(".", "").strip()
                if len(key) > 2 and " " not in key:
                    names[key] = number
    press = (
        "الاثنين اثنين الاتنين",
        "الثلاثاء ثلاثاء الثلثاء",
        "الاربعاء اربعاء",
        "الخميس خميس",
        "الجمعة جمعة",
        "السبت سبت",
        "الاحد احد",
    )
    for number, line in enumerate(press):
        for name in fold(line).split():
            names[name] = number
    return names


WEEKDAYS = _weekdays()
"""Weekday names to their numbers, Monday 0."""

SATURDAY_IN_PERSIAN = fold("شنبه")
PERSIAN_WEEKDAYS = {fold(count): number for number, count in enumerate(("دو", "سه", "چهار", "پنج"))} | {fold("یک"): 6}
"""Words before "شنبه" that make it another day, as in "سه شنبه" written apart."""

AM, PM, NOON, NIGHT, MIDNIGHT = "am", "pm", "noon", "night", "midnight"

DAY_PARTS: dict[str, str] = {
    **dict.fromkeys(_folded("ص صباحا صباح صباحاً فجرا فجر ضحى am"), AM),
    **dict.fromkeys(_folded("م مساء مساءا مسائا عصرا عصر بعدالظهر بعدازظهر pm"), PM),
    **dict.fromkeys(_folded("ظهرا ظهر الظهر"), NOON),
    **dict.fromkeys(_folded("ليلا ليل"), NIGHT),
}
"""Parts of the day, after or before an hour."""

SHORT_DAY_PARTS = frozenset({"ص", "م"})
"""Abbreviations that mean other things too; they never make a bare number an hour."""

DAY_PART_PHRASES: dict[tuple[str, ...], str] = {
    tuple(fold(phrase).split()): part
    for phrase, part in {
        "بعد الظهر": PM,
        "بعد ظهر": PM,
        "قبل الظهر": AM,
        "قبل ظهر": AM,
        "بعد العصر": PM,
        "بعد منتصف الليل": AM,
        "منتصف الليل": MIDNIGHT,
        "في الصباح": AM,
        "في المساء": PM,
        "a . m .": AM,
        "p . m .": PM,
        "a . m": AM,
        "p . m": PM,
        "ق . ظ": AM,
        "ب . ظ": PM,
        "قبل از ظهر": AM,
        "بعد از ظهر": PM,
    }.items()
}

SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = "second", "minute", "hour", "day", "week", "month", "year"

UNITS: dict[str, tuple[str, int | None]] = {}
"""Units of time: the unit, and 2 for a dual form, 1 for a singular, None for a plural (which needs a number)."""
for _unit, _singular, _dual, _plural in (
    (SECOND, "ثانية", "ثانيتين ثانيتان", "ثوان ثواني ثوانٍ"),
    (MINUTE, "دقيقة", "دقيقتين دقيقتان", "دقائق"),
    (HOUR, "ساعة ساعت", "ساعتين ساعتان", "ساعات"),
    (DAY, "يوم يوما روز", "يومين يومان", "أيام ايام"),
    (WEEK, "أسبوع أسبوعا هفته", "أسبوعين أسبوعان", "أسابيع"),
    (MONTH, "شهر شهرا ماه", "شهرين شهران", "أشهر شهور"),
    (YEAR, "سنة عام عاما سال", "سنتين سنتان عامين عامان", "سنوات سنين أعوام"),
):
    for _line, _count in ((_plural, None), (_dual, 2), (_singular, 1)):
        UNITS.update(dict.fromkeys(_folded(_line), (_unit, _count)))

NUMBER_WORDS: dict[str, int] = {
    **dict.fromkeys(_folded("واحد واحدة"), 1),
    **dict.fromkeys(_folded("اثنين اثنتين"), 2),
    **dict.fromkeys(_folded("ثلاث ثلاثة"), 3),
    **dict.fromkeys(_folded("أربع أربعة"), 4),
    **dict.fromkeys(_folded("خمس خمسة"), 5),
    **dict.fromkeys(_folded("ست ستة"), 6),
    **dict.fromkeys(_folded("سبع سبعة"), 7),
    **dict.fromkeys(_folded("ثمان ثماني ثمانية"), 8),
    **dict.fromkeys(_folded("تسع تسعة"), 9),
    **dict.fromkeys(_folded("عشر عشرة"), 10),
    **dict.fromkeys(_folded("عشرين عشرون"), 20),
    **dict.fromkeys(_folded("ثلاثين ثلاثون"), 30),
}

_UNITS_OF_ORDINALS = ("الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع")


def _ordinals() -> dict[tuple[str, ...], int]:
    table = {("الأول",): 1, ("الفاتح",): 1, ("العاشر",): 10, ("الحادي", "عشر"): 11}
    for number, name in enumerate(_UNITS_OF_ORDINALS, start=2):
        table[(name,)] = number
        table[(name, "عشر")] = number + 10
    for ending in ("ين", "ون"):
        table[(f"العشر{ending}",)] = 20
        table[(f"الثلاث{ending}",)] = 30
        table[("الحادي", f"والعشر{ending}")] = 21
        table[("الحادي", f"والثلاث{ending}")] = 31
        for number, name in enumerate(_UNITS_OF_ORDINALS, start=2):
            table[(name, f"والعشر{ending}")] = number + 20
    return {tuple(fold(word) for word in words): number for words, number in table.items()}


ORDINAL_DAYS = _ordinals()
"""Days of the month in words, "الثالث", "الحادي والعشرين"; read only before "من" or a month."""

ORDINAL_WORDS = frozenset(words[0] for words in ORDINAL_DAYS)
"""First words of :data:`ORDINAL_DAYS`."""

ORDINAL_HOURS: dict[str, int] = {
    fold(name): hour
    for hour, name in enumerate(
        ("الواحدة", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة"),
        start=1,
    )
}

ZONES: dict[tuple[str, ...], str] = {
    tuple(fold(name).split()): zone
    for names, zone in (
        ("دمشق|سوريا|سورية", "Asia/Damascus"),
        ("بيروت|لبنان", "Asia/Beirut"),
        ("القاهرة|مصر", "Africa/Cairo"),
        ("بغداد|العراق|اربيل", "Asia/Baghdad"),
        ("عمان|الاردن", "Asia/Amman"),
        ("القدس|القدس المحتلة|فلسطين|غزة|رام الله", "Asia/Hebron"),
        ("مكة|مكة المكرمة|السعودية|الرياض|المملكة", "Asia/Riyadh"),
        ("الدوحة|قطر", "Asia/Qatar"),
        ("الكويت", "Asia/Kuwait"),
        ("المنامة|البحرين", "Asia/Bahrain"),
        ("أبوظبي|أبو ظبي|دبي|الإمارات|الشارقة", "Asia/Dubai"),
        ("مسقط|سلطنة عمان", "Asia/Muscat"),
        ("صنعاء|عدن|اليمن", "Asia/Aden"),
        ("الخرطوم|السودان", "Africa/Khartoum"),
        ("ليبيا", "Africa/Tripoli"),
        ("تونس", "Africa/Tunis"),
        ("الجزائر", "Africa/Algiers"),
        ("المغرب|الرباط|الدار البيضاء", "Africa/Casablanca"),
        ("نواكشوط|موريتانيا", "Africa/Nouakchott"),
        ("طهران|إيران", "Asia/Tehran"),
        ("تركيا|اسطنبول|إسطنبول|أنقرة", "Europe/Istanbul"),
        ("موسكو", "Europe/Moscow"),
        ("باريس|فرنسا", "Europe/Paris"),
        ("برلين|ألمانيا", "Europe/Berlin"),
        ("لندن|بريطانيا", "Europe/London"),
        ("نيويورك|واشنطن", "America/New_York"),
        ("غرينتش|جرينتش|غرينيتش|جرينيتش|غرينتس|كرينتش|العالمي|العالمي الموحد", "UTC"),
    )
    for name in names.split("|")
}
"""Places after "بتوقيت" to IANA zones; "عمان" is Amman, as "بتوقيت عمان" is printed there (Muscat writes "بتوقيت مسقط")."""

# RFC 2822 section 4.3 and the abbreviations of the region that mean one offset only ("AST", "IST", "BST" do not). In minutes.
ZONE_ABBREVIATIONS: dict[str, int] = {
    "gmt": 0,
    "utc": 0,
    "ut": 0,
    "z": 0,
    "edt": -240,
    "est": -300,
    "cdt": -300,
    "cst": -360,
    "mdt": -360,
    "mst": -420,
    "pdt": -420,
    "pst": -480,
    "cet": 60,
    "cest": 120,
    "eet": 120,
    "eest": 180,
    "msk": 180,
    "gst": 240,
}

ERA_GREGORIAN = _folded("م ميلادي ميلادية الميلادي للميلاد ميلاديا")
ERA_HIJRI = _folded("هـ ه هجري هجرية الهجري للهجرة هجريا هق")
ERA_PERSIAN = _folded("ش شمسي هش خورشیدی")

AGO_BEFORE = _folded("منذ قبل مُنذ")
AGO_AFTER = _folded("مضت مضى مضوا خلت پیش قبل ago")
AGO = AGO_BEFORE | AGO_AFTER
MOMENTS = _folded("لحظات ثوان ثوانٍ ثواني")
TODAY = _folded("اليوم امروز")
YESTERDAY = _folded("أمس امس البارحة بالأمس دیروز")

LABELS = _folded(
    "نشر نشرت النشر تم تاريخ التاريخ بتاريخ في يوم اليوم آخر تحديث التحديث حدث حدّث محدث محدثة تعديل أضيف أضيفت حرر حررت الساعة "
    "ساعة عند تمام على الموافق للموافق الأخير المصدر posted published updated on at last update date ال من شهر لشهر عام سنة لعام "
    "لسنة هذا مساء صباح فجر ظهر عصر ليل ليلة بتوقيت توقيت المحلي بالتوقيت وقت تعديله نشره تحديثه كان صدر عدد تاریخ انتشار ساعت"
)
"""Words that may stand around a date and state nothing else."""

HOUR_LABELS = _folded("الساعة ساعة ساعت عند")
COPYRIGHT = _folded("© copyright حقوق الحقوق محفوظة")
RANGE_WORDS = _folded("إلى حتى ولغاية لغاية until to")
