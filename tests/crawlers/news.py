"""A small news site on the loopback server: a home page, articles of the last days, and what else a test adds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.crawlers.conftest import HOME, Reply, Site
from tests.pipeline.conftest import page, prose

HTML = {"Content-Type": "text/html; charset=utf-8"}
COUNT = 8


def published(number: int, now: datetime) -> datetime:
    """When an article was published, the first one yesterday, each other a day earlier."""
    return (now - timedelta(days=number + 1)).astimezone(UTC).replace(second=0, microsecond=0)


def build(
    site: Site, now: datetime, *, head: str = "", offset: int = 3, prints: int | None = None, days: int = 0
) -> list[str]:
    """Put up the site, and return the articles' URLs, the newest first.

    Their stamps state `offset` hours; with `prints` they print their times so many hours ahead of UTC. `days` makes all older.
    """
    urls = []
    for number in range(COUNT):
        at = published(number, now - timedelta(days=days))
        local = at + timedelta(hours=offset)
        stamp = f"{local:%Y-%m-%dT%H:%M:%S}+{offset:02}:00"
        body = page(f"خبر عن بلدة بعيدة رقم {number}", prose(number), stamp)
        if prints is not None:
            line = f"<div class='date'>{at + timedelta(hours=prints):%d/%m/%Y %H:%M}</div>"
            body = body.replace(b"</h1>", b"</h1>" + line.encode())
        url = f"{HOME}/news/{number}-a-story"
        site.replies[url] = Reply(body, headers=HTML)
        urls.append(url)
    site.replies[f"{HOME}/"] = Reply(home(urls, head), headers=HTML)
    return urls


def home(urls: list[str], head: str = "") -> bytes:
    links = "".join(f"<p><a href='{url}'>خبر عن بلدة بعيدة في يوم من الأيام</a></p>" for url in urls)
    return (
        f"<html lang='ar'><head><title>صدى - أخبار البلاد</title>{head}</head>"
        f"<body><nav><a href='/'>الرئيسية</a></nav>{links}</body></html>"
    ).encode()


def dated(urls: list[str], now: datetime, days: int = 0) -> list[tuple[str, str]]:
    """The articles as a feed lists them."""
    return [(url, format_datetime(published(number, now - timedelta(days=days)))) for number, url in enumerate(urls)]
