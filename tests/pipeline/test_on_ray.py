"""A build on a Ray cluster of two workers on this machine: the same bytes as here, and what goes wrong is told as here."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import pytest

from pipeline import build, on_ray
from pipeline.bucket import Bucket
from pipeline.errors import WarraqError
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),  # not imported: `connect` comes before
]

ALFAJR = Source(id="alfajr", name="صحيفة الفجر", home="http://alfajr.example/", timezone="Asia/Damascus")


@pytest.fixture(scope="module")
def cluster(s3: str) -> Iterator[None]:
    for patience in reversed(range(3)):
        try:
            on_ray.connect(on_ray.LOCAL)
            break
        except WarraqError:  # it gives itself half a minute to start, however busy the machine
            if not patience:
                raise
    import ray

    yield
    ray.shutdown()


def objects(bucket: Bucket, prefix: str) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list(prefix)}


def note_process(bucket: Bucket, key: str) -> None:
    bucket.put(f"{key}-{os.getpid()}", b"")
    time.sleep(0.5)  # so long that one process cannot be faster than another's start


def refuse(bucket: Bucket, key: str, *, why: str) -> None:
    raise WarraqError(f"{key}: {why}")


def test_a_build_on_a_cluster_ends_in_the_same_bytes(
    cluster: None, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BATCH_FILES", 1)
    monkeypatch.setattr(import_module("pipeline.duplicates.decide"), "DOCUMENTS_A_RANGE", 2)
    for number in range(4):
        stories = {
            f"http://alfajr.example/{number}-{one}": page(
                f"خبر رقم {number}-{one}",
                prose(10 * number + one % 2),
                f"2024-03-{1 + number + 2 * one:02}T10:00:00+03:00",
            )
            for one in range(3)
        }
        archive(bucket, "alfajr", f"run{number}", stories)
    other = Bucket(f"test-{uuid.uuid4().hex[:12]}")
    other.ensure()
    for key, data in objects(bucket, "captures/").items():
        other.put(key, data)
    sources = {ALFAJR.id: ALFAJR}
    told = []
    list(build.passes(bucket, sources, "b", each=on_ray.each, on_progress=lambda *step: told.append(step)))
    list(build.passes(other, sources, "b"))
    assert len(objects(bucket, "articles/")) > 5
    assert objects(bucket, "articles/") == objects(other, "articles/")
    assert [step for step in told if step[0] == "cleaning"] == [("cleaning", done, 4) for done in range(5)]


def test_several_workers_share_the_work(cluster: None, bucket: Bucket) -> None:
    on_ray.each(bucket, [f"work/{number}" for number in range(8)], note_process, "noting", lambda *_: None)
    keys = [stored.key for stored in bucket.list("work/")]
    assert len(keys) == 8
    processes = {int(key.rpartition("-")[2]) for key in keys}
    assert len(processes) > 1
    assert os.getpid() not in processes


def test_what_a_worker_raises_is_raised(cluster: None, bucket: Bucket) -> None:
    with pytest.raises(WarraqError, match=r"^work/1: it is so$"):
        on_ray.each(bucket, ["work/1"], partial(refuse, why="it is so"), "refusing", lambda *_: None)
