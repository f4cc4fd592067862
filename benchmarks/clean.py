"""How fast a captured page becomes a document, beside trafilatura: ``python -m benchmarks.clean [PAGES]``.

A document is the whole row of the documents table: decoded, parsed, body, head, dates, signature. Trafilatura is handed the
decoded text and returns what it finds with its defaults, with metadata (title, author, date…) and without. Both read every page
in turn, in processor time. A crawl meets a page once, so the first reading counts, the best of several processes that have read
another page before; "again" is the second reading in the same process, when trafilatura's readers of dates remember what they
read. "×" says how many times our time trafilatura takes, over all pages of a row together.

The pages are the real ones of ``../shared/real-pages`` (where they are at hand), the articles of the demo's sites, and pages of
500 KB made of those: one long text, in paragraphs, in a single one and in short lines; hundreds of comments below a text; menus
of thousands of links. Then: where our time goes; how many times as many pages two processes clean in a second as one does (of a
machine that is otherwise idle); and how much memory a process holds after a thousand and after PAGES pages, 5,000 unless said
otherwise, no two of them alike.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import trafilatura
from rich.console import Console
from rich.table import Table

import pipeline.extract.article
import pipeline.extract.body
import pipeline.extract.main_content
import pipeline.page.parse
import pipeline.stages
from demo.gold import gold_rows
from demo.sites import open_sites
from pipeline.captures import Capture
from pipeline.page import decode
from pipeline.rules import Furniture
from pipeline.sources import Source, load_sources
from pipeline.stages import document_row

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared" / "real-pages"

PROCESSES = 3
LARGE = 500_000
"""Bytes of a large page."""
MEMORY_AFTER = (1_000, 5_000)

Page = tuple[Source, Capture]


# The pages ---------------------------------------------------------------------------------------------------------------


def real_pages() -> list[Page]:
    """The real pages, where they are at hand."""
    listed = REAL / "manifest.json"
    if not listed.is_file():
        return []
    entries = json.loads(listed.read_text(encoding="utf-8"))
    return [_page(entry["url"], (REAL / entry["file"]).read_bytes()) for entry in entries]


def demo_pages() -> list[Page]:
    """Every article of the demo's sites."""
    sites = {site.id: site for site in open_sites().values()}
    sources = load_sources(ROOT / "demo" / "sources")
    pages = []
    for row in gold_rows():
        if row["outcome"] in {"article", "copy"}:
            parts = urlsplit(row["url"])
            answer = sites[row["source"]].respond(urlunsplit(("", "", parts.path, parts.query, "")))
            capture = _capture(row["url"], answer.body, answer.content_type)
            pages.append((sources[row["source"]], capture))
    return pages


def large_pages() -> dict[str, Page]:
    """Pages of `LARGE` bytes: the demo's text in paragraphs, in one, in lines; as comments below a text; headlines as a menu."""
    rows = [row for row in gold_rows() if row["outcome"] == "article"]
    texts = [text for row in rows for text in row["body"]]
    titles = [row["title"] for row in rows]
    sentences = [f"{sentence}." for text in texts for sentence in text.rstrip(".").split(". ")]
    short = "".join(f"<p>{text}</p>" for text in texts[:8])

    def fill(lines: Sequence[str], form: str, length: int) -> str:
        made: list[str] = []
        for number, line in enumerate(cycle(lines)):
            made.append(form.format(line=line, n=number))
            length -= len(made[-1].encode())
            if length <= 0:
                return "".join(made)
        raise AssertionError

    def page(menu: str = "", text: str = short, below: str = "") -> Page:
        html = (
            f"<!doctype html><html lang='ar'><head><meta charset='utf-8'><title>{titles[0]}</title></head><body>"
            f"<nav><ul>{menu}</ul></nav><main><article><h1>{titles[0]}</h1><div class='entry-content'>{text}</div></article>"
            f"<div class='list'><h3>التعليقات</h3>{below}</div></main><footer>2024</footer></body></html>"
        )
        return _page("https://large.example/news/2024/03/20/1", html.encode())

    comment = (
        '<div class="item"><b>زائر {n}</b><span class="time">2024/03/{n}</span><p>{line}</p><a href="#">رد</a></div>'
    )
    return {
        "one long text": page(text=fill(texts, "<p>{line} ({n})</p>", LARGE)),
        "one paragraph": page(text=f"<p>{fill(texts, '{line} ({n}) ', LARGE)}</p>"),
        "short lines": page(text=fill(sentences, "{line} ({n})<br>", LARGE)),
        "comments": page(below=fill(texts, comment, LARGE)),
        "menus": page(menu=fill(titles, '<li class="menu-item"><a href="/{n}"><span>{line}</span></a></li>', LARGE)),
    }


