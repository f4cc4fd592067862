"""Dates as feeds, sitemaps and WordPress state them beside an address: which days and instants they may mean.

A date that cannot be read says nothing, and one without a time zone may mean a day earlier or later.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)

_MONTH = re.compile(r"(\d{4})-(\d\d)")
_YEAR = re.compile(r"\d{4}")
_SHORT_OFFSET = re.compile(r" ([+-])(\d\d)(?::00)?$")
"""An offset in hours, which `email.utils` takes for minutes."""
_AS_WRITTEN_IN_ASCII = {
    **{ord(zero) + digit: str(digit) for zero in "\u0660\u06f0" for digit in range(10)},
    **dict.fromkeys(map(ord, "\u061c\u200e\u200f")),
}
_EARLIEST = 1700
"""The first year that is read as one: below are those of Hijri and Persian calendars, and programs' empty dates."""
_ZERO = frozenset({date(1969, 12, 31), date(1970, 1, 1)})
"""What programs make of no date at all, in any zone."""
_SPACED_OFFSET = re.compile(r" (?=[+-]\d\d:?\d\d$)")


def stated_days(text: str, zone: ZoneInfo) -> tuple[date, date] | None:
    """First and last calendar day at the source that a date literal may mean; None where it cannot be read.

    Reads RFC 822 dates (RSS) and the W3C profile of ISO 8601 (Atom, sitemaps) up to a bare year, in digits of any script. Without
    a time zone the days reach one further on either side. An instant zero of Unix and a year before 1700 are no dates.
    """
    if not text:
        return None
    try:
        first, last, instant = _read(text)
        if instant is not None:
            day = instant.astimezone(zone).date()
            return day, day
        return first - _DAY, last + _DAY
    except (ValueError, OverflowError):
        return None


def latest_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The last instant (UTC) that a date literal may mean; None where it cannot be read.

    Without a time zone that is the end of its day at the source.
    """
    try:
        _, last, instant = _read(text)
        if instant is None:
            instant = datetime.combine(last + _DAY, datetime.min.time(), zone)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> tuple[date, date, datetime | None]:
    """First day, last day and, where a time zone is stated, the instant of a date literal.

    Raises:
        ValueError: it is no date.
    """
    text = text.translate(_AS_WRITTEN_IN_ASCII).strip()
    if _YEAR.fullmatch(text):
        return date(int(text), 1, 1), date(int(text), 12, 31), None
    if match := _MONTH.fullmatch(text):
        first = date(int(match[1]), int(match[2]), 1)
        return first, first + relativedelta(day=31), None
    try:
        stated = datetime.fromisoformat(_SPACED_OFFSET.sub("", text))
    except ValueError:
        stated = _read_rfc822(text)
    if stated.year < _EARLIEST or stated.date() in _ZERO:
        raise ValueError(f"no day of ours: {text!r}")
    return stated.date(), stated.date(), stated if stated.tzinfo else None


def _read_rfc822(text: str) -> datetime:
    try:
        stated = parsedate_to_datetime(_SHORT_OFFSET.sub(r" \1\g<2>00", text))
    except (TypeError, IndexError) as error:  # what email.utils raises on some texts that are no date
        raise ValueError(f"no date: {text!r}") from error
    zone = text.rpartition(" ")[2]
    if zone.isalpha() and zone not in {"GMT", "UT", "UTC", "Z"}:
        return stated.replace(tzinfo=None)  # AST is the Atlantic's in RFC 822 and Arabia's in its own feeds
    return stated
