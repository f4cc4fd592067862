"""What holds the articles of invented templates is proposed; where nothing tells it from the rest, it is said why not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline.captures.model import Capture
from pipeline.extract import BodyProposal, NoBody, body_as_yaml, propose
from pipeline.extract.selectors import stated_lines
from pipeline.page import read_page
from pipeline.sources import Source
from tests.pipeline.conftest import prose
from tests.pipeline.extract.pages import HOME, SOURCE, capture

SEVERAL = 12
MENU = '<nav class="menu"><ul><li><a href="/">الرئيسية</a></li><li><a href="/w">العالم</a></li></ul></nav>'
SHARE = '<div class="share-bar">شارك الخبر</div>'


def related(seed: int) -> str:
    """A box of other articles' headlines, other ones on each page."""
    links = (f'<li><a href="/news/{seed}{n}">{prose(900 + 7 * seed + n)[0]}</a></li>' for n in range(4))
    return f'<div class="more-news"><h3>اقرأ أيضاً</h3><ul>{"".join(links)}</ul></div>'


def paragraphs(n: int) -> str:
    return "".join(f"<p>{text}</p>" for text in prose(n))


def cms(n: int) -> str:
    """A theme: the text in a container of its own, in an article with share bar and related box."""
    return (
        f'{MENU}<article id="post-{n}" class="post-{n} post hentry"><h1>عنوان الخبر {n}</h1><p class="by">كتب: سامر</p>{SHARE}'
        f'<div class="entry clearfix"><div class="entry-content">{paragraphs(n)}</div></div></article>{related(n)}'
    )


def old_tables(n: int) -> str:
    """Tables without classes but for one id; line breaks for paragraphs."""
    text = "<br><br>".join(prose(n))
    return (
        f'{MENU}<table><tr><td width="700"><h1>عنوان الخبر {n}</h1><table><tr><td id="NewsBody">{text}</td></tr></table>'
        f"{SHARE}</td><td>{related(n)}</td></tr></table>"
    )


def inline_holder(n: int) -> str:
    """What holds the text makes no lines of its own."""
    text = "<br>".join(prose(n))
    return f'{MENU}<div><h1>عنوان الخبر {n}</h1><span class="news-text">{text}</span><br>{SHARE}</div>{related(n)}'


def microdata(n: int) -> str:
    """A name that tells nothing, and a property that tells all."""
    return (
        f'{MENU}<div class="row"><h1>عنوان الخبر {n}</h1><div class="box" itemprop="articleBody">{paragraphs(n)}</div></div>'
        f'<div class="row"><div class="box">{related(n)}</div></div>'
    )


def called_twice(n: int) -> str:
    """The container's class is a sidebar's too: only what is around it tells them apart."""
    return (
        f'{MENU}<div class="left"><h1>عنوان الخبر {n}</h1><div class="content">{paragraphs(n)}</div></div>'
        f'<div class="right"><div class="content">{related(n)}</div></div>'
    )


def siblings(n: int) -> str:
    """The text in parts of one class, side by side among other boxes."""
    first, *others = prose(n)
    parts = "".join(f'<div class="part-text"><p>{text}</p></div>' for text in others)
    return f'{MENU}<main><h1>عنوان الخبر {n}</h1><div class="part-text"><p>{first}</p></div>{SHARE}{parts}{related(n)}</main>'


def lead_apart(n: int) -> str:
    """The first paragraph stands in a heading apart, with the date and a share bar between it and the rest."""
    first, *others = prose(n)
    text = "".join(f"<p>{one}</p>" for one in others)
    lead = f'<h2 class="lead">{first}</h2>' if n % 3 else ""
    first = "" if n % 3 else f"<p>{first}</p>"
    return (
        f'{MENU}<div class="page-in"><h1>عنوان الخبر {n}</h1>{lead}{related(n)}<div class="info">5 آذار 2024</div>'
        f'<div class="news-text">{first}{text}</div>{related(n + 50)}</div>'
    )


def document(body: str, head: str = "") -> str:
    return (
        '<!doctype html><html lang="ar"><head><meta charset="utf-8"><meta property="og:type" content="article">'
        f"{head}</head><body>{body}</body></html>"
    )


def captures(template: Callable[[int], str], count: int = SEVERAL) -> list[Capture]:
    return [capture(document(template(n)), url=f"{HOME}news/{n}") for n in range(1, count + 1)]


def proposed(pages: list[Capture], source: Source = SOURCE) -> BodyProposal | NoBody | None:
    return propose(pages, source).body


def lines(page: Capture, selector: str) -> list[str]:
    read = read_page(page.body.decode())
    assert read is not None
    return [read.blocks[index].text for index in stated_lines(read, selector)]


