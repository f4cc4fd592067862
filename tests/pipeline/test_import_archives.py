"""Archives that others made: real files, a real HTTP server, a real S3 server."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import logging
import random
import resource
import struct
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline import build, import_archives
from pipeline.captures.index import list_page_files
from pipeline.captures.read import read_captures
from pipeline.captures.records import read_records
from pipeline.documents.table import Documents
from pipeline.import_archives import (
    BELIED,
    CONVERSION,
    MENDED,
    NO_PAGE,
    NO_RESPONSE,
    OTHER_HOSTS,
    REVISIT,
    TOO_LARGE,
    UNKNOWN,
    ArchiveFileError,
    import_archive,
)
from tests.loopback import listening
from tests.pipeline.captures import archives
from tests.pipeline.conftest import archive, page, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pipeline.bucket import Bucket
    from pipeline.captures.model import Capture
    from pipeline.sources import Source

THEN = datetime(2013, 5, 10, 9, tzinfo=UTC)
HTML = [("Content-Type", "text/html; charset=utf-8")]
PAGES = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2013-05-09") for n in range(3)}


def warc(pages: Mapping[str, bytes], *, packed: bool = True, kind: str = "text/html", maker: bool = True) -> bytes:
    """A WARC 1.0 file as a crawler of someone else's writes it, a page a minute from `THEN` on."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=packed, warc_version="WARC/1.0")
    if maker:
        writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "Heritrix/3.1", "format": "WARC"}))
    for number, (url, body) in enumerate(pages.items()):
        date = (THEN + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        head = StatusAndHeaders("200 OK", [("Content-Type", kind), ("Server", "nginx")], protocol="HTTP/1.1")
        response = writer.create_warc_record(
            url, "response", io.BytesIO(body), http_headers=head, warc_headers_dict={"WARC-Date": date}
        )
        writer.write_record(response)
    return buffer.getvalue()


def wacz(members: Mapping[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as package:
        package.writestr("datapackage.json", '{"profile": "data-package", "wacz_version": "1.1.1"}')
        for name, data in members.items():
            package.writestr(name, data)
    return buffer.getvalue()


def stored(bucket: Bucket) -> list[Capture]:
    """All captures of pages, by URL."""
    read = [one for key in list_page_files(bucket) for one in read_captures(io.BytesIO(bucket.get(key)), key)]
    return sorted(read, key=lambda one: (one.url, one.captured_at))


@contextmanager
def served(data: bytes, status: int = 200, promise: int = 0) -> Iterator[str]:
    """A web server that has one file; `promise` more bytes are announced than are sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data) + promise))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def source(sources: dict[str, Source]) -> Source:
    return sources["alfajr"]


@pytest.mark.parametrize(
    "data",
    [
        warc(PAGES),
        warc(PAGES, packed=False),
        gzip.compress(warc(PAGES, packed=False)),
        wacz({"archive/data.warc.gz": warc(PAGES), "pages/pages.jsonl": b"{}"}),
        wacz({"archive/data.warc": warc(PAGES, packed=False)}, zipfile.ZIP_DEFLATED),
    ],
    ids=["by record", "plain", "as a whole", "wacz", "wacz deflated"],
)
def test_every_packaging_gives_the_pages_with_their_own_times(
    bucket: Bucket, source: Source, tmp_path: Path, data: bytes
) -> None:
    file = tmp_path / "old site.warc.gz"
    file.write_bytes(data)
    done = import_archive(bucket, source, str(file))
    assert (done.kept, done.known, done.damaged, done.left_out) == (3, 0, [], {})
    captures = stored(bucket)
    assert {one.url: one.body for one in captures} == PAGES
    assert [one.captured_at for one in captures] == [THEN + timedelta(minutes=n) for n in range(3)]
    assert [one.found for one in captures] == [
        {"by": "import", "from": str(file), "archived_by": "Heritrix/3.1"} for _ in range(3)
    ]
    assert not any(one.truncated for one in captures)
    before = {one.key: one.etag for one in bucket.list()}
    again = import_archive(bucket, source, str(file))
    assert (again.kept, again.known, again.files) == (0, 3, [])
    assert {one.key: one.etag for one in bucket.list()} == before


def test_the_records_bytes_are_kept(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    file = tmp_path / "a.warc"
    file.write_bytes(warc(PAGES, packed=False, maker=False))
    [key] = import_archive(bucket, source, str(file)).files
    records = gzip.decompress(bucket.get(key)).split(b"WARC/1.1\r\n")  # our own notes between theirs
    theirs = b"".join(record[record.index(b"WARC/1.0") :] for record in records[1:])
    assert theirs == file.read_bytes()


def test_an_archive_from_the_web_and_from_a_store(bucket: Bucket, source: Source) -> None:
    with served(warc(PAGES, maker=False)) as url:
        host = url.removeprefix("http://")
        done = import_archive(
            bucket, source, f"http://me:secret@{host}/crawls/2013.warc.gz?signature=secret", loopback=True
        )
    assert done.kept == 3
    assert {one.found["from"] for one in stored(bucket)} == {f"{url}/crawls/2013.warc.gz"}
    assert {one.found["archived_by"] for one in stored(bucket)} == {"127.0.0.1"}
    bucket.delete_below("captures/")
    bucket.put("elsewhere/2013.wacz", wacz({"archive/a.warc.gz": warc(PAGES)}))
    assert import_archive(bucket, source, f"s3://{bucket.name}/elsewhere/2013.wacz").kept == 3


@pytest.mark.parametrize("status", [200, 404])
def test_no_password_of_an_address_is_told(
    bucket: Bucket, source: Source, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.INFO)
    with served(b"no archive", status) as url:
        address = url.replace("://", "://me:s3cret@") + "/a.warc.gz?X-Amz-Signature=s3cret"
        with pytest.raises(ArchiveFileError) as refused:
            import_archive(bucket, source, address, loopback=True)
    assert f"{url}/a.warc.gz" in str(refused.value)
    assert "s3cret" not in f"{refused.value} {caplog.text}"


def test_what_cannot_be_had_is_named(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    with served(b"", 404) as url, pytest.raises(ArchiveFileError, match="HTTP 404"):
        import_archive(bucket, source, f"{url}/a.warc.gz", loopback=True)
    with served(warc(PAGES), promise=100) as url, pytest.raises(ArchiveFileError, match="cannot be fetched"):
        import_archive(bucket, source, f"{url}/a.warc.gz", loopback=True)
    with pytest.raises(ArchiveFileError, match="no such object"):
        import_archive(bucket, source, f"s3://{bucket.name}/nothing")
    with pytest.raises(ArchiveFileError, match="cannot be read"):
        import_archive(bucket, source, str(tmp_path / "nothing"))
    with pytest.raises(ArchiveFileError, match="no address of the web"):
        import_archive(bucket, source, "https://[/a.warc.gz")
    assert stored(bucket) == []


def test_what_is_left_out_is_counted(
    bucket: Bucket, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO(warc(PAGES))
    buffer.seek(0, io.SEEK_END)
    writer = WARCWriter(buffer, gzip=True)
    writer.write_record(
        writer.create_revisit_record(
            "http://alfajr.example/0", "sha1:X", "http://alfajr.example/9", "2013-05-10T09:00:00Z"
        )
    )
    writer.write_record(writer.create_warc_record("http://alfajr.example/shot", "resource", io.BytesIO(b"x")))
    buffer.write(warc({"http://alfajr.example/a.png": b"x"}, kind="image/png"))
    buffer.write(warc({"http://ads.example/": b"x", "http://ads.example/2": b"x", "dns:alfajr.example": b"x"}))
    buffer.write(warc({"http://alfajr.example/big": b"x" * 200_000}))
    file = tmp_path / "a.warc.gz"
    file.write_bytes(buffer.getvalue())
    monkeypatch.setattr(import_archives, "MAX_BODY", 100_000)
    done = import_archive(bucket, source, str(file))
    assert done.kept == 3
    assert done.left_out == {OTHER_HOSTS: 3, NO_PAGE: 2, REVISIT: 1, TOO_LARGE: 1}
    assert done.hosts == {"ads.example": 2, "no host": 1}


def test_long_archives_become_files_of_the_usual_size(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    pages = {f"http://alfajr.example/{n:03}": f"<html>{n}".encode() for n in range(120)}
    file = tmp_path / "a.warc.gz"
    file.write_bytes(warc(pages))
    done = import_archive(bucket, source, str(file))
    assert (done.kept, len(done.files)) == (120, 3)
    assert {one.url: one.body for one in stored(bucket)} == pages


def test_who_interrupts_an_import_has_what_is_in_the_bucket_by_then(
    bucket: Bucket, source: Source, tmp_path: Path
) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(warc({f"http://alfajr.example/{n:03}": f"<html>{n}".encode() for n in range(120)}))
    done = import_archives.Imported()
    told: list[int] = []

    def interrupt(what: str, percent: int, total: int | None) -> None:
        assert (what, total) == ("a.warc.gz, %", 100)
        told.append(percent)
        if len(told) == 80:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_archive(bucket, source, str(file), done, interrupt)
    assert done.kept == len(stored(bucket)) == 50
    assert told == sorted(told)
    assert import_archive(bucket, source, str(file)).kept == 70


def test_a_kill_in_between_loses_and_doubles_nothing(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    pages = {f"http://alfajr.example/{n:03}": f"<html>{n}".encode() for n in range(120)}
    file = tmp_path / "a.warc.gz"
    file.write_bytes(warc(pages))
    for key in import_archive(bucket, source, str(file)).files[1:]:
        bucket.delete(key, key.removesuffix(".warc.gz") + ".cdxj")
    done = import_archive(bucket, source, str(file))
    assert (done.kept, done.known) == (70, 50)
    assert [one.url for one in stored(bucket)] == sorted(pages)


@pytest.mark.parametrize("packed", [True, False])
def test_what_is_damaged_in_the_middle_costs_that_record_alone(
    bucket: Bucket, source: Source, tmp_path: Path, packed: bool
) -> None:
    data = bytearray(warc(PAGES, packed=packed))
    if packed:
        members = [at for at in range(len(data)) if data[at : at + 3] == b"\x1f\x8b\x08"]
        data[members[2] + 200 : members[2] + 220] = b"\0" * 20
    else:
        at = data.index(b"WARC/1.0", data.index(b"http://alfajr.example/1") - 300)
        data[at : at + 8] = b"\0" * 8
    file = tmp_path / "a.warc.gz"
    file.write_bytes(data)
    done = import_archive(bucket, source, str(file))
    assert done.damaged
    whole = {one.url: one.body for one in stored(bucket) if not one.truncated}
    assert whole == {url: PAGES[url] for url in PAGES if not url.endswith("/1")}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("lost", [1, 3, 40, 600])
def test_a_file_that_breaks_off_is_told_and_no_page_taken_for_whole(
    bucket: Bucket, source: Source, tmp_path: Path, packed: bool, lost: int
) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(warc(PAGES, packed=packed)[:-lost])
    done = import_archive(bucket, source, str(file))
    whole = {one.url: one.body for one in stored(bucket) if not one.truncated}
    assert set(whole.items()) <= set(PAGES.items())
    assert len(whole) >= 2
    assert done.damaged or not packed  # of the blank lines behind a plain record nothing is missed
    if len(whole) == 2:
        assert done.damaged


def test_a_page_that_was_cut_off_is_taken_again_when_it_is_whole(
    bucket: Bucket, source: Source, tmp_path: Path
) -> None:
    file = tmp_path / "a.warc.gz"
    for lost, counts in ((600, (3, 0)), (600, (0, 3)), (0, (1, 2)), (0, (0, 3))):
        data = warc(PAGES)
        file.write_bytes(data[: len(data) - lost])
        done = import_archive(bucket, source, str(file))
        assert (done.kept, done.known) == counts
        build.build(bucket, {"alfajr": source}, "b1")
    assert {one.url: one.body for one in stored(bucket) if not one.truncated} == PAGES


def test_a_wacz_is_read_by_its_archive_folder_alone(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    file = tmp_path / "a.wacz"
    evil = {f"http://alfajr.example/evil{n}": b"<html>" for n in range(2)}
    file.write_bytes(
        wacz(
            {
                "archive/../../evil.warc.gz": warc(evil),
                "../archive/b.warc.gz": warc(evil),
                "archive/a.warc.gz": warc(PAGES),
            }
        )
    )
    assert import_archive(bucket, source, str(file)).kept == 3
    assert {one.url for one in stored(bucket)} == set(PAGES)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wacz"]
    file.write_bytes(wacz({"elsewhere/a.warc.gz": warc(PAGES)}))
    with pytest.raises(ArchiveFileError, match=r"holds no archive/\*\.warc\.gz"):
        import_archive(bucket, source, str(file))
    file.write_bytes(wacz({"archive/a.warc.gz": warc(PAGES)})[:-30])
    with pytest.raises(ArchiveFileError, match="a damaged WACZ file"):
        import_archive(bucket, source, str(file))


def test_bombs_end_and_are_named(
    bucket: Bucket, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.wacz"
    bomb = b"WARC/1.0\r\n" + b"\0" * 50_000_000
    file.write_bytes(wacz({"archive/a.warc": bomb, "archive/b.warc.gz": warc(PAGES)}, zipfile.ZIP_DEFLATED))
    done = import_archive(bucket, source, str(file))
    assert done.kept == 3
    assert "unpacks to more than 200 times its size" in done.damaged[0]
    monkeypatch.setattr(read_records, "__defaults__", (2**20,))
    bucket.delete_below("captures/")
    file.write_bytes(gzip.compress(bomb) + warc(PAGES))
    done = import_archive(bucket, source, str(file))
    assert done.kept == 3
    assert any("unpacks to more than 1048576 bytes" in loss for loss in done.damaged)


@pytest.mark.parametrize("packed", [True, False])
def test_a_disk_without_room_is_told_and_is_no_damage(
    bucket: Bucket, source: Source, tmp_path: Path, packed: bool
) -> None:
    held = warc({"http://alfajr.example/1": b"<html>" + random.Random(1).randbytes(50_000)})
    bucket.put("elsewhere/a", wacz({"archive/a.warc.gz": held}) if packed else held)
    (tmp_path / "a").write_bytes(bucket.get("elsewhere/a"))
    location = str(tmp_path / "a") if packed else f"s3://{bucket.name}/elsewhere/a"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(ArchiveFileError, match=r"cannot be kept while it is read: .*: make room in TMPDIR"):
            import_archive(bucket, source, location)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert import_archive(bucket, source, location).kept == 1


def test_what_members_of_a_wacz_share_counts_for_each(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    """Ten members that are one and the same bytes of the file, as in the bombs that pack petabytes."""
    file = tmp_path / "a.wacz"
    held = wacz({"archive/a.warc.gz": warc(PAGES), "archive/b.warc": b"x" * 3_000_000}, zipfile.ZIP_DEFLATED)
    begin = held.index(b"PK\x01\x02")
    entries = [b"PK\x01\x02" + entry for entry in held[begin : held.index(b"PK\x05\x06")].split(b"PK\x01\x02")[1:]]
    directory = b"".join(entries) + entries[-1] * 1_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1_003, 1_003, len(directory), begin, 0)
    file.write_bytes(held[:begin] + directory + end)
    done = import_archive(bucket, source, str(file))
    assert done.kept == 3
    assert any("200 times the package's size" in loss or "verlapped" in loss for loss in done.damaged)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 6000), st.booleans())
def test_no_bytes_raise_anything_else(
    bucket: Bucket, source: Source, tmp_path: Path, noise: bytes, at: int, packed: bool
) -> None:
    data = warc(PAGES, packed=packed)
    file = tmp_path / "a"
    file.write_bytes(data[:at] + noise + data[at + len(noise) :])
    try:
        done = import_archive(bucket, source, str(file))
    except ArchiveFileError:
        return
    assert len(done.damaged) <= import_archives._MAX_TOLD + 1
    kept = [one for key in done.files for one in read_captures(io.BytesIO(bucket.get(key)), key) if not one.truncated]
    altered = [one.body for one in kept if one.body not in PAGES.values()]
    assert not altered or done.odd or done.damaged, "what its archive belies is told"


@pytest.mark.parametrize(
    "data", [b"", b"\x1f\x8b not gzip", b"<html>", gzip.compress(b"hello\r\n\r\n", mtime=0), b"PK\x03\x04"]
)
def test_what_is_no_archive_is_refused(bucket: Bucket, source: Source, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(data)
    with pytest.raises(ArchiveFileError, match="is no readable WARC, ARC or WACZ file"):
        import_archive(bucket, source, str(file))


def test_an_archive_of_ours_keeps_what_it_says_of_its_pages(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    key = archive(bucket, "almada", "x", {"http://alfajr.example/1": page("خبر", prose(1))})
    file = tmp_path / "ours.warc.gz"
    file.write_bytes(bucket.get(key))
    bucket.delete_below("captures/")
    assert import_archive(bucket, source, str(file)).kept == 1
    [capture] = stored(bucket)
    assert capture.found == {"by": "import", "from": str(file), "archived_by": "ours.warc.gz"}


def test_a_count_of_days_is_counted_from_the_archives_capture(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    text = "".join(f"<p>{line}</p>" for line in prose(7))
    body = (
        "<!doctype html><html lang='ar'><head><meta charset='utf-8'><title>خبر قديم</title></head><body><article>"
        f"<h1>خبر قديم</h1><span class='date'>قبل يومين</span><div class='content'>{text}</div></article></body></html>"
    )
    file = tmp_path / "a.warc.gz"
    file.write_bytes(warc({"http://alfajr.example/1": body.encode()}))
    import_archive(bucket, source, str(file))
    build.build(bucket, {"alfajr": source}, "b1")
    [row] = Documents(bucket).read(["published_day", "captured_at", "rejected"]).to_pylist()
    assert row["rejected"] is None
    assert row["captured_at"] == THEN
    assert row["published_day"] == (THEN - timedelta(days=2)).date()


CASES = Path("../shared/cases/03-warc-payload-digest")
FIRST, BODY = archives.URLS[0], archives.PAGES[0]


def taken(bucket: Bucket, source: Source, folder: Path, *records: bytes) -> import_archives.Imported:
    """An archive of these records, imported."""
    file = folder / "old.warc"
    file.write_bytes(b"".join(records))
    return import_archive(bucket, source, str(file))


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not here")
def test_pages_are_whole_whatever_convention_their_digests_follow(bucket: Bucket, tmp_path: Path) -> None:
    for file in sorted(CASES.glob("*.warc.gz")):
        captures = list(read_captures(io.BytesIO(file.read_bytes()), "x"))
        assert ([one.truncated for one in captures], len({one.body for one in captures})) == ([False] * 5, 5), file.name


def digests() -> dict[str, tuple[list[str], bytes]]:
    """Headers with digests as tools write them, and the block that they are of."""
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    packed = gzip.compress(BODY)

    def sha1(data: bytes) -> str:
        return base64.b32encode(hashlib.sha1(data).digest()).decode()

    plain = archives.http(BODY)
    return {
        "the standard's": ([f"WARC-Payload-Digest: sha1:{sha1(BODY)}"], plain),
        "lower case": ([f"WARC-Payload-Digest: SHA-1:{sha1(BODY).lower()}"], plain),
        "hexadecimal": ([f"WARC-Payload-Digest: sha256:{hashlib.sha256(BODY).hexdigest()}"], plain),
        "md5": ([f"WARC-Payload-Digest: md5:{hashlib.md5(BODY).hexdigest().upper()}"], plain),
        "not padded": (
            [f"WARC-Payload-Digest: sha256:{base64.b32encode(hashlib.sha256(BODY).digest()).decode().rstrip('=')}"],
            plain,
        ),
        "base 64": (
            [f"WARC-Payload-Digest: sha512:{base64.b64encode(hashlib.sha512(BODY).digest()).decode()}"],
            plain,
        ),
        "of the block": ([f"WARC-Payload-Digest: sha1:{sha1(plain)}"], plain),
        "without the chunks": (
            [f"WARC-Payload-Digest: sha1:{sha1(BODY)}"],
            archives.http(chunked, "Transfer-Encoding: chunked"),
        ),
        "with the chunks": (
            [f"WARC-Payload-Digest: sha1:{sha1(chunked)}"],
            archives.http(chunked, "Transfer-Encoding: chunked"),
        ),
        "decoded": ([f"WARC-Payload-Digest: sha1:{sha1(BODY)}"], archives.http(packed, "Content-Encoding: gzip")),
        "unknown": (["WARC-Payload-Digest: blake9:abcdef"], plain),
        "no digest": (["WARC-Payload-Digest: -"], plain),
        "the block's settles it": (
            [f"WARC-Block-Digest: sha1:{sha1(plain)}", f"WARC-Payload-Digest: sha1:{sha1(b'x')}"],
            plain,
        ),
    }


def test_digests_of_any_convention_are_nothing_to_tell(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    made = [
        archives.warc(f"http://alfajr.example/{n}", block, more=tuple(fields))
        for n, (fields, block) in enumerate(digests().values())
    ]
    done = taken(bucket, source, tmp_path, *made)
    assert (done.kept, done.truncated, done.losses()) == (len(made), 0, [])
    assert {one.body for one in stored(bucket)} == {BODY}


def test_a_digest_that_nothing_matches_is_counted_and_its_page_taken(
    bucket: Bucket, source: Source, tmp_path: Path
) -> None:
    wrong = archives.warc(FIRST, archives.http(BODY), more=("WARC-Payload-Digest: sha1:" + "A" * 32,))
    done = taken(bucket, source, tmp_path, archives.RECORDS[1], wrong)
    assert (done.kept, done.truncated, done.odd) == (2, 0, {BELIED: 1})
    place = f"at byte {len(archives.RECORDS[1])} of {tmp_path / 'old.warc'}"
    assert done.losses() == [f"1 of the pages {BELIED}, and are taken as they are: the first {place}"]
    assert not any(one.truncated for one in stored(bucket))


@pytest.mark.parametrize(
    "data",
    [
        b"".join(map(zstd.compress, archives.RECORDS)),
        archives.with_dictionary(archives.RECORDS, packed=True),
        b"".join(map(gzip.compress, [archives.ARC_HEAD, *archives.ARCS])),
        wacz({"archive/data.warc.zst": b"".join(map(zstd.compress, archives.RECORDS))}),
    ],
    ids=["zst", "zst with a dictionary", "arc.gz", "wacz with zst"],
)
def test_other_formats_are_taken_as_warc_that_any_tool_reads(
    bucket: Bucket, source: Source, tmp_path: Path, data: bytes
) -> None:
    file = tmp_path / "old.bin"
    file.write_bytes(data)
    done = import_archive(bucket, source, str(file))
    assert (done.kept, done.losses()) == (4, [])
    assert {one.url: one.body for one in stored(bucket)} == dict(zip(archives.URLS, archives.PAGES, strict=True))
    assert {one.captured_at for one in stored(bucket)} == {THEN}
    again = import_archive(bucket, source, str(file))
    assert (again.kept, again.known) == (0, 4)
    records = list(ArchiveIterator(io.BytesIO(bucket.get(done.files[0]))))
    assert [one.rec_type for one in records] == ["metadata", "response"] * 4


def revisit(url: str, of: str = FIRST, at: str = "2013-05-10T09:00:00Z", head: bool = True, **more: str) -> bytes:
    named = [f"WARC-Refers-To-Target-URI: {of}", f"WARC-Refers-To-Date: {at}"] if of else []
    block = archives.http(b"") if head else b""
    record = archives.warc(url, block, more=(*named, *(f"{name}: {value}" for name, value in more.items())))
    return record.replace(b": response", b": revisit").replace(b"2013-05-10T09:00:00Z", b"2013-06-01T00:00:00Z", 1)


@pytest.mark.parametrize("first", [True, False], ids=["original first", "original last"])
@pytest.mark.parametrize("head", [True, False], ids=["with headers", "without"])
def test_revisits_are_resolved_where_their_original_is_in_the_archive(
    bucket: Bucket, source: Source, tmp_path: Path, first: bool, head: bool
) -> None:
    revisits = [revisit(FIRST, head=head), revisit("http://alfajr.example/other", head=head)]
    done = taken(
        bucket, source, tmp_path, *([archives.RECORDS[0], *revisits] if first else [*revisits, archives.RECORDS[0]])
    )
    assert (done.kept, done.left_out, done.losses()) == (3, {}, [])
    original, same, other = stored(bucket)
    assert (original.revisit, original.body) == (False, BODY)
    assert (same.url, same.revisit, same.captured_at) == (FIRST, True, datetime(2013, 6, 1, tzinfo=UTC))
    assert (other.revisit, other.body, other.captured_at) == (False, BODY, datetime(2013, 6, 1, tzinfo=UTC))
    assert (other.status, other.truncated, other.found["revisit_of"]) == (200, False, FIRST)
    again = import_archive(bucket, source, str(tmp_path / "old.warc"))
    assert (again.kept, again.known) == (0, 3)


def test_revisits_of_what_the_bucket_has_are_resolved_by_digest_too_and_others_named(
    bucket: Bucket, source: Source, tmp_path: Path
) -> None:
    digest = "sha1:" + base64.b32encode(hashlib.sha1(BODY).digest()).decode()
    lost = revisit("http://alfajr.example/lost", of="http://alfajr.example/nowhere")
    alike = revisit(
        "http://alfajr.example/alike", of="", **{"WARC-Payload-Digest": digest.upper().replace("SHA1", "sha1")}
    )
    picture = revisit("http://alfajr.example/a.png").replace(b"text/html; charset=utf-8", b"image/png;              ")
    done = taken(bucket, source, tmp_path, lost, alike, picture)
    assert (done.kept, done.left_out) == (0, {REVISIT: 2, NO_PAGE: 1})
    assert done.left_out_told()[1:] == [
        f"left out: 2 {REVISIT}: the first http://alfajr.example/lost of 2013-06-01T00:00:00Z, "
        "http://alfajr.example/alike of 2013-06-01T00:00:00Z"
    ]
    taken(bucket, source, tmp_path, archives.warc(FIRST, archives.http(BODY), more=(f"WARC-Payload-Digest: {digest}",)))
    done = taken(bucket, source, tmp_path, lost, alike, picture)
    assert (done.kept, done.left_out) == (1, {REVISIT: 1, NO_PAGE: 1})
    assert {one.url: one.body for one in stored(bucket)} == {FIRST: BODY, "http://alfajr.example/alike": BODY}


def of_kind(kind: str, url: str, content_type: str = "text/html") -> bytes:
    record = archives.warc(url, BODY).replace(b"WARC-Type: response", b"WARC-Type: " + kind.encode())
    return record.replace(b"application/http;msgtype=response", content_type.encode())


def test_a_page_without_its_response_is_taken_and_what_tools_made_of_pages_is_not(
    bucket: Bucket, source: Source, tmp_path: Path
) -> None:
    done = taken(
        bucket,
        source,
        tmp_path,
        of_kind("resource", FIRST, "text/html; charset=utf-8"),
        of_kind("resource", "http://alfajr.example/a.png", "image/png"),
        of_kind("resource", "http://alfajr.example/none", "application/warc-fields"),
        of_kind("conversion", "http://alfajr.example/c"),
        of_kind("continuation", "http://alfajr.example/d"),
        archives.warc("http://alfajr.example/empty", b""),
    )
    assert (done.kept, done.left_out) == (1, {NO_PAGE: 2, CONVERSION: 1, UNKNOWN: 1, NO_RESPONSE: 1})
    told = "; ".join(done.left_out_told())
    assert f"left out: 1 {UNKNOWN}: the first continuation at byte" in told
    assert f"left out: 1 {NO_RESPONSE}: the first at byte" in told
    [capture] = stored(bucket)
    assert (capture.url, capture.status, capture.body, capture.truncated) == (FIRST, 200, BODY, False)
    build.build(bucket, {"alfajr": source}, "b1")
    assert Documents(bucket).read(["rejected"]).to_pylist() == [{"rejected": None}]


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("2013-05-10T12:00:00+03:00", THEN),
        ("2013-05-10T09:00:00.000000000Z", THEN),
        ("2013-05-10T09:00:00", THEN),
        ("20130510090000", THEN),
        ("2013-05-10", THEN.replace(hour=0)),
        ("0001-01-01T00:00:00+03:00", None),
        ("9999-12-31T23:59:59-03:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("2013-13-45T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_is_read_or_costs_its_record_alone(
    bucket: Bucket, source: Source, tmp_path: Path, date: str, instant: datetime | None
) -> None:
    odd = archives.RECORDS[0].replace(b"2013-05-10T09:00:00Z", date.encode())
    done = taken(bucket, source, tmp_path, archives.RECORDS[1], odd, archives.RECORDS[2])
    assert [one.captured_at for one in stored(bucket) if one.url == FIRST] == ([instant] if instant else [])
    assert (done.kept, len(done.damaged)) == ((3, 0) if instant else (2, 1))
    if not instant:
        assert f"at byte {len(archives.RECORDS[1])}: {FIRST}" in done.damaged[0]


@pytest.mark.parametrize(
    ("change", "url"),
    [
        (lambda record: record.replace(FIRST.encode(), f"<{FIRST}>".encode(), 1), FIRST),
        (
            lambda record: record.replace(FIRST.encode(), "http://alfajr.example/أخبار/قصف".encode(), 1),
            "http://alfajr.example/أخبار/قصف",
        ),
        (lambda record: record.replace(b"HTTP/1.1 200 OK", b"HTTP/2 200"), FIRST),
        (lambda record: record.replace(b"WARC-Target-URI", b"warc-target-uri"), FIRST),
        (lambda record: record.replace(b"WARC/1.0", b"WARC/0.18"), FIRST),
    ],
    ids=["in angle brackets", "raw Arabic", "HTTP/2", "lower case", "WARC 0.18"],
)
def test_headers_as_tools_write_them_are_read(
    bucket: Bucket, source: Source, tmp_path: Path, change: Callable[[bytes], bytes], url: str
) -> None:
    length = len(archives.http(BODY))
    changed = change(archives.RECORDS[0])
    length -= len(archives.RECORDS[0]) - len(changed) if b"HTTP/2" in changed else 0
    changed = changed.replace(
        f"Content-Length: {len(archives.http(BODY))}".encode(), f"Content-Length: {length}".encode()
    )
    done = taken(bucket, source, tmp_path, changed)
    assert (done.kept, done.losses()) == (1, [])
    assert [(one.url, one.status, one.body) for one in stored(bucket)] == [(url, 200, BODY)]


def test_what_its_own_headers_call_a_part_is_no_whole_page(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    block = archives.http(BODY)
    short = archives.http(BODY[:-100], f"Content-Length: {len(BODY)}")
    chunks = archives.http(b"%x\r\n%b" % (len(BODY), BODY[:-100]), "Transfer-Encoding: chunked")
    done = taken(
        bucket,
        source,
        tmp_path,
        archives.warc(archives.URLS[0], block, more=("WARC-Truncated: length",)),
        archives.warc(archives.URLS[1], block, more=("WARC-Segment-Number: 1",)),
        archives.warc(archives.URLS[2], short),
        archives.warc(archives.URLS[3], chunks),
    )
    assert (done.kept, done.truncated) == (4, 4)


def test_a_length_that_no_file_has_loses_nothing_before_it(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    monster = archives.warc(archives.URLS[2], archives.http(archives.PAGES[2]), length=10**14)
    done = taken(bucket, source, tmp_path, *archives.RECORDS[:2], monster)
    assert (done.kept, done.truncated) == (3, 1)
    assert done.damaged == [
        f"{tmp_path / 'old.warc'}: the file breaks off in the record at byte {len(b''.join(archives.RECORDS[:2]))}"
    ]
    assert sum(not one.truncated for one in stored(bucket)) == 2


def test_a_length_that_is_not_the_records_own_is_told(bucket: Bucket, source: Source, tmp_path: Path) -> None:
    wrong = gzip.compress(archives.warc(FIRST, archives.http(BODY), length=3))
    done = taken(bucket, source, tmp_path, wrong)
    assert (done.kept, done.truncated, done.odd, done.damaged) == (1, 0, {MENDED: 1}, [])
    assert [one.body for one in stored(bucket)] == [BODY]
