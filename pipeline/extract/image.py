"""The main picture of an article."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.extract.metadata import stated_images, stated_logos
from pipeline.extract.site import logos
from pipeline.page import Cards, around, is_box, is_home_link
from pipeline.rules import markup
from pipeline.urls import absolute_url, normalize_url

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
_NOT_PICTURES = (".svg", ".ico", ".mp4", ".webm", ".m3u8", ".mp3", ".html", ".htm")
_ICONS = ("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "fluid-icon")
_SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)")
"""What WordPress adds to the name of a picture in another size."""
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
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif")
_HEADLINE = 5
"""Words of a link that can be another article's headline."""
_MOST = 100
"""Addresses of pictures which are looked at."""
_SMALLEST = 100
"""Pixels: a picture that says that it is less wide or less high is a button or a badge."""


def find_image(article: ArticlePage) -> str | None:
    """The address of the article's main picture: what the metadata states, else the first picture between headline and text."""
    page, url = article.page, article.url
    base = _base(page, url)
    of_site = set(map(_name, _of_site(page, url, base)))
    for stated in islice(chain(stated_images(page), _printed(article)), _MOST):
        address = absolute_url(base, stated.replace(" ", "%20")) if len(stated) <= 2000 else None
        if address and _name(address) not in of_site and not _is_of_site(address):
            return address
    return None


def _of_site(page: Page, url: str, base: str) -> Iterator[str]:
    """The addresses of the site's logos and icons, and those of the page itself."""
    yield url
    yield from stated_logos(page, url)
    named = [address for rel in ("canonical", *_ICONS) for address in page.links.get(rel, ())]
    named += page.meta.get("og:url", ())
    named += [address for logo in logos(page) for address in _of_picture(logo)]
    yield from (address for one in named if (address := absolute_url(base, one)))


def _name(address: str) -> str:
    """An address as it is compared: whatever the scheme and the picture's size."""
    return _SIZE.sub("", normalize_url(address).partition("://")[2].rstrip("/"))


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
    cards = _Cards(article)
    for element in scope.iter(*dict.fromkeys(["img", "amp-img", heading.tag, container.tag])):
        started = started or element is heading
        passed = passed or element is container
        if element.tag in {"img", "amp-img"} and (started or passed):
            holders = list(around(element))
            if passed and container not in holders:
                return
            if _is_of_article(element, holders, article.own) and not cards.hold(holders):
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


class _Cards:
    """Tells which pictures are those of other articles, by the linked headlines beside them."""

    def __init__(self, article: ArticlePage) -> None:
        self._article = article
        self._headed = Cards(_HEADLINE, headings=True)
        self._linked = Cards(_HEADLINE, headings=False)

    def hold(self, holders: Sequence[HtmlElement]) -> bool:
        """Whether a picture in these elements stands in a card."""
        leads_away = any(map(self._leads_away, holders))
        for holder in holders:
            if holder in self._article.own:
                return False
            if holder in self._headed or (leads_away and holder in self._linked):
                return True
        return False

    def _leads_away(self, element: HtmlElement) -> bool:
        """Whether an element is a link to another page, and to no larger picture."""
        if element.tag != "a":
            return False
        address = absolute_url(_base(self._article.page, self._article.url), element.get("href") or "")
        return (
            address is not None
            and normalize_url(address) != normalize_url(self._article.url)
            and not urlsplit(address).path.lower().endswith(_PICTURES)
        )


def _of_picture(picture: HtmlElement) -> Iterator[str]:
    """The addresses of a picture; where it is loaded late, its ``src`` is a blank, and the true one stands beside it."""
    for name in ("data-src", "data-lazy-src", "data-original", "data-lazy", "src"):
        if picture.get(name):
            yield picture.get(name) or ""
    for name in ("data-srcset", "srcset"):
        largest = (picture.get(name) or "").rpartition(",")[2].split()
        if largest:
            yield largest[0]
