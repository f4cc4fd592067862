"""The demo: the main job, run by a real Airflow over the demo sites, and what came of it."""

from __future__ import annotations

import json
import signal
import sys
import textwrap
import time
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.bucket import Bucket
from pipeline.captures import list_page_files
from pipeline.corpus import count_by_source, read_articles
from pipeline.documents import Documents
from pipeline.sources import load_sources
from warraq.airflow_api import AirflowApi, DagRun, DueRun, Task
from warraq.servers import DEMO_SOURCES, ServerError
from warraq.stack import Running, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pipeline.sources import Source

SINCE: Final = "2024-01-01"
UNTIL: Final = "2024-05-01"
"""The months in which the demo sites published."""


_PATIENCE_SECONDS: Final = 900
_FOLLOW_SECONDS: Final = 30
_LOG_LINES: Final = 20
_SAMPLES: Final = 3


def run(home: Path, *, console: Console | None = None) -> int:
    """Run the pipeline over the demo sites, show what came of it, stop everything, and return the command's exit code.

    Airflow's scheduler runs one crawl for each site over the demo's months; the corpus DAG follows by itself. Doing it again on
    the same folder adds nothing.

    Raises:
        ServerError: a server or a task failed; the message has the end of its log.
    """
    console = console or Console(highlight=False, soft_wrap=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:4.0f} s[/dim]  {line}")

    sources = load_sources(DEMO_SOURCES)
    with Stack(home, paused=True, on_step=lambda step: say(f"starting {step}")) as stack:
        running = stack.running
        say(f"all servers are up; watch it at {running.ui}/ (user {running.user}, password {escape(running.password)})")
        try:
            with running.environment(), AirflowApi(running.ui, running.user, running.password) as api:
                bucket = Bucket()
                job = _Job(api, bucket, sources, say)
                with console.status("") as status:
                    job.start()
                    job.follow(status.update)
                _show(console, bucket, job.crawls, sources)
                for dag_id in api.dags():  # what `make up` goes on with from here is on, as if it had begun
                    api.unpause(dag_id)
                if not job.taken_in:
                    console.print("\n[bold]Nothing was added:[/bold] the corpus held all that the sites have.")
        except KeyboardInterrupt:
            say("stopping the servers; nothing is lost: the next run goes on from here")
            raise
        say("stopping the servers")
    console.print(_next_steps(running))
    return 0


