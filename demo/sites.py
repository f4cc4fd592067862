"""The sites: their addresses, habits and troubles, and every page that each of them answers with.

A page is a pure function of the content files and the edition; nothing here knows the time or the port.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from demo import arabic
from demo.content import CURRENT_EDITION, Article, load_articles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

TEMPLATES = Path(__file__).parent / "templates"

FEED_LENGTH = 10
"""Items in a feed, or in one page of it: what is older is found in the sitemap alone."""

HUGE_PAGE_BYTES = 3 * 2**20

LATEST = 3
"""Articles that the front page and the sections of the small sites show: what is older is found in one way alone."""

_HTML = "text/html; charset=UTF-8"
_XML = "application/xml; charset=UTF-8"
_RSS = "application/rss+xml; charset=UTF-8"
_IGNORED_PARAMETERS = ("utm_", "fbclid")


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a site."""

    body: bytes
    content_type: str = _HTML
    status: int = 200
    location: str | None = None
    modified: datetime | None = None
    """UTC; with it the server sends Last-Modified and ETag and answers 304."""
    slow: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A URL that a sitemap lists and that becomes no article."""

    target: str
    """Path at the site, or a whole URL elsewhere."""
    lastmod: datetime
    """UTC."""
    outcome: str
    """``rejected`` (it was fetched) or ``not_fetched``."""
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a feed or sitemap."""

    url: str
    lastmod: datetime
    """UTC."""
    article: Article | None


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    environment.filters["rfc822"] = format_datetime
    return environment


