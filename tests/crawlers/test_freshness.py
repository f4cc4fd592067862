"""What stated dates rule out, against dates whose meaning is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawlers.freshness import changed, is_known, is_stored, latest_instant, outside, stated_days
from crawlers.window import Window
from pipeline.captures.model import IndexLine

NOW = datetime(2100, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Damascus", "Africa/Tripoli", "UTC", "Asia/Tehran", "America/Lima")]
)
DAYS = st.dates(date(2005, 1, 1), date(2035, 1, 1))
INSTANTS = st.integers(1_100_000_000, 2_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
LATER = st.integers(0, 900 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
BESIDE = st.integers(0, 400)
WINDOWS = st.builds(lambda first, days: Window(first, first + timedelta(days=days)), DAYS, st.integers(1, 400))
ALL_TIMES = {
    "iso": lambda at: at.isoformat(),
    "zulu": lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "spaced": lambda at: at.strftime("%Y-%m-%d %H:%M:%S %z"),
    "rss": format_datetime,
}
SPELL = st.sampled_from(sorted(ALL_TIMES)).map(ALL_TIMES.__getitem__)


@given(INSTANTS, ZONES, SPELL)
def test_an_instant_is_its_day_at_the_source(instant, zone, spell):
    at = instant.astimezone(zone)
    assert stated_days(spell(at), zone) == (at.date(), at.date())
    assert latest_instant(spell(at), zone) == at


@given(
    INSTANTS, ZONES, ZONES, st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%a, %d %b %Y %H:%M:%S", "%Y-%m", "%Y"])
)
def test_without_a_zone_no_reading_is_ruled_out(instant, stamped_in, zone, form):
    """Whatever zone the site meant, the day at the source lies in the range."""
    at = instant.astimezone(stamped_in)
    first, last = stated_days(at.strftime(form), zone)
    assert first <= at.astimezone(zone).date() <= last


@given(INSTANTS, ZONES, SPELL, st.integers(-40, 40), st.integers(1, 40))
def test_a_publication_date_decides_the_window(instant, zone, spell, offset, length):
    day = instant.astimezone(zone).date()
    since = day + timedelta(days=offset)
    window = Window(since, since + timedelta(days=length))
    assert outside({"published": spell(instant)}, window, zone, NOW) is not (window.since <= day < window.until)


@given(INSTANTS, ZONES, SPELL, st.integers(-40, 40), st.integers(1, 40), st.integers(1, 40))
def test_two_adjacent_windows_are_the_whole(instant, zone, spell, offset, left, right):
    first = instant.date() + timedelta(days=offset)
    middle, last = first + timedelta(days=left), first + timedelta(days=left + right)
    for key in ("published", "lastmod", "modified"):
        found = {key: spell(instant)}
        whole = outside(found, Window(first, last), zone, NOW)
        parts = [outside(found, Window(first, middle), zone, NOW), outside(found, Window(middle, last), zone, NOW)]
        assert whole == all(parts)


@given(INSTANTS, LATER, ZONES, SPELL, BESIDE, BESIDE, st.sampled_from(["lastmod", "modified"]))
def test_a_modification_date_never_rules_out_an_article_of_the_window(
    published, later, zone, spell, before, after, key
):
    day = published.astimezone(zone).date()
    window = Window(day - timedelta(days=before), day + timedelta(days=after + 1))
    modified = published + later
    assert not outside({key: spell(modified)}, window, zone, NOW)
    assert not outside({key: modified.astimezone(zone).strftime("%Y-%m-%d")}, window, zone, NOW)


@given(WINDOWS, st.integers(2, 2000), ZONES)
def test_a_page_last_changed_well_before_the_window_is_out(window, days, zone):
    assert outside({"lastmod": (window.since - timedelta(days=days)).isoformat()}, window, zone, NOW)


@given(st.text(max_size=40), ZONES, WINDOWS)
def test_what_cannot_be_read_rules_nothing_out(text, zone, window):
    assume(stated_days(text, zone) is None)
    assert latest_instant(text, zone) is None
    assert not outside({"published": text, "lastmod": text, "modified": text}, window, zone, NOW)


@pytest.mark.parametrize(
    "text", ["", "أمس", "0000-00-00", "0001-01-01", "9999-12-31", "2026-13", "2026-02-30", "Mon, 99 Foo 2026", "1 2 3"]
)
def test_odd_dates_do_not_raise(text):
    zone = ZoneInfo("Asia/Damascus")
    stated_days(text, zone)
    latest_instant(text, zone)


def test_a_named_zone_other_than_utc_is_none():
    """AST is read as the Atlantic's by the standard, and as Arabia's by those who write it."""
    assert stated_days("Sun, 10 May 2026 22:00:00 AST", ZoneInfo("Asia/Riyadh")) == (
        date(2026, 5, 9),
        date(2026, 5, 11),
    )


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
    assert changed(found, line(**recorded), ZoneInfo("Asia/Damascus"), NOW) is expected


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
        ([stored_line("/a", 301, "http://elsewhere.example/")], True),
        ([stored_line("/a", 304)], True),
    ],
)
def test_a_redirect_is_stored_when_what_it_leads_to_is(pages, stored):
    assert is_stored(f"{HOST}/a", {page.url: page for page in pages}, ["news.example"]) is stored


def test_a_date_in_the_future_says_nothing():
    now, zone = datetime(2026, 5, 10, 12, tzinfo=UTC), ZoneInfo("Asia/Damascus")
    may = Window(date(2026, 5, 1), date(2026, 6, 1))
    assert not outside({"published": "2100-01-01"}, may, zone, now)
    assert not outside({}, may, zone, now, (date(2100, 1, 1), date(2100, 1, 1)))
    assert outside({"published": "2026-05-11T08:00:00Z"}, Window(date(2026, 5, 1), date(2026, 5, 10)), zone, now)
    assert not changed({"lastmod": "2100-01-01"}, line(), zone, now)
    assert changed({"lastmod": "2026-05-11"}, line(), zone, now)


def test_days_read_elsewhere_decide_where_no_date_is_stated():
    zone, may = ZoneInfo("Asia/Damascus"), Window(date(2026, 5, 1), date(2026, 6, 1))
    april, in_may = (date(2026, 4, 2), date(2026, 4, 3)), (date(2026, 4, 30), date(2026, 5, 1))
    assert outside({}, may, zone, NOW, april)
    assert not outside({}, may, zone, NOW, in_may)
    assert not outside({"published": "2026-05-10T08:00:00Z"}, may, zone, NOW, april)
    assert outside({"lastmod": "2026-04-01"}, may, zone, NOW, in_may)
