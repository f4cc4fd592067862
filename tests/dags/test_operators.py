"""The crawl task: real crawls of the demo sites into a real S3 server, outside of a scheduler."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from crawlers.run import CrawlSummary, DiscoveryReport, Outcome, new_run, report_key
from crawlers.window import Window
from demo.server import DemoServer
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files
from pipeline.sources import load_source
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
    with DemoServer() as server:
        monkeypatch.setenv("WARRAQ_SOURCES", str(ROOT / "demo" / "sources"))
        monkeypatch.setenv("http_proxy", server.url)
        yield server


def make(source: str, **more: Any):
    from dags.operators import CrawlOperator

    return CrawlOperator(task_id="crawl", source_id=source, **more)


class Store(dict):
    """What Airflow keeps of a task from one try to the next."""

    set = dict.__setitem__


class TaskInstance:
    """What the operator asks of its task instance; remembers what was pushed."""

    def __init__(self, try_number: int = 1) -> None:
        self.try_number = try_number
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, *, key: str) -> Any:
        return self.pushed.get(key)


STARTED = datetime(2024, 5, 1, tzinfo=UTC)


def context(*, run_type: str = "manual", store: Store | None = None, **params: Any):
    from airflow.sdk.execution_time.context import OutletEventAccessors

    run = SimpleNamespace(
        data_interval_start=None,
        data_interval_end=None,
        run_after=datetime.now(UTC),
        run_type=run_type,
        start_date=STARTED,
    )
    return {
        "params": params,
        "dag_run": run,
        "outlet_events": OutletEventAccessors(),
        "task_state_store": Store() if store is None else store,
        "ti": TaskInstance(),
    }


def test_a_crawl_stores_pages_and_says_so_to_the_corpus(demo: DemoServer, bucket: Bucket) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from dags.bucket import captures_asset

    march = context(since="2024-03-01", until="2024-04-01")
    run = make("dafatir").execute(march)
    written = json.loads(bucket.get(report_key(run)))
    assert written["captured"] > 0
    extra = march["outlet_events"][captures_asset("dafatir")].extra
    assert extra["run"] == run
    assert (extra["since"], extra["until"]) == ("2024-03-01", "2024-04-01")
    assert (extra["found"], extra["captured"]) == (written["found"], written["captured"])

    assert march["ti"].pushed["crawl"]["captured"] == written["captured"]

    again = context(since="2024-03-01", until="2024-04-01")
    with pytest.raises(AirflowSkipException):
        make("dafatir").execute(again)
    assert again["ti"].pushed["crawl"]["captured"] == 0
    assert again["ti"].pushed["crawl"]["known"] == written["captured"]

    # The last slice of a run in which nothing was left to fetch: the run has stored pages all the same.
    last = context(since="2024-03-01", until="2024-04-01", store=Store(captured=written["captured"]))
    assert make("dafatir").execute(last)
    assert last["ti"].pushed["crawl"] | {"report": ""} == march["ti"].pushed["crawl"] | {"report": ""}


@pytest.mark.parametrize(
    ("source", "params", "words"),
    [
        ("dafatir", {"since": "2024-04-01", "until": "2024-03-01"}, "must lie before until"),
        ("dafatir", {"since": "yesterday"}, "since must be a date"),
        ("nowhere", {}, "no source 'nowhere'"),
    ],
)
def test_what_a_person_must_mend_is_not_tried_again(demo: DemoServer, bucket: Bucket, source, params, words) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    asked = context(**params)
    with pytest.raises(AirflowFailException, match=words):
        make(source).execute(asked)
    assert words in asked["ti"].pushed["crawl"]["problem"]


def test_a_site_that_does_not_answer_is_tried_again(demo: DemoServer, bucket: Bucket) -> None:
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

    demo.close()
    with pytest.raises(AirflowException) as caught:
        make("dafatir").execute(context(since="2024-03-01", until="2024-04-01"))
    assert not isinstance(caught.value, AirflowFailException)
    assert "dafatir" in str(caught.value)


def test_a_site_that_refused_is_left_alone_by_the_schedule_and_by_nobody_else(bucket: Bucket) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    window = {"since": "2024-03-04", "until": "2024-03-05"}
    failed = [{"url": "http://dafatir.example/1", "reason": "http_403"}]
    report = {"window": window, "outcome": "failed", "message": "", "failed": failed}
    for number in range(1, 5):
        run = new_run("dafatir", datetime.now(UTC) - timedelta(minutes=number))
        bucket.put(report_key(run), json.dumps(report).encode())
    source = load_source(ROOT / "demo" / "sources" / "dafatir.yaml")
    asked = context(run_type="scheduled")
    asked["dag_run"].data_interval_end = datetime.now(UTC)
    asked["dag_run"].data_interval_start = datetime.now(UTC) - timedelta(hours=1)
    with pytest.raises(AirflowSkipException, match=r"it is left alone until 20.* A run that a person starts"):
        make("dafatir")._leave_alone(bucket, source, asked)
    make("dafatir")._leave_alone(bucket, source, context())


@pytest.mark.parametrize("captured", [0, 3])
@pytest.mark.parametrize("run_type", ["manual", "scheduled"])
def test_a_crawl_that_spent_the_requests_of_a_day_goes_on_when_there_are_more(run_type: str, captured: int) -> None:
    from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException

    more_at = datetime.now(UTC) + timedelta(hours=20)
    window = Window(date(2024, 3, 4), date(2024, 3, 5))
    spent = CrawlSummary("dafatir", "run", window, Outcome.INTERRUPTED, "spent", captured=captured, resume_at=more_at)
    if run_type == "manual":
        with pytest.raises(AirflowRescheduleException) as caught:
            make("dafatir")._conclude(spent, context())
        assert caught.value.reschedule_date == more_at
    elif captured:
        assert make("dafatir")._conclude(spent, context(run_type=run_type)) == "run"
    else:
        with pytest.raises(AirflowSkipException, match="spent"):
            make("dafatir")._conclude(spent, context(run_type=run_type))


def test_a_killed_task_leaves_no_crawl_behind(demo: DemoServer, bucket: Bucket) -> None:
    from dags.operators import CrawlInterrupted

    demo.slow_seconds = 60
    operator = make("siraj")
    seen: list[psutil.Process] = []

    def kill() -> None:
        while not any("article.php" in request.path for request in demo.log):
            time.sleep(0.05)
        children = psutil.Process().children(recursive=True)
        crawls = [child for child in children if "scrapy" in " ".join(child.cmdline())]
        seen.extend([*crawls, *(child for crawl in crawls for child in crawl.children(recursive=True))])
        operator.on_kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(CrawlInterrupted, match="the next try fetches what is missing"):
        operator.execute(context(since="2024-01-01", until="2024-05-01"))
    killer.join()
    assert seen
    assert psutil.wait_procs(seen, timeout=30)[1] == []


@pytest.mark.parametrize(
    ("run_type", "tried", "seconds"), [("scheduled", 1, None), ("manual", 1, 1800), ("backfill", 3, 7200)]
)
def test_a_crawl_that_is_not_scheduled_is_done_in_slices_longer_with_every_try(run_type, tried, seconds) -> None:
    from crawlers.run import Options

    asked = context(run_type=run_type, discovery=["feed"], limit=5)
    asked["ti"].try_number = tried
    expected = Options(recrawl=run_type == "scheduled", discovery=("feed",), limit=5, seconds=seconds)
    assert make("siraj")._options(asked) == expected


def test_what_a_run_was_told_to_ask_for_again_no_later_slice_of_it_asks_for_once_more() -> None:
    from crawlers.run import Options

    options = make("siraj")._options(context(refetch=["blocked", "empty"]))
    assert options == Options(refetch=("blocked", "empty"), refetch_before=STARTED, seconds=1800)


def test_a_limit_holds_for_all_slices_of_a_run_together(demo: DemoServer, bucket: Bucket) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    days = {"since": "2024-03-01", "until": "2024-04-01"}
    store = Store(captured=1)
    make("dafatir").execute(context(store=store, limit=3, **days))
    assert store["captured"] == 3
    with pytest.raises(AirflowSkipException, match="as the limit allows"):
        make("dafatir").execute(context(store=store, limit=3, **days))


def test_a_dry_run_lists_what_it_would_fetch_and_tells_the_corpus_nothing(
    demo: DemoServer, bucket: Bucket, capsys
) -> None:
    from dags.bucket import captures_asset

    asked = context(since="2024-03-01", until="2024-04-01", dry_run=True)
    operator = make("dafatir", outlets=[captures_asset("dafatir")])
    operator.execute(asked)
    logged = capsys.readouterr().out
    told = asked["ti"].pushed["crawl"]
    lines = [json.loads(line) for line in bucket.get(told["list"]).decode().splitlines()]
    assert len(lines) == told["would_fetch"] > 0
    assert told["captured"] == 0
    assert operator.outlets == []
    assert all(line["url"] in logged for line in lines[:20])
    assert list_page_files(bucket) == []


def summary(**values) -> CrawlSummary:
    return CrawlSummary("saha", "saha-1", MARCH, Outcome.FAILED, "words", **values)


def problems(*words: str) -> tuple[DiscoveryReport, ...]:
    return tuple(DiscoveryReport("feed", "http://saha.example/feed", False, 0, problems=(word,)) for word in words)


@pytest.mark.parametrize(
    ("made", "lasts"),
    [
        (summary(), False),
        (summary(found=3, captured=1, skipped={"robots": 2}), False),
        (summary(found=3, known=1, skipped={"robots": 2}), False),
        (summary(found=3, skipped={"robots": 3}), True),
        (summary(found=5, skipped={"robots": 3, "outside_window": 2}), True),
        (summary(found=5, skipped={"outside_window": 5}), False),
        (summary(found=5, skipped={"robots": 3, "section": 2}), False),
        (summary(discovery=problems("http://saha.example/feed: robots")), True),
        (summary(discovery=problems("http://saha.example/feed: HTTP 404", "http://saha.example/map: HTTP 410")), True),
        (summary(discovery=problems("http://saha.example/feed: HTTP 404", "http://saha.example/map: timeout")), False),
        (summary(discovery=problems("http://saha.example/feed: HTTP 503")), False),
    ],
)
def test_what_will_be_there_on_the_next_try_as_well(made: CrawlSummary, lasts: bool) -> None:
    from dags.operators import will_last

    assert will_last(made) is lasts
