"""What a source's selectors find: elements, the lines in them, and what they state."""

from __future__ import annotations

import pytest

from pipeline.extract.selectors import select, stated_lines, stated_texts
from pipeline.page import Page, read_page

HEAD = '<meta name="author" content=" سلمى  العلي "><meta name="author" content="">'
INNER = """
<h1 class="t">عودة <b>الم</b>اء<br>إلى الحي</h1><time datetime="2024-03-05">أمس</time><time>قبل ساعة</time>
<div class="text"><p>السطر الأول</p><script>var x = 1</script><p>السطر الثاني</p></div>
<div class="ad"><p>إعلان</p></div>
<div class="text more"><p>السطر الثالث</p></div>
<td><span id="old">قبل الكسر<br>وبعده</span><br>ليس منه</td>
<span id="blocks"><p>في فقرة</p>وخارجها</span>
<div hidden class="secret">مخفي</div>
"""


@pytest.fixture(scope="module")
def page() -> Page:
    read = read_page(f"<html><head>{HEAD}</head><body>{INNER}</body></html>")
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("selector", "lines"),
    [
        (".text", ["السطر الأول", "السطر الثاني", "السطر الثالث"]),
        ("div.more, div.text, div.text p", ["السطر الأول", "السطر الثاني", "السطر الثالث"]),
        ("div.text:not(.more)", ["السطر الأول", "السطر الثاني"]),
        ("#old", ["قبل الكسر", "وبعده"]),
        ("#blocks", ["في فقرة", "وخارجها"]),
        ("h1 b", []),
        (".secret", []),
        (".nowhere", []),
    ],
)
def test_lines_lie_in_the_elements_in_page_order_and_once(page: Page, selector: str, lines: list[str]) -> None:
    assert [page.blocks[index].text for index in stated_lines(page, selector)] == lines


def test_elements_come_in_page_order(page: Page) -> None:
    assert [element.get("class") for element in select(page, ".more, .ad, div.text")] == ["text", "ad", "text more"]


@pytest.mark.parametrize(
    ("selector", "texts"),
    [
        ("h1", ["عودة الماء إلى الحي"]),
        ("meta[name=author]", ["سلمى العلي"]),
        ("time", ["2024-03-05", "قبل ساعة"]),
        (".text:not(.more)", ["السطر الأول السطر الثاني"]),
        (".nowhere", []),
    ],
)
def test_what_an_element_states_is_its_content_its_datetime_or_its_text(
    page: Page, selector: str, texts: list[str]
) -> None:
    assert stated_texts(page, selector) == texts
