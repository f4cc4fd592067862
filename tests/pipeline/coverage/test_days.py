import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import build
from pipeline.bucket import Bucket
from pipeline.captures.model import Exchange
from pipeline.captures.write import CaptureWriter
from pipeline.coverage.days import DayCoverage, State, coverage
from pipeline.coverage.records import CrawlRecord, DiscoveryRecord, covered_sources, put_record
from pipeline.refetch import MANY_REJECTED
from pipeline.sources import Source
from tests.pipeline.conftest import NOW, archive, page, prose

DAY = date(2024, 3, 5)
SITEMAP = DiscoveryRecord("sitemap", "http://alfajr.example/sitemap.xml", answered=True, looks_back=True)
RECORD = CrawlRecord(
    source="alfajr",
    run="alfajr-1",
    since=date(2024, 3, 4),
    until=date(2024, 3, 8),
    timezone="Asia/Damascus",
    outcome="finished",
    message="alfajr: found 3",
    finished_at=datetime(2024, 3, 20, tzinfo=UTC),
    discovery=(SITEMAP,),
    days={"2024-03-05": {"captured": 2, "known": 1}},
)


def states(found: list[DayCoverage]) -> list[tuple[str, State]]:
    return [(str(one.day), one.state) for one in found]


def test_the_days_of_a_whole_crawl_are_covered_and_no_others(bucket: Bucket) -> None:
    put_record(bucket, RECORD)
    found = coverage(bucket, ["alfajr", "nowhere"], date(2024, 3, 3), date(2024, 3, 9))
    assert states(found)[:6] == [
        ("2024-03-03", State.NOT_CRAWLED),
        *[(f"2024-03-0{day}", State.COVERED) for day in (4, 5, 6, 7)],
        ("2024-03-08", State.NOT_CRAWLED),
    ]
    assert {one.state for one in found[6:]} == {State.NOT_CRAWLED}
    day = found[2]
    assert (day.captured, day.failed, day.run, day.discovery) == (3, 0, "alfajr-1", ("sitemap",))
    assert day.crawled_at == RECORD.finished_at
    assert json.loads(json.dumps(day.to_json()))["state"] == "covered"
    assert covered_sources(bucket) == ["alfajr"]


@pytest.mark.parametrize(
    ("shortcoming", "why"),
    [
        ({"outcome": "interrupted", "message": "alfajr: interrupted"}, "the crawl was interrupted"),
        ({"outcome": "failed"}, "the crawl was failed"),
        ({"discovery": (replace(SITEMAP, looks_back=False),)}, "the latest articles alone"),
        ({"discovery": (replace(SITEMAP, problems=("x: HTTP 500",)),)}, "x: HTTP 500"),
        ({"discovery": (replace(SITEMAP, answered=False),)}, "not back to this day"),
        ({"finished_at": datetime(2024, 3, 5, 20, 59, tzinfo=UTC)}, "the day was not over"),  # 23:59 in Damascus
        ({"days": {"2024-03-05": {"captured": 1, "failed": 2}}}, "2 pages could not be fetched"),
        ({"undated": {"failed": 1}}, "1 pages of no known day could not be fetched"),
        ({"undated": {"over_limit": 4}}, "4 pages of no known day were over the limit"),
    ],
)
def test_a_day_is_partial_and_says_why_until_a_whole_crawl_covers_it(
    bucket: Bucket, shortcoming: dict[str, object], why: str
) -> None:
    put_record(bucket, replace(RECORD, **shortcoming))  # type: ignore[arg-type]
    [found] = coverage(bucket, ["alfajr"], DAY, DAY + timedelta(days=1))
    assert found.state == State.PARTIAL
    assert why in found.why
    put_record(bucket, replace(RECORD, run="earlier", finished_at=datetime(2024, 3, 12, tzinfo=UTC)))
    [found] = coverage(bucket, ["alfajr"], DAY, DAY + timedelta(days=1))
    assert (found.state, found.run) == (State.COVERED, "earlier")


def test_pages_that_the_site_has_no_longer_and_other_days_failures_are_no_shortcoming(bucket: Bucket) -> None:
    put_record(bucket, replace(RECORD, days={"2024-03-05": {"gone": 1}, "2024-03-06": {"failed": 1}}))
    found = coverage(bucket, ["alfajr"], DAY, date(2024, 3, 7))
    assert states(found) == [("2024-03-05", State.COVERED), ("2024-03-06", State.PARTIAL)]


