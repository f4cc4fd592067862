"""Files of WARC and ARC records cut into their records, however they were packed and whatever is wrong with them.

Record by record compressed with gzip or Zstandard, a file compressed as a whole, none of it, or one after the other in one file.
What cannot be read costs itself alone: the search goes on behind it, and what was there is told with its place and the reason.

Formats: WARC 1.0 and 1.1 and its use of Zstandard (https://iipc.github.io/warc-specifications/), ARC 1.0 and 1.1
(https://archive.org/web/researcher/ArcFileFormat.php).
"""

from __future__ import annotations

import io
import mmap
import re
import sys
import tempfile
import uuid
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, TypeAlias

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from pipeline.captures.codings import GZIP, MAX_BODY, ZSTD

if TYPE_CHECKING or sys.version_info < (3, 14):
    from backports import zstd
else:
    from compression import zstd

MAX_UNPACKED = 2**30
"""Bytes that one compressed piece of a file may unpack to: a record as a rule, of a file compressed as a whole all of it."""

MAX_RATIO = 200
"""How many times its size a file may unpack to in all, besides `_PIECES` such pieces. Pages compress to a tenth; a bomb reaches a
thousand."""

_PIECES = 4

_IN_VAIN = 10
"""So many times a byte counts that was unpacked of a damaged piece: what it runs over is looked through once more for records, so
that pieces that run into each other cost the square of their number."""

Buffer: TypeAlias = bytes | mmap.mmap

BREAKS_OFF = "the file breaks off in the record"
NO_RECORD = "no readable record"
_DAMAGED = "damaged"

_STEP = 2**16
_FIRST_STEP = 2**10
"""Bytes given to a decoder at first: of a million tiny members each is read once, and not what follows it too."""

_IN_MEMORY = 2**23
_LOOK = 2**11
"""Bytes of a compressed piece from which its beginning is unpacked, to see whether it holds a record."""

_HEAD = 2**16
"""Bytes within which a record's own headers must end."""

_ENDS = (b"\r\n\r\n", b"\n\n")
"""The empty lines behind a record, as they ought to be and with LF alone."""

_WARC = re.compile(rb"WARC/\d\.\d{1,2}[ \t]*\r?\n")
_ARC = re.compile(
    rb"((?:filedesc|https?|dns|ftp):[^\r\n]{0,8000}) ([0-9A-Fa-f.:]{1,45}|-) (\d{14}) ([^ \r\n]{0,200}) (\d{1,18})\r?\n"
)
_STAMP = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
_NEXT_HEAD = re.compile(
    rb"WARC/\d\.\d{1,2}[ \t]*\r?\n[\w-]{1,100}[ \t]*:"
    rb"|(?<=\n)(?:filedesc|https?|dns|ftp):[^\r\n]{0,8000} \d{14} [^ \r\n]{0,200} \d{1,18}\r?\n"
)
_NEXT = re.compile(
    rb"(?s:\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff])|\x28\xb5\x2f\xfd[^"
    + b"".join(b"\\x%02x" % descriptor for descriptor in range(256) if descriptor & 8)
    + b"]|"
    + _NEXT_HEAD.pattern
)
"""Where a record may begin; of gzip and Zstandard with what else their headers may hold (RFC 1952, 2.3; RFC 8878, 3.1.1), so that
few others are looked into."""
_HEAD_END = re.compile(rb"\r?\n\r?\n|\nWARC/\d\.\d")
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_BLANKS = re.compile(rb"[\r\n]*")
_HTTP_HEAD = re.compile(rb"HTTP/[^\n]*\n(?:[^\r\n][^\n]*\n){0,500}\r?\n")

_LAST_CHUNK = b"\r\n0\r\n\r\n"
_CHUNKED = re.compile(rb"^transfer-encoding[ \t]*:[^\n]*chunked", re.IGNORECASE | re.MULTILINE)

_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
"""How a Zstandard frame begins that holds no data (RFC 8878, 3.1.2); four bytes with its length follow."""

_DICTIONARY = b"\x5d\x2a\x4d\x18"
"""… and the one that holds the dictionary of the frames behind it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where in the file it, or the compressed piece that holds it, begins and ends.

    Of a piece that holds several, the later ones are placed by how far behind its beginning they are once it is unpacked. `data`
    are the record's bytes, not compressed, as a WARC record that any tool reads: as they are in the file, but with headers made
    anew where it is ARC, states a length that is not its own (`mended`), or has lines that end in LF alone. `size` is that of its
    block, of which `data` has `MAX_BODY` bytes at most. `fault` says why it is not whole; it then bears WARC-Truncated. `parsed`
    is warcio's reading of `data`, the block not read yet.
    """

    offset: int
    end: int
    data: bytes
    parsed: ArcWarcRecord
    size: int
    fault: str = ""
    mended: bool = False

    @property
    def block(self) -> bytes:
        """What stands below the record's own headers."""
        return self.data[self.data.index(_ENDS[0]) + len(_ENDS[0]) : -len(_ENDS[0])]


