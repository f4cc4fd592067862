"""What of the last month is noted by builds, so that nobody who looks waits for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.bucket import Bucket
from pipeline.coverage import CrawlRecord, coverage, put_record
from pipeline.health import UNFINISHED_DAYS, note_coverage
from pipeline.health.lacking import read_coverage
from pipeline.sources import Source

NOW = datetime(2024, 3, 20, 9, tzinfo=UTC)
FIRST = NOW.date() - timedelta(days=UNFINISHED_DAYS)


def crawled(source: str, day: date, mark: str, failed: int = 0) -> CrawlRecord:
    end = day + timedelta(days=1)
    finished = datetime(end.year, end.month, end.day, 12, tzinfo=UTC)
    counts = {day.isoformat(): {"captured": 2, "failed": failed}}
    run = f"{source}-{mark}"
    return CrawlRecord(source, run, day, end, "Asia/Damascus", "finished", "done", finished, days=counts)


def test_what_is_noted_is_what_coverage_says_and_only_news_are_looked_at(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    put_record(bucket, crawled("alfajr", date(2024, 3, 2), "a", failed=3))
    note_coverage(bucket, sources, [], NOW)  # nothing is noted yet: all of them are looked at
    told = coverage(bucket, sources, FIRST, NOW.date())
    assert read_coverage(bucket, sources) == told
    assert [one.failed for one in told if one.failed] == [3]
    put_record(bucket, crawled("alfajr", date(2024, 3, 5), "b", failed=4))
    put_record(bucket, crawled("almada", date(2024, 3, 5), "c", failed=5))
    note_coverage(bucket, sources, ["almada", "of another folder"], NOW)
    assert [one.failed for one in read_coverage(bucket, ["alfajr"]) if one.failed] == [3]
    assert [one.failed for one in read_coverage(bucket, ["almada"]) if one.failed] == [5]
    note_coverage(bucket, {"alfajr": sources["alfajr"]}, ["alfajr"], NOW)
    assert [one.failed for one in read_coverage(bucket, sources) if one.failed] == [3, 4, 5]


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"alfajr": 3}', b'{"alfajr": [{"day": "2024-03-01"}]}', b"\xff"])
def test_what_is_damaged_is_made_anew(bucket: Bucket, sources: dict[str, Source], damage: bytes) -> None:
    bucket.put("state/coverage.json", damage)
    assert read_coverage(bucket, sources) == []
    note_coverage(bucket, sources, [], NOW)
    assert read_coverage(bucket, sources) == coverage(bucket, sources, FIRST, NOW.date())
