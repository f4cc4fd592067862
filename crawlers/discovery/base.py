"""What every discovery has in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from string import whitespace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response
from w3lib.url import safe_url_string

from pipeline.captures import TEXTS
from pipeline.urls import without_last_dot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from crawlers.mementos import Memento
    from crawlers.window import Window
    from pipeline.apart import Apart
    from pipeline.sources import Source

MAX_LITERAL = 1000
"""Characters of a date or a title that are kept; headlines have some hundred."""
MAX_TEXT = 2**16
"""Characters of a text that are kept, markup included: a witness need not be whole. Of three hundred articles of four outlets
the longest has 34,000."""

_UNSEEN = (
    whitespace
    + "\x85\xa0\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Blanks, marks of direction and others that nobody sees."""
_PLAIN = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?(?:/[\w%./+,:@~=-]*(?:\?[\w%./+,:@~=&-]+)?)?", re.ASCII
)
"""An address that is whole as it stands, as nearly all are."""
_SCHEME_BEFORE_SCHEME = re.compile(r"^(?:https?:/*)+(?=https?://)", re.IGNORECASE)

_PARAGRAPH_END = re.compile(r"</(?:p|div|li|blockquote|h[1-6])\s*>|<br\s*/?>|\n", re.IGNORECASE)


class DiscoveryError(ValueError):
    """What came cannot be used, for instance no feed at all; the message says what came."""


@dataclass(frozen=True, slots=True)
class Found:
    """A URL that may be an article's, absolute, and how it was found: the literals of `pipeline.captures.Exchange.found`.

    `days` are the first and the last day at the source on which it can have been published, where the discovery has read
    them off something that `how` does not hold as a machine's date: what is printed beside a link, the link's own path.
    `memento` is where an archive has the page; without it the site itself is asked.
    """

    url: str
    how: Mapping[str, str]
    days: tuple[date, date] | None = None
    memento: Memento | None = None


