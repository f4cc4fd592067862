"""The columns of ``health/``: one row for each source and day."""

from __future__ import annotations

import json

import pyarrow as pa

SCHEMA_VERSION = 1

_COUNTS = pa.map_(pa.string(), pa.int32())
_TEXTS = pa.list_(pa.field("element", pa.string()))
_INSTANT = pa.timestamp("us", tz="UTC")


def _column(name: str, kind: pa.DataType, meaning: str, *, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable, metadata={"meaning": meaning})


SCHEMA = pa.schema(
    [
        _column("source", pa.string(), "Id of the source, as in the configuration"),
        _column("day", pa.date32(), "Calendar day in the source's time zone"),
        # The crawls that began on this day.
        _column("crawls", pa.int32(), "Crawls that began on this day and left a report, but dry runs and backfills"),
        _column("crawls_failed", pa.int32(), "Those of them that failed"),
        _column("crawls_interrupted", pa.int32(), "Those of them that were stopped before their end"),
        _column("reports_unreadable", pa.int32(), "Reports of crawls that cannot be read: what these did is not known"),
        _column("last_crawl_at", _INSTANT, "When the last of them began, in UTC", nullable=True),
        _column("last_outcome", pa.string(), "How it ended: finished, nothing_new, interrupted or failed", nullable=True),
        _column("last_message", pa.string(), "What it said of itself", nullable=True),
        _column("discoveries", pa.int32(), "Ways of finding articles that the last crawl tried", nullable=True),
        _column("discoveries_answered", pa.int32(), "Those of them that answered", nullable=True),
        _column("problems", _TEXTS, "What went wrong with them, the first five"),
        _column("found", pa.int32(), "Addresses that the last crawl found", nullable=True),
        _column("captured", pa.int32(), "Pages that all the crawls fetched", nullable=True),
        _column("known", pa.int32(), "Those of them that were stored before", nullable=True),
        _column("unchanged", pa.int32(), "Pages that they asked for again, and that had not changed", nullable=True),
        _column("remaining", pa.int32(), "Addresses that the last crawl did not come to", nullable=True),
        _column("failed", _COUNTS, "Addresses that did not come in the last crawl, by reason (http_500, timeout, dns)"),
        _column("skipped", _COUNTS, "Addresses that the last crawl left out, by reason (robots, outside_window)"),
        _column("requests", pa.int32(), "Requests that all crawls sent, those of backfills too, for whatever", nullable=True),
        _column("bytes", pa.int64(), "Bytes of the answers to them, as sent", nullable=True),
        _column("throttled", pa.int32(), "Answers that asked for patience: 429 and 503", nullable=True),
        # The pages captured on this day.
        _column("pages", pa.int32(), "Pages captured on this day; those of backfills and imports are left out"),
        _column("articles", pa.int32(), "Those of them that are articles"),
        _column("copies", pa.int32(), "Copies of another page's article"),
        _column("revisions", pa.int32(), "Older texts of an address that has a newer one"),
        _column("recaptures", pa.int32(), "The same text of the same address, captured again"),
        _column("rejected", _COUNTS, "Pages that are no articles, by reason; `unchanged` is a page asked for again"),
        _column("backfilled", pa.int32(), "Pages captured on this day for a window more than a week past, or imported"),
        _column("texts", pa.int32(), "Articles, copies and revisions: what the next columns are of"),
        _column("body_q1", pa.int32(), "Characters of their bodies: the first quartile", nullable=True),
        _column("body_median", pa.int32(), "the median", nullable=True),
        _column("body_q3", pa.int32(), "the third quartile", nullable=True),
        _column("with_author", pa.int32(), "Those with an author"),
        _column("with_day", pa.int32(), "Those that state their day"),
        _column("with_time", pa.int32(), "Those that state their time"),
        _column("low_confidence", pa.int32(), "Those whose `body_confidence` is low"),
        _column("selector_fails", pa.int32(), "Those on which the source's `body` selector matched nothing"),
        _column("latency_median", pa.int32(), "Minutes from publication to first capture: the median", nullable=True),
        # What was published on this day.
        _column("published", pa.int32(), "Distinct pages published on this day, whenever they were captured"),
    ]
)  # fmt: skip
"""Columns of a month's file; the folder's name adds `month`."""


def schema_json() -> bytes:
    """The columns with their types and meaning."""
    columns = [
        {
            "name": column.name,
            "type": str(column.type),
            "nullable": column.nullable,
            "meaning": column.metadata[b"meaning"].decode(),
        }
        for column in SCHEMA
    ]
    partition = {"name": "month", "type": "string", "meaning": "The month of the days, from the folder's name"}
    schema = {"schema_version": SCHEMA_VERSION, "partitioned_by": [partition], "columns": columns}
    return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()
