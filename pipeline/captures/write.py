"""Exchanges written into WARC files and put in the bucket with their index; the files of others taken in as they are."""

from __future__ import annotations

import io
import json
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from w3lib.url import safe_url_string
from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import WARCWriter

from pipeline.bucket import Bucket, ConflictError
from pipeline.captures.headers import SentHeaders, as_read, location_of
from pipeline.captures.inbox import announce
from pipeline.captures.index import cdxj_line
from pipeline.captures.keys import capture_key, index_key
from pipeline.captures.model import Capture, CaptureError, Exchange, Headers, IndexLine, Kind
from pipeline.captures.read import read_captures

MAX_RECORDS = 50
MAX_BYTES = 8 * 2**20
"""A file is finished at so many responses or so many bytes, not compressed: what a killed crawl can lose."""

_LEVEL = 6
"""zlib's level for the records: with 9 real pages become 0.6 % smaller, for twice to three times the time."""

_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

_BUILDER = WARCWriter(io.BytesIO(), gzip=False, warc_version="WARC/1.1")
"""Makes records; it writes none."""


@dataclass(slots=True)
class _Draft:
    """A file that is not in the bucket yet: its records, of which a response comes with what the index is to say of it."""

    opened_at: datetime | None = None
    records: list[tuple[bytes, Capture | None]] = field(default_factory=list)
    responses: int = 0
    size: int = 0


