"""The whole article and nothing but the article, on pages of many makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.body import Body, find_body
from pipeline.extract.headline import find_headline
from pipeline.extract.site import site_names
from pipeline.page.parse import read_page
from tests.pipeline.extract.pages import PARAGRAPHS, SOURCE, TITLE, body_of, cleaned, page, paragraphs

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


def test_control_characters_in_the_names_of_classes_cost_nothing() -> None:
    names = "".join(f"<div class='box\x0b{sign}b' id='{sign}'>" for sign in ("&#1;", "\ufffe"))
    assert body_of(page(f"{names}{ALL}</div></div>")) == body_of(page(ALL))


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
    from pipeline.extract.article import clean
    from tests.pipeline.extract.pages import capture

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


BYLINES = {
    "حلب / سامر علي / الأناضول": (("سامر علي",), ("الأناضول",)),
    "بغداد – واع – منى حسن": (("منى حسن",), ("واع",)),
    "الكاتبة سلمى الخطيب": (("سلمى الخطيب",), ()),
    "إعداد: سامر علي | تحرير: منى حسن": (("سامر علي",), ()),
    "تحرير: منى حسن": ((), ()),
    "سامر علي - دمشق": (("سامر علي",), ()),
    "بغداد/واع": ((), ("واع",)),
}


@pytest.mark.parametrize(("line", "named"), BYLINES.items())
def test_a_line_that_only_says_who_wrote_the_text_is_read_and_taken_off(
    line: str, named: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    for inner in ((line, *PARAGRAPHS), (*PARAGRAPHS, line)):
        result = cleaned(page(paragraphs(*inner)))
        assert result.body == "\n".join(PARAGRAPHS)
        assert (result.authors, result.agencies) == named


def test_a_byline_between_the_lead_and_the_text_is_taken_off() -> None:
    result = cleaned(page(paragraphs(LEAD, "حلب / سامر علي / الأناضول", *PARAGRAPHS)))
    assert result.body == "\n".join((LEAD, *PARAGRAPHS))
    assert result.authors == ("سامر علي",)


@pytest.mark.parametrize(
    "line",
    [
        "دمشق / سانا / قال الوزير إن الجسر سيعود إلى الخدمة قريباً",
        "دمشق / سانا / قال الوزير",
        "الكاتبة قالت ذلك",
        "حلب تستعد للشتاء",
        "سامر علي يغادر دمشق",
        "سامر علي: من حلب.",
    ],
)
def test_a_first_sentence_stays_whole_whatever_it_begins_with(line: str) -> None:
    assert body_of(page(paragraphs(line, *PARAGRAPHS))) == (line, *PARAGRAPHS)


def test_a_list_of_persons_is_no_byline() -> None:
    dead = ("أحمد خالد - حمص", "محمد علي - حلب", "سامر حسن - درعا")
    for inner in (paragraphs(*PARAGRAPHS, *dead), ALL + "<ul><li>أحمد خالد - حمص</li><li>ثلاثة آخرون</li></ul>"):
        result = cleaned(page(inner))
        assert result.body is not None
        assert "أحمد خالد - حمص" in result.body
        assert result.authors == ()


def test_persons_named_after_a_colon_are_no_byline() -> None:
    for named in (
        ("سامر علي - سوريا", "منى حسن - العراق"),
        ("منى حسن - العراق",),
        ("اتحاد الكتاب", "نقابة المحامين - حلب"),
        ("نقابة المحامين - حلب", "سامر علي - كاتب", "منى حسن - صحفية"),
    ):
        result = cleaned(page(paragraphs(*PARAGRAPHS, "الفائزون هم:", *named)))
        assert result.body == "\n".join((*PARAGRAPHS, "الفائزون هم:", *named))
        assert result.authors == ()


def test_a_name_alone_is_a_byline_with_a_place_below_it_or_where_the_head_states_it() -> None:
    for inner, head in (
        (("سامر علي", "دمشق - الأناضول", *PARAGRAPHS), ""),
        (("سامر علي", *PARAGRAPHS), '<meta name="author" content="سامر علي">'),
        ((*PARAGRAPHS, "سامر علي"), '<meta name="author" content="سامر علي">'),
    ):
        result = cleaned(page(paragraphs(*inner), head=head))
        assert result.body == "\n".join(PARAGRAPHS)
        assert result.authors == ("سامر علي",)
    kept = cleaned(page(paragraphs("سامر علي", *PARAGRAPHS)))
    assert (kept.body, kept.authors) == ("\n".join(("سامر علي", *PARAGRAPHS)), ())


def test_a_first_line_that_is_a_place_goes_but_not_the_first_heading_of_a_round() -> None:
    assert body_of(page(paragraphs("حلب", *PARAGRAPHS))) == PARAGRAPHS
    round_ = ("حلب", FIRST, "إدلب", SECOND, THIRD)
    assert body_of(page(paragraphs(*round_))) == round_
    headed = f"<h3>حلب</h3><p>{FIRST}</p><h3>القرى القريبة</h3>{paragraphs(SECOND, THIRD)}"
    assert body_of(page(headed)) == ("حلب", FIRST, "القرى القريبة", SECOND, THIRD)


@pytest.mark.parametrize(
    ("quotation", "lines"),
    [
        ("<blockquote>قال <cite>الوزير</cite>: الجسر قديم.</blockquote>", ("قال الوزير: الجسر قديم.",)),
        ("<blockquote>الجسر قديم.<cite>الوزير</cite></blockquote>", ("الجسر قديم.", "الوزير")),
        (
            '<blockquote class="twitter-tweet"><p><a href="/a">#الجسر_الشرقي</a> <a href="/b">#يعود_إلى_الخدمة</a> اليوم</p>'
            "</blockquote>",
            ("#الجسر_الشرقي #يعود_إلى_الخدمة اليوم",),
        ),
        ("<blockquote><div>الجسر<div>آمن</div></div></blockquote>", ("الجسر", "آمن")),
        ('<p>وكانت <a href="/a">النهر قد نشرت تقريراً عن الجسر وأعمال إصلاحه</a>.</p>', None),
        (
            '<p>وجاء في <a href="/a">التقرير الصادر عن المجلس المحلي</a>:</p><ul><li>رُمم <a href="/b">عمودان</a>.</li></ul>',
            ("وجاء في التقرير الصادر عن المجلس المحلي:", "رُمم عمودان."),
        ),
        ('<ul><li><a href="/a">رُمم عمودان من أعمدة الجسر الشرقي.</a></li></ul>', ()),
        ('<blockquote><a href="/a">سقوط أمطار غزيرة على الساحل</a></blockquote>', ()),
        (f'<p><a href="/a">{OTHER}</a></p>', ()),
    ],
)
def test_what_is_linked_in_a_sentence_is_part_of_it(quotation: str, lines: tuple[str, ...] | None) -> None:
    expected = ("وكانت النهر قد نشرت تقريراً عن الجسر وأعمال إصلاحه.",) if lines is None else lines
    inner = paragraphs(FIRST, SECOND) + quotation + paragraphs(THIRD, FOURTH)
    assert body_of(page(inner)) == (FIRST, SECOND, *expected, THIRD, FOURTH)


@pytest.mark.parametrize(
    "around",
    [
        '<figure><img src="/a.jpg"><figcaption>{}</figcaption></figure>',
        '<div><figure><img src="/a.jpg"></figure><p>{}</p></div>',
    ],
)
def test_a_date_by_a_picture_is_reported_as_a_date(around: str) -> None:
    for line, rule in (("الخميس، 12 مايو 2016 10:30 ص", "date-line"), ("الجسر في 12 مايو 2016", "caption")):
        result = cleaned(page(around=(around.format(line), "")))
        assert [removed.rule for removed in result.removed if removed.text == line] == [rule]
        assert result.captions == ((line,) if rule == "caption" else ())


def test_who_is_quoted_stays_where_the_foot_of_the_page_goes() -> None:
    quotation = f"<blockquote><p>{SECOND}</p><footer>المهندس المشرف</footer></blockquote>"
    inner = paragraphs(FIRST) + quotation + paragraphs(THIRD) + "<footer>المهندس المشرف على الموقع</footer>"
    assert body_of(page(inner)) == (FIRST, SECOND, "المهندس المشرف", THIRD)


def test_what_a_figure_says_of_its_picture_is_its_caption() -> None:
    pictured = '<figure><div><img src="/a.jpg"></div><p>بعدسة هاوٍ</p><figcaption>الجسر ليلاً</figcaption></figure>'
    result = cleaned(page(paragraphs(FIRST, SECOND) + pictured + paragraphs(THIRD, FOURTH)))
    assert result.body == "\n".join(PARAGRAPHS)
    assert result.captions == ("بعدسة هاوٍ", "الجسر ليلاً")
    quoted = '<figure class="quote"><blockquote><p>عدنا إلى بيوتنا.</p></blockquote></figure>'
    assert body_of(page(paragraphs(FIRST, SECOND) + quoted + paragraphs(THIRD, FOURTH)))[2] == "عدنا إلى بيوتنا."


def test_what_the_page_offers_to_skip_is_skipped() -> None:
    promotion = paragraphs("بودكاست النهر يحكي كل أسبوع قصة مدينة من مدن الضفتين وأهلها.")
    for skip, target in (("إلى ما بعد البودكاست", "end-of-podcast"), ("تخطى البودكاست وواصل القراءة", "after")):
        box = f'<div><a href="#{target}">{skip}</a>{promotion}<p id="{target}">نهاية البودكاست</p></div>'
        assert body_of(page(paragraphs(FIRST, SECOND) + box + paragraphs(THIRD, FOURTH))) == PARAGRAPHS
    for third, tag in (("third", "p"), ("ending", "h3"), ("ending", "p")):
        contents = f'<ul><li><a href="#{third}">ماذا يطلب الأهالي؟</a></li></ul>'
        inner = f'{contents}{paragraphs(FIRST, SECOND)}<{tag} id="{third}">{THIRD}</{tag}>{paragraphs(FOURTH)}'
        assert body_of(page(inner)) == PARAGRAPHS


COMMENTS = (
    "لا حول ولا قوة إلا بالله، متى تنتهي هذه الأعمال ويعود الناس إلى بيوتهم وأشغالهم كما كانوا قبل سنوات طويلة.",
    "شكراً لكل من عمل في هذا الجسر ليل نهار، وأتمنى من المجلس أن ينظر في حال الطريق القديم قبل أن ينهار هو أيضاً.",
)


@pytest.mark.parametrize(
    "comments",
    [
        "<ul>{}</ul>".format("".join(f"<li>قارئ<p>{text} {text}</p><a>رد</a></li>" for text in COMMENTS * 3)),
        "<div><h3>آراء القراء (6)</h3>{}</div>".format("".join(f"<p>{text} {text}</p>" for text in COMMENTS * 3)),
    ],
)
def test_comments_are_not_the_article_however_long(comments: str) -> None:
    assert body_of(page(paragraphs(FIRST, SECOND), around=("", comments))) == (FIRST, SECOND)


def test_one_answer_among_the_paragraphs_is_no_sign_of_comments() -> None:
    assert body_of(page(f"<div>{ALL}</div><div><p>رد</p><p>{LEAD}</p></div>"))[:4] == PARAGRAPHS


def test_the_times_of_a_running_account_are_taken_off_but_not_those_it_tells_of() -> None:
    posts = "".join(f"<div><time>1{hour}:30</time><p>{text}</p></div>" for hour, text in enumerate(PARAGRAPHS))
    assert body_of(page(posts)) == PARAGRAPHS
    told = "<p>أُغلق الجسر <time>12 مارس 2024</time> بعد الفيضان</p>"
    assert (
        body_of(page(paragraphs(FIRST, SECOND) + told + paragraphs(THIRD)))[2] == "أُغلق الجسر 12 مارس 2024 بعد الفيضان"
    )


@pytest.mark.parametrize("end", ["// انتهى //|10:11 ت م|0042", "انتهای پیام/ ۱۲۳|R7988/P"])
def test_the_marks_at_an_end_go_one_after_another(end: str) -> None:
    assert body_of(page(ALL + paragraphs(*end.split("|")))) == PARAGRAPHS


def test_the_line_that_announces_a_list_is_kept_where_the_list_is_all_of_its_box() -> None:
    items = "".join(f"<li><p>{text}</p></li>" for text in ("قرية الوادي (12)", *PARAGRAPHS))
    announced = "<p>القرى التي يخدمها <u>الجسر</u>:</p>"
    assert body_of(page(f"<blockquote>{announced}<ol>{items}</ol></blockquote>"))[:2] == (
        "القرى التي يخدمها الجسر:",
        "قرية الوادي (12)",
    )
