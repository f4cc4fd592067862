"""Where on a page the article is: the lines that trafilatura picks, without those that it is known to take by mistake.

Trafilatura is shown an outline of the page: those of its lines that are long and no links, which is all that it needs to tell the
article from the rest, and a tenth of the work.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import trafilatura
from lxml import etree, html
from trafilatura.settings import Extractor

from pipeline.extract.surroundings import Surroundings
from pipeline.page import HEADINGS, around, class_words, inherited, is_caption, is_outside
from pipeline.rules import load_furniture
from pipeline.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.headline import Headline
    from pipeline.page import Block, Page


# Trafilatura logs every page that it finds short or odd; what becomes of a page is in its document.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)

_QUICK = Extractor(output_format="python", comments=False, fast=True)
_THOROUGH = Extractor(output_format="python", comments=False)
"""How trafilatura is asked first, and where that finds little: with its second extractors, readability and jusText."""

ANCHOR = 30
"""Letters and digits of a line that by itself shows where the article is; shorter lines recur all over a page."""
TEXT = 150
"""Letters and digits of a text that is more than a stray line."""
_SHORT_TEXT = 300
"""Letters and digits of a text so short that other lines of the page may outweigh it: only the headline shows where it is."""
_BELOW = 40
"""Lines below the headline among which a short text begins and ends."""
_MOST_STRAYS = 4
"""Lines that are no sentences between two of a short text."""
_HEADLINE = 15
"""Letters and digits of a link that can be another article's headline."""
_LARGEST_CARD = 5
"""Lines of a box that announces another article: its headline, an excerpt, section, date and a link to read on."""
_LONGEST_ANSWER = 30
"""Characters of the longest link under a comment by which it is answered."""
_MOST_SHOWN = 1500
_LONGEST_SHOWN = 600
"""Lines of a page, and characters of each, that trafilatura is shown. The longest articles have some 500 paragraphs."""


def find_main_content(page: Page, headline: Headline) -> list[int]:
    """Indexes of the lines that show where the article is, in page order; none where no text could be one."""
    anchors = _unmarked(page, text_lines(page, headline), headline.block)
    if count_letters(page.blocks, anchors) < _SHORT_TEXT:
        below = _below(page, headline.block)
        anchors = [index for index in anchors if index in below] or below or anchors
    return _above_comments(page, anchors)


def text_lines(page: Page, headline: Headline) -> list[int]:
    """Indexes of the lines that may be a text's: long, no links, no known furniture, of no other article and no comment."""
    title, furniture = headline.key, load_furniture()
    long = (
        index
        for index, block in enumerate(page.blocks)
        if len(block.text) >= ANCHOR
        and block.linked < 0.5
        and len(block.key) >= ANCHOR
        and block.key != title
        and not furniture.rule_for(block.text, linked=block.linked, edge=True)
    )
    return _without_cards(page, _without_comments(page, list(islice(long, _MOST_SHOWN))))


def count_letters(blocks: Sequence[Block], indexes: Iterable[int]) -> int:
    """The letters and digits of some lines together."""
    return sum(len(blocks[index].key) for index in indexes)


def index_of(blocks: Sequence[Block], wanted: Block | None) -> int | None:
    """Where a block stands among others, or None."""
    return None if wanted is None or wanted not in blocks else blocks.index(wanted)


def _picked(page: Page, lines: list[int]) -> list[int]:
    """Those of some lines that trafilatura takes for the article; all of them where they stand in one box."""
    outline = _outline(page, lines)
    if len({line.getparent() for line in outline.iter("p")}) <= 1:
        return lines
    found: list[int] = []
    for options in (_QUICK, _THOROUGH):
        text = letters(_trafilatura_text(outline, options))
        picked = [index for index in lines if letters(page.blocks[index].text[:_LONGEST_SHOWN]) in text]
        found = max(found, picked, key=lambda indexes: count_letters(page.blocks, indexes))
        if count_letters(page.blocks, found) >= TEXT:
            break
    return found


