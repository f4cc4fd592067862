"""What the bucket has of each source and published day, and what it has not.

Every crawl leaves a record of how it covered its days. Held against the documents and against the capture files that are
there, the records answer "what do we have of March 2013, and what is missing?".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipeline.bucket import Bucket
from pipeline.captures import holds_pages, list_page_files
from pipeline.coverage.open_pages import OpenPage, open_pages, tell
from pipeline.coverage.records import MOVED_TO, CrawlRecord, read_records
from pipeline.rejection import Rejection

if TYPE_CHECKING:
    from pipeline.documents import Documents

_DAY = timedelta(days=1)


class State(StrEnum):
    """How a source's day stands."""

    COVERED = "covered"
    """One crawl, made when the day was over, found all that the site shows of it, and has all of that: every page is an article, a
    copy, or rejected for a reason that lasts."""
    PARTIAL = "partial"
    """It was crawled, and something was not had, may not have been seen, is not read yet, or was rejected for what may pass."""
    GAP = "gap"
    """Pages that were captured are no longer in the bucket."""
    NOT_CRAWLED = "not_crawled"
    """No crawl covers it; what there is of it came from archives, or by the way."""


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """How a source's published day stands.

    `captured` and `failed` count the URLs of that day that the best crawl of it has, or could not get; `run`, `discovery` and
    `crawled_at` (aware) are of that crawl. `articles` and `copies` are what the corpus has of the day, wherever it came from.
    `unread` and `may_pass` count the pages that may be of the day and that no build has read, or that were rejected for what may
    pass.
    """

    source: str
    day: date
    state: State
    why: str = ""
    captured: int = 0
    failed: int = 0
    articles: int = 0
    copies: int = 0
    unread: int = 0
    may_pass: int = 0
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


def coverage(
    bucket: Bucket,
    sources: Collection[str],
    since: date,
    until: date,
    formerly: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> list[DayCoverage]:
    """How every day from `since` up to, not including, `until` stands, for each source, by source and day.

    `sources` are ids; `formerly` has the ids that some of them had before, under which they may have records and captures.

    Raises:
        BucketError: the store cannot be reached.
    """
    # A crawl, which only writes its record, starts without Arrow.
    from pipeline.documents import Documents  # noqa: PLC0415

    days = [since + n * _DAY for n in range((until - since).days)]
    documents = Documents(bucket)
    ids = {source: [source, *formerly.get(source, ())] for source in sorted(sources)}
    records = {source: list(read_records(bucket, of_source, since, until)) for source, of_source in ids.items()}
    # What all sources have is read at once: a day's file has the rows of all.
    rows = _rows(documents, {id_ for of_source in ids.values() for id_ in of_source}, days)
    wrote = _taken_in(
        documents, {key for of_source in records.values() for record in of_source for key in record.files}
    )
    covered = []
    for source, of_source in ids.items():
        held = [row for id_ in of_source for row in rows[id_]]
        holdings = _Holdings(bucket, of_source, days, records[source], held, wrote)
        of_open = (
            open_pages(documents, bucket, of_source, records[source][0].timezone, since) if records[source] else []
        )
        covered += [_day(source, day, records[source], holdings, of_open) for day in days]
    return covered


def _rows(documents: Documents, ids: Collection[str], days: Sequence[date]) -> defaultdict[str, list[dict[str, Any]]]:
    """What the documents table has of some days that is no rejected page, by source."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    columns = ["source", "article_id", "published_day", "capture_key", "decision"]
    where = pc.field("source").isin(pa.array(sorted(ids), pa.string())) & pc.field("rejected").is_null()
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in documents.read(columns, where, days={day.isoformat() for day in days}).to_pylist():
        rows[row["source"]].append(row)
    return rows


def _taken_in(documents: Documents, keys: Collection[str]) -> dict[str, bool]:
    """Which of some capture files the documents table has taken in, and whether each could be read to its end."""
    whole: dict[str, bool] = {}
    for row in documents.of_captures(["capture_key", "rejected"], keys).to_pylist():
        whole[row["capture_key"]] = whole.get(row["capture_key"], True) and row["rejected"] != Rejection.UNREADABLE
    return whole


class _Holdings:
    """What the bucket has of a source's days: articles, copies, and the pages that are lost."""

    def __init__(
        self,
        bucket: Bucket,
        ids: Sequence[str],
        days: Sequence[date],
        records: Sequence[CrawlRecord],
        rows: Sequence[Mapping[str, Any]],
        taken_in: Mapping[str, bool],
    ) -> None:
        from pipeline.duplicates import ARTICLE  # noqa: PLC0415

        self.articles = Counter(row["published_day"] for row in rows if row["decision"] == ARTICLE)
        pages: defaultdict[date, set[str]] = defaultdict(set)
        for row in rows:
            pages[row["published_day"]].add(row["article_id"])
        self.copies = {day: len(of_day) - self.articles[day] for day, of_day in pages.items()}
        # What is of these days was captured on them or later, but for pages that state a day to come.
        files = set(list_page_files(bucket, *ids, since=min(days) - _DAY)) if days else set()
        named = {row["capture_key"] for row in rows}.union(*(filter(holds_pages, record.files) for record in records))
        files |= {key for key in named - files if bucket.holds(key)}
        held = {row["article_id"] for row in rows if row["capture_key"] in files}
        lost = [row for row in rows if row["article_id"] not in held]
        self._lost: defaultdict[date, set[str]] = defaultdict(set)
        self._lost_files: defaultdict[date, set[str]] = defaultdict(set)
        for row in lost:
            self._lost[row["published_day"]].add(row["article_id"])
            self._lost_files[row["published_day"]].add(row["capture_key"])
        self._unread = [
            (record, key)
            for record in records
            for key in record.files
            if holds_pages(key) and key not in files and key not in taken_in
        ]
        self._broken = {key for key, whole in taken_in.items() if not whole}

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

    def shortcomings(self, record: CrawlRecord, day: date) -> list[str]:
        """What keeps a crawl from covering a day wholly, what it wrote and cannot be read included."""
        broken = sorted(self._broken.intersection(record.files))
        said = [f"{key} breaks off, and what it held from there on is not known: crawl the day again" for key in broken]
        return record.shortcomings(day) + (said if record.days.get(day.isoformat()) or record.undated else [])


def _day(
    source: str, day: date, records: Sequence[CrawlRecord], holdings: _Holdings, of_open: Sequence[OpenPage]
) -> DayCoverage:
    of_day = [record for record in records if record.since <= day < record.until]
    whole = (record for record in of_day if not holdings.shortcomings(record, day))
    best = next(whole, of_day[0] if of_day else None)
    pages = [one.page for one in of_open if one.first_day <= day <= one.last_day]
    shortcomings = holdings.shortcomings(best, day) + tell(source, pages) if best else []
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
        failed=sum(count for word, count in counts.items() if word == "failed" or word.startswith(MOVED_TO)),
        articles=holdings.articles[day],
        copies=holdings.copies.get(day, 0),
        unread=sum(page.unread for page in pages),
        may_pass=sum(page.may_pass for page in pages),
        discovery=tuple(dict.fromkeys(one.type for one in best.discovery if one.answered)) if best else (),
        run=best.run if best else "",
        crawled_at=best.finished_at if best else None,
    )
