"""Other S3 servers than the embedded one: what `check_bucket` says of them is so, and the corpus comes out the same.

SeaweedFS is what the compose file runs; rclone keeps objects as files, and pays no heed to conditional writes.
"""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline import build, corpus
from pipeline.bucket import Bucket, BucketError, ConflictError, Standing, check_bucket
from pipeline.sources import Source
from tests.integration.seaweedfs import seaweedfs
from tests.pipeline.conftest import archive, page, prose
from warraq.servers import Child, free_port

pytestmark = pytest.mark.slow

NAMES = {"names": Standing.MISSING}  # of two objects, one named as the other's folder, a file system holds one
UNGUARDED = {"If-None-Match": Standing.MISSING, "If-Match": Standing.MISSING}


def rclone(folder: Path, port: int) -> list[str]:
    """The command of rclone's server."""
    keys = f"{os.environ['AWS_ACCESS_KEY_ID']},{os.environ['AWS_SECRET_ACCESS_KEY']}"
    return [
        "rclone",
        "serve",
        "s3",
        "--config",
        "/dev/null",
        "--auth-key",
        keys,
        "--addr",
        f"127.0.0.1:{port}",
        str(folder),
    ]


STORES: dict[str, tuple[Callable[[Path, int], list[str]], dict[str, Standing]]] = {
    "seaweedfs": (seaweedfs, NAMES),
    "rclone": (rclone, NAMES | UNGUARDED),
}


def is_made(bucket: Bucket) -> bool:
    """Whether the bucket is there, or could be made by now."""
    try:
        bucket.ensure()
    except BucketError:
        return False
    return True


class Store(NamedTuple):
    """One of these stores: its name, and a bucket in it."""

    name: str
    bucket: Bucket


ALFAJR = Source(id="alfajr", name="صحيفة الفجر", home="http://alfajr.example/", timezone="Asia/Damascus")


@pytest.fixture(scope="module")
def embedded(s3: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Captures, and the corpus as it is built from them in the embedded store."""
    bucket = Bucket(f"test-{uuid.uuid4().hex[:12]}")
    bucket.ensure()
    pages = {
        f"http://alfajr.example/{number}": page(f"عنوان {number}", prose(number), f"2024-03-{number:02}T08:00:00+03:00")
        for number in range(1, 4)
    }
    archive(bucket, "alfajr", "r1", pages)
    captures = objects(bucket, "captures/")
    build.build(bucket, {"alfajr": ALFAJR}, "b1")
    return captures, objects(bucket, "articles/")


def objects(bucket: Bucket, prefix: str) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list(prefix)}


@pytest.fixture(scope="module", params=STORES)
def store(
    embedded: object, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    # What is built in the embedded store is built by now: the settings name this one from here on.
    command, _ = STORES[request.param]
    port, folder = free_port(), tmp_path_factory.mktemp(request.param)
    (folder / "data").mkdir()
    program, *arguments = command(folder / "data", port)
    found = shutil.which(program, path=str(Path(sys.executable).parent))
    assert found, f"{program} comes with the packages for development"
    server = Child(request.param, [found, *arguments], log=folder / "log", environment=os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
        bucket = Bucket(f"test-{uuid.uuid4().hex[:12]}")
        try:
            server.wait_until(lambda: server.listens_on(port) and is_made(bucket), seconds=60)
            yield Store(request.param, bucket)
        finally:
            server.stop()


def test_what_it_lacks_is_told(store: Store) -> None:
    found = list(check_bucket(store.bucket))
    told = {finding.tried: finding.standing for finding in found if finding.standing is not Standing.WORKS}
    assert told == STORES[store.name][1], found
    assert not list(store.bucket.list())


def test_the_corpus_comes_out_the_same(store: Store, embedded: tuple[dict[str, bytes], dict[str, bytes]]) -> None:
    captures, articles = embedded
    for key, data in captures.items():
        store.bucket.put(key, data, if_absent=True)
    for run, rebuild in (("b1", False), ("b2", True)):
        build.build(store.bucket, {"alfajr": ALFAJR}, run, rebuild=rebuild)
        assert corpus.verify(store.bucket) == []
        assert objects(store.bucket, "articles/") == articles
    assert len(articles) == 5


def test_guards_hold_where_it_knows_them(store: Store) -> None:
    store.bucket.put("k", b"1", if_absent=True)
    if store.name == "rclone":
        store.bucket.put("k", b"2", if_absent=True)
    else:
        with pytest.raises(ConflictError):
            store.bucket.put("k", b"2", if_absent=True)
