"""The documents table: one row per captured page, whatever became of it. A Delta Lake table below ``documents/``.

The corpus build alone writes it. Writing the rows of a capture file replaces those that the table has of that file, so
that any step may be repeated; a better extractor rebuilds every row from ``captures/``.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache, reduce
from operator import or_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from pipeline.bucket import TRIES, Bucket, BucketError, ConflictError, DamagedError, pause
from pipeline.documents.index import FILE, Index, file_id
from pipeline.documents.lookup import MADE_OF, OF_CAPTURES, in_common, is_one_of, of_captures
from pipeline.documents.schema import JOINED, SCHEMA
from pipeline.documents.sealed import SealedFile, read_end, seal, sealed_dataset
from pipeline.duplicates import DECISION, FACTS, REJECTED, WINDOW_DAYS
from pipeline.progress import OnProgress, tell_nobody

PREFIX = "documents"

_DATA_FILE = re.compile(rf"{PREFIX}/day=[^/]+/part-[^/]+\.parquet")
_TO_COMMIT = timedelta(hours=1)
"""Far more than a writer takes to commit what it wrote."""
_OF_PAGES = [name for name in FACTS.names if name != "signature"] + DECISION.names
_IS_PENDING = pc.field("decision").is_null()
_IS_DOCUMENT = _IS_PENDING | pc.field("article").is_valid()
_KEPT = timedelta(days=1)
"""How long a data file stays that is no longer of the table: far longer than anyone reads who has opened the table before."""
_VACUUMED = "state/vacuumed.json"
_MOST_FILES = 8
"""Data files of a day, beyond which they are joined."""
_DAYS_JOINED = 30
"""Days whose files one run joins: the next ones take the others."""
_PROPERTIES = {
    # Without this the log would tell how the texts begin: it has the least and greatest values of each column.
    "delta.dataSkippingStatsColumns": "decision",
    "delta.checkpointInterval": "10",
    "delta.logRetentionDuration": "interval 7 days",
    # Longer than `_KEPT`: for so long the log tells when a file left the table.
    "delta.deletedFileRetentionDuration": "interval 2 days",
}
"""How the table's log is kept short: https://docs.delta.io/latest/table-properties.html"""
_MADE = ["rejected", "body_hash", "text_hash", "signature", *JOINED.names]
"""The columns that follow from the other pages of an article."""
_ROWS_A_COMMIT = 20_000
"""Some hundred megabytes of texts: what a build holds in memory while it writes decisions."""
_SUM = "warraqFiles"
"""In what a commit says of itself: a hash of the data files that the table has by it, as the log is to tell them."""
_FOLLOWS = ("article", "matched")
"""The columns that name the document from which a decision follows."""
_AT_ONCE = 8
"""Data files that are encoded and written at once."""
_FILES_READ = 200
"""Data files that are open at once: of each, its footer is held."""
_ENDS_KEPT = 500
"""Data files of which the end is kept once it was read, 32 kB and all of a small one: a stage reads the same ones often."""
_TOLD = ["decision", "article", "article_day", "matched", "capture_key", "article_id"]
"""Columns whose least and greatest values a data file tells; those of texts are as long as texts."""
_REPAIR = "`warraq build --repair` takes out what is damaged and makes it anew from captures/"


@dataclass(frozen=True, slots=True)
class _File:
    """A data file of the table, which never changes: its day, its bytes, its rows, and how many of these are not decided."""

    day: str
    size: int
    rows: int
    undecided: int


class _UnusableError(BucketError):
    """What the table's own client of the store could not do."""


