"""What is taken off the lines of an article: furniture that its words give away, the lines at its edges, what is printed twice."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.extract.byline import Reading, is_person, read_line
from pipeline.extract.main_content import ANCHOR
from pipeline.extract.metadata import stated_authors
from pipeline.extract.selection import LEAD
from pipeline.extract.surroundings import PARAGRAPH_ENDS
from pipeline.page import HEADINGS, around, class_words
from pipeline.rules import NEAR, markup, vocabulary
from pipeline.text import fold, letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.extract.flow import Flow
    from pipeline.extract.selection import Selection
    from pipeline.page import Block, Page


_MOST_QUOTES = 100
"""Quotations and lines in boxes of which it is asked whether the text has them too."""
_LIST = 2
"""Lines beside one that names a person and a place which, if they do so too, make it a list of persons."""
_LONGEST_NAME = 4
"""Words of a person's name that stands alone in a line."""
_LONGEST_PLACE = 30
"""Characters of a line that is a place alone."""
_NUMBERED = re.compile(r"\W{0,3}\d{1,3}\s?[-–—.)/]")
_RECURRING = frozenset({"li", "dt", *HEADINGS})


# ---- furniture


def drop_furniture(selection: Selection, own: frozenset[str]) -> None:
    """Take off what a rule takes wherever it stands; after a line that opens a block of furniture, up to the next paragraph."""
    flow = selection.flow
    furniture, chosen, selection.kept = flow.furniture, selection.kept, []
    opened = boxed = False
    until = 0
    for position, index in enumerate(chosen):
        block = flow.blocks[index]
        if (
            selection.kept
            and block.element.tag in HEADINGS
            and furniture.closes_article(block.text, linked=block.linked)
        ):
            selection.removed.update(dict.fromkeys(chosen[position:], "below the article"))
            break
        if furniture.opens_block(block.text, linked=block.linked):
            opened = True
            until = _box_without_text(flow, index).stop
            boxed = until > index + 1
            selection.removed[index] = flow.rule(index, own, edge=True) or "related heading"
        elif opened and (index < until or not (boxed or _resumes(block))):
            selection.removed[index] = "below a related heading"
        else:
            opened = False
            rule = flow.rule(index, own) or ("hashtags" if _is_tokens(block) else None)
            linked = block.is_bare_link and not flow.is_step(index)
            selection.file(index, rule or ("bare link" if linked else None))


def _box_without_text(flow: Flow, index: int) -> range:
    """The largest box around a line that holds nothing of the text itself."""
    span = range(index, index + 1)
    for element in around(flow.blocks[index].element):
        box = flow.page.spans.get(element, span)
        if element in flow.enclosing or bisect_left(flow.text, box.start) < bisect_left(flow.text, box.stop):
            break
        span = box
    return span


def _is_tokens(block: Block) -> bool:
    """Whether a line is nothing but hashtags and web addresses."""
    return all(word.startswith(("#", "http://", "https://")) for word in block.text.split())


def _resumes(block: Block) -> bool:
    """Whether a block after the heading of a furniture block is the article again: running text, not a headline or a link."""
    return block.linked < 0.3 and len(block.key) >= 60 and block.text.endswith(PARAGRAPH_ENDS)


# ---- the edges


def drop_edges(selection: Selection, names: frozenset[str]) -> list[str]:
    """Take off the furniture before and after the text; returns the text of what went."""
    flow = selection.flow
    edges: list[str] = []

    def idle(index: int, passed: int, following: Sequence[int]) -> str | None:
        block = flow.blocks[index]
        if not block.key:
            return "no words"
        if block.key == flow.headline.key and passed == 0:
            return "headline"
        rule = flow.rule(index, edge=passed == 0, near=True)
        return rule or _byline(selection, index, following, names, edge=passed == 0)

    def one_side(indexes: Sequence[int]) -> None:
        selection.kept = []
        for position, index in enumerate(indexes):
            following = indexes[position + 1 : position + 1 + _LIST]
            rule = idle(index, len(selection.kept), following) if len(selection.kept) <= NEAR else None
            if rule:
                edges.append(_with_place(flow, index, following, names))
                selection.removed[index] = rule
            else:
                selection.kept.append(index)

    _drop_place(selection)
    one_side(selection.kept)
    one_side(selection.kept[::-1])
    selection.kept.reverse()
    if len(selection.kept) > 1 and _heads_nothing(flow, *selection.kept[-2:]):
        selection.removed[selection.kept.pop()] = "heading of nothing"
    return edges


def _heads_nothing(flow: Flow, above: int, last: int) -> bool:
    """Whether the last line is a short heading below a paragraph: what it was the heading of is gone."""
    block = flow.blocks[last]
    short = len(block.key) < ANCHOR and not block.text.endswith(PARAGRAPH_ENDS)
    return short and block.element.tag in HEADINGS and flow.blocks[above].element.tag not in HEADINGS


