"""What is taken down is overwritten in the capture files, whatever made them."""

import gzip
import io
import json
import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.bucket import Bucket
from pipeline.captures.index import read_index
from pipeline.captures.keys import index_key
from pipeline.captures.model import TAKEN_DOWN_URN, Capture, CaptureError
from pipeline.captures.purge import purge
from pipeline.captures.write import CaptureWriter, archive_file
from tests.pipeline.captures.exchanges import exchange, read_back

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
    assert GONE not in bucket.get(index_key(key)).decode()
    assert [one.url for one in read_back(bucket, key)] == [f"{TAKEN_DOWN_URN}{ID}"] * 3 + [KEEP]


def test_a_purge_cut_short_before_the_index_is_finished_by_the_next(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(GONE))
    writer.add(exchange(KEEP))
    key = str(writer.flush())
    index_name = index_key(key)
    index = bucket.get(index_name)
    purge(bucket, key, ID, is_gone)
    made = bucket.get(index_name)
    bucket.put(index_name, index)
    assert purge(bucket, key, ID, is_gone) == 0
    assert bucket.get(index_name) == made
    bucket.delete(index_name)
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
