"""How long the pages of the sources' health take: ``python -m benchmarks.pages [--sources N] [--years N]``.

Invented sources (100) with their rows of two years (those of `benchmarks.health`, faults included) and a noted month each lie in a
real S3 server on this machine. Measured is what Airflow's page does between question and answer: the rows read and decoded, the
verdicts, the page; and a source's page with its plots and its last crawls. Times are seconds of the clock and, in brackets, of the
processor, medians of five. `first` is the first look of a process, which reads every month of the half year and loads what draws
plots; `after a build` the first after the current month's file has changed; `again` any other.

Asked: a page of 100 sources and two years of days in less than a second, but for a process's first.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.health import make_years, put_days
from pipeline.bucket import Bucket
from pipeline.health import SourceDay, current, index_page, look_closer, note_coverage, source_page
from pipeline.sources import Source
from warraq.servers import ObjectStore

NOW = datetime(2024, 6, 20, 9, tzinfo=UTC)
CRAWL = (
    '{{"window": {{"since": "{day}", "until": "{day}"}}, "outcome": "finished", "message": "found 30", "found": 30}}'
)
TIMES = 5
_DAY = timedelta(days=1)


def main() -> None:
    """Fill a bucket, look at the pages, and print what it took."""
    parser = argparse.ArgumentParser(description="How long the pages of the sources' health take.")
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--years", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ObjectStore(Path(folder) / "s3") as store:
        os.environ |= {**store.settings, "no_proxy": "127.0.0.1", "WARRAQ_BUCKET": "pages"}
        bucket = Bucket()
        bucket.ensure()
        sources, months = _fill(bucket, asked.sources, 365 * asked.years)
        one = next(iter(sources))
        _look("all sources", lambda: index_page(current(bucket, sources, NOW)), bucket, months)
        _look("one source", lambda: _of_one(bucket, sources[one]), bucket, months)


def _of_one(bucket: Bucket, source: Source) -> str:
    health, details = current(bucket, {source.id: source}, NOW), look_closer(bucket, {source.id: source}, NOW)
    return source_page(health, details[source.id], source.id)


def _fill(bucket: Bucket, number: int, days: int) -> tuple[dict[str, Source], dict[str, list[SourceDay]]]:
    """The sources, and their rows by month, which are in the bucket."""
    years = [year for seed in range(1, 2 + number // 70) for year in make_years(seed)][:number]
    sources, months = {}, defaultdict(list)
    for place, year in enumerate(years):
        id_ = f"source_{place}"
        sources[id_] = year.source.model_copy(update={"id": id_, "home": f"http://{id_}.example/"})
        for ago in range(1, days + 1):
            day = NOW.date() - ago * _DAY
            row = year.days[-1 - ago % 364]
            months[f"{day:%Y-%m}"].append(replace(row, source=id_, day=day, last_crawl_at=_at(day)))
        for ago in range(1, 31):
            began = _at(NOW.date() - ago * _DAY)
            bucket.put(
                f"reports/{id_}-{began:%Y%m%dT%H%M%SZ}-aaaaaa/crawl.json", CRAWL.format(day=began.date()).encode()
            )
    put_days(bucket, chain.from_iterable(months.values()))
    note_coverage(bucket, sources, [], NOW)
    return sources, months


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


def _look(what: str, make: Callable[[], str], bucket: Bucket, months: dict[str, list[SourceDay]]) -> None:
    def took(prepare: Callable[[], object] = lambda: None) -> tuple[float, float]:
        prepare()
        clock, processor = time.perf_counter(), time.process_time()
        make()
        return time.perf_counter() - clock, time.process_time() - processor

    def build(number: int) -> None:
        put_days(bucket, [replace(row, requests=number) for row in months[f"{NOW:%Y-%m}"]])

    times = {
        "first": [took()],
        "after a build": [took(partial(build, number)) for number in range(TIMES)],
        "again": [took() for _ in range(TIMES)],
    }
    told = ", ".join(
        f"{name} {median(clock for clock, _ in of):.2f} s ({median(processor for _, processor in of):.2f} s)"
        for name, of in times.items()
    )
    rows = sum(map(len, months.values()))
    Console(width=200).print(f"{what}: {told}; {len(make()):,} bytes, {rows:,} rows stored")


if __name__ == "__main__":
    main()
