"""Article URLs from a sitemap: a list of URLs, a news sitemap, an index of sitemaps, gzipped or not; or robots.txt's sitemaps.

A sitemap may also be a feed, or plain text with one address a line.

Format: https://www.sitemaps.org/protocol.html and Google's news extension.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from dateutil.relativedelta import relativedelta
from lxml import etree
from scrapy import Request

from crawlers.discovery.base import Discovery, DiscoveryError, Found, absolute, content_type
from crawlers.discovery.damaged_xml import mend, unpack
from crawlers.discovery.feed import parse_feed
from crawlers.freshness import overlaps
from pipeline.page import decode_exactly
from pipeline.stated_dates import latest_instant, stated_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import SitemapDiscovery, Source

MAX_SITEMAP = 50 * 2**20
"""Bytes of a sitemap, unpacked: the protocol's own limit."""

MAX_ENTRIES = 100_000
"""Addresses of one sitemap that are read: twice what the protocol allows."""

MAX_DEPTH = 3
"""Levels of indexes above a list; the protocol knows one."""

SAME_STAMPS = 5
"""So many entries that were all changed within a minute were stamped when the sitemap was made: that tells nothing of them."""

_MINUTE = timedelta(minutes=1)
_ROBOTS_LINE = re.compile(rb"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S+)")
_ADDRESS = re.compile(r"https?://.*", re.IGNORECASE)
_NEXT_ADDRESS = re.compile(r"\s+(?=https?://)", re.IGNORECASE)
_XML = re.compile(r"\.xml(?:\.gz)?$", re.IGNORECASE)
"""A sitemap's name: many sites list their sitemaps as if they were pages, which are never named so."""
_BEGINNING = 1024
_ENTRIES = frozenset({"url", "sitemap"})
_FIELDS = {"loc": "loc", "lastmod": "lastmod", "news:publication_date": "published", "news:title": "title"}
_FEEDS = frozenset({"rss", "rdf", "feed"})
_DAY = timedelta(days=1)
_NAMED_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/.]?(0[1-9]|1[0-2])(?:\d\d)?(?!\d)")
"""A month in a sitemap's path, such as ``post-2016-05.xml`` or ``/2016/05/10.xml``.

What follows the month is not read: in ``post-2016-05-02.xml`` it may be a day or a second page.
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A ``url`` or ``sitemap`` element."""

    kind: str
    loc: str
    lastmod: str = ""
    published: str = ""
    title: str = ""


