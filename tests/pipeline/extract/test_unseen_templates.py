"""Kinds of page that no template here was made for: the article whole, or the reason why there is none; never another text."""

from __future__ import annotations

import pytest

from pipeline.extract import clean
from pipeline.rejection import Rejection
from pipeline.sources import Source
from tests.pipeline.extract.pages import (
    HOME,
    PARAGRAPHS,
    SOURCE,
    TITLE,
    body_of,
    capture,
    cleaned,
    linked_data,
    page,
    paragraphs,
)

PICTURE = '<img src="/pictures/bridge.jpg" alt="">'
SHORT = (
    "قتل شخصان وأصيب ثلاثة آخرون مساء اليوم في انهيار جزء من الجسر الشرقي، بينما تواصل فرق الإنقاذ البحث عن مفقودين."
)
OTHER = "تستعد فرق الدوري لبداية الموسم الجديد بعد معسكرات خارجية استمرت أسابيع عدة."


def bare(inner: str, *, title: str = TITLE, body: str = "", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body class='{body}'>{inner}</body></html>"


# ---- a short text beside its picture


@pytest.mark.parametrize(
    "inner",
    [
        f"<div>{PICTURE}<p>{SHORT}</p></div>",
        f"<div><p>{PICTURE}</p><p>{SHORT}</p></div>",
        f"<p>{SHORT}</p>{PICTURE}",
        f"<figure>{PICTURE}</figure><p>{SHORT}</p>",
    ],
)
def test_the_only_text_beside_a_picture_is_no_caption(inner: str) -> None:
    assert body_of(page(inner)) == (SHORT,)


def test_lines_below_many_pictures_are_captions() -> None:
    gallery = "".join(f"<div>{PICTURE}<p>{text}</p></div>" for text in PARAGRAPHS)
    assert cleaned(page(gallery)).rejected is not None


# ---- several columns


def test_a_text_in_columns_is_whole() -> None:
    columns = "".join(
        f'<div class="column"><div class="text">{paragraphs(*part)}</div></div>'
        for part in ([*PARAGRAPHS[:1]], [*PARAGRAPHS[1:]])
    )
    assert body_of(page(columns)) == PARAGRAPHS


def test_questions_below_the_text_are_of_it() -> None:
    asked = "".join(
        f'<div class="accordion"><h3>متى يفتح الجسر {n}؟</h3><div><p>{text}</p></div></div>'
        for n, text in enumerate(PARAGRAPHS[2:])
    )
    body = body_of(page(f"<div class='text'>{paragraphs(*PARAGRAPHS[:2])}</div><div class='faq'>{asked}</div>"))
    assert body == (*PARAGRAPHS[:2], "متى يفتح الجسر 0؟", PARAGRAPHS[2], "متى يفتح الجسر 1؟", PARAGRAPHS[3])


# ---- lines of the text


def test_of_a_repeated_quotation_one_stays() -> None:
    quoted = f"<blockquote>{PARAGRAPHS[3]}</blockquote>"
    assert (
        body_of(page(paragraphs(*PARAGRAPHS[:2]) + quoted + paragraphs(PARAGRAPHS[2]) + quoted)).count(PARAGRAPHS[3])
        == 1
    )


def test_steps_that_recur_stay() -> None:
    step = "اضغط على زر المتابعة الموجود في أسفل الصفحة ثم انتظر قليلاً حتى تظهر لك الرسالة"
    items = f"<ul><li>{step}</li><li>اكتب اسمك</li><li>{step}</li></ul>"
    assert body_of(page(paragraphs(*PARAGRAPHS) + items)).count(step) == 2


def test_a_step_that_is_a_link_stays_among_steps() -> None:
    linked = "<a href='https://tickets.example/'>افتح موقع الحجز من هنا</a>"
    items = f"<ul><li>اكتب اسمك في الخانة الأولى</li><li>{linked}</li><li>أرسل الطلب</li></ul>"
    assert "افتح موقع الحجز من هنا" in body_of(page(paragraphs(*PARAGRAPHS[:2]) + items + paragraphs(*PARAGRAPHS[2:])))


def test_a_list_of_links_is_no_list_of_steps() -> None:
    items = "".join(f"<li><a href='/news/{n}'>خبر آخر من أخبار المدينة رقم {n}</a></li>" for n in range(3))
    assert body_of(page(paragraphs(*PARAGRAPHS) + f"<ul>{items}<li>المزيد</li></ul>"))[:4] == PARAGRAPHS


def test_a_heading_that_a_picture_repeats_stays() -> None:
    heading = "أعمدة من الخرسانة المسلحة"
    inner = f"{paragraphs(*PARAGRAPHS[:2])}<h2>{heading}</h2><p><img src='/a.jpg' alt='{heading}'></p>{paragraphs(*PARAGRAPHS[2:])}"
    assert heading in body_of(page(inner))


def test_a_last_heading_of_nothing_goes() -> None:
    assert (
        body_of(page(paragraphs(*PARAGRAPHS) + "<h4>بلغات أخرى</h4><ul><li><a href='/en'>en: The bridge</a></li></ul>"))
        == PARAGRAPHS
    )


def test_linked_advertisements_go_and_linked_sentences_stay() -> None:
    linked = "<a href='https://shop.example/1'>اشترك الآن في باقة الإنترنت المنزلي مجاناً.</a>"
    sold = f"<div class='ad'><span>إعلان</span><p>{linked}</p></div>"
    said = f"<p><a href='/topic/bridge'>{PARAGRAPHS[2]}</a></p>"
    inner = paragraphs(*PARAGRAPHS[:2]) + sold + said + paragraphs(PARAGRAPHS[3])
    assert body_of(page(inner)) == PARAGRAPHS


@pytest.mark.parametrize("place", ["above", "between", "below"])
def test_excerpts_of_other_articles_go(place: str) -> None:
    heading = "<h4><a href='/n/7'>فرق الدوري تنهي معسكراتها الخارجية</a></h4>"
    card = f"<div class='box'><div class='item'>{heading}<p>{OTHER}</p></div></div>"
    halves = [paragraphs(*PARAGRAPHS[:2]), paragraphs(*PARAGRAPHS[2:])]
    inner = {"above": card + "".join(halves), "between": card.join(halves), "below": "".join(halves) + card}[place]
    assert body_of(page(inner)) == PARAGRAPHS


def test_the_text_goes_on_below_a_related_box() -> None:
    links = "<li><a href='/n/1'>خبر آخر من أخبار المدينة</a></li><li><a href='/n/2'>خبر ثالث منها</a></li>"
    box = f"<div class='more'><h4>اقرأ أيضاً</h4><ul>{links}</ul></div>"
    inner = paragraphs(*PARAGRAPHS[:2]) + box + "<h3>شهادات</h3>" + paragraphs(*PARAGRAPHS[2:])
    assert body_of(page(inner)) == (*PARAGRAPHS[:2], "شهادات", *PARAGRAPHS[2:])


# ---- no text


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        ("", Rejection.HEADLINE_ONLY),
        ("<iframe src='https://www.youtube.com/embed/abc'></iframe>", Rejection.VIDEO),
        ("<video src='/clip.mp4'></video>", Rejection.VIDEO),
        (f"<figure>{PICTURE}</figure>" * 5, Rejection.GALLERY),
    ],
)
def test_a_page_without_a_text_says_what_it_is(media: str, reason: Rejection) -> None:
    crumbs = f'<nav id="breadcrumb"><a href="/">الرئيسية</a>/<a href="/video">أخبار عاجلة</a>/{TITLE}</nav>'
    html = bare(
        f"<div class='post'><article>{crumbs}<h1>{TITLE}</h1>{media}</article></div>",
        head=linked_data(headline=TITLE),
    )
    assert cleaned(html).rejected == reason