def unlike_pages(pages: Sequence[Page], count: int) -> Iterator[Page]:
    """So many pages, no two alike: each has its number in its paragraphs, its lines and the names of its classes."""
    for number, (source, capture) in enumerate(islice(cycle(pages), count)):
        mark = f" {number}</".encode()
        body = capture.body.replace(b"</p>", mark + b"p>").replace(b"</a>", mark + b"a>")
        body = body.replace(b'class="', f'class="c{number} '.encode())
        yield source, _capture(f"{capture.url}?n={number}", body, capture.content_type)


def _page(url: str, html: bytes) -> Page:
    home = f"https://{urlsplit(url).hostname}/"
    source = Source.model_validate(
        {"id": "page", "name": "-", "home": home, "timezone": "UTC", "discovery": [{"type": "feed", "url": home}]}
    )
    return source, _capture(url, html, "text/html")


def _capture(url: str, body: bytes, content_type: str) -> Capture:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    return Capture(key="", offset=0, url=url, captured_at=at, status=200, content_type=content_type, body=body)


# Speed -------------------------------------------------------------------------------------------------------------------

OURS, WITH_METADATA, TEXT_ONLY = "warraq", "trafilatura", "trafilatura, text only"
SYSTEMS = (OURS, WITH_METADATA, TEXT_ONLY)
Times = dict[str, float]
"""Seconds of processor time by system."""


def _time(page: Page) -> Times:
    source, capture = page
    text = decode(capture.body, capture.content_type)
    systems: dict[str, Callable[[], object]] = {
        OURS: lambda: document_row(capture, source),
        WITH_METADATA: lambda: trafilatura.bare_extraction(text, with_metadata=True),
        TEXT_ONLY: lambda: trafilatura.bare_extraction(text, with_metadata=False),
    }
    taken = {}
    for name, read in systems.items():
        start = time.process_time()
        read()
        taken[name] = time.process_time() - start
    return taken


def _time_twice(pages: Sequence[Page]) -> tuple[list[Times], list[Times]]:
    """The times of each page's first reading in this process, and of its second."""
    _silence()
    _time(large_pages()["comments"])  # what is loaded once is loaded
    return [_time(page) for page in pages], [_time(page) for page in pages]


def _silence() -> None:
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def measure_speed(console: Console, sets: dict[str, list[Page]]) -> None:
    """Print (a): milliseconds a page, by set and over all."""
    pages = [page for pages in sets.values() for page in pages]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        runs = list(pool.map(_time_twice, [pages] * PROCESSES))
    readings = [[_best(page) for page in zip(*reading, strict=True)] for reading in zip(*runs, strict=True)]
    table = Table("pages", "KB", *(f"{name}, ms" for name in SYSTEMS), "×", "× again", title="A page")
    done = 0
    for name, found in sets.items():
        own = slice(done, done := done + len(found))
        _speed_row(table, f"{len(found)} {name}", pages[own], *(reading[own] for reading in readings))
    table.add_section()
    _speed_row(table, f"all {len(pages)}", pages, *readings)
    console.print(table)


def _best(times: Sequence[Times]) -> Times:
    return {name: min(taken[name] for taken in times) for name in SYSTEMS}


def _speed_row(table: Table, name: str, pages: Sequence[Page], *readings: Sequence[Times]) -> None:
    size = sum(len(capture.body) for _, capture in pages) / len(pages) / 1000
    totals = [{name: sum(taken[name] for taken in reading) for name in SYSTEMS} for reading in readings]
    milliseconds = [f"{1000 * totals[0][system] / len(pages):.1f}" for system in SYSTEMS]
    table.add_row(
        name, f"{size:.0f}", *milliseconds, *(f"{total[WITH_METADATA] / total[OURS]:.2f}" for total in totals)
    )


def measure_large(console: Console) -> None:
    """Print (b): milliseconds for pages of 500 KB."""
    table = Table("page", "KB", *(f"{name}, ms" for name in SYSTEMS), "×", title="A page of 500 KB")
    for name, page in large_pages().items():
        taken = _best([_time(page) for _ in range(PROCESSES)])
        milliseconds = [f"{1000 * taken[system]:.0f}" for system in SYSTEMS]
        table.add_row(
            name, f"{len(page[1].body) / 1000:.0f}", *milliseconds, f"{taken[WITH_METADATA] / taken[OURS]:.2f}"
        )
    console.print(table)


# Where the time goes -------------------------------------------------------------------------------------------------------

