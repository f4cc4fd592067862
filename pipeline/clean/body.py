"""The body of an article: trafilatura says where it is, its words are read from the page itself.

Trafilatura's own text lacks every invisible joiner, often the standfirst, and here and there a paragraph within. So its text
serves to find the article's blocks on the page; those, and what belongs between and before them, make the body; the rules of
`pipeline.clean.furniture` take off what is not the article.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trafilatura

from pipeline.clean.furniture import NEAR, Furniture, fold_lines, load_furniture
from pipeline.clean.text import fold, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from pipeline.clean.blocks import Block
    from pipeline.clean.head import Headline
    from pipeline.clean.page import Page

# Trafilatura logs every page that it finds short or odd; what becomes of a page is in its document.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)

_ANCHOR = 30
"""Letters and digits of a block that by itself shows where the article is; shorter lines recur all over a page."""
_TEXT = 150
"""Letters and digits of a text that is more than a stray line."""
_LEAD = 40
"""Letters and digits that a line between the headline and the text must have to be taken for the standfirst."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = frozenset({"p", "li", "blockquote", "pre", "dd", "dt", "td", "summary", *_HEADINGS})
_OUTSIDE = frozenset({"nav", "footer", "aside", "figcaption", "caption"})
_SENTENCE_ENDS = (".", "؟", "!", "?", "…", ":", "؛", "۔", "”", '"', "»")


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs of an article, in order; the element that holds them; the lines taken off before and after them."""

    paragraphs: tuple[str, ...] = ()
    container: HtmlElement | None = None
    edges: tuple[str, ...] = ()


def find_body(page: Page, headline: Headline, names: frozenset[str], own_furniture: Sequence[str] = ()) -> Body:
    """The article's paragraphs on a page; none where there is no text that could be one.

    `names` are the outlet's own (`pipeline.clean.head.site_names`), `own_furniture` the lines that the source says it repeats.
    """
    anchors = _unmarked(page.blocks, _anchors(page, headline), headline.block) or _anchors_below(
        page.blocks, headline.block
    )
    if not anchors:
        return Body()
    container = _container([page.blocks[index] for index in anchors])
    chosen = [page.blocks[index] for index in _choose(page, anchors, container, headline.block)]
    lines = _without_furniture(chosen, fold_lines(own_furniture))
    kept, edges = _without_edges(lines, headline, names)
    paragraphs = _without_repeats([block.text for block in kept])
    if paragraphs:
        paragraphs[-1] = load_furniture().without_suffix(paragraphs[-1])
    return Body(tuple(paragraph for paragraph in paragraphs if paragraph), container, tuple(edges))


def _anchors(page: Page, headline: Headline) -> list[int]:
    """Indexes of the long blocks, the headline apart, whose text trafilatura takes for the article."""
    text = letters(_trafilatura_text(page.tree))
    return [
        index
        for index, block in enumerate(page.blocks)
        if len(block.key) >= _ANCHOR and block.linked < 0.5 and block.key != headline.key and block.key in text
    ]


def _trafilatura_text(tree: HtmlElement) -> str:
    """What trafilatura takes for the article, or nothing."""
    try:
        document = trafilatura.bare_extraction(tree, with_metadata=False, include_comments=False)
    except Exception:  # whatever a broken page makes it raise (RecursionError, lxml's errors…), we go on without it
        return ""
    text = getattr(document, "text", None)
    return text if isinstance(text, str) else ""


def _anchors_below(blocks: Sequence[Block], headline: Block | None) -> list[int]:
    """Indexes of the sentences that follow the headline, for texts too short for trafilatura, such as a flash of one line."""
    if headline is None:
        return []
    start = next((index for index, block in enumerate(blocks) if block is headline), None)
    if start is None:
        return []
    furniture = load_furniture()
    found: list[int] = []
    for index in range(start + 1, min(start + 40, len(blocks))):
        block = blocks[index]
        if furniture.opens_block(block.text, linked=block.linked):
            break
        sentence = len(block.text.split()) >= 5 and block.linked < 0.3
        if (
            sentence
            and not _is_caption(block, None)
            and not _outside(block, furniture, None)
            and not furniture.rule_for(block.text, linked=block.linked, edge=True)
        ):
            found.append(index)
        elif found and block.element.tag in _HEADINGS:
            break
    return found


def _weigh(anchors: Iterable[Block]) -> dict[HtmlElement, int]:
    """How many letters of the anchors each element around them holds; inner elements come before outer ones."""
    weights: dict[HtmlElement, int] = {}
    for block in anchors:
        for element in (block.element, *block.element.iterancestors()):
            weights[element] = weights.get(element, 0) + len(block.key)
    return weights


def _unmarked(blocks: Sequence[Block], anchors: list[int], headline: Block | None) -> list[int]:
    """The anchors without those in elements marked as furniture.

    Where those are most of the text (two thirds), trafilatura took the wrong part of the page, if there is text right below the
    headline; if there is none, a theme has given the article itself such a mark.
    """
    furniture = load_furniture()
    around = set() if headline is None else {headline.element, *headline.element.iterancestors()}
    marked = {
        element
        for element in _weigh(blocks[index] for index in anchors)
        if element not in around and (element.tag in _OUTSIDE or furniture.marks(element, sure=True))
    }
    clear = [
        index for index in anchors if marked.isdisjoint((blocks[index].element, *blocks[index].element.iterancestors()))
    ]
    if 3 * _letters(blocks, clear) >= _letters(blocks, anchors):
        return _in_scope(blocks, clear, around)
    below = _anchors_below(blocks, headline)
    return below if _letters(blocks, below) >= _TEXT else anchors


def _in_scope(blocks: Sequence[Block], anchors: list[int], around: set[HtmlElement]) -> list[int]:
    """The anchors in the same ``<main>`` or ``<article>`` as the headline, if those are a good part (a quarter) of them."""
    for tag in ("article", "main"):
        scopes = [element for element in around if element.tag == tag]
        inside = [index for index in anchors if any(_within(blocks[index].element, scope) for scope in scopes)]
        if inside and (tag == "main" or 4 * _letters(blocks, inside) >= _letters(blocks, anchors)):
            return inside
    return anchors


def _letters(blocks: Sequence[Block], indexes: Iterable[int]) -> int:
    return sum(len(blocks[index].key) for index in indexes)


def _container(anchors: Sequence[Block]) -> HtmlElement:
    """The smallest element that holds most (three quarters) of the anchors' text."""
    weights = _weigh(anchors)
    enough = 0.75 * max(weights.values())
    holding = [element for element, weight in weights.items() if weight >= enough]
    return max(holding, key=lambda element: sum(1 for _ in element.iterancestors()))


