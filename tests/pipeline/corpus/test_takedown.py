import gzip
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import lru_cache
from importlib import import_module

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from pipeline import build as stages
from pipeline import corpus
from pipeline.bucket import Bucket, ConflictError
from pipeline.captures.index import read_index
from pipeline.captures.model import TAKEN_DOWN_URN, Exchange
from pipeline.captures.read import read_captures
from pipeline.captures.write import CaptureWriter, archive_file
from pipeline.corpus.takedown import TakedownError, take_down, taken_down
from pipeline.documents import SCHEMA, Documents
from pipeline.duplicates import Plan, plan
from pipeline.sources import Source
from pipeline.urls import article_id, normalize_url
from tests.conftest import ROOT
from tests.pipeline.conftest import NOW, archive, page, prose
from tests.pipeline.several_pages import TEXTS, address, part
from warraq.cli import app

pytestmark = pytest.mark.slow

Sources = dict[str, Source]

WIRE = prose(9000, 10)
TITLE = "عنوان البرقية التي تُرفع"
URL, COPY = "http://alfajr.example/wire", "http://almada.example/w"
LATER = NOW + timedelta(days=3)


def wire_pages() -> list[tuple[str, str, dict[str, bytes]]]:
    """A wire story, an older text of it, a copy, its recapture, beside stories of their own."""
    story = page(TITLE, WIRE, "2024-03-05T08:00:00+03:00")
    older = page(TITLE, [*WIRE[:4], *prose(70, 6)], "2024-03-05T08:00:00+03:00")
    copy = page("صيغة أخرى", [prose(7777, 1)[0], *WIRE], "2024-03-06T08:00:00+03:00")
    own = {
        source: {
            f"http://{source}.example/{number}": page(
                f"خبر {number}", prose(number), f"2024-03-{number:02d}T10:00:00+03:00"
            )
            for number in range(first, first + 4)
        }
        for source, first in (("alfajr", 1), ("almada", 5))
    }
    return [
        ("alfajr", "r0", {URL: older} | own["alfajr"]),
        ("alfajr", "r1", {URL: story}),
        ("almada", "r2", {"http://almada.example/x": page("آخر", prose(99), "2024-03-06"), COPY: copy} | own["almada"]),
        ("almada", "r3", {COPY: copy}),
    ]


_BUILT: dict[str, bytes] = {}


@pytest.fixture
def built(bucket: Bucket, sources: Sources) -> Bucket:
    """A corpus with the wire story; built once, then put there as it was."""
    if _BUILT:
        for key, data in _BUILT.items():
            bucket.put(key, data)
        return bucket
    for place, (source, run, pages) in enumerate(wire_pages()):
        archive(bucket, source, run, pages, at=NOW + timedelta(hours=place))
    redirect(bucket, "http://alfajr.example/short", URL)
    stages.build(bucket, sources, "built")
    _BUILT.update(objects(bucket, ""))
    return bucket


def redirect(bucket: Bucket, url: str, location: str) -> None:
    writer = CaptureWriter(bucket, "alfajr", "moved")
    headers = [("Location", location)]
    writer.add(Exchange(url, NOW, 301, "Moved", headers, b"", request_headers=[], found={"by": "feed"}))
    writer.flush()


def objects(bucket: Bucket, prefix: str) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list(prefix)}


def documents(bucket: Bucket) -> list[dict]:
    return Documents(bucket).read(SCHEMA.names).to_pylist()


def down(bucket: Bucket) -> set[str]:
    """The capture files and offsets of the rows that are down."""
    return {row["id"] for row in documents(bucket) if row["rejected"] == "taken_down"}


@lru_cache(maxsize=1000)
def readable(key: str, data: bytes) -> str:
    """All that an object says: Parquet as JSON, gzip unpacked."""
    if key.endswith(".parquet"):
        return json.dumps(pq.ParquetFile(io.BytesIO(data)).read().to_pylist(), ensure_ascii=False, default=str)
    return (gzip.decompress(data) if key.endswith(".gz") else data).decode("utf-8", "replace")


