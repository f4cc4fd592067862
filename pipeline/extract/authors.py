"""Who wrote the article and which agency it is from: what the page names, and nobody rather than an office or an account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from lxml import etree

from pipeline.extract.byline import ARABIC, LONGEST, Reading, is_no_login, is_outlet, read_line, unique
from pipeline.extract.metadata import MOST_AUTHORS, stated_authors
from pipeline.extract.selectors import stated_texts
from pipeline.page import Cards, around, attribute_words, class_words, is_box, leads_to_writer
from pipeline.rules import EMBED_FOOT, SENTENCE_ENDS, load_furniture, markup, vocabulary
from pipeline.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.article_page import ArticlePage
    from pipeline.extract.body import Body
    from pipeline.page import Block, Page


_ABOVE, _BELOW, _AFTER = 6, 15, 25
"""Lines above the headline, below it, and after the text among which a byline stands."""
_WRITER_WORDS = frozenset().union(markup().bylines, markup().writers, markup().more_writers)
_ELSEWHERE = frozenset().union(
    markup().comments,
    markup().comment_lists,
    markup().related,
    markup().lists,
    markup().writers_lists,
    markup().sliders,
    markup().navigation,
    markup().sides,
    markup().footers,
)
_PICTURES = frozenset({"figure", "figcaption", "caption"})
_OUTSIDE = _PICTURES | {"nav", "blockquote"}
_HEADINGS = frozenset({"h1", "h2", "h3"})


@dataclass(frozen=True, slots=True)
class Byline:
    """The persons who wrote the article, the agencies and outlets it is from, both as printed, and where the persons stood."""

    authors: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    origin: str | None = None


def find_byline(article: ArticlePage, selector: str | None = None) -> Byline:
    """The persons and agencies that the page names as the article's; nobody where it names none for certain.

    Where the source's own selector finds persons, they are the authors. Else:

    What the reader sees comes first: a line with a label ("كتب: …"), a line of place and name ("حلب - …"), the elements whose
    markup says so. What only the metadata state counts where the page shows it too, or where the article's own JSON-LD states a
    person's name in the text's script and no agency is named instead, or where two places of the metadata agree on a name:
    accounts of a content system are stated there as authors.
    """
    body, names = article.body, article.names
    place = _Place(article)
    lines = [(reading, f"line «{text}»") for text in place.lines() if (reading := read_line(text, names))]
    marked = list(_marked(article.named, place, names))
    agencies = [agency for reading, _ in [*lines, *marked] for agency in reading.agencies]
    agencies += _of_text(body.paragraphs, place.end, names)
    named = stated_texts(article.page, selector)[:MOST_AUTHORS] if selector else []
    readings = [reading for text in named if (reading := read_line(text, names, marked=True))]
    if persons := unique(person for reading in readings for person in reading.persons):
        of_readings = [agency for reading in readings for agency in reading.agencies]
        return Byline(persons, unique([*of_readings, *agencies]), selector)
    for candidates in (
        [one for one in lines if one[0].label in {"writer", "work"}],
        [one for one in marked if one[0].label in {"writer", "work"}],
        [one for one in lines if one[0].label in {"none", "source"}],
        marked,
        lines,
    ):
        for reading, origin in candidates:
            if reading.persons:
                return Byline(reading.persons, unique([*agencies, *reading.agencies]), origin)
    begun = _of_first_words(body, names)
    if begun is not None:
        agencies += begun.agencies
        if begun.persons:
            return Byline(begun.persons, unique(agencies), "first words of the text")
    for origin, texts, own in stated_authors(article.page):
        readings = [reading for text in texts if (reading := read_line(text, names, marked=True))]
        stated = [agency for reading in readings for agency in reading.agencies if vocabulary().agencies_in(agency)]
        persons = unique(person for reading in readings for person in reading.persons)
        trusted = own and not agencies and not stated
        if persons and all(place.shows(person) or (trusted and _same_script(person, body)) for person in persons):
            return Byline(persons, unique([*agencies, *stated]), origin)
        agencies += stated
    alike = None if agencies else _stated_alike(article.page, names)
    return alike or Byline((), unique(agencies))


def _stated_alike(page: Page, names: frozenset[str]) -> Byline | None:
    """The persons whom two places of the metadata or more state, and none states others."""
    stated: dict[str, tuple[str, ...]] = {}
    for origin, texts, _ in stated_authors(page):
        persons = unique(text for text in map(tidy, texts) if is_no_login(text, names))
        if persons:
            stated.setdefault(origin, persons)
    if len(stated) < 2 or len(set(map(frozenset, stated.values()))) > 1:
        return None
    return Byline(next(iter(stated.values())), (), ", ".join(stated))


class _Place:
    """Where on the page the article's byline can stand: around its headline and its text."""

    def __init__(self, article: ArticlePage) -> None:
        self._page, self._body = page, body = article.page, article.body
        kept = set(body.paragraphs)
        end = body.paragraphs[-1] if body.paragraphs else ""
        # The last paragraph may stand on the page with an agency's mark at its end.
        held = [
            index
            for index, block in enumerate(page.blocks)
            if block.text in kept or (end and block.text.startswith(end))
        ]
        heading = article.heading
        if heading is None:
            heading = held[0] if held else 0
        self._heading = heading
        self._first = next((index for index in held if index > heading), heading)
        self._last = max([heading, *held])
        after = page.blocks[self._last + 1 : self._last + 1 + _AFTER]
        self._after = list(takewhile(lambda block: not _heads_others(block), after))
        self._own = article.own
        self._cards = Cards(5, headings=False)

    @property
    def end(self) -> str:
        """The last paragraph as the page prints it."""
        return self._page.blocks[self._last].text if self._page.blocks else ""

    def lines(self) -> list[str]:
        """The lines at the edges of the text, right under the headline and after the text, each once."""
        blocks = self._page.blocks
        under = range(self._heading + 1, min(self._first, self._heading + _BELOW + 1))
        after = range(self._last + 1, self._last + 1 + len(self._after[: _AFTER // 3]))
        near = list(self._near([blocks[index] for index in (*under, *after) if not self._is_quoted(index)]))
        shown = {text for text, _ in near}
        edges = {line for line in self._body.edges if line not in shown}
        edges -= {block.text for index, block in enumerate(blocks) if block.text in edges and self._is_quoted(index)}
        return list(dict.fromkeys([*(line for _, line in near), *filter(edges.__contains__, self._body.edges)]))

    def _is_quoted(self, index: int) -> bool:
        """Whether a line is not the outlet's own: it stands in a quotation, or it is the foot of an embedded post."""
        block = self._page.blocks[index]
        if any(holder.tag == "blockquote" for holder in around(block.element) if holder not in self._own):
            return True
        # "Posted by … on …" under the headline is the article's own.
        rule = load_furniture().rule_for(block.text, linked=block.linked, edge=True) if index >= self._first else None
        return rule == EMBED_FOOT

    def _near(self, blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
        """The lines among blocks that can be a byline: as the block has them, and with the breaks that their markup makes.

        A label on a line of its own stands with the next line.
        """
        captions = {letters(caption) for caption in self._body.captions}
        label = ""
        for block in blocks:
            if fold(block.text).removesuffix(" :") in vocabulary().kinds:
                label = block.text.rstrip(" :：")
            elif len(block.text) > LONGEST or block.key in captions or block.element.tag in _HEADINGS:
                label = ""
            elif label:
                yield block.text, f"{label}: {block.text}"
                label = ""
            elif self._is_line(block):
                alone = len(self._page.spans.get(block.element, ())) == 1
                yield block.text, with_breaks(block.element) if alone else block.text

    def _is_line(self, block: Block) -> bool:
        """Whether a line is neither another article's link nor the caption of a picture."""
        if block.linked > 0.9 and not any(map(leads_to_writer, block.element.iter("a"))):
            return False
        return not any(
            holder.tag in _PICTURES or not class_words(holder).isdisjoint(markup().captions)
            for holder in around(block.element)
            if holder not in self._own
        )

    def holds(self, element: HtmlElement) -> bool:
        """Whether an element stands by the article and belongs to it."""
        line = next((self._page.spans[holder] for holder in around(element) if holder in self._page.spans), range(0))
        if element in self._own or not self._heading - _ABOVE <= line.start <= self._last + len(self._after):
            return False
        for level, holder in enumerate(around(element)):
            if holder in self._own:
                break
            named = class_words(holder)
            if holder.tag in _OUTSIDE:
                return False
            if is_box(holder, _ELSEWHERE) or not named.isdisjoint(markup().captions):
                return False
            if 0 < level <= 5 and holder in self._cards:
                return False
        return True

    def shows(self, person: str) -> bool:
        """Whether a name stands in a short line by the article."""
        key = letters(person)
        around_ = self._page.blocks[max(0, self._heading - _ABOVE) : self._last + 1 + len(self._after)]
        return any(
            key in block.key
            for block in around_
            if len(block.text) <= LONGEST and not block.text.endswith(SENTENCE_ENDS)
        )


def _heads_others(block: Block) -> bool:
    """Whether a line is the heading of comments or of other articles."""
    rule = load_furniture().rule_for(block.text, linked=block.linked, edge=True)
    return rule is not None and rule.startswith(("comment", "related"))


def _marked(elements: Sequence[HtmlElement], place: _Place, names: frozenset[str]) -> Iterator[tuple[Reading, str]]:
    """What the elements say whose markup calls them a byline or a source, in the page's order.

    The elements beside the first, of the same kind, are the other writers.
    """
    found: list[tuple[HtmlElement, Reading]] = []
    for element in elements:
        named = class_words(element)
        writer = (
            not named.isdisjoint(_WRITER_WORDS)
            or any(
                mark.rpartition(":")[2] in {"author", "creator"}
                for mark in attribute_words(element, "rel", "itemprop", "property")
            )
            or (element.tag == "a" and leads_to_writer(element))
        )
        source = not named.isdisjoint(markup().sources)
        if not (writer or source) or not place.holds(element):
            continue
        for text in _texts(element):
            reading = read_line(text, names, marked=writer)
            if reading is not None and not (source and not writer and reading.persons and not reading.placed):
                found.append((element, reading))
                break
        if len(found) == MOST_AUTHORS:
            break
    for number, (element, reading) in enumerate(found):
        if reading.persons:
            beside = [
                other
                for holder, other in found[number + 1 :]
                if other.persons
                and holder.tag == element.tag
                and element not in set(around(holder))
                and _siblings(element, holder)
            ]
            persons = unique([*reading.persons, *(person for other in beside for person in other.persons)])
            whole = Reading(persons, reading.agencies, reading.label, reading.placed)
            yield whole, f"markup <{element.tag}{_class_of(element)}>"
        else:
            yield reading, f"markup <{element.tag}{_class_of(element)}>"


def _siblings(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether two elements stand side by side in one list of names, directly or each in a box of its own."""
    first, second = one.getparent(), other.getparent()
    if first is None or second is None:
        return False
    return first is second or (
        first.tag == second.tag
        and first.getparent() is second.getparent()
        and class_words(first) == class_words(second)
    )


def _class_of(element: HtmlElement) -> str:
    for name in ("itemprop", "rel", "class", "id", "href"):
        if element.get(name):
            return f' {name}="{tidy(element.get(name) or "")[:60]}"'
    return ""


def _texts(element: HtmlElement) -> Iterator[str]:
    """What a marked element says: the name in it that is marked as such, else all of its text, else its heading."""
    for name in element.iterfind(".//*[@itemprop='name']"):
        yield tidy(name.get("content") or "") if name.tag == "meta" else with_breaks(name)
    yield with_breaks(element)
    for inner in islice(element.iter("h2", "h3", "h4", "h5", "h6", "strong", "b"), MOST_AUTHORS):
        yield with_breaks(inner)
    for inner in islice(element.iter("span", "div", "p", "a"), MOST_AUTHORS):
        if not class_words(inner).isdisjoint(markup().person_names):
            yield with_breaks(inner)


_APART = frozenset({"a", "li", "p", "div", "br", "td", "h2", "h3", "h4", "h5", "h6", "time", "address"})
_NO_TEXT = frozenset({"script", "style", "noscript", "button", "svg"})


def with_breaks(element: HtmlElement) -> str:
    """The text of an element as one line, with a comma where its markup parts it: between links, list items, glued words."""
    parts: list[str] = []
    size = 0
    for event, item in etree.iterwalk(element, events=("start", "end")):
        if item is not element:
            parts.append("\n" if item.tag in _APART else "\0")
        text = (item.text if event == "start" else None if item is element else item.tail) or ""
        if event == "end" or item.tag not in _NO_TEXT:
            parts.append(text)
            size += len(text)
        if size > 3 * LONGEST:
            break
    text = re.sub(r"(?<=\w)\0+(?=\w)", "\n", "".join(parts)).replace("\0", "")
    return _joined(tidy(line) for line in text.split("\n"))


def _joined(lines: Iterable[str]) -> str:
    """The lines of a byline as one: a label before what it announces, names parted by commas."""
    text = ""
    for line in (line.removeprefix("و ") for line in lines if letters(line) and line != "و"):
        if not text:
            text = line
        elif text.endswith((":", "：")) or fold(text) in vocabulary().kinds:
            text = f"{text.rstrip(' :：')}: {line}"
        else:
            text = f"{text}، {line}"
    return text


# ---- the text's own first and last words


def _of_text(paragraphs: Sequence[str], end: str, names: frozenset[str]) -> list[str]:
    """The agencies in the dateline of the text's first paragraph ("دمشق (سانا) - …") and in brackets at its end."""
    if not paragraphs:
        return []
    found = _of_opening(paragraphs[0][:70], names)
    ending = re.search(r"[(\[/]\s?([^()\[\]/]{2,30})[)\]]?\s?\.?$", end)
    if ending:
        found += vocabulary().agencies_in(ending[1].strip(" .")) or []
    return found


def _of_opening(opening: str, names: frozenset[str]) -> list[str]:
    """The agencies beside a place in the first words of a text: "دمشق 12 آذار (سانا)", "دمشق-سانا أعلنت…", "واع / بغداد"."""
    known = vocabulary()
    parts = [part.strip(" .") for part in re.split(r"[()\[\]/:،–—«»-]", opening)]
    parts = [part for part in parts if letters(part)][:4]
    leading = known.agencies_in(parts[0]) if parts else None
    if leading and len(parts) > 2 and known.is_place(fold(parts[1]).split()):
        return leading
    placed = False
    for part in parts:
        undated = [word for word in fold(part).split() if not known.is_idle(word, word)]
        if placed:
            split = part.split()
            for length in range(min(4, len(split)), 0, -1):
                first = " ".join(split[:length])
                agencies = known.agencies_in(first) or ([first] if is_outlet(fold(first), names) else None)
                if agencies:
                    return agencies
        if undated and not known.is_place(undated):
            return []
        placed = placed or bool(undated)
    return []


def _of_first_words(body: Body, names: frozenset[str]) -> Reading | None:
    """A byline that is set in bold at the beginning of the first paragraph."""
    if body.container is None or not body.paragraphs:
        return None
    first = body.paragraphs[0]
    for bold in body.container.iter("strong", "b"):
        text = tidy(bold.text_content())
        if text and first.startswith(text):
            return read_line(text.strip(" :-–—"), names) if len(text) < len(first) else None
    return None


def _same_script(name: str, body: Body) -> bool:
    text = "".join(body.paragraphs[:1])
    return bool(ARABIC.search(text)) and bool(ARABIC.match(name))
