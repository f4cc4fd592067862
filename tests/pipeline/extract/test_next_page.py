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


def pager(*numbered: tuple[str, str]) -> str:
    return "<p class='pager'>" + "".join(f"<a href='{address}'>{text}</a> " for address, text in numbered) + "</p>"


FROM_0 = pager((OWN + "?page=0", "1"), (OWN + "?page=1", "2"), (OWN + "?page=2", "3"))
FROM_1 = pager((OWN, "1"), (OWN + "?page=2", "2"), (OWN + "?page=3", "٣"))


@pytest.mark.parametrize(
    ("url", "links", "expected", "is_later"),
    [
        (OWN, FROM_0, OWN + "?page=1", False),
        (OWN + "?page=0", FROM_0, OWN + "?page=1", False),
        (OWN + "?page=1", FROM_0, OWN + "?page=2", True),
        (OWN + "?page=2", FROM_0, None, True),
        (OWN, pager((OWN + "?page=1", "التالي")), OWN + "?page=1", False),
        (OWN + "?page=1", f"<a rel='prev' href='{OWN}?page=0'>السابق</a>", None, True),
        (OWN, FROM_1, OWN + "?page=2", False),
        (OWN, pager((OWN + "?page=1", "1"), (OWN + "?page=2", "2")), OWN + "?page=2", False),
        (OWN + "?page=1", FROM_1, OWN + "?page=2", False),
        (OWN + "?page=3", FROM_1, None, True),
        (OWN + "/3/", pager((OWN + "/", "1"), (OWN + "/2/", "2")), None, True),
        (OWN + "/2/", pager((OWN + "/", "« الصفحة السابقة"), (OWN + "/3/", "التالية")), OWN + "/3/", True),
    ],
)
def test_a_pager_says_which_page_is_next_and_whether_this_is_a_later_one(
    url: str, links: str, expected: str | None, is_later: bool
) -> None:
    result = cleaned(page(paragraphs(*PARAGRAPHS), around=("", links)), url=url)
    assert (result.next_page, result.is_later_page) == (expected, is_later)


@pytest.mark.parametrize("canonical", [OWN, OWN + "/2/"])
def test_a_page_that_calls_the_first_its_canonical_one_is_a_later_one(canonical: str) -> None:
    html = page(paragraphs(*PARAGRAPHS), head=f"<link rel='canonical' href='{canonical}'>")
    assert cleaned(html, url=OWN + "/2/").is_later_page is (canonical == OWN)


def test_an_article_s_own_number_makes_it_no_later_page() -> None:
    links = pager((HOME + "news/", "الأخبار"), (HOME + "news/4", "إصلاح السوق القديم"))
    links += f"<a rel='prev' href='{HOME}news/2'>افتتاح المكتبة</a>"
    result = cleaned(page(paragraphs(*PARAGRAPHS), around=("", links)), url=HOME + "news/5")
    assert result.is_later_page is False


@pytest.mark.parametrize("head", ["<link rel='next' href='/news/bridge/2/'>", ""])
def test_a_link_that_says_next_counts_wherever_it_stands(head: str) -> None:
    foot = "<div><div><div><div><a rel='next' href='/news/bridge/2/'>التالي</a></div></div></div></div>"
    html = page(paragraphs(*PARAGRAPHS), head=head)
    assert cleaned(html if head else html.replace("<footer>", foot + "<footer>"), url=OWN).next_page == OWN + "/2/"
    other = page(paragraphs(*PARAGRAPHS), head="<link rel='next' href='/news/market'>")
    assert cleaned(other, url=OWN).next_page is None


def test_the_own_address_is_also_the_canonical_one() -> None:
    html = page(paragraphs(*PARAGRAPHS), head=f"<link rel='canonical' href='{OWN}'>", around=("", links(OWN + "/2/")))
    assert cleaned(html, url=HOME + "s/bridge").next_page == OWN + "/2/"


@pytest.mark.parametrize(("found", "expected"), [({}, None), ({"by": "next_page"}, OWN + "/4/")])
def test_a_later_page_without_a_way_back_is_known_by_how_it_was_found(
    found: dict[str, str], expected: str | None
) -> None:
    html = page(paragraphs(*PARAGRAPHS), around=("", links(OWN + "/4/")))
    assert cleaned(html, url=OWN + "/3/", found=found).next_page == expected
