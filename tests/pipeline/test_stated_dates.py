"""What a stated date may mean, against dates whose meaning is known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stated_dates import latest_instant, stated_days

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Damascus", "Africa/Tripoli", "UTC", "Asia/Tehran", "America/Lima")]
)
INSTANTS = st.integers(1_100_000_000, 2_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
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


@pytest.mark.parametrize(
    "text",
    [
        *("1970-01-01T00:00:00+00:00", "Thu, 01 Jan 1970 03:00:00 +0300", "1969-12-31T19:00:00-05:00"),
        *("0001-01-01T00:00:00", "1447-11-23", "1447-11-23T10:00:00+03:00", "1405-02-20"),
    ],
)
def test_no_date_of_another_calendar_or_of_none_rules_a_page_out(text):
    assert stated_days(text, ZoneInfo("Asia/Damascus")) is None
    assert latest_instant(text, ZoneInfo("Asia/Damascus")) is None


@pytest.mark.parametrize("zone", ["+03", "+03:00", "+0300"])
def test_an_offset_in_hours_is_one(zone):
    # Read as three minutes, it would be the day after in Damascus.
    at = datetime(2026, 5, 10, 19, 30, tzinfo=UTC)
    assert latest_instant(f"Sun, 10 May 2026 22:30:00 {zone}", ZoneInfo("Asia/Damascus")) == at


@pytest.mark.parametrize("text", ["٢٠٢٦-٠٥-١٠", "۲۰۲۶-۰۵-۱۰", "\u200f2026-05-10", "2026-05-10"])
def test_digits_of_any_script(text):
    assert stated_days(text, ZoneInfo("UTC")) == (date(2026, 5, 9), date(2026, 5, 11))
