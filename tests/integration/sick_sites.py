"""Seven invented news sites on loopback ports of their own, each sick in its own way until it is healed, with a past of well weeks.

``with SickSites(now) as sites:`` serves them until the block ends. `SickSites.write_sources` writes their files,
`SickSites.put_past` what earlier crawls left in the bucket, `SickSite.heal` makes one well. What they publish depends on
nothing but the day of `now`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from pipeline.bucket import Bucket
from tests.crawlers.conftest import sitemap
from tests.pipeline.conftest import archive, page, prose
from tests.pipeline.health.conftest import put_report

EARLIER = 3
"""Hours before now at which they are crawled while they are sick."""

ZONE = next(
    zone for zone in map(ZoneInfo, ("Asia/Damascus", "America/Sao_Paulo")) if datetime.now(zone).hour >= EARLIER + 1
)
"""Where they are: a place where the day is old enough that a crawl `EARLIER` hours ago was on the same day."""

PAST_DAYS, A_DAY, NEW = 30, 2, 12
"""Days of the past with articles, articles on each of them, and what yesterday has, which no crawl has come to yet."""

SILENT_DAYS = 40
_DAY = timedelta(days=1)
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Article:
    """What a site published: where it lies, when (aware), and its text."""

    path: str
    published: datetime
    title: str
    paragraphs: Sequence[str]

    def page(self, paragraphs: Sequence[str] | None = None) -> bytes:
        """Its page, with its own text or another."""
        stamp = self.published.isoformat(timespec="seconds")
        return page(self.title, list(self.paragraphs if paragraphs is None else paragraphs), stamp)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site answers."""

    body: bytes
    content_type: str = _HTML
    status: int = 200


