"""`clean` as a whole: on pages at hand, on broken ones, on real ones, on the demo's."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.gold import gold_rows
from demo.sites import open_sites
from pipeline.extract.article import EXTRACTOR, Cleaned, _clean, clean
from pipeline.rejection import Rejection
from pipeline.sources import FeedDiscovery, Source, load_sources
from pipeline.text import letters
from tests.pipeline.extract.pages import (
    HOME,
    PARAGRAPHS,
    SOURCE,
    TITLE,
    URL,
    body_of,
    capture,
    cleaned,
    page,
    paragraphs,
)

DEMO_SOURCES = Path(__file__).parents[3] / "demo" / "sources"


def test_an_article_comes_out_whole() -> None:
    result = cleaned(page(around=("<p>كتب: سامر علي</p>", "<p>أضف تعليق</p>")))
    assert (result.rejected, result.title, result.authors, result.language, result.url) == (
        None,
        TITLE,
        ("سامر علي",),
        "ar",
        URL,
    )
    assert result.body == "\n".join(PARAGRAPHS)


WHOLE = page(
    paragraphs(*PARAGRAPHS, "أضف تعليق"),
    head='<meta property="og:type" content="article"><meta property="og:image" content="/1.jpg">'
    '<meta property="article:section" content="محليات"><meta property="article:tag" content="الجسر">',
    around=(
        "<p>حلب - سامر علي - سانا</p><figure><img src='/1.jpg'><figcaption>الجسر بعد إصلاحه</figcaption></figure>",
        "",
    ),
)


def test_what_stands_around_the_text() -> None:
    result = cleaned(WHOLE)
    assert (result.rejected, result.authors, result.agencies) == (None, ("سامر علي",), ("سانا",))
    assert (result.section, result.tags, result.image) == ("محليات", ("الجسر",), HOME + "1.jpg")
    assert (result.standfirst, result.captions) == (None, ("الجسر بعد إصلاحه",))
    assert [(line.text, line.rule) for line in result.removed if line.rule == "comment-prompt"] == [
        ("أضف تعليق", "comment-prompt")
    ]
    assert dict(result.origins) == {
        "title": "h1",
        "authors": "line «حلب - سامر علي - سانا»",
        "body": "main > article > div.entry-content",
    }


def test_a_rejected_page_has_nothing_of_an_article() -> None:
    result = cleaned(WHOLE, url=HOME)
    assert result == Cleaned(HOME, result.rejected, title=result.title, language=result.language)
    assert result.rejected is not None


def test_in_windows_1256_under_a_wrong_header() -> None:
    html = page().replace('<meta charset="utf-8">', "")
    assert cleaned(html.encode("windows-1256"), content_type="text/html; charset=utf-8").body == "\n".join(PARAGRAPHS)


def test_the_extractor_names_both_versions() -> None:
    assert EXTRACTOR.startswith("warraq ")
    assert "trafilatura 2." in EXTRACTOR


def test_nothing_is_logged_or_warned_of_a_page(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings():
        warnings.simplefilter("error")
        cleaned("<html><body><p>لا شيء</p></body></html>")
    assert not caplog.records


def test_the_same_page_gives_the_same_twice() -> None:
    assert cleaned(page()) == cleaned(page())


def unguarded(body: bytes, content_type: str = "text/html") -> Cleaned:
    """What `clean` does, without the net that turns a fault of ours into a rejection."""
    return _clean(capture(body, content_type=content_type), SOURCE)


MARKUP = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div class='related'>",
        "</div>",
        "<a href='http://['>",
        "</a>",
        "<table><td>",
        "<br>",
        "<h1>",
        "<script>",
        "</script>",
        "<title>",
        "<!--",
        "-->",
        "<meta property='og:title' content='",
        "<li>",
        "\x00",
        "&#0;",
        "&#xD800;",
        "أضف تعليق",
        '<script type="application/ld+json">{"@type":"NewsArticle","author":[[]]}</script>',
        "<link rel=canonical href='//'>",
        "<span class='author'>",
        "</span>",
        "<nav class='breadcrumb'>",
        "</nav>",
        "<a rel='tag' href='/tag/x'>",
        "<img src='/1.jpg' alt='x'>",
        "<meta property='article:tag' content='",
        "سامر علي - حلب",
        "المصدر: رويترز",
        '<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","author":{"@id":1},"image":[{}]}]}</script>',
        '<script type="application/ld+json">{"@type":"NewsArticle","keywords":{},"articleSection":[[]]}</script>',
        *PARAGRAPHS,
        TITLE,
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(MARKUP, st.text(max_size=20)), max_size=60))
def test_no_page_raises(parts: list[str]) -> None:
    result = unguarded("".join(parts).encode("utf-8", errors="replace"))
    assert result.rejected in {None, *Rejection}
    if result.rejected is None:
        assert result.title
        assert result.body
        assert all(line and line == line.strip() for line in result.body.split("\n"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    assert unguarded(body, content_type).rejected is not None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3000))
def test_no_truncated_page_raises(length: int) -> None:
    assert unguarded(page().encode()[:length]).rejected in {None, *Rejection}


def test_an_address_that_is_none() -> None:
    assert clean(capture(page(), url="http://[broken"), SOURCE).rejected is None


# ---- the demo's pages


def test_the_demo_s_pages_against_their_gold() -> None:
    sites = {site.id: site for site in open_sites().values()}
    sources = load_sources(DEMO_SOURCES)
    rows = [row for row in gold_rows() if row["outcome"] in {"article", "copy"}]
    assert rows
    for row in rows:
        parts = urlsplit(row["url"])
        answer = sites[row["source"]].respond(urlunsplit(("", "", parts.path, parts.query, "")))
        result = clean(capture(answer.body, url=row["url"], content_type=answer.content_type), sources[row["source"]])
        assert (result.rejected, result.title, list(result.authors)) == (None, row["title"], row["authors"]), row["url"]
        assert result.body == "\n".join(row["body"]), row["url"]


# ---- real pages


def _real(shared: Path) -> list[tuple[dict[str, str], dict[str, object], bytes]]:
    folder = shared / "real-pages"
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        (entry, json.loads((folder / entry["gold"]).read_text(encoding="utf-8")), (folder / entry["file"]).read_bytes())
        for entry in entries
    ]


def test_real_pages_against_their_gold(shared: Path) -> None:
    for entry, gold, body in _real(shared):
        home = f"http://{urlsplit(entry['url']).hostname}/"
        source = Source(
            id="real", name="x", home=home, timezone="UTC", discovery=(FeedDiscovery(type="feed", url=home),)
        )
        result = clean(capture(body, url=entry["url"]), source)
        assert result.rejected is None, entry["file"]
        assert result.title == gold["title"]
        lines = (result.body or "").split("\n")
        found = letters(result.body or "")
        assert isinstance(gold["body"], list)
        assert isinstance(gold["must_not"], list)
        assert [text for text in gold["body"] if letters(text) not in found] == []
        assert {letters(line) for line in lines}.isdisjoint(letters(text) for text in gold["must_not"])
        assert len(lines) == len(gold["body"])
        assert set(result.authors) <= {gold["author"]}


@pytest.mark.parametrize(
    "prompt", ["<p>أضف تعليق</p>", '<p><a href="#respond">أضف تعليق</a></p>', '<h3 id="reply-title">أضف تعليق</h3>']
)
def test_the_seed_article_ends_with_its_last_quotation(shared: Path, prompt: str) -> None:
    text = (shared / "seed" / "article.txt").read_text(encoding="utf-8").strip()
    title, *lines = [line.strip() for line in text.split("\n") if line.strip()]
    assert lines.pop() == "أضف تعليق"
    result = cleaned(page(paragraphs(*lines) + prompt, title=title))
    assert (result.rejected, result.title, result.body) == (None, title, "\n".join(lines))
    assert body_of(page(paragraphs(*lines) + prompt, title=title, head=""))[-1].endswith("سحبها”.")


def _as(before: str, after: str, *more: str) -> str:
    """The article's page with some of its markup written otherwise."""
    html = page()
    for old, new in ((before, after), *zip(more[::2], more[1::2], strict=True)):
        assert old in html
        html = html.replace(old, new)
    return html


