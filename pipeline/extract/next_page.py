"""The next page of an article that a site prints on several."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.page import around
from pipeline.urls import absolute_url

if TYPE_CHECKING:
    from pipeline.extract.article_page import ArticlePage

_NUMBERED = re.compile(r"(?<=[^/])(?:/page)?/(\d{1,2})$")
_NUMBERED_QUERY = re.compile(r"(?:^|&)(?:page|paged|pg|p)=(\d{1,2})(?=&|$)")
_AROUND = 3
"""Elements around the text in which the links to its other pages stand."""
_MOST_LINKS = 300


def find_next_page(article: ArticlePage) -> str | None:
    """The address of the page on which an article goes on, as WordPress and others name it: its own with the next number.

    The link stands by the text. An address that ends in a number is that of a later page only where the first is linked too: it
    may be an article's number, and the next number another article's.
    """
    container = article.body.container
    if container is None:
        return None
    scope = next(islice(around(container), _AROUND, None), article.page.tree)
    found = (absolute_url(article.url, link.get("href") or "") for link in islice(scope.iter("a"), _MOST_LINKS))
    links = {_plain(address): address for address in found if address}
    first, number = _first_page(article.url)
    if number > 1 and first not in links:
        first, number = _plain(article.url), 1
    return next((address for address in links.values() if _first_page(address) == (first, number + 1)), None)


def _plain(url: str) -> str:
    """An address without scheme, fragment and closing slash."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.netloc}{parts.path.rstrip('/')}?{parts.query}"


def _first_page(url: str) -> tuple[str, int]:
    """The plain address of the first page, if this is a later one's, and its number; 1 where it has none."""
    address, _, query = _plain(url).partition("?")
    numbered = _NUMBERED_QUERY.search(query)
    if numbered:
        return f"{address}?{_NUMBERED_QUERY.sub('', query).strip('&')}", int(numbered[1])
    numbered = _NUMBERED.search(address)
    return (f"{address[: numbered.start()]}?{query}", int(numbered[1])) if numbered else (f"{address}?{query}", 1)
