"""What others leave in the bucket, and markers of folders, cost and change nothing: a demo site, crawled and built beside them."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crawlers.run import Crawl, Outcome, new_run
from crawlers.window import Window
from demo.server import DemoServer
from pipeline import build, card, corpus, health, waiting
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files
from pipeline.coverage import coverage, covered_sources
from pipeline.documents import SCHEMA, Documents
from pipeline.sources import Source, load_sources
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

SOURCE = "alsaha"
WINDOW = Window(date(2024, 4, 20), date(2024, 5, 1))
NOW = datetime(2024, 5, 20, tzinfo=UTC)
NAMES = (
    ".DS_Store",
    "_SUCCESS",
    "notes.txt",
    "a b+c%20d.json",
    "ملاحظات.txt",
    "/slashes.json",
    "copy of articles.parquet.bak",
)
OTHERS = (
    "captures-old/x.warc.gz",
    "article/published=2024-04-21/articles.parquet",
    "work.txt",
    "documents.bak/x",
    "theirs/a b",
)


@pytest.fixture(scope="module")
def sources() -> Iterator[dict[str, Source]]:
    with DemoServer(slow_seconds=0) as demo, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARRAQ_SOURCES", str(ROOT / "demo" / "sources"))
        patch.setenv("WARRAQ_CONTACT", "tests@warraq.example")
        patch.setenv("http_proxy", demo.url)
        yield {SOURCE: load_sources()[SOURCE]}


def crawl(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> Outcome:
    monkeypatch.setenv("WARRAQ_BUCKET", bucket.name)
    return Crawl(SOURCE, WINDOW, new_run(SOURCE, datetime.now(UTC)), on_line=lambda *_: None).wait().outcome


def litter(bucket: Bucket) -> dict[str, bytes]:
    """Leave markers and other people's objects in every folder that there is, and above; what was left, by key."""
    folders = {""}
    for stored in bucket.list():
        parts = stored.key.split("/")[:-1]
        folders |= {"/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)}
    folders |= {
        "takedowns/",
        "work/",
        "work/old-run/",
        "work/old-run/cleaned/",
        "captures/source=gone/",
        "health/month=2024-04/",
    }
    left = {folder: b"" for folder in folders if folder}
    left |= {f"{folder}{name}": b"{not ours" for folder in folders for name in NAMES} | dict.fromkeys(OTHERS, b"theirs")
    for key, data in left.items():
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=data)
    return left


def state(bucket: Bucket, sources: dict[str, Source]) -> dict[str, Any]:
    """All that readers and operators are shown."""
    exported = io.StringIO()
    corpus.export_jsonl(corpus.read_articles(bucket), exported)
    keys = [part.path for part in corpus.read_manifest(bucket).partitions]
    return {
        "articles": {key: bucket.get(key) for key in (*keys, "articles/_manifest.json", "articles/_schema.json")},
        "card": {key: bucket.get(key) for key in (card.README, card.CROISSANT, card.PAGE, card.FILE, card.SCHEMA_FILE)},
        "documents": Documents(bucket).read(SCHEMA.names).to_pylist(),
        "exported": exported.getvalue(),
        "coverage": coverage(bucket, [SOURCE], WINDOW.since, WINDOW.until),
        "covered": covered_sources(bucket),
        "health": [one.to_json() for one in health.current(bucket, sources, NOW).verdicts],
        "left out": waiting.left_out(bucket, sources),
        "captures": list_page_files(bucket),
    }


def test_what_others_leave_there_costs_and_changes_nothing(
    s3: str, sources: dict[str, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, littered = (Bucket(f"test-{uuid.uuid4().hex[:12]}") for _ in range(2))
    for bucket in (plain, littered):
        bucket.ensure()
    assert crawl(monkeypatch, plain) is Outcome.FINISHED
    build.build(plain, sources, "b1")
    for stored in plain.list():
        littered.put(stored.key, plain.get(stored.key))
    left = litter(littered)
    assert state(littered, sources) == state(plain, sources)

    def differs(step: str) -> None:
        assert state(littered, sources) == state(plain, sources), step
        there = {key: littered.client.get_object(Bucket=littered.name, Key=key)["Body"].read() for key in left}
        assert there == left, step

    for bucket in (plain, littered):
        build.build(bucket, sources, "b2")
    differs("build")
    for bucket in (plain, littered):
        build.build(bucket, sources, "b3", rebuild=True)
    differs("rebuild")
    url = next(corpus.read_articles(plain))["url"]
    outcomes = [corpus.take_down(bucket, url, "طلب", now=NOW, purge_captures=True) for bucket in (plain, littered)]
    assert outcomes[0] == outcomes[1]
    differs("takedown")
    assert crawl(monkeypatch, littered) is Outcome.NOTHING_NEW, "what is stored is known"
    assert corpus.verify(plain) == []
    faults = corpus.verify(littered)
    assert faults
    assert {fault.partition(":")[0] for fault in faults} <= left.keys(), "only what readers might take for the corpus"
    assert not any("_SUCCESS" in fault or ".DS_Store" in fault for fault in faults)
