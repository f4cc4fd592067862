"""When an article that is known is asked for again, in case it was edited."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pipeline.known_pages import KnownPage

AFTER = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""How long after its first capture a page is asked for again: news is edited most in its first hours."""

_FRESH = timedelta(days=7)
"""A page first captured so long after its publication has settled: a backfill of past years is not read five times over."""

_LATEST = 2 * AFTER[-1]
"""What no crawl asked for again by then is left: a source that rested for months does not begin with a flood."""


def is_due(page: KnownPage, now: datetime) -> bool:
    """Whether one of the times in `AFTER` has come since the page was last asked for.

    Only articles that the site itself sent us, soon after their publication, are asked for again. `now` is an aware instant.
    """
    first = page.first_captured_at
    if first is None or page.published_day is None or page.content.status != 200 or "archived_by" in page.content.found:
        return False
    if first.date() - page.published_day > _FRESH or now - first > _LATEST:
        return False
    return any(page.newest.captured_at < first + after <= now for after in AFTER)
