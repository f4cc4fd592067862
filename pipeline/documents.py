"""The documents table: one row per captured page, whatever became of it. A Delta Lake table below ``documents/``.

The corpus build alone writes it. Writing the rows of a capture file replaces those that the table has of that file, so
that any step may be repeated; a better extractor rebuilds every row from ``captures/``.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from pipeline.bucket import Bucket
from pipeline.captures import IndexLine, list_page_files, read_index
from pipeline.duplicates import DECISION, FACTS, WINDOW_DAYS
from pipeline.urls import normalize_url

PREFIX = "documents"

_INSTANT = pa.timestamp("us", tz="UTC")
_DATE = pa.struct([("method", pa.string()), ("role", pa.string()), ("text", pa.string())])
MENTION = pa.struct(
    [
        ("text", pa.string()),
        ("offset", pa.int32()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("precision", pa.string()),
    ]
)
"""A day or an interval that a body speaks of, see :class:`pipeline.dates.Mention`."""

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_name", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("fetched_url", pa.string(), nullable=False),
        pa.field("captured_at", _INSTANT, nullable=False),
        pa.field("capture_key", pa.string(), nullable=False),
        pa.field("capture_offset", pa.int64(), nullable=False),
        pa.field("http_status", pa.int32(), nullable=False),
        pa.field("location", pa.string()),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("found", pa.string(), nullable=False),
        pa.field("rejected", pa.string()),
        pa.field("title", pa.string()),
        pa.field("standfirst", pa.string()),
        pa.field("authors", pa.list_(pa.string())),
        pa.field("agencies", pa.list_(pa.string())),
        pa.field("body", pa.string()),
        pa.field("captions", pa.list_(pa.string())),
        pa.field("image", pa.string()),
        pa.field("section", pa.string()),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("language", pa.string()),
        pa.field("published_at", _INSTANT),
        pa.field("published_day", pa.date32()),
        pa.field("published_precision", pa.string()),
        pa.field("published_method", pa.string()),
        pa.field("published_evidence", pa.string()),
        pa.field("published_confidence", pa.string()),
        pa.field("published_zone", pa.string()),
        pa.field("modified_at", _INSTANT),
        pa.field("dates", pa.list_(_DATE)),
        pa.field("dates_mentioned", pa.list_(MENTION)),
        pa.field("published_order", _INSTANT),
        pa.field("body_hash", pa.string()),
        pa.field("text_hash", pa.string()),
        pa.field("signature", pa.binary()),
        pa.field("row_hash", pa.string(), nullable=False),
        pa.field("extractor", pa.string(), nullable=False),
        pa.field("day", pa.string(), nullable=False),
        *DECISION,
    ]
)
"""Columns of the table.

