"""What a look at a site proved, written down and read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawlers.discovery import Found
from crawlers.probe.evidence import SampledPage, Zone
from crawlers.probe.sample import Sample, Trial
from crawlers.probe.source_file import SiteFacts, newest_articles, write_source
from pipeline.captures.model import Capture
from pipeline.extract.article import Cleaned, clean
from pipeline.sources import Source, load_source
from tests.pipeline.conftest import page, prose

HOME = "http://sadanews.example"
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
SOURCE = Source.model_validate(
    {
        "id": "sada",
        "name": "صدى",
        "home": f"{HOME}/",
        "language": "ar",
        "timezone": "Asia/Damascus",
        "allowed_hosts": ["sadanews.example", "www.sadanews.example"],
        "politeness": {"delay": 1.5},
    }
)
FEED = Trial(
    {"type": "feed", "url": f"{HOME}/feed"},
    [Found(f"{HOME}/news/1", {"published": "2026-05-19T10:00:00+03:00"})],
    added=[1],
    problems=["damaged XML"],
)
INVISIBLE = "\u200f\u202e\u00a0\ufeff\u2028\x85"


def sample(number: int, *lines: str) -> Sample:
    body = page(f"خبر {number}", [*prose(number), *lines], f"2026-05-{number + 1:02}T10:00:00+03:00")
    capture = Capture("", 0, f"{HOME}/news/{number}", NOW, 200, "text/html; charset=utf-8", body, {})
    return Sample(capture, SampledPage(clean(capture, SOURCE), {}, "", NOW))


def facts(source: Source = SOURCE, trial: Trial = FEED, samples: list[Sample] | None = None) -> SiteFacts:
    return SiteFacts(
        source,
        Zone("Asia/Damascus", proved=False, why="the site's tags name Syria"),
        ("DMY", "3 printed dates such as 20/05/2026"),
        [trial],
        samples or [sample(number) for number in range(8)],
        [f"{HOME}/video/1", f"{HOME}/news/1"],
        30,
        NOW.date(),
    )


def test_a_file_says_what_is_known_and_why(tmp_path: Path) -> None:
    samples = [sample(number, "صدى صحيفة يومية يملكها محررون") for number in range(3)]
    samples += [sample(number, "صدى صحيفة يومية يملكها محررون", "زاوية يكتبها القراء") for number in range(3, 6)]
    file = tmp_path / "sada.yaml"
    file.write_text(write_source(facts(samples=samples)), encoding="utf-8")
    largest = max(len(one.capture.body) for one in samples)
    assert file.read_text(encoding="utf-8") == "\n".join(
        [
            f"# Written by `warraq probe {HOME}/` on 2026-05-20, after 30 requests.",
            "# Look it over, above all where a comment says that something is a guess; then",
            "# `warraq check sada --enable` turns it on.",
            "",
            "id: sada",
            "name: صدى",
            f"home: {HOME}/",
            "language: ar",
            "# a guess: the site's tags name Syria",
            "timezone: Asia/Damascus",
            "enabled: false",
            'schedule: "24 */6 * * *"',
            "",
            "discovery:",
            "  # shows the latest alone; 1 addresses in 1 answers, dated 2026-05-19 to 2026-05-19",
            "  # problem: damaged XML",
            "  - type: feed",
            f"    url: {HOME}/feed",
            "",
            "allowed_hosts: [sadanews.example, www.sadanews.example]",
            "",
            "politeness:",
            "  delay: 1.5 # seconds between two requests, as this probe kept",
            f"  max_size: 2097152 # bytes; the largest article of the sample has {largest}",
            "",
            "sections:",
            "  # lists and pictures, by their names; add what else is no news of the war, such as sports",
            '  exclude: ["^/video/"]',
            "",
            "# 3 printed dates such as 20/05/2026",
            "date_order: DMY",
            "",
            "# in one place on 6 of 6 articles' pages; holds 100.0% of the text found without it, and 0.0% beyond that",
            'body: "div.content"',
            "",
            "# lines that stand within the articles' text, on so many of the 6 read",
            "furniture:",
            '  - "صدى صحيفة يومية يملكها محررون" # 6',
            '#   - "زاوية يكتبها القراء" # 3',
            "",
            "# A sample of what it would gather:",
            *(f"#   2026-05-{number + 1:02} خبر {number} {HOME}/news/{number}" for number in reversed(range(6))),
            "",
        ]
    )
    written = load_source(file)
    assert written.name == SOURCE.name
    assert written.furniture == ("صدى صحيفة يومية يملكها محررون",)
    assert written.body == "div.content"
    assert [one.type for one in written.discovery] == ["feed"]
    assert not written.enabled


def test_rare_lines_alone_are_shown_in_a_comment() -> None:
    samples = [sample(number, *(["زاوية يكتبها القراء"] if number < 3 else [])) for number in range(8)]
    text = write_source(facts(samples=samples))
    assert '\n# furniture:\n#   - "زاوية يكتبها القراء" # 3\n' in text
    assert "furniture" not in YAML(typ="safe", pure=True).load(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30), st.booleans())
def test_whatever_a_site_names_is_read_again_and_seen(text: str, has_page: bool) -> None:
    trial = replace(FEED, entry={"type": "feed", "url": text}, problems=[text])
    source = SOURCE.model_copy(update={"name": text})
    samples = None
    if has_page:
        [known] = [sample(1)]
        cleaned = replace(known.article.cleaned, title=text)
        samples = [replace(known, article=replace(known.article, cleaned=cleaned))]
    written = write_source(facts(source, trial, samples))
    read = YAML(typ="safe", pure=True).load(written)
    assert read["name"] == text
    assert read["discovery"] == [{"type": "feed", "url": text}]
    assert read["allowed_hosts"] == list(SOURCE.allowed_hosts)
    assert not any(sign in written for sign in INVISIBLE)


@pytest.mark.parametrize(("largest", "bound"), [(10_000, 2_097_152), (200_000, 4_194_304), (262_144, 4_194_304)])
def test_the_bound_for_a_page_is_many_times_the_largest(largest: int, bound: int) -> None:
    one = sample(1)
    large = replace(one, capture=replace(one.capture, body=b" " * largest))
    assert f"max_size: {bound} #" in write_source(facts(samples=[large]))


def test_the_newest_articles_go_first_and_the_undated_last() -> None:
    undated = SampledPage(Cleaned(f"{HOME}/news/x", None, title="بلا تاريخ"), {}, "", NOW)
    rows = newest_articles([replace(sample(1), article=undated), sample(2), sample(3)], SOURCE)
    assert rows == [
        ("2026-05-04", "خبر 3", f"{HOME}/news/3"),
        ("2026-05-03", "خبر 2", f"{HOME}/news/2"),
        ("", "بلا تاريخ", f"{HOME}/news/x"),
    ]
