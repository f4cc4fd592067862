"""Days are counted as a plain reading of their rows counts them, and months are the sums of their days."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import corpus
from pipeline.card import tallies
from pipeline.card.facts import gather
from pipeline.corpus import Manifest, Partition

DAY = date(2024, 3, 31)
AT = datetime(2024, 3, 31, tzinfo=UTC)
SOURCES = st.sampled_from(["alfajr", "almada", "badr"])
ARTICLES = st.lists(
    st.fixed_dictionaries(
        {
            "source": SOURCES,
            "language": st.sampled_from(["ar", "ckb", None]),
            "authors": st.lists(st.just("سامر القاضي"), max_size=2),
            "published_precision": st.sampled_from(["second", "day", "captured"]),
            "published_method": st.sampled_from(["json-ld:datePublished", "captured"]),
            "published_zone": st.sampled_from(["stated", "source", None]),
            "body_confidence": st.sampled_from(["high", "low", None]),
            "copies": st.lists(SOURCES, max_size=3),
            "relevance": st.none() | st.floats(0, 1),
        }
    ),
    min_size=1,
    max_size=12,
)
REQUIRED: dict[str, Any] = {
    **dict.fromkeys(("article_id", "url", "body", "published_confidence", "capture_key", "extractor"), "-"),
    **{name: [] for name in ("pages", "agencies", "captions", "tags", "dates_mentioned", "revisions")},
    **dict.fromkeys(("first_captured_at", "captured_at"), AT),
    "published_day": DAY,
    "capture_offset": 0,
}


def partition(articles: list[dict[str, Any]]) -> bytes:
    rows = [
        {
            **REQUIRED,
            **one,
            "source_name": one["source"].upper(),
            "copies": [{"source": taker} for taker in one["copies"]],
            "relevance": None if one["relevance"] is None else {"probability": one["relevance"]},
        }
        for one in articles
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=corpus.SCHEMA), buffer, row_group_size=5)
    return buffer.getvalue()


def plainly(articles: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for one in articles:
        source, takers = one["source"], [taker for taker in one["copies"] if taker != one["source"]]
        found[source, "all", ""] += 1
        found[source, "name", source.upper()] += 1
        for fact in ("language", "published_precision", "published_method", "published_zone", "body_confidence"):
            found[source, fact.split("_")[-1], one[fact] or ""] += 1
        found[source, "author", ""] += bool(one["authors"])
        found[source, "copied", ""] += bool(takers)
        tenth = "" if one["relevance"] is None else str(min(int(10 * one["relevance"]), 9))
        found[source, "relevance", tenth] += 1
        found.update((source, "copy", taker) for taker in takers)
    return +found


@settings(max_examples=12)
@given(ARTICLES)
def test_a_day_is_counted_as_its_rows_are(articles: list[dict[str, Any]]) -> None:
    counted = tallies.count(partition(articles), DAY).to_pylist()
    assert {row["day"] for row in counted} == {DAY}
    assert {(row["source"], row["fact"], row["value"]): row["articles"] for row in counted} == plainly(articles)


@settings(max_examples=12)
@given(st.dictionaries(st.integers(1, 31), ARTICLES, min_size=1, max_size=4))
def test_a_month_is_the_sum_of_its_days_and_knows_which_they_are(days: dict[int, list[dict[str, Any]]]) -> None:
    counted = [tallies.count(partition(of), date(2024, 3, day)) for day, of in days.items()]
    parts = [Partition("", str(date(2024, 3, day)), len(of), 0, "", "", "") for day, of in days.items()]
    facts = gather(Manifest(4, [], parts), "", 0, tallies._sum("2024-03", pa.concat_tables(counted)), {}, [])
    every = [one for of in days.values() for one in of]
    assert facts.articles == len(every)
    for outlet in facts.outlets:
        own = sorted(day for day, of in days.items() if any(one["source"] == outlet.id for one in of))
        assert outlet.days == [date(2024, 3, day) for day in own]
        assert outlet.articles == sum(one["source"] == outlet.id for one in every)
        assert sum(gap.days for gap in facts.empty(outlet)) == max(days) - own[0] + 1 - len(own) if own else True
    total: Counter[tuple[str, str, str]] = Counter()
    for of in days.values():
        total.update(plainly(of))
    assert {(one.source, one.taker): one.copies for one in facts.takings} == {
        (source, taker): number for (source, fact, taker), number in total.items() if fact == "copy"
    }
