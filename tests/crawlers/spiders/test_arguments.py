"""The spider's arguments."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crawlers.spiders.arguments import ArgumentError, Arguments


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"source": "nowhere"}, "no source 'nowhere' in"),
        ({"source": "sada", "since": "yesterday"}, "since must be a date such as 2024-03-01, not 'yesterday'"),
        ({"source": "sada", "since": "2026-05-02", "until": "2026-05-01"}, "since (2026-05-02) must lie before until"),
        ({"source": "sada", "sinse": "2026-05-02"}, "unknown argument 'sinse'"),
        ({"since": "2026-05-02"}, "argument 'source' is missing"),
        ({"source": "sada", "until": "2026-05-01"}, "until (2026-05-01) needs since"),
        ({"source": "sada", "limit": "0"}, "argument 'limit': Input should be greater than or equal to 1"),
        ({"source": "sada", "discovery": "feed,listing"}, "no discovery of type listing: it has feed"),
        (
            {"source": "sada", "refetch": "blocked,blokked"},
            "no page is rejected as blokked: the reasons are redirect, ",
        ),
        ({"source": "sada", "refetch_before": "2026-05-01T10:00:00"}, "argument 'refetch_before'"),
        ({"source": "sada", "run": "../x"}, "argument 'run': String should match pattern"),
    ],
)
def test_a_wrong_argument_is_named_in_one_line(sources, given, message):
    sources()
    with pytest.raises(ArgumentError) as wrong:
        Arguments.of(given)
    assert message in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_wrong_section_is_named(sources):
    sources("sections: {include: ['(']}")
    with pytest.raises(ArgumentError, match="not a regular expression"):
        Arguments.of({"source": "sada"})


def test_the_window_reaches_back_from_today_unless_told(sources):
    sources("look_back_days: 2")
    window = Arguments.of({"source": "sada"}).window
    assert window.until - window.since == timedelta(days=3)
    told = Arguments.of({"source": "sada", "since": "2026-05-01", "until": "2026-05-02", "run": "sada-1"})
    assert (told.window.since, told.window.until, told.run) == (date(2026, 5, 1), date(2026, 5, 2), "sada-1")