class Site:
    """What the sites have in common; each adds its addresses, its marks of a date, its feeds and its troubles."""

    id: ClassVar[str]
    name: ClassVar[str]
    tagline: ClassVar[str]
    engine: ClassVar[str]
    """How the index of the demo describes the site."""
    zone: ClassVar[ZoneInfo]
    article_pattern: ClassVar[str]
    section_pattern: ClassVar[str]
    tag_pattern: ClassVar[str] = ""
    """Path of a tag's page; none where the site shows no tags."""
    date_style: ClassVar[str]
    """How the pages print a local time: a key of `arabic.DATE_STYLES`."""
    finest: ClassVar[str]
    """How finely the pages date an article: ``second``, ``minute`` or ``day``."""
    sections: ClassVar[Mapping[str, str]]
    """Name of a section to its part of the URL."""
    troubles: ClassVar[tuple[Trouble, ...]] = ()
    encoding: ClassVar[str] = "utf-8"
    html_type: ClassVar[str] = _HTML
    validators: ClassVar[bool] = True
    """Whether the site's pages carry ETag and Last-Modified."""
    front_length: ClassVar[int] = 12
    """Articles on the front page."""
    section_length: ClassVar[int | None] = None
    """Articles on a section's page; all of them where there is no limit."""

    _templates: ClassVar[Environment] = _environment()

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles = tuple(sorted(articles, key=lambda one: (self.instant(one.published), one.slug), reverse=True))
        """Newest first."""
        self.host = f"{self.id}.example"
        self.home = f"http://{self.host}/"
        self._rendered: dict[str, Page] = {}
        self._routes: dict[str, Callable[[], Page]] = {
            "/": partial(self.listing, self.tagline, self.articles[: self.front_length]),
            "/robots.txt": self.robots,
            "/style.css": partial(self.plain, "style.css", "text/css; charset=UTF-8"),
        }
        for section in self.sections:
            inside = [article for article in self.articles if article.section == section]
            self._routes[self.section_path(section)] = partial(self.listing, section, inside[: self.section_length])
        if self.tag_pattern:
            for tag in sorted({tag for article in self.articles for tag in article.tags}):
                tagged = [article for article in self.articles if tag in article.tags]
                self._routes[self.tag_path(tag)] = partial(self.listing, tag, tagged)
        for article in self.articles:
            self._routes[self.path(article)] = partial(self.article_page, article)
            if article.caption:
                self._routes[self.picture(article.slug)] = partial(self.svg, article.slug)
            if article.moved_from:
                self._routes[article.moved_from] = partial(self.redirect, self.path(article))
        self._routes |= self.own_routes()

    def path(self, article: Article) -> str:
        """Path (and query) of an article's page, percent-decoded."""
        return self.article_pattern.format(day=article.day, path=article.path)

    def section_path(self, section: str) -> str:
        """Path of a section's page."""
        return self.section_pattern.format(section=self.sections[section])

    def tag_path(self, tag: str) -> str:
        """Path of a tag's page."""
        return self.tag_pattern.format(tag=tag)

    def stated(self, article: Article) -> str:
        """The publication date as the page's reader sees it."""
        return arabic.DATE_STYLES[self.date_style](article.moment)

    def precision(self, article: Article) -> str:
        """How finely the best evidence on the article's page dates it: ``second``, ``minute`` or ``day``."""
        return "minute" if article.dated_in_text_only else self.finest

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """Feeds, sitemaps and troubles."""
        raise NotImplementedError

    # Addresses and times.

    def url(self, article: Article) -> str:
        """The article's URL as the site prints it."""
        return self.canonical_url(article)

    def href(self, article: Article) -> str:
        """The link to an article within the site."""
        return self.url(article).removeprefix(self.home[:-1])

    def canonical_url(self, article: Article) -> str:
        """The article's URL with its percent-encoding in upper case (RFC 3986, 6.2.2.1)."""
        return self.home[:-1] + quote(self.path(article), safe="/?=")

    def number(self, article: Article) -> int:
        """A number for the article, as engines that count their posts give it."""
        return 1000 + zlib.crc32(article.key.encode()) % 9000

    def picture(self, slug: str) -> str:
        """Path of an article's picture."""
        return f"/media/{slug}.svg"

    def instant(self, moment: datetime | date) -> datetime:
        """UTC instant of a local time at the site; a day begins at its midnight there."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time())
        return moment.replace(tzinfo=self.zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """A local time of the content files with the site's zone."""
        return moment.replace(tzinfo=self.zone)

    def entries(self) -> list[Entry]:
        """What the sitemap lists, newest first: the articles and the troubles."""
        entries = [Entry(self.trouble_url(trouble), trouble.lastmod, None) for trouble in self.troubles]
        entries += [
            Entry(
                self.home[:-1] + article.moved_from if article.moved_from else self.url(article),
                self.instant(article.modified or article.published),
                article,
            )
            for article in self.articles
        ]
        return sorted(entries, key=lambda entry: (entry.lastmod, entry.url), reverse=True)

    def trouble_url(self, trouble: Trouble) -> str:
        """The URL of a trouble."""
        return trouble.target if "://" in trouble.target else self.home[:-1] + quote(trouble.target, safe="/?=")

    # Answers.

    def respond(self, target: str) -> Page:
        """The page at a request target (path and query, percent-encoded); a 404 page where there is none."""
        parts = urlsplit(target)
        query = [pair for pair in parse_qsl(parts.query) if not pair[0].startswith(_IGNORED_PARAMETERS)]
        key = unquote(parts.path or "/") + (f"?{urlencode(query)}" if query else "")
        if key not in self._routes:
            return self.html("missing.html", status=404, title="الصفحة غير موجودة")
        if key not in self._rendered:
            self._rendered[key] = self._routes[key]()
        return self._rendered[key]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that the site answers for, percent-decoded."""
        return tuple(self._routes)

    def fill(self, template: str, **values: object) -> str:
        """The text of a template: the site's own, or else the one that all share."""
        return self._templates.select_template([f"{self.id}/{template}", template]).render(site=self, **values)

    def html(self, template: str, *, status: int = 200, **values: object) -> Page:
        """A page in the site's encoding that says nothing of its age."""
        return Page(self.encode(self.fill(template, **values)), self.html_type, status)

    def encode(self, text: str) -> bytes:
        """The text in the site's encoding, with references for what that lacks."""
        return text.encode(self.encoding, "xmlcharrefreplace")

    def article_page(self, article: Article) -> Page:
        """The page of an article of this site, whether it is among the content files or not."""
        return Page(
            self.encode(self.fill("article.html", article=article, related=self.related(article))),
            f"text/html; charset={article.header_charset}" if article.header_charset else self.html_type,
            modified=self.instant(article.modified or article.published) if self.validators else None,
            slow=article.slow,
        )

    def related(self, article: Article) -> list[Article]:
        """Three other articles that the page links to, older ones of the same section first."""
        others = [other for other in self.articles if other.path != article.path]
        return sorted(others, key=lambda other: (other.section != article.section, other.day > article.day))[:3]

    def listing(self, title: str, articles: Sequence[Article]) -> Page:
        """The home page or a section's page."""
        text = self.fill("listing.html", title=title, articles=articles)
        return Page(self.encode(text), self.html_type, modified=self.newest(articles) if self.validators else None)

    def newest(self, articles: Sequence[Article]) -> datetime | None:
        """When the newest of the articles was last touched, in UTC."""
        return max((self.instant(article.modified or article.published) for article in articles), default=None)

    def robots(self) -> Page:
        """The site's robots.txt."""
        return self.plain("robots.txt", "text/plain; charset=UTF-8")

    def plain(self, template: str, content_type: str) -> Page:
        """A file in UTF-8 that is not HTML and says nothing of its age."""
        return Page(self.fill(template).encode(), content_type)

    def xml(self, template: str, content_type: str = _XML, *, encoding: str = "utf-8", **values: object) -> Page:
        """A feed or a sitemap, which changes when any article does."""
        body = self.fill(template, **values).encode(encoding, "xmlcharrefreplace")
        return Page(body, content_type, modified=self.newest(self.articles) if self.validators else None)

    def sitemap(self, entries: Sequence[Entry], *, dated: bool = True) -> Page:
        """A sitemap of these entries, with or without ``lastmod``."""
        return self.xml("sitemap.xml", entries=entries, dated=dated)

    def svg(self, slug: str) -> Page:
        """A picture: two hills in colours of the slug's own."""
        hue = zlib.crc32(slug.encode()) % 360
        return Page(self.fill("picture.svg", hue=hue).encode(), "image/svg+xml")

    def json(self, value: object, status: int = 200, **headers: str) -> Page:
        """An answer of an interface, in JSON as PHP writes it: with its slashes escaped."""
        text = json.dumps(value, ensure_ascii=False).replace("/", r"\/")
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return Page(text.encode(), "application/json; charset=UTF-8", status, headers=named)

    def redirect(self, path: str, status: int = 301) -> Page:
        """A permanent redirect within the site."""
        return Page(b"", self.html_type, status, location=quote(path, safe="/?="))


