"""The outlet's own names, and which addresses are its own."""

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.page import around, class_words, is_home_link, name_of, types
from pipeline.rules import agencies, outlets
from pipeline.text import fold, letters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from pipeline.page import Page
    from pipeline.sources import Source


SEPARATORS = re.compile(r"\s+(?:[-–—»«•·:/~]|::)\s+|\s*\|+\s*")
"""What stands between a headline and the names of sections and the site."""
LONGEST_TITLE = 300
"""Characters of the longest line taken for a headline."""
MOST_TITLES, MOST_HEADINGS = 10, 100
"""Titles that the metadata state, and headings of a kind that the page prints, which are looked at."""


def without_site(title: str, names: frozenset[str], *, separators: re.Pattern[str] = SEPARATORS) -> str:
    """A title without the site's name, and the sections and slogan beside it, at its end or its beginning."""
    parts = list(separators.finditer(title))
    pieces = separators.split(title)
    last = next((index for index in range(1, len(pieces)) if names_site(pieces[index], names)), None)
    if last is not None:
        while last > 1 and len(pieces[last - 1].split()) <= 3 < len(pieces[0].split()):
            last -= 1  # a section
        return title[: parts[last - 1].start()].strip()
    if parts and (names_site(pieces[0], names) or _is_tag_of_site(pieces[0], names)):
        steps = all(part.group().strip() in {"»", "›", ">"} for part in parts)
        return title[parts[-1 if steps else 0].end() :].strip()
    return title


def names_site(text: str, names: frozenset[str]) -> bool:
    """Whether a text is one of the outlet's own names, or nothing."""
    key = letters(fold(text))
    return not key or key in names


def _is_tag_of_site(text: str, names: frozenset[str]) -> bool:
    """Whether a text is a hashtag with which one of the outlet's own names begins: "#النهر" of "النهر الإخبارية"."""
    key = letters(fold(text))
    return text.startswith("#") and " " not in text and any(name.startswith(key) for name in names)


def site_names(source: Source, page: Page) -> frozenset[str]:
    """The names by which the outlet calls itself, letters alone."""
    host = (source.home.host or "").removeprefix("www.")
    publishers = [name_of(thing.get("publisher")) for thing in page.linked_data]
    organizations = [
        thing.get("name")
        for thing in page.linked_data
        if types(thing) & {"WebSite", "Organization", "NewsMediaOrganization"}
    ]
    stated = [name for place in _SITE_META for name in page.meta.get(place, ())]
    parts = [part for name in stated for part in SEPARATORS.split(name)]  # "النهر | Alnahr"
    shown = [alt for logo in logos(page) if (alt := logo.get("alt"))]  # where a logo cannot be shown
    printed = [*_title_ends(page), *shown, *_rights_holders(page)]
    names = [source.name, host, host.partition(".")[0], *stated, *parts, *publishers, *organizations, *printed]
    folded = [fold(name) for name in names if isinstance(name, str) and len(name) <= LONGEST_TITLE]
    kinds = outlets().kinds | agencies().heads  # "صحيفة النهر" calls itself "النهر" as well
    bare = [name.partition(" ")[2] for name in folded if name.partition(" ")[0] in kinds]
    return frozenset(letters(name) for name in (*folded, *bare)) - {""}


_SITE_META = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "publisher",
    "dc.publisher",
    "copyright",
)
_RIGHTS = re.compile("|".join(outlets().rights))
_LAST_LINES = 40
"""Lines at the end of a page among which its rights are claimed."""


def _title_ends(page: Page) -> Iterator[str]:
    """The parts of the page's title that are no part of the headline that the metadata state."""
    headlines = [thing.get("headline") for thing in page.articles] + list(page.meta.get("og:title", ()))
    headlines += [heading.text_content() for heading in islice(page.tree.iter("h1"), 5)]
    key = letters(" ".join(headline for headline in headlines if isinstance(headline, str)))
    if key:
        yield from (
            part for title in page.titles[:1] for part in SEPARATORS.split(title)[1:] if letters(part) not in key
        )


def logos(page: Page) -> Iterator[HtmlElement]:
    """The pictures that are the site's logo: marked as such, or links to its home page."""
    for image in islice(page.tree.iter("img"), MOST_HEADINGS):
        if any(
            "logo" in class_words(holder) or (holder.tag == "a" and is_home_link(holder.get("href")))
            for holder, _ in zip(around(image), range(3), strict=False)
        ):
            yield image


def _rights_holders(page: Page) -> Iterator[str]:
    """Whose the rights are, as the page's last lines say: "جميع الحقوق محفوظة لصحيفة النهر © 2024"."""
    known = outlets()
    for block in page.blocks[-_LAST_LINES:]:
        line = fold(block.text) if len(block.text) <= LONGEST_TITLE else ""
        if _RIGHTS.search(line):
            named = takewhile(lambda word: word not in known.makers, line.split())
            kept = [word for word in named if word not in known.around_holder and not word[0].isdigit() and word != ":"]
            yield " ".join(kept)
            if kept and kept[0].startswith("ل"):
                yield " ".join([kept[0][1:], *kept[1:]])
                yield " ".join(["ال" + kept[0].removeprefix("لل"), *kept[1:]])


# ---- the address


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
