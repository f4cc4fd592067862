"""The words around a date: weekdays, parts of the day, units of time, time zones, labels. All keys are folded."""

from __future__ import annotations

from babel import Locale

from pipeline.dates.tokens import fold


def folded(line: str) -> frozenset[str]:
    """The words of a line, folded."""
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
    **dict.fromkeys(folded("ص صباحا صباح صباحاً فجرا فجر ضحى بامداد صبح بەیانی bn sibê sibehê am"), AM),
    **dict.fromkeys(folded("م مساء مساءا مسائا عصرا عصر مغربا مغرب عشاء عشاءا بعدالظهر بعدازظهر غروب pm"), PM),
    **dict.fromkeys(folded("ئێوارە دوانیوەڕۆ pn êvarê"), PM),
    **dict.fromkeys(folded("ظهرا ظهر الظهر نیمروز نیوەڕۆ nîvro"), NOON),
    **dict.fromkeys(folded("ليلا ليل شب شەو şevê"), NIGHT),
    **dict.fromkeys(folded("نیمه\u200cشب نیوەشەو"), MIDNIGHT),
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
        "ب . ن": AM,
        "پ . ن": AM,
        "د . ن": PM,
        "قبل از ظهر": AM,
        "بعد از ظهر": PM,
        "نیمه شب": MIDNIGHT,
        "پێش نیوەڕۆ": AM,
        "دوای نیوەڕۆ": PM,
    }.items()
}

SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = "second", "minute", "hour", "day", "week", "month", "year"

UNITS: dict[str, tuple[str, int | None]] = {}
"""Units of time: the unit, and 2 for a dual form, 1 for a singular, None for a plural (which needs a number)."""
for _unit, _singular, _dual, _plural in (
    (
        SECOND,
        "ثانية ثانیه second seconde چرکە چرکەیەک",
        "ثانيتين ثانيتان",
        "ثوان ثواني ثوانٍ seconds secondes sec secs s",
    ),
    (MINUTE, "دقيقة minute خولەک خولەکێک دەقە دەقیقە", "دقيقتين دقيقتان", "دقائق minutes min mins"),
    (HOUR, "ساعة ساعت hour heure کاتژمێر کاتژمێرێک سەعات", "ساعتين ساعتان", "ساعات hours heures hr hrs h"),
    (DAY, "يوم يوما روز ڕۆژ رۆژ ڕۆژێک day jour", "يومين يومان", "أيام ايام days jours d j"),
    (
        WEEK,
        "أسبوع أسبوعا هفته هەفتە هەفتەیەک week semaine",
        "أسبوعين أسبوعان",
        "أسابيع weeks semaines wk wks w sem",
    ),
    (MONTH, "شهر شهرا ماه مانگ مانگێک month", "شهرين شهران", "أشهر شهور months mois mo"),
    (
        YEAR,
        "سنة عام عاما سال ساڵ ساڵێک year an annee",
        "سنتين سنتان عامين عامان",
        "سنوات سنين أعوام years ans annees yr yrs",
    ),
):
    for _line, _count in ((_plural, None), (_dual, 2), (_singular, 1)):
        UNITS.update(dict.fromkeys(folded(_line), (_unit, _count)))

