"""Where on a page the article may be: several ways to tell, none of which goes by what the others go by.

Each names some lines, by their indexes in page order, or none: lines of the text, enough to show where it stands. The first way of
all, for every page, is `main_content`.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.extract.container import PARAGRAPHS
from pipeline.extract.main_content import (
    ANCHOR,
    count_letters,
    index_of,
    text_lines,
)
from pipeline.extract.selectors import lines_within
from pipeline.extract.witnesses import lines_of
from pipeline.page import around, attribute_words, inherited, is_box
from pipeline.rules import SENTENCE_ENDS, containers, markup
from pipeline.text import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.headline import Headline
    from pipeline.extract.witnesses import FoundTexts
    from pipeline.page import Page


_ABOVE = 0.3
"""What a flow of text above the headline is worth beside one below it."""
_NO_BOXES = PARAGRAPHS - {"td", "th", "pre"} | {"ul", "ol", "dl", "center"}


def find_stated(page: Page, sent: FoundTexts) -> list[int]:
    """The lines that JSON-LD, a feed or WordPress's interface state as the text; `sent` is what came with the address."""
    stated = [text for thing in page.articles if isinstance(text := thing.get("articleBody"), str)]
    lines = chain(sent.content or sent.summary, *map(lines_of, stated))
    return _lines_in(page, "\n".join(lines))


def find_in_containers(page: Page, headline: Headline) -> list[int]:
    """The lines in the boxes that systems and themes make for an article's text; of several boxes those of the longest text."""
    known = containers()
    boxes = [
        element
        for element in page.tree.iter(etree.Element)
        if (
            not known.classes.keys().isdisjoint((element.get("class") or "").lower().split())
            or (element.get("id") or "").lower() in known.ids
            or not known.properties.keys().isdisjoint(attribute_words(element, "itemprop"))
        )
    ]
    lines = frozenset(text_lines(page, headline)) if boxes else frozenset()
    return _longest(page, [[index for index in lines_within(page, [box]) if index in lines] for box in boxes])


def find_flow(page: Page, headline: Headline) -> list[int]:
    """The lines of the box that holds the most text and the least besides, whatever the boxes of the page are called.

    It is the box right around some text, or one around that, where it holds more of the kind and little else.
    """
    blocks, start = page.blocks, index_of(page.blocks, headline.block)
    known: dict[HtmlElement, bool] = {}
    lines = [
        index
        for index in text_lines(page, headline)
        if not inherited(known, blocks[index].element, _is_foot, outermost=False)
    ]
    boxes = {holder for index in lines for holder in around(blocks[index].element) if _is_box(page, holder)}

    def within(box: HtmlElement) -> list[int]:
        span = page.spans[box]
        return lines[bisect_left(lines, span.start) : bisect_left(lines, span.stop)]

    def worth(box: HtmlElement) -> tuple[float, int]:
        held = within(box)
        said = count_letters(blocks, (index for index in held if is_sentence(blocks[index].text)))
        weight = said * said / max(1, count_letters(blocks, page.spans[box]))
        above = start is not None and held[-1] < start
        return weight * (_ABOVE if above else 1), -len(page.spans[box])

    best = max(boxes, key=worth, default=None)
    return within(best) if best is not None and worth(best)[0] > 0 else []


def is_sentence(text: str) -> bool:
    """Whether a line ends as a sentence does, and does not break off."""
    return text.rstrip('»”" ').endswith(SENTENCE_ENDS) and not breaks_off(text)


def breaks_off(text: str) -> bool:
    """Whether a line breaks off, as an excerpt does."""
    return text.endswith(("…", "..."))


def _is_foot(element: HtmlElement, *, within: bool) -> bool:
    """Whether an element is the foot of the page or its menu, or stands in one: there no theme puts an article."""
    foot = element.tag in {"nav", "footer"} or element.get("role") in {"contentinfo", "navigation"}
    return within or foot or is_box(element, markup().footers)


def _is_box(page: Page, element: HtmlElement) -> bool:
    """Whether an element holds several lines and is by its nature no text itself."""
    return element.tag not in _NO_BOXES and len(page.spans.get(element, ())) > 1


def _lines_in(page: Page, text: str) -> list[int]:
    """The lines of the page that a text has, but for the short ones, which recur all over a page."""
    said = letters(text)
    return (
        [index for index, block in enumerate(page.blocks) if len(block.key) >= ANCHOR and block.key in said]
        if said
        else []
    )


def _longest(page: Page, lines: Sequence[list[int]]) -> list[int]:
    return max(lines, key=lambda indexes: count_letters(page.blocks, indexes), default=[])
