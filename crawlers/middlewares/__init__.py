"""What stands between the spider and the sites, in Scrapy's words middlewares, extensions and a download handler.

The address guard decides what is connected to, the archive writes every response into the bucket's captures, politeness keeps to
robots.txt and the sites' pace, conditional requests ask for what has changed alone. `crawlers.settings` puts them in their places.
They know nothing of how articles are found. The browser is an extra: `crawlers.middlewares.browser` is imported only where a source
asks for one.
"""

from __future__ import annotations

from crawlers.middlewares.addresses import ForbiddenAddress
from crawlers.middlewares.archive import Archive, ArchiveError
from crawlers.middlewares.conditional import NOT_MODIFIED, ConditionalRequests
from crawlers.middlewares.politeness import (
    BROKEN_IN_A_ROW,
    FAILURES_IN_A_ROW,
    MAX_CRAWL_DELAY,
    MAX_ROBOTS,
    AlreadyStored,
    CircuitBreaker,
    DailyBudget,
    Offsite,
    RobotsUnreachable,
    Throttle,
    is_trouble,
)

__all__ = [
    "BROKEN_IN_A_ROW",
    "FAILURES_IN_A_ROW",
    "MAX_CRAWL_DELAY",
    "MAX_ROBOTS",
    "NOT_MODIFIED",
    "AlreadyStored",
    "Archive",
    "ArchiveError",
    "CircuitBreaker",
    "ConditionalRequests",
    "DailyBudget",
    "ForbiddenAddress",
    "Offsite",
    "RobotsUnreachable",
    "Throttle",
    "is_trouble",
]
