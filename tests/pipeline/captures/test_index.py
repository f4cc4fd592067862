"""The index beside each capture file."""

from pipeline.bucket import Bucket
from pipeline.captures.index import list_page_files, read_index
from pipeline.captures.keys import index_key, is_astray
from pipeline.captures.model import IndexLine
from pipeline.captures.write import CaptureWriter
from tests.pipeline.captures.exchanges import NOW, URL, exchange, read_back


def test_the_index_says_what_the_file_holds_and_is_remade_where_a_kill_left_none(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange())
    key = str(writer.flush())
    index = read_index(bucket, key)
    [capture] = read_back(bucket, key)
    found = {"by": "feed", "title": "عنوان"}
    assert index == [IndexLine(URL, NOW, 200, capture.digest, found, key=key, offset=capture.offset)]
    [line] = bucket.get(index_key(key)).decode().splitlines()
    assert line.startswith("example,alfajr)/")
    assert " 20240305103015 {" in line
    bucket.delete(index_key(key))
    assert read_index(bucket, key) == index


def test_the_index_says_where_a_redirect_leads(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(body=b"", status=301, reason="Moved Permanently", headers=[("Location", "/new")]))
    key = str(writer.flush())
    [capture] = read_back(bucket, key)
    [line] = read_index(bucket, key)
    assert capture.location == line.location == "/new"


def test_texts_stand_in_the_metadata_record_and_not_in_the_index(bucket: Bucket) -> None:
    found = {"by": "feed", "title": "عنوان", "summary": "أول الخبر", "content": "<p>الخبر\u0000 كله 😀</p>"}
    writer = CaptureWriter(bucket, "alfajr", "run1")
    writer.add(exchange(found=found))
    bare = CaptureWriter(bucket, "alfajr", "run2")
    bare.add(exchange())
    key, other = str(writer.flush()), str(bare.flush())
    [capture], [same] = read_back(bucket, key), read_back(bucket, other)
    assert capture.found == found
    assert capture.digest == same.digest
    [line] = read_index(bucket, key)
    assert line.found == {"by": "feed", "title": "عنوان"}
    bucket.delete(index_key(key))
    assert read_index(bucket, key) == [line]


def test_what_is_no_capture_file_is_not_read_and_what_looks_like_one_is_told(bucket: Bucket) -> None:
    folder = "captures/source=alfajr/fetched=2024-04-21"
    key = f"{folder}/run-00000.warc.gz"
    astray = [
        "captures/old.warc.gz",
        "captures/source=alfajr/2024/x.WARC",
        f"{folder}/sub/x.warc.gz",
        f"{folder}/x.wacz",
        "captures/source=alfajr/fetched=0001-01-01/run-00000.warc.gz",
        "captures/source=alfajr/fetched=2024-13-45/run-00000.warc.gz",
        "captures/source=alfajr/fetched=9999-12-31/run-00000.warc.gz",
    ]
    for other in (
        *astray,
        f"{folder}/notes.txt",
        f"{folder}/run-00000.warc.gz.part",
        f"{folder}/.warc.gz/x",
        "x.warc.gz",
    ):
        bucket.put(other, b"")
    bucket.put(key, b"")
    bucket.put(f"{folder}/run-discovery-00000.warc.gz", b"")
    assert list_page_files(bucket) == list_page_files(bucket, "alfajr") == [key]
    assert [stored.key for stored in bucket.list("captures/") if is_astray(stored.key)] == sorted(astray)
