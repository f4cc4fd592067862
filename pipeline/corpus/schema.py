"""The columns of ``articles/``: what downstream teams rely on. A change raises `SCHEMA_VERSION` and is announced."""

from __future__ import annotations

import pyarrow as pa

from pipeline import columns
from pipeline.columns import column
from pipeline.documents import MENTION, PAGE
from pipeline.places import PLACE
from pipeline.relevance import RELEVANCE

SCHEMA_VERSION = 7

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
        ("published_precision", pa.string()),
        ("published_method", pa.string()),
        ("published_evidence", pa.string()),
        ("published_confidence", pa.string()),
        ("published_zone", pa.string()),
        ("first_captured_at", _INSTANT),
        ("captured_at", _INSTANT),
        ("capture_key", pa.string()),
        ("capture_offset", pa.int64()),
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


SCHEMA = pa.schema(
    [
        column("article_id", pa.string(), "Identity of the article, a hash of its canonical URL; it never changes"),
        column("url", pa.string(), "Canonical URL"),
        column("source", pa.string(), "Id of the source, as in the configuration"),
        column("source_name", pa.string(), "Name of the outlet as its readers know it"),
        column("title", pa.string(), "Headline as the reader of the site sees it", nullable=True),
        column("standfirst", pa.string(), "The lead, where the page sets it apart; the body begins with it", nullable=True),
        column("body", pa.string(), "The article's text, a paragraph a line, without furniture"),
        column("body_method", pa.string(), "How the body was found: general, selector, or by a second look; below", nullable=True),
        column("body_confidence", pa.string(), "high, medium, low: how sure it is that it is the article, whole", nullable=True),
        column("body_witnesses", _list(pa.string()), "Agreeing: json-ld, feed, wordpress, description, headline", nullable=True),
        column("pages", _list(PAGE), "Captures of its later pages, in order, whose texts the body has as well"),
        column("next_page", pa.string(), "Address of the page on which it goes on, where the body lacks that", nullable=True),
        column("authors", _list(pa.string()), "Persons named in the byline, in its order; empty where none is named"),
        column("agencies", _list(pa.string()), "Agencies and outlets that the byline or dateline names, as printed"),
        column("captions", _list(pa.string()), "Captions of the article's pictures, in order; no part of the body"),
        column("image", pa.string(), "URL of the main picture", nullable=True),
        column("section", pa.string(), "Section of the site, where the page names it", nullable=True),
        column("tags", _list(pa.string()), "What the page tags the article with, in its order"),
        column("language", pa.string(), "BCP-47 tag of the body's language", nullable=True),
        column("relevance", RELEVANCE, "Does it report on an armed conflict? Of texts in Arabic alone; below", nullable=True),
        column("published_at", _INSTANT, "Instant of publication in UTC; empty where the page states no time", nullable=True),
        column("published_day", pa.date32(), "Calendar day of publication at the source, in its own time zone"),
        column("published_precision", pa.string(), "How exactly it is known: second, minute, day, or captured (not stated)"),
        column("published_method", pa.string(), "Where the date was found; 'captured' where nothing states it"),
        column("published_evidence", pa.string(), "The literal text it was read from", nullable=True),
        column("published_confidence", pa.string(), "high, medium or low"),
        column("published_zone", pa.string(), "Zone of the instant: stated, source (the source's), or corrected", nullable=True),
        column("modified_at", _INSTANT, "Instant of the last modification that the page states, in UTC", nullable=True),
        column("dates_mentioned", _list(MENTION), "Days that the body speaks of: see the page on dates"),
        column("places", _list(PLACE), "Places that it names, only where unambiguous: see the page on places", nullable=True),
        column("first_captured_at", _INSTANT, "When the URL was captured first, in UTC"),
        column("captured_at", _INSTANT, "When this text of it was captured first, in UTC"),
        column("capture_key", pa.string(), "The WARC file in the bucket that holds the capture"),
        column("capture_offset", pa.int64(), "Byte offset of the response record in that file"),
        column("revisions", _list(REVISION_TYPE), "Captures of this URL that hold an older text, by time"),
        column("copies", _list(COPY_TYPE), "Later near-duplicates, by time; kind: same_text, near, contained; similarity: 0 to 1"),
        column("extractor", pa.string(), "Version of the code that read the page"),
    ]
)  # fmt: skip
"""Columns of a partition's file; the folder name adds `published` (the published day) for readers of Hive partitions."""

WITHIN = {
    "pages": {
        "url": "Address of the page",
        "captured_at": "When it was captured, in UTC",
        "capture_key": "The WARC file in the bucket that holds the capture",
        "capture_offset": "Byte offset of the response record in that file",
    },
    "dates_mentioned": {
        "text": "The words, as they stand in the body",
        "offset": "Where they begin in it, in characters",
        "start": "First day that they mean",
        "end": "Last day that they mean, inclusive; the same as `start` where it is one day",
        "precision": "day, week, month, year; interval where the text states both ends, approximate where it does not",
    },
    "places": {
        "geonameid": "Its id in GeoNames",
        "name": "Its name there, in Latin letters",
        "country": "The country that it lies in, by its code in ISO 3166-1",
        "latitude": "Degrees north of the equator (WGS 84)",
        "longitude": "Degrees east of Greenwich (WGS 84)",
        "text": "The words, as they stand in the article",
        "part": "Where they stand: title or body",
        "offset": "Where they begin in it, in characters",
        "by": "Why it is this place: name (nothing else bears it), kind (a word says it is a town), context (the country decides)",
        "finder": "Version of the rules and of the gazetteer",
    },
    "revisions": {
        "captured_at": "When this older text was captured first, in UTC",
        "title": "Its headline",
        "modified_at": "Instant of the last modification that its page states, in UTC",
        "capture_key": "The WARC file in the bucket that holds the capture",
        "capture_offset": "Byte offset of the response record in that file",
    },
    "copies": {
        "article_id": "Identity of the copy's address, made as that of an article; it has no row of its own",
        "source": "Id of the outlet that printed it",
        "source_name": "Name of that outlet",
        "url": "Canonical URL of the copy",
        "title": "Its own headline",
        "published_at": "Instant of its publication in UTC; empty where its page states no time",
        "published_day": "Calendar day of its publication, in its outlet's time zone",
        "published_precision": "How exactly that is known, as of an article",
        "published_method": "Where it was found, as of an article",
        "published_evidence": "The literal text it was read from",
        "published_confidence": "high, medium or low",
        "published_zone": "Zone of the instant, as of an article",
        "first_captured_at": "When its URL was captured first, in UTC",
        "captured_at": "When this text of it was captured first, in UTC",
        "capture_key": "The WARC file in the bucket that holds the capture",
        "capture_offset": "Byte offset of the response record in that file",
        "kind": "same_text, near, or contained: one text stands within the other",
        "similarity": "Share of word pairs, 0 to 1, that both have: of all, and of the shorter text's where it is contained",
    },
}
"""What the fields mean of the records that stand within columns."""


def schema_json() -> bytes:
    """The columns with their types and meaning."""
    return columns.schema_json(
        SCHEMA,
        SCHEMA_VERSION,
        {"name": "published", "type": "date", "meaning": "The published day, from the folder's name"},
    )