class Discovery(ABC):
    """One way of finding a source's article URLs.

    The spider sends the requests that `start` and `read` give, each URL once, and gives every answer to `read`. `problems`
    collects what was wrong with an answer that could still be used, `notes` what is worth knowing and is no fault.
    """

    type: ClassVar[str]
    """As the source's file names it."""

    looks_back: bool
    """Whether it finds articles of any window, or only the latest; a feed knows when it has been read."""

    archives: tuple[str, ...] = ()
    """Hosts of the archive that is asked, which are none of the source's; requests for them say ``archive`` in their meta."""

    def __init__(self, url: str, source: Source, window: Window) -> None:
        self.url = url
        self.source = source
        self.window = window
        self.problems: list[str] = []
        self.notes: list[str] = []

    def tell_damage(self, url: str, links: Sequence[str], mended: Sequence[str], error: str = "") -> None:
        """Tell of a damaged answer, of which these `links` were read: a problem where an address may be lost, or else a note."""
        told = [*mended, error] if error else [*mended]
        if error or any("\ufffd" in link for link in links):
            self.problems.append(f"{url}: damaged, {len(links)} entries could be read: {'; '.join(told)}")
        elif told:
            self.notes.append(f"{url}: mended before it was read: {'; '.join(told)}")

    def tell_unaddressed(self, url: str, count: int, of: int) -> None:
        """Tell of so many entries of an answer, `of` all, that name no address: what they are of cannot be asked for.

        A few are what a site writes beside its articles; where half are so, it writes addresses in a way that is not known here.
        """
        if count:
            told = self.problems if 2 * count >= of else self.notes
            told.append(f"{url}: {count} of {of} entries have no address, and what they are of is not had")

    @abstractmethod
    def start(self) -> Iterable[Request]:
        """The first requests."""

    def read(self, response: Response) -> Iterator[Found | Request]:
        """The URLs an answer holds, and what else to ask for.

        Raises:
            DiscoveryError: it cannot be used; what was yielded before counts.
        """
        yield from self.parse(response) if response.status == 200 else self.refused(response)

    @abstractmethod
    def parse(self, response: Response) -> Iterator[Found | Request]:
        """`read`, of an answer of status 200."""

    def refused(self, response: Response) -> Iterable[Found | Request]:
        """`read`, of any other answer: an error, unless the discovery knows better."""
        raise DiscoveryError(f"HTTP {response.status}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer holds: the URLs `found`, and what else to ask for; up to the `error` that broke the reading off, if one did.

    `discovery` is the one that has read it, to go on with.
    """

    discovery: Discovery
    found: tuple[Found, ...]
    requests: tuple[Request, ...]
    error: Exception | None = None


def read_apart(apart: Apart, discovery: Discovery, response: Response, asked: Mapping[str, object]) -> Reading:
    """`Discovery.read`, where it may be killed; `asked` is the meta of the request as the discovery made it.

    Raises:
        StoppedError: the answer took more time or memory than it may.
    """
    # Nothing but what the site sent: what the downloader adds, such as a certificate, need not be such as can be handed over.
    meta = {**asked, "fetched_at": response.meta["fetched_at"]}
    request = Request(response.url, meta=meta)
    bare = Response(response.url, status=response.status, headers=response.headers, body=response.body, request=request)
    return apart.run(len(response.body), _read, discovery, bare)


def _read(discovery: Discovery, response: Response) -> Reading:
    found: list[Found] = []
    requests: list[Request] = []
    failed = None
    try:
        for item in discovery.read(response):
            if isinstance(item, Request):
                requests.append(item)
            else:
                found.append(item)
    except MemoryError:
        raise
    except Exception as error:  # what was read before it counts
        failed = error
    return Reading(discovery, tuple(found), tuple(requests), failed)


def literals(stated: Mapping[str, object]) -> dict[str, str]:
    """What a site states of an article, as strings that can be stored: without those that are none or empty, and bounded.

    A text that is too long ends with a paragraph.
    """
    found = {}
    for name, value in stated.items():
        text = value.strip() if isinstance(value, str) else ""
        text = _cut(text) if name in TEXTS else text[:MAX_LITERAL]
        if text:
            found[name] = text.encode(errors="replace").decode()  # JSON and a loose parse let lone surrogates through
    return found


def _cut(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    ends = [end.end() for end in _PARAGRAPH_END.finditer(text, 0, MAX_TEXT)]
    return text[: ends[-1] if ends else MAX_TEXT].rstrip()


def content_type(response: Response) -> str:
    """The header ``Content-Type`` of an answer; empty where there is none."""
    return (response.headers.get("Content-Type") or b"").decode("latin-1")


def absolute(base: str, link: str) -> str:
    """A link made absolute; one that is no URL at all comes back as it is, for the spider to name.

    What people and programs do to addresses is undone where it is certain: a broken line, signs that nobody sees around it, a
    CDATA section written as text, a scheme written twice, lost or with too few slashes before the site's own host, and the
    host's last dot, with which it is the same host.
    """
    if _PLAIN.fullmatch(link):
        return link
    bare = "".join(line.strip(_UNSEEN) for line in link.splitlines())
    if bare.startswith("<![CDATA[") and bare.endswith("]]>"):
        bare = bare[len("<![CDATA[") : -len("]]>")].strip(_UNSEEN)
    bare = _SCHEME_BEFORE_SCHEME.sub("", bare)
    try:
        own = (urlsplit(base).hostname or "").removeprefix("www.")
        if own and (almost := re.match(_ALMOST.format(host=re.escape(own)), bare, re.IGNORECASE)):
            bare = f"{almost['scheme'] or urlsplit(base).scheme}://{almost['rest']}"
        url = without_last_dot(urljoin(base, bare))
        return url if urlsplit(url).netloc.isascii() else safe_url_string(url)  # which spells the host as requests do
    except ValueError:  # such as an unclosed bracket in the host
        return link


_ALMOST = r"(?:(?P<scheme>https?)(?::/?|;?/+))?(?P<rest>(?:[\w-]+\.)*{host}(?:[/:?#].*)?)$"
"""An address on the site's own host, or on one below it, without ``://`` before it."""
