"""Every place that states an article's date: its page's metadata and markup, the lines by its heading, its address, the feed.

Nothing is weighed here but *where* a statement stands; that is for `pipeline.publication.resolve`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lxml.html import HtmlElement

from pipeline.page import Page
from pipeline.publication.candidate import LONGEST_VALUE, MODIFIED, PUBLISHED, Candidate
from pipeline.publication.json_ld import find_linked
from pipeline.publication.marked import meta_dates
from pipeline.publication.printed import find_statements
from pipeline.publication.url_dates import archived_address, find_in_address


def find_candidates(
    page: Page,
    heading: HtmlElement | None,
    title: str,
    *,
    url: str,
    found: Mapping[str, str],
    named: Sequence[str] = (),
) -> tuple[Candidate, ...]:
    """Every date that a page, its address and the way it was found state of its article, in a fixed order, unresolved.

    Args:
        page: the page.
        heading: the element that prints the article's headline; None where none does.
        title: the line in which it does, whole.
        url: the page's address.
        found: how the crawler found it: ``by``, ``published``, ``modified``, ``lastmod`` as far as known.
        named: what stands where the source's own file says that its pages state their day.

    Returns:
        The candidates, metadata first, each once. No page raises.
    """
    stated = [url, *[address for address in page.links.get("canonical", ()) if address][:1]]
    addresses = [archived_address(address) for address in stated]
    candidates = [Candidate("selector", PUBLISHED, text[:LONGEST_VALUE]) for text in named]
    candidates += find_linked(page, title, addresses)
    candidates += meta_dates(page)
    candidates += find_statements(page, heading, title)
    for address in dict.fromkeys(addresses):
        part = find_in_address(address)
        if part:
            candidates.append(Candidate("url", PUBLISHED, part))
    candidates += _discovered(found)
    return tuple(dict.fromkeys(candidates))


def _discovered(found: Mapping[str, str]) -> Iterator[Candidate]:
    by = found.get("by") or "listing"
    for key, method, role in (
        ("published", by, PUBLISHED),
        ("modified", f"{by}:modified", MODIFIED),
        ("lastmod", "sitemap:lastmod", MODIFIED),
    ):
        text = found.get(key)
        if isinstance(text, str) and text.strip():
            yield Candidate(method, role, text.strip()[:LONGEST_VALUE])
