"""A state of the corpus copied into a folder, whole or in part, and held against its checksums; and such a folder verified offline.

The folder looks as the bucket does: ``articles/`` has the days, so that whatever reads that reads this, and of a snapshot
``snapshots/`` has the register and, below its name, the manifest, the citation, and the signature and time stamp if there are any.
A whole state has its card at the top. ``fetched.json`` says what was asked for and what lies there. A file has its name once it is
whole, and that one comes last: what broke off goes on where it was.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.bucket import Bucket, DamagedError
from pipeline.corpus.deposit import write_partition
from pipeline.corpus.manifest import MANIFEST, SCHEMA_FILE, is_partition
from pipeline.corpus.snapshots import (
    CARD_FILES,
    LATEST,
    LOG,
    PREFIX,
    CardOf,
    Kept,
    State,
    card_key,
    log_of,
    manifest_key,
    read_state,
    state_of,
)
from pipeline.errors import WarraqError
from pipeline.progress import OnProgress, tell_nobody

FETCHED = "fetched.json"
_BEGUN = "fetching.json"
"""What a fetch that has not come to its end was asked for."""

_FILTERED = b"warraq.filtered"
"""In the metadata of a file that has some sources alone: of which partition, and which."""

_AT_ONCE = 8


class FetchError(WarraqError):
    """Nothing can be fetched so, or a folder is none that was fetched; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a state by its name, and of it the days from `since` up to, not including, `until`, and these sources."""

    name: str
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the state."""
        return self.since is None and self.until is None and not self.sources

    def told(self) -> dict[str, Any]:
        """As ``fetched.json`` has it."""
        since, until = (day and day.isoformat() for day in (self.since, self.until))
        return {"name": self.name, "since": since, "until": until, "sources": sorted(set(self.sources))}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lies in the folder: the state it is of, how many files and articles, how many of those files were there before.

    `has_card` says whether the card, whole, came with them.
    """

    state: State
    files: int
    articles: int
    there: int
    has_card: bool


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the folder: as ``fetched.json`` has it, and whether it was there before."""

    told: dict[str, Any]
    there: bool


class _NewerError(Exception):
    """A partition is not what the manifest says any more."""


def fetch(
    bucket: Bucket,
    wanted: Wanted,
    folder: Path,
    *,
    card_of: CardOf | None = None,
    on_progress: OnProgress = tell_nobody,
) -> Fetched:
    """Copy a state of the corpus, or the wanted part of it, into a folder; what lies there and is right is not fetched again.

    The card comes with a whole state: a snapshot's own, and of the corpus as it is what `card_of` has; what lies there of another
    state goes.

    Raises:
        FetchError: the folder has something else, nothing is as wanted, or the corpus was written anew meanwhile.
        SnapshotError: there is no such snapshot.
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached.
    """
    state = read_state(bucket, wanted.name)
    if strange := [part.path for part in state.partitions if not is_partition(part.path)]:
        # It would be written beside the folder, and over what is there.
        raise FetchError(f"the manifest of {_called(wanted.name)} names {strange[0]!r}, which is no day of a corpus")
    partitions = [part for part in state.partitions if _is_between(date.fromisoformat(part.published), wanted)]
    if not partitions:
        raise _nothing(state, wanted)
    try:
        _begin(folder, wanted)
        files = _fetch_all(bucket, wanted, partitions, folder, on_progress)
        if not files:
            raise _nothing(state, wanted)
        card = _card(bucket, state, card_of, folder) if wanted.is_whole else {}
        _finish(bucket, state, wanted, files, card, folder)
    except OSError as error:
        raise FetchError(
            f"{error.filename2 or error.filename or folder}: cannot be written: {error.strerror}"
        ) from None
    articles, there = sum(file.told["rows"] for file in files), sum(file.there for file in files)
    has_card = bool(card) and (state.name == LATEST or card.keys() == state.card.keys())
    return Fetched(state, len(files), articles, there, has_card)


def _is_between(day: date, wanted: Wanted) -> bool:
    return (wanted.since is None or wanted.since <= day) and (wanted.until is None or day < wanted.until)


def _nothing(state: State, wanted: Wanted) -> FetchError:
    days = [part.published for part in state.partitions]
    there = f"it has the days from {min(days)} to {max(days)}" if days else "all that it had was taken down"
    of = f" of {' or '.join(wanted.sources)}" if wanted.sources else ""
    return FetchError(
        f"{_called(state.name)} has no article{of} on these days: {there}. `warraq sources` lists the sources' ids"
    )


def _called(name: str) -> str:
    return "the corpus" if name == LATEST else f"snapshot {name}"


