"""Errors that people see are the same in every process."""

from __future__ import annotations

import pickle

import pytest

from pipeline.addresses import AddressError
from pipeline.bucket import DamagedError
from pipeline.errors import WarraqError
from pipeline.health.state import DamagedError as DamagedHealthError


@pytest.mark.parametrize(
    "error",
    [
        WarraqError("bucket x cannot be reached"),
        DamagedError("documents/a is damaged", "documents/a", b"bytes", "etag"),
        DamagedHealthError("health/a"),
        AddressError("a.example is at 10.0.0.1", "10.0.0.1"),
    ],
    ids=lambda error: type(error).__module__,
)
def test_another_process_gets_the_same(error: WarraqError) -> None:
    there = pickle.loads(pickle.dumps(error))
    assert (type(there), str(there), there.__dict__) == (type(error), str(error), error.__dict__)
