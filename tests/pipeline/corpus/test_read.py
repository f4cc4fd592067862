"""The corpus read back: what changed, lines instead of Parquet, no file that was tampered with."""

import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline import build as stages
from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.corpus.takedown import take_down
from pipeline.sources import Source
from tests.pipeline.conftest import NOW, archive, page, prose

Sources = dict[str, Source]


def test_a_reader_learns_what_changed_since_a_manifest_and_since_a_moment(built: Bucket, sources: Sources) -> None:
    kept = built.get(corpus.MANIFEST)
    assert corpus.changes_since_manifest(built, kept) == corpus.Changes([], [])
    before = datetime.now(UTC) - timedelta(hours=1)
    everything = [f"articles/published=2024-03-0{day}/articles.parquet" for day in (5, 6, 7)]
    assert corpus.changes_since(built, before) == corpus.Changes(everything, [])
    assert corpus.changes_since(built, datetime.now(UTC) + timedelta(hours=1)) == corpus.Changes([], [])
    # The page of 6 March turns out to be of 8 March.
    edited = {"http://alfajr.example/own": page("خبر", prose(2), "2024-03-08T08:00:00+03:00")}
    archive(built, "alfajr", "three", edited, at=NOW + timedelta(days=1))
    stages.build(built, sources, "b2")
    new, old = (f"articles/published=2024-03-0{day}/articles.parquet" for day in (8, 6))
    assert corpus.changes_since_manifest(built, kept) == corpus.Changes([new], [old])
    assert corpus.changes_since(built, before).gone == [old]


@pytest.mark.parametrize("older", [b"", b"[]", b'{"partitions": 3}', b'{"partitions": [{}]}'])
def test_what_is_no_manifest_is_refused(built: Bucket, older: bytes) -> None:
    with pytest.raises(corpus.ManifestError, match="no manifest"):
        corpus.changes_since_manifest(built, older)


def test_lines_say_what_the_files_say(built: Bucket) -> None:
    out = io.StringIO()
    assert corpus.export_jsonl(corpus.read_articles(built), out) == 3
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    for line, article in zip(lines, corpus.read_articles(built), strict=True):
        assert line["published_day"] == str(article["published_day"])
        assert datetime.fromisoformat(line["published_at"]) == article["published_at"]
        assert {name: line[name] for name in ("title", "body", "authors", "source")} == {
            name: article[name] for name in ("title", "body", "authors", "source")
        }
        assert [copy["url"] for copy in line["copies"]] == [copy["url"] for copy in article["copies"]]
    assert "برقية" in out.getvalue(), "Arabic stays readable"
    some = list(corpus.read_articles(built, date(2024, 3, 6), date(2024, 3, 7)))
    assert [one["url"] for one in some] == ["http://alfajr.example/own"]


def test_a_file_that_was_tampered_with_is_not_read(built: Bucket) -> None:
    path = corpus.read_manifest(built).partitions[0].path
    built.put(path, built.get(path) + b"x")
    with pytest.raises(corpus.ManifestError, match="not as it was deposited"):
        list(corpus.read_articles(built))


def test_a_reader_who_asks_by_time_learns_of_what_was_taken_down(built: Bucket) -> None:
    before = datetime.now(UTC) - timedelta(hours=1)
    take_down(built, "http://alfajr.example/own", "طلب", now=NOW)
    assert corpus.changes_since(built, before).gone == ["articles/published=2024-03-06/articles.parquet"]