@pytest.mark.parametrize(
    "html",
    [
        "".join(f"&#{ord(letter)};" if letter > "\x7f" else letter for letter in page()),
        "".join(f"&#x{ord(letter):x}" if letter > "\x7f" else letter for letter in page()),
        _as("<p>", "<p>\x00", "الم", "ا\x00لم"),
        "<br />\n<b>Warning</b>:  mysql_connect(): Too many connections in <b>/a.php</b> on line <b>3</b><br />\n" + page(),
        "\n\n<?xml version='1.0' encoding='utf-8'?>"
        + _as("</head>", "<script>//<![CDATA[\nif (a<b) {}\n//]]></script></head>", "<html", "<html xmlns='urn:x'"),
        _as("<main>", "</body><body class='x'><main>"),
        _as("<main>", "<!--[if !IE]><!--><main>", "</main>", "</main><!--<![endif]-->"),
        _as("<main>", f"<form id='aspnetForm'><input type='hidden' name='__VIEWSTATE' value='{'A' * 50_000}'><main>"),
        _as("<p>", "<p><nobr>", "</p>", "</nobr></p>"),
        _as("</p>", ""),
        page() + "<script>" + "a=1;" * 400_000 + "</script>",
    ],
    ids=[
        *("references", "references without an end", "zero bytes", "a program's warning", "xhtml", "two bodies"),
        *("a comment for old browsers", "one form", "nobr", "no ends", "1.6 MB"),
    ],
)  # fmt: skip
def test_a_page_however_it_is_written_gives_its_paragraphs(html: str) -> None:
    result = cleaned(html)
    assert (result.rejected, result.title) == (None, TITLE)
    assert result.body is not None
    assert tuple(result.body.split("\n")) == body_of(page())
