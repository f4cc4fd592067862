"""Days of the Gregorian, Hijri (Umm al-Qura) and Persian solar calendars; a day that does not exist is None."""

from __future__ import annotations

from datetime import date

from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

from pipeline.dates.months import GREGORIAN, HIJRI

# Years in which numbers alone tell the calendar: 1343-1500 AH is what Umm al-Qura tables cover (1924-2077).
FOREIGN_YEARS = range(1343, 1501)


def to_day(calendar: str, year: int, month: int, day: int) -> date | None:
    """The Gregorian day of a calendar's year, month and day; None where there is no such day."""
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
