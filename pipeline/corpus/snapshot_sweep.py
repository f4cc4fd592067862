"""What was taken down leaves every snapshot: the partitions that hold it are written anew without it, and the register says so."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, ConflictError, DamagedError
from pipeline.corpus.deposit import write_partition
from pipeline.corpus.snapshots import OBJECTS, SNAPSHOT, TAKEN_DOWN, Log, append, object_key, read_log, sha256_of_object
from pipeline.corpus.takedown_records import Takedowns
from pipeline.documents import Documents
from pipeline.rejection import Rejection

_AT_ONCE = 8
_TRIES = 5
_TOLD_BY = ("article_id", "url", "capture_key", "capture_offset", "copies", "revisions", "pages")

Row: TypeAlias = Mapping[str, Any]


def take_out_of_snapshots(bucket: Bucket, known: Takedowns, documents: Documents, now: datetime) -> int:
    """Take all that is down out of what snapshots hold, and return how many articles that were; `now` is the time to note.

    A row is down by its address, by its source, and by its capture, as ``documents/`` has it by then; so are the copies, older
    texts and later pages that other rows name. Killed at any point and run again, it ends the same.

    Raises:
        DamagedError: one of the partitions cannot be read; the others are free of it.
        ConflictError: snapshots were made at the same time, again and again; run again.
        BucketError: the store cannot be reached.
    """
    if not known:
        return 0
    rejected = pc.field("rejected") == Rejection.TAKEN_DOWN.value
    down = _Down(known, frozenset(documents.read(["id"], rejected)["id"].to_pylist()))
    objects = [sha256 for stored in bucket.list(OBJECTS) if (sha256 := sha256_of_object(stored.key))]
    damaged: DamagedError | None = None
    entries: list[dict[str, Any]] = []
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        for one in readers.map(lambda sha256: _without(bucket, sha256, down, now), objects):
            if isinstance(one, DamagedError):
                damaged = damaged or one
            elif one is not None:
                entries.append(one)
    if entries:
        _amend(bucket, entries)
        bucket.delete(*(object_key(entry["object"]) for entry in entries))
    if damaged is not None:
        raise damaged
    return sum(entry["articles"] for entry in entries)


def _without(bucket: Bucket, sha256: str, down: _Down, now: datetime) -> dict[str, Any] | DamagedError | None:
    """Write a partition anew without what is down, and return the register's line of it; None where nothing of it is down."""
    try:
        data = bucket.get(object_key(sha256))
    except KeyError:  # taken out by another one meanwhile
        return None
    except DamagedError as damaged:
        return damaged
    told_by = pq.ParquetFile(io.BytesIO(data))
    columns = [name for name in _TOLD_BY if name in told_by.schema_arrow.names]
    gone, lists = down.of(told_by.read(columns).to_pylist())
    if not gone and not lists:
        return None
    table = pq.read_table(io.BytesIO(data))
    for name, values in lists.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(place), pa.array(values, table.schema.field(place).type))
    left = table.filter(pa.array([place not in gone for place in range(len(table))]))
    made = write_partition(left) if len(left) else b""
    becomes = hashlib.sha256(made).hexdigest() if made else None
    if becomes:
        bucket.put(object_key(becomes), made, content_type="application/vnd.apache.parquet")
    return {
        "kind": TAKEN_DOWN,
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "object": sha256,
        "becomes": becomes,
        "bytes": len(made),
        "articles": len(gone),
    }


@dataclass(frozen=True, slots=True)
class _Down:
    """What is down: by the takedowns, and by the ids of the documents that were emptied."""

    known: Takedowns
    ids: frozenset[str]

    def of(self, rows: list[Row]) -> tuple[set[int], dict[str, list[list[Row]]]]:
        """The places of the rows that are down, and, by their columns, the lists of all rows where one names something that is."""
        gone = {place for place, row in enumerate(rows) if self._is_down(row)}
        lists: dict[str, list[list[Row]]] = {}
        for name, is_down in (("copies", self._is_copy_down), ("revisions", self._has), ("pages", self._is_page_down)):
            if rows and name in rows[0]:
                left = [list(_left(row[name], is_down)) for row in rows]
                if any(
                    len(few) < len(row[name])
                    for place, (few, row) in enumerate(zip(left, rows, strict=True))
                    if place not in gone
                ):
                    lists[name] = left
        return gone, lists

    def _is_down(self, row: Row) -> bool:
        return self.known.covering(row["article_id"]) is not None or self._is_page_down(row)

    def _is_page_down(self, row: Row) -> bool:
        return self._has(row) or self.known.has(row["url"])

    def _is_copy_down(self, copy: Row) -> bool:
        return (
            self.known.covering(copy["article_id"]) is not None
            or self.known.has_source(copy["source"])
            or self.known.has(copy["url"])
            or ("capture_key" in copy and self._has(copy))  # files of older columns have none
        )

    def _has(self, row: Row) -> bool:
        return f"{row['capture_key']}#{row['capture_offset']}" in self.ids or self.known.has_file(row["capture_key"])


def _left(named: list[Row], is_down: Callable[[Row], bool]) -> Iterator[Row]:
    return (one for one in named if not is_down(one))


def _amend(bucket: Bucket, entries: list[dict[str, Any]]) -> None:
    """Have the register say by what partitions were replaced, before they are deleted."""
    for _ in range(_TRIES):
        log = read_log(bucket)
        try:
            append(bucket, log, [entry for entry in entries if not _says(log, entry)])
        except ConflictError:
            continue
        return
    raise ConflictError("snapshots were made at the same time: take down again")


def _says(log: Log, entry: Row) -> bool:
    """Whether the register says so already, of all snapshots that there are: before the run was killed that wrote it."""
    for line in reversed(log.entries):
        if line["kind"] == SNAPSHOT:
            return False
        if (line["object"], line["becomes"]) == (entry["object"], entry["becomes"]):
            return True
    return False
