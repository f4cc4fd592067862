"""The rehearsal: the production set-up crawls the demo's sites and builds, while one part of it after the other is killed.

After every event the corpus must be the demo's gold, and byte for byte what one build in peace makes of the same captures. What
was seen goes to ``build/rehearsal.json``, and, where nothing was left out, into the table of ``docs/production.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psutil

from pipeline import build
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files
from pipeline.documents import Documents
from pipeline.errors import WarraqError
from pipeline.sources import load_sources
from tests.integration.gold import assert_is_gold
from tests.pages import put_table
from tests.rehearsal.compose import Compose
from warraq.airflow_api import AirflowApi
from warraq.demo import SINCE, UNTIL, last_report
from warraq.servers import DEMO_SOURCES, ROOT, DemoSites, ServerError

_PATIENCE_SECONDS: Final = 900
_EVENTS: Final = ("nothing", "worker_in_a_crawl", "worker_in_clean", "redis", "postgres", "store")
_PREFIXES: Final = (
    "captures/",
    "documents/",
    "articles/",
    "card/",
    "coverage/",
    "health/",
    "reports/",
    "search/",
    "sources/",
    "state/",
    "work/",
)
_SEEN: Final = ROOT / "build" / "rehearsal.json"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of an event; times are seconds from it."""

    event: str
    noticed: float | None
    """When the web server failed to answer, a task was to be tried again, or another service ended; None where nothing did."""
    finished: float
    """When every page was in the corpus, and nothing ran any more."""
    lost: int
    """Captured pages that the corpus does not account for."""


class Rehearsal:
    """One production set-up, and the events that it has to survive."""

    def __init__(self, compose: Compose, api: AirflowApi) -> None:
        """`compose` runs, and its bucket is that of this process's settings."""
        self._compose = compose
        self._api = api
        self._bucket = Bucket()
        self._sources = load_sources(DEMO_SOURCES)
        self._earlier: set[tuple[str, str]] = set()
        self._killed = ""

    def nothing(self) -> None:
        """nothing"""

    def worker_in_a_crawl(self) -> None:
        """a worker is killed in a crawl"""
        self._kill_when(self._crawls)

    def worker_in_clean(self) -> None:
        """a worker is killed in `clean`"""
        self._kill_when(lambda worker: self._runs(worker, "clean"))

    def redis(self) -> None:
        """the broker is killed"""
        self._kill_when(self._crawls, "redis")

    def postgres(self) -> None:
        """PostgreSQL is killed"""
        self._kill_when(self._crawls, "postgres")

    def store(self) -> None:
        """the store is away for a minute"""
        self._kill_when(self._crawls, "store", away=60)

    def survive(self, event: Callable[[], None]) -> Seen:
        """Crawl and build everything anew, let the event happen, and hold the corpus against the gold.

        Raises:
            AssertionError: the corpus is another one.
            ServerError: the work failed, or was not over in time.
        """
        self._earlier = {(run.dag_id, run.run_id) for run in self._api.runs() if run.over}
        for dag_id in (f"crawl_{source}" for source in self._sources):
            run_id = self._api.trigger(dag_id, conf={"since": SINCE, "until": UNTIL})
            crawl = self._api._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/crawl")
            assert crawl["queue"] == "past", f"{dag_id} waits in {crawl['queue']}, before what the schedule starts"
        retried = self._to_be_tried_again()
        event()
        began, starts = time.monotonic(), self._starts()
        noticed: list[float] = []

        def is_over() -> bool:
            try:
                over = self._is_over()
                troubled = self._starts() != starts or not self._to_be_tried_again() <= retried
            except (WarraqError, OSError):
                over, troubled = False, True
            if troubled and not noticed:
                noticed.append(time.monotonic() - began)
            return over

        self._wait_until(is_over, "all is built")
        finished = time.monotonic() - began
        self._compare()
        total = last_report(self._bucket)["total"]
        kept = total["articles"] + sum(total["copies"].values()) + sum(total["rejected"].values())
        for prefix in _PREFIXES:
            _empty(self._bucket, prefix)
        return Seen(str(event.__doc__), noticed[0] if noticed else None, finished, total["captured"] - kept)

    def check_logs(self) -> None:
        """See that workers keep no log but those which the store, being away, did not take."""

        def none_is_kept_twice() -> bool:
            stored = {one.key for one in self._bucket.list("logs/")}
            folders = [self._compose.folder / worker for worker in self._compose.workers]
            return not any(
                path.relative_to(folder).as_posix() in stored for folder in folders for path in folder.rglob("*.log")
            )

        assert any(self._bucket.list("logs/"))
        self._wait_until(none_is_kept_twice, "workers keep no log that is stored")

    def _kill_when(self, is_at_it: Callable[[str], bool], name: str = "", *, away: float = 1) -> None:
        """Kill the service, or without a name the worker itself, as soon as a worker is at it."""
        at_it: list[str] = []

        def look() -> bool:
            at_it.extend(worker for worker in self._compose.workers if is_at_it(worker))
            return bool(at_it)

        self._wait_until(look, "a worker is at it")
        self._killed = name or at_it[0]
        self._compose.kill(self._killed, away=away)

    def _crawls(self, worker: str) -> bool:
        return any("source=siraj" in _command(process) for process in self._compose.services[worker].family())

    def _runs(self, worker: str, task_id: str) -> bool:
        family = {process.pid for process in self._compose.services[worker].family()}
        return any(task["task_id"] == task_id and task["pid"] in family for task in self._tasks("running"))

    def _starts(self) -> dict[str, int]:
        return {name: one.starts for name, one in self._compose.services.items() if name != self._killed}

    def _to_be_tried_again(self) -> set[tuple[str, int]]:
        return {(task["id"], task["try_number"]) for task in self._tasks("up_for_retry")}

    def _tasks(self, state: str) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/~/dagRuns/~/taskInstances?state={state}"
        tasks: list[dict[str, Any]] = self._api._call("GET", path)["task_instances"]
        return tasks

    def _is_over(self) -> bool:
        """Whether every crawl is over, and the corpus has all that was stored.

        Raises:
            RuntimeError: a run failed.
        """
        runs = [run for run in self._api.runs() if (run.dag_id, run.run_id) not in self._earlier]
        # The DAG `health` is to be red: most of the demo's sites published nothing for years.
        if failed := [run for run in runs if run.state == "failed" and run.dag_id != "health"]:
            raise RuntimeError(f"these runs failed: {failed}")
        if not all(run.over for run in runs):
            return False
        return Documents(self._bucket).capture_files().issuperset(list_page_files(self._bucket))

    def _wait_until(self, what: Callable[[], bool], told: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not what():
            if time.monotonic() > deadline:
                raise ServerError(f"after {_PATIENCE_SECONDS} s it was not so that {told}")
            self._compose.look_after()
            time.sleep(0.3)

    def _compare(self) -> None:
        """The corpus is the gold, and one build in peace makes the same bytes of the same captures."""
        assert_is_gold(self._bucket)
        peace = Bucket("peace")
        peace.ensure()
        for stored in self._bucket.list("captures/"):
            peace.put(stored.key, self._bucket.get(stored.key))
        build.build(peace, self._sources, "peace")
        assert _contents(self._bucket) == _contents(peace)
        _empty(peace, "")


def _contents(bucket: Bucket) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("articles/")}