def _begin(folder: Path, wanted: Wanted) -> None:
    """Note what is fetched into the folder, which has nothing else yet, or a part of that, or an older state of it."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = None
    for name in (_BEGUN, FETCHED):
        if asked is None and (folder / name).is_file():
            asked = _read_told(folder / name).get("fetched", {})
    if asked is None and any(folder.iterdir()):
        raise FetchError(f"{folder} has something else in it: name a folder that is empty, or new")
    if asked is not None and {what: asked.get(what) for what in wanted.told()} != wanted.told():
        raise FetchError(f"{folder} has {_asked(asked)} in it: name another folder, or empty this one")
    _write(folder / _BEGUN, _json({"fetched": wanted.told()}))


def _asked(asked: Mapping[str, Any]) -> str:
    """What a folder was asked to hold, in words."""
    said = [_called(str(asked.get("name")))]
    said += [f"{what} {asked[what]}" for what in ("since", "until") if asked.get(what)]
    said += [f"of {', '.join(asked['sources'])}"] if asked.get("sources") else []
    return " ".join(said)


def _fetch_all(
    bucket: Bucket, wanted: Wanted, partitions: Sequence[Kept], folder: Path, on_progress: OnProgress
) -> list[_File]:
    """Fetch what is not there; the files, without those that no wanted source has anything in."""
    files: list[_File] = []
    on_progress("fetching", 0, len(partitions))
    with ThreadPoolExecutor(_AT_ONCE) as fetchers:
        fetching = [fetchers.submit(_fetch, bucket, part, wanted.sources, folder) for part in partitions]
        try:
            for done, one in enumerate(fetching, 1):
                if (file := one.result()) is not None:
                    files.append(file)
                on_progress("fetching", done, len(partitions))
        except _NewerError:
            what = (
                "the corpus was written anew"
                if wanted.name == LATEST
                else f"something was taken out of snapshot {wanted.name}"
            )
            raise FetchError(
                f"{what} while it was fetched: run the same command again; {len(files)} of {len(partitions)} files are there, and "
                "those of them that have not changed are not fetched again"
            ) from None
        finally:
            for one in fetching:
                one.cancel()
    return files


def _fetch(bucket: Bucket, part: Kept, sources: Sequence[str], folder: Path) -> _File | None:
    path = folder / part.path
    told = {"path": part.path, "published": part.published}
    if path.is_file() and (there := _there(path, part, sources)) is not None:
        return _File(told | there, there=True)
    try:
        data = bucket.get(part.key)
    except KeyError:
        raise _NewerError from None
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise _NewerError
    rows = part.rows
    if sources:
        data, rows = _filtered(data, part, sources)
        if not rows:
            return None
    _write(path, data)
    return _File(told | _said(data, rows, part, sources), there=False)


def _there(path: Path, part: Kept, sources: Sequence[str]) -> dict[str, Any] | None:
    """What is to be said of a file, where it is what would be fetched."""
    data = path.read_bytes()
    if not sources:
        return _said(data, part.rows, part, sources) if hashlib.sha256(data).hexdigest() == part.sha256 else None
    try:
        read = pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError):
        return None
    mark = (read.schema.metadata or {}).get(_FILTERED)
    return _said(data, len(read), part, sources) if mark == _mark(part, sources) else None


def _said(data: bytes, rows: int, part: Kept, sources: Sequence[str]) -> dict[str, Any]:
    said = {"rows": rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return said | {"of": part.sha256} if sources else said


def _filtered(data: bytes, part: Kept, sources: Sequence[str]) -> tuple[bytes, int]:
    """The rows of some sources of a partition, and how many they are."""
    table = pq.read_table(io.BytesIO(data))
    left = table.filter(pc.is_in(table["source"], pa.array(sources, pa.string())))
    left = left.replace_schema_metadata({**(table.schema.metadata or {}), _FILTERED: _mark(part, sources)})
    return write_partition(left), len(left)


def _mark(part: Kept, sources: Sequence[str]) -> bytes:
    return json.dumps({"of": part.sha256, "sources": sorted(set(sources))}).encode()


def _card(bucket: Bucket, state: State, card_of: CardOf | None, folder: Path) -> Mapping[str, bytes]:
    """The files of a state's card by their paths in the folder, of those that are to be had there or in the bucket."""
    if state.name == LATEST:
        return card_of(hashlib.sha256(state.manifest).hexdigest()) if card_of else {}
    card = {}
    for path in CARD_FILES:
        if (sha256 := state.card.get(path)) and (data := _card_file(bucket, sha256, folder / path)) is not None:
            card[path] = data
    return card


