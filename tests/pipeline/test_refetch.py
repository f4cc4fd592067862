"""Which rejected pages may be articles yet, by captures made up; `tests.crawlers.test_refetch` asks a site for them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.captures import IndexLine
from pipeline.refetch import (
    MANY_REJECTED,
    REFETCH_AFTER,
    StoredCapture,
    crawls_without_article,
    may_pass,
    next_refetch,
)
from pipeline.rejection import Rejection

FIRST = datetime(2024, 3, 20, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def line(after: timedelta = timedelta(0), run: str = "alfajr-1", status: int = 200, **found: str) -> IndexLine:
    key = f"captures/source=alfajr/fetched=2024-03-20/{run}-00000.warc.gz"
    return IndexLine("http://alfajr.example/1", FIRST + after, status, "sha1:X", found, key=key, offset=0)


def passes(rejected: Rejection, newest: timedelta = HOUR, status: int = 200, **found: str) -> bool:
    content = line(status=status, **found)
    return may_pass(rejected, content, line(**found), line(newest), set())


@pytest.mark.parametrize(
    ("rejected", "found", "newest", "expected"),
    [
        (Rejection.BLOCKED, {}, HOUR, True),
        (Rejection.BLOCKED, {"published": "2013-01-01"}, 90 * DAY, True),  # a wall is never what a page is
        (Rejection.BLOCKED, {"archived_by": "web.archive.org"}, HOUR, False),
        (Rejection.PAYWALL, {}, HOUR, False),
        (Rejection.WRONG_LANGUAGE, {}, HOUR, False),
        (Rejection.HEADLINE_ONLY, {}, HOUR, True),
        (Rejection.HEADLINE_ONLY, {"published": "2024-03-18"}, HOUR, True),
        (Rejection.HEADLINE_ONLY, {"published": "2024-03-10"}, HOUR, False),  # it was old already
        (Rejection.SOFT_404, {"lastmod": "2023-03-10"}, HOUR, False),
        (Rejection.SOFT_404, {}, 14 * DAY, True),
        (Rejection.SOFT_404, {}, 30 * DAY, False),  # asked for to the end of the schedule
        (Rejection.NOT_AN_ARTICLE, {}, HOUR, False),  # a sitemap lists sections too
        (Rejection.NOT_AN_ARTICLE, {"published": "2024-03-20T07:00:00Z"}, HOUR, True),
        (Rejection.REDIRECT, {}, HOUR, False),
        (Rejection.TAKEN_DOWN, {}, HOUR, False),
    ],
)
def test_what_may_pass(rejected: Rejection, found: dict[str, str], newest: timedelta, expected: bool) -> None:
    assert passes(rejected, newest, **found) is expected


@pytest.mark.parametrize(("status", "expected"), [(503, True), (403, True), (404, False), (410, False)])
def test_of_errors_the_status_tells(status: int, expected: bool) -> None:
    assert passes(Rejection.HTTP_ERROR, status=status) is expected


@pytest.mark.parametrize("rejected", [Rejection.VIDEO, Rejection.PAYWALL, Rejection.NOT_AN_ARTICLE])
def test_nothing_is_believed_of_a_page_whose_newest_capture_came_in_a_crawl_without_an_article(
    rejected: Rejection,
) -> None:
    old = {"published": "2013-01-01"}
    assert may_pass(rejected, line(**old), line(**old), line(HOUR, "alfajr-2"), {"alfajr-2"})
    assert not may_pass(rejected, line(**old), line(**old), line(HOUR, "alfajr-2"), {"alfajr-1"})


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=60)), max_size=60))
def test_however_often_a_site_is_crawled_a_page_is_asked_for_at_most_once_after_each_time(
    moments: list[timedelta],
) -> None:
    newest, asked = line(), []
    for moment in sorted(moments):
        due = next_refetch(line(), newest)
        if due is not None and due <= FIRST + moment:
            newest = line(moment)
            asked.append(moment)
    assert len(asked) <= len(REFETCH_AFTER)
    for after in REFETCH_AFTER:
        assert not [one for one in moments if one >= after] or any(one >= after for one in asked)
    assert REFETCH_AFTER[0] < REFETCH_AFTER[-1] == 30 * DAY
    assert list(REFETCH_AFTER) == sorted(REFETCH_AFTER)


def crawl(number: int, pages: int, rejected: Rejection | None = Rejection.NOT_AN_ARTICLE) -> list[StoredCapture]:
    """A crawl's pages, an hour after the one before, read by a build."""
    return [
        StoredCapture(line(number * HOUR, f"alfajr-{number}"), f"{number}-{page}", read=True, rejected=rejected)
        for page in range(pages)
    ]


def test_a_crawl_of_which_every_page_is_rejected_is_not_believed() -> None:
    assert crawls_without_article(crawl(1, MANY_REJECTED), set()) == {"alfajr-1"}
    assert crawls_without_article(crawl(1, MANY_REJECTED - 1), set()) == set(), "that may be chance"
    assert crawls_without_article(crawl(1, MANY_REJECTED) + crawl(1, 1, None), set()) == set()


def test_small_crawls_add_up_until_one_has_an_article() -> None:
    small = [*crawl(1, 2), *crawl(2, 2), *crawl(3, 2)]
    assert crawls_without_article(small, set()) == {"alfajr-1", "alfajr-2", "alfajr-3"}
    parted = [*crawl(1, 2), *crawl(2, 2), *crawl(2, 1, None), *crawl(3, 2)]
    assert crawls_without_article(parted, set()) == set()


def test_the_same_pages_asked_for_again_are_not_counted_twice_and_what_is_unchanged_is_as_before() -> None:
    pages = crawl(1, MANY_REJECTED)
    again = [
        StoredCapture(line(5 * HOUR, "alfajr-5"), one.url, read=True, rejected=Rejection.UNCHANGED) for one in pages
    ]
    assert crawls_without_article([*pages, *again], set()) == {"alfajr-1", "alfajr-5"}
    assert crawls_without_article([*pages, *again[:1]], {again[0].url}) == {"alfajr-1"}, "an article was there"
    assert crawls_without_article(again[: MANY_REJECTED - 1] + pages[: MANY_REJECTED - 1], set()) == set()


@pytest.mark.parametrize("rejected", [Rejection.HTTP_ERROR, Rejection.REDIRECT, Rejection.TAKEN_DOWN])
def test_what_shows_nothing_of_the_site_counts_for_nothing(rejected: Rejection) -> None:
    assert crawls_without_article(crawl(1, 9, rejected), set()) == set()


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_captures_is_nothing(crawls: list[tuple[int, bool]], chance: random.Random) -> None:
    captures = [
        one
        for number, (pages, article) in enumerate(crawls)
        for one in crawl(number, pages) + (crawl(number, 1, None) if article else [])
    ]
    shuffled = captures.copy()
    chance.shuffle(shuffled)
    assert crawls_without_article(shuffled, set()) == crawls_without_article(captures, set())
