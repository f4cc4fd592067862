"""The language of a text, by its script, letters and words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.language import detect, may_be
from tests.pipeline.extract.pages import PARAGRAPHS

SENTENCES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "languages.tsv")
    .read_text(encoding="utf-8")
    .replace("\\u200c", "\u200c")
    .splitlines()
]
TAGS = sorted({tag for tag, _ in SENTENCES})
# Told wrongly: a headline whose every letter is Persian's too, and one that bears one mark of English.
TOO_SHORT = {"امدادی قافلہ آج صبح کیمپ پہنچ گیا", "A small protest against bread prices ended without incident"}


@pytest.mark.parametrize("tag", TAGS)
def test_sentences_of_some_ten_words(tag: str) -> None:
    """Invented news sentences, dialects and texts typed on other languages' keyboards among them."""
    wrong = {(text, detect(text)) for own, text in SENTENCES if own == tag and detect(text) != tag}
    assert {text for text, _ in wrong} <= TOO_SHORT, wrong


@pytest.mark.parametrize("tag", TAGS)
def test_texts_of_some_hundred_words(tag: str) -> None:
    assert detect("\n".join(text for own, text in SENTENCES if own == tag)) == tag


@given(st.data())
def test_arabic_is_never_taken_for_another_language(data: st.DataObject) -> None:
    words = [word for tag, text in SENTENCES if tag == "ar" for word in text.split()]
    text = " ".join(data.draw(st.lists(st.sampled_from(words), min_size=20, max_size=60)))
    assert detect(text) == "ar"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("\n".join(PARAGRAPHS), "ar"),
        ("زار وزير الخارجية الايراني محمد جواد ظريف مدينة چابهار ومدينة گرگان يوم أمس", "ar"),
        ("وزير امور خارجه در اين نشست گفت كه نتيجه از سوي دولت اعلام شد و مردم هم با آن موافق هستند", "fa"),
        ("Drei Tote bei einem Angriff nahe der Grenze", "de"),
        ("Lo scrittore è morto dopo una lunga malattia", "it"),
        ("Sərhəd yaxınlığında hücum zamanı üç nəfər həlak olub", "az"),
        ("Троє загинули під час нападу біля кордону", "uk"),
        ("Τρεις νεκροί σε επίθεση κοντά στα σύνορα", "el"),
        ("Սահմանի մոտ հարձակման հետևանքով երեք զոհ", "hy"),
        ("Tři mrtví při útoku poblíž hranic uvedla policie", "und"),
        ("边境附近袭击造成三人死亡多人受伤", "und"),
        ("", None),
        ("2024", None),
        ("حلب", None),
    ],
)
def test_single_texts(text: str, tag: str | None) -> None:
    assert detect(text) == tag


@pytest.mark.parametrize(
    "quoted",
    [
        "“We welcome the reopening of the bridge and call on all parties to keep it open,” the agency said.",
        "«سەرۆکی هەرێم لەگەڵ شاندێکی پەرلەمان کۆبووەوە»",
        "وكتب بالفارسية: «مردم شهر می\u200cگویند راه دیگری نیست»",
        "https://www.alnahr.example/news/2024/03/bridge-reopens-after-four-months-of-repair-works",
    ],
)
def test_a_quotation_in_another_language_does_not_change_it(quoted: str) -> None:
    assert detect("\n".join([PARAGRAPHS[0], quoted, *PARAGRAPHS[1:]])) == "ar"


@pytest.mark.parametrize(
    ("told", "wanted", "may"),
    [
        ("ar", "ar", True),
        ("ar", "ar-SY", True),
        (None, "ar", True),
        ("fa", "ar", False),
        ("und", "ar", False),  # in other letters, or it would have been told
        ("und", "en", True),
        ("fr", "en", False),
        ("ckb", "ku", True),
        ("ku", "ckb", False),
        ("he", "ar", False),
        ("he", "he", True),
        ("ar", "he", False),
        ("en", "so", True),  # not known here
    ],
)
def test_which_languages_a_source_takes(told: str | None, wanted: str, may: bool) -> None:
    assert may_be(told, wanted) is may


@given(st.text())
def test_no_text_raises(text: str) -> None:
    detect(text)
