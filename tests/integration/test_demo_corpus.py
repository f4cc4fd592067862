"""The demo sites, crawled for real and built: the corpus says what the gold says, whatever the order of work."""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow.dataset as ds
import pytest

from crawlers.run import Crawl, CrawlFailed, CrawlSummary, Outcome, new_run
from crawlers.window import Window
from demo.content import CURRENT_EDITION, FIRST_EDITION
from demo.gold import gold_rows
from demo.server import DemoServer
from pipeline import build, corpus
from pipeline.bucket import Bucket
from pipeline.captures import CaptureWriter, Exchange, announce, list_page_files, read_captures, source_of
from pipeline.documents import Documents
from pipeline.sources import Source, load_sources
from tests.conftest import ROOT
from tests.integration.gold import assert_is_gold

pytestmark = pytest.mark.slow

MONTHS = Window(date(2024, 1, 1), date(2024, 5, 1))
SOURCES = ROOT / "demo" / "sources"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return load_sources(SOURCES)


@pytest.fixture(scope="module")
def environment(s3: str, demo: DemoServer) -> Iterator[pytest.MonkeyPatch]:
    """Crawls find the demo's sources, and reach its sites through the demo server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARRAQ_SOURCES", str(SOURCES))
        patch.setenv("WARRAQ_CONTACT", "tests@warraq.example")
        patch.setenv("http_proxy", f"http://127.0.0.1:{demo.port}")
        yield patch


def crawl(source: str, lines: list[str] | None = None) -> Crawl:
    said = lines if lines is not None else []
    return Crawl(source, MONTHS, new_run(source, datetime.now(UTC)), on_line=lambda _level, line: said.append(line))


@pytest.fixture(scope="module")
def crawled(environment: pytest.MonkeyPatch, sources: dict[str, Source]) -> tuple[Bucket, dict[str, CrawlSummary]]:
    """A bucket with one crawl of each demo site."""
    environment.setenv("WARRAQ_BUCKET", f"demo-{uuid.uuid4().hex[:8]}")
    bucket = Bucket()
    bucket.ensure()
    crawls = {source: crawl(source) for source in sources}  # all sites at once, as Airflow does
    return bucket, {source: running.wait() for source, running in crawls.items()}


@pytest.fixture(scope="module")
def built(crawled: tuple[Bucket, Any], sources: dict[str, Source]) -> tuple[Bucket, dict[str, Any]]:
    """The bucket with its corpus, and the build's report."""
    bucket, _summaries = crawled
    return bucket, json.loads(bucket.get(build.build(bucket, sources, "demo")))


