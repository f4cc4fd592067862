from collections.abc import Collection

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.bucket import Bucket
from pipeline.documents.lookup import KEY, Lookup

DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")
PAGE = st.tuples(st.sampled_from("abcdef"), st.sampled_from(["k1", "k2", "k3"]), st.sampled_from([None, "s", "t"]))
FILE = st.tuples(st.sampled_from(DAYS), st.lists(PAGE, max_size=3))
NAMES = st.fixed_dictionaries({key: st.sampled_from(["alfajr", "fajr"]) for key in ("k1", "k2", "k3")})
TABLES = st.lists(st.tuples(st.lists(FILE, max_size=4), NAMES), min_size=1, max_size=5)
Files = dict[str, tuple[str, list[tuple[str, str, str | None]]]]


class Table:
    """A table of such files, each with its day and pages, and what the source of each capture is; notes which days were read."""

    def __init__(self, files: Files, sources: dict[str, str] | None = None) -> None:
        self.files = files
        self.sources = sources or {}
        self.read_days: set[str] = set()

    def read(self, days: Collection[str]) -> pa.Table:
        self.read_days |= set(days)
        rows = [
            {
                "article_id": page,
                "capture_key": key,
                "series": series,
                "source": self.sources.get(key, "alfajr"),
                "day": day,
            }
            for day, pages in self.files.values()
            for page, key, series in pages
            if day in days
        ]
        names = ("article_id", "capture_key", "series", "source", "day")
        return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))

    def lookup(self, bucket: Bucket) -> Lookup:
        return Lookup.of(bucket, {name: day for name, (day, _) in self.files.items()}, self.read)


def test_every_page_is_found_in_its_days_and_no_others_whatever_the_history(bucket: Bucket) -> None:
    @given(TABLES)
    def check(tables: list[tuple[list[tuple[str, list[tuple[str, str, str | None]]]], dict[str, str]]]) -> None:
        bucket.delete(KEY)
        for files, names in tables:  # a file never changes: its name follows from what it holds
            table = Table(
                {f"{day}-{pages}-{[names[key] for _, key, _ in pages]}": (day, pages) for day, pages in files}, names
            )
            lookup = table.lookup(bucket)
            held = [(day, *page) for day, pages in table.files.values() for page in pages]
            assert lookup.sources_of_captures() == {key: names[key] for _, _, key, _ in held}
            for wanted in "abcdef":
                assert lookup.days_of_pages([wanted]) == {day for day, page, _, _ in held if page == wanted}
            for wanted in ("k1", "k2", "k3"):
                assert lookup.days_of_captures([wanted]) == {day for day, _, key, _ in held if key == wanted}
            for wanted in ("s", "t"):
                assert lookup.days_of_series([wanted]) == {day for day, _, _, series in held if series == wanted}

    check()


def test_only_days_that_changed_are_read(bucket: Bucket) -> None:
    files: Files = {"f1": (DAYS[0], [("a", "k1", None)]), "f2": (DAYS[1], [("b", "k2", None)])}
    Table(files).lookup(bucket)
    table = Table(files | {"f3": (DAYS[1], [("c", "k3", None)])})
    lookup = table.lookup(bucket)
    assert table.read_days == {DAYS[1]}
    assert lookup.sources_of_captures().keys() == {"k1", "k2", "k3"}
    assert lookup.days_of_pages(["b", "c"]) == {DAYS[1]}


def test_a_lookup_that_cannot_be_read_is_made_anew(bucket: Bucket) -> None:
    bucket.put(KEY, b"no Parquet")
    assert Table({"f1": (DAYS[0], [("a", "k1", None)])}).lookup(bucket).sources_of_captures() == {"k1": "alfajr"}
