"""The quality benchmark judges fairly."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.quality import Extracted, score

GOLD: dict[str, Any] = {
    "title": "فتح الجسر",
    "author": "سامر علي",
    "body": ["أعاد المجلس فتح الجسر.", "وقال الأهالي إن الطريق أقصر."],
    "captions": ["الجسر بعد إصلاحه"],
    "optional": ["حلب"],
    "must_not": ["أضف تعليق"],
    "published_day_local": "2024-03-20",
    "published_null_ok": False,
}
BODY = "\n".join(GOLD["body"])


def test_the_gold_itself_is_whole_and_right() -> None:
    one = score(Extracted(BODY, "فتح الجسر", ("سامر علي",), "2024-03-20"), GOLD)
    assert (one.f1, one.leaks, one.captions, one.lost) == (1, 0, 0, 0)
    assert (one.title, one.authors, one.day) == ("yes", "right", "right")


def test_what_is_too_much_and_what_is_missing() -> None:
    one = score(Extracted(f"حلب\n{GOLD['body'][0]}\nالجسر بعد إصلاحه\nأضف تعليق", "فتح الجسر - النهر", (), ""), GOLD)
    assert one.precision < 1
    assert one.recall < 1
    assert (one.leaks, one.captions, one.lost) == (1, 1, 1)
    assert (one.title, one.authors, one.day) == ("no", "none", "none")


def test_what_a_system_does_not_look_for_is_not_judged() -> None:
    one = score(Extracted(BODY), GOLD)
    assert (one.title, one.authors, one.day) == ("-", "-", "-")


@pytest.mark.parametrize(
    ("gold", "authors", "judged"),
    [(None, (), "right"), (None, ("منى حسن",), "invented"), ("سامر علي", ("منى حسن",), "invented")],
)
def test_nobody_is_right_where_the_gold_has_nobody(gold: str | None, authors: tuple[str, ...], judged: str) -> None:
    assert score(Extracted(BODY, "", authors, ""), GOLD | {"author": gold}).authors == judged
