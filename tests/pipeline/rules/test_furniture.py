"""How furniture is told: phrases, places, the source's own lines, datelines, marks at the end of a text."""

from __future__ import annotations

import pytest

from pipeline.rules.furniture import compile_phrase, fold_lines, load_furniture

FURNITURE = load_furniture()
VOCABULARIES = {"networks": frozenset({"تلغرام", "واتس اب"}), "words": frozenset({"اخبار", "المدينه"})}


@pytest.mark.parametrize(
    ("phrase", "taken", "kept"),
    [
        ("أضف تعليقاً|ردّاً", ["اضف تعليقا", "اضف ردا"], ["اضف", "اضف تعليقا هنا", "وقال اضف تعليقا"]),
        ("[قد] يهمك [أيضا|كذلك]", ["يهمك", "قد يهمك ايضا"], ["قد", "قد يهمك ايضا كذلك"]),
        ("أخبار ذات_صلة|مرتبطة", ["اخبار ذات صله", "اخبار مرتبطه"], ["اخبار ذات", "اخبار صله"]),
        ("N تعليق", ["3 تعليق", "12م تعليق"], ["تعليق", "ثلاث تعليق"]),
        ("L [L] [N]", ["س", "س م", "س 29", "ت30"], ["سم", "29", "س م ر"]),
        (
            "تابعونا <networks>",
            ["تابعونا تلغرام وواتس اب", "تابعونا تلغرام : واتس اب"],
            ["تابعونا", "تابعونا واتس", "تابعونا :"],
        ),
        ("تابعوا <networks+words>", ["تابعوا اخبار المدينه تلغرام"], ["تابعوا اخبار القريه"]),
        ("عدد <numbers+words>", ["عدد 12", "عدد اخبار 12 : 30"], ["عدد"]),
        ("اقرأ : …1-3 .", ["اقرا : عاد الاهالي"], ["اقرا :", "اقرا عاد", "اقرا : عاد الاهالي الي القريه"]),
        ("كتب …2", ["كتب", "كتب سامر علي"], ["كتب سامر علي حسن"]),
        ("© …2", ["copyright النهر"], ["النهر"]),
    ],
)
def test_a_phrase_describes_whole_lines(phrase: str, taken: list[str], kept: list[str]) -> None:
    made = compile_phrase(phrase, VOCABULARIES)
    for line in taken:
        assert made.pattern.fullmatch(line + " "), line
        assert not made.anchor or made.anchor & set(line.split())
    for line in kept:
        assert not made.pattern.fullmatch(line + " "), line


@pytest.mark.parametrize(
    ("phrase", "sentence"), [("كتب سامر", True), ("كتب …2", False), ("كتب …2 .", True), ("كتب : …2", False)]
)
def test_a_phrase_with_a_gap_takes_a_sentence_only_where_it_says_so(phrase: str, sentence: bool) -> None:
    assert compile_phrase(phrase, VOCABULARIES).sentence is sentence


@pytest.mark.parametrize("text", ["word …", "…x", "[a", "a]b", "[a] [b", "a|N", "L|b", "a||b", "<nothing>"])
def test_a_phrase_with_a_part_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no (part|word)"):
        compile_phrase(text, VOCABULARIES)


def test_the_anchor_is_the_rarest_of_what_a_line_must_have() -> None:
    assert compile_phrase("في [المدينة] اقرأ|شاهد : …1-9", VOCABULARIES).anchor == {"اقرا", "شاهد"}
    assert compile_phrase("N [L]", VOCABULARIES).anchor == frozenset()


def test_where_a_line_stands() -> None:
    assert FURNITURE.rule_for("المصدر: وكالات", linked=0.0, edge=True) == "source-line"
    assert FURNITURE.rule_for("المصدر: وكالات", linked=0.0, edge=False, near=True) is None
    assert FURNITURE.rule_for("كتبت منى حسن", linked=0.0, edge=False, near=True) == "byline"
    assert FURNITURE.rule_for("كتبت منى حسن", linked=0.0, edge=False) is None
    assert FURNITURE.rule_for("أضف تعليق", linked=0.0, edge=False) == "comment-prompt"


def test_some_lines_are_furniture_as_links_alone() -> None:
    line = "اقرأ أيضاً إغلاق الجسر الشرقي أمام الشاحنات"
    assert FURNITURE.rule_for(line, linked=0.5, edge=False) == "related-inline-link"
    assert FURNITURE.rule_for(line, linked=0.4, edge=True) is None


