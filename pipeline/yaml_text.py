"""YAML that people read and edit: a line for each value, however long, and escapes for what a reader would not see."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from pipeline.text import escape_invisible

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.nodes import ScalarNode


class _Representer(RoundTripRepresenter):
    """Quotes a text that has an invisible character, since only a quoted one can have escapes."""

    def represent_str(self, data: str) -> ScalarNode:
        style = '"' if escape_invisible(data) != data else None
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", data, style=style)
        return node


_Representer.add_representer(str, _Representer.represent_str)


def to_yaml(data: CommentedMap | dict[str, Any]) -> str:
    """A mapping as YAML, with its comments; lists are indented below their keys."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = 2**20  # no line is folded
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(data, text)
    return "\n".join(map(escape_invisible, text.getvalue().split("\n")))
