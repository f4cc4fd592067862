"""``health/``: a row for each source and day, brought in line with the documents and the crawls' reports after every build.

A row follows from the pages captured on its day, the reports of the crawls that began on it and the pages published on it, and
from nothing else: any order of builds, and a rebuild, leave the same bytes. What a build changed is told from the documents
table's data files, none of which ever changes: only the days of files that came or went are read.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket
from pipeline.captures import run_of
from pipeline.crawl_reports import Crawl, began_at, is_import, list_runs, read_crawls
from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE, Kind
from pipeline.health.model import SourceDay
from pipeline.health.schema import SCHEMA, schema_json
from pipeline.health.state import (
    DamagedError,
    Head,
    Pages,
    Pair,
    Part,
    Place,
    digests_by_month,
    read_head,
    write_head,
)
from pipeline.sources import Source

PREFIX = "health/"
_MONTH = re.compile(rf"{PREFIX}month=\d{{4}}-\d{{2}}/days\.parquet")
SCHEMA_FILE = PREFIX + "_schema.json"
_TAKEN_DOWN = "takedowns/source="

LONGEST_CRAWL = timedelta(days=31)
"""A report that comes so long after that of a crawl which began later is not noticed by a build, but by a rebuild alone."""

_TABLE_DAYS_A_READ = 16
"""Days of the documents table that are read at once: some hundred megabytes of texts at most."""

_MONTHS_KEPT = 8
"""Months whose rows are kept in memory between two looks: half a year, and what today's adds."""

_MAX_PROBLEMS = 5
_COPIES = frozenset({Kind.SAME_TEXT.value, Kind.NEAR.value, Kind.CONTAINED.value})
_SELECTOR_FAILS = ", selector fails"  # in a `body_method`, whatever way found the text instead
_DAY = timedelta(days=1)

