"""What stands around the text: headline, authors, section, canonical URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.clean.furniture import load_furniture
from pipeline.clean.page import types
from pipeline.clean.text import fold, letters, tidy
from pipeline.urls import normalize_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from pipeline.clean.blocks import Block
    from pipeline.clean.body import Body
    from pipeline.clean.page import Page
    from pipeline.sources import Source

_SEPARATORS = re.compile(r"\s+(?:[-–—|»«•·:/]|::)\s+|\s*\|\s*")


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline, and the block of the page that prints it, where one does."""

    text: str | None = None
    block: Block | None = None

    @property
    def key(self) -> str:
        """The headline's letters and digits alone."""
        return letters(self.text or "")


def find_headline(page: Page, names: frozenset[str]) -> Headline:
    """The headline as the reader sees it, without the site's name.

    The page's own printing comes first: an ``h1``, else the line that the title in the metadata begins with. The metadata's
    title is what search engines are given, often another text; it serves where the page prints none.
    """
    stated = _stated_titles(page, names)

    def likeness(block: Block) -> float:
        return max((_likeness(block.text, title) for title in stated), default=0.0)

    printed = [block for block in page.blocks if block.element.tag == "h1" and not _names_site(block.text, names)]
    best = max(printed, key=likeness, default=None)
    if best is not None and (likeness(best) >= 0.4 or not stated):
        return Headline(_whole(best, page), best)
    for title in stated:
        key = letters(title)
        same = [
            block
            for block in page.blocks
            if block.key and len(block.key) >= 0.6 * len(key) and key.startswith(block.key)
        ]
        if same:
            longest = max(len(block.key) for block in same)
            # A headline above the text may be printed again in a list beside it, as a link.
            block = min((block for block in same if len(block.key) == longest), key=lambda block: block.linked)
            return Headline(block.text, block)
    if best is not None and len({block.element for block in printed}) == 1 and len(best.text.split()) >= 3:
        return Headline(_whole(best, page), best)
    return Headline(stated[0]) if stated else Headline()


def _whole(headline: Block, page: Page) -> str:
    """The text of a headline that breaks over several lines."""
    return " ".join(block.text for block in page.blocks if block.element is headline.element)


def _stated_titles(page: Page, names: frozenset[str]) -> list[str]:
    """The titles that the page's metadata states, without the site's name, the most trustworthy first."""
    headlines = [thing.get("headline") or thing.get("name") for thing in page.articles]
    titles = [tidy(text) for text in headlines if isinstance(text, str)]
    titles += [title for name in ("og:title", "twitter:title", "title") for title in page.meta.get(name, ())]
    element = page.tree.find(".//title")
    if element is not None:
        titles.append(tidy(element.text_content()))
    found = [_without_site(title, names) for title in titles]
    return list(dict.fromkeys(title for title in found if title and not _names_site(title, names)))


def _without_site(title: str, names: frozenset[str]) -> str:
    """A title without the site's name, its section and slogan at its end (or the name at its beginning)."""
    parts = list(_SEPARATORS.finditer(title))
    for part in parts:
        if any(_names_site(piece, names) for piece in _SEPARATORS.split(title[part.end() :])):
            return title[: part.start()].strip()
    for part in reversed(parts):
        if _names_site(title[: part.start()], names):
            return title[part.end() :].strip()
    return title


def _names_site(text: str, names: frozenset[str]) -> bool:
    key = letters(fold(text))
    return not key or key in names


def site_names(source: Source, page: Page) -> frozenset[str]:
    """The names by which the outlet calls itself, letters alone."""
    host = (source.home.host or "").removeprefix("www.")
    publishers = [_name(thing.get("publisher")) for thing in page.linked_data]
    organizations = [
        thing.get("name")
        for thing in page.linked_data
        if types(thing) & {"WebSite", "Organization", "NewsMediaOrganization"}
    ]
    names = [source.name, host, host.partition(".")[0], *page.meta.get("og:site_name", ()), *publishers, *organizations]
    return frozenset(letters(fold(name)) for name in names if isinstance(name, str)) - {""}


def _likeness(one: str, other: str) -> float:
    """Share (0 to 1) of words that two titles have in common."""
    first, second = set(fold(one).split()), set(fold(other).split())
    return len(first & second) / max(1, min(len(first), len(second)))


def _name(thing: object) -> str | None:
    """The name of a JSON-LD object, or of the first of several; a bare text is its own name."""
    if isinstance(thing, list):
        thing = thing[0] if thing else None
    if isinstance(thing, dict):
        thing = thing.get("name")
    return thing if isinstance(thing, str) else None


# ---- authors

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
            _name(author) for author in (authors if isinstance(authors, list) else [authors]) if _may_be_person(author)
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


# ---- section and address


def find_section(page: Page) -> str | None:
    """The section that the page files the article under."""
    stated = page.stated("article:section", "section")
    if stated:
        return stated
    for thing in page.articles:
        section = thing.get("articleSection")
        if isinstance(section, list):
            section = section[0] if section else None
        if isinstance(section, str) and tidy(section):
            return tidy(section)
    return None


def find_url(page: Page | None, url: str, source: Source) -> str:
    """The canonical URL of a page: the one it states where that is on the source's hosts and not its home page."""
    if page is not None:
        links = [
            link.get("href") or ""
            for link in page.tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ]
        for stated in [*links, page.stated("og:url") or ""]:
            absolute = _join(url, stated)
            if absolute and on_site(absolute, source) and not is_home(absolute, source):
                return normalize_url(absolute)
    return normalize_url(url)


def _join(base: str, link: str) -> str | None:
    try:
        absolute = urljoin(base, link.strip()) if link.strip() else ""
        return absolute if urlsplit(absolute).scheme in {"http", "https"} else None
    except ValueError:
        return None


def on_site(url: str, source: Source) -> bool:
    """Whether a URL is on one of the source's hosts or below one."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return False
    return any(host == own or host.endswith("." + own) for own in (name.removeprefix("www.") for name in source.hosts))


def is_home(url: str, source: Source) -> bool:
    """Whether a URL is a site's home page: no path and no query, or the source's own home."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    bare = parts.path.rstrip("/").lower()
    if bare in {"", "/index.html", "/index.htm", "/index.php", "/home"} and not parts.query:
        return True
    return bare == urlsplit(str(source.home)).path.rstrip("/").lower() and not parts.query
