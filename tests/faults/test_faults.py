"""One trial of each kind, by a seed; many more are made by ``make soak``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.trials import KINDS, STAGES, Trials
from warraq.servers import DemoSites

pytestmark = pytest.mark.slow

STORE_FAILS = {"store_in_build": 5, "store_in_crawl": 6}
"""Which of the store's faults: the lost acknowledgement, and the refusal."""


@pytest.fixture(scope="module")
def trials(s3: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    folder = tmp_path_factory.mktemp("faults")
    store = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    with DemoSites(folder / "sites") as sites:
        made = Trials(folder, store, sites.url, seed=1)
        made.prepare()
        yield made


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in STAGES or kind == "deposit"])
def test_nothing_is_lost_and_the_bytes_are_the_same(trials: Trials, kind: str) -> None:
    assert trials.attempt(kind, STORE_FAILS.get(kind, 0)).fell == ""
