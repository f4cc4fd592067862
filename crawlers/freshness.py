"""Which pages to ask for: those that can lie in the window, are not stored, may have changed, or are due to be asked for again.

What a feed or sitemap says of a page leans to fetching: a date that cannot be read says nothing, and one without a time zone
may mean a day earlier or later. A date in the future says nothing either: sites misset their clocks, and stamp what they have
not looked at. The page itself decides on its day later.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.known_pages import redirects
from pipeline.rejection import status_may_pass
from pipeline.stated_dates import latest_instant, stated_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from crawlers.window import Window
    from pipeline.captures import IndexLine
    from pipeline.known_pages import KnownPage

_DAY = timedelta(days=1)
_FURTHEST_AHEAD = timedelta(days=2)
"""How far ahead of us a true modification date can be: today without a time, read as the end of its day, in any zone."""

RECRAWL_AFTER = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=7))
"""How long after its first capture a page is asked for again: news is edited most in its first hours."""

_FRESH = timedelta(days=7)
"""A page first captured so long after its publication has settled: a backfill of past years is not read five times over."""

_LATEST_RECRAWL = 2 * RECRAWL_AFTER[-1]
"""What no crawl asked for again by then is left: a source that rested for months does not begin with a flood."""

MAX_REFETCHED = 100
"""Pages that a crawl asks for again by itself because they may have become articles; the next crawls take the others."""


def published_days(found: Mapping[str, str], zone: ZoneInfo) -> tuple[date, date] | None:
    """`stated_days` of the publication date that was found with a URL."""
    return stated_days(found.get("published", ""), zone)


def is_outside(
    found: Mapping[str, str], window: Window, zone: ZoneInfo, now: datetime, days: tuple[date, date] | None = None
) -> bool:
    """Whether what was found with a URL rules out that the page was published in the window.

    A publication date does so on either side; without one, the `days` that a discovery read elsewhere. A modification date
    does so only before the window: a page last changed then was published then at the latest. `now` is an aware instant.
    """
    tomorrow = now.astimezone(zone).date() + _DAY
    published = published_days(found, zone) or days
    if published and published[0] <= tomorrow and not overlaps(published, window):
        return True
    return any(
        days is not None and days[1] < window.since
        for days in (stated_days(found.get(key, ""), zone) for key in ("lastmod", "modified"))
    )


def overlaps(days: tuple[date, date], window: Window) -> bool:
    """Whether a range of days, both ends included, has a day of the window."""
    return days[0] < window.until and window.since <= days[1]


def is_known(line: IndexLine) -> bool:
    """Whether a capture tells what the page is: a page or its lasting absence, not an error that may pass."""
    return not status_may_pass(line.status)


def is_stored(url: str, pages: Mapping[str, IndexLine]) -> bool:
    """Whether the bucket holds what a URL (in normal form) leads to: redirects are followed through the captures.

    A redirect round in a circle will not lead to a page at the next try either; one that leads off the source's hosts does as
    soon as its file names the new host.
    """
    line = pages.get(redirects(url, pages)[-1])
    return line is not None and is_known(line)


def has_changed(found: Mapping[str, str], line: IndexLine, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the feed or sitemap says that a page changed since it was captured.

    That takes a modification date that is not the one it was captured with, and later than that one or than the capture.
    `now` is an aware instant.
    """
    for key in ("lastmod", "modified"):
        literal, recorded = found.get(key, ""), line.found.get(key, "")
        stated = latest_instant(literal, zone)
        if literal == recorded or stated is None or stated > now + _FURTHEST_AHEAD:
            continue
        if stated > line.captured_at or stated > (latest_instant(recorded, zone) or line.captured_at):
            return True
    return False


def was_before(page: KnownPage, window: Window, zone: ZoneInfo) -> bool:
    """Whether a page was had before the window began, and so was published before."""
    return page.first.captured_at.astimezone(zone).date() + _DAY < window.since


def is_recrawl_due(page: KnownPage, now: datetime) -> bool:
    """Whether one of the times in `RECRAWL_AFTER` has come since the page was last asked for.

    Only articles that the site itself sent us, soon after their publication, are asked for again. `now` is an aware instant.
    """
    first = page.first_captured_at
    if first is None or page.published_day is None or page.content.status != 200 or "archived_by" in page.content.found:
        return False
    if first.date() - page.published_day > _FRESH or now - first > _LATEST_RECRAWL:
        return False
    return any(page.newest.captured_at < first + after <= now for after in RECRAWL_AFTER)
