"""A page cut into blocks: the lines of text a reader sees, in their order, each with the element that holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.clean.text import letters, tidy

if TYPE_CHECKING:
    from lxml.html import HtmlElement

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


def cut(root: HtmlElement) -> list[Block]:
    """The blocks below an element, in the order of the page. Elements that are hidden by their own markup are left out."""
    blocks: list[Block] = []
    line: list[str] = []
    linked = 0

    def end_line(element: HtmlElement) -> None:
        nonlocal linked
        if line:
            text = tidy("".join(line))
            key = letters(text)
            if text:
                blocks.append(Block(text, element, min(1.0, linked / len(key)) if key else 0.0, key))
            line.clear()
        linked = 0

    # A walk without recursion: pages nest deeper than Python's stack. On the stack lie an element and whether it is being
    # left; `holders` are the line-making elements that are open, `links` how many links are.
    stack: list[tuple[HtmlElement, bool]] = [(root, False)]
    holders: list[HtmlElement] = [root]
    links = 0
    while stack:
        element, leaving = stack.pop()
        tag = element.tag
        if leaving:
            if tag == "a":
                links -= 1
            if element is holders[-1]:
                end_line(element)
                holders.pop()
        elif not isinstance(tag, str) or tag in _UNREAD or is_hidden(element):
            pass  # a comment, a script…: only what follows it is text
        elif tag == "br":
            end_line(holders[-1])
        else:
            if tag in _BREAKING or _is_styled_block(element):
                end_line(holders[-1])
                holders.append(element)
            if tag == "a":
                links += 1
            if element.text:
                line.append(element.text)
                if links:
                    linked += len(letters(element.text))
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
            continue
        if element.tail and element is not root:
            line.append(element.tail)
            if links:
                linked += len(letters(element.tail))
    end_line(root)
    return blocks


def _is_styled_block(element: HtmlElement) -> bool:
    style = element.get("style")
    return bool(style) and "display:block" in style.replace(" ", "").lower()


def is_hidden(element: HtmlElement) -> bool:
    """Whether the element's own markup keeps it from the reader's eye."""
    if "hidden" in element.attrib and element.get("hidden") != "until-found":
        return True
    style = element.get("style")
    return bool(style) and "display:none" in style.replace(" ", "").lower()
