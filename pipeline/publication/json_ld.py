"""The dates of an article that its page's JSON-LD states."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.page import ARTICLE_TYPES, PAGE_TYPES, Page, types
from pipeline.publication.candidate import LONGEST_VALUE, MODIFIED, PUBLISHED, Candidate
from pipeline.publication.url_dates import archived_address

STRUCTURED = {
    "datepublished": ("datePublished", PUBLISHED),
    "datecreated": ("dateCreated", PUBLISHED),
    "uploaddate": ("uploadDate", PUBLISHED),
    "datemodified": ("dateModified", MODIFIED),
}
"""schema.org's properties that date an article, by their lower-case names, and what each states."""

# A script that is not JSON (a quote in a headline is not escaped) still states its dates in plain sight.
_BROKEN_TYPE = re.compile(r'"@type"\s{0,20}:\s{0,20}\[?\s{0,20}"[A-Za-z]{0,40}(?:Article|Posting|WebPage)"')
_BROKEN_DATE = re.compile(r'"(datePublished|dateCreated|dateModified|uploadDate)"\s{0,20}:\s{0,20}"([^"\\]{4,80})"')


def find_linked(page: Page, title: str, addresses: Sequence[str]) -> list[Candidate]:
    """Dates of the article's own JSON-LD; those of another article in the same scripts are marked ":other".

    The dates of a VideoObject or a Product are something else's, and what is listed in other places (a live page's updates, an
    author's works) is not read.

    Args:
        page: the page.
        title: the headline that it prints.
        addresses: its own addresses, as fetched and as it calls itself.
    """
    nodes = [
        (thing, not kinds.isdisjoint(PAGE_TYPES))
        for thing in page.linked_data
        if not (kinds := types(thing)).isdisjoint(ARTICLE_TYPES | PAGE_TYPES)
    ]
    own = {_path(address) for address in addresses}
    elsewhere = [_is_elsewhere(node, title, own, is_page=is_page) for node, is_page in nodes]
    # Where none is said to be this page's, the only one is, under another of the page's addresses. What an article states of
    # itself its page need not: a page may be older than what it shows.
    articles = [node for (node, is_page), other in zip(nodes, elsewhere, strict=True) if not is_page and not other]
    told = {name for name, _ in STRUCTURED.values() for node in articles if _text(node.get(name))}
    candidates = [
        _candidate(name, text, other=(other and (is_page or bool(articles))) or (is_page and name in told))
        for (node, is_page), other in zip(nodes, elsewhere, strict=True)
        for name, _ in STRUCTURED.values()
        if (text := _text(node.get(name)))
    ]
    return candidates + [candidate for script in page.broken_linked_data for candidate in _of_broken(script)]


def _is_elsewhere(node: Mapping[str, Any], title: str, own: Collection[str | None], *, is_page: bool) -> bool:
    """Whether a node has the address of another page and not this one's headline.

    Content systems give an article the site's own address where they have none for it, and a page any form of its own: of a page
    only the home page's tells.
    """
    path = _path(_address(node))
    elsewhere = (path == "" and path not in own) if is_page else path not in {*own, None, ""}
    return elsewhere and not (title and title in (_text(node.get("headline")), _text(node.get("name"))))


def _candidate(name: str, text: str, *, other: bool) -> Candidate:
    role = STRUCTURED[name.lower()][1]
    return Candidate(f"json-ld:{name}{':other' if other else ''}", role, text[:LONGEST_VALUE])


def _text(value: object) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if isinstance(value, int) else f"{value:.0f}"  # seconds or milliseconds
    return value.strip() if isinstance(value, str) else ""


def _of_broken(script: str) -> list[Candidate]:
    """The dates in plain sight of a script that is no JSON: of each property the first."""
    if not _BROKEN_TYPE.search(script):
        return []
    first: dict[str, str] = {}
    for name, text in _BROKEN_DATE.findall(script):
        first.setdefault(name, text)
    return [_candidate(name, text, other=False) for name, text in first.items()]


def _address(node: Mapping[str, Any]) -> str | None:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = node.get(key)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str) and value.startswith(("http", "/")):
            return value
    return None


def _path(address: str | None) -> str | None:
    """A URL's path, for telling one article of a site from another; percent-encoding and the closing slash aside."""
    if not address:
        return None
    try:
        return unquote(urlsplit(archived_address(address)).path).rstrip("/")
    except ValueError:
        return None
