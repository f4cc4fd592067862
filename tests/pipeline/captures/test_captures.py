import contextlib
import gzip
import io
import json
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.bucket import Bucket, ConflictError
from pipeline.captures.index import list_page_files, read_index, source_of
from pipeline.captures.model import TAKEN_DOWN_URN, Capture, CaptureError, Exchange, IndexLine
from pipeline.captures.purge import purge
from pipeline.captures.read import read_captures, read_headers
from pipeline.captures.write import Archived, CaptureWriter, archive_file

NOW = datetime(2024, 3, 5, 10, 30, 15, 123456, tzinfo=UTC)
URL = "http://alfajr.example/خبر?id=1"


def exchange(url: str = URL, body: bytes = b"<html>", **changes: object) -> Exchange:
    fields: dict[str, object] = {
        "url": url,
        "fetched_at": NOW,
        "status": 200,
        "reason": "OK",
        "headers": [("Content-Type", "text/html; charset=utf-8")],
        "body": body,
        "request_headers": [("User-Agent", "warraq")],
        "found": {"by": "feed", "title": "عنوان"},
    }
    return Exchange(**(fields | changes))  # type: ignore[arg-type]


def read_back(bucket: Bucket, key: str) -> list[Capture]:
    return list(read_captures(io.BytesIO(bucket.get(key)), key))


