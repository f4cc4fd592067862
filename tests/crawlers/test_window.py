"""The window of a run, whatever started it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.window import Window, WindowError, resolve_window
from pipeline.sources import Source

DAY = timedelta(days=1)
NOON = datetime(2024, 3, 10, 12, tzinfo=UTC)
ZONES = ("Asia/Damascus", "Africa/Casablanca", "Asia/Aden", "Africa/Khartoum", "UTC", "Pacific/Kiritimati")

moments = st.datetimes(datetime(2012, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2012, 1, 1), date(2030, 1, 1))


def source(timezone: str = "Asia/Damascus", look_back_days: int = 3) -> Source:
    return Source.model_validate(
        {
            "id": "saha",
            "name": "الساحة",
            "home": "http://saha.example/",
            "timezone": timezone,
            "look_back_days": look_back_days,
            "discovery": [{"type": "feed", "url": "http://saha.example/feed"}],
        }
    )


sites = st.sampled_from([source(zone, look_back) for zone in ZONES for look_back in (0, 3, 60)])


def resolve(
    site: Source,
    *,
    since: str | None = None,
    until: str | None = None,
    interval: tuple[datetime, datetime] | None = None,
    run_after: datetime = NOON,
    look_back: bool = False,
) -> Window:
    return resolve_window(site, since=since, until=until, interval=interval, run_after=run_after, look_back=look_back)


@given(sites, days, days, st.none() | st.tuples(moments, moments), moments, st.booleans())
def test_days_that_were_asked_for_go_before_all_else(site, since, until, interval, run_after, look_back) -> None:
    asked = {"since": since.isoformat(), "until": until.isoformat()}
    if since > run_after.astimezone(site.zone).date():
        with pytest.raises(WindowError, match="lies in the future"):
            resolve(site, **asked, interval=interval, run_after=run_after, look_back=look_back)
    elif since >= until:
        with pytest.raises(WindowError, match="must lie before"):
            resolve(site, **asked, interval=interval, run_after=run_after, look_back=look_back)
    else:
        window = resolve(site, **asked, interval=interval, run_after=run_after, look_back=look_back)
        assert window == Window(since, until)


@given(sites, days, moments)
def test_since_alone_reaches_through_the_day_of_the_run(site, since, run_after) -> None:
    today = run_after.astimezone(site.zone).date()
    if since > today:
        with pytest.raises(WindowError, match="lies in the future"):
            resolve(site, since=since.isoformat(), run_after=run_after)
    else:
        assert resolve(site, since=since.isoformat(), run_after=run_after) == Window(since, today + DAY)


@given(sites, moments, st.timedeltas(timedelta(), timedelta(days=40)), st.data())
def test_an_interval_covers_every_day_it_touches_and_no_other(site, start, width, data) -> None:
    window = resolve(site, interval=(start, start + width))
    within = start + width * data.draw(st.floats(0, 1, exclude_max=True))
    assert window.since <= within.astimezone(site.zone).date() < window.until
    assert window.since == start.astimezone(site.zone).date()
    last = window.until - DAY
    assert datetime.combine(last, time(), site.zone) <= start + width


@given(sites, moments, st.timedeltas(timedelta(), timedelta(days=40)))
def test_a_scheduled_run_looks_back_and_changes_nothing_else(site, start, width) -> None:
    exact = resolve(site, interval=(start, start + width))
    widened = resolve(site, interval=(start, start + width), look_back=True)
    assert widened == Window(exact.since - timedelta(days=site.look_back_days), exact.until)


@given(sites, st.lists(moments, min_size=2, max_size=12, unique=True))
def test_intervals_in_a_row_leave_no_day_out(site, edges) -> None:
    edges.sort()
    windows = [resolve(site, interval=pair) for pair in pairwise(edges)]
    for before, after in pairwise(windows):
        assert after.since <= before.until
        assert after.until >= before.until


@given(sites, days)
def test_a_day_at_the_source_is_one_day(site, day) -> None:
    """A daily schedule's interval, midnight to midnight at the source, whatever the clocks do that night."""
    edges = tuple(datetime.combine(midnight, time(), site.zone).astimezone(UTC) for midnight in (day, day + DAY))
    assert resolve(site, interval=edges) == Window(day, day + DAY)


@given(sites, moments)
def test_a_run_by_hand_looks_back_from_its_day(site, run_after) -> None:
    today = run_after.astimezone(site.zone).date()
    window = resolve(site, run_after=run_after)
    assert window == Window(today - timedelta(days=site.look_back_days), today + DAY)


def test_the_day_is_the_sources_own() -> None:
    late = datetime(2024, 5, 9, 22, 30, tzinfo=UTC)
    assert late.astimezone(ZoneInfo("Asia/Damascus")).date() == date(2024, 5, 10)
    assert resolve(source(), interval=(late, late + timedelta(hours=1))) == Window(date(2024, 5, 10), date(2024, 5, 11))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"until": "2024-03-01"}, "needs since"),
        ({"since": "1 March"}, "since must be a date such as 2024-03-01, not '1 March'"),
        ({"since": "2024-03-01", "until": "2024-02-30"}, "until must be a date"),
        ({"since": "2024-03-01", "until": "2024-03-01"}, "since (2024-03-01) must lie before until (2024-03-01)"),
    ],
)
def test_what_makes_no_window_is_said_in_one_sentence(asked, words) -> None:
    with pytest.raises(WindowError) as caught:
        resolve(source(), **asked)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
