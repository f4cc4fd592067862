"""Headline, authors, section and canonical URL."""

from __future__ import annotations

import json

import pytest

from tests.pipeline.clean.pages import HOME, PARAGRAPHS, TITLE, URL, cleaned, page, paragraphs


def ld(**values: object) -> str:
    data = {"@context": "https://schema.org", "@type": "NewsArticle", **values}
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


@pytest.mark.parametrize(
    "title",
    [
        TITLE,
        "«الجسر الشرقي» يعود.. والأهالي: الطريق أقصر بساعة",
        "36 عاماً.. حكاية جسر",
        "الجسر | ما تبقى من الطريق",
        "مقتل 404 أشخاص في انهيار الجسر",
        "دمشق - حلب: الطريق الدولي يفتح من جديد",
    ],
)
def test_the_headline_is_the_one_the_reader_sees(title: str) -> None:
    head = f'<meta property="og:type" content="article"><meta property="og:title" content="{title} | صحيفة النهر | أخبار سوريا">'
    assert cleaned(page(title=title, head=head)).title == title


def test_a_headline_over_two_lines_is_one() -> None:
    html = page().replace(f"<h1>{TITLE}</h1>", f"<h1>{TITLE[:20]}<br>{TITLE[20:]}</h1>")
    assert cleaned(html).title == f"{TITLE[:20].strip()} {TITLE[20:].strip()}"
    assert cleaned(html).body == "\n".join(PARAGRAPHS)


def test_the_printed_headline_beats_the_one_for_search_engines() -> None:
    head = '<meta property="og:title" content="فتح الجسر الشرقي: التفاصيل الكاملة بعد الإصلاح | صحيفة النهر">'
    assert cleaned(page(head=head)).title == TITLE


def test_an_h1_that_is_the_site_s_name_is_no_headline() -> None:
    html = (
        page()
        .replace("<body>", '<body><h1><a href="/">صحيفة النهر</a></h1>')
        .replace(f"<h1>{TITLE}</h1>", f"<h2>{TITLE}</h2>")
    )
    assert cleaned(html).title == TITLE


@pytest.mark.parametrize(
    "title",
    [
        f"{TITLE} - صحيفة النهر",
        f"{TITLE} | أخبار | صحيفة النهر",
        f"صحيفة النهر - {TITLE}",
        f"{TITLE} – صحيفة النهر",
        f"{TITLE} :: صحيفة النهر",
    ],
)
def test_the_site_s_name_is_taken_off_a_title_of_the_metadata(title: str) -> None:
    html = page(head=f'<meta property="og:title" content="{title}">').replace(f"<h1>{TITLE}</h1>", "")
    assert cleaned(html).title == TITLE


def test_quotation_marks_and_joiners_of_the_headline_stay() -> None:
    title = "روزنامه “می\u200cخواهم” ماذا كتبت عن الجسر؟"
    assert cleaned(page(title=title)).title == title


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        (
            '<div class="entry-meta">بقلم <span class="author vcard"><a rel="author" href="/a">سامر علي</a></span></div>',
            ("سامر علي",),
        ),
        ("<p>كتب: سامر علي</p>", ("سامر علي",)),
        ("<p>كتبت منى حسن</p>", ("منى حسن",)),
        ("<td class='writer'>كتب/ سامر علي</td>", ("سامر علي",)),
        ("<p>إعداد: منى حسن</p>", ("منى حسن",)),
        ("<p>حوار: سامر علي ومنى حسن</p>", ("سامر علي", "منى حسن")),
        ("<p>بقلم: سامر علي، منى حسن</p>", ("سامر علي", "منى حسن")),
        ("<p>كتب: محمد وليد خالد</p>", ("محمد وليد خالد",)),
        (
            '<span itemprop="author" itemscope><meta itemprop="url" content="/x"><span itemprop="name">سامر علي</span></span>',
            ("سامر علي",),
        ),
        ('<span class="post-author">مرسلة بواسطة <span>منى حسن</span></span>', ("منى حسن",)),
        ('<div class="byline">فريق التحرير</div>', ()),
        ('<div class="byline">صحيفة النهر - دمشق</div>', ()),
        ("<p>المصدر: وكالات</p>", ()),
        ('<a rel="author" href="/author/admin">admin</a>', ()),
        ('<a rel="author" href="/author/1">المحرر</a>', ()),
        ('<a rel="author" href="/author/1">وكالة الأناضول</a>', ()),
        ("<p>تقرير حول الأوضاع</p>", ()),
        ("<p>كتب الرئيس رسالة</p>", ()),
        ("<p>تحرير: المدينة بعد عام</p>", ()),
        ("", ()),
    ],
)
def test_authors_are_persons_or_nobody(byline: str, authors: tuple[str, ...]) -> None:
    assert cleaned(page(around=(byline, ""))).authors == authors


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ({"@type": "Person", "name": "سامر علي"}, ("سامر علي",)),
        ([{"@type": "Person", "name": "سامر علي"}, {"@type": "Person", "name": "منى حسن"}], ("سامر علي", "منى حسن")),
        ({"@type": "Organization", "name": "صحيفة النهر"}, ()),
        ({"@type": "Organization", "name": "سامر علي"}, ()),
        ({"@type": "Person", "name": "صحيفة النهر"}, ()),
        ({"@type": "Person", "name": "(دمشق - النهر)"}, ()),
        ({"@type": "Person", "name": "Sam User"}, ()),
        ({"@type": "Person", "name": "https://alnahr.example/logo.png"}, ()),
        ({"@type": "Person", "name": "رويترز"}, ()),
        ({"@type": "Person", "name": None}, ()),
        ("فريق التحرير", ()),
        (17, ()),
    ],
)
def test_what_the_metadata_states_of_authors_is_weighed(author: object, authors: tuple[str, ...]) -> None:
    assert cleaned(page(head=ld(author=author))).authors == authors


