"""What stands in an article's place, told by the phrases in ``block_pages.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_QUOTED = re.compile(r"«[^»]*»|“[^”]*”")
_SIGNS = re.compile(r"([()|\[\]]|\{\w+\}| )")
_REGEX = {"(": "(?:", "[": "(?:", "]": ")?", " ": " ?", ")": ")", "|": "|"}


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of one kind."""

    pattern: re.Pattern[str]

    def share(self, text: str) -> float:
        """Share (0 to 1) of a text that is phrases of this kind; what it quotes, it does not say."""
        said = fold(_QUOTED.sub(" ", text))
        return sum(len(match[0]) for match in self.pattern.finditer(said)) / max(1, len(said), len(fold(text)))

    def make(self, titles: Iterable[str]) -> bool:
        """Whether one of a page's titles is such a phrase, and little else."""
        return any(self.share(title) >= 0.5 for title in titles)


@dataclass(frozen=True, slots=True)
class Walls:
    """All phrases, by kind; ``block_pages.yaml`` says what the kinds are."""

    blocked: Phrases
    consent: Phrases
    login: Phrases
    missing: Phrases
    subscribers: Phrases
    perhaps_subscribers: Phrases
    about: Phrases


@cache
def load_walls() -> Walls:
    """The phrases of ``block_pages.yaml``, read once."""
    data = YAML(typ="safe").load(files(__package__).joinpath("block_pages.yaml").read_text(encoding="utf-8"))
    words = {f"{{{name}}}": f"(?:{_compile_part(text, {})})" for name, text in data["words"].items()}
    return Walls(
        **{
            kind: Phrases(
                re.compile(rf"(?<!\w)(?:{'|'.join(_compile_part(str(phrase), words) for phrase in data[kind])})(?!\w)")
            )
            for kind in Walls.__dataclass_fields__
        }
    )


def _compile_part(phrase: str, words: Mapping[str, str]) -> str:
    """A phrase as a regular expression for folded text."""
    return "".join(
        _REGEX.get(part) or words.get(part) or re.escape(fold(part)) for part in _SIGNS.split(phrase) if part
    )
