"""What Scrapy calls middlewares and handlers: the archive, politeness, conditional requests, the browser.

The browser is an extra: `crawlers.middlewares.browser` is imported only where a source asks for one.
"""

from __future__ import annotations

from crawlers.middlewares.archive import Archive, ArchiveError
from crawlers.middlewares.conditional import NOT_MODIFIED, Unchanged
from crawlers.middlewares.politeness import (
    FAILURES_IN_A_ROW,
    MAX_CRAWL_DELAY,
    MAX_ROBOTS,
    AlreadyStored,
    Offsite,
    RobotsUnreachable,
    Storm,
    Throttle,
    is_trouble,
)

__all__ = [
    "FAILURES_IN_A_ROW",
    "MAX_CRAWL_DELAY",
    "MAX_ROBOTS",
    "NOT_MODIFIED",
    "AlreadyStored",
    "Archive",
    "ArchiveError",
    "Offsite",
    "RobotsUnreachable",
    "Storm",
    "Throttle",
    "Unchanged",
    "is_trouble",
]
