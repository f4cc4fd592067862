"""Pages from the Wayback Machine, or an archive that speaks as it does.

The index is its CDX server (https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server); a page comes as it was
captured from ``/web/<time>id_/<url>``, with the site's own headers as ``X-Archive-Orig-…`` and the time of the capture in
``Memento-Datetime`` (RFC 7089).
"""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from scrapy import Request

from crawlers.archive_copies import CopyError, header_pairs
from crawlers.discovery.archive_index import ArchiveIndex
from crawlers.discovery.base import DiscoveryError, Found
from pipeline.captures import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scrapy.http import Response

    from crawlers.window import Window
    from pipeline.sources import Source, WaybackDiscovery

LINES = 10_000
"""Lines asked for at once."""

_FIELDS = ("timestamp", "original", "statuscode", "mimetype")
_ORIGINAL = "x-archive-orig-"
_OF_THE_WIRE = frozenset({"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"})
"""Headers of how a body was sent, which the archive has undone or done anew."""


class Wayback(ArchiveIndex):
    """The first good capture of each page of the source's hosts.

    The whole index of a host is read, since the first capture of a page tells by when it was published.
    """

    type: ClassVar[str] = "wayback"

    def __init__(self, config: WaybackDiscovery, source: Source, window: Window) -> None:
        super().__init__((str(config.url),), source, window)
        self._prefix = config.prefix

    def start(self) -> Iterable[Request]:
        """The first lines of each host."""
        for host in self.source.hosts:
            yield self._request(host)

    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The pages that some lines of the index name, and the request for those that follow.

        Raises:
            DiscoveryError: it is no list of lines.
        """
        lines, resume = _lines(response.body)
        before: frozenset[str] = response.meta["before"]
        seen: set[str] = set()
        for line in lines:
            if len(line) != len(_FIELDS) or not all(isinstance(value, str) for value in line):
                self.skip()
                continue
            stamp, url, status, kind = map(str, line)
            if status != "200" or "html" not in kind:
                continue  # the archive was asked for none of these
            seen.add(url)
            address = f"{self.url}/web/{stamp}id_/{url}"
            how = {"by": self.type, "from": address, "archived_by": self.archives[0]}
            if item := self.found(url, stamp, how, address, partial(_original, url, how)):
                yield item
        self.told()
        if resume and seen <= before:
            self.problems.append(f"{response.url}: goes on without naming another page: not followed further")
        elif resume:
            yield self._request(response.meta["host"], resume, frozenset(seen))

    def _request(self, host: str, resume: str = "", before: frozenset[str] = frozenset()) -> Request:
        asked = [
            ("url", host + self._prefix),
            ("matchType", "prefix"),
            ("output", "json"),
            ("fl", ",".join(_FIELDS)),
            ("filter", "statuscode:200"),
            ("filter", "mimetype:.*html.*"),
            ("collapse", "urlkey"),
            ("limit", str(LINES)),
            ("showResumeKey", "true"),
        ]
        if resume:
            asked.append(("resumeKey", resume))
        meta = {**self.asked(), "host": host, "before": before}
        return Request(f"{self.url}/cdx/search/cdx?{urlencode(asked)}", meta=meta)


def _original(url: str, found: Mapping[str, str], response: Response, fetched_at: datetime) -> Exchange:
    """What the site sent, of the archive's answer.

    Raises:
        CopyError: the answer is the archive's own.
    """
    if response.status != 200:
        raise CopyError(f"HTTP {response.status}")
    try:
        captured_at = parsedate_to_datetime((response.headers.get("Memento-Datetime") or b"").decode("latin-1"))
    except (TypeError, ValueError, IndexError):
        raise CopyError("no capture: it has no Memento-Datetime") from None
    if captured_at.tzinfo is None:
        raise CopyError("no capture: its Memento-Datetime has no time zone")
    sent = header_pairs(response.headers)
    theirs = [
        (name[len(_ORIGINAL) :], value)
        for name, value in sent
        if name.lower().startswith(_ORIGINAL) and name[len(_ORIGINAL) :].lower() not in _OF_THE_WIRE
    ]
    names = {name.lower() for name, _ in theirs}
    theirs += [
        (name, value)
        for name, value in sent
        if name.lower() == "content-encoding" or (name.lower() == "content-type" and "content-type" not in names)
    ]
    return Exchange(
        url=url,
        fetched_at=fetched_at,
        status=200,
        reason="OK",
        headers=theirs,
        body=response.body,
        request_headers=None,
        found=found,
        captured_at=captured_at,
    )


def _lines(body: bytes) -> tuple[Sequence[Sequence[object]], str]:
    """The lines of an answer of the index, without the one that names the fields, and the key to go on with."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"no JSON ({len(body)} bytes): {error}") from None
    if not isinstance(answer, list) or not all(isinstance(line, list) for line in answer):
        raise DiscoveryError("no list of lines: is this a CDX server?")
    if not answer:
        return [], ""
    if answer[0] != list(_FIELDS):
        raise DiscoveryError(f"other fields than asked for: {str(answer[0])[:100]}")
    if len(answer) > 2 and answer[-2] == [] and len(answer[-1]) == 1:
        return answer[1:-2], str(answer[-1][0])
    return answer[1:], ""
