"""What comes out of real articles, beside other extractors: ``python -m benchmarks.quality [--peers] [FOLDER ...]``.

A FOLDER (default ``../shared/real-pages`` and ``../shared/more-pages``) holds pages with hand-made gold: ``manifest.json`` lists
them, ``gold/*.json`` says what a careful editor keeps. ``--peers`` adds newspaper4k, readability-lxml, goose3, news-please and
jusText, which uv installs from PyPI into an environment of their own. A row of the table is one page and one system:

- outcome: article or rejected, by us with the reason; where the gold says that the page is no article, taken or rejected, and
  rejected is right;
- precision, recall and F1 of the body's words, counted with their repetitions; all 0 for an article that was rejected;
- leaks: lines of the body that the gold names as furniture, or that are no part of the article;
- captions: captions of pictures among the body's lines; they count neither as leaks nor in precision;
- lost: paragraphs of the gold that are not in the body, punctuation and white space apart;
- title: whether it is the headline, letter for letter;
- authors: right (all of the gold's, or nobody where it has nobody), some, none, or invented (someone who is not the gold's author);
- day: whether the published day is right, wrong or not found ("none"); none is right where the gold allows it.

"-" stands for what a system does not look for, and for what is not asked of a page that is no article. Below stand the means and
sums by outlet and by folder, and, for us, each page on which something is not as it should be.

With ``--mirror FOLDER SELECTOR [--site URL] [--paths REGEX] [--boxes NAMES]`` the articles of a whole outlet are compared with what
its CMS puts into its container, with ``--mirrors TABLE FOLDER`` those of all outlets of a table (`benchmarks._mirrors`), both
with ``--limit N`` for N articles of each. With ``--learn`` every second article teaches what holds the text, as ``warraq learn``
does, and the others are read by that selector.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from rich.console import Console
from rich.table import Table

from benchmarks._mirrors import HOME, PAGES, Mirror, load_mirrors, report, split_boxes
from benchmarks._reading import compare, count_words, harmonic_mean, read, source_of
from pipeline.errors import WarraqError
from pipeline.text import letters

SHARED = Path(__file__).parent.parent.parent / "shared"
FOLDERS = (SHARED / "real-pages", SHARED / "more-pages")
PEERS = Path(__file__).parent / "_peers.py"


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one system makes of a page; None for what it does not look for, an empty value for what it does not find.

    `rejected` is the reason for which the page is no article, where a system gives one.
    """

    body: str
    title: str | None = None
    authors: tuple[str, ...] | None = None
    day: str | None = None
    rejected: str | None = None


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page with what a careful editor keeps of it; `gold` is None where it is no article."""

    file: Path
    url: str
    language: str
    zone: str
    gold: Mapping[str, Any] | None

    @property
    def folder(self) -> str:
        """The folder that the page is from."""
        return self.file.parent.name

    @property
    def outlet(self) -> str:
        """The host that the page is from."""
        return urlsplit(self.url).hostname or "-"


@dataclass(frozen=True, slots=True)
class Score:
    """How near that is to the gold."""

    precision: float
    recall: float
    leaks: int
    captions: int
    lost: int
    title: str
    authors: str
    day: str

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return harmonic_mean(self.precision, self.recall)


@dataclass(frozen=True, slots=True)
class Result:
    """What one system made of one page, and how near it is to the gold; no score where the page is no article."""

    page: GoldPage
    found: Extracted
    score: Score | None

    @property
    def outcome(self) -> str:
        """What became of the page."""
        if self.found.body:
            return "taken" if self.score is None else "article"
        return f"rejected: {self.found.rejected}" if self.found.rejected else "rejected"


def ours(page: GoldPage) -> Extracted:
    """A page as the pipeline reads it."""
    source = source_of(page.url, language=page.language, zone=page.zone)
    result, day = read(page.file.read_bytes(), page.url, source)
    return Extracted(result.body or "", result.title or "", result.authors, day, result.rejected)


def by_trafilatura(page: GoldPage, *, favor_precision: bool = False, favor_recall: bool = False) -> Extracted:
    """A page as trafilatura reads it, without comments."""
    document: Any = trafilatura.bare_extraction(
        page.file.read_bytes(),
        url=page.url,
        with_metadata=True,
        include_comments=False,
        favor_precision=favor_precision,
        favor_recall=favor_recall,
    )
    if document is None:
        return Extracted("", "", (), "")
    authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
    return Extracted(document.text or "", document.title or "", authors, document.date or "")


SYSTEMS: dict[str, Callable[[GoldPage], Extracted]] = {
    "warraq": ours,
    "trafilatura": by_trafilatura,
    "trafilatura, precision": partial(by_trafilatura, favor_precision=True),
    "trafilatura, recall": partial(by_trafilatura, favor_recall=True),
}


def by_peers(pages: Sequence[GoldPage]) -> dict[str, list[Extracted]]:
    """For each peer what it finds on each page; uv makes their environment from what their script names."""
    asked = [{"file": str(page.file), "url": page.url, "lang": page.language} for page in pages]
    command = [sys.executable, "-m", "uv", "run", "--quiet", "--script", str(PEERS)]
    done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    return {
        system: [
            Extracted(
                body=found.get("body") or "",
                title=found.get("title", "" if "failed" in found else None),
                authors=tuple(found["authors"]) if "authors" in found else None,
                day=found["day"] or "" if "day" in found else None,
            )
            for found in (files[page["file"]] for page in asked)
        ]
        for system, files in json.loads(done.stdout).items()
    }


def score(extracted: Extracted, gold: Mapping[str, Any]) -> Score:
    """Compare with the gold. Its optional lines and its captions count neither for nor against the body."""
    captions = {letters(line) for line in gold["captions"]}
    optional = captions | {letters(line) for line in gold["optional"]}
    every = [line for line in extracted.body.split("\n") if letters(line)]
    lines = [line for line in every if letters(line) not in optional]
    required = [line for line in gold["body"] if letters(line) not in optional]
    precision, recall = compare(count_words("\n".join(lines)), count_words("\n".join(required)))
    kept, whole = letters("\n".join(gold["body"])), letters(extracted.body)
    furniture = {letters(line) for line in gold["must_not"]}
    return Score(
        precision=precision,
        recall=recall,
        leaks=sum(letters(line) in furniture or letters(line) not in kept for line in lines),
        captions=sum(letters(line) in captions and letters(line) not in kept for line in every),
        lost=sum(letters(line) not in whole for line in required),
        title="-" if extracted.title is None else "yes" if extracted.title == gold["title"] else "no",
        authors=_judge_authors(extracted.authors, gold["author"]),
        day=_judge_day(extracted.day, gold),
    )


def _judge_authors(authors: tuple[str, ...] | None, gold: str | Sequence[str] | None) -> str:
    if authors is None:
        return "-"
    wanted = {letters(name) for name in ([gold] if isinstance(gold, str) else gold or ())}
    found = {letters(name) for name in authors}
    if found == wanted:
        return "right"
    if not found <= wanted:
        return "invented"
    return "some" if found else "none"


def _judge_day(day: str | None, gold: Mapping[str, Any]) -> str:
    if day is None:
        return "-"
    if not day:
        return "right" if gold["published_null_ok"] or not gold["published_day_local"] else "none"
    return "right" if day == gold["published_day_local"] else "wrong"


def load_pages(folder: Path) -> list[GoldPage]:
    """The pages that a folder's manifest lists."""
    pages = []
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        gold = json.loads((folder / entry["gold"]).read_text(encoding="utf-8"))
        is_article = entry.get("kind", "article") == "article"
        zone = entry.get("zone") or "UTC"
        pages.append(GoldPage(folder / entry["file"], entry["url"], entry["lang"], zone, gold if is_article else None))
    return pages


