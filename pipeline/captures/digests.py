"""Whether a record's bytes are what its digests say, over whatever its maker took for the payload and however it wrote them."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from pipeline.captures.codings import undo_codings
from pipeline.captures.read import Sent
from pipeline.captures.records import Record

_KNOWN = frozenset({"md5", "sha1", "sha256", "sha384", "sha512"})


def belies_digests(record: Record) -> bool:
    """Whether a record states digests that can be checked, and its bytes match none of them.

    WARC-Block-Digest is over the block, which settles it. WARC-Payload-Digest is by the standard over the payload, of which tools
    have different notions: as it was sent, without its chunks, without all codings, or the whole block. They are written in base 32
    or 64 or as hexadecimal digits, padded or not. An algorithm that is not known says nothing.
    """
    checked = check_digests(record).values()
    return bool(checked) and not any(checked)


def check_digests(record: Record) -> dict[str, bool]:
    """Whether the record's bytes are what each of its digests says that can be checked, by the names of their headers."""
    parsed = next(iter(ArchiveIterator(io.BytesIO(record.data))))
    stated = {}
    for field in ("WARC-Block-Digest", "WARC-Payload-Digest"):
        name, _, value = (parsed.rec_headers.get_header(field) or "").partition(":")
        algorithm, written = name.strip().lower().replace("-", ""), value.strip().rstrip("=")
        if algorithm in _KNOWN and written:
            stated[field] = (algorithm, written)
    notions = list(_notions(record.block, parsed)) if stated else []
    return {
        field: any(
            _is_written_so(hashlib.new(algorithm, data, usedforsecurity=False).digest(), written) for data in notions
        )
        for field, (algorithm, written) in stated.items()
    }


def _notions(block: bytes, parsed: ArcWarcRecord) -> Iterator[bytes]:
    yield block
    payload = parsed.raw_stream.read()
    yield payload
    if parsed.http_headers is not None:
        sent = Sent(payload, parsed.http_headers)
        yield undo_codings(payload, "chunked").body
        yield sent.read()[0]


def _is_written_so(digest: bytes, value: str) -> bool:
    in_64 = {base64.b64encode(digest).decode().rstrip("="), base64.urlsafe_b64encode(digest).decode().rstrip("=")}
    return value.upper() in {base64.b32encode(digest).decode().rstrip("="), digest.hex().upper()} or value in in_64
