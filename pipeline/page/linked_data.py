"""JSON-LD: read once, for headline, authors, image, sections and dates."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

ARTICLE_TYPES = frozenset(
    {
        "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
        "BackgroundNewsArticle", "BlogPosting", "LiveBlogPosting", "Report", "ReviewNewsArticle", "AskPublicNewsArticle",
        "SocialMediaPosting", "AdvertiserContentArticle", "SatiricalArticle", "ScholarlyArticle",
        "MedicalScholarlyArticle", "TechArticle",
    }
)  # fmt: skip
"""schema.org types of an article (https://schema.org/Article and below, without the threads of forums)."""
PAGE_TYPES = frozenset({"WebPage", "ItemPage", "MedicalWebPage"})
"""schema.org types of the page itself."""

_MOST_MEMBERS, _DEEPEST = 1000, 4
"""Members of a list, and levels of lists and graphs, that are read."""


def types(thing: Mapping[str, Any]) -> set[str]:
    """The schema.org types of a JSON-LD object, without their namespace."""
    return {name.rpartition("/")[2] for name in listed(thing.get("@type")) if isinstance(name, str)}


def name_of(thing: object) -> str | None:
    """The name of a JSON-LD object, or of the first of several; a bare text is its own name."""
    if isinstance(thing, list):
        thing = thing[0] if thing else None
    if isinstance(thing, dict):
        thing = thing.get("name")
    return thing if isinstance(thing, str) else None


def listed(value: object) -> list[Any]:
    """A JSON-LD value as a list: itself, or the one value."""
    return value if isinstance(value, list) else [value]


def read_scripts(scripts: Iterable[str]) -> tuple[tuple[Mapping[str, Any], ...], tuple[str, ...]]:
    """Every JSON-LD object that stands for itself in some scripts, and the scripts that are no JSON, however mended.

    The members of lists and graphs and the main entity of a page stand for themselves; what is nested deeper does not.
    """
    things: list[Mapping[str, Any]] = []
    broken: list[str] = []
    for text in scripts:
        escaped = "&quot;" in text and '"' not in text  # as if it were the page's text
        script = html.unescape(text) if escaped else text
        value = _parse_json(script)
        if value is None:
            broken.append(script)
        _take(value, things, depth=0)
    return tuple(things), tuple(broken)


def _take(value: object, things: list[Mapping[str, Any]], depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for member in value[:_MOST_MEMBERS]:
            _take(member, things, depth + 1)
    elif isinstance(value, dict):
        things.append(value)
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            _take(value.get(name), things, depth + 1)


# Breaches of JSON that sites commit and browsers' own tools forgive: raw line breaks in strings (taken by strict=False), a
# comma before a closing bracket, the wrapping of an HTML comment or CDATA, a stray semicolon.
_OPENING = re.compile(r"(?:\ufeff|\s|<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?)+")
_CLOSING = re.compile(r"(?:\s|;|-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)+$")
_LONE_SURROGATE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
"""Half of a character, as where a system cuts a title within an emoji: no column holds it."""
_LOOSE_COMMA = re.compile(r",\s*(?=[}\]])")


def _parse_json(text: str) -> object:
    opening = _OPENING.match(text)
    text = _LONE_SURROGATE.sub("", text[opening.end() if opening else 0 :]).rstrip()
    if not text.endswith(("}", "]")):
        text = _CLOSING.sub("", text[-200:]) if len(text) <= 200 else text[:-200] + _CLOSING.sub("", text[-200:])
    for attempt in (text, _LOOSE_COMMA.sub("", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None
