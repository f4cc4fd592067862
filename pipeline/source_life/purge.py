"""A removed source taken down whole: its documents, its articles, its captures, and for good."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.source_life.holdings import holdings_of
from pipeline.sources import Source, SourceError, find_source, read_sources

if TYPE_CHECKING:
    from pipeline.bucket import Bucket
    from pipeline.corpus import Outcome


def say_purge(folder: Path, bucket: Bucket, source_id: str) -> tuple[str, ...]:
    """What purging a source does, in sentences.

    Raises:
        SourceError: there is no such source, or its file is wrong; or the bucket is not the one that is meant.
        BucketError: the store cannot be reached.
    """
    source = _find(folder, source_id)
    if not any(bucket.holds(prefix) for prefix in ("captures/", "documents/")):  # a mistyped name, most likely
        raise SourceError(f"bucket {bucket.name!r} holds neither captures nor a corpus: is WARRAQ_BUCKET right?")
    hosts = _hosts(folder, source)
    return (
        f"All of it is taken down: {holdings_of(bucket, source.ids)}. Its articles and its copies of others' leave the corpus and "
        "every snapshot, its rows in documents/ say only that there was a page, its pages in captures/ are overwritten, its feeds "
        "and lists there are deleted. This cannot be undone.",
        "Texts that other outlets took from it stay, each as that outlet's own article: `warraq takedown URL`, before this, takes "
        "an article down with its copies.",
        f"takedowns/source={source.id}.json keeps the reason, and nothing of "
        + (", ".join(hosts) or "it (its hosts are other sources', too)")
        + " is captured any more, by any source.",
        "Its rows of health/ are deleted; coverage/ keeps the counts of its crawls, reports/ the addresses that runs failed at, "
        "rejected or took for copies.",
    )


def purge(folder: Path, bucket: Bucket, source_id: str, reason: str, *, now: datetime) -> Outcome:
    """Take a source down whole, which was removed before; killed and run again it ends the same. `now` is the time to note.

    Raises:
        SourceError: there is no such source, or its file is wrong.
        TakedownError: there is no reason.
        ConflictError: another writer was there at the same time; run again.
        CaptureError: a capture file cannot be overwritten; the message names it.
        BucketError: the store cannot be reached.
    """
    from pipeline.corpus import take_down_source  # noqa: PLC0415 - with Arrow
    from pipeline.health import forget  # noqa: PLC0415 - with Arrow
    from pipeline.search import let_go  # noqa: PLC0415 - with Arrow

    source = _find(folder, source_id)
    outcome = take_down_source(bucket, source.ids, _hosts(folder, source), reason, now=now)
    forget(bucket, source.ids)
    let_go(bucket)
    return outcome


def _find(folder: Path, source_id: str) -> Source:
    return read_sources(folder).removed.get(source_id) or find_source(source_id, folder)


def _hosts(folder: Path, source: Source) -> list[str]:
    """The hosts that are this source's alone."""
    others = [other for other in read_sources(folder).readable.values() if other.id != source.id]
    return sorted(set(source.hosts).difference(*(other.hosts for other in others)))