_LOOKED_AT = ["id", "source", "captured_at", "row_hash", "decision", "first_captured_at", "day"]
_OF_PAGES = [
    *("source", "captured_at", "capture_key", "rejected", "decision", "first_captured_at", "authors", "body"),
    *("body_method", "body_confidence", "published_at", "published_precision", "article_id"),
]


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update wrote: months (``2024-03``), how many days of sources it made anew, and of which sources."""

    months: list[str]
    days: int
    sources: list[str]


def update(bucket: Bucket, sources: Mapping[str, Source]) -> Updated:
    """Bring the rows of these sources in line with the documents, decided by now, and with the crawls' reports.

    The rows of other sources stay as they are; sources that were taken down whole have none.

    Raises:
        BucketError: the store cannot be reached.
    """
    down = {stored.key.removeprefix(_TAKEN_DOWN).removesuffix(".json") for stored in bucket.list(_TAKEN_DOWN)}
    sources = {id_: source for id_, source in sources.items() if id_ not in down}
    try:
        return _update(bucket, sources)
    except DamagedError as damaged:
        bucket.delete(damaged.key)  # it is missed then, and all is made anew
        return update(bucket, sources)


def _update(bucket: Bucket, sources: Mapping[str, Source]) -> Updated:
    documents, before = Documents(bucket), read_head(bucket, _stored_months(bucket))
    zones = {id_: source.zone for id_, source in sources.items()}
    known_as = {id_: f"{source.timezone} {' '.join(source.ids)}" for id_, source in sources.items()}
    moved = {id_ for id_ in sources if before.known_as.get(id_) != known_as[id_]}
    pages, files = Pages(bucket, before.captured), digests_by_month(documents.files)
    touched = _look(documents, pages, before.files.items() ^ files.items(), zones, moved)
    runs = {}
    for id_, source in sources.items():
        seen = [] if id_ in moved else before.runs.get(id_, [])
        runs[id_] = _runs_since(bucket, source, seen)
        new = sorted(set(runs[id_]) - set(seen))
        touched |= {(id_, day) for crawl in read_crawls(bucket, new).values() for day in _days_of(crawl, source.zone)}
    if moved:
        ids = {id_ for source in moved for id_ in sources[source].ids}
        touched |= {(row.source, row.day) for row in read_days(bucket, ids)}
    months = _write(bucket, touched, _made(bucket, documents, pages, touched, sources))
    left = {id_: "" for id_ in before.known_as.keys() | pages.sources_that_changed() if id_ not in sources}
    latest = {id_: _latest(of_source) for id_, of_source in runs.items()}
    pages.write()
    write_head(bucket, Head(left | known_as, latest, files, pages.captured), _stored_months(bucket))
    return Updated(months, len(touched), sorted({source for source, _ in touched}))


def forget(bucket: Bucket, ids: Collection[str]) -> int:
    """Delete the rows of sources that were taken down whole, and return how many there were; `update` makes none of them any more.

    Raises:
        BucketError: the store cannot be reached.
        WarraqError: a file of ``health/`` cannot be read.
    """
    gone = 0
    for key in _stored_months(bucket):
        rows = _read_month(bucket, key)
        kept = [row for row in rows if row.source not in ids]
        if not kept:
            bucket.delete(key)
        elif len(kept) < len(rows):
            bucket.put(key, _encode(kept), content_type="application/vnd.apache.parquet")
        gone += len(rows) - len(kept)
    return gone


def read_days(
    bucket: Bucket, sources: Collection[str] | None = None, since: date | None = None, until: date | None = None
) -> list[SourceDay]:
    """The days of these sources, or of all, from `since` up to, not including, `until`, by source and day.

    Raises:
        BucketError: the store cannot be reached.
        WarraqError: a file of ``health/`` cannot be read.
    """
    found: list[SourceDay] = []
    for key in _stored_months(bucket):
        month = _month_of(key)
        if (since and month < f"{since:%Y-%m}") or (until and month > f"{until:%Y-%m}"):
            continue
        found += [
            row
            for row in _read_month(bucket, key)
            if (sources is None or row.source in sources)
            and (since is None or since <= row.day)
            and (until is None or row.day < until)
        ]
    return sorted(found, key=lambda row: (row.source, row.day))


# What changed -------------------------------------------------------------------------------------------------------------


def _look(
    documents: Documents,
    pages: Pages,
    changed: Iterable[tuple[str, str]],
    zones: Mapping[str, ZoneInfo],
    moved: Collection[str],
) -> set[Pair]:
    """Note which pages stand where by now, of all sources, in the months of which other files are `changed`.

    Return the days of the sources of `zones` that have other pages than they had; of those that `moved` all.
    """
    months = {month for month, _ in changed} | (pages.captured.keys() if moved else set())
    files: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for path, day in documents.files.items():
        files[day[:7]][path] = day
    touched: set[Place] = set()
    for month in sorted(months):
        before = pages.of(month)
        stale = {day for _, day in files[month].items() ^ before.files.items()}
        stale |= {str(table_day) for table_day, source, _ in before.pages if source in moved}
        standing = {place: digest for place, digest in before.pages.items() if str(place[0]) not in stale}
        standing |= _digests(documents, stale, zones)
        touched |= {
            place
            for place in before.pages.keys() | standing.keys()
            if place[1] in zones and (before.pages.get(place) != standing.get(place) or place[1] in moved)
        }
        pages.put(month, Part(files[month], standing))
    return {(source, day) for table_day, source, captured in touched for day in (table_day, captured)}


def _digests(documents: Documents, table_days: Iterable[str], zones: Mapping[str, ZoneInfo]) -> dict[Place, int]:
    """A digest of the pages of each place on some days of the table; the sum of theirs, since they are in no order."""
    found: Counter[Place] = Counter()
    for days in _batches(sorted(table_days), _TABLE_DAYS_A_READ):
        for row in documents.read(_LOOKED_AT, days=days).to_pylist():
            told = [str(row[name]) for name in ("id", "row_hash", "decision", "first_captured_at")]
            zone = zones.get(row["source"], UTC)
            place = date.fromisoformat(row["day"]), row["source"], row["captured_at"].astimezone(zone).date()
            found[place] += int.from_bytes(hashlib.sha256("\n".join(told).encode()).digest()[:8])
    return {place: digest % 2**64 for place, digest in found.items()}


def _runs_since(bucket: Bucket, source: Source, seen: Sequence[str]) -> list[str]:
    """The crawls of a source that may have ended since those that were seen; all of them where none was."""
    newest = began_at(seen[-1]) if seen else None
    return list_runs(bucket, source.ids, newest - LONGEST_CRAWL if newest else datetime(1970, 1, 1, tzinfo=UTC))


def _latest(runs: Sequence[str]) -> list[str]:
    """The crawls that began so shortly before the newest that the next update lists them again."""
    began = {run: began for run in runs if (began := began_at(run))}
    return [run for run, at in began.items() if at >= max(began.values()) - LONGEST_CRAWL]


def _days_of(crawl: Crawl, zone: ZoneInfo) -> Iterator[date]:
    """The days on which a crawl ran: its report says whether the pages captured then are a backfill's."""
    first = last = crawl.day(zone)
    if crawl.report is not None and crawl.report.finished_at is not None:
        last = crawl.report.finished_at.astimezone(zone).date()
    # A clock that jumped may put the end before the beginning, or years after it.
    for ahead in range(max(0, min((last - first).days, LONGEST_CRAWL.days)) + 1):
        yield first + ahead * _DAY


