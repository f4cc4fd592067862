"""``state/card/``: what the articles of each day are, counted, so that a build reads the days alone that have changed.

A file for each month has its days, each known by the checksum of its partition; one file has the sums of all months. What is read
and written follows from what changed, and what is lost or cannot be read is counted anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, DamagedError
from pipeline.corpus import Partition, read_partition

PREFIX = "state/card/"
_SUMS = f"{PREFIX}months.parquet"
_MONTH = re.compile(rf"{PREFIX}month=(\d{{4}}-\d{{2}})\.parquet")

VERSION = "3"
"""Raised where days are counted in another way: everything is counted anew then."""

ALL, NAME, LANGUAGE, AUTHOR = "all", "name", "language", "author"
PRECISION, METHOD, ZONE, CONFIDENCE = "precision", "method", "zone", "confidence"
COPY, COPIED = "copy", "copied"
RELEVANCE = "relevance"

_DAYS = pa.schema(
    [
        ("day", pa.date32()),
        ("source", pa.string()),
        ("fact", pa.string()),
        ("value", pa.string()),
        ("articles", pa.int64()),
    ]
)
"""How many articles of a source and a published day are so: `fact` is one of the words above, `value` what it is there.

`ALL`, `AUTHOR` and `COPIED` have no value. `COPY` counts the copies by another outlet, its id the value; `COPIED` the articles of
which there are any. Of `RELEVANCE` it is the tenth in which the probability lies, from 0 to 9; empty where none is known.
"""

SUMS = pa.schema(
    [
        ("month", pa.date32()),
        ("source", pa.string()),
        ("fact", pa.string()),
        ("value", pa.string()),
        ("articles", pa.int64()),
        ("days", pa.int64()),
    ]
)
"""The same by month, given by its first day; of `days` the bit n - 1 is set where the nth has such articles."""

_COLUMNS = [
    *("source", "source_name", "language", "authors", "body_confidence"),
    *("published_precision", "published_method", "published_zone"),
    *("copies.list.element.source", "relevance.probability"),
]
_OF_COLUMNS = {
    NAME: "source_name",
    LANGUAGE: "language",
    PRECISION: "published_precision",
    METHOD: "published_method",
    ZONE: "published_zone",
    CONFIDENCE: "body_confidence",
}


def update(bucket: Bucket, partitions: Iterable[Partition]) -> pa.Table:
    """Bring the counts in line with these partitions, of which those are read that changed, and return the sums (`SUMS`).

    Raises:
        ManifestError: a partition is not what the manifest has of it.
        BucketError: the store cannot be reached.
    """
    wanted: defaultdict[str, dict[str, Partition]] = defaultdict(dict)
    for part in partitions:
        wanted[part.published[:7]][part.published] = part
    digests = {month: _digest(days) for month, days in wanted.items()}
    standing, known = _read(bucket, _SUMS, SUMS)
    if known == digests:
        return standing
    stale = sorted(month for month in digests if known.get(month) != digests[month])
    kept = pa.array([date.fromisoformat(f"{month}-01") for month in digests if month not in stale], pa.date32())
    sums = [standing.filter(pc.is_in(standing["month"], kept))]
    sums += [_sum(month, _of_month(bucket, month, wanted[month])) for month in stale]
    summed = pa.concat_tables(sums).sort_by([(name, "ascending") for name in ("month", "source", "fact", "value")])
    listed = (stored.key for stored in bucket.list(f"{PREFIX}month="))
    bucket.delete(*(key for key in listed if (named := _MONTH.fullmatch(key)) and named[1] not in digests))
    _write(bucket, _SUMS, summed, digests)
    return summed


def _digest(days: Mapping[str, Partition]) -> str:
    told = json.dumps(sorted((day, part.sha256) for day, part in days.items()))
    return hashlib.sha256(told.encode()).hexdigest()


def _of_month(bucket: Bucket, month: str, days: Mapping[str, Partition]) -> pa.Table:
    """The counts of a month's days, written where they changed."""
    key = f"{PREFIX}month={month}.parquet"
    standing, known = _read(bucket, key, _DAYS)
    shas = {day: part.sha256 for day, part in days.items()}
    if known == shas:
        return standing
    new = sorted(day for day, sha256 in shas.items() if known.get(day) != sha256)
    kept = pa.array([date.fromisoformat(day) for day in shas if day not in new], pa.date32())
    tables = [standing.filter(pc.is_in(standing["day"], kept))]
    tables += [count(read_partition(bucket, days[day]), date.fromisoformat(day)) for day in new]
    made = pa.concat_tables(tables).sort_by([(name, "ascending") for name in ("day", "source", "fact", "value")])
    _write(bucket, key, made, shas)
    return made


