"""The day in an article's address: /2016/05/10/, /2013/middle_east/8/3/, /2020-03-17-…, /202003171044893040-…."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

_YEAR = r"(?P<y>(?:19|20)[0-9]{2})"
_MONTH = r"(?P<m>0?[1-9]|1[0-2])"
_DAY = r"(?P<d>0?[1-9]|[12][0-9]|3[01])"
_PATTERNS = (
    re.compile(rf"/{_YEAR}/{_MONTH}/{_DAY}(?=[/._-]|$)"),
    re.compile(rf"/{_YEAR}/[^/0-9][^/]{{0,60}}/{_MONTH}/{_DAY}(?=[/._-]|$)"),
    re.compile(rf"(?<![0-9-]){_YEAR}-(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12][0-9]|3[01])(?![0-9])"),
    re.compile(rf"(?<![0-9_]){_YEAR}_(?P<m>0[1-9]|1[0-2])_(?P<d>0[1-9]|[12][0-9]|3[01])(?![0-9])"),
)
# A number that begins a path segment and begins with a day: alone, with hours and minutes, with seconds, or with the
# article's number after it. Other lengths are article numbers that happen to begin with 20.
_RUN = re.compile(r"/(?P<y>20[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12][0-9]|3[01])(?P<rest>[0-9]*)(?=[/._-]|$)")
_RUN_RESTS = frozenset({0, 4, 6, 9, 10})
_MONTH_ONLY = re.compile(rf"/{_YEAR}/(?P<m>0[1-9]|1[0-2])(?=/[^/]*[^/0-9])")
_LONGEST = 2000
# When an archive captured a page, and how it is shown: the Wayback Machine, pywb, Archive-It, archive.today.
_ARCHIVED = re.compile(
    r"(?:https?://[^/]+)?/(?:(?:[^/]+/){0,3}[0-9][0-9.-]{3,18}(?:[a-z]{2}_)?/(?=https?:/)|web/[0-9]{14}(?:[a-z]{2}_)?/)",
    re.I,
)
_SCHEME = re.compile(r"(?:https?:/+)?", re.I)


def archived_address(url: str) -> str:
    """The address of the page that an archive's address shows; of any other page its own."""
    archive = _ARCHIVED.match(url[:_LONGEST])
    return url if archive is None else _SCHEME.sub("http://", url[archive.end() :], count=1)


def day_in_path(path: str) -> date | None:
    """The day a path, or the part of one that `find_in_address` returned, states; None for a month or nothing."""
    match = _match(path)
    return None if match is None else _date(match)


def is_number_run(path: str) -> bool:
    """Whether the day is only the beginning of a longer number, which might be an article's number."""
    match = _match(path)
    return match is not None and match.re is _RUN


def find_in_address(url: str) -> str | None:
    """The literal part of a URL's path that states a day, or else a month; None where there is neither."""
    try:
        path = urlsplit(url).path[:_LONGEST]
    except ValueError:
        return None
    match = _match(path) or _MONTH_ONLY.search(path)
    return match.group() if match else None


def _match(path: str) -> re.Match[str] | None:
    for pattern in _PATTERNS:
        for match in pattern.finditer(path):
            if _date(match) is not None:
                return match
    for match in _RUN.finditer(path):
        if len(match["rest"]) in _RUN_RESTS and _date(match) is not None:
            return match
    return None


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None
