"""Credentials that expire while a build is at work, as those of a pod do: every client of the store gets new ones in time."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline import build
from pipeline.bucket import Bucket
from pipeline.documents import Documents
from pipeline.sources import Source
from tests.dialects import Answer, Ask, Request, refusal, speaking
from tests.loopback import listening
from tests.pipeline.conftest import archive, page, prose

pytestmark = pytest.mark.slow

PAGES = {
    f"http://alfajr.example/{number}": page(f"عنوان {number}", prose(number), f"2024-03-{number:02}T08:00:00+03:00")
    for number in range(1, 9)
}


class Identity:
    """What hands out a pod's credentials, and a store that refuses them once they have expired.

    They expire whenever so many requests were made with them. As in a cloud, new ones are to be had before that: the last ones
    still hold as long.
    """

    LIFE = 40

    def __init__(self) -> None:
        self.number = 1
        self.refused = 0
        self._asked = 0
        self._lock = threading.Lock()

    def credentials(self) -> bytes:
        """As https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html has them."""
        # So that boto3 asks each time whether there are others, and no thread goes on with the last ones meanwhile.
        soon = datetime.now(UTC) + timedelta(minutes=9)
        with self._lock:
            told = {"AccessKeyId": f"key-{self.number}", "SecretAccessKey": "secret", "Token": f"token-{self.number}"}
        return json.dumps(told | {"Expiration": f"{soon:%Y-%m-%dT%H:%M:%SZ}"}).encode()

    def hold(self, request: Request, ask: Ask) -> Answer:
        with self._lock:
            self._asked += 1
            if self._asked % self.LIFE == 0:
                self.number += 1
            valid = {f"token-{number}" for number in (self.number, self.number - 1)}
            if request.headers.get("x-amz-security-token") not in valid:
                self.refused += 1
                return refusal(400, "ExpiredToken")
        return ask(request)


@pytest.fixture
def identity(s3: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Identity]:
    """A pod's identity, by which alone the store may be reached from here."""
    identity = Identity()

    class Endpoint(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            told = identity.credentials()
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

    with listening(Endpoint) as port, speaking(s3, identity.hold) as store:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{port}/")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store)
        yield identity


def corpus_of(bucket: Bucket) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("articles/")}


def test_a_rebuild_outlasts_its_credentials(identity: Identity, sources: dict[str, Source]) -> None:
    bucket = Bucket(f"test-{uuid.uuid4().hex[:12]}")
    bucket.ensure()
    archive(bucket, "alfajr", "r1", PAGES)
    build.build(bucket, sources, "first")
    built, before = corpus_of(bucket), identity.number
    build.build(bucket, sources, "anew", rebuild=True)
    assert corpus_of(bucket) == built
    assert len(built) == len(PAGES) + 2
    assert identity.number - before >= 2
    assert identity.refused == 0


def test_a_table_that_is_held_open_reads_and_writes_on(identity: Identity, sources: dict[str, Source]) -> None:
    bucket = Bucket(f"test-{uuid.uuid4().hex[:12]}")
    bucket.ensure()
    archive(bucket, "alfajr", "r1", PAGES)
    build.build(bucket, sources, "first")
    documents = Documents(bucket)
    ids = {row["id"]: row["published_day"] for row in documents.read(["id", "published_day"]).to_pylist()}
    identity.number += 2  # what it was opened with holds no more
    assert len(documents.read(["id"])) == len(ids)
    identity.number += 2
    documents.undecide(ids)
    assert len(documents.pending()) == len(ids)
    identity.number += 2
    documents.vacuum()
    assert identity.refused == 0
