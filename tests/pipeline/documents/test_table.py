from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.bucket import Bucket, ConflictError
from pipeline.documents import table
from pipeline.documents.schema import SCHEMA, row_hash
from pipeline.documents.table import Documents
from tests import dialects
from tests.dialects import Answer, Ask, Request, through

BASE: dict[str, Any] = {
    "source": "alfajr",
    "source_name": "صحيفة الفجر",
    "url": "http://alfajr.example/1",
    "article_id": "0" * 32,
    "fetched_url": "http://alfajr.example/1",
    "captured_at": datetime(2024, 3, 1, 9, tzinfo=UTC),
    "capture_offset": 0,
    "http_status": 200,
    "digest": "sha1:X",
    "found": '{"lastmod": "2024-03-01"}',
    "title": "عنوان",
    "authors": ["كاتبة"],
    "body": "نص",
    "dates": [{"method": "feed", "role": "published", "text": "1 آذار 2024"}],
    "published_day": date(2024, 3, 1),
    "extractor": "test",
    "day": "2024-03-01",
}


def rows(*changes: dict[str, Any]) -> pa.Table:
    made = []
    for change in changes:
        row = dict.fromkeys(SCHEMA.names) | BASE | change
        row["id"] = f"{row['capture_key']}#{row['capture_offset']}"
        row["row_hash"] = row_hash(row)
        made.append(row)
    return pa.Table.from_pylist(made, schema=SCHEMA)


def test_before_the_first_write_the_table_is_empty(bucket: Bucket) -> None:
    documents = Documents(bucket)
    assert documents.files == {}
    assert documents.capture_files() == set()
    assert documents.read(["id", "body"]).num_rows == 0


def test_rows_come_back_as_they_were_written(bucket: Bucket) -> None:
    Documents(bucket).replace(rows({"capture_key": "k1"}, {"capture_key": "k1", "capture_offset": 7, "title": "آخر"}))
    [first, second] = Documents(bucket).read(SCHEMA.names).to_pylist()
    assert (first["id"], second["id"]) == ("k1#0", "k1#7")
    assert {name: first[name] for name in BASE} == BASE
    [other] = Documents(bucket).read(["title"], ds.field("capture_offset") == 7).to_pylist()
    assert other == {"title": "آخر"}


@pytest.mark.parametrize("key", ["k1", "k2"])  # the page's own file anew, and another's
def test_a_table_of_an_older_version_takes_the_columns_that_came_since(bucket: Bucket, key: str) -> None:
    since = [
        "body_method",
        "body_confidence",
        "body_witnesses",
        "next_page",
        "series",
        "date_order",
        "whole",
        "whole_body",
        "relevance",
        "places",
    ]
    older = rows({"capture_key": "k1"}).drop_columns(since)
    options = bucket.storage_options()
    logged = {"delta.dataSkippingStatsColumns": "decision"}
    uri = bucket.uri("documents")
    write_deltalake(uri, older, partition_by=["day"], storage_options=options, configuration=logged)
    assert Documents(bucket).read(since).to_pylist() == [dict.fromkeys(since)]
    Documents(bucket).replace(rows({"capture_key": key, "body_confidence": "high"}))
    told = [row["body_confidence"] for row in Documents(bucket).read(["body_confidence"]).to_pylist()]
    assert told == (["high"] if key == "k1" else [None, "high"])


def test_writing_a_file_again_replaces_its_rows_and_no_others(bucket: Bucket) -> None:
    documents = Documents(bucket)
    documents.replace(rows({"capture_key": "k'1"}, {"capture_key": "k'1", "capture_offset": 7}))
    documents.replace(rows({"capture_key": "k2"}))
    documents.replace(rows({"capture_key": "k'1", "title": "جديد", "day": "2024-02-01"}))
    found = [(row["id"], row["title"]) for row in Documents(bucket).read(["id", "title"]).to_pylist()]
    assert found == [("k'1#0", "جديد"), ("k2#0", "عنوان")]
    assert Documents(bucket).capture_files() == {"k'1", "k2"}