# The rows -----------------------------------------------------------------------------------------------------------------


def _made(
    bucket: Bucket,
    documents: Documents,
    pages: Pages,
    touched: Collection[Pair],
    sources: Mapping[str, Source],
) -> Callable[[str], list[SourceDay]]:
    """What makes the touched rows of a month, of all that the bucket has of them; none for an id that a source had before."""
    of_month: defaultdict[str, set[Pair]] = defaultdict(set)
    for source, day in touched:
        if source in sources:
            of_month[f"{day:%Y-%m}"].add((source, day))

    def make(month: str) -> list[SourceDay]:
        pairs = of_month[month]
        captured = _captured(documents, pairs, pages.table_days(pairs), sources)
        published = _published(documents, pairs)
        rows = []
        for id_ in sorted({source for source, _ in pairs}):
            source, days = sources[id_], sorted(day for of, day in pairs if of == id_)
            crawls = _crawls(bucket, source, days, [page for day in days for page in captured[id_, day]])
            past = {run for run, crawl in crawls.items() if crawl.is_backfill(source.zone)}
            for day in days:
                row = SourceDay(
                    source=id_,
                    day=day,
                    published=published[id_, day],
                    **_of_crawls([one for one in crawls.values() if one.day(source.zone) == day], source.zone),
                    **_of_pages(captured[id_, day], past),
                )
                if row != SourceDay(id_, day):
                    rows.append(row)
        return rows

    return make


def _captured(
    documents: Documents, pairs: Collection[Pair], table_days: Collection[date], sources: Mapping[str, Source]
) -> defaultdict[Pair, list[dict[str, Any]]]:
    """The pages captured on each of these days, a body by its length alone."""
    found: defaultdict[Pair, list[dict[str, Any]]] = defaultdict(list)
    where = pc.field("source").isin(pa.array(sorted({source for source, _ in pairs}), pa.string()))
    for days in _batches(sorted(map(str, table_days)), _TABLE_DAYS_A_READ):
        table = documents.read(_OF_PAGES, where, days=days)
        table = table.set_column(table.column_names.index("body"), "body", pc.utf8_length(table["body"]))
        for row in table.to_pylist():
            pair = row["source"], row["captured_at"].astimezone(sources[row["source"]].zone).date()
            if pair in pairs:
                found[pair].append(row)
    return found


