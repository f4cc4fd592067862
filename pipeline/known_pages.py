"""What a crawl and an import ask of the bucket before they take anything in: which pages it holds, and which were taken down.

The documents table and the takedowns come with Arrow, which takes half a second and a hundred megabytes to load. A crawl into a
bucket that has none of them yet does without.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from pipeline.bucket import Bucket
from pipeline.captures import IndexLine, captures_since, list_page_files, read_index
from pipeline.refetch import REFETCH_UNTIL, StoredCapture, crawls_without_article, may_pass, next_refetch
from pipeline.rejection import Rejection
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pipeline.documents import Documents

_MAX_REDIRECTS = 10  # twice what a crawl follows


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page that the bucket holds.

    `content` is the newest capture that holds what the site sent, `newest` the newest of all, which may say no more than that
    nothing had changed, `first` the first that the site itself answered. `first_captured_at` is when the page was first had
    (status 200), None where it never was. `published_day` is None until a build has taken the page in as an article. `later` are
    the addresses of the pages on which the article goes on, as far as a build has joined them and the one that it missed.

    `rejected` is why it is no article, None where one of its captures is one, or a part of one, or where it is `unread`: no build
    has taken it in.
    `may_pass` says that it may be one when it is asked for again (`pipeline.refetch`). A page that redirects is what the page is
    to which it leads; one to which any ever led is `led_to`, and is asked for by way of those.
    """

    content: IndexLine
    newest: IndexLine
    first_captured_at: datetime | None
    published_day: date | None
    first: IndexLine
    later: tuple[str, ...] = ()
    rejected: Rejection | None = None
    unread: bool = False
    may_pass: bool = False
    led_to: bool = False

    def is_refetch_due(self, now: datetime) -> bool:
        """Whether it is time to ask again for it, since it may be an article by now. `now` is an aware instant."""
        due = next_refetch(self.first, self.newest)
        return self.may_pass and due is not None and due <= now <= self.first.captured_at + REFETCH_UNTIL


def known_pages(
    bucket: Bucket, *ids: str, since: date | None = None, documents: Documents | None = None
) -> dict[str, KnownPage]:
    """Every page of a source that the bucket holds under its `ids` (`pipeline.sources.Source.ids`), by its normal URL.

    A page whose capture file is gone from the bucket is not known: a crawl of its window fetches it again. With `since`, only
    captures count that are filed under that day or a later one (UTC). Who asks for many sources gives the documents table, which is
    opened otherwise.
    """
    captures = _stored(bucket, ids, since, documents)
    had = {capture.url: capture for capture in captures if capture.is_of_article}
    articles = had.keys() | {capture.same for capture in captures if capture.is_of_article}
    doubted = crawls_without_article(captures, articles)
    by_page: defaultdict[str, list[StoredCapture]] = defaultdict(list)
    led_to = set()
    for capture in captures:
        if capture.line.offset >= 0:  # and not the rest of a file that breaks off
            by_page[capture.url].append(capture)
        if capture.line.location:
            led_to.add(_target(capture.line, capture.line.location))
    pages = {}
    for url, of_page in by_page.items():
        whole = [capture for capture in of_page if not capture.line.revisit]
        if whole:
            page = _page(of_page, whole, had.get(url), doubted, is_article=url in articles)
            pages[url] = replace(page, led_to=True) if url in led_to else page
    return _redirected(pages)


def _page(
    of_page: list[StoredCapture],
    whole: list[StoredCapture],
    had: StoredCapture | None,
    doubted: Collection[str],
    *,
    is_article: bool,
) -> KnownPage:
    """The page of some captures, from the oldest on, of which `had` is the newest article, as it is if it redirects nowhere."""
    content, newest = whole[-1], of_page[-1].line
    first = next((capture.line for capture in of_page if "archived_by" not in capture.line.found), of_page[0].line)
    came = next((capture.line.captured_at for capture in whole if capture.line.status == 200), None)
    day, later = (had.published_day, had.later) if had else (None, ())
    page = KnownPage(content.line, newest, came, day, first, later)
    if is_article:
        return page
    rejected = content.rejected if content.read else _by_status(content.line.status)
    if rejected is None:
        return replace(page, unread=True)
    return replace(page, rejected=rejected, may_pass=may_pass(rejected, content.line, first, newest, doubted))


