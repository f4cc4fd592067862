"""Captures: what the sites sent, as WARC files in the bucket. Written, indexed, read, purged; nothing of what pages say."""

from __future__ import annotations

from pipeline.captures.index import captures_of, holds_pages, list_page_files, read_index, source_of
from pipeline.captures.model import PREFIX, TAKEN_DOWN_URN, Capture, CaptureError, Exchange, IndexLine, Kind
from pipeline.captures.purge import purge
from pipeline.captures.read import MAX_BODY, read_captures, read_headers
from pipeline.captures.write import MAX_BYTES, MAX_RECORDS, CaptureWriter, archive_file

__all__ = [
    "MAX_BODY",
    "MAX_BYTES",
    "MAX_RECORDS",
    "PREFIX",
    "TAKEN_DOWN_URN",
    "Capture",
    "CaptureError",
    "CaptureWriter",
    "Exchange",
    "IndexLine",
    "Kind",
    "archive_file",
    "captures_of",
    "holds_pages",
    "list_page_files",
    "purge",
    "read_captures",
    "read_headers",
    "read_index",
    "source_of",
]
