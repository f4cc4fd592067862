"""How we behave on a site: on its hosts only, within its robots.txt, and no faster than it and the source's file allow."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.utils.httpobj import urlparse_cached

from crawlers.middlewares.addresses import ForbiddenAddress
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser


log = logging.getLogger(__name__)

MAX_CRAWL_DELAY = 60.0
"""Seconds; a robots.txt that asks for more is given this much: 1,440 pages a day."""

MAX_RETRY_AFTER = 120.0
"""Seconds that a Retry-After is waited for within a crawl; scheduled crawls after it wait for the rest (`crawlers.patience`)."""

_DAY = 86_400.0

FAILURES_IN_A_ROW = 10
"""Pages that did not come, one after the other, for the site's own trouble: it is left alone until the next crawl."""

BROKEN_IN_A_ROW = 50
"""Pages that are broken by themselves (HTTP 500), one after the other: no site has so many among good ones.

After `FAILURES_IN_A_ROW` of them none is tried twice, so a site that breaks on every page costs some seventy requests, and not
three for each page.
"""

MAX_ROBOTS = 500 * 2**10
"""Bytes of a robots.txt that are read: what RFC 9309, 2.5, asks for."""


class Offsite(IgnoreRequest):
    """The URL, or where it redirects to, lies on none of the source's hosts."""


class AlreadyStored(IgnoreRequest):
    """The page is stored: another URL redirected to it, or this one redirects to it."""


class RobotsUnreachable(IgnoreRequest):
    """A host's robots.txt could not be fetched, so nothing of the host may be."""


class HostGuard:
    """Downloader middleware: refuses hosts that are not the source's, on every request and so on every redirect too.

    The spider says which hosts (`allowed_domains`, compared whole), which archives may be asked besides (`archives`, for
    requests whose meta says ``archive``, and their robots.txt) and which pages are stored (`stored`, normal URLs).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGuard:
        """Called by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse a request by raising `Offsite` or `AlreadyStored`."""
        spider = self._crawler.spider
        parts = urlparse_cached(request)
        hosts = [*getattr(spider, "allowed_domains", ())]
        if request.meta.get("archive") or parts.path == "/robots.txt":
            hosts += getattr(spider, "archives", ())
        if parts.path == "/robots.txt" and request.meta.get("redirect_times"):
            hosts.append(parts.hostname)  # RFC 9309, 2.3.1.2: redirects of a robots.txt are followed to any host
        if parts.scheme not in {"http", "https"} or parts.hostname not in hosts:
            raise Offsite(f"{request.url} is on none of the source's hosts")
        if request.meta.get("kind") == "pages" and normalize_url(request.url) in getattr(spider, "stored", ()):
            raise AlreadyStored(request.url)


class Robots(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware, but where robots.txt cannot be had, nothing is fetched (RFC 9309, 2.3.1.4).

    A 4xx other than 429 means that there is none, and so no rule.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreachable: dict[str, Exception] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host.

        Raises:
            RobotsUnreachable: they could not be fetched.
            ForbiddenAddress: the host may not be connected to.
        """
        parser = await super().robot_parser(request)
        host = urlparse_cached(request).netloc
        reason = self._unreachable.get(host)
        if isinstance(reason, ForbiddenAddress):
            raise ForbiddenAddress(str(reason), reason.forbidden)
        if reason is not None:
            told = str(reason) or type(reason).__name__
            raise RobotsUnreachable(f"robots.txt of {host} could not be fetched ({told}), so nothing of it is crawled")
        return parser

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            raise RobotsUnreachable(f"HTTP {response.status}")
        body = b"" if response.status >= 400 else response.body[:MAX_ROBOTS]
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreachable[netloc] = exc
        super()._robots_error(exc, netloc)


@dataclass(frozen=True, slots=True)
class Missed:
    """A page that did not come, the last of so many in a row: what was raised, or the status of the answer."""

    url: str
    error: Exception | None
    status: int
    in_a_row: int


