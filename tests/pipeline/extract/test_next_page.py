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


def test_an_article_that_goes_on_elsewhere_is_never_sure() -> None:
    text = paragraphs(*PARAGRAPHS * 3)
    assert cleaned(page(text), url=OWN).body_confidence == "high"
    assert cleaned(page(text, around=("", links(OWN + "/2/"))), url=OWN).body_confidence == "medium"
