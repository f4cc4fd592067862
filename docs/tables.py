"""Write the tables of these pages from the code: ``python docs/tables.py`` (a test holds them to it)."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline import corpus
from pipeline.clean import Rejection, rejection
from pipeline.sources import Politeness, Sections, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

DOCS = Path(__file__).parent


def columns() -> str:
    """The columns of the corpus."""
    rows = (
        (f"`{column.name}`", str(column.type).split("<")[0], column.metadata[b"meaning"].decode())
        for column in corpus.SCHEMA
    )
    return _table(("column", "type", "meaning"), rows)


def rejections() -> str:
    """The reasons for which a page is no article: each with the sentence that stands below it in the code."""
    [body] = [node.body for node in ast.parse(inspect.getsource(rejection)).body if isinstance(node, ast.ClassDef)]
    meanings = [
        str(node.value.value).replace("\n", " ")
        for node in body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    return _table(
        ("reason", "meaning"), ((f"`{reason}`", meaning) for reason, meaning in zip(Rejection, meanings, strict=True))
    )


def keys() -> str:
    """The keys of a source's file."""
    return _table(
        ("key", "default", "meaning"),
        [*_keys(Source), *_keys(Politeness, "politeness."), *_keys(Sections, "sections.")],
    )


def _keys(model: type[BaseModel], prefix: str = "") -> Iterable[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if name in {"politeness", "sections"}:
            continue
        default = (
            "**required**"
            if field.is_required()
            else f"`{field.default!r}`"
            if field.default not in {(), ""}
            else "none"
        )
        yield f"`{prefix}{name}`", default, field.description or ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def filled(page: str) -> str:
    """A page with its tables as the code has them now: each stands between ``<!-- table: name -->`` and ``<!-- end -->``."""
    tables = {"columns": columns, "rejections": rejections, "keys": keys}
    return re.sub(
        r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)",
        lambda match: f"{match[1]}{tables[match[2]]()}\n{match[3]}",
        page,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
