"""What stands at the head of an article: the names of its site, its headline, its canonical URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from pipeline.extract.metadata import all_titles
from pipeline.extract.selectors import select
from pipeline.extract.site import LONGEST_TITLE, MOST_HEADINGS, MOST_TITLES, SEPARATORS, names_site, without_site
from pipeline.page import (
    HEADINGS,
    around,
    attribute_words,
    class_words,
    describe,
    is_box,
    is_hidden,
    is_home_link,
    is_outside,
)
from pipeline.rules import headlines, load_furniture, markup, sections
from pipeline.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from pipeline.page import Block, Page

# In metadata the site's name is glued on in more ways: "النهر: …", "…- النهر". A whole part must be the name, so no title is cut.
_LOOSE_SEPARATORS = re.compile(r"\s*(?:[-–—•·/~]|\|+|::|:(?=\s))\s*|\s+[»«›]\s+")
_TEXTS: Any = etree.XPath("descendant::text()")
_MARKED_TITLES: Any = etree.XPath(
    "descendant::*[contains(@itemprop, 'headline') or contains(@class, 'itle') or contains(@class, 'eadline')"
    " or contains(@id, 'itle') or contains(@class, 'eading') or self::h2 or self::h3]"
)
# Elements within a heading that are not its text: the kicker above it, the line below it, a label, a date, a counter.
_BESIDE = frozenset().union(
    markup().kickers,
    markup().subtitles,
    markup().labels,
    markup().categories,
    markup().sections,
    markup().more_tags,
    markup().stamps,
    markup().dates,
    markup().unseen,
)
_BESIDE_TAGS = frozenset({"small", "sub", "sup", "time"})
_UNREAD = frozenset({"script", "style", "svg", "button", "template", "noscript"})
_LINES = frozenset({"br", "div", "p", "h2", "h3", "h4", "h5", "h6", "li", "section", "header", *_BESIDE_TAGS})
_TITLE_WORDS = markup().titles | markup().headlines
_ARTICLE_WORDS = markup().articles | markup().article_pages | markup().headlines
_OTHER_WORDS = frozenset().union(
    markup().boxes,
    markup().sections,
    markup().comments,
    markup().related,
    markup().navigation,
    markup().sides,
    markup().footers,
)
_LOGO_WORDS = markup().logos | markup().brands
_ALIKE = 0.4
"""Share of words that a printed headline has in common with one that the metadata states, at least."""
_SAME = 0.6
"""Share of the words of both that makes them one headline without a further look."""
_MOST_LINES = 20
"""Lines over which a headline may break, with what stands beside it."""
_MOST_PARTS = 4
"""Lines over which a headline may break that no heading holds together."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline; the block of the page that prints it and the heading that holds it, where there are; where it was found."""

    text: str | None = None
    block: Block | None = None
    heading: HtmlElement | None = None
    origin: str | None = None

    @property
    def key(self) -> str:
        """The headline's letters and digits alone."""
        return letters(self.text or "")

    @property
    def printed(self) -> str:
        """The line that prints it, with what stands beside it there; empty where the page prints none."""
        if self.block is None or self.heading is None:
            return ""
        whole = tidy(self.heading.text_content()) if self.heading.tag in HEADINGS else ""
        return whole if 0 < len(whole) <= LONGEST_TITLE else self.block.text


def find_headline(page: Page, names: frozenset[str], selector: str | None = None) -> Headline:
    """The headline as the reader sees it, without the site's name: what the source's own selector finds, where it finds one.

    The page's own printing comes first: an ``h1``, else another heading that agrees with the metadata, else one that is
    marked as the article's. The metadata's title is what search engines are given, often another text; it serves where the
    page prints none.
    """
    stated = _Stated(page, names)
    if selector and (named := _named(page, selector, stated, names)):
        return named
    found = _find(page, stated, names)
    return found if found.block is not None and found.key in stated.keys else _in_parts(page, stated, found) or found


