"""What holds the article on a site's pages: a selector for ``body:``, told by what its articles have in common.

The way to an article that needs no selector finds the text of most pages. The elements around that text are called by the
site's template; a name that stands there on page after page, and holds that text and little else, is the template's for it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from pipeline.extract.selectors import lines_within
from pipeline.extract.surroundings import CAPTION
from pipeline.page import HEADINGS, around, decode, is_caption, read_page
from pipeline.rules import load_furniture
from pipeline.text import escape_invisible, letters
from pipeline.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from pipeline.captures import Capture
    from pipeline.extract.article import Cleaned
    from pipeline.page import Page


FITTING = 0.9
"""Share of the articles' pages on which a selector must find the article, in one place."""
WITHIN = 0.98
"""Share of a page's text that it must hold there."""
MOST_BEYOND = 0.1
"""Letters that a selector may hold besides, as a share of the text's: what is no link, no caption and no known furniture."""

FEWEST = 5
"""Articles below which nothing is proposed: what they have in common does not show yet."""
_SAMPLED = 100
"""Articles that are looked at. Which, their addresses' hashes decide, so that any order of the captures gives the same."""
TEXT = 150
"""Letters and digits of a text, its headline aside, that is more than a stray line."""
_MOST_OF_TEXT = 0.5
"""Share of a page's text that an element holds which may be the article's."""
_ALIKE = 0.02
"""Share of the text by which one selector may hold more beyond it than another, and be as good."""
_TELLING = 40
"""Letters of a page's description that tell where its text begins."""
_STATED_TEXT = 200
"""Letters of an ``articleBody`` that is more than a summary."""
_MOST_MAINS = 5
"""Selectors of a part of the text that are tried together with another's."""
_SAMPLES = 3
# Names with a number in them belong to one article, or to a grid.
_STABLE = re.compile(r"[A-Za-z][A-Za-z_-]{1,39}")
_CALLED_TEXT = re.compile(r"content|body|text(?!-)", re.IGNORECASE)  # "text-right" says how it looks
_CALLED_ARTICLE = re.compile(r"article|story|entry|post|news|detail", re.IGNORECASE)
_PARAGRAPHS = frozenset({"p", "li", "blockquote", *HEADINGS})


@dataclass(frozen=True, slots=True)
class BodyProposal:
    """A selector that finds the article on `pages` of the `of` pages that were looked at.

    `within` is the share of the text found without it that it holds on those, `beyond` what else it holds, as a share of the
    same; `lines` are the most frequent of what it holds besides, each with the number of its pages. `samples` are URLs of a few of
    the pages, `others` of those on which it does not find the article.
    """

    selector: str
    pages: int
    of: int
    within: float
    beyond: float
    lines: tuple[tuple[str, int], ...]
    samples: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def evidence(self) -> str:
        """The counts in a line."""
        return (
            f"in one place on {self.pages} of {self.of} articles' pages; holds {self.within:.1%} of the text found without "
            f"it, and {self.beyond:.1%} beyond that"
        )


@dataclass(frozen=True, slots=True)
class NoBody:
    """Why no selector is proposed, in a sentence."""

    why: str


class _Held(NamedTuple):
    """What a place on a page holds: numbers of the text's lines; the other lines, their letters, and of these the plain ones'."""

    lines: frozenset[int]
    others: tuple[str, ...]
    beyond: int
    plain: int


_NOTHING = _Held(frozenset(), (), 0, 0)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What was read off an article's page.

    Attributes:
        url: the article's.
        sizes: the letters of each line of its text.
        held: by selector, what it holds, of those that stand in one place.
        scattered: the selectors that stand in several.
    """

    url: str
    sizes: tuple[int, ...]
    held: dict[str, _Held] = field(default_factory=dict)
    scattered: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        """The text's letters."""
        return sum(self.sizes)

    def share(self, lines: frozenset[int]) -> float:
        """Share of the text (0 to 1) that some of its lines are."""
        return sum(self.sizes[line] for line in lines) / self.size


