"""Which pages that are no articles may be so yet, and when they are asked for again.

A page was captured and rejected. That may pass for one of three reasons: what it shows may pass (`Rejection.passing`), its
status may (`status_may_pass`), or no crawl around its own had any article, so that the site showed something else to all of
them. All of this follows from the captures, in whatever order they were taken in, and from no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.captures import run_of
from pipeline.rejection import Passing, Rejection, status_may_pass
from pipeline.stated_dates import stated_days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from pipeline.captures import IndexLine

REFETCH_AFTER = (
    *(timedelta(hours=1), timedelta(hours=6), timedelta(days=1)),
    *(timedelta(days=3), timedelta(days=7), timedelta(days=14), timedelta(days=30)),
)
"""How long after its first capture a page that may pass is asked for again. A site that puts up a wall by mistake mends it within
the day; after a month a person must look."""

REFETCH_UNTIL = 2 * REFETCH_AFTER[-1]
"""What no crawl asked for again by then is left: a source that rested for months does not begin with a flood, and a page that only
ever fails is not asked for without an end."""

MANY_REJECTED = 5
"""Pages in crawls without an article, one crawl after the other, from which none of what they showed is believed."""

_YOUNG = timedelta(days=7)
"""How long after its publication a page may be unfinished; older ones show what they will ever show."""

_SAYS_NOTHING = frozenset({Rejection.REDIRECT, Rejection.HTTP_ERROR, Rejection.UNREADABLE, Rejection.TAKEN_DOWN})
"""Reasons by which a crawl does not show whether the site gives articles."""


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture of a page: its line, its normal URL, and whether a build has read it, as which article or why as none.

    `same` is the normal URL that the page states for itself, `later` are the addresses of the pages on which its article goes on.
    """

    line: IndexLine
    url: str
    read: bool = False
    rejected: Rejection | None = None
    published_day: date | None = None
    same: str = ""
    later: tuple[str, ...] = ()

    @property
    def is_of_article(self) -> bool:
        """Whether a build took it in as an article, or as a later page of one."""
        return self.read and self.rejected in {None, Rejection.LATER_PAGE}


def may_pass(
    rejected: Rejection, content: IndexLine, first: IndexLine, newest: IndexLine, doubted: Collection[str]
) -> bool:
    """Whether a page may be an article when it is asked for again.

    `content` is the capture that was `rejected`, `first` and `newest` are the page's first and last ones, `doubted` the runs of
    `crawls_without_article`. What an archive has stays as it is.
    """
    if rejected == Rejection.HTTP_ERROR:
        return status_may_pass(content.status)
    if rejected in _SAYS_NOTHING or "archived_by" in content.found:
        return False
    if run_of(newest.key) in doubted or rejected.passing == Passing.YES:
        return True
    if rejected == Rejection.NOT_AN_ARTICLE and "published" not in content.found:
        return False
    if rejected.passing != Passing.AT_FIRST:
        return False
    return newest.captured_at < first.captured_at + REFETCH_AFTER[-1] and _was_young(first)


def _was_young(first: IndexLine) -> bool:
    """Whether nothing that was stated with a page's address says that it was a week old when it was first captured."""
    stated = (stated_days(first.found.get(name, ""), ZoneInfo("UTC")) for name in ("published", "modified", "lastmod"))
    return all(days is None or first.captured_at.astimezone(UTC).date() - days[1] <= _YOUNG for days in stated)


def crawls_without_article(captures: Iterable[StoredCapture], articles: Collection[str]) -> set[str]:
    """The runs whose pages were all rejected, one run after the other, if those are `MANY_REJECTED` pages or more.

    `captures` are all those of a source; `articles` are the normal URLs of the pages that are articles, by any capture. An
    article that the site says is unchanged counts as one.
    """
    rejected: dict[str, set[str]] = {}
    began: dict[str, datetime] = {}
    gave: set[str] = set()
    for capture in captures:
        line = capture.line
        if not capture.read or capture.rejected in _SAYS_NOTHING or "archived_by" in line.found:
            continue
        run = run_of(line.key)
        began[run] = min(began.get(run, line.captured_at), line.captured_at)
        if capture.is_of_article or (capture.rejected == Rejection.UNCHANGED and capture.url in articles):
            gave.add(run)
        else:
            rejected.setdefault(run, set()).add(capture.url)
    doubted: set[str] = set()
    stretch: list[str] = []
    for run in [*sorted(began, key=lambda run: (began[run], run)), ""]:
        if run and run not in gave:
            stretch.append(run)
            continue
        if len(set().union(*(rejected[one] for one in stretch))) >= MANY_REJECTED:
            doubted.update(stretch)
        stretch = []
    return doubted


def next_refetch(first: IndexLine, newest: IndexLine) -> datetime | None:
    """From when on a page that may pass is asked for again, by its first and newest captures; None at the end of the schedule."""
    times = (first.captured_at + after for after in REFETCH_AFTER)
    return next((time for time in times if time > newest.captured_at), None)
