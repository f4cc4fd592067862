"""Whole crawls: a child process, a site with troubles, a real S3 server."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from warcio.archiveiterator import ArchiveIterator

from crawlers.middlewares import BROKEN_IN_A_ROW, FAILURES_IN_A_ROW
from crawlers.run import Crawl, CrawlFailed, CrawlSummary, Failure, Outcome, dry_run_key, new_run, report_key
from crawlers.window import Window
from pipeline.build import build
from pipeline.captures.index import list_page_files
from pipeline.captures.read import read_captures
from pipeline.corpus.takedown import take_down, take_down_source
from pipeline.coverage.days import State, coverage
from pipeline.known_pages import known_pages
from pipeline.sources import load_sources
from tests.crawlers.conftest import HOME, Reply, sitemap
from tests.crawlers.news import HTML
from tests.pipeline.conftest import page, prose

pytestmark = pytest.mark.slow

MAY_10 = "Sun, 10 May 2026 10:00:00 +0300"
ROOT = Path(__file__).parent.parent.parent


def captured(bucket):
    """Every page capture in the bucket, oldest first."""
    found = [one for key in list_page_files(bucket) for one in read_captures(io.BytesIO(bucket.get(key)), key)]
    return sorted(found, key=lambda one: one.captured_at)


def waiting(condition, what):
    """Wait until something that must come has come."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"never came: {what}")


@pytest.fixture
def troubled(site, runner):
    """The site with one URL, at least, for every outcome."""
    runner.configure(
        "feed /feed",
        "sitemap /sitemap.xml",
        timeout=1,
        more="allowed_hosts: [sadanews.example]\nsections: {include: [^/(news|أخبار)/], exclude: [/sport/]}",
    )
    for name in ("both", "plain", "moved-here", "busy"):
        site.page(f"/news/{name}")
    site.page("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1")
    site.page("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/2")
    packed = {"Content-Encoding": "gzip", "Content-Type": "text/html"}
    site.replies |= {
        f"{HOME}/robots.txt": Reply(b"User-agent: *\nDisallow: /news/private\n"),
        f"{HOME}/news/zipped": Reply(gzip.compress(b"<p>x</p>" * 900), headers=packed),
        f"{HOME}/news/old-address": Reply(status=301, headers={"Location": "/news/moved-here"}),
        f"{HOME}/news/1-before-it": Reply(status=301, headers={"Location": "/news/plain"}),
        f"{HOME}/news/old-arabic": Reply(status=301, headers={"Location": "/أخبار/2".encode().decode("latin-1")}),
        f"{HOME}/news/loop": Reply(status=302, headers={"Location": "/news/loop"}),
        f"{HOME}/news/away": Reply(status=302, headers={"Location": "http://other.example/x"}),
        f"{HOME}/news/file": Reply(status=302, headers={"Location": "file:///etc/hostname"}),
        f"{HOME}/news/huge": Reply(b"x" * 200_001),
        f"{HOME}/news/bomb": Reply(gzip.compress(b"x" * 900_000), headers=packed),
        f"{HOME}/news/broken": Reply(b"oops", 500),
        f"{HOME}/news/endless": Reply(drip=0.1),
    }
    tries = iter([Reply(b"slow down", 429, {"Retry-After": "1"})])
    site.answer = lambda url: next(tries, site.replies[url]) if url.endswith("/busy") else site.replies.get(url)
    site.feed(
        [
            (f"{HOME}/news/both", MAY_10),
            (f"{HOME}/news/early", "Thu, 30 Apr 2026 23:59:59 +0300"),
            (f"{HOME}/news/late", "Sun, 31 May 2026 22:00:00 GMT"),  # 1 June in Damascus
            (f"{HOME}/news/private/1", MAY_10),
            ("http://other.example/news/1", MAY_10),
            ("mailto:desk@sadanews.example", ""),
            ("http://sadanews.example:port/news/1", ""),
            ("http://[sadanews.example/news/1", ""),
        ]
    )
    names = [
        "1-before-it",
        "old-address",
        "old-arabic",
        "moved-here",
        "loop",
        "away",
        "file",
        "huge",
        "bomb",
        "broken",
        "endless",
    ]
    names += ["gone", "busy", "zipped", "plain", "both"]
    listed = [(f"{HOME}/news/{name}", "2026-05-10T09:00:00Z") for name in names]
    listed += [("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1", ""), ("/news/sport/1", ""), ("/about", "")]
    site.sitemap([*listed, (f"{HOME}/news/ancient", "2020-01-01")])
    return site


