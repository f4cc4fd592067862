"""From page to page of a list that has the newest first: how far to go."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import TYPE_CHECKING

from crawlers.discovery.base import Discovery
from crawlers.freshness import published_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from scrapy import Request
    from scrapy.http import Response

    from crawlers.discovery.base import Found
    from crawlers.window import Window
    from pipeline.sources import Source


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
        self._shown = 0
        self._oldest: date | None = None
        self.ended: str | None = None
        """Why there is no further page, though the window may reach back further."""

    @property
    def shows_latest_alone(self) -> bool:
        """Whether the list has come to an end before the window's beginning without a second page: it leads no further back."""
        return self._shown < 2

    def after(self, url: str, items: Sequence[Found], following: str | None) -> str | None:
        """The page to ask for after the one at `url`: `following` or, with `ended` set or the window passed, None."""
        self.read.add(url)
        own = [item for item in items if item.url not in self._seen]
        self._seen.update(item.url for item in own)
        self._shown += bool(own)
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


class Paged(Discovery):
    """One list that is read page by page; every request says in its meta which `page` it asks for, from 1.

    Where there is but one page and the window reaches further back than that, the list does not look back, whatever its type.
    """

    def __init__(self, url: str, source: Source, window: Window) -> None:
        super().__init__(url, source, window)
        self._paging = Paging(window, source.zone)

    def start(self) -> Iterable[Request]:
        """The first page."""
        yield self._request(self.url, 1)

    def refused(self, response: Response) -> Iterable[Found | Request]:
        """A page that is missing behind another one is the end."""
        if response.meta["page"] > 1 and response.status in {404, 410}:
            self._end(f"{response.url}: there is no page {response.meta['page']} (HTTP {response.status})")
            return ()
        return super().refused(response)

    @abstractmethod
    def _request(self, url: str, page: int) -> Request:
        """The request for a page."""

    def _onward(self, response: Response, items: Sequence[Found], following: str | None) -> Iterator[Request]:
        """The request for the `following` page, where the window may reach so far back; else a note why the list ends."""
        if (url := self._paging.after(response.url, items, following)) is not None:
            yield self._request(url, response.meta["page"] + 1)
        elif self._paging.ended:
            self._end(self._paging.ended)

    def _end(self, why: str) -> None:
        self.notes.append(why)
        if self._paging.shows_latest_alone:
            self.looks_back = False
