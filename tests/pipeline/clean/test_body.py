"""The whole article and nothing but the article, on pages of many makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clean.body import Body, find_body
from pipeline.clean.head import find_headline, site_names
from pipeline.clean.page import read_page
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
        "".join(
            f'<div class="elementor-widget"><div class="elementor-widget-container"><p>{text}</p></div></div>'
            for text in PARAGRAPHS
        ),
        f"<table><tr><td>{ALL}</td></tr></table>",
        f'<form id="aspnetForm"><div>{ALL}</div></form>',
        f"<div>{paragraphs(FIRST, SECOND)}</div><div class='advert'></div><div>{paragraphs(THIRD, FOURTH)}</div>",
        f'<div class="social-enabled">{ALL}</div>',
        f'<div class="post has-comments related-on">{ALL}</div>',
        f"<p>{FIRST}<img src='/a.jpg'></p>{paragraphs(SECOND, THIRD, FOURTH)}",
        f"<p><img src='/a.jpg' alt=''> {FIRST}</p>{paragraphs(SECOND, THIRD, FOURTH)}",
        f"<p><strong>النهر - </strong>{FIRST}</p>".replace("<strong>النهر - </strong>", "")
        + paragraphs(SECOND, THIRD, FOURTH),
    ],
)
def test_however_a_site_is_built(inner: str) -> None:
    assert body_of(page(inner)) == PARAGRAPHS


def test_subheadings_quotations_and_lists_stay() -> None:
    inner = (
        f"<p>{FIRST}</p><h3>ثلاثة أعمدة</h3><p>{SECOND}</p><blockquote><p>عدنا إلى بيوتنا من الطريق القصير.</p></blockquote>"
        f"<p>{THIRD}</p><ul><li>إنارة الطريق</li><li>ترميم الأرصفة</li></ul><p>{FOURTH}</p>"
    )
    assert body_of(page(inner)) == (
        FIRST,
        "ثلاثة أعمدة",
        SECOND,
        "عدنا إلى بيوتنا من الطريق القصير.",
        THIRD,
        "إنارة الطريق",
        "ترميم الأرصفة",
        FOURTH,
    )


def test_the_last_short_line_stays() -> None:
    assert body_of(page(ALL + "<p>قال: “عدنا”.</p>"))[-1] == "قال: “عدنا”."


def test_a_short_last_line_below_an_advertisement_stays() -> None:
    assert body_of(page(ALL + "<div class='a'>إعلان</div><p>قال: “عدنا”.</p>"))[-1] == "قال: “عدنا”."


def test_invisible_joiners_survive() -> None:
    inner = paragraphs(
        FIRST + " عام 1445 ه\u200d.",
        "قال المسؤول الإيراني “می\u200cخواهم” ثم غادر القاعة من دون أن يجيب عن أسئلة الصحافيين.",
        THIRD,
    )
    assert body_of(page(inner)) == (
        FIRST + " عام 1445 ه\u200d.",
        "قال المسؤول الإيراني “می\u200cخواهم” ثم غادر القاعة من دون أن يجيب عن أسئلة الصحافيين.",
        THIRD,
    )
    assert "می\u200cخواهم" in (cleaned(page(inner.replace("\u200c", "&zwnj;"))).body or "")


COMMENT_PROMPT = "<p>أضف تعليق</p>"
CAPTION = "الجسر الشرقي كما بدا صباح اليوم بعد انتهاء أعمال الصيانة"
EXCERPT = OTHER + "، بحسب ما أفادت به مديرية الأرصاد الجوية في بيان صدر مساء أمس."
COMMENTS = (
    "الحمد لله على السلامة، كنا ننتظر هذا اليوم منذ شهور طويلة ونشكر كل من عمل.",
    "نتمنى أن تكتمل الإنارة أيضاً لأن الطريق خطر جداً في الليل على الأطفال.",
)
POLICY = "الآراء الواردة أدناه لا تعبر عن رأي صحيفة النهر بل تعكس وجهات نظر أصحابها فقط."
THIRD_STORY = "مقتل ثلاثة في حادث على الطريق الدولي قرب المدينة"
BOX = f'<ul><li><a href="/news/rain">{OTHER}</a></li><li><a href="/news/x">{THIRD_STORY}</a></li></ul>'


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
        f'<div class="wp-caption"><img src="/b.jpg"><p class="wp-caption-text">{CAPTION}</p></div>',
        f'<figure><img src="/b.jpg"><figcaption>{CAPTION}</figcaption></figure>',
        f'<table><tr><td><img src="/b.jpg"></td></tr><tr><td><font size="1">{CAPTION}</font></td></tr></table>',
        "<div>إعلان</div>",
        f'<div><a href="/b.jpg"><img src="/b.jpg" alt="{CAPTION}"></a><br>{CAPTION}</div>',
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
        f"<p>المصدر: وكالات</p>{COMMENT_PROMPT}<p>شارك على واتساب</p>",
    ],
)
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
        f'<div class="related-posts"><h3>مقالات ذات صلة</h3><h4><a href="/a">{OTHER}</a></h4><p>{EXCERPT}</p></div>',
        f'<div id="comments"><h3>2 تعليقات</h3><ol><li><p>{COMMENTS[0]}</p></li><li><p>{COMMENTS[1]}</p></li></ol></div>',
        f"<h2>التعليقات</h2><p>{POLICY}</p>",
        '<div class="author-bio"><p>صحافي سوري يكتب في الشؤون المحلية منذ عشر سنوات، وعمل في صحف عدة.</p></div>',
    ],
)
def test_what_follows_the_article_stays_out(after: str) -> None:
    assert body_of(page(around=("", after))) == PARAGRAPHS


def test_the_text_of_a_picture_s_box_is_no_standfirst() -> None:
    assert body_of(page(around=(f'<div class="hero-image"><span>صورة</span><p>{CAPTION}</p></div>', ""))) == PARAGRAPHS


def test_comments_within_the_article_s_own_box_stay_out() -> None:
    comments = f"<h3>التعليقات (2)</h3><div><p>{COMMENTS[0]}</p></div><div><p>{COMMENTS[1]}</p></div>"
    assert body_of(page(ALL + comments)) == PARAGRAPHS


def test_the_heading_of_a_list_of_links_goes_with_it() -> None:
    assert (
        body_of(page(f"<p>{FIRST}</p><div><h4>من أخبار الأسبوع</h4>{BOX}</div>{paragraphs(SECOND, THIRD, FOURTH)}"))
        == PARAGRAPHS
    )


def test_text_about_the_outlet_is_not_taken_for_a_flash() -> None:
    flash = "عاجل: قصف مدفعي يستهدف أطراف البلدة من دون أنباء عن ضحايا."
    about = (
        "صحيفة النهر صحيفة يومية مستقلة تعنى بشؤون المدينة وريفها وتنقل أخبارها على مدار الساعة من خلال شبكة من المراسلين. "
        * 3
    )
    html = page(f"<p>{flash}</p>").replace("<footer>", f"<div><p>{about}</p></div><footer>")
    assert body_of(html) == (flash,)


def test_a_poll_in_the_next_column_of_an_old_page_stays_out() -> None:
    column = "<td>تصويت<br>هل تؤيد بناء جسر ثان على النهر قرب القرية الشرقية هذا العام؟<br>نعم<br>لا</td>"
    text = f"<td><table><tr><td><b>{TITLE}</b></td></tr><tr><td><div>{'<br><br>'.join(PARAGRAPHS)}</div></td></tr></table></td>"
    html = f"<html><head><title>صحيفة النهر - {TITLE}</title></head><body><table><tr>{text}{column}</tr></table></body></html>"
    assert body_of(html) == PARAGRAPHS


def test_spans_that_are_styled_as_blocks_are_paragraphs() -> None:
    assert body_of(page("".join(f'<span style="display: block">{text}</span>' for text in PARAGRAPHS))) == PARAGRAPHS


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


WORDS = "قال أعلن المجلس المحلي سكان القرية الجسر النهر صباح اليوم إن العائلات عادت بعد ليلة طويلة من القصف"
SENTENCES = st.lists(st.sampled_from(WORDS.split()), min_size=12, max_size=30).map(lambda words: " ".join(words) + ".")


@settings(max_examples=40, deadline=None)
@given(st.lists(SENTENCES, min_size=3, max_size=12, unique=True))
def test_no_paragraph_is_lost_or_moved(lines: list[str]) -> None:
    assert body_of(page(paragraphs(*lines) + COMMENT_PROMPT)) == tuple(lines)


# ---- what is taken off, and why; what stands apart


def found(html: str, own: tuple[str, ...] = ()) -> Body:
    page = read_page(html)
    assert page is not None
    names = site_names(SOURCE, page)
    return find_body(page, find_headline(page, names), names, own)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("<p>أضف تعليق</p>", "comment-prompt"),
        ("<p>النهر تحييكم</p>", "source"),
        (f'<p><a href="/news/rain">{OTHER}</a></p>', "bare link"),
        ("<p>#الجسر #النهر</p>", "hashtags"),
        ("<p>* * *</p>", "no words"),
        (f"<figure><img src='/a.jpg'><figcaption>{CAPTION}</figcaption></figure>", "caption"),
        ("<div class='newsletter'><p>رسائلنا الأسبوعية بين يديك</p></div>", "furniture box"),
        (f"<p>{FIRST}</p>", "printed twice"),
    ],
)
def test_every_line_taken_off_says_why(line: str, rule: str) -> None:
    body = found(page(f"<p>{FIRST}</p>{line}{paragraphs(SECOND, THIRD, FOURTH)}"), own=("النهر تحييكم",))
    assert body.paragraphs == PARAGRAPHS
    assert [removed.rule for removed in body.removed] == [rule]


def test_what_follows_a_heading_of_related_articles_says_so() -> None:
    body = found(page(f"<p>{FIRST}</p><p>اقرأ أيضاً</p><p>سيول في الوديان</p>{paragraphs(SECOND, THIRD, FOURTH)}"))
    assert body.paragraphs == PARAGRAPHS
    assert [removed.text for removed in body.removed] == ["اقرأ أيضاً", "سيول في الوديان"]
    assert body.removed[1].rule == "below a related heading"


def test_removed_lines_stand_in_page_order_and_menus_are_not_among_them() -> None:
    body = found(page(f"<p>كتب: سامر علي</p>{ALL}<p>تابعونا على تلغرام</p>"))
    assert [removed.text for removed in body.removed] == ["كتب: سامر علي", "تابعونا على تلغرام"]


@pytest.mark.parametrize("credit", ["رويترز", "(أ ف ب)", "تصوير: سامر علي", "© وكالة النهر"])
def test_a_credit_alone_is_no_caption(credit: str) -> None:
    pictures = "".join(
        f"<figure><img src='/a.jpg'><figcaption>{text}</figcaption></figure>" for text in (CAPTION, credit)
    )
    body = found(page(f"<p>{FIRST}</p>{pictures}{paragraphs(SECOND, THIRD, FOURTH)}"))
    assert body.paragraphs == PARAGRAPHS
    assert body.captions == (CAPTION,)


def test_what_a_picture_says_of_itself_is_no_caption() -> None:
    body = found(page(f"<p>{FIRST}</p><p><img src='/a.jpg' alt='{CAPTION}'></p>{paragraphs(SECOND, THIRD, FOURTH)}"))
    assert (body.paragraphs, body.captions) == (PARAGRAPHS, ())


def test_an_excerpt_is_no_standfirst_and_neither_is_the_text() -> None:
    assert found(page(around=(f'<div class="excerpt">{FIRST[:90]}…</div>', ""))).standfirst is None
    assert found(page()).standfirst is None
    assert found(page(f"<h3>{FIRST}</h3>{paragraphs(SECOND, THIRD, FOURTH)}")).standfirst == FIRST


# ---- no page is too odd


NUMBERED = [f"{FIRST} {number:04}" for number in range(3000)]


@pytest.mark.parametrize(
    ("inner", "lines"),
    [
        pytest.param(f"<p>{(FIRST + ' ') * 8000}</p>", 1, id="one line of a million characters"),
        pytest.param("".join(f"<div><div>{line}</div></div>" for line in NUMBERED), 3000, id="boxes"),
        pytest.param("<br>".join(NUMBERED), 3000, id="breaks"),
        pytest.param("".join(f"<blockquote><p>{line}</p></blockquote>" for line in NUMBERED), 3000, id="quotations"),
        pytest.param("".join(f"<p>{line}</p><p><a href='/'>{OTHER}</a></p>" for line in NUMBERED), 3000, id="links"),
        pytest.param("".join(f"<p>{line}</p><img src='/a.jpg'>" for line in NUMBERED), 3000, id="pictures"),
        pytest.param("<ul><li>" * 100 + FIRST + "</li></ul>" * 100 + ALL, 4, id="lists within lists"),
        pytest.param("<b>" * 200 + FIRST, 1, id="depth"),
        pytest.param("<p>اقرأ أيضاً</p><p>نص</p>" * 3000 + ALL, 4, id="headings of furniture"),
        pytest.param(f"<p>{FIRST}</p>{'<p>* * *</p>' * 3000}{paragraphs(SECOND, THIRD, FOURTH)}", 4, id="lines"),
    ],
)
def test_large_and_odd_pages_are_read_like_others(inner: str, lines: int) -> None:
    assert len(found(page(inner)).paragraphs) == lines
