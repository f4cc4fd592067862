"""The model: its weights, held against their checksum, and what it says of a text.

``model.json`` names the rest: the SHA-256 of ``weights.bin``, the `scale` of a weight and the `bias`; all are written by
``python -m benchmarks.relevance``. ``weights.bin`` has a signed byte for each of `BUCKETS` features. The log odds of an article are

    bias + scale * (sum of the weights of its features) / square root of how many features it has

a sum of whole numbers, so that no order of adding and no machine changes it; the probability is rounded to three decimals.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pyarrow as pa

from pipeline.errors import WarraqError
from pipeline.relevance.features import BUCKETS, read_words

THRESHOLD = 0.5
"""From which probability an article is called relevant, where its source's file says nothing else."""

RELEVANCE = pa.struct(
    [
        ("probability", pa.float64()),
        ("relevant", pa.bool_()),
        ("words", pa.list_(pa.field("element", pa.string()))),
        ("model", pa.string()),
    ]
)
"""What `judge` says, as a column: `probability` 0 to 1; `relevant` from the source's threshold on; `words` that spoke most for it,
as they stand in the text, the weightiest first; `model`, the version of the model."""

_READ_AS = 1
"""Version of how texts are read (`pipeline.relevance.features`): weights that were fitted for another one say nothing."""
_MOST_WORDS = 5
_LEAST_SHARE = 4
"""A word that weighs less than this part of the weightiest is not named."""
_WEIGHTS, _TOLD = "weights.bin", "model.json"


class RelevanceError(WarraqError):
    """The model cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Model:
    """A linear model: a signed byte for each feature, what one unit of it is worth in log odds, and the log odds of nothing."""

    weights: bytes
    scale: float
    bias: float
    version: str

    def judge(self, title: str | None, body: str | None, threshold: float = THRESHOLD) -> dict[str, Any]:
        """What the model says of an Arabic article, as `RELEVANCE` has it."""
        signed = memoryview(self.weights).cast("b")
        read = list(read_words(title, body))
        numbers = {number for word in read for number in word.features}
        total = sum(signed[number] for number in numbers)
        odds = self.bias + self.scale * total / math.sqrt(len(numbers) or 1)
        probability = round(1 / (1 + math.exp(-max(-700.0, min(700.0, odds)))), 3)
        spoke: dict[int, tuple[int, str]] = {}
        for word in read:
            weight = sum(signed[number] for number in word.features)
            stem = word.features[1]
            if weight > 0 and (stem not in spoke or weight > spoke[stem][0]):
                spoke[stem] = weight, word.text
        most = sorted(spoke.values(), key=lambda one: (-one[0], one[1]))[:_MOST_WORDS]
        most = [one for one in most if one[0] * _LEAST_SHARE >= most[0][0]]
        return {
            "probability": probability,
            "relevant": probability >= threshold,
            "words": [text for _, text in most],
            "model": self.version,
        }


def judge(title: str | None, body: str | None, threshold: float = THRESHOLD) -> dict[str, Any]:
    """What the model of this package says of an Arabic article, as `RELEVANCE` has it.

    Raises:
        RelevanceError: the model's files are missing or damaged.
    """
    return load().judge(title, body, threshold)


@cache
def load(folder: Traversable | None = None) -> Model:
    """The model in a folder, by default the one that comes with this package.

    Raises:
        RelevanceError: its files are missing or damaged, or of another version of the code.
    """
    folder = folder or files("pipeline.relevance")
    try:
        told = json.loads((folder / _TOLD).read_bytes())
        weights = (folder / _WEIGHTS).read_bytes()
        scale, bias, sha256, read_as = float(told["scale"]), float(told["bias"]), told["sha256"], told["read_as"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RelevanceError(f"{folder}: {_TOLD} or {_WEIGHTS} cannot be read ({error}): {_AGAIN}") from error
    if read_as != _READ_AS:
        raise RelevanceError(
            f"{folder / _TOLD} was made for version {read_as} of the code, this is {_READ_AS}: {_AGAIN}"
        )
    if hashlib.sha256(weights).hexdigest() != sha256 or len(weights) != BUCKETS:
        raise RelevanceError(f"{folder / _WEIGHTS} is not the file that {_TOLD} names: {_AGAIN}")
    return Model(weights, scale, bias, version_of(weights, scale, bias))


_AGAIN = (
    "install warraq anew, or write both with `python -m benchmarks.relevance`; until then articles stay without `relevance`, and "
    "`warraq build --rebuild` fills it in"
)


def version_of(weights: bytes, scale: float, bias: float) -> str:
    """The version of how texts are read, and a hash of all numbers of a model: "1-5f3a9c21"."""
    numbers = hashlib.sha256(weights + f"{scale!r} {bias!r}".encode()).hexdigest()
    return f"{_READ_AS}-{numbers[:8]}"
