"""The page on which an article goes on, looked for on a page that came.

Most articles have one page, and a crawl reads none of them: so a page is read only where it has a link to its own address with
the next number. Reading is what a build does (`pipeline.extract.clean`), so that no list's or comments' next page is followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.series import MOST_PAGES, joined, share_headline
from pipeline.urls import absolute_url, article_id, following_numbers, normalize_url, numbered_page

if TYPE_CHECKING:
    from collections.abc import Collection

    from pipeline.captures import Capture
    from pipeline.sources import Source


@dataclass(frozen=True, slots=True)
class Followed:
    """A later page that is followed to: its article and number (`numbered_page`), and that article's headline and text so far."""

    series: str
    number: int
    headline: str | None = None
    text: tuple[str, ...] = ()

    @classmethod
    def at(cls, url: str) -> Followed:
        """That at an address, of an article whose text is not at hand."""
        return cls(*numbered_page(url))


def find_next_page(capture: Capture, source: Source, followed: Followed | None) -> tuple[str, Followed] | None:
    """Where the article on a page goes on; None where it ends, or where a page that was `followed` to does not continue it."""
    series, number = (followed.series, followed.number) if followed else (article_id(normalize_url(capture.url)), 0)
    wanted = {(series, following) for following in following_numbers(number)}
    if number >= MOST_PAGES or not _links_to(wanted, capture):
        return None
    from pipeline.extract import clean  # noqa: PLC0415 - takes a second to load, and most crawls need it for no page

    page = clean(capture, source)
    if page.body is None or page.next_page is None or numbered_page(page.next_page) not in wanted:
        return None
    following = Followed.at(page.next_page)
    before = followed or following
    text = joined(before.text, page.body.split("\n"), (before.headline, page.title))
    if len(text) == len(before.text) or (followed and not share_headline(before.headline, page.title)):
        return None
    return page.next_page, replace(following, headline=before.headline or page.title, text=tuple(text))


def _links_to(wanted: Collection[tuple[str, int]], capture: Capture) -> bool:
    """Whether a page has a link to one of these numbers of an article."""
    numbers = b"|".join(b"%d" % number for _, number in sorted(wanted))
    href = re.compile(
        rb"""href\s*=\s*["']?([^"'\s>]*[/=](?:%s)/?(?:[?&#][^"'\s>]*)?)["'\s>]""" % numbers, re.IGNORECASE
    )
    links = {link.decode("utf-8", "replace").replace("&amp;", "&") for link in href.findall(capture.body)}
    return any(numbered_page(url) in wanted for link in links if (url := absolute_url(capture.url, link)))