# ---- no article


CARDS = "".join(
    f"<article class='card'><h2><a href='/n/{n}'>خبر آخر رقم {n} من المدينة</a></h2><p>{text}</p></article>"
    for n, text in enumerate(PARAGRAPHS)
)


@pytest.mark.parametrize(
    "path", ["2019/09/14/", "node/2014", "news/1987", "ar/2001/", "archives/2020", "tag/bridge/2024"]
)
def test_an_address_alone_never_rejects(path: str) -> None:
    html = bare(f"<main><h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS)}</main>")
    assert cleaned(html, url=HOME + path).rejected is None


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("archive category category-7", '<meta property="og:type" content="article">'),
        ("page-template-default page page-id-12", '<meta property="og:type" content="article">'),
        ("search search-results", ""),
    ],
)
def test_what_a_system_calls_no_post_is_none_whatever_it_states(body: str, head: str) -> None:
    html = bare(f"<main><h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS)}</main>", body=body, head=head)
    assert cleaned(html).rejected == Rejection.NOT_AN_ARTICLE
    assert cleaned(html, found={"by": "feed"}).rejected is None  # what a feed lists are articles


def test_a_post_in_an_archive_s_theme_is_one() -> None:
    html = bare(f"<main><h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS)}</main>", body="single single-post page-id-7")
    assert cleaned(html).rejected is None


