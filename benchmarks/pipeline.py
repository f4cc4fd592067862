"""From a site to ``articles/``, beside news-please: ``python -m benchmarks.pipeline [--articles N ...] [--peer-articles N ...]``.

A site on loopback lists N invented articles in its sitemaps, fifty a day: pages of 30 to 60 KB, of which the text is a few, with
the day in JSON-LD, in the head and on the page. No text is like another, so every one must come out as an article.

- warraq: ``warraq crawl``, then the stages of ``warraq build`` as the command runs them (cleaning in a process for each processor),
  into an S3 server of its own (its processor time is shown apart). Stored is what the manifest counts.
- news-please (uv installs it from PyPI into an environment of its own): its command with the configuration that it ships, which
  finds the pages in the sitemaps and stores the page and a JSON file. Changed are the folder, the log's level, and as many requests
  at once as ours. Stored are its JSON files. It sleeps for up to ten seconds at the end: the clock stops at its last file. The
  pages name no picture by its whole address, since it would fetch that too.

Both obey robots.txt, wait between no two requests, and reach the site as an HTTP proxy; all else they might look for, the list of
public suffixes for one, is refused there, so nothing leaves the machine. Processor seconds and peak megabytes are of all processes
of a run (of its site and S3 server none), starts included. An article is right where its body has every word of the text and no
other, and where its day is the page's; all are compared.
"""

from __future__ import annotations

import argparse
import configparser
import html
import io
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache, partial
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks._planted import report_of
from benchmarks._site import site
from pipeline import build, waiting
from pipeline.bucket import Bucket
from pipeline.corpus import read_manifest
from pipeline.duplicates import words
from pipeline.sources import load_sources
from warraq.servers import ObjectStore

ROOT = Path(__file__).parent.parent
HOME = "http://bench.example"
ARTICLES, PEER_ARTICLES = (200, 1_000, 4_000), (200, 1_000)
PER_DAY = 50
SINCE = date(2023, 1, 1)
ZONE = "+03:00"
SITEMAP_URLS = 1_000
CONCURRENCY = 8
PEER = ("news-please>=1.6.16", "newspaper4k[nlp]>=0.9.3", "readability-lxml>=0.8.1,<0.8.4")
"""news-please, with what newspaper4k asks for where a page is Arabic, and the last readability-lxml that takes its pages."""

# The site ----------------------------------------------------------------------------------------------------------------

_MONTHS = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]
_PARAGRAPH = 40
_HEADLINES = 5_000
"""Headlines of teasers and menus that the site has."""


def url_of(number: int) -> str:
    """Address of an article."""
    return f"{HOME}/news/{number}"


