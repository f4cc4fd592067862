"""Who wrote an article and which agency it is from, over the templates of news sites."""

from __future__ import annotations

import json

import pytest

from pipeline.extract.article_page import ArticlePage
from pipeline.extract.authors import find_byline
from pipeline.extract.body import Body
from pipeline.extract.headline import find_headline
from pipeline.page import read_page
from tests.pipeline.extract.pages import PARAGRAPHS, TITLE, URL, cleaned, linked_data, page, paragraphs

SAMER, MUNA, KHALED = "سامر علي", "منى حسن", "خالد سعيد"
TEXT = paragraphs(*PARAGRAPHS)
# What stands on most pages and names others: columnists in a sidebar, cards of other articles, a comment, the site's maker.
OTHERS = (
    '<div class="sidebar"><h3>كتاب الرأي</h3><a href="/author/9">رامي نعمة</a>'
    '<a href="/x">ماذا يريد أهل القرى من المجلس الجديد</a></div>'
    '<div class="more"><div class="card"><h3><a href="/1">وصول القطار الأول إلى المحطة الجديدة</a>'
    '</h3><span class="author">لينا مراد</span>'
    '</div></div><div id="comments"><div class="comment-author vcard">زائر كريم</div><p>أحسنتم.</p></div>'
    '<footer><a class="author" href="/dev">وسام حداد</a></footer>'
)


def named(
    under: str = "", *, above: str = "", before: str = "", first: str = "", after: str = "", head: str = ""
) -> tuple[list[str], list[str]]:
    """Authors and agencies of a page with this `under` and `above` the headline, `before` and `after` the text, `first` in it."""
    inner = before + TEXT.replace("<p>", f"<p>{first}", 1) + after
    html = page(inner, head=f'<meta property="og:type" content="article">{head}', around=(under, OTHERS))
    result = cleaned(html.replace("<h1>", f"{above}<h1>"))
    assert (result.rejected, result.title) == (None, TITLE)
    return list(result.authors), list(result.agencies)


JANNAH = (
    '<div class="single-post-meta post-meta"><span class="author-meta single-author">'
    '<span class="meta-item meta-author-wrapper">'
    '<span class="meta-author-avatar"><a href="/author/samer">'
    '<img src="/a.jpg" alt=""></a></span><span class="meta-author">'
    '<a href="/author/samer/" class="author-name tie-icon">{}</a>'
    '</span></span></span><span class="date meta-item">منذ 3 أيام</span>'
    '<span class="meta-reading-time meta-item">دقيقة واحدة</span></div>'
)
BOX = (
    '<div class="about-author"><div class="author-avatar">'
    '<a href="/author/samer"><img src="/a.jpg"></a></div><div class="author-info">'
    '<h3 class="author-name"><a href="/author/samer">سامر علي</a></h3>'
    '<div class="author-bio">صحفي من حمص يكتب عن المدن والأنهار منذ '
    "عشرين عاماً، وله كتابان عن الجسور القديمة، ونشرت له صحف عدة في المنطقة.</div>"
    '<a href="/author/samer">جميع مقالات الكاتب</a></div></div>'
)
TAGDIV = (
    '<div class="td-post-author-name">'
    '<div class="td-author-by">بواسطة</div> <a href="/author/x">{}</a><div class="td-author-line"> - '
    '</div></div><span class="td-post-date"><time>12 مارس 2024</time></span>'
)


