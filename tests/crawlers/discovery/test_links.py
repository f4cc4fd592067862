"""Lists of articles, read from pages as sites print them."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from crawlers.discovery import DiscoveryError, Found, discoveries
from crawlers.window import Window
from pipeline.sources import Source

HOME = "http://sadanews.example"
SECTION = f"{HOME}/syria"
MAY = Window(date(2016, 5, 1), date(2016, 6, 1))
CAPTURED = datetime(2016, 5, 12, 9, tzinfo=UTC)


def made(window=MAY, **config):
    source = Source.model_validate(
        {
            "id": "sada",
            "name": "صدى",
            "home": HOME,
            "timezone": "Asia/Damascus",
            "discovery": [{"type": "listing", "url": SECTION, "links": "^/news/"} | config],
        }
    )
    return discoveries(source, window)[0]


def answered(request, body, status=200):
    meta = request.meta | {"fetched_at": CAPTURED}
    return Response(
        request.url,
        status=status,
        body=body if isinstance(body, bytes) else body.encode(),
        headers={"Content-Type": "text/html; charset=utf-8"},
        request=request.replace(meta=meta),
    )


def read(it, request, body, status=200):
    """What one answer gives: found URLs, and requests."""
    items = list(it.read(answered(request, body, status)))
    return [one for one in items if isinstance(one, Found)], [one for one in items if isinstance(one, Request)]


def leaf_through(it, pages):
    """Every found URL's path, and the paths asked for; `pages` is bodies by path (or a function), 404 without one."""
    waiting, asked, found = list(it.start()), [], []
    while waiting:
        request = waiting.pop(0)
        path = request.url.removeprefix(HOME)
        if path in asked:
            continue
        asked.append(path)
        assert len(asked) < 60
        body = pages(path) if callable(pages) else pages.get(path)
        some, more = read(it, request, body or "", 200 if body else 404)
        found += some
        waiting += more
    return [one.url.removeprefix(HOME) for one in found], asked


def item(number, printed="", path="/news/"):
    return (
        f'<article class="teaser"><h2><a href="{path}{number}">قصف على بلدة رقم {number} في الريف</a></h2>'
        f'<div class="meta">{printed}</div><p>قالت مصادر محلية إن القصف استهدف الأطراف.</p></article>'
    )


def page(*items, more=""):
    return f'<html><head><title>سوريا</title></head><body><div class="list">{"".join(items)}</div>{more}</body></html>'


def link(href, text):
    return f'<nav class="pager"><a href="{href}">{text}</a></nav>'


@pytest.mark.parametrize(
    ("printed", "days"),
    [
        ("10 أيار 2016", (date(2016, 5, 10), date(2016, 5, 10))),
        ("الثلاثاء ١٠ مايو ٢٠١٦ - ١٤:٣٥", (date(2016, 5, 10), date(2016, 5, 10))),
        ("10/05/2016", (date(2016, 5, 10), date(2016, 5, 10))),
        ("3 شعبان 1437هـ", (date(2016, 5, 10), date(2016, 5, 10))),
        ("منذ 3 أيام", (date(2016, 5, 8), date(2016, 5, 10))),
        ("منذ ساعتين", (date(2016, 5, 11), date(2016, 5, 13))),
        ("أمس", (date(2016, 5, 10), date(2016, 5, 12))),
        ("منذ أسبوعين", (date(2016, 4, 21), date(2016, 5, 5))),
        ("10 أيار", (date.min, date(2016, 5, 10))),
        ("آخر تحديث: 10 أيار 2016", None),
        ("", None),
    ],
)
def test_what_is_printed_beside_a_link(printed, days):
    it = made()
    [request] = it.start()
    [one, _], _ = read(it, request, page(item(1, printed), item(2, "2 أيار 2016")))
    assert one.url == f"{HOME}/news/1"
    assert one.days == days
    assert one.how["title"] == "قصف على بلدة رقم 1 في الريف"
    assert ("printed" in one.how) == (days is not None)
    assert one.how.get("printed", printed) == printed
    assert "published" not in one.how


def test_a_machines_date_goes_first_and_the_earlier_of_two():
    it = made()
    [request] = it.start()
    times = '<time class="updated" datetime="2016-05-11T08:00:00+03:00">أمس</time><time datetime="2016-05-10">10 أيار</time>'
    [one, _], _ = read(it, request, page(item(1, times), item(2)))
    assert (one.how["published"], one.days) == ("2016-05-10", None)