def published(number: int) -> datetime:
    """When an article was published, by the site's clock."""
    minute = number % PER_DAY * 24 * 60 // PER_DAY
    return datetime.fromisoformat(f"{SINCE}T00:00:00{ZONE}") + timedelta(days=number // PER_DAY, minutes=minute)


def text_of(number: int) -> list[str]:
    """An article's paragraphs; no two articles have a paragraph in common."""
    every = report_of(number).split()
    starts = range(0, max(len(every) - _PARAGRAPH // 2, 1), _PARAGRAPH)
    return [_sentence(every[start:end]) for start, end in zip(starts, [*starts[1:], len(every)], strict=True)]


def _sentence(parts: Sequence[str]) -> str:
    return re.sub(r" ([،:.])", r"\1", " ".join(parts).strip("،:. ")) + "."


@lru_cache(_HEADLINES)
def _headline(number: int) -> str:
    return _sentence(report_of(10**9 + number).split()[:9])


@cache
def _frame() -> tuple[str, str]:
    """The style and the menu of every page."""
    style = "".join(f".block-{rule}{{margin:{rule}px;padding:{rule % 9}px;color:#{rule:06x}}}" for rule in range(150))
    items = (
        f'<li class="menu-item menu-item-{item}"><a href="{HOME}/section/{item}">{_headline(item)[:24]}</a></li>'
        for item in range(60)
    )
    return style, "".join(items)


def page_of(number: int) -> bytes:
    """An article's page: head, menus, text, teasers of others, footer."""
    chance, at, title = random.Random(number), published(number), _headline(number % _HEADLINES)
    style, menu = _frame()
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": at.isoformat(),
        "url": url_of(number),
    }
    shown = f"{at.day} {_MONTHS[at.month - 1]} {at.year} {at:%H:%M}"
    teasers = "".join(
        f'<div class="teaser card"><a href="{url_of(other)}"><img src="/thumbs/{other}.jpg" alt=""><h3>{_headline(other)}</h3>'
        f"</a><p>{_headline(other + 1)} {_headline(other + 2)}</p></div>"
        for other in chance.choices(range(_HEADLINES - 2), k=chance.randint(15, 60))
    )
    body = "".join(f"<p>{paragraph}</p>" for paragraph in text_of(number))
    return f"""<!doctype html>
<html lang="ar" dir="rtl">
<head>
<meta charset="utf-8">
<title>{title} - صحيفة المقياس</title>
<meta property="og:type" content="article">
<meta property="og:title" content="{title}">
<meta property="og:url" content="{url_of(number)}">
<meta property="og:site_name" content="صحيفة المقياس">
<meta property="article:published_time" content="{at.isoformat()}">
<link rel="canonical" href="{url_of(number)}">
<script type="application/ld+json">{json.dumps(described, ensure_ascii=False)}</script>
<style>{style}</style>
</head>
<body>
<header><a class="logo" href="{HOME}/">صحيفة المقياس</a><nav><ul class="menu">{menu}</ul></nav></header>
<main>
<article>
<h1>{title}</h1>
<div class="meta"><time datetime="{at.isoformat()}">{shown}</time></div>
<div class="article-body">{body}</div>
<div class="share"><a href="#">شارك</a><a href="#">طباعة</a></div>
</article>
<aside class="related"><h2>اقرأ أيضا</h2>{teasers}</aside>
</main>
<footer><ul>{menu}</ul><p>جميع الحقوق محفوظة صحيفة المقياس</p></footer>
</body>
</html>
""".encode()


def answer(url: str, articles: int) -> tuple[int, str, bytes]:
    """What the site answers: status, content type and body."""
    parts = urlsplit(url)
    path = parts.path.strip("/")
    if parts.scheme != "http" or f"http://{parts.hostname}" != HOME:
        return 403, "text/plain", b"only the site may be asked for"
    if path == "":
        return 200, "text/html; charset=utf-8", f"<!doctype html><title>{HOME}</title>".encode()
    if path == "robots.txt":
        return 200, "text/plain", f"User-agent: *\nAllow: /\nSitemap: {HOME}/sitemap.xml\n".encode()
    if path == "sitemap.xml":
        count = -(-articles // SITEMAP_URLS)
        listed = "".join(f"<sitemap><loc>{HOME}/sitemap-{part}.xml</loc></sitemap>" for part in range(count))
        return 200, "application/xml", f"<sitemapindex {_SITEMAPS}>{listed}</sitemapindex>".encode()
    name, _, number = path.removesuffix(".xml").replace("-", "/").partition("/")
    if name == "sitemap" and number.isdigit():
        first = int(number) * SITEMAP_URLS
        listed = "".join(
            f"<url><loc>{html.escape(url_of(one))}</loc><lastmod>{published(one).isoformat()}</lastmod></url>"
            for one in range(first, min(first + SITEMAP_URLS, articles))
        )
        return 200, "application/xml", f"<urlset {_SITEMAPS}>{listed}</urlset>".encode()
    if name == "news" and number.isdigit() and int(number) < articles:
        return 200, "text/html; charset=utf-8", page_of(int(number))
    return 404, "text/plain", b"not here"


_SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


# What a run takes --------------------------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """Clock seconds, processor seconds, and peak megabytes of a process and its children."""

    clock: float
    processor: float
    megabytes: float


class Stored(NamedTuple):
    """An article as it was stored."""

    body: str
    day: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a system made of a site. `stages` are in the order of time; they may leave out what passes between them."""

    articles: int
    stored: int
    right_bodies: int
    right_days: int
    cost: Cost
    stages: Mapping[str, Cost]
    store_processor: float = 0

    @property
    def per_minute(self) -> float:
        """Articles stored in a minute."""
        return self.stored / self.cost.clock * 60

    @property
    def processor_each(self) -> float:
        """Processor milliseconds of an article stored."""
        return self.cost.processor / max(self.stored, 1) * 1000


def judged(found: Mapping[str, Stored], articles: int) -> tuple[int, int]:
    """How many of a site's articles have their body and no other word, and how many their day."""
    bodies = days = 0
    for number in range(articles):
        if stored := found.get(url_of(number)):
            bodies += words(stored.body) == words("\n".join(text_of(number)))
            days += stored.day == f"{published(number):%Y-%m-%d}"
    return bodies, days


def _resident(process: psutil.Process) -> float:
    """Megabytes that a process and its descendants hold."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def watched(start: Callable[[], int], ended: Callable[[], bool]) -> Cost:
    """Start a process, whose id `start` returns, and watch it until it has `ended`, which takes leave of it."""
    before, started, peak = _processor_of_children(), time.perf_counter(), 0.0
    process = psutil.Process(start())
    while not ended():
        with suppress(psutil.NoSuchProcess):
            peak = max(peak, _resident(process))
        time.sleep(0.05)
    return Cost(time.perf_counter() - started, _processor_of_children() - before, peak)


def _processor_of_children() -> float:
    """Processor seconds of the children that ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _command(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        cost = watched(lambda: process.pid, lambda: process.poll() is not None)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-3_000:]}")
    return cost


# Ours --------------------------------------------------------------------------------------------------------------------

SOURCE = """\
id: bench
name: صحيفة المقياس
home: {home}/
timezone: Asia/Damascus
discovery:
  - type: sitemap
    url: {home}/sitemap.xml
politeness: {{delay: 0, concurrency: {concurrency}}}
"""


def _build(run: str, pipe: Connection) -> None:
    """The stages of `pipeline.build.build`, each with its clock and processor seconds."""
    used: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    clock, processor = time.perf_counter(), sum(os.times()[:4])

    def done(stage: str) -> None:
        nonlocal clock, processor
        now = time.perf_counter(), sum(os.times()[:4])
        used[stage][0] += now[0] - clock
        used[stage][1] += now[1] - processor
        clock, processor = now

    bucket, sources, number = Bucket(), load_sources(), 0
    while waiting.waiting_captures(bucket, sources):
        name, number = f"{run}-{number}", number + 1
        build.clean_batches(bucket, sources, build.find_captures(bucket, name, sources))
        done("clean, date")
        build.write_documents(bucket, name)
        done("write")
        build.deduplicate(bucket, name)
        done("decide")
        build.deposit(bucket, name)
        done("deposit")
        build.note_health(bucket, name, sources, datetime.now(UTC))
        done("health")
        build.describe(bucket, name, sources)
        done("card")
        build.index(bucket, name, sources)
        done("index")
        build.report(bucket, name, sources, datetime.now(UTC))
        done("report")
    pipe.send(dict(used))


def _built(run: str) -> tuple[Cost, dict[str, Cost]]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_build, args=(run, theirs))

    def start() -> int:
        process.start()
        theirs.close()
        return process.pid or 0

    cost = watched(start, lambda: not process.is_alive())
    process.join()
    if process.exitcode != 0:
        raise SystemExit(f"the build ended with {process.exitcode}")
    return cost, {stage: Cost(clock, processor, cost.megabytes) for stage, (clock, processor) in ours.recv().items()}


def _articles_of(bucket: Bucket) -> dict[str, Stored]:
    """Every article of a corpus, by its URL."""
    found: dict[str, Stored] = {}
    for partition in read_manifest(bucket).partitions:
        rows = pq.read_table(io.BytesIO(bucket.get(partition.path)), columns=["url", "body"]).to_pylist()
        found |= {row["url"]: Stored(row["body"], partition.published) for row in rows}
    return found


def _processor_of(process: psutil.Process) -> float:
    """Processor seconds so far of a process that lives, and of its descendants."""
    return sum(sum(one.cpu_times()[:4]) for one in (process, *process.children(recursive=True)))


def run_ours(articles: int, proxy: str, folder: Path) -> Run:
    """Crawl the site and build the corpus, in an S3 server of its own."""
    (folder / "sources").mkdir()
    (folder / "sources" / "bench.yaml").write_text(SOURCE.format(home=HOME, concurrency=CONCURRENCY), encoding="utf-8")
    until = published(articles - 1).date() + timedelta(days=1)
    with ObjectStore(folder / "s3") as store:
        os.environ |= {**store.settings, "WARRAQ_BUCKET": "bench", "WARRAQ_SOURCES": str(folder / "sources")}
        Bucket().ensure()
        server = psutil.Process(store.children[0].process.pid)
        before = _processor_of(server)
        environment = {**os.environ, "http_proxy": proxy, "no_proxy": "127.0.0.1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "warraq", "crawl", "bench", "--since", str(SINCE), "--until", str(until)]
        crawl = _command(command, environment, folder / "crawl.log")
        total, stages = _built(f"bench-{articles}")
        store_processor = _processor_of(server) - before
        found, stored = _articles_of(Bucket()), read_manifest(Bucket()).counts.articles
    both = Cost(crawl.clock + total.clock, crawl.processor + total.processor, max(crawl.megabytes, total.megabytes))
    return Run(articles, stored, *judged(found, articles), both, {"crawl": crawl, **stages}, store_processor)


# The peer ----------------------------------------------------------------------------------------------------------------


def install_peer(folder: Path) -> Path | None:
    """Install news-please into an environment of its own, and return its command; None where that cannot be done."""
    uv = [sys.executable, "-m", "uv"]
    made = subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=False)
    python = folder / "bin" / "python"
    install = [*uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *PEER]
    if made.returncode != 0 or subprocess.run(install, check=False).returncode != 0:
        return None
    return folder / "bin" / "news-please"


def configure_peer(shipped: str, working: Path) -> str:
    """The configuration that news-please ships, with our folder, a short log and our concurrency."""
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(shipped)
    parser["Files"]["working_path"] = str(working)
    parser["Scrapy"].update(
        {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS_PER_DOMAIN": str(CONCURRENCY), "DOWNLOAD_DELAY": "0"}
    )
    written = io.StringIO()
    parser.write(written)
    return written.getvalue()


def _files_of_peer(working: Path) -> Iterator[Path]:
    return (working / "data").rglob("*.json")


def stored_by_peer(working: Path) -> dict[str, Stored]:
    """Every article of news-please's JSON files, by its URL."""
    read = (json.loads(file.read_text(encoding="utf-8")) for file in _files_of_peer(working))
    return {one["url"]: Stored(one["maintext"] or "", (one["date_publish"] or "")[:10]) for one in read}


def run_peer(command: Path, articles: int, proxy: str, folder: Path) -> Run:
    """news-please on the whole site."""
    config, working = folder / "config", folder / "data"
    config.mkdir()
    shipped = next(command.parent.parent.glob("lib/*/site-packages/newsplease/config/config.cfg"))
    (config / "config.cfg").write_text(configure_peer(shipped.read_text(encoding="utf-8"), working), encoding="utf-8")
    (config / "sitelist.hjson").write_text(json.dumps({"base_urls": [{"url": f"{HOME}/"}]}), encoding="utf-8")
    # Its JSON files are of the locale's encoding. All proxies are the site, which refuses what it does not hold.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONUTF8": "1",
        **{f"{scheme}_proxy": proxy for scheme in ("http", "https")},
    }
    started = time.time()
    cost = _command([str(command), "-c", str(config)], environment, folder / "news-please.log")
    found = stored_by_peer(working)
    last = max((file.stat().st_mtime for file in _files_of_peer(working)), default=started + cost.clock)
    cost = cost._replace(clock=last - started)
    return Run(articles, len(found), *judged(found, articles), cost, {})


# The tables --------------------------------------------------------------------------------------------------------------


def _ratios(runs: Sequence[Run]) -> Iterator[str]:
    """How much more an article takes of the processor, and a run of memory, from one size to the next."""
    for small, large in pairwise(runs):
        each = large.processor_each / small.processor_each
        more = large.cost.megabytes / small.cost.megabytes
        yield f"{small.articles:,} to {large.articles:,}: × {each:.2f} processor time an article, × {more:.2f} memory"


def show(console: Console, results: Mapping[str, Sequence[Run]]) -> None:
    """Print what was measured."""
    columns = (
        "articles",
        "",
        "stored",
        "bodies right",
        "days right",
        "seconds",
        "articles/min",
        "CPU s",
        "CPU ms each",
    )
    table = Table(*columns, "peak MB", "S3 CPU s", title="From a site to articles")
    for name, runs in results.items():
        for run in runs:
            table.add_row(
                *(f"{run.articles:,}", name, f"{run.stored:,}", f"{run.right_bodies:,}", f"{run.right_days:,}"),
                *(f"{run.cost.clock:.1f}", f"{run.per_minute:,.0f}", f"{run.cost.processor:.1f}"),
                *(f"{run.processor_each:.1f}", f"{run.cost.megabytes:.0f}"),
                f"{run.store_processor:.1f}" if run.store_processor else "-",
            )
        table.add_section()
    console.print(table)
    stages = Table("articles", "stage", "seconds", "CPU s", "CPU ms each", "peak MB", title="Our stages")
    for run in results["warraq"]:
        for stage, cost in run.stages.items():
            each = cost.processor / run.articles * 1000
            figures = (f"{cost.clock:.1f}", f"{cost.processor:.1f}", f"{each:.2f}", f"{cost.megabytes:.0f}")
            stages.add_row(f"{run.articles:,}", stage, *figures)
        stages.add_section()
    console.print(stages)
    for name, runs in results.items():
        for line in _ratios(runs):
            console.print(f"{name}, {line}")
    for ours in results["warraq"]:
        for theirs in results.get("news-please", ()):
            if theirs.articles == ours.articles and theirs.stored:
                faster = ours.per_minute / theirs.per_minute
                lighter = theirs.processor_each / ours.processor_each
                console.print(
                    f"{ours.articles:,} articles: warraq stores {faster:.1f} times as many a minute; "
                    f"news-please takes {lighter:.1f} times the processor time an article"
                )


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline")
    parser.add_argument("--articles", type=int, nargs="*", default=ARTICLES, metavar="N", help="sizes for warraq")
    parser.add_argument(
        "--peer-articles", type=int, nargs="*", default=PEER_ARTICLES, metavar="N", help="for news-please"
    )
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150)
    results: dict[str, list[Run]] = {"warraq": []}
    with tempfile.TemporaryDirectory() as environment:
        peer = install_peer(Path(environment)) if options.peer_articles else None
        if options.peer_articles and peer is None:
            console.print(f"news-please is left out: uv could not install {', '.join(PEER)}.")
        for articles in sorted({*options.articles, *(options.peer_articles if peer else ())}):
            with site(partial(answer, articles=articles)) as proxy:
                if articles in options.articles:
                    with tempfile.TemporaryDirectory() as folder:
                        results["warraq"].append(run_ours(articles, proxy, Path(folder)))
                if peer and articles in options.peer_articles:
                    with tempfile.TemporaryDirectory() as folder:
                        results.setdefault("news-please", []).append(run_peer(peer, articles, proxy, Path(folder)))
    show(console, results)


if __name__ == "__main__":
    main(sys.argv[1:])