class BodySample:
    """The articles of a site that are looked at to learn what holds their text; they are added one by one."""

    def __init__(self) -> None:
        self._sheets: dict[int, _Sheet | None] = {}

    def add(self, number: int, capture: Capture, cleaned: Cleaned) -> None:
        """Look at an article, unless there are enough whose number (any that its address alone gives) is lower.

        One of a few words tells nothing: on a page without a text they may be whatever stands there.
        """
        if number in self._sheets or (len(self._sheets) == _SAMPLED and number > max(self._sheets)):
            return
        headline = letters(cleaned.title or "")
        keys = [key for line in (cleaned.body or "").split("\n") if (key := letters(line))]
        if sum(len(key) for key in keys if headline not in key) < TEXT:
            return
        self._sheets[number] = _read(capture, cleaned, keys)
        if len(self._sheets) > _SAMPLED:
            del self._sheets[max(self._sheets)]

    def propose(self) -> BodyProposal | NoBody:
        """The selector that holds the text of these articles best, or why none is good enough."""
        sheets = [sheet for _, sheet in sorted(self._sheets.items()) if sheet is not None]
        if len(self._sheets) < FEWEST:
            return NoBody(
                f"{len(self._sheets)} articles have a text of some length; what holds it shows from {FEWEST} on"
            )
        left = len(self._sheets) - len(sheets)
        if len(sheets) < len(self._sheets) / 2:
            return NoBody(
                f"on {left} of {len(self._sheets)} pages the text that is found is not the one that their metadata states"
            )
        return _choose(sheets)


# ---- one page


def _read(capture: Capture, cleaned: Cleaned, keys: list[str]) -> _Sheet | None:
    """What an article's page tells; None where the page's own statements are against the text that was found on it."""
    page = read_page(decode(capture.body, capture.content_type) or "")
    if page is None:
        return None
    stated = _stated_text(page)
    if _contradicts(page, stated, keys):
        return None
    told = [block.key for block in page.blocks if len(block.key) >= _TELLING and block.key in stated]
    return _survey(page, cleaned, list(dict.fromkeys([*keys, *told])))


def _stated_text(page: Page) -> str:
    """The letters of the article as the page's JSON-LD states it, where it does."""
    texts = (thing.get("articleBody") for thing in page.articles)
    return max((letters(text) for text in texts if isinstance(text, str)), key=len, default="")


def _contradicts(page: Page, stated: str, keys: Sequence[str]) -> bool:
    """Whether the JSON-LD states another text than was found, or the page prints elsewhere what its description begins with."""
    if len(stated) >= _STATED_TEXT:
        return 2 * sum(len(key) for key in keys if key in stated) < min(len(stated), sum(map(len, keys)))
    begun = letters(page.stated("description", "og:description") or "")[:_TELLING]
    return (
        len(begun) == _TELLING
        and not any(begun in key for key in keys)
        and any(begun in block.key and block.linked < 0.5 for block in page.blocks)
    )


def _survey(page: Page, cleaned: Cleaned, keys: Sequence[str]) -> _Sheet:
    """What each selector holds that may be a template's name for some part of the page."""
    numbers = {key: number for number, key in enumerate(keys)}
    sheet = _Sheet(cleaned.url, tuple(map(len, keys)))
    captions = {*cleaned.captions, *(one.text for one in cleaned.removed if one.rule == CAPTION)}
    rule_for = load_furniture().rule_for
    known: dict[tuple[HtmlElement, ...], _Held] = {}

    def hold(elements: tuple[HtmlElement, ...]) -> _Held:
        if elements not in known:
            indexes = lines_within(page, elements)
            others = [block for index in indexes if (block := page.blocks[index]).key not in numbers]
            known[elements] = _Held(
                frozenset(numbers[key] for index in indexes if (key := page.blocks[index].key) in numbers),
                tuple(block.text for block in others),
                sum(len(block.key) for block in others),
                sum(
                    len(block.key)
                    for block in others
                    if block.linked < 0.5
                    and block.text not in captions
                    and not is_caption(block.element)
                    and rule_for(block.text, linked=block.linked, edge=True) is None
                ),
            )
        return known[elements]

    named: dict[str, list[HtmlElement]] = {}
    for element in page.tree.iter():
        for name in _names(element):
            named.setdefault(name, []).append(element)
    for name, elements in named.items():
        if place := _in_one_place(elements):
            sheet.held[name] = hold(place)
        else:
            sheet.scattered.add(name)
    holders = dict.fromkeys(holder for block in page.blocks if block.key in numbers for holder in around(block.element))
    for element in holders:
        inner = [name for name in _names(element) if len(named[name]) > 1]
        if not inner or sheet.share(hold((element,)).lines) < _MOST_OF_TEXT:
            continue
        outer = [name for holder in element.iterancestors() for name in _names(holder)]
        for within, name in product(outer, inner):
            both = f"{within} {name}"
            if both not in sheet.held:
                around_it = set(named[within])
                chosen = [one for one in named[name] if not around_it.isdisjoint(one.iterancestors())]
                if place := _in_one_place(chosen):
                    sheet.held[both] = hold(place)
    return sheet


