"""Folders on disk for what is made on the way: they go in the end, and those of processes that were killed with the next one."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "warraq-scratch-"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder below that for temporary files (``TMPDIR``), deleted in the end, whatever happens but a kill.

    Each is locked by the process that uses it, and the system takes the lock from who is killed: so a folder of ours without a
    lock is one that was left, and is deleted first.

    Raises:
        OSError: there is no room, or no right to write.
    """
    root = Path(tempfile.gettempdir())
    for left in root.glob(f"{_PREFIX}*"):
        _delete_unlocked(left)
    folder, lock = _make(root)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _make(root: Path) -> tuple[Path, int]:
    """A folder, and the descriptor that holds its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # another one took it for left, since it was not locked yet
            continue
        with suppress(OSError):  # a file system without locks: nobody can take it for one that was left
            fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder, lock
        os.close(lock)


def _delete_unlocked(folder: Path) -> None:
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # gone by now, or another user's
        return
    try:
        if os.fstat(lock).st_uid == os.getuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # it is in use
        pass
    finally:
        os.close(lock)
