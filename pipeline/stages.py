"""The stages from captures to documents, from Arrow batch to Arrow batch: `clean_pages`, then `date_pages`.

No bucket and no run is known here, every row follows from its own capture alone, and none is ever lost: so any engine may
apply them to any cut of the captures, in any order. `captures_table` makes the first batch of what
`pipeline.captures.read_captures` reads. What the rows repeat is then found by `pipeline.duplicates.find_copies`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipeline.apart import Apart, StoppedError
from pipeline.captures import TAKEN_DOWN_URN, Capture, source_of, without_texts
from pipeline.dates import mentions
from pipeline.documents import JOINED, SCHEMA, row_hash, text_facts
from pipeline.duplicates import DECISION, REJECTED
from pipeline.extract import EXTRACTOR, Cleaned, clean
from pipeline.places import GazetteerError, countries_of, find
from pipeline.publication import CAPTURED, Candidate, resolve
from pipeline.rejection import Rejection
from pipeline.relevance import RelevanceError, judge
from pipeline.series import CONTINUES
from pipeline.sources import Source, owners
from pipeline.text import escape_invisible
from pipeline.urls import article_id, normalize_url, numbered_page

log = logging.getLogger(__name__)

CAPTURES = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("captured_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("status", pa.int32(), nullable=False),
        pa.field("content_type", pa.string(), nullable=False),
        pa.field("body", pa.binary(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("truncated", pa.bool_(), nullable=False),
        pa.field("revisit", pa.bool_(), nullable=False),
        pa.field("location", pa.string()),
        pa.field("found", pa.string(), nullable=False),
    ]
)
"""A capture in each row, as `pipeline.captures.Capture` has it; `found` is JSON. One with an `offset` below 0 stands for what of a
file cannot be read."""

_DATED = {
    "published_at",
    "published_day",
    "published_precision",
    "published_method",
    "published_evidence",
    "published_confidence",
    "published_zone",
    "modified_at",
    "dates_mentioned",
    "published_order",
    "row_hash",
    "day",
    *JOINED.names,
    *DECISION.names,
}
CLEANED = pa.schema(
    [column.with_nullable(True) for column in SCHEMA if column.name not in _DATED] + [pa.field("zone", pa.string())]
)
"""What cleaning hands on: the documents' columns but those that follow from the dates, and the source's time zone."""


_OF_CAPTURE = (
    *(
        "id",
        "source",
        "source_name",
        "url",
        "article_id",
        "fetched_url",
        "captured_at",
        "capture_key",
        "capture_offset",
    ),
    *("http_status", "location", "digest", "found", "extractor", "zone", "date_order"),
)
"""Columns that are known without reading the page."""


def captures_table(captures: Iterable[Capture]) -> pa.Table:
    """Captures as a table of `CAPTURES`."""
    return pa.Table.from_pylist([_as_row(capture) for capture in captures], schema=CAPTURES)


def _as_row(capture: Capture) -> dict[str, Any]:
    row = asdict(capture) | {"found": json.dumps(dict(capture.found))}
    return {name: _whole(value) if isinstance(value, str) else value for name, value in row.items()}


def _whole(text: str) -> str:
    """The text with an escape, which is JSON's as well, for each half of a surrogate pair."""
    return text.encode(errors="backslashreplace").decode()


def clean_pages(captures: pa.Table, sources: Mapping[str, Source], apart: Apart | None = None) -> pa.Table:
    """The rows (`CLEANED`) of a table of `CAPTURES`: title, body, author, stated dates; or why a page is no article.

    Captures of other sources than these, which `pipeline.captures.source_of` tells by the key, are left out. A page that is read
    `apart` and takes more time or memory than it may, or breaks its process, is rejected.
    """
    owner = owners(sources.values())
    clean_row = _clean_row if apart is None else partial(_clean_row_apart, apart)
    rows = [
        clean_row(Capture(**row | {"found": json.loads(row["found"])}), source)
        for row in captures.select(CAPTURES.names).to_pylist()
        if (source := owner.get(source_of(row["key"])))
    ]
    return _table(rows, CLEANED)


def date_pages(cleaned: pa.Table) -> pa.Table:
    """The rows of the documents table (`pipeline.documents.SCHEMA`), of what `clean_pages` made, each with its publication."""
    return documents_table([_date_or_reject(row) for row in cleaned.to_pylist()])


