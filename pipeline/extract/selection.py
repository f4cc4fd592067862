"""Which lines of a page are an article's, given the flow of its text: above, within and below, each with the reason if not."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from pipeline.extract.main_content import ANCHOR, count_letters, index_of
from pipeline.extract.surroundings import CAPTION
from pipeline.page import HEADINGS, around, class_words
from pipeline.rules import DATE_LINE, markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.flow import Flow
    from pipeline.page import Block


LEAD = 40
"""Letters and digits that a line between the headline and the text must have to be taken for the standfirst."""
_HEADLINE = 15
"""Letters and digits that another article's headline has at least."""
_MOST_HEADLINES = 3
"""Other articles' headlines from which lines are a list of them."""
_SECTION = 4
"""Lines below a heading among which its text begins."""
_REACH = 30
"""Lines above the headline among which a picture of the article may stand."""
_ANNOUNCING = ("؟", "?", ":", "：")
_FULL_STOPS = (".", "۔", ".»", ".”", '."', ":")


class Selection:
    """The lines that are taken for the article, in order, and those by it that are not, each with the reason."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.kept: list[int] = []
        self.removed: dict[int, str] = {}

    def file(self, index: int, reason: str | None) -> None:
        """Put the next line where it belongs: to the text, or, where there is a reason, to what is removed."""
        if reason is None:
            self.kept.append(index)
        elif reason == CAPTION and self.flow.rule(index, edge=True) == DATE_LINE:
            self.removed[index] = DATE_LINE
        else:
            self.removed[index] = reason


def select_around(flow: Flow) -> Selection:
    """Keep the anchors, the lines beside and among them that read as text, and before them the standfirst."""
    selection = Selection(flow)
    start = _begin(flow)
    begin = min(flow.span.start, flow.anchors[0]) if start is None else start + 1
    anchors = frozenset(flow.anchors)
    for index in range(max(_around_headline(flow).start, begin - _REACH), begin):
        if flow.boxes.marked(index) == CAPTION:
            selection.file(index, CAPTION)
    _select_above(selection, min(begin, flow.first))
    for index in range(flow.first, flow.last + 1):
        if _begins_another(flow, index):
            selection.removed.update(dict.fromkeys(range(index, flow.span.stop), "another article"))
            return selection
        selection.file(index, _reason_within(flow, index, anchored=index in anchors))
    _select_below(selection, anchors)
    return selection


def select_stated(flow: Flow, lines: Sequence[int]) -> Selection:
    """Keep the lines that the source says are the text, but for captions, advertisements and other articles' links."""
    selection = Selection(flow)
    for index in lines:
        block = flow.blocks[index]
        if not block.key:
            selection.file(index, "no words")
        elif flow.boxes.marked(index) == CAPTION:
            selection.file(index, CAPTION)
        elif block.linked > 0.5 and _is_advertised(flow, index):
            selection.file(index, "advertisement")
        else:
            linked = block.linked > 0.5 and not _is_said(flow, block) and not flow.is_step(index)
            selection.file(index, "bare link" if linked else None)
    return selection


def _begin(flow: Flow) -> int | None:
    """The headline's index, from where the article begins, if half of the text or more is below it."""
    start = index_of(flow.blocks, flow.headline.block)
    if start is None:
        return None
    below = [index for index in flow.inside if index > start]
    return start if 2 * count_letters(flow.blocks, below) >= count_letters(flow.blocks, flow.inside) else None


def _around_headline(flow: Flow) -> range:
    """The blocks of the smallest element that holds the headline and the text."""
    start = index_of(flow.blocks, flow.headline.block)
    spans = (flow.page.spans[element] for element in around(flow.container) if element in flow.page.spans)
    return next((span for span in spans if start is None or start in span), flow.span)


# ---- above the text


def _select_above(selection: Selection, begin: int) -> None:
    """Keep the standfirst: from the text upwards, as far as no list of other articles stands between."""
    flow, headlines = selection.flow, 0
    for index in reversed(range(begin, flow.first)):
        block = flow.blocks[index]
        headlines += block.is_bare_link and len(block.key) >= _HEADLINE
        selection.file(index, _reason_above(flow, index) if headlines < _MOST_HEADLINES else "above the text")
    selection.kept.reverse()


