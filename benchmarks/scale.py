"""What grows with the corpus: ``python -m benchmarks.scale [--documents N ...] [--json FILE] [--rebuild PAGES]``.

Corpora of invented documents, `A_DAY` a day of `SOURCES` outlets, lie whole in an S3 server of their own (SeaweedFS, the store of
the compose file): their capture files, of which only the names are ever read, the documents table, with every document decided, and
``articles/``. Texts are made only for the last days, which are the only ones that a stage reads. Measured are then

- a crawl that finds nothing new on a site whose last pages it has;
- a build that finds nothing new;
- every stage of a build with 1,000 new pages, published on the last two days;
- the first deposit, which makes `articles/`.

With ``--rebuild`` it is instead how long a rebuild of so many pages takes one worker on a core of its own, and two.

Each stage runs in a process of its own, and tells its processor seconds (what importing takes is left out), peak memory, and, as
the store counted them, requests and bytes. The last column of the last table is what a build of 1,000 pages costs beside the
smallest corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.table import Table

from benchmarks._planted import report_of
from benchmarks._site import site
from pipeline import build, corpus
from pipeline.bucket import Bucket, BucketError
from pipeline.captures import CaptureWriter, Exchange
from pipeline.documents import SCHEMA, Documents
from pipeline.duplicates import ARTICLE, text_hash
from pipeline.duplicates.text import SIGNATURE_SIZE
from pipeline.known_pages import known_pages
from pipeline.sources import load_sources
from pipeline.urls import article_id
from warraq.servers import Child, free_port

SOURCES = 70
A_DAY = 2_800
"""Documents a day: forty of each outlet."""
NEW = 1_000
LAST = date(2026, 6, 30)
WITH_TEXTS = 3
"""Days before the last whose documents have texts: the new pages fall on two of them."""
SIZES = (100_000, 1_000_000)
_COMMIT_DAYS = 30
_LISTED = 200
"""Addresses in the sitemap of the site that is crawled."""


# The store ---------------------------------------------------------------------------------------------------------------


class Traffic(NamedTuple):
    """Requests that a store answered, of them lists, and the bytes that it sent and received."""

    requests: int
    lists: int
    sent: int
    received: int

    def since(self, before: Traffic) -> Traffic:
        """What came after `before`."""
        return Traffic(*(now - then for now, then in zip(self, before, strict=True)))


class Store:
    """SeaweedFS on loopback, with the figures that it counts."""

    def __init__(self, folder: Path) -> None:
        self._metrics, self._port, self._folder = free_port(), free_port(), folder

    @contextmanager
    def running(self) -> Iterator[Store]:
        """Serve from the folder until the block ends; the AWS settings of this process name it."""
        os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "benchmark", "AWS_REGION": "us-east-1"}
        os.environ |= {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self._port}", "WARRAQ_BUCKET": "bench"}
        ports = [f"-{name}.port={free_port()}" for name in ("master", "volume", "filer")]
        ports += [f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")]
        ports += [f"-s3.port.{name}=0" for name in ("iceberg", "lance")]
        here = [f"-dir={self._folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.port={self._port}"]
        here += [f"-metricsPort={self._metrics}", "-volume.max=200", "-master.volumeSizeLimitMB=1024"]
        program = shutil.which("weed", path=str(Path(sys.executable).parent))
        if program is None:
            raise SystemExit("SeaweedFS is not installed: run `make .venv/.installed`")
        child = Child(
            "SeaweedFS",
            [program, "server", "-s3", *here, *ports],
            log=self._folder.with_suffix(".log"),
            environment=dict(os.environ),
        )
        try:
            child.wait_until(self._answers, seconds=60)
            yield self
        finally:
            child.stop()

    def _answers(self) -> bool:
        try:
            Bucket().ensure()
        except BucketError:
            return False
        return True

    def traffic(self) -> Traffic:
        """What it has counted so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics}/metrics") as answer:
            text = answer.read().decode()
        counted: dict[str, float] = dict.fromkeys(("requests", "lists", "sent", "received"), 0)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "SeaweedFS_s3_request_total":
                    counted["requests"] += sample.value
                    counted["lists"] += sample.value if sample.labels["type"] == "LIST" else 0
                elif sample.name.startswith("SeaweedFS_s3_bucket_traffic_"):
                    counted[sample.name.removeprefix("SeaweedFS_s3_bucket_traffic_").split("_")[0]] += sample.value
        return Traffic(*(round(counted[name]) for name in Traffic._fields))


# The corpus --------------------------------------------------------------------------------------------------------------


def _source(number: int) -> str:
    return f"s{number:03}"


