"""Archives that others made, WARC and WACZ files, into the captures of a source.

What is taken in of an archive is every HTTP response of the source's hosts that is a page; each record's bytes are kept as they
are. The rest is left out and counted. Archives may be of any size: they are read from a file, one record after the other, and
what is kept goes to the bucket in files of the usual size. A response that the bucket has already (URL, time and digest) is not
taken again unless it is whole only now, so an archive may be imported as often as one likes, as a WARC or within a WACZ.

Formats: WARC 1.0 and 1.1 (https://iipc.github.io/warc-specifications/), compressed by record, as a whole or not at all;
WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tempfile
import uuid
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import httpx
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import BufferWARCWriter

from pipeline.bucket import Bucket
from pipeline.captures import MAX_BODY, MAX_BYTES, MAX_RECORDS, CaptureError, archive_file, read_captures
from pipeline.errors import WarraqError
from pipeline.known_pages import stored_captures, taken_down
from pipeline.progress import OnProgress, tell_nobody
from pipeline.sources import Source

MAX_UNPACKED = 2**30
"""Bytes that one compressed piece of an archive may unpack to: a record as a rule, of a file compressed as a whole all of it."""

MAX_RATIO = 200
"""How many times its size a WARC within a WACZ may unpack to. Such files are compressed already; a bomb reaches a thousand."""

_STEP = 2**14
_IN_MEMORY = 2**23
_GZIP = b"\x1f\x8b"
_MEMBER = b"\x1f\x8b\x08"
_ZIP = b"PK\x03\x04"
_WARC = b"WARC/"
_HEAD = 2**16
"""Bytes within which a record's own headers, and those of its HTTP response, must end."""

_BLANK = b"\r\n"
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_PAGES = frozenset({"text/html", "application/xhtml+xml", ""})
_MAX_TOLD = 20

OTHER_HOSTS = "of other hosts"
NO_PAGE = "no pages"
REVISIT = "revisits, which hold no page"
NO_RESPONSE = "no HTTP responses"
TOO_LARGE = "too large"


class ArchiveFileError(WarraqError):
    """An archive that cannot be had or holds nothing that can be read; the message names it."""


@dataclass(slots=True)
class Imported:
    """What became of the responses of one archive: `kept` now, `known` before, or `left_out` by why.

    `hosts` counts those left out by host; `truncated` of the kept are not whole; `damaged` says what could not be read; `files`
    are the keys written.
    """

    files: list[str] = field(default_factory=list)
    kept: int = 0
    known: int = 0
    truncated: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)