class SitemapTree(Discovery):
    """A sitemap and, where it is an index, those sitemaps below it that can hold something of the window."""

    type: ClassVar[str] = "sitemap"
    looks_back = True

    def __init__(self, config: SitemapDiscovery, source: Source, window: Window) -> None:
        super().__init__(str(config.url), source, window)

    def start(self) -> Iterable[Request]:
        """The sitemap, or the robots.txt, that the source's file names."""
        yield self._request(self.url, 0)

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The URLs of a list; of an index or a robots.txt, the requests for its sitemaps.

        Raises:
            DiscoveryError: it is no sitemap, is too large or lies too deep; or a robots.txt that names none.
        """
        depth = response.meta["depth_of_index"]
        if urlsplit(response.url).path == "/robots.txt":
            yield from self._announced(response)
            return
        entries = list(islice(self._entries(response), MAX_ENTRIES + 1))
        if len(entries) > MAX_ENTRIES:
            entries.pop()
            self.problems.append(f"{response.url}: the first {MAX_ENTRIES} addresses are read, and it has more")
        believed = not self._are_stamped_at_once(entries)
        if not believed:
            self.notes.append(f"{response.url}: all {len(entries)} entries have one lastmod: it is not believed")
        for entry in entries:
            url, lastmod = absolute(response.url, entry.loc), entry.lastmod if believed else ""
            if entry.kind == "url" and not _XML.search(urlsplit(url).path):
                how = {"by": self.type, "from": response.url, "lastmod": lastmod}
                how |= {"published": entry.published, "title": entry.title}
                yield Found(url, {key: literal for key, literal in how.items() if literal})
            elif self._may_hold_window(url, lastmod):
                if depth >= MAX_DEPTH:
                    raise DiscoveryError(f"an index {depth} levels below the first one: not followed further")
                yield self._request(url, depth + 1, parent=response.url)

    def _announced(self, response: Response) -> Iterator[Request]:
        """The sitemaps that a robots.txt names (https://www.sitemaps.org/protocol.html#submit_robots)."""
        lines = _ROBOTS_LINE.findall(response.body.removeprefix(BOM_UTF8).replace(b"\r", b"\n"))
        if not lines:
            raise DiscoveryError("this robots.txt names no sitemap")
        for line in lines:
            yield self._request(absolute(response.url, line.decode(errors="replace")), 0, parent=response.url)

    def _are_stamped_at_once(self, entries: Sequence[_Entry]) -> bool:
        """Whether the entries' lastmod is the sitemap's own age, see `SAME_STAMPS`."""
        stamps = {entry.lastmod for entry in entries if entry.lastmod}
        instants = [instant for stamp in stamps if (instant := latest_instant(stamp, self.source.zone))]
        stated = sum(bool(entry.lastmod) for entry in entries)
        return stated >= SAME_STAMPS and bool(instants) and max(instants) - min(instants) < _MINUTE

    def _request(self, url: str, depth: int, parent: str | None = None) -> Request:
        found = {"by": self.type, "from": parent} if parent else {}
        return Request(url, meta={"download_maxsize": MAX_SITEMAP, "depth_of_index": depth, "found": found})

    def _may_hold_window(self, url: str, lastmod: str) -> bool:
        days = stated_days(lastmod, self.source.zone)
        if days is not None and days[1] < self.window.since:
            return False
        named = named_days(url)
        return named is None or overlaps((named[0] - _DAY, named[1] + _DAY), self.window)

    def _entries(self, response: Response) -> Iterator[_Entry]:
        body, kind = unpack(response.body, MAX_SITEMAP), content_type(response)
        if b"<" not in body[:_BEGINNING] and (lines := _listed(body)):
            yield from (_Entry("url", line) for line in lines)
            return
        xml, mended = mend(body, kind)
        context = etree.iterparse(
            BytesIO(xml),
            events=("start", "end"),
            recover=True,
            resolve_entities="internal",
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        links, unaddressed, root = [], 0, ""
        try:
            root = _name(next(iter(context))[1])
            if root in _FEEDS:
                feed = parse_feed(body, kind)
                self.tell_damage(response.url, [link for link, _ in feed.entries], feed.mended, feed.error)
                self.tell_unaddressed(response.url, feed.unaddressed, feed.unaddressed + len(feed.entries))
                yield from (_of_feed(link, stated) for link, stated in feed.entries)
                return
            if root not in {"urlset", "sitemapindex"}:
                raise DiscoveryError(f"neither urlset nor sitemapindex but <{root}>")
            for entry in _of_sitemap(context):
                if entry.loc:
                    links.append(entry.loc)
                    yield entry
                else:
                    unaddressed += 1
        except (etree.XMLSyntaxError, StopIteration) as error:
            if not root:
                raise DiscoveryError(f"not XML ({len(body)} bytes): {error}") from None
        errors = context.error_log
        if not len(errors):
            self.tell_unaddressed(response.url, unaddressed, unaddressed + len(links))
        self.tell_damage(response.url, links, mended, errors[0].message if len(errors) else "")


def named_days(url: str) -> tuple[date, date] | None:
    """First and last day of the month that a sitemap's path names last; None where it names none."""
    matches = _NAMED_MONTH.findall(unquote(urlsplit(url).path))
    if not matches:
        return None
    first = date(int(matches[-1][0]), int(matches[-1][1]), 1)
    return first, first + relativedelta(day=31)


def _of_sitemap(context: etree.iterparse[tuple[str, etree._Element]]) -> Iterator[_Entry]:
    """The entries; one without an address has none here either, and one with several is as many."""
    stated: dict[str, str] = {}
    for event, element in context:
        name = _name(element)
        if name in _ENTRIES:
            # In damaged XML an entry may not end before the next one begins.
            if "loc" in stated or (event == "end" and stated):
                yield _Entry(**{"loc": "", **stated})
            stated = {"kind": name} if event == "start" else {}
            if event == "end":
                element.clear()
                while element.getprevious() is not None:  # what was read is let go of, so that memory stays flat
                    del element.getparent()[0]
        elif event == "end" and stated and (text := "".join(element.itertext()).strip()):
            above = element.getparent()
            within = "" if above is None or _name(above) in _ENTRIES else f"{_name(above)}:"
            if field := _FIELDS.get(within + name):
                if field == "loc" and "loc" in stated:
                    yield _Entry(**stated)
                    del stated["loc"]
                stated.setdefault(field, text)


def _listed(body: bytes) -> list[str]:
    """The addresses of a sitemap that is plain text, one a line (https://www.sitemaps.org/protocol.html#otherformats)."""
    lines = _NEXT_ADDRESS.split((decode_exactly(body, "") or "").strip())
    return lines if all(_ADDRESS.fullmatch(line) for line in lines) else []


def _of_feed(link: str, stated: Mapping[str, Any]) -> _Entry:
    """An entry of a feed that stands for a sitemap, which the protocol allows."""
    published, modified, title = (stated[name] or "" for name in ("published", "modified", "title"))
    return _Entry("url", link, lastmod=modified, published=published, title=title)


def _name(element: etree._Element) -> str:
    """Local name in small letters, whatever the namespace: many sitemaps get it wrong, or declare none for their prefix."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()
