"""What a source's own CSS selectors (``body:``, ``title:``, ``date:``, ``author:``) find on a page."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from lxml import etree
from lxml.cssselect import CSSSelector

from pipeline.page import LINE_TAGS, UNREAD_TAGS, around
from pipeline.text import letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

    from pipeline.page import Page


@lru_cache(maxsize=1024)
def _compile(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")


def select(page: Page, selector: str) -> list[HtmlElement]:
    """The elements that a selector finds, in page order."""
    return cast("list[HtmlElement]", _compile(selector)(page.tree))


def stated_lines(page: Page, selector: str) -> list[int]:
    """Indexes of the blocks that lie in the elements that a selector finds, in page order."""
    return lines_within(page, select(page, selector))


def lines_within(page: Page, elements: Iterable[HtmlElement]) -> list[int]:
    """Indexes of the blocks that lie in some elements, in page order, each once."""
    found: set[int] = set()
    for element in elements:
        span = page.spans.get(element)
        found.update(_lines_of_inline(page, element) if span is None else span)
    return sorted(found)


def _lines_of_inline(page: Page, element: HtmlElement) -> list[int]:
    """The lines in an element that makes none of its own: of those around it, the ones that its text has, in its order."""
    text, found, place = letters(_text(element)), [], 0
    span = next((page.spans[holder] for holder in around(element) if holder in page.spans), range(0))
    for index in span:
        key = page.blocks[index].key
        if key and (start := text.find(key, place)) >= 0:
            found.append(index)
            place = start + len(key)
    return found


def stated_texts(page: Page, selector: str) -> list[str]:
    """What the elements that a selector finds state, in page order, the empty left out.

    Of a ``meta`` it is its content, of a ``time`` with a ``datetime`` that, of any other element its text.
    """
    texts = [tidy(_stated(element)) for element in select(page, selector)]
    return [text for text in texts if text]


def _stated(element: HtmlElement) -> str:
    if element.tag == "meta":
        return element.get("content") or ""
    return (element.get("datetime") if element.tag == "time" else None) or _text(element)


def _text(element: HtmlElement) -> str:
    """The text of an element, with a space where a line breaks, and without scripts and the like."""
    texts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "start" and inner.tag in UNREAD_TAGS:
            walk.skip_subtree()
            continue
        breaks = " " if inner.tag == "br" or inner.tag in LINE_TAGS else ""
        if event == "start":
            texts.append(breaks + (inner.text or ""))
        elif inner is not element:
            texts.append(breaks + (inner.tail or ""))
    return "".join(texts)