def test_what_opens_a_block_and_what_ends_the_article() -> None:
    assert FURNITURE.opens_block("مقالات ذات صلة:", linked=0.0)
    assert not FURNITURE.opens_block("أضف تعليق", linked=0.0)
    assert FURNITURE.closes_article("3 تعليقات", linked=0.0)
    assert FURNITURE.closes_article("عن الكاتب", linked=0.0)
    assert not FURNITURE.closes_article("مقالات ذات صلة", linked=0.0)


def test_what_the_source_says_it_repeats_goes() -> None:
    own = fold_lines(["مراسلكم من قلب الحدث:", " "])
    assert own == {"مراسلكم من قلب الحدث"}
    assert FURNITURE.rule_for("مراسلكم من قلب الحدث", linked=0.0, edge=False, own=own) == "source"
    assert FURNITURE.rule_for("| مراسلكم من قلب الحدث:", linked=0.0, edge=False, own=own) == "source"
    assert FURNITURE.rule_for("مراسلكم من قلب الحدث قال", linked=0.0, edge=False, own=own) is None
    long = "هذه المادة جزء من ملف أوسع تنشره صحيفة النهر عن القرى. " * 20
    assert FURNITURE.rule_for(long, linked=0.0, edge=False, own=fold_lines([long])) == "source"


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("(دمشق - النهر)", ("النهر",)),
        ("النهر – حلب", ("النهر",)),
        ("سانا / دمشق", ("سانا",)),
        ("دمشق – سامر علي", ("سامر علي",)),
        ("سامر علي - دير الزور", ("سامر علي",)),
        ("خاص - النهر", ("خاص", "النهر")),
        ("النهر - حلب - سامر علي", ()),
        ("دمشق - حلب", ()),
        ("فاض النهر - ودمر الجسر", ()),
        ("حلب - قصف عنيف.", ()),
        ("النهر يفيض على القرى في كل شتاء.", ()),
    ],
)
def test_a_line_of_a_place_and_a_name(line: str, rest: tuple[str, ...]) -> None:
    assert FURNITURE.dateline(line, frozenset({"النهر"})) == rest


@pytest.mark.parametrize(
    "mark",
    [
        " انتهى 29/ ر",
        " (انتهى)",
        " انتهى/س.م",
        " انتهى/ 25",
        " /ی",
        " /س.م",
        " انتهای پیام/",
        " پایان پیام/ ۴۵",
        " ع.م/س.ح",
        " (ع.م)",
        " (د ب أ)",
        " (أ.ف.ب)",
        " (رويترز)",
        " (AFP)",
        " ###",
        " ====== ر.ح.",
        " ـ.ـ",
        " ***",
    ],
)
@pytest.mark.parametrize("end", [".", "؟", "”", "!"])
@pytest.mark.parametrize("times", [1, 100])
def test_an_agency_s_mark_after_the_last_sentence_goes(mark: str, end: str, times: int) -> None:
    text = "عاد الأهالي إلى القرية ثم " * times + f"رمموا بيوتها{end}"
    assert FURNITURE.without_suffix(f"{text}{mark}") == text


@pytest.mark.parametrize(
    "text",
    [
        "قال إن كل شيء انتهى.",
        "قال إن كل شيء انتهى",
        "عاد الأهالي. انتهى كل شيء.",
        "بلغت السرعة 90 كم/س.",
        "بلغت السرعة 90 كم/س",
        "نشرت على https://a.example/b",
        "انتظرنا طويلاً...",
        "انتظرنا طويلاً…",
        "عاد الأهالي، وفق ما نقلت وكالة (رويترز).",
        "عاد الأهالي، وفق ما نقلت (أ ف ب)",
        "يعود البناء إلى سنة 200 ق.م.",
        "ماذا بعد؟!",
        "قال: “لا”.",
        "نص البيان (هنا).",
    ],
)
def test_a_last_sentence_with_its_words_stays(text: str) -> None:
    assert FURNITURE.without_suffix(text) == text


@pytest.mark.parametrize(
    ("words", "sure", "likely"),
    [
        ({"related", "posts"}, True, True),
        ({"entry", "tags"}, True, True),
        ({"comments"}, True, True),
        ({"sidebar"}, False, True),
        ({"entry", "content"}, False, False),
        (set(), False, False),
    ],
)
def test_elements_are_told_by_words_of_their_names(words: set[str], sure: bool, likely: bool) -> None:
    assert FURNITURE.marks(frozenset(words), sure=True) is sure
    assert FURNITURE.marks(frozenset(words), sure=False) is likely
