"""Who wrote the article: the persons that the page names, and nobody rather than an office, an agency or the outlet itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.clean.furniture import load_furniture
from pipeline.clean.page import name_of, types
from pipeline.clean.text import fold, letters, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from pipeline.clean.blocks import Block
    from pipeline.clean.body import Body
    from pipeline.clean.head import Headline
    from pipeline.clean.page import Page

# Words that announce a writer. The first group needs no colon; the second are common nouns and verbs besides.
_BYLINE = re.compile(
    r"(?:(?:كتبها|كتبته|كتبه|كتبت|كتب|بقلم|بواسطة|مرسلة بواسطة|نشر بواسطة|نشرت بواسطة|By|Written by|Posted by|نویسنده)\s*[:：/\-–]?"
    r"|(?:إعداد|اعداد|إعداد وتقديم|حوار|حاوره|حاورته|حاورها|تقرير|تحقيق|ترجمة|تحرير|الكاتب|الكاتبة|المؤلف|"
    r"أجرى الحوار|أجرت الحوار|خبرنگار)\s*[:：/\-–])\s*(?P<names>[^:]{3,80})",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"\s*[،,;/|&]\s*|\s+[-–—]\s+|\s+and\s+")
# "سامر علي وخالد حسن" are two persons, "عبد الله وليد حسن" is one: these names begin with the letter that means "and".
_NAMES_IN_WAW = frozenset(
    {
        "وليد", "وسيم", "وائل", "وفاء", "وسام", "وجدي", "وجيه", "وحيد", "ورد", "ورده", "وديع", "ولاء", "وداد", "وصفي", "وهيب",
        "وهبه", "وضاح", "وسن",
    }
)  # fmt: skip
_PERSON = re.compile(
    r"[^\W\d_][\w.'’\-\u200c\u0640\u064b-\u0652]*(?:\s+[^\W\d_][\w.'’\-\u200c\u0640\u064b-\u0652]*){1,4}"
)
# Words of which a person's name has none: offices, outlets, departments, accounts. Folded; with and without the article.
_NO_PERSON = frozenset(
    {
        "وكاله", "وكالات", "قناه", "صحيفه", "جريده", "مجله", "موقع", "شبكه", "فريق", "تحرير", "محرر", "مراسل", "مراسلنا",
        "مراسلو", "رويترز", "فرانس", "برس", "الاناضول", "قسم", "مركز", "بوابه", "موسسه", "غرفه", "اخبار", "الاخبار", "خاص",
        "متابعات", "هيئه", "اداره", "مدير", "كاتب", "راديو", "تلفزيون", "اذاعه", "اعلام", "منصه", "المصدر", "مصدر", "عربي",
        "نيوز", "admin", "administrator", "editor", "editors", "editorial", "newsroom", "staff", "desk", "news", "team",
        "author", "user", "root", "webmaster", "reuters", "afp", "agency", "agencies", "by", "logo", "png", "jpg", "http",
        "https", "www", "com", "net", "org", "في", "من", "الي", "عن", "مع", "ان", "التي", "الذي", "هذا", "هذه", "بعد",
        "قبل", "حول", "كل", "عند", "ضد", "لم", "لا", "ما", "او", "ثم", "قد", "كان", "رساله", "مقال", "مقالا", "الرئيس",
        "وزير", "الوزير",
    }
)  # fmt: skip
# Elements around a byline that make it another text's.
_ELSEWHERE = frozenset(
    {"comment", "comments", "respond", "related", "sidebar", "widget", "popular", "recommended", "footer"}
)


def find_authors(page: Page, names: frozenset[str], headline: Headline, body: Body) -> tuple[str, ...]:
    """The persons who wrote the article, as the page names them; none where it names none for certain.

    What the reader sees comes first: the byline at the edges of the text, then the elements marked as byline. What only the
    metadata states counts where the page shows it too, or where it is a person's name in the article's own script: accounts
    of a content system are stated there as authors.
    """
    for text in [*body.edges, *_lines_near(page, headline.block)]:
        match = _BYLINE.fullmatch(text)
        persons = _persons(match["names"], names) if match else ()
        if persons:
            return persons
    for text in body.edges:
        persons = _persons("، ".join(load_furniture().dateline(text, names)), names)
        if persons:
            return persons
    for text in _marked_bylines(page):
        persons = _persons(text, names)
        if persons:
            return persons
    shown = {block.key for block in page.blocks if len(block.key) < 60}
    arabic = any("ء" <= letter <= "ي" for paragraph in body.paragraphs[:1] for letter in paragraph)
    for text in _stated_authors(page):
        persons = _persons(text, names)
        if persons and all(letters(name) in shown or (arabic and "ء" <= name[0] <= "ی") for name in persons):
            return persons
    return ()


def _lines_near(page: Page, headline: Block | None) -> list[str]:
    """The short lines right under the headline."""
    start = next((index for index, block in enumerate(page.blocks) if block is headline), None)
    if start is None:
        return []
    return [block.text for block in page.blocks[start + 1 : start + 15] if len(block.text) <= 80]


def _marked_bylines(page: Page) -> Iterator[str]:
    for element in page.tree.iter(
        "a", "span", "div", "p", "address", "strong", "b", "li", "h3", "h4", "h5", "h6", "cite"
    ):
        marks = f"{element.get('rel') or ''} {element.get('itemprop') or ''}".split()
        if "author" in marks or {"author", "byline", "writer", "reporter"} & _class_words(element):
            text = tidy(" ".join(_own_text(element)))
            if 3 <= len(text) <= 80 and not any(
                _ELSEWHERE & _class_words(holder) for holder in (element, *element.iterancestors())
            ):
                yield text


def _class_words(element: HtmlElement) -> set[str]:
    if element.tag in {"body", "html"}:
        return set()
    return set(re.split(r"[^a-z]+", f"{element.get('class') or ''} {element.get('id') or ''}".lower())) | {element.tag}


def _own_text(element: HtmlElement) -> Iterator[str]:
    name = element.find(".//*[@itemprop='name']")
    yield from (name if name is not None else element).itertext()


def _stated_authors(page: Page) -> Iterator[str]:
    """What the metadata states as author, one text for each article's description and each ``<meta>``."""
    for thing in page.articles:
        authors = thing.get("author")
        names = [
            name_of(author)
            for author in (authors if isinstance(authors, list) else [authors])
            if _may_be_person(author)
        ]
        yield "، ".join(name for name in names if name)
    for name in ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author"):
        yield from page.meta.get(name, ())


