"""An article over several pages: joined from captures alone, in any order; marked where a page is missing."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline import build as stages
from pipeline import corpus, join_pages
from pipeline.bucket import Bucket
from pipeline.captures import announce
from pipeline.documents import SCHEMA, Documents
from pipeline.sources import Source
from tests.pipeline.conftest import NOW, archive, page, prose
from tests.pipeline.several_pages import DAY, TEXTS, TITLE, URL, address, address_from_0, part

Sources = dict[str, Source]


def articles(bucket: Bucket) -> dict[str, dict[str, Any]]:
    return {row["url"]: row for row in corpus.read_articles(bucket)}


def documents(bucket: Bucket) -> list[dict[str, Any]]:
    return Documents(bucket).read(SCHEMA.names).to_pylist()


def rejected(bucket: Bucket) -> dict[str, str | None]:
    return {row["fetched_url"]: row["rejected"] for row in documents(bucket)}


def text(*numbers: int) -> str:
    return "\n".join(line for number in numbers for line in TEXTS[number])


def test_an_article_over_three_pages_is_one_with_the_text_of_all(bucket: Bucket, sources: Sources) -> None:
    pages = {address(number): part(number) for number in (1, 2, 3)}
    key = archive(bucket, "alfajr", "r", pages)
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert article["body"] == text(1, 2, 3)
    assert (article["next_page"], article["body_confidence"]) == (None, "high")
    assert [(one["url"], one["capture_key"]) for one in article["pages"]] == [(address(2), key), (address(3), key)]
    held = {row["fetched_url"]: row for row in documents(bucket)}
    assert {one["capture_offset"] for one in article["pages"]} == {held[address(n)]["capture_offset"] for n in (2, 3)}
    assert {url: row["body"] for url, row in held.items()} == {address(number): text(number) for number in (1, 2, 3)}
    counts = corpus.read_manifest(bucket).counts
    assert (counts.captured, counts.articles, counts.copies, counts.rejected) == (3, 1, {}, {"later_page": 2})
    assert corpus.verify(bucket) == []


def test_pages_that_cannot_be_joined_stay_as_they_came_and_stop_no_other_article(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[str]:
        raise RecursionError

    monkeypatch.setattr(join_pages, "joined", broken)
    pages = {address(number): part(number) for number in (1, 2)}
    archive(bucket, "alfajr", "r", pages | {"http://alfajr.example/other": page("خبر آخر", prose(7), "2024-03-05")})
    stages.build(bucket, sources, "b")
    assert len(articles(bucket)) == 3
    assert articles(bucket)[address(1)]["next_page"] == address(2)
    assert corpus.verify(bucket) == []


def test_a_page_that_is_missing_leaves_the_article_marked(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "alfajr", "r", {address(1): part(1)})
    stages.build(bucket, sources, "b1")
    [article] = articles(bucket).values()
    assert (article["body"], article["next_page"], article["pages"]) == (text(1), address(2), [])
    assert article["body_confidence"] == "medium"
    archive(bucket, "alfajr", "later", {address(3): part(3)}, at=NOW + timedelta(hours=1))
    stages.build(bucket, sources, "b2")
    [article] = articles(bucket).values()
    assert (article["body"], article["next_page"]) == (text(1), address(2))
    assert rejected(bucket)[address(3)] == "later_page", "what lies beyond the gap is no article either"
    archive(bucket, "alfajr", "last", {address(2): part(2)}, at=NOW + timedelta(hours=2))
    stages.build(bucket, sources, "b3")
    [article] = articles(bucket).values()
    assert (article["body"], article["next_page"], article["body_confidence"]) == (text(1, 2, 3), None, "high")


def test_pages_that_are_counted_from_0_are_joined(bucket: Bucket, sources: Sources) -> None:
    pages = {address_from_0(number): part(number, at=address_from_0) for number in (1, 2, 3)}
    archive(bucket, "alfajr", "r", pages)
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert (article["url"], article["body"], article["next_page"]) == (address_from_0(1), text(1, 2, 3), None)


def test_the_first_page_with_its_number_is_that_page_again(bucket: Bucket, sources: Sources) -> None:
    def at(number: int) -> str:
        return f"{URL}?page={number}" if number > 1 else URL

    first = part(1, 2, at=at)
    archive(bucket, "alfajr", "r", {URL: first, f"{URL}?page=1": first, at(2): part(2, 2, at=at)})
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert (article["body"], article["next_page"]) == (text(1, 2), None)
    assert [copy["url"] for copy in article["copies"]] in ([URL], [f"{URL}?page=1"])


@pytest.mark.parametrize("at", [address, address_from_0])
def test_a_later_page_whose_first_was_never_captured_is_an_unsure_article_until_it_is(
    bucket: Bucket, sources: Sources, at: Callable[[int], str]
) -> None:
    archive(bucket, "alfajr", "r", {at(3): part(3, at=at)})
    stages.build(bucket, sources, "b1")
    [article] = articles(bucket).values()
    assert (article["url"], article["body"], article["body_confidence"]) == (at(3), text(3), "low")
    assert article["body_method"] == "general, continues another page"
    [told] = corpus.explain(bucket, at(3))
    assert "  it continues a page that is not in the corpus" in told.says
    archive(bucket, "alfajr", "later", {at(n): part(n, at=at) for n in (1, 2)}, at=NOW + timedelta(hours=1))
    stages.build(bucket, sources, "b2")
    [article] = articles(bucket).values()
    assert (article["url"], article["body"], article["body_confidence"]) == (at(1), text(1, 2, 3), "high")
    assert article["body_method"] == "general"


def test_another_article_at_the_next_number_is_not_joined(bucket: Bucket, sources: Sources) -> None:
    other = part(2, 2, title="موسم القطاف يبدأ متأخرا", day="2024-03-07")
    archive(bucket, "alfajr", "r", {address(1): part(1, 2), address(2): other})
    stages.build(bucket, sources, "b")
    found = articles(bucket)
    assert {url: (row["body"], row["next_page"]) for url, row in found.items()} == {
        address(1): (text(1), address(2)),
        address(2): (text(2), None),
    }


@pytest.mark.parametrize("status", ["404", "blocked"])
def test_a_page_that_is_none_leaves_the_article_marked(bucket: Bucket, sources: Sources, status: str) -> None:
    wall = b"<html><title>x</title><p>Please enable JavaScript and cookies to continue</p></html>"
    gone = page("الصفحة غير موجودة", ["عذرا، الصفحة التي تبحث عنها غير موجودة."])
    archive(bucket, "alfajr", "r", {address(1): part(1), address(2): wall if status == "blocked" else gone})
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert (article["body"], article["next_page"], article["body_confidence"]) == (text(1), address(2), "medium")
    assert rejected(bucket)[address(2)] not in {None, "later_page"}


def test_a_later_page_that_calls_the_first_its_canonical_one_is_no_newer_text_of_it(
    bucket: Bucket, sources: Sources
) -> None:
    canonical = f"<link rel='canonical' href='{address(1)}'>"
    pages = {address(1): part(1, 2, head=canonical), address(2): part(2, 2, title="الجزء الآخر", head=canonical)}
    archive(bucket, "alfajr", "r", pages)
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert (article["title"], article["body"], article["revisions"]) == (TITLE, text(1, 2), [])


def test_what_every_page_repeats_is_there_once(bucket: Bucket, sources: Sources) -> None:
    lead, end = prose(500, 2)
    pages = {address(number): part(number, 2, texts=[lead, *TEXTS[number], end]) for number in (1, 2)}
    archive(bucket, "alfajr", "r", pages)
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert article["body"].split("\n") == [lead, *TEXTS[1], *TEXTS[2], end]


def test_a_site_that_shows_the_same_page_at_every_number_has_one_page(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "alfajr", "r", {address(1): part(1, 9), address(2): part(2, 9, texts=TEXTS[1])})
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert (article["body"], article["next_page"], article["pages"]) == (text(1), None, [])
    assert rejected(bucket)[address(2)] == "later_page"


def test_days_count_from_the_article_and_stand_at_their_place_in_the_whole_text(
    bucket: Bucket, sources: Sources
) -> None:
    said = "وصلت القافلة إلى البلدة مساء أمس، بعد انقطاع دام منذ عام 2013."
    pages = {address(1): part(1, 2), address(2): part(2, 2, texts=[said, *TEXTS[2]], day="")}
    archive(bucket, "alfajr", "r", pages)
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    starts = {one["text"]: one["start"] for one in article["dates_mentioned"]}
    assert (starts["مساء أمس"], starts["عام 2013"]) == (date(2024, 3, 4), date(2013, 1, 1))
    for one in article["dates_mentioned"]:
        assert article["body"][one["offset"] :].startswith(one["text"])


def test_a_copy_is_held_against_the_text_of_all_pages(bucket: Bucket, sources: Sources) -> None:
    archive(bucket, "alfajr", "r", {address(number): part(number) for number in (1, 2, 3)})
    whole = [line for number in (1, 2, 3) for line in TEXTS[number]]
    taken_over = {"http://almada.example/w": page("عنوان آخر", whole, "2024-03-06T08:00:00+03:00")}
    archive(bucket, "almada", "w", taken_over, at=NOW + timedelta(hours=1))
    stages.build(bucket, sources, "b")
    [article] = articles(bucket).values()
    assert [(copy["source"], copy["kind"]) for copy in article["copies"]] == [("almada", "same_text")]


CAPTURES = [
    ("alfajr", {address(1): part(1, 2)}),
    ("alfajr", {address(2): part(2, 2)}),
    ("alfajr", {address(1): part(1, 3)}),
    ("alfajr", {address(3): part(3, 3, day="2024-03-06"), "http://alfajr.example/own": page("خبر", prose(1), DAY)}),
    ("alfajr", {address(2): part(2, 3, texts=[*TEXTS[2], prose(900, 1)[0]])}),
    ("alfajr", {address(2): part(2, 3, title="موسم القطاف يبدأ متأخرا", texts=TEXTS[4])}),
    ("almada", {"http://almada.example/2": page("أخرى", TEXTS[2], "2024-03-06T08:00:00+03:00")}),
    ("almada", {"http://almada.example/w": page("آخر", [*TEXTS[1], *TEXTS[2], *TEXTS[3]], "2024-03-08")}),
]
"""Pages of an article and of its older text, an edited page, another article at a page's number, and two copies elsewhere."""