class CircuitBreaker:
    """Downloader middleware: ends the crawl of a site in trouble, before it has asked for every page in vain.

    Only the first try at a page counts. A page that is broken by itself (500) is no trouble of the site's, but very many are.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._in_a_row = 0
        self._broken_in_a_row = 0
        self._closing: asyncio.Task[None] | None = None
        self.last: Missed | None = None
        """The page at which the site was left alone."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CircuitBreaker:
        """Called by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Count a page that came, or a status that tells of trouble."""
        self._count(request, None, response.status)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count a page that did not come at all; what we refused ourselves is none."""
        if not isinstance(exception, IgnoreRequest | DownloadCancelledError):
            self._count(request, exception, 0)

    def _count(self, request: Request, error: Exception | None, status: int) -> None:
        if request.meta.get("kind") != "pages":
            return
        trouble = error is not None or is_trouble(status)
        broken = not trouble and status >= 500
        if not trouble and not broken:
            self._in_a_row = self._broken_in_a_row = 0
        elif not request.meta.get("retry_times"):
            self._in_a_row = 0 if broken else self._in_a_row + 1
            self._broken_in_a_row = self._broken_in_a_row + 1 if broken else 0
            for count, most in ((self._in_a_row, FAILURES_IN_A_ROW), (self._broken_in_a_row, BROKEN_IN_A_ROW)):
                if count == most:
                    self.last = Missed(request.url, error, status, count)
                    self._closing = asyncio.ensure_future(
                        self._crawler.engine.close_spider_async(reason="circuit_breaker")
                    )
        if self._broken_in_a_row >= FAILURES_IN_A_ROW:
            request.meta["dont_retry"] = True


class DailyBudget:
    """Downloader middleware: ends the crawl when a site was sent all the requests that it is to get in a day."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._left = 0
        self._more_at: datetime | None = None
        self._closing: asyncio.Task[None] | None = None
        self.resume_at: datetime | None = None
        """When the crawl may go on, once all is spent."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DailyBudget:
        """Called by Scrapy."""
        return cls(crawler)

    def open(self, left: int, more_at: datetime) -> None:
        """Let so many requests pass; there will be more at that time."""
        self._left, self._more_at = left, more_at

    def process_request(self, request: Request) -> None:  # noqa: ARG002 - Scrapy names it
        """Count a request that is about to be sent, the second tries and redirects too."""
        if self._more_at is None:
            return
        if self._left > 0:
            self._left -= 1
            return
        if self.resume_at is None:
            self.resume_at = self._more_at
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="spent"))
        raise IgnoreRequest("the site's requests of a day are spent")


def is_trouble(status: int) -> bool:
    """Whether an HTTP status tells of a site in trouble, or of one that is asked too much."""
    return status in {429, 502, 503, 504}


class Throttle(AutoThrottle):
    """AutoThrottle that never goes below robots.txt's Crawl-delay, and waits where a site says Retry-After."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[str, float] = {}
        self.retry_at: datetime | None = None
        """Until when the site asked at the latest to be left alone."""
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def drop_waiting(self) -> None:
        """Give up the requests that wait for their turn, so that a stop need not wait for them."""
        for slot in self.crawler.engine.downloader.slots.values():
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(IgnoreRequest("the crawl is being stopped"))

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        asked = robotparser.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"])
        if asked is None:
            return
        host = urlparse_cached(request).netloc
        if asked > MAX_CRAWL_DELAY:
            log.warning("robots.txt of %s asks for a Crawl-delay of %g s; %g s are kept", host, asked, MAX_CRAWL_DELAY)
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        floor = max(self._floors.get(key, self.mindelay), min(asked, MAX_CRAWL_DELAY))
        self._floors[key] = floor
        downloader.per_slot_settings[key] = {"delay": floor}  # a slot idle for a minute is made anew
        if key in downloader.slots:
            downloader.slots[key].delay = max(downloader.slots[key].delay, floor)

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        if key is None or slot is None:
            return
        slot.delay = max(slot.delay, self._floors.get(key, 0.0))
        if response.status in {429, 503} and (pause := _retry_after(response)):
            waits = min(pause, MAX_RETRY_AFTER)
            log.warning("%s says to come back in %g s: waiting for %g s", key, pause, waits)
            until = datetime.now(UTC) + timedelta(seconds=pause)
            self.retry_at = max(self.retry_at or until, until)
            _hold(slot, waits)


def _hold(slot: Slot, pause: float) -> None:
    """Start no request of the slot within `pause` seconds: as if the last one were to start then, less its delay."""
    slot.lastseen = max(slot.lastseen, monotonic() + pause - slot.delay)


def _retry_after(response: Response) -> float:
    """Seconds that a Retry-After header asks for, a day at most; 0 without a readable one (RFC 9110, 10.2.3)."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:6]), _DAY)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), _DAY)
