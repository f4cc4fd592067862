"""Article URLs from the pages of a section, newest first, as a reader leafs through them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from scrapy import Request

from crawlers.discovery.base import DiscoveryError, Found
from crawlers.discovery.links import ListPage
from crawlers.discovery.paging import Paged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import ListingDiscovery, Source


class Listing(Paged):
    """The pages of a section, as far back as they go; how far to go is decided by the dates that they print."""

    type: ClassVar[str] = "listing"
    looks_back = True

    def __init__(self, config: ListingDiscovery, source: Source, window: Window) -> None:
        super().__init__(str(config.url), source, window)
        self._links = re.compile(config.links)
        self._pages = config.pages

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The page's articles and, where the window may reach further back, the page after it.

        Raises:
            DiscoveryError: it is no HTML, or the first page and without one article.
        """
        number: int = response.meta["page"]
        page = ListPage(response, self._links, self.source)
        items = page.items(self.type)
        if number == 1 and not items:
            raise DiscoveryError("no link of this page is an article's: what it has instead does not match `links`")
        yield from items
        if self._pages:
            following: str | None = self._pages.replace("{page}", str(number + 1))
        else:
            following = page.next_page(number, self._paging.read)
        yield from self._onward(response, items, following)

    def _request(self, url: str, page: int) -> Request:
        return Request(url, meta={"page": page})
