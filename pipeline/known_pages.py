"""What a crawl and an import ask of the bucket before they take anything in: which pages it holds, and which were taken down.

The documents table and the takedowns come with Arrow, which takes half a second and a hundred megabytes to load. A crawl into a
bucket that has none of them yet does without.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pipeline.bucket import Bucket
from pipeline.captures import IndexLine, list_page_files, read_index
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_COLUMNS = (
    *("fetched_url", "captured_at", "http_status", "location", "digest", "found", "rejected"),
    *("capture_key", "capture_offset", "published_day", "next_page", "whole"),
)


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page that the bucket holds.

    `content` is the newest capture that holds what the site sent, `newest` the newest of all, which may say no more than that
    nothing had changed. `first_captured_at` is when the page was first had (status 200), None where it never was.
    `published_day` is None until a build has taken the page in as an article. `later` are the addresses of the pages on which the
    article goes on, as far as a build has joined them and the one that it missed.
    """

    content: IndexLine
    newest: IndexLine
    first_captured_at: datetime | None
    published_day: date | None
    later: tuple[str, ...] = ()


def known_pages(bucket: Bucket, *ids: str) -> dict[str, KnownPage]:
    """Every page of a source that the bucket holds under its `ids` (`pipeline.sources.Source.ids`), by its normal URL.

    A page whose capture file is gone from the bucket is not known: a crawl of its window fetches it again.
    """
    lines, days, later = _stored(bucket, ids)
    captures: defaultdict[str, list[IndexLine]] = defaultdict(list)
    for line in lines:
        captures[normalize_url(line.url)].append(line)
    pages = {}
    for url, of_page in captures.items():
        whole = [line for line in of_page if not line.revisit]
        if whole:
            first = next((line.captured_at for line in whole if line.status == 200), None)
            pages[url] = KnownPage(whole[-1], of_page[-1], first, days.get(url), later.get(url, ()))
    return pages


def stored_captures(bucket: Bucket, *ids: str) -> list[IndexLine]:
    """Every capture of a page of a source that the bucket holds under its `ids`, from the oldest on."""
    return _stored(bucket, ids)[0]


def _stored(bucket: Bucket, ids: Sequence[str]) -> tuple[list[IndexLine], dict[str, date], dict[str, tuple[str, ...]]]:
    """The captures, the published days of the pages that are articles, and the pages on which the newest text of these goes on.

    From the documents table, and from the indexes of the capture files that it has not taken in yet.
    """
    rows = _rows(bucket, ids)
    files = set(list_page_files(bucket, *ids))
    lines, days, later = [], {}, {}
    for row in sorted(rows, key=lambda row: (row["captured_at"], row["capture_key"], row["capture_offset"])):
        if row["capture_key"] not in files:
            continue
        lines.append(
            IndexLine(
                url=row["fetched_url"],
                captured_at=row["captured_at"],
                status=row["http_status"],
                digest=row["digest"],
                found=json.loads(row["found"]),
                location=row["location"],
                truncated=row["rejected"] == "truncated",
                revisit=row["rejected"] == "unchanged",
                key=row["capture_key"],
                offset=row["capture_offset"],
            )
        )
        if row["published_day"] is not None:
            url = normalize_url(row["fetched_url"])
            days[url] = row["published_day"]
            later[url] = _later(row) if row["rejected"] is None else ()
    for key in sorted(files - {row["capture_key"] for row in rows}):
        lines.extend(read_index(bucket, key))
    return sorted(lines, key=lambda line: (line.captured_at, line.url)), days, later


def _later(row: dict[str, Any]) -> tuple[str, ...]:
    """The addresses on which an article goes on."""
    joined = [page["url"] for page in row["whole"]["pages"]] if row["whole"] else []
    missing = row["whole"]["next_page"] if row["whole"] else row["next_page"]
    return (*joined, missing) if missing else tuple(joined)


def _rows(bucket: Bucket, ids: Sequence[str]) -> list[dict[str, Any]]:
    """What the documents table has of a source."""
    if not any(bucket.list("documents/_delta_log/")):
        return []
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    from pipeline.documents import Documents  # noqa: PLC0415

    rows: list[dict[str, Any]] = Documents(bucket).read(_COLUMNS, pc.field("source").isin(pa.array(ids))).to_pylist()
    return rows


def taken_down(bucket: Bucket) -> Callable[[str], bool]:
    """What tells of a URL, in any spelling, whether its page was taken down.

    Raises:
        TakedownError: one of the takedowns cannot be read.
        BucketError: the store cannot be reached.
    """
    if not any(bucket.list("takedowns/")):
        return lambda _: False
    from pipeline.corpus import taken_down as tombstones  # noqa: PLC0415

    return tombstones(bucket).has
