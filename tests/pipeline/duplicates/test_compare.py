import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._planted import Corpus, Family
from pipeline.duplicates import Features, Kind, compare
from pipeline.duplicates.text import SHORT_WORDS

CORPUS = Corpus(per_day=200, seed=5)
PLAIN = [CORPUS.body(number) for number in range(40)]


def of(earlier: str, later: str) -> tuple[Kind | None, str | None]:
    made = compare(Features.of(earlier), Features.of(later))
    return made.kind, made.reason


def long(number: int) -> list[str]:
    return " ".join(PLAIN[number : number + 4]).split()


def test_a_text_with_a_lead_is_near_and_one_within_another_contained() -> None:
    text, other = long(0), long(4)
    assert of(" ".join(text), " ".join(other[: len(text) // 4] + text)) == (Kind.NEAR, None)
    assert of(" ".join(text[: len(text) // 3]), " ".join(text)) == (Kind.CONTAINED, None)


def test_a_report_of_another_story_is_different() -> None:
    assert of(PLAIN[0], PLAIN[1]) == (None, "different")


def test_a_common_background_is_no_copy() -> None:
    text, other = long(0), long(4)
    assert of(" ".join(text), " ".join(other[: len(text)] + text[: len(text) // 4])) == (None, "different")


def test_a_follow_up_that_recalls_at_length_what_happened_is_no_copy() -> None:
    text, other = long(0), long(4)
    known, own = 3 * len(text) // 10, len(text) // 5
    parts = other[:own] + text[:known] + other[own : 2 * own] + text[known : 2 * known]
    assert of(" ".join(text), " ".join(parts)) == (None, "partial")


def test_a_short_text_within_one_four_times_as_long_is_no_copy() -> None:
    text, other = long(0), long(4)
    assert of(" ".join(text[:60]), " ".join(text[:60] + other[:200])) == (None, "different")


def test_short_texts_are_no_copies_however_alike() -> None:
    text = long(0)[: SHORT_WORDS - 5]
    assert of(" ".join(text), " ".join([*text[:-1], "آخر"])) == (None, "short")


@pytest.mark.parametrize(
    ("one", "other"),
    [("12", "15"), ("سبعة", "ثمانية"), ("واحد وعشرين", "٢٢"), ("الأحد", "الاثنين"), ("ألف", "1500")],
)
def test_the_same_words_with_another_figure_are_a_series(one: str, other: str) -> None:
    text = [word for word in long(0) if not any(letter.isdigit() for letter in word)]
    half = len(text) // 2
    made = [" ".join([*text[:half], "بلغت الحصيلة", figure, "قتيلا", *text[half:]]) for figure in (one, other)]
    assert of(made[0], made[1]) == (None, "series")


def test_a_figure_written_otherwise_is_the_same_figure() -> None:
    text = long(0)
    made = [" ".join([*text, "بلغت الحصيلة", figure, "قتيلا"]) for figure in ("27", "سبعة وعشرين", "٢٧")]
    assert of(made[0], made[1]) == (Kind.NEAR, None)
    assert of(made[1], made[2]) == (Kind.NEAR, None)


def test_bulletins_in_other_words_too_are_a_series() -> None:
    def bulletin(day: int) -> str:
        chance = random.Random(day)
        towns = ["إدلب", "حلب", "حماة", "حمص", "درعا", "الرقة", "دمشق", "طرطوس"]
        lines = [
            f"وفي {town} تكون السماء {chance.choice(['صافية', 'غائمة', 'ماطرة'])} والحرارة العظمى {chance.randint(10, 40)} درجة"
            for town in towns
        ]
        return " ".join(["نشرة الطقس اليومية من الأرصاد الجوية", *lines])

    for day in range(30):
        assert of(bulletin(day), bulletin(day + 1)) == (None, "series")


@settings(max_examples=60, deadline=None)
@given(st.integers(50, 4000), st.integers(50, 4000))
def test_comparing_is_symmetric_but_for_the_order(one: int, other: int) -> None:
    first, second = Features.of(CORPUS.body(one)), Features.of(CORPUS.body(other))
    assert compare(first, second) == compare(second, first)


@pytest.mark.parametrize(
    "family", [Family.SPELLING, Family.CHANGED_05, Family.CHANGED_15, Family.LEAD, Family.WITHIN_2]
)
def test_planted_copies_are_told(family: Family) -> None:
    copies = [number for number in range(50, 2000) if CORPUS.family(number) is family][:15]
    assert copies
    for number in copies:
        kind, reason = of(CORPUS.body(CORPUS.origin(number)), CORPUS.body(number))
        assert kind is not None, (number, reason)
