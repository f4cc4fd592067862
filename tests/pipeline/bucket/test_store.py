from __future__ import annotations

import io
import random
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.bucket import Bucket, BucketError, ConflictError, DamagedError, Head
from tests import dialects
from tests.dialects import Answer, Ask, Request, through


def test_objects_come_back_as_they_were_put(bucket: Bucket) -> None:
    etag = bucket.put("a/خبر.txt", "نص".encode())
    assert bucket.get_with_etag("a/خبر.txt") == ("نص".encode(), etag)
    assert [(stored.key, stored.size, stored.etag) for stored in bucket.list("a/")] == [("a/خبر.txt", 4, etag)]


def test_what_is_told_of_an_object_stands_with_it_until_it_is_written_anew(bucket: Bucket) -> None:
    assert bucket.head("k") is None
    etag = bucket.put("k", b"123", metadata={"built-from": "abc"})
    assert bucket.head("k") == Head(3, etag, {"built-from": "abc", "sha256": sha256(b"123").hexdigest()})
    etag = bucket.put("k", b"1234", if_etag=etag)
    assert bucket.head("k") == Head(4, etag, {"sha256": sha256(b"1234").hexdigest()})


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


def test_the_same_bytes_are_not_written_again_and_others_only_over_what_was_seen(bucket: Bucket) -> None:
    first = bucket.put_if_changed("x/1", b"one", None, "text/plain", {"of": "1"})
    assert bucket.put_if_changed("x/1", b"one", first, "text/html", {"of": "2"}) == first
    head = bucket.head("x/1")
    assert head is not None
    assert head.metadata["of"] == "1", "it was written again"
    second = bucket.put_if_changed("x/1", b"two", first, "text/plain")
    assert second != first
    assert bucket.get("x/1") == b"two"
    for standing in (first, None):
        with pytest.raises(ConflictError):
            bucket.put_if_changed("x/1", b"three", standing, "text/plain")
    assert bucket.get("x/1") == b"two"


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
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda number: bucket.put(f"many/{number:04d}", b""), range(1005)))
    bucket.put("other", b"")
    assert len(list(bucket.list("many/"))) == 1005
    assert bucket.delete_below("many/") == 1005
    assert [stored.key for stored in bucket.list()] == ["other"]


