"""Whether sites still are what their sources' files say: what works, what has changed, and what to do about it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lxml import etree
from ruamel.yaml import YAML
from scrapy import Request

from crawlers.discovery import discoveries
from crawlers.freshness import stated_days
from crawlers.probe.client import RefusedError, VisitError, Visitor
from crawlers.probe.evidence import contradicts
from crawlers.probe.sample import Trial, day_of, read_discovery, take_sample, wall_of
from crawlers.probe.url_patterns import host_of
from crawlers.window import Window
from pipeline.sources import SourceError, load_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from scrapy.http import Response

    from crawlers.discovery import Discovery, Found
    from crawlers.probe.sample import Sample
    from pipeline.sources import Discovery as Config
    from pipeline.sources import Source


SILENT_DAYS = 14
"""A source that has published nothing for so many days is said to be silent."""

_MOST_REQUESTS = 40
_STEPS = 3
"""Answers of one discovery that are read."""

_SAMPLE, _TRIES = 3, 6
_AT_ONCE = 8
"""Sites that are looked at at the same time; of each, one page after the other."""

_DAY = timedelta(days=1)
_FEED_ROOTS = frozenset({"rss", "feed", "RDF"})
_SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
_KINDS = {
    "feed": "feed",
    "sitemap": "sitemap",
    "wordpress": "list of posts",
    "listing": "HTML page",
    "date_archive": "HTML page",
}

_ADVICE_SILENT = "see whether the site still publishes, or has moved; else set `enabled: false`"
_ADVICE_REFUSED = (
    "mend `home` and `allowed_hosts` if it has moved; what robots.txt forbids we leave alone (`enabled: false`)"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, in a line; `to_do` where it needs a person's hands, and then it says what to do."""

    text: str
    to_do: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one source; `source` is None where its file is wrong."""

    id: str
    source: Source | None
    findings: tuple[Finding, ...]

    @property
    def answers_as_described(self) -> bool:
        """Whether the schedule may crawl it: there is a discovery, and nothing needs hands."""
        return self.source is not None and bool(self.source.discovery) and not any(one.to_do for one in self.findings)


def check_files(paths: Sequence[Path], now: datetime) -> Iterator[Checked]:
    """Check the sources of these files, in their order; whatever is wrong with one, or goes wrong, stops no other.

    `now` is an aware instant.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(lambda path: _check_file(path, now), paths)


def check(source: Source, now: datetime) -> Checked:
    """Look at a source's site: its home page, each discovery, and some of the newest articles. `now` is an aware instant."""
    with Visitor(source.hosts, delay=source.politeness.delay, requests=_MOST_REQUESTS) as visitor:
        return Checked(source.id, source, tuple(_Check(source, visitor, now).findings()))


def enable(path: Path) -> bool:
    """Write ``enabled: true`` into a source's file, every other byte kept; False where it says so already.

    Raises:
        SourceError: the file is wrong, or would be.
    """
    if load_source(path).enabled:
        return False
    text = path.read_bytes().decode()
    line, column = YAML().load(text).lc.value("enabled")
    lines = text.splitlines(keepends=True)
    head, tail = lines[line][:column], lines[line][column:]
    lines[line] = head + re.sub(r"^\w+", "true", tail, count=1)
    path.write_bytes("".join(lines).encode())
    if not load_source(path).enabled:
        path.write_bytes(text.encode())
        raise SourceError(
            f"{path}:{line + 1}: `enabled` is written in a way that cannot be edited: make it `enabled: true`"
        )
    return True


def _check_file(path: Path, now: datetime) -> Checked:
    try:
        source = load_source(path)
    except SourceError as error:
        return Checked(path.stem, None, tuple(Finding(line, to_do=True) for line in str(error).splitlines()))
    try:
        return check(source, now)
    except Exception as error:  # whatever a site makes us do, the others are looked at
        return Checked(
            source.id, source, (Finding(f"the check itself broke ({type(error).__name__}: {error})", to_do=True),)
        )


