"""What an element's own markup says of it: the words of its class and id, what it is for, where it links to, what is around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar, cast
from urllib.parse import unquote, urlsplit

from lxml import etree
from lxml.html import HtmlElement

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_MOST_INSIDE = 200
"""Elements in what is looked at as a whole: a byline, a card. What holds more is neither."""

# ---- tags

# Elements that begin a line of their own in every browser (HTML Standard, section 15.3, display: block, list-item, table-*),
# the obsolete ones included, since old Arabic sites are built of them. An element that is not here runs on within its line.
LINE_TAGS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary",
        "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "amp-sidebar",
    }
)  # fmt: skip
# Elements whose text is no text of the page.
UNREAD_TAGS = frozenset(
    {
        "applet", "area", "audio", "base", "basefont", "button", "canvas", "col", "colgroup", "command", "datalist", "embed",
        "frame", "frameset", "head", "iframe", "input", "keygen", "link", "map", "math", "meta", "noembed", "noframes",
        "noscript", "object", "option", "optgroup", "param", "picture", "progress", "script", "select", "source", "style",
        "svg", "template", "textarea", "title", "track", "video",
    }
)  # fmt: skip


# ---- names


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ARTICLE_WORDS = frozenset({"entry", "post", "article", "node", "story", "single"})


def class_words(element: HtmlElement) -> frozenset[str]:
    """The words of an element's class and id, lower case, parted at signs and changes of case; none of the whole page's."""
    attributes = element.attrib
    if not attributes or element.tag in {"html", "body"}:
        return frozenset()
    return _words_in(f"{attributes.get('class', '')} {attributes.get('id', '')}")


@lru_cache(maxsize=8192)  # a site repeats few
def _words_in(names: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(names))


def attribute_words(element: HtmlElement, *names: str) -> frozenset[str]:
    """The values, lower case, of attributes that hold several, such as ``rel`` and ``itemprop``."""
    return frozenset(value for name in names for value in (element.get(name) or "").lower().split())


def is_box(element: HtmlElement, names: frozenset[str]) -> bool:
    """Whether an element is called by one of these words.

    The widgets of which Elementor builds whole pages are none, nor is an article's own footer.
    """
    named = class_words(element)
    if "elementor" in named:
        names -= {"widget"}
    if not named.isdisjoint(_ARTICLE_WORDS):
        names -= {"footer"}
    return not named.isdisjoint(names) or ("footer" in names and element.tag == "footer")


def describe(element: HtmlElement) -> str:
    """An element by its tag and its first class, else its id, as a person looks for it in the page's source."""
    named = (element.get("class") or "").split()[:1]
    if named:
        return f"{element.tag}.{named[0]}"
    return f"{element.tag}#{element.get('id')}" if element.get("id") else str(element.tag)


# ---- kinds

# Elements, and roles of any (WAI-ARIA landmarks), that never are the text, unless they hold all of it.
_OUTSIDE = frozenset({"nav", "footer", "aside", "form"})
_OUTSIDE_ROLES = frozenset({"banner", "complementary", "contentinfo", "form", "navigation", "search"})
# Words of classes by which sites set the standfirst apart; beside a word for pictures they mean a caption.
_LEAD_WORDS = frozenset(
    {
        "lead", "lede", "excerpt", "summary", "subtitle", "standfirst", "intro", "introduction", "dek", "deck", "subhead",
        "subheading", "subheader", "subheadline", "abstract", "teaser", "synopsis", "description", "desc", "brief",
    }
)  # fmt: skip
_PICTURE_WORDS = frozenset(
    {"image", "img", "photo", "pic", "picture", "thumb", "thumbnail", "media", "video", "gallery"}
)
_Ask = Callable[[HtmlElement], bool]
_PICTURE = cast(_Ask, etree.XPath("boolean(descendant::img|descendant::amp-img|descendant::video)"))
_TEXT_OF_FIGURE = cast(_Ask, etree.XPath("boolean(descendant::blockquote|descendant::table|descendant::pre)"))


