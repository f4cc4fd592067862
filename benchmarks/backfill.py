"""Airflow's own backfill over the demo sites, killed in the middle: ``python -m benchmarks.backfill [--days N] [--every N]``.

The embedded set-up runs the demo's sources. The first site is crawled once for each of `--days` days up to the last one on which
the demo sites published; each other site once for every `--every` days of the four months in which they did; all that by
backfills, started through Airflow's API. One more site has a schedule of its own, a run every ten minutes. When a third of the
runs are over, every process of Airflow is killed (SIGKILL), and all is started again on the same folder.

Told are runs, seconds, pages that were asked for more than once, how late the scheduled crawls began, and whether the corpus is
the demo's gold, row for row, and every day of the four months covered.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console

from demo.gold import gold_rows
from demo.server import DemoServer
from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files
from pipeline.coverage import State, coverage
from pipeline.documents import Documents
from pipeline.sources import load_sources
from pipeline.urls import normalize_url
from warraq.servers import DEMO_SOURCES, ServerError
from warraq.stack import Running, Stack

SINCE, UNTIL = date(2024, 1, 1), date(2024, 5, 1)
"""The months in which the demo sites published."""

TEN_MINUTES = "*/10 * * * *"
HOUR = 4
"""At which the other sites are crawled."""

LONGEST = 3 * 3600
"""Seconds after which it gives up."""

console = Console(highlight=False, soft_wrap=True)


class Api:
    """The part of Airflow's API that this needs."""

    def __init__(self, running: Running) -> None:
        self._client = httpx.Client(base_url=running.ui, timeout=120, trust_env=False)
        token = self._client.post("/auth/token", json={"username": running.user, "password": running.password})
        self._client.headers["Authorization"] = f"Bearer {token.raise_for_status().json()['access_token']}"

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer to one request.

        Raises:
            ServerError: Airflow refused.
        """
        answer = self._client.request(method, f"/api/v2{path}", json=body)
        if answer.is_error:
            raise ServerError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        found: dict[str, Any] = answer.json()
        return found

    def dags(self) -> set[str]:
        """The DAGs that Airflow knows."""
        return {dag["dag_id"] for dag in self.call("GET", "/dags?limit=100")["dags"]}

    def count(self, **query: str) -> int:
        """How many runs there are of a state or a type."""
        terms = "&".join(f"{name}={value}" for name, value in query.items())
        return int(self.call("GET", f"/dags/~/dagRuns?limit=1&{terms}")["total_entries"])

    def backfill(self, dag_id: str, since: date, until: date) -> None:
        """Make the runs of the intervals that begin in a range of days."""
        body = {
            "dag_id": dag_id,
            "from_date": f"{since}T00:00:00Z",
            "to_date": f"{until}T00:00:00Z",
            "max_active_runs": 16,
            "reprocess_behavior": "none",
            "run_backwards": False,
        }
        self.call("POST", "/backfills", body)

    def scheduled(self, dag_id: str) -> list[tuple[datetime, datetime]]:
        """When each scheduled run of a DAG was due, and when its crawl began."""
        runs = self.call("GET", f"/dags/{dag_id}/dagRuns?run_type=scheduled&limit=100")["dag_runs"]
        found = []
        for run in runs:
            task = self.call("GET", f"/dags/{dag_id}/dagRuns/{run['dag_run_id']}/taskInstances/crawl")
            if task["start_date"]:
                found.append((datetime.fromisoformat(run["run_after"]), datetime.fromisoformat(task["start_date"])))
        return sorted(found)


def write_sources(folder: Path, every: int) -> list[str]:
    """The demo's sources with schedules of ours; their ids, the one of the long backfill first, the scheduled one last."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(load_sources(DEMO_SOURCES))
    for name in names:
        schedule = (
            TEN_MINUTES if name == names[-1] else f"0 {HOUR} * * *" if name == names[0] else f"0 {HOUR} */{every} * *"
        )
        text = (DEMO_SOURCES / f"{name}.yaml").read_text(encoding="utf-8")
        lines = [f'schedule: "{schedule}"' if line.startswith("schedule:") else line for line in text.splitlines()]
        (folder / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return names


@contextmanager
def proxied(server: DemoServer) -> Iterator[None]:
    """Let what is started here reach the demo's sites; the server lives in this process, and outlives what is killed."""
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, server.url))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def kill_airflow() -> int:
    """Kill every process of Airflow that this process's servers started; how many those were."""
    killed = 0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            words = " ".join(process.cmdline()).lower()
            if "airflow" in words and "warraq.supervisor" not in words:
                process.kill()
                killed += 1
    return killed


