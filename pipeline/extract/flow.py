"""The flow of an article's text: the element that holds it, the boxes in which its lines stand, and what stands beside it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipeline.extract.container import PARAGRAPHS, find_container
from pipeline.extract.main_content import count_letters
from pipeline.extract.surroundings import Surroundings
from pipeline.page import HEADINGS, around, class_words, inherited, is_lead
from pipeline.rules import load_furniture
from pipeline.text import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.headline import Headline
    from pipeline.page import Page


_MAIN_FLOW = 0.25
"""Share of the letters there from which lines of one shape are the text itself; a standfirst or a comment has less."""
_FEWEST_OF_GALLERY = 2
"""Pictures with a line each, up to which they are those of an article, and no gallery."""
_MOST_SKIPS = 20
"""Links within the page which are looked at."""

_FLOWING = frozenset({"p", "li", "blockquote", "pre", "dd", "dt", "summary", "ul", "ol", "dl", "center", *HEADINGS})
_TABLES = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"})
_LINKS_WITHIN: Any = etree.XPath("descendant::a[starts-with(@href, '#') and string-length(@href) > 1]")
_NAMED: Any = etree.XPath("descendant::*[@id = $name]")
_DIGIT = re.compile(r"\d")


class Flow:
    """Where an article's text stands on its page, as far as its anchors, the lines that show where it is, tell.

    Attributes:
        page: the page, and `blocks` its lines.
        headline: the article's.
        anchors: the indexes of the lines from which all this is told; `inside` are those in the container.
        container: the element that holds the article; `span` are the indexes of its lines, `enclosing` it and all around it.
        boxes: what the elements around lines make of them.
        skipped: the lines that the page itself offers to skip.
        shapes: the shapes of the boxes in which the text itself stands: a standfirst or a comment stands in others.
        text: the anchors in boxes of those shapes, from `first` to `last`; `boxes_of_text` are the boxes.
    """

    def __init__(self, page: Page, anchors: Sequence[int], headline: Headline) -> None:
        self.page, self.blocks, self.headline = page, page.blocks, headline
        self.furniture = load_furniture()
        self.anchors = anchors
        self.container = find_container(page, anchors)
        self.span = page.spans[self.container]
        self.inside = [index for index in anchors if index in self.span]
        self.enclosing = frozenset(around(self.container))
        self.boxes = Surroundings(page, self.enclosing, self._cleared)
        self.skipped = self._skipped()
        if len(self._lone_pictured()) == len(self.inside):
            self.boxes.take_for_text(self.inside)
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[HtmlElement, int] = {self.container: 0}
        weights: Counter[int] = Counter()
        for index in self.inside:
            weights[self.shape_of(index)] += len(self.blocks[index].key)
        enough = _MAIN_FLOW * weights.total()
        self.shapes = {shape for shape, weight in weights.items() if weight >= enough}
        self.text = [index for index in self.inside if self.shape_of(index) in self.shapes] or self.inside
        self.first, self.last = self.text[0], self.text[-1]
        self.boxes_of_text = {self.box_of(index) for index in self.text}
        # Where every paragraph has a box of its own, lists and sub-headings stand beside the boxes.
        lone = [box for box in self.boxes_of_text if len(page.spans[box]) == 1 and box is not self.container]
        self._shapes_around = {self._shape_of_box(self._climb(box.getparent())) for box in lone}

    def shape_of(self, index: int) -> int:
        """The shape of the box in whose flow of text a line stands: its elements' names and classes from the container in.

        Lines of one text stand in one box, or in boxes of one shape.
        """
        return self._shape_of_box(self.box_of(index))

    def _shape_of_box(self, box: HtmlElement) -> int:
        return inherited(self._known, box, self._shape, outermost=0)

    def box_of(self, index: int) -> HtmlElement:
        """The element in whose flow of text a line stands."""
        return self._climb(self.blocks[index].element)

    def _climb(self, box: HtmlElement) -> HtmlElement:
        """The element in whose flow of text another stands: paragraphs, lists and tables of the text are no boxes."""
        while box is not self.container and (
            box.tag in _FLOWING or (box.tag in _TABLES and not self._has_anchors(box)) or box not in self.page.spans
        ):
            box = box.getparent()
        return box

    def _shape(self, element: HtmlElement, *, within: int) -> int:
        # Numbers in classes are of one element alone; cells are of one text only down a column.
        classes = frozenset(name for name in (element.get("class") or "").split() if not _DIGIT.search(name))
        column = sum(1 for _ in islice(element.itersiblings(preceding=True), 20)) if element.tag == "td" else 0
        return self._numbers.setdefault((within, element.tag, classes, column), len(self._numbers) + 1)

    def _has_anchors(self, element: HtmlElement) -> bool:
        span = self.page.spans[element]
        return bisect_left(self.inside, span.start) < bisect_left(self.inside, span.stop)

    def is_beside(self, index: int) -> bool:
        """Whether a line stands in the flow of the text."""
        if index not in self.span:
            return False
        shape = self.shape_of(index)
        return shape in self.shapes or (shape in self._shapes_around and self.is_paragraph(self.blocks[index].element))

    def is_paragraph(self, element: HtmlElement) -> bool:
        """Whether an element, or one around it that holds nothing else, is by its nature text."""
        for holder in around(element):
            if holder.tag in PARAGRAPHS:
                return True
            if holder is self.container or len(self.page.spans.get(holder, ())) > 1:
                break
        return False

    def is_step(self, index: int) -> bool:
        """Whether a line that is a link for the most part is an item of a list of the text, most of whose items are none."""
        item = next((holder for holder in islice(around(self.blocks[index].element), 3) if holder.tag == "li"), None)
        if item is None or not self.is_beside(index):
            return False
        items = [self.page.spans[other] for other in item.getparent().iterchildren("li") if other in self.page.spans]
        linked = [span for span in items if span and self.blocks[span.start].linked > 0.5]
        return 2 * len(linked) < len(items)

    def is_in_lead(self, element: HtmlElement | None) -> bool:
        """Whether an element, or one around it within the article, is called a lead."""
        while element is not None and element not in self.enclosing:
            if is_lead(element):
                return True
            element = element.getparent()
        return False

    def rule(
        self, index: int, own: frozenset[str] = frozenset(), *, edge: bool = False, near: bool = False
    ) -> str | None:
        """The rule of ``furniture.yaml`` that takes a line for its words, or None; see `Furniture.rule_for`."""
        block = self.blocks[index]
        return self.furniture.rule_for(block.text, linked=block.linked, edge=edge, near=near, own=own)

    def _lone_pictured(self) -> list[int]:
        """The anchors that stand alone with a picture, if those are one text: in one box, and not the lines of a gallery."""
        pictured = [index for index in self.inside if self.boxes.stands_with_picture(index)]
        boxes = {self.blocks[index].element.getparent() for index in pictured}
        return pictured if len(boxes) == 1 or len(pictured) <= _FEWEST_OF_GALLERY else []

    def _cleared(self) -> frozenset[str]:
        """The words of classes around a third of the text or more, within the container."""
        weights: Counter[str] = Counter()
        words = {self.container: frozenset[str]()}

        def words_around(element: HtmlElement, *, within: frozenset[str]) -> frozenset[str]:
            return within | class_words(element)

        for index in self.inside:
            element = self.blocks[index].element
            around = inherited(words, element, words_around, outermost=frozenset[str]())
            weights.update(dict.fromkeys(around, len(self.blocks[index].key)))
        enough = count_letters(self.blocks, self.inside) / 3
        return frozenset(word for word, weight in weights.items() if weight >= enough)

    def _skipped(self) -> frozenset[int]:
        """The lines that links within the article offer to skip, from the link to the end that it leads to."""
        lines: set[int] = set()
        for link in islice(_LINKS_WITHIN(self.container), _MOST_SKIPS):
            target, text = (link.get("href") or "")[1:], tidy(link.text_content())
            holder = next(element for element in around(link) if element in self.page.spans)
            start = next((index for index in self.page.spans[holder] if text and text in self.blocks[index].text), None)
            says_so = self.furniture.rule_for(text, linked=1, edge=True) == "skip-link"
            if start is None or not (says_so or target.lower().startswith("end")):
                continue
            ends = [element for element in _NAMED(self.container, name=target) if element in self.page.spans]
            if not ends or ends[0].tag in HEADINGS:
                continue  # the link of a table of contents
            end = self.page.spans[ends[0]]
            skipped = range(start, end.stop if len(end) == 1 else end.start)
            if 3 * count_letters(self.blocks, skipped) < count_letters(self.blocks, self.inside):
                lines.update(skipped)
        return frozenset(lines)
