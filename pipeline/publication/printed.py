"""The dates marked or printed by an article's heading, and whose each is.

A date near the heading is the article's when, going up from the date,
one comes to an element around the heading before meeting furniture or another article's link. Above the heading only its
own small block is read, and far below it only what is labelled as the publication; most of a page is never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from pipeline.page import HEADINGS, UNREAD_TAGS, Page, class_words, short_text, text_length
from pipeline.publication.candidate import MODIFIED, UNKNOWN, Candidate
from pipeline.publication.date_lines import (
    LONGEST_LINE,
    Statement,
    may_state_date,
    read_line,
    says_changed,
    says_published,
)
from pipeline.publication.marked import Mark, Marks
from pipeline.publication.traits import (
    BREAKS,
    DATED,
    FURNITURE,
    HEADING,
    INVISIBLE,
    LINK,
    SPACES,
    classes_of,
    names,
    tag_traits,
    traits_of,
)

# Visible characters: below the heading that a byline may stand, and above it in the heading's own block; of a link that is
# another article's title, and of a heading; of a card that shows another article; of what may stand in paragraphs above the
# byline; that a link around a date may add to it.
_BYLINE_REACH = 700
_HEADING_REACH = 300
_LONG_LINK = 30
_SHORTEST_HEADING = 3
_LARGEST_CARD = 500
_LONGEST_LEAD = 300
_SHORTEST_PARAGRAPH = 60
_LINK_AROUND_DATE = 15
_SHORTEST_TITLE = 15
_LONGEST_HEADING = 300
_LONGEST_HREF = 500
# Bounds that no page of news comes near. Past them a statement is refused, never guessed.
_MOST_LINES = 60
_MOST_MARKS = 100
_HIGHEST_CLIMB = 40
_MOST_SIBLINGS = 100
_MOST_LINKS = 500
_MOST_HEADINGS = 500
# A byline may be printed twice, for wide screens and for narrow ones.
_MOST_TWINS = 2
# A date may stand in two links at once, one of them a heading's; a third is another's.
_ENOUGH_RIVALS = 3


def find_statements(page: Page, heading: HtmlElement | None, title: str) -> list[Candidate]:
    """What is marked as a date on a page, then what is printed by its heading.

    The suffix of a method says whose the date is: none for the article's own; ":bare" for what only its place says to be that;
    ":above" for one above the heading, which may be a clock; ":foot" for one that is labelled as the article's far below;
    ":other" for another thing's.
    """
    article = _Article(page, heading, title)
    printed = _read_printed(article)  # this walk also finds the places of the marks
    return _read_marks(article) + printed


# Where things stand ----------------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where something stands: visible characters from the heading's end, -1 above; and what is between the two."""

    distance: int
    crossed: bool
    """Another article's link is between."""
    in_body: bool
    """More text is between than a lead has."""


class _Line(NamedTuple):
    """A visible line: its text and place, the innermost element in which it begins, and the elements said to hold a date."""

    text: str
    place: _Place
    element: HtmlElement
    dated: tuple[HtmlElement, ...]


