"""Which waiting crawl goes first."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace


def test_the_schedule_goes_before_the_corpus_and_this_before_the_past() -> None:
    from dags.priority import CORPUS, FORM, ScheduledFirst

    def weight(run_id: str | None) -> int:
        return ScheduledFirst().get_weight(SimpleNamespace(run_id=run_id))

    in_order = [
        FORM,
        weight("scheduled__9999-12-31T18:00:00+00:00"),
        weight("scheduled__2026-11-22T06:00:00+00:00"),
        weight(
            "scheduled__2026-11-21T06:00:00+00:00"
        ),  # what a backfill reprocesses keeps its id, and lies further back
        CORPUS,
        weight("manual__2026-11-22T06:00:00+00:00"),
        weight("backfill__2013-03-01T00:00:00+00:00"),
    ]
    assert all(first > second for first, second in pairwise(in_order))
    assert all(weight < 2**31 for weight in in_order)  # as the database keeps it
    assert weight("scheduled__by hand") == weight("somebody's own") == weight(None) == weight("manual__2026-11-22")
