"""The index beside each capture file, and the files of the bucket by what they hold."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.bucket import Bucket
from pipeline.captures.model import PREFIX, Capture, CaptureError, IndexLine
from pipeline.captures.read import read_captures

if TYPE_CHECKING:
    from pipeline.captures.model import Capture


_REVISIT_MIME = "warc/revisit"
"""What the archive tools write in an index for a revisit record."""


def list_page_files(bucket: Bucket, source: str | None = None) -> list[str]:
    """Keys of the capture files that hold pages, of one source or of all, sorted."""
    prefix = f"{PREFIX}source={source}/" if source else PREFIX
    return [stored.key for stored in bucket.list(prefix) if holds_pages(stored.key)]


def source_of(key: str) -> str:
    """The id of the source whose captures a file holds, read off its key."""
    return key.removeprefix(f"{PREFIX}source=").partition("/")[0]


def read_index(bucket: Bucket, key: str) -> list[IndexLine]:
    """The index of one capture file; made from the file itself where a killed crawl left none.

    Raises:
        BucketError: the store cannot be reached.
        CaptureError: there is no index, and the file cannot be read either.
    """
    try:
        index = bucket.get(index_key(key)).decode()
    except KeyError:
        index = "".join(index_line(capture) for capture in read_captures(io.BytesIO(bucket.get(key)), key))
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


def index_line(capture: Capture) -> str:
    """One CDXJ line: the URL's key, the 14-digit time, and the rest as JSON."""
    fields = {
        "url": capture.url,
        "mime": _REVISIT_MIME if capture.revisit else capture.content_type.partition(";")[0].strip().lower(),
        "status": str(capture.status),
        "digest": capture.digest,
        "offset": str(capture.offset),
        "captured_at": capture.captured_at.isoformat(),
        "found": dict(sorted(capture.found.items())),
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


def index_key(key: str) -> str:
    """The key of the index beside a capture file."""
    return key.removesuffix(".warc.gz") + ".cdxj"


def holds_pages(key: str) -> bool:
    """Whether a key is that of a capture file with pages, not with what discovery fetched."""
    return key.endswith(".warc.gz") and "-discovery-" not in key.rpartition("/")[2]


def captures_of(bucket: Bucket, source: str) -> Iterator[Capture]:
    """All pages captured of a source, file by file; what of a file cannot be read is left out: a build reports it.

    Raises:
        BucketError: the store cannot be reached.
    """
    for key in list_page_files(bucket, source):
        try:
            yield from read_captures(io.BytesIO(bucket.get(key)), key)
        except CaptureError:
            continue
