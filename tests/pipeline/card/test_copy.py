"""The card at the top of a copy: only where it tells of that very state."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import build as stages
from pipeline import card, corpus
from pipeline.bucket import Bucket
from pipeline.errors import WarraqError
from pipeline.sources import Source
from tests.pipeline.card.test_describe import spoil
from tests.pipeline.conftest import NOW

WHOLE = corpus.Wanted("latest")
FILES = ("README.md", "index.html", "croissant.json", "sources/sources.parquet", "sources/_schema.json")


def there(folder: Path) -> set[str]:
    return {file for file in FILES if (folder / file).is_file()}


def test_the_card_comes_with_the_state_that_it_tells_of(
    built: Bucket, sources: dict[str, Source], tmp_path: Path
) -> None:
    corpus.fetch(built, WHOLE, tmp_path)
    assert card.copy_card(built, tmp_path)
    assert there(tmp_path) == set(FILES)
    assert (tmp_path / "index.html").read_bytes() == built.get(card.PAGE)
    url = next(corpus.read_articles(built))["url"]
    corpus.take_down(built, url, "طلب", now=NOW)  # the card is counted anew by the next build
    corpus.fetch(built, WHOLE, tmp_path)
    assert not card.copy_card(built, tmp_path)
    assert there(tmp_path) == set(), "a card of another state would be taken for this one's"
    stages.build(built, sources, "after")
    corpus.fetch(built, WHOLE, tmp_path)
    assert card.copy_card(built, tmp_path)
    assert there(tmp_path) == set(FILES)
    assert corpus.verify_folder(tmp_path).faults == []


@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_a_card_that_is_not_whole_is_left_out(built: Bucket, tmp_path: Path, how: str) -> None:
    corpus.fetch(built, WHOLE, tmp_path)
    if how == "gone":
        built.delete(card.PAGE)
    else:
        spoil(built, card.CROISSANT)
    assert not card.copy_card(built, tmp_path)
    assert there(tmp_path) == set()


def test_a_folder_that_takes_nothing_is_told(built: Bucket, tmp_path: Path) -> None:
    corpus.fetch(built, WHOLE, tmp_path)
    (tmp_path / "README.md").mkdir()
    with pytest.raises(WarraqError, match=r"README\.md: cannot be written: Is a directory"):
        card.copy_card(built, tmp_path)
