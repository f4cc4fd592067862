from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.captures import TAKEN_DOWN_URN, list_page_files, read_captures
from pipeline.corpus import TakedownError
from pipeline.documents import SCHEMA, Documents
from pipeline.health import read_days
from pipeline.import_archives import ArchiveFileError, import_archive
from pipeline.known_pages import known_pages, taken_down
from pipeline.search.index import read_index
from pipeline.source_life import purge, remove, rename, say_purge
from pipeline.sources import SourceError, find_source, read_sources
from tests.pipeline.conftest import NOW, archive, page, prose
from tests.pipeline.source_life.conftest import WIRE, corpus_of, file_of, put, put_feed
from tests.pipeline.source_life.test_builds import afresh, rows

pytestmark = pytest.mark.slow

Build = Callable[..., None]
LATER = NOW + timedelta(days=9)


def take_down(bucket: Bucket, folder: Path, source: str = "alfajr") -> corpus.Outcome:
    remove(folder, bucket, source).apply()
    return purge(folder, bucket, source, "asked for by the outlet", now=LATER)


def everything(bucket: Bucket, prefix: str = "") -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list(prefix)}


def test_nothing_of_a_purged_source_is_left(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    put_feed(bucket, "alfajr")
    kept = put_feed(bucket, "almada")
    build()
    told = " ".join(say_purge(folder, bucket, "alfajr"))
    assert "2 capture files, 6 documents (4 of them articles)" in told
    outcome = take_down(bucket, folder)
    assert (outcome.emptied, outcome.purged) == (6, 6)
    left = rows(bucket)
    assert {row["source"] for row in left.values()} == {"almada"}
    assert "http://almada.example/w" in left  # the wire story that it took from the other
    for key in list_page_files(bucket, "alfajr"):
        assert all(one.url.startswith(TAKEN_DOWN_URN) for one in read_captures(io.BytesIO(bucket.get(key)), key))
    of_discovery = [stored.key for stored in bucket.list("captures/") if "-discovery-" in stored.key]
    assert of_discovery == [kept.replace(".warc.gz", ".cdxj"), kept]
    down = [row for row in Documents(bucket).read(SCHEMA.names).to_pylist() if row["source"] == "alfajr"]
    assert {(row["rejected"], row["body"], row["title"]) for row in down} == {("taken_down", None, None)}
    named = [key for key, data in everything(bucket).items() if b"alfajr.example/1" in data]
    assert {key.partition("/")[0] for key in named} == {"reports"}  # as is told beforehand
    index = read_index(bucket)
    assert index is not None
    assert {source for part in index.parts for source in part.sources} == {"almada"}
    assert corpus.verify(bucket) == []


def test_a_purged_source_has_no_days_of_health_any_more(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    build()
    assert {day.source for day in read_days(bucket)} == {"alfajr", "almada"}
    take_down(bucket, folder)
    assert {day.source for day in read_days(bucket)} == {"almada"}
    build()
    assert {day.source for day in read_days(bucket)} == {"almada"}
    kept = everything(bucket, "health/")
    bucket.delete_below("state/health/")
    build(rebuild=True)
    assert everything(bucket, "health/") == kept


def test_purging_again_changes_nothing_and_a_rebuild_gives_the_same(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    build()
    take_down(bucket, folder)
    built, captures = corpus_of(bucket), everything(bucket, "captures/")
    outcome = take_down(bucket, folder)
    assert (outcome.emptied, outcome.purged, outcome.days) == (0, 0, [])
    assert everything(bucket, "captures/") == captures
    build(rebuild=True)
    assert corpus_of(bucket) == built == afresh(bucket, build)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_purge_that_was_killed_is_finished_by_the_next(
    bucket: Bucket, folder: Path, build: Build, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Killed at a write of the store: after the tombstone, in the documents, among the captures."""
    put(bucket)
    build()
    before = everything(bucket)
    take_down(bucket, folder)
    whole, captures = corpus_of(bucket), everything(bucket, "captures/")
    bucket.delete(*(stored.key for stored in bucket.list()))
    for key, data in before.items():
        bucket.put(key, data)
    (folder / "removed" / "alfajr.yaml").rename(folder / "alfajr.yaml")
    left, write = [steps], Bucket.put

    def killed(*arguments: object, **more: object) -> str:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return write(*arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            take_down(bucket, folder)
    take_down(bucket, folder)
    assert corpus_of(bucket) == whole
    assert everything(bucket, "captures/") == captures
    assert corpus_of(bucket) == afresh(bucket, build)


def test_what_is_captured_later_is_kept_out(bucket: Bucket, folder: Path, build: Build, tmp_path: Path) -> None:
    put(bucket)
    build()
    take_down(bucket, folder)
    built = rows(bucket)
    archive(bucket, "alfajr", "late", {"http://alfajr.example/8": page("خبر 8", prose(8), "2024-03-08")}, at=LATER)
    borrowed = {"http://alfajr.example/7": page("خبر 7", prose(70), "2024-03-07")}
    archive(bucket, "almada", "late", borrowed, at=LATER)
    build()
    assert rows(bucket) == built
    down = taken_down(bucket)
    assert down("http://alfajr.example/anything")
    assert not down("http://almada.example/1")
    (folder / "removed" / "alfajr.yaml").rename(folder / "alfajr.yaml")
    with pytest.raises(ArchiveFileError, match="alfajr was taken down"):
        import_archive(bucket, find_source("alfajr", folder), str(tmp_path / "any.warc.gz"))
    assert take_down(bucket, folder).purged == 2


def test_a_purge_goes_for_all_ids_and_spares_hosts_that_others_have(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    shared = file_of("almada") + "allowed_hosts: [almada.example, alfajr.example]\n"
    (folder / "almada.yaml").write_text(shared, encoding="utf-8")
    build()
    rename(folder, bucket, "alfajr", "fajr").apply()
    outcome = take_down(bucket, folder, "fajr")  # before a build knows of the new id
    assert (outcome.emptied, outcome.purged) == (6, 6)
    assert not taken_down(bucket)("http://alfajr.example/1")
    build()
    assert {row["source"] for row in rows(bucket).values()} == {"almada"}
    assert corpus_of(bucket) == afresh(bucket, build)


def test_a_takedown_before_the_purge_takes_copies_too_and_stays(bucket: Bucket, folder: Path, build: Build) -> None:
    put(bucket)
    build()
    corpus.take_down(bucket, "http://alfajr.example/wire", "asked for", now=LATER)
    take_down(bucket, folder)
    assert "http://almada.example/w" not in rows(bucket)
    assert not any(WIRE[0].encode() in data for data in everything(bucket, "articles/").values())
    assert corpus_of(bucket) == afresh(bucket, build)


def test_a_purge_asks_for_a_reason_and_the_right_bucket(bucket: Bucket, folder: Path) -> None:
    with pytest.raises(SourceError, match="is WARRAQ_BUCKET right"):
        say_purge(folder, bucket, "alfajr")
    with pytest.raises(TakedownError, match="needs a reason"):
        purge(folder, bucket, "alfajr", " ", now=LATER)
    with pytest.raises(SourceError, match="no source 'nowhere'"):
        purge(folder, bucket, "nowhere", "asked for", now=LATER)
    assert read_sources(folder).removed == {}
    assert known_pages(bucket, "alfajr") == {}