def _by_month(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    months: dict[str, list[Entry]] = {}
    for entry in entries:
        months.setdefault(f"{entry.article.day if entry.article else entry.lastmod:%Y-%m}", []).append(entry)
    return months


class Alsaha(Site):
    """A WordPress-like site from Syria: JSON-LD to the second, RSS, a sitemap index; permalinks in Arabic."""

    id = "alsaha"
    name = "الساحة السابعة"
    tagline = "أخبار سوريا من محافظاتها"
    engine = "WordPress-like: RSS, monthly sitemaps, JSON-LD, Arabic permalinks"
    zone = ZoneInfo("Asia/Damascus")
    article_pattern = "/{day:%Y/%m}/{path}/"
    section_pattern = "/category/{section}/"
    tag_pattern = "/tag/{tag}/"
    date_style = "levantine"
    finest = "second"
    sections: ClassVar = {"ميداني": "field", "إنساني": "humanitarian", "سياسة": "politics", "تقارير": "reports"}
    troubles = (
        Trouble("/embargo/2024/04/مسودة-تقرير/", datetime(2024, 4, 20, 8, 0, tzinfo=UTC), "not_fetched", "robots"),
        Trouble("/2024/02/خبر-محذوف/", datetime(2024, 2, 14, 19, 5, tzinfo=UTC), "rejected", "http_error"),
        Trouble("/2024/03/صور-سوق-المدينة/", datetime(2024, 3, 21, 12, 0, tzinfo=UTC), "rejected", "gallery"),
        Trouble("/tag/حوران/", datetime(2024, 4, 27, 16, 0, tzinfo=UTC), "not_fetched", "section"),
    )

    def url(self, article: Article) -> str:
        """As WordPress prints it: percent-encoded in lower case."""
        return re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), self.canonical_url(article))

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The feed, a sitemap a month and their index, the troubles, and redirects to paths that end in a slash."""
        months = _by_month(self.entries())
        routes: dict[str, Callable[[], Page]] = {
            "/feed/": partial(self.xml, "rss.xml", _RSS, articles=self.articles[:FEED_LENGTH], dated=True),
            "/wp-sitemap.xml": partial(
                self.xml,
                "sitemap_index.xml",
                children=[
                    (f"{self.home}wp-sitemap-posts-{month}.xml", max(entry.lastmod for entry in entries))
                    for month, entries in months.items()
                ],
            ),
            "/2024/03/صور-سوق-المدينة/": partial(self.html, "gallery.html", title="بالصور.. سوق المدينة في صباح ربيعي"),
        }
        for month, entries in months.items():
            routes[f"/wp-sitemap-posts-{month}.xml"] = partial(self.sitemap, entries)
        for path in [*routes, *(self.path(article) for article in self.articles)]:
            if path.endswith("/"):
                routes[path.rstrip("/")] = partial(self.redirect, path)
        return routes


class Difaf(Site):
    """A Drupal-like site from Iraq: dual-named months in Arabic-Indic digits, ``<time>``, links between the paragraphs."""

    id = "difaf"
    name = "ضفاف الرافد"
    tagline = "صحيفة إلكترونية من بغداد"
    engine = "Drupal-like: RSS, sitemap, <time>, dual-named months, Arabic-Indic digits"
    zone = ZoneInfo("Asia/Baghdad")
    article_pattern = "/news/{path}"
    section_pattern = "/{section}"
    tag_pattern = "/search/{tag}"
    date_style = "dual_named"
    finest = "minute"
    sections: ClassVar = {"العراق": "iraq", "المشرق": "mashriq", "ملفات": "files"}
    troubles = (
        Trouble("/node/2201", datetime(2024, 2, 9, 10, 30, tzinfo=UTC), "rejected", "redirect"),
        Trouble("/topics/elections", datetime(2024, 4, 25, 9, 0, tzinfo=UTC), "rejected", "not_an_article"),
    )

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The feed, the sitemap and the troubles."""
        of_iraq = [article for article in self.articles if article.section == "العراق"]
        return {
            "/rss.xml": partial(self.xml, "rss.xml", _RSS, articles=self.articles[:FEED_LENGTH], dated=True),
            "/sitemap.xml": partial(self.sitemap, self.entries()),
            "/topics/elections": partial(self.html, "topic.html", title="انتخابات المجالس", articles=of_iraq),
            "/node/2201": partial(self.redirect, "/node/2202", 302),
            "/node/2202": partial(self.redirect, "/node/2201", 302),
        }


