"""What our crawl costs beside a bare Scrapy spider: ``python -m benchmarks.crawl [PAGES ...]``.

A site on loopback lists so many pages of 60 KB in its sitemaps; a crawl of ours and a spider that only asks for the same URLs
fetch them with the same settings (no delay, eight requests at once, robots.txt obeyed, AutoThrottle). Ours finds the URLs in
the sitemaps, asks the bucket what is known, and writes every response to WARC files in an S3 server of its own. Each runs in a
process of its own; clock seconds, pages a second, CPU seconds (user and system, all threads) and peak memory are of that
process, its start included. The CPU seconds of the S3 server while our crawl runs stand in a line of their own: they are not
the crawl's, but they are taken from the same cores.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks._site import site
from pipeline.bucket import Bucket
from pipeline.captures import list_page_files, read_index
from warraq.servers import ObjectStore

ROOT = Path(__file__).parent.parent
HOME = "http://bench.example"
SITEMAP_URLS = 1_000
CONCURRENCY = 8
SINCE, UNTIL = date(2024, 1, 1), date(2025, 1, 1)

_PROSE = "قالت مصادر محلية إن فرق الإغاثة وصلت صباح اليوم إلى البلدة بعد انقطاع الطريق يومين ووزعت الطحين على الأهالي"
_WORDS = _PROSE.split()

# The site ----------------------------------------------------------------------------------------------------------------


def _page(number: int) -> bytes:
    """A page of 60 KB that is no other's and compresses as pages do."""
    chance = random.Random(number)
    text = "".join(f"<p>{' '.join(chance.choices(_WORDS, k=40))} {chance.random()}</p>" for _ in range(80))
    menu = "".join(
        f'<li class="menu-item"><a href="/news/{link}">خبر {link}</a></li>' for link in range(number, number + 400)
    )
    html = f"<!doctype html><html lang='ar'><head><meta charset='utf-8'><title>خبر {number}</title></head>"
    return f"{html}<body><ul>{menu}</ul><article><h1>خبر {number}</h1>{text}</article></body></html>".encode()


@cache
def _answer(path: str, pages: int) -> tuple[int, str, bytes]:
    if path == "/robots.txt":
        return 200, "text/plain", b"User-agent: *\nAllow: /\n"
    if path == "/sitemap.xml":
        count = -(-pages // SITEMAP_URLS)
        parts = "".join(f"<sitemap><loc>{HOME}/sitemap-{part}.xml</loc></sitemap>" for part in range(count))
        return 200, "application/xml", f"<sitemapindex>{parts}</sitemapindex>".encode()
    if path.startswith("/sitemap-"):
        first = int(path.removeprefix("/sitemap-").removesuffix(".xml")) * SITEMAP_URLS
        numbers = range(first, min(first + SITEMAP_URLS, pages))
        urls = "".join(
            f"<url><loc>{HOME}/news/{number}</loc><lastmod>{SINCE + timedelta(days=number % 365)}</lastmod></url>"
            for number in numbers
        )
        return 200, "application/xml", f"<urlset>{urls}</urlset>".encode()
    if path.startswith("/news/"):
        return 200, "text/html; charset=utf-8", _page(int(path.removeprefix("/news/")))
    return 404, "text/plain", b"not here"


def answer(pages: int, url: str) -> tuple[int, str, bytes]:
    """What the site says to a URL; it has `pages` pages, of five hundred texts."""
    path = urlsplit(url).path
    return _answer(f"/news/{int(path.removeprefix('/news/')) % 500}" if path.startswith("/news/") else path, pages)


# The crawls --------------------------------------------------------------------------------------------------------------

BARE = """
import scrapy

class Bare(scrapy.Spider):
    name = "bare"

    async def start(self):
        for number in range({pages}):
            yield scrapy.Request("{home}/news/%d" % number)

    def parse(self, response):
        pass
"""
SETTINGS = {
    "AUTOTHROTTLE_ENABLED": "1",
    "AUTOTHROTTLE_START_DELAY": "0",
    "AUTOTHROTTLE_TARGET_CONCURRENCY": str(CONCURRENCY),
    "CONCURRENT_REQUESTS": str(CONCURRENCY),
    "CONCURRENT_REQUESTS_PER_DOMAIN": str(CONCURRENCY),
    "DOWNLOAD_DELAY": "0",
    "ROBOTSTXT_OBEY": "1",
    "COOKIES_ENABLED": "0",
    "TELNETCONSOLE_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
}
SOURCE = """\
id: bench
name: bench
home: {home}/
timezone: UTC
discovery:
  - type: sitemap
    url: {home}/sitemap.xml
politeness: {{delay: 0, concurrency: {concurrency}}}
"""


class Run(NamedTuple):
    """Clock and CPU seconds and peak megabytes of a crawl, and the CPU seconds of the store it wrote to."""

    seconds: float
    cpu: float
    megabytes: float
    store_cpu: float = 0.0


def _watched(command: Sequence[str], environment: dict[str, str]) -> Run:
    """Run a crawl to its end, and note what it took."""
    started, peak, cpu = time.perf_counter(), 0.0, 0.0
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss / 2**20)
                cpu = max(cpu, _cpu(watched))  # a process that has ended and waits to be reaped may say 0
            except psutil.Error:
                break
            time.sleep(0.05)
        if process.wait() != 0:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(time.perf_counter() - started, cpu, peak)


