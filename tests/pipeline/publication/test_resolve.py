"""Which of a page's dates is its publication: the agreements, the known errors, and the refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.publication.candidate import Candidate
from pipeline.publication.resolve import Publication, resolve

CAPTURED = datetime(2016, 6, 1, 9, 30, tzinfo=UTC)
DAMASCUS = "Asia/Damascus"


def of(
    *candidates: tuple[str, str, str], captured: datetime = CAPTURED, zone: str = DAMASCUS, order: str = "DMY"
) -> Publication:
    return resolve([Candidate(*candidate) for candidate in candidates], captured_at=captured, zone=zone, order=order)


def test_without_candidates_the_day_is_the_captures_at_the_source() -> None:
    late = datetime(2016, 5, 31, 22, 0, tzinfo=UTC)
    assert of(captured=late) == Publication(None, date(2016, 6, 1), "captured", "captured", None, "low", None, None)


def test_agreement_is_high_confidence_and_the_instant_is_utc() -> None:
    publication = of(
        ("json-ld:datePublished", "published", "2016-05-10T01:15:30+03:00"),
        ("visible", "unknown", "الثلاثاء 10 أيار 2016"),
        ("url", "published", "/2016/05/10"),
    )
    assert publication.published_at == datetime(2016, 5, 9, 22, 15, 30, tzinfo=UTC)
    assert publication.published_day == date(2016, 5, 10)
    assert (publication.precision, publication.method, publication.confidence) == (
        "second",
        "json-ld:datePublished",
        "high",
    )
    assert publication.evidence == "2016-05-10T01:15:30+03:00"


@pytest.mark.parametrize(
    ("method", "text", "precision"),
    [
        ("json-ld:datePublished", "2016-05-10T14:35:10+03:00", "second"),
        ("meta:article:published_time", "2016-05-10T14:35+0300", "minute"),
        ("meta:article:published_time", "2016-05-10", "day"),
        ("meta:pubdate", "20160510", "day"),
        ("meta:pubdate", "20160510T143500Z", "second"),
        ("meta:publishdate", "1462880100", "second"),
        ("meta:publishdate", "1462880100000", "second"),
        ("json-ld:datePublished", "/Date(1462880100000)/", "second"),
        ("json-ld:datePublished", "/Date(1462880100000+0300)/", "second"),
        ("json-ld:datePublished", "2016-05-10T14:35:0Z", "second"),
        ("microdata:datePublished", "2016-05-10 14:35:10", "second"),
        ("rdfa:dc:date", "2016-05-10T00:00:00+03:00", "day"),
        ("time", "2016-05-10T14:35", "minute"),
        ("visible", "10 أيار 2016", "day"),
        ("visible", "10 أيار 2016 - 02:35 م", "minute"),
        ("url", "/2016/05/10", "day"),
        ("feed", "Tue, 10 May 2016 14:35:00 +0300", "second"),
        ("sitemap", "2016-05-10T14:35:00+03:00", "second"),
    ],
)
def test_each_kind_of_statement_alone(method: str, text: str, precision: str) -> None:
    publication = of((method, "published", text))
    assert (publication.published_day, publication.precision, publication.method) == (
        date(2016, 5, 10),
        precision,
        method,
    )
    assert publication.confidence == "medium"
    assert (publication.published_at is not None) == (precision != "day")


@pytest.mark.parametrize(
    "text", ["10 أيار 2016", "2016-05-10T02:35:00+03:00", "نشر في: 10/5/2016 - آخر تحديث: 12/5/2016"]
)
def test_what_stands_where_the_source_says_is_the_day(text: str) -> None:
    others = [
        ("json-ld:datePublished", "published", "2016-05-20T01:15:30+03:00"),
        ("visible", "unknown", "20 أيار 2016"),
        ("url", "published", "/2016/05/20"),
    ]
    named = of(("selector", "published", text), *others)
    assert (named.published_day, named.method, named.confidence) == (date(2016, 5, 10), "selector", "low")
    assert of(("selector", "published", "محليات"), *others).published_day == date(2016, 5, 20)


def test_utc_stamped_on_local_time_is_corrected_by_the_printed_time() -> None:
    publication = of(
        ("meta:article:published_time", "published", "2016-05-10T09:23:13Z"),
        ("meta:og:updated_time", "modified", "2016-05-10T10:00:00Z"),
        ("visible", "unknown", "الثلاثاء، 10 مايو 2016 09:23 ص"),
    )
    assert publication.published_at == datetime(2016, 5, 10, 6, 23, tzinfo=UTC)
    assert publication.precision == "minute"
    assert publication.method == "visible, correcting meta:article:published_time"
    assert publication.evidence == "الثلاثاء، 10 مايو 2016 09:23 ص"
    assert publication.modified_at == datetime(2016, 5, 10, 7, 0, tzinfo=UTC)


def test_utc_stamped_on_local_time_near_midnight_keeps_the_printed_day() -> None:
    publication = of(
        ("json-ld:datePublished", "published", "2016-05-10T23:10:00Z"),
        ("visible", "unknown", "10 أيار 2016 - 11:10 م"),
    )
    assert publication.published_day == date(2016, 5, 10)
    assert publication.published_at == datetime(2016, 5, 10, 20, 10, tzinfo=UTC)


def test_true_utc_is_kept() -> None:
    publication = of(
        ("json-ld:datePublished", "published", "2016-05-10T06:23:13Z"),
        ("visible", "unknown", "الثلاثاء، 10 مايو 2016 09:23 ص"),
    )
    assert publication.published_at == datetime(2016, 5, 10, 6, 23, 13, tzinfo=UTC)
    assert (publication.method, publication.confidence) == ("json-ld:datePublished", "high")


def test_a_printed_utc_time_is_no_lie() -> None:
    publication = of(
        ("meta:pubdate", "published", "2016-05-10T17:27:41Z"),
        ("visible", "unknown", "GMT 17:27 10.05.2016"),
    )
    assert publication.published_at == datetime(2016, 5, 10, 17, 27, 41, tzinfo=UTC)


def test_the_utc_day_of_a_local_date_gives_way_to_the_printed_day() -> None:
    for stated in ("2016-05-09", "2016-05-09T21:00:00Z"):
        publication = of(("json-ld:datePublished", "published", stated), ("visible", "unknown", "10 أيار 2016"))
        assert publication.published_day == date(2016, 5, 10), stated


def test_local_midnight_in_utc_is_a_day() -> None:
    publication = of(("json-ld:datePublished", "published", "2016-05-09T21:00:00Z"))
    assert (publication.published_day, publication.published_at, publication.precision) == (
        date(2016, 5, 10),
        None,
        "day",
    )


def test_an_instant_is_only_given_on_the_published_day() -> None:
    publication = of(
        ("json-ld:datePublished", "published", "2016-05-09T22:30:00Z"),
        ("visible", "published", "نشر في 9 أيار 2016"),
    )
    assert publication.published_day == date(2016, 5, 9)
    assert publication.published_at is None


def test_a_clock_that_prints_today_gives_way() -> None:
    publication = of(("visible", "unknown", "الأربعاء 1 حزيران 2016"), ("url", "published", "/2016/05/10"))
    assert (publication.published_day, publication.method) == (date(2016, 5, 10), "url")


def test_clocks_related_articles_and_templates_are_never_chosen() -> None:
    for method, role, text in (
        ("visible:other", "unknown", "الثلاثاء 10 أيار 2016"),
        ("visible:other", "published", "نشر في 10 أيار 2016"),
        ("time:other", "published", "2016-05-10T10:00:00+03:00"),
        ("json-ld:datePublished:other", "published", "2016-05-10"),
        ("meta:creation_date", "unknown", "10-Nov-2000"),
        ("json-ld:dateCreated", "published", "2000-01-01T00:00:00Z"),
        ("meta:article:published_time", "published", "1999-11-30T00:00:00+00:00"),
        ("visible", "unknown", "© 2016"),
        ("visible", "unknown", "أيار 2016"),
        ("url", "published", "/2016/05"),
        ("visible", "unknown", "منذ شهرين"),
        ("visible", "unknown", "منذ أسبوع"),
        ("visible", "modified", "آخر تحديث 10 أيار 2016"),
        ("sitemap:lastmod", "modified", "2016-05-10"),
        ("meta:og:updated_time", "modified", "2016-05-10"),
        ("meta:article:published_time", "published", "غير معروف"),
        ("meta:article:published_time", "published", "2016-06-03T10:00:00Z"),
        ("meta:article:published_time", "published", "1989-05-10"),
    ):
        publication = of((method, role, text))
        assert (publication.method, publication.published_day) == ("captured", date(2016, 6, 1)), (method, text)


def test_prose_and_foreign_calendars_in_a_meta_tag_are_read() -> None:
    for text in ("الثلاثاء، 10 أيار 2016 - 12:09 م", "۱۳۹۵/۰۲/۲۱ 12:09", "3 شعبان 1437هـ 12:09"):
        publication = of(("meta:article:published_time", "published", text))
        assert publication.published_at == datetime(2016, 5, 10, 9, 9, tzinfo=UTC), text


def test_modifications_before_the_publication_are_dropped() -> None:
    publication = of(
        ("json-ld:datePublished", "published", "2016-05-10T14:35:00+03:00"),
        ("json-ld:dateModified", "modified", "2016-05-10T10:00:00+03:00"),
        ("meta:article:modified_time", "modified", "2016-03-15T20:18+0300"),
    )
    assert publication.modified_at is None


def test_the_last_modification_is_kept_apart() -> None:
    publication = of(
        ("json-ld:datePublished", "published", "2016-05-10T14:35:00+03:00"),
        ("json-ld:dateModified", "modified", "2016-05-12T10:00:00+03:00"),
        ("visible", "modified", "آخر تحديث: 11 أيار 2016 - 10:00"),
    )
    assert publication.published_day == date(2016, 5, 10)
    assert publication.modified_at == datetime(2016, 5, 12, 7, tzinfo=UTC)


def test_a_printed_day_that_is_the_modifications_does_not_outvote_the_publication() -> None:
    publication = of(
        ("meta:article:published_time", "published", "2016-05-10T14:35:00+03:00"),
        ("meta:article:modified_time", "modified", "2016-05-12T10:00:00+03:00"),
        ("visible", "unknown", "12 أيار 2016"),
        ("visible", "unknown", "الخميس 12 أيار 2016 - 10:00"),
    )
    assert publication.published_day == date(2016, 5, 10)


def test_disagreement_lowers_the_confidence() -> None:
    agreed = of(("json-ld:datePublished", "published", "2016-05-10"), ("url", "published", "/2016/05/10"))
    split = of(
        ("json-ld:datePublished", "published", "2016-05-10"),
        ("url", "published", "/2016/05/10"),
        ("visible", "unknown", "3 أيار 2016"),
    )
    lone = of(("json-ld:datePublished", "published", "2016-05-10"), ("url", "published", "/2016/04/10"))
    assert [p.published_day for p in (agreed, split, lone)] == [date(2016, 5, 10)] * 3
    assert [p.confidence for p in (agreed, split, lone)] == ["high", "medium", "low"]


def test_relative_lines_count_from_the_capture_and_state_no_minute_they_do_not_know() -> None:
    hours = of(("visible", "unknown", "منذ 3 ساعات"))
    assert (hours.published_day, hours.published_at, hours.precision) == (date(2016, 6, 1), None, "day")
    minutes = of(("visible", "unknown", "منذ 20 دقيقة"))
    assert (minutes.published_at, minutes.precision) == (CAPTURED - timedelta(minutes=20), "minute")
    assert of(("visible", "unknown", "أمس")).published_day == date(2016, 5, 31)


def test_the_sources_order_of_numbers_is_followed() -> None:
    line = ("visible", "unknown", "05/10/2015")
    assert of(line).published_day == date(2015, 10, 5)
    assert of(line, order="MDY").published_day == date(2015, 5, 10)


TEXTS = st.sampled_from(
    [
        "2016-05-10",
        "2016-05-10T14:35:00Z",
        "2016-05-10T14:35:00+03:00",
        "10 أيار 2016",
        "منذ يومين",
        "/2016/05/10",
        "2035-01-01",
        "آب",
        "",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "2016-05-31T23:59:00-11:00",
        "11 أيار 2016 - 10:00 ص",
        "3 شعبان 1437",
        "99999999999999",
    ]
) | st.text(max_size=30)
METHODS = st.sampled_from(
    [
        "json-ld:datePublished",
        "json-ld:dateModified",
        "meta:article:published_time",
        "time",
        "visible",
        "visible:bare",
        "visible:above",
        "visible:foot",
        "visible:other",
        "url",
        "feed",
        "sitemap:lastmod",
        "",
        ":",
        "x",
    ]
)
CANDIDATES = st.lists(
    st.builds(Candidate, METHODS, st.sampled_from(["published", "modified", "unknown", ""]), TEXTS), max_size=8
)


@given(
    CANDIDATES,
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.sampled_from(["UTC", "Asia/Damascus", "Pacific/Kiritimati"]),
)
def test_any_candidates_resolve_to_something_consistent(
    candidates: list[Candidate], captured: datetime, zone: str
) -> None:
    publication = resolve(candidates, captured_at=captured, zone=zone)
    assert publication.precision in {"second", "minute", "day", "captured"}
    assert publication.confidence in {"high", "medium", "low"}
    assert (publication.method == "captured") == (publication.precision == "captured") == (publication.evidence is None)
    assert (publication.published_at is not None) == (publication.precision in {"second", "minute"})
    if publication.published_at is not None:
        assert publication.published_at.tzinfo is UTC
        assert abs((publication.published_at.date() - publication.published_day).days) <= 1
        if publication.modified_at is not None:
            assert publication.modified_at >= publication.published_at


def test_a_date_far_below_the_heading_is_a_last_resort() -> None:
    for method in ("visible:foot", "time:foot", "abbr:foot"):
        alone = of((method, "published", "2016-05-12"))
        assert (alone.published_day, alone.confidence) == (date(2016, 5, 12), "low"), method
        beside = of((method, "published", "2016-05-12"), ("visible", "unknown", "10 أيار 2016"))
        assert beside.published_day == date(2016, 5, 10), method


def test_of_several_days_by_the_heading_none_is_taken_unless_one_says_more() -> None:
    may, march = ("visible", "unknown", "10 أيار 2016"), ("visible", "unknown", "3 آذار 2016")
    assert of(may, march).method == of(march, may).method == "captured"
    for more in (
        ("visible", "published", "نشر في 10 أيار 2016"),
        ("visible", "unknown", "10 أيار 2016 - 14:35"),
        ("url", "published", "/2016/05/10"),
    ):
        assert of(march, may, more).published_day == date(2016, 5, 10), more
    bare = ("visible:bare", "unknown", "3 آذار 2016")
    assert of(bare, may).published_day == date(2016, 5, 10)
    assert of(bare, ("visible:bare", "unknown", "الثلاثاء 10 أيار 2016")).published_day == date(2016, 5, 10)
    assert of(bare, ("visible:bare", "unknown", "10 أيار 2016")).method == "captured"


@pytest.mark.parametrize(
    ("candidates", "zone"),
    [
        ([("json-ld:datePublished", "published", "2016-05-10T14:35:00+03:00")], "stated"),
        ([("json-ld:datePublished", "published", "2016-05-10T11:35:00Z")], "stated"),
        ([("meta:publishdate", "published", "1462880100")], "stated"),
        ([("feed", "published", "Tue, 10 May 2016 11:35:00 GMT")], "stated"),
        ([("visible", "published", "نشر في 10 أيار 2016 الساعة 14:35 بتوقيت دمشق")], "stated"),
        ([("visible", "unknown", "منذ 20 دقيقة")], "stated"),
        ([("time", "published", "2016-05-10T14:35")], "source"),
        ([("meta:article:published_time", "published", "الثلاثاء، 10 أيار 2016 - 2:35 م")], "source"),
        ([("visible", "unknown", "10 أيار 2016 - 14:35")], "source"),
        (
            [
                ("meta:article:published_time", "published", "2016-05-10T14:35:22Z"),
                ("visible", "unknown", "10 أيار 2016 - 14:35"),
            ],
            "corrected",
        ),
        ([("meta:article:published_time", "published", "2016-06-01T12:00:00Z")], "corrected"),
        ([("json-ld:datePublished", "published", "2016-05-10")], None),
        ([("json-ld:datePublished", "published", "2016-05-10T00:00:00Z")], None),
        ([("url", "published", "/2016/05/10")], None),
        ([], None),
    ],
)
def test_how_the_zone_is_known(candidates: list[tuple[str, str, str]], zone: str | None) -> None:
    publication = of(*candidates)
    assert publication.zone == zone
    assert (publication.published_at is None) == (zone is None)


def test_a_stamp_in_utc_that_follows_the_capture_is_local_time() -> None:
    publication = of(
        ("json-ld:datePublished", "published", "2016-06-01T12:00:10Z"),
        ("json-ld:dateModified", "modified", "2016-06-01T12:05:00Z"),
    )
    assert publication.published_at == datetime(2016, 6, 1, 9, 0, 10, tzinfo=UTC)
    assert publication.modified_at == datetime(2016, 6, 1, 9, 5, tzinfo=UTC)
    assert (publication.method, publication.evidence) == ("json-ld:datePublished", "2016-06-01T12:00:10Z")


def test_an_instant_after_the_capture_is_dropped_and_its_day_kept() -> None:
    for text, zone in (
        ("2016-06-01T18:00:00+03:00", DAMASCUS),
        ("2016-06-01T18:00:00Z", "UTC"),
        ("2016-06-01 18:00", DAMASCUS),
    ):
        publication = of(("json-ld:datePublished", "published", text), zone=zone)
        assert (publication.published_at, publication.published_day) == (None, date(2016, 6, 1)), text
        assert (publication.precision, publication.zone) == ("day", None)


def test_only_stamps_of_the_corrected_kind_are_taken_for_local_time() -> None:
    """A page's template may be wrong where its feed is not."""
    publication = of(
        ("meta:article:published_time", "published", "2016-05-10T14:35:00Z"),
        ("feed", "published", "Tue, 10 May 2016 11:35:00 GMT"),
        ("feed:modified", "modified", "Tue, 10 May 2016 12:00:00 GMT"),
        ("meta:og:updated_time", "modified", "2016-05-10T14:50:00Z"),
        ("visible", "unknown", "10 أيار 2016 - 14:35"),
    )
    assert publication.published_at == datetime(2016, 5, 10, 11, 35, tzinfo=UTC)
    assert publication.modified_at == datetime(2016, 5, 10, 12, 0, tzinfo=UTC)


