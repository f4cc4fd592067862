"""The pages of an article over several are followed, archived with the article, and asked for again with it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.run import Outcome
from crawlers.spiders.next_page import find_next_page
from pipeline import build as stages
from pipeline import corpus
from pipeline.captures import Capture, list_page_files, read_captures
from pipeline.sources import Source, load_sources
from tests.crawlers.conftest import HOME, Reply
from tests.pipeline.conftest import page, prose

pytestmark = pytest.mark.slow

DAY = "2026-05-10T10:00:00+03:00"
MAY_10 = "Sun, 10 May 2026 10:00:00 +0300"
TITLE = "إعادة بناء الجسر الشرقي في البلدة"
FIRST = f"{HOME}/news/bridge/"
HTML = {"Content-Type": "text/html; charset=utf-8"}


def address(number: int) -> str:
    return f"{FIRST}{number}/" if number > 1 else FIRST


def serve(site, number: int, links: tuple[int, ...], *, title: str = TITLE, **more) -> None:
    """Serve a page of the article with links to others; one with an `etag` is sent once more only where it changed."""
    pager = "".join(f"<a href='{address(other)}'>{other}</a> " for other in links)
    body = page(title, prose(more.pop("seed", number), 6), DAY).replace(
        b"</article>", f"<p>{pager}</p></article>".encode()
    )
    site.replies[address(number)] = Reply(body, headers=HTML, **more)


def captured(bucket) -> dict[str, dict[str, str]]:
    """How each captured page was found."""
    return {
        one.url: dict(one.found)
        for key in list_page_files(bucket)
        for one in read_captures(io.BytesIO(bucket.get(key)), key)
    }


@pytest.fixture
def crawl(site, runner):
    """Crawl the article, which a feed lists."""
    runner.configure("feed /feed")
    site.feed([(FIRST, MAY_10)])
    return runner.crawl


def build(bucket, runner, run: str) -> dict:
    stages.build(bucket, {one.id: one for one in load_sources(runner.folder).values()}, run)
    [article] = corpus.read_articles(bucket)
    return article


def test_an_article_is_followed_to_its_end_and_joined(site, runner, bucket, crawl):
    for number in (1, 2, 3):
        serve(site, number, (1, 2, 3))
    summary = crawl()
    assert (summary.outcome, summary.found, summary.captured, summary.remaining) == (Outcome.FINISHED, 3, 3, 0)
    found = captured(bucket)
    assert found[address(2)] == {"by": "next_page", "from": address(1)}
    assert found[address(3)] == {"by": "next_page", "from": address(2)}
    article = build(bucket, runner, "b")
    assert article["body"].split("\n") == [*prose(1, 6), *prose(2, 6), *prose(3, 6)]
    assert article["next_page"] is None
    site.seen.clear()
    assert crawl().outcome == Outcome.NOTHING_NEW
    assert not site.asked()


def test_a_page_that_fails_leaves_the_article_marked_and_is_asked_for_again(site, runner, bucket, crawl):
    serve(site, 1, (1, 2))
    site.replies[address(2)] = Reply(b"broken", 500)
    summary = crawl()
    assert [failure.url for failure in summary.failed] == [address(2)]
    assert build(bucket, runner, "b1")["next_page"] == address(2)
    serve(site, 2, (1, 2))
    site.seen.clear()
    assert crawl().captured == 1
    assert set(site.asked()) == {address(2)}
    article = build(bucket, runner, "b2")
    assert (article["next_page"], len(article["pages"])) == (None, 1)


def test_circles_end_and_what_is_no_next_page_is_not_followed(site, runner, crawl):
    serve(site, 1, (2,))
    serve(site, 2, (1, 3))
    serve(site, 3, (1, 2, 4), seed=2)  # the same text again
    serve(site, 4, (5,))
    assert crawl().captured == 3
    other = f"{HOME}/news/market"
    site.feed([(other, MAY_10)])
    pager = "<p><a href='/news/2/'>2</a> <a href='/news/market-2'>x</a> <a href='/news/market/3/'>3</a></p></body>"
    site.replies[other] = Reply(page("السوق", prose(9), DAY).replace(b"</body>", pager.encode()), headers=HTML)
    site.seen.clear()
    crawl()
    assert set(site.asked()) == {other}


def test_another_article_at_the_next_number_leads_no_further(site, runner, crawl):
    serve(site, 1, (1, 2))
    serve(site, 2, (1, 2, 3), title="موسم القطاف يبدأ متأخرا")
    serve(site, 3, (1, 2))
    assert crawl().captured == 2


def test_robots_sections_and_the_limit_hold_for_later_pages(site, runner, bucket, crawl):
    serve(site, 1, (1, 2))
    serve(site, 2, (1, 2))
    assert crawl(limit=1).skipped["over_limit"] == 1
    site.replies[f"{HOME}/robots.txt"] = Reply(b"User-agent: *\nDisallow: /news/bridge/2")
    build(bucket, runner, "b")
    site.seen.clear()
    assert crawl().skipped["robots"] == 1
    assert not site.asked()


def test_with_its_article_a_later_page_is_asked_for_again(site, runner, bucket, crawl):
    for number in (1, 2):
        serve(site, number, (1, 2))
    crawl()
    build(bucket, runner, "b1")
    serve(site, 1, (1, 2), seed=7)
    serve(site, 2, (1, 2, 3), seed=8)
    serve(site, 3, (1, 2, 3))
    changed = datetime.now(UTC) + timedelta(days=1)
    site.sitemap([(FIRST, changed.isoformat())])
    runner.configure("feed /feed", "sitemap /sitemap.xml")
    site.seen.clear()
    assert crawl().captured == 3
    assert set(site.asked()) == {address(1), address(2), address(3)}
    article = build(bucket, runner, "b2")
    assert article["body"].split("\n") == [*prose(7, 6), *prose(8, 6), *prose(3, 6)]


def test_where_the_article_is_unchanged_its_later_pages_are_asked_for_all_the_same(site, runner, bucket, crawl):
    tagged = HTML | {"ETag": '"1"'}
    for number in (1, 2):
        serve(site, number, (1, 2))
        site.replies[address(number)].headers = tagged
    crawl()
    build(bucket, runner, "b1")
    site.replies[address(1)] = Reply(b"", 304, tagged)
    serve(site, 2, (1, 2), seed=8)
    site.sitemap([(FIRST, (datetime.now(UTC) + timedelta(days=1)).isoformat())])
    runner.configure("feed /feed", "sitemap /sitemap.xml")
    summary = crawl()
    assert (summary.captured, summary.unchanged) == (1, 1)
    article = build(bucket, runner, "b2")
    assert article["body"].split("\n") == [*prose(1, 6), *prose(8, 6)]


def test_the_second_page_of_a_site_that_counts_from_0_is_followed():
    pager = "".join(f"<a href='{FIRST}?page={number}'>{number + 1}</a> " for number in range(3))
    body = page(TITLE, prose(1, 6), DAY).replace(b"</article>", f"<p>{pager}</p></article>".encode())
    source = Source.model_validate(
        {"id": "one", "name": "-", "home": HOME, "timezone": "UTC", "discovery": [{"type": "feed", "url": HOME}]}
    )
    seen = []
    followed = None
    for url in (FIRST, f"{FIRST}?page=1"):
        capture = Capture(
            key="", offset=0, url=url, captured_at=datetime(2026, 5, 10, tzinfo=UTC), status=200, content_type="text/html",
            body=body if followed is None else body.replace(b"<p>", b"<p>\xd8\xab\xd9\x85 "),
        )  # fmt: skip
        link, followed = find_next_page(capture, source, followed)
        seen.append(link)
    assert seen == [f"{FIRST}?page=1", f"{FIRST}?page=2"]