def is_hidden(element: HtmlElement) -> bool:
    """Whether the element's own markup keeps it from the reader's eye."""
    if "hidden" in element.attrib and element.get("hidden") != "until-found":
        return True
    return "display:none" in (element.get("style") or "").replace(" ", "").lower()


def is_lead(element: HtmlElement) -> bool:
    """Whether an element says that it holds the standfirst; a description of a picture is a caption."""
    words = class_words(element)
    return not _LEAD_WORDS.isdisjoint(words) and _PICTURE_WORDS.isdisjoint(words)


def is_outside(element: HtmlElement) -> bool:
    """Whether an element is by its nature beside the text: a menu, a form, a foot of the page; not who is quoted."""
    if element.tag == "footer":
        parent = element.getparent()
        return parent is None or parent.tag != "blockquote"
    return element.tag in _OUTSIDE or element.get("role") in _OUTSIDE_ROLES


def is_caption(element: HtmlElement) -> bool:
    """Whether an element says that it holds the caption of a picture, or is the figure of one and nothing else."""
    if element.tag == "figure":
        return _PICTURE(element) and not _TEXT_OF_FIGURE(element)
    return element.tag == "figcaption" or "caption" in (element.get("class") or "").lower()


# ---- links

_WRITER_LINK = re.compile(
    r"/(?:author|authors|writer|writers|columnist|columnists|reporter|reporters|journalist|journalists|كاتب|الكاتب|كتاب|كتّاب)/[^/]"
    r"|[?&]author=\d"
)


def leads_to_writer(link: HtmlElement) -> bool:
    """Whether a link leads to a page of a writer's articles."""
    return _WRITER_LINK.search(unquote(link.get("href") or "").lower()) is not None


def is_home_link(link: str | None) -> bool:
    """Whether a link leads to the root of its site."""
    try:
        parts = urlsplit((link or "").strip())
    except ValueError:
        return False
    bare = parts.path.rstrip("/").lower() in {"", "/index.html", "/index.htm", "/index.php", "/home", "/ar"}
    return bare and not parts.query and bool(parts.netloc or parts.path)


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


# ---- text


def short_text(element: HtmlElement, limit: int) -> str:
    """An element's text, or nothing where it is longer than so many characters or holds many elements."""
    if sum(1 for _ in islice(element.iter(), _MOST_INSIDE)) == _MOST_INSIDE:
        return ""
    text = " ".join("".join(map(str, element.itertext())).split())
    return text if len(text) <= limit else ""


def text_length(element: HtmlElement, limit: int) -> int:
    """Visible characters of an element, counted until they pass a limit; more than it, too, where it holds many elements."""
    length = 0
    for count, item in enumerate(element.iter()):
        if item.text and item.tag not in UNREAD_TAGS:
            length += len(" ".join(item.text.split()))
        if item.tail and item is not element:
            length += len(" ".join(item.tail.split()))
        if length > limit:
            return length
        if count == _MOST_INSIDE:
            return limit + 1
    return length


# ---- around


def parent_tag(element: HtmlElement) -> object:
    """The tag of the element around another; None at the root."""
    parent = element.getparent()
    return None if parent is None else parent.tag


def around(element: HtmlElement) -> Iterator[HtmlElement]:
    """An element and the elements that hold it, the inner ones first."""
    yield element
    yield from element.iterancestors()


T = TypeVar("T")


class _Value(Protocol[T]):
    def __call__(self, element: HtmlElement, *, within: T) -> T: ...


def inherited(known: dict[HtmlElement, T], element: HtmlElement, value: _Value[T], *, outermost: T) -> T:
    """What an element has from those around it: `value` of each, given that of its parent, from the outermost in.

    `known` is what is known already; it takes what is found.
    """
    if element in known:
        return known[element]
    new = [element]
    found = outermost
    for around in element.iterancestors():
        if around in known:
            found = known[around]
            break
        new.append(around)
    for inner in reversed(new):
        found = known[inner] = value(inner, within=found)
    return found
