"""Run a command that dies with the process that started it: ``die_with_parent.py PARENT SIGNAL USER COMMAND…``.

The kernel sends the command SIGNAL when PARENT, a process id, is gone, however it went (Linux; elsewhere nothing does). With a USER
the command runs as that one. This runs before every server, so it imports nothing that takes time.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(parent: int, number: int, user: str, command: list[str]) -> None:
    """Become the command."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, number)  # after the change of user, which would undo it
    if os.getppid() != parent:  # it went before the kernel was told
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
