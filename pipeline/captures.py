"""Captures: what the sites sent, as WARC 1.1 files in the bucket.

For every HTTP exchange a file holds a metadata record (how the URL was found), the request record and the response record,
in this order. Beside each ``.warc.gz`` lies its ``.cdxj`` index, one line a response, so that a crawl learns what is stored
without reading the pages. Pages, and what discovery fetched (feeds, sitemaps, robots.txt), lie in files of their own: only
the former become documents. A file is written once and never changed.

Formats: WARC 1.1 (https://iipc.github.io/warc-specifications/), CDXJ as the archive tools write it.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, BinaryIO, Literal, TypeAlias
from urllib.parse import urlsplit

import brotli
from w3lib.url import safe_url_string
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.bucket import Bucket
from pipeline.errors import WarraqError

PREFIX = "captures/"
MAX_BODY = 64 * 2**20
"""Bytes of a decoded body that are read; a larger one is cut and marked, so that a gzip bomb cannot fill the memory."""

MAX_RECORDS = 50
MAX_BYTES = 8 * 2**20
"""A file is finished at so many responses or so many bytes: what a killed crawl can lose."""

Kind: TypeAlias = Literal["pages", "discovery"]
Headers: TypeAlias = Sequence[tuple[str, str]]

_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


class CaptureError(WarraqError):
    """A WARC file that cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange, about to be archived.

    `body` is as the site sent it, content-encoding kept; `headers` and `request_headers` are in their order.
    """

    url: str
    fetched_at: datetime
    status: int
    reason: str
    headers: Headers
    body: bytes
    request_headers: Headers
    found: Mapping[str, str]
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP exchange, read from an archive.

    `body` has its content-encoding undone and is cut at `MAX_BODY`; `truncated` says that it is not all that the site sent.
    `revisit` means that the site sent what an earlier capture of this URL holds. `found` says how the URL was found.
    """

    key: str
    offset: int
    url: str
    captured_at: datetime
    status: int
    content_type: str
    body: bytes
    digest: str = ""
    truncated: bool = False
    revisit: bool = False
    location: str | None = None
    found: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexLine:
    """What the index says of one response: enough to know that a page is stored, and whether the site says it changed.

    `location` is where a redirect leads, as the site wrote it.
    """

    url: str
    captured_at: datetime
    status: int
    digest: str
    found: Mapping[str, str]
    location: str | None = None


