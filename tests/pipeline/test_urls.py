import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.urls import article_id, normalize_url, numbered_page

SAME = [
    ("HTTP://News.Example:80/a", "http://news.example/a"),
    ("http://news.example", "http://news.example/"),
    ("https://news.example/a?utm_source=rss&id=7", "https://news.example/a?id=7"),
    ("https://news.example/a?b=2&a=1", "https://news.example/a?a=1&b=2"),
    ("https://news.example/a#comments", "https://news.example/a"),
    ("https://news.example/خبر", "https://news.example/%D8%AE%D8%A8%D8%B1"),
    ("https://news.example/%d8%ae%d8%a8%d8%b1", "https://news.example/%D8%AE%D8%A8%D8%B1"),
    ("https://news.example/a;b=1/c;d", "https://news.example/a;b=1/c;d"),
    ("https://news.example/a%3Bb", "https://news.example/a%3Bb"),
    ("https://news.example/a?id=7&PHPSESSID=q1w2", "https://news.example/a?id=7"),
    ("https://news.example/a;jsessionid=4F?id=7", "https://news.example/a?id=7"),
    ("https://news.example/a?sid=0123456789abcdef0123456789abcdef&id=7", "https://news.example/a?id=7"),
    ("https://news.example/(S(lit3py55t21z5v55vlm25s55))/a", "https://news.example/a"),
    ("https://news.example./a", "https://news.example/a"),
    ("https://صدى.example/a", "https://xn--ugbl5d.example/a"),
    ("https://news.example/a?ref=home&source=rss&gl=eg&id=7", "https://news.example/a?id=7"),
    ("https://news.example/a?fbclid=12&utm_id=5&ref_src=twsrc%5Etfw&id=7", "https://news.example/a?id=7"),
    ("https://news.example/a?x=&id=7&amp;b=1", "https://news.example/a?b=1&id=7"),
    ("https://news.example/a?12345=", "https://news.example/a?12345"),
]


@pytest.mark.parametrize(("written", "normal"), SAME)
def test_spellings_of_one_page_become_one(written: str, normal: str) -> None:
    assert normalize_url(written) == normal


@pytest.mark.parametrize(
    "url",
    [
        *("https://news.example/a?id=7", "https://news.example/a?p=33", "https://news.example/A"),
        *(
            "https://news.example/a?sid=7",
            "https://news.example/a?s=%D8%AD%D9%84%D8%A8",
            "https://news.example/session/7",
        ),
        "https://news.example/(S)/a",
        *(f"https://news.example/a?{name}=7" for name in ("cid", "CID", "eid", "uid", "ref", "news_cid", "source_id")),
        *("https://news.example/a?gallery=halab", "https://news.example/a?eid=0a1b-2c", "https://news.example/a?12345"),
        *(
            "https://news.example/a?title=%C3%CE%C8",
            "https://news.example/%C3%CE%C8",
            "https://news.example/%25D8%25AE",
        ),
        *("https://news.example/#!/news/7", "https://news.example/#/news/7"),
    ],
)
def test_what_tells_pages_apart_stays(url: str) -> None:
    assert normalize_url(url) == url


@given(st.text(max_size=80).map(lambda text: f"https://news.example/{text}") | st.text(max_size=40))
def test_any_text_has_a_normal_form_that_is_its_own(url: str) -> None:
    once = normalize_url(url)
    assert normalize_url(once) == once


