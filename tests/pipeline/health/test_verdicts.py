"""What is said of a source: by kinds of trouble, and what holds for any source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coverage import DayCoverage
from pipeline.coverage import State as Covered
from pipeline.health import SourceDay, State, Verdict, verdicts
from pipeline.sources import Source
from tests.pipeline.health.conftest import well

TODAY = date(2024, 6, 30)
NOW = datetime(2024, 6, 30, 5, tzinfo=UTC)
DAY = timedelta(days=1)
FRIDAY = 4
SOURCE = Source.model_validate(
    {"id": "alfajr", "name": "صحيفة الفجر", "home": "http://alfajr.example/", "timezone": "Asia/Damascus"}
)


def past(articles: Callable[[date], int] = lambda _: 12, days: int = 120) -> list[SourceDay]:
    """The days of a source that is well, up to this morning's first crawl."""
    known = [well("alfajr", day, articles(day)) for day in (TODAY - n * DAY for n in range(days, 0, -1))]
    morning = datetime(TODAY.year, TODAY.month, TODAY.day, 3, tzinfo=UTC)
    return [*known, replace(well("alfajr", TODAY, 0), crawls=1, last_crawl_at=morning)]


def judged(days: Iterable[SourceDay], source: Source = SOURCE, coverage: Iterable[DayCoverage] = ()) -> Verdict:
    [verdict] = verdicts(days, {source.id: source}, NOW, coverage)
    assert verdict.reason
    assert "cannot be judged" not in verdict.reason
    assert verdict.todo or not verdict.wrong
    assert json.loads(json.dumps(verdict.to_json()))["state"] == verdict.state.value
    return verdict


def since(days: list[SourceDay], first: date, spoil: Callable[[SourceDay], SourceDay]) -> list[SourceDay]:
    return [spoil(day) if day.day >= first else day for day in days]


def nothing(day: SourceDay) -> SourceDay:
    return replace(well("alfajr", day.day, 0), found=24, crawls=day.crawls, last_crawl_at=day.last_crawl_at)


def rejected(reason: str) -> Callable[[SourceDay], SourceDay]:
    return lambda day: replace(nothing(day), captured=day.pages, pages=day.pages, rejected={reason: day.pages})


def dead(day: SourceDay) -> SourceDay:
    told = {"last_outcome": "failed", "discoveries_answered": 0, "problems": ("http://alfajr.example/rss: dns",)}
    return replace(nothing(day), crawls_failed=day.crawls, **told)


SICK = {
    "robots": (lambda day: replace(nothing(day), skipped={"robots": 12}), State.SICK, "robots.txt forbids 12 pages"),
    "a dead host": (dead, State.SICK, "no discovery answers: http://alfajr.example/rss: dns"),
    "HTTP 500": (
        lambda day: replace(nothing(day), failed={"http_500": 12}, last_outcome="failed", crawls_failed=day.crawls),
        State.SICK,
        "12 pages did not come (http_500 12), 0 did",
    ),
    "silence": (nothing, State.SILENT, "nothing published for 40 days"),
    "walls": (rejected("blocked"), State.BLOCKED, "12 of the last 12 pages are walls"),
    "empty bodies": (rejected("empty"), State.EMPTY, "12 of the last 12 pages have no text"),
    "short bodies": (
        lambda day: day if day.body_median is None else replace(day, body_q1=60, body_median=80, body_q3=90),
        State.DRIFTING,
        "bodies have 80 characters, usual are 1,500",
    ),
    "a wall by status": (
        lambda day: replace(nothing(day), failed={"http_403": 12}, last_outcome="failed", crawls_failed=day.crawls),
        State.BLOCKED,
        "12 pages did not come (http_403 12), 0 did",
    ),
    "a shell that is always the same": (
        lambda day: replace(
            rejected("empty")(day), last_outcome="failed" if day.pages else "finished", crawls_failed=day.crawls
        ),
        State.EMPTY,
        "12 of the last 12 pages have no text",
    ),
    "lists that robots.txt forbids": (
        lambda day: replace(dead(day), problems=("http://alfajr.example/rss: robots",)),
        State.SICK,
        "robots.txt forbids its lists: http://alfajr.example/rss: robots",
    ),
    "pages that moved": (
        lambda day: replace(
            nothing(day), failed={"moved_to_new.example": 12}, last_outcome="failed", crawls_failed=day.crawls
        ),
        State.SICK,
        "moved to new.example: 12 pages did not come",
    ),
    "lists that moved": (
        lambda day: replace(
            dead(day), problems=("http://alfajr.example/rss: http://new.example/rss is on none of the source's hosts",)
        ),
        State.SICK,
        "moved to new.example: no discovery answers",
    ),
    "no authors": (lambda day: replace(day, with_author=0), State.DRIFTING, "texts have no author"),
    "no days": (lambda day: replace(day, with_day=0, with_time=0), State.DRIFTING, "texts state no"),
    "rejections": (rejected("not_an_article"), State.DRIFTING, "pages are rejected"),
    "another template": (lambda day: replace(day, selector_fails=day.texts), State.DRIFTING, "`body:` selects"),
}