class CaptureWriter:
    """Writes one run's exchanges of one kind into numbered files in the bucket.

    `add` keeps the exchange in memory until the file is full; `flush` finishes the file. A key is written once: a run's name
    must be new for every attempt.
    """

    def __init__(self, bucket: Bucket, source: str, run: str, kind: Kind = "pages") -> None:
        self._bucket = bucket
        self._source = source
        self._run = run if kind == "pages" else f"{run}-discovery"
        self._number = 0
        self._start()

    def _start(self) -> None:
        self._buffer = io.BytesIO()
        self._writer = WARCWriter(self._buffer, gzip=True, warc_version="WARC/1.1")
        self._lines: list[str] = []
        self.opened_at: datetime | None = None

    @property
    def pending(self) -> int:
        """Responses that are not in the bucket yet."""
        return len(self._lines)

    @property
    def full(self) -> bool:
        """Whether the file ought to be finished."""
        return self.pending >= MAX_RECORDS or self._buffer.tell() >= MAX_BYTES

    def add(self, exchange: Exchange, *, same_as: IndexLine | None = None) -> None:
        """Archive an exchange; with `same_as`, only as a revisit of that capture, its body left out."""
        self.opened_at = self.opened_at or exchange.fetched_at
        date = _warc_date(exchange.fetched_at)
        reason = exchange.reason.encode("ascii", "ignore").decode()  # a status line is ASCII
        http = StatusAndHeaders(f"{exchange.status} {reason}", list(exchange.headers), protocol="HTTP/1.1")
        dated = {"WARC-Date": date}
        if same_as is None:
            response = self._writer.create_warc_record(
                exchange.url, "response", io.BytesIO(exchange.body), http_headers=http, warc_headers_dict=dated
            )
        else:
            response = self._writer.create_revisit_record(
                exchange.url,
                same_as.digest,
                same_as.url,
                _warc_date(same_as.captured_at),
                http_headers=http,
                warc_headers_dict=dated | {"WARC-Profile": _NOT_MODIFIED if exchange.status == 304 else _IDENTICAL},
            )
        concurrent = dated | {"WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
        found = json.dumps(dict(exchange.found), ensure_ascii=False, sort_keys=True)
        self._writer.write_record(
            self._writer.create_warc_record(
                exchange.url,
                "metadata",
                io.BytesIO(found.encode()),
                warc_content_type="application/json",
                warc_headers_dict=concurrent,
            )
        )
        path = urlsplit(safe_url_string(exchange.url))._replace(scheme="", netloc="", fragment="").geturl() or "/"
        self._writer.write_record(
            self._writer.create_warc_record(
                exchange.url,
                "request",
                http_headers=StatusAndHeaders(
                    f"{exchange.method} {path} HTTP/1.1", list(exchange.request_headers), is_http_request=True
                ),
                warc_headers_dict=concurrent,
            )
        )
        offset = self._buffer.tell()
        self._writer.write_record(response)
        self._lines.append(
            _index_line(
                Capture(
                    key="",
                    offset=offset,
                    url=exchange.url,
                    captured_at=exchange.fetched_at.astimezone(UTC),
                    status=exchange.status,
                    content_type=_header(exchange.headers, "content-type"),
                    body=b"",
                    digest=response.rec_headers.get_header("WARC-Payload-Digest") or "",
                    location=_header(exchange.headers, "location") or None,
                    found=exchange.found,
                )
            )
        )

    def flush(self) -> str | None:
        """Finish the file: put it and its index in the bucket, and return its key; None where nothing was pending.

        Raises:
            BucketError: the store cannot be reached; what is pending stays pending.
            ConflictError: this run's name was used before.
        """
        if self.opened_at is None:
            return None
        day = self.opened_at.astimezone(UTC).date()
        key = f"{PREFIX}source={self._source}/fetched={day}/{self._run}-{self._number:05d}.warc.gz"
        index = "".join(sorted(self._lines)).encode()
        # The pages go first: a kill in between leaves pages without an index, which `read_index` makes good.
        self._bucket.put(key, self._buffer.getvalue(), content_type="application/warc", if_absent=True)
        self._bucket.put(_index_key(key), index, content_type="text/x-cdxj", if_absent=True)
        self._number += 1
        self._start()
        return key


def list_page_files(bucket: Bucket, source: str | None = None) -> list[str]:
    """Keys of the capture files that hold pages, of one source or of all, sorted."""
    prefix = f"{PREFIX}source={source}/" if source else PREFIX
    return [stored.key for stored in bucket.list(prefix) if _holds_pages(stored.key)]


def source_of(key: str) -> str:
    """The id of the source whose captures a file holds, read off its key."""
    return key.removeprefix(f"{PREFIX}source=").partition("/")[0]


def read_index(bucket: Bucket, key: str) -> list[IndexLine]:
    """The index of one capture file; made from the file itself where a killed crawl left none.

    Raises:
        BucketError: the store cannot be reached.
        CaptureError: there is no index, and the file cannot be read either.
    """
    try:
        index = bucket.get(_index_key(key)).decode()
    except KeyError:
        index = "".join(_index_line(capture) for capture in read_captures(io.BytesIO(bucket.get(key)), key))
    lines = []
    for text in index.splitlines():
        fields = json.loads(text.split(" ", 2)[2])
        lines.append(
            IndexLine(
                url=fields["url"],
                captured_at=datetime.fromisoformat(fields["captured_at"]),
                status=int(fields["status"]),
                digest=fields["digest"],
                found=fields["found"],
                location=fields.get("location"),
            )
        )
    return lines


def read_captures(stream: IO[bytes], key: str) -> Iterator[Capture]:
    """The HTTP exchanges of a WARC file, in the order of its records; `key` is the name they are known by.

    A record that cannot be read ends the file: what came before it is yielded first.

    Raises:
        CaptureError: the file is no WARC, or breaks off.
    """
    found: dict[str, Mapping[str, str]] = {}
    records = ArchiveIterator(stream, arc2warc=True, check_digests=True)
    try:
        for record in records:
            headers = record.rec_headers
            if record.rec_type == "metadata":
                found[headers.get_header("WARC-Concurrent-To") or ""] = _read_found(record)
            elif record.rec_type in {"response", "revisit"} and record.http_headers is not None:
                if not (headers.get_header("WARC-Target-URI") or "").strip("<>").startswith(("http://", "https://")):
                    continue
                how = found.pop(headers.get_header("WARC-Record-ID") or "", {})
                # The body is read first: asking for the offset skips to the record's end.
                body, whole = _read_body(record)
                yield _capture(record, key, records.get_record_offset(), how, body, whole=whole)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        raise CaptureError(f"{key}: not a readable WARC file") from error


@dataclass(frozen=True, slots=True)
class Archived:
    """What was taken in: the file's key, how many responses it holds, and how many of them are not whole."""

    key: str
    responses: int
    truncated: int


def archive_file(bucket: Bucket, source: str, run: str, data: bytes) -> Archived:
    """Take a WARC file that someone else made into the captures of a source, as it is.

    Its bytes are kept, its index is made, and the file is filed under the day of its first response. The run's name is the
    file's: taking in the same bytes again changes nothing.

    Raises:
        CaptureError: the file is no WARC, breaks off, or holds no HTTP response.
        BucketError: the store cannot be reached.
    """
    captures = list(read_captures(io.BytesIO(data), run))
    if not captures:
        raise CaptureError(f"{run}: a WARC file that holds no HTTP response, or no WARC file")
    day = min(capture.captured_at for capture in captures).date()
    key = f"{PREFIX}source={source}/fetched={day}/{run}-00000.warc.gz"
    index = "".join(sorted(_index_line(capture) for capture in captures)).encode()
    bucket.put(key, data, content_type="application/warc")
    bucket.put(_index_key(key), index, content_type="text/x-cdxj")
    return Archived(key, len(captures), sum(capture.truncated for capture in captures))


_STEP = 2**16
"""Bytes read at a time; a step of a bomb's unpacks to sixteen times as much at most."""


def _read_body(record: ArcWarcRecord) -> tuple[bytes, bool]:
    """The decoded body, cut at `MAX_BODY`, and whether it is all that the site sent."""
    raw, headers = record.raw_stream, record.http_headers
    stream: BinaryIO = raw
    if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        stream = ChunkedDataReader(raw)
    body, whole = bytearray(), True
    try:
        for part in _decoded(stream, headers.get_header("Content-Encoding") or ""):
            body += part
            if len(body) > MAX_BODY:
                break
    except Exception:  # a broken content-encoding raises whatever its decoder does
        whole = False
    while raw.read(_STEP):  # what the decoder left counts for the digest
        pass
    cut_off = raw.limit > 0  # the record promised more than the file has
    whole = whole and not cut_off and len(body) <= MAX_BODY and record.digest_checker.passed is not False
    return bytes(body[:MAX_BODY]), whole


def _decoded(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """A body with its content-encoding undone, in steps whose size is bounded however far a bomb unpacks."""
    encoding = encoding.strip().lower().removeprefix("x-")
    data = stream.read(_STEP)
    if encoding == "br":
        brotli_decoder = brotli.Decompressor()
        while data or not brotli_decoder.can_accept_more_data():
            yield brotli_decoder.process(data, output_buffer_limit=16 * _STEP)
            data = stream.read(_STEP) if brotli_decoder.can_accept_more_data() else b""
        return
    zipped = encoding == "gzip" and data.startswith(b"\x1f\x8b")  # some say so and send it plain
    if not zipped and encoding != "deflate":
        while data:
            yield data
            data = stream.read(_STEP)
        return
    # "deflate" is sent with zlib's header and without.
    inflater = zlib.decompressobj(31 if zipped else 15 if data[:1] == b"\x78" else -15)
    while data and not inflater.eof:
        yield inflater.decompress(data, 16 * _STEP)
        data = inflater.unconsumed_tail or stream.read(_STEP)


def _capture(
    record: ArcWarcRecord, key: str, offset: int, found: Mapping[str, str], body: bytes, *, whole: bool
) -> Capture:
    headers, http = record.rec_headers, record.http_headers
    return Capture(
        key=key,
        offset=offset,
        url=headers.get_header("WARC-Target-URI").strip("<>"),
        captured_at=_instant(headers.get_header("WARC-Date") or ""),
        status=int(http.get_statuscode()) if http.get_statuscode().isdigit() else 0,
        content_type=http.get_header("Content-Type") or "",
        body=body,
        digest=headers.get_header("WARC-Payload-Digest") or "",
        truncated=not whole or bool(headers.get_header("WARC-Truncated")),
        revisit=record.rec_type == "revisit",
        location=http.get_header("Location"),
        found=found,
    )


def _read_found(record: ArcWarcRecord) -> Mapping[str, str]:
    """How a URL was found, from a metadata record of ours; those of other tools say nothing that we know."""
    if record.content_type != "application/json":
        return {}
    try:
        found = json.loads(record.content_stream().read(MAX_BODY))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _index_line(capture: Capture) -> str:
    """One CDXJ line: the URL's key, the 14-digit time, and the rest as JSON."""
    fields = {
        "url": capture.url,
        "mime": capture.content_type.partition(";")[0].strip().lower(),
        "status": str(capture.status),
        "digest": capture.digest,
        "offset": str(capture.offset),
        "captured_at": capture.captured_at.isoformat(),
        "found": dict(sorted(capture.found.items())),
    }
    if capture.location:
        fields["location"] = capture.location
    stamp = capture.captured_at.strftime("%Y%m%d%H%M%S")
    return f"{_url_key(capture.url)} {stamp} {json.dumps(fields, ensure_ascii=False)}\n"


def _url_key(url: str) -> str:
    """The sort key of a URL in a CDXJ index: host labels turned round, then the path (SURT), without spaces."""
    parts = urlsplit(url)
    host = ",".join(reversed((parts.hostname or "").split(".")))
    return f"{host}){parts._replace(scheme='', netloc='', fragment='').geturl() or '/'}".replace(" ", "%20")


def _index_key(key: str) -> str:
    return key.removesuffix(".warc.gz") + ".cdxj"


def _holds_pages(key: str) -> bool:
    return key.endswith(".warc.gz") and "-discovery-" not in key.rpartition("/")[2]


def _header(headers: Headers, name: str) -> str:
    return next((value for header, value in headers if header.lower() == name), "")


def _warc_date(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
