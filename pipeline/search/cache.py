"""What a reader keeps on the own disk of an index and of days: fetched once, and again where it is damaged.

It lies in the user's folder for caches, holds nothing but what the bucket has as well, and may be deleted at any time. What the
bucket lets go of, such as what was taken down, leaves it at the next search.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from pipeline.bucket import Bucket
from pipeline.corpus import read_partition
from pipeline.errors import WarraqError
from pipeline.search.part import join, unpack

if TYPE_CHECKING:
    from pipeline.corpus import Partition
    from pipeline.search.index import PartFile

_PARTS, _JOINED, _DAYS, _NEW = "parts", "joined", "days", "new"
_MADE_OF = "_parts.json"
_LEFT_AFTER = 3600
"""Seconds after which what is new and never came to its place was left by a search that was killed."""


class Cache:
    """The folder of one bucket.

    Raises:
        WarraqError: it cannot be written.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        store = hashlib.sha256(f"{bucket.endpoint} {bucket.name}".encode()).hexdigest()[:16]
        self.folder = Path(platformdirs.user_cache_path("warraq")) / "search" / store
        try:
            for name in (_PARTS, _JOINED, _DAYS, _NEW):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarraqError(
                f"{self.folder}: cannot be written: {error.strerror}. Set XDG_CACHE_HOME to a folder for what a search fetches"
            ) from None

    def part(self, part: PartFile) -> Path:
        """The folder of an unpacked part. Raises KeyError where the bucket has it no more, and as `Bucket.get` does."""

        def fetch() -> bytes:
            data = self._bucket.get(part.key)
            if hashlib.sha256(data).hexdigest() != part.sha256:
                raise WarraqError(f"{part.key} is not what search/_index.json names: run `warraq build --repair`")
            return data

        return self.unpacked(part.sha256[:16], fetch)

    def unpacked(self, name: str, packed: Callable[[], bytes]) -> Path:
        """The folder of a part by its name; where it is not there as it was written, it is unpacked anew."""
        folder, stamp = self.folder / _PARTS / name, self.folder / _PARTS / f"{name}.json"
        if (there := _stamp(folder)) and there == _read_json(stamp):
            return folder
        data = packed()
        if folder.exists():  # damaged: what was joined has the same files
            shutil.rmtree(self.folder / _JOINED)
            (self.folder / _JOINED).mkdir()
            shutil.rmtree(folder)
        unpack(data, new := self._new())
        _take(new, folder)
        _take(self._new_file(json.dumps(_stamp(folder)).encode()), stamp)
        return folder

    def joined(self, parts: Sequence[Path]) -> Path:
        """The folder of the index that some unpacked parts are together."""
        names = [part.name for part in parts]
        folder = self.folder / _JOINED / hashlib.sha256(" ".join(names).encode()).hexdigest()[:16]
        if not folder.exists():
            join(parts, new := self._new())
            (new / _MADE_OF).write_text(json.dumps(names), encoding="utf-8")
            _take(new, folder)
        return folder

    def day(self, partition: Partition) -> bytes:
        """A day's partition. Raises ManifestError where it is not as it was deposited."""
        path = self.folder / _DAYS / f"{partition.sha256[:16]}.parquet"
        try:
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() == partition.sha256:
                return data
        except OSError:
            pass
        data = read_partition(self._bucket, partition)
        _take(self._new_file(data), path)
        return data

    def keep_only(self, parts: Collection[str], partitions: Collection[str]) -> None:
        """Delete the parts that are not named, whatever was joined of them, and the days of other SHA-256s than these."""
        for folder in (self.folder / _JOINED).iterdir():
            made_of = _read_json(folder / _MADE_OF)
            if not isinstance(made_of, list) or not set(made_of) <= set(parts):
                shutil.rmtree(folder, ignore_errors=True)
        for path in (self.folder / _PARTS).iterdir():
            if path.name.partition(".")[0] not in parts:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        short = {sha256[:16] for sha256 in partitions}
        for path in (self.folder / _DAYS).iterdir():
            if path.stem not in short:
                path.unlink(missing_ok=True)
        for path in (self.folder / _NEW).iterdir():
            with suppress(OSError):  # another search may be taking it to its place
                if time.time() - path.stat().st_mtime > _LEFT_AFTER:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def clear(self) -> None:
        """Let go of the parts, to fetch them anew."""
        self.keep_only((), ())

    def _new(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder / _NEW))

    def _new_file(self, data: bytes) -> Path:
        with tempfile.NamedTemporaryFile(dir=self.folder / _NEW, delete=False) as file:
            file.write(data)
        return Path(file.name)


def _take(new: Path, place: Path) -> None:
    """Move what was written to its place, at once; another process may have been quicker."""
    try:
        new.rename(place)
    except OSError:
        if not place.exists():
            raise


def _stamp(folder: Path) -> dict[str, list[int]] | None:
    """By which it is told whether a folder's files are as they were written: sizes in bytes, and times of change."""
    try:
        return {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in sorted(folder.iterdir())}
    except OSError:
        return None


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
