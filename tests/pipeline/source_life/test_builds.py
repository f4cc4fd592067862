"""The corpus follows from captures and files alone: built on after a change of the files, it is what a rebuild gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import build as stages
from pipeline import corpus, waiting
from pipeline.bucket import Bucket
from pipeline.known_pages import known_pages, stored_captures
from pipeline.source_life import merge, remove, rename
from pipeline.sources import find_source, read_sources
from tests.pipeline.conftest import NOW, archive, page, prose
from tests.pipeline.several_pages import address, part
from tests.pipeline.source_life.conftest import corpus_of, file_of, history, put

pytestmark = pytest.mark.slow

RUNS = [run for _, run, _ in history()]
Build = Callable[..., None]


def rows(bucket: Bucket) -> dict[str, dict]:
    return {row["url"]: row for row in corpus.read_articles(bucket)}


def afresh(bucket: Bucket, build: Build) -> dict[str, bytes]:
    """The corpus as it is made from the captures alone."""
    for prefix in ("articles/", "documents/", "state/"):
        bucket.delete_below(prefix)
    build()
    return corpus_of(bucket)


def test_a_renamed_source_keeps_ids_history_and_captures(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    build()
    before, captures = rows(bucket), [stored.key for stored in bucket.list("captures/")]
    rename(folder, bucket, "alfajr", "fajr").apply()
    build()
    after = rows(bucket)
    assert {url: row["article_id"] for url, row in after.items()} == {
        url: row["article_id"] for url, row in before.items()
    }
    assert {row["source"] for row in after.values()} == {"fajr", "almada"}
    assert after["http://alfajr.example/wire"]["copies"][0]["source"] == "almada"
    assert len(after["http://alfajr.example/1"]["revisions"]) == 1
    assert [stored.key for stored in bucket.list("captures/")] == captures
    source = find_source("fajr", folder)
    assert len(known_pages(bucket, *source.ids)) == 5
    assert len(stored_captures(bucket, *source.ids)) == 6
    assert waiting.left_out(bucket, read_sources(folder).readable) == {}
    told = corpus_of(bucket)
    build(rebuild=True)
    assert corpus_of(bucket) == told == afresh(bucket, build)


def test_a_source_renamed_back_is_what_it_was(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    build()
    before = corpus_of(bucket)
    rename(folder, bucket, "alfajr", "fajr").apply()
    build()
    assert corpus_of(bucket) != before
    rename(folder, bucket, "fajr", "alfajr").apply()
    build()
    assert corpus_of(bucket) == before
    assert find_source("alfajr", folder).formerly == ("fajr",)


CHANGES = {
    "rename": lambda folder, bucket: rename(folder, bucket, "alfajr", "fajr"),
    "merge": lambda folder, bucket: merge(folder, bucket, "almada", "alfajr"),
    "remove": lambda folder, bucket: remove(folder, bucket, "alfajr"),
}


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(RUNS), place=st.integers(0, len(RUNS)))
def test_when_the_change_comes_makes_no_difference(
    bucket: Bucket, folder: Path, build: Build, change: str, order: list[str], place: int
) -> None:
    for prefix in ("captures/", "articles/", "documents/", "state/", "work/"):
        bucket.delete_below(prefix)
    for file in folder.rglob("*.yaml"):
        file.unlink()
    for id_ in ("alfajr", "almada"):
        (folder / f"{id_}.yaml").write_text(file_of(id_), encoding="utf-8")
    for number, run in enumerate(order):
        if number == place:
            CHANGES[change](folder, bucket).apply()
        put(bucket, run)
        build()
    if place == len(order):
        CHANGES[change](folder, bucket).apply()
        build()
    built = corpus_of(bucket)
    assert built == afresh(bucket, build)
    assert corpus.verify(bucket) == []


def test_a_merged_sources_pages_are_the_other_ones(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    build()
    before = rows(bucket)
    merge(folder, bucket, "almada", "alfajr").apply()
    assert sorted(path.name for path in folder.glob("*.yaml")) == ["almada.yaml"]
    build()
    assert rows(bucket).keys() == before.keys()
    assert {row["source"] for row in rows(bucket).values()} == {"almada"}
    assert {row["source_name"] for row in rows(bucket).values()} == {"موقع المدى"}
    assert len(known_pages(bucket, *find_source("almada", folder).ids)) == 9


def test_a_removed_sources_captures_are_read_by_a_rebuild(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    build()
    before = corpus_of(bucket)
    remove(folder, bucket, "alfajr").apply()
    assert list(read_sources(folder).sources) == ["almada"]
    build(rebuild=True)
    assert corpus_of(bucket) == before == afresh(bucket, build)
    assert waiting.left_out(bucket, read_sources(folder).readable) == {}


def test_captures_that_no_file_names_are_named_and_what_is_known_of_them_stays(
    bucket: Bucket, folder: Path, build: Build
) -> None:
    put(bucket)
    build()
    before = corpus_of(bucket)
    (folder / "alfajr.yaml").unlink()
    report = stages.build(bucket, read_sources(folder).readable, "without", rebuild=True)
    assert corpus_of(bucket) == before
    assert b'"left_out": {\n  "alfajr": 2\n }' in bucket.get(report)
    assert b"<code>alfajr</code>: 2 capture files" in bucket.get(report.replace(".json", ".html"))
    told = waiting.say_left_out(waiting.left_out(bucket, read_sources(folder).readable))
    assert "alfajr (2 files)" in told
    (folder / "almada.yaml").write_text(f"{file_of('almada')}formerly: [alfajr]\n", encoding="utf-8")
    assert waiting.say_left_out(waiting.left_out(bucket, read_sources(folder).readable)) == ""


def test_a_source_that_moved_to_another_domain_keeps_its_articles(bucket: Bucket, folder: Path, build: Build) -> None:
    """The old host stays among the allowed ones, so that its pages' own word on their addresses is believed still."""
    put(bucket)
    build()
    before = rows(bucket)
    moved = file_of("alfajr").replace("http://alfajr.example/", "http://fajr.example/")
    moved += "allowed_hosts: [fajr.example, alfajr.example]\n"
    (folder / "alfajr.yaml").write_text(moved, encoding="utf-8")
    again = page("خبر 2", prose(2), "2024-03-02T10:00:00+03:00")
    archive(
        bucket,
        "alfajr",
        "r3",
        {"http://fajr.example/2": again, "http://fajr.example/9": page("خبر 9", prose(9), "2024-03-19")},
        at=NOW.replace(day=21),
    )
    build()
    after = rows(bucket)
    assert after.keys() == before.keys() | {"http://fajr.example/9"}
    assert all(after[url]["article_id"] == row["article_id"] for url, row in before.items())
    assert [copy["url"] for copy in after["http://alfajr.example/2"]["copies"]] == ["http://fajr.example/2"]
    assert corpus_of(bucket) == afresh(bucket, build)


def test_an_article_over_pages_is_one_again_when_all_its_captures_were_read_again(
    bucket: Bucket, folder: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass may read the capture of one page and leave those of the others, which name the old id, to the next pass."""
    for number in (1, 2, 3):
        archive(bucket, "alfajr", f"r{number}", {address(number): part(number)}, at=NOW + timedelta(hours=number))
    build()
    rename(folder, bucket, "alfajr", "fajr").apply()
    monkeypatch.setattr(stages, "BATCH_FILES", 1)
    monkeypatch.setattr(stages, "BATCHES_A_RUN", 1)
    passes = list(stages.passes(bucket, read_sources(folder).readable, "again"))
    assert len(passes) == 3
    [article] = rows(bucket).values()
    assert (article["source"], len(article["pages"])) == ("fajr", 2)
    assert corpus_of(bucket) == afresh(bucket, build)
