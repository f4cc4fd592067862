"""Under which address a page is known: the one it states, as far as that is borne out, or else the one that was fetched.

Templates state one address for many pages (the script without its query, a section, the last article), which would make one article
of them all. So a stated address is believed only where it keeps what tells the fetched one apart: its number, or the words of its
end; or where its own end is the headline. This asks for nothing but the page, so it does not depend on which others came before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.extract.site import is_home, on_site
from pipeline.text import fold
from pipeline.urls import absolute_url, article_id, normalize_url, numbered_page

if TYPE_CHECKING:
    from pipeline.page import Page
    from pipeline.sources import Source

_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(r"/(?:19|20)\d\d(?:/\d{1,2}){0,2}(?=/|$)|(?:19|20)\d\d-\d\d-\d\d")
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cfm|do)$", re.IGNORECASE)
_NOISE = frozenset({"_", "v", "ver", "t", "ts", "rnd", "rand", "cache", "nocache", "lang", "language", "locale"})
"""Names in a query that tell no articles apart."""
_FEWEST, _SHARE = 3, 0.7
"""Words of an address that is the headline, and the share of them that the headline has."""


def find_url(page: Page | None, url: str, source: Source, headline: str | None = None) -> str:
    """The address, in normal form, of a page fetched from `url`. One that it states is on the source's hosts and not its home."""
    for stated in [*page.links.get("canonical", ()), page.stated("og:url") or ""] if page is not None else ():
        absolute = absolute_url(url, stated)
        if absolute and on_site(absolute, source) and not is_home(absolute, source):
            normal = normalize_url(absolute)
            if _is_of(normal, normalize_url(url)) or _is_headline(normal, headline):
                return normal
    return normalize_url(url)


def _is_of(stated: str, fetched: str) -> bool:
    """Whether a stated address keeps what tells the fetched one from other pages' addresses; a later page may state the first's."""
    if article_id(stated) in {article_id(fetched), numbered_page(fetched)[0]}:
        return True
    words = set(_words(stated))
    numbers = [word for word in _words(_DATE.sub("/", fetched)) if word.isdigit()]
    if numbers:
        return max(numbers, key=len) in words
    end = _end(fetched)
    return not end or sum(word in words for word in end) >= _SHARE * len(end)


def _is_headline(address: str, headline: str | None) -> bool:
    """Whether an address ends in the words of the headline."""
    words = set(fold(headline or "").split())
    end = [word for word in _end(address) if not word.isdigit()]
    return len(end) >= _FEWEST and sum(fold(word) in words for word in end) >= _SHARE * len(end)


def _words(address: str) -> list[str]:
    """The words and numbers of an address's path and query, in their order."""
    parts = urlsplit(address)
    values = [value for name, value in parse_qsl(parts.query) if name.lower() not in _NOISE]
    return _WORD.findall(" ".join([unquote(parts.path), *values]).lower())


def _end(address: str) -> list[str]:
    """The words of an address's last part that is no date."""
    path = _DATE.sub("/", unquote(urlsplit(address).path)).rstrip("/")
    return _WORD.findall(_EXTENSION.sub("", path.rpartition("/")[2]).lower())