def _may_be_person(author: object) -> bool:
    return not isinstance(author, dict) or "Organization" not in types(author)


def _persons(text: str, names: frozenset[str]) -> tuple[str, ...]:
    """The persons named by a byline; none if any part of it is no person's name."""
    match = _BYLINE.fullmatch(tidy(text))
    text = match["names"] if match else tidy(text)
    parts = [name for part in _BETWEEN_NAMES.split(text) for name in _split_at_and(part.strip(" .،-–—()"))]
    return tuple(dict.fromkeys(parts)) if parts and all(is_person(part, names) for part in parts) else ()


def _split_at_and(text: str) -> list[str]:
    """The names in a text that joins them by "و"; each has two words or more."""
    words = text.split()
    for index in range(2, len(words) - 1):
        word = words[index]
        if word.startswith("و") and len(word) > 3 and fold(word) not in _NAMES_IN_WAW:
            return [" ".join(words[:index]), *_split_at_and(" ".join([word[1:], *words[index + 1 :]]))]
    return [text] if text else []


def is_person(name: str, names: frozenset[str]) -> bool:
    """Whether a name can be a person's: two to five words, none of an office, an agency or the outlet itself."""
    words = set(fold(name).split())
    words |= {word.removeprefix("ال") for word in words if len(word) > 4}
    if not _PERSON.fullmatch(name) or words & (_NO_PERSON | load_furniture().agencies):
        return False
    return letters(fold(name)) not in names
