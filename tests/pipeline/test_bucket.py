import threading

import pytest

from pipeline.bucket import Bucket, BucketError, ConflictError


def test_objects_come_back_as_they_were_put(bucket: Bucket) -> None:
    etag = bucket.put("a/خبر.txt", "نص".encode())
    assert bucket.get_with_etag("a/خبر.txt") == ("نص".encode(), etag)
    assert [(stored.key, stored.size, stored.etag) for stored in bucket.list("a/")] == [("a/خبر.txt", 4, etag)]


def test_a_missing_object_is_a_key_error(bucket: Bucket) -> None:
    with pytest.raises(KeyError):
        bucket.get("nowhere")


def test_guards_hold(bucket: Bucket) -> None:
    first = bucket.put("k", b"1", if_absent=True)
    with pytest.raises(ConflictError):
        bucket.put("k", b"2", if_absent=True)
    second = bucket.put("k", b"2", if_etag=first)
    with pytest.raises(ConflictError):
        bucket.put("k", b"3", if_etag=first)
    assert bucket.get_with_etag("k") == (b"2", second)


def test_a_write_that_was_sent_twice_meets_its_own_bytes(bucket: Bucket) -> None:
    first = bucket.put("k", b"1", if_absent=True)
    assert bucket.put("k", b"1", if_absent=True) == first


def test_of_many_writers_one_wins(bucket: Bucket) -> None:
    outcomes: list[str] = []

    def write(number: int) -> None:
        try:
            bucket.put("k", str(number).encode(), if_absent=True)
            outcomes.append("won")
        except ConflictError:
            outcomes.append("lost")

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]


def test_listing_and_deleting_go_past_a_thousand(bucket: Bucket) -> None:
    for number in range(1005):
        bucket.put(f"many/{number:04d}", b"")
    bucket.put("other", b"")
    assert len(list(bucket.list("many/"))) == 1005
    assert bucket.delete("many/") == 1005
    assert [stored.key for stored in bucket.list()] == ["other"]


def test_an_unreachable_store_is_told_in_one_sentence(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")  # discard: nobody listens
    with pytest.raises(BucketError, match="AWS_ENDPOINT_URL_S3"):
        Bucket("x").ensure()
    with pytest.raises(BucketError, match="AWS_ENDPOINT_URL_S3"):
        Bucket("x").get("k")
