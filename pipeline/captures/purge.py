"""What is taken down is overwritten in the capture files, every other record staying where it is.

The one change that a written file ever sees: in place of an exchange stand records of the same length that say no more than
that it was taken down.
"""

from __future__ import annotations

import io
import json
import uuid
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pipeline.bucket import Bucket, DamagedError
from pipeline.captures.index import cdxj_line
from pipeline.captures.keys import index_key
from pipeline.captures.model import TAKEN_DOWN_URN, Capture, CaptureError
from pipeline.captures.read import read_captures, target_uri
from pipeline.captures.records import Record, read_records

_LINKS = {"warc-concurrent-to", "warc-refers-to"}
"""The headers by which a record names others as of its exchange."""


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
    try:
        data, etag = bucket.get_with_etag(key)
    except DamagedError as damaged:  # what of it can be read is purged all the same
        data, etag = damaged.data, damaged.etag
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
        index, etag = bucket.get_with_etag(index_key(key))
    except KeyError:  # a killed crawl left none; it is made from the file
        return
    except DamagedError:
        bucket.delete(index_key(key))
        return
    lines = {str(capture.offset): cdxj_line(capture) for capture in purged}
    for line in index.decode().splitlines(keepends=True):
        lines.setdefault(json.loads(line.split(" ", 2)[2])["offset"], line)
    made = "".join(sorted(lines.values())).encode()
    if made != index:
        bucket.put(index_key(key), made, content_type="text/x-cdxj", if_etag=etag)


def _readable(data: bytes, key: str) -> Iterator[Capture]:
    """The exchanges of a file that can be read."""
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
    """The records of a file."""
    found = []
    for record in read_records(data):
        if isinstance(record, Record):
            headers = record.parsed.rec_headers
            linked = {value for name, value in headers.headers if name.lower() in _LINKS}
            date, id_ = headers.get_header("WARC-Date") or "", headers.get_header("WARC-Record-ID") or ""
            named = (record.parsed.rec_type, id_, date, target_uri(record.parsed), frozenset(linked))
            found.append(_Record(record.offset, record.end, *named))
    return found


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
