"""Where a site files an article: its section and its tags."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipeline.page import Cards, around, attribute_words, class_words, is_box, listed, types
from pipeline.rules import markup, sections
from pipeline.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lxml.html import HtmlElement

    from pipeline.extract.article_page import ArticlePage
    from pipeline.extract.headline import Headline
    from pipeline.page import Page, listed


_TEXTS: Any = etree.XPath("descendant::text()[not(parent::script) and not(parent::style)]")
_BETWEEN_CRUMBS = re.compile(r"[>›»/\\|←→«‹]|(?<=\s)[-–—:]+(?=\s)")
_BETWEEN_TAGS = re.compile("[,،;؛|]")
_LONGEST_LABEL, _LONGEST_NAME = 300, 60
"""Characters of the longest line that announces tags, with what it announces and without."""
_COLON = re.compile("[:|：]")
# Lists of tags that belong to the site, and elements of other articles.
_ELSEWHERE = frozenset().union(
    markup().comments,
    markup().related,
    markup().lists,
    markup().sliders,
    markup().navigation,
    markup().breadcrumbs,
    markup().sides,
    markup().footers,
)
_TAG_WORDS = frozenset().union(markup().tags, markup().keywords, markup().more_tags)
_NEAR = 4
"""Lines before the headline, and half of those after it, among which its category stands."""
_MOST_TAGS = 30
_LONGEST = 60
"""Characters of the longest section or tag."""


def find_section(article: ArticlePage) -> str | None:
    """The section that the page files the article under: what the metadata says, else the last step of its breadcrumb."""
    page, headline, named = article.page, article.headline, article.named
    unwanted = sections().home | sections().none | {fold(headline.text or "")}
    parts = _Parts(article)

    def first(texts: Iterable[object]) -> str | None:
        for text in texts:
            if isinstance(text, str):
                section = tidy(text).strip(" :،,>›»/|-#")
                key = fold(section)
                if section and key not in unwanted and letters(key) not in article.names and _is_name(section):
                    return section
        return None

    return (
        first(
            content for name in ("article:section", "section", "articlesection") for content in page.meta.get(name, ())
        )
        or first(section for thing in page.articles for section in listed(thing.get("articleSection")))
        or first(element.text_content() for element in named if _files(element) and parts.hold(element))
        or first(_printed_categories(article, parts))
        or first(reversed(list(_linked_crumbs(page, headline))))
        or first(reversed(_printed_crumbs(named, headline)))
    )


def _files(element: HtmlElement) -> bool:
    """Whether an element's markup calls it the article's section."""
    return "articlesection" in attribute_words(element, "itemprop") or "category" in attribute_words(element, "rel")


def _printed_categories(article: ArticlePage, parts: _Parts) -> Iterator[str]:
    """The texts of links to categories by the headline."""
    spans, heading = article.page.spans, article.heading
    if heading is None:
        return
    for element in article.named:
        span = next((spans[holder] for holder in around(element) if holder in spans), range(0))
        near = heading - _NEAR <= span.start <= heading + 2 * _NEAR
        if near and not class_words(element).isdisjoint(markup().categories) and parts.hold(element):
            yield from (link.text_content() for link in islice(element.iter("a"), 1))


def _is_name(text: str) -> bool:
    """Whether a text can be the name of a section or a tag: a few words, not a number, a date, an address or a code."""
    return (
        len(text) <= _LONGEST
        and len(text.split()) <= 6
        and any(letter.isalpha() for letter in text)
        and not re.search(r"https?:|www\.|@|[{}<>=]|\d{1,2}[:/]\d{1,2}", text)
    )


def _linked_crumbs(page: Page, headline: Headline) -> Iterator[str]:
    """The names of a breadcrumb in JSON-LD, in its order, without the article itself."""
    for thing in page.linked_data:
        lists = [thing] if "BreadcrumbList" in types(thing) else listed(thing.get("breadcrumb"))
        for trail in lists:
            if isinstance(trail, dict) and "BreadcrumbList" in types(trail):
                steps = [step for step in listed(trail.get("itemListElement")) if isinstance(step, dict)]
                yield from (name for name in map(_name_of_step, steps) if name and not _is_title(name, headline))
                return


def _name_of_step(step: Mapping[str, Any]) -> str | None:
    item = step.get("item")
    name = step.get("name") or (item.get("name") if isinstance(item, dict) else None)
    return tidy(name) if isinstance(name, str) else None


def _is_title(text: str, headline: Headline) -> bool:
    """Whether a step of a breadcrumb is the article: its headline, whole or cut short."""
    key = letters(text)
    return (
        bool(key)
        and (key in headline.key or headline.key in key)
        and (len(key) >= 0.5 * len(headline.key) or text.endswith(("…", "...")))
    )


def _printed_crumbs(named: Sequence[HtmlElement], headline: Headline) -> list[str]:
    """The steps of the breadcrumb that the page prints, in its order, without the article itself."""
    own = set() if headline.block is None else set(around(headline.block.element))
    for element in named:
        label = (
            f"{element.get('class')} {element.get('id')} {element.get('itemtype')} {element.get('aria-label')}".lower()
        )
        if "crumb" not in label or element in own:
            continue
        steps = [tidy(piece) for text in _TEXTS(element) for piece in _BETWEEN_CRUMBS.split(text)]
        steps = [step for step in steps if letters(step) and not _is_title(step, headline)]
        if steps:
            return steps
    return []


class _Parts:
    """Tells which elements of a page belong to the article: not a part of the page apart, not another article's card."""

    def __init__(self, article: ArticlePage) -> None:
        self._own = article.own
        self._cards = Cards(5, headings=False)

    def hold(self, element: HtmlElement) -> bool:
        """Whether an element is one of the article's."""
        for level, holder in enumerate(around(element)):
            if holder in self._own:
                return True
            if holder.tag in {"nav", "aside"} or is_box(holder, _ELSEWHERE):
                return False
            if 0 < level <= 4 and holder in self._cards:
                return False
        return True