class SickSite:
    """A site that is well once `healed` says so: articles of the past, `NEW` new ones, a feed, a sitemap, robots.txt.

    A sick one answers by `ailing` in place of what a well one would, where that is not None.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    state: ClassVar[str]
    """What health is to call it."""
    said: ClassVar[str]
    """What its reason is to say."""
    rested: ClassVar[int] = 0
    """Days without an article between its past and yesterday."""

    def __init__(self, number: int, now: datetime) -> None:
        self.healed = False
        self.asked: list[str] = []
        self._yesterday = now.astimezone(ZONE).date() - _DAY
        first = self._yesterday - (PAST_DAYS + self.rested) * _DAY
        self.past = [
            self._article(1000 * number + A_DAY * day + turn, first + day * _DAY, time(9 + turn))
            for day in range(PAST_DAYS)
            for turn in range(A_DAY)
        ]
        self.new = [self._article(1000 * number + 900 + turn, self._yesterday, time(turn)) for turn in range(NEW)]
        self._server = _Server(self)
        self.home = f"http://127.0.0.1:{self._server.server_port}/"

    def _article(self, number: int, day: date, at: time) -> Article:
        title = f"{self.name}: خبر من بلدة بعيدة، العدد {number}"
        return Article(f"/news/{number}", datetime.combine(day, at, ZONE), title, prose(number, sentences=14))

    def heal(self) -> None:
        """Make it well."""
        self.healed = True

    @property
    def published(self) -> list[Article]:
        """What it has published, the newest first."""
        return [*reversed(self.new), *reversed(self.past)]

    def url(self, article: Article) -> str:
        """The address of an article."""
        return self.home[:-1] + article.path

    def answer(self, path: str) -> Answer:
        """What it answers."""
        ill = None if self.healed else self.ailing(path)
        return ill or self.well(path)

    def ailing(self, path: str) -> Answer | None:
        """What a sick one answers; None where it does as a well one."""
        raise NotImplementedError

    def well(self, path: str) -> Answer:
        """What a well one answers."""
        found = {article.path: article for article in self.published}.get(path)
        if found:
            return Answer(found.page())
        match path:
            case "/robots.txt":
                return Answer(b"User-agent: *\nDisallow: /search\n", "text/plain")
            case "/sitemap.xml":
                listed = [(self.url(one), one.published.isoformat()) for one in self.published]
                return Answer(sitemap(listed), "application/xml")
            case "/rss":
                return Answer(self._feed(), "application/rss+xml")
        return Answer("لا صفحة هنا".encode(), status=404)

    def _feed(self) -> bytes:
        items = "".join(
            f"<item><title>{one.title}</title><link>{self.url(one)}</link>"
            f"<pubDate>{format_datetime(one.published)}</pubDate></item>"
            for one in self.published[:NEW]
        )
        return f'<rss version="2.0"><channel><title>{self.name}</title>{items}</channel></rss>'.encode()

    def serve(self) -> None:
        """Listen, where nothing stands against it."""
        self._server.serve()

    def close(self) -> None:
        """Stop and free the port."""
        self._server.close()

    def write_source(self, folder: Path) -> None:
        """Write its file."""
        (folder / f"{self.id}.yaml").write_text(
            f"id: {self.id}\nname: {self.name}\nloopback: true\nhome: {self.home}\ntimezone: {ZONE.key}\n"
            f"discovery:\n  - {{type: feed, url: {self.home}rss}}\n  - {{type: sitemap, url: {self.home}sitemap.xml}}\n"
            "politeness: {delay: 0, timeout: 5, concurrency: 4}\n",
            encoding="utf-8",
        )

    def put_past(self, bucket: Bucket) -> None:
        """Put what its earlier crawls left: a report for each day before yesterday, and the pages of those that had any."""
        for ago in range(PAST_DAYS + self.rested, 0, -1):
            day = self._yesterday - ago * _DAY
            began = datetime.combine(day, time(18), ZONE)
            pages = {self.url(one): one.page() for one in self.past if one.published.date() == day}
            known = 0 if pages else len(self.past)
            run = put_report(bucket, self.id, began, found=len(pages) + known, captured=len(pages), known=known)
            if pages:
                archive(bucket, self.id, run, pages, at=began)


class Forbidding(SickSite):
    """Its robots.txt forbids all."""

    id, name, state, said = "mamnu", "بوابة السور", "sick", "robots.txt forbids"

    def ailing(self, path: str) -> Answer | None:
        """A robots.txt for nobody."""
        return Answer(b"User-agent: *\nDisallow: /\n", "text/plain") if path == "/robots.txt" else None


class Dead(SickSite):
    """Nothing listens on its port, which it keeps."""

    id, name, state, said = "mayyit", "صحيفة الغائب", "sick", "refused"

    def serve(self) -> None:
        """Only once it is healed."""
        if self.healed:
            super().serve()

    def heal(self) -> None:
        """Listen."""
        super().heal()
        self.serve()

    def ailing(self, path: str) -> Answer | None:
        """It is not asked."""
        raise AssertionError(path)


class Silent(SickSite):
    """It has published nothing for `SILENT_DAYS` after a steady rhythm."""

    id, name, state, said = "samit", "نشرة الهدوء", "silent", f"nothing published for {SILENT_DAYS} days"
    rested = SILENT_DAYS - 1

    @property
    def published(self) -> list[Article]:
        """Its past, and what is new once it speaks again."""
        return super().published if self.healed else super().published[NEW:]

    def ailing(self, path: str) -> Answer | None:
        """It answers as ever."""
        return None


class Walled(SickSite):
    """A check of the browser stands before every page, each with a number of its own."""

    id, name, state, said = "musawwar", "جريدة الحاجز", "blocked", "http_403 12"
    status = 403

    def ailing(self, path: str) -> Answer | None:
        """The wall."""
        if not path.startswith("/news/"):
            return None
        body = (
            "<!doctype html><html lang='en'><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
            f"<p>Ray ID: {path.rpartition('/')[2]:0>16}</p></body></html>"
        )
        return Answer(body.encode(), status=self.status)


class Hollow(SickSite):
    """Every page is the same shell for a script."""

    id, name, state, said = "farigh", "موقع الصدفة", "empty", "pages have no text"

    def ailing(self, path: str) -> Answer | None:
        """The shell."""
        shell = f"<!doctype html><html lang='ar'><head><title>{self.name}</title></head><body><div id='app'></div></body></html>"
        return Answer(shell.encode()) if path.startswith("/news/") else None


class Shrunken(SickSite):
    """Its pages hold some 80 characters of their texts."""

    id, name, state, said = "qasir", "أخبار المختصر", "drifting", "bodies have"

    def ailing(self, path: str) -> Answer | None:
        """The opening alone."""
        found = {article.path: article for article in self.new}.get(path)
        return Answer(found.page([f"{found.paragraphs[0][:78].rpartition(' ')[0]}."])) if found else None


class Failing(SickSite):
    """It answers HTTP 500 to everything."""

    id, name, state, said = "mutil", "منبر العطل", "sick", "HTTP 500"

    def ailing(self, path: str) -> Answer | None:
        """An error."""
        return Answer(b"Internal Server Error", "text/plain", 500)


KINDS: tuple[type[SickSite], ...] = (Forbidding, Dead, Silent, Walled, Hollow, Shrunken, Failing)


class SickSites(Mapping[str, SickSite]):
    """The seven sites by id, as they stand at an instant (aware)."""

    def __init__(self, now: datetime) -> None:
        self._sites = {kind.id: kind(number, now) for number, kind in enumerate(KINDS, 1)}

    def __getitem__(self, id_: str) -> SickSite:
        return self._sites[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites)

    def __len__(self) -> int:
        return len(self._sites)

    def __enter__(self) -> Self:
        for site in self.values():
            site.serve()
        return self

    def __exit__(self, *_: object) -> None:
        for site in self.values():
            site.close()

    def write_sources(self, folder: Path) -> None:
        """Write a file for each into a folder that is there."""
        for site in self.values():
            site.write_source(folder)

    def put_past(self, bucket: Bucket) -> None:
        """Put the past of all into the bucket; a build takes it in."""
        for site in self.values():
            site.put_past(bucket)

    def heal(self) -> None:
        """Make all of them well."""
        for site in self.values():
            site.heal()


class _Server(ThreadingHTTPServer):
    """The server of one site: its port is its own from the beginning, and refuses until it serves."""

    daemon_threads = True
    block_on_close = False  # a connection that a crawl keeps alive must not hold up the end

    def __init__(self, site: SickSite) -> None:
        super().__init__(("127.0.0.1", 0), _handler(site), bind_and_activate=False)
        self.server_bind()
        self._thread: threading.Thread | None = None

    def serve(self) -> None:
        if self._thread is None:
            self.server_activate()
            self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
            self._thread.start()

    def close(self) -> None:
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()


def _handler(site: SickSite) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            site.asked.append(self.path)
            answer = site.answer(self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Nothing: `SickSite.asked` has it."""

    return Handler
