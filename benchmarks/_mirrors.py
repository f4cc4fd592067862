"""The articles of a whole outlet, from a mirror of its pages, beside what the outlet's own CMS puts into its container.

A mirror is a folder of HTML files. Of its pages those are measured that have the container once: more than once it stands on
lists. Words are counted as in `benchmarks.quality`. Left out of the container is what no page shows as text (scripts, fields of
forms), captions of pictures, lines that are a web address alone (videos that were not embedded), and the boxes that are named
as none of the article.

A container is a text as its CMS has it, and no editor's: so lines of three kinds count neither for nor against a body, and the
report says what share of the container's words they are. A rule of ``furniture.yaml`` takes them (most lead to other articles);
they stand in a post that Facebook, Instagram or X embed; or they are what a picture says of itself, as its labels.

Where WordPress's own classes of the body call a page no post, or one of a film or a gallery, it is right to reject it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from cssselect import SelectorError
from lxml import etree, html
from lxml.cssselect import CSSSelector
from rich.console import Console
from rich.table import Table

from benchmarks._reading import capture_of, compare, count_words, harmonic_mean, read, source_of
from pipeline.errors import WarraqError
from pipeline.extract import BodyProposal, LearnError, NoBody, propose
from pipeline.page import LINE_TAGS, UNREAD_TAGS, decode
from pipeline.rules import load_furniture
from pipeline.sources import Source
from pipeline.text import letters, tidy

GOOD = 0.98
"""F1 from which an article counts as read."""
PAGES = r"\.html?$"
"""Paths of pages where nothing is known of a mirror."""
HOME = "https://mirror.example/"
"""Address of a site of which none is known."""
_COLUMNS = 6
_ADDRESSES = re.compile(r"(?:(?:https?://|www\.)\S+\s*)*")
_UNREAD = UNREAD_TAGS | {"figcaption"}
# What the networks' own code for embedding gives its boxes, and WordPress the body of what is no article (get_body_class).
_EMBEDDED = frozenset({"fb-xfbml-parse-ignore", "instagram-media", "twitter-tweet", "twitter-video"})
_NO_ARTICLE = frozenset({"page", "single-format-video", "single-format-gallery", "single-format-image"})


class MirrorError(WarraqError):
    """A mirror that cannot be measured; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one page of a mirror.

    `f1` is its body's, None where the page is no article: the container holds no text, or the page is rejected and its body's own
    class says so. `rejected` is the reason for which it is none, or None. `words` are those of the container, of which `left_out`
    count neither for nor against the body.
    """

    path: str
    f1: float | None
    rejected: str | None
    words: int
    left_out: int


@dataclass(frozen=True)
class Mirror:
    """A folder of an outlet's pages.

    Attributes:
        folder: where they are.
        selector: XPath (where it begins with a slash or a parenthesis) or CSS of the CMS's container.
        paths: regular expression of the articles' paths in the folder.
        site: address of the outlet; a page's is this and its path.
        boxes: what the class or id of an element within the container has where it is not of the article.
        language: the outlet's.
    """

    folder: Path
    selector: str
    paths: str = PAGES
    site: str = HOME
    boxes: Sequence[str] = ()
    language: str = "ar"

    def measure(self, limit: int | None = None, body: str | None = None) -> list[Measured]:
        """Read the outlet's articles, or `limit` of them, taken evenly from all in the order of their paths.

        With `body`, the selector that `learn` proposes, those alone that it was not learnt from.
        """
        pages = self._pages[::2] if body else self._pages
        step = max(1.0, len(pages) / limit) if limit else 1.0
        return [self._measure(pages[int(number * step)], body) for number in range(round(len(pages) / step))]

    def learn(self) -> BodyProposal | NoBody:
        """What ``warraq learn`` proposes as the ``body`` of the outlet's file, from every second article; or why nothing."""
        captures = (capture_of((self.folder / path).read_bytes(), self._url(path)) for path in self._pages[1::2])
        try:
            return propose(captures, self._source(None)).body or NoBody("the source has a selector")
        except LearnError as error:
            return NoBody(str(error))

    @cached_property
    def _pages(self) -> list[str]:
        """The paths of the articles."""
        if not self.folder.is_dir():
            raise MirrorError(f"{self.folder} is no folder: check the mirror out there, or name another")
        return [path for path in self._paths() if len(self._containers(path)) == 1]

    def _paths(self) -> Iterator[str]:
        try:
            wanted = re.compile(self.paths)
        except re.error as error:
            raise MirrorError(f"{self.paths!r} is no regular expression ({error}): mend the paths") from None
        files = (file.relative_to(self.folder).as_posix() for file in self.folder.rglob("*") if file.is_file())
        return (path for path in sorted(files) if wanted.search(path))

    @cached_property
    def _xpath(self) -> etree.XPath:
        try:
            if self.selector.startswith(("/", "(")):
                return etree.XPath(self.selector)
            return CSSSelector(self.selector)
        except (etree.XPathSyntaxError, SelectorError) as error:
            raise MirrorError(f"{self.selector!r} is neither XPath nor CSS ({error}): mend the selector") from None

    def _containers(self, path: str) -> list[html.HtmlElement]:
        text = decode((self.folder / path).read_bytes(), "text/html")
        if text is None or not text.strip():
            return []
        try:
            tree = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
        except etree.ParserError:  # nothing but comments
            return []
        found: Any = self._xpath(tree)
        return [element for element in found if isinstance(element, html.HtmlElement)]

    def _source(self, body: str | None) -> Source:
        return source_of(self.site, language=self.language, home=self.site, body=body)

    def _measure(self, path: str, body: str | None) -> Measured:
        [container] = self._containers(path)
        is_article = _NO_ARTICLE.isdisjoint(
            name for holder in container.iterancestors("body") for name in holder.classes
        )
        lines = self._lines(container)
        left_out = {letters(line) for line, counts in lines if not counts}
        result, _ = read((self.folder / path).read_bytes(), self._url(path), self._source(body))
        wanted = count_words("\n".join(line for line, counts in lines if counts))
        found = count_words(
            "\n".join(line for line in (result.body or "").split("\n") if letters(line) not in left_out)
        )
        is_judged = wanted and (is_article or not result.rejected)
        return Measured(
            path=path,
            f1=harmonic_mean(*compare(found, wanted)) if is_judged else None,
            rejected=result.rejected,
            words=wanted.total(),
            left_out=count_words("\n".join(line for line, counts in lines if not counts)).total(),
        )

    def _url(self, path: str) -> str:
        return urljoin(self.site, quote(path.removesuffix("index.html"), safe="/%"))

    def _lines(self, container: html.HtmlElement) -> list[tuple[str, bool]]:
        """What the container says, a line of the page a line, and whether it counts."""
        pictured = {
            letters(said)
            for one in container.iter("img", "area")
            for said in (one.get("alt"), one.get("title"))
            if said
        }
        for element in list(container.iterdescendants()):
            if not isinstance(element.tag, str) or element.tag in _UNREAD or self._is_box(element):
                element.drop_tree()
        embedded = {
            letters(line)
            for box in container.iter("blockquote")
            if not _EMBEDDED.isdisjoint(box.classes)
            for line in _lines_of(box)
        }
        links = [letters(link.text_content()) for link in container.iter("a")]
        rule_for = load_furniture().rule_for

        def counts(line: str) -> bool:
            key = letters(line)
            linked = sum(len(link) for link in links if link in key) / max(1, len(key))
            return key not in pictured | embedded and rule_for(line, linked=min(1.0, linked), edge=True) is None

        return [(line, counts(line)) for line in _lines_of(container) if not _ADDRESSES.fullmatch(line)]

    def _is_box(self, element: html.HtmlElement) -> bool:
        named = [letters(name) for name in [*element.classes, element.get("id") or ""]]
        return any(letters(box) in name for box in self.boxes for name in named)


