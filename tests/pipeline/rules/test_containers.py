"""The boxes that systems and themes make for an article's text."""

from __future__ import annotations

import pytest

from pipeline.errors import WarraqError
from pipeline.rules.containers import Containers, containers
from pipeline.rules.load import parse


def test_every_name_says_where_it_was_seen() -> None:
    known = containers()
    assert all((*known.classes.values(), *known.ids.values(), *known.properties.values()))


@pytest.mark.parametrize("name", ["Entry-Content", "entry content"])
def test_a_name_that_would_never_be_found_is_refused(name: str) -> None:
    with pytest.raises(WarraqError, match="one name in lower case"):
        parse("containers.yaml", f"classes: {{{name}: somewhere}}\nids: {{}}\nproperties: {{}}\n", Containers)
