"""What an element's tag, class and id say of it, and what it reads."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

from pipeline.page import HEADINGS, LINE_TAGS, UNREAD_TAGS


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
_FURNITURE_CLASS = re.compile(
    # An article's own footer, the boxes in which Elementor puts everything and the "news_nav" in which Iranian systems put
    # the date are no furniture.
    r"(?:^|[\s_-])(?:related|side-?bar|aside|(?<!elementor-)widgets?|most\w*|latest|last-?news|comments?|disqus|menu|"
    r"(?<!news_)nav(?:bar|igation)?|(?<!post-)(?<!entry-)(?<!article-)footer|ticker|breaking|slider|carousel|swiper|recommend\w*|"
    r"trending|popular|similar|more-?news|read-?more|copyrights?|weather|prayer\w*|clock|calendar|current-?date|today\w*|"
    r"archives?|top-?bar|masthead|poll|(?:wp-)?caption(?:-text)?|(?:site|page|top|main|region|mast)-?(?:header|head)|header-?(?:top|left|right)|"
    r"sitenav(?:__time)?)(?:$|[\s_-])|(?:^|\s)header(?:$|\s)",
    re.I,
)


def tag_traits(element: HtmlElement) -> int:
    """An element's traits as far as its tag says."""
    return _TAGS.get(element.tag, 0)


def traits_of(element: HtmlElement) -> int:
    """An element's traits."""
    tag = element.tag
    if tag == "footer":  # an article's own holds its byline in some templates
        return BREAKS if next(element.iterancestors("article"), None) is not None else BREAKS | FURNITURE
    classes = classes_of(element)
    return _TAGS.get(tag, 0) | (_class_traits(classes) if len(classes) > 1 else 0)


@lru_cache(maxsize=8192)
def _class_traits(classes: str) -> int:
    """What a class and an id say; a site repeats few of them many times."""
    return (DATED if _DATE_CLASS.search(classes) else 0) | (FURNITURE if _FURNITURE_CLASS.search(classes) else 0)


def classes_of(element: HtmlElement) -> str:
    """An element's classes and its id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:_LONGEST_CLASS]
