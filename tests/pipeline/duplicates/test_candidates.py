import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._planted import COPIES, Corpus
from pipeline.duplicates import WINDOW_DAYS, signature
from pipeline.duplicates.candidates import ZONE_DAYS, find_pairs, shortened
from pipeline.duplicates.text import SIGNATURE_SIZE

CORPUS = Corpus(per_day=100, seed=5)
WHOLE = pa.array([signature(CORPUS.body(number)) for number in range(600)])
SIGNATURES = shortened(WHOLE)
DAYS = np.arange(600, dtype=np.int32) // 100
APART = np.arange(600, dtype=np.uint64)
ALL = np.ones(600, bool)


def pairs_of(*arrays: np.ndarray) -> list[tuple[int, int]]:
    return [(later, earlier) for later, earlier in find_pairs(*arrays).tolist()]


def test_planted_copies_are_found_and_little_else() -> None:
    found = set(pairs_of(SIGNATURES, APART, DAYS, ALL, ALL))
    planted = {(number, CORPUS.origin(number)) for number in range(600) if CORPUS.family(number) in COPIES}
    assert len(planted & found) >= 0.95 * len(planted)
    assert len(found) < 600


def test_pairs_are_sorted_later_first_and_none_comes_twice() -> None:
    found = pairs_of(SIGNATURES, APART, DAYS, ALL, ALL)
    assert found == sorted(set(found))
    assert all(later > earlier for later, earlier in found)


def test_the_same_text_is_found_whatever_the_signatures() -> None:
    texts = APART.copy()
    texts[[3, 300]] = 7_777
    unlike = np.random.default_rng(1).integers(0, 1 << 16, (600, SIGNATURE_SIZE), np.uint16)
    assert pairs_of(unlike, texts, DAYS, ALL, ALL) == [(300, 3)]


def test_the_window_ends_after_its_last_day() -> None:
    days = np.array([0, WINDOW_DAYS, WINDOW_DAYS + 1], np.int32)
    texts = np.array([5, 5, 5], np.uint64)
    assert pairs_of(SIGNATURES[:3], texts, days, ALL[:3], ALL[:3]) == [(1, 0), (2, 1)]


def test_nothing_is_found_among_nothing() -> None:
    assert pairs_of(SIGNATURES[:0], APART[:0], DAYS[:0], ALL[:0], ALL[:0]) == []
    assert pairs_of(SIGNATURES[:1], APART[:1], DAYS[:1], ALL[:1], ALL[:1]) == []


def test_a_shortened_signature_is_the_lower_halves_of_its_numbers() -> None:
    whole = np.frombuffer(WHOLE[17].as_py(), "<u4")
    assert SIGNATURES[17].tolist() == [number % 65536 for number in whole.tolist()]
    assert np.array_equal(shortened(WHOLE[17:40]), SIGNATURES[17:40])


def test_a_document_of_another_zone_hides_none_within_the_window() -> None:
    """In the order of instants a day may come before the one that it follows."""
    days = np.array([0, WINDOW_DAYS + ZONE_DAYS, WINDOW_DAYS], np.int32)
    texts = np.array([5, 5, 5], np.uint64)
    assert pairs_of(SIGNATURES[:3], texts, days, ALL[:3], ALL[:3]) == [(2, 0), (2, 1)]


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 599), max_size=200), st.sets(st.integers(0, 599), max_size=400))
def test_what_is_asked_for_is_found_as_among_all(as_later: set[int], as_earlier: set[int]) -> None:
    of_later, of_earlier = (np.isin(np.arange(600), sorted(chosen)) for chosen in (as_later, as_earlier))
    everything = pairs_of(SIGNATURES, APART, DAYS, ALL, ALL)
    expected = [(later, earlier) for later, earlier in everything if later in as_later and earlier in as_earlier]
    assert pairs_of(SIGNATURES, APART, DAYS, of_later, of_earlier) == expected
