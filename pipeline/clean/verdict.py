"""Whether a page is an article, and if not, why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pipeline.clean.head import is_home
from pipeline.clean.page import types
from pipeline.clean.rejection import Rejection
from pipeline.clean.text import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from pipeline.captures import Capture
    from pipeline.clean.body import Body
    from pipeline.clean.head import Headline
    from pipeline.clean.page import Page
    from pipeline.sources import Source

MAX_BYTES = 16 * 2**20
"""Bytes of a page that is read."""

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_UNSAID_TYPES = frozenset({"", "application/octet-stream", "text/plain", "unknown/unknown", "application/unknown"})
_MARKUP = re.compile(rb"<(?:!doctype html|html|head|body|title|meta|div|p|article)\b", re.IGNORECASE)

# What the walls before articles say. Looked for where there is little text, in the spelling of `fold`.
_WALLS = re.compile(
    r"just a moment|checking your browser|checking if the site connection|attention required : cloudflare|"
    r"enable javascript|enable js|enable cookies|javascript is (?:disabled|required)|requires javascript|"
    r"access denied|access to this page has been denied|request unsuccessful|incapsula|ddos guard|captcha|403 forbidden|"
    r"are you (?:a )?(?:human|robot)|verify (?:that )?you are (?:a )?human|not a robot|unusual traffic|before you continue|"
    r"(?:تفعيل|بتفعيل|تمكين|بتمكين|لتفعيل|شغل|فعل) (?:ال)?(?:جافا|جافاسكريبت|javascript|java|كوكيز|ملفات تعريف الارتباط)|"
    r"لست (?:روبوت|روبوتا|برنامج روبوت)|التحقق من (?:انك|متصفحك|المتصفح)|تم حظر (?:وصولك|عنوان|جهازك|الوصول)|"
    r"تم رفض الوصول|الوصول مرفوض|(?:نستخدم|يستخدم هذا الموقع) (?:ملفات تعريف الارتباط|الكوكيز|ملفات الكوكيز)"
)
_MISSING = re.compile(
    r"(?:خطا|error|http|page) 404|404 (?:error|page|not found|خطا|صفحه|الصفحه|:)|^404$|(?:page|content) (?:was )?not found|"
    r"الصفحه (?:المطلوبه |التي تبحث عنها |التي طلبتها )?(?:غير موجوده|غير متوفره|غير متاحه|لا توجد|لم تعد موجوده)|"
    r"لم يتم العثور علي (?:ال)?(?:صفحه|مقال|خبر|محتوي)|لا يمكن العثور علي (?:ال)?صفحه|"
    r"لم نعثر علي (?:ال)?(?:صفحه|محتوي|ما تبحث)|خطا في الصفحه|"
    r"(?:الخبر|المقال|الموضوع|المحتوي) (?:المطلوب )?(?:غير موجود|محذوف|لم يعد متاحا|غير متاح|غير متوفر)|صفحه مورد نظر"
)
_SUBSCRIBERS = re.compile(
    r"(?:المحتوي|المقال|الخبر|التقرير) (?:\w+ )?(?:للمشتركين|لمشتركي)|(?:مخصص|متاح) للمشتركين|للمشتركين فقط|"
    r"(?:اشترك|سجل|سجل الدخول|للاشتراك) (?:الان )?(?:لقراءه|لمتابعه|لاكمال|لمواصله) (?:القراءه|المقال|بقيه|باقي|المزيد)|"
    r"(?:subscribe|sign in|log in) to (?:continue|read)|subscribers only|already a subscriber"
)
# Path segments and JSON-LD types of pages that list articles.
_LISTING_SEGMENT = re.compile(
    r"(?:^|/)(?:tag|tags|category|categories|section|sections|topic|topics|author|authors|search|archive|archives|page|label|"
    r"وسم|وسوم|تصنيف|قسم|اقسام|أقسام|كاتب|بحث|ارشيف|أرشيف)(?:/|$)",
    re.IGNORECASE,
)
_LISTING_TYPES = frozenset(
    {"CollectionPage", "SearchResultsPage", "ProfilePage", "ItemList", "ImageGallery", "VideoGallery"}
)
_STUB = 150
"""Words from which a text is not held for the stub before a wall."""
_AFTER = 10
"""Lines after the text in which a demand for a subscription stands."""
_MIN_STATED = 6
"""Words of the shortest text taken where the page's markup says that it is an article: a flash of one line."""
_MIN_UNSTATED = 20
"""Words of the shortest text taken below a headline where the markup says nothing."""


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
    if stated in _HTML_TYPES or (stated in _UNSAID_TYPES and _MARKUP.search(capture.body[:4096])):
        return None
    return Rejection.NOT_HTML


