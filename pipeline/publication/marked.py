"""What a page states for machines: the dates of its meta tags, and the elements that are marked with a date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

from lxml import etree
from lxml.html import HtmlElement

from pipeline.page import Page, parent_tag, short_text
from pipeline.publication.candidate import LONGEST_VALUE, MODIFIED, PUBLISHED, UNKNOWN, Candidate
from pipeline.publication.json_ld import STRUCTURED
from pipeline.publication.traits import DATED, classes_of, names, traits_of

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
_RDFA_NAMES = names("datepublished datecreated datemodified issued created modified")
# Properties of schema.org that state another day than the article's.
_OTHER_DAYS = names("startdate enddate doortime validfrom validthrough expires birthdate deathdate previousstartdate")

_ITEM_DAYS = STRUCTURED.keys() | _OTHER_DAYS

# Bounds that no page of news comes near.
_MOST_METAS = 200
_MOST_MARKS = 300

# Plain steps, which libxml2 walks in a tenth of a millisecond; a condition in them costs ten times that.
_PROPERTIES = etree.XPath("descendant::*/@itemprop")
_VOCABULARIES = etree.XPath("descendant::*/@property")
_DATETIMES = etree.XPath("descendant::*/@datetime")


class Mark(NamedTuple):
    """What an element states to machines; ``scoped`` where its vocabulary says which thing it describes."""

    candidate: Candidate
    scoped: bool


def meta_dates(page: Page) -> list[Candidate]:
    """The dates of a page's meta tags; of microdata only what stands in the head, for elsewhere it is of what is around it."""
    dated = [
        Candidate(f"meta:{meta.name}", _META_ROLES[meta.name], meta.content[:LONGEST_VALUE])
        for meta in page.metas
        if meta.name in _META_ROLES
        and meta.content
        and len(meta.content) <= 2 * LONGEST_VALUE
        and (meta.in_head or meta.attribute != "itemprop")
        and (meta.attribute, meta.name) != _SERVER_CLOCK
    ]
    return dated[:_MOST_METAS]


class Marks:
    """The elements of a page whose markup states a day.

    Attributes:
        dates: those that state a date of the article's or another's, with what they state; of one that is marked in several
            ways, the first of an ``abbr``, microdata, RDFa and ``datetime``.
        other_days: those that state a day of another kind, an event's or a person's.
    """

    def __init__(self, tree: HtmlElement) -> None:
        self.dates: dict[HtmlElement, Mark] = {}
        self.other_days: set[HtmlElement] = set()
        for element in tree.iter("abbr"):
            self._add(element, _abbr(element))
        for name, element in _find(tree, _PROPERTIES, _ITEM_DAYS.__contains__):
            if name in _OTHER_DAYS:
                self.other_days.add(element)
            else:
                self._add(element, _microdata(name, element))
        for name, element in _find(tree, _VOCABULARIES, _is_rdfa_date):
            self._add(element, _rdfa(name, element))
        for _, element in _find(tree, _DATETIMES, bool):
            self._add(element, _time(element))

    def _add(self, element: HtmlElement, mark: Mark | None) -> None:
        if mark is not None and len(self.dates) < _MOST_MARKS and element not in self.other_days:
            self.dates.setdefault(element, mark)


def _find(tree: HtmlElement, path: etree.XPath, wanted: Callable[[str], bool]) -> Iterator[tuple[str, HtmlElement]]:
    """The first wanted name in each attribute on a path, in lower case, with the attribute's element."""
    for attribute in cast("list[etree._ElementUnicodeResult]", path(tree)):
        name = next(filter(wanted, attribute.lower().split()), None)  # such as "schema:datePublished dc:date"
        element = attribute.getparent() if name else None
        if name and element is not None:
            yield name, element


def _abbr(element: HtmlElement) -> Mark | None:
    """The ``<abbr class="published" title="…">`` of the hAtom microformat."""
    text = (element.get("title") or "").strip()
    if not text or not traits_of(element) & DATED:
        return None
    classes = classes_of(element)
    role = MODIFIED if "updated" in classes and "published" not in classes else PUBLISHED
    return Mark(Candidate("abbr", role, text[:LONGEST_VALUE]), scoped=False)


def _microdata(name: str, element: HtmlElement) -> Mark | None:
    if element.tag == "meta" and parent_tag(element) == "head":
        return None
    key, role = STRUCTURED[name]
    text = _stated(element) or (element.get("title") or "").strip() or short_text(element, LONGEST_VALUE)
    return Mark(Candidate(f"microdata:{key}", role, text[:LONGEST_VALUE]), scoped=True) if text else None


def _rdfa(name: str, element: HtmlElement) -> Mark | None:
    role = MODIFIED if "modif" in name or "updat" in name else PUBLISHED
    text = _stated(element) or short_text(element, LONGEST_VALUE)
    return (
        Mark(Candidate(f"rdfa:{name}", role, text[:LONGEST_VALUE]), scoped=True)
        if text and element.tag != "meta"
        else None
    )


def _is_rdfa_date(name: str) -> bool:
    return name in _META_PUBLISHED or name in _META_MODIFIED or name.rpartition(":")[2] in _RDFA_NAMES


def _time(element: HtmlElement) -> Mark | None:
    """``<time>`` and what else has a ``datetime``, but for marks of editing."""
    text = (element.get("datetime") or "").strip()[:LONGEST_VALUE]
    return (
        None if element.tag in {"ins", "del"} else Mark(Candidate("time", _role_of_time(element), text), scoped=False)
    )


def _role_of_time(element: HtmlElement) -> str:
    """What its classes, or else its parent's, say of a ``<time>``."""
    parent = element.getparent()
    for classes in (classes_of(element).lower(), "" if parent is None else classes_of(parent).lower()):
        if "publish" in classes or "entry-date" in classes or element.get("pubdate") is not None:
            return PUBLISHED
        if "updated" in classes or "modif" in classes or "-upd" in classes:
            return MODIFIED
    return UNKNOWN


def _stated(element: HtmlElement) -> str:
    """An element's machine-readable value."""
    return (element.get("datetime") or element.get("content") or "").strip()
