"""Taking an article down: its texts leave documents, corpus, snapshots, what builds handed on and, where asked, the captures."""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urljoin, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket
from pipeline.captures import PREFIX as CAPTURES
from pipeline.captures import Capture, is_of_discovery, list_page_files, purge, read_index
from pipeline.corpus.deposit import deposit
from pipeline.corpus.snapshot_sweep import take_out_of_snapshots
from pipeline.corpus.takedown_records import (
    Takedown,
    TakedownError,
    Takedowns,
    Text,
    id_of_url,
    redirect_target,
    taken_down,
)
from pipeline.documents import SCHEMA, Documents
from pipeline.duplicates import decide
from pipeline.join_pages import join_pages
from pipeline.rejection import Rejection
from pipeline.urls import article_id

_CLEANED = re.compile(r"work/[^/]+/(?:cleaned|dated)/\d+\.parquet")
_ARTICLE_ID = re.compile(r"[0-9a-f]{32}")
_FILES = 20
"""Capture files whose rows are replaced in one commit."""
_DAYS = 45
"""Days of documents looked through at a time: bounds the memory."""
_HOPS = 10
"""Redirects and canonical links that are followed from the page that was named."""
_TOLD_BY = ["capture_key", "url", "article_id", "series", "fetched_url", "location", "text_hash", "signature"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What taking down did: the takedown, how many captured pages were emptied and purged, and which days were written.

    `snapshots` counts the articles that left partitions of snapshots: one that lies in two different partitions counts twice.
    """

    takedown: Takedown
    emptied: int
    purged: int
    days: list[str]
    snapshots: int


def take_down(bucket: Bucket, named: str, reason: str, *, now: datetime, purge_captures: bool = False) -> Outcome:
    """Take down the article that a URL or an article id names, what it is a copy of, and every copy, with all their pages.

    The texts leave ``documents/``, ``articles/``, ``snapshots/`` and what builds handed on in ``work/``, the table's older
    versions included; with `purge_captures` also the capture files. `now` is the time to note. Killed at any point and run again,
    it ends the same; repeated, it changes nothing but takes in what a build that ran at the same time had still let through.

    Raises:
        TakedownError: no such article, no URL, or no reason.
        ConflictError: another writer was there at the same time; run again.
        BucketError: the store cannot be reached.
    """
    if not reason.strip():
        raise TakedownError("a takedown needs a reason: who asked for it, and when")
    takedown = _record(bucket, named, reason, now)
    known = taken_down(bucket)
    documents, emptied, days, kept = _carry_out(bucket, takedown, known, now)
    purged = _purge(bucket, documents, takedown) if purge_captures else 0
    return Outcome(takedown, emptied, purged, days, kept)


def take_down_source(
    bucket: Bucket, ids: Collection[str], hosts: Collection[str], reason: str, *, now: datetime
) -> Outcome:
    """Take down all that was captured of a source, and purge its captures: pages are overwritten, lists and feeds deleted.

    `ids` are the source's id and those that it had before, under which its captures lie; `hosts` are those whose pages no source
    is to capture any more. What other outlets took from it stays, but for pages on these hosts. `now` is the time to note. Killed
    at any point and run again, it ends the same; repeated, it takes in what a crawl or build still wrote. Raises as `take_down`.
    """
    if not reason.strip():
        raise TakedownError("a takedown needs a reason: who asked for it, and when")
    source = next(iter(ids))
    takedown = Takedown(f"source={source}", reason, now, sources=frozenset(ids), hosts=frozenset(hosts))
    try:
        earlier, etag = bucket.get_with_etag(takedown.key)
    except KeyError:
        bucket.put(takedown.key, takedown.to_json(), content_type="application/json", if_absent=True)
    else:
        before = Takedown.from_json(earlier)
        takedown = replace(before, sources=before.sources | takedown.sources, hosts=before.hosts | takedown.hosts)
        if takedown != before:
            bucket.put(takedown.key, takedown.to_json(), content_type="application/json", if_etag=etag)
    documents, emptied, days, kept = _carry_out(bucket, takedown, taken_down(bucket), now)
    purged = _purge(bucket, documents, takedown)
    for id_ in sorted(takedown.sources):
        keys = (stored.key for stored in bucket.list(f"{CAPTURES}source={id_}/"))
        bucket.delete(*filter(is_of_discovery, keys))
    return Outcome(takedown, emptied, purged, days, kept)


def _carry_out(
    bucket: Bucket, takedown: Takedown, known: Takedowns, now: datetime
) -> tuple[Documents, int, list[str], int]:
    """Empty what is down, bring ``articles/`` in line, then the snapshots, which copy from there.

    Returns the documents, how many were emptied, which days were written, and how many articles left snapshots.
    """
    _empty_work(bucket, known)
    # Opened only now: what comes later was written by a build that reads the takedowns again before it decides.
    documents = Documents(bucket)
    emptied = _sweep(documents, known, _all_suspects(documents, Takedowns([takedown])))
    days: list[str] = []
    if documents.files:
        join_pages(Documents(bucket))
        decide(Documents(bucket))
        deposited = deposit(bucket)
        days = sorted({*deposited.written, *deposited.deleted})
        if days:  # readers who ask for changes by time learn of days that are gone
            told = json.dumps({"deposit": asdict(deposited)}).encode()
            run = f"takedown-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{takedown.article_id[:6]}"
            bucket.put(f"reports/{run}/report.json", told, content_type="application/json")
        documents.vacuum()
    return documents, emptied, days, take_out_of_snapshots(bucket, known, Documents(bucket), now)


def sweep_pending(bucket: Bucket) -> int:
    """Empty what is down among the documents that nothing was decided on yet, and return how many those were.

    A takedown that comes between a build's reading of the takedowns and its writing of documents misses those, and the
    build misses it: this finds them before they reach a reader.
    """
    known = taken_down(bucket)
    if not known:
        return 0
    documents = Documents(bucket)
    pending = {id_.rpartition("#")[0] for id_ in documents.pending()["id"].to_pylist()}
    emptied = _sweep(documents, known, _suspects(known, documents.of_captures(_TOLD_BY, pending)))
    if emptied:
        documents.vacuum()
    return emptied


# Which articles ----------------------------------------------------------------------------------------------------------


def _record(bucket: Bucket, named: str, reason: str, now: datetime) -> Takedown:
    """Write the takedown of what is named, or add to the one that it belongs to."""
    documents = Documents(bucket)
    first = named if _ARTICLE_ID.fullmatch(named) else id_of_url(_web_address(named))
    known = taken_down(bucket).covering(first)
    if known is None and first == named and not len(documents.read(["id"], pc.field("article_id") == named)):
        raise TakedownError(f"no article {named} is in the corpus: name it by its URL to keep it out")
    articles = _group(documents, first)
    wanted = _is_in("article_id", articles) & pc.field("text_hash").is_valid()
    rows = documents.read(["title", "text_hash", "signature", "body", "whole_body"], wanted).to_pylist()
    texts = [text for row in rows for text in Text.all_of(row)]
    takedown = (known or Takedown(first, reason, now)).extended(articles, texts)
    if takedown != known:
        etag = bucket.get_with_etag(takedown.key)[1] if known else None
        bucket.put(
            takedown.key, takedown.to_json(), content_type="application/json", if_etag=etag, if_absent=known is None
        )
    return takedown


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TakedownError(f"{url} is neither the URL of a web page nor the id of an article (32 hexadecimal digits)")
    return url


def _group(documents: Documents, first: str) -> set[str]:
    """The ids of an article, of what it is a copy of, and of every copy of that."""
    group = _with_pages(documents, _leading_to(documents, first))
    own = _column(documents, "article", _is_in("article_id", group))
    # What was decided on a revision names the document that stands for its URL, which may be a copy in turn.
    roots = _column(documents, "article", _is_in("id", own))
    return _with_pages(documents, group | _column(documents, "article_id", _is_in("article", roots)))


def _with_pages(documents: Documents, articles: set[str]) -> set[str]:
    """The ids of articles and of all their pages, and of the address of the first, by which a later one is known that comes."""
    joined = pc.field("rejected").is_null() | (pc.field("rejected") == Rejection.LATER_PAGE.value)
    goes_on = (
        pc.field("series").is_valid() & joined & (pc.field("next_page").is_valid() | pc.field("rejected").is_valid())
    )
    series = _column(documents, "series", _is_in("article_id", articles) & goes_on)
    return articles | series | _column(documents, "article_id", _is_in("series", series) & goes_on)


def _leading_to(documents: Documents, first: str) -> set[str]:
    """An id, and those of the canonical URLs that its page states and redirects to."""
    aside = pc.field("location").is_valid() | (pc.field("fetched_url") != pc.field("url"))
    rows = documents.read(["article_id", "url", "fetched_url", "location"], aside).to_pylist()
    leads = [(id_of_url(row["fetched_url"]), row["article_id"]) for row in rows]
    leads += [(row["article_id"], article_id(redirect_target(row))) for row in rows if row["location"]]
    found = {first}
    for _ in range(_HOPS):
        found |= {end for start, end in leads if start in found}
    return found


def _column(documents: Documents, name: str, where: pc.Expression) -> set[str]:
    return set(pc.unique(documents.read([name], where)[name].drop_null()).to_pylist())


def _is_in(name: str, values: Collection[str]) -> pc.Expression:
    return pc.field(name).isin(pa.array(sorted(values), pa.string()))


# What is stored ----------------------------------------------------------------------------------------------------------


def _all_suspects(documents: Documents, takedowns: Takedowns) -> set[str]:
    """The capture files that may hold what is down, of the whole table."""
    days = sorted(set(documents.files.values()))
    found: set[str] = set()
    for start in range(0, len(days), _DAYS):
        found |= _suspects(takedowns, documents.read(_TOLD_BY, days=days[start : start + _DAYS]))
    return found


def _suspects(takedowns: Takedowns, rows: pa.Table) -> set[str]:
    return {row["capture_key"] for row in rows.to_pylist() if takedowns.suspects(row)}


def _sweep(documents: Documents, takedowns: Takedowns, files: set[str]) -> int:
    """Empty the rows of these capture files that are down, and return how many were."""
    ordered, emptied = sorted(files), 0
    for start in range(0, len(ordered), _FILES):
        standing = documents.of_captures(SCHEMA.names, ordered[start : start + _FILES]).to_pylist()
        rows = [takedowns.emptied(row) or row for row in standing]
        documents.replace(pa.Table.from_pylist(rows, schema=SCHEMA))
        emptied += sum(row["row_hash"] != was["row_hash"] for row, was in zip(rows, standing, strict=True))
    return emptied


def _empty_work(bucket: Bucket, takedowns: Takedowns) -> None:
    """Empty the rows that builds, running or killed, have cleaned and not yet written."""
    for stored in bucket.list("work/"):
        if not _CLEANED.fullmatch(stored.key):
            continue
        table = pq.read_table(io.BytesIO(bucket.get(stored.key)))
        rows = table.to_pylist()
        if any(map(takedowns.suspects, rows)):
            emptied = pa.Table.from_pylist([takedowns.emptied(row) or row for row in rows], schema=table.schema)
            buffer = io.BytesIO()
            pq.write_table(emptied, buffer, compression="zstd")
            bucket.put(stored.key, buffer.getvalue(), if_etag=stored.etag)


def _purge(bucket: Bucket, documents: Documents, takedown: Takedown) -> int:
    """Purge the captures of what a takedown covers, also from files that no build has taken in.

    Of a whole source's captures, those that an earlier takedown covers are purged in its name, as their rows have it.
    """
    down = documents.read(
        ["capture_key", "capture_offset", "article_id"], pc.field("rejected") == Rejection.TAKEN_DOWN.value
    )
    own, only = takedown.article_id, Takedowns([takedown])
    offsets: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for row in down.to_pylist():
        if row["article_id"] == own or only.has_file(row["capture_key"]):
            offsets[row["capture_key"], row["article_id"]].add(row["capture_offset"])
    taken = documents.capture_files()
    for key in list_page_files(bucket):
        if only.has_file(key) or (key not in taken and any(map(only.has, _addresses(bucket, key)))):
            offsets[key, own] |= set()
    purged = 0
    for key, id_ in sorted(offsets, key=lambda place: (place[0], place[1] == own, place[1])):
        covered = only if id_ == own else Takedowns([])
        purged += purge(bucket, key, id_, partial(_is_down, covered, offsets[key, id_]))
    return purged


def _addresses(bucket: Bucket, key: str) -> Iterator[str]:
    for line in read_index(bucket, key):
        yield line.url
        if line.location:
            yield urljoin(line.url, line.location)


def _is_down(takedowns: Takedowns, offsets: set[int], capture: Capture) -> bool:
    if takedowns.has_file(capture.key) or capture.offset in offsets or takedowns.has(capture.url):
        return True
    return capture.location is not None and takedowns.has(urljoin(capture.url, capture.location))
