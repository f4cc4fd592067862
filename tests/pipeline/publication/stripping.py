"""Taking away from a page one way of stating its date after another."""

from __future__ import annotations

import copy
from itertools import combinations
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

META, LINKED, MICRODATA, DATETIME, TIME, ADDRESS, PRINTED = WAYS = (
    "meta",
    "json-ld",
    "microdata",
    "datetime",
    "time",
    "address",
    "printed",
)
NOWHERE = "http://www.example/a"


def still_stated(statements: Iterable[str], stripped: frozenset[str]) -> bool:
    """Whether one of a page's statements is left, each given as the ways on which it rests: "json-ld", "time+printed"."""
    return any(stripped.isdisjoint(statement.split("+")) for statement in statements)


def strip_all(tree: HtmlElement, printed: Iterable[str]) -> Iterator[tuple[frozenset[str], HtmlElement]]:
    """A page with every combination of ways stripped, each different outcome once, and what was stripped of it."""
    seen: set[tuple[bytes, bool]] = set()
    for ways in (frozenset(ways) for size in range(len(WAYS) + 1) for ways in combinations(WAYS, size)):
        stripped = copy.deepcopy(tree)
        strip(stripped, ways, printed)
        outcome = etree.tostring(stripped), ADDRESS in ways
        if outcome not in seen:
            seen.add(outcome)
            yield ways, stripped


def strip(tree: HtmlElement, ways: Iterable[str], printed: Iterable[str]) -> None:
    """Take ways of stating a date from a page.

    Metadata, scripts, ``<time>`` and the links of the head go with all they hold; of microdata, RDFa and ``datetime`` the
    attributes; of what is printed the literal texts.
    """
    for way, tag in ((META, "meta"), (LINKED, "script"), (TIME, "time"), (ADDRESS, "link")):
        for element in list(tree.iter(tag)) if way in ways else ():
            element.drop_tree()
    for element in tree.iter(etree.Element):
        if MICRODATA in ways and element.tag != "meta":
            for name in ("itemprop", "itemscope", "itemtype", "property", "typeof", "content"):
                element.attrib.pop(name, None)
        if DATETIME in ways:
            element.attrib.pop("datetime", None)
        if PRINTED in ways and element.tag not in {"script", "title"}:
            for text in printed:
                element.text = (element.text or "").replace(text, "")
                element.tail = (element.tail or "").replace(text, "")
