"""Pages with gold, spoiled at random and reproducibly: templates that nobody has written a rule for, of which the text is known.

A page is parsed once (`original`); `spoil` copies its tree and does one to four things to it that sites do too: names and tags
that say nothing or something wrong, boxes in another order, other articles and advertisements around and within the text, comments
below it, a head that says nothing or speaks of another page, a text of a few lines or none. What is put in is invented. The gold
follows where the text is cut, and is None where it is removed: such a page is no article.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

from lxml import html
from lxml.html import HtmlElement, builder

from pipeline.page import HEADINGS, LINE_TAGS, Page, read_page
from pipeline.text import letters


@dataclass(frozen=True, slots=True)
class Original:
    """A page with gold, parsed.

    Attributes:
        name: what the page is called here.
        url: its address.
        language: its language, a BCP-47 tag.
        zone: its time zone.
        gold: what a careful editor keeps of it.
        tree: its elements.
        container: the innermost element around (nearly) all of the text, as the number of the element in the tree.
        paragraphs: the elements that hold one line of the text and nothing else, likewise, in page order.
        headline: the heading that is the headline, likewise.
        is_parted: whether the paragraphs are the whole text.
    """

    name: str
    url: str
    language: str
    zone: str
    gold: Mapping[str, Any]
    tree: HtmlElement
    container: int
    paragraphs: tuple[int, ...]
    headline: int | None
    is_parted: bool


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A spoiled page, what was done to it, and its gold; None where nothing is left of the article."""

    html: bytes
    kinds: tuple[str, ...]
    gold: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Story:
    """An invented article, of which excerpts are put into pages."""

    title: str
    paragraphs: tuple[str, ...]


def original(name: str, url: str, text: str, gold: Mapping[str, Any], *, language: str, zone: str) -> Original | None:
    """A decoded page, parsed; None where the gold's text stands nowhere on it, line by line."""
    page = read_page(text)
    if page is None:
        return None
    wanted = {letters(line) for line in (*gold["body"], *gold["optional"])}
    found = [index for index, block in enumerate(page.blocks) if block.key in wanted]
    if not found:
        return None
    container = _container(page, found)
    numbers = {element: number for number, element in enumerate(page.tree.iter())}
    lines = [index for index in found if index in page.spans[container]]
    parted = [index for index in lines if len(page.spans[page.blocks[index].element]) == 1]
    held = {page.blocks[index].key for index in parted}
    headline = next((one.element for one in page.blocks if one.key == letters(gold["title"])), None)
    return Original(
        name=name,
        url=url,
        language=language,
        zone=zone,
        gold=gold,
        tree=page.tree,
        container=numbers[container],
        paragraphs=tuple(numbers[page.blocks[index].element] for index in parted),
        headline=numbers[headline] if headline is not None and headline.tag in HEADINGS else None,
        is_parted=len(lines) == len(parted) and {letters(line) for line in gold["body"]} <= held,
    )


def _container(page: Page, found: Sequence[int]) -> HtmlElement:
    """The innermost element that holds nine tenths of the text's letters, and is more than a single line."""
    lengths = {index: len(page.blocks[index].key) for index in found}
    lines = {page.blocks[index].element for index in found}

    def holds(span: range) -> bool:
        return 10 * sum(length for index, length in lengths.items() if index in span) >= 9 * sum(lengths.values())

    around = [one for one, span in page.spans.items() if holds(span) and not (one in lines and len(span) == 1)]
    return min(around or [page.tree], key=lambda one: len(page.spans[one]))


@dataclass(slots=True)
class _Copy:
    """The tree that is being spoiled, with what the kinds of spoiling need to find on it."""

    tree: HtmlElement
    container: HtmlElement
    paragraphs: list[HtmlElement]
    headline: HtmlElement | None
    is_parted: bool
    gold: Mapping[str, Any] | None
    stories: Sequence[Story]
    other: HtmlElement
    """The tree of another page."""

    @property
    def body(self) -> HtmlElement:
        """The page's ``<body>``."""
        return next(self.tree.iter("body"), self.tree)

    @property
    def flow(self) -> list[HtmlElement]:
        """The paragraphs that may be parted from each other, wrapped or renamed: no items of lists, no cells."""
        return [one for one in self.paragraphs if one.tag in {"p", "div"}]


_Spoil: TypeAlias = Callable[[_Copy, random.Random], bool]
"""Spoils a page in one way; False where there is nothing on it that could be spoiled so."""