def test_an_unreachable_store_is_told_in_one_sentence(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")  # discard: nobody listens
    with pytest.raises(BucketError, match="AWS_ENDPOINT_URL_S3"):
        Bucket("x").ensure()
    with pytest.raises(BucketError, match="AWS_ENDPOINT_URL_S3"):
        Bucket("x").get("k")


# Keys ---------------------------------------------------------------------------------------------------------------------


def test_a_key_is_not_a_prefix(bucket: Bucket) -> None:
    keys = ["a/k", "a/k.bak", "a/k/below", "a/kk"]
    for key in keys:
        bucket.put(key, b"1")
    bucket.delete("a/k", "a/never")
    assert [stored.key for stored in bucket.list()] == keys[1:]
    for folder in ("", "a/"):
        with pytest.raises(ValueError, match="folder"):
            bucket.delete(folder)
    with pytest.raises(ValueError, match="no folder"):
        bucket.delete_below("a")
    assert [stored.key for stored in bucket.list()] == keys[1:]


def test_a_folder_is_emptied_and_nothing_beside_it(bucket: Bucket) -> None:
    for key in ("work/a/1", "work/a/2/3", "work/ab/1", "work/a.txt"):
        bucket.put(key, b"1")
    mark(bucket, "work/", "work/a/")
    assert bucket.delete_below("work/a/") == 2
    assert all_keys(bucket) == ["work/", "work/a.txt", "work/a/", "work/ab/1"]


def test_markers_of_folders_are_no_objects(bucket: Bucket) -> None:
    mark(bucket, "a/", "a/b/", "a//")
    assert not list(bucket.list("a/"))
    assert not bucket.holds("a/")
    bucket.put("a/b/c", b"1")
    assert [stored.key for stored in bucket.list()] == ["a/b/c"]
    assert bucket.holds("a/")


@settings(max_examples=10)
@given(st.sets(st.text(st.sampled_from("abخبر +%=&'\"<é.~(،"), min_size=1, max_size=6), max_size=6))
def test_keys_of_any_kind_are_listed_and_deleted_as_they_are(shared_bucket: Bucket, names: set[str]) -> None:
    keys = sorted(f"k/{name}" for name in names if name.strip(".") == name)
    for key in keys:
        shared_bucket.put(key, key.encode())
    assert [stored.key for stored in shared_bucket.list("k/")] == keys
    assert all(shared_bucket.get(key) == key.encode() for key in keys)
    for left in range(len(keys)):
        shared_bucket.delete(keys[left])
        assert [stored.key for stored in shared_bucket.list("k/")] == keys[left + 1 :]


def test_in_a_bucket_with_versions_deleted_objects_are_gone(bucket: Bucket) -> None:
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    first = bucket.put("a", b"1")
    bucket.put("a", b"2", if_etag=first)
    bucket.delete("a")
    assert not list(bucket.list())
    with pytest.raises(KeyError):
        bucket.get("a")
    bucket.put("a", b"3", if_absent=True)
    assert bucket.get("a") == b"3"


# Dialects -----------------------------------------------------------------------------------------------------------------

TOLERATED: dict[str, Callable[[], dialects.Dialect]] = {
    "wants_content_md5": lambda: dialects.wants_content_md5,
    "refuses_checksums": lambda: dialects.refuses_checksums,
    "keeps_framing": lambda: dialects.keeps_framing,
    "refuses_guards": lambda: dialects.refuses_guards,
    "ignores_ranges": lambda: dialects.ignores_ranges,
    "no_etags": lambda: dialects.no_etags,
    "weak_etags": lambda: dialects.weak_etags,
    "bare_etags": lambda: dialects.bare_etags,
    "other_etags": lambda: dialects.other_etags,
    "lists_in_no_order": lambda: dialects.lists_in_no_order,
    "misses_in_other_words": lambda: dialects.misses_in("ObjectNotFound"),
    "misses_without_words": lambda: dialects.misses_in(""),
    "breaks_off": lambda: dialects.breaks_off(2, 1000),
    "breaks_off_untold": lambda: dialects.breaks_off(2, 1000, told=False),
    "all_at_once": lambda: dialects.all_of(
        dialects.wants_content_md5,
        dialects.refuses_checksums,
        dialects.refuses_guards,
        dialects.ignores_ranges,
        dialects.no_etags,
        dialects.lists_in_no_order,
        dialects.misses_in(""),
        dialects.breaks_off(2, 1000),
    ),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_stores_of_every_kind_are_written_and_read_alike(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    data = random.Random(name).randbytes(100_000)
    with through(bucket, monkeypatch, TOLERATED[name]()) as spoken:
        etag = spoken.put("a/x", data, if_absent=True)
        spoken.put("a/y", b"first")
        assert bucket.get("a/x") == data
        assert spoken.get("a/x") == data
        assert spoken.get_range("a/x", 500, 100) == data[500:600]
        assert spoken.get_range("a/x", 99_990, 100) == data[99_990:]
        assert spoken.get("a/x") == data
        file = io.BytesIO(b"before")
        file.seek(0, io.SEEK_END)
        spoken.download("a/x", file)
        assert file.getvalue() == b"before" + data
        assert [(stored.key, stored.size) for stored in spoken.list("a/")] == [("a/x", 100_000), ("a/y", 5)]
        with pytest.raises(KeyError):
            spoken.get("a/nothing")
        if "ignores" not in name:
            with pytest.raises(ConflictError):
                spoken.put("a/x", b"another's", if_absent=True)
        spoken.put("a/x", b"anew", if_etag=etag)
        assert spoken.get("a/x") == b"anew"
        spoken.delete("a/x", "a/never")
        assert [stored.key for stored in spoken.list()] == ["a/y"]


def test_checksums_that_the_environment_asks_for_are_not_sent_either(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_supported")
    monkeypatch.setenv("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_supported")
    with through(bucket, monkeypatch, dialects.refuses_checksums) as spoken:
        spoken.put("a", b"1")
        assert spoken.get("a") == b"1"


def test_a_store_without_guards_is_looked_at_first_and_that_is_told(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with through(bucket, monkeypatch, dialects.refuses_guards) as spoken:
        first = spoken.put("k", b"1", if_absent=True)
        with pytest.raises(ConflictError):
            spoken.put("k", b"2", if_absent=True)
        second = spoken.put("k", b"2", if_etag=first)
        with pytest.raises(ConflictError):
            spoken.put("k", b"3", if_etag=first)
        assert spoken.get_with_etag("k") == (b"2", second)
    assert "two builds at once" in caplog.text


def test_what_breaks_off_goes_on_where_it_was(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times thirty thousand bytes are enough, whatever the connection."""
    data = random.Random(1).randbytes(100_000)
    bucket.put("a", data)
    with through(bucket, monkeypatch, dialects.breaks_off(99, 30_000)) as spoken:
        assert spoken.get("a") == data


@pytest.mark.parametrize("told", [True, False])
def test_what_breaks_off_at_every_try_is_an_error_and_nothing_short_is_handed_on(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    """Without an ETag it begins anew each time, since another version might have come meanwhile."""
    bucket.put("a", random.Random(1).randbytes(100_000))
    dialect = dialects.all_of(dialects.no_etags, dialects.breaks_off(99, 30_000, told=told))
    with through(bucket, monkeypatch, dialect) as spoken, pytest.raises(BucketError, match=r"30000|roken"):
        spoken.get("a")


def test_an_object_that_is_written_anew_while_it_is_read_is_read_whole(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (random.Random(seed).randbytes(50_000) for seed in (1, 2))
    bucket.put("a", first)
    breaking = dialects.breaks_off(1, 1000)

    def dialect(request: dialects.Request, ask: dialects.Ask) -> dialects.Answer:
        answer = breaking(request, ask)
        if answer.cut:
            bucket.put("a", second)
        return answer

    with through(bucket, monkeypatch, dialect) as spoken:
        assert spoken.get("a") == second


def test_bytes_that_are_spoilt_on_their_way_are_read_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.bucket.reading._PAUSE", 0)
    bucket.put("a", b"whole")
    bucket.client.put_object(Bucket=bucket.name, Key="others", Body=b"whole")  # tells no checksum
    answers: list[bytes] = []

    def dialect(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        return replace(answer, body=answers.pop(0)) if request.method == "GET" and answers else answer

    with through(bucket, monkeypatch, dialect) as spoken:
        answers[:] = [b"whale", b"while"]
        assert spoken.get("a") == b"whole"
        answers[:] = [b"whale"] * 5
        with pytest.raises(DamagedError, match=r"^a in bucket .* is damaged") as damaged:
            spoken.get("a")
        assert (damaged.value.key, damaged.value.data) == ("a", b"whale")
        answers[:] = [b"whale"]
        assert spoken.get_range("a", 1, 4, lambda part: part == b"hole") == b"hole"
        answers[:] = [b"whale", b"while"]
        with pytest.raises(BucketError, match="other bytes whenever"):
            spoken.get("others")


def test_an_upload_that_is_spoilt_on_its_way_is_sent_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.put("first", b"kept")
    left = [0]

    def spoilt(data: bytes) -> bytes:
        left[0] -= 1
        return b"whale" if left[0] >= 0 else data

    with through(bucket, monkeypatch, dialects.rewrites(spoilt)) as spoken:
        spoken.put("b", b"whole")
        left[0] = 2
        spoken.put("a", b"whole", if_absent=True)
    assert bucket.get("a") == b"whole"


SPOILT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "framing": (lambda data: f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n", "aws-chunked"),
    "cut off": (lambda data: data[:7], "cut off, after 7 of 20 bytes"),
    "empty": (lambda _: b"", "empty"),
    "other line ends": (lambda data: data.replace(b"\n", b"\r\n"), "proxy"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_store_that_does_not_keep_what_is_written_is_told_at_the_first_write(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    change, says = SPOILT[name]
    with through(bucket, monkeypatch, dialects.rewrites(change)) as spoken:
        for _ in range(2):
            with pytest.raises(BucketError, match=says):
                spoken.put("captures/x", b"0123456789\nabcdefghi", if_absent=True)
            assert not list(bucket.list()), "what is spoilt does not stay"


REFUSED = {
    "InvalidAccessKeyId": (403, "does not accept the credentials.*AWS_ACCESS_KEY_ID"),
    "SignatureDoesNotMatch": (403, "does not accept the credentials.*AWS_SECRET_ACCESS_KEY"),
    "ExpiredToken": (400, "does not accept the credentials.*AWS_SESSION_TOKEN"),
    "Unauthenticated": (401, "does not accept the credentials"),
    "AccessDenied": (403, "knows the credentials, but they may not.*s3:PutObject"),
    "RequestTimeTooSkewed": (403, "clock"),
    "AuthorizationHeaderMalformed": (400, "another region: set AWS_REGION=eu-central-1"),
    "PermanentRedirect": (301, "another region"),
    "NoSuchBucket": (404, "there is no bucket"),
    "MethodNotAllowed": (405, "warraq bucket check"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_a_refusal_means_is_told(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    status, says = REFUSED[code]
    more = {"Region": "eu-central-1"} if "Malformed" in code else {}
    with through(bucket, monkeypatch, dialects.refuses_all(status, code, **more)) as spoken:
        for attempt in (spoken.require, lambda: list(spoken.list()), lambda: spoken.put("a", b"")):
            with pytest.raises(BucketError, match=says):
                attempt()


def test_what_is_no_store_is_told(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    def dialect(_request: dialects.Request, _ask: dialects.Ask) -> dialects.Answer:
        return dialects.Answer(200, {"content-type": "text/html"}, b"<!doctype html><title>Console</title><p>Sign in")

    with through(bucket, monkeypatch, dialect) as spoken, pytest.raises(BucketError, match="AWS_ENDPOINT_URL_S3"):
        list(spoken.list())


def test_without_credentials_that_is_told(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(BucketError, match=r"no credentials.*AWS_PROFILE"):
        Bucket(bucket.name).require()


def test_a_bucket_in_another_region_than_awss_first_is_made_there(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def dialect(request: dialects.Request, ask: dialects.Ask) -> dialects.Answer:
        if request.method == "PUT":
            asked.append(request.body)
            if b"eu-central-1</LocationConstraint>" not in request.body:
                return dialects.refusal(400, "IllegalLocationConstraintException")
        return ask(request)

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with through(bucket, monkeypatch, dialect, name=f"{bucket.name}-new") as spoken:
        spoken.ensure()
        spoken.require()
    assert len(asked) == 2


def mark(bucket: Bucket, *folders: str) -> None:
    """Leave markers of folders, as browsers of buckets do."""
    for folder in folders:
        bucket.client.put_object(Bucket=bucket.name, Key=folder, Body=b"")


def all_keys(bucket: Bucket) -> list[str]:
    """Every key, markers too."""
    return sorted(item["Key"] for item in bucket.client.list_objects_v2(Bucket=bucket.name)["Contents"])


@pytest.fixture(scope="module")
def shared_bucket(s3: str) -> Bucket:
    """A bucket for all examples of a property."""
    bucket = Bucket(f"test-{uuid.uuid4().hex[:12]}")
    bucket.ensure()
    return bucket


def test_a_password_in_an_address_of_a_file_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    (tmp_path / "config").write_text("[default]\nendpoint_url = http://user:s3cret@127.0.0.1:9\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with pytest.raises(BucketError, match=r"a name or a password before the host.* ~/\.aws/config") as refused:
        Bucket("news")
    assert "s3cret" not in str(refused.value)
