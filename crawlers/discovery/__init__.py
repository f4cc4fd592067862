"""How article URLs are found: one class for each type of discovery that a source's file may name, behind one interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.discovery.base import Discovery, DiscoveryError, Found
from crawlers.discovery.feed import Feed
from crawlers.discovery.sitemap import SitemapTree
from pipeline.sources import FeedDiscovery, SitemapDiscovery

if TYPE_CHECKING:
    from crawlers.run import Window
    from pipeline.sources import Source

__all__ = ["Discovery", "DiscoveryError", "Found", "discoveries"]


def discoveries(source: Source, window: Window) -> list[Discovery]:
    """The discoveries of a source, in the order of its file."""
    made: list[Discovery] = []
    for config in source.discovery:
        match config:
            case FeedDiscovery():
                made.append(Feed(config, source, window))
            case SitemapDiscovery():
                made.append(SitemapTree(config, source, window))
    return made