def _published(documents: Documents, pairs: Collection[Pair]) -> Counter[Pair]:
    """How many pages of a source were published on each of these days."""
    found: set[tuple[str, date, str]] = set()
    for days in _batches(sorted({str(day) for _, day in pairs}), _TABLE_DAYS_A_READ):
        rows = documents.read(["source", "published_day", "article_id"], pc.field("rejected").is_null(), days=days)
        found.update((row["source"], row["published_day"], row["article_id"]) for row in rows.to_pylist())
    return Counter((source, day) for source, day, _ in found)


def _crawls(
    bucket: Bucket, source: Source, days: Sequence[date], captured: Iterable[Mapping[str, Any]]
) -> dict[str, Crawl]:
    """The crawls of a source that began on these days, sorted, and those that captured these pages; dry runs are none."""
    first = datetime.combine(days[0], time(), source.zone).astimezone(UTC)
    end = datetime.combine(days[-1] + _DAY, time(), source.zone).astimezone(UTC)
    runs = set(list_runs(bucket, source.ids, first, end)) | {run_of(page["capture_key"]) for page in captured}
    crawls = read_crawls(bucket, runs)
    return {run: crawl for run, crawl in crawls.items() if not crawl.is_dry}


def _of_crawls(crawls: Sequence[Crawl], zone: ZoneInfo) -> dict[str, Any]:
    """The columns of the crawls that began on a day."""
    told = [crawl.report for crawl in crawls if crawl.report is not None]
    row: dict[str, Any] = {"reports_unreadable": len(crawls) - len(told)}
    for name in ("requests", "bytes", "throttled"):
        counts = [count for one in told if (count := getattr(one, name)) is not None]
        row[name] = sum(counts) if counts else None
    fresh = sorted(
        (crawl for crawl in crawls if crawl.report and not crawl.is_backfill(zone)),
        key=lambda crawl: (crawl.began_at, crawl.run),
    )
    if not fresh:
        return row
    reports = [crawl.report for crawl in fresh if crawl.report]
    last, outcomes = reports[-1], Counter(one.outcome for one in reports)
    problems = [problem for one in last.discovery for problem in one.problems]
    return row | {
        "crawls": len(reports),
        "crawls_failed": outcomes["failed"],
        "crawls_interrupted": outcomes["interrupted"],
        "last_crawl_at": fresh[-1].began_at,
        "last_outcome": last.outcome,
        "last_message": last.message,
        "discoveries": len(last.discovery),
        "discoveries_answered": sum(one.answered for one in last.discovery),
        "problems": tuple(problems[:_MAX_PROBLEMS]),
        "found": last.found,
        "captured": sum(one.captured for one in reports),
        "known": last.known,
        "unchanged": sum(one.unchanged for one in reports),
        "remaining": last.remaining,
        "failed": _sorted(Counter(failure.reason for failure in last.failed)),
        "skipped": _sorted({reason: count for reason, count in last.skipped.items() if count}),
    }


