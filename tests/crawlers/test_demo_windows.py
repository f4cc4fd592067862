"""Every discovery of the demo's sources, over the demo's sites: any window's articles, and no more than can be told apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from crawlers.discovery import discoveries
from crawlers.freshness import outside
from crawlers.window import Window
from demo.gold import gold_rows
from demo.sites import SmallSite, open_sites
from pipeline.sources import load_sources
from pipeline.urls import normalize_url
from tests.conftest import ROOT

NOW = datetime(2024, 6, 1, tzinfo=UTC)
SITES = {site.id: site for site in open_sites().values()}
SOURCES = load_sources(ROOT / "demo" / "sources")
ROWS = [row for row in gold_rows() if row["outcome"] in {"article", "copy"}]
WAYS = [(name, index) for name, source in SOURCES.items() for index in range(len(source.discovery))]
SMALL = sorted(name for name, site in SITES.items() if isinstance(site, SmallSite))
DAYS = st.integers(0, 130).map(lambda days: date(2023, 12, 28) + timedelta(days=days))
WINDOWS = st.builds(lambda first, days: Window(first, first + timedelta(days=days)), DAYS, st.integers(1, 125))
MONTHS = Window(date(2024, 1, 1), date(2024, 5, 1))


def respond(request):
    """What the demo's site answers, as the spider hands it on."""
    parts = urlsplit(request.url)
    page = SITES[parts.hostname.removesuffix(".example")].respond(
        parts.path + (f"?{parts.query}" if parts.query else "")
    )
    headers = {"Content-Type": page.content_type, **dict(page.headers)}
    asked = request.replace(meta=request.meta | {"fetched_at": NOW})
    return Response(request.url, status=page.status, headers=headers, body=page.body, request=asked)


def gathered(name, index, window):
    """The normal URLs that one discovery of a source finds and does not rule out, whether it looks back, and its requests."""
    source = SOURCES[name]
    discovery = discoveries(source, window)[index]
    waiting, asked, found = list(discovery.start()), set(), set()
    while waiting:
        request = waiting.pop(0)
        if request.url not in asked:
            asked.add(request.url)
            assert len(asked) < 150
            for item in discovery.read(respond(request)):
                if isinstance(item, Request):
                    waiting.append(item)
                elif not outside(item.how, window, source.zone, NOW, item.days):
                    found.add(normalize_url(item.url))
    assert not discovery.problems
    return found, discovery.looks_back, asked


def gold(name, window):
    """The normal URLs of the articles of the window that the gold knows, as the site's lists have them."""
    old = {
        SITES[name].canonical_url(one): SITES[name].home[:-1] + one.moved_from
        for one in SITES[name].articles
        if one.moved_from
    }
    return {
        normalize_url(old.get(row["url"], row["url"]))
        for row in ROWS
        if row["source"] == name and window.since <= date.fromisoformat(row["published_day"]) < window.until
    }


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=40)
@example(MONTHS)
@given(WINDOWS)
def test_the_only_way_finds_exactly_the_articles_of_any_window(name, window):
    found, _, _ = gathered(name, 0, window)
    assert found == gold(name, window)


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=25)
@given(DAYS, st.integers(1, 60), st.integers(1, 60))
def test_two_adjacent_windows_are_the_whole(name, first, left, right):
    middle, last = first + timedelta(days=left), first + timedelta(days=left + right)
    parts = [gathered(name, 0, window)[0] for window in (Window(first, middle), Window(middle, last))]
    assert parts[0] | parts[1] == gathered(name, 0, Window(first, last))[0]
    assert not parts[0] & parts[1]


@pytest.mark.parametrize(("name", "index"), WAYS, ids=str)
@settings(max_examples=15)
@given(WINDOWS)
def test_what_looks_back_misses_nothing(name, index, window):
    found, looks_back, _ = gathered(name, index, window)
    if looks_back:
        assert found >= gold(name, window)
    else:
        assert SOURCES[name].discovery[index].type == "feed"


@pytest.mark.parametrize(("name", "most"), [("nakhil", 2), ("sanabil", 2), ("sirt", 7), ("zaytun", 2)])
def test_a_week_does_not_ask_for_everything(name, most):
    _, _, asked = gathered(name, 0, Window(date(2024, 4, 22), date(2024, 4, 29)))
    assert len(asked) <= most


def test_a_page_that_is_not_there_ends_the_interface_s_pages():
    """Where the site does not say how many there are."""
    source = SOURCES["sanabil"]
    discovery = discoveries(source, MONTHS)[0]
    waiting, statuses, found = list(discovery.start()), [], []
    while waiting:
        answer = respond(waiting.pop(0))
        answer.headers.pop(b"X-WP-TotalPages", None)
        statuses.append(answer.status)
        for item in discovery.read(answer):
            (waiting if isinstance(item, Request) else found).append(item)
    assert statuses == [200, 200, 400]
    assert len(found) == len(SITES["sanabil"].articles)
