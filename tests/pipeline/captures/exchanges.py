"""An exchange to archive, and a capture file read back."""

import io
from datetime import UTC, datetime

from pipeline.bucket import Bucket
from pipeline.captures.model import Capture, Exchange
from pipeline.captures.read import read_captures

NOW = datetime(2024, 3, 5, 10, 30, 15, 123456, tzinfo=UTC)
URL = "http://alfajr.example/خبر?id=1"


def exchange(url: str = URL, body: bytes = b"<html>", **changes: object) -> Exchange:
    fields: dict[str, object] = {
        "url": url,
        "fetched_at": NOW,
        "status": 200,
        "reason": "OK",
        "headers": [("Content-Type", "text/html; charset=utf-8")],
        "body": body,
        "request_headers": [("User-Agent", "warraq")],
        "found": {"by": "feed", "title": "عنوان"},
    }
    return Exchange(**(fields | changes))  # type: ignore[arg-type]


def read_back(bucket: Bucket, key: str) -> list[Capture]:
    return list(read_captures(io.BytesIO(bucket.get(key)), key))
