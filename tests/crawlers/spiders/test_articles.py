"""Sites that misbehave: every crawl of them ends, soon, and says what it met."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date

import pytest

from crawlers.discovery.base import MAX_TEXT
from crawlers.run import CrawlFailed, CrawlSummary, Outcome, dry_run_key
from pipeline.build import build
from pipeline.captures.index import list_page_files, read_index
from pipeline.captures.read import read_captures
from pipeline.coverage import State, coverage
from pipeline.sources import load_sources
from tests.crawlers.conftest import HOME, Reply
from tests.pipeline.conftest import page as article
from tests.pipeline.conftest import prose

pytestmark = pytest.mark.slow

MAY_10 = "Sun, 10 May 2026 10:00:00 +0300"
WALL = Reply(
    "<html><title>صدى</title><p>Please enable JavaScript</p></html>".encode(), headers={"Content-Type": "text/html"}
)


def news(site, count):
    """So many articles in a feed; their URLs."""
    urls = [site.page(f"/news/{n:02}") for n in range(count)]
    site.feed([(url, MAY_10) for url in urls])
    return urls


def test_one_and_the_same_page_for_every_article_is_a_wall(site, runner):
    runner.configure("feed /feed")
    urls = news(site, 6)
    pages = {url: site.replies[url] for url in urls}
    site.replies.update(dict.fromkeys(urls, WALL))
    for _ in range(2):  # what is no article is not known, however often it is stored
        site.seen.clear()
        with pytest.raises(CrawlFailed, match="6 of 6 pages are one and the same: a wall"):
            runner.crawl()
        assert set(site.asked()) == set(urls)
    site.replies.update(pages)
    summary = runner.crawl()
    assert (summary.outcome, summary.captured) == (Outcome.FINISHED, 6)
    assert runner.crawl().outcome == Outcome.NOTHING_NEW


def test_a_wall_for_most_articles_is_told(site, runner):
    runner.configure("feed /feed")
    urls = news(site, 8)
    site.replies.update(dict.fromkeys(urls[:5], WALL))
    summary = runner.crawl()
    assert summary.outcome == Outcome.FINISHED
    assert "5 of 8 pages are one and the same" in summary.message


def test_a_storm_of_503_is_left_alone(site, runner):
    runner.configure("feed /feed")
    urls = news(site, 40)
    site.replies.update(dict.fromkeys(urls[3:], Reply(b"busy", 503)))
    with pytest.raises(
        CrawlFailed, match=r"10 pages in a row failed \(the last: .*: http_503\): the site is left alone"
    ) as failed:
        runner.crawl()
    summary = failed.value.summary
    assert summary.captured == 3
    assert summary.remaining == 37 - len(summary.failed)
    assert len(site.asked()) < 20


def test_failures_with_successes_between_them_are_no_storm_nor_are_pages_broken_by_themselves(site, runner):
    runner.configure("feed /feed")
    urls = news(site, 30)
    site.replies.update({url: Reply(b"busy", 503 if n < 15 else 500) for n, url in enumerate(urls) if n % 5 or n > 15})
    summary = runner.crawl()
    assert (summary.captured, len(summary.failed), summary.remaining) == (4, 26, 0)


def test_a_storm_in_the_sitemaps_is_left_alone(site, runner):
    runner.configure("sitemap /index.xml")
    maps = [f"/maps/{n:02}.xml" for n in range(40)]
    site.sitemap([(path, "") for path in maps], "/index.xml", index=True)
    site.sitemap([(site.page("/news/1"), "")], maps[0])
    for path in maps[1:]:
        site.replies[HOME + path] = Reply(b"busy", 503)
    summary = runner.crawl()
    assert summary.captured == 1
    problems = summary.discovery[0].problems
    assert len(problems) == 11
    assert problems[-1] == f"{HOME}/maps/11.xml: not asked for after 10 failures in a row"


def test_a_feed_is_waited_for_as_long_as_it_asks_for(site, runner):
    runner.configure("feed /feed")
    news(site, 1)
    tries = iter([Reply(b"slow down", 429, {"Retry-After": "1"}), Reply(b"later", 503, {"Retry-After": "0"})])
    site.answer = lambda url: next(tries, site.replies[url]) if url.endswith("/feed") else site.replies.get(url)
    assert runner.crawl().captured == 1
    assert any("says to come back in 1 s: waiting" in line for _, line in runner.lines)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b"<rss>" + b" " * (9 * 2**20)), "too_large"),
        (Reply(gzip.compress(b"<rss>" + b" " * (100 * 2**20), 1), headers={"Content-Encoding": "gzip"}), "too_large"),
        (Reply(drip=0.2), "timeout"),
        (Reply(b"<rss><channel><item"), "damaged, 0 entries"),
        (Reply(b'{"items": [{"url": "'), "not JSON"),
        (Reply(b"<html>Please enable JavaScript</html>"), "neither RSS nor Atom"),
    ],
    ids=["huge", "a bomb", "endless", "broken XML", "broken JSON", "a wall"],
)
def test_a_feed_that_is_none(site, runner, reply, words):
    runner.configure("feed /feed", timeout=1)
    site.replies[f"{HOME}/feed"] = reply
    with pytest.raises(CrawlFailed, match=f"no discovery of sada could be used: {HOME}/feed: .*{words}"):
        runner.crawl()
    assert not site.asked()


def test_a_robots_txt_that_never_comes(site, runner):
    runner.configure("feed /feed", timeout=1)
    news(site, 1)
    site.replies[f"{HOME}/robots.txt"] = Reply(drip=0.2)
    with pytest.raises(
        CrawlFailed, match=r"robots.txt of sadanews.example could not be fetched .*so nothing of it is crawled"
    ):
        runner.crawl()
    assert set(site.seen) == {f"{HOME}/robots.txt"}


def test_an_endless_calendar_ends(site, runner, tmp_path, monkeypatch):
    """Each page leads to another, and has links that no page had before."""
    (tmp_path / "sitecustomize.py").write_text(
        "import crawlers.spiders.articles as it\nit.MAX_DISCOVERY_REQUESTS = 30\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    runner.configure("listing /calendar links=^/news/")

    def answer(url):
        if "/calendar" not in url:
            return None
        day = int(url.partition("?d=")[2] or 0)
        body = f'<html><a href="/news/{day}">خبر اليوم من البلدة</a><a href="/calendar?d={day + 1}">التالي</a></html>'
        return Reply(body.encode(), headers={"Content-Type": "text/html"})

    site.answer = answer
    summary = runner.crawl()
    assert summary.found == 30
    assert summary.discovery[0].problems == (f"{HOME}/calendar?d=30: stopped after 30 requests",)


def test_a_list_is_read_and_what_it_prints_is_archived(site, runner, bucket):
    runner.configure("listing /latest links=^/news/")
    items = [("/news/1", "10 أيار 2026"), ("/news/2", "2 أيار 2026"), ("/news/3", "30 نيسان 2026")]
    rows = "".join(f'<li><a href="{path}">خبر من ريف المدينة</a> <b>{day}</b></li>' for path, day in items)
    site.replies[f"{HOME}/latest"] = Reply(
        f"<html><ul>{rows}</ul></html>".encode(), headers={"Content-Type": "text/html"}
    )
    for path, _ in items:
        site.page(path)
    summary = runner.crawl()
    assert (summary.captured, summary.skipped["outside_window"]) == (2, 1)
    assert summary.discovery[0].notes == (f"{HOME}/latest is the last page; the oldest date read is 2026-04-30",)
    assert CrawlSummary.from_json(summary.to_json()) == summary
    [key] = list_page_files(bucket)
    page = next(iter(read_captures(io.BytesIO(bucket.get(key)), key)))
    assert page.found == {
        "by": "listing",
        "from": f"{HOME}/latest",
        "printed": "10 أيار 2026",
        "title": "خبر من ريف المدينة",
    }


def test_the_texts_of_a_feed_and_of_wordpress_are_archived_with_the_page(site, runner, bucket):
    runner.configure("feed /feed", "wordpress /wp-json/wp/v2/posts")
    one, two, three = (site.page(f"/news/{number}") for number in (1, 2, 3))
    paragraph = "<p>" + "توقفت المدافع أمس في ريف المدينة. " * 20 + "</p>"
    items = [
        {"url": one, "title": "هدنة", "summary": "أول الخبر", "date_published": "2026-05-10T10:00:00Z"},
        {
            "url": two,
            "content_html": paragraph * (5 * 2**20 // len(paragraph.encode())),
            "date_published": "2026-05-11",
        },
        {"url": three, "date_published": "2026-05-12"},
    ]
    site.replies[f"{HOME}/feed"] = Reply(json.dumps({"items": items}, ensure_ascii=False).encode())
    post = {
        "link": one,
        "date_gmt": "2026-05-10T10:00:00",
        "excerpt": {"rendered": "<p>أول [&hellip;]</p>"},
        "content": {"rendered": "<p>الخبر كله.</p>"},
    }
    answer = Reply(json.dumps([post]).encode(), headers={"X-WP-TotalPages": "1"})
    site.answer = lambda url: answer if "/wp-json/" in url else site.replies.get(url)
    assert runner.crawl().captured == 3
    [key] = list_page_files(bucket)
    first, second, third = sorted(read_captures(io.BytesIO(bucket.get(key)), key), key=lambda page: page.url)
    assert (first.found["title"], first.found["summary"]) == ("هدنة", "أول الخبر")  # the first discovery's go first
    assert first.found["content"] == "<p>الخبر كله.</p>"
    assert 0 < MAX_TEXT - len(second.found["content"]) < len(paragraph)
    assert second.found["content"].endswith("</p>")
    assert third.found == {"by": "feed", "from": f"{HOME}/feed", "published": "2026-05-12"}
    assert all(line.found.keys().isdisjoint({"summary", "content"}) for line in read_index(bucket, key))


def test_a_dry_run_tells_how_pages_were_found_without_their_texts(site, runner, bucket):
    runner.configure("feed /feed")
    item = {"url": site.page("/news/1"), "content_text": "الخبر كله", "date_published": "2026-05-10"}
    site.replies[f"{HOME}/feed"] = Reply(json.dumps({"items": [item]}).encode())
    summary = runner.crawl(dry_run=True)
    [line] = bucket.get(dry_run_key(summary.run)).decode().splitlines()
    assert json.loads(line)["found"] == {"by": "feed", "from": f"{HOME}/feed", "published": "2026-05-10"}


def test_addresses_and_answers_of_every_kind(site, runner, bucket, tmp_path):
    """Pages told apart by a query alone, addresses written wrongly, answers of odd types and statuses; all are had, or are told."""
    runner.configure("feed /feed", "feed /moved")
    queries = ["cid=1", "cid=2", "71", "72", "t=%C3%CE", "t=%C3%CF"]
    written = {f"{HOME}/news?{query}": f"{HOME}/news?{query}" for query in queries}
    written |= {f"{HOME}/news/{name}": f"{HOME}/news/{name}" for name in ("xml", "close", "cut", "accepted")}
    written |= {
        "sadanews.example/news/bare": f"{HOME}/news/bare",
        "http:/sadanews.example/news/slash": f"{HOME}/news/slash",
        "\u200fhttp://sadanews.example./news/dot": f"{HOME}/news/dot",
    }
    for number, url in enumerate(written.values()):
        body = article(f"خبر عن بلدة بعيدة رقم {number}", prose(number), "2026-05-10T10:00:00+03:00")
        site.replies[url] = Reply(body, headers={"Content-Type": "text/html"})
    site.replies[f"{HOME}/news/xml"].headers["Content-Type"] = "text/xml"
    site.replies[f"{HOME}/news/accepted"].status = 202
    site.replies[f"{HOME}/news/close"].unstated = True
    cut = site.replies[f"{HOME}/news/cut"]
    cut.body, cut.unstated = cut.body[: -len("</div></article></body></html>") - 200], True
    site.feed([(url, MAY_10) for url in [*written, f"{HOME}/#!/news/1", f"{HOME}/#!/news/2"]])
    site.feed([("http://moved.example/news/1", MAY_10)], "/moved")
    summary = runner.crawl()
    assert summary.captured == len(written)
    assert [(one.url, one.reason) for one in summary.failed] == [
        (f"{HOME}/#!/news/{n}", "script_address") for n in (1, 2)
    ]
    assert summary.discovery[1].problems == (
        f"{HOME}/moved: all addresses are on other hosts (moved.example): name them in the source's file",
    )
    build(bucket, load_sources(tmp_path), "b1")
    [day] = coverage(bucket, ["sada"], date(2026, 5, 10), date(2026, 5, 11))
    assert (day.articles, day.may_pass, day.state) == (len(written) - 2, 2, State.PARTIAL)