def test_what_is_written_is_read_back(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    assert writer.flush() is None
    writer.add(exchange())
    writer.add(exchange("http://alfajr.example/2", b"", status=404, reason="Not Found"))
    assert writer.pending == 2
    key = writer.flush()
    assert key == "captures/source=alfajr/fetched=2024-03-05/run1-00000.warc.gz"
    assert writer.pending == 0
    first, second = read_back(bucket, key)
    assert (first.url, first.body, first.status, first.captured_at) == (URL, b"<html>", 200, NOW)
    assert first.found == {"by": "feed", "title": "عنوان"}
    assert first.content_type == "text/html; charset=utf-8"
    assert (second.status, second.body) == (404, b"")
    assert source_of(key) == "alfajr"
    assert list_page_files(bucket) == list_page_files(bucket, "alfajr") == [key]


def test_other_archive_tools_find_the_records_whole(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange())
    data = bucket.get(str(writer.flush()))
    records = ArchiveIterator(io.BytesIO(data), check_digests="raise")
    kinds = []
    for record in records:
        record.content_stream().read()
        kinds.append((record.rec_type, record.rec_headers.protocol))
    assert kinds == [("metadata", "WARC/1.1"), ("request", "WARC/1.1"), ("response", "WARC/1.1")]


def test_a_record_is_found_by_its_offset_alone(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    for number in range(3):
        writer.add(exchange(f"http://alfajr.example/{number}", f"<html>{number}".encode()))
    key = str(writer.flush())
    for number, capture in enumerate(read_back(bucket, key)):
        record = next(iter(ArchiveIterator(io.BytesIO(bucket.get(key)[capture.offset :]))))
        assert record.content_stream().read() == f"<html>{number}".encode()


def test_the_index_says_what_the_file_holds_and_is_remade_where_a_kill_left_none(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange())
    key = str(writer.flush())
    index = read_index(bucket, key)
    [capture] = read_back(bucket, key)
    found = {"by": "feed", "title": "عنوان"}
    assert index == [IndexLine(URL, NOW, 200, capture.digest, found, key=key, offset=capture.offset)]
    [line] = bucket.get(key.replace(".warc.gz", ".cdxj")).decode().splitlines()
    assert line.startswith("example,alfajr)/")
    assert " 20240305103015 {" in line
    bucket.delete(key.replace(".warc.gz", ".cdxj"))
    assert read_index(bucket, key) == index


def test_the_index_says_where_a_redirect_leads(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(body=b"", status=301, reason="Moved Permanently", headers=[("Location", "/new")]))
    key = str(writer.flush())
    [capture] = read_back(bucket, key)
    [line] = read_index(bucket, key)
    assert capture.location == line.location == "/new"


def test_a_revisit_keeps_no_body_and_names_what_it_repeats(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange())
    [known] = read_index(bucket, str(writer.flush()))
    writer.add(exchange(fetched_at=NOW + timedelta(days=1)), same_as=known)
    key = str(writer.flush())
    assert key.endswith("run1-00001.warc.gz")
    [capture] = read_back(bucket, key)
    [line] = read_index(bucket, key)
    assert capture.revisit
    assert line.revisit
    assert read_headers(bucket, line)["content-type"].startswith("text/html")
    assert capture.body == b""
    assert capture.digest == known.digest


def test_discovery_lies_apart_from_pages(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1", "discovery")
    writer.add(exchange("http://alfajr.example/feed"))
    assert "run1-discovery-00000" in str(writer.flush())
    assert list_page_files(bucket) == []


def test_encoded_bodies_are_kept_as_sent_and_read_decoded(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    packed = gzip.compress(b"<html>" * 100)
    writer.add(exchange(body=packed, headers=[("Content-Type", "text/html"), ("Content-Encoding", "gzip")]))
    writer.add(exchange(body=b"no gzip at all", headers=[("Content-Encoding", "gzip")]))
    key = str(writer.flush())
    first, second = read_back(bucket, key)
    assert first.body == b"<html>" * 100
    assert not first.truncated
    assert second.truncated or second.body == b"no gzip at all"
    assert packed in b"".join(
        record.raw_stream.read()
        for record in ArchiveIterator(io.BytesIO(bucket.get(key)))
        if record.rec_type == "response"
    )


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "br"])
def test_every_content_encoding_is_undone_and_cut(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    pack = {"br": brotli.compress, "deflate": zlib.compress}.get(encoding, gzip.compress)
    writer = CaptureWriter(bucket, "alfajr", "run")
    for size in (10**3, 10**6):
        writer.add(exchange(body=pack(b"0" * size), headers=[("Content-Encoding", encoding)]))
    key = str(writer.flush())
    monkeypatch.setattr("pipeline.captures.read.MAX_BODY", 10**5)
    small, bomb = read_captures(io.BytesIO(bucket.get(key)), key)
    assert (small.body, small.truncated) == (b"0" * 10**3, False)
    assert (bomb.body, bomb.truncated) == (b"0" * 10**5, True)


def test_a_gzip_bomb_is_cut(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.captures.read.MAX_BODY", 1000)
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(body=gzip.compress(b"0" * 10**6), headers=[("Content-Encoding", "gzip")]))
    [capture] = read_back(bucket, str(writer.flush()))
    assert capture.truncated
    assert len(capture.body) == 1000


def test_a_runs_name_is_used_once(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange())
    writer.flush()
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(body=b"other"))
    with pytest.raises(ConflictError):
        writer.flush()
    assert writer.pending == 1


def test_a_foreign_file_is_taken_in_byte_for_byte(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "elsewhere", "run1")
    writer.add(exchange())
    data = bucket.get(str(writer.flush()))
    key = "captures/source=alfajr/fetched=2024-03-05/import-x-00000.warc.gz"
    assert archive_file(bucket, "alfajr", "import-x", data) == Archived(key, responses=1, truncated=0)
    assert archive_file(bucket, "alfajr", "import-x", data).key == key
    assert bucket.get(key) == data
    assert [line.url for line in read_index(bucket, key)] == [URL]


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b not gzip", b"<html>", gzip.compress(b"hello\r\n\r\n", mtime=0)])
def test_what_is_no_warc_is_refused(bucket: Bucket, data: bytes) -> None:
    with pytest.raises(CaptureError, match="import-x"):
        archive_file(bucket, "alfajr", "import-x", data)
    assert list(bucket.list("captures/")) == []


def test_a_broken_record_is_never_taken_for_a_whole_one(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange())
    writer.add(exchange("http://alfajr.example/2", bytes(range(256)) * 20))
    key = str(writer.flush())
    data = bucket.get(key)
    for cut in (data[:-40], data[:-40] + b"\0" * 40, data[:-1000]):
        read = []
        with contextlib.suppress(CaptureError):
            read.extend(read_captures(io.BytesIO(cut), key))
        assert (read[0].url, read[0].truncated) == (URL, False)
        assert all(capture.truncated for capture in read[1:])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=2000), st.integers(0, 2000))
def test_no_bytes_raise_anything_else(data: bytes, at: int) -> None:
    for broken in (data, gzip.compress(data), data[:at] + b"WARC/1.1\r\n" + data[at:]):
        with contextlib.suppress(CaptureError):
            list(read_captures(io.BytesIO(broken), "x"))


# What is taken down -------------------------------------------------------------------------------------------------------

ID = "0123456789abcdef" * 2
KEEP, GONE = "http://alfajr.example/keep", "http://alfajr.example/gone"


def is_gone(capture: Capture) -> bool:
    return capture.url == GONE