class _Check:
    """One look at one source's site."""

    def __init__(self, source: Source, visitor: Visitor, now: datetime) -> None:
        self.source = source
        self.visitor = visitor
        self.today = now.astimezone(source.zone).date()
        self.oldest = self.today - SILENT_DAYS * _DAY

    def findings(self) -> Iterator[Finding]:
        problem = self._home()
        if problem is not None:
            yield problem
            if problem.to_do and self.visitor.last is None:
                return  # nothing of it may be asked for, or nothing answers
        if not self.source.discovery:
            yield Finding("no discovery: its articles come from archives alone", to_do=self.source.enabled)
            return
        found: list[Found] = []
        newest: date | None = None
        for config in self.source.discovery:
            if config.type not in _KINDS:
                yield Finding(f"{config.type}: others' archives are not looked at")
                continue
            if self.source.browser and _KINDS[config.type] == "HTML page":
                yield Finding(f"{config.type} {config.url}: needs a browser, and is not looked at")
                continue
            discovery, trial = self._try(config)
            yield from self._judge(discovery, trial)
            ours = [one for one in trial.found if self._is_wanted(one.url)]
            found += ours
            newest = max(filter(None, (newest, *map(self._day, ours))), default=None)
        if self.source.browser:
            yield Finding("its pages need a browser, and are not looked at: crawl a few with `warraq crawl --limit`")
        elif found:
            yield from self._articles(found, newest)

    def _home(self) -> Finding | None:
        home = str(self.source.home)
        try:
            response = self.visitor.get(Request(home))
        except RefusedError as error:
            return Finding(f"{error}: {_ADVICE_REFUSED}", to_do=True)
        except VisitError as error:
            return Finding(f"{error}: see whether the site has a new address, or try again later", to_do=True)
        if response.status != 200 or (wall_of(response) and not self.source.browser):
            return Finding(f"home page {home}: {_status(response)}", to_do=True)
        if moved := response.meta["moved"]:
            return Finding(f"home page has moved for good from {home} to {moved}: write that as `home`", to_do=True)
        return None

    def _try(self, config: Config) -> tuple[Discovery, Trial]:
        source = self.source.model_copy(update={"discovery": (config,)})
        [discovery] = discoveries(source, Window(self.oldest, self.today + _DAY))
        # Any day may be without news, and so without a page.
        steps = SILENT_DAYS + 1 if config.type == "date_archive" else _STEPS
        self.visitor.last = None
        return discovery, read_discovery(discovery, self.visitor, steps=steps)

    def _judge(self, discovery: Discovery, trial: Trial) -> Iterator[Finding]:
        """What one discovery's answers say."""
        name, last = f"{discovery.type} {discovery.url}", self.visitor.last
        if last is not None and trial.moved:
            yield Finding(f"{name} has moved for good to {trial.moved}: write that as its `url`", to_do=True)
        if not trial.found:
            yield self._nothing(name, discovery, trial, last)
            return
        wanted = [one for one in trial.found if self._is_wanted(one.url)]
        if not wanted:
            hosts = sorted({host_of(one.url) or "no host" for one in trial.found} - set(self.source.hosts))
            where = (
                f"lie on {', '.join(hosts[:3])}: see `allowed_hosts`"
                if hosts
                else "lie outside of `sections`: see there"
            )
            yield Finding(f"{name}: its {len(trial.found)} addresses {where}", to_do=True)
            return
        for problem in trial.problems:
            yield Finding(f"{name}: {problem}: it works in part; look at it, or leave it out", to_do=True)
        days = sorted(filter(None, map(self._day, wanted)))
        told = f", the newest of {days[-1]}" if days else ", undated"
        yield Finding(f"{name}: works, {len(wanted)} addresses{told}")

    def _nothing(self, name: str, discovery: Discovery, trial: Trial, last: Response | None) -> Finding:
        """Why a discovery gave no address at all."""
        problem = "; ".join(trial.problems)
        if last is None:
            advice = _ADVICE_REFUSED if "robots.txt" in problem or "none of the site" in problem else "try again later"
            return Finding(f"{name}: {problem}: {advice}", to_do=True)
        if discovery.type == "date_archive" and discovery.notes:
            return Finding(f"{'; '.join(discovery.notes)}, from {self.oldest} on: {_ADVICE_SILENT}", to_do=True)
        if last.status != 200 or (problem and wall_of(last)):
            return Finding(f"{name}: {_status(last)}", to_do=True)
        if problem:
            kind, expected = kind_of(last), _KINDS[discovery.type]
            if kind != expected:
                return Finding(
                    f"{name} answers with a {kind}, not a {expected}: change its `type` or `url`; "
                    f"`warraq probe {self.source.home}` looks for others",
                    to_do=True,
                )
            return Finding(f"{name}: {problem}: look at it, and put the entry right", to_do=True)
        if discovery.looks_back:
            return Finding(f"{name}: answers, and has nothing newer than {self.oldest}: {_ADVICE_SILENT}", to_do=True)
        return Finding(f"{name}: is empty: look for another with `warraq probe {self.source.home}`", to_do=True)

    def _articles(self, found: Iterable[Found], newest: date | None) -> Iterator[Finding]:
        """What the newest articles themselves say: that they are articles, how old they are, which zone they prove."""
        ordered = sorted(found, key=lambda one: self._day(one) or date.min, reverse=True)
        unique = list({one.url: one for one in ordered}.values())
        samples = take_sample(self.visitor, self.source, unique, wanted=_SAMPLE, tries=_TRIES)
        if not samples:
            yield Finding(f"none of {min(len(unique), _TRIES)} pages is an article: {self._why(unique[0])}", to_do=True)
            return
        days = [date.fromisoformat(day) for one in samples if (day := day_of(one.article, self.source))]
        latest = max(filter(None, (newest, *days)), default=None)
        if latest is None:
            yield Finding("its newest articles state no day: see `warraq extract URL --explain`", to_do=True)
        elif latest < self.oldest:
            yield Finding(f"silent: no article newer than {latest}: {_ADVICE_SILENT}", to_do=True)
        yield self._zone(samples)

    def _zone(self, samples: Sequence[Sample]) -> Finding:
        if wrong := contradicts([one.article for one in samples], self.source.zone):
            return Finding(
                f"timezone {self.source.timezone} is contradicted: {wrong}: `warraq probe {self.source.home}` says which fits",
                to_do=True,
            )
        return Finding(
            f"{len(samples)} of its newest articles are read, and nothing contradicts {self.source.timezone}"
        )

    def _why(self, found: Found) -> str:
        """What is wrong with a page that is no article."""
        try:
            response = self.visitor.get(Request(found.url))
        except (VisitError, ValueError) as error:
            return f"{error}: see `sections` and `links`"
        if response.status != 200 or wall_of(response):
            return f"{found.url}: {_status(response)}"
        return f"see `warraq extract {found.url} --explain`"

    def _is_wanted(self, url: str) -> bool:
        if host_of(url) not in self.source.hosts:
            return False
        path, sections = unquote(urlsplit(url).path), self.source.sections
        if any(re.search(one, path) for one in sections.exclude):
            return False
        return not sections.include or any(re.search(one, path) for one in sections.include)

    def _day(self, found: Found) -> date | None:
        """The last day on which what a discovery says lets a page have been published, if it is not in the future."""
        stated = next((found.how[key] for key in ("published", "lastmod", "modified") if found.how.get(key)), "")
        days = stated_days(stated, self.source.zone) or found.days
        return days[1] if days and days[1] <= self.today + _DAY else None