def _find(page: Page, stated: _Stated, names: frozenset[str]) -> Headline:
    """The headline that one line or one heading of the page prints; else the metadata's title."""
    firsts = _first_headings(page, stated, names)
    best = max(firsts, key=lambda headline: stated.agreement(headline.text), default=None)
    if best is not None and stated.likeness(best.text) < _ALIKE:
        best = None
    if best is not None and stated.agreement(best.text)[1] >= _SAME:
        return best
    agreeing = _agreeing(page, stated, names)
    # A short heading of the first rank beside a longer one that agrees is a topic's.
    if best is not None and (agreeing is None or not _is_longer_heading(agreeing, best)):
        return best
    if agreeing is not None:
        return agreeing
    long = [headline for headline in firsts if _count(headline.text) >= 3]
    if len(long) == 1 or (long and not stated.origins):
        return max(long, key=lambda headline: len(headline.key))
    marked = _marked(page, stated, names)
    if marked is not None:
        return marked
    for title, origin in stated.origins.items():
        return Headline(title, origin=origin)
    return firsts[0] if firsts else Headline()


def _is_none(text: str, names: frozenset[str]) -> bool:
    """Whether a text is no headline whatever states it: the outlet's name, the home page's, what editors call a new page."""
    key = fold(text).rstrip("0123456789 ")
    return names_site(text, names) or key in headlines().unnamed | headlines().lists | sections().home | sections().none


def _is_said_twice(title: str) -> bool:
    """Whether a title is one name again and again: the site's, in the page's place and in its own."""
    pieces = SEPARATORS.split(title)
    return len(pieces) > 1 and len(set(map(letters, pieces))) == 1


def _named(page: Page, selector: str, stated: _Stated, names: frozenset[str]) -> Headline | None:
    """The first headline among what a selector finds: an element that prints one, or a ``meta`` that states one."""
    for element in select(page, selector):
        text = without_site(tidy(element.get("content") or ""), names)
        if element.tag == "meta" and 0 < len(text) <= LONGEST_TITLE:
            block = next((block for block in page.blocks if block.key == letters(text)), None)
            return Headline(text, block, None if block is None else _holder(block), selector)
        heading = _read(page, element, stated, names)
        if heading is not None:
            return heading
    return None


def _is_longer_heading(one: Headline, other: Headline) -> bool:
    return one.block is not None and _is_heading(one.block.element) and len(one.key) > len(other.key)


def _count(text: str | None) -> int:
    """The number of words of a text."""
    return len((text or "").split())


# ---- what the page prints


def _first_headings(page: Page, stated: _Stated, names: frozenset[str]) -> list[Headline]:
    """The page's headings of the first rank; those of the site itself and of its furniture are left out."""
    furniture = load_furniture()
    headings = [
        _read(page, element, stated, names)
        for element in islice(page.tree.iter("h1"), MOST_HEADINGS)
        if not _is_of_site(element)
    ]
    return [
        heading
        for heading in headings
        if heading is not None
        and not _is_none(heading.text or "", names)
        and furniture.rule_for(heading.text or "", linked=0, edge=False) is None
    ]


def _is_of_site(element: HtmlElement) -> bool:
    """Whether a heading is the site's logo or name by its markup."""
    for holder, _ in zip(around(element), range(3), strict=False):
        named = class_words(holder)
        if named & _LOGO_WORDS or ("site" in named and named & {"title", "name"}):
            return True
    return any(is_home_link(link.get("href")) for link in element.iter("a"))


def _read(page: Page, element: HtmlElement, stated: _Stated, names: frozenset[str]) -> Headline | None:
    """A heading as it is printed, without what only stands beside its text; None where it prints nothing."""
    text = without_site(_chosen(_runs(element), stated), names)
    key = letters(text)
    # A heading that makes no line of its own stands in its parent's; one that is hidden in none.
    span = next((page.spans[holder] for holder in around(element) if holder in page.spans), range(0))
    lines = [page.blocks[index] for index in span[:_MOST_LINES]]
    block = max(lines, key=lambda line: _shared(line.key, key), default=None)
    if block is None or not _shared(block.key, key) or len(text) > LONGEST_TITLE:
        return None
    return Headline(text, block, element, describe(element))


def _shared(one: str, other: str) -> int:
    """How many letters of a heading a line of it has, where one is a part of the other."""
    return min(len(one), len(other)) if one in other or other in one else 0


class _Run(NamedTuple):
    """A piece of text in a heading; whether its markup sets it beside the headline, or on a line of its own."""

    text: str
    beside: bool
    line: bool


