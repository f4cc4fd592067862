"""Article URLs from WordPress's REST interface, which answers for any window.

Reference: https://developer.wordpress.org/rest-api/reference/posts/
"""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request
from w3lib.url import add_or_replace_parameters

from crawlers.discovery.base import Discovery, DiscoveryError, Found, absolute, literals
from crawlers.discovery.paging import Paging

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import Source, WordpressDiscovery

MAX_ANSWER = 32 * 2**20
"""Bytes of an answer: a hundred posts with their texts have a megabyte or two, and are to have room for heavy markup."""

_DAY = timedelta(days=1)
_MOST = 100
"""Posts asked for at once: the most that WordPress gives."""

_FEW = 10
"""Posts asked for at once where the site refuses more: WordPress's own default."""

_FIELDS = "link,date,date_gmt,modified_gmt,title"
_TEXTS = ",excerpt,content"
_NO_DATE = "0000-00-00"


class Wordpress(Discovery):
    """The posts of the window, newest first, with their texts.

    A day more is asked for on either side, since WordPress takes `after` and `before` in the site's own time. Pages are asked
    for until one has nothing new, is older than the window or is not there: some sites ignore the window, give fewer posts
    than they are asked for, or do not say how many pages there are.
    """

    type: ClassVar[str] = "wordpress"
    looks_back = True

    def __init__(self, config: WordpressDiscovery, source: Source, window: Window) -> None:
        super().__init__(str(config.url), source, window)
        self._categories = config.categories
        self._fields = _FIELDS + _TEXTS
        self._paging = Paging(window, source.zone)

    def start(self) -> Iterable[Request]:
        """The first page."""
        yield self._request(1, _MOST)

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The posts' links with their dates, titles and texts, and the page after it.

        Raises:
            DiscoveryError: it is no list of posts: as a rule the interface is closed.
        """
        posts = _read(response.body)
        if not isinstance(posts, list):
            raise DiscoveryError(f"no list of posts but {_describe(posts, response)}: is the interface closed?")
        items = [item for post in posts if isinstance(post, dict) and (item := self._item(post, response.url))]
        yield from items
        if not posts:
            return
        if not items:
            raise DiscoveryError("posts without links: is this WordPress's collection of posts?")
        self.tell_unaddressed(response.url, len(posts) - len(items), len(posts))
        page, size = response.meta["page"], response.meta["size"]
        pages = _number(response, "X-WP-TotalPages")
        following = self._request(page + 1, size) if pages is None or page < pages else None
        if following and self._paging.after(response.url, items, following.url):
            yield following
        elif self._paging.ended:
            self.notes.append(self._paging.ended)
            self.looks_back = not self._paging.shows_latest_alone

    def refused(self, response: Response) -> Iterable[Found | Request]:
        """The page behind the last one is the end; fewer posts may be had where so many are refused.

        Where the site breaks down over the texts, which it has to put together, it is asked for the posts without them.

        Raises:
            DiscoveryError: the interface is closed.
        """
        answer = _read(response.body)
        code = str(answer.get("code", "")) if isinstance(answer, dict) else ""
        page, size = response.meta["page"], response.meta["size"]
        if page > 1 and (code == "rest_post_invalid_page_number" or response.status in {400, 404}):
            return ()
        if response.status == 400 and size > _FEW and "per_page" in str(answer):
            return (self._request(page, _FEW),)
        if response.status == 500 and self._fields != _FIELDS:
            self._fields = _FIELDS
            self.notes.append(f"{response.url}: HTTP 500: asked for without the posts' texts from here on")
            return (self._request(page, size),)
        if response.status in {401, 403, 404, 410}:
            said = f" ({code})" if code else ""
            raise DiscoveryError(f"the interface is closed, or not there{said}: HTTP {response.status}")
        return super().refused(response)

    def _request(self, page: int, size: int) -> Request:
        asked = {
            "after": datetime.combine(self.window.since - _DAY, time()).isoformat(),
            "before": datetime.combine(self.window.until + _DAY, time()).isoformat(),
            "orderby": "date",
            "order": "desc",
            "per_page": str(size),
            "page": str(page),
            "_fields": self._fields,
        }
        if self._categories:
            asked["categories"] = ",".join(map(str, self._categories))
        return Request(
            add_or_replace_parameters(self.url, asked),
            headers={"Accept": "application/json"},
            meta={"page": page, "size": size, "download_maxsize": MAX_ANSWER},
        )

    def _item(self, post: dict[str, Any], base: str) -> Found | None:
        link = post.get("link")
        if not isinstance(link, str) or not link.strip():
            return None
        stated = {
            "published": _utc(post.get("date_gmt")) or _date(post.get("date")),
            "modified": _utc(post.get("modified_gmt")),
            "title": _rendered(post.get("title")),
            "summary": _rendered(post.get("excerpt")),
            "content": _rendered(post.get("content")),
        }
        return Found(absolute(base, link), {"by": self.type, "from": self.url, **literals(stated)})


def _rendered(field: object) -> object:
    """What a field of a post says; its HTML where it says more than that."""
    return field.get("rendered") if isinstance(field, dict) else field


def _utc(value: object) -> str:
    """A date of the interface's ``_gmt`` fields, which are in UTC and do not say so."""
    text = _date(value)
    return f"{text}Z" if text and not text.endswith("Z") else text


def _date(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return "" if text.startswith(_NO_DATE) else text


def _read(body: bytes) -> object:
    """The JSON of an answer; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _describe(answer: object, response: Response) -> str:
    if isinstance(answer, dict):
        return f"an object ({answer.get('code', 'without a code')})"
    if answer is not None:
        return f"a {type(answer).__name__}"
    kind = (response.headers.get("Content-Type") or b"no type").decode("latin-1").partition(";")[0]
    return f"{kind} that is no JSON ({len(response.body)} bytes)"


def _number(response: Response, header: str) -> int | None:
    text = (response.headers.get(header) or b"").decode("latin-1").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
