"""Which pairs of documents are worth comparing: those that share a band of their signatures, or every word."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.duplicates.text import SIGNATURE_SIZE

WINDOW_DAYS = 30
"""A wire story is taken over within hours or days; a month leaves room for late backdated copies."""

BAND_SIZE, ROUNDS = 3, 3
"""Bands of 3 numbers, each number in 3 of them: 126 bands. A pair at Jaccard .27 is looked at with probability .92, at .31
with .97, at .36 with .997, at .02 with .001. Measured by ``benchmarks/duplicates``: one round finds .73 of the texts that stand
within one three times as long, three find .97, for a hundredth of the time that comparing takes."""

LEAST_ESTIMATE = 0.12
"""A pair whose signatures agree in a smaller share is not compared: at Jaccard .27, the least of any copy, one in ten thousand
falls below it."""

Pairs = npt.NDArray[np.int64]
"""Rows of (later, earlier): places of two documents in their order."""


def find_pairs(
    signatures: npt.NDArray[np.uint32],
    texts: npt.NDArray[np.uint64],
    days: npt.NDArray[np.int32],
    wanted: npt.NDArray[np.bool_],
) -> Pairs:
    """Likely pairs (later, earlier) within the window of which at least one is wanted, sorted.

    The documents stand in their order: `signatures` has a row each, `texts` a hash of the normal form, `days` the published
    day as a number.
    """
    size = np.int64(max(len(days), 1))  # a pair is one number, to sort and unite pairs by
    found = _sharing(texts, days, wanted)
    united = np.sort(found[:, 0] * size + found[:, 1])
    for band in _BANDS:
        keys = sum(signatures[:, number] * odd for number, odd in zip(band, _ODD, strict=True))
        found = _sharing(keys, days, wanted)
        numbers = found[:, 0] * size + found[:, 1]
        numbers = np.sort(numbers[~_among(united, numbers)])
        likely = _estimates(signatures, numbers // size, numbers % size) >= LEAST_ESTIMATE
        united = np.sort(np.concatenate([united, numbers[likely]]), kind="stable")  # two sorted runs are merged
    return np.stack([united // size, united % size], axis=1)


def _among(known: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of some numbers are among the known ones, which are sorted."""
    if not known.size:
        return np.zeros(len(numbers), np.bool_)
    places = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return np.equal(known[places], numbers)


_THIRD = SIGNATURE_SIZE // BAND_SIZE
_BANDS = [
    [part * _THIRD + (place + part * turn) % _THIRD for part in range(BAND_SIZE)]
    for turn in range(ROUNDS)  # each turn puts other numbers together
    for place in range(_THIRD)
]

# Odd multipliers spread a band's three numbers over 64 bits; a rare collision only costs a comparison.
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)


def _sharing(keys: npt.NDArray[np.uint64], days: npt.NDArray[np.int32], wanted: npt.NDArray[np.bool_]) -> Pairs:
    """The pairs with the same key, within the window, of which one is wanted."""
    order = np.argsort(keys, kind="stable")  # equal keys stay in the documents' order
    keys, found = keys[order], []
    left = np.flatnonzero(keys[1:] == keys[:-1])
    step = 1
    while left.size:
        earlier, later = order[left], order[left + step]
        near = days[later] - days[earlier] <= WINDOW_DAYS
        left, earlier, later = left[near], earlier[near], later[near]  # those after it lie further off still
        one = wanted[later] | wanted[earlier]
        found.append(np.stack([later[one], earlier[one]], axis=1))
        step += 1
        left = left[left + step < len(keys)]
        left = left[keys[left] == keys[left + step]]
    return np.concatenate(found) if found else np.empty((0, 2), np.int64)


def _estimates(
    signatures: npt.NDArray[np.uint32], later: npt.NDArray[np.int64], earlier: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The Jaccard shares that the signatures of some pairs suggest."""
    estimates = np.empty(len(later))
    for start in range(0, len(later), _CHUNK):
        part = slice(start, start + _CHUNK)
        agreeing = np.count_nonzero(signatures[later[part]] == signatures[earlier[part]], axis=1)
        estimates[part] = agreeing / SIGNATURE_SIZE
    return estimates


_CHUNK = 100_000