def _empty(bucket: Bucket, prefix: str) -> None:
    for stored in list(bucket.list(prefix)):
        bucket.delete(stored.key)


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def _table(seen: list[Seen]) -> str:
    """What was seen, as Markdown."""
    rows = ["| event | noticed after | finished after | lost |", "| --- | --- | --- | --- |"]
    for one in seen:
        noticed = "not at all" if one.noticed is None else f"{one.noticed:.0f} s"
        rows.append(f"| {one.event} | {noticed} | {one.finished:.0f} s | {one.lost or 'nothing'} |")
    return "\n".join(rows)


def main() -> None:
    """Run the events that are named, or all."""
    parser = argparse.ArgumentParser(prog="rehearsal", description=__doc__)
    parser.add_argument("events", nargs="*", help=f"what is to happen, of {', '.join(_EVENTS)}; all of it without one")
    wanted = parser.parse_args().events or _EVENTS
    if unknown := set(wanted) - set(_EVENTS):
        parser.error(f"there is no event {', '.join(sorted(unknown))}: choose of {', '.join(_EVENTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="warraq-rehearsal-"))
    began = time.monotonic()
    seen = []
    print(f"Starting what docker/compose.yaml has, below {folder}", flush=True)
    with DemoSites(folder / "sites") as sites, Compose(folder / "compose", sites=sites.url) as compose:
        os.environ.update(compose.settings)
        Bucket().ensure()
        print(f"All is well after {time.monotonic() - began:.0f} s: {compose.url}", flush=True)
        with AirflowApi(compose.url, "admin", compose.variables["ADMIN_PASSWORD"]) as api:
            rehearsal = Rehearsal(compose, api)
            for name in wanted:
                seen.append(rehearsal.survive(getattr(rehearsal, name)))
                print(f"{time.monotonic() - began:.0f} s  {seen[-1]}", flush=True)
            rehearsal.check_logs()
    working = [one.pid for one in psutil.process_iter(["cwd"]) if (one.info["cwd"] or "").startswith(str(folder))]
    assert not working, f"these processes were left behind: {working}"
    shutil.rmtree(folder)
    print(_table(seen))
    _SEEN.parent.mkdir(exist_ok=True)
    _SEEN.write_text(json.dumps([asdict(one) for one in seen], indent=1), encoding="utf-8")
    if wanted is _EVENTS:
        put_table("production.md", "rehearsal", _table(seen))
    print(f"{len(seen)} passed, 0 failed")


if __name__ == "__main__":
    main()
