"""Archives written by hand, as no library would write them."""

import struct

from backports import zstd

from tests.pipeline.conftest import page, prose

URLS = [f"http://alfajr.example/{n}" for n in range(4)]
PAGES = [page(f"خبر {n}", prose(n)) for n in range(4)]


def http(body: bytes, *fields: str, line: str = "\r\n") -> bytes:
    head = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *fields]
    return (line.join(head) + line * 2).encode() + body


def warc(url: str, block: bytes, *, length: object = "", line: str = "\r\n", more: tuple[str, ...] = ()) -> bytes:
    """A record written by hand; a `length` of None is left out."""
    stated = len(block) if length == "" else length
    fields = ["WARC/1.0", "WARC-Type: response", f"WARC-Target-URI: {url}", "WARC-Date: 2013-05-10T09:00:00Z"]
    fields += [f"WARC-Record-ID: <urn:uuid:{url}>", "Content-Type: application/http;msgtype=response", *more]
    fields += [f"Content-Length: {stated}"] if stated is not None else []
    return (line.join(fields) + line * 2).encode() + block + (line * 2).encode()


def arc(url: str, block: bytes, kind: str = "text/html") -> bytes:
    return f"{url} 192.0.2.1 20130510090000 {kind} {len(block)}\n".encode() + block + b"\n"


ARC_HEAD = arc(
    "filedesc://a.arc", b"1 1 Somebody\nURL IP-address Archive-date Content-type Archive-length\n", "text/plain"
)
RECORDS = [warc(url, http(body)) for url, body in zip(URLS, PAGES, strict=True)]
ARCS = [arc(url, http(body)) for url, body in zip(URLS, PAGES, strict=True)]


def with_dictionary(records: list[bytes], *, packed: bool) -> bytes:
    dictionary = zstd.train_dict([record for record in RECORDS for _ in range(20)], 4096)
    content = zstd.compress(dictionary.dict_content) if packed else dictionary.dict_content
    frames = b"".join(zstd.compress(record, zstd_dict=dictionary) for record in records)
    return b"\x5d\x2a\x4d\x18" + struct.pack("<I", len(content)) + content + frames
