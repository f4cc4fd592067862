"""Folders for what is made on the way: none is left but by a kill, and what that left goes with the next one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.scratch import scratch_folder

KILLED = """
import os, signal
from pipeline.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "index").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_it_goes_in_the_end_whatever_happens(root: Path) -> None:
    def fail() -> None:
        with scratch_folder() as folder:
            (folder / "file").write_text("x")
            assert folder.parent == root
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(root.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_one_and_nothing_else(root: Path) -> None:
    (root / "warraq-scratch-link").symlink_to(root.parent)
    (root / "other").mkdir()
    assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == -9
    (left,) = root.glob("warraq-scratch-*/index")
    with scratch_folder() as folder:
        assert not left.exists()
        with scratch_folder() as other:
            assert folder.is_dir(), "one that is in use stays"
            assert other != folder
    assert {path.name for path in root.iterdir()} == {"warraq-scratch-link", "other"}


def test_many_at_once_leave_each_other_alone(root: Path) -> None:
    def use(number: int) -> bool:
        with scratch_folder() as folder:
            (folder / "file").write_text(str(number))
            return (folder / "file").read_text() == str(number)

    with ThreadPoolExecutor(16) as users:
        assert all(users.map(use, range(400)))
    assert list(root.iterdir()) == []
