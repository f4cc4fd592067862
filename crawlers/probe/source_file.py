"""A source's file, written from what a look at its site proved: the settings, and in comments why each is as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import TYPE_CHECKING
from zlib import crc32

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from crawlers.probe.sample import day_of
from crawlers.probe.url_patterns import list_sections
from pipeline.extract import BodyProposal, LearnError, propose
from pipeline.stated_dates import stated_days
from pipeline.text import escape_invisible
from pipeline.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from crawlers.probe.evidence import Order, Zone
    from crawlers.probe.sample import Sample, Trial
    from pipeline.extract import Proposal
    from pipeline.sources import Source


_SHOWN = 8
"""Articles that the file names as a sample."""

_EVERYWHERE = 0.6
"""Share of the sample on which a line must stand to be written as furniture; below it, it is shown in a comment."""

_TIMES_LARGEST, _LEAST_SIZE = 16, 2 * 2**20
_COMMENT_WIDTH = 118
_LOOKS_BACK = {
    "wordpress": "WordPress's own interface: looks back as far as the site goes",
    "sitemap": "looks back as far as the sitemap goes",
    "date_archive": "looks back as far as the site goes",
    "listing": "looks back as far as its pages go",
}


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a look at a site proved or guessed.

    `source` has all of it but the discoveries and what is read off the sample; `links` are those of the home page, `requests`
    counts what was sent to learn it.
    """

    source: Source
    zone: Zone
    order: tuple[Order, str] | None
    trials: Sequence[Trial]
    samples: Sequence[Sample]
    links: Sequence[str]
    requests: int
    today: date


def write_source(facts: SiteFacts) -> str:
    """The text of the source's file."""
    source = facts.source
    sure, rare, body = _learned(facts.samples, source)
    file = CommentedMap(
        id=source.id,
        name=source.name,
        home=str(source.home),
        language=source.language,
        timezone=source.timezone,
        enabled=False,
        schedule=DoubleQuotedScalarString(f"{crc32(source.id.encode()) % 60} */6 * * *"),
        discovery=_discovery(facts.trials, source.zone),
        allowed_hosts=_in_one_line(source.allowed_hosts),
        politeness=_politeness(facts),
    )
    if source.loopback:
        file.insert(2, "loopback", value=True)
    _comment_before(file, "timezone", ("" if facts.zone.proved else "a guess: ") + facts.zone.why)
    if below := _excluded(facts):
        file["sections"] = CommentedMap(exclude=_in_one_line(map(DoubleQuotedScalarString, below)))
        lists = "lists and pictures, by their names; add what else is no news of the war, such as sports"
        _comment_before(file["sections"], "exclude", lists, indent=2)
    file["date_order"] = source.date_order
    order = facts.order
    why = order[1] if order else "a guess: the sample prints no numeric date that can be read in one way alone"
    _comment_before(file, "date_order", why, apart=True)
    for key in ("discovery", "allowed_hosts", "politeness", "sections"):
        if key in file:
            _comment_before(file, key, apart=True)
    if body:
        file["body"] = DoubleQuotedScalarString(body.selector)
        _comment_before(file, "body", body.evidence, apart=True)
    told = f"lines that stand within the articles' text, on so many of the {len(facts.samples)} read"
    if sure:
        file["furniture"] = _counted(sure)
        _comment_before(file, "furniture", told, apart=True)
    text = _header(facts) + to_yaml(file)
    if rare:
        lines = to_yaml({"furniture": _counted(rare)}).splitlines()
        text += _commented(lines[1:]) if sure else "\n" + _commented([told, *lines])
    shown = newest_articles(facts.samples, source)[:_SHOWN]
    rows = [f"  {day or 'no day'} {escape_invisible(title)} {url}" for day, title, url in shown]
    return text + "\n" + _commented(["A sample of what it would gather:", *rows])


def newest_articles(samples: Iterable[Sample], source: Source) -> list[tuple[str, str, str]]:
    """Day (ISO, empty where nothing states it), title and URL of each of the sample's articles, newest first."""
    rows = [
        (day_of(sample.article, source) or "", sample.article.cleaned.title or "", sample.article.cleaned.url)
        for sample in samples
    ]
    return sorted(rows, reverse=True)


