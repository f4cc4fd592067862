"""What downstream teams rely on: the columns of ``articles/`` and the layout of its files, as they were announced.

A change of the columns is announced: raise `SCHEMA_VERSION`, say in the changelog what changed, and write the new columns
down with ``python -m tests.pipeline.corpus.test_contract``.
"""

import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline import build as stages
from pipeline import corpus
from pipeline.bucket import Bucket
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose

ANNOUNCED = Path(__file__).parent / "contract" / f"articles.v{corpus.SCHEMA_VERSION}.json"
DOCS = Path(__file__).parents[3] / "docs" / "readers.md"
Sources = dict[str, Source]


def columns() -> list[dict[str, object]]:
    return [{"name": column.name, "type": str(column.type), "nullable": column.nullable} for column in corpus.SCHEMA]


def test_the_columns_are_those_that_were_announced() -> None:
    assert ANNOUNCED.is_file(), f"version {corpus.SCHEMA_VERSION} of the columns was never written down"
    assert columns() == json.loads(ANNOUNCED.read_text(encoding="utf-8")), (
        "raise SCHEMA_VERSION, and announce the change"
    )


@pytest.fixture
def built(bucket: Bucket, sources: Sources) -> Bucket:
    for source, host in (("alfajr", "alfajr.example"), ("almada", "almada.example")):
        pages = {
            f"http://{host}/{number}": page(
                f"خبر {number}", prose(number * 7 + (5000 if source == "almada" else 0), 4), "2024-03-05"
            )
            for number in range(300 if source == "alfajr" else 3)
        }
        archive(bucket, source, f"{source}-run", pages)
    stages.build(bucket, sources, "b")
    return bucket


def test_a_file_holds_what_was_announced_and_lets_a_reader_skip(built: Bucket) -> None:
    [partition] = corpus.read_manifest(built).partitions
    file = pq.ParquetFile(io.BytesIO(built.get(partition.path)))
    assert file.schema_arrow.equals(corpus.SCHEMA, check_metadata=False)
    place = file.schema_arrow.names.index("source")
    groups = [file.metadata.row_group(number).column(place) for number in range(file.metadata.num_row_groups)]
    assert {group.compression for group in groups} == {"ZSTD"}
    bounds = [(group.statistics.min, group.statistics.max) for group in groups]
    assert bounds == [("alfajr", "alfajr"), ("alfajr", "almada")]
    assert all(group.has_offset_index and group.has_column_index for group in groups)
    assert file.metadata.row_group(0).sorting_columns == (pq.SortingColumn(place),)


def test_the_bucket_says_what_the_columns_are(built: Bucket) -> None:
    told = json.loads(built.get(corpus.SCHEMA_FILE))
    assert told["schema_version"] == corpus.SCHEMA_VERSION == corpus.read_manifest(built).schema_version
    assert [column["name"] for column in told["columns"]] == corpus.SCHEMA.names
    assert all(column["meaning"] for column in told["columns"])


def test_the_guide_has_every_column() -> None:
    guide = DOCS.read_text(encoding="utf-8")
    assert not [name for name in corpus.SCHEMA.names if f"`{name}`" not in guide]


if __name__ == "__main__":
    ANNOUNCED.write_text(json.dumps(columns(), indent=1) + "\n", encoding="utf-8")
