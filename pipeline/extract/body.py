"""The body of an article: its lines, read from the page itself, and why each line around them is not of it.

Trafilatura's own text lacks every invisible joiner, often the standfirst, and here and there a paragraph within. So the lines that
it picks only show where the article is (`main_content`). They tell the flow of its text (`flow`); what belongs above, within and
below that makes the body (`selection`); the rules of `pipeline.rules.furniture` take off what is not the article (`trimming`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.extract.container import is_text
from pipeline.extract.flow import Flow
from pipeline.extract.main_content import count_letters, find_main_content
from pipeline.extract.selection import LEAD, Selection, select_around, select_stated
from pipeline.extract.selectors import stated_lines
from pipeline.extract.surroundings import CAPTION
from pipeline.extract.trimming import drop_edges, drop_furniture, drop_repeats
from pipeline.page import HEADINGS
from pipeline.rules import fold_lines, load_furniture
from pipeline.text import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.headline import Headline
    from pipeline.page import Page


GENERAL, SELECTOR, SELECTOR_FAILS = "general", "selector", ", selector fails"
"""How a text was found: as on any page; where the source's file says it is; behind another way, that it is not there."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A line that a careful reader might look for, and why it is not in the body.

    `rule` is the name of a rule of ``furniture.yaml``, "source" for a line that the source says it repeats, or a reason that lies
    in the page's structure, in a few words.
    """

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs of an article, in order; the element that holds them; the lines taken off before and after them.

    `removed` are the lines in and around the article that are not in the body, in page order. `standfirst` is the lead that the
    page sets apart from the text; it is the body's beginning too. `captions` are those of the article's pictures. `method` is how
    the text was found: `GENERAL`, `SELECTOR`, or one of `second_look`'s ways.
    """

    paragraphs: tuple[str, ...] = ()
    container: HtmlElement | None = None
    edges: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    standfirst: str | None = None
    captions: tuple[str, ...] = ()
    method: str = GENERAL


def find_body(
    page: Page,
    headline: Headline,
    names: frozenset[str],
    own_furniture: Sequence[str] = (),
    selector: str | None = None,
) -> Body:
    """The article's paragraphs on a page; none where there is no text that could be one.

    `names` are the outlet's own (`site_names`), `own_furniture` the lines that the source says it repeats, `selector` what it
    says holds its articles' text. A selector that finds nothing, or much less than is found without it, is of an older template.
    """
    anchors = find_main_content(page, headline)
    stated = stated_lines(page, selector) if selector else []
    if stated and 2 * count_letters(page.blocks, stated) >= count_letters(page.blocks, anchors):
        flow = Flow(page, [index for index in stated if is_text(page.blocks[index])] or stated, headline)
        return _made(select_stated(flow, stated), names, own_furniture, SELECTOR)
    return body_around(page, headline, names, anchors, own_furniture, GENERAL + SELECTOR_FAILS * bool(selector))


def body_around(
    page: Page,
    headline: Headline,
    names: frozenset[str],
    anchors: Sequence[int],
    own_furniture: Sequence[str] = (),
    method: str = GENERAL,
) -> Body:
    """The article of which some lines are known, given by their indexes in page order; empty where there are none."""
    if not anchors:
        return Body(method=method)
    return _made(select_around(Flow(page, anchors, headline)), names, own_furniture, method)


def _made(selection: Selection, names: frozenset[str], own_furniture: Sequence[str], method: str) -> Body:
    """The body that the lines selected make, when what is no part of it is taken off."""
    blocks = selection.flow.blocks
    drop_furniture(selection, fold_lines(own_furniture))
    edges = drop_edges(selection, names)
    drop_repeats(selection)
    texts = [blocks[index].text for index in selection.kept]
    if texts:
        texts[-1] = load_furniture().without_suffix(texts[-1])
    return Body(
        paragraphs=tuple(text for text in texts if text),
        container=selection.flow.container,
        edges=tuple(edges),
        removed=tuple(Removed(blocks[index].text, rule) for index, rule in sorted(selection.removed.items())),
        standfirst=_standfirst(selection),
        captions=tuple(_captions(selection)),
        method=method,
    )


def _standfirst(selection: Selection) -> str | None:
    """The lead, as far as the page sets it apart from the text: the first lines kept that its markup makes a lead."""
    flow, kept = selection.flow, selection.kept
    leads = 0
    while leads < len(kept) and _is_set_apart(flow, kept[leads]):
        leads += 1
    lead, text = kept[:leads], kept[leads:]
    if not lead or count_letters(flow.blocks, lead) > count_letters(flow.blocks, text):
        return None
    return "\n".join(flow.blocks[index].text for index in lead)


def _is_set_apart(flow: Flow, index: int) -> bool:
    block = flow.blocks[index]
    if index < flow.span.start or (block.element.tag in HEADINGS and len(block.key) >= LEAD):
        return True
    return flow.is_in_lead(block.element)


def _captions(selection: Selection) -> Iterator[str]:
    """The captions of the article's pictures, those that are a credit alone apart, in page order, each once."""
    flow = selection.flow
    texts = [flow.blocks[index].text for index, reason in sorted(selection.removed.items()) if reason == CAPTION]
    for text in dict.fromkeys(texts):
        credit = flow.furniture.rule_for(text, linked=0.0, edge=True)
        if credit is None and not flow.furniture.names_agencies(text) and letters(text) != flow.headline.key:
            yield text
