"""Redirects of every kind, in whole crawls: followed on the site's hosts, stored, and never taken for what they are not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from crawlers.run import ALL_PASSING, Outcome
from pipeline.build import build
from pipeline.coverage import State, coverage
from pipeline.known_pages import known_pages
from pipeline.sources import load_sources
from tests.crawlers.conftest import HOME, Reply, Runner, Site
from tests.crawlers.news import HTML
from tests.pipeline.conftest import page, prose

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.bucket import Bucket

pytestmark = pytest.mark.slow

MAY_10 = "Sun, 10 May 2026 10:00:00 +0300"
STAMP = "2026-05-10T10:00:00+03:00"

LEADS = {
    "refresh": Reply(b"<meta http-equiv=refresh content='0;url=/story/1'>", headers=HTML),
    "script": Reply(b"<script>location.href='/story/2'</script>", headers=HTML),
    "frameset": Reply(
        b"<html><frameset rows='0,*'><frame src='/menu'><frame src='/story/3'></frameset></html>", headers=HTML
    ),
    "arabic": Reply(status=302, headers={"Location": f"{HOME}/أخبار/4/".encode().decode("latin-1")}),
    "legacy": Reply(status=302, headers={"Location": f"{HOME}/أخبار/5/".encode("windows-1256").decode("latin-1")}),
}
ENDS = ["/story/1", "/story/2", "/story/3", "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/4/", "/%C3%CE%C8%C7%D1/5/"]


def story(number: int) -> Reply:
    return Reply(page(f"خبر عن بلدة بعيدة رقم {number}", prose(number), STAMP), headers=HTML)


def test_what_leads_on_is_followed_once_and_its_end_is_the_article(
    site: Site, runner: Runner, bucket: Bucket, tmp_path: Path
) -> None:
    runner.configure("sitemap /sitemap.xml")
    site.replies |= {f"{HOME}/news/{name}": reply for name, reply in LEADS.items()}
    site.replies |= {HOME + end: story(number) for number, end in enumerate(ENDS, 1)}
    site.sitemap([(f"{HOME}/news/{name}", "2026-05-10") for name in LEADS])
    summary = runner.crawl()
    assert (summary.captured, summary.failed) == (5, ())
    sources = load_sources(tmp_path)
    build(bucket, sources, "b1")
    [day] = coverage(bucket, ["sada"], date(2026, 5, 10), date(2026, 5, 11))
    assert (day.articles, day.state) == (5, State.COVERED)

    site.seen.clear()
    again = runner.crawl(recrawl=False)
    assert (again.known, again.captured) == (5, 0)
    assert not site.asked("/news") + site.asked("/story") + site.asked("/%")


def test_a_page_that_wants_its_own_cookie_is_had_with_it(site: Site, runner: Runner) -> None:
    runner.configure("feed /feed")
    url = f"{HOME}/news/1"
    site.feed([(url, MAY_10)])
    given = Reply(status=302, headers={"Location": url, "Set-Cookie": "seen=1; Path=/"})

    def answer(asked: str) -> Reply | None:
        if asked == url:
            return story(1) if "seen=1" in site.headers[-1].get("Cookie", "") else given
        return site.replies.get(asked)

    site.answer = answer
    summary = runner.crawl()
    assert (summary.captured, summary.failed) == (1, ())
    site.headers.clear()
    runner.crawl(refetch=("redirect",))
    assert "Cookie" not in site.headers[0]  # the next crawl is a new visitor


@pytest.mark.parametrize(
    "circle",
    [
        {"/news/1": Reply(status=302, headers={"Location": "/news/1"})},
        {
            "/news/1": Reply(status=302, headers={"Location": "/a"}),
            "/a": Reply(status=302, headers={"Location": "/news/1"}),
        },
        {
            "/news/1": Reply(b"<meta http-equiv=refresh content='0;url=/a'>", headers=HTML),
            "/a": Reply(b"<meta http-equiv=refresh content='0;url=/news/1'>", headers=HTML),
        },
    ],
    ids=["itself", "two", "refresh"],
)
def test_a_circle_may_pass(
    circle: dict[str, Reply], site: Site, runner: Runner, bucket: Bucket, tmp_path: Path
) -> None:
    runner.configure("sitemap /sitemap.xml")
    site.replies |= {HOME + path: reply for path, reply in circle.items()}
    site.replies[f"{HOME}/news/2"] = story(2)
    site.sitemap([(f"{HOME}/news/1", "2026-05-10"), (f"{HOME}/news/2", "2026-05-10")])
    first = runner.crawl()
    assert [failure.reason for failure in first.failed] == ["redirect_loop"]
    sources = load_sources(tmp_path)
    build(bucket, sources, "b1")
    day = date(2026, 5, 10)
    [counts] = coverage(bucket, ["sada"], day, day + timedelta(days=1))
    assert counts.state == State.PARTIAL
    assert known_pages(bucket, "sada")[f"{HOME}/news/1"].may_pass

    site.replies[f"{HOME}/news/1"] = story(1)
    healed = runner.crawl(refetch=(ALL_PASSING,))
    assert (healed.outcome, healed.failed) == (Outcome.FINISHED, ())
    build(bucket, sources, "b2")
    [counts] = coverage(bucket, ["sada"], day, day + timedelta(days=1))
    assert (counts.state, counts.articles) == (State.COVERED, 2)


def test_a_robots_txt_may_lie_on_another_host(site: Site, runner: Runner) -> None:
    runner.configure("feed /feed")
    site.replies[f"{HOME}/robots.txt"] = Reply(status=301, headers={"Location": "http://static.example/robots.txt"})
    site.replies["http://static.example/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/private\n")
    site.replies[f"{HOME}/news/1"] = story(1)
    site.feed([(f"{HOME}/news/1", MAY_10), (f"{HOME}/news/private", MAY_10)])
    summary = runner.crawl()
    assert (summary.captured, summary.skipped["robots"]) == (1, 1)