def _runs(element: HtmlElement) -> list[_Run]:
    """The pieces of text in a heading, in their order."""
    runs: list[_Run] = []
    for piece in _TEXTS(element)[: 5 * _MOST_LINES]:
        beside = False
        begins_line = piece.getparent() is not element and piece.getparent().tag in _LINES
        for holder in around(piece.getparent().getparent() if piece.is_tail else piece.getparent()):
            if holder is element:
                break
            if holder.tag in _UNREAD or is_hidden(holder):
                break
            beside = beside or holder.tag in _BESIDE_TAGS or not class_words(holder).isdisjoint(_BESIDE)
            begins_line = begins_line or beside
        else:
            continue
        if holder is element:
            runs.append(_Run(f" {piece} " if begins_line else str(piece), beside, begins_line))
    return runs


def _chosen(runs: Sequence[_Run], stated: _Stated) -> str:
    """The headline among the pieces of a heading: what the metadata states, else what no markup sets beside it."""
    full = _joined(runs)
    if letters(full) in stated.keys:
        return full
    written = [index for index, run in enumerate(runs) if run.text.strip()]
    if 1 < len(written) <= 12:
        for length in range(len(written) - 1, 0, -1):
            for first, last in zip(written, written[length - 1 :], strict=False):
                part = _joined(runs[first : last + 1])
                if letters(part) in stated.keys and _count(part) >= 3:
                    # What follows on the same line belongs to it: "(صور)".
                    following = takewhile(lambda run: not run.beside and not run.line, runs[last + 1 :])
                    return _joined([*runs[first : last + 1], *following])
    kept = _joined([run for run in runs if not run.beside])
    left = letters(_joined([run for run in runs if run.beside]))
    if _count(kept) < 2 or any(left in key for key in stated.keys):
        return full
    return kept


def _joined(runs: Iterable[_Run]) -> str:
    return tidy("".join(run.text for run in runs))


def _agreeing(page: Page, stated: _Stated, names: frozenset[str]) -> Headline | None:
    """The line of the page that prints a title of the metadata, whole or all but its end, in whatever element."""
    for title, key in zip(stated.origins, stated.keys, strict=True):
        parts = _parts(title)
        cut_short = title.endswith(("...", "…"))
        least = 15 if cut_short else 30
        same = [
            block
            for block in page.blocks
            if block.key
            and (
                (len(block.key) >= 0.6 * len(key) and (key.startswith(block.key) or key.endswith(block.key)))
                or block.key in parts
                or (len(key) >= least and block.key.startswith(key) and (cut_short or _is_heading(block.element)))
            )
            and len(block.text) <= LONGEST_TITLE
            and not _is_none(block.text, names)
            and not _is_menu_item(block)
        ]
        if same:
            longest = max(len(block.key) for block in same)
            # A headline above the text may be printed again in a list beside it, as a link.
            block = min((block for block in same if len(block.key) == longest), key=lambda block: block.linked)
            return Headline(block.text, block, _holder(block), describe(block.element))
    return None


def _is_menu_item(block: Block) -> bool:
    """Whether a line is a link of a menu, where a page is named as well as above its text."""
    return block.linked > 0.5 and any(
        holder.tag == "nav" or holder.get("role") == "navigation" or is_box(holder, markup().navigation)
        for holder in around(block.element)
    )


def _in_parts(page: Page, stated: _Stated, found: Headline) -> Headline | None:
    """The headline that the page prints over several lines in a row, together the whole of a title that the metadata state.

    A line of it may have been `found` already.
    """
    for title, key in zip(stated.origins, stated.keys, strict=True):
        # "محليات - …" names a section and a headline, not one headline over two lines.
        ends = {letters("".join(pieces)) for pieces in _beginnings(SEPARATORS.split(title))}
        for first, block in enumerate(page.blocks):
            if not block.key or not key.startswith(block.key):
                continue
            whole, lines = block.key, [block]
            for following in page.blocks[first + 1 : first + _MOST_PARTS]:
                if whole in ends or not following.key or not key.startswith(whole + following.key):
                    break
                whole, lines = whole + following.key, [*lines, following]
            if len(lines) > 1 and whole == key and (found.block is None or found.block in lines):
                longest = max(lines, key=lambda line: len(line.key))
                text = tidy(" ".join(line.text for line in lines))
                return Headline(text, longest, _holder(longest), describe(longest.element))
    return None


def _beginnings(pieces: Sequence[str]) -> Iterator[Sequence[str]]:
    """What of some pieces stands before each but the first."""
    return (pieces[:number] for number in range(1, len(pieces)))