def test_a_headline_is_no_date_and_a_path_is():
    it = made()
    [request] = it.start()
    body = page(
        '<h2><a href="/news/1">حصيلة 10 أيار 2013</a></h2>', item("2016/05/03/a"), '<p><a href="/about">من نحن</a></p>'
    )
    [one, other], _ = read(it, request, body)
    assert one.days is None
    assert other.days == (date(2016, 5, 2), date(2016, 5, 4))


def test_a_card_that_is_one_link_and_a_table_row():
    it = made()
    [request] = it.start()
    card = '<div><a href="/news/1"><img src="x"><h3>هدنة في حلب وريفها</h3><span>10 أيار 2016</span></a></div>'
    row = '<table><tr><td><a href="news/2#c">تبادل أسرى في تعز</a></td><td>9-5-2016</td></tr></table>'
    found, _ = read(it, request, page(card, row.replace("news/2", "/news/2")))
    assert [(one.url, one.days) for one in found] == [
        (f"{HOME}/news/1", (date(2016, 5, 10),) * 2),
        (f"{HOME}/news/2", (date(2016, 5, 9),) * 2),
    ]


@pytest.mark.parametrize(
    "form",
    [
        '<h3><a href="/news/{n}">تبادل أسرى في تعز اليوم</a></h3><span>{day} أيار 2016</span><p>قال مصدر محلي إن ذلك تم.</p>',
        '<span>{day} أيار 2016</span><h3><a href="/news/{n}">تبادل أسرى في تعز اليوم</a></h3>',
        '<tr><td><a href="/news/{n}">تبادل أسرى في تعز اليوم</a></td></tr><tr><td>{day}/5/2016</td></tr>',
        '<h3><a href="/news/{n}">تبادل أسرى في تعز اليوم</a></h3><time datetime="2016-05-{day}">أمس</time>',
    ],
    ids=["after", "before", "rows", "times"],
)
def test_a_list_without_a_box_for_each_item(form):
    it = made()
    [request] = it.start()
    rows = "".join(form.format(n=day, day=day) for day in (12, 11, 10))
    found, _ = read(it, request, f"<html><body><h1>سوريا</h1><table>{rows}</table></body></html>")
    stated = [one.how.get("published") or one.days for one in found]
    assert stated == [f"2016-05-{day}" if "<time" in form else (date(2016, 5, day),) * 2 for day in (12, 11, 10)]


def test_only_the_sources_hosts_and_links_that_match():
    it = made()
    [request] = it.start()
    share = '<a href="http://share.example/news/1">شارك</a><a href="javascript:void(0)">x</a><a href="http://[x/news/1">x</a>'
    found, _ = read(it, request, page(share, item(1), '<a href="/video/1">فيديو</a>'))
    assert [one.url for one in found] == [f"{HOME}/news/1"]


def test_a_query_matches_too():
    it = made(links=r"^/article\.php\?id=\d+$")
    [request] = it.start()
    found, _ = read(
        it, request, page('<a href="article.php?id=5">خبر</a><a href="article.php?id=5&amp;print=1">اطبع</a>')
    )
    assert [one.url for one in found] == [f"{HOME}/article.php?id=5"]


def test_a_path_matches_whatever_its_query():
    it = made(links="^/post[.]php$")
    [request] = it.start()
    found, _ = read(
        it,
        request,
        page('<a href="/post.php?id=5">خبر</a><a href="/post.php">خبر آخر</a><a href="/list?p=/post.php">x</a>'),
    )
    assert [one.url for one in found] == [f"{HOME}/post.php?id=5", f"{HOME}/post.php"]


def test_windows_1256_that_says_it_is_utf_8():
    it = made()
    [request] = it.start()
    [one, *_], _ = read(it, request, page(item(1, "10 أيار 2016"), item(2), item(3)).encode("cp1256"))
    assert one.days == (date(2016, 5, 10),) * 2


