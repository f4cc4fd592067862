import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import build
from pipeline.bucket import Bucket
from pipeline.captures.index import list_page_files, read_index
from pipeline.captures.model import Exchange
from pipeline.captures.write import CaptureWriter
from pipeline.corpus import take_down
from pipeline.documents.index import Index
from pipeline.known_pages import known_pages, stored_captures
from pipeline.rejection import Rejection
from pipeline.sources import Source
from tests.pipeline.conftest import NOW, archive, page, prose, take_in
from tests.pipeline.several_pages import address, part

URL = "http://alfajr.example/1"
HOUR = timedelta(hours=1)


def test_known_are_the_pages_of_the_table_and_of_files_it_has_not_taken_in(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    assert known_pages(bucket, "alfajr") == {}
    body = page("عنوان", prose(1), "2024-03-19")
    archive(bucket, "alfajr", "first", {URL: body})
    build.build(bucket, sources, "built")
    archive(
        bucket,
        "alfajr",
        "new",
        {"http://alfajr.example/1?utm_source=x": b"1", "http://alfajr.example/خبر": b"2"},
        at=NOW + HOUR,
    )
    known = known_pages(bucket, "alfajr")
    assert sorted(known) == ["http://alfajr.example/%D8%AE%D8%A8%D8%B1", URL]
    assert known[URL].newest.captured_at == known[URL].content.captured_at == NOW + HOUR, "the newest capture counts"
    assert known[URL].first_captured_at == NOW
    assert known[URL].published_day == date(2024, 3, 19)
    assert known["http://alfajr.example/%D8%AE%D8%A8%D8%B1"].published_day is None, "no build has read it"
    assert known_pages(bucket, "nowhere") == {}


def test_what_a_revisit_repeats_is_the_content_before_and_after_a_build(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    [line] = read_index(bucket, archive(bucket, "alfajr", "first", {URL: page("عنوان", prose(1), "2024-03-19")}))
    writer = CaptureWriter(bucket, "alfajr", "again")
    writer.add(
        Exchange(URL, NOW + HOUR, 304, "Not Modified", [], b"", request_headers=[], found={"by": "feed"}), same_as=line
    )
    writer.flush()
    for _ in range(2):
        known = known_pages(bucket, "alfajr")[URL]
        assert (known.content.captured_at, known.content.status) == (NOW, 200)
        assert (known.newest.captured_at, known.newest.status) == (NOW + HOUR, 304)
        assert known.content == line
        build.build(bucket, sources, "built")


def test_a_page_whose_file_is_gone_is_not_known(bucket: Bucket, sources: dict[str, Source]) -> None:
    lost = archive(bucket, "alfajr", "lost", {URL: page("عنوان", prose(1), "2024-03-19")})
    archive(bucket, "alfajr", "kept", {"http://alfajr.example/2": page("آخر", prose(2), "2024-03-19")})
    build.build(bucket, sources, "built")
    bucket.delete(lost)
    assert list(known_pages(bucket, "alfajr")) == ["http://alfajr.example/2"]
    assert [line.url for line in stored_captures(bucket, "alfajr")] == ["http://alfajr.example/2"]


def test_an_article_knows_where_it_goes_on(bucket: Bucket, sources: dict[str, Source]) -> None:
    archive(bucket, "alfajr", "first", {address(1): part(1), address(2): part(2)})
    assert {page.later for page in known_pages(bucket, "alfajr").values()} == {()}, "no build has read it"
    build.build(bucket, sources, "built")
    known = known_pages(bucket, "alfajr")
    assert {url: page.later for url, page in known.items()} == {address(1): (address(2), address(3)), address(2): ()}


def test_times_are_aware(bucket: Bucket, sources: dict[str, Source]) -> None:
    archive(bucket, "alfajr", "first", {URL: page("عنوان", prose(1), "2024-03-19")})
    build.build(bucket, sources, "built")
    assert known_pages(bucket, "alfajr")[URL].content.captured_at == datetime(2024, 3, 20, 8, tzinfo=UTC)


def test_a_spider_starts_without_arrow() -> None:
    code = "import sys, crawlers.spiders.articles; sys.exit('pyarrow' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


WALL = "<html lang='en'><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1><p>{}</p></body></html>"


def exchange(url: str, at: datetime, body: bytes = b"", status: int = 200, **headers: str) -> Exchange:
    sent = [("Content-Type", "text/html; charset=utf-8"), *headers.items()]
    return Exchange(url, at, status, "", sent, body, request_headers=[], found={"by": "feed"})


def capture(bucket: Bucket, run: str, *exchanges: Exchange) -> None:
    writer = CaptureWriter(bucket, "alfajr", run)
    for one in exchanges:
        writer.add(one)
    writer.flush()


def wall(url: str, at: datetime = NOW) -> Exchange:
    return exchange(url, at, WALL.format(f"{url} {at}").encode())


def test_a_page_behind_a_wall_may_pass_until_it_is_had_and_a_later_wall_takes_nothing_away(
    bucket: Bucket, sources: dict[str, Source]
) -> None:
    capture(bucket, "first", wall(URL))
    assert known_pages(bucket, "alfajr")[URL].unread
    build.build(bucket, sources, "one")
    known = known_pages(bucket, "alfajr")[URL]
    assert (known.rejected, known.may_pass, known.unread) == (Rejection.BLOCKED, True, False)
    assert not known.is_refetch_due(NOW + HOUR / 2)
    assert known.is_refetch_due(NOW + HOUR)
    assert not known.is_refetch_due(NOW + timedelta(days=61)), "what nobody came to in two months is left"

    capture(bucket, "second", exchange(URL, NOW + HOUR, page("عنوان", prose(1), "2024-03-19")))
    for run, later in (("two", wall(URL, NOW + 2 * HOUR)), ("three", wall(URL, NOW + 3 * HOUR))):
        build.build(bucket, sources, run)
        known = known_pages(bucket, "alfajr")[URL]
        assert (known.rejected, known.may_pass, known.published_day) == (None, False, date(2024, 3, 19))
        capture(bucket, f"wall-{run}", later)


def test_a_page_that_redirects_is_what_it_leads_to(bucket: Bucket, sources: dict[str, Source]) -> None:
    home = "http://alfajr.example"
    capture(
        bucket,
        "first",
        exchange(f"{home}/a", NOW, status=302, Location="/gate"),
        exchange(f"{home}/b", NOW, status=301, Location="/gate"),
        wall(f"{home}/gate"),
        exchange(f"{home}/old", NOW, status=301, Location="/new"),
        exchange(f"{home}/new", NOW, page("عنوان", prose(1), "2024-03-19")),
        exchange(f"{home}/round", NOW, status=302, Location="/about"),
        exchange(f"{home}/about", NOW, status=302, Location="/round"),
        exchange(f"{home}/away", NOW, status=302, Location="http://elsewhere.example/"),
        exchange(f"{home}/odd", NOW, status=302, Location="http://[oops/"),
        exchange(f"{home}/down", NOW, status=503),
        exchange(f"{home}/gone", NOW, status=404),
    )
    build.build(bucket, sources, "built")
    found = {
        url.removeprefix(home): (one.rejected, one.may_pass, one.led_to)
        for url, one in known_pages(bucket, "alfajr").items()
    }
    assert found == {
        "/a": (Rejection.BLOCKED, True, False),
        "/b": (Rejection.BLOCKED, True, False),
        "/gate": (Rejection.BLOCKED, True, True),
        "/old": (None, False, False),
        "/new": (None, False, True),
        "/round": (Rejection.REDIRECT, True, False),
        "/about": (Rejection.REDIRECT, True, False),
        "/away": (Rejection.REDIRECT, False, False),
        "/odd": (Rejection.REDIRECT, True, False),
        "/down": (Rejection.HTTP_ERROR, True, False),
        "/gone": (Rejection.HTTP_ERROR, False, False),
    }


EVENTS = st.lists(
    st.sampled_from(
        ["crawl", "wall", "again", "build", "lose a file", "lose state", "rename", "take down", "killed build"]
    ),
    min_size=2,
    max_size=7,
)


def test_what_is_known_is_what_the_whole_table_and_all_files_say(bucket: Bucket, sources: dict[str, Source]) -> None:
    """However old the index is by which a crawl finds its own rows, and whatever became of it."""

    @settings(max_examples=6)
    @given(EVENTS)
    def check(events: list[str]) -> None:
        for prefix in ("captures/", "documents/", "articles/", "state/", "takedowns/", "work/"):
            bucket.delete_below(prefix)
        given_sources, ids = dict(sources), ["alfajr"]
        for number, event in enumerate(events):
            at = NOW + 9 * number * HOUR
            match event:
                case "crawl":
                    pages = {f"{URL}{number}": page("عنوان", prose(number), "2024-03-19"), address(1): part(1)}
                    archive(bucket, ids[0], f"run{number}", pages, at=at)
                    archive(bucket, "almada", f"run{number}", {f"http://almada.example/{number}": pages[address(1)]})
                case "wall":
                    archive(bucket, ids[0], f"run{number}", {URL: WALL.format(number).encode()}, at=at)
                case "again":
                    body = page("عنوان", prose(number), "2024-03-19")
                    archive(bucket, ids[0], f"run{number}", {URL: body, address(2): part(2)}, at=at)
                case "build":
                    build.build(bucket, given_sources, f"b{number}")
                case "killed build":
                    take_in(bucket, given_sources, "killed")
                case "lose a file" if files := list_page_files(bucket, *ids):
                    bucket.delete(files[0])
                case "lose state":
                    bucket.delete(*(one.key for one in list(bucket.list("state/by_"))[:1]))
                case "rename":
                    ids = [f"alfajr{number}", *ids]
                    renamed = {"id": ids[0], "formerly": ids[1:]}
                    given_sources = {"almada": sources["almada"], ids[0]: sources["alfajr"].model_copy(update=renamed)}
                case "take down":
                    take_down(bucket, URL, "طلب", now=at)
            for since in (None, (NOW + 24 * HOUR).date()):
                with patch.object(Index, "_noted", return_value=([], "")):
                    expected = known_pages(bucket, *ids, since=since)
                assert known_pages(bucket, *ids, since=since) == expected
            late = {one.url for one in stored_captures(bucket, *ids) if f"fetched={since}" <= one.key.split("/")[2]}
            assert {one.content.url for one in expected.values()} <= late

    check()
