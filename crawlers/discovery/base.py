"""What every discovery has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scrapy import Request
    from scrapy.http import Response

    from crawlers.run import Window
    from pipeline.sources import Source


class DiscoveryError(ValueError):
    """What came cannot be used, for instance no feed at all; the message says what came."""


@dataclass(frozen=True, slots=True)
class Found:
    """A URL that may be an article's, absolute, and how it was found: the literals of `pipeline.captures.Exchange.found`."""

    url: str
    how: Mapping[str, str]


class Discovery(ABC):
    """One way of finding a source's article URLs.

    The spider sends the requests that `start` and `parse` give, each URL once, and gives every answer of status 200 to `parse`.
    `problems` collects what was wrong with an answer that could still be used.
    """

    type: ClassVar[str]
    """As the source's file names it."""

    looks_back: ClassVar[bool]
    """Whether it finds articles of any window, or only the latest."""

    def __init__(self, url: str, source: Source, window: Window) -> None:
        self.url = url
        self.source = source
        self.window = window
        self.problems: list[str] = []

    @abstractmethod
    def start(self) -> Iterable[Request]:
        """The first requests."""

    @abstractmethod
    def parse(self, response: Response) -> Iterator[Found | Request]:
        """The URLs an answer holds, and what else to ask for.

        Raises:
            DiscoveryError: it cannot be used; what was yielded before counts.
        """


def absolute(base: str, link: str) -> str:
    """A link made absolute; one that is no URL at all comes back as it is, for the spider to name."""
    try:
        return urljoin(base, link.strip())
    except ValueError:  # such as an unclosed bracket in the host
        return link