def spoil(page: Original, seed: int, *, stories: Sequence[Story], others: Sequence[Original]) -> Spoiled:
    """The page spoiled by one to four kinds of `KINDS`; always alike for the same page, seed, stories and other pages.

    `stories` are invented articles of which excerpts are put in, `others` pages of which one lends its head.
    """
    chance = random.Random(f"{page.name} {seed}")
    done: tuple[str, ...] = ()
    while not done:
        copy = _copied(page, stories, chance.choice([other for other in others if other is not page] or [page]))
        drawn = set(chance.sample(KINDS, chance.choices((1, 2, 3, 4), weights=(4, 3, 2, 1))[0]))
        chosen = [next((name for name in group if name in drawn), None) for group in _GROUPS]
        done = tuple(
            name for name, group in zip(chosen, _GROUPS, strict=True) if name is not None and group[name](copy, chance)
        )
    return Spoiled(serialized(copy.tree), done, copy.gold)


def serialized(tree: HtmlElement) -> bytes:
    """A page as bytes: UTF-8 with a mark that says so, whatever encoding its head still names."""
    text: str = html.tostring(tree, encoding="unicode", doctype="<!doctype html>")
    return text.encode("utf-8-sig")


def _copied(page: Original, stories: Sequence[Story], other: Original) -> _Copy:
    tree = deepcopy(page.tree)
    elements = list(tree.iter())
    return _Copy(
        tree=tree,
        container=elements[page.container],
        paragraphs=[elements[number] for number in page.paragraphs],
        headline=None if page.headline is None else elements[page.headline],
        is_parted=page.is_parted,
        gold=page.gold,
        stories=stories,
        other=other.tree,
    )


# The text ----------------------------------------------------------------------------------------------------------------


def _shorten(copy: _Copy, chance: random.Random) -> bool:
    """Leave the first one to three paragraphs."""
    left = chance.randint(1, 3)
    if copy.gold is None or not copy.is_parted or len(copy.paragraphs) <= left:
        return False
    kept = {letters(_text(one)) for one in copy.paragraphs[:left]}
    body = [line for line in copy.gold["body"] if letters(line) in kept]
    if not set(map(letters, body)) - set(map(letters, copy.gold["optional"])):
        return False
    for one in copy.paragraphs[left:]:
        one.drop_tree()
    del copy.paragraphs[left:]
    copy.gold = {**copy.gold, "body": body}
    return True


def _remove_text(copy: _Copy, _chance: random.Random) -> bool:
    """Leave nothing of the text; pictures, headline and everything around it stay."""
    if not copy.is_parted:
        return False
    for one in copy.paragraphs:
        one.drop_tree()
    copy.paragraphs.clear()
    copy.gold = None
    return True


def _repeat(copy: _Copy, chance: random.Random) -> bool:
    """Print a paragraph once more, as a teaser: before the text or where the page ends."""
    if not copy.flow:
        return False
    teaser = builder.DIV(builder.P(_text(chance.choice(copy.flow[:3]))), {"class": "teaser"})
    if chance.random() < 0.5:
        copy.container.addprevious(teaser)
    else:
        copy.body.append(teaser)
    return True


def _split_columns(copy: _Copy, chance: random.Random) -> bool:
    """Part what the container holds into two or three columns side by side."""
    children = list(copy.container)
    if copy.container.tag not in _BOXES or len(copy.flow) < 4 or len(children) < 4:
        return False
    borders = sorted(chance.sample(range(1, len(children)), chance.choice((1, 2))))
    for start, end in zip([0, *borders], [*borders, len(children)], strict=True):
        column = builder.DIV(*children[start:end], {"class": "column"})
        copy.container.append(column)
    return True


def _move_to_sidebar(copy: _Copy, chance: random.Random) -> bool:
    """Put the text and its box among the boxes at the side, as themes do that call their main column so."""
    if copy.container.tag not in _BOXES:
        return False
    sidebar = builder.ASIDE({"class": "sidebar"})
    copy.container.addnext(sidebar)
    boxes = [_cards(copy, chance) for _ in range(chance.randint(1, 2))]
    sidebar.extend(boxes)
    sidebar.insert(chance.randint(0, len(boxes)), copy.container)
    return True


# What is put in ------------------------------------------------------------------------------------------------------------