def _choose(page: Page, anchors: Sequence[int], container: HtmlElement, headline: Block | None) -> list[int]:
    """Indexes of the blocks that may be the body.

    These are the anchors; within their container the lines beside and among them that read as text; before it the standfirst.
    """
    furniture, blocks = load_furniture(), page.blocks
    # What a picture's own text says is its caption, wherever it is printed.
    captions = {letters(picture.get(name) or "") for picture in page.tree.iter("img") for name in ("alt", "title")}
    held = set(container.iter())
    inside = {index for index, block in enumerate(blocks) if block.element in held}
    flows = {parent for index in anchors if index in inside for parent in _flows(blocks[index], container)}
    first, last = min(inside.intersection(anchors)), max(inside.intersection(anchors))
    start = next((index for index, block in enumerate(blocks) if block is headline), first)
    chosen = {
        index
        for index in range(start + 1, first)
        if index not in inside
        and blocks[index].key not in captions
        and blocks[index].element.tag != "h1"
        and _is_lead(blocks[index], furniture, container)
    }
    for index in inside.difference(anchors):
        block = blocks[index]
        if (
            block is headline
            or not block.key
            or block.key in captions
            or block.linked > 0.5
            or _heads_links(blocks, index)
        ):
            continue
        beside = not flows.isdisjoint(_flows(block, container))
        among = first < index < last and (block.element.tag in _PARAGRAPHS or len(block.key) >= _ANCHOR)
        if (beside or among) and not _outside(block, furniture, container) and not _is_caption(block, container):
            chosen.add(index)
    chosen.update(index for index in anchors if index in inside and not _is_caption(blocks[index], container))
    for index in sorted(set(anchors) - inside):
        block = blocks[index]
        if index > last:
            # A text parted in two boxes, by an advertisement say; but not past a prompt to comment or related articles.
            between = blocks[max(inside) + 1 : index]
            if any(furniture.rule_for(line.text, linked=line.linked, edge=False) for line in between):
                break
            parent = container.getparent()
            if parent is None or not _within(block.element, parent):
                continue
        if not _outside(block, furniture, container) and not _is_caption(block, container):
            chosen.add(index)
    return sorted(chosen)


def _flows(block: Block, container: HtmlElement) -> tuple[HtmlElement, ...]:
    """The elements in whose flow of text a block stands: its own where its lines are parted by breaks, and its parent."""
    parent = block.element.getparent()
    if block.element is container or parent is None or block.element.tag not in _PARAGRAPHS:
        return (block.element,)
    return (block.element, parent)


def _is_lead(block: Block, furniture: Furniture, container: HtmlElement) -> bool:
    """Whether a line between the headline and the text is the standfirst."""
    if len(block.key) < _LEAD or len(block.text.split()) < 6 or block.linked > 0.3:
        return False
    return not _outside(block, furniture, container) and not _is_caption(block, container)


