"""What stated dates rule out, against dates whose meaning is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawlers.freshness import (
    RECRAWL_AFTER,
    has_changed,
    is_known,
    is_outside,
    is_recrawl_due,
    is_stored,
)
from crawlers.window import Window
from pipeline.captures.model import IndexLine
from pipeline.known_pages import KnownPage
from pipeline.stated_dates import latest_instant, stated_days
from tests.crawlers.conftest import HOME
from tests.pipeline.test_stated_dates import INSTANTS, SPELL, ZONES

NOW = datetime(2100, 1, 1, tzinfo=UTC)
FIRST_CAPTURE = datetime(2026, 5, 10, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAYS = st.dates(date(2005, 1, 1), date(2035, 1, 1))
LATER = st.integers(0, 900 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
BESIDE = st.integers(0, 400)
WINDOWS = st.builds(lambda first, days: Window(first, first + timedelta(days=days)), DAYS, st.integers(1, 400))


@given(INSTANTS, ZONES, SPELL, st.integers(-40, 40), st.integers(1, 40))
def test_a_publication_date_decides_the_window(instant, zone, spell, offset, length):
    day = instant.astimezone(zone).date()
    since = day + timedelta(days=offset)
    window = Window(since, since + timedelta(days=length))
    assert is_outside({"published": spell(instant)}, window, zone, NOW) is not (window.since <= day < window.until)


@given(INSTANTS, ZONES, SPELL, st.integers(-40, 40), st.integers(1, 40), st.integers(1, 40))
def test_two_adjacent_windows_are_the_whole(instant, zone, spell, offset, left, right):
    first = instant.date() + timedelta(days=offset)
    middle, last = first + timedelta(days=left), first + timedelta(days=left + right)
    for key in ("published", "lastmod", "modified"):
        found = {key: spell(instant)}
        whole = is_outside(found, Window(first, last), zone, NOW)
        parts = [
            is_outside(found, Window(first, middle), zone, NOW),
            is_outside(found, Window(middle, last), zone, NOW),
        ]
        assert whole == all(parts)


@given(INSTANTS, LATER, ZONES, SPELL, BESIDE, BESIDE, st.sampled_from(["lastmod", "modified"]))
def test_a_modification_date_never_rules_out_an_article_of_the_window(
    published, later, zone, spell, before, after, key
):
    day = published.astimezone(zone).date()
    window = Window(day - timedelta(days=before), day + timedelta(days=after + 1))
    modified = published + later
    assert not is_outside({key: spell(modified)}, window, zone, NOW)
    assert not is_outside({key: modified.astimezone(zone).strftime("%Y-%m-%d")}, window, zone, NOW)


@given(WINDOWS, st.integers(2, 2000), ZONES)
def test_a_page_last_changed_well_before_the_window_is_out(window, days, zone):
    assert is_outside({"lastmod": (window.since - timedelta(days=days)).isoformat()}, window, zone, NOW)


@given(st.text(max_size=40), ZONES, WINDOWS)
def test_what_cannot_be_read_rules_nothing_out(text, zone, window):
    assume(stated_days(text, zone) is None)
    assert latest_instant(text, zone) is None
    assert not is_outside({"published": text, "lastmod": text, "modified": text}, window, zone, NOW)


def line(status=200, captured_at=datetime(2026, 5, 10, 12, tzinfo=UTC), **found):
    return IndexLine("http://a.example/1", captured_at, status, "sha1:X", found)


@pytest.mark.parametrize(
    ("found", "recorded", "expected"),
    [
        ({}, {}, False),
        ({"lastmod": "2026-05-10T12:00:01Z"}, {}, True),
        ({"lastmod": "2026-05-10T12:00:00Z"}, {}, False),
        ({"lastmod": "2026-05-11T09:00:00Z"}, {"lastmod": "2026-05-11T09:00:00Z"}, False),
        ({"lastmod": "2026-05-10"}, {"lastmod": "2026-05-09"}, True),  # counts to the end of the day
        ({"lastmod": "2026-05-10"}, {"lastmod": "2026-05-10"}, False),
        ({"lastmod": "2026-05-09"}, {}, False),
        ({"lastmod": "2026-05-10T09:30:00"}, {}, True),  # of whatever zone
        ({"modified": "Sun, 10 May 2026 18:00:00 +0300"}, {"lastmod": "x"}, True),
        ({"lastmod": "قبل قليل"}, {}, False),
        # A date that moves on is a change, though the site tells of it only after the capture; one that moves back is none.
        ({"lastmod": "2026-05-08T10:00:00Z"}, {"lastmod": "2026-05-07T10:00:00Z"}, True),
        ({"lastmod": "2026-05-06"}, {"lastmod": "2026-05-07"}, False),
        ({"lastmod": "2026-05-08"}, {"lastmod": "أمس"}, False),
        ({"lastmod": "2026-05-12"}, {"lastmod": "2100-01-01"}, True),
        ({"published": "2026-06-01T00:00:00Z"}, {}, False),
    ],
)
def test_changed(found, recorded, expected):
    assert has_changed(found, line(**recorded), ZoneInfo("Asia/Damascus"), NOW) is expected


@pytest.mark.parametrize(
    ("status", "known"),
    [(200, True), (301, True), (404, True), (410, True), (500, False), (503, False), (429, False), (403, False)],
)
def test_an_error_that_may_pass_leaves_a_page_unknown(status, known):
    assert is_known(line(status)) is known


def test_a_window_must_have_a_day():
    with pytest.raises(ValueError, match="must lie before"):
        Window(date(2026, 5, 2), date(2026, 5, 2))


HOST = "http://news.example"


def stored_line(path, status=200, location=None):
    return IndexLine(f"{HOST}{path}", datetime(2024, 3, 1, tzinfo=UTC), status, "sha1:X", {}, location)


@pytest.mark.parametrize(
    ("pages", "stored"),
    [
        ([stored_line("/a")], True),
        ([stored_line("/a", 404)], True),
        ([stored_line("/a", 503)], False),
        ([stored_line("/other")], False),
        ([stored_line("/a", 301, "/b"), stored_line("/b")], True),
        ([stored_line("/a", 301, "/b")], False),  # the target never came
        ([stored_line("/a", 302, f"{HOST}/b"), stored_line("/b", 503)], False),
        ([stored_line("/a", 301, "/b"), stored_line("/b", 301, "/c"), stored_line("/c")], True),
        ([stored_line("/a", 301, "/b"), stored_line("/b", 301, "/a")], True),  # a circle
        ([stored_line("/a", 301, "http://elsewhere.example/")], False),  # its file may come to name that host
        ([stored_line("/a", 304)], True),
        ([stored_line("/a", 302, "http://[oops/")], True),
    ],
)
def test_a_redirect_is_stored_when_what_it_leads_to_is(pages, stored):
    assert is_stored(f"{HOST}/a", {page.url: page for page in pages}) is stored


def test_a_date_in_the_future_says_nothing():
    now, zone = datetime(2026, 5, 10, 12, tzinfo=UTC), ZoneInfo("Asia/Damascus")
    may = Window(date(2026, 5, 1), date(2026, 6, 1))
    assert not is_outside({"published": "2100-01-01"}, may, zone, now)
    assert not is_outside({}, may, zone, now, (date(2100, 1, 1), date(2100, 1, 1)))
    assert is_outside({"published": "2026-05-11T08:00:00Z"}, Window(date(2026, 5, 1), date(2026, 5, 10)), zone, now)
    assert not has_changed({"lastmod": "2100-01-01"}, line(), zone, now)
    assert has_changed({"lastmod": "2026-05-11"}, line(), zone, now)


def test_days_read_elsewhere_decide_where_no_date_is_stated():
    zone, may = ZoneInfo("Asia/Damascus"), Window(date(2026, 5, 1), date(2026, 6, 1))
    april, in_may = (date(2026, 4, 2), date(2026, 4, 3)), (date(2026, 4, 30), date(2026, 5, 1))
    assert is_outside({}, may, zone, NOW, april)
    assert not is_outside({}, may, zone, NOW, in_may)
    assert not is_outside({"published": "2026-05-10T08:00:00Z"}, may, zone, NOW, april)
    assert is_outside({"lastmod": "2026-04-01"}, may, zone, NOW, in_may)


def known(
    first: datetime = FIRST_CAPTURE,
    newest: datetime | None = None,
    day: date | None = date(2026, 5, 10),
    status: int = 200,
    by: str = "",
) -> KnownPage:
    found = {"by": "feed"} | ({"archived_by": by} if by else {})
    content = IndexLine(f"{HOME}/news/1", first, status, "sha1:X", found)
    last = IndexLine(f"{HOME}/news/1", newest or first, 304, "sha1:X", found, revisit=True)
    return KnownPage(content, last, first, day, content)


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=13)), max_size=40))
def test_however_often_a_site_is_crawled_a_page_is_asked_for_at_most_once_after_each_time(moments) -> None:
    newest, asked = FIRST_CAPTURE, []
    for moment in sorted(FIRST_CAPTURE + one for one in moments):
        if is_recrawl_due(known(newest=newest), moment):
            asked.append(moment)
            newest = moment
    assert len(asked) <= len(RECRAWL_AFTER)
    for after in RECRAWL_AFTER:
        later = [FIRST_CAPTURE + one for one in moments if after <= one]
        assert not later or any(moment >= FIRST_CAPTURE + after for moment in asked)


@pytest.mark.parametrize(
    "page_",
    [
        known(day=None),
        known(day=FIRST_CAPTURE.date() - timedelta(days=8)),
        known(status=404),
        known(by="web.archive.org"),
        known(newest=FIRST_CAPTURE + HOUR),
    ],
)
def test_what_has_settled_is_left_alone(page_: KnownPage) -> None:
    assert is_recrawl_due(known(), FIRST_CAPTURE + 2 * HOUR)
    assert not is_recrawl_due(page_, FIRST_CAPTURE + 2 * HOUR)
    assert not is_recrawl_due(known(), FIRST_CAPTURE + 15 * DAY)
