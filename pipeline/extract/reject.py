"""Whether a page is an article, and if not, why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from pipeline.extract.finders import breaks_off
from pipeline.extract.language import detect, may_be
from pipeline.extract.site import is_home, names_site
from pipeline.page import around, is_garbled, types
from pipeline.rejection import Rejection
from pipeline.rules import load_block_pages, sections
from pipeline.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from pipeline.captures import Capture
    from pipeline.extract.article_page import ArticlePage
    from pipeline.extract.body import Body
    from pipeline.extract.confidence import Judgement
    from pipeline.extract.headline import Headline
    from pipeline.page import Block, Page
    from pipeline.sources import Source


MAX_BYTES = 16 * 2**20
"""Bytes of a page that is read."""

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_UNSAID_TYPES = frozenset({"", "application/octet-stream", "text/plain", "unknown/unknown", "application/unknown"})
_MARKUP = re.compile(rb"<(?:!doctype html|html|head|body|title|meta|div|p|article)\b", re.IGNORECASE)
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)?<(?:!doctype\s+html|html)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
"""How an HTML page begins, of whatever type its server calls it."""

# What block pages are made of where they say nothing; articles on guarded sites load the same scripts.
_MACHINERY = re.compile(
    r"_cf_chl_opt|/cdn-cgi/challenge-platform/|_incapsula_resource|sucuri_cloudproxy|ddos-guard|_pxappid|px-captcha|"
    r"captcha-delivery\.com|awswaf|gokuprops|slowaes|sgcaptcha|kpsdk",
    re.IGNORECASE,
)
_NEEDS_SCRIPT = re.compile(r"java ?script|جافا ?سكر|الجافا|جاوا ?اسکریپت", re.IGNORECASE)

# Path segments of pages that list articles, with nothing but the list's name and a page number after them; where articles
# have the segment in their addresses too, a name of at most two words.
_LISTING_PATH = re.compile(
    r"/(?:tags?|authors?|search|وسم|وسوم|كاتب|بحث)(?:/[^/]+)?(?:/page)?(?:/\d+)?/?$|"
    r"/(?:category|categories|sections?|topics?|archives?|label|تصنيف|قسم|[اأ]قسام|[اأ]رشيف)"
    r"(?:/[^/\d-]+(?:-[^/\d-]+)?)*(?:/page/\d+)?/?$|/page/\d+/?$",
    re.IGNORECASE,
)
_DAY_PATH = re.compile(r"^/(?:[^/]+/)?(?:19|20)\d\d(?:/\d{1,2}){0,2}/?$")
_LISTING_TYPES = frozenset(
    {"CollectionPage", "SearchResultsPage", "ProfilePage", "ItemList", "ImageGallery", "VideoGallery"}
)
_LETTER = re.compile(r"[^\W\d_]")
_TITLE_PARTS = re.compile(r"\s+[-–—|:·»«]\s+|\s*\|\s*")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
# WordPress's own classes of a page's body (get_body_class): of a post, and of what is none.
_POST_CLASSES = frozenset({"single", "single-post", "single-format-standard"})
_PAGE_CLASS = re.compile(r"page-id-\d+|search-results|search-no-results|error404")
_LISTS = frozenset({"category", "tag", "author", "date", "post-type-archive", "tax"})
_FEWEST_CARDS, _MANY_CARDS, _FEW_CARDS = 3, 0.5, 0.3
"""Cards that are a list; the share of a text in them from which it is one, and where its address is a list's too."""
_EXCERPTS = 0.8
"""Share of a text in lines that break off, from which it is the excerpts of a list."""
_FLASH = 40
"""Words of a text that may be no text at all: a breadcrumb, a motto, the invitation to comment."""
_BORNE_OUT = 0.25
"""Share of the words of the headline, or of what else states the text, that the text of so few words has."""
_FEWEST_PICTURES = 4
"""Figures by the headline that make a gallery."""
_FEWEST_HEADING = 3
"""Words of a heading that is more than a site's name or a section's."""
_PLAYER = re.compile(
    r"youtube|youtu\.be|vimeo|dailymotion|facebook\.com/plugins/video|jwplayer|/embed/|player", re.IGNORECASE
)
_FIRST_POST = 0.7
"""Share of the posts' text that the first has, if it is an article with answers."""
_LATER_PAGE = re.compile(r"[?&]page=(?!1\b)\d|/page-?(?!1\b)\d")
_POSTS: Any = etree.XPath(
    "//*[starts-with(@id, 'post_message_') or contains(concat(' ', @class, ' '), ' postbody ')"
    " or contains(concat(' ', @class, ' '), ' message--post ')]"
)
_HEADLINE = 4
"""Words of a link that is another article's headline."""
_CARD_LEVELS = 4
_STUB = 150
"""Words from which a text is not held for the stub before a demand to subscribe, nor for what a block page says."""
_AFTER = 10
"""Lines after the text in which a demand for a subscription stands."""
_DEMAND = 20
"""Words of the longest such line."""
_MIN_STATED = 5
"""Words of the shortest text taken where the page's markup says that it is an article: a flash of one line."""
_MIN_UNSTATED = 20
"""Words of the shortest text taken below a headline where the markup says nothing."""
_MESSAGE = 40
"""Words of what a page says below a block page's title, in other words than are known here."""
_LITTLE = 150
"""Words of a whole page that is nothing but a message: one with menus and lists has more."""


