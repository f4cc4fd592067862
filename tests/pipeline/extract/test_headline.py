"""The headline, over the templates of news sites."""

from __future__ import annotations

import pytest

from pipeline.extract.headline import Headline, find_headline
from pipeline.extract.site import site_names
from pipeline.page import read_page
from tests.pipeline.extract.pages import PARAGRAPHS, SOURCE, TITLE, cleaned, page, paragraphs


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


SEO = "فتح الجسر الشرقي: التفاصيل الكاملة بعد الإصلاح"
OTHER = "أهالي القرى يعبرون النهر من جديد بعد شهور الانتظار"
SUB = "والأهالي: الطريق أقصر بساعة"
LOGO = '<h1><a href="/"><img src="/logo.png" alt="صحيفة النهر"></a></h1>'


def titled(
    printed: str, *, og: str | None = TITLE, title: str = f"{TITLE} - صحيفة النهر", top: str = "", head: str = ""
) -> str | None:
    """The headline of a page that prints `printed` above its text and `top` above all; its metadata say `og` and `title`."""
    meta = f'<meta property="og:title" content="{og}">' if og else ""
    html = (
        f"<html><head><title>{title}</title>"
        f'<meta property="og:type" content="article">{meta}{head}</head><body><nav><a href="/">الرئيسية</a>'
        f'</nav>{top}<main>{printed}<div class="entry-content">{paragraphs(*PARAGRAPHS)}</div>'
        f'</main><div class="related"><h3>مواضيع ذات '
        'صلة</h3><h3><a href="/1">إعادة فتح السوق الشرقي بعد إصلاحه</a></h3>'
        '<h2><a href="/2">وصول القطار الأول</a></h2></div></body></html>'
    )
    result = cleaned(html)
    assert (result.rejected, result.body) == (None, "\n".join(PARAGRAPHS))
    return result.title


@pytest.mark.parametrize(
    "printed",
    [
        f"<h1>{TITLE}</h1>",
        f"<h1>&nbsp;{TITLE}&nbsp;&rlm;</h1>",
        f"<h1><b>{TITLE[:5]}</b>{TITLE[5:]}</h1>",
        f'<h1><i class="fa icon-video"></i> {TITLE}<a class="print" href="/print"><img alt="طباعة"></a></h1>',
        f"<h1>{TITLE} | صحيفة النهر</h1>",
        f'<div class="rutitr">بعد أربعة أشهر من الإغلاق</div><h1 class="title"><a href="/self">{TITLE}</a></h1>',
        f'<h4 class="kicker">بعد أربعة أشهر من الإغلاق</h4><h1>{TITLE}</h1>',
        # what stands in the same heading
        f'<h1><span class="kicker">عاجل</span> {TITLE}</h1>',
        f"<h1><span>محليات</span>{TITLE}</h1>",
        f'<h1><div class="pre">محليات</div><div class="main">{TITLE}</div></h1>',
        f"<h1>{TITLE}<small>{SUB}</small></h1>",
        f"<h1>{TITLE}<br>{SUB}</h1>",
        f'<h1>{TITLE} <span class="date">12/3/2024</span></h1>',
        # several headings of the first rank
        f'<h1 class="cat">محليات</h1><h1>{TITLE}</h1>',
        f'<h1 class="cat">فتح الجسر</h1><h1>{TITLE}</h1>',
        f"<h1>فتح الجسر الشرقي</h1><h3>{TITLE}</h3>",
        f'<h1 class="widget-title">الأكثر قراءة</h1><h1>{TITLE}</h1>',
        f'<h1><a href="/3">إعادة فتح الجسر الغربي بعد إصلاحه</a></h1><h1>{TITLE}</h1>',
        f"<h1>{TITLE}</h1><h1>اشترك في نشرتنا</h1>",
        # none
        f"<h2>{TITLE}</h2>",
        f"<h1></h1><h2>{TITLE}</h2>",
        f"<h1>محليات</h1><h2>{TITLE}</h2>",
        f'<h1 style="display:none">{SEO}</h1><h2>{TITLE}</h2>',
        f'<h1 class="sr-only">النهر</h1><h2 class="entry-title">{TITLE}</h2>',
        f'<div class="article-title">{TITLE}</div>',
        f'<span class="news_title">{TITLE}</span>',
        f"{LOGO}<h2>{TITLE}</h2>",
        f'<h1><a href="/">النهر نيوز موقع إخباري مستقل</a></h1><h2>{TITLE}</h2>',
    ],
)
def test_one_headline_in_many_templates(printed: str) -> None:
    assert titled(printed) == TITLE


