"""What a page that lists articles shows: their links, the dates printed beside them, and the way to the next page."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urlsplit

from dateutil.relativedelta import relativedelta

from crawlers.discovery.base import DiscoveryError, Found, absolute, content_type
from pipeline.dates import ParsedDate, fold, read_date
from pipeline.page import PageTooLargeError, decode, read_page
from pipeline.publication import MODIFIED, day_in_path, is_number_run, may_state_date, read_line
from pipeline.stated_dates import stated_days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from lxml.html import HtmlElement
    from scrapy.http import Response

    from pipeline.sources import Source

_DAY = timedelta(days=1)
_ITEM_LEVELS = 5
"""How far above its link an article's own part of the list may begin."""

_LONGEST_TITLE = 300
_WHOLE_PAGE = frozenset({"body", "html", "main"})
_DATED_CLASS = re.compile(r"date|time|posted|publish|تاريخ")
_NEXT_WORDS = tuple(
    fold(words)
    for words in ("التالي", "الصفحة التالية", "التالية", "التالي »", "الأقدم", "أخبار أقدم", "مقالات أقدم", "المزيد",
                  "تحميل المزيد", "عرض المزيد", "next", "next page", "older posts", "older")
)  # fmt: skip
_ARROWS = ("»", "›", "→", ">", "«", "‹", "←", "<")
"""The way on points either way, since lists run from right to left: the next page's number in the URL goes first."""

_AROUND = " \t\n|<>-→←«»‹›"
_UNITS = {"week": 7 * _DAY, "month": 31 * _DAY, "year": 366 * _DAY}
_COUNTED = "relative:"


