"""The shapes of a site's addresses: what its articles' have in common, and the pages that its menu leads to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urldefrag, urlsplit

from crawlers.discovery.base import absolute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lxml.html import HtmlElement


LONGEST_LABEL = 25
SHORTEST_TITLE = 18
"""Characters: a menu's entry has no more, an article's title no fewer."""

_FILE = re.compile(r"\.(?:jpe?g|png|gif|svg|webp|mp[34]|pdf|css|js|xml|zip|apk|ico)$", re.IGNORECASE)
_EXTENSION = re.compile(r"(?P<name>.+?)(?P<extension>\.(?:html?|php|aspx?|jsp))")
_FEWEST_PREFIXES = 4
"""So many first parts of a path that differ stand for any."""

_DATED = re.compile(
    r"(?P<before>.*?)/(?P<year>(?:19|20)\d\d)(?P<first>[/-])(?P<month>0[1-9]|1[0-2])"
    r"(?:(?P<second>[/-])(?P<day>0[1-9]|[12]\d|3[01]))?(?P<after>/?)"
)
_LISTS = (
    "tag", "tags", "category", "categories", "author", "authors", "search", "page", "topics", "label", "section", "sections",
    "archive", "video", "videos", "photo", "photos", "gallery", "galleries", "album", "albums", "podcast", "sport", "sports",
)  # fmt: skip
"""First parts of paths below which sites keep lists of articles, pictures and games, and no text of their wars."""


class Link(NamedTuple):
    """A link of a page to its own site: its address without fragment, and its text."""

    url: str
    text: str


def links_of(tree: HtmlElement, base: str, hosts: Collection[str]) -> list[Link]:
    """A page's links to pages of its own site, each address once with its longest text, in the order of the page."""
    found: dict[str, str] = {}
    for anchor in tree.iter("a"):
        href = (anchor.get("href") or "").strip()
        if not href or href.startswith("#"):
            continue
        try:
            url = urldefrag(absolute(base, href)).url
            parts = urlsplit(url)
        except ValueError:
            continue
        if parts.scheme in {"http", "https"} and parts.hostname in hosts and not _FILE.search(parts.path):
            text = " ".join(str(anchor.text_content()).split())
            found[url] = max(found.get(url, ""), text, key=len)
    return [Link(url, text) for url, text in found.items()]


def host_of(url: str) -> str | None:
    """The host of an address; None where it is none, as some of a feed's are."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts.hostname if parts.scheme in {"http", "https"} else None


def place_of(url: str) -> str:
    """What the pattern of a listing's `links` is searched in: path and query, percent-decoded."""
    parts = urlsplit(url)
    return unquote(parts.path) + (f"?{unquote(parts.query)}" if parts.query else "")


def pattern_of(urls: Iterable[str]) -> str | None:
    """A regular expression for the addresses of articles like these; None without any."""
    shapes = {_shape(place_of(url)) for url in urls}
    by_rest: dict[tuple[str, ...], list[str]] = {}
    for shape in sorted(shapes):
        by_rest.setdefault(shape[1:], []).append(shape[0])
    branches = []
    for rest, firsts in by_rest.items():
        literal = sorted(set(firsts))
        if len(literal) == 1:
            first = literal[0]
        elif len(literal) >= _FEWEST_PREFIXES:
            first = "[^/]+"
        else:
            first = f"(?:{'|'.join(literal)})"
        branches.append("/".join((first, *rest)))
    if not branches:
        return None
    body = branches[0] if len(branches) == 1 else f"(?:{'|'.join(sorted(branches))})"
    return f"^/{body}$"


def _shape(place: str) -> tuple[str, ...]:
    """The parts of a path, each as a regular expression; the last one has the query."""
    path, question, query = place.partition("?")
    parts = path.strip("/").split("/")
    *above, last = parts
    tail = "/?" if path.endswith("/") else ""
    shaped = [_number(part) or re.escape(part) for part in above]
    if question:
        fields = [field.partition("=") for field in query.split("&")]
        asked = "&".join(re.escape(name) + sign + (r"[^&]+" if sign else "") for name, sign, _ in fields)
        return (*shaped, f"{re.escape(last)}{tail}\\?{asked}")
    return (*shaped, _last(last, alone=not above) + tail)


def _number(part: str) -> str | None:
    if not part.isascii() or not part.isdigit():
        return None
    return r"\d{4}" if re.fullmatch(r"(?:19|20)\d\d", part) else r"\d+"


def _last(part: str, *, alone: bool) -> str:
    """The last part of a path; where it is the only one, an article's must differ from a section's."""
    extension = ""
    if match := _EXTENSION.fullmatch(part):
        part, extension = match["name"], re.escape(match["extension"])
    if part.isascii() and part.isdigit():
        return rf"\d+{extension}"
    if alone and not extension:
        return r"[^/]+-[^/]+-[^/]+" if part.count("-") >= 2 else r"[^/]*\d[^/]*" if re.search(r"\d", part) else "[^/]+"
    return rf"[^/]+{extension}"


def template_of(url: str) -> tuple[str, str] | None:
    """Of a day's or month's page, its address with ``{year}``, ``{month}`` and ``{day}``, and the ISO day (or month)."""
    parts = urlsplit(url)
    match = _DATED.fullmatch(parts.path)
    if match is None or parts.query:
        return None
    path = f"{match['before']}/{{year}}{match['first']}{{month}}"
    stated = f"{match['year']}-{match['month']}"
    if match["day"]:
        path += f"{match['second']}{{day}}"
        stated += f"-{match['day']}"
    return f"{parts.scheme}://{parts.netloc}{path}{match['after']}", stated


def lists_below(urls: Iterable[str], articles: Iterable[str]) -> list[str]:
    """The first parts of these addresses' paths below which are lists and pictures, and none of the articles, sorted."""
    firsts = {_first(url) for url in urls} & set(_LISTS)
    return sorted(firsts - {_first(url) for url in articles})


def menu_of(links: Iterable[Link], home: str) -> Iterator[Link]:
    """The links of a menu: short, and to no page that names a day."""
    for link in links:
        if (
            0 < len(link.text) <= LONGEST_LABEL
            and link.url.rstrip("/") != home.rstrip("/")
            and not template_of(link.url)
        ):
            yield link


def _first(url: str) -> str:
    return unquote(urlsplit(url).path).strip("/").partition("/")[0].lower()
