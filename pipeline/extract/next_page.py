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

_NUMBERED = re.compile(r"(?:/page)?/(\d{1,2})/?")
_NUMBERED_QUERY = re.compile(r"(?:^|&)(?:page|paged|pg|p)=(\d{1,2})(?=&|$)")
_AROUND = 3
"""Elements around the text in which the links to its other pages stand."""
_MOST_LINKS = 300


def find_next_page(article: ArticlePage) -> str | None:
    """The address of the page on which an article goes on, as WordPress and others name it: its own with the next number.

    The link stands by the text; other articles' addresses have no number behind this one's.
    """
    container = article.body.container
    if container is None:
        return None
    own, number = _own(article.url)
    scope = next(islice(around(container), _AROUND, None), article.page.tree)
    for link in islice(scope.iter("a"), _MOST_LINKS):
        address = absolute_url(article.url, link.get("href") or "")
        if address and _own(address) == (own, number + 1):
            return address
    return None


def _own(url: str) -> tuple[str, int]:
    """An address without the number of its page, and the number: 1 where it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, 1
    query = _NUMBERED_QUERY.search(parts.query)
    if query:
        rest = _NUMBERED_QUERY.sub("", parts.query).strip("&")
        return f"{parts.netloc}{parts.path.rstrip('/')}?{rest}", int(query[1])
    head, _, last = parts.path.rstrip("/").rpartition("/")
    numbered = _NUMBERED.fullmatch(f"/{last}")
    if numbered and head.count("/") > 0:
        return f"{parts.netloc}{head.removesuffix('/page')}?{parts.query}", int(numbered[1])
    return f"{parts.netloc}{parts.path.rstrip('/')}?{parts.query}", 1