def foreign(*records: tuple[str, str, bytes, dict[str, str]]) -> bytes:
    """A WARC file by another tool: type, target, block and further headers of each record."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    for kind, target, block, headers in records:
        http = {
            "response": StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0"),
            "request": StatusAndHeaders("GET / HTTP/1.0", [("X", target)], is_http_request=True),
        }.get(kind)
        content_type = None if http else "text/plain"
        writer.write_record(
            writer.create_warc_record(
                target,
                kind,
                io.BytesIO(block),
                http_headers=http,
                warc_content_type=content_type,
                warc_headers_dict={"WARC-Date": "2024-03-05T10:30:15Z"} | headers,
            )
        )
    return buffer.getvalue()


def unpacked(data: bytes) -> bytes:
    return gzip.decompress(data)


LAYOUTS: dict[str, list[tuple[str, str, bytes, dict[str, str]]]] = {
    "response first": [
        ("response", GONE, b"SECRET", {"WARC-Record-ID": "<urn:a>"}),
        ("request", GONE, b"", {"WARC-Concurrent-To": "<urn:a>"}),
        ("response", KEEP, b"kept", {"WARC-Record-ID": "<urn:b>"}),
        ("request", KEEP, b"", {"WARC-Concurrent-To": "<urn:b>"}),
    ],
    "the response names its request": [
        ("request", GONE, b"", {"WARC-Record-ID": "<urn:a>"}),
        ("response", GONE, b"SECRET", {"WARC-Concurrent-To": "<urn:a>"}),
        ("request", KEEP, b"", {"WARC-Record-ID": "<urn:b>"}),
        ("response", KEEP, b"kept", {"WARC-Concurrent-To": "<urn:b>"}),
    ],
    "no links": [
        ("request", GONE, b"", {}),
        ("response", GONE, b"SECRET", {}),
        ("request", KEEP, b"", {}),
        ("response", KEEP, b"kept", {}),
    ],
    "texts and pictures made of the page": [
        ("response", KEEP, b"kept", {"WARC-Record-ID": "<urn:b>"}),
        ("conversion", KEEP, b"kept text", {"WARC-Refers-To": "<urn:b>"}),
        ("response", GONE, b"SECRET", {"WARC-Record-ID": "<urn:a>"}),
        ("request", GONE, b"", {"WARC-Concurrent-To": "<urn:a>", "WARC-Record-ID": "<urn:r>"}),
        ("metadata", "", b"a note on SECRET", {"WARC-Concurrent-To": "<urn:r>"}),
        ("conversion", "http://elsewhere.example/", b"SECRET", {"WARC-Refers-To": "<urn:a>"}),
        ("resource", f"urn:text:{GONE}", b"SECRET", {}),
        ("resource", f"urn:text:{KEEP}", b"kept text", {}),
    ],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_purge_finds_what_belongs_to_a_page_however_the_file_is_laid_out(bucket: Bucket, layout: str) -> None:
    data = foreign(*LAYOUTS[layout])
    key = archive_file(bucket, "alfajr", "import-x", data).key
    before = read_back(bucket, key)
    assert purge(bucket, key, ID, is_gone) == 1
    after, now = read_back(bucket, key), bucket.get(key)
    assert len(now) == len(data)
    assert [one.offset for one in after] == [one.offset for one in before]
    [purged] = [one for one in after if one not in before]
    assert (purged.url, purged.status, purged.body) == (f"{TAKEN_DOWN_URN}{ID}", 0, b"")
    assert purged.captured_at == datetime(2024, 3, 5, 10, 30, 15, tzinfo=UTC)
    plain = unpacked(now)
    assert b"SECRET" not in plain
    assert GONE.encode() not in plain
    assert plain.count(b"kept") == unpacked(data).count(b"kept")
    assert plain.count(KEEP.encode()) == unpacked(data).count(KEEP.encode())
    assert len(list(ArchiveIterator(io.BytesIO(now), check_digests="raise"))) == len(LAYOUTS[layout])
    assert [line.url for line in read_index(bucket, key)] == [KEEP, purged.url]
    assert purge(bucket, key, ID, is_gone) == 0
    assert bucket.get(key) == now


def test_a_redirect_an_error_and_a_revisit_are_purged_too(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(GONE))
    [known] = read_index(bucket, str(writer.flush()))
    writer.add(exchange(GONE), same_as=known)
    writer.add(exchange(GONE, b"", status=304, headers=[], found={}), same_as=known)
    writer.add(exchange(GONE, b"", status=404, headers=[], found={}, request_headers=[]))
    writer.add(exchange(KEEP))
    key = str(writer.flush())
    assert purge(bucket, key, ID, is_gone) == 3
    assert GONE.encode() not in unpacked(bucket.get(key))
    assert GONE not in bucket.get(key.replace(".warc.gz", ".cdxj")).decode()
    assert [one.url for one in read_back(bucket, key)] == [f"{TAKEN_DOWN_URN}{ID}"] * 3 + [KEEP]


def test_a_purge_cut_short_before_the_index_is_finished_by_the_next(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(GONE))
    writer.add(exchange(KEEP))
    key = str(writer.flush())
    index_key = key.replace(".warc.gz", ".cdxj")
    index = bucket.get(index_key)
    purge(bucket, key, ID, is_gone)
    made = bucket.get(index_key)
    bucket.put(index_key, index)
    assert purge(bucket, key, ID, is_gone) == 0
    assert bucket.get(index_key) == made
    bucket.delete(index_key)
    assert [line.url for line in read_index(bucket, key)] == [f"{TAKEN_DOWN_URN}{ID}", KEEP]
    fields = [json.loads(line.split(" ", 2)[2]) for line in made.decode().splitlines()]
    assert [(one["url"], one["found"]) for one in fields] == [
        (KEEP, {"by": "feed", "title": "عنوان"}),
        (f"{TAKEN_DOWN_URN}{ID}", {}),
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 200_000), st.integers(0, 300), st.randoms(use_true_random=False))
def test_a_record_of_any_length_is_purged_in_place(bucket: Bucket, size: int, path: int, chance: random.Random) -> None:
    """Random bytes do not shrink, so that every length comes up."""
    target = GONE + "x" * path
    data = foreign(
        ("response", target, chance.randbytes(size), {}), ("response", KEEP, b"kept", {}), ("request", target, b"", {})
    )
    key = archive_file(bucket, "alfajr", f"import-{zlib.crc32(data)}", data).key
    assert purge(bucket, key, ID, lambda capture: capture.url == target) == 1
    now = bucket.get(key)
    assert len(now) == len(data)
    assert target.encode() not in unpacked(now)
    assert [(one.url, one.body) for one in read_back(bucket, key)] == [(f"{TAKEN_DOWN_URN}{ID}", b""), (KEEP, b"kept")]


def cut_off(data: bytes) -> bytes:
    return data[:-40]


def spoilt(data: bytes) -> bytes:
    return data[: len(data) // 2] + b"\0" * (len(data) // 2)


@pytest.mark.parametrize("broken", [cut_off, spoilt])
def test_a_file_that_breaks_off_in_what_is_down_is_purged_to_its_end(
    bucket: Bucket, broken: Callable[[bytes], bytes]
) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(KEEP))
    writer.add(exchange(GONE, random.Random(1).randbytes(40_000) + b"SECRET"))
    key = str(writer.flush())
    bucket.put(key, broken(bucket.get(key)))
    assert purge(bucket, key, ID, is_gone) == 1
    assert [one.url for one in read_back(bucket, key)] == [KEEP, f"{TAKEN_DOWN_URN}{ID}"]


def test_a_file_that_is_not_compressed_cannot_be_purged_and_says_so(bucket: Bucket) -> None:
    key = "captures/source=alfajr/fetched=2024-03-05/x-00000.warc.gz"
    bucket.put(key, unpacked(foreign(("response", GONE, b"SECRET", {}))))
    with pytest.raises(CaptureError, match="not compressed"):
        purge(bucket, key, ID, is_gone)


def arc(*bodies: bytes) -> bytes:
    """An ARC file, the format before WARC: records of GONE."""
    head = b"filedesc://x.arc 0.0.0.0 20240305103015 text/plain 13\n1 0 InetArchi"
    records = [b"HTTP/1.0 200 OK\r\n\r\n" + body for body in bodies]
    lines = [f"{GONE} 0.0.0.0 20240305103015 text/html {len(one)}\n".encode() + one for one in records]
    return b"".join(gzip.compress(part + b"\n") for part in (head, *lines))


def test_an_arc_file_is_purged_where_its_records_are_long_enough(bucket: Bucket) -> None:
    key = archive_file(bucket, "alfajr", "import-x", arc(random.Random(1).randbytes(500) + b"SECRET")).key
    assert purge(bucket, key, ID, is_gone) == 1
    [purged] = read_back(bucket, key)
    assert (purged.url, purged.captured_at) == (
        f"{TAKEN_DOWN_URN}{ID}",
        datetime(2024, 3, 5, 10, 30, 15, tzinfo=UTC),
    )
    key = archive_file(bucket, "alfajr", "import-y", arc(b"x")).key
    with pytest.raises(CaptureError, match="too short"):
        purge(bucket, key, ID, is_gone)
