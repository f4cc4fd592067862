"""Columns of the tables that others read: each with its meaning, and the file that says so beside the table."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pyarrow as pa


def column(name: str, kind: pa.DataType, meaning: str, *, nullable: bool = False) -> pa.Field:
    """A column that says in its metadata what it means."""
    return pa.field(name, kind, nullable=nullable, metadata={"meaning": meaning})


def schema_json(schema: pa.Schema, version: int, partition: Mapping[str, str] | None = None) -> bytes:
    """The columns (`column`) with their types and meaning; `partition` is the one that the folder's name gives, if it does."""
    columns = [
        {
            "name": one.name,
            "type": str(one.type),
            "nullable": one.nullable,
            "meaning": one.metadata[b"meaning"].decode(),
        }
        for one in schema
    ]
    told = {"schema_version": version, "partitioned_by": [dict(partition)] if partition else [], "columns": columns}
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
