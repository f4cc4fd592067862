from collections.abc import Collection

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.bucket import Bucket
from pipeline.directory import KEY, Directory

PAGE = st.tuples(
    st.sampled_from("abcdef"), st.sampled_from(["k1", "k2", "k3"]), st.sampled_from(["2024-01-01", "2024-01-02"])
)
TABLES = st.lists(
    st.dictionaries(st.sampled_from(["f1", "f2", "f3", "f4"]), st.lists(PAGE, max_size=3)), min_size=1, max_size=4
)


class Table:
    """A table of so many files with such pages; notes which were read."""

    def __init__(self, files: dict[str, list[tuple[str, str, str]]]) -> None:
        self.files = files
        self.read_files: set[str] = set()

    def read(self, files: Collection[str]) -> pa.Table:
        self.read_files |= set(files)
        pages = [page for file in sorted(files) for page in self.files[file]]
        names = ("article_id", "capture_key", "day")
        return pa.Table.from_pylist(
            [dict(zip(names, page, strict=True)) for page in pages],
            schema=pa.schema([(name, pa.string()) for name in names]),
        )

    def directory(self, bucket: Bucket) -> Directory:
        return Directory.of(bucket, self.files.keys(), self.read)


def test_every_page_is_found_in_its_day_whatever_the_history(bucket: Bucket) -> None:
    @given(TABLES)
    def check(tables: list[dict[str, list[tuple[str, str, str]]]]) -> None:
        bucket.delete(KEY)
        for number, files in enumerate(tables):  # a file never changes: another history has other names
            table = Table({f"{number}-{name}" if number % 2 else name: pages for name, pages in files.items()})
            if not number % 2:
                table = Table({f"{name}-{hash(tuple(pages))}": pages for name, pages in files.items()})
            directory = table.directory(bucket)
            for pages in table.files.values():
                for url, key, day in pages:
                    assert day in directory.days_of_pages([url])
                    assert day in directory.days_of_captures([key])
                    assert key in directory.capture_keys()

    check()


def test_a_file_is_read_once(bucket: Bucket) -> None:
    files = {"f1": [("a", "k1", "2024-01-01")]}
    Table(files).directory(bucket)
    table = Table(files | {"f2": [("b", "k2", "2024-01-02")]})
    directory = table.directory(bucket)
    assert table.read_files == {"f2"}
    assert directory.capture_keys() == {"k1", "k2"}
    assert directory.days_of_pages(["c"]) == set()


def test_another_table_starts_a_directory_anew(bucket: Bucket) -> None:
    Table({"f1": [("a", "k1", "2024-01-01")]}).directory(bucket)
    assert Table({"g1": [("b", "k2", "2024-01-02")]}).directory(bucket).capture_keys() == {"k2"}


def test_a_directory_that_cannot_be_read_is_made_anew(bucket: Bucket) -> None:
    bucket.put(KEY, b"no Parquet")
    assert Table({"f1": [("a", "k1", "2024-01-01")]}).directory(bucket).capture_keys() == {"k1"}
