"""Whether one text repeats another: the comparison that every likely pair goes through, on the texts themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from pipeline.duplicates.text import FIGURE, SHORT_WORDS, pairs_of, placed_figures, read_figures, words

NEAR_JACCARD = 0.36
"""Share of common shingles from which a text counts as near. Measured by ``benchmarks/duplicates``: a story with one word in
five exchanged keeps .38 to .51 (the first and the ninety-ninth percentile), a follow-up of which a quarter is background
from an earlier report .06 to .23, unrelated reports below .06."""

CONTAINED = 0.75
CONTAINED_JACCARD = 0.27
"""Share of the shorter text's shingles from which it counts as contained in the longer one, if they share this much of both:
a text within one three times as long keeps .29 to .35, while a brief report whose whole text is the background of another
story, a quarter of it, stays at .25."""

SERIES_LIKENESS = 0.9
SERIES_FIGURES = 0.35
"""Reports of one series, a daily toll, prices, the weather, repeat each other's words and not their figures; a copy keeps the
figures. Two texts that share this much of their shingles without figures are a series where any figure was exchanged for
another; less alike ones where at least this share of the figures that stand at the same places was. At .5 three
of 2,500 pairs of weather bulletins passed for copies, at .35 none of 4,300; it takes 4 of 920 copies with one word in five
exchanged for a series."""


BLOCK = 8
COVERED_BLOCK = 0.25
COVERED = 0.8
"""A copy repeats its article throughout, a follow-up in the paragraphs that recall what happened before: of the shorter text's
blocks of so many shingles, the last share must have the first share of their shingles in the longer one. Of 189 follow-ups with
three fifths of background 4 pass for a copy, where 183 would without this; of 167 stories with one word in five exchanged 165
are found, where 166 would be (``python -m benchmarks.duplicates --only quality``)."""


class Kind(StrEnum):
    """What a copy is to its article."""

    SAME_TEXT = "same_text"
    NEAR = "near"
    CONTAINED = "contained"
    REVISION = "revision"  # an older text of the same URL
    RECAPTURE = "recapture"  # the same text of the same URL, captured again


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a later text stands to an earlier one.

    `kind` is None where it is no copy, and `reason` says why in a word: "short", "different", "series", "partial". `jaccard`,
    `contained` (of the shorter text's shingles, the share that the longer one has) and `covered` (of its blocks, the share that
    the longer one repeats; looked at where the others make it a copy) are from 0 to 1; `exchanged` and `kept` count the
    figures at common places that differ and that agree.
    """

    kind: Kind | None
    reason: str | None
    jaccard: float
    contained: float
    covered: float | None
    exchanged: int
    kept: int

    @property
    def similarity(self) -> float:
        """The share that made it a copy of its kind."""
        return self.contained if self.kind is Kind.CONTAINED else self.jaccard


@dataclass(frozen=True, slots=True)
class Features:
    """What a text is compared by, compactly: sorted 32-bit hashes, which are only good within this process.

    The shingles, with figures read as their values, are in `plain`, and those with a figure in `figured`. `places` are where
    the figures stand, after which two words and before which one, and `figures` the same with what stands there; several at
    the same place are told apart by their count. `order` has the shingles as they follow one another in the text.
    """

    length: int
    order: npt.NDArray[np.int32]
    plain: npt.NDArray[np.int32]
    figured: npt.NDArray[np.int32]
    places: npt.NDArray[np.int32]
    figures: npt.NDArray[np.int32]

    @classmethod
    def of(cls, text: str) -> Features:
        """The features of a text."""
        of_text = words(text)
        read, at = read_figures(of_text)
        pairs = pairs_of(read)
        figures = placed_figures(read, at)
        return cls(
            len(of_text),
            _hashed(pairs),
            _hashes([pair for pair in pairs if FIGURE not in pair]),
            _hashes([pair for pair in pairs if FIGURE in pair]),
            _hashes(_counted([place for place, _ in figures])),
            _hashes(_counted(figures)),
        )


def _counted(values: Iterable[Hashable]) -> list[Hashable]:
    """Each value with how often it came before."""
    counts: Counter[Hashable] = Counter()
    counted: list[Hashable] = []
    for value in values:
        counted.append((value, counts[value]))
        counts[value] += 1
    return counted


def _hashed(values: Collection[Hashable]) -> npt.NDArray[np.int32]:
    return np.fromiter(map(hash, values), np.int64, len(values)).astype(np.int32)  # the lower half


def _hashes(values: Iterable[Hashable]) -> npt.NDArray[np.int32]:
    return np.unique(_hashed(set(values)))


def compare(earlier: Features, later: Features) -> Comparison:
    """How the later text repeats the earlier one; their being the very same words is told by their hashes beforehand."""
    plain = _common(earlier.plain, later.plain)
    common = plain + _common(earlier.figured, later.figured)
    sizes = earlier.plain.size + earlier.figured.size, later.plain.size + later.figured.size
    jaccard, contained = _share(common, sum(sizes) - common), _share(common, min(sizes))
    kept = _common(earlier.figures, later.figures)
    exchanged = _common(earlier.places, later.places) - kept

    def result(kind: Kind | None, reason: str | None = None, covered: float | None = None) -> Comparison:
        return Comparison(kind, reason, round(jaccard, 4), round(contained, 4), covered, exchanged, kept)

    if min(earlier.length, later.length) < SHORT_WORDS:
        return result(None, "short")
    likeness = _share(plain, earlier.plain.size + later.plain.size - plain)
    if (exchanged and likeness >= SERIES_LIKENESS) or other_figures(exchanged, kept):
        return result(None, "series")
    near = jaccard >= NEAR_JACCARD
    if not near and not (contained >= CONTAINED and jaccard >= CONTAINED_JACCARD):
        return result(None, "different")
    if (covered := _covered(*sorted((earlier.order, later.order), key=len))) < COVERED:
        return result(None, "partial", covered)
    return result(Kind.NEAR if near else Kind.CONTAINED, None, covered)


def other_figures(exchanged: int, kept: int) -> bool:
    """Whether so many of the figures at common places were exchanged that two texts are a series, however alike they are."""
    return exchanged > 0 and exchanged >= SERIES_FIGURES * (exchanged + kept)


def _covered(shorter: npt.NDArray[np.int32], longer: npt.NDArray[np.int32]) -> float:
    """The share of the shorter text's blocks that the longer one repeats."""
    repeated = np.isin(shorter, longer)
    blocks = np.array_split(repeated, max(len(repeated) // BLOCK, 1))
    return round(float(np.mean([block.mean() >= COVERED_BLOCK for block in blocks])), 4)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _common(one: npt.NDArray[np.int32], other: npt.NDArray[np.int32]) -> int:
    """How many hashes two sorted sets share."""
    both = np.concatenate([one, other])
    both.sort(kind="stable")  # merges runs that are sorted already
    return int(np.count_nonzero(both[1:] == both[:-1]))
