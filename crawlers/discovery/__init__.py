"""How article URLs are found: one class for each type of discovery that a source's file may name, behind one interface.

A discovery says what to ask for and reads what came; it sends nothing and writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.discovery.base import Discovery, DiscoveryError, Found, Reading, absolute, content_type, read_apart
from crawlers.discovery.common_crawl import CommonCrawl
from crawlers.discovery.date_archive import DateArchive
from crawlers.discovery.feed import Feed
from crawlers.discovery.listing import Listing
from crawlers.discovery.sitemap import SitemapTree
from crawlers.discovery.wayback import Wayback
from crawlers.discovery.wordpress import Wordpress
from pipeline.sources import (
    CommonCrawlDiscovery,
    DateArchiveDiscovery,
    FeedDiscovery,
    ListingDiscovery,
    SitemapDiscovery,
    WaybackDiscovery,
    WordpressDiscovery,
)

if TYPE_CHECKING:
    from crawlers.window import Window
    from pipeline.sources import Source

__all__ = ["Discovery", "DiscoveryError", "Found", "Reading", "absolute", "content_type", "discoveries", "read_apart"]


def discoveries(source: Source, window: Window) -> list[Discovery]:
    """The discoveries of a source, in the order of its file."""
    made: list[Discovery] = []
    for config in source.discovery:
        match config:
            case FeedDiscovery():
                made.append(Feed(config, source, window))
            case SitemapDiscovery():
                made.append(SitemapTree(config, source, window))
            case WordpressDiscovery():
                made.append(Wordpress(config, source, window))
            case ListingDiscovery():
                made.append(Listing(config, source, window))
            case DateArchiveDiscovery():
                made.append(DateArchive(config, source, window))
            case WaybackDiscovery():
                made.append(Wayback(config, source, window))
            case CommonCrawlDiscovery():
                made.append(CommonCrawl(config, source, window))
    return made