class ListPage:
    """One answer, read as a page that lists articles.

    `links` is the source's regular expression for an article's path, or path and query; a link counts only on the source's hosts.

    Raises:
        DiscoveryError: the answer is no HTML, or too large.
    """

    def __init__(self, response: Response, links: re.Pattern[str], source: Source) -> None:
        text = decode(response.body, content_type(response))
        try:
            page = read_page(text) if text else None
        except PageTooLargeError:
            raise DiscoveryError(f"too large or too deep a page ({len(response.body)} bytes)") from None
        if page is None:
            raise DiscoveryError(f"no HTML ({len(response.body)} bytes)")
        self._tree = page.tree
        self._pattern = links
        self._source = source
        self._captured_at: datetime = response.meta["fetched_at"]
        self._base = absolute(response.url, page.base or "")
        self._url = response.url
        self._articles = self._find_articles()
        self._rows: dict[HtmlElement, dict[HtmlElement, list[HtmlElement]]] = {}
        self._anchors = {anchor for anchors in self._articles.values() for anchor in anchors}

    def items(self, by: str) -> list[Found]:
        """The articles, each once, in the order of the page, with the date printed beside each; `by` is the discovery's type.

        A machine's date becomes ``published``, what is printed for people ``printed``.
        """
        owners = self._owners()
        found = []
        for url, anchors in self._articles.items():
            how = {"by": by, "from": self._url}
            title = max((_text(anchor) for anchor in anchors), key=len)
            if title:
                how["title"] = title[:_LONGEST_TITLE]
            days = None
            items = dict.fromkeys(self._item(anchor, owners) for anchor in anchors)
            for part in [*([item] for item in items), *(self._beside(item, owners) for item in items)]:
                if published := self._stamp(part):
                    how["published"] = published
                    break
                if printed := self._printed(part, title):
                    how["printed"], days = printed
                    break
            found.append(Found(url, how, days or days_of_path(url)))
        return found

    def next_page(self, number: int, read: Collection[str] = (), below: str = "") -> str | None:
        """The URL of the page after this one, which is the `number`-th: by its relation, its words, its number, its arrow.

        It is none that was `read`, and begins with `below`.
        """
        named: dict[str, set[str]] = {}
        for element in self._tree.iter("link", "a"):
            url = self._address(element)
            if url is None or url == self._url or url in read or url in self._articles or not url.startswith(below):
                continue
            if "next" in (element.get("rel") or "").lower().split():
                return url
            if element.tag == "a":
                label = (_text(element) or element.get("title") or element.get("aria-label") or "").strip()
                named.setdefault(label if label in _ARROWS else fold(label).strip(_AROUND), set()).add(url)
        # "More" below each of several boxes leads to none of this list.
        alone = {label: next(iter(urls)) for label, urls in named.items() if len(urls) == 1}
        for label in (*_NEXT_WORDS, str(number + 1)):
            if label in alone:
                return alone[label]
        arrows = [alone[label] for label in _ARROWS if label in alone]
        numbered = re.compile(rf"(?<!\d){number + 1}(?!\d)")
        return next(
            (url for url in arrows if numbered.search(urlsplit(url)._replace(netloc="").geturl())),
            next(iter(arrows), None),
        )

    def _find_articles(self) -> dict[str, list[HtmlElement]]:
        """The links to each article, by its URL."""
        articles: dict[str, list[HtmlElement]] = {}
        for anchor in self._tree.iter("a"):
            url = self._address(anchor)
            if url is None:
                continue
            parts = urlsplit(url)
            path = unquote(parts.path)
            if self._pattern.search(path) or self._pattern.search(f"{path}?{unquote(parts.query)}"):
                articles.setdefault(url, []).append(anchor)
        return articles

    def _address(self, element: HtmlElement) -> str | None:
        """Where an element leads on the source's hosts; None for any other place."""
        href = (element.get("href") or "").strip()
        if not href or href.startswith("#"):
            return None
        try:
            url = urldefrag(absolute(self._base, href)).url
            parts = urlsplit(url)
        except ValueError:
            return None
        return url if parts.scheme in {"http", "https"} and parts.hostname in self._source.hosts else None

    def _owners(self) -> dict[HtmlElement, set[str]]:
        """Of each element above an article's link, within `_ITEM_LEVELS`, whose links it holds."""
        owners: dict[HtmlElement, set[str]] = {}
        for url, anchors in self._articles.items():
            for anchor in anchors:
                for element in anchor.iterancestors():
                    holds = owners.setdefault(element, set())
                    if url in holds:
                        break
                    holds.add(url)
        return owners

    def _item(self, anchor: HtmlElement, owners: dict[HtmlElement, set[str]]) -> HtmlElement:
        """The part of the page that is about the article alone."""
        item = anchor
        for above, _ in zip(anchor.iterancestors(), range(_ITEM_LEVELS), strict=False):
            if len(owners[above]) > 1 or above.tag in _WHOLE_PAGE:
                break
            item = above
        return item

    def _beside(self, item: HtmlElement, owners: dict[HtmlElement, set[str]]) -> list[HtmlElement]:
        """Where a list has its links and dates in one row, without a box for each: what stands between an item and the next.

        Or between the item before and this one, in lists that begin with a date and end with a link.
        """
        parent = item.getparent()
        if parent is None:
            return []
        if parent not in self._rows:
            row = list(parent)
            places = [place for place, element in enumerate(row) if element in owners or element in self._anchors]
            runs = [row[start + 1 : end] for start, end in zip([-1, *places], [*places, len(row)], strict=True)]
            dates_first = self._dates(runs[0]) and not self._dates(runs[-1])
            runs = runs[:-1] if dates_first else runs[1:]
            self._rows[parent] = {row[place]: run for place, run in zip(places, runs, strict=True)}
        return self._rows[parent][item]

    def _dates(self, part: Sequence[HtmlElement]) -> bool:
        return (self._stamp(part) or self._printed(part, "")) is not None

    def _stamp(self, part: Sequence[HtmlElement]) -> str | None:
        """The earliest machine's date of a part's ``<time>``: a second one tells of a change."""
        stamps = [(element.get("datetime") or "").strip() for top in part for element in top.iter("time")]
        dated = [(days, stamp) for stamp in stamps if (days := stated_days(stamp, self._source.zone))]
        return min(dated)[1] if dated else None

    def _printed(self, part: Sequence[HtmlElement], title: str) -> tuple[str, tuple[date, date]] | None:
        """What a part of the page prints as its date, with the days that this may mean."""
        for text, marked in _lines(part, title):
            if not may_state_date(text):
                continue
            for statement in read_line(text, marked=marked):
                if statement.role == MODIFIED:
                    continue
                parsed = read_date(
                    statement.text,
                    reference=self._captured_at,
                    zone=self._source.timezone,
                    order=self._source.date_order,
                )
                if isinstance(parsed, ParsedDate):
                    return parsed.matched, self._days(parsed)
        return None

    def _days(self, parsed: ParsedDate) -> tuple[date, date]:
        """The days at the source that a printed date may mean.

        One that is counted ("two hours ago") is out by one of its units either way, and by a day where the page came out of a
        cache; one without its year may be of any earlier year.
        """
        value = parsed.value
        day = value.astimezone(self._source.zone).date() if isinstance(value, datetime) else value
        if parsed.method.startswith(_COUNTED):
            unit = _UNITS.get(parsed.method.removeprefix(_COUNTED), _DAY)
            return day - unit, day + unit
        if parsed.method == "no-year":
            return date.min, day
        if parsed.precision == "month":
            return day + relativedelta(day=1), day + relativedelta(day=31)
        if parsed.precision == "year":
            return date(day.year, 1, 1), date(day.year, 12, 31)
        return day, day


def _lines(part: Sequence[HtmlElement], title: str) -> Iterator[tuple[str, bool]]:
    """The lines of a part of the page that may be its date, the likelier ones first, and whether the markup says that they are.

    Not the headline: it may speak of another day.
    """
    texts, whole = [], []
    for element in (element for top in part for element in top.iter()):
        if not isinstance(element.tag, str) or element.tag in {"script", "style"}:
            continue
        marked = element.tag == "time" or bool(_DATED_CLASS.search((element.get("class") or "").lower()))
        texts.append((element.text or "", marked))
        whole.append((_text(element), marked))
        texts += [(child.tail or "", marked) for child in element]
    lines = [(" ".join(text.split()), marked) for text, marked in texts] + sorted(whole, key=lambda one: len(one[0]))
    yield from sorted(((text, marked) for text, marked in lines if text and text != title), key=lambda one: not one[1])


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def days_of_path(url: str) -> tuple[date, date] | None:
    """The day that a URL's path states, and one either way: of which zone nobody says."""
    path = urlsplit(url).path
    day = day_in_path(path)
    return (day - _DAY, day + _DAY) if day is not None and not is_number_run(path) else None
