"""What seems to be at work on a source, by what lies in the bucket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.bucket import Bucket
from pipeline.source_life import at_work
from tests.pipeline.conftest import archive, page, prose
from tests.pipeline.health.conftest import put_report


def test_a_crawl_is_at_work_from_its_first_file_to_its_report_and_a_build_while_it_hands_on(bucket: Bucket) -> None:
    now = datetime.now(UTC)
    assert at_work(bucket, ["alfajr"], now) == ()
    run = f"alfajr-{now:%Y%m%dT%H%M%SZ}-aaaaaa"
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1))}, at=now)
    for kind in ("warc.gz", "cdxj"):
        bucket.put(f"captures/source=alfajr/fetched={now:%Y-%m-%d}/{run}-discovery-00000.{kind}", b"-")
    archive(bucket, "alfajr", "import-x-abc", {"http://alfajr.example/2": page("خبر", prose(2))}, at=now)
    [told] = at_work(bucket, ["fajr", "alfajr"], datetime.now(UTC))
    assert told.startswith(f"The crawl {run} is at work")
    assert at_work(bucket, ["almada"], datetime.now(UTC)) == ()
    assert at_work(bucket, ["alfajr"], now + timedelta(hours=2)) == (), "it was killed"
    put_report(bucket, "alfajr", now)
    assert at_work(bucket, ["alfajr"], datetime.now(UTC)) == ()
    bucket.put("work/build-1/batches/00000.json", b"[]")
    [told] = at_work(bucket, ["almada"], datetime.now(UTC))
    assert told.startswith("The build build-1 is at work")
    assert at_work(bucket, ["almada"], now + timedelta(hours=2)) == ()
