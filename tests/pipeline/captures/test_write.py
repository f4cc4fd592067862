"""Exchanges written into WARC files, and the files of others taken in."""

import gzip
import io
from datetime import timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.bucket import Bucket, ConflictError
from pipeline.captures.index import list_page_files, read_index
from pipeline.captures.keys import source_of
from pipeline.captures.model import CaptureError
from pipeline.captures.read import read_headers
from pipeline.captures.write import Archived, CaptureWriter, archive_file
from tests.pipeline.captures.exchanges import NOW, URL, exchange, read_back


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