def kind_of(response: Response) -> str:
    """What an answer is, whatever it was asked for as: feed, sitemap, list of posts, HTML page, or something else."""
    start = response.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"[":
        return "list of posts"
    if start == b"{":
        return "feed" if b'"items"' in response.body else "JSON object"
    root = None
    try:
        for _, element in etree.iterparse(
            BytesIO(response.body), events=("start",), recover=True, resolve_entities=False, no_network=True
        ):
            root = str(element.tag).rpartition("}")[2]
            break
    except etree.XMLSyntaxError:
        pass
    if root in _FEED_ROOTS:
        return "feed"
    if root in _SITEMAP_ROOTS:
        return "sitemap"
    is_html = b"<html" in response.body[:5000].lower() or b"<body" in response.body[:5000].lower()
    return "HTML page" if is_html else "file of another kind"


def _status(response: Response) -> str:
    """What an answer that is no page says, and what to do."""
    wall = wall_of(response)
    said = f"HTTP {response.status}" if response.status != 200 else "it shows"
    if wall:
        said = f"{said} {wall}" if response.status == 200 else f"{said}, {wall}"
    if response.status in {404, 410}:
        return f"is gone ({said}): find where it is now with `warraq probe`"
    script = "; if it asks for nothing but JavaScript, `browser: true`" if wall else ""
    if wall or response.status in {401, 403, 407, 451}:
        return f"we are blocked ({said}): ask the site, or set `enabled: false`{script}"
    if response.status == 429 or response.status >= 500:
        return (
            f"the site is in trouble, or asked too much ({said}): try again later; raise `politeness.delay` if it stays"
        )
    return f"{said}: look at it in a browser"