class Documents:
    """The documents table in a bucket, as it stood when this was made or last wrote; the store of `pipeline.duplicates.decide`.

    Every write raises `ConflictError` where another build wrote since: what was read would not be what is replaced.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._uri = bucket.uri(PREFIX)
        self._read_end = lru_cache(_ENDS_KEPT)(read_end)
        self._open()

    def _open(self) -> None:
        self._options = self._bucket.storage_options()
        for tried in range(1, TRIES + 1):
            try:
                self._read_log()
            except (DamagedError, _UnusableError):  # perhaps on its way alone; delta-rs tries once
                if tried == TRIES:
                    raise
                pause(tried)
            else:
                return

    def _read_log(self) -> None:
        """Read what the log tells, and hold it against the sum in the last commit; nothing is known where that is not ours."""
        with self._telling():
            self._table = DeltaTable(self._uri, storage_options=self._options) if self._is_there() else None
            self._list_files()
        if self._sum_in(self.version) not in {None, _sum_of(self._files)}:
            raise self._damaged_log("it names other data files than were written")

    def _sum_in(self, version: int) -> str | None:
        """The hash of the data files that a commit of ours tells; None of others', and where there is none."""
        try:
            lines = self._bucket.get(f"{PREFIX}/_delta_log/{version:020}.json").splitlines()
            told: Iterator[str | None] = (
                line["commitInfo"].get(_SUM) for line in map(json.loads, lines) if "commitInfo" in line
            )
            return next(told, None)
        except KeyError:
            return None
        except (AttributeError, TypeError, ValueError) as error:
            raise self._damaged_log(error) from error

    def _damaged_log(self, why: object) -> DamagedError:
        return DamagedError(
            f"{PREFIX}/_delta_log/ in bucket {self._bucket.name!r} is damaged ({' '.join(str(why).split())[:300]}): "
            "`warraq build --repair` makes the table anew from captures/",
            f"{PREFIX}/_delta_log/",
        )

    def _unusable(self, error: OSError) -> BucketError:
        """The sentence for what the table's own clients of the store say, which are others than the bucket's."""
        return _UnusableError(
            f"{PREFIX}/ in bucket {self._bucket.name!r} cannot be read or written ({' '.join(str(error).split())[:300]}): run it "
            "again, as the store may have been out of reach; `warraq bucket check` says whether it can hold the table"
        )

    def _overtaken(self) -> ConflictError:
        return ConflictError(
            f"{PREFIX}/ in bucket {self._bucket.name!r} was written by another build at the same time: run this one again"
        )

    def _is_there(self) -> bool:
        """Whether there is a table; asked of the bucket, whose errors are sentences."""
        return self._bucket.holds(f"{PREFIX}/_delta_log/0")  # a commit's name is a number of twenty digits

    def _renew(self) -> None:
        """Go on at the same version with the credentials that hold now: those of a pod expire while a build is at work."""
        options = self._bucket.storage_options()
        if options != self._options and self._table is not None:
            self._table = DeltaTable(self._uri, version=self._table.version(), storage_options=options)
        self._options = options

    def _list_files(self) -> None:
        """Note the files of the table as it stands, sorted."""
        self._files: dict[str, _File] = {}
        if self._table is not None:
            added = pa.table(self._table.get_add_actions(flatten=True))
            names = ("path", "partition.day", "size_bytes", "num_records", "null_count.decision")
            if missing := set(names).difference(added.column_names):
                raise self._damaged_log(f"it lacks {', '.join(sorted(missing))}")
            columns = [added[name].to_pylist() for name in names]
            self._files = {path: _File(*told) for path, *told in sorted(zip(*columns, strict=True))}

    @property
    def files(self) -> dict[str, str]:
        """The data files of the table, none of which ever changes, each with its day."""
        return {path: file.day for path, file in self._files.items()}

    @property
    def state(self) -> str:
        """A hash of the names of the data files: another one as soon as anybody writes."""
        return hashlib.sha256("\n".join(self._files).encode()).hexdigest()

    def rows_by_day(self) -> dict[str, int]:
        """How many rows each day has, rejected ones too."""
        rows: Counter[str] = Counter()
        for file in self._files.values():
            rows[file.day] += file.rows
        return dict(rows)

    @property
    def table_id(self) -> str:
        """The id of the table, which another one in its place would not have; empty where there is none."""
        return "" if self._table is None else str(self._table.metadata().id)

    @property
    def version(self) -> int:
        """The number of commits after the first; -1 where there is no table."""
        return -1 if self._table is None else self._table.version()

    def read(
        self,
        columns: Sequence[str],
        where: pc.Expression | None = None,
        *,
        days: Collection[str] | None = None,
        files: Collection[str] | None = None,
    ) -> pa.Table:
        """The rows that satisfy `where`, of some days or files or of all, with these columns, sorted by `id`."""
        paths = [
            path
            for path, file in self._files.items()
            if (days is None or file.day in days) and (files is None or path in files)
        ]
        if not paths:
            return SCHEMA.empty_table().select(list(columns))
        wanted = list(dict.fromkeys([*columns, "id"]))
        table = self._load(paths, wanted, where)
        return table.sort_by("id").select(list(columns)).cast(pa.schema([SCHEMA.field(name) for name in columns]))

    def values_by_file(self, column: str, files: Collection[str]) -> dict[str, list[Any]]:
        """The values of a column in each of some data files, each once and in no order, but for null."""
        rows = self._load(files, [column, FILE.name], pc.field(column).is_valid())
        found: dict[int, list[Any]] = {file_id(path): [] for path in files}
        for row in rows.group_by([column, FILE.name]).aggregate([]).to_pylist():
            found[row[FILE.name]].append(row[column])
        return {path: found[file_id(path)] for path in files}

    def tally(self, columns: Sequence[str]) -> pa.Table:
        """The values that these columns have together, in no order, each with how many rows have them, as the column `rows`."""
        found = self._load(self._files, columns)
        counted = found.select(list(columns)).group_by(list(columns)).aggregate([([], "count_all")])
        return counted.rename_columns({"count_all": "rows"})

    def _load(self, paths: Iterable[str], columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table:
        """The rows of data files that satisfy `where`; besides the table's columns they have `FILE`."""
        schema, ordered = SCHEMA.append(FILE), list(paths)
        tables = [pa.schema([schema.field(name) for name in columns]).empty_table()]
        with self._telling():
            for start in range(0, len(ordered), _FILES_READ):
                files = ((path, self._files[path]) for path in ordered[start : start + _FILES_READ])
                of_files = sealed_dataset(
                    self._bucket,
                    ((f"{PREFIX}/{path}", file.size, _is_of(path, file.day)) for path, file in files),
                    schema,
                    self._read_end,
                )
                tables.append(of_files.to_table(columns=list(columns), filter=where))
        return pa.concat_tables(tables)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Have what readers of the log and of data files raise as a sentence."""
        try:
            yield
        except KeyError as missing:
            raise DamagedError(
                f"{missing} in bucket {self._bucket.name!r} is gone, which the documents table names: {_REPAIR}",
                missing.args[0],
            ) from None
        except DamagedError as damaged:
            raise DamagedError(
                f"{damaged.key} in bucket {self._bucket.name!r} is damaged: what is read, however often, is not what was written. "
                f"{_REPAIR}",
                damaged.key,
            ) from None
        except OSError as error:
            raise self._unusable(error) from error
        except (DeltaError, pa.ArrowException) as error:
            raise self._damaged_log(error) from error

    # Looked for by something else than the day ------------------------------------------------------------------------------

    @cached_property
    def _by_capture(self) -> Index:
        order = ["source", "capture_key", "capture_offset"]
        return Index(self._bucket, "by_capture", self._make_of_captures, order=order, group=8_000)

    @cached_property
    def _by_hash(self) -> Index:
        return Index(self._bucket, "by_hash", self._make_in_common, order=["hash"], group=64_000)

    def captures_of(self, sources: Collection[str], between: Collection[tuple[str, str]] = ()) -> pa.Table:
        """The rows of the pages of some sources, with the columns of `OF_CAPTURES`, in no order.

        Where `between` has ranges of keys, each from its first up to, not including, its last, of capture files in these alone.
        """
        where, key = _is_in("source", sources), pc.field("capture_key")
        if between:
            where &= reduce(or_, ((key >= first) & (key < last) for first, last in between))
        return self._by_capture.read(self._files, OF_CAPTURES.names, where)

    def sources_of_captures(self, keys: Collection[str] | None = None) -> dict[str, str]:
        """The source that the rows of each of these capture files name, or of all, by its key."""
        columns = ["capture_key", "source"]
        found = self._by_capture.distinct(self._files, columns) if keys is None else self.of_captures(columns, keys)
        return dict(zip(found["capture_key"].to_pylist(), found["source"].to_pylist(), strict=True))

    def capture_files(self) -> set[str]:
        """Keys of the capture files whose pages have rows."""
        return set(self.sources_of_captures())

    def of_captures(self, columns: Sequence[str], keys: Collection[str]) -> pa.Table:
        """The rows of the pages of some capture files, with these columns, sorted by `id`."""
        return self._of_one(columns, "capture_key", keys)

    def of_articles(self, columns: Sequence[str], article_ids: Collection[str]) -> pa.Table:
        """The rows of the pages with these article ids, rejected ones too, with these columns, sorted by `id`."""
        return self._of_one(columns, "article_id", article_ids)

    def of_series(self, columns: Sequence[str], series: Collection[str]) -> pa.Table:
        """The rows of the pages of some articles over several, with these columns, sorted by `id`."""
        return self._of_one(columns, "series", series)

    def _of_one(self, columns: Sequence[str], name: str, ids: Collection[str]) -> pa.Table:
        files = self._by_hash.files(self._files, is_one_of(ids)) if ids else ()
        return self.read(columns, _is_in(name, ids), files=files)

    def _make_of_captures(self, files: Collection[str]) -> pa.Table:
        return of_captures(self._with_files([*OF_CAPTURES.names[:-1], *MADE_OF[1:]], files))

    def _make_in_common(self, files: Collection[str]) -> pa.Table:
        return in_common(self._with_files(["article_id", "series", "capture_key"], files))

    def _with_files(self, columns: Sequence[str], files: Collection[str]) -> pa.Table:
        """The rows of some data files, with these columns and `FILE`."""
        return self._load(files, [*columns, FILE.name])

    def replace(self, rows: pa.Table) -> None:
        """Write rows, in place of all that the table has of the same capture files; those that say the same stay, decided.

        What was decided from a row that goes or changes is decided anew, and so are the other pages of its article. Killed at any
        point and run again, it ends in the same rows.

        Raises:
            ConflictError: another build wrote at the same time; run again.
        """
        self._open()  # another build may have been here since
        rows = rows.select(SCHEMA.names).cast(SCHEMA).sort_by("id")
        columns = ["id", "article_id", "series", "row_hash", "day", "published_day", "article"]
        standing = self.of_captures(columns, set(pc.unique(rows["capture_key"]).to_pylist())).to_pylist()
        hashes = dict(zip(rows["id"].to_pylist(), rows["row_hash"].to_pylist(), strict=True))
        gone = [row for row in standing if hashes.get(row["id"]) != row["row_hash"]]
        same = {row["id"] for row in standing if hashes.get(row["id"]) == row["row_hash"]}
        beside = self._beside(gone)
        following = self._following([row for row in (*gone, *beside) if row["article"] is not None])
        self.undecide(following | {row["id"]: row["published_day"] for row in beside})
        fresh = rows.filter(pc.invert(pc.is_in(rows["id"], pa.array(sorted(same), pa.string()))))
        replaced = defaultdict[str, set[str]](set)
        for row in gone:
            replaced[row["day"]].add(row["id"])
        in_place = _among(fresh, replaced)
        if len(added := fresh.filter(pc.invert(in_place))):
            self._write(added)  # before what they replace in other days is taken away
        changed = fresh.filter(in_place)
        for days in self._by_commits(replaced):
            kept = self.read(SCHEMA.names, days=days)
            kept = kept.filter(pc.invert(_among(kept, replaced)))
            put = changed.filter(pc.is_in(changed["day"], pa.array(days)))
            self._write(pa.concat_tables([kept, put]).sort_by("id"), days)

    def _by_commits(self, days: Iterable[str]) -> Iterator[list[str]]:
        """Days, the last first, in groups whose rows are written in one commit."""
        rows, group, count = self.rows_by_day(), list[str](), 0
        for day in sorted(days, reverse=True):
            if group and count + rows[day] > _ROWS_A_COMMIT:
                yield group
                group, count = [], 0
            group.append(day)
            count += rows[day]
        if group:
            yield group

    def _beside(self, gone: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The decided documents of the same series as these."""
        series, ids = {row["series"] for row in gone if row["series"]}, {row["id"] for row in gone}
        rows = self.of_series(["id", "article_id", "published_day", "article", "decision"], series).to_pylist()
        return [row for row in rows if row["decision"] and row["id"] not in ids]

    def _following(self, gone: Sequence[Mapping[str, Any]]) -> dict[str, date]:
        """The decided documents that repeat one of these or share its URL, with their days."""
        ids, pages = {row["id"] for row in gone}, {row["article_id"] for row in gone}
        window = {str(row["published_day"] + timedelta(days=after)) for row in gone for after in range(WINDOW_DAYS + 1)}
        columns = ["id", "published_day", "article"]
        repeating = self.read(columns, pc.field("matched").isin(pa.array(sorted(ids), pa.string())), days=window)
        sharing = self.of_articles(columns, pages) if pages else repeating
        return {
            row["id"]: row["published_day"]
            for row in (*repeating.to_pylist(), *sharing.to_pylist())
            if row["article"] is not None and row["id"] not in ids
        }

    # The pages of one article -------------------------------------------------------------------------------------------

    def pending_series(self) -> list[str]:
        """The series of which a document is not decided, sorted."""
        pending = pc.field("decision").is_null() & pc.field("series").is_valid()
        return sorted(set(self.read(["series"], pending, files=self._undecided())["series"].to_pylist()))

    def join(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Write what was made of the pages of articles: rows of `JOINED`, the text's facts and `rejected`, each a whole series.

        A row has besides its `id`, `article_id`, `published_day` and `decision` as the table has them. What was decided from it is
        decided anew, and so is the document itself, but for a later page, which is rejected. A series stays pending until all of it
        is written.
        """
        ids = {row["id"]: row["published_day"] for row in changes if row["decision"]}
        self.undecide(ids | self._following(changes))
        for later in (False, True):
            values: defaultdict[date, dict[str, dict[str, Any]]] = defaultdict(dict)
            for row in changes:
                if (row["rejected"] is not None) == later:
                    decision = {"decision": REJECTED} if later else {}
                    values[row["published_day"]][row["id"]] = {name: row[name] for name in _MADE} | decision
            self._change(values)

    # The store of decisions ---------------------------------------------------------------------------------------------

    def days(self) -> dict[date, int]:
        """The days that have rows, with how many, rejected ones too."""
        return {date.fromisoformat(day): rows for day, rows in self.rows_by_day().items()}

    def pending(self) -> pa.Table:
        """The documents that are not decided: `id`, `article_id` and `published_day`."""
        return self.read(["id", "article_id", "published_day"], _IS_PENDING, files=self._undecided())

    def _undecided(self) -> set[str]:
        """The data files that have rows that are not decided."""
        return {path for path, file in self._files.items() if file.undecided != 0}

    def of_pages(self, article_ids: Sequence[str]) -> pa.Table:
        """Every document of the pages with these article ids, with what is known of it but for its signature, and decided."""
        rows = self.of_articles([*_OF_PAGES, "rejected"], article_ids)
        return rows.filter(pc.is_null(rows["rejected"])).select(_OF_PAGES)

    def between(self, first: date, last: date, columns: Sequence[str]) -> pa.Table:
        """The documents published on these days, both included, with these columns, sorted by `id`."""
        days = {file.day for file in self._files.values() if str(first) <= file.day <= str(last)}
        return self.read(columns, _IS_DOCUMENT, days=days)

    def bodies(self, day: date, ids: Sequence[str]) -> dict[str, str]:
        """The texts of documents of one day, of all their pages."""
        rows = self.read(["id", "body", "whole_body"], pc.field("id").isin(pa.array(ids, pa.string())), days={str(day)})
        texts = pc.coalesce(rows["whole_body"], rows["body"])
        return dict(zip(rows["id"].to_pylist(), texts.to_pylist(), strict=True))

    def undecide(self, ids: Mapping[str, date]) -> None:
        """Take back the decisions on these documents, given with their days."""
        undecided: defaultdict[date, dict[str, dict[str, Any]]] = defaultdict(dict)
        for id_, day in ids.items():
            undecided[day][id_] = dict.fromkeys(DECISION.names)
        self._change(undecided)

    def settle(self, decisions: Iterable[tuple[date, pa.Table]]) -> None:
        """Write what was decided on documents, given by days, the last first: a few days a commit, in this order."""
        values: dict[date, dict[str, dict[str, Any]]] = {}
        for day, made in decisions:
            values[day] = {row.pop("id"): row for row in made.to_pylist()}
            if sum(map(len, values.values())) >= _ROWS_A_COMMIT:
                self._change(values)
                values = {}
        self._change(values)

    def _change(self, values: Mapping[date, Mapping[str, Mapping[str, Any]]]) -> None:
        """Write other values in columns of rows, given by day and id: the last days first, a few days a commit."""
        for days in self._by_commits(map(str, values)):
            tables = [_with(self.read(SCHEMA.names, days={day}), values[date.fromisoformat(day)]) for day in days]
            self._write(pa.concat_tables(tables), days)

    def _write(self, rows: pa.Table, days: Collection[str] = ()) -> None:
        """Add rows, in place of all that the table has of some days, in one commit."""
        self._exchange([path for path, file in self._files.items() if file.day in days], rows)

    def _exchange(self, gone: Collection[str], rows: pa.Table) -> None:
        """Write rows, and commit their data files in place of some that the table has."""
        self._renew()
        by_day = [rows.filter(pc.field("day") == day) for day in sorted(pc.unique(rows["day"]).to_pylist())]
        with ThreadPoolExecutor(_AT_ONCE) as writers:
            files = dict(writers.map(self._put, by_day))
        now = int(datetime.now(UTC).timestamp() * 1000)
        added = [
            AddAction(path, file.size, {"day": file.day}, now, data_change=True, stats=_stats(file))
            for path, file in files.items()
        ]
        removed = [
            RemoveAction(
                path,
                data_change=True,
                deletion_timestamp=now,
                size=self._files[path].size,
                partition_values={"day": self._files[path].day},
            )
            for path in gone
        ]
        schema, leaving = Schema.from_arrow(SCHEMA), set(gone)
        left = {path: file for path, file in self._files.items() if path not in leaving} | files
        commit = _once(left)
        try:
            if self._table is None:
                create_table_with_add_actions(
                    self._uri,
                    schema,
                    added,
                    mode="error",
                    partition_by=["day"],
                    configuration=_PROPERTIES,
                    storage_options=self._options,
                    commit_properties=commit,
                )
            else:
                self._take_columns()
                self._table.create_write_transaction(
                    [*removed, *added], "append", schema, partition_by=["day"], commit_properties=commit
                )
        except DeltaError as error:
            if not isinstance(error, CommitFailedError) and (self._table is not None or not self._is_there()):
                raise
            # Of a commit whose answer was lost, and that was sent again, its own first time is in the way.
            if self._sum_in(self.version + 1) != _sum_of(left):
                raise self._overtaken() from error
        except OSError as error:
            raise self._unusable(error) from error
        if self._table is None:
            self._open()
        else:
            self._go_on()

    def _put(self, rows: pa.Table) -> tuple[str, _File]:
        """Write rows of one day as a data file, of which no commit tells yet: its path and what the log is to tell of it."""
        buffer, day = io.BytesIO(), rows["day"][0].as_py()
        written = rows.drop_columns(["day"])
        pq.write_table(written, buffer, compression="zstd", write_statistics=_TOLD)
        data, digest = seal(buffer.getvalue())
        path = f"day={day}/part-{uuid.uuid4().hex}-{digest}.parquet"
        self._bucket.put(f"{PREFIX}/{path}", data, content_type="application/vnd.apache.parquet")
        return path, _File(day, len(data), len(rows), rows["decision"].null_count)

    def _take_columns(self) -> None:
        """Let a table that an older version made have the columns that came since; its rows have none of them."""
        if self._table is None:
            return
        standing = {field.name for field in self._table.schema().fields}
        if lacking := [field for field in Schema.from_arrow(SCHEMA).fields if field.name not in standing]:
            self._alter(lambda table: table.alter.add_columns(lacking, commit_properties=_once(self._files)))

    def _go_on(self) -> None:
        """Go on at the version that this has just made, whoever wrote since."""
        if self._table is not None:
            with self._telling():
                self._table.load_as_version(self._table.version() + 1)
                self._list_files()

    # What gathers -------------------------------------------------------------------------------------------------------

    def tidy(self) -> None:
        """End a build: join the small files of a day, bring the indexes in line, and once a day delete what is old.

        Raises:
            ConflictError: another build wrote at the same time; run again.
            BucketError: the store cannot be reached.
        """
        if self._table is None:
            return
        standing = self._table.metadata().configuration
        lacking = {name: value for name, value in _PROPERTIES.items() if standing.get(name) != value}
        if lacking:  # an older version made the table
            self._alter(lambda table: table.alter.set_table_properties(lacking, commit_properties=_once(self._files)))
        self._join_files()
        for index in (self._by_capture, self._by_hash):
            index.update(self._files)
        vacuumed = next((stored.modified_at for stored in self._bucket.list(_VACUUMED)), None)
        if vacuumed is None or datetime.now(UTC) - vacuumed >= _KEPT:
            gone = self._delete_old(_KEPT)
            self._bucket.put(_VACUUMED, json.dumps({"deleted": gone}).encode(), content_type="application/json")

    def _join_files(self) -> None:
        """Make one file of those of each day that has too many, the days with the most first."""
        files = Counter(file.day for file in self._files.values())
        days = [day for day, count in files.most_common(_DAYS_JOINED) if count > _MOST_FILES]
        for group in self._by_commits(days):
            self._write(self.read(SCHEMA.names, days=group), group)

    def _alter(self, change: Callable[[DeltaTable], object]) -> None:
        """Have the table's own means change it, in one commit."""
        self._renew()
        if self._table is None:
            return
        try:
            change(self._table)
        except CommitFailedError as error:
            raise self._overtaken() from error
        except OSError as error:
            raise self._unusable(error) from error
        self._list_files()

    def damaged(self, on_progress: OnProgress = tell_nobody) -> list[str]:
        """The data files that are not what was written, or are gone; every one is read whole.

        Raises:
            BucketError: the store cannot be reached.
        """
        with ThreadPoolExecutor(_AT_ONCE) as readers:
            checked = zip(self._files, readers.map(self._is_whole, self._files), strict=True)
            damaged = []
            for done, (path, is_whole) in enumerate(checked, 1):
                damaged += [] if is_whole else [path]
                on_progress("checking", done, len(self._files))
        return damaged

    def _is_whole(self, path: str) -> bool:
        try:
            SealedFile(self._bucket, f"{PREFIX}/{path}", self._files[path].size).read()
        except (KeyError, DamagedError):
            return False
        return True

    def captures_in(self, files: Collection[str]) -> set[str] | None:
        """Keys of the capture files of which damaged data files had rows, as the index has it; None where that does not tell."""
        try:
            return set(self._by_capture.read(files, ["capture_key"])["capture_key"].to_pylist()) if files else set()
        except DamagedError:
            return None

    def take_out(self, files: Collection[str]) -> None:
        """Take data files out of the table without reading them. What was decided from their rows is decided anew.

        Raises:
            ConflictError: another build wrote at the same time; run again.
        """
        rows = self._load(set(self._files) - set(files), ["id", "article", "matched", FILE.name])
        follows = reduce(
            pc.or_, (pc.and_(rows[name].is_valid(), pc.invert(pc.is_in(rows[name], rows["id"]))) for name in _FOLLOWS)
        )
        following = rows.filter(follows)
        of_file = set(following[FILE.name].to_pylist())
        values = {id_: dict.fromkeys(DECISION.names) for id_ in following["id"].to_pylist()}
        # Before they are taken out: by then what follows is missed.
        for path in [path for path in self._files if file_id(path) in of_file]:
            self._exchange([path], _with(self.read(SCHEMA.names, files=[path]), values))
        if files:
            self._exchange(files, SCHEMA.empty_table())

    def vacuum(self) -> None:
        """Delete the files of the table's older versions, what killed writers left more than an hour ago, and the indexes.

        After that nothing below ``documents/`` and ``state/`` says what only older versions did: the indexes are made anew.
        """
        self._open()
        if self._table is None:
            return
        self._delete_old(timedelta())
        for index in (self._by_capture, self._by_hash):
            index.forget()
            index.update(self._files)

    def _delete_old(self, age: timedelta) -> int:
        """Delete the data files that left the table at least so long ago, and return how many there were.

        A file that no commit names may be that of a writer at work; one that is not named as the table's own files are is somebody
        else's.
        """
        self._renew()
        if self._table is None:
            return 0
        # Not by the table's own means: those take whatever lies there, and stop at names that are none of theirs.
        removed, older = (
            set(self._table.vacuum(hours, dry_run=True, enforce_retention_duration=False))
            for hours in (0, int(age / timedelta(hours=1)))
        )
        long_ago = datetime.now(UTC) - max(age, _TO_COMMIT)
        gone = []
        for stored in self._bucket.list(f"{PREFIX}/day="):
            path = stored.key.removeprefix(f"{PREFIX}/")
            unnamed = path not in self._files and path not in removed and stored.modified_at < long_ago
            if _DATA_FILE.fullmatch(stored.key) and (path in older or unnamed):
                gone.append(stored.key)
        self._bucket.delete(*gone)
        return len(gone)


def _is_of(path: str, day: str) -> pc.Expression:
    """What holds of the rows of a data file."""
    return (pc.field("day") == day) & (pc.field(FILE.name) == file_id(path))


def _stats(file: _File) -> str:
    """What the log tells of the rows of a data file.

    https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics
    """
    return json.dumps({"numRecords": file.rows, "nullCount": {"decision": file.undecided}})


def _sum_of(files: Mapping[str, _File]) -> str:
    """A hash of what the log is to tell of data files."""
    told = [[path, *astuple(file)] for path, file in sorted(files.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _once(files: Mapping[str, _File]) -> CommitProperties:
    """A commit by which the table has these data files, which fails where somebody else's came before."""
    return CommitProperties(max_commit_retries=0, custom_metadata={_SUM: _sum_of(files)})


def _is_in(name: str, values: Collection[str]) -> pc.Expression:
    return pc.field(name).isin(pa.array(sorted(values), pa.string()))


def _among(rows: pa.Table, ids: Mapping[str, Collection[str]]) -> pa.Array:
    """Which rows are those with some ids, given by their days."""
    placed = zip(rows["id"].to_pylist(), rows["day"].to_pylist(), strict=True)
    return pa.array([id_ in ids.get(day, ()) for id_, day in placed], pa.bool_())


def _with(rows: pa.Table, values: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """A day's rows with other values in some of the columns of some of them, given by their ids."""
    ids = rows["id"].to_pylist()
    for name in sorted({name for made in values.values() for name in made}):
        column = rows.schema.field(name)
        standing = rows[name].to_pylist()
        changed = [values.get(id_, {}).get(name, value) for id_, value in zip(ids, standing, strict=True)]
        rows = rows.set_column(rows.column_names.index(name), column, pa.array(changed, column.type))
    return rows