@pytest.mark.parametrize(
    ("under", "authors"),
    [
        (JANNAH.format(SAMER), [SAMER]),
        (JANNAH.format("admin"), []),
        (JANNAH.format("صحيفة النهر"), []),
        (JANNAH.format("سامر"), []),
        (TAGDIV.format(SAMER), [SAMER]),
        (TAGDIV.format("nahr_admin"), []),
        (BOX, [SAMER]),
        (
            '<span class="byline">'
            '<span class="screen-reader-text">الكاتب</span> <a class="url fn n" href="/author/1">سامر علي</a></span>',
            [SAMER],
        ),
        (
            '<div class="entry-meta">بقلم <span class="author vcard">'
            '<a rel="author" href="/a">سامر علي</a></span></div>',
            [SAMER],
        ),
        (
            '<div>نشرت بواسطة <span rel="schema:author">'
            '<a class="username" property="schema:name">سامر علي</a></span></div>',
            [SAMER],
        ),
        (
            '<dd class="createdby" itemprop="author" itemscope>كتب بواسطة: <span itemprop="name">Super User</span>'
            "</dd>",
            [],
        ),
        (
            '<span itemprop="author" itemscope><meta itemprop="url" content="/x">'
            '<span itemprop="name">سامر علي</span></span>',
            [SAMER],
        ),
        ('<div class="article_author"><span class="loc">بيروت: </span><a href="/writer/3">سامر علي</a></div>', [SAMER]),
        ("<ul><li><strong>تاريخ</strong> 12.03.2024</li><li><strong>الكاتبة</strong> منى حسن</li></ul>", [MUNA]),
        ('<div class="author">سامر علي<br>كاتب وصحفي سوري</div>', [SAMER]),
        (
            '<div class="author"><a href="/author/x">سامر علي</a>'
            '<span>باحث في شؤون المياه</span><a href="https://x.com/s">@samer</a></div>',
            [SAMER],
        ),
        ('<div class="author">سامر علي - مراسل النهر في حلب</div>', [SAMER]),
        ('<div class="author">مراسلنا في دمشق سامر علي</div>', [SAMER]),
        ('<span class="author-name">سامر علي</span><span class="author-place">حلب</span>', [SAMER]),
        ('<h4 class="writer-name">سامر علي</h4>', [SAMER]),
        ("<table><tr><td>الكاتب : سامر علي</td><td>12/3/2024</td></tr></table>", [SAMER]),
        ("<td class='writer'>كتب/ سامر علي</td>", [SAMER]),
        (
            '<div><a rel="author" href="/author/1">سامر علي</a> <a rel="author" href="/author/2">منى حسن</a></div>',
            [SAMER, MUNA],
        ),
        (
            '<ul class="authors"><li><a href="/author/1">سامر علي</a>'
            '</li><li><a href="/author/2">منى حسن</a></li></ul>',
            [SAMER, MUNA],
        ),
        (
            '<div><div class="author-card"><b class="author-name">سامر علي</b></div>'
            '<div class="author-card"><b class="author-name">منى حسن</b></div></div>',
            [SAMER, MUNA],
        ),
        (
            '<ul class="byline"><li class="byline__name">سامر علي</li>'
            '<li class="byline__title">مراسل الشؤون المحلية</li></ul>',
            [SAMER],
        ),
        ("<div>كتب: سامر علي، منى حسن وخالد سعيد</div>", [SAMER, MUNA, KHALED]),
        ('<div class="byline"><b class="name">سامر علي</b><b class="title">النهر - لندن</b></div>', [SAMER]),
        ("<div><span>12 مارس</span><span>|</span><span>بقلم</span><span> سامر علي</span></div>", [SAMER]),
        ("<div><span>بقلم:</span><br><span>سامر علي</span></div>", [SAMER]),
        ("<div><div>الكاتب:</div><div>سامر علي</div></div>", [SAMER]),
        ('<div itemprop="author" itemscope><meta itemprop="name" content="سامر علي"></div>', [SAMER]),
        ('<span property="dc:creator">سامر علي</span>', [SAMER]),
        (
            '<div class="elementor-widget"><ul><li><b class="info__item--type-author">سامر علي</b></li></ul></div>',
            [SAMER],
        ),
        # nobody
        (
            '<div class="author-box"><h4>عن الكاتب</h4>'
            '<a href="/author/1">الملف الشخصي</a> <a href="/author/1">عرض كل المقالات</a></div>',
            [],
        ),
        ('<div class="byline">فريق التحرير</div>', []),
        ('<div class="byline">صحيفة النهر - دمشق</div>', []),
        ('<a rel="author" href="/author/1">المحرر</a>', []),
        ('<span class="author"></span>', []),
        ('<div class="author">info@alnahr.example</div>', []),
        ('<div class="author">12 مارس 2024</div>', []),
        ('<div class="author">أخبار محلية</div>', []),
        ('<div class="author">Article Information</div>', []),
        ('<div class="author">معلومات المقال</div>', []),
        ('<div class="author">تفاصيل الموضوع</div>', []),
        ('<div class="author">on Wednesday</div>', []),
        ("<p>Posted by Sam Hill on March 22, 2023</p>", ["Sam Hill"]),
        ('<div class="tags"><a href="/t/1">سامر علي</a> <a href="/t/2">حلب</a></div>', []),
        ("<p>سامر علي</p>", []),
        ("<figure><img src='/1.jpg'><figcaption>سامر علي - حلب</figcaption></figure>", []),
        ('<div class="photo-caption">سامر علي - حلب</div>', []),
        ("<div>رئيس التحرير: رامي نعمة</div>", []),
        ("<div>حوار: ماذا بعد فتح الجسر؟</div>", []),
        ("<p>تقرير حول الأوضاع</p>", []),
        ("<p>كتب الرئيس رسالة</p>", []),
        ("", []),
    ],
)
def test_authors_are_persons_or_nobody(under: str, authors: list[str]) -> None:
    assert named(under)[0] == authors


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="writer"><img src="/w.jpg"><a href="/writers/12">{}</a></div>',
        '<a href="/articles.php?author=12">{}</a>',
    ],
)
def test_a_writer_above_the_headline(markup: str) -> None:
    assert named(above=markup.format(SAMER))[0] == [SAMER]
    assert named(above=markup.format("كتاب الرأي"))[0] == []


