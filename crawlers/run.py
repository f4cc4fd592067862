"""One crawl as one child process: how a task or the command line runs it, and what it says at the end.

Scrapy can run once in a process, holds signal handlers and may hang on a site, so every crawl gets a process and a session of
its own. This module imports no Scrapy: it is cheap to import where DAGs are parsed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawlers.window import Window
from pipeline.errors import WarraqError
from pipeline.progress import OnProgress, tell_nobody
from pipeline.rejection import REASONS
from pipeline.text import escape_invisible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


ALL_PASSING = "may_pass"
"""Stands for every reason that may pass, where reasons are named for which pages are asked for again."""

PARENT = "WARRAQ_PARENT_PID"
"""Environment variable by which the child knows whose death is to stop it: a word between the two, no setting."""

STOP_SECONDS = 4
"""How long a child may take to stop: a killed Airflow task is itself killed after 5 s."""

_TIMES = ("started_at", "finished_at", "retry_at", "resume_at")
_PROJECT = Path(__file__).resolve().parent.parent


class Outcome(IntEnum):
    """How a crawl ended, and the exit code of its process."""

    FINISHED = 0
    FAILED = 1
    INTERRUPTED = 75
    NOTHING_NEW = 99


@dataclass(frozen=True, slots=True)
class Options:
    """What else a crawl is told.

    `recrawl`: ask again, on a decaying schedule, for recent articles that are known (`crawlers.freshness`), and for pages of any
    day that may have become articles (`pipeline.refetch`); without it, for those of the window alone. `refetch`: ask again,
    whatever that schedule says, for the pages of the window that were rejected for these reasons (`check_reasons`), if they were
    last asked for before `refetch_before`, or before the crawl. `discovery`: the types to use, of those that the source's file
    names; all of them where empty. `limit`: fetch so many pages at most. `dry_run`: find the articles and list those that would
    be fetched, and fetch none. `seconds`: stop after so long, as if interrupted.
    """

    recrawl: bool = False
    refetch: tuple[str, ...] = ()
    refetch_before: datetime | None = None
    discovery: tuple[str, ...] = ()
    limit: int | None = None
    dry_run: bool = False
    seconds: int | None = None

    def to_arguments(self) -> dict[str, str]:
        """As arguments of the spider; what is not asked for is left out."""
        given = {
            "recrawl": "true" if self.recrawl else "",
            "refetch": ",".join(self.refetch),
            "refetch_before": self.refetch_before.isoformat() if self.refetch_before else "",
            "discovery": ",".join(self.discovery),
            "limit": str(self.limit or ""),
            "dry_run": "true" if self.dry_run else "",
            "seconds": str(self.seconds or ""),
        }
        return {name: value for name, value in given.items() if value}


class ReasonError(WarraqError, ValueError):
    """A reason that pages cannot be asked for again for; the message names those that there are."""


def check_reasons(named: Iterable[str]) -> tuple[str, ...]:
    """The reasons named, each once.

    Raises:
        ReasonError: one of them is none.
    """
    reasons = tuple(dict.fromkeys(named))
    if unknown := [one for one in reasons if one not in {ALL_PASSING, *REASONS}]:
        raise ReasonError(
            f"no page is rejected as {' or '.join(unknown)}: the reasons are {', '.join(REASONS)}, "
            f"and {ALL_PASSING} for all that may pass"
        )
    return reasons


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that was asked for and did not come; `reason` is one word such as ``timeout`` or ``http_404``."""

    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class DiscoveryReport:
    """What one discovery gave: how many URLs (the same one may come twice), what went wrong on the way, and what to know.

    `looks_back` says that it shows all that the window has, not only the latest.
    """

    type: str
    url: str
    answered: bool
    found: int
    looks_back: bool = False
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """What a crawl did.

    `found` counts distinct URLs, and is the sum of `known`, `captured`, `failed`, `skipped`, `would_fetch` (in a dry run) and
    `remaining` (those that an interrupted crawl did not come to). `unchanged` of the known ones were asked for again. `requests`
    were sent in all, `bytes` came back, and `throttled` of the answers asked for patience (429, 503), until `retry_at` at the
    latest. `resume_at` is when a crawl may go on that spent the site's requests of a day. `files` are the keys written, in their
    order. Times are UTC.
    """

    source: str
    run: str
    window: Window
    outcome: Outcome
    message: str
    found: int = 0
    known: int = 0
    unchanged: int = 0
    captured: int = 0
    would_fetch: int = 0
    remaining: int = 0
    failed: tuple[Failure, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    discovery: tuple[DiscoveryReport, ...] = ()
    files: tuple[str, ...] = ()
    dry_run: bool = False
    requests: int = 0
    bytes: int = 0
    throttled: int = 0
    retry_at: datetime | None = None
    resume_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``json.dumps``: dates in ISO 8601, the outcome by its name."""
        data = asdict(self)
        data["outcome"] = self.outcome.name.lower()
        data["window"] = {"since": self.window.since.isoformat(), "until": self.window.until.isoformat()}
        for name in _TIMES:
            data[name] = data[name] and data[name].isoformat()
        data["skipped"] = dict(sorted(self.skipped.items()))
        data["failed"], data["files"] = list(data["failed"]), list(data["files"])
        for one in data["discovery"]:
            one["problems"], one["notes"] = list(one["problems"]), list(one["notes"])
        data["discovery"] = list(data["discovery"])
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CrawlSummary:
        """The summary that `to_json` made `data` of."""
        window = data["window"]
        return cls(
            **{
                **data,
                "outcome": Outcome[data["outcome"].upper()],
                "window": Window(date.fromisoformat(window["since"]), date.fromisoformat(window["until"])),
                "failed": tuple(Failure(**one) for one in data["failed"]),
                "discovery": tuple(
                    DiscoveryReport(**{**one, "problems": tuple(one["problems"]), "notes": tuple(one["notes"])})
                    for one in data["discovery"]
                ),
                "files": tuple(data["files"]),
                **{name: data[name] and datetime.fromisoformat(data[name]) for name in _TIMES},
            }
        )


class CrawlFailed(WarraqError):  # noqa: N818  # says what happened, as Scrapy's own exceptions do
    """A crawl that failed; the message is one sentence, `summary` what was done until then, where the child could say."""

    def __init__(self, message: str, summary: CrawlSummary | None = None) -> None:
        super().__init__(message)
        self.summary = summary


def new_run(source_id: str, now: datetime) -> str:
    """A name for a run that no other has: the source, the UTC time and six random hex digits."""
    return f"{source_id}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def report_key(run: str) -> str:
    """Key in the bucket of a run's summary."""
    return f"reports/{run}/crawl.json"


def dry_run_key(run: str) -> str:
    """Key in the bucket of what a dry run would have fetched: JSON lines with url, day (null where not stated) and found."""
    return f"reports/{run}/would_fetch.jsonl"


class Crawl:
    """A crawl in a child process, started at once.

    The child dies with the thread that started it: start it in a thread that outlives the crawl. `on_line` gets every line it
    logs, as level (``INFO``, ``WARNING``, ``ERROR``) and message, in the thread that waits; `on_progress`, every second, how many
    of the pages found are dealt with.
    """

    def __init__(
        self,
        source_id: str,
        window: Window,
        run: str,
        options: Options = Options(),
        *,
        on_line: Callable[[str, str], None],
        on_progress: OnProgress = tell_nobody,
    ) -> None:
        self._source = source_id
        self._window = window
        self._run = run
        self._on_line = on_line
        self._on_progress = on_progress
        self._stopped = False
        arguments = {
            "source": source_id,
            "since": window.since,
            "until": window.until,
            "run": run,
            **options.to_arguments(),
        }
        command = [sys.executable, "-m", "scrapy", "crawl", "articles"]
        for name, value in arguments.items():
            command += ["-a", f"{name}={value}"]
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, and arguments that the child validates
            command,
            env={
                **os.environ,
                "PYTHONPATH": path,
                "SCRAPY_SETTINGS_MODULE": "crawlers.settings",
                PARENT: str(os.getpid()),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    @property
    def pid(self) -> int:
        """Process id of the child, which is also its session's and group's."""
        return self._process.pid

    def wait(self) -> CrawlSummary:
        """Wait for the end, handing on what the child logs, and return what it did.

        An interrupted crawl returns too (outcome `INTERRUPTED`): what it had archived is in the bucket.

        Interrupted itself, by Ctrl-C, it may be called again once the crawl was stopped.

        Raises:
            CrawlFailed: the crawl failed; the message says why.
        """
        summary: CrawlSummary | None = None
        last_error = ""
        for line in self._process.stdout or ():
            try:
                record = json.loads(line)
                level, message = record["level"], record["message"]
                summary = CrawlSummary.from_json(record["summary"]) if "summary" in record else summary
                if "progress" in record:
                    self._on_progress(f"crawling {self._source}", *record["progress"])
            except (ValueError, TypeError, KeyError):
                level, message = (
                    "WARNING",
                    escape_invisible(line.rstrip()),
                )  # not of our logging: a library's or the interpreter's word
            if message:
                self._on_line(level, message)
            if level in {"ERROR", "CRITICAL"}:
                last_error = message.partition("\n")[0]
        code = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        if self._stopped and (summary is None or code < 0):
            message = "stopped before it could say what it had done; the files that it had finished are in the bucket"
            summary = summary or CrawlSummary(
                self._source, self._run, self._window, Outcome.INTERRUPTED, f"crawl of {self._source} {message}"
            )
            return replace(summary, outcome=Outcome.INTERRUPTED)
        if summary is not None and code == summary.outcome != Outcome.FAILED:
            return summary
        if summary is not None and summary.outcome == Outcome.FAILED:
            raise CrawlFailed(summary.message, summary)
        ended = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise CrawlFailed(last_error or f"crawl of {self._source} {ended}; run it again", summary)

    def stop(self) -> None:
        """Stop the crawl: one SIGTERM, `STOP_SECONDS` of grace, then SIGKILL to whatever its session still holds.

        May be called from a signal handler or another thread while `wait` waits, more than once, and after the end.
        """
        if self._process.returncode is not None:
            return
        if not self._stopped:
            self._stopped = True
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
