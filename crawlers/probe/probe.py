"""A first look at a site: what it is, how its articles can be found and how it prints its dates, written as a source's file.

Everything found is tried: a discovery is proposed when it gave articles, read by the very code of a crawl, and what the
articles prove is read off a sample of them, as the pipeline cleans it. What is a guess is written down as one.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin, urlsplit

from pydantic import ValidationError
from ruamel.yaml import YAML
from scrapy import Request

from crawlers.discovery import Found, absolute, discoveries
from crawlers.probe.client import Client, ClientError
from crawlers.probe.evidence import SampledPage, Zone, find_order, find_zone, territory_hints
from crawlers.probe.sample import Trial, block_page_of, day_of, page_of, read_capture, read_discovery, take_sample
from crawlers.probe.source_file import SiteFacts, newest_articles, write_source
from crawlers.probe.url_patterns import (
    SHORTEST_TITLE,
    Link,
    article_pattern,
    date_template,
    host_of,
    menu_links,
    site_links,
)
from crawlers.window import Window
from pipeline.addresses import Guard
from pipeline.apart import Apart
from pipeline.dates import EARLIEST
from pipeline.errors import WarraqError
from pipeline.extract import FEWEST
from pipeline.page import Page
from pipeline.sources import Source
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crawlers.probe.evidence import Order
    from crawlers.probe.sample import Sample


MOST_REQUESTS = 70
"""Requests that a probe may send; it needs some thirty."""

MOST_ANSWERS = 4
"""Answers of one discovery that are read: a feed and a page behind it, an index and three of its sitemaps."""

SAMPLE = 10
_MOST_TRIES = 16
"""Articles that are read, and pages that are asked for to find as many."""

_MOST_MENU = 10
_MOST_FEEDS = 3
_MOST_TRIED = 8
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_FEEDS = ("feed/", "rss.xml", "rss", "feed.json", "feeds/posts/default", "atom.xml", "rss.php")
_SITEMAPS = ("sitemap.xml", "sitemap_index.xml", "wp-sitemap.xml", "sitemap-index.xml")
"""Where engines keep them: WordPress, Drupal, Blogger, Yoast, static generators and what people write themselves."""

_SEPARATORS = re.compile(r"\s+[-–—|·:»«/]+\s+|\s*[|»«]\s*|::|:\s+")
_BEST = ("wordpress", "sitemap", "date_archive", "listing", "feed")


class ProbeError(WarraqError):
    """A site of which no source can be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of a probe: the source, the text of its file, and the newest articles it would gather as (day, title, URL)."""

    source: Source
    text: str
    articles: tuple[tuple[str, str, str], ...]


def probe(
    url: str,
    *,
    now: datetime,
    source_id: str | None = None,
    delay: float = 1.0,
    loopback: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> ProbeResult:
    """Look at the site of a URL and make a source of it.

    Args:
        url: of its home page, with or without ``https://``.
        now: an aware instant, whose day in UTC the file is dated with.
        source_id: the id to give it; one made of its host, without.
        delay: seconds between two requests, now and in the file.
        loopback: whether the site may be on this machine, at this URL's host and port, as the file then says.
        say: is told what is being looked at, a line each.

    Raises:
        ProbeError: it cannot be read, or no article of it could.
        ClientError: it cannot be reached, or may not be.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host:
        raise ProbeError(f"{url} is not the address of a site: give one such as https://news.example/")
    home = parts._replace(path=parts.path or "/", fragment="").geturl()
    try:
        guard = Guard.of([home], loopback=loopback)
    except ValueError:
        raise ProbeError(f"{url} is not the address of a site: its port is no number of a port") from None
    with (
        Client(_with_and_without_www(host), guard, delay=delay, most_requests=MOST_REQUESTS) as client,
        Apart() as apart,
    ):
        return _Probe(client, apart, home, now.astimezone(UTC).date(), source_id, say, loopback=loopback).run()


