"""Articles in one file: every format says the same, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from pipeline import corpus
from pipeline.bucket import Bucket


def test_every_format_has_the_same_articles(built: Bucket) -> None:
    rows = list(corpus.read_articles(built))
    sheet, lines, file = io.StringIO(newline=""), io.StringIO(), io.BytesIO()
    assert corpus.export_csv(rows, sheet) == corpus.export_jsonl(rows, lines) == 3
    assert corpus.export_parquet(corpus.read_tables(built), file) == 3
    assert pq.read_table(io.BytesIO(file.getvalue())).to_pylist() == rows
    read = list(csv.DictReader(io.StringIO(sheet.getvalue(), newline="")))
    for cells, line in zip(read, map(json.loads, lines.getvalue().splitlines()), strict=True):
        assert set(cells) == set(line)
        assert {name: json.loads(cells[name]) for name, value in line.items() if isinstance(value, list)} == {
            name: value for name, value in line.items() if isinstance(value, list)
        }
        assert (cells["body"], cells["published_day"]) == (line["body"], line["published_day"])


def test_one_source_alone_and_none(built: Bucket) -> None:
    assert len(list(corpus.read_articles(built, sources=["alfajr"]))) == 3
    assert list(corpus.read_articles(built, sources=["almada"])) == [], "its page is a copy"
    file = io.BytesIO()
    assert corpus.export_parquet([], file) == 0
    assert pq.read_table(io.BytesIO(file.getvalue())).schema.names == corpus.SCHEMA.names


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n＝＠'\",; اب1"), min_size=1))
def test_no_cell_of_a_sheet_is_a_formula_and_each_is_told_back(title: str) -> None:
    sheet = io.StringIO(newline="")
    corpus.export_csv([{"title": title}], sheet)
    [row] = csv.DictReader(io.StringIO(sheet.getvalue(), newline=""))
    assert row["title"] in {title, f"'{title}"}
    assert not row["title"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"))
    assert corpus.export_parquet([pa.table({"title": [title]})], io.BytesIO()) == 1
