"""The columns of ``health/`` are the fields of a source's day, and each says what it means."""

from __future__ import annotations

import json
from dataclasses import fields

from pipeline.health import SCHEMA, SourceDay
from pipeline.health.schema import schema_json


def test_columns_are_the_fields_of_a_day() -> None:
    assert SCHEMA.names == [field.name for field in fields(SourceDay)]


def test_every_column_says_what_it_means() -> None:
    assert all(column["meaning"] for column in json.loads(schema_json())["columns"])