`id` is the capture's key and offset; `location` is where a redirect leads; `found` is JSON; `published_order` is the instant
by which documents are ordered (the published instant, or the local midnight of the published day); `body_hash` tells
revisions apart, `text_hash` and `signature` tell copies, `row_hash` tells whether anything of the row changed; `day`
(the published day, of a rejected page that of its capture) is the partition. A row with `rejected` has no article columns. The
last columns say what was decided on the document (`pipeline.duplicates.DECISION`), and are empty until it is.
"""


class Documents:
    """The documents table in a bucket, as it stood when this was made or last wrote; the store of `pipeline.duplicates.decide`."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._uri = bucket.uri(PREFIX)
        self._options = bucket.storage_options()
        self._table = self._open()

    def _open(self) -> DeltaTable | None:
        # Asked of the bucket first, whose errors are sentences.
        if not any(self._bucket.list(f"{PREFIX}/_delta_log/")):
            return None
        return DeltaTable(self._uri, storage_options=self._options)

    @property
    def commit(self) -> str:
        """The table's identity and its newest commit; empty where there is no table yet."""
        return f"{self._table.metadata().id!s}@{self._table.version()}" if self._table else ""

    def read(self, columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table:
        """The rows that satisfy `where`, with these columns, sorted by `id`."""
        if self._table is None:
            return SCHEMA.empty_table().select(list(columns))
        wanted = list(dict.fromkeys([*columns, "id"]))
        table = self._table.to_pyarrow_dataset().to_table(columns=wanted, filter=where)
        return table.sort_by("id").select(list(columns)).cast(pa.schema([SCHEMA.field(name) for name in columns]))

    def capture_files(self) -> set[str]:
        """Keys of the capture files whose pages have rows."""
        return set(pc.unique(self.read(["capture_key"])["capture_key"]).to_pylist())

    def replace(self, rows: pa.Table) -> None:
        """Write rows, in place of all that the table has of the same capture files; those that say the same stay, decided.

        What was decided from a row that goes or changes is decided anew.
        """
        self._table = self._open()  # another build may have been here since
        rows = rows.select(SCHEMA.names).cast(SCHEMA).sort_by("id")
        keys = pc.unique(rows["capture_key"])
        standing = self.read(
            ["id", "url", "row_hash", "day", "published_day", "article"], pc.field("capture_key").isin(keys)
        ).to_pylist()
        hashes = dict(zip(rows["id"].to_pylist(), rows["row_hash"].to_pylist(), strict=True))
        gone = [row for row in standing if hashes.get(row["id"]) != row["row_hash"]]
        same = {row["id"] for row in standing} - {row["id"] for row in gone}
        self.undecide(self._following([row for row in gone if row["article"] is not None]))
        fresh = rows.filter(pc.invert(pc.is_in(rows["id"], pa.array(sorted(same), pa.string()))))
        if gone:
            days = sorted({row["day"] for row in gone} | set(pc.unique(fresh["day"]).to_pylist()))
            kept = self.read(SCHEMA.names, pc.field("day").isin(days))
            kept = kept.filter(pc.invert(pc.is_in(kept["id"], pa.array([row["id"] for row in gone], pa.string()))))
            self._overwrite(days, pa.concat_tables([kept, fresh]).sort_by("id"))
        elif len(fresh):
            write_deltalake(self._uri, fresh, mode="append", partition_by=["day"], storage_options=self._options)
        self._table = self._open()

    def _following(self, gone: Sequence[Mapping[str, Any]]) -> dict[str, date]:
        """The decided documents that repeat one of these or share its URL, with their days."""
        following: dict[str, date] = {}
        urls = {row["url"] for row in gone}
        ids = {row["id"] for row in gone}
        for row in self.of_urls(sorted(urls)).select(("id", "published_day", "article")).to_pylist() if urls else ():
            if row["article"] is not None and row["id"] not in ids:
                following[row["id"]] = row["published_day"]
        for day in sorted({row["published_day"] for row in gone}):
            window = self.decided(day, day + timedelta(days=WINDOW_DAYS))
            repeating = window.filter(pc.is_in(window["matched"], pa.array(sorted(ids), pa.string())))
            for row in repeating.select(("id", "published_day")).to_pylist():
                if row["id"] not in ids:
                    following[row["id"]] = row["published_day"]
        return following

    def changed_since(self, commit: str) -> tuple[set[str], set[date]] | None:
        """The days whose rows changed after a commit, and the published days of the articles that those rows are about.

        None where the table's state at that commit is no longer known.
        """
        try:
            identity, _, version = commit.partition("@")
            if (
                self._table is None
                or identity != str(self._table.metadata().id)
                or int(version) > self._table.version()
            ):
                return None
            before = DeltaTable(self._uri, version=int(version), storage_options=self._options)
            then, now = (
                {part.path: part for part in table.to_pyarrow_dataset().get_fragments()}
                for table in (before, self._table)
            )
            days: set[str] = set()
            article_days: set[date] = set()
            for path in sorted(then.keys() ^ now.keys()):
                days.add(path.partition("day=")[2].partition("/")[0])
                rows = (now.get(path) or then[path]).to_table(columns=["article_day"])
                article_days.update(day for day in pc.unique(rows["article_day"]).to_pylist() if day is not None)
        except (DeltaError, OSError):  # its files are gone
            return None
        return days, article_days

    # The store of decisions ---------------------------------------------------------------------------------------------

    def pending(self) -> pa.Table:
        """The documents that are not decided, with the columns of `FACTS` and `DECISION`."""
        return self.read(_DECIDED_BY, pc.field("rejected").is_null() & pc.field("article").is_null())

    def of_urls(self, urls: Sequence[str]) -> pa.Table:
        """Every document of these URLs."""
        return self.read(
            _DECIDED_BY, pc.field("rejected").is_null() & pc.field("url").isin(pa.array(urls, pa.string()))
        )

    def decided(self, first: date, last: date) -> pa.Table:
        """The decided documents published on these days, both included."""
        within = (pc.field("day") >= str(first)) & (pc.field("day") <= str(last))
        return self.read(_DECIDED_BY, within & pc.field("article").is_valid())

    def bodies(self, day: date, ids: Sequence[str]) -> dict[str, str]:
        """The texts of documents of one day."""
        where = (pc.field("day") == str(day)) & pc.field("id").isin(pa.array(ids, pa.string()))
        rows = self.read(["id", "body"], where)
        return dict(zip(rows["id"].to_pylist(), rows["body"].to_pylist(), strict=True))

    def undecide(self, ids: Mapping[str, date]) -> None:
        """Take back the decisions on these documents, given with their days."""
        undecided: defaultdict[date, dict[str, dict[str, Any]]] = defaultdict(dict)
        for id_, day in ids.items():
            undecided[day][id_] = dict.fromkeys(DECISION.names)
        self.settle(undecided)

    def settle(self, decisions: Mapping[date, Mapping[str, Mapping[str, Any]]]) -> None:
        """Write what was decided, by day and document: the last days first, a few days a commit."""
        days: list[str] = []
        tables: list[pa.Table] = []
        for day in sorted(decisions, reverse=True):
            rows = self.read(SCHEMA.names, pc.field("day") == str(day))
            tables.append(_with_decisions(rows, decisions[day]))
            days.append(str(day))
            if sum(map(len, tables)) >= _ROWS_A_COMMIT:
                self._overwrite(days, pa.concat_tables(tables))
                days, tables = [], []
        if days:
            self._overwrite(days, pa.concat_tables(tables))

    def _overwrite(self, days: Sequence[str], rows: pa.Table) -> None:
        """Put rows in place of all that the table has of some days, in one commit."""
        quoted = ", ".join(f"'{day}'" for day in days)
        write_deltalake(
            self._uri,
            rows,
            mode="overwrite",
            predicate=f"day IN ({quoted})",
            partition_by=["day"],
            storage_options=self._options,
        )
        self._table = self._open()


_ROWS_A_COMMIT = 20_000
"""Some hundred megabytes of texts: what a build holds in memory while it writes decisions."""
_DECIDED_BY = [*FACTS.names, *DECISION.names]


def _with_decisions(rows: pa.Table, decisions: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """A day's rows with the decisions on some of them in their columns."""
    ids = rows["id"].to_pylist()
    for column in DECISION:
        values = rows[column.name].to_pylist()
        changed = [
            decisions[id_][column.name] if id_ in decisions else value for id_, value in zip(ids, values, strict=True)
        ]
        rows = rows.set_column(rows.column_names.index(column.name), column, pa.array(changed, column.type))
    return rows


def row_hash(row: Mapping[str, Any]) -> str:
    """128 bits of the SHA-256 of a row's values, in hex; the signature (it follows from the body) and the decision apart."""
    values = {name: row.get(name) for name in SCHEMA.names if name not in {"row_hash", "signature", *DECISION.names}}
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:32]


def known_pages(bucket: Bucket, source: str) -> dict[str, IndexLine]:
    """The newest capture of every page of a source that the bucket holds, by the page's normal URL.

    From the documents table, and from the indexes of the capture files that it has not taken in yet.
    """
    documents = Documents(bucket)
    rows = documents.read(
        ["fetched_url", "captured_at", "http_status", "location", "digest", "found", "capture_key"],
        pc.field("source") == source,
    )
    lines = [
        IndexLine(
            url=row["fetched_url"],
            captured_at=row["captured_at"],
            status=row["http_status"],
            digest=row["digest"],
            found=json.loads(row["found"]),
            location=row["location"],
        )
        for row in rows.to_pylist()
    ]
    taken = set(rows["capture_key"].to_pylist())
    for key in list_page_files(bucket, source):
        if key not in taken:
            lines.extend(read_index(bucket, key))
    newest: dict[str, IndexLine] = {}
    for line in sorted(lines, key=lambda line: (line.captured_at, line.url)):
        newest[normalize_url(line.url)] = line
    return newest