def judge(page: GoldPage, found: Extracted) -> Result:
    """What a system found on a page, beside the gold."""
    return Result(page, found, None if page.gold is None else score(found, page.gold))


def tabulate(results: Mapping[str, Sequence[Result]]) -> Table:
    """A row for each page and system, then their totals by outlet, by folder and over all."""
    table = Table(
        "page", "system", "outcome", "precision", "recall", "F1", "leaks", "captions", "lost", "title", "authors", "day"
    )

    def add_totals(name: str, chosen: Callable[[GoldPage], bool]) -> None:
        for system, judged in results.items():
            table.add_row(name, system, *_totals([result for result in judged if chosen(result.page)]))
        table.add_section()

    pages = [result.page for result in next(iter(results.values()))]
    for number, page in enumerate(pages):
        for system, judged in results.items():
            one = judged[number]
            values = [one.score.title, one.score.authors, one.score.day] if one.score else ["-", "-", "-"]
            table.add_row(page.file.name, system, one.outcome, *_figures([one.score] if one.score else []), *values)
        table.add_section()
    for outlet in dict.fromkeys(page.outlet for page in pages):
        add_totals(outlet, lambda page, outlet=outlet: page.outlet == outlet)  # type: ignore[misc]
    for folder in dict.fromkeys(page.folder for page in pages):
        add_totals(folder, lambda page, folder=folder: page.folder == folder)  # type: ignore[misc]
    add_totals("all", lambda _page: True)
    return table


