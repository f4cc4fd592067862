"""``sources/sources.parquet``: a row for each outlet, as its file describes it, with what the corpus has of it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import columns
from pipeline.card.facts import Outlet
from pipeline.columns import column

PREFIX = "sources/"
FILE = f"{PREFIX}sources.parquet"
SCHEMA_FILE = f"{PREFIX}_schema.json"
SCHEMA_VERSION = 1

_TEXTS = pa.list_(pa.field("element", pa.string()))

SCHEMA = pa.schema(
    [
        column("source", pa.string(), "Id of the outlet, as in the articles"),
        column("name", pa.string(), "Name of the outlet as its readers know it"),
        column("description", pa.string(), "Who makes it, where and since when, as the configuration says it", nullable=True),
        column("ownership", pa.string(), "state, public, party, private or independent; empty where it is not said", nullable=True),
        column("status", pa.string(), "active, defunct or unknown; empty where no file names it any more", nullable=True),
        column("conflicts", _TEXTS, "Wars that it reports, each named after its country"),
        column("countries", _TEXTS, "Countries that it reports on above all, by their codes in ISO 3166-1; none: the region"),
        column("focus", pa.string(), "The part of these countries, or the subject, that it reports above all", nullable=True),
        column("address", pa.string(), "URL of its home page", nullable=True),
        column("language", pa.string(), "BCP-47 tag of the language that the corpus takes from it", nullable=True),
        column("timezone", pa.string(), "IANA zone in which it prints its dates", nullable=True),
        column("formerly", _TEXTS, "Ids that it had before, and those of outlets merged into it"),
        column("first_day", pa.date32(), "Published day of its first article in the corpus", nullable=True),
        column("last_day", pa.date32(), "Published day of its last article in the corpus", nullable=True),
        column("days", pa.int32(), "Published days of which the corpus has an article by it"),
        column("articles", pa.int64(), "Articles by it in the corpus"),
        column("copied", pa.int64(), "Those of them that another outlet printed as well, later"),
        column("taken", pa.int64(), "Copies that it printed of others' articles; they have no row of their own"),
    ]
)  # fmt: skip
"""Columns of the one file; sorted by `source`."""


def encode(outlets: Iterable[Outlet]) -> bytes:
    """The table as a Parquet file; the same outlets give the same bytes."""
    rows = [_row(one) for one in sorted(outlets, key=lambda one: one.id)]
    buffer = io.BytesIO()
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, buffer, compression="zstd", compression_level=9, version="2.6")
    return buffer.getvalue()


def _row(outlet: Outlet) -> dict[str, Any]:
    source = outlet.source
    return {
        "source": outlet.id,
        "name": outlet.name,
        "description": (source and source.description) or None,
        "ownership": source and source.ownership,
        "status": source and source.status,
        "conflicts": source.conflicts if source else (),
        "countries": source.countries if source else (),
        "focus": (source and source.focus) or None,
        "address": str(source.home) if source else None,
        "language": source and source.language,
        "timezone": source and source.timezone,
        "formerly": source.formerly if source else (),
        "first_day": outlet.first,
        "last_day": outlet.last,
        "days": len(outlet.days),
        "articles": outlet.articles,
        "copied": outlet.copied,
        "taken": outlet.taken,
    }


def schema_json() -> bytes:
    """The columns with their types and meaning."""
    return columns.schema_json(SCHEMA, SCHEMA_VERSION)
