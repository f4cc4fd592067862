"""Values of a source's file set in its text, every other byte kept: a person's comments and layout stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.nodes import CollectionNode

from pipeline.sources import SourceError, parse_source
from pipeline.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ruamel.yaml.nodes import MappingNode, Node


def with_values(path: Path, text: str, values: Mapping[str, Any], *, named: Path | None = None) -> str:
    """The text of a source's file with some of its keys set; one that is not there yet comes in below the id.

    `path` is where the file lies; `named` where it is to lie, if elsewhere.

    Raises:
        SourceError: the file is wrong, or is written in a way that cannot be edited.
    """
    before = parse_source(text, path)
    edited = text
    for key, value in values.items():
        edited = _with_value(edited, key, _flow(key, value))
    wanted = before.model_copy(update=dict(values))
    try:
        if parse_source(edited, named or path) == wanted:
            return edited
    except SourceError:
        pass
    lines = ", ".join(f"`{key}: {_flow(key, value)}`" for key, value in values.items())
    raise SourceError(f"{path}: is written in a way that cannot be edited: write {lines} by hand")


def read_text(path: Path) -> str:
    """The text of a source's file, its line ends kept.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SourceError(f"{path}: cannot be read: {why}") from error


def _with_value(text: str, key: str, value: str) -> str:
    pairs = {node.value: (node, held) for node, held in _root(text).value}
    if key in pairs:
        held = pairs[key][1]
        return text[: held.start_mark.index] + value + text[_end(held) :]
    line_end = text.find("\n", _end(pairs["id"][1])) + 1
    head, tail = (text[:line_end], text[line_end:]) if line_end else (f"{text}\n", "")
    return f"{head}{key}: {value}\n{tail}"


def _root(text: str) -> MappingNode:
    node: MappingNode = YAML().compose(text)
    return node


def _end(node: Node) -> int:
    """Where a value ends; a block ends with its last part, before the comments that follow it."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _flow(key: str, value: object) -> str:
    """A value as YAML in one line."""
    if isinstance(value, tuple):
        listed = CommentedSeq(value)
        listed.fa.set_flow_style()
        value = listed
    return to_yaml({key: value}).removeprefix(f"{key}: ").rstrip("\n")
