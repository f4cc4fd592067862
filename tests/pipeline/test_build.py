import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import build as stages
from pipeline import corpus, waiting
from pipeline.bucket import Bucket, ConflictError, DamagedError
from pipeline.captures import announce, read_captures
from pipeline.documents.table import Documents
from pipeline.sources import Source
from tests.conftest import ROOT
from tests.pipeline.captures import archives
from tests.pipeline.conftest import NOW, archive, page, prose, take_in, tamper

pytestmark = pytest.mark.slow

Sources = dict[str, Source]


def articles(bucket: Bucket) -> dict[str, bytes]:
    """Every object of the corpus."""
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("articles/")}


def rows(bucket: Bucket) -> dict[str, dict]:
    """Every article by its URL."""
    return {row["url"]: row for row in corpus.read_articles(bucket)}


@pytest.fixture
def history(bucket: Bucket) -> list[tuple[str, str, dict[str, bytes]]]:
    """Capture files of two outlets: their own stories, a wire story with two versions, an edited page, an error page."""
    wire = prose(9000, 10)
    files = []
    for number in range(12):
        source = ("alfajr", "almada")[number % 2]
        stories = {
            f"http://{source}.example/{number}-{story}": page(
                f"خبر رقم {number}-{story}",
                prose(number * 10 + story),
                f"2024-03-{1 + number:02d}T1{story}:30:00+03:00",
            )
            for story in range(2)
        }
        files.append((source, f"run{number:02d}", stories))
    files.append(("alfajr", "wire1", {"http://alfajr.example/wire": page("برقية", wire, "2024-03-05T08:00:00+03:00")}))
    files.append(
        (
            "almada",
            "wire2",
            {
                "http://almada.example/w": page(
                    "عنوان آخر للبرقية", [prose(7, 1)[0], *wire], "2024-03-06T08:00:00+03:00"
                )
            },
        )
    )
    for text in ("نسخة أولى", "نسخة ثانية"):
        files.append(
            (
                "alfajr",
                f"edit-{len(files)}",
                {
                    "http://alfajr.example/edited": page(
                        text, [*prose(9300), text + " من التقرير."], "2024-03-09T09:00:00+03:00"
                    )
                },
            )
        )
    files.append(("almada", "junk", {"http://almada.example/tag": b"<html><body><a href='/'>x</a></body></html>"}))
    return files


def put(bucket: Bucket, files: list[tuple[str, str, dict[str, bytes]]], order: dict[str, int]) -> None:
    """Archive the files; each is captured at the time that its place in the history gives it."""
    for source, run, pages in files:
        archive(bucket, source, run, pages, at=NOW + timedelta(minutes=order[run]))


@pytest.fixture
def order(history: list) -> dict[str, int]:
    return {run: place for place, (_source, run, _pages) in enumerate(history)}


def test_captures_become_articles_copies_and_rejections(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int]
) -> None:
    put(bucket, history, order)
    report = stages.build(bucket, sources, "b1")
    manifest = corpus.read_manifest(bucket)
    assert (manifest.counts.captured, manifest.counts.articles) == (29, 26)
    assert manifest.counts.copies == {"near": 1, "revision": 1}
    assert sum(manifest.counts.rejected.values()) == 1
    found = rows(bucket)
    wire = found["http://alfajr.example/wire"]
    assert [(copy["source"], copy["url"], copy["kind"]) for copy in wire["copies"]] == [
        ("almada", "http://almada.example/w", "near")
    ]
    assert wire["published_day"] == date(2024, 3, 5)
    assert wire["published_precision"] == "second"
    (copy,) = wire["copies"]
    assert (copy["published_day"], copy["published_evidence"]) == (date(2024, 3, 6), "2024-03-06T08:00:00+03:00")
    assert {name for name in wire if name.startswith(("published_", "capture"))} <= copy.keys(), "as of an article"
    archived = read_captures(io.BytesIO(bucket.get(copy["capture_key"])), copy["capture_key"])
    assert [capture.url for capture in archived if capture.offset == copy["capture_offset"]] == [copy["url"]]
    assert wire["source_name"] == "صحيفة الفجر"
    assert wire["body"] == "\n".join(prose(9000, 10))
    edited = found["http://alfajr.example/edited"]
    assert (edited["title"], [older["title"] for older in edited["revisions"]]) == ("نسخة ثانية", ["نسخة أولى"])
    assert "http://almada.example/w" not in found
    assert corpus.verify(bucket) == []
    assert not list(bucket.list("work/"))
    told = json.loads(bucket.get(report))
    assert (told["total"]["captured"], told["new"]["captured"], told["faults"]) == (29, 29, [])
    html = bucket.get(report.replace(".json", ".html")).decode()
    assert "http://almada.example/tag" in html
    assert "صحيفة الفجر" in html


