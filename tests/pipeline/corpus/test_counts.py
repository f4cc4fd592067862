"""Every captured page is an article, a copy, or rejected with a reason."""

import pytest

from pipeline.corpus.counts import Counts, add_up, count, count_by_source

ROWS = [
    {"source": "alfajr", "rejected": None, "decision": "article"},
    {"source": "alfajr", "rejected": None, "decision": "near"},
    {"source": "almada", "rejected": "not_an_article", "decision": "rejected"},
]


def test_pages_are_counted_by_what_became_of_them() -> None:
    assert count(ROWS) == Counts(3, 1, {"near": 1}, {"not_an_article": 1})
    assert count(ROWS).reconciled
    assert add_up(count_by_source(ROWS).values()) == count(ROWS)


def test_counts_are_told_in_a_line() -> None:
    assert count(ROWS).told == "3 pages captured: 1 articles, 1 copies (near 1), 1 rejected (not_an_article 1)"
    assert count([]).told == "0 pages captured: 0 articles, 0 copies, 0 rejected"


@pytest.mark.parametrize(
    ("rejected", "decision"),
    [(None, None), ("not_an_article", "article"), ("not_an_article", None), (None, "rejected"), ("", "rejected")],
)
def test_a_page_that_is_neither_or_both_does_not_reconcile(rejected: str | None, decision: str | None) -> None:
    counts = count([*ROWS, {"source": "almada", "rejected": rejected, "decision": decision}])
    assert not counts.reconciled
    assert str(counts) == "4 pages captured, but 1 articles, 1 copies and 1 rejected make 3"


def test_errors_in_opposite_directions_do_not_cancel_out() -> None:
    both_and_neither = [{"rejected": "not_an_article", "decision": "article"}, {"rejected": None, "decision": None}]
    assert not count([*ROWS, *both_and_neither]).reconciled
