"""A source: one news site, as its YAML file in ``config/sources/`` describes it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from croniter import croniter
from cssselect import HTMLTranslator, SelectorError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pipeline.addresses import AddressError, Guard, host_and_port
from pipeline.errors import WarraqError
from pipeline.settings import read_settings


class SourceError(WarraqError):
    """A source file that cannot be used; the message names the file, the line and what to do."""


@cache
def known_zones() -> frozenset[str]:
    """The names of all IANA zones; making the list walks a folder of files, and DAGs are parsed again and again."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in known_zones():
        raise ValueError(f"{name!r} is not an IANA time zone such as Asia/Damascus")
    return name


@cache
def _known_countries() -> frozenset[str]:
    """The codes of ISO 3166-1 with two letters, as Unicode's CLDR has them, without its own for groups and the unknown."""
    codes = {code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)}
    return frozenset(codes - {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


def _known_country(code: str) -> str:
    if code not in _known_countries():
        raise ValueError(f"{code!r} is not a country's code in ISO 3166-1, such as SY")
    return code


def _identifier(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name):
        raise ValueError(f"{name!r} must be 2 to 41 of the letters a-z, digits and _, and begin with a letter")
    return name


def _pattern(expression: str) -> str:
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueError(f"{expression!r} is not a regular expression: {error}") from None
    return expression


_IN_QUOTES = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAMESPACE = re.compile(r"[\w-]+:(?!:)")


def _selector(selector: str) -> str:
    try:
        path = HTMLTranslator().css_to_xpath(selector)
    except SelectorError as error:
        raise ValueError(f"{selector!r} is not a CSS selector such as div.entry-content: {error}") from None
    if prefix := _NAMESPACE.search(_IN_QUOTES.sub("", path)):
        raise ValueError(f"{selector!r} is not a CSS selector for HTML, which knows no prefix {prefix[0]!r}")
    return selector


def _cron(expression: str) -> str:
    if len(expression.split()) != 5 or not croniter.is_valid(expression):
        raise ValueError(f"{expression!r} is not a five-field cron expression such as '0 */6 * * *'")
    return expression


def _date(stated: object) -> str:
    """A year, month or day in ISO 8601; YAML makes a number of a bare year, and a date of a bare day."""
    text = str(stated)
    for form in ("%Y", "%Y-%m", "%Y-%m-%d"):
        try:
            if datetime.strptime(text, form).strftime(form) == text:  # noqa: DTZ007 - a day has no zone
                return text
        except ValueError:
            continue
    raise ValueError(f"{text!r} must be a year, a month or a day, such as 2026, 2026-10 or 2026-10-05")


Pattern = Annotated[str, AfterValidator(_pattern)]
Selector = Annotated[str, AfterValidator(_selector)]
Sentence = Annotated[str, Field(min_length=1)]
Identifier = Annotated[str, AfterValidator(_identifier)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _template(*wanted: str, optional: tuple[str, ...] = ()) -> AfterValidator:
    """Of a URL with fields in braces: that it has all the `wanted` ones, and no other besides but the `optional` ones."""

    def check(url: str) -> str:
        fields = set(re.findall(r"\{(\w*)\}", url))
        if not url.startswith(("http://", "https://")) or not set(wanted) <= fields <= {*wanted, *optional}:
            raise ValueError(f"{url!r} must be a URL with {' and '.join(f'{{{name}}}' for name in wanted)} in it")
        return url

    return AfterValidator(check)


class FeedDiscovery(_Strict):
    """Article URLs from an RSS or Atom feed or a JSON Feed, and the pages after it where it has any."""

    type: Literal["feed"]
    url: HttpUrl


class SitemapDiscovery(_Strict):
    """Article URLs from a sitemap or a sitemap index, or from those that the site's robots.txt names."""

    type: Literal["sitemap"]
    url: HttpUrl = Field(description="A sitemap, an index of sitemaps, or the site's robots.txt")


class WordpressDiscovery(_Strict):
    """Article URLs from WordPress's own interface, ``/wp-json/wp/v2/posts``, which can be asked for any window."""

    type: Literal["wordpress"]
    url: HttpUrl = Field(description="The collection itself, such as https://news.example/wp-json/wp/v2/posts")
    categories: tuple[int, ...] = Field((), description="Numbers of the categories wanted; all of them when empty")


class ListingDiscovery(_Strict):
    """Article URLs from a section's page and the pages after it, newest first."""

    type: Literal["listing"]
    url: HttpUrl = Field(description="The section's first page")
    links: Pattern = Field(
        description="Regular expression searched in a link's path, without and with its query, percent-decoded: it tells articles"
    )
    pages: Annotated[str, _template("page")] | None = Field(
        None,
        description="URL of the nth page with {page} where its number stands; found by its link where left out",
    )


class DateArchiveDiscovery(_Strict):
    """Article URLs from a page of each day (or month) of the site, such as ``/2016/05/10/``."""

    type: Literal["date_archive"]
    url: Annotated[str, _template("year", "month", optional=("day",))] = Field(
        description="URL with {year}, {month} and, where each day has its page, {day}: numbers of 4, 2 and 2 digits"
    )
    links: Pattern = Field(
        description="Regular expression searched in a link's path, without and with its query, percent-decoded: it tells articles"
    )


_PREFIX = "Beginning of the paths wanted; all pages of the source's hosts without"
Prefix = Annotated[str, Field(pattern=r"^/[^?#\s]*$", description=_PREFIX)]


class WaybackDiscovery(_Strict):
    """Pages that the Wayback Machine, or an archive with the same interfaces, has of the source's hosts."""

    type: Literal["wayback"]
    url: HttpUrl = Field(
        HttpUrl("https://web.archive.org"), description="The archive: below it lie /cdx/search/cdx and /web/"
    )
    prefix: Prefix = "/"


class CommonCrawlDiscovery(_Strict):
    """Pages that Common Crawl's monthly collections have of the source's hosts."""

    type: Literal["common_crawl"]
    url: HttpUrl = Field(HttpUrl("https://index.commoncrawl.org"), description="The index: it has /collinfo.json")
    data: HttpUrl = Field(
        HttpUrl("https://data.commoncrawl.org"), description="Below it lie the files that the index names"
    )
    prefix: Prefix = "/"


Discovery = Annotated[
    FeedDiscovery
    | SitemapDiscovery
    | WordpressDiscovery
    | ListingDiscovery
    | DateArchiveDiscovery
    | WaybackDiscovery
    | CommonCrawlDiscovery,
    Field(discriminator="type"),
]


class Politeness(_Strict):
    """How gently a site is crawled. robots.txt and its Crawl-delay hold besides, whatever is written here."""

    delay: float = Field(1.0, ge=0, le=120, description="Seconds between two requests")
    concurrency: int = Field(1, ge=1, le=8, description="Requests under way at once")
    timeout: float = Field(60, gt=0, le=600, description="Seconds before a request is given up")
    max_size: int = Field(10 * 2**20, ge=2**10, le=2**28, description="Bytes of the largest response accepted")
    requests_a_day: int = Field(20_000, ge=1, description="Requests in any 24 hours, whoever starts the crawls")


class Sections(_Strict):
    """Which paths of the site belong to the corpus: regular expressions searched in the URL's path, percent-decoded."""

    include: tuple[Pattern, ...] = Field((), description="A path must match one of these, where there are any")
    exclude: tuple[Pattern, ...] = Field((), description="A path must match none of these")


class Evidence(_Strict):
    """Something known of an outlet or its site, and where it was seen."""

    fact: Sentence = Field(
        description="What is known: an address, the form of articles' addresses, how the site answered"
    )
    seen_in: tuple[Sentence, ...] = Field(
        (), description="Where: URLs, files of public repositories, texts that a search of public code finds"
    )


_Named = HttpUrl | tuple[Discovery, ...] | tuple[str, ...]


class Source(_Strict):
    """A news site: where it is, how its articles are found, and what is known of its habits."""

    id: Identifier = Field(
        description="Name of the file, of the DAG and of the captures' prefix: 2 to 41 of a-z, 0-9 and _, a letter first"
    )
    formerly: tuple[Identifier, ...] = Field(
        (),
        description="Ids that it had before, and those of sources merged into it: what is stored under them is its own. "
        "`warraq source rename` and `merge` write it",
    )
    name: str = Field(min_length=1, description="Name of the outlet as its readers know it")
    description: str = Field(
        "", description="Who makes it, where and since when; general knowledge where no evidence is given for it"
    )
    ownership: Literal["state", "public", "party", "private", "independent"] | None = Field(
        None,
        description="`state` (a state's or a governing authority's), `public` (a public broadcaster), `party` (a party's or "
        "a movement's), `private` or `independent`, as the description says; none where it does not say",
    )
    status: Literal["active", "defunct", "unknown"] = Field(
        "unknown",
        description="`active`, `defunct` or `unknown`; what is `active` without `last_seen` is taken to be, without evidence",
    )
    last_seen: Annotated[str, BeforeValidator(_date)] | None = Field(
        None, description="Latest year, month or day from which there is evidence that it published"
    )
    loopback: bool = Field(
        False,
        description="Whether the hosts in `home` and `discovery`, at the ports that stand there, may be on this machine "
        "(127.0.0.1, ::1): a site of one's own, to try things out",
    )
    home: HttpUrl = Field(description="URL of the home page")
    language: str = Field("ar", description="BCP-47 tag of the language the corpus takes from this site")
    conflicts: tuple[str, ...] = Field(
        (),
        description="Wars that it reports, each named after its country, such as `Syria`: the form of `crawl_on_demand` "
        "and the DAGs' tags have them, and `places` are sought there",
    )
    countries: tuple[Annotated[str, AfterValidator(_known_country)], ...] = Field(
        (),
        description="Countries that it reports on above all, wherever it sits, by their codes in ISO 3166-1 such as `SY`; "
        "none for an outlet of the whole region",
    )
    focus: str = Field("", description="The part of these countries, or the subject, that it reports above all")
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        description="IANA zone in which the site prints its dates"
    )
    enabled: bool = Field(True, description="Whether the schedule crawls it")
    schedule: Annotated[str, AfterValidator(_cron)] = Field(
        "0 */6 * * *", description="Cron expression, in the site's time zone"
    )
    look_back_days: int = Field(
        3, ge=0, le=60, description="Days before the window that a scheduled crawl looks at again"
    )
    discovery: tuple[Discovery, ...] = Field(
        (), description="How article URLs are found; empty for a site known from archives"
    )
    allowed_hosts: tuple[str, ...] = Field((), description="Hosts that may be crawled; the home's own when empty")
    politeness: Politeness = Politeness()
    sections: Sections = Sections()
    relevance: float = Field(
        0.5,
        ge=0,
        le=1,
        description="From which probability an article of this site is called relevant to a conflict (`relevance.relevant`); none "
        "is left out for it",
    )
    browser: bool = Field(
        False,
        description="Whether pages are fetched by a browser, for a site that shows nothing without JavaScript; "
        "needs the extra `browser`",
    )
    date_order: Literal["DMY", "MDY", "YMD"] = Field("DMY", description="Order of numeric dates on the site")
    body: Selector | None = Field(
        None,
        description="CSS selector of what holds the article's text on its page: one element, or several in page order",
    )
    title: Selector | None = Field(None, description="CSS selector of what states the headline")
    date: Selector | None = Field(None, description="CSS selector of what states the day of publication")
    author: Selector | None = Field(
        None, description="CSS selector of what names the writer, or of each that names one"
    )
    furniture: tuple[str, ...] = Field((), description="Lines that this site repeats and that are not the article")
    evidence: tuple[Evidence, ...] = Field((), description="What is known of it, each with where it was seen")
    inferred: tuple[Sentence, ...] = Field(
        (),
        description="What in this file was seen nowhere: its key or the type of its discovery, a colon, what is inferred",
    )
    not_established: tuple[Sentence, ...] = Field(
        (), description="What is open, for the person who turns it on to find out"
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _bare_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        spelled = []
        for host in hosts:
            try:  # as addresses spell it: in lower case, and in the ASCII form of one in Arabic letters
                url = HttpUrl(f"http://{host.rstrip('.')}/")
            except ValidationError:
                url = None
            if url is None or url.host is None or "/" in host or ":" in host:
                raise ValueError(f"{host!r} must be a bare host name such as news.example")
            spelled.append(url.host)
        return tuple(spelled)

    @field_validator("home", "discovery", "allowed_hosts")
    @classmethod
    def _on_the_internet(cls, named: _Named, info: ValidationInfo) -> _Named:
        for url in _addresses(named):
            if "@" in urlsplit(url).netloc:
                raise ValueError("an address here bears no name and password: reports and captures would show them")
            try:
                Guard.of([url], loopback=bool(info.data.get("loopback"))).check_name(*host_and_port(url))
            except AddressError as error:
                raise ValueError(str(error)) from None
        return named

    @field_validator("formerly")
    @classmethod
    def _others(cls, formerly: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("id") in formerly:
            raise ValueError(f"{info.data['id']!r} is its id now")
        return formerly

    @property
    def ids(self) -> tuple[str, ...]:
        """Its id and those that it had before: whatever is stored under one of them is its own."""
        return (self.id, *self.formerly)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that may be crawled, lower case."""
        return self.allowed_hosts or (self.home.host or "",)

    @property
    def guard(self) -> Guard:
        """What may be connected to for it."""
        return Guard.of([*_addresses(self.home), *_addresses(self.discovery)], loopback=self.loopback)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the site prints its dates."""
        return ZoneInfo(self.timezone)


def _addresses(named: _Named) -> Iterator[str]:
    """The web addresses of what names hosts in a source's file; of a bare host, the one of its home page."""
    if isinstance(named, HttpUrl):
        yield str(named)
        return
    for one in named:
        if isinstance(one, str):
            yield f"http://{one}/"
            continue
        for name in ("url", "pages", "data"):
            if address := getattr(one, name, None):
                yield str(address)


def sources_folder() -> Path:
    """Folder of the source files: ``$WARRAQ_SOURCES``, else ``config/sources`` below the working folder."""
    return read_settings().sources


REMOVED = "removed"
"""The folder, below that of the sources' files, with the files of those that were removed: builds read their captures by them."""


def load_source(path: Path) -> Source:
    """Read one source file.

    Raises:
        SourceError: the file is unreadable, is no YAML, has an unknown or wrong key, or is not named after its id.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SourceError(f"{path}: cannot be read: {why}") from error
    return parse_source(text, path)


def parse_source(text: str, path: Path) -> Source:
    """What the text of a source file says; `path` is where it lies, or is to lie. Raises as `load_source` does."""
    try:
        data = YAML().load(text)
    except MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SourceError(f"{path}{line}: not valid YAML: {error.problem}") from error
    except YAMLError as error:  # such as a control character
        raise SourceError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, CommentedMap):
        raise SourceError(f"{path}:1: expected a mapping with id, name, home, timezone and discovery")
    try:
        source = Source.model_validate(data)
    except ValidationError as error:
        raise SourceError(
            "\n".join(_explain(path, data, detail["loc"], detail["msg"]) for detail in error.errors())
        ) from None
    if source.id != path.stem:
        raise SourceError(
            f"{path}:{_line(data, ('id',))}: id is {source.id!r}: name the file {source.id}.yaml or change the id"
        )
    return source


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """What the files of a folder say: the `sources` that are crawled, those that were `removed`, by id, and what is `wrong`.

    A file that is wrong costs no other one. `wrong` has every such file with what is wrong with it, in the order of the files.
    """

    folder: Path
    sources: dict[str, Source]
    removed: dict[str, Source]
    wrong: dict[Path, SourceError]

    @property
    def readable(self) -> dict[str, Source]:
        """The sources whose captures a build can read: also those that were removed."""
        return self.sources | self.removed

    def owner(self, source_id: str) -> Source | None:
        """The source that has this id, or had it before."""
        return owners(self.readable.values()).get(source_id)

    def require_right(self) -> None:
        """Raise a `SourceError` that names every file that is wrong, if one is."""
        if self.wrong:
            raise SourceError("\n".join(map(str, self.wrong.values())))


def owners(sources: Iterable[Source]) -> dict[str, Source]:
    """Each source by its id and by those that it had before: whose it is what is stored under an id."""
    return {id_: source for source in sources for id_ in source.ids}


def read_sources(folder: Path | None = None) -> SourceFiles:
    """Read every ``*.yaml`` of a folder (default: `sources_folder()`), and of the folder of what was removed below it."""
    folder = folder or sources_folder()
    read: dict[Path, Source] = {}
    wrong: dict[Path, SourceError] = {}
    for path in [*sorted(folder.glob("*.yaml")), *sorted((folder / REMOVED).glob("*.yaml"))]:
        try:
            read[path] = load_source(path)
        except SourceError as error:
            wrong[path] = error
    for path, why in _contested([*read, *wrong], read):
        wrong.setdefault(path, SourceError(f"{path}: {why}"))
    right = {path: source for path, source in read.items() if path not in wrong}
    return SourceFiles(
        folder,
        {path.stem: source for path, source in right.items() if path.parent == folder},
        {path.stem: source for path, source in right.items() if path.parent != folder},
        {path: wrong[path] for path in sorted(wrong)},
    )


def load_sources(folder: Path | None = None) -> dict[str, Source]:
    """The sources of a folder (default: `sources_folder()`) that are crawled, by id, in the order of the ids.

    Raises:
        SourceError: the folder is missing or holds no source, or files are wrong; the message names them all.
    """
    files = read_sources(folder)
    files.require_right()
    if not files.sources:
        raise no_sources(files.folder)
    return files.sources


def find_source(source_id: str, folder: Path | None = None) -> Source:
    """Read the source of this id; the other sources' files may be wrong.

    Raises:
        SourceError: there is none; the message says what became of it, which are spelt like it, or lists those there are.
    """
    folder = folder or sources_folder()
    path = folder / f"{source_id}.yaml"
    if path.is_file():
        return load_source(path)
    files = read_sources(folder)
    if source_id in files.removed:
        raise SourceError(
            f"source {source_id!r} was removed: to have it again, move {folder / REMOVED / path.name} back to {path}"
        )
    if owner := files.owner(source_id):
        raise SourceError(f"source {source_id!r} is called {owner.id!r} now: {owner.id}.yaml says so (`formerly`)")
    known = sorted(found.stem for found in folder.glob("*.yaml"))
    if near := get_close_matches(source_id, known):
        raise SourceError(f"no source {source_id!r} in {folder}; is it {' or '.join(near)}? `warraq sources` lists all")
    raise SourceError(f"no source {source_id!r} in {folder}; there are: {', '.join(known) or 'none'}")


def require_identifier(name: str) -> None:
    """Raise a `SourceError` where a name cannot be a source's id."""
    try:
        _identifier(name)
    except ValueError as error:
        raise SourceError(str(error)) from None


def no_sources(folder: Path) -> SourceError:
    """What is to be said of a folder without a source."""
    return SourceError(f"{folder}: no source files (*.yaml) here; set WARRAQ_SOURCES to the folder that has them")


def _contested(paths: Iterable[Path], read: dict[Path, Source]) -> Iterator[tuple[Path, str]]:
    """The files that claim what another one has: their path, and why that cannot be."""
    holders: defaultdict[str, list[Path]] = defaultdict(list)
    for path in paths:
        holders[path.stem].append(path)
    for id_, named in holders.items():
        for later in named[1:]:
            yield later, f"{named[0]} has the id {id_!r}, too: delete one of the two"
    claims: defaultdict[str, list[Path]] = defaultdict(list)
    for path, source in read.items():
        for id_ in dict.fromkeys(source.formerly):
            claims[id_].append(path)
    for id_, claimants in claims.items():
        for path in claimants:
            others = [*holders.get(id_, ()), *(other for other in claimants if other != path)]
            if others:
                yield path, f"formerly: {id_!r} is claimed by {others[0]}, too: delete that file, or take it out of one"


def _explain(path: Path, data: CommentedMap, location: tuple[int | str, ...], message: str) -> str:
    """One clear sentence for one validation error, with the line of the key it is about."""
    where = ".".join(str(part) for part in location)
    message = message.removeprefix("Value error, ")
    if message == "Extra inputs are not permitted":
        message = "unknown key; see docs/sources.md for the keys there are"
    return f"{path}:{_line(data, location)}: {where}: {message}"


def _line(data: CommentedMap | CommentedSeq, location: tuple[int | str, ...]) -> int:
    """1-based line of the deepest part of `location` that stands in the file."""
    line = data.lc.line + 1
    node: object = data
    for part in location:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
            node = node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1
            node = node[part]
    return int(line)
