"""Bylines told from prose: what a visible line states, and in which role."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publication.date_lines import LONGEST_LINE, may_state_date, read_line, says_changed, says_published

PUBLISHED, MODIFIED, UNKNOWN = "published", "modified", "unknown"


def roles(text: str, *, marked: bool = False) -> list[str]:
    return [statement.role for statement in read_line(text, marked=marked)] if may_state_date(text) else []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 أيار 2016", [UNKNOWN]),
        ("الثلاثاء، 10 مايو 2016 - 02:35 م", [UNKNOWN]),
        ("دمشق - سانا 10 أيار 2016", [UNKNOWN]),
        ("القاهرة: 10 مايو 2016", [UNKNOWN]),
        ("سليم حداد - 10 أيار 2016", [UNKNOWN]),
        ("سليم حداد | محليات | 10 أيار 2016 | 204 مشاهدات", [UNKNOWN]),
        ("قسم: محليات - 10 أيار 2016 - قراءة: 204", [UNKNOWN]),
        ("بقلم: سليم حداد، 10 أيار 2016", [UNKNOWN]),
        ("3 تعليقات بقلم: سليم حداد، 10 أيار 2016", [UNKNOWN]),
        ("العدد 2345 - الثلاثاء 10 أيار 2016", [UNKNOWN]),
        ("3 شعبان 1437 هـ - 10 مايو 2016م - العدد 17487", [UNKNOWN]),
        ("منذ 22 يوما", [UNKNOWN]),
        ("نُشر في 10 أيار 2016", [PUBLISHED]),
        ("نشرت بواسطة: سليم حداد في 10 مايو 2016", [PUBLISHED]),
        ("سليم حداد أضيف بتاريخ 10 أيار 2016 من قبل المحرر", [PUBLISHED]),
        ("المصدر: الساحة التاريخ: 10 مايو 2016", [PUBLISHED]),
        ("رقم الخبر: ٤٥٦٧٨٩٠ - تاريخ النشر: ١٠ مايو ٢٠١٦ - ١٤:٣٥", [PUBLISHED]),
        ("Published: May 10, 2016", [PUBLISHED]),
        ("آخر تحديث: 12 أيار 2016", [MODIFIED]),
        ("28 آب 2013، آخر تحديث 14:00", [MODIFIED]),
        ("10.05.2016 - آخر تحديث : 12.05.2016", [PUBLISHED, MODIFIED]),
        ("نشر: 10 أيار 2016 10:00 آخر تحديث: 12:00", [PUBLISHED]),
        ("آخر تعديل: 12/05/2016 14:00 تاريخ النشر: 10/05/2016 10:00", [MODIFIED, PUBLISHED]),
    ],
)
def test_bylines(text: str, expected: list[str]) -> None:
    assert roles(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "وقع الانفجار في 3 أيار 2014",
        "وكان التفجير الأول وقع في 3 أيار 2014.",
        "في 3 أيار 2014 اجتمع الوزراء هنا",
        "يذكر أن الهدنة الأولى أعلنت يوم 3 أيار 2014",
        "بتاريخ 3 أيار 2014 صدر القرار.",
        "وأصدر المجلس بتاريخ 3 أيار 2014 قرارا بالهدنة",
        "نشرت الصحيفة في 3 أيار 2014 تقريرا عن الأسواق",
        "وقال في بيان نشر في 3 أيار 2014 إن الهدنة قائمة",
        "منذ 3 أيار 2014 لم تفتح الأسواق",
        "تاريخ الميلاد: 3 أيار 1964",
        "الموعد: 25 أيار 2016",
        "صورة من الأرشيف 3 أيار 2014",
        "تصوير: سليم - 3 أيار 2014",
        "كان ذلك قبل يومين.",
        "الجيش يستعيد 3 قرى",
        "العدد 2345",
        "أيار",
        "© 2016",
    ],
)
def test_prose_and_other_dates(text: str) -> None:
    assert roles(text) == []


def test_markup_lends_a_line_what_its_place_does_not() -> None:
    text = "سليم حداد مراسل الساحة من المدينة القديمة 10 أيار 2016"
    assert roles("الساحة نيوز شبكة الأخبار الأولى في البلاد 10 أيار 2016") == []
    assert roles("الساحة نيوز شبكة الأخبار الأولى 10 أيار 2016 عاجل الآن", marked=True) == [UNKNOWN]
    assert roles(text, marked=True) == roles(text) == []


def test_labels() -> None:
    assert says_published("نُشِر في")
    assert says_changed("آخِر تحديث")
    assert not says_published("انتشار القوات في الأرياف")
    assert not says_changed("نشر في")


@given(st.text(max_size=LONGEST_LINE + 5), st.booleans())
def test_any_line(text: str, marked: bool) -> None:
    line = " ".join(text.split())
    for statement in read_line(line, marked=marked):
        assert statement.text in line
        assert 0 < statement.length <= len(statement.text)
        assert statement.role in {PUBLISHED, MODIFIED, UNKNOWN}
