"""Pages are spoiled reproducibly, and the text is where the gold says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import confidence
from benchmarks._spoil import KINDS, Original, Spoiled, Story, original, serialized, spoil
from pipeline.extract.confidence import WEIGHTS
from pipeline.page import Page, read_page
from pipeline.text import letters
from tests.pipeline.extract.pages import PARAGRAPHS, TITLE, URL, linked_data, page, paragraphs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SEEDS = range(1, 120)
STORIES = (
    Story(
        "افتتاح سوق الخضار بعد توسيعه", ("افتتحت البلدية سوق الخضار بعد توسيعه.", "وقال الباعة إن الحركة عادت إليه.")
    ),
    Story("أمطار غزيرة على الساحل", ("هطلت أمطار غزيرة على مدن الساحل منذ الفجر، وأغلقت الطرق الجبلية.",)),
)
GOLD: dict[str, Any] = {
    "title": TITLE, "author": None, "body": list(PARAGRAPHS), "captions": [], "optional": [], "must_not": [],
    "published_day_local": None, "published_null_ok": True,
}  # fmt: skip


def opened(html: str, gold: Mapping[str, Any] = GOLD, name: str = "bridge.html") -> Original:
    found = original(name, URL, html, gold, language="ar", zone="UTC")
    assert found is not None
    return found


BRIDGE = opened(page(around=('<div class="share"><p>شارك</p></div>', '<div id="tags"><p>جسور</p></div>')))
OTHER = opened(page(head=linked_data(headline="خبر آخر")), name="other.html")
MADE = {seed: spoil(BRIDGE, seed, stories=STORIES, others=[BRIDGE, OTHER]) for seed in SEEDS}


def parsed(made: Spoiled) -> Page:
    found = read_page(made.html.decode("utf-8-sig"))
    assert found is not None
    return found


def lines_of(made: Spoiled) -> set[str]:
    return {block.key for block in parsed(made).blocks}


def test_the_text_is_found_on_the_page() -> None:
    elements = list(BRIDGE.tree.iter())
    assert elements[BRIDGE.container].get("class") == "entry-content"
    assert [elements[number].text for number in BRIDGE.paragraphs] == list(PARAGRAPHS)
    assert BRIDGE.headline is not None
    assert elements[BRIDGE.headline].tag == "h1"
    assert BRIDGE.is_parted


def test_a_page_without_the_golds_text_is_none() -> None:
    assert original("-", URL, page("<p>نص آخر</p>"), GOLD, language="ar", zone="UTC") is None
    assert original("-", URL, "", GOLD, language="ar", zone="UTC") is None


def test_lines_of_one_box_are_not_parted() -> None:
    assert not opened(page("<br><br>".join(PARAGRAPHS))).is_parted


def test_a_page_is_spoiled_alike_for_the_same_seed_and_otherwise_for_another() -> None:
    before = serialized(BRIDGE.tree)
    assert all(spoil(BRIDGE, seed, stories=STORIES, others=[BRIDGE, OTHER]) == MADE[seed] for seed in SEEDS)
    assert len({made.html for made in MADE.values()}) > len(SEEDS) / 2
    assert serialized(BRIDGE.tree) == before


def test_every_kind_is_done_to_some_page_and_one_to_four_to_each() -> None:
    assert {kind for made in MADE.values() for kind in made.kinds} == set(KINDS)
    assert {len(made.kinds) for made in MADE.values()} == {1, 2, 3, 4}


@pytest.mark.parametrize("kind", KINDS)
def test_the_golds_lines_stand_on_the_page_and_what_it_lost_does_not(kind: str) -> None:
    for made in (made for made in MADE.values() if kind in made.kinds):
        kept = [] if made.gold is None else made.gold["body"]
        lines = lines_of(made)
        assert {letters(line) for line in kept} <= lines
        assert kept == list(PARAGRAPHS[: len(kept)])
        assert not lines & {letters(line) for line in PARAGRAPHS[len(kept) :]}
        assert (kind == "text: removed") <= (not kept)


def test_a_text_is_cut_to_one_to_three_paragraphs() -> None:
    cut = [made.gold for made in MADE.values() if "text: first paragraphs alone" in made.kinds]
    assert {len(gold["body"]) for gold in cut if gold} == {1, 2, 3}


def of(kind: str) -> list[Spoiled]:
    """The pages to which a kind was done, and nothing else."""
    found = [made for made in MADE.values() if made.kinds == (kind,)]
    assert found, f"no seed spoils a page by {kind!r} alone: take more seeds"
    return found


def test_names_are_changed_alike_over_the_page() -> None:
    html = page('<p class="x">' + '</p><p class="x">'.join(PARAGRAPHS) + "</p>")
    one = opened(html)
    made = [spoil(one, seed, stories=STORIES, others=[one]) for seed in range(200)]
    renamed = [other for other in made if other.kinds == ("names: at random",)]
    assert renamed
    for other in renamed:
        names = [element.get("class") for element in parsed(other).tree.iter("p")]
        assert len(names) == len(PARAGRAPHS)
        assert len(set(names)) == 1
        assert "x" not in names
    for other in of("names: none"):
        assert not parsed(other).tree.xpath("//@class | //@id")


def test_tags_and_paragraphs_are_replaced() -> None:
    for made in of("tags: div for article, main, section, header"):
        assert not list(parsed(made).tree.iter("article", "main", "section", "header"))
    for made in of("tags: paragraphs as lines"):
        container = parsed(made).tree.xpath("//*[@class='entry-content']")[0]
        assert [one.tag for one in container] == ["br"] * (3 * len(PARAGRAPHS))
    for made in of("tags: another headline"):
        assert not list(parsed(made).tree.iter("h1"))


def test_the_head_says_nothing_or_speaks_of_another_page() -> None:
    for made in of("head: states nothing"):
        assert parsed(made).stated("og:type") is None
    for made in of("head: states another page"):
        assert parsed(made).stated("og:type") is None
        assert [one["headline"] for one in parsed(made).articles] == ["خبر آخر"]


def test_what_is_put_in_stands_between_the_paragraphs_or_around_them() -> None:
    def places(made: Spoiled) -> tuple[list[int], list[int]]:
        keys = [block.key for block in parsed(made).blocks]
        text = [index for index, key in enumerate(keys) if key in map(letters, PARAGRAPHS)]
        before = {block.key for block in parsed(Spoiled(serialized(BRIDGE.tree), (), None)).blocks}
        return text, [index for index, key in enumerate(keys) if key not in before]

    for kind in ("put in: advertisements between", "put in: related articles between"):
        for made in of(kind):
            text, added = places(made)
            assert added
            assert all(text[0] < index < text[-1] for index in added)
    for kind in ("put in: related articles around", "put in: readers' comments", "put in: a longer footer"):
        for made in of(kind):
            text, added = places(made)
            assert added
            assert not any(text[0] < index < text[-1] for index in added)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two articles and a page that is none."""
    manifest = []
    for name, kind in (("bridge", "article"), ("market", "article"), ("terms", "not_article")):
        (tmp_path / f"{name}.html").write_text(page(paragraphs(*PARAGRAPHS)), encoding="utf-8")
        (tmp_path / f"{name}.json").write_text(json.dumps(GOLD), encoding="utf-8")
        manifest.append({"file": f"{name}.html", "gold": f"{name}.json", "url": URL, "lang": "ar", "kind": kind})
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return tmp_path


