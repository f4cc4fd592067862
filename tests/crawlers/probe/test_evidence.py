"""What articles prove of zones and of the order of dates."""

# ruff: noqa: DTZ001 - local times are what pages print

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.probe.evidence import Article, contradicts, find_order, find_zone, territory_hints
from pipeline.extract.article import Cleaned
from pipeline.publication.candidate import Candidate

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
ZONES = [
    "Asia/Damascus",
    "Asia/Beirut",
    "Africa/Tripoli",
    "Asia/Tehran",
    "Africa/Casablanca",
    "Europe/London",
    "Asia/Hebron",
]
MOMENTS = st.datetimes(datetime(2023, 1, 1), datetime(2026, 5, 1)).map(
    lambda one: one.replace(second=0, microsecond=0, fold=0)
)


def article(*dates: Candidate, made: str = "", body: str = "") -> Article:
    cleaned = Cleaned("http://a.example/1", None, title="خبر", body=body, dates=dates)
    return Article(cleaned, {}, made, NOW)


def printed(local: datetime) -> Candidate:
    return Candidate("visible", "unknown", f"{local:%d/%m/%Y %H:%M}")


def stamped(stamp: str) -> Candidate:
    return Candidate("meta:article:published_time", "published", stamp)


def zone_of(*articles: Article, hints: tuple[str, ...] = (), said: str | None = None, stamps: tuple[str, ...] = ()):
    return find_zone(articles, stamps=stamps, hints=hints, said=said, language="ar")


def is_usual(local: datetime, zone: ZoneInfo) -> bool:
    """Whether a local time is there once: not left out or repeated where clocks change."""
    there = local.replace(tzinfo=zone)
    return (
        there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
        and there.replace(fold=1).utcoffset() == there.utcoffset()
    )


@pytest.mark.slow
@given(st.sampled_from(ZONES), st.lists(MOMENTS, min_size=1, max_size=8))
def test_printed_times_beside_stamps_in_utc_prove_a_zone_that_has_those_offsets(
    name: str, moments: list[datetime]
) -> None:
    zone = ZoneInfo(name)
    moments = [one for one in moments if is_usual(one, zone) and one.replace(tzinfo=zone).utcoffset()]
    articles = [
        article(printed(one), stamped(one.replace(tzinfo=zone).astimezone(UTC).isoformat().replace("+00:00", "Z")))
        for one in moments
    ]
    found = zone_of(*articles)
    if not moments:
        assert found is None
        return
    assert found.proved
    for one in moments:
        instant = one.replace(tzinfo=zone)
        assert instant.astimezone(ZoneInfo(found.name)).utcoffset() == instant.utcoffset()


def test_stamps_with_their_own_offset_prove_it_and_a_hint_names_the_country() -> None:
    dates = stamped("2024-01-05T10:00:00+03:00")
    assert zone_of(article(dates), hints=("YE",)).name == "Asia/Aden"
    assert zone_of(article(dates), said="Asia/Riyadh").name == "Asia/Riyadh"
    named = zone_of(article(dates, body="قالت مصادر في دمشق إن السلطات السورية"))
    assert named.name == "Asia/Damascus"
    assert "the country is a guess" in named.why


def test_the_server_s_word_counts_where_three_pages_agree() -> None:
    def made(hour: int, day: int) -> Article:
        local = datetime(2024, 1, day, hour, 30)
        return article(
            printed(local), made=format_datetime((local - timedelta(hours=3)).replace(tzinfo=UTC), usegmt=True)
        )

    assert zone_of(made(10, 1), made(11, 2)) is None
    assert zone_of(made(10, 1), made(11, 2), made(12, 3), hints=("IQ",)).name == "Asia/Baghdad"


@pytest.mark.parametrize("stamp", ["2024-01-05T10:00:00Z", "2024-01-05T10:00:00", "not a date"])
def test_local_time_stamped_as_utc_proves_nothing(stamp: str) -> None:
    assert zone_of(article(printed(datetime(2024, 1, 5, 10)), stamped(stamp))) is None


def test_without_evidence_there_is_a_guess_that_says_so_or_nothing() -> None:
    guess = zone_of(article(), hints=("SD",))
    assert (guess.name, guess.proved) == ("Africa/Khartoum", False)
    assert "nothing on the site proves it" in guess.why
    assert zone_of(article(body="قالت الحكومة في اليمن " * 5 + "وفي ليبيا")).name == "Asia/Aden"
    assert zone_of(article(body="قالت الحكومة في اليمن")) is None
    assert zone_of(article()) is None


def test_tags_name_a_country_only_where_their_language_is_official() -> None:
    assert territory_hints("alfajr.sy", ["ar_AR", "ar-ye", "ar"]) == ["SY", "YE"]
    assert territory_hints("alfajr.example", ["en"]) == []


@pytest.mark.parametrize(
    ("text", "stamp", "order"),
    [
        ("28/04/2024", None, "DMY"),
        ("04/28/2024", None, "MDY"),
        ("2024-04-05", None, "YMD"),
        ("05/04/2024", None, None),
        ("05/04/2024", "2024-04-05T10:00:00+03:00", "DMY"),
        ("05/04/2024", "2024-05-04T10:00:00+03:00", "MDY"),
        ("٢٨/٠٤/٢٠٢٤", None, "DMY"),
    ],
)
def test_an_order_is_told_by_dates_that_can_be_read_one_way(text: str, stamp: str | None, order: str | None) -> None:
    dates = [Candidate("visible", "unknown", text)] + ([stamped(stamp)] if stamp else [])
    found = find_order([article(*dates)])
    assert (found and found[0]) == order


def test_a_zone_is_contradicted_by_most_of_several_printed_times() -> None:
    def shown(hours: int, day: int) -> Article:
        at = datetime(2024, 1, day, 8)
        return article(printed(at + timedelta(hours=hours)), stamped(f"{at.isoformat()}Z"))

    baghdad = ZoneInfo("Asia/Baghdad")
    assert contradicts([shown(3, 1), shown(3, 2), shown(2, 3)], baghdad) is None
    assert contradicts([shown(2, 1)], baghdad) is None
    assert "+02:00, which Asia/Baghdad was not" in contradicts([shown(2, 1), shown(2, 2)], baghdad)
