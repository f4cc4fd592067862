"""Days of the past in a real Airflow: what is asked for by hand, by a form or as a backfill lets the schedule go first."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psutil
import pytest

from demo.server import DemoServer
from pipeline.bucket import Bucket
from pipeline.captures import CaptureWriter, Exchange, list_page_files
from pipeline.documents import Documents
from warraq.rest import AirflowApi, DagRun
from warraq.servers import DEMO_SOURCES
from warraq.stack import Running, Stack

pytestmark = pytest.mark.slow

PATIENCE = 300
MARCH = {"since": "2024-03-01", "until": "2024-04-01"}
_T = TypeVar("_T")


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture(scope="module")
def running(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The embedded servers, every crawl paused; the sites are served from here, so that we see what they are asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("http_proxy", demo.url)
        home = tmp_path_factory.mktemp("past")
        with Stack(home, sources=DEMO_SOURCES, paused=True) as stack, stack.running.environment():
            yield stack.running


@pytest.fixture(scope="module")
def api(running: Running) -> Iterator[AirflowApi]:
    with AirflowApi(running.ui, running.user, running.password) as api:
        eventually(lambda: {"corpus", "crawl_on_demand", "crawl_siraj", "import_archive"} <= api.dags().keys())
        assert api.import_errors() == []
        yield api


@pytest.fixture
def bucket(running: Running) -> Bucket:
    return Bucket(running.settings["WARRAQ_BUCKET"])


def eventually(what: Callable[[], _T | None]) -> _T:
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.2)
    return found


def over(api: AirflowApi, dag_id: str, run_id: str) -> DagRun:
    return eventually(lambda: next((run for run in api.runs(dag_id) if run.run_id == run_id and run.over), None))


def do(api: AirflowApi, dag_id: str, conf: Mapping[str, object]) -> tuple[DagRun, dict[str, str]]:
    """Run a DAG, and return the run and what its tasks logged."""
    run = over(api, dag_id, api.trigger(dag_id, conf=conf))
    return run, logged(api, run)


def logged(api: AirflowApi, run: DagRun) -> dict[str, str]:
    logs: dict[str, str] = {}
    for task in api.tasks(run):
        logs[task.task_id] = "\n".join([logs.get(task.task_id, ""), *api.log(task)])
    return logs


def crawls_of(api: AirflowApi, dag_id: str, kind: str) -> list[dict[str, Any]]:
    """The crawl tasks of a DAG's runs whose ids begin so, as Airflow's API has them, in the order in which they began."""
    path = f"/api/v2/dags/{dag_id}/dagRuns/~/taskInstances?limit=1000"
    found = [one for one in api._call("GET", path)["task_instances"] if one["dag_run_id"].startswith(kind)]
    return sorted(found, key=lambda one: one["start_date"] or "")


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has ended
        return []


def test_a_scheduled_crawl_overtakes_a_backfill_and_no_two_meet_on_a_site(api: AirflowApi) -> None:
    days = {"from_date": "2024-03-01T00:00:00Z", "to_date": "2024-03-01T18:00:00Z", "max_active_runs": 10}
    api._call("POST", "/api/v2/backfills", {"dag_id": "crawl_sanabil", **days})
    api.unpause("crawl_sanabil")  # from now on the schedule owes a run
    eventually(lambda: all(run.over for run in api.runs("crawl_sanabil")) and crawls_of(api, "crawl_sanabil", "sched"))
    (scheduled,) = crawls_of(api, "crawl_sanabil", "scheduled__")
    past = crawls_of(api, "crawl_sanabil", "backfill__")
    assert len(past) > 2
    # One may have had the site already. By the logical date alone, which is how Airflow goes, the scheduled one comes last.
    assert sum(one["start_date"] < scheduled["start_date"] for one in past) <= 1
    spans = sorted((one["start_date"], one["end_date"]) for one in [*past, scheduled])
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_a_slice_that_is_over_gives_its_place_back_and_spends_no_try(api: AirflowApi, demo: DemoServer) -> None:
    # In place of the run that the schedule owes, which would fetch the same pages.
    run_id = api.trigger(
        "crawl_siraj", conf={"since": "2024-01-01", "until": "2024-05-01"}, due=api.dags()["crawl_siraj"]
    )
    api.unpause("crawl_siraj")
    eventually(lambda: len([one for one in demo.log if "article.php" in one.path]) > 3)
    ours = psutil.Process().children(recursive=True)  # other tests may crawl the same site at the same time
    (crawl,) = [process for process in ours if "source=siraj" in command(process)]
    assert any(word.startswith("seconds=") for word in crawl.cmdline())
    crawl.send_signal(signal.SIGTERM)  # on which it ends as when its time is over
    run = over(api, "crawl_siraj", run_id)
    (task,) = api.tasks(run)
    assert (run.state, task.tries) == ("success", 1)
    log = "\n".join(api.log(task))
    assert "Giving the place back" in log
    fetched = [one.path for one in demo.log if "article.php" in one.path]
    assert len(fetched) == len(set(fetched))  # and what it had stored by then was not asked for again


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"since": "2024-04-01", "until": "2024-03-01"}, "must lie before until"),
        ({"sources": ["siraj", "sanabil"], "discovery": ["feed"]}, "sanabil has no discovery by feed"),
        (
            {"sources": ["siraj", "nakhil", "zaytun"]},
            "paused, so a run would wait for ever: crawl_nakhil, crawl_zaytun",
        ),
    ],
)
def test_a_form_that_cannot_be_done_fails_at_once_in_one_sentence(api: AirflowApi, more, words) -> None:
    run, logs = do(api, "crawl_on_demand", {"sources": ["siraj"], **MARCH, **more})
    assert run.state == "failed"
    assert words in logs["check"]
    assert {task.state for task in api.tasks(run)} == {"failed", "upstream_failed"}
    assert [task.tries for task in api.tasks(run) if task.task_id == "check"] == [1]


def test_a_dry_run_on_demand_fetches_nothing_and_the_run_itself_fetches_what_it_said(
    api: AirflowApi, demo: DemoServer, bucket: Bucket
) -> None:
    for source in ("dafatir", "rawasi"):
        api.unpause(f"crawl_{source}")
    eventually(
        lambda: all(api.runs(f"crawl_{one}") and api.runs(f"crawl_{one}")[0].over for one in ("dafatir", "rawasi"))
    )
    events = "/api/v2/assets/events?source_dag_id=crawl_dafatir"
    before, stored = api._call("GET", events)["total_entries"], list_page_files(bucket)
    asked = {"sources": ["dafatir", "rawasi"], **MARCH}

    run, logs = do(api, "crawl_on_demand", {**asked, "dry_run": True})
    assert run.state == "success"
    found = dict(re.findall(r"(dafatir|rawasi) +success .* (reports/\S+/would_fetch\.jsonl)", logs["summarize"]))
    would = {one: [json.loads(line)["url"] for line in bucket.get(found[one]).decode().splitlines()] for one in found}
    assert all(would[one] for one in ("dafatir", "rawasi"))
    assert list_page_files(bucket) == stored
    assert api._call("GET", events)["total_entries"] == before
    (crawl,) = api.tasks(api.runs("crawl_dafatir")[0])
    assert crawl.state == "success"
    assert all(url in "\n".join(api.log(crawl)) for url in would["dafatir"][:20])

    run, logs = do(api, "crawl_on_demand", asked)
    assert run.state == "success"
    captured = {
        one: int(number) for one, number in re.findall(r"(dafatir|rawasi) +success +\d+ +(\d+)", logs["summarize"])
    }
    assert captured == {one: len(would[one]) for one in would}
    assert api._call("GET", events)["total_entries"] == before + 1


def test_a_source_that_fails_stops_no_other_and_is_named(api: AirflowApi) -> None:
    for source in ("difaf", "dafatir"):
        api.unpause(f"crawl_{source}")
    earlier = {run.run_id for run in api.runs("crawl_difaf")}
    run_id = api.trigger("crawl_on_demand", conf={"sources": ["difaf", "dafatir"], **MARCH})

    def crawl_of_difaf() -> DagRun | None:
        runs = (run for run in api.runs("crawl_difaf") if run.run_id not in earlier)
        return next((run for run in runs if run.run_id.startswith("manual__") and api.tasks(run)), None)

    started = quote(eventually(crawl_of_difaf).run_id)
    path = f"/api/v2/dags/crawl_difaf/dagRuns/{started}/taskInstances/crawl"
    api._call("PATCH", path, {"new_state": "failed"})  # as a person does who stops it for good
    run = over(api, "crawl_on_demand", run_id)
    assert run.state == "failed"
    log = logged(api, run)["summarize"]
    assert "1 of 2 sources failed: difaf" in log
    assert re.search(r"dafatir +success", log)


def test_an_import_takes_in_what_can_be_read_and_the_corpus_follows(
    api: AirflowApi, bucket: Bucket, tmp_path: Path
) -> None:
    moment = datetime(2024, 3, 5, 12, tzinfo=UTC)

    def page(number: int) -> Exchange:
        body = f"<html><head><title>خبر {number}</title></head><body><p>نص الخبر {number} كما نشر.</p></body></html>"
        headers = [("Content-Type", "text/html; charset=utf-8")]
        return Exchange(
            f"http://zaytun.example/past/{number}", moment, 200, "OK", headers, body.encode(), [], {"by": "test"}
        )

    api.unpause("corpus")
    elsewhere = Bucket("elsewhere")
    elsewhere.ensure()
    writer = CaptureWriter(elsewhere, "zaytun", "theirs")
    for number in range(3):
        writer.add(page(number))
    key = writer.flush()
    missing = str(tmp_path / "missing.warc.gz")
    run, logs = do(api, "import_archive", {"source": "zaytun", "locations": [f" s3://elsewhere/{key} ", missing]})
    assert run.state == "failed"
    assert f"{missing} cannot be read: No such file or directory" in logs["take_in"]
    assert "3 pages taken in, 0 known before" in logs["take_in"]
    assert {task.tries for task in api.tasks(run)} == {1}

    eventually(lambda: Documents(bucket).capture_files().issuperset(list_page_files(bucket)))
    eventually(lambda: all(run.over for run in api.runs("corpus")))
    assert {run.state for run in api.runs("corpus")} == {"success"}
