"""What a feed's or sitemap's date says of a page before it is fetched: whether it can lie in the window, whether it changed.

Both answers lean to fetching: a date that cannot be read says nothing, and one without a time zone may mean a day earlier or
later. A date in the future says nothing either: sites misset their clocks, and stamp what they have not looked at. The page
itself decides on its day later.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from zoneinfo import ZoneInfo

    from crawlers.window import Window
    from pipeline.captures import IndexLine

_DAY = timedelta(days=1)
_FURTHEST_AHEAD = timedelta(days=2)
"""How far ahead of us a true modification date can be: today without a time, read as the end of its day, in any zone."""

_MONTH = re.compile(r"(\d{4})-(\d\d)")
_YEAR = re.compile(r"\d{4}")
_SPACED_OFFSET = re.compile(r" (?=[+-]\d\d:?\d\d$)")

_MAX_REDIRECTS = 10  # twice what a crawl follows
_PASSING = frozenset({401, 403, 407, 408, 425, 429})
"""Client-error statuses that a later visit may not meet: the page has not been seen yet."""


def stated_days(text: str, zone: ZoneInfo) -> tuple[date, date] | None:
    """First and last calendar day at the source that a date literal may mean; None where it cannot be read.

    Reads RFC 822 dates (RSS) and the W3C profile of ISO 8601 (Atom, sitemaps) up to a bare year. Without a time zone the days
    reach one further on either side.
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


def published_days(found: Mapping[str, str], zone: ZoneInfo) -> tuple[date, date] | None:
    """`stated_days` of the publication date that was found with a URL."""
    return stated_days(found.get("published", ""), zone)


def outside(
    found: Mapping[str, str], window: Window, zone: ZoneInfo, now: datetime, days: tuple[date, date] | None = None
) -> bool:
    """Whether what was found with a URL rules out that the page was published in the window.

    A publication date does so on either side; without one, the `days` that a discovery read elsewhere. A modification date
    does so only before the window: a page last changed then was published then at the latest. `now` is an aware instant.
    """
    tomorrow = now.astimezone(zone).date() + _DAY
    published = published_days(found, zone) or days
    if published and published[0] <= tomorrow and not overlaps(published, window):
        return True
    return any(
        days is not None and days[1] < window.since
        for days in (stated_days(found.get(key, ""), zone) for key in ("lastmod", "modified"))
    )


def overlaps(days: tuple[date, date], window: Window) -> bool:
    """Whether a range of days, both ends included, has a day of the window."""
    return days[0] < window.until and window.since <= days[1]


def is_known(line: IndexLine) -> bool:
    """Whether a capture tells what the page is: a page or its lasting absence, not an error that may pass."""
    return line.status < 500 and line.status not in _PASSING


def is_stored(url: str, pages: Mapping[str, IndexLine], hosts: Collection[str]) -> bool:
    """Whether the bucket holds what a URL (in normal form) leads to: redirects are followed through the captures.

    A redirect that leads off the `hosts`, or round in a circle, will not lead to a page at the next try either.
    """
    for _ in range(_MAX_REDIRECTS):
        line = pages.get(url)
        if line is None:
            return urlsplit(url).hostname not in hosts
        if not is_known(line):
            return False
        if line.location is None or not 300 <= line.status < 400:
            return True
        url = normalize_url(urljoin(line.url, line.location))
    return True


def changed(found: Mapping[str, str], line: IndexLine, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the feed or sitemap says that a page changed since it was captured.

    That takes a modification date that is not the one it was captured with, and later than that one or than the capture.
    `now` is an aware instant.
    """
    for key in ("lastmod", "modified"):
        literal, recorded = found.get(key, ""), line.found.get(key, "")
        stated = latest_instant(literal, zone)
        if literal == recorded or stated is None or stated > now + _FURTHEST_AHEAD:
            continue
        if stated > line.captured_at or stated > (latest_instant(recorded, zone) or line.captured_at):
            return True
    return False


def _read(text: str) -> tuple[date, date, datetime | None]:
    """First day, last day and, where a time zone is stated, the instant of a date literal.

    Raises:
        ValueError: it is no date.
    """
    text = text.strip()
    if _YEAR.fullmatch(text):
        return date(int(text), 1, 1), date(int(text), 12, 31), None
    if match := _MONTH.fullmatch(text):
        first = date(int(match[1]), int(match[2]), 1)
        return first, (first.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY, None
    try:
        stated = datetime.fromisoformat(_SPACED_OFFSET.sub("", text))
    except ValueError:
        stated = _read_rfc822(text)
    return stated.date(), stated.date(), stated if stated.tzinfo else None


def _read_rfc822(text: str) -> datetime:
    try:
        stated = parsedate_to_datetime(text)
    except (TypeError, IndexError) as error:  # what email.utils raises on some texts that are no date
        raise ValueError(f"no date: {text!r}") from error
    zone = text.rpartition(" ")[2]
    if zone.isalpha() and zone not in {"GMT", "UT", "UTC", "Z"}:
        return stated.replace(tzinfo=None)  # AST is the Atlantic's in RFC 822 and Arabia's in its own feeds
    return stated
