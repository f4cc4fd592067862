"""A small corpus of two outlets, one of which takes a story from the other, and a third that has nothing; and copies of folders."""

from __future__ import annotations

import uuid
from functools import partial
from pathlib import Path

import pytest

from pipeline import build as stages
from pipeline import card, corpus
from pipeline.bucket import Bucket
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose

Sources = dict[str, Source]
Pages = dict[str, bytes]
WIRE = prose(9000, 10)
TITLES = ("برقية من الميدان", "خبر عن المعبر", "متابعة الحصار", "بلا تاريخ", "عنوان آخر للبرقية", "جولة الربيع")

FILES: list[tuple[str, str, Pages]] = [
    (
        "alfajr",
        "one",
        {
            "http://alfajr.example/wire": page(TITLES[0], WIRE, "2024-03-05T08:00:00+03:00"),
            "http://alfajr.example/own": page(TITLES[1], prose(1), "2024-03-08"),
            "http://alfajr.example/tag": b"<html><body><a href='/'>x</a></body></html>",
        },
    ),
    ("alfajr", "two", {"http://alfajr.example/follow": page(TITLES[2], prose(70, 9), "2024-01-07T08:00:00+03:00")}),
    ("alfajr", "three", {"http://alfajr.example/none": page(TITLES[3], prose(71, 9))}),
    (
        "almada",
        "four",
        {
            "http://almada.example/w": page(TITLES[4], WIRE[:-1], "2024-03-05T19:00:00+03:00"),
            "http://almada.example/q": page(TITLES[5], prose(72, 9), "2024-03-09T19:00:00+03:00"),
        },
    ),
]
"""Capture files: their source, run and pages."""


def outlets() -> Sources:
    """Outlets with a file; the last has no capture."""
    told = {"timezone": "Asia/Damascus", "ownership": "party", "conflicts": ["Syria"], "countries": ["SY"]}
    names = {"alfajr": "صحيفة الفجر", "almada": "موقع المدى", "badr": "بدر"}
    return {
        id_: Source.model_validate({"id": id_, "name": name, "home": f"http://{id_}.example/", **told})
        for id_, name in names.items()
    }


@pytest.fixture
def sources() -> Sources:
    return outlets()


@pytest.fixture(scope="session")
def standing(s3: str) -> Bucket:
    """A bucket with that corpus, which no test changes."""
    bucket = Bucket(f"test-{uuid.uuid4().hex[:12]}")
    bucket.ensure()
    for one in FILES:
        archive(bucket, *one)
    stages.build(bucket, outlets(), "b")
    return bucket


@pytest.fixture
def built(bucket: Bucket, standing: Bucket) -> Bucket:
    """The same to be changed."""
    for stored in standing.list():
        bucket.client.copy_object(Bucket=bucket.name, Key=stored.key, CopySource=f"{standing.name}/{stored.key}")
    return bucket


def described(bucket: Bucket) -> dict[str, bytes]:
    """What the build wrote of the card and the outlets."""
    return {stored.key: bucket.get(stored.key) for prefix in ("card/", "sources/") for stored in bucket.list(prefix)}


def copy_to(bucket: Bucket, folder: Path) -> Path:
    """A copy of the corpus with its card, as ``warraq corpus fetch latest`` makes it."""
    assert corpus.fetch(bucket, corpus.Wanted("latest"), folder, card_of=partial(card.read_card, bucket)).has_card
    return folder