def count(partition: bytes, day: date) -> pa.Table:
    """The counts of one day, from its file (`pipeline.corpus.SCHEMA`); no text of it is read."""
    articles = pq.ParquetFile(io.BytesIO(partition)).read(columns=_COLUMNS).combine_chunks()
    sources = articles["source"]
    with_author = articles.filter(pc.greater(pc.list_value_length(articles["authors"]), 0))["source"]
    takers = pc.struct_field(pc.list_flatten(articles["copies"]), "source")
    places = pc.list_parent_indices(articles["copies"])
    of_others = pc.not_equal(takers, sources.take(places))
    takers, places = takers.filter(of_others), places.filter(of_others)
    counted = [
        _count(ALL, sources),
        _count(AUTHOR, with_author),
        *(_count(fact, sources, articles[column]) for fact, column in _OF_COLUMNS.items()),
        _count(COPY, sources.take(places), takers),
        _count(COPIED, sources.take(pc.unique(places))),
        _count(RELEVANCE, sources, _tenths(pc.struct_field(articles["relevance"], "probability"))),
    ]
    made = pa.concat_tables(counted)
    return made.add_column(0, _DAYS.field("day"), pa.array([day] * len(made), pa.date32()))


def _tenths(probabilities: pa.ChunkedArray) -> pa.ChunkedArray:
    tenths = pc.min_element_wise(pc.floor(pc.multiply(probabilities, 10)), 9, skip_nulls=False)
    return pc.cast(pc.cast(tenths, pa.int64()), pa.string())


def _count(fact: str, sources: pa.ChunkedArray, values: pa.ChunkedArray | None = None) -> pa.Table:
    empty = pa.repeat(pa.scalar("", pa.string()), len(sources))
    values = empty if values is None else pc.fill_null(values, "")
    rows = pa.table({"source": sources, "value": values}).group_by(["source", "value"]).aggregate([([], "count_all")])
    facts = pa.repeat(pa.scalar(fact, pa.string()), len(rows))
    columns = [rows["source"], facts, rows["value"], rows["count_all"]]
    return pa.table(columns, schema=pa.schema(list(_DAYS)[1:]))


def _sum(month: str, days: pa.Table) -> pa.Table:
    """A month's sums; each source, fact and value has one row a day, so that the sum of the days' bits is their union."""
    bits = pc.shift_left(pa.scalar(1, pa.int64()), pc.cast(pc.subtract(pc.day(days["day"]), 1), pa.int64()))
    by_fact = days.append_column("bit", bits).group_by(["source", "fact", "value"])
    summed = by_fact.aggregate([("articles", "sum"), ("bit", "sum")])
    first = pa.array([date.fromisoformat(f"{month}-01")] * len(summed), pa.date32())
    columns = [summed[name] for name in ("source", "fact", "value", "articles_sum", "bit_sum")]
    return pa.table([first, *columns], schema=SUMS)


def _read(bucket: Bucket, key: str, schema: pa.Schema) -> tuple[pa.Table, dict[str, str]]:
    """A file of the state, and of what its rows were made; none of both where it is missing, of another version or damaged."""
    try:
        table = pq.read_table(io.BytesIO(bucket.get(key)))
        told = json.loads(table.schema.metadata[b"made_of"])
        if told["version"] == VERSION:
            return table.replace_schema_metadata().cast(schema), dict(told["parts"])
    except (KeyError, TypeError, ValueError, DamagedError, pa.ArrowException):
        pass
    return schema.empty_table(), {}


def _write(bucket: Bucket, key: str, table: pa.Table, parts: Mapping[str, str]) -> None:
    made_of = json.dumps({"version": VERSION, "parts": parts}, sort_keys=True)
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"made_of": made_of}), buffer, compression="zstd")
    bucket.put(key, buffer.getvalue(), content_type="application/vnd.apache.parquet")
