"""Parquet files that tell a flipped bit: what is read of one is what was written, or an error, never other data.

The checksums that Parquet knows are of pages alone: neither the footer nor a page's header is held by them. Here stand, between the
last row group and the footer, where no reader of Parquet looks, the sums of all blocks before; and the file's name bears the sum of
what follows the last row group. So any part is held against what was written without the rest being read, every byte of it, before
anything decodes it. To other readers it is a Parquet file as any other.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline.bucket import Bucket

_BLOCK = 2**14
"""Bytes that one sum is of, and so the least that is read."""
_SUM = 8
"""Bytes of a sum: of all damage, one in 10^19 has the sum of what was there before."""
_END = 2**15
"""Bytes that are read first: more than sums and footer have, but for the largest files."""
_HOLE = 2**18
"""Bytes between two parts that are wanted, up to which it is quicker to read them too than to ask twice."""
_AFTER_FOOTER = 8
"""Its length, in four bytes, and "PAR1": https://parquet.apache.org/docs/file-format/"""
_NAMED = re.compile(r"([0-9a-f]{32})\.parquet$")


def seal(parquet: bytes) -> tuple[bytes, str]:
    """A Parquet file with its sums, and the sum of its end: 32 hexadecimal digits, with which its name must end."""
    end = len(parquet) - _AFTER_FOOTER - _footer_length(parquet)
    rows = parquet[:end]
    tail = _sums(rows) + parquet[end:]
    return rows + tail, _digest(tail)


def read_end(bucket: Bucket, key: str, size: int) -> tuple[bytes, bytes]:
    """The last bytes of a sealed file, held against its name, and those of them that follow the last row group.

    Raises as `Bucket.get` does.
    """
    digest = _digest_in(key)

    def is_end(end: bytes) -> bool:
        """Whether some last bytes have what the name tells of, or are too few for it."""
        length = _tail_length(end, size)
        return len(end) < length <= size or (_AFTER_FOOTER < length <= len(end) and _digest(end[-length:]) == digest)

    end, length = b"", min(_END, size)
    while length > len(end):
        end = bucket.get_range(key, size - length, length, is_end)
        length = _tail_length(end, size)
    return end, end[-length:]


ReadEnd: TypeAlias = Callable[[Bucket, str, int], tuple[bytes, bytes]]
"""`read_end`, or one that remembers: no sealed file ever changes."""


class SealedFile(io.RawIOBase):
    """A sealed file in the bucket, read in parts; of one whose name bears no sum, which `seal` did not make, nothing can be told.

    Reading raises `KeyError` and `DamagedError` as `Bucket.get` does.
    """

    def __init__(self, bucket: Bucket, key: str, size: int, read_end: ReadEnd = read_end) -> None:
        super().__init__()
        self._bucket, self._key, self._size = bucket, key, size
        self._is_sealed = _digest_in(key) is not None
        self._read_end = read_end
        self._position = 0
        self._end, self._tail = b"", b""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, as of any file."""
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        return self._position

    def read(self, size: int = -1) -> bytes:
        """So many bytes from here on, fewer at the file's end."""
        first = self._position
        last = self._size if size < 0 else min(first + size, self._size)
        data = self._read(first, last) if first < last else b""
        self._position += len(data)
        return data

    def _read(self, first: int, last: int) -> bytes:
        if not self._is_sealed:
            return self._bucket.get_range(self._key, first, last - first)
        if not self._end:
            self._end, self._tail = self._read_end(self._bucket, self._key, self._size)
        rows = self._size - len(self._tail)
        parts = []
        if first < rows:
            start, stop = first // _BLOCK * _BLOCK, min(-(-min(last, rows) // _BLOCK) * _BLOCK, rows)
            parts.append(self._blocks(start, stop)[first - start : last - start])
        if last > rows:
            parts.append(self._tail[max(first - rows, 0) : last - rows])
        return b"".join(parts)

    def _blocks(self, start: int, stop: int) -> bytes:
        """Whole blocks, the last of which may be shorter."""
        end = self._size - len(self._end)
        kept = self._end[start - end : stop - end] if start >= end else b""
        if self._are_blocks(kept, start, stop):
            return kept
        return self._bucket.get_range(self._key, start, stop - start, lambda data: self._are_blocks(data, start, stop))

    def _are_blocks(self, data: bytes, start: int, stop: int) -> bool:
        sums = self._tail[start // _BLOCK * _SUM : -(-stop // _BLOCK) * _SUM]
        return len(data) == stop - start and _sums(data) == sums


def sealed_dataset(
    bucket: Bucket, files: Iterable[tuple[str, int, pc.Expression]], schema: pa.Schema, read_end: ReadEnd = read_end
) -> ds.Dataset:
    """Sealed files, given by their keys and sizes, to be read as one; of the rows of each holds what its expression says."""
    together = ds.ParquetFragmentScanOptions(pre_buffer=True, cache_options=pa.CacheOptions(hole_size_limit=_HOLE))
    parquet = ds.ParquetFileFormat(default_fragment_scan_options=together)
    fragments = [
        parquet.make_fragment(pa.PythonFile(SealedFile(bucket, key, size, read_end), "r"), partition_expression=holds)
        for key, size, holds in files
    ]
    return ds.FileSystemDataset(fragments, schema, parquet)


def _digest_in(key: str) -> str | None:
    """The sum of a file's end that its name bears."""
    named = _NAMED.search(key)
    return named[1] if named else None


def _tail_length(end: bytes, size: int) -> int:
    """How many bytes follow the last row group of a sealed file of this size, by its last bytes."""
    if len(end) < _AFTER_FOOTER:
        return 0
    before = size - _AFTER_FOOTER - _footer_length(end)
    return size - before + -(-before // (_BLOCK + _SUM)) * _SUM


def _footer_length(parquet: bytes) -> int:
    return int.from_bytes(parquet[-_AFTER_FOOTER:-4], "little")


def _sums(rows: bytes) -> bytes:
    view = memoryview(rows)
    return b"".join(
        hashlib.sha256(view[start : start + _BLOCK]).digest()[:_SUM] for start in range(0, len(rows), _BLOCK)
    )


def _digest(tail: bytes) -> str:
    return hashlib.sha256(tail).hexdigest()[:32]
