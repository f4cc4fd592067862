"""``search/``: the index of ``articles/`` in the bucket, kept by the build, and no part of the corpus's contract.

A month has one part with most of its days, and at most one more with those that changed since, so that a day that changes costs
no month. ``search/_index.json`` is written last, and says which parts count; what else lies there, such as what a killed build
left, is deleted.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from pipeline.bucket import Bucket, DamagedError
from pipeline.corpus import read_manifest, read_partition
from pipeline.search.part import COLUMNS, VERSION, DayOfArticles, day_of_articles, make_part

if TYPE_CHECKING:
    from pipeline.corpus import Partition
    from pipeline.sources import Source

_LOG = logging.getLogger(__name__)

PREFIX = "search/"
INDEX = f"{PREFIX}_index.json"
_PART = re.compile(rf"{PREFIX}month=\d{{4}}-\d{{2}}/[0-9a-f]{{16}}\.tar")

_FEW, _SHARE = 1000, 4
"""Articles that a month's second part may have, or the share (a fourth) of its first part: then the month is made anew, as one."""

_ARTICLES_A_WRITE = 20_000
"""Articles that are indexed between two writes of ``_index.json``: so much does a build that is killed do again."""


@dataclass(frozen=True, slots=True)
class IndexedDay:
    """A day in a part: the digest of what the part has of it, and how many articles those are."""

    digest: str
    articles: int


@dataclass(frozen=True, slots=True)
class PartFile:
    """A part in the bucket: its key, its SHA-256 and size, the days in it, and the ids of the sources of their articles."""

    key: str
    sha256: str
    bytes: int
    days: Mapping[str, IndexedDay]
    sources: list[str]

    @property
    def month(self) -> str:
        """Its month, such as 2024-03."""
        return min(self.days)[:7]

    @property
    def articles(self) -> int:
        """How many articles it has, those of days that have changed since too."""
        return sum(day.articles for day in self.days.values())


@dataclass(frozen=True, slots=True)
class Index:
    """What ``_index.json`` says.

    `days` has each day that is indexed, with the SHA-256 of the partition that it was made of, and the digest of what it has of it;
    `conflicts` the conflicts of each source, as the sources' files had them.
    """

    version: str = VERSION
    conflicts: Mapping[str, list[str]] = field(default_factory=dict)
    days: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    parts: list[PartFile] = field(default_factory=list)

    @property
    def dead(self) -> set[str]:
        """The digests of days that are not as parts have them any more."""
        return {one.digest for part in self.parts for day, one in part.days.items() if self.digest(day) != one.digest}

    def digest(self, day: str) -> str | None:
        """The digest of what is indexed of a day; None where it is not."""
        return self.days[day][1] if day in self.days else None

    def to_json(self) -> bytes:
        """As a file."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Index:
        """From such a file; of another version no more than that. Raises ValueError or KeyError where it is none."""
        try:
            told = json.loads(data)
            if told["version"] != VERSION:
                return cls(str(told["version"]))
            parts = [
                PartFile(**part | {"days": {day: IndexedDay(**one) for day, one in part["days"].items()}})
                for part in told["parts"]
            ]
            days = {day: (str(sha256), str(digest)) for day, (sha256, digest) in told["days"].items()}
            return cls(VERSION, told["conflicts"], days, parts)
        except (AttributeError, TypeError) as error:
            raise ValueError(f"no index: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Updated:
    """What bringing the index in line did: the months whose parts were written or deleted, and the articles that were indexed."""

    months: list[str]
    articles: int


def read_index(bucket: Bucket) -> Index | None:
    """The index in the bucket; None where there is none, or none that can be read.

    Raises:
        BucketError: the store cannot be reached.
    """
    return _read(bucket)[0]


def _read(bucket: Bucket) -> tuple[Index | None, str | None]:
    """The index, and the ETag of its file, None where there is no file."""
    try:
        data, etag = bucket.get_with_etag(INDEX)
    except KeyError:
        return None, None
    except DamagedError as damaged:
        return None, damaged.etag
    try:
        return Index.from_json(data), etag
    except (KeyError, ValueError):
        return None, etag


def read_day(partition: Partition, data: bytes) -> DayOfArticles:
    """A day as the index has it, of its partition's bytes."""
    file = pq.ParquetFile(io.BytesIO(data))
    articles = file.read([name for name in COLUMNS if name in file.schema_arrow.names])
    return day_of_articles(date.fromisoformat(partition.published), articles)