TWINS = [
    ("https://www.news.example/2016/05/a", "http://news.example/2016/05/a"),
    ("https://news.example/2016/05/a/", "https://news.example/2016/05/a"),
    ("https://m.news.example/a", "https://news.example/a"),
    ("https://mobile.news.example/a?id=7", "https://www.news.example/a?id=7"),
    ("https://amp.news.example/a", "https://news.example/a"),
    ("https://news.example/a/amp/", "https://news.example/a"),
    ("https://news.example/a.amp.html", "https://news.example/a.html"),
    ("https://news.example/a?amp", "https://news.example/a"),
    ("https://news.example/a?amp=1", "https://news.example/a"),
    ("https://news.example/a?outputType=amp&id=7", "https://news.example/a?id=7"),
    ("https://blog.example/2016/05/a.html?m=1", "https://blog.example/2016/05/a.html"),
    ("https://news.example/a/print/", "https://news.example/a"),
    ("https://news.example/a?print=1", "https://news.example/a"),
    ("https://news.example/a?replytocom=33", "https://news.example/a"),
    ("https://news.example/خبر/", "http://www.news.example/%D8%AE%D8%A8%D8%B1"),
]


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_twins_of_a_page_are_one_article(one: str, other: str) -> None:
    assert article_id(normalize_url(one)) == article_id(normalize_url(other))


OTHERS = [
    *(
        (f"https://news.example/{one}", f"https://news.example/{other}")
        for one, other in [
            ("a?cid=7", "a?cid=8"),
            ("a?71", "a?72"),
            ("a?/news/1", "a?/news/2"),
            ("a?t=%C3%CE%C8", "a?t=%C3%CF%C8"),  # in windows-1256
            ("#!/news/1", "#!/news/2"),
        ]
    ),
    ("https://news.example/a", "https://news.example/b"),
    ("https://news.example/a?id=7", "https://news.example/a?id=8"),
    ("https://news.example/a?m=7", "https://news.example/a?m=8"),
    ("https://news.example/a?id=7", "https://news.example/a"),
    ("https://arabic.news.example/a", "https://news.example/a"),
    ("https://news.example/print/7", "https://news.example/7"),
    ("https://news.example/ramp", "https://news.example/r"),
    ("https://m.example/a", "https://example/a"),
    ("https://news.example:8080/a", "https://news.example/a"),
]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_pages_are_other_articles(one: str, other: str) -> None:
    assert article_id(normalize_url(one)) != article_id(normalize_url(other))


def test_an_article_id_is_the_urls_alone() -> None:
    assert article_id("https://news.example/a") == article_id("https://news.example/a")
    assert article_id("https://news.example/a") != article_id("https://news.example/b")
    assert len(article_id("x")) == 32


@pytest.mark.parametrize(
    ("url", "first", "number"),
    [
        ("https://news.example/a/2/", "https://news.example/a", 2),
        ("http://www.news.example/a/page/12?utm_source=rss", "https://news.example/a/", 12),
        ("https://news.example/a?id=7&page=3", "https://news.example/a?id=7", 3),
        ("https://news.example/a?page=2", "https://news.example/a", 2),
        ("https://news.example/?p=31&page=2", "https://news.example/?p=31", 2),
        ("https://news.example/خبر/2", "https://news.example/%D8%AE%D8%A8%D8%B1", 2),
        ("https://news.example/a/1", "https://news.example/a", 0),
        ("https://news.example/a?page=0", "https://news.example/a", 0),
        ("https://news.example/a?page=1", "https://news.example/a", 1),
        ("https://news.example/a?pg=1", "https://news.example/a", 0),
        ("https://news.example/a", "https://news.example/a", 0),
        ("https://news.example/a/1987", "https://news.example/a/1987", 0),
        ("https://news.example/a-2", "https://news.example/a-2", 0),
        ("https://news.example/2", "https://news.example/2", 0),
        ("https://news.example/page/2", "https://news.example/page/2", 0),
        ("https://news.example/?p=31", "https://news.example/?p=31", 0),
    ],
)
def test_a_later_page_names_the_first_and_its_number(url: str, first: str, number: int) -> None:
    assert numbered_page(url) == (article_id(normalize_url(first)), number)


def test_what_is_no_address_is_its_own_first_page() -> None:
    assert numbered_page("http://[broken") == (article_id("http://[broken"), 0)
