"""Text that was decoded wrongly before it was written to its page: told, and mended where that is certain.

Somewhere between an author and a page, a program read bytes in the wrong encoding and wrote what it saw: "Ø§Ù„" or "ط§ظ„" for
"ال". To write those signs as bytes again and read these rightly gives the text back. The result proves itself: text that was
right all along does not, read so, make valid UTF-8, nor words. Where bytes were lost on the way, the text stays as it is, and
`is_garbled` tells it.

(`ftfy` does the same for Western encodings. It knows nothing of windows-1256, and it mends quotations within right text.)
"""

from __future__ import annotations

import re
from codecs import charmap_encode
from collections import Counter
from collections.abc import Callable
from html import unescape
from typing import TypeAlias

_HIGH = range(0x80, 0x100)


def _signs(encoding: str) -> str:
    """What the bytes from 0x80 on stand for; one that the encoding leaves open is the control character of its number."""
    return "".join(bytes([code]).decode(encoding, errors="ignore") or chr(code) for code in _HIGH)


_SIGNS_1252, _SIGNS_1256 = _signs("cp1252"), _signs("cp1256")
_ASCII = {code: code for code in range(0x80)}
# With the control characters that programs write which take latin-1 for what its name says.
_BYTES_1252 = _ASCII | {code: code for code in _HIGH} | dict(zip(map(ord, _SIGNS_1252), _HIGH, strict=True))
_BYTES_1256 = _ASCII | dict(zip(map(ord, _SIGNS_1256), _HIGH, strict=True))

_Step: TypeAlias = tuple[str, str]
"""The encoding by which a text was read, and the one in which it is."""
_STEPS: dict[_Step, dict[int, int]] = {
    ("cp1252", "utf-8"): _BYTES_1252,
    ("cp1256", "utf-8"): _BYTES_1256,
    ("cp1252", "cp1256"): _BYTES_1252,
}
_MAX_STEPS = 3
"""How often a text was misread, one time after the other."""

_ARABIC_WORD = re.compile(r"[\u0620-\u065f\u066e-\u06d3\u06d5]+")
_LETTER = re.compile(r"[^\W\d_]")
# Words of Arabic that no other common word looks like in another encoding ("من" in ISO-8859-6 is "هو" in windows-1256).
_COMMON = frozenset(
    {"في", "من", "على", "إلى", "عن", "مع", "التي", "الذي", "هذا", "هذه", "قال", "بعد", "قبل", "بين", "أنه"}
)
# What Arabic has not: teh marbuta or alef maqsura within a word, Latin letters with accents.
_NOT_ARABIC = re.compile(r"[ةى][\u0621-\u064a]|[\xc0-\u02af]")
# A word half Latin.
_HALF_LATIN = re.compile(r"[A-Za-z][\u0621-\u063a\u0641-\u064a]|[\u0621-\u063a\u0641-\u064a][A-Za-z]")

_CONTINUED = sorted({*_SIGNS_1252[:64], *_SIGNS_1256[:64], *map(chr, _HIGH[:64])})
_CONTINUING = re.escape("".join(_CONTINUED))
# Alef, lam and waw, by their second byte, and their first as a reference: a search for one sign costs nothing, and no text of
# more than a word is without all three.
_MARKS = ("§", "„", "\x84", "ˆ", "\x88", "Ç", "&sect;", "&Oslash;", "&Ugrave;", "\\u00d8", "\\u00d9")
_SUSPECT = re.compile(
    rf"[ØÙÚÛÃ][{_CONTINUING}][ØÙÚÛÃÂ]|[طظعغآ][{_CONTINUING}][طظعغآ]|[\xc0-\xff]{{3}}|&(?:Oslash|Ugrave);|\\u00d[89]"
)
_REFERENCE = re.compile(r"&(?:#\d{2,4}|#[xX][0-9a-fA-F]{2,4}|[A-Za-z]{2,8}[0-9]?);|\\u([0-9a-fA-F]{4})")
_IN_WORD = re.escape("".join(sign for sign in _CONTINUED if not sign.isspace()))
# One set of signs first, so that the search skips to those; what has to follow depends on which it is.
_GARBLED_WORD = re.compile(
    rf"[طظعغآ?\ufffd\xc0-\xff](?:(?<=[ØÙÚÛÃÂ])[{_IN_WORD}]?(?:[ØÙÚÛÃÂ][{_IN_WORD}]?){{2}}"
    rf"|(?<=[طظعغآ])[{_IN_WORD}][طظعغآ][{_IN_WORD}]|(?<=[\xc0-\xff])[\xc0-\xff]{{3}}|(?<=[?\ufffd])[?\ufffd]|(?<=\ufffd))\S*"
)

