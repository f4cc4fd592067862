"""What the commands say, write and refuse; what the corpus makes of it is in `test_builds`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.bucket import Bucket
from pipeline.source_life import Change, disable, enable, merge, remove, rename
from pipeline.sources import SourceError, find_source, load_source, read_sources
from tests.pipeline.conftest import archive, page, prose
from tests.pipeline.source_life.conftest import file_of, put_feed

PAGES = {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")}


def texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()
    }


def test_a_source_is_turned_off_and_on(folder: Path) -> None:
    before = texts(folder)
    change = disable(folder, "alfajr")
    assert "crawl_alfajr" in " ".join(change.says)
    assert texts(folder) == before
    change.apply()
    assert not load_source(folder / "alfajr.yaml").enabled
    assert disable(folder, "alfajr") == Change((f"{folder}/alfajr.yaml says `enabled: false` already.",))
    enable(folder, "alfajr").apply()
    assert load_source(folder / "alfajr.yaml").enabled
    assert texts(folder) == before | {
        "alfajr.yaml": before["alfajr.yaml"].replace("# its id\n", "# its id\nenabled: true\n")
    }


def test_a_rename_is_told_and_then_done(bucket: Bucket, folder: Path) -> None:
    archive(bucket, "alfajr", "r0", PAGES)
    put_feed(bucket, "alfajr")
    change = rename(folder, bucket, "alfajr", "fajr")
    told = " ".join(change.says)
    assert "1 capture files, 0 documents (0 of them articles) and 0 crawls' records of coverage" in told
    assert "crawl_alfajr leaves Airflow" in told
    assert "crawl_fajr comes" in told
    change.apply()
    expected = file_of("alfajr").replace("id: alfajr  # its id\n", "id: fajr  # its id\nformerly: [alfajr]\n")
    assert texts(folder) == {"fajr.yaml": expected, "almada.yaml": file_of("almada")}
    rename(folder, bucket, "fajr", "dawn").apply()
    assert find_source("dawn", folder).ids == ("dawn", "fajr", "alfajr")
    with pytest.raises(SourceError, match="source 'alfajr' is called 'dawn' now"):
        find_source("alfajr", folder)


def test_an_id_that_is_taken_is_refused(bucket: Bucket, folder: Path) -> None:
    archive(bucket, "nakhil", "r0", PAGES)
    before = texts(folder)
    for new, why in {
        "almada": r"'almada' is taken: it is the id of .*almada\.yaml",
        "alfajr": r"'alfajr' is taken: it is the id of .*alfajr\.yaml",
        "nakhil": r"has 1 capture files of a source of that id, which no file names",
        "Al-Fajr": "must be 2 to 41 of the letters",
    }.items():
        with pytest.raises(SourceError, match=why):
            rename(folder, bucket, "alfajr", new)
    assert texts(folder) == before
    rename(folder, bucket, "almada", "mada").apply()
    with pytest.raises(SourceError, match=r"mada had it before"):
        rename(folder, bucket, "alfajr", "almada")
    remove(folder, bucket, "mada").apply()
    with pytest.raises(SourceError, match=r"the id of .*removed/mada\.yaml"):
        rename(folder, bucket, "alfajr", "mada")


def test_a_rename_that_was_killed_is_named(bucket: Bucket, folder: Path) -> None:
    change = rename(folder, bucket, "alfajr", "fajr")
    Change(change.says, write=change.write).apply()
    with pytest.raises(SourceError, match=r"alfajr\.yaml:2: id is 'fajr': name the file fajr\.yaml"):
        rename(folder, bucket, "alfajr", "fajr")
    assert list(read_sources(folder).sources) == ["almada"]


def test_a_merge_takes_over_hosts_furniture_and_ids_and_tells_the_rest(bucket: Bucket, folder: Path) -> None:
    other = file_of("alfajr") + "formerly: [fajr]\nbody: div.text\nfurniture: [تابعونا]\n"
    (folder / "alfajr.yaml").write_text(other, encoding="utf-8")
    change = merge(folder, bucket, "almada", "alfajr")
    assert "What alfajr.yaml says of name, body is not taken over" in " ".join(change.says)
    Change(change.says, write=change.write).apply()  # killed before the other file was deleted
    assert [path.name for path in read_sources(folder).wrong] == ["alfajr.yaml", "almada.yaml"]  # both claim fajr's
    merge(folder, bucket, "almada", "alfajr").apply()
    assert [path.name for path in folder.glob("*.yaml")] == ["almada.yaml"]
    merged = find_source("almada", folder)
    assert merged.formerly == ("alfajr", "fajr")
    assert merged.hosts == ("almada.example", "alfajr.example")
    assert merged.furniture == ("تابعونا",)


def test_two_files_that_read_pages_otherwise_are_not_merged(bucket: Bucket, folder: Path) -> None:
    (folder / "alfajr.yaml").write_text(file_of("alfajr").replace("Damascus", "Aden"), encoding="utf-8")
    with pytest.raises(
        SourceError, match=r"timezone: Asia/Damascus, .* has timezone: Asia/Aden: let the two agree first"
    ):
        merge(folder, bucket, "almada", "alfajr")
    with pytest.raises(SourceError, match="cannot be merged with itself"):
        merge(folder, bucket, "almada", "almada")


def test_a_removed_source_is_kept_for_builds_alone(bucket: Bucket, folder: Path) -> None:
    remove(folder, bucket, "alfajr").apply()
    assert texts(folder) == {"removed/alfajr.yaml": file_of("alfajr"), "almada.yaml": file_of("almada")}
    files = read_sources(folder)
    assert (list(files.sources), list(files.removed)) == (["almada"], ["alfajr"])
    with pytest.raises(
        SourceError, match=r"source 'alfajr' was removed: to have it again, move .*removed/alfajr\.yaml back"
    ):
        find_source("alfajr", folder)
    again = remove(folder, bucket, "alfajr")
    assert "was removed before" in again.says[0]
    again.apply()
    assert read_sources(folder) == files
    (folder / "alfajr.yaml").write_text(file_of("alfajr"), encoding="utf-8")
    assert [str(path.relative_to(folder)) for path in read_sources(folder).wrong] == ["removed/alfajr.yaml"]
    with pytest.raises(SourceError, match="is there already"):
        remove(folder, bucket, "alfajr")


def test_an_unknown_source_and_a_wrong_file_are_named(bucket: Bucket, folder: Path) -> None:
    (folder / "alfajr.yaml").write_text("id: alfajr\nname: x\nhomes: y\n", encoding="utf-8")
    for command in (enable, disable):
        with pytest.raises(SourceError, match="no source 'nowhere'"):
            command(folder, "nowhere")
    for told in (
        lambda id_: rename(folder, bucket, id_, "fajr"),
        lambda id_: merge(folder, bucket, "almada", id_),
        lambda id_: remove(folder, bucket, id_),
    ):
        with pytest.raises(SourceError, match="no source 'nowhere'"):
            told("nowhere")
        with pytest.raises(SourceError, match=r"alfajr\.yaml:3: homes: unknown key"):
            told("alfajr")