def _holder(block: Block) -> HtmlElement:
    """The heading in which a line stands; where it stands in none, the innermost element in which it begins."""
    heading = next((holder for holder in islice(around(block.element), 4) if holder.tag in HEADINGS), None)
    if heading is not None:
        return heading
    for element in block.element.iter():
        for holder, piece in ((element, element.text), (element.getparent(), element.tail)):
            begun = tidy(piece or "")
            if holder is not None and begun and block.text.startswith(begun):
                return holder
    return block.element


def _parts(title: str) -> set[str]:
    """The letters of what stands between separators in a title: "موقع النهر » محليات » فتح الجسر بعد إصلاحه"."""
    pieces = _LOOSE_SEPARATORS.split(title)[:8]
    runs = (" ".join(pieces[first:last]) for first in range(len(pieces)) for last in range(first + 1, len(pieces) + 1))
    return {letters(run) for run in runs if _count(run) >= 4}


def _is_heading(element: HtmlElement) -> bool:
    return element.tag in {"h1", "h2", "h3", "h4"} or not class_words(element).isdisjoint(_TITLE_WORDS)


def _marked(page: Page, stated: _Stated, names: frozenset[str]) -> Headline | None:
    """The one heading that its markup calls the article's, and those below the first rank that agree with the metadata.

    Where the metadata state nothing, the first heading that stands in no box beside the article.
    """
    furniture = load_furniture()
    found: list[Headline] = []
    others: list[Headline] = []
    for element in _MARKED_TITLES(page.tree)[: 5 * MOST_HEADINGS]:
        named = class_words(element)
        told = element.tag in HEADINGS or bool(named & _ARTICLE_WORDS) or not stated.origins
        called = bool(named & _TITLE_WORDS) and told
        calls = "headline" in attribute_words(element, "itemprop") or (called and named.isdisjoint(_OTHER_WORDS))
        if not calls and element.tag not in {"h2", "h3"}:
            continue
        heading = _read(page, element, stated, names)
        if heading is None or heading.block is None or heading.block.linked > 0.5 or _count(heading.text) < 3:
            continue
        if _is_none(heading.text or "", names) or furniture.opens_block(heading.text or "", linked=0):
            continue
        if stated.likeness(heading.text) >= 0.5 and stated.agreement(heading.text)[0] >= 3:
            return heading
        if not _is_beside(element, page):
            (found if calls else others).append(heading)
    if not stated.origins:
        return next(iter(found or others), None)
    return found[0] if len({heading.key for heading in found}) == 1 else None


def _is_beside(element: HtmlElement, page: Page) -> bool:
    """Whether a heading stands in a box of other articles, or in another part of the page; what holds most of it is none."""
    return any(
        (is_outside(holder) or is_box(holder, markup().elsewhere))
        and 2 * len(page.spans.get(holder, ())) < len(page.blocks)
        for holder in element.iterancestors()
    )


# ---- what the metadata states


class _Stated:
    """The titles that the page's metadata states, without the site's name, the most trustworthy first.

    `origins` has where each is stated, `keys` their letters alone.
    """

    def __init__(self, page: Page, names: frozenset[str]) -> None:
        self.origins: dict[str, str] = {}
        for title, origin in islice(all_titles(page), MOST_TITLES):
            text = without_site(without_site(title, names), names, separators=_LOOSE_SEPARATORS)
            if len(text) <= LONGEST_TITLE and not _is_said_twice(text) and not _is_none(text, names):
                self.origins.setdefault(text, origin)
        self.keys = [letters(title) for title in self.origins]
        self._words = [set(fold(title).split()) for title in self.origins]

    def agreement(self, text: str | None) -> tuple[int, float]:
        """How many words a heading has in common with a title, the best of them, and the share of the words of both."""
        own = set(fold(text or "").split())
        return max(
            ((len(own & other), len(own & other) / len(own | other)) for other in self._words if other),
            default=(0, 0.0),
        )

    def likeness(self, text: str | None) -> float:
        """Share (0 to 1) of a heading's words, or of a title's where that is shorter, that the two have in common."""
        own = set(fold(text or "").split())
        return max(
            (
                len(own & other) / max(1, min(len(own), len(other)))
                for other in self._words
                if len(own & other) > 1 or own == other
            ),
            default=0.0,
        )
