"""A decoded page, parsed once: its tree, its blocks, and what its head states about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from lxml import etree, html

from pipeline.page.blocks import Block, cut
from pipeline.page.decode import MAX_CHARACTERS
from pipeline.page.elements import HEADINGS
from pipeline.page.linked_data import ARTICLE_TYPES, read_scripts, types
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
_META_NAMES = frozenset({"property", "name", "itemprop", "http-equiv"})
_END_OF_PAGE = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
"""What stands behind it browsers show as the body's (HTML Standard, section 13.2.6.4.19), and libxml2 drops."""
_IS_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")


class PageTooLargeError(ValueError):
    """The page has more characters, elements or levels than are read."""


class Meta(NamedTuple):
    """One name of a ``<meta>`` with its content: the attribute that gives the name, the name in lower case.

    `in_head` says whether it stands in the page's head, and so speaks of the page; broken markup puts others elsewhere.
    """

    attribute: str
    name: str
    content: str
    in_head: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page.

    Attributes:
        tree: its elements, as lxml holds them.
        blocks: its lines of text, in order.
        spans: for each element that makes lines of its own and is shown, the indexes of the blocks that it holds.
        titles: what its ``<title>`` elements say, in page order; there should be one.
        metas: the names of its ``<meta>`` elements with their contents, in page order.
        meta: the same by name, of what is named by ``property``, ``name`` or ``itemprop``.
        links: the addresses of its ``<link>`` elements as they stand, by each word of ``rel``.
        base: the address against which its links are resolved, as it stands, where it states one.
        headings: its elements h1 to h6, in page order.
        linked_data: the JSON-LD objects that stand for themselves.
        broken_linked_data: the scripts of JSON-LD that are no JSON.
    """

    tree: html.HtmlElement
    blocks: tuple[Block, ...]
    spans: Mapping[html.HtmlElement, range]
    titles: tuple[str, ...]
    metas: tuple[Meta, ...]
    meta: Mapping[str, tuple[str, ...]]
    links: Mapping[str, tuple[str, ...]]
    base: str | None
    headings: tuple[html.HtmlElement, ...]
    linked_data: tuple[Mapping[str, Any], ...]
    broken_linked_data: tuple[str, ...]

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
    tree = _parse(text)
    if tree is None:
        return None
    titles: list[str] = []
    metas: list[Meta] = []
    links: dict[str, list[str]] = {}
    bases: list[str] = []
    headings: list[html.HtmlElement] = []
    scripts: list[str] = []
    for element in tree.iter("title", "meta", "link", "base", "script", *HEADINGS):
        match element.tag:
            case "title":
                titles.append(tidy(element.text_content()))
            case "meta":
                metas += _names_of(element)
            case "link":
                for word in (element.get("rel") or "").lower().split():
                    links.setdefault(word, []).append(element.get("href") or "")
            case "base":
                bases += [href] if (href := element.get("href")) else []
            case "script":
                scripts += [element.text or ""] if "ld+json" in (element.get("type") or "").lower() else []
            case _:
                headings.append(element)
    meta: dict[str, list[str]] = {}
    for one in metas:
        if one.attribute != "http-equiv":
            meta.setdefault(one.name, []).append(one.content)
    blocks, spans = cut(tree)
    linked_data, broken = read_scripts(scripts)
    return Page(
        tree=tree,
        blocks=tuple(blocks),
        spans=spans,
        titles=tuple(titles),
        metas=tuple(metas),
        meta={name: tuple(contents) for name, contents in meta.items()},
        links={word: tuple(addresses) for word, addresses in links.items()},
        base=bases[0] if bases else None,
        headings=tuple(headings),
        linked_data=linked_data,
        broken_linked_data=broken,
    )


def _parse(text: str) -> html.HtmlElement | None:
    """The elements of a page, names that are too long cut."""
    if len(text) > MAX_CHARACTERS:
        raise PageTooLargeError
    # The lookup of lxml.html.HTMLParser asks Python for the class of every element; one class for all does as well.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    try:
        tree = etree.fromstring(_END_OF_PAGE.sub("", text).encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if tree is None:
        return None
    if _ELEMENTS(tree) > MAX_ELEMENTS or _IS_TOO_DEEP(tree):
        raise PageTooLargeError
    for template in tree.iter("template"):
        if template.get("shadowrootmode"):
            template.tag = "div"  # which readers see, unlike other templates (HTML Standard, section 4.12.3)
    for value in _LONG_VALUES(tree):
        if value.attrname in _NAMES:
            value.getparent().set(value.attrname, tidy(value[:MAX_NAMES]))
    return tree


def _names_of(element: html.HtmlElement) -> Iterator[Meta]:
    """Each name of a ``<meta>``, once."""
    content = tidy(element.get("content") or "")
    parent = element.getparent()
    named: set[str] = set()
    for attribute, value in element.items():
        name = value.strip().lower() if attribute in _META_NAMES else ""
        if name and name not in named:
            named.add(name)
            yield Meta(attribute, name, content, parent is not None and parent.tag == "head")
