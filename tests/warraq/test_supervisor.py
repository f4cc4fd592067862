"""How the supervisor finds ports for its servers."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from warraq.servers import ObjectStore, ServerError, free_port
from warraq.supervisor import _start_on_port


def test_a_port_that_is_taken_at_the_last_moment_costs_no_start(tmp_path: Path) -> None:
    with ExitStack() as stack:

        def store_on(port: int) -> ObjectStore:
            if not (tmp_path / "faster").exists():  # another program takes the port right after it was found free
                stack.enter_context(ObjectStore(tmp_path / "faster", port=port))
            return ObjectStore(tmp_path / "ours", port=port)

        wanted = free_port()
        ours = _start_on_port(stack, wanted, store_on)
        assert ours.port != wanted
        assert ours.children[0].listens_on(ours.port)


def test_any_other_trouble_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with ExitStack() as stack, pytest.raises((ServerError, OSError)):
        _start_on_port(stack, 0, lambda port: ObjectStore(tmp_path / "file" / "store", port=port))