def of_response(capture: Capture) -> Rejection | None:
    """Whether the response itself is no page to be read."""
    if capture.revisit or capture.status == 304:
        return Rejection.UNCHANGED
    if 300 <= capture.status < 400:
        return Rejection.REDIRECT
    if capture.status not in {200, 203}:
        return Rejection.HTTP_ERROR
    if capture.truncated:
        return Rejection.TRUNCATED
    if len(capture.body) > MAX_BYTES:
        return Rejection.TOO_LARGE
    if not capture.body.strip(b" \t\r\n\x00"):
        return Rejection.EMPTY
    stated = capture.content_type.partition(";")[0].strip().lower()
    said = stated in _HTML_TYPES or (stated in _UNSAID_TYPES and _MARKUP.search(capture.body[:4096]))
    if said or _ROOT.match(capture.body):
        return None
    return Rejection.NOT_HTML


def of_page(article: ArticlePage, judged: Judgement, capture: Capture, source: Source) -> Rejection | None:
    """Whether a page is no article, by what it shows; `judged` is its body."""
    page, headline, body = article.page, article.headline, article.body
    words = _count_words(body, 10 * _STUB)
    # What a feed lists are articles; a sitemap lists sections and pages besides.
    listed = capture.found.get("by") in {"feed", "wordpress"}
    stated = _states_article(page) or listed
    least = _MIN_STATED if stated else _MIN_UNSTATED
    listing = not listed and _is_listing(article, stated=stated)
    if is_garbled("\n".join(body.paragraphs) if words >= least else _all_text(page)):
        return Rejection.UNDECODABLE
    if words < least or (listing and words < 10 * _STUB):
        instead = _of_message(page, headline, source)
    elif words < _STUB:
        instead = _of_text(page, headline, body, source, stated=stated)
    else:
        instead = None
    if instead:
        return instead
    if not page.blocks:
        return Rejection.EMPTY
    if is_home(capture.url, source) or listing or _is_thread(page, capture.url):
        return Rejection.NOT_AN_ARTICLE
    denied = headline.text and (_repeats_headline(article) or (words < _FLASH and _is_denied(judged)))
    if words < least or denied:
        return _without_text(article, stated=stated)
    if not headline.text or (not stated and load_block_pages().about.make([headline.text])):
        return Rejection.NOT_AN_ARTICLE
    return None


def _repeats_headline(article: ArticlePage) -> bool:
    """Whether the text found is the headline again: in a breadcrumb or, with a word before it, in a heading of the first order."""
    key, home = article.headline.key, tuple(sections().home)
    headings = {block.text for block in article.page.blocks if block.element.tag == "h1"}
    return bool(article.body.paragraphs) and all(
        key in letters(text) and (text in headings or fold(text).startswith(home)) for text in article.body.paragraphs
    )


def _is_denied(judged: Judgement) -> bool:
    """Whether the few lines found have nothing of what is said of the article, as a site's motto has none.

    Neither a word of the headline nor of the description. A flash without a description is believed.
    """
    return len(judged.said) > 1 and max(judged.said.values()) < _BORNE_OUT