def test_every_stage_says_what_it_did(
    bucket: Bucket, sources: Sources, history: list, caplog: pytest.LogCaptureFixture
) -> None:
    for one in history:
        archive(bucket, *one)
    caplog.set_level("INFO", "pipeline.build")
    key = stages.build(bucket, sources, "b")
    told = "\n".join(record.message for record in caplog.records if record.name == "pipeline.build")
    for said in (
        f"{len(history)} capture files to take in, 0 more wait for the next run",
        "29 pages in documents/, 1 of them rejected",
        "days written: 2024-03-0",
        "this run: 29 pages captured",
        f"the report: {key}",
    ):
        assert said in told


def test_any_order_and_any_split_give_the_same_bytes(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int]
) -> None:
    put(bucket, history, order)
    stages.build(bucket, sources, "all-at-once")
    whole = articles(bucket)
    captures = {stored.key: bucket.get(stored.key) for stored in bucket.list("captures/") if stored.key.endswith(".gz")}
    chance = random.Random(5)
    for attempt, step in enumerate((2, 5, 20)):
        for prefix in ("articles/", "documents/", "captures/"):
            bucket.delete_below(prefix)
        shuffled = chance.sample(sorted(captures), k=len(captures))
        for start in range(0, len(shuffled), step):
            for key in shuffled[start : start + step]:
                announce(bucket, key)
                bucket.put(key, captures[key])
            stages.build(bucket, sources, f"b{attempt}-{start}")
        assert articles(bucket) == whole


def test_a_pass_tells_how_far_each_stage_is(bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "BATCH_FILES", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for number in range(3):
        archive(
            bucket,
            "alfajr",
            f"x{number}",
            {f"http://alfajr.example/{number}": page("خبر", prose(number), "2024-03-05")},
        )
    told: list[tuple[str, int, int | None]] = []
    list(stages.passes(bucket, sources, "run", on_progress=lambda *progress: told.append(progress)))
    assert list(dict.fromkeys(what for what, _, _ in told)) == ["cleaning", "writing", "comparing", "depositing"]
    for what, total in (("cleaning", 3), ("writing", 3), ("comparing", 1), ("depositing", 1)):
        steps = [(done, of) for stage, done, of in told if stage == what]
        assert steps == [(done, total) for done in range(total + 1)], what


def _find_damage(_bucket: Bucket, key: str) -> None:
    raise DamagedError(f"{key} is damaged", key, b"other", "etag")


def test_damage_that_another_process_finds_is_told_as_such(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with pytest.raises(DamagedError, match=r"^(a|b) is damaged$") as damaged:
        stages.in_processes(bucket, ["a", "b"], _find_damage, "reading", lambda *_: None)
    assert (damaged.value.data, damaged.value.etag) == (b"other", "etag")
    assert damaged.value.key in {"a", "b"}


def test_documents_are_counted_by_source_as_the_manifest_counts_them(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int]
) -> None:
    assert corpus.count_documents(Documents(bucket)) == {}
    put(bucket, history, order)
    stages.build(bucket, sources, "run")
    counts = corpus.count_documents(Documents(bucket))
    assert list(counts) == ["alfajr", "almada"]
    assert corpus.add_up(counts.values()) == corpus.read_manifest(bucket).counts
    assert all(count.articles and count.copies for count in counts.values())
    days = (date(2024, 3, 2), date(2024, 3, 5))
    assert corpus.count_days(bucket, *days) == len(
        {one["published_day"] for one in corpus.read_articles(bucket, *days)}
    )


def test_building_again_writes_nothing(bucket: Bucket, sources: Sources, history: list, order: dict[str, int]) -> None:
    put(bucket, history, order)
    stages.build(bucket, sources, "b1")
    before, version = list(bucket.list("articles/")), Documents(bucket).files
    stages.build(bucket, sources, "b2")
    assert list(bucket.list("articles/")) == before
    assert Documents(bucket).files == version
    stages.build(bucket, sources, "b3", rebuild=True)
    assert list(bucket.list("articles/")) == before
    assert Documents(bucket).files == version


def test_a_capture_of_an_unknown_source_waits_for_its_configuration(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "newcomer", "r", {"http://newcomer.example/1": page("خبر", prose(1), "2024-03-01")})
    stages.build(bucket, sources, "b1")
    assert corpus.read_manifest(bucket).counts.captured == 0
    newcomer = sources["alfajr"].model_copy(update={"id": "newcomer", "name": "الوافد"})
    stages.build(bucket, sources | {"newcomer": newcomer}, "b2")
    assert corpus.read_manifest(bucket).counts.articles == 1


def test_a_build_without_a_source_keeps_what_it_had_said(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int]
) -> None:
    """A shell that names another folder of sources must not blank the corpus."""
    put(bucket, history, order)
    stages.build(bucket, sources, "b1")
    before = articles(bucket)
    stages.build(bucket, {}, "b2")
    assert articles(bucket) == before


