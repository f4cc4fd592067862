"""The whole article and nothing but the article, on pages of many makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.clean.pages import PARAGRAPHS, SOURCE, TITLE, body_of, cleaned, page, paragraphs

LEAD = "عاد الجسر الشرقي إلى الخدمة بعد أربعة أشهر من الإغلاق، وسط ترحيب الأهالي ومطالب بإنارة الطريق."
OTHER = "سقوط أمطار غزيرة على الساحل وتحذيرات من السيول في الوديان القريبة"
ALL = paragraphs(*PARAGRAPHS)
FIRST, SECOND, THIRD, FOURTH = PARAGRAPHS


def test_paragraphs_come_whole_and_in_order() -> None:
    assert body_of(page()) == PARAGRAPHS


@pytest.mark.parametrize(
    "lead",
    [
        f'<div class="summary">{LEAD}</div>',
        f'<p class="lead">{LEAD}</p>',
        f"<h2>{LEAD}</h2>",
        f'<div class="field-subtitle"><div class="item">{LEAD}</div></div>',
        f'<figure><img src="/a.jpg"><figcaption>الجسر بعد إصلاحه</figcaption></figure><div>{LEAD}</div>',
        f'<div class="meta"><span>الاثنين 18 آذار 2024</span></div><strong>{LEAD}</strong>',
    ],
)
def test_the_standfirst_comes_back(lead: str) -> None:
    assert body_of(page(around=(lead, ""))) == (LEAD, *PARAGRAPHS)


def test_a_standfirst_that_the_text_begins_with_is_given_once() -> None:
    assert body_of(page(around=(f'<div class="excerpt">{FIRST[:90]}…</div>', ""))) == PARAGRAPHS
    assert body_of(page(around=(f'<div class="excerpt">{FIRST}</div>', ""))) == PARAGRAPHS


@pytest.mark.parametrize(
    "inner",
    [
        "<br><br>".join(PARAGRAPHS),
        "".join(f"<div>{text}</div>" for text in PARAGRAPHS),
        "".join(f"<p><span style='font-size:18px'>{text}</span></p>" for text in PARAGRAPHS),
        "".join(f'<div class="elementor-widget"><div class="elementor-widget-container"><p>{text}</p></div></div>' for text in PARAGRAPHS),
        f"<table><tr><td>{ALL}</td></tr></table>",
        f'<form id="aspnetForm"><div>{ALL}</div></form>',
        f"<section><div>{paragraphs(FIRST, SECOND)}</div><div class='advert'></div><div>{paragraphs(THIRD, FOURTH)}</div></section>",
        f'<div class="social-enabled">{ALL}</div>',
        f'<div class="post has-comments related-on">{ALL}</div>',
        f"<p>{FIRST}<img src='/a.jpg'></p>{paragraphs(SECOND, THIRD, FOURTH)}",
        f"<p><img src='/a.jpg' alt=''> {FIRST}</p>{paragraphs(SECOND, THIRD, FOURTH)}",
        f"<p><strong>النهر - </strong>{FIRST}</p>".replace("<strong>النهر - </strong>", "") + paragraphs(SECOND, THIRD, FOURTH),
    ],
)  # fmt: skip
def test_however_a_site_is_built(inner: str) -> None:
    assert body_of(page(inner)) == PARAGRAPHS


def test_subheadings_quotations_and_lists_stay() -> None:
    inner = (
        f"<p>{FIRST}</p><h3>ثلاثة أعمدة</h3><p>{SECOND}</p><blockquote><p>عدنا إلى بيوتنا من الطريق القصير.</p></blockquote>"
        f"<p>{THIRD}</p><ul><li>إنارة الطريق</li><li>ترميم الأرصفة</li></ul><p>{FOURTH}</p>"
    )
    assert body_of(page(inner)) == (
        FIRST, "ثلاثة أعمدة", SECOND, "عدنا إلى بيوتنا من الطريق القصير.", THIRD, "إنارة الطريق", "ترميم الأرصفة", FOURTH,
    )  # fmt: skip


def test_the_last_short_line_stays() -> None:
    assert body_of(page(ALL + "<p>قال: “عدنا”.</p>"))[-1] == "قال: “عدنا”."


def test_invisible_joiners_survive() -> None:
    inner = paragraphs(
        FIRST + " عام 1445 ه\u200d.",
        "قال المسؤول الإيراني “می\u200cخواهم” ثم غادر القاعة من دون أن يجيب عن أسئلة الصحافيين.",
        THIRD,
    )
    assert body_of(page(inner)) == (FIRST + " عام 1445 ه\u200d.", "قال المسؤول الإيراني “می\u200cخواهم” ثم غادر القاعة من دون أن يجيب عن أسئلة الصحافيين.", THIRD)  # fmt: skip
    assert "می\u200cخواهم" in (cleaned(page(inner.replace("\u200c", "&zwnj;"))).body or "")


COMMENT_PROMPT = "<p>أضف تعليق</p>"
BOX = f'<ul><li><a href="/news/rain">{OTHER}</a></li><li><a href="/news/x">مقتل ثلاثة في حادث على الطريق الدولي قرب المدينة</a></li></ul>'


@pytest.mark.parametrize(
    "furniture",
    [
        COMMENT_PROMPT,
        '<p class="wa"><a href="#">شارك على واتساب</a></p>',
        "<p>تابعونا على تلغرام</p>",
        "<p>الكلمات الدلالية: الجسر، المجلس المحلي</p>",
        f"<h3>اقرأ أيضاً</h3>{BOX}",
        f"<p><strong>مواضيع ذات صلة</strong></p>{BOX}",
        f'<p>اقرأ أيضاً: <a href="/news/rain">{OTHER}</a></p>',
        f'<p><a href="/news/rain">اقرأ أيضاً {OTHER}</a></p>',
        f'<p><a href="/news/rain"><strong>{OTHER}</strong></a></p>',
        f'<div class="related-inline"><span>© وكالة</span><a href="/news/rain">{OTHER}</a></div>',
        '<div class="wp-caption"><img src="/b.jpg"><p class="wp-caption-text">الجسر الشرقي كما بدا صباح اليوم بعد انتهاء أعمال الصيانة</p></div>',
        '<figure><img src="/b.jpg"><figcaption>الجسر الشرقي كما بدا صباح اليوم بعد انتهاء أعمال الصيانة</figcaption></figure>',
        '<table><tr><td><img src="/b.jpg"></td></tr><tr><td><font size="1">الجسر الشرقي كما بدا صباح اليوم</font></td></tr></table>',
        "<div>إعلان</div>",
        '<div class="newsletter"><p>اشترك في نشرتنا البريدية ليصلك كل جديد من أخبار المدينة والريف.</p></div>',
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_furniture_goes_wherever_it_stands(furniture: str, place: int) -> None:
    lines = [f"<p>{text}</p>" for text in PARAGRAPHS]
    assert body_of(page("".join([*lines[:place], furniture, *lines[place:]]))) == PARAGRAPHS


@pytest.mark.parametrize(
    "after",
    [
        "<p>انتهى</p>",
        "<p>المصدر: وكالات</p>",
        "<p>إعداد: منى حسن</p>",
        "<p>(دمشق - صحيفة النهر)</p>",
        "<p>الاثنين 18 آذار 2024</p>",
        f'<p>المصدر: وكالات</p>{COMMENT_PROMPT}<p>شارك على واتساب</p>',
    ],
)  # fmt: skip
def test_the_lines_at_the_foot_go(after: str) -> None:
    assert body_of(page(ALL + after)) == PARAGRAPHS


@pytest.mark.parametrize(
    "before",
    [
        f"<p>{TITLE}</p>",
        "<p>كتب: سامر علي</p>",
        "<p>الاثنين 18 آذار 2024، 09:30</p>",
        "<p>النهر - دمشق</p>".replace("النهر", "صحيفة النهر"),
    ],
)
def test_the_lines_at_the_head_go(before: str) -> None:
    assert body_of(page(before + ALL)) == PARAGRAPHS


@pytest.mark.parametrize(
    "after",
    [
        f'<div class="related-posts"><h3>مقالات ذات صلة</h3><article><h4><a href="/a">{OTHER}</a></h4><p>{OTHER} بحسب ما أفادت به مديرية الأرصاد الجوية في بيان صدر مساء أمس.</p></article></div>',
        '<div id="comments"><h3>3 تعليقات</h3><ol><li><p>الحمد لله على السلامة، كنا ننتظر هذا اليوم منذ شهور طويلة ونشكر كل من عمل.</p></li><li><p>نتمنى أن تكتمل الإنارة أيضاً لأن الطريق خطر جداً في الليل على الأطفال.</p></li></ol></div>',
        '<section><h2>التعليقات</h2></section><p>الآراء الواردة أدناه لا تعبر عن رأي صحيفة النهر بل تعكس وجهات نظر أصحابها فقط.</p>',
        '<div class="author-bio"><p>صحافي سوري يكتب في الشؤون المحلية منذ عشر سنوات، وعمل في صحف عدة.</p></div>',
    ],
)  # fmt: skip
def test_what_follows_the_article_stays_out(after: str) -> None:
    assert body_of(page(around=("", after))) == PARAGRAPHS


def test_a_flash_of_one_line_is_an_article() -> None:
    flash = "عاجل: قصف مدفعي يستهدف أطراف البلدة من دون أنباء عن ضحايا حتى الآن."
    assert body_of(page(f"<p>{flash}</p>")) == (flash,)


def test_a_date_within_a_chronicle_is_a_subheading() -> None:
    inner = f"<p>{FIRST}</p><h3>18 آذار 2024</h3><p>{SECOND}</p><h3>20 آذار 2024</h3><p>{THIRD}</p>"
    assert body_of(page(inner)) == (FIRST, "18 آذار 2024", SECOND, "20 آذار 2024", THIRD)


def test_the_line_that_a_source_repeats_goes() -> None:
    inner = ALL + "<p>صحيفة النهر ترحب برسائلكم على عنوانها المعروف</p>"
    own = SOURCE.model_copy(update={"furniture": ("صحيفة النهر ترحب برسائلكم على عنوانها المعروف",)})
    assert len(body_of(page(inner))) == 5
    from pipeline.clean import clean
    from tests.pipeline.clean.pages import capture

    assert clean(capture(page(inner)), own).body == "\n".join(PARAGRAPHS)


SENTENCES = st.lists(
    st.sampled_from("قال أعلن المجلس المحلي سكان القرية الجسر النهر صباح اليوم إن العائلات عادت بعد ليلة طويلة من القصف".split()),
    min_size=12, max_size=30,
).map(lambda words: " ".join(words) + ".")  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(SENTENCES, min_size=3, max_size=12, unique=True))
def test_no_paragraph_is_lost_or_moved(lines: list[str]) -> None:
    assert body_of(page(paragraphs(*lines) + COMMENT_PROMPT)) == tuple(lines)
