"""What a query means, over one text."""

import pytest

from pipeline.search import QueryError, read_query

TEXT = "قُتل خمسة في خان طومان\nوقال المسؤول في مستشفى بحلب"


@pytest.mark.parametrize(
    "query",
    [
        "حلب",
        "حلب خان",
        '"خان طومان"',
        "«خان طومان» حلب",
        "“خان طومان”",
        "خان-طومان",
        "مسئول",
        '"مستشفى حلب"',
        "قتل",
        '"في خان"',
    ],
)
def test_a_text_meets_it(query: str) -> None:
    assert read_query(query).meets("", TEXT)
    assert read_query(query).meets(TEXT, "")


@pytest.mark.parametrize("query", ["حلبة", "حلب دمشق", '"طومان خان"', '"خان حلب"', '"طومان وقال"', "مسئولون"])
def test_a_text_does_not_meet_it(query: str) -> None:
    assert not read_query(query).meets("", TEXT)


def test_a_phrase_does_not_begin_in_the_headline_and_end_in_the_body() -> None:
    assert not read_query('"خان طومان"').meets("خان", "طومان")
    assert read_query("خان طومان").meets("خان", "طومان")


def test_marks_are_the_words_as_they_stand() -> None:
    query = read_query('حلب "خان طومان"')
    assert [(mark.part, TEXT[mark.start : mark.end]) for mark in query.marks(TEXT)] == [
        (1, "خان"),
        (1, "طومان"),
        (0, "بحلب"),
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "nothing to look for"),
        (" \n", "nothing to look for"),
        ("،؟!", "only marks"),
        ('""', "only marks"),
        ("ـ ًً", "only marks"),
        ('"خان طومان', "is not closed"),
        ("خان طومان»", "is not closed"),
        ("حلب OR إدلب", "OR means nothing here"),
        ("حلب || إدلب", "means nothing here"),
        ("NOT حلب", "NOT means nothing here"),
        ("حل* قصف", "حل[*] means nothing here"),
        ("حلَ*", "means nothing here"),
        ("قصف -حلب", "-حلب means nothing here"),
        ('قصف -"خان طومان"', "-«…» means nothing here"),
        ("قصف \u200f-حلب", "-حلب means nothing here"),
        ("قصف \u2212حلب", "\u2212حلب means nothing here"),
        ("قصف -(حلب إدلب)", "means nothing here"),
        ("(حلب OR إدلب)", "OR means nothing here"),
        ('"خان طومان"~3', "«…»~3 means nothing here"),
        ("حلب^2", "means nothing here"),
        ("حلب|إدلب", "means nothing here"),
    ],
)
def test_a_query_that_would_not_be_read_as_it_is_meant_is_refused(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        read_query(query)