def state(bucket: Bucket) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    return {stored.key: bucket.get(stored.key) for stored in bucket.list("articles/")}, documents(bucket)


@pytest.mark.slow
def test_any_order_and_any_split_over_builds_killed_or_not_give_the_same(bucket: Bucket, sources: Sources) -> None:
    for place, (source, pages) in enumerate(CAPTURES):
        archive(bucket, source, f"r{place}", pages, at=NOW + timedelta(hours=place))
    captures = {stored.key: bucket.get(stored.key) for stored in bucket.list("captures/")}
    files = sorted(key for key in captures if key.endswith(".gz"))

    stages.build(bucket, sources, "at-once")
    whole = state(bucket)
    stages.build(bucket, sources, "again", rebuild=True)
    assert state(bucket) == whole

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(st.permutations(files), st.lists(st.integers(-2, 6), min_size=len(files), max_size=len(files)))
    def check(order: list[str], writes: list[int]) -> None:
        for prefix in ("articles/", "documents/", "captures/", "state/"):
            bucket.delete_below(prefix)
        for number, (key, left) in enumerate(zip(order, writes, strict=True)):
            announce(bucket, key)
            bucket.put(key, captures[key])
            if left != -1:
                with contextlib.suppress(KilledError), killed_after(left):
                    stages.build(bucket, sources, f"b{number}")
        stages.build(bucket, sources, "last")
        assert state(bucket) == whole

    check()


class KilledError(Exception):
    """The build was killed."""


@contextlib.contextmanager
def killed_after(writes: int) -> Iterator[None]:
    """Kill what runs at a write to the documents, after so many; never where that is less than none."""
    write = Documents._write
    left = itertools.count(writes, -1)

    def counted(self: Documents, *rows: Any) -> None:
        if next(left) == 0:
            raise KilledError
        write(self, *rows)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Documents, "_write", counted)
        yield
