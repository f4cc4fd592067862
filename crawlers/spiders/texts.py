"""The texts that came with the addresses of articles, kept off the memory until the pages are archived."""

from __future__ import annotations

import json
import zlib
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from pipeline.captures import TEXTS

if TYPE_CHECKING:
    from collections.abc import Mapping

_IN_MEMORY = 16 * 2**20
"""Bytes held in memory before they go to a file: the texts of some ten thousand articles."""


class Texts:
    """What the discoveries of a crawl have of the articles' own texts (`pipeline.captures.TEXTS`), by the pages' keys.

    A crawl of years finds a hundred thousand articles before it asks for the first, and a queued request keeps all that it is
    given. So the texts lie, compressed, in a file without a name (in `TMPDIR`), which ends with the process: of a text of two
    thousand letters 1.9 kB on disk and 140 bytes of memory, where the strings would take 4.9 kB.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - open as long as the crawl is
        self._end = 0
        self._places: dict[str, tuple[int, int]] = {}

    def add(self, key: str, found: Mapping[str, str]) -> None:
        """Keep the texts of what was found; what another discovery had of the same page before goes first."""
        known = self.of(key)
        texts = {name: found[name] for name in TEXTS & found.keys()} | known
        if texts == known:
            return
        data = zlib.compress(json.dumps(texts, ensure_ascii=False).encode(), 1)
        self._file.seek(self._end)
        self._file.write(data)
        self._places[key] = (self._end, len(data))
        self._end += len(data)

    def of(self, key: str) -> dict[str, str]:
        """The texts of a page; empty where there are none."""
        if key not in self._places:
            return {}
        start, length = self._places[key]
        self._file.seek(start)
        texts: dict[str, str] = json.loads(zlib.decompress(self._file.read(length)))
        return texts