class _Probe:
    """One look at one site."""

    def __init__(
        self,
        client: Client,
        apart: Apart,
        url: str,
        today: date,
        source_id: str | None,
        say: Callable[[str], None],
        *,
        loopback: bool,
    ) -> None:
        self.client = client
        self.apart = apart
        self.loopback = loopback
        self.today = today
        self.say = say
        self.say(f"looking at {url}")
        response = client.open_home(url)
        if response.status != 200:
            raise ProbeError(
                f"{url} answers HTTP {response.status}{_with_block_page(block_page_of(response))}: no source can be made of it"
            )
        page = page_of(response)
        if page is None or not response.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise ProbeError(f"{url} is no HTML page: give the address of the site's home page")
        if block_page := block_page_of(response):
            raise ProbeError(
                f"{url} shows {block_page}: a plain client cannot read this site; if it asks for nothing "
                "but JavaScript, write the file by hand with `browser: true`, see docs/sources.md"
            )
        self.page = page
        self.home = urldefrag(response.url).url
        parts = urlsplit(self.home)
        self.host = parts.hostname or ""
        client.hosts += [host for host in _with_and_without_www(self.host) if host not in client.hosts]
        self.root = f"{parts.scheme}://{parts.netloc}/"
        self.id = source_id or _id_of(self.host)
        self.window = Window(EARLIEST, today + timedelta(days=2))
        self.links = site_links(page.tree, self.home, client.hosts)
        self.language = _language_of(page)
        self.source = self._make_source()

    def run(self) -> ProbeResult:
        trials = self._machine_trials()
        lists: dict[str, list[Link]] = {self.home: self.links}
        if not any(trial.looks_back for trial in trials):
            lists |= self._menu_pages()
        found = _newest_and_others([one for trial in trials for one in trial.found])
        if len(found) < FEWEST:
            found += self._titles_of(lists)
        self.say(f"reading a sample of {min(SAMPLE, len(found))} articles")
        samples = self._sample(found) or self._sample(self._titles_of(lists))
        if not samples:
            raise ProbeError(
                f"{self.home}: no article could be found and read ({self.client.sent} requests): its pages may need a "
                "browser (`browser: true`), or its addresses be hard to tell; write the file by hand, see docs/sources.md"
            )
        articles = [sample.article for sample in samples]
        languages = Counter(article.cleaned.language for article in articles if article.cleaned.language)
        self.language = languages.most_common(1)[0][0] if languages else self.language
        order = find_order(articles)
        zone = self._zone(articles, trials)
        self.source = self._make_source(zone=zone.name, order=order)
        if not any(trial.looks_back for trial in trials):
            trials += self._list_trials(lists, samples)
        trials.sort(key=lambda one: (not one.looks_back, _BEST.index(one.entry["type"])))
        if not trials:
            raise ProbeError(
                f"{self.home}: there are articles, but no way to find them was found: no feed, sitemap or list with pages; "
                "write the file by hand, see docs/sources.md"
            )
        seen = {host_of(one.url) for trial in trials for one in trial.found}
        hosts = [host for host in self.client.hosts if host in seen]
        name = self._name(samples)
        self.source = self._make_source(zone=zone.name, order=order, name=name, hosts=sorted({*hosts, self.host}))
        facts = SiteFacts(
            self.source, zone, order, trials, samples, [link.url for link in self.links], self.client.sent, self.today
        )
        text = write_source(facts)
        return ProbeResult(Source.model_validate(YAML().load(text)), text, tuple(newest_articles(samples, self.source)))

    def _sample(self, found: Sequence[Found]) -> list[Sample]:
        return take_sample(self.client, self.apart, self.source, found, wanted=SAMPLE, tries=_MOST_TRIES)

    # What is tried ------------------------------------------------------------------------------------------------------

    def _machine_trials(self) -> list[Trial]:
        """What is made for machines: WordPress's interface, sitemaps, feeds."""
        trials: list[Trial] = []
        api = next(iter(self.page.links.get("https://api.w.org/", ())), None)
        if api or "/wp-content/" in self._named_files():
            collection = absolute(absolute(self.home, api or "wp-json/"), "wp/v2/posts")
            trials += self._tried([{"type": "wordpress", "url": collection}])
        trials += self._tried(self._named_sitemaps()) or self._tried(_entries(self.root, "sitemap", _SITEMAPS))
        trials += self._tried(self._announced_feeds(), enough=_MOST_FEEDS) or self._tried(
            _entries(self.root, "feed", _FEEDS)
        )
        return trials

    def _named_files(self) -> str:
        """The addresses of the files that the home page is made of."""
        elements = self.page.tree.iter("link", "script", "img")
        return " ".join(element.get(name) or "" for element in elements for name in ("href", "src"))

    def _named_sitemaps(self) -> list[dict[str, Any]]:
        """Those that robots.txt names; all of several by the robots.txt itself."""
        named = self.client.sitemaps(self.root)
        return _entries(self.root, "sitemap", ["robots.txt"] if len(named) > 1 else named)

    def _announced_feeds(self) -> list[dict[str, Any]]:
        """Those that the home page announces, comments' left out."""
        announced = []
        for link in self.page.tree.iter("link"):
            kind, href = (link.get("type") or "").lower(), (link.get("href") or "").strip()
            about = f"{href} {link.get('title') or ''}".lower()
            if kind in _FEED_TYPES and href and "comment" not in about and "تعليقات" not in about:
                announced.append(href)
        return _entries(self.home, "feed", announced)

    def _tried(self, entries: Iterable[dict[str, Any]], *, enough: int = 1) -> list[Trial]:
        """The first of these entries that give addresses which those before them do not, as many as are `enough`."""
        trials: list[Trial] = []
        known: set[str] = set()
        for entry in entries:
            if len(trials) == enough:
                break
            trial = self._try(entry)
            new = {normalize_url(one.url) for one in trial.found} - known
            if new:
                known |= new
                trials.append(trial)
        return trials

    def _try(self, entry: dict[str, Any], window: Window | None = None, answers: int = MOST_ANSWERS) -> Trial:
        self.say(f"trying {entry['type']} {entry['url']}")
        try:
            source = Source.model_validate({**self._settings, "discovery": [entry]})
        except ValidationError:  # the site names what is no address
            return Trial(entry)
        [discovery] = discoveries(source, window or self.window)
        _, trial = read_discovery(discovery, self.client, self.apart, answers=answers)
        trial.entry = entry
        trial.found = [one for one in trial.found if host_of(one.url) in self.client.hosts]
        return trial

    def _menu_pages(self) -> dict[str, list[Link]]:
        """The pages that the menu leads to, with their links."""
        pages = {}
        for link in list(menu_links(self.links, self.home))[:_MOST_MENU]:
            self.say(f"looking at {link.url}")
            try:
                response = self.client.get(Request(link.url))
            except (ClientError, ValueError):  # it does not answer, or the link is no address
                continue
            if response.status == 200 and (page := page_of(response)):
                pages[link.url] = site_links(page.tree, response.url, self.client.hosts)
        return pages

    def _titles_of(self, lists: dict[str, list[Link]]) -> list[Found]:
        """The links of lists that have a title's length."""
        links = dict.fromkeys(link.url for page in lists.values() for link in page if len(link.text) >= SHORTEST_TITLE)
        return [Found(url, {"by": "listing", "from": self.home}) for url in links if url not in lists]

    def _list_trials(self, lists: dict[str, list[Link]], samples: Sequence[Sample]) -> list[Trial]:
        """Pages of days or months; where there are none, the menu's pages that lead on to further ones, or else the home page."""
        links = article_pattern(sample.capture.url for sample in samples)
        if links is None:
            return []
        for template, day in self._date_pages(lists, samples):
            first = date.fromisoformat(day if len(day) > 7 else f"{day}-01")
            trial = self._try(
                {"type": "date_archive", "url": template, "links": links}, Window(first, first + timedelta(days=1)), 1
            )
            if trial.found:
                return [trial]
        trials: list[Trial] = []
        for url in [*(page for page in lists if page != self.home), self.home]:
            if url == self.home and trials:
                break
            trial = self._try({"type": "listing", "url": url, "links": links}, answers=2)
            if len(trial.added) > 1 and trial.added[1] > 0:
                trials.append(trial)
        return trials

    def _date_pages(self, lists: dict[str, list[Link]], samples: Sequence[Sample]) -> list[tuple[str, str]]:
        """Templates of pages of a day, or else of a month, each with a day or month to try; then the conventional one."""
        dated: dict[str, str] = {}
        for link in (link for page in lists.values() for link in page):
            if found := date_template(link.url):
                dated[found[0]] = max(dated.get(found[0], ""), found[1])
        by_day = sorted(dated.items(), key=lambda one: ("{day}" not in one[0], one[0]))
        newest = max(filter(None, (day_of(sample.article, self.source) for sample in samples)), default="")
        conventional = urljoin(self.root, "{year}/{month}/{day}/")
        return [*by_day[:2], *([(conventional, newest)] if newest and conventional not in dated else [])]

    # What it is ---------------------------------------------------------------------------------------------------------

    def _make_source(
        self,
        *,
        zone: str = "UTC",
        order: tuple[Order, str] | None = None,
        name: str | None = None,
        hosts: Sequence[str] = (),
    ) -> Source:
        self._settings = {
            "id": self.id,
            "name": name or self.host,
            "loopback": self.loopback,
            "home": self.home,
            "language": self.language,
            "timezone": zone,
            "allowed_hosts": list(hosts or self.client.hosts),
            "date_order": order[0] if order else "DMY",
            "politeness": {"delay": self.client.delay},
        }
        return Source.model_validate(self._settings)

    def _zone(self, articles: Sequence[SampledPage], trials: Sequence[Trial]) -> Zone:
        stamps = [one.how["published"] for trial in trials for one in trial.found if one.how.get("published")]
        titles = [one.how.get("title", "") for trial in trials for one in trial.found]
        tags = [self.page.tree.get("lang") or "", *self.page.meta.get("og:locale", ())]
        tags += [
            one.content for one in self.page.metas if (one.attribute, one.name) == ("http-equiv", "content-language")
        ]
        found = find_zone(
            articles,
            stamps=stamps,
            hints=territory_hints(self.host, tags),
            stated_zone=self._stated_zone(trials),
            language=self.language,
            text="\n".join([str(self.page.tree.text_content()), *titles]),
        )
        return found or Zone(
            "UTC", proved=False, why="NOT KNOWN: nothing on the site tells; write the zone of its dates"
        )

    def _stated_zone(self, trials: Sequence[Trial]) -> str | None:
        """The zone that a WordPress site says it is set to."""
        wordpress = next((trial for trial in trials if trial.entry["type"] == "wordpress"), None)
        if wordpress is None:
            return None
        try:
            response = self.client.get(Request(wordpress.entry["url"].removesuffix("wp/v2/posts")))
            said = json.loads(response.body).get("timezone_string")
        except (ClientError, ValueError, AttributeError):
            return None
        return said if isinstance(said, str) and said else None

    def _name(self, samples: Sequence[Sample]) -> str:
        """What the site calls itself: by its tags, or what its home page's title shares with its articles' titles."""
        pages = [page for sample in samples if (page := read_capture(sample.capture.body, sample.capture.content_type))]
        stated = Counter(name for page in [self.page, *pages] if (name := page.stated("og:site_name")))
        if stated:
            return stated.most_common(1)[0][0]
        title = _title(self.page)
        pieces = _pieces(title)
        shared = Counter(piece for page in pages for piece in set(_pieces(_title(page))) & set(pieces))
        if shared:
            return max(shared, key=lambda piece: (shared[piece], -len(piece)))
        return min(pieces, key=len, default=self.host) or self.host


