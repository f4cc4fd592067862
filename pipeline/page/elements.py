"""What an element's own markup says of it: the words of its class and id, the page it links to."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from pipeline.rules import load_furniture
from pipeline.text import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.page.blocks import Block
    from pipeline.page.parse import Page


CAPTION, BOX, SIDE = "caption", "furniture box", "side box"
"""Why a line is not of the text: it is a picture's caption; it stands in an element that is furniture, or that may be."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
WHOLE = frozenset({"body", "main", "article"})
"""Elements of a whole page or article, whose own marks say nothing of a line in them."""
SENTENCE_ENDS = (".", "؟", "!", "?", "…", ":", "؛", "۔", "”", '"', "»")

# Elements, and roles of any (WAI-ARIA landmarks), that never are the text, unless they hold all of it.
_OUTSIDE = frozenset({"nav", "footer", "aside", "form"})
_OUTSIDE_ROLES = frozenset({"banner", "complementary", "contentinfo", "form", "navigation", "search"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONGEST_NAMES = 300
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
_LONGEST_CAPTION = 60
"""Words."""

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


def up(element: HtmlElement) -> Iterator[HtmlElement]:
    """An element and those around it, from the inside out."""
    yield element
    yield from element.iterancestors()


def class_words(element: HtmlElement) -> frozenset[str]:
    """The words of an element's classes and id, lower case: parts between hyphens, underscores and changes of case."""
    return _words_in(f"{element.get('class') or ''} {element.get('id') or ''}"[:_LONGEST_NAMES])


@lru_cache(maxsize=4096)
def _words_in(names: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(names))


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


class Boxes:
    """What the elements around lines make of them.

    `enclosing` are the elements that hold the whole article, which say nothing; `cleared` gives the words of classes that the
    text's own elements have too, on sites that call everything a widget.
    """

    def __init__(
        self, page: Page, enclosing: Iterable[HtmlElement] = (), cleared: Callable[[], frozenset[str]] = frozenset
    ) -> None:
        self._page = page
        self._furniture = load_furniture()
        self._marking = self._furniture.sure_markup | self._furniture.likely_markup
        self._find_cleared = cleared
        self._cleared: frozenset[str] | None = None
        self._enclosing = frozenset(enclosing)
        self._known: dict[HtmlElement, str | None] = dict.fromkeys(self._enclosing)
        self._ends = list(accumulate((len(block.text) for block in page.blocks), initial=0))
        self._pictured, self._described = _pictures(page)

    def reason(self, index: int) -> str | None:
        """Why a line is not of the text, by the elements around it: `CAPTION`, `BOX`, `SIDE` or None."""
        box = self.marked(index)
        if box in {None, SIDE} and self._stands_with_picture(self._page.blocks[index]):
            return CAPTION
        return box

    def marked(self, index: int) -> str | None:
        """The same, without a look at pictures."""
        return inherited(self._known, self._page.blocks[index].element, self._of_element, outermost=None)

    def describes_picture(self, index: int) -> bool:
        """Whether a line is what a picture says of itself."""
        return self._page.blocks[index].key in self._described

    def _of_element(self, element: HtmlElement, *, within: str | None) -> str | None:
        if element.tag in WHOLE:
            return None
        if within != BOX and is_caption(element):
            return CAPTION
        if within is not None:
            return within
        if is_outside(element) or self._marks(element, sure=True):
            return BOX
        return SIDE if self._marks(element, sure=False) else None

    def _marks(self, element: HtmlElement, *, sure: bool) -> bool:
        if not self._furniture.marks(class_words(element), sure=sure):
            return False
        if self._cleared is None:
            self._cleared = self._find_cleared()
        return not class_words(element) & self._marking <= self._cleared

    def _stands_with_picture(self, block: Block) -> bool:
        """Whether a line stands alone with a picture in a box of the page.

        The box is the largest element, within the article or beside it, that has no text but this line.
        """
        if len(block.text.split()) > _LONGEST_CAPTION or block.element in self._enclosing:
            return False
        if block.element in self._pictured:
            return not block.text.endswith(SENTENCE_ENDS)  # else it is a paragraph with a picture in it
        for element in up(block.element):
            if element in self._enclosing or element.tag in WHOLE or is_lead(element):
                return False
            span = self._page.spans.get(element)
            if span is not None and self._ends[span.stop] - self._ends[span.start] > len(block.text):
                return False
            if element in self._pictured:
                return True
        return False


def _pictures(page: Page) -> tuple[set[HtmlElement], set[str]]:
    """The elements that hold a picture, and what pictures say of themselves, letters alone."""
    pictured: set[HtmlElement] = set()
    described: set[str] = set()
    for picture in page.tree.iter("img", "amp-img"):
        described.update(letters(text) for name in ("alt", "title") if (text := picture.get(name)))
        for element in up(picture):
            if element in pictured:
                break
            pictured.add(element)
    return pictured, described


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
