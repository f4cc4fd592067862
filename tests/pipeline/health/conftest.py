"""Crawls' reports as a crawl leaves them, and days as a build makes them of a source that is well."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crawlers.run import CrawlSummary, DiscoveryReport, Outcome, report_key
from crawlers.window import Window
from pipeline.bucket import Bucket
from pipeline.health import SourceDay
from tests.pipeline.conftest import archive, page, prose


def put_report(bucket: Bucket, source: str, began_at: datetime, **said: Any) -> str:
    """The report of a crawl that began then, for the three days before and its own; its run."""
    run = f"{source}-{began_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{said.pop('mark', 'aaaaaa')}"
    day = began_at.date()
    summary = CrawlSummary(
        **{
            "source": source,
            "run": run,
            "window": Window(day - timedelta(days=3), day + timedelta(days=1)),
            "outcome": Outcome.FINISHED,
            "message": f"{source}: found 3",
            "found": 3,
            "captured": 2,
            "known": 1,
            "discovery": (DiscoveryReport("feed", f"http://{source}.example/rss", True, 3),),
            "requests": 5,
            "bytes": 5000,
            "started_at": began_at,
            "finished_at": began_at + timedelta(minutes=5),
            **said,
        }
    )
    bucket.put(report_key(run), json.dumps(summary.to_json(), ensure_ascii=False).encode())
    return run


def put_history(bucket: Bucket, source: str, until: date, days: int = 35, articles: int = 3) -> None:
    """The days of a source that is well, up to, not including, one: each with its crawl's report and the pages that it captured.

    A build takes them in; what is crawled on the days after is judged by them.
    """
    for ago in range(days, 0, -1):
        day = until - timedelta(days=ago)
        began = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        pages = {
            f"http://{source}.example/{day}/{number}": page(
                f"خبر {day} {number}", prose(1000 * ago + number), f"{day}T09:00:00+03:00"
            )
            for number in range(articles)
        }
        run = put_report(bucket, source, began, found=articles, captured=articles, known=0)
        archive(bucket, source, run, pages, at=began)


def well(source: str, day: date, articles: int = 12, **told: Any) -> SourceDay:
    """A day of a source that is well: so many articles, all of them whole, captured by four crawls."""
    at = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
    return SourceDay(
        **{
            "source": source,
            "day": day,
            "crawls": 4,
            "last_crawl_at": at,
            "last_outcome": "finished",
            "last_message": f"{source}: found {articles}",
            "discoveries": 1,
            "discoveries_answered": 1,
            "found": 3 * articles,
            "captured": articles,
            "known": 2 * articles,
            "unchanged": 0,
            "remaining": 0,
            "requests": articles + 4,
            "bytes": 40_000 * articles,
            "throttled": 0,
            "pages": articles,
            "articles": articles,
            "texts": articles,
            "body_q1": 1100 if articles else None,
            "body_median": 1500 if articles else None,
            "body_q3": 2100 if articles else None,
            "with_author": articles,
            "with_day": articles,
            "with_time": articles,
            "latency_median": 90 if articles else None,
            "published": articles,
            **told,
        }
    )
