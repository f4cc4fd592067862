"""Whether an article reports on a conflict: what holds of any text, and of invented headlines of every kind."""

import hashlib
import json
import logging
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import build as stages
from pipeline import corpus, relevance
from pipeline import stages as rows
from pipeline.bucket import Bucket
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page

Sources = dict[str, Source]

WAR = (
    (
        "مقتل ثلاثة مدنيين في قصف مدفعي على ريف حلب",
        "قُتل ثلاثة مدنيين وأصيب آخرون بجروح في قصف مدفعي لقوات النظام استهدف بلدة في ريف حلب.",
    ),
    (
        "غارات على صنعاء تخلف عشرات القتلى والجرحى",
        "شن طيران التحالف غارات على مواقع الحوثيين في العاصمة، وقال مسعفون إن عشرات الجرحى نقلوا إلى المستشفى.",
    ),
    (
        "اشتباكات بين الجيش والدعم السريع في الخرطوم",
        "اندلعت معارك عنيفة بين الجيش السوداني وقوات الدعم السريع وسط الخرطوم، ونزح آلاف السكان.",
    ),
    (
        "القصف يهجر آلاف العائلات من إدلب",
        "فر آلاف المدنيين من القصف، وقال متطوعون إن النازحين يبيتون في العراء بعد أن دمرت الغارات منازلهم.",
    ),
    (
        "استشهاد فلسطيني برصاص الاحتلال قرب جنين",
        "استشهد شاب فلسطيني برصاص جيش الاحتلال خلال اقتحام مخيم جنين، واعتقل الجنود أربعة آخرين.",
    ),
    (
        "تنظيم داعش يتبنى تفجيرا انتحاريا في بغداد",
        "أعلن التنظيم مسؤوليته عن تفجير انتحاري استهدف حاجزا للشرطة وأوقع قتلى وجرحى.",
    ),
)
ELSE = (
    (
        "النجمة يتغلب على الفتح بهدفين في الدوري",
        "فاز فريق النجمة على ضيفه الفتح بهدفين دون رد في المباراة التي جمعتهما ضمن الجولة الثالثة.",
    ),
    (
        "ارتفاع أسعار الذهب عند الإغلاق",
        "ارتفعت أسعار الذهب في التعاملات الآسيوية مع تراجع الدولار، وينتظر المستثمرون بيانات التضخم.",
    ),
    (
        "طريقة تحضير الكنافة بالجبن",
        "المقادير: نصف كيلو من الكنافة، وكوب من السكر، وملعقة من ماء الورد. يسخن الفرن وتدهن الصينية بالسمن.",
    ),
    (
        "افتتاح مهرجان السينما في وهران",
        "افتتحت مساء الخميس فعاليات المهرجان بعرض فيلم جديد، ويشارك فيه عشرون فيلما من عشر دول.",
    ),
    (
        "وزارة الصحة تدعو إلى التطعيم ضد الإنفلونزا",
        "دعت وزارة الصحة كبار السن إلى أخذ اللقاح قبل الشتاء، وقالت إن المراكز تستقبل المراجعين صباحا.",
    ),
    (
        "إطلاق هاتف جديد بشاشة قابلة للطي",
        "كشفت الشركة عن هاتفها الجديد الذي يعمل بمعالج أسرع وبطارية أكبر، ويطرح في الأسواق الشهر المقبل.",
    ),
)
TEXTS = st.text(st.characters(codec="utf-8")) | st.text(st.sampled_from("قصفغارةمتحلب ،ـًا\n. 12"))


@pytest.mark.parametrize(("title", "body"), WAR)
def test_a_report_of_war_is_relevant(title: str, body: str) -> None:
    told = relevance.judge(title, body)
    assert told["relevant"], told


@pytest.mark.parametrize(("title", "body"), ELSE)
def test_sport_prices_recipes_culture_health_and_technology_are_not(title: str, body: str) -> None:
    told = relevance.judge(title, body)
    assert not told["relevant"], told


@given(TEXTS, TEXTS)
def test_any_text_has_a_probability_and_words_of_its_own(title: str, body: str) -> None:
    told = relevance.judge(title, body)
    assert 0 <= told["probability"] <= 1
    assert told["probability"] == round(told["probability"], 3)
    assert told == relevance.judge(title, body)
    assert len(told["words"]) <= 5
    assert all(word in title or word in body for word in told["words"])
    assert told["relevant"] == (told["probability"] >= relevance.THRESHOLD)


@given(st.permutations(WAR[0][1].split()))
def test_the_order_of_the_words_changes_nothing(shuffled: list[str]) -> None:
    assert relevance.judge(WAR[0][0], " ".join(shuffled)) == relevance.judge(*WAR[0])


@given(TEXTS)
def test_the_beginning_is_read_and_no_more(rest: str) -> None:
    body = " ".join(WAR[0][1].split() * 20)
    assert relevance.judge(None, f"{body} {rest}") == relevance.judge(None, body)


def test_the_words_stand_in_the_text_without_what_surrounds_them() -> None:
    told = relevance.judge("«القصف» على حلب", "وقال مسعفون: إن القَصْفَ أوقع قتلى، وجرحى.")
    assert {"القصف", "قتلى"} <= set(told["words"])