def update(bucket: Bucket, sources: Mapping[str, Source]) -> Updated:
    """Bring ``search/`` in line with ``articles/``, reading only days that have changed.

    `sources` say which conflicts each reports; of one that is not given, what was known stays. Killed and run again, it goes on.

    Raises:
        ManifestError: there is no corpus, or a partition is not as it was deposited.
        ConflictError: another build or a takedown wrote the index at the same time; run again.
        BucketError: the store cannot be reached.
    """
    conflicts = {source.id: list(source.conflicts) for source in sources.values()}
    before = {part.published: part.sha256 for part in read_manifest(bucket).partitions}
    done = _Update(bucket, conflicts).run()
    # A takedown lets go of what is indexed after it has written articles/: either it met what was written here, or this meets it.
    if before != {part.published: part.sha256 for part in read_manifest(bucket).partitions}:
        let_go(bucket)
    return done


def let_go(bucket: Bucket) -> Updated:
    """Take out of the bucket whatever the index has of days as they are no more, such as a text that was taken down.

    Where there is no index, or one of another version, it is deleted. Raises as `update`.
    """
    index = read_index(bucket)
    if index is None or index.version != VERSION:
        bucket.delete(
            *(stored.key for stored in bucket.list(PREFIX) if stored.key == INDEX or _PART.fullmatch(stored.key))
        )
        return Updated([], 0)
    return _Update(bucket, index.conflicts, whole=True).run()


