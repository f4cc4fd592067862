"""An article over several pages says where it goes on."""

from __future__ import annotations

import pytest

from tests.pipeline.extract.pages import HOME, PARAGRAPHS, cleaned, page, paragraphs

OWN = HOME + "news/bridge"


def links(*addresses: str) -> str:
    return (
        "<div class='page-links'>"
        + "".join(f"<a href='{address}'>{n}</a> " for n, address in enumerate(addresses))
        + "</div>"
    )


@pytest.mark.parametrize(
    ("url", "linked", "expected"),
    [
        (OWN + "/", [OWN + "/2/", OWN + "/3/"], OWN + "/2/"),
        (OWN + "/2/", [OWN + "/", OWN + "/3/"], OWN + "/3/"),
        (OWN, ["/news/bridge/page/2"], OWN + "/page/2"),
        (HOME + "index.php?id=7", ["?id=7&page=2"], HOME + "index.php?id=7&page=2"),
        (HOME + "index.php?id=7&page=2", ["?id=7&page=1"], None),
        (OWN + "/3/", [OWN + "/", OWN + "/2/"], None),
        (OWN, [HOME + "news/bridge-2", HOME + "news/2/", HOME + "2"], None),
        (HOME + "2019/09/14/", [HOME + "2019/09/14/2/"], HOME + "2019/09/14/2/"),
        (HOME + "2019/09/14/", [HOME + "2019/09/15/"], None),
        (HOME + "news/1987", [HOME + "news/1988"], None),
        (OWN, [], None),
    ],
)
def test_the_next_page_is_the_own_address_with_the_next_number(
    url: str, linked: list[str], expected: str | None
) -> None:
    result = cleaned(page(paragraphs(*PARAGRAPHS), around=("", links(*linked))), url=url)
    assert (result.rejected, result.next_page) == (None, expected)


@pytest.mark.parametrize("head", ["<link rel='next' href='/news/bridge/2/'>", ""])
def test_a_link_that_says_next_counts_wherever_it_stands(head: str) -> None:
    foot = "<div><div><div><div><a rel='next' href='/news/bridge/2/'>التالي</a></div></div></div></div>"
    html = page(paragraphs(*PARAGRAPHS), head=head)
    assert cleaned(html if head else html.replace("<footer>", foot + "<footer>"), url=OWN).next_page == OWN + "/2/"
    other = page(paragraphs(*PARAGRAPHS), head="<link rel='next' href='/news/market'>")
    assert cleaned(other, url=OWN).next_page is None


def test_the_own_address_is_also_the_canonical_one() -> None:
    html = page(paragraphs(*PARAGRAPHS), head=f"<link rel='canonical' href='{OWN}'>", around=("", links(OWN + "/2/")))
    assert cleaned(html, url=HOME + "s/x7").next_page == OWN + "/2/"


@pytest.mark.parametrize(("found", "expected"), [({}, None), ({"by": "next_page"}, OWN + "/4/")])
def test_a_later_page_without_a_way_back_is_known_by_how_it_was_found(
    found: dict[str, str], expected: str | None
) -> None:
    html = page(paragraphs(*PARAGRAPHS), around=("", links(OWN + "/4/")))
    assert cleaned(html, url=OWN + "/3/", found=found).next_page == expected
