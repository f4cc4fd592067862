"""The commands about states of the corpus, as operators and readers type them."""

from __future__ import annotations

import json
from pathlib import Path

import minisign
import pytest
from typer.testing import CliRunner, Result

from pipeline.bucket import Bucket
from pipeline.errors import WarraqError
from pipeline.urls import article_id
from tests.pipeline.conftest import outlets
from tests.pipeline.corpus.conftest import put_small_corpus
from warraq.cli import app

WIRE, OWN = "http://alfajr.example/wire", "http://alfajr.example/own"


@pytest.fixture
def corpus(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The small corpus, the command line in a folder of its own, and no sources' files."""
    put_small_corpus(bucket, outlets())
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    return bucket


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def says(*arguments: str) -> str:
    done = run(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def fails(*arguments: str) -> str:
    done = run(*arguments)
    assert isinstance(done.exception, WarraqError), done.output
    return str(done.exception)


def test_a_state_is_kept_signed_fetched_and_proved(
    corpus: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no snapshot yet" in says("corpus", "snapshots")
    kept = says("corpus", "snapshot", "one")
    assert "Snapshot one: 3 articles in 3 partitions, 3 of them copied now." in kept
    assert "WARRAQ_PUBLISHER is not set" in kept
    [listed] = map(json.loads, says("corpus", "snapshots", "--json").splitlines())
    assert (listed["name"], listed["articles"], listed["taken_down"]) == ("one", 3, 0)
    assert listed["manifest"] in kept
    secret = tmp_path / "key"
    secret.write_bytes(bytes(minisign.KeyPair.generate().secret_key))
    assert "manifest.json.minisig is written" in says("corpus", "sign", "one", "--key", "key")
    line = secret.read_bytes().splitlines()[-1]
    assert not any(line in corpus.get(stored.key) for stored in corpus.list())
    assert "sent to an authority" in says("corpus", "stamp", "one", "--request", "one.tsq")
    assert "3 partitions, 3 articles, all as they were kept" in says("corpus", "verify", "--snapshot", "one")
    assert "3 articles in 3 files below one, 0 of which were there." in says("corpus", "fetch", "one", "--to", "one")
    assert (tmp_path / "one" / "snapshots" / "one" / "manifest.json.minisig").is_file()
    card = (tmp_path / "one" / "index.html").read_bytes()
    assert "The chain holds." in says("verify", article_id(WIRE), "--snapshot", "one")
    assert says("corpus", "changes", "--since", "one") == ""
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.corpus.list_snapshots", lambda _: pytest.fail("a moment asks for no snapshot"))
        assert "articles/published=2024-03-05/" in says("corpus", "changes", "--since", "2024-01-01")
    assert listed["manifest"] in says("corpus", "verify", "--folder", "one")
    assert "1 articles left partitions of snapshots" in says("takedown", WIRE, "--reason", "طلب")
    assert "articles/published=2024-03-05/" in says("corpus", "changes", "--since", "one")
    fetched = says("corpus", "fetch", "one", "--to", "one")
    assert "1 articles were taken down since" in fetched
    assert "Its card still counts them" in fetched
    assert (tmp_path / "one" / "index.html").read_bytes() == card
    assert "run `warraq build` first" in fails("corpus", "snapshot", "after")
    assert "Snapshot after: 2 articles" in says("corpus", "snapshot", "after", "--without-card")
    assert "It has no card" in says("corpus", "fetch", "after", "--to", "after")
    assert "one has snapshot one: 2 files, 2 articles" in says("corpus", "verify", "--folder", "one")
    assert "1 articles were taken down since" in says("corpus", "verify", "--snapshot", "one")
    (tmp_path / "one" / "articles" / "published=2024-03-06" / "articles.parquet").unlink()
    assert run("corpus", "verify", "--folder", "one").exit_code == 1
    for stored in corpus.list("captures/"):
        corpus.delete(stored.key)
    broken = run("verify", article_id(OWN), "--json")
    assert broken.exit_code == 1
    assert [step["holds"] for step in map(json.loads, broken.stdout.splitlines()) if step["step"] == "capture"] == [
        False
    ]


def test_what_cannot_be_is_told_with_what_to_do(corpus: Bucket, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    for arguments, told in (
        (("corpus", "snapshot", "latest"), "names no snapshot"),
        (("corpus", "fetch", "spring", "--to", "x"), "There are: none. `latest` is the corpus as it is now"),
        (("corpus", "fetch", "latest", "--to", "x", "--since", "2030-01-01"), "it has the days from 2024-03-05"),
        (("corpus", "verify", "--snapshot", "x", "--folder", "y"), "two things"),
        (("corpus", "verify", "--folder", "nowhere"), "has no fetched.json"),
        (("corpus", "sign", "spring", "--key", "nowhere"), "nowhere: cannot be read"),
        (("corpus", "sign", "latest", "--key", "key"), "the corpus as it is now changes"),
        (("corpus", "stamp", "spring"), "either --request FILE"),
        (("corpus", "export", "--format", "parquet"), "needs --out"),
        (("verify", "0" * 32), "no article 0"),
    ):
        assert told in fails(*arguments)
