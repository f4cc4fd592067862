"""Days of the Gregorian, Hijri (Umm al-Qura) and Persian solar calendars; a day that does not exist is None."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from convertdate import persian
from hijridate import Hijri

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
        return _persian_day(year, month, day)
    except (ValueError, OverflowError):
        return None


def _persian_day(year: int, month: int, day: int) -> date | None:
    """The day of a Persian solar year: six months of 31 days, five of 30, and a last one of 29 or 30."""
    if not 1 <= month <= 12 or not 1 <= day <= (31 if month <= 6 else 30):
        return None
    value = _nowruz(year) + timedelta(days=(month - 1) * 30 + min(month - 1, 6) + day - 1)
    return value if value < _nowruz(year + 1) else None


@lru_cache(maxsize=256)
def _nowruz(year: int) -> date:
    """The first day of a Persian year, from the spring equinox: tens of milliseconds of astronomy, so kept."""
    year, month, day = persian.to_gregorian(year, 1, 1)  # type: ignore[no-untyped-call]
    return date(year, month, day)
