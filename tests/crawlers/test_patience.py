"""How long a site is left alone that refused its last crawls."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from crawlers.patience import left_alone_until, requests_left, wait_after
from pipeline.crawl_reports import Crawl, CrawlReport
from pipeline.sources import Source

if TYPE_CHECKING:
    from pipeline.bucket import Bucket

NOW = datetime(2024, 3, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCE = Source.model_validate({"id": "sada", "name": "صدى", "home": "http://sadanews.example/", "timezone": "UTC"})
REFUSED = {"failed": [{"url": "http://sadanews.example/1", "reason": "http_403"}]}
LISTS = {"discovery": [{"type": "feed", "url": "f", "answered": False, "problems": ["f: HTTP 429"]}]}
CAME = {"captured": 1, **REFUSED}


def report(**told: Any) -> dict[str, Any]:
    return {"window": {"since": "2024-03-04", "until": "2024-03-05"}, "outcome": "failed", "message": "", **told}


def crawls(*told: dict[str, Any], last: datetime = NOW - HOUR) -> list[Crawl]:
    """Crawls that said so, the newest first, an hour apart."""
    return [
        Crawl("run", last - number * HOUR, CrawlReport.model_validate(report(**one))) for number, one in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "hours"),
    [
        ([REFUSED] * 2, None),
        ([REFUSED, CAME, REFUSED, REFUSED], None),
        ([CAME, *[REFUSED] * 9], None),
        ([{"failed": [{"url": "u", "reason": "timeout"}]}] * 9, None),
        ([{"unchanged": 3, **REFUSED}] * 9, None),
        ([REFUSED] * 3, None),  # an hour after the last one: it is over
        ([REFUSED] * 4, 2),
        ([LISTS, REFUSED, LISTS, REFUSED, REFUSED], 4),
        ([REFUSED] * 14, 24),
        ([{"retry_at": (NOW + 5 * HOUR).isoformat()}], 6),
        ([{"retry_at": (NOW + 900 * HOUR).isoformat()}], 24),
        ([{"retry_at": (NOW - HOUR / 2).isoformat()}], None),
        ([], None),
    ],
)
def test_the_wait_grows_with_each_refusal_up_to_a_day(told: list[dict[str, Any]], hours: int | None) -> None:
    until = wait_after(crawls(*told), HOUR, NOW)
    assert until == (NOW - HOUR + hours * HOUR if hours else None)


@pytest.mark.parametrize("period", [HOUR / 4, HOUR, 24 * HOUR, 168 * HOUR])
def test_a_site_that_refuses_for_ever_is_asked_once_a_day_or_as_its_schedule_has_it(period: timedelta) -> None:
    asked: list[datetime] = []
    for number in count():
        now = NOW + number * period + timedelta(seconds=number % 7)
        if now > NOW + 30 * 24 * HOUR:
            break
        past = [Crawl("run", at, CrawlReport.model_validate(report(**REFUSED))) for at in reversed(asked)]
        if wait_after(past[:16], period, now) is None:
            asked.append(now)
    gap = asked[-1] - asked[-2]
    assert abs(gap - max(period, 24 * HOUR)) <= period / 2 + timedelta(seconds=7)


def test_what_the_bucket_has_of_the_last_crawls_decides(bucket: Bucket) -> None:
    for minute in range(4):
        run = f"sada-20240305T11{minute:02}00Z-00000{minute}"
        told = CrawlReport.model_validate(report(**REFUSED)).model_dump_json()
        bucket.put(f"reports/{run}/crawl.json", told.encode())
    dry = CrawlReport.model_validate(report(dry_run=True)).model_dump_json()
    bucket.put("reports/sada-20240305T113000Z-000000/crawl.json", dry.encode())
    assert left_alone_until(bucket, SOURCE, HOUR, NOW) == datetime(2024, 3, 5, 13, 3, tzinfo=UTC)
    assert left_alone_until(bucket, SOURCE, HOUR, NOW + HOUR) is None


def test_the_requests_of_a_day_are_counted_over_all_crawls(bucket: Bucket) -> None:
    for run, requests in {
        "sada-20240304T110000Z-000000": 900,  # more than a day ago
        "sada-20240304T130000Z-000001": 500,
        "sada-20240305T100000Z-000002": 100,
        "sada-20240305T100000Z-000004": 200,  # in the same second
        "sada-20240305T110000Z-000003": None,
    }.items():
        told = CrawlReport.model_validate(report(requests=requests)).model_dump_json()
        bucket.put(f"reports/{run}/crawl.json", told.encode())
    most = SOURCE.politeness.requests_a_day
    assert requests_left(bucket, SOURCE, NOW) == (most - 800, datetime(2024, 3, 5, 13, tzinfo=UTC))
    assert requests_left(bucket, SOURCE, NOW + 2 * HOUR) == (most - 300, datetime(2024, 3, 6, 10, tzinfo=UTC))
    assert requests_left(bucket, SOURCE, NOW + 48 * HOUR) == (most, NOW + 72 * HOUR)


def test_a_task_that_waits_for_its_crawl_holds_no_arrow_meanwhile() -> None:
    command = "import sys, crawlers.patience; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