def copy_captures(bucket: Bucket, name: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Another bucket with the same captures, a few responses a file."""
    monkeypatch.setenv("WARRAQ_BUCKET", name)
    other = Bucket()
    other.ensure()
    for number, key in enumerate(list_page_files(bucket)):
        writer = CaptureWriter(other, source_of(key), f"repacked-{number}")
        for capture in read_captures(io.BytesIO(bucket.get(key)), key):
            writer.add(
                Exchange(
                    url=capture.url,
                    fetched_at=capture.captured_at,
                    status=capture.status,
                    reason="",
                    headers=[("Content-Type", capture.content_type)],
                    body=capture.body,
                    request_headers=[],
                    found=capture.found,
                )
            )
            if writer.pending == 4:
                writer.flush()
        writer.flush()
    return other


def articles(bucket: Bucket) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("articles/")}


def test_every_crawl_finishes_and_accounts_for_every_url(crawled: tuple[Bucket, dict[str, CrawlSummary]]) -> None:
    _bucket, summaries = crawled
    for summary in summaries.values():
        assert summary.outcome is Outcome.FINISHED
        assert summary.found == summary.known + summary.captured + len(summary.failed) + sum(summary.skipped.values())
    refused = {row["reason"] for row in gold_rows() if row["outcome"] == "not_fetched"}
    skipped = {reason for summary in summaries.values() for reason, count in summary.skipped.items() if count}
    failed = {failure.reason for summary in summaries.values() for failure in summary.failed}
    assert refused <= skipped | failed


def test_forbidden_paths_are_never_asked_for(crawled: object, demo: DemoServer) -> None:
    asked = {f"http://{request.host}{request.path}" for request in demo.log}
    forbidden = {
        row["url"]
        for row in gold_rows()
        if row["outcome"] == "not_fetched" and row["reason"] in {"robots", "section", "offsite"}
    }
    assert forbidden
    assert asked & forbidden == set()
    assert all("warraq" in request.user_agent for request in demo.log if request.path != "/robots.txt")


def test_the_corpus_is_its_gold_row_for_row(built: tuple[Bucket, dict[str, Any]]) -> None:
    assert_is_gold(built[0])


def test_every_captured_page_is_accounted_for(built: tuple[Bucket, dict[str, Any]]) -> None:
    bucket, report = built
    manifest = corpus.read_manifest(bucket)
    captured = sum(sum(1 for _ in read_captures(io.BytesIO(bucket.get(key)), key)) for key in list_page_files(bucket))
    gold = gold_rows()
    assert manifest.counts.captured == report["total"]["captured"] == captured
    assert manifest.counts.articles == sum(row["outcome"] == "article" for row in gold)
    assert sum(manifest.counts.copies.values()) == sum(row["outcome"] == "copy" for row in gold)
    assert manifest.counts.reconciled
    rejected = {row["url"]: row["reason"] for row in report["rejections"]}
    for row in gold:
        if row["outcome"] == "rejected":
            assert rejected[row["url"]] == row["reason"], row["url"]
    assert corpus.verify(bucket) == []


def test_the_readers_notebook_runs_as_it_stands(built: tuple[Bucket, Any], tmp_path: Path) -> None:
    bucket = built[0]
    run = (
        "import jupytext, nbclient, sys\n"
        "notebook = jupytext.read(sys.argv[1])\n"
        "nbclient.NotebookClient(notebook, timeout=300, kernel_name='python3').execute()\n"
        "jupytext.write(notebook, sys.argv[2])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, str(ROOT / "docs" / "notebook.md"), str(tmp_path / "run.ipynb")],
        cwd=tmp_path,
        env={**os.environ, "WARRAQ_BUCKET": bucket.name, "IPYTHONDIR": str(tmp_path), "MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cells = json.loads((tmp_path / "run.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    said = "".join(line for output in outputs for line in output.get("text", ()))
    partitions = corpus.read_manifest(bucket).partitions
    assert f"{sum(part.rows for part in partitions)} articles in {len(partitions)} files" in said
    assert sum("image/png" in output.get("data", ()) for output in outputs) == 1
    assert said.count(" (near, ") >= 2, "a story is followed to two outlets at least"
    assert re.search(r"[1-9]\d* articles name Azaz and a day of March 2024", said)
    assert "bytes, as the digest has them: True" in said
    assert re.search(r"(\d+) of \1 words of the quotation are on the page", said)


def test_a_second_crawl_finds_everything_known(
    built: tuple[Bucket, Any], environment: pytest.MonkeyPatch, sources: dict[str, Source]
) -> None:
    bucket, _report = built
    environment.setenv("WARRAQ_BUCKET", bucket.name)
    before = list_page_files(bucket)
    summary = crawl("alsaha").wait()
    assert summary.outcome is Outcome.NOTHING_NEW
    assert summary.captured == 0
    assert list_page_files(bucket) == before


def test_any_order_and_split_gives_the_same_bytes(
    built: tuple[Bucket, Any], sources: dict[str, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = copy_captures(built[0], f"orders-{uuid.uuid4().hex[:8]}", monkeypatch)
    files = {
        stored.key: bucket.get(stored.key) for stored in bucket.list("captures/") if stored.key.endswith(".warc.gz")
    }
    assert len(files) > 20
    build.build(bucket, sources, "in-order")
    whole = articles(bucket)
    chance = random.Random(1448)
    for attempt in range(3):
        for prefix in ("articles/", "documents/", "captures/"):
            bucket.delete_below(prefix)
        shuffled = chance.sample(sorted(files), k=len(files))
        cuts = sorted(chance.sample(range(1, len(files)), k=attempt))
        for part, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(files)], strict=True)):
            for key in shuffled[start:end]:
                announce(bucket, key)
                bucket.put(key, files[key])
            build.build(bucket, sources, f"shuffle-{attempt}-{part}")
        assert articles(bucket) == whole, f"order {attempt}, cut at {cuts}"


def essence(bucket: Bucket, source: str) -> list[tuple[str, ...]]:
    """A source's articles and copies but for capture times and keys, which no two crawls share."""
    names = ["url", "rejected", "title", "authors", "body", "published_at", "published_day", "published_evidence"]
    rows = Documents(bucket).read(names, ds.field("source") == source).to_pylist()
    return sorted(tuple(str(row[name]) for name in names) for row in rows)


def test_a_killed_crawl_run_again_ends_in_the_same_articles_and_fetches_nothing_twice(
    built: tuple[Bucket, Any],
    environment: pytest.MonkeyPatch,
    demo: DemoServer,
    sources: dict[str, Source],
    tmp_path: Path,
) -> None:
    environment.setenv("WARRAQ_BUCKET", f"killed-{uuid.uuid4().hex[:8]}")
    bucket = Bucket()
    bucket.ensure()
    # The child finishes a file every three responses, so that there is something to lose and something to keep.
    (tmp_path / "sitecustomize.py").write_text(
        "import pipeline.captures.write\npipeline.captures.write.MAX_RECORDS = 3\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        running = crawl("alsaha")
    while len(list_page_files(bucket)) < 2:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    with pytest.raises(CrawlFailed, match="killed by signal 9"):
        running.wait()
    stored = {
        capture.url for key in list_page_files(bucket) for capture in read_captures(io.BytesIO(bucket.get(key)), key)
    }
    asked = len(demo.log)
    summary = crawl("alsaha").wait()
    again = [f"http://{request.host}{request.path}" for request in demo.log[asked:]]
    assert len(stored) >= 6
    assert set(again) & stored == set()
    assert summary.known == len(stored)
    build.build(bucket, sources, "after")
    assert essence(bucket, "alsaha") == essence(built[0], "alsaha")


def test_an_edited_article_stands_once_with_its_newest_text_and_lists_its_revisions(
    environment: pytest.MonkeyPatch, demo: DemoServer, sources: dict[str, Source]
) -> None:
    environment.setenv("WARRAQ_BUCKET", f"edited-{uuid.uuid4().hex[:8]}")
    bucket = Bucket()
    bucket.ensure()
    newest = {row["url"]: row for row in gold_rows()}
    texts: dict[str, list[str]] = {}  # of every article that was corrected, as they followed one another
    for row in (row for edition in range(FIRST_EDITION, CURRENT_EDITION + 1) for row in gold_rows(edition)):
        if row["outcome"] == "article" and row["source"] == "alsaha":
            of_article = texts.setdefault(row["url"], [])
            if "\n".join(row["body"]) not in of_article:
                of_article.append("\n".join(row["body"]))
    assert max(map(len, texts.values())) == 4, "one is edited three times"
    before = len(demo.log)
    try:
        for edition in range(FIRST_EDITION, CURRENT_EDITION + 1):
            demo.edition = edition
            summary = crawl("alsaha").wait()
            build.build(bucket, sources, f"edition-{edition}")
            assert edition == FIRST_EDITION or summary.known > summary.captured > 0
    finally:
        demo.edition = CURRENT_EDITION
    rows = {row["url"]: row for row in corpus.read_articles(bucket)}
    for url, of_article in texts.items():
        assert rows[url]["body"] == "\n".join(newest[url]["body"]) == of_article[-1]
        assert len(rows[url]["revisions"]) == len(of_article) - 1
    edited = {urlsplit(url).path for url, of_article in texts.items() if len(of_article) > 1}
    asked = [one for one in demo.log[before:] if unquote(urlsplit(one.path).path) in {unquote(path) for path in edited}]
    assert [bool(one.if_none_match) for one in asked].count(False) == len(edited), "all but the first are conditional"
    assert len(asked) > len(edited)
