"""The spider that gathers a source's articles.

It runs the source's discoveries to their end, sorts out what need not be fetched, and asks for the rest in the order of the
URLs, what was broken before at the end. It follows no links but those to an article's next page: a page's archived response is
all it is after.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import logging
import re
from collections import Counter, deque
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider, IgnoreRequest

from crawlers.discovery import Discovery, DiscoveryError, Found, Reading, content_type, discoveries, read_apart
from crawlers.freshness import (
    MAX_REFETCHED,
    has_changed,
    is_outside,
    is_recrawl_due,
    is_stored,
    published_days,
    was_before,
)
from crawlers.middlewares import (
    FAILURES_IN_A_ROW,
    NOT_MODIFIED,
    AlreadyStored,
    Archive,
    ArchiveError,
    CircuitBreaker,
    ConditionalRequests,
    DailyBudget,
    ForbiddenAddress,
    Offsite,
    RobotsUnreachable,
    Throttle,
    is_trouble,
)
from crawlers.patience import requests_left
from crawlers.run import ALL_PASSING, CrawlSummary, DiscoveryReport, Failure, Outcome, dry_run_key, report_key
from crawlers.settings import CONTACT, REDIRECT_MAX_TIMES
from crawlers.spiders.arguments import Arguments, browser_settings
from crawlers.spiders.next_page import Followed, find_next_page
from crawlers.spiders.outcome import MANY_ALIKE, Ending, Tally, reason_of
from crawlers.spiders.texts import Texts
from pipeline.apart import Apart, StoppedError
from pipeline.bucket import Bucket
from pipeline.captures import NEXT_PAGE, Capture, without_texts
from pipeline.coverage import MOVED_TO, put_record
from pipeline.known_pages import known_pages, redirects, taken_down
from pipeline.page import leads_to
from pipeline.text import escape_invisible
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure as TwistedFailure

    from crawlers.mementos import Memento
    from pipeline.known_pages import KnownPage


log = logging.getLogger(__name__)

_Seen = TypeVar("_Seen")
_Middleware = TypeVar("_Middleware", Archive, CircuitBreaker, ConditionalRequests, DailyBudget)

MAX_DISCOVERY_REQUESTS = 2000
"""Feeds, sitemaps and pages of lists that one discovery may ask for: an end to whatever goes on for ever."""

MAX_ADDRESSES = 500_000
"""Addresses that a crawl takes in, the same one as often as it comes: an end to what goes on for ever within an answer."""

BLOCKED_SECONDS = 60
"""After so long in which nothing could be done, not even a signal heard, the process ends: something holds it for good."""

_PROGRESS_SECONDS = 5
_AT_ONCE = 1000
"""Addresses that are noted before whatever else waits has its turn."""
_READ_AS_PAGES = frozenset({"listing", "date_archive"})
"""Discoveries whose answers are pages for readers, which may need a browser."""


class ArticlesSpider(Spider):
    """Gathers the articles of one source and window; `outcome` says how it ended."""

    name = "articles"

    def __init__(self, arguments: Arguments) -> None:
        super().__init__()
        self.source = arguments.source
        self.window = arguments.window
        self.run = arguments.run
        self.options = arguments.options
        self.allowed_domains = list(self.source.hosts)
        self.archives: set[str] = set()
        """Hosts of the archives that are asked in place of the site."""
        self.stored: set[str] = set()
        """Normal URLs of pages that need not be fetched: stored and unchanged, or captured by this crawl."""
        self.outcome = Outcome.FAILED
        self._zone = self.source.zone
        self._include = [re.compile(pattern) for pattern in self.source.sections.include]
        self._exclude = [re.compile(pattern) for pattern in self.source.sections.exclude]
        self._known: Mapping[str, KnownPage] = {}
        self._due: set[str] = set()
        self._taken_down: Callable[[str], bool]
        self._found: dict[str, Found] = {}
        self._captured: dict[str, str] = {}
        """Of the pages that came, the key of each by the URL under which it is archived."""
        self._texts = Texts()
        self._tally = Tally(self.source, self.window, self.run, self._found)
        self._asked = 0
        self._addresses = 0
        self._apart = Apart()
        self._overtime = False
        self._trouble: str | None = None
        self._bucket: Bucket | None = None
        self._heart: asyncio.Task[None] | None = None
        self._started_at = self._tally.started_at

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_: object, **kwargs: object) -> ArticlesSpider:
        """Make the spider of its arguments, and set what the source's file says of politeness and a browser; called by Scrapy.

        Raises:
            ArgumentError: as `Arguments.of` does.
        """
        spider = cls(Arguments.of(kwargs))
        spider._set_crawler(crawler)
        politeness = spider.source.politeness
        for name, value in {
            "DOWNLOAD_DELAY": politeness.delay,
            "AUTOTHROTTLE_START_DELAY": politeness.delay,
            "AUTOTHROTTLE_MAX_DELAY": max(politeness.delay, crawler.settings.getfloat("AUTOTHROTTLE_MAX_DELAY")),
            "AUTOTHROTTLE_TARGET_CONCURRENCY": politeness.concurrency,
            # No more under way than the site takes at once: what waits in the downloader delays a stop.
            "CONCURRENT_REQUESTS": politeness.concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": politeness.concurrency,
            "DOWNLOAD_TIMEOUT": politeness.timeout,
            "DOWNLOAD_MAXSIZE": politeness.max_size,
            "DOWNLOAD_WARNSIZE": 0,
            **browser_settings(spider.source),
        }.items():
            crawler.settings.set(name, value, priority="spider")
        crawler.signals.connect(spider._finish, signal=signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Find the articles, then ask for those that are wanted."""
        self._heart = asyncio.ensure_future(self._beat())
        log.info("crawling %s for %s to %s as %s", self.source.id, self.window.since, self.window.until, self.run)
        if CONTACT.startswith("https://warraq.example"):
            log.warning("WARRAQ_CONTACT is not set: the sites cannot tell whom to write to")
        if self.source.browser:
            await self._try_browser()
        bucket = await self._look_up()
        found_by = discoveries(self.source, self.window)
        self.archives.update(host for discovery in found_by for host in discovery.archives)
        found_by = [await self._discover(discovery) for discovery in found_by]
        latest = self._started_at.astimezone(self._zone).date() - timedelta(days=self.source.look_back_days)
        if self.window.until <= latest and not any(discovery.looks_back for discovery in found_by):
            log.warning(
                "%s has nothing but feeds, which show the latest articles alone: this window is past", self.source.id
            )
        if self._middleware(DailyBudget).resume_at:
            return
        if not any(report.answered for report in self._tally.discoveries):
            problems = "; ".join(problem for report in self._tally.discoveries for problem in report.problems)
            raise self._give_up(f"no discovery of {self.source.id} could be used: {problems}")
        self._forget_block_pages()
        self._take_due()
        if self.options.dry_run:
            await self._list_wanted(bucket)
            return
        for request in self._wanted():
            yield request

    def _take_due(self) -> None:
        """Note the known articles that it is time to ask for again, whether or not the site still lists them."""
        again = set(self._to_refetch())
        contents = {key: page.content for key, page in self._known.items()}
        self.stored.difference_update(*(redirects(key, contents) for key in again))
        if self.options.recrawl:
            again |= {key for key, page in self._known.items() if self._is_recrawl_due(key, page)}
        for key in again - self._found.keys():
            self._found[key] = _found_before(self._known[key])
        self._due = again

    def _is_recrawl_due(self, key: str, page: KnownPage) -> bool:
        # A later page of an article is asked for after the page that it continues.
        continues = key not in self._found and page.newest.found.get("by") == NEXT_PAGE
        return not continues and is_recrawl_due(page, self._started_at)

    def _to_refetch(self) -> Iterator[str]:
        """The known pages that may have become articles and are due, and those that this crawl was told to ask for again."""
        told, due = self.options.refetch, []
        before = self.options.refetch_before or self._started_at
        for key, page in self._known.items():
            if page.rejected is None or page.led_to:
                continue
            found = self._found.get(key) or _found_before(page)
            of_window = not was_before(page, self.window, self._zone) and not is_outside(
                found.how, self.window, self._zone, self._started_at, found.days
            )
            if page.rejected in told or (page.may_pass and ALL_PASSING in told):
                if of_window and page.newest.captured_at < before:
                    yield key
            elif (of_window or self.options.recrawl) and page.is_refetch_due(self._started_at):
                due.append((page.newest.captured_at, key))
        if len(due) > MAX_REFETCHED:
            log.info("%d more pages may have become articles: the next crawls ask for them", len(due) - MAX_REFETCHED)
        yield from (key for _, key in sorted(due)[:MAX_REFETCHED])

    async def _list_wanted(self, bucket: Bucket) -> None:
        """Write down what would be fetched, and fetch nothing."""
        lines = []
        for request in self._wanted():
            day = self._day_of(request.meta["key"])
            line = {"url": request.meta["page"], "day": day and day.isoformat(), "found": request.meta.get("found")}
            lines.append(json.dumps(line, ensure_ascii=False) + "\n")
        self._tally.count_listed(len(lines))
        data = "".join(lines).encode(errors="backslashreplace")
        try:
            await asyncio.to_thread(
                bucket.put, dry_run_key(self.run), data, content_type="application/x-ndjson; charset=utf-8"
            )
        except Exception as error:
            raise self._give_up(f"what would be fetched could not be written: {error}") from error

    async def _try_browser(self) -> None:
        """Give up at once where no browser starts."""
        from crawlers.middlewares.browser import (  # noqa: PLC0415 - an extra, which no other source needs
            BrowserError,
            try_browser,
        )

        try:
            await try_browser(self.source, self.crawler.settings)
        except BrowserError as error:
            raise self._give_up(str(error)) from None

    async def _look_up(self) -> Bucket:
        """Ask the bucket what it holds of this source."""
        try:
            bucket = await asyncio.to_thread(Bucket)
            if await asyncio.to_thread(lambda: bucket.holds(report_key(self.run))):
                raise self._give_up(f"a run named {self.run} was there before: give this one another name")
            left = await asyncio.to_thread(requests_left, bucket, self.source, self._started_at)
            self._middleware(DailyBudget).open(*left)
            self._known = await asyncio.to_thread(known_pages, bucket, *self.source.ids)
            self._taken_down = await asyncio.to_thread(taken_down, bucket)
            if self._taken_down(str(self.source.home)):
                raise self._give_up(
                    f"{self.source.id} was taken down: nothing of {self.source.home} is captured any more"
                )
            await asyncio.to_thread(self._middleware(ConditionalRequests).open, bucket, *self.source.ids)
        except CloseSpider:
            raise
        except Exception as error:
            raise self._give_up(f"cannot tell which pages of {self.source.id} are known: {error}") from error
        self._bucket = bucket
        contents = {key: page.content for key, page in self._known.items()}
        self.stored = {key for key in contents if is_stored(key, contents)}
        self._middleware(Archive).open(bucket, self.source.id, self.run)
        return bucket

    def _give_up(self, message: str) -> CloseSpider:
        self._trouble = message
        return CloseSpider("failed")

    async def _discover(self, discovery: Discovery) -> Discovery:
        """Run one discovery to its end, and return it; whatever goes wrong is told in its report and stops no other."""
        waiting = deque(discovery.start())
        asked: set[str] = set()
        found, elsewhere, used, failed_in_a_row = 0, Counter[str](), False, 0
        while waiting:
            request = waiting.popleft()
            if request.url in asked:
                continue
            if len(asked) == MAX_DISCOVERY_REQUESTS:
                discovery.problems.append(f"{request.url}: stopped after {MAX_DISCOVERY_REQUESTS} requests")
                break
            if failed_in_a_row == FAILURES_IN_A_ROW:
                discovery.problems.append(f"{request.url}: not asked for after {FAILURES_IN_A_ROW} failures in a row")
                break
            if self._addresses >= MAX_ADDRESSES:
                discovery.problems.append(f"{request.url}: not asked for after {MAX_ADDRESSES} addresses")
                break
            asked.add(request.url)
            try:
                response, reading = await self._ask(discovery, request)
                discovery = reading.discovery
                broken = is_trouble(response.status) or isinstance(reading.error, StoppedError)
                failed_in_a_row = failed_in_a_row + 1 if broken else 0
                waiting += reading.requests[: MAX_DISCOVERY_REQUESTS + 1]  # the one behind the last is told of
                room = MAX_ADDRESSES - self._addresses
                if len(reading.found) > room:
                    discovery.problems.append(f"{response.url}: left after {MAX_ADDRESSES} addresses")
                found += len(reading.found[:room])
                elsewhere += await self._take_all(reading.found[:room])
                if reading.error:
                    raise reading.error
                used = True
            except ArchiveError:
                raise CloseSpider("archive") from None
            except Exception as error:
                failed_in_a_row += not isinstance(error, DiscoveryError | IgnoreRequest | StoppedError)
                told = DiscoveryError | StoppedError | ForbiddenAddress | RobotsUnreachable | Offsite
                words = str(error) if isinstance(error, told) else reason_of(error)
                discovery.problems.append(f"{request.url}: {words}")
        if 0 < found == elsewhere.total():
            hosts = ", ".join(sorted(elsewhere))
            discovery.problems.append(
                f"{discovery.url}: all addresses are on other hosts ({hosts}): name them in the source's file"
            )
        for problem in discovery.problems:
            log.warning("%s %s", discovery.type, problem)
        for note in discovery.notes:
            log.info("%s %s", discovery.type, note)
        answered = found > 0 or (used and not discovery.problems)  # an index of which no sitemap came has not answered
        problems, notes = tuple(discovery.problems), tuple(discovery.notes)
        self._tally.discoveries.append(
            DiscoveryReport(discovery.type, discovery.url, answered, found, discovery.looks_back, problems, notes)
        )
        return discovery

    async def _ask(self, discovery: Discovery, request: Request) -> tuple[Response, Reading]:
        """Send a request of a discovery; the answer, and what was read in it."""
        asked = dict(request.meta)
        request.meta["playwright"] = self.source.browser and discovery.type in _READ_AS_PAGES
        response = await self.crawler.engine.download_async(request)
        if NOT_MODIFIED in response.flags:
            discovery.notes.append(f"{response.url}: not modified; what is archived of it was read again")
        try:
            return response, await asyncio.to_thread(read_apart, self._apart, discovery, response, asked)
        except StoppedError as error:
            return response, Reading(discovery, (), (), error)

    async def _take_all(self, found: Sequence[Found]) -> Counter[str]:
        """Note URLs; return the hosts of those that are on none of the source's."""
        elsewhere = Counter[str]()
        for number, one in enumerate(found, 1):
            elsewhere.update(self._other_host(one))
            self._take(one)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        self._addresses += len(found)
        return elsewhere

    def _other_host(self, found: Found) -> list[str]:
        """The host of a URL, where it is none of the source's."""
        try:
            host = urlsplit(normalize_url(found.url)).hostname or ""
        except ValueError:
            return []
        return [] if host in self.allowed_domains else [host]

    def _take(self, found: Found) -> None:
        """Note a URL; what a second discovery says of it adds to what the first one said.

        The site goes before the archives, and of mementos the earliest.
        """
        key = normalize_url(found.url)
        self._texts.add(key, found.how)
        found = replace(found, how=without_texts(found.how))
        known = self._found.get(key)
        if known and (known.memento or found.memento):
            if known.memento and (not found.memento or found.memento.captured_at < known.memento.captured_at):
                self._found[key] = found
        elif known:
            self._found[key] = Found(known.url, {**found.how, **known.how}, known.days or found.days)
        else:
            self._found[key] = found

    def _forget_block_pages(self) -> None:
        """Have pages of the window fetched again if they are the same to the byte as most of the others, see `MANY_ALIKE`."""
        digests = {
            key: page.content.digest
            for key, found in self._found.items()
            if (page := self._known.get(key)) and page.content.status == 200
            if not is_outside(found.how, self.window, self._zone, self._started_at, found.days)
        }
        for digest, count in Counter(digests.values()).most_common(1):
            if count >= MANY_ALIKE and 2 * count > len(digests):
                self.stored -= {key for key in digests if digests[key] == digest}

    def _wanted(self) -> Iterator[Request]:
        """Requests for the pages to fetch, by URL; the others are counted.

        What was broken when it was last asked for comes last: the crawl may end at it, and what lies behind it must come some day.
        """
        for key, found in sorted(self._found.items(), key=lambda item: (self._was_broken(item[0]), item[0])):
            try:
                request = self._request(key, found)
            except ValueError:  # such as a port that is no number
                self._fail(key, found.url, "bad_url")
                continue
            if request is not None and self._is_within_limit(request):
                yield request

    def _was_broken(self, key: str) -> bool:
        page = self._known.get(key)
        return page is not None and page.content.status >= 500

    def _is_within_limit(self, request: Request) -> bool:
        """Whether one more page may be asked for; one that may not is counted."""
        if self._asked == self.options.limit:
            self._count(request.meta["key"], "over_limit")
            return False
        self._asked += 1
        return True

    def _request(self, key: str, found: Found) -> Request | None:
        """The request for a page, or None where it need not be fetched, which is counted."""
        parts, page = urlsplit(key), self._known.get(key)
        _ = parts.port  # raises where it is no number
        if parts.fragment:  # a script shows another page there; the server sends the same for all
            self._fail(key, found.url, "script_address")
            return None
        due = key in self._due
        if parts.scheme not in {"http", "https"} or parts.hostname not in self.allowed_domains:
            self._count(key, "offsite")
        elif not self._in_sections(unquote(parts.path)):
            self._count(key, "section")
        elif self._taken_down(key):
            self._count(key, "taken_down")
        elif not due and is_outside(found.how, self.window, self._zone, self._started_at, found.days):
            self._count(key, "outside_window")
        elif found.memento is not None and not due:
            if page is None or page.content.status != 200:  # that the site has it no longer is why an archive is asked
                return self._memento_request(key, found.url, found.memento)
            self._count(key, "known")
        elif page is None or key not in self.stored:
            return self._page_request(key, found, page)
        elif due or has_changed(found.how, page.newest, self._zone, self._started_at):
            return self._request_again(key, found, page)
        else:
            self._count(key, "known")
            missing = [url for url in page.later if normalize_url(url) not in self.stored]
            if missing and "archived_by" not in page.content.found:
                return self._request_later(key, page.content.url, missing[0], Followed.at(missing[0]))
        return None

    def _request_again(self, key: str, found: Found, page: KnownPage) -> Request:
        """The request for a page that is stored, and may have changed."""
        self.stored.discard(key)
        request = self._page_request(key, found, page)
        request.meta["conditional"] = page.content.status == 200 and not self.source.browser
        return request

    def _request_later(self, key: str, url: str, link: str, followed: Followed) -> Request | None:
        """The request for the page at `link` on which the article at `url` goes on; None where it is not to be fetched, counted.

        It belongs to its article: its section and its day are that one's.
        """
        later = normalize_url(link)
        if later in self._found:
            return None
        day = self._day_of(key)
        found = Found(link, {"by": NEXT_PAGE, "from": url}, (day, day) if day else None)
        self._found[later] = found
        parts, page = urlsplit(later), self._known.get(later)
        if parts.hostname not in self.allowed_domains:
            self._count(later, "offsite")
        elif any(pattern.search(unquote(parts.path)) for pattern in self._exclude):
            self._count(later, "section")
        elif self._taken_down(later):
            self._count(later, "taken_down")
        else:
            request = self._request_again(later, found, page) if page else self._page_request(later, found, page)
            request.meta["followed"] = followed
            return request
        return None

    def _page_request(self, key: str, found: Found, page: KnownPage | None) -> Request:
        meta = {
            "kind": "pages",
            "found": dict(found.how),
            "texts": partial(self._texts.of, key),
            "same_as": page and page.content,
            "followed": Followed.at(found.url) if found.how.get("by") == NEXT_PAGE else None,
        }
        return Request(
            found.url,
            callback=self.parse,
            errback=self._not_fetched,
            meta=meta | {"key": key, "page": found.url, "playwright": self.source.browser},
        )

    def _memento_request(self, key: str, url: str, memento: Memento) -> Request:
        """The request for an archive's memento of the page at `url`."""
        return Request(
            memento.url,
            callback=self.parse,
            errback=self._not_fetched,
            headers=dict(memento.headers),
            meta={"kind": "pages", "archive": True, "memento": memento, "key": key, "page": url, "dont_redirect": True},
        )

    def _in_sections(self, path: str) -> bool:
        if any(pattern.search(path) for pattern in self._exclude):
            return False
        return not self._include or any(pattern.search(path) for pattern in self._include)

    async def parse(self, response: Response, **_: object) -> AsyncIterator[Request]:
        """Count a page that came, which is archived already, and ask for the page on which its article goes on.

        Of a page that is nothing but the way to another one, that one is asked for in its place.
        """
        url = normalize_url(response.url)
        if 200 <= response.status < 300 or (response.status == 304 and response.meta.get("unchanged")):
            self.stored.add(url)  # before anything is waited for: meanwhile another URL may redirect to this one
        if (target := await self._leads_to(response)) is not None:
            self.stored.discard(url)
            times = response.meta.get("redirect_times", 0) + 1
            if times > REDIRECT_MAX_TIMES:
                self._fail(response.meta["key"], response.meta["page"], "redirect_loop")
            else:
                meta = {**response.meta, "redirect_times": times, "conditional": False}
                yield Request(target, callback=self.parse, errback=self._not_fetched, meta=meta)
            return
        self._count_page(response)
        if response.meta.get("memento") is not None:
            return
        key = response.meta["key"]
        links: list[tuple[str, Followed]] = []
        if response.status == 304 and key in self._known:
            links = [(link, Followed.at(link)) for link in self._known[key].later]
        elif response.status == 200:
            capture, before = _as_capture(response), response.meta.get("followed")
            links = list(filter(None, [await self._look(response, find_next_page, capture, self.source, before)]))
        for link, followed in links:
            request = self._request_later(key, response.url, link, followed)
            if request is not None and self._is_within_limit(request):
                yield request

    async def _leads_to(self, response: Response) -> str | None:
        """The page on the source's hosts to which a page only leads, as a redirect does; None where it is a page itself."""
        target = None
        if response.meta.get("memento") is not None or response.meta.get("rendered"):
            return None  # a browser has gone where the page leads
        if response.status == 200:
            target = await self._look(response, leads_to, response.body, content_type(response), response.url)
        elif response.status == 304 and response.meta["key"] in self._known:
            target = self._known[response.meta["key"]].content.location
        return target if target is not None and urlsplit(target).hostname in self.allowed_domains else None

    async def _look(self, response: Response, look: Callable[..., _Seen | None], *arguments: object) -> _Seen | None:
        """What a look at a page that came finds; nothing where it takes too much: the page is in the bucket, for the build."""
        try:
            return await asyncio.to_thread(self._apart.run, len(response.body), look, *arguments)
        except StoppedError as error:
            log.warning("%s: looked at for links, it %s", response.url, error)
            return None

    def _count_page(self, response: Response) -> None:
        key = response.meta["key"]
        if 200 <= response.status < 300:
            self._tally.note_body(response.body)
        if response.meta.get("unchanged") and response.status in {200, 304}:
            self._count(key, "known")
            self._tally.count_unchanged()
        elif 200 <= response.status < 300:
            self._captured[response.url] = key
            self._count(key, "captured")
        else:
            self._fail(key, response.meta["page"], f"http_{response.status}")

    def _not_fetched(self, failure: TwistedFailure) -> None:
        error = failure.value or RuntimeError("no reason given")
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        key = request.meta["key"]
        match error:
            case AlreadyStored():
                self._count(key, "known")
            case Offsite() if host := _moved_to(request):
                self._fail(key, request.meta["page"], f"{MOVED_TO}{host}")
            case Offsite():
                self._count(key, "offsite")
            case ArchiveError():
                pass  # counted as not come to
            case IgnoreRequest() if reason_of(error) == "robots":
                self._count(key, "robots")
            case IgnoreRequest() if self._stopping:
                pass
            case ForbiddenAddress():
                log.warning("%s", error)
                self._fail(key, request.meta["page"], reason_of(error))
            case _:
                self._fail(key, request.meta["page"], reason_of(error))

    def _count(self, key: str, became: str) -> None:
        """Count what became of a URL, in all and for its day."""
        self._tally.count(became, self._day_of(key))

    def _day_of(self, key: str) -> date | None:
        """The published day of a URL that was found: as it was read off the page once, or else as it was stated with the URL."""
        if (page := self._known.get(key)) and page.published_day:
            return page.published_day
        found = self._found[key]
        days = published_days(found.how, self._zone) or found.days
        return days[0] if days and days[0] == days[1] else None

    def _fail(self, key: str, url: str, reason: str) -> None:
        self._tally.fail(url, reason, self._day_of(key))
        log.warning("%s: %s", url, reason)

    @property
    def _stopping(self) -> bool:
        archive, breaker = self._middleware(Archive), self._middleware(CircuitBreaker)
        troubles = (archive.error, breaker.last, self._middleware(DailyBudget).resume_at)
        return not self.crawler.crawling or self._overtime or any(one is not None for one in troubles)

    def _middleware(self, kind: type[_Middleware]) -> _Middleware:
        middleware = self.crawler.get_downloader_middleware(kind)
        if middleware is None:
            raise RuntimeError(f"{kind.__name__} is not in DOWNLOADER_MIDDLEWARES: nothing may be fetched without it")
        return middleware

    async def _beat(self) -> None:
        """Say every few seconds how far the crawl is; when it is being stopped, give up what waits."""
        throttle = self.crawler.get_extension(Throttle)
        seconds = 0
        while True:
            faulthandler.dump_traceback_later(BLOCKED_SECONDS, exit=True)
            await asyncio.sleep(1)
            seconds += 1
            if seconds == self.options.seconds:
                self._overtime = True
                self._closer = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="overtime"))
            if self._stopping and throttle is not None:
                throttle.drop_waiting()
            if seconds % _PROGRESS_SECONDS == 0:
                log.info("%s", self._tally)
            log.info(
                "", extra={"progress": [self._tally.done, len(self._found)]}
            )  # a line without words: nobody logs it

    async def _finish(self, reason: str) -> None:
        """Finish the archive, decide the outcome and tell it, in the bucket and on the last line of the log."""
        if self._heart is not None:
            self._heart.cancel()
            faulthandler.cancel_dump_traceback_later()
        archive = self._middleware(Archive)
        await archive.close()
        for url in archive.lost:
            if url in self._captured:
                self._tally.take_back(self._day_of(self._captured[url]))
        self.outcome, message = self._tally.judge(self._ending(reason, archive))
        message = escape_invisible(message)
        summary = self._with_traffic(self._tally.summary(self.outcome, message, archive.files))
        summary = replace(summary, dry_run=self.options.dry_run)
        if self._bucket is not None:
            data = json.dumps(summary.to_json(), ensure_ascii=False, indent=1, sort_keys=True).encode(
                errors="backslashreplace"
            )
            try:
                await asyncio.to_thread(self._bucket.put, report_key(self.run), data, content_type="application/json")
                if not self.options.dry_run:
                    await asyncio.to_thread(put_record, self._bucket, self._tally.record(summary))
            except Exception as error:
                self.outcome = Outcome.FAILED
                message = f"{message}; the summary could not be written: {error}"
                summary = replace(summary, outcome=self.outcome, message=message)
        self._apart.close()
        level = logging.ERROR if self.outcome == Outcome.FAILED else logging.INFO
        log.log(level, "%s", summary.message, extra={"summary": summary.to_json()})

    def _with_traffic(self, summary: CrawlSummary) -> CrawlSummary:
        """The summary with what went over the line, as Scrapy's own statistics have it."""
        stats = self.crawler.stats.get_stats() if self.crawler.stats else {}
        throttle = self.crawler.get_extension(Throttle)
        throttled = sum(stats.get(f"downloader/response_status_count/{status}", 0) for status in (429, 503))
        return replace(
            summary,
            requests=stats.get("downloader/request_count", 0),
            bytes=stats.get("downloader/response_bytes", 0),
            throttled=throttled,
            retry_at=throttle.retry_at if throttle is not None else None,
            resume_at=self._middleware(DailyBudget).resume_at,
        )

    def _ending(self, reason: str, archive: Archive) -> Ending:
        problem, last_failure, in_a_row = self._trouble, None, 0
        if archive.error:
            problem = f"{self.source.id}: the archive failed, and the crawl stopped: {archive.error}"
        if last := self._middleware(CircuitBreaker).last:
            last_failure = Failure(last.url, reason_of(last.error) if last.error else f"http_{last.status}")
            in_a_row = last.in_a_row
        return Ending(
            reason=reason,
            problem=problem,
            last_failure=last_failure,
            in_a_row=in_a_row,
            overtime=self.options.seconds if self._overtime else None,
            resume_at=self._middleware(DailyBudget).resume_at,
            dry_run=self.options.dry_run,
            pages_archived=archive.archived["pages"],
        )


def _moved_to(request: Request) -> str:
    """The host to which a page redirects that the source's file does not name; nothing where it was asked for itself."""
    return (urlsplit(request.url).hostname or "") if request.meta.get("redirect_urls") else ""


def _as_capture(response: Response) -> Capture:
    """A page that came, as a build reads it."""
    meta = response.meta
    stated = content_type(response)
    return Capture("", 0, response.url, meta["fetched_at"], response.status, stated, response.body, found=meta["found"])


def _found_before(page: KnownPage) -> Found:
    """A known page that the site may list no more, as it was found when it was last asked for."""
    how = {name: value for name, value in page.newest.found.items() if name != "rendered"}
    return Found(page.content.url, {**how, "again": "true"})
