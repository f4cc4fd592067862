"""Month names of the Arab press, of the Hijri calendar and of its neighbours, to their numbers.

CLDR (through Babel) knows the names as each country writes them; what it lacks, press spellings, Libya's names of
1977-2011, the abbreviations of Lebanese papers, Kurdish and Afghan names, is written here. Names are compared folded (see
`pipeline.dates.tokens.fold`), so hamza, tatweel and vowel marks need no entries of their own.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from babel import Locale

from pipeline.dates.tokens import fold

GREGORIAN = "gregorian"
HIJRI = "hijri"
PERSIAN = "persian"


class Month(NamedTuple):
    """A month: its calendar, its number, and whether the name is also an everyday word that needs a year beside it."""

    calendar: str
    number: int
    needs_year: bool


# Locales whose CLDR names differ from each other: Gulf and Egypt; Levant and Iraq; Algeria; Tunisia; Morocco; Mauritania.
# Kurdish, Persian, English and French names stand on the pages of the same outlets.
_CLDR_GREGORIAN = (
    "ar",
    "ar_SY",
    "ar_IQ",
    "ar_LB",
    "ar_JO",
    "ar_PS",
    "ar_DZ",
    "ar_TN",
    "ar_MA",
    "ar_MR",
    "ckb",
    "ku",
    "fa",
    "fa_AF",
    "en",
    "fr",
    "fr_CA",
    "fr_MA",
)

# Spellings met in the press that CLDR does not list, by month.
_PRESS_GREGORIAN = {
    1: "ينائر جانفى جانفيي كانون 2 كانون2 ك2 ك 2 كانون ثاني كانون ثان كانون الثان كانون التاني كانون تاني",
    2: "فبرائر فيبراير فيفرى فيڤري فيفريي شباط اشباط سباط",
    3: "مارث اذار ادار آدار",
    4: "ابريل إبريل ابرايل افريل آفريل أبريل نيسان",
    5: "مايو ماى مايس ايار آيار أيّار ايارمايو",
    6: "يونيه يونية يونيو جوان حزيران حزيرن",
    7: "يوليه يولية يوليوز جويلية جويليه جولية جوييلية جولاي تموز",
    8: "اغسطس أغسطوس اوغسطس أغشت غشت اوت آب اب",
    9: "سبتمر شتنبر شتمبر سيبتمبر سبتنبر ايلول إيلول",
    10: "اكتوبر أوكتوبر اكتبر تشرين 1 تشرين1 ت1 ت 1 تشرين اول تشرين الاول",
    11: "نوفمبر نونبر نوفمير تشرين 2 تشرين2 ت2 ت 2 تشرين ثاني تشرين ثان تشرين الثان تشرين التاني تشرين تاني",
    12: "ديسمبر دجنبر دجمبر دسمبر ديسمبير كانون 1 كانون1 ك1 ك 1 كانون اول كانون الاول",
}
_TWO_WORDS = frozenset({"كانون", "تشرين", "ك", "ت"})

# Libya's names, decreed in 1977, in use until 2011. All of them are everyday words, so a year must stand beside them.
_LIBYA = {
    1: ("أي النار", "اي النار"),
    2: ("النوار",),
    3: ("الربيع",),
    4: ("الطير",),
    5: ("الماء",),
    6: ("الصيف",),
    7: ("ناصر",),
    8: ("هانيبال", "هانيبعل"),
    9: ("الفاتح",),
    10: ("التمور", "الثمور"),
    11: ("الحرث",),
    12: ("الكانون",),
}

_HIJRI = {
    1: ("محرم", "المحرم", "محرم الحرام", "المحرم الحرام"),
    2: ("صفر", "صفر الخير", "صفر المظفر"),
    3: ("ربيع الأول", "ربيع أول", "ربيع الاول", "ربيع 1", "ربيع1", "ربيع الأنور"),
    4: ("ربيع الآخر", "ربيع الثاني", "ربيع ثاني", "ربيع ثان", "ربيع آخر", "ربيع 2", "ربيع2", "ربيع التاني"),
    5: ("جمادى الأولى", "جمادى الأول", "جمادى أولى", "جماد الأول", "جماد أول", "جماد الأولى", "جمادي 1", "جمادى1"),
    6: (
        "جمادى الآخرة",
        "جمادى الثانية",
        "جمادى الثاني",
        "جمادى الآخر",
        "جمادى ثانية",
        "جمادى آخرة",
        "جماد الثاني",
        "جماد الآخر",
        "جماد ثاني",
        "جماد الثانية",
        "جماد الآخرة",
        "جمادي 2",
        "جمادى2",
    ),
    7: ("رجب", "رجب المرجب", "رجب الحرام", "رجب الأصب", "رجب الفرد"),
    8: ("شعبان", "شعبان المعظم"),
    9: ("رمضان", "رمضان المبارك", "رمضان الكريم"),
    10: ("شوال", "شوال المكرم"),
    11: ("ذو القعدة", "ذي القعدة", "ذوالقعدة", "ذيالقعدة", "ذا القعدة", "ذو قعدة", "ذي قعدة", "القعدة", "ذيقعدة"),
    12: ("ذو الحجة", "ذي الحجة", "ذوالحجة", "ذيالحجة", "ذا الحجة", "ذو حجة", "ذي حجة", "ذيحجة"),
}

# Iran's names and Afghanistan's, which are those of the zodiac.
_PERSIAN = (
    ("فروردین", "حمل"),
    ("اردیبهشت", "ثور"),
    ("خرداد", "جوزا"),
    ("تیر", "سرطان"),
    ("مرداد", "امرداد", "اسد"),
    ("شهریور", "سنبله"),
    ("مهر", "میزان"),
    ("آبان", "عقرب"),
    ("آذر", "قوس"),
    ("دی", "جدی"),
    ("بهمن", "دلو"),
    ("اسفند", "حوت"),
)

# Of the Gregorian names in Persian, those that are too short to be told from other words without a year.
_SHORT_PERSIAN = {5: ("مه", "می")}

# Kurdish as newspapers write it, beside CLDR's "ckb" (Sorani) and "ku" (Kurmanji).
_SORANI = {
    1: ("کانونی دووەم", "کانوونی دووهەم"),
    2: ("شووبات",),
    3: ("ئادار",),
    6: ("حوزیران",),
    7: ("تەممووز", "تەموز", "تەمموز"),
    8: ("ئاگۆست",),
    9: ("ئەیلول",),
    12: ("کانوونی یەکەم",),
}
_KURMANJI = {
    1: ("rêbendan", "çile", "kanûna paşîn"),
    2: ("sibat", "reşemî", "reşemeh"),
    3: ("adar", "avdar"),
    4: ("nîsan", "avrêl"),
    5: ("gulan",),
    6: ("hezîran", "pûşper", "cozerdan"),
    7: ("tîrmeh",),
    8: ("tebax", "gelawêj"),
    9: ("îlon", "rezber"),
    10: ("cotmeh", "kewçêr", "çiriya pêşîn"),
    11: ("mijdar", "sermawez", "çiriya paşîn"),
    12: ("berfanbar", "kanûn", "kanûna pêşîn"),
}
_KURMANJI_ENDINGS = ("", "a", "ê", "ya", "yê")
"""Of "of May 2016": "Gulana 2016", "Gulanê", "Çileya"."""


def _press_names(line: str) -> list[str]:
    """Names of one line of the press table; a first word of a two-word month takes the next word with it."""
    words = line.split()
    names: list[str] = []
    index = 0
    while index < len(words):
        if words[index] in _TWO_WORDS:
            names.append(f"{words[index]} {words[index + 1]}")
            index += 2
        else:
            names.append(words[index])
            index += 1
    return names


def month_key(name: str) -> str:
    """The form in which month names are looked up: folded words and numbers, one space between."""
    spaced = "".join(f" {c} " if c.isdigit() else c for c in fold(name))
    return " ".join(spaced.replace(".", " ").split())


def _build() -> dict[str, Month]:
    table: dict[str, Month] = {}

    def add(name: str, calendar: str, number: int, needs_year: bool = False) -> None:
        key = month_key(name)
        known = table.setdefault(key, Month(calendar, number, needs_year))
        if (known.calendar, known.number) != (calendar, number):
            raise AssertionError(f"the month name {name!r} stands for {known} and for {calendar} {number}")
        if " " in key and not key[-1].isdigit():
            table.setdefault(key.replace(" ", ""), known)  # written together, or apart by a joiner that folding drops

    for code in _CLDR_GREGORIAN:
        # Abbreviations only where the press uses them: those of Kurmanji and Dari are other words.
        widths = ("wide",) if code in {"ku", "fa_AF"} else ("wide", "abbreviated")
        for context, width in product(("format", "stand-alone"), widths):
            for number, name in Locale.parse(code).months[context][width].items():
                # French and Persian abbreviate to everyday words only with a point; Latin names need three letters.
                if len(month_key(name)) > 2 or code.startswith("ar"):
                    add(name, GREGORIAN, number, needs_year=code == "fa_AF")  # June is written as the name John is
                    if code == "ckb":
                        add(f"{name}ی", GREGORIAN, number)  # "of", joined to the name: ١٢ی ئازاری ٢٠٢٠
    for number, names in _SORANI.items():
        for name in names:
            add(name, GREGORIAN, number)
            add(f"{name}ی", GREGORIAN, number)
    for number, names in _KURMANJI.items():
        for name, ending in product(names, _KURMANJI_ENDINGS):
            add(f"{name}{ending}", GREGORIAN, number)
    for number, names in _SHORT_PERSIAN.items():
        for name in names:
            add(name, GREGORIAN, number, needs_year=True)
    add("sept", GREGORIAN, 9)
    for number, line in _PRESS_GREGORIAN.items():
        for name in _press_names(line):
            add(name, GREGORIAN, number)
    for number, names in _HIJRI.items():
        for name in names:
            add(name, HIJRI, number, needs_year=name == "صفر")  # also "zero"
    for number, names in enumerate(_PERSIAN, start=1):
        for name in names:
            for form in (name, f"{name} ماه", f"{name}ماه"):
                add(form, PERSIAN, number, needs_year=True)
    for number, names in _LIBYA.items():
        for name in names:
            add(name, GREGORIAN, number, needs_year=True)
    return table


MONTHS = _build()
"""Every known month name, folded (see `month_key`), to its month."""

FIRST_WORDS = frozenset(key.split()[0] for key in MONTHS)
"""First words of the month names: where none of them stands no month does."""
