"""Where a page stands among those of an article that a site prints on several: which is next, and whether it is a later one."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from pipeline.page import around
from pipeline.text import fold
from pipeline.urls import absolute_url, article_id, following_numbers, normalize_url, numbered_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.article_page import ArticlePage

_NUMBERED = re.compile(r"[/=]\d{1,2}/?(?=$|[?&#])")
_TELLING = ("next", "prev")
_MARKED: Any = etree.XPath("//a[@rel='next' or @rel='prev']")
_AROUND = 3
"""Elements around the text in which the links to its other pages stand."""
_MOST_LINKS = 300
_BACK = frozenset(map(fold, ("الصفحة السابقة", "الجزء السابق", "صفحه قبل", "Previous page", "Page précédente")))
"""What a link to the page before is printed as, WordPress's own words among them; "السابق" alone may lead to another article."""
_LONGEST_LABEL = 3
"""Characters of the number that a link to a page is printed as."""


class Place(NamedTuple):
    """Where a page stands among those of its article.

    Attributes:
        next_page: the address of the page on which it goes on, or None.
        is_later: whether the page itself says that it goes on with another's text. A number in its address alone may be an
            article's.
    """

    next_page: str | None = None
    is_later: bool = False


class _Link(NamedTuple):
    """A link: its address, the number it is printed as or 0, its ``rel``, and which page of which article it may lead to.

    Such is also the ``rel`` of a link that says in words that it leads to the page before.
    """

    url: str
    label: int
    rel: str
    series: str
    number: int


def find_place(article: ArticlePage, canonical: str, *, followed: bool = False) -> Place:
    """What a page says of the others of its article, which WordPress and others name by its own address with their numbers.

    Its own address is that by which it was captured, or the `canonical` one. The links stand by the text, or say ``rel=next`` or
    ``rel=prev``. A page is a later one where it was `followed` as one, where its canonical address is the first's, or where the
    pages before it are linked as a pager does (`_follows`).
    """
    if article.body.container is None:
        return Place()
    (first, number), (named, of_named) = numbered_page(article.url), numbered_page(canonical)
    links = list(_links(article, article.body.container, every=bool(number or of_named)))
    is_later = number > 0 and (
        followed or (number > 1 and (named, of_named) == (first, 0)) or _follows(first, number, links)
    )
    found = _next(article.url, links, is_later=is_later)
    if found is None and named != first:
        found = _next(canonical, links, is_later=False)
    return Place(found, is_later)


def _links(article: ArticlePage, container: HtmlElement, *, every: bool) -> Iterator[_Link]:
    """The links by the text, and those anywhere that say what they are; without `every` those alone that have a number."""
    scope = next(islice(around(container), _AROUND, None), article.page.tree)
    printed = [
        (link.get("href") or "", link) for link in (*islice(scope.iter("a"), _MOST_LINKS), *_MARKED(article.page.tree))
    ]
    stated = [(href, rel) for rel in _TELLING for href in article.page.links.get(rel, ())]
    for href, said in (*printed, *stated):
        if (every or _NUMBERED.search(href)) and (url := absolute_url(article.url, href)):
            label, rel = (0, said) if isinstance(said, str) else _said(said)
            yield _Link(url, label, rel, *numbered_page(url))


def _said(link: HtmlElement) -> tuple[int, str]:
    """The number that a link is printed as, or 0, and its ``rel``, or what its words say in its place."""
    text = "" if len(link) > 1 else link.text_content().strip()
    rel = "prev" if fold(text) in _BACK else (link.get("rel") or "").lower()
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_LABEL else 0, rel


def _follows(first: str, number: int, links: Sequence[_Link]) -> bool:
    """Whether a page with a number links to those before it as a pager does: by their numbers, or as the page before.

    Number 1 is that of the first page too, but where a link is printed as one more than its address says.
    """
    before = [link for link in links if link.series == first and link.number < number]
    right_before = {number - 1, 0} if number == 2 else {number - 1}  # the first page has 1, or none
    if any(link.rel == "prev" and link.number in right_before for link in before):
        return True
    if number == 1:
        return any(link.series == first and link.label == link.number + 1 > 2 for link in links)
    return any(link.label and link.label - link.number in {0, 1} for link in before)


def _next(own: str, links: Sequence[_Link], *, is_later: bool) -> str | None:
    """The link to the page after the one at an address. That may end in an article's number, and the next be another article's."""
    first, number = numbered_page(own)
    if (
        number > 1
        and not is_later
        and not any(link.series == first and link.number in {0, number - 1} for link in links)
    ):
        first, number = article_id(normalize_url(own)), 0
    for following in following_numbers(number):
        for link in links:
            is_itself = not number and following == 1 == link.label  # the first of a site that counts from 1
            if (link.series, link.number) == (first, following) and not is_itself:
                return link.url
    return None
