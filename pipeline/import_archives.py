"""Archives that others made, WARC, ARC and WACZ files, into the captures of a source.

What is taken in of an archive is every HTTP response of the source's hosts that is a page, and every page that stands there without
one (``resource`` records); each record's bytes are kept, as `pipeline.captures.read_records` has them. The rest is left out and
counted. Archives may be of any size: they are read from a file, one record after the other, and what is kept goes to the bucket in
files of the usual size. A response that the bucket has already (URL, time and digest) is not taken again unless it is whole only
now, so an archive may be imported as often as one likes, as a WARC or within a WACZ.

A revisit says that a site sent what another record holds. Of the same address it is kept as what it is, where that record is in the
bucket by the archive's end; of another one the page is kept that it speaks of, under the revisit's address and time.

Formats: those of `pipeline.captures.records`; WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/).
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import mmap
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
from warcio.warcwriter import BufferWARCWriter

from pipeline.addresses import AddressError, Guard
from pipeline.bucket import Bucket
from pipeline.captures import (
    HTML,
    MAX_BODY,
    MAX_BYTES,
    MAX_RATIO,
    MAX_RECORDS,
    Buffer,
    CaptureError,
    Damage,
    IndexLine,
    Record,
    archive_file,
    belies_digests,
    media_type,
    read_capture,
    read_index,
    read_records,
    strings_of,
    target_uri,
    warc_instant,
)
from pipeline.errors import WarraqError
from pipeline.known_pages import stored_captures, taken_down
from pipeline.progress import OnProgress, tell_nobody
from pipeline.sources import Source
from pipeline.text import escape_invisible
from pipeline.urls import normalize_url, without_secrets
from pipeline.web import web_client

_STEP = 2**14
_ZIP = b"PK\x03\x04"
_MAX_TOLD = 20
_MAX_PLACES = 5
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SUFFIXES = re.compile(r"\.w?arc(\.gz|\.zst)?$")

OTHER_HOSTS = "of other hosts"
NO_PAGE = "no pages"
REVISIT = "revisits of what is not here"
NO_RESPONSE = "no HTTP responses"
CONVERSION = "conversions, which no site sent"
TOO_LARGE = "too large"
UNKNOWN = "records of kinds that are not known"

_UNREADABLE = frozenset({NO_RESPONSE, TOO_LARGE})
"""Why what may be a page of the source's is left out: it is named by its place."""

_LONGEST_DOWNLOAD = 6 * 3600.0
"""Seconds in which an archive from the web must have come: a hundred gigabytes at five megabytes a second."""

MENDED = "bear another length than they have"
BELIED = "match none of the digests that they bear"


class ArchiveFileError(WarraqError):
    """An archive that cannot be had or holds nothing that can be read; the message names it."""


@dataclass(slots=True)
class Imported:
    """What became of the responses of one archive: `kept` now, `known` before, or `left_out` by why.

    `hosts` counts those left out by host; `truncated` of the kept are not whole; `odd` counts those of the kept whose archive
    contradicts itself, by how; `places` are the first few of what is left out or odd where that needs a look; `damaged` says what
    could not be read; `files` are the keys written.
    """

    files: list[str] = field(default_factory=list)
    kept: int = 0
    known: int = 0
    truncated: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)

    def left_out_told(self) -> list[str]:
        """What was left out and why, a sentence for each reason."""
        return [f"left out: {count} {why}{self._first(why)}" for why, count in sorted(self.left_out.items())]

    def losses(self) -> list[str]:
        """What a person should look at, a sentence each: what is not whole, what contradicts itself, what is damaged."""
        told = []
        if self.truncated:
            told.append(f"{self.truncated} of the pages are not whole: the file or the capture breaks off")
        for why, count in sorted(self.odd.items()):
            told.append(f"{count} of the pages {why}, and are taken as they are{self._first(why)}")
        return told + self.damaged

    def note(self, why: str, place: str) -> None:
        """Keep a place as an example, of the first few."""
        if len(places := self.places.setdefault(why, [])) < _MAX_PLACES:
            places.append(escape_invisible(place))

    def _first(self, why: str) -> str:
        places = self.places.get(why)
        return f": the first {', '.join(places)}" if places else ""


