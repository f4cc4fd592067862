"""The readers' examples, run as they stand in the documentation, against the S3 server."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import build, corpus
from pipeline.bucket import Bucket
from pipeline.sources import Source
from tests.conftest import ROOT
from tests.pipeline.card.conftest import copy_to
from tests.pipeline.conftest import NOW, archive, page, prose
from warraq.cli import app

EXAMPLES = {
    name: code
    for path in (ROOT / "docs" / "readers.md", ROOT / "README.md")
    for name, code in re.findall(
        r"<!-- example: (\w+) -->\n```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL
    )
}

COMMANDS = {
    name: lines.splitlines()
    for name, lines in re.findall(
        r"<!-- example: (\w+) -->\n```sh\n(.*?)```",
        (ROOT / "docs" / "readers.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
}


@pytest.fixture
def corpus_bucket(bucket: Bucket) -> Bucket:
    """Three articles in the bucket that the examples name, or rather in one that they are told of."""
    source = Source.model_validate(
        {"id": "alfajr", "name": "صحيفة الفجر", "home": "http://alfajr.example/", "timezone": "Asia/Damascus"}
    )
    pages = {
        f"http://alfajr.example/{day}": page(f"خبر {day}", prose(day), f"2024-03-{day:02d}T10:00:00+03:00")
        for day in (4, 5, 6)
    }
    archive(bucket, "alfajr", "run", pages)
    build.build(bucket, {"alfajr": source}, "b")
    return bucket


def test_every_kind_of_reader_has_an_example() -> None:
    assert set(EXAMPLES) == {
        "polars", "duckdb", "pandas", "pyarrow", "datasets", "sources", "relevance", "copies", "readme",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_reads_the_corpus(corpus_bucket: Bucket, name: str, tmp_path: Path) -> None:
    code = re.sub(r"\bwarraq/(articles|sources)", rf"{corpus_bucket.name}/\1", EXAMPLES[name])
    copy_to(corpus_bucket, tmp_path / "corpus")
    own = {"HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "alfajr" in done.stdout or done.stdout.strip() == "3"


def test_the_commands_that_find_articles_find_them(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    told = {"id": "alfajr", "name": "x", "home": "http://alfajr.example/", "timezone": "UTC", "conflicts": ["Syria"]}
    strike = [
        "قصف على خان طومان أوقع قتلى نقلوا إلى المستشفى بحلب.",
        "وقتل خمسة مدنيين وجرح آخرون في غارات لطائرات حربية على أحياء مجاورة، بحسب الدفاع المدني.",
        "وتواصلت الاشتباكات بين القوات والمسلحين على أطراف البلدة، وسقطت قذائف على الطريق.",
    ]
    articles = ((4, "قتلى في غارات على خان طومان", strike), (5, "خبر آخر", prose(5)))
    pages = {f"http://alfajr.example/{day}": page(title, body, f"2016-05-{day:02d}") for day, title, body in articles}
    archive(bucket, "alfajr", "run", pages)
    build.build(bucket, {"alfajr": Source.model_validate(told)}, "b")
    guide = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"<!-- example: search -->\n```sh\n(.*?)```", guide, re.DOTALL)
    commands = [shlex.split(line, comments=True) for line in example.splitlines()]
    assert len(commands) == 4
    for command in commands:
        done = CliRunner().invoke(app, command[1:])
        assert done.exit_code == 0, done.output
        assert "http://alfajr.example/4" in done.stdout
        assert "http://alfajr.example/5" not in done.stdout
        assert "search/" not in done.stderr


def test_every_command_of_the_guide_is_run(
    corpus_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus.make_snapshot(corpus_bucket, "2024-spring", now=NOW)
    article = next(corpus.read_articles(corpus_bucket))["article_id"]
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "alfajr.yaml").write_text(
        "id: alfajr\nname: صحيفة الفجر\nhome: http://alfajr.example/\ntimezone: Asia/Damascus\n", encoding="utf-8"
    )
    monkeypatch.setenv("WARRAQ_SOURCES", str(tmp_path / "sources"))
    monkeypatch.chdir(tmp_path)
    assert set(COMMANDS) == {"export", "cite", "prove", "search"}  # the last one has a corpus of its own, above
    for line in (line for name in ("export", "cite", "prove") for line in COMMANDS[name]):
        program, *arguments = shlex.split(line.replace("ARTICLE_ID", article))
        assert program == "warraq"
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, (line, done.output, done.exception)
        assert done.stdout
    assert "alfajr" in (tmp_path / "articles.csv").read_text(encoding="utf-8-sig")
    assert (tmp_path / "spring" / "snapshots" / "2024-spring" / "CITATION.cff").is_file()


def test_readers_agree_on_rows_columns_and_partitions(corpus_bucket: Bucket) -> None:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow.dataset as ds
    from pyarrow.fs import S3FileSystem

    store = S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL_S3"], region=os.environ["AWS_REGION"])
    path = f"{corpus_bucket.name}/articles"
    articles = ds.dataset(path, filesystem=store, partitioning="hive")
    urls = sorted(row["url"] for row in corpus.read_articles(corpus_bucket))
    assert sorted(articles.to_table()["url"].to_pylist()) == urls
    day = articles.to_table(filter=ds.field("published") == "2024-03-05").to_pylist()
    assert [row["published_day"] for row in day] == [date(2024, 3, 5)]
    frame = pd.read_parquet(path, filesystem=store)
    assert sorted(frame["url"]) == urls
    lazy = pl.scan_parquet(
        f"s3://{path}/**/*.parquet",
        storage_options={"aws_endpoint_url": os.environ["AWS_ENDPOINT_URL_S3"], "aws_allow_http": "true"},
    )
    assert lazy.select("url").sort("url").collect()["url"].to_list() == urls
    assert duckdb.sql("select count(distinct url) from articles").fetchall() == [(3,)]