def find_tags(article: ArticlePage) -> tuple[str, ...]:
    """The tags that the page gives the article, in its order, each once.

    The tags of the article's own markup come first: ``article:tag``, keywords in its JSON-LD, tag links by the text. The
    ``keywords`` of a page's head are often the site's, the same on every page: those count only where the article has the
    words, and where nothing else states tags.
    """
    page, headline, names = article.page, article.headline, article.names
    unwanted = {headline.key, ""}
    for texts in (
        page.meta.get("article:tag", ()),
        [word for thing in page.articles for word in listed(thing.get("keywords"))],
        list(_printed_tags(article)),
    ):
        tags = _tidied(texts, unwanted, names)
        if tags and not _is_headline_cut(tags, headline):
            return tags
    stated = [name for name in ("news_keywords", "keywords") if page.stated(name)]
    said = set(fold("\n".join([headline.text or "", *article.body.paragraphs])).split()) if stated else set()
    for name in stated:
        tags = tuple(tag for tag in _tidied(page.meta[name], unwanted, names) if _is_said(tag, said))
        if tags and not _is_headline_cut(tags, headline):
            return tags
    return ()


_JOINED = ("", "و", "ب", "ل", "ال", "وال", "بال", "لل", "ك", "ف")
"""What is written together with the word that follows it."""


def _is_said(tag: str, said: set[str]) -> bool:
    """Whether an article has all words of a tag."""
    return all(
        any(prefix + stem in said for prefix in _JOINED for stem in {word, word.removeprefix("ال")})
        for word in fold(tag).split()
    )


def _tidied(texts: Iterable[object], unwanted: set[str], names: frozenset[str]) -> tuple[str, ...]:
    """Texts parted into tags; what can be none is left out."""
    found: dict[str, str] = {}
    for text in texts:
        if not isinstance(text, str):
            continue
        for part in _BETWEEN_TAGS.split(tidy(text)):
            tag = tidy(part.replace("_", " ").strip(" #.:\"'«»()[]-–"))
            key = letters(fold(tag))
            if letters(tag) not in unwanted and key not in names and _is_name(tag):
                found.setdefault(key, tag)
    return tuple(found.values())[:_MOST_TAGS]


def _is_headline_cut(tags: tuple[str, ...], headline: Headline) -> bool:
    """Whether a content system cut the headline into single words for lack of tags."""
    title = set(fold(headline.text or "").split())
    return len(tags) >= 3 and all(" " not in tag and fold(tag) in title for tag in tags)


def _printed_tags(article: ArticlePage) -> Iterator[str]:
    """The texts of the tag links that stand by the article: marked as tags, else below a line that calls them so."""
    parts = _Parts(article)
    links: dict[HtmlElement, None] = {}
    for element in article.named:
        if "tag" in attribute_words(element, "rel") or not class_words(element).isdisjoint(_TAG_WORDS):
            links |= dict.fromkeys(islice(element.iter("a"), _MOST_TAGS))
    found = [
        link.text_content() for link in links if "category" not in attribute_words(link, "rel") and parts.hold(link)
    ]
    yield from found or _labelled_tags(article.page, parts)


def _labelled_tags(page: Page, parts: _Parts) -> Iterator[str]:
    for index, block in enumerate(page.blocks):
        if not _is_tag_label(block.text) or not parts.hold(block.element):
            continue
        links = list(block.element.iter("a"))
        if not links:
            for following in page.blocks[index + 1 : index + 1 + _MOST_TAGS]:
                if following.linked < 0.9:
                    break
                links += following.element.iter("a")
        yield from (text for link in links if len((text := link.text_content()).split()) <= 4)
        return


def _is_tag_label(line: str) -> bool:
    """Whether a line announces tags, alone or with them after a colon."""
    if len(line) > _LONGEST_LABEL:
        return False
    label = _COLON.split(line, maxsplit=1)[0]
    return len(label) <= _LONGEST_NAME and fold(label) in sections().tag_labels
