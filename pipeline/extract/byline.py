"""A byline: the line that says who wrote an article, where from, and which agency it is by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from pipeline.rules import SENTENCE_ENDS, vocabulary
from pipeline.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.rules import Label

Kind: TypeAlias = Literal["person", "agency", "outlet", "place", "other"]

LONGEST = 120
"""Characters of the longest line read as a byline."""
_BEFORE = 6
"""Words of what may stand before the first label of a line: a date, the number of a page."""
_BREAKS = ("", "|", "•", "/", "–", "—", "-")

_PARTS = re.compile(
    r"\s*[،,;؛|•·:：()\[\]{}«»“”\"<>*+\n]+\s*"
    r"|\s+[-–—ـ_&]+\s*|\s*[-–—]+\s+|\s*[–—]\s*"
    r"|(?<=[\u0621-\u06d3])-(?=[\u0621-\u06d3«(])"
    r"|(?<![\s(][\u0621-\u064a])(?<!^[\u0621-\u064a])\s*[/\\]+\s*"  # but not within "أ/ف/ب"
    r"|\s+and\s+|(?<!\S)مع\s+"
)
# Where a label or markup calls a text a byline, a place may follow without a sign: "سامر علي من بيروت".
_PARTS_OF_BYLINE = re.compile(rf"{_PARTS.pattern}|\s+(?:من|في)\s+")
_LOOSE_END = re.compile(r"\s+(?:في|يوم|بتاريخ|on|at|-)$")  # "سامر علي في", and a date after it
_AROUND = ' *•()[]{}«»"“”|–—ـ-'
_PERSON = re.compile(
    r"[^\W\d_][\w.'’\-\u200c\u0640\u064b-\u0652]*(?:\s+[^\W\d_][\w.'’\-\u200c\u0640\u064b-\u0652]*){1,4}"
)
ARABIC = re.compile(r"[\u0621-\u064a\u0671-\u06d3]")
_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line says as a byline.

    `label` is what announces the persons; `placed` says that a place, an agency or a reporter's office stands beside them.
    """

    persons: tuple[str, ...]
    agencies: tuple[str, ...]
    label: Label
    placed: bool


def read_line(text: str, names: frozenset[str], *, marked: bool = False) -> Reading | None:
    """What a line says, if it is a byline; None where any of it is something else.

    `names` are the outlet's own (`pipeline.extract.site.site_names`). `marked` says that markup calls the line a byline, so that a
    bare name is one.
    """
    text = tidy(text).strip(_AROUND)
    if not text or len(text) > LONGEST or "©" in text or (len(text.split()) > 6 and text.endswith(SENTENCE_ENDS)):
        return None
    persons: list[str] = []
    agencies: list[str] = []
    label: Label = "none"
    placed = False
    segments = list(_segments(text, marked=marked))
    for kind, rest in segments:
        if kind == "other" or (kind == "none" and len(segments) > 1 and len(rest.split()) <= _BEFORE):
            continue
        labelled = kind in {"writer", "work", "poster"} or marked
        segment = _Segment(rest, names, sure=labelled or kind == "source")
        if not segment.holds:
            return None
        placed = placed or segment.placed
        agencies += segment.sources(every=kind == "source")
        if segment.persons and (labelled or segment.placed):
            persons += segment.persons
            label = kind if label == "none" else label
    if not persons and not agencies:
        return None
    return Reading(unique(persons), unique(agencies), label, placed)


def _segments(text: str, *, marked: bool) -> Iterator[tuple[Label, str]]:
    """A line cut at its labels: what announces each part, and the part."""
    known = vocabulary()
    found = [
        match
        for match in known.label.finditer(text)
        if match["sep"]
        or (
            text[: match.start("label")].rstrip()[-1:] in _BREAKS
            and (marked or known.kinds[fold(match["label"])] in {"writer", "poster"})
        )
    ]
    before = text[: found[0].start("label")] if found else text
    if before.strip(" -–—|/()[]،,•:"):
        yield "none", before
    for number, match in enumerate(found):
        end = found[number + 1].start("label") if number + 1 < len(found) else len(text)
        yield known.kinds[fold(match["label"])], text[match.end() : end]