def test_a_broken_capture_file_is_accounted_for_and_stops_nothing(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "alfajr", "good", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-01")})
    bucket.put("captures/source=alfajr/fetched=2024-03-20/bad-00000.warc.gz", b"\x1f\x8b\x08 this is no WARC")
    stages.build(bucket, sources, "b1")
    manifest = corpus.read_manifest(bucket)
    assert (manifest.counts.captured, manifest.counts.articles, manifest.counts.rejected) == (2, 1, {"unreadable": 1})
    assert stages.find_captures(bucket, "b2", sources) == []


def test_a_record_of_an_impossible_time_costs_itself_alone(bucket: Bucket, sources: Sources) -> None:
    """The years 1 and 9999 overflow wherever a zone is reckoned with."""
    good = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2024-03-01") for n in range(3)}
    members = []
    for number, date_ in enumerate(("0001-01-01T00:00:00+03:00", "2024-03-20T08:00:00Z", "9999-12-31T23:59:59-03:00")):
        url = f"http://alfajr.example/{number}"
        record = archives.warc(url, archives.http(good[url])).replace(b"2013-05-10T09:00:00Z", date_.encode())
        members.append(gzip.compress(record))
    bucket.put("captures/source=alfajr/fetched=2024-03-20/odd-00000.warc.gz", b"".join(members))
    stages.build(bucket, sources, "b1")
    manifest = corpus.read_manifest(bucket)
    assert (manifest.counts.captured, manifest.counts.articles, manifest.counts.rejected) == (2, 1, {"unreadable": 1})
    assert list(rows(bucket)) == ["http://alfajr.example/1"]


def test_half_a_character_in_what_a_page_states_of_itself_costs_not_even_the_page(
    bucket: Bucket, sources: Sources
) -> None:
    half = page("خبر", prose(1), "2024-03-01").replace(b'"@type"', b'"articleSection": "\\ud83d \xd8\xb3", "@type"', 1)
    archive(bucket, "alfajr", "half", {"http://alfajr.example/1": half})
    stages.build(bucket, sources, "b1")
    assert "http://alfajr.example/1" in rows(bucket)


def test_a_big_backfill_is_taken_in_by_passes_and_lets_small_crawls_in(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "BATCH_FILES", 2)
    monkeypatch.setattr(stages, "BATCHES_A_RUN", 2)
    folder = "captures/source=alfajr/fetched=2024-03-20/"
    archive(bucket, "alfajr", "a", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-01")})
    whole = bucket.get(next(stored.key for stored in bucket.list("captures/") if stored.key.endswith(".warc.gz")))
    bucket.delete_below("captures/")
    names = ["backfill-00000", "backfill-00001", "backfill-00002", "backfill-00010", "today-00000", "today-00001"]
    for name in [*names, "unread-00000"]:
        bucket.put(f"{folder if name != 'unread-00000' else folder.replace('alfajr', 'nowhere')}{name}.warc.gz", whole)
    first = [name.rpartition("-")[2] for name in waiting.waiting_captures(bucket, sources)]
    assert [int(name[:5]) for name in first] == [0, 0, 1, 1, 2, 10]
    taken = [(key, len(waiting.waiting_captures(bucket, sources))) for key in stages.passes(bucket, sources, "b")]
    assert taken == [("reports/b/report.json", 2), ("reports/b-2/report.json", 0)]
    assert list(bucket.list("work/")) == []
    assert stages.build(bucket, sources, "again") == "reports/again/report.json"  # of what no source names
    # A rebuild takes everything at once, however much it is.
    monkeypatch.setattr(stages, "MAX_BATCHES", 2)
    assert len(stages.find_captures(bucket, "anew", sources, rebuild=True)) == 2
    assert list(stages.passes(bucket, sources, "anew", rebuild=True)) == ["reports/anew/report.json"]


def test_what_a_dead_build_left_is_deleted_and_what_another_is_at_is_not(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("work/dead/batches/00000.json", b"[]")
    bucket.put("work/dead/cleaned/00000.parquet", b"?")
    stages.build(bucket, sources, "soon")
    assert len(list(bucket.list("work/"))) == 2, "it may be at work yet"
    monkeypatch.setattr(stages, "DEAD_AFTER", timedelta(0))
    time.sleep(1.1)  # stores keep the second in which an object was written
    stages.build(bucket, sources, "later")
    assert not list(bucket.list("work/"))


def test_tampering_and_losses_are_found_and_mended(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int]
) -> None:
    put(bucket, history, order)
    stages.build(bucket, sources, "b1")
    whole = articles(bucket)
    first, second, third = [key for key in whole if key.endswith(".parquet")][:3]
    bucket.put(first, whole[second])
    bucket.delete(second)
    bucket.put("articles/published=1999-01-01/articles.parquet", b"?")
    bucket.put(third, whole[third] + b" ")
    faults = corpus.verify(bucket)
    assert len(faults) == 4
    assert any(fault == f"{second}: missing" for fault in faults)
    stages.build(bucket, sources, "b2")
    assert articles(bucket) == whole
    assert corpus.verify(bucket) == []


def test_a_page_lost_between_two_stages_fails_the_build_once_all_is_written(bucket: Bucket, sources: Sources) -> None:
    pages = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2024-03-05") for n in range(3)}
    key = archive(bucket, "alfajr", "run", pages)
    take_in(bucket, sources, "b")
    tamper(bucket, lambda row: None if row["url"] == "http://alfajr.example/1" else row)
    stages.deduplicate(bucket, "b")
    stages.deposit(bucket, "b")
    stages.note_health(bucket, "b", sources, NOW)
    stages.describe(bucket, "b", sources)
    stages.index(bucket, "b", sources)
    report = stages.report(bucket, "b", sources, NOW)
    assert report is not None
    fault = f"{key}: 3 pages captured, but documents/ has 2"
    assert json.loads(bucket.get(report))["faults"] == [fault]
    assert fault in bucket.get(report.replace(".json", ".html")).decode()
    assert set(rows(bucket)) == {"http://alfajr.example/0", "http://alfajr.example/2"}
    with pytest.raises(stages.ReconciliationError, match=f"does not reconcile: {fault} "):
        stages.require_reconciled(bucket, report)
    report = stages.build(bucket, sources, "again", rebuild=True)
    assert json.loads(bucket.get(report))["faults"] == []
    assert set(rows(bucket)) == set(pages)


def test_a_manifest_that_does_not_add_up_is_not_built_upon(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "alfajr", "run", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")})
    stages.build(bucket, sources, "b1")
    whole = articles(bucket)
    manifest = json.loads(whole[corpus.MANIFEST])
    manifest["days"][0]["captured"] = 7
    bucket.put(corpus.MANIFEST, json.dumps(manifest).encode())
    assert corpus.verify(bucket) == [
        "2024-03-05: 7 pages captured, but 1 articles, 0 copies and 0 rejected make 1",
    ]
    stages.build(bucket, sources, "b2")
    assert articles(bucket) == whole


def test_of_two_deposits_at_once_the_loser_is_told(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, history, order)
    take_in(bucket, sources, "slow")
    stages.deduplicate(bucket, "slow")
    put_object, raced = Bucket.put, []

    def put_after_the_other(self: Bucket, key: str, data: bytes, **guards: object) -> str:
        if not raced and key.startswith("articles/"):
            raced.append(key)
            archive(bucket, "alfajr", "late", {"http://alfajr.example/late": page("متأخر", prose(77), "2024-03-01")})
            stages.build(Bucket(), sources, "fast")
        return put_object(self, key, data, **guards)  # type: ignore[arg-type]

    monkeypatch.setattr(Bucket, "put", put_after_the_other)
    with pytest.raises(ConflictError):
        stages.deposit(bucket, "slow")
    assert corpus.verify(bucket) == []
    whole = articles(bucket)
    stages.build(bucket, sources, "slow")
    assert articles(bucket) == whole


def test_a_manifest_that_cannot_be_read_is_made_anew(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int]
) -> None:
    put(bucket, history, order)
    stages.build(bucket, sources, "b1")
    whole = articles(bucket)
    bucket.put("articles/_manifest.json", b'{"schema_version": 0}')
    stages.build(bucket, sources, "b2")
    assert articles(bucket) == whole


def test_partitions_say_how_they_were_made(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int]
) -> None:
    put(bucket, history, order)
    stages.build(bucket, sources, "b1")
    partition = corpus.read_manifest(bucket).partitions[0]
    table = pq.read_table(io.BytesIO(bucket.get(partition.path)))
    assert table.schema.equals(corpus.SCHEMA)
    assert all(column.metadata[b"meaning"] for column in table.schema)
    assert table.num_rows == partition.rows


@pytest.fixture
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several ranges of days out of the few documents of a test."""
    for module, size in SMALL_RANGES.items():
        monkeypatch.setattr(import_module(module), size, 3)


@pytest.mark.usefixtures("small_ranges")
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_any_number_of_workers_in_any_order_and_killed_anywhere_gives_the_same_bytes(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int], chance: random.Random
) -> None:
    """What several workers would do is done in any order, some of it twice, some of it not at all; every stage may run again."""
    for prefix in ("articles/", "documents/", "captures/", "work/"):
        bucket.delete_below(prefix)
    put(bucket, history, order)
    taken_before = chance.randint(0, len(history))
    if taken_before:  # some of it is in the corpus already
        files = chance.sample(stages.waiting_captures(bucket, sources), taken_before)
        rest = {key: bucket.get(key) for key in stages.waiting_captures(bucket, sources) if key not in files}
        bucket.delete(*rest)
        stages.build(bucket, sources, "before")
        for key, data in rest.items():
            bucket.put(key, data)
    take_in(bucket, sources, "run")

    def some(keys: list[str]) -> list[str]:
        return chance.choices(keys, k=chance.randint(0, 2 * len(keys))) if keys else []

    for days in some([stored.key for stored in bucket.list("work/run/ranges/")]):
        stages.find_copies(bucket, days)
    for _ in range(chance.randint(1, 2)):
        stages.deduplicate(bucket, "run")
    for days in some([stored.key for stored in bucket.list("work/run/days/")]):
        stages.build_days(bucket, days)
    for _ in range(chance.randint(1, 2)):
        stages.deposit(bucket, "run")
    assert corpus.verify(bucket) == []
    assert articles(bucket) == _whole(bucket, sources)


def _whole(bucket: Bucket, sources: Sources) -> dict[str, bytes]:
    """The corpus of the same captures, built at once and in one range."""
    for prefix in ("articles/", "documents/", "state/", "work/"):
        bucket.delete_below(prefix)
    with pytest.MonkeyPatch.context() as patch:
        for module, size in SMALL_RANGES.items():
            patch.setattr(import_module(module), size, 100_000)
        stages.build(bucket, sources, "at-once")
    return articles(bucket)


@pytest.mark.usefixtures("small_ranges")
def test_what_was_found_before_another_build_wrote_is_found_again(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    put(bucket, history, order)
    caplog.set_level("INFO", "pipeline.build")
    take_in(bucket, sources, "run")
    ranges = [stored.key for stored in bucket.list("work/run/ranges/")]
    assert len(ranges) > 1
    assert stages.find_copies(bucket, ranges[0])
    archive(bucket, "alfajr", "late", {"http://alfajr.example/late": page("متأخر", prose(77), "2024-03-01")})
    take_in(bucket, sources, "other")
    assert stages.find_copies(bucket, ranges[1]) is None
    assert "it is left to deduplicate" in caplog.text
    days = stages.deduplicate(bucket, "run")
    assert len(days) > 1
    assert stages.build_days(bucket, days[0])
    archive(bucket, "alfajr", "later", {"http://alfajr.example/later": page("متأخر", prose(78), "2024-03-01")})
    stages.build(bucket, sources, "another")
    assert stages.build_days(bucket, days[1]) is None
    assert "it is left to deposit" in caplog.text
    # What the days were that another plan of this run had is not taken for those of this one.
    stages.write_documents(bucket, "run")
    bucket.delete_below("articles/")
    stages.deduplicate(bucket, "run")
    stages.deposit(bucket, "run")
    assert corpus.verify(bucket) == []
    bucket.delete_below("articles/")
    stages.deposit(bucket, "run")
    assert corpus.verify(bucket) == []
    assert articles(bucket) == _whole(bucket, sources)


def test_a_deposit_that_was_killed_goes_on_from_where_it_was(
    bucket: Bucket, sources: Sources, history: list, order: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    depositing = import_module("pipeline.corpus.deposit")
    encode, encoded = depositing._encode, []

    def encode_a_few(documents: Documents, day: date, planned: object) -> bytes:
        if len(encoded) == 3:
            raise KeyboardInterrupt
        encoded.append(str(day))
        return encode(documents, day, planned)

    put(bucket, history, order)
    with monkeypatch.context() as patch:
        patch.setattr(depositing, "_encode", encode_a_few)
        with pytest.raises(KeyboardInterrupt):
            stages.build(bucket, sources, "killed")
    assert {corpus_key.split("=")[1][:10] for corpus_key in articles(bucket)} == set(encoded)
    again: list[str] = []
    monkeypatch.setattr(depositing, "_encode", lambda *of: again.append(str(of[1])) or encode(*of))
    written = json.loads(bucket.get(str(stages.build(bucket, sources, "again"))))["deposit"]["written"]
    assert not set(again) & set(encoded)
    assert written == sorted([*encoded, *again]), "readers learn of all that is new, whoever wrote it"
    assert articles(bucket) == _whole(bucket, sources)


SMALL_RANGES = {"pipeline.duplicates.decide": "DOCUMENTS_A_RANGE", "pipeline.corpus.deposit": "_ROWS_A_RANGE"}

KILLED = f"""
import sys
from importlib import import_module
from pathlib import Path
from pipeline import build, sources
from pipeline.bucket import Bucket
for module, size in {SMALL_RANGES}.items():
    setattr(import_module(module), size, 3)
build.BATCH_FILES = 3
build.build(Bucket(), sources.load_sources(Path(sys.argv[1])), "victim")
"""


@pytest.fixture
def archived(bucket: Bucket, history: list, order: dict[str, int]) -> Bucket:
    """The bucket with the whole history in its captures."""
    put(bucket, history, order)
    return bucket


@pytest.fixture
def sources_folder(tmp_path: Path, sources: Sources) -> Path:
    for source in sources.values():
        text = "\n".join(
            f"{name}: {value}"
            for name, value in source.model_dump(mode="json", include={"id", "name", "home", "timezone"}).items()
        )
        (tmp_path / f"{source.id}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_partition_that_the_store_has_in_part_is_written_anew(archived: Bucket, sources: Sources) -> None:
    """A store may keep what a writer had sent when it was killed, with all that was said of it."""
    stages.build(archived, sources, "whole")
    whole = articles(archived)
    path = next(key for key in whole if key.endswith(".parquet"))
    there = archived.head(path)
    assert there
    archived.put(path, b"", metadata=there.metadata)
    archived.delete("articles/_manifest.json", "state/deposited.json")
    stages.build(archived, sources, "again")
    assert articles(archived) == whole


@pytest.mark.parametrize(
    "stage",
    [
        *("work/victim/cleaned/", "work/victim/dated/", "documents/_delta_log/", "work/victim/copies/"),
        *("work/victim/days/", "articles/published=", "work/victim/built/"),
    ],
)
def test_killed_in_any_stage_a_rerun_ends_in_the_same_bytes(
    archived: Bucket, sources: Sources, stage: str, sources_folder: Path
) -> None:
    bucket = archived
    stages.build(bucket, sources, "whole")
    whole = articles(bucket)
    etags = {stored.key: stored.etag for stored in bucket.list("articles/")}
    bucket.delete_below("articles/")
    bucket.delete_below("documents/")
    victim = subprocess.Popen([sys.executable, "-c", KILLED, str(sources_folder)], cwd=ROOT)
    while not any(True for _ in bucket.list(stage)):
        assert victim.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    cleaners = psutil.Process(victim.pid).children(recursive=True)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    assert psutil.wait_procs(cleaners, timeout=30)[1] == []
    # By their ETags: of the one that was being sent, the store may keep a part, which cannot be read.
    assert {stored.key: stored.etag for stored in bucket.list("articles/")} != etags
    stages.build(bucket, sources, "victim")
    assert articles(bucket) == whole
    assert corpus.verify(bucket) == []


def test_the_days_that_a_body_speaks_of_count_from_its_publication(bucket: Bucket, sources: Sources) -> None:
    body = ["وصلت القافلة إلى البلدة مساء أمس، بعد انقطاع دام منذ عام 2013.", *prose(5, 5)]
    pages = {
        "http://alfajr.example/dated": page("القافلة", body, "2024-03-05T08:00:00+03:00"),
        "http://alfajr.example/undated": page("قافلة أخرى", [body[0], *prose(77, 6)]),
    }
    archive(bucket, "alfajr", "run", pages)
    stages.build(bucket, sources, "build")
    by_url = rows(bucket)
    dated, undated = (by_url[url] for url in pages)
    assert [(one["text"], one["start"]) for one in dated["dates_mentioned"]] == [
        ("مساء أمس", date(2024, 3, 4)),
        ("عام 2013", date(2013, 1, 1)),
    ]
    for one in dated["dates_mentioned"]:
        assert dated["body"][one["offset"] :].startswith(one["text"])
    assert undated["published_method"] == "captured"
    assert [one["text"] for one in undated["dates_mentioned"]] == ["عام 2013"]


def test_the_newest_good_capture_is_the_article_whatever_walls_came_before_and_after(
    bucket: Bucket, sources: Sources
) -> None:
    url = "http://alfajr.example/1"
    wall = b"<html lang='en'><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>"
    first, second = (page("عنوان", prose(text), "2024-03-19") for text in (1, 2))
    for number, body in enumerate([wall, first, wall, second, wall]):
        archive(bucket, "alfajr", f"run-{number}", {url: body}, at=NOW + timedelta(hours=number))
        stages.build(bucket, sources, f"built-{number}")
        bodies = {url: row["body"] for url, row in rows(bucket).items()}
        text = (None, 1, 1, 2, 2)[number]
        assert bodies == ({url: "\n".join(prose(text))} if text else {})


BREAKING = """\
import os
from pipeline import stages

_whole = stages._clean_row

def _clean_row(capture, source):
    if capture.url.endswith("/1"):
        os.kill(os.getpid(), 9)
    return _whole(capture, source)

stages._clean_row = _clean_row
"""
"""As ``sitecustomize.py``: a page that kills whatever process reads it."""

CLEANING = """\
import sys
from pathlib import Path
from pipeline import build, sources
from pipeline.bucket import Bucket
if __name__ == "__main__":
    build.BATCH_FILES = 1
    known = sources.load_sources(Path(sys.argv[1]))
    build.clean_batches(Bucket(), known, build.find_captures(Bucket(), sys.argv[2], known))
"""


@pytest.mark.parametrize("files", [1, 2])
def test_a_page_that_kills_its_process_stops_no_second_build(
    bucket: Bucket, sources: Sources, sources_folder: Path, files: int
) -> None:
    """A build in one process dies with it; of one in several the page's process dies, and what it was at is done anew."""
    for number in range(files):
        pages = {
            f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2024-03-01") for n in range(number, 3, files)
        }
        archive(bucket, "alfajr", f"run{number}", pages)
    (sources_folder / "sitecustomize.py").write_text(BREAKING)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(sources_folder), str(ROOT)])}
    runs = ("b1", "b2")[: 3 - files]
    ended = [
        subprocess.run(
            [sys.executable, "-c", CLEANING, str(sources_folder), run], cwd=ROOT, env=environment, check=False
        ).returncode
        for run in runs
    ]
    assert ended == ([-signal.SIGKILL, 0] if files == 1 else [0])
    dated = [pq.read_table(io.BytesIO(bucket.get(one.key))) for one in bucket.list(f"work/{runs[-1]}/dated/")]
    rejected = {row["fetched_url"][-1]: row["rejected"] for table in dated for row in table.to_pylist()}
    assert rejected == {"0": None, "1": "undecodable", "2": None}
    assert list(bucket.list("state/cleaning/")) == []
