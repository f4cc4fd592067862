"""From page to page of a list that has the newest first: how far to go."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from crawlers.freshness import published_days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from crawlers.discovery.base import Found
    from crawlers.run import Window


class Paging:
    """Decides on each page of a list whether the next one is wanted.

    It is, unless all that the page has of its own and that is dated is older than the window. What stood on an earlier page
    does not count: a story pinned to the top of every page, the most read beside the list. Nor does what has no date.
    """

    def __init__(self, window: Window, zone: ZoneInfo) -> None:
        self._window = window
        self._zone = zone
        self._seen: set[str] = set()
        self.read: set[str] = set()
        """The pages so far."""
        self._oldest: date | None = None
        self.ended: str | None = None
        """Why there is no further page, though the window may reach back further."""

    def after(self, url: str, items: Sequence[Found], following: str | None) -> str | None:
        """The page to ask for after the one at `url`: `following` or, with `ended` set or the window passed, None."""
        self.read.add(url)
        own = [item for item in items if item.url not in self._seen]
        self._seen.update(item.url for item in own)
        days = [stated for item in own if (stated := published_days(item.how, self._zone) or item.days)]
        if days:
            if max(last for _, last in days) < self._window.since:
                return None
            self._oldest = min(*(last for _, last in days), self._oldest or date.max)
        if not own:
            self.ended = self._end(f"{url} has nothing that an earlier page did not have")
        elif following is None:
            self.ended = self._end(f"{url} is the last page")
        elif following in self.read:
            self.ended = self._end(f"{url} leads back to {following}")
        else:
            return following
        return None

    def _end(self, why: str) -> str:
        return f"{why}; the oldest date read is {self._oldest}" if self._oldest else why