class _Segment:
    """A part of a byline, cut into names, places, agencies and the rest; `sure` says that a label or markup calls it one."""

    def __init__(self, text: str, names: frozenset[str], *, sure: bool) -> None:
        self._sure = sure
        self._slashed = "/" in text
        self.persons: list[str] = []
        self._parts: list[tuple[Kind, list[str]]] = []
        self._reporter = False
        for part in (_PARTS_OF_BYLINE if sure else _PARTS).split(text):
            self._take(_LOOSE_END.sub("", part.strip(" .،-–—ـ/\\'’‘•")), names)

    def _take(self, part: str, names: frozenset[str]) -> None:
        known = vocabulary()
        key = fold(part)
        split = key.split()
        if not split:
            return
        if (agencies := known.agencies_in(part)) is not None:
            self._parts.append(("agency", agencies))
        elif known.is_idle(key, part):
            self._reporter = self._reporter or key.startswith("خاص")
            if self._sure and (name := known.before_date(part)):
                self._take(name, names)
        elif is_outlet(key, names) or (split[0] in known.outlet_heads and len(split) <= 5):
            self._parts.append(("outlet", [part]))
        elif known.is_place(split):
            self._parts.append(("place", [part]))
        elif split[0].removeprefix("ال") in known.roles:
            definite = self._sure and split[0].startswith("ال")  # "بقلم الكاتب السوري سامر علي"
            reporter = split[0] in known.reporters
            self._reporter = self._reporter or reporter or split[0] in known.writers
            self.persons += _after_role(part, names) if reporter or definite else []
        elif (persons := _persons(part, names)) is not None:
            self.persons += persons
            self._parts.append(("person", persons))
        else:
            self._parts.append(("other", [part]))

    def _kinds(self) -> set[Kind]:
        return {kind for kind, _ in self._parts}

    @property
    def placed(self) -> bool:
        """Whether a place, an agency, an outlet or a reporter's office stands in the part."""
        return self._reporter or bool(self._kinds() & {"place", "agency", "outlet"})

    def sources(self, *, every: bool) -> list[str]:
        """The agencies; beside a place the outlets too; with `every` whatever stands there."""
        wanted: set[Kind] = {"agency"}
        if every:
            wanted |= {"outlet", "other"}
        elif "place" in self._kinds():
            wanted.add("outlet")
        return [text for kind, texts in self._parts if kind in wanted for text in texts if len(text.split()) <= 5]

    @property
    def holds(self) -> bool:
        """Whether the part is what a byline consists of."""
        others = [text for kind, texts in self._parts if kind == "other" for text in texts]
        if not self._sure:
            # "رويترز / سامر علي" is whose picture it is.
            credited = self._kinds() == {"person", "agency"} and (self._slashed or self._parts[0][0] == "agency")
            doubtful = any(_begins_as_noun(person) or not ARABIC.search(person) for person in self.persons)
            return not (others or credited or doubtful or len(self.persons) > 4)
        # Beside a name stand a person's office, an outlet that is not known, a place of one word; never another sentence.
        if others and self._parts[0] == ("other", [others[0]]) and " " in others[0]:
            return False
        return not any(" " in other and _may_be_name(other) for other in others)


def is_outlet(key: str, names: frozenset[str]) -> bool:
    """Whether a folded text is one of the outlet's own names."""
    return letters(key) in names


def _after_role(part: str, names: frozenset[str]) -> list[str]:
    """The name after a reporter's office, outlet and place: "مراسل النهر في حلب سامر علي"."""
    known = vocabulary()
    rest = part.split()[1:]
    while rest and (
        fold(rest[0]) in known.outlet_heads | {"في", "الي", "لدي"}
        or known.is_place([fold(rest[0])])
        or is_outlet(fold(rest[0]), names)
    ):
        rest = rest[1:]
    while len(rest) >= 3 and _begins_as_noun(rest[0].removeprefix("و")):
        rest = rest[1:]  # the outlet, another office, where one is from
    return _persons(" ".join(rest), names) or []


def _begins_as_noun(person: str) -> bool:
    first = fold(person).split()[0]
    return first.startswith("ال") and len(first) > 4 and first not in vocabulary().names_with_article


def _persons(text: str, names: frozenset[str]) -> list[str] | None:
    """The persons that a part names, parted at "و"; None where any of it is no person's name."""
    parts = _split_at_and(text)
    return parts if parts and all(is_person(part, names) for part in parts) else None


def _split_at_and(text: str) -> list[str]:
    """The names in a text that joins them by "و"; each has two words or more."""
    split = text.split()
    for index in range(2, len(split) - 1):
        word = split[index]
        if word == "و":
            return [" ".join(split[:index]), *_split_at_and(" ".join(split[index + 1 :]))]
        if word.startswith("و") and len(word) > 3 and fold(word) not in vocabulary().names_in_waw:
            return [" ".join(split[:index]), *_split_at_and(" ".join([word[1:], *split[index + 1 :]]))]
    return [text] if text else []


def is_person(name: str, names: frozenset[str]) -> bool:
    """Whether a name can be a person's: two to five words of one script, none of an office, an agency or the outlet itself."""
    if not _PERSON.fullmatch(name) or (ARABIC.search(name) and _LATIN.search(name)) or name.isupper():
        return False
    split = fold(name).split()
    nouns = all(word.startswith("ال") for word in split) and _begins_as_noun(name)  # "القدس العربي", "الشرق الأوسط"
    own = any(letters(" ".join(split[:length])) in names for length in range(1, len(split) + 1))  # "النهر سبورت"
    return not nouns and not own and _may_be_name(name) and fold(name) not in vocabulary().agencies


def is_no_login(name: str, names: frozenset[str]) -> bool:
    """Whether a name that the metadata state can be a person's, and not that of an account: "Rahaf", not "rahaf", "MONA", "r.ali".

    Persons' names have capitals where their script has them, and letters alone; one word will do only in such a script.
    """
    if " " in name:
        return is_person(name, names) and (bool(ARABIC.search(name)) or name[0].isupper())
    return name.isalpha() and name.istitle() and not is_outlet(fold(name), names) and _may_be_name(name)


def _may_be_name(text: str) -> bool:
    """Whether a text has no word that a person's name never has."""
    split = set(fold(text).split())
    split |= {word.removeprefix("ال") for word in split if len(word) > 4}
    return split.isdisjoint(vocabulary().no_person)


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts in their order, each spelling once."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(letters(fold(text)), text)
    return tuple(found.values())