def test_the_byline_on_the_page_beats_the_metadata() -> None:
    html = page(head=ld(author={"@type": "Person", "name": "خالد الناشر"}), around=("<p>كتب: سامر علي</p>", ""))
    assert cleaned(html).authors == ("سامر علي",)


def test_a_commenter_is_no_author() -> None:
    comments = '<div id="comments"><div class="comment-author vcard">زائر كريم</div><p>أحسنتم جميعاً.</p></div>'
    assert cleaned(page(around=("", comments))).authors == ()


@pytest.mark.parametrize(
    ("head", "section"),
    [
        ('<meta property="article:section" content="محليات">', "محليات"),
        (ld(articleSection=["محليات", "سوريا"]), "محليات"),
        ("", None),
    ],
)
def test_section(head: str, section: str | None) -> None:
    assert cleaned(page(head=head)).section == section


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("", URL),
        (f'<link rel="canonical" href="{HOME}2024/bridge?utm_source=x">', HOME + "2024/bridge"),
        ('<link rel="canonical" href="/2024/bridge">', HOME + "2024/bridge"),
        ('<link rel="canonical" href="https://m.alnahr.example/bridge">', "https://m.alnahr.example/bridge"),
        (f'<link rel="canonical" href="{HOME}">', URL),
        ('<link rel="canonical" href="/">', URL),
        ('<link rel="canonical" href="https://elsewhere.example/2024/bridge">', URL),
        ('<link rel="canonical" href="https://alnahr.example.elsewhere.example/bridge">', URL),
        ('<link rel="canonical" href="javascript:void(0)">', URL),
        ('<link rel="canonical" href="http://[">', URL),
        (f'<meta property="og:url" content="{HOME}2024/bridge">', HOME + "2024/bridge"),
        (
            f'<link rel="canonical" href="{HOME}"><meta property="og:url" content="{HOME}2024/bridge">',
            HOME + "2024/bridge",
        ),
    ],
)
def test_the_canonical_url_is_trusted_within_the_site_alone(head: str, url: str) -> None:
    assert cleaned(page(head=head)).url == url


@pytest.mark.parametrize(
    "script",
    [
        "{",
        "[[[[",
        '{"@graph": [{"@type": ["NewsArticle"], "headline": 3}]}',
        "<!-- {} -->",
        '{"a": "سطر\nثان",}',
        "null",
        "[" * 100_000,
    ],
)
def test_no_linked_data_breaks_a_page(script: str) -> None:
    html = page(head=f'<script type="application/ld+json">{script}</script>')
    assert cleaned(html).title == TITLE


def test_linked_data_in_the_wrapping_that_sites_give_it() -> None:
    inner = '{"@type": "NewsArticle", "headline": "x",\n "author": {"name": "سامر علي", "@type": "Person",},}'
    html = page(head=f'<script type="application/ld+json">\n//<![CDATA[\n{inner};\n//]]></script>')
    assert cleaned(html).authors == ("سامر علي",)


def test_a_title_alone_is_enough_where_nothing_prints_it() -> None:
    html = f"<html><head><title>{TITLE}</title></head><body><div>{paragraphs('نص ' * 40 + '.')}</div></body></html>"
    assert cleaned(html).title == TITLE