def mentions(bucket: Bucket, *prefixes: str) -> set[str]:
    """The objects that hold a part of the text, the title or the address of the story or its copy."""
    shares = [TITLE, "صيغة أخرى", URL, COPY, prose(7777, 1)[0][:30], *(paragraph[:40] for paragraph in WIRE)]
    shares += [part for share in shares for part in (json.dumps(share)[1:-1],)]
    return {
        key
        for prefix in prefixes
        for key, data in objects(bucket, prefix).items()
        for text in (readable(key, data),)
        if any(share in text for share in shares)
    }


def urls(bucket: Bucket) -> set[str]:
    return {row["url"] for row in corpus.read_articles(bucket)}


STORES = ("articles/", "documents/", "work/", "state/", "takedowns/")


@pytest.mark.parametrize(
    "named", [URL, f"{URL}?utm_source=x#top", COPY, article_id(COPY), "http://alfajr.example/short"]
)
def test_article_copies_and_older_texts_go_and_nothing_else(built: Bucket, named: str) -> None:
    before = objects(built, "articles/")
    assert mentions(built, *STORES)
    outcome = take_down(built, named, "طلب قانوني", now=LATER)
    assert (outcome.emptied, outcome.days) == (5, ["2024-03-05"])
    assert not mentions(built, *STORES)
    manifest = corpus.read_manifest(built)
    assert (manifest.counts.captured, manifest.counts.articles, manifest.counts.copies) == (14, 9, {})
    assert manifest.counts.rejected == {"taken_down": 5}
    assert corpus.verify(built) == []
    after = objects(built, "articles/")
    untouched = {key for key in before if "03-05" not in key and "_manifest" not in key}
    assert {key: before[key] for key in untouched} == {key: after[key] for key in untouched}
    assert "http://almada.example/x" in urls(built)
    [tombstone] = objects(built, "takedowns/").values()
    assert json.loads(tombstone)["reason"] == "طلب قانوني"
    assert json.loads(tombstone)["time"] == LATER.isoformat()
    known = taken_down(built)
    assert known.has(URL)
    assert known.has(COPY)
    assert not known.has("http://alfajr.example/1")
    live = set(Documents(built).files)
    assert {key.removeprefix("documents/") for key in objects(built, "documents/day=")} == live


@pytest.mark.parametrize("purge", [False, True])
def test_a_rebuild_from_the_captures_says_the_same(built: Bucket, sources: Sources, purge: bool) -> None:
    take_down(built, URL, "طلب", now=LATER, purge_captures=purge)
    articles, rows = objects(built, "articles/"), documents(built)
    stages.build(built, sources, "again", rebuild=True)
    assert objects(built, "articles/") == articles
    for prefix in ("documents/", "articles/", "state/"):
        built.delete_below(prefix)
    stages.build(built, sources, "anew")
    assert objects(built, "articles/") == articles
    assert documents(built) == rows


def test_repeating_it_changes_nothing(built: Bucket, sources: Sources) -> None:
    take_down(built, URL, "طلب", now=LATER, purge_captures=True)
    before = {prefix: objects(built, prefix) for prefix in ("articles/", "takedowns/", "captures/")}
    files = Documents(built).files
    for named in (COPY, article_id(URL)):
        again = take_down(built, named, "سبب آخر", now=LATER + timedelta(days=1), purge_captures=True)
        assert (again.emptied, again.purged, again.days) == (0, 0, [])
    assert {prefix: objects(built, prefix) for prefix in before} == before
    assert Documents(built).files == files


