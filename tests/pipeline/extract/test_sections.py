"""Section and tags."""

from __future__ import annotations

import json

import pytest

from tests.pipeline.extract.pages import TITLE, cleaned, linked_data, page

CARD = '<div class="card"><h3><a href="/5">خبر آخر عن السوق القديم في المدينة</a></h3>{}</div>'


def filed(*, head: str = "", above: str = "", under: str = "", after: str = "") -> tuple[str | None, list[str]]:
    html = page(head=f'<meta property="og:type" content="article">{head}', around=(under, after))
    result = cleaned(html.replace("<article>", f"{above}<article>"))
    assert (result.rejected, result.title) == (None, TITLE)
    return result.section, list(result.tags)


def trail(*names: str) -> str:
    """A breadcrumb in JSON-LD."""
    steps = [
        {"@type": "ListItem", "position": number, "item": {"@id": "/x", "name": name}}
        for number, name in enumerate(names)
    ]
    data = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


@pytest.mark.parametrize(
    ("head", "section"),
    [
        ('<meta property="article:section" content="محليات">', "محليات"),
        ('<meta itemprop="articleSection" content="محليات">', "محليات"),
        (linked_data(articleSection=["محليات", "سوريا"]), "محليات"),
        (trail("الرئيسية", "أخبار", "محليات", TITLE), "محليات"),
        (trail("Home", "محليات", TITLE[:20] + "..."), "محليات"),
        (trail("صحيفة النهر", "محليات"), "محليات"),
        (f'{trail("الرئيسية", "سوريا")}<meta property="article:section" content="محليات">', "محليات"),
        (trail("الرئيسية", TITLE), None),
        ('<script type="application/ld+json">{"@type":"BreadcrumbList","itemListElement":{"name":3}}</script>', None),
        ('<meta property="article:section" content="Uncategorized">', None),
        ('<meta property="article:section" content="غير مصنف">', None),
        ('<meta property="article:section" content="12">', None),
        ('<meta property="article:section" content="https://alnahr.example/local">', None),
        ('<meta property="article:section" content="صحيفة النهر">', None),
        (f'<meta property="article:section" content="{TITLE}">', None),
        ("", None),
    ],
)
def test_a_section_of_the_metadata(head: str, section: str | None) -> None:
    assert filed(head=head)[0] == section


@pytest.mark.parametrize(
    ("above", "section"),
    [
        (
            f'<nav class="breadcrumb"><a href="/">الرئيسية</a> / <a href="/l">محليات</a> / <span>{TITLE}</span></nav>',
            "محليات",
        ),
        ('<ol class="breadcrumb"><li><a href="/">الرئيسية</a></li><li class="active">محليات</li></ol>', "محليات"),
        (
            f'<nav id="breadcrumb"><a href="/">الرئيسية</a><em>/</em><a href="/c">محليات</a><em>/</em><b>{TITLE}</b></nav>',
            "محليات",
        ),
        (
            '<div class="entry-crumbs"><span><a href="/">الرئيسية</a></span><i></i><span><a href="/l">محليات</a></span></div>',
            "محليات",
        ),
        (f'<div class="breadcrumbs">أنت هنا: الرئيسية » محليات » {TITLE}</div>', "محليات"),
        (
            '<nav aria-label="Breadcrumb"><ul><li><a href="/">Home</a></li><li><a href="/l">محليات</a></li></ul></nav>',
            "محليات",
        ),
        ('<span class="cat-links"><a href="/c" rel="category tag">محليات</a></span>', "محليات"),
        ('<a itemprop="articleSection" href="/c">محليات</a>', "محليات"),
        ('<div class="post-cats"><a href="/c">محليات</a><a href="/d">سوريا</a></div>', "محليات"),
        (CARD.format('<a class="category" href="/c">رياضة</a>'), None),
        (CARD.format('<a rel="category tag" href="/c">رياضة</a>'), None),
        ('<div class="sidebar"><a rel="category" href="/c">رياضة</a></div>', None),
    ],
)
def test_a_section_that_the_page_prints(above: str, section: str | None) -> None:
    assert filed(above=above)[0] == section


