"""``state/health/``: what the rows of ``health/`` were last made of, so that a build finds what has changed since.

A part for each month of the documents table, and a head by which a build sees which of them are of another table than the one
that stands. What is read and written follows from what changed.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.bucket import Bucket
from pipeline.errors import WarraqError
from pipeline.health.schema import SCHEMA_VERSION

_PREFIX = "state/health/"
_HEAD = f"{_PREFIX}head.json"

Place = tuple[date, str, date]
"""A day of the documents table, a source, and a day of the source on which pages were captured that stand there."""

Pair = tuple[str, date]
"""A source and a day of it."""

_PART_SCHEMA = pa.schema(
    [("table_day", pa.date32()), ("source", pa.string()), ("day", pa.date32()), ("digest", pa.uint64())]
)


class DamagedError(WarraqError):
    """A file of ``health/`` or of its state that cannot be read, or that has other columns."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} cannot be read: run `warraq build`, which makes it anew")
        self.key = key


@dataclass(frozen=True, slots=True)
class Head:
    """What the rows were last made of, but for the pages, which are in the parts.

    `known_as` has the sources' time zones and ids (empty for one that was not given), `runs` the latest crawls of each source whose
    reports were read. By month of the documents table, `files` has a digest of its data files' names, and `captured` the months in
    which the pages were captured that stand there.
    """

    known_as: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    captured: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A month of the documents table: its data files, each with its day, and a digest of the pages of each place."""

    files: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[Place, int] = field(default_factory=dict)


class Pages:
    """The pages of all months; a month's part is read when it is asked for, and again only if it was not kept.

    Args:
        captured: that of the head: what has no month here has no part.
    """

    def __init__(self, bucket: Bucket, captured: Mapping[str, list[str]]) -> None:
        self._bucket = bucket
        self._parts: dict[str, Part] = {}
        self.captured = dict(captured)
        self.changed: set[str] = set()

    def of(self, month: str) -> Part:
        """The part of a month; an empty one where it has none.

        Raises:
            DamagedError: it cannot be read.
        """
        if month not in self.captured:
            return Part()
        if month not in self._parts:
            self._parts[month] = _read_part(self._bucket, month)
        return self._parts[month]

    def put(self, month: str, part: Part) -> None:
        """Have another part for a month from now on; `write` writes it."""
        self._parts[month] = part
        self.changed.add(month)
        self.captured.pop(month, None)
        if part.files:
            self.captured[month] = sorted({f"{day:%Y-%m}" for _, _, day in part.pages})

    def table_days(self, pairs: Collection[Pair]) -> set[date]:
        """The days of the documents table that have pages captured on some days of sources."""
        captured = {f"{day:%Y-%m}" for _, day in pairs}
        months = [month for month, of_month in self.captured.items() if not captured.isdisjoint(of_month)]
        return {table_day for month in months for table_day, *pair in self.of(month).pages if tuple(pair) in pairs}

    def sources_that_changed(self) -> set[str]:
        """The sources that have pages in a part that was put."""
        return {source for month in self.changed for _, source, _ in self._parts[month].pages}

    def write(self) -> None:
        """Write the parts that were put."""
        for month in sorted(self.changed):
            part = self._parts[month]
            if not part.files:
                self._bucket.delete(_part_key(month))
                continue
            rows = [
                dict(zip(_PART_SCHEMA.names, [*place, digest], strict=True)) for place, digest in part.pages.items()
            ]
            schema = _PART_SCHEMA.with_metadata({"files": json.dumps(part.files, sort_keys=True)})
            buffer = io.BytesIO()
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), buffer, compression="zstd")
            self._bucket.put(_part_key(month), buffer.getvalue(), content_type="application/vnd.apache.parquet")


def digests_by_month(files: Mapping[str, str]) -> dict[str, str]:
    """For each month a digest of the names of its data files, given with their days."""
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for path, day in files.items():
        paths[day[:7]].append(path)
    return {month: hashlib.sha256("\n".join(sorted(some)).encode()).hexdigest() for month, some in paths.items()}


def read_head(bucket: Bucket, rows: Collection[str]) -> Head:
    """The head, where months of ``health/`` have `rows`; an empty one, so that all is made anew, where it cannot be told.

    That is so also where other columns were made then, or where a month's rows or its part are missing.
    """
    try:
        told = json.loads(bucket.get(_HEAD))
        head = Head(*(told[name] for name in ("known_as", "runs", "files", "captured")))
        parts = {stored.key for stored in bucket.list(_PREFIX)}
        complete = set(told["rows"]) <= set(rows) and {_part_key(month) for month in head.captured} <= parts
    except (KeyError, TypeError, ValueError, AttributeError):
        return Head()
    return head if complete and told["schema_version"] == SCHEMA_VERSION else Head()


def write_head(bucket: Bucket, head: Head, rows: Collection[str]) -> None:
    """Write the head, after the parts, with the months that have `rows` by now."""
    told = {"schema_version": SCHEMA_VERSION, "rows": sorted(rows), **asdict(head)}
    bucket.put(_HEAD, json.dumps(told, sort_keys=True).encode(), content_type="application/json")


def noted_at(bucket: Bucket) -> datetime | None:
    """When a build last brought ``health/`` in line (UTC), as each does, whether or not anything had changed.

    Raises:
        BucketError: the store cannot be reached.
    """
    return next((stored.modified_at for stored in bucket.list(_HEAD)), None)


def _part_key(month: str) -> str:
    return f"{_PREFIX}month={month}/pages.parquet"


def _read_part(bucket: Bucket, month: str) -> Part:
    try:
        table = pq.read_table(io.BytesIO(bucket.get(_part_key(month))))
        files = json.loads(table.schema.metadata[b"files"])
        columns = [table.cast(_PART_SCHEMA)[name].to_pylist() for name in _PART_SCHEMA.names]
        return Part(files, {(day, source, of): digest for day, source, of, digest in zip(*columns, strict=True)})
    except (KeyError, TypeError, ValueError, pa.ArrowException):
        raise DamagedError(_part_key(month)) from None
