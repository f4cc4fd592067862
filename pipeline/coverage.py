"""What the bucket has of each source and published day, and what it has not.

Every crawl leaves a record of how it covered its days. Held against the documents and against the capture files that are
there, the records answer "what do we have of March 2013, and what is missing?".
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.compute as pc

from pipeline.bucket import Bucket
from pipeline.captures import holds_pages, list_page_files
from pipeline.documents import Documents
from pipeline.duplicates import ARTICLE

PREFIX = "coverage/"

_DAY = timedelta(days=1)
_READERS = 16
"""Records that are fetched at once."""


class State(StrEnum):
    """How a source's day stands."""

    COVERED = "covered"
    """One crawl, made when the day was over, found all that the site shows of it, and has all of that."""
    PARTIAL = "partial"
    """It was crawled, and something was not had, or may not have been seen."""
    GAP = "gap"
    """Pages that were captured are no longer in the bucket."""
    NOT_CRAWLED = "not_crawled"
    """No crawl covers it; what there is of it came from archives, or by the way."""


@dataclass(frozen=True, slots=True)
class DiscoveryRecord:
    """What one discovery of a crawl gave: whether it answered, whether it shows all of the window, what went wrong."""

    type: str
    url: str
    answered: bool
    looks_back: bool
    problems: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it showed all that the site has of the window."""
        return self.answered and self.looks_back and not self.problems


@dataclass(frozen=True, slots=True)
class CrawlRecord:
    """How one crawl covered its days, from `since` up to, not including, `until`, in the source's `timezone`.

    `days` counts for each day (ISO) what became of the URLs found of it: ``captured``, ``known`` (stored before), ``failed``,
    ``gone`` (the site has them no longer), and why others were not asked for; `undated` counts those that no day was known
    of. `files` are the keys that it wrote; `finished_at` is aware.
    """

    source: str
    run: str
    since: date
    until: date
    timezone: str
    outcome: str
    message: str
    finished_at: datetime
    remaining: int = 0
    discovery: tuple[DiscoveryRecord, ...] = ()
    days: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    undated: Mapping[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where it lies: the key names its days, so that they can be looked for without reading it."""
        return f"{PREFIX}source={self.source}/{self.since}_{self.until}_{self.run}.json"

    def shortcomings(self, day: date) -> list[str]:
        """What keeps this crawl from covering a day of its window wholly; nothing where it does."""
        said = []
        if self.outcome not in {"finished", "nothing_new"}:
            said.append(f"the crawl was {self.outcome}: {self.message}")
        if not any(one.whole for one in self.discovery):
            problems = [problem for one in self.discovery for problem in one.problems]
            said.append("; ".join(problems) or "its lists show the latest articles alone, and not back to this day")
        if self.finished_at < datetime.combine(day + _DAY, time(), ZoneInfo(self.timezone)):
            said.append("the day was not over")
        counted = Counter(self.days.get(day.isoformat(), {}))
        for word, what in (("failed", "could not be fetched"), ("over_limit", "were over the limit")):
            if counted[word]:
                said.append(f"{counted[word]} pages {what}")
            if self.undated.get(word):
                said.append(f"{self.undated[word]} pages of no known day {what}")
        return said


