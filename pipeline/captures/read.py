"""Capture files read: their exchanges one after the other, bodies decoded and bounded; and the headers of one response."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders

from pipeline.bucket import Bucket, DamagedError
from pipeline.captures.codings import MAX_BODY, undo_codings, unlabelled
from pipeline.captures.headers import location_of
from pipeline.captures.model import HTML, TAKEN_DOWN_URN, Capture, CaptureError, IndexLine, strings_of
from pipeline.captures.records import Damage, Record, read_records

_LOG = logging.getLogger(__name__)

_RECORD_START = 2**16
"""Bytes in which the headers of a record lie, compressed."""

_YEARS = range(1990, 2100)
"""Years of which a capture can be: the first page of the web is of 1990. What is outside would overflow elsewhere."""

_STAMP = re.compile(r"\d{14}")


def read_file(bucket: Bucket, key: str) -> bytes:
    """A capture file's bytes, damaged ones too: each of its records has a checksum of its own, and costs itself alone.

    Raises:
        KeyError: there is none.
        BucketError: the store cannot be reached.
    """
    try:
        return bucket.get(key)
    except DamagedError as damaged:
        _LOG.warning("%s", damaged)
        return damaged.data


def read_captures(stream: IO[bytes], key: str) -> Iterator[Capture]:
    """The HTTP exchanges of a WARC file, in the order of its records; `key` is the name they are known by.

    A record that cannot be read costs itself alone: the others are yielded before the error is raised.

    Raises:
        CaptureError: the file is no WARC, or a record of it cannot be read.
    """
    found: dict[str, Mapping[str, str]] = {}
    lost: Damage | None = None
    for record in read_records(stream.read()):
        if isinstance(record, Damage):
            lost = lost or record
            continue
        headers = record.parsed.rec_headers
        if record.parsed.rec_type == "metadata" and not target_uri(record.parsed).startswith(TAKEN_DOWN_URN):
            found[headers.get_header("WARC-Concurrent-To") or ""] = _read_found(record.parsed)
            continue
        try:
            capture = read_capture(record, key, found.pop(headers.get_header("WARC-Record-ID") or "", {}))
        except CaptureError as error:
            lost = lost or Damage(record.offset, str(error))
            continue
        if capture is not None:
            yield capture
    if lost is not None:
        raise CaptureError(f"{key}: not a readable WARC file: {lost.reason} at byte {lost.offset}")


def read_capture(record: Record, key: str, found: Mapping[str, str]) -> Capture | None:
    """The exchange that a record holds; None of a record of another kind.

    A ``resource`` of type text/html is what a site sent without what it said of it: its status is taken to be 200, as WARC has it
    (https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/#resource).

    Raises:
        CaptureError: its time is none that a capture can have.
    """
    headers, http, target = record.parsed.rec_headers, record.parsed.http_headers, target_uri(record.parsed)
    if target.startswith(TAKEN_DOWN_URN):
        return Capture(key, record.offset, target, warc_instant(headers.get_header("WARC-Date") or ""), 0, "", b"")
    if not target.startswith(("http://", "https://")):
        return None
    kind = record.parsed.rec_type
    if kind == "resource" and media_type(record.parsed.content_type or "") in HTML:
        sent = Sent(record.parsed.raw_stream.read(), StatusAndHeaders("", []))
        status, content_type, location = "200", record.parsed.content_type, None
    elif kind == "revisit" or (kind == "response" and http is not None):
        http = http or StatusAndHeaders("", [])  # of a revisit they may be left out
        sent = Sent(record.parsed.raw_stream.read(), http)
        status, content_type, location = (
            http.get_statuscode(),
            http.get_header("Content-Type"),
            http.get_header("Location"),
        )
    else:
        return None
    body, whole = sent.read()
    # Of a response in segments the others are records of their own, which nobody writes any more.
    marked = any(headers.get_header(name) for name in ("WARC-Truncated", "WARC-Segment-Number"))
    cut = bool(record.fault) or record.size > MAX_BODY or marked
    code = int(status) if status.isdecimal() else 0
    return Capture(
        key=key,
        offset=record.offset,
        url=target,
        captured_at=warc_instant(headers.get_header("WARC-Date") or ""),
        status=code,
        content_type=content_type or "",
        body=body,
        digest=headers.get_header("WARC-Payload-Digest") or "",
        truncated=cut or not (whole or kind == "revisit"),
        revisit=kind == "revisit",
        location=location_of(code, location),
        found=found,
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """What a site sent: its bytes as they came, and the headers above them."""

    payload: bytes
    headers: StatusAndHeaders

    @property
    def codings(self) -> str:
        """The codings that the headers claim, in the order in which they were put on; gzip of a page that they forget to name."""
        encodings = self._all("content-encoding") or unlabelled(self.payload, ", ".join(self._all("content-type")))
        return ", ".join([*encodings, *self._all("transfer-encoding")])

    def read(self) -> tuple[bytes, bool]:
        """The decoded body, cut at `MAX_BODY`, and whether it is all that the site sent.

        That is said by the codings, each of which comes to its own end, or else by Content-Length. A digest says nothing of it.
        """
        decoded = undo_codings(self.payload, self.codings, MAX_BODY)
        lengths = {value.strip() for value in self._all("content-length")}
        stated = lengths.pop() if len(lengths) == 1 else ""
        short = not decoded.undone and stated.isdecimal() and len(stated) < 19 and len(self.payload) < int(stated)
        return decoded.body, decoded.whole and not short

    def _all(self, name: str) -> list[str]:
        return [value for header, value in self.headers.headers if header.lower() == name]


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


def media_type(content_type: str) -> str:
    """The type that a Content-Type names, in lower case and without parameters."""
    return content_type.partition(";")[0].strip().lower()


def target_uri(record: ArcWarcRecord) -> str:
    """The URL that a record is about (WARC-Target-URI)."""
    return (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")


def _read_found(record: ArcWarcRecord) -> Mapping[str, str]:
    """How a URL was found, from a metadata record of ours; those of other tools say nothing that we know."""
    return strings_of(record.raw_stream.read(MAX_BODY)) if record.content_type == "application/json" else {}


def warc_instant(date: str) -> datetime:
    """The instant that a WARC-Date states, in UTC: ISO 8601 down to the day at least, or the 14 digits of ARC; UTC without a zone.

    Raises:
        CaptureError: it states none that a capture can have.
    """
    text = date.strip()
    if _STAMP.fullmatch(text):
        text = f"{text[:8]}T{text[8:]}"
    try:
        instant = datetime.fromisoformat(text)
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CaptureError(f"a record whose time cannot be read ({date!r})") from None
    if instant.year not in _YEARS:
        raise CaptureError(f"a record of an impossible time ({date!r})")
    return instant
