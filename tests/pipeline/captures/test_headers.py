"""Headers of any bytes, written as they were sent."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipeline.captures.headers import SentHeaders, as_read, header_text, location_of
from pipeline.captures.index import read_index
from pipeline.captures.write import CaptureWriter
from tests.pipeline.captures.exchanges import exchange, read_back

if TYPE_CHECKING:
    from pipeline.bucket import Bucket

ARABIC = "http://sadanews.example/أخبار/1/"


@given(st.binary().filter(lambda raw: b"\r" not in raw and b"\n" not in raw))
def test_any_header_is_written_as_it_was_sent(raw: bytes) -> None:
    headers = SentHeaders("302 Found", [("Location", header_text(raw))], protocol="HTTP/1.1")
    assert headers.to_ascii_bytes() == b"HTTP/1.1 302 Found\r\nLocation: " + raw + b"\r\n\r\n"


def test_where_a_redirect_leads() -> None:
    assert location_of(302, ARABIC) == ARABIC
    assert location_of(302, as_read(header_text(ARABIC.encode()))) == ARABIC
    legacy = ARABIC.encode("windows-1256")
    assert location_of(302, as_read(header_text(legacy))) == "http://sadanews.example/%C3%CE%C8%C7%D1/1/"
    assert location_of(200, ARABIC) is location_of(302, "") is location_of(302, None) is None


def test_an_arabic_location_is_stored_as_it_was_sent_and_read_as_it_leads(bucket: Bucket) -> None:
    for number, raw in enumerate((ARABIC.encode(), ARABIC.encode("windows-1256"))):
        writer = CaptureWriter(bucket, "alfajr", f"run{number}")
        writer.add(exchange(status=302, reason="Found", body=b"", headers=[("Location", header_text(raw))]))
        key = str(writer.flush())
        [capture] = read_back(bucket, key)
        [line] = read_index(bucket, key)
        assert capture.location == line.location == location_of(302, as_read(header_text(raw)))
        *_, sent = [
            record.raw_stream.read() for record in ArchiveIterator(io.BytesIO(bucket.get(key)), no_record_parse=True)
        ]
        assert b"Location: " + raw + b"\r\n" in sent
