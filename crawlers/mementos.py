"""Mementos: pages as an archive has them (RFC 7089), how one is asked for, and how it becomes what the site once sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from pipeline.captures import header_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from scrapy.http import Headers, Response

    from pipeline.captures import Exchange


class MementoError(IgnoreRequest):
    """What an archive sent is not the page that it was asked for; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Memento:
    """Where an archive has a page, to be asked for in place of the site.

    `read` makes of the archive's answer, its content-encoding still on, and of the time at which it came, what the site once
    sent; it raises `MementoError`.
    """

    url: str
    captured_at: datetime
    read: Callable[[Response, datetime], Exchange]
    headers: Mapping[str, str] = field(default_factory=dict)


def header_pairs(headers: Headers) -> list[tuple[str, str]]:
    """Headers as they are archived: each value with its name, as text that keeps their bytes."""
    return [(header_text(name), header_text(value)) for name, values in headers.items() for value in values]
