"""Capture files read: whole, encoded, broken, hostile."""

import contextlib
import gzip
import io
import zlib

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipeline.bucket import Bucket
from pipeline.captures.model import CaptureError
from pipeline.captures.read import read_captures
from pipeline.captures.write import CaptureWriter
from tests.pipeline.captures.exchanges import URL, exchange, read_back


def test_a_record_is_found_by_its_offset_alone(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    for number in range(3):
        writer.add(exchange(f"http://alfajr.example/{number}", f"<html>{number}".encode()))
    key = str(writer.flush())
    for number, capture in enumerate(read_back(bucket, key)):
        record = next(iter(ArchiveIterator(io.BytesIO(bucket.get(key)[capture.offset :]))))
        assert record.content_stream().read() == f"<html>{number}".encode()


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
