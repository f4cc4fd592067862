"""What a page states for machines: its head, wherever broken markup has put it, and the elements marked with a date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

from lxml import etree
from lxml.html import HtmlElement

from pipeline.publication.candidate import LONGEST_VALUE, MODIFIED, PUBLISHED, UNKNOWN, Candidate
from pipeline.publication.json_ld import STRUCTURED
from pipeline.publication.traits import DATED, HEADINGS, classes_of, names, parent_tag, short_text, traits_of

# Names of meta tags (name, property, itemprop, http-equiv; lower case), from the Open Graph, Dublin Core, Parse.ly, Sailthru,
# Cxense and Google Scholar vocabularies and from what news templates write.
_META_PUBLISHED = names(
    """article:published_time article:published article:publish_date article:post_date og:article:published_time
    og:published_time og:pubdate og:release_date article.published datepublished pubdate pub_date publishdate
    publish-date publish_date publicationdate publication_date publication-date published published_date
    published-date published_time published_at dc.date dc.date.issued dc.date.published dc.issued dc:date
    dcterms.date dcterms.issued dcterms.created dc.created dc.date.created parsely-pub-date sailthru.date
    cxenseparse:publishtime cxenseparse:recs:publishtime citation_publication_date citation_date
    originalpublicationdate article_date_original date_published displaydate rbpubdate ptime posteddate post_date
    article:date article-date article_date newsdate news_date datecreated datestamp"""
)
_META_MODIFIED = names(
    """article:modified_time article:modified article:updated_time og:article:modified_time og:updated_time
    og:modified_time datemodified lastmod last-modified lastmodified last_modified last-updated last_updated
    updated_time modified modified_date modified_time dateupdated date_modified update_date revised
    dcterms.modified dc.modified dc.date.modified article.updated cxenseparse:recs:lastmodified moddate"""
)
_META_UNKNOWN = names("date creation_date creationdate created created_at timestamp uploaddate")
_META_ROLES = (
    dict.fromkeys(_META_UNKNOWN, UNKNOWN)
    | dict.fromkeys(_META_PUBLISHED, PUBLISHED)
    | dict.fromkeys(_META_MODIFIED, MODIFIED)
)
_SERVER_CLOCK = ("http-equiv", "date")
_META_ATTRIBUTES = frozenset({"property", "name", "itemprop", "http-equiv"})
_RDFA_NAMES = names("datepublished datecreated datemodified issued created modified")
# Properties of schema.org that state another day than the article's.
_OTHER_DAYS = names("startdate enddate doortime validfrom validthrough expires birthdate deathdate previousstartdate")

_ITEM_DAYS = STRUCTURED.keys() | _OTHER_DAYS

# Bounds that no page of news comes near.
_MOST_METAS = 200
_MOST_SCRIPTS = 60
_MOST_HEADINGS = 500
_MOST_TITLES = 10
_MOST_MARKS = 300

# Plain steps, which libxml2 walks in a tenth of a millisecond; a condition in them costs ten times that.
_PROPERTIES = etree.XPath("descendant::*/@itemprop")
_VOCABULARIES = etree.XPath("descendant::*/@property")
_DATETIMES = etree.XPath("descendant::*/@datetime")


class Mark(NamedTuple):
    """What an element states to machines; ``scoped`` where its vocabulary says which thing it describes."""

    candidate: Candidate
    scoped: bool


class Head:
    """What a page states for machines.

    Attributes:
        metas: the dates of its meta tags.
        scripts: the contents of its scripts of JSON-LD.
        titles: its titles, as its head and its Open Graph tags state them.
        canonical: the address it calls its own, if it does.
        headings: its headings, h1 to h6.
        marks: the elements that state a date, with what they state; of one that is marked in several ways, the first of
            microdata, RDFa and ``datetime``.
        other_days: the elements that state a day of another kind, an event's or a person's.
    """

    def __init__(self, tree: HtmlElement) -> None:
        self.metas: list[Candidate] = []
        self.scripts: list[str] = []
        self.titles: list[str] = []
        self.canonical: str | None = None
        self.headings: list[etree._Element] = []
        self.marks: dict[etree._Element, Mark] = {}
        self.other_days: set[etree._Element] = set()
        for element in tree.iter("title", "meta", "link", "script", "abbr", *HEADINGS):
            tag = element.tag
            if tag == "meta":
                self._read_meta(element)
            elif tag == "script":
                if "ld+json" in (element.get("type") or "").lower() and len(self.scripts) < _MOST_SCRIPTS:
                    self.scripts.append(str(element.text or ""))
            elif tag == "link":
                if "canonical" in (element.get("rel") or "").lower().split():
                    self.canonical = self.canonical or str(element.get("href") or "") or None
            elif tag == "title":
                if parent_tag(element) in {"head", "html", "body"}:
                    self._add_title(element.text or "")
            elif tag == "abbr":
                self._read_abbr(element)
            elif len(self.headings) < _MOST_HEADINGS:
                self.headings.append(element)
        for name, element in _find(tree, _PROPERTIES, _ITEM_DAYS.__contains__):
            if name in _OTHER_DAYS:
                self.other_days.add(element)
            else:
                self._mark(element, _microdata(name, element))
        for name, element in _find(tree, _VOCABULARIES, _is_rdfa_date):
            self._mark(element, _rdfa(name, element))
        for _, element in _find(tree, _DATETIMES, bool):
            self._mark(element, _time(element))

    def _mark(self, element: etree._Element, mark: Mark | None) -> None:
        if mark is not None and len(self.marks) < _MOST_MARKS and element not in self.other_days:
            self.marks.setdefault(element, mark)

    def _read_meta(self, element: etree._Element) -> None:
        for attribute, value in element.items():
            name = str(value).strip().lower() if attribute in _META_ATTRIBUTES else ""
            role = _META_ROLES.get(name)
            if role is None and name != "og:title":
                continue
            content = (element.get("content") or "").strip()
            if not content or len(content) > 2 * LONGEST_VALUE:
                return
            if role is None:
                self._add_title(content)
            elif attribute == "itemprop" and parent_tag(element) != "head":
                continue  # microdata of whatever stands around it
            elif (attribute, name) != _SERVER_CLOCK and len(self.metas) < _MOST_METAS:
                self.metas.append(Candidate(f"meta:{name}", role, content[:LONGEST_VALUE]))

    def _add_title(self, text: str) -> None:
        title = " ".join(text.split())
        if title and len(self.titles) < _MOST_TITLES:
            self.titles.append(title)

    def _read_abbr(self, element: etree._Element) -> None:
        text = (element.get("title") or "").strip()
        if text and traits_of(element) & DATED:
            classes = classes_of(element)
            role = MODIFIED if "updated" in classes and "published" not in classes else PUBLISHED
            self.marks[element] = Mark(Candidate("abbr", role, text[:LONGEST_VALUE]), scoped=False)


def _find(tree: HtmlElement, path: etree.XPath, wanted: Callable[[str], bool]) -> Iterator[tuple[str, etree._Element]]:
    """The first wanted name in each attribute on a path, in lower case, with the attribute's element."""
    for attribute in cast("list[etree._ElementUnicodeResult]", path(tree)):
        name = next(filter(wanted, attribute.lower().split()), None)  # such as "schema:datePublished dc:date"
        element = attribute.getparent() if name else None
        if name and element is not None:
            yield name, element


