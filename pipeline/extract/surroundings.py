"""Why a line of a page is not of the text, by what stands around it: boxes of furniture, a picture and its caption."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from pipeline.page import around, class_words, inherited, is_caption, is_lead, is_outside
from pipeline.rules import SENTENCE_ENDS, load_furniture
from pipeline.text import letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lxml.html import HtmlElement

    from pipeline.page import Page

CAPTION, BOX, SIDE = "caption", "furniture box", "side box"
"""Why a line is not of the text: it is a picture's caption; it stands in an element that is furniture, or that may be."""
WHOLE = frozenset({"body", "main", "article"})
"""Elements of a whole page or article, whose own marks say nothing of a line in them."""
PARAGRAPH_ENDS = (*SENTENCE_ENDS, ":", "؛", "”", '"', "»")
"""Signs with which a paragraph ends; a heading or a label has none of them but by accident."""
_LONGEST_CAPTION = 60
"""Words."""


class Surroundings:
    """What the elements around lines make of them.

    `enclosing` are the elements that hold the whole article, which say nothing; `cleared` gives the words of classes that the
    text's own elements have too, on sites that call everything a widget.
    """

    def __init__(
        self, page: Page, enclosing: Iterable[HtmlElement] = (), cleared: Callable[[], frozenset[str]] = frozenset
    ) -> None:
        self._page = page
        self._furniture = load_furniture()
        self._marking = self._furniture.sure_markup | self._furniture.likely_markup
        self._find_cleared = cleared
        self._cleared: frozenset[str] | None = None
        self._enclosing = frozenset(enclosing)
        self._known: dict[HtmlElement, str | None] = dict.fromkeys(self._enclosing)
        self._ends = list(accumulate((len(block.text) for block in page.blocks), initial=0))
        self._pictured, self._described = _pictures(page)
        self._texts: frozenset[int] = frozenset()

    def take_for_text(self, indexes: Iterable[int]) -> None:
        """Say that some lines are the text although they stand alone with a picture: where they are all the text there is."""
        self._texts = frozenset(indexes)

    def reason(self, index: int) -> str | None:
        """Why a line is not of the text, by the elements around it: `CAPTION`, `BOX`, `SIDE` or None."""
        box = self.marked(index)
        if box in {None, SIDE} and index not in self._texts and self.stands_with_picture(index):
            return CAPTION
        return box

    def marked(self, index: int) -> str | None:
        """The same, without a look at pictures."""
        return inherited(self._known, self._page.blocks[index].element, self._of_element, outermost=None)

    def describes_picture(self, index: int) -> bool:
        """Whether a line is what a picture says of itself."""
        return self._page.blocks[index].key in self._described

    def _of_element(self, element: HtmlElement, *, within: str | None) -> str | None:
        if element.tag in WHOLE:
            return None
        if within != BOX and is_caption(element):
            return CAPTION
        if within is not None:
            return within
        if is_outside(element) or self._marks(element, sure=True):
            return BOX
        return SIDE if self._marks(element, sure=False) else None

    def _marks(self, element: HtmlElement, *, sure: bool) -> bool:
        if not self._furniture.marks(class_words(element), sure=sure):
            return False
        if self._cleared is None:
            self._cleared = self._find_cleared()
        return not class_words(element) & self._marking <= self._cleared

    def stands_with_picture(self, index: int) -> bool:
        """Whether a line stands alone with a picture in a box of the page.

        The box is the largest element, within the article or beside it, that has no text but this line.
        """
        block = self._page.blocks[index]
        if len(block.text.split()) > _LONGEST_CAPTION or block.element in self._enclosing:
            return False
        if block.element in self._pictured:
            return not block.text.endswith(PARAGRAPH_ENDS)  # else it is a paragraph with a picture in it
        for element in around(block.element):
            if element in self._enclosing or element.tag in WHOLE or is_lead(element):
                return False
            span = self._page.spans.get(element)
            if span is not None and self._ends[span.stop] - self._ends[span.start] > len(block.text):
                return False
            if element in self._pictured:
                return True
        return False


def _pictures(page: Page) -> tuple[set[HtmlElement], set[str]]:
    """The elements that hold a picture, and what pictures say of themselves, letters alone."""
    pictured: set[HtmlElement] = set()
    described: set[str] = set()
    for picture in page.tree.iter("img", "amp-img"):
        described.update(letters(text) for name in ("alt", "title") if (text := picture.get(name)))
        for element in around(picture):
            if element in pictured:
                break
            pictured.add(element)
    return pictured, described