class _Job:
    """The crawls of all sources, and the corpus runs that follow them."""

    def __init__(
        self, api: AirflowApi, bucket: Bucket, sources: Mapping[str, Source], say: Callable[[str], None]
    ) -> None:
        self.crawls: dict[str, dict[str, Any]] = {}
        """What each crawl of this job says it did, by source."""
        self.taken_in = 0
        """Pages that corpus runs took in meanwhile."""
        self._api = api
        self._bucket = bucket
        self._sources = sources
        self._say = say
        self._runs: dict[str, str] = {}
        self._over: set[DagRun] = set()
        self._retried: set[Task] = set()
        self._reported = {stored.key for stored in bucket.list("reports/")}
        self._last_stored: datetime | None = None

    def start(self) -> None:
        """Let the scheduler run one crawl for each source, as soon as Airflow has read the DAGs."""
        crawls = {f"crawl_{source}": source for source in self._sources}
        dags = self._dags({*crawls, "corpus"})
        # A crawl that an interrupted demo left to be tried again is no longer waited for; a corpus run goes on.
        runs = self._api.runs()
        self._earlier = {(run.dag_id, run.run_id) for run in runs if run.over or run.dag_id != "corpus"}
        for dag_id, source in crawls.items():
            due = dags[dag_id]
            # Where the schedule owes a run already, this one stands for it.
            owed = due and due.run_after <= datetime.now(UTC) and not self._exists(dag_id, due)
            self._runs[source] = self._api.trigger(
                dag_id,
                conf={"since": SINCE, "until": UNTIL},
                due=due if owed else None,
                note="started by the demo",
            )
        for dag_id in ("corpus", *crawls):
            self._api.unpause(dag_id)
        self._say(f"Airflow crawls {len(crawls)} sites for {SINCE} up to {UNTIL}")

    def follow(self, show: Callable[[str], None]) -> None:
        """Wait until every crawl is over and the corpus has followed the last that stored something.

        Raises:
            ServerError: a task failed for good, or it took too long.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        quiet_since: float | None = None
        while time.monotonic() < deadline:
            runs = [run for run in self._api.runs() if (run.dag_id, run.run_id) not in self._earlier]
            active = self._take_note(runs)
            if active:
                quiet_since = None
                show(", ".join(active))
            elif self._followed(runs):
                return
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() > quiet_since + _FOLLOW_SECONDS:
                # What an earlier, interrupted demo had stored has no event of its own to follow.
                self._say("captures of an earlier run are waiting: starting the corpus DAG for them")
                self._api.trigger("corpus", conf={}, note="started by the demo")
                quiet_since = None
            time.sleep(1)
        raise ServerError(f"the demo was not over after {_PATIENCE_SECONDS} s")

    def _followed(self, runs: Iterable[DagRun]) -> bool:
        """Whether the corpus has all that was stored."""
        if self._last_stored is None:
            return Documents(self._bucket).capture_files().issuperset(list_page_files(self._bucket))
        begun = (run.started_at for run in runs if run.dag_id == "corpus")
        return any(moment and moment > self._last_stored for moment in begun)

    def _exists(self, dag_id: str, due: DueRun) -> bool:
        return any(run.logical_date == due.logical_date for run in self._api.runs(dag_id))

    def _dags(self, wanted: set[str]) -> dict[str, DueRun | None]:
        deadline = time.monotonic() + 120
        while not wanted <= (dags := self._api.dags()).keys():
            if errors := self._api.import_errors():
                raise ServerError("Airflow cannot read the DAGs: " + "; ".join(errors))
            if time.monotonic() > deadline:
                raise ServerError(f"Airflow has not found these DAGs: {', '.join(sorted(wanted - dags.keys()))}")
            time.sleep(0.5)
        return dags

    def _take_note(self, runs: Iterable[DagRun]) -> list[str]:
        """Say what has newly ended; return what is still to end."""
        active = []
        for run in runs:
            if run in self._over:
                continue
            tasks = self._api.tasks(run)
            for task in tasks:
                self._take_note_of(task)
            if not run.over:
                at = next((task.task_id for task in tasks if task.state in {"running", "queued"}), "")
                active.append(f"corpus: {at}" if run.dag_id == "corpus" and at else run.dag_id.removeprefix("crawl_"))
                continue
            self._over.add(run)
            if run.state == "failed":
                raise ServerError(self._failure(tasks))
            self._say_end(run, tasks)
        return active

    def _take_note_of(self, task: Task) -> None:
        if task.state == "up_for_retry" and task not in self._retried:
            self._retried.add(task)
            last = next((line for line in reversed(self._api.log(task)) if line.startswith("ERROR")), "")
            self._say(f"{task.dag_id}, {task.task_id}: failed, and will be tried again ({escape(last)})")

    def _say_end(self, run: DagRun, tasks: Iterable[Task]) -> None:
        if run.dag_id == "corpus":
            told = "corpus: nothing was new"
            for key in sorted(stored.key for stored in self._bucket.list("reports/corpus-")):
                if key.endswith(".json") and key not in self._reported:
                    self._reported.add(key)
                    report = json.loads(self._bucket.get(key))
                    taken_in, held = report["new"]["captured"], report["total"]["articles"]
                    self.taken_in += taken_in
                    told = f"corpus: took in {taken_in} pages, holds {held} articles"
            self._say(told)
            return
        source = run.dag_id.removeprefix("crawl_")
        for task in tasks:
            if task.state == "success" and task.ended_at:
                self._last_stored = max(self._last_stored or task.ended_at, task.ended_at)
        for key in sorted(stored.key for stored in self._bucket.list(f"reports/{source}-")):
            if key not in self._reported:
                self._reported.add(key)
                crawl = json.loads(self._bucket.get(key))
                self._say(f"crawl of {source}: {crawl['found']} found, {crawl['captured']} fetched")
                if run.run_id == self._runs[source]:
                    self.crawls[source] = crawl

    def _failure(self, tasks: Iterable[Task]) -> str:
        failed = next(task for task in tasks if task.state == "failed")
        log = "\n".join(f"  {line}" for line in self._api.log(failed)[-_LOG_LINES:])
        return f"task {failed.task_id} of {failed.dag_id} failed; the end of its log:\n{log}"


def last_report(bucket: Bucket) -> dict[str, Any]:
    """The report of the newest corpus run.

    Raises:
        ServerError: there is none.
    """
    keys = [stored.key for stored in bucket.list("reports/corpus-") if stored.key.endswith("/report.json")]
    if not keys:
        raise ServerError("no corpus run has written a report")
    report: dict[str, Any] = json.loads(bucket.get(max(keys)))  # the names begin with the time
    return report


def reading_example(settings: Mapping[str, str]) -> str:
    """Python that reads the whole corpus, with nothing of ours."""
    scheme, _, host = settings["AWS_ENDPOINT_URL_S3"].partition("://")
    return (
        "import pyarrow.dataset as ds\n"
        "from pyarrow.fs import S3FileSystem\n\n"
        "s3 = S3FileSystem(\n"
        f'    endpoint_override="{host}", scheme="{scheme}",\n'
        f'    access_key="{settings["AWS_ACCESS_KEY_ID"]}", secret_key="{settings["AWS_SECRET_ACCESS_KEY"]}",\n'
        ")\n"
        f'articles = ds.dataset("{settings["WARRAQ_BUCKET"]}/articles", filesystem=s3, partitioning="hive").to_table()\n'
        'print(articles.select(["published_day", "source_name", "title"]).slice(0, 5).to_pylist())\n'
    )


def _show(
    console: Console, bucket: Bucket, crawls: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Source]
) -> None:
    report = last_report(bucket)
    crawled = Table("site", "found", "fetched", "known already", "failed", "left out", title="What was crawled")
    for source, crawl in sorted(crawls.items()):
        failed = Counter(failure["reason"] for failure in crawl["failed"])
        row = [crawl["found"], crawl["captured"], crawl["known"], _sum(failed), _sum(crawl["skipped"])]
        crawled.add_row(sources[source].name, *map(str, row))
    console.print(crawled)
    kept = Table("site", "captured", "articles", "copies", "rejected, and why", title="What the corpus holds")
    pages = Documents(bucket).read(["source", "rejected", "decision"]).to_pylist()
    by_source = {source: asdict(counts) for source, counts in count_by_source(pages).items()}
    for source, counts in [*by_source.items(), ("", report["total"])]:
        name = sources[source].name if source else "all"
        row = [counts["captured"], counts["articles"], _sum(counts["copies"]), _sum(counts["rejected"])]
        kept.add_row(name, *map(str, row))
    console.print(kept)
    console.print(f"\n[bold]{_SAMPLES} of its articles[/bold]")
    for article in _samples(bucket):
        lines = textwrap.wrap(article["body"].replace("\n", " "), 100)[:3]
        console.print(f"\n[bold]{escape(article['title'])}[/bold]")
        console.print(f"{escape(article['source_name'])} · {article['published_day']} · {unquote(article['url'])}")
        console.print(escape("\n".join(lines)) + " …")


def _sum(parts: Mapping[str, int]) -> str:
    """The sum, and where there are any, its parts."""
    told = ", ".join(f"{name} {count}" for name, count in sorted(parts.items()) if count)
    return f"{sum(parts.values())}" + (f" ({told})" if told else "")


def _samples(bucket: Bucket) -> list[dict[str, Any]]:
    """The first article, by day, of each of the first sources in the corpus."""
    samples: dict[str, dict[str, Any]] = {}
    for article in read_articles(bucket):
        samples.setdefault(article["source"], article)
        if len(samples) == _SAMPLES:
            break
    return list(samples.values())


def _next_steps(running: Running) -> str:
    return (
        "\nEverything is stopped, and kept below "
        f"{running.home}. [bold]make up[/bold] starts it again and leaves it running:\n"
        f"  Airflow  {running.ui}/   user {running.user}, password {escape(running.password)}\n"
        f"  S3       {running.s3}/   bucket {running.settings['WARRAQ_BUCKET']}\n\n"
        "The corpus is plain Parquet; while it is up, this reads it:\n\n"
        + escape(textwrap.indent(reading_example(running.settings), "  "))
    )