def _of_pages(rows: Sequence[Mapping[str, Any]], backfills: Collection[str]) -> dict[str, Any]:
    """The columns of the pages captured on a day."""
    own = [row for row in rows if (run := run_of(row["capture_key"])) not in backfills and not is_import(run)]
    # A page that came again as a text counts once, as that: a wall that fell on its day is none any more.
    last = {row["article_id"]: row["captured_at"] for row in sorted(own, key=_captured_at) if _is_text(row)}
    kept = [row for row in own if row["captured_at"] >= last.get(row["article_id"], row["captured_at"])]
    decided = Counter(row["decision"] for row in kept if row["rejected"] is None)
    texts = [row for row in kept if _is_text(row)]
    first = [row for row in texts if row["captured_at"] == row["first_captured_at"] and row["published_at"]]
    q1, median, q3 = _quartiles([row["body"] or 0 for row in texts])
    _, latency, _ = _quartiles([(row["captured_at"] - row["published_at"]) // timedelta(minutes=1) for row in first])
    return {
        "pages": len(kept),
        "articles": decided[ARTICLE],
        "copies": sum(decided[kind] for kind in _COPIES),
        "revisions": decided[Kind.REVISION.value],
        "recaptures": decided[Kind.RECAPTURE.value],
        "rejected": _sorted(Counter(row["rejected"] for row in kept if row["rejected"] is not None)),
        "backfilled": len(rows) - len(own),
        "texts": len(texts),
        "body_q1": q1,
        "body_median": median,
        "body_q3": q3,
        "with_author": sum(bool(row["authors"]) for row in texts),
        "with_day": sum(row["published_precision"] != "captured" for row in texts),
        "with_time": sum(row["published_at"] is not None for row in texts),
        "low_confidence": sum(row["body_confidence"] == "low" for row in texts),
        "selector_fails": sum(_SELECTOR_FAILS in (row["body_method"] or "") for row in texts),
        "latency_median": latency,
    }


def _captured_at(row: Mapping[str, Any]) -> datetime:
    at: datetime = row["captured_at"]
    return at


def _is_text(row: Mapping[str, Any]) -> bool:
    """Whether a capture is an article, a copy or a revision."""
    return row["rejected"] is None and row["decision"] != Kind.RECAPTURE


def _quartiles(values: Sequence[int]) -> tuple[int | None, int | None, int | None]:
    if not values:
        return None, None, None
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75])
    return int(q1), int(median), int(q3)


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


# The files ----------------------------------------------------------------------------------------------------------------


def _key(month: str) -> str:
    return f"{PREFIX}month={month}/days.parquet"


def _month_of(key: str) -> str:
    return key.removeprefix(f"{PREFIX}month=").partition("/")[0]


def _write(bucket: Bucket, touched: Collection[Pair], make: Callable[[str], list[SourceDay]]) -> list[str]:
    """Write the months of the touched days where their bytes change, and return them."""
    etags = {stored.key: stored.etag for stored in bucket.list(PREFIX)}
    written = []
    for month in sorted({f"{day:%Y-%m}" for _, day in touched}):
        key = _key(month)
        standing = _read_month(bucket, key) if key in etags else ()
        rows = [row for row in standing if (row.source, row.day) not in touched] + make(month)
        if not rows:
            bucket.delete(key)
        else:
            stood = etags.get(key)
            etag = bucket.put_if_changed(key, _encode(rows), stood, "application/vnd.apache.parquet")
            if etag != stood:
                written.append(month)
    bucket.put_if_changed(SCHEMA_FILE, schema_json(), etags.get(SCHEMA_FILE), "application/json")
    return written


def _encode(rows: Iterable[SourceDay]) -> bytes:
    plain = [
        asdict(row) | {name: list(getattr(row, name).items()) for name in ("failed", "skipped", "rejected")}
        for row in sorted(rows, key=lambda row: (row.source, row.day))
    ]
    return _parquet(pa.Table.from_pylist(plain, schema=SCHEMA))


def _read_month(bucket: Bucket, key: str) -> tuple[SourceDay, ...]:
    try:
        return _decode(bucket.get(key))
    except (KeyError, ValueError, pa.ArrowException):
        raise DamagedError(key) from None


@lru_cache(maxsize=_MONTHS_KEPT)
def _decode(data: bytes) -> tuple[SourceDay, ...]:
    """The rows of a month's file; those of the files that were read last are kept, since of a half year one month alone changes."""
    table = pq.read_table(io.BytesIO(data)).select(SCHEMA.names).cast(SCHEMA)
    columns = {name: table[name].to_pylist() for name in SCHEMA.names}
    columns |= {name: [dict(pairs) for pairs in columns[name]] for name in ("failed", "skipped", "rejected")}
    columns["problems"] = [tuple(problems) for problems in columns["problems"]]
    return tuple(SourceDay(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True))


def _stored_months(bucket: Bucket) -> list[str]:
    return [stored.key for stored in bucket.list(f"{PREFIX}month=") if _MONTH.fullmatch(stored.key)]


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=9, version="2.6")
    return buffer.getvalue()


def _batches(items: Sequence[str], size: int) -> Iterator[list[str]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
