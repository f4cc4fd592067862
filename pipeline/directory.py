"""Where the documents table has the rows of a capture file or a page: a directory of the whole table, kept below ``state/``.

The table is laid out by day. To find a page by its address or by its capture file, every file of it would have to be read;
the directory holds what is needed for that, a dozen bytes a page. It is made of the table's files, each read once, and can be
thrown away at any time.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket

KEY = "state/directory.parquet"

_SCHEMA = pa.schema(
    [
        ("page", pa.uint64()),
        ("capture_key", pa.dictionary(pa.int32(), pa.string())),
        ("day", pa.dictionary(pa.int32(), pa.string())),
    ]
)
_FILES = b"files"


@dataclass(frozen=True)
class Directory:
    """A row for each page: a hash of its article id, its capture file, its day in the table.

    Rows of pages that have gone from the table may remain: it says where to look, not what is there.
    """

    rows: pa.Table

    @classmethod
    def of(cls, bucket: Bucket, files: Collection[str], read: Callable[[Collection[str]], pa.Table]) -> Directory:
        """The directory of a table with these data files; `read` gives the columns capture_key, article_id and day of some of them.

        Only files that the stored directory does not know are read.
        """
        known, rows = _stored(bucket)
        known &= set(files)
        if not known:  # another table
            rows = _SCHEMA.empty_table()
        if new := set(files) - known:
            table = read(new)
            added = pa.table(
                [_hashes(table["article_id"].to_pylist()), table["capture_key"], table["day"]], names=_SCHEMA.names
            )
            rows = pa.concat_tables([rows, added.cast(_SCHEMA)]).unify_dictionaries().combine_chunks()
            rows = rows.group_by(_SCHEMA.names, use_threads=False).aggregate([]).cast(_SCHEMA)
            _store(bucket, known | new, rows)
        return cls(rows)

    def capture_keys(self) -> set[str]:
        """The capture files whose pages have rows."""
        return set(pc.unique(self.rows["capture_key"]).to_pylist())

    def days_of_captures(self, keys: Collection[str]) -> set[str]:
        """The days in which the rows of some capture files may be."""
        return self._days(pc.is_in(self.rows["capture_key"].cast(pa.string()), pa.array(sorted(keys), pa.string())))

    def days_of_pages(self, article_ids: Collection[str]) -> set[str]:
        """The days in which the rows of the pages with some article ids may be."""
        return self._days(pc.is_in(self.rows["page"], _hashes(article_ids)))

    def _days(self, wanted: pa.ChunkedArray) -> set[str]:
        return set(pc.unique(self.rows["day"].filter(wanted)).to_pylist())


def _hashes(article_ids: Iterable[str]) -> pa.Array:
    return pa.array((int.from_bytes(hashlib.sha256(id_.encode()).digest()[:8]) for id_ in article_ids), pa.uint64())


def _stored(bucket: Bucket) -> tuple[set[str], pa.Table]:
    """The files that the stored directory knows, and its rows; nothing of one that cannot be read."""
    try:
        table = pq.read_table(io.BytesIO(bucket.get(KEY)))
        return set(json.loads(table.schema.metadata[_FILES])), table.cast(_SCHEMA)
    except (KeyError, TypeError, ValueError, pa.ArrowException):
        return set(), _SCHEMA.empty_table()


def _store(bucket: Bucket, files: Collection[str], rows: pa.Table) -> None:
    buffer = io.BytesIO()
    named = rows.replace_schema_metadata({_FILES: json.dumps(sorted(files))})
    pq.write_table(named, buffer, compression="zstd")
    bucket.put(KEY, buffer.getvalue(), content_type="application/vnd.apache.parquet")
