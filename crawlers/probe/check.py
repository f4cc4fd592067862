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
from scrapy import Request

from crawlers.discovery import discoveries
from crawlers.probe.client import Client, ClientError, RefusedError
from crawlers.probe.evidence import contradiction
from crawlers.probe.sample import Trial, block_page_of, day_of, read_discovery, take_sample
from crawlers.probe.url_patterns import host_of
from crawlers.window import Window
from pipeline.apart import Apart
from pipeline.sources import SourceError, load_source
from pipeline.stated_dates import stated_days

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
_FEW_REQUESTS, _SHORT_VISIT = 20, 300.0
"""Requests, and seconds, of a look at a site that is known to be sick."""

_MOST_ANSWERS = 3
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
class CheckResult:
    """What was found of one source; `source` is None where its file is wrong."""

    id: str
    source: Source | None
    findings: tuple[Finding, ...]

    @property
    def answers_as_described(self) -> bool:
        """Whether the schedule may crawl it: there is a discovery, and nothing needs hands."""
        return self.source is not None and bool(self.source.discovery) and not any(one.to_do for one in self.findings)


def check_files(paths: Sequence[Path], now: datetime) -> Iterator[CheckResult]:
    """Check the sources of these files, in their order; whatever is wrong with one, or goes wrong, stops no other.

    `now` is an aware instant.
    """
    with Apart() as apart, ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(lambda path: _check_file(path, now, apart), paths)


def check(source: Source, now: datetime) -> CheckResult:
    """Look at a source's site: its home page, each discovery, and some of the newest articles. `now` is an aware instant."""
    with Apart() as apart:
        return _check(source, now, apart)


def look(source: Source, now: datetime) -> str:
    """What a short look at a source's home page and its discoveries finds, in a sentence: no article is asked for.

    `now` is an aware instant.
    """
    delay = source.politeness.delay
    with (
        Client(source.hosts, source.guard, delay=delay, most_requests=_FEW_REQUESTS, longest=_SHORT_VISIT) as client,
        Apart() as apart,
    ):
        try:
            findings = list(_Check(source, client, apart, now).findings(articles=False))
        except Exception as error:  # whatever a site makes us do
            return f"the look itself broke ({type(error).__name__}: {error})"
    to_do = [one.text for one in findings if one.to_do]
    return "; ".join(dict.fromkeys(to_do)) or "it answers as its file says; the next crawl will tell"


def _check(source: Source, now: datetime, apart: Apart) -> CheckResult:
    with Client(source.hosts, source.guard, delay=source.politeness.delay, most_requests=_MOST_REQUESTS) as client:
        return CheckResult(source.id, source, tuple(_Check(source, client, apart, now).findings()))


def _check_file(path: Path, now: datetime, apart: Apart) -> CheckResult:
    try:
        source = load_source(path)
    except SourceError as error:
        return CheckResult(path.stem, None, tuple(Finding(line, to_do=True) for line in str(error).splitlines()))
    try:
        return _check(source, now, apart)
    except Exception as error:  # whatever a site makes us do, the others are looked at
        return CheckResult(
            source.id, source, (Finding(f"the check itself broke ({type(error).__name__}: {error})", to_do=True),)
        )


