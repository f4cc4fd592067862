"""A short, polite look at a site: one request after another, without a crawl's machinery around it.

The rules are the crawl's: robots.txt first, our own name, a pause between two requests, only the site's hosts, public addresses,
bounded sizes and times. So is the way there: ``http_proxy``, ``https_proxy`` and ``no_proxy`` are honoured.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx
from scrapy import Request
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser

from crawlers.middlewares import MAX_CRAWL_DELAY, MAX_ROBOTS
from crawlers.settings import DEFAULT_REQUEST_HEADERS, REDIRECT_MAX_TIMES, ROBOTSTXT_USER_AGENT, USER_AGENT
from pipeline.addresses import AddressError
from pipeline.captures import as_read, header_text, location_of, undo_codings
from pipeline.errors import WarraqError
from pipeline.sources import Politeness
from pipeline.web import web_client

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from pipeline.addresses import Guard


MAX_SIZE = Politeness().max_size
"""Bytes of an answer, unpacked, where its request does not say otherwise: a crawl's own default."""

_SILENCE = 20.0
_LONGEST = 60.0
"""Seconds that a site may be silent, and that one answer may take in all."""

_LONGEST_VISIT = 1200.0
_FAILURES_IN_A_ROW = 4
"""Seconds, and requests without an answer one after the other, after which a site is asked for nothing more."""

_PERMANENT = frozenset({301, 308})


class ClientError(WarraqError):
    """An answer could not be had; the message says why and what of."""


class RefusedError(ClientError):
    """We did not ask: robots.txt forbids it or cannot be had, it lies off the site or at no public address, or that was enough."""