def of_page(page: Page, headline: Headline, body: Body, capture: Capture, source: Source) -> Rejection | None:
    """Whether a page is no article, by what it shows."""
    words = sum(len(paragraph.split()) for paragraph in body.paragraphs)
    # What a feed lists are articles; a sitemap lists sections and pages besides.
    stated = _states_article(page) or capture.found.get("by") == "feed"
    least = _MIN_STATED if stated else _MIN_UNSTATED
    if words < _STUB:
        top = fold(f"{headline.text or ''} : {page.tree.findtext('.//title') or ''}")
        # Where there is a text, banners around it say nothing; where there is none, the whole page is looked at.
        text = fold("\n".join(body.paragraphs) if words >= least else _all_text(page))
        if _WALLS.search(top) or _WALLS.search(text):
            return Rejection.BLOCKED
        if _MISSING.search(top) or _MISSING.search(text):
            return Rejection.SOFT_404
        if _SUBSCRIBERS.search(fold("\n".join(_text_and_after(page, body)))) or _not_free(page):
            return Rejection.PAYWALL
    if not page.blocks:
        return Rejection.EMPTY
    if is_home(capture.url, source) or not headline.text:
        return Rejection.NOT_AN_ARTICLE
    if words < least:
        return Rejection.NOT_AN_ARTICLE
    if not stated and (_is_listing(page, capture.url) or _in_cards(page, body)):
        return Rejection.NOT_AN_ARTICLE
    return None


def of_language(language: str | None, source: Source) -> Rejection | None:
    """Whether an article is in another language than its source's."""
    wanted = source.language.partition("-")[0].lower()
    return Rejection.WRONG_LANGUAGE if language is not None and language != wanted else None


def _all_text(page: Page) -> str:
    """The beginning of the page's text, what it says to browsers without JavaScript included."""
    without_script = ["".join(element.itertext()) for element in page.tree.iter("noscript")]
    return "\n".join([*(block.text for block in page.blocks[:200]), *without_script[:10]])[:6000]


def _text_and_after(page: Page, body: Body) -> list[str]:
    kept = set(body.paragraphs)
    last = max((index for index, block in enumerate(page.blocks) if block.text in kept), default=len(page.blocks))
    return [*body.paragraphs, *(block.text for block in page.blocks[last + 1 : last + 1 + _AFTER])]


def _states_article(page: Page) -> bool:
    return (
        bool(page.articles) or "article" in page.meta.get("og:type", ()) or bool(page.stated("article:published_time"))
    )


def _is_listing(page: Page, url: str) -> bool:
    """Whether the page's own markup or its address says that it lists articles."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        path = ""
    return bool(_LISTING_SEGMENT.search(path)) or any(types(thing) & _LISTING_TYPES for thing in page.linked_data)


def _in_cards(page: Page, body: Body) -> bool:
    """Whether the text is the excerpts of a list: three or more, each beside a headline that is a link."""
    if body.container is None:
        return False
    kept = set(body.paragraphs)
    cards: dict[HtmlElement, int] = {}
    total = 0
    for block in page.blocks:
        if block.text not in kept:
            continue
        total += len(block.key)
        card = block.element
        for _ in range(4):
            if card is body.container or card.getparent() is None:
                break
            if (
                any(len(fold(link.text_content()).split()) >= 4 for link in card.iterfind(".//a"))
                and block.linked < 0.5
            ):
                cards[card] = cards.get(card, 0) + len(block.key)
                break
            card = card.getparent()
    return len(cards) >= 3 and sum(cards.values()) >= 0.5 * total


def _not_free(page: Page) -> bool:
    """Whether the article's own metadata says that it is not free to read (schema.org isAccessibleForFree)."""
    return any(str(thing.get("isAccessibleForFree", "")).lower() in {"false", "no"} for thing in page.articles)
