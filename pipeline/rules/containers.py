"""The boxes in which systems and themes put an article's text: the names of ``containers.yaml``."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import AfterValidator

from pipeline.rules.load import Strict, read


def _lower_case(names: dict[str, str]) -> dict[str, str]:
    for name in names:
        if name != name.lower() or len(name.split()) != 1:
            raise ValueError(f"«{name}» must be one name in lower case")
    return names


Names = Annotated[dict[str, str], AfterValidator(_lower_case)]
"""Names, each with where it was seen."""


class Containers(Strict):
    """What ``containers.yaml`` holds; that file says what the groups are."""

    classes: Names
    ids: Names
    properties: Names


@cache
def containers() -> Containers:
    """The names of boxes, read once."""
    return read("containers.yaml", Containers)
