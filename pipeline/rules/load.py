"""How every file of this room is read: its YAML, checked, its words in the one spelling in which they are compared."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from pipeline.errors import WarraqError
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence


class Strict(BaseModel):
    """What a file holds, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _fold_each(written: object) -> frozenset[str]:
    texts = written.split() if isinstance(written, str) else written
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("needs words parted by blanks, or a list of names")
    found: set[str] = set()
    for text in texts:
        key = fold(text)
        if not key:
            raise ValueError(f"«{text}» has neither letters nor digits")
        if key in found:
            raise ValueError(f"«{text}» stands here twice, perhaps in another spelling")
        found.add(key)
    return frozenset(found)


Words = Annotated[frozenset[str], BeforeValidator(_fold_each)]
"""Words in a row, a "_" in the place of a blank within one, or a list of names; read folded (`pipeline.text.fold`), each once."""

_File = TypeVar("_File", bound=Strict)


def read(name: str, kind: type[_File]) -> _File:
    """A file of this room, checked.

    Raises:
        WarraqError: it is no YAML, or holds what it may not; the message names the line.
    """
    return parse(name, _text_of(name), kind)


def parse(name: str, text: str, kind: type[_File]) -> _File:
    """What a file of this name holds, given its text; see `read`."""
    try:
        return kind.model_validate(YAML(typ="safe").load(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise WarraqError(f"pipeline/rules/{name}, line {line + 1}: {error.problem}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise _fault(name, text, first["loc"], first["msg"].removeprefix("Value error, ")) from error


def fault(name: str, path: Sequence[str | int], says: str) -> WarraqError:
    """The error for one entry of a file of this room; `path` holds the keys and indexes that lead to it."""
    return _fault(name, _text_of(name), path, says)


def _fault(name: str, text: str, path: Sequence[str | int], says: str) -> WarraqError:
    part, line = YAML(typ="rt").load(text), 0
    for step in path:
        places = part.lc.data if isinstance(part, (CommentedMap, CommentedSeq)) else None
        if not places or step not in places:
            break
        line = places[step][0]
        part = part[step]
    where = ".".join(map(str, path))
    return WarraqError(f"pipeline/rules/{name}, line {line + 1}{f', {where}' if where else ''}: {says}")


def _text_of(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
