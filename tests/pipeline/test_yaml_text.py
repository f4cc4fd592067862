"""YAML that is written for people: nothing is lost, and nothing hides."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline.yaml_text import to_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(st.dictionaries(st.sampled_from(["name", "home", "note"]), TEXTS | st.lists(TEXTS), min_size=1))
def test_whatever_is_written_is_read_again_and_can_be_seen(data: dict[str, str | list[str]]) -> None:
    text = to_yaml(data)
    assert YAML(typ="safe", pure=True).load(text) == data
    assert not [one for one in text if one not in " \n" and unicodedata.category(one)[0] in "CZ"]


def test_a_text_is_quoted_only_where_it_must_be_and_never_folded() -> None:
    long = "أطراف المدينة " * 30
    assert to_yaml({"name": "صدى", "mark": "صدى\u200f", "note": f"{long}نهاية", "yes": "true"}) == (
        f"name: صدى\nmark: \"صدى\\u200f\"\nnote: {long}نهاية\nyes: 'true'\n"
    )
