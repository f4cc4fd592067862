"""What a source repeats is proposed, with counts and samples; what the rules take, and what does not recur, is not."""

from __future__ import annotations

import io
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from demo.gold import gold_rows
from demo.sites import Site, open_sites
from pipeline.bucket import Bucket
from pipeline.captures import captures_of
from pipeline.captures.index import list_page_files
from pipeline.captures.read import read_captures
from pipeline.extract import learn
from pipeline.extract.article import Cleaned, clean
from pipeline.extract.learn import LearnError, Proposal, as_yaml, propose
from pipeline.sources import Source, load_source
from tests.conftest import ROOT
from tests.pipeline.conftest import NOW, archive, page, prose

STANDING = "الفجر صحيفة يومية يملكها محرروها"
OPENING = "في هذه الزاوية الأسبوعية نقرأ معاً رسائل وصلت إلى الصحيفة من أهالي القرى البعيدة."
SEVERAL = 12


def url(number: int) -> str:
    return f"http://alfajr.example/{number:02d}"


def articles(*added: str, count: int = SEVERAL) -> dict[str, bytes]:
    """Pages of articles, each with lines of its own and the added ones at the end."""
    return {url(n): page(f"عنوان الخبر {n}", [*prose(n), *added], "2024-03-05") for n in range(count)}


def learned(bucket: Bucket, source: Source) -> list[Proposal]:
    return propose(captures_of(bucket, source.id), source).furniture


@pytest.fixture
def source(sources: dict[str, Source]) -> Source:
    return sources["alfajr"]


def test_a_line_of_every_article_is_proposed(bucket: Bucket, source: Source) -> None:
    archive(bucket, "alfajr", "a", articles(STANDING))
    archive(bucket, "almada", "a", articles("سطر من صحيفة أخرى لا شأن لنا به"))
    assert learned(bucket, source) == [
        Proposal(STANDING, pages=SEVERAL, inside=SEVERAL, of=SEVERAL, samples=(url(0), url(1), url(2)))
    ]


def test_what_is_written_down_is_not_proposed_again(bucket: Bucket, source: Source) -> None:
    archive(bucket, "alfajr", "a", articles(STANDING, "أضف تعليق", "شارك على واتساب", "المصدر: وكالات"))
    written = YAML().load("furniture:\n" + as_yaml(learned(bucket, source)))["furniture"]
    assert written == [STANDING]
    taught = source.model_copy(update={"furniture": tuple(written)})
    assert learned(bucket, taught) == []
    bodies = [clean(capture, taught).body for capture in captures_of(bucket, taught.id)]
    assert bodies == ["\n".join(prose(n)) for n in range(SEVERAL)]


def test_an_article_counts_once_however_often_it_was_captured(bucket: Bucket, source: Source) -> None:
    pages = articles(STANDING, STANDING)
    archive(bucket, "alfajr", "a", pages)
    archive(bucket, "alfajr", "b", pages, at=NOW + timedelta(days=1))
    archive(
        bucket, "alfajr", "c", {key + "?utm_source=x": body for key, body in pages.items()}, at=NOW + timedelta(days=2)
    )
    assert [(one.pages, one.inside, one.of) for one in learned(bucket, source)] == [(SEVERAL, SEVERAL, SEVERAL)]


def test_a_sentence_that_recurs_is_shown_and_one_of_two_articles_is_not(bucket: Bucket, source: Source) -> None:
    pages = articles(count=40)
    for number in range(7):
        pages[url(number)] = page(f"عمود {number}", [OPENING, *prose(number)], "2024-03-05")
    for number in (20, 21):
        pages[url(number)] = page(f"خبر {number}", [*prose(number), prose(999)[0]], "2024-03-05")
    archive(bucket, "alfajr", "a", pages)
    assert [(one.line, one.pages, one.of) for one in learned(bucket, source)] == [(OPENING, 7, 40)]


def test_spellings_of_one_line_count_together(bucket: Bucket, source: Source) -> None:
    pages = articles(STANDING, count=3) | {
        url(number): page(f"خبر {number}", [*prose(number), "الفجر: صحيفةٌ يوميّة، يملكها محرروها"], "2024-03-05")
        for number in (7, 8, 9)
    }
    spelt = {key: body.replace("الفجر:".encode(), "الفجر".encode()) for key, body in pages.items()}
    archive(bucket, "alfajr", "a", spelt)
    assert [(one.line, one.pages) for one in learned(bucket, source)] == [(STANDING, 6)]


def test_a_block_stands_together_and_the_most_frequent_comes_first(bucket: Bucket, source: Source) -> None:
    block = ["مشروع القرى المنسية", "يصدر بدعم من قرائه"]
    pages = articles(STANDING, *block, count=6) | {
        url(n): page(f"خبر {n}", [*prose(n), STANDING], "2024-03-05") for n in range(6, SEVERAL)
    }
    archive(bucket, "alfajr", "a", pages)
    proposals = learned(bucket, source)
    assert [(one.line, one.pages) for one in proposals] == [(STANDING, 12), (block[0], 6), (block[1], 6)]
    text = as_yaml(proposals)
    assert text.count("# on 6 of 12 articles' pages, within the text of 6:") == 1
    assert f'  - "{block[0]}"\n  - "{block[1]}"\n' in text


