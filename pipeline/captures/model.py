"""What a capture is: one HTTP exchange in a WARC file, and its line in the index."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from pipeline.errors import WarraqError

Kind: TypeAlias = Literal["pages", "discovery"]
Headers: TypeAlias = Sequence[tuple[str, str]]

TEXTS = frozenset({"summary", "content"})
"""What `found` may hold of the article's text, as the site sent it; it stands in the metadata record alone, see `without_texts`."""

NEXT_PAGE = "next_page"
"""What `found` says in ``by`` of a page on which an article goes on, followed from the one before it."""

HTML = frozenset({"text/html", "application/xhtml+xml"})
"""The media types of pages."""

TAKEN_DOWN_URN = "urn:warraq:taken-down:"
"""What the URL of a purged capture begins with; the id of the takedown follows."""


def without_texts(found: Mapping[str, str]) -> dict[str, str]:
    """How a URL was found, sorted by name, without the texts that came with it.

    That much is kept in the index and in the documents table, which a crawl reads for every page that is stored.
    """
    return {name: found[name] for name in sorted(found.keys() - TEXTS)}


def strings_of(content: bytes) -> dict[str, str]:
    """The strings of a JSON object, halves of surrogate pairs replaced, which no file can hold; none of what is no JSON object."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    sound = ((_sound(name), _sound(value)) for name, value in said.items() if isinstance(value, str))
    return dict(sound)


def _sound(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class CaptureError(WarraqError):
    """A WARC file that cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange, about to be archived.

    `body` is as the site sent it, content-encoding kept; `headers` and `request_headers` are in their order. What an archive had
    of the page carries the archive's own time in `captured_at`, its word for a body that is cut off in `truncated`
    (WARC-Truncated), and no `request_headers` (None), since we sent the site no request.
    """

    url: str
    fetched_at: datetime
    status: int
    reason: str
    headers: Headers
    body: bytes
    request_headers: Headers | None
    found: Mapping[str, str]
    method: str = "GET"
    captured_at: datetime | None = None
    truncated: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP exchange, read from an archive.

    `body` has its content-encoding undone and is cut at `MAX_BODY`; `truncated` says that it is not all that the site sent.
    `revisit` means that the site sent what an earlier capture of this URL holds. `location` is where a redirect leads. `found`
    says how the URL was found. Of a purged capture there is its place, its time and a URL that begins with `TAKEN_DOWN_URN`; its
    status is 0.
    """

    key: str
    offset: int
    url: str
    captured_at: datetime
    status: int
    content_type: str
    body: bytes
    digest: str = ""
    truncated: bool = False
    revisit: bool = False
    location: str | None = None
    found: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexLine:
    """What the index says of one response: enough to know that a page is stored, and whether the site says it changed.

    `location` is where a redirect leads, as the site wrote it; `truncated` says that the body is not all that the site sent;
    `revisit` that the body is an earlier capture's. `key` and `offset` say where the record lies.
    """

    url: str
    captured_at: datetime
    status: int
    digest: str
    found: Mapping[str, str]
    location: str | None = None
    truncated: bool = False
    revisit: bool = False
    key: str = ""
    offset: int = -1
