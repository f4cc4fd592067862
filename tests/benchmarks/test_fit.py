"""The weights are of what tells right from wrong, and what is said of an outlet's pages comes from the others'."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks._fit import Case, fit, recall, threshold

OUTLETS = ("alnahr.example", "alsuq.example", "almina.example")


def made(count: int = 300) -> list[Case]:
    """Cases whose chance of being right falls with "lost" and has nothing to do with "noise"."""
    chance = random.Random(7)
    cases = []
    for number in range(count):
        lost = chance.random()
        right = chance.random() < 1 / (1 + np.exp(6 * lost - 3))
        cases.append(Case(OUTLETS[number % 3], right, {"lost": lost, "noise": chance.random()}))
    return cases


def test_what_tells_has_its_weight_and_what_does_not_has_none() -> None:
    found = fit(made(3000))
    assert found.weights["lost"] == pytest.approx(-6, abs=0.7)
    assert found.weights["noise"] == pytest.approx(0, abs=0.4)
    assert found.bias == pytest.approx(3, abs=0.5)
    assert found.without["lost"][0] > found.log_loss + 0.1
    assert found.without["noise"][0] == pytest.approx(found.log_loss, abs=0.01)


def test_the_same_cases_give_the_same_weights() -> None:
    assert fit(made()).weights == fit(made()).weights


def test_an_outlets_own_cases_say_nothing_of_its_chances() -> None:
    cases = made()
    turned = [replace(case, is_right=not case.is_right) if case.outlet == OUTLETS[0] else case for case in cases]
    own = [case.outlet == OUTLETS[0] for case in cases]
    assert fit(turned).chances[own] == pytest.approx(fit(cases).chances[own])


SHARES = st.floats(0, 1)


@given(
    st.lists(st.tuples(SHARES, st.booleans()), min_size=2).filter(lambda rows: len({right for _, right in rows}) == 2),
    SHARES,
)
def test_no_more_than_the_share_of_right_ones_is_under_the_threshold(
    rows: list[tuple[float, bool]], share: float
) -> None:
    chances, right = np.array([chance for chance, _ in rows]), np.array([float(right) for _, right in rows])
    limit = threshold(chances, right, share)
    assert (chances[right == 1] < limit).sum() <= share * (right == 1).sum() + 1e-9
    assert recall(chances, right, share) == (chances[right == 0] < limit).mean()
