"""A logistic regression of whether bodies are right, and what each of its features is worth.

What is said of a page is reckoned from weights that were fitted without any page of its outlet, since those are alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Floats: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"

_PENALTY = 1.0
"""What the squares of the weights cost (ridge), which keeps those of rare features small."""
_STEPS = 50
"""Newton's steps at most; some ten are enough."""
FALSE_ALARMS = 0.03
"""The share of right bodies that may be marked low."""


@dataclass(frozen=True, slots=True)
class Case:
    """A body: its page's outlet, whether it is right, and its features by name, the same for all."""

    outlet: str
    is_right: bool
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a regression found.

    Attributes:
        bias: the logarithm of the odds that a body is right, all features being 0.
        weights: what a feature adds to it, by name.
        log_loss: mean negative logarithm of the chance given to what is so, of pages of outlets left out.
        chances: the chance that each case is right, likewise.
        without: by feature, the log loss and the share of wrong bodies found (`recall`) of a fit without it.
    """

    bias: float
    weights: Mapping[str, float]
    log_loss: float
    chances: Floats
    without: Mapping[str, tuple[float, float]]


def fit(cases: Sequence[Case]) -> Fit:
    """Fit the weights of all features, and judge them outlet by outlet. There are right and wrong cases, of two outlets or more."""
    names = list(cases[0].features)
    values = np.array([[case.features[name] for name in names] for case in cases])
    right = np.array([case.is_right for case in cases], dtype=np.float64)
    outlets = np.array([case.outlet for case in cases])
    bias, *weights = _regress(values, right)
    chances = _left_out(values, right, outlets)
    without = {}
    for number, name in enumerate(names):
        others = _left_out(np.delete(values, number, axis=1), right, outlets)
        without[name] = _log_loss(others, right), recall(others, right)
    return Fit(bias, dict(zip(names, weights, strict=True)), _log_loss(chances, right), chances, without)


def threshold(chances: Floats, right: Floats, share: float = FALSE_ALARMS) -> float:
    """The chance under which no more than a share of the right bodies lies."""
    return float(np.quantile(chances[right == 1], share, method="lower"))


def recall(chances: Floats, right: Floats, share: float = FALSE_ALARMS) -> float:
    """The share of the wrong bodies that is found where this share of the right ones may be taken for wrong."""
    return float((chances[right == 0] < threshold(chances, right, share)).mean())


def _left_out(values: Floats, right: Floats, outlets: np.ndarray[tuple[int, ...], np.dtype[np.str_]]) -> Floats:
    """The chance of each case, by weights fitted on the other outlets' cases."""
    chances = np.empty(len(right))
    for outlet in np.unique(outlets):
        own = outlets == outlet
        chances[own] = _chances(values[own], _regress(values[~own], right[~own]))
    return chances


def _regress(values: Floats, right: Floats) -> Floats:
    """The bias and the weights that make what is so most likely, by Newton's method."""
    columns = np.column_stack([np.ones(len(values)), values])
    found = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        chances = _chances(values, found)
        slope = columns.T @ (right - chances) - _PENALTY * found
        curvature = (columns.T * (chances * (1 - chances))) @ columns + _PENALTY * np.eye(len(found))
        step = np.linalg.solve(curvature, slope)
        found += step
        if np.abs(step).max() < 1e-9:
            break
    return found


def _chances(values: Floats, found: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-found[0] - values @ found[1:])))


def _log_loss(chances: Floats, right: Floats) -> float:
    return float(-np.log(np.where(right == 1, chances, 1 - chances)).mean())