def _card_file(bucket: Bucket, sha256: str, path: Path) -> bytes | None:
    if path.is_file() and hashlib.sha256(data := path.read_bytes()).hexdigest() == sha256:
        return data
    try:
        data = bucket.get(card_key(sha256))
    except (KeyError, DamagedError):
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _finish(
    bucket: Bucket, state: State, wanted: Wanted, files: Sequence[_File], card: Mapping[str, bytes], folder: Path
) -> None:
    """Let go of what an older state had, and write what says what lies there, ``fetched.json`` last."""
    if wanted.is_whole:
        for file in CARD_FILES:
            if file in card:
                _write(folder / file, card[file])
            else:
                (folder / file).unlink(missing_ok=True)
    paths = {folder / file.told["path"] for file in files}
    for path in folder.glob("articles/published=*/articles.parquet"):
        if path not in paths:
            path.unlink()
    _write(folder / SCHEMA_FILE, state.schema)
    if state.name == LATEST:
        _write(folder / MANIFEST, state.manifest)
    else:
        for key in [LOG, *(stored.key for stored in bucket.list(f"{PREFIX}{state.name}/"))]:
            _write(folder / key, bucket.get(key))
    told = {
        "fetched": wanted.told(),
        "made_at": state.made_at,
        "manifest": hashlib.sha256(state.manifest).hexdigest(),
        "taken_down": state.taken_down,
        "schema_version": state.schema_version,
        "articles": sum(file.told["rows"] for file in files),
        "partitions": [file.told for file in files],
        "card": {path: hashlib.sha256(data).hexdigest() for path, data in sorted(card.items())},
    }
    _write(folder / FETCHED, _json(told))
    (folder / _BEGUN).unlink(missing_ok=True)


def _json(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _write(path: Path, data: bytes) -> None:
    """Write a file that has its name once it is whole; until then no reader of folders takes it in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def _read_told(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
        if isinstance(told, dict):
            return told
    except ValueError:
        pass
    raise FetchError(f"{path} cannot be read: empty the folder, and fetch again")


@dataclass(frozen=True, slots=True)
class Verified:
    """What a folder is said to hold, the SHA-256 of the state's manifest, and what is wrong with it, a sentence each."""

    said: str
    files: int
    articles: int
    manifest: str
    faults: list[str]


def verify_folder(folder: Path) -> Verified:
    """Hold a folder that was fetched against its manifest, and of a snapshot that against the snapshot's; no network is needed.

    Raises:
        FetchError: it is none, or the fetch has not come to its end.
    """
    if (folder / _BEGUN).is_file():
        raise FetchError(
            f"{folder} is not whole: run the same `warraq corpus fetch` again, which goes on where it broke off"
        )
    if not (folder / FETCHED).is_file():
        raise FetchError(f"{folder} has no {FETCHED}: `warraq corpus fetch … --to {folder}` makes such a folder")
    told = _read_told(folder / FETCHED)
    try:
        partitions = told["partitions"]
        faults = [*_wrong_files(folder, told), *_wrong_manifest(folder, told)]
        return Verified(_asked(told["fetched"]), len(partitions), told["articles"], told["manifest"], faults)
    except (KeyError, TypeError) as error:
        raise FetchError(f"{folder / FETCHED} tells of no fetch ({error!r}): fetch it again") from error


def _is_whole(told: Mapping[str, Any]) -> bool:
    """Whether all of a state was fetched, as ``fetched.json`` tells."""
    return not any(told["fetched"][what] for what in ("since", "until", "sources"))


def _wrong_files(folder: Path, told: Mapping[str, Any]) -> Iterator[str]:
    paths = {folder / part["path"]: part["sha256"] for part in told["partitions"]}
    paths |= {folder / path: sha256 for path, sha256 in told["card"].items()}
    for path, sha256 in paths.items():
        if not path.is_file():
            yield f"{path}: missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            yield f"{path}: its bytes are not those that were fetched"
    for path in sorted(folder.rglob("articles/**/*.parquet")):
        if path not in paths:
            yield f"{path}: was not fetched, and readers of the folder may take it in"
    for file in CARD_FILES if _is_whole(told) else ():
        if file not in told["card"] and (folder / file).exists():
            yield f"{folder / file}: was not fetched, and may tell of another state"


def _wrong_manifest(folder: Path, told: Mapping[str, Any]) -> Iterator[str]:
    """Whether the files are those of the state's own manifest; of a snapshot, or what its register says that they became."""
    name = told["fetched"]["name"]
    path, register = folder / (MANIFEST if name == LATEST else manifest_key(name)), folder / LOG
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != told["manifest"]:
        yield f"{path}: its bytes are not those that were fetched"
    elif name == LATEST:
        yield from _others(
            told["partitions"], {part["path"]: part["sha256"] for part in json.loads(data)["partitions"]}
        )
    elif not register.is_file():
        yield f"{register}: missing"
    else:
        log = log_of(register.read_bytes(), None, str(register))
        yield from log.faults()
        if log.snapshots().get(name, {}).get("manifest") == told["manifest"]:
            state = state_of(name, log, data)
            card = [{"path": path, "sha256": sha256} for path, sha256 in told["card"].items()]
            named = {part.path: part.sha256 for part in state.partitions} | {**state.card}
            yield from _others([*told["partitions"], *card], named)
            if _is_whole(told):
                lost = sorted(state.card.keys() - told["card"].keys())
                yield from (f"{folder / path}: could not be had when it was fetched: fetch again" for path in lost)
        else:
            yield f"{path}: its bytes are not those that the register names"


def _others(partitions: Sequence[Mapping[str, Any]], named: Mapping[str, str]) -> Iterator[str]:
    for part in partitions:
        if named.get(part["path"]) != part.get("of", part["sha256"]):
            yield f"{part['path']}: not what the manifest has"