def _is_caption(block: Block, container: HtmlElement | None) -> bool:
    """Whether a line is the caption of a picture: it stands alone with one in a box of the page.

    The box is the largest element, within the container or beside it, that has no text but this line.
    """
    if len(block.text.split()) > 60:
        return False
    element = block.element
    if element is container:
        return False
    own = element.find(".//img") is not None
    if own and block.text.endswith(_SENTENCE_ENDS):
        return False  # a paragraph with a picture in it
    while not own:
        parent = element.getparent()
        if (
            parent is None
            or parent.tag in {"body", "main", "article"}
            or (container is not None and _within(container, parent))
        ):
            return False
        if len(letters("".join(parent.itertext()))) > len(block.key):
            return False
        element = parent
        own = element.find(".//img") is not None
    return True


def _outside(block: Block, furniture: Furniture, container: HtmlElement | None) -> bool:
    """Whether an element around a block, within the container or beside it, is marked as furniture."""
    for element in (block.element, *block.element.iterancestors()):
        if (
            element is container
            or element.tag in {"body", "main", "article"}
            or (container is not None and _within(container, element))
        ):
            return False
        if element.tag in _OUTSIDE or furniture.marks(element, sure=False):
            return True
    return False


def _within(element: HtmlElement, other: HtmlElement) -> bool:
    return element is other or any(ancestor is other for ancestor in element.iterancestors())


def _without_furniture(blocks: Sequence[Block], own: frozenset[str]) -> list[Block]:
    """The blocks that no rule takes wherever it stands; after a line that opens a block of furniture, from the next paragraph."""
    furniture = load_furniture()
    kept: list[Block] = []
    opened = False
    for block in blocks:
        if kept and block.element.tag in _HEADINGS and furniture.closes_article(block.text, linked=block.linked):
            break
        if furniture.opens_block(block.text, linked=block.linked):
            opened = True
        elif not opened or _is_paragraph(block):
            opened = False
            furnished = furniture.rule_for(block.text, linked=block.linked, edge=False, own=own) is not None
            if not (furnished or _is_bare_link(block) or _is_tokens(block)):
                kept.append(block)
    return kept


def _heads_links(blocks: Sequence[Block], index: int) -> bool:
    """Whether a line is the heading of a list of links: short, no sentence, and two links follow it."""
    line, following = blocks[index].text, blocks[index + 1 : index + 3]
    short = len(line.split()) <= 6 and not line.endswith((".", "؟", "!"))
    return short and len(following) == 2 and all(_is_bare_link(block) for block in following)


def _is_tokens(block: Block) -> bool:
    """Whether a line is nothing but hashtags and web addresses."""
    return all(word.startswith(("#", "http://", "https://")) for word in block.text.split())


def _without_edges(blocks: list[Block], headline: Headline, names: frozenset[str]) -> tuple[list[Block], list[str]]:
    """The blocks without the furniture before and after the text, and the text of what was taken off."""
    furniture = load_furniture()

    def idle(block: Block, passed: int) -> bool:
        if not block.key or (block.key == headline.key and passed == 0):
            return True
        if passed > NEAR:
            return False
        rule = furniture.rule_for(block.text, linked=block.linked, edge=passed == 0, near=passed <= NEAR)
        return rule is not None or (passed == 0 and bool(furniture.dateline(block.text, names)))

    def one_side(blocks: Iterable[Block]) -> list[Block]:
        kept: list[Block] = []
        for block in blocks:
            if idle(block, len(kept)):
                edges.append(block.text)
            else:
                kept.append(block)
        return kept

    edges: list[str] = []
    from_start = one_side(blocks)
    return list(reversed(one_side(reversed(from_start)))), edges


def _is_paragraph(block: Block) -> bool:
    """Whether a block after the heading of a furniture block is the article again: running text, not a headline or a link."""
    return block.linked < 0.3 and len(block.key) >= 60 and block.text.endswith(_SENTENCE_ENDS)


def _is_bare_link(block: Block) -> bool:
    """Whether a line is another article's headline as a link: a link from end to end that is no sentence."""
    return block.linked > 0.9 and not block.text.endswith((".", "؟", "!"))


def _without_repeats(paragraphs: list[str]) -> list[str]:
    """The paragraphs without a standfirst that the text itself begins with, and without a long paragraph's second printing."""
    kept: list[str] = []
    seen: set[str] = set()
    for number, paragraph in enumerate(paragraphs):
        key = fold(paragraph)
        following = fold(paragraphs[number + 1]) if number + 1 < len(paragraphs) else ""
        excerpt = number == 0 and len(key) >= 40 and following.startswith(key)
        if excerpt or (len(key) >= 60 and key in seen):
            continue
        seen.add(key)
        kept.append(paragraph)
    return kept