class Siraj(Site):
    """A hand-made site from Yemen: windows-1256, tables, the date in Hijri and Gregorian words alone, no validators."""

    id = "siraj"
    name = "سراج تهامة"
    tagline = "موقع إخباري يمني مستقل"
    engine = "hand-made: windows-1256, tables, Hijri and Gregorian dates in words, a feed and a sitemap without dates"
    zone = ZoneInfo("Asia/Aden")
    article_pattern = "/article.php?id={path}"
    section_pattern = "/section.php?cat={section}"
    date_style = "hijri"
    finest = "day"
    sections: ClassVar = {"محليات": "1", "جبهات": "2", "إغاثة": "3"}
    troubles = (
        Trouble("http://nusakh.example/mirror/881", datetime(2024, 3, 1, tzinfo=UTC), "not_fetched", "offsite"),
    )
    encoding = "windows-1256"
    html_type = "text/html"
    validators = False

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The feed and the sitemap, both undated, and each article's twin for printing."""
        routes: dict[str, Callable[[], Page]] = {
            "/rss.php": partial(
                self.xml,
                "rss.xml",
                "application/xml",
                encoding=self.encoding,
                articles=self.articles[:FEED_LENGTH],
                dated=False,
            ),
            "/sitemap.xml": partial(self.sitemap, self.entries(), dated=False),
        }
        for article in self.articles:
            routes[f"/print.php?id={article.path}"] = partial(self.article_page, article)
        return routes


