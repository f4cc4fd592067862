"""The index beside each capture file, so that a crawl learns what is stored without reading the pages: one line a response.

Format: CDXJ as the archive tools write it, with fields of our own for what `IndexLine` says besides.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from urllib.parse import urlsplit

from pipeline.bucket import Bucket, DamagedError
from pipeline.captures.keys import PREFIX, captures_since, holds_pages, index_key
from pipeline.captures.model import Capture, CaptureError, IndexLine, without_texts
from pipeline.captures.read import read_captures, read_file

_REVISIT_MIME = "warc/revisit"
"""What the archive tools write in an index for a revisit record."""


def list_page_files(bucket: Bucket, *ids: str, since: date | None = None) -> list[str]:
    """Keys of the capture files that hold pages, of the sources with these ids or of all, sorted.

    With `since`, which goes with ids, those that are filed under that day or a later one (UTC).
    """
    listed = [bucket.list(f"{PREFIX}source={id_}/", after=captures_since(id_, since) if since else "") for id_ in ids]
    every = chain.from_iterable(listed) if ids else bucket.list(PREFIX)
    return sorted(stored.key for stored in every if holds_pages(stored.key))


def captures_of(bucket: Bucket, *ids: str) -> Iterator[Capture]:
    """All pages captured under a source's ids, file by file; what of a file cannot be read is left out: a build reports it.

    Raises:
        BucketError: the store cannot be reached.
    """
    for key in list_page_files(bucket, *ids):
        try:
            yield from read_captures(io.BytesIO(read_file(bucket, key)), key)
        except CaptureError:
            continue


def read_index(bucket: Bucket, key: str) -> list[IndexLine]:
    """The index of one capture file; made from the file itself where a killed crawl left none, or where it is damaged.

    Raises:
        BucketError: the store cannot be reached.
        CaptureError: there is no index, and the file cannot be read either.
    """
    try:
        index = bucket.get(index_key(key)).decode()
    except (KeyError, DamagedError):
        index = "".join(cdxj_line(capture) for capture in read_captures(io.BytesIO(read_file(bucket, key)), key))
    lines = []
    for text in index.splitlines():
        fields = json.loads(text.split(" ", 2)[2])
        lines.append(
            IndexLine(
                url=fields["url"],
                captured_at=datetime.fromisoformat(fields["captured_at"]),
                status=int(fields["status"]),
                digest=fields["digest"],
                found=fields["found"],
                location=fields.get("location"),
                truncated="truncated" in fields,
                revisit=fields["mime"] == _REVISIT_MIME,
                key=key,
                offset=int(fields["offset"]),
            )
        )
    return lines


def cdxj_line(capture: Capture) -> str:
    """One CDXJ line: the URL's key, the 14-digit time, and the rest as JSON."""
    fields = {
        "url": capture.url,
        "mime": _REVISIT_MIME if capture.revisit else capture.content_type.partition(";")[0].strip().lower(),
        "status": str(capture.status),
        "digest": capture.digest,
        "offset": str(capture.offset),
        "captured_at": capture.captured_at.isoformat(),
        "found": without_texts(capture.found),
    }
    if capture.location:
        fields["location"] = capture.location
    if capture.truncated:
        fields["truncated"] = "true"
    stamp = capture.captured_at.strftime("%Y%m%d%H%M%S")
    return f"{_url_key(capture.url)} {stamp} {json.dumps(fields, ensure_ascii=False)}\n"


def _url_key(url: str) -> str:
    """The sort key of a URL in a CDXJ index: host labels turned round, then the path (SURT), without spaces."""
    parts = urlsplit(url)
    if not parts.netloc:  # a URN is its own key
        return url
    host = ",".join(reversed((parts.hostname or "").split(".")))
    return f"{host}){parts._replace(scheme='', netloc='', fragment='').geturl() or '/'}".replace(" ", "%20")
