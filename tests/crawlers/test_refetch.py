"""A site behind a wall that heals: whole crawls and builds, by a clock that is put forward; a real S3 server."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawlers.freshness import MAX_REFETCHED
from crawlers.run import ALL_PASSING, CrawlSummary, Outcome
from pipeline import build, corpus
from pipeline.coverage import DayCoverage, State, coverage
from pipeline.known_pages import known_pages
from pipeline.sources import load_sources
from tests.conftest import ROOT
from tests.crawlers.conftest import CLOCK, HOME, Reply, Runner, Site
from tests.crawlers.news import HTML
from tests.pipeline.conftest import page, prose

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.bucket import Bucket

pytestmark = pytest.mark.slow

WALL = "<html lang='en'><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1><p>{}</p></body></html>"
MAY_10 = "Sun, 10 May 2026 10:00:00 +0300"
DAY = date(2026, 5, 10)


class Desk:
    """The site with its crawls, builds and coverage."""

    def __init__(self, site: Site, runner: Runner, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
        self.site, self.bucket = site, bucket
        self._runner, self._patch = runner, monkeypatch

    def wall(self, *numbers: int) -> None:
        """Put a wall before some articles, whose bytes are never the same."""
        for number in numbers:
            self.site.replies[url(number)] = Reply(WALL.format(f"Ray {number}").encode(), headers=HTML)

    def heal(self, *numbers: int) -> None:
        for number in numbers:
            body = page(f"خبر عن بلدة بعيدة رقم {number}", prose(number), "2026-05-10T10:00:00+03:00")
            self.site.replies[url(number)] = Reply(body, headers=HTML)

    def crawl(
        self, hours: float = 0, since: str = "2026-05-09", until: str = "2026-05-12", **options: object
    ) -> CrawlSummary:
        """Crawl at so many hours from now, and build."""
        self.site.seen.clear()
        self._patch.setenv("HOURS_LATER", str(hours))
        summary = self._runner.crawl(since, until, **options)
        if summary.files:
            build.build(self.bucket, load_sources(), f"built-{summary.run}")
        return summary

    @property
    def day(self) -> DayCoverage:
        [day] = coverage(self.bucket, ["sada"], DAY, DAY + timedelta(days=1))
        return day

    @property
    def asked(self) -> set[str]:
        return set(self.site.asked())


def url(number: int) -> str:
    return f"{HOME}/news/{number}"


@pytest.fixture
def desk(site: Site, runner: Runner, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Twelve articles of one day, which a sitemap lists, and a feed whose entries date them."""
    (tmp_path / "sitecustomize.py").write_text(CLOCK)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(ROOT))))
    runner.configure("sitemap /sitemap.xml", "feed /feed")
    site.sitemap([(url(number), "") for number in range(12)])
    site.feed([(url(number), MAY_10) for number in range(12)])
    return Desk(site, runner, bucket, monkeypatch)


def test_a_healed_site_fills_its_day_by_itself(desk: Desk) -> None:
    desk.wall(*range(12))
    assert desk.crawl().captured == 12
    assert desk.day.state == State.PARTIAL
    assert desk.day.may_pass == 12
    assert "12 pages are no articles for what may pass (12 blocked); asked for again from" in desk.day.why

    assert desk.crawl(0.5).outcome == Outcome.NOTHING_NEW, "it is not time yet"
    assert not desk.asked

    # The feed has gone on, and the sitemap has what is new alone.
    desk.heal(*range(11))
    desk.site.feed([])
    desk.site.sitemap([])
    assert desk.crawl(2, "2026-06-09", "2026-06-12").outcome == Outcome.NOTHING_NEW, "the day is not of this window"
    again = desk.crawl(2)
    assert (again.found, again.captured, again.unchanged) == (12, 11, 1)
    assert (desk.day.state, desk.day.articles, desk.day.may_pass) == (State.PARTIAL, 11, 1)

    desk.heal(11)
    desk.crawl(3)
    assert not desk.asked, "it was asked for at two hours, and the next time is six"
    desk.crawl(7)
    assert desk.asked == {url(11)}
    assert (desk.day.state, desk.day.articles, desk.day.why) == (State.COVERED, 12, "")
    assert set(known_pages(desk.bucket, "sada")) == {url(number) for number in range(12)}
    assert len(list(corpus.read_articles(desk.bucket))) == 12

    desk.wall(*range(12))
    desk.crawl(9, recrawl=True)
    assert desk.day.state == State.COVERED, "a later wall takes nothing away"
    assert len(list(corpus.read_articles(desk.bucket))) == 12


def test_a_scheduled_crawl_asks_for_what_may_pass_of_any_day(desk: Desk) -> None:
    desk.wall(*range(3))
    desk.heal(*range(3, 12))
    desk.crawl()
    desk.site.feed([])
    desk.site.sitemap([])
    desk.crawl(2, "2026-06-09", "2026-06-12", recrawl=True)
    assert desk.asked >= {url(number) for number in range(3)}


def test_told_to_refetch_a_crawl_asks_whatever_the_schedule_says_for_what_it_was_told(desk: Desk) -> None:
    desk.wall(*range(3))
    desk.site.replies[url(3)] = Reply(b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    desk.heal(*range(4, 12))
    desk.crawl()
    desk.crawl(refetch=("not_html",))
    assert desk.asked == {url(3)}
    desk.heal(0)
    began = datetime.now(UTC)
    desk.crawl(refetch=(ALL_PASSING,), refetch_before=began, limit=1)
    assert desk.asked == {url(0)}
    desk.crawl(refetch=(ALL_PASSING,), refetch_before=began)
    assert desk.asked == {url(1), url(2)}, "what this run has asked for already is left"
    desk.crawl(since="2026-06-09", until="2026-06-12", refetch=(ALL_PASSING,))
    assert not desk.asked, "they are not of these days"


def test_pages_that_redirect_to_a_wall_are_asked_for_by_their_own_address(desk: Desk) -> None:
    desk.heal(*range(12))
    for number in range(3):
        desk.site.replies[url(number)] = Reply(status=302, headers={"Location": "/check"})
    desk.site.replies[f"{HOME}/check"] = Reply(WALL.format("x").encode(), headers=HTML)
    desk.crawl()
    assert (desk.day.state, desk.day.may_pass) == (State.PARTIAL, 3)
    desk.heal(*range(3))
    desk.crawl(2)
    assert set(desk.site.asked("/")) >= {url(number) for number in range(3)}
    assert f"{HOME}/check" not in desk.site.asked("/")
    assert (desk.day.state, desk.day.articles) == (State.COVERED, 12)


def test_a_crawl_asks_for_a_bounded_number_of_pages_again_and_the_next_for_the_rest(desk: Desk) -> None:
    numbers = range(MAX_REFETCHED + 5)
    desk.site.sitemap([(url(number), "") for number in numbers])
    desk.wall(*numbers)
    assert desk.crawl().captured == len(numbers)
    desk.crawl(2)
    assert len(desk.asked) == MAX_REFETCHED
    first = desk.asked
    desk.crawl(2.5)
    assert desk.asked == {url(number) for number in numbers} - first
