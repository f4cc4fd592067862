"""What a store knows of that which the pipeline asks for, tried under a prefix of its own that is removed again."""

from __future__ import annotations

import hashlib
import io
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from pipeline.bucket.reading import SHA256
from pipeline.bucket.refusals import FAILURES, BucketError, is_guard_failed, tell
from pipeline.bucket.store import Bucket

_LARGE = 6 * 2**20
"""Bytes of the large object: more than other clients send in one piece, and than a proxy keeps in memory by default."""

_EVERY_BYTE = bytes(range(256)) + b"\r\n\0\xef\xbb\xbf"
_NAMES = (
    "published=2024-03-01/a b.txt",
    "خبر/ورقة.txt",
    "a+b%20c&d='e'.txt",
    "two//slashes.txt",
    "published=2024-03-01/a b.txt/c",
)
"""The first is as our own are; the others are what people put beside them."""


class Standing(StrEnum):
    """How a store stands to what it was asked."""

    WORKS = "works"
    MISSING = "missing"
    """The store does without it, and so does the pipeline; what is lost is said."""
    FAILS = "fails"
    """The pipeline cannot do without it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: how it stands, and, unless it works, what to set or what is lost."""

    tried: str
    standing: Standing
    says: str = ""


class _MissingError(Exception):
    """The store lacks something that can be done without; the message says what is lost."""


class _FailsError(Exception):
    """The store lacks something that is needed; the message says which, and what to do."""


def check_bucket(bucket: Bucket) -> Iterator[Finding]:
    """Try all that the pipeline asks of a store, one thing after the other; what it writes meanwhile is deleted.

    Where bytes are not kept, or lists are not up to date, nothing more can be told, and nothing more is tried.

    Raises:
        BucketError: there is no such bucket, or the store cannot be reached or refuses the credentials.
    """
    bucket.require()
    folder = f"warraq-check-{uuid.uuid4().hex}/"
    try:
        for tried, attempt in _ATTEMPTS.items():
            finding = _try(tried, attempt, bucket, folder)
            yield finding
            if finding.standing is Standing.FAILS and attempt in {_write_and_read, _lists}:
                return
    finally:
        bucket.delete_below(folder)


def _try(tried: str, attempt: Callable[[Bucket, str], None], bucket: Bucket, folder: str) -> Finding:
    try:
        attempt(bucket, folder)
    except _MissingError as missing:
        return Finding(tried, Standing.MISSING, str(missing))
    except (_FailsError, BucketError) as fails:
        return Finding(tried, Standing.FAILS, str(fails))
    except KeyError as error:
        return Finding(tried, Standing.FAILS, f"{error} is not there right after it was written")
    except FAILURES as error:
        return Finding(tried, Standing.FAILS, str(tell(error, bucket.name, bucket.endpoint)))
    return Finding(tried, Standing.WORKS)


def _write_and_read(bucket: Bucket, folder: str) -> None:
    key = f"{folder}bytes"
    bucket.put(key, _EVERY_BYTE)
    if bucket.get(key) != _EVERY_BYTE:
        raise _FailsError("what is read is not what was written: is there a proxy before the store that rewrites it?")
    bucket.put(key, b"anew")
    if bucket.get(key) != b"anew":
        raise _FailsError("an older version is read after a newer one was written: is there a cache before the store?")


def _large(bucket: Bucket, folder: str) -> None:
    data = random.Random(0).randbytes(_LARGE)
    bucket.put(f"{folder}large", data)
    if bucket.get(f"{folder}large") != data:
        raise _FailsError(f"an object of {_LARGE} bytes does not come back as it was written")


def _part(bucket: Bucket, folder: str) -> None:
    data = random.Random(0).randbytes(2**16)
    bucket.put(f"{folder}part", data)
    answer = bucket.client.get_object(Bucket=bucket.name, Key=f"{folder}part", Range="bytes=100-299")
    if answer["Body"].read() != data[100:300]:
        raise _FailsError("the store does not send parts of objects (Range), without which documents/ cannot be read")


