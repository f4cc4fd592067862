from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, datetime

import pytest
from ruamel.yaml import YAML

from demo.content import CONTENT, FIRST_EDITION, ContentError, load_articles, parse_article
from demo.sites import FEED_LENGTH, LATEST, SITES, SmallSite, open_sites

ARTICLES = load_articles()
HEAD = '---\ntitle: "عنوان"\npublished: 2024-01-02\nsection: محليات\n---\n'


def shingles(article):
    """Three-word shingles of the text without its diacritics."""
    words = re.findall(r"\w+", re.sub(r"[\u064b-\u0652\u0640]", "", " ".join(article.paragraphs)))
    return set(zip(words, words[1:], words[2:], strict=False))


def family(article):
    return article.text_of or article.key


def test_there_are_about_a_hundred_articles_over_four_months_from_every_site():
    assert 100 <= len(ARTICLES) <= 120
    assert {article.day.strftime("%Y-%m") for article in ARTICLES} == {"2024-01", "2024-02", "2024-03", "2024-04"}
    assert min(article.day for article in ARTICLES) == date(2024, 1, 2)
    assert max(article.day for article in ARTICLES) <= date(2024, 4, 29)
    assert set(Counter(article.site for article in ARTICLES)) == {site.id for site in SITES}


@pytest.mark.parametrize("kind", SITES, ids=lambda kind: kind.id)
def test_every_article_fits_its_site(kind):
    own = [article for article in ARTICLES if article.site == kind.id]
    assert len(own) > (2 * LATEST - 1 if issubclass(kind, SmallSite) else FEED_LENGTH)  # more than is shown at once
    assert {article.section for article in own} == set(kind.sections)
    assert len({article.path for article in own}) == len(own)
    for article in own:
        assert isinstance(article.published, datetime) == (kind.finest != "day"), article.key
        if kind.finest != "day":
            seconds_shown = kind.finest == "second" and not article.dated_in_text_only
            assert bool(article.published.second) == seconds_shown, article.key
        assert not (article.author and article.credit), article.key
    assert any(article.caption for article in own)


def test_a_site_in_windows_1256_has_only_its_letters():
    for article in ARTICLES:
        if article.site == "siraj":
            "\n".join([article.title, article.caption or "", article.author or "", *article.paragraphs]).encode(
                "cp1256"
            )


def test_wire_stories_are_republished_by_two_or_three_outlets():
    families = Counter(family(article) for article in ARTICLES)
    shared = {key: count for key, count in families.items() if count > 1}
    assert len(shared) >= 8
    assert sum(shared.values()) >= 18
    assert sum(count >= 3 for count in shared.values()) >= 4


def test_copies_are_near_duplicates_and_nothing_else_is():
    by_key = {article.key: article for article in ARTICLES}
    sets = {key: shingles(article) for key, article in by_key.items()}
    for one, other in itertools.combinations(by_key, 2):
        similarity = len(sets[one] & sets[other]) / len(sets[one] | sets[other])
        if by_key[one].text_of == other or by_key[other].text_of == one:
            assert 0.84 < similarity < 1, (one, other)
        elif family(by_key[one]) != family(by_key[other]):
            assert similarity < 0.05, (one, other)


def test_copies_have_a_headline_of_their_own_and_follow_at_least_an_hour_later():
    sites = {site.id: site for site in open_sites().values()}
    by_key = {article.key: article for article in ARTICLES}
    for article in ARTICLES:
        if article.text_of:
            original = by_key[article.text_of]
            assert article.title != original.title
            gap = sites[article.site].instant(article.published) - sites[original.site].instant(original.published)
            assert 3600 < gap.total_seconds() < 30 * 86400, article.key


def test_the_changes_that_copies_name_are_in_the_text_they_change():
    by_key = {article.key: article for article in ARTICLES}
    for path in CONTENT.glob("*/*.md"):
        head = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8").split("---\n")[1])
        for old, new in head.get("changes", {}).items():
            assert old != new
            assert old in "\n".join(by_key[head["text_of"]].paragraphs), (path.name, old)


def test_corrected_articles_differ_between_the_editions():
    first = {article.key: article for article in load_articles(FIRST_EDITION)}
    corrected = [article for article in ARTICLES if article.modified]
    assert len(corrected) >= 2
    for article in ARTICLES:
        assert (first[article.key] != article) == (article in corrected)
        assert replace(first[article.key], title="", blocks=(), modified=None) == replace(
            article, title="", blocks=(), modified=None
        )
    for article in corrected:
        assert first[article.key].modified is None
        assert article.modified > article.published
        assert first[article.key].blocks != article.blocks


def test_the_content_holds_what_cleaning_and_deduplication_must_stand():
    text = "\n".join(paragraph for article in ARTICLES for paragraph in article.paragraphs)
    for sentence in ("أضاف المصدر أن", "وتعليقاً على", "شارك في المعركة", "اقرأ باسم"):
        assert sentence in text
    assert "\u200c" in text
    flashes = [article for article in ARTICLES if len(" ".join(article.paragraphs).split()) < 40]
    assert len(flashes) >= 4
    assert max(Counter(tag for flash in flashes for tag in flash.tags).values()) >= 2  # two about one town
    assert sum("حصيلة" in article.tags for article in ARTICLES) == 2
    assert {block.kind for article in ARTICLES for block in article.blocks} == {"paragraph", "heading", "quote"}


def test_no_invisible_character_stands_unescaped_in_a_file():
    for path in CONTENT.glob("*/*.md"):
        text = path.read_text(encoding="utf-8")
        assert text == unicodedata.normalize("NFC", text), path
        assert not [char for char in text if unicodedata.category(char) in ("Cf", "Cc", "Co") and char != "\n"], path


def test_nothing_is_taken_from_the_shared_examples(shared):
    theirs = "\n".join(
        " ".join(path.read_text(encoding="utf-8", errors="replace").split())
        for path in sorted(shared.rglob("*"))
        if path.is_file() and path.suffix in (".txt", ".html", ".json", ".tsv")
    )
    for article in ARTICLES:
        for words in (paragraph.split() for paragraph in (article.title, *article.paragraphs)):
            for start in range(0, len(words) - 7, 4):
                assert " ".join(words[start : start + 8]) not in theirs, article.key


def test_a_file_is_read_as_it_is_written():
    article = parse_article("siraj", "one", HEAD + "أول\nسطر نمی&zwnj;خواهم\n\n## وسط\n\n> قول\n")
    assert article.paragraphs == ("أول سطر نمی\u200cخواهم", "وسط", "قول")
    assert [block.kind for block in article.blocks] == ["paragraph", "heading", "quote"]
    assert article.path == "one"
    assert article.day == date(2024, 1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("نص بلا رأس", "expected a YAML head"),
        (HEAD, "no text"),
        (HEAD.replace("section", "secton") + "نص", "unknown keys in the head: secton"),
        (HEAD.replace("section", "text_of: x/y\nsection"), "text_of names 'x/y'"),
    ],
)
def test_a_wrong_file_is_refused_by_name(text, message):
    with pytest.raises(ContentError, match=f"^siraj/one: .*{re.escape(message)}"):
        parse_article("siraj", "one", text)