class _Check:
    """One look at one source's site."""

    def __init__(self, source: Source, client: Client, apart: Apart, now: datetime) -> None:
        self.source = source
        self.client = client
        self.apart = apart
        self.today = now.astimezone(source.zone).date()
        self.oldest = self.today - SILENT_DAYS * _DAY

    def findings(self, *, articles: bool = True) -> Iterator[Finding]:
        problem = self._home()
        if problem is not None:
            yield problem
            if problem.to_do and self.client.last_response is None:
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
            yield from self._judge_discovery(discovery, trial)
            ours = [one for one in trial.found if self._is_wanted(one.url)]
            found += ours
            newest = max(filter(None, (newest, *map(self._day, ours))), default=None)
        if not articles:
            return
        if self.source.browser:
            yield Finding("its pages need a browser, and are not looked at: crawl a few with `warraq crawl --limit`")
        elif found:
            yield from self._articles(found, newest)

    def _home(self) -> Finding | None:
        home = str(self.source.home)
        try:
            response = self.client.get(Request(home))
        except RefusedError as error:
            return Finding(f"{error}: {_ADVICE_REFUSED}", to_do=True)
        except ClientError as error:
            return Finding(f"{error}: see whether the site has a new address, or try again later", to_do=True)
        if response.status != 200 or (block_page_of(response) and not self.source.browser):
            return Finding(f"home page {home}: {_describe_status(response)}", to_do=True)
        if moved := response.meta["moved"]:
            return Finding(f"home page has moved for good from {home} to {moved}: write that as `home`", to_do=True)
        return None

    def _try(self, config: Config) -> tuple[Discovery, Trial]:
        source = self.source.model_copy(update={"discovery": (config,)})
        [discovery] = discoveries(source, Window(self.oldest, self.today + _DAY))
        # Any day may be without news, and so without a page.
        answers = SILENT_DAYS + 1 if config.type == "date_archive" else _MOST_ANSWERS
        self.client.last_response = None
        return read_discovery(discovery, self.client, self.apart, answers=answers)

    def _judge_discovery(self, discovery: Discovery, trial: Trial) -> Iterator[Finding]:
        """What one discovery's answers say."""
        name, last = f"{discovery.type} {discovery.url}", self.client.last_response
        if last is not None and trial.moved:
            yield Finding(f"{name} has moved for good to {trial.moved}: write that as its `url`", to_do=True)
        if not trial.found:
            yield self._why_nothing(name, discovery, trial, last)
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

    def _why_nothing(self, name: str, discovery: Discovery, trial: Trial, last: Response | None) -> Finding:
        """Why a discovery gave no address at all."""
        problem = "; ".join(trial.problems)
        if last is None:
            advice = _ADVICE_REFUSED if "robots.txt" in problem or "none of the site" in problem else "try again later"
            return Finding(f"{name}: {problem}: {advice}", to_do=True)
        if discovery.type == "date_archive" and discovery.notes:
            return Finding(f"{'; '.join(discovery.notes)}, from {self.oldest} on: {_ADVICE_SILENT}", to_do=True)
        if last.status != 200 or (problem and block_page_of(last)):
            return Finding(f"{name}: {_describe_status(last)}", to_do=True)
        if problem:
            kind, expected = document_kind(last), _KINDS[discovery.type]
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
        samples = take_sample(self.client, self.apart, self.source, unique, wanted=_SAMPLE, tries=_TRIES)
        if not samples:
            yield Finding(
                f"none of {min(len(unique), _TRIES)} pages is an article: {self._why_no_article(unique[0])}", to_do=True
            )
            return
        days = [date.fromisoformat(day) for one in samples if (day := day_of(one.article, self.source))]
        latest = max(filter(None, (newest, *days)), default=None)
        if latest is None:
            yield Finding("its newest articles state no day: see `warraq extract URL --explain`", to_do=True)
        elif latest < self.oldest:
            yield Finding(f"silent: no article newer than {latest}: {_ADVICE_SILENT}", to_do=True)
        yield self._zone(samples)

    def _zone(self, samples: Sequence[Sample]) -> Finding:
        if wrong := contradiction([one.article for one in samples], self.source.zone):
            return Finding(
                f"timezone {self.source.timezone} is contradicted: {wrong}: `warraq probe {self.source.home}` says which fits",
                to_do=True,
            )
        return Finding(
            f"{len(samples)} of its newest articles are read, and nothing contradicts {self.source.timezone}"
        )

    def _why_no_article(self, found: Found) -> str:
        """What is wrong with a page that is no article."""
        try:
            response = self.client.get(Request(found.url))
        except (ClientError, ValueError) as error:
            return f"{error}: see `sections` and `links`"
        if response.status != 200 or block_page_of(response):
            return f"{found.url}: {_describe_status(response)}"
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


def document_kind(response: Response) -> str:
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


def _describe_status(response: Response) -> str:
    """What an answer that is no page says, and what to do."""
    block_page = block_page_of(response)
    said = f"HTTP {response.status}" if response.status != 200 else "it shows"
    if block_page:
        said = f"{said} {block_page}" if response.status == 200 else f"{said}, {block_page}"
    if response.status in {404, 410}:
        return f"is gone ({said}): find where it is now with `warraq probe`"
    script = "; if it asks for nothing but JavaScript, `browser: true`" if block_page else ""
    if block_page or response.status in {401, 403, 407, 451}:
        return f"we are blocked ({said}): ask the site, or set `enabled: false`{script}"
    if response.status == 429 or response.status >= 500:
        return (
            f"the site is in trouble, or asked too much ({said}): try again later; raise `politeness.delay` if it stays"
        )
    return f"{said}: look at it in a browser"