@pytest.mark.parametrize("kind", SICK)
@pytest.mark.parametrize("lasts", [1, 40])
def test_every_kind_of_trouble_is_named_with_its_first_day(kind: str, lasts: int) -> None:
    spoil, state, said = SICK[kind]
    first = TODAY - lasts * DAY
    verdict = judged(since(past(), first, spoil))
    assert (verdict.state, verdict.since) == (state, first)
    assert said.replace("40 days", f"{lasts} days") in verdict.reason
    assert verdict.figures


def test_what_to_do_about_robots_txt_is_said_where_it_forbids_alone() -> None:
    unreachable = "http://alfajr.example/rss: robots.txt of alfajr.example could not be fetched (HTTP 500)"
    for problem, todo in (("http://alfajr.example/rss: robots", "read http"), (unreachable, "warraq check alfajr")):
        days = since(past(), TODAY - 2 * DAY, lambda day, said=problem: replace(dead(day), problems=(said,)))
        assert judged(days).todo.startswith(todo)


def test_of_a_site_that_moved_it_is_said_what_its_file_lacks() -> None:
    told = judged(since(past(), TODAY - 2 * DAY, SICK["pages that moved"][0]))
    assert told.figures["moved_to"] == "new.example"
    assert told.todo.startswith("add new.example to `allowed_hosts` in the file of alfajr")


def test_a_site_of_few_pages_that_robots_txt_forbids_is_told_once_it_has_forbidden_two() -> None:
    def spoil(day: SourceDay) -> SourceDay:
        return replace(nothing(day), skipped={"robots": 1} if day.published else {})

    days = past(lambda day: int(day.toordinal() % 2 == TODAY.toordinal() % 2))
    assert judged(since(days, TODAY - 2 * DAY, spoil)).state == State.OK
    told = judged(since(days, TODAY - 4 * DAY, spoil))
    assert (told.state, told.reason) == (
        State.SICK, "robots.txt forbids the 2 pages found on 2 days, none before, and no page came since",
    )  # fmt: skip
    assert told.todo.startswith("read http://alfajr.example/robots.txt")
    assert told.since == next(day.day for day in days if day.day >= TODAY - 4 * DAY and day.published)


def test_a_source_of_few_pages_is_sick_since_the_first_that_did_not_come() -> None:
    """Not since the last day on which some were due."""
    days = past(lambda day: 6 * int(day.toordinal() % 3 == TODAY.toordinal() % 3))
    ill = since(
        days,
        TODAY - 8 * DAY,
        lambda day: replace(nothing(day), failed={"http_500": day.published} if day.published else {}),
    )
    last = next(place for place in range(len(ill) - 1, -1, -1) if ill[place].failed)
    told = judged(ill[: last + 1])
    assert told.state == State.SICK
    assert told.todo.startswith("open one of its pages in a browser")
    assert told.since == next(day.day for day in days if day.day >= TODAY - 8 * DAY and day.published)


