"""What the page's metadata states of its article, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.page import listed, name_of, types
from pipeline.rules import vocabulary
from pipeline.text import fold, tidy
from pipeline.urls import absolute_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pipeline.page import Page

MOST_AUTHORS = 50
"""Elements that name a writer or a source, and authors that the metadata state, which are read."""
_META = (
    "author", "article:author", "article:author_name", "dc.creator", "dc.creator.name", "parsely-author", "sailthru.author",
)  # fmt: skip


# ---- what the metadata states


def stated_authors(page: Page) -> Iterator[tuple[str, list[str], bool]]:
    """What the metadata states as authors: where, their names, and whether as persons in the article's own JSON-LD."""
    by_id = {thing["@id"]: thing for thing in page.linked_data if isinstance(thing.get("@id"), str)}
    for thing in page.articles[:MOST_AUTHORS]:
        stated = [author for name in ("author", "creator") for author in listed(thing.get(name))]
        authors = [_resolved(author, by_id) for author in stated[:MOST_AUTHORS]]
        yield (
            "json-ld author",
            [name for author in authors if _may_be_person(author) for name in _names_of(author)],
            True,
        )
        others = [name for author in authors if not _may_be_person(author) for name in _names_of(author)]
        yield "json-ld author", [name for name in others if vocabulary().agencies_in(name)], False
    for name in (*_META, *_labelled(page)):
        for content in page.meta.get(name, ())[:MOST_AUTHORS]:
            yield f"meta {name}", [content], False


def _labelled(page: Page) -> Iterator[str]:
    """The ``<meta>`` with which a link's preview names the writer: Slack's, beside a label of its own ("كُتب بواسطة")."""
    for number in range(1, 3):
        label = fold(page.stated(f"twitter:label{number}") or "").removesuffix(" :")
        if vocabulary().kinds.get(label) in {"writer", "poster"}:
            yield f"twitter:data{number}"


def _resolved(author: object, by_id: Mapping[str, Mapping[str, object]]) -> object:
    """An author's own entry, where only its ``@id`` is given."""
    if isinstance(author, dict) and "name" not in author and isinstance(author.get("@id"), str):
        return by_id.get(author["@id"], author)
    return author


def _names_of(author: object) -> list[str]:
    names = author.get("name") if isinstance(author, dict) else author
    return [name for one in listed(names) if (name := name_of(one)) and "://" not in name]


def _may_be_person(author: object) -> bool:
    return not isinstance(author, dict) or not types(author) & {
        "Organization",
        "NewsMediaOrganization",
        "Corporation",
        "WebSite",
    }


def all_titles(page: Page) -> Iterator[tuple[str, str]]:
    """The titles that the page's metadata state, the most trustworthy first, each with where it stands."""
    for thing in page.articles:
        text = thing.get("headline") or thing.get("name")
        if isinstance(text, str):
            yield tidy(text), "json-ld headline"
    for name in ("og:title", "twitter:title", "title"):
        for title in page.meta.get(name, ()):
            yield title, f"meta {name}"
    for title in page.titles[:1]:
        yield title, "title"


def stated_images(page: Page) -> Iterator[str]:
    """The addresses of pictures that the page's metadata state, the most trustworthy first."""
    for name in ("og:image", "og:image:secure_url", "og:image:url"):
        yield from page.meta.get(name, ())
    for thing in page.articles:
        yield from _addresses(thing.get("image"), page)
    for name in ("twitter:image", "twitter:image:src", "image", "thumbnail", "thumbnailurl"):
        yield from page.meta.get(name, ())
    yield from page.links.get("image_src", ())


def _addresses(image: object, page: Page) -> Iterator[str]:
    """The addresses in a JSON-LD value of an image: a text, an object, a reference to one elsewhere, or a list of these."""
    for one in image if isinstance(image, list) else [image]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from _of_object(one, page)


def _of_object(image: dict[str, Any], page: Page) -> Iterator[str]:
    known = [image]
    if set(image) == {"@id"}:
        known = [dict(thing) for thing in page.linked_data if thing.get("@id") == image["@id"]]
    for thing in known:
        yield from (thing[name] for name in ("url", "contentUrl") if isinstance(thing.get(name), str))


def stated_logos(page: Page, url: str) -> Iterator[str]:
    """The addresses that the page's JSON-LD states as the outlet's logo."""
    for thing in page.linked_data:
        for holder in (thing, thing.get("publisher")):
            if isinstance(holder, dict):
                for address in _addresses(holder.get("logo"), page):
                    yield absolute_url(url, address) or address