def test_pages_of_a_folder_are_measured(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worst = tmp_path / "worst.json"
    assert confidence.main(str(folder), str(folder / "gone"), "--seeds", "4", "--worst", str(worst)) == 0
    said = capsys.readouterr().out
    assert "gone is not here" in said
    assert "as it stands" in said
    failures = json.loads(worst.read_text(encoding="utf-8"))
    assert f"silent failures: {len(failures)}" in said
    assert all(failure["f1"] < 0.95 and failure["rejected"] is None for failure in failures)


def test_weights_are_not_fitted_to_one_outlet_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert confidence.main(str(folder), "--fit", "--seeds", "1") == 1
    assert "--fit: these pages are of one outlet" in capsys.readouterr().err


def test_weights_are_fitted_on_the_seeds_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two outlets; of one the gold is another text, so that all that is read there is wrong."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest[1] |= {"gold": "other.json", "url": "https://alsuq.example/news/1"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "other.json").write_text(json.dumps(GOLD | {"body": [PARAGRAPHS[0]]}), encoding="utf-8")
    assert confidence.main(str(folder), "--fit", "--first-seed", "9", "--seeds", "2") == 0
    said = capsys.readouterr().out
    assert all(name in said for name in WEIGHTS)
    assert "% of the wrong ones and 0.0% of the right ones of the demo" in said


def test_one_page_is_shown(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = tmp_path / "out.html"
    assert confidence.main(str(folder), "--show", "market.html", "7", str(shown)) == 0
    assert capsys.readouterr().out.strip()
    assert read_page(shown.read_text(encoding="utf-8-sig")) is not None
    assert confidence.main(str(folder), "--show", "gone.html", "7", str(shown)) == 1
    assert "--show gone.html 7: give the name of a page" in capsys.readouterr().err


def outcome(f1: float, *, low: bool | None, rejected: str | None = None) -> confidence.Outcome:
    said = {None: None, True: "low", False: "high"}[low]
    return confidence.Outcome("bridge.html", "alnahr.example", 1, (KINDS[0],), f1, f1, rejected, said, (), ())


def test_the_shares_that_are_asked_count_taken_pages_alone() -> None:
    outcomes = [
        outcome(0.2, low=True),
        outcome(0.9, low=False),
        outcome(0.95, low=True),
        *[outcome(1, low=False)] * 3,
        outcome(0, low=None, rejected="not_article"),
    ]
    assert list(confidence.summarise(outcomes)) == [
        "marked low, of those taken with F1 under .95: 1 of 2, 50.0% (≥ 80 %)",
        "marked low, of those taken with F1 from .95: 1 of 4, 25.0% (≤ 3 %)",
    ]
    assert [one.f1 for one in confidence.silent_failures(outcomes)] == [0.9]
    assert next(confidence.summarise([outcome(1, low=None)])) == "no confidence known"


def test_of_a_page_without_text_only_the_rejection_is_right() -> None:
    menu = Spoiled(page("").encode(), ("text: removed",), None)
    rejected = confidence.judge(BRIDGE, 1, menu)
    assert rejected.rejected
    assert rejected.f1 == 1
    taken = confidence.judge(BRIDGE, 1, Spoiled(page().encode(), ("text: removed",), None))
    assert taken.is_bad
    assert taken.f1 == 0
