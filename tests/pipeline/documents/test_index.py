from collections.abc import Collection, Iterator
from datetime import timedelta
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.bucket import Bucket, ConflictError
from pipeline.documents import index as module
from pipeline.documents.index import FILE, Index, file_id

SCHEMA = pa.schema([("source", pa.string()), ("number", pa.int64()), FILE])
FOLDER = "state/tried/"
NOTE = f"{FOLDER}index.json"

Files = dict[str, list[tuple[str, int]]]


class Table:
    """A table of such data files, each with its rows; notes which of them were read."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.read: list[str] = []

    def make(self, paths: Collection[str]) -> pa.Table:
        self.read += paths
        rows = [
            {"source": source, "number": number, "file": file_id(path)}
            for path in paths
            for source, number in self.files[path]
        ]
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def index(self, bucket: Bucket) -> Index:
        return Index(bucket, "tried", self.make, order=["source", "number"], group=2)


def rows(table: pa.Table) -> list[tuple[str, int]]:
    return sorted(zip(table["source"].to_pylist(), table["number"].to_pylist(), strict=True))


def keys(bucket: Bucket) -> list[str]:
    return [stored.key for stored in bucket.list(FOLDER)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts are joined early, and made of few files."""
    for name, value in (("_FULL", 12), ("_ALIKE", 2), ("_FILES_A_PART", 2), ("_KEPT", timedelta(0))):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr("pipeline.bucket.reading._PAUSE", 0)


ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), max_size=5)
STATES = st.lists(
    st.tuples(
        st.lists(ROWS, max_size=5),  # files that come
        st.sets(st.integers(0, 20)),  # those that go, by their place
        st.sampled_from(["update", "update", "none", "lose a part", "spoil a part", "lose the note", "kill"]),
    ),
    max_size=8,
)


@pytest.mark.usefixtures("small")
def test_it_says_what_the_table_says_whatever_became_of_it(bucket: Bucket) -> None:
    @settings(max_examples=20)
    @given(STATES)
    def check(states: list[tuple[list[list[tuple[str, int]]], set[int], str]]) -> None:
        bucket.delete_below(FOLDER)
        files: Files = {}
        for number, (come, go, event) in enumerate(states):
            files = {path: held for place, (path, held) in enumerate(files.items()) if place not in go}
            files |= {f"day={number}/{place}": held for place, held in enumerate(come)}
            parts = [key for key in keys(bucket) if key != NOTE]
            match event:
                case "update":
                    Table(files).index(bucket).update(files)
                case "lose a part" if parts:
                    bucket.delete(parts[0])
                case "spoil a part" if parts:
                    bucket.put(parts[-1], b"no Parquet")
                case "lose the note":
                    bucket.delete(NOTE)
                case "kill":
                    with patch.object(Index, "_note", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
                        Table(files | {"new": []}).index(bucket).update([*files, "new"])
            index = Table(files).index(bucket)
            every = sorted(row for held in files.values() for row in held)
            assert rows(index.read(files, ["source", "number"])) == every
            for source in "abc":
                where = pc.field("source") == source
                of_source = [row for row in every if row[0] == source]
                assert rows(index.read(files, ["source", "number"], where)) == of_source
                assert rows(index.distinct(files, ["source", "number"], where)) == sorted(set(of_source))
                having = {path for path, held in files.items() if any(row[0] == source for row in held)}
                assert index.files(files, where) == having

    check()


def histories() -> Iterator[Files]:
    """A table that is added to, and of which the newest file is written anew, again and again."""
    files: Files = {}
    for number in range(40):
        files = {path: held for path, held in files.items() if not path.endswith("open")}
        files |= {f"{number}-done": [("a", number)] * 4, f"{number}-open": [("b", number)]}
        yield files


@pytest.mark.usefixtures("small")
def test_it_neither_grows_without_an_end_nor_is_written_anew_whole(bucket: Bucket) -> None:
    written = []
    put = Bucket.put

    def counted(self: Bucket, key: str, data: bytes, **more: object) -> str:
        written.append(key)
        return put(self, key, data, **more)  # type: ignore[arg-type]

    with patch.object(Bucket, "put", counted):
        for files in histories():
            table, before = Table(files), len(written)
            table.index(bucket).update(files)
            assert len(table.read) <= 3, "what a part has is not read again"
            assert len(written) - before <= 6
    live = sum(map(len, files.values()))
    held = sum(sum(part.files.values()) for part in Table(files).index(bucket)._parts)
    assert held <= 2 * live
    assert len(keys(bucket)) <= live / module._FULL + 10


def test_what_is_stored_is_not_read_from_the_table(bucket: Bucket) -> None:
    files: Files = {"day=1/a": [("a", 1)], "day=2/b": [("b", 2)]}
    Table(files).index(bucket).update(files)
    later = Table(files | {"day=2/c": [("b", 3)]})
    index = later.index(bucket)
    for _ in range(2):
        assert rows(index.read(later.files, ["source", "number"], pc.field("source") == "b")) == [("b", 2), ("b", 3)]
    assert later.read == ["day=2/c"]


def test_parts_stay_for_those_who_have_read_the_note_before(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ALIKE", 2)
    files: Files = {"a": [("a", 1)]}
    Table(files).index(bucket).update(files)
    reader = Table(files)
    early = reader.index(bucket)
    files = files | {"b": [("b", 2)]}
    for _ in range(2):
        Table(files).index(bucket).update(files)
    assert rows(early.read(["a"], ["source", "number"])) == [("a", 1)]
    assert reader.read == []
    monkeypatch.setattr(module, "_KEPT", timedelta(days=-1))
    Table(files).index(bucket).update(files)
    assert len(keys(bucket)) == 2, "the note, and the part that it names"
    assert rows(early.read(["a"], ["source", "number"])) == [("a", 1)]
    assert reader.read == ["a"], "from the table"


def test_of_two_updates_at_once_one_is_told(bucket: Bucket) -> None:
    files: Files = {"a": [("a", 1)]}
    note = Index._note

    def after_the_other(self: Index, parts: list[module._Part]) -> None:
        with patch.object(Index, "_note", note):
            Table(files | {"b": [("b", 2)]}).index(bucket).update([*files, "b"])
        note(self, parts)

    with patch.object(Index, "_note", after_the_other), pytest.raises(ConflictError):
        Table(files).index(bucket).update(files)
    assert rows(Table(files).index(bucket).read(files, ["source", "number"])) == [("a", 1)]
