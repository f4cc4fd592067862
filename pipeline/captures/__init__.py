"""Captures: what the sites sent, as WARC 1.1 files in the bucket, before anything has read it.

For every HTTP exchange a file holds a metadata record (how the URL was found), the request record (none where the page comes
from an archive) and the response record, in this order. Pages, and what discovery fetched (feeds, sitemaps, robots.txt), lie in
files of their own: only the former become documents. A file is written once and never changed, but for what is taken down.

A metadata record is a JSON object of strings, of which each is there only where it is known (`Capture.found`):

- ``by``: the discovery's type, or ``import``, ``robots``, ``next_page``; ``from``: the address, or file, where the URL stood (of a
  next page: the page that it continues).
- ``published``, ``modified``, ``lastmod``: dates as a feed, an interface or a sitemap states them; ``printed``: the date beside a
  link.
- ``title``: the headline there. ``summary``, ``content``: a feed's or WordPress's introduction and text, HTML or plain as it was
  sent, a long one cut at the end of a paragraph. They witness what the article is; a page without them is read all the same.
- ``revisit_of``: the address whose capture holds what an archive's revisit record says was sent here too.
- ``archived_by``: whose capture it is; ``rendered``: the browser that showed the page; ``again``: it was asked for once more.

The room writes these files, indexes, reads and purges them, and knows nothing of what pages say. It imports the bucket and the
errors alone.

Formats: WARC 1.1 (https://iipc.github.io/warc-specifications/), CDXJ as the archive tools write it. The files of others are read
as they come, see `pipeline.captures.records`.
"""

from __future__ import annotations

from pipeline.captures.codings import MAX_BODY, Decoded, undo_codings, unlabelled
from pipeline.captures.digests import belies_digests, check_digests
from pipeline.captures.headers import as_read, header_text, location_of
from pipeline.captures.inbox import announce, announced, take_back
from pipeline.captures.index import captures_of, list_page_files, read_index
from pipeline.captures.keys import (
    PREFIX,
    captures_since,
    fetched_day,
    holds_pages,
    is_astray,
    is_of_discovery,
    number_of,
    run_of,
    source_of,
)
from pipeline.captures.model import (
    HTML,
    NEXT_PAGE,
    TAKEN_DOWN_URN,
    TEXTS,
    Capture,
    CaptureError,
    Exchange,
    IndexLine,
    Kind,
    strings_of,
    without_texts,
)
from pipeline.captures.purge import purge
from pipeline.captures.read import (
    Sent,
    media_type,
    read_capture,
    read_captures,
    read_file,
    read_headers,
    target_uri,
    warc_instant,
)
from pipeline.captures.records import MAX_RATIO, Buffer, Damage, Record, read_records
from pipeline.captures.write import MAX_BYTES, MAX_RECORDS, CaptureWriter, archive_file

__all__ = [
    "HTML",
    "MAX_BODY",
    "MAX_BYTES",
    "MAX_RATIO",
    "MAX_RECORDS",
    "NEXT_PAGE",
    "PREFIX",
    "TAKEN_DOWN_URN",
    "TEXTS",
    "Buffer",
    "Capture",
    "CaptureError",
    "CaptureWriter",
    "Damage",
    "Decoded",
    "Exchange",
    "IndexLine",
    "Kind",
    "Record",
    "Sent",
    "announce",
    "announced",
    "archive_file",
    "as_read",
    "belies_digests",
    "captures_of",
    "captures_since",
    "check_digests",
    "fetched_day",
    "header_text",
    "holds_pages",
    "is_astray",
    "is_of_discovery",
    "list_page_files",
    "location_of",
    "media_type",
    "number_of",
    "purge",
    "read_capture",
    "read_captures",
    "read_file",
    "read_headers",
    "read_index",
    "read_records",
    "run_of",
    "source_of",
    "strings_of",
    "take_back",
    "target_uri",
    "undo_codings",
    "unlabelled",
    "warc_instant",
    "without_texts",
]