def _trafilatura_text(outline: HtmlElement, options: Extractor) -> str:
    """What trafilatura takes for the article on a page, or nothing."""
    try:
        document = trafilatura.bare_extraction(outline, options=options)
    except Exception:  # whatever an odd page makes it raise (RecursionError, lxml's errors…), we go on without it
        return ""
    text = getattr(document, "text", None)
    return text if isinstance(text, str) else ""


# What trafilatura goes by besides the text, as of 2.3: these elements, and these attributes of any.
_TELLING_TAGS = frozenset({"article", "main", "section", "aside", "nav", "header", "footer", "figure", "figcaption"})
_TELLING_ATTRIBUTES = ("class", "id", "itemprop", "role")


def _outline(page: Page, lines: Sequence[int]) -> HtmlElement:
    """A page of some lines, each a paragraph, within those of their elements that tell one part of a page from another.

    Of elements around the same lines there is one, with the names of all: trafilatura takes its time over every element.
    """
    root = html.Element("html")
    body = etree.SubElement(root, "body")
    copies: dict[HtmlElement, HtmlElement] = {}
    held: dict[HtmlElement, tuple[int, int]] = {}

    def copy(element: HtmlElement, *, within: HtmlElement) -> HtmlElement:
        tag = element.tag
        # A tree may be parsed with control characters, which must not be written into one.
        told = {name: value for name in _TELLING_ATTRIBUTES if (value := tidy(element.get(name) or ""))}
        telling = tag in _TELLING_TAGS
        span = page.spans.get(element)
        if not (told or telling) or span is None or tag in {"html", "body"}:
            return within
        holds = bisect_left(lines, span.start), bisect_left(lines, span.stop)
        if holds == held.get(within) and not (telling and within.tag in _TELLING_TAGS):
            if telling:
                within.tag = tag
            for name, value in told.items():
                within.set(name, f"{within.get(name, '')} {value}".strip())
            return within
        made = etree.SubElement(within, tag if telling else "div", told)
        held[made] = holds
        return made

    for index in lines:
        block = page.blocks[index]
        holder = inherited(copies, block.element, copy, outermost=body)
        etree.SubElement(holder, "p").text = block.text[:_LONGEST_SHOWN]
    return root


def _without_cards(page: Page, anchors: list[int]) -> list[int]:
    """The lines but for the excerpts that announce other articles, each in a box with a link to its own.

    They are three or more boxes of one make; fewer where an excerpt breaks off below a heading.
    """
    blocks = page.blocks
    cards: dict[tuple[object, ...], list[int]] = {}
    alone: set[int] = set()
    for index in anchors:
        for link in (index - 1, index + 1):
            if 0 <= link < len(blocks) and blocks[link].is_bare_link and len(blocks[link].key) >= _HEADLINE:
                card = next(
                    (element for element in around(blocks[index].element) if link in page.spans.get(element, ())), None
                )
                if card is not None and len(page.spans[card]) <= _LARGEST_CARD:
                    cards.setdefault((card.getparent(), card.tag, card.get("class")), []).append(index)
                    if link < index and _is_excerpt(blocks[index], blocks[link]):
                        alone.add(index)
                    break
    listed = alone.union(*(members for members in cards.values() if len(members) >= 3))
    return [index for index in anchors if index not in listed] or anchors


def _is_excerpt(block: Block, headline: Block) -> bool:
    """Whether a line below another article's linked heading is the beginning of that article: it breaks off."""
    return headline.element.tag in HEADINGS and block.text.endswith(("…", "..."))


def _without_comments(page: Page, lines: list[int]) -> list[int]:
    """The lines but for readers' comments: boxes of one make, two or more, each with a link to answer."""
    answers = load_furniture().answers
    cards: dict[tuple[object, ...], list[range]] = {}
    for index, block in enumerate(page.blocks):
        if len(block.text) <= _LONGEST_ANSWER and fold(block.text) in answers:
            span = range(index, index + 1)
            card = next((element for element in around(block.element) if len(page.spans.get(element, span)) > 1), None)
            if card is not None:
                cards.setdefault((card.getparent(), card.tag), []).append(page.spans[card])
    comments = [card for alike in cards.values() if len(alike) > 1 for card in alike]
    return [index for index in lines if not any(index in card for card in comments)] if comments else lines


