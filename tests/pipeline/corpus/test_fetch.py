"""States copied into a folder: whole or in part, broken off, changed meanwhile, and verified without a network."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.corpus import FetchError, SnapshotError, Wanted, fetch, make_snapshot, take_down, verify_folder
from tests.pipeline.conftest import NOW
from tests.pipeline.corpus.test_snapshots import OWN, edit

DAYS = ("05", "06", "07")


@pytest.fixture
def kept(built: Bucket) -> Bucket:
    make_snapshot(built, "one", now=NOW, publisher="أرشيف")
    return built


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_looks_as_articles_does_and_is_verified_offline(
    kept: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd
    import polars as pl

    edit(kept, 6)
    latest, one = tmp_path / "latest", tmp_path / "one"
    told: list[tuple[str, int, int | None]] = []
    now = fetch(kept, Wanted("latest"), latest, on_progress=lambda *what: told.append(what))
    then = fetch(kept, Wanted("one"), one)
    assert told[0] == ("fetching", 0, 3)
    assert told[-1] == ("fetching", 3, 3)
    assert ((now.files, now.articles, now.there), (then.files, then.articles)) == ((3, 4, 0), (3, 3))
    assert set(files(latest)) == {
        *(f"articles/published=2024-03-{day}/articles.parquet" for day in DAYS), corpus.MANIFEST, corpus.SCHEMA_FILE,
        "fetched.json",
    }  # fmt: skip
    for file in (corpus.SCHEMA_FILE, corpus.MANIFEST):
        assert (latest / file).read_bytes() == kept.get(file)
    assert (one / corpus.SCHEMA_FILE).read_bytes() == kept.get(corpus.SCHEMA_FILE)
    kept_with_it = ("one/CITATION.cff", "one/datacite.json", "one/manifest.json", "log.jsonl")
    assert set(files(one)) - set(files(latest)) == {f"snapshots/{file}" for file in kept_with_it}
    assert corpus.changes_since_manifest(kept, (latest / corpus.MANIFEST).read_bytes()) == corpus.Changes([], [])
    assert len(corpus.changes_since_manifest(kept, (one / "snapshots/one/manifest.json").read_bytes()).written) == 1
    assert len(pd.read_parquet(latest / "articles")) == len(pl.read_parquet(latest / "articles/**/*.parquet")) == 4
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    for folder, said in ((latest, "the corpus"), (one, "snapshot one")):
        verified = verify_folder(folder)
        assert (verified.said, verified.files, verified.faults) == (said, 3, [])


def test_what_was_broken_off_goes_on_and_fetches_nothing_twice(
    kept: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(BaseException):
        pass

    get, got = Bucket.get, []

    def get_or_stop(self: Bucket, key: str) -> bytes:
        got.append(key)
        if stops and "03-07" in key:
            raise Stopped
        return get(self, key)

    for wanted in (Wanted("latest"), Wanted("latest", sources=("alfajr",))):
        stops, folder = True, tmp_path / str(len(wanted.sources))
        monkeypatch.setattr(Bucket, "get", get_or_stop)
        with pytest.raises(Stopped):
            fetch(kept, wanted, folder)
        assert not (folder / "fetched.json").exists()
        with pytest.raises(FetchError, match="not whole: run the same"):
            verify_folder(folder)
        stops, got[:] = False, []
        there = len(list(folder.glob("articles/published=*/articles.parquet")))
        fetched = fetch(kept, wanted, folder)
        assert (fetched.files, fetched.there) == (3, there)
        assert len([key for key in got if key.endswith(".parquet")]) == 3 - there
        assert verify_folder(folder).faults == []
        got.clear()
        assert fetch(kept, wanted, folder).there == 3
        assert not [key for key in got if key.endswith(".parquet")]


def test_what_is_spoilt_on_the_disk_is_told_and_fetched_again(kept: Bucket, tmp_path: Path) -> None:
    fetch(kept, Wanted("one"), tmp_path)
    spoilt = tmp_path / "articles" / "published=2024-03-06" / "articles.parquet"
    spoilt.write_bytes(spoilt.read_bytes()[:-1])
    (tmp_path / "articles" / "other.parquet").write_bytes(b"")
    assert ["not those that were fetched" in fault for fault in verify_folder(tmp_path).faults] == [True, False]
    (tmp_path / "articles" / "other.parquet").unlink()
    assert fetch(kept, Wanted("one"), tmp_path).there == 2
    assert verify_folder(tmp_path).faults == []
    manifest = tmp_path / "snapshots" / "one" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"rows": 1', b'"rows": 2'))
    assert ["not those that were fetched" in fault for fault in verify_folder(tmp_path).faults] == [True]
    manifest.write_bytes(manifest.read_bytes().replace(b'"rows": 2', b'"rows": 1'))
    register = tmp_path / "snapshots" / "log.jsonl"
    register.write_bytes(register.read_bytes().replace(b'"manifest": "', b'"manifest": "0'))
    assert ["not those that the register names" in fault for fault in verify_folder(tmp_path).faults] == [True]
    register.unlink()
    assert ["log.jsonl: missing" in fault for fault in verify_folder(tmp_path).faults] == [True]
    (tmp_path / "fetched.json").write_text("[]")
    with pytest.raises(FetchError, match="empty the folder"):
        verify_folder(tmp_path)
    with pytest.raises(FetchError, match=r"has no fetched\.json"):
        verify_folder(tmp_path / "snapshots")


def test_days_and_sources_are_a_part_and_say_so(kept: Bucket, tmp_path: Path) -> None:
    wanted = Wanted("one", date(2024, 3, 5), date(2024, 3, 7), ("alfajr", "nobody"))
    assert fetch(kept, wanted, tmp_path).articles == 2
    told = json.loads((tmp_path / "fetched.json").read_text())
    assert told["fetched"]["sources"] == ["alfajr", "nobody"]
    assert told["fetched"]["until"] == "2024-03-07"
    of = {part.path: part.sha256 for part in corpus.read_state(kept, "one").partitions}
    assert [part["of"] for part in told["partitions"]] == [of[part["path"]] for part in told["partitions"]]
    assert verify_folder(tmp_path).faults == []
    assert verify_folder(tmp_path).said == "snapshot one since 2024-03-05 until 2024-03-07 of alfajr, nobody"
    with pytest.raises(FetchError, match=r"has snapshot one since 2024-03-05 .* in it: name another folder"):
        fetch(kept, Wanted("one"), tmp_path)
    for nothing in (Wanted("one", date(2025, 1, 1)), Wanted("latest", sources=("nobody",))):
        with pytest.raises(FetchError, match="it has the days from 2024-03-05 to 2024-03-07"):
            fetch(kept, nothing, tmp_path / "nothing")


def test_a_folder_that_holds_something_else_is_left_alone(kept: Bucket, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FetchError, match="something else in it"):
        fetch(kept, Wanted("one"), tmp_path)
    assert files(tmp_path) == {"notes.txt": b"mine"}
    with pytest.raises(FetchError, match="cannot be written"):
        fetch(kept, Wanted("one"), tmp_path / "notes.txt" / "folder")
    with pytest.raises(SnapshotError, match="There are: one"):
        fetch(kept, Wanted("spring"), tmp_path / "new")


def test_what_a_manifest_names_outside_of_the_corpus_is_not_written(kept: Bucket, tmp_path: Path) -> None:
    manifest = kept.get(corpus.MANIFEST).replace(
        b"articles/published=2024-03-05/", b"articles/../../published=2024-03-05/"
    )
    kept.put(corpus.MANIFEST, manifest)
    with pytest.raises(FetchError, match=r"names 'articles/\.\./\.\./published=2024-03-05/.* no day of a corpus"):
        fetch(kept, Wanted("latest"), tmp_path / "folder")
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_corpus_that_is_written_meanwhile_is_told_and_fetched_by_the_next_try(
    kept: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, raced = Bucket.get, []

    def after_a_deposit(self: Bucket, key: str) -> bytes:
        if "03-06" in key and not raced:
            raced.append(True)
            edit(Bucket(), 6)
        return get(self, key)

    monkeypatch.setattr(Bucket, "get", after_a_deposit)
    with pytest.raises(FetchError, match="written anew while it was fetched: run the same command again"):
        fetch(kept, Wanted("latest"), tmp_path)
    assert fetch(kept, Wanted("latest"), tmp_path).articles == 4
    assert verify_folder(tmp_path).faults == []
    (day,) = {part.published for part in corpus.read_manifest(kept).partitions} - {"2024-03-05", "2024-03-06"}
    take_down(kept, "http://alfajr.example/follow", "طلب", now=NOW)
    assert fetch(kept, Wanted("latest"), tmp_path).files == 2
    assert not (tmp_path / "articles" / f"published={day}" / "articles.parquet").exists()


def test_what_was_taken_down_and_older_columns_are_fetched_as_they_are(kept: Bucket, tmp_path: Path) -> None:
    fetch(kept, Wanted("one"), tmp_path / "before")
    take_down(kept, OWN, "طلب", now=NOW)
    fetched = fetch(kept, Wanted("one"), tmp_path / "after")
    assert (fetched.files, fetched.state.taken_down) == (2, 1)
    assert verify_folder(tmp_path / "after").faults == []
    assert verify_folder(tmp_path / "before").faults == [], "a copy that was made before"
    told = json.loads((tmp_path / "after" / "fetched.json").read_text())
    assert told["taken_down"] == 1
    again: Any = fetch(kept, Wanted("one"), tmp_path / "before")
    assert (again.files, again.there) == (2, 2)
    rows = [row for path in (tmp_path / "before").rglob("*.parquet") for row in pq.read_table(path)["url"].to_pylist()]
    assert OWN not in rows
    schema = json.loads(kept.get(corpus.SCHEMA_FILE))
    older = json.dumps(schema | {"schema_version": 3}, ensure_ascii=False, indent=1) + "\n"
    version = f'"schema_version": {corpus.SCHEMA_VERSION}'.encode()
    manifest = kept.get(corpus.MANIFEST).replace(version, b'"schema_version": 3')
    kept.put(corpus.SCHEMA_FILE, older.encode())
    kept.put(corpus.MANIFEST, manifest)
    make_snapshot(kept, "older", now=NOW)
    shutil.rmtree(tmp_path / "after")
    assert fetch(kept, Wanted("older"), tmp_path / "after").state.schema_version == 3
    assert (tmp_path / "after" / corpus.SCHEMA_FILE).read_text() == older
