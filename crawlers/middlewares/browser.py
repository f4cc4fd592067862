"""Pages as a browser shows them, for sources whose file says ``browser: true``; importing this needs the extra ``browser``.

scrapy-playwright opens the pages. What is ours is that the browser behaves as the rest of the crawl does: it reaches the
source's hosts and no other, whatever a page asks of it; it leaves redirects to Scrapy, and so to robots.txt; it follows no page
to another; and whatever goes wrong with it is one of Scrapy's exceptions, within the source's time limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from functools import partial
from socket import gaierror
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import Headers, Response
from scrapy_playwright.handler import Config, ScrapyPlaywrightDownloadHandler
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawlers.middlewares.addresses import ForbiddenAddress
from crawlers.middlewares.relay import Relay
from crawlers.settings import DOWNLOAD_HANDLERS, USER_AGENT
from pipeline.addresses import AddressError, host_and_port
from pipeline.errors import WarraqError
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Page, Route
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from pipeline.sources import Source

_START_SECONDS = 30
_SETTLE_SECONDS = 10.0
"""How long a page may go on loading after its document is there, the source's time limit allowing; it is taken as it is then."""

_CLOSE_SECONDS = 5
_LEFT_OUT = frozenset({"image", "media", "font", "texttrack", "eventsource", "websocket", "ping", "manifest"})
"""What a page's text does not need: Playwright's types of resources."""

_UNTRUE = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
"""Headers that speak of the bytes sent, which what the browser shows are not."""

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


class BrowserError(WarraqError):
    """No browser can be used; the message says for which source, why, and what to do."""


def browser_settings(source: Source) -> dict[str, object]:
    """Scrapy's settings for a crawl of the source, those that differ."""
    return {
        "DOWNLOAD_HANDLERS": {**DOWNLOAD_HANDLERS, "http": BrowserHandler, "https": BrowserHandler},
        "PLAYWRIGHT_BROWSER_PROVIDER": partial(Chromium, source=source),
        "PLAYWRIGHT_LAUNCH_OPTIONS": _launch_options(),
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": source.politeness.concurrency,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": source.politeness.timeout * 1000,
    }


async def try_browser(source: Source, settings: BaseSettings) -> None:
    """Start the browser and end it, before a site is asked for anything.

    Raises:
        BrowserError: it does not start.
    """
    chromium = Chromium(Config.from_settings(settings), source=source)
    try:
        await (await chromium.launch_browser()).close()
    except (PlaywrightError, OSError) as error:
        words = " ".join(str(error).partition("\n")[0].split())
        raise BrowserError(
            f"source {source.id} needs a browser (`browser: true`), and none starts ({words}): "
            "run `playwright install chromium`, or name a Chromium in WARRAQ_CHROMIUM"
        ) from None
    finally:
        await chromium.close()


def _launch_options() -> dict[str, object]:
    options: dict[str, object] = {
        "chromium_sandbox": os.geteuid() != 0,  # Chromium refuses to start as root with it
        "timeout": _START_SECONDS * 1000,
    }
    if path := read_settings().chromium:
        options["executable_path"] = path
    return options


class Chromium(PlaywrightBrowserProvider):  # type: ignore[misc]  # it has no types
    """Starts Playwright with the browser: each scheme has a download handler, and one of the two opens no page.

    All that the browser sends goes to a `Relay`: Chromium has no other way, to this machine neither, and no name resolves in it.
    """

    name = "chromium"
    """What the browser calls itself, with its version once it runs."""

    def __init__(self, config: Config, source: Source) -> None:
        super().__init__(config)
        self.relay = Relay(source)

    async def start(self) -> None:
        """Nothing yet."""

    async def launch_browser(self) -> Browser:
        """Start Playwright and the relay, where they are not running, and the browser."""
        if self.playwright is None:
            await super().start()
            await self.relay.start()
            self.config.launch_options["args"] = _network(self.relay.place)
        browser: Browser = await super().launch_browser()
        self.name = f"{browser.browser_type.name} {browser.version}"
        return browser

    async def close(self) -> None:
        """End all of them."""
        await super().close()
        self.relay.close()