@pytest.mark.parametrize(
    ("place", "line", "authors"),
    [
        ("before", "<p>كتب- سامر علي:</p>", [SAMER]),
        ("before", "<p>كتبت منى حسن</p>", [MUNA]),
        ("before", "<p>صحيفة النهر – سامر علي</p>", [SAMER]),
        ("before", "<p>حلب / سامر علي / الأناضول</p>", [SAMER]),
        ("first", "<strong>حلب – سامر علي</strong> ", [SAMER]),
        ("first", "<b>كتب سامر علي:</b> ", [SAMER]),
        ("first", "<b>حلب - سامر علي</b><br>", [SAMER]),
        ("first", "<b>حلب</b> ", []),
        ("after", "<p>سامر علي – حمص</p>", [SAMER]),
        ("after", "<p>إعداد: منى حسن</p>", [MUNA]),
        ("after", "<p>(إعداد سامر علي للنشرة العربية - تحرير منى حسن)</p>", []),
        ("after", "<p>هيومن رايتس ووتش - بيروت</p>", []),
        ("after", '<div class="tags">الوسوم <a href="/tag/1">الجسر</a></div>' + BOX, [SAMER]),
        (
            "after",
            '<div class="post-footer"><b class="post-author">مرسلة بواسطة سامر علي في <a>11:40 ص</a></b></div>',
            [SAMER],
        ),
        ("after", '<h3>التعليقات</h3><div><b class="author">أبو محمد</b><p>أحسنتم</p></div>', []),
        ("after", '<div class="replies"><b class="author">أبو محمد</b><p>أحسنتم</p></div>', []),
        ("after", '<p><a href="/1">تحقيق: حكاية جسر قديم</a></p>', []),
        ("after", '<blockquote>قول قديم <cite class="author">حكيم عتيق</cite></blockquote>', []),
        (
            "after",
            f"<blockquote><p>فرحة الأهالي</p><p>Posted by <a href='/p'>{SAMER}</a> on <a>Monday</a></p></blockquote>",
            [],
        ),
        (
            "after",
            "<p>Posted by <a href='https://social.example/n'>Nahr River Talk</a> on <a>Monday, July 3, 2023</a></p>",
            [],
        ),
        ("after", "<p>Posted by <a href='https://social.example/n'>Nahr1TV</a> on Wednesday, March 22, 2023</p>", []),
        (
            "after",
            '<blockquote class="twitter-tweet">فتح الجسر أخيراً &mdash; سامر علي (@samer) <a href="https://x.com/1">12 مارس</a>'
            "</blockquote>",
            [],
        ),
    ],
)
def test_a_byline_in_the_text(place: str, line: str, authors: list[str]) -> None:
    assert named(**{place: line})[0] == authors


def test_who_reported_comes_before_whose_account_put_it_in() -> None:
    assert named('<div class="author">نشر بواسطة منى حسن</div>', after="<p>سامر علي – حمص</p>")[0] == [SAMER]


@pytest.mark.parametrize(
    "said",
    [
        '<meta property="og:site_name" content="دنيا الضفة | Dunya">',
        '<a href="/"><img src="/l.png" alt="دنيا الضفة"></a>',
        "<p>جميع الحقوق محفوظة لدنيا الضفة 2003 - 2024</p>",
        "<p>جميع الحقوق محفوظة © دنيا الضفة، تصميم وسام حداد</p>",
    ],
)
def test_an_outlet_is_known_by_what_its_pages_say_of_it(said: str) -> None:
    html = page(f"<p>رام الله - دنيا الضفة</p>{TEXT}")
    assert cleaned(html).authors == ("دنيا الضفة",)  # which could be a person's name
    result = cleaned(html.replace("<nav>", f"{said}<nav>"))
    assert (result.authors, result.agencies) == ((), ("دنيا الضفة",))