def put_record(bucket: Bucket, record: CrawlRecord) -> None:
    """Write a crawl's record into the bucket.

    Raises:
        BucketError: the store cannot be reached.
    """
    data = json.dumps(asdict(record), ensure_ascii=False, indent=1, sort_keys=True, default=str)
    bucket.put(record.key, data.encode(errors="backslashreplace"), content_type="application/json")


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """How a source's published day stands.

    `captured` and `failed` count the URLs of that day that the best crawl of it has, or could not get; `run`, `discovery` and
    `crawled_at` (aware) are of that crawl. `articles` and `copies` are what the corpus has of the day, wherever it came from.
    """

    source: str
    day: date
    state: State
    why: str = ""
    captured: int = 0
    failed: int = 0
    articles: int = 0
    copies: int = 0
    discovery: tuple[str, ...] = ()
    run: str = ""
    crawled_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``json.dumps``."""
        data = asdict(self)
        data["day"] = self.day.isoformat()
        data["discovery"] = list(self.discovery)
        data["crawled_at"] = self.crawled_at and self.crawled_at.isoformat()
        return data


def covered_sources(bucket: Bucket) -> list[str]:
    """Ids of the sources that crawls left records of, sorted."""
    return sorted({stored.key.removeprefix(f"{PREFIX}source=").partition("/")[0] for stored in bucket.list(PREFIX)})


def coverage(bucket: Bucket, sources: Collection[str], since: date, until: date) -> list[DayCoverage]:
    """How every day from `since` up to, not including, `until` stands, for each source, by source and day.

    Raises:
        BucketError: the store cannot be reached.
    """
    days = [since + n * _DAY for n in range((until - since).days)]
    documents = Documents(bucket)
    covered = []
    for source in sorted(sources):
        records = list(_records(bucket, source, since, until))
        holdings = _Holdings(documents, source, days, set(list_page_files(bucket, source)), records)
        covered += [_day(source, day, records, holdings) for day in days]
    return covered


def _records(bucket: Bucket, source: str, since: date, until: date) -> Iterator[CrawlRecord]:
    """The records of the crawls that have a day in common with the window, the newest first."""
    keys = []
    for stored in bucket.list(f"{PREFIX}source={source}/"):
        first, end = stored.key.rpartition("/")[2].split("_", 2)[:2]
        if date.fromisoformat(first) < until and since < date.fromisoformat(end):
            keys.append(stored.key)
    with ThreadPoolExecutor(_READERS) as readers:
        records = [_record(json.loads(data)) for data in readers.map(bucket.get, keys)]
    yield from sorted(records, key=lambda record: (record.finished_at, record.run), reverse=True)


def _record(data: Mapping[str, Any]) -> CrawlRecord:
    return CrawlRecord(
        **{
            **data,
            "since": date.fromisoformat(data["since"]),
            "until": date.fromisoformat(data["until"]),
            "finished_at": datetime.fromisoformat(data["finished_at"]),
            "discovery": tuple(
                DiscoveryRecord(**{**one, "problems": tuple(one["problems"])}) for one in data["discovery"]
            ),
            "files": tuple(data["files"]),
        }
    )


class _Holdings:
    """What the bucket has of a source's days: articles, copies, and the pages that are lost."""

    def __init__(
        self,
        documents: Documents,
        source: str,
        days: Sequence[date],
        files: Collection[str],
        records: Iterable[CrawlRecord],
    ) -> None:
        rows = documents.read(
            ["article_id", "published_day", "capture_key", "decision"],
            (pc.field("source") == source) & pc.field("rejected").is_null(),
            days={day.isoformat() for day in days},
        ).to_pylist()
        self.articles = Counter(row["published_day"] for row in rows if row["decision"] == ARTICLE)
        pages: defaultdict[date, set[str]] = defaultdict(set)
        for row in rows:
            pages[row["published_day"]].add(row["article_id"])
        self.copies = {day: len(of_day) - self.articles[day] for day, of_day in pages.items()}
        held = {row["article_id"] for row in rows if row["capture_key"] in files}
        lost = [row for row in rows if row["article_id"] not in held]
        self._lost: defaultdict[date, set[str]] = defaultdict(set)
        self._lost_files: defaultdict[date, set[str]] = defaultdict(set)
        for row in lost:
            self._lost[row["published_day"]].add(row["article_id"])
            self._lost_files[row["published_day"]].add(row["capture_key"])
        taken_in = documents.capture_files()
        self._unread = [
            (record, key)
            for record in records
            for key in record.files
            if holds_pages(key) and key not in files and key not in taken_in
        ]

    def lost(self, day: date) -> str:
        """What is gone of a day, in a sentence; nothing where all is there."""
        said = []
        if self._lost[day]:
            files = ", ".join(sorted(self._lost_files[day]))
            said.append(f"{len(self._lost[day])} captured pages are gone from the bucket, with {files}")
        for record, key in self._unread:
            if record.since <= day < record.until and (record.days.get(day.isoformat()) or record.undated):
                said.append(f"{key} is gone from the bucket, before a build had read it")
        return "; ".join(said)


def _day(source: str, day: date, records: Sequence[CrawlRecord], holdings: _Holdings) -> DayCoverage:
    of_day = [record for record in records if record.since <= day < record.until]
    best = next((record for record in of_day if not record.shortcomings(day)), of_day[0] if of_day else None)
    shortcomings = best.shortcomings(day) if best else []
    if lost := holdings.lost(day):
        state, why = State.GAP, lost
    elif best is None:
        state, why = State.NOT_CRAWLED, ""
    else:
        state, why = (State.PARTIAL if shortcomings else State.COVERED), "; ".join(shortcomings)
    counts = Counter(best.days.get(day.isoformat(), {}) if best else {})
    return DayCoverage(
        source=source,
        day=day,
        state=state,
        why=why,
        captured=counts["captured"] + counts["known"],
        failed=counts["failed"],
        articles=holdings.articles[day],
        copies=holdings.copies.get(day, 0),
        discovery=tuple(dict.fromkeys(one.type for one in best.discovery if one.answered)) if best else (),
        run=best.run if best else "",
        crawled_at=best.finished_at if best else None,
    )
