"""Corpora of a few sentences, as a deposit leaves them, and a cache of the test's own."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.sources import Source
from pipeline.urls import article_id

Days = Mapping[str, Sequence[tuple[str, str]]]
"""By published day its articles: headline and body."""

SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("article_id", "url", "source", "source_name", "title", "body")]
    + [("published_day", pa.date32()), ("relevance", pa.struct([("probability", pa.float64())]))]
)
PROBABILITIES = ({"probability": 0.9}, {"probability": 0.123}, None)
"""Of the articles of a day in turn."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which searches keep what they fetch."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def sources() -> dict[str, Source]:
    """Two invented outlets, each with its war."""
    told = (("alfajr", ["Syria"]), ("almada", ["Yemen", "Sudan"]))
    return {
        id_: Source.model_validate(
            {"id": id_, "name": id_, "home": f"http://{id_}.example/", "timezone": "UTC", "conflicts": conflicts}
        )
        for id_, conflicts in told
    }


def row(day: str, number: int, title: str, body: str) -> dict[str, Any]:
    """An article; every other one is alfajr's."""
    source = ("alfajr", "almada")[number % 2]
    url = f"http://{source}.example/{day}/{number}"
    return {
        "article_id": article_id(url),
        "url": url,
        "source": source,
        "source_name": source,
        "title": title,
        "body": body,
        "published_day": day,
        "relevance": PROBABILITIES[number % len(PROBABILITIES)],
    }


def put(bucket: Bucket, days: Days) -> None:
    """Put a corpus into the bucket in place of the one that is there, as files of the columns that a search reads."""
    manifest = []
    for day, articles in sorted(days.items()):
        rows = [row(day, number, *article) for number, article in enumerate(articles)]
        table = pa.Table.from_pylist([one | {"published_day": date.fromisoformat(day)} for one in rows], schema=SCHEMA)
        file = io.BytesIO()
        pq.write_table(table, file)
        data = file.getvalue()
        path = f"articles/published={day}/articles.parquet"
        bucket.put(path, data)
        sha256 = hashlib.sha256(data).hexdigest()
        manifest.append(corpus.Partition(path, day, len(rows), len(data), "", sha256, ""))
    bucket.put(corpus.MANIFEST, corpus.Manifest(corpus.SCHEMA_VERSION, [], manifest).to_json())
    named = {part.path for part in manifest} | {corpus.MANIFEST}
    bucket.delete(*(stored.key for stored in bucket.list("articles/") if stored.key not in named))