_HEADINGS = ("اقرأ أيضاً", "مواضيع ذات صلة", "أخبار متعلقة", "الأكثر قراءة", "شاهد أيضاً", "قد يعجبك", "آخر الأخبار")
_SOLD = (
    "عروض نهاية الموسم على الأثاث المنزلي بخصم يصل إلى النصف.",
    "اشترك الآن في باقة الإنترنت المنزلي واحصل على الشهر الأول مجاناً.",
    "تعلّم اللغة الإنجليزية من بيتك مع مدرّسين معتمدين.",
    "سيارة العائلة الجديدة بأقساط مريحة وبلا دفعة أولى، والكمية محدودة.",
    "شقق للبيع في مشروع الواحة السكني قرب المدارس والأسواق.",
    "احجز تذكرتك إلى البحر قبل نهاية الأسبوع ووفّر ثلث السعر.",
)
_CHANNEL = (
    "قناة الضفتين قناة إخبارية مستقلة انطلقت عام 2009 من مدينة الميناء، وتبث برامجها على مدار الساعة.",
    "تهتم القناة بشؤون الناس وقضاياهم، وتسعى إلى نقل الخبر كما هو من مصدره من دون زيادة ولا نقصان.",
    "يعمل في القناة أكثر من مئتي صحفي ومصور وفني، ولها مكاتب ومراسلون في اثنتي عشرة عاصمة.",
    "حصلت برامج القناة الوثائقية على جوائز في مهرجانات عدة، وتُرجمت حلقاتها إلى خمس لغات.",
    "وأطلقت القناة عام 2015 موقعها الإلكتروني الذي يقدم الأخبار والتقارير والتحليلات لقرائه في كل مكان.",
    "تلتزم القناة ميثاق الشرف الصحفي، وتفتح صفحاتها لمختلف الآراء ما دامت تحترم القانون وكرامة الإنسان.",
    "ويشرف على سياسة التحرير مجلس من كبار الصحفيين، يراجع الشكاوى التي ترد من الجمهور وينشر ردوده عليها.",
    "يمكن إعادة نشر مواد الموقع بشرط ذكر المصدر ووضع رابط إلى الصفحة الأصلية.",
)

_READERS = ("أبو ليلى", "Samer 77", "مواطن من الساحل", "هدى", "قارئ قديم", "المهندس رائد", "زائر")
_COMMENTS = (
    "شكراً على هذا التقرير، لكن لماذا لم تذكروا شيئاً عن القرى التي حولنا؟ نحن نعاني منذ أشهر ولا أحد يسمع.",
    "كلام سليم",
    "الله يفرجها على الجميع ويرحم من مات.",
    "قرأت الخبر نفسه قبل يومين في موقع آخر وكانت الأرقام مختلفة، فأيها نصدق؟ أرجو من الكاتب أن يوضح مصدره.",
    "كنت هناك في ذلك اليوم. رأيت الناس يركضون في كل اتجاه، ولم تصل سيارة الإسعاف إلا بعد ساعة كاملة.",
    "لن يتغير شيء ما دامت المصالح هي التي تحكم، وكل ما يقال في المؤتمرات حبر على ورق!!",
    "تحية لكل من بقي في عمله ولم يترك الناس وحدهم. هؤلاء هم الأبطال الحقيقيون، ولا يكتب عنهم أحد.",
    "أتفق معك أخي، وأضيف أن المشكلة ليست في القانون بل في من يطبقه.",
)


def _cards(copy: _Copy, chance: random.Random) -> HtmlElement:
    """A box of other articles, each with a linked headline, some with an excerpt: up to a hundred words, or a whole paragraph."""
    box = builder.DIV({"class": chance.choice(("related-posts", "widget", "more-news", "box"))})
    if chance.random() < 0.8:
        box.append(builder.H3(chance.choice(_HEADINGS)))
    excerpts, ending = chance.random() < 0.6, chance.choice((" …", "...", "", None))
    for story in chance.sample(copy.stories, min(len(copy.stories), chance.randint(1, 6))):
        link = builder.A(story.title, href=f"/news/{chance.randint(1000, 99999)}")
        card = builder.DIV(builder.H4(link), {"class": "item"})
        if excerpts:
            words = " ".join(story.paragraphs).split()[: chance.randint(8, 100)]
            card.append(builder.P(story.paragraphs[0] if ending is None else " ".join(words) + ending))
        box.append(card)
    return box


def _put_between(copy: _Copy, chance: random.Random, made: Callable[[], HtmlElement]) -> bool:
    """Put one to three boxes between paragraphs."""
    places = copy.flow[:-1]
    for place in chance.sample(places, min(len(places), chance.randint(1, 3))):
        place.addnext(made())
    return bool(places)


