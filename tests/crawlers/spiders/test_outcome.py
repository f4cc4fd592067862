"""What is made of the pages that came, and of those that did not: how a crawl ended, its report, its record for each day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from crawlers.mementos import MementoError
from crawlers.run import DiscoveryReport, Failure, Outcome
from crawlers.spiders.outcome import MANY_ALIKE, MANY_FAILURES, Ending, Tally, reason_of
from crawlers.window import Window
from pipeline.sources import Source

SOURCE = Source.model_validate(
    {"id": "sada", "name": "صدى", "home": "http://sadanews.example/", "timezone": "Asia/Damascus"}
)
WINDOW = Window(date(2026, 5, 1), date(2026, 5, 8))
DAY = date(2026, 5, 2)


def tally(pages: int = 10) -> Tally:
    return Tally(SOURCE, WINDOW, "sada-1", [f"http://sadanews.example/{number}" for number in range(pages)])


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (DownloadTimeoutError(), "timeout"),
        (CannotResolveHostError(), "dns"),
        (DownloadCancelledError(), "too_large"),
        (MementoError("HTTP 404"), "no_memento"),
        (IgnoreRequest("Forbidden by robots.txt"), "robots"),
        (IgnoreRequest("max redirections reached"), "redirect_loop"),
        (IgnoreRequest("for some reason"), "IgnoreRequest"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_every_error_has_a_word(error: Exception, word: str) -> None:
    assert reason_of(error) == word


@pytest.mark.parametrize(
    ("ending", "outcome", "words"),
    [
        (Ending(problem="no discovery of sada could be used"), Outcome.FAILED, "no discovery of sada could be used"),
        (
            Ending("circuit_breaker", last_failure=Failure("http://a/1", "http_503")),
            Outcome.FAILED,
            "http://a/1: http_503",
        ),
        (Ending("shutdown"), Outcome.INTERRUPTED, "interrupted"),
        (Ending("overtime", overtime=60), Outcome.INTERRUPTED, "its time of 60 s was over"),
        (Ending("memusage_exceeded"), Outcome.FAILED, "the crawl broke off (memusage_exceeded)"),
        (Ending(dry_run=True), Outcome.FINISHED, "reports/sada-1/would_fetch.jsonl"),
        (Ending(), Outcome.NOTHING_NEW, "nothing new"),
        (Ending(pages_archived=1), Outcome.FINISHED, "sada: found 10, captured 0, known 1, failed 0"),
    ],
)
def test_a_crawl_ends_as_what_stopped_it_says(ending: Ending, outcome: Outcome, words: str) -> None:
    told = tally()
    told.count("known", DAY)
    judged, message = told.judge(ending)
    assert judged == outcome
    assert words in message


def test_failures_that_may_pass_are_told_from_those_that_last() -> None:
    lasting, passing = tally(), tally()
    for number in range(MANY_FAILURES):
        lasting.fail(f"http://a/{number}", "http_404", DAY)
        passing.fail(f"http://a/{number}", "http_503", DAY)
    assert lasting.judge(Ending())[0] == Outcome.NOTHING_NEW
    assert passing.judge(Ending()) == (
        Outcome.FAILED,
        f"sada: found 10, captured 0, known 0, failed {MANY_FAILURES}; no page came (the first: http://a/0: http_503)",
    )
    passing.count("captured", DAY)
    assert passing.judge(Ending(pages_archived=1))[0] == Outcome.FINISHED
    days = [one.record(one.summary(Outcome.FINISHED, "", [])).days for one in (lasting, passing)]
    assert days == [{"2026-05-02": {"gone": MANY_FAILURES}}, {"2026-05-02": {"captured": 1, "failed": MANY_FAILURES}}]


@pytest.mark.parametrize(
    ("walls", "articles", "outcome", "told"),
    [
        (MANY_ALIKE, 0, Outcome.FAILED, True),
        (MANY_ALIKE, MANY_ALIKE - 1, Outcome.FINISHED, True),
        (MANY_ALIKE, MANY_ALIKE, Outcome.FINISHED, False),
        (MANY_ALIKE - 1, 0, Outcome.FINISHED, False),
    ],
)
def test_pages_that_are_all_the_same_are_a_wall(walls: int, articles: int, outcome: Outcome, told: bool) -> None:
    counted = tally()
    for number in range(walls + articles):
        counted.count("captured", DAY)
        counted.note_body(b"wall" if number < walls else b"%d" % number)
    judged, message = counted.judge(Ending(pages_archived=walls + articles))
    assert judged == outcome
    assert ("a wall" in message) is told


BECAME = ["captured", "known", "outside_window", "section", "offsite", "robots", "taken_down", "over_limit"]
BECAME += ["timeout", "moved_to_new.example"]


@given(st.lists(st.tuples(st.sampled_from(BECAME), st.none() | st.dates(date(2026, 4, 28), date(2026, 5, 10)))))
def test_every_page_found_is_in_the_report_once_and_in_the_record_of_its_day(
    became: list[tuple[str, date | None]],
) -> None:
    counted = tally(len(became) + 3)
    for number, (word, day) in enumerate(became):
        if word in {"timeout", "moved_to_new.example"}:
            counted.fail(f"http://a/{number}", word, day)
        else:
            counted.count(word, day)
    counted.count_listed(2)
    counted.discoveries.append(DiscoveryReport("feed", "http://a/feed", answered=True, found=len(became)))
    summary = counted.summary(Outcome.INTERRUPTED, "interrupted", ["captures/x.warc.gz"])
    accounted = summary.known + summary.captured + summary.would_fetch + len(summary.failed)
    assert (summary.remaining, accounted + sum(summary.skipped.values()) + 1) == (1, summary.found)
    record = counted.record(summary)
    in_window = sum(day is not None and WINDOW.since <= day < WINDOW.until for _, day in became)
    assert sum(sum(day.values()) for day in record.days.values()) == in_window
    assert sum(record.undated.values()) == sum(day is None for _, day in became)
    assert (record.outcome, record.timezone, record.files) == ("interrupted", "Asia/Damascus", summary.files)
    assert [one.type for one in record.discovery] == ["feed"]