def begin(api: Api, names: Sequence[str], days: int) -> None:
    """Start the backfills, the schedule and the corpus."""
    wanted = {f"crawl_{name}" for name in names} | {"corpus"}
    wait_for(lambda: wanted <= api.dags(), 180)
    for dag_id in sorted(wanted):
        api.call("PATCH", f"/dags/{dag_id}", {"is_paused": False})
    first, *others, scheduled = names
    api.backfill(f"crawl_{first}", UNTIL - timedelta(days=days), UNTIL)
    for name in others:
        api.backfill(f"crawl_{name}", SINCE - timedelta(days=8), UNTIL)
    conf = {"since": str(SINCE), "until": str(UNTIL)}
    api.call("POST", f"/dags/crawl_{scheduled}/dagRuns", {"logical_date": None, "conf": conf})


def wait_for(what: Any, seconds: float) -> None:  # noqa: ANN401  # any callable
    """Wait until it holds.

    Raises:
        ServerError: it did not in time.
    """
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise ServerError("it did not come to that in time")
        time.sleep(2)


def is_taken_in(bucket: Bucket) -> bool:
    """Whether the corpus has every capture."""
    return Documents(bucket).capture_files().issuperset(list_page_files(bucket))


def follow(api: Api, bucket: Bucket, until_over: int | None, began: float) -> bool:
    """Wait until so many runs are over, or all of them and the corpus has what they stored; False where time is up."""
    said = 0.0
    while time.monotonic() - began < LONGEST:
        counts = {state: api.count(state=state) for state in ("success", "failed", "running", "queued")}
        if time.monotonic() - said > 60:
            said = time.monotonic()
            console.print(f"{time.monotonic() - began:6.0f} s  {counts}")
        if until_over is not None and counts["success"] + counts["failed"] >= until_over:
            return True
        if until_over is None and not counts["running"] and not counts["queued"] and is_taken_in(bucket):
            return True
        time.sleep(3)
    return False


def tell(bucket: Bucket, server: DemoServer, names: Sequence[str]) -> bool:
    """Say what came of it; whether all is as it ought to be."""
    gold = gold_rows()
    articles = {normalize_url(row["url"]) for row in gold if row["outcome"] in {"article", "copy"}}
    asked = Counter(normalize_url(f"http://{one.host}{one.path}") for one in server.log if not one.if_none_match)
    twice = {url: count for url, count in asked.items() if url in articles and count > 1}
    found = {row["url"] for row in corpus.read_articles(bucket)}
    wanted = {row["url"] for row in gold if row["outcome"] == "article"}
    console.print(f"articles: {len(found)} of the gold's {len(wanted)}, {len(found - wanted)} others")
    console.print(
        f"article pages asked for: {sum(url in articles for url in asked)}, more than once: {len(twice)} {twice or ''}"
    )
    days = coverage(bucket, names, SINCE, UNTIL)
    console.print(f"days of sources: {dict(Counter(day.state.value for day in days))}")
    for (source, why), count in Counter((day.source, day.why) for day in days if day.state != State.COVERED).items():
        console.print(f"  {source}: {count} days: {why or 'not crawled'}")
    return found == wanted and not twice


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; exit code 0 where the corpus is the gold and nothing was asked for twice."""
    parser = argparse.ArgumentParser(prog="benchmarks.backfill", description="A native backfill, killed in the middle")
    parser.add_argument("--days", type=int, default=10, help="daily runs of the first site (default: 10)")
    parser.add_argument("--every", type=int, default=30, help="days between two runs of the other sites (default: 30)")
    parser.add_argument("--home", type=Path, help="folder for all state; a temporary one, without")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, DemoServer() as server, proxied(server):
        home = chosen.home or Path(folder) / "home"
        names = write_sources(home / "sources", chosen.every)
        began = time.monotonic()
        try:
            with Stack(home, sources=home / "sources", paused=True) as stack, stack.running.environment():
                api, bucket = Api(stack.running), Bucket()
                begin(api, names, chosen.days)
                total = api.count(run_type="backfill")
                console.print(
                    f"{total} runs of {len(names) - 1} backfills; created after {time.monotonic() - began:.0f} s"
                )
                follow(api, bucket, total // 3, began)
                console.print(f"killed {kill_airflow()} processes after {time.monotonic() - began:.0f} s")
                stack.wait()
        except ServerError as error:
            console.print(f"[dim]{str(error).splitlines()[0]}[/dim]")
        with Stack(home, sources=home / "sources", paused=True) as stack, stack.running.environment():
            api, bucket = Api(stack.running), Bucket()
            whole = follow(api, bucket, None, began)
            states = {state: api.count(run_type="backfill", state=state) for state in ("success", "failed")}
            console.print(f"{time.monotonic() - began:.0f} s: backfill runs {states}; all over: {whole}")
            late = [(begun - due).total_seconds() for due, begun in api.scheduled(f"crawl_{names[-1]}")]
            console.print(f"scheduled crawls: {len(late)}, seconds after they were due: {[round(one) for one in late]}")
            right = tell(bucket, server, names)
    return 0 if whole and right and not states["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