def _in_one_place(elements: Sequence[HtmlElement]) -> tuple[HtmlElement, ...]:
    """The outermost of some elements, where they are one or stand side by side; else none."""
    every = set(elements)
    outermost = tuple(element for element in elements if every.isdisjoint(element.iterancestors()))
    return outermost if len({element.getparent() for element in outermost}) == 1 else ()


def _names(element: HtmlElement) -> tuple[str, ...]:
    """Selectors by which a template may call an element."""
    if element.tag in {"html", "body"} or not isinstance(element.tag, str):
        return ()
    return _names_of(element.tag, element.get("class", ""), element.get("id", ""), element.get("itemprop", ""))


@lru_cache(maxsize=8192)  # a site repeats few
def _names_of(tag: str, classes: str, identifier: str, properties: str) -> tuple[str, ...]:
    found = ["[itemprop~=articleBody]"] if "articleBody" in properties.split() else []
    found += [f"#{identifier}"] if _STABLE.fullmatch(identifier) else []
    found += [f"{tag}.{name}" for name in dict.fromkeys(classes.split()) if _STABLE.fullmatch(name)]
    return (*found, tag) if tag in {"article", "main"} else tuple(found)


# ---- all pages


def _choose(sheets: Sequence[_Sheet]) -> BodyProposal | NoBody:
    least = FITTING * len(sheets)
    names = [name for name in dict.fromkeys(name for sheet in sheets for name in sheet.held) if not _is_paragraph(name)]
    fitting = {name: _fitting(sheets, name) for name in names}
    parts = [name for name in names if len(fitting[name]) < least]
    fitting |= {pair: _fitting(sheets, pair) for pair in _with_leads(sheets, parts)}
    good = [name for name, pages in fitting.items() if len(pages) >= least]
    if not good:
        best = max(fitting, key=lambda name: (len(fitting[name]), -_rank(name), -len(name), name), default="")
        if not fitting.get(best):
            return NoBody("no element that holds their text has a class or an id that stays from page to page")
        return NoBody(f"none holds the text of most pages; {best} does on {len(fitting[best])} of {len(sheets)}")
    beyond = {name: _beyond(fitting[name], name) for name in good}
    least_beyond = min(beyond.values())
    alike = [name for name in good if beyond[name] <= least_beyond + _ALIKE]
    chosen = min(alike, key=lambda name: (_rank(name), len(name), name))
    pages = fitting[chosen]
    plain = _plain(pages, chosen)
    if plain > MOST_BEYOND:
        return NoBody(
            f"the closest around the text is {chosen}, which holds {plain:.0%} besides that may be no part of it"
        )
    lines = Counter(line for sheet in pages for line in dict.fromkeys(sheet.held[chosen].others))
    frequent = sorted(((line, count) for line, count in lines.items() if count > 1), key=lambda one: (-one[1], one[0]))
    found = {sheet.url for sheet in pages}
    return BodyProposal(
        selector=chosen,
        pages=len(pages),
        of=len(sheets),
        within=sum(sheet.share(sheet.held[chosen].lines) * sheet.size for sheet in pages)
        / sum(sheet.size for sheet in pages),
        beyond=beyond[chosen],
        lines=tuple(frequent[:_SAMPLES]),
        samples=tuple(sorted(found)[:_SAMPLES]),
        others=tuple(sorted({sheet.url for sheet in sheets} - found)[:_SAMPLES]),
    )