def _cpu(process: psutil.Process) -> float:
    """CPU seconds that a process and its children have taken."""
    return sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))


def crawl_ours(pages: int, proxy: str, folder: Path) -> Run:
    """Our crawl, as a task runs it; every page must have been stored."""
    with ObjectStore(folder / "s3") as store:
        os.environ |= store.settings
        os.environ |= {"AWS_REGION": "us-east-1", "WARRAQ_BUCKET": "bench", "no_proxy": "127.0.0.1"}
        bucket = Bucket()
        bucket.ensure()
        (folder / "bench.yaml").write_text(SOURCE.format(home=HOME, concurrency=CONCURRENCY), encoding="utf-8")
        arguments = {"source": "bench", "since": SINCE, "until": UNTIL, "run": f"bench-{pages}"}
        command = [sys.executable, "-m", "scrapy", "crawl", "articles"]
        for name, value in arguments.items():
            command += ["-a", f"{name}={value}"]
        environment = {
            "http_proxy": proxy,
            "WARRAQ_SOURCES": str(folder),
            "SCRAPY_SETTINGS_MODULE": "crawlers.settings",
        }
        server = psutil.Process(store.children[0].process.pid)
        before = _cpu(server)
        run = _watched(command, environment)._replace(store_cpu=_cpu(server) - before)
        stored = sum(len(read_index(bucket, key)) for key in list_page_files(bucket))
        if stored != pages:
            raise SystemExit(f"{stored} of {pages} pages were stored")
    return run


def crawl_bare(pages: int, proxy: str, folder: Path) -> Run:
    """A spider that asks for the pages and does nothing else."""
    spider = folder / "bare.py"
    spider.write_text(textwrap.dedent(BARE).format(pages=pages, home=HOME), encoding="utf-8")
    command = [sys.executable, "-m", "scrapy", "runspider", str(spider)]
    for name, value in SETTINGS.items():
        command += ["-s", f"{name}={value}"]
    return _watched(command, {"http_proxy": proxy, "SCRAPY_PROJECT": ""})


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    table = Table(
        "pages", "", "seconds", "pages/s", "CPU s", "peak MB", title="A crawl, captures written, and a bare spider"
    )
    for pages in map(int, arguments or ("1000", "5000")):
        runs = {}
        with site(partial(answer, pages)) as proxy:
            for name, crawl in (("warraq", crawl_ours), ("bare Scrapy", crawl_bare)):
                with tempfile.TemporaryDirectory() as folder:
                    runs[name] = run = crawl(pages, proxy, Path(folder))
                figures = (f"{run.seconds:.1f}", f"{pages / run.seconds:.0f}", f"{run.cpu:.1f}", f"{run.megabytes:.0f}")
                table.add_row(f"{pages:,}", name, *figures)
        share = runs["bare Scrapy"].seconds / runs["warraq"].seconds
        table.add_row("", "warraq's share of its pages/s", f"{share:.2f}")
        table.add_row("", "the S3 server, meanwhile", "", "", f"{runs['warraq'].store_cpu:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
