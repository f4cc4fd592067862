"""`warraq source …` and what the other commands say of sources' files, run as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.bucket import Bucket
from pipeline.corpus import read_articles
from pipeline.sources import load_source
from tests.pipeline.conftest import archive, page, prose
from tests.warraq.test_cli import fails, warraq

pytestmark = pytest.mark.slow

TEXT = "id: {0}\nname: صحيفة {0}\nhome: http://{0}.example/\ntimezone: Asia/Damascus\nconflicts: [Syria]\ncountries: [SY]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for id_ in ("alfajr", "almada"):
        (tmp_path / f"{id_}.yaml").write_text(TEXT.format(id_), encoding="utf-8")
    return tmp_path


@pytest.fixture
def env(folder: Path) -> dict[str, str]:
    return {"WARRAQ_SOURCES": str(folder)}


def put(bucket: Bucket) -> None:
    for id_, seed in (("alfajr", 1), ("almada", 2)):
        archive(bucket, id_, "r0", {f"http://{id_}.example/1": page(f"خبر {id_}", prose(seed), "2024-03-05")})


def sources_of(bucket: Bucket) -> list[str]:
    return [article["source"] for article in read_articles(bucket)]


def test_a_source_is_turned_off_and_on(folder: Path, env: dict[str, str]) -> None:
    told = warraq("source", "disable", "alfajr", "--dry-run", **env)
    assert "pause it" in told.stdout
    assert load_source(folder / "alfajr.yaml").enabled
    assert warraq("source", "disable", "alfajr", **env).stdout == told.stdout
    assert not load_source(folder / "alfajr.yaml").enabled
    assert "unpause it" in warraq("source", "enable", "alfajr", **env).stdout
    assert load_source(folder / "alfajr.yaml").enabled
    assert "no source 'nowhere'" in fails("source", "enable", "nowhere", **env)


def test_a_source_is_not_renamed_while_something_is_at_work_on_it(
    bucket: Bucket, folder: Path, env: dict[str, str]
) -> None:
    bucket.put("work/build-1/batches/00000.json", b"[]")
    for command in (("rename", "alfajr", "fajr"), ("merge", "almada", "alfajr"), ("remove", "alfajr")):
        assert "The build build-1 is at work" in fails("source", *command, **env)
        told = warraq("source", *command, "--dry-run", **env)
        assert told.returncode == 0
        assert "The build build-1 is at work" in told.stdout
        assert "one that has just begun cannot be seen" in told.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["alfajr.yaml", "almada.yaml"]


def test_rename_merge_and_remove_from_crawl_to_corpus(bucket: Bucket, folder: Path, env: dict[str, str]) -> None:
    put(bucket)
    assert warraq("build", **env).returncode == 0
    told = warraq("source", "rename", "alfajr", "fajr", "--dry-run", **env)
    assert "1 capture files, 1 documents (1 of them articles)" in told.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["alfajr.yaml", "almada.yaml"]
    assert "'almada' is taken" in fails("source", "rename", "alfajr", "almada", **env)
    assert warraq("source", "rename", "alfajr", "fajr", **env).stdout == told.stdout
    assert warraq("build", **env).returncode == 0
    assert sources_of(bucket) == ["almada", "fajr"]
    covered = warraq("coverage", "alfajr", "--since", "2024-03-05", "--until", "2024-03-06", "--json", **env)
    assert '"source": "fajr"' in covered.stdout
    assert '"articles": 1' in covered.stdout
    assert "'alfajr' is called 'fajr' now" in fails("crawl", "alfajr", **env)
    assert warraq("source", "merge", "almada", "fajr", **env).returncode == 0
    assert warraq("build", **env).returncode == 0
    assert sources_of(bucket) == ["almada", "almada"]
    assert warraq("source", "remove", "almada", **env).returncode == 0
    assert warraq("build", "--rebuild", **env).returncode == 0
    assert sources_of(bucket) == ["almada", "almada"]
    assert "Removed, and read by builds alone: almada." in warraq("sources", **env).stderr
    bucket.put("coverage/source=fajr/2024-03-06_2024-03-05_r0.json", b"?")  # is not looked at unless it is asked for
    covered = warraq("coverage", "--since", "2024-03-05", "--until", "2024-03-06", **env)
    assert (covered.returncode, "0 days of sources" in covered.stderr) == (0, True)


def test_a_purge_asks_and_is_told_beforehand(bucket: Bucket, folder: Path, env: dict[str, str]) -> None:
    assert "is WARRAQ_BUCKET right?" in fails(
        "source", "remove", "alfajr", "--purge", "--reason", "asked", "--yes", **env
    )
    put(bucket)
    assert warraq("build", **env).returncode == 0
    told = warraq("source", "remove", "alfajr", "--purge", "--dry-run", **env)
    assert "This cannot be undone" in told.stdout
    assert "needs --reason" in fails("source", "remove", "alfajr", "--purge", **env)
    asked = warraq("source", "remove", "alfajr", "--purge", "--reason", "asked", **env)  # and nobody answers
    assert asked.returncode == 1
    assert sources_of(bucket) == ["alfajr", "almada"]
    assert (folder / "alfajr.yaml").is_file()
    done = warraq("source", "remove", "alfajr", "--purge", "--reason", "asked", "--yes", **env)
    assert "1 captured pages emptied, 1 captures purged" in done.stdout
    assert sources_of(bucket) == ["almada"]
    again = warraq("source", "remove", "alfajr", "--purge", "--reason", "asked", "--yes", **env)
    assert "0 captured pages emptied, 0 captures purged" in again.stdout
    assert warraq("build", "--rebuild", **env).returncode == 0
    assert sources_of(bucket) == ["almada"]


def test_every_wrong_file_is_named_and_the_others_go_on(bucket: Bucket, folder: Path, env: dict[str, str]) -> None:
    put(bucket)
    assert warraq("build", **env).returncode == 0
    (folder / "almada.yaml").write_text("id: almada\nname: x\nhomes: y\n", encoding="utf-8")
    (folder / "nakhil.yaml").write_text("- a list\n", encoding="utf-8")
    for command in (("sources",), ("build",), ("coverage", "--since", "2024-03-05", "--until", "2024-03-06")):
        done = warraq(*command, **env)
        assert done.returncode == 1, command
        assert "almada.yaml:3: homes: unknown key" in done.stderr, command
        assert "nakhil.yaml:1: expected a mapping" in done.stderr, command
    listed = warraq("sources", **env).stdout
    assert "صحيفة alfajr" in listed
    assert "Syria" in listed
    assert "SY" in listed
    assert "alfajr" in warraq("coverage", "--since", "2024-03-05", "--until", "2024-03-06", **env).stdout


def test_captures_that_no_file_names_are_told_of(bucket: Bucket, folder: Path, env: dict[str, str]) -> None:
    put(bucket)
    assert warraq("build", **env).returncode == 0
    (folder / "alfajr.yaml").unlink()
    for command, code in ((("build",), 1), (("build", "--rebuild"), 1), (("corpus", "verify"), 0)):
        done = warraq(*command, **env)
        assert done.returncode == code, command
        assert "alfajr (1 files)" in done.stderr, command
    assert "alfajr (1 files)" in warraq("corpus", **env).stderr
    assert sources_of(bucket) == ["alfajr", "almada"]
    assert warraq("corpus", "verify", WARRAQ_SOURCES=str(folder / "none")).returncode == 0  # a reader has no files
