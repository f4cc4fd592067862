"""The body of an article: its lines, read from the page itself, and why each line around them is not of it.

Trafilatura's own text lacks every invisible joiner, often the standfirst, and here and there a paragraph within. So the lines that
it picks only show where the article is. Those, and what belongs beside, between and before them, make
the body; the rules of `pipeline.rules.furniture` take off what is not the article.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipeline.extract.byline import Reading, is_person, read_line
from pipeline.extract.main_content import ANCHOR, count_letters, find_main_content, index_of
from pipeline.extract.metadata import stated_authors
from pipeline.extract.selectors import stated_lines
from pipeline.extract.surroundings import CAPTION, PARAGRAPH_ENDS, Surroundings
from pipeline.page import HEADINGS, around, class_words, inherited, is_lead
from pipeline.rules import DATE_LINE, NEAR, fold_lines, load_furniture, markup, vocabulary
from pipeline.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.headline import Headline
    from pipeline.page import Block, Page


_MOST = 0.6
"""Share of the anchors' letters that the element of the article holds at least: the rest may be strays."""
_COLUMN = 0.8
"""Share of the text beside a container that are anchors, from which it is another column of the same text."""
_MAIN_FLOW = 0.25
"""Share of the letters there from which lines of one shape are the text itself; a standfirst or a comment has less."""
_LEAD = 40
"""Letters and digits that a line between the headline and the text must have to be taken for the standfirst."""
_HEADLINE = 15
"""Letters and digits that another article's headline has at least."""
_MOST_HEADLINES = 3
"""Other articles' headlines from which lines are a list of them."""
_MOST_QUOTES = 100
"""Quotations and lines in boxes of which it is asked whether the text has them too."""
_FEWEST_OF_GALLERY = 2
"""Pictures with a line each, up to which they are those of an article, and no gallery."""
_SECTION = 4
"""Lines below a heading among which its text begins."""
_LIST = 2
"""Lines beside one that names a person and a place which, if they do so too, make it a list of persons."""
_LONGEST_NAME = 4
"""Words of a person's name that stands alone in a line."""
_LONGEST_PLACE = 30
"""Characters of a line that is a place alone."""
_REACH = 30
"""Lines above the headline among which a picture of the article may stand."""

_PARAGRAPHS = frozenset(
    {"p", "li", "blockquote", "cite", "pre", "dd", "dt", "td", "th", "caption", "summary", *HEADINGS}
)
_FLOWING = frozenset({"p", "li", "blockquote", "pre", "dd", "dt", "summary", "ul", "ol", "dl", "center", *HEADINGS})
_TABLES = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"})
_LINKS_WITHIN: Any = etree.XPath("descendant::a[starts-with(@href, '#') and string-length(@href) > 1]")
_NAMED: Any = etree.XPath("descendant::*[@id = $name]")
_MOST_SKIPS = 20
"""Links within the page which are looked at."""
_NUMBERED = re.compile(r"\W{0,3}\d{1,3}\s?[-–—.)/]")
_ANNOUNCING = ("؟", "?", ":", "：")
_FULL_STOPS = (".", "۔", ".»", ".”", '."', ":")
_RECURRING = frozenset({"li", "dt", *HEADINGS})
_DIGIT = re.compile(r"\d")


GENERAL, SELECTOR, CHANGED_TEMPLATE = "general", "selector", "general, selector fails"
"""How a text was found: as on any page; where the source's file says it is; as on any page, since it is not there."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A line that a careful reader might look for, and why it is not in the body.

    `rule` is the name of a rule of ``furniture.yaml``, "source" for a line that the source says it repeats, or a reason that lies
    in the page's structure, in a few words.
    """

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Body:
    """The paragraphs of an article, in order; the element that holds them; the lines taken off before and after them.

    `removed` are the lines in and around the article that are not in the body, in page order. `standfirst` is the lead that the
    page sets apart from the text; it is the body's beginning too. `captions` are those of the article's pictures. `method` is how
    the text was found: `GENERAL`, `SELECTOR` or `CHANGED_TEMPLATE`.
    """

    paragraphs: tuple[str, ...] = ()
    container: HtmlElement | None = None
    edges: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    standfirst: str | None = None
    captions: tuple[str, ...] = ()
    method: str = GENERAL


