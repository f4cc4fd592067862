"""``card/`` and ``sources/`` brought in line with the corpus, after every build."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from typing import Any

from pipeline import corpus
from pipeline.bucket import Bucket, DamagedError
from pipeline.card import croissant, outlets, pages, tallies
from pipeline.card.facts import Facts, gather
from pipeline.coverage import DayCoverage, State
from pipeline.sources import Source

PREFIX = "card/"
README = f"{PREFIX}README.md"
CROISSANT = f"{PREFIX}croissant.json"
PAGE = f"{PREFIX}index.html"

_DESCRIBED = f"{tallies.PREFIX}described.json"
"""What the card was last made of, and the ETags of its files; without it the card is made anew."""

_TOLD_OF_SOURCES = {
    *("id", "formerly", "name", "description", "ownership", "status", "home", "language", "conflicts", "countries"),
    *("focus", "timezone", "enabled"),
}
_LACKING = frozenset({State.PARTIAL, State.GAP})
"""What a day is of which something is missing; of others nothing is said, and they are no reason to make anything anew."""

_MADE_BY = ("card", "templates", "columns.py", "html.py", "plots.py", "corpus/schema.py")
"""The code and the templates that the files follow from, within `pipeline`."""


@dataclass(frozen=True, slots=True)
class Described:
    """What was written: keys, sorted; none where all was in line."""

    written: list[str]


def describe(bucket: Bucket, sources: Mapping[str, Source], lacking: Sequence[DayCoverage]) -> Described:
    """Write the card, the page, the Croissant description and the table of outlets, each where its bytes change.

    They follow from the corpus, these sources' files and the days of `lacking` that crawls left incomplete, and from nothing
    else; of the corpus the days alone are read that changed since.

    Raises:
        ManifestError: there is no corpus, or a partition is not what it has of it.
        BucketError: the store cannot be reached.
    """
    lacking = sorted((day for day in lacking if day.state in _LACKING), key=_day)
    manifest = corpus.read_manifest(bucket)
    told = manifest.to_json()
    sha256 = hashlib.sha256(told).hexdigest()
    basis = _digest(
        [_code(), sha256, [_plain(one) for _, one in sorted(sources.items())], [_day(one) for one in lacking]]
    )
    standing = _standing(bucket)
    if (described := _described(bucket)) and described["basis"] == basis and _is_noted(described, standing):
        return Described([])
    facts = gather(manifest, sha256, len(told), tallies.update(bucket, manifest.partitions), sources, lacking)
    table = outlets.encode(facts.outlets)
    made = {
        outlets.FILE: (table, "application/vnd.apache.parquet"),
        outlets.SCHEMA_FILE: (outlets.schema_json(), "application/json"),
        README: (pages.readme(facts).encode(), "text/markdown; charset=utf-8"),
        CROISSANT: (_croissant(facts, table), "application/json"),
        PAGE: (pages.page(facts).encode(), "text/html; charset=utf-8"),
    }
    written, etags = [], {}
    for key, (data, kind) in made.items():
        etags[key] = bucket.put_if_changed(key, data, standing.get(key), kind)
        if etags[key] != standing.get(key):
            written.append(key)
    noted = json.dumps({"basis": basis, "etags": etags}, sort_keys=True)
    bucket.put(_DESCRIBED, noted.encode(), content_type="application/json")
    return Described(sorted(written))


def noted(bucket: Bucket) -> dict[str, Any] | None:
    """What was noted of the card as it stands; None where a file of it is of the next one, which was broken off or is under way."""
    described = _described(bucket)
    return described if described and _is_noted(described, _standing(bucket)) else None


def _standing(bucket: Bucket) -> dict[str, str]:
    """The files that are there, with their ETags."""
    return {stored.key: stored.etag for prefix in (PREFIX, outlets.PREFIX) for stored in bucket.list(prefix)}


def _is_noted(described: Mapping[str, Any], standing: Mapping[str, str]) -> bool:
    return bool(described["etags"].items() <= standing.items())


def _croissant(facts: Facts, table: bytes) -> bytes:
    return croissant.croissant(
        facts,
        name=pages.NAME,
        description=pages.summary(facts),
        cite_as=pages.cite_as(facts),
        keywords=pages.keywords(facts),
        sources=table,
    )


def _described(bucket: Bucket) -> dict[str, Any] | None:
    """What was noted of the card as it stands; None where that is missing or cannot be read."""
    try:
        noted = json.loads(bucket.get(_DESCRIBED))
        return {"basis": str(noted["basis"]), "etags": dict(noted["etags"])}
    except (KeyError, TypeError, ValueError, DamagedError):
        return None


def _plain(source: Source) -> dict[str, Any]:
    return source.model_dump(mode="json", include=_TOLD_OF_SOURCES)


def _day(day: DayCoverage) -> list[str]:
    return [day.source, str(day.day), day.state]


def _code() -> list[str]:
    """What the bytes follow from beside the facts: our own code and templates, and the libraries that draw and encode."""
    root = resources.files("pipeline")
    files = [file for name in _MADE_BY for file in _files(root.joinpath(name))]
    own = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    return [*sorted(own), *(metadata.version(library) for library in ("matplotlib", "pyarrow", "markdown-it-py"))]


def _files(named: Traversable) -> list[Traversable]:
    if named.is_file():
        return [named]
    return [file for file in named.iterdir() if file.is_file()]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()
