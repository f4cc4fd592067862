"""Archives that speak as the Wayback Machine and Common Crawl do, for a crawl that reaches them under invented hosts."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.urls import normalize_url
from tests.crawlers.conftest import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WAYBACK = "http://wayback.example"
INDEX = "http://index.example"
DATA = "http://data.example"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Held:
    """One capture of an archive."""

    url: str
    body: bytes
    at: datetime
    status: int = 200
    kind: str = HTML
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def stamp(self) -> str:
        return f"{self.at:%Y%m%d%H%M%S}"

    @property
    def mime(self) -> str:
        return self.kind.partition(";")[0]

    @property
    def urlkey(self) -> str:
        parts = urlsplit(normalize_url(self.url))
        return (
            f"{','.join(reversed((parts.hostname or '').removeprefix('www.').split('.')))}){parts.path}?{parts.query}"
        )


def matching(held: Sequence[Held], query: dict[str, list[str]]) -> list[Held]:
    """What a CDX server finds: by prefix, filtered, collapsed, sorted by key and time."""
    [prefix] = query["url"]
    assert query["matchType"] == ["prefix"]
    found = [one for one in held if f"{urlsplit(one.url).netloc}{urlsplit(one.url).path or '/'}".startswith(prefix)]
    for text in query.get("filter", []):
        name, _, wanted = text.partition(":")
        value = {"status": "status", "statuscode": "status", "mime": "mime", "mimetype": "mime"}[name.lstrip("=")]
        exact, values = name.startswith("="), [str(getattr(one, value)) for one in found]
        keep = [text == wanted if exact else bool(re.search(wanted, text)) for text in values]
        found = [one for one, kept in zip(found, keep, strict=True) if kept]
    found.sort(key=lambda one: (one.urlkey, one.stamp))
    if query.get("collapse") == ["urlkey"]:
        found = list({one.urlkey: one for one in reversed(found)}.values())[::-1]
    return found


@dataclass
class Wayback:
    """A CDX server that gives two lines at a time, and the captures themselves."""

    held: list[Held]
    lines: int = 2

    def __call__(self, url: str) -> Reply | None:
        if not url.startswith(WAYBACK):
            return None
        if url == f"{WAYBACK}/robots.txt":
            return Reply(b"User-agent: *\nDisallow: /save/\n")
        parts = urlsplit(url)
        if parts.path == "/cdx/search/cdx":
            return self.index(parse_qs(parts.query))
        match = re.fullmatch(r"/web/(\d{14})id_/(.+)", url.removeprefix(WAYBACK))
        return self.capture(match[1], match[2]) if match else None

    def index(self, query: dict[str, list[str]]) -> Reply:
        found = matching(self.held, query)
        start = int(query.get("resumeKey", ["0"])[0])
        fields = query["fl"][0].split(",")
        rows = [
            [
                {"timestamp": one.stamp, "original": one.url, "statuscode": str(one.status), "mimetype": one.mime}[name]
                for name in fields
            ]
            for one in found[start : start + self.lines]
        ]
        answer = [fields, *rows] if rows else []
        if start + self.lines < len(found):
            answer += [[], [str(start + self.lines)]]
        return Reply(json.dumps(answer).encode(), headers={"Content-Type": "application/json"})

    def capture(self, stamp: str, url: str) -> Reply | None:
        for one in self.held:
            if one.stamp == stamp and normalize_url(unquote(one.url)) == normalize_url(unquote(url)):
                original = {"content-type": one.kind, "server": "nginx", "content-length": "7", **dict(one.headers)}
                headers = {f"x-archive-orig-{name}": value for name, value in original.items()}
                headers |= {"Memento-Datetime": f"{one.at:%a, %d %b %Y %H:%M:%S} GMT", "Content-Type": one.kind}
                return Reply(one.body, one.status, headers)
        return None


class CommonCrawl:
    """Collections by their names, the oldest first, with an index of two lines a page and one WARC file each."""

    def __init__(self, collections: dict[str, list[Held]], headers: Sequence[tuple[str, str]] = ()) -> None:
        self.collections = collections
        self.files: dict[str, bytes] = {}
        self.places: dict[tuple[str, Held], tuple[int, int]] = {}
        self.range = ""
        for name, held in collections.items():
            buffer = io.BytesIO()
            writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.0")
            for one in held:
                start = buffer.tell()
                http = StatusAndHeaders(f"{one.status} OK", [("Content-Type", one.kind)], protocol="HTTP/1.1")
                dated = {"WARC-Date": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", **dict(headers)}
                record = writer.create_warc_record(
                    one.url, "response", io.BytesIO(one.body), http_headers=http, warc_headers_dict=dated
                )
                writer.write_record(record)
                self.places[name, one] = (start, buffer.tell() - start)
            self.files[f"crawl-data/{name}/a.warc.gz"] = buffer.getvalue()

    def __call__(self, url: str) -> Reply | None:
        parts = urlsplit(url)
        if url == f"{INDEX}/collinfo.json":
            listed = [{"id": name, "cdx-api": f"{INDEX}/{name}-index"} for name in reversed(self.collections)]
            return Reply(json.dumps(listed).encode())
        if url.startswith(DATA):
            return self.part(self.files.get(parts.path.lstrip("/")))
        name = parts.path.strip("/").removesuffix("-index")
        if not url.startswith(INDEX) or name not in self.collections:
            return None
        query = parse_qs(parts.query)
        found = matching(self.collections[name], query)
        if "showNumPages" in query:
            return Reply(json.dumps({"pages": (len(found) + 1) // 2, "pageSize": 5, "blocks": 1}).encode())
        start = 2 * int(query["page"][0])
        if not found[start : start + 2]:
            return Reply(json.dumps({"message": "No Captures found"}).encode(), 404)
        return Reply(b"".join(self.line(name, one) for one in found[start : start + 2]))

    def line(self, name: str, one: Held) -> bytes:
        offset, length = self.places[name, one]
        fields = {
            "urlkey": one.urlkey,
            "timestamp": one.stamp,
            "url": one.url,
            "mime": one.mime,
            "status": str(one.status),
        }
        fields |= {"offset": str(offset), "length": str(length), "filename": f"crawl-data/{name}/a.warc.gz"}
        return json.dumps(fields).encode() + b"\n"

    def part(self, data: bytes | None) -> Reply | None:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.range)
        if data is None or match is None:
            return None
        first, last = int(match[1]), int(match[2])
        return Reply(data[first : last + 1], 206, {"Content-Range": f"bytes {first}-{last}/{len(data)}"})
