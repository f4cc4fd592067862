"""Bytes into text: which encoding a page really is in, whatever its header and its markup claim."""

from __future__ import annotations

import re

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

# Tried in this order where nothing else fits; Python names. windows-1256 before ISO-8859-6: the latter was hardly ever used
# on the web, and windows-1256 maps every byte, so it always decodes, to nonsense for other text; hence `_is_text`.
_ARABIC = ("cp1256", "iso8859-6")
# Encodings that decode any bytes whatever, so that their success says nothing. Pages in windows-1256 often claim one of them.
_ANY_BYTES = {"cp1252", "latin-1", "iso8859-1", "cp1256", "ascii"}
_ARABIC_WORDS = re.compile(r"[\u0621-\u064a]{3,}")
_HIGH_LETTERS = re.compile(r"[^\x00-\x7f]")


def decode(body: bytes, content_type: str) -> str | None:
    """The text of a page, or None where no encoding makes sense of its bytes.

    The evidence, strongest first: a byte order mark; the bytes being valid UTF-8, which text in another encoding never is by
    chance once it has a few Arabic words; the encoding that the HTTP header or the page's markup names; windows-1256. A name
    counts only where the bytes bear it out: wrong headers are common on Arabic sites, either way. A page in UTF-8 with a few
    broken bytes (a multi-byte letter cut in two by its own site) keeps its text, each broken byte as U+FFFD.
    """
    marked, mark = read_bom(body)
    if marked is not None and mark is not None:
        return _without_nulls(body[len(mark) :].decode(marked, errors="replace"))
    try:
        return _without_nulls(body.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if _nearly_utf8(body):
        return _without_nulls(body.decode("utf-8", errors="replace"))
    declared = [http_content_type_encoding(content_type), html_body_declared_encoding(body)]
    names = [name for name in declared if name is not None and name not in {"utf-8", *_ANY_BYTES}]
    for name in [*names, *_ARABIC]:
        try:
            text = body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if name not in _ARABIC or _is_arabic(text):
            return _without_nulls(text)
    if any(name in _ANY_BYTES for name in declared):
        text = body.decode("cp1252", errors="replace")
        if _is_latin(text):
            return _without_nulls(text)
    return None


def _nearly_utf8(body: bytes) -> bool:
    """Whether the bytes are UTF-8 but for a few: at most one in a hundred of the letters beyond ASCII is broken."""
    text = body.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    return broken * 100 <= len(_HIGH_LETTERS.findall(text))


def _is_arabic(text: str) -> bool:
    """Whether the signs beyond ASCII form Arabic words, most of them: accents between Latin letters and binary data do not."""
    high = len(_HIGH_LETTERS.findall(text))
    return high > 0 and sum(map(len, _ARABIC_WORDS.findall(text))) >= 0.6 * high


def _is_latin(text: str) -> bool:
    """Whether a text that is not Arabic reads as a Western language: few signs beyond ASCII, no control characters."""
    high = len(_HIGH_LETTERS.findall(text))
    controls = sum(text.count(chr(code)) for code in (*range(1, 9), *range(14, 32)))
    return high <= 0.2 * len(text) and controls == 0


def _without_nulls(text: str) -> str:
    return text.replace("\x00", "")
