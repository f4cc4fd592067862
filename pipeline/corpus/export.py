"""Articles written for tools that read no folder of Parquet files: lines of JSON, a sheet, or one Parquet file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.corpus.schema import SCHEMA

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet takes for a formula, wide forms too: https://owasp.org/www-community/attacks/CSV_Injection"""


def export_jsonl(articles: Iterable[Mapping[str, Any]], out: IO[str]) -> int:
    """Write articles as JSON, one a line, days and instants (UTC) in ISO 8601; return how many there were."""
    count = 0
    for count, article in enumerate(articles, 1):  # noqa: B007
        out.write(json.dumps(article, ensure_ascii=False, default=_iso) + "\n")
    return count


def export_csv(articles: Iterable[Mapping[str, Any]], out: IO[str]) -> int:
    """Write articles as a sheet (RFC 4180) with a line of headings, and return how many there were.

    Lists and groups of columns are JSON, days and instants (UTC) in ISO 8601. Before a text that a spreadsheet would take for a
    formula stands an apostrophe. `out` is opened with ``newline=""``.
    """
    sheet, count = csv.writer(out), 0
    sheet.writerow(SCHEMA.names)
    for count, article in enumerate(articles, 1):  # noqa: B007
        sheet.writerow([_cell(article.get(name)) for name in SCHEMA.names])
    return count


def export_parquet(tables: Iterable[pa.Table], out: IO[bytes]) -> int:
    """Write articles as one Parquet file, and return how many there were."""
    writer, count = None, 0
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(out, table.schema, compression="zstd")
            writer.write_table(table)
            count += len(table)
        writer = writer or pq.ParquetWriter(out, SCHEMA, compression="zstd")  # no article is a file, too
    finally:
        if writer is not None:
            writer.close()
    return count


def _cell(value: object) -> object:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_iso)
    if isinstance(value, date):
        return _iso(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _iso(value: date) -> str:
    return value.isoformat()
