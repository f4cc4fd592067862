"""The corpus of the demo held against its gold."""

from __future__ import annotations

from demo.gold import gold_rows
from pipeline import corpus
from pipeline.bucket import Bucket


def assert_is_gold(bucket: Bucket) -> None:
    """Every article of the gold and no other, row for row, each with its copies."""
    gold = {row["url"]: row for row in gold_rows()}
    rows = {row["url"]: row for row in corpus.read_articles(bucket)}
    expected = {url: row for url, row in gold.items() if row["outcome"] == "article"}
    assert sorted(rows) == sorted(expected)
    for url, want in expected.items():
        row = rows[url]
        found = {
            "title": row["title"],
            "authors": row["authors"],
            "published_day": str(row["published_day"]),
            "precision": row["published_precision"],
            "published_at": row["published_at"] and row["published_at"].isoformat(),
            "body": row["body"].split("\n"),
            "source": row["source"],
            "copies": sorted(copy["url"] for copy in row["copies"]),
        }
        copies = sorted(other["url"] for other in gold.values() if other["copy_of"] == url)
        assert found == {name: want[name] for name in found if name != "copies"} | {"copies": copies}, url