class Client:
    """Asks a site for one thing after the other.

    Args:
        hosts: the hosts that may be asked, besides the one that `open_home` finds the site on.
        guard: decides what may be connected to.
        delay: seconds between two requests; robots.txt's Crawl-delay holds where it is longer.
        most_requests: how many may be sent in all, those for robots.txt left out.
        longest: seconds after which nothing more is asked for.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        guard: Guard,
        *,
        delay: float,
        most_requests: int,
        longest: float = _LONGEST_VISIT,
    ) -> None:
        self.hosts = list(dict.fromkeys(hosts))
        self.delay = delay
        self.sent = 0
        self.last_response: Response | None = None
        """The last answer that was not one to a request for robots.txt."""
        self._longest = longest
        self._end = time.monotonic() + longest
        self._failed_in_a_row = 0
        self._most_requests = most_requests
        self._rules: dict[str, ProtegoRobotParser] = {}
        self._last_sent = float("-inf")
        headers = {**DEFAULT_REQUEST_HEADERS, "User-Agent": USER_AGENT}
        self._http = web_client(guard, headers=headers, silence=_SILENCE, longest=_LONGEST)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def open_home(self, url: str) -> Response:
        """The home page. Wherever it is redirected to is the site's host too.

        Raises:
            ClientError: it could not be had.
        """
        return self._follow(Request(url), anywhere=True)

    def get(self, request: Request) -> Response:
        """The answer to a request, whatever its status, redirects on the site's hosts followed.

        Its body is unpacked. Its request's meta says when it was fetched (``fetched_at``), as after a crawl's download, and
        ``moved`` to which address the one asked for is redirected for good, if it is.

        Raises:
            ClientError: it could not be had.
        """
        return self._follow(request, anywhere=False)

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the robots.txt of a URL's host names."""
        return list(self._rules_of(url).rp.sitemaps)

    def _follow(self, request: Request, *, anywhere: bool) -> Response:
        url, moved, permanent = request.url, None, True
        for _ in range(REDIRECT_MAX_TIMES + 1):
            self._admit(url, request.url, anywhere=anywhere)
            answer = self.last_response = self._ask(url, request)
            target = _target(answer)
            if target is None:
                request.meta["moved"] = moved
                return answer
            try:
                url = urljoin(url, target)
            except ValueError:
                raise ClientError(f"{url} redirects to what is no address: {target[:100]!r}") from None
            permanent = permanent and answer.status in _PERMANENT
            moved = url if permanent else moved
        raise ClientError(f"{request.url}: more than {REDIRECT_MAX_TIMES} redirects, one after the other")

    def _admit(self, url: str, asked: str, *, anywhere: bool) -> None:
        """Refuse what a crawl would refuse; `asked` is the address that led here."""
        said = url if url == asked else f"{asked} leads to {url}, which"
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise RefusedError(f"{url} is no address") from None
        if parts.scheme not in {"http", "https"} or not host:
            raise RefusedError(f"{said} is no address of a web page")
        if host not in self.hosts:
            if not anywhere:
                raise RefusedError(f"{said} is on none of the site's hosts ({', '.join(self.hosts)})")
            self.hosts.append(host)
        if not self._rules_of(url).allowed(url, ROBOTSTXT_USER_AGENT):
            raise RefusedError(f"{said} is forbidden by robots.txt")
        if self.sent == self._most_requests:
            raise RefusedError(f"{url}: not asked for after {self._most_requests} requests")
        if self._failed_in_a_row == _FAILURES_IN_A_ROW:
            raise RefusedError(f"{url}: not asked for after {_FAILURES_IN_A_ROW} requests without an answer")
        if time.monotonic() > self._end:
            raise RefusedError(f"{url}: not asked for after {self._longest / 60:.0f} minutes")

    def _rules_of(self, url: str) -> ProtegoRobotParser:
        """The rules of a host; a 4xx other than 429 means that there are none (RFC 9309, 2.3.1)."""
        parts = urlsplit(url)
        if parts.netloc in self._rules:
            return self._rules[parts.netloc]
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        try:
            answer = self._ask(address, Request(address), counted=False)
            for _ in range(REDIRECT_MAX_TIMES):
                if not 300 <= answer.status < 400:
                    break
                target = urljoin(answer.url, _target(answer) or "")
                if urlsplit(target).hostname not in {*self.hosts, parts.hostname}:
                    break
                answer = self._ask(target, Request(target), counted=False)
        except ClientError as error:
            raise RefusedError(f"robots.txt cannot be had, so nothing may be asked for: {error}") from None
        if answer.status >= 500 or answer.status == 429:
            raise RefusedError(f"{address} answers HTTP {answer.status}, so nothing may be asked for: try again later")
        body = answer.body[:MAX_ROBOTS] if answer.status == 200 else b""
        rules = ProtegoRobotParser(robotstxt_body=body, spider=None)
        self.delay = max(self.delay, min(rules.crawl_delay(ROBOTSTXT_USER_AGENT) or 0.0, MAX_CRAWL_DELAY))
        self._rules[parts.netloc] = rules
        return rules

    def _ask(self, url: str, request: Request, *, counted: bool = True) -> Response:
        """One request and its answer, after the pause."""
        time.sleep(max(0.0, self._last_sent + self.delay - time.monotonic()))
        self.sent += counted
        largest = request.meta.get("download_maxsize", MAX_SIZE)
        headers = {name.decode(): values[0].decode() for name, values in request.headers.items()}
        body = bytearray()
        try:
            with self._http.stream("GET", url, headers=headers) as answer:
                for part in answer.iter_raw():
                    body += part
                    if len(body) > largest:
                        raise ClientError(f"{url} is larger than {largest} bytes")
        except AddressError as error:
            raise RefusedError(f"{url}: {error}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._failed_in_a_row += 1
            why = (
                "no whole answer in time"
                if isinstance(error, httpx.TimeoutException)
                else str(error) or type(error).__name__
            )
            raise ClientError(f"{url} cannot be fetched: {why}") from None
        finally:
            self._last_sent = time.monotonic()
        self._failed_in_a_row = 0
        decoded = undo_codings(bytes(body), answer.headers.get("content-encoding", ""), largest)
        if len(decoded.body) >= largest and not decoded.whole:
            raise ClientError(f"{url} is larger than {largest} bytes")
        request.meta["fetched_at"] = datetime.now(UTC)
        kept: dict[str, list[str]] = {}
        for name, value in answer.headers.multi_items():
            if name != "content-encoding":  # undone
                kept.setdefault(name, []).append(value)
        return Response(url, status=answer.status_code, headers=kept, body=decoded.body, request=request)


def _target(answer: Response) -> str | None:
    """Where an answer says that it leads."""
    return location_of(answer.status, as_read(header_text(answer.headers.get("Location") or b"")))
