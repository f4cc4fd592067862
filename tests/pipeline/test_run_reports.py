"""The reports of runs, found and told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.run import DiscoveryReport, Failure
from pipeline.bucket import Bucket
from pipeline.run_reports import (
    COLUMNS,
    ReportError,
    newest_builds,
    newest_crawls,
    read_report,
    report_page,
    tell_report,
)
from tests.pipeline.corpus.test_report import report
from tests.pipeline.health.conftest import put_report

NOW = datetime(2024, 3, 20, 12, tzinfo=UTC)


def put_build(bucket: Bucket, run: str) -> None:
    made = report(run=run, names={"alfajr": "صحيفة الفجر" * 9, "almada": "موقع المدى"})
    bucket.put(f"reports/{run}/report.json", made.to_json())
    bucket.put(f"reports/{run}/report.html", made.to_html().encode())


def test_the_newest_runs_are_found_however_old_they_are(bucket: Bucket) -> None:
    assert newest_builds(bucket, NOW) == newest_crawls(bucket, "alfajr", NOW) == []
    runs = ["corpus-20230101T000000Z-abcdef", "build-20230301T000000Z"]
    for run in runs:
        put_build(bucket, run)
    crawls = [put_report(bucket, "alfajr", NOW - timedelta(days=days)) for days in (400, 300)]
    assert newest_builds(bucket, NOW) == runs[::-1]
    assert newest_crawls(bucket, "alfajr", NOW) == crawls[::-1]
    put_build(bucket, "corpus-20240320T110000Z-000000")
    put_build(bucket, "build-20240320T113000Z-2")
    bucket.put("reports/takedown-20240320T113000Z-aaaaaa/report.json", b"{}")
    assert newest_builds(bucket, NOW) == ["build-20240320T113000Z-2", "corpus-20240320T110000Z-000000"]
    assert newest_builds(bucket, NOW, 1) == ["build-20240320T113000Z-2"]


def test_a_build_is_told_in_eighty_columns(bucket: Bucket) -> None:
    run = "corpus-20240320T110000Z-000000"
    put_build(bucket, run)
    text = "\n".join(tell_report(bucket, run))
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= COLUMNS
    for said in (
        "2024-03-20 09:30 UTC",
        "⊘ almada silent",
        "→ warraq check almada",
        "alfajr blocked 2",
        "Days written: 1",
    ):
        assert said in " ".join(text.split())
    page = report_page(bucket, run)
    assert page is not None
    assert "Out of the ordinary" in page


def test_a_crawl_is_told_and_shown_with_what_did_not_come(bucket: Bucket) -> None:
    hostile = "http://alfajr.example/<script>alert(1)</script>"
    discovery = DiscoveryReport("feed", "http://alfajr.example/rss", False, 0, problems=("rss: HTTP 500",))
    run = put_report(
        bucket, "alfajr", NOW, failed=(Failure(hostile, "timeout"),), discovery=(discovery,), files=("captures/x",)
    )
    text = " ".join("\n".join(tell_report(bucket, run)).split())
    for said in ("finished", "did not come 1", f"timeout {hostile}", "✖ did not answer", "rss: HTTP 500", "captures/x"):
        assert said in text
    page = report_page(bucket, run)
    assert page is not None
    assert "<script" not in page
    assert "rss: HTTP 500" in page
    assert 'data-source="alfajr"' in page
    assert 'href="../../captures/x"' in page


def test_what_cannot_be_read_is_said_in_a_sentence(bucket: Bucket) -> None:
    run = "corpus-20240320T110000Z-000000"
    assert report_page(bucket, run) is None
    with pytest.raises(ReportError, match="there is no report"):
        read_report(bucket, run)
    bucket.put(f"reports/{run}/report.json", b"{}")
    with pytest.raises(ReportError, match="--json"):
        list(tell_report(bucket, run))
    bucket.put(f"reports/{run}/report.json", b"{")
    with pytest.raises(ReportError, match="damaged"):
        list(tell_report(bucket, run))
    crawl = put_report(bucket, "alfajr", NOW)
    bucket.put(f"reports/{crawl}/crawl.json", b"[]")
    for read in (report_page, lambda *of: list(tell_report(*of))):
        with pytest.raises(ReportError, match="cannot be read"):
            read(bucket, crawl)
