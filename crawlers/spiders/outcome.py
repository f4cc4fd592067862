"""What came of a crawl: what became of each page, how the crawl ended, and what its report and its record for each day say."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from crawlers.mementos import MementoError
from crawlers.middlewares import ForbiddenAddress, RobotsUnreachable
from crawlers.run import CrawlSummary, DiscoveryReport, Failure, Outcome, dry_run_key
from pipeline.coverage import MOVED_TO, CrawlRecord, DiscoveryRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crawlers.window import Window
    from pipeline.sources import Source


MANY_FAILURES = 5
"""Pages failed for reasons that may pass, with not one that came: the site is in trouble, and the crawl has failed."""

MANY_ALIKE = 5
"""Pages that are the same to the byte: no articles, but what the site shows in their place, such as a wall."""

_SKIPPED = ("outside_window", "section", "offsite", "robots", "taken_down", "over_limit")
"""Why a page that was found is not asked for, besides its being known."""

_LASTING = re.compile(r"too_large|bad_url|no_memento|http_4(?!01|03|08|25|29)\d\d")
"""Failures that the next crawl will meet again."""

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "timeout"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (DownloadCancelledError, "too_large"),  # Scrapy raises it where DOWNLOAD_MAXSIZE is exceeded, and nowhere else
    (ResponseDataLossError, "incomplete"),
    (DownloadFailedError, "connection"),
    (RobotsUnreachable, "robots_unreachable"),
    (MementoError, "no_memento"),
)
FORBIDDEN = "forbidden_"
"""Begins the reason of a page that was not connected to; the address follows, or ``port_<number>``."""

_IGNORED = {
    "max redirections reached": "redirect_loop",  # RedirectMiddleware
    "exceeded DOWNLOAD_MAXSIZE": "too_large",  # ContentCodings
    "Forbidden by robots.txt": "robots",  # RobotsTxtMiddleware
}
"""Middlewares tell their refusals apart by their words alone."""


def reason_of(error: BaseException) -> str:
    """One word for why a page did not come."""
    for kind, word in _REASONS:
        if isinstance(error, kind):
            return word
    if isinstance(error, ForbiddenAddress):
        return f"{FORBIDDEN}{error.forbidden}"
    if isinstance(error, IgnoreRequest):
        for words, word in _IGNORED.items():
            if words in str(error):
                return word
    return type(error).__name__


@dataclass(frozen=True, slots=True)
class Ending:
    """How a crawl came to its end.

    `reason` is Scrapy's word for it. `problem` says why it could not go on, `last_failure` which page was the last one of so many
    `in_a_row` that the site was left alone, `overtime` after how many seconds its time was over, `resume_at` when it may go on as
    the site's requests of a day are spent, `pages_archived` how many answers to requests for pages are in the bucket, whatever
    they were.
    """

    reason: str = "finished"
    problem: str | None = None
    last_failure: Failure | None = None
    in_a_row: int = 0
    overtime: int | None = None
    resume_at: datetime | None = None
    dry_run: bool = False
    pages_archived: int = 0


class Tally:
    """What became of the pages of one crawl, in all and for each published day (None where it is not known).

    `found` are the pages found, each once; they may grow while the crawl runs.
    """

    def __init__(self, source: Source, window: Window, run: str, found: Collection[str]) -> None:
        self.started_at = datetime.now(UTC)
        self.discoveries: list[DiscoveryReport] = []
        self._source = source
        self._window = window
        self._run = run
        self._found = found
        self._counts: Counter[str] = Counter()
        self._days: defaultdict[date | None, Counter[str]] = defaultdict(Counter)
        self._failed: list[Failure] = []
        self._bodies: Counter[bytes] = Counter()

    def count(self, became: str, day: date | None) -> None:
        """Count a page that came (``captured``), that need not (``known``), or that was skipped, with the reason."""
        self._counts[became] += 1
        self._days[day][became] += 1

    def take_back(self, day: date | None) -> None:
        """Count one of the pages that came as not come to: it could not be archived."""
        self._counts["captured"] -= 1
        self._days[day]["captured"] -= 1

    def count_unchanged(self) -> None:
        """Count one of the known pages that was asked for again, and is the same."""
        self._counts["unchanged"] += 1

    def count_listed(self, pages: int) -> None:
        """Count what a dry run would have fetched."""
        self._counts["would_fetch"] += pages

    def fail(self, url: str, reason: str, day: date | None) -> None:
        """Count a page that was asked for and did not come; `reason` is one word."""
        self._failed.append(Failure(url, reason))
        moved = reason if reason.startswith(MOVED_TO) else "failed"
        self._days[day]["gone" if _LASTING.fullmatch(reason) else moved] += 1

    def note_body(self, body: bytes) -> None:
        """Note what came as a page, to tell a wall from articles."""
        self._bodies[hashlib.sha256(body).digest()] += 1

    def __str__(self) -> str:
        """How far the crawl is, in a line."""
        words = [f"found {len(self._found)}", f"captured {self._counts['captured']}", f"known {self._counts['known']}"]
        more = {"unchanged": self._counts["unchanged"], **self._skipped, "would fetch": self._counts["would_fetch"]}
        words += [f"{name.replace('_', ' ')} {count}" for name, count in more.items() if count]
        return f"{self._source.id}: {', '.join(words)}, failed {len(self._failed)}"

    def judge(self, ending: Ending) -> tuple[Outcome, str]:
        """How the crawl ended, and the line that says so."""
        if ending.problem:
            return Outcome.FAILED, ending.problem
        if last := ending.last_failure:
            told = f"{ending.in_a_row} pages in a row failed (the last: {last.url}: {last.reason})"
            return Outcome.FAILED, f"{self}; {told}: the site is left alone"
        if ending.reason == "shutdown":
            return Outcome.INTERRUPTED, f"{self}; interrupted"
        if ending.resume_at:
            spent = f"its {self._source.politeness.requests_a_day} requests of a day are spent"
            return Outcome.INTERRUPTED, f"{self}; {spent}: it may go on at {ending.resume_at:%Y-%m-%d %H:%M} UTC"
        if ending.overtime:
            return Outcome.INTERRUPTED, f"{self}; its time of {ending.overtime} s was over"
        if ending.reason != "finished":
            return Outcome.FAILED, f"{self}; the crawl broke off ({ending.reason})"
        told = str(self)
        if forbidden := [failure for failure in self._failed if failure.reason.startswith(FORBIDDEN)]:
            one = forbidden[0]
            told += (
                f"; {len(forbidden)} of them may not be connected to (the first: {one.url}: "
                f"{one.reason.removeprefix(FORBIDDEN)}): see docs/sources.md#what-is-connected-to"
            )
        passing = [failure for failure in self._failed if not _LASTING.fullmatch(failure.reason)]
        if not self._counts["captured"] and len(passing) >= MANY_FAILURES:
            return Outcome.FAILED, f"{told}; no page came (the first: {passing[0].url}: {passing[0].reason})"
        alike, came = max(self._bodies.values(), default=0), self._bodies.total()
        if alike >= MANY_ALIKE and 2 * alike > came:
            told += f"; {alike} of {came} pages are one and the same: a wall (JavaScript, a login), no article"
            if alike == came:
                return Outcome.FAILED, told
        if ending.dry_run:
            return Outcome.FINISHED, f"{told}: {dry_run_key(self._run)}"
        if not ending.pages_archived and not passing:
            return Outcome.NOTHING_NEW, f"{told}; nothing new"
        return Outcome.FINISHED, told

    @property
    def done(self) -> int:
        """How many of the pages found are dealt with."""
        done = sum(self._counts[name] for name in ("known", "captured", "would_fetch"))
        return done + len(self._failed) + sum(self._skipped.values())

    def summary(self, outcome: Outcome, message: str, files: Sequence[str]) -> CrawlSummary:
        """The report of a crawl that ends now, with the keys of the files that it wrote."""
        return CrawlSummary(
            source=self._source.id,
            run=self._run,
            window=self._window,
            outcome=outcome,
            message=message,
            found=len(self._found),
            known=self._counts["known"],
            unchanged=self._counts["unchanged"],
            would_fetch=self._counts["would_fetch"],
            captured=self._counts["captured"],
            remaining=len(self._found) - self.done,
            failed=tuple(sorted(self._failed, key=lambda failure: failure.url)),
            skipped=self._skipped,
            discovery=tuple(self.discoveries),
            files=tuple(files),
            started_at=self.started_at,
            finished_at=datetime.now(UTC),
        )

    def record(self, summary: CrawlSummary) -> CrawlRecord:
        """What the crawl did for each day of its window."""
        days = {
            day.isoformat(): dict(sorted((+counts).items()))
            for day, counts in self._days.items()
            if day is not None and self._window.since <= day < self._window.until
        }
        return CrawlRecord(
            source=summary.source,
            run=summary.run,
            since=self._window.since,
            until=self._window.until,
            timezone=self._source.timezone,
            outcome=summary.outcome.name.lower(),
            message=summary.message,
            remaining=summary.remaining,
            discovery=tuple(
                DiscoveryRecord(one.type, one.url, one.answered, one.looks_back, one.problems)
                for one in summary.discovery
            ),
            undated=dict(sorted((+self._days[None]).items())),
            days=dict(sorted(days.items())),
            files=summary.files,
            finished_at=summary.finished_at or self.started_at,
        )

    @property
    def _skipped(self) -> dict[str, int]:
        return {name: self._counts[name] for name in _SKIPPED}
