"""What comes out of real articles, beside other extractors: ``python -m benchmarks.quality [--peers] [FOLDER]``.

FOLDER (default ``../shared/real-pages``) holds pages with hand-made gold: ``manifest.json`` lists them, ``gold/*.json`` says what a
careful editor keeps. ``--peers`` adds newspaper4k, readability-lxml, goose3, news-please and jusText, which uv installs from
PyPI into an environment of their own. A row of the table is one page and one system:

- precision, recall and F1 of the body's words, counted with their repetitions;
- leaks: lines of the body that the gold names as furniture, or that are no part of the article;
- captions: captions of pictures among the body's lines; they count neither as leaks nor in precision;
- lost: paragraphs of the gold that are not in the body, punctuation and white space apart;
- title: whether it is the headline, letter for letter;
- authors: right (nobody, where the gold has nobody), none, or invented (someone who is not the gold's author);
- day: whether the published day is right, wrong or not found ("none"); none is right where the gold allows it.

"-" stands for what a system does not look for.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from rich.console import Console
from rich.table import Table

from pipeline.captures import Capture
from pipeline.extract import clean
from pipeline.publication import CAPTURED, resolve
from pipeline.sources import Source
from pipeline.text import letters

PAGES = Path(__file__).parent.parent.parent / "shared" / "real-pages"
PEERS = Path(__file__).parent / "_peers.py"


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one system makes of a page; None for what it does not look for, an empty value for what it does not find."""

    body: str
    title: str | None = None
    authors: tuple[str, ...] | None = None
    day: str | None = None


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
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def ours(html: bytes, url: str, language: str) -> Extracted:
    """A page as the pipeline reads it, with nothing known of its source but its language."""
    home = f"https://{urlsplit(url).hostname}/"
    source = Source.model_validate({"id": "page", "name": "-", "home": home, "timezone": "UTC", "language": language})
    capture = Capture(
        key="", offset=0, url=url, captured_at=datetime.now(UTC), status=200, content_type="text/html", body=html
    )
    result = clean(capture, source)
    found = resolve(result.dates, captured_at=capture.captured_at, zone="UTC", order=source.date_order)
    day = "" if found.method == CAPTURED else found.published_day.isoformat()
    return Extracted(result.body or "", result.title or "", result.authors, day)


def by_trafilatura(
    html: bytes, url: str, _language: str, *, favor_precision: bool = False, favor_recall: bool = False
) -> Extracted:
    """A page as trafilatura reads it, without comments."""
    document: Any = trafilatura.bare_extraction(
        html,
        url=url,
        with_metadata=True,
        include_comments=False,
        favor_precision=favor_precision,
        favor_recall=favor_recall,
    )
    if document is None:
        return Extracted("", "", (), "")
    authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
    return Extracted(document.text or "", document.title or "", authors, document.date or "")


SYSTEMS: dict[str, Callable[[bytes, str, str], Extracted]] = {
    "warraq": ours,
    "trafilatura": by_trafilatura,
    "trafilatura, precision": partial(by_trafilatura, favor_precision=True),
    "trafilatura, recall": partial(by_trafilatura, favor_recall=True),
}


def by_peers(pages: Sequence[dict[str, str]]) -> dict[str, dict[str, Extracted]]:
    """For each peer, for each page's file, what it finds; uv makes their environment from what their script names."""
    command = [sys.executable, "-m", "uv", "run", "--quiet", "--script", str(PEERS)]
    done = subprocess.run(command, input=json.dumps(pages), stdout=subprocess.PIPE, text=True, check=True)
    return {
        system: {
            file: Extracted(
                body=found.get("body") or "",
                title=found.get("title", "" if "failed" in found else None),
                authors=tuple(found["authors"]) if "authors" in found else None,
                day=found["day"] or "" if "day" in found else None,
            )
            for file, found in files.items()
        }
        for system, files in json.loads(done.stdout).items()
    }


