"""The corpus: ``articles/``, one row per distinct article, one Parquet file a published day; its schema and its manifest.

This is the public face: plain Hive-partitioned Parquet that any reader opens with no client of ours. The same documents and
decisions give the same bytes. A file is written only where its bytes change, whole, and guarded against another writer;
the manifest comes last.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, Stored
from pipeline.documents import MENTION, Documents
from pipeline.duplicates import Decision, Kind
from pipeline.errors import WarraqError

PREFIX = "articles/"
MANIFEST = PREFIX + "_manifest.json"
SCHEMA_FILE = PREFIX + "_schema.json"
SCHEMA_VERSION = 2

_INSTANT = pa.timestamp("us", tz="UTC")
_COPY = pa.struct(
    [
        ("source", pa.string()),
        ("url", pa.string()),
        ("title", pa.string()),
        ("published_at", _INSTANT),
        ("published_day", pa.date32()),
        ("kind", pa.string()),
        ("similarity", pa.float64()),
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
        _column("captured_at", _INSTANT, "When the text was captured first, in UTC"),
        _column("capture_key", pa.string(), "The WARC file in the bucket that holds the capture"),
        _column("capture_offset", pa.int64(), "Byte offset of the response record in that file"),
        _column("revisions", pa.int32(), "How many captures of this URL hold an older text"),
        _column("copies", _list(_COPY), "Later near-duplicates, by time; kind: same_text, near, contained; similarity: 0 to 1"),
        _column("extractor", pa.string(), "Version of the code that read the page"),
    ]
)  # fmt: skip
"""Columns of a partition's file; the folder name adds `published` (the published day) for readers of Hive partitions."""