def find_body(
    page: Page,
    headline: Headline,
    names: frozenset[str],
    own_furniture: Sequence[str] = (),
    selector: str | None = None,
) -> Body:
    """The article's paragraphs on a page; none where there is no text that could be one.

    `names` are the outlet's own (`site_names`), `own_furniture` the lines that the source says it repeats, `selector` what it
    says holds its articles' text. A selector that finds nothing, or much less than is found without it, is of an older template.
    """
    anchors = find_main_content(page, headline)
    stated = stated_lines(page, selector) if selector else []
    if stated and 2 * count_letters(page.blocks, stated) >= count_letters(page.blocks, anchors):
        article = _Article(page, [index for index in stated if _is_text(page.blocks[index])] or stated, headline)
        article.choose_stated(stated)
        method = SELECTOR
    elif anchors:
        article = _Article(page, anchors, headline)
        article.choose()
        method = CHANGED_TEMPLATE if selector else GENERAL
    else:
        return Body(method=CHANGED_TEMPLATE if selector else GENERAL)
    article.drop_furniture(fold_lines(own_furniture))
    edges = article.drop_edges(names)
    article.drop_repeats()
    texts = [page.blocks[index].text for index in article.kept]
    if texts:
        texts[-1] = load_furniture().without_suffix(texts[-1])
    return Body(
        paragraphs=tuple(text for text in texts if text),
        container=article.container,
        edges=tuple(edges),
        removed=tuple(Removed(page.blocks[index].text, rule) for index, rule in sorted(article.removed.items())),
        standfirst=article.standfirst(),
        captions=tuple(article.captions()),
        method=method,
    )