def _without_text(article: ArticlePage, *, stated: bool) -> Rejection:
    """What a page without a text is, by what stands around its headline."""
    page, headline = article.page, article.headline
    above = None if headline.block is None else headline.block.element
    if not headline.text:
        above = _heading_of_label(article)
        if above is None:
            return Rejection.NOT_AN_ARTICLE
    kinds = {kind for thing in page.linked_data for kind in types(thing)}
    scope = page.tree if above is None else next(islice(above.iterancestors(), 3, 4), page.tree)
    players = [frame for frame in scope.iter("video", "audio", "iframe") if frame.tag != "iframe" or _plays(frame)]
    of_body = _classes_of_body(page)
    if (
        "VideoObject" in kinds
        or players
        or "single-format-video" in of_body
        or any(kind.startswith("video") for kind in page.meta.get("og:type", ()))
    ):
        return Rejection.VIDEO
    if (
        "ImageGallery" in kinds
        or "single-format-gallery" in of_body
        or sum(1 for _ in scope.iter("figure")) >= _FEWEST_PICTURES
    ):
        return Rejection.GALLERY
    return Rejection.HEADLINE_ONLY if stated and headline.text else Rejection.NOT_AN_ARTICLE


def _heading_of_label(article: ArticlePage) -> HtmlElement | None:
    """The page's one heading of the first rank, where it says no more than a label before other articles may: "شاهد: …".

    No headline is made of it; but with a player or pictures beside it, it is theirs.
    """
    headings = list(islice(article.page.tree.iter("h1"), 2))
    text = tidy(headings[0].text_content()) if headings else ""
    is_one = len(headings) == 1 and len(text.split()) >= _FEWEST_HEADING and not names_site(text, article.names)
    return headings[0] if is_one else None


def _plays(frame: HtmlElement) -> bool:
    return _PLAYER.search(f"{frame.get('src') or ''} {frame.get('data-src') or ''}") is not None


def _is_thread(page: Page, url: str) -> bool:
    """Whether a page is a thread of a forum, by its posts as vBulletin, phpBB and XenForo mark them.

    On sites that are built with such software a first post that outweighs its answers is an article; on a later page of a
    thread there are answers alone.
    """
    lengths = [len(letters(post.text_content())) for post in _POSTS(page.tree)]
    if not lengths:
        return False
    return max(lengths) < _FIRST_POST * sum(lengths) or _LATER_PAGE.search(url) is not None


def _count_words(body: Body, most: int) -> int:
    """How many words a text has that are no mere numbers or signs, counted up to `most` or a few more."""
    words = 0
    for paragraph in body.paragraphs:
        words += sum(_LETTER.search(word) is not None for word in paragraph.split(maxsplit=most))
        if words >= most:
            break
    return words


def _of_message(page: Page, headline: Headline, source: Source) -> Rejection | None:
    """What a page without an article says in its stead."""
    block_pages = load_block_pages()
    titles = _titles(page, headline)
    text = _all_text(page)
    little = len(text.split()) < _LITTLE
    if block_pages.blocked.make(titles) or (little and block_pages.blocked.share(text) > 0):
        return Rejection.BLOCKED
    if little and (block_pages.consent.make(titles) or block_pages.consent.share(text) >= 0.2):
        return Rejection.BLOCKED
    if block_pages.missing.make(titles) or (little and block_pages.missing.share(text) > 0):
        return Rejection.SOFT_404
    if little and (_is_bare(page, titles) or _is_foreign(page, text, source)):
        return Rejection.BLOCKED
    return None


def _of_text(page: Page, headline: Headline, body: Body, source: Source, *, stated: bool) -> Rejection | None:
    """What a short text is, if no article: the message of a block page, or the beginning of an article."""
    block_pages = load_block_pages()
    titles = _titles(page, headline)
    text = "\n".join(body.paragraphs)
    words = len(text.split())
    for phrases, reason in ((block_pages.blocked, Rejection.BLOCKED), (block_pages.missing, Rejection.SOFT_404)):
        if phrases.make(titles):
            if phrases.share(text) > 0 or (words < _MESSAGE and not stated):
                return reason
        elif not stated and phrases.share(text) >= 0.25:
            return reason
    if not stated and _is_foreign(page, text, source):
        return Rejection.BLOCKED
    lines = [line for line in _text_and_after(page, body) if len(line.split()) <= _DEMAND]
    if _not_free(page) or any(block_pages.subscribers.share(line) >= 0.4 for line in lines):
        return Rejection.PAYWALL
    broken_off = body.paragraphs[-1].endswith(("...", "…")) or body.paragraphs[-1][-1].isalnum()
    return Rejection.PAYWALL if broken_off and block_pages.perhaps_subscribers.make(lines) else None


