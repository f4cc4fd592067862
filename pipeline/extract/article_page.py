"""A page with the article that was found on it, as the readers of its parts are handed it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipeline.page import around, leads_to_writer

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from pipeline.extract.body import Body
    from pipeline.extract.headline import Headline
    from pipeline.page import Page


@dataclass(frozen=True)
class ArticlePage:
    """A page, its address as captured, its headline and text, and the outlet's own names (`site_names`)."""

    page: Page
    url: str
    names: frozenset[str]
    headline: Headline
    body: Body

    @cached_property
    def heading(self) -> int | None:
        """The index of the line that prints the headline."""
        return next((index for index, block in enumerate(self.page.blocks) if block is self.headline.block), None)

    @cached_property
    def lines(self) -> frozenset[int]:
        """The indexes of the lines that print the text."""
        kept = set(self.body.paragraphs)
        return frozenset(index for index, block in enumerate(self.page.blocks) if block.text in kept)

    @cached_property
    def own(self) -> frozenset[HtmlElement]:
        """The elements that hold the headline, and those that hold the text."""
        held = [] if self.headline.block is None else [self.headline.block.element]
        held += [] if self.body.container is None else [self.body.container]
        return frozenset(holder for element in held for holder in around(element))

    @cached_property
    def named(self) -> tuple[HtmlElement, ...]:
        """The elements whose markup or link may name a writer, a source, a section or tags, in page order."""
        return _find_named(self.page.tree)


_MOST_NAMED = 1000
"""Elements of a page that are asked whether their markup names something; articles have some thirty."""
_ATTRIBUTES: Any = etree.XPath(
    "|".join(
        f"descendant::*/@{name}" for name in ("class", "id", "rel", "itemprop", "property", "itemtype", "aria-label")
    )
    + "|descendant::a/@href"
)
# Parts of what markup calls a byline, a source, a breadcrumb, tags and sections; without their first letters, which may be
# capitals. All pages together have few such elements; each reader asks them for whole words.
_NAMED = re.compile(
    "uthor|uther|riter|yline|eporter|ournalist|orrespondent|olumnist|ource|gency|reator|rumb|[Tt]ag|TAG|eyword|abels|"
    r"articleSection|ategory|\bcats?\b|badges"
)
_MAY_LEAD_TO_WRITER = ("uthor", "riter", "olumnist", "eporter", "ournalist", "كات", "كت", "%D9%83%D8%", "%d9%83%d8%")


def _find_named(root: HtmlElement) -> tuple[HtmlElement, ...]:
    """The elements below a root, in the page's order, whose markup or link may name a writer, a source, a section or tags."""
    found: dict[HtmlElement, None] = {}
    for value in _ATTRIBUTES(root):
        link = value.attrname == "href"
        if any(part in value for part in _MAY_LEAD_TO_WRITER) if link else _may_name(str(value)):
            element = value.getparent()
            if element.tag not in _NOT_SHOWN and (not link or leads_to_writer(element)):
                found[element] = None
                if len(found) == _MOST_NAMED:
                    break
    return tuple(found)


@lru_cache(maxsize=8192)  # a site's pages repeat them; plain texts, since lxml's would keep their pages
def _may_name(value: str) -> bool:
    return _NAMED.search(value) is not None


_NOT_SHOWN = frozenset(
    {"html", "head", "body", "script", "style", "link", "meta", "title", "noscript", "template", "form", "input"}
)
