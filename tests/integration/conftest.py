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
    first = run_demo(home)
    with ObjectStore(home / "s3") as store:
        first_objects = objects_in(bucket_in(store))
    second = run_demo(home)
    with ObjectStore(home / "s3") as store:
        bucket = bucket_in(store)
        settings = store.settings | {"WARRAQ_BUCKET": BUCKET}
        yield DemoRun(home, first, second, first_objects, objects_in(bucket), store, settings, bucket)


def run_demo(home: Path) -> str:
    """What ``warraq demo`` prints on a folder."""
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


def bucket_in(store: ObjectStore) -> Bucket:
    """The demo's bucket in its store."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in store.settings.items():
            patch.setenv(name, value)
        patch.setenv("no_proxy", "127.0.0.1")
        return Bucket(BUCKET)


def objects_in(bucket: Bucket) -> dict[str, str]:
    """The ETags of all there is, by key."""
    return {stored.key: stored.etag for stored in bucket.list()}
