"""The next page of an article that a site prints on several."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipeline.page import around
from pipeline.urls import absolute_url, article_id, normalize_url, numbered_page

if TYPE_CHECKING:
    from pipeline.extract.article_page import ArticlePage

_NUMBERED = re.compile(r"[/=]\d{1,2}/?(?=$|[?&#])")
_MARKED: Any = etree.XPath("//a[@rel='next']/@href")
_AROUND = 3
"""Elements around the text in which the links to its other pages stand."""
_MOST_LINKS = 300


def find_next_page(article: ArticlePage, canonical: str, *, followed: bool = False) -> str | None:
    """The address of the page on which an article goes on, as WordPress and others name it: its own with the next number.

    Its own address is that by which it was captured, or the `canonical` one. The link stands by the text, or says ``rel=next``.
    An address that ends in a number is that of a later page only where it was `followed` as one, or the first page or the one
    before it is linked too: it may be an article's number, and the next number another article's.
    """
    container = article.body.container
    if container is None:
        return None
    scope = next(islice(around(container), _AROUND, None), article.page.tree)
    nearby = [link.get("href") or "" for link in islice(scope.iter("a"), _MOST_LINKS)]
    marked = [*article.page.links.get("next", ()), *_MARKED(article.page.tree)]
    links = [link for href in (*nearby, *marked) if (link := absolute_url(article.url, href))]
    later = {link: numbered_page(link) for link in links if _NUMBERED.search(link)}
    for own in dict.fromkeys((article.url, canonical)):
        first, number = numbered_page(own)
        if number > 1 and not followed and {(first, 1), (first, number - 1)}.isdisjoint(map(numbered_page, links)):
            first, number = article_id(normalize_url(own)), 1
        if found := next((link for link, page in later.items() if page == (first, number + 1)), None):
            return found
    return None
