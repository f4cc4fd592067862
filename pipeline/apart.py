"""Work on what others wrote, in a process apart: it may be killed, and costs what called it neither its time nor its memory.

What a library does with a hostile page cannot be interrupted from within: a regular expression or a parser in C holds the whole
process. So such work is given to a child that has limits of time and memory, and is replaced where it passes one of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair
from subprocess import DEVNULL, Popen
from threading import Lock, Thread
from typing import TYPE_CHECKING, Self, TypeVar

from pipeline.errors import WarraqError

if TYPE_CHECKING:
    from types import TracebackType

SECONDS = 60.0
"""How long one piece of work may take: a feed of eight megabytes takes some ten, the largest page a few."""

MEMORY = 2 * 2**30
"""Bytes of memory that one piece of work may take besides what the process has anyway: a sitemap of 50 MB takes half a gigabyte."""

SMALL = 2**16
"""Bytes that are read on the spot: what takes an hour of half a megabyte, growing with the square, takes a minute of these."""

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

_Result = TypeVar("_Result")


class StoppedError(WarraqError):
    """The work was stopped, or broke its process; the message says at which limit, as what follows the name of what was read."""


class Apart:
    """A process for one piece of work after the other, started when it is first needed, and anew when it was killed.

    It dies with the thread that started it (Linux; elsewhere with the process): use it in threads that outlive it. Several may
    use it: each waits for its turn, which its own time does not include. What has no more bytes than `small` is done on the spot.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY, small: int = SMALL) -> None:
        self._seconds = seconds
        self._memory = memory
        self._small = small
        self._turn = Lock()
        self._child: tuple[Popen[bytes], Connection] | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, size: int, work: Callable[..., _Result], *arguments: object) -> _Result:
        """What a module's function makes of its arguments, of which so many bytes are what others wrote.

        Where that is not done on the spot, all that is handed over and comes back must be such as can be pickled.

        Raises:
            StoppedError: it passed a limit, or broke its process, or `close` was called meanwhile.
            Exception: what `work` raised.
        """
        if size <= self._small:
            return work(*arguments)
        with self._turn:
            process, connection = self._child = self._child or self._started()
            if self._closed:
                raise StoppedError("was not read: the work was ended")
            try:
                connection.send((work, arguments))
                if not connection.poll(self._seconds):
                    self._kill()
                    raise StoppedError(f"took more than {self._seconds:g} s to read, and was left")
                returned, value = connection.recv()
                if isinstance(value, MemoryError):
                    self._kill()  # and what it left is let go of
                    raise StoppedError(f"took more than {self._memory / 2**20:g} MB of memory to read, and was left")
            except (EOFError, OSError):
                code = process.wait()
                self._kill()
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                raise StoppedError(f"broke what read it (its process {how})") from None
        if returned:
            result: _Result = value
            return result
        raise value

    def close(self) -> None:
        """End the process, whatever it is at; may be called from any thread, and more than once."""
        self._closed = True
        if self._child is not None:
            self._child[0].kill()  # so that whoever has his turn ends it
        with self._turn:
            self._kill()

    def _started(self) -> tuple[Popen[bytes], Connection]:
        # Not by multiprocessing, whose child begins with all that its parent's program imports: Airflow takes seconds.
        ours, theirs = socketpair()
        with theirs:
            process = Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-m", __name__, str(os.getpid()), str(theirs.fileno()), str(self._memory)],
                stdin=DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(folder or os.curdir for folder in sys.path)},
            )
        return process, Connection(ours.detach())

    def _kill(self) -> None:
        if self._child is None:
            return
        process, connection = self._child
        self._child = None
        process.kill()
        process.wait()
        connection.close()


def signal_when_parent_ends(number: signal.Signals) -> None:
    """Have the kernel send this process a signal as soon as the thread that started it is gone (Linux; elsewhere nothing does)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def end_with_parent(parent: int) -> None:
    """Let this process end when `parent`, the one that started it, is gone, whatever it is at: a killed build leaves none behind.

    Ctrl-C is for the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal_when_parent_ends(signal.SIGKILL)

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    Thread(target=wait, daemon=True).start()  # elsewhere, and where the parent went before the kernel was told


def _serve(connection: Connection, memory: int) -> None:
    """Do what is asked for, one piece after the other, until the connection ends."""
    while True:
        try:
            work, arguments = connection.recv()
        except EOFError:
            return
        _limit(memory)
        returned, value = True, None
        try:
            value = work(*arguments)
        except BaseException as error:  # whatever it is, it is raised where the work was asked for
            returned, value = False, error
        with contextlib.suppress(BrokenPipeError):
            connection.send((returned, value if returned else _told(value)))
        del work, arguments, value


def _limit(memory: int) -> None:
    """Let this process take so much memory besides what it has; where the system keeps no such limit, nothing is done."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - there is none on every system

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most), most))


def _told(error: BaseException | None) -> BaseException:
    """An error as it can be sent."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # many cannot be made anew of what they say
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error or RuntimeError("no reason given")


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    _serve(Connection(int(sys.argv[2])), int(sys.argv[3]))
