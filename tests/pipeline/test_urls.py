import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.urls import article_id, normalize_url

SAME = [
    ("HTTP://News.Example:80/a", "http://news.example/a"),
    ("http://news.example", "http://news.example/"),
    ("https://news.example/a?utm_source=rss&id=7", "https://news.example/a?id=7"),
    ("https://news.example/a?b=2&a=1", "https://news.example/a?a=1&b=2"),
    ("https://news.example/a#comments", "https://news.example/a"),
    ("https://news.example/خبر", "https://news.example/%D8%AE%D8%A8%D8%B1"),
    ("https://news.example/%d8%ae%d8%a8%d8%b1", "https://news.example/%D8%AE%D8%A8%D8%B1"),
]


@pytest.mark.parametrize(("written", "normal"), SAME)
def test_spellings_of_one_page_become_one(written: str, normal: str) -> None:
    assert normalize_url(written) == normal


@pytest.mark.parametrize(
    "url", ["https://news.example/a?id=7", "https://news.example/a?p=33", "https://news.example/A"]
)
def test_what_tells_pages_apart_stays(url: str) -> None:
    assert normalize_url(url) == url


@given(st.text(max_size=80).map(lambda text: f"https://news.example/{text}") | st.text(max_size=40))
def test_any_text_has_a_normal_form_that_is_its_own(url: str) -> None:
    once = normalize_url(url)
    assert normalize_url(once) == once


def test_an_article_id_is_the_urls_alone() -> None:
    assert article_id("https://news.example/a") == article_id("https://news.example/a")
    assert article_id("https://news.example/a") != article_id("https://news.example/b")
    assert len(article_id("x")) == 32
