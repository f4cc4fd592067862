"""Bytes into text: which encoding a page really is in, whatever its header and its markup claim."""

from __future__ import annotations

import re
from html import unescape

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from pipeline.page.mojibake import each_text, is_arabic, likeness, mend

# Encodings of the web that a header or a page may name besides UTF-8 (https://encoding.spec.whatwg.org/#names-and-labels), as
# Python names them. Python knows others that cost quadratic time ("punycode") or are no encodings of text at all.
_NAMED = re.compile(
    r"cp125\d|cp8(?:66|74)|cp9(?:32|49)|iso8859-\d+|koi8-[ru]|mac-(?:roman|cyrillic)|big5hkscs|gb18030|euc_jp|iso2022_jp|"
    r"utf-16(?:-[bl]e)?"
)
# Of these, those that decode any bytes whatever, so that their success says nothing. Pages in windows-1256 often claim one.
_ANY_BYTES = frozenset({"cp1252", "iso8859-1", "cp1256"})
_ARABIC = ("cp1256", "iso8859-6")
"""The single-byte encodings of Arabic, the commoner first: it maps every byte."""

_ARABIC_RUN = re.compile(r"[\u0621-\u063a\u0641-\u064a\u067e\u0686\u0698\u06a9\u06af]{3,}")
_FOREIGN = re.compile("[\xc0-\u02af\ufffd]")
_WIDE = re.compile(rb"(?:[\t\n\r ]\x00)*(?P<little><\x00)|(?:\x00[\t\n\r ])*\x00<")
_PART = re.compile(rb"[^<>\n]+")

# Control characters where a program took windows-1252 for latin-1: quotation marks, dashes, dots. Those on which windows-1252
# and windows-1256 agree, the commonest of which show whether a page has any.
_CONTROLS = {code: bytes([code]).decode("cp1252") for code in (0x80, 0x82, 0x84, 0x85, *range(0x91, 0x98), 0x99)}
_COMMON_CONTROLS = "\x85\x91\x92\x93\x94\x96\x97"
# References to such numbers mean windows-1252 (HTML Standard, section 13.2.5.80). libxml2 takes them literally.
_CONTROL_REFERENCE = re.compile(r"&#(?:1[2-5]\d|[xX][89][0-9a-fA-F]);")

_TWICE = re.compile(r"&amp;(#\d{1,6};|#[xX][0-9a-fA-F]{1,5};|[a-zA-Z]{2,8};)")
_ARABIC_TWICE = re.compile(r"&amp;#(?:1[5-7]\d\d|[xX]06[0-9a-fA-F]{2});")
_ARABIC_WORD = re.compile(r"[\u0620-\u064a]{2}")
# A reference that stands against a word, and so is no mention of itself ("the sign &nbsp; is a space").
_MARK = r"(?:quot|[lr]aquo|nbsp|hellip|[nm]dash|[lr][sd]quo|zwnj|[lr]rm|#0?3[49]|#8\d{3}|#1(?:60|71|87));"
_MARK_TWICE = re.compile(
    rf"&amp;(?={_MARK})(?:(?<=[\u0620-\u064a][\u0620-\u064a.،؛:!؟]&amp;)|(?={_MARK}[\u0620-\u064a][\u0620-\u064a]))"
)


def decode(body: bytes, content_type: str) -> str | None:
    """The text of a page, or None where no encoding makes sense of its bytes.

    The evidence, strongest first: a byte order mark; the bytes being valid UTF-8, which text in another encoding never is by
    chance once it has a few Arabic words; their being Arabic words in windows-1256 or ISO-8859-6; the encoding that the HTTP
    header or the page's markup names. A name counts only where the bytes bear it out: wrong headers are common on Arabic
    sites, either way. In a page that is UTF-8 but for parts, lines in windows-1256 are read as such, and of the rest each
    broken byte (a letter cut in two by its own site) is U+FFFD.

    What was decoded wrongly before it was written to the page is mended where that is certain (`pipeline.page.mojibake`), and
    so are references that were escaped twice.
    """
    text = decode_exactly(body, content_type)
    return None if text is None else _repair(text.replace("\x00", ""))


def decode_exactly(body: bytes, content_type: str) -> str | None:
    """`decode` for what is read by a parser of its own, such as a feed: by the same evidence, with nothing in it mended."""
    text = _read(body, content_type)
    return None if text is None else text.lstrip("\ufeff")


