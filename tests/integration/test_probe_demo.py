"""What `probe` writes of each demo site, crawled unedited and built: the corpus says what the gold says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawlers.probe import Probed, probe
from crawlers.run import Crawl, Outcome, new_run
from crawlers.window import Window
from demo.content import load_articles
from demo.server import DemoServer
from demo.sites import SITES
from pipeline import build
from pipeline.bucket import Bucket
from pipeline.sources import load_source, load_sources
from tests.integration.gold import assert_is_gold

pytestmark = pytest.mark.slow

MONTHS = Window(date(2024, 1, 1), date(2024, 5, 1))


@pytest.fixture(scope="module")
def probed(s3: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Probed]]:
    """Each demo site probed, and its file written, in the folder that crawls read."""
    folder = tmp_path_factory.mktemp("sources")
    with pytest.MonkeyPatch.context() as patch, DemoServer() as demo:
        patch.setenv("WARRAQ_SOURCES", str(folder))
        patch.setenv("WARRAQ_CONTACT", "tests@warraq.example")
        patch.setenv("WARRAQ_BUCKET", f"probed-{uuid.uuid4().hex[:8]}")
        patch.setenv("http_proxy", f"http://127.0.0.1:{demo.port}")
        with ThreadPoolExecutor(len(SITES)) as pool:
            found = list(
                pool.map(lambda site: probe(f"http://{site.id}.example/", now=datetime.now(UTC), delay=0.05), SITES)
            )
        for one in found:
            (folder / f"{one.source.id}.yaml").write_text(one.text, encoding="utf-8")
        yield {one.source.id: one for one in found}


def test_the_files_say_what_the_probe_says(probed: dict[str, Probed], tmp_path: Path) -> None:
    assert sorted(probed) == sorted(site.id for site in SITES)
    for site in SITES:
        one = probed[site.id]
        file = tmp_path / f"{site.id}.yaml"
        file.write_text(one.text, encoding="utf-8")
        source = load_source(file)
        assert source.name == site.name
        assert source.discovery
        assert not source.enabled
        named = one.source.model_dump(
            exclude={"discovery", "sections", "furniture", "schedule", "politeness", "enabled"}
        )
        assert named == source.model_dump(include=named.keys())


def test_zones_are_the_site_s_own_or_said_to_be_guesses(probed: dict[str, Probed]) -> None:
    for site in SITES:
        one = probed[site.id]
        fits = {
            site.zone.utcoffset(article.moment) == one.source.zone.utcoffset(article.moment)
            for article in load_articles()
            if article.site == site.id
        }
        assert fits == {True}
        if one.source.timezone != site.zone.key:
            assert "is a guess" in one.text


def test_a_crawl_by_the_files_unedited_ends_in_the_gold(probed: dict[str, Probed]) -> None:
    bucket = Bucket()
    bucket.ensure()
    crawls = [Crawl(one, MONTHS, new_run(one, datetime.now(UTC)), on_line=lambda *_: None) for one in probed]
    assert {crawl.wait().outcome for crawl in crawls} == {Outcome.FINISHED}
    build.build(bucket, load_sources(), "probed")
    assert_is_gold(bucket)
