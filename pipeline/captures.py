"""Captures: what the sites sent, as WARC 1.1 files in the bucket.

For every HTTP exchange a file holds a metadata record (how the URL was found), the request record (none where the page comes
from an archive) and the response record, in this order. Beside each ``.warc.gz`` lies its ``.cdxj`` index, one line a response,
so that a crawl learns what is stored without reading the pages. Pages, and what discovery fetched (feeds, sitemaps,
robots.txt), lie in files of their own: only the former become documents. A file is written once and never changed, but for what
is taken down: `purge` puts a record that says no more than that in its place, of the same length, so that every other record
stays where it is.

Formats: WARC 1.1 (https://iipc.github.io/warc-specifications/), CDXJ as the archive tools write it.
"""

from __future__ import annotations

import io
import json
import uuid
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
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

from pipeline.bucket import Bucket, ConflictError
from pipeline.errors import WarraqError

PREFIX = "captures/"
MAX_BODY = 64 * 2**20
"""Bytes of a decoded body that are read; a larger one is cut and marked, so that a gzip bomb cannot fill the memory."""

MAX_RECORDS = 50
MAX_BYTES = 8 * 2**20
"""A file is finished at so many responses or so many bytes, not compressed: what a killed crawl can lose."""

_LEVEL = 6
"""zlib's level for the records: with 9 real pages become 0.6 % smaller, for twice to three times the time."""

Kind: TypeAlias = Literal["pages", "discovery"]
Headers: TypeAlias = Sequence[tuple[str, str]]

TAKEN_DOWN_URN = "urn:warraq:taken-down:"
"""What the URL of a purged capture begins with; the id of the takedown follows."""

_RECORD_START = 2**16
"""Bytes in which the headers of a record lie, compressed."""

_REVISIT_MIME = "warc/revisit"
"""What the archive tools write in an index for a revisit record."""

_IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


