"""A small HTTP server that plays a news site with every trouble a crawl meets, reached as a proxy under invented hosts."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from crawlers.run import Crawl, CrawlSummary, Options, new_run
from crawlers.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pipeline.bucket import Bucket

HOME = "http://sadanews.example"
SOURCE = """\
id: sada
name: صدى
home: {home}/
timezone: Asia/Damascus
discovery:
{discovery}
politeness: {{delay: 0, timeout: {timeout}, max_size: 200000, concurrency: {concurrency}, requests_a_day: {a_day}}}
{more}
"""

CLOCK = """\
import os
from datetime import datetime, timedelta

class Later(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(hours=float(os.environ.get("HOURS_LATER", "0")))

import crawlers.middlewares.archive, crawlers.spiders.outcome
crawlers.middlewares.archive.datetime = crawlers.spiders.outcome.datetime = Later
"""
"""As ``sitecustomize.py`` on PYTHONPATH, with the checkout after it: crawls by a clock that is HOURS_LATER."""


@dataclass
class Reply:
    """What the site answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0
    """Seconds between two bytes of a body that never ends; 0 sends it whole."""
    wait: float = 0
    """Seconds before the answer."""
    unstated: bool = False
    """Whether no length is stated: the body ends with the connection."""


class Site:
    """The pages of invented hosts: `replies` by absolute URL, or a function of the URL; `seen` says what was asked for."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.answer: Callable[[str], Reply | None] = self.replies.get
        self.seen: list[str] = []
        self.headers: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                url = self.path if "://" in self.path else f"http://{self.headers['Host']}{self.path}"
                site.seen.append(url)
                site.headers.append(dict(self.headers))
                reply = site.answer(url) or Reply(b"not here", 404)
                time.sleep(reply.wait)
                try:
                    self.send_response(reply.status)
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    if reply.drip:
                        self.end_headers()
                        while not site.closing.wait(reply.drip):
                            self.wfile.write(b"x")
                            self.wfile.flush()
                    else:
                        end = ("Connection", "close") if reply.unstated else ("Content-Length", str(len(reply.body)))
                        self.send_header(*end)
                        self.end_headers()
                        self.wfile.write(reply.body)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, address: object) -> None:
                if not isinstance(sys.exc_info()[1], OSError):  # a crawl may hang up as it likes
                    super().handle_error(request, address)  # type: ignore[arg-type]

            daemon_threads = True
            block_on_close = False  # a connection that the crawl keeps alive must not hold up the end

        self.closing = threading.Event()
        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def page(self, path: str, text: str = "", **more: object) -> str:
        """Serve a page, and return its URL; without a text it has one of its own."""
        url, text = HOME + path, text or f"نص {path}"
        self.replies[url] = Reply(
            f"<html><title>{text}</title><p>{text}</html>".encode(),
            headers={"Content-Type": "text/html; charset=utf-8"},
            **more,  # type: ignore[arg-type]
        )
        return url

    def feed(self, entries: Iterable[tuple[str, str]], path: str = "/feed") -> None:
        """Serve an RSS feed of (link, pubDate)."""
        items = "".join(
            f"<item><title>خبر</title><link>{link}</link>{f'<pubDate>{day}</pubDate>' if day else ''}</item>"
            for link, day in entries
        )
        self.replies[HOME + path] = Reply(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())

    def sitemap(self, entries: Iterable[tuple[str, str]], path: str = "/sitemap.xml", *, index: bool = False) -> None:
        """Serve a sitemap of (loc, lastmod), or an index of them."""
        self.replies[HOME + path] = Reply(sitemap(entries, index=index))

    def asked(self, prefix: str = "/news") -> Counter[str]:
        """How often each page below a path was asked for."""
        return Counter(url for url in self.seen if urlsplit(url).path.startswith(prefix))


def sitemap(entries: Iterable[tuple[str, str]], *, index: bool = False) -> bytes:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    items = "".join(
        f"<{inner}><loc>{loc}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</{inner}>" for loc, day in entries
    )
    return f'<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{items}</{outer}>'.encode()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site of one's own, behind `http_proxy`."""
    site = Site()
    monkeypatch.setenv("http_proxy", site.proxy)
    try:
        yield site
    finally:
        site.close()


def write_source(
    folder: Path, *discovery: str, concurrency: int = 1, timeout: float = 5, a_day: int = 100_000, more: str = ""
) -> None:
    """Write the one source's file; `discovery` are such as ``feed /feed`` or ``listing /latest links=/news/``."""
    listed = "\n".join(f"  - {entry(*one.split())}" for one in discovery)
    told = {"concurrency": concurrency, "timeout": timeout, "a_day": a_day, "more": more}
    text = SOURCE.format(home=HOME, discovery=listed, **told)
    (folder / "sada.yaml").write_text(text, encoding="utf-8")


def entry(kind: str, path: str, *more: str) -> str:
    """A discovery as a source's file has it."""
    fields = {"type": kind, "url": HOME + path} | dict(one.split("=", 1) for one in more)
    return json.dumps(fields)


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write a source's file with more lines."""
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    return lambda more="": write_source(tmp_path, "feed /feed", more=more)


@dataclass
class Runner:
    """Runs crawls of the one source."""

    folder: Path
    bucket: Bucket
    lines: list[tuple[str, str]] = field(default_factory=list)

    def configure(self, *discovery: str, **more: Any) -> None:
        """Write the source's file, as `write_source` does."""
        write_source(self.folder, *discovery, **more)

    def start(self, since: str = "2026-05-01", until: str = "2026-06-01", options: Options | None = None) -> Crawl:
        window = Window(date.fromisoformat(since), date.fromisoformat(until))
        run = new_run("sada", datetime.now(UTC))
        return Crawl("sada", window, run, options or Options(), on_line=lambda *line: self.lines.append(line))

    def crawl(self, since: str = "2026-05-01", until: str = "2026-06-01", **options: Any) -> CrawlSummary:
        return self.start(since, until, Options(**options)).wait()


@pytest.fixture
def runner(tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Crawls into a fresh bucket."""
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    monkeypatch.setenv("WARRAQ_CONTACT", "mailto:desk@warraq.example")
    return Runner(tmp_path, bucket)