class ManifestError(WarraqError):
    """The corpus has no manifest, or one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One day of the corpus. `built_from` is a hash of all that its bytes follow from."""

    path: str
    published: str
    rows: int
    bytes: int
    etag: str
    sha256: str
    built_from: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the corpus holds. captured = articles + copies + the sum of rejected."""

    schema_version: int
    documents: str
    captured: int
    articles: int
    copies: dict[str, int]
    rejected: dict[str, int]
    partitions: list[Partition] = field(default_factory=list)

    def to_json(self) -> bytes:
        """The manifest as a JSON file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a deposit did to the partitions, by their published days."""

    written: list[str]
    unchanged: int
    deleted: list[str]


def read_manifest(bucket: Bucket) -> Manifest:
    """The manifest in the bucket.

    Raises:
        ManifestError: there is none yet, or it is of another version.
        BucketError: the store cannot be reached.
    """
    try:
        data = json.loads(bucket.get(MANIFEST))
        return Manifest(**data | {"partitions": [Partition(**partition) for partition in data["partitions"]]})
    except KeyError:
        raise ManifestError(f"bucket {bucket.name!r} has no corpus yet: run `warraq build` first") from None
    except (ValueError, TypeError) as error:
        raise ManifestError(f"{MANIFEST} in bucket {bucket.name!r} cannot be read: {error}") from error


def deposit(bucket: Bucket, decisions: Sequence[Decision]) -> Deposit:
    """Bring ``articles/`` in line with the documents and the decisions over them.

    Raises:
        ConflictError: another writer deposited at the same time; run again.
        BucketError: the store cannot be reached.
    """
    documents = Documents(bucket)
    days, manifest = _plan(documents, decisions)
    stored = {item.key: item for item in bucket.list(PREFIX)}
    old_manifest = stored.get(MANIFEST)
    try:
        known = {partition.path: partition for partition in read_manifest(bucket).partitions}
    except ManifestError:  # none yet, or one of another version: then every partition is built
        known = {}
    partitions: dict[date, Partition] = {}
    to_build: defaultdict[str, list[date]] = defaultdict(list)
    for day, planned in days.items():
        standing, before = stored.get(_path(day)), known.get(_path(day))
        if standing and before and before.etag == standing.etag and before.built_from == _built_from(planned):
            partitions[day] = before
        else:
            to_build[f"{day:%Y-%m}"].append(day)
    written = []
    for month, month_days in sorted(to_build.items()):
        for day, data in _encode(documents, month, {day: days[day] for day in sorted(month_days)}):
            path = _path(day)
            etag, changed = _put_if_changed(bucket, path, data, stored.get(path), "application/vnd.apache.parquet")
            if changed:
                written.append(str(day))
            partitions[day] = Partition(
                path=path,
                published=str(day),
                rows=len(days[day]),
                bytes=len(data),
                etag=etag,
                sha256=hashlib.sha256(data).hexdigest(),
                built_from=_built_from(days[day]),
            )
    wanted = {partition.path for partition in partitions.values()}
    gone = [key for key in sorted(stored) if key.startswith(f"{PREFIX}published=") and key not in wanted]
    for key in gone:
        bucket.delete(key)
    _put_if_changed(bucket, SCHEMA_FILE, _schema_json(), stored.get(SCHEMA_FILE), "application/json")
    manifest.partitions.extend(partition for _day, partition in sorted(partitions.items()))
    _put_if_changed(bucket, MANIFEST, manifest.to_json(), old_manifest, "application/json")
    deleted = [key.removeprefix(f"{PREFIX}published=").partition("/")[0] for key in gone]
    return Deposit(written, len(days) - len(written), deleted)


def verify(bucket: Bucket) -> list[str]:
    """What is wrong with the corpus, one sentence a fault: every partition is read and held against the manifest.

    Raises:
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached.
    """
    manifest = read_manifest(bucket)
    faults = []
    for partition in manifest.partitions:
        try:
            data = bucket.get(partition.path)
        except KeyError:
            faults.append(f"{partition.path}: missing")
            continue
        if hashlib.sha256(data).hexdigest() != partition.sha256:
            faults.append(f"{partition.path}: its bytes are not those that were deposited")
    listed = {partition.path for partition in manifest.partitions} | {MANIFEST, SCHEMA_FILE}
    faults += [f"{item.key}: not in the manifest" for item in bucket.list(PREFIX) if item.key not in listed]
    if manifest.captured != manifest.articles + sum(manifest.copies.values()) + sum(manifest.rejected.values()):
        faults.append("the manifest's counts do not reconcile: captured is not articles + copies + rejected")
    return faults


def read_articles(bucket: Bucket) -> Iterator[dict[str, Any]]:
    """Every article, as a mapping of its columns, by published day and in the order of its file."""
    for partition in read_manifest(bucket).partitions:
        yield from pq.read_table(io.BytesIO(bucket.get(partition.path))).to_pylist()


@dataclass(frozen=True, slots=True)
class _Planned:
    """One article of a day: its document, how many older texts it has, its copies, and a hash of all these."""

    document: str
    revisions: int
    copies: list[tuple[dict[str, Any], Decision]]
    basis: str


_LIGHT = ["id", "source", "url", "title", "published_at", "published_day", "published_order", "rejected", "row_hash"]


def _plan(documents: Documents, decisions: Sequence[Decision]) -> tuple[dict[date, list[_Planned]], Manifest]:
    """Which articles each day has, and the manifest without its partitions."""
    rows = {row["id"]: row for row in documents.read(_LIGHT).to_pylist()}
    members: defaultdict[str, list[Decision]] = defaultdict(list)
    kinds: Counter[str] = Counter()
    for decision in decisions:
        members[decision.article].append(decision)
        if decision.kind:
            kinds[decision.kind.value] += 1
    days: defaultdict[date, list[_Planned]] = defaultdict(list)
    for article, group in members.items():
        copies = sorted(
            ((rows[made.id], made) for made in group if made.kind not in {None, Kind.REVISION, Kind.RECAPTURE}),
            key=lambda copy: (copy[0]["published_order"], copy[0]["url"]),
        )
        # The older texts of a copy are the copy's own business.
        revisions = sum(made.kind is Kind.REVISION and rows[made.id]["url"] == rows[article]["url"] for made in group)
        row = rows[article]
        basis = _digest(
            [
                row["row_hash"],
                revisions,
                [[copy["row_hash"], made.kind, made.similarity] for copy, made in copies],
            ]
        )
        days[row["published_day"]].append(_Planned(article, revisions, copies, basis))
    for planned in days.values():
        planned.sort(
            key=lambda one: (rows[one.document]["source"], rows[one.document]["published_order"], one.document)
        )
    rejected = Counter(row["rejected"] for row in rows.values() if row["rejected"])
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        documents=_digest([[id_, row["row_hash"]] for id_, row in sorted(rows.items())]),
        captured=len(rows),
        articles=len(members),
        copies=dict(sorted(kinds.items())),
        rejected=dict(sorted(rejected.items())),
    )
    return days, manifest


def _path(day: date) -> str:
    return f"{PREFIX}published={day}/articles.parquet"


def _built_from(planned: Sequence[_Planned]) -> str:
    """A hash of all that the bytes of a day follow from."""
    return _digest([SCHEMA_VERSION, pa.__version__, [one.basis for one in planned]])


def _encode(documents: Documents, month: str, days: Mapping[date, Sequence[_Planned]]) -> Iterator[tuple[date, bytes]]:
    """The files of a month's days: rows in their order, zstd; the same articles give the same bytes."""
    columns = [name for name in SCHEMA.names if name not in {"revisions", "copies"}]
    of_days = (ds.field("month") == month) & ds.field("published_day").isin(pa.array(days, pa.date32()))
    rows = {row["id"]: row for row in documents.read([*columns, "id"], of_days).to_pylist()}
    for day, planned in days.items():
        articles = []
        for one in planned:
            row = rows[one.document]
            copies = [
                {name: copy[name] for name in ("source", "url", "title", "published_at", "published_day")}
                | {"kind": made.kind, "similarity": made.similarity}
                for copy, made in one.copies
            ]
            articles.append(row | {"revisions": one.revisions, "copies": copies})
        buffer = io.BytesIO()
        table = pa.Table.from_pylist(articles, schema=SCHEMA)
        pq.write_table(table, buffer, compression="zstd", compression_level=9, version="2.6")
        yield day, buffer.getvalue()


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


def _schema_json() -> bytes:
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


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, default=str).encode()).hexdigest()
