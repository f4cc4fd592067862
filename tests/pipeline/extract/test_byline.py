"""Bylines, line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.byline import is_person, read_line
from pipeline.text import fold, letters

NAMES = frozenset(letters(fold(name)) for name in ("صحيفة النهر", "النهر", "alnahr"))
SAMER, MUNA, KHALED = "سامر علي", "منى حسن", "خالد سعيد"


@pytest.mark.parametrize(
    ("line", "persons", "agencies"),
    [
        # a label, in its forms
        ("كتب سامر علي", [SAMER], []),
        ("كتب: سامر علي", [SAMER], []),
        ("كتب/ سامر علي", [SAMER], []),
        ("كتب- سامر علي:", [SAMER], []),
        ("كتبت ـ منى حسن:", [MUNA], []),
        ("كَتَبَ : سامر علي", [SAMER], []),
        ("بقلم سامر علي", [SAMER], []),
        ("بأقلام: سامر علي ومنى حسن", [SAMER, MUNA], []),
        ("حوار: سامر علي", [SAMER], []),
        ("حاورته في دمشق: منى حسن", [MUNA], []),
        ("أجرى الحوار: سامر علي", [SAMER], []),
        ("اعداد : سامر علي", [SAMER], []),
        ("إعداد وتصوير: سامر علي", [SAMER], []),
        ("الكاتبة منى حسن", [MUNA], []),
        ("تقرير - سامر علي", [SAMER], []),
        ("متابعة: سامر علي", [SAMER], []),
        ("نص: سامر علي", [SAMER], []),
        ("By Sam Hill", ["Sam Hill"], []),
        ("نویسنده: علی رضایی", ["علی رضایی"], []),
        ("گزارش: علی رضایی و مریم احمدی", ["علی رضایی", "مریم احمدی"], []),
        ("بقلم الكاتب السوري سامر علي", [SAMER], []),
        ("بقلم: الكاتب والباحث سامر علي", [SAMER], []),
        ("بقلم الدكتور سامر علي", ["الدكتور سامر علي"], []),
        ("سامر علي - كاتب سوري", [SAMER], []),
        # several
        ("كتب: سامر علي ومنى حسن", [SAMER, MUNA], []),
        ("بقلم: سامر علي، منى حسن وخالد سعيد", [SAMER, MUNA, KHALED], []),
        ("كتب: محمد وليد خالد", ["محمد وليد خالد"], []),
        ("كتب: عبد الله وليد حسن", ["عبد الله وليد حسن"], []),
        # place, office, agency
        ("دمشق - سامر علي", [SAMER], []),
        ("سامر علي – حمص", [SAMER], []),
        ("سامر علي - ريف دمشق", [SAMER], []),
        ("بيروت: سامر علي", [SAMER], []),
        ("القدس المحتلة - منى حسن", [MUNA], []),
        ("حلب / سامر علي / الأناضول", [SAMER], ["الأناضول"]),
        ("بغداد – واع – منى حسن", [MUNA], ["واع"]),
        ("خاص - سامر علي", [SAMER], []),
        ("صحيفة النهر – سامر علي", [SAMER], []),
        ("مراسل النهر في حلب - سامر علي", [SAMER], []),
        ("مراسلة النهر في حلب: منى حسن", [MUNA], []),
        ("بقلم: سامر علي مع رويترز", [SAMER], ["رويترز"]),
        ("سامر علي - رويترز", [SAMER], ["رويترز"]),
        # what else stands in the line
        ("كتب سامر علي - الثلاثاء 12 مارس 2024", [SAMER], []),
        ("كتب سامر علي الثلاثاء 12 مارس 2024", [SAMER], []),
        ("12 مارس 2024 | بقلم سامر علي", [SAMER], []),
        ("کد خبر: ۱۲۳۴ | خبرنگار: علی رضایی", ["علی رضایی"], []),
        ("*** كتب سامر علي ***", [SAMER], []),
        ("[ كتب: سامر علي / منى حسن ]", [SAMER, MUNA], []),
        ("الثلاثاء، 12 مارس 2024 | كتب: سامر علي", [SAMER], []),
        ("بقلم: سامر علي، كاتب وباحث سوري", [SAMER], []),
        ("بقلم: سامر علي (samer@alnahr.example)", [SAMER], []),
        # the others who had a part in it
        ("كتبت منى حسن - تصوير: خالد سعيد", [MUNA], []),
        ("إعداد: سامر علي | تحرير: منى حسن", [SAMER], []),
        # agencies
        ("المصدر: رويترز", [], ["رويترز"]),
        ("المصدر: رويترز، أ ف ب، الأناضول", [], ["رويترز", "أ ف ب", "الأناضول"]),
        ("المصدر : النهر + وكالات", [], ["النهر", "وكالات"]),
        ("المصدر: دبي - سامر علي", [SAMER], []),
        ("(أبوظبي - صحيفة النهر)", [], ["صحيفة النهر"]),
        ("دمشق - سانا", [], ["سانا"]),
        ("أ.ف.ب", [], ["أ.ف.ب"]),
        ("القاهرة - (د ب أ):", [], ["د ب أ"]),
        ("رويترز والأناضول", [], ["رويترز", "الأناضول"]),
        ("وكالة الأناضول", [], ["وكالة الأناضول"]),
        ("م.ن/ س.ع (أ ف ب، رويترز)", [], ["أ ف ب", "رويترز"]),
        ("بيروت ـ «النهر»: سامر علي", [SAMER], ["النهر"]),
        ("منبع: ایسنا", [], ["ایسنا"]),
    ],
)
def test_who_and_which_agency_a_line_names(line: str, persons: list[str], agencies: list[str]) -> None:
    reading = read_line(line, NAMES)
    assert reading is not None
    assert (list(reading.persons), list(reading.agencies)) == (persons, agencies)


@pytest.mark.parametrize(
    "line",
    [
        "",
        SAMER,  # a bare name is a caption, a tag, a speaker
        f"{SAMER} - {MUNA}",
        "سامر علي: سنعيد بناء الجسر",
        "كتب سامر علي على صفحته أن الجسر سيفتح قريباً.",
        "كتب الرئيس رسالة",
        "كتب أهالي القرية رسالة",
        "كتب: رواية جديدة",
        "كتب: صحيفة النهر",
        "بقلم: هيئة التحرير",
        "تقرير: الحياة في المدينة بعد عام",
        "تقرير حول الأوضاع",
        "حوار: ماذا بعد فتح الجسر؟",
        "تحرير: المدينة بعد عام",
        "ترجمة: سامر علي",
        "تصوير: خالد سعيد",
        "رئيس التحرير: سامر علي",
        "(إعداد سامر علي للنشرة العربية - تحرير منى حسن)",
        "متابعات",
        "حلب - خاص",
        "دمشق - حلب",
        "ريال مدريد - برشلونة",
        "أخبار سوريا - دمشق",
        "الرئيس السوري - دمشق",
        "كتائب النصر - حلب",
        "مراسلون - دمشق",
        "مشاهدات: 120 - تعليقات: 3",
        "12 مارس 2024",
        "سامر علي - محلل سياسي",
        "سامر علي - رئيس المجلس المحلي",
        "* كاتب وصحفي سوري معارض",
        "رويترز / سامر علي",  # whose picture it is
        "سامر علي / رويترز",
        "© REUTERS / SAM HILL",
        "REUTERS - Sam Hill",
        "فيديو: سامر علي",
        "خبرنگار: ۷۱۴۵۶",
        "بواسطة nahr_admin",
        "كتب بواسطة: Super User",
    ],
)
def test_lines_that_name_nobody(line: str) -> None:
    assert read_line(line, NAMES) is None


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        (SAMER, [SAMER]),
        ("د. سامر علي", ["د. سامر علي"]),
        ("سامر علي*", [SAMER]),
        ("جريدة الضفة - سامر علي", [SAMER]),
        ("الضفة - سامر علي", [SAMER]),  # an outlet that is not known
        ("سامر علي، باحث في شؤون المياه، @samer", [SAMER]),
        ("سامر علي | 12 مارس 2024 | 10:30", [SAMER]),
        ("سامر علي 12 مارس 2024 10:30", [SAMER]),
        ("سامر علي من بيروت", [SAMER]),
        ("كتابة منى حسن", [MUNA]),
        ("سامر علي & منى حسن", [SAMER, MUNA]),
        ("فاطمه حسین\u200cزاده", ["فاطمه حسین\u200cزاده"]),
        ("Sam Hill", ["Sam Hill"]),
    ],
)
def test_markup_that_calls_a_line_a_byline_makes_a_bare_name_one(text: str, persons: list[str]) -> None:
    reading = read_line(text, NAMES, marked=True)
    assert reading is not None
    assert list(reading.persons) == persons


@pytest.mark.parametrize(
    "text",
    [
        "admin",
        "samer",
        "سامر",
        "فريق التحرير",
        "المحرر",
        "سكرتير التحرير",
        "محرر اقتصادي",
        "قسم الأخبار",
        "غرفة الأخبار",
        "صحيفة النهر",
        "النهر",
        "النهر سبورت",
        "القدس العربي",
        "الشرق الأوسط",
        "CNN عربي",
        "Nahr News Team",
        "Site Admin",
        "info@alnahr.example",
        "https://alnahr.example/logo.png",
        "12 مارس 2024",
        "أخبار محلية",
        "جميع مقالات الكاتب",
        "ريف دمشق",
        "دبي - العربية.نت",
        "الضفة من الرباط",
        "EGYPTIAN HEALTH MINISTRY",
        "Super User",
    ],
)
def test_junk_is_nobody_even_where_markup_calls_it_a_byline(text: str) -> None:
    reading = read_line(text, NAMES, marked=True)
    assert reading is None or not reading.persons


@given(st.text(max_size=130), st.booleans())
def test_any_line_is_read_or_not(text: str, marked: bool) -> None:
    reading = read_line(text, NAMES, marked=marked)
    if reading is not None:
        assert reading.persons or reading.agencies
        assert all(is_person(person, NAMES) for person in reading.persons)