_ONES: dict[str, int] = {
    name: number
    for number, line in enumerate(
        (
            "واحد واحدة",
            "اثنين اثنتين اثنان اثنتان",
            "ثلاث ثلاثة",
            "أربع أربعة",
            "خمس خمسة",
            "ست ستة",
            "سبع سبعة",
            "ثمان ثماني ثمانية",
            "تسع تسعة",
        ),
        start=1,
    )
    for name in folded(line)
}
_TENS: dict[str, int] = {
    fold(name + ending): number * 10
    for number, name in enumerate(("عشر", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثمان", "تسع"), start=2)
    for ending in ("ين", "ون")
}
_FOREIGN_NUMBERS = (
    "یک یەک one a an un une",
    "دو دوو two deux",
    "سه سێ three trois",
    "چهار چوار four quatre",
    "پنج پێنج five cinq",
    "شش شەش six",
    "هفت حەوت seven sept",
    "هشت هەشت eight huit",
    "نه نۆ nine neuf",
    "ده دە ten dix",
)

NUMBER_WORDS: dict[str, int] = {
    **_ONES,
    **dict.fromkeys(folded("عشر عشرة"), 10),
    **_TENS,
    **dict.fromkeys(folded("مئة مائة"), 100),
    **{name: number for number, line in enumerate(_FOREIGN_NUMBERS, start=1) for name in folded(line)},
}
"""Numbers in one word, to count units of time."""

_ONES_OF_TEENS = (
    _ONES | {fold(name): 1 for name in ("أحد", "إحدى")} | {fold(name): 2 for name in ("اثنا", "اثني", "اثنتا", "اثنتي")}
)
NUMBER_PHRASES: dict[tuple[str, str], int] = {
    (one, teen): number + 10 for one, number in _ONES_OF_TEENS.items() for teen in folded("عشر عشرة")
} | {(one, f"و{ten}"): number + tens for one, number in _ONES_OF_TEENS.items() for ten, tens in _TENS.items()}
"""Numbers in two words: "خمسة عشر", "ثلاث وعشرين"."""

FRACTIONS: dict[str, int] = {fold(name): minutes for name, minutes in (("نصف", 30), ("ثلث", 20), ("ربع", 15))}
"""Parts of an hour, in minutes."""
FRACTION_FORMS: dict[str, int] = {
    f"{article}{name}{ending}": minutes
    for name, minutes in FRACTIONS.items()
    for article in ("", "ال")
    for ending in ("", "ا")
}
"""As they stand after "و" and "إلا": "والنصف", "إلا ربعاً"."""

_UNITS_OF_ORDINALS = ("الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع")

_PERSIAN_ORDINALS = (
    "یکم", "دوم", "سوم", "چهارم", "پنجم", "ششم", "هفتم", "هشتم", "نهم", "دهم",
    "یازدهم", "دوازدهم", "سیزدهم", "چهاردهم", "پانزدهم", "شانزدهم", "هفدهم", "هجدهم", "نوزدهم", "بیستم",
)  # fmt: skip


def _ordinals() -> dict[tuple[str, ...], int]:
    table = {("الأول",): 1, ("أول",): 1, ("الفاتح",): 1, ("غرة",): 1, ("العاشر",): 10, ("الحادي", "عشر"): 11}
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
    for number, name in enumerate(_PERSIAN_ORDINALS, start=1):
        table[(name,)] = number
    for number, name in enumerate(_PERSIAN_ORDINALS[:9], start=21):
        table[("بیست", "و", name)] = table[(f"بیستو{name}",)] = number
    table[("سی", "ام")] = table[("سیام",)] = 30
    table[("سی", "و", "یکم")] = table[("سیویکم",)] = 31
    return {tuple(fold(word) for word in words): number for words, number in table.items()}


ORDINAL_DAYS = _ordinals()
"""Days of the month in words, "الثالث", "الحادي والعشرين", "بیست و یکم"; read only before "من" or a month."""

ORDINAL_WORDS = frozenset(words[0] for words in ORDINAL_DAYS)
"""First words of :data:`ORDINAL_DAYS`."""

ORDINAL_HOURS: dict[str, int] = {
    fold(name): hour
    for hour, name in enumerate(
        ("الواحدة", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة", "السابعة", "الثامنة", "التاسعة", "العاشرة"),
        start=1,
    )
} | {fold("الحادية"): 1}
"""Hours in words; "الحادية عشرة" and "الثانية عشرة" are ten more."""

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
        ("ليبيا|طرابلس|بنغازي", "Africa/Tripoli"),
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
"""Places after "بتوقيت" to IANA zones, as "بتوقيت عمان" (Amman) and "بتوقيت طرابلس" (Tripoli in Libya) are printed there;
Muscat and Beirut name themselves."""

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
    "ksa": 180,
    "uae": 240,
}

ERA_GREGORIAN = folded("م ميلادي ميلادية الميلادي للميلاد ميلاديا ad ce")
ERA_HIJRI = folded("هـ ه هجري هجرية الهجري للهجرة هجريا هق قمری ah")
ERA_PERSIAN = folded("ش شمسي هش خورشیدی")

AGO_BEFORE = folded("منذ قبل مُنذ پێش")
AGO_AFTER = folded("مضت مضى مضوا خلت پیش پێش قبل لەمەوپێش لەمەوبەر بەر ago")
AGO = AGO_BEFORE | AGO_AFTER
MOMENTS = dict.fromkeys(folded("لحظات لحظة ثوان ثوانٍ ثواني لحظاتی moments seconds"), MINUTE) | {fold("قليل"): HOUR}
"""Uncounted spans that end where they began, as far as their unit tells."""
ABOUT = folded("حوالي نحو قرابة زهاء تقريبا حدود نزیکەی about environ almost nearly")
"""Every age is rounded, so that these say nothing more."""
SOME = folded("بضع بضعة عدة few several quelques")
MORE = folded("أكثر أقل more over less moins plus")
NOW = folded("الآن للتو now maintenant اکنون هم\u200cاکنون")
TODAY = folded("اليوم امروز ئەمڕۆ today")
YESTERDAY = folded("أمس امس الأمس البارحة بالأمس امبارح مبارح دیروز دوێنێ yesterday hier")

DAY_NAMES: dict[tuple[str, ...], int] = (
    {(name,): 0 for name in TODAY}
    | {(name,): 1 for name in YESTERDAY}
    | {
        tuple(fold(name).split()): days
        for name, days in {
            "هذا الصباح": 0,
            "هذا المساء": 0,
            "اليوم الماضي": 1,
            "اليوم المنصرم": 1,
            "اليوم الفائت": 1,
            "اليوم الفارط": 1,
            "أول أمس": 2,
            "أول الأمس": 2,
            "أول من أمس": 2,
            "أمس الأول": 2,
            "الأمس الأول": 2,
            "قبل أمس": 2,
            "قبل الأمس": 2,
            "قبل يوم أمس": 2,
            "أول البارحة": 2,
            "پریروز": 2,
            "avant - hier": 2,
            "aujourd ' hui": 0,
            "aujourd ’ hui": 0,
        }.items()
    }
)
"""Days by name, to how many days before the reference they are."""

BEYOND = folded("قبل بعد منذ حتى since before after until avant apres depuis")
"""Before a day: another day is meant, or the first or last of many."""

LABELS = folded(
    "نشر نشرت النشر نشره نشرها منشور المنشور تم تمت جرى تاريخ التاريخ بتاريخ في يوم اليوم آخر تحديث التحديث حدث حدّث حدثت محدث "
    "محدثة تعديل عدل أضيف أضيفت إضافة الإضافة أدرج أدرجت الإدراج أرسل أرسلت حرر حررت كتب كتبت الخبر المقال المقالة المادة الموضوع "
    "الساعة ساعة عند تمام على الموافق للموافق الأخير المصدر posted published updated modified created on at last just update date "
    "publie le mis mise a jour modifie du ال من شهر لشهر عام سنة العام لعام للعام لسنة هذا مساء صباح فجر ظهر عصر ليل ليلة بتوقيت "
    "توقيت المحلي بالتوقيت ل وقت تعديله تحديثه صدر صدرت عدد الجاري الحالي الماضي المنصرم الفائت الآن "
    "تاریخ انتشار ساعت مورخ روزرسانی به در بەرواری لە کاتژمێر سەعات the"
)
"""Words that may stand around a date and state nothing else."""

AGENCIES = frozenset(
    tuple(name.split())
    for name in fold(
        "رويترز/أ ف ب/أ . ف . ب/فرانس برس/د ب أ/د . ب . أ/أ ب/أ ش أ/سانا/سبأ/وفا/بترا/واس/وام/قنا/كونا/بنا/وال/شينخوا/سبوتنيك/"
        "الأناضول/نينا/واج/وات/afp/reuters"
    ).split("/")
)
"""News agencies as a dateline names them: "القاهرة 10 مايو (رويترز)"."""

HOUR_LABELS = folded("الساعة ساعة ساعت عند کاتژمێر سەعات")
DATE_WORDS = LABELS | HOUR_LABELS | WEEKDAYS.keys() | DAY_PARTS.keys() | ERA_GREGORIAN | ERA_HIJRI
"""Words that a date line has beside numbers and months."""
COUNTING_WORDS = AGO | YESTERDAY | TODAY
"""One of these stands in a day that is told from the day of reading."""
PLACE_WORDS = frozenset(word for name in ZONES for word in name)
"""Words of the places that a zone is named after, which also stand before a date."""
COPYRIGHT = frozenset(
    tuple(fold(phrase).split())
    for phrase in (
        "©",
        "copyright",
        "copyrights",
        "( c )",
        "all rights",
        "tous droits",
        "الحقوق محفوظة",
        "حقوق محفوظة",
        "حقوقه محفوظة",
        "حقوق النشر",
        "حقوق الطبع",
        "حقوق الملكية",
        "حقوق النسخ",
        "جميع الحقوق",
        "كافة الحقوق",
        "كل الحقوق",
        "کلیه حقوق",
        "تمامی حقوق",
    )
)
"""What a line of copyright says; "حقوق" alone is a section of the paper."""
RANGE_WORDS = folded("إلى حتى ولغاية لغاية until to")
AND = folded("و and et & au أو or ou")
"""Between two days: both are meant, or all from one to the other."""
