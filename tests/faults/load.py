"""A day of a busy installation on a clock that is moved on: every source crawled each hour, a build each half hour."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import psutil

from benchmarks._planted import report_of
from tests.faults.clock import Clock
from tests.faults.trials import Command, begin
from tests.loopback import listening
from warraq.servers import ObjectStore, no_proxy, python_environment

_SOURCES: Final = 50
_IN_FEED: Final = 20
"""Articles of each site that its feed has; as many it has published before the day begins."""
_BESIDE: Final = 2
"""Crawls at a time."""
_HALF: Final = timedelta(minutes=30)
_WARM: Final = 4
"""Hours after which nothing is to grow any more: by then every source is known, and every table has been written."""
_GROWTH: Final = 1.2
_SEEN_WITHIN: Final = 60
_NEAR: Final = timedelta(seconds=3)
_LET_GO: Final = 7
"""Seconds after which the store has let go of the connections of clients that are gone."""


class Used(NamedTuple):
    """The most that a command and its children had at a time: megabytes of memory, open files."""

    megabytes: float
    files: int

    def __str__(self) -> str:
        return f"{self.megabytes:.0f} MB, {self.files:.0f} open files"


@dataclass(frozen=True, slots=True)
class Load:
    """What crawls, builds and the store used, hour by hour: of the crawls the one in the middle."""

    used: Mapping[str, Sequence[Used]]
    articles: int

    @property
    def hours(self) -> int:
        return len(self.used["crawl"])

    @property
    def where(self) -> str:
        """What was used once it was warm, and at the end."""
        return "; ".join(f"{name}: {of[_WARM]}, at the end {of[-1]}" for name, of in self.used.items())

    @property
    def flat(self) -> bool:
        return all(
            now <= _GROWTH * then for of in self.used.values() for now, then in zip(of[-1], of[_WARM], strict=True)
        )

    @property
    def told(self) -> str:
        return f"{'flat' if self.flat else '**did not hold**: it grows'}; all {self.articles:,} articles in the corpus"


def carry(folder: Path, hours: int) -> Load:
    """Live through so many hours, more than `_WARM`, and hold that the corpus has every article that the sites published.

    Raises:
        FileNotFoundError: libfaketime is not installed.
    """
    hours = max(hours, _WARM + 2)
    clock, began = Clock(folder / "clock"), datetime.now(UTC)
    used: dict[str, list[Used]] = {"crawl": [], "build": [], "store": []}
    with _sites(began) as (proxy, open_hour), _on(clock), ObjectStore(folder / "s3") as store:
        environment = {
            **python_environment(),
            **store.settings,
            "WARRAQ_BUCKET": "load",
            "WARRAQ_SOURCES": str(_write_sources(folder / "sources")),
            "WARRAQ_CONTACT": "faults@warraq.example",
            "http_proxy": proxy,
            "no_proxy": no_proxy(),
        }

        def run(*command: str) -> Used:
            return _watch(begin(folder, environment, *command))

        run("bucket", "check", "--create-bucket")
        for hour in range(hours):
            at = began + hour * timedelta(hours=1)
            open_hour(hour)
            _move(clock, at, store)
            with ThreadPoolExecutor(_BESIDE) as crawlers:
                crawls = list(crawlers.map(lambda source: run("crawl", source), map(_source, range(_SOURCES))))
            builds = [run("build")]
            _move(clock, at + _HALF, store)
            builds.append(run("build"))
            used["crawl"].append(Used(*map(median, zip(*crawls, strict=True))))
            used["build"].append(max(builds))
            time.sleep(_LET_GO)
            used["store"].append(_of(store.children[0].process.pid))
            print(f"hour {hour + 1}: {'; '.join(f'{name} {of[-1]}' for name, of in used.items())}", flush=True)
        command = begin(folder, environment, "corpus", "verify")
        said, _ = command.process.communicate()
        assert command.process.returncode == 0, said[-1500:]
        command = begin(folder, environment, "corpus", "--json")
        said, _ = command.process.communicate()
        articles, published = json.loads(said.splitlines()[-1])["articles"], _SOURCES * (_IN_FEED + hours - 1)
        assert articles == published, f"{articles} articles of {published} that were published"
    return Load(used, articles)


@contextmanager
def _on(clock: Clock) -> Iterator[None]:
    """Whatever is started within stands on this clock."""
    with patch.dict(os.environ, clock.environment):
        yield


def _move(clock: Clock, to: datetime, store: ObjectStore) -> None:
    """Move the clock on, and wait until the store, which runs, has seen it: its answers tell its time."""
    ahead = max(to - datetime.now(UTC), timedelta())
    clock.set(ahead)
    ends = time.monotonic() + _SEEN_WITHIN
    while abs(datetime.now(UTC) + ahead - _time_of(store)) > _NEAR:
        assert time.monotonic() < ends, f"the store does not see the clock move to {to}: it says {_time_of(store)}"
        time.sleep(0.2)


def _time_of(store: ObjectStore) -> datetime:
    told: str = httpx.get(store.settings["AWS_ENDPOINT_URL_S3"], trust_env=False).headers["date"]
    return parsedate_to_datetime(told)


def _watch(command: Command) -> Used:
    """Wait until a command ends well, and look at what it uses."""
    memory, files = 0.0, 0
    while command.process.poll() is None:
        used = _of(command.process.pid)
        memory, files = max(memory, used.megabytes), max(files, used.files)
        time.sleep(0.1)
    said, _ = command.process.communicate()
    assert command.process.returncode == 0, said[-1500:]
    return Used(memory, files)


def _of(process: int) -> Used:
    memory, files = 0, 0
    with suppress(psutil.Error):  # one of them ended just now
        main = psutil.Process(process)
        for one in [main, *main.children(recursive=True)]:
            memory += one.memory_info().rss
            files += one.num_fds()
    return Used(memory / 1e6, files)


# The sites ----------------------------------------------------------------------------------------------------------------


def _source(number: int) -> str:
    return f"l{number:02}"


def _write_sources(folder: Path) -> Path:
    folder.mkdir()
    for source in map(_source, range(_SOURCES)):
        home = f"http://{source}.example/"
        (folder / f"{source}.yaml").write_text(
            f"id: {source}\nname: {source}\nhome: {home}\ntimezone: UTC\n"
            f"discovery: [{{type: feed, url: {home}rss}}]\npoliteness: {{delay: 0}}\n",
            encoding="utf-8",
        )
    return folder


@contextmanager
def _sites(began: datetime) -> Iterator[tuple[str, Callable[[int], None]]]:
    """Sites that publish an article an hour, as the URL of their proxy, and what opens the next hour."""
    now = 0

    def published(number: int) -> datetime:
        return began + (number - _IN_FEED) * timedelta(hours=1)

    def page(host: str, number: int) -> str:
        words = report_of(int(host[1:3]) * 100_000 + number).split()
        text = "".join(f"<p>{' '.join(words[start : start + 40])}.</p>" for start in range(8, len(words), 40))
        return (
            f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{" ".join(words[:8])}</title>'
            f'<meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="{published(number).isoformat()}"></head>'
            f"<body><main><article><h1>{' '.join(words[:8])}</h1>{text}</article></main></body></html>"
        )

    def feed(host: str) -> str:
        items = "".join(
            f"<item><title>{number}</title><link>http://{host}/news/{number}</link>"
            f"<pubDate>{format_datetime(published(number))}</pubDate></item>"
            for number in range(now + _IN_FEED - 1, now - 1, -1)
        )
        return f'<rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            host, path = asked.hostname or "", asked.path
            if path == "/rss":
                self._answer(200, "application/rss+xml", feed(host))
            elif path.startswith("/news/"):
                self._answer(200, "text/html; charset=utf-8", page(host, int(path.rpartition("/")[2])))
            elif path == "/robots.txt":
                self._answer(200, "text/plain", "User-agent: *\nAllow: /\n")
            else:
                self._answer(404, "text/plain", "not here")

        def _answer(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    def open_hour(hour: int) -> None:
        nonlocal now
        now = hour

    with listening(Site) as port:
        yield f"http://127.0.0.1:{port}", open_hour
