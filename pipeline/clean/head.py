"""What stands around the text: headline, section, canonical URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.clean.page import name_of, types
from pipeline.clean.text import fold, letters, tidy
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from pipeline.clean.blocks import Block
    from pipeline.clean.page import Page
    from pipeline.sources import Source

_SEPARATORS = re.compile(r"\s+(?:[-–—|»«•·:/]|::)\s+|\s*\|\s*")


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline, and the block of the page that prints it, where one does."""

    text: str | None = None
    block: Block | None = None

    @property
    def key(self) -> str:
        """The headline's letters and digits alone."""
        return letters(self.text or "")


def find_headline(page: Page, names: frozenset[str]) -> Headline:
    """The headline as the reader sees it, without the site's name.

    The page's own printing comes first: an ``h1``, else the line that the title in the metadata begins with. The metadata's
    title is what search engines are given, often another text; it serves where the page prints none.
    """
    stated = _stated_titles(page, names)

    def likeness(block: Block) -> float:
        return max((_likeness(block.text, title) for title in stated), default=0.0)

    printed = [block for block in page.blocks if block.element.tag == "h1" and not _names_site(block.text, names)]
    best = max(printed, key=likeness, default=None)
    if best is not None and (likeness(best) >= 0.4 or not stated):
        return Headline(_whole(best, page), best)
    for title in stated:
        key = letters(title)
        same = [
            block
            for block in page.blocks
            if block.key and len(block.key) >= 0.6 * len(key) and key.startswith(block.key)
        ]
        if same:
            longest = max(len(block.key) for block in same)
            # A headline above the text may be printed again in a list beside it, as a link.
            block = min((block for block in same if len(block.key) == longest), key=lambda block: block.linked)
            return Headline(block.text, block)
    if best is not None and len({block.element for block in printed}) == 1 and len(best.text.split()) >= 3:
        return Headline(_whole(best, page), best)
    return Headline(stated[0]) if stated else Headline()


def _whole(headline: Block, page: Page) -> str:
    """The text of a headline that breaks over several lines."""
    return " ".join(block.text for block in page.blocks if block.element is headline.element)


def _stated_titles(page: Page, names: frozenset[str]) -> list[str]:
    """The titles that the page's metadata states, without the site's name, the most trustworthy first."""
    headlines = [thing.get("headline") or thing.get("name") for thing in page.articles]
    titles = [tidy(text) for text in headlines if isinstance(text, str)]
    titles += [title for name in ("og:title", "twitter:title", "title") for title in page.meta.get(name, ())]
    element = page.tree.find(".//title")
    if element is not None:
        titles.append(tidy(element.text_content()))
    found = [_without_site(title, names) for title in titles]
    return list(dict.fromkeys(title for title in found if title and not _names_site(title, names)))


def _without_site(title: str, names: frozenset[str]) -> str:
    """A title without the site's name, its section and slogan at its end (or the name at its beginning)."""
    parts = list(_SEPARATORS.finditer(title))
    for part in parts:
        if any(_names_site(piece, names) for piece in _SEPARATORS.split(title[part.end() :])):
            return title[: part.start()].strip()
    for part in reversed(parts):
        if _names_site(title[: part.start()], names):
            return title[part.end() :].strip()
    return title


def _names_site(text: str, names: frozenset[str]) -> bool:
    key = letters(fold(text))
    return not key or key in names


def site_names(source: Source, page: Page) -> frozenset[str]:
    """The names by which the outlet calls itself, letters alone."""
    host = (source.home.host or "").removeprefix("www.")
    publishers = [name_of(thing.get("publisher")) for thing in page.linked_data]
    organizations = [
        thing.get("name")
        for thing in page.linked_data
        if types(thing) & {"WebSite", "Organization", "NewsMediaOrganization"}
    ]
    names = [source.name, host, host.partition(".")[0], *page.meta.get("og:site_name", ()), *publishers, *organizations]
    return frozenset(letters(fold(name)) for name in names if isinstance(name, str)) - {""}


def _likeness(one: str, other: str) -> float:
    """Share (0 to 1) of words that two titles have in common."""
    first, second = set(fold(one).split()), set(fold(other).split())
    return len(first & second) / max(1, min(len(first), len(second)))


def find_section(page: Page) -> str | None:
    """The section that the page files the article under."""
    stated = page.stated("article:section", "section")
    if stated:
        return stated
    for thing in page.articles:
        section = thing.get("articleSection")
        if isinstance(section, list):
            section = section[0] if section else None
        if isinstance(section, str) and tidy(section):
            return tidy(section)
    return None


def find_url(page: Page | None, url: str, source: Source) -> str:
    """The canonical URL of a page: the one it states where that is on the source's hosts and not its home page."""
    if page is not None:
        links = [
            link.get("href") or ""
            for link in page.tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ]
        for stated in [*links, page.stated("og:url") or ""]:
            absolute = _join(url, stated)
            if absolute and on_site(absolute, source) and not is_home(absolute, source):
                return normalize_url(absolute)
    return normalize_url(url)


def _join(base: str, link: str) -> str | None:
    try:
        absolute = urljoin(base, link.strip()) if link.strip() else ""
        return absolute if urlsplit(absolute).scheme in {"http", "https"} else None
    except ValueError:
        return None


def on_site(url: str, source: Source) -> bool:
    """Whether a URL is on one of the source's hosts or below one."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return False
    return any(host == own or host.endswith("." + own) for own in (name.removeprefix("www.") for name in source.hosts))


def is_home(url: str, source: Source) -> bool:
    """Whether a URL is a site's home page: no path and no query, or the source's own home."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    bare = parts.path.rstrip("/").lower()
    if bare in {"", "/index.html", "/index.htm", "/index.php", "/home"} and not parts.query:
        return True
    return bare == urlsplit(str(source.home)).path.rstrip("/").lower() and not parts.query