def documents_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a table for the documents table; one that fits no column is emptied and rejected."""
    return _table(rows, SCHEMA)


def document_row(capture: Capture, source: Source) -> dict[str, Any]:
    """The whole row of one page: cleaned and dated."""
    return _date(_clean_row(capture, source))


def _clean_row(capture: Capture, source: Source) -> dict[str, Any]:
    if capture.offset < 0:
        return _row(capture, source, Cleaned(capture.url, Rejection.UNREADABLE))
    if capture.url.startswith(TAKEN_DOWN_URN):
        return _row(capture, source, Cleaned(capture.url, Rejection.TAKEN_DOWN))
    try:
        return _row(capture, source, clean(capture, source))
    except Exception:  # what breaks here is this page's, and no reason to stop all others
        log.exception("making a row of %s failed", escape_invisible(capture.url))
        return _row(capture, source, Cleaned(capture.url, Rejection.UNDECODABLE))


def _clean_row_apart(apart: Apart, capture: Capture, source: Source) -> dict[str, Any]:
    try:
        return apart.run(len(capture.body), _clean_row, capture, source)
    except StoppedError as error:
        log.error("%s in %s #%d %s: it is rejected", escape_invisible(capture.url), capture.key, capture.offset, error)
        return _row(capture, source, Cleaned(capture.url, Rejection.UNDECODABLE))


def _row(capture: Capture, source: Source, cleaned: Cleaned) -> dict[str, Any]:
    """The columns that do not follow from the dates."""
    url = normalize_url(cleaned.url)
    body = cleaned.body
    return {
        "id": f"{capture.key}#{capture.offset}",
        "source": source.id,
        "source_name": source.name,
        "url": url,
        "article_id": article_id(url),
        "fetched_url": capture.url,
        "captured_at": capture.captured_at,
        "capture_key": capture.key,
        "capture_offset": capture.offset,
        "http_status": capture.status,
        "location": capture.location or cleaned.location,
        "digest": capture.digest,
        "found": _whole(json.dumps(without_texts(capture.found), ensure_ascii=False)),
        "rejected": cleaned.rejected,
        "title": cleaned.title,
        "standfirst": cleaned.standfirst,
        "authors": list(cleaned.authors),
        "agencies": list(cleaned.agencies),
        "body": body,
        "body_method": f"{cleaned.body_method}{CONTINUES}" if cleaned.is_later_page else cleaned.body_method,
        "body_confidence": cleaned.body_confidence,
        "body_witnesses": list(cleaned.body_witnesses),
        "next_page": cleaned.next_page,
        "captions": list(cleaned.captions),
        "image": cleaned.image,
        "section": cleaned.section,
        "tags": list(cleaned.tags),
        "language": cleaned.language,
        "dates": [asdict(candidate) for candidate in cleaned.dates],
        **text_facts(cleaned.title, body),
        "relevance": None if cleaned.rejected else _relevance(cleaned, source),
        "places": None if cleaned.rejected else _places(cleaned, source),
        "extractor": EXTRACTOR,
        "series": None if cleaned.rejected else _series(capture.url, cleaned.next_page),
        "zone": source.timezone,
        "date_order": source.date_order,
    }


def _relevance(cleaned: Cleaned, source: Source) -> dict[str, Any] | None:
    """Whether an article reports on a conflict; None of a text that is not Arabic, and where the model cannot be used."""
    if cleaned.language != "ar":
        return None
    try:
        return judge(cleaned.title, cleaned.body, source.relevance)
    except RelevanceError as error:
        _say_once(str(error))
        return None


def _places(cleaned: Cleaned, source: Source) -> list[dict[str, Any]] | None:
    """The places that an article names; None of a text that is not Arabic, and where they cannot be looked for."""
    if cleaned.language != "ar":
        return None
    try:
        found = find(cleaned.title, cleaned.body, countries_of(source.conflicts, source.countries))
    except GazetteerError as error:
        _say_once(str(error))
    except Exception:  # an article is whole without its places
        log.exception("looking for the places of %s failed: it has none", escape_invisible(cleaned.url))
    else:
        return [place._asdict() for place in found]
    return None


@cache
def _say_once(why: str) -> None:
    """What is wrong with all pages of a build is said of the first."""
    log.error("%s", why)


def _series(url: str, next_page: str | None) -> str | None:
    """The id of the first page's address, of a page whose article goes on or whose address has a later page's number."""
    series, number = numbered_page(next_page or url)
    return series if number else None


def _date(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its publication."""
    captured_at: datetime = row["captured_at"]
    dated = {**dict.fromkeys(_DATED), **row, "day": f"{captured_at:%Y-%m-%d}"}
    if row["rejected"] is not None:
        dated["decision"] = REJECTED
    else:
        candidates = [Candidate(**candidate) for candidate in row["dates"]]
        published = resolve(candidates, captured_at=captured_at, zone=row["zone"], order=row["date_order"])
        # Nothing may be counted from a day that the page does not state.
        known_day = None if published.method == CAPTURED else published.published_day
        midnight = datetime.combine(published.published_day, time(), ZoneInfo(row["zone"]))
        dated |= {
            "published_at": published.published_at,
            "published_day": published.published_day,
            "published_precision": published.precision,
            "published_method": published.method,
            "published_evidence": published.evidence,
            "published_confidence": published.confidence,
            "published_zone": published.zone,
            "modified_at": published.modified_at,
            "dates_mentioned": [
                mention._asdict() for mention in mentions(row["body"], known_day, order=row["date_order"])
            ],
            "published_order": (published.published_at or midnight).astimezone(UTC),
            "day": str(published.published_day),
        }
    dated["row_hash"] = row_hash(dated)
    return dated


def _date_or_reject(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its publication; rejected where it cannot be dated, so that one page stops no others."""
    try:
        return _date(row)
    except Exception:
        log.exception("dating %s failed", escape_invisible(row["fetched_url"]))
        return _date(_emptied(row))


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table; a row with a value that no column can hold, such as half of a surrogate pair, is emptied and rejected."""
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except (pa.ArrowException, UnicodeError, ValueError, TypeError, OverflowError):
        return pa.concat_tables([_table_of_one(row, schema) for row in rows])


def _table_of_one(row: dict[str, Any], schema: pa.Schema) -> pa.Table:
    try:
        return pa.Table.from_pylist([row], schema=schema)
    except (pa.ArrowException, UnicodeError, ValueError, TypeError, OverflowError):
        log.exception("a value of %s fits no column", escape_invisible(row["fetched_url"]))
        emptied = _emptied(row)
        return pa.Table.from_pylist([_date(emptied) if "row_hash" in schema.names else emptied], schema=schema)


def _emptied(row: dict[str, Any]) -> dict[str, Any]:
    """A row of which nothing but the capture is known: what the page says breaks what reads it."""
    return (
        dict.fromkeys(CLEANED.names)
        | {name: row.get(name) for name in _OF_CAPTURE}
        | {"rejected": Rejection.UNDECODABLE}
    )
