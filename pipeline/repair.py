"""What is damaged found and taken away, so that the next build makes it anew from the captures.

Every object is held against what was written whenever it is read, and a build stops at the first that differs. All that is made
from ``captures/`` can be made again. Of ``documents/`` each damaged data file is taken out of the table, and the capture files that
had its pages are taken in anew; of ``articles/``, ``card/``, ``health/``, ``search/``, ``sources/`` and ``state/`` each damaged
object is deleted, for which every build makes good.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.bucket import Bucket, DamagedError
from pipeline.captures import list_page_files
from pipeline.documents import Documents
from pipeline.progress import OnProgress, tell_nobody
from pipeline.waiting import noted_anew, take_anew

_LOG = logging.getLogger(__name__)

_MADE_ANEW = ("articles/", "card/", "health/", "search/", "sources/", "state/")
"""What builds make anew where it is missing."""
_READERS = 8


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was taken away: keys of objects; and how many capture files the next build takes in anew, and which of these are gone.

    What pages of those said is lost, but for what else was read of them.
    """

    damaged: list[str]
    anew: int
    gone: list[str]

    def damaged_told(self) -> list[str]:
        """What was damaged, a sentence each, or that nothing was."""
        told = [f"{key} was damaged, and is made anew." for key in self.damaged]
        return told or ["Nothing that is made from captures is damaged."]

    def lost_told(self) -> list[str]:
        """What is lost, a sentence each."""
        return [
            f"{key} is gone: what was damaged of its pages is lost, until they are captured again" for key in self.gone
        ]


def repair(bucket: Bucket, on_progress: OnProgress = tell_nobody) -> Repaired:
    """Take away what is damaged of all that is made from captures; the builds after it end in the bytes that were there before.

    Killed at any point and run again, it ends the same.

    Raises:
        ConflictError: a build wrote at the same time; run again.
        BucketError: the store cannot be reached.
    """
    anew, damaged = _noted(bucket), _delete_damaged(bucket)
    try:
        documents = Documents(bucket)
    except DamagedError as error:  # of its log: nothing tells which data files count
        _LOG.warning("%s", error)
        bucket.delete_below(error.key)
        return Repaired([error.key, *damaged], len(list_page_files(bucket)), [])
    files = documents.damaged(on_progress)
    found = documents.captures_in(files)
    every = set(list_page_files(bucket))
    keys = every if found is None or anew is None else anew | found
    take_anew(bucket, keys & every)
    documents.take_out(files)
    return Repaired([f"documents/{path}" for path in files] + damaged, len(keys & every), sorted(keys - every))


def _noted(bucket: Bucket) -> set[str] | None:
    """The capture files that an earlier repair left to a build; None where that cannot be told: then it may be any."""
    try:
        return noted_anew(bucket)
    except DamagedError:
        return None


def _delete_damaged(bucket: Bucket) -> list[str]:
    """Delete the damaged objects of those that every build makes anew, and return their keys."""

    def is_damaged(key: str) -> bool:
        try:
            bucket.get(key)
        except DamagedError:
            return True
        except KeyError:  # deleted meanwhile
            pass
        return False

    keys = [stored.key for prefix in _MADE_ANEW for stored in bucket.list(prefix) if stored.size]
    with ThreadPoolExecutor(_READERS) as readers:
        damaged = [key for key, wrong in zip(keys, readers.map(is_damaged, keys), strict=True) if wrong]
    bucket.delete(*damaged)
    return damaged
