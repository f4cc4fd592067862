"""The site that publishes by the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.daily import HISTORY_DAYS, articles_of, open_site
from demo.server import DemoServer
from demo.sites import SITES

DAYS = st.dates(date(2024, 1, 1), date(2040, 1, 1))
MOMENTS = st.integers(1_720_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(DAYS)
def test_a_day_has_the_same_articles_whenever_it_is_asked_for(day: date) -> None:
    articles = articles_of(day)
    assert articles == articles_of(day)
    assert 3 <= len(articles) <= 5
    assert {article.day for article in articles} == {day}
    assert all(earlier.moment < later.moment for earlier, later in pairwise(articles))
    assert len({article.path for article in articles}) == len(articles)
    assert not any("{" in text for article in articles for text in (article.title, *article.paragraphs))


@settings(max_examples=10)
@given(MOMENTS, st.integers(1, 48))
def test_time_adds_articles_and_takes_none_back_within_the_weeks_that_are_shown(now: datetime, hours: int) -> None:
    before = open_site(now)
    after = open_site(now + timedelta(hours=hours))
    new = {site.url(article) for site in (after,) for article in site.articles}
    old = {
        before.url(one) for one in before.articles if one.day > min(one.day for one in before.articles) + timedelta(3)
    }
    assert old <= new
    assert all(before.instant(one.published) <= now for one in before.articles)
    assert len({one.day for one in before.articles}) in {HISTORY_DAYS, HISTORY_DAYS + 1}


def test_it_is_served_by_a_clock_alone() -> None:
    moments = [datetime(2026, 11, 20, 0, 0, tzinfo=UTC)]
    with DemoServer(clock=lambda: moments[-1]) as server, httpx.Client(proxy=server.url, trust_env=False) as client:
        first = client.get("http://yawmiyat.example/rss")
        assert (first.status_code, first.text.count("<item>")) == (200, 10)
        moments.append(moments[-1] + timedelta(days=1))
        assert (
            client.get("http://yawmiyat.example/rss", headers={"If-None-Match": first.headers["ETag"]}).status_code
            == 200
        )
        newest = client.get("http://yawmiyat.example/").text
        assert client.get("http://yawmiyat.example/rss").text.count("<item>") == 10
        assert "/2026/11/20/" in newest
    with DemoServer() as server, httpx.Client(proxy=server.url, trust_env=False) as client:
        assert client.get("http://yawmiyat.example/rss").status_code == 502
        assert list(server.sites) == [f"{site.id}.example" for site in SITES]
