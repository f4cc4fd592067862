"""The deposit: ``articles/`` brought in line with the documents and what was decided on them.

The same documents and decisions give the same bytes. A file is written only where its bytes change, whole, and guarded
against another writer; the manifest comes last.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, ConflictError, DamagedError, Head, Stored
from pipeline.corpus.counts import count
from pipeline.corpus.manifest import (
    MANIFEST,
    PREFIX,
    SCHEMA_FILE,
    Day,
    Manifest,
    ManifestError,
    Partition,
    is_partition,
    partition_key,
    read_manifest,
)
from pipeline.corpus.schema import COPY_TYPE, REVISION_TYPE, SCHEMA, SCHEMA_VERSION, schema_json
from pipeline.documents import JOINED, Documents
from pipeline.duplicates import ARTICLE, Kind
from pipeline.progress import OnProgress, tell_nobody

_DEPOSITED = "state/deposited.json"
"""Which data files of the documents table the corpus was last brought in line with; without it every day is looked at."""

_BUILT_FROM = "built-from"
"""In the metadata of a partition: a hash of all that its bytes follow from."""

_BYTES = "bytes"
"""In the metadata of a partition: how many it has. Some stores keep what a killed writer had sent by then."""

_ROWS_A_RANGE = 20_000
"""Rows of the documents table on the days of a range: some hundred megabytes, and some ten seconds of encoding."""

_MAX_RANGES = 1000
"""Ranges that are made at most: Airflow maps a task over 1024 values, and no more."""

_ROWS_A_GROUP = 256
"""Rows are sorted by source: a reader who wants one outlet skips the groups of the others, by their least and greatest."""

_OF_COPIES = tuple(part.name for part in COPY_TYPE if part.name != "kind")
_OF_REVISIONS = tuple(part.name for part in REVISION_TYPE)
_LIGHT = list(
    dict.fromkeys(
        [
            *_OF_COPIES,
            *_OF_REVISIONS,
            "id",
            "published_order",
            "row_hash",
            *JOINED.names,
            "article",
            "article_day",
            "decision",
        ]
    )
)
_BASIS = ("row_hash", *JOINED.names, "decision", "similarity", "first_captured_at")
_OLDER = {Kind.REVISION.value, Kind.RECAPTURE.value}


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a deposit did to the partitions, by their published days."""

    written: list[str]
    unchanged: int
    deleted: list[str]


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days whose partitions are to be built, from these `files` of the documents table, and days whose pages are to be counted.

    It holds for the table in this `state`.
    """

    state: str
    build: list[str]
    count: list[str]
    files: list[str]


@dataclass(frozen=True, slots=True)
class BuiltDays:
    """What became of a `DayRange`: the partitions, which of them were written, and what became of the days' pages."""

    partitions: list[Partition]
    written: list[str]
    counted: list[Day]

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> BuiltDays:
        """As `dataclasses.asdict` gives it."""
        partitions = [Partition(**part) for part in told["partitions"]]
        return cls(partitions, told["written"], [Day(**day) for day in told["counted"]])


@dataclass(frozen=True, slots=True)
class DepositPlan:
    """What a deposit is to do, in ranges of days; it holds for the documents table in this `state`.

    `goes_on` says whether what the manifest has of other days stands; `files` are the table's data files as `state/` is to
    have them: each with its day, and the published days of the articles that its rows are about.
    """

    state: str
    goes_on: bool
    files: dict[str, tuple[str, list[str]]]
    ranges: list[DayRange]

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> DepositPlan:
        """As `dataclasses.asdict` gives it."""
        return cls(**{**told, "ranges": [DayRange(**days) for days in told["ranges"]]})


def deposit(bucket: Bucket, on_progress: OnProgress = tell_nobody) -> Deposit:
    """Bring ``articles/`` in line with the documents and what was decided on them, touching only the days that changed.

    Killed at any point and run again, it goes on: a partition that was written is not encoded again.

    Raises:
        ConflictError: another writer deposited at the same time; run again.
        BucketError: the store cannot be reached.
    """
    return finish_deposit(bucket, plan_deposit(bucket), {}, on_progress)