class CaptureError(WarraqError):
    """A WARC file that cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange, about to be archived.

    `body` is as the site sent it, content-encoding kept; `headers` and `request_headers` are in their order. What an archive had
    of the page carries the archive's own time in `captured_at`, its word for a body that is cut off in `truncated`
    (WARC-Truncated), and no `request_headers` (None), since we sent the site no request.
    """

    url: str
    fetched_at: datetime
    status: int
    reason: str
    headers: Headers
    body: bytes
    request_headers: Headers | None
    found: Mapping[str, str]
    method: str = "GET"
    captured_at: datetime | None = None
    truncated: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP exchange, read from an archive.

    `body` has its content-encoding undone and is cut at `MAX_BODY`; `truncated` says that it is not all that the site sent.
    `revisit` means that the site sent what an earlier capture of this URL holds. `found` says how the URL was found. Of a purged
    capture there is its place, its time and a URL that begins with `TAKEN_DOWN_URN`; its status is 0.
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

    `location` is where a redirect leads, as the site wrote it; `truncated` says that the body is not all that the site sent;
    `revisit` that the body is an earlier capture's. `key` and `offset` say where the record lies.
    """

    url: str
    captured_at: datetime
    status: int
    digest: str
    found: Mapping[str, str]
    location: str | None = None
    truncated: bool = False
    revisit: bool = False
    key: str = ""
    offset: int = -1


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
        self._run = run if kind == "pages" else f"{run}-discovery"
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
    def full(self) -> bool:
        """Whether the file ought to be finished."""
        return self._draft.responses >= MAX_RECORDS or self._draft.size >= MAX_BYTES

    def add(self, exchange: Exchange, *, same_as: IndexLine | None = None) -> None:
        """Archive an exchange; with `same_as`, only as a revisit of that capture, its body left out."""
        captured_at = exchange.captured_at or exchange.fetched_at
        reason = exchange.reason.encode("ascii", "ignore").decode()  # a status line is ASCII
        http = StatusAndHeaders(f"{exchange.status} {reason}", list(exchange.headers), protocol="HTTP/1.1")
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
            request = StatusAndHeaders(
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
            location=_header(exchange.headers, "location") or None,
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
        key = f"{PREFIX}source={self._source}/fetched={day}/{self._run}-{self._number:05d}.warc.gz"
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
                    lines.append(_index_line(replace(capture, offset=len(data))))
                data += zlib.compress(record, _LEVEL, wbits=31)  # as a gzip member; other threads run meanwhile
            # The pages go first: a kill in between leaves pages without an index, which `read_index` makes good.
            self._bucket.put(key, bytes(data), content_type="application/warc", if_absent=True)
            index = "".join(sorted(lines)).encode()
            self._bucket.put(_index_key(key), index, content_type="text/x-cdxj", if_absent=True)
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


_BUILDER = WARCWriter(io.BytesIO(), gzip=False, warc_version="WARC/1.1")
"""Makes records; it writes none."""


def list_page_files(bucket: Bucket, source: str | None = None) -> list[str]:
    """Keys of the capture files that hold pages, of one source or of all, sorted."""
    prefix = f"{PREFIX}source={source}/" if source else PREFIX
    return [stored.key for stored in bucket.list(prefix) if holds_pages(stored.key)]


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
                truncated="truncated" in fields,
                revisit=fields["mime"] == _REVISIT_MIME,
                key=key,
                offset=int(fields["offset"]),
            )
        )
    return lines


def read_headers(bucket: Bucket, line: IndexLine) -> dict[str, str]:
    """The HTTP headers of a stored response, by their names in lower case; none where its record cannot be read.

    Raises:
        BucketError: the store cannot be reached.
        KeyError: the file is gone.
    """
    start = io.BytesIO(bucket.get_range(line.key, line.offset, _RECORD_START))
    try:
        record = next(iter(ArchiveIterator(start)))
    except (StopIteration, ArchiveLoadFailed, EOFError, OSError, ValueError):
        return {}
    return {name.lower(): value for name, value in record.http_headers.headers} if record.http_headers else {}


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
            target = _target(record)
            if target.startswith(TAKEN_DOWN_URN):
                captured_at = _instant(headers.get_header("WARC-Date") or "")
                yield Capture(key, records.get_record_offset(), target, captured_at, 0, "", b"")
            elif record.rec_type == "metadata":
                found[headers.get_header("WARC-Concurrent-To") or ""] = _read_found(record)
            elif record.rec_type in {"response", "revisit"} and record.http_headers is not None:
                if not target.startswith(("http://", "https://")):
                    continue
                how = found.pop(headers.get_header("WARC-Record-ID") or "", {})
                # The body is read first: asking for the offset skips to the record's end.
                body, whole = _read_body(record)
                yield _capture(record, key, records.get_record_offset(), how, body, whole=whole)
    except (ArchiveLoadFailed, EOFError, OSError, ValueError, AttributeError) as error:  # the last one of a missing URL
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
    file's: taking in the same bytes again changes nothing, and what was purged of them stays so.

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
    try:
        bucket.put(key, data, content_type="application/warc", if_absent=True)
        bucket.put(_index_key(key), index, content_type="text/x-cdxj", if_absent=True)
    except ConflictError:  # something was purged from it
        pass
    return Archived(key, len(captures), sum(capture.truncated for capture in captures))


def purge(bucket: Bucket, key: str, takedown: str, is_down: Callable[[Capture], bool]) -> int:
    """Overwrite the exchanges of a capture file that are down, in the file and in its index; return how many those were.

    Where the response was stands a record that names the takedown, with the response's time; `read_captures` yields it. The
    request and all that other records say of the response (how it was found, its text, a picture of it) are blanked too. Every
    record keeps its place and length. Purging again changes nothing.

    Raises:
        CaptureError: a record cannot be overwritten: the file is not compressed, or the record is too short.
        ConflictError: the file was written by someone else in the meantime.
        BucketError: the store cannot be reached.
    """
    data, etag = bucket.get_with_etag(key)
    purged = bytearray(data)
    urn = f"{TAKEN_DOWN_URN}{takedown}"
    stored = [capture for capture in _readable(data, key) if not capture.url.startswith(TAKEN_DOWN_URN)]
    down = {capture.offset for capture in stored if is_down(capture)}
    for record in _with_what_is_about(_records(data), down):
        if data[record.offset : record.offset + 2] != b"\x1f\x8b":
            raise CaptureError(f"{key} is not compressed, so nothing can be purged from it: delete it")
        purged[record.offset : record.end] = _blank(record, key, urn if record.offset in down else None)
    if down:
        bucket.put(key, bytes(purged), content_type="application/warc", if_etag=etag)
    _purge_index(bucket, key, [one for one in _readable(bytes(purged), key) if one.url.startswith(TAKEN_DOWN_URN)])
    return len(down)


def _purge_index(bucket: Bucket, key: str, purged: Sequence[Capture]) -> None:
    """Put the lines of purged captures in place of those that the index has at their offsets."""
    try:
        index, etag = bucket.get_with_etag(_index_key(key))
    except KeyError:  # a killed crawl left none; it is made from the file
        return
    lines = {str(capture.offset): _index_line(capture) for capture in purged}
    for line in index.decode().splitlines(keepends=True):
        lines.setdefault(json.loads(line.split(" ", 2)[2])["offset"], line)
    made = "".join(sorted(lines.values())).encode()
    if made != index:
        bucket.put(_index_key(key), made, content_type="text/x-cdxj", if_etag=etag)


def _readable(data: bytes, key: str) -> Iterator[Capture]:
    """The exchanges of a file, up to where it breaks off."""
    with suppress(CaptureError):
        yield from read_captures(io.BytesIO(data), key)


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of any kind: from where to where it goes in the file, and which records it names as of the same exchange."""

    offset: int
    end: int
    kind: str
    id: str
    date: str
    target: str
    about: frozenset[str]

    @property
    def is_answer(self) -> bool:
        return self.kind in {"response", "revisit"}