class _Article:
    """An article's heading and the elements around it; what of the page has been looked at so far."""

    def __init__(self, page: Page, heading: HtmlElement | None, title: str) -> None:
        self.tree = page.tree
        marks = Marks(page.tree)
        self.marks, self.other_days = marks.dates, marks.other_days
        self.heading, self.title = heading, title
        self.again = _repeated(heading, title, page)
        """Further headings with the same text: of the first, some templates make a bar that is shown on scrolling."""
        self.branches: dict[HtmlElement, HtmlElement] = {}
        """The elements around the heading, each with the child that leads to it."""
        self.around = {ancestor for again in self.again for ancestor in again.iterancestors()}
        self.begin = page.tree
        if self.heading is not None:
            child = self.heading
            for parent in self.heading.iterancestors():
                self.branches[parent] = child
                child = parent
            self.around |= {self.heading, *self.branches}
            self.begin = _block_of(self.heading)
        self.places: dict[HtmlElement, _Place] = {}
        self._small: dict[HtmlElement, bool] = {}
        self._rivals: dict[HtmlElement, list[tuple[HtmlElement, int]]] = {}

    def is_around(self, element: HtmlElement) -> bool:
        """Whether an element is the heading or around it."""
        return element in self.around

    def is_inside(self, element: HtmlElement) -> bool:
        """Whether an element is the heading, of HTML, or in it."""
        heading = self.heading
        if heading is None or heading.tag not in HEADINGS:
            return False
        return heading is element or any(heading is holder for holder in element.iterancestors(heading.tag))

    def is_below(self, element: HtmlElement) -> bool:
        """Whether an element comes after the heading."""
        for parent in element.iterancestors():
            if parent in self.branches:
                return bool(parent.index(element) > parent.index(self.branches[parent]))
            element = parent
        return self.heading is None

    def is_small(self, element: HtmlElement) -> bool:
        """Whether an element is no larger than a card that shows another article."""
        if element not in self._small:
            self._small[element] = text_length(element, _LARGEST_CARD) <= _LARGEST_CARD
        return self._small[element]

    def rivals_in(self, element: HtmlElement) -> list[tuple[HtmlElement, int]]:
        """The first of the other articles' links and linked headings in an element, with their lengths."""
        if element not in self._rivals:
            rivals: list[tuple[HtmlElement, int]] = []
            for count, item in enumerate(element.iter("a", *HEADINGS)):
                length = text_length(item, _LARGEST_CARD)
                if item.tag == "a":
                    is_rival = length >= _LONG_LINK and self.leads_away(item)
                else:
                    is_rival = length >= _SHORTEST_HEADING and _is_linked(item)
                if is_rival or count == _MOST_LINKS:
                    rivals.append((item, length if is_rival else _LARGEST_CARD))
                if len(rivals) == _ENOUGH_RIVALS or count == _MOST_LINKS:
                    break
            self._rivals[element] = rivals
        return self._rivals[element]

    def leads_away(self, link: HtmlElement) -> bool:
        """Whether a link may be another article's: not the permalink around the dates of this one."""
        if not _leads_to_article(link):
            return False
        dates = sum(text_length(item, _LARGEST_CARD) for item in link.iterdescendants() if item in self.marks)
        return not dates or text_length(link, _LARGEST_CARD) - dates > _LINK_AROUND_DATE


