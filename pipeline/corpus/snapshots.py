"""States of the corpus that are kept for ever, at the cost of what changed: how they lie in the bucket, and how they are read.

``snapshots/objects/<sha256>.parquet`` holds each partition once, however many snapshots have it, ``snapshots/card/<sha256>`` the
files of their cards. ``snapshots/<name>/manifest.json`` says what a snapshot holds, and never changes. ``snapshots/log.jsonl`` is
the register, one JSON object a line, each with the SHA-256 of the line before it: of every snapshot its manifest's SHA-256, and
of every partition from which something was taken down by which other one it was replaced, and how many articles it lost. A
manifest that the register does not name is none: making it was broken off.

A manifest holds addresses of files, counts and checksums, and no text. So it stays as it was signed and cited when an article is
taken down, and whoever has it can follow the register from the partition that it names to the one that is there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.bucket import Bucket, DamagedError
from pipeline.corpus.manifest import MANIFEST, SCHEMA_FILE, ManifestError, read_manifest
from pipeline.errors import WarraqError

PREFIX = "snapshots/"
LOG = PREFIX + "log.jsonl"
OBJECTS = PREFIX + "objects/"
CARD = PREFIX + "card/"
LATEST = "latest"
"""What the corpus as it is now is called where a snapshot could be named."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED = {LATEST, "objects", "card", "log.jsonl"}
_OBJECT = re.compile(rf"{OBJECTS}([0-9a-f]{{64}})\.parquet")

SNAPSHOT, TAKEN_DOWN = "snapshot", "taken_down"
"""The kinds of lines in the register."""

CARD_FILES = ("README.md", "index.html", "croissant.json", "sources/sources.parquet", "sources/_schema.json")
"""Where the files of a card lie in a copy."""

CardOf: TypeAlias = Callable[[str], Mapping[str, bytes]]
"""The files of the card of the corpus whose manifest has this SHA-256, by their paths in a copy; none where there is none."""


class SnapshotError(WarraqError):
    """There is no such snapshot, or it cannot be made or read; the message says what to do."""


def object_key(sha256: str) -> str:
    """Where a partition lies that snapshots hold."""
    return f"{OBJECTS}{sha256}.parquet"


def card_key(sha256: str) -> str:
    """Where a file of a snapshot's card lies."""
    return CARD + sha256


def sha256_of_object(key: str) -> str | None:
    """The SHA-256 that an object's key names; None of what others put beside them."""
    found = _OBJECT.fullmatch(key)
    return found[1] if found else None


def manifest_key(name: str) -> str:
    """Where a snapshot's manifest lies."""
    return f"{PREFIX}{name}/manifest.json"


def hold_name(name: str) -> None:
    """Hold that a snapshot may be named so.

    Raises:
        SnapshotError: it may not.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise SnapshotError(
            f"{name!r} names no snapshot: 1 to 64 letters, digits, dots, hyphens or underscores, such as 2024-spring, and not "
            + ", ".join(sorted(_RESERVED))
        )


@dataclass(frozen=True, slots=True)
class Log:
    """The register as it stood when it was read: its lines, and the ETag of the object."""

    lines: tuple[bytes, ...]
    etag: str | None

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What the lines say."""
        return [json.loads(line) for line in self.lines]

    @property
    def head(self) -> str | None:
        """SHA-256 of the last line; None of an empty register."""
        return hashlib.sha256(self.lines[-1]).hexdigest() if self.lines else None

    def snapshots(self) -> dict[str, dict[str, Any]]:
        """The lines of snapshots by their names, in the order in which they were made."""
        return {entry["name"]: entry for entry in self.entries if entry["kind"] == SNAPSHOT}

    def amendments(self, name: str) -> dict[str, dict[str, Any]]:
        """What was taken down since a snapshot was made, by the SHA-256 of the partition that was replaced."""
        entries = self.entries
        made = next(place for place, entry in enumerate(entries) if entry.get("name") == name)
        found: dict[str, dict[str, Any]] = {}
        for entry in entries[made + 1 :]:
            if entry["kind"] == TAKEN_DOWN:
                found.setdefault(entry["object"], entry)
        return found

    def faults(self) -> list[str]:
        """Where the chain is broken, a sentence each."""
        before, faults = None, []
        for number, line in enumerate(self.lines, 1):
            if json.loads(line)["previous"] != before:
                faults.append(f"{LOG}, line {number}: does not name the line before it, which was changed or is gone")
            before = hashlib.sha256(line).hexdigest()
        return faults


