"""The documents table: one row per captured page, whatever became of it. A Delta Lake table below ``documents/``.

The corpus build alone writes it. Writing the rows of a capture file replaces those that the table has of that file, so
that any step may be repeated; a better extractor rebuilds every row from ``captures/``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable, write_deltalake

from pipeline.bucket import Bucket
from pipeline.captures import IndexLine, list_page_files, read_index
from pipeline.urls import normalize_url

PREFIX = "documents"

_INSTANT = pa.timestamp("us", tz="UTC")
_DATE = pa.struct([("method", pa.string()), ("role", pa.string()), ("text", pa.string())])
MENTION = pa.struct(
    [
        ("text", pa.string()),
        ("offset", pa.int32()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("precision", pa.string()),
    ]
)
"""A day or an interval that a body speaks of, see :class:`pipeline.dates.Mention`."""

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_name", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("fetched_url", pa.string(), nullable=False),
        pa.field("captured_at", _INSTANT, nullable=False),
        pa.field("capture_key", pa.string(), nullable=False),
        pa.field("capture_offset", pa.int64(), nullable=False),
        pa.field("http_status", pa.int32(), nullable=False),
        pa.field("location", pa.string()),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("found", pa.string(), nullable=False),
        pa.field("rejected", pa.string()),
        pa.field("title", pa.string()),
        pa.field("standfirst", pa.string()),
        pa.field("authors", pa.list_(pa.string())),
        pa.field("agencies", pa.list_(pa.string())),
        pa.field("body", pa.string()),
        pa.field("captions", pa.list_(pa.string())),
        pa.field("image", pa.string()),
        pa.field("section", pa.string()),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("language", pa.string()),
        pa.field("published_at", _INSTANT),
        pa.field("published_day", pa.date32()),
        pa.field("published_precision", pa.string()),
        pa.field("published_method", pa.string()),
        pa.field("published_evidence", pa.string()),
        pa.field("published_confidence", pa.string()),
        pa.field("published_zone", pa.string()),
        pa.field("modified_at", _INSTANT),
        pa.field("dates", pa.list_(_DATE)),
        pa.field("dates_mentioned", pa.list_(MENTION)),
        pa.field("published_order", _INSTANT),
        pa.field("body_hash", pa.string()),
        pa.field("text_hash", pa.string()),
        pa.field("signature", pa.binary()),
        pa.field("row_hash", pa.string(), nullable=False),
        pa.field("extractor", pa.string(), nullable=False),
        pa.field("month", pa.string(), nullable=False),
    ]
)
"""Columns of the table.

`id` is the capture's key and offset; `location` is where a redirect leads; `found` is JSON; `published_order` is the instant
by which documents are ordered (the published instant, or the local midnight of the published day); `body_hash` tells
revisions apart, `text_hash` and `signature` tell copies, `row_hash` tells whether anything of the row changed; `month`
(YYYY-MM of the published day, of the capture for a rejected page) is the partition. A row with `rejected` has no article
columns.
"""


class Documents:
    """The documents table in a bucket, as it stood when this was made."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._uri = bucket.uri(PREFIX)
        self._options = bucket.storage_options()
        self._table = self._open()

    def _open(self) -> DeltaTable | None:
        # Asked of the bucket first, whose errors are sentences.
        if not any(self._bucket.list(f"{PREFIX}/_delta_log/")):
            return None
        return DeltaTable(self._uri, storage_options=self._options)

    @property
    def version(self) -> int:
        """Number of the table's newest commit; -1 where there is no table yet."""
        return self._table.version() if self._table else -1

    def read(self, columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table:
        """The rows that satisfy `where`, with these columns, sorted by `id`."""
        if self._table is None:
            return SCHEMA.empty_table().select(list(columns))
        wanted = list(dict.fromkeys([*columns, "id"]))
        table = self._table.to_pyarrow_dataset().to_table(columns=wanted, filter=where)
        return table.sort_by("id").select(list(columns)).cast(pa.schema([SCHEMA.field(name) for name in columns]))

    def capture_files(self) -> set[str]:
        """Keys of the capture files whose pages have rows."""
        return set(pc.unique(self.read(["capture_key"])["capture_key"]).to_pylist())

    def replace(self, rows: pa.Table) -> None:
        """Write rows, in place of all that the table has of the same capture files, in one commit."""
        self._table = self._open()  # another build may have been here since
        keys = sorted(pc.unique(rows["capture_key"]).to_pylist())
        rows = rows.select(SCHEMA.names).cast(SCHEMA).sort_by("id")
        present = sorted(self.capture_files() & set(keys))
        if present:
            quoted = ", ".join("'" + key.replace("'", "''") + "'" for key in keys)
            write_deltalake(
                self._uri,
                rows,
                mode="overwrite",
                predicate=f"capture_key IN ({quoted})",
                partition_by=["month"],
                storage_options=self._options,
            )
        else:
            write_deltalake(self._uri, rows, mode="append", partition_by=["month"], storage_options=self._options)
        self._table = self._open()


def row_hash(row: Mapping[str, Any]) -> str:
    """128 bits of the SHA-256 of a row's values, in hex; the signature, which follows from the body, is left out."""
    values = {name: row.get(name) for name in SCHEMA.names if name not in {"row_hash", "signature"}}
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:32]


def known_pages(bucket: Bucket, source: str) -> dict[str, IndexLine]:
    """The newest capture of every page of a source that the bucket holds, by the page's normal URL.

    From the documents table, and from the indexes of the capture files that it has not taken in yet.
    """
    documents = Documents(bucket)
    rows = documents.read(
        ["fetched_url", "captured_at", "http_status", "location", "digest", "found", "capture_key"],
        ds.field("source") == source,
    )
    lines = [
        IndexLine(
            url=row["fetched_url"],
            captured_at=row["captured_at"],
            status=row["http_status"],
            digest=row["digest"],
            found=json.loads(row["found"]),
            location=row["location"],
        )
        for row in rows.to_pylist()
    ]
    taken = set(rows["capture_key"].to_pylist())
    for key in list_page_files(bucket, source):
        if key not in taken:
            lines.extend(read_index(bucket, key))
    newest: dict[str, IndexLine] = {}
    for line in sorted(lines, key=lambda line: (line.captured_at, line.url)):
        newest[normalize_url(line.url)] = line
    return newest