class _Walk:
    """A walk over a page's visible lines from the heading's own block on, furniture left out.

    On its way it notes the places of the marks.
    """

    def __init__(self, article: _Article) -> None:
        self.article = article
        self.walker = etree.iterwalk(article.tree, events=("start", "end", "comment", "pi"))
        self.offset = 0
        """Visible characters so far."""
        self.origin = 0 if article.heading is None else -1
        """Those up to the heading's end, once it is passed."""
        self.in_heading = False
        self.crossed = False
        self.prose = 0
        """Characters of the paragraphs since the heading's end."""
        self.link = self.headline = 0
        """Where the last link and the last heading begin."""
        self.parts: list[str] = []
        """Of the line at hand; then where it begins, and the elements around or in it that say that they hold a date."""
        self.first = article.begin
        self.place = self._here()
        self.dated: list[HtmlElement] = []

    def lines(self) -> Iterator[_Line]:
        begin, branches = self.article.begin, self.article.branches
        begun = False
        for event, element in self.walker:
            if not begun and element is not begin:
                if event == "start" and element not in branches:
                    self.walker.skip_subtree()
                continue
            begun = True
            traits = tag_traits(element)
            if self.parts:
                if traits & BREAKS:
                    yield self._end_line()
                elif traits & SPACES:
                    self.parts.append(" ")
            if event == "start":
                self._enter(element, traits | traits_of(element))
                continue
            if event == "end":
                self._leave(element, traits)
            if element.tail:
                self._add(element.tail, element.getparent())
        if self.parts:
            yield self._end_line()

    def _enter(self, element: HtmlElement, traits: int) -> None:
        if element in self.article.marks:
            self.article.places[element] = self._here()
            traits |= DATED
        if traits & LINK:
            self.link = self.offset
        elif traits & HEADING:
            self.headline = self.offset
            self.in_heading = self.in_heading or element is self.article.heading
        furniture = traits & FURNITURE and not self.article.is_around(element)
        if traits & INVISIBLE or furniture or element in self.article.other_days:
            self.walker.skip_subtree()
            return
        if traits & DATED:
            self.dated.append(element)
        if element.text:
            self._add(element.text, element)

    def _leave(self, element: HtmlElement, traits: int) -> None:
        if self.dated and self.dated[-1] is element and not self.parts:
            self.dated.pop()
        if element is self.article.heading and self.in_heading:
            self.in_heading, self.origin = False, self.offset
        elif element in self.article.again:
            self.origin, self.crossed, self.prose = self.offset, False, 0
        elif traits & LINK and 0 <= self.origin <= self.link <= self.offset - _LONG_LINK:
            self.crossed = self.crossed or self.article.leads_away(element)
        elif traits & HEADING and 0 <= self.origin <= self.headline <= self.offset - _SHORTEST_HEADING:
            self.crossed = self.crossed or _is_linked(element)

    def _add(self, text: str, element: HtmlElement | None) -> None:
        if not self.parts:
            if element is None or text.isspace():
                return
            self.first, self.place = element, self._here()
        self.parts.append(text)
        self.offset += len(" ".join(text.split())) if "\n" in text or "  " in text else len(text)

    def _here(self) -> _Place:
        distance = self.offset - self.origin if self.origin >= 0 else -1
        return _Place(distance, self.crossed, self.prose > _LONGEST_LEAD)

    def _end_line(self) -> _Line:
        text = " ".join("".join(self.parts).split())
        place = self.place
        if self.first is self.article.heading and self.origin < 0 and not self.in_heading:
            self.origin = self.offset  # a title that is no heading of HTML ends with its line
        if place.distance >= 0 and len(text) > _SHORTEST_PARAGRAPH:
            self.prose += len(text)
        line = _Line(text, place, self.first, tuple(self.dated))
        self.parts.clear()
        self.dated.clear()
        return line


class _Printed(NamedTuple):
    """A printed statement, whose it is, whether markup says that it is a date, and the kind of element it stands in."""

    statement: Statement
    owner: str
    dated: bool
    kind: _Kind | None


def _read_printed(article: _Article) -> list[Candidate]:
    """The date lines by the heading; where there are none, those further below that say that they are the publication."""
    printed: list[_Printed] = []
    has_own = False
    read = 0
    for line in _Walk(article).lines():
        near = article.heading is None or line.place.distance <= _BYLINE_REACH
        if (has_own and (line.place.in_body or not near)) or read == _MOST_LINES:
            break
        text = line.text.replace(article.title, " ").strip() if article.title else line.text
        if article.is_inside(line.element):  # a headline may name a day; only what is said to be a date is one
            text = next((part for part in map(_short, line.dated) if part and part != article.title), "")
        if not may_state_date(text) or not (near or says_published(text)):
            continue
        read += 1
        for statement in _read_line(text, line.dated):
            stated = bool(line.dated) or statement.role != UNKNOWN
            owner = _owner(article, line.place, line.element, statement.length, statement.role, stated=stated)
            if near or (owner == ":foot" and statement.role != UNKNOWN):
                has_own = has_own or (owner in {"", ":above"} and statement.role != MODIFIED)
                kind = _kind_of(line.dated[-1] if line.dated else line.element)
                printed.append(_Printed(statement, owner, bool(line.dated), kind))
    own = [found for found in printed if not found.owner and found.statement.role == UNKNOWN]
    entries = _entries((found.kind, found.statement.calendar, found.statement.day) for found in own)
    return [
        Candidate(f"visible{_suffix(found, entries)}", found.statement.role, found.statement.text) for found in printed
    ]


def _suffix(found: _Printed, entries: set[_Kind]) -> str:
    if found.owner or found.statement.role != UNKNOWN:
        return found.owner
    return ":other" if found.kind in entries else "" if found.dated else ":bare"


