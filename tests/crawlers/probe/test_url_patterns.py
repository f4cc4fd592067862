"""The shapes of addresses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawlers.probe.url_patterns import links_of, lists_below, menu_of, pattern_of, place_of, template_of

PARTS = st.from_regex(r"[a-z0-9؀-ي.%-]{1,8}", fullmatch=True)


@given(
    st.lists(st.lists(PARTS, min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["", "/", "?id=7", "?a=b&c"]),
)
def test_a_pattern_matches_the_addresses_that_it_is_made_of(paths: list[list[str]], end: str) -> None:
    urls = [f"http://news.example/{'/'.join(path)}{end}" for path in paths]
    pattern = pattern_of(urls)
    assert pattern is not None
    for url in urls:
        assert re.search(pattern, place_of(url)), (pattern, url)


@pytest.mark.parametrize(
    ("articles", "pattern", "others"),
    [
        (["/read/12.html", "/read/7.html"], r"^/read/\d+\.html$", ["/cat/12.html", "/read/x.html"]),
        (["/2024/03/%D8%A7%D8%A8/"], r"^/\d{4}/\d+/[^/]+/?$", ["/2024/03/", "/tag/x/"]),
        (["/article.php?id=5"], r"^/article\.php\?id=[^&]+$", ["/section.php?cat=1"]),
        (["/iraq/a-1", "/syria/b-2"], "^/(?:iraq|syria)/[^/]+$", ["/sport/c-3"]),
        (["/a/1", "/b/2", "/c/3", "/d/4"], r"^/[^/]+/\d+$", ["/about"]),
        (["/raid-on-the-market"], "^/[^/]+-[^/]+-[^/]+$", ["/about", "/syria"]),
    ],
)
def test_patterns_tell_articles_from_other_pages(articles: list[str], pattern: str, others: list[str]) -> None:
    assert pattern_of(f"http://news.example{path}" for path in articles) == pattern
    for other in others:
        assert not re.search(pattern, other)


def test_pages_of_days_and_months_are_known_by_their_addresses() -> None:
    assert template_of("http://a.example/2024/03/05/") == ("http://a.example/{year}/{month}/{day}/", "2024-03-05")
    assert template_of("http://a.example/archive/2024-03") == ("http://a.example/archive/{year}-{month}", "2024-03")
    for other in ("/2024/13/05/", "/2024/", "/2024/03/05/title", "/2024/03/05/?page=2"):
        assert template_of(f"http://a.example{other}") is None


def test_lists_are_known_by_name_unless_articles_stand_below_them() -> None:
    urls = ["http://a.example/tag/x", "http://a.example/video/1", "http://a.example/2024/1"]
    assert lists_below(urls, []) == ["tag", "video"]
    assert lists_below(urls, ["http://a.example/video/9"]) == ["tag"]


def test_a_menu_is_short_links_to_the_site_s_own_pages() -> None:
    tree = html.fromstring(
        "<p><a href='/syria'>سوريا</a><a href='/'>الرئيسية</a><a href='http://b.example/'>غيرنا</a><a href='/2024/03/05/'>5</a>"
        "<a href='/logo.png'>صورة</a><a href='/news/1'>عنوان خبر طويل يملأ السطر كله</a><a href='#top'>أعلى</a></p>"
    )
    links = links_of(tree, "http://a.example/", ["a.example"])
    assert [link.url for link in menu_of(links, "http://a.example/")] == ["http://a.example/syria"]
