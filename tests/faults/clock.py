"""A clock that stands wrong, or that is moved on, for processes and not for the machine: by libfaketime (Debian's `faketime`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

_LIBRARIES: Final = ("/usr/lib", "/usr/local/lib")
_LIBRARY: Final = "**/libfaketimeMT.so.1"


def find_library() -> Path:
    """Where libfaketime is.

    Raises:
        FileNotFoundError: it is not installed.
    """
    for folder in _LIBRARIES:
        for library in sorted(Path(folder).glob(_LIBRARY)):
            return library
    raise FileNotFoundError("libfaketime is not here: install it, on Debian with `apt-get install faketime`")


class Clock:
    """The clock of the processes that have its `environment`: as far off the machine's as it was `set`.

    It moves their monotonic clock too, so that a step ahead is to them as if they had stood still for so long; no step back is
    made while any of them runs.
    """

    def __init__(self, file: Path) -> None:
        """What it was set to lies in a file.

        Raises:
            FileNotFoundError: libfaketime is not installed.
        """
        self._file = file
        self.set(timedelta())
        self.environment = {
            "LD_PRELOAD": str(find_library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, ahead: timedelta) -> None:
        """Let it stand so far ahead of the machine's clock, or behind; the processes see it within a second."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{ahead.total_seconds():+.0f}\n", encoding="ascii")
        written.replace(self._file)