def _microdata(name: str, element: etree._Element) -> Mark | None:
    if element.tag == "meta" and parent_tag(element) == "head":
        return None
    key, role = STRUCTURED[name]
    text = _stated(element) or (element.get("title") or "").strip() or short_text(element, LONGEST_VALUE)
    return Mark(Candidate(f"microdata:{key}", role, text[:LONGEST_VALUE]), scoped=True) if text else None


def _rdfa(name: str, element: etree._Element) -> Mark | None:
    role = MODIFIED if "modif" in name or "updat" in name else PUBLISHED
    text = _stated(element) or short_text(element, LONGEST_VALUE)
    return (
        Mark(Candidate(f"rdfa:{name}", role, text[:LONGEST_VALUE]), scoped=True)
        if text and element.tag != "meta"
        else None
    )


def _is_rdfa_date(name: str) -> bool:
    return name in _META_PUBLISHED or name in _META_MODIFIED or name.rpartition(":")[2] in _RDFA_NAMES


def _time(element: etree._Element) -> Mark | None:
    """``<time>`` and what else has a ``datetime``, but for marks of editing."""
    text = (element.get("datetime") or "").strip()[:LONGEST_VALUE]
    return (
        None if element.tag in {"ins", "del"} else Mark(Candidate("time", _role_of_time(element), text), scoped=False)
    )


def _role_of_time(element: etree._Element) -> str:
    """What its classes, or else its parent's, say of a ``<time>``."""
    parent = element.getparent()
    for classes in (classes_of(element).lower(), "" if parent is None else classes_of(parent).lower()):
        if "publish" in classes or "entry-date" in classes or element.get("pubdate") is not None:
            return PUBLISHED
        if "updated" in classes or "modif" in classes or "-upd" in classes:
            return MODIFIED
    return UNKNOWN


def _stated(element: etree._Element) -> str:
    """An element's machine-readable value."""
    return (element.get("datetime") or element.get("content") or "").strip()
