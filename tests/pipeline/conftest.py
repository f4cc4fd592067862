"""Captures of invented pages, as a crawl would leave them in the bucket."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from pipeline import build
from pipeline.bucket import Bucket
from pipeline.captures.model import Exchange
from pipeline.captures.write import CaptureWriter
from pipeline.documents import SCHEMA, Documents
from pipeline.sources import Source

NOW = datetime(2024, 3, 20, 8, tzinfo=UTC)
ROOTS = ["قبل", "صدر", "خرج", "حضر", "علم", "شرف", "كشف", "نقل", "دخل", "سمع", "رفع", "وصل", "قطع", "جمع", "بحث", "ظهر"]
STEMS = [
    before + root + after
    for before in ("است", "ان", "م", "ت", "ي", "ال", "وال", "")
    for root in ROOTS
    for after in ("", "ون", "ات", "ها", "نا", "ة")
]
LINKS = ["في", "من", "إلى", "على", "أن", "التي", "بعد", "مع", "هذا", "ذلك"]


def prose(seed: int, sentences: int = 8) -> list[str]:
    """Paragraphs of words that look Arabic and mean nothing, the same for the same seed."""
    chance = random.Random(seed)
    return [
        " ".join(chance.choice(LINKS if place % 4 == 3 else STEMS) for place in range(chance.randint(14, 24))) + "."
        for _ in range(sentences)
    ]


def page(title: str, paragraphs: list[str], published: str | None = None) -> bytes:
    """An article page; `published` goes into its JSON-LD."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "datePublished": published}
    block = f'<script type="application/ld+json">{json.dumps(data)}</script>' if published else ""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title}</title>{block}</head>'
        f"<body><article><h1>{title}</h1><div class='content'>{body}</div></article></body></html>"
    ).encode()


def archive(bucket: Bucket, source: str, run: str, pages: dict[str, bytes], *, at: datetime = NOW) -> str:
    """Put pages (by URL) into one capture file, as if fetched one second after another from `at` on; its key."""
    writer = CaptureWriter(bucket, source, run)
    for number, (url, body) in enumerate(pages.items()):
        writer.add(
            Exchange(
                url=url,
                fetched_at=at + timedelta(seconds=number),
                status=200,
                reason="OK",
                headers=[("Content-Type", "text/html; charset=utf-8")],
                body=body,
                request_headers=[],
                found={"by": "feed"},
            )
        )
    return str(writer.flush())


def take_in(bucket: Bucket, sources: dict[str, Source], run: str, *, rebuild: bool = False) -> None:
    """Run the stages of a build up to the documents table."""
    for batch in build.find_captures(bucket, run, sources, rebuild=rebuild):
        build.normalize_dates(bucket, build.clean_batch(bucket, sources, batch))
    build.write_documents(bucket, run)


def tamper(bucket: Bucket, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Change rows of the documents table, or take them out (None), behind the pipeline's back."""
    rows = [change(row) for row in Documents(bucket).read(SCHEMA.names).to_pylist()]
    table = pa.Table.from_pylist([row for row in rows if row], schema=SCHEMA)
    write_deltalake(bucket.uri("documents"), table, mode="overwrite", storage_options=bucket.storage_options())


@pytest.fixture
def sources() -> dict[str, Source]:
    """Two invented outlets."""
    return outlets()


def outlets() -> dict[str, Source]:
    """Two invented outlets."""
    return {
        id_: Source.model_validate(
            {"id": id_, "name": name, "home": f"http://{id_}.example/", "timezone": "Asia/Damascus"}
        )
        for id_, name in (("alfajr", "صحيفة الفجر"), ("almada", "موقع المدى"))
    }
