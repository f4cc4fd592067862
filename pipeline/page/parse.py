"""A decoded page, parsed once: its tree, its blocks, and what its head states about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree, html

from pipeline.page.blocks import Block, cut
from pipeline.page.decode import MAX_CHARACTERS
from pipeline.page.linked_data import ARTICLE_TYPES, linked_data, types
from pipeline.text import tidy

MAX_DEPTH = 256
"""Levels of nesting read: libxml2's own limit for documents it does not trust. News pages have some 30."""
MAX_ELEMENTS = 60_000
"""Elements read. Browsers' own tools warn at 1,500; the largest news pages have some 10,000."""
MAX_NAMES = 1000
"""Characters read of an element's class, id and the like, which are searched again and again. Builders of pages write some 500."""


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
        linked_data=tuple(linked_data(tree)),
    )
