"""States that are kept: what they cost, what they hold, whatever is killed, written or taken down meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.corpus import SnapshotError, make_snapshot, read_state, take_down, take_down_source, verify_snapshot
from pipeline.corpus.deposit import write_partition
from pipeline.corpus.manifest import partition_key
from pipeline.corpus.snapshot_sweep import _Down, take_out_of_snapshots
from pipeline.corpus.snapshots import read_log
from pipeline.corpus.takedown_records import Takedown, Takedowns
from pipeline.documents import Documents
from pipeline.sources import Source
from pipeline.urls import article_id
from tests.pipeline.conftest import NOW, prose
from tests.pipeline.corpus.conftest import SMALL, WIRE
from tests.pipeline.corpus.test_takedown import objects, readable

pytestmark = pytest.mark.slow

Sources = dict[str, Source]
URL, COPY, OWN = "http://alfajr.example/wire", "http://almada.example/w", "http://alfajr.example/own"

OF_WIRE = WIRE[2:]
"""What no other report recalls of it."""


@pytest.fixture
def kept(built: Bucket) -> Bucket:
    """The small corpus with a snapshot of it."""
    make_snapshot(built, "one", now=NOW, publisher="أرشيف الفجر")
    return built


def holders(bucket: Bucket, *texts: str) -> set[str]:
    """The objects of snapshots that hold one of these texts."""
    found = objects(bucket, "snapshots/").items()
    return {key for key, data in found if any(text in readable(key, data) for text in texts)}


def edit(bucket: Bucket, day: int, number: int = 1) -> None:
    """Another article of a day, as a deposit would write it."""
    *_, like = corpus.read_articles(bucket)
    url = f"http://alfajr.example/more{number}"
    other = {"article_id": article_id(url), "url": url, "title": "زيادة", "capture_offset": 10**6 + number}
    path = partition_key(f"2024-03-{day:02d}")
    lay(bucket, path, [*pq.read_table(io.BytesIO(bucket.get(path))).to_pylist(), like | other])


def lay(bucket: Bucket, path: str, rows: list[dict[str, Any]]) -> None:
    """Write a partition with these rows, and the manifest, as a deposit would."""
    manifest = corpus.read_manifest(bucket)
    [was] = [part for part in manifest.partitions if part.path == path]
    others = [part for part in manifest.partitions if part is not was]
    if rows:
        data = write_partition(pa.Table.from_pylist(rows, schema=corpus.SCHEMA))
        told = {"rows": len(rows), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        others.append(replace(was, etag=bucket.put(path, data), **told))
    else:
        bucket.delete(path)
    more = len(rows) - was.rows
    days = [
        replace(one, captured=one.captured + more, articles=one.articles + more) if one.day == was.published else one
        for one in manifest.days
    ]
    partitions = sorted(others, key=lambda part: part.path)
    bucket.put(corpus.MANIFEST, replace(manifest, partitions=partitions, days=days).to_json())


def test_a_snapshot_keeps_the_state_at_the_cost_of_what_changed(kept: Bucket) -> None:
    before = {part.path: kept.get(part.path) for part in corpus.read_manifest(kept).partitions}
    edit(kept, 6)
    made = make_snapshot(kept, "two", now=NOW + timedelta(days=1))
    assert (made.copied, made.entry["added"]) == (1, corpus.read_manifest(kept).partitions[1].bytes)
    assert len(list(objects(kept, "snapshots/objects/"))) == 4
    state = read_state(kept, "one")
    assert {part.path: kept.get(part.key) for part in state.partitions} == before
    assert state.schema == kept.get(corpus.SCHEMA_FILE)
    one, two = (json.loads(kept.get(f"snapshots/{name}/manifest.json")) for name in ("one", "two"))
    assert one["previous"] is None
    assert two["previous"]["manifest"] == hashlib.sha256(kept.get("snapshots/one/manifest.json")).hexdigest()
    assert two["corpus"] == hashlib.sha256(kept.get(corpus.MANIFEST)).hexdigest()
    assert (two["captured"], two["articles"], two["copies"]) == (6, 4, {"near": 1})
    told = [(one.name, one.articles, one.partitions, one.taken_down) for one in corpus.list_snapshots(kept)]
    assert told == [("one", 3, 3, 0), ("two", 4, 3, 0)]
    assert all(verify_snapshot(kept, name)[1] == [] for name in ("one", "two"))
    kept.delete_below("articles/")
    assert verify_snapshot(kept, "one")[1] == []


@pytest.mark.parametrize("name", ["latest", "objects", "log.jsonl", "", "a/b", "../x", "ربيع", ".x", "x" * 65])
def test_a_name_that_would_be_no_folder_of_its_own_is_refused(bucket: Bucket, name: str) -> None:
    with pytest.raises(SnapshotError, match="names no snapshot"):
        make_snapshot(bucket, name, now=NOW)


def test_what_cannot_be_kept_or_is_not_there_is_told(kept: Bucket) -> None:
    with pytest.raises(SnapshotError, match=r"there is a snapshot one, made at 2024-03-20T08:00:00\+00:00"):
        make_snapshot(kept, "one", now=NOW)
    with pytest.raises(SnapshotError, match=r"no snapshot two .*There are: one\. `latest`"):
        read_state(kept, "two")
    empty = Bucket(f"{kept.name}-empty")
    empty.ensure()
    with pytest.raises(corpus.ManifestError, match="no corpus yet"):
        make_snapshot(empty, "one", now=NOW)
    corpus.deposit(empty)
    with pytest.raises(SnapshotError, match="no article yet"):
        make_snapshot(empty, "one", now=NOW)


def test_what_was_changed_behind_its_back_is_told(kept: Bucket) -> None:
    part = read_state(kept, "one").partitions[0]
    data = kept.get(part.key)
    kept.put(part.key, data + b"x")
    assert [part.key in fault for fault in verify_snapshot(kept, "one")[1]] == [True]
    kept.delete(part.key)
    assert ["is missing" in fault for fault in verify_snapshot(kept, "one")[1]] == [True]
    kept.put(part.key, data)
    take_down(kept, OWN, "طلب", now=NOW)
    first, _, second = kept.get("snapshots/log.jsonl").partition(b"\n")
    kept.put("snapshots/log.jsonl", first.replace(b'"articles": 3', b'"articles": 4') + b"\n" + second)
    assert ["line 2: does not name" in fault for fault in verify_snapshot(kept, "one")[1]] == [True]
    kept.put("snapshots/one/manifest.json", b"{}")
    with pytest.raises(SnapshotError, match="not what was made: put it back"):
        read_state(kept, "one")
    kept.put("snapshots/log.jsonl", b"[]\n")
    with pytest.raises(SnapshotError, match="no register"):
        read_state(kept, "one")


# Killed, and at the same time -------------------------------------------------------------------------------------------


class Stopped(BaseException):
    """As good as killed."""


def stopping(write: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a process write no more than so many times: puts, copies and deletes."""
    writes: list[bool] = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def write_or_stop(*args: Any, **options: Any) -> Any:
            writes.append(True)
            if len(writes) > write:
                raise Stopped
            return function(*args, **options)

        return write_or_stop

    for name in ("put", "copy", "delete"):
        monkeypatch.setattr(Bucket, name, counted(getattr(Bucket, name)))


