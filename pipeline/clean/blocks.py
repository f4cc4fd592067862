"""A page cut into blocks: the lines of text a reader sees, in their order, each with the element that holds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree
from lxml.html import HtmlElement

from pipeline.clean.text import letters, tidy

# Elements that begin a line of their own in every browser (HTML Standard, section 15.3, display: block, list-item, table-*),
# the obsolete ones included, since old Arabic sites are built of them. An element that is not here runs on within its line.
_BREAKING = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
        "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary",
        "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "amp-sidebar",
    }
)  # fmt: skip
# Elements whose text is no text of the page.
_UNREAD = frozenset(
    {
        "applet", "area", "audio", "base", "basefont", "button", "canvas", "col", "colgroup", "command", "datalist", "embed",
        "frame", "frameset", "head", "iframe", "input", "keygen", "link", "map", "math", "meta", "noembed", "noframes",
        "noscript", "object", "option", "optgroup", "param", "picture", "progress", "script", "select", "source", "style",
        "svg", "template", "textarea", "title", "track", "video",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A line of text on the page.

    `element` is the nearest element that makes lines, `linked` the share (0 to 1) of the line's letters that are a link,
    `key` the line's letters and digits alone.
    """

    text: str
    element: HtmlElement
    linked: float
    key: str

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
        if not line:
            return
        text = "".join(line)
        for part in _paragraphs(text) if element in as_typed else (text,):
            tidied = tidy(part)
            if tidied:
                key = letters(tidied)
                share = min(1.0, len(letters("".join(linked))) / len(key)) if linked and key else 0.0
                blocks.append(Block(tidied, element, share, key))
        line.clear()
        linked.clear()

    hidden, breaking, as_typed = _styled(root)
    # The elements that make lines and are open, each with the number of its first block; and the links that are open.
    holders: list[tuple[HtmlElement, int]] = [(root, 0)]
    links: list[HtmlElement] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _UNREAD or element in hidden:
                walk.skip_subtree()
                continue
            if element is not root and (tag in _BREAKING or element in breaking):
                end_line(holders[-1][0])
                holders.append((element, len(blocks)))
            elif tag == "br":
                end_line(holders[-1][0])
            elif tag == "a":
                links.append(element)
            text = element.text
        else:
            if element is holders[-1][0]:
                end_line(element)
                spans[element] = range(holders.pop()[1], len(blocks))
            elif links and element is links[-1]:
                links.pop()
            text = element.tail if element is not root else None
        if text and (line or not text.isspace()):
            line.append(text)
            if links:
                linked.append(text)
    return blocks, spans


_Find = Callable[[HtmlElement], list[Any]]
_STYLES = cast(_Find, etree.XPath("descendant-or-self::*/@style"))
# What every site's style sheet sets on a line of its own: the speaker of a quotation, a caption and its credit.
_SET_APART = cast(
    _Find,
    etree.XPath(
        "descendant::cite[parent::blockquote] | descendant::span[contains(@class, 'caption') or contains(@class, 'credit')"
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