def _lines_of(element: html.HtmlElement) -> list[str]:
    """The lines of an element, as a browser prints them."""
    copy = deepcopy(element)
    for one in copy.iter("br", *LINE_TAGS):
        one.text = "\n" + (one.text or "")
        one.tail = "\n" + (one.tail or "")
    return [line for line in map(tidy, copy.text_content().split("\n")) if line]


def load_mirrors(file: Path, checkouts: Path) -> list[Mirror]:
    """The mirrors that a table lists, each in the folder of its repository's name within `checkouts`.

    The table is tab-separated, with a head: repository, branch, site, container, paths, boxes inside that are not the article.
    """
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    except OSError as error:
        raise MirrorError(f"{file} cannot be read ({error.strerror}): name the table of the mirrors") from None
    mirrors = []
    for number, row in enumerate(rows, start=2):
        if len(row) != _COLUMNS:
            raise MirrorError(f"{file}, line {number}: {len(row)} columns, not {_COLUMNS}: mend the line")
        repository, _branch, site, selector, paths, boxes = row
        folder = checkouts / repository.rpartition("/")[2]
        mirrors.append(Mirror(folder, selector, paths, site, split_boxes(boxes)))
    return mirrors


def split_boxes(names: str) -> tuple[str, ...]:
    """Names of boxes from a list such as "table of contents (lwptoc, ez-toc), yarpp"."""
    return tuple(name.strip() for name in re.split(r"[,()]", names) if letters(name))


def report(mirrors: Sequence[Mirror], limit: int | None, console: Console, *, learn: bool = False) -> None:
    """Print a line a mirror, then each of the pages that were not read as they should be.

    With `learn` a mirror is read by the selector that every second of its articles teaches, where there is one.
    """
    table = Table(
        "mirror", "articles", f"F1 ≥ {GOOD}", "share", "mean F1", "rejected", "left out", "no articles", "of them taken"
    )
    said: list[str] = []
    for mirror in mirrors:
        learnt = mirror.learn() if learn else None
        if learnt is not None:
            what = learnt.why if isinstance(learnt, NoBody) else f"{learnt.selector} ({learnt.evidence})"
            said.append(f"{mirror.folder.name}: {what}")
        pages = mirror.measure(limit, learnt.selector if isinstance(learnt, BodyProposal) else None)
        scored = [page for page in pages if page.f1 is not None]
        scores = [page.f1 for page in scored if page.f1 is not None]
        good = sum(score >= GOOD for score in scores)
        left_out = sum(page.left_out for page in scored)
        table.add_row(
            mirror.folder.name,
            str(len(scores)),
            str(good),
            f"{good / max(1, len(scores)):.1%}",
            f"{sum(scores) / max(1, len(scores)):.4f}",
            str(sum(page.rejected is not None for page in scored)),
            f"{left_out / max(1, left_out + sum(page.words for page in scored)):.1%}",
            str(len(pages) - len(scored)),
            str(sum(page.f1 is None and page.rejected is None for page in pages)),
        )
        if not pages:
            said.append(f"{mirror.folder}: no page has {mirror.selector} just once")
        for page in pages:
            outcome = f"rejected: {page.rejected}" if page.rejected else "taken"
            if page.f1 is not None and page.f1 < GOOD:
                said.append(f"{page.f1:.3f}  {outcome}  {mirror.folder / page.path}")
            elif page.f1 is None and not page.rejected:
                said.append(f"no text in the container  {outcome}  {mirror.folder / page.path}")
    console.print(table)
    for line in said:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