def _records(data: bytes) -> list[_Record]:
    """The records of a file, up to where it breaks off; the last one goes to its end."""
    records = ArchiveIterator(io.BytesIO(data), arc2warc=True)
    found = []
    try:
        for record in records:
            headers = record.rec_headers
            linked = {value for name, value in headers.headers if name.lower() in _LINKS}
            date = headers.get_header("WARC-Date") or ""
            id_ = headers.get_header("WARC-Record-ID") or ""
            found.append((records.get_record_offset(), record.rec_type, id_, date, _target(record), frozenset(linked)))
    except (ArchiveLoadFailed, EOFError, OSError, ValueError):
        pass
    ends = [*(offset for offset, *_ in found[1:]), len(data)]
    return [_Record(offset, end, *rest) for (offset, *rest), end in zip(found, ends, strict=True)]


_LINKS = {"warc-concurrent-to", "warc-refers-to"}


def _with_what_is_about(records: Sequence[_Record], down: Collection[int]) -> list[_Record]:
    """The records at some offsets, and those of other kinds that belong to them.

    By their links, in either direction (a request may name its response, or the response its request); a record that is
    linked to no response at all, by its target: the response's, or what tools make of it, such as "urn:text:http://…".
    """
    found = {record.offset: record for record in records if record.offset in down}
    others = [record for record in records if not record.is_answer]
    urls = {record.target for record in found.values()}
    linked = {id_ for record in records if record.is_answer for id_ in (record.id, *record.about)}
    for record in others:
        alone = record.id not in linked and not record.about & linked and record.kind != "warcinfo"
        if alone and any(record.target == url or record.target.endswith(f":{url}") for url in urls):
            found[record.offset] = record
    size = 0
    while size < len(found):
        size = len(found)
        ids = {record.id for record in found.values()}
        named = frozenset().union(*(record.about for record in found.values()))
        found |= {record.offset: record for record in others if record.about & ids or record.id in named}
    return [found[offset] for offset in sorted(found)]