def _drop_place(selection: Selection) -> None:
    """Take off a first line that is a place alone, where no other line is: those are the headings of a round."""
    flow, kept = selection.flow, selection.kept
    if len(kept) > 1 and _is_place(flow, kept[0]) and not any(_is_place(flow, index) for index in kept[1:]):
        selection.removed[selection.kept.pop(0)] = "dateline"


def _is_place(flow: Flow, index: int) -> bool:
    text = flow.blocks[index].text
    return (
        len(text) <= _LONGEST_PLACE
        and flow.blocks[index].element.tag not in HEADINGS
        and vocabulary().is_place(fold(text).split())
    )


def _byline(
    selection: Selection, index: int, following: Sequence[int], names: frozenset[str], *, edge: bool
) -> str | None:
    """Which rule takes a line that only says who wrote the text, where and for which agency; None for any other.

    `following` are the next lines on the way into the text. `edge` says that no line stays before this one.
    """
    flow = selection.flow
    text = flow.blocks[index].text
    reading = read_line(text, names)
    unsure = reading is None or _names_person(reading)
    if unsure and (text.endswith(PARAGRAPH_ENDS) or _is_listed(selection, index, following, names)):
        return None
    if edge and flow.furniture.dateline(text, names):
        return "dateline"
    if reading is None:
        return "byline" if edge and _is_writer(flow, index, following, names) else None
    return "byline" if reading.persons or (edge and reading.placed) else None


def _is_listed(selection: Selection, index: int, following: Sequence[int], names: frozenset[str]) -> bool:
    """Whether a line that names a person is one of a list, as of the dead: below others, or below what announces them."""
    flow = selection.flow

    def names_person(other: int) -> bool:
        return _names_person(read_line(flow.blocks[other].text, names))

    block = flow.blocks[index]
    if (
        block.element.tag in {"li", "td", "dd"}
        or _NUMBERED.match(block.text)
        or any(map(names_person, selection.kept[-1:]))
    ):
        return True
    head = next((other for other in following if not names_person(other)), None)
    if head is None or head > index:
        return head is None
    above = flow.blocks[head]
    return above.text.endswith(":") or (len(above.key) < ANCHOR and not above.text.endswith(PARAGRAPH_ENDS))


def _names_person(reading: Reading | None) -> bool:
    """Whether a line names a person without a word that announces one as the writer."""
    return reading is not None and bool(reading.persons) and reading.label == "none"


def _is_writer(flow: Flow, index: int, following: Sequence[int], names: frozenset[str]) -> bool:
    """Whether a line is a name alone, which the page's head or the place in the next line makes the writer's."""
    text = flow.blocks[index].text
    if len(text.split()) > _LONGEST_NAME or not is_person(text, names):
        return False
    return _with_place(flow, index, following, names) != text or letters(text) in _stated(flow.page)


def _stated(page: Page) -> frozenset[str]:
    """The persons whom the page's head states as its authors, letters alone."""
    return frozenset(letters(name) for _, stated, _ in stated_authors(page) for name in stated)


def _with_place(flow: Flow, index: int, following: Sequence[int], names: frozenset[str]) -> str:
    """A line by the text's edge; behind a name alone the place or the agency that the next line is."""
    text = flow.blocks[index].text
    if following and is_person(text, names):
        below = flow.blocks[following[0]].text
        reading = read_line(below, names)
        if reading is not None and reading.placed and not reading.persons:
            return f"{text} / {below}"
    return text


# ---- repeats


def drop_repeats(selection: Selection) -> None:
    """Take off the second printing of a long paragraph or of a quotation, and an excerpt before the text it is taken from."""
    flow = selection.flow
    kept, selection.kept = selection.kept, []
    keys = [flow.blocks[index].key for index in kept]
    set_off = _set_off(flow, kept)
    text = "\n".join(key for index, key in zip(kept, keys, strict=True) if index not in set_off)
    seen: set[str] = set()
    for position, (index, key) in enumerate(zip(kept, keys, strict=True)):
        excerpt = position == 0 and len(key) >= LEAD and any(text != key and key in text for text in keys[1:4])
        # Steps and headings recur where they are meant to.
        again = len(key) >= LEAD and key in seen and flow.blocks[index].element.tag not in _RECURRING
        if excerpt or again or (index in set_off and (key in text or key in seen)):
            selection.removed[index] = "printed twice"
        else:
            seen.add(key)
            selection.kept.append(index)


def _set_off(flow: Flow, kept: Sequence[int]) -> frozenset[int]:
    """The long lines that stand in a quotation, or in a box beside the text."""
    long = (index for index in kept if len(flow.blocks[index].key) >= ANCHOR)
    return frozenset(islice((index for index in long if _is_set_off(flow, index)), _MOST_QUOTES))


def _is_set_off(flow: Flow, index: int) -> bool:
    """Whether a line stands in a quotation, or in a box beside the text."""
    if index not in flow.span:
        return False
    for element in around(flow.blocks[index].element):
        if element is flow.container:
            break
        if element.tag == "blockquote" or not markup().quotes.isdisjoint(class_words(element)):
            return True
    return flow.shape_of(index) not in flow.shapes
