"""An index of the documents table, kept below ``state/``: a few columns of every row, sorted by what rows are looked for by.

The table is laid out by day. To find the rows of a source, of a page or of a capture file, every data file of it would have to be
opened. An index is made of parts, which never change: each holds what some of the data files have. A note names the parts, and
with each its data files and how many rows it has of them.

A data file never changes either. So a part's row counts for as long as its data file is in the table, and what no part has yet is
read from the table itself: an index that is old, damaged or lost gives the same answers, only later, and is made good by the
next build.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import log

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, BucketError, DamagedError, Stored
from pipeline.documents.sealed import seal, sealed_dataset

_LOG = logging.getLogger(__name__)

FILE = pa.field("file", pa.int64(), nullable=False)
"""The column by which a row of an index names its data file, see `file_id`."""

_NOTE = "index.json"
_NAME = re.compile(r"[0-9a-f]{32}\.parquet")
_FULL = 500_000
"""Rows of a part that is not joined with others any more: some 50 MB at most, and some hundred megabytes in memory."""
_ALIKE = 8
"""Parts of like size that are joined: a row is written anew once for each time that the index has grown so much."""
_FILES_A_PART = 100
"""Data files that a part is made of: bounds the memory."""
_KEPT = timedelta(days=1)
"""How long a part stays that no note names any more: far longer than anyone reads who has read the note before."""


def file_id(path: str) -> int:
    """63 bits that stand for a data file."""
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:8]) >> 1


@dataclass(frozen=True, slots=True)
class _Part:
    """An object of the index: its name, its ETag, its bytes, and how many rows it has of each data file."""

    name: str
    etag: str
    size: int
    files: Mapping[str, int]

    def rows(self, live: Collection[str]) -> int:
        """How many of its rows count."""
        return sum(rows for path, rows in self.files.items() if path in live)


class Index:
    """An index below ``state/<name>/``.

    `make` gives the rows of some data files, with the column `FILE`; they are stored sorted by the columns `order`, `group` rows to
    a row group: whoever looks for a few values of the first of them reads few groups.
    """

    def __init__(
        self,
        bucket: Bucket,
        name: str,
        make: Callable[[Collection[str]], pa.Table],
        *,
        order: Sequence[str],
        group: int,
    ) -> None:
        self._bucket = bucket
        self._folder = f"state/{name}/"
        self._make = make
        self._order = order
        self._group = group
        self._parts, self._etag = self._noted()
        self._unstored: tuple[frozenset[str], pa.Table | None] = frozenset(), None

    def read(self, live: Collection[str], columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table:
        """The rows that satisfy `where` of the data files `live`, with these columns, in no order.

        Raises:
            BucketError: the store cannot be reached.
        """
        return self._found(live, where, lambda rows: rows.select(list(columns)), columns)

    def distinct(self, live: Collection[str], columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table:
        """The values that these columns have together in such rows, each once, in no order. Raises as `read` does."""

        def once(rows: pa.Table) -> pa.Table:
            return rows.group_by(list(columns)).aggregate([])

        return once(self._found(live, where, once, columns))

    def files(self, live: Collection[str], where: pc.Expression) -> set[str]:
        """Which of the data files `live` have rows that satisfy `where`. Raises as `read` does."""
        found = set(self.distinct(live, [FILE.name], where)[FILE.name].to_pylist())
        return {path for path in live if file_id(path) in found} if found else set()

    def update(self, live: Collection[str]) -> None:
        """Store what is missing of the data files `live`, and let go of what no longer counts.

        Raises:
            ConflictError: another build did so at the same time.
            BucketError: the store cannot be reached.
        """
        stored = self._stored()
        self._parts, self._etag = self._noted()
        noted = self._parts
        whole = [part for part in noted if part.name in stored and stored[part.name].etag == part.etag]
        missing = sorted(set(live).difference(*(part.files for part in whole)))
        batches = (missing[start : start + _FILES_A_PART] for start in range(0, len(missing), _FILES_A_PART))
        parts = [*whole, *(self._put(self._make(files), files) for files in batches)]
        while unfit := _unfit(parts, live):
            parts = [part for part in parts if part not in unfit]
            if files := [path for part in unfit for path in part.files if path in live]:
                parts.append(self._put(self._joined(unfit, live), files))
        if parts != noted:
            self._note(parts)
        long_ago = datetime.now(UTC) - _KEPT
        named = {part.name for part in (*noted, *parts)}
        gone = (item.key for name, item in stored.items() if name not in named and item.modified_at < long_ago)
        self._bucket.delete(*gone)

    def forget(self) -> None:
        """Delete it, with all that it says of rows that are gone."""
        self._bucket.delete(self._folder + _NOTE, *(item.key for item in self._stored().values()))
        self._parts, self._etag = [], ""

    def _stored(self) -> dict[str, Stored]:
        """The parts that are there, by their names; what others put beside them is not ours."""
        items = ((item.key.removeprefix(self._folder), item) for item in self._bucket.list(self._folder))
        return {name: item for name, item in items if _NAME.fullmatch(name)}

    def _found(
        self,
        live: Collection[str],
        where: pc.Expression | None,
        reduce: Callable[[pa.Table], pa.Table],
        columns: Sequence[str],
    ) -> pa.Table:
        """What is left of the rows of parts and table where piece by piece is reduced, so that not all are held at a time."""
        stored = self._of_parts(live, where, reduce, columns)
        rest = self._rest(live)
        return pa.concat_tables([*stored, reduce(rest if where is None else rest.filter(where))])

    def _of_parts(
        self,
        live: Collection[str],
        where: pc.Expression | None,
        reduce: Callable[[pa.Table], pa.Table],
        columns: Sequence[str],
    ) -> list[pa.Table]:
        """What the parts have. Where one cannot be read, none counts any more: the table has it all."""
        parts = [(self._folder + part.name, part.size, pc.scalar(True)) for part in self._parts if part.rows(live)]
        if not parts:
            return []
        counting = pa.array(map(file_id, live), FILE.type)
        try:
            stored = sealed_dataset(self._bucket, parts, self._make([]).schema)
            batches = stored.to_batches(columns=[*dict.fromkeys([*columns, FILE.name])], filter=where)
            tables = (pa.Table.from_batches([batch]) for batch in batches if len(batch))
            return [reduce(rows.filter(pc.is_in(rows[FILE.name], value_set=counting))) for rows in tables]
        except (KeyError, DamagedError, pa.ArrowException) as error:
            if isinstance(error, DamagedError):
                with suppress(BucketError):  # a crawl may not, a build may
                    self._bucket.delete(error.key)  # it is missed then, and made anew
            _LOG.warning(
                "%s cannot be read (%s): the documents are searched without it; `warraq build` makes it good",
                self._folder,
                " ".join(str(error).split())[:200],
            )
            self._parts = []
            return []

    def _rest(self, live: Collection[str]) -> pa.Table:
        """The rows of the data files that no part has; kept, as they are asked for again and again while a build writes."""
        missing = frozenset(live).difference(*(part.files for part in self._parts))
        files, table = self._unstored
        if table is None or files != missing:
            fresh = self._make(sorted(missing - files))
            table = fresh if table is None else pa.concat_tables([_counting(table, missing), fresh])
            self._unstored = missing, table
        return table

    def _noted(self) -> tuple[list[_Part], str]:
        """The parts that the note names, and its ETag; none where it is not there, or cannot be read."""
        etag = ""
        try:
            data, etag = self._bucket.get_with_etag(self._folder + _NOTE)
            return [_Part(one["name"], one["etag"], one["size"], dict(one["files"])) for one in json.loads(data)], etag
        except DamagedError as damaged:
            return [], damaged.etag
        except (KeyError, TypeError, ValueError):
            return [], etag

    def _note(self, parts: Sequence[_Part]) -> None:
        told = [{"name": part.name, "etag": part.etag, "size": part.size, "files": dict(part.files)} for part in parts]
        key, data = self._folder + _NOTE, json.dumps(told, sort_keys=True).encode()
        etag = self._bucket.put(
            key, data, content_type="application/json", if_etag=self._etag or None, if_absent=not self._etag
        )
        self._parts, self._etag = list(parts), etag

    def _joined(self, parts: Sequence[_Part], live: Collection[str]) -> pa.Table:
        """The rows of some parts that count, from the table where a part cannot be read."""
        try:
            return pa.concat_tables([_counting(self._get(part), live) for part in parts])
        except (KeyError, DamagedError):
            return self._make([path for part in parts for path in part.files if path in live])

    def _get(self, part: _Part) -> pa.Table:
        return pq.read_table(io.BytesIO(self._bucket.get(self._folder + part.name)))

    def _put(self, table: pa.Table, paths: Collection[str]) -> _Part:
        """Store rows of these data files as a part."""
        buffer = io.BytesIO()
        ordered = table.sort_by([(name, "ascending") for name in self._order])
        numbers = [name for name in self._order if pa.types.is_int64(table.schema.field(name).type)]
        pq.write_table(
            ordered,
            buffer,
            compression="zstd",
            row_group_size=self._group,
            use_dictionary=[name for name in table.column_names if name not in numbers],
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        )
        data, digest = seal(buffer.getvalue())
        name = f"{digest}.parquet"
        etag = self._bucket.put(self._folder + name, data, content_type="application/vnd.apache.parquet")
        counted = table.group_by([FILE.name]).aggregate([([], "count_all")])
        rows = dict(zip(counted[FILE.name].to_pylist(), counted["count_all"].to_pylist(), strict=True))
        return _Part(name, etag, len(data), {path: rows.get(file_id(path), 0) for path in paths})


def _unfit(parts: Sequence[_Part], live: Collection[str]) -> list[_Part]:
    """Parts to put one in place of: one of which less than half counts, or some of like size that are too many; none else."""
    alike: defaultdict[int, list[_Part]] = defaultdict(list)
    for part in parts:
        rows = part.rows(live)
        if 2 * rows < sum(part.files.values()):
            return [part]
        if rows < _FULL:
            alike[int(log(max(rows, 1), _ALIKE))].append(part)
    for _, of_size in sorted(alike.items()):
        if len(of_size) >= _ALIKE:
            sums = accumulate(part.rows(live) for part in of_size)
            return of_size[
                : min(_ALIKE, sum(rows < _FULL for rows in sums) + 1)
            ]  # no more than are needed for a full one
    return []


def _counting(table: pa.Table, live: Collection[str]) -> pa.Table:
    """The rows of the data files `live`."""
    return table.filter(pc.is_in(table[FILE.name], value_set=pa.array(map(file_id, live), pa.int64())))