def test_a_class_of_the_whole_article_calls_nobody_its_author() -> None:
    html = page(f"{TEXT}<p><strong>{KHALED}</strong></p>").replace("<article>", '<article class="author-post">')
    assert cleaned(html).authors == ()


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ({"@type": "Person", "name": SAMER}, [SAMER]),
        ([{"@type": "Person", "name": SAMER}, {"@type": "Person", "name": MUNA}], [SAMER, MUNA]),
        ({"@type": "Person", "name": [SAMER, MUNA]}, [SAMER, MUNA]),
        (f"{SAMER}, {MUNA}", [SAMER, MUNA]),
        ([SAMER, {"@type": "Person", "name": "فريق التحرير"}], [SAMER]),
        ({"@type": "Organization", "name": "صحيفة النهر"}, []),
        ({"@type": "Organization", "name": SAMER}, []),
        ({"@type": ["Person", "Organization"], "name": SAMER}, []),
        ({"@type": "Person", "name": "صحيفة النهر"}, []),
        ({"@type": "Person", "name": "النهر سبورت"}, []),
        ({"@type": "Person", "name": "(دمشق - النهر)"}, []),
        ({"@type": "Person", "name": "Sam User"}, []),
        ({"@type": "Person", "name": "Sam Hill"}, []),
        ({"@type": "Person", "name": "samer.ali"}, []),
        ({"@type": "Person", "name": "https://alnahr.example/logo.png"}, []),
        ({"@type": "Person", "name": "رويترز"}, []),
        ({"@type": "Person", "name": "قسم الأخبار"}, []),
        ({"@type": "Person", "name": None}, []),
        ({"@id": "#nobody"}, []),
        ([None, {"name": {}}], []),
        ("فريق التحرير", []),
        (17, []),
    ],
)
def test_what_the_metadata_states_of_authors_is_weighed(author: object, authors: list[str]) -> None:
    assert named(head=linked_data(author=author))[0] == authors


def test_an_author_elsewhere_in_the_graph() -> None:
    graph = {
        "@graph": [{"@type": "NewsArticle", "author": {"@id": "#p"}}, {"@type": "Person", "@id": "#p", "name": SAMER}]
    }
    assert named(head=f'<script type="application/ld+json">{json.dumps(graph)}</script>')[0] == [SAMER]


@pytest.mark.parametrize(
    ("name", "under", "authors"),
    [
        (SAMER, "", []),  # a site's maker is stated there, on every page
        (SAMER, f"<div>{SAMER}</div>", [SAMER]),
        (SAMER, f"<div>{SAMER}، حلب</div>", [SAMER]),
        ("nahr2", "<div>nahr2</div>", []),
        ("Sam Hill", "<div>Sam Hill | 12 مارس</div>", ["Sam Hill"]),
    ],
)
def test_a_meta_author_counts_where_the_page_shows_it(name: str, under: str, authors: list[str]) -> None:
    assert named(under, head=f'<meta name="author" content="{name}">')[0] == authors


def preview(label: str, name: str) -> str:
    return f'<meta name="twitter:label1" content="{label}"><meta name="twitter:data1" content="{name}">'


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        ('<meta name="author" content="{0}">' + preview("كُتب بواسطة", "{0}"), True),
        ('<meta name="author" content="{0}">' + preview("Written by", "{0}"), True),
        ('<meta name="author" content="{0}"><script type="application/ld+json">{1}</script>', True),
        ('<script type="application/ld+json">{1}</script>' + preview("نوشته شده توسط", "{0}"), True),
        ('<meta name="author" content="{0}">' + preview("وقت القراءة", "{0}"), False),
        ('<meta name="author" content="{0}">' + preview("كُتب بواسطة", "Muna Hasan"), False),
        ('<meta name="author" content="{0}">' + preview("كُتب بواسطة", "admin"), False),
        (preview("كُتب بواسطة", "{0}"), False),
    ],
)
@pytest.mark.parametrize("name", ["Rahma", "Sam Hill", "Élise", "José Luis Hill"])
def test_a_name_in_another_script_counts_where_two_places_of_the_metadata_state_it(
    name: str, head: str, authors: bool
) -> None:
    person = json.dumps({"@type": "NewsArticle", "author": {"@type": "Person", "name": name}})
    filled = head.replace("{0}", name).replace("{1}", person)
    assert named(head=filled)[0] == ([name] if authors else [])
    assert named("<div>المصدر: رويترز</div>", head=filled)[0] == []
    assert named(f"<p>كتب: {SAMER}</p>", head=filled)[0] == [SAMER]


