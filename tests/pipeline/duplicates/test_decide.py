import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.duplicates import (
    ARTICLE,
    DECISION,
    FACTS,
    WINDOW_DAYS,
    Days,
    Features,
    Kind,
    compare,
    decide,
    find_copies,
    plan,
    settle,
    signature,
    text_hash,
)
from pipeline.duplicates.candidates import ZONE_DAYS

deciding = import_module("pipeline.duplicates.decide")  # the room hands on a function of this name
START = datetime(2024, 1, 10, 12, tzinfo=UTC)
WORDS = [
    a + b + c
    for a in ("است", "انت", "مست", "تم", "يت", "ال")
    for b in ("قبل", "صدر", "خرج", "حضر", "علم", "شرف", "كشف")
    for c in ("", "ون", "ات", "ها", "نا")
]
SCHEMA = pa.schema([*FACTS, *DECISION])


def prose(seed: int, words: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def changed(text: str, share: float, seed: int) -> str:
    chooser = random.Random(seed)
    return " ".join(chooser.choice(WORDS) if chooser.random() < share else word for word in text.split())


class KilledError(Exception):
    """The store was killed."""


class Corpus:
    """Documents in memory, by short names, as the decision's store; killed after so many of its writes, if asked."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, str] = {}
        self.read: list[tuple[date, date]] = []
        self.writes_left = -1

    def add(
        self, name: str, body: str, *, days: float = 0, url: str | None = None, captured: float = 0, zone: int = 0
    ) -> None:
        """A document `days` after START, whose day is that of a zone so many hours ahead."""
        published = START + timedelta(days=days)
        self.rows[name] = dict.fromkeys(SCHEMA.names) | {
            "id": name,
            "url": url or f"http://{name}.example/",
            "article_id": url or name,
            "captured_at": START + timedelta(days=captured),
            "published_order": published,
            "published_day": (published + timedelta(hours=zone)).date(),
            "text_hash": text_hash(body),
            "body_hash": body,
            "signature": signature(body),
        }
        self.texts[name] = body

    def remove(self, name: str) -> None:
        """Take a document out, as a takedown does."""
        gone = self.rows.pop(name)
        self.undecide({row["id"]: row["published_day"] for row in self.rows.values() if row["matched"] == name})
        same_url = {row["id"]: row["published_day"] for row in self.rows.values() if row["url"] == gone["url"]}
        self.undecide(same_url)

    def _table(self, rows: list[dict[str, Any]]) -> pa.Table:
        random.Random(1).shuffle(rows)
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def days(self) -> Mapping[date, int]:
        return Counter(row["published_day"] for row in self.rows.values())

    def pending(self) -> pa.Table:
        return self._table([row for row in self.rows.values() if row["decision"] is None])

    def of_pages(self, article_ids: Sequence[str]) -> pa.Table:
        return self._table([row for row in self.rows.values() if row["article_id"] in article_ids])

    def between(self, first: date, last: date, columns: Sequence[str]) -> pa.Table:
        self.read.append((first, last))
        rows = [row for _, row in sorted(self.rows.items()) if first <= row["published_day"] <= last]
        return self._table(rows).select(list(columns))

    def bodies(self, day: date, ids: Sequence[str]) -> Mapping[str, str]:
        assert all(self.rows[name]["published_day"] == day for name in ids)
        return {name: self.texts[name] for name in ids}

    def undecide(self, ids: Mapping[str, date]) -> None:
        for name in ids:
            self.rows[name] |= dict.fromkeys(DECISION.names)

    def settle(self, decisions: Iterable[tuple[date, pa.Table]]) -> None:
        for day, made_on_day in decisions:
            if self.writes_left == 0:
                raise KilledError
            self.writes_left -= 1
            for made in made_on_day.to_pylist():
                assert self.rows[made["id"]]["published_day"] == day
                self.rows[made["id"]] |= made

    def decide(self) -> dict[str, dict[str, Any]]:
        decide(self)
        return self.decisions()

    def decisions(self) -> dict[str, dict[str, Any]]:
        return {name: {key: row[key] for key in DECISION.names} for name, row in sorted(self.rows.items())}


def test_the_earlier_of_two_is_the_article() -> None:
    corpus = Corpus()
    corpus.add("late", changed(prose(1), 0.05, 2), days=1)
    corpus.add("early", prose(1))
    made = corpus.decide()
    assert (made["early"]["decision"], made["early"]["article"]) == (ARTICLE, "early")
    assert (made["late"]["article"], made["late"]["matched"]) == ("early", "early")
    assert made["late"]["article_day"] == START.date()
    assert made["late"]["decision"] == Kind.NEAR
    assert 0.4 <= made["late"]["similarity"] < 1


def test_the_same_words_are_the_same_text() -> None:
    corpus = Corpus()
    corpus.add("a", "قُصِفت إدلب مساء اليوم")
    corpus.add("b", "قصفت ادلب مساءَ اليوم!", days=1)
    made = corpus.decide()["b"]
    assert (made["article"], made["decision"], made["similarity"]) == ("a", Kind.SAME_TEXT, 1.0)


def test_the_same_few_words_days_later_tell_of_another_event() -> None:
    corpus = Corpus()
    for name, days in (("strike", 0), ("taken over", 1), ("next week", 7), ("its copy", 8)):
        corpus.add(name, "عاجل: غارة جوية تستهدف محيط بلدة سراقب شرق إدلب", days=days)
    made = corpus.decide()
    assert {name: one["article"] for name, one in made.items()} == {
        "strike": "strike",
        "taken over": "strike",
        "next week": "next week",
        "its copy": "next week",
    }


def test_a_text_within_a_longer_one_is_contained() -> None:
    corpus = Corpus()
    corpus.add("wire", prose(1, 100))
    corpus.add("longer", prose(5, 180) + " " + prose(1, 100), days=1)
    made = corpus.decide()
    assert made["longer"]["decision"] == Kind.CONTAINED
    assert made["longer"]["article"] == "wire"


def test_beyond_the_window_nothing_is_a_copy() -> None:
    corpus = Corpus()
    corpus.add("a", prose(1))
    corpus.add("b", prose(1), days=WINDOW_DAYS + 1)
    corpus.add("c", prose(2))
    corpus.add("d", prose(2), days=WINDOW_DAYS)
    made = corpus.decide()
    assert made["b"]["decision"] == ARTICLE
    assert made["d"]["decision"] == Kind.SAME_TEXT


def test_a_copy_of_a_copy_belongs_to_the_article_however_long_the_chain() -> None:
    corpus = Corpus()
    for number in range(8):
        corpus.add(f"{number}", prose(1), days=number * WINDOW_DAYS)
    made = corpus.decide()
    assert {one["article"] for one in made.values()} == {"0"}
    corpus.add("earlier", prose(1), days=-1)  # one new document at the beginning moves them all
    assert {one["article"] for name, one in corpus.decide().items() if int(START.day)} == {"earlier"}


def test_flashes_and_series_are_not_merged() -> None:
    corpus = Corpus()
    corpus.add("flash", "عاجل: غارة جوية تستهدف محيط بلدة سراقب شرق إدلب")
    corpus.add("other", "عاجل: غارة جوية تستهدف وسط بلدة سراقب شرق إدلب", days=0.1)
    corpus.add("toll", prose(3) + " 12 قتيلا")
    corpus.add("next", prose(3) + " 15 قتيلا", days=1)
    corpus.add("in words", prose(3) + " سبعة قتيلا", days=2)
    assert all(made["decision"] == ARTICLE for made in corpus.decide().values())


def test_the_newest_text_of_a_url_stands_for_it_by_its_first_capture() -> None:
    corpus = Corpus()
    url = "http://x.example/"
    corpus.add("old", prose(1), url=url, captured=0)
    corpus.add("new", prose(2), url=url, captured=1)
    corpus.add("again", prose(2), url=url, captured=2)
    made = corpus.decide()
    assert made["new"]["decision"] == ARTICLE
    assert made["new"]["first_captured_at"] == START
    assert (made["old"]["article"], made["old"]["decision"]) == ("new", Kind.REVISION)
    assert (made["again"]["article"], made["again"]["decision"]) == ("new", Kind.RECAPTURE)


def test_nothing_at_all_is_decided_over_nothing() -> None:
    assert Corpus().decide() == {}


def test_a_new_document_reads_its_own_window_and_no_more() -> None:
    corpus = Corpus()
    for number in range(400):
        corpus.add(f"{number}", prose(number, 40), days=number)
    corpus.decide()
    corpus.read.clear()
    corpus.add("new", prose(5000), days=200)
    corpus.decide()
    day = (START + timedelta(days=200)).date()
    around = timedelta(days=ZONE_DAYS + WINDOW_DAYS)
    assert (min(first for first, _ in corpus.read), max(last for _, last in corpus.read)) == (
        day - around,
        day + around,
    )


Document = tuple[int, float, int, int, int, int]
"""What it tells, how much of that was changed, its day, its page, when it was captured, and its zone."""

DOCUMENT = st.tuples(
    st.integers(0, 4),
    st.sampled_from([0.0, 0.02, 0.6]),
    st.integers(0, 150),
    st.integers(0, 8),
    st.integers(0, 3),
    st.sampled_from([-12, 0, 3, 14]),
)
HISTORY = st.lists(DOCUMENT, max_size=14)


def body_of(number: int, document: Document) -> str:
    return changed(prose(document[0], 60), document[1], number)


def batch(documents: Mapping[int, Document]) -> dict[str, dict[str, Any]]:
    """What is decided over documents at once."""
    corpus = Corpus()
    for number, document in documents.items():
        add(corpus, number, document)
    return corpus.decide()


def add(corpus: Corpus, number: int, document: Document) -> None:
    _seed, _share, days, page, captured, zone = document
    url = f"http://x.example/{page}"
    corpus.add(f"d{number}", body_of(number, document), days=days, url=url, captured=captured, zone=zone)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(HISTORY, st.randoms(use_true_random=False))
def test_any_order_and_any_split_with_removals_decide_as_all_at_once(
    documents: list[Document], chance: random.Random
) -> None:
    """Adding, removing and adding again, killed now and then, ends in what deciding over the rest at once says."""
    corpus = Corpus()
    remaining = list(enumerate(documents))
    chance.shuffle(remaining)
    present: dict[int, Document] = {}
    while remaining:
        for _ in range(chance.randint(1, 4)):
            if remaining:
                number, document = remaining.pop()
                present[number] = document
                add(corpus, number, document)
        if present and chance.random() < 0.3:
            number = chance.choice(sorted(present))
            corpus.remove(f"d{number}")
            document = present.pop(number)
            if chance.random() < 0.3:
                remaining.append((number, document))
        corpus.writes_left = chance.choice([-1, 0, 1, 2])
        try:
            corpus.decide()
        except KilledError:
            corpus.writes_left = -1
            if chance.random() < 0.7:
                corpus.decide()
    corpus.writes_left = -1
    made = corpus.decide()
    assert made == batch(present)
    for decision in made.values():
        if decision["decision"] not in {Kind.REVISION, Kind.RECAPTURE}:
            assert made[decision["article"]]["decision"] == ARTICLE, "a copy belongs to an article, never to a copy"


@settings(max_examples=60, deadline=None)
@given(HISTORY, st.integers(1, 6), st.randoms(use_true_random=False))
def test_ranges_of_any_size_in_any_order_decide_as_one(
    documents: list[Document], size: int, chance: random.Random
) -> None:
    """Some documents were decided before; the ranges' copies are found twice, in other orders, and joined in another."""
    corpus = Corpus()
    for number, document in enumerate(documents):
        add(corpus, number, document)
        if chance.random() < 0.2:
            corpus.decide()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciding, "DOCUMENTS_A_RANGE", size)
        planned = plan(corpus)
        found = {}
        for days in chance.sample(planned.ranges, len(planned.ranges)) * 2:
            found[days] = find_copies(corpus, planned.roles, days)
        settle(corpus, planned, chance.sample(list(found.values()), len(found)))
    assert corpus.decisions() == batch(dict(enumerate(documents)))


