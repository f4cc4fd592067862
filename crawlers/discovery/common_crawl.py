"""Pages from Common Crawl: its index of each monthly collection, and the records of its WARC files, each fetched alone.

The index is described at https://index.commoncrawl.org/: ``collinfo.json`` lists the collections, each of which answers as a CDX
server with one JSON object a line. A page lies in the file that its line names, as a gzip member of its own.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode, urljoin

from scrapy import Request

from crawlers.discovery.archive_index import ArchiveIndex, instant_of
from crawlers.discovery.base import DiscoveryError, Found
from crawlers.mementos import MementoError
from pipeline.captures import CaptureError, Damage, Exchange, read_records, target_uri, warc_instant
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import CommonCrawlDiscovery, Source

_WEEK = re.compile(r"-(\d{4})-(\d\d)$")
_LENGTH = timedelta(days=21)
"""A collection is gathered in two weeks or so; those of which only the week is known are given three."""

_RECORD_HEADS = 2**16


class CommonCrawl(ArchiveIndex):
    """The pages of the source's hosts in all collections from the window's beginning on, the earliest memento of each.

    A collection is a sample: of a site it has some pages, and a page in it may have been there for years.
    """

    type: ClassVar[str] = "common_crawl"

    def __init__(self, config: CommonCrawlDiscovery, source: Source, window: Window) -> None:
        super().__init__((str(config.url), str(config.data)), source, window)
        self._data = str(config.data).rstrip("/") + "/"
        self._prefix = config.prefix

    def start(self) -> Iterable[Request]:
        """The list of collections."""
        yield Request(f"{self.url}/collinfo.json", meta={**self.request_meta(), "step": "collections"})

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The collections, or how many pages the index of one has, or the captures of such a page.

        Raises:
            DiscoveryError: it is none of these.
        """
        match response.meta["step"]:
            case "collections":
                yield from self._collections(response)
            case "pages":
                count = _json(response.body)
                pages = count.get("pages") if isinstance(count, dict) else None
                if not isinstance(pages, int):
                    raise DiscoveryError("no number of pages: is this an index of Common Crawl?")
                if pages > 0:
                    yield self._request(response.meta["api"], response.meta["host"], 0, pages)
            case _:
                yield from self._captures(response)

    def refused(self, response: Response) -> Iterable[Found | Request]:
        """A host of which a collection has nothing is answered 404."""
        if response.status == 404 and response.meta["step"] != "collections":
            return ()
        return super().refused(response)

    def _collections(self, response: Response) -> Iterator[Request]:
        listed = _json(response.body)
        if not isinstance(listed, list) or not listed:
            raise DiscoveryError("no list of collections: is this Common Crawl's index?")
        for one in reversed(listed):  # the oldest first
            api = one.get("cdx-api") if isinstance(one, dict) else None
            if not isinstance(api, str):
                self.problems.append(f"{response.url}: a collection without an interface: {str(one)[:100]}")
            elif (ended := _end(one)) is None or ended >= self.window.since:
                for host in self.source.hosts:
                    yield self._request(urljoin(response.url, api), host)

    def _request(self, api: str, host: str, page: int | None = None, pages: int = 0) -> Request:
        asked = [("url", host + self._prefix), ("matchType", "prefix"), ("output", "json")]
        asked += [("filter", "=status:200"), ("filter", "mime:html")]
        asked.append(("showNumPages", "true") if page is None else ("page", str(page)))
        step = "pages" if page is None else "captures"
        meta = {**self.request_meta(), "step": step, "api": api, "host": host, "page": page, "pages": pages}
        return Request(f"{api}?{urlencode(asked)}", meta=meta)

    def _captures(self, response: Response) -> Iterator[Found | Request]:
        for text in response.body.splitlines():
            try:
                line = _json(text)
            except DiscoveryError:
                line = None
            if not isinstance(line, dict) or "url" not in line:
                self.skip()
            elif str(line.get("status")) == "200" and "html" in str(line.get("mime")) and (item := self._item(line)):
                yield item
        self.report_counts()
        meta = response.meta
        if meta["page"] + 1 < meta["pages"]:
            yield self._request(meta["api"], meta["host"], meta["page"] + 1, meta["pages"])

    def _item(self, line: dict[str, Any]) -> Found | None:
        url, stamp, file = line["url"], line.get("timestamp"), line.get("filename")
        offset, length = str(line.get("offset")), str(line.get("length"))
        numbers = offset.isdecimal() and length.isdecimal() and int(length) > 0
        if not isinstance(url, str) or not isinstance(stamp, str) or not isinstance(file, str) or not numbers:
            self.skip()
            return None
        first, last = int(offset), int(offset) + int(length) - 1
        address = urljoin(self._data, file)
        how = {"by": self.type, "from": f"{address}#{first}", "archived_by": self.archives[1]}
        read = partial(_original, url, how, self.source.politeness.max_size)
        return self.found(
            url, stamp, how, address, read, {"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}
        )


def _original(url: str, found: Mapping[str, str], largest: int, response: Response, fetched_at: datetime) -> Exchange:
    """What the site sent, of the record that a part of a WARC file is.

    Raises:
        MementoError: it is no whole record of this page, or larger than a page may be.
    """
    if response.status != 206:
        raise MementoError(f"HTTP {response.status}")
    record = next(read_records(response.body, largest + _RECORD_HEADS), Damage(0, "nothing"))
    if isinstance(record, Damage):
        raise MementoError(f"no WARC record: {record.reason}")
    if record.fault:
        raise MementoError(f"a record that is not whole: {record.fault}")
    headers, http = record.parsed.rec_headers, record.parsed.http_headers
    if record.parsed.rec_type != "response" or http is None or http.get_statuscode() != "200":
        raise MementoError("no response with status 200")
    try:
        captured_at = warc_instant(headers.get_header("WARC-Date") or "")
    except CaptureError as error:
        raise MementoError(str(error)) from None
    stated = target_uri(record.parsed)
    if normalize_url(stated) != normalize_url(url):
        raise MementoError(f"the page {stated}")
    return Exchange(
        url=stated,
        fetched_at=fetched_at,
        status=200,
        reason="OK",
        headers=list(http.headers),
        body=record.parsed.raw_stream.read(),
        request_headers=None,
        found=found,
        captured_at=captured_at,
        truncated=headers.get_header("WARC-Truncated") or "",
    )


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"no JSON ({len(body)} bytes): {error}") from None


def _end(collection: dict[str, Any]) -> date | None:
    """The last day of a collection: as the list says, or else by the week in its name; None for the oldest, which say neither."""
    if stated := collection.get("to"):
        instant = instant_of(re.sub(r"\D", "", str(stated))[:14])
        return instant.date() + timedelta(days=1) if instant else None
    week = _WEEK.search(str(collection.get("id")))
    try:
        return date.fromisocalendar(int(week[1]), int(week[2]), 1) + _LENGTH if week else None
    except ValueError:
        return None
