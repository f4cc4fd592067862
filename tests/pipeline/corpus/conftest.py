"""A small corpus: a wire report with its copy, a report of its own, a follow-up, and a page that is none."""

import pytest

from pipeline import build as stages
from pipeline.bucket import Bucket
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose

Sources = dict[str, Source]
WIRE = prose(9000, 10)


@pytest.fixture
def built(bucket: Bucket, sources: Sources) -> Bucket:
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
    return bucket
