"""Months of three calendars, and steps from one day to another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from convertdate import islamic

from pipeline.dates.calendars import FOREIGN_YEARS, month_ends, shift, to_day
from pipeline.dates.months import GREGORIAN, HIJRI, PERSIAN
from pipeline.dates.words import DAY, MONTH, WEEK, YEAR


@pytest.mark.parametrize(
    ("day", "unit", "count", "shifted"),
    [
        (date(2016, 3, 1), DAY, -1, date(2016, 2, 29)),
        (date(2016, 1, 4), WEEK, -1, date(2015, 12, 28)),
        (date(2016, 3, 31), MONTH, -1, date(2016, 2, 29)),
        (date(2016, 1, 31), MONTH, -14, date(2014, 11, 30)),
        (date(2016, 11, 30), MONTH, 3, date(2017, 2, 28)),
        (date(2016, 2, 29), YEAR, -1, date(2015, 2, 28)),
        (datetime(2016, 5, 31, 9, 30, tzinfo=UTC), MONTH, -3, datetime(2016, 2, 29, 9, 30, tzinfo=UTC)),
    ],
)
def test_steps_end_on_the_last_day_that_there_is(day: date, unit: str, count: int, shifted: date) -> None:
    assert shift(day, unit, count) == shifted


@pytest.mark.parametrize(("unit", "count"), [(DAY, -3_000_000), (WEEK, -300_000), (MONTH, -30_000), (YEAR, 9000)])
def test_no_step_leaves_the_calendar(unit: str, count: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        shift(date(2016, 5, 12), unit, count)


@pytest.mark.parametrize(
    ("calendar", "year", "month", "ends"),
    [
        (GREGORIAN, 2016, 2, (date(2016, 2, 1), date(2016, 2, 29))),
        (HIJRI, 1437, 8, (date(2016, 5, 8), date(2016, 6, 5))),
        (PERSIAN, 1395, 2, (date(2016, 4, 20), date(2016, 5, 20))),
        (GREGORIAN, 2016, 13, None),
        (HIJRI, 1, 1, None),
    ],
)
def test_the_ends_of_a_month(calendar: str, year: int, month: int, ends: tuple[date, date] | None) -> None:
    assert month_ends(calendar, year, month) == ends


def test_a_thirtieth_that_umm_al_qura_lacks_is_the_tabular_calendars() -> None:
    lacking = 0
    for year in FOREIGN_YEARS[1:-1]:
        for month in range(1, 13):
            ends = month_ends(HIJRI, year, month)
            assert ends is not None
            day = to_day(HIJRI, year, month, 30)
            if ends[1] >= ends[0] + timedelta(days=29):
                assert day == ends[0] + timedelta(days=29)
            elif islamic.month_length(year, month) == 30:
                lacking += 1
                assert day == date(*islamic.to_gregorian(year, month, 30))
            else:
                assert day is None
    assert lacking > 300