def _url(number: int) -> str:
    return f"http://{_source(number % SOURCES)}.example/news/{number}"


def _capture_key(day: date, source: int) -> str:
    return f"captures/source={_source(source)}/fetched={day}/{_source(source)}-{day:%Y%m%d}T120000Z-00000.warc.gz"


def documents_of(day: date, first: int) -> pa.Table:
    """The decided documents of one day, from a number on: articles all, with a text where a stage may read it."""
    numbers = range(first, first + A_DAY)
    told = (LAST - day).days < WITH_TEXTS
    bodies = [report_of(number) if told else "-" for number in numbers]
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    published = [at + timedelta(seconds=20 * place) for place in range(A_DAY)]
    keys = [_capture_key(day, number % SOURCES) for number in numbers]
    ids = [f"{key}#{number}" for key, number in zip(keys, numbers, strict=True)]
    hashes = [hashlib.sha256(str(number).encode()).hexdigest()[:32] for number in numbers]
    signatures = np.random.default_rng(first).bytes(4 * SIGNATURE_SIZE * A_DAY)
    same: dict[str, Any] = {
        "source_name": "-",
        "http_status": 200,
        "found": '{"by": "feed"}',
        "published_precision": "minute",
        "published_method": "json_ld",
        "published_confidence": "high",
        "published_day": day,
        "body_method": "main",
        "body_confidence": "high",
        "language": "ar",
        "extractor": "-",
        "day": str(day),
        "decision": ARTICLE,
        "article_day": day,
    }
    differing: dict[str, Any] = {
        "id": ids,
        "source": [_source(number % SOURCES) for number in numbers],
        "url": list(map(_url, numbers)),
        "fetched_url": list(map(_url, numbers)),
        "article_id": [article_id(_url(number)) for number in numbers],
        "captured_at": [one + timedelta(hours=1) for one in published],
        "first_captured_at": [one + timedelta(hours=1) for one in published],
        "published_at": published,
        "published_order": published,
        "capture_key": keys,
        "capture_offset": list(numbers),
        "digest": hashes,
        "title": [body[:60] for body in bodies],
        "body": bodies,
        "body_hash": hashes,
        "text_hash": [text_hash(body) for body in bodies] if told else hashes,
        "signature": [
            signatures[start : start + 4 * SIGNATURE_SIZE] for start in range(0, len(signatures), 4 * SIGNATURE_SIZE)
        ],
        "row_hash": hashes,
        "article": ids,
        **{
            name: [[]] * A_DAY
            for name in ("authors", "agencies", "captions", "tags", "dates", "dates_mentioned", "body_witnesses")
        },
    }
    columns = []
    for field in SCHEMA:
        values = differing.get(field.name, [same.get(field.name)] * A_DAY)
        columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def plant(count: int) -> None:
    """Fill the bucket with a corpus of so many documents: capture files, the documents table."""
    bucket = Bucket()
    days = [LAST - timedelta(days=ago) for ago in range(-(-count // A_DAY) - 1, -1, -1)]
    keys = [_capture_key(day, source) for day in days for source in range(SOURCES)]
    with ThreadPoolExecutor(16) as writers:
        list(writers.map(lambda key: bucket.put(key, b"-"), keys))
    documents = Documents(bucket)
    for start in range(0, len(days), _COMMIT_DAYS):
        some = days[start : start + _COMMIT_DAYS]
        rows = [documents_of(day, (start + place) * A_DAY) for place, day in enumerate(some)]
        documents._write(pa.concat_tables(rows))


_PAGE = """<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title}</title>
<meta property="og:type" content="article"><meta property="article:published_time" content="{at}"><style>{style}</style></head>
<body><header><nav><ul>{menu}</ul></nav></header><main><article><h1>{title}</h1><div class="body">{text}</div></article>
<aside><h2>اقرأ أيضا</h2><ul>{menu}</ul></aside></main><footer><ul>{menu}</ul></footer></body></html>"""


@cache
def _furniture() -> tuple[str, str]:
    """The style and the menu of every page."""
    style = "".join(f".b{rule}{{margin:{rule}px;color:#{rule:06x}}}" for rule in range(300))
    return style, "".join(f'<li><a href="/news/{other}">{report_of(other)[:40]}</a></li>' for other in range(1, 30))


def _page(number: int, at: datetime) -> bytes:
    parts, (style, menu) = report_of(number).split(), _furniture()
    text = "".join(f"<p>{' '.join(parts[start : start + 60])}.</p>" for start in range(0, len(parts), 60))
    return _PAGE.format(title=" ".join(parts[:8]), at=at.isoformat(), text=text, menu=menu, style=style).encode()


def add_new_pages(count: int, pages: int = NEW) -> None:
    """Capture so many pages more, of all outlets, published on the last two days."""
    bucket, at = Bucket(), datetime(LAST.year, LAST.month, LAST.day, 20, tzinfo=UTC)
    headers = [("Content-Type", "text/html; charset=utf-8")]
    for source in range(SOURCES):
        writer = CaptureWriter(bucket, _source(source), f"{_source(source)}-20260630T200000Z")
        for place in range(source, pages, SOURCES):
            number = 10**9 + count + place
            page = _page(number, at - timedelta(hours=24 * (place % 2), seconds=place))
            url = f"http://{_source(source)}.example/news/{number}"
            writer.add(Exchange(url, at, 200, "OK", headers, page, None, {"by": "feed"}))
        writer.flush()


# What a stage takes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """Processor and clock seconds, peak megabytes, and the store's traffic."""

    stage: str
    cpu: float
    clock: float
    megabytes: float
    requests: int
    lists: int
    sent: int
    received: int


def _run(stage: Callable[[], object]) -> tuple[float, float, float]:
    """Run a stage in this process: its processor and clock seconds, with its children's, and the peak of the process."""

    def processor() -> float:
        return sum(os.times()[:4])

    before, began = processor(), time.perf_counter()
    stage()
    spent, clock = processor() - before, time.perf_counter() - began
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return spent, clock, max(peaks) / 1024


def measure(store: Store, name: str, stage: Callable[[], object]) -> Cost:
    """Run a stage in a process of its own."""
    before = store.traffic()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        cpu, clock, peak = alone.submit(_run, stage).result()
    return Cost(name, cpu, clock, peak, *store.traffic().since(before))


def _stages(run: str) -> dict[str, Callable[[], object]]:
    """The stages of a build in their order, as functions that can be sent to another process."""
    return {stage.__name__.strip("_"): partial(stage, run) for stage in _STAGES}


def _find_captures(run: str) -> None:
    build.find_captures(Bucket(), run, load_sources())


def _clean(run: str) -> None:
    bucket, sources = Bucket(), load_sources()
    for batch in list(bucket.list(f"work/{run}/batches/")):
        build.clean_batch(bucket, sources, batch.key)


def _normalize_dates(run: str) -> None:
    bucket = Bucket()
    for cleaned in list(bucket.list(f"work/{run}/cleaned/")):
        build.normalize_dates(bucket, cleaned.key)


def _write_documents(run: str) -> None:
    build.write_documents(Bucket(), run)


def _find_copies(run: str) -> None:
    bucket = Bucket()
    for days in list(bucket.list(f"work/{run}/ranges/")):
        build.find_copies(bucket, days.key)


def _deduplicate(run: str) -> None:
    build.deduplicate(Bucket(), run)


def _build_days(run: str) -> None:
    bucket = Bucket()
    for days in list(bucket.list(f"work/{run}/days/")):
        build.build_days(bucket, days.key)


def _deposit(run: str) -> None:
    build.deposit(Bucket(), run)


def _tidy(_run: str) -> None:
    build.tidy(Bucket())


def _note_health(run: str) -> None:
    build.note_health(Bucket(), run, load_sources(), _NOW)


def _describe(run: str) -> None:
    build.describe(Bucket(), run, load_sources())


def _index(run: str) -> None:
    build.index(Bucket(), run, load_sources())


def _report(run: str) -> None:
    build.report(Bucket(), run, load_sources(), _NOW)


_STAGES = (
    _find_captures,
    _clean,
    _normalize_dates,
    _write_documents,
    _find_copies,
    _deduplicate,
    _build_days,
    _deposit,
    _tidy,
    _note_health,
    _describe,
    _index,
    _report,
)
_NOW = datetime(LAST.year, LAST.month, LAST.day, 23, tzinfo=UTC)


def _first_deposit() -> None:
    corpus.deposit(Bucket())


def _known() -> None:
    if len(known_pages(Bucket(), _source(0))) == 0:
        raise RuntimeError("no page is known")


def _crawl(proxy: str) -> None:
    environment = {**os.environ, "http_proxy": proxy, "no_proxy": "127.0.0.1"}
    window = ["--since", str(LAST - timedelta(days=7)), "--until", str(LAST + timedelta(days=1))]
    command = [sys.executable, "-m", "warraq", "crawl", _source(0), *window]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 99}:
        raise RuntimeError(done.stderr[-2_000:])


def _answer(count: int, url: str) -> tuple[int, str, bytes]:
    """The site of the first outlet: a sitemap of its last pages."""
    if url.endswith("/robots.txt"):
        return 200, "text/plain", b"User-agent: *\nAllow: /\n"
    if url.endswith("/sitemap.xml"):
        numbers = range(count - count % SOURCES - SOURCES * _LISTED, count - count % SOURCES, SOURCES)
        listed = "".join(f"<url><loc>{_url(number)}</loc></url>" for number in numbers)
        body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'
        return 200, "application/xml", body.encode()
    return 404, "text/plain", b"not here"


def write_sources(folder: Path) -> None:
    """Write the files of the outlets."""
    folder.mkdir()
    for number in range(SOURCES):
        home = f"http://{_source(number)}.example/"
        (folder / f"{_source(number)}.yaml").write_text(
            f"id: {_source(number)}\nname: {_source(number)}\nhome: {home}\ntimezone: UTC\n"
            f"discovery: [{{type: sitemap, url: {home}sitemap.xml}}]\npoliteness: {{delay: 0}}\n",
            encoding="utf-8",
        )


@contextmanager
def _set_up() -> Iterator[Store]:
    """A store that runs, and the files of the outlets; the settings of this process name them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "store").mkdir()
        write_sources(folder / "sources")
        os.environ["WARRAQ_SOURCES"] = str(folder / "sources")
        os.environ["WARRAQ_CONTACT"] = "mailto:bench@warraq.example"
        with Store(folder / "store").running() as store:
            yield store


def _rebuild(cores: int) -> None:
    """Build everything anew on so many cores, a process for each."""
    os.sched_setaffinity(0, range(cores))
    build.build(Bucket(), load_sources(), f"rebuild-{cores}", rebuild=True)


def rebuilds(pages: int) -> Table:
    """What a second worker gains in a rebuild of so many pages; the store takes what it needs of both cores."""
    table = Table("workers", "clock s", "CPU s", title=f"A rebuild of {pages:,} pages")
    for cores in (1, 2):
        with _set_up() as store:
            measure(store, "pages", partial(add_new_pages, 0, pages))
            cost = measure(store, "rebuild", partial(_rebuild, cores))
        table.add_row(str(cores), f"{cost.clock:.1f}", f"{cost.cpu:.1f}")
    return table


def measured(count: int) -> list[Cost]:
    """Plant a corpus of so many documents, and measure."""
    with _set_up() as store:
        costs = [measure(store, "(planting)", partial(plant, count))]
        costs.append(measure(store, "first deposit", _first_deposit))
        for stage, work in _stages("settle").items():  # what a build makes once, such as lookups, is there from here on
            measure(store, stage, work)
        costs.append(measure(store, "known pages", _known))
        with site(partial(_answer, count)) as proxy:
            costs.append(measure(store, "crawl, nothing new", partial(_crawl, proxy)))
        costs += [measure(store, f"idle: {stage}", work) for stage, work in _stages("idle").items()]
        add_new_pages(count)
        costs += [measure(store, f"{NEW:,} new: {stage}", work) for stage, work in _stages("new").items()]
        return costs


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--documents", type=int, nargs="+", default=SIZES, metavar="N", help="sizes of the corpora")
    parser.add_argument(
        "--rebuild", type=int, metavar="PAGES", help="measure only what two workers gain with so many pages"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures as well")
    options = parser.parse_args(arguments)
    console = Console(width=140)
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if options.rebuild:
        console.print(rebuilds(options.rebuild))
        return 0
    found: dict[int, list[Cost]] = {}
    for count in sorted(options.documents):
        found[count] = measured(count)
        table = Table(
            *("stage", "CPU s", "clock s", "peak MB", "requests", "lists", "MB read", "MB written"),
            title=f"{count:,} documents",
        )
        for cost in found[count]:
            stage, cpu, clock, peak, requests, lists, sent, received = astuple(cost)
            table.add_row(
                stage,
                f"{cpu:.2f}",
                f"{clock:.1f}",
                f"{peak:,.0f}",
                f"{requests:,}",
                f"{lists:,}",
                f"{sent / 1e6:.1f}",
                f"{received / 1e6:.1f}",
            )
        console.print(table)
        if options.json:
            options.json.write_text(
                json.dumps({count: [asdict(cost) for cost in costs] for count, costs in found.items()}, indent=1)
            )
    totals = {count: sum(cost.cpu for cost in costs if " new: " in cost.stage) for count, costs in found.items()}
    smallest = totals[min(totals)]
    table = Table("documents", "CPU s", "beside the smallest", title=f"A build of {NEW:,} new pages, all stages")
    for count, seconds in totals.items():
        table.add_row(f"{count:,}", f"{seconds:.1f}", f"{seconds / smallest:.2f} x")
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
