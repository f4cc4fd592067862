"""Why a page is an article, a copy or neither, as readers are told."""

import json
from datetime import timedelta

import pytest

from pipeline import build as stages
from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.corpus import ExplainError
from pipeline.corpus.takedown import take_down
from pipeline.sources import Source
from tests.pipeline.conftest import NOW, archive, page, prose
from tests.pipeline.several_pages import address, part

Sources = dict[str, Source]


def explain(bucket: Bucket, wanted: str, other: str | None = None) -> list[str]:
    return [line for one in corpus.explain(bucket, wanted, other) for line in one.lines]


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
    told = explain(built, "http://alfajr.example/follow", "http://alfajr.example/own")
    assert "متابعة" in told[0]
    assert told[-1].endswith("no copy: they share too few of their shingles")
    assert (explain(built, article["article_id"], article["url"])) == ["one and the same page"]


def test_a_page_that_is_no_article_says_so(built: Bucket) -> None:
    assert "rejected: not_an_article (HTTP 200)" in "\n".join(explain(built, "HTTP://alfajr.example:80/tag#top"))
    for wanted, other in (
        ("http://nowhere.example/", None),
        ("ff" * 16, None),
        ("http://alfajr.example/own", "0" * 32),
    ):
        with pytest.raises(ExplainError, match="no captured page"):
            (explain(built, wanted, other))


def test_a_page_that_was_taken_down_says_no_more(built: Bucket) -> None:
    take_down(built, "http://alfajr.example/wire", "طلب", now=NOW)
    for url in ("http://alfajr.example/wire", "http://almada.example/w"):
        with pytest.raises(ExplainError, match="was taken down"):
            (explain(built, url))


def test_an_older_text_names_the_one_that_stands(built: Bucket, sources: Sources) -> None:
    url = "http://alfajr.example/own"
    archive(
        built, "alfajr", "four", {url: page("خبر", prose(2), "2024-03-06T08:00:00+03:00")}, at=NOW + timedelta(days=1)
    )
    stages.build(built, sources, "b2")
    told = explain(built, url)
    assert "an older text of this URL" in told[1]
    assert told[3] == "  an article"


def test_the_pages_of_an_article_are_named_and_the_one_that_is_missing(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "alfajr", "one", {address(1): part(1), address(2): part(2)})
    stages.build(bucket, sources, "b")
    told = explain(bucket, address(1))
    assert told[1:] == [
        "  an article",
        f"  its page 2: {address(2)}, captured 2024-03-20 08:00 UTC",
        f"  it goes on at {address(3)}, which is not in the corpus",
    ]
    assert (explain(bucket, address(2)))[1] == (
        f"  rejected: later_page: its text is part of the article at {address(1)}"
    )


def test_programs_are_given_the_columns_that_decided(built: Bucket) -> None:
    [told] = [one.to_json() for one in corpus.explain(built, "http://almada.example/w")]
    assert json.loads(json.dumps(told)) == told
    assert (told["url"], told["decision"], told["rejected"]) == ("http://almada.example/w", "near", None)
    assert told["published_day"] == "2024-03-05"
    assert 0 < told["similarity"] <= 1
    assert told["says"][0].startswith("a copy (near)")
    [two] = [
        one.to_json() for one in corpus.explain(built, "http://alfajr.example/follow", "http://alfajr.example/own")
    ]
    assert (two["url"], two["other"]) == ("http://alfajr.example/follow", "http://alfajr.example/own")