def test_a_line_beside_the_text_is_told_from_one_within(bucket: Bucket, source: Source) -> None:
    box = f'</p><div class="sidebar"><p>{STANDING}</p></div><p>'.encode()
    pages = {key: body.replace(b"</p><p>", b"</p>" + box + b"<p>", 1) for key, body in articles().items()}
    archive(bucket, "alfajr", "a", pages)
    assert [(one.line, one.pages, one.inside) for one in learned(bucket, source)] == [(STANDING, SEVERAL, 0)]


def test_pages_that_are_no_articles_do_not_count(bucket: Bucket, source: Source) -> None:
    english = ["The council said on Monday that the bridge would be open to the public again before the winter."] * 3
    others = {f"http://alfajr.example/en/{n}": page(f"Bridge {n}", [*english, STANDING]) for n in range(30)}
    archive(bucket, "alfajr", "a", articles() | others)
    assert learned(bucket, source) == []


def test_the_order_of_the_captures_changes_nothing(bucket: Bucket, source: Source) -> None:
    archive(bucket, "alfajr", "a", articles(STANDING, OPENING))
    captures = list(captures_of(bucket, source.id))
    expected = propose(captures, source)
    random.Random(3).shuffle(captures)
    assert propose(iter(captures), source) == expected
    assert [one.line for one in expected.furniture] == [STANDING, OPENING]


def test_lines_that_do_not_recur_are_forgotten_on_the_way(
    bucket: Bucket, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(bucket, "alfajr", "a", articles(STANDING))
    monkeypatch.setattr(learn, "_REVIEW", 4)
    monkeypatch.setattr(learn, "_FORGOTTEN", 0.5)
    count, sizes = learn._count, []

    def counting(cleaned: Cleaned, own: frozenset[str], known: dict[str, object]) -> None:
        sizes.append(len(known))
        count(cleaned, own, known)

    monkeypatch.setattr(learn, "_count", counting)
    assert [one.pages for one in learned(bucket, source)] == [SEVERAL]
    assert max(sizes) < 4 * 9  # four articles of eight lines, and the one that recurs


def test_a_file_that_cannot_be_read_is_left_out(bucket: Bucket, source: Source) -> None:
    archive(bucket, "alfajr", "a", articles(STANDING))
    key = archive(bucket, "alfajr", "b", {url(50): page("خبر", prose(50))})
    bucket.put(key, b"no archive")
    assert [one.of for one in learned(bucket, source)] == [SEVERAL]


def test_without_captures_it_says_so(bucket: Bucket, source: Source) -> None:
    with pytest.raises(LearnError, match=r"no captures of 'alfajr' in the bucket yet"):
        learned(bucket, source)


def test_with_a_few_articles_it_says_so(bucket: Bucket, source: Source) -> None:
    archive(bucket, "alfajr", "a", articles(STANDING, count=4))
    with pytest.raises(LearnError, match=r"hold 4 articles; what recurs shows from 5 on"):
        learned(bucket, source)


@pytest.mark.parametrize("site", open_sites().values(), ids=lambda site: site.id)
def test_a_demo_source(bucket: Bucket, site: Site) -> None:
    """As configured, nothing of it is left to learn. A line more in every text is proposed; written down, it is gone."""
    plain = load_source(ROOT / "demo" / "sources" / f"{site.id}.yaml")
    other = plain.model_copy(update={"id": f"{plain.id}_other"})
    pages = {site.canonical_url(one): site.article_page(one).body.decode(site.encoding) for one in site.articles}
    archive(bucket, plain.id, "a", {url: text.encode() for url, text in pages.items()})
    line = "مؤسسة مستقلة يملكها صحافيوها"
    longer = {url: text.replace("</p>", f"</p><p>{line}</p>").encode() for url, text in pages.items()}
    archive(bucket, other.id, "a", longer)
    assert learned(bucket, plain) == []
    found = learned(bucket, other)
    assert [(one.line, one.pages, one.of) for one in found] == [(line, len(pages), len(pages))]
    taught = other.model_copy(update={"furniture": (*other.furniture, line)})
    gold = {row["url"]: "\n".join(row["body"]) for row in gold_rows()}
    for capture in captures_of(bucket, taught.id):
        assert clean(capture, taught).body == gold[capture.url]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5))
def test_any_line_comes_back_from_the_yaml(lines: list[str]) -> None:
    text = as_yaml(Proposal(line, 3, 2, 9, ("http://a.example/1",)) for line in lines)
    assert YAML(typ="safe", pure=True).load("furniture:\n" + text)["furniture"] == lines
    assert not any(sign in text for sign in "\u200c\u200f\u00a0\ufeff\t\x00")


def test_the_files_are_read_in_their_order(bucket: Bucket, source: Source) -> None:
    archive(bucket, "alfajr", "b", articles(count=2))
    archive(bucket, "alfajr", "a", {url(9): page("خبر", prose(9))})
    keys = list_page_files(bucket, "alfajr")
    expected = [one.url for key in keys for one in read_captures(io.BytesIO(bucket.get(key)), key)]
    assert [one.url for one in captures_of(bucket, source.id)] == expected
