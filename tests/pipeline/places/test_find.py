"""Which places a text names: what holds of any text, and of invented sentences of every kind."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.places import Found, countries_of, find, load

SYRIA, YEMEN = countries_of(["Syria"]), countries_of(["Yemen"])
ALL = countries_of(["Syria", "Iraq", "Yemen", "Palestine", "Libya", "Sudan"])
ALEPPO, IDLIB, DAMASCUS, ADEN, LAHIJ = 170063, 169389, 170654, 415189, 73560
TEXTS = st.text(st.characters(codec="utf-8")) | st.lists(
    st.sampled_from(
        [
            "حلب",
            "وبحلب",
            "للرقة",
            "مدينة",
            "محافظة",
            "في",
            "دمشق",
            "ريف",
            "،",
            "و",
            "إدلبَ",
            "دومًا",
            "اليمن",
            "خان",
            "يونس",
            "\n",
            "ـ",
        ]
    )
).map(" ".join)


def ids(text: str, countries: frozenset[str] = ALL) -> list[int]:
    return [one.geonameid for one in find(None, text, countries)]


@pytest.mark.parametrize("word", ["حلب", "بحلب", "وحلب", "لحلب", "وبحلب", "حَلَبَ", "حلـــب"])
def test_what_is_written_in_one_with_a_name_and_its_marks_change_nothing(word: str) -> None:
    [found] = find(None, f"وصلت قافلة إلى مدينة {word} في سوريا مساء أمس", ALL)
    assert found.geonameid == ALEPPO
    assert found.text in word
    assert (found.name, found.country, found.by) == ("Aleppo", "SY", "name")


@pytest.mark.parametrize("letter", ["ب", "ل", "وب", "ول", "فل", "و"])
def test_the_id_is_the_same_behind_every_preposition(letter: str) -> None:
    assert ids(f"مر الموكب {letter}دمشق ثم توقف") == [DAMASCUS]


@pytest.mark.parametrize("before", ["قصف على", "غارات علي", "السيطرة على", "هجوم عنيف على"])
def test_on_is_not_taken_for_the_name_of_a_person_that_is_written_alike(before: str) -> None:
    assert ids(f"{before} إدلب") == [IDLIB]
    assert ids(f"{before} خان يونس في فلسطين") == [281124]


def test_the_article_that_follows_a_preposition_belongs_to_the_name() -> None:
    [found] = find(None, "عادت العائلات من ريف حلب للحسكة بعد الهدوء في سوريا", ALL)[1:]
    assert found.text == "لحسكة"
    assert found.name.endswith("Ḩasakah") or found.country == "SY"


@pytest.mark.parametrize(
    "text",
    [
        "قال المحامي خالد الحلبي إن الجلسة تأجلت",  # a surname
        "افتتح معرضا في شارع دمشق وسط العاصمة",  # a street
        "نقلت قناة حلب اليوم عن شهود",  # an outlet
        "أعلن لواء إدلب انسحابه من الجبهة",  # an armed group
        "أغلق الباب ثم فتح عين الماء على التل",  # words
        "كان دومًا يقول إن الأمر صعب",
        "بحجة أن الطريق مغلق",
        "سجلت محافظة إدلب ثلاث إصابات",  # a province, which the gazetteer has not
        "قصف على ريف دمشق",
        "الحرب على غزة مستمرة",  # the Strip
        "توزع مساعدات على قطاع غزة",
        "زار رئيس الوزراء باريس وروما",
    ],
)
def test_words_persons_streets_outlets_and_provinces_are_no_towns(text: str) -> None:
    assert ids(f"{text} في سوريا وفلسطين") == []


def test_what_is_said_of_the_first_of_a_list_goes_for_all() -> None:
    assert ids("اجتمع محافظو محافظات إدلب وحلب ودمشق") == []
    assert ids("سيطرت القوات على مدينتي إدلب وحلب") == [IDLIB, ALEPPO]


def test_an_ambiguous_word_counts_only_where_it_is_called_a_town_of_the_country_that_is_spoken_of() -> None:
    assert ids("وقع انفجار في مدينة الباب شمال سوريا") == [174018]
    assert ids("وقع انفجار قرب الباب في سوريا") == []
    assert ids("وقع انفجار في مدينة الباب") == []
    assert ids("وقع انفجار في مدينة الباب", SYRIA) == [174018], "its source reports on Syria alone"


def test_a_name_that_several_places_bear_is_decided_by_the_country_alone() -> None:
    [found] = find(None, "اندلعت اشتباكات في طرابلس غربي ليبيا", ALL)
    assert (found.country, found.by) == ("LY", "context")
    assert ids("اندلعت اشتباكات في طرابلس") == []
    assert ids("اندلعت اشتباكات في طرابلس بين أنصار ليبيا ولبنان") == []


def test_a_village_is_never_taken_for_a_capital_of_its_name() -> None:
    assert ids("اجتمع الوزراء في الرياض لبحث الوضع في العراق") == []


def test_places_of_other_countries_than_those_asked_for_are_left_out() -> None:
    assert ids("وصلت السفينة إلى ميناء عدن في اليمن", SYRIA) == []
    assert ids("وصلت السفينة إلى ميناء عدن في اليمن", YEMEN) == [ADEN]
    assert find("حلب", "حلب", frozenset()) == ()


def test_it_says_where_in_headline_and_text_the_words_stand() -> None:
    title, body = "انفجار في مدينة إدلب", "قتل شخص في انفجار\nوقع في وسط مدينة إدلب أمس"
    parts = {"title": title, "body": body}
    found = find(title, body, ALL)
    assert [one.part for one in found] == ["title", "body"]
    assert all(parts[one.part].startswith(one.text, one.offset) for one in found)
    assert {one.finder for one in found} == {f"2 / {load().version}"}


@given(TEXTS, TEXTS)
def test_any_text_gives_places_whose_words_stand_in_it(title: str, body: str) -> None:
    parts = {"title": title, "body": body}
    found = find(title, body, ALL)
    assert found == find(title, body, ALL)
    assert all(one.text and parts[one.part].startswith(one.text, one.offset) for one in found)
    assert all(one.country in ALL and one.by in {"name", "kind", "context"} for one in found)
    spans = [(one.part, one.offset, one.offset + len(one.text)) for one in found]
    assert all(one[0] != other[0] or one[2] <= other[1] for one, other in pairwise(spans))
    assert all(isinstance(one, Found) for one in found)


def test_conflicts_are_named_after_countries() -> None:
    assert countries_of(["Palestine", "Syria", "الحرب"], ["YE"]) == {"PS", "SY", "YE"}
