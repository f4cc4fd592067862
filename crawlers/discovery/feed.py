"""Article URLs from a feed: RSS, Atom or JSON Feed.

A feed shows the latest articles. Where it has pages (RFC 5005, JSON Feed's ``next_url``, WordPress's ``?paged=``), it looks back.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar
from xml.parsers import expat

import feedparser
from scrapy import Request
from w3lib.url import add_or_replace_parameter

from crawlers.discovery.base import DiscoveryError, Found, absolute, content_type, literals
from crawlers.discovery.damaged_xml import mend
from crawlers.discovery.paging import Paged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import FeedDiscovery, Source

MAX_FEED = 8 * 2**20
"""Bytes of a feed; parsing takes seconds a few megabytes, and the crawl waits for it."""

MAX_DEPTH = 256
"""Levels of nesting: libxml2's own limit for documents it does not trust. Feeds have some ten, with XHTML in them some thirty."""

MAX_ATTRIBUTES = 256
"""Attributes of one element. The time that feedparser takes grows with their square; feeds have some five."""

_WEB = re.compile(r"https?:/", re.IGNORECASE)


class Feed(Paged):
    """A feed: JSON, or RSS or Atom read by feedparser, which takes what it can from a broken one."""

    type: ClassVar[str] = "feed"

    def __init__(self, config: FeedDiscovery, source: Source, window: Window) -> None:
        super().__init__(str(config.url), source, window)
        self.looks_back = False

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The entries' links, with their dates, titles and texts as the feed has them, and the page after it.

        Raises:
            DiscoveryError: it is no feed.
        """
        if response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            items, following = self._read_json(response)
        else:
            items, following = self._read_xml(response)
        yield from items
        if not items and response.meta["page"] == 1 and not self.problems:
            self.notes.append(f"{response.url}: a feed without any entry, where the latest articles are to be")
        if following is not None:
            self.looks_back = True
        yield from self._onward(response, items, following)

    def _request(self, url: str, page: int) -> Request:
        # The feed itself is asked for only if it has changed.
        return Request(url, meta={"download_maxsize": MAX_FEED, "page": page, "conditional": page == 1})

    def _read_json(self, response: Response) -> tuple[list[Found], str | None]:
        """A JSON Feed (https://www.jsonfeed.org/version/1.1/): its items and its next page."""
        try:
            feed = json.loads(response.body.decode("utf-8-sig", errors="replace"))
        except (ValueError, RecursionError) as error:
            raise DiscoveryError(f"not JSON: {error}") from None
        entries = feed.get("items")
        if not isinstance(entries, list):
            raise DiscoveryError(f"JSON, but no JSON Feed: it has no items ({len(response.body)} bytes)")
        items = []
        for entry in entries:
            link = _address(entry.get("url"), entry.get("id")) if isinstance(entry, dict) else ""
            if not link:
                continue
            stated = {
                "published": entry.get("date_published"),
                "modified": entry.get("date_modified"),
                "title": entry.get("title"),
                "summary": entry.get("summary"),
                "content": entry.get("content_html") or entry.get("content_text"),
            }
            items.append(self._found(response, link, stated))
        self.tell_unaddressed(response.url, len(entries) - len(items), len(entries))
        following = feed.get("next_url")
        return items, absolute(response.url, following) if isinstance(following, str) and following else None

    def _read_xml(self, response: Response) -> tuple[list[Found], str | None]:
        """An RSS or Atom feed: its items and its next page."""
        feed = parse_feed(response.body, content_type(response))
        self.tell_damage(response.url, [link for link, _ in feed.entries], feed.mended, feed.error)
        self.tell_unaddressed(response.url, feed.unaddressed, feed.unaddressed + len(feed.entries))
        return [self._found(response, link, stated) for link, stated in feed.entries], self._next_page(
            response, feed.head
        )

    def _next_page(self, response: Response, head: Mapping[str, Any]) -> str | None:
        for link in head.get("links", ()):
            if link.get("rel") == "next" and link.get("href"):
                return absolute(response.url, link["href"])
        if "wordpress" in str(head.get("generator", "")).lower():
            return add_or_replace_parameter(self.url, "paged", str(response.meta["page"] + 1))
        return None

    def _found(self, response: Response, link: str, stated: Mapping[str, Any]) -> Found:
        return Found(absolute(response.url, link), {"by": self.type, "from": self.url, **literals(stated)})


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """An RSS or Atom feed: what it says of itself, each entry's link with what is stated of it.

    `mended` is what had to be (`damaged_xml.mend`), `error` what was wrong all the same, or "". So many entries are
    `unaddressed`: they have neither a link nor an address for their id.
    """

    head: Mapping[str, Any]
    entries: list[tuple[str, dict[str, Any]]]
    mended: list[str]
    error: str
    unaddressed: int


def parse_feed(body: bytes, content_type: str) -> ParsedFeed:
    """Read RSS or Atom.

    Raises:
        DiscoveryError: it is neither.
    """
    xml, mended = mend(body, content_type)
    _check_shape(xml)
    # A file object, since feedparser takes other values for names of files or addresses to fetch.
    feed = feedparser.parse(
        BytesIO(xml),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    if not feed.get("version") and not feed.entries:
        raise DiscoveryError(f"neither RSS nor Atom ({len(body)} bytes)")
    error = feed.get("bozo_exception") if feed.bozo else None
    if isinstance(error, feedparser.ThingsNobodyCaresAboutButMe):
        error = None
    entries = []
    for entry in feed.entries:
        # dict.get, since feedparser's own gives `published` for an absent `updated`
        links = dict.get(entry, "feedburner_origlink") or dict.get(entry, "link"), dict.get(entry, "id")
        link = _address(*links)
        if not link:
            continue
        contents = [one.get("value") or "" for one in dict.get(entry, "content") or ()]
        summary = dict.get(entry, "summary")
        stated = {
            "published": dict.get(entry, "published"),
            "modified": dict.get(entry, "updated"),
            "title": dict.get(entry, "title"),
            "summary": None if summary in contents else summary,  # feedparser's, where the entry has none
            "content": max(contents, key=len, default=None),
        }
        entries.append((link, stated))
    return ParsedFeed(feed.feed, entries, mended, str(error or ""), len(feed.entries) - len(entries))


def _check_shape(xml: bytes) -> None:
    """Refuse what no feed is like, as far as it is well-formed.

    Raises:
        DiscoveryError: it is nested deeper than `MAX_DEPTH`, or has an element with more than `MAX_ATTRIBUTES`.
    """
    depth = 0

    def begin(_: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise DiscoveryError(f"no feed: nested more than {MAX_DEPTH} levels deep")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise DiscoveryError(f"no feed: an element with more than {MAX_ATTRIBUTES} attributes")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    with contextlib.suppress(expat.ExpatError):  # what is damaged feedparser reads in its own way
        parser.Parse(xml, True)


def _address(link: object, own_id: object) -> str:
    """The address of an entry: its link or, where it has none, its id (RSS's guid, RSS 1.0's rdf:about), if that is one; or "".

    An id that is no address is none either where feedparser takes it for the link, as it does with a guid.
    """
    if isinstance(link, str) and link.strip() and link != own_id:
        return link
    return own_id if isinstance(own_id, str) and _WEB.match(own_id.strip()) else ""
