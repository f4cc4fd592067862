"""A decoded page, parsed once: its tree, its blocks, and what its head states about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree, html

from pipeline.clean.blocks import Block, cut
from pipeline.clean.text import tidy

MAX_CHARACTERS = 4_000_000
"""A page of more characters is not read. The longest article pages are below one million."""
MAX_DEPTH = 256
"""Levels of nesting read: libxml2's own limit for documents it does not trust. News pages have some 30."""
MAX_ELEMENTS = 60_000
"""Elements read. Browsers' own tools warn at 1,500; the largest news pages have some 10,000."""
MAX_NAMES = 1000
"""Characters read of an element's class, id and the like, which are searched again and again. Builders of pages write some 500."""

ARTICLE_TYPES = frozenset(
    {
        "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
        "BackgroundNewsArticle", "BlogPosting", "LiveBlogPosting", "Report", "ReviewNewsArticle", "AskPublicNewsArticle",
        "SocialMediaPosting",
    }
)  # fmt: skip
"""schema.org types of an article (https://schema.org/Article and below)."""


_ELEMENTS = cast("Callable[[html.HtmlElement], float]", etree.XPath("count(//*)"))
_LONG_VALUES = cast("Callable[[html.HtmlElement], list[Any]]", etree.XPath(f"//@*[string-length() > {MAX_NAMES}]"))
_NAMES = frozenset({"class", "id", "style", "role", "rel", "itemprop"})
_IS_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")


class PageTooLargeError(ValueError):
    """The page has more characters, elements or levels than are read."""


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page.

    `spans` has, for each element that makes lines of its own and is shown, the indexes of the blocks that it holds. `meta` maps
    the lower-case name, property or itemprop of each ``<meta>`` to its contents, in page order.
    """

    tree: html.HtmlElement
    blocks: tuple[Block, ...]
    spans: Mapping[html.HtmlElement, range]
    meta: Mapping[str, tuple[str, ...]]
    linked_data: tuple[Mapping[str, Any], ...]

    def stated(self, *names: str) -> str | None:
        """The first content that is not empty of the first of these ``<meta>`` that has one."""
        return next((content for name in names for content in self.meta.get(name, ()) if content), None)

    @property
    def articles(self) -> list[Mapping[str, Any]]:
        """The JSON-LD objects that describe an article."""
        return [thing for thing in self.linked_data if types(thing) & ARTICLE_TYPES]


def read_page(text: str) -> Page | None:
    """Parse a page; None where there is nothing to parse.

    Raises:
        PageTooLargeError: it is larger or deeper nested than `MAX_CHARACTERS`, `MAX_ELEMENTS` and `MAX_DEPTH`.
    """
    if len(text) > MAX_CHARACTERS:
        raise PageTooLargeError
    # The lookup of lxml.html.HTMLParser asks Python for the class of every element; one class for all does as well.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    try:
        tree = etree.fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if tree is None:
        return None
    if _ELEMENTS(tree) > MAX_ELEMENTS or _IS_TOO_DEEP(tree):
        raise PageTooLargeError
    for value in _LONG_VALUES(tree):
        if value.attrname in _NAMES:
            value.getparent().set(value.attrname, tidy(value[:MAX_NAMES]))
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if name:
            meta.setdefault(name.strip().lower(), []).append(tidy(element.get("content") or ""))
    blocks, spans = cut(tree)
    return Page(
        tree=tree,
        blocks=tuple(blocks),
        spans=spans,
        meta={name: tuple(contents) for name, contents in meta.items()},
        linked_data=tuple(_linked_data(tree)),
    )


def types(thing: Mapping[str, Any]) -> set[str]:
    """The schema.org types of a JSON-LD object, without their namespace."""
    stated = thing.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def _linked_data(tree: html.HtmlElement) -> Iterator[Mapping[str, Any]]:
    """Every JSON-LD object of the page that stands for itself: the members of lists and graphs, not what is nested deeper."""
    for script in tree.iter("script"):
        if (script.get("type") or "").partition(";")[0].strip().lower() == "application/ld+json":
            yield from _things(_parse_json(script.text or ""), depth=0)


def _things(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for member in value[:1000]:
            if depth < 4:
                yield from _things(member, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            if depth < 4:
                yield from _things(value.get(name), depth + 1)


# Breaches of JSON that sites commit and browsers' own tools forgive: raw line breaks in strings (taken by strict=False), a
# comma before a closing bracket, the wrapping of an HTML comment or CDATA.
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_LOOSE_COMMA = re.compile(r",\s*(?=[}\]])")


def _parse_json(text: str) -> object:
    text = _WRAPPING.sub("", text).strip().removesuffix(";")
    for attempt in (text, _LOOSE_COMMA.sub("", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def name_of(thing: object) -> str | None:
    """The name of a JSON-LD object, or of the first of several; a bare text is its own name."""
    if isinstance(thing, list):
        thing = thing[0] if thing else None
    if isinstance(thing, dict):
        thing = thing.get("name")
    return thing if isinstance(thing, str) else None