def _unmarked(page: Page, lines: list[int], headline: Block | None) -> list[int]:
    """The lines that trafilatura picks, without those in elements marked as furniture.

    Where those are most of the text (two thirds), trafilatura took the wrong part of the page, if there is text right below the
    headline; if there is none, a theme has given the article itself such a mark.
    """
    furniture, blocks = load_furniture(), page.blocks
    marked = {} if headline is None else dict.fromkeys(around(headline.element), False)

    def is_marked(element: HtmlElement, *, within: bool) -> bool:
        return (
            within
            or is_outside(element)
            or element.tag == "header"
            or is_caption(element)
            or furniture.marks(class_words(element), sure=True)
        )

    def without_marked(indexes: list[int]) -> list[int]:
        return [index for index in indexes if not inherited(marked, blocks[index].element, is_marked, outermost=False)]

    clear = without_marked(lines)
    if 3 * count_letters(blocks, clear) >= count_letters(blocks, lines):
        return _in_scope(page, _picked(page, clear), headline)
    picked = _picked(page, lines)
    clear = without_marked(picked)
    if 3 * count_letters(blocks, clear) >= count_letters(blocks, picked):
        return _in_scope(page, clear, headline)
    below = _below(page, headline)
    if count_letters(blocks, below) >= TEXT:
        return below
    # A theme may give the article itself such a mark, and ASP.NET puts all of a page in a form; neither puts it in a menu.
    inside = [index for index in picked if not _is_in_menu(blocks[index].element)]
    return inside if count_letters(blocks, inside) >= TEXT else below


def _is_in_menu(element: HtmlElement) -> bool:
    return any(holder.tag in {"nav", "footer"} or holder.get("role") == "navigation" for holder in around(element))


def _in_scope(page: Page, anchors: list[int], headline: Block | None) -> list[int]:
    """The anchors in the same ``<main>`` or ``<article>`` as the headline, if those are a good part (a quarter) of them."""
    holders = [] if headline is None else list(around(headline.element))
    for tag in ("article", "main"):
        scopes = [page.spans[element] for element in holders if element.tag == tag]
        inside = [index for index in anchors if any(index in scope for scope in scopes)]
        if inside and (tag == "main" or 4 * count_letters(page.blocks, inside) >= count_letters(page.blocks, anchors)):
            return inside
    return anchors


def _below(page: Page, headline: Block | None) -> list[int]:
    """The sentences that follow the headline, for texts too short for trafilatura, such as a flash of one line."""
    start = index_of(page.blocks, headline)
    if start is None:
        return []
    furniture, boxes = load_furniture(), Surroundings(page, around(page.blocks[start].element))
    found: list[int] = []
    strays = 0
    for index in range(start + 1, min(start + _BELOW, len(page.blocks))):
        block = page.blocks[index]
        if furniture.opens_block(block.text, linked=block.linked):
            break
        if (
            len(block.text.split()) >= 5
            and block.linked < 0.3
            and boxes.reason(index) is None
            and not furniture.rule_for(block.text, linked=block.linked, edge=True)
        ):
            found.append(index)
            strays = 0
        else:
            strays += 1
            if found and (block.element.tag in HEADINGS or strays > _MOST_STRAYS):
                break
    return found


def _above_comments(page: Page, anchors: list[int]) -> list[int]:
    """The anchors without those below the heading of readers' comments, where that parts them from the text."""
    furniture, blocks = load_furniture(), page.blocks
    for position, (index, following) in enumerate(pairwise(anchors), start=1):
        if blocks[index].element.getparent() is not blocks[following].element.getparent() and any(
            furniture.closes_article(block.text, linked=block.linked) for block in blocks[index + 1 : following]
        ):
            above = anchors[:position]
            return above if count_letters(blocks, above) >= TEXT else anchors
    return anchors
