"""Article URLs from the page that a site has for each of its days or months."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from scrapy import Request

from crawlers.discovery.base import Discovery, Found
from crawlers.discovery.links import ListPage
from crawlers.discovery.paging import Paging

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import DateArchiveDiscovery, Source

_DAY = timedelta(days=1)


class DateArchive(Discovery):
    """The pages of the window's days, or months, with the pages that each may be divided into.

    The days are the site's own, so none beside the window is asked for.
    """

    type: ClassVar[str] = "date_archive"
    looks_back = True

    def __init__(self, config: DateArchiveDiscovery, source: Source, window: Window) -> None:
        super().__init__(config.url, source, window)
        self._links = re.compile(config.links)
        self._paging: dict[str, Paging] = {}
        self._missing = 0

    def start(self) -> Iterable[Request]:
        """The first page of each day or month, from the window's first."""
        for url in self._addresses():
            self._paging[url] = Paging(self.window, self.source.zone)
            yield self._request(url, url, 1)

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The page's articles, and the page after it.

        Raises:
            DiscoveryError: it is no HTML.
        """
        first, number = response.meta["archive"], response.meta["page"]
        page = ListPage(response, self._links, self.source)
        items = page.items(self.type)
        yield from items
        paging = self._paging[first]
        following = page.next_page(number, paging.read, below=first.rstrip("/"))  # "next" may lead to another day
        if url := paging.after(response.url, items, following):
            yield self._request(url, first, number + 1)

    def refused(self, response: Response) -> Iterable[Found | Request]:
        """A page that is missing is a day without articles, or the end of its pages."""
        if response.status not in {404, 410}:
            return super().refused(response)
        self._missing += response.meta["page"] == 1
        if self._missing == len(self._paging):
            self.notes.append(f"{self.url}: there is no page for any of the {self._missing} dates asked for")
        return ()

    def _addresses(self) -> list[str]:
        count = (self.window.until - self.window.since).days
        days = (self.window.since + number * _DAY for number in range(count))
        return list(
            dict.fromkeys(
                self.url.replace("{year}", f"{day:%Y}").replace("{month}", f"{day:%m}").replace("{day}", f"{day:%d}")
                for day in days
            )
        )

    def _request(self, url: str, first: str, page: int) -> Request:
        return Request(url, meta={"archive": first, "page": page})
