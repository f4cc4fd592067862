"""Feeds and sitemaps as sites send them: packed twice, in another encoding than they say, with signs that no XML may have.

A parser gives up at such damage, or reads on and drops every reference after it. So what is certain is mended before it is parsed,
in the smallest unit, and what was mended is told.
"""

from __future__ import annotations

import re
import zlib
from html.entities import html5

from scrapy.utils.gz import gunzip

from crawlers.discovery.base import DiscoveryError
from pipeline.page import decode_exactly

MAX_LAYERS = 3
"""Times that a sitemap may be packed: servers pack what was a ``.gz`` already."""

_GZIP = b"\x1f\x8b\x08"
_BEGINS = re.compile(r"<\?xml[\s?]|<!DOCTYPE|<!--|<[A-Za-z][\w:.-]*[\s>]", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml\b[^>]*\?>\s*")
_DECLARED_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s")
_AMPERSAND = re.compile(
    r"(?P<literal><!\[CDATA\[.*?\]\]>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)"
    r"|&(?:#(?P<decimal>\d{1,9});|#[xX](?P<hex>[0-9a-fA-F]{1,8});|(?P<name>[A-Za-z][A-Za-z0-9.-]{0,31});)?",
    re.DOTALL,
)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 may hold (https://www.w3.org/TR/xml/#charsets)."""

_LAST_CHARACTER = 0x10FFFF
_XML_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def unpack(body: bytes, most: int) -> bytes:
    """What was packed with gzip, however often; anything else as it is.

    Raises:
        DiscoveryError: it is damaged, or has more than `most` bytes unpacked.
    """
    for _ in range(MAX_LAYERS):
        if not body.startswith(_GZIP):
            break
        try:
            body = gunzip(body, max_size=most)
        except ValueError as error:
            raise DiscoveryError(f"larger than {most} bytes when unpacked") from error
        except (OSError, EOFError, zlib.error) as error:
            raise DiscoveryError(f"damaged gzip: {error}") from error
    return body


def mend(body: bytes, content_type: str) -> tuple[bytes, list[str]]:
    """XML in UTF-8 without a declaration, and what had to be mended in it, a few words each.

    The encoding is decided as a page's is (`pipeline.page.decode`): by the bytes before any name. References that every XML knows
    become numbers, which libxml2 goes on reading after a first error, as it does not with names.

    Raises:
        DiscoveryError: no encoding makes sense of it.
    """
    text = decode_exactly(body, content_type)
    if text is None:
        raise DiscoveryError(f"no text in any encoding ({len(body)} bytes)")
    mended = []
    if unread := text.count("\ufffd"):
        mended.append(f"{unread} bytes that are no text")
    begins = _BEGINS.search(text)
    if begins and (before := text[: begins.start()].strip()):
        mended.append(f"{len(before)} characters before the XML")
    text = text[begins.start() :] if begins else text
    text = _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text
    text, forbidden = _FORBIDDEN.subn("", text)
    references = _References(frozenset(_DECLARED_ENTITY.findall(text)))
    text = _AMPERSAND.sub(references.written, text)
    if forbidden + references.forbidden:
        mended.append(f"{forbidden + references.forbidden} control characters")
    if references.bare:
        mended.append(f"{references.bare} signs & that stand for themselves")
    return text.encode(), mended


class _References:
    """Writes references as numbers, and counts what is none; those that the file itself declares stay."""

    def __init__(self, declared: frozenset[str]) -> None:
        self._declared = declared
        self.bare = 0
        self.forbidden = 0

    def written(self, match: re.Match[str]) -> str:
        """What stands for a match of `_AMPERSAND`."""
        name = match["name"]
        if match["literal"] or name in self._declared:
            return match[0]
        if digits := match["decimal"] or match["hex"]:
            number = int(digits, 10 if match["decimal"] else 16)
            if number <= _LAST_CHARACTER and not _FORBIDDEN.match(chr(number)):
                return f"&#{number};"
            self.forbidden += 1
            return ""
        if name and (characters := _XML_ENTITIES.get(name) or html5.get(f"{name};")):
            return "".join(f"&#{ord(character)};" for character in characters)
        self.bare += 1
        return "&#38;" + match[0][1:]
