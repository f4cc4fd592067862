"""The element that holds an article, given lines that show where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.extract.main_content import ANCHOR, count_letters
from pipeline.page import HEADINGS, around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from pipeline.page import Block, Page


PARAGRAPHS = frozenset(
    {"p", "li", "blockquote", "cite", "pre", "dd", "dt", "td", "th", "caption", "summary", *HEADINGS}
)
"""Elements that by their nature hold a paragraph or another part of a text."""
_MOST = 0.6
"""Share of the anchors' letters that the element of the article holds at least: the rest may be strays."""
_COLUMN = 0.8
"""Share of the text beside a container that are anchors, from which it is another column of the same text."""


def find_container(page: Page, anchors: Sequence[int]) -> HtmlElement:
    """The smallest element of more than a paragraph that holds most of the anchors' text: the middle of it in any case."""
    total = count_letters(page.blocks, anchors)
    passed = 0
    middle = anchors[0]
    for middle in anchors:
        passed += len(page.blocks[middle].key)
        if 2 * passed >= total:
            break
    for element in around(page.blocks[middle].element):
        span = page.spans.get(element, range(0))
        held = count_letters(page.blocks, (index for index in anchors if index in span))
        if held >= _MOST * total and len(span) > 1 and element.tag not in PARAGRAPHS - {"pre", "td"}:
            return _widened(page, anchors, element)
    return page.tree


def _widened(page: Page, anchors: Sequence[int], container: HtmlElement) -> HtmlElement:
    """The element around a container that holds the rest of the anchors too, where nearly all that is text there are anchors.

    Page builders set one text in several columns; what stands beside another kind of text is no column.
    """
    anchored = frozenset(anchors)
    inner = page.spans[container]
    for element in around(container):
        span = page.spans.get(element)
        if span is None or element is container:
            continue
        if element.tag in {"body", "html"}:
            break
        beside = [index for index in span if index not in inner and is_text(page.blocks[index])]
        more = [index for index in beside if index in anchored]
        if count_letters(page.blocks, more) < _COLUMN * count_letters(page.blocks, beside):
            break
        if more:
            container, inner = element, span
    return container


def is_text(block: Block) -> bool:
    """Whether a line is so long, and so little of it a link, that it may be a paragraph."""
    return len(block.key) >= ANCHOR and block.linked < 0.5