def test_the_threshold_decides_and_the_probability_stays() -> None:
    told = [relevance.judge(*WAR[3], threshold) for threshold in (0, 1)]
    assert [one["relevant"] for one in told] == [True, False]
    assert told[0]["probability"] == told[1]["probability"]


def test_texts_are_read_as_the_weights_were_fitted() -> None:
    read = sorted({number for title, body in (*WAR, *ELSE) for number in relevance.features(title, body)})
    told = hashlib.sha256(repr(read).encode()).hexdigest()[:16]
    assert told == "bb1e9c549ae72cb2", (
        "weights that were fitted otherwise say nothing: raise _READ_AS, and fit them anew (docs/relevance.md)"
    )


def test_two_spellings_of_a_word_are_one() -> None:
    assert relevance.features("الغارات", "غزّة") == relevance.features("الغـــارات", "غزه")


# The files ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model's files, to spoil."""
    for name in ("model.json", "weights.bin"):
        (tmp_path / name).write_bytes(files("pipeline.relevance").joinpath(name).read_bytes())
    return tmp_path


def test_the_files_are_the_model_that_rows_name(folder: Path) -> None:
    model = relevance.load(folder)
    assert model == relevance.load()
    assert (
        model.version
        == relevance.judge(*WAR[0])["model"]
        == relevance.version_of(model.weights, model.scale, model.bias)
    )
    assert len(model.weights) == relevance.BUCKETS


def test_a_damaged_missing_or_other_file_is_told(folder: Path) -> None:
    weights, told = folder / "weights.bin", folder / "model.json"
    whole = weights.read_bytes()
    weights.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(
        relevance.RelevanceError, match=r"weights\.bin is not the file that model\.json names: install warraq anew"
    ):
        relevance.load(folder)
    weights.write_bytes(whole)
    told.write_text(json.dumps(json.loads(told.read_text()) | {"read_as": 0}))
    with pytest.raises(relevance.RelevanceError, match="was made for version 0 of the code"):
        relevance.load(folder)
    told.unlink()
    with pytest.raises(relevance.RelevanceError, match=r"model\.json or weights\.bin cannot be read"):
        relevance.load(folder)


# The column --------------------------------------------------------------------------------------------------------------


def paragraphs(body: str) -> list[str]:
    """A body long enough for an article."""
    return [body] * 4


def test_a_build_says_it_of_every_arabic_article_and_drops_none(bucket: Bucket, sources: Sources) -> None:
    french = [
        "Le ministre a annoncé que les travaux de la route seront achevés dans les prochains mois, selon le journal."
    ] * 4
    strict = sources["almada"].model_copy(update={"relevance": 1.0, "language": "fr"})
    for source, pages in (
        ("alfajr", {"war": page(WAR[0][0], paragraphs(WAR[0][1])), "sport": page(ELSE[0][0], paragraphs(ELSE[0][1]))}),
        ("almada", {"french": page("Les travaux de la route", french)}),
    ):
        archive(bucket, source, "run", {f"http://{source}.example/{name}": body for name, body in pages.items()})
    stages.build(bucket, sources | {"almada": strict}, "b")
    told = {row["url"].rpartition("/")[2]: row["relevance"] for row in corpus.read_articles(bucket)}
    assert set(told) == {"war", "sport", "french"}
    assert told["war"] == relevance.judge(WAR[0][0], "\n".join(paragraphs(WAR[0][1])))
    assert told["war"]["relevant"]
    assert not told["sport"]["relevant"]
    assert told["french"] is None
    report = json.loads(bucket.get("reports/b/report.json"))
    assert report["relevant"] == {"alfajr": 1, "almada": 0}


def test_the_threshold_of_a_source_makes_the_word_of_its_articles(sources: Sources, bucket: Bucket) -> None:
    loose = {"alfajr": sources["alfajr"].model_copy(update={"relevance": 0.0})}
    archive(bucket, "alfajr", "run", {"http://alfajr.example/sport": page(ELSE[0][0], paragraphs(ELSE[0][1]))})
    stages.build(bucket, loose, "b")
    [row] = corpus.read_articles(bucket)
    assert row["relevance"]["relevant"]
    assert row["relevance"]["probability"] < relevance.THRESHOLD


def test_a_build_goes_on_without_the_model_and_says_so_once(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise relevance.RelevanceError("weights.bin is not the file that model.json names")

    monkeypatch.setattr(rows, "judge", broken)
    pages = {
        f"http://alfajr.example/{number}": page(title, paragraphs(body)) for number, (title, body) in enumerate(WAR)
    }
    archive(bucket, "alfajr", "run", pages)
    with caplog.at_level(logging.ERROR, logger=rows.__name__):
        stages.build(bucket, sources, "b")
    assert [row["relevance"] for row in corpus.read_articles(bucket)] == [None] * len(WAR)
    assert [record.getMessage() for record in caplog.records].count(
        "weights.bin is not the file that model.json names"
    ) == 1
