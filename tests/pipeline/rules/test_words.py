"""The words of all files together: each stands once, each group is used, and a mistake in a file is told with its line."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import pytest
from pydantic import Field

from pipeline.errors import WarraqError
from pipeline.rules.block_pages import BlockPageFile, load_block_pages
from pipeline.rules.furniture import all_vocabularies, load_furniture, read_rules
from pipeline.rules.load import Strict, Words, fault, parse, read
from pipeline.rules.markup import Markup, markup
from pipeline.rules.names import (
    Agencies,
    Calendar,
    Headlines,
    Outlets,
    Places,
    Sections,
    agencies,
    calendar,
    consists_of,
    headlines,
    outlets,
    places,
    sections,
)
from pipeline.rules.vocabulary import BylineFile, Offices, byline_words, vocabulary
from pipeline.text import fold
from tests.conftest import ROOT

SHARED = {
    "agencies": agencies,
    "places": places,
    "outlets": outlets,
    "calendar": calendar,
    "headlines": headlines,
    "markup": markup,
}


def groups_of(part: Strict) -> dict[str, frozenset[str]]:
    """The groups of words of a file."""
    return {name: words for name, words in part if isinstance(words, frozenset)}


def twice(groups: dict[str, frozenset[str]]) -> set[str]:
    counts = Counter(chain.from_iterable(groups.values()))
    return {word for word, count in counts.items() if count > 1}


def of_all_files() -> dict[str, frozenset[str]]:
    """Every group of names and words, by its file."""
    found = {f"{file}: {name}": words for file, part in SHARED.items() for name, words in groups_of(part()).items()}
    byline = byline_words()
    found |= {f"labels: {kind}": labels for kind, labels in byline.labels.items()}
    for file, part in (("sections", sections()), ("byline", byline), ("offices", byline.offices)):
        found |= {f"{file}: {name}": words for name, words in groups_of(part).items()}
    return found | {f"furniture: {name}": words for name, words in read_rules().vocabularies.items()}


# ---- each word once

OTHER_WORDS = {fold("أم"), fold("سورية")}
"""Words of places that are other words too: of "أم درمان" and of "إم تي في", the country and a writer's "كاتبة سورية"."""


@pytest.mark.parametrize("file", SHARED)
def test_no_word_of_a_shared_file_stands_there_twice(file: str) -> None:
    assert twice(groups_of(SHARED[file]())) == set()


@pytest.mark.parametrize(
    "wanted",
    # Labels are words of sentences, and of what is no name; common words are other words too.
    ["agencies: unmistakable", "agencies: names", "agencies: collective", "places: cities", "places: countries"],
)
def test_no_agency_and_no_place_stands_in_two_files(wanted: str) -> None:
    known = of_all_files()
    others = {name: found for name, words in known.items() if name != wanted and (found := words & known[wanted])}
    assert set().union(*others.values()) <= OTHER_WORDS, others


def test_no_label_stands_twice_nor_is_an_agency_or_a_place() -> None:
    labels = byline_words().labels
    assert twice({**labels, "agencies": agencies().all, "places": places().cities | places().countries}) == set()


def test_no_office_stands_twice() -> None:
    assert twice(groups_of(byline_words().offices)) == set()


def test_no_rule_s_vocabulary_hides_a_shared_one() -> None:
    own = read_rules().vocabularies
    assert all(words == own.get(name, words) for name, words in all_vocabularies(read_rules()).items())


# ---- each group is used

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "pipeline").rglob("*.py")))


@pytest.mark.parametrize(
    ("holder", "kind"),
    [
        (r"(?:agencies\(\)|self)", Agencies),
        (r"places\(\)", Places),
        (r"(?:outlets\(\)|known)", Outlets),
        (r"calendar\(\)", Calendar),
        (r"headlines\(\)", Headlines),
        (r"sections\(\)", Sections),
        (r"(?:markup\(\)|self)", Markup),
        (r"(?:words|byline_words\(\))", BylineFile),
        (r"offices", Offices),
    ],
)
def test_code_uses_every_group(holder: str, kind: type[Strict]) -> None:
    assert [name for name in kind.model_fields if not re.search(rf"\b{holder}\.{name}\b", SOURCES)] == []


