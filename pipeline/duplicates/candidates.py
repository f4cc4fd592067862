"""Which pairs of documents are worth comparing: those that share a band of their signatures, or every word."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.duplicates.text import SIGNATURE_SIZE

WINDOW_DAYS = 30
"""A wire story is taken over within hours or days; a month leaves room for late backdated copies."""

ZONE_DAYS = 2
"""Days that an earlier document may lie after a later one: each has the day of its own source's zone, and zones are up to 26 hours
apart."""

BAND_SIZE, ROUNDS = 3, 3
"""Bands of 3 numbers, each number in 3 of them: 126 bands. A pair at Jaccard .27 is looked at with probability .92, at .31
with .97, at .36 with .997, at .02 with .001. Measured by ``benchmarks/duplicates``: one round finds .73 of the texts that stand
within one three times as long, three find .97, for a hundredth of the time that comparing takes."""

LEAST_ESTIMATE = 0.12
"""A pair whose signatures agree in a smaller share is not compared: at Jaccard .27, the least of any copy, one in ten thousand
falls below it."""

Pairs = npt.NDArray[np.int64]
"""Rows of (later, earlier): places of two documents in their order."""


def shortened(signatures: pa.Array) -> npt.NDArray[np.uint16]:
    """Signatures as what pairs are found by, a row each: the lower halves of their numbers, in half the memory.

    Two numbers that differ have the same lower half once in 65,536 times, which only costs a comparison.
    """
    fixed = signatures.cast(pa.binary(4 * SIGNATURE_SIZE))
    halves = np.frombuffer(fixed.buffers()[1], "<u2").reshape(-1, SIGNATURE_SIZE, 2)
    lower: npt.NDArray[np.uint16] = halves[fixed.offset : fixed.offset + len(fixed), :, 0]
    return lower


def find_pairs(
    signatures: npt.NDArray[np.uint16],
    texts: npt.NDArray[np.uint64],
    days: npt.NDArray[np.int32],
    of_later: npt.NDArray[np.bool_],
    of_earlier: npt.NDArray[np.bool_],
) -> Pairs:
    """Likely pairs (later, earlier) within the window, sorted; only of the documents that are asked for as the one and the other.

    The documents stand in their order: `signatures` has a row each, `texts` a hash of the normal form, `days` the published
    day as a number.
    """
    size = np.int64(max(len(days), 1))  # a pair is one number, to sort and unite pairs by
    found = _sharing(texts, days, of_later, of_earlier)
    united = np.sort(found[:, 0] * size + found[:, 1])
    for band in _BANDS:
        keys = sum(signatures[:, number] * odd for number, odd in zip(band, _ODD, strict=True))
        found = _sharing(keys, days, of_later, of_earlier)
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


def _sharing(
    keys: npt.NDArray[np.uint64],
    days: npt.NDArray[np.int32],
    of_later: npt.NDArray[np.bool_],
    of_earlier: npt.NDArray[np.bool_],
) -> Pairs:
    """The pairs with the same key, within the window, of those that are asked for."""
    order = np.argsort(keys, kind="stable")  # equal keys stay in the documents' order
    keys, found = keys[order], []
    left = np.flatnonzero(keys[1:] == keys[:-1])
    step = 1
    while left.size:
        earlier, later = order[left], order[left + step]
        apart = days[later] - days[earlier]
        asked = of_later[later] & of_earlier[earlier] & (apart <= WINDOW_DAYS)
        found.append(np.stack([later[asked], earlier[asked]], axis=1))
        step += 1
        left = left[apart <= WINDOW_DAYS + ZONE_DAYS]  # those after the others lie further off still
        left = left[left + step < len(keys)]
        left = left[keys[left] == keys[left + step]]
    return np.concatenate(found) if found else np.empty((0, 2), np.int64)


def _estimates(
    signatures: npt.NDArray[np.uint16], later: npt.NDArray[np.int64], earlier: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The Jaccard shares that the signatures of some pairs suggest."""
    estimates = np.empty(len(later))
    for start in range(0, len(later), _CHUNK):
        part = slice(start, start + _CHUNK)
        agreeing = np.count_nonzero(signatures[later[part]] == signatures[earlier[part]], axis=1)
        estimates[part] = agreeing / SIGNATURE_SIZE
    return estimates


_CHUNK = 100_000