# The functions of each stage; a stage's time is without that of the stages it calls.
STAGES: dict[str, tuple[tuple[Any, str], ...]] = {
    "decode": ((pipeline.extract.article, "decode"),),
    "parse": ((pipeline.extract.article, "read_page"),),
    "blocks": ((pipeline.page.parse, "cut"),),
    "trafilatura": ((pipeline.extract.main_content, "_trafilatura_text"),),
    "furniture": tuple(
        (Furniture, name)
        for name in ("rule_for", "opens_block", "closes_article", "marks", "dateline", "without_suffix")
    ),
    "body": ((pipeline.extract.article, "find_body"), (pipeline.extract.article, "best_of")),
    "dates": (
        (pipeline.extract.article, "find_candidates"),
        (pipeline.stages, "resolve"),
        (pipeline.stages, "mentions"),
    ),
    "language": ((pipeline.extract.article, "detect"),),
    "head, verdict": ((pipeline.stages, "clean"),),
    "signature": ((pipeline.stages, "text_facts"),),
    "row": (),
}


def time_stages(pages: Sequence[Page]) -> dict[str, float]:
    """Seconds of processor time that each stage takes over some pages."""
    spent = dict.fromkeys(STAGES, 0.0)
    running = ["row"]
    since = time.process_time()

    def switch() -> None:
        nonlocal since
        now = time.process_time()
        spent[running[-1]] += now - since
        since = now

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            switch()
            running.append(stage)
            try:
                return function(*arguments, **options)
            finally:
                switch()
                running.pop()

        return call

    replaced = [(owner, name, getattr(owner, name)) for functions in STAGES.values() for owner, name in functions]
    for stage, functions in STAGES.items():
        for owner, name in functions:
            setattr(owner, name, timed(stage, getattr(owner, name)))
    try:
        for source, capture in pages:
            document_row(capture, source)
        switch()
    finally:
        for owner, name, function in replaced:
            setattr(owner, name, function)
    return spent


def measure_stages(console: Console, sets: dict[str, list[Page]]) -> None:
    """Print which part of our time each stage takes."""
    table = Table("stage", *(f"{name} pages" for name in sets), title="Where the time goes, per cent")
    columns = []
    for pages in sets.values():
        runs = [time_stages(pages) for _ in range(3)]
        best = {stage: min(run[stage] for run in runs) for stage in STAGES}
        columns.append({stage: 100 * taken / sum(best.values()) for stage, taken in best.items()})
    for stage in STAGES:
        table.add_row(stage, *(f"{column[stage]:.0f}" for column in columns))
    console.print(table)


# Processes and memory ------------------------------------------------------------------------------------------------------


def _clean_all(start: int, count: int) -> int:
    for source, capture in islice(unlike_pages(demo_pages(), start + count), start, None):
        document_row(capture, source)
    return count


def measure_processes(console: Console, count: int = 300) -> None:
    """Print (c): how many times as many pages a second two processes clean as one does."""
    rates = {1: 0.0, 2: 0.0}
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_clean_all, [0, 0], [50, 50]))  # both start, import, read the rules
        for _ in range(PROCESSES):
            for processes, best in rates.items():
                start = time.perf_counter()
                list(pool.map(_clean_all, range(0, processes * count, count), [count] * processes))
                rates[processes] = max(best, processes * count / (time.perf_counter() - start))
    console.print(
        f"One process cleans {rates[1]:.0f} pages a second, two {rates[2]:.0f}: {rates[2] / rates[1]:.2f} times as many."
    )


def _memory_after(counts: Sequence[int]) -> list[float]:
    """Megabytes that a process holds after so many pages."""
    process, held = psutil.Process(), []
    for number, (source, capture) in enumerate(unlike_pages(demo_pages(), counts[-1]), start=1):
        document_row(capture, source)
        if number in counts:
            held.append(process.memory_info().rss / 2**20)
    return held


def measure_memory(console: Console, pages: int) -> None:
    """Print (d): what a process holds on the way through many pages."""
    counts = [*(count for count in MEMORY_AFTER if count < pages), pages]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        held = pool.submit(_memory_after, counts).result()
    figures = ", ".join(f"{megabytes:.0f} MB after {count:,}" for count, megabytes in zip(counts, held, strict=True))
    console.print(f"A process holds {figures} pages.")


def main(pages: int = 5_000) -> int:
    """Print every measurement."""
    _silence()
    console = Console()
    sets = {"real": real_pages(), "demo": demo_pages()}
    sets = {name: found for name, found in sets.items() if found}
    measure_speed(console, sets)
    measure_large(console)
    measure_stages(console, sets)
    measure_processes(console)
    measure_memory(console, pages)
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:2])))