@pytest.mark.parametrize(
    "printed",
    [
        f"<h1>{OTHER}</h1>",
        f'<h1 class="site-title"><a href="/">صحيفة الضفة</a></h1><h1>{OTHER}</h1>',
        f'{LOGO}<div class="article-title">{OTHER}</div>',
        f'<h2 class="post-title">{OTHER}</h2>',
        f'<div itemprop="headline">{OTHER}</div>',
    ],
)
def test_what_is_printed_beats_another_text_for_search_engines(printed: str) -> None:
    assert titled(printed, og=SEO, title=f"{SEO} | النهر") == OTHER


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        (f'<h1><span class="label">سوريا</span> {TITLE}</h1>', TITLE),
        (f"<h1>{TITLE} <small>{SUB}</small></h1>", TITLE),
        (f'<h1 class="widget-title">الأكثر قراءة</h1><h1>{TITLE}</h1>', TITLE),
        (f'<h1 class="logo">صوت الناس على ضفتي النهر</h1><h2 class="title">{TITLE}</h2>', TITLE),
        (f'<span id="ctl00_lblTitle">{TITLE}</span>', TITLE),
        (f'<table><tr><td class="title">{TITLE}</td></tr></table>', TITLE),
        (f"<h1>عاجل: {TITLE}</h1>", f"عاجل: {TITLE}"),
        (f"<h1>بالفيديو | {TITLE}</h1>", f"بالفيديو | {TITLE}"),
        ("<h1>«<span>الجسر</span>» يعود بعد <em>ال</em>إصلاح</h1>", "«الجسر» يعود بعد الإصلاح"),
        ("<h1>وزير &quot;الري&quot; &amp; الجسر يفتتحان الطريق</h1>", 'وزير "الري" & الجسر يفتتحان الطريق'),
    ],
)
def test_a_headline_without_help_from_the_metadata(printed: str, title: str) -> None:
    assert titled(printed, og=None, title="صحيفة النهر") == title


def test_quotation_marks_that_the_metadata_lack() -> None:
    title = '«الجسر الشرقي» يعود.. و"الأهالي": الطريق أقصر بـ30 دقيقة'
    assert titled(f"<h1>{title}</h1>", og="الجسر الشرقي يعود.. والأهالي: الطريق أقصر بـ30 دقيقة", title="") == title


def test_what_follows_the_headline_on_its_line_belongs_to_it() -> None:
    assert titled(f"<h1>{TITLE} <span>(صور)</span></h1>") == f"{TITLE} (صور)"
    assert titled(f"<h1>{TITLE} وسط فرحة الأهالي</h1>") == f"{TITLE} وسط فرحة الأهالي"


@pytest.mark.parametrize(
    "title",
    [
        f"موقع مجهول للأخبار » أخبار سورية والعالم العربي » {TITLE}",
        f"محليات - {TITLE} - شبكة مجهولة من أخبار العالم والناس",
    ],
)
def test_a_headline_that_is_a_part_of_the_title_of_an_unknown_site(title: str) -> None:
    assert titled(f"<b>{TITLE}</b>", og=None, title=title) == TITLE