def test_a_text_that_contradicts_itself_lowers_the_confidence() -> None:
    url = ("url", "published", "/2016/05/10")
    assert of(("visible", "published", "نشر في الثلاثاء 10 أيار 2016"), url).confidence == "high"
    for text in ("نشر في الإثنين 10 أيار 2016", "نشر في 15 شعبان 1437هـ الموافق 10 أيار 2016م"):
        publication = of(("visible", "published", text))
        assert (publication.published_day, publication.confidence) == (date(2016, 5, 10), "low"), text
        machine = ("json-ld:datePublished", "published", text)
        assert of(machine, ("feed", "published", "2016-05-10")).confidence in {"medium", "low"}, text
    doubted = of(("meta:article:published_time", "published", "الإثنين 10 أيار 2016 - 14:35"), url)
    assert (doubted.precision, doubted.confidence) == ("minute", "medium")


def test_a_time_element_and_its_text_are_one_statement() -> None:
    marked = ("time", "unknown", "2016-05-10T14:35:00+03:00")
    assert of(marked, ("visible", "unknown", "10 أيار 2016")).confidence == "medium"
    assert of(marked, ("json-ld:datePublished", "published", "2016-05-10")).confidence == "high"


def test_the_servers_clock_gives_way_to_anything_else() -> None:
    now = ("meta:article:published_time", "published", "2016-06-01T09:29:58Z")
    assert of(now, ("visible", "unknown", "10 أيار 2016")).published_day == date(2016, 5, 10)
    assert of(now, ("url", "published", "/2016/05/10")).published_day == date(2016, 5, 10)
    alone = of(now)
    assert (alone.published_at, alone.confidence) == (datetime(2016, 6, 1, 9, 29, 58, tzinfo=UTC), "medium")


