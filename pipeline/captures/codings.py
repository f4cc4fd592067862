"""Bodies with the codings undone that they were sent in, whatever their labels claim.

Servers, proxies and archives leave labels on bodies that are plain already, and put several on one. So a coding is undone where
the bytes bear it out, the last one first, as they were put on; a label that they belie changes nothing.

Content codings: RFC 9110, 8.4; their registry: https://www.iana.org/assignments/http-parameters/. Chunks: RFC 9112, 7.1.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import brotli

from pipeline.captures.model import HTML

if TYPE_CHECKING or sys.version_info < (3, 14):
    from backports import zstd
else:
    from compression import zstd

MAX_BODY = 64 * 2**20
"""Bytes of a decoded body that are read; a larger one is cut and marked, so that a gzip bomb cannot fill the memory."""

_STEP = 2**16
"""Bytes read at a time; a step of a bomb's unpacks to sixteen times as much at most."""

_MOST = 5
"""Codings put on one body; curl undoes no more either (MAX_ENCODE_STACK)."""

GZIP = b"\x1f\x8b\x08"
"""How a gzip member begins (RFC 1952; 8 is deflate, the only method there is)."""

ZSTD = b"\x28\xb5\x2f\xfd"
"""How a Zstandard frame begins (RFC 8878)."""

_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
"""Bytes of which there are none in text: https://mimesniff.spec.whatwg.org/#binary-data-byte."""

_BOMS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")

_Parts: TypeAlias = Generator[bytes, None, int]
"""What comes out of a decoder, in bounded parts; at its end, how many bytes behind the coding's own end were left."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body without its codings: `whole` where each came to its own end within the limit; `undone` names them, the last first."""

    body: bytes
    whole: bool
    undone: tuple[str, ...]


def undo_codings(data: bytes, labels: str, most: int = MAX_BODY) -> Decoded:
    """Undo those of the codings that the bytes bear out; of what comes out, `most` bytes are kept.

    `labels` are what Content-Encoding and Transfer-Encoding say, in the order in which the codings were put on, with commas between
    them. Known are gzip, deflate (with zlib's header and without), br, zstd and chunked; of any other nothing is undone. A body
    that breaks off, or is damaged within a coding, is what could be read of it, and not whole. This raises nothing.
    """
    claimed = [label.strip().lower().removeprefix("x-") for label in labels.split(",")]
    claimed = [label for label in claimed if label in _DECODERS][-_MOST:]
    body, whole = data, True
    undone: list[str] = []
    while claimed:
        for coding in dict.fromkeys(reversed(claimed)):
            if (tried := _undo(body, coding, most)) is not None:
                body, whole = tried.body, whole and tried.ended
                undone.append(coding)
                del claimed[len(claimed) - 1 - claimed[::-1].index(coding)]
                break
        else:
            break
    return Decoded(body[:most], whole and len(body) <= most, tuple(undone))


def unlabelled(data: bytes, content_type: str) -> list[str]:
    """The label of a page that was packed with gzip and does not say so, as caches of packed pages send it; else none."""
    return ["gzip"] if data.startswith(GZIP) and content_type.strip().lower().startswith(tuple(HTML)) else []


@dataclass(frozen=True, slots=True)
class _Tried:
    body: bytes
    ended: bool
    left: int


def _undo(data: bytes, coding: str, most: int) -> _Tried | None:
    """What comes of undoing a coding; None where the body was not sent in it."""
    for decoder, mark in _DECODERS[coding]:
        marked = bool(mark and mark.match(data))
        if mark and not marked:
            continue
        tried = _collect(decoder(data), most)
        if marked:
            return tried
        # Nothing marks these codings, so the bytes decide: text is not taken for what is cut off or has a rest.
        is_text = data.startswith(_BOMS) or not _BINARY.search(data)
        if (tried.ended and not (is_text and tried.left)) or (tried.body and not is_text):
            return tried
    return None


def _collect(parts: _Parts, most: int) -> _Tried:
    body = bytearray()
    while len(body) <= most:
        try:
            body += next(parts)
        except StopIteration as end:
            return _Tried(bytes(body), ended=True, left=end.value)
        except Exception:  # each decoder raises what it likes of a broken or unfinished body
            return _Tried(bytes(body), ended=False, left=0)
    return _Tried(bytes(body), ended=False, left=0)


def _unzip(data: bytes) -> _Parts:
    """The members of a gzip body; what is behind them counts for nothing."""
    at = 0
    while data.startswith(GZIP, at):
        at = len(data) - (yield from _inflate(data, 31, at))
    return 0


def _inflate(data: bytes, wbits: int, at: int = 0) -> _Parts:
    inflater = zlib.decompressobj(wbits)
    while not inflater.eof:
        step = inflater.unconsumed_tail
        if not step:
            step, at = data[at : at + _STEP], at + _STEP
        if not step:
            raise EOFError
        yield inflater.decompress(step, 16 * _STEP)
    return max(len(data) - at, 0) + len(inflater.unused_data)


def _unwrap(data: bytes) -> _Parts:
    """A zlib stream, whose sum at its end is proof enough."""
    yield from _inflate(data, 15)
    return 0


def _inflate_raw(data: bytes) -> _Parts:
    return (yield from _inflate(data, -15))


def _unbrotli(data: bytes) -> _Parts:
    decoder, at = brotli.Decompressor(), 0
    while not decoder.is_finished():
        step = b""
        if decoder.can_accept_more_data():
            step, at = data[at : at + _STEP], at + _STEP
            if not step:
                raise EOFError
        yield decoder.process(step, output_buffer_limit=16 * _STEP)
    return max(len(data) - at, 0)


def _unzstd(data: bytes) -> _Parts:
    """The frames of a Zstandard body; what is behind them counts for nothing."""
    at = 0
    while data.startswith(ZSTD, at):
        decoder = zstd.ZstdDecompressor()
        while not decoder.eof:
            step = b""
            if decoder.needs_input:
                step, at = data[at : at + _STEP], at + _STEP
                if not step:
                    raise EOFError
            yield decoder.decompress(step, 16 * _STEP)
        at = min(at, len(data)) - len(decoder.unused_data)
    return 0


def _unchunk(data: bytes) -> _Parts:
    """The chunks of a body, up to the empty one that ends it."""
    at = 0
    while head := _CHUNK.match(data, at):
        size, begin = int(head[1], 16), head.end()
        if size == 0:
            return 0
        yield data[begin : begin + size]
        line = data.find(b"\n", begin + size)
        if line < 0 or data[begin + size : line].strip(b"\r"):
            raise EOFError
        at = line + 1
    raise EOFError


_DECODERS: dict[str, list[tuple[Callable[[bytes], _Parts], re.Pattern[bytes] | None]]] = {
    "gzip": [(_unzip, re.compile(re.escape(GZIP)))],
    "deflate": [(_unwrap, None), (_inflate_raw, None)],
    "br": [(_unbrotli, None)],
    "zstd": [(_unzstd, re.compile(re.escape(ZSTD)))],
    # A chunk's size, and behind so many bytes the end of a line: many bodies begin with a digit.
    "chunked": [(_unchunk, _CHUNK)],
}
