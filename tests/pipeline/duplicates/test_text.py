import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.duplicates import compare_form, shingles, signature, text_hash

ARABIC = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإآءئؤ ", min_size=1, max_size=200)


def test_spelling_habits_do_not_tell_texts_apart() -> None:
    one = "قُتِل ١٢ شخصاً في إدلب، مســاءَ الأحد."
    other = "قتل 12 شخصا في ادلب مساء الاحد"
    assert compare_form(one) == compare_form(other)
    assert text_hash(one) == text_hash(other)


def test_words_and_figures_do() -> None:
    assert text_hash("قتل 12 شخصا") != text_hash("قتل 15 شخصا")
    assert text_hash("قصف حلب") != text_hash("قصف حماة")


@given(ARABIC)
def test_diacritics_and_tatweel_change_nothing(text: str) -> None:
    marked = "".join(letter + "\u064e" if letter.isalpha() else letter for letter in text)
    assert compare_form(marked) == compare_form(text)
    assert compare_form(text.replace("ا", "اـ")) == compare_form(text)


@given(st.text(max_size=300))
def test_the_normal_form_is_its_own_and_holds_no_marks(text: str) -> None:
    form = compare_form(text)
    assert compare_form(form) == form
    assert not any(unicodedata.category(letter) in {"Mn", "Cf"} for letter in form)


@given(st.text(max_size=300))
def test_every_text_has_shingles_and_a_signature(text: str) -> None:
    assert shingles(text)
    assert len(signature(text)) == 128 * 4
    assert signature(text) == signature(text)


def test_signatures_are_the_same_on_every_machine() -> None:
    """A change here means that every stored signature must be made again: raise the extractor's version."""
    assert signature("أعلنت الهيئة وقف إطلاق النار").hex()[:32] == "86574ac20f417ac04cbe1dc6042747c1"
