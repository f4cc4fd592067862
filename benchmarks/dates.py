"""How well and how fast dates are read, beside the peers: ``python -m benchmarks.dates``.

Strings: every system reads the same lines, ``../shared/dates/examples.tsv`` (where it is at hand) and our own
``tests/pipeline/dates/examples.tsv``, with the same references, all in UTC.

- right: the day, and where the line states a time the minute too; or no answer where none is due.
- wrong: another day or time, or an answer where none is due; "of them day" leaves out those that miss the time alone.
- silent: no answer where one was due.
- a second: lines read in a second of processor time, by the best of several passes.

Each peer has the settings that served it best of those tried, and its answers are held to our own bounds: one before 1990
or later than the day after the reference counts as none. dateparser: ``STRICT_PARSING`` made the fewest mistakes
(``REQUIRE_PARTS`` reads one line more and three more wrongly); Arabic alone is its fastest, with Persian and English it
reads more; its own Hijri and Persian calendars, tried where it finds nothing, read most and cost most; ``search_dates``
looks for a date among other words. Microsoft's Recognizers-Text cannot take part: 1.0.2a2, the newest on PyPI (which needs
``emoji`` below 2 to be imported at all), has date models of English, Chinese, Spanish, French and Portuguese, and 1.3.2,
the newest on npm, has no Arabic one either: asked for Arabic, both answer with their English model.

Pages: each system is handed the same text and the page's URL, and parses it itself; ours finds the headline besides, as
cleaning does. The real pages of ``../shared/real-pages`` (where they are at hand) are read as they are, and once more with
nothing but what a reader sees: no metadata, scripts, links, ``<time>`` values or telling URL; one of them then states no
publication. Our own test pages are as eight engines write them. The pages of 100 KB are articles of the demo's sites with
further articles' titles, dates and texts below them.
Days alone are compared, for htmldate knows no times; it gets the capture as ``max_date`` and asks for the original date.

- none: no answer where one was due; wrong: another day, or an answer where none is due.
- milliseconds of processor time, the median and the largest. Each page is read once, as in a crawl: what a system
  remembers of the pages before it counts, what it would remember of the page itself does not.

"×" says how many times a system's time is ours.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from dateparser.calendars.hijri import HijriCalendar
from dateparser.calendars.jalali import JalaliCalendar
from dateparser.date import DateDataParser
from dateparser.search import search_dates
from htmldate import find_date
from lxml import etree, html
from rich.console import Console
from rich.table import Table

from demo.sites import open_sites
from pipeline.dates import EARLIEST, parse_date
from pipeline.extract.headline import find_headline
from pipeline.page import read_page
from pipeline.publication import find_candidates, resolve

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
OWN = ROOT / "tests" / "pipeline" / "dates"

OURS = "warraq"
RIGHT, WRONG_TIME, WRONG, SILENT = "right", "wrong time", "wrong", "silent"
# A system reads the lines so often, or until it has taken so long.
MOST_PASSES, SECONDS = 40, 4.0


# Strings ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line, when it was captured (naive, UTC), and what it states: "none", a day or a minute in ISO 8601."""

    text: str
    reference: datetime
    expected: str


Reader = Callable[[str, datetime], date | None]


