from collections import Counter

import pytest

from benchmarks._planted import COPIES, FOLLOW_UPS, SERIES, Corpus, Family
from pipeline.duplicates import words

CORPUS = Corpus(per_day=100, seed=3)
FAMILIES = [CORPUS.family(number) for number in range(3_000)]


def of(family: Family) -> list[int]:
    return [number for number, one in enumerate(FAMILIES) if one is family][:20]


def test_a_document_is_the_same_whenever_it_is_made() -> None:
    again = Corpus(per_day=100, seed=3)
    for number in (2_999, 0, 1_234):
        assert again.body(number) == CORPUS.body(number)
    assert Corpus(per_day=100, seed=4).body(7) != CORPUS.body(7)


def test_every_family_is_there_and_most_are_plain() -> None:
    counts = Counter(FAMILIES)
    assert counts.keys() == set(Family)
    assert counts[Family.PLAIN] > 0.6 * len(FAMILIES)


def test_a_copy_repeats_an_earlier_plain_report_of_the_window() -> None:
    for number, family in enumerate(FAMILIES):
        origin = CORPUS.origin(number)
        if family in COPIES:
            assert origin < number
            assert FAMILIES[origin] is Family.PLAIN
            assert (CORPUS.published(number).date() - CORPUS.published(origin).date()).days <= 30
        elif family not in FOLLOW_UPS:
            assert origin == number


def test_other_spelling_is_another_text_of_the_same_words() -> None:
    for number in of(Family.SPELLING):
        text, origin = CORPUS.body(number), CORPUS.body(CORPUS.origin(number))
        assert text != origin
        assert words(text) == words(origin)


@pytest.mark.parametrize(("family", "share"), [(Family.CHANGED_05, 0.05), (Family.CHANGED_20, 0.2)])
def test_so_many_words_are_changed(family: Family, share: float) -> None:
    for number in of(family):
        text, origin = CORPUS.body(number).split(" "), CORPUS.body(CORPUS.origin(number)).split(" ")
        left = (Counter(origin) & Counter(text)).total() / len(origin)
        assert 1 - share - 0.01 <= left <= 1 - share + 0.12  # a word may come back elsewhere


def test_a_text_within_another_is_there_whole() -> None:
    for number in [*of(Family.WITHIN_2), *of(Family.WITHIN_3), *of(Family.LEAD)]:
        assert CORPUS.body(CORPUS.origin(number)) in CORPUS.body(number)


@pytest.mark.parametrize("family", SERIES)
def test_issues_of_a_series_share_their_words_and_not_their_figures(family: Family) -> None:
    bodies = [CORPUS.body(number) for number in of(family)]
    assert len(set(bodies)) > 1
    assert all(any(letter.isdigit() for letter in body) or family is Family.TOLL for body in bodies)


def test_flashes_are_short() -> None:
    assert all(8 <= len(words(CORPUS.body(number))) <= 14 for number in of(Family.FLASH))
