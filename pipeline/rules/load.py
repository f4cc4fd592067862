"""How every file of this room is read: its YAML, checked, its words in the one spelling in which they are compared."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from pipeline.errors import WarraqError
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    try:
        return kind.model_validate(YAML(typ="safe").load(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WarraqError(f"pipeline/rules/{name}, line {line}: {error.problem}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise fault(name, first["loc"], first["msg"].removeprefix("Value error, "), text=text) from error


def fault(name: str, path: Iterable[Any], says: str, *, text: str | None = None) -> WarraqError:
    """The error for one entry of a file of this room; `path` holds the keys and indexes that lead to it."""
    if text is None:
        text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    path = list(path)
    part, line = YAML(typ="rt").load(text), 0
    for step in path:
        if step not in (getattr(getattr(part, "lc", None), "data", None) or ()):
            break
        line = part.lc.data[step][0]
        part = part[step]
    where = ".".join(str(step) for step in path)
    return WarraqError(f"pipeline/rules/{name}, line {line + 1}{f', {where}' if where else ''}: {says}")