def _network(relay: str) -> list[str]:
    """Chromium's arguments by which it reaches a proxy at a host and port, and nothing else.

    It would send what is for this machine past any proxy (``<-loopback>`` undoes that), and WebRTC's packets besides.
    """
    return [
        f"--proxy-server=http://{relay}",
        "--proxy-bypass-list=<-loopback>",
        f"--host-resolver-rules=MAP {relay} {relay}, MAP * ~NOTFOUND",
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # as it was called before
        "--disable-quic",
    ]


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # it has no types
    """Download handler: requests whose meta says ``playwright`` are the browser's, all others Scrapy's own.

    A response has what the browser shows when the page has settled, in UTF-8, under the headers that the site sent, less cookies
    and those that hold no longer, and the request's meta is given ``rendered``, the browser's name and version. A redirect is
    answered as one, and what is no HTML is fetched by Scrapy.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._source: Source = crawler.spider.source  # type: ignore[union-attr]  # Scrapy makes handlers after the spider

    async def download_request(self, request: Request) -> Response:
        """Download a page.

        Raises:
            DownloadTimeoutError: it took longer than the source's time limit.
            DownloadCancelledError: it is larger than the source's size limit.
            DownloadFailedError: it did not come; as are CannotResolveHostError and DownloadConnectionRefusedError.
            ForbiddenAddress: it lies where nothing may be connected to.
        """
        if not request.meta.get("playwright"):
            response: Response = await super().download_request(request)
            return response
        limit, visit = self._source.politeness.timeout, _Visit()
        request.meta.pop("rendered", None)
        request.meta.update(
            playwright_context_kwargs=self._context(),
            playwright_page_init_callback=visit.begin,
            playwright_page_goto_kwargs={"wait_until": "commit"},
        )
        try:
            async with asyncio.timeout(limit):
                shown: Response = await super().download_request(request)
        except (TimeoutError, PlaywrightTimeoutError):
            raise DownloadTimeoutError(f"{request.url} took longer than {limit:g} s") from None
        except PlaywrightError as error:
            if visit.is_page or not visit.status:
                reason = self.browser_provider.relay.errors.get(host_and_port(request.url))
                raise _as_scrapys(error, reason) from error
        finally:
            await visit.end()
        if visit.redirected:
            return Response(request.url, status=visit.status, headers=visit.true_headers(), request=request)
        if not visit.is_page:
            return await self.download_request(request.replace(meta={**request.meta, "playwright": False}))
        request.meta["rendered"] = self.browser_provider.name
        return self._as_shown(request, shown, visit)

    def _context(self) -> dict[str, object]:
        """What the site gets to know of the visitor: who we are, and a reader's language and clock."""
        return {
            "user_agent": USER_AGENT,
            "locale": self._source.language,
            "timezone_id": self._source.timezone,
            "service_workers": "block",
            "accept_downloads": False,
        }

    async def _apply_page_methods(self, page: Page, request: Request, spider: Spider) -> None:  # noqa: ARG002 - scrapy-playwright's
        """Wait until the document is whole and, not for ever, until it asks for nothing more.

        scrapy-playwright calls this between opening a page and reading it. Its own would wait for the last picture, and for the
        events of a document from which a script tried to lead elsewhere, which do not come.
        """
        await page.wait_for_function("document.readyState !== 'loading'")
        with contextlib.suppress(PlaywrightTimeoutError):
            seconds = min(_SETTLE_SECONDS, self._source.politeness.timeout / 4)
            await page.wait_for_load_state("networkidle", timeout=1000 * seconds)

    def _as_shown(self, request: Request, shown: Response, visit: _Visit) -> Response:
        """What the browser shows, under the address that was asked for: a script may have the page call itself otherwise."""
        body = shown.text.encode()
        if len(body) > self._source.politeness.max_size:
            raise DownloadCancelledError(f"{request.url} is larger than {self._source.politeness.max_size} bytes")
        headers = visit.true_headers()
        headers["Content-Type"] = f"{visit.content_type}; charset=utf-8"
        return shown.replace(url=request.url, headers=headers, body=body, encoding="utf-8")