@dataclass(frozen=True, slots=True)
class Damage:
    """What could not be read: where in the file it begins, and why."""

    offset: int
    reason: str


def read_records(data: Buffer, most: int = MAX_UNPACKED) -> Iterator[Record | Damage]:
    """The records of a file in their order, and what could not be read between them.

    Of a piece that unpacks to more than `most` bytes the records before that are read, and of a file that unpacks to more than
    `_PIECES` times that and `MAX_RATIO` times its size, those before that. This raises nothing but what the disk does,
    on which pieces over 8 MiB are unpacked.
    """
    dictionary: zstd.ZstdDict | None = None
    at, end = 0, len(data)
    left = _PIECES * most + MAX_RATIO * end
    while (at := _behind_blanks(data, at)) < end:
        magic = data[at : at + 8]
        if _SKIPPABLE.match(magic):
            stop = at + 8 + int.from_bytes(magic[4:], "little")
            if stop > end:
                yield Damage(at, "a frame that is longer than the file")
                stop = _next(data, at + 1, dictionary)
            elif magic.startswith(_DICTIONARY):
                try:
                    dictionary = _dictionary(data[at + 8 : stop])
                except (zstd.ZstdError, EOFError, ValueError) as error:
                    yield Damage(at, f"a dictionary that cannot be read ({error})")
            at = stop
        elif magic.startswith((GZIP, ZSTD)):
            if left < 0:
                yield Damage(
                    at, f"what unpacks to more than {MAX_RATIO} times the file's size, or is damaged throughout"
                )
                return
            piece, stop, trouble = _unpack(data, at, dictionary, most)
            left -= len(piece) * (_IN_VAIN if trouble.startswith((_DAMAGED, BREAKS_OFF)) else 1)
            stop = _next(data, at + 1, dictionary) if trouble else stop
            yield from _of_piece(piece, at, stop, trouble)
            at = stop
        else:
            found, stop = _record(data, at)
            yield found
            at = stop if isinstance(found, Record) else _next(data, stop, dictionary)


def _of_piece(piece: Buffer, offset: int, end: int, trouble: str) -> Iterator[Record | Damage]:
    """The records of what was unpacked; with `trouble`, what came before it."""
    if not _is_record(piece):
        if piece or trouble:
            yield Damage(offset, trouble or NO_RECORD)
        return
    at = 0
    while (at := _behind_blanks(piece, at)) < len(piece):
        found, stop = _record(piece, at, trouble, packed=True)
        if isinstance(found, Record):
            if found.fault:
                trouble = ""  # it is told with the record
            yield replace(found, offset=offset + at, end=end)
        else:
            yield Damage(offset + at, found.reason)
            head = _NEXT_HEAD.search(piece, stop)
            stop = head.start() if head else len(piece)
        at = stop
    if trouble:
        yield Damage(offset, trouble)


def _record(data: Buffer, at: int, trouble: str = "", *, packed: bool = False) -> tuple[Record | Damage, int]:
    """The record that begins at a place, and where it ends; of what is none, from where to go on looking.

    What was `packed` and unpacked without `trouble` is all there: a length that says otherwise is wrong.
    """
    head = _head(data, at)
    if head is None:
        return Damage(at, NO_RECORD), at + 1
    fields, begin, is_arc = head
    lengths = _LENGTH.findall(fields)
    stop = begin + int(lengths[0]) if lengths else -1
    fault, mended = "", False
    if stop < begin or stop > len(data) or not _follows(data, stop):
        there = _without_end(data, begin, _next(data, begin, None))
        by_itself = _end_by_itself(data, begin, there)
        if by_itself is None or by_itself != stop:  # else what follows is no part of it
            if stop > there and by_itself is None and not (packed and not trouble):
                fault = trouble or BREAKS_OFF
            stop, mended = there, not fault
    if trouble.startswith(_DAMAGED) and _behind_blanks(data, stop) >= len(data):
        fault = trouble  # its bytes are all there, and their sum is another
    size = stop - begin
    block = data[begin : begin + min(size, MAX_BODY)]
    sound = not (is_arc or mended or fault) and fields.count(b"\n") == fields.count(b"\r\n")
    record = (data[at:begin] + block if sound else _made(fields, block, size, cut=bool(fault))) + _ENDS[0]
    try:
        parsed = next(iter(ArchiveIterator(io.BytesIO(record))))
    except Exception:  # warcio raises whatever it stumbles over
        return Damage(at, NO_RECORD), at + 1
    if not parsed.rec_type:
        return Damage(at, "a record that does not say what it is"), stop
    return Record(at, stop, record, parsed, size, fault, mended), stop