def _reason_above(flow: Flow, index: int) -> str | None:
    """Why a line between the headline and the text is not the standfirst, or None."""
    block = flow.blocks[index]
    if block is flow.headline.block:
        return "headline"
    if reason := _reason(flow, index):
        return reason
    if flow.is_beside(index) or (
        index + 1 in {flow.first, flow.span.start} and block.text.endswith((":", "：")) and not flow.rule(index)
    ):
        return None
    words = len(block.text.split())
    long = words >= 6 and len(block.key) >= LEAD
    point = (words >= 3 and flow.is_in_lead(block.element)) or (words >= 5 and block.element.tag == "li")
    if (long or point) and not flow.rule(index, edge=True) and not _stands_with_form(flow, block.element):
        return None
    return None if _heads_series(flow, index) else "above the text"


def _stands_with_form(flow: Flow, element: HtmlElement) -> bool:
    """Whether a box around an element, beside the text, holds a form: the line is a poll's question or a prompt."""
    boxes = takewhile(lambda around: around not in flow.enclosing, around(element))
    return any(box.find(".//form") is not None for box in boxes)


def _heads_series(flow: Flow, index: int) -> bool:
    """Whether a line is a sub-heading above the text's first paragraph, of the shape of those between its paragraphs."""
    tag = flow.blocks[index].element.tag
    return (
        tag in HEADINGS
        and index in flow.span
        and any(
            flow.blocks[later].element.tag == tag and flow.shape_of(later) == flow.shape_of(index)
            for later in range(flow.first, flow.last)
        )
    )


# ---- within it


def _begins_another(flow: Flow, index: int) -> bool:
    """Whether a line among the text's boxes is the headline of another article, loaded below this one.

    It is a heading of the first order, or of the second if it is a link; the text goes on below it in other boxes.
    """
    block = flow.blocks[index]
    if block.element.tag != "h1" and not (block.element.tag == "h2" and block.is_bare_link):
        return False
    if block.key == flow.headline.key or len(block.key) < _HEADLINE or flow.shape_of(index) in flow.shapes:
        return False
    above = {flow.box_of(anchor) for anchor in flow.text if anchor < index}
    below = {flow.box_of(anchor) for anchor in flow.text if anchor > index}
    return above.isdisjoint(below)


def _reason_within(flow: Flow, index: int, *, anchored: bool) -> str | None:
    """Why a line among the text's paragraphs is not one of them, or None."""
    block = flow.blocks[index]
    if anchored and index not in flow.skipped:
        if block.linked > 0.5 and _is_advertised(flow, index):
            return "advertisement"
        if _announces_another(flow, index):
            return "another article"
        return CAPTION if flow.boxes.reason(index) == CAPTION else None
    if reason := _reason(flow, index):
        return reason
    is_text = len(block.key) >= ANCHOR or flow.is_paragraph(block.element) or flow.is_beside(index)
    return None if is_text or _is_quoted(flow, block.element) else "apart from the text"


def _is_quoted(flow: Flow, element: HtmlElement) -> bool:
    """Whether an element stands in a quotation within the article."""
    inner = takewhile(lambda around: around not in flow.enclosing, around(element))
    return any(around.tag == "blockquote" for around in inner)


# ---- below it


def _select_below(selection: Selection, anchors: frozenset[int]) -> None:
    """Keep what goes on below the last of the text's paragraphs: in the same flow, or parted from it by nothing but space."""
    flow = selection.flow
    spans = [flow.page.spans.get(element, flow.span) for element in around(flow.container)]
    # Here, and in the next larger box, but for the whole page: what stands there is not of one text.
    boxes = [span for span in dict.fromkeys(spans) if len(span) < len(flow.blocks)][:2]
    over: str | None = None
    for index in range(flow.last + 1, max(flow.span.stop, max(anchors) + 1)):
        flowing = flow.is_beside(index)
        if _heads_text(flow, index, anchors):
            over = None
            selection.file(index, flow.boxes.reason(index))
            continue
        if not flowing and not over:
            over = _ends_text(flow, index)
        if flowing and (not over or flow.box_of(index) in flow.boxes_of_text):
            selection.file(index, _reason(flow, index))
        elif index in anchors and not over and any(index in box for box in boxes):
            selection.file(index, flow.boxes.reason(index))
        elif index in flow.span:
            selection.file(index, over or _reason(flow, index) or "apart from the text")