def test_what_is_down_stays_out_of_later_builds(built: Bucket, sources: Sources) -> None:
    data = next(data for key, data in objects(built, "captures/").items() if key.endswith("r1-00000.warc.gz"))
    take_down(built, URL, "طلب", now=LATER)
    archive_file(built, "alfajr", "import-x", data)
    lead, few = prose(500, 1), " ".join(WIRE[4].split()[:-4]) + " كلمات أخرى غيرها هنا."
    late = {
        "http://almada.example/late": page("نقلها لاحقاً", [*lead, *WIRE], "2024-06-06"),
        "http://almada.example/edited": page("وغيّر فيها", [*WIRE[:4], few, *WIRE[5:]], "2024-03-06"),
        URL: page("نص جديد كله", prose(321), "2024-03-30"),
        "http://almada.example/new": page("خبر جديد", prose(654), "2024-03-30"),
    }
    archive(built, "almada", "late", late, at=LATER)
    stages.build(built, sources, "later")
    assert urls(built) & set(late) == {"http://almada.example/new"}
    assert corpus.read_manifest(built).counts.rejected == {"taken_down": 9}
    assert not mentions(built, *STORES)


def test_a_page_that_is_not_captured_yet_is_kept_out(bucket: Bucket, sources: Sources) -> None:
    outcome = take_down(bucket, URL, "طلب", now=NOW)
    assert (outcome.emptied, outcome.takedown.texts) == (0, ())
    archive(bucket, "alfajr", "r", {URL: page(TITLE, WIRE), "http://alfajr.example/1": page("خبر", prose(1))})
    stages.build(bucket, sources, "b")
    assert urls(bucket) == {"http://alfajr.example/1"}


@pytest.mark.parametrize("number", [1, 2])
def test_an_article_goes_with_all_its_pages_those_that_come_later_too(
    bucket: Bucket, sources: Sources, number: int
) -> None:
    archive(bucket, "alfajr", "r", {address(1): part(1), address(2): part(2), URL: page(TITLE, WIRE)})
    whole = page("عنوان آخر", [*TEXTS[1], *TEXTS[2]], "2024-03-06")
    archive(bucket, "almada", "w", {COPY: whole})
    stages.build(bucket, sources, "b")
    assert urls(bucket) == {address(1), URL}
    outcome = take_down(bucket, address(number), "طلب", now=LATER)
    assert (outcome.emptied, urls(bucket)) == (3, {URL})
    assert taken_down(bucket).has(address(3))
    assert not taken_down(bucket).has("http://alfajr.example/bridge-2/3")
    archive(bucket, "alfajr", "late", {address(3): part(3), address(2): part(2)}, at=LATER)
    archive(bucket, "almada", "late", {"http://almada.example/late": whole}, at=LATER)
    stages.build(bucket, sources, "b2")
    assert urls(bucket) == {URL}
    assert corpus.read_manifest(bucket).counts.rejected == {"taken_down": 6}
    rows = documents(bucket)
    bucket.delete_below("documents/")
    stages.build(bucket, sources, "anew")
    assert documents(bucket) == rows


def test_reports_of_one_series_do_not_go_with_one_of_them(bucket: Bucket, sources: Sources) -> None:
    def bulletin(day: int) -> bytes:
        lines = [f"{line} وبلغ العدد {day * 7 + place} في المركز." for place, line in enumerate(prose(42, 12))]
        return page(f"نشرة {day}", lines, f"2024-03-{day:02d}T08:00:00+03:00")

    series = {f"http://alfajr.example/b{day}": bulletin(day) for day in range(1, 5)}
    archive(bucket, "alfajr", "series", series)
    stages.build(bucket, sources, "b")
    assert urls(bucket) == set(series)
    take_down(bucket, "http://alfajr.example/b2", "طلب", now=LATER)
    assert urls(bucket) == set(series) - {"http://alfajr.example/b2"}
    archive(
        bucket, "almada", "again", {"http://almada.example/b2": bulletin(2), "http://almada.example/b5": bulletin(5)}
    )
    stages.build(bucket, sources, "b2")
    assert {"http://almada.example/b5"} == urls(bucket) - set(series)


