import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.duplicates import shingles, signature, text_hash, words
from pipeline.duplicates.text import SHORT_WORDS, read_figures

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإآؤئ"
WORD = st.text(alphabet=LETTERS, min_size=2, max_size=8)
TEXT = st.lists(WORD, min_size=1, max_size=60).map(" ".join)
PROSE = " ".join(f"كلمه{'ابتثجحخد'[number % 8]}{'نهوير'[number // 8]}" for number in range(40))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("قُتِل ١٢ شخصاً في إدلب، مســاءَ الأحد.", "قتل 12 شخصا في ادلب مساء الاحد"),
        ("یک کتاب در ایران ۴۵", "يك كتاب در ايران 45"),
        ("مسؤول في شؤون اللاجئين", "مسوول في شوون اللاجيين"),
        ("قـ ـتـ ـلى في غزة", "قتلى في غزة"),
        ("الـ.ـجـ.يش", "الجيش"),
        ("می\u200cشود \u202bالخبر\u202c", "میشود الخبر"),
        ("ﻗﺘﻞ ﻻجئ", "قتل لاجئ"),
        ("BBC عربي", "bbc عربي"),
    ],
)
def test_spelling_habits_do_not_tell_texts_apart(one: str, other: str) -> None:
    assert words(one) == words(other)
    assert text_hash(one) == text_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("قتل 12 شخصا", "قتل 15 شخصا"),
        ("قصف حلب", "قصف حماة"),
        ("قال ... ثم", "قالثم"),
        ("قتل - لى", "قتلى"),
        ("حلب.دمشق", "حلبدمشق"),
    ],
)
def test_words_and_figures_do(one: str, other: str) -> None:
    assert text_hash(one) != text_hash(other)


@given(TEXT)
def test_diacritics_and_tatweel_change_nothing(text: str) -> None:
    marked = "".join(letter + "\u064e" if letter.isalpha() else letter for letter in text)
    assert words(marked) == words(text)
    assert words(text.replace("ا", "اـ")) == words(text)


@given(st.text(max_size=300))
def test_the_normal_form_is_its_own_and_holds_no_marks(text: str) -> None:
    form = " ".join(words(text))
    assert words(form) == form.split()
    assert not any(unicodedata.category(letter) in {"Mn", "Cf"} for letter in form)


@given(st.lists(st.sampled_from([*"اإأةـ ٣½ﷺ.\u064e\u200c\U0001f600\U0001ee00\ud800\x00"]), max_size=40).map("".join))
def test_a_character_folds_the_same_beside_any_other(text: str) -> None:
    """Rare characters (of several letters, beyond the first 65,536, half a pair) take another way through the code."""
    apart = [words(f"ب{letter}ب") for letter in text if letter != "ـ"]
    together = words(" ".join(f"ب{letter}ب" for letter in text if letter != "ـ"))
    assert together == [word for of_letter in apart for word in of_letter]


@given(st.text(max_size=300))
def test_every_text_has_shingles_and_a_signature(text: str) -> None:
    assert shingles(text)
    assert len(signature(text)) == 128 * 4
    assert signature(text) == signature(text)


def test_shingles_are_pairs_without_the_commonest_words() -> None:
    text = f"قصفت الطائرات على إدلب {PROSE}"
    assert {"قصفت الطايرات", "الطايرات ادلب"} <= shingles(text)


def test_a_short_text_is_one_shingle() -> None:
    short = " ".join(PROSE.split()[: SHORT_WORDS - 1])
    assert shingles(short) == {short}
    assert len(shingles(" ".join(PROSE.split()[:SHORT_WORDS]))) == SHORT_WORDS - 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("قتل 12 شخصا", ["قتل", "#12", "شخصا"]),
        ("قتل ١٢ شخصا", ["قتل", "#12", "شخصا"]),
        ("قتل سبعة وعشرون شخصا", ["قتل", "#27", "شخصا"]),
        ("قتل واحد وثلاثين شخصا", ["قتل", "#31", "شخصا"]),
        ("اثني عشر جريحا", ["#12", "جريحا"]),
        ("ثلاثمئة وخمسة وأربعون خيمة", ["#345", "خيمه"]),
        ("ثلاثة آلاف ومئتين", ["#3200"]),
        ("12 ألف نازح", ["#12000", "نازح"]),
        ("مليونان", ["#2000000"]),
        ("الـ15 والـ16", ["#15", "#16"]),
        ("يوم الأحد 3 كانون الثاني 2024", ["يوم", "#d6", "#3", "#m1", "#2024"]),
        ("يوم الأحد 3 يناير 2024", ["يوم", "#d6", "#3", "#m1", "#2024"]),
        ("كانون قديم", ["كانون", "قديم"]),
        ("روتردام f16", ["روتردام", "#f16"]),
    ],
)
def test_a_figure_is_its_value_however_it_is_written(text: str, read: list[str]) -> None:
    assert read_figures(words(text)) == (read, [place for place, word in enumerate(read) if word[0] == "#"])


@given(
    st.lists(
        st.sampled_from(["قتل", "سبعة", "وعشرون", "12", "ألف", "كانون", "الثاني", "0", "000", "و5", "_"]), max_size=12
    )
)
def test_reading_figures_keeps_every_other_word(text: list[str]) -> None:
    of_text = words(" ".join(text))
    read, places = read_figures(of_text)
    assert [word for word in read if word in {"قتل", "_"}] == [word for word in of_text if word in {"قتل", "_"}]
    assert places == [place for place, word in enumerate(read) if word[0] == "#"]
    assert len(read) <= len(of_text)


def test_signatures_are_the_same_on_every_machine() -> None:
    """A change here means that every stored signature must be made again: raise the extractor's version."""
    assert signature("أعلنت الهيئة وقف إطلاق النار").hex()[:32] == "8e594aedc598abdaf9863fe42e0b1bd7"
    assert signature(PROSE).hex()[:32] == "c4b2fcc1a10694c0c4fd6e8f2f2f23c0"
