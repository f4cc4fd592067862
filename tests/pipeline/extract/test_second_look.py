"""Pages on which the first way fails: what another way finds is taken, or the page ends as a rejection or as unsure."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from pipeline.extract import clean, second_look
from pipeline.extract.article_page import ArticlePage
from pipeline.extract.body import find_body
from pipeline.extract.headline import find_headline
from pipeline.extract.site import site_names
from pipeline.page import read_page
from pipeline.sources import Source
from tests.pipeline.extract.pages import PARAGRAPHS, SOURCE, TITLE, URL, capture, cleaned, linked_data, page, paragraphs

WHOLE = "\n".join(PARAGRAPHS)
OTHER = "تستعد فرق الدوري لبداية الموسم الجديد بعد معسكرات خارجية استمرت أسابيع عدة وشملت مباريات ودية …"
CARDS = "".join(f"<div><h4><a href='/n/{n}'>عنوان خبر آخر رقم {n}</a></h4><p>{OTHER}</p></div>" for n in range(4))
ABOUT = "نرحب بزوار موقعنا ونتمنى لهم قراءة ممتعة، ويسعدنا أن نتلقى ملاحظاتهم في كل وقت."
STATES_ARTICLE = '<meta property="og:type" content="article">'


def aside(inner: str, *, head: str = STATES_ARTICLE, title: str = TITLE) -> str:
    """A page whose main column its theme calls a side: trafilatura and the first way take it for furniture."""
    return (
        f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>"
        f"<aside class='sidebar'><div>{CARDS}</div>{inner}</aside><div><p>{ABOUT}</p></div>"
        "<footer>جميع الحقوق محفوظة</footer></body></html>"
    )


def first(html: str) -> ArticlePage:
    read = read_page(html)
    assert read is not None
    names = site_names(SOURCE, read)
    headline = find_headline(read, names)
    return ArticlePage(read, URL, names, headline, find_body(read, headline, names))


TEXT = f"<div>{paragraphs(*PARAGRAPHS)}</div>"


@pytest.mark.parametrize(
    ("way", "html"),
    [
        ("flow", aside(TEXT)),
        ("container", aside(f"<div class='post-body'>{paragraphs(*PARAGRAPHS)}</div>")),
        ("container", aside(f"<div id='content-core'>{paragraphs(*PARAGRAPHS)}</div>")),
        ("container", aside(f"<div itemprop='articleBody'>{paragraphs(*PARAGRAPHS)}</div>")),
        ("stated", aside(TEXT, head=linked_data(headline=TITLE, articleBody=" ".join(PARAGRAPHS)))),
        ("stated", aside(TEXT, head=linked_data(articleBody=paragraphs(*PARAGRAPHS)))),
    ],
)
def test_another_way_finds_what_the_first_does_not(way: str, html: str) -> None:
    assert first(html).body.paragraphs != PARAGRAPHS
    result = cleaned(html)
    assert (result.rejected, result.body, result.body_method) == (None, WHOLE, way)


@pytest.mark.parametrize("by", ["feed", "wordpress"])
def test_what_came_with_the_address_shows_the_text(by: str) -> None:
    result = cleaned(aside(TEXT), found={"by": by, "content": paragraphs(*PARAGRAPHS)})
    assert (result.body, result.body_method) == (WHOLE, "stated")


def test_what_only_breaks_off_gives_way_to_what_is_said_to_the_end() -> None:
    longer = "".join(f"<div class='x'><p>{OTHER} {n} …</p><p>{OTHER} {n * 7} …</p></div>" for n in range(3))
    assert cleaned(aside(TEXT + longer)).body == WHOLE


@pytest.mark.parametrize("inner", ["", "<div><p>شارك</p></div>", f"<div><p>{PARAGRAPHS[0][:40]} …</p></div>"])
def test_where_no_way_finds_the_text_the_page_says_so(inner: str) -> None:
    result = cleaned(aside(inner))
    assert result.rejected is not None or result.body_confidence == "low"


def test_the_foot_of_a_page_is_never_its_article() -> None:
    html = aside("").replace("<footer>", f"<footer>{paragraphs(*PARAGRAPHS)}")
    result = cleaned(html)
    assert result.rejected is not None or (result.body_confidence, result.body) == ("low", ABOUT)


def test_what_is_nothing_but_excerpts_is_rejected() -> None:
    excerpts = "".join(f"<div class='x'><p>{OTHER} {n} …</p></div>" for n in range(5))
    assert cleaned(page(excerpts)).rejected is not None


# ---- when it is taken


def test_a_sure_body_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    further = tuple(text.replace("الجسر", "المعبر") for text in PARAGRAPHS)
    sure = page(paragraphs(*PARAGRAPHS, *further))
    monkeypatch.setattr(second_look, "find_flow", None)  # would raise where it is called
    article = first(sure)
    assert second_look.best_of(article, (), {})[0] is article


def test_a_sure_body_that_the_feed_s_text_denies_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    further = tuple(text.replace("الجسر", "المعبر") for text in PARAGRAPHS)
    article = first(page(paragraphs(*PARAGRAPHS, *further)))
    find_flow = Mock(return_value=[])
    monkeypatch.setattr(second_look, "find_flow", find_flow)
    second_look.best_of(article, (), {"by": "feed", "content": "<p>نص آخر لا يشبه هذا الخبر في شيء منه أبداً</p>"})
    find_flow.assert_called_once()


def test_the_source_s_own_selector_is_not_doubted_and_its_failing_is_told() -> None:
    taught = Source.model_validate(SOURCE.model_dump() | {"body": "p.flash"})
    flash = f"<p class='flash'>{PARAGRAPHS[0]}</p>"
    assert clean(capture(aside(flash + TEXT)), taught).body_method == "selector"
    changed = clean(capture(aside(TEXT)), taught)
    assert (changed.body, changed.body_method) == (WHOLE, "flow, selector fails")