def test_the_earliest_takedown_of_a_page_names_it_however_often_it_is_built(built: Bucket, sources: Sources) -> None:
    take_down(built, URL, "أول", now=LATER)
    copies = {"http://almada.example/late": page("لاحقة", WIRE, "2024-06-06")}
    archive(built, "almada", "late", copies, at=LATER)
    stages.build(built, sources, "b2")
    take_down(built, "http://almada.example/late", "ثان", now=LATER + timedelta(days=1))
    rows = documents(built)
    assert {row["article_id"] for row in rows if row["rejected"]} == {article_id(URL)}
    built.delete_below("documents/")
    stages.build(built, sources, "b3")
    assert documents(built) == rows


@pytest.mark.parametrize("named", ["0" * 32, "ftp://alfajr.example/1", "wire", "http://[", "http:///x"])
def test_what_names_no_article_is_told_in_a_sentence(built: Bucket, named: str) -> None:
    with pytest.raises(TakedownError, match=r"name it by its URL|neither the URL"):
        take_down(built, named, "x", now=NOW)
    assert not objects(built, "takedowns/")


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.permutations(range(8)), st.sets(st.integers(0, 7)), st.booleans())
def test_after_any_history_a_rebuild_says_the_same(
    bucket: Bucket, sources: Sources, order: list[int], builds: set[int], purge: bool
) -> None:
    """Pages, copies, revisions and takedowns in any order, with builds in between, and with or without a purge."""
    for prefix in ("captures/", "documents/", "articles/", "state/", "takedowns/", "work/"):
        bucket.delete_below(prefix)
    other = page("خبر ثان", prose(31, 9), "2024-03-08")
    files = [*wire_pages(), ("alfajr", "r4", {"http://alfajr.example/b": other})]
    files.append(("almada", "r5", {"http://almada.example/b": page("نقلاً عن الفجر", prose(31, 9), "2024-03-09")}))
    for place, event in enumerate(order):
        if event < len(files):
            source, run, pages = files[event]
            archive(bucket, source, run, pages, at=NOW + timedelta(hours=event))
        else:
            url = (URL, "http://almada.example/b")[event - len(files)]
            take_down(bucket, url, "طلب", now=LATER + timedelta(hours=place), purge_captures=purge)
        if place in builds:
            stages.build(bucket, sources, f"b{place}")
    stages.build(bucket, sources, "last")
    articles, rows = objects(bucket, "articles/"), documents(bucket)
    assert not {URL, "http://almada.example/b"} & urls(bucket)
    for prefix in ("documents/", "articles/", "state/"):
        bucket.delete_below(prefix)
    stages.build(bucket, sources, "anew")
    assert objects(bucket, "articles/") == articles
    assert documents(bucket) == rows


# Captures ----------------------------------------------------------------------------------------------------------------


def test_a_purge_takes_the_pages_out_of_the_captures_and_leaves_every_other_record(built: Bucket) -> None:
    late = archive(
        built, "almada", "late", {"http://almada.example/late": page("x", prose(3)), COPY: page(TITLE, WIRE)}
    )
    before = {key: data for key, data in objects(built, "captures/").items() if key.endswith(".gz")}
    rows = {row["id"]: row for row in documents(built) if row["rejected"] != "taken_down"}
    outcome = take_down(built, URL, "طلب", now=LATER, purge_captures=True)
    assert outcome.purged == 6
    assert not mentions(built, "captures/")
    for key, data in before.items():
        now = built.get(key)
        assert len(now) == len(data)
        then_read, now_read = (list(read_captures(io.BytesIO(one), key)) for one in (data, now))
        assert [(one.offset, one.captured_at) for one in now_read] == [
            (one.offset, one.captured_at) for one in then_read
        ]
        for then, after in zip(then_read, now_read, strict=True):
            purged = after.url.startswith(TAKEN_DOWN_URN)
            assert purged == (
                f"{key}#{then.offset}" in down(built) or (key == late and then.url == normalize_url(COPY))
            )
            assert purged or after == then
        assert [line.url for line in read_index(built, key)] == [
            json.loads(line.split(" ", 2)[2])["url"] for line in _remade_index(built, key)
        ]
        kinds = [record.rec_type for record in ArchiveIterator(io.BytesIO(now), check_digests="raise")]
        assert len(kinds) == 3 * len(now_read)
    assert len(rows) == 14


