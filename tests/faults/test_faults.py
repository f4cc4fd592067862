"""A handful of trials, by a seed; many more are made by ``make soak``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.trials import Trials
from warraq.servers import DemoSites

pytestmark = pytest.mark.slow

TRIALS = {"deposit": 0, "store_in_build": 5, "disk": 1}
"""Kinds and numbers: the store's fault is the lost acknowledgement, and the full disk that of an import."""


@pytest.fixture(scope="module")
def trials(s3: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    folder = tmp_path_factory.mktemp("faults")
    store = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    with DemoSites(folder / "sites") as sites:
        made = Trials(folder, store, sites.url, seed=1)
        made.prepare()
        yield made


@pytest.mark.parametrize("kind", TRIALS)
def test_nothing_is_lost_and_the_bytes_are_the_same(trials: Trials, kind: str) -> None:
    assert trials.attempt(kind, TRIALS[kind]).fell == ""
