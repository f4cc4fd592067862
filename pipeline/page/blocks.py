"""A page cut into blocks: the lines of text a reader sees, in their order, each with the element that holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, cast

from lxml import etree
from lxml.html import HtmlElement

from pipeline.page.elements import LINE_TAGS, UNREAD_TAGS
from pipeline.text import letters, tidy

_BREAK, _READ_NOT, _LINE_END, _LINK = range(1, 5)
_KINDS = dict.fromkeys(LINE_TAGS, _BREAK) | dict.fromkeys(UNREAD_TAGS, _READ_NOT) | {"br": _LINE_END, "a": _LINK}


class Block:
    """A line of text on the page.

    `element` is the nearest element that makes lines, `linked` the share (0 to 1) of the line's letters that are a link.
    """

    __slots__ = ("_key", "element", "linked", "text")

    def __init__(self, text: str, element: HtmlElement, linked: float) -> None:
        self.text = text
        self.element = element
        self.linked = linked
        self._key: str | None = None

    @property
    def key(self) -> str:
        """The line's letters and digits alone (`pipeline.text.letters`)."""
        if self._key is None:
            self._key = letters(self.text)
        return self._key

    @property
    def is_bare_link(self) -> bool:
        """Whether the line is as another article's headline is linked: a link from end to end that is no sentence."""
        return self.linked > 0.9 and not self.text.endswith((".", "؟", "!"))


def cut(root: HtmlElement) -> tuple[list[Block], dict[HtmlElement, range]]:
    """The blocks below an element, in the order of the page, and for each element that makes lines those that it holds.

    Elements that are hidden by their own markup are left out.
    """
    blocks: list[Block] = []
    spans: dict[HtmlElement, range] = {}
    line: list[str] = []
    linked: list[str] = []

    def end_line(element: HtmlElement) -> None:
        text = "".join(line)
        share = _share(linked, line)
        tidied = map(tidy, _paragraphs(text)) if element in as_typed else (tidy(text),)
        blocks.extend(Block(part, element, share) for part in tidied if part)
        line.clear()
        linked.clear()

    hidden, breaking, as_typed = _styled(root)
    # The elements that make lines and are open, each with the number of its first block; and the links that are open.
    holders: list[tuple[HtmlElement, int]] = [(root, 0)]
    holder = root
    links: list[HtmlElement] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            kind = _KINDS.get(element.tag)
            if kind is _READ_NOT or (hidden and element in hidden):
                walk.skip_subtree()
                continue
            if (kind is _BREAK or (breaking and element in breaking)) and element is not root:
                if line:
                    end_line(holder)
                holders.append((element, len(blocks)))
                holder = element
            elif kind is _LINE_END:
                if line:
                    end_line(holder)
            elif kind is _LINK:
                links.append(element)
            text = element.text
        else:
            if element is holder:
                if line:
                    end_line(holder)
                spans[holder] = range(holders.pop()[1], len(blocks))
                if element is root:
                    break
                holder = holders[-1][0]
            elif links and element is links[-1]:
                links.pop()
            text = element.tail
        if text and (line or not text.isspace()):
            line.append(text)
            if links:
                linked.append(text)
    return blocks, spans


def _share(some: Sequence[str], pieces: Sequence[str]) -> float:
    """The share of the letters of some pieces of text among those of all."""
    if len(some) in {0, len(pieces)}:
        return float(bool(some))
    return len(letters("".join(some))) / max(1, len(letters("".join(pieces))))


_Find = Callable[[HtmlElement], list[Any]]
_STYLES = cast(_Find, etree.XPath("descendant-or-self::*/@style"))
# What every site's style sheet sets on a line of its own: the speaker of a quotation, unless the sentence goes on behind him, a
# caption and its credit.
_SET_APART = cast(
    _Find,
    etree.XPath(
        "descendant::cite[parent::blockquote][not(following-sibling::node()[1][self::text()][normalize-space()])]"
        " | descendant::span[contains(@class, 'caption') or contains(@class, 'credit')"
        " or contains(@class, 'attribution')]"
    ),
)
_HIDINGS = cast(_Find, etree.XPath("descendant-or-self::*/@hidden"))


def _styled(root: HtmlElement) -> tuple[set[HtmlElement], set[HtmlElement], set[HtmlElement]]:
    """The elements that their own markup hides, those it sets on lines of their own, those whose line breaks it keeps."""
    hidden = {value.getparent() for value in _HIDINGS(root) if value != "until-found"}
    breaking: set[HtmlElement] = set(_SET_APART(root))
    as_typed = set(root.iter("pre"))
    for value in _STYLES(root):
        style = value.replace(" ", "").lower()
        if "display:none" in style:
            hidden.add(value.getparent())
        if "display:block" in style:
            breaking.add(value.getparent())
        if "white-space:pre" in style:
            as_typed.add(value.getparent())
    return hidden, breaking, as_typed


_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a text whose line breaks count: parted by empty lines where there are any, else one a line."""
    return _BLANK_LINE.split(text) if _BLANK_LINE.search(text.strip()) else text.split("\n")
