from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.source_life.edit import with_values
from pipeline.sources import SourceError, load_sources, parse_source
from tests.conftest import ROOT

FILE = Path("sada.yaml")
TEXT = """\
# about it
id: sada  # its id
name: صدى  # its name
home: http://sadanews.example/
timezone: Asia/Damascus
enabled: {}  # why
furniture:
  - تابعونا  # on all pages
  # and, since May:
  - "شارك"

# the end
"""
SHIPPED = sorted(load_sources(ROOT / "config" / "sources"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_one_word_of_the_file_is_changed(line_end: str) -> None:
    before = TEXT.replace("\n", line_end)
    assert with_values(FILE, before.format("false"), {"enabled": True}) == before.format("true")
    assert with_values(FILE, before.format("true"), {"enabled": False}) == before.format("false")


def test_a_key_that_is_missing_comes_in_below_the_id() -> None:
    edited = with_values(FILE, "name: x\nhome: http://x.example/\ntimezone: UTC\nid: sada", {"formerly": ("a1", "b1")})
    assert edited == "name: x\nhome: http://x.example/\ntimezone: UTC\nid: sada\nformerly: [a1, b1]\n"


def test_a_list_gives_way_to_one_in_a_line_and_what_follows_it_stays() -> None:
    edited = with_values(FILE, TEXT.format("true"), {"furniture": ("تابعونا", "شارك", "سطر: \u200fآخر")})
    assert edited.endswith('furniture:\n  [تابعونا, شارك, "سطر: \\u200fآخر"]\n\n# the end\n')


def test_what_cannot_be_edited_is_refused() -> None:
    shared = TEXT.format("&on true").replace("# the end", "browser: *on")
    with pytest.raises(SourceError, match="write `browser: false` by hand"):
        with_values(FILE, shared, {"browser": False})


@given(
    source=st.sampled_from(SHIPPED),
    enabled=st.booleans(),
    formerly=st.lists(st.sampled_from(["a1", "b2"]), unique=True),
)
def test_every_shipped_file_can_be_edited_and_edited_back(source: str, enabled: bool, formerly: list[str]) -> None:
    path = ROOT / "config" / "sources" / f"{source}.yaml"
    text = path.read_text(encoding="utf-8")
    before = parse_source(text, path)
    edited = with_values(path, text, {"enabled": enabled, "formerly": tuple(formerly)})
    after = parse_source(edited, path)
    assert after == before.model_copy(update={"enabled": enabled, "formerly": tuple(formerly)})
    kept = {line for line in text.splitlines() if not line.startswith("enabled:")}  # one of them with a remark
    assert kept <= set(edited.splitlines())
    assert parse_source(with_values(path, edited, {"enabled": before.enabled, "formerly": ()}), path) == before
