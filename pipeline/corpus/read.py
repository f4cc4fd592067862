"""The corpus read back: articles, verification, what has changed."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, DamagedError
from pipeline.corpus.manifest import (
    MANIFEST,
    PREFIX,
    SCHEMA_FILE,
    ManifestError,
    Partition,
    partition_key,
    read_manifest,
)


def verify(bucket: Bucket) -> list[str]:
    """What is wrong with the corpus, one sentence a fault: every partition is read and held against the manifest.

    Raises:
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached.
    """
    manifest = read_manifest(bucket)
    faults = []
    for partition in manifest.partitions:
        try:
            data = bucket.get(partition.path)
        except KeyError:
            faults.append(f"{partition.path}: missing")
            continue
        except DamagedError as damaged:
            data = damaged.data
        if hashlib.sha256(data).hexdigest() != partition.sha256:
            faults.append(f"{partition.path}: its bytes are not those that were deposited")
    listed = {partition.path for partition in manifest.partitions} | {MANIFEST, SCHEMA_FILE}
    faults += [
        f"{item.key}: not in the manifest, and readers of the folder may take it in"
        for item in bucket.list(PREFIX)
        if item.key not in listed and not _is_passed_over(item.key)
    ]
    return faults + manifest.faults()


def _is_passed_over(key: str) -> bool:
    """Whether all readers pass over a file: Spark, Arrow and Athena by how its name begins, those that glob by how it ends."""
    name = key.rpartition("/")[2]
    return name.startswith(("_", ".")) and not name.endswith(".parquet")


def read_articles(
    bucket: Bucket, since: date | None = None, until: date | None = None, sources: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """The articles published from `since` up to, not including, `until`, by day and in the order of their files.

    Raises:
        ManifestError: there is no corpus, or a file is not as it was deposited.
        BucketError: the store cannot be reached.
    """
    for table in read_tables(bucket, since, until, sources):
        yield from table.to_pylist()


def read_tables(
    bucket: Bucket, since: date | None = None, until: date | None = None, sources: Collection[str] = ()
) -> Iterator[pa.Table]:
    """The same as a table for each day, an empty one too. Raises as `read_articles` does."""
    for partition in _partitions(bucket, since, until):
        table = pq.read_table(io.BytesIO(read_partition(bucket, partition)))
        yield table.filter(pc.is_in(table["source"], pa.array(sorted(sources), pa.string()))) if sources else table


def read_partition(bucket: Bucket, partition: Partition) -> bytes:
    """The file of a day as the manifest has it.

    Raises:
        ManifestError: it is not as it was deposited.
        BucketError: the store cannot be reached.
    """
    try:
        data = bucket.get(partition.path)
    except (KeyError, DamagedError):
        data = b""
    if hashlib.sha256(data).hexdigest() != partition.sha256:
        raise ManifestError(
            f"{partition.path} is not as it was deposited: a build writes it anew; run `warraq build`, or this again "
            "where one is at work"
        )
    return data


def count_days(bucket: Bucket, since: date | None = None, until: date | None = None) -> int:
    """How many tables `read_tables` gives. Raises as that does."""
    return sum(1 for _ in _partitions(bucket, since, until))


def _partitions(bucket: Bucket, since: date | None, until: date | None) -> Iterator[Partition]:
    for partition in read_manifest(bucket).partitions:
        day = date.fromisoformat(partition.published)
        if (since is None or since <= day) and (until is None or day < until):
            yield partition


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reader has to read again, and what to let go of: keys of partitions, sorted."""

    written: list[str]
    gone: list[str]


def changes_since_manifest(bucket: Bucket, older: bytes) -> Changes:
    """What has changed since a manifest that a reader kept, byte for byte.

    Raises:
        ManifestError: that is no manifest, or there is no corpus.
        BucketError: the store cannot be reached.
    """
    try:
        before = {part["path"]: part["sha256"] for part in json.loads(older)["partitions"]}
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError("this is no manifest of a corpus: keep a copy of articles/_manifest.json") from error
    now = {part.path: part.sha256 for part in read_manifest(bucket).partitions}
    written = sorted(path for path, sha256 in now.items() if before.get(path) != sha256)
    return Changes(written, sorted(before.keys() - now.keys()))


def changes_since(bucket: Bucket, moment: datetime) -> Changes:
    """What was written since a moment, by the store's own clock; what is gone since, by the reports of the builds.

    Raises:
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached.
    """
    now = {part.path for part in read_manifest(bucket).partitions}
    stored = {item.key: item.modified_at for item in bucket.list(PREFIX)}
    gone: set[str] = set()
    for item in bucket.list("reports/"):
        if item.key.endswith("/report.json") and item.modified_at >= moment:
            deleted = json.loads(bucket.get(item.key)).get("deposit", {}).get("deleted", [])
            gone.update(partition_key(day) for day in deleted)
    return Changes(sorted(path for path in now if path in stored and stored[path] >= moment), sorted(gone - now))
