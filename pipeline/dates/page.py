"""Every place on a page that states a date: metadata, markup, visible lines, the address, the feed or sitemap.

One walk over the tree collects them; nothing is weighed here but *where* a statement stands. A visible date or a
``<time>`` belongs to the article when, going up from it, the article's own heading is reached before another heading or
another article's link; otherwise it is kept as ``…:other`` (a related box, a list, a comment) or ``…:header`` (a clock at
the top of the page), which :func:`pipeline.dates.resolve` never trusts.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from pipeline.dates.addresses import find_in_address
from pipeline.dates.language import parse_date
from pipeline.dates.text import fold

PUBLISHED, MODIFIED, UNKNOWN = "published", "modified", "unknown"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place that states a date.

    Attributes:
        method: where: "json-ld:datePublished", "meta:article:published_time", "microdata:datePublished", "rdfa:dc:date",
            "time", "abbr", "visible", "url", "feed", "sitemap", "listing" and so on. ":other", ":header" and ":foot"
            after it say that it stands outside the article, above it, or far below its heading.
        role: "published", "modified" or "unknown", as the page labels it.
        text: the literal text found.
    """

    method: str
    role: str
    text: str


# schema.org types that are the page or its article; a VideoObject's or Product's dates are something else's.
_ARTICLE_TYPE = re.compile(
    r"(?:Article|BlogPosting|WebPage|ItemPage|Report|SocialMediaPosting|LiveBlogPosting|NewsMediaObject)$"
)
_PAGE_TYPE = re.compile(r"(?:WebPage|ItemPage)$")
_STRUCTURED = {
    "datepublished": ("datePublished", PUBLISHED),
    "datecreated": ("dateCreated", PUBLISHED),
    "uploaddate": ("uploadDate", PUBLISHED),
    "datemodified": ("dateModified", MODIFIED),
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names of meta tags (name, property, itemprop, http-equiv; lower case), from the Open Graph, Dublin Core, Parse.ly, Sailthru,
# Cxense and Google Scholar vocabularies and from what news templates write.
_META_PUBLISHED = _names(
    """article:published_time article:published article:publish_date article:post_date og:article:published_time
    og:published_time og:pubdate og:release_date article.published datepublished pubdate pub_date publishdate
    publish-date publish_date publicationdate publication_date publication-date published published_date
    published-date published_time published_at dc.date dc.date.issued dc.date.published dc.issued dc:date
    dcterms.date dcterms.issued dcterms.created dc.created dc.date.created parsely-pub-date sailthru.date
    cxenseparse:publishtime cxenseparse:recs:publishtime citation_publication_date citation_date
    originalpublicationdate article_date_original date_published displaydate rbpubdate ptime posteddate post_date
    article:date article-date article_date newsdate news_date datecreated datestamp"""
)
_META_MODIFIED = _names(
    """article:modified_time article:modified article:updated_time og:article:modified_time og:updated_time
    og:modified_time datemodified lastmod last-modified lastmodified last_modified last-updated last_updated
    updated_time modified modified_date modified_time dateupdated date_modified update_date revised
    dcterms.modified dc.modified dc.date.modified article.updated cxenseparse:recs:lastmodified moddate"""
)
_META_UNKNOWN = _names("date creation_date creationdate created created_at timestamp uploaddate")
_META_ATTRIBUTES = ("property", "name", "itemprop", "http-equiv")
_RDFA_NAMES = _names("datepublished datecreated datemodified issued created modified")

_SKIPPED = _names(
    """script style noscript template svg math iframe object select textarea button canvas audio video head"""
)
_INLINE = _names(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark meta nobr q s samp small
    span strike strong sub sup time tt u var wbr path input"""
)
_SPACED = _names("span time a small abbr label")
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")

_AROUND = " ([|-–،,؛"
_LONGEST_LINE = 180
_LONGEST_VALUE = 200
_LONG_LINK = 30
_BYLINE_REACH = 700
_HEADING_REACH = 300
_LARGEST_CARD = 500
_MOST_LINES = 60
_MOST_TIMED = 100
_LINK_AROUND_DATE = 15
_LONGEST_UNLABELLED = 130
_MOST_SCRIPTS = 60
_SHORTEST_HEADING = 3
_SHORTEST_TITLE = 15

_HINT = re.compile(r"\d|منذ|قبل|أمس|امس|اليوم|مضت|مضى|پیش|دیروز|امروز")
# What a date has: a year, numbers joined, or words; or so little beside it that the line is "10 أيار" and no more.
_SHAPE = re.compile(r"\d{4}|\d\W{1,3}\d|منذ|قبل|أمس|امس|اليوم|مضت|مضى|پیش|دیروز|امروز|^.{0,40}$")
_DATE_CLASS = re.compile(
    r"date|(?:^|[\s_-])time|timestamp|tmstmp|publish|posted|byline|meta(?:$|[\s_-])|(?:^|[\s_-])created|updated|tarikh|tareekh|entry-info",
    re.I,
)
_FURNITURE = re.compile(
    # An article's own footer and Elementor's boxes, which hold everything on its pages, are no furniture.
    r"(?:^|[\s_-])(?:related|side-?bar|aside|(?<!elementor-)widgets?|most\w*|latest|last-?news|comments?|disqus|menu|nav(?:bar|igation)?|"
    r"(?<!post-)(?<!entry-)(?<!article-)footer|ticker|breaking|slider|carousel|swiper|recommend\w*|trending|popular|similar|"
    r"more-?news|read-?more|copyrights?|weather|prayer\w*|current-?date|today\w*|archives?|top-?bar|masthead|poll|"
    r"(?:site|page|top|main|region|mast)-?(?:header|head)|header-?(?:top|left|right)|sitenav(?:__time)?)(?:$|[\s_-])|^header$",
    re.I,
)
# Labels are looked for in folded text, so hamza, marks and digits have one form.
_MODIFIED_LABEL = re.compile(
    r"\b(?:(?:اخر|اخرين|تاريخ|تم|وقت) (?:ال)?(?:تحديث|تعديل)|(?:ال)?تحديث(?= ?:| في\b)|محدثه?\b|(?:حدثت?|عدلت?) في\b|"
    r"(?:به ?)?روز ?رساني|بروز ?رساني|ويرايش|(?:last )?(?:updated|modified)\b)"
)
_PUBLISHED_LABEL = re.compile(
    r"\b(?:نشرت?\b|نشره|النشر\b|بتاريخ\b|التاريخ\b|تاريخ\b|اضيفت?\b|ادرجت?\b|حررت?\b|كتبت? في\b|انتشار\b|posted\b|published\b)"
)


class _Line(NamedTuple):
    """A visible line: its text, the visible characters before it, the element it begins in, whether markup says date."""

    text: str
    offset: int
    element: int
    dated: bool


class _Timed(NamedTuple):
    """A candidate whose place decides what it is worth, with its element and the visible characters before it."""

    candidate: Candidate
    element: int
    offset: int


class _Page:
    """What one walk over a tree leaves behind. Elements are known by their number in document order."""

    def __init__(self) -> None:
        self.elements: list[etree._Element] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        """The last element inside each."""
        self.starts: list[int] = []
        """Visible characters before each element; :attr:`stops` those before its end."""
        self.stops: list[int] = []
        self.lines: list[_Line] = []
        self.timed: list[_Timed] = []
        self.metas: list[Candidate] = []
        self.scripts: list[str] = []
        self.headings: list[int] = []
        self.long_links: list[int] = []
        self.titles: list[str] = []
        self.plain_titles: list[int] = []
        """Elements that begin a line which repeats the page's title, on pages that use no heading for it."""
        self.canonical: str | None = None

    def length(self, element: int) -> int:
        """Visible characters of an element."""
        return self.stops[element] - self.starts[element]

    def within(self, inner: int, outer: int) -> bool:
        return outer <= inner <= self.ends[outer]


def find_candidates(tree: HtmlElement, *, url: str, found: Mapping[str, str]) -> tuple[Candidate, ...]:
    """Every date that a page, its address and the way it was found state, in a fixed order, unresolved.

    Args:
        tree: the page as ``lxml.html`` parsed it; it is not changed.
        url: the page's address.
        found: how the crawler found it: ``by``, ``published``, ``modified``, ``lastmod`` as far as known.

    Returns:
        The candidates, metadata first, each once. No tree raises.
    """
    page = _Walk().run(tree) if isinstance(tree.tag, str) else _Page()
    candidates = [*_structured(page, url), *page.metas]
    candidates += _placed(page)
    for address in dict.fromkeys((url, page.canonical or url)):
        part = find_in_address(address)
        if part:
            candidates.append(Candidate("url", PUBLISHED, part))
    candidates += _discovered(found)
    return tuple(dict.fromkeys(candidates))


def _discovered(found: Mapping[str, str]) -> Iterator[Candidate]:
    by = found.get("by") or "listing"
    for key, method, role in (
        ("published", by, PUBLISHED),
        ("modified", f"{by}:modified", MODIFIED),
        ("lastmod", "sitemap:lastmod", MODIFIED),
    ):
        text = found.get(key)
        if isinstance(text, str) and text.strip():
            yield Candidate(method, role, text.strip()[:_LONGEST_VALUE])


# The walk --------------------------------------------------------------------------------------------------------------


class _Walk:
    """One walk over a tree, in document order."""

    def __init__(self) -> None:
        self.page = _Page()
        self.open: list[int] = []
        self.skipping = 0
        self.offset = 0
        self.parts: list[str] = []
        self.line_element = 0
        self.line_offset = 0
        self.line_dated = False

    def run(self, tree: HtmlElement) -> _Page:
        for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
            if event == "start":
                self._start(element)
            elif event == "end":
                self._end(element)
            elif element.tail:
                self._add(element.tail, self.open[-1] if self.open else 0)
        self._break()
        return self.page

    def _start(self, element: etree._Element) -> None:
        page = self.page
        tag = str(element.tag)
        index = len(page.elements)
        page.elements.append(element)
        page.parents.append(self.open[-1] if self.open else -1)
        page.ends.append(index)
        self.open.append(index)
        if self.parts:
            if tag not in _INLINE:
                self._break()
            elif tag in _SPACED:
                self.parts.append(" ")
        page.starts.append(self.offset)
        page.stops.append(self.offset)
        if tag in {"meta", "link", "title"}:
            _read_head(page, element, tag, index, self.offset, in_head=self.skipping > 0)
        if tag in _SKIPPED:
            self.skipping += 1
            if (
                tag == "script"
                and "ld+json" in (element.get("type") or "").lower()
                and len(page.scripts) < _MOST_SCRIPTS
            ):
                page.scripts.append(str(element.text or ""))
        elif not self.skipping:
            if element.attrib and tag != "meta" and _read_attributes(page, element, tag, index, self.offset):
                self.line_dated = True
            if element.text:
                self._add(element.text, index)

    def _end(self, element: etree._Element) -> None:
        page = self.page
        tag = str(element.tag)
        index = self.open.pop()
        page.ends[index] = len(page.elements) - 1
        page.stops[index] = self.offset
        if tag in _SKIPPED:
            self.skipping -= 1
        elif tag == "a":
            if page.length(index) >= _LONG_LINK and element.get("href"):
                page.long_links.append(index)
        elif tag in _HEADINGS and page.length(index) >= _SHORTEST_HEADING:
            page.headings.append(index)
        if self.parts:
            if tag not in _INLINE:
                self._break()
            elif tag in _SPACED:
                self.parts.append(" ")
        if element.tail:
            self._add(element.tail, self.open[-1] if self.open else 0)

    def _add(self, text: str, element: int) -> None:
        if self.skipping:
            return
        if not self.parts:
            if text.isspace():
                return
            self.line_element, self.line_offset = element, self.offset
        self.parts.append(text)
        self.offset += len(" ".join(text.split())) if "\n" in text or "  " in text else len(text)

    def _break(self) -> None:
        """End a line: it is kept where it is short and may state a date."""
        if not self.parts:
            return
        page = self.page
        text = " ".join("".join(self.parts).split())
        if len(text) <= _LONGEST_LINE and _HINT.search(text):
            page.lines.append(_Line(text, self.line_offset, self.line_element, self.line_dated))
        if len(text) >= _SHORTEST_TITLE and any(
            title.startswith(text[:40]) or (text[:40] in title and len(text) * 5 >= len(title) * 2)
            for title in page.titles
        ):
            page.plain_titles.append(self.line_element)
        self.parts.clear()
        self.line_dated = False


def _read_head(page: _Page, element: etree._Element, tag: str, index: int, offset: int, *, in_head: bool) -> None:
    """Meta tags, the canonical link and the titles, wherever broken markup has put them."""
    if tag == "title":
        page.titles += [" ".join(element.text.split())] if element.text and in_head else []
        return
    if tag == "link":
        if "canonical" in (element.get("rel") or "").lower().split():
            page.canonical = page.canonical or str(element.get("href") or "") or None
        return
    content = (element.get("content") or "").strip()
    if not content or len(content) > _LONGEST_VALUE * 2:
        return
    names = {name: (element.get(name) or "").strip().lower() for name in _META_ATTRIBUTES}
    if names["property"] == "og:title":
        page.titles.append(" ".join(content.split()))
        return
    content = content[:_LONGEST_VALUE]
    for attribute, name in names.items():
        role = PUBLISHED if name in _META_PUBLISHED else MODIFIED if name in _META_MODIFIED else UNKNOWN
        if not name or (role == UNKNOWN and name not in _META_UNKNOWN):
            continue
        if attribute == "itemprop" and not in_head:
            structured = _STRUCTURED.get(name)
            if structured:
                page.timed.append(
                    _Timed(Candidate(f"microdata:{structured[0]}", structured[1], content), index, offset)
                )
            continue
        if attribute == "http-equiv" and name == "date":
            continue  # the server's clock
        page.metas.append(Candidate(f"meta:{name}", role, content))


def _read_attributes(page: _Page, element: etree._Element, tag: str, index: int, offset: int) -> bool:
    """Microdata, RDFa, ``<time>`` and ``<abbr>``; whether the element's markup says that its text is a date."""
    classes = f"{element.get('class') or ''} {element.get('id') or ''}"
    prop, rdfa = element.get("itemprop"), element.get("property")
    candidate: Candidate | None = None
    if prop or rdfa or tag in {"time", "abbr"}:
        stated = (element.get("datetime") or element.get("content") or "").strip()[:_LONGEST_VALUE]
        candidate = _structured_statement(element, (prop or "").lower(), (rdfa or "").lower(), stated)
        if candidate is None and tag == "time" and stated:
            candidate = Candidate("time", _role_of_time(element, classes.lower()), stated)
        elif candidate is None and tag == "abbr" and element.get("title") and _says_date(classes):
            role = MODIFIED if "updated" in classes and "published" not in classes else PUBLISHED
            candidate = Candidate("abbr", role, (element.get("title") or "").strip()[:_LONGEST_VALUE])
        if candidate is not None and candidate.text:
            page.timed.append(_Timed(candidate, index, offset))
    return tag == "time" or candidate is not None or (len(classes) > 1 and _says_date(classes))


def _structured_statement(element: etree._Element, prop: str, rdfa: str, stated: str) -> Candidate | None:
    """What ``itemprop`` or ``property`` say of an element: its machine-readable value, else its text."""
    for name in prop.split():
        if name in _STRUCTURED:
            key, role = _STRUCTURED[name]
            text = stated or (element.get("title") or "").strip()[:_LONGEST_VALUE] or _own_text(element)
            return Candidate(f"microdata:{key}", role, text)
    for name in rdfa.split():  # "schema:datePublished dc:date"
        if name in _META_PUBLISHED or name in _META_MODIFIED or name.rpartition(":")[2] in _RDFA_NAMES:
            role = MODIFIED if "modif" in name or "updat" in name else PUBLISHED
            return Candidate(f"rdfa:{name}", role, stated or _own_text(element))
    return None


def _role_of_time(element: etree._Element, classes: str) -> str:
    if "publish" in classes or "entry-date" in classes or element.get("pubdate") is not None:
        return PUBLISHED
    return MODIFIED if "updated" in classes or "modif" in classes or "-upd" in classes else UNKNOWN


@lru_cache(maxsize=8192)
def _says_date(classes: str) -> bool:
    """Whether a class or id says that its element holds a date; a site repeats few of them many times."""
    return _DATE_CLASS.search(classes) is not None


def _own_text(element: etree._Element) -> str:
    """An element's text where it is short; markup that calls a whole section a date is not read."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        pieces.append(str(piece))
        length += len(piece)
        if length > _LONGEST_VALUE:
            return ""
    return " ".join("".join(pieces).split())


# Where a statement stands ---------------------------------------------------------------------------------------------


def _heading(page: _Page) -> int | None:
    """The article's heading: the one that the page's title begins with, else one in it, else the first h1 with words."""
    titles = [fold(title) for title in page.titles]
    begins: list[tuple[str, int]] = []
    inside: list[tuple[int, int]] = []
    for index in page.headings:
        text = fold(_own_text(page.elements[index]))[:40].strip()
        if len(text) >= _SHORTEST_TITLE and not _inside_furniture(page, index):
            if any(title.startswith(text) for title in titles):
                begins.append((str(page.elements[index].tag), index))
            elif any(text in title for title in titles):
                inside.append((-len(text), index))
    if begins:
        return min(begins)[1]
    if inside:
        return min(inside)[1]
    if page.plain_titles:
        return page.plain_titles[0]
    for index in page.headings:
        if (
            page.elements[index].tag == "h1"
            and page.length(index) >= _SHORTEST_TITLE
            and not _inside_furniture(page, index)
        ):
            return index
    return None


def _inside_furniture(page: _Page, index: int) -> bool:
    while index > 0:
        tag = page.elements[index].tag
        if tag in {"body", "html"}:
            break
        if tag in {"footer", "nav", "aside"}:
            return True
        index = page.parents[index]
    return False


def _marked_furniture(element: etree._Element) -> bool:
    if element.tag in {"footer", "nav", "aside"}:
        return True
    if element.tag in {"body", "html"}:
        return False
    marks = (element.get("class"), element.get("id"))
    return any(mark is not None and _FURNITURE.search(mark) is not None for mark in marks)


class _Places:
    """Tells where on its page a statement stands, as the suffix of a method: "" for the article's own."""

    def __init__(self, page: _Page) -> None:
        self.page = page
        self.heading = _heading(page)
        self.rivals = sorted({*page.long_links, *(index for index in page.headings if self._is_linked(index))})

    def _is_linked(self, index: int) -> bool:
        """Whether a heading lies in a link or holds one, as the titles of other articles do."""
        page = self.page
        if any(page.elements[inner].tag == "a" for inner in range(index, page.ends[index] + 1)):
            return True
        parent = page.parents[index]
        return parent >= 0 and page.elements[parent].tag == "a"

    def distance(self, offset: int) -> int:
        """Visible characters from the heading to an offset, negative above it; from the top where there is no heading."""
        return offset - self.page.starts[self.heading] if self.heading is not None else offset

    def of(self, element: int, offset: int, length: int, *, stated: bool) -> str:
        """Where a date of so many characters stands; ``stated`` where a label or the markup says that it is a date."""
        page, own = self.page, self.heading
        if own is None:
            return "" if stated and self._reaches(element, -1, length, strict=False) is not None else ":other"
        distance = self.distance(offset)
        near = 0 <= distance <= _BYLINE_REACH + page.length(own)
        common = self._reaches(element, own, length, strict=not near)
        if distance >= 0:
            if common is None or (near and self._rival_in(page.ends[own] + 1, element - 1, element, length)):
                return ":other"
            if near:
                return ""
            return ":foot" if stated else ":other"
        # Above the heading stand the page's clock and, in few templates, the byline: in the heading's own small block.
        if common is None or page.elements[common].tag in {"body", "html"}:
            return ":header"
        return "" if stated and page.starts[own] - page.starts[common] <= _HEADING_REACH else ":header"

    def of_structured(self, element: int, offset: int) -> str:
        """As :meth:`of`, for microdata and RDFa, which say themselves which thing they describe."""
        page, own = self.page, self.heading
        node = page.parents[element]
        while own is not None and node >= 0:
            item = page.elements[node]
            if item.get("itemscope") is not None or item.get("typeof") is not None:
                if page.within(own, node):
                    return ""
                break
            node = page.parents[node]
        place = self.of(element, offset, page.length(element), stated=True)
        return "" if place == ":foot" else place

    def _reaches(self, element: int, own: int, length: int, *, strict: bool) -> int | None:
        """The innermost element around both a date and the heading; None where furniture or another article's card is met."""
        page = self.page
        node = element
        while node > 0:
            item = page.elements[node]
            if (own >= 0 and page.within(own, node)) or item.tag in {"body", "html"}:
                return node
            # The footer of an article holds its byline in some templates; the site's footer is not inside an article.
            if _marked_furniture(item) and not (item.tag == "footer" and self._in_article(node, own)):
                return None
            if item.tag == "header" and node < own:
                return None
            card = page.length(node) <= _LARGEST_CARD
            if (strict or card) and self._rival_in(node, page.ends[node], element, length):
                return None
            node = page.parents[node]
        return 0

    def _in_article(self, node: int, own: int) -> bool:
        page = self.page
        while node > 0 and page.elements[node].tag != "article":
            node = page.parents[node]
        return node > 0 and (page.within(own, node) or 0 <= page.starts[node] - page.starts[own] <= _BYLINE_REACH)

    def _rival_in(self, first: int, last: int, element: int, length: int) -> bool:
        """Whether another article's link stands there, other than one that is little more than the date itself."""
        position = bisect_left(self.rivals, first)
        while position < len(self.rivals) and self.rivals[position] <= last:
            rival = self.rivals[position]
            if not self.page.within(element, rival) or self.page.length(rival) > length + _LINK_AROUND_DATE:
                return True
            position += 1
        return False


# A reference far ahead: here a text is only asked whether it states a date at all.
_FAR = datetime(2200, 1, 1)  # noqa: DTZ001 - taken in the default zone
_FIRST = date(1900, 1, 1)


def _placed(page: _Page) -> Iterator[Candidate]:
    """The statements whose worth depends on where they stand: markup first, then visible lines, in document order."""
    if not page.timed and not page.lines:
        return
    places = _Places(page)
    for candidate, element, offset in page.timed[:_MOST_TIMED]:
        if candidate.method in {"time", "abbr"}:
            place = places.of(element, offset, page.length(element), stated=True)
        else:
            place = places.of_structured(element, offset)
        yield Candidate(candidate.method + place, candidate.role, candidate.text)
    # Where a page has more lines with numbers than any article needs, those nearest to the heading are read.
    nearest = sorted(page.lines, key=lambda line: abs(places.distance(line.offset)))[:_MOST_LINES]
    for line in sorted(nearest, key=lambda line: line.offset):
        for text, role in _statements(line.text):
            stated = line.dated or role != UNKNOWN
            if not stated and (len(text) > _LONGEST_UNLABELLED or not _SHAPE.search(text)):
                continue
            length = _date_length(text)
            # Prose that mentions a date is no date line; a label or the markup may say that it is one.
            if length and (stated or length * 5 >= len(text) * 2):
                yield Candidate(f"visible{places.of(line.element, line.offset, length, stated=stated)}", role, text)


def _statements(text: str) -> list[tuple[str, str]]:
    """A line's statements with their roles: "نشر: … آخر تحديث: …" is two, "28 آب 2013، آخر تحديث 14:00" is one."""
    modified = _labels(_MODIFIED_LABEL, text)
    published = _labels(_PUBLISHED_LABEL, text)
    if not modified:
        return [(text, PUBLISHED if published else UNKNOWN)]
    label = modified[0]
    before, after = text[:label].strip(_AROUND), text[label:].strip(_AROUND)
    if before and _date_length(before) and _date_length(after):
        return [(before, PUBLISHED), (after, MODIFIED)]
    later = next((start for start in published if start > label and _date_length(text[label:start])), None)
    if later is not None and _date_length(text[later:]):
        return [(text[label:later].strip(_AROUND), MODIFIED), (text[later:].strip(_AROUND), PUBLISHED)]
    return [(text, MODIFIED)]


def _labels(pattern: re.Pattern[str], text: str) -> list[int]:
    """Where a line's labels start: they are looked for in its folded text, and their places counted back."""
    folded = fold(text)
    if not pattern.search(folded):
        return []
    positions = [index for index, character in enumerate(text) for _ in fold(character)]
    return [positions[match.start()] for match in pattern.finditer(folded)]


def _date_length(text: str) -> int:
    """Characters of the date that a line states, 0 where it states none."""
    parsed = parse_date(text, reference=_FAR, earliest=_FIRST)
    return len(parsed.matched) if parsed else 0


# JSON-LD ---------------------------------------------------------------------------------------------------------------

_JSON_KEYS = tuple(name for name, _ in _STRUCTURED.values())
_BROKEN_JSON = re.compile(r'"(datePublished|dateCreated|dateModified|uploadDate)"\s{0,20}:\s{0,20}"([^"\\]{4,80})"')
_CONTAINERS = ("@graph", "mainEntity", "mainEntityOfPage")
_MOST_NODES = 2000


def _structured(page: _Page, url: str) -> list[Candidate]:
    """Dates of the article's own JSON-LD; those of another article in the same script are marked ":other"."""
    nodes: list[tuple[dict[str, Any], bool]] = []
    broken: list[Candidate] = []
    for script in page.scripts:
        try:
            data = json.loads(_unwrapped(script), strict=False)
        except (ValueError, RecursionError):
            if re.search(r'"@type"\s{0,20}:\s{0,20}\[?\s{0,20}"[A-Za-z]{0,40}(?:Article|Posting|WebPage)"', script):
                seen: dict[str, str] = {}
                for name, text in _BROKEN_JSON.findall(script):
                    seen.setdefault(name, text)
                broken += [
                    Candidate(f"json-ld:{name}", _STRUCTURED[name.lower()][1], text) for name, text in seen.items()
                ]
            continue
        nodes += _article_nodes(data)
    own = {_path(address) for address in (url, page.canonical or url)}
    stated = [_path(_address(node)) for node, is_page in nodes if not is_page]
    some_own = any(path in own for path in stated if path)
    candidates: list[Candidate] = []
    for node, is_page in nodes:
        path = _path(_address(node))
        other = not is_page and some_own and bool(path) and path not in own
        for key in _JSON_KEYS:
            text = node.get(key)
            if isinstance(text, list) and text:
                text = text[0]
            if isinstance(text, dict):
                text = text.get("@value")
            if isinstance(text, str) and text.strip():
                method = f"json-ld:{key}{':other' if other else ''}"
                candidates.append(Candidate(method, _STRUCTURED[key.lower()][1], text.strip()[:_LONGEST_VALUE]))
    return candidates + broken


def _unwrapped(script: str) -> str:
    """A script's JSON without the comment or CDATA marks and the stray semicolon that templates put around it."""
    text = script.strip().lstrip("\ufeff")
    for mark in ("<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA["):
        text = text.removeprefix(mark).strip()
    for mark in (";", "-->", "//]]>", "/*]]>*/", "]]>"):
        text = text.removesuffix(mark).strip()
    return text


def _article_nodes(data: object) -> list[tuple[dict[str, Any], bool]]:
    """Nodes of an article's or page's type, not those listed inside other things; with each, whether it is the page."""
    nodes: list[tuple[dict[str, Any], bool]] = []
    queue: list[object] = [data]
    for seen, item in enumerate(queue):
        if seen >= _MOST_NODES:
            break
        if isinstance(item, list):
            queue += item
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
