"""The card at the top of a copy, of the corpus as it is and of a snapshot: only where it tells of that very state."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from pipeline import build as stages
from pipeline import card, corpus
from pipeline.bucket import Bucket
from pipeline.corpus.snapshots import CARD_FILES
from pipeline.sources import Source
from tests.pipeline.card.conftest import described
from tests.pipeline.card.test_describe import spoil
from tests.pipeline.conftest import NOW

FILES = ("README.md", "index.html", "croissant.json", "sources/sources.parquet", "sources/_schema.json")
OF_SNAPSHOTS = set(FILES) - {"croissant.json"}


def there(folder: Path) -> set[str]:
    return {file for file in FILES if (folder / file).is_file()}


def fetch(bucket: Bucket, folder: Path, name: str = "latest") -> corpus.Fetched:
    return corpus.fetch(bucket, corpus.Wanted(name), folder, card_of=partial(card.read_card, bucket))


def keep(bucket: Bucket, name: str) -> corpus.Made:
    return corpus.make_snapshot(bucket, name, now=NOW, card_of=partial(card.read_card_to_keep, bucket))


def take_down_one(bucket: Bucket) -> None:
    """The card is counted anew by the next build alone."""
    corpus.take_down(bucket, next(corpus.read_articles(bucket))["url"], "طلب", now=NOW)


def test_the_card_comes_with_the_state_that_it_tells_of(
    built: Bucket, sources: dict[str, Source], tmp_path: Path
) -> None:
    assert fetch(built, tmp_path).has_card
    assert there(tmp_path) == set(FILES)
    assert (tmp_path / "index.html").read_bytes() == built.get(card.PAGE)
    take_down_one(built)
    assert not fetch(built, tmp_path).has_card
    assert there(tmp_path) == set(), "a card of another state would be taken for this one's"
    stages.build(built, sources, "after")
    assert fetch(built, tmp_path).has_card
    assert there(tmp_path) == set(FILES)
    assert corpus.verify_folder(tmp_path).faults == []
    (tmp_path / "index.html").write_text("another page")
    assert corpus.verify_folder(tmp_path).faults == [
        f"{tmp_path / 'index.html'}: its bytes are not those that were fetched"
    ]


@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_a_card_that_is_not_whole_is_left_out(built: Bucket, tmp_path: Path, how: str) -> None:
    if how == "gone":
        built.delete(card.PAGE)
    else:
        spoil(built, card.CROISSANT)
    assert not fetch(built, tmp_path).has_card
    with pytest.raises(corpus.SnapshotError, match="run `warraq build` first"):
        keep(built, "one")
    assert not list(built.list("snapshots/"))
    corpus.make_snapshot(built, "one", now=NOW)
    assert not fetch(built, tmp_path / "one", "one").has_card
    assert there(tmp_path) | there(tmp_path / "one") == set()
    assert corpus.verify_folder(tmp_path / "one").faults == []


def test_a_folder_that_takes_nothing_is_told(built: Bucket, tmp_path: Path) -> None:
    fetch(built, tmp_path)
    (tmp_path / "README.md").unlink()
    (tmp_path / "README.md").mkdir()
    with pytest.raises(corpus.FetchError, match=r"README\.md: cannot be written: Is a directory"):
        fetch(built, tmp_path)


def test_a_snapshot_keeps_its_card_whatever_the_corpus_becomes(
    built: Bucket, sources: dict[str, Source], tmp_path: Path
) -> None:
    page = built.get(card.PAGE)
    keep(built, "one")
    take_down_one(built)
    stages.build(built, sources, "after")
    assert built.get(card.PAGE) != page
    fetched = fetch(built, tmp_path / "one", "one")
    assert (fetched.has_card, fetched.state.taken_down) == (True, 1)
    assert there(tmp_path / "one") == OF_SNAPSHOTS
    assert (tmp_path / "one" / "index.html").read_bytes() == page
    assert corpus.verify_folder(tmp_path / "one").faults == []
    assert corpus.verify_snapshot(built, "one")[1] == []
    few = corpus.Wanted("one", sources=("alfajr",))
    assert not corpus.fetch(built, few, tmp_path / "part").has_card
    assert there(tmp_path / "part") == set(), "it counts what is not there"


def test_a_card_that_is_not_the_one_that_was_kept_is_told(built: Bucket, tmp_path: Path) -> None:
    keep(built, "one")
    fetch(built, tmp_path, "one")
    told = json.loads((tmp_path / "fetched.json").read_bytes())
    (tmp_path / "README.md").write_text("another card")
    (tmp_path / "fetched.json").write_text(json.dumps({**told, "card": {**told["card"], "README.md": "0" * 64}}))
    assert "README.md: not what the manifest has" in corpus.verify_folder(tmp_path).faults
    key = f"snapshots/card/{told['card']['README.md']}"
    fetch(built, tmp_path, "one")
    built.put(key, b"another card")
    assert corpus.verify_snapshot(built, "one")[1] == [
        f"README.md: the bytes of {key} are not those that it is named after; put it back from a copy"
    ]
    built.delete(key)
    assert f"{key} is missing" in corpus.verify_snapshot(built, "one")[1][0]
    assert fetch(built, tmp_path, "one").has_card, "what lies there and is right stays"
    assert there(tmp_path) == OF_SNAPSHOTS
    fetched = fetch(built, tmp_path / "anew", "one")
    assert (fetched.has_card, there(tmp_path / "anew")) == (False, OF_SNAPSHOTS - {"README.md"})
    lost = f"{tmp_path / 'anew' / 'README.md'}: could not be had when it was fetched: fetch again"
    assert corpus.verify_folder(tmp_path / "anew").faults == [lost]


def test_every_file_of_the_card_goes_with_a_copy(standing: Bucket) -> None:
    assert {key.removeprefix("card/") for key in described(standing)} == set(CARD_FILES) == set(FILES)


def test_a_card_that_is_written_while_it_is_read_is_not_kept(built: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_and_write(bucket: Bucket, manifest: str) -> dict[str, bytes]:
        read = card.read_card(bucket, manifest)
        bucket.put(card.PAGE, built.get(card.PAGE) + b" ")
        return read

    monkeypatch.setattr("pipeline.card.copy.read_card", read_and_write)
    with pytest.raises(corpus.SnapshotError, match="not whole"):
        keep(built, "one")


def test_a_card_that_a_killed_fetch_left_does_not_pass_for_that_of_the_next_state(
    built: Bucket, tmp_path: Path
) -> None:
    fetch(built, tmp_path)
    (tmp_path / "fetched.json").rename(
        tmp_path / "fetching.json"
    )  # as one that is killed just before its end leaves it
    take_down_one(built)
    assert not fetch(built, tmp_path).has_card
    assert there(tmp_path) == set()
    (tmp_path / "README.md").write_text("a card of somewhere")
    assert "README.md: was not fetched" in corpus.verify_folder(tmp_path).faults[0]


def test_a_card_of_which_only_some_files_are_new_is_not_kept(built: Bucket) -> None:
    built.put(card.README, built.get(card.README) + b"\nA description that was broken off.\n")
    with pytest.raises(corpus.SnapshotError, match="not whole"):
        keep(built, "one")
