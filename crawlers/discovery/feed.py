"""Article URLs from an RSS or Atom feed: the latest ones only."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, ClassVar

import feedparser
from scrapy import Request

from crawlers.discovery.base import Discovery, DiscoveryError, Found, absolute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.http import Response

    from crawlers.run import Window
    from pipeline.sources import FeedDiscovery, Source

MAX_FEED = 8 * 2**20
"""Bytes of a feed; parsing takes seconds a few megabytes, and the crawl waits for it."""


class Feed(Discovery):
    """An RSS or Atom feed, read by feedparser, which takes what it can from a broken one."""

    type: ClassVar[str] = "feed"
    looks_back: ClassVar[bool] = False

    def __init__(self, config: FeedDiscovery, source: Source, window: Window) -> None:
        super().__init__(str(config.url), source, window)

    def start(self) -> Iterable[Request]:
        """The feed itself."""
        yield Request(self.url, meta={"download_maxsize": MAX_FEED})

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The entries' links, with their dates and titles as the feed has them.

        Raises:
            DiscoveryError: it is no feed.
        """
        # A file object, since feedparser takes other values for names of files or addresses to fetch.
        feed = feedparser.parse(
            BytesIO(response.body),
            response_headers={"content-type": (response.headers.get("Content-Type") or b"").decode("latin-1")},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        if not feed.get("version") and not feed.entries:
            raise DiscoveryError(f"neither RSS nor Atom ({len(response.body)} bytes)")
        damage = feed.get("bozo_exception")
        if feed.bozo and not isinstance(damage, feedparser.ThingsNobodyCaresAboutButMe):
            self.problems.append(f"{response.url}: damaged feed, {len(feed.entries)} entries could be read: {damage}")
        for entry in feed.entries:
            # dict.get, since feedparser's own gives `published` for an absent `updated`
            link = dict.get(entry, "feedburner_origlink") or dict.get(entry, "link")
            if not link:
                continue
            how = {"by": self.type, "from": self.url}
            for key, name in (("published", "published"), ("modified", "updated"), ("title", "title")):
                if literal := str(dict.get(entry, name) or "").strip():
                    how[key] = literal.encode(errors="replace").decode()  # a loose parse lets lone surrogates through
            yield Found(absolute(response.url, link), how)