def _entries(base: str, kind: str, links: Iterable[str]) -> list[dict[str, Any]]:
    """Entries of a source's file for these links, as many as are worth a try."""
    urls = dict.fromkeys(absolute(base, link) for link in links)
    return [{"type": kind, "url": url} for url in urls if url.startswith(("http://", "https://"))][:_MOST_TRIED]


def _with_and_without_www(host: str) -> list[str]:
    """A host with and without ``www.`` before it."""
    return [host, host.removeprefix("www.")] if host.startswith("www.") else [host, f"www.{host}"]


def _id_of(host: str) -> str:
    """An id made of a host's longest label."""
    label = max(host.lower().removeprefix("www.").split(".")[:-1] or [host], key=len)
    made = re.sub(r"[^a-z0-9]+", "_", label).strip("_")[:40]
    return made if re.fullmatch(r"[a-z][a-z0-9_]+", made) else f"site_{made}"[:41]


def _language_of(page: Page) -> str:
    stated = (page.tree.get("lang") or "").strip().replace("_", "-").partition("-")[0].lower()
    return stated if re.fullmatch(r"[a-z]{2,3}", stated) else "ar"


def _title(page: Page) -> str:
    return next(iter(page.titles), "")


def _pieces(title: str) -> list[str]:
    return [piece for part in _SEPARATORS.split(title) if (piece := part.strip())]


def _newest_and_others(found: Sequence[Found]) -> list[Found]:
    """Each URL once: one of the newest, then one of all the others from the newest to the oldest, and so on in turn.

    So a sample has what the site prints now and what it printed in another season: zones are told apart by their summers.
    """
    unique = {normalize_url(one.url): one for one in reversed(found)}
    dated = sorted(
        unique.values(), key=lambda one: one.how.get("published") or one.how.get("lastmod") or "", reverse=True
    )
    step = max(1, len(dated) // SAMPLE)
    spread = dated[::-1][::step]
    order = [one for pair in zip(dated, [*spread, *dated], strict=False) for one in pair]
    return list({normalize_url(one.url): one for one in order}.values())


def _with_block_page(block_page: str | None) -> str:
    return f" with {block_page}" if block_page else ""