def _totals(results: Sequence[Result]) -> list[str]:
    scores = [result.score for result in results if result.score is not None]
    return [
        _counted(result.outcome.partition(":")[0] for result in results),
        *_figures(scores),
        *(_counted(getattr(one, part) for one in scores) or "-" for part in ("title", "authors", "day")),
    ]


def _figures(scores: Sequence[Score]) -> list[str]:
    """Means of the shares, sums of the counts."""
    if not scores:
        return ["-"] * 6
    shares = [sum(one) / len(scores) for one in zip(*((s.precision, s.recall, s.f1) for s in scores), strict=True)]
    counts = [sum(one) for one in zip(*((s.leaks, s.captions, s.lost) for s in scores), strict=True)]
    return [*(f"{share:.3f}" for share in shares), *map(str, counts)]


def _counted(values: Iterable[str]) -> str:
    return ", ".join(f"{count} {value}" if value != "-" else "-" for value, count in sorted(Counter(values).items()))


def summarise(results: Sequence[Result], beside: Sequence[Result]) -> Iterable[str]:
    """What we make of all pages, in the lines of a report; `beside` has what trafilatura makes of them."""
    articles = [(one, one.score, other.score) for one, other in zip(results, beside, strict=True)]
    scored = [(one, score, other) for one, score, other in articles if score is not None and other is not None]
    if scored:
        yield f"{len(scored)} articles: mean F1 {sum(score.f1 for _, score, _ in scored) / len(scored):.4f}"
        right = sum(score.title == "yes" for _, score, _ in scored)
        yield f"titles right: {right} of {len(scored)} ({right / len(scored):.1%})"
        right = sum(score.day == "right" for _, score, _ in scored)
        unstated = sum(score.day == "right" and not one.found.day for one, score, _ in scored)
        yield f"days right: {right} of {len(scored)} ({right / len(scored):.1%}), {unstated} of them rightly not stated"
    failures: dict[str, list[str]] = {
        "articles rejected": [
            f"{one.page.file.name} ({one.found.rejected})" for one, _, _ in scored if one.found.rejected
        ],
        "articles under F1 .9": [f"{one.page.file.name} {score.f1:.3f}" for one, score, _ in scored if score.f1 < 0.9],
        "F1 more than .01 under trafilatura's": [
            f"{one.page.file.name} {score.f1:.3f} to {other.f1:.3f}"
            for one, score, other in scored
            if score.f1 < other.f1 - 0.01
        ],
        "pages taken that are no articles": [one.page.file.name for one in results if one.outcome == "taken"],
        "titles not the headline": [
            f"{one.page.file.name} ({one.found.title!r})"
            for one, score, _ in scored
            if score.title == "no" and not one.found.rejected
        ],
        "authors invented": [
            f"{one.page.file.name} ({', '.join(one.found.authors or ())})"
            for one, score, _ in scored
            if score.authors == "invented"
        ],
        "authors not found": [
            one.page.file.name
            for one, score, _ in scored
            if score.authors in {"none", "some"} and not one.found.rejected
        ],
        "days wrong": [
            f"{one.page.file.name} ({one.found.day} for {(one.page.gold or {}).get('published_day_local') or 'none'})"
            for one, score, _ in scored
            if score.day == "wrong"
        ],
        "days not found": [
            one.page.file.name for one, score, _ in scored if score.day == "none" and not one.found.rejected
        ],
    }
    for name, pages in failures.items():
        yield f"{name}: {len(pages)}" + "".join(f"\n  {page}" for page in pages)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of articles")
    return int(text)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality", description="Measure what comes out of articles."
    )
    parser.add_argument("folders", nargs="*", type=Path, default=FOLDERS, metavar="FOLDER", help="pages with gold")
    parser.add_argument("--peers", action="store_true", help="measure other extractors too")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--mirror", nargs=2, metavar=("FOLDER", "SELECTOR"), help="an outlet's pages, its CMS's container"
    )
    kind.add_argument(
        "--mirrors", nargs=2, type=Path, metavar=("TABLE", "FOLDER"), help="a table of mirrors, their folder"
    )
    parser.add_argument("--site", default=HOME, metavar="URL", help="the mirror's address (default: %(default)s)")
    parser.add_argument(
        "--paths", default=PAGES, metavar="REGEX", help="paths of the mirror's articles (default: %(default)s)"
    )
    parser.add_argument(
        "--boxes", default="", metavar="NAMES", help="classes or ids in the container that are no article's"
    )
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="articles of a mirror that are measured (default: all)"
    )
    parser.add_argument(
        "--learn", action="store_true", help="read a mirror by the selector that its other half teaches"
    )
    return parser