def _remade_index(bucket: Bucket, key: str) -> Iterator[str]:
    index = bucket.get(key.replace(".warc.gz", ".cdxj")).decode()
    assert index == "".join(sorted(index.splitlines(keepends=True)))
    return iter(index.splitlines())


def test_importing_the_same_file_again_brings_nothing_back(bucket: Bucket, sources: Sources) -> None:
    data = bucket.get(archive(bucket, "elsewhere", "r", {URL: page(TITLE, WIRE)}))
    bucket.delete_below("captures/")
    key = archive_file(bucket, "alfajr", "import-x", data).key
    stages.build(bucket, sources, "b")
    take_down(bucket, URL, "طلب", now=LATER, purge_captures=True)
    assert archive_file(bucket, "alfajr", "import-x", data).key == key
    assert not mentions(bucket, "captures/")


def test_of_two_purges_at_once_the_loser_is_told(built: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    put, raced = Bucket.put, []

    def put_after_the_other(self: Bucket, key: str, data: bytes, **guards: object) -> str:
        if not raced and key.endswith("r0-00000.warc.gz"):
            raced.append(key)
            take_down(Bucket(), "http://alfajr.example/1", "آخر", now=LATER, purge_captures=True)
        return put(self, key, data, **guards)  # type: ignore[arg-type]

    monkeypatch.setattr(Bucket, "put", put_after_the_other)
    with pytest.raises(ConflictError, match="run again"):
        take_down(built, URL, "طلب", now=LATER + timedelta(days=1), purge_captures=True)
    take_down(built, URL, "طلب", now=LATER + timedelta(days=1), purge_captures=True)
    assert not mentions(built, "captures/")
    assert len(down(built)) == 6


# Interrupted, and at the same time -----------------------------------------------------------------------------------------

VICTIM = f"""
from datetime import datetime
from pipeline.bucket import Bucket
from pipeline.corpus.takedown import take_down
take_down(Bucket(), {URL!r}, "طلب", now=datetime.fromisoformat({LATER.isoformat()!r}), purge_captures=True)
"""


@pytest.mark.parametrize("write", range(1, 9))
def test_stopped_between_any_two_writes_and_run_again_it_ends_the_same(
    built: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    writes = []

    class Stopped(BaseException):
        pass

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def write_or_stop(*args: object, **kwargs: object) -> object:
            writes.append(True)
            if len(writes) == write:
                raise Stopped
            return function(*args, **kwargs)

        return write_or_stop

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", counted(Bucket.put))
        patch.setattr(DeltaTable, "create_write_transaction", counted(DeltaTable.create_write_transaction))
        with pytest.raises(Stopped):
            take_down(built, URL, "طلب", now=LATER, purge_captures=True)
    take_down(built, URL, "طلب", now=LATER, purge_captures=True)
    assert not mentions(built, "captures/", *STORES)
    assert corpus.verify(built) == []
    articles, rows = objects(built, "articles/"), documents(built)
    built.delete_below("documents/")
    stages.build(built, sources, "anew")
    assert objects(built, "articles/") == articles
    assert documents(built) == rows


@pytest.mark.parametrize("stage", ["takedowns/", "articles/published=2024-03-05/"])
def test_killed_and_run_again_it_ends_the_same(built: Bucket, stage: str) -> None:
    before = objects(built, stage)
    victim = subprocess.Popen([sys.executable, "-c", VICTIM], cwd=ROOT)
    while objects(built, stage) == before:
        assert victim.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    take_down(built, URL, "طلب", now=LATER, purge_captures=True)
    assert len(down(built)) == 5
    assert not mentions(built, "captures/", *STORES)
    assert corpus.verify(built) == []


@pytest.mark.parametrize(
    "after",
    ["clean_batch", "normalize_dates", "write_documents", "find_copies", "deduplicate", "build_days", "deposit"],
)
def test_a_takedown_between_the_stages_of_a_build_holds(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    for source, run, pages in wire_pages():
        archive(bucket, source, run, pages)
    run_stage = getattr(stages, after)
    monkeypatch.setattr(import_module("pipeline.duplicates.decide"), "DOCUMENTS_A_RANGE", 1)
    monkeypatch.setattr(import_module("pipeline.corpus.deposit"), "_ROWS_A_RANGE", 1)

    def then_take_down(*args: object, **kwargs: object) -> object:
        done = run_stage(*args, **kwargs)
        take_down(Bucket(), URL, "طلب", now=LATER)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(stages, after, then_take_down)
        stages.build(bucket, sources, "b")
    assert URL not in urls(bucket)
    if after in {"clean_batch", "normalize_dates"}:  # no text was known by which to know the copy
        take_down(bucket, COPY, "طلب", now=LATER + timedelta(days=1))
    assert not mentions(bucket, *STORES)
    assert corpus.verify(bucket) == []
    stages.build(bucket, sources, "b2")
    assert corpus.read_manifest(bucket).counts.rejected == {"taken_down": 4}


def test_a_build_that_writes_what_it_read_before_the_takedown_brings_nothing_back(
    built: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, raced = Documents.replace, []

    def after_the_takedown(self: Documents, rows: pa.Table) -> None:
        if not raced:
            raced.append(True)
            take_down(Bucket(), URL, "طلب", now=LATER)
            assert down(built)
        replace(self, rows)

    monkeypatch.setattr(Documents, "replace", after_the_takedown)

    def before_anything_is_decided(store: Documents) -> Plan:
        assert raced
        assert not {URL, COPY} & {row["url"] for row in documents(built)}
        return plan(store)

    monkeypatch.setattr(stages, "plan", before_anything_is_decided)
    stages.build(built, sources, "b", rebuild=True)
    assert not mentions(built, "articles/")
    take_down(built, URL, "طلب", now=LATER)  # the row of the redirect, which has no text, has come back
    assert not mentions(built, *STORES)
    assert len(down(built)) == 5


def test_a_build_that_was_killed_keeps_no_text_of_it(built: Bucket, sources: Sources) -> None:
    for batch in stages.find_captures(built, "dead", sources, rebuild=True):
        stages.clean_batch(built, sources, batch)
    assert mentions(built, "work/")
    take_down(built, URL, "طلب", now=LATER)
    assert not mentions(built, "work/")
    rows = documents(built)
    for cleaned in list(built.list("work/dead/cleaned/")):
        stages.normalize_dates(built, cleaned.key)
    stages.write_documents(built, "dead")
    stages.deduplicate(built, "dead")
    assert documents(built) == rows


def test_the_command_says_what_it_did(built: Bucket) -> None:
    run = CliRunner().invoke
    first = run(app, ["takedown", URL, "--reason", "طلب"])
    assert first.exit_code == 0
    assert "5 captured pages emptied, 1 days of the corpus written. Down are 2 articles and copies." in first.output
    assert "--purge-captures" in first.output
    assert "5 captures purged." in run(app, ["takedown", COPY, "--reason", "طلب", "--purge-captures"]).output
    assert "it will be kept out" in run(app, ["takedown", "http://alfajr.example/غير", "--reason", "طلب"]).output
    wrong = run(app, ["takedown", "1" * 32, "--reason", "x"])
    assert isinstance(wrong.exception, TakedownError)
    assert run(app, ["takedown", URL]).exit_code == 2
