"""Work in a process apart: stopped at each of its limits, and gone with whoever started it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

from pipeline.apart import SMALL, Apart, StoppedError
from tests.conftest import ROOT

LARGE = SMALL + 1

ENDLESS = ("(a+)+b", "a" * 100)
"""A regular expression and a text that hold a process, signals and all, for longer than the world stands."""


def test_what_is_stopped_costs_nothing_that_comes_after_it():
    with Apart(seconds=5) as apart:
        assert apart.run(LARGE, os.getpid) != os.getpid()
        with pytest.raises(ZeroDivisionError):
            apart.run(LARGE, divmod, 1, 0)
        with pytest.raises(StoppedError, match="broke what read it \\(its process ended with code 3\\)"):
            apart.run(LARGE, os._exit, 3)
        with pytest.raises(StoppedError, match="broke what read it \\(its process was killed by signal 6\\)"):
            apart.run(LARGE, os.abort)
        assert apart.run(LARGE, len, b"abc") == 3
        apart.close()
        with pytest.raises(StoppedError, match="was ended"):
            apart.run(LARGE, len, b"abc")


def test_too_much_time_or_memory():
    with Apart(seconds=3, memory=2**28) as apart:
        with pytest.raises(StoppedError, match="took more than 256 MB of memory to read"):
            apart.run(LARGE, bytes, 2**30)
        with pytest.raises(StoppedError, match="took more than 3 s to read"):
            apart.run(LARGE, re.match, *ENDLESS)


def test_little_is_read_on_the_spot():
    assert Apart().run(SMALL, os.getpid) == os.getpid()


def test_what_is_under_way_is_ended():
    apart = Apart()
    apart.run(LARGE, len, b"")
    Timer(0.2, apart.close).start()
    with pytest.raises(StoppedError):
        apart.run(LARGE, re.match, *ENDLESS)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own word for it")
def test_nothing_outlives_a_killed_parent():
    code = (
        "import re\n"
        "from pipeline.apart import *; from tests.pipeline.test_apart import ENDLESS\n"
        "apart = Apart()\n"
        "print(apart.run(SMALL + 1, os.getpid), flush=True)\n"
        "apart.run(SMALL + 1, re.match, *ENDLESS)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        stat = Path(f"/proc/{pid}/stat")
        while int(stat.read_text().split()[13]) < 20:  # until it is at it, for a fifth of a second
            time.sleep(0.05)
        parent.kill()
    while stat.exists() and " Z " not in stat.read_text():
        time.sleep(0.05)
