"""What an element's tag, class and id say of it, and what it reads."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

from pipeline.page import HEADINGS, LINE_TAGS, UNREAD_TAGS, class_words, is_box
from pipeline.rules import markup


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


BREAKS, SPACES, INVISIBLE, LINK, HEADING, DATED, FURNITURE = (1 << bit for bit in range(7))
"""Traits of an element: it begins a line, parts words, is not visible, is a link, a heading, holds a date, or nothing of an
article's own, as furniture and captions do."""

_LONGEST_CLASS = 500

_TAGS: dict[object, int] = {
    **dict.fromkeys(LINE_TAGS | {"br"}, BREAKS),
    **dict.fromkeys(UNREAD_TAGS, BREAKS | INVISIBLE),
    **dict.fromkeys(names("span small abbr label"), SPACES),
    "time": SPACES | DATED,
    **dict.fromkeys(HEADINGS, BREAKS | HEADING),
    **dict.fromkeys(names("nav aside figcaption blockquote"), BREAKS | FURNITURE),
    "a": SPACES | LINK,
}

_DATE_CLASS = re.compile(
    r"date|(?:^|[\s_-])time|timestamp|tmstmp|publish|posted|byline|meta(?:$|[\s_-])|(?:^|[\s_-])created|updated|"
    r"tarikh|tareekh|entry-info",
    re.I,
)
_NOT_OWN = frozenset().union(
    markup().elsewhere,
    markup().tickers,
    markup().clocks,
    markup().breadcrumbs,
    markup().captions - {"credit", "credits"},  # which stand by the date as well
    markup().apart,
    {"breaking", "copyrights"},
)
# A header of the site, and not of the article; the date at its side is that of the day on which the page is read.
_SITE_HEADER = names("site page top main region mast left right")


def tag_traits(element: HtmlElement) -> int:
    """An element's traits as far as its tag says."""
    return _TAGS.get(element.tag, 0)


def traits_of(element: HtmlElement) -> int:
    """An element's traits."""
    tag = element.tag
    if tag == "footer":  # an article's own holds its byline in some templates
        return BREAKS if next(element.iterancestors("article"), None) is not None else BREAKS | FURNITURE
    classes = classes_of(element)
    if len(classes) == 1:
        return _TAGS.get(tag, 0)
    furniture = FURNITURE if is_box(element, _NOT_OWN) or _is_site_header(class_words(element)) else 0
    return _TAGS.get(tag, 0) | _dated(classes) | furniture


def _is_site_header(words: frozenset[str]) -> bool:
    if "header" in words or "head" in words:
        return words == {"header"} or not words.isdisjoint(_SITE_HEADER)
    return {"top", "bar"} <= words


@lru_cache(maxsize=8192)  # a site repeats few
def _dated(classes: str) -> int:
    return DATED if _DATE_CLASS.search(classes) else 0


def classes_of(element: HtmlElement) -> str:
    """An element's classes and its id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:_LONGEST_CLASS]
