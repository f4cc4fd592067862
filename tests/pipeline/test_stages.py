"""Arrow batches in, Arrow batches out: whatever the cut, the rows are the same, and none is lost."""

from datetime import UTC, datetime
from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import stages
from pipeline.captures import Capture
from pipeline.documents import SCHEMA
from pipeline.sources import Source
from tests.pipeline.conftest import NOW, page, prose

ALFAJR = Source(id="alfajr", name="صحيفة الفجر", home="http://alfajr.example/", timezone="Asia/Damascus")
SOURCES = {"alfajr": ALFAJR}


def capture(number: int, body: bytes, *, source: str = "alfajr", **more: object) -> Capture:
    key = f"captures/source={source}/fetched=2024-03-20/run-{number // 4:05}.warc.gz"
    url = f"http://alfajr.example/{number}"
    return Capture(key, number, url, NOW, 200, "text/html; charset=utf-8", body, **more)


CAPTURED = [
    *(capture(n, page(f"خبر {n}", prose(n), f"2024-03-{1 + n:02}T10:00:00+03:00")) for n in range(3)),
    capture(8, b"", location="http://alfajr.example/1"),
    capture(9, b"<html>", digest="sha1:X", truncated=True),
    capture(10, b"", revisit=True, found={"by": "feed", "title": "\ud83d"}),
    capture(11, page("خبر", prose(11), "2024-03-11"), source="nobodys"),
    Capture(
        "captures/source=alfajr/fetched=2024-03-20/bad-00000.warc.gz", -1, "http://alfajr.example/", NOW, 0, "", b""
    ),
]


def rows(tables: list[pa.Table]) -> list[dict]:
    return sorted(pa.concat_tables(tables).to_pylist(), key=lambda row: row["id"])


def test_a_page_is_the_row_that_it_is_alone() -> None:
    made = rows([stages.date_pages(stages.clean_pages(stages.captures_table(CAPTURED), SOURCES))])
    alone = [stages.document_row(one, ALFAJR) for one in CAPTURED if "nobodys" not in one.key]
    assert made == rows([pa.Table.from_pylist(alone, schema=SCHEMA)])
    assert [row["rejected"] for row in made if row["capture_offset"] in {-1, 0, 2}] == ["unreadable", None, None]


@settings(max_examples=10, deadline=None)
@given(st.permutations(CAPTURED), st.sets(st.integers(1, len(CAPTURED) - 1)))
def test_any_cut_in_any_order_gives_the_same_rows(captures: list[Capture], cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(captures)]
    parts = [captures[first:last] for first, last in pairwise(edges)]
    cleaned = [stages.clean_pages(stages.captures_table(part), SOURCES) for part in parts]
    assert all(table.schema == stages.CLEANED for table in cleaned)
    whole = stages.date_pages(stages.clean_pages(stages.captures_table(CAPTURED), SOURCES))
    assert rows([stages.date_pages(table) for table in cleaned]) == rows([whole])


def test_what_breaks_a_later_stage_costs_its_row_alone() -> None:
    """Such values come from no page that is known; one that comes must not stop the others."""
    captures = [
        Capture(f"captures/x-{n}", n, f"http://alfajr.example/{n}", NOW, 200, "text/html", page(f"خبر {n}", prose(n)))
        for n in range(3)
    ]
    cleaned = [stages._clean_row(capture, ALFAJR) for capture in captures]
    cleaned[1]["section"] = "\ud83d"
    table = stages._table(cleaned, stages.CLEANED)
    assert table["rejected"].to_pylist() == [None, "undecodable", None]
    assert table["body"].to_pylist()[1] is None
    assert table["fetched_url"].to_pylist() == [capture.url for capture in captures]
    cleaned[1] |= {"section": None, "captured_at": datetime(1, 1, 1, tzinfo=UTC)}
    dated = stages._table([stages._date_or_reject(row) for row in cleaned], SCHEMA)
    assert dated["rejected"].to_pylist() == [None, "undecodable", None]
    cleaned[1] |= {"captured_at": NOW}
    dated_rows = [stages._date_or_reject(row) for row in cleaned]
    dated_rows[2]["title"] = "\udc00"
    assert stages._table(dated_rows, SCHEMA)["rejected"].to_pylist() == [None, None, "undecodable"]
