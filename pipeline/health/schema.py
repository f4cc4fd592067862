"""The columns of ``health/``: one row for each source and day."""

from __future__ import annotations

import pyarrow as pa

from pipeline import columns
from pipeline.columns import column

SCHEMA_VERSION = 2

_COUNTS = pa.map_(pa.string(), pa.int32())
_TEXTS = pa.list_(pa.field("element", pa.string()))
_INSTANT = pa.timestamp("us", tz="UTC")


SCHEMA = pa.schema(
    [
        column("source", pa.string(), "Id of the source, as in the configuration"),
        column("day", pa.date32(), "Calendar day in the source's time zone"),
        # The crawls that began on this day.
        column("crawls", pa.int32(), "Crawls that began on this day and left a report, but dry runs and backfills"),
        column("crawls_failed", pa.int32(), "Those of them that failed"),
        column("crawls_interrupted", pa.int32(), "Those of them that were stopped before their end"),
        column("reports_unreadable", pa.int32(), "Reports of crawls that cannot be read: what these did is not known"),
        column("last_crawl_at", _INSTANT, "When the last of them began, in UTC", nullable=True),
        column("last_outcome", pa.string(), "How it ended: finished, nothing_new, interrupted or failed", nullable=True),
        column("last_message", pa.string(), "What it said of itself", nullable=True),
        column("discoveries", pa.int32(), "Ways of finding articles that the last crawl tried", nullable=True),
        column("discoveries_answered", pa.int32(), "Those of them that answered", nullable=True),
        column("problems", _TEXTS, "What went wrong with them, the first five"),
        column("found", pa.int32(), "Addresses that the last crawl found", nullable=True),
        column("captured", pa.int32(), "Pages that all the crawls fetched", nullable=True),
        column("known", pa.int32(), "Those of them that were stored before", nullable=True),
        column("unchanged", pa.int32(), "Pages that they asked for again, and that had not changed", nullable=True),
        column("remaining", pa.int32(), "Addresses that the last crawl did not come to", nullable=True),
        column("failed", _COUNTS, "Addresses that did not come in the last crawl, by reason (http_500, timeout, dns)"),
        column("skipped", _COUNTS, "Addresses that the last crawl left out, by reason (robots, outside_window)"),
        column("requests", pa.int32(), "Requests that all crawls sent, those of backfills too, for whatever", nullable=True),
        column("bytes", pa.int64(), "Bytes of the answers to them, as sent", nullable=True),
        column("throttled", pa.int32(), "Answers that asked for patience: 429 and 503", nullable=True),
        # The pages captured on this day.
        column("pages", pa.int32(), "Pages captured on this day, one that came again as a text once; no backfills and imports"),
        column("articles", pa.int32(), "Those of them that are articles"),
        column("copies", pa.int32(), "Copies of another page's article"),
        column("revisions", pa.int32(), "Older texts of an address that has a newer one"),
        column("recaptures", pa.int32(), "The same text of the same address, captured again"),
        column("rejected", _COUNTS, "Pages that are no articles, by reason; `unchanged` is a page asked for again"),
        column("backfilled", pa.int32(), "Pages captured on this day for a window more than a week past, or imported"),
        column("texts", pa.int32(), "Articles, copies and revisions: what the next columns are of"),
        column("body_q1", pa.int32(), "Characters of their bodies: the first quartile", nullable=True),
        column("body_median", pa.int32(), "the median", nullable=True),
        column("body_q3", pa.int32(), "the third quartile", nullable=True),
        column("with_author", pa.int32(), "Those with an author"),
        column("with_day", pa.int32(), "Those that state their day"),
        column("with_time", pa.int32(), "Those that state their time"),
        column("low_confidence", pa.int32(), "Those whose `body_confidence` is low"),
        column("selector_fails", pa.int32(), "Those on which the source's `body` selector matched nothing"),
        column("latency_median", pa.int32(), "Minutes from publication to first capture: the median", nullable=True),
        # What was published on this day.
        column("published", pa.int32(), "Distinct pages published on this day, whenever they were captured"),
    ]
)  # fmt: skip
"""Columns of a month's file; the folder's name adds `month`."""


def schema_json() -> bytes:
    """The columns with their types and meaning."""
    return columns.schema_json(
        SCHEMA,
        SCHEMA_VERSION,
        {"name": "month", "type": "string", "meaning": "The month of the days, from the folder's name"},
    )
