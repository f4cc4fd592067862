"""A part of the index: some days' words as tantivy has them, packed into one file.

A part is never changed. Its articles' words are kept, and of the articles themselves no more than the id: their texts are read from
``articles/``. Parts of one version are one index once they are unpacked and joined: tantivy's segments stand for themselves, and
its ``meta.json`` names them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import tantivy

from pipeline.scratch import scratch_folder
from pipeline.words import answers_to, words_of

VERSION = f"1, tantivy {version('tantivy')}"
"""Of the words and of what the engine makes of them: an index of another one is made anew."""

COLUMNS = ["article_id", "source", "title", "body", "relevance"]
"""Columns of ``articles/`` that the index is made of, beside the published day; of the last one the probability alone."""

SCALE = 1000
"""The index has a probability as a whole number of thousandths: it has three decimals."""

_META = "meta.json"
_HEAP = 128_000_000
"""Bytes of memory that tantivy may fill before it writes: a part of some ten thousand articles is in one piece."""


@dataclass(frozen=True, slots=True)
class DayOfArticles:
    """A day's articles, with `COLUMNS`, of `relevance` the probability.

    Its `digest` tells what the index has of it from what it had before.
    """

    day: date
    articles: pa.Table
    digest: str


def day_of_articles(day: date, articles: pa.Table) -> DayOfArticles:
    """A day's articles as the index takes them in: other columns may change without it, and older versions have no `relevance`."""
    *told_of, last = COLUMNS
    probability = (
        pc.struct_field(articles[last], "probability")
        if last in articles.column_names
        else pa.nulls(len(articles), pa.float64())
    )
    rows = articles.select(told_of).append_column(last, probability)
    told = json.dumps([str(day), sorted(map(list, zip(*rows.to_pydict().values(), strict=True)), key=str)])
    return DayOfArticles(day, rows, hashlib.sha256(told.encode()).hexdigest()[:16])


def make_part(days: Iterable[DayOfArticles]) -> bytes:
    """The part of some days, as a tar file."""
    with scratch_folder() as folder:
        index = tantivy.Index(_schema(), path=str(folder))
        writer = index.writer(heap_size=_HEAP, num_threads=1)
        for day in days:
            for article in day.articles.to_pylist():
                writer.add_document(_document(day, article))
        writer.commit()
        writer.wait_merging_threads()
        return _packed(folder)


def unpack(part: bytes, folder: Path) -> None:
    """Write a part's files into a folder that is there."""
    with tarfile.open(fileobj=io.BytesIO(part)) as packed:
        packed.extractall(folder, filter="data")


def join(parts: Sequence[Path], folder: Path) -> None:
    """Make one index of unpacked parts, one at least, in an empty folder on the same disk: their files are linked, not copied."""
    metas = [json.loads((part / _META).read_bytes()) for part in parts]
    for part in parts:
        for path in part.iterdir():
            if path.name != _META:
                os.link(path, folder / path.name)
    joined = metas[0] | {"segments": [segment for meta in metas for segment in meta["segments"]]}
    (folder / _META).write_text(json.dumps(joined), encoding="utf-8")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("article_id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("digest", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("day", indexed=True, fast=True)
    builder.add_integer_field("relevance", indexed=True, fast=True)
    builder.add_text_field("title", tokenizer_name="raw", index_option="position")
    builder.add_text_field("text", tokenizer_name="raw", index_option="position")
    return builder.build()


def _document(day: DayOfArticles, article: Mapping[str, Any]) -> tantivy.Document:
    title, body = article["title"] or "", article["body"] or ""
    document = tantivy.Document()
    document.add_text("article_id", article["article_id"])
    document.add_text("source", article["source"])
    document.add_text("digest", day.digest)
    document.add_integer("day", day.day.toordinal())
    if article["relevance"] is not None:
        document.add_integer("relevance", round(SCALE * article["relevance"]))
    for field, text in (("title", title), ("text", f"{title}\n{body}")):
        document.add_pre_tokenized_text(field, tantivy.PreTokenizedString("", list(_tokens(text))))
    return document


def _tokens(text: str) -> Iterator[tantivy.Token]:
    """All that a text's words answer to, each at its word's place; a place is left out between paragraphs, which parts phrases."""
    place = 0
    for line in text.split("\n"):
        for word in words_of(line):
            for answer in answers_to(word):
                yield tantivy.Token(answer, place, 0, 0)
            place += 1
        place += 1


def _packed(folder: Path) -> bytes:
    names = {
        segment["segment_id"].replace("-", "") for segment in json.loads((folder / _META).read_bytes())["segments"]
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.iterdir()):
            if path.name == _META or path.name.partition(".")[0] in names:
                data = path.read_bytes()
                member = tarfile.TarInfo(path.name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return packed.getvalue()