@pytest.mark.parametrize("last", [date(2024, 4, 13), date(2024, 6, 20)])  # 4 Shawwal and 14 Dhu al-Hijja 1445
def test_a_feast_is_no_silence_and_no_rest_for_those_who_rest_no_longer(last: date) -> None:
    feast = [last - n * DAY for n in range(5)]
    days = [day for day in past(days=182) if day.day <= last]
    rested = [nothing(day) if day.day in feast else day for day in days]
    now = datetime(last.year, last.month, last.day, 5, tzinfo=UTC)
    [resting] = verdicts(rested, {SOURCE.id: SOURCE}, now + DAY)
    assert resting.state == State.OK
    on = [*rested, *(nothing(well("alfajr", last + n * DAY)) for n in range(1, 3))]
    [silent] = verdicts(on, {SOURCE.id: SOURCE}, now + 3 * DAY)
    assert (silent.state, silent.since) == (State.SILENT, feast[-1])


def test_two_flashes_on_a_quiet_day_are_no_drift_and_many_short_texts_are() -> None:
    days = past(lambda _: 3)
    assert (
        judged(since(days, TODAY - DAY, lambda day: replace(day, body_median=150) if day.texts else day)).state
        == State.OK
    )
    told = judged(since(days, TODAY - 2 * DAY, lambda day: replace(day, body_median=150) if day.texts else day))
    assert told.state == State.DRIFTING


def test_what_was_never_rejected_before_is_told_beside_videos_that_come_in_swarms() -> None:
    def swarms(day: SourceDay) -> SourceDay:
        videos = (0, 1, 0, 4, 1, 0, 2)[day.day.toordinal() % 7] if day.texts else 0
        return replace(day, texts=day.texts - videos, published=day.published - videos, rejected={"video": videos})

    def spoil(day: SourceDay) -> SourceDay:
        return replace(day, texts=1, published=1, rejected={"not_an_article": 4}) if day.texts else day

    days = [swarms(day) for day in past(lambda _: 5)]
    assert judged(days).state == State.OK
    told = judged(since(days, TODAY - DAY, spoil))
    assert (told.state, told.since) == (State.DRIFTING, TODAY - DAY)
    assert told.reason == "4 of the last 5 pages are rejected as not_an_article; usual is 0%"


def test_a_drift_that_passed_does_not_hide_the_next() -> None:
    short = SICK["short bodies"][0]
    days = [short(day) if 50 < (TODAY - day.day) / DAY <= 80 else day for day in past(days=182)]
    assert judged(days).state == State.OK
    told = judged(since(days, TODAY - DAY, short))
    assert (told.state, told.since) == (State.DRIFTING, TODAY - DAY)


def test_a_share_of_few_pages_does_not_waver_by_being_of_few() -> None:
    def names(day: SourceDay) -> SourceDay:
        """Of eight texts one in ten has no author, on as many days as chance would have it."""
        lacking = (0, 1, 0, 2, 1, 0, 1, 0, 2, 1)[day.day.toordinal() % 10]
        return replace(day, with_author=max(day.texts - lacking, 0))

    days = [names(day) for day in past(lambda day: 5 if day == TODAY - DAY else 8, 182)]
    assert judged(days).state == State.OK
    told = judged(since(days, TODAY - DAY, lambda day: replace(day, with_author=0)))
    assert (told.state, told.since) == (State.DRIFTING, TODAY - DAY)


