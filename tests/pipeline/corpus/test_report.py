"""The report of a build, as people read it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import html

from pipeline.corpus import Counts
from pipeline.corpus.report import Report

AT = datetime(2024, 3, 20, 9, 30, tzinfo=UTC)
NOTHING = Counts(0, 0, {}, {})
KEY = "captures/source=alfajr/fetched=2024-03-20/alfajr-20240320T060000Z-aaaaaa-00000.warc.gz"


def verdict(source: str, state: str, *, wrong: bool) -> dict[str, object]:
    told = {
        "source": source,
        "state": state,
        "wrong": wrong,
        "sign": "⊘" if wrong else "✔",
        "since": None,
        "figures": {},
    }
    return told | {"reason": f"{source} is {state}", "todo": f"warraq check {source}" if wrong else ""}


def rejected(url: str, source: str = "alfajr") -> dict[str, object]:
    return {"source": source, "url": url, "status": 200, "reason": "blocked", "capture": f"{KEY}#123"}


def report(**told: object) -> Report:
    made = Report(
        run="corpus-20240320T093000Z-abcdef",
        at=AT.isoformat(),
        total=Counts(9, 7, {}, {"blocked": 2}),
        new=Counts(3, 1, {}, {"blocked": 2}),
        sources={"alfajr": Counts(2, 0, {}, {"blocked": 2}), "almada": Counts(1, 1, {}, {})},
        relevant={"alfajr": 0, "almada": 1},
        names={"alfajr": "صحيفة الفجر", "almada": "موقع المدى"},
        captures={KEY: 3},
        rejections=[rejected("http://alfajr.example/%D8%AE%D8%A8%D8%B1"), rejected("http://alfajr.example/2")],
        copies=[],
        left_out={},
        deposit={"written": ["2024-03-19"], "unchanged": 2, "deleted": []},
        health={
            "problem": None,
            "verdicts": [verdict("almada", "silent", wrong=True), verdict("alfajr", "ok", wrong=False)],
        },
        card={"written": [], "problem": None},
        index={"months": ["2024-03"], "articles": 1, "problem": None},
        faults=[],
    )
    return replace(made, **told)  # type: ignore[arg-type]


def test_it_says_when_and_what_is_out_of_the_ordinary_the_worst_first() -> None:
    tree = html.fromstring(report().to_html())
    text = " ".join(tree.text_content().split())
    assert "2024-03-20 09:30 UTC" in text
    assert "3 pages captured: 1 articles, 0 copies, 2 rejected (blocked 2)" in text
    (wrong,) = tree.xpath("//h2[.='Out of the ordinary']/following-sibling::ul[1]/li")
    assert "almada is silent" in wrong.text_content()
    assert "warraq check almada" in wrong.text_content()
    assert [one.get("id") for one in tree.xpath("//h2[@id]")] == ["almada", "alfajr"]
    assert [one.text for one in tree.xpath("//*[@data-is='relevant']")] == ["1"], "of what has articles"


def test_it_leads_to_pages_days_and_captures_and_asks_nobody() -> None:
    page = report().to_html()
    tree = html.fromstring(page)
    links = {link for element, _, link, _ in tree.iterlinks() if element.tag == "a"}
    assert {"http://alfajr.example/%D8%AE%D8%A8%D8%B1", f"../../{KEY}", f"../../{KEY}#offset=123"} <= links
    assert "../../articles/published=2024-03-19/articles.parquet" in links
    assert {element.tag for element, _, _, _ in tree.iterlinks()} == {"a"}
    assert "خبر" in tree.text_content()
    assert not tree.xpath("//script")
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,<script>", "http://[", '"><img src=x onerror=alert(1)>']
)
def test_what_a_site_calls_a_page_is_text_and_no_code(url: str) -> None:
    tree = html.fromstring(report(rejections=[rejected(url)]).to_html())
    assert not [link for _, _, link, _ in tree.iterlinks() if not link.startswith(("../../", "#", "http://"))]
    assert not tree.xpath("//img | //script | //*[@onerror]")


def test_what_is_wrong_with_a_build_stands_first() -> None:
    page = report(
        faults=["x: 3 pages captured"], left_out={"nakhil": 2}, health={"problem": "no rows", "verdicts": []}
    ).to_html()
    text = html.fromstring(page).text_content()
    places = [text.index(said) for said in ("x: 3 pages captured", "nakhil", "no rows", "What became of")]
    assert places == sorted(places)


def test_many_pages_are_cut_and_the_json_has_all() -> None:
    many = report(rejections=[rejected(f"http://alfajr.example/{number}") for number in range(60)])
    assert "and 10 more" in html.fromstring(many.to_html()).text_content()
    assert len(json.loads(many.to_json())["rejections"]) == 60


@pytest.mark.parametrize(
    "news",
    [
        {"new": Counts(1, 1, {}, {})},
        {"deposit": {"written": ["2024-03-19"], "unchanged": 0, "deleted": []}},
        {"deposit": {"written": [], "unchanged": 0, "deleted": ["2024-03-19"]}},
        {"left_out": {"nakhil": 1}},
        {"faults": ["x"]},
        {"health": {"problem": "x", "verdicts": []}},
        {"index": {"problem": "x"}},
    ],
)
def test_a_run_is_idle_only_where_nothing_was_new_and_nothing_is_wrong(news: dict[str, object]) -> None:
    idle = report(
        new=NOTHING,
        deposit={"written": [], "unchanged": 9, "deleted": []},
        health={"problem": None, "verdicts": [verdict("almada", "silent", wrong=True)]},
    )
    assert idle.idle
    assert not replace(idle, **news).idle  # type: ignore[arg-type]