class _Article:
    """The lines of a page that may be the article: those kept so far, in order, and those taken off, each with its reason."""

    def __init__(self, page: Page, anchors: Sequence[int], headline: Headline) -> None:
        self.page, self.blocks, self.headline = page, page.blocks, headline
        self._title = headline.key
        self.furniture = load_furniture()
        self.container = _container(page, anchors)
        self.span = page.spans[self.container]
        self.anchors = anchors
        self.inside = [index for index in anchors if index in self.span]
        self._enclosing = frozenset(around(self.container))
        self.boxes = Surroundings(page, self._enclosing, self._cleared)
        self.skipped = self._skipped()
        if len(self._lone_pictured()) == len(self.inside):
            self.boxes.take_for_text(self.inside)
        self.kept: list[int] = []
        self.removed: dict[int, str] = {}
        self._shapes: dict[tuple[object, ...], int] = {}
        self._shape_of: dict[HtmlElement, int] = {self.container: 0}
        weights: Counter[int] = Counter()
        for index in self.inside:
            weights[self._flow(index)] += len(self.blocks[index].key)
        enough = _MAIN_FLOW * weights.total()
        self._flows = {flow for flow, weight in weights.items() if weight >= enough}
        self._text = [index for index in self.inside if self._flow(index) in self._flows] or self.inside
        self.first, self.last = self._text[0], self._text[-1]
        self._boxes_of_text = {self._box(index) for index in self._text}
        # Where every paragraph has a box of its own, lists and sub-headings stand beside the boxes.
        lone = [box for box in self._boxes_of_text if len(page.spans[box]) == 1 and box is not self.container]
        self._flows_around = {self._flow_of(self._climb(box.getparent())) for box in lone}

    def _lone_pictured(self) -> list[int]:
        """The anchors that stand alone with a picture, if those are one text: in one box, and not the lines of a gallery."""
        pictured = [index for index in self.inside if self.boxes.stands_with_picture(index)]
        boxes = {self.blocks[index].element.getparent() for index in pictured}
        return pictured if len(boxes) == 1 or len(pictured) <= _FEWEST_OF_GALLERY else []

    def _cleared(self) -> frozenset[str]:
        """The words of classes around a third of the text or more, within the container."""
        weights: Counter[str] = Counter()
        words = {self.container: frozenset[str]()}

        def words_around(element: HtmlElement, *, within: frozenset[str]) -> frozenset[str]:
            return within | class_words(element)

        for index in self.inside:
            element = self.blocks[index].element
            around = inherited(words, element, words_around, outermost=frozenset[str]())
            weights.update(dict.fromkeys(around, len(self.blocks[index].key)))
        enough = count_letters(self.blocks, self.inside) / 3
        return frozenset(word for word, weight in weights.items() if weight >= enough)

    def _skipped(self) -> frozenset[int]:
        """The lines that links within the article offer to skip, from the link to the end that it leads to."""
        lines: set[int] = set()
        for link in islice(_LINKS_WITHIN(self.container), _MOST_SKIPS):
            target, text = (link.get("href") or "")[1:], tidy(link.text_content())
            holder = next(element for element in around(link) if element in self.page.spans)
            start = next((index for index in self.page.spans[holder] if text and text in self.blocks[index].text), None)
            says_so = self.furniture.rule_for(text, linked=1, edge=True) == "skip-link"
            if start is None or not (says_so or target.lower().startswith("end")):
                continue
            ends = [element for element in _NAMED(self.container, name=target) if element in self.page.spans]
            if not ends or ends[0].tag in HEADINGS:
                continue  # the link of a table of contents
            end = self.page.spans[ends[0]]
            skipped = range(start, end.stop if len(end) == 1 else end.start)
            if 3 * count_letters(self.blocks, skipped) < count_letters(self.blocks, self.inside):
                lines.update(skipped)
        return frozenset(lines)

    # ---- what belongs together

    def choose(self) -> None:
        """Keep the anchors, the lines beside and among them that read as text, and before them the standfirst."""
        start = self._begin()
        begin = min(self.span.start, self.anchors[0]) if start is None else start + 1
        anchors = frozenset(self.anchors)
        for index in range(max(self._around_headline().start, begin - _REACH), begin):
            if self.boxes.marked(index) == CAPTION:
                self._file(index, CAPTION)
        self._choose_above(min(begin, self.first))
        for index in range(self.first, self.last + 1):
            if self._begins_another(index):
                self.removed.update(dict.fromkeys(range(index, self.span.stop), "another article"))
                return
            self._file(index, self._reason_within(index, anchored=index in anchors))
        self._choose_below(anchors)

    def choose_stated(self, lines: Sequence[int]) -> None:
        """Keep the lines that the source says are the text, but for captions, advertisements and other articles' links."""
        for index in lines:
            block = self.blocks[index]
            if not block.key:
                self._file(index, "no words")
            elif self.boxes.marked(index) == CAPTION:
                self._file(index, CAPTION)
            elif block.linked > 0.5 and self._is_advertised(index):
                self._file(index, "advertisement")
            else:
                linked = block.linked > 0.5 and not self._is_said(block) and not self._is_step(index)
                self._file(index, "bare link" if linked else None)

    def _around_headline(self) -> range:
        """The blocks of the smallest element that holds the headline and the text."""
        start = index_of(self.blocks, self.headline.block)
        spans = (self.page.spans[element] for element in around(self.container) if element in self.page.spans)
        return next((span for span in spans if start is None or start in span), self.span)

    def _begin(self) -> int | None:
        """The headline's index, from where the article begins, if half of the text or more is below it."""
        start = index_of(self.blocks, self.headline.block)
        if start is None:
            return None
        below = [index for index in self.inside if index > start]
        return start if 2 * count_letters(self.blocks, below) >= count_letters(self.blocks, self.inside) else None

    def _file(self, index: int, reason: str | None) -> None:
        if reason is None:
            self.kept.append(index)
        elif reason == CAPTION and self._rule(index, edge=True) == DATE_LINE:
            self.removed[index] = DATE_LINE
        else:
            self.removed[index] = reason

    def _reason(self, index: int) -> str | None:
        """Why a line is not of the text wherever it stands, as far as the page's structure says it, or None."""
        block = self.blocks[index]
        if not block.key:
            return "no words"
        if index in self.skipped:
            return "skip-link"
        if box := self.boxes.reason(index):
            return box
        if self.boxes.describes_picture(index) and not (block.element.tag in HEADINGS and self._is_beside(index)):
            return CAPTION
        if block.element.find("time") is not None and self._rule(index, edge=True) == DATE_LINE:
            return DATE_LINE
        if block.linked > 0.5 and self._is_advertised(index):
            return "advertisement"
        if self._announces_another(index):
            return "another article"
        if block.linked > 0.5 and not self._is_said(block) and not self._is_step(index):
            return "bare link"
        return "heading of links" if self._heads_links(index) else None

    def _choose_above(self, begin: int) -> None:
        """Keep the standfirst: from the text upwards, as far as no list of other articles stands between."""
        headlines = 0
        for index in reversed(range(begin, self.first)):
            block = self.blocks[index]
            headlines += block.is_bare_link and len(block.key) >= _HEADLINE
            self._file(index, self._reason_above(index) if headlines < _MOST_HEADLINES else "above the text")
        self.kept.reverse()

    def _reason_above(self, index: int) -> str | None:
        """Why a line between the headline and the text is not the standfirst, or None."""
        block = self.blocks[index]
        if block is self.headline.block:
            return "headline"
        if reason := self._reason(index):
            return reason
        if self._is_beside(index) or (
            index == self.first - 1 and block.text.endswith((":", "：")) and not self._rule(index)
        ):
            return None
        words = len(block.text.split())
        long = words >= 6 and len(block.key) >= _LEAD
        point = (words >= 3 and self._is_lead_box(block.element)) or (words >= 5 and block.element.tag == "li")
        if (long or point) and not self._rule(index, edge=True) and not self._stands_with_form(block.element):
            return None
        return None if self._heads_series(index) else "above the text"

    def _stands_with_form(self, element: HtmlElement) -> bool:
        """Whether a box around an element, beside the text, holds a form: the line is a poll's question or a prompt."""
        boxes = takewhile(lambda around: around not in self._enclosing, around(element))
        return any(box.find(".//form") is not None for box in boxes)

    def _heads_series(self, index: int) -> bool:
        """Whether a line is a sub-heading above the text's first paragraph, of the shape of those between its paragraphs."""
        tag = self.blocks[index].element.tag
        return (
            tag in HEADINGS
            and index in self.span
            and any(
                self.blocks[later].element.tag == tag and self._flow(later) == self._flow(index)
                for later in range(self.first, self.last)
            )
        )

    def _reason_within(self, index: int, *, anchored: bool) -> str | None:
        """Why a line among the text's paragraphs is not one of them, or None."""
        block = self.blocks[index]
        if anchored and index not in self.skipped:
            if block.linked > 0.5 and self._is_advertised(index):
                return "advertisement"
            if self._announces_another(index):
                return "another article"
            return CAPTION if self.boxes.reason(index) == CAPTION else None
        if reason := self._reason(index):
            return reason
        is_text = len(block.key) >= ANCHOR or self._is_paragraph(block.element) or self._is_beside(index)
        return None if is_text or self._is_quoted(block.element) else "apart from the text"

    def _is_said(self, block: Block) -> bool:
        """Whether a line that is a link for the most part is said all the same: a sentence of the text, or of what it quotes."""
        if self._is_quoted(block.element):
            return not block.is_bare_link
        whole = block.element.tag == "p" and len(block.key) >= ANCHOR
        return block.text.endswith(_FULL_STOPS) and (block.linked < 0.9 or whole)

    def _announces_another(self, index: int) -> bool:
        """Whether a line stands right below another article's headline, a link, in a box beside the text's flow."""
        above = self.blocks[index - 1] if index else None
        if above is None or not above.is_bare_link or len(above.key) < _HEADLINE or above.element.tag not in HEADINGS:
            return False
        return above.key != self._title and not (index in self.span and self._flow(index) in self._flows)

    def _is_advertised(self, index: int) -> bool:
        """Whether a line that is a link for the most part stands in a box for advertising, or right below a line that says so."""
        if any(
            not class_words(holder).isdisjoint(markup().advertising | markup().banners)
            for holder in takewhile(lambda holder: holder not in self._enclosing, around(self.blocks[index].element))
        ):
            return True
        above = self.blocks[index - 1].text if index else ""
        return self.furniture.rule_for(above, linked=0.0, edge=False) == "advertisement"

    def _is_step(self, index: int) -> bool:
        """Whether a line that is a link for the most part is an item of a list of the text, most of whose items are none."""
        item = next((holder for holder in islice(around(self.blocks[index].element), 3) if holder.tag == "li"), None)
        if item is None or not self._is_beside(index):
            return False
        items = [self.page.spans[other] for other in item.getparent().iterchildren("li") if other in self.page.spans]
        linked = [span for span in items if span and self.blocks[span.start].linked > 0.5]
        return 2 * len(linked) < len(items)

    def _is_quoted(self, element: HtmlElement) -> bool:
        """Whether an element stands in a quotation within the article."""
        inner = takewhile(lambda around: around not in self._enclosing, around(element))
        return any(around.tag == "blockquote" for around in inner)

    def _begins_another(self, index: int) -> bool:
        """Whether a line among the text's boxes is the headline of another article, loaded below this one.

        It is a heading of the first order, or of the second if it is a link; the text goes on below it in other boxes.
        """
        block = self.blocks[index]
        if block.element.tag != "h1" and not (block.element.tag == "h2" and block.is_bare_link):
            return False
        if block.key == self._title or len(block.key) < _HEADLINE or self._flow(index) in self._flows:
            return False
        above = {self._box(anchor) for anchor in self._text if anchor < index}
        below = {self._box(anchor) for anchor in self._text if anchor > index}
        return above.isdisjoint(below)

    def _is_beside(self, index: int) -> bool:
        """Whether a line stands in the flow of the text."""
        if index not in self.span:
            return False
        flow = self._flow(index)
        return flow in self._flows or (flow in self._flows_around and self._is_paragraph(self.blocks[index].element))

    def _is_paragraph(self, element: HtmlElement) -> bool:
        """Whether an element, or one around it that holds nothing else, is by its nature text."""
        for holder in around(element):
            if holder.tag in _PARAGRAPHS:
                return True
            if holder is self.container or len(self.page.spans.get(holder, ())) > 1:
                break
        return False

    def _choose_below(self, anchors: frozenset[int]) -> None:
        """Keep what goes on below the last of the text's paragraphs: in the same flow, or parted from it by nothing but space."""
        spans = [self.page.spans.get(element, self.span) for element in around(self.container)]
        # Here, and in the next larger box, but for the whole page: what stands there is not of one text.
        boxes = [span for span in dict.fromkeys(spans) if len(span) < len(self.blocks)][:2]
        over: str | None = None
        for index in range(self.last + 1, max(self.span.stop, max(anchors) + 1)):
            flowing = self._is_beside(index)
            if self._heads_text(index, anchors):
                over = None
                self._file(index, self.boxes.reason(index))
                continue
            if not flowing and not over:
                over = self._ends_text(index)
            if flowing and (not over or self._box(index) in self._boxes_of_text):
                self._file(index, self._reason(index))
            elif index in anchors and not over and any(index in box for box in boxes):
                self._file(index, self.boxes.reason(index))
            elif index in self.span:
                self._file(index, over or self._reason(index) or "apart from the text")

    def _heads_text(self, index: int, anchors: frozenset[int]) -> bool:
        """Whether a line below the text, not in its flow, is the heading of more of it: a question, or what ends with a colon.

        Other headings there may be those of a box about the writer or the outlet.
        """
        block = self.blocks[index]
        if block.element.tag not in HEADINGS or index not in self.span or block.linked > 0.5:
            return False
        if self._rule(index, edge=True):
            return False
        if not block.text.endswith(_ANNOUNCING):
            following = self.blocks[index + 1 : min(index + 2, self.span.stop)]
            return any(other.text.endswith("؟") for other in following) and self._heads_text(index + 1, anchors)
        below = range(index + 1, min(index + 1 + _SECTION, self.span.stop))
        section = takewhile(lambda other: self.blocks[other].element.tag not in HEADINGS, below)
        return any(other in anchors and self.boxes.reason(other) is None for other in section)

    def _ends_text(self, index: int) -> str | None:
        """Why nothing below a line, itself below the text and not in its flow, goes on with the text; or None."""
        block = self.blocks[index]
        if block.element.tag in HEADINGS:
            return "another article" if block.element.tag == "h1" else "another box"
        if not block.key and len(block.text) >= 5:
            return "below a line"
        if self._rule(index):
            return "below the article"
        return None

    def _flow(self, index: int) -> int:
        """The shape of the box in whose flow of text a line stands: its elements' names and classes from the container in.

        Lines of one text stand in one box, or in boxes of one shape.
        """
        return self._flow_of(self._box(index))

    def _flow_of(self, box: HtmlElement) -> int:
        return inherited(self._shape_of, box, self._shape, outermost=0)

    def _box(self, index: int) -> HtmlElement:
        return self._climb(self.blocks[index].element)

    def _climb(self, box: HtmlElement) -> HtmlElement:
        """The element in whose flow of text another stands: paragraphs, lists and tables of the text are no boxes."""
        while box is not self.container and (
            box.tag in _FLOWING or (box.tag in _TABLES and not self._has_anchors(box)) or box not in self.page.spans
        ):
            box = box.getparent()
        return box

    def _shape(self, element: HtmlElement, *, within: int) -> int:
        # Numbers in classes are of one element alone; cells are of one text only down a column.
        classes = frozenset(name for name in (element.get("class") or "").split() if not _DIGIT.search(name))
        column = sum(1 for _ in islice(element.itersiblings(preceding=True), 20)) if element.tag == "td" else 0
        return self._shapes.setdefault((within, element.tag, classes, column), len(self._shapes) + 1)

    def _has_anchors(self, element: HtmlElement) -> bool:
        span = self.page.spans[element]
        return bisect_left(self.inside, span.start) < bisect_left(self.inside, span.stop)

    def _heads_links(self, index: int) -> bool:
        """Whether a line is the heading of a list of links: short, no sentence, and two links follow it."""
        line, following = self.blocks[index].text, self.blocks[index + 1 : index + 3]
        if len(following) < 2 or not all(block.is_bare_link for block in following):
            return False
        return len(line.split()) <= 6 and not line.endswith((".", "؟", "!"))

    def _is_lead_box(self, element: HtmlElement | None) -> bool:
        """Whether an element, or one around it within the article, is called a lead."""
        while element is not None and element not in self._enclosing:
            if is_lead(element):
                return True
            element = element.getparent()
        return False

    # ---- what is taken off

    def _rule(
        self, index: int, own: frozenset[str] = frozenset(), *, edge: bool = False, near: bool = False
    ) -> str | None:
        block = self.blocks[index]
        return self.furniture.rule_for(block.text, linked=block.linked, edge=edge, near=near, own=own)

    def drop_furniture(self, own: frozenset[str]) -> None:
        """Take off what a rule takes wherever it stands; after a line that opens a block of furniture, up to the next paragraph."""
        furniture, chosen, self.kept = self.furniture, self.kept, []
        opened = boxed = False
        until = 0
        for position, index in enumerate(chosen):
            block = self.blocks[index]
            if (
                self.kept
                and block.element.tag in HEADINGS
                and furniture.closes_article(block.text, linked=block.linked)
            ):
                self.removed.update(dict.fromkeys(chosen[position:], "below the article"))
                break
            if furniture.opens_block(block.text, linked=block.linked):
                opened = True
                until = self._box_without_text(index).stop
                boxed = until > index + 1
                self.removed[index] = self._rule(index, own, edge=True) or "related heading"
            elif opened and (index < until or not (boxed or _resumes(block))):
                self.removed[index] = "below a related heading"
            else:
                opened = False
                rule = self._rule(index, own) or ("hashtags" if _is_tokens(block) else None)
                linked = block.is_bare_link and not self._is_step(index)
                self._file(index, rule or ("bare link" if linked else None))

    def _box_without_text(self, index: int) -> range:
        """The largest box around a line that holds nothing of the text itself."""
        span = range(index, index + 1)
        for element in around(self.blocks[index].element):
            box = self.page.spans.get(element, span)
            if element in self._enclosing or bisect_left(self._text, box.start) < bisect_left(self._text, box.stop):
                break
            span = box
        return span

    def drop_edges(self, names: frozenset[str]) -> list[str]:
        """Take off the furniture before and after the text; returns the text of what went."""
        edges: list[str] = []

        def idle(index: int, passed: int, following: Sequence[int]) -> str | None:
            block = self.blocks[index]
            if not block.key:
                return "no words"
            if block.key == self._title and passed == 0:
                return "headline"
            rule = self._rule(index, edge=passed == 0, near=True)
            return rule or self._byline(index, following, names, edge=passed == 0)

        def one_side(indexes: Sequence[int]) -> None:
            self.kept = []
            for position, index in enumerate(indexes):
                following = indexes[position + 1 : position + 1 + _LIST]
                rule = idle(index, len(self.kept), following) if len(self.kept) <= NEAR else None
                if rule:
                    edges.append(self._with_place(index, following, names))
                    self.removed[index] = rule
                else:
                    self.kept.append(index)

        self._drop_place()
        one_side(self.kept)
        one_side(self.kept[::-1])
        self.kept.reverse()
        if len(self.kept) > 1 and self._heads_nothing(self.kept[-1]):
            self.removed[self.kept.pop()] = "heading of nothing"
        return edges

    def _heads_nothing(self, index: int) -> bool:
        """Whether the last line is a short heading below a paragraph: what it was the heading of is gone."""
        block, above = self.blocks[index], self.blocks[self.kept[-2]]
        short = len(block.key) < ANCHOR and not block.text.endswith(PARAGRAPH_ENDS)
        return short and block.element.tag in HEADINGS and above.element.tag not in HEADINGS

    def _byline(self, index: int, following: Sequence[int], names: frozenset[str], *, edge: bool) -> str | None:
        """Which rule takes a line that only says who wrote the text, where and for which agency; None for any other.

        `following` are the next lines on the way into the text. `edge` says that no line stays before this one.
        """
        text = self.blocks[index].text
        reading = read_line(text, names)
        unsure = reading is None or _names_person(reading)
        if unsure and (text.endswith(PARAGRAPH_ENDS) or self._is_listed(index, following, names)):
            return None
        if edge and self.furniture.dateline(text, names):
            return "dateline"
        if reading is None:
            return "byline" if edge and self._is_writer(index, following, names) else None
        return "byline" if reading.persons or (edge and reading.placed) else None

    def _is_listed(self, index: int, following: Sequence[int], names: frozenset[str]) -> bool:
        """Whether a line that names a person is one of a list, as of the dead: below others, or below what announces them."""

        def names_person(other: int) -> bool:
            return _names_person(read_line(self.blocks[other].text, names))

        block = self.blocks[index]
        if (
            block.element.tag in {"li", "td", "dd"}
            or _NUMBERED.match(block.text)
            or any(map(names_person, self.kept[-1:]))
        ):
            return True
        head = next((other for other in following if not names_person(other)), None)
        if head is None or head > index:
            return head is None
        above = self.blocks[head]
        return above.text.endswith(":") or (len(above.key) < ANCHOR and not above.text.endswith(PARAGRAPH_ENDS))

    def _is_writer(self, index: int, following: Sequence[int], names: frozenset[str]) -> bool:
        """Whether a line is a name alone, which the page's head or the place in the next line makes the writer's."""
        text = self.blocks[index].text
        if len(text.split()) > _LONGEST_NAME or not is_person(text, names):
            return False
        return self._with_place(index, following, names) != text or letters(text) in self._stated

    def _with_place(self, index: int, following: Sequence[int], names: frozenset[str]) -> str:
        """A line by the text's edge; behind a name alone the place or the agency that the next line is."""
        text = self.blocks[index].text
        if following and is_person(text, names):
            below = self.blocks[following[0]].text
            reading = read_line(below, names)
            if reading is not None and reading.placed and not reading.persons:
                return f"{text} / {below}"
        return text

    @cached_property
    def _stated(self) -> frozenset[str]:
        """The persons whom the page's head states as its authors, letters alone."""
        return frozenset(letters(name) for _, stated, _ in stated_authors(self.page) for name in stated)

    def _drop_place(self) -> None:
        """Take off a first line that is a place alone, where no other line is: those are the headings of a round."""
        if len(self.kept) > 1 and self._is_place(self.kept[0]) and not any(map(self._is_place, self.kept[1:])):
            self.removed[self.kept.pop(0)] = "dateline"

    def _is_place(self, index: int) -> bool:
        text = self.blocks[index].text
        return (
            len(text) <= _LONGEST_PLACE
            and self.blocks[index].element.tag not in HEADINGS
            and vocabulary().is_place(fold(text).split())
        )

    def drop_repeats(self) -> None:
        """Take off the second printing of a long paragraph or of a quotation, and an excerpt before the text it is taken from."""
        kept, self.kept = self.kept, []
        keys = [self.blocks[index].key for index in kept]
        set_off = self._set_off(kept)
        text = "\n".join(key for index, key in zip(kept, keys, strict=True) if index not in set_off)
        seen: set[str] = set()
        for position, (index, key) in enumerate(zip(kept, keys, strict=True)):
            excerpt = position == 0 and len(key) >= _LEAD and any(text != key and key in text for text in keys[1:4])
            # Steps and headings recur where they are meant to.
            again = len(key) >= _LEAD and key in seen and self.blocks[index].element.tag not in _RECURRING
            if excerpt or again or (index in set_off and (key in text or key in seen)):
                self.removed[index] = "printed twice"
            else:
                seen.add(key)
                self.kept.append(index)

    def _set_off(self, kept: Sequence[int]) -> frozenset[int]:
        """The long lines that stand in a quotation, or in a box beside the text."""
        long = (index for index in kept if len(self.blocks[index].key) >= ANCHOR)
        return frozenset(islice((index for index in long if self._is_set_off(index)), _MOST_QUOTES))

    def _is_set_off(self, index: int) -> bool:
        """Whether a line stands in a quotation, or in a box beside the text."""
        if index not in self.span:
            return False
        for element in around(self.blocks[index].element):
            if element is self.container:
                break
            if element.tag == "blockquote" or not markup().quotes.isdisjoint(class_words(element)):
                return True
        return self._flow(index) not in self._flows

    # ---- what stands apart

    def standfirst(self) -> str | None:
        """The lead, as far as the page sets it apart from the text: the first lines kept that its markup makes a lead."""
        leads = 0
        while leads < len(self.kept) and self._is_set_apart(self.kept[leads]):
            leads += 1
        lead, text = self.kept[:leads], self.kept[leads:]
        if not lead or count_letters(self.blocks, lead) > count_letters(self.blocks, text):
            return None
        return "\n".join(self.blocks[index].text for index in lead)

    def _is_set_apart(self, index: int) -> bool:
        block = self.blocks[index]
        if index < self.span.start or (block.element.tag in HEADINGS and len(block.key) >= _LEAD):
            return True
        return self._is_lead_box(block.element)

    def captions(self) -> Iterator[str]:
        """The captions of the article's pictures, those that are a credit alone apart, in page order, each once."""
        texts = [self.blocks[index].text for index, reason in sorted(self.removed.items()) if reason == CAPTION]
        for text in dict.fromkeys(texts):
            credit = self.furniture.rule_for(text, linked=0.0, edge=True)
            if credit is None and not self.furniture.names_agencies(text) and letters(text) != self._title:
                yield text


