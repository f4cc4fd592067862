"""What every crawl wrote down of its days: which discoveries it used, and what became of what they found."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.bucket import Bucket

PREFIX = "coverage/"
_KEY = re.compile(
    rf"{PREFIX}source=(?P<source>[^/]+)/(?P<until>\d{{4}}-\d{{2}}-\d{{2}})_(?P<since>\d{{4}}-\d{{2}}-\d{{2}})_(?P<run>[^/]+)\.json"
)

MOVED_TO = "moved_to_"
"""Begins the reason, with the host after it, for which a page did not come that redirects off the source's hosts."""

_DAY = timedelta(days=1)
_READERS = 16
"""Records that are fetched at once."""


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
    ``moved_to_<host>``, ``gone`` (the site has them no longer), and why others were not asked for; `undated` counts those that
    no day was known of. `files` are the keys that it wrote; `finished_at` is aware.
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
        """Where it lies: the key names its days, so that they can be looked for without reading it.

        The end of its window comes first: of the crawls of days long past, those that ended before some day are not even listed.
        """
        return f"{PREFIX}source={self.source}/{self.until}_{self.since}_{self.run}.json"

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
        told = {"failed": "could not be fetched", "over_limit": "were over the limit"}
        moved = sorted(word for word in {*counted, *self.undated} if word.startswith(MOVED_TO))
        told |= {word: f"moved to {word.removeprefix(MOVED_TO)}, a host that its file does not name" for word in moved}
        for word, what in told.items():
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


def covered_sources(bucket: Bucket) -> list[str]:
    """Ids of the sources that crawls left records of, sorted."""
    named = (_KEY.fullmatch(stored.key) for stored in bucket.list(PREFIX))
    return sorted({record["source"] for record in named if record})


def count_records(bucket: Bucket, ids: Collection[str]) -> int:
    """How many crawls left a record under a source's `ids`. Raises as `crawled_windows` does."""
    return sum(1 for _ in _listed(bucket, ids))


def crawled_windows(bucket: Bucket, ids: Collection[str], since: date | None = None) -> dict[str, tuple[date, date]]:
    """The window of each crawl that left a record under a source's `ids`, by its run: the first day, and the first to leave out.

    With `since`, only of those whose windows have a day from that one on.

    Raises:
        BucketError: the store cannot be reached.
    """
    return {run: window for run, _, window in _listed(bucket, ids, since)}


def read_records(bucket: Bucket, ids: Collection[str], since: date, until: date) -> Iterator[CrawlRecord]:
    """The records of the crawls, under a source's `ids`, that have a day in common with the window, the newest first.

    Raises:
        BucketError: the store cannot be reached.
    """
    keys = [key for _, key, (first, _) in _listed(bucket, ids, since) if first < until]
    with ThreadPoolExecutor(_READERS) as readers:
        records = [_record(json.loads(data)) for data in readers.map(bucket.get, keys)]
    yield from sorted(records, key=lambda record: (record.finished_at, record.run), reverse=True)


def _listed(
    bucket: Bucket, ids: Collection[str], since: date | None = None
) -> Iterator[tuple[str, str, tuple[date, date]]]:
    """The run, the key and the window of each record whose window ends after `since`, by their names alone."""
    for prefix in (f"{PREFIX}source={id_}/" for id_ in ids):
        for stored in bucket.list(prefix, after=f"{prefix}{since}" if since else ""):
            if record := _KEY.fullmatch(stored.key):
                window = date.fromisoformat(record["since"]), date.fromisoformat(record["until"])
                if since is None or since < window[1]:
                    yield record["run"], stored.key, window


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