def test_a_rule_uses_every_vocabulary() -> None:
    written = read_rules()
    used = {name for rule in written.rules for names in (*rule.only, *rule.never) for name in names.split("+")}
    phrases = " ".join(phrase for rule in written.rules for phrase in rule.phrases)
    used |= {name for names in re.findall(r"<([^>]+)>", phrases) for name in names.split("+")}
    assert used - {"numbers"} == all_vocabularies(written).keys()


def test_a_phrase_uses_every_word_of_block_pages() -> None:
    written = read("block_pages.yaml", BlockPageFile)
    phrases = " ".join(chain.from_iterable(getattr(written, name) for name in written.model_fields_set - {"words"}))
    assert set(re.findall(r"{(\w+)}", phrases)) == written.words.keys()


# ---- what the words make


def test_what_two_lists_knew_apart_is_known_to_both_readers() -> None:
    furniture = load_furniture()
    assert furniture.rule_for("بلومبرغ", linked=0, edge=True) == "source-line"
    assert furniture.rule_for("وكالة أ ف ب، الأناضول", linked=0, edge=True) == "source-line"
    assert furniture.rule_for("معا", linked=0, edge=True) is None
    assert vocabulary().agencies_in("الأناضول وبلومبرغ") == ["الأناضول", "بلومبرغ"]
    assert {"بلومبرغ", "السعوديه"} <= vocabulary().no_person
    assert {"معا", "تسنيم", "ايه"}.isdisjoint(vocabulary().no_person)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("أ.ف.ب، رويترز", True), ("فرانس برس", True), ("فرانس", False), ("رويترز أمس", False), ("", False)],
)
def test_a_text_consists_of_whole_names(text: str, expected: bool) -> None:
    assert consists_of(text, agencies().telling) is expected


# ---- mistakes


class _File(Strict):
    names: Words
    groups: dict[str, Words] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "names: [رويترز, تاس]\ngroups:\n  first: a\n  second: أ إ\n",
            r"x\.yaml, line 4, groups\.second: «إ» stands here twice",
        ),
        ("names:\n  - رويترز\n  - '…'\n", r"x\.yaml, line 1, names: «…» has neither letters nor digits"),
        ("names: 12\n", r"x\.yaml, line 1, names: needs words parted by blanks, or a list of names"),
        ("names: a\n\nnmaes: b\n", r"x\.yaml, line 3, nmaes: Extra inputs are not permitted"),
        ("groups: {}\n", r"x\.yaml, line 1, names: Field required"),
        ("names: a\nnames: b\n", r"x\.yaml, line 2: found duplicate key"),
        ("names: [a\n", r"x\.yaml, line 2: "),
        ("", r"x\.yaml, line 1: Input should be"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(WarraqError, match=rf"^pipeline/rules/{says}"):
        parse("x.yaml", text, _File)


def test_a_word_is_read_in_one_spelling() -> None:
    assert parse("x.yaml", "names: أَنباء سي_إن_إن\n", _File).names == {"انباء", "سي ان ان"}


def test_a_phrase_that_is_none_is_told_with_its_line() -> None:
    error = str(fault("block_pages.yaml", ("login", 2), "is none"))
    lines = (ROOT / "pipeline" / "rules" / "block_pages.yaml").read_text(encoding="utf-8").splitlines()
    number = int(re.search(r"line (\d+), login\.2: is none$", error)[1])  # type: ignore[index]
    assert lines[number - 1].strip("- ") == read("block_pages.yaml", BlockPageFile).login[2]
    assert load_block_pages().login.make(["log in"])