def test_every_url_ends_with_one_outcome(troubled, runner, bucket):
    summary = runner.crawl()
    assert summary.outcome == Outcome.FINISHED
    assert [(failure.url.removeprefix(HOME), failure.reason) for failure in summary.failed] == [
        ("http://[sadanews.example/news/1", "bad_url"),
        ("/news/away", "moved_to_other.example"),
        ("/news/bomb", "too_large"),
        ("/news/broken", "http_500"),
        ("/news/endless", "timeout"),
        ("/news/file", "http_302"),
        ("/news/gone", "http_404"),
        ("/news/huge", "too_large"),
        ("/news/loop", "redirect_loop"),
        (":port/news/1", "bad_url"),
    ]
    skipped = {"offsite": 2, "outside_window": 3, "robots": 1, "section": 2, "taken_down": 0, "over_limit": 0}
    assert summary.skipped == skipped
    assert summary.throttled == 1
    assert summary.retry_at is not None
    # Of two URLs one of which redirects to the other, whichever comes first, the second finds the page stored.
    assert (summary.captured, summary.known, summary.remaining) == (7, 2, 0)
    assert summary.found == 7 + 2 + len(summary.failed) + sum(summary.skipped.values())
    asked = troubled.asked("/")
    assert asked[f"{HOME}/news/moved-here"] == asked[f"{HOME}/news/plain"] == 1
    assert asked[f"{HOME}/news/broken"] == 3
    assert asked[f"{HOME}/news/loop"] == 6
    assert asked[f"{HOME}/news/busy"] == 2
    assert not any("other.example" in url or "private" in url or "sport" in url for url in asked)
    assert json.loads(bucket.get(report_key(summary.run))) == summary.to_json()
    assert CrawlSummary.from_json(summary.to_json()) == summary

    pages = captured(bucket)
    by_url = {one.url: one for one in pages}
    assert by_url[f"{HOME}/news/both"].found == {
        "by": "feed",
        "from": f"{HOME}/feed",
        "lastmod": "2026-05-10T09:00:00Z",
        "published": MAY_10,
        "title": "خبر",
    }
    assert by_url[f"{HOME}/news/zipped"].body == b"<p>x</p>" * 900
    assert by_url[f"{HOME}/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/2"].status == 200
    assert Counter(one.status for one in pages) == {200: 8, 301: 3, 302: 8, 404: 1, 429: 1, 500: 3}
    assert set(summary.files) > set(list_page_files(bucket))


def test_a_second_crawl_fetches_what_changed_and_a_third_nothing(site, runner, bucket):
    runner.configure("sitemap /sitemap.xml")
    same, edited, mended, left = (site.page(f"/news/{name}") for name in ("same", "edited", "mended", "left"))
    site.replies[mended] = Reply(b"oops", 503)
    site.sitemap([(url, "2026-05-10") for url in (same, edited, mended, left)])
    assert runner.crawl().captured == 3

    site.seen.clear()
    site.page("/news/edited", "نص آخر")
    site.page("/news/mended", "أصلح")
    now = datetime.now(UTC).isoformat()
    site.sitemap([(same, now), (edited, now), (mended, "2026-05-10"), (left, "2100-01-01")])  # the last is no true date
    second = runner.crawl()
    assert second.outcome == Outcome.FINISHED
    assert (second.found, second.captured, second.known, second.unchanged) == (4, 2, 2, 1)
    assert set(site.asked()) == {same, edited, mended}
    newest = {one.url: one for one in captured(bucket)}
    assert newest[same].revisit  # nothing changed but the date in the sitemap
    assert not newest[edited].revisit
    assert "نص آخر" in newest[edited].body.decode()

    site.seen.clear()
    third = runner.crawl()
    assert third.outcome == Outcome.NOTHING_NEW
    assert third.known == 4
    assert not site.asked()