@pytest.mark.parametrize(
    ("template", "selector"),
    [
        (cms, "div.entry-content"),
        (old_tables, "#NewsBody"),
        (inline_holder, "span.news-text"),
        (microdata, "[itemprop~=articleBody]"),
        (called_twice, "div.left div.content"),
        (siblings, "div.part-text"),
        (lead_apart, "h2.lead, div.news-text"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_holds_the_text_of_a_template(template: Callable[[int], str], selector: str) -> None:
    pages = captures(template)
    found = proposed(pages)
    assert isinstance(found, BodyProposal), found
    assert (found.selector, found.pages, found.of) == (selector, SEVERAL, SEVERAL)
    assert found.within == 1
    assert found.others == ()
    for n, page in enumerate(pages, start=1):
        assert lines(page, found.selector) == prose(n)


def test_a_page_of_another_template_in_twelve_does_not_count_against_it_and_is_named() -> None:
    pages = [*captures(cms, SEVERAL - 1), capture(document(old_tables(90)), url=f"{HOME}news/90")]
    found = proposed(pages)
    assert isinstance(found, BodyProposal)
    assert (found.selector, found.pages, found.of) == ("div.entry-content", SEVERAL - 1, SEVERAL)
    assert found.others == (f"{HOME}news/90",)


def test_of_two_templates_in_turn_neither_is_proposed() -> None:
    pages = [*captures(cms, 7), *(capture(document(old_tables(n)), url=f"{HOME}news/{n}") for n in range(60, 65))]
    found = proposed(pages)
    assert found == NoBody("none holds the text of most pages; div.entry-content does on 7 of 12")


def test_names_that_change_from_page_to_page_are_none() -> None:
    def numbered(n: int) -> str:
        return f'<div><div id="text-{n}" class="t{n}"><h1>عنوان الخبر {n}</h1>{paragraphs(n)}</div>{SHARE}</div>'

    found = proposed(captures(numbered))
    assert found == NoBody("no element that holds their text has a class or an id that stays from page to page")


def test_what_holds_much_besides_is_not_proposed() -> None:
    def loose(n: int) -> str:
        comments = "".join(f"<p>{text}</p>" for text in prose(500 + n, 2))
        return f'{MENU}<div class="page-in"><h1>عنوان الخبر {n}</h1>{paragraphs(n)}<h3>التعليقات</h3>{comments}</div>'

    found = proposed(captures(loose))
    assert isinstance(found, NoBody)
    assert found.why.startswith("the closest around the text is div.page-in, which holds ")


def test_pages_without_a_text_do_not_count() -> None:
    def flash(n: int) -> str:
        return cms(n).replace(paragraphs(n), "").replace(SHARE, f"<p>{prose(n)[0]}</p>")

    pages = [*captures(cms), *(capture(document(flash(n)), url=f"{HOME}news/{n}") for n in range(40, 60))]
    found = proposed(pages)
    assert isinstance(found, BodyProposal)
    assert (found.selector, found.of) == ("div.entry-content", SEVERAL)


def test_the_text_that_json_ld_states_counts_where_it_was_missed() -> None:
    """A part that the general way leaves out, here as a box of furniture by its name, is of the text where JSON-LD has it."""

    def stated(n: int) -> Iterator[str]:
        yield json.dumps({"@type": "NewsArticle", "headline": f"عنوان الخبر {n}", "articleBody": " ".join(prose(n))})

    def parts(n: int) -> str:
        *first, last = prose(n)
        text = "".join(f"<p>{one}</p>" for one in first)
        return (
            f'{MENU}<div class="page-in"><h1>عنوان الخبر {n}</h1><div class="news-text"><div class="part">{text}</div>'
            f'<div class="related"><p>{last}</p></div></div>{related(n)}</div>'
        )

    bare = captures(parts)
    told = [
        capture(
            document(parts(n), f'<script type="application/ld+json">{next(stated(n))}</script>'), url=f"{HOME}news/{n}"
        )
        for n in range(1, SEVERAL + 1)
    ]
    found = [proposed(bare), proposed(told)]
    assert [one.selector if isinstance(one, BodyProposal) else one for one in found] == ["div.part", "div.news-text"]


def test_where_the_pages_state_another_text_nothing_is_learned() -> None:
    def other(n: int) -> str:
        data = {"@type": "NewsArticle", "headline": f"عنوان الخبر {n}", "articleBody": " ".join(prose(700 + n))}
        return f'<script type="application/ld+json">{json.dumps(data)}</script>'

    pages = [capture(document(cms(n), other(n)), url=f"{HOME}news/{n}") for n in range(1, SEVERAL + 1)]
    found = proposed(pages)
    assert isinstance(found, NoBody)
    assert found.why == "on 12 of 12 pages the text that is found is not the one that their metadata states"


def test_the_order_of_the_captures_and_their_number_change_nothing() -> None:
    pages = captures(cms, 130)
    found = proposed(pages)
    assert isinstance(found, BodyProposal)
    assert (found.pages, found.of) == (100, 100)
    random.Random(5).shuffle(pages)
    assert proposed(pages) == found


def test_what_is_written_is_not_proposed_again() -> None:
    assert proposed(captures(cms), SOURCE.model_copy(update={"body": "div.entry"})) is None


def test_it_can_be_pasted_with_its_counts_and_samples() -> None:
    pages = [*captures(cms), capture(document(old_tables(90)), url=f"{HOME}news/90")]
    found = proposed(pages)
    assert isinstance(found, BodyProposal)
    assert body_as_yaml(found) == (
        "# in one place on 12 of 13 articles' pages; holds 100.0% of the text found without it, and 0.0% beyond that:\n"
        f"#   {HOME}news/1\n#   {HOME}news/10\n#   {HOME}news/11\n# not on:\n#   {HOME}news/90\n"
        'body: "div.entry-content"\n'
    )


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_selector_comes_back_from_the_yaml(selector: str, line: str) -> None:
    text = body_as_yaml(BodyProposal(selector, 9, 10, 1, 0.1, ((line, 3),), (f"{HOME}1",), ()))
    assert YAML(typ="safe", pure=True).load(text) == {"body": selector}
