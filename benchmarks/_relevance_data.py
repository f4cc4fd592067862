"""The labelled articles that `benchmarks.relevance` fits and measures the model on.

The texts are public and not ours: they lie in a folder that the caller names, each repository of `CORPORA` in a folder of its name
at the commit named here. The labels are ours, made by reading headline and lead by the guideline in ``docs/relevance.md``, and
stand in ``relevance_labels.tsv``: the corpus, the article's key (12 hexadecimal digits of a SHA-256: of headline and body, or of a
page's path), 1 or 0, whether the reader was sure, and how many articles of its outlet it stands for.
"""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks._reading import read, source_of
from pipeline.errors import WarraqError

LABELS = Path(__file__).with_name("relevance_labels.tsv")
_DIGITS = 12


class DataError(WarraqError):
    """The folder of texts is not as it must be; the message says what to fetch."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article with its label; `weight` is how many of its outlet it stands for, `year` that of publication, 0 if unknown."""

    outlet: str
    country: str
    year: int
    title: str
    body: str
    is_relevant: bool
    is_sure: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Text:
    """An article of a corpus, known there by its `key`."""

    key: str
    outlet: str
    country: str
    year: int
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """A public repository with articles: `sha256` is of the lines "path, two spaces, SHA-256" of the files that match `patterns`.

    `texts` reads the articles with some keys of the files below a folder. A corpus that is `held_out` is never fitted on.
    """

    repository: str
    commit: str
    patterns: tuple[str, ...]
    sha256: str
    texts: Reader
    held_out: bool = False

    @property
    def name(self) -> str:
        """The folder that it lies in."""
        return self.repository.partition("/")[2]


Reader = Callable[[Path, Sequence[Path], Collection[str]], Iterable[Text]]


def load(folder: Path) -> tuple[list[Article], list[Article]]:
    """The labelled articles to fit and measure on by turns, and those that are held out, each sorted by corpus and key.

    Raises:
        DataError: a repository is not in the folder, or not at its commit.
    """
    labels: dict[tuple[str, str], dict[str, str]] = {}
    with LABELS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            labels[row["corpus"], row["key"]] = row
    found: tuple[list[Article], list[Article]] = ([], [])
    for corpus in CORPORA:
        wanted = {key for name, key in labels if name == corpus.name}
        texts = {text.key: text for text in corpus.texts(folder / corpus.name, files_of(folder, corpus), wanted)}
        for key in sorted(wanted & texts.keys()):
            text, label = texts[key], labels[corpus.name, key]
            article = Article(
                outlet=text.outlet,
                country=text.country,
                year=text.year,
                title=text.title,
                body=text.body,
                is_relevant=label["relevant"] == "1",
                is_sure=label["sure"] == "1",
                weight=float(label["weight"]),
            )
            found[corpus.held_out].append(article)
    return found


