"""Which of the addresses that a page states is its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.canonical import find_url
from pipeline.urls import normalize_url
from tests.pipeline.extract.pages import HOME, PARAGRAPHS, SOURCE, URL, cleaned, page, paragraphs

HEADLINE = "فتح الجسر الشرقي بعد الإصلاح"


def known_as(fetched: str, stated: str, *, headline: str = HEADLINE) -> str:
    """The path by which a page of the site is known, fetched from one path, that states another."""
    html = page(paragraphs(*PARAGRAPHS), title=headline, head=f'<link rel="canonical" href="{stated}">')
    return cleaned(html, url=HOME + fetched).url.removeprefix(HOME)


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("", URL),
        (f'<link rel="canonical" href="{HOME}2024/bridge?utm_source=x">', HOME + "2024/bridge"),
        ('<link rel="canonical" href="/2024/bridge">', HOME + "2024/bridge"),
        ('<link rel="canonical" href="https://m.alnahr.example/bridge">', "https://m.alnahr.example/bridge"),
        (f'<link rel="canonical" href="{HOME}">', URL),
        ('<link rel="canonical" href="/">', URL),
        ('<link rel="canonical" href="https://elsewhere.example/2024/bridge">', URL),
        ('<link rel="canonical" href="https://alnahr.example.elsewhere.example/bridge">', URL),
        ('<link rel="canonical" href="javascript:void(0)">', URL),
        ('<link rel="canonical" href="http://[">', URL),
        (f'<meta property="og:url" content="{HOME}2024/bridge">', HOME + "2024/bridge"),
        (
            f'<link rel="canonical" href="{HOME}"><meta property="og:url" content="{HOME}2024/bridge">',
            HOME + "2024/bridge",
        ),
    ],
)
def test_the_canonical_url_is_trusted_within_the_site_alone(head: str, url: str) -> None:
    assert cleaned(page(head=head)).url == url


@pytest.mark.parametrize(
    ("fetched", "stated"),
    [
        ("news.php?id=4711&cat=3", "news.php?id=4711"),
        ("news.php?id=4711", "news/4711"),
        ("news/4711", "news/syria/4711/%D8%AC%D8%B3%D8%B1"),
        ("syria/4711-bridge.html", "4711.html"),
        ("2024/05/10/4711", "articles/4711"),
        ("syria/east-bridge-opens", "aleppo/east-bridge-opens"),
        ("syria/east-bridge-opens.html", "east-bridge-opens"),
        ("a/s9k2x", "s9k2x"),
        ("east-bridge?v=170000", "east-bridge"),
        ("?p=4711", "2024/05/%D9%81%D8%AA%D8%AD-%D8%A7%D9%84%D8%AC%D8%B3%D8%B1-%D8%A7%D9%84%D8%B4%D8%B1%D9%82%D9%8A"),
        ("4711/2", "4711"),
    ],
)
def test_a_stated_address_that_keeps_what_tells_the_page_apart_is_its_own(fetched: str, stated: str) -> None:
    assert known_as(fetched, "/" + stated) == stated


@pytest.mark.parametrize(
    ("fetched", "stated"),
    [
        ("news.php?id=4711", "news.php"),
        ("news.php?id=4711&cat=125", "news.php?cat=125"),
        ("section/12/news/4711", "section/12"),
        ("news/4711", "news/4712"),
        ("news/4711", "news/"),
        ("ar/4711", "ar/index.html"),
        ("syria/east-bridge-opens", "syria"),
        ("syria/east-bridge-opens", "syria/west-road-closed"),
        ("2024/05/10/4711", "2024/05/10"),
        ("news/4711", "2024/05/%D8%B7%D8%B1%D9%8A%D9%82-%D8%AD%D9%84%D8%A8-%D9%8A%D8%BA%D9%84%D9%82"),
    ],
)
def test_an_address_of_many_pages_or_of_another_one_is_not(fetched: str, stated: str) -> None:
    assert known_as(fetched, "/" + stated) == normalize_url(HOME + fetched).removeprefix(HOME)


@given(
    st.integers(100, 10**9),
    st.integers(100, 10**9),
    st.sampled_from(["news.php?id={}", "news/{}", "{}.html", "a/{}-x"]),
)
def test_what_any_two_pages_state_alike_joins_them_only_where_one_of_them_is_at_it(
    one: int, other: int, form: str
) -> None:
    """Whatever shared address two articles state, they stay two, unless it is the very address of one of them."""
    if one == other:
        return
    for shared in ("", "news.php", "news/", "ar/", "index.php?lang=ar", form.format(7), form.format(one * 10)):
        html = page(head=f'<link rel="canonical" href="/{shared}">')
        known = {cleaned(html, url=HOME + form.format(number)).url for number in (one, other)}
        assert len(known) == 2


def test_a_page_that_was_fetched_from_no_address_of_its_own_is_known_as_it_says() -> None:
    assert find_url(None, URL, SOURCE) == URL
    assert known_as("", "/news/4711") == "news/4711"