def _head(data: Buffer, at: int) -> tuple[bytes, int, bool] | None:
    """The lines of a record's headers, without the empty one, where its block begins, and whether they were ARC's."""
    if _WARC.match(data, at):
        end = _HEAD_END.search(data, at, at + _HEAD)
        if end is None or end[0].startswith(b"\nWARC"):
            return None
        last = b"\r\n" if end[0].startswith(b"\r\n") else b"\n"
        return data[at : end.start()] + last, end.end(), False
    if line := _ARC.match(data, at):
        return _of_arc(line), line.end(), True
    return None


def _of_arc(line: re.Match[bytes]) -> bytes:
    """WARC headers for an ARC record; what the file's first one says of the file stays its block."""
    url, address, stamp, kind, length = line.groups()
    name = uuid.uuid5(uuid.NAMESPACE_URL, line[0].decode("latin-1"))
    is_file, is_http = url.startswith(b"filedesc:"), url.startswith(b"http")
    fields = {
        b"WARC-Type": b"warcinfo" if is_file else b"response" if is_http else b"resource",
        b"WARC-Record-ID": b"<urn:uuid:%b>" % str(name).encode(),
        b"WARC-Date": b"%b-%b-%bT%b:%b:%bZ" % tuple(stamp[a:b] for a, b in _STAMP),
        b"WARC-Filename" if is_file else b"WARC-Target-URI": url.removeprefix(b"filedesc://"),
        b"WARC-IP-Address": address,
        b"Content-Type": b"application/http;msgtype=response" if is_http else kind,
        b"Content-Length": length,
    }
    return b"WARC/1.0\r\n" + b"".join(b"%b: %b\r\n" % pair for pair in fields.items() if pair[1] != b"-")


def _made(fields: bytes, block: bytes, size: int, *, cut: bool) -> bytes:
    """A record with headers whose lines end in CR LF and whose length is its own."""
    lines = [line.rstrip(b"\r") for line in fields.rstrip(b"\r\n").split(b"\n")]
    dropped = {b"content-length", b"warc-truncated"} if cut else {b"content-length"}
    kept = [line for line in lines if line.partition(b":")[0].strip().lower() not in dropped]
    kept += [b"WARC-Truncated: unspecified"] * cut + [b"Content-Length: %d" % size]
    return b"\r\n".join(kept) + _ENDS[0] + block


def _follows(data: Buffer, at: int) -> bool:
    """Whether a record may end at a place: its two empty lines, another record or the file's end is there."""
    if data[at : at + 4].startswith(_ENDS):
        return True
    at = _behind_blanks(data, at)
    return at >= len(data) or _is_record(data, at) or data[at : at + 4].startswith((GZIP, ZSTD))


def _is_record(data: Buffer, at: int = 0) -> bool:
    return bool(_WARC.match(data, at) or _ARC.match(data, at))


def _end_by_itself(data: Buffer, begin: int, there: int) -> int | None:
    """Where a response ends by its own Content-Length or last chunk; None where it does not say, or more than is there."""
    head = _HTTP_HEAD.match(data, begin, min(there, begin + _HEAD))
    if head is None:
        return None
    if _CHUNKED.search(head[0]):
        last = data[max(begin, there - len(_LAST_CHUNK)) : min(there + 4, len(data))].find(_LAST_CHUNK)
        return there if last >= 0 else None
    stated = _LENGTH.search(head[0])
    end = head.end() + int(stated[1]) if stated else there + 1
    return end if end <= there else None


def _without_end(data: Buffer, begin: int, there: int) -> int:
    """Where a block ends that goes up to a place but for the empty lines that end a record."""
    for end in _ENDS:
        if data[max(begin, there - len(end)) : there] == end:
            return there - len(end)
    return there


def _behind_blanks(data: Buffer, at: int) -> int:
    blanks = _BLANKS.match(data, at)
    return blanks.end() if blanks else at


def _next(data: Buffer, at: int, dictionary: zstd.ZstdDict | None) -> int:
    """Where from a place on the next record, or compressed piece that holds one, begins; the file's end where there is none."""
    for found in _NEXT.finditer(data, at):
        if not found[0].startswith((GZIP, ZSTD)) or _holds_record(data, found.start(), dictionary):
            return found.start()
    return len(data)


def _holds_record(data: Buffer, at: int, dictionary: zstd.ZstdDict | None) -> bool:
    """Whether what is compressed at a place begins as a record does."""
    head = data[at : at + _LOOK]
    try:
        if head.startswith(GZIP):
            begin = zlib.decompressobj(31).decompress(head, _LOOK)
        else:
            begin = zstd.ZstdDecompressor(zstd_dict=dictionary).decompress(head, _LOOK)
    except (zlib.error, zstd.ZstdError):
        return False
    return begin.startswith(b"WARC/") or bool(_ARC.match(begin))