def lines(path: Path) -> list[Line]:
    """The lines of a table, which writes invisible characters as escapes."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_line(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def _line(text: str, reference: str, expected: str) -> Line:
    captured = datetime.fromisoformat(reference)
    if expected != "none":  # an answer that lies ahead of its own reference is asked for on the day that it names
        captured = max(captured, datetime.fromisoformat(expected[:10]))
    return Line(re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text), captured, expected)


def ours(text: str, reference: datetime) -> date | None:
    """A line as we read it."""
    parsed = parse_date(text, reference=reference)
    return parsed.value if parsed else None


def _settings(reference: datetime) -> dict[str, object]:
    return {
        "RELATIVE_BASE": reference,
        "DATE_ORDER": "DMY",
        "PREFER_DATES_FROM": "past",
        "STRICT_PARSING": True,
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }


def with_dateparser(languages: Sequence[str], *, calendars: bool = False) -> Reader:
    """A reader by dateparser; ``calendars`` tries its Hijri and Persian ones where it finds nothing within the bounds."""
    parsers: dict[datetime, DateDataParser] = {}

    def read(text: str, reference: datetime) -> date | None:
        parser = parsers.get(reference)
        if parser is None:
            parser = parsers[reference] = DateDataParser(languages=list(languages), settings=_settings(reference))
        value: datetime | None = parser.get_date_data(text).date_obj
        if not calendars or (value is not None and _allowed(value, reference)):
            return value
        for calendar in (HijriCalendar, JalaliCalendar):
            try:
                found = calendar(text).get_date()
            except (ValueError, OverflowError):  # a year or a month that the calendar does not have
                continue
            day: datetime | None = found.date_obj if found else None
            if day and _allowed(day, reference):
                return day
        return None

    return read


def by_search(text: str, reference: datetime) -> date | None:
    """The first date that dateparser finds among the words of a line."""
    found = search_dates(text, languages=["ar", "fa", "en"], settings=_settings(reference))
    return found[0][1] if found else None


READERS: dict[str, Reader] = {
    OURS: ours,
    "dateparser, ar": with_dateparser(["ar"]),
    "dateparser, ar fa en": with_dateparser(["ar", "fa", "en"]),
    "dateparser, ar fa en and its calendars": with_dateparser(["ar", "fa", "en"], calendars=True),
    "dateparser.search_dates, ar fa en": by_search,
}


def judge(value: date | None, line: Line) -> str:
    """What an answer is worth."""
    if value is None or not _allowed(value, line.reference):
        return RIGHT if line.expected == "none" else SILENT
    if line.expected == "none":
        return WRONG
    stated = value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
    if stated.isoformat()[:10] != line.expected[:10]:
        return WRONG
    return RIGHT if stated.isoformat()[: len(line.expected)] == line.expected else WRONG_TIME


def _allowed(value: date, reference: datetime) -> bool:
    day = value.date() if isinstance(value, datetime) else value
    return EARLIEST <= day <= reference.date() + timedelta(days=1)


def read_all(corpus: Sequence[Line]) -> dict[str, tuple[list[date | None], float]]:
    """Every system's answers, and the processor seconds of its fastest pass over the lines.

    The systems take turns, so that a machine which is busy for a while is so for all; those that have had their time drop out.
    """
    answers: dict[str, list[date | None]] = {}
    passes: dict[str, list[float]] = {system: [] for system in READERS}
    for read in READERS.values():
        for line in corpus[:10]:  # what a system loads when it is first asked is not counted
            read(line.text, line.reference)
    for _ in range(MOST_PASSES):
        for system, read in READERS.items():
            if sum(passes[system]) < SECONDS:
                start = time.process_time()
                answers[system] = [read(line.text, line.reference) for line in corpus]
                passes[system].append(time.process_time() - start)
    return {system: (answers[system], min(passes[system])) for system in READERS}


def measure_strings(console: Console) -> None:
    """Print the table of strings, and every line that we read wrongly."""
    table = Table("strings", "system", "right", "wrong", "of them day", "silent", "a second", "×")
    misses: list[str] = []
    for name, path in (("shared", SHARED / "dates" / "examples.tsv"), ("our own", OWN / "examples.tsv")):
        if not path.is_file():
            console.print(f"{name} strings: {path} is not here.")
            continue
        corpus = lines(path)
        results = read_all(corpus)
        for system, (answers, took) in results.items():
            verdicts = [judge(answer, line) for answer, line in zip(answers, corpus, strict=True)]
            counts = Counter(verdicts)
            figures = (counts[RIGHT], counts[WRONG] + counts[WRONG_TIME], counts[WRONG], counts[SILENT])
            speed = (f"{len(corpus) / took:,.0f}", f"{took / results[OURS][1]:,.1f}")
            table.add_row(f"{name}, {len(corpus)}", system, *map(str, figures), *speed)
            if system == OURS:
                misses += [
                    f"{verdict}: {line.text!r} is {line.expected}, read as {answer}"
                    for answer, line, verdict in zip(answers, corpus, verdicts, strict=True)
                    if verdict != RIGHT
                ]
        table.add_row("", "Recognizers-Text", *"------")
        table.add_section()
    console.print(table)
    console.print("Recognizers-Text has no Arabic date model on PyPI (1.0.2a2) or npm (1.3.2).")
    for miss in misses:
        console.print(miss, markup=False, highlight=False)


# Pages -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its text, its address, when it was captured, the zone of its dates, and the day it was published, if it says."""

    markup: str
    url: str
    captured_at: datetime
    zone: str
    day: date | None


PageReader = Callable[[Page], date | None]

NOWHERE = "http://page.example/a"
# The zone in which each real page's outlet prints its dates.
ZONES = {
    "1550981615.html": "Europe/Moscow",
    "1623715966.html": "Asia/Dubai",
    "1691196862.html": "Africa/Cairo",
    "1731695567.html": "Africa/Cairo",
    "arabic_article.html": "Asia/Dubai",
    "assabah.com.tn.article.html": "Africa/Tunis",
}
# The only one that prints no publication, only when it was last changed; its day stands in its address.
CHANGE_ALONE = "arabic_article.html"
# Bytes of a large page, and of the script in it: of the real pages between 70 and 120 KB up to a third is script.
LARGE = 100_000
LARGE_SCRIPT = 30_000


def our_day(page: Page) -> date | None:
    """A page's day as we find it."""
    parsed = read_page(page.markup)
    if parsed is None:
        return None
    headline = find_headline(parsed, frozenset())
    candidates = find_candidates(parsed, headline.heading, headline.printed, url=page.url, found={})
    publication = resolve(candidates, captured_at=page.captured_at, zone=page.zone)
    return None if publication.method == "captured" else publication.published_day


def with_htmldate(*, extensive: bool) -> PageReader:
    """A reader by htmldate."""

    def read(page: Page) -> date | None:
        found = find_date(
            page.markup, extensive_search=extensive, original_date=True, url=page.url, max_date=page.captured_at
        )
        return date.fromisoformat(found) if found else None

    return read


