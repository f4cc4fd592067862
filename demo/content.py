"""The demo's articles, read from ``demo/content/<site>/<slug>.md``.

A file is a YAML head between two ``---`` lines and then the article's paragraphs, parted by blank lines; ``## `` starts a
sub-heading, ``> `` a quotation. Invisible characters are written as HTML entities (``&zwnj;``). A republished wire story names
the article whose text it took (``text_of``), and its own paragraphs are the lead that it added; ``changes`` are its spellings.
An article corrected after publication has its earlier editions beside it, as ``<slug>.1.md`` and so on: what stands in edition n
is the file of the least number from n on, or else ``<slug>.md``.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT = Path(__file__).parent / "content"

FIRST_EDITION = 1
CURRENT_EDITION = 4

_HEAD_KEYS = frozenset(
    {
        "title", "path", "published", "modified", "section", "author", "credit", "tags", "caption", "dated_in_text_only",
        "text_of", "changes", "keep", "header_charset", "slow", "moved_from",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an article's text."""

    kind: Literal["paragraph", "heading", "quote"]
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article of one site, in one edition."""

    site: str
    slug: str
    """Name of the content file."""
    title: str
    path: str
    """What the site's URL is made of besides the date: a permalink's last part or a number."""
    published: datetime | date
    """Local time at the site, without a zone; a day alone where the site prints no time."""
    section: str
    blocks: tuple[Block, ...]
    author: str | None = None
    """The person named in the byline."""
    credit: str | None = None
    """What stands in the byline's place when no person is named: a desk or an agency."""
    modified: datetime | None = None
    """Local time of the correction, in the edition that has it."""
    tags: tuple[str, ...] = ()
    caption: str | None = None
    """Caption of the picture; no picture without."""
    text_of: str | None = None
    """The article, as ``site/slug``, whose text this one republishes."""
    dated_in_text_only: bool = False
    """Whether the page states its date in visible text alone, where the site otherwise marks it up."""
    header_charset: str | None = None
    """A charset that the HTTP header claims, wrongly."""
    slow: bool = False
    """Whether the server takes its time over this page."""
    moved_from: str | None = None
    """An old path, the only one that the site's sitemap still lists, which redirects here."""

    @property
    def key(self) -> str:
        """``site/slug``, by which other content files refer to it."""
        return f"{self.site}/{self.slug}"

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text, block by block."""
        return tuple(block.text for block in self.blocks)

    @property
    def day(self) -> date:
        """The day of publication at the site."""
        return self.moment.date()

    @property
    def moment(self) -> datetime:
        """Local time of publication, midnight where only the day is known."""
        return self.published if isinstance(self.published, datetime) else datetime.combine(self.published, time())

    @property
    def excerpt(self) -> str:
        """The opening words, as feeds and listings show them."""
        return f"{' '.join(self.paragraphs[0].split()[:18])} […]"


class ContentError(ValueError):
    """A content file that cannot be used; the message names it."""


def parse_article(site: str, slug: str, text: str, *, wire: Mapping[str, Article] | None = None) -> Article:
    """Read one content file's text. `wire` holds the articles that ``text_of`` may name, by ``site/slug``.

    Raises:
        ContentError: the head is missing or has an unknown key, or the text is wanting.
    """
    name = f"{site}/{slug}"
    opening, head_text, body = (*text.split("---\n", 2), "", "")[:3]
    if opening.strip() or not head_text:
        raise ContentError(f"{name}: expected a YAML head between two lines of '---'")
    head: dict[str, Any] = YAML(typ="safe", pure=True).load(head_text)
    if unknown := sorted(set(head) - _HEAD_KEYS):
        raise ContentError(f"{name}: unknown keys in the head: {', '.join(unknown)}")
    blocks = tuple(_block(chunk) for chunk in body.split("\n\n") if chunk.strip())
    changes: dict[str, str] = head.pop("changes", {})
    keep: int | None = head.pop("keep", None)
    if text_of := head.get("text_of"):
        if wire is None or text_of not in wire:
            raise ContentError(f"{name}: text_of names {text_of!r}, which there is not")
        blocks += tuple(_changed(block, changes) for block in wire[text_of].blocks[:keep])
    if not blocks:
        raise ContentError(f"{name}: no text")
    head["path"] = str(head.get("path", slug))
    return Article(site=site, slug=slug, blocks=blocks, **head | {"tags": tuple(head.get("tags", ()))})


def load_articles(edition: int = CURRENT_EDITION) -> tuple[Article, ...]:
    """All articles of all sites in one edition, by site and publication."""
    return _load(min(edition, CURRENT_EDITION))


@cache
def _load(edition: int) -> tuple[Article, ...]:
    articles: dict[str, Article] = {}
    # Those whose text is their own come first, for the others to take it from.
    paths = sorted(CONTENT.glob("*/*.md"), key=lambda path: ("\ntext_of:" in path.read_text(encoding="utf-8"), path))
    for path in paths:
        if "." in path.stem:
            continue
        editions = (path.with_suffix(f".{number}.md") for number in range(edition, CURRENT_EDITION))
        shown = next((earlier for earlier in editions if earlier.exists()), path)
        article = parse_article(path.parent.name, path.stem, shown.read_text(encoding="utf-8"), wire=articles)
        articles[article.key] = article
    return tuple(sorted(articles.values(), key=lambda article: (article.site, article.moment, article.slug)))


def _block(chunk: str) -> Block:
    text = html.unescape(" ".join(chunk.split()))
    if text.startswith("## "):
        return Block("heading", text[3:])
    if text.startswith("> "):
        return Block("quote", text[2:])
    return Block("paragraph", text)


def _changed(block: Block, changes: Mapping[str, str]) -> Block:
    text = block.text
    for old, new in changes.items():
        text = text.replace(old, new)
    return replace(block, text=text)
