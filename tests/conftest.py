"""What every test may use: a real S3 server, a fresh bucket in it, and the shared examples where they are at hand."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from pipeline.bucket import Bucket
from warraq.servers import ObjectStore

if TYPE_CHECKING:
    from collections.abc import Iterator

# How long an example takes is no property of the code. Each run tries others: half as many as by default, so that it stays short.
settings.register_profile("warraq", deadline=None, max_examples=50)
settings.load_profile("warraq")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def one_process() -> Iterator[None]:
    """A build does its work in the test's own process: starting others takes longer than all that there is to do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)
        yield


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an S3 server of our own, the AWS settings of this process pointing to it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "HTTP_PROXY", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setenv("no_proxy", "127.0.0.1,localhost")
        with ObjectStore(tmp_path_factory.mktemp("s3")) as store:
            for name, value in store.settings.items():
                patch.setenv(name, value)
            yield store.url


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A new, empty bucket, named in WARRAQ_BUCKET."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    monkeypatch.setenv("WARRAQ_BUCKET", name)
    bucket = Bucket()
    bucket.ensure()
    return bucket


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the shared examples beside the checkout."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the shared examples (../shared) are not here")
    return folder