def _blank(record: _Record, key: str, target: str | None) -> bytes:
    """A gzip member of a record's length that holds a record which says nothing but its time and, perhaps, its target.

    Blanks make up the length, stored and not compressed, so that any reader of WARC files passes over them; the few bytes that
    rounding leaves go to the member's comment.
    """
    length = record.end - record.offset
    blanks = 0
    packed = _pack(record, key, target, blanks)
    if len(packed) > length:
        raise CaptureError(
            f"{key}: the record at byte {record.offset} is too short to be overwritten: delete the file to purge it"
        )
    blanks = length - len(packed)
    while len(packed := _pack(record, key, target, blanks)) > length:
        blanks = max(blanks - (len(packed) - length), 0)
    missing = length - len(packed)
    if not missing:
        return packed
    # RFC 1952: the fourth byte says which fields follow the ten of the header; 16 is a comment, which ends in a zero byte.
    return packed[:3] + b"\x10" + packed[4:10] + b" " * (missing - 1) + b"\0" + packed[10:]


def _pack(record: _Record, key: str, target: str | None, blanks: int) -> bytes:
    """A record with so many blanks as its block, as a gzip member."""
    id_ = record.id or f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{key}#{record.offset}')}>"
    fields = {"WARC-Type": "metadata", "WARC-Record-ID": id_, "WARC-Date": record.date}
    if target:
        fields["WARC-Target-URI"] = target
    fields |= {"Content-Type": "text/plain", "Content-Length": str(blanks)}
    head = "".join(["WARC/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in fields.items()), "\r\n"]).encode()
    block = b" " * blanks + b"\r\n\r\n"
    compressed, stored = zlib.compressobj(9, wbits=-15), zlib.compressobj(0, wbits=-15)
    # The first part is flushed to a whole byte and left open, the second one ends it.
    deflated = compressed.compress(head) + compressed.flush(zlib.Z_FULL_FLUSH) + stored.compress(block) + stored.flush()
    whole = head + block
    trailer = zlib.crc32(whole).to_bytes(4, "little") + (len(whole) % 2**32).to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + deflated + trailer


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
        url=_target(record),
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


def _target(record: ArcWarcRecord) -> str:
    return (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")


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
        "mime": _REVISIT_MIME if capture.revisit else capture.content_type.partition(";")[0].strip().lower(),
        "status": str(capture.status),
        "digest": capture.digest,
        "offset": str(capture.offset),
        "captured_at": capture.captured_at.isoformat(),
        "found": dict(sorted(capture.found.items())),
    }
    if capture.location:
        fields["location"] = capture.location
    if capture.truncated:
        fields["truncated"] = "true"
    stamp = capture.captured_at.strftime("%Y%m%d%H%M%S")
    return f"{_url_key(capture.url)} {stamp} {json.dumps(fields, ensure_ascii=False)}\n"


def _url_key(url: str) -> str:
    """The sort key of a URL in a CDXJ index: host labels turned round, then the path (SURT), without spaces."""
    parts = urlsplit(url)
    if not parts.netloc:  # a URN is its own key
        return url
    host = ",".join(reversed((parts.hostname or "").split(".")))
    return f"{host}){parts._replace(scheme='', netloc='', fragment='').geturl() or '/'}".replace(" ", "%20")


def _index_key(key: str) -> str:
    return key.removesuffix(".warc.gz") + ".cdxj"


def holds_pages(key: str) -> bool:
    """Whether a key is that of a capture file with pages, not with what discovery fetched."""
    return key.endswith(".warc.gz") and "-discovery-" not in key.rpartition("/")[2]


def _header(headers: Headers, name: str) -> str:
    return next((value for header, value in headers if header.lower() == name), "")


def _warc_date(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