def _read(body: bytes, content_type: str) -> str | None:
    wide, mark = _wide_encoding(body)
    body = body[len(mark) :]
    if wide is not None:
        text = body.decode(wide, errors="replace")
        if "<" in text or b"<" not in body:  # else the mark is wrong
            return text
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    replaced = body.decode("utf-8", errors="replace")
    if len(replaced) > MAX_CHARACTERS:
        return replaced  # too large to be read, whatever it is
    broken = replaced.count("\ufffd")
    if 2 * broken <= _count_high(replaced):
        return _PART.sub(_part_in_utf8, body).decode("utf-8", errors="replace")
    return _read_single_bytes(body, content_type) or (replaced if 1000 * broken <= len(body) else None)


def _wide_encoding(body: bytes) -> tuple[str | None, bytes]:
    """UTF-16 or UTF-32, by the mark or the markup that the bytes begin with; and any byte order mark, that of UTF-8 included."""
    encoding, mark = read_bom(body)
    if encoding is None or mark is None:
        wide = _WIDE.match(body)
        return wide and ("utf-16-le" if wide["little"] else "utf-16-be"), b""
    return None if encoding == "utf-8" else encoding, mark


def _part_in_utf8(part: re.Match[bytes]) -> bytes:
    """A line of a page in UTF-8, which may be in windows-1256 itself."""
    line = part[0]
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        high = sum(byte >= 0x80 for byte in line)
        text = line.decode("cp1256")
        if 2 * line.decode("utf-8", errors="replace").count("\ufffd") >= high and _looks_arabic(text):
            return text.encode()
    return line


def _read_single_bytes(body: bytes, content_type: str) -> str | None:
    """A page that is not in UTF-8."""
    declared = [http_content_type_encoding(content_type), html_body_declared_encoding(body)]
    named = [name for name in declared if name is not None and _NAMED.fullmatch(name)]
    arabic = [body.decode(name, errors="replace") for name in sorted(_ARABIC, key=lambda name: name not in named)]
    best = max((text for text in arabic if _looks_arabic(text)), key=_fit, default=None)
    if best is not None and is_arabic(best):
        return best
    for name in named:
        if name not in _ANY_BYTES and name not in _ARABIC:
            try:
                text = body.decode(name)
            except UnicodeDecodeError:
                continue
            if "<" in text or b"<" not in body:
                return text
    if best is not None:
        return best
    text = body.decode("cp1252", errors="replace")
    return text if not _ANY_BYTES.isdisjoint(named) and _is_latin(text) else None


def _fit(text: str) -> tuple[float, int]:
    """How well a reading of bytes as Arabic fits, for `max`: by its commonest words, then by what is no Arabic in it."""
    return likeness(text), -len(_FOREIGN.findall(text))


def _count_high(text: str) -> int:
    """How many signs beyond ASCII a text has."""
    return len(text) - len(text.encode("ascii", errors="ignore"))


def _looks_arabic(text: str) -> bool:
    """Whether the signs beyond ASCII form Arabic words, most of them: accents between Latin letters and binary data do not."""
    high = _count_high(text)
    return high > 0 and sum(map(len, _ARABIC_RUN.findall(text))) >= 0.6 * high


def _is_latin(text: str) -> bool:
    """Whether a text that is not Arabic reads as a Western language: few signs beyond ASCII, no control characters."""
    controls = sum(text.count(chr(code)) for code in (*range(1, 9), *range(14, 32)))
    return _count_high(text) <= 0.2 * len(text) and controls == 0


def _repair(text: str) -> str:
    """A page's text with what its own site did to it undone, where that is certain."""
    if len(text) > MAX_CHARACTERS:
        return text  # and not read
    text = mend(text)
    if any(control in text for control in _COMMON_CONTROLS):
        text = text.translate(_CONTROLS)
    if "&#1" in text or "&#x" in text:
        text = _CONTROL_REFERENCE.sub(lambda reference: unescape(reference[0]), text)
    if "&amp;" in text:
        if _ARABIC_TWICE.search(text):
            text = each_text(text, _unescape_once)
        text = _MARK_TWICE.sub("&", text)
    return text


def _unescape_once(text: str) -> str:
    """A text whose Arabic letters are all references escaped twice, once less so; any other as it is."""
    if len(_ARABIC_TWICE.findall(text)) < 3 or _ARABIC_WORD.search(text):
        return text
    return _TWICE.sub(r"&\1", text)


MAX_CHARACTERS = 4_000_000
"""A page of more characters is not read. The longest article pages are below one million."""
