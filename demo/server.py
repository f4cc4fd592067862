"""The demo's web server: all sites on one loopback port, by host name, also as the proxy for their invented hosts.

``python -m demo.server --port 0 --port-file PATH [--edition 1] [--daily]``. A request of the form
``GET http://alsaha.example/ HTTP/1.1`` (what a client sends to a proxy) and one with ``Host: alsaha.example`` or
``Host: alsaha.localhost:PORT`` mean the same. Any other host is answered 502: nothing is ever forwarded.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import signal
import socket
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

from demo.content import CURRENT_EDITION, FIRST_EDITION, Article
from demo.daily import open_site as daily_site
from demo.sites import Page, Site, open_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SLOW_SECONDS = 3.0

_IDLE_SECONDS = 30
_OWN_NAMES = ("127.0.0.1", "localhost")
_LARGEST_COMPRESSED = 2**20
"""Larger bodies are sent as they are, so that a client's limit meets their full size."""


class LoggedRequest(NamedTuple):
    """What one request asked for."""

    host: str
    path: str
    """Path and query as they were sent."""
    user_agent: str
    if_none_match: str


class DemoServer:
    """The running server, for the demo and for tests.

    ``with DemoServer() as server:`` serves on a free loopback port until the block ends. `log` holds every request so far.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        edition: int = CURRENT_EDITION,
        extra: Iterable[Article] = (),
        slow_seconds: float = SLOW_SECONDS,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """Bind the port; `extra` articles join their sites' pages, feeds and sitemaps.

        With a `clock`, the site that publishes by it (`demo.daily`) is served too.

        Raises:
            OSError: the port is taken.
        """
        self.log: list[LoggedRequest] = []
        self.slow_seconds = slow_seconds
        self.stopping = threading.Event()
        self._extra = tuple(extra)
        self._clock = clock
        self._editions: dict[int, dict[str, Site]] = {}
        self.edition = edition
        self._http = _Server(("127.0.0.1", port), self)
        self.port: int = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), name="demo-server")

    @property
    def edition(self) -> int:
        """The edition that is served, from `FIRST_EDITION` to `CURRENT_EDITION`; may be set at any time."""
        return self._edition

    @edition.setter
    def edition(self, edition: int) -> None:
        if edition not in self._editions:
            self._editions[edition] = open_sites(edition, self._extra)
        self._edition = edition

    @property
    def sites(self) -> dict[str, Site]:
        """The sites by host, as they are served now."""
        sites = self._editions[self._edition]
        if self._clock is None:
            return sites
        daily = daily_site(self._clock())
        return sites | {daily.host: daily}

    def start(self) -> None:
        """Serve in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving, end the open connections and free the port."""
        self.stopping.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.end_connections()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def site_at(self, host: str) -> Site | None:
        """The site that a host name without port means."""
        return self.sites.get(host.removesuffix(".localhost") + ".example" if host.endswith(".localhost") else host)

    def index(self) -> Page:
        """The page that lists the sites."""
        rows = "\n".join(
            f'<li><a href="http://{site.id}.localhost:{self.port}/"><bdi>{escape(site.name)}</bdi></a> '
            f"<code dir=ltr>{escape(site.home)}</code><br><small dir=ltr>{escape(site.engine)}; "
            f"{len(site.articles)} articles</small></li>"
            for site in self.sites.values()
        )
        return Page(_INDEX.format(rows=rows).encode())


class _Server(ThreadingHTTPServer):
    """The HTTP server, which can end the connections that its threads hold."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], demo: DemoServer) -> None:
        self.demo = demo
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._lock:
            for request in self._open:
                with suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up in the middle of an answer (the huge page) are no error; everything else is told."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "warraq-demo"
    sys_version = ""
    timeout = _IDLE_SECONDS
    server: _Server

    def do_GET(self) -> None:
        demo = self.server.demo
        try:
            target = urlsplit(self.path)
            host = (target.hostname if target.scheme else urlsplit(f"//{self.headers.get('Host', '')}").hostname) or ""
        except ValueError:
            self._send(Page(b"this is no address\n", "text/plain", 400))
            return
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        agent, etag = self.headers.get("User-Agent", ""), self.headers.get("If-None-Match", "")
        demo.log.append(LoggedRequest(host, path, agent, etag))
        if site := demo.site_at(host):
            self._send(site.respond(path))
        elif host in _OWN_NAMES and not target.scheme:
            self._send(demo.index() if path == "/" else Page(b"there is nothing here\n", "text/plain", 404))
        else:
            self._refuse()

    do_HEAD = do_GET  # noqa: N815

    def do_CONNECT(self) -> None:
        self._refuse()

    def _refuse(self) -> None:
        self._send(Page(b"this server answers for the demo's own sites and forwards nothing\n", "text/plain", 502))

    def _send(self, page: Page) -> None:
        if page.slow:
            self.server.demo.stopping.wait(self.server.demo.slow_seconds)
        body, headers = page.body, {"Content-Type": page.content_type, **dict(page.headers)}
        if "text" in page.content_type or "xml" in page.content_type:
            headers["Vary"] = "Accept-Encoding"
            if "gzip" in self.headers.get("Accept-Encoding", "") and 0 < len(body) <= _LARGEST_COMPRESSED:
                body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        if page.location:
            headers["Location"] = page.location
        status = page.status
        if page.modified and page.status == HTTPStatus.OK:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            headers["Last-Modified"] = format_datetime(page.modified, usegmt=True)
            if self._has_already(page, headers["ETag"]):
                status, body = HTTPStatus.NOT_MODIFIED, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _has_already(self, page: Page, etag: str) -> bool:
        """Whether the client's validators match (RFC 9110, 13.2.2: If-None-Match goes before If-Modified-Since)."""
        if known := self.headers.get("If-None-Match"):
            return known.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
        since = self.headers.get("If-Modified-Since")
        if not since or page.modified is None:
            return False
        try:
            return page.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False

    def version_string(self) -> str:
        return self.server_version

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: `DemoServer.log` has it."""


_INDEX = """<!DOCTYPE html>
<html lang="ar" dir="rtl">
<head><meta charset="UTF-8"><title>مواقع العرض</title>
<style>body {{ font: 18px/1.9 serif; max-width: 44rem; margin: 2rem auto; }} li {{ margin: 1rem 0; }}</style></head>
<body><h1>مواقع العرض</h1>
<p>مواقع مخترعة، ومقالاتها مخترعة.</p>
<ul>
{rows}
</ul></body></html>
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted (SIGINT or SIGTERM)."""
    parser = argparse.ArgumentParser(prog="demo.server", description="Serve the demo's news sites on a loopback port.")
    parser.add_argument("--port", type=int, default=8055, help="port to bind; 0 for any free one (default: 8055)")
    parser.add_argument("--port-file", type=Path, help="file to write the port's number to, once it is bound")
    parser.add_argument(
        "--edition",
        type=int,
        choices=range(FIRST_EDITION, CURRENT_EDITION + 1),
        default=CURRENT_EDITION,
        help="1: the articles as first published; 4 (default): with all later corrections",
    )
    parser.add_argument("--daily", action="store_true", help="serve the site that publishes by the clock, too")
    chosen = parser.parse_args(arguments)
    clock = partial(datetime.now, UTC) if chosen.daily else None
    try:
        server = DemoServer(port=chosen.port, edition=chosen.edition, clock=clock)
    except OSError as error:
        parser.error(f"port {chosen.port} cannot be bound: {error.strerror}")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with server:
        if chosen.port_file:
            ready = chosen.port_file.with_name(chosen.port_file.name + ".tmp")
            ready.write_text(f"{server.port}\n", encoding="ascii")
            ready.replace(chosen.port_file)
        print(f"demo sites: {server.url}/", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
