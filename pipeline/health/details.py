"""What stands behind a source's last month: its newest rejected pages, those that did not come, and its last crawls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.bucket import Bucket
from pipeline.crawl_reports import Crawl, list_runs, read_crawls
from pipeline.documents import Documents
from pipeline.sources import Source, owners

RECENT_DAYS = 30
"""Days back to which details are told."""

_SAMPLES = 3
_CRAWLS = 10


@dataclass(frozen=True, slots=True)
class Details:
    """The newest URLs of a source that were rejected or did not come, by reason, and its last crawls, the newest first."""

    rejected: Mapping[str, Sequence[str]] = field(default_factory=dict)
    failed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    crawls: Sequence[Crawl] = ()


def look_closer(bucket: Bucket, sources: Mapping[str, Source], now: datetime) -> dict[str, Details]:
    """The details of each of these sources; `now` is an aware instant.

    Raises:
        BucketError: the store cannot be reached.
    """
    rejected = _rejected(bucket, sources, now)
    found = {}
    for id_, source in sources.items():
        runs = list_runs(bucket, source.ids, now - timedelta(days=RECENT_DAYS))
        crawls = sorted(read_crawls(bucket, runs[-_CRAWLS:]).values(), key=lambda one: one.began_at, reverse=True)
        failures = (failure for crawl in crawls if crawl.report for failure in crawl.report.failed)
        found[id_] = Details(rejected[id_], _samples((one.reason, one.url) for one in failures), crawls)
    return found


def _rejected(bucket: Bucket, sources: Mapping[str, Source], now: datetime) -> Mapping[str, dict[str, list[str]]]:
    """The newest rejected URLs by source and reason: a few columns of the days of capture alone are read."""
    documents, since = Documents(bucket), now - timedelta(days=RECENT_DAYS)
    owner = owners(sources.values())
    # The zone of the first of these days may be ahead of UTC, or behind it.
    first = (since - timedelta(days=1)).date().isoformat()
    rows = documents.read(
        ["source", "fetched_url", "captured_at", "rejected"],
        pc.field("source").isin(pa.array(sorted(owner), pa.string()))
        & pc.field("rejected").is_valid()
        & (pc.field("captured_at") >= pa.scalar(since, pa.timestamp("us", tz="UTC"))),
        days={day for day in documents.files.values() if day >= first},
    )
    newest = rows.sort_by([("captured_at", "descending"), ("fetched_url", "ascending")]).to_pylist()
    of_source = defaultdict(list)
    for row in newest:
        of_source[owner[row["source"]].id].append((row["rejected"], row["fetched_url"]))
    return defaultdict(dict, {id_: _samples(pages) for id_, pages in of_source.items()})


def _samples(pages: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The first few different URLs of each reason, of pages given by reason and URL."""
    urls: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for reason, url in pages:
        if len(urls[reason]) < _SAMPLES:
            urls[reason][url] = None
    return {reason: list(of_reason) for reason, of_reason in sorted(urls.items())}