@pytest.mark.parametrize("writes", range(5))
def test_killed_between_its_commits_it_has_lost_no_page_and_ends_in_the_same_rows(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """One page moves to another day, one changes in its place, one goes, one comes, one stays; a day a commit."""
    monkeypatch.setattr(table, "_ROWS_A_COMMIT", 1)

    def of(number: int, day: int, title: str) -> dict[str, Any]:
        return {"capture_key": "k", "capture_offset": number, "day": f"2024-03-0{day}", "title": title}

    Documents(bucket).replace(rows(of(1, 1, "قديم"), of(2, 2, "قديم"), of(3, 3, "قديم"), of(4, 3, "باق")))
    after = rows(of(1, 2, "جديد"), of(2, 2, "جديد"), of(4, 3, "باق"), of(5, 1, "جديد"))
    write, left = Documents._write, [writes]

    def until_killed(self: Documents, *what: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        write(self, *what)

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(Documents, "_write", until_killed)
        Documents(bucket).replace(after)
    assert set(Documents(bucket).read(["id"])["id"].to_pylist()) >= {"k#1", "k#2", "k#4"}
    Documents(bucket).replace(after)
    found = Documents(bucket).read(["id", "day", "title"]).to_pylist()
    assert [tuple(row.values()) for row in found] == [
        ("k#1", "2024-03-02", "جديد"),
        ("k#2", "2024-03-02", "جديد"),
        ("k#4", "2024-03-03", "باق"),
        ("k#5", "2024-03-01", "جديد"),
    ]


def test_its_state_is_another_after_every_write(bucket: Bucket) -> None:
    documents = Documents(bucket)
    states = [documents.state]
    for key in ("k1", "k2"):
        documents.replace(rows({"capture_key": key}))
        states.append(documents.state)
    assert len(set(states)) == 3
    assert Documents(bucket).state == states[-1]


def test_the_values_of_a_column_are_told_file_by_file(bucket: Bucket) -> None:
    documents = Documents(bucket)
    documents.replace(
        rows({"capture_key": "k1", "title": "أ"}, {"capture_key": "k1", "capture_offset": 1, "title": "أ"})
    )
    documents.replace(rows({"capture_key": "k2", "title": None, "day": "2024-03-02"}))
    found = documents.values_by_file("title", documents.files)
    assert {documents.files[path]: values for path, values in found.items()} == {"2024-03-01": ["أ"], "2024-03-02": []}
    assert documents.values_by_file("title", []) == {}


def test_two_builds_that_began_together_leave_one_row_a_page(bucket: Bucket) -> None:
    one, other = Documents(bucket), Documents(bucket)
    one.replace(rows({"capture_key": "k1"}))
    other.replace(rows({"capture_key": "k1"}))
    assert Documents(bucket).read(["id"])["id"].to_pylist() == ["k1#0"]


@pytest.mark.parametrize("there_before", [False, True])
def test_a_build_that_is_overtaken_while_it_writes_is_told_and_leaves_nothing(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, there_before: bool
) -> None:
    if there_before:
        Documents(bucket).replace(rows({"capture_key": "k0"}))
    undecide, overtaken = Documents.undecide, []

    def after_the_other(self: Documents, ids: Any) -> None:  # called between what a write reads and what it writes
        if not overtaken:
            overtaken.append(True)
            Documents(bucket).replace(rows({"capture_key": "k1"}))
        undecide(self, ids)

    monkeypatch.setattr(Documents, "undecide", after_the_other)
    with pytest.raises(ConflictError, match="another build"):
        Documents(bucket).replace(rows({"capture_key": "k1"}, {"capture_key": "k2"}))
    ids = ["k0#0", "k1#0"] if there_before else ["k1#0"]
    assert Documents(bucket).read(["id"])["id"].to_pylist() == ids


def test_the_log_and_the_directory_hold_no_text(bucket: Bucket) -> None:
    text = "فقرة لا ينبغي أن تظهر في سجل الجدول"
    Documents(bucket).replace(rows({"capture_key": "k1", "title": text, "body": text}))
    Documents(bucket).capture_files()
    kept = [*bucket.list("documents/_delta_log/"), *bucket.list("state/")]
    assert kept
    assert not any(text[:10].encode() in bucket.get(stored.key) for stored in kept)
    assert not any(ascii(text[:10])[1:-1].encode() in bucket.get(stored.key) for stored in kept)


def test_a_row_hash_tells_any_change_but_the_signatures() -> None:
    row = rows({"capture_key": "k1"}).to_pylist()[0]
    assert row_hash(row) == row["row_hash"]
    assert row_hash(row | {"title": "x"}) != row["row_hash"]
    assert row_hash(row | {"signature": b"x"}) == row["row_hash"]


def test_what_is_old_is_deleted_and_nothing_of_others(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents(bucket)
    documents.replace(rows({"capture_key": "a", "body": "النص الأول"}))
    before = set(documents.files)
    documents.replace(rows({"capture_key": "a", "body": "نص آخر"}))
    day = next(iter(before)).partition("/")[0]
    others = [
        f"documents/{name}"
        for name in ("notes.txt", "/x", f"{day}/notes.parquet", f"{day}//x", f"{day}/part-1.parquet.bak")
    ]
    killed = f"documents/{day}/part-of-a-killed-writer.parquet"
    for key in (*others, killed):
        bucket.put(key, b"")
    documents.vacuum()
    left = {stored.key for stored in bucket.list("documents/") if "_delta_log" not in stored.key}
    assert left == {*others, killed, *(f"documents/{path}" for path in Documents(bucket).files)}
    monkeypatch.setattr("pipeline.documents.table._TO_COMMIT", timedelta())
    documents.vacuum()
    assert {stored.key for stored in bucket.list("documents/")} & {*others, killed} == set(others)
    assert Documents(bucket).read(["body"]).to_pylist() == [{"body": "نص آخر"}]


def live(bucket: Bucket) -> set[str]:
    return {f"documents/{path}" for path in Documents(bucket).files}


def stored(bucket: Bucket) -> set[str]:
    return {one.key for one in bucket.list("documents/day=")}


def test_what_left_the_table_stays_for_its_readers_and_goes_after_a_day(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = Documents(bucket)
    documents.replace(rows({"capture_key": "a", "body": "النص الأول"}))
    reader = Documents(bucket)
    documents.replace(rows({"capture_key": "a", "body": "نص آخر"}))
    documents.tidy()
    assert reader.read(["body"]).to_pylist() == [{"body": "النص الأول"}]
    monkeypatch.setattr("pipeline.documents.table._KEPT", timedelta(0))
    documents.tidy()
    assert stored(bucket) == live(bucket)
    assert Documents(bucket).read(["body"]).to_pylist() == [{"body": "نص آخر"}]


def test_all_files_are_listed_once_a_day(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents(bucket)
    documents.replace(rows({"capture_key": "a"}))
    documents.tidy()
    listed: list[str] = []
    list_ = Bucket.list

    def noted(self: Bucket, prefix: str = "", **more: str) -> Any:
        listed.append(prefix)
        return list_(self, prefix, **more)

    monkeypatch.setattr(Bucket, "list", noted)
    documents.tidy()
    assert "documents/day=" not in listed


def test_many_files_of_a_day_become_one_and_say_the_same(bucket: Bucket) -> None:
    documents = Documents(bucket)
    for number in range(10):
        documents.replace(rows({"capture_key": f"k{number}", "decision": "rejected", "rejected": "blocked"}))
    documents.replace(rows({"capture_key": "other", "day": "2024-03-02"}))
    said = documents.read(SCHEMA.names)
    undecided = documents._undecided()
    documents.tidy()
    assert sorted(documents.files.values()) == ["2024-03-01", "2024-03-02"]
    assert Documents(bucket).read(SCHEMA.names).equals(said)
    assert documents._undecided() == undecided, "the log still tells where something is to be decided"
    assert documents.capture_files() == {*(f"k{number}" for number in range(10)), "other"}


def test_the_log_is_kept_short(bucket: Bucket) -> None:
    older = {"delta.dataSkippingStatsColumns": "decision"}
    uri, options = bucket.uri("documents"), bucket.storage_options()
    write_deltalake(uri, rows({"capture_key": "k"}), partition_by=["day"], storage_options=options, configuration=older)
    Documents(bucket).tidy()
    documents = Documents(bucket)
    for number in range(12):
        documents.replace(rows({"capture_key": f"k{number}"}))
    kept = [one.key for one in bucket.list("documents/_delta_log/")]
    assert any(".checkpoint" in key for key in kept), "whoever opens the table need not read its whole history"


PAGES = st.lists(
    st.fixed_dictionaries(
        {
            "capture_key": st.sampled_from(["k1", "k2", "k3"]),
            "capture_offset": st.integers(0, 2),
            "article_id": st.sampled_from(["a" * 32, "b" * 32]),
            "series": st.sampled_from([None, "c" * 32]),
            "day": st.sampled_from(["2024-03-01", "2024-03-02"]),
            "next_page": st.sampled_from([None, "http://alfajr.example/1/2"]),
        }
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda row: (row["capture_key"], row["capture_offset"]),
)


def test_what_is_looked_up_is_what_the_whole_table_says(bucket: Bucket) -> None:
    @settings(max_examples=6)
    @given(st.lists(st.tuples(PAGES, st.sampled_from(["alfajr", "almada"]), st.booleans()), min_size=1, max_size=3))
    def check(writes: list[tuple[list[dict[str, Any]], str, bool]]) -> None:
        for prefix in ("documents/", "state/"):
            bucket.delete_below(prefix)
        for pages, source, is_tidied in writes:
            documents = Documents(bucket)
            documents.replace(rows(*(page | {"source": source} for page in pages)))
            if is_tidied:
                documents.tidy()
            every = Documents(bucket).read(SCHEMA.names).to_pylist()
            for one in (documents, Documents(bucket)):
                assert one.sources_of_captures() == {row["capture_key"]: row["source"] for row in every}
                for name, ask, values in (
                    ("capture_key", one.of_captures, ("k1", "k2", "k3")),
                    ("article_id", one.of_articles, ("a" * 32, "b" * 32)),
                    ("series", one.of_series, ("c" * 32, "d" * 32)),
                ):
                    for value in values:
                        assert ask(["id"], [value])["id"].to_pylist() == [r["id"] for r in every if r[name] == value]
                for of in ("alfajr", "almada"):
                    found = one.captures_of([of]).to_pylist()
                    assert {(r["capture_key"], r["capture_offset"], tuple(r["later"])) for r in found} == {
                        (r["capture_key"], r["capture_offset"], (r["next_page"],) if r["next_page"] else ())
                        for r in every
                        if r["source"] == of
                    }

    check()


def test_other_readers_of_delta_tables_read_it(bucket: Bucket) -> None:
    documents = Documents(bucket)
    documents.replace(rows({"capture_key": "a"}, {"capture_key": "b", "day": "2024-03-02"}))
    documents.replace(rows({"capture_key": "a", "title": "آخر"}))
    options = bucket.storage_options()
    found = pl.read_delta(bucket.uri("documents"), storage_options=options).sort("id").select(SCHEMA.names)
    assert found["title"].to_list() == ["آخر", "عنوان"]
    assert found["dates"].to_list() == documents.read(["dates"])["dates"].to_pylist()
    named = [field.name for field in DeltaTable(bucket.uri("documents"), storage_options=options).schema().fields]
    assert named == SCHEMA.names


def test_a_commit_whose_answer_is_lost_is_our_own(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    def dialect(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        is_first = request.method == "PUT" and "_delta_log" in request.path and answer.status < 300
        return dialects.refusal(500, "InternalError") if is_first else answer

    with through(bucket, monkeypatch, dialect) as losing:
        documents = Documents(losing)
        documents.replace(rows({"capture_key": "a"}))
        documents.replace(rows({"capture_key": "b"}))
        assert documents.capture_files() == {"a", "b"}
