"""The columns of ``articles/``: what downstream teams rely on. A change raises `SCHEMA_VERSION` and is announced."""

from __future__ import annotations

import json

import pyarrow as pa

from pipeline.documents import MENTION, PAGE

SCHEMA_VERSION = 4

_INSTANT = pa.timestamp("us", tz="UTC")
COPY_TYPE = pa.struct(
    [
        ("article_id", pa.string()),
        ("source", pa.string()),
        ("source_name", pa.string()),
        ("url", pa.string()),
        ("title", pa.string()),
        ("published_at", _INSTANT),
        ("published_day", pa.date32()),
        ("first_captured_at", _INSTANT),
        ("kind", pa.string()),
        ("similarity", pa.float64()),
    ]
)
REVISION_TYPE = pa.struct(
    [
        ("captured_at", _INSTANT),
        ("title", pa.string()),
        ("modified_at", _INSTANT),
        ("capture_key", pa.string()),
        ("capture_offset", pa.int64()),
    ]
)


def _list(kind: pa.DataType) -> pa.ListType:
    return pa.list_(pa.field("element", kind))  # Parquet's own name for it


def _column(name: str, kind: pa.DataType, meaning: str, *, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable, metadata={"meaning": meaning})


SCHEMA = pa.schema(
    [
        _column("article_id", pa.string(), "Identity of the article, a hash of its canonical URL; it never changes"),
        _column("url", pa.string(), "Canonical URL"),
        _column("source", pa.string(), "Id of the source, as in the configuration"),
        _column("source_name", pa.string(), "Name of the outlet as its readers know it"),
        _column("title", pa.string(), "Headline as the reader of the site sees it", nullable=True),
        _column("standfirst", pa.string(), "The lead, where the page sets it apart; the body begins with it", nullable=True),
        _column("body", pa.string(), "The article's text, a paragraph a line, without furniture"),
        _column("body_method", pa.string(), "How the body was found: general, selector, or by a second look; below", nullable=True),
        _column("body_confidence", pa.string(), "high, medium, low: how sure it is that it is the article, whole", nullable=True),
        _column("body_witnesses", _list(pa.string()), "Agreeing: json-ld, feed, wordpress, description, headline", nullable=True),
        _column("pages", _list(PAGE), "Captures of its later pages, in order, whose texts the body has as well"),
        _column("next_page", pa.string(), "Address of the page on which it goes on, where the body lacks that", nullable=True),
        _column("authors", _list(pa.string()), "Persons named in the byline, in its order; empty where none is named"),
        _column("agencies", _list(pa.string()), "Agencies and outlets that the byline or dateline names, as printed"),
        _column("captions", _list(pa.string()), "Captions of the article's pictures, in order; no part of the body"),
        _column("image", pa.string(), "URL of the main picture", nullable=True),
        _column("section", pa.string(), "Section of the site, where the page names it", nullable=True),
        _column("tags", _list(pa.string()), "What the page tags the article with, in its order"),
        _column("language", pa.string(), "BCP-47 tag of the body's language", nullable=True),
        _column("published_at", _INSTANT, "Instant of publication in UTC; empty where the page states no time", nullable=True),
        _column("published_day", pa.date32(), "Calendar day of publication at the source, in its own time zone"),
        _column("published_precision", pa.string(), "How exactly it is known: second, minute, day, or captured (not stated)"),
        _column("published_method", pa.string(), "Where the date was found; 'captured' where nothing states it"),
        _column("published_evidence", pa.string(), "The literal text it was read from", nullable=True),
        _column("published_confidence", pa.string(), "high, medium or low"),
        _column("published_zone", pa.string(), "Zone of the instant: stated, source (the source's), or corrected", nullable=True),
        _column("modified_at", _INSTANT, "Instant of the last modification that the page states, in UTC", nullable=True),
        _column("dates_mentioned", _list(MENTION), "Days that the body speaks of: see the page on dates"),
        _column("first_captured_at", _INSTANT, "When the URL was captured first, in UTC"),
        _column("captured_at", _INSTANT, "When this text of it was captured first, in UTC"),
        _column("capture_key", pa.string(), "The WARC file in the bucket that holds the capture"),
        _column("capture_offset", pa.int64(), "Byte offset of the response record in that file"),
        _column("revisions", _list(REVISION_TYPE), "Captures of this URL that hold an older text, by time"),
        _column("copies", _list(COPY_TYPE), "Later near-duplicates, by time; kind: same_text, near, contained; similarity: 0 to 1"),
        _column("extractor", pa.string(), "Version of the code that read the page"),
    ]
)  # fmt: skip
"""Columns of a partition's file; the folder name adds `published` (the published day) for readers of Hive partitions."""


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
    partition = {"name": "published", "type": "date", "meaning": "The published day, from the folder's name"}
    schema = {"schema_version": SCHEMA_VERSION, "partitioned_by": [partition], "columns": columns}
    return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()