class CaptureWriter:
    """Writes one run's exchanges of one kind into numbered files in the bucket.

    `add` keeps the exchange in memory, `finish` begins the next file, `store` compresses the finished ones and puts them in
    the bucket. What takes time is `store`: another thread than the one that adds and finishes may call it. A key is written
    once: a run's name must be new for every attempt.
    """

    def __init__(self, bucket: Bucket, source: str, run: str, kind: Kind = "pages") -> None:
        self._bucket = bucket
        self._source = source
        self._run = run
        self._discovery = kind == "discovery"
        self._number = 0
        self._draft = _Draft()
        self._finished: deque[tuple[str, _Draft]] = deque()

    @property
    def opened_at(self) -> datetime | None:
        """When the first response of the file came; None where it holds none."""
        return self._draft.opened_at

    @property
    def pending(self) -> int:
        """Responses that are not in the bucket yet."""
        return self._draft.responses + sum(draft.responses for _, draft in self._finished)

    @property
    def pending_urls(self) -> list[str]:
        """The URLs of the responses that are not in the bucket yet."""
        drafts = (*(draft for _, draft in self._finished), self._draft)
        return [capture.url for draft in drafts for _, capture in draft.records if capture is not None]

    @property
    def full(self) -> bool:
        """Whether the file ought to be finished."""
        return self._draft.responses >= MAX_RECORDS or self._draft.size >= MAX_BYTES

    def add(self, exchange: Exchange, *, same_as: IndexLine | None = None) -> None:
        """Archive an exchange; with `same_as`, only as a revisit of that capture, its body left out."""
        captured_at = exchange.captured_at or exchange.fetched_at
        reason = exchange.reason.encode("ascii", "ignore").decode()  # a status line is ASCII
        http = SentHeaders(f"{exchange.status} {reason}", list(exchange.headers), protocol="HTTP/1.1")
        dated = {"WARC-Date": _warc_date(captured_at)}
        cut = {"WARC-Truncated": exchange.truncated} if exchange.truncated else {}
        if same_as is None:
            response = _BUILDER.create_warc_record(
                exchange.url, "response", io.BytesIO(exchange.body), http_headers=http, warc_headers_dict=dated | cut
            )
        else:
            response = _BUILDER.create_revisit_record(
                exchange.url,
                same_as.digest,
                same_as.url,
                _warc_date(same_as.captured_at),
                http_headers=http,
                warc_headers_dict=dated,
            )
            response.rec_headers.replace_header("WARC-Profile", _NOT_MODIFIED if exchange.status == 304 else _IDENTICAL)
        concurrent = dated | {"WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
        found = json.dumps(dict(exchange.found), ensure_ascii=False, sort_keys=True)
        metadata = _BUILDER.create_warc_record(
            exchange.url,
            "metadata",
            io.BytesIO(found.encode()),
            warc_content_type="application/json",
            warc_headers_dict=concurrent,
        )
        records: list[tuple[bytes, Capture | None]] = [(_written(metadata), None)]
        if exchange.request_headers is not None:
            path = urlsplit(safe_url_string(exchange.url))._replace(scheme="", netloc="", fragment="").geturl() or "/"
            request = SentHeaders(
                f"{exchange.method} {path} HTTP/1.1", list(exchange.request_headers), is_http_request=True
            )
            sent = _BUILDER.create_warc_record(
                exchange.url, "request", http_headers=request, warc_headers_dict=concurrent
            )
            records.append((_written(sent), None))
        capture = Capture(
            key="",
            offset=0,  # not known yet
            url=exchange.url,
            captured_at=captured_at.astimezone(UTC),
            status=exchange.status,
            content_type=_header(exchange.headers, "content-type"),
            body=b"",
            digest=response.rec_headers.get_header("WARC-Payload-Digest") or "",
            truncated=bool(exchange.truncated),
            revisit=same_as is not None,
            location=location_of(exchange.status, _header(exchange.headers, "location")),
            found=exchange.found,
        )
        records.append((_written(response), capture))
        self._draft.opened_at = self._draft.opened_at or exchange.fetched_at
        self._draft.records += records
        self._draft.responses += 1
        self._draft.size += sum(len(record) for record, _ in records)

    def finish(self) -> None:
        """Begin a new file where this one holds anything."""
        if self.opened_at is None:
            return
        day = self.opened_at.astimezone(UTC).date()
        key = capture_key(self._source, day, self._run, self._number, discovery=self._discovery)
        self._finished.append((key, self._draft))
        self._number += 1
        self._draft = _Draft()

    def store(self) -> Iterator[str]:
        """Put the finished files and their indexes in the bucket, and yield their keys.

        Raises:
            BucketError: the store cannot be reached; what is pending stays pending.
            ConflictError: this run's name was used before.
        """
        while self._finished:
            key, draft = self._finished[0]
            data, lines = bytearray(), []
            for record, capture in draft.records:
                if capture is not None:
                    lines.append(cdxj_line(replace(capture, offset=len(data))))
                data += zlib.compress(record, _LEVEL, wbits=31)  # as a gzip member; other threads run meanwhile
            announce(self._bucket, key)
            # The pages go first: a kill in between leaves pages without an index, which `read_index` makes good.
            self._bucket.put(key, bytes(data), content_type="application/warc", if_absent=True)
            index = "".join(sorted(lines)).encode()
            self._bucket.put(index_key(key), index, content_type="text/x-cdxj", if_absent=True)
            self._finished.popleft()
            yield key

    def flush(self) -> str | None:
        """Finish the file and store it, and return its key; None where nothing was pending. Raises as `store` does."""
        self.finish()
        return max(self.store(), default=None)


def _written(record: ArcWarcRecord) -> bytes:
    """A WARC record's bytes, not compressed."""
    buffer = io.BytesIO()
    WARCWriter(buffer, gzip=False, warc_version="WARC/1.1").write_record(record)
    return buffer.getvalue()


def _header(headers: Headers, name: str) -> str:
    return next((as_read(value) for header, value in headers if header.lower() == name), "")


def _warc_date(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Archived:
    """What was taken in: the file's key, how many responses it holds, and how many of them are not whole."""

    key: str
    responses: int
    truncated: int


def archive_file(bucket: Bucket, source: str, run: str, data: bytes) -> Archived:
    """Take a WARC file that someone else made into the captures of a source, as it is.

    Its bytes are kept, its index is made, and the file is filed under the day of its first response. The run's name is the
    file's: taking in the same bytes again changes nothing, and what was purged of them stays so.

    Raises:
        CaptureError: the file is no WARC, breaks off, or holds no HTTP response.
        BucketError: the store cannot be reached.
    """
    captures = [replace(capture, body=b"") for capture in read_captures(io.BytesIO(data), run)]  # one body at a time
    if not captures:
        raise CaptureError(f"{run}: a WARC file that holds no HTTP response, or no WARC file")
    day = min(capture.captured_at for capture in captures).date()
    key = capture_key(source, day, run, 0)
    index = "".join(sorted(cdxj_line(capture) for capture in captures)).encode()
    announce(bucket, key)
    try:
        bucket.put(key, data, content_type="application/warc", if_absent=True)
        bucket.put(index_key(key), index, content_type="text/x-cdxj", if_absent=True)
    except ConflictError:  # something was purged from it
        pass
    return Archived(key, len(captures), sum(capture.truncated for capture in captures))