class _Update:
    """One bringing in line; with `whole`, of months that have a day that changed, and each as one part."""

    def __init__(self, bucket: Bucket, conflicts: Mapping[str, list[str]], *, whole: bool = False) -> None:
        self._bucket, self._whole = bucket, whole
        self._partitions = {part.published: part for part in read_manifest(bucket).partitions}
        index, self._etag = _read(bucket)
        if index and index.version != VERSION:
            _LOG.warning(
                "the index in search/ is of version %r and is made anew, of version %r", index.version, VERSION
            )
        if index is None or index.version != VERSION:
            index = Index()
        self._standing = index
        self._conflicts = {**index.conflicts, **conflicts}
        self._stored = {stored.key: stored.size for stored in bucket.list(PREFIX)}
        self._parts: defaultdict[str, list[PartFile]] = defaultdict(list)
        for part in index.parts:
            if self._stored.get(part.key) == part.bytes:
                self._parts[part.month].append(part)
        held = {(day, one.digest) for parts in self._parts.values() for part in parts for day, one in part.days.items()}
        self._days = {day: told for day, told in index.days.items() if (day, told[1]) in held}
        self._made: set[str] = set()
        self._months: list[str] = []
        self._articles = 0

    def run(self) -> Updated:
        """Do it. What is written and then not named is taken away: another writer may have let go of what it holds."""
        try:
            return self._run()
        except Exception:
            self._bucket.delete(*(self._made - {part.key for part in self._standing.parts}))
            raise

    def _run(self) -> Updated:
        changed: defaultdict[str, set[str]] = defaultdict(set)
        for day in self._partitions.keys() | self._days.keys():
            partition, told = self._partitions.get(day), self._days.get(day)
            if partition is None or told is None or told[0] != partition.sha256:
                changed[day[:7]].add(day)
        if self._whole:
            dead = {
                month
                for month, parts in self._parts.items()
                for part in parts
                for day, one in part.days.items()
                if day in changed[month] or self._days.get(day, ("", ""))[1] != one.digest
            }
            changed = defaultdict(set, {month: changed[month] for month in dead})
        unwritten = 0
        for month, days in sorted(changed.items()):
            indexed = self._month(month, days)
            unwritten += indexed
            self._articles += indexed
            if unwritten >= _ARTICLES_A_WRITE:
                self._write()
                unwritten = 0
        self._write()
        return Updated(self._months, self._articles)

    def _month(self, month: str, changed: Iterable[str]) -> int:
        """Bring a month's parts in line; how many articles were indexed."""
        read: dict[str, DayOfArticles] = {}
        for day in sorted(changed):
            told = self._days.pop(day, None)
            if partition := self._partitions.get(day):
                read[day] = self._read_day(day)
                if told and told[1] == read[day].digest:  # copies came, or a date is known better: no word is another
                    del read[day]
                    self._days[day] = (partition.sha256, told[1])
        digests = {day: digest for day, (_, digest) in self._days.items() if day.startswith(month)}
        digests |= {day: one.digest for day, one in read.items()}
        standing = self._parts[month]
        base = max(standing, key=lambda part: part.articles, default=None)
        kept = {day for day, one in base.days.items() if digests.get(day) == one.digest} if base else set[str]()
        rest = set(digests) - kept
        rows = {day: self._partitions[day].rows for day in digests}
        of_rest, of_kept = sum(rows[day] for day in rest), sum(rows[day] for day in kept)
        dead = base.articles - of_kept if base else 0
        if base is None or max(of_rest, dead) > max(_FEW, of_kept / _SHARE) or not kept or (self._whole and dead):
            base, rest = None, set(digests)
        parts = [base] if base else []
        indexed = 0
        if rest:
            second = next((part for part in standing if part is not base and _is_of(part, digests, rest)), None)
            if second is None:
                second = self._make(month, [read[day] if day in read else self._read_day(day) for day in sorted(rest)])
                indexed = second.articles
            parts.append(second)
        if parts != standing:
            self._months.append(month)
        self._parts[month] = parts
        for day, one in read.items():
            self._days[day] = (self._partitions[day].sha256, one.digest)
        return indexed

    def _read_day(self, day: str) -> DayOfArticles:
        partition = self._partitions[day]
        return read_day(partition, read_partition(self._bucket, partition))

    def _make(self, month: str, days: list[DayOfArticles]) -> PartFile:
        packed = make_part(days)
        sha256 = hashlib.sha256(packed).hexdigest()
        key = f"{PREFIX}month={month}/{sha256[:16]}.tar"
        self._bucket.put(key, packed, content_type="application/x-tar")
        self._stored[key] = len(packed)
        self._made.add(key)
        sources = sorted({source for day in days for source in day.articles["source"].to_pylist()})
        return PartFile(
            key, sha256, len(packed), {str(day.day): IndexedDay(day.digest, len(day.articles)) for day in days}, sources
        )

    def _write(self) -> None:
        """Write what the index is by now, and only then delete what it does not name."""
        parts = [part for _, parts in sorted(self._parts.items()) for part in parts]
        index = Index(VERSION, dict(sorted(self._conflicts.items())), dict(sorted(self._days.items())), parts)
        named = {part.key for part in parts}
        if index != self._standing or self._etag is None:
            guard = {"if_absent": True} if self._etag is None else {"if_etag": self._etag}
            self._etag = self._bucket.put(INDEX, index.to_json(), content_type="application/json", **guard)
            self._standing = index
        gone = [key for key in self._stored if _PART.fullmatch(key) and key not in named]
        self._bucket.delete(*gone)
        for key in gone:
            del self._stored[key]


def _is_of(part: PartFile, digests: Mapping[str, str], days: Iterable[str]) -> bool:
    """Whether a part has these days as they are, and no other."""
    return {day: one.digest for day, one in part.days.items()} == {day: digests[day] for day in days}
