"""What an element's own markup says of it: the words of its class and id, the page it links to."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_ARTICLE_WORDS = frozenset({"entry", "post", "article", "node", "story", "single"})
MOST_NAMED = 1000
"""Elements of a page that are asked whether their markup names something; articles have some thirty."""
_ATTRIBUTES: Any = etree.XPath(
    "|".join(
        f"descendant::*/@{name}" for name in ("class", "id", "rel", "itemprop", "property", "itemtype", "aria-label")
    )
    + "|descendant::a/@href"
)
# Parts of what markup calls a byline, a source, a breadcrumb, tags and sections; without their first letters, which may be
# capitals. All pages together have few such elements; each reader asks them for whole words.
_NAMED = re.compile(
    "uthor|uther|riter|yline|eporter|ournalist|orrespondent|olumnist|ource|gency|reator|rumb|[Tt]ag|TAG|eyword|abels|"
    r"articleSection|ategory|\bcats?\b|badges"
)
_WRITER_LINK = re.compile(
    r"/(?:author|authors|writer|writers|columnist|columnists|reporter|reporters|journalist|journalists|كاتب|الكاتب|كتاب|كتّاب)/[^/]"
    r"|[?&]author=\d"
)
_MAY_LEAD_TO_WRITER = ("uthor", "riter", "olumnist", "eporter", "ournalist", "كات", "كت", "%D9%83%D8%", "%d9%83%d8%")


def find_named(root: HtmlElement) -> tuple[HtmlElement, ...]:
    """The elements below a root, in the page's order, whose markup or link may name a writer, a source, a section or tags."""
    found: dict[HtmlElement, None] = {}
    for value in _ATTRIBUTES(root):
        link = value.attrname == "href"
        if any(part in value for part in _MAY_LEAD_TO_WRITER) if link else _may_name(str(value)):
            element = value.getparent()
            if element.tag not in _NOT_SHOWN and (not link or leads_to_writer(element)):
                found[element] = None
                if len(found) == MOST_NAMED:
                    break
    return tuple(found)


@lru_cache(maxsize=8192)  # a site's pages repeat them; plain texts, since lxml's would keep their pages
def _may_name(value: str) -> bool:
    return _NAMED.search(value) is not None


_NOT_SHOWN = frozenset(
    {"html", "head", "body", "script", "style", "link", "meta", "title", "noscript", "template", "form", "input"}
)


def leads_to_writer(link: HtmlElement) -> bool:
    """Whether a link leads to a page of a writer's articles."""
    return _WRITER_LINK.search(unquote(link.get("href") or "").lower()) is not None


@lru_cache(maxsize=4096)  # a page repeats few
def _words(names: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(names))


def words(element: HtmlElement) -> frozenset[str]:
    """The words of an element's class and id, parted at hyphens, underscores and changes of case; none of the whole page's."""
    attributes = element.attrib
    if not attributes or element.tag in {"html", "body"}:
        return frozenset()
    return _words(f"{attributes.get('class', '')} {attributes.get('id', '')}")


def is_box(element: HtmlElement, names: frozenset[str]) -> bool:
    """Whether an element is called by one of these words.

    The widgets of which Elementor builds whole pages are none, nor is an article's own footer.
    """
    named = words(element)
    if "elementor" in named:
        names -= {"widget"}
    if not named.isdisjoint(_ARTICLE_WORDS):
        names -= {"footer"}
    return not named.isdisjoint(names) or ("footer" in names and element.tag == "footer")


def marks(element: HtmlElement, *names: str) -> frozenset[str]:
    """The values, lower case, of attributes that hold several, such as ``rel`` and ``itemprop``."""
    return frozenset(value for name in names for value in (element.get(name) or "").lower().split())


def is_hidden(element: HtmlElement) -> bool:
    """Whether the element's own markup keeps it from the reader's eye."""
    if "hidden" in element.attrib and element.get("hidden") != "until-found":
        return True
    return "display:none" in (element.get("style") or "").replace(" ", "").lower()


def is_home_link(link: str | None) -> bool:
    """Whether a link leads to the root of its site."""
    try:
        parts = urlsplit((link or "").strip())
    except ValueError:
        return False
    bare = parts.path.rstrip("/").lower() in {"", "/index.html", "/index.htm", "/index.php", "/home", "/ar"}
    return bare and not parts.query and bool(parts.netloc or parts.path)


def join(base: str, link: str) -> str | None:
    """The absolute http(s) address of a link on a page, or None where it is none."""
    try:
        absolute = urljoin(base, link.strip()) if link.strip() else ""
        parts = urlsplit(absolute)
        return absolute if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


class Cards:
    """Tells whether elements hold another article's headline: a link of so many words, in a heading or anywhere."""

    def __init__(self, words: int, *, headings: bool) -> None:
        self._words, self._headings = words, headings
        self._known: dict[HtmlElement, bool] = {}

    def __contains__(self, element: HtmlElement) -> bool:
        if element not in self._known:
            self._known[element] = any(self._is_headline(link) for link in islice(element.iter("a"), _MOST_LINKS))
        return self._known[element]

    def _is_headline(self, link: HtmlElement) -> bool:
        if self._headings and not any(
            holder.tag in _HEADINGS for holder, _ in zip(around(link), range(3), strict=False)
        ):
            return False
        return len(link.text_content().split()) >= self._words and not leads_to_writer(link)


_MOST_LINKS = 100
"""Links of an element among which another article's headline is looked for."""
_HEADINGS = frozenset({"h2", "h3", "h4", "h5"})


def around(element: HtmlElement) -> Iterator[HtmlElement]:
    """An element and the elements that hold it, the inner ones first."""
    yield element
    yield from element.iterancestors()


def describe(element: HtmlElement) -> str:
    """An element by its tag and its first class, else its id, as a person looks for it in the page's source."""
    named = (element.get("class") or "").split()[:1]
    if named:
        return f"{element.tag}.{named[0]}"
    return f"{element.tag}#{element.get('id')}" if element.get("id") else str(element.tag)
