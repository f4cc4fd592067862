"""The pages of health, as a browser is given them."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from lxml import html

from pipeline.coverage import DayCoverage
from pipeline.coverage import State as Covered
from pipeline.crawl_reports import Crawl, CrawlReport
from pipeline.health import SOURCE_PAGE, Details, Health, State, index_page, source_page, verdicts
from pipeline.health.pages import SIGNS
from pipeline.sources import Source
from tests.pipeline.health.conftest import well

NOW = datetime(2024, 3, 20, 9, tzinfo=UTC)
TODAY = NOW.date()


def source(id_: str, name: str) -> Source:
    return Source.model_validate(
        {"id": id_, "name": name, "home": f"http://{id_}.example/", "timezone": "Asia/Damascus", "conflicts": ["syria"]}
    )


def health(**sources: str) -> Health:
    """Sources of these names: alfajr has walls for three days, almada is well, any other was never crawled."""
    made = {id_: source(id_, name) for id_, name in sources.items()}
    days = []
    for ago in range(120, 0, -1):
        day = TODAY - timedelta(days=ago)
        days.append(well("almada", day))
        walls = {"blocked": 12} if ago <= 3 else {}
        days.append(replace(well("alfajr", day, 0 if walls else 12), pages=12, captured=12, rejected=walls))
    days = [day for day in days if day.source in made]
    covered = [DayCoverage("alfajr", TODAY - timedelta(days=1), Covered.PARTIAL, "12 pages stand behind a wall")]
    covered = [day for day in covered if day.source in made]
    return Health(NOW, made, verdicts(days, made, NOW, covered), sorted(days, key=lambda one: one.source), covered)


def test_all_sources_stand_on_one_page_the_worst_first() -> None:
    tree = html.fromstring(index_page(health(almada="المدى", alfajr="صحيفة الفجر", badr="بدر")))
    rows = tree.xpath("//tbody/tr")
    assert [row.xpath("string(.//code)") for row in rows] == ["alfajr", "badr", "almada"]
    first = " ".join(rows[0].text_content().split())
    assert "blocked" in first
    assert "since 2024-03-17" in first
    assert "warraq check alfajr" in first
    assert "صحيفة الفجر" in first
    assert all("syria" in row.get("data-text") for row in rows)
    (spark,) = rows[2].xpath(".//*[local-name()='path']/@d")
    assert spark.count("v-28.0h3v28.0z") == spark.count("M") == 59  # of sixty days, today not yet


def test_a_source_has_a_page_of_its_own_with_what_is_behind_its_verdict() -> None:
    text = html.fromstring(source_page(health(alfajr="صحيفة الفجر"), Details(), "alfajr")).text_content()
    for said in ("blocked", "since 2024-03-17", "blocked · 36", "12 pages stand behind a wall", "Half a year"):
        assert said in " ".join(text.split())


def test_the_pages_ask_no_other_host_and_lead_to_each_other() -> None:
    made = health(almada="المدى", alfajr="صحيفة الفجر")
    tree = html.fromstring(index_page(made, dags="/dags"))
    links = [link for _, _, link, _ in tree.iterlinks()]
    assert {SOURCE_PAGE.format("almada"), SOURCE_PAGE.format("alfajr"), "/dags/crawl_alfajr"} <= set(links)
    assert not [link for link in links if urlsplit(link).netloc]
    of_source = html.fromstring(source_page(made, Details(), "almada"))
    outside = [one for one in of_source.iterlinks() if urlsplit(one[2]).netloc]
    assert [(element.tag, link) for element, _, link, _ in outside] == [("a", "http://almada.example/")]
    assert "index.html" in [link for _, _, link, _ in of_source.iterlinks()]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\u202eاسم\u202c", "a' onclick='x"])
def test_what_a_source_calls_itself_is_text(name: str) -> None:
    for page in (index_page(health(alfajr=name)), source_page(health(alfajr=name), Details(), "alfajr")):
        tree = html.fromstring(page)
        assert not tree.xpath("//*[@onclick]")
        assert len(tree.xpath("//script")) <= 1
        assert "\u202e" not in page


def test_every_state_has_a_sign_of_its_own() -> None:
    assert set(SIGNS) == set(State)
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_without_any_day_the_page_says_so() -> None:
    made = Health(NOW, {"badr": source("badr", "بدر")}, verdicts([], {"badr": source("badr", "بدر")}, NOW), [], [])
    assert "not known" in index_page(made)
    assert "Not known: no crawl" in source_page(made, Details(), "badr")


def test_a_source_whose_file_is_wrong_is_not_missing_in_silence() -> None:
    told = "<config>/broken.yaml, line 3: timezone: no such zone"
    page = index_page(health(almada="المدى"), wrong=[told])
    assert told in html.fromstring(page).text_content()
    assert "files are wrong" not in index_page(health(almada="المدى"))


def test_the_day_that_it_is_at_the_source_is_shown() -> None:
    made = health(almada="المدى")
    late = replace(
        made, now=datetime(2024, 3, 20, 22, 30, tzinfo=UTC)
    )  # past one in the morning of the 21st in Damascus
    shown = replace(late, days=[*made.days, well("almada", TODAY + timedelta(days=1), 7)])
    assert "2024-03-21" in index_page(shown)
    assert "to 2024-03-21" in html.fromstring(source_page(shown, Details(), "almada")).text_content()


def test_the_newest_pages_of_each_reason_and_the_last_crawls_are_named_and_nothing_of_them_is_code() -> None:
    hostile = "http://alfajr.example/'><script>alert(1)</script>/%D8%AE%D8%A8%D8%B1/2024"
    report = CrawlReport.model_validate(
        {"window": {"since": TODAY, "until": TODAY}, "outcome": "finished", "message": "<b>found 3</b>", "found": 3}
    )
    crawls = [Crawl("alfajr-20240320T060000Z-aaaaaa", NOW, report), Crawl("alfajr-20240319T060000Z-bbbbbb", NOW, None)]
    details = Details({"blocked": [hostile, "javascript:alert(1)"]}, {}, crawls)
    made = health(alfajr="صحيفة الفجر")
    page = source_page(made, details, "alfajr", dags="/dags", reports="../reports/{}/")
    tree = html.fromstring(page)
    assert not tree.xpath("//script | //b")
    links = [link for _, _, link, _ in tree.iterlinks()]
    assert hostile in links
    assert not [link for link in links if link.startswith("javascript")]
    assert "../reports/alfajr-20240320T060000Z-aaaaaa/" in links
    (shown,) = tree.xpath("//a[contains(@href, 'script')]")
    assert [part.text for part in shown.iter("bdi") if part.text][-2:] == ["خبر", "2024"]  # each part in its place
    assert shlex.quote(hostile) in tree.text_content()
    assert "unreadable" in tree.text_content()
    assert "warraq report alfajr-20240320T060000Z-aaaaaa" in source_page(made, details, "alfajr")


def test_plots_say_what_they_show_to_those_who_do_not_see_them() -> None:
    tree = html.fromstring(source_page(health(almada="المدى"), Details(), "almada"))
    said = tree.xpath("//svg/@aria-label")
    assert len(said) == len(tree.xpath("//figure")) - 2  # nothing was rejected, and nothing failed
    assert "articles a day: median 12, most 12 on 2024-03-19, last 12" in said
    assert any(one.startswith("% of texts") and "author 100 and 100 %" in one for one in said)


def test_what_may_be_chosen_is_what_there_is() -> None:
    tree = html.fromstring(index_page(health(almada="المدى", alfajr="صحيفة الفجر")))
    choices = {select.get("name"): [one.text for one in select][1:] for select in tree.xpath("//select")}
    assert choices == {"state": ["blocked", "ok"], "conflict": ["syria"], "country": [], "language": ["ar"]}