@pytest.mark.parametrize(
    "pager",
    [
        '<link rel="next" href="/syria/2">',
        '<a rel="next" href="/syria/2">‹</a>',
        link("/syria/2", "التالي"),
        link("/syria/2", "« التالي"),
        link("/syria/2", "الصفحة التالية"),
        link("/syria/2", "المزيد"),
        link("/syria/2", "الأقدم"),
        link("/syria/2", "»"),
        link("/syria/2", "Next"),
        link("/syria/2", "2") + link("/syria/3", "3"),
        link("/syria/2", "٢") + link("/syria/3", "٣"),
        '<a href="/syria/2" aria-label="التالي"><i class="icon"></i></a>',
        link("/sport", "المزيد") + link("/culture", "المزيد") + link("/syria/2", "2"),
        link("http://other.example/2", "التالي") + link("/syria/2", "»"),
    ],
)
def test_the_way_to_the_next_page(pager):
    it = made()
    [request] = it.start()
    _, more = read(it, request, page(item(1, "10 أيار 2016"), more=pager))
    assert [one.url for one in more] == [f"{HOME}/syria/2"]


def test_numbers_count_on_from_the_page():
    pages = {f"/syria{suffix}": page(item(n), more=link("/syria?p=2", "2") + link("/syria?p=3", "3") + link("/syria", "1"))
             for n, suffix in enumerate(["", "?p=2", "?p=3"])}  # fmt: skip
    found, asked = leaf_through(made(), pages)
    assert asked == ["/syria", "/syria?p=2", "/syria?p=3"]
    assert len(found) == 3


@pytest.mark.parametrize(("on", "back"), ["»«", "«»", "›‹", "‹›"])
@pytest.mark.parametrize("first", ["/syria", "/syria/1"])
def test_arrows_that_point_either_way(on, back, first):
    def at(number):
        ways = link(f"/syria/{number + 1}", on) * (number < 4)
        return page(
            item(number), more=ways + link(first if number == 2 else f"/syria/{number - 1}", back) * (number > 1)
        )

    pages = {"/syria": at(1), "/syria/1": at(1), **{f"/syria/{number}": at(number) for number in range(2, 5)}}
    found, asked = leaf_through(made(), pages)
    assert found == [f"/news/{number}" for number in range(1, 5)]
    assert asked == ["/syria", "/syria/2", "/syria/3", "/syria/4"]


def test_pages_by_their_number():
    it = made(pages=f"{HOME}/syria/page/{{page}}/")
    pages = {"/syria": page(item(1)), "/syria/page/2/": page(item(2)), "/syria/page/3/": page(item(3))}
    found, asked = leaf_through(it, pages)
    assert (found, len(asked)) == (["/news/1", "/news/2", "/news/3"], 4)
    assert it.notes == [f"{HOME}/syria/page/4/: there is no page 4 (HTTP 404)"]


def test_it_stops_behind_the_window_and_not_at_what_is_pinned_or_undated():
    pinned = item("pinned", "1 كانون الثاني 2013")
    side = f"<aside><ul><li>{item('read-most', '3 آذار 2015')}</li></ul></aside>"
    pages = {
        "/syria": page(pinned, item(1, "9 أيار 2016"), item(2), more=link("/syria/2", "التالي") + side),
        "/syria/2": page(pinned, item(3), item(4), more=link("/syria/3", "التالي") + side),
        "/syria/3": page(
            pinned, item(5, "30 نيسان 2016"), item(6, "1 أيار 2016"), more=link("/syria/4", "التالي") + side
        ),
        "/syria/4": page(pinned, item(7, "29 نيسان 2016"), item(8), more=link("/syria/5", "التالي") + side),
        "/syria/5": page(item(9, "9 أيار 2016")),
    }
    it = made()
    found, asked = leaf_through(it, pages)
    assert asked == ["/syria", "/syria/2", "/syria/3", "/syria/4"]
    assert {"/news/pinned", "/news/read-most", *(f"/news/{n}" for n in range(1, 9))} == set(found)
    assert not it.notes
    assert not it.problems


