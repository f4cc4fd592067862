"""The deposit: ``articles/`` brought in line with the documents and what was decided on them.

The same documents and decisions give the same bytes. A file is written only where its bytes change, whole, and guarded
against another writer; the manifest comes last.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, Stored
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


def deposit(bucket: Bucket, on_progress: OnProgress = tell_nobody) -> Deposit:
    """Bring ``articles/`` in line with the documents and what was decided on them, touching only the days that changed.

    Raises:
        ConflictError: another writer deposited at the same time; run again.
        BucketError: the store cannot be reached.
    """
    documents = Documents(bucket)
    stored = {item.key: item for item in bucket.list(PREFIX)}
    standing = _standing(bucket, stored)
    seen = _deposited(bucket) if standing else {}
    files = {path: seen.get(path) or _look_at(documents, path, day) for path, day in documents.files.items()}
    changed = [(files | seen)[path] for path in sorted(files.keys() ^ seen.keys())]
    days = {day for looked in changed for day in looked.article_days}
    planned = _plan(documents, days, {path for path, looked in files.items() if days.intersection(looked.article_days)})
    partitions: dict[str, Partition] = {}
    counted: dict[str, Day] = {}
    if standing and seen:
        partitions = {part.path: part for part in standing.partitions if part.published not in days}
        counted = {day.day: day for day in standing.days if day.day not in {looked.day for looked in changed}}
    counted |= _count(documents, {looked.day for looked in changed})
    known = {part.path: part for part in standing.partitions} if standing else {}
    to_build: list[date] = []
    for day in sorted(planned):
        before, there = known.get(partition_key(day)), stored.get(partition_key(day))
        if before and there and _is_as_noted(before, there) and before.built_from == _built_from(planned[day]):
            partitions[before.path] = before
        else:
            to_build.append(day)
    written = []
    for number, day in enumerate(to_build):
        on_progress("depositing", number, len(to_build))
        path = partition_key(day)
        data = _encode(documents, day, planned[day])
        etag, put = _put_if_changed(bucket, path, data, stored.get(path), "application/vnd.apache.parquet")
        if put:
            written.append(str(day))
        partitions[path] = Partition(
            path=path,
            published=str(day),
            rows=len(planned[day]),
            bytes=len(data),
            etag=etag,
            sha256=hashlib.sha256(data).hexdigest(),
            built_from=_built_from(planned[day]),
        )
    on_progress("depositing", len(to_build), len(to_build))
    gone = [key for key in sorted(stored) if is_partition(key) and key not in partitions]
    bucket.delete(*gone)
    manifest = Manifest(
        SCHEMA_VERSION, [day for _, day in sorted(counted.items())], [part for _, part in sorted(partitions.items())]
    )
    _put_if_changed(bucket, SCHEMA_FILE, schema_json(), stored.get(SCHEMA_FILE), "application/json")
    _put_if_changed(bucket, MANIFEST, manifest.to_json(), stored.get(MANIFEST), "application/json")
    _note_deposited(bucket, files)
    deleted = [key.removeprefix(f"{PREFIX}published=").partition("/")[0] for key in gone]
    return Deposit(written, len(partitions) - len(written), deleted)


@dataclass(frozen=True, slots=True)
class _LookedAt:
    """A data file of the documents table: its day, and the published days of the articles that its rows are about."""

    day: str
    article_days: list[str]


def _look_at(documents: Documents, path: str, day: str) -> _LookedAt:
    days = pc.unique(documents.read(["article_day"], files={path})["article_day"])
    return _LookedAt(day, sorted(map(str, days.drop_null().to_pylist())))


def _deposited(bucket: Bucket) -> dict[str, _LookedAt]:
    try:
        return {path: _LookedAt(*looked) for path, looked in json.loads(bucket.get(_DEPOSITED)).items()}
    except (KeyError, TypeError, ValueError):
        return {}


def _note_deposited(bucket: Bucket, files: Mapping[str, _LookedAt]) -> None:
    data = json.dumps({path: [looked.day, looked.article_days] for path, looked in sorted(files.items())})
    bucket.put(_DEPOSITED, data.encode(), content_type="application/json")


def _standing(bucket: Bucket, stored: Mapping[str, Stored]) -> Manifest | None:
    """The manifest, where there is one of this version that adds up, and all that it names is there as it says."""
    try:
        manifest = read_manifest(bucket)
    except ManifestError:  # none yet, or one that cannot be read: then every partition is built, and every day counted
        return None
    there = {key: item for key, item in stored.items() if is_partition(key)}
    whole = len(there) == len(manifest.partitions) and all(
        part.path in there and _is_as_noted(part, there[part.path]) for part in manifest.partitions
    )
    usable = manifest.schema_version == SCHEMA_VERSION and whole and not manifest.faults()
    return manifest if usable else None


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


def _count(documents: Documents, days: Collection[str]) -> dict[str, Day]:
    """What became of the pages of these days; a day without a page is left out."""
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in documents.read(["day", "id", "row_hash", "rejected", "decision"], days=days).to_pylist():
        rows[row["day"]].append(row)
    return {
        day: Day(day=day, **asdict(count(of_day)), documents=_digest([[row["id"], row["row_hash"]] for row in of_day]))
        for day, of_day in rows.items()
    }


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
    buffer = io.BytesIO()
    table = pa.Table.from_pylist(articles, schema=SCHEMA)
    pq.write_table(
        table,
        buffer,
        compression="zstd",
        compression_level=9,
        version="2.6",
        row_group_size=_ROWS_A_GROUP,
        write_page_index=True,
        sorting_columns=pq.SortingColumn.from_ordering(SCHEMA, [("source", "ascending")]),
    )
    return buffer.getvalue()


def _of_all_pages(row: Mapping[str, Any]) -> dict[str, Any]:
    """An article with what its pages make together; its text is never sure where it goes on elsewhere."""
    article = {**row, "pages": []} | ({**row["whole"], "body": row["whole_body"]} if row["whole"] else {})
    if article["next_page"] is not None and article["body_confidence"] == "high":
        article["body_confidence"] = "medium"
    return article


def _put_if_changed(
    bucket: Bucket, key: str, data: bytes, standing: Stored | None, content_type: str
) -> tuple[str, bool]:
    """Write an object where its bytes differ, over the version that was listed; its ETag, and whether it was written."""
    # The ETag of an object put in one piece is its MD5 on every store without server-side key encryption; elsewhere the
    # comparison fails and the same bytes are merely written again.
    if standing and standing.etag == hashlib.md5(data, usedforsecurity=False).hexdigest():
        return standing.etag, False
    if standing is None:
        return bucket.put(key, data, content_type=content_type, if_absent=True), True
    return bucket.put(key, data, content_type=content_type, if_etag=standing.etag), True


def _digest(value: object) -> str:
    """SHA-256 of a value written as JSON."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, default=str).encode()).hexdigest()
