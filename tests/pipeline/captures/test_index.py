"""The index beside each capture file."""

from pipeline.bucket import Bucket
from pipeline.captures.index import read_index
from pipeline.captures.keys import index_key
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