def _is_bare(page: Page, titles: list[str]) -> bool:
    """Whether a page that says nothing is a block page: its scripts and frames, a demand for scripts, a form for a password."""
    if len(page.blocks) < 3:
        for element in page.tree.iter("script", "iframe", "div", "meta"):
            made_of = [*(element.get(name) or "" for name in ("src", "id", "content")), (element.text or "")[:2000]]
            if _MACHINERY.search(" ".join(made_of)):
                return True
        if any(_NEEDS_SCRIPT.search(element.text_content()) for element in page.tree.iter("noscript")):
            return True
    asks = any((field.get("type") or "").lower() == "password" for field in page.tree.iter("input"))
    return asks and load_block_pages().login.make(titles)


def _is_foreign(page: Page, text: str, source: Source) -> bool:
    """Whether a page speaks another language than its site and leads nowhere: a guard's own page, in words not known here."""
    links = sum(1 for link in page.tree.iter("a") if not (link.get("href") or "#").startswith("#"))
    return links < 3 and len(text.split()) > 2 and not may_be(detect(text), source.language)


def _titles(page: Page, headline: Headline) -> list[str]:
    """What stands at the top of a page: its title without the site's name, its first headings."""
    title = page.titles[0] if page.titles else ""
    headings = [block.text for block in page.blocks if block.element.tag in {"h1", "h2"}][:2]
    return list(dict.fromkeys([headline.text or "", title, _TITLE_PARTS.split(title)[0], *headings]))


def of_language(language: str | None, source: Source) -> Rejection | None:
    """Whether an article is in another language than its source's."""
    return None if may_be(language, source.language) else Rejection.WRONG_LANGUAGE


def _all_text(page: Page) -> str:
    """The beginning of the page's text, what it says to browsers without JavaScript or frames included."""
    without = [element.text_content() for element in page.tree.iter("noscript", "iframe")]
    return "\n".join([*(block.text for block in page.blocks[:200]), *without[:10]])[:6000]


def _text_and_after(page: Page, body: Body) -> list[str]:
    kept = set(body.paragraphs)
    last = max((index for index, block in enumerate(page.blocks) if block.text in kept), default=len(page.blocks))
    return [*body.paragraphs, *(block.text for block in page.blocks[last + 1 : last + 1 + _AFTER])]


def _states_article(page: Page) -> bool:
    return (
        bool(page.articles) or "article" in page.meta.get("og:type", ()) or bool(page.stated("article:published_time"))
    )


def _is_listing(article: ArticlePage, *, stated: bool) -> bool:
    """Whether a page lists articles, or is none by the kind that its system gives it.

    What it states of itself holds against cards that merely stand on it, and its address alone says nothing: a permalink may
    look like the archive of a day.
    """
    page = article.page
    if _is_of_other_kind(article) or _is_card(article) or _is_excerpts(article.body):
        return True
    if stated:
        return False
    if "profile" in page.meta.get("og:type", ()) or any(types(thing) & _LISTING_TYPES for thing in page.linked_data):
        return True
    if not _has_address_of_list(article.url):
        return _share_in_cards(page, article.body, words=_HEADLINE) >= _MANY_CARDS
    short = _count_words(article.body, _STUB) < _STUB and len((article.headline.text or "").split()) <= _HEADLINE
    return short or _share_in_cards(page, article.body, words=1) >= _FEW_CARDS


def _has_address_of_list(url: str) -> bool:
    """Whether an address is one at which sites put the list of a tag, a section, a day."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return False
    return bool(_LISTING_PATH.search(path) or _DAY_PATH.search(path))


def _classes_of_body(page: Page) -> frozenset[str]:
    """The classes of the page's body, by which WordPress says what it shows."""
    body = page.tree.find("body")
    return frozenset() if body is None else frozenset((body.get("class") or "").split())


