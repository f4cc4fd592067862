"""What the crawls of a source reported: ``reports/<run>/crawl.json``, found by the time in the run's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from os.path import commonprefix
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt, ValidationError

from pipeline.bucket import Bucket

FRESH_DAYS = 7
"""A crawl whose window ended more than this before its own day is a backfill, and says nothing of how the site is today.

`crawlers.freshness` takes a page first captured so long after its publication for settled.
"""

_PREFIX = "reports/"
_READERS = 16
"""Reports that are fetched at once."""

_TIME = "%Y%m%dT%H%M%SZ"
_RUN = re.compile(r"(?P<source>[a-z0-9_]+)-(?P<time>\d{8}T\d{6}Z)-[0-9a-f]+")
_IMPORT = re.compile(r"import-")
_DAY = timedelta(days=1)


class _Part(BaseModel):
    """What a report holds more, of a newer version or for other readers, is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Window(_Part):
    since: date
    until: date


class _Failure(_Part):
    url: str
    reason: str


class _Discovery(_Part):
    type: str
    url: str
    answered: bool
    found: NonNegativeInt | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class CrawlReport(_Part):
    """A crawl's report, as far as people and verdicts ask for it; the traffic is None in reports that older versions wrote."""

    window: _Window
    outcome: str
    message: str
    dry_run: bool = False
    found: NonNegativeInt = 0
    captured: NonNegativeInt = 0
    known: NonNegativeInt = 0
    unchanged: NonNegativeInt = 0
    would_fetch: NonNegativeInt = 0
    remaining: NonNegativeInt = 0
    failed: tuple[_Failure, ...] = ()
    skipped: Mapping[str, NonNegativeInt] = {}
    discovery: tuple[_Discovery, ...] = ()
    files: tuple[str, ...] = ()
    requests: NonNegativeInt | None = None
    bytes: NonNegativeInt | None = None
    throttled: NonNegativeInt | None = None
    retry_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl by its name: the run, when it began (UTC), and its report; None where that cannot be read."""

    run: str
    began_at: datetime
    report: CrawlReport | None

    def day(self, zone: ZoneInfo) -> date:
        """The day on which it began."""
        return self.began_at.astimezone(zone).date()

    def is_backfill(self, zone: ZoneInfo) -> bool:
        """Whether it was after days long past."""
        return self.report is not None and self.report.window.until < self.day(zone) - FRESH_DAYS * _DAY

    @property
    def is_dry(self) -> bool:
        """Whether it only listed what it would fetch."""
        return self.report is not None and (self.report.dry_run or self.report.would_fetch > 0)


def is_import(run: str) -> bool:
    """Whether a run took in an archive that someone else had made."""
    return _IMPORT.match(run) is not None


def began_at(run: str) -> datetime | None:
    """When a crawl began (UTC), by its name; None for what is no crawl's name."""
    named = _RUN.fullmatch(run)
    try:
        return datetime.strptime(named["time"], _TIME).replace(tzinfo=UTC) if named else None
    except ValueError:
        return None


def list_runs(bucket: Bucket, ids: Iterable[str], since: datetime, until: datetime | None = None) -> list[str]:
    """The runs under these ids of a source that began from `since` up to, not including, `until` and left a report, in their order.

    Raises:
        BucketError: the store cannot be reached.
    """
    runs = []
    for id_ in ids:
        of_source = f"{_PREFIX}{id_}-"
        # What the times have in common begins every name between them: what came later is not listed.
        common = commonprefix([f"{since:{_TIME}}", f"{until:{_TIME}}"]) if until else ""  # noqa: RUF071  # letters
        for stored in bucket.list(of_source + common, after=f"{of_source}{since:{_TIME}}"):
            run, _, name = stored.key.removeprefix(_PREFIX).partition("/")
            began = began_at(run)
            if began is None or name != "crawl.json":
                continue
            if until is not None and began >= until:
                break
            runs.append((began, run))
    return [run for _, run in sorted(runs)]


def read_crawls(bucket: Bucket, runs: Iterable[str]) -> dict[str, Crawl]:
    """The crawls of these names, with their reports; one that has no report, or an unreadable one, comes without.

    Raises:
        BucketError: the store cannot be reached.
    """

    def read(run: str) -> CrawlReport | None:
        try:
            return CrawlReport.model_validate_json(bucket.get(f"{_PREFIX}{run}/crawl.json"))
        except (KeyError, ValidationError):
            return None

    timed = {run: began for run in sorted(set(runs)) if (began := began_at(run))}
    with ThreadPoolExecutor(_READERS) as readers:
        return {
            run: Crawl(run, timed[run], report) for run, report in zip(timed, readers.map(read, timed), strict=True)
        }