def score(extracted: Extracted, gold: dict[str, Any]) -> Score:
    """Compare with the gold. Its optional lines and its captions count neither for nor against the body."""
    captions = {letters(line) for line in gold["captions"]}
    optional = captions | {letters(line) for line in gold["optional"]}
    every = [line for line in extracted.body.split("\n") if letters(line)]
    lines = [line for line in every if letters(line) not in optional]
    required = [line for line in gold["body"] if letters(line) not in optional]
    found, wanted = _words("\n".join(lines)), _words("\n".join(required))
    common = sum((found & wanted).values())
    kept, whole = letters("\n".join(gold["body"])), letters(extracted.body)
    furniture = {letters(line) for line in gold["must_not"]}
    return Score(
        precision=common / max(1, found.total()),
        recall=common / max(1, wanted.total()),
        leaks=sum(letters(line) in furniture or letters(line) not in kept for line in lines),
        captions=sum(letters(line) in captions and letters(line) not in kept for line in every),
        lost=sum(letters(line) not in whole for line in required),
        title="-" if extracted.title is None else "yes" if extracted.title == gold["title"] else "no",
        authors=_judge_authors(extracted.authors, gold["author"]),
        day=_judge_day(extracted.day, gold),
    )


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def _judge_authors(authors: tuple[str, ...] | None, gold: str | None) -> str:
    if authors is None:
        return "-"
    if not authors:
        return "none" if gold else "right"
    return "right" if {letters(name) for name in authors} == {letters(gold or "")} else "invented"


def _judge_day(day: str | None, gold: dict[str, Any]) -> str:
    if day is None:
        return "-"
    if not day:
        return "right" if gold["published_null_ok"] or not gold["published_day_local"] else "none"
    return "right" if day == gold["published_day_local"] else "wrong"


def main(*arguments: str) -> int:
    """Print the table; 0 also where there are no pages to read."""
    console = Console(width=None if sys.stdout.isatty() else 170)
    folder = next((Path(argument) for argument in arguments if argument != "--peers"), PAGES)
    if not (folder / "manifest.json").is_file():
        console.print(f"Nothing to measure: {folder} is not here.")
        return 0
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    pages = [{"file": str(folder / entry["file"]), "url": entry["url"], "lang": entry["lang"]} for entry in entries]
    results = {
        name: {page["file"]: system(Path(page["file"]).read_bytes(), page["url"], page["lang"]) for page in pages}
        for name, system in SYSTEMS.items()
    }
    if "--peers" in arguments:
        results |= by_peers(pages)
    columns = ("page", "system", "precision", "recall", "F1", "leaks", "captions", "lost", "title", "authors", "day")
    table = Table(*columns)
    totals: dict[str, list[Score]] = {name: [] for name in results}
    for entry, page in zip(entries, pages, strict=True):
        gold = json.loads((folder / entry["gold"]).read_text(encoding="utf-8"))
        for name, found in results.items():
            one = score(found[page["file"]], gold)
            totals[name].append(one)
            table.add_row(entry["file"], name, *_figures([one]), one.title, one.authors, one.day)
        table.add_section()
    for name, scores in totals.items():
        table.add_row(
            f"all {len(scores)}",
            name,
            *_figures(scores),
            _counted(one.title for one in scores),
            _counted(one.authors for one in scores),
            _counted(one.day for one in scores),
        )
    console.print(table)
    if "--peers" not in arguments:
        console.print("newspaper4k, readability-lxml, goose3, news-please and jusText: with --peers.")
    return 0


def _figures(scores: Sequence[Score]) -> list[str]:
    """Means of the shares, sums of the counts."""
    shares = [sum(one) / len(scores) for one in zip(*((s.precision, s.recall, s.f1) for s in scores), strict=True)]
    counts = [sum(one) for one in zip(*((s.leaks, s.captions, s.lost) for s in scores), strict=True)]
    return [*(f"{share:.3f}" for share in shares), *map(str, counts)]


def _counted(values: Iterable[str]) -> str:
    return ", ".join(f"{count} {value}" if value != "-" else "-" for value, count in sorted(Counter(values).items()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