def plan_deposit(bucket: Bucket) -> DepositPlan:
    """Which days changed since the last deposit, or are not as it left them."""
    documents = Documents(bucket)
    manifest, astray = _standing(bucket)
    seen = _deposited(bucket) if manifest else {}
    files = _look_at(documents, seen)
    changed = [(files | seen)[path] for path in sorted(files.keys() ^ seen.keys())]
    build = {day for _, article_days in changed for day in article_days} | astray
    count = {day for day, _ in changed}
    ranges: list[DayRange] = []
    rows = documents.rows_by_day()
    days = sorted(build | count)
    size = max(_ROWS_A_RANGE, -(-sum(rows.get(day, 0) for day in days) // _MAX_RANGES))
    for of_range in _cut(days, rows, size):
        wanted = build.intersection(of_range)
        about = [path for path, (_, article_days) in files.items() if wanted.intersection(article_days)]
        ranges.append(DayRange(documents.state, sorted(wanted), sorted(count.intersection(of_range)), about))
    return DepositPlan(documents.state, bool(manifest and seen), files, ranges)


def _cut(days: Sequence[str], rows: Mapping[str, int], size: int) -> Iterator[list[str]]:
    """Days in ranges of so many rows, or of one day."""
    of_range, within = list[str](), 0
    for day in days:
        if of_range and within + rows.get(day, 0) > size:
            yield of_range
            of_range, within = [], 0
        of_range.append(day)
        within += rows.get(day, 0)
    if of_range:
        yield of_range


def build_days(bucket: Bucket, days: DayRange) -> BuiltDays | None:
    """Write the partitions of some days where they differ, and count the pages; None where the documents table has changed since.

    Raises:
        ConflictError: another writer deposited at the same time; run again.
    """
    # Before the table is opened: who wrote the table since, and deposited that, is met by the guard on what stands here.
    standing = {day: bucket.head(partition_key(day)) for day in days.build}
    documents = Documents(bucket)
    if documents.state != days.state:
        return None
    partitions, written = [], []
    for day, planned in sorted(_plan(documents, days.build, days.files).items()):
        path, built_from = partition_key(day), _built_from(planned)
        there = standing[str(day)]
        if there is None or there.metadata.get(_BUILT_FROM) != built_from or not _is_whole(bucket, path, there):
            data = _encode(documents, day, planned)
            told = {_BUILT_FROM: built_from, _BYTES: str(len(data)), "sha256": hashlib.sha256(data).hexdigest()}
            stood = there.etag if there else None
            etag = bucket.put_if_changed(path, data, stood, "application/vnd.apache.parquet", told)
            there = Head(len(data), etag, told)
            if etag != stood:
                written.append(str(day))
        partitions.append(
            Partition(
                path=path,
                published=str(day),
                rows=len(planned),
                bytes=there.size,
                etag=there.etag,
                sha256=there.metadata["sha256"],
                built_from=built_from,
            )
        )
    return BuiltDays(partitions, written, _count(documents, days.count))


def _is_whole(bucket: Bucket, path: str, there: Head) -> bool:
    """Whether a partition is what was written, which is read: the manifest does not have it as it stands."""
    try:
        return there.metadata.get(_BYTES) == str(len(bucket.get(path)))
    except (KeyError, DamagedError):
        return False


def finish_deposit(
    bucket: Bucket, planned: DepositPlan, built: Mapping[int, BuiltDays], on_progress: OnProgress = tell_nobody
) -> Deposit:
    """Write the manifest once all planned ranges are built, of which some, given by their numbers, are.

    Where the documents table has changed since it was planned, or the manifest is lost, all is planned anew. Raises as `deposit`.
    """
    stored = {
        item.key: item for item in bucket.list(PREFIX)
    }  # before the manifest is read: the guard is on what is listed
    manifest = _manifest(bucket)
    if Documents(bucket).state != planned.state or (planned.goes_on and manifest is None):
        return deposit(bucket, on_progress)
    parts = []
    for number, days in enumerate(planned.ranges):
        on_progress("depositing", number, len(planned.ranges))
        part = built.get(number) or build_days(bucket, days)
        if part is None:
            raise ConflictError("documents/ was written by another build at the same time: run this one again")
        parts.append(part)
    on_progress("depositing", len(planned.ranges), len(planned.ranges))
    known = {part.path: part for part in manifest.partitions} if manifest else {}
    partitions: dict[str, Partition] = {}
    counted: dict[str, Day] = {}
    if manifest and planned.goes_on:
        anew = {day for days in planned.ranges for day in days.build}
        partitions = {path: part for path, part in known.items() if part.published not in anew}
        counted_anew = {day for days in planned.ranges for day in days.count}
        counted = {day.day: day for day in manifest.days if day.day not in counted_anew}
    partitions |= {part.path: part for one in parts for part in one.partitions}
    counted |= {day.day: day for one in parts for day in one.counted}
    # Also what a deposit wrote that was killed before its manifest.
    other = {
        part.published for path, part in partitions.items() if path not in known or known[path].sha256 != part.sha256
    }
    written = sorted(other.union(*(one.written for one in parts)))
    gone = [key for key in sorted(stored) if is_partition(key) and key not in partitions]
    bucket.delete(*gone)
    made = Manifest(
        SCHEMA_VERSION, [day for _, day in sorted(counted.items())], [part for _, part in sorted(partitions.items())]
    )
    for key, data in ((SCHEMA_FILE, schema_json()), (MANIFEST, made.to_json())):
        bucket.put_if_changed(key, data, stored[key].etag if key in stored else None, "application/json")
    _note_deposited(bucket, planned.files)
    deleted = [key.removeprefix(f"{PREFIX}published=").partition("/")[0] for key in gone]
    return Deposit(written, len(partitions) - len(written), deleted)


def _look_at(documents: Documents, seen: Mapping[str, tuple[str, list[str]]]) -> dict[str, tuple[str, list[str]]]:
    """The data files of the documents table, each with its day, and the published days of the articles that its rows are about."""
    found = documents.values_by_file("article_day", [path for path in documents.files if path not in seen])
    return {
        path: seen[path] if path in seen else (day, sorted(map(str, found[path])))
        for path, day in documents.files.items()
    }


def _deposited(bucket: Bucket) -> dict[str, tuple[str, list[str]]]:
    try:
        return {path: (day, list(of)) for path, (day, of) in json.loads(bucket.get(_DEPOSITED)).items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}


def _note_deposited(bucket: Bucket, files: Mapping[str, tuple[str, list[str]]]) -> None:
    bucket.put(_DEPOSITED, json.dumps(files, sort_keys=True).encode(), content_type="application/json")


def _manifest(bucket: Bucket) -> Manifest | None:
    """The manifest, where there is one of this version that adds up; without it every partition is built, and every day counted."""
    try:
        manifest = read_manifest(bucket)
    except ManifestError:  # none yet, or one that cannot be read
        return None
    return manifest if manifest.schema_version == SCHEMA_VERSION and not manifest.faults() else None


def _standing(bucket: Bucket) -> tuple[Manifest | None, set[str]]:
    """The manifest, and the days whose partitions are not as it has them."""
    manifest = _manifest(bucket)
    there = {item.key: item for item in bucket.list(PREFIX) if is_partition(item.key)}
    noted = {part.path: part for part in manifest.partitions} if manifest else {}
    astray = {
        key.removeprefix(f"{PREFIX}published=").partition("/")[0]
        for key in there.keys() | noted.keys()
        if key not in there or key not in noted or not _is_as_noted(noted[key], there[key])
    }
    return manifest, astray


def _is_as_noted(part: Partition, item: Stored) -> bool:
    """Whether a listed object is what the manifest has of it: by its size alone where a store does not tell ETags."""
    return part.bytes == item.size and (part.etag == item.etag or not (part.etag and item.etag))


@dataclass(frozen=True, slots=True)
class _Planned:
    """One article of a day: its document, the rows of its older texts and of its copies, and a hash of all these."""

    document: str
    revisions: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    basis: str


def _plan(documents: Documents, days: Collection[str], files: Collection[str]) -> dict[date, list[_Planned]]:
    """Which articles these days have; a day without an article is left out. The data files hold all that is about them."""
    where = pc.field("article_day").isin(pa.array(map(date.fromisoformat, sorted(days)), pa.date32()))
    members: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in documents.read(_LIGHT, where, files=files).to_pylist():
        members[row["article"]].append(row)
    planned: defaultdict[date, list[tuple[tuple[str, datetime, str], _Planned]]] = defaultdict(list)
    for id_, group in members.items():
        article = next((row for row in group if row["id"] == id_), None)
        if article is None or article["decision"] != ARTICLE:
            continue  # the older texts of a copy are the copy's own business
        copies = sorted(
            (row for row in group if row["id"] != id_ and row["decision"] not in _OLDER),
            key=lambda row: (row["published_order"], row["url"]),
        )
        revisions = sorted(
            (row for row in group if row["decision"] == Kind.REVISION), key=lambda row: (row["captured_at"], row["id"])
        )
        told = [article, *revisions, *copies]
        basis = _digest([[row[name] for name in _BASIS] for row in told])
        place = (article["source"], article["published_order"], id_)
        planned[article["published_day"]].append((place, _Planned(id_, revisions, copies, basis)))
    return {day: [one for _, one in sorted(articles, key=itemgetter(0))] for day, articles in planned.items()}


def _count(documents: Documents, days: Collection[str]) -> list[Day]:
    """What became of the pages of these days; a day without a page is left out."""
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in documents.read(["day", "id", "row_hash", "rejected", "decision"], days=days).to_pylist():
        rows[row["day"]].append(row)
    return [
        Day(day=day, **asdict(count(of_day)), documents=_digest([[row["id"], row["row_hash"]] for row in of_day]))
        for day, of_day in rows.items()
    ]


def _built_from(planned: Sequence[_Planned]) -> str:
    """A hash of all that the bytes of a day follow from."""
    return _digest([SCHEMA_VERSION, pa.__version__, [one.basis for one in planned]])


def _encode(documents: Documents, day: date, planned: Sequence[_Planned]) -> bytes:
    """The file of a day: rows in their order, zstd; the same articles give the same bytes."""
    columns = [name for name in SCHEMA.names if name not in {"pages", "revisions", "copies"}]
    kept = documents.read([*columns, "id", *JOINED.names], pc.field("decision") == ARTICLE, days={str(day)})
    rows = {row["id"]: row for row in kept.to_pylist()}
    articles = []
    for one in planned:
        copies = [{name: copy[name] for name in _OF_COPIES} | {"kind": copy["decision"]} for copy in one.copies]
        revisions = [{name: revision[name] for name in _OF_REVISIONS} for revision in one.revisions]
        articles.append(_of_all_pages(rows[one.document]) | {"revisions": revisions, "copies": copies})
    return write_partition(pa.Table.from_pylist(articles, schema=SCHEMA))


def write_partition(table: pa.Table) -> bytes:
    """The file of a day's articles, sorted by source, in the columns that the table has; the same table gives the same bytes."""
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression="zstd",
        compression_level=9,
        version="2.6",
        row_group_size=_ROWS_A_GROUP,
        write_page_index=True,
        sorting_columns=pq.SortingColumn.from_ordering(table.schema, [("source", "ascending")]),
    )
    return buffer.getvalue()


def _of_all_pages(row: Mapping[str, Any]) -> dict[str, Any]:
    """An article with what its pages make together; its text is never sure where it goes on elsewhere."""
    article = {**row, "pages": []} | ({**row["whole"], "body": row["whole_body"]} if row["whole"] else {})
    if row["whole"] and row["places"]:
        # Those of the first page, of which the last lines may stand elsewhere in the whole.
        standing = (one for one in row["places"] if article[one["part"]].startswith(one["text"], one["offset"]))
        article["places"] = list(standing)
    if article["next_page"] is not None and article["body_confidence"] == "high":
        article["body_confidence"] = "medium"
    return article


def _digest(value: object) -> str:
    """SHA-256 of a value written as JSON."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, default=str).encode()).hexdigest()
