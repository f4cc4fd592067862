"""Real input: six real pages with hand-made gold, and a real article served in a page of the demo's."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.quality import Extracted, score
from crawlers.run import Crawl, new_run
from crawlers.window import Window
from demo.content import parse_article
from demo.server import DemoServer
from pipeline import build, corpus
from pipeline.bucket import Bucket
from pipeline.sources import load_sources
from tests.conftest import ROOT
from tests.pipeline.publication.test_real_pages import ZONES


def warraq(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "warraq", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def rows(bucket: Bucket, shared: Path, tmp_path: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """The pages packed into a WARC file each, imported, built: the row and the gold of each, by file."""
    folder = shared / "real-pages"
    golds = {}
    for number, entry in enumerate(json.loads((folder / "manifest.json").read_text("utf-8"))):
        gold = json.loads((folder / entry["gold"]).read_text("utf-8"))
        host = urlsplit(entry["url"]).hostname
        source = tmp_path / "sources" / f"outlet{number}.yaml"
        source.parent.mkdir(exist_ok=True)
        source.write_text(
            f"id: outlet{number}\nname: outlet {number}\nhome: https://{host}/\ntimezone: {ZONES[entry['file']]}\n"
        )
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        record = writer.create_warc_record(
            entry["url"],
            "response",
            io.BytesIO((folder / entry["file"]).read_bytes()),
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": f"{gold['published_day_local']}T20:00:00Z"},
        )
        writer.write_record(record)
        file = tmp_path / f"{number}.warc.gz"
        file.write_bytes(buffer.getvalue())
        done = warraq("import", f"outlet{number}", str(file), WARRAQ_SOURCES=str(source.parent))
        assert done.returncode == 0, done.stderr
        golds[f"outlet{number}"] = (entry["file"], gold)
    done = warraq("build", WARRAQ_SOURCES=str(tmp_path / "sources"))
    assert done.returncode == 0, done.stderr
    return {golds[row["source"]][0]: (row, golds[row["source"]][1]) for row in corpus.read_articles(bucket)}


def test_the_real_pages_meet_their_gold(rows: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
    assert sorted(rows) == sorted(ZONES)
    scores = {}
    for file, (row, gold) in rows.items():
        assert row["title"] == gold["title"]
        assert row["published_day"] == date.fromisoformat(gold["published_day_local"])
        scores[file] = score(
            Extracted(row["body"], row["title"], tuple(row["authors"]), str(row["published_day"])), gold
        )
    assert sum(one.f1 for one in scores.values()) / len(scores) >= 0.985
    assert {file: one.leaks for file, one in scores.items() if one.leaks} == {}
    assert {file: one.lost for file, one in scores.items() if one.lost} == {}
    assert [file for file, one in scores.items() if one.authors == "invented"] == []


def test_a_real_article_comes_through_whole_and_without_its_comment_prompt(
    bucket: Bucket, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title, *paragraphs = [
        line for line in (shared / "seed" / "article.txt").read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    assert paragraphs[-1].strip() == "أضف تعليق"
    text = "\n\n".join(paragraphs)  # the prompt stands among the article's own paragraphs, as it was scraped
    quoted = json.dumps(title, ensure_ascii=False)
    head = f"---\ntitle: {quoted}\npath: seed\npublished: 2016-05-12T10:00:00\nsection: ميداني\n---\n"
    sources = load_sources(ROOT / "demo" / "sources")
    with DemoServer(extra=[parse_article("alsaha", "seed", head + text)]) as demo:
        monkeypatch.setenv("http_proxy", demo.url)
        monkeypatch.setenv("WARRAQ_SOURCES", str(ROOT / "demo" / "sources"))
        monkeypatch.setenv("WARRAQ_CONTACT", "tests@warraq.example")
        window = Window(date(2016, 5, 1), date(2016, 6, 1))
        Crawl("alsaha", window, new_run("alsaha", datetime.now(UTC)), on_line=lambda _level, _line: None).wait()
    build.build(bucket, sources, f"seed-{uuid.uuid4().hex[:6]}")
    [row] = [row for row in corpus.read_articles(bucket) if row["published_day"] == date(2016, 5, 12)]
    assert row["title"] == title
    assert row["body"].split("\n") == [" ".join(line.split()) for line in paragraphs[:-1]]
    assert "أضف تعليق" not in row["body"]
