"""Sick sites told apart, and healed: whole crawls and builds of seven of them, by the command line; a real S3 server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.run import Crawl, CrawlFailed, Options, new_run
from crawlers.window import resolve_window
from pipeline import build, corpus
from pipeline.bucket import Bucket
from pipeline.sources import load_sources
from tests.conftest import ROOT
from tests.crawlers.conftest import CLOCK
from tests.integration.sick_sites import A_DAY, NEW, PAST_DAYS, ZONE, SickSites

pytestmark = pytest.mark.slow

LOSING = {"mamnu", "mayyit", "musawwar", "farigh", "mutil"}
"""Those of which pages are missing as long as they are sick; the silent one has none, the shrunken one has all of its own."""


class Desk:
    """The sites with their crawls, builds, health and coverage."""

    def __init__(self, sites: SickSites, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sites, self.bucket = sites, bucket
        self._patch = monkeypatch

    def crawl_all(self, hours: float) -> None:
        """Crawl each as the schedule does, so many hours from now, and build."""
        self._patch.setenv("HOURS_LATER", str(hours))
        sources = load_sources()
        with ThreadPoolExecutor(2) as crawls:
            list(crawls.map(self._crawl, sources.values()))
        build.build(self.bucket, sources, f"build{hours:+}")

    def _crawl(self, source: Any) -> None:
        now = datetime.now(UTC)
        window = resolve_window(source, since=None, until=None, interval=None, run_after=now, look_back=True)
        crawl = Crawl(source.id, window, new_run(source.id, now), Options(recrawl=True), on_line=lambda *_: None)
        with suppress(CrawlFailed):  # health is to tell why
            crawl.wait()

    def say(self, *command: str) -> tuple[int, list[dict[str, Any]]]:
        """What a command says in JSON, with its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "warraq", *command, "--json"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def yesterday(self) -> dict[str, dict[str, Any]]:
        """The coverage of yesterday, by source."""
        today = datetime.now(ZONE).date()
        _, days = self.say("coverage", "--since", str(today - timedelta(days=1)), "--until", str(today))
        return {day["source"]: day for day in days}


@pytest.fixture
def desk(s3: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The seven sites, and their past in the bucket."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sitecustomize.py").write_text(CLOCK)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(ROOT))))
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("WARRAQ_CONTACT", "mailto:desk@warraq.example")
    with SickSites(datetime.now(UTC)) as sites:
        sites.write_sources(tmp_path / "sources")
        sites.put_past(bucket)
        yield Desk(sites, bucket, monkeypatch)


def test_every_sick_site_is_named_for_what_it_has_and_healed_it_lacks_nothing(desk: Desk) -> None:
    desk.crawl_all(hours=-3)
    code, told = desk.say("health")
    assert code == 1
    assert {one["source"]: one["state"] for one in told} == {id_: site.state for id_, site in desk.sites.items()}
    for one in told:
        assert desk.sites[one["source"]].said in one["reason"]
    yesterday = desk.yesterday()
    assert {id_ for id_, day in yesterday.items() if day["state"] == "partial"} == LOSING
    assert all(yesterday[id_]["why"] for id_ in LOSING)
    assert max(Counter(desk.sites["mutil"].asked).values()) <= 6, "a site that answers 500 to everything is let alone"

    desk.sites.heal()
    desk.crawl_all(hours=0)
    code, told = desk.say("health")
    assert {one["source"]: one["state"] for one in told} == dict.fromkeys(desk.sites, "ok"), told
    assert code == 0
    assert {day["state"] for day in desk.yesterday().values()} == {"covered"}
    texts = {row["url"]: row["body"] for row in corpus.read_articles(desk.bucket)}
    assert len(texts) == len(desk.sites) * (PAST_DAYS * A_DAY + NEW)
    for site in desk.sites.values():
        for article in site.published:
            assert texts[site.url(article)].splitlines() == list(article.paragraphs)
