"""The columns of the documents table, and the hash that tells whether anything of a row changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from pipeline.duplicates import DECISION, signature, text_hash
from pipeline.places import PLACE
from pipeline.relevance import RELEVANCE

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
"""A day or an interval that a body speaks of, see `pipeline.dates.Mention`."""

PAGE = pa.struct(
    [
        ("url", pa.string()),
        ("captured_at", _INSTANT),
        ("capture_key", pa.string()),
        ("capture_offset", pa.int64()),
    ]
)
"""The capture of a later page, whose text is joined to that of the article's first."""

JOINED = pa.schema(
    [
        (
            "whole",
            pa.struct(
                [
                    ("pages", pa.list_(PAGE)),
                    ("next_page", pa.string()),
                    ("body_confidence", pa.string()),
                    ("captions", pa.list_(pa.string())),
                    ("dates_mentioned", pa.list_(MENTION)),
                ]
            ),
        ),
        ("whole_body", pa.string()),
    ]
)
"""What the pages of an article make together, on the row of its first (`pipeline.join_pages`), or what a later page makes whose
first was never captured; empty where there is one page.

`pages` are the later ones, in their order; `next_page` is the address of the first that is not had; `whole_body` is the text of
all. The row's `body_hash`, `text_hash` and `signature` are then those of `whole_body`; all else that it says is of its own page.
"""

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
        pa.field("body_method", pa.string()),
        pa.field("body_confidence", pa.string()),
        pa.field("body_witnesses", pa.list_(pa.string())),
        pa.field("next_page", pa.string()),
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
        pa.field("day", pa.string(), nullable=False),
        pa.field("series", pa.string()),
        pa.field("date_order", pa.string()),
        *DECISION,
        *JOINED,  # last: where a struct stands before it, the table's log lacks the nulls of `decision`, which tell what is pending
        pa.field("relevance", RELEVANCE),
        pa.field("places", pa.list_(PLACE)),
    ]
)
"""Columns of the table.

`id` is the capture's key and offset; `location` is where a redirect leads; `found` is JSON; `published_order` is the instant
by which documents are ordered (the published instant, or the local midnight of the published day); `body_hash` tells
revisions apart, `text_hash` and `signature` tell copies, `row_hash` tells whether anything changed that the page says; `day`
(the published day, of a rejected page that of its capture) is the partition. `series` is the id of the first page's address, of
a page that says where its article goes on or whose address has a page's number (`pipeline.urls.numbered_page`); behind
`body_method` stands `pipeline.series.CONTINUES` where it says that it is a later one; `date_order` is the source's. A row with
`rejected` has no article columns; a later page keeps them. The last columns say what was decided on the document
(`pipeline.duplicates.DECISION`), and are empty until it is, and what its article's pages make together (`JOINED`). `relevance` is
what `pipeline.relevance` says of this page's own text, in Arabic alone, and `places` are what `pipeline.places` finds there; a row
of an older version has neither.
"""

_APART = {"row_hash", "signature", *JOINED.names, *DECISION.names}


def row_hash(row: Mapping[str, Any]) -> str:
    """128 bits of the SHA-256 of what a page says, in hex: without what follows from its body or from other pages."""
    values = {name: row.get(name) for name in SCHEMA.names if name not in _APART}
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:32]


def text_facts(title: str | None, body: str | None) -> dict[str, Any]:
    """The columns that tell a text apart and its copies: `body_hash`, `text_hash` and `signature`; empty without a body."""
    return {
        "body_hash": hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()[:32] if body else None,
        "text_hash": text_hash(body) if body else None,
        "signature": signature(body) if body else None,
    }