def test_a_dry_run_lists_what_a_crawl_would_fetch_and_fetches_none(site, runner, bucket):
    runner.configure("feed /feed")
    urls = [site.page(f"/news/{number}") for number in range(3)]
    site.feed([(url, MAY_10) for url in urls[:2]] + [(urls[2], "")])
    dry = runner.crawl(dry_run=True)
    assert (dry.outcome, dry.found, dry.would_fetch, dry.captured, dry.remaining) == (Outcome.FINISHED, 3, 3, 0, 0)
    assert not site.asked()
    lines = [json.loads(line) for line in bucket.get(dry_run_key(dry.run)).decode().splitlines()]
    assert [(line["url"], line["day"]) for line in lines] == [
        (urls[0], "2026-05-10"),
        (urls[1], "2026-05-10"),
        (urls[2], None),
    ]
    assert lines[0]["found"]["by"] == "feed"
    assert list_page_files(bucket) == []
    assert list(bucket.list("coverage/")) == [], "a dry run covers nothing"
    assert runner.crawl().captured == 3
    assert runner.crawl(dry_run=True).would_fetch == 0


def test_a_limit_is_kept_and_what_is_over_it_is_counted(site, runner, bucket):
    runner.configure("feed /feed")
    site.feed([(site.page(f"/news/{number}"), MAY_10) for number in range(5)])
    summary = runner.crawl(limit=2)
    assert (summary.captured, summary.skipped["over_limit"], summary.remaining) == (2, 3, 0)
    [day] = coverage(bucket, ["sada"], date(2026, 5, 10), date(2026, 5, 11))
    assert (day.state, day.captured) == (State.PARTIAL, 2)
    assert "3 pages were over the limit" in day.why
    rest = runner.crawl(limit=3)
    assert (rest.captured, rest.known, rest.skipped["over_limit"]) == (3, 2, 0)


def test_discoveries_are_chosen_by_their_type(site, runner):
    runner.configure("feed /feed", "sitemap /sitemap.xml")
    site.feed([(site.page("/news/fed"), MAY_10)])
    site.sitemap([(site.page("/news/mapped"), "2026-05-10")])
    assert [report.type for report in runner.crawl(discovery=("sitemap",)).discovery] == ["sitemap"]
    assert set(site.asked()) == {f"{HOME}/news/mapped"}
    with pytest.raises(CrawlFailed, match="no discovery of type listing: it has feed, sitemap"):
        runner.crawl(discovery=("listing",))


def test_a_crawl_whose_time_is_over_keeps_what_it_has_and_the_next_goes_on(site, runner, bucket):
    runner.configure("feed /feed", more="", timeout=5)
    urls = [site.page(f"/news/{number:02}", wait=0.4) for number in range(12)]
    site.feed([(url, MAY_10) for url in urls])
    first = runner.crawl(seconds=3)
    assert first.outcome == Outcome.INTERRUPTED
    assert "its time of 3 s was over" in first.message
    assert 0 < first.captured < 12
    assert first.captured + first.remaining == 12
    [day] = coverage(bucket, ["sada"], date(2026, 5, 10), date(2026, 5, 11))
    assert day.state == State.PARTIAL
    while (last := runner.crawl(seconds=3)).outcome == Outcome.INTERRUPTED:
        assert last.captured > 0
    assert last.captured + last.known == 12
    assert set(site.asked().values()) == {1}


def test_a_site_gets_its_requests_of_a_day_and_no_more(site, runner, bucket):
    runner.configure("feed /feed", a_day=8, concurrency=4)
    urls = [site.page(f"/news/{number:02}") for number in range(12)]
    site.feed([(url, MAY_10) for url in urls])
    first = runner.crawl()
    assert first.outcome == Outcome.INTERRUPTED
    assert "its 8 requests of a day are spent: it may go on at 20" in first.message
    assert first.resume_at == first.started_at + timedelta(days=1)
    # Two of the eight were for robots.txt and the feed.
    assert (first.requests, first.captured, first.remaining, first.failed) == (8, 6, 6, ())
    [day] = coverage(bucket, ["sada"], date(2026, 5, 10), date(2026, 5, 11))
    assert day.state == State.PARTIAL
    again = runner.crawl()
    assert (again.outcome, again.requests) == (Outcome.INTERRUPTED, 0)
    assert first.resume_at - timedelta(minutes=1) < again.resume_at <= first.resume_at  # a day after the run's name
    assert sum(site.asked().values()) == 6


