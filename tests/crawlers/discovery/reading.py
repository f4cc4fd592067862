"""A discovery of each kind, and what an answer to it gives, without a server."""

from __future__ import annotations

from datetime import date

from scrapy import Request
from scrapy.http import Response

from crawlers.discovery import Discovery, Found, discoveries
from crawlers.window import Window
from pipeline.sources import Source

FEED = "http://sadanews.example/feed"
MAP = "http://sadanews.example/sitemap.xml"
MAY = Window(date(2026, 5, 1), date(2026, 6, 1))
POSTS = "http://sadanews.example/wp-json/wp/v2/posts"


def discovery(kind: str, window: Window = MAY, url: str = "", **config: object) -> Discovery:
    url = url or {"feed": FEED, "sitemap": MAP, "wordpress": POSTS}[kind]
    source = Source.model_validate(
        {
            "id": "sada",
            "name": "صدى",
            "home": "http://sadanews.example",
            "timezone": "Asia/Damascus",
            "discovery": [{"type": kind, "url": url, **config}],
        }
    )
    return discoveries(source, window)[0]


def read(it: Discovery, body: bytes, **headers: str) -> tuple[list[Found], list[str]]:
    """What an answer to the first request gives: found URLs, and URLs to ask for."""
    [request] = it.start()
    found, more = answer(it, request, body, **headers)
    return found, [one.url for one in more]


def answer(
    it: Discovery, request: Request, body: bytes, status: int = 200, **headers: str
) -> tuple[list[Found], list[Request]]:
    """What an answer to any request gives."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    items = list(it.read(Response(request.url, status=status, body=body, headers=named, request=request)))
    return [item for item in items if isinstance(item, Found)], [item for item in items if isinstance(item, Request)]