def _metadata(bucket: Bucket, folder: str) -> None:
    bucket.put(f"{folder}metadata", b"told")
    there = bucket.head(f"{folder}metadata")
    if there is None or there.metadata.get(SHA256) != hashlib.sha256(b"told").hexdigest():
        raise _MissingError(
            "the store keeps no metadata: an object that is damaged in it is told only where its own format tells, and a deposit "
            "that was killed begins anew"
        )


def _nothing(bucket: Bucket, folder: str) -> None:
    try:
        bucket.get(f"{folder}nothing")
    except KeyError:
        return
    raise _FailsError("an object is read that was never written")


def _names(bucket: Bucket, folder: str) -> None:
    wrong = []
    for name in _NAMES:
        key = f"{folder}names/{name}"
        try:
            bucket.put(key, name.encode())
            kept = bucket.get(key) == name.encode() and key in {stored.key for stored in bucket.list(f"{folder}names/")}
        except (BucketError, KeyError):
            kept = False
        if not kept and name == _NAMES[0]:
            raise _FailsError(f"an object named {name!r} is not found again, and ours are named so")
        wrong += [] if kept else [name]
    if wrong:
        raise _MissingError(
            f"names such as {', '.join(wrong)} are not kept; ours are plain, so only others' are concerned"
        )


def _lists(bucket: Bucket, folder: str) -> None:
    keys = [f"{folder}list/{name}" for name in ("b", "a", "c=1/d", "B", "e")]
    bucket.put(keys[0], b"")
    for key in keys:
        bucket.put(key, key.encode())
    listed = list(bucket.list(f"{folder}list/"))
    if [stored.key for stored in listed] != sorted(keys):
        raise _FailsError(
            "what was just written is not in the list yet, or twice: documents/ cannot be kept there, and builds miss captures"
        )
    if any(stored.size != len(stored.key.encode()) for stored in listed):
        raise _MissingError(
            "lists have an object's former size for a while: a build may say that it is to be run again"
        )
    after = [stored.key for stored in bucket.list(f"{folder}list/", after=f"{folder}list/b")]
    if after != [key for key in sorted(keys) if key > f"{folder}list/b"]:
        raise _FailsError("a list from a key on (start-after) lacks objects")


def _pages_of_lists(bucket: Bucket, folder: str) -> None:
    wanted = {f"{folder}pages/{number}" for number in range(5)}
    for key in wanted:
        bucket.put(key, b"")
    pages = bucket.client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket.name, Prefix=f"{folder}pages/", PaginationConfig={"PageSize": 2}
    )
    listed = [item["Key"] for page in pages for item in page.get("Contents", ())]
    if set(listed) != wanted:
        raise _FailsError(f"of {len(wanted)} objects, lists in several pages have {len(set(listed))}")
    if listed != sorted(wanted):
        raise _MissingError("lists are in no order; nothing is lost, they are sorted here")


def _etags(bucket: Bucket, folder: str) -> None:
    written = bucket.put(f"{folder}etag", b"etag")
    listed = [stored.etag for stored in bucket.list(f"{folder}etag")]
    if not written or listed not in ([], [written]):  # where lists are late, nothing is known
        raise _MissingError(
            "the store tells no ETag, a weak one, or another one in lists: a build may write days of articles/ again that have not "
            "changed, and two at once are not told apart"
        )
    if written != hashlib.md5(b"etag", usedforsecurity=False).hexdigest():
        raise _MissingError(
            "ETags are no MD5s (as with encryption under a key of one's own): what is spoilt on its way into the store is told "
            "when it is read, and not when it is written"
        )


_UNGUARDED = (
    "two builds at once are not told apart: never run a second one, by hand or in another Airflow, while one runs"
)


def _if_none_match(bucket: Bucket, folder: str) -> None:
    bucket.put(f"{folder}guard", b"first")
    _hold_guard(bucket, f"{folder}guard", {"IfNoneMatch": "*"})


def _if_match(bucket: Bucket, folder: str) -> None:
    etag = bucket.put(f"{folder}match", b"first")
    bucket.put(f"{folder}match", b"second")
    _hold_guard(bucket, f"{folder}match", {"IfMatch": f'"{etag}"'})
    if (etag := bucket.get_with_etag(f"{folder}match")[1]) and bucket.put(f"{folder}match", b"third", if_etag=etag):
        return
    raise _MissingError(f"the store tells no ETag to write over: {_UNGUARDED}")


