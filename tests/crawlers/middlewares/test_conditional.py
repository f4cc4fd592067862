"""Articles and feeds asked for again: by conditional requests, and with nothing lost."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.run import Outcome
from pipeline import build
from pipeline.captures.index import list_page_files
from pipeline.captures.read import read_captures
from pipeline.corpus.read import read_articles
from pipeline.known_pages import known_pages
from pipeline.sources import load_sources
from tests.crawlers.conftest import HOME, Reply
from tests.pipeline.conftest import archive, page, prose

pytestmark = pytest.mark.slow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAY_10 = "Sun, 10 May 2026 10:00:00 +0300"


class Editable:
    """An article whose site knows conditional requests, and who asked how."""

    def __init__(self, site) -> None:
        self.url = f"{HOME}/news/1"
        self.asked: list[str | None] = []
        self._site = site
        site.answer = self._answer
        self.edition(0)

    def edition(self, number: int) -> None:
        self.body = page(f"خبر {number}", prose(number), f"{datetime.now(UTC) - HOUR:%Y-%m-%dT%H:%M:%S}Z")
        self.etag = f'"{number}"'

    def _answer(self, url: str) -> Reply | None:
        if url != self.url:
            return self._site.replies.get(url)
        validator = self._site.headers[-1].get("If-None-Match")
        self.asked.append(validator)
        headers = {"Content-Type": "text/html; charset=utf-8", "ETag": self.etag}
        if validator == self.etag:
            return Reply(b"", 304, headers)
        return Reply(self.body, headers=headers)


def test_an_edited_article_is_asked_for_conditionally_and_keeps_its_revisions(site, runner, bucket) -> None:
    runner.configure("feed /feed")
    site.feed([])  # it is listed no longer
    article = Editable(site)
    began = datetime.now(UTC)
    today = began.date()
    window = (str(today - DAY), str(today + DAY))
    archive(bucket, "sada", "sada-first", {article.url: article.body}, at=began - 8 * DAY)

    def crawl(*, recrawl: bool = True):
        build.build(bucket, load_sources(), f"build-{len(article.asked)}-{recrawl}")
        return runner.crawl(*window, recrawl=recrawl)

    assert crawl(recrawl=False).outcome == Outcome.NOTHING_NEW
    assert article.asked == []

    article.edition(1)
    first = crawl()  # the stored answer had no validators
    assert (first.found, first.captured, first.unchanged) == (1, 1, 0)
    assert article.asked == [None]
    second = crawl()
    assert (second.outcome, second.found) == (Outcome.NOTHING_NEW, 0), "it was asked for after its last time"

    build.build(bucket, load_sources(), "last")
    [row] = read_articles(bucket)
    assert (row["title"], len(row["revisions"])) == ("خبر 1", 1)


def test_a_sitemap_that_says_so_has_a_page_asked_for_conditionally(site, runner, bucket) -> None:
    runner.configure("sitemap /sitemap.xml")
    article = Editable(site)
    today = datetime.now(UTC).date()
    window = (str(today - DAY), str(today + DAY))

    def crawl(stamp: datetime):
        site.sitemap([(article.url, stamp.isoformat())])
        return runner.crawl(*window)

    assert crawl(datetime.now(UTC)).captured == 1
    for number in (1, 2, 3):
        article.edition(number)
        assert crawl(datetime.now(UTC) + timedelta(seconds=1)).captured == 1
    unchanged = crawl(datetime.now(UTC) + timedelta(seconds=2))
    assert (unchanged.outcome, unchanged.captured, unchanged.known, unchanged.unchanged) == (Outcome.FINISHED, 0, 1, 1)
    assert article.asked == [None, '"0"', '"1"', '"2"', '"3"']

    build.build(bucket, load_sources(), "built")
    [row] = read_articles(bucket)
    assert row["title"] == "خبر 3"
    assert len(row["revisions"]) == 3
    assert known_pages(bucket, "sada")[article.url].newest.revisit
    captures = [one for key in list_page_files(bucket) for one in read_captures(_open(bucket, key), key)]
    assert [one.revisit for one in captures] == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("header", "value", "condition", "packed"),
    [("ETag", '"v1"', "If-None-Match", True), ("Last-Modified", MAY_10, "If-Modified-Since", False)],
)
def test_a_feed_that_has_not_changed_is_not_sent_again_and_nothing_in_it_is_lost(
    site, runner, header, value, condition, packed
):
    runner.configure("feed /feed")
    first, second = site.page("/news/00"), site.page("/news/01")
    site.feed([(first, MAY_10), (second, MAY_10)])
    feed, page = site.replies[f"{HOME}/feed"], site.replies[second]
    feed.headers = {header: value, "Content-Type": "text/xml"}
    if packed:
        feed.body, feed.headers["Content-Encoding"] = gzip.compress(feed.body), "gzip"
    site.replies[second] = Reply(b"busy", 503)
    assert runner.crawl().captured == 1

    site.replies[second] = page
    site.replies[f"{HOME}/feed"] = Reply(status=304, headers={header: value})
    site.headers.clear()
    site.seen.clear()
    summary = runner.crawl()
    asked = dict(zip(site.seen, site.headers, strict=True))
    assert asked[f"{HOME}/feed"][condition] == value
    assert condition not in asked[second]
    assert (summary.found, summary.known, summary.captured) == (2, 1, 1)
    assert f"{HOME}/feed: not modified; what is archived of it was read again" in summary.discovery[0].notes
    assert runner.crawl().outcome == Outcome.NOTHING_NEW

    for index in runner.bucket.list("captures/"):
        if "-discovery-" in index.key and index.key.endswith(".cdxj"):
            runner.bucket.put(index.key, b"damaged\n")
    third = site.page("/news/03")
    site.feed([(third, MAY_10)])
    assert runner.crawl().captured == 1
    assert first not in site.asked()
    assert any("asked for anew" in line for _, line in runner.lines)


def _open(bucket, key):
    return io.BytesIO(bucket.get(key))