def test_an_article_shown_by_the_front_page_is_one_where_its_address_is_its_headline() -> None:
    html = bare(
        f"<main><h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS)}</main>", body="home page-template-default page page-id-7"
    )
    assert cleaned(html, url=HOME + TITLE.replace(" ", "-")).rejected is None
    assert cleaned(html, url=HOME + "ar/start").rejected == Rejection.NOT_AN_ARTICLE


def test_a_text_with_related_articles_in_its_box_is_no_card() -> None:
    card = "<div><h4><a href='/n/7'>فرق الدوري تنهي معسكراتها الخارجية</a></h4></div>"
    text = f"<div><h2>{TITLE}</h2>{paragraphs(*PARAGRAPHS[:2])}{card}{paragraphs(*PARAGRAPHS[2:])}</div>"
    assert cleaned(bare(f"<section>{card * 2}{text}</section>", head=linked_data(headline=TITLE))).rejected is None


def test_one_of_a_list_s_cards_is_no_article() -> None:
    html = bare(f"<main><h1>أخبار</h1>{CARDS}</main>", title="أخبار", head='<meta property="og:title" content="Posts">')
    assert cleaned(html, url=HOME + "posts/").rejected == Rejection.NOT_AN_ARTICLE


def test_a_thread_is_no_article_and_an_article_with_answers_is() -> None:
    def posts(*texts: str) -> str:
        return "".join(f"<div id='post_message_{n}'>{text}</div>" for n, text in enumerate(texts))

    thread = posts(paragraphs(*PARAGRAPHS[:2]), paragraphs(*PARAGRAPHS[2:]), paragraphs(OTHER * 2))
    assert cleaned(bare(f"<h1>{TITLE}</h1>{thread}")).rejected == Rejection.NOT_AN_ARTICLE
    assert cleaned(bare(f"<h1>{TITLE}</h1>{posts(paragraphs(*PARAGRAPHS * 2), 'شكراً')}")).rejected is None


# ---- what the source's file says


def test_the_source_s_selector_is_followed_and_a_changed_template_is_told() -> None:
    taught = Source.model_validate(SOURCE.model_dump() | {"body": "div.text"})
    kept = clean(capture(page(f"<p>{OTHER * 3}</p><div class='text'>{paragraphs(*PARAGRAPHS)}</div>")), taught)
    assert (kept.body, kept.body_method) == ("\n".join(PARAGRAPHS), "selector")
    changed = clean(capture(page(f"<div class='story'>{paragraphs(*PARAGRAPHS)}</div>")), taught)
    assert (changed.body, changed.body_method) == ("\n".join(PARAGRAPHS), "general, selector fails")
