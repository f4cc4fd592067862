"""What a page costs in which one thing is repeated: ``python -m benchmarks.bombs [CHARACTERS]``.

Regular expressions and parsers that run away do so on what repeats. Each of many short texts is repeated for so many characters
(default 30,000) in each place of a page that an expression reads: headline, byline, metadata, linked data, breadcrumbs, text,
addresses, attributes, scripts. The dearest pages are printed. Pages of less than 64 kB are read without a limit of time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product, starmap
from typing import Final

from rich.console import Console
from rich.table import Table

from pipeline.extract import clean
from tests.pipeline.extract.pages import PARAGRAPHS, SOURCE, capture

_REPEATED: Final = (
    *(
        " ",
        "\u00a0",
        "\n",
        "a",
        "ا",
        "1",
        "-",
        "/",
        ":",
        "،",
        ".",
        "_",
        "=",
        "(",
        "{",
        "[",
        "«",
        "\u064b",
        "&amp;",
        "%d9",
    ),
    *(
        " - ",
        " | ",
        "| ",
        "> ",
        "- ",
        " : ",
        "b ",
        "ا ",
        "1 ",
        "1/",
        "-1",
        "a@",
        "a_",
        "،ا",
        "12:",
        "١٢/",
        "2024-",
        "Jan ",
    ),
    *("ال", "كتب ", "بقلم: ", " في", "http://a/ ", "aaaaaaaa ", "\\u06", "null,"),
)
_PROPERTIES: Final = ("og:title", "og:description", "og:url", "og:image", "article:author", "article:published_time")
_TEXT: Final = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
_HEADLINE: Final = "<h1>عنوان الخبر</h1>"


def _linked_data(text: str) -> str:
    values = ", ".join(f'"{name}": "{text}"' for name in ("headline", "author", "datePublished", "articleBody"))
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {values}}}</script>'


_PLACES: Final[Mapping[str, Callable[[str], str]]] = {
    "headline": lambda text: f"<title>{text}</title><h1>{text}</h1>",
    "byline": lambda text: f'{_HEADLINE}<div class="byline">{text}</div><span class="date">{text}</span>',
    "metadata": lambda text: _HEADLINE + "".join(f'<meta property="{name}" content="{text}">' for name in _PROPERTIES),
    "linked data": lambda text: _HEADLINE + _linked_data(text),
    "what is no linked data": lambda text: f'{_HEADLINE}<script type="application/ld+json">{text}</script>',
    "breadcrumbs": lambda text: f'{_HEADLINE}<nav class="breadcrumb">{text}</nav><time datetime="{text}">{text}</time>',
    "text": lambda text: f"{_HEADLINE}<article>{_TEXT}<p>{text}</p></article>",
    "address": lambda text: f'{_HEADLINE}<link rel="canonical" href="{text}"><a href="/{text}">{text}</a>',
    "attributes": lambda text: f'{_HEADLINE}<div class="{text}" id="{text}"><img src="{text}" alt="{text}"></div>',
    "script": lambda text: f"{_HEADLINE}<script>{text}</script><style>{text}</style><!--{text}-->",
}


def _cost(place: str, repeated: str, characters: int) -> float:
    """Processor seconds of a page; what is repeated ends in what it is not, so that whoever looks for its end goes back."""
    inner = _PLACES[place](repeated * (characters // len(repeated)) + "!")
    page = f'<!doctype html><html lang="ar"><head><meta charset="utf-8"></head><body>{inner}{_TEXT}</body></html>'
    before = time.process_time()
    clean(capture(page), SOURCE)
    return time.process_time() - before


def main() -> None:
    """Print the dearest pages."""
    characters = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    pages = list(product(_PLACES, _REPEATED))
    with ProcessPoolExecutor() as pool:
        costs = pool.map(partial(_cost, characters=characters), *zip(*pages, strict=True))
        dearest = sorted(zip(costs, pages, strict=True), reverse=True)[:10]
    table = Table(
        "CPU s", "where", "what", title=f"{len(pages)} pages in which one thing is there for {characters:,} characters"
    )
    for row in starmap(lambda cost, page: (f"{cost:.2f}", page[0], ascii(page[1])), dearest):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
