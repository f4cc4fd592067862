"""The two indexes of the documents table: of a source's captures, and of what documents have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.documents.index import FILE
from pipeline.documents.schema import SCHEMA

OF_CAPTURES = pa.schema(
    [
        *(
            SCHEMA.field(name)
            for name in ("source", "capture_key", "capture_offset", "url", "fetched_url", "captured_at")
        ),
        *(SCHEMA.field(name) for name in ("http_status", "location", "digest", "found", "rejected", "published_day")),
        pa.field("later", pa.list_(pa.string()), nullable=False),
    ]
)
"""What a crawl must know of the captures of its source; `later` are the addresses on which an article goes on, as far as a build
has joined them and the one that it missed."""

MADE_OF = ["rejected", "next_page", "whole"]
"""Columns of the table from which `later` follows."""

IN_COMMON = pa.schema([pa.field("hash", pa.int64(), nullable=False), FILE])
"""A row for each article id, each series and each capture file that documents of a data file have."""


def short_hash(name: str) -> int:
    """40 bits of an id or a key: among ten million, one of fifty thousand that are not there is looked for in vain."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:5])


def is_one_of(names: Iterable[str]) -> pc.Expression:
    """What finds the rows of articles, series or capture files in the index by `IN_COMMON`."""
    return pc.field("hash").isin(pa.array(sorted(map(short_hash, names)), pa.int64()))


def in_common(rows: pa.Table) -> pa.Table:
    """The index's rows of documents, given by article_id, series, capture_key and `FILE`."""
    made = []
    for name in ("article_id", "series", "capture_key"):
        found = rows.select([name, FILE.name]).group_by([name, FILE.name]).aggregate([])
        found = found.filter(pc.is_valid(found[name]))
        made.append(
            pa.table(
                [pa.array(map(short_hash, found[name].to_pylist()), pa.int64()), found[FILE.name]], schema=IN_COMMON
            )
        )
    return pa.concat_tables(made)


def of_captures(rows: pa.Table) -> pa.Table:
    """The index's rows of documents, given by the columns of `OF_CAPTURES`, with `MADE_OF` for `later`, and `FILE`."""
    made = zip(*(rows[name].to_pylist() for name in MADE_OF), strict=True)
    schema = OF_CAPTURES.append(FILE)
    return (
        rows.append_column("later", pa.array([_later(*row) for row in made], pa.list_(pa.string())))
        .select(schema.names)
        .cast(schema)
    )


def _later(rejected: str | None, next_page: str | None, whole: Mapping[str, Any] | None) -> list[str]:
    """The addresses on which an article goes on; none of what is no article."""
    if rejected is not None:
        return []
    joined = [page["url"] for page in whole["pages"]] if whole else []
    missing = whole["next_page"] if whole else next_page
    return [*joined, missing] if missing else joined
