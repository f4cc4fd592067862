"""How quickly articles are found by their words, beside reading all of them: ``python -m benchmarks.search [ARTICLES]``.

Invented articles of ten years, as a deposit would have written them, in a folder that stands for the bucket's files; the index is
made of them by the build's own function, and a day is changed to see what that costs. Then queries of one word, of several, of
phrases, and of a word in a month are asked, each three times, the median shown: of a search in this process, with all that it
fetches on this machine's disk, and of a whole ``warraq corpus search`` beside it once.

The peers are what a reader would do without: Polars and DuckDB look through all files of ``articles/``, or of the month, on
this machine's disk, by a regular expression that has the clitics and spellings. It knows no vowel marks, and looks for no more than
the first part of a query of several, so that the counts differ.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks._planted import Corpus
from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.search import search, update
from warraq.servers import ObjectStore

DAYS = 3650
FIRST = date(2014, 1, 1)
SOURCES = 70
MONTH = (date(2016, 5, 1), date(2016, 6, 1))


class Asked(NamedTuple):
    """A query, and the regular expression by which the peers look for it."""

    query: str
    regex: str
    since: date | None = None
    until: date | None = None


def _loose(*words: str) -> str:
    """The words in a row, after any clitics, in the spellings that sites use."""
    letters = {"ا": "[اأإآٱ]", "ي": "[يىی]", "ه": "[هة]", "ة": "[هة]", "ك": "[كک]", "أ": "[اأإآٱ]", "إ": "[اأإآٱ]"}
    spelled = ("".join(letters.get(letter, letter) for letter in word) for word in words)
    row = r"\s+".join(rf"[وف]?(?:[بكل]?(?:ال)?|لل){word}" for word in spelled)
    return rf"(?:^|\P{{L}}){row}(?:\P{{L}}|$)"


ASKED = (
    Asked("في", _loose("في")),
    Asked("حلب", _loose("حلب")),
    Asked("حلب إدلب", _loose("حلب")),
    Asked('"وقف إطلاق النار"', _loose("وقف", "إطلاق", "النار")),
    Asked('"خان يونس"', _loose("خان", "يونس")),
    Asked("حلب", _loose("حلب"), *MONTH),
    Asked('"الدفاع المدني" جرابلس 37', _loose("الدفاع", "المدني")),
)


def put_articles(bucket: Bucket, articles: int) -> None:
    """Write a corpus of so many invented articles: its days' files, and their manifest last."""
    planted = Corpus(max(articles // DAYS, 1), 1)
    made = []
    for number in range(-(-articles // planted.per_day)):
        partition = _day(
            planted, number, range(number * planted.per_day, min((number + 1) * planted.per_day, articles))
        )
        bucket.put(partition[0].path, partition[1])
        made.append(partition[0])
    _put_manifest(bucket, made)


def _day(planted: Corpus, number: int, articles: Sequence[int], word: str = "") -> tuple[corpus.Partition, bytes]:
    day = FIRST + number * timedelta(days=1)
    rows = []
    for article in articles:
        body = planted.body(article) + word
        told = {
            "article_id": hashlib.sha256(str(article).encode()).hexdigest()[:32],
            "url": f"https://outlet{article % SOURCES}.example/{article}",
            "source": f"outlet{article % SOURCES}",
            "source_name": f"صحيفة {article % SOURCES}",
            "title": " ".join(body.split()[:9]),
            "body": body,
            "published_day": day,
        }
        rows.append(told)
    schema = pa.schema([corpus.SCHEMA.field(name) for name in rows[0]])
    table = pa.Table.from_pylist(sorted(rows, key=lambda row: str(row["source"])), schema=schema)
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd", row_group_size=256)
    data = file.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    path = f"articles/published={day}/articles.parquet"
    return corpus.Partition(path, str(day), len(rows), len(data), "", sha256, ""), data


def _put_manifest(bucket: Bucket, partitions: list[corpus.Partition]) -> None:
    bucket.put(corpus.MANIFEST, corpus.Manifest(corpus.SCHEMA_VERSION, [], partitions).to_json())


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    """Milliseconds, the median of three, and what came of it."""
    took = []
    for _ in range(3):
        started = time.perf_counter()
        found = work()
        took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took), found


def _peers(files: list[str], regex: str) -> Iterator[tuple[float, int]]:
    def by_polars() -> int:
        text = pl.concat_str("title", pl.lit("\n"), "body")
        hits = pl.scan_parquet(files, hive_partitioning=False).filter(text.str.contains(regex))
        return int(hits.select(pl.len()).collect().item())

    def by_duckdb() -> int:
        query = "select count(*) from read_parquet($1) where regexp_matches(title || chr(10) || body, $2)"
        [(found,)] = duckdb.execute(query, [files, regex]).fetchall()
        return int(found)

    yield _timed(by_polars)
    yield _timed(by_duckdb)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int, nargs="?", default=100_000)
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="Measure the peers too.")
    asked = parser.parse_args()
    if asked.articles < 1000:
        parser.error("1,000 articles at least: with fewer there is none in the month that is asked for")
    console = Console()
    with tempfile.TemporaryDirectory() as folder, ObjectStore(Path(folder) / "s3") as store:
        os.environ |= {**store.settings, "WARRAQ_BUCKET": "search", "XDG_CACHE_HOME": f"{folder}/cache"}
        bucket = Bucket()
        bucket.ensure()
        put_articles(bucket, asked.articles)
        articles = sum(stored.size for stored in bucket.list("articles/"))
        console.print(f"{asked.articles:,} articles, {articles / 1e6:,.0f} MB in articles/")
        _make(console, bucket, asked.articles)
        _change(console, bucket, asked.articles)
        _ask(console, bucket, Path(folder), peers=asked.peers)


def _make(console: Console, bucket: Bucket, articles: int) -> None:
    started, used = time.perf_counter(), _processor()
    done = update(bucket, {})
    clock, processor = time.perf_counter() - started, _processor() - used
    parts = list(bucket.list("search/"))
    size = sum(stored.size for stored in parts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    console.print(
        f"index: {done.articles:,} articles in {clock:,.0f} s ({processor:,.0f} s of the processor, "
        f"{1000 * processor / articles:.2f} ms an article), {size / 1e6:,.0f} MB in {len(parts)} files, {memory:,.0f} MB of memory"
    )


def _change(console: Console, bucket: Bucket, articles: int) -> None:
    """What a build costs that changed a day, and one that changed nothing."""
    planted = Corpus(max(articles // DAYS, 1), 1)
    partitions = corpus.read_manifest(bucket).partitions
    number = len(partitions) // 2
    changed, data = _day(planted, number, range(number * planted.per_day, (number + 1) * planted.per_day), " زيادة")
    bucket.put(changed.path, data)
    _put_manifest(bucket, [*partitions[:number], changed, *partitions[number + 1 :]])
    for what in ("a day has changed", "nothing has"):
        started, used = time.perf_counter(), _processor()
        done = update(bucket, {})
        clock, processor = time.perf_counter() - started, _processor() - used
        console.print(f"{what}: {done.articles} articles in {clock:.2f} s ({processor:.2f} s of the processor)")


def _ask(console: Console, bucket: Bucket, folder: Path, *, peers: bool) -> None:
    started = time.perf_counter()
    search(bucket, "حلب")
    console.print(f"the first query, which fetches the index: {time.perf_counter() - started:.1f} s")
    files = {}
    if peers:
        for partition in corpus.read_manifest(bucket).partitions:
            files[date.fromisoformat(partition.published)] = path = folder / f"{partition.published}.parquet"
            path.write_bytes(bucket.get(partition.path))
    table = Table("query", "articles", "ms", "Polars finds", "ms", "DuckDB finds", "ms")
    for one in ASKED:
        took, found = _timed(lambda one=one: search(bucket, one.query, since=one.since, until=one.until).total)  # type: ignore[misc]
        row = [f"{one.query} {one.since or ''}", f"{found:,}", f"{took:,.0f}"]
        if peers:
            within = [
                str(path)
                for day, path in sorted(files.items())
                if (one.since is None or one.since <= day) and (one.until is None or day < one.until)
            ]
            for ms, hits in _peers(within, one.regex):
                row += [f"{hits:,}", f"{ms:,.0f}"]
        table.add_row(*row)
    console.print(table)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "warraq", "-q", "corpus", "search", "حلب"], check=True, stdout=subprocess.DEVNULL
    )
    console.print(f"the command, whole: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
