"""Which capture files wait for a build: those that were announced, and those that a listing of all of them found.

Whoever writes a file of pages announces it (`pipeline.captures.announce`), so that a build need not list all that was ever
captured. What nobody announced, such as files that people copied into ``captures/``, is found by a listing of everything. What it
found is noted in ``state/listing.json``, and holds for a day: unless the sources changed whose captures are read, or the documents
table is another one, or an older one, than it was held against. Files of which the table has not all, though it has some, are noted
by whoever repairs it, in ``documents/_anew.json``.
"""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from pipeline.bucket import Bucket
from pipeline.captures import (
    PREFIX,
    announced,
    holds_pages,
    is_astray,
    list_page_files,
    number_of,
    source_of,
    take_back,
)
from pipeline.documents import Documents
from pipeline.sources import Source, owners

_LOG = logging.getLogger(__name__)

_KEY = "state/listing.json"
_ANEW = "documents/_anew.json"
_HOLDS_FOR = timedelta(days=1)
_NEVER_WRITTEN = timedelta(days=1)
"""A file that was announced so long ago and is not there does not come any more: its writer was killed."""
_MOST_DAYS = 100
"""Folders of one source that are listed one by one; where files wait in more of them, all of the source are listed at once."""
_MAX_TOLD = 5
"""Stray archives that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class _Listing:
    """What a listing of all captures found, at an instant (ISO 8601).

    `owners` has the ids of the sources whose captures are read, each with that of the source that owns it; `table` is the
    documents table's id and `version` the one by which it had taken in the others (empty and -1 where there was none). `waiting`
    are the keys that it had not taken in, `left_out` counts the files of sources that no file names, `astray` are the keys of
    archives that lie where no build looks.
    """

    at: str
    owners: Mapping[str, str]
    table: str
    version: int
    waiting: Sequence[str]
    left_out: Mapping[str, int]
    astray: Sequence[str]

    def holds(self, owned: Mapping[str, str]) -> bool:
        """Whether it was made of these sources' captures, and within a day."""
        age = datetime.now(UTC) - datetime.fromisoformat(self.at)
        return timedelta() <= age < _HOLDS_FOR and self.owners == owned

    def is_of(self, documents: Documents) -> bool:
        """Whether what the table had taken in then, it has taken in now."""
        return self.table == documents.table_id and self.version <= documents.version


def waiting_captures(bucket: Bucket, sources: Mapping[str, Source]) -> list[str]:
    """Keys of the capture files of these sources that the documents table has not taken in, in the order in which it is to.

    Among them are those whose source bears another id now than in the table, and those that are to be taken in anew. The first
    files of all crawls come first, then the second ones, and so on: so a small crawl gets in beside a huge one.
    """
    owner, documents = _owners(sources), Documents(bucket)
    listing = _noted(bucket)
    if listing is None or not listing.holds(owner) or not listing.is_of(documents):
        listing, _ = _list_all(bucket, documents, owner)
    anew = noted_anew(bucket)
    found = {key for key in (*listing.waiting, *announced(bucket), *anew) if source_of(key) in owner}
    taken = documents.sources_of_captures(found)
    waiting = [key for key in found if key in anew or taken.get(key) != owner[source_of(key)]]
    return sorted(_there(bucket, waiting), key=lambda key: (number_of(key), key))


def note_captures(bucket: Bucket, sources: Mapping[str, Source]) -> None:
    """List all captures, and note what was found, where what is noted does not hold any more.

    The announcements of what was listed are taken back, and those of what never came.
    """
    owner, documents = _owners(sources), Documents(bucket)
    noted = _noted(bucket)
    if noted is not None and noted.holds(owner) and noted.is_of(documents):
        return
    listing, listed = _list_all(bucket, documents, owner)
    _note(bucket, listing)
    long_ago = datetime.now(UTC) - _NEVER_WRITTEN
    take_back(bucket, (key for key, at in announced(bucket).items() if key in listed or at < long_ago))
    _LOG.info("all captures were listed: %d files wait", len(listing.waiting))


def note_taken_in(bucket: Bucket, keys: Collection[str]) -> None:
    """Note that the documents table has these capture files now, and take back their announcements.

    An older version of the table, where somebody restores one, is then known not to have them.
    """
    if not keys:
        return
    listing, documents = _noted(bucket), Documents(bucket)
    if listing is not None and (not listing.table or listing.is_of(documents)):
        waiting = [key for key in listing.waiting if key not in keys]
        _note(bucket, replace(listing, table=documents.table_id, version=documents.version, waiting=waiting))
    take_back(bucket, keys)
    if anew := noted_anew(bucket):
        take_anew(bucket, anew.difference(keys))