def test_a_wrapper_with_breadcrumbs_in_its_class_is_none() -> None:
    assert cleaned(page().replace("<main>", '<main class="has-breadcrumb">')).section is None


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        (
            '<meta property="article:tag" content="الجسر الشرقي"><meta property="article:tag" content="طرق">',
            ["الجسر الشرقي", "طرق"],
        ),
        (
            '<meta property="article:tag" content="الجسر الشرقي,إصلاح،#طرق_القرى,الجسر الشرقي">',
            ["الجسر الشرقي", "إصلاح", "طرق القرى"],
        ),
        (f'<meta property="article:tag" content="{TITLE},النهر,طرق,12">', ["طرق"]),
        (linked_data(keywords=["الجسر الشرقي", "طرق"]), ["الجسر الشرقي", "طرق"]),
        (linked_data(keywords="الجسر الشرقي, طرق"), ["الجسر الشرقي", "طرق"]),
        (linked_data(keywords=[3, None, {"a": 1}]), []),
        # the same on every page of a site
        ('<meta name="keywords" content="أخبار, عاجل, رياضة, اقتصاد, صحيفة النهر">', []),
        ('<meta name="keywords" content="الجسر الشرقي, المجلس المحلي, رياضة">', ["الجسر الشرقي", "المجلس المحلي"]),
        ('<meta name="keywords" content="إعادة,فتح,الجسر,الشرقي,بعد,إصلاحه">', []),
        (f'<meta name="keywords" content="{TITLE}">', []),
        ("", []),
    ],
)
def test_tags_of_the_metadata(head: str, tags: list[str]) -> None:
    assert filed(head=head)[1] == tags


LINKS = '<a href="/t/1">الجسر الشرقي</a> <a href="/t/2">طرق</a>'


@pytest.mark.parametrize(
    ("after", "tags"),
    [
        (
            '<p>الوسوم: <a rel="tag" href="/t/1">الجسر الشرقي</a>، <a rel="tag" href="/t/2">طرق</a></p>',
            ["الجسر الشرقي", "طرق"],
        ),
        (f'<div class="post-tags"><span>الوسوم</span>{LINKS}</div>', ["الجسر الشرقي", "طرق"]),
        ('<div class="keywords"><a href="/t/1">#الجسر_الشرقي</a></div>', ["الجسر الشرقي"]),
        (f'<div class="k">الكلمات الدلالية: {LINKS}</div>', ["الجسر الشرقي", "طرق"]),
        (f'<div class="k"><h5>كلمات مفتاحية</h5><p>{LINKS}</p></div>', ["الجسر الشرقي", "طرق"]),
        ('<span class="tagcloud"><a href="/tag/x" rel="tag">طرق</a></span>', ["طرق"]),
        ('<a rel="category tag" href="/c">محليات</a>', []),
        ('<div class="sidebar"><div class="tagcloud"><a href="/tag/1" rel="tag">رياضة</a></div></div>', []),
        ('<div class="trending-tags"><a href="/tag/1">كأس العالم</a></div>', []),
        (CARD.format('<div class="tags"><a href="/t">رياضة</a></div>'), []),
    ],
)
def test_tags_that_the_page_prints(after: str, tags: list[str]) -> None:
    assert filed(after=after)[1] == tags


def test_a_breadcrumb_is_cut_at_what_stands_between_its_steps() -> None:
    for between in (" &gt; ", "&gt;", " / ", "/", " - ", " – — ", " : ", "»«", "\u00a0-\n"):
        assert filed(above=f'<nav class="breadcrumb">الرئيسية{between}محليات{between}{TITLE}</nav>')[0] == "محليات"
    assert filed(above=f'<nav class="breadcrumb">الرئيسية / محليات-ريف / {TITLE}</nav>')[0] == "محليات-ريف"


def test_white_space_without_end_in_a_breadcrumb_costs_no_more_than_its_length() -> None:
    assert filed(above=f'<nav class="breadcrumb">الرئيسية{" " * 1_000_000}محليات / {TITLE}</nav>')[0] is not None
