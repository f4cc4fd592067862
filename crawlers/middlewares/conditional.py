"""Asking a site only for what has changed: conditional requests, whose state is the bucket's captures.

A crawl that a feed has no news for may still have articles to fetch: those that the last crawl failed at, those of another
window. So an answer "not modified" (304) is archived as what it is, and then the answer that it speaks of is read again, out
of the captures.
"""

from __future__ import annotations

import asyncio
import io
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scrapy.http import Response
from warcio.archiveiterator import ArchiveIterator

from pipeline.captures import PREFIX, is_of_discovery, read_headers, read_index
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from pipeline.bucket import Bucket
    from pipeline.captures import IndexLine


log = logging.getLogger(__name__)

_FILES = 8
"""The newest files of discovery's captures that are looked through. What they do not have is asked for anew."""
_RECENT = timedelta(days=31)
"""How far back they are looked for: what a source has of all the years before is not listed for them."""

NOT_MODIFIED = "not modified"
"""The flag of a response that was read out of the captures."""


_VALIDATORS = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
"""Headers of an answer, and those of a request that ask for a later one only (RFC 9110, 13.1)."""


class ConditionalRequests:
    """Downloader middleware that makes requests whose meta says ``conditional`` so, between `Archive` and decompression.

    What is archived of a page its ``same_as`` says; of all else the newest answer counts, which is read again if the site says
    that it was not modified. The spider opens it before the first request. A request is sent as it is where nothing is archived
    of its URL, or what is archived has neither ETag nor Last-Modified.
    """

    def __init__(self) -> None:
        self._bucket: Bucket | None = None
        self._keys: list[str] = []

    @classmethod
    def from_crawler(cls, _: Crawler) -> ConditionalRequests:
        """Called by Scrapy."""
        return cls()

    def open(self, bucket: Bucket, *ids: str) -> None:
        """Say whose captures are the state: those under a source's ids.

        Raises:
            BucketError: the store cannot be reached.
        """
        self._bucket = bucket
        since = f"fetched={datetime.now(UTC).date() - _RECENT}"
        keys = [
            stored.key
            for folder in (f"{PREFIX}source={id_}/" for id_ in ids)
            for stored in bucket.list(folder, after=folder + since)
        ]
        discovery = (key for key in keys if is_of_discovery(key) and key.endswith(".warc.gz"))
        self._keys = sorted(discovery, key=lambda key: key.partition("/fetched=")[2], reverse=True)[:_FILES]

    async def process_request(self, request: Request) -> None:
        """Make the request conditional, where it may be."""
        if not request.meta.get("conditional"):
            return
        request.meta.pop("archived", None)  # where it was redirected here, what is set is of the address that led here
        for _, condition in _VALIDATORS:
            request.headers.pop(condition, None)
        try:
            headers = await asyncio.to_thread(self._stored_headers, request)
        except Exception as error:  # whatever is wrong with an old file, the site has the answer
            log.warning("%s is asked for anew, since what is archived of it cannot be read: %s", request.url, error)
            return
        for validator, condition in _VALIDATORS:
            if value := headers.get(validator.lower()):
                request.headers[condition] = value

    def process_response(self, request: Request, response: Response) -> Response:
        """For "not modified", the answer that is archived, as it was sent; a page's needs no reading again."""
        archived: Response | None = request.meta.get("archived")
        if response.status != 304 or archived is None or archived.url != response.url:
            return response
        return archived.replace(request=request)

    def _stored_headers(self, request: Request) -> dict[str, str]:
        """The headers of what is archived of the request's URL, by their names in lower case."""
        stored: IndexLine | None = request.meta.get("same_as")
        if stored is not None and self._bucket is not None:
            is_of_page = normalize_url(stored.url) == normalize_url(request.url)
            return read_headers(self._bucket, stored) if is_of_page else {}
        archived = request.meta["archived"] = self._latest(request.url)
        return (
            {}
            if archived is None
            else {name.decode().lower(): values[-1].decode("latin-1") for name, values in archived.headers.items()}
        )

    def _latest(self, url: str) -> Response | None:
        """The newest whole answer of a URL; None where there is none."""
        if self._bucket is None:
            return None
        for key in self._keys:
            lines = read_index(self._bucket, key)
            if any(line.url == url and line.status == 200 for line in lines):
                return _last_answer(self._bucket.get(key), url)
        return None


def _last_answer(data: bytes, url: str) -> Response | None:
    answer = None
    for record in ArchiveIterator(io.BytesIO(data)):
        if record.rec_type != "response" or record.rec_headers.get_header("WARC-Target-URI") != url:
            continue
        if record.http_headers.get_statuscode() == "200":
            headers: dict[str, list[str]] = {}
            for name, value in record.http_headers.headers:
                headers.setdefault(name, []).append(value)
            answer = Response(url, headers=headers, body=record.raw_stream.read(), flags=[NOT_MODIFIED])
    return answer
