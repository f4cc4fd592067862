"""Collecting every date a page states, and where on the page it stands."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.extract.headline import find_headline
from pipeline.page import read_page
from pipeline.publication import Candidate, find_candidates
from pipeline.publication.resolve import resolve
from tests.pipeline.publication.reading import candidates_of

URL = "http://alsaha.example/news/1234"
TITLE = "هدوء حذر في الأسواق القديمة بعد إعلان الهدنة"


def candidates(markup: str, url: str = URL, found: dict[str, str] | None = None) -> tuple[Candidate, ...]:
    return candidates_of(markup, url, found)


def article(body: str, head: str = "") -> str:
    return f"<html><head><title>{TITLE} | الساحة</title>{head}</head><body>{body}</body></html>"


def only(found: tuple[Candidate, ...], method: str) -> list[tuple[str, str]]:
    return [(candidate.role, candidate.text) for candidate in found if candidate.method == method]


@pytest.mark.parametrize(
    ("tag", "method", "role"),
    [
        ('<meta property="article:published_time" content="{}">', "meta:article:published_time", "published"),
        ('<meta property="article:modified_time" content="{}">', "meta:article:modified_time", "modified"),
        ('<meta property="og:updated_time" content="{}">', "meta:og:updated_time", "modified"),
        ('<meta name="date" content="{}">', "meta:date", "unknown"),
        ('<meta name="pubdate" content="{}">', "meta:pubdate", "published"),
        ('<meta name="publishdate" content="{}">', "meta:publishdate", "published"),
        ('<meta name="DC.date.issued" content="{}">', "meta:dc.date.issued", "published"),
        ('<meta name="DC.Date" content="{}">', "meta:dc.date", "published"),
        ('<meta itemprop="datePublished" content="{}">', "meta:datepublished", "published"),
        ('<meta itemprop="dateModified" content="{}">', "meta:datemodified", "modified"),
        ('<meta name="parsely-pub-date" content="{}">', "meta:parsely-pub-date", "published"),
        ('<meta name="sailthru.date" content="{}">', "meta:sailthru.date", "published"),
        ('<meta http-equiv="last-modified" content="{}">', "meta:last-modified", "modified"),
    ],
)
def test_meta_tags(tag: str, method: str, role: str) -> None:
    assert Candidate(method, role, "2016-05-10") in candidates(article("", tag.format("2016-05-10")))


def test_what_the_source_names_comes_first() -> None:
    page = read_page(article("<h1>خبر</h1><p>10 أيار 2016</p>", '<meta name="pubdate" content="2016-05-10">'))
    assert page is not None
    found = find_candidates(page, None, "", url=URL, found={}, named=["9 أيار 2016"])
    assert found[0] == Candidate("selector", "published", "9 أيار 2016")
    assert found[1:] == find_candidates(page, None, "", url=URL, found={}) != ()


def test_meta_tags_that_broken_markup_put_into_the_body_are_read() -> None:
    markup = f"<html><body><p>x</p><meta property='article:published_time' content='2016-05-10'><h1>{TITLE}</h1></body></html>"
    assert only(candidates(markup), "meta:article:published_time") == [("published", "2016-05-10")]


ARTICLE = {"@type": "NewsArticle", "datePublished": "2016-05-10T14:35:00+03:00", "dateModified": "2016-05-11"}


@pytest.mark.parametrize(
    "data",
    [
        ARTICLE,
        [{"@type": "Organization"}, ARTICLE],
        {"@graph": [{"@type": "WebSite"}, ARTICLE]},
        {"@type": "Thing", "@graph": [{"@graph": [ARTICLE]}]},
        {"@type": "Thing", "mainEntity": ARTICLE},
        ARTICLE | {"@type": ["Article", "BlogPosting"]},
        ARTICLE | {"@type": "http://schema.org/NewsArticle"},
        ARTICLE | {"datePublished": ["2016-05-10T14:35:00+03:00"]},
        ARTICLE | {"datePublished": {"@value": "2016-05-10T14:35:00+03:00"}},
    ],
)
def test_json_ld(data: object) -> None:
    found = candidates(article("", f'<script type="application/ld+json">{json.dumps(data)}</script>'))
    assert only(found, "json-ld:datePublished") == [("published", "2016-05-10T14:35:00+03:00")]
    assert only(found, "json-ld:dateModified") == [("modified", "2016-05-11")]


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "عنوان "مكسور"", "datePublished": "2016-05-10"}',
        '{"@type": "NewsArticle", "datePublished": "2016-05-10",}',
        '<!-- {"@type": "NewsArticle", "datePublished": "2016-05-10"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "datePublished": "2016-05-10"}\n//]]>',
        '{"@type": "NewsArticle", "description": "سطر\nوسطر", "datePublished": "2016-05-10"};',
    ],
)
def test_broken_json_ld_still_states_its_dates(script: str) -> None:
    found = candidates(article("", f'<script type="application/ld+json">{script}</script>'))
    assert only(found, "json-ld:datePublished") == [("published", "2016-05-10")]


@pytest.mark.parametrize("kind", ["VideoObject", "Product", "Event", "Person", None])
def test_dates_of_other_things_in_json_ld_are_not_the_articles(kind: str | None) -> None:
    data = {"@type": kind, "datePublished": "2016-05-10", "uploadDate": "2016-05-10"}
    assert candidates(article("", f'<script type="application/ld+json">{json.dumps(data)}</script>')) == ()


HOME = {"@type": "WebPage", "url": "http://alsaha.example/", "datePublished": "2012-01-01"}
ARCHIVE = "https://web.archive.org/web/20220528101500"


@pytest.mark.parametrize(
    ("own", "url"),
    [
        ({"url": URL}, URL),
        ({"url": URL}, f"{ARCHIVE}/{URL}"),
        ({"url": f"{ARCHIVE}/{URL}"}, URL),
        ({"url": f"{ARCHIVE}id_/{URL}"}, f"{ARCHIVE}/{URL}"),
        ({"url": "http://alsaha.example/amp/1234"}, URL),
        ({"url": "http://alsaha.example/amp/1234", "headline": TITLE}, URL),
        ({}, URL),
    ],
)
def test_the_home_pages_node_is_not_the_articles(own: dict[str, str], url: str) -> None:
    head = f'<script type="application/ld+json">{json.dumps([HOME, ARTICLE | own])}</script>'
    found = candidates(article(f"<h1>{TITLE}</h1>", head), url)
    assert only(found, "json-ld:datePublished") == [("published", "2016-05-10T14:35:00+03:00")]
    assert only(found, "json-ld:datePublished:other") == [("published", "2012-01-01")]


@pytest.mark.parametrize(
    ("node", "url"),
    [
        (HOME, "http://alsaha.example/"),
        (HOME | {"url": URL}, URL),
        (HOME | {"url": "http://alsaha.example/amp/1234"}, URL),
        (HOME | {"name": TITLE}, URL),
    ],
)
def test_the_pages_own_node_is_read(node: dict[str, str], url: str) -> None:
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    found = candidates(article(f"<h1>{TITLE}</h1>", head), url)
    assert only(found, "json-ld:datePublished") == [("published", "2012-01-01")]


def test_the_home_pages_node_alone_dates_no_article() -> None:
    head = f'<script type="application/ld+json">{json.dumps(HOME)}</script>'
    assert only(candidates(article(f"<h1>{TITLE}</h1>", head)), "json-ld:datePublished") == []


def test_json_ld_that_is_escaped_as_text_and_numbers_in_it_are_read() -> None:
    data = json.dumps({"@type": "NewsArticle", "datePublished": 1462880100, "dateModified": 1462880100000.0})
    for script in (data, data.replace('"', "&quot;")):
        found = candidates(article(f"<h1>{TITLE}</h1>", f'<script type="application/ld+json">{script}</script>'))
        assert only(found, "json-ld:datePublished") == [("published", "1462880100")]
        assert only(found, "json-ld:dateModified") == [("modified", "1462880100000")]
    for value in ("true", "null", "{}", "[]"):
        flag = f'{{"@type": "NewsArticle", "datePublished": {value}}}'
        assert candidates(article(f"<h1>{TITLE}</h1>", f'<script type="application/ld+json">{flag}</script>')) == ()
    for value in ("1e999", "-Infinity", "NaN", "9" * 4000):
        flag = f'{{"@type": "NewsArticle", "datePublished": {value}}}'
        found = candidates(article(f"<h1>{TITLE}</h1>", f'<script type="application/ld+json">{flag}</script>'))
        assert resolve(found, captured_at=datetime(2016, 6, 1, tzinfo=UTC), zone="UTC").method == "captured"


def test_another_article_in_json_ld_is_marked() -> None:
    data = [
        {"@type": "NewsArticle", "url": "http://alsaha.example/news/99", "datePublished": "2016-05-01"},
        {"@type": "NewsArticle", "url": URL, "datePublished": "2016-05-10"},
    ]
    found = candidates(article("", f'<script type="application/ld+json">{json.dumps(data)}</script>'))
    assert only(found, "json-ld:datePublished") == [("published", "2016-05-10")]
    assert only(found, "json-ld:datePublished:other") == [("published", "2016-05-01")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            '<span itemprop="datePublished" content="2016-05-10">أمس</span>',
            ("microdata:datePublished", "published", "2016-05-10"),
        ),
        (
            '<span itemprop="datePublished">10 أيار 2016</span>',
            ("microdata:datePublished", "published", "10 أيار 2016"),
        ),
        (
            '<time itemprop="dateModified" datetime="2016-05-10">x</time>',
            ("microdata:dateModified", "modified", "2016-05-10"),
        ),
        ('<span property="dc:date" content="2016-05-10">أمس</span>', ("rdfa:dc:date", "published", "2016-05-10")),
        (
            '<span property="schema:dateModified" content="2016-05-10">أمس</span>',
            ("rdfa:schema:datemodified", "modified", "2016-05-10"),
        ),
        ('<time datetime="2016-05-10">x</time>', ("time", "unknown", "2016-05-10")),
        ('<time pubdate datetime="2016-05-10">x</time>', ("time", "published", "2016-05-10")),
        ('<time class="entry-date published" datetime="2016-05-10">x</time>', ("time", "published", "2016-05-10")),
        ('<time class="updated" datetime="2016-05-10">x</time>', ("time", "modified", "2016-05-10")),
        (
            '<abbr class="published" title="2016-05-10T14:35:00+03:00">2:35 م</abbr>',
            ("abbr", "published", "2016-05-10T14:35:00+03:00"),
        ),
        ('<span class="post-date">10 أيار 2016</span>', ("visible", "unknown", "10 أيار 2016")),
        ("<p>نُشر في: 10 أيار 2016</p>", ("visible", "published", "نُشر في: 10 أيار 2016")),
        ("<div>آخر تحديث: 10 أيار 2016</div>", ("visible", "modified", "آخر تحديث: 10 أيار 2016")),
        ("<div><span>10</span> <span>أيار</span><span>2016</span></div>", ("visible:bare", "unknown", "10 أيار 2016")),
        ("<div><!-- x -->10 أيار 2016<br>سليم</div>", ("visible:bare", "unknown", "10 أيار 2016")),
        ("<div>منذ 3 ساعات</div>", ("visible:bare", "unknown", "منذ 3 ساعات")),
    ],
)
def test_statements_under_the_heading(line: str, expected: tuple[str, str, str]) -> None:
    body = f"<nav><a href='/'>الرئيسية</a></nav><article><h1>{TITLE}</h1>{line}<p>{'نص الخبر ' * 60}</p></article>"
    assert Candidate(*expected) in candidates(article(body))


def test_published_and_modified_in_one_line_are_told_apart() -> None:
    for line, published, modified in (
        (
            "نشر: 10 أيار 2016 10:00 آخر تحديث: 11 أيار 2016 12:00",
            "نشر: 10 أيار 2016 10:00",
            "آخر تحديث: 11 أيار 2016 12:00",
        ),
        ("آخر تحديث: 11 أيار 2016 - تاريخ النشر: 10 أيار 2016", "النشر: 10 أيار 2016", "آخر تحديث: 11 أيار 2016"),
        ("10 أيار 2016 (تم التحديث 11 أيار 2016)", "10 أيار 2016", "تم التحديث 11 أيار 2016)"),
    ):
        found = candidates(article(f"<h1>{TITLE}</h1><p>{line}</p>"))
        assert any(
            role == "published" and text in {published, f"تاريخ {published}"} for role, text in only(found, "visible")
        )
        assert any(role == "modified" and text.startswith(modified) for role, text in only(found, "visible"))


def test_a_stamp_labelled_as_update_is_a_modification() -> None:
    found = candidates(article(f"<h1>{TITLE}</h1><div>الأربعاء، 28 آب/أغسطس 2013، آخر تحديث 14:00 (GMT+0400)</div>"))
    assert [role for role, _ in only(found, "visible")] == ["modified"]


OUTSIDE = [
    '<header><div class="today">الثلاثاء 17 أيار 2016</div></header>',
    '<div id="top-bar"><span class="date">الثلاثاء 17 أيار 2016</span></div>',
    '<nav><ul><li><time datetime="2016-05-17">17 أيار</time></li></ul></nav>',
]
BELOW = [
    "<aside><ul><li><a href='/x'>خبر آخر عنوانه طويل بما يكفي ليعرف</a> <span class='date'>17 أيار 2016</span></li></ul></aside>",
    "<div><h3>مواد ذات صلة</h3><a href='/x'><h4>خبر آخر عنوانه طويل بما يكفي</h4></a><b class='date'>17 أيار 2016</b></div>",
    "<div class='x'><a href='/x'>خبر آخر عنوانه طويل بما يكفي ليعرف<time datetime='2016-05-17'>17 أيار 2016</time></a></div>",
    "<div class='comments'><p>سمير</p><time datetime='2016-05-17'>17 أيار 2016</time><p>شكرا</p></div>",
    "<footer><p>نشر بتاريخ 17 أيار 2016</p></footer>",
]


@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_clock_above_the_article_is_not_its_date(outside: str) -> None:
    body = f"{outside}<div>{'<a href=/>قسم</a> ' * 30}</div><div class='main'><h1>{TITLE}</h1><p>{'نص ' * 90}</p></div>"
    found = candidates(article(body))
    assert all(candidate.method.endswith(":other") for candidate in found), found


@pytest.mark.parametrize(
    ("above", "method"),
    [
        ("<p>نشر بتاريخ 10 أيار 2016</p>", "visible:above"),
        ("<p>10 أيار 2016</p>", "visible:other"),
        ("<div>الثلاثاء 10 أيار 2016</div>", "visible:other"),
        ("<div><div class='date'>10 أيار 2016</div></div>", "visible:above"),
    ],
)
def test_above_the_heading_only_what_says_that_it_is_a_date_may_be_the_articles(above: str, method: str) -> None:
    found = candidates(article(f"<div class='main'>{above}<h1>{TITLE}</h1><p>{'نص ' * 90}</p></div>"))
    assert [candidate.method for candidate in found] == [method]


@pytest.mark.parametrize(
    ("below", "methods"),
    [("<p>نشر في 10 أيار 2016</p>", ["visible:foot"]), ("<p>10 أيار 2016</p>", []), ("<p>دمشق، 10 أيار 2016</p>", [])],
)
def test_after_the_text_only_a_label_makes_a_line_the_articles(below: str, methods: list[str]) -> None:
    text = "<p>" + "نص طويل لا يذكر يوما ولا شهرا ولا سنة من السنين. " * 30 + "</p>"
    found = candidates(article(f"<div class='main'><h1>{TITLE}</h1>{text}{below}</div>"))
    assert [candidate.method for candidate in found] == methods


TIMES = (
    '<time class="entry-date published" datetime="2016-05-10">الثلاثاء 10 مايو 2016</time>'
    '<time class="updated" datetime="2016-05-11">الأربعاء 11 مايو 2016</time>'
)


def test_a_permalink_around_the_articles_dates_is_not_another_articles() -> None:
    link = f'<div><a href="http://elsewhere.example/1234" rel="bookmark">{TIMES}</a></div>'
    found = candidates(article(f"<div><h1>{TITLE}</h1>{link}<div><span>سليم حداد | 10 مايو 2016</span></div></div>"))
    assert only(found, "time") == [("published", "2016-05-10"), ("modified", "2016-05-11")]
    assert ("unknown", "سليم حداد | 10 مايو 2016") in only(found, "visible:bare")


def test_a_link_around_a_title_and_its_dates_is_another_articles() -> None:
    link = f'<div><a href="http://elsewhere.example/1234">عنوان خبر آخر من أخبار اليوم {TIMES}</a></div>'
    found = candidates(article(f"<div><h1>{TITLE}</h1><p>نص</p>{link}</div>"))
    assert {candidate.method for candidate in found} == {"time:other", "visible:other"}


@pytest.mark.parametrize(
    ("anchor", "suffix"),
    [('<a href="#s1">#</a>', ""), ('<a name="s1"></a>', ""), ("<a href='/other'>اقرأ</a>", ":other")],
)
def test_a_headings_own_anchor_is_no_link_to_another_article(anchor: str, suffix: str) -> None:
    box = f"<div><h2>خلفية الحدث {anchor}</h2><span class='date'>10 أيار 2016</span></div>"
    found = candidates(article(f"<div><h1>{TITLE} <a href='#top'>#</a></h1>{box}</div>"))
    assert [candidate.method for candidate in found] == [f"visible{suffix}"]


FOOTER = (
    '<div class="post-footer"><a href="/1234" rel="bookmark">'
    '<abbr class="published" title="2016-05-10T14:35:00+03:00">{}</abbr></a></div>'
)


def test_an_abbr_of_hatom_dates_the_entry_that_it_stands_in() -> None:
    post = f"<h3 class='post-title entry-title'>{TITLE}</h3><div class='post-body'>{'نص طويل. ' * 200}</div>"
    stamp = FOOTER.format("2:35 م")
    others = (
        f"<div class='hentry'><h3><a href='/2'>خبر آخر عنوانه طويل بما يكفي</a></h3>{FOOTER.format('1:00 م')}</div>"
    )
    found = candidates(article(f"<div><div class='post hentry'>{post}{stamp}</div>{others}</div>"))
    assert only(found, "abbr") == [("published", "2016-05-10T14:35:00+03:00")]
    assert only(found, "abbr:other") == [("published", "2016-05-10T14:35:00+03:00")]


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("length", [5, 400])
def test_another_articles_date_is_not_the_articles(below: str, length: int) -> None:
    found = candidates(article(f"<div class='main'><h1>{TITLE}</h1><p>{'نص ' * length}</p>{below}</div>"))
    assert all(candidate.method.endswith(":other") for candidate in found), found


def test_prose_that_mentions_a_date_is_no_date_line() -> None:
    body = f"<h1>{TITLE}</h1><p>قتل ثلاثة مدنيين في قصف على السوق يوم 5 أيار 2012 بحسب ناشطين في المدينة القديمة</p>"
    assert candidates(article(body)) == ()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://a.example/2016/05/10/title", "/2016/05/10"),
        ("http://a.example/2016/5/9", "/2016/5/9"),
        ("http://a.example/2013/middle_east/8/3/x/index.html", "/2013/middle_east/8/3"),
        ("http://a.example/news/2020-06-03-1.3874341", "2020-06-03"),
        ("http://a.example/arab_world/202003171044893040-x/", "/202003171044893040"),
        ("http://a.example/20200317/x", "/20200317"),
        ("http://a.example/2016/05/post.html", "/2016/05"),
        ("https://web.archive.org/web/20220528101500/http://a.example/2016/05/10/title", "/2016/05/10"),
        ("https://web.archive.org/web/20220528101500id_/http:/a.example/2016/05/10/title", "/2016/05/10"),
        ("https://archive.example/2022.05.28-101500/http://a.example/2016/05/10/title", "/2016/05/10"),
        ("http://a.example/web/20200317/title", "/20200317"),
    ],
)
def test_days_in_the_address(url: str, text: str) -> None:
    assert only(candidates("<p>x</p>", url), "url") == [("published", text)]


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/news/2016",
        "http://a.example/20169999/x",
        "http://a.example/article/20191234567/x",
        "http://a.example/2016/13/40/",
        "https://web.archive.org/web/20220528101500/http://a.example/title",
        "https://web.archive.org/web/20220528101500/a.example/title",
        "https://archive.example/coll/20220528101500mp_/https://a.example/title",
        "https://archive.example/wayback/20220528/http://a.example/title",
        "http://[",
        "",
    ],
)
def test_addresses_without_a_day(url: str) -> None:
    assert only(candidates("<p>x</p>", url), "url") == []


def test_the_canonical_address_states_a_day_too() -> None:
    found = candidates(article("", '<link rel="canonical" href="http://alsaha.example/2016/05/10/x">'))
    assert only(found, "url") == [("published", "/2016/05/10")]


def test_how_the_page_was_found() -> None:
    found = candidates(
        "<p>x</p>",
        found={"by": "feed", "published": "Tue, 10 May 2016 14:35:00 +0300", "modified": "2016-05-11", "from": "x"},
    )
    assert found == (
        Candidate("feed", "published", "Tue, 10 May 2016 14:35:00 +0300"),
        Candidate("feed:modified", "modified", "2016-05-11"),
    )
    found = candidates("<p>x</p>", found={"by": "sitemap", "published": "2016-05-10", "lastmod": "2016-05-12"})
    assert found == (
        Candidate("sitemap", "published", "2016-05-10"),
        Candidate("sitemap:lastmod", "modified", "2016-05-12"),
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<!-- x --><b>",
        "<?php x ?><p>1</p>",
        "<p>10 أيار 2016",
        "<title>x</title>",
        "<frameset></frameset>",
        "<time></time>",
        "<h1></h1><time datetime=''>",
        "<a><a><a>10",
        "<script type='application/ld+json'>" + "[" * 100000 + "</script>",
        "<script type='application/ld+json'>" + '{"@graph":' * 5000 + "</script>",
        "<script type='application/ld+json'>" + "9" * 5000 + "</script>",
        '<script type=\'application/ld+json\'>{"@type": "Article", "datePublished": NaN}</script>',
        "<script type='application/ld+json'>{\"@type\": [1, null, {}]}</script>",
        '<script type=\'application/ld+json\'>{"@type": "Article", "url": "http://[", "datePublished": "\\ud800"}</script>',
        "<link rel=canonical href='http://[::1'><p>10",
        "<meta property='og:title' content='&#0;'><h1>&#0;</h1>",
    ],
)
def test_malformed_pages_do_not_raise(markup: str) -> None:
    for url in (URL, "http://[", "", "\x00", "http://a.example/" + "2016/" * 50000):
        found = candidates_of(markup, url, {"published": "\ud800", "by": "\x00"})
        resolve(found, captured_at=datetime(2016, 6, 1, tzinfo=UTC), zone="UTC")


HEADED = f"<title>{TITLE}</title><h1>{TITLE}</h1>"
# Pages that grow with a number: what of them is looked at must grow with it at most. Pages nested deeper than 256 are not read.
GROWING: dict[str, Callable[[int], str]] = {
    "depth below": lambda n: f"{HEADED}{'<div>' * (n // 10)}10 أيار 2016",
    "depth above": lambda n: f"<title>{TITLE}</title>{'<div>' * (n // 10)}<h1>{TITLE}</h1><p>10 أيار 2016",
    "times at every depth": lambda n: (
        f"{HEADED}{'<div><time pubdate datetime=2016-05-10></time><a href=x>x</a>' * (n // 10)}"
    ),
    "times": lambda n: HEADED + "<time class=published datetime='2016-05-10T10:00'>10</time>" * n,
    "times above": lambda n: "<time class=published datetime='2016-05-10T10:00'>10</time>" * n + HEADED,
    "times without a heading": lambda n: "<p><time datetime='2016-05-10'>10 أيار 2016</time></p>" * n,
    "lines": lambda n: HEADED + "<p>10 أيار 2016</p>" * n,
    "lines far below": lambda n: f"{HEADED}<p>{'نص ' * 900}</p>" + "<p>نشر في 10 أيار 2016</p>" * n,
    "labels": lambda n: HEADED + f"<p>{'نشر في آخر تحديث ' * 9} 10 أيار 2016</p>" * n,
    "headings": lambda n: HEADED + "<h2><a href=x>عنوان آخر لخبر</a></h2>" * n + "<p>10 أيار 2016",
    "titles": lambda n: f"<meta property='og:title' content='{TITLE}'>" * n + "<h2>عنوان آخر لخبر آخر</h2>" * n,
    "links": lambda n: f"{HEADED}<div>{'<a href=x></a>' * n}<p>10 أيار 2016</div>",
    "siblings": lambda n: f"<title>{TITLE}</title><div>{'<i></i>' * n}<h1>{TITLE}</h1><p>10 أيار 2016</div>",
    "words in a line": lambda n: f"{HEADED}<p>{'<span>10 </span>' * n}",
    "metadata": lambda n: "<meta name=date content='2016-05-10'>" * n,
    "properties in each other": lambda n: HEADED + "<div itemprop=datePublished>10 " * (n // 10),
    "classes": lambda n: HEADED + "".join(f"<div class='date-{number}'>x</div>" for number in range(n)),
    "a long class": lambda n: f"{HEADED}<div class='{'post-header-' * n}'>10 أيار 2016</div>",
    "articles in a script": lambda n: ARTICLES.format(
        ",".join(['{"@type": "Article", "datePublished": "2016-05-10"}'] * n)
    ),
    "a broken script": lambda n: ARTICLES.format('{"@type": "Article", ' + '"datePublished" : "2016-05-10" ' * n),
    "digits": lambda n: f"{HEADED}<p>{'1' * 20 * n}</p><p class=date>{'1/' * 20 * n}</p>",
}
ARTICLES = "<script type='application/ld+json'>[{}]</script>"


@pytest.mark.parametrize("grows", GROWING)
def test_work_grows_with_the_page_at_most(grows: str) -> None:
    """Counted in calls, of Python's and of C's functions, for a page and one four times as large."""
    small, large = (_calls(GROWING[grows](n)) for n in (500, 2000))
    assert large <= 5 * small + 5000, (small, large)


def _calls(markup: str) -> int:
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        found = candidates_of(markup, URL)
        resolve(found, captured_at=datetime(2016, 6, 1, tzinfo=UTC), zone="UTC")
    finally:
        sys.setprofile(before)
    assert len(found) <= 500
    return calls


@pytest.mark.parametrize("markup", ["<!-- 10 أيار 2016 -->", "<?x 10 أيار 2016?>", "&nbsp;", ""])
def test_a_lone_comment_or_instruction_is_no_page(markup: str) -> None:
    assert candidates_of(markup, URL) == ()


PIECES = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<h1>",
        "</h1>",
        TITLE,
        "<p>",
        "<time datetime='2016-05-10'>",
        "</time>",
        "10 أيار 2016 ",
        "<a href='/x'>",
        "</a>",
        "<!-- 1 -->",
        "<?x 2?>",
        "<article>",
        "</article>",
        "<header>",
        "<footer>",
        "<meta itemprop='datePublished' content='2016'>",
        "<script type='application/ld+json'>",
        '{"@type":"Article",',
        '"datePublished":"2016"}',
        "</script>",
        "<title>",
        "</title>",
        "<head>",
        "<body>",
        "<li>",
        "<span itemprop='datePublished'>",
        "آخر تحديث ",
        "<template>",
        "<svg>",
        "&nbsp;",
        "\x00",
        "<br>",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=40))
def test_no_page_raises(markup: str, url: str) -> None:
    page = read_page(markup)
    if page is None:
        return
    before = etree.tostring(page.tree)
    headline = find_headline(page, frozenset())
    found = find_candidates(page, headline.heading, headline.printed, url=url, found={})
    assert len(set(found)) == len(found)
    assert etree.tostring(page.tree) == before
