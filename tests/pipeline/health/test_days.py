"""The rows of ``health/``: what they say, and that no order of builds changes their bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.run import Failure, Outcome
from crawlers.window import Window
from pipeline import build
from pipeline.bucket import Bucket
from pipeline.health import SourceDay, State, read_days, update, verdicts
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose, take_in
from tests.pipeline.health.conftest import put_history, put_report

Sources = dict[str, Source]
DAY = date(2024, 3, 20)


def at(hour: int, day: int = 20) -> datetime:
    return datetime(2024, 3, day, hour, tzinfo=UTC)


def health(bucket: Bucket) -> dict[str, bytes]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("health/")}


def row(bucket: Bucket, day: date = DAY, source: str = "alfajr") -> SourceDay:
    [found] = [one for one in read_days(bucket, [source]) if one.day == day]
    return found


def test_a_day_says_what_its_crawls_and_its_pages_were(bucket: Bucket, sources: Sources) -> None:
    run = put_report(bucket, "alfajr", at(6), failed=(Failure("http://alfajr.example/9", "http_500"),))
    pages = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), "2024-03-19T10:00:00+03:00") for n in range(3)}
    pages["http://alfajr.example/wall"] = (
        b"<html><title>Just a moment...</title><body>Checking your browser</body></html>"
    )
    archive(bucket, "alfajr", run, pages, at=at(6))
    put_report(bucket, "alfajr", at(12), captured=0, found=7, skipped={"robots": 2, "section": 0}, throttled=1)
    build.build(bucket, sources, "b")
    told = row(bucket)
    assert (told.crawls, told.captured, told.found, told.failed, told.skipped) == (2, 2, 7, {}, {"robots": 2})
    assert (told.requests, told.bytes, told.throttled, told.last_crawl_at) == (10, 10_000, 1, at(12))
    assert (told.pages, told.articles, told.texts, sum(told.rejected.values())) == (4, 3, 3, 1)
    assert (told.with_day, told.with_time, told.with_author, told.published) == (3, 3, 0, 0)
    assert told.latency_median == 23 * 60
    assert told.body_q1 is not None
    assert told.body_q3 is not None
    assert 0 < told.body_q1 <= (told.body_median or 0) <= told.body_q3
    assert row(bucket, date(2024, 3, 19)) == SourceDay("alfajr", date(2024, 3, 19), published=3)


def test_a_page_that_came_again_as_a_text_on_its_day_counts_once(bucket: Bucket, sources: Sources) -> None:
    wall = b"<html><title>Just a moment...</title><body>Checking your browser</body></html>"
    urls = [f"http://alfajr.example/{n}" for n in range(3)]
    texts = {url: page(f"خبر {url}", prose(n), "2024-03-20T05:00:00+03:00") for n, url in enumerate(urls)}
    short = {url: page(f"خبر {url}", prose(n)[:4], "2024-03-20T05:00:00+03:00") for n, url in enumerate(urls)}
    archive(bucket, "alfajr", put_report(bucket, "alfajr", at(6)), short | {urls[0]: wall, urls[1]: wall}, at=at(6))
    archive(bucket, "alfajr", put_report(bucket, "alfajr", at(9)), {url: texts[url] for url in urls[1:]}, at=at(9))
    build.build(bucket, sources, "b")
    told = row(bucket)
    assert (told.pages, told.articles, told.revisions, told.rejected) == (3, 2, 0, {"blocked": 1})


def test_a_changed_template_is_counted(bucket: Bucket, sources: Sources) -> None:
    changed = {id_: source.model_copy(update={"body": "div.of-last-year"}) for id_, source in sources.items()}
    archive(bucket, "alfajr", "x", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-19")}, at=at(6))
    build.build(bucket, changed, "b")
    assert (row(bucket).texts, row(bucket).selector_fails) == (1, 1)


def test_a_day_is_the_sources_own(bucket: Bucket, sources: Sources) -> None:
    run = put_report(bucket, "alfajr", at(22))  # one in the morning of the 21st in Damascus
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-21")}, at=at(22))
    update_after_build(bucket, sources)
    told = row(bucket, date(2024, 3, 21))
    assert (told.crawls, told.pages, told.published) == (1, 1, 1)
    assert {one.day for one in read_days(bucket)} == {date(2024, 3, 21)}


def test_backfills_imports_and_dry_runs_say_nothing_of_today(bucket: Bucket, sources: Sources) -> None:
    past = Window(date(2013, 3, 1), date(2013, 4, 1))
    run = put_report(bucket, "alfajr", at(6), window=past, outcome=Outcome.FAILED)
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2013-03-05")}, at=at(6))
    archive(
        bucket, "alfajr", "import-x-abc", {"http://alfajr.example/2": page("خبر", prose(2), "2024-03-20")}, at=at(7)
    )
    put_report(bucket, "alfajr", at(8), dry_run=True, captured=0)
    update_after_build(bucket, sources)
    told = row(bucket)
    assert (told.crawls, told.crawls_failed, told.pages, told.backfilled, told.published) == (0, 0, 0, 2, 1)
    assert told.last_outcome is None
    assert told.requests == 5


def test_a_report_that_comes_after_its_pages_is_taken_in(bucket: Bucket, sources: Sources) -> None:
    run = f"alfajr-{at(6):%Y%m%dT%H%M%SZ}-aaaaaa"
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-20")}, at=at(6))
    update_after_build(bucket, sources)
    assert (row(bucket).crawls, row(bucket).pages) == (0, 1)
    put_report(bucket, "alfajr", at(6))
    assert build.build(bucket, sources, "idle") is None
    assert (row(bucket).crawls, row(bucket).pages) == (1, 1)


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"outcome": "finished"}', b"\xff\xfe", json.dumps({"found": -1}).encode()],
)
def test_a_report_that_cannot_be_read_is_counted_and_the_rest_is_told(
    bucket: Bucket, sources: Sources, damage: bytes
) -> None:
    run = put_report(bucket, "alfajr", at(6))
    bucket.put(f"reports/{run}/crawl.json", damage)
    bucket.put("reports/alfajr-20241399T000000Z-aaaaaa/crawl.json", b"{}")  # no such time: no crawl's name
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-20")}, at=at(6))
    report = update_after_build(bucket, sources)
    assert report["health"]["problem"] is None
    told = row(bucket)
    assert (told.crawls, told.reports_unreadable, told.pages, told.found) == (0, 1, 1, None)


def test_a_report_of_an_older_version_knows_no_traffic(bucket: Bucket, sources: Sources) -> None:
    run = put_report(bucket, "alfajr", at(6))
    told = json.loads(bucket.get(f"reports/{run}/crawl.json"))
    for name in ("requests", "bytes", "throttled", "dry_run"):
        del told[name]
    bucket.put(f"reports/{run}/crawl.json", json.dumps(told).encode())
    update(bucket, sources)
    assert (row(bucket).requests, row(bucket).bytes, row(bucket).found) == (None, None, 3)


def test_a_clock_that_jumped_ends_no_build(bucket: Bucket, sources: Sources) -> None:
    put_report(bucket, "alfajr", datetime(2033, 1, 1, tzinfo=UTC), finished_at=datetime(1970, 1, 1, tzinfo=UTC))
    put_report(bucket, "alfajr", at(6), finished_at=datetime(2099, 1, 1, tzinfo=UTC))
    update(bucket, sources)
    assert [one.day for one in read_days(bucket)] == [DAY, date(2033, 1, 1)]


HEAD, PART = "state/health/head.json", "state/health/month=2024-03/pages.parquet"
ROWS = "health/month=2024-03/days.parquet"


@pytest.mark.parametrize("lost", [{HEAD}, {PART}, {ROWS}, {HEAD, ROWS}, {PART, ROWS}])
@pytest.mark.parametrize("damaged", [False, True])
def test_what_was_lost_or_damaged_is_made_anew(bucket: Bucket, sources: Sources, lost: set[str], damaged: bool) -> None:
    run = put_report(bucket, "alfajr", at(6))
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-20")}, at=at(6))
    put_report(bucket, "almada", at(6))
    update_after_build(bucket, sources)
    whole = health(bucket)
    for key in lost:
        assert bucket.holds(key)
        bucket.put(key, b"PAR1") if damaged else bucket.delete(key)
    put_report(bucket, "alfajr", at(6))  # a month is read when something of it changed
    put_report(bucket, "almada", at(9), dry_run=True)
    update(bucket, sources)
    assert health(bucket) == whole


def test_the_days_of_sources_that_are_not_given_wait_for_a_build_that_has_them(
    bucket: Bucket, sources: Sources
) -> None:
    for source in sources:
        run = put_report(bucket, source, at(6))
        archive(
            bucket, source, run, {f"http://{source}.example/1": page("خبر", prose(len(source)), "2024-03-20")}, at=at(6)
        )
    build.build(bucket, sources, "b")
    whole = health(bucket)
    bucket.delete_below("health/")
    bucket.delete_below("state/health/")
    update(bucket, {"alfajr": sources["alfajr"]})
    assert {one.source for one in read_days(bucket)} == {"alfajr"}
    update(bucket, {"almada": sources["almada"]})
    update(bucket, sources)
    assert health(bucket) == whole


def test_another_time_zone_moves_the_days(bucket: Bucket, sources: Sources) -> None:
    run = put_report(bucket, "alfajr", at(22))
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-20")}, at=at(22))
    build.build(bucket, sources, "b")
    put_report(bucket, "almada", at(22))
    moved = {**sources, "alfajr": sources["alfajr"].model_copy(update={"timezone": "UTC"})}
    update(bucket, moved)
    assert [(one.day, one.crawls, one.pages) for one in read_days(bucket, ["alfajr"])] == [(DAY, 1, 1)]


def test_a_source_takes_its_days_along_to_another_id(bucket: Bucket, sources: Sources) -> None:
    run = put_report(bucket, "alfajr", at(6))
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-20")}, at=at(6))
    build.build(bucket, sources, "b")
    before = row(bucket)
    renamed = sources["alfajr"].model_copy(update={"id": "subh", "formerly": ("alfajr",)})
    build.build(bucket, {"subh": renamed, "almada": sources["almada"]}, "c")
    assert read_days(bucket) == [replace(before, source="subh")]


def test_nothing_is_written_where_nothing_changed(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = put_report(bucket, "alfajr", at(6))
    archive(bucket, "alfajr", run, {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-20")}, at=at(6))
    update_after_build(bucket, sources)
    assert (update(bucket, sources).months, update(bucket, sources).days) == ([], 0)


def test_only_days_that_changed_are_read(bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(10, 19):
        run = put_report(bucket, "alfajr", at(6, day))
        url = f"http://alfajr.example/{day}"
        archive(bucket, "alfajr", run, {url: page("خبر", prose(day), f"2024-03-{day}")}, at=at(6, day))
    build.build(bucket, sources, "b")
    run = put_report(bucket, "alfajr", at(6))
    archive(bucket, "alfajr", run, {"http://alfajr.example/20": page("خبر", prose(20), "2024-03-20")}, at=at(6))
    from pipeline.documents import Documents

    read, days_read = Documents.read, set()

    def reading(self: Documents, columns: object, where: object = None, *, days: object = None, files: object = None):
        days_read.update(days or ())
        return read(self, columns, where, days=days, files=files)

    take_in(bucket, sources, "c")
    build.deduplicate(bucket, "c")
    monkeypatch.setattr("pipeline.documents.Documents.read", reading)
    assert update(bucket, sources).days == 1
    assert days_read == {"2024-03-20"}


def test_only_months_that_changed_are_read_and_written(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    for month in range(1, 4):
        run, url = put_report(bucket, "alfajr", when := datetime(2024, month, 20, 6, tzinfo=UTC)), f"/{month}"
        archive(
            bucket, "alfajr", run, {f"http://alfajr.example{url}": page("خبر", prose(month), f"{when:%F}")}, at=when
        )
    build.build(bucket, sources, "b")
    # Captured in March, published in January.
    archive(bucket, "alfajr", "x", {"http://alfajr.example/4": page("خبر", prose(4), "2024-01-20")}, at=at(9))
    take_in(bucket, sources, "c")
    build.deduplicate(bucket, "c")
    touched, get, put = set(), Bucket.get, Bucket.put

    def getting(self: Bucket, key: str) -> bytes:
        touched.add(key)
        return get(self, key)

    def putting(self: Bucket, key: str, data: bytes, **settings: str) -> None:
        touched.add(key)
        put(self, key, data, **settings)

    monkeypatch.setattr(Bucket, "get", getting)
    monkeypatch.setattr(Bucket, "put", putting)
    update(bucket, sources)
    assert row(bucket).pages == 2
    months = {key.split("month=")[1][:7] for key in touched if key.startswith("state/health/month=")}
    assert months == {"2024-01", "2024-03"}


def test_killed_before_its_end_an_update_is_made_good(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, month in enumerate((1, 2, 1)):
        when = datetime(2024, 3, 18 + number, 6, tzinfo=UTC)
        run = put_report(bucket, "alfajr", when)
        pages = {f"http://alfajr.example/{number}": page("خبر", prose(number), f"2024-{month:02}-20")}
        archive(bucket, "alfajr", run, pages, at=when)
        take_in(bucket, sources, f"b{number}")
        build.deduplicate(bucket, f"b{number}")
        for step in ("Pages.write", "write_head"):
            with monkeypatch.context() as patch:
                patch.setattr(f"pipeline.health.days.{step}", _killed)
                with pytest.raises(KeyboardInterrupt):
                    update(bucket, sources)
        update(bucket, sources)
    found = health(bucket)
    for prefix in ("health/", "state/health/"):
        bucket.delete_below(prefix)
    update(bucket, sources)
    assert health(bucket) == found


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_fails_is_told_and_fails_no_build(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(bucket, "alfajr", "x", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-20")})

    def broken(*_: object) -> None:
        raise RuntimeError("no rows today")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.build.health", SimpleNamespace(update=broken))
        report = update_after_build(bucket, sources)
    assert report["health"]["problem"] == "RuntimeError: no rows today"
    assert build.build(bucket, sources, "mended") is None
    assert row(bucket).pages == 1


def _crawled(number: int) -> dict[str, object]:
    """The pages and the report of one of the crawls that the orders are of: texts repeat each other across sources and days,
    and those of a day may be of another month."""
    source = ("alfajr", "almada")[number % 2]
    hour = at(5 + 6 * (number % 3), 17 + number // 3)
    told = f"2024-{('03-16', '02-28', '03-18')[number // 2]}T08:00:00+03:00" if number % 3 else None
    pages = {
        f"http://{source}.example/{number}": page(f"خبر {number // 2}", prose(number // 2), told),
        f"http://{source}.example/again": page("خبر متجدد", prose(50 + number % 3), "2024-03-17T08:00:00+03:00"),
    }
    return {"source": source, "at": hour, "pages": pages}


@given(st.permutations(range(6)), st.lists(st.integers(1, 5), max_size=3, unique=True))
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_builds_changes_the_bytes(s3: str, order: list[int], cuts: list[int]) -> None:
    sources = {
        id_: Source.model_validate({"id": id_, "name": id_, "home": f"http://{id_}.example/", "timezone": "Asia/Aden"})
        for id_ in ("alfajr", "almada")
    }
    made = []
    for crawls, builds_after in ((list(range(6)), {5}), (order, {cut - 1 for cut in cuts} | {5})):
        bucket = Bucket(f"test-{uuid4().hex[:12]}")
        bucket.ensure()
        for place, number in enumerate(crawls):
            crawled = _crawled(number)
            run = put_report(bucket, crawled["source"], crawled["at"], mark=f"aaaaa{number}")  # type: ignore[arg-type]
            archive(bucket, crawled["source"], run, crawled["pages"], at=crawled["at"])  # type: ignore[arg-type]
            if place in builds_after:
                build.build(bucket, sources, f"b{place}")
        made.append(health(bucket))
        bucket.delete_below("health/")
        bucket.delete_below("state/health/")
        build.build(bucket, sources, "rebuilt", rebuild=True)
        made.append(health(bucket))
    assert made[0]
    assert made.count(made[0]) == 4


def test_what_a_build_wrote_is_judged(bucket: Bucket, sources: Sources) -> None:
    put_history(bucket, "alfajr", DAY)
    run = put_report(bucket, "alfajr", at(6), found=4, captured=4)
    wall = b"<html><title>Just a moment...</title><body>Checking your browser before accessing</body></html>"
    archive(bucket, "alfajr", run, {f"http://alfajr.example/{n}": wall for n in range(4)}, at=at(6))
    update_after_build(bucket, sources)
    days = read_days(bucket)
    unknown, well = verdicts([day for day in days if day.day < DAY], sources, at(5))
    assert (unknown.source, unknown.state, well.state) == ("almada", State.UNKNOWN, State.OK)
    blocked = verdicts(days, sources, at(8))[0]
    assert (blocked.source, blocked.state, blocked.since) == ("alfajr", State.BLOCKED, DAY)


def update_after_build(bucket: Bucket, sources: Sources) -> dict:
    return json.loads(bucket.get(str(build.build(bucket, sources, f"b-{uuid4().hex[:6]}"))))
