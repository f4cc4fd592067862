"""A small corpus: a wire report with its copy, a report of its own, a follow-up, and a page that is none."""

import pytest

from pipeline import build as stages
from pipeline.bucket import Bucket
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose

Sources = dict[str, Source]
WIRE = prose(9000, 10)


SMALL: dict[str, bytes] = {}
"""The objects of the small corpus, once it is built."""


@pytest.fixture
def built(bucket: Bucket, sources: Sources) -> Bucket:
    put_small_corpus(bucket, sources)
    return bucket


def put_small_corpus(bucket: Bucket, sources: Sources) -> None:
    """The small corpus in a bucket, built once and then put there as it was."""
    for key, data in SMALL.items():
        bucket.put(key, data)
    if not SMALL:
        _build(bucket, sources)
        SMALL.update({stored.key: bucket.get(stored.key) for stored in bucket.list()})


def _build(bucket: Bucket, sources: Sources) -> None:
    archive(
        bucket,
        "alfajr",
        "one",
        {
            "http://alfajr.example/wire": page("برقية", WIRE, "2024-03-05T08:00:00+03:00"),
            "http://alfajr.example/own": page("خبر", prose(1), "2024-03-06T08:00:00+03:00"),
            "http://alfajr.example/follow": page("متابعة", [*prose(70, 9), *WIRE[:2]], "2024-03-07T08:00:00+03:00"),
            "http://alfajr.example/tag": b"<html><body><a href='/'>x</a></body></html>",
        },
    )
    archive(
        bucket, "almada", "two", {"http://almada.example/w": page("عنوان آخر", WIRE[:-1], "2024-03-05T19:00:00+03:00")}
    )
    stages.build(bucket, sources, "b")
