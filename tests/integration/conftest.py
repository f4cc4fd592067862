"""The demo, run once for all tests by the command that people type."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.bucket import Bucket
from tests.conftest import ROOT
from warraq.servers import ObjectStore
from warraq.supervisor import BUCKET


@dataclass(frozen=True)
class DemoRun:
    """Two runs of ``warraq demo`` on one folder; its object store runs again, for tests to read."""

    home: Path
    first: str
    second: str
    """What the two runs printed."""

    first_objects: dict[str, str]
    second_objects: dict[str, str]
    """What the bucket held after each: ETags by key."""

    store: ObjectStore
    settings: dict[str, str]
    """The environment by which the bucket is reached now."""

    bucket: Bucket


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoRun]:
    """The demo, run twice through a real Airflow."""
    home = tmp_path_factory.mktemp("demo")
    first = _demo(home)
    with ObjectStore(home / "s3") as store:
        first_objects = _objects(_bucket(store))
    second = _demo(home)
    with ObjectStore(home / "s3") as store:
        bucket = _bucket(store)
        settings = store.settings | {"WARRAQ_BUCKET": BUCKET}
        yield DemoRun(home, first, second, first_objects, _objects(bucket), store, settings, bucket)


def _demo(home: Path) -> str:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "warraq", "demo", "--home", str(home)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    print(f"warraq demo: {time.monotonic() - began:.0f} s")  # shown where a test fails, and with -s
    return done.stdout


def _bucket(store: ObjectStore) -> Bucket:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in store.settings.items():
            patch.setenv(name, value)
        patch.setenv("no_proxy", "127.0.0.1")
        return Bucket(BUCKET)


def _objects(bucket: Bucket) -> dict[str, str]:
    return {stored.key: stored.etag for stored in bucket.list()}