def _heads_text(flow: Flow, index: int, anchors: frozenset[int]) -> bool:
    """Whether a line below the text, not in its flow, is the heading of more of it: a question, or what ends with a colon.

    Other headings there may be those of a box about the writer or the outlet.
    """
    block = flow.blocks[index]
    if block.element.tag not in HEADINGS or index not in flow.span or block.linked > 0.5:
        return False
    if flow.rule(index, edge=True):
        return False
    if not block.text.endswith(_ANNOUNCING):
        following = flow.blocks[index + 1 : min(index + 2, flow.span.stop)]
        return any(other.text.endswith("؟") for other in following) and _heads_text(flow, index + 1, anchors)
    below = range(index + 1, min(index + 1 + _SECTION, flow.span.stop))
    section = takewhile(lambda other: flow.blocks[other].element.tag not in HEADINGS, below)
    return any(other in anchors and flow.boxes.reason(other) is None for other in section)


def _ends_text(flow: Flow, index: int) -> str | None:
    """Why nothing below a line, itself below the text and not in its flow, goes on with the text; or None."""
    block = flow.blocks[index]
    if block.element.tag in HEADINGS:
        return "another article" if block.element.tag == "h1" else "another box"
    if not block.key and len(block.text) >= 5:
        return "below a line"
    if flow.rule(index):
        return "below the article"
    return None


# ---- anywhere


def _reason(flow: Flow, index: int) -> str | None:
    """Why a line is not of the text wherever it stands, as far as the page's structure says it, or None."""
    block = flow.blocks[index]
    if not block.key:
        return "no words"
    if index in flow.skipped:
        return "skip-link"
    if box := flow.boxes.reason(index):
        return box
    if flow.boxes.describes_picture(index) and not (block.element.tag in HEADINGS and flow.is_beside(index)):
        return CAPTION
    if flow.rule(index, edge=True) == DATE_LINE and block.element.find("time") is not None:
        return DATE_LINE
    if block.linked > 0.5 and _is_advertised(flow, index):
        return "advertisement"
    if _announces_another(flow, index):
        return "another article"
    if block.linked > 0.5 and not _is_said(flow, block) and not flow.is_step(index):
        return "bare link"
    return "heading of links" if _heads_links(flow, index) else None


def _is_said(flow: Flow, block: Block) -> bool:
    """Whether a line that is a link for the most part is said all the same: a sentence of the text, or of what it quotes."""
    if _is_quoted(flow, block.element):
        return not block.is_bare_link
    whole = block.element.tag == "p" and len(block.key) >= ANCHOR
    return block.text.endswith(_FULL_STOPS) and (block.linked < 0.9 or whole)


def _announces_another(flow: Flow, index: int) -> bool:
    """Whether a line stands right below another article's headline, a link, in a box beside the text's flow."""
    above = flow.blocks[index - 1] if index else None
    if above is None or not above.is_bare_link or len(above.key) < _HEADLINE or above.element.tag not in HEADINGS:
        return False
    return above.key != flow.headline.key and not (index in flow.span and flow.shape_of(index) in flow.shapes)


def _is_advertised(flow: Flow, index: int) -> bool:
    """Whether a line that is a link for the most part stands in a box for advertising, or right below a line that says so."""
    if any(
        not class_words(holder).isdisjoint(markup().advertising | markup().banners)
        for holder in takewhile(lambda holder: holder not in flow.enclosing, around(flow.blocks[index].element))
    ):
        return True
    above = flow.blocks[index - 1].text if index else ""
    return flow.furniture.rule_for(above, linked=0.0, edge=False) == "advertisement"


def _heads_links(flow: Flow, index: int) -> bool:
    """Whether a line is the heading of a list of links: short, no sentence, and two links follow it."""
    line, following = flow.blocks[index].text, flow.blocks[index + 1 : index + 3]
    if len(following) < 2 or not all(block.is_bare_link for block in following):
        return False
    return len(line.split()) <= 6 and not line.endswith((".", "؟", "!"))
