"""Capture files read: their exchanges one after the other, bodies decoded and bounded; and the headers of one response."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, BinaryIO

import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from pipeline.bucket import Bucket
from pipeline.captures.headers import location_of
from pipeline.captures.model import TAKEN_DOWN_URN, Capture, CaptureError, IndexLine

MAX_BODY = 64 * 2**20
"""Bytes of a decoded body that are read; a larger one is cut and marked, so that a gzip bomb cannot fill the memory."""

_RECORD_START = 2**16
"""Bytes in which the headers of a record lie, compressed."""

_STEP = 2**16
"""Bytes read at a time; a step of a bomb's unpacks to sixteen times as much at most."""


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
            target = target_uri(record)
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
    status = int(http.get_statuscode()) if http.get_statuscode().isdigit() else 0
    return Capture(
        key=key,
        offset=offset,
        url=target_uri(record),
        captured_at=_instant(headers.get_header("WARC-Date") or ""),
        status=status,
        content_type=http.get_header("Content-Type") or "",
        body=body,
        digest=headers.get_header("WARC-Payload-Digest") or "",
        truncated=not whole or bool(headers.get_header("WARC-Truncated")),
        revisit=record.rec_type == "revisit",
        location=location_of(status, http.get_header("Location")),
        found=found,
    )


def target_uri(record: ArcWarcRecord) -> str:
    """The URL that a record is about (WARC-Target-URI)."""
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


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