def test_a_clock_of_the_rendering_is_no_instant_of_publication() -> None:
    for name in ("meta:date", "meta:timestamp", "meta:created"):
        assert of((name, "unknown", "2016-06-01T12:29:58+03:00")).method == "captured"
        with_day = of((name, "unknown", "2016-06-01T12:29:58+03:00"), ("visible:bare", "unknown", "10 أيار 2016"))
        assert (with_day.published_day, with_day.method) == (date(2016, 5, 10), "visible:bare")
    earlier = of(("meta:date", "unknown", "2016-06-01T11:35:00+03:00"))
    assert (earlier.published_at, earlier.method) == (datetime(2016, 6, 1, 8, 35, tzinfo=UTC), "meta:date")


def test_milliseconds_of_no_date_are_refused() -> None:
    for text in ("/Date(-62135596800000)/", "/Date(0)/", "Date(1462880100000", "14628801"):
        assert of(("json-ld:datePublished", "published", text)).method == "captured"


def test_days_where_clocks_stand() -> None:
    today = ("visible:above", "published", "الأربعاء 1 حزيران 2016")
    assert of(today).method == "captured"
    assert of(("visible:above", "unknown", "الثلاثاء 10 أيار 2016")).published_day == date(2016, 5, 10)


def test_several_days_far_below_are_those_of_comments() -> None:
    found = [("time:foot", "published", f"2016-05-{day}T10:00:00+03:00") for day in (10, 12)]
    assert of(found[0]).published_day == date(2016, 5, 10)
    assert of(*found).method == "captured"