def _hold_guard(bucket: Bucket, key: str, guard: dict[str, Any]) -> None:
    try:
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=b"another writer's", **guard)
    except ClientError as error:
        if is_guard_failed(error):
            return
        raise _MissingError(f"the store refuses conditional writes ({error}): {_UNGUARDED}") from None
    raise _MissingError(f"the store pays no heed to conditional writes: {_UNGUARDED}")


def _copies(bucket: Bucket, folder: str) -> None:
    data = b"copied"
    sha256, etag = hashlib.sha256(data).hexdigest(), bucket.put(f"{folder}copied", data)
    slower = "a snapshot reads and writes what changed, which takes longer"
    if not etag:
        raise _MissingError(f"the store tells no ETag by which a copy is held: {slower}")
    place: Any = {"Bucket": bucket.name, "Key": f"{folder}copied"}
    try:
        bucket.client.copy_object(
            Bucket=bucket.name, Key=f"{folder}copy", CopySource=place, CopySourceIfMatch=f'"{etag}"'
        )
    except ClientError as error:
        raise _MissingError(f"the store does not copy objects ({error}): {slower}") from None
    there = bucket.head(f"{folder}copy")
    if bucket.get(f"{folder}copy") != data or there is None or there.metadata.get(SHA256) != sha256:
        raise _MissingError(f"a copy is not what it was copied from, or lacks its metadata: {slower}")


def _deletes(bucket: Bucket, folder: str) -> None:
    keys = [f"{folder}gone/{number}" for number in range(20)]
    for key in (*keys, f"{folder}gone/19.kept"):
        bucket.put(key, b"")
    bucket.delete(*keys, f"{folder}gone/never")
    left = [stored.key for stored in bucket.list(f"{folder}gone/")]
    if left != [f"{folder}gone/19.kept"]:
        raise _FailsError(f"after deleting, {len(left)} objects are listed where one is left")


def _table(bucket: Bucket, folder: str) -> None:
    """The client of the documents table's log is another than boto3, in Rust."""
    import pyarrow as pa  # noqa: PLC0415 - DAGs are parsed without them
    import pyarrow.parquet as pq  # noqa: PLC0415
    from deltalake import CommitProperties, DeltaTable, write_deltalake  # noqa: PLC0415

    uri, options = bucket.uri(f"{folder}table"), bucket.storage_options()
    rows = pa.table({"day": ["2024-03-01", "2024-03-02"], "text": ["نص", "text"]})
    once = CommitProperties(max_commit_retries=0)
    try:
        write_deltalake(uri, rows, partition_by=["day"], storage_options=options, commit_properties=once)
        write_deltalake(uri, rows, mode="append", storage_options=options, commit_properties=once)
        files = pa.table(DeltaTable(uri, storage_options=options).get_add_actions(flatten=True))["path"].to_pylist()
        read = sum(len(pq.read_table(io.BytesIO(bucket.get(f"{folder}table/{path}")))) for path in files)
    except Exception as error:  # of either client, and of every kind
        raise _FailsError(
            "the documents table cannot be kept there; it needs parts of objects, lists in order, ETags, and writes that "
            f"are not refused ({' '.join(str(error).split())[:200]})"
        ) from None
    if read != 2 * len(rows):
        raise _FailsError(f"of {2 * len(rows)} rows of a table, {read} are read again")


_ATTEMPTS: dict[str, Callable[[Bucket, str], None]] = {
    "objects come back byte for byte": _write_and_read,
    "lists are up to date": _lists,
    "large objects": _large,
    "parts of objects": _part,
    "metadata": _metadata,
    "what is not there is told": _nothing,
    "names": _names,
    "lists in several pages, in order": _pages_of_lists,
    "ETags": _etags,
    "If-None-Match": _if_none_match,
    "If-Match": _if_match,
    "copying": _copies,
    "deleting": _deletes,
    "the documents table": _table,
}
