"""How much a site is asked over several crawls, as their reports in the bucket say.

A crawl leaves a site in trouble alone by itself (`crawlers.middlewares`); this is about the crawls after it. A site that refused
its last ones is left alone by the schedule; whoever starts a run by hand asks it at once. The requests of a day are for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain, islice, takewhile

from pipeline.bucket import Bucket
from pipeline.crawl_reports import Crawl, list_runs, read_crawls
from pipeline.sources import Source

REFUSED_IN_A_ROW = 3
"""Crawls in a row that a site refuses before the next ones wait: as many as the tries of one run in a quarter of an hour."""

MOST = timedelta(days=1)
"""The longest that a site is left alone, whatever it asks for: it is to be known soon that it answers again."""

_REFUSALS = frozenset({"http_401", "http_403", "http_429", "http_451", "http_503"})
_REFUSED = re.compile(r"\bHTTP (?:401|403|429|451|503)\b")
_DAY = timedelta(days=1)
_LOOKS_BACK = timedelta(days=14)
_MOST_READ = 16
"""Reports that are read: with so many doublings the shortest schedule waits for a day."""


def left_alone_until(bucket: Bucket, source: Source, period: timedelta, now: datetime) -> datetime | None:
    """Until when a source is not to be asked by its schedule, whose runs lie `period` apart; None where it may be. `now` is aware.

    Raises:
        BucketError: the store cannot be reached.
    """
    runs = reversed(list_runs(bucket, source.ids, now - _LOOKS_BACK, now))
    crawls = (read_crawls(bucket, [run])[run] for run in runs)
    return wait_after(islice((one for one in crawls if not one.is_dry), _MOST_READ), period, now)


def requests_left(bucket: Bucket, source: Source, now: datetime) -> tuple[int, datetime]:
    """How many requests a source's site may still be sent, and when it may be sent more. `now` is aware.

    Those of a crawl count for a day from its begin on; those of one that left no report are not known.

    Raises:
        BucketError: the store cannot be reached.
    """
    crawls = read_crawls(bucket, list_runs(bucket, source.ids, now - _DAY, now)).values()
    asked = [(one.began_at, one.report.requests) for one in crawls if one.report is not None and one.report.requests]
    left = source.politeness.requests_a_day - sum(requests for _, requests in asked)
    return max(0, left), min((began_at for began_at, _ in asked), default=now) + _DAY


def wait_after(crawls: Iterable[Crawl], period: timedelta, now: datetime) -> datetime | None:
    """The same, of the crawls until now, the newest first.

    After `REFUSED_IN_A_ROW` it is one period, twice as long after each further one, or as long as the site asked for, and `MOST`
    at most. A wait that ends within half a period of now is over, so that a run that comes a little early is not lost.
    """
    crawls = iter(crawls)
    last = next(crawls, None)
    if last is None or last.report is None:
        return None
    refused = sum(1 for _ in takewhile(_is_refused, chain([last], crawls)))
    until = last.report.retry_at or last.began_at
    if refused >= REFUSED_IN_A_ROW:
        until = max(until, last.began_at + period * 2 ** (refused - REFUSED_IN_A_ROW))
    until = min(until, last.began_at + MOST)
    return until if until > now + min(period, MOST) / 2 else None


def _is_refused(crawl: Crawl) -> bool:
    """Whether a site kept all from a crawl, and most of it by a status that says so."""
    report = crawl.report
    if report is None or report.captured or report.unchanged:
        return False
    if report.failed:
        return 2 * sum(one.reason in _REFUSALS for one in report.failed) > len(report.failed)
    problems = [problem for one in report.discovery for problem in one.problems]
    return not any(one.answered for one in report.discovery) and any(map(_REFUSED.search, problems))