def main(*arguments: str) -> int:
    """Print what was asked for; 0 also where there are no pages to read."""
    console = Console(width=None if sys.stdout.isatty() else 190)
    chosen = _options().parse_args(arguments)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    try:
        if chosen.mirrors:
            report(load_mirrors(*chosen.mirrors), chosen.limit, console, learn=chosen.learn)
        elif chosen.mirror:
            folder, selector = chosen.mirror
            mirror = Mirror(Path(folder), selector, chosen.paths, chosen.site, split_boxes(chosen.boxes))
            report([mirror], chosen.limit, console, learn=chosen.learn)
        else:
            _measure_pages(chosen.folders, console, peers=chosen.peers)
    except WarraqError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _measure_pages(folders: Sequence[Path], console: Console, *, peers: bool) -> None:
    here = [folder for folder in folders if (folder / "manifest.json").is_file()]
    for folder in folders:
        if folder not in here:
            console.print(f"Nothing to measure: {folder} is not here.")
    pages = [page for folder in here for page in load_pages(folder)]
    if not pages:
        return
    found = {name: [system(page) for page in pages] for name, system in SYSTEMS.items()}
    if peers:
        found |= by_peers(pages)
    results = {name: [judge(*pair) for pair in zip(pages, one, strict=True)] for name, one in found.items()}
    console.print(tabulate(results))
    for line in summarise(results["warraq"], results["trafilatura"]):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not peers:
        console.print("newspaper4k, readability-lxml, goose3, news-please and jusText: with --peers.")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
