"""HTTP headers as text that gives the very bytes back that a site sent, and where a redirect leads."""

from __future__ import annotations

from urllib.parse import quote

from warcio.statusandheaders import StatusAndHeaders


def header_text(raw: bytes) -> str:
    """A header's bytes as text: UTF-8, which sites use in Location, with a lone surrogate for each byte that is none."""
    return raw.decode(errors="surrogateescape")


class SentHeaders(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """Headers that are written as they were sent; warcio's own would quote what is not ASCII, the colon of an address too."""

    def to_ascii_bytes(self, filter_func: object = None) -> bytes:
        """The block of headers with the blank line after it."""
        block: str = self.to_str(filter_func)
        return block.encode(errors="surrogateescape") + b"\r\n"


def as_read(value: str) -> str:
    """A header's text as warcio reads it off a record: UTF-8, or else Latin-1."""
    raw = value.encode(errors="surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def location_of(status: int, value: str | None) -> str | None:
    """Where an answer leads by its header ``Location``, as `as_read`; None where it is no redirect.

    Bytes that are no UTF-8 are percent-encoded, as browsers and Scrapy send them.
    """
    if not value or not 300 <= status < 400:
        return None
    beyond = [character for character in value if character > "\x7f"]
    if beyond and max(beyond) <= "\xff":
        return "".join(quote(character, encoding="latin-1") if character > "\x7f" else character for character in value)
    return value
