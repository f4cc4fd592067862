"""Lines of text and the spelling in which they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import fold, letters, tidy


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  سطر \n\t واحد\u00a0هنا ", "سطر واحد هنا"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("عام 1445 ه\u200d", "عام 1445 ه\u200d"),
        ("\u200fسطر\u200f", "سطر"),
        ("قال \u200f(2024)\u200f إن", "قال \u200f(2024)\u200f إن"),
        ("كلمة \u200f كلمة", "كلمة كلمة"),
        ("\ufeffسطر\u200b\u00ad واحد", "سطر واحد"),
        ("\u202bسطر\u202c", "سطر"),
        ("نص\x00\x07 هنا", "نص هنا"),
        ("نص\ufffe هنا\uffff", "نص هنا"),
        ("\u200d \u200d سطر \u200f \u200e", "سطر"),
        ("\u200f" * 200_000 + "سطر" + "\u200f " * 200_000, "سطر"),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert "\n" not in once


@given(st.text(st.characters(categories=["L", "N", "P", "Z"])))
def test_tidying_keeps_every_letter(text: str) -> None:
    assert letters(tidy(text)) == letters(text)


@pytest.mark.parametrize("spelling", ["إقرأ أيضاً", "اقرأ ايضا", "اقرا أيضًا", "اقـــرأ أيضا", "«اقرأ أيضاً»"])
def test_one_spelling_for_several(spelling: str) -> None:
    assert fold(spelling) == "اقرا ايضا"


def test_a_letter_that_two_make_is_folded_whole() -> None:
    assert fold("İstanbul") == fold(fold("İstanbul"))


@given(st.text(max_size=400))
def test_short_and_long_lines_are_folded_alike(text: str) -> None:
    assert fold(text + " س" * 200) == " ".join([*fold(text).split(), *["س"] * 200])


def test_colons_stand_as_words_and_digits_are_one_kind() -> None:
    assert fold("المصدر: وكالات | ٢٠٢٤/۰۳") == "المصدر : وكالات : 2024 03"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