def noted_anew(bucket: Bucket) -> set[str]:
    """The capture files that are to be taken in anew.

    Raises:
        DamagedError: it cannot be told.
    """
    try:
        return set(json.loads(bucket.get(_ANEW)))
    except KeyError:
        return set()


def take_anew(bucket: Bucket, keys: Collection[str]) -> None:
    """Let these capture files, and no others, wait until a build has taken them in, though the documents table has rows of them."""
    if keys:
        bucket.put(_ANEW, json.dumps(sorted(keys)).encode(), content_type="application/json")
    else:
        bucket.delete(_ANEW)


def left_out(bucket: Bucket, sources: Mapping[str, Source]) -> dict[str, int]:
    """How many capture files the bucket has of sources that are not among these, by their ids: no build with these reads them."""
    owner, listing = _owners(sources), _noted(bucket)
    if listing is None or not listing.holds(owner):
        listing, _ = _list_all(bucket, Documents(bucket), owner)
        return dict(listing.left_out)
    later = [key for key in announced(bucket) if source_of(key) not in owner]
    counts = Counter(listing.left_out) + Counter(map(source_of, _there(bucket, later)))
    return dict(sorted(counts.items()))


def say_left_out(counts: Mapping[str, int]) -> str:
    """What is to be done about capture files that were left out, in a sentence; empty where none were."""
    if not counts:
        return ""
    told = ", ".join(f"{source} ({count} files)" for source, count in counts.items())
    return (
        f"captures of these sources are left out, since no file of a source that is right names them: {told}. What the corpus "
        "holds of them stays as it is. Put each one's file right, or back into the sources' folder (into removed/ there if it "
        "is not to be crawled), or name it under `formerly` in the file of the source whose it is now; then build again"
    )


def say_astray(bucket: Bucket, sources: Mapping[str, Source]) -> str:
    """What lies below ``captures/``, named as an archive, where no build looks, in a sentence; empty where there is nothing."""
    owner, listing = _owners(sources), _noted(bucket)
    if listing is None or not listing.holds(owner):
        listing, _ = _list_all(bucket, Documents(bucket), owner)
    if not (keys := listing.astray):
        return ""
    more = f" and {len(keys) - _MAX_TOLD} more" if len(keys) > _MAX_TOLD else ""
    return (
        f"no build reads {', '.join(keys[:_MAX_TOLD])}{more}: it lies where no crawl puts its files. If it is an archive of a "
        "source's pages, take it in by `warraq import SOURCE s3://…`; if not, it does no harm"
    )


def _owners(sources: Mapping[str, Source]) -> dict[str, str]:
    """The ids that these sources have and had, each with that of the source whose it is now."""
    return {id_: source.id for id_, source in owners(sources.values()).items()}


def _list_all(bucket: Bucket, documents: Documents, owner: Mapping[str, str]) -> tuple[_Listing, set[str]]:
    """What all captures are, held against the documents table; and the keys of all their files of pages."""
    at, taken = datetime.now(UTC).isoformat(), documents.sources_of_captures()
    keys = [stored.key for stored in bucket.list(PREFIX)]
    pages = list(filter(holds_pages, keys))
    waiting = [key for key in pages if source_of(key) in owner and taken.get(key) != owner[source_of(key)]]
    others = Counter(source_of(key) for key in pages if source_of(key) not in owner)
    listing = _Listing(
        at=at,
        owners=owner,
        table=documents.table_id,
        version=documents.version,
        waiting=waiting,
        left_out=dict(sorted(others.items())),
        astray=list(filter(is_astray, keys)),
    )
    return listing, set(pages)


def _note(bucket: Bucket, listing: _Listing) -> None:
    data = json.dumps(asdict(listing), ensure_ascii=False).encode(errors="backslashreplace")
    bucket.put(_KEY, data, content_type="application/json")


def _noted(bucket: Bucket) -> _Listing | None:
    """The listing that is noted; none where it is not there, or cannot be read."""
    try:
        listing = _Listing(**json.loads(bucket.get(_KEY)))
        datetime.fromisoformat(listing.at)
    except (KeyError, TypeError, ValueError):
        return None
    return listing


def _there(bucket: Bucket, keys: Iterable[str]) -> list[str]:
    """Those of the capture files that are in the bucket."""
    of_source: defaultdict[str, set[str]] = defaultdict(set)
    for key in (keys := set(keys)):
        of_source[source_of(key)].add(key.rpartition("/")[0] + "/")
    listed: set[str] = set()
    for source, folders in of_source.items():
        if len(folders) > _MOST_DAYS:
            listed.update(list_page_files(bucket, source))
        else:
            listed.update(stored.key for folder in folders for stored in bucket.list(folder))
    return [key for key in keys if key in listed]
