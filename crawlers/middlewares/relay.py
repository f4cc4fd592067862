"""The browser's only way out: a proxy on this machine that connects to a source's hosts, at addresses that were checked.

A browser resolves names by itself, when and as often as it likes, for documents, scripts, workers, WebSockets and redirects. So
it is left neither names nor ways, and asks this proxy for each connection (RFC 9112, 3.2.2, and CONNECT, RFC 9110, 9.3.6). TLS
passes through as it is. Where the environment names a proxy, that one is asked for what may be asked for.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pipeline.addresses import AddressError, host_and_port
from pipeline.web import proxy_for

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Coroutine

    from pipeline.sources import Source


log = logging.getLogger(__name__)

_HERE = "127.0.0.1"
_MAX_HEAD = 2**18
"""Bytes of a request's line and headers: what Chromium sends of cookies at most, and more."""

_STEP = 2**16
_OF_THE_WAY = (b"connection:", b"keep-alive:", b"proxy-connection:", b"proxy-authorization:")
"""Headers for the next on the way alone, which are ours to set."""

_OPENED = b"HTTP/1.1 200 OK\r\n\r\n"


class Relay:
    """The proxy for the browser of one source. `errors` says why the last connection to a host and port was not had."""

    def __init__(self, source: Source) -> None:
        self._hosts = frozenset(source.hosts)
        self._guard = source.guard
        self._timeout = source.politeness.timeout
        self._server: asyncio.Server | None = None
        self.errors: dict[tuple[str, int], Exception] = {}
        self.place = ""
        """Host and port at which it listens."""

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, _HERE, 0, limit=_MAX_HEAD)
        self.place = f"{_HERE}:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        """Listen no more; connections end with the browser."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One request, which may be for a tunnel. What is refused or fails is answered by the connection's end."""
        other: StreamWriter | None = None
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, version = head.partition(b"\r\n")[0].decode("ascii").split(" ")
            url = f"https://{target}/" if method == "CONNECT" else target
            proxy = self._admit(url)
            answers, other = await self._connect(url, proxy)
            if method == "CONNECT" and proxy is None:
                writer.write(_OPENED)
            else:
                line = f"{method} {target if proxy else _path(target)} {version}\r\n"
                other.write(line.encode() + _headers(head, proxy, close=method != "CONNECT"))
            body = None if method == "CONNECT" else _length(head)
            await _until_one_ends(_pass_on(reader, other, body), _pass_on(answers, writer, None))
        except (OSError, ValueError, AddressError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            for one in filter(None, (writer, other)):
                one.close()

    def _admit(self, url: str) -> str | None:
        """The proxy to ask, if there is one.

        Raises:
            AddressError: the host is none of the source's, or may not be asked.
        """
        host, port = host_and_port(url)
        if host not in self._hosts:
            raise AddressError(f"{host} is none of the source's hosts", host)
        try:
            self._guard.check_name(host, port)
        except AddressError as error:
            self._note(host, port, error)
            raise
        return proxy_for(urlsplit(url).scheme, host)

    async def _connect(self, url: str, proxy: str | None) -> tuple[StreamReader, StreamWriter]:
        """A connection to the proxy, or to the first address of the host that takes one."""
        host, port = host_and_port(url)
        try:
            async with asyncio.timeout(self._timeout):
                if proxy is not None:
                    return await asyncio.open_connection(*host_and_port(proxy), ssl=proxy.startswith("https:") or None)
                *first, last = await asyncio.to_thread(self._guard.resolve, host, port)
                for address in first:
                    with contextlib.suppress(OSError):
                        return await asyncio.open_connection(address, port)
                return await asyncio.open_connection(last, port)
        except (OSError, UnicodeError, AddressError) as error:
            self._note(host, port, error)
            raise

    def _note(self, host: str, port: int, error: Exception) -> None:
        if isinstance(error, AddressError) and (host, port) not in self.errors:
            log.warning("the browser: %s", error)
        self.errors[host, port] = error


def _path(url: str) -> str:
    """What a site itself is asked for (RFC 9112, 3.2.1)."""
    return "/" + url.partition("://")[2].partition("/")[2]


def _headers(head: bytes, proxy: str | None, *, close: bool) -> bytes:
    """A request's headers for the next on the way: of each connection one request is made, so that each is checked."""
    lines = [line for line in head.split(b"\r\n")[1:-2] if not line.lower().startswith(_OF_THE_WAY)]
    lines += [b"Connection: close"] if close else []
    parts = urlsplit(proxy or "")
    if parts.username is not None:
        word = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(b"Proxy-Authorization: Basic " + base64.b64encode(word.encode()))
    return b"\r\n".join([*lines, b"", b""])


def _length(head: bytes) -> int:
    """Bytes of a request's body."""
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return next((int(value) for name, _, value in lines if name.strip().lower() == b"content-length"), 0)


async def _pass_on(reader: StreamReader, writer: StreamWriter, length: int | None) -> None:
    """What comes, so many bytes of it; then whatever ends the connection, which more bytes do, too."""
    left = length if length is not None else _STEP
    while left:
        part = await reader.read(min(left, _STEP))
        if not part:
            return
        writer.write(part)
        await writer.drain()
        left -= len(part) if length is not None else 0
    await reader.read(1)


async def _until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    """Let both ways of a connection go on until one has ended; the end of a site's answer has been passed on by then."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
