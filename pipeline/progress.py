"""How far a long piece of work is: it tells a function, and shows nothing itself."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[str, int, int | None], None]
"""Is told what is being done, how much of it is, and of how much; None where that is not known."""


def tell_nobody(_what: str, _done: int, _total: int | None) -> None:
    """The `OnProgress` of who does not care."""
