"""What the speed benchmark reads, and that measuring changes nothing."""

from __future__ import annotations

import pytest

from benchmarks.clean import LARGE, STAGES, demo_pages, large_pages, time_stages, unlike_pages
from pipeline import stages
from pipeline.rules import Furniture
from pipeline.stages import document_row


@pytest.mark.parametrize("name", large_pages())
def test_a_large_page_is_large_and_an_article(name: str) -> None:
    source, capture = large_pages()[name]
    row = document_row(capture, source)
    assert LARGE <= len(capture.body) < 1.02 * LARGE
    assert row["rejected"] is None
    assert "زائر 1\n" not in row["body"]


def test_no_two_pages_are_alike_and_all_are_articles() -> None:
    pages = list(unlike_pages(demo_pages(), 100))
    bodies = {capture.body for _, capture in pages}
    assert len(bodies) == len(pages) == 100
    assert all(document_row(capture, source)["rejected"] is None for source, capture in pages[::10])


def test_measuring_leaves_the_pipeline_as_it_was() -> None:
    before = stages.clean, stages.text_facts, Furniture.rule_for
    pages = demo_pages()[:2]
    spent = time_stages(pages)
    assert list(spent) == list(STAGES)
    assert all(seconds >= 0 for seconds in spent.values())
    assert (stages.clean, stages.text_facts, Furniture.rule_for) == before
