"""Days of the Gregorian, Hijri (Umm al-Qura) and Persian solar calendars; a day that does not exist is None."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from dateutil.relativedelta import relativedelta
from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

from pipeline.dates.months import GREGORIAN, HIJRI
from pipeline.dates.words import DAY, MONTH, WEEK, YEAR

# Years in which numbers alone tell the calendar: 1343-1500 AH is what Umm al-Qura tables cover (1924-2077).
FOREIGN_YEARS = range(1343, 1501)


def to_day(calendar: str, year: int, month: int, day: int) -> date | None:
    """The Gregorian day of a calendar's year, month and day; None where there is no such day.

    A Hijri month's 30th that Umm al-Qura lacks is the tabular calendar's, by which many programs count.
    """
    found = _exact_day(calendar, year, month, day)
    if found is None and calendar == HIJRI and day == _LONGEST_HIJRI and year in FOREIGN_YEARS:
        return _tabular_thirtieth(year, month)
    return found


_LONGEST_HIJRI = 30
_BEFORE_HIJRA = date(622, 7, 18).toordinal()
"""The day before the civil epoch: 16 July 622 in the Julian calendar, 19 July in the Gregorian."""


def _tabular_thirtieth(year: int, month: int) -> date | None:
    """The 30th of a month of the tabular Hijri calendar: odd months have one, and the twelfth of 11 in 30 years."""
    if not 1 <= month <= 12 or (month % 2 == 0 and not (month == 12 and (11 * year + 14) % 30 < 11)):
        return None
    before = (year - 1) * 354 + (3 + 11 * year) // 30 + (59 * (month - 1) + 1) // 2
    return date.fromordinal(_BEFORE_HIJRA + before + _LONGEST_HIJRI)


def _exact_day(calendar: str, year: int, month: int, day: int) -> date | None:
    try:
        if calendar == GREGORIAN:
            return date(year, month, day)
        if year not in FOREIGN_YEARS:
            return None
        if calendar == HIJRI:
            return date(*Hijri(year, month, day).to_gregorian().datetuple())
        value: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
        return value
    except (ValueError, OverflowError):
        return None


def month_ends(calendar: str, year: int, month: int) -> tuple[date, date] | None:
    """The first and the last day of a calendar's month; None where there is no such month."""
    first = _exact_day(calendar, year, month, 1)
    for length in (31, 30, 29, 28):
        last = _exact_day(calendar, year, month, length)
        if first is not None and last is not None:
            return first, last
    return None


_Day = TypeVar("_Day", bound=date)
_STEPS: dict[str, timedelta | relativedelta] = {
    DAY: timedelta(days=1),
    WEEK: timedelta(weeks=1),
    MONTH: relativedelta(months=1),
    YEAR: relativedelta(years=1),
}


def shift(day: _Day, unit: str, count: int) -> _Day:
    """The day so many days, weeks, months or years away; the last of its month where the month has no such day.

    Raises:
        ValueError, OverflowError: that is outside the calendar.
    """
    return day + count * _STEPS[unit]
