"""Pages put together at random from what pages of news are made of: the day is the byline's, or none, and never another."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.publication.resolve import Publication, resolve
from tests.pipeline.publication.reading import candidates_of

CAPTURED = datetime(2016, 6, 1, 9, 30, tzinfo=UTC)
DAY = date(2016, 5, 10)
TITLE = "هدوء حذر في الأسواق القديمة بعد إعلان الهدنة"
OTHER = "<a href='/n'>وزير الزراعة يفتتح معرض الزيتون السنوي في المدينة الرياضية</a>"

BYLINES = st.sampled_from(
    [
        "10 أيار 2016",
        "الثلاثاء، 10 مايو 2016 - 02:35 م",
        "10/05/2016",
        "2016-05-10 14:35",
        "10.05.2016 14:35",
        "نُشر بتاريخ: 10/05/2016",
        "تاريخ النشر: 10 مايو 2016 الساعة 14:35",
        "آخر تحديث: 12 أيار 2016 - نشر: 10 أيار 2016",
        "10 أيار 2016 | آخر تحديث 12 أيار 2016",
        "سليم حداد - 10 أيار 2016",
        "سليم حداد | 10 أيار 2016",
        "بقلم: سليم حداد، 10 أيار 2016",
        "دمشق - سانا 10 أيار 2016",
        "10 مايو/أيار 2016",
        "3 شعبان 1437 هـ الموافق 10 مايو 2016 م",
        "مايو 10, 2016",
        "10 مايو، 2016 0 تعليق",
        "كتب: سليم حداد 10 أيار 2016 14:35",
        "أضيف بتاريخ 10 أيار 2016 من قبل سليم حداد",
        "نشرت بواسطة: سليم حداد في 10 مايو 2016",
        "المصدر: الساحة التاريخ: 10 مايو 2016",
        "العدد 2345 - الثلاثاء 10 أيار 2016",
        "قسم: محليات - 10 أيار 2016 - قراءة: 204",
    ]
)
BYLINE_SHAPES = st.sampled_from(
    [
        "<div>{}</div>",
        "<p align=right>{}</p>",
        "<div class='date'>{}</div>",
        "<div class='meta'><span>{}</span></div>",
        "<ul class='info'><li>سليم</li><li>{}</li></ul>",
        "<h5>{}</h5>",
        "<table><tr><td>{}</td></tr></table>",
        "<div><i class='icon'></i> <b>{}</b></div>",
        "<time>{}</time>",
        "<font size=2>{}</font>",
        "<div class='x1'><div class='x2'><div>{}</div></div></div>",
        "<div class='post-info'><a href='/a/s'>سليم حداد</a> <span class='d'>{}</span></div>",
        "<em>{}</em><br>",
        "<div><a href='#c'>3 تعليقات</a><span>{}</span></div>",
    ]
)
HEADINGS = st.sampled_from(
    [
        "<h1>{}</h1>",
        "<h2>{}</h2>",
        "<header><h1>{}</h1></header>",
        "<h1><a href='/self'>{}</a></h1>",
        "<h3 class='title'>{}</h3>",
        "<b>{}</b><br>",
        "<div class='title'>{}</div>",
        "<div class='a'><div class='b'><h1>{}</h1></div></div>",
    ]
)
TITLES = st.sampled_from([f"{TITLE} | الساحة", f"الساحة - {TITLE}", TITLE, f"{TITLE[:30]}..."])
OTHER_DAYS = st.sampled_from(["17 أيار 2016", "الثلاثاء 17 أيار 2016", "17/05/2016", "منذ 3 ساعات", "17 مايو، 2016"])
CARDS = st.sampled_from(
    [
        f"<li>{OTHER} {{}}</li>",
        f"<div class='card'><h3>{OTHER}</h3><span class='date'>{{}}</span></div>",
        f"<div><span class='date'>{{}}</span><h4>{OTHER}</h4></div>",
        f"<tr><td>{OTHER}</td><td>{{}}</td></tr>",
        f"<p>{OTHER}<br><small>{{}}</small></p>",
        f"<article><h2>{OTHER}</h2><div class='meta'>{{}}</div></article>",
    ]
)
BOXES = st.sampled_from(
    [
        "<div class='related'>{}</div>",
        "<div class='zz'>{}</div>",
        "<aside>{}</aside>",
        "<table>{}</table>",
        "<section><h3>اقرأ أيضا</h3>{}</section>",
    ]
)
PARAGRAPHS = st.integers(15, 90).map(lambda count: f"<p>{' '.join(['سكان الحي القديم'] * (count // 3))}.</p>")
ASIDES = st.sampled_from(
    [
        "<p>وقع الانفجار في 3 أيار 2014.</p>",
        "<p>في 3 أيار 2014 اجتمع الوزراء هنا.</p>",
        "<p>يذكر أن الهدنة الأولى أعلنت يوم 3 أيار 2014</p>",
        "<blockquote>سليم حداد (@s) 3 أيار 2014</blockquote>",
        "<div class='img'><img><span>صورة من الأرشيف 3 أيار 2014</span></div>",
        "<figure><img><figcaption>3 أيار 2014</figcaption></figure>",
    ]
)
CLOCKS = st.sampled_from(
    ["", "<div class='today'>الأربعاء 1 حزيران 2016</div>", "<div class='topdate'>الأربعاء 1 حزيران 2016</div>"]
)
COMMENTS = st.sampled_from(
    ["", "<div class='zc'>" + "<div><b>سمير</b> <span class='date'>منذ 3 ساعات</span><p>شكرا</p></div>" * 3 + "</div>"]
)
FRAMES = st.sampled_from(
    [
        "{}{}{}",
        "<div id='wrap'>{}<div class='content'>{}</div>{}</div>",
        "<div id='wrap'>{}<div class='content'>{}{}</div></div>",
        "<table><tr><td>{}</td></tr><tr><td>{}</td><td>{}</td></tr></table>",
    ]
)


@st.composite
def boxes(draw: st.DrawFn) -> str:
    card = draw(CARDS)
    return draw(BOXES).format("".join(card.format(day) for day in draw(st.lists(OTHER_DAYS, min_size=1, max_size=6))))


@st.composite
def stories(draw: st.DrawFn) -> str:
    return "".join(draw(st.lists(PARAGRAPHS | ASIDES, min_size=1, max_size=8)))


@st.composite
def pages(draw: st.DrawFn, byline: str) -> str:
    article = draw(HEADINGS).format(TITLE) + byline + draw(PARAGRAPHS) + draw(stories())
    before = draw(CLOCKS) + draw(st.just("") | boxes())
    after = draw(st.just("") | boxes()) + draw(COMMENTS)
    body = draw(FRAMES).format(before, article, after)
    return f"<html><head><title>{draw(TITLES)}</title></head><body>{body}</body></html>"


def published(page: str) -> Publication:
    found = candidates_of(page, "http://alsaha.example/a")
    return resolve(found, captured_at=CAPTURED, zone="Asia/Damascus")


@settings(max_examples=300)
@given(st.data())
def test_the_byline_below_the_heading_is_read(data: st.DataObject) -> None:
    page = data.draw(pages(data.draw(BYLINE_SHAPES).format(data.draw(BYLINES))))
    assert published(page).published_day == DAY


@settings(max_examples=300)
@given(st.data())
def test_without_a_byline_nothing_is_taken_for_one(data: st.DataObject) -> None:
    assert published(data.draw(pages(""))).method == "captured"
