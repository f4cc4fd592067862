"""The dates of an article that its page's JSON-LD states."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.publication.candidate import LONGEST_VALUE, MODIFIED, PUBLISHED, Candidate

STRUCTURED = {
    "datepublished": ("datePublished", PUBLISHED),
    "datecreated": ("dateCreated", PUBLISHED),
    "uploaddate": ("uploadDate", PUBLISHED),
    "datemodified": ("dateModified", MODIFIED),
}
"""schema.org's properties that date an article, by their lower-case names, and what each states."""

# schema.org types that are the page or its article; a VideoObject's or Product's dates are something else's.
_ARTICLE_TYPE = re.compile(
    r"(?:Article|BlogPosting|WebPage|ItemPage|Report|SocialMediaPosting|LiveBlogPosting|NewsMediaObject)$"
)
_PAGE_TYPE = re.compile(r"(?:WebPage|ItemPage)$")
# Where the page's own things lie; what is listed in other places (a live page's updates, an author's works) is not read.
_CONTAINERS = ("@graph", "mainEntity", "mainEntityOfPage")
_MOST_NODES = 2000
# A script that is not JSON (a quote in a headline is not escaped) still states its dates in plain sight.
_BROKEN_TYPE = re.compile(r'"@type"\s{0,20}:\s{0,20}\[?\s{0,20}"[A-Za-z]{0,40}(?:Article|Posting|WebPage)"')
_BROKEN_DATE = re.compile(r'"(datePublished|dateCreated|dateModified|uploadDate)"\s{0,20}:\s{0,20}"([^"\\]{4,80})"')


def find_linked(scripts: Sequence[str], addresses: Sequence[str]) -> list[Candidate]:
    """Dates of the article's own JSON-LD; those of another article in the same scripts are marked ":other".

    Args:
        scripts: the contents of the page's scripts of JSON-LD.
        addresses: the page's own addresses, as fetched and as it calls itself.
    """
    nodes: list[tuple[Mapping[str, Any], bool]] = []
    broken: list[Candidate] = []
    for script in scripts:
        try:
            nodes += _article_nodes(json.loads(_unwrapped(script), strict=False))
        except (ValueError, RecursionError):
            if _BROKEN_TYPE.search(script):
                first: dict[str, str] = {}
                for name, text in _BROKEN_DATE.findall(script):
                    first.setdefault(name, text)
                broken += [_candidate(name, text, other=False) for name, text in first.items()]
    own = {_path(address) for address in addresses} | {None, ""}
    elsewhere = [not is_page and _path(_address(node)) not in own for node, is_page in nodes]
    # Where none is said to be this page's, the only one is, under another of the page's addresses. What an article states of
    # itself its page need not: a page may be older than what it shows.
    articles = [node for (node, is_page), other in zip(nodes, elsewhere, strict=True) if not is_page and not other]
    told = {name for name, _ in STRUCTURED.values() for node in articles if _text(node.get(name))}
    candidates = [
        _candidate(name, text, other=(bool(articles) and other) or (is_page and name in told))
        for (node, is_page), other in zip(nodes, elsewhere, strict=True)
        for name, _ in STRUCTURED.values()
        if (text := _text(node.get(name)))
    ]
    return candidates + broken


def _candidate(name: str, text: str, *, other: bool) -> Candidate:
    role = STRUCTURED[name.lower()][1]
    return Candidate(f"json-ld:{name}{':other' if other else ''}", role, text[:LONGEST_VALUE])


def _text(value: object) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value")
    return value.strip() if isinstance(value, str) else ""


def _unwrapped(script: str) -> str:
    """A script's JSON without the comment or CDATA marks and the stray semicolon that templates put around it."""
    text = script.strip().lstrip("\ufeff")
    for mark in ("<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA["):
        text = text.removeprefix(mark).strip()
    for mark in (";", "-->", "//]]>", "/*]]>*/", "]]>"):
        text = text.removesuffix(mark).strip()
    return text


def _article_nodes(data: object) -> list[tuple[Mapping[str, Any], bool]]:
    """Nodes of an article's or page's type, not those listed inside other things; with each, whether it is the page."""
    nodes: list[tuple[Mapping[str, Any], bool]] = []
    queue: list[object] = [data]
    for seen, item in enumerate(queue):
        if seen >= _MOST_NODES:
            break
        if isinstance(item, list):
            queue += item[:_MOST_NODES]
        elif isinstance(item, dict):
            types = item.get("@type")
            names = [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)]
            if any(_ARTICLE_TYPE.search(name) for name in names):
                nodes.append((item, any(_PAGE_TYPE.search(name) for name in names)))
            queue += [item[key] for key in _CONTAINERS if key in item]
    return nodes


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
        return unquote(urlsplit(address).path).rstrip("/")
    except ValueError:
        return None
