"""The articles of a whole outlet, from a mirror of its pages, beside what the outlet's own CMS puts into its container.

A mirror is a folder of HTML files. Of its pages those are measured that have the container once: more than once it stands on
lists. Words are counted as in `benchmarks.quality`. Left out of the container is what no page shows as text (scripts, fields of
forms), captions of pictures, lines that are a web address alone (videos that were not embedded), and the boxes that are named
as none of the article.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
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

from benchmarks._reading import compare, count_words, harmonic_mean, read
from pipeline.errors import WarraqError
from pipeline.page import LINE_TAGS, UNREAD_TAGS, decode
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


class MirrorError(WarraqError):
    """A mirror that cannot be measured; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of one page of a mirror.

    `f1` is its body's, None where the container holds no text; `rejected` the reason for which it is no article, or None.
    """

    path: str
    f1: float | None
    rejected: str | None


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

    def measure(self, limit: int | None = None) -> list[Measured]:
        """Read the outlet's articles, or `limit` of them, taken evenly from all in the order of their paths."""
        if not self.folder.is_dir():
            raise MirrorError(f"{self.folder} is no folder: check the mirror out there, or name another")
        pages = [path for path in self._paths() if len(self._containers(path)) == 1]
        step = max(1.0, len(pages) / limit) if limit else 1.0
        return [self._measure(pages[int(number * step)]) for number in range(round(len(pages) / step))]

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

    def _measure(self, path: str) -> Measured:
        [container] = self._containers(path)
        wanted = count_words(self._text(container))
        result, _ = read((self.folder / path).read_bytes(), self._url(path), language=self.language, home=self.site)
        f1 = harmonic_mean(*compare(count_words(result.body or ""), wanted)) if wanted else None
        return Measured(path, f1, result.rejected)

    def _url(self, path: str) -> str:
        return urljoin(self.site, quote(path.removesuffix("index.html"), safe="/%"))

    def _text(self, container: html.HtmlElement) -> str:
        """What the container says, a line of the page a line."""
        for element in list(container.iterdescendants()):
            if not isinstance(element.tag, str) or element.tag in _UNREAD or self._is_box(element):
                element.drop_tree()
        for element in container.iter("br", *LINE_TAGS):
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
        lines = map(tidy, container.text_content().split("\n"))
        return "\n".join(line for line in lines if not _ADDRESSES.fullmatch(line))

    def _is_box(self, element: html.HtmlElement) -> bool:
        named = [letters(name) for name in [*element.classes, element.get("id") or ""]]
        return any(letters(box) in name for box in self.boxes for name in named)


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


def report(mirrors: Sequence[Mirror], limit: int | None, console: Console) -> None:
    """Print a line a mirror, then each of the pages that were not read as they should be."""
    table = Table("mirror", "pages", f"F1 ≥ {GOOD}", "share", "mean F1", "rejected", "without text", "of them taken")
    failed: list[str] = []
    for mirror in mirrors:
        pages = mirror.measure(limit)
        scores = [page.f1 for page in pages if page.f1 is not None]
        empty = [page for page in pages if page.f1 is None]
        good = sum(score >= GOOD for score in scores)
        table.add_row(
            mirror.folder.name,
            str(len(scores)),
            str(good),
            f"{good / max(1, len(scores)):.1%}",
            f"{sum(scores) / max(1, len(scores)):.4f}",
            str(sum(page.f1 is not None and page.rejected is not None for page in pages)),
            str(len(empty)),
            str(sum(page.rejected is None for page in empty)),
        )
        if not pages:
            failed.append(f"{mirror.folder}: no page has {mirror.selector} just once")
        for page in pages:
            outcome = f"rejected: {page.rejected}" if page.rejected else "taken"
            if page.f1 is not None and page.f1 < GOOD:
                failed.append(f"{page.f1:.3f}  {outcome}  {mirror.folder / page.path}")
            elif page.f1 is None and not page.rejected:
                failed.append(f"no text in the container  {outcome}  {mirror.folder / page.path}")
    console.print(table)
    for line in failed:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