def _header(facts: SiteFacts) -> str:
    return "\n".join(
        (
            f"# Written by `warraq probe {facts.source.home}` on {facts.today}, after {facts.requests} requests.",
            "# Look it over, above all where a comment says that something is a guess; then",
            f"# `warraq check {facts.source.id} --enable` turns it on.",
            "",
            "",
        )
    )


def _discovery(trials: Sequence[Trial], zone: ZoneInfo) -> CommentedSeq:
    entries = CommentedSeq(CommentedMap(trial.entry) for trial in trials)
    for place, trial in enumerate(trials):
        problems = [f"problem: {problem}" for problem in trial.problems]
        _comment_before(entries, place, _note(trial, zone), *problems, indent=2)
    return entries


def _note(trial: Trial, zone: ZoneInfo) -> str:
    """What a discovery is worth: how far it looks back, how much it found, of which days."""
    back = "shows the latest alone"
    if trial.looks_back:
        back = _LOOKS_BACK.get(trial.entry["type"], "has pages, and so looks back")
    days = sorted(
        day[0].isoformat()
        for one in trial.found
        if (day := stated_days(one.how.get("published") or one.how.get("lastmod") or "", zone) or one.days)
        and day[0] > date.min
    )
    dated = f"dated {days[0]} to {days[-1]}" if days else "undated"
    return f"{back}; {len(trial.found)} addresses in {len(trial.added)} answers, {dated}"


def _politeness(facts: SiteFacts) -> CommentedMap:
    largest = max(len(sample.capture.body) for sample in facts.samples)
    politeness = CommentedMap(delay=facts.source.politeness.delay, max_size=_size(largest))
    politeness.yaml_add_eol_comment("seconds between two requests, as this probe kept", "delay", column=0)
    politeness.yaml_add_eol_comment(f"bytes; the largest article of the sample has {largest}", "max_size", column=0)
    return politeness


def _size(largest: int) -> int:
    """A bound for a page, in bytes: a power of two many times what the largest one has."""
    return max(_LEAST_SIZE, 1 << (_TIMES_LARGEST * largest - 1).bit_length())


def _excluded(facts: SiteFacts) -> list[str]:
    """Patterns for the paths of lists and pictures."""
    seen = [*facts.links, *(one.url for trial in facts.trials for one in trial.found)]
    below = list_sections(seen, [sample.capture.url for sample in facts.samples])
    return [f"^/{re.escape(first)}/" for first in below]


def _learned(samples: Sequence[Sample], source: Source) -> tuple[list[Proposal], list[Proposal], BodyProposal | None]:
    """Lines on most of the sample, which are written, rarer ones, which a person has to judge, and what holds the articles."""
    try:
        proposed = propose([one.capture for one in samples], source)
    except LearnError:  # too few articles
        return [], [], None
    inside = [one for one in proposed.furniture if one.inside]
    sure = [one for one in inside if one.pages >= _EVERYWHERE * len(samples)]
    body = proposed.body if isinstance(proposed.body, BodyProposal) else None
    return sure, [one for one in inside if one not in sure], body


def _counted(proposals: Sequence[Proposal]) -> CommentedSeq:
    """Lines, each with the number of its pages."""
    lines = CommentedSeq(DoubleQuotedScalarString(one.line) for one in proposals)
    for place, one in enumerate(proposals):
        lines.yaml_add_eol_comment(str(one.pages), place, column=0)
    return lines


def _in_one_line(values: Iterable[str]) -> CommentedSeq:
    listed = CommentedSeq(values)
    listed.fa.set_flow_style()
    return listed


def _comment_before(
    node: CommentedMap | CommentedSeq, key: str | int, *texts: str, indent: int = 0, apart: bool = False
) -> None:
    """Set comments before an entry, `apart` with an empty line above them."""
    lines = [
        line
        for text in texts
        for line in wrap(escape_invisible(text), _COMMENT_WIDTH, break_long_words=False, break_on_hyphens=False)
    ]
    node.yaml_set_comment_before_after_key(key, before="\n" * apart + "\n".join(lines), indent=indent)


def _commented(lines: Iterable[str]) -> str:
    return "".join(f"# {line}\n" for line in lines)
