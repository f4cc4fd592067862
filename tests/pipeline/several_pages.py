"""An invented article that its site prints on several pages."""

from __future__ import annotations

from collections.abc import Callable

from tests.pipeline.conftest import page, prose

URL = "http://alfajr.example/bridge"
TITLE = "إعادة بناء الجسر الشرقي في البلدة"
DAY = "2024-03-05T08:00:00+03:00"
TEXTS = {
    number: [f"وبعد إعادة بناء الجسر الشرقي {first}", *rest]
    for number in range(1, 5)
    for first, *rest in [prose(100 + number)]
}


def address(number: int) -> str:
    return f"{URL}/{number}/" if number > 1 else f"{URL}/"


def address_from_0(number: int) -> str:
    """That of a site that counts from 0."""
    return f"{URL}?page={number - 1}" if number > 1 else URL


def part(
    number: int,
    last: int = 3,
    *,
    title: str = TITLE,
    texts: list[str] | None = None,
    head: str = "",
    day: str = DAY,
    at: Callable[[int], str] = address,
) -> bytes:
    """One page of an article that has pages up to `last`, with the links to the others below its text."""
    links = "".join(f"<a href='{at(other)}'>{other}</a> " for other in range(1, last + 1) if other != number)
    whole = page(title, TEXTS[number] if texts is None else texts, day).decode()
    return whole.replace("</article>", f"<nav>{links}</nav></article>").replace("</head>", f"{head}</head>").encode()
