"""A page parsed once: its limits, its metadata, and the lines that each element holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.page.decode import MAX_CHARACTERS
from pipeline.page.parse import MAX_DEPTH, MAX_ELEMENTS, MAX_NAMES, PageTooLargeError, read_page


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_no_page(text: str) -> None:
    assert read_page(text) is None


def test_metadata_is_told_by_any_of_its_names() -> None:
    page = read_page(
        '<meta property="og:title" content=" عنوان "><meta name="Author" content="سامر"><meta itemprop="author" content="منى">'
        '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle"}]}</script>'
    )
    assert page is not None
    assert page.meta == {"og:title": ("عنوان",), "author": ("سامر", "منى")}
    assert [thing["@type"] for thing in page.articles] == ["NewsArticle"]


def nested(levels: int) -> str:
    # The page's own html, body and the line's p are levels too.
    return "<html><body>" + "<div>" * (levels - 3) + "<p>نص</p>"


def test_levels_are_counted() -> None:
    page = read_page(nested(MAX_DEPTH))
    assert page is not None
    assert [block.text for block in page.blocks] == ["نص"]
    with pytest.raises(PageTooLargeError):
        read_page(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "text", ["<div>" * 100_000, "<b>" * 100_000, "<p>" * (MAX_ELEMENTS + 1), "س" * (MAX_CHARACTERS + 1)]
)
def test_what_is_too_large_is_refused(text: str) -> None:
    with pytest.raises(PageTooLargeError):
        read_page(text)


@pytest.mark.parametrize("name", ["class", "id", "style", "role", "rel", "itemprop"])
def test_names_of_any_length_are_bounded(name: str) -> None:
    page = read_page(f'<div {name}="{"box wide " * 100_000}"><p {name}="lead">نص</p></div>')
    assert page is not None
    assert [len(value) for value in page.tree.xpath(f"//@{name}")] == [MAX_NAMES, len("lead")]


def test_addresses_and_contents_of_any_length_stay() -> None:
    page = read_page(f'<meta name="description" content="{"س" * 5000}"><a href="/{"a" * 5000}">نص</a>')
    assert page is not None
    assert len(page.meta["description"][0]) == 5000
    assert len(page.tree.find(".//a").get("href")) == 5001


@given(st.lists(st.sampled_from(["<div>", "</div>", "<p>", "</p>", "<span>", "</span>", "<br>", "<td>", "نص", "<li>"])))
def test_an_element_holds_the_lines_of_those_within(parts: list[str]) -> None:
    page = read_page("".join(["<body>نص", *parts]))
    assert page is not None
    assert page.spans[page.tree] == range(len(page.blocks))
    for element, span in page.spans.items():
        within = set(element.iter())
        assert [index for index, block in enumerate(page.blocks) if block.element in within] == list(span)


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><p>أول</p></body></html><p>ثان</p>",
        "<html><body><p>أول</p></BODY ><p>ثان</p></html>",
        "<html><body><p>أول</p></html>\n<!-- x -->\n<p>ثان</p>",
        "<!doctype html><html><body><p>أول</p></body></html><!doctype html><html><head></head><body><p>ثان</p></body></html>",
        '<html><body><p>أول</p><x-text><template shadowrootmode="open"><p>ثان</p></template></x-text>',
    ],
)
def test_what_stands_behind_the_page_s_end_or_in_a_shown_template_is_the_page_s(text: str) -> None:
    page = read_page(text)
    assert page is not None
    assert [block.text for block in page.blocks] == ["أول", "ثان"]


def test_a_template_that_no_reader_sees_is_none_of_it() -> None:
    page = read_page("<html><body><p>أول</p><template><p>ثان</p></template>")
    assert page is not None
    assert [block.text for block in page.blocks] == ["أول"]
