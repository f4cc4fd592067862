"""Seven sick sites in a real Airflow, each named for what it has: in the UI, on the page, by the command, at a webhook. Healed, it
is well again, and lacks nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest

from pipeline import corpus
from pipeline.bucket import Bucket
from tests.conftest import ROOT
from tests.crawlers.conftest import CLOCK
from tests.dags.receivers import Webhook, apprise_connection, webhook
from tests.integration.sick_sites import A_DAY, EARLIER, NEW, PAST_DAYS, ZONE, SickSites
from warraq.airflow_api import AirflowApi, DagRun
from warraq.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

PATIENCE = 400
LOSING = {"mamnu", "mayyit", "musawwar", "farigh", "mutil"}
"""Those of which pages are missing as long as they are sick; the silent one has none, the shrunken one has all of its own."""

_T = TypeVar("_T")

# Pages are asked for again some hours after they were: crawls alone go by the clock that a file names.
SHIFTED = """\
import os, pathlib, sys
if any(word.startswith("source=") for word in sys.orig_argv):
    os.environ["HOURS_LATER"] = pathlib.Path(__file__).with_name("hours").read_text()
    exec(pathlib.Path(__file__).with_name("clock.py").read_text())
"""


class Newsroom:
    """The sites, the Airflow that crawls them, and who is told."""

    def __init__(self, sites: SickSites, api: AirflowApi, bucket: Bucket, hook: Webhook, clock: Path) -> None:
        self.sites, self.api, self.bucket, self.hook = sites, api, bucket, hook
        self._clock = clock

    def crawl_and_build(self, *, hours: float, again: bool) -> None:
        """Let the schedule crawl all sites, so many hours from now, or its crawls be done again; then build."""
        self._clock.write_text(str(hours))
        crawls = [f"crawl_{id_}" for id_ in self.sites]
        self.api._call("PATCH", "/api/v2/dags/corpus", {"is_paused": True})  # one build takes in all of them
        for dag_id in crawls:
            for run in self.api.runs(dag_id) if again else ():
                body = {"dry_run": False, "dag_run_id": run.run_id, "only_failed": False, "reset_dag_runs": True}
                self.api._call("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", body)
            self.api.unpause(dag_id)
        eventually(lambda: all(self._is_over(dag_id) for dag_id in crawls))
        self.api.unpause("corpus")
        self.api.trigger("corpus", conf={})

    def _is_over(self, dag_id: str) -> bool:
        """Whether all crawls of a DAG are over. One that waits to be tried again is given up, as a person may."""
        runs = self.api.runs(dag_id)
        for task in (
            task for run in runs if not run.over for task in self.api.tasks(run) if task.state == "up_for_retry"
        ):
            path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(task.run_id)}/taskInstances/crawl"
            self.api._call("PATCH", path, {"new_state": "failed"})
        return bool(runs) and all(run.over for run in runs)

    def paragraphs(self) -> list[str]:
        """What was told of single sources, in order."""
        parts = [part for text in self.hook.texts for part in text.split("\n\n")]
        return [part for part in parts if re.match(r".+ \(\w+\): ", part)]

    def last_of_health(self) -> tuple[str, dict[str, str]]:
        """How the last run of the DAG health ended once none goes on, and what its tasks of sources logged, by source."""

        def last() -> DagRun | bool:
            builds, runs = self.api.runs("corpus"), self.api.runs("health")
            return all(one.over for one in (*builds, *runs)) and runs[0]

        run = eventually(last)
        path = f"/api/v2/dags/health/dagRuns/{quote(run.run_id)}/taskInstances?limit=100"
        names = {
            one["map_index"]: one["rendered_map_index"]
            for one in self.api._call("GET", path)["task_instances"]
            if one["task_id"] == "needs_a_person"
        }
        logs = {
            names[task.index]: "\n".join(self.api.log(task))
            for task in self.api.tasks(run)
            if task.task_id == "needs_a_person" and task.index >= 0
        }
        return run.state, logs


def say(*command: str) -> tuple[int, list[dict[str, Any]]]:
    """What a command says in JSON, with its exit code."""
    line = [sys.executable, "-m", "warraq", *command, "--json"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, [json.loads(one) for one in done.stdout.splitlines()]


def yesterday() -> dict[str, dict[str, Any]]:
    """The coverage of yesterday, by source."""
    today = datetime.now(ZONE).date()
    _, days = say("coverage", "--since", str(today - timedelta(days=1)), "--until", str(today))
    return {day["source"]: day for day in days}


def eventually(what: Callable[[], _T | bool]) -> _T:
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.5)
    return found  # type: ignore[return-value]


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    folder, clock = tmp_path / "sources", tmp_path / "clock"
    folder.mkdir()
    clock.mkdir()
    for name, text in (("sitecustomize.py", SHIFTED), ("clock.py", CLOCK), ("hours", "0")):
        (clock / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch, SickSites(datetime.now(UTC)) as sites, webhook() as hook:
        sites.write_sources(folder)
        for name in ("http_proxy", "HTTP_PROXY"):
            patch.delenv(name, raising=False)
        patch.setenv("no_proxy", "127.0.0.1,localhost")
        patch.setenv("PYTHONPATH", os.pathsep.join((str(clock), str(ROOT))))
        patch.setenv("AIRFLOW_CONN_CHATS", apprise_connection(hook.address))
        patch.setenv("WARRAQ_NOTIFY_APPRISE", "chats")
        patch.setenv("WARRAQ_CONTACT", "mailto:desk@warraq.example")
        with Stack(tmp_path / "home", sources=folder, paused=True) as stack, stack.running.environment():
            patch.setenv("WARRAQ_SOURCES", str(folder))
            bucket = Bucket(stack.running.settings["WARRAQ_BUCKET"])
            sites.put_past(bucket)
            with AirflowApi(stack.running.ui, stack.running.user, stack.running.password) as api:
                assert api.import_errors() == []
                api.unpause("health")
                yield Newsroom(sites, api, bucket, hook, clock / "hours")


def test_every_sick_site_is_told_once_for_what_it_has_and_once_that_it_is_well_again(newsroom: Newsroom) -> None:
    sites = newsroom.sites
    newsroom.crawl_and_build(hours=-EARLIER, again=False)
    eventually(lambda: len(newsroom.paragraphs()) >= len(sites))
    state, logs = newsroom.last_of_health()
    assert state == "failed"
    assert logs.keys() == sites.keys()
    told = {re.findall(r"\((\w+)\)", part)[0]: part for part in newsroom.paragraphs()}
    page = newsroom.api._client.get("/warraq/sources/").text
    for id_, site in sites.items():
        assert f"ERROR {id_} is {site.state}" in logs[id_]
        assert "Traceback" not in logs[id_]
        assert site.said in logs[id_]
        assert told[id_].startswith(f"{site.name} ({id_}): {site.state}, was well")
        assert site.said in told[id_]
        assert f"/warraq/sources/{id_}" in told[id_]
        assert ("Looked at just now: " in told[id_]) is (site.state == "sick")
        assert f'data-text="{id_} {site.name} {site.state} ' in page
    assert len(newsroom.paragraphs()) == len(sites)
    code, named = say("health")
    assert (code, {one["source"]: one["state"] for one in named}) == (
        1,
        {id_: site.state for id_, site in sites.items()},
    )
    assert all(sites[one["source"]].said in one["reason"] for one in named)
    lacking = {id_: day["why"] for id_, day in yesterday().items() if day["state"] == "partial"}
    assert lacking.keys() == LOSING
    assert all(lacking.values())
    assert max(Counter(sites["mutil"].asked).values()) <= 6, "a site that answers 500 to everything is let alone"

    sites.heal()
    newsroom.crawl_and_build(hours=0, again=True)
    eventually(lambda: len(newsroom.paragraphs()) >= 2 * len(sites))
    state, logs = newsroom.last_of_health()
    assert (state, logs) == ("success", {})
    healed = newsroom.paragraphs()[len(sites) :]
    assert {part.splitlines()[0] for part in healed} == {
        f"{site.name} ({id_}): ok, was {site.state}" for id_, site in sites.items()
    }
    assert len(healed) == len(sites)
    assert Counter("ok, was" in text for text in newsroom.hook.texts)[True] == 1
    code, named = say("health")
    assert (code, {one["source"]: one["state"] for one in named}) == (0, dict.fromkeys(sites, "ok"))
    assert {day["state"] for day in yesterday().values()} == {"covered"}
    texts = {row["url"]: row["body"] for row in corpus.read_articles(newsroom.bucket)}
    assert len(texts) == len(sites) * (PAST_DAYS * A_DAY + NEW)
    for site in sites.values():
        for article in site.published:
            assert texts[site.url(article)].splitlines() == list(article.paragraphs)
