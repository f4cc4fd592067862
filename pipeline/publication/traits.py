"""What an element's tag, class and id say of it, and what it reads."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice

from lxml import etree


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


BREAKS, SPACES, INVISIBLE, LINK, HEADING, DATED, FURNITURE = (1 << bit for bit in range(7))
"""Traits of an element: it begins a line, parts words, is not visible, is a link, a heading, holds a date, or nothing of an
article's own, as furniture and captions do."""

_MOST_INSIDE = 200
"""Elements in what is looked at as a whole: a byline, a card. What holds more is neither."""

_LONGEST_CLASS = 500

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_INVISIBLE_TAGS = names(
    """script style noscript template svg math iframe object select textarea button canvas audio video head"""
)
_INLINE_TAGS = names(
    """abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark meta nobr q s samp small
    span strike strong sub sup time tt u var wbr path input link"""
)
_TAGS: dict[object, int] = {
    **dict.fromkeys(_INLINE_TAGS, 0),
    **dict.fromkeys(names("span small abbr label"), SPACES),
    "time": SPACES | DATED,
    **dict.fromkeys(_INVISIBLE_TAGS, BREAKS | INVISIBLE),
    **dict.fromkeys(HEADINGS, BREAKS | HEADING),
    **dict.fromkeys(("nav", "aside", "figcaption", "blockquote"), BREAKS | FURNITURE),
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


def tag_traits(element: etree._Element) -> int:
    """An element's traits as far as its tag says; none of a comment or an instruction."""
    return _TAGS.get(element.tag, BREAKS) if isinstance(element.tag, str) else 0


def traits_of(element: etree._Element) -> int:
    """An element's traits."""
    tag = element.tag
    if tag == "footer":  # an article's own holds its byline in some templates
        return BREAKS if next(element.iterancestors("article"), None) is not None else BREAKS | FURNITURE
    classes = classes_of(element)
    return _TAGS.get(tag, BREAKS) | (_class_traits(classes) if len(classes) > 1 else 0)


def is_invisible(element: etree._Element) -> bool:
    """Whether an element is a comment or an instruction, or of a kind that browsers show no text of."""
    return not isinstance(element.tag, str) or bool(tag_traits(element) & INVISIBLE)


@lru_cache(maxsize=8192)
def _class_traits(classes: str) -> int:
    """What a class and an id say; a site repeats few of them many times."""
    return (DATED if _DATE_CLASS.search(classes) else 0) | (FURNITURE if _FURNITURE_CLASS.search(classes) else 0)


def classes_of(element: etree._Element) -> str:
    """An element's classes and its id."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:_LONGEST_CLASS]


def parent_tag(element: etree._Element) -> object:
    """The tag of the element around another; None at the root."""
    parent = element.getparent()
    return None if parent is None else parent.tag


def short_text(element: etree._Element, limit: int) -> str:
    """An element's text, or nothing where it is longer than so many characters or holds many elements."""
    if sum(1 for _ in islice(element.iter(), _MOST_INSIDE)) == _MOST_INSIDE:
        return ""
    text = " ".join("".join(map(str, element.itertext())).split())
    return text if len(text) <= limit else ""


def text_length(element: etree._Element, limit: int) -> int:
    """Visible characters of an element, counted until they pass a limit; more than it, too, where it holds many elements."""
    length = 0
    for count, item in enumerate(element.iter()):
        if item.text and not is_invisible(item):
            length += len(" ".join(item.text.split()))
        if item.tail and item is not element:
            length += len(" ".join(item.tail.split()))
        if length > limit:
            return length
        if count == _MOST_INSIDE:
            return limit + 1
    return length