def _advertise(copy: _Copy, chance: random.Random) -> bool:
    """Put advertisements between the paragraphs, each said to be one, and linked."""

    def advertisement() -> HtmlElement:
        text = " ".join(chance.sample(_SOLD, chance.randint(1, 4)))
        if chance.random() < 0.5:
            text = text.rstrip(".")  # as headlines are written
        link = builder.A(text, href=f"https://shop.example/{chance.randint(1, 999)}")
        label = builder.SPAN(chance.choice(("إعلان", "محتوى مموّل")))
        return builder.DIV(builder.DIV(label), builder.P(link), {"class": "ad"})

    return _put_between(copy, chance, advertisement)


def _relate_between(copy: _Copy, chance: random.Random) -> bool:
    return _put_between(copy, chance, lambda: _cards(copy, chance))


def _relate_around(copy: _Copy, chance: random.Random) -> bool:
    """Put boxes of other articles before the text, after it, or both."""
    for put in chance.choice(((True,), (False,), (True, False))):
        (copy.container.addprevious if put else copy.container.addnext)(_cards(copy, chance))
    return True


def _comment(copy: _Copy, chance: random.Random) -> bool:
    """Put readers' comments below the text, each with its writer and day, on some sites with a link to answer."""
    box = builder.DIV({"class": chance.choice(("comments", "comment-list", "discussion"))})
    if chance.random() < 0.7:
        box.append(builder.H3(chance.choice(("التعليقات", "تعليقات القراء", "آراء القراء"))))
    answered = chance.random() < 0.5
    for text in chance.sample(_COMMENTS, chance.randint(2, 6)):
        said = builder.SPAN(f"{chance.choice(_READERS)} - {chance.randint(1, 28)}/{chance.randint(1, 12)}/2024")
        comment = builder.DIV(said, builder.P(text), {"class": "comment"})
        if answered:
            comment.append(builder.A("رد", href="#respond"))
        box.append(comment)
    copy.container.addnext(box)
    return True


def _lengthen_footer(copy: _Copy, chance: random.Random) -> bool:
    """Let the page end in a long text about its channel."""
    footer = next(iter(copy.body.iter("footer")), None)
    if footer is None:
        footer = builder.DIV({"class": "footer"})
        copy.body.append(footer)
    for _ in range(chance.randint(1, 3)):
        footer.append(builder.P(" ".join(chance.sample(_CHANNEL, chance.randint(3, len(_CHANNEL))))))
    return True


# Boxes ---------------------------------------------------------------------------------------------------------------------

_BOXES = frozenset({"article", "div", "main", "section"})


def _wrap(copy: _Copy, chance: random.Random) -> bool:
    """Put half the paragraphs, the container and some boxes beside it each into a box more."""
    beside = [one for one in copy.container.itersiblings() if one.tag in _BOXES]
    wrapped = [*(one for one in copy.flow if chance.random() < 0.5), *beside[:2]]
    if copy.container.tag in _BOXES:
        wrapped += [copy.container] * chance.randint(1, 3)
    for one in wrapped:
        wrapper = builder.DIV({"class": "wrap"})
        one.addprevious(wrapper)
        wrapper.append(one)  # with what follows it before the next element, which so stays behind it
    return bool(wrapped)


def _unwrap(copy: _Copy, chance: random.Random) -> bool:
    """Take away boxes that hold nothing but other lines: those around the text, and half of all others."""
    kept = {copy.container, *copy.paragraphs}
    around = set(copy.container.iterancestors())
    dropped = [
        one
        for one in copy.body.iterdescendants(*_BOXES)
        if one not in kept
        and len(one)
        and all(child.tag in LINE_TAGS for child in one)
        and not any((text or "").strip() for text in (one.text, *(child.tail for child in one)))
        and (one in around or chance.random() < 0.5)
    ]
    for one in dropped:
        one.drop_tag()
    return bool(dropped)


def _reorder(copy: _Copy, chance: random.Random) -> bool:
    """Shuffle what stands beside the text's box, and beside some of the boxes around that."""
    levels = [one for one in copy.container.iterancestors() if len(one) > 1 and one.tag != "html"]
    for level in chance.sample(levels, chance.randint(1, len(levels)) if levels else 0):
        children = list(level)
        chance.shuffle(children)
        for child in children:
            level.append(child)
    return bool(levels)


# Names and tags ------------------------------------------------------------------------------------------------------------

_FURNITURE = (
    "sidebar", "related", "widget", "footer", "menu", "comments", "share", "popular-posts", "breadcrumb", "ad", "banner", "promo",
)  # fmt: skip