def test_day_and_month_are_exchanged_where_only_so_the_page_agrees_with_itself() -> None:
    printed = ("visible", "published", "نشر في 03/05/2016 14:35")
    assert of(printed, ("url", "published", "/2016/03/05")).published_at == datetime(2016, 3, 5, 12, 35, tzinfo=UTC)
    assert of(printed, ("url", "published", "/2016/03/05"), ("feed", "published", "2016-05-03")).published_day == date(
        2016, 5, 3
    )
    assert of(printed, ("url", "published", "/2016/01/20")).published_day == date(2016, 5, 3)
    mdy = of(("visible", "unknown", "03/05/2016"), ("json-ld:datePublished", "published", "2016-05-03"), order="MDY")
    assert (mdy.published_day, mdy.confidence) == (date(2016, 5, 3), "high")


def test_a_printed_day_overrules_a_machines_only_where_their_zones_may_differ_so() -> None:
    """What is stamped in the source's own offset is no UTC day, and the Hijri day depends on the moon that was seen."""
    stamped = ("json-ld:datePublished", "published", "2016-05-10T20:00:00+03:00")
    assert of(stamped, ("visible", "unknown", "11 أيار 2016")).published_day == date(2016, 5, 10)
    assert of(stamped, ("visible", "unknown", "9 أيار 2016")).published_day == date(2016, 5, 10)
    in_utc = ("json-ld:datePublished", "published", "2016-05-09T22:00:00Z")
    assert of(in_utc, ("visible", "unknown", "9 أيار 2016")).published_day == date(2016, 5, 9)
    assert of(in_utc, ("visible", "unknown", "11 أيار 2016")).published_day == date(2016, 5, 10)
    assert of(
        ("json-ld:datePublished", "published", "2016-05-10"), ("visible", "unknown", "4 شعبان 1437")
    ).published_day == date(2016, 5, 10)


def test_the_pages_own_statement_comes_before_the_feeds() -> None:
    publication = of(("json-ld:datePublished", "published", "2016-05-10"), ("feed", "published", "2016-05-14"))
    assert (publication.published_day, publication.confidence) == (date(2016, 5, 10), "low")


def test_a_sitemaps_lastmod_is_a_change() -> None:
    publication = of(("sitemap:lastmod", "modified", "2016-05-12T09:00:00+03:00"))
    assert publication.method == "captured"
    assert publication.modified_at == datetime(2016, 5, 12, 6, tzinfo=UTC)


def test_a_capture_at_the_edge_of_the_calendar_is_no_error() -> None:
    for captured in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        publication = of(("visible", "unknown", "منذ 3 ساعات"), captured=captured, zone="Pacific/Kiritimati")
        assert publication.method == "captured"