@pytest.mark.parametrize("cut", [TITLE[:25] + "...", TITLE[:25] + "…"])
def test_a_headline_that_the_metadata_cut_short(cut: str) -> None:
    assert titled(f"<h2>{TITLE}</h2>", og=cut, title=cut) == TITLE


@pytest.mark.parametrize(
    "title",
    [
        f"{TITLE} - صحيفة النهر",
        f"{TITLE} | أخبار | صحيفة النهر",
        f"{TITLE} - محليات - أخبار وتقارير - صحيفة النهر",
        f"{TITLE} ~ النهر",
        f"{TITLE}- صحيفة النهر",
        f"صحيفة النهر: {TITLE}",
        f"صحيفة النهر » محليات » {TITLE}",
    ],
)
def test_the_site_s_name_and_sections_are_taken_off_a_title_of_the_metadata(title: str) -> None:
    assert titled("", og=None, title=title) == TITLE


HALF, REST = "إعادة فتح الجسر", "الشرقي بعد إصلاحه"


@pytest.mark.parametrize(
    "printed",
    [
        f"<h1>{HALF}</h1><h1>{REST}</h1>",
        f"<h1>{HALF}</h1><h2>{REST}</h2>",
        f"<h2>{HALF}</h2><h2>{REST}</h2>",
        f"<div class='a'><div>{HALF}</div><div>{REST}</div></div>",
        f"<table><tr><td>إعادة</td></tr><tr><td>فتح الجسر</td></tr><tr><td>{REST}</td></tr></table>",
    ],
)
def test_a_headline_printed_in_several_blocks_is_one(printed: str) -> None:
    assert titled(printed) == TITLE
    assert titled(printed, og=None) == TITLE


def test_a_section_above_the_headline_is_no_part_of_it() -> None:
    assert titled(f"<div>محليات</div><div>{TITLE}</div>", og=None, title=f"محليات - {TITLE}") == TITLE


@pytest.mark.parametrize(
    "title",
    [
        "Untitled Document",
        "Untitled-1",
        "New Page 1",
        "صفحة جديدة 1",
        "مستند بدون عنوان",
        "Document sans nom",
        "Adsız Belge",
        "سند بدون عنوان",
        "الصفحة الرئيسية",
        "صحيفة النهر | الصفحة الرئيسية",
        "Posts",
        "صحيفة النهر | الصفحة 26",
        "صحيفة الضفة | صحيفة الضفة",
        "صحيفة الضفة  | صحيفة الضفة ",
    ],
)
@pytest.mark.parametrize("printed", [f"<h1>{TITLE}</h1>", f"<h2>{TITLE}</h2>", f'<h4 class="title">{TITLE}</h4>'])
def test_a_title_that_names_no_article_is_no_headline(title: str, printed: str) -> None:
    assert titled(printed, og=None, title=title) == TITLE
    assert titled(printed, og=title, title=title) == TITLE
    parsed = read_page(f"<title>{title}</title><p>{PARAGRAPHS[0]}</p>")
    assert parsed is not None
    assert find_headline(parsed, frozenset({"صحيفهالنهر"})) == Headline()


def test_a_headline_that_the_title_says_twice() -> None:
    assert titled(f"<h2>{TITLE}</h2>", og=None, title=f"{TITLE} | {TITLE}") == TITLE


@pytest.mark.parametrize("title", ["صحيفة الضفة والنهر", "أخبار الضفة اليوم لحظة بلحظة"])
@pytest.mark.parametrize("tag", ["h2", "h4", "h5"])
def test_the_one_heading_marked_as_title_beats_a_title_that_is_printed_nowhere(tag: str, title: str) -> None:
    assert titled(f'<{tag} class="title">{TITLE}</{tag}>', og=None, title=title) == TITLE


def test_the_mark_of_a_whole_page_is_none_of_its_heading() -> None:
    html = page(title="صحيفة الضفة", head="").replace("<h1>صحيفة الضفة</h1>", f'<h4 class="title">{TITLE}</h4>')
    assert cleaned(html.replace("<main>", "<form>").replace("</main>", "</form>")).title == TITLE
    assert cleaned(html.replace("<main>", '<div class="with-sidebar">').replace("</main>", "</div>")).title == TITLE


