import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.duplicates import WINDOW_DAYS, Decision, Entry, Kind, decide, signature, text_hash

START = datetime(2024, 1, 10, 12, tzinfo=UTC)
WORDS = [
    a + b + c
    for a in ("است", "انت", "مست", "تم", "يت", "ال")
    for b in ("قبل", "صدر", "خرج", "حضر", "علم", "شرف", "كشف")
    for c in ("", "ون", "ات", "ها", "نا")
]


def prose(seed: int, words: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def changed(text: str, share: float, seed: int) -> str:
    chooser = random.Random(seed)
    return " ".join(chooser.choice(WORDS) if chooser.random() < share else word for word in text.split())


class Corpus:
    """Documents to decide over, by short names."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.bodies: dict[str, str] = {}

    def add(self, name: str, body: str, *, days: float = 0, url: str | None = None, captured: float = 0) -> None:
        published = START + timedelta(days=days)
        entry = Entry(
            id=name,
            url=url or f"http://{name}.example/",
            captured_at=START + timedelta(days=captured),
            published=published,
            day=published.date(),
            text_hash=text_hash(body),
            body_hash=body,
            signature=signature(body),
        )
        self.entries.append(entry)
        self.bodies[name] = body

    def texts(self, ids: Sequence[str]) -> Mapping[str, str]:
        return {name: self.bodies[name] for name in ids}

    def decide(self) -> dict[str, Decision]:
        return {made.id: made for made in decide(self.entries, self.texts)}


def test_the_earlier_of_two_is_the_article() -> None:
    corpus = Corpus()
    corpus.add("late", changed(prose(1), 0.05, 2), days=1)
    corpus.add("early", prose(1))
    made = corpus.decide()
    assert made["early"] == Decision("early", "early")
    assert made["late"].article == "early"
    assert made["late"].kind is Kind.NEAR
    assert 0.4 <= (made["late"].similarity or 0) < 1


def test_the_same_words_are_the_same_text() -> None:
    corpus = Corpus()
    corpus.add("a", "قُصِفت إدلب مساء اليوم")
    corpus.add("b", "قصفت ادلب مساءَ اليوم!", days=1)
    assert corpus.decide()["b"] == Decision("b", "a", Kind.SAME_TEXT, 1.0)


def test_a_text_within_a_longer_one_is_contained() -> None:
    corpus = Corpus()
    corpus.add("wire", prose(1, 100))
    corpus.add("longer", prose(5, 180) + " " + prose(1, 100), days=1)
    made = corpus.decide()
    assert made["longer"].kind is Kind.CONTAINED
    assert made["longer"].article == "wire"


def test_beyond_the_window_nothing_is_a_copy() -> None:
    corpus = Corpus()
    corpus.add("a", prose(1))
    corpus.add("b", prose(1), days=WINDOW_DAYS + 1)
    corpus.add("c", prose(2))
    corpus.add("d", prose(2), days=WINDOW_DAYS)
    made = corpus.decide()
    assert made["b"].kind is None
    assert made["d"].kind is Kind.SAME_TEXT


def test_a_copy_of_a_copy_belongs_to_the_article() -> None:
    corpus = Corpus()
    corpus.add("a", prose(1))
    corpus.add("b", prose(1), days=WINDOW_DAYS)
    corpus.add("c", prose(1), days=2 * WINDOW_DAYS)
    made = corpus.decide()
    assert made["b"].article == made["c"].article == "a"


def test_flashes_and_bulletins_are_not_merged() -> None:
    corpus = Corpus()
    corpus.add("flash", "عاجل: غارة جوية تستهدف محيط بلدة سراقب شرق إدلب")
    corpus.add("other", "عاجل: غارة جوية تستهدف وسط بلدة سراقب شرق إدلب", days=0.1)
    corpus.add("bulletin", prose(3) + " 12 قتيلا")
    corpus.add("next", prose(3) + " 15 قتيلا", days=1)
    assert all(made.kind is None for made in corpus.decide().values())


def test_the_newest_text_of_a_url_stands_for_it_by_its_first_capture() -> None:
    corpus = Corpus()
    url = "http://x.example/"
    corpus.add("old", prose(1), url=url, captured=0)
    corpus.add("new", prose(2), url=url, captured=1)
    corpus.add("again", prose(2), url=url, captured=2)
    made = corpus.decide()
    assert made["new"].kind is None
    assert (made["old"].article, made["old"].kind) == ("new", Kind.REVISION)
    assert (made["again"].article, made["again"].kind) == ("new", Kind.RECAPTURE)


def test_an_older_text_of_a_copy_belongs_to_the_copys_article() -> None:
    corpus = Corpus()
    corpus.add("wire", prose(1))
    corpus.add("first", prose(7), url="http://x.example/", days=1, captured=1)
    corpus.add("second", prose(1), url="http://x.example/", days=1, captured=2)
    made = corpus.decide()
    assert made["second"].article == "wire"
    assert (made["first"].article, made["first"].kind) == ("wire", Kind.REVISION)


def test_nothing_at_all_is_decided_over_nothing() -> None:
    assert decide([], lambda ids: {}) == []


DOCUMENT = st.tuples(
    st.integers(0, 5), st.sampled_from([0.0, 0.02, 0.3]), st.integers(0, 80), st.integers(0, 8), st.integers(0, 3)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(DOCUMENT, max_size=14), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_decision_and_every_document_exactly_one(
    documents: list[tuple[int, float, int, int, int]], chance: random.Random
) -> None:
    corpus = Corpus()
    for number, (seed, share, days, page, captured) in enumerate(documents):
        body = changed(prose(seed, 60), share, number)
        corpus.add(f"d{number}", body, days=days, url=f"http://x.example/{page}", captured=captured)
    made = decide(corpus.entries, corpus.texts)
    assert [decision.id for decision in made] == sorted(corpus.bodies)
    by_id = {decision.id: decision for decision in made}
    for decision in made:
        assert by_id[decision.article].kind is None, "a copy belongs to an article, never to a copy"
    chance.shuffle(corpus.entries)
    assert decide(corpus.entries, corpus.texts) == made


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_light_rewriting_is_seen_through(share: float) -> None:
    corpus = Corpus()
    for seed in range(20):
        corpus.add(f"a{seed}", prose(seed))
        corpus.add(f"b{seed}", changed(prose(seed), share, 100 + seed), days=1)
    made = corpus.decide()
    assert all(made[f"b{seed}"].article == f"a{seed}" for seed in range(20))