def _read_line(text: str, dated: Sequence[HtmlElement]) -> list[Statement]:
    """What a line states; where it is too full of other things, what an element in it states that is said to hold a date."""
    statements = read_line(text, marked=bool(dated))
    if statements or says_changed(text):
        return statements
    parts = [part for part in map(_short, dated[-3:]) if part != text and may_state_date(part)]
    return next(filter(None, (read_line(part, marked=True) for part in parts)), [])


def _short(element: HtmlElement) -> str:
    return short_text(element, LONGEST_LINE)


_Kind = tuple[str, str, str, str]


def _kind_of(element: HtmlElement) -> _Kind | None:
    """The tags and classes of an element and its parent; None where these set it apart from nothing."""
    parent = element.getparent()
    around = ("", " ") if parent is None else (str(parent.tag), classes_of(parent))
    kind = str(element.tag), classes_of(element), *around
    return kind if element.tag in {"li", "time"} or kind[1] != " " or kind[3] != " " else None


def _entries(days: Iterable[tuple[_Kind | None, str, date]]) -> set[_Kind]:
    """The kinds of element that hold several days of a calendar, or many times one: entries of a list, of a live page, comments."""
    known: dict[tuple[_Kind, str], list[date]] = {}
    for kind, calendar, day in days:
        if kind is not None:
            known.setdefault((kind, calendar), []).append(day)
    return {kind for (kind, _), stated in known.items() if len(set(stated)) > 1 or len(stated) > _MOST_TWINS}


# Whose a date is -------------------------------------------------------------------------------------------------------


def _read_marks(article: _Article) -> list[Candidate]:
    """What is marked, with whose it is; that by the heading first.

    A mark without a role is the article's by the heading only; others of its kind below tell whether it is one of several.
    """
    owners: list[tuple[Mark, str, _Kind | None]] = []
    kinds: set[_Kind | None] = set()
    for element, mark in sorted(article.marks.items(), key=lambda item: item[0] not in article.places)[:_MOST_MARKS]:
        kind = _kind_of(element) if mark.candidate.role == UNKNOWN else None
        passed = article.heading is None or element in article.places
        owner = _owner_of_mark(article, element, mark) if passed or kind is None or kind in kinds else ":other"
        if not owner:
            kinds.add(kind)
        owners.append((mark, owner, None if owner == ":other" else kind))
    entries = _entries((kind, "", _day_of(mark.candidate.text)) for mark, _, kind in owners)
    return [
        Candidate(
            mark.candidate.method + (":other" if kind in entries or (kind and owner == ":foot") else owner),
            mark.candidate.role,
            mark.candidate.text,
        )
        for mark, owner, kind in owners
    ]


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return date.min


def _owner_of_mark(article: _Article, element: HtmlElement, mark: Mark) -> str:
    """As `_owner`; microdata, RDFa and hAtom say themselves which thing they describe, by the item around them."""
    if article.heading is not None:
        item = next(_items_around(element), None) if mark.scoped else _entry_of(element)
        if item is not None and item in article.branches:
            return ""
    place = article.places.get(element)
    if place is None:  # the walk did not come by
        if not article.is_below(element):
            return ":other"
        place = _Place(_BYLINE_REACH + 1, crossed=False, in_body=True)
    owner = _owner(article, place, element, text_length(element, _LARGEST_CARD), mark.candidate.role, stated=True)
    return "" if mark.scoped and owner == ":foot" else owner


def _items_around(element: HtmlElement) -> Iterator[HtmlElement]:
    for node in islice(element.iterancestors(), _HIGHEST_CLIMB):
        if node.get("itemscope") is not None or node.get("typeof") is not None:
            yield node


def _entry_of(element: HtmlElement) -> HtmlElement | None:
    """The entry of hAtom whose ``<abbr class="published">`` an element is: Blogger prints it below the text."""
    if element.tag != "abbr" or _HATOM_DATES.isdisjoint(class_words(element)):
        return None
    ancestors = islice(element.iterancestors(), _HIGHEST_CLIMB)
    return next((node for node in ancestors if "hentry" in class_words(node)), None)


