"""The one error that people see."""

from __future__ import annotations

from typing import Any


class WarraqError(Exception):
    """Something a person can mend: the message is one clear sentence that names the file, source or URL and what to do.

    It is the same in another process, whatever its class is made of: Python's own way makes an exception anew of its message,
    which not every class takes, and a pool whose worker's error cannot be read says that the worker was killed.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[WarraqError], args: tuple[object, ...], told: dict[str, object]) -> WarraqError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(told)
    return error
