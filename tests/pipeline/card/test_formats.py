"""What reads the card and the Croissant description reads the corpus by them, from a copy of the folder, without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard

from pipeline import card, corpus
from pipeline.bucket import Bucket
from tests.pipeline.card.conftest import copy_to

LOAD = """
import json, sys
from datasets import load_dataset

articles = load_dataset(sys.argv[1], split="train")
outlets = load_dataset(sys.argv[1], "sources", split="train")
told = {"articles": articles["url"][:], "copies": [len(of) for of in articles["copies"]], "outlets": outlets["source"][:]}
print(json.dumps(told))
"""
RECORDS = """
import json, sys
import mlcroissant

data = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = data.metadata.ctx.issues
articles, outlets = list(data.records("articles")), list(data.records("sources"))
told = {
    "errors": sorted(issues.errors), "warnings": sorted(issues.warnings),
    "articles": [one["articles/url"].decode() for one in articles],
    "copies": [[copy["articles/copies/kind"] for copy in one["articles/copies"]] for one in articles],
    "outlets": [one["sources/source"].decode() for one in outlets],
}
print(json.dumps(told, default=str))
"""


@pytest.fixture
def copied(standing: Bucket, tmp_path: Path) -> Path:
    return copy_to(standing, tmp_path / "corpus")


def told_by(program: str, argument: Path, home: Path) -> dict:
    """What a program of its own says, with no way to a network."""
    own = {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "no_proxy": "", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(argument)],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict = json.loads(done.stdout.splitlines()[-1])
    return told


def test_a_copy_of_the_folder_is_a_data_set_as_it_stands(standing: Bucket, copied: Path, tmp_path: Path) -> None:
    told = told_by(LOAD, copied, tmp_path / "hub")
    rows = list(corpus.read_articles(standing))
    assert sorted(told["articles"]) == sorted(row["url"] for row in rows)
    assert sorted(told["copies"]) == sorted(len(row["copies"]) for row in rows)
    assert told["outlets"] == ["alfajr", "almada", "badr"]


def test_the_cards_header_is_as_hubs_want_it(copied: Path) -> None:
    told = DatasetCard.load(copied / "README.md").data.to_dict()
    assert (told["language"], told["license"], told["size_categories"]) == (["ar"], "other", ["n<1K"])
    assert {"license_name", "license_link", "pretty_name", "tags"} <= set(told)
    assert "Syria" in told["tags"]


def test_croissant_is_valid_and_gives_the_records(standing: Bucket, copied: Path, tmp_path: Path) -> None:
    told = told_by(RECORDS, copied / "croissant.json", tmp_path / "hub")
    assert told["errors"] == []
    assert all("datePublished" in warning for warning in told["warnings"]), "which would need a clock"
    rows = list(corpus.read_articles(standing))
    assert sorted(told["articles"]) == sorted(row["url"] for row in rows)
    assert told["outlets"] == ["alfajr", "almada", "badr"]
    assert sum(map(len, told["copies"])) == sum(len(row["copies"]) for row in rows) == 1


def test_croissant_does_not_grow_with_the_days(standing: Bucket) -> None:
    told = json.loads(standing.get(card.CROISSANT))
    assert len(told["distribution"]) == 3
    assert "published=2024" not in standing.get(card.CROISSANT).decode()