def _by_status(status: int) -> Rejection | None:
    """Why a response is no page whatever it holds."""
    if 300 <= status < 400:
        return Rejection.REDIRECT
    return None if status in {200, 203} else Rejection.HTTP_ERROR


def _redirected(pages: Mapping[str, KnownPage]) -> dict[str, KnownPage]:
    """The pages, those that redirect being what they lead to; one that leads round in a circle may pass."""
    lines = {url: page.content for url, page in pages.items()}
    made = dict(pages)
    for url, page in pages.items():
        if page.rejected != Rejection.REDIRECT or page.content.location is None:
            continue
        end = pages.get(redirects(url, lines)[-1])
        if end is not None and end.rejected == Rejection.REDIRECT and end.content.location:
            made[url] = replace(page, may_pass=True, led_to=False)
        elif end is not None:
            made[url] = replace(page, rejected=end.rejected, unread=end.unread, may_pass=end.may_pass)
    return made


def redirects(url: str, lines: Mapping[str, IndexLine]) -> list[str]:
    """The normal URLs through which a page's redirects lead, from itself on, as far as the captures tell: a circle without end."""
    trail = [url]
    while len(trail) <= _MAX_REDIRECTS:
        line = lines.get(trail[-1])
        if line is None or line.location is None:
            break
        target = _target(line, line.location)
        if target is None:
            break
        trail.append(target)
    return trail


def _target(line: IndexLine, location: str) -> str | None:
    """The normal URL of the place to which a redirect leads; None where it is no address."""
    try:
        return normalize_url(urljoin(line.url, location))
    except ValueError:
        return None


def stored_captures(bucket: Bucket, *ids: str) -> list[IndexLine]:
    """Every capture of a page of a source that the bucket holds under its `ids`, from the oldest on."""
    return [capture.line for capture in _stored(bucket, ids)]


def _stored(
    bucket: Bucket, ids: Sequence[str], since: date | None = None, documents: Documents | None = None
) -> list[StoredCapture]:
    """The captures from the oldest on.

    From the documents table, and from the indexes of the capture files that it has not taken in yet.
    """
    rows = _rows(bucket, ids, since, documents)
    files = set(list_page_files(bucket, *ids, since=since))
    captures = []
    for row in rows:
        if row["capture_key"] not in files:
            continue
        rejected = row["rejected"] and Rejection(row["rejected"])
        line = IndexLine(
            url=row["fetched_url"],
            captured_at=row["captured_at"],
            status=row["http_status"],
            digest=row["digest"],
            found=json.loads(row["found"]),
            location=row["location"],
            truncated=rejected == Rejection.TRUNCATED,
            revisit=rejected == Rejection.UNCHANGED,
            key=row["capture_key"],
            offset=row["capture_offset"],
        )
        # As nearly every page states its own address, and a normal one stays as it is, few have to be made so.
        url = row["url"] if row["fetched_url"] == row["url"] else normalize_url(row["fetched_url"])
        captures.append(StoredCapture(line, url, True, rejected, row["published_day"], row["url"], tuple(row["later"])))
    for key in sorted(files - {row["capture_key"] for row in rows}):
        captures += [StoredCapture(line, normalize_url(line.url)) for line in read_index(bucket, key)]
    return sorted(captures, key=lambda capture: (capture.line.captured_at, capture.line.url, capture.line.key))


def _rows(bucket: Bucket, ids: Sequence[str], since: date | None, documents: Documents | None) -> list[dict[str, Any]]:
    """What the documents table has of a source."""
    if documents is None:
        if not bucket.holds("documents/_delta_log/0"):  # without Arrow
            return []
        from pipeline.documents import Documents  # noqa: PLC0415

        documents = Documents(bucket)
    between = [(captures_since(id_, since), captures_since(id_, date.max)) for id_ in ids] if since else ()
    rows: list[dict[str, Any]] = documents.captures_of(ids, between).to_pylist()
    return rows


def taken_down(bucket: Bucket) -> Callable[[str], bool]:
    """What tells of a URL, in any spelling, whether its page was taken down.

    Raises:
        TakedownError: one of the takedowns cannot be read.
        BucketError: the store cannot be reached.
    """
    if not bucket.holds("takedowns/"):
        return lambda _: False
    from pipeline.corpus import taken_down as tombstones  # noqa: PLC0415

    return tombstones(bucket).has
