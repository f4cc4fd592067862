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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from operator import itemgetter
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, Stored
from pipeline.documents import MENTION, Documents
from pipeline.duplicates import ARTICLE, REJECTED, Kind
from pipeline.errors import WarraqError

PREFIX = "articles/"
MANIFEST = PREFIX + "_manifest.json"
SCHEMA_FILE = PREFIX + "_schema.json"
SCHEMA_VERSION = 3

_INSTANT = pa.timestamp("us", tz="UTC")
_COPY = pa.struct(
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
_REVISION = pa.struct(
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
        _column("revisions", _list(_REVISION), "Captures of this URL that hold an older text, by time"),
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
class Day:
    """What became of the pages published on one day (of rejected pages: captured). `documents` is a hash of their rows."""

    day: str
    captured: int
    articles: int
    copies: dict[str, int]
    rejected: dict[str, int]
    documents: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the corpus holds. captured = articles + the sum of copies + the sum of rejected."""

    schema_version: int
    days: list[Day] = field(default_factory=list)
    partitions: list[Partition] = field(default_factory=list)

    @property
    def captured(self) -> int:
        """Captured pages."""
        return sum(day.captured for day in self.days)

    @property
    def articles(self) -> int:
        """Distinct articles."""
        return sum(day.articles for day in self.days)

    @property
    def copies(self) -> dict[str, int]:
        """Copies by their kind."""
        return _sums(day.copies for day in self.days)

    @property
    def rejected(self) -> dict[str, int]:
        """Rejected pages by the reason."""
        return _sums(day.rejected for day in self.days)

    def to_json(self) -> bytes:
        """The manifest as a JSON file."""
        totals = {name: getattr(self, name) for name in ("captured", "articles", "copies", "rejected")}
        return (json.dumps(totals | asdict(self), ensure_ascii=False, indent=1) + "\n").encode()


def _sums(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))


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
        days = [Day(**day) for day in data["days"]]
        partitions = [Partition(**partition) for partition in data["partitions"]]
        return Manifest(data["schema_version"], days, partitions)
    except KeyError:
        raise ManifestError(f"bucket {bucket.name!r} has no corpus yet: run `warraq build` first") from None
    except (ValueError, TypeError) as error:
        raise ManifestError(f"{MANIFEST} in bucket {bucket.name!r} cannot be read: {error}") from error


def deposit(bucket: Bucket) -> Deposit:
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
        before, there = known.get(_path(day)), stored.get(_path(day))
        if before and there and before.etag == there.etag and before.built_from == _built_from(planned[day]):
            partitions[before.path] = before
        else:
            to_build.append(day)
    written = []
    for day in to_build:
        path = _path(day)
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
    gone = [key for key in sorted(stored) if key.startswith(f"{PREFIX}published=") and key not in partitions]
    for key in gone:
        bucket.delete(key)
    manifest = Manifest(
        SCHEMA_VERSION, [day for _, day in sorted(counted.items())], [part for _, part in sorted(partitions.items())]
    )
    _put_if_changed(bucket, SCHEMA_FILE, _schema_json(), stored.get(SCHEMA_FILE), "application/json")
    _put_if_changed(bucket, MANIFEST, manifest.to_json(), stored.get(MANIFEST), "application/json")
    _note_deposited(bucket, files)
    deleted = [key.removeprefix(f"{PREFIX}published=").partition("/")[0] for key in gone]
    return Deposit(written, len(partitions) - len(written), deleted)


_DEPOSITED = "state/deposited.json"
"""Which data files of the documents table the corpus was last brought in line with; without it every day is looked at."""


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
    """The manifest, where there is one of this version and all that it names is there as it says."""
    try:
        manifest = read_manifest(bucket)
    except ManifestError:  # none yet, or one of another version: then every partition is built
        return None
    named = {part.path: part.etag for part in manifest.partitions}
    there = {key: item.etag for key, item in stored.items() if key.startswith(f"{PREFIX}published=")}
    return manifest if manifest.schema_version == SCHEMA_VERSION and named == there else None


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


def read_articles(bucket: Bucket, since: date | None = None, until: date | None = None) -> Iterator[dict[str, Any]]:
    """The articles published from `since` up to, not including, `until`, by day and in the order of their files.

    Raises:
        ManifestError: there is no corpus, or a file is not as it was deposited.
        BucketError: the store cannot be reached.
    """
    for partition in read_manifest(bucket).partitions:
        day = date.fromisoformat(partition.published)
        if (since is None or since <= day) and (until is None or day < until):
            try:
                data = bucket.get(partition.path)
            except KeyError:
                data = b""
            if hashlib.sha256(data).hexdigest() != partition.sha256:
                raise ManifestError(
                    f"{partition.path} is not as it was deposited: a build writes it anew; run `warraq build`"
                )
            yield from pq.read_table(io.BytesIO(data)).to_pylist()


def export_jsonl(articles: Iterable[Mapping[str, Any]], out: IO[str]) -> int:
    """Write articles as JSON, one a line, days and instants (UTC) in ISO 8601; return how many there were."""
    count = 0
    for count, article in enumerate(articles, 1):  # noqa: B007
        out.write(json.dumps(article, ensure_ascii=False, default=_iso) + "\n")
    return count


def _iso(value: date) -> str:
    return value.isoformat()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a reader has to read again, and what to let go of: keys of partitions, sorted."""

    written: list[str]
    gone: list[str]


def changes_since_manifest(bucket: Bucket, older: bytes) -> Changes:
    """What has changed since a manifest that a reader kept, byte for byte.

    Raises:
        ManifestError: that is no manifest, or there is no corpus.
        BucketError: the store cannot be reached.
    """
    try:
        before = {part["path"]: part["sha256"] for part in json.loads(older)["partitions"]}
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError("this is no manifest of a corpus: keep a copy of articles/_manifest.json") from error
    now = {part.path: part.sha256 for part in read_manifest(bucket).partitions}
    written = sorted(path for path, sha256 in now.items() if before.get(path) != sha256)
    return Changes(written, sorted(before.keys() - now.keys()))


def changes_since(bucket: Bucket, moment: datetime) -> Changes:
    """What was written since a moment, by the store's own clock; what is gone since, by the reports of the builds.

    Raises:
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached.
    """
    now = {part.path for part in read_manifest(bucket).partitions}
    stored = {item.key: item.modified_at for item in bucket.list(PREFIX)}
    gone: set[str] = set()
    for item in bucket.list("reports/"):
        if item.key.endswith("/report.json") and item.modified_at >= moment:
            deleted = json.loads(bucket.get(item.key)).get("deposit", {}).get("deleted", [])
            gone.update(_path(day) for day in deleted)
    return Changes(sorted(path for path in now if stored[path] >= moment), sorted(gone - now))


@dataclass(frozen=True, slots=True)
class _Planned:
    """One article of a day: its document, the rows of its older texts and of its copies, and a hash of all these."""

    document: str
    revisions: list[dict[str, Any]]
    copies: list[dict[str, Any]]
    basis: str


_OF_COPIES = tuple(part.name for part in _COPY if part.name != "kind")
_OF_REVISIONS = tuple(part.name for part in _REVISION)
_LIGHT = list(
    dict.fromkeys(
        [*_OF_COPIES, *_OF_REVISIONS, "id", "published_order", "row_hash", "article", "article_day", "decision"]
    )
)
_OLDER = {Kind.REVISION.value, Kind.RECAPTURE.value}


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
        basis = _digest(
            [[row[name] for name in ("row_hash", "decision", "similarity", "first_captured_at")] for row in told]
        )
        place = (article["source"], article["published_order"], id_)
        planned[article["published_day"]].append((place, _Planned(id_, revisions, copies, basis)))
    return {day: [one for _, one in sorted(articles, key=itemgetter(0))] for day, articles in planned.items()}


def _count(documents: Documents, days: Collection[str]) -> dict[str, Day]:
    """What became of the pages of these days; a day without a page is left out."""
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in documents.read(["day", "id", "row_hash", "rejected", "decision"], days=days).to_pylist():
        rows[row["day"]].append(row)
    return {
        day: Day(
            day=day,
            captured=len(of_day),
            articles=sum(row["decision"] == ARTICLE for row in of_day),
            copies=_sums({row["decision"]: 1} for row in of_day if row["decision"] not in {ARTICLE, REJECTED, None}),
            rejected=_sums({row["rejected"]: 1} for row in of_day if row["rejected"]),
            documents=_digest([[row["id"], row["row_hash"]] for row in of_day]),
        )
        for day, of_day in rows.items()
    }


def _path(day: date | str) -> str:
    return f"{PREFIX}published={day}/articles.parquet"


def _built_from(planned: Sequence[_Planned]) -> str:
    """A hash of all that the bytes of a day follow from."""
    return _digest([SCHEMA_VERSION, pa.__version__, [one.basis for one in planned]])


def _encode(documents: Documents, day: date, planned: Sequence[_Planned]) -> bytes:
    """The file of a day: rows in their order, zstd; the same articles give the same bytes."""
    columns = [name for name in SCHEMA.names if name not in {"revisions", "copies"}]
    kept = documents.read([*columns, "id"], pc.field("decision") == ARTICLE, days={str(day)})
    rows = {row["id"]: row for row in kept.to_pylist()}
    articles = []
    for one in planned:
        copies = [{name: copy[name] for name in _OF_COPIES} | {"kind": copy["decision"]} for copy in one.copies]
        revisions = [{name: revision[name] for name in _OF_REVISIONS} for revision in one.revisions]
        articles.append(rows[one.document] | {"revisions": revisions, "copies": copies})
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


_ROWS_A_GROUP = 256
"""Rows are sorted by source: a reader who wants one outlet skips the groups of the others, by their least and greatest."""


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