PAGE_READERS: dict[str, PageReader] = {
    OURS: our_day,
    "htmldate, fast": with_htmldate(extensive=False),
    "htmldate, extensive": with_htmldate(extensive=True),
}


def real_pages(*, visible: bool) -> list[Page]:
    """The real pages; ``visible`` leaves of them what a reader sees."""
    folder = SHARED / "real-pages"
    if not (folder / "manifest.json").is_file():
        return []
    pages = []
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        gold = json.loads((folder / entry["gold"]).read_text(encoding="utf-8"))
        tree = html.fromstring((folder / entry["file"]).read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
        day: date | None = date.fromisoformat(gold["published_day_local"])
        if visible:
            _strip(tree)
            day = None if entry["file"] == CHANGE_ALONE else day
        url = NOWHERE if visible else entry["url"]
        markup = etree.tostring(tree, encoding="unicode", method="html")
        pages.append(Page(markup, url, datetime(2026, 1, 1, tzinfo=UTC), ZONES[entry["file"]], day))
    return pages


def _strip(tree: html.HtmlElement) -> None:
    for element in tree.xpath("//meta | //script | //link"):
        element.drop_tree()
    for element in tree.iter(etree.Element):
        for name in ("datetime", "content", "property", "itemprop"):
            element.attrib.pop(name, None)


def engine_pages() -> list[Page]:
    """Our test pages: all state 10 May 2016, beside clocks and other articles' dates."""
    captured = datetime(2016, 6, 1, 9, 30, tzinfo=UTC)
    return [
        Page(
            path.read_text(encoding="utf-8"),
            NOWHERE,
            captured,
            "Asia/Damascus",
            date(2016, 5, 10),
        )
        for path in sorted((OWN.parent / "publication" / "pages").glob("*.html"))
    ]


def large_pages(every: int = 3) -> list[Page]:
    """Every so many of the demo's articles, each followed by further ones, as endless pages append them."""
    placed = [(site, article) for site in open_sites().values() for article in site.articles]
    texts = ["".join(f"<p>{paragraph}</p>" for paragraph in article.paragraphs) for _, article in placed]
    further = [
        f'<article><h2><a href="{site.url(article)}">{article.title}</a></h2>'
        f"<span>{site.stated(article)}</span>{text}</article>"
        for (site, article), text in zip(placed, texts, strict=True)
    ]
    script = f"<script>var state = {json.dumps(texts, ensure_ascii=False)[: LARGE_SCRIPT // 2]}</script>"
    pages = []
    for place in range(0, len(placed), every):
        site, article = placed[place]
        text = site.article_page(article).body.decode(site.encoding)
        size = len(text.encode()) + len(script.encode())
        more: list[str] = []
        for other in further[place + 1 :] + further[:place]:
            if size >= LARGE:
                break
            more.append(other)
            size += len(other.encode())
        text = text.replace("</body>", f"{''.join(more)}{script}</body>")
        captured = datetime(2024, 5, 1, tzinfo=UTC)
        pages.append(Page(text, site.canonical_url(article), captured, str(site.zone), article.day))
    return pages


def read_pages(read: PageReader, pages: Sequence[Page]) -> tuple[Counter[str], list[float]]:
    """A system's right, wrong and missing days, and the milliseconds of each page."""
    counts: Counter[str] = Counter()
    took: list[float] = []
    for page in pages:
        start = time.process_time()
        day = read(page)
        took.append(1000 * (time.process_time() - start))
        counts[RIGHT if day == page.day else SILENT if day is None else WRONG] += 1
    return counts, took


def measure_pages(console: Console) -> None:
    """Print the table of pages."""
    table = Table("pages", "system", "right", "wrong", "none", "median ms", "largest ms", "×")
    large = large_pages()
    for read in PAGE_READERS.values():  # what a system loads when it is first asked is not counted
        read_pages(read, large[4::10])
    groups: Iterable[tuple[str, list[Page]]] = (
        ("real", real_pages(visible=False)),
        ("real, the visible alone", real_pages(visible=True)),
        ("our own", engine_pages()),
        ("100 KB", [page for index, page in enumerate(large) if index % 10 != 4]),
    )
    for name, pages in groups:
        if not pages:
            console.print(f"{name} pages: {SHARED / 'real-pages'} is not here.")
            continue
        results = {system: read_pages(read, pages) for system, read in PAGE_READERS.items()}
        for system, (counts, took) in results.items():
            figures = (f"{median(took):.2f}", f"{max(took):.2f}", f"{median(took) / median(results[OURS][1]):,.2f}")
            table.add_row(
                f"{name}, {len(pages)}", system, *(str(counts[key]) for key in (RIGHT, WRONG, SILENT)), *figures
            )
        table.add_section()
    console.print(table)


def main() -> int:
    """Print both tables; 0 also where the shared examples are not here."""
    warnings.simplefilter("ignore")  # the peers' own
    console = Console()
    measure_strings(console)
    measure_pages(console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