def test_ranges_are_sized_by_their_documents_and_leave_out_the_days_between() -> None:
    corpus = Corpus()
    for number in range(300):
        corpus.add(f"{number}", prose(number, 40), days=number)
    corpus.decide()
    corpus.add("one", prose(1000), days=50)
    corpus.add("other", prose(1001), days=200)

    def day(after: int) -> date:
        return (START + timedelta(days=after)).date()

    affected = [Days(day(number - ZONE_DAYS), day(number + WINDOW_DAYS)) for number in (50, 200)]
    assert plan(corpus).ranges == affected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciding, "DOCUMENTS_A_RANGE", 10)
        ranges = plan(corpus).ranges
    assert [days.first for days in ranges] == [day(start) for start in (48, 57, 67, 77, 198, 207, 217, 227)]
    assert [days.last for days in ranges] == [day(end) for end in (56, 66, 76, 80, 206, 216, 226, 230)]


@settings(max_examples=60, deadline=None)
@given(HISTORY)
def test_the_rule_read_word_for_word(documents: list[Document]) -> None:
    """A document is a copy if and only if an earlier one within the window is its near-duplicate."""
    present = {number: (*document[:3], number, *document[4:]) for number, document in enumerate(documents)}
    made = batch(present)
    features = {number: Features.of(body_of(number, document)) for number, document in present.items()}

    def day(number: int) -> date:
        return (START + timedelta(days=present[number][2], hours=present[number][5])).date()

    def order(number: int) -> tuple[int, int, str]:
        return present[number][2], present[number][4], f"http://x.example/{number}"

    for number in sorted(present):
        repeated = [
            other
            for other in sorted(present, key=order)
            if order(other) < order(number)
            and (day(number) - day(other)).days <= WINDOW_DAYS  # these texts are none of the short ones
            and (
                body_of(other, present[other]) == body_of(number, present[number])
                or compare(features[other], features[number]).kind
            )
        ]
        assert made[f"d{number}"]["matched"] == (f"d{repeated[0]}" if repeated else None)


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1, 0.15])
def test_rewriting_is_seen_through(share: float) -> None:
    corpus = Corpus()
    for seed in range(20):
        corpus.add(f"a{seed}", prose(seed))
        corpus.add(f"b{seed}", changed(prose(seed), share, 100 + seed), days=1)
    made = corpus.decide()
    assert all(made[f"b{seed}"]["article"] == f"a{seed}" for seed in range(20))