@pytest.mark.parametrize("write", range(8))
def test_killed_anywhere_and_run_again_it_ends_right(
    built: Bucket, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    with monkeypatch.context() as patch:
        stopping(write, patch)
        try:
            make_snapshot(built, "one", now=NOW)
        except Stopped:
            assert corpus.list_snapshots(built) == []
        else:
            assert write == 7
            return
    made = make_snapshot(built, "one", now=NOW + timedelta(days=1))
    assert made.begun_before == (write > 3)
    assert made.entry["at"][:10] == ("2024-03-20" if made.begun_before else "2024-03-21")
    assert verify_snapshot(built, "one")[1] == []
    assert set(objects(built, "snapshots/one/")) == {
        f"snapshots/one/{file}" for file in ("CITATION.cff", "datacite.json", "manifest.json")
    }


def test_what_a_killed_snapshot_began_is_left_where_the_register_went_on(
    built: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stopping(6, patch)
        with pytest.raises(Stopped):
            make_snapshot(built, "one", now=NOW)
    make_snapshot(built, "two", now=NOW)
    made = make_snapshot(built, "one", now=NOW + timedelta(days=1))
    assert not made.begun_before
    assert [one.name for one in corpus.list_snapshots(built)] == ["two", "one"]
    assert json.loads(built.get("snapshots/one/manifest.json"))["previous"]["name"] == "two"
    assert verify_snapshot(built, "one")[1] == []


def test_two_snapshots_at_once_follow_one_another(built: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    put, raced = Bucket.put, []

    def after_the_other(self: Bucket, key: str, data: bytes, **options: Any) -> str:
        if key == "snapshots/log.jsonl" and not raced:
            raced.append(True)
            make_snapshot(Bucket(), "other", now=NOW)
        return put(self, key, data, **options)

    monkeypatch.setattr(Bucket, "put", after_the_other)
    make_snapshot(built, "one", now=NOW)
    assert [one.name for one in corpus.list_snapshots(built)] == ["other", "one"]
    assert verify_snapshot(built, "one")[1] == []


def test_of_two_snapshots_of_one_name_there_is_one(built: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    put, raced = Bucket.put, []

    def after_the_other(self: Bucket, key: str, data: bytes, **options: Any) -> str:
        if key == "snapshots/one/manifest.json" and not raced:
            raced.append(True)
            make_snapshot(Bucket(), "one", now=NOW)
        return put(self, key, data, **options)

    monkeypatch.setattr(Bucket, "put", after_the_other)
    with pytest.raises(SnapshotError, match="there is a snapshot one"):
        make_snapshot(built, "one", now=NOW + timedelta(days=1))
    assert verify_snapshot(built, "one")[1] == []


@pytest.mark.parametrize("times", [1, 9])
def test_a_corpus_that_is_written_meanwhile_is_copied_anew_and_not_for_ever(
    built: Bucket, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    copy, raced = Bucket.copy, []

    def after_a_deposit(self: Bucket, source: str, target: str, **options: Any) -> None:
        if "03-06" in source and len(raced) < times:
            raced.append(True)
            with monkeypatch.context() as patch:
                patch.setattr(Bucket, "copy", copy)
                edit(Bucket(), 6, len(raced))
        copy(self, source, target, **options)

    monkeypatch.setattr(Bucket, "copy", after_a_deposit)
    if times > 1:
        with pytest.raises(SnapshotError, match="written 5 times while it was copied"):
            make_snapshot(built, "one", now=NOW)
        return
    make_snapshot(built, "one", now=NOW)
    state, faults = verify_snapshot(built, "one")
    assert faults == []
    assert [part.sha256 for part in state.partitions] == [
        part.sha256 for part in corpus.read_manifest(built).partitions
    ]


# Taken down --------------------------------------------------------------------------------------------------------------


def test_a_takedown_reaches_into_every_snapshot_and_its_manifest_stays(kept: Bucket) -> None:
    edit(kept, 5)
    make_snapshot(kept, "two", now=NOW)
    manifests = {name: kept.get(f"snapshots/{name}/manifest.json") for name in ("one", "two")}
    texts = ["برقية", *(line[:40] for line in OF_WIRE)]
    assert len(holders(kept, *texts)) == 2
    outcome = take_down(kept, COPY, "طلب", now=NOW)
    assert outcome.snapshots == 2
    assert holders(kept, *texts, URL, COPY) == set()
    assert {name: kept.get(f"snapshots/{name}/manifest.json") for name in manifests} == manifests
    for name, articles in (("one", 2), ("two", 3)):
        state, faults = verify_snapshot(kept, name)
        assert (faults, state.taken_down, state.articles) == ([], 1, articles)
    assert [one.taken_down for one in corpus.list_snapshots(kept)] == [1, 1]
    lines = [entry for entry in read_log(kept).entries if entry["kind"] == "taken_down"]
    assert [entry["articles"] for entry in lines] == [1, 1]
    assert None in [entry["becomes"] for entry in lines], "of the first snapshot's day nothing is left"
    again = take_down(kept, URL, "طلب", now=NOW)
    assert again.snapshots == 0
    assert len(read_log(kept).lines) == 4
    make_snapshot(kept, "three", now=NOW)
    assert verify_snapshot(kept, "three")[0].taken_down == 0


def test_a_purged_source_leaves_snapshots_and_what_others_took_from_it_stays(kept: Bucket) -> None:
    outcome = take_down_source(kept, ["almada"], ["almada.example"], "طلب", now=NOW)
    assert outcome.snapshots == 0, "its one page is a copy, which the article of another outlet names"
    assert holders(kept, COPY, "عنوان آخر") == set()
    state, faults = verify_snapshot(kept, "one")
    assert (faults, state.articles) == ([], 3)
    wire = corpus.read_manifest(kept).partitions[0]
    assert wire.sha256 in {part.sha256 for part in state.partitions}, "as the corpus has it now, byte for byte"
    take_down_source(kept, ["alfajr"], ["alfajr.example"], "طلب", now=NOW)
    assert list(objects(kept, "snapshots/objects/")) == []
    state, faults = verify_snapshot(kept, "one")
    assert (faults, state.articles, state.taken_down) == ([], 0, 3)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(["snapshot", "snapshot", "snapshot", "wire", "own", "edit"]), st.integers(0, 4))
def test_no_text_that_is_down_is_in_any_snapshot_after_any_history(
    built: Bucket, history: list[str], killed: int
) -> None:
    """Snapshots, takedowns and deposits in any order; a takedown is killed somewhere in the snapshots and run again."""
    for prefix in ("articles/", "snapshots/", "takedowns/"):
        built.delete_below(prefix)
    for key, data in SMALL.items():
        if key.startswith("articles/"):
            built.put(key, data)
    for place, event in enumerate(history):
        if event == "snapshot":
            make_snapshot(built, f"s{place}", now=NOW + timedelta(hours=place))
        elif event == "edit":
            edit(built, 7)
        else:
            take_out(built, URL if event == "wire" else OWN, killed)
    texts = [*(line[:40] for line in (*OF_WIRE, *prose(1))), URL, COPY, OWN, "برقية"]
    assert holders(built, *texts) == set()
    for one in corpus.list_snapshots(built):
        state, faults = verify_snapshot(built, one.name)
        assert faults == []
        assert state.taken_down == json.loads(state.manifest)["articles"] - state.articles
        assert state.taken_down == sum(event in {"wire", "own"} for event in history[int(one.name[1:]) :])


def take_out(bucket: Bucket, url: str, killed: int) -> None:
    """What a takedown does to the corpus and the snapshots; the latter after so many writes for a second time."""
    down = Takedown(article_id(url), "طلب", NOW, articles=frozenset({article_id(url), article_id(COPY)}))
    bucket.put(down.key, down.to_json())
    for part in corpus.read_manifest(bucket).partitions:
        rows = pq.read_table(io.BytesIO(bucket.get(part.path))).to_pylist()
        if any(row["url"] == url for row in rows):
            lay(bucket, part.path, [row for row in rows if row["url"] != url])
    sweep = partial(take_out_of_snapshots, bucket, corpus.taken_down(bucket), Documents(bucket), NOW)
    with pytest.MonkeyPatch.context() as patch:
        stopping(killed, patch)
        with contextlib.suppress(Stopped):
            sweep()
    sweep()


def test_a_takedown_that_is_killed_within_the_snapshots_is_finished_by_the_next(
    kept: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(kept, 5)
    make_snapshot(kept, "two", now=NOW)
    standing = objects(kept, "snapshots/")
    take_down(kept, URL, "طلب", now=NOW)
    swept = objects(kept, "snapshots/")
    sweep = partial(take_out_of_snapshots, kept, corpus.taken_down(kept), Documents(kept), NOW)
    for write in range(5):
        kept.delete_below("snapshots/")
        for key, data in standing.items():
            kept.put(key, data)
        with monkeypatch.context() as patch:
            stopping(write, patch)
            if write < 3:
                with pytest.raises(Stopped):
                    sweep()
            else:
                sweep()
        sweep()
        assert objects(kept, "snapshots/") == swept


def test_a_snapshot_that_a_takedown_overtakes_brings_nothing_back(
    built: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, raced = Bucket.copy, []

    def after_the_takedown(self: Bucket, source: str, target: str, **options: Any) -> None:
        copy(self, source, target, **options)
        if "03-05" in source and not raced:
            raced.append(True)
            take_down(Bucket(), URL, "طلب", now=NOW)

    monkeypatch.setattr(Bucket, "copy", after_the_takedown)
    make_snapshot(built, "one", now=NOW)
    assert holders(built, *(line[:40] for line in OF_WIRE), URL, COPY) == set()
    assert verify_snapshot(built, "one")[1] == []


# Cited -------------------------------------------------------------------------------------------------------------------


def test_a_snapshot_says_how_it_is_cited_as_the_schemas_ask(kept: Bucket, tmp_path) -> None:
    from datacite import schema45

    from pipeline.corpus.citation import citation_cff, datacite_json

    make_snapshot(kept, "two", now=NOW)
    sha256 = hashlib.sha256(kept.get("snapshots/one/manifest.json")).hexdigest()
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(kept.get(f"snapshots/{name}/CITATION.cff"))
        schema45.validator.validate(json.loads(kept.get(f"snapshots/{name}/datacite.json")))
        assert next(schema45.validator.iter_errors({"titles": []})) is not None
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
    done = subprocess.run([*check, "--default-filetype", "yaml", tmp_path / "one", tmp_path / "two"], check=False)
    assert done.returncode == 0
    cited = kept.get("snapshots/one/CITATION.cff").decode()
    assert "أرشيف الفجر" in cited
    assert f"sha256:{sha256}" in cited
    assert ":unav" in kept.get("snapshots/two/datacite.json").decode()
    manifest = kept.get("snapshots/one/manifest.json")
    assert citation_cff(manifest, "أرشيف الفجر") == kept.get("snapshots/one/CITATION.cff")
    assert datacite_json(manifest, "أرشيف الفجر") == kept.get("snapshots/one/datacite.json")


def test_a_copy_leaves_a_snapshot_by_its_capture_too(kept: Bucket) -> None:
    [wire] = [row for row in corpus.read_articles(kept) if row["url"] == URL]
    [copy] = wire["copies"]
    emptied = frozenset({f"{copy['capture_key']}#{copy['capture_offset']}"})  # since its text was like one that is down
    elsewhere = Takedowns([Takedown("other", "طلب", NOW)])
    assert _Down(elsewhere, emptied).of([wire]) == (set(), {"copies": [[]]})
    older = {name: value for name, value in copy.items() if not name.startswith("capture_")}
    assert _Down(elsewhere, emptied).of([{**wire, "copies": [older]}]) == (set(), {})