def import_archive(
    bucket: Bucket,
    source: Source,
    location: str,
    done: Imported | None = None,
    on_progress: OnProgress = tell_nobody,
    *,
    loopback: bool = False,
) -> Imported:
    """Take the archive at a path or an ``http(s)://`` or ``s3://`` address into the captures of a source.

    How a page was found becomes ``by: import``, ``from: <location>`` and ``archived_by``: what the archive says of its maker, or
    its own name. What an archive of ours says of a page besides, such as the date of a feed, is kept. What is returned is `done`,
    if that is given: so whoever interrupts this has what is in the bucket by then. An address of the web must be one that
    `source` may be fetched from; with `loopback` it may be on this machine.

    Raises:
        ArchiveFileError: it cannot be had, is no WARC, ARC or WACZ, or holds no readable record.
        BucketError: the store cannot be reached.
    """
    done = done or Imported()
    if taken_down(bucket)(str(source.home)):
        raise ArchiveFileError(f"{source.id} was taken down: nothing of {source.home} is taken in any more")
    stored = _Stored()
    for line in stored_captures(bucket, *source.ids):
        stored.add(line)
    records, shown = 0, without_secrets(location)
    intakes = []
    with _told_of_room(shown), _opened(location, None if loopback else source.guard) as file:
        for name, warc in _warcs(file, shown, done.damaged):
            intake = _Intake(bucket, source, shown, name, stored, done)
            intakes.append(intake)
            data = _mapped(warc, name)
            size = max(len(data), 1)
            for found in read_records(data):
                if isinstance(found, Damage):
                    _tell(done.damaged, f"{name}: {found.reason} at byte {found.offset}")
                    continue
                intake.take(found)
                records += 1
                on_progress(f"{_file_name(name)}, %", min(100 * found.offset // size, 100), 100)
            intake.flush()
    for intake in intakes:
        intake.take_revisits()
    if not records:
        why = f": {done.damaged[0]}" if done.damaged else ""
        raise ArchiveFileError(f"{shown} is no readable WARC, ARC or WACZ file{why}")
    return done


class _Stored:
    """What the bucket has of the source: whether it is whole, and where the originals of revisits are."""

    def __init__(self) -> None:
        self._cut: dict[tuple[str, datetime, str], bool] = {}
        self._at: dict[tuple[str, datetime], IndexLine] = {}
        self._of: dict[str, IndexLine] = {}

    def add(self, line: IndexLine) -> None:
        self.note(line.url, line.captured_at, line.digest, truncated=line.truncated)
        if not (line.truncated or line.revisit):
            self._at.setdefault((normalize_url(line.url), line.captured_at), line)
            if line.digest:
                self._of.setdefault(_plain_digest(line.digest), line)

    def note(self, url: str, captured_at: datetime, digest: str, *, truncated: bool) -> None:
        key = (url, captured_at, digest)
        self._cut[key] = truncated and self._cut.get(key, True)

    def has(self, url: str, captured_at: datetime, digest: str, *, truncated: bool) -> bool:
        """Whether a capture is there already, and would be no more whole by being taken again."""
        key = (url, captured_at, digest)
        return key in self._cut and (truncated or not self._cut[key])

    def original(self, revisit: Record) -> IndexLine | None:
        """The capture that a revisit speaks of, by the address and time that it names, or else by its digest."""
        headers = revisit.parsed.rec_headers
        url = (headers.get_header("WARC-Refers-To-Target-URI") or target_uri(revisit.parsed)).strip("<> ")
        try:
            when = warc_instant(headers.get_header("WARC-Refers-To-Date") or "")
        except CaptureError:
            named = None
        else:
            named = self._at.get((normalize_url(url), when))
        return named or self._of.get(_plain_digest(headers.get_header("WARC-Payload-Digest") or "") or "no digest")


class _Intake:
    """Takes the records of one file in."""

    def __init__(
        self, bucket: Bucket, source: Source, location: str, name: str, stored: _Stored, done: Imported
    ) -> None:
        self._bucket = bucket
        self._source = source
        self._name = name
        self._stored = stored
        self._done = done
        self._stem = re.sub(r"[^A-Za-z0-9_]+", "_", _SUFFIXES.sub("", _file_name(name))).strip("_")
        self._found = {
            "by": "import",
            "from": location,
            "archived_by": urlsplit(location).hostname or _file_name(location),
        }
        self._ours: tuple[str, dict[str, str]] = ("", {})
        self._revisits: IO[bytes] | None = None
        self._last: tuple[tuple[str, int], Record | None] = ("", 0), None
        self._start()

    def _start(self) -> None:
        self._buffer = io.BytesIO()
        self._pending = 0

    def take(self, record: Record) -> None:
        """Keep a page, learn from what is said about pages, put revisits by, count the rest."""
        headers = record.parsed.rec_headers
        if record.fault:
            _tell(self._done.damaged, f"{self._name}: {record.fault} at byte {record.offset}")
        match record.parsed.rec_type:
            case "warcinfo":
                self._found["archived_by"] = _maker(record.parsed.raw_stream.read()) or self._found["archived_by"]
            case "metadata" if record.parsed.content_type == "application/json":
                said = strings_of(record.parsed.raw_stream.read())
                self._ours = (headers.get_header("WARC-Concurrent-To") or "", said)
            case "response" | "revisit" | "resource" | "conversion" as kind:
                if why := self._unwanted(record):
                    self._done.left_out[why] += 1
                    if why in _UNREADABLE:
                        self._done.note(why, self._place(record))
                elif kind == "revisit":
                    self._revisits = self._revisits or tempfile.TemporaryFile()  # noqa: SIM115  # closed when all are taken
                    self._revisits.write(record.data)
                else:
                    self._keep(record)
            case "request" | "metadata":  # what was asked, and what other tools note about pages
                pass
            case kind:
                self._done.left_out[UNKNOWN] += 1
                self._done.note(UNKNOWN, f"{kind} {self._place(record)}")

    def _place(self, record: Record) -> str:
        return f"at byte {record.offset} of {self._name}"

    def _unwanted(self, record: Record) -> str | None:
        """Why a record is left out."""
        kind, http, host = record.parsed.rec_type, record.parsed.http_headers, _host(target_uri(record.parsed))
        if host not in self._source.hosts:
            self._done.hosts[escape_invisible(host) or "no host"] += 1
            return OTHER_HOSTS
        if kind == "conversion":
            return CONVERSION
        if kind == "response" and http is None:
            return NO_RESPONSE
        stated = record.parsed.content_type if kind == "resource" else http and http.get_header("Content-Type")
        # A response may say nothing of what it is, and a revisit leave it to its original; a resource has nothing else to go by.
        if media_type(stated or "") not in HTML | (frozenset() if kind == "resource" else {""}):
            return NO_PAGE
        return TOO_LARGE if record.size > MAX_BODY else None

    def _keep(self, record: Record, **more: str) -> None:
        """Put a page into the file that is being made, with what is known of how it was found; `more` of that is said besides."""
        url, headers = target_uri(record.parsed), record.parsed.rec_headers
        record_id, date = headers.get_header("WARC-Record-ID") or "", headers.get_header("WARC-Date") or ""
        try:
            capture = read_capture(record, url, {})
        except CaptureError as error:
            _tell(self._done.damaged, f"{self._name}: {error} at byte {record.offset}: {url}")
            return
        if capture is None:
            _tell(self._done.damaged, f"{self._name}: a response that cannot be read at byte {record.offset}: {url}")
            return
        named = (capture.url, capture.captured_at, capture.digest)
        if self._stored.has(*named, truncated=capture.truncated):
            self._done.known += 1
            return
        self._stored.note(*named, truncated=capture.truncated)
        for why, is_so in ((MENDED, record.mended), (BELIED, not record.fault and belies_digests(record))):
            if is_so:
                self._done.odd[why] += 1
                self._done.note(why, self._place(record))
        said = self._ours[1] if self._ours[0] == record_id else {}
        self._buffer.write(_note(url, record_id, date, {**said, **self._found, **more}))
        self._buffer.write(gzip.compress(record.data, mtime=0))
        self._pending += 1
        if self._pending >= MAX_RECORDS or self._buffer.tell() >= MAX_BYTES:
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
        for line in read_index(self._bucket, archived.key):
            self._stored.add(line)
        self._start()

    def take_revisits(self) -> None:
        """Take in the revisits of this file whose originals the bucket has by now."""
        if self._revisits is None:
            return
        with self._revisits as file:
            for revisit in read_records(_mapped(file, self._name)):
                if isinstance(revisit, Damage):  # it was written by `take`
                    continue
                url, original = target_uri(revisit.parsed), self._stored.original(revisit)
                if original is None:
                    self._done.left_out[REVISIT] += 1
                    self._done.note(REVISIT, f"{url} of {revisit.parsed.rec_headers.get_header('WARC-Date')}")
                elif normalize_url(original.url) == normalize_url(url):
                    self._keep(revisit)
                elif (whole := self._with_block(revisit, original)) is not None:
                    self._keep(whole, revisit_of=original.url)
        self.flush()

    def _with_block(self, revisit: Record, original: IndexLine) -> Record | None:
        """A revisit as a record of its own, with the block of the capture that it speaks of."""
        headers = revisit.parsed.rec_headers
        found = self._record_of(original)
        if found is None:
            return None
        theirs = found.parsed.rec_headers
        block = found.block
        fields = {
            "WARC-Type": found.parsed.rec_type,
            "WARC-Target-URI": target_uri(revisit.parsed),
            "WARC-Date": headers.get_header("WARC-Date"),
            "WARC-Record-ID": headers.get_header("WARC-Record-ID"),
            "WARC-Refers-To-Target-URI": original.url,
            "WARC-Refers-To-Date": theirs.get_header("WARC-Date"),
            "WARC-Payload-Digest": theirs.get_header("WARC-Payload-Digest"),
            "Content-Type": found.parsed.content_type,
            "Content-Length": str(len(block)),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        made = next(read_records(f"WARC/1.1\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"))
        return made if isinstance(made, Record) else None

    def _record_of(self, original: IndexLine) -> Record | None:
        """The record of a capture; that of the last one is at hand, of which the next revisits most often speak too."""
        place = (original.key, original.offset)
        if self._last[0] != place:
            records = read_records(self._bucket.get(original.key))
            there = (one for one in records if isinstance(one, Record) and one.offset == original.offset)
            self._last = place, next(there, None)
        return self._last[1]


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
def _told_of_room(shown: str) -> Iterator[None]:
    """Have it as a sentence where the disk has no room for what is to be unpacked or fetched."""
    try:
        yield
    except OSError as error:
        raise ArchiveFileError(
            f"{shown} cannot be kept while it is read: {error.strerror}: make room in TMPDIR"
        ) from None


@contextmanager
def _opened(location: str, guard: Guard | None) -> Iterator[IO[bytes]]:
    """The archive as a file; a remote one is fetched into a temporary one, which may take its size of disk.

    Without a `guard` an address of the web may be on this machine.

    Raises:
        ArchiveFileError: it cannot be had.
    """
    try:
        parts = urlsplit(location)
    except ValueError:  # such as an unclosed bracket in the host
        raise ArchiveFileError(f"{without_secrets(location)} is no address of the web") from None
    if parts.scheme not in {"http", "https", "s3"}:
        with _local(location) as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        if parts.scheme == "s3":
            try:
                Bucket(parts.netloc).download(parts.path.lstrip("/"), file)
            except KeyError:
                raise ArchiveFileError(f"{without_secrets(location)}: there is no such object") from None
        else:
            _download(location, file, guard)
        file.seek(0)
        yield file


def _local(location: str) -> IO[bytes]:
    try:
        return Path(location).open("rb")
    except OSError as error:
        raise ArchiveFileError(f"{location} cannot be read: {error.strerror}") from None


def _download(url: str, file: IO[bytes], guard: Guard | None) -> None:
    headers = {"User-Agent": "warraq", "Accept-Encoding": "identity"}
    try:
        guard = guard or Guard.of([url], loopback=True)
        with (
            web_client(guard, headers=headers, silence=60, longest=_LONGEST_DOWNLOAD, follow_redirects=True) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                raise ArchiveFileError(f"{without_secrets(url)} cannot be fetched: HTTP {answer.status_code}")
            for part in answer.iter_raw():
                file.write(part)
    except AddressError as error:
        raise ArchiveFileError(
            f"{without_secrets(url)} is not fetched: {error}. Fetch it yourself, and name the file, or its s3:// address"
        ) from None
    except ValueError:
        raise ArchiveFileError(f"{without_secrets(url)} is no address of the web") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ArchiveFileError(
            f"{without_secrets(url)} cannot be fetched: {error or type(error).__name__}: try again"
        ) from None


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
            member
            for member in package.infolist()
            if re.fullmatch(r"archive/[^/\\]+\.w?arc(\.gz|\.zst)?", member.filename)
        ]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        _tell(damaged, f"{name}: a damaged WACZ file: {error}")
        return
    left = MAX_RATIO * max(file.seek(0, io.SEEK_END), _STEP)  # members may share their bytes
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
                            left -= len(part)
                            if warc.tell() > most or left < 0:
                                whose = "its size" if left >= 0 else "the package's size, with those before it"
                                raise zipfile.BadZipFile(f"it unpacks to more than {MAX_RATIO} times {whose}")
                # What was unpacked before is read; zipfile raises the last two where a method or password is unknown to it.
                except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
                    if isinstance(error, OSError) and error.errno in _NO_ROOM:
                        raise
                    _tell(damaged, f"{named}: {error}")
                warc.seek(0)
                yield named, warc


def _mapped(file: IO[bytes], name: str) -> Buffer:
    """A file as bytes that the system reads where they are looked at.

    Raises:
        ArchiveFileError: it is none that can be.
    """
    file.flush()
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if file.seek(0, io.SEEK_END) else b""
    except (OSError, ValueError) as error:
        raise ArchiveFileError(f"{name} cannot be read: {error}") from None


def _maker(warcinfo: bytes) -> str:
    """Who made an archive, by its warcinfo record: its publisher, else its software."""
    lines = (line.partition(":") for line in warcinfo.decode(errors="replace").splitlines())
    fields = {name.strip(): value.strip() for name, _, value in lines}
    return (fields.get("publisher") or fields.get("software") or "")[:200]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "" if url.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def _plain_digest(digest: str) -> str:
    """A digest as it is compared: tools write the same one in either case, and with and without its padding."""
    return digest.strip().lower().rstrip("=")


def _file_name(location: str) -> str:
    return re.split(r"[/\\]", location.rstrip("/"))[-1]


def _tell(damaged: list[str], what: str) -> None:
    """Note a loss; of very many, the first ones and that there are more."""
    if len(damaged) < _MAX_TOLD:
        damaged.append(escape_invisible(what))
    elif len(damaged) == _MAX_TOLD:
        damaged.append("and more")