@pytest.mark.parametrize("tag", ["h4", "h5"])
def test_a_heading_beside_the_article_is_no_headline(tag: str) -> None:
    for box in ("<aside>{}</aside>", '<div class="related">{}</div>', '<div class="sidebar"><div>{}</div></div>'):
        heading = f'<{tag} class="title">اشترك الآن في دورة الرسم</{tag}>'
        assert titled("", og=None, title=f"{TITLE} - صحيفة النهر", top=box.format(heading)) == TITLE


@pytest.mark.parametrize(
    "menu",
    [
        f'<ul class="menu"><li class="menu-item"><a href="/1">{TITLE}</a></li></ul>',
        f'<nav><a href="/1">{TITLE}</a></nav>',
        f'<div role="navigation"><div><a href="/1">{TITLE}</a></div></div>',
    ],
)
def test_an_item_of_a_menu_is_not_where_the_headline_stands(menu: str) -> None:
    html = page().replace(f"<h1>{TITLE}</h1>", "").replace("<body>", f"<body>{menu}")
    assert dict(cleaned(html).origins)["title"] == "title"
    assert (
        dict(cleaned(html.replace("<article>", f'<article><div class="top">{TITLE}</div>')).origins)["title"]
        == "div.top"
    )


@pytest.mark.parametrize("tag", ["#النهر ||", "#النهر |", "#صحيفة_النهر -", "صحيفة النهر ||"])
def test_the_outlet_s_hashtag_before_a_headline_is_no_part_of_it(tag: str) -> None:
    assert titled(f"<h1>{tag} {TITLE}</h1>", og=None, title="") == TITLE
    assert titled("", og=f"{tag} {TITLE}", title="") == TITLE


@pytest.mark.parametrize(
    "title", [f"{TITLE}: «لن نعود»", f"«الجسر» {TITLE}", f"#الجسر | {TITLE}", f"{TITLE} - «الضفة»"]
)
def test_quotations_and_topics_do_not_cut_a_title_of_the_metadata(title: str) -> None:
    assert titled("", og=title, title="") == title


def test_a_place_before_a_dash_is_no_site() -> None:
    title = "دمشق - حلب: الطريق الدولي يفتح من جديد"
    assert titled("", og=None, title=f"{title} - صحيفة النهر") == title


def test_the_origin_of_the_headline_is_told() -> None:
    assert dict(cleaned(page()).origins)["title"] == "h1"
    html = f"<html><head><title>{TITLE}</title></head><body><div>{paragraphs('نص ' * 40 + '.')}</div></body></html>"
    assert dict(cleaned(html).origins)["title"] == "title"


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


@pytest.mark.parametrize(
    ("selector", "text", "heading"),
    [
        (None, "بعد أربعة أشهر من الإغلاق", "h1"),
        ("div.main b", TITLE, "b"),
        ("h3, div.main b", TITLE, "b"),
        ("meta[name=headline]", TITLE, "b"),
        ("h5", "بعد أربعة أشهر من الإغلاق", "h1"),
    ],
)
def test_where_the_source_says_where_it_stands_it_is_that(selector: str | None, text: str, heading: str) -> None:
    html = (
        f'<html><head><meta name="headline" content="{TITLE} | صحيفة النهر"></head><body><h3></h3>'
        f'<h1>بعد أربعة أشهر من الإغلاق</h1><div class="main"><b>{TITLE}</b></div></body></html>'
    )
    read = read_page(html)
    assert read is not None
    headline = find_headline(read, site_names(SOURCE, read), selector)
    assert headline.text == text
    assert headline.block is not None
    assert headline.block.text == text
    assert headline.heading is not None
    assert headline.heading.tag == heading