def read_log(bucket: Bucket) -> Log:
    """The register of snapshots; an empty one where there is none.

    Raises:
        SnapshotError: it cannot be read.
        BucketError: the store cannot be reached.
    """
    try:
        data, etag = bucket.get_with_etag(LOG)
    except KeyError:
        return Log((), None)
    return log_of(data, etag, f"{LOG} in bucket {bucket.name!r}")


def log_of(data: bytes, etag: str | None, where: str) -> Log:
    """The register by its bytes; `where` names it.

    Raises:
        SnapshotError: it is none.
    """
    log = Log(tuple(data.splitlines()), etag)
    try:
        if all(entry["kind"] in {SNAPSHOT, TAKEN_DOWN} for entry in log.entries):
            return log
    except (KeyError, TypeError, ValueError):
        pass
    raise SnapshotError(f"{where} is no register of snapshots: put it back from a copy")


def append(bucket: Bucket, log: Log, entries: Iterable[Mapping[str, Any]]) -> Log:
    """Add lines to the register, each chained to the one before it; the register as it then stands.

    Raises:
        ConflictError: someone else added one in the meantime.
        BucketError: the store cannot be reached.
    """
    lines, head = list(log.lines), log.head
    for entry in entries:
        lines.append(json.dumps({"previous": head, **entry}, ensure_ascii=False).encode())
        head = hashlib.sha256(lines[-1]).hexdigest()
    data = b"".join(line + b"\n" for line in lines)
    etag = bucket.put(LOG, data, content_type="application/jsonl", if_etag=log.etag, if_absent=log.etag is None)
    return Log(tuple(lines), etag)


@dataclass(frozen=True, slots=True)
class Kept:
    """A partition of a state of the corpus: its path in the corpus, its day, rows, bytes and SHA-256, and its key in the bucket.

    `named` is the SHA-256 that the manifest names, which is another one where something was taken down since.
    """

    path: str
    published: str
    rows: int
    bytes: int
    sha256: str
    key: str
    named: str


@dataclass(frozen=True, slots=True)
class State:
    """A state of the corpus: a snapshot, or, as `LATEST`, what the corpus is now.

    `manifest` are the bytes that say what it holds, `schema` those of its ``_schema.json``; `card` has the SHA-256 of each file of
    the card that was kept with it, by its path in a copy; `taken_down` counts the articles that were taken out of it since it was
    made (`made_at`, ISO 8601; None of the corpus as it is).
    """

    name: str
    made_at: str | None
    manifest: bytes
    schema: bytes
    schema_version: int
    partitions: tuple[Kept, ...]
    card: Mapping[str, str]
    taken_down: int

    @property
    def articles(self) -> int:
        """How many articles it has now."""
        return sum(part.rows for part in self.partitions)


def schema_file(schema: Mapping[str, Any]) -> bytes:
    """The ``_schema.json`` that a snapshot's manifest has in it, as it stood in the corpus."""
    return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()


def read_state(bucket: Bucket, name: str) -> State:
    """A snapshot, or the corpus as it is now (`LATEST`).

    Raises:
        SnapshotError: there is no such snapshot, or its manifest is not the one that was made.
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached.
    """
    if name == LATEST:
        return _latest(bucket)
    log = read_log(bucket)
    made = log.snapshots().get(name)
    if made is None:
        there = ", ".join(log.snapshots()) or "none"
        raise SnapshotError(
            f"there is no snapshot {name} in bucket {bucket.name!r}. There are: {there}. `{LATEST}` is the corpus as it is now"
        )
    try:
        data = bucket.get(manifest_key(name))
    except (KeyError, DamagedError):
        data = b""
    if hashlib.sha256(data).hexdigest() != made["manifest"]:
        raise SnapshotError(
            f"{manifest_key(name)} in bucket {bucket.name!r} is not what was made: put it back from a copy, whose SHA-256 is "
            f"{made['manifest']}"
        )
    return state_of(name, log, data)