def test_a_site_that_breaks_on_every_page_is_left_alone_and_what_lies_behind_comes_next(site, runner):
    runner.configure("sitemap /sitemap.xml")
    broken, good = [f"{HOME}/news/{n:03}" for n in range(2 * BROKEN_IN_A_ROW)], f"{HOME}/news/999"
    site.replies |= {url: Reply(b"oops", 500) for url in broken}
    site.page("/news/999")
    site.sitemap([(url, "2026-05-10") for url in (*broken, good)])
    with pytest.raises(
        CrawlFailed, match=f"{BROKEN_IN_A_ROW} pages in a row failed .*http_500.*: the site is left alone"
    ):
        runner.crawl()
    first = site.asked()
    assert sum(first.values()) <= 3 * FAILURES_IN_A_ROW + BROKEN_IN_A_ROW
    site.seen.clear()
    with pytest.raises(CrawlFailed):
        runner.crawl()
    assert not first.keys() & set(list(site.asked())[: BROKEN_IN_A_ROW // 2])
    site.seen.clear()
    with pytest.raises(CrawlFailed):
        runner.crawl()
    assert next(iter(site.asked())) == good


def test_a_site_that_moved_is_told_with_its_new_host_and_had_once_its_file_names_it(site, runner, bucket):
    discovery = ("sitemap /sitemap.xml",)
    runner.configure(*discovery)
    urls = [f"{HOME}/news/{n}" for n in range(6)]
    site.sitemap([(url, "2026-05-10") for url in urls])
    for n, url in enumerate(urls):
        new = url.replace("sadanews", "new")
        site.replies[url] = Reply(status=301, headers={"Location": new})
        site.replies[new] = Reply(page(f"خبر {n}", prose(n), "2026-05-10T10:00:00+03:00"), headers=HTML)
    with pytest.raises(CrawlFailed, match=r"moved_to_new\.example"):
        runner.crawl()
    build(bucket, load_sources(), "moved")
    [ten] = coverage(bucket, ["sada"], date(2026, 5, 10), date(2026, 5, 11))
    assert (ten.state, ten.failed) == (State.PARTIAL, 0)
    assert "6 pages of no known day moved to new.example, a host that its file does not name" in ten.why
    runner.configure(*discovery, more="allowed_hosts: [sadanews.example, new.example]")
    assert runner.crawl().captured == 6
    build(bucket, load_sources(), "there")
    [ten] = coverage(bucket, ["sada"], date(2026, 5, 10), date(2026, 5, 11))
    assert (ten.state, ten.articles) == (State.COVERED, 6)


def test_coverage_tells_of_each_day_what_became_of_its_pages(site, runner, bucket):
    runner.configure("sitemap /sitemap.xml", "feed /feed")
    site.replies[f"{HOME}/news/broken"] = Reply(b"oops", 500)
    site.replies[f"{HOME}/news/1"] = Reply(page("خبر", prose(1), "2026-05-10T10:00:00+03:00"), headers=HTML)
    site.feed(
        [
            (f"{HOME}/news/1", MAY_10),
            (f"{HOME}/news/broken", "Mon, 11 May 2026 09:00:00 +0300"),
            (f"{HOME}/news/gone", MAY_10),
        ]
    )
    site.sitemap([])
    runner.crawl("2026-05-09", "2026-05-13")
    [nine, ten] = coverage(bucket, ["sada"], date(2026, 5, 9), date(2026, 5, 11))
    assert [(day.state, day.unread) for day in (nine, ten)] == [(State.COVERED, 0), (State.PARTIAL, 1)]
    build(bucket, load_sources(), "built")
    [nine, ten, eleven, twelve] = coverage(bucket, ["sada"], date(2026, 5, 9), date(2026, 5, 13))
    assert [day.state for day in (nine, ten, eleven, twelve)] == [
        State.COVERED,
        State.COVERED,
        State.PARTIAL,
        State.COVERED,
    ]
    assert (ten.captured, eleven.failed) == (1, 1)
    assert "1 pages could not be fetched" in eleven.why
    site.replies[f"{HOME}/news/broken"] = Reply(page("خبر", prose(2), "2026-05-11T09:00:00+03:00"), headers=HTML)
    runner.crawl("2026-05-11", "2026-05-12")
    build(bucket, load_sources(), "again")
    [eleven] = coverage(bucket, ["sada"], date(2026, 5, 11), date(2026, 5, 12))
    assert (eleven.state, eleven.captured) == (State.COVERED, 1)


def test_what_is_archived_is_what_was_sent(site, runner, bucket, monkeypatch):
    """CheckResult with warcio alone, as `warcio check` does: the digests of blocks and payloads."""
    monkeypatch.setenv("http_proxy", site.proxy.replace("//", "//user:secret@"))
    runner.configure("feed /feed")
    bodies = {}
    for n in range(3):
        body = gzip.compress(f"<p>نص {n}</p>".encode())
        url = f"{HOME}/news/{n}"
        site.replies[url] = Reply(body, headers={"Content-Encoding": "gzip", "X-Odd": "a", "Content-Type": "text/html"})
        bodies[url] = body
    site.feed([(url, MAY_10) for url in bodies])
    summary = runner.crawl()
    assert any("Proxy-Authorization" in headers for headers in site.headers)
    raw, kinds = {}, set()
    for key in summary.files:
        data = bucket.get(key)
        records = ArchiveIterator(io.BytesIO(data), no_record_parse=False, check_digests="raise")
        for record in records:
            url = record.rec_headers.get_header("WARC-Target-URI")
            kinds.add(record.rec_type)
            if record.rec_type == "request":
                assert record.http_headers.get_header("Host") == "sadanews.example"
                assert "warraq/" in record.http_headers.get_header("User-Agent")
                assert "desk@warraq.example" in record.http_headers.get_header("User-Agent")
            content = record.raw_stream.read()
            assert record.digest_checker.passed is True
            if record.rec_type == "response" and "-discovery-" not in key:
                raw[url] = content
                assert record.http_headers.get_header("X-Odd") == "a"
                assert record.http_headers.get_header("Content-Encoding") == "gzip"
                digest = base64.b32encode(hashlib.sha1(content).digest()).decode()
                assert record.rec_headers.get_header("WARC-Payload-Digest") == f"sha1:{digest}"
            if record.rec_type == "metadata" and url.endswith("/robots.txt"):
                assert json.loads(content) == {"by": "robots"}
        for line in gzip.decompress(data).splitlines():
            assert b"Proxy-Authorization" not in line
    assert raw == bodies
    assert kinds == {"metadata", "request", "response"}


def test_a_broken_discovery_is_named_and_stops_no_other(site, runner):
    runner.configure("feed /feed", "sitemap /sitemap.xml", "sitemap /index.xml")
    site.replies[f"{HOME}/feed"] = Reply(b"broken", 500)
    site.replies[f"{HOME}/sitemap.xml"] = Reply(b"<html>Please log in</html>")
    # An index that lists itself and another that lists it: each is asked for once.
    site.sitemap([("/index.xml", ""), ("/other.xml", ""), ("/lost.xml", "")], "/index.xml", index=True)
    site.sitemap([("/index.xml", ""), ("/list.xml.gz", ""), ("/list.xml.gz", "")], "/other.xml", index=True)
    site.replies[f"{HOME}/list.xml.gz"] = Reply(gzip.compress(sitemap([(site.page("/news/1"), "")])))
    summary = runner.crawl()
    assert summary.outcome == Outcome.FINISHED
    assert summary.captured == 1
    feed, page, index = summary.discovery
    assert (feed.answered, page.answered, index.answered) == (False, False, True)
    assert feed.problems == (f"{HOME}/feed: HTTP 500",)
    assert page.problems == (f"{HOME}/sitemap.xml: neither urlset nor sitemapindex but <html>",)
    assert index.problems == (f"{HOME}/lost.xml: HTTP 404",)
    assert max(site.asked("/index").values()) == max(site.asked("/list").values()) == 1


def test_a_source_that_was_taken_down_is_not_crawled(site, runner, bucket):
    runner.configure("sitemap /sitemap.xml")
    site.sitemap([(site.page("/news/1"), "")])
    take_down_source(bucket, ["sada"], [urlsplit(HOME).hostname], "a request", now=datetime(2026, 5, 10, tzinfo=UTC))
    with pytest.raises(CrawlFailed, match=r"sada was taken down: nothing of .* is captured any more"):
        runner.crawl()
    assert not site.asked()
    assert not list(bucket.list("captures/"))


def test_a_page_that_was_taken_down_is_not_asked_for(site, runner, bucket):
    runner.configure("sitemap /sitemap.xml")
    kept, gone = site.page("/news/1"), site.page("/news/2")
    site.sitemap([(kept, ""), (gone, "")])
    take_down(bucket, gone, "a request", now=datetime(2026, 5, 10, tzinfo=UTC))
    summary = runner.crawl()
    assert (summary.captured, summary.skipped["taken_down"]) == (1, 1)
    assert set(site.asked()) == {kept}


def test_silence_is_an_error(site, runner, bucket):
    """An index of which no sitemap comes is no answer either."""
    runner.configure("sitemap /index.xml")
    site.sitemap([("/lost.xml", "")], "/index.xml", index=True)
    with pytest.raises(CrawlFailed) as failed:
        runner.crawl()
    assert str(failed.value) == f"no discovery of sada could be used: {HOME}/lost.xml: HTTP 404"
    assert json.loads(bucket.get(report_key(failed.value.summary.run)))["outcome"] == "failed"


def test_a_site_of_which_no_page_comes_has_failed(site, runner):
    runner.configure("feed /feed")
    urls = [f"{HOME}/news/{n}" for n in range(6)]
    site.feed([(url, "") for url in urls])
    site.replies.update({url: Reply(b"banned", 403) for url in urls})
    with pytest.raises(CrawlFailed, match="no page came"):
        runner.crawl()


@pytest.mark.parametrize("status", [500, 429])
def test_without_robots_nothing_is_crawled(site, runner, status):
    runner.configure("feed /feed")
    site.feed([(site.page("/news/1"), MAY_10)])
    site.replies[f"{HOME}/robots.txt"] = Reply(b"", status)
    with pytest.raises(CrawlFailed, match=rf"robots.txt of sadanews.example could not be fetched \(HTTP {status}\)"):
        runner.crawl()
    assert set(site.seen) == {f"{HOME}/robots.txt"}


def test_robots_crawl_delay_goes_before_the_source_and_a_stop_does_not_wait_for_it(site, runner):
    runner.configure("feed /feed")
    site.feed([(site.page("/news/1"), MAY_10)])
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: warraq\nCrawl-delay: 600\n")
    crawl = runner.start()
    ended = []
    thread = threading.Thread(target=lambda: ended.append(crawl.wait()))
    thread.start()
    waiting(lambda: any("Crawl-delay of 600 s; 60 s are kept" in line for _, line in runner.lines), "the warning")
    crawl.stop()
    thread.join()
    assert ended[0].outcome == Outcome.INTERRUPTED
    assert site.seen == [f"{HOME}/robots.txt"]  # the feed's turn would have come a minute later
    crawl.stop()  # once more, after the end, does nothing


def stopped(site, runner, pages):
    """The summary of a crawl that is stopped when it has asked for so many pages."""
    crawl = runner.start()
    ended = []
    thread = threading.Thread(target=lambda: ended.append(crawl.wait()))
    thread.start()
    waiting(lambda: len(site.asked()) >= pages, "the last page before the stop")
    crawl.stop()
    thread.join()
    return ended[0]


def test_a_stopped_crawl_keeps_what_it_has_and_the_next_one_fetches_the_rest(site, runner, bucket):
    runner.configure("feed /feed")
    site.feed([(site.page(f"/news/{n:02}", wait=0.05), MAY_10) for n in range(60)])
    summary = stopped(site, runner, 5)
    assert summary.outcome == Outcome.INTERRUPTED
    assert summary.captured + summary.remaining == 60
    assert 4 <= summary.captured == len(captured(bucket)) < 60
    assert max(site.asked().values()) == 1
    rest = runner.crawl()
    assert (rest.known, rest.captured) == (summary.captured, 60 - summary.captured)
    assert max(site.asked().values()) == 1


def test_a_crawl_that_hangs_when_it_is_stopped_keeps_what_it_has_too(site, runner, bucket):
    """Its grace ends before the page's time limit does."""
    runner.configure("feed /feed", timeout=60)
    urls = [site.page(f"/news/{n}") for n in range(5)]
    site.replies[f"{HOME}/news/9"] = Reply(drip=0.1)
    site.feed([(url, MAY_10) for url in (*urls, f"{HOME}/news/9")])
    summary = stopped(site, runner, 6)
    assert summary.outcome == Outcome.INTERRUPTED
    assert [one.url for one in captured(bucket)] == urls


def test_a_killed_crawl_loses_the_file_being_written_and_no_other(site, runner, bucket):
    runner.configure("feed /feed", concurrency=4)
    urls = [site.page(f"/news/{n:03}", f"نص {n}") for n in range(110)]
    site.feed([(url, MAY_10) for url in urls])
    crawl = None

    def answer(url):
        if crawl and url == urls[80]:
            waiting(lambda: list_page_files(bucket), "the file of the first fifty")
            os.killpg(crawl.pid, signal.SIGKILL)
        return site.replies.get(url)

    site.answer = answer
    crawl = runner.start()
    with pytest.raises(CrawlFailed, match="killed by signal 9"):
        crawl.wait()
    crawl = None
    stored = set(known_pages(bucket, "sada"))
    assert len(stored) == 50
    site.seen.clear()
    rest = runner.crawl()
    assert (rest.known, rest.captured, rest.outcome) == (50, 60, Outcome.FINISHED)
    assert not stored & set(site.asked())
    pages = captured(bucket)
    assert sorted(one.url for one in pages) == urls


def test_a_store_that_fails_stops_the_crawl(site, runner, bucket):
    runner.configure("feed /feed")
    urls = [site.page(f"/news/{n:03}") for n in range(200)]
    site.feed([(url, MAY_10) for url in urls])
    client = boto3.client("s3")

    def answer(url):
        if url == urls[3]:
            bucket.delete(*(stored.key for stored in bucket.list()))
            client.delete_bucket(Bucket=bucket.name)
        return site.replies.get(url)

    site.answer = answer
    with pytest.raises(
        CrawlFailed, match=r"the archive failed, and the crawl stopped: .*responses could not be archived"
    ) as failed:
        runner.crawl()
    # What came and is in no bucket counts as not come to, so that a limit leaves room for it on the next try.
    assert (failed.value.summary.captured, failed.value.summary.files) == (0, ())
    assert failed.value.summary.remaining == failed.value.summary.found == 200
    # At most two files of fifty responses, and what was asked for meanwhile: while the one is stored, the next is written.
    assert len(site.asked()) < 150


def test_no_bucket_no_crawl(site, runner, monkeypatch):
    runner.configure("feed /feed")
    monkeypatch.setenv("WARRAQ_BUCKET", "there-is-none")
    with pytest.raises(
        CrawlFailed, match="cannot tell which pages of sada are known: there is no bucket 'there-is-none'"
    ):
        runner.crawl()
    assert not site.seen


def test_a_wrong_argument_is_one_sentence_and_exit_code_1(runner):
    runner.configure("feed /feed")
    command = [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", "source=sada", "-a", "sinse=2026-05-02"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert not done.stderr
    message = (
        "unknown argument 'sinse': there are source, since, until, run, recrawl, refetch, refetch_before, discovery, limit, "
        "dry_run, seconds"
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"level": "ERROR", "message": message}]


def test_scrapy_itself_works_from_a_checkout(site, runner, bucket):
    runner.configure("feed /feed")
    site.feed([(site.page("/news/1"), "")])
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert listed.stdout.split() == ["articles"]
    command = [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", "source=sada"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["summary"]["captured"] == 1


def test_a_crawl_dies_with_the_process_that_started_it(site, runner, bucket):
    runner.configure("feed /feed")
    site.feed([(site.page("/news/1", wait=1), MAY_10)])
    code = (
        "from crawlers.run import *; from datetime import date\n"
        "crawl = Crawl('sada', Window(date(2026, 5, 1), date(2026, 6, 1)), 'sada-orphan', on_line=print)\n"
        "print(crawl.pid, flush=True); crawl.wait()"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        waiting(site.asked, "the page's request")
        parent.kill()
    waiting(lambda: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text(), "its end")
    assert json.loads(bucket.get(report_key("sada-orphan")))["outcome"] == "interrupted"


HANGING = """\
import re, crawlers.spiders.articles, crawlers.discovery.feed
crawlers.spiders.articles.BLOCKED_SECONDS = 2
crawlers.discovery.feed.parse_feed = lambda *_: re.match("(a+)+b", "a" * 100)
"""
"""As ``sitecustomize.py``: what holds the process, its signals and its event loop for good."""


def test_a_crawl_that_hangs_ends_by_itself(site, runner, tmp_path, monkeypatch):
    runner.configure("feed /feed")
    site.feed([])
    (tmp_path / "sitecustomize.py").write_text(HANGING)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    with pytest.raises(CrawlFailed, match="exit code 1"):
        runner.crawl()
    assert any("Timeout" in line for _, line in runner.lines)


BUDGETS = """\
import time
import crawlers.discovery.feed, crawlers.spiders.articles, pipeline.apart
crawlers.spiders.articles.MAX_ADDRESSES = 3
pipeline.apart.Apart.__init__.__defaults__ = (2, pipeline.apart.MEMORY, pipeline.apart.SMALL)
parse_feed = crawlers.discovery.feed.parse_feed
crawlers.discovery.feed.parse_feed = lambda body, kind: time.sleep(60) if b"hostile" in body else parse_feed(body, kind)
"""
"""As ``sitecustomize.py``: two seconds for an answer, three addresses for a crawl, and a feed that takes a minute."""


def test_each_answer_and_the_crawl_end_at_their_budgets(site, runner, tmp_path, monkeypatch):
    runner.configure("feed /hostile", "feed /feed", "sitemap /sitemap.xml")
    site.replies[f"{HOME}/hostile"] = Reply(b"<rss><!-- hostile -->" + b"<a>" * 60_000)
    site.feed([(site.page("/news/1"), MAY_10)])
    site.sitemap([(site.page(f"/news/{n}"), "2026-05-10") for n in range(1, 5)])
    (tmp_path / "sitecustomize.py").write_text(BUDGETS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    summary = runner.crawl()
    assert summary.captured == 2
    assert [one.problems for one in summary.discovery] == [
        (f"{HOME}/hostile: took more than 2 s to read, and was left",),
        (),
        (f"{HOME}/sitemap.xml: left after 3 addresses",),
    ]


def test_a_child_that_cannot_start_is_a_clear_failure(runner, monkeypatch):
    runner.configure("feed /feed", more="colour: red")
    with pytest.raises(CrawlFailed, match=r"sada\.yaml:.*colour: unknown key"):
        runner.crawl()


def test_run_names_are_of_their_time_and_alone():
    now = datetime(2026, 5, 10, 12, 0, 1, tzinfo=UTC)
    names = {new_run("sada", now) for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("sada-20260510T120001Z-") for name in names)


def test_a_summary_survives_json():
    window = Window(datetime(2026, 5, 1, tzinfo=UTC).date(), datetime(2026, 6, 1, tzinfo=UTC).date())
    summary = CrawlSummary("sada", "r", window, Outcome.FAILED, "لا شيء", failed=(Failure("http://a.example", "dns"),))
    assert CrawlSummary.from_json(json.loads(json.dumps(summary.to_json()))) == summary


def test_running_a_crawl_imports_no_scrapy():
    code = "import sys, crawlers.run; print([name for name in sys.modules if name.split('.')[0] in ('scrapy', 'twisted', 'boto3')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert Crawl.__module__ == "crawlers.run"
