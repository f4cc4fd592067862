from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.bucket import Bucket, DamagedError
from pipeline.documents.sealed import SealedFile, seal, sealed_dataset

if TYPE_CHECKING:
    from collections.abc import Callable


SCHEMA = pa.schema([("number", pa.int64()), ("text", pa.binary()), ("again", pa.binary())])


class Held(Bucket):
    """A bucket of one object, which is read from memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.asked: list[int] = []

    def get_range(self, key: str, start: int, length: int, holds: Callable[[bytes], bool] = bool) -> bytes:
        self.asked.append(length)
        if not holds(part := self.data[start : start + length]):
            raise DamagedError(f"{key} is damaged", key)
        return part


def sealed(table: pa.Table) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    data, digest = seal(buffer.getvalue())
    return data, f"part-{digest}.parquet"


def table_of(rows: int) -> pa.Table:
    chance = random.Random(rows)
    texts = [chance.randbytes(chance.randrange(400)) for _ in range(rows)]
    return pa.table([range(rows), texts, texts], schema=SCHEMA)


def read(bucket: Bucket, key: str, size: int, columns: list[str]) -> pa.Table:
    whole = pc.field("number") >= 0
    return sealed_dataset(bucket, [(key, size, whole)], SCHEMA).to_table(columns=columns)


@pytest.mark.parametrize("rows", [0, 1, 30, 77, 500, 2000])
def test_what_is_sealed_is_read_in_parts_and_by_others_as_any_parquet_file(rows: int) -> None:
    table = table_of(rows)
    data, key = sealed(table)
    assert pq.read_table(io.BytesIO(data)).equals(table)
    bucket = Held(data)
    assert read(bucket, key, len(data), table.column_names).equals(table)
    assert SealedFile(bucket, key, len(data)).read() == data
    file = SealedFile(bucket, key, len(data))
    chance = random.Random(rows)
    for _ in range(50):
        first, length = chance.randrange(len(data)), chance.randrange(len(data))
        file.seek(first)
        assert file.read(length) == data[first : first + length]


def test_of_a_large_file_no_more_is_read_than_is_asked_for() -> None:
    table = table_of(5000)
    data, key = sealed(table)
    bucket = Held(data)
    assert read(bucket, key, len(data), ["number"]).equals(table.select(["number"]))
    assert sum(bucket.asked) < len(data) / 10


WHOLE = table_of(400)
SEALED, KEY = sealed(WHOLE)


@settings(max_examples=300)
@given(st.integers(0, 8 * len(SEALED) - 1))
def test_no_flipped_bit_is_taken_for_data(bit: int) -> None:
    spoilt = bytearray(SEALED)
    spoilt[bit // 8] ^= 1 << bit % 8
    bucket = Held(bytes(spoilt))
    with pytest.raises(DamagedError):
        SealedFile(bucket, KEY, len(SEALED)).read()
    for columns in (["number"], ["again"]):
        try:
            found = read(bucket, KEY, len(SEALED), columns)
        except DamagedError:
            continue
        assert found.equals(WHOLE.select(columns))


@given(st.integers(0, len(SEALED) - 1))
def test_neither_is_what_is_cut_off(length: int) -> None:
    with pytest.raises(DamagedError):
        SealedFile(Held(SEALED[:length]), KEY, len(SEALED)).read()