def state_of(name: str, log: Log, manifest: bytes) -> State:
    """A snapshot that the register has, by the bytes of its manifest."""
    told = json.loads(manifest)
    partitions, taken_down = [], 0
    amendments = log.amendments(name)
    for part in told["partitions"]:
        steps = list(_replaced(part["sha256"], amendments))
        taken_down += sum(step["articles"] for step in steps)
        now = {"sha256": steps[-1]["becomes"], "bytes": steps[-1]["bytes"]} if steps else part
        if now["sha256"] is not None:
            rows = part["rows"] - sum(step["articles"] for step in steps)
            place = (now["bytes"], now["sha256"], object_key(now["sha256"]), part["sha256"])
            partitions.append(Kept(part["path"], part["published"], rows, *place))
    schema = schema_file(told["schema"])
    kept = (schema, told["schema_version"], tuple(partitions), told["card"])
    return State(name, told["made_at"], manifest, *kept, taken_down)


def _replaced(sha256: str, amendments: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """By what a partition was replaced, one amendment after the other."""
    now: str | None = sha256
    while now is not None and (step := amendments.get(now)):
        yield step
        now = step["becomes"]


def _latest(bucket: Bucket) -> State:
    manifest = read_manifest(bucket)
    try:
        data, schema = bucket.get(MANIFEST), bucket.get(SCHEMA_FILE)
    except KeyError as missing:
        raise ManifestError(f"{missing.args[0]} is gone from bucket {bucket.name!r}: run `warraq build`") from None
    partitions = tuple(
        Kept(part.path, part.published, part.rows, part.bytes, part.sha256, part.path, part.sha256)
        for part in manifest.partitions
    )
    return State(LATEST, None, data, schema, manifest.schema_version, partitions, {}, 0)


@dataclass(frozen=True, slots=True)
class Listed:
    """A snapshot as the register has it: when it was made (ISO 8601), what it held, and how many articles were taken down since.

    `bytes` are those of all its partitions, `added` of those that no snapshot had before it.
    """

    name: str
    made_at: str
    articles: int
    partitions: int
    bytes: int
    added: int
    schema_version: int
    taken_down: int
    manifest: str


def list_snapshots(bucket: Bucket) -> list[Listed]:
    """All snapshots, in the order in which they were made.

    Raises:
        SnapshotError: the register, or the manifest of one of which something was taken down, cannot be read.
        BucketError: the store cannot be reached.
    """
    log = read_log(bucket)
    return [
        Listed(
            name=name,
            made_at=made["at"],
            taken_down=read_state(bucket, name).taken_down if log.amendments(name) else 0,
            **{what: made[what] for what in ("articles", "partitions", "bytes", "added", "schema_version", "manifest")},
        )
        for name, made in log.snapshots().items()
    ]


def verify_snapshot(bucket: Bucket, name: str) -> tuple[State, list[str]]:
    """A snapshot, and what is wrong with it, a sentence each: every partition is read, and the whole register followed.

    Raises as `read_state` does.
    """
    state, log = read_state(bucket, name), read_log(bucket)
    faults = log.faults()
    before: dict[str, Any] | None = None
    for made in log.snapshots().values():
        if made["name"] == name:
            break
        before = made
    previous = json.loads(state.manifest)["previous"]
    if (previous and previous["manifest"]) != (before and before["manifest"]):
        faults.append(f"{manifest_key(name)}: does not name the manifest of the snapshot before it")
    faults += _wrong_objects(bucket, [(part.path, part.key, part.sha256) for part in state.partitions])
    faults += _wrong_objects(bucket, [(path, card_key(sha256), sha256) for path, sha256 in state.card.items()])
    return state, faults


def _wrong_objects(bucket: Bucket, named: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """What is wrong with these files, each by its path, its key and its SHA-256."""
    for path, key, sha256 in named:
        try:
            data = bucket.get(key)
        except KeyError:
            yield f"{path}: {key} is missing; put it back from a copy"
            continue
        except DamagedError as damaged:
            data = damaged.data
        if hashlib.sha256(data).hexdigest() != sha256:
            yield f"{path}: the bytes of {key} are not those that it is named after; put it back from a copy"
