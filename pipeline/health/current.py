"""How all sources stand now: the verdicts, and the days and the coverage that they were made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.bucket import Bucket
from pipeline.coverage import DayCoverage
from pipeline.health.days import read_days
from pipeline.health.lacking import read_coverage
from pipeline.health.model import SourceDay, Verdict
from pipeline.health.verdicts import HISTORY_DAYS, verdicts
from pipeline.sources import Source


@dataclass(frozen=True, slots=True)
class Health:
    """How sources stand at a moment (`now`, aware).

    `verdicts` are the worst first, `days` those of the last `HISTORY_DAYS`, by source and day, `coverage` that of the month before
    the last build that had news of a source, for those that are crawled.
    """

    now: datetime
    sources: Mapping[str, Source]
    verdicts: Sequence[Verdict]
    days: Sequence[SourceDay]
    coverage: Sequence[DayCoverage]


def current(bucket: Bucket, sources: Mapping[str, Source], now: datetime) -> Health:
    """How these sources stand; `now` is an aware instant.

    Raises:
        BucketError: the store cannot be reached.
        WarraqError: a file of ``health/`` cannot be read.
    """
    days = read_days(bucket, sources, since=now.date() - timedelta(days=HISTORY_DAYS + 1))
    crawled = {day.source for day in days if day.crawls and sources[day.source].enabled}
    covered = read_coverage(bucket, crawled)
    return Health(now, sources, verdicts(days, sources, now, covered), days, covered)