def import_archive(
    bucket: Bucket,
    source: Source,
    location: str,
    done: Imported | None = None,
    on_progress: OnProgress = tell_nobody,
) -> Imported:
    """Take the archive at a path or an ``http(s)://`` or ``s3://`` address into the captures of a source.

    How a page was found becomes ``by: import``, ``from: <location>`` and ``archived_by``: what the archive says of its maker, or
    its own name. What an archive of ours says of a page besides, such as the date of a feed, is kept. What is returned is `done`,
    if that is given: so whoever interrupts this has what is in the bucket by then.

    Raises:
        ArchiveFileError: it cannot be had, is no WARC and no WACZ, or holds no readable record.
        BucketError: the store cannot be reached.
    """
    done = done or Imported()
    known: dict[tuple[str, datetime, str], bool] = {}  # whether what is stored is not whole
    if taken_down(bucket)(str(source.home)):
        raise ArchiveFileError(f"{source.id} was taken down: nothing of {source.home} is taken in any more")
    for line in stored_captures(bucket, *source.ids):
        key = (line.url, line.captured_at, line.digest)
        known[key] = line.truncated and known.get(key, True)
    records = 0
    with _opened(location) as file:
        for name, warc in _warcs(file, _plain(location), done.damaged):
            intake = _Intake(bucket, source, _plain(location), name, known, done)
            size = max(warc.seek(0, io.SEEK_END), 1)
            warc.seek(0)
            for record in _records(warc, name, done.damaged):
                intake.take(record)
                records += 1
                on_progress(f"{_file_name(name)}, %", min(100 * warc.tell() // size, 100), 100)
            intake.flush()
    if not records:
        why = f": {done.damaged[0]}" if done.damaged else ""
        raise ArchiveFileError(f"{location} is no readable WARC or WACZ file{why}")
    return done


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of an archive with its bytes, which are cut off where not `whole`; those of a too large one are empty."""

    parsed: ArcWarcRecord
    content: bytes
    data: bytes
    whole: bool


class _Intake:
    """Takes the records of one WARC file in."""

    def __init__(
        self,
        bucket: Bucket,
        source: Source,
        location: str,
        name: str,
        known: dict[tuple[str, datetime, str], bool],
        done: Imported,
    ) -> None:
        self._bucket = bucket
        self._source = source
        self._known = known
        self._done = done
        self._stem = re.sub(r"[^A-Za-z0-9_]+", "_", _file_name(name).removesuffix(".gz").removesuffix(".warc")).strip(
            "_"
        )
        self._found = {
            "by": "import",
            "from": location,
            "archived_by": urlsplit(location).hostname or _file_name(location),
        }
        self._ours: tuple[str, dict[str, str]] = ("", {})
        self._start()

    def _start(self) -> None:
        self._buffer = io.BytesIO()
        self._pending = 0

    def take(self, record: _Record) -> None:
        """Keep a page, learn from what is said about pages, count the rest."""
        headers = record.parsed.rec_headers
        match record.parsed.rec_type:
            case "warcinfo":
                self._found["archived_by"] = _maker(record.content) or self._found["archived_by"]
            case "metadata" if record.parsed.content_type == "application/json":
                self._ours = (headers.get_header("WARC-Concurrent-To") or "", _strings(record.content))
            case "response" | "revisit" | "resource" | "conversion":
                url = (headers.get_header("WARC-Target-URI") or "").strip("<>")
                if why := self._unwanted(record, url):
                    self._done.left_out[why] += 1
                else:
                    self._keep(record, url)
            case _:  # requests, and what other tools note about pages
                pass

    def _unwanted(self, record: _Record, url: str) -> str | None:
        """Why a response is left out."""
        http = record.parsed.http_headers
        host = _host(url)
        if host not in self._source.hosts:
            self._done.hosts[host or "no host"] += 1
            return OTHER_HOSTS
        if record.parsed.rec_type == "revisit":
            return REVISIT
        if http is None or record.parsed.rec_type != "response":
            return NO_RESPONSE
        if (http.get_header("Content-Type") or "").partition(";")[0].strip().lower() not in _PAGES:
            return NO_PAGE
        return None if record.data else TOO_LARGE

    def _keep(self, record: _Record, url: str) -> None:
        headers = record.parsed.rec_headers
        record_id, date = headers.get_header("WARC-Record-ID") or "", headers.get_header("WARC-Date") or ""
        try:
            [capture] = read_captures(io.BytesIO(record.data), url)
        except (CaptureError, ValueError):
            _tell(self._done.damaged, f"{url}: a record that cannot be read, or without a date ({date!r})")
            return
        key = (capture.url, capture.captured_at, capture.digest)
        if not self._known.get(key, True) or (key in self._known and capture.truncated):
            self._done.known += 1
            return
        self._known[key] = capture.truncated
        said = self._ours[1] if self._ours[0] == record_id else {}
        self._buffer.write(_note(url, record_id, date, {**said, **self._found}))
        self._buffer.write(gzip.compress(record.data, mtime=0))
        self._pending += 1
        # What is not whole ends its file, so that no reader takes the next record for its rest.
        if self._pending >= MAX_RECORDS or self._buffer.tell() >= MAX_BYTES or not record.whole:
            self.flush()

    def flush(self) -> None:
        """Put what is pending into the bucket, as a file named after its bytes."""
        if not self._pending:
            return
        data = self._buffer.getvalue()
        run = f"import-{self._stem[:60] or 'archive'}-{hashlib.sha256(data).hexdigest()[:12]}"
        archived = archive_file(self._bucket, self._source.id, run, data)
        self._done.files.append(archived.key)
        self._done.kept += self._pending
        self._done.truncated += archived.truncated
        self._start()


def _note(url: str, record_id: str, date: str, found: dict[str, str]) -> bytes:
    """The metadata record that says how a page was found; the same for the same page at any time."""
    writer = BufferWARCWriter(gzip=False, warc_version="WARC/1.1")
    content = json.dumps(found, ensure_ascii=False, sort_keys=True).encode()
    note = writer.create_warc_record(
        url,
        "metadata",
        io.BytesIO(content),
        warc_content_type="application/json",
        warc_headers_dict={
            "WARC-Date": date,
            "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{url} {date} {record_id}')}>",
            "WARC-Concurrent-To": record_id,
        },
    )
    writer.write_record(note)
    return gzip.compress(writer.get_contents(), mtime=0)


@contextmanager
def _opened(location: str) -> Iterator[IO[bytes]]:
    """The archive as a file; a remote one is fetched into a temporary one, which may take its size of disk.

    Raises:
        ArchiveFileError: it cannot be had.
    """
    parts = urlsplit(location)
    if parts.scheme not in {"http", "https", "s3"}:
        with _local(location) as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        if parts.scheme == "s3":
            try:
                Bucket(parts.netloc).download(parts.path.lstrip("/"), file)
            except KeyError:
                raise ArchiveFileError(f"{location}: there is no such object") from None
        else:
            _download(location, file)
        file.seek(0)
        yield file


def _local(location: str) -> IO[bytes]:
    try:
        return Path(location).open("rb")
    except OSError as error:
        raise ArchiveFileError(f"{location} cannot be read: {error.strerror}") from None


def _download(url: str, file: IO[bytes]) -> None:
    headers = {"User-Agent": "warraq", "Accept-Encoding": "identity"}
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=60, headers=headers) as answer:
            if answer.status_code != 200:
                raise ArchiveFileError(f"{_plain(url)} cannot be fetched: HTTP {answer.status_code}")
            for part in answer.iter_raw():
                file.write(part)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ArchiveFileError(f"{_plain(url)} cannot be fetched: {error or type(error).__name__}: try again") from None


def _warcs(file: IO[bytes], name: str, damaged: list[str]) -> Iterator[tuple[str, IO[bytes]]]:
    """The WARC files of an archive, each as a file, with their names: the archive itself, or those of a WACZ.

    Nothing of a WACZ is written under a name of its own choosing.
    """
    head = file.read(len(_ZIP))
    file.seek(0)
    if head != _ZIP:
        yield name, file
        return
    try:
        package = zipfile.ZipFile(file)
        members = [
            member for member in package.infolist() if re.fullmatch(r"archive/[^/\\]+\.warc(\.gz)?", member.filename)
        ]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        _tell(damaged, f"{name}: a damaged WACZ file: {error}")
        return
    with package:
        if not members:
            _tell(damaged, f"{name} holds no archive/*.warc.gz")
        for member in members:
            named = f"{name}#{member.filename}"
            with tempfile.TemporaryFile() as warc:
                try:
                    with package.open(member) as packed:
                        most = MAX_RATIO * max(member.compress_size, _STEP)
                        while part := packed.read(_STEP):
                            warc.write(part)
                            if warc.tell() > most:
                                raise zipfile.BadZipFile(f"it unpacks to more than {MAX_RATIO} times its size")
                # What was unpacked before is read; zipfile raises the last two where a method or password is unknown to it.
                except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
                    _tell(damaged, f"{named}: {error}")
                warc.seek(0)
                yield named, warc


def _records(warc: IO[bytes], name: str, damaged: list[str]) -> Iterator[_Record]:
    """The records of a WARC file, in their order; what cannot be read is skipped and told."""
    head = warc.read(len(_GZIP))
    warc.seek(0)
    if head != _GZIP:
        yield from _plain_records(warc, name, 0, damaged)
        return
    offset: int | None = 0
    while offset is not None:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as piece:
            length, trouble = _unpack(warc, offset, piece)
            piece.seek(0)
            if piece.read(len(_WARC)) == _WARC:
                piece.seek(0)
                yield from _plain_records(piece, name, offset, damaged, cut=trouble is not None)
            elif trouble is None and length:
                trouble = "no WARC record"
        if trouble is None and not length:
            return
        if trouble:
            _tell(damaged, f"{name}: {trouble} at byte {offset}")
        offset = _next_member(warc, offset + 1) if trouble else offset + length


def _unpack(warc: IO[bytes], offset: int, piece: IO[bytes]) -> tuple[int, str | None]:
    """Unpack the gzip member at `offset`: its length in the file (0 at the file's end), and what is wrong with it."""
    warc.seek(offset)
    inflater, read, size = zlib.decompressobj(31), 0, 0
    try:
        while not inflater.eof:
            data = inflater.unconsumed_tail
            if not data:
                data = warc.read(_STEP)
                read += len(data)
            if not data:
                return 0, "the file breaks off in the record" if read else None
            unpacked = inflater.decompress(data, 64 * _STEP)
            piece.write(unpacked)
            size += len(unpacked)
            if size > MAX_UNPACKED:
                return (
                    0,
                    f"what unpacks to more than {MAX_UNPACKED} bytes (a file compressed as a whole must be smaller)",
                )
    except zlib.error:
        return 0, "damaged gzip"
    return read - len(inflater.unused_data), None


def _next_member(warc: IO[bytes], offset: int) -> int | None:
    """Where after `offset` the next gzip member with a WARC record begins."""
    while (offset := _find(warc, _MEMBER, offset)) >= 0:
        warc.seek(offset)
        try:
            if zlib.decompressobj(31).decompress(warc.read(_STEP), len(_WARC)) == _WARC:
                return offset
        except zlib.error:
            pass
        offset += 1
    return None


def _find(file: IO[bytes], wanted: bytes, offset: int) -> int:
    """Where after `offset` some bytes stand next; -1 where they do not."""
    file.seek(offset)
    block = file.read(_IN_MEMORY)
    while len(block) >= len(wanted):
        if (at := block.find(wanted)) >= 0:
            return offset + at
        offset += len(block) - len(wanted) + 1
        block = block[-len(wanted) + 1 :] + file.read(_IN_MEMORY)
    return -1


def _plain_records(
    file: IO[bytes], name: str, base: int, damaged: list[str], *, cut: bool = False
) -> Iterator[_Record]:
    """The records of what is not compressed (any more); `base` is where in the archive it stands, `cut` that its end is lost."""
    end = file.seek(0, io.SEEK_END)
    start = 0
    while start >= 0:
        file.seek(start)
        head = file.read(_HEAD)
        start += len(head) - len(head.lstrip(_BLANK))
        head = head.lstrip(_BLANK)
        if not head:
            return
        size = _size(head)
        file.seek(min(start + size, end))
        whole = start + size <= end
        behind = file.read(_HEAD)
        if not behind.startswith(_END) and behind.lstrip(_BLANK)[: len(_WARC)] not in {b"", _WARC}:
            size = 0  # the length that it states is not its own
        file.seek(start)
        data = file.read(size if size <= MAX_BODY else _HEAD)
        try:
            parsed = next(iter(ArchiveIterator(io.BytesIO(data)))) if size else None
        except (ArchiveLoadFailed, EOFError, OSError, ValueError, StopIteration, AttributeError):
            parsed = None  # warcio raises the last one of a response without a URL
        if parsed is None:
            _tell(damaged, f"{name}: no readable record at byte {base + start}")
            start = _find(file, b"\n" + _WARC, start + 1) + 1 or -1
            continue
        content = parsed.raw_stream.read() if parsed.rec_type in {"warcinfo", "metadata"} else b""
        yield _Record(parsed, content, b"" if size > MAX_BODY else (data + _END if whole else data), whole)
        if not whole and not cut:
            _tell(damaged, f"{name}: the file breaks off in the record at byte {base + start}")
        start += size


def _size(head: bytes) -> int:
    """How many bytes a record takes, by the beginning of it; 0 where that is none of a record."""
    fields, blank, _ = head.partition(_END)
    stated = _LENGTH.search(fields)
    return len(fields) + len(blank) + int(stated[1]) if blank and stated and fields.startswith(_WARC) else 0


def _maker(warcinfo: bytes) -> str:
    """Who made an archive, by its warcinfo record: its publisher, else its software."""
    lines = (line.partition(":") for line in warcinfo.decode(errors="replace").splitlines())
    fields = {name.strip(): value.strip() for name, _, value in lines}
    return (fields.get("publisher") or fields.get("software") or "")[:200]


def _strings(content: bytes) -> dict[str, str]:
    """The strings of a JSON object; none of what is no JSON object."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return {name: value for name, value in said.items() if isinstance(value, str)} if isinstance(said, dict) else {}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "" if url.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def _plain(location: str) -> str:
    """A location as it may be told and kept: an address without its credentials, be they before the host or in the query."""
    parts = urlsplit(location)
    if parts.scheme not in {"http", "https", "s3"}:
        return location
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _file_name(location: str) -> str:
    return re.split(r"[/\\]", location.rstrip("/"))[-1]


def _tell(damaged: list[str], what: str) -> None:
    """Note a loss; of very many, the first ones and that there are more."""
    if len(damaged) < _MAX_TOLD:
        damaged.append(what)
    elif len(damaged) == _MAX_TOLD:
        damaged.append("and more")
