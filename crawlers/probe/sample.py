"""A few pages read as a crawl would; shared by probe and check."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy import Request

from crawlers.discovery import DiscoveryError, Found, content_type, read_apart
from crawlers.probe.client import Client, ClientError
from crawlers.probe.evidence import SampledPage
from pipeline.apart import Apart, StoppedError
from pipeline.captures import Capture
from pipeline.extract import clean
from pipeline.page import Page, PageTooLargeError, decode, read_page
from pipeline.publication import CAPTURED, resolve
from pipeline.rules import load_block_pages
from pipeline.sources import Source
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.http import Response

    from crawlers.discovery import Discovery


@dataclass
class Trial:
    """A discovery that was tried: its entry in a source's file, what it found, whether it looks back, what was wrong."""

    entry: dict[str, Any]
    found: list[Found] = field(default_factory=list)
    looks_back: bool = False
    added: list[int] = field(default_factory=list)
    """How many URLs each answer added."""
    problems: list[str] = field(default_factory=list)
    moved: str | None = None
    """Where its address is redirected for good."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One page as the pipeline takes it."""

    capture: Capture
    article: SampledPage


def read_discovery(discovery: Discovery, client: Client, apart: Apart, *, answers: int) -> tuple[Discovery, Trial]:
    """Run a discovery for some answers: the first, and of those it then asks for the next, the last and one between.

    Returns the discovery that has read them, and what came of it: what is wrong with an answer is in the trial's `problems`, in the
    words of the crawl's report.
    """
    trial = Trial({"type": discovery.type, "url": discovery.url})
    waiting = deque(discovery.start())
    asked: set[str] = set()
    known: set[str] = set()
    while waiting and len(trial.added) < answers:
        request = waiting.popleft()
        if request.url in asked:
            continue
        asked.add(request.url)
        following: list[Request] = []
        before = len(known)
        try:
            response = client.get(request)
            if not trial.added:
                trial.moved = response.meta["moved"]
            reading = read_apart(apart, discovery, response, request.meta)
            discovery = reading.discovery
            following += reading.requests
            for item in reading.found:
                if (key := normalize_url(item.url)) not in known:
                    known.add(key)
                    trial.found.append(item)
            if reading.error:
                raise reading.error
        except Exception as error:  # whatever an answer makes of its reading is told, as in a crawl's report
            told = isinstance(error, DiscoveryError | ClientError | StoppedError)
            text = str(error) if told else f"{type(error).__name__}: {error}"
            trial.problems.append(text if request.url in text else f"{request.url}: {text}")
        trial.added.append(len(known) - before)
        waiting.extend(_spread(following, answers - len(trial.added)))
    trial.problems += discovery.problems
    # A news sitemap has the articles of two days: each with its publication, none with a lastmod.
    is_news = discovery.type == "sitemap" and all(
        "published" in one.how and "lastmod" not in one.how for one in trial.found
    )
    trial.looks_back = discovery.looks_back and not is_news
    return discovery, trial


def take_sample(
    client: Client, apart: Apart, source: Source, found: Sequence[Found], *, wanted: int, tries: int
) -> list[Sample]:
    """Some of the pages found that are articles as the pipeline cleans them, in the order found."""
    samples: list[Sample] = []
    for one in found[:tries]:
        if len(samples) == wanted:
            break
        try:
            response = client.get(Request(one.url))
        except (ClientError, ValueError):  # ValueError: no address that can be asked for
            continue
        capture = _capture(response, one)
        try:
            cleaned = apart.run(len(capture.body), clean, capture, source)
        except StoppedError:  # a page that is no sample of the others
            continue
        if cleaned.rejected is None:
            stamp = (response.headers.get("Last-Modified") or b"").decode("latin-1")
            samples.append(Sample(capture, SampledPage(cleaned, one.how, stamp, capture.captured_at)))
    return samples


def block_page_of(response: Response) -> str | None:
    """What stands in a page's place, in a few words, if anything does: a check of the visitor, a ban, a demand."""
    page = page_of(response)
    if page is None:
        return None
    titles = [*page.titles, *(str(one.text_content()) for one in page.headings if one.tag == "h1")]
    block_pages = load_block_pages()
    if block_pages.blocked.make(titles):
        return f"a page that checks or bans visitors ({titles[0].strip()[:60]!r})"
    text = " ".join(block.text for block in page.blocks)
    if text and block_pages.blocked.share(text) > 0.3:
        return "a page that checks or bans visitors, or asks for JavaScript"
    return None


def _capture(response: Response, found: Found) -> Capture:
    return Capture(
        key="",
        offset=0,
        url=response.url,
        captured_at=response.meta["fetched_at"],
        status=response.status,
        content_type=content_type(response),
        body=response.body,
        found=found.how,
    )


def page_of(response: Response) -> Page | None:
    """A response as a page; None where it is none."""
    return read_capture(response.body, content_type(response))


def read_capture(body: bytes, content_type: str) -> Page | None:
    """What a site sent as a page; None where it is none, or too large to be read."""
    text = decode(body, content_type)
    try:
        return read_page(text) if text else None
    except PageTooLargeError:
        return None


def day_of(article: SampledPage, source: Source) -> str | None:
    """The ISO day on which an article was published, as the pipeline resolves it; None where nothing says it."""
    published = resolve(
        list(article.cleaned.dates), captured_at=article.fetched_at, zone=source.timezone, order=source.date_order
    )
    return None if published.method == CAPTURED else published.published_day.isoformat()


def _spread(requests: Sequence[Request], most: int) -> list[Request]:
    """Of requests the first, the last and one between, as many as may be."""
    places = [0, len(requests) - 1, len(requests) // 2, *range(1, len(requests))]
    return [requests[place] for place in dict.fromkeys(places)][: max(most, 0)] if requests else []
