"""What stands in an article's place, told by the phrases in ``block_pages.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.rules.load import Strict, fault, read
from pipeline.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_FILE = "block_pages.yaml"
_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”")
_SIGNS = re.compile(r"([()|\[\]]|\{\w+\}| )")
_REGEX = {"(": "(?:", "[": "(?:", "]": ")?", " ": " ?", ")": ")", "|": "|"}


class BlockPageFile(Strict):
    """The whole of ``block_pages.yaml``; that file says what the kinds are."""

    words: dict[str, str]
    blocked: tuple[str, ...]
    consent: tuple[str, ...]
    login: tuple[str, ...]
    missing: tuple[str, ...]
    subscribers: tuple[str, ...]
    perhaps_subscribers: tuple[str, ...]
    about: tuple[str, ...]


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
class BlockPages:
    """All phrases, by kind."""

    blocked: Phrases
    consent: Phrases
    login: Phrases
    missing: Phrases
    subscribers: Phrases
    perhaps_subscribers: Phrases
    about: Phrases


@cache
def load_block_pages() -> BlockPages:
    """The phrases of ``block_pages.yaml``, read once.

    Raises:
        WarraqError: it has an unknown key, or a phrase that is none.
    """
    written = read(_FILE, BlockPageFile)
    words = {f"{{{name}}}": f"(?:{_compile_part(text, {})})" for name, text in written.words.items()}
    return BlockPages(**{kind: _compile(kind, written, words) for kind in BlockPages.__dataclass_fields__})


def _compile(kind: str, written: BlockPageFile, words: Mapping[str, str]) -> Phrases:
    patterns = []
    for at, phrase in enumerate(getattr(written, kind)):
        try:
            patterns.append(_compile_part(phrase, words))
            re.compile(patterns[-1])
        except (ValueError, re.error) as error:
            raise fault(_FILE, (kind, at), f"«{phrase}» is no phrase: {error}") from error
    return Phrases(re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)"))


def _compile_part(phrase: str, words: Mapping[str, str]) -> str:
    """A phrase as a regular expression for folded text."""
    return "".join(_expression(part, words) for part in _SIGNS.split(phrase) if part)


def _expression(part: str, words: Mapping[str, str]) -> str:
    if part.startswith("{"):
        if part not in words:
            raise ValueError(f"`words` has no {part}")
        return words[part]
    return _REGEX.get(part) or re.escape(fold(part))