def test_the_worst_come_first() -> None:
    sources = {id_: SOURCE.model_copy(update={"id": id_}) for id_ in ("a", "b", "c", "d")}
    sources["e"] = SOURCE.model_copy(update={"id": "e", "enabled": False})
    days = [replace(day, source="a") for day in past()]
    days += [replace(day, source="b") for day in since(past(), TODAY - 3 * DAY, rejected("empty"))]
    days += [replace(day, source="c") for day in since(past(), TODAY - 3 * DAY, dead)]
    told = verdicts(days, sources, NOW)
    assert [(one.source, one.state.value) for one in told] == [
        ("c", "sick"), ("b", "empty"), ("d", "not known"), ("a", "ok"), ("e", "off"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("articles", "quiet"),
    [
        (lambda day: 0 if day.weekday() == FRIDAY else 9, "a source that rests on Fridays"),
        (lambda day: 0 if day.weekday() in {4, 5} else 9, "one of weekdays"),
        (lambda day: 2 if day.weekday() == 6 else 0, "one of Sundays alone"),
        (lambda day: int(day.toordinal() % 5 == 0), "one of every fifth day"),
    ],
)
def test_a_source_is_held_against_its_own_rhythm(articles: Callable[[date], int], quiet: str) -> None:
    days = past(articles, 182)
    for ago in range(8):  # whatever weekday it is looked at
        known = [day for day in days if day.day < TODAY - ago * DAY]
        now = NOW - ago * DAY
        [verdict] = verdicts(known, {"alfajr": SOURCE}, now)
        assert verdict.state == State.OK, quiet


@given(st.integers(1, 200), st.integers(28, 182), st.sets(st.integers(0, 6), max_size=5))
def test_a_source_that_is_always_the_same_is_ok(articles: int, days: int, resting: set[int]) -> None:
    told = judged(past(lambda day: 0 if day.weekday() in resting else articles, days))
    assert told.state in {State.OK, State.UNKNOWN}
    assert told.state == State.OK or days < 35


@given(st.lists(st.integers(0, 1), min_size=100, max_size=150), st.integers(1, 30))
def test_a_silence_never_becomes_likelier_by_lasting(published: list[int], lasts: int) -> None:
    last = TODAY - 31 * DAY

    def chance(days: int) -> float:
        known = [well("alfajr", last - n * DAY, count) for n, count in enumerate([2, *published])]
        known += [well("alfajr", last + n * DAY, 0) for n in range(1, days + 1)]
        [told] = verdicts(known, {SOURCE.id: SOURCE}, NOW - (30 - days) * DAY)
        return float(told.figures.get("chance", 1.0)) if told.state == State.SILENT else 1.0

    assert chance(lasts + 1) <= chance(lasts)


@given(st.integers(2, 50), st.sampled_from(["walls", "empty bodies", "no authors", "short bodies", "rejections"]))
def test_what_is_so_of_few_pages_is_so_of_many(times: int, kind: str) -> None:
    spoil, state, _ = SICK[kind]
    assert judged(since(past(lambda _: 6), TODAY - 3 * DAY, spoil)).state == state
    assert judged(since(past(lambda _: 6 * times), TODAY - 3 * DAY, spoil)).state == state


@given(st.permutations(range(20)))
def test_the_order_of_the_days_does_not_matter(order: list[int]) -> None:
    days = since(past(days=19), TODAY - 3 * DAY, rejected("blocked"))
    assert judged([days[place] for place in order]) == judged(days)


def test_one_crawl_that_fails_is_no_alarm_where_the_next_is_soon() -> None:
    days = past()
    assert judged([*days[:-1], replace(days[-1], crawls_failed=1, last_outcome="failed")]).state == State.OK
    days[-2] = replace(days[-2], crawls_failed=1, last_outcome="failed")
    failed = judged([*days[:-1], replace(days[-1], crawls_failed=1, last_outcome="failed")])
    assert (failed.state, failed.since) == (State.SICK, TODAY - DAY)


def test_one_broken_page_of_a_quiet_source_is_no_alarm() -> None:
    days = past(lambda day: int(day.weekday() == 2))
    assert judged(since(days, TODAY - 3 * DAY, lambda day: replace(day, failed={"http_500": 1}))).state == State.OK


def test_a_source_that_no_crawl_came_to_is_late() -> None:
    days = [day for day in past() if day.day < TODAY - 2 * DAY]
    verdict = judged(days)
    assert (verdict.state, verdict.since) == (State.LATE, TODAY - 2 * DAY)
    assert "began 59 hours ago" in verdict.reason
    weekly = SOURCE.model_copy(update={"schedule": "0 6 * * 5"})
    assert judged(days, weekly).state == State.LATE
    assert judged(days, SOURCE.model_copy(update={"schedule": "0 6 1 * *"})).state == State.OK


def test_days_that_lack_pages_are_told_where_no_crawl_comes_back_to_them() -> None:
    def day(ago: int, state: Covered, why: str = "", failed: int = 0) -> DayCoverage:
        return DayCoverage("alfajr", TODAY - ago * DAY, state, why, failed=failed)

    healing = [day(2, Covered.PARTIAL, "3 pages could not be fetched", 3), day(9, Covered.COVERED)]
    latest_alone = day(8, Covered.PARTIAL, "its lists show the latest articles alone, and not back to this day")
    assert judged(past(), coverage=[*healing, latest_alone]).state == State.OK
    lacking = [day(6, Covered.PARTIAL, "2 pages could not be fetched", 2), day(12, Covered.GAP, "4 pages are gone")]
    verdict = judged(past(), coverage=[*healing, *lacking])
    assert (verdict.state, verdict.since) == (State.UNFINISHED, TODAY - 12 * DAY)
    assert verdict.todo == "warraq crawl alfajr --since 2024-06-18 --until 2024-06-25"


def test_without_a_past_nothing_is_known_but_what_needs_none() -> None:
    assert judged([]).state == State.UNKNOWN
    assert judged(past(days=5)).state == State.UNKNOWN
    assert judged([SourceDay("alfajr", TODAY - DAY, reports_unreadable=3)]).reason.startswith("none of its 3 crawls")
    assert judged(since(past(days=3), TODAY - DAY, rejected("blocked"))).state == State.BLOCKED
    assert judged(since(past(days=3), TODAY - DAY, dead)).state == State.SICK


def test_a_year_without_crawls_and_a_clock_that_jumped_are_no_past() -> None:
    old = [replace(day, day=day.day - 500 * DAY) for day in past()]
    future = well("alfajr", TODAY + 3000 * DAY)
    assert judged([*old, future]).state == State.UNKNOWN
    assert judged([*old, *past(), future]).state == State.OK


@given(st.lists(st.tuples(st.integers(0, 200), *(st.integers(0, 200) for _ in range(4))), min_size=1, max_size=20))
def test_whatever_the_first_days_have_is_judged(counts: list[tuple[int, ...]]) -> None:
    """All of them, none of them: also of the very first day, before which nothing is known."""
    judged(
        replace(
            well("alfajr", TODAY - ago * DAY, articles),
            **dict(
                zip(
                    ("with_author", "with_day", "with_time", "low_confidence"),
                    (min(n, articles) for n in of),
                    strict=True,
                )
            ),
        )
        for ago, (articles, *of) in enumerate(counts)
    )


def test_a_first_day_without_any_author_is_judged() -> None:
    assert judged([well("alfajr", TODAY, 163, with_author=0)]).state == State.UNKNOWN


def test_pages_of_backfills_alone_are_named_as_such() -> None:
    assert judged([SourceDay("alfajr", TODAY, backfilled=15)]).reason.startswith("15 pages came by backfills")


def test_what_breaks_on_one_source_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    other = SOURCE.model_copy(update={"id": "almada"})
    module = import_module("pipeline.health.verdicts")  # whose name in the room is the function's
    true = module._verdict

    def breaks(source: Source, *more: Any) -> Verdict:
        if source.id == "alfajr":
            raise ZeroDivisionError("float division by zero")
        return true(source, *more)

    monkeypatch.setattr(module, "_verdict", breaks)
    days = [*past(), *(replace(day, source="almada") for day in past())]
    told = {one.source: one for one in verdicts(days, {"alfajr": SOURCE, "almada": other}, NOW)}
    assert (told["alfajr"].state, told["almada"].state) == (State.UNKNOWN, State.OK)
    assert "ZeroDivisionError" in told["alfajr"].reason
