"""Each way to find the text, alone."""

from __future__ import annotations

from pipeline.extract.finders import find_flow, find_in_containers, find_stated
from pipeline.extract.headline import Headline
from pipeline.extract.witnesses import FoundTexts
from pipeline.page import Page, read_page
from tests.pipeline.extract.pages import PARAGRAPHS, linked_data, page, paragraphs

NOTHING = FoundTexts()
TEASER = "أعلنت شركة الكهرباء أن العطل أصاب المحول الرئيسي وأن إصلاحه قد يستغرق أياماً عدة."


def parsed(html: str) -> Page:
    read = read_page(html)
    assert read is not None
    return read


def texts(read: Page, lines: list[int]) -> tuple[str, ...]:
    return tuple(read.blocks[index].text for index in lines)


def test_the_stated_text_is_told_by_its_lines() -> None:
    read = parsed(page(head=linked_data(articleBody=" ".join(PARAGRAPHS[:2]))))
    assert texts(read, find_stated(read, NOTHING)) == PARAGRAPHS[:2]
    assert texts(read, find_stated(read, FoundTexts(content=PARAGRAPHS[2:]))) == PARAGRAPHS
    assert find_stated(parsed(page()), NOTHING) == []


def test_of_several_known_boxes_the_longest_text_is_taken() -> None:
    read = parsed(page(f"{paragraphs(*PARAGRAPHS)}<div class='post-body'><p>{TEASER}</p></div>"))
    assert texts(read, find_in_containers(read, Headline())) == (*PARAGRAPHS, TEASER)
    unknown = parsed(page().replace("entry-content", "x"))
    assert find_in_containers(unknown, Headline()) == []


def test_the_flow_is_the_most_text_in_a_box_with_the_least_besides() -> None:
    links = "".join(f"<p><a href='/n/{n}'>عنوان خبر آخر طويل من أخبار المدينة رقم {n}</a></p>" for n in range(9))
    read = parsed(f"<body><div>{links}<p>{TEASER}</p></div><div>{paragraphs(*PARAGRAPHS)}</div></body>")
    assert texts(read, find_flow(read, Headline())) == PARAGRAPHS


def test_a_flow_in_parts_is_one() -> None:
    parts = "".join(f"<section><h3>باب</h3><p>{text}</p></section>" for text in PARAGRAPHS)
    read = parsed(f"<body><div>{parts}</div><div><p>{TEASER}</p><ul><li>رقم</li></ul></div></body>")
    assert texts(read, find_flow(read, Headline()))[:4] == PARAGRAPHS


def test_where_nothing_is_said_to_the_end_there_is_no_flow() -> None:
    read = parsed(f"<body><div><p>{TEASER[:-1]} …</p><p>{PARAGRAPHS[0][:-1]} …</p></div></body>")
    assert find_flow(read, Headline()) == []