@pytest.mark.parametrize(
    "login",
    [
        "rahma", "RAHMA", "rahma.ali", "rahma_ali", "Rahma2", "np_rahma", "sam hill", "SAM HILL", "Admin", "Editor", "Web Desk",
        "Alnahr", "Nahr Global Group",
    ],
)  # fmt: skip
def test_an_account_s_name_is_no_author_s_however_often_stated(login: str) -> None:
    head = f'<meta name="author" content="{login}">' + preview("كُتب بواسطة", login)
    assert named(head=head + linked_data(author={"@type": "Person", "name": login}))[0] == []


def test_the_byline_on_the_page_beats_the_metadata() -> None:
    head = linked_data(author={"@type": "Person", "name": "خالد الناشر"})
    assert named("<p>كتب: سامر علي</p>", head=head)[0] == [SAMER]


def test_the_account_that_put_in_an_agency_s_story_is_no_author() -> None:
    assert named("<div>المصدر: رويترز</div>", head=linked_data(author={"@type": "Person", "name": MUNA})) == (
        [],
        ["رويترز"],
    )


@pytest.mark.parametrize(
    ("place", "markup", "agencies"),
    [
        ("under", '<div class="source">أ.ف.ب</div>', ["أ.ف.ب"]),
        ("under", '<div class="author">النهر - وكالات</div>', ["وكالات"]),
        ("under", '<div class="author">سامر علي - رويترز</div>', ["رويترز"]),
        ("under", '<div class="source">المصدر: <span>(دبي - صحيفة النهر)</span></div>', ["صحيفة النهر"]),
        ("under", "<div>وكالات</div>", ["وكالات"]),
        ("under", "<div>متابعات</div>", []),
        ("under", JANNAH.format("صحيفة النهر"), []),
        ("before", "<p>القاهرة - (د ب أ):</p>", ["د ب أ"]),
        ("first", "دمشق-سانا ", ["سانا"]),
        ("first", "دمشق 12 آذار (سانا) - ", ["سانا"]),
        ("first", "بيروت (أ ف ب) - ", ["أ ف ب"]),
        ("first", "واع / بغداد - ", ["واع"]),
        ("first", "قالت رويترز إن المجلس ", []),
        ("first", "(حركة سكان) ", []),
        ("after", "<p>المصدر: د ب أ</p>", ["د ب أ"]),
        ("after", "<p>المصدر : <b>النهر + وكالات</b></p>", ["النهر", "وكالات"]),
        ("after", "<p>ووصل القطار الأول إلى المحطة صباح اليوم. (رويترز)</p>", ["رويترز"]),
        ("after", "<p>ووصل القطار الأول إلى المحطة صباح اليوم (الثلاثاء).</p>", []),
        ("head", linked_data(author={"@type": "Person", "name": "رويترز"}), ["رويترز"]),
        ("head", linked_data(author={"@type": "Organization", "name": "وكالة الأناضول"}), ["وكالة الأناضول"]),
        ("head", linked_data(author={"@type": "Organization", "name": "صحيفة النهر"}), []),
    ],
)
def test_agencies_are_told_apart_from_persons(place: str, markup: str, agencies: list[str]) -> None:
    assert named(**{place: markup})[1] == agencies


@pytest.mark.parametrize(
    ("selector", "authors", "agencies"),
    [
        (None, (SAMER,), ()),
        (".team i", (MUNA, KHALED), ()),
        ("meta[name=who]", (KHALED,), ()),
        (".from", (SAMER,), ()),
        (".nowhere", (SAMER,), ()),
    ],
)
def test_where_the_source_says_where_they_stand_they_are_those(
    selector: str | None, authors: tuple[str, ...], agencies: tuple[str, ...]
) -> None:
    html = page(
        TEXT + f'<div class="team"><i>{MUNA}</i> <i>إعداد: {KHALED}</i></div><div class="from">قسم التحرير</div>',
        head=f'<meta name="who" content="{KHALED}">',
        around=(f"<p>كتب: {SAMER}</p>", OTHERS),
    )
    read = read_page(html)
    assert read is not None
    byline = find_byline(ArticlePage(read, URL, frozenset(), find_headline(read, frozenset()), Body()), selector)
    assert (byline.authors, byline.agencies) == (authors, agencies)
    assert byline.origin == (selector if authors != (SAMER,) else f"line «كتب: {SAMER}»")
