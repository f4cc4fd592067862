"""Words in normal form, where they stand, and what they may be asked for by."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.words import answers_to, placed_words, words_of

# Letters of Arabic with their variants, marks, tatweel, digits of three scripts, and what parts words.
TEXTS = st.text("ابتحلمنويهكفءأإآؤئىةکیٱـًُّْٰ012٣۴ \n.،_-#aBéﷲ\u200c\u200f·*" + "و" * 5 + "ال" * 5, max_size=60) | st.text()


@given(TEXTS)
@example("قـ ـتـ ـلى الـ.ـجـ.يش")
@example("ﷺ١٢٬٠٠٠م #انقذوا_حلب F-16")
def test_placed_words_are_the_words_and_stand_where_they_say(text: str) -> None:
    placed = placed_words(text)
    assert [one.word for one in placed] == words_of(text)
    assert all(0 <= one.start < one.end <= len(text) for one in placed)
    assert [one.start for one in placed] == sorted(one.start for one in placed)
    for one in placed:
        assert one.word in words_of(text[one.start : one.end]) or "ـ" in text[one.start : one.end]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("إدلب", "ادلب"),
        ("مستشفى", "مستشفي"),
        ("القاهرة", "القاهره"),
        ("حَلَبُ", "حـلـب"),
        ("٢٠١٦", "2016"),
        ("۲۰۱۶", "2016"),
        ("الثلاثاء", "الثلاثا"),
        ("کیف", "كيف"),
        ("2016م", "2016 م"),
        ("إف-16", "إف16"),
        ("#انقذوا_حلب", "انقذوا حلب"),
    ],
)
def test_what_is_written_in_several_ways_is_one(one: str, other: str) -> None:
    assert words_of(one) == words_of(other)


@pytest.mark.parametrize(
    ("query", "hits", "others"),
    [
        ("حلب", "حلب وحلب فحلب بحلب وبحلب لحلب كحلب ولحلب والحلب", "حلبة حلبجة محلب حلبي"),
        (
            "مستشفى",
            "مستشفى المستشفى والمستشفى بالمستشفى كالمستشفى للمستشفى وللمستشفى فبالمستشفى",
            "مستشفيات مستشفاهم",
        ),
        ("المستشفى", "المستشفى والمستشفى بالمستشفى للمستشفى وللمستشفى", "مستشفى بمستشفى"),
        ("لبنان", "لبنان بلبنان للبنان اللبنان وللبنان", "لبناني"),
        ("لاجئين", "لاجئين اللاجئين للاجئين وللاجئين باللاجئين", "لاجئ"),
        ("اللاجئين", "اللاجئين للاجئين واللاجئين", "لاجئين"),
        ("دم", "دم الدم والدم ودم", "بدم قدم"),
        ("عد", "عد وعد العد", "بعد"),
        ("بحلب", "بحلب وبحلب", "حلب لحلب"),
    ],
)
def test_a_word_is_found_behind_what_arabic_writes_before_it(query: str, hits: str, others: str) -> None:
    (asked,) = words_of(query)
    assert [word for word in hits.split() if asked not in answers_to(*words_of(word))] == []
    assert [word for word in others.split() if asked in answers_to(*words_of(word))] == []
