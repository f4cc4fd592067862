"""A folder of two outlets' files, and their captures: own stories, a wire story that one took from the other, an edited page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import build as stages
from pipeline.bucket import Bucket
from pipeline.captures.model import Exchange
from pipeline.captures.write import CaptureWriter
from pipeline.sources import read_sources
from tests.pipeline.conftest import NOW, archive, page, prose

WIRE = prose(9000, 10)
NAMES = {"alfajr": "صحيفة الفجر", "almada": "موقع المدى"}
FEED = b"<rss><channel><item><title>a title</title></item></channel></rss>"


def file_of(id_: str) -> str:
    return (
        f"# about it\nid: {id_}  # its id\nname: {NAMES[id_]}\nhome: http://{id_}.example/\ntimezone: Asia/Damascus\n"
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for id_ in NAMES:
        (tmp_path / f"{id_}.yaml").write_text(file_of(id_), encoding="utf-8")
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path))
    return tmp_path


def history() -> list[tuple[str, str, dict[str, bytes]]]:
    """Source, run and pages of each crawl, in their order."""
    own = {
        source: {
            f"http://{source}.example/{n}": page(f"خبر {n}", prose(n), f"2024-03-{n:02d}T10:00:00+03:00")
            for n in range(first, first + 3)
        }
        for source, first in (("alfajr", 1), ("almada", 5))
    }
    wire = page("برقية", WIRE, "2024-03-05T08:00:00+03:00")
    taken = page("عنوان آخر", [*WIRE, *prose(7, 1)], "2024-03-06T08:00:00+03:00")
    edited = page("خبر 1", [*prose(1), *prose(77, 1)], "2024-03-01T10:00:00+03:00")
    return [
        ("alfajr", "r0", {"http://alfajr.example/wire": wire} | own["alfajr"]),
        ("almada", "r1", {"http://almada.example/w": taken} | own["almada"]),
        (
            "alfajr",
            "r2",
            {"http://alfajr.example/1": edited, "http://alfajr.example/tag": b"<html><a href='/'>x</a></html>"},
        ),
    ]


def put(bucket: Bucket, *runs: str) -> None:
    """Archive these crawls, or all; each is captured at the time of its place in the history."""
    for place, (source, run, pages) in enumerate(history()):
        if not runs or run in runs:
            archive(bucket, source, run, pages, at=NOW + timedelta(hours=place))


def put_feed(bucket: Bucket, source: str) -> str:
    """Archive an answer of discovery; its key."""
    writer = CaptureWriter(bucket, source, "r0", "discovery")
    writer.add(
        Exchange(
            url=f"http://{source}.example/feed",
            fetched_at=NOW,
            status=200,
            reason="OK",
            headers=[("Content-Type", "application/rss+xml")],
            body=FEED,
            request_headers=[],
            found={"by": "feed"},
        )
    )
    return str(writer.flush())


@pytest.fixture
def build(bucket: Bucket, folder: Path) -> Callable[..., None]:
    """Builds by the files as they are."""
    numbers = iter(range(1000))

    def run(*, rebuild: bool = False) -> None:
        stages.build(bucket, read_sources(folder).readable, f"b{next(numbers)}", rebuild=rebuild)

    return run


def corpus_of(bucket: Bucket) -> dict[str, bytes]:
    """Every object of the corpus."""
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("articles/")}
