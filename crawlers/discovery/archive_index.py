"""What the indexes of archives have in common: each line is a page that the archive has a copy of.

An index says when a page was captured, not when it was published. A page was published by the time of its first capture, so
what was captured first before the window is left out; what was captured later, however much, may belong to the window, unless
the page's own address states a day outside it. The page itself decides on its day later.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawlers.archive_copies import Copy
from crawlers.discovery.base import Discovery, Found
from crawlers.discovery.links import days_of_path
from crawlers.freshness import overlaps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.captures import Exchange
    from pipeline.sources import Source

MAX_ANSWER = 32 * 2**20
"""Bytes of a page of an index; ten thousand lines are some megabytes."""

_FURTHEST_AHEAD = timedelta(days=1)


class ArchiveIndex(Discovery):
    """An archive that is asked for its copies of the pages of the source's hosts."""

    looks_back = True

    def __init__(self, urls: tuple[str, ...], source: Source, window: Window) -> None:
        super().__init__(urls[0].rstrip("/"), source, window)
        self.archives = tuple(urlsplit(url).hostname or "" for url in urls)
        self._outside = 0
        self._unreadable = 0

    def asked(self) -> Mapping[str, object]:
        """The meta of every request for the index."""
        return {"archive": True, "download_maxsize": MAX_ANSWER}

    def found(
        self,
        url: str,
        stamp: str,
        how: Mapping[str, str],
        address: str,
        read: Callable[[Response, datetime], Exchange],
        headers: Mapping[str, str] | None = None,
    ) -> Found | None:
        """A page that the archive has a copy of at an address, captured at a time of 14 digits (UTC).

        None, counted, where it cannot be wanted.
        """
        captured_at = instant_of(stamp)
        if captured_at is None or captured_at > datetime.now(UTC) + _FURTHEST_AHEAD:
            self.skip()
            return None
        first, last = days_of_path(url) or (date.min, date.max)
        days = (first, min(last, captured_at.astimezone(self.source.zone).date()))
        if not overlaps(days, self.window):
            self._outside += 1
            return None
        return Found(url, how, days, Copy(address, captured_at, read, headers or {}))

    def skip(self) -> None:
        """Count a line of the index that cannot be read."""
        self._unreadable += 1

    def told(self) -> None:
        """Bring the report up to date with what was counted so far."""
        self._say(self.notes, self._outside, "pages left out, whose first capture or address lies outside the window")
        self._say(self.problems, self._unreadable, "lines of the index cannot be read")

    def _say(self, said: list[str], count: int, what: str) -> None:
        said[:] = [one for one in said if not one.endswith(what)]
        if count:
            said.append(f"{self.url}: {count} {what}")


def instant_of(stamp: object) -> datetime | None:
    """The instant (UTC) that 14 digits state, as all indexes write it."""
    if not isinstance(stamp, str) or len(stamp) != 14 or not stamp.isdigit() or not stamp.isascii():
        return None
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