class Dafatir(Site):
    """A Blogger-like site from Algiers: Atom in pages, microdata to the second, Maghrebi months, the month in the path."""

    id = "dafatir"
    name = "دفاتر الجنوب"
    tagline = "ليبيا والساحل والصحراء"
    engine = "Blogger-like: Atom in pages, sitemap, microdata, Maghrebi months"
    zone = ZoneInfo("Africa/Algiers")
    article_pattern = "/{day:%Y/%m}/{path}.html"
    section_pattern = "/search/label/{section}"
    tag_pattern = "/search/label/{tag}"
    date_style = "maghrebi"
    finest = "second"
    sections: ClassVar = {"ليبيا": "libya", "الساحل": "sahel", "هجرة": "migration"}
    troubles = (
        Trouble(
            "/2024/02/archive-chronology.html",
            datetime(2024, 2, 28, 23, 10, 41, tzinfo=UTC),
            "not_fetched",
            "too_large",
        ),
    )

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The pages of the feed, the sitemap and the huge page."""
        routes: dict[str, Callable[[], Page]] = {
            "/sitemap.xml": partial(self.sitemap, self.entries()),
            "/2024/02/archive-chronology.html": self.huge,
        }
        for start in range(0, len(self.articles), FEED_LENGTH):
            query = urlencode({"start-index": start + 1, "max-results": FEED_LENGTH})
            feed = partial(
                self.xml,
                "atom.xml",
                "application/atom+xml; charset=UTF-8",
                articles=self.articles[start : start + FEED_LENGTH],
                start=start + 1,
                length=FEED_LENGTH,
                last=start + FEED_LENGTH >= len(self.articles),
            )
            routes[f"/feeds/posts/default?{query}"] = feed
            if start == 0:
                routes["/feeds/posts/default"] = feed
        return routes

    def huge(self) -> Page:
        """A page of `HUGE_PAGE_BYTES` and a little: a chronology without end."""
        line = "<li>بند في أرشيف الأحداث لم يُحرَّر بعد ولم تُراجَع تفاصيله</li>\n"
        count = HUGE_PAGE_BYTES // len(line.encode()) + 1
        return self.html("huge.html", title="أرشيف كامل", line=line, count=count)


class Rawasi(Site):
    """An invented news agency, from Port Sudan: numeric dates, the day in the path, news and gzip sitemaps."""

    id = "rawasi"
    name = "وكالة رواسي للأنباء"
    tagline = "الخبر من موقعه"
    engine = "agency: RSS, news sitemap, gzip sitemaps, numeric dates, the day in the path"
    zone = ZoneInfo("Africa/Khartoum")
    article_pattern = "/{day:%Y/%m/%d}/{path}"
    section_pattern = "/section/{section}"
    tag_pattern = "/tags/{tag}"
    date_style = "numeric"
    finest = "minute"
    sections: ClassVar = {"السودان": "sudan", "فلسطين": "palestine", "إقليمي": "region", "عاجل": "urgent"}
    troubles = (
        Trouble("/photos/2024/03/17", datetime(2024, 3, 17, 9, 0, tzinfo=UTC), "not_fetched", "section"),
        Trouble("/2024/01/30/10077", datetime(2024, 1, 30, 21, 40, tzinfo=UTC), "rejected", "http_error"),
    )

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The feed, the news sitemap, a gzip sitemap a month, their index, and the troubles."""
        months = _by_month(self.entries())
        archives = {f"/sitemaps/{month}.xml.gz": entries for month, entries in months.items()}
        children = [(f"{self.home}sitemap-news.xml", self.newest(self.articles))]
        children += [(self.home[:-1] + path, max(one.lastmod for one in entries)) for path, entries in archives.items()]
        latest = [entry for entry in self.entries() if entry.article][:FEED_LENGTH]
        routes: dict[str, Callable[[], Page]] = {
            "/rss": partial(self.xml, "rss.xml", _RSS, articles=self.articles[:FEED_LENGTH], dated=True),
            "/sitemap.xml": partial(self.xml, "sitemap_index.xml", children=children),
            "/sitemap-news.xml": partial(self.xml, "news_sitemap.xml", entries=latest),
            "/photos/2024/03/17": partial(self.html, "gallery.html", title="ألبوم الأسبوع"),
            "/2024/01/30/10077": partial(self.html, "missing.html", status=410, title="سُحب هذا الخبر"),
        }
        for path, entries in archives.items():
            routes[path] = partial(self.zipped_sitemap, entries)
        return routes

    def zipped_sitemap(self, entries: Sequence[Entry]) -> Page:
        """A sitemap as a gzip file."""
        page = self.sitemap(entries)
        return Page(gzip.compress(page.body, mtime=0), "application/gzip", modified=page.modified)