# Elements within a sentence: what they hold is judged together with what stands around them.
_INLINE = "a|abbr|b|bdi|bdo|big|cite|code|em|font|i|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|time|tt|u|wbr"
_PIECE = re.compile(rf"<(?:script\b[^<>]*>[^<]*|[^<>]*>)|[^<]+(?:</?(?:{_INLINE})\b[^<>]*>[^<]*)*", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_RUN = re.compile(r"(?:^|(?<=>))[^<>]+")
_QUOTED = re.compile(r'"[^"\\<>]*(?:\\.[^"\\<>]*)*"|\'[^\'\\<>]*\'')

_SURE = 6
"""Arabic letters of a text that is taken for mended by itself; a shorter one only on a page that has `_MANY` of them."""
_MANY = 100


def each_text(html: str, change: Callable[[str], str]) -> str:
    """A page with `change` applied to every text of it (see `mend`)."""

    def of_piece(match: re.Match[str]) -> str:
        piece = match[0]
        if piece.isascii() and "&" not in piece and "\\" not in piece:
            return piece
        return _QUOTED.sub(lambda quoted: change(quoted[0]), piece) if piece.startswith("<") else change(piece)

    return _PIECE.sub(of_piece, html)


def mend(html: str) -> str:
    """A page with what was decoded wrongly read again, text by text; right text comes back as it is.

    A text is what stands between two tags that part lines, or a quoted string of an attribute or a script: a sentence that
    quotes mojibake, and has more letters of its own, stays.
    """
    if not any(mark in html for mark in _MARKS) or not _SUSPECT.search(html):
        return html
    seen: Counter[tuple[_Step, ...]] = Counter()

    def mend_sure(text: str) -> str:
        whole = _TAG.sub(" ", text)
        steps = _find_steps(whole, _MAX_STEPS)
        if not steps:
            return text
        seen[steps] += len(whole)
        return _RUN.sub(lambda run: _take(run[0], steps) or run[0], text)

    mended = each_text(html, mend_sure)
    if not seen:
        return html
    steps, letters = seen.most_common(1)[0]
    if letters < _MANY:
        return mended
    # Most of the page was misread so: then all of it, where that is possible, or else its short texts too.
    return _take(html, steps) or each_text(
        mended, lambda text: _RUN.sub(lambda run: _take(run[0], steps) or run[0], text)
    )


def _find_steps(text: str, most: int) -> tuple[_Step, ...]:
    """The steps that make Arabic of a text; none where there are none."""
    for step in _STEPS:
        mended = _take(text, (step,))
        if mended is None or mended == text:
            continue
        if _SUSPECT.search(mended):
            further = _find_steps(mended, most - 1) if most > 1 else ()
            if further:
                return (step, *further)
        elif _is_mended(mended, step):
            return (step,)
    return ()


def _is_mended(text: str, step: _Step) -> bool:
    """Whether a text that was read again is Arabic."""
    words = _ARABIC_WORD.findall(text)
    letters = sum(map(len, words))
    if letters < _SURE or 2 * letters < len(_LETTER.findall(text)):
        return False
    # Any text in windows-1252 can be read as windows-1256.
    return step[1] == "utf-8" or is_arabic(text)


def _take(text: str, steps: tuple[_Step, ...]) -> str | None:
    """A text written as the bytes that its signs stand for, and these read rightly, step by step; None where that cannot be.

    Signs that are written as references are tried first as what they are, then as what they stand for.
    """
    for step in steps:
        signs = _STEPS[step]
        again = _again(text, signs, step[1])
        if again is None or again == text:
            resolved = _REFERENCE.sub(lambda reference: _resolve(reference, signs), text)  # noqa: B023 - used at once
            again = _again(resolved, signs, step[1]) if resolved != text else again
        if again is None:
            return None
        text = again
    return text


def _again(text: str, signs: dict[int, int], encoding: str) -> str | None:
    try:
        again = charmap_encode(text, "strict", signs)[0].decode(encoding)
    except UnicodeError:
        return None
    # "État" is text in windows-1252 and reads as "ةtat" in windows-1256.
    return None if encoding == "cp1256" and _HALF_LATIN.search(again) else again


def _resolve(reference: re.Match[str], signs: dict[int, int]) -> str:
    sign = chr(int(reference[1], 16)) if reference[1] else unescape(reference[0])
    return sign if sign > "\x7f" and ord(sign) in signs else reference[0]


def is_arabic(text: str) -> bool:
    """Whether words in Arabic letters are Arabic, and not another encoding's bytes taken for them."""
    return likeness(text) >= 0.1 or (len(_ARABIC_WORD.findall(text)) > 1 and not _NOT_ARABIC.search(text))


def likeness(text: str) -> float:
    """Share (0 to 1) of the words in Arabic letters that Arabic is full of: a tenth or more in running text."""
    words = _ARABIC_WORD.findall(text)
    common = sum(word in _COMMON or (len(word) > 3 and word.startswith(("ال", "وال", "بال", "لل"))) for word in words)
    return common / len(words) if words else 0.0


def is_garbled(text: str) -> bool:
    """Whether a third or more of a text's words are signs that its encoding has gone astray for good."""
    return 3 * len(_GARBLED_WORD.findall(text)) >= max(1, len(text.split()))
