"""What a reader is answered, whatever state the index and the reader's own cache are in."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.search import SearchError, find, search, update
from pipeline.search.index import INDEX, read_index
from pipeline.sources import Source
from tests.pipeline.search.conftest import put
from warraq.cli import app

DAYS = {
    "2024-02-29": [("خبر", "قصف على حلب"), ("خبر", "هدوء في حلبجة")],
    "2024-03-05": [("حلب تحت القصف", "نص"), ("خبر", "وقال مصدر " + "في مكان ما " * 30 + "إن بحلب\nقتلى")],
    "2024-03-06": [("خبر", "قصف على حلب")],
}


@pytest.fixture
def indexed(bucket: Bucket, sources: dict[str, Source]) -> Bucket:
    put(bucket, DAYS)
    update(bucket, sources)
    return bucket


def found(bucket: Bucket, query: str = "حلب", **options: object) -> list[str]:
    return [str(hit.published_day) for hit in search(bucket, query, **options).hits]  # type: ignore[arg-type]


def test_headlines_come_first_and_of_equals_the_newest(indexed: Bucket) -> None:
    assert found(indexed) == ["2024-03-05", "2024-03-06", "2024-02-29", "2024-03-05"]
    assert found(indexed, limit=2) == ["2024-03-05", "2024-03-06"]
    assert search(indexed, "حلب", limit=2).total == 4


def test_places_are_marked_in_whole_words(indexed: Bucket) -> None:
    hits = search(indexed, "حلب القصف", limit=9).hits
    assert [[hit.title[start:end] for start, end in hit.title_marks] for hit in hits] == [["حلب", "القصف"]]
    assert hits[0].snippet == "نص"
    (hit,) = search(indexed, "بحلب").hits
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["بحلب"]
    assert hit.snippet.endswith("إن بحلب قتلى")
    body = DAYS["2024-03-05"][1][1]
    assert body[hit.snippet_at :].replace("\n", " ") == hit.snippet
    assert not hit.goes_on
    assert len(hit.snippet) < 220
    assert body[hit.snippet_at - 1] == " "


def test_filters_are_exact(indexed: Bucket) -> None:
    assert found(indexed, sources=["alfajr"]) == ["2024-03-05", "2024-03-06", "2024-02-29"]
    assert found(indexed, sources=["almada"]) == ["2024-03-05"]
    assert found(indexed, conflicts=["sudan"]) == ["2024-03-05"]
    assert found(indexed, conflicts=["Yemen", "Syria"], since=date(2024, 3, 6)) == ["2024-03-06"]
    assert found(indexed, conflicts=["Yemen"], sources=["alfajr"]) == []
    assert found(indexed, since=date(2024, 3, 1), until=date(2024, 3, 6)) == ["2024-03-05", "2024-03-05"]
    assert found(indexed, until=date(2024, 2, 29)) == []


def test_a_probability_is_a_bound_and_where_none_is_known_none_is_met(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    put(bucket, {"2024-03-05": [(str(number), "قصف على حلب") for number in range(3)]})
    update(bucket, sources)
    for least, titles in (
        (None, {"0", "1", "2"}),
        (0.0, {"0", "1"}),
        (0.123, {"0", "1"}),
        (0.124, {"0"}),
        (0.901, set()),
    ):
        assert {hit.title for hit in search(bucket, "حلب", relevance=least).hits} == titles


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sources": ["alfagr"]}, "no source 'alfagr' is in the corpus; it has alfajr, almada"),
        ({"conflicts": ["Libya"]}, "no conflict 'Libya' is in the corpus; it has Sudan, Syria, Yemen"),
        ({"since": date(2024, 3, 6), "until": date(2024, 3, 6)}, "--since 2024-03-06 must come before"),
    ],
)
def test_what_there_is_not_is_told(indexed: Bucket, options: dict[str, object], message: str) -> None:
    with pytest.raises(SearchError, match=message):
        found(indexed, **options)


def test_without_a_corpus_or_an_article_it_says_so(bucket: Bucket) -> None:
    with pytest.raises(corpus.ManifestError, match="has no corpus yet: run `warraq build` first"):
        search(bucket, "حلب")
    put(bucket, {})
    with pytest.raises(SearchError, match="has no article yet"):
        search(bucket, "حلب")


def test_without_an_index_or_with_one_of_another_version_it_answers_and_says_what_to_do(bucket: Bucket) -> None:
    put(bucket, DAYS)
    answer = search(bucket, "حلب")
    assert [str(hit.published_day) for hit in answer.hits] == ["2024-03-05", "2024-03-06", "2024-02-29", "2024-03-05"]
    assert answer.notes == [
        "There is no index in search/: run `warraq build`, which brings it in line.",
        "Of these, 3 days from 2024-02-29 to 2024-03-06 were indexed here for this search.",
    ]
    with pytest.raises(SearchError, match="run `warraq build`"):
        search(bucket, "حلب", conflicts=["Syria"])
    bucket.put(INDEX, b'{"version": "0"}')
    answer = search(bucket, "حلب", since=date(2024, 3, 1))
    assert answer.total == 3
    assert answer.notes[0].startswith("The index in search/ is of version '0', and this warraq has ")


def test_days_that_are_too_many_are_named(indexed: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "_INDEXED_HERE", 1)
    changed = DAYS | {"2024-03-05": [("حلب", "حمص"), ("خبر", "حمص")], "2024-03-06": [("خبر", "حلب، ثم حلب")]}
    put(indexed, changed)
    answer = search(indexed, "حلب")
    # Of the day that is as it was before only what still has the word.
    assert sorted(str(hit.published_day) for hit in answer.hits) == ["2024-02-29", "2024-03-05", "2024-03-06"]
    assert answer.total == 3
    assert answer.notes == [
        "The index in search/ lacks 2 days as they are now: run `warraq build`, which brings it in line.",
        "Of these, 1 days from 2024-03-06 to 2024-03-06 were indexed here for this search.",
        "Not searched, or only as they were before: 1 days from 2024-03-05 to 2024-03-05. Ask for fewer days with --since and "
        "--until.",
    ]


def test_a_part_that_is_gone_or_damaged_is_told_and_its_days_are_read(indexed: Bucket) -> None:
    told = read_index(indexed)
    assert told is not None
    first, second = (part.key for part in told.parts)
    indexed.delete(first)
    indexed.client.put_object(
        Bucket=indexed.name,
        Key=second,
        Body=b"x",
        Metadata=dict(indexed.head(second).metadata),  # type: ignore[union-attr]
    )
    answer = search(indexed, "حلب")
    assert answer.total == 4
    assert (
        answer.notes[0] == f"{first} is not there, though the index names it: run `warraq build`, which makes it anew."
    )
    assert answer.notes[1] == f"{second} is damaged: run `warraq build --repair`, which makes it anew."


def test_what_is_fetched_is_kept_and_again_where_it_is_damaged(
    indexed: Bucket, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    download = Bucket.download

    def noted(self: Bucket, key: str, file: object) -> str:
        fetched.append(key)
        return download(self, key, file)  # type: ignore[arg-type]

    monkeypatch.setattr(Bucket, "download", noted)
    whole = found(indexed)
    assert {key.partition("/")[0] for key in fetched} == {"articles", "search"}
    fetched.clear()
    assert found(indexed) == whole
    assert sorted(fetched) == ["articles/_manifest.json", INDEX]
    terms, *_ = sorted(cache.rglob("parts/*/*.term"))
    terms.write_bytes(b"x" * terms.stat().st_size)
    for day in cache.rglob("days/*.parquet"):
        day.write_bytes(b"x")
    fetched.clear()
    assert found(indexed) == whole
    assert len(fetched) == 2 + 1 + 3


def test_what_the_bucket_let_go_of_leaves_the_cache(indexed: Bucket, cache: Path) -> None:
    found(indexed)
    before = {path for path in cache.rglob("*") if path.is_file()}
    put(indexed, {"2024-03-06": [("خبر", "حمص")]})
    update(indexed, {})
    assert found(indexed) == []
    assert not {path for path in before if path.exists() and path.name != "meta.json"}


def test_a_cache_that_cannot_be_written_is_told(indexed: Bucket, cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(Exception, match=r"cannot be written: .* Set XDG_CACHE_HOME"):
        found(indexed)


# The command -------------------------------------------------------------------------------------------------------------


def test_the_command_prints_tables_lines_of_json_and_notes(indexed: Bucket) -> None:
    done = CliRunner().invoke(app, ["corpus", "search", "حلب", "القصف"])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "published_day\tsource\ttitle\tsnippet\turl",
        "2024-03-05\talfajr\tحلب تحت القصف\tنص\thttp://alfajr.example/2024-03-05/0",
    ]
    done = CliRunner().invoke(app, ["corpus", "search", '"قصف على"', "--json", "--limit", "1", "--until", "2024-03-01"])
    (line,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["published_day"], line["source"], line["marks"]) == ("2024-02-29", "alfajr", [[0, 3], [4, 7]])
    put(indexed, DAYS | {"2024-03-07": [("x", "y")]})
    done = CliRunner().invoke(app, ["-q", "corpus", "search", "دمشق"])
    assert done.stdout == ""
    assert "lacks 1 days as they are now: run `warraq build`" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["،"], ['"حلب'], ["حلب", "--source", "x"], ["حلب", "--since", "2024-03-06", "--until", "2024-03-05"]]
)
def test_the_command_says_what_is_wrong(indexed: Bucket, arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["corpus", "search", *arguments])
    assert done.exit_code == 1
    assert done.stdout == ""
