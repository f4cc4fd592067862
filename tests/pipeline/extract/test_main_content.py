"""Where on a page the article is, with trafilatura asked and without."""

from __future__ import annotations

import pytest

from pipeline.extract.headline import find_headline
from pipeline.extract.main_content import _outline, find_main_content
from pipeline.extract.site import site_names
from pipeline.page.parse import Page, read_page
from tests.pipeline.extract.pages import PARAGRAPHS, SOURCE, TITLE, page, paragraphs

ALL = paragraphs(*PARAGRAPHS)
TEASER = "أعلنت شركة الكهرباء أن العطل أصاب المحول الرئيسي وأن إصلاحه قد يستغرق أياماً عدة"
COMMENT = "نتمنى أن تكتمل الإنارة أيضاً لأن الطريق خطر جداً في الليل على الأطفال"


def parsed(html: str) -> Page:
    read = read_page(html)
    assert read is not None
    return read


def anchors(html: str) -> tuple[str, ...]:
    read = parsed(html)
    headline = find_headline(read, site_names(SOURCE, read))
    return tuple(read.blocks[index].text for index in find_main_content(read, headline))


def above(box: str) -> str:
    return page().replace("<main>", f"<div>{box}</div><main>")


def test_the_only_text_of_a_page_is_the_article() -> None:
    assert anchors(page()) == PARAGRAPHS


CARDS = "".join(f"<div class='x'><h4><a href='/{n}'>{TITLE} {n}</a></h4><p>{TEASER} {n}.</p></div>" for n in range(30))
BESIDE = (
    CARDS,
    f"<div role='complementary'><p>{TEASER}.</p></div>",
    f"<form><p>{TEASER}.</p></form>",
    f"<div class='comments'><p>{COMMENT}.</p></div>",
)
COMMENTS = f"<h3>التعليقات</h3><div><p>{COMMENT}.</p></div><div><p>{COMMENT} ليلاً.</p></div>"


@pytest.mark.parametrize("html", [*(page(around=("", box)) for box in (*BESIDE, COMMENTS)), *map(above, BESIDE)])
def test_other_texts_of_a_page_are_not(html: str) -> None:
    assert anchors(html) == PARAGRAPHS


def test_a_text_of_a_few_words_stands_below_its_headline() -> None:
    flash = "مراسلنا: انهيار جسر القرية الشرقية بعد ارتفاع منسوب النهر."
    html = page(f"<p>{flash}</p>").replace("<footer>", f"<div><h3>من نحن</h3><p>{TEASER} {COMMENT}.</p></div><footer>")
    assert anchors(html) == (flash,)


@pytest.mark.parametrize("html", [page(""), "<p>نص</p>", f"<a href='/'>{TEASER}</a>"])
def test_where_there_is_no_text_there_is_no_anchor(html: str) -> None:
    assert anchors(html) == ()


def test_an_outline_has_one_element_around_the_same_lines_and_the_names_of_all() -> None:
    read = parsed(
        "<body class='wide'><div id='a'><div class='b'><section class='c'><div><p>سطر أول</p><p>سطر ثان</p></div></section>"
        "</div><div class='d'>سطر ثالث</div></div>"
    )
    outline = _outline(read, [0, 1, 2])
    around = outline.find(".//section")
    assert [line.text for line in outline.iter("p")] == ["سطر أول", "سطر ثان", "سطر ثالث"]
    assert around is not None
    assert dict(around.attrib) == {"class": "b c"}
    assert len(list(outline.iter("div", "section"))) == 3
    assert [dict(element.attrib) for element in outline.iter("div")] == [{"id": "a"}, {"class": "d"}]
