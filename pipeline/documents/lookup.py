"""The two indexes of the documents table: by the captures of a source, and by what makes documents one article."""

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

SAME_ARTICLE = pa.schema([pa.field("hash", pa.int64(), nullable=False), FILE])
"""A row for the article id of each document, and one for its series where it has one."""


def short_hash(article_id: str) -> int:
    """40 bits of an article's id or a series': of ten million pages, one in fifty thousand looked for is looked for in vain."""
    return int.from_bytes(hashlib.sha256(article_id.encode()).digest()[:5])


def is_one_of(article_ids: Iterable[str]) -> pc.Expression:
    """What finds the rows of articles or series in the index by `SAME_ARTICLE`."""
    return pc.field("hash").isin(pa.array(sorted(map(short_hash, article_ids)), pa.int64()))


def same_article(rows: pa.Table) -> pa.Table:
    """The index's rows of documents, given by article_id, series and `FILE`."""
    series = rows.filter(pc.is_valid(rows["series"]))
    ids = [*rows["article_id"].to_pylist(), *series["series"].to_pylist()]
    files = pa.concat_arrays([*rows[FILE.name].chunks, *series[FILE.name].chunks])
    return pa.table([pa.array(map(short_hash, ids), pa.int64()), files], schema=SAME_ARTICLE)


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
