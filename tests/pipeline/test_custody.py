"""One article proved: what holds, what is broken, and what today's code reads otherwise."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline import corpus, custody
from pipeline.bucket import Bucket
from pipeline.corpus import SnapshotError, make_snapshot, take_down
from pipeline.corpus.deposit import write_partition
from pipeline.custody import Custody, CustodyError, prove
from pipeline.sources import Source
from pipeline.urls import article_id
from tests.pipeline.conftest import NOW, archive
from tests.pipeline.corpus.conftest import put_small_corpus
from tests.pipeline.corpus.test_snapshots import COPY, OWN, URL
from tests.pipeline.several_pages import address, part

Sources = dict[str, Source]


@pytest.fixture
def built(bucket: Bucket, sources: Sources) -> Bucket:
    put_small_corpus(bucket, sources)
    return bucket


def told(found: Custody, step: str) -> list[tuple[bool | None, str]]:
    return [(one.holds, one.says) for one in found.steps if one.step == step]


def capture_key(bucket: Bucket, url: str) -> str:
    return next(row["capture_key"] for row in corpus.read_articles(bucket) if row["url"] == url)


@pytest.mark.parametrize("state", ["latest", "one"])
def test_every_article_is_followed_to_the_bytes_that_were_sent(
    built: Bucket,
    sources: Sources,
    state: str,
) -> None:
    make_snapshot(built, "one", now=NOW)
    found = prove(built, sources, article_id(URL), state)
    assert found.holds
    assert found.url == URL
    steps = ["row", "partition", "manifest", "capture", "WARC-Block-Digest", "WARC-Payload-Digest", "read anew"]
    assert [one.step for one in found.steps] == [*steps, "text", "headline", "day"]
    assert all("gives the same" in one.says for one in found.steps[-3:])
    manifest = hashlib.sha256(built.get("snapshots/one/manifest.json")).hexdigest()
    assert (manifest in told(found, "manifest")[0][1]) == (state == "one")


def test_another_reading_is_told_and_breaks_nothing(built: Bucket, sources: Sources) -> None:
    home = {"alfajr": sources["alfajr"].model_copy(update={"title": "head title", "timezone": "Asia/Damascus"})}
    key = article_id(URL)
    [row] = [row for row in corpus.read_articles(built) if row["article_id"] == key]
    other = row | {"body": row["body"].replace("\n", "\nسطر\n", 1), "title": "غيره" * 40, "extractor": "0"}
    steps = list(custody._read_anew(other, [_capture(built, row)], sources))
    assert [one.holds for one in steps] == [None] * 4
    assert steps[1].says == "today's code gives another text (- the row's, + today's): - سطر"
    assert "غيرهغيره" in steps[2].says
    assert "…" in steps[2].says
    assert "read by 0, today's code is" in steps[0].says
    assert prove(built, home, key).holds
    found = prove(built, {}, key)
    assert found.holds
    assert told(found, "read anew") == [
        (None, "not read anew: the file of source alfajr is not at hand (WARRAQ_SOURCES)")
    ]
    tag = _capture(built, row)
    [of_tag] = list(custody._read_anew(row, [replace(tag, status=404)], sources))
    assert "today the page is rejected (http_error)" in of_tag.says


def _capture(bucket: Bucket, row: dict) -> object:
    return custody._capture(bucket.get(row["capture_key"]), row["capture_key"], row["capture_offset"])


def test_an_article_over_several_pages_is_followed_to_each(bucket: Bucket, sources: Sources) -> None:
    from pipeline import build as stages

    archive(bucket, "alfajr", "r", {address(1): part(1), address(2): part(2)})
    stages.build(bucket, sources, "b")
    found = prove(bucket, sources, article_id(address(1)))
    assert found.holds
    assert [says.split(":")[0] for _, says in told(found, "capture")] == ["the page", "page 2"]
    assert told(found, "text") == [(None, "today's code gives the same text")]


def test_a_capture_that_is_damaged_gone_or_purged_breaks_the_chain(built: Bucket, sources: Sources) -> None:
    key, wanted = capture_key(built, URL), article_id(URL)
    data = built.get(key)
    [row] = [row for row in corpus.read_articles(built) if row["article_id"] == wanted]
    start = row["capture_offset"]
    members = re.split(rb"(?=\x1f\x8b\x08)", data)
    at, changed = 0, []
    for member in members:
        whole = member
        if at == start:
            record = gzip.decompress(member)
            whole = gzip.compress(record.replace("برقية".encode(), "برقيه".encode()), mtime=0)
        changed.append(whole)
        at += len(member)
    built.put(key, b"".join(changed))
    found = prove(built, sources, wanted)
    assert not found.holds
    assert [holds for holds, _ in told(found, "WARC-Block-Digest") + told(found, "WARC-Payload-Digest")] == [
        False,
        False,
    ]
    assert "another headline" in told(found, "headline")[0][1]
    built.put(key, data[:start] + b"x" * 40 + data[start + 40 :])
    [(holds, says)] = told(prove(built, sources, wanted), "capture")
    assert (holds, "no record of a page begins at" in says) == (False, True)
    built.delete(key)
    found = prove(built, sources, wanted)
    assert "is gone: put it back" in told(found, "capture")[0][1]
    assert told(found, "read anew") == [(None, "not read anew, since the captures are not all there")]
    assert not found.holds


def test_what_is_no_row_is_told_why(built: Bucket, sources: Sources) -> None:
    make_snapshot(built, "one", now=NOW)
    for wanted, says in (
        ("0" * 32, "no article 0+ is in the corpus"),
        (article_id(COPY), "a copy or an older text of one: `warraq explain"),
        (article_id("http://alfajr.example/tag"), "is no row of the corpus: not_an_article"),
    ):
        with pytest.raises(CustodyError, match=says):
            prove(built, sources, wanted)
    with pytest.raises(SnapshotError, match="There are: one"):
        prove(built, sources, article_id(OWN), "two")
    part = corpus.read_manifest(built).partitions[0]
    data = built.get(part.path)
    rows = [row | {"title": "غيره"} for row in pq.read_table(io.BytesIO(data)).to_pylist()]
    built.put(part.path, write_partition(pa.Table.from_pylist(rows, schema=corpus.SCHEMA)))
    assert told(prove(built, sources, article_id(URL)), "partition")[0][0] is False
    built.put(part.path, data + b"x")
    with pytest.raises(CustodyError, match="is damaged or gone: `warraq corpus verify` says"):
        prove(built, sources, article_id(URL))
    built.put(part.path, data)
    take_down(built, URL, "طلب", now=NOW, purge_captures=True)
    for state in ("latest", "one"):
        with pytest.raises(CustodyError, match="was taken down: nothing more is kept"):
            prove(built, sources, article_id(URL), state)
        assert prove(built, sources, article_id(OWN), state).holds