def _rename(copy: _Copy, named: Callable[[str], str]) -> bool:
    """Give each class and id of the page another name, everywhere the same."""
    names: dict[str, str] = {}
    for one in copy.tree.iter():
        for attribute in ("class", "id"):
            if words := (one.get(attribute) or "").split():
                one.set(attribute, " ".join(names.setdefault(word, named(word)) for word in words))
    return bool(names)


def _name_at_random(copy: _Copy, chance: random.Random) -> bool:
    return _rename(copy, lambda _word: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(5, 9))))


def _name_as_furniture(copy: _Copy, chance: random.Random) -> bool:
    """Every third name says furniture."""
    return _rename(copy, lambda word: chance.choice(_FURNITURE) if chance.random() < 1 / 3 else word)


def _name_nothing(copy: _Copy, _chance: random.Random) -> bool:
    named = [one for one in copy.tree.iter() if "class" in one.attrib or "id" in one.attrib]
    for one in named:
        one.attrib.pop("class", None)
        one.attrib.pop("id", None)
    return bool(named)


def _say_div(copy: _Copy, _chance: random.Random) -> bool:
    return _retag(copy.tree.iter("article", "main", "section", "header"), "div")


def _paragraphs_as_div(copy: _Copy, _chance: random.Random) -> bool:
    return _retag((one for one in copy.paragraphs if one.tag == "p"), "div")


def _retag(elements: Iterable[HtmlElement], tag: str) -> bool:
    found = list(elements)
    for one in found:
        one.tag = tag
    return bool(found)


def _paragraphs_as_breaks(copy: _Copy, _chance: random.Random) -> bool:
    """Make the paragraphs lines of their box, with an empty line between."""
    found = [one for one in copy.paragraphs if one.tag == "p"]
    for one in found:
        one.addprevious(builder.BR())
        one.addnext(builder.BR())
        one.addnext(builder.BR())
        one.drop_tag()
    copy.paragraphs = [one for one in copy.paragraphs if one not in found]
    return bool(found)


def _retag_headline(copy: _Copy, chance: random.Random) -> bool:
    """Print the headline in another kind of heading, or in none."""
    if copy.headline is None:
        return False
    copy.headline.tag = chance.choice([tag for tag in ("h1", "h2", "h4", "div", "p") if tag != copy.headline.tag])
    return True


# The head ------------------------------------------------------------------------------------------------------------------

_STATED = (
    "//meta[@name or @property or @itemprop]"
    " | //script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"
)  # fmt: skip


def _state_nothing(copy: _Copy, _chance: random.Random) -> bool:
    stated = copy.tree.xpath(_STATED)
    for one in stated:
        one.drop_tree()
    return bool(stated)


def _state_another_page(copy: _Copy, chance: random.Random) -> bool:
    """State in meta and JSON-LD what another page states of itself, as a cache that mixes up two pages does."""
    head = next(iter(copy.tree.iter("head")), None)
    if head is None:
        return False
    _state_nothing(copy, chance)
    stated = [deepcopy(one) for one in copy.other.xpath(_STATED)]
    for one in stated:
        one.tail = None
    head.extend(stated)
    return bool(stated)


_GROUPS: tuple[dict[str, _Spoil], ...] = (
    {"text: first paragraphs alone": _shorten, "text: removed": _remove_text},
    {"text: a paragraph repeated elsewhere": _repeat},
    {"text: in sibling columns": _split_columns, "text: in a sidebar": _move_to_sidebar},
    {"put in: advertisements between": _advertise},
    {"put in: related articles between": _relate_between},
    {"put in: related articles around": _relate_around},
    {"put in: readers' comments": _comment},
    {"put in: a longer footer": _lengthen_footer},
    {"boxes: wrappers added": _wrap, "boxes: wrappers removed": _unwrap},
    {"boxes: reordered": _reorder},
    {"names: at random": _name_at_random, "names: of furniture": _name_as_furniture, "names: none": _name_nothing},
    {"tags: div for article, main, section, header": _say_div},
    {"tags: paragraphs as div": _paragraphs_as_div, "tags: paragraphs as lines": _paragraphs_as_breaks},
    {"tags: another headline": _retag_headline},
    {"head: states nothing": _state_nothing, "head: states another page": _state_another_page},
)
"""In the order in which they are done; of a group one at most is done to a page."""

KINDS = tuple(name for group in _GROUPS for name in group)
"""The kinds of spoiling."""


def _text(element: HtmlElement) -> str:
    return str(element.text_content())
