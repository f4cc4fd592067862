"""Article URLs from a sitemap: a list of URLs, a news sitemap, or an index of sitemaps, gzipped or not; or robots.txt's sitemaps.

Format: https://www.sitemaps.org/protocol.html and Google's news extension.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

from dateutil.relativedelta import relativedelta
from lxml import etree
from scrapy import Request
from scrapy.utils.gz import gunzip

from crawlers.discovery.base import Discovery, DiscoveryError, Found, absolute
from crawlers.freshness import overlaps
from pipeline.stated_dates import latest_instant, stated_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import SitemapDiscovery, Source

MAX_SITEMAP = 50 * 2**20
"""Bytes of a sitemap, unpacked: the protocol's own limit."""

MAX_DEPTH = 3
"""Levels of indexes above a list; the protocol knows one."""

SAME_STAMPS = 5
"""So many entries that were all changed within a minute were stamped when the sitemap was made: that tells nothing of them."""

_MINUTE = timedelta(minutes=1)
_ROBOTS_LINE = re.compile(rb"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S+)")
_GZIP = b"\x1f\x8b\x08"
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
    lastmod: str
    published: str
    title: str


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
        entries = list(self._entries(response))
        believed = not self._are_stamped_at_once(entries)
        if not believed:
            self.notes.append(f"{response.url}: all {len(entries)} entries have one lastmod: it is not believed")
        for entry in entries:
            url, lastmod = absolute(response.url, entry.loc), entry.lastmod if believed else ""
            if entry.kind == "url":
                how = {"by": self.type, "from": response.url, "lastmod": lastmod}
                how |= {"published": entry.published, "title": entry.title}
                yield Found(url, {key: literal for key, literal in how.items() if literal})
            elif self._may_hold_window(url, lastmod):
                if depth >= MAX_DEPTH:
                    raise DiscoveryError(f"an index {depth} levels below the first one: not followed further")
                yield self._request(url, depth + 1, parent=response.url)

    def _announced(self, response: Response) -> Iterator[Request]:
        """The sitemaps that a robots.txt names (https://www.sitemaps.org/protocol.html#submit_robots)."""
        lines = _ROBOTS_LINE.findall(response.body)
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
        body = response.body
        if body.startswith(_GZIP):
            try:
                body = gunzip(body, max_size=MAX_SITEMAP)
            except ValueError as error:
                raise DiscoveryError(f"larger than {MAX_SITEMAP} bytes when unpacked") from error
            except (OSError, EOFError, zlib.error) as error:
                raise DiscoveryError(f"damaged gzip: {error}") from error
        context = etree.iterparse(
            BytesIO(body),
            events=("start", "end"),
            recover=True,
            resolve_entities=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        read, root = 0, None
        try:
            for event, element in context:
                if root is None:
                    root = _name(element)
                    if root not in {"urlset", "sitemapindex"}:
                        raise DiscoveryError(f"neither urlset nor sitemapindex but <{root}>")
                if event == "end" and _name(element) in {"url", "sitemap"}:
                    if entry := _entry(element):
                        read += 1
                        yield entry
                    element.clear()
                    while element.getprevious() is not None:  # what was read is let go of, so that memory stays flat
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            if root is None:
                raise DiscoveryError(f"not XML: {error}") from error
        if root is None:
            raise DiscoveryError(f"not XML ({len(body)} bytes)")
        errors = context.error_log
        if len(errors):
            self.problems.append(f"{response.url}: damaged XML, {read} entries could be read: {errors[0].message}")


def named_days(url: str) -> tuple[date, date] | None:
    """First and last day of the month that a sitemap's path names last; None where it names none."""
    matches = _NAMED_MONTH.findall(unquote(urlsplit(url).path))
    if not matches:
        return None
    first = date(int(matches[-1][0]), int(matches[-1][1]), 1)
    return first, first + relativedelta(day=31)


def _entry(element: etree._Element) -> _Entry | None:
    texts: dict[str, str] = {}
    for child in element:
        name = _name(child)
        if name == "news":
            for part in child:
                texts.setdefault(f"news:{_name(part)}", (part.text or "").strip())
        elif name in {"loc", "lastmod"}:
            texts.setdefault(name, (child.text or "").strip())
    if not texts.get("loc"):
        return None
    return _Entry(
        kind=_name(element),
        loc=texts["loc"],
        lastmod=texts.get("lastmod", ""),
        published=texts.get("news:publication_date", ""),
        title=texts.get("news:title", ""),
    )


def _name(element: etree._Element) -> str:
    """Local name, whatever the namespace: many sitemaps get it wrong."""
    return str(element.tag).rpartition("}")[2]
