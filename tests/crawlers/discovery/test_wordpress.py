"""WordPress's interface, read from bytes as a site would send them."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from crawlers.discovery import DiscoveryError, Found
from crawlers.window import Window
from tests.crawlers.discovery.reading import POSTS, answer, discovery, read


def posts(*numbers: int, day: int = 10) -> bytes:
    return json.dumps(
        [
            {
                "link": f"http://sadanews.example/news/{n}",
                "date": f"2026-05-{day:02}T11:00:00",
                "date_gmt": f"2026-05-{day:02}T08:00:00",
                "modified_gmt": "2026-05-12T08:00:00",
                "title": {"rendered": "هدنة &#8211; حلب"},
            }
            for n in numbers
        ]
    ).encode()


def test_wordpress_is_asked_for_the_window_and_a_day_on_either_side():
    it = discovery("wordpress", categories=[7, 12])
    [request] = it.start()
    asked = dict(parse_qsl(urlsplit(request.url).query))
    assert (asked["after"], asked["before"]) == ("2026-04-30T00:00:00", "2026-06-02T00:00:00")
    assert (asked["per_page"], asked["page"], asked["categories"]) == ("100", "1", "7,12")
    assert it.looks_back


def test_wordpress_says_what_zone_its_dates_are_in():
    found, more = read(discovery("wordpress"), posts(1), **{"X-WP-TotalPages": "1"})
    assert found == [
        Found(
            "http://sadanews.example/news/1",
            {
                "by": "wordpress",
                "from": POSTS,
                "published": "2026-05-10T08:00:00Z",
                "modified": "2026-05-12T08:00:00Z",
                "title": "هدنة &#8211; حلب",
            },
        )
    ]
    assert not more
    bare = b'[{"link": "/news/2", "date": "2026-05-10T11:00:00", "date_gmt": "0000-00-00T00:00:00"}, {"link": 5}, 7]'
    [one], _ = read(discovery("wordpress"), bare)
    assert one == Found(
        "http://sadanews.example/news/2", {"by": "wordpress", "from": POSTS, "published": "2026-05-10T11:00:00"}
    )


def test_nothing_in_the_window_is_an_answer():
    it = discovery("wordpress")
    assert read(it, b"[]", **{"X-WP-TotalPages": "0"}) == ([], [])
    assert not it.problems


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"code": "rest_no_route"}', 404, r"closed, or not there \(rest_no_route\): HTTP 404"),
        (b'{"code": "rest_disabled"}', 401, r"closed, or not there \(rest_disabled\): HTTP 401"),
        (b"<html>forbidden</html>", 403, "closed, or not there: HTTP 403"),
        (b'{"code": "rest_disabled"}', 200, r"an object \(rest_disabled\): is the interface closed"),
        (b"<html>welcome</html>", 200, "no type that is no JSON"),
        (b'"posts"', 200, "a str"),
        (b"[" * 99999, 200, "no JSON"),
        (b'[{"id": 1}]', 200, "posts without links"),
        (b"", 503, "HTTP 503"),
        (b'{"code": "rest_invalid_param"}', 400, "HTTP 400"),
    ],
)
def test_a_closed_interface_is_told_from_an_empty_one(body, status, words):
    it = discovery("wordpress")
    [request] = it.start()
    with pytest.raises(DiscoveryError, match=words):
        answer(it, request, body, status)


def test_wordpress_s_pages_end_with_their_number_or_where_there_is_none():
    it = discovery("wordpress")
    [first] = it.start()
    _, [second] = answer(it, first, posts(1, 2), X_WP_TotalPages="2")
    assert "page=2" in second.url
    assert answer(it, second, posts(3), X_WP_TotalPages="2")[1] == []
    _, [third] = answer(it, second, posts(4))  # a cache has lost the header
    end = b'{"code": "rest_post_invalid_page_number", "data": {"status": 400}}'
    assert answer(it, third, end, 400) == ([], [])
    assert not it.notes


def test_a_site_that_gives_the_same_page_for_ever_or_knows_no_window():
    it = discovery("wordpress")
    [first] = it.start()
    _, [second] = answer(it, first, posts(1), X_WP_TotalPages="50")
    assert answer(it, second, posts(1), X_WP_TotalPages="50")[1] == []
    assert "nothing that an earlier page did not have" in it.notes[0]
    it = discovery("wordpress", Window(date(2026, 5, 20), date(2026, 6, 1)))
    assert read(it, posts(1, day=9))[1] == []


def test_fewer_posts_are_asked_for_where_so_many_are_refused():
    it = discovery("wordpress")
    [first] = it.start()
    refusal = b'{"code": "rest_invalid_param", "data": {"status": 400, "params": {"per_page": "at most 20"}}}'
    _, [again] = answer(it, first, refusal, 400)
    assert "per_page=10&" in again.url
    with pytest.raises(DiscoveryError, match="HTTP 400"):
        answer(it, again, refusal, 400)
    _, [second] = answer(it, again, posts(1), X_WP_TotalPages="2")
    assert "per_page=10&" in second.url


def test_wordpress_s_texts_come_as_they_are_sent():
    it = discovery("wordpress")
    [request] = it.start()
    assert {"title", "excerpt", "content"} <= set(dict(parse_qsl(urlsplit(request.url).query))["_fields"].split(","))
    post = {
        "link": "/news/1",
        "title": {"rendered": "هدنة"},
        "excerpt": {"rendered": "<p>توقفت المدافع [&hellip;]</p>\n", "protected": False},
        "content": {"rendered": "\n<p>توقفت المدافع.</p>\n<p>وعاد الأهالي.</p>\n", "protected": False},
    }
    closed = {"link": "/news/2", "excerpt": {"rendered": ""}, "content": {"rendered": None, "protected": True}}
    (first, second), _ = answer(it, request, json.dumps([post, closed]).encode())
    assert first.how == {
        "by": "wordpress",
        "from": POSTS,
        "title": "هدنة",
        "summary": "<p>توقفت المدافع [&hellip;]</p>",
        "content": "<p>توقفت المدافع.</p>\n<p>وعاد الأهالي.</p>",
    }
    assert second.how == {"by": "wordpress", "from": POSTS}


def test_a_site_that_breaks_down_over_the_texts_is_asked_without_them():
    it = discovery("wordpress")
    [first] = it.start()
    _, [second] = answer(it, first, posts(1), X_WP_TotalPages="3")
    _, [again] = answer(it, second, b'{"code": "internal_server_error"}', 500)
    asked = dict(parse_qsl(urlsplit(again.url).query))
    assert (asked["page"], asked["_fields"]) == ("2", "link,date,date_gmt,modified_gmt,title")
    assert "without the posts' texts" in it.notes[0]
    _, [third] = answer(it, again, posts(2), X_WP_TotalPages="3")
    assert "content" not in third.url
    with pytest.raises(DiscoveryError, match="HTTP 500"):
        answer(it, third, b"", 500)


def test_the_interface_below_a_query_and_posts_without_a_link():
    it = discovery("wordpress", url="http://sadanews.example/?rest_route=/wp/v2/posts")
    [request] = it.start()
    assert "rest_route=%2Fwp%2Fv2%2Fposts&" in request.url
    found, _ = answer(it, request, json.dumps([{"link": "/1"}, {"link": ""}]).encode())
    assert [one.url for one in found] == ["http://sadanews.example/1"]
    assert "1 of 2 entries have no address" in it.problems[0]
