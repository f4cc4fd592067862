"""What the bucket's lifecycle rules let expire, and which rooms of the bucket its policies know."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "docker" / "policies"

PRECIOUS = ("captures/", "coverage/", "snapshots/", "takedowns/")
"""What nothing else in the bucket can be made from again; of it the old versions stay as well."""

MADE = ("articles/", "card/", "documents/", "health/", "search/", "sources/", "state/", "work/")
"""What follows from these: only what was overwritten or deleted may go, once nobody wants it back."""

ROOMS = (*PRECIOUS, *MADE, "logs/", "reports/")


def wrongs(rules: list[Mapping[str, Any]]) -> list[str]:
    """What of these rules would let something expire that is wanted."""
    found = []
    for rule in rules:
        prefix = rule["Filter"]["Prefix"]
        kept = {"Expiration": (*PRECIOUS, *MADE), "NoncurrentVersionExpiration": PRECIOUS}
        for action, rooms in kept.items():
            found += [f"{action} of {room}" for room in rooms if action in rule and _meet(prefix, room)]
        if unknown := rule.keys() - kept.keys() - {"ID", "Status", "Filter", "AbortIncompleteMultipartUpload"}:
            found.append(f"what is not looked at here: {', '.join(sorted(unknown))}")
    return found


def _meet(prefix: str, room: str) -> bool:
    return prefix.startswith(room) or room.startswith(prefix)


def test_no_lifecycle_rule_touches_what_is_wanted() -> None:
    rules = json.loads((FOLDER / "lifecycle.json").read_text(encoding="utf-8"))["Rules"]
    assert wrongs(rules) == []
    assert {rule["Filter"]["Prefix"] for rule in rules if "Expiration" in rule} == {"logs/", "reports/"}


@pytest.mark.parametrize(
    "rule",
    [
        {"Filter": {"Prefix": ""}, "Expiration": {"Days": 90}},
        {"Filter": {"Prefix": "capt"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
        {"Filter": {"Prefix": "captures/source=alfajr/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
        {"Filter": {"Prefix": "documents/"}, "Expiration": {"Days": 3650}},
        {"Filter": {"Prefix": "snapshots/objects/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
        {"Filter": {"Prefix": "logs/"}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]},
    ],
)
def test_a_rule_that_does_would_be_found(rule: dict[str, Any]) -> None:
    assert wrongs([rule])


def test_the_rooms_are_those_of_the_bucket() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {
        room
        for line in re.findall(r"^\| (`[a-z]+/`[^|]*) \|", readme, re.MULTILINE)
        for room in re.findall(r"`([a-z]+/)`", line)
    }
    assert told == set(ROOMS)


@pytest.mark.parametrize("role", ["builder", "crawler", "operator", "reader"])
def test_a_policy_names_rooms_that_there_are(role: str) -> None:
    statements = json.loads((FOLDER / f"{role}.json").read_text(encoding="utf-8"))["Statement"]
    assert [statement["Effect"] for statement in statements] == ["Allow"] * len(statements)
    for statement in statements:
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for resource in resources:
            room = resource.removeprefix("arn:aws:s3:::warraq").removeprefix("/").removesuffix("*")
            assert room in {"", "articles"} or room.startswith(ROOMS), resource