def _with_leads(sheets: Sequence[_Sheet], names: Iterable[str]) -> list[str]:
    """Pairs of selectors, for templates that set the beginning of the text apart from the rest; they are noted on the sheets."""
    holding = Counter(
        name for sheet in sheets for name in sheet.held if sheet.share(sheet.held[name].lines) >= _MOST_OF_TEXT
    )
    mains = [name for name in names if holding[name] >= FITTING * len(sheets) and _is_clear(sheets, name)]
    mains.sort(key=lambda name: (_rank(name), len(name), name))
    told = Counter(name for sheet in sheets for name, held in sheet.held.items() if held.lines and " " not in name)
    leads = [name for name, pages in told.items() if pages >= FEWEST and _is_clear(sheets, name)]
    pairs = []
    for main, lead in product(mains[:_MOST_MAINS], leads):
        pair = f"{lead}, {main}"
        for sheet in sheets:
            if main not in sheet.held or lead in sheet.scattered:
                continue
            one, other = sheet.held.get(lead, _NOTHING), sheet.held[main]
            if one.lines.isdisjoint(other.lines):
                sheet.held[pair] = _Held(
                    one.lines | other.lines,
                    one.others + other.others,
                    one.beyond + other.beyond,
                    one.plain + other.plain,
                )
        pairs.append(pair)
    return pairs


def _is_clear(sheets: Sequence[_Sheet], name: str) -> bool:
    """Whether a selector holds little that may be no part of the text."""
    return _plain([sheet for sheet in sheets if name in sheet.held], name) <= MOST_BEYOND


def _is_paragraph(name: str) -> bool:
    """Whether a selector takes single paragraphs, and so leaves out whatever the next text is made of."""
    return re.split(r"[.#\[]", name.rpartition(" ")[2])[0] in _PARAGRAPHS


def _fitting(sheets: Iterable[_Sheet], name: str) -> list[_Sheet]:
    """The pages of which a selector holds the text."""
    return [sheet for sheet in sheets if name in sheet.held and sheet.share(sheet.held[name].lines) >= WITHIN]


def _beyond(sheets: Sequence[_Sheet], name: str) -> float:
    """What a selector holds besides, as a share of the text of some pages."""
    return sum(sheet.held[name].beyond for sheet in sheets) / sum(sheet.size for sheet in sheets)


def _plain(sheets: Sequence[_Sheet], name: str) -> float:
    """The same of what no markup and no rule explains."""
    return sum(sheet.held[name].plain for sheet in sheets) / sum(sheet.size for sheet in sheets)


def _rank(name: str) -> int:
    """How far from a name for the article's text a selector is: what is marked as that comes first."""
    if "articleBody" in name:
        return 0
    inner = name.rpartition(" ")[2]
    return 1 if _CALLED_TEXT.search(inner) else 2 if _CALLED_ARTICLE.search(inner) else 3


def body_as_yaml(proposal: BodyProposal) -> str:
    """The proposal as it can be pasted into a source's file: a comment with counts and samples, then the key."""
    comment = [proposal.evidence + ":", *(f"  {url}" for url in proposal.samples)]
    if proposal.others:
        comment += ["not on:", *(f"  {url}" for url in proposal.others)]
    if proposal.lines:
        comment += ["beyond it, above all:", *(f"  {line} (on {count})" for line, count in proposal.lines)]
    written = CommentedMap(body=DoubleQuotedScalarString(proposal.selector))
    written.yaml_set_comment_before_after_key("body", before="\n".join(map(escape_invisible, comment)))
    return to_yaml(written)