class SmallSite(Site):
    """A site that shows its latest articles, and the others in one way alone."""

    front_length = LATEST
    section_length = LATEST


class Nakhil(SmallSite):
    """A site from Hadramout with nothing but pages of a list: an old story pinned to the first one, no end to the last one."""

    id = "nakhil"
    name = "نخيل الوادي"
    tagline = "صوت الوادي والصحراء"
    engine = "hand-made: nothing but a list in pages, 12-hour clock, dates in text alone"
    zone = ZoneInfo("Asia/Aden")
    article_pattern = "/read/{path}.html"
    section_pattern = "/cat/{section}"
    date_style = "twelve_hour"
    finest = "minute"
    sections: ClassVar = {"حضرموت": "hadramout", "المهرة": "mahra"}
    page_length: ClassVar[int] = 2

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The pages of the list."""
        last = -(-len(self.articles) // self.page_length)
        numbers = range(1, last + 1)
        routes: dict[str, Callable[[], Page]] = {
            f"/news/{number}": partial(self.news_page, number) for number in numbers
        }
        return routes | {"/news": partial(self.news_page, 1)}

    def respond(self, target: str) -> Page:
        """As every site; behind the last page of the list it comes again, for ever, and always leads on."""
        if (number := re.fullmatch(r"/news/(\d{1,9})", target)) and int(number[1]) > 0:
            return self.news_page(int(number[1]))
        return super().respond(target)

    def news_page(self, number: int) -> Page:
        """One page of the list of all articles."""
        start = (min(number, -(-len(self.articles) // self.page_length)) - 1) * self.page_length
        articles = self.articles[start : start + self.page_length]
        pinned = self.articles[-2] if number == 1 else None
        text = self.fill("news.html", title="كل الأخبار", articles=articles, pinned=pinned, number=number)
        return Page(self.encode(text), self.html_type)


class Sanabil(SmallSite):
    """A WordPress site from the Bekaa whose feed is closed and whose REST interface is open, if sparing."""

    id = "sanabil"
    name = "سنابل البقاع"
    tagline = "حكايات من لبنان وسوريا"
    engine = "WordPress-like: nothing but the REST interface, a few posts at a time"
    zone = ZoneInfo("Asia/Beirut")
    article_pattern = "/archives/{path}"
    section_pattern = "/topics/{section}"
    date_style = "levantine"
    finest = "second"
    sections: ClassVar = {"لبنان": "lebanon", "سوريا": "syria"}
    page_length: ClassVar[int] = 4
    """Posts given at once, however many are asked for."""

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The closed feed, and what the interface says of itself."""
        about = {"name": self.name, "home": self.home[:-1], "timezone_string": self.zone.key, "namespaces": ["wp/v2"]}
        return {
            "/feed/": partial(self.html, "missing.html", status=403, title="الخلاصة مغلقة"),
            "/wp-json/": partial(self.json, about),
            "/wp-json/wp/v2/posts": partial(self.posts, {}),
        }

    def respond(self, target: str) -> Page:
        """As every site; the posts are those that the query asks for."""
        parts = urlsplit(target)
        if parts.path == "/wp-json/wp/v2/posts":
            return self.posts(dict(parse_qsl(parts.query)))
        return super().respond(target)

    def posts(self, query: Mapping[str, str]) -> Page:
        """A page of the posts after and before local times, newest first unless told otherwise."""
        after = datetime.fromisoformat(query.get("after", "0001-01-01"))
        before = datetime.fromisoformat(query.get("before", "9999-12-31"))
        wanted = [article for article in self.articles if after < article.moment < before]
        if query.get("order") == "asc":
            wanted.reverse()
        length = min(int(query.get("per_page", "10")), self.page_length)
        page, pages = int(query.get("page", "1")), -(-len(wanted) // length)
        if page > max(pages, 1):
            missing = {"code": "rest_post_invalid_page_number", "data": {"status": 400}}
            return self.json(missing, 400)
        posts = [self.post(article) for article in wanted[(page - 1) * length : page * length]]
        return self.json(posts, X_WP_Total=str(len(wanted)), X_WP_TotalPages=str(pages))

    def post(self, article: Article) -> dict[str, object]:
        """A post as WordPress tells it: local times, and UTC times that do not say so."""
        modified = self.instant(article.modified or article.published)
        return {
            "id": self.number(article),
            "date": article.moment.isoformat(),
            "date_gmt": self.instant(article.published).replace(tzinfo=None).isoformat(),
            "modified_gmt": modified.replace(tzinfo=None).isoformat(),
            "link": self.url(article),
            "title": {"rendered": article.title},
        }


class Sirt(SmallSite):
    """A site from Sirt with nothing but a page for each day that has news, and the way to the next such day."""

    id = "sirt"
    name = "يوميات خليج سرت"
    tagline = "ما جرى في يومه"
    engine = "hand-made: nothing but pages of days, one story each and the time alone beside it"
    zone = ZoneInfo("Africa/Tripoli")
    article_pattern = "/khabar/{path}"
    section_pattern = "/qism/{section}"
    date_style = "numeric"
    finest = "minute"
    sections: ClassVar = {"أخبار": "akhbar", "متابعات": "mutabaat"}

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The pages of the days that have news."""
        routes: dict[str, Callable[[], Page]] = {}
        for day in self.days:
            for number in range(1, len(self.articles_of(day)) + 1):
                more = f"page/{number}/" if number > 1 else ""
                routes[self.day_path(day) + more] = partial(self.day_page, day, number)
        return routes

    @property
    def days(self) -> list[date]:
        """The days that have news, the first one first."""
        return sorted({article.day for article in self.articles})

    def articles_of(self, day: date) -> list[Article]:
        """The articles of a day, newest first."""
        return [article for article in self.articles if article.day == day]

    def day_path(self, day: date) -> str:
        """Path of a day's page."""
        return f"/{day:%Y/%m/%d}/"

    def day_page(self, day: date, number: int) -> Page:
        """One page of a day."""
        articles, later = self.articles_of(day), [other for other in self.days if other > day]
        text = self.fill(
            "day.html",
            title=arabic.numeric(datetime.combine(day, time())).partition(" ")[0],
            article=articles[number - 1],
            older=f"{self.day_path(day)}page/{number + 1}/" if number < len(articles) else None,
            tomorrow=self.day_path(later[0]) if later else None,
        )
        return Page(self.encode(text), self.html_type)


class Zaytun(SmallSite):
    """A site from the West Bank with nothing but a JSON Feed in pages."""

    id = "zaytun"
    name = "زيتون الجبل"
    tagline = "من الضفة وغزة"
    engine = "static: nothing but a JSON Feed in pages"
    zone = ZoneInfo("Asia/Hebron")
    article_pattern = "/story/{path}"
    section_pattern = "/{section}"
    date_style = "levantine"
    finest = "second"
    sections: ClassVar = {"الضفة": "west-bank", "غزة": "gaza"}

    def own_routes(self) -> dict[str, Callable[[], Page]]:
        """The pages of the feed."""
        pages = range(1, -(-len(self.articles) // LATEST) + 1)
        routes: dict[str, Callable[[], Page]] = {f"/feed.json?page={page}": partial(self.feed, page) for page in pages}
        return routes | {"/feed.json": partial(self.feed, 1)}

    def feed(self, page: int) -> Page:
        """One page of the JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
        items = [
            {
                "id": self.url(article),
                "url": self.url(article),
                "title": article.title,
                "summary": article.excerpt,
                "date_published": self.local(article.moment).isoformat(),
            }
            for article in self.articles[(page - 1) * LATEST : page * LATEST]
        ]
        feed: dict[str, object] = {"version": "https://jsonfeed.org/version/1.1", "title": self.name, "items": items}
        if page * LATEST < len(self.articles):
            feed["next_url"] = f"{self.home}feed.json?page={page + 1}"
        answer = self.json(feed)
        return replace(answer, content_type="application/feed+json", modified=self.newest(self.articles))


SITES: tuple[type[Site], ...] = (Alsaha, Dafatir, Difaf, Nakhil, Rawasi, Sanabil, Siraj, Sirt, Zaytun)


def open_sites(edition: int = CURRENT_EDITION, extra: Iterable[Article] = ()) -> dict[str, Site]:
    """The sites by host, as they stand in an edition; `extra` articles join their sites."""
    articles = (*load_articles(edition), *extra)
    sites = [kind(article for article in articles if article.site == kind.id) for kind in SITES]
    return {site.host: site for site in sites}
