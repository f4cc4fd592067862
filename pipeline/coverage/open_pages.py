"""The pages of a source of which it is open whether they are articles, and the days that they may be of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.captures import NEXT_PAGE, run_of
from pipeline.coverage.records import crawled_windows
from pipeline.known_pages import known_pages
from pipeline.refetch import REFETCH_UNTIL, next_refetch
from pipeline.stated_dates import stated_days
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pipeline.bucket import Bucket
    from pipeline.documents import Documents
    from pipeline.known_pages import KnownPage

_DAY = timedelta(days=1)
_EARLIEST = date.min + _DAY + REFETCH_UNTIL


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page that no build has read, or that was rejected for what may pass; published between two days, both included."""

    page: KnownPage
    first_day: date
    last_day: date


def open_pages(
    documents: Documents, bucket: Bucket, ids: Collection[str], timezone: str, since: date
) -> list[OpenPage]:
    """The open pages of a source, stored under its `ids`, in a time zone; those apart that others lead to.

    All are there that may be of a day from `since` on; older ones may be among them.
    A page whose day of publication was not stated with its address may be of any day of the crawl that found it, but not of one
    after its capture or after the change that was stated with it. A later page of an article is of the article's day.
    """
    # No page was captured before its day, and it is asked for again for so long after it was captured first.
    captured_since = since - _DAY - REFETCH_UNTIL if since > _EARLIEST else None
    known = known_pages(bucket, *ids, since=captured_since, documents=documents)
    of_open = [page for _, page in sorted(known.items()) if (page.unread or page.may_pass) and not page.led_to]
    windows = crawled_windows(bucket, ids, captured_since)
    if any(
        run_of(page.first.key) not in windows for page in of_open
    ):  # found by a crawl after days long past, or by none
        windows = crawled_windows(bucket, ids)
    return [OpenPage(page, *_days(page, known, ZoneInfo(timezone), windows)) for page in of_open]


def _days(
    page: KnownPage, known: Mapping[str, KnownPage], zone: ZoneInfo, windows: Mapping[str, tuple[date, date]]
) -> tuple[date, date]:
    found = page.first.found
    article = known.get(normalize_url(found["from"])) if found.get("by") == NEXT_PAGE else None
    if article and article.published_day:
        return article.published_day, article.published_day
    latest = page.first.captured_at.astimezone(zone).date() + _DAY
    stated = stated_days(found.get("published", ""), zone)
    if stated and stated[0] <= latest:  # sites misset their clocks
        return stated
    since, until = windows.get(run_of(page.first.key), (date.min, date.max))
    changed = (stated_days(found.get(name, ""), zone) for name in ("modified", "lastmod"))
    return since, min(until - _DAY, latest, *(days[1] for days in changed if days))


def tell(source: str, pages: Iterable[KnownPage]) -> list[str]:
    """What is open of some pages, one sentence for those that are not read and one for those that may pass."""
    said = []
    unread = [page for page in pages if page.unread]
    passing = [page for page in pages if page.may_pass]
    if unread:
        said.append(f"{len(unread)} captured pages are not read yet: run `warraq build`")
    if passing:
        reasons = Counter(str(page.rejected) for page in passing)
        listed = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        said.append(f"{len(passing)} pages are no articles for what may pass ({listed}); {_when(source, passing)}")
    return said


def _when(source: str, pages: Iterable[KnownPage]) -> str:
    """When the pages are asked for again."""
    due = [(page.first.captured_at, next_refetch(page.first, page.newest)) for page in pages]
    times = [time for _, time in due if time]
    over = f"`warraq crawl {source} --refetch` asks for them"
    if not times:
        return f"they were asked for to the end of the schedule: {over}"
    until = max(first for first, time in due if time) + REFETCH_UNTIL
    when = f"asked for again from {min(times).astimezone(UTC):%Y-%m-%d %H:%M} UTC on, until {until:%Y-%m-%d}"
    left = len(due) - len(times)
    return f"{when}; {left} of them no more: {over}" if left else when
