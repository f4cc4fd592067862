"""Asking a site only for what has changed: conditional requests, whose state is the bucket's captures.

A crawl that a feed has no news for may still have articles to fetch: those that the last crawl failed at, those of another
window. So an answer "not modified" (304) is archived as what it is, and then the answer that it speaks of is read again, out
of the captures.
"""

from __future__ import annotations

import asyncio
import io
import logging
from typing import TYPE_CHECKING

from scrapy.http import Response
from warcio.archiveiterator import ArchiveIterator

from pipeline.captures import PREFIX, read_index

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from pipeline.bucket import Bucket

log = logging.getLogger(__name__)

_FILES = 8
"""The newest files of discovery's captures that are looked through. What they do not have is asked for anew."""

NOT_MODIFIED = "not modified"
"""The flag of a response that was read out of the captures."""


class Unchanged:
    """Downloader middleware that makes requests whose meta says ``conditional`` so, between `Archive` and decompression.

    The spider opens it before the first request. A request is sent as it is where nothing is archived of its URL, or what is
    archived has neither ETag nor Last-Modified (RFC 9110, 13.1).
    """

    def __init__(self) -> None:
        self._bucket: Bucket | None = None
        self._keys: list[str] = []

    @classmethod
    def from_crawler(cls, _: Crawler) -> Unchanged:
        """Called by Scrapy."""
        return cls()

    def open(self, bucket: Bucket, source: str) -> None:
        """Say whose captures are the state.

        Raises:
            BucketError: the store cannot be reached.
        """
        self._bucket = bucket
        keys = [stored.key for stored in bucket.list(f"{PREFIX}source={source}/")]
        discovery = (key for key in keys if key.endswith(".warc.gz") and "-discovery-" in key.rpartition("/")[2])
        self._keys = sorted(discovery, reverse=True)[:_FILES]

    async def process_request(self, request: Request) -> None:
        """Make the request conditional, where it may be."""
        if not request.meta.get("conditional") or "archived" in request.meta:
            return
        try:
            archived = await asyncio.to_thread(self._latest, request.url)
        except Exception as error:  # whatever is wrong with an old file, the site has the answer
            log.warning("%s is asked for anew, since what is archived of it cannot be read: %s", request.url, error)
            return
        if archived is None:
            return
        for validator, condition in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
            if value := archived.headers.get(validator):
                request.headers[condition] = value
                request.meta["archived"] = archived

    def process_response(self, request: Request, response: Response) -> Response:
        """For "not modified", the answer that is archived, as it was sent."""
        archived: Response | None = request.meta.get("archived")
        if response.status != 304 or archived is None or archived.url != response.url:
            return response
        return archived.replace(request=request)

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
