"""Every response into the bucket's captures, before anything reads it.

A downloader middleware next to the downloader: it sees each response, redirects and errors included, with the bytes as the
site sent them. A response is handed on only when it is in the file being written, in the order in which they came. What a
file's end takes (compressing, uploading) a thread of its own does, a file at a time: neither does the crawl's loop wait on the
store, nor does each response pay for a change of threads. Where the next file is full before the last one is stored, the crawl
waits: it slows down to the store's pace rather than pile up responses.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import responses as reason_phrases
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from crawlers.mementos import Memento, MementoError, header_pairs
from pipeline.captures import CaptureWriter, Exchange
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler

    from pipeline.bucket import Bucket
    from pipeline.captures import IndexLine, Kind


MAX_AGE = timedelta(seconds=30)
"""A file is finished at this age, however few responses it holds: what a killed crawl can lose."""

_TICK = 1.0
"""Seconds between two looks at the files' age, and at whether the crawl is being stopped."""


class ArchiveError(IgnoreRequest):
    """A response could not be archived, so nobody gets to see it and the crawl stops."""


class Archive:
    """Downloader middleware that archives every response.

    The spider opens it (`open`) before the first request and closes it (`close`) after the last one. A request's meta may
    say ``kind`` (``pages``; anything else counts as discovery), ``found`` (how the URL was found), ``texts`` (what gives the texts
    that came with it) and ``same_as`` (the stored capture of the page: the response becomes a revisit record where it is the
    same), and ``rendered``, the browser that shows what the response has (`crawlers.middlewares.browser`). It is given
    ``fetched_at``, the capture's time, and ``unchanged``, whether it became one. With a ``memento`` it is an archive that answers:
    what the site once sent is archived and handed on, with the archive's time, and what is no memento counts as discovery.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._writers: dict[Kind, CaptureWriter] = {}
        self._storing = asyncio.Lock()
        self._ticker: asyncio.Task[None] | None = None
        self._full: asyncio.Task[None] | None = None
        self._stopper: asyncio.Task[None] | None = None
        self.files: list[str] = []
        """Keys of the finished files, in their order."""
        self.archived: Counter[Kind] = Counter()
        """Responses archived, of each kind."""
        self.error: str | None = None
        """Why archiving failed, if it did."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Archive:
        """Called by Scrapy."""
        return cls(crawler)

    def open(self, bucket: Bucket, source: str, run: str) -> None:
        """Say where the captures go."""
        self._writers = {kind: CaptureWriter(bucket, source, run, kind) for kind in ("pages", "discovery")}
        self._ticker = asyncio.ensure_future(self._tick())

    async def close(self) -> None:
        """Finish the files. A failure is told in `error`."""
        if self._ticker is not None:
            self._ticker.cancel()
        try:
            async with self._storing:
                await self._put(_always)
        except Exception as error:
            pending = sum(writer.pending for writer in self._writers.values())
            self.error = f"{pending} responses could not be archived: {error}"
        self._thread.shutdown(wait=False)

    @property
    def lost(self) -> list[str]:
        """URLs of the pages that came and are not in the bucket, once this is closed."""
        return self._writers["pages"].pending_urls if self._writers else []

    async def process_response(self, request: Request, response: Response) -> Response:
        """Archive the response.

        Raises:
            ArchiveError: it could not be; the crawl is being stopped.
            MementoError: a page was asked for and the archive sent something else.
        """
        fetched_at = request.meta["fetched_at"] = datetime.now(UTC)
        kind: Kind = "pages" if request.meta.get("kind") == "pages" else "discovery"
        memento: Memento | None = request.meta.get("memento")
        if memento is None:
            known = request.meta.get("same_as")
            request.meta["unchanged"] = await self._add(kind, _exchange(request, response), known)
            return response
        try:
            original = memento.read(response, fetched_at)
        except MementoError:
            await self._add("discovery", _exchange(request, response))
            if response.status >= 300:  # the archive's own word, which may ask to try again
                return response
            raise
        await self._add(kind, original)
        return Response(original.url, status=original.status, body=original.body, request=request)

    async def _add(self, kind: Kind, exchange: Exchange, known: IndexLine | None = None) -> bool:
        """Archive an exchange, as a revisit where it is what is `known`; return whether it is."""
        writer = self._writers[kind]
        while writer.full and self.error is None:  # and the file before it is still being stored
            await self._store(_is_full)
        if self.error is not None:
            raise ArchiveError(self.error)
        try:
            same = known if known is not None and _is_same(exchange, known) else None
            writer.add(exchange, same_as=same)
        except Exception as error:
            self._fail(error)
            raise ArchiveError(self.error) from error
        self.archived[kind] += 1
        if writer.full:
            self._full = asyncio.ensure_future(self._store(_is_full))
        return same is not None

    async def _tick(self) -> None:
        while self.error is None:
            await asyncio.sleep(_TICK)
            # Being stopped, and perhaps killed soon, or not.
            await self._store(_always if not self._crawler.crawling else _is_old)

    async def _store(self, due: Callable[[CaptureWriter], bool]) -> None:
        """Store the files that are due, when those are stored that were due before. What goes wrong stops the crawl."""
        async with self._storing:
            try:
                if self.error is None:
                    await self._put(due)
            except Exception as error:
                self._fail(error)

    async def _put(self, due: Callable[[CaptureWriter], bool]) -> None:
        for writer in self._writers.values():
            if due(writer):
                writer.finish()
                await asyncio.get_running_loop().run_in_executor(self._thread, self._put_finished, writer)

    def _put_finished(self, writer: CaptureWriter) -> None:
        for key in writer.store():
            self.files.append(key)

    def _fail(self, error: Exception) -> None:
        if self.error is None:
            self.error = str(error)
            self._stopper = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="archive"))


