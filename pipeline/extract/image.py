"""The main picture of an article."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.extract.metadata import stated_images, stated_logos
from pipeline.page import around, is_box, is_home_link
from pipeline.rules import markup
from pipeline.urls import absolute_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.article_page import ArticlePage
    from pipeline.page import Page


# Words in a picture's file name by which it is the site's and not the article's. Only the name counts: Drupal keeps all of a
# site's pictures below /default/files/.
_OF_SITE = frozenset(
    {
        "logo", "logos", "placeholder", "default", "noimage", "noimg", "nophoto", "nopic", "blank", "avatar", "gravatar", "favicon",
        "icon", "icons", "sprite", "spacer", "pixel", "loading", "loader", "lazy", "transparent", "dummy", "grey", "gray",
    }
)  # fmt: skip
_NO_IMAGE = re.compile(r"no[-_ ]?(?:image|img|photo|pic)|1x1|apple-touch", re.IGNORECASE)
_WORDS = re.compile(r"[a-z]+")
_NOT_PICTURES = (".svg", ".ico", ".mp4", ".webm", ".m3u8", ".mp3")
_NOT_OF_ARTICLE = frozenset().union(
    markup().comments,
    markup().related,
    markup().sides,
    markup().footers,
    markup().sharing,
    markup().social,
    markup().advertising,
    markup().banners,
    markup().logos,
    markup().writers,
    markup().more_writers,
    markup().portraits,
    markup().more_portraits,
)
_MOST = 100
"""Addresses of pictures which are looked at."""
_SMALLEST = 100
"""Pixels: a picture that says that it is less wide or less high is a button or a badge."""


def find_image(article: ArticlePage) -> str | None:
    """The address of the article's main picture: what the metadata states, else the first picture between headline and text."""
    page, url = article.page, article.url
    logos = set(stated_logos(page, url))
    for stated in islice(chain(stated_images(page), _printed(article)), _MOST):
        address = absolute_url(_base(page, url), stated.replace(" ", "%20")) if len(stated) <= 2000 else None
        if address and address not in logos and not _is_of_site(address):
            return address
    return None


def _base(page: Page, url: str) -> str:
    """The address against which the page's links are resolved."""
    return url if page.base is None else absolute_url(url, page.base) or url


def _is_of_site(address: str) -> bool:
    path = urlsplit(address).path
    name = path.rpartition("/")[2].lower()
    stem = name.rpartition(".")[0] or name
    return (
        path in {"", "/"}
        or name.endswith(_NOT_PICTURES)
        or bool(_NO_IMAGE.search(stem))
        or not _OF_SITE.isdisjoint(_WORDS.findall(stem))
    )


def _printed(article: ArticlePage) -> Iterator[str]:
    """The pictures from the headline to the end of the text, in their order, without portraits, badges and other articles'."""
    container, block = article.body.container, article.headline.block
    if container is None:
        return
    heading = container if block is None else block.element
    shared = set(around(container))
    scope = next(holder for holder in around(heading) if holder in shared)
    whole = next((holder for holder in around(scope) if holder.tag == "article"), None)
    started, passed = whole is not None, False  # in the article's own element a picture may stand above the headline
    scope = scope if whole is None else whole
    for element in scope.iter(*dict.fromkeys(["img", "amp-img", heading.tag, container.tag])):
        started = started or element is heading
        passed = passed or element is container
        if element.tag in {"img", "amp-img"} and (started or passed):
            holders = list(around(element))
            if passed and container not in holders:
                return
            if _is_of_article(element, holders, article.own):
                yield from _of_picture(element)


def _is_of_article(picture: HtmlElement, holders: Sequence[HtmlElement], own: frozenset[HtmlElement]) -> bool:
    """Whether a picture belongs to the article by its size and by the elements around it, up to the article's `own`."""
    for name in ("width", "height"):
        size = re.match(r"\s*(\d{1,5})", picture.get(name) or "")
        if size and int(size[1]) < _SMALLEST:
            return False
    for holder in holders:
        if holder in own:
            return True
        if holder.tag in {"nav", "aside"} or is_box(holder, _NOT_OF_ARTICLE):
            return False
        if holder.tag == "a" and is_home_link(holder.get("href")):
            return False
    return True


def _of_picture(picture: HtmlElement) -> Iterator[str]:
    """The addresses of a picture; where it is loaded late, its ``src`` is a blank, and the true one stands beside it."""
    for name in ("data-src", "data-lazy-src", "data-original", "data-lazy", "src"):
        if picture.get(name):
            yield picture.get(name) or ""
    for name in ("data-srcset", "srcset"):
        largest = (picture.get(name) or "").rpartition(",")[2].split()
        if largest:
            yield largest[0]
