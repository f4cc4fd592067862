"""The elements of a page whose markup may name a writer, a source, a section or tags."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipeline.page import leads_to_writer

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_NAMED = 1000
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


def find_named(root: HtmlElement) -> tuple[HtmlElement, ...]:
    """The elements below a root, in the page's order, whose markup or link may name a writer, a source, a section or tags."""
    found: dict[HtmlElement, None] = {}
    for value in _ATTRIBUTES(root):
        link = value.attrname == "href"
        if any(part in value for part in _MAY_LEAD_TO_WRITER) if link else _may_name(str(value)):
            element = value.getparent()
            if element.tag not in _NOT_SHOWN and (not link or leads_to_writer(element)):
                found[element] = None
                if len(found) == MOST_NAMED:
                    break
    return tuple(found)


@lru_cache(maxsize=8192)  # a site's pages repeat them; plain texts, since lxml's would keep their pages
def _may_name(value: str) -> bool:
    return _NAMED.search(value) is not None


_NOT_SHOWN = frozenset(
    {"html", "head", "body", "script", "style", "link", "meta", "title", "noscript", "template", "form", "input"}
)