_HATOM_DATES = names("published updated")


def _owner(article: _Article, place: _Place, element: HtmlElement, length: int, role: str, *, stated: bool) -> str:
    """Whose a date of so many characters is, "" for the article's; ``stated`` where a label or the markup says what it is."""
    if article.heading is None:
        own = stated and not (place.in_body and role == UNKNOWN) and _leads_up(article, element, length)
    elif place.distance < 0 and not article.is_inside(element):
        above = stated and _leads_up(article, element, length, strict=True, above=True)
        return ":above" if above else ":other"
    elif place.distance <= _BYLINE_REACH:
        placed = not place.crossed and not (place.in_body and role == UNKNOWN)
        own = placed and _leads_up(article, element, length)
    else:
        return ":foot" if stated and _leads_up(article, element, length, strict=True) else ":other"
    return "" if own else ":other"


def _leads_up(
    article: _Article, element: HtmlElement, length: int, *, strict: bool = False, above: bool = False
) -> bool:
    """Whether one comes from a date up to an element around the heading without meeting furniture or another's link.

    A link, or a heading with one, is another article's unless it is little more than the date itself. In a large
    element links may stand in the article's own text, so there they count only with ``strict``.
    """
    node: HtmlElement | None = element
    climbed: set[HtmlElement] = set()
    small = True
    for _ in range(_HIGHEST_CLIMB):
        if node is None or article.is_around(node) or node.tag in {"body", "html"}:
            return True
        if traits_of(node) & FURNITURE or (above and node.tag == "header"):
            return False
        climbed.add(node)
        small = small and article.is_small(node)
        if (small or strict) and any(
            rival not in climbed or size > length + _LINK_AROUND_DATE for rival, size in article.rivals_in(node)
        ):
            return False
        node = node.getparent()
    return False


# The heading -----------------------------------------------------------------------------------------------------------


def _repeated(heading: HtmlElement | None, text: str, page: Page) -> set[HtmlElement]:
    if heading is None or len(text) < _SHORTEST_TITLE:
        return set()
    return {
        again
        for again in page.headings[:_MOST_HEADINGS]
        if again.tag == heading.tag
        and again is not heading
        and not _is_linked(again)
        and short_text(again, _LONGEST_HEADING) == text
    }


# Links of a byline: to its writer, section or subject, or to where it may be shared.
_NO_ARTICLE = re.compile(
    r"^(?:#|$|javascript:|mailto:|whatsapp:|tg:)|facebook\.com|twitter\.com|//x\.com|whatsapp\.com|telegram|//t\.me|//wa\.me|"
    r"linkedin\.com|pinterest\.|news\.google|/(?:authors?|writers?|users?|profile|tags?|categor(?:y|ies)|sections?|topics?)(?:/|$)",
    re.I,
)


def _leads_to_article(link: HtmlElement) -> bool:
    """Whether a link may lead to an article."""
    href = link.get("href")
    return href is not None and _NO_ARTICLE.search(href.strip()[:_LONGEST_HREF]) is None


def _is_linked(heading: HtmlElement) -> bool:
    """Whether a heading lies in a link or holds one, as the titles of other articles do; its own anchor is none."""
    parent = heading.getparent()
    return (parent is not None and _is_link(parent)) or any(map(_is_link, heading.iter("a")))


def _is_link(element: HtmlElement) -> bool:
    return element.tag == "a" and not (element.get("href") or "#").lstrip().startswith("#")


def _block_of(heading: HtmlElement) -> HtmlElement:
    """The outermost element around a heading in which little stands above it: there some templates print the byline."""
    block = heading
    above = 0
    for parent in islice(heading.iterancestors(), _HIGHEST_CLIMB):
        if parent.tag in {"body", "html"}:
            break
        above += len((parent.text or "").strip())
        for count, item in enumerate(block.itersiblings(preceding=True)):
            above += 0 if item.tag in UNREAD_TAGS else text_length(item, _HEADING_REACH)
            above += len((item.tail or "").strip())
            if above > _HEADING_REACH or count == _MOST_SIBLINGS:
                return block
        block = parent
    return block
