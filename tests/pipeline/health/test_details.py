"""What stands behind the counts of a source's last month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawlers.run import Failure
from pipeline import build
from pipeline.bucket import Bucket
from pipeline.health import look_closer
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose
from tests.pipeline.health.conftest import put_report

NOW = datetime(2024, 3, 20, 9, tzinfo=UTC)
WALL = b"<html><title>Just a moment...</title><body>Checking your browser</body></html>"


def test_the_newest_of_each_reason_are_named_with_the_last_crawls(bucket: Bucket, sources: dict[str, Source]) -> None:
    for days in (40, 3, 2, 1):
        began = NOW - timedelta(days=days)
        failures = tuple(Failure(f"http://alfajr.example/{days}/{n}", "http_500") for n in range(2))
        run = put_report(bucket, "alfajr", began, failed=failures)
        pages = {f"http://alfajr.example/wall/{days}/{n}": WALL for n in range(2)}
        pages[f"http://alfajr.example/{days}"] = page("خبر", prose(days), f"{began.date()}T09:00:00+03:00")
        archive(bucket, "alfajr", run, pages, at=began)
    build.build(bucket, sources, "b")
    details = look_closer(bucket, sources, NOW)
    (reason,) = details["alfajr"].rejected
    newest = [f"http://alfajr.example/wall/{day}" for day in ("1/1", "1/0", "2/1")]
    assert list(details["alfajr"].rejected[reason]) == newest
    assert list(details["alfajr"].failed["http_500"]) == [
        f"http://alfajr.example/{day}" for day in ("1/0", "1/1", "2/0")
    ]
    assert [(NOW - crawl.began_at).days for crawl in details["alfajr"].crawls] == [1, 2, 3]
    assert (details["almada"].rejected, details["almada"].crawls) == ({}, [])


def test_of_an_empty_bucket_there_is_nothing(bucket: Bucket, sources: dict[str, Source]) -> None:
    assert not any(one.rejected or one.failed or one.crawls for one in look_closer(bucket, sources, NOW).values())