def _is_of_other_kind(article: ArticlePage) -> bool:
    """Whether WordPress's own classes of a page's body say that it is no post: an archive, search results, a page apart."""
    page = article.page
    names = _classes_of_body(page)
    if not names.isdisjoint(_POST_CLASSES):
        return False
    # An article may be shown by a page apart, which then says in JSON-LD what it shows; builders show articles by the front page.
    shows_article = bool(page.articles) or ("home" in names and _is_named_after_headline(article))
    is_page = not shows_article and any(_PAGE_CLASS.fullmatch(name) for name in names)
    return is_page or ("archive" in names and not names.isdisjoint(_LISTS))


def _is_named_after_headline(article: ArticlePage) -> bool:
    """Whether the last part of a page's address is its headline, as far as it goes: systems cut it off."""
    try:
        last = unquote(urlsplit(article.url).path).rstrip("/").rpartition("/")[2]
    except ValueError:
        return False
    key = letters(last.rpartition("-")[0])
    return last.count("-") >= _HEADLINE - 1 and article.headline.key.startswith(key)


def _is_excerpts(body: Body) -> bool:
    """Whether a text is nothing but the beginnings of others: three or more lines, and most of it breaks off."""
    broken = [text for text in body.paragraphs if breaks_off(text)]
    return len(broken) >= _FEWEST_CARDS and sum(map(len, broken)) > _EXCERPTS * sum(map(len, body.paragraphs))


def _is_card(article: ArticlePage) -> bool:
    """Whether the text lies in one of three or more boxes of one make, each headed by a link to an article of its own."""
    container, spans = article.body.container, article.page.spans
    if container is None:
        return False
    for box in islice(around(container), _CARD_LEVELS):
        parent = box.getparent()
        if parent is None or box.tag in {"body", "main"}:
            return False
        alike = [other for other in parent.iterchildren(box.tag) if other.get("class") == box.get("class")]
        if len(alike) >= _FEWEST_CARDS and all(_heading_of(other) is not None for other in alike):
            own, held = _heading_of(box), spans.get(box, range(0))
            first = min((index for index in article.lines if index in held), default=held.stop)
            heads = own in spans and spans[own].start < first
            is_another = own is not None and letters(str(own.text_content())) != article.headline.key
            return heads and is_another and article.heading not in held
    return False


def _heading_of(box: HtmlElement) -> HtmlElement | None:
    """The linked heading of a box, if it has one."""
    linked = (
        heading
        for heading in islice(box.iter(*_HEADINGS), 3)
        if heading.find(".//a") is not None or heading.getparent().tag == "a"
    )
    return next(linked, None)


def _share_in_cards(page: Page, body: Body, *, words: int) -> float:
    """The share (0 to 1) of the text that is the excerpts of a list: three or more, each beside a link of so many words."""
    if body.container is None:
        return 0
    kept = set(body.paragraphs)
    headlines = [block.element for block in page.blocks if _is_linked(block, words) and block.text not in kept]
    beside = {box for element in headlines for box in islice(around(element), _CARD_LEVELS + 1)}
    cards: dict[HtmlElement, int] = {}
    total = 0
    for before, block in pairwise(page.blocks):
        if block.text not in kept:
            continue
        total += len(block.key)
        card = next((level for level in _levels(block.element, body.container) if level in beside), None)
        if card is None and _is_linked(before, words) and before.element.tag in _HEADINGS:
            card = before.element
        if card is not None:
            cards[card] = cards.get(card, 0) + len(block.key)
    return sum(cards.values()) / max(1, total) if len(cards) >= _FEWEST_CARDS else 0


def _is_linked(block: Block, words: int) -> bool:
    return block.linked > 0.8 and len(block.text.split()) >= words


def _levels(element: HtmlElement, container: HtmlElement) -> Iterator[HtmlElement]:
    """The elements around a text in which its card's headline may stand, the nearest first."""
    around = (element, *islice(element.iterancestors(), _CARD_LEVELS - 1))
    return takewhile(lambda one: one is not container, around)


def _not_free(page: Page) -> bool:
    """Whether the article's own metadata says that it is not free to read (schema.org isAccessibleForFree, Facebook's tier)."""
    things: list[object] = [*page.articles]
    for article in page.articles:
        parts = article.get("hasPart")
        things += parts if isinstance(parts, list) else [parts]
    closed = any(
        isinstance(thing, Mapping) and str(thing.get("isAccessibleForFree")).lower() in {"false", "no"}
        for thing in things
    )
    return closed or "locked" in page.meta.get("article:content_tier", ())