def _dictionary(frame: bytes) -> zstd.ZstdDict:
    """The dictionary that a file's first frame holds, which may be compressed itself.

    Raises:
        ZstdError, EOFError, ValueError: it is none.
    """
    if frame.startswith(ZSTD):
        decoder = zstd.ZstdDecompressor()
        frame = decoder.decompress(frame, _IN_MEMORY)
        if not decoder.eof:
            raise EOFError("cut off, or too large")
    return zstd.ZstdDict(frame)


class _Piece:
    """What is unpacked, in memory or, where it is large, in a temporary file."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes] = []
        self._file: IO[bytes] | None = None

    def add(self, part: bytes) -> None:
        self._parts.append(part)
        self.size += len(part)
        if self.size > _IN_MEMORY:
            self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115  # closed by `taken`
            self._file.writelines(self._parts)
            self._parts.clear()

    def taken(self) -> Buffer:
        if self._file is None:
            return b"".join(self._parts)
        with self._file as file:
            file.flush()
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _unpack(data: Buffer, at: int, dictionary: zstd.ZstdDict | None, most: int) -> tuple[Buffer, int, str]:
    """What is compressed at a place, unpacked, where it ends in the file, and what is wrong with it.

    A record may be cut into several pieces, and a whole file into blocks of some size: where a piece leaves its last record
    unfinished, the pieces behind it that begin no record belong to it.
    """
    piece = _Piece()
    stop, trouble = _unpack_into(piece, data, at, dictionary, most)
    unpacked = piece.taken()
    if trouble or not _is_unfinished(unpacked) or not _goes_on(data, stop, dictionary):
        return unpacked, stop, trouble
    piece = _Piece()
    piece.add(unpacked[:])
    while not trouble and _goes_on(data, stop, dictionary):
        stop, trouble = _unpack_into(piece, data, stop, dictionary, most)
    return piece.taken(), stop, trouble


def _goes_on(data: Buffer, at: int, dictionary: zstd.ZstdDict | None) -> bool:
    """Whether at a place something compressed begins that is no record."""
    return data[at : at + 4].startswith((GZIP, ZSTD)) and not _holds_record(data, at, dictionary)


def _is_unfinished(piece: Buffer) -> bool:
    """Whether the last record is longer than what there is of it."""
    at = 0
    while head := _head(piece, _behind_blanks(piece, at)):
        fields, begin, _ = head
        stated = _LENGTH.search(fields)
        if stated is None:
            return False
        at = begin + int(stated[1])
        if at > len(piece):
            return True
    return _behind_blanks(piece, at) < len(piece)  # the headers themselves break off


def _unpack_into(piece: _Piece, data: Buffer, at: int, dictionary: zstd.ZstdDict | None, most: int) -> tuple[int, str]:
    """Add what the gzip member or Zstandard frame at a place unpacks to; where it ends in the file, and what is wrong with it."""
    is_gzip = data[at : at + len(GZIP)] == GZIP
    parts = _gunzip(data, at) if is_gzip else _unzstd(data, at, dictionary)
    try:
        while piece.size <= most:
            piece.add(next(parts))
    except StopIteration as end:
        return end.value, ""
    except EOFError:
        return at, BREAKS_OFF
    except zlib.error:
        return at, f"{_DAMAGED} gzip"
    except zstd.ZstdError as error:
        return at, f"{_DAMAGED} Zstandard ({error})"
    return at, f"what unpacks to more than {most} bytes (a file compressed as a whole must be smaller)"


def _gunzip(data: Buffer, at: int) -> Generator[bytes, None, int]:
    """The gzip member at a place, unpacked in bounded parts; at its end, where it ends."""
    inflater, step = zlib.decompressobj(31), _FIRST_STEP
    while not inflater.eof:
        given = inflater.unconsumed_tail
        if not given:
            given = data[at : at + step]
            at, step = at + len(given), min(2 * step, _STEP)
        if not given:
            raise EOFError
        yield inflater.decompress(given, 16 * _STEP)
    return at - len(inflater.unused_data)


def _unzstd(data: Buffer, at: int, dictionary: zstd.ZstdDict | None) -> Generator[bytes, None, int]:
    """The Zstandard frame at a place, unpacked in bounded parts; at its end, where it ends."""
    decoder, step = zstd.ZstdDecompressor(zstd_dict=dictionary), _FIRST_STEP
    while not decoder.eof:
        given = b""
        if decoder.needs_input:
            given = data[at : at + step]
            at, step = at + len(given), min(2 * step, _STEP)
            if not given:
                raise EOFError
        yield decoder.decompress(given, 16 * _STEP)
    return at - len(decoder.unused_data)