def _exchange(request: Request, response: Response) -> Exchange:
    return Exchange(
        url=response.url,
        fetched_at=request.meta["fetched_at"],
        status=response.status,
        reason=reason_phrases.get(response.status, ""),
        headers=header_pairs(response.headers),
        body=response.body,
        request_headers=_request_headers(request),
        found=_found(request),
        method=request.method,
        truncated=_cut_off(response),
    )


_OPENED = re.compile(rb"<html[\s>]", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)


def _cut_off(response: Response) -> str:
    """WARC's word for a page that broke off; nothing of any other.

    Where nothing states a body's end but the connection's, as in HTTP/1.0, Scrapy flags it as partial, broken off or not. Then the
    page's own end decides, or its coding's when it is read.
    """
    if "partial" not in response.flags or response.headers.get("Content-Encoding"):
        return ""
    return "disconnect" if _OPENED.search(response.body[:4096]) and not _CLOSED.search(response.body) else ""


def _always(_: CaptureWriter) -> bool:
    return True


def _is_full(writer: CaptureWriter) -> bool:
    return writer.full


def _is_old(writer: CaptureWriter) -> bool:
    return writer.opened_at is not None and writer.opened_at < datetime.now(UTC) - MAX_AGE


def _is_same(exchange: Exchange, known: IndexLine) -> bool:
    """Whether the response is what is stored of this URL: the site says so (304), or it is byte for byte.

    A WARC-Payload-Digest is SHA-1 in base 32.
    """
    if normalize_url(known.url) != normalize_url(exchange.url):
        return False
    if exchange.status == 304:
        return True
    digest = base64.b32encode(hashlib.sha1(exchange.body, usedforsecurity=False).digest()).decode()
    return known.digest == f"sha1:{digest}" and known.status == exchange.status


def _found(request: Request) -> Mapping[str, str]:
    found: Any = request.meta.get("found")
    if found is None and urlparse_cached(request).path == "/robots.txt":
        return {"by": "robots"}
    rendered, texts = request.meta.get("rendered"), request.meta.get("texts")
    return {**(found or {}), **(texts() if texts else {}), **({"rendered": rendered} if rendered else {})}


def _request_headers(request: Request) -> list[tuple[str, str]]:
    """The request's headers with the Host that the client adds, and without the credentials for a proxy."""
    pairs = [(name, value) for name, value in header_pairs(request.headers) if name.lower() != "proxy-authorization"]
    return [("Host", urlparse_cached(request).netloc), *pairs]
