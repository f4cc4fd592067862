"""The index as builds keep it, and as takedowns reach into it."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from pipeline import build as stages
from pipeline import search as index
from pipeline.bucket import Bucket
from pipeline.run_reports import tell_report
from pipeline.search import search
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose
from tests.pipeline.search.test_index import holding, parts
from warraq.cli import app

Sources = dict[str, Source]


def pages(*days: int) -> dict[str, bytes]:
    return {
        f"http://alfajr.example/{day}": page(f"خبر {day}", [*prose(day), f"كلمة{day}"], f"2024-03-{day:02d}")
        for day in days
    }


def test_a_build_keeps_the_index_and_a_takedown_reaches_into_it(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "alfajr", "one", pages(4, 5))
    stages.build(bucket, sources, "b")
    found = search(bucket, "5")
    assert (found.total, found.notes) == (1, [])
    assert len(holding(bucket, "5")) == 1
    archive(bucket, "alfajr", "two", pages(6))
    stages.build(bucket, sources, "c")
    assert search(bucket, "6").total == 1
    assert len(holding(bucket, "5")) == 1
    done = CliRunner().invoke(app, ["takedown", "http://alfajr.example/5", "--reason", "طلب"])
    assert done.exit_code == 0, done.output
    assert holding(bucket, "5") == []
    assert search(bucket, "5").total == 0
    assert (search(bucket, "4").total, search(bucket, "6").total) == (1, 1)
    bucket.delete_below("search/")
    stages.build(bucket, sources, "d")
    assert search(bucket, "كلمة").notes == []
    assert len(parts(bucket)) == 1


def test_an_index_that_cannot_be_kept_fails_no_build_and_is_told(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archive(bucket, "alfajr", "one", pages(4))
    with monkeypatch.context() as patch:
        patch.setattr(index, "update", lambda *_: 1 / 0)
        key = stages.build(bucket, sources, "b")
    assert key is not None
    assert json.loads(bucket.get(key))["index"]["problem"] == "ZeroDivisionError: division by zero"
    assert "search/ was not brought up to date" in caplog.text
    for told in ("\n".join(tell_report(bucket, "b")), bucket.get(key.replace(".json", ".html")).decode()):
        assert re.search(r"✖ search/ was not brought up to date:\s+ZeroDivisionError", told)
    assert search(bucket, "4").notes[0].startswith("There is no index")
    stages.build(bucket, sources, "c")
    assert search(bucket, "4").notes == []