@pytest.mark.parametrize(
    ("pages", "count", "words"),
    [
        (lambda _: page(item(1, "9 أيار 2016"), more=link("/syria/x", "التالي")), 2, "nothing that an earlier page"),
        (
            {"/syria": page(item(1), more=link("/b", "التالي")), "/b": page(item(2), more=link("/syria", "التالي"))},
            2,
            "is the last page",
        ),
        ({"/syria": page(item(1, "9 أيار 2016"))}, 1, "the last page; the oldest date read is 2016-05-09"),
        (lambda path: page(item(1), more=link(f"{path}0", "التالي")), 2, "nothing that an earlier page"),
    ],
    ids=["the last page for ever", "a loop", "the end", "an endless calendar"],
)  # fmt: skip
def test_an_end_before_the_window_s_is_told(pages, count, words):
    it = made()
    _, asked = leaf_through(it, pages)
    assert len(asked) == count
    assert words in it.notes[0]
    own = 2 if isinstance(pages, dict) and "/b" in pages else 1
    assert it.looks_back == (own > 1)  # of one page alone nobody knows what there was before


def test_a_list_of_several_pages_that_ends_is_all_there_is():
    it = made()
    pages = {
        "/syria": page(item(1, "9 أيار 2016"), more=link("/syria/2", "التالي")),
        "/syria/2": page(item(2, "8 أيار 2016")),
    }
    leaf_through(it, pages)
    assert it.looks_back
    assert "is the last page" in it.notes[0]


@pytest.mark.parametrize("body", [b"", page('<a href="/about">x</a>'), b"\x00\xff\xfe", page("فعّل جافاسكربت للمتابعة")])
def test_a_first_page_without_articles_is_an_error(body):
    it = made()
    [request] = it.start()
    with pytest.raises(DiscoveryError):
        read(it, request, body)


def test_a_first_page_that_is_missing_is_an_error():
    it = made()
    [request] = it.start()
    with pytest.raises(DiscoveryError, match="HTTP 404"):
        read(it, request, "", 404)


@given(st.text(max_size=300), st.integers(1, 5))
def test_no_page_raises_anything_else(text, number):
    it = made()
    [request] = it.start()
    request = request.replace(meta=request.meta | {"page": number})
    with contextlib.suppress(DiscoveryError):
        read(it, request, page(item(1, text)).replace("القصف", text))


# ---- date archives

DAYS = {"type": "date_archive", "url": f"{HOME}/archive/{{year}}/{{month}}/{{day}}/"}


def test_a_page_of_each_day():
    it = made(Window(date(2016, 4, 29), date(2016, 5, 3)), **DAYS)
    pages = {
        "/archive/2016/04/29/": page(item(1, "14:35"), more=link("/archive/2016/04/30/", "التالي")),
        "/archive/2016/05/01/": page(item(2), item(3), more=link("/archive/2016/05/01/page/2/", "التالي")),
        "/archive/2016/05/01/page/2/": page(item(4), more=link("/archive/2016/05/01/", "السابق")),
        "/archive/2016/05/02/": page("<p>لا أخبار</p>"),
    }
    found, asked = leaf_through(it, pages)
    assert found == [f"/news/{n}" for n in range(1, 5)]
    assert set(asked) == {*pages, "/archive/2016/04/30/"}
    assert not it.notes
    assert not it.problems
    assert it.looks_back


def test_a_page_of_each_month():
    it = made(
        Window(date(2015, 12, 31), date(2016, 2, 2)), type="date_archive", url=f"{HOME}/archive.php?m={{year}}{{month}}"
    )
    _, asked = leaf_through(it, {"/archive.php?m=201601": page(item(1))})
    assert asked == [f"/archive.php?m={month}" for month in ("201512", "201601", "201602")]


def test_no_page_for_any_day_is_told():
    it = made(Window(date(2016, 5, 1), date(2016, 5, 4)), **DAYS)
    assert leaf_through(it, {})[0] == []
    assert it.notes == [f"{it.url}: there is no page for any of the 3 dates asked for"]


def test_a_broken_day_is_an_error():
    it = made(**DAYS)
    request = next(iter(it.start()))
    with pytest.raises(DiscoveryError, match="HTTP 500"):
        read(it, request, "", 500)


@pytest.mark.parametrize(
    "config",
    [
        {"pages": f"{HOME}/syria/2"},
        {"pages": "/syria/{page}"},
        {"type": "date_archive", "url": f"{HOME}/{{year}}/"},
        {"type": "date_archive", "url": f"{HOME}/{{year}}/{{month}}/{{dai}}"},
        {"links": "("},
    ],
)
def test_a_wrong_template_is_refused(config):
    with pytest.raises(ValueError, match=r"must be a URL with \{|not a regular expression"):
        made(**config)