def files_of(folder: Path, corpus: Corpus) -> list[Path]:
    """The files of a corpus, held against their checksum.

    Raises:
        DataError: it is not in the folder, or not at its commit.
    """
    root = folder / corpus.name
    files = sorted(path for pattern in corpus.patterns for path in root.glob(pattern))
    lines = "".join(f"{path.relative_to(root)}  {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    if hashlib.sha256(lines.encode()).hexdigest() != corpus.sha256:
        raise DataError(
            f"{root} does not hold {', '.join(corpus.patterns)} as they are wanted: clone github.com/{corpus.repository} there, "
            f"and check out {corpus.commit}"
        )
    return files


def _key(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:_DIGITS]


def _text(outlet: str, country: str, year: int, title: str | None, body: str | None) -> Text:
    title, body = title or "", body or ""
    return Text(_key(f"{title}\n{body}"), outlet, country, year, title, body)


def _saudi(_root: Path, files: Sequence[Path], _wanted: Collection[str]) -> Iterator[Text]:
    for path in files:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                for one in json.loads(packed.read(name).decode("utf-8-sig")):
                    country = "GB" if one["source"] == "aawsat" else "SA"
                    yield _text(one["source"], country, 2015, one["title"], one["content"])


def _mayadeen(_root: Path, files: Sequence[Path], _wanted: Collection[str]) -> Iterator[Text]:
    for path in files:
        for one in json.loads(path.read_text(encoding="utf-8")):
            yield _text("almayadeen", "LB", int((one["published_time"] or "0")[:4]), one["title"], one["full_text"])


def _algerian(_root: Path, files: Sequence[Path], _wanted: Collection[str]) -> Iterator[Text]:
    for path in files:
        if path.suffix == ".json":
            country = "DZ" if path.stem == "echorouk" else "QA"
            for one in json.loads(path.read_text(encoding="utf-8")):
                yield _text(path.stem, country, 2025, one["title"], one["content"])
        else:
            with path.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    if "aps.dz" in row["link"]:
                        yield _text("aps", "DZ", 2025, row["title"], _without_tags(row["description"]))


def _without_tags(markup: str) -> str:
    kept, depth = [], 0
    for letter in markup:
        depth += letter == "<"
        if not depth:
            kept.append(letter)
        if letter == ">" and depth:
            depth -= 1
            kept.append(" ")
    return "".join(kept)


def _gaza(_root: Path, files: Sequence[Path], _wanted: Collection[str]) -> Iterator[Text]:
    for path in files:
        for one in json.loads(path.read_text(encoding="utf-8")):
            year = int(one["date"][:4]) if one.get("date") else 0
            yield _text("aljazeera, Palestine", "QA", year, one["title"], one["excerpt"])


def _pages(outlet: str, country: str, home: str, zone: str) -> Reader:
    """The articles of a mirror of a site's pages, as a build would read them."""

    def texts(root: Path, files: Sequence[Path], wanted: Collection[str]) -> Iterator[Text]:
        logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
        source: Any = source_of(home, language="ar", zone=zone, home=home)
        for path in files:
            name = path.relative_to(root).as_posix()
            if _key(name) not in wanted:
                continue
            cleaned, day = read(path.read_bytes(), home + quote(name.removesuffix("index.html")), source)
            if cleaned.rejected is None and cleaned.language == "ar":
                yield Text(_key(name), outlet, country, int(day[:4] or 0), cleaned.title or "", cleaned.body or "")

    return texts


CORPORA = (
    Corpus(
        "parallelfold/SaudiNewsNet",
        "4e39239966c2ae8a3faa591201acb9cd1f51199d",
        ("dataset/*.zip",),
        "c78f8f1c7af46f3340e2a68f03753eb0cbe0a4a45bdc61be6d6ccbdc1aa2c437",
        _saudi,
    ),
    Corpus(
        "hadialshaer/DataScience-NewsAnalytics",
        "54f59e270cfc48dcd15e88c45bbd992404af6bf5",
        ("Data_Collection/data_articles/*.json",),
        "0f98c1e977599c9d3e30f40389dc98e7f4ce1c7d8fc91557e9137ec3963c1ee8",
        _mayadeen,
    ),
    Corpus(
        "hamdi-ramdane/S8-WANLP-PROJECT",
        "4e76fd9bb6e2acafd675f8623e1f0a76f60cb953",
        ("scrapping/outputs/*.json", "scrapping/scrapping/data/rss_data.csv"),
        "72462f88c0f7861eb8e975aea137b11059b3e1527d9ddd02d0867c6cc1e6d2ff",
        _algerian,
    ),
    Corpus(
        "sani1415/Gazza_app",
        "c98d4886683d1b026562a8597750743d2bda408a",
        ("articles_data_[2346].json",),
        "b3117975e9eb38121c14544d9de02a203ad307338c082dd195dbb27141803082",
        _gaza,
    ),
    Corpus(
        "cwademakepeace/almohrarmedia.net",
        "6cdd8bbe25c36c676aa4cee432c968f86907afbf",
        ("*.html",),
        "9d72f73b10807c16cd260bf6189d12fccbc54183864931373c160e59c788035e",
        _pages("almohrarmedia", "SY", "https://almohrarmedia.net/", "Asia/Damascus"),
        held_out=True,
    ),
    Corpus(
        "moelfassi/rcdy",
        "82c5c09ff84263c97bf3ca501c42730982e7bee7",
        ("%*/index.html",),
        "e547026b330118c9442b742f032b2c49c6df06d5e0e7f1edc0f768165b43b17d",
        _pages("rcdy", "MA", "https://moelfassi.github.io/rcdy/", "Africa/Casablanca"),
        held_out=True,
    ),
)
