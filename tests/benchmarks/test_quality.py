"""The quality benchmark judges fairly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.quality import Extracted, GoldPage, judge, load_pages, main, score, summarise
from tests.pipeline.extract.pages import PARAGRAPHS, TITLE, URL, page

if TYPE_CHECKING:
    from pathlib import Path

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
    [
        (None, (), "right"),
        (None, ("منى حسن",), "invented"),
        ("سامر علي", ("منى حسن",), "invented"),
        (["سامر علي", "منى حسن"], ("منى حسن", "سامر علي"), "right"),
        (["سامر علي", "منى حسن"], ("منى حسن",), "some"),
        (["سامر علي", "منى حسن"], ("منى حسن", "هدى خليل"), "invented"),
        (["سامر علي", "منى حسن"], (), "none"),
    ],
)
def test_authors_are_all_of_the_golds_and_no_others(
    gold: str | list[str] | None, authors: tuple[str, ...], judged: str
) -> None:
    assert score(Extracted(BODY, "", authors, ""), GOLD | {"author": gold}).authors == judged


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one article and two pages that are none, one of which looks like an article."""
    gold = {
        "title": TITLE, "author": None, "body": PARAGRAPHS, "captions": [], "optional": [], "must_not": [],
        "published_day_local": None, "published_null_ok": True,
    }  # fmt: skip
    files = {
        "bridge": (page(), {"lang": "ar", "url": URL}, gold),
        "terms": (page(), {"lang": "ar", "url": URL, "kind": "not_article", "zone": None}, {"kind": "not_article"}),
        "empty": ("<html></html>", {"lang": "ar", "url": URL, "kind": "not_article"}, {"kind": "not_article"}),
    }
    for name, (html, _, kept) in files.items():
        (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
        (tmp_path / f"{name}.json").write_text(json.dumps(kept), encoding="utf-8")
    manifest = [{"file": f"{name}.html", "gold": f"{name}.json", **entry} for name, (_, entry, _) in files.items()]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return tmp_path


def test_of_a_page_that_is_no_article_only_its_rejection_is_right(folder: Path) -> None:
    _, terms, empty = load_pages(folder)
    assert judge(terms, Extracted(BODY)).outcome == "taken"
    assert judge(empty, Extracted("", rejected="empty")).outcome == "rejected: empty"
    assert judge(terms, Extracted(BODY)).score is None


def test_the_summary_names_each_page_that_is_not_as_it_should_be(folder: Path) -> None:
    pages = load_pages(folder)
    taken = Extracted("\n".join(PARAGRAPHS), TITLE, (), "")
    cut = Extracted("\n".join(PARAGRAPHS[:2]), "عنوان آخر", ("منى حسن",), "2024-03-20")

    def said(*found: Extracted) -> str:
        return "\n".join(summarise(list(map(judge, pages, found)), [judge(page, taken) for page in pages]))

    good = said(taken, Extracted(""), Extracted(""))
    assert "1 articles: mean F1 1.0000" in good
    assert ".html" not in good
    bad = said(cut, taken, Extracted(""))
    for line in (
        "F1 more than .01 under trafilatura's: 1\n  bridge.html",
        "pages taken that are no articles: 1\n  terms.html\n",
        "titles not the headline: 1\n  bridge.html ('عنوان آخر')",
        "authors invented: 1\n  bridge.html (منى حسن)",
        "days right: 0 of 1 (0.0%)",
        "days wrong: 1\n  bridge.html (2024-03-20 for none)",
    ):
        assert line in bad
    assert "articles rejected: 1\n  bridge.html (paywall)" in said(
        Extracted("", rejected="paywall"), Extracted(""), Extracted("")
    )


def test_pages_are_measured_from_their_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(folder), str(folder / "gone")) == 0
    said = capsys.readouterr().out
    assert "1 articles: mean F1 1.0000" in said
    assert "pages taken that are no articles: 1\n  terms.html\n" in said
    assert "gone is not here" in said


def test_the_outlet_of_a_page_is_its_host(folder: Path) -> None:
    assert {page.outlet for page in load_pages(folder)} == {"www.alnahr.example"}
    assert GoldPage(folder / "bridge.html", URL, "ar", "UTC", None).folder == folder.name
