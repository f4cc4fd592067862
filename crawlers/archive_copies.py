"""Copies of pages that an archive has: how one is asked for, and how it becomes what the site once sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from scrapy.http import Headers, Response

    from pipeline.captures import Exchange


class CopyError(IgnoreRequest):
    """What an archive sent is not the copy of a page that it was asked for; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Where an archive has a page, to be asked for in place of the site.

    `read` makes of the archive's answer, its content-encoding still on, and of the time at which it came, what the site once
    sent; it raises `CopyError`.
    """

    url: str
    captured_at: datetime
    read: Callable[[Response, datetime], Exchange]
    headers: Mapping[str, str] = field(default_factory=dict)


def header_pairs(headers: Headers) -> list[tuple[str, str]]:
    """Headers as they are archived: each value with its name, as text."""
    return [(_text(name), _text(value)) for name, values in headers.items() for value in values]


def _text(raw: bytes) -> str:
    """A header's bytes as text: UTF-8, which sites use in Location, or else Latin-1, the old rule."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