class _Visit:
    """One page in the browser: what it may ask for, and what the site answered to the request for the page itself."""

    def __init__(self) -> None:
        self.status = 0
        self._headers = Headers()
        self._page: Page | None = None
        self._navigated = False

    @property
    def redirected(self) -> bool:
        """Whether the answer is a redirect."""
        return 300 <= self.status < 400

    @property
    def content_type(self) -> str:
        """Of the answer, without its parameters."""
        return (self._headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether the answer is something for a browser to show; it is stopped at all else."""
        is_file = b"attachment" in (self._headers.get("Content-Disposition") or b"").lower()
        return self.content_type in _PAGES and not self.redirected and not is_file

    def true_headers(self) -> Headers:
        """The headers of the answer, less those that speak of the bytes sent."""
        return Headers({name: values for name, values in self._headers.items() if name.lower() not in _UNTRUE})

    async def begin(self, page: Page, _: Request) -> None:
        """Watch a page, before anything is asked for; called by scrapy-playwright."""
        self._page, self._navigated = page, False
        self.status, self._headers = 0, Headers()
        page.on("popup", _close)
        await page.context.unroute("**/*", _refuse)
        await page.context.route("**/*", _refuse)  # of a page that this one opens, which has no route of its own
        answers = await page.context.new_cdp_session(page)
        answers.on("Fetch.requestPaused", lambda event: self._on_answer(answers, event))
        documents = {"urlPattern": "*", "resourceType": "Document", "requestStage": "Response"}
        await answers.send("Fetch.enable", {"patterns": [documents]})
        await page.route("**/*", self._admit)  # asked before scrapy-playwright's own, which was there before

    async def end(self) -> None:
        """Close the page, if it is still open: scrapy-playwright leaves it so where it was interrupted."""
        if self._page is not None and not self._page.is_closed():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_close(self._page), _CLOSE_SECONDS)

    async def _admit(self, route: Route) -> None:
        """Let a request go on, or not: one document, the page itself, and what its text may need."""
        with contextlib.suppress(PlaywrightError):  # the page is gone
            if route.request.is_navigation_request():
                is_page, self._navigated = not self._navigated, True
                # With No Content the page stays as it is; an error would be shown in its place.
                await (route.fallback() if is_page else route.fulfill(status=204))
            elif route.request.resource_type in _LEFT_OUT:
                await route.abort()
            else:
                await route.fallback()

    async def _on_answer(self, answers: CDPSession, event: dict[str, Any]) -> None:
        """Note the head of the answer, and stop at what is no page."""
        if not self.status:  # else it is the No Content of `_admit`
            self.status = event.get("responseStatusCode", 0)
            for one in event.get("responseHeaders", ()):
                self._headers.appendlist(one["name"], one["value"])
        way = {"requestId": event["requestId"]}
        with contextlib.suppress(PlaywrightError):  # the page is gone
            if self.status and not self.is_page:
                await answers.send("Fetch.failRequest", {**way, "errorReason": "BlockedByClient"})
            else:
                await answers.send("Fetch.continueRequest", way)


async def _refuse(route: Route) -> None:
    with contextlib.suppress(PlaywrightError):  # the page is gone
        await route.abort()


async def _close(page: Page) -> None:
    with contextlib.suppress(PlaywrightError):
        await page.close()


def _as_scrapys(error: PlaywrightError, reason: Exception | None) -> Exception:
    """What Scrapy calls a failure of the browser, where the relay knows a reason by that one."""
    match reason:
        case AddressError():
            return ForbiddenAddress(str(reason), reason.forbidden)
        case gaierror() | UnicodeError():
            return CannotResolveHostError(str(reason))
        case ConnectionRefusedError():
            return DownloadConnectionRefusedError(str(reason))
        case TimeoutError():
            return DownloadTimeoutError(f"no connection in time: {error.message.partition(chr(10))[0]}")
    return DownloadFailedError(error.message.partition("\n")[0])
