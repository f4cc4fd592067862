"""JSON-LD: read once, for headline, authors, image, sections and dates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import html

ARTICLE_TYPES = frozenset(
    {
        "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
        "BackgroundNewsArticle", "BlogPosting", "LiveBlogPosting", "Report", "ReviewNewsArticle", "AskPublicNewsArticle",
        "SocialMediaPosting",
    }
)  # fmt: skip
"""schema.org types of an article (https://schema.org/Article and below)."""


def types(thing: Mapping[str, Any]) -> set[str]:
    """The schema.org types of a JSON-LD object, without their namespace."""
    stated = thing.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def linked_data(tree: html.HtmlElement) -> Iterator[Mapping[str, Any]]:
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
