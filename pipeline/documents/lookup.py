"""Where the documents table has the rows of a capture file, a page or a series: a lookup of the table, kept below ``state/``.

The table is laid out by day. To find a page by its address or by its capture file, every file of it would have to be read;
the lookup holds what is needed for that, a few bytes a page. It is brought up to date day by day, and can be
thrown away at any time.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket

KEY = "state/lookup.parquet"

_SCHEMA = pa.schema([("page", pa.uint32()), ("series", pa.uint32()), ("capture", pa.int32()), ("day", pa.date32())])
_FILES, _CAPTURES, _SOURCES = b"files", b"captures", b"sources"


@dataclass(frozen=True)
class Lookup:
    """A row for each page: hashes of its article id and its series, the place of its file among `captures`, its day in the table.

    `sources` has for each of the `captures` the source that its rows name.
    A hash has 32 bits: among a million pages it may say of one page in four thousand that another's day is worth a look.
    """

    rows: pa.Table
    captures: list[str]
    sources: list[str]

    @classmethod
    def of(cls, bucket: Bucket, files: Mapping[str, str], read: Callable[[Collection[str]], pa.Table]) -> Lookup:
        """The lookup of a table with these data files, each with its day.

        `read` gives the columns capture_key, article_id, series, source and day of some days; only those are read that have changed
        since the stored lookup was made.
        """
        known, lookup = _stored(bucket)
        days = {day for _, day in files.items() ^ known.items()}
        if days:
            lookup = lookup._with(read(days), days)
            _store(bucket, files, lookup)
        return lookup

    def _with(self, table: pa.Table, days: Collection[str]) -> Lookup:
        """The lookup with the rows of some days replaced."""
        kept = self.rows.filter(pc.invert(pc.is_in(self.rows["day"], _days(days))))
        place = {key: number for number, key in enumerate(self.captures)}
        sources = dict(zip(self.captures, self.sources, strict=True))
        for named in table.group_by(["capture_key", "source"]).aggregate([]).to_pylist():
            place.setdefault(named["capture_key"], len(place))
            sources[named["capture_key"]] = named["source"]
        pages = pa.array(map(_hash, table["article_id"].to_pylist()), pa.uint32())
        series = pa.array((one and _hash(one) for one in table["series"].to_pylist()), pa.uint32())
        captures = pa.array((place[key] for key in table["capture_key"].to_pylist()), pa.int32())
        made = pa.table([pages, series, captures, table["day"].cast(pa.date32())], schema=_SCHEMA)
        return Lookup(pa.concat_tables([kept, made]).combine_chunks(), list(place), [sources[key] for key in place])

    def sources_of_captures(self) -> dict[str, str]:
        """The capture files whose pages have rows, each with the source that these name."""
        return {self.captures[place]: self.sources[place] for place in pc.unique(self.rows["capture"]).to_pylist()}

    def days_of_captures(self, keys: Collection[str]) -> set[str]:
        """The days in which the rows of some capture files are."""
        places = [place for place, key in enumerate(self.captures) if key in keys]
        return self._days(pc.is_in(self.rows["capture"], pa.array(places, pa.int32())))

    def days_of_pages(self, article_ids: Collection[str]) -> set[str]:
        """The days in which the rows of the pages with some article ids are, if there are any."""
        return self._days(pc.is_in(self.rows["page"], pa.array(map(_hash, article_ids), pa.uint32())))

    def days_of_series(self, series: Collection[str]) -> set[str]:
        """The days in which the pages of some series are, if there are any."""
        return self._days(pc.is_in(self.rows["series"], pa.array(map(_hash, series), pa.uint32())))

    def _days(self, wanted: pa.ChunkedArray) -> set[str]:
        return set(map(str, pc.unique(self.rows["day"].filter(wanted)).to_pylist()))


def _days(days: Collection[str]) -> pa.Array:
    return pa.array(map(date.fromisoformat, sorted(days)), pa.date32())


def _hash(article_id: str) -> int:
    return int.from_bytes(hashlib.sha256(article_id.encode()).digest()[:4])


def _stored(bucket: Bucket) -> tuple[dict[str, str], Lookup]:
    """The files that the stored lookup was made of, and itself; nothing of one that cannot be read."""
    try:
        table = pq.read_table(io.BytesIO(bucket.get(KEY)))
        files, captures, sources = (json.loads(table.schema.metadata[name]) for name in (_FILES, _CAPTURES, _SOURCES))
        return dict(files), Lookup(table.cast(_SCHEMA), list(captures), list(sources))
    except (KeyError, TypeError, ValueError, pa.ArrowException):
        return {}, Lookup(_SCHEMA.empty_table(), [], [])


def _store(bucket: Bucket, files: Mapping[str, str], lookup: Lookup) -> None:
    told = {
        _FILES: json.dumps(dict(files), sort_keys=True),
        _CAPTURES: json.dumps(lookup.captures),
        _SOURCES: json.dumps(lookup.sources),
    }
    buffer = io.BytesIO()
    pq.write_table(
        lookup.rows.replace_schema_metadata(told), buffer, compression="zstd", use_dictionary=["capture", "day"]
    )
    bucket.put(KEY, buffer.getvalue(), content_type="application/vnd.apache.parquet")
