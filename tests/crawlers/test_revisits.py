"""When known articles are asked for again, and that it is done by conditional requests."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.revisits import AFTER, is_due
from crawlers.run import Outcome
from pipeline import build
from pipeline.captures.index import list_page_files
from pipeline.captures.model import IndexLine
from pipeline.captures.read import read_captures
from pipeline.corpus.read import read_articles
from pipeline.known_pages import KnownPage, known_pages
from pipeline.sources import load_sources
from tests.crawlers.conftest import HOME, Reply
from tests.pipeline.conftest import archive, page, prose

pytestmark = pytest.mark.slow

FIRST = datetime(2026, 5, 10, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def known(
    first: datetime = FIRST,
    newest: datetime | None = None,
    day: date | None = date(2026, 5, 10),
    status: int = 200,
    by: str = "",
) -> KnownPage:
    found = {"by": "feed"} | ({"archived_by": by} if by else {})
    content = IndexLine(f"{HOME}/news/1", first, status, "sha1:X", found)
    last = IndexLine(f"{HOME}/news/1", newest or first, 304, "sha1:X", found, revisit=True)
    return KnownPage(content, last, first, day)


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=13)), max_size=40))
def test_however_often_a_site_is_crawled_a_page_is_asked_for_at_most_once_after_each_time(moments) -> None:
    newest, asked = FIRST, []
    for moment in sorted(FIRST + one for one in moments):
        if is_due(known(newest=newest), moment):
            asked.append(moment)
            newest = moment
    assert len(asked) <= len(AFTER)
    for after in AFTER:
        later = [FIRST + one for one in moments if after <= one]
        assert not later or any(moment >= FIRST + after for moment in asked)


@pytest.mark.parametrize(
    "page_",
    [
        known(day=None),
        known(day=FIRST.date() - timedelta(days=8)),
        known(status=404),
        known(by="web.archive.org"),
        known(newest=FIRST + HOUR),
    ],
)
def test_what_has_settled_is_left_alone(page_: KnownPage) -> None:
    assert is_due(known(), FIRST + 2 * HOUR)
    assert not is_due(page_, FIRST + 2 * HOUR)
    assert not is_due(known(), FIRST + 15 * DAY)


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

    def crawl(*, revisit: bool = True):
        build.build(bucket, load_sources(), f"build-{len(article.asked)}-{revisit}")
        return runner.crawl(*window, revisit=revisit)

    assert crawl(revisit=False).outcome == Outcome.NOTHING_NEW
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


def _open(bucket, key):
    return io.BytesIO(bucket.get(key))
