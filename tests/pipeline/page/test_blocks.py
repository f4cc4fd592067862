"""A page cut into the lines its reader sees."""

from __future__ import annotations

import pytest
from lxml import html

from pipeline.page.blocks import cut


def lines(inner: str) -> list[str]:
    return [block.text for block in cut(html.document_fromstring(f"<html><body>{inner}</body></html>"))[0]]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<p>أول</p><p>ثان</p>", ["أول", "ثان"]),
        ("أول<br>ثان<br/><br/>ثالث", ["أول", "ثان", "ثالث"]),
        ("<p>كلمة <b>عريضة</b> و<a href='#'>رابط</a>.</p>", ["كلمة عريضة ورابط."]),
        ("<div>قبل<p>داخل</p>بعد</div>", ["قبل", "داخل", "بعد"]),
        ("<span>سطر</span><div>آخر</div>", ["سطر", "آخر"]),
        ("<ul><li>بند</li><li>بند ثان</li></ul>", ["بند", "بند ثان"]),
        ("<p>نص<script>var x</script> متصل<style>p{}</style></p>", ["نص متصل"]),
        ("<p>ظاهر</p><p style='display: none'>خفي</p><p hidden>خفي</p><p>ظاهر</p>", ["ظاهر", "ظاهر"]),
        ("<p>نص<!-- تعليق --> متصل</p>", ["نص متصل"]),
        ("<table><tr><td>خلية</td><td>خلية ثانية</td></tr></table>", ["خلية", "خلية ثانية"]),
        ("<p>نص<!-- تعليق --><br>آخر</p>", ["نص", "آخر"]),
        ("<p HIDDEN='until-found'>يظهر عند البحث</p>", ["يظهر عند البحث"]),
        ("<span style='DISPLAY : block'>سطر</span>آخر", ["سطر", "آخر"]),
        ("<pre>سطر أول\nسطر ثان</pre>", ["سطر أول", "سطر ثان"]),
        ("<pre>سطر\nمكسور\n\nسطر ثان</pre>", ["سطر مكسور", "سطر ثان"]),
        ("<div style='white-space: pre-line'>سطر أول\nسطر ثان</div>", ["سطر أول", "سطر ثان"]),
        ("<blockquote>قول<cite>قائله</cite></blockquote>", ["قول", "قائله"]),
        ("<div><span class='caption'>وصف</span><span class='photo-credit'>وكالة</span></div>", ["وصف", "وكالة"]),
        ("<p>كلمة <cite>في السطر</cite></p>", ["كلمة في السطر"]),
    ],
)
def test_lines_are_those_a_browser_shows(inner: str, expected: list[str]) -> None:
    assert lines(inner) == expected


def test_the_share_of_a_line_that_is_a_link() -> None:
    blocks, _ = cut(
        html.fromstring("<div><p><a href='#'>كله رابط</a></p><p>نصفه <a href='#'>رابط</a></p><p>لا شيء</p></div>")
    )
    assert [block.linked for block in blocks] == [1.0, 0.5, 0.0]
    assert [block.is_bare_link for block in blocks] == [True, False, False]


def test_a_sentence_is_no_bare_link() -> None:
    blocks, _ = cut(html.fromstring("<div><a href='#'>جملة كاملة.</a><a href='#'> وأخرى</a></div>"))
    assert [(block.text, block.is_bare_link) for block in blocks] == [("جملة كاملة. وأخرى", True)]
    blocks, _ = cut(html.fromstring("<div><a href='#'>جملة كاملة.</a></div>"))
    assert not blocks[0].is_bare_link


def test_depth_has_no_limit() -> None:
    root = html.Element("div")
    inner = root
    for _ in range(5000):
        inner = html.etree.SubElement(inner, "div")
    inner.text = "في القاع"
    assert [block.text for block in cut(root)[0]] == ["في القاع"]
