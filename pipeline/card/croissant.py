"""The corpus in the Croissant format, version 1.0 (https://docs.mlcommons.org/croissant/docs/croissant-spec.html).

Its paths are those of a copy that has this file at its top, with ``articles/`` and ``sources/`` beside it. The checksums of the
days' files are in the manifest, whose own stands here: so the size is bounded, and nothing of the corpus is without one.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pyarrow as pa

from pipeline import corpus
from pipeline.card import outlets
from pipeline.card.facts import Facts

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The specification's own."""

_PARQUET = "application/x-parquet"
"""What the format's own reader knows it by."""

NO_LICENCE = "https://choosealicense.com/no-permission/"
"""The format wants an address: this one says that nothing is granted."""


def croissant(facts: Facts, *, name: str, description: str, cite_as: str, keywords: list[str], sources: bytes) -> bytes:
    """The description as a JSON-LD file; `sources` is the file of the outlets, whose checksum it has."""
    told = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": description,
        "license": NO_LICENCE,
        "citeAs": cite_as,
        "version": f"{facts.schema_version}.0.0",
        "inLanguage": [tag for tag in facts.languages if tag] or ["ar"],
        "keywords": keywords,
        "temporalCoverage": f"{facts.days[0]}/{facts.days[-1]}" if facts.days else None,
        "distribution": [
            _file("manifest", corpus.MANIFEST, "application/json", facts.manifest_sha256, facts.manifest_bytes),
            {
                "@type": "cr:FileSet",
                "@id": "days",
                "name": "days",
                "description": "One file for each published day; the manifest has the SHA-256 of each.",
                "encodingFormat": _PARQUET,
                "includes": "articles/published=*/articles.parquet",
            },
            _file(
                "outlets",
                outlets.FILE,
                _PARQUET,
                hashlib.sha256(sources).hexdigest(),
                len(sources),
            ),
        ],
        "recordSet": [
            _records("articles", corpus.SCHEMA, {"fileSet": {"@id": "days"}}, key="article_id"),
            _records("sources", outlets.SCHEMA, {"fileObject": {"@id": "outlets"}}, key="source"),
        ],
    }
    plain = {name: value for name, value in told.items() if value is not None}
    return (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode()


def _file(id_: str, path: str, kind: str, sha256: str, size: int) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": id_,
        "name": id_,
        "contentUrl": path,
        "contentSize": f"{size} B",
        "encodingFormat": kind,
        "sha256": sha256,
    }


def _records(id_: str, schema: pa.Schema, source: dict[str, Any], *, key: str) -> dict[str, Any]:
    fields = []
    for column in schema:
        place = {**source, "extract": {"column": column.name}}
        field = _field(f"{id_}/{column.name}", column.name, column.type, place)
        fields.append(field | {"description": column.metadata[b"meaning"].decode()})
    return {
        "@type": "cr:RecordSet",
        "@id": id_,
        "name": id_,
        "key": {"@id": f"{id_}/{key}"},
        "field": fields,
    }


def _field(id_: str, name: str, kind: pa.DataType, source: dict[str, Any]) -> dict[str, Any]:
    field: dict[str, Any] = {"@type": "cr:Field", "@id": id_, "name": name}
    if pa.types.is_list(kind):
        field["repeated"] = True
        kind = kind.value_type
    if pa.types.is_struct(kind):
        parts = [kind.field(place) for place in range(kind.num_fields)]
        return field | {
            "subField": [
                _field(f"{id_}/{part.name}", part.name, part.type, {**source, "transform": {"jsonPath": part.name}})
                for part in parts
            ]
        }
    return field | {"dataType": _kind(kind), "source": source}


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "sc:Date"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"
