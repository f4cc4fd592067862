"""A page cut into the lines its reader sees."""

from __future__ import annotations

import pytest
from lxml import html

from pipeline.clean.blocks import cut


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
    ],
)
def test_lines_are_those_a_browser_shows(inner: str, expected: list[str]) -> None:
    assert lines(inner) == expected


def test_the_share_of_a_line_that_is_a_link() -> None:
    blocks, _ = cut(
        html.fromstring("<div><p><a href='#'>كله رابط</a></p><p>نصفه <a href='#'>رابط</a></p><p>لا شيء</p></div>")
    )
    assert [block.linked for block in blocks] == [1.0, 0.5, 0.0]


def test_depth_has_no_limit() -> None:
    root = html.Element("div")
    inner = root
    for _ in range(5000):
        inner = html.etree.SubElement(inner, "div")
    inner.text = "في القاع"
    assert [block.text for block in cut(root)[0]] == ["في القاع"]
