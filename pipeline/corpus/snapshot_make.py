"""A snapshot made: what no snapshot has yet is copied, and the register gets a line, which makes it one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.bucket import Bucket, ConflictError, DamagedError
from pipeline.corpus.citation import CITATION, DATACITE, citation_cff, datacite_json
from pipeline.corpus.manifest import MANIFEST, SCHEMA_FILE, Manifest, Partition, read_manifest
from pipeline.corpus.snapshots import (
    OBJECTS,
    PREFIX,
    SNAPSHOT,
    CardOf,
    Log,
    SnapshotError,
    append,
    card_key,
    hold_name,
    manifest_key,
    object_key,
    read_log,
    sha256_of_object,
)
from pipeline.progress import OnProgress, tell_nobody

FORMAT = 1
"""Of a snapshot's manifest."""

_TRIES = 5
"""How often a snapshot is begun anew whose corpus is written meanwhile: a deposit takes less than one of them."""

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Made:
    """A snapshot that was made: its line in the register, how many partitions were copied, whether a killed run had begun it."""

    entry: dict[str, Any]
    copied: int
    begun_before: bool


def make_snapshot(
    bucket: Bucket,
    name: str,
    *,
    now: datetime,
    publisher: str | None = None,
    card_of: CardOf | None = None,
    on_progress: OnProgress = tell_nobody,
) -> Made:
    """Keep the corpus as it stands, with its card, under a name; `now` is the time to note, `publisher` whom the citation names.

    Killed at any point and run again, it ends in one whole snapshot: where all but the register's line was written, that of the
    first run.

    Raises:
        SnapshotError: no snapshot may be named so, there is one, the corpus is empty or written again and again, or has no card
            of this state where one is wanted (`card_of`).
        ManifestError: there is no corpus.
        ConflictError: someone else makes a snapshot of this name.
        BucketError: the store cannot be reached.
    """
    hold_name(name)
    for _ in range(_TRIES):
        # The manifest before the register: what is found not to be in a register read later is in none, and never will be.
        begun, etag = _begun(bucket, name)
        log = read_log(bucket)
        if made := log.snapshots().get(name):
            raise SnapshotError(
                f"there is a snapshot {name}, made at {made['at']}, and it stays as it is: choose another name"
            )
        copied = 0
        is_whole = begun is not None and (json.loads(begun)["previous"] or {}).get("line") == log.head
        try:
            if begun is None or not is_whole:
                begun, copied = _keep(bucket, name, log, now, card_of, on_progress)
                bucket.put(
                    manifest_key(name), begun, content_type="application/json", if_etag=etag, if_absent=etag is None
                )
            _cite(bucket, name, begun, publisher)
            entry = _line(name, begun)
            append(bucket, log, [entry])
        except _ChangedError:
            continue
        except ConflictError:
            if read_log(bucket).head == log.head:
                raise
            continue
        return Made(entry, copied, begun_before=is_whole)
    raise SnapshotError(
        f"the corpus was written {_TRIES} times while it was copied: take the snapshot when no build runs"
    )


class _ChangedError(Exception):
    """A partition is not what the corpus's manifest says any more."""


def _begun(bucket: Bucket, name: str) -> tuple[bytes | None, str | None]:
    try:
        return bucket.get_with_etag(manifest_key(name))
    except KeyError:
        return None, None
    except DamagedError as damaged:  # what a writer left that was killed
        return None, damaged.etag


def _keep(
    bucket: Bucket, name: str, log: Log, now: datetime, card_of: CardOf | None, on_progress: OnProgress
) -> tuple[bytes, int]:
    """Copy the partitions that no snapshot has, and the card; the manifest of the new one, and how many those were."""
    manifest = read_manifest(bucket)
    if not manifest.partitions:
        raise SnapshotError(f"the corpus in bucket {bucket.name!r} has no article yet: there is nothing to keep")
    try:
        deposited, schema = bucket.get(MANIFEST), json.loads(bucket.get(SCHEMA_FILE))
    except KeyError as gone:
        raise SnapshotError(f"{gone.args[0]} is gone from bucket {bucket.name!r}: run `warraq build`") from None
    corpus = hashlib.sha256(deposited).hexdigest()
    card = _keep_card(bucket, corpus, card_of) if card_of else {}
    there = {sha256_of_object(stored.key) for stored in bucket.list(OBJECTS)}
    missing = {part.sha256: part for part in manifest.partitions if part.sha256 not in there}
    _copy(bucket, list(missing.values()), on_progress)
    if bucket.get(MANIFEST) != deposited:
        raise _ChangedError
    previous = list(log.snapshots().values())[-1:]
    told = {
        "format": FORMAT,
        "name": name,
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "previous": None
        if log.head is None
        else {
            "name": previous[0]["name"] if previous else None,
            "manifest": previous[0]["manifest"] if previous else None,
            "line": log.head,
        },
        "corpus": corpus,
        "schema_version": manifest.schema_version,
        **asdict(manifest.counts),
        "added": sum(part.bytes for part in missing.values()),
        "partitions": [_told(part) for part in manifest.partitions],
        "card": card,
        "days": _days(manifest),
        "schema": schema,
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode(), len(missing)


def _keep_card(bucket: Bucket, corpus: str, card_of: CardOf) -> dict[str, str]:
    """Copy the card of the corpus whose manifest has this SHA-256; that of each file by its path."""
    card = card_of(corpus)
    if not card:
        raise SnapshotError(
            "the card in the bucket is of another state of the corpus, or not whole: run `warraq build` first, or keep the "
            "corpus with no word on what is missing in it, --without-card"
        )
    kept = {}
    for path, data in sorted(card.items()):
        kept[path] = hashlib.sha256(data).hexdigest()
        bucket.put(card_key(kept[path]), data)
    return kept


def _told(part: Partition) -> dict[str, Any]:
    return {what: getattr(part, what) for what in ("path", "published", "rows", "bytes", "sha256")}


def _days(manifest: Manifest) -> list[dict[str, Any]]:
    return [{"day": day.day, **asdict(day.counts)} for day in manifest.days]


def _copy(bucket: Bucket, partitions: Sequence[Partition], on_progress: OnProgress) -> None:
    def copy(part: Partition) -> None:
        bucket.copy(part.path, object_key(part.sha256), if_etag=part.etag, sha256=part.sha256)

    on_progress("copying", 0, len(partitions))
    with ThreadPoolExecutor(_AT_ONCE) as copiers:
        copied = [copiers.submit(copy, part) for part in partitions]
        try:
            for done, one in enumerate(copied, 1):
                one.result()
                on_progress("copying", done, len(partitions))
        except (ConflictError, KeyError) as error:
            raise _ChangedError from error
        finally:
            for one in copied:
                one.cancel()


def _line(name: str, manifest: bytes) -> dict[str, Any]:
    """The register's line of a snapshot."""
    told = json.loads(manifest)
    return {
        "kind": SNAPSHOT,
        "name": name,
        "at": told["made_at"],
        "manifest": hashlib.sha256(manifest).hexdigest(),
        "schema_version": told["schema_version"],
        "articles": told["articles"],
        "partitions": len(told["partitions"]),
        "bytes": sum(part["bytes"] for part in told["partitions"]),
        "added": told["added"],
    }


def _cite(bucket: Bucket, name: str, manifest: bytes, publisher: str | None) -> None:
    for file, data, kind in (
        (CITATION, citation_cff(manifest, publisher), "application/yaml"),
        (DATACITE, datacite_json(manifest, publisher), "application/json"),
    ):
        bucket.put(f"{PREFIX}{name}/{file}", data, content_type=kind)
