"""The inbox: capture files that no build has taken in yet, announced by whoever writes them.

An announcement is an empty object below ``state/waiting/`` whose key has the file's in it. It is made before the file is written:
a kill in between leaves one of a file that never comes, and no file of which nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipeline.bucket import Bucket
from pipeline.captures.keys import PREFIX, holds_pages

_INBOX = "state/waiting/"


def announce(bucket: Bucket, key: str) -> None:
    """Say that a capture file is about to be written; nothing of one that holds no pages, which no build reads.

    Raises:
        BucketError: the store cannot be reached, or refuses.
    """
    if holds_pages(key):
        bucket.put(_place(key), b"", content_type="text/plain")


def announced(bucket: Bucket) -> dict[str, datetime]:
    """The keys of the files that are announced, sorted, each with the time of its announcement. Raises as `announce` does."""
    found = ((PREFIX + stored.key.removeprefix(_INBOX), stored.modified_at) for stored in bucket.list(_INBOX))
    return {key: at for key, at in found if holds_pages(key)}


def take_back(bucket: Bucket, keys: Iterable[str]) -> None:
    """Delete the announcements of files: of those that were taken in. Raises as `announce` does."""
    bucket.delete(*map(_place, keys))


def _place(key: str) -> str:
    return _INBOX + key.removeprefix(PREFIX)