def test_a_capture_file_that_was_deleted_is_a_gap_until_its_pages_are_had_again(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    pages = {f"http://alfajr.example/{n}": page(f"خبر {n}", prose(n), f"2024-03-0{5 + n % 2}") for n in range(4)}
    lost = archive(bucket, "alfajr", "alfajr-1", pages)
    archive(bucket, "alfajr", "kept", {"http://alfajr.example/9": page("خبر", prose(9), "2024-03-05")})
    put_record(bucket, replace(RECORD, files=(lost,)))
    window = (date(2024, 3, 4), date(2024, 3, 8))

    before = coverage(bucket, ["alfajr"], *window)
    assert {(one.state, one.unread) for one in before} == {(State.PARTIAL, 5)}, "no build had read them"
    assert "5 captured pages are not read yet: run `warraq build`" in before[0].why
    bucket.delete(lost)
    found = coverage(bucket, ["alfajr"], *window)
    assert states(found)[1] == ("2024-03-05", State.GAP)
    assert lost in found[1].why, "no build had read it"

    bucket.delete(lost.replace(".warc.gz", ".cdxj"))
    archive(bucket, "alfajr", "alfajr-1", pages)
    build.build(bucket, sources, "built")
    found = coverage(bucket, ["alfajr"], *window)
    assert [(one.articles, one.state) for one in found] == [
        (0, State.COVERED),
        (3, State.COVERED),
        (2, State.COVERED),
        (0, State.COVERED),
    ]
    bucket.delete(lost)
    found = coverage(bucket, ["alfajr"], *window)
    assert [one.state for one in found] == [State.COVERED, State.GAP, State.GAP, State.COVERED]
    assert f"2 captured pages are gone from the bucket, with {lost}" in found[1].why

    archive(bucket, "alfajr", "again", pages, at=datetime(2024, 3, 21, tzinfo=UTC))
    build.build(bucket, sources, "rebuilt")
    assert {one.state for one in coverage(bucket, ["alfajr"], *window)} == {State.COVERED}


WALL = "<html lang='en'><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1><p>{}</p></body></html>"
HOME = "http://alfajr.example"


def put_pages(bucket: Bucket, run: str, pages: dict[str, tuple[bytes, dict[str, str]]], at: datetime = NOW) -> str:
    """Put pages (by path, with how each was found) into one capture file; its key."""
    writer = CaptureWriter(bucket, "alfajr", run)
    headers = [("Content-Type", "text/html; charset=utf-8")]
    for path, (body, found) in pages.items():
        writer.add(Exchange(HOME + path, at, 200, "OK", headers, body, request_headers=[], found=found))
    return str(writer.flush())


def article(number: int, day: str = "2024-03-05") -> bytes:
    return page(f"خبر {number}", prose(number), day)


def wall(number: int) -> bytes:
    return WALL.format(number).encode()


def why(bucket: Bucket) -> dict[int, str]:
    """What is wanting of the days of the record that are not covered."""
    found = coverage(bucket, ["alfajr"], RECORD.since, RECORD.until)
    assert all((one.state == State.COVERED) != bool(one.why) for one in found)
    return {one.day.day: one.why for one in found if one.why}


def test_a_day_with_pages_behind_a_wall_is_partial_until_they_are_had(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    stated = {"by": "feed", "published": "2024-03-05T10:00:00+03:00"}
    walls = {f"/{number}": (wall(number), stated) for number in range(3)}
    key = put_pages(bucket, "alfajr-1", walls | {"/9": (article(9), stated)})
    put_record(bucket, replace(RECORD, files=(key,)))
    build.build(bucket, sources, "one")
    assert why(bucket) == {
        5: "3 pages are no articles for what may pass (3 blocked); asked for again from 2024-03-20 09:00 UTC on, until 2024-05-19"
    }
    [day] = coverage(bucket, ["alfajr"], DAY, DAY + timedelta(days=1))
    assert (day.may_pass, day.articles) == (3, 1)

    put_pages(bucket, "alfajr-2", {"/0": (wall(7), stated)}, NOW + timedelta(days=31))
    put_pages(bucket, "alfajr-3", {"/1": (article(1), stated)}, NOW + timedelta(days=1))
    build.build(bucket, sources, "two")
    assert "2 pages are no" in why(bucket)[5]
    assert "1 of them no more: `warraq crawl alfajr --refetch` asks for them" in why(bucket)[5]

    healed = {f"/{number}": (article(number), stated) for number in (0, 2)}
    put_pages(bucket, "alfajr-4", healed, NOW + timedelta(days=32))
    build.build(bucket, sources, "three")
    assert why(bucket) == {}
    [day] = coverage(bucket, ["alfajr"], DAY, DAY + timedelta(days=1))
    assert (day.state, day.articles, day.may_pass) == (State.COVERED, 4, 0)


def test_what_is_rejected_for_a_lasting_reason_is_no_shortcoming(bucket: Bucket, sources: dict[str, Source]) -> None:
    stated = {"by": "feed", "published": "2024-03-05T10:00:00+03:00"}
    english = page(
        "Convoy reaches the town", [f"The convoy reached town number {n} on Monday evening." for n in range(9)]
    )
    put_pages(
        bucket, "alfajr-1", {"/1": (english.replace(b'lang="ar"', b'lang="en"'), stated), "/2": (article(2), stated)}
    )
    put_record(bucket, RECORD)
    build.build(bucket, sources, "one")
    assert why(bucket) == {}


def test_pages_that_were_all_rejected_are_not_believed(bucket: Bucket, sources: dict[str, Source]) -> None:
    """A shell that a script would have filled looks like no article, old as the pages may be."""
    shell = "<html lang='ar'><head><title>صحيفة الفجر</title></head><body><div id='app'></div><p>حقوق النشر {}</p></body></html>"
    found = {"by": "sitemap", "lastmod": "2024-03-05"}
    shells = {f"/{number}": (shell.format(number).encode(), found) for number in range(MANY_REJECTED)}
    put_pages(bucket, "alfajr-1", shells)
    put_record(bucket, RECORD)
    build.build(bucket, sources, "one")
    assert f"{MANY_REJECTED} pages are no articles for what may pass ({MANY_REJECTED} not_an_article)" in why(bucket)[5]
    put_pages(bucket, "alfajr-1b", {"/9": (article(9), found)}, NOW + timedelta(seconds=9))
    put_pages(bucket, "alfajr-2", shells | {"/8": (article(8), found)}, NOW + timedelta(hours=2))
    build.build(bucket, sources, "two")
    assert why(bucket) == {}, "beside an article the same pages are what they show"


def test_a_page_of_no_stated_day_counts_for_the_days_of_the_crawl_that_found_it_up_to_its_change(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    put_pages(bucket, "alfajr-1", {"/1": (wall(1), {"by": "sitemap", "lastmod": "2024-03-05"}), "/2": (article(2), {})})
    put_record(bucket, RECORD)
    build.build(bucket, sources, "one")
    assert set(why(bucket)) == {4, 5, 6}, "without a time zone it may be of a day later"
    put_record(
        bucket, replace(RECORD, run="alfajr-2", since=date(2024, 3, 1), finished_at=datetime(2024, 3, 21, tzinfo=UTC))
    )
    found = coverage(bucket, ["alfajr"], date(2024, 3, 1), date(2024, 3, 4))
    assert {one.state for one in found} == {State.COVERED}, "it was found for other days"


def test_a_page_that_a_crawl_after_days_long_past_found_is_open_for_those_alone(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    put_pages(bucket, "alfajr-0", {"/1": (wall(1), {"by": "sitemap"})})
    past = date(2013, 3, 5)
    put_record(bucket, replace(RECORD, run="alfajr-0", since=past, until=past + timedelta(days=2)))
    put_record(bucket, RECORD)
    build.build(bucket, sources, "one")
    assert why(bucket) == {}
    found = coverage(bucket, ["alfajr"], past, past + timedelta(days=3))
    assert [one.may_pass for one in found] == [1, 1, 0]


def test_a_later_page_of_an_article_is_open_for_the_articles_day(bucket: Bucket, sources: dict[str, Source]) -> None:
    later = {"by": "next_page", "from": f"{HOME}/1"}
    put_pages(bucket, "alfajr-1", {"/1": (article(1), {"by": "sitemap"}), "/1?page=2": (wall(1), later)})
    put_record(bucket, RECORD)
    build.build(bucket, sources, "one")
    assert set(why(bucket)) == {5}


def test_what_a_broken_file_held_is_not_covered_until_the_day_is_crawled_again(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    stated = {"by": "feed", "published": "2024-03-05T10:00:00+03:00"}
    pages = {f"/{number}": (article(number), stated) for number in range(4)}
    key = put_pages(bucket, "alfajr-1", pages)
    bucket.put(key, b"damaged", content_type="application/warc")
    put_record(bucket, replace(RECORD, files=(key,)))
    build.build(bucket, sources, "one")
    assert set(why(bucket)) == {5}
    assert f"{key} breaks off" in why(bucket)[5]
    put_pages(bucket, "alfajr-2", pages, NOW + timedelta(days=1))
    put_record(bucket, replace(RECORD, run="alfajr-2", finished_at=datetime(2024, 3, 21, tzinfo=UTC)))
    build.build(bucket, sources, "two")
    assert why(bucket) == {}


def test_copies_are_counted_and_articles_of_no_crawl_too(bucket: Bucket, sources: dict[str, Source]) -> None:
    text = prose(1)
    archive(
        bucket,
        "alfajr",
        "imported",
        {f"http://alfajr.example/{n}": page("خبر", text, f"2024-03-05T1{n}:00:00+03:00") for n in range(2)},
    )
    build.build(bucket, sources, "built")
    [found] = coverage(bucket, ["alfajr"], DAY, DAY + timedelta(days=1))
    assert (found.state, found.articles, found.copies) == (State.NOT_CRAWLED, 1, 1)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5), st.booleans()), max_size=6),
    st.integers(0, 9),
    st.integers(1, 9),
)
def test_a_day_is_covered_if_and_only_if_one_whole_crawl_covers_it(
    crawls: list[tuple[int, int, bool]], first: int, length: int
) -> None:
    """Held against the days counted one by one; the bucket is a real one's listing in memory."""
    start = date(2024, 3, 1)
    records = [
        replace(
            RECORD,
            run=f"r{number}",
            since=start + timedelta(days=since),
            until=start + timedelta(days=since + days),
            outcome="finished" if whole else "interrupted",
        )
        for number, (since, days, whole) in enumerate(crawls)
    ]
    for offset in range(first, first + length):
        day = start + timedelta(days=offset)
        of_day = [record for record in records if record.since <= day < record.until]
        assert any(not record.shortcomings(day) for record in of_day) == any(
            since <= offset < since + days and whole for since, days, whole in crawls
        )
