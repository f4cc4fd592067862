"""What readers of the corpus ask of it: what changed, lines instead of Parquet, and why a page was merged or not."""

import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline import build as stages
from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.corpus.explain import ExplainError, explain
from pipeline.corpus.takedown import take_down
from pipeline.sources import Source
from tests.pipeline.conftest import NOW, archive, page, prose

Sources = dict[str, Source]
WIRE = prose(9000, 10)


@pytest.fixture
def built(bucket: Bucket, sources: Sources) -> Bucket:
    archive(
        bucket,
        "alfajr",
        "one",
        {
            "http://alfajr.example/wire": page("برقية", WIRE, "2024-03-05T08:00:00+03:00"),
            "http://alfajr.example/own": page("خبر", prose(1), "2024-03-06T08:00:00+03:00"),
            "http://alfajr.example/follow": page("متابعة", [*prose(70, 9), *WIRE[:2]], "2024-03-07T08:00:00+03:00"),
            "http://alfajr.example/tag": b"<html><body><a href='/'>x</a></body></html>",
        },
    )
    archive(
        bucket, "almada", "two", {"http://almada.example/w": page("عنوان آخر", WIRE[:-1], "2024-03-05T19:00:00+03:00")}
    )
    stages.build(bucket, sources, "b")
    return bucket


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


def test_a_copy_says_what_it_repeats_and_by_which_shares(built: Bucket) -> None:
    told = "\n".join(explain(built, "http://almada.example/w"))
    assert "a copy (near), similarity 0." in told
    assert "earlier: 2024-03-05 صحيفة الفجر: برقية <http://alfajr.example/wire>" in told
    assert "of both texts' shingles are common" in told
    assert "a copy: near" in told


def test_an_article_names_its_copies_and_why_others_are_none(built: Bucket) -> None:
    [article] = [row for row in corpus.read_articles(built) if row["url"].endswith("/wire")]
    told = "\n".join(explain(built, article["article_id"]))
    assert "  an article\n" in told
    assert "its copy: http://almada.example/w (near" in told
    assert "<http://alfajr.example/follow>" in told.split("not merged:")[1]
    assert "no copy: they share too few" in told
    told = list(explain(built, "http://alfajr.example/follow", "http://alfajr.example/own"))
    assert "متابعة" in told[0]
    assert told[-1].endswith("no copy: they share too few of their shingles")
    assert list(explain(built, article["article_id"], article["url"])) == ["one and the same page"]


def test_a_page_that_is_no_article_says_so(built: Bucket) -> None:
    assert "rejected: not_an_article (HTTP 200)" in "\n".join(explain(built, "HTTP://alfajr.example:80/tag#top"))
    for wanted, other in (
        ("http://nowhere.example/", None),
        ("ff" * 16, None),
        ("http://alfajr.example/own", "0" * 32),
    ):
        with pytest.raises(ExplainError, match="no captured page"):
            list(explain(built, wanted, other))


def test_a_page_that_was_taken_down_says_no_more(built: Bucket) -> None:
    take_down(built, "http://alfajr.example/wire", "طلب", now=NOW)
    for url in ("http://alfajr.example/wire", "http://almada.example/w"):
        with pytest.raises(ExplainError, match="was taken down"):
            list(explain(built, url))


def test_a_reader_who_asks_by_time_learns_of_what_was_taken_down(built: Bucket) -> None:
    before = datetime.now(UTC) - timedelta(hours=1)
    take_down(built, "http://alfajr.example/own", "طلب", now=NOW)
    assert corpus.changes_since(built, before).gone == ["articles/published=2024-03-06/articles.parquet"]


def test_an_older_text_names_the_one_that_stands(built: Bucket, sources: Sources) -> None:
    url = "http://alfajr.example/own"
    archive(
        built, "alfajr", "four", {url: page("خبر", prose(2), "2024-03-06T08:00:00+03:00")}, at=NOW + timedelta(days=1)
    )
    stages.build(built, sources, "b2")
    told = list(explain(built, url))
    assert "an older text of this URL" in told[1]
    assert told[3] == "  an article"
