"""What of each article comes out, beside plain trafilatura: ``python -m benchmarks.quality [FOLDER]``.

FOLDER (default ``../shared/real-pages``) holds pages with hand-made gold: ``manifest.json`` lists them, ``gold/*.json`` says what a
careful editor keeps. A row of the table is one page and one system:

- precision, recall and F1 of the body's words, counted with their repetitions;
- leaks: lines of the body that the gold names as furniture, or that are no part of the article;
- lost: paragraphs of the gold that are not in the body, punctuation and white space apart;
- title: whether it is the headline, letter for letter;
- authors: right, none, or invented (someone who is not the gold's author).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from rich.console import Console
from rich.table import Table

from pipeline.captures import Capture
from pipeline.clean import clean
from pipeline.clean.text import letters
from pipeline.sources import Source

PAGES = Path(__file__).parent.parent.parent / "shared" / "real-pages"


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one system makes of a page."""

    title: str
    authors: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Score:
    """How near that is to the gold."""

    precision: float
    recall: float
    leaks: int
    lost: int
    title: bool
    authors: str

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def ours(url: str, html: bytes) -> Extracted:
    """A page as the pipeline reads it."""
    home = f"https://{urlsplit(url).hostname}/"
    source = Source.model_validate(
        {"id": "page", "name": "-", "home": home, "timezone": "UTC", "discovery": [{"type": "feed", "url": home}]}
    )
    capture = Capture(
        key="", offset=0, url=url, captured_at=datetime.now(UTC), status=200, content_type="text/html", body=html
    )
    result = clean(capture, source)
    return Extracted(result.title or "", result.authors, result.body or "")


def plain_trafilatura(url: str, html: bytes) -> Extracted:
    """A page as trafilatura reads it, with its defaults and without comments."""
    document: Any = trafilatura.bare_extraction(html, url=url, with_metadata=True, include_comments=False)
    if document is None:
        return Extracted("", (), "")
    authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
    return Extracted(document.title or "", authors, document.text or "")


def score(extracted: Extracted, gold: dict[str, Any]) -> Score:
    """Compare with the gold. Its optional lines, such as captions, count neither way."""
    text, optional = "\n".join(gold["body"]), {letters(line) for line in gold["optional"] + gold["captions"]}
    lines = [line for line in extracted.body.split("\n") if letters(line) and letters(line) not in optional]
    required = [line for line in gold["body"] if letters(line) not in optional]
    found, wanted = _words("\n".join(lines)), _words("\n".join(required))
    common = sum((found & wanted).values())
    kept, whole = letters(text), letters(extracted.body)
    furniture = {letters(line) for line in gold["must_not"]}
    authors = {letters(name) for name in extracted.authors}
    return Score(
        precision=common / max(1, found.total()),
        recall=common / max(1, wanted.total()),
        leaks=sum(letters(line) in furniture or letters(line) not in kept for line in lines),
        lost=sum(letters(line) not in whole for line in required),
        title=extracted.title == gold["title"],
        authors="none" if not authors else "right" if authors == {letters(gold["author"] or "")} else "invented",
    )


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def main(folder: Path = PAGES) -> int:
    """Print the table; 0 also where there are no pages to read."""
    console = Console()
    if not (folder / "manifest.json").is_file():
        console.print(f"Nothing to measure: {folder} is not here.")
        return 0
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    table = Table("page", "system", "precision", "recall", "F1", "leaks", "lost", "title", "authors")
    totals: dict[str, list[Score]] = {}
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        gold = json.loads((folder / entry["gold"]).read_text(encoding="utf-8"))
        html = (folder / entry["file"]).read_bytes()
        for name, system in (("warraq", ours), ("trafilatura", plain_trafilatura)):
            result = score(system(entry["url"], html), gold)
            totals.setdefault(name, []).append(result)
            figures = (
                f"{result.precision:.3f}",
                f"{result.recall:.3f}",
                f"{result.f1:.3f}",
                str(result.leaks),
                str(result.lost),
            )
            table.add_row(entry["file"], name, *figures, "yes" if result.title else "no", result.authors)
    table.add_section()
    for name, scores in totals.items():
        mean = [
            sum(values) / len(scores) for values in zip(*((s.precision, s.recall, s.f1) for s in scores), strict=True)
        ]
        authors = Counter(s.authors for s in scores)
        table.add_row(
            f"all {len(scores)}",
            name,
            *(f"{value:.3f}" for value in mean),
            str(sum(s.leaks for s in scores)),
            str(sum(s.lost for s in scores)),
            f"{sum(s.title for s in scores)}/{len(scores)}",
            ", ".join(f"{count} {kind}" for kind, count in sorted(authors.items())),
        )
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(*(Path(argument) for argument in sys.argv[1:2])))