def _container(page: Page, anchors: Sequence[int]) -> HtmlElement:
    """The smallest element of more than a paragraph that holds most of the anchors' text: the middle of it in any case."""
    total = count_letters(page.blocks, anchors)
    passed = 0
    middle = anchors[0]
    for middle in anchors:
        passed += len(page.blocks[middle].key)
        if 2 * passed >= total:
            break
    for element in around(page.blocks[middle].element):
        span = page.spans.get(element, range(0))
        held = count_letters(page.blocks, (index for index in anchors if index in span))
        if held >= _MOST * total and len(span) > 1 and element.tag not in _PARAGRAPHS - {"pre", "td"}:
            return _widened(page, anchors, element)
    return page.tree


def _widened(page: Page, anchors: Sequence[int], container: HtmlElement) -> HtmlElement:
    """The element around a container that holds the rest of the anchors too, where nearly all that is text there are anchors.

    Page builders set one text in several columns; what stands beside another kind of text is no column.
    """
    anchored = frozenset(anchors)
    inner = page.spans[container]
    for element in around(container):
        span = page.spans.get(element)
        if span is None or element is container:
            continue
        if element.tag in {"body", "html"}:
            break
        beside = [index for index in span if index not in inner and _is_text(page.blocks[index])]
        more = [index for index in beside if index in anchored]
        if count_letters(page.blocks, more) < _COLUMN * count_letters(page.blocks, beside):
            break
        if more:
            container, inner = element, span
    return container


def _is_text(block: Block) -> bool:
    return len(block.key) >= ANCHOR and block.linked < 0.5


def _names_person(reading: Reading | None) -> bool:
    """Whether a line names a person without a word that announces one as the writer."""
    return reading is not None and bool(reading.persons) and reading.label == "none"


def _is_tokens(block: Block) -> bool:
    """Whether a line is nothing but hashtags and web addresses."""
    return all(word.startswith(("#", "http://", "https://")) for word in block.text.split())


def _resumes(block: Block) -> bool:
    """Whether a block after the heading of a furniture block is the article again: running text, not a headline or a link."""
    return block.linked < 0.3 and len(block.key) >= 60 and block.text.endswith(PARAGRAPH_ENDS)
