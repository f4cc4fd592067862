"""Whatever a capture holds, cleaning ends in one article or one rejection, within bounds."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from demo.sites import open_sites
from pipeline.extract.article import Cleaned, clean
from pipeline.rejection import Rejection
from tests.pipeline.extract.pages import HOME, SOURCE, URL, capture, page

if TYPE_CHECKING:
    from collections.abc import Sequence

# Some seconds of a core; hours of it are what `benchmarks/fuzz.py` is for.
BOUNDED = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@cache
def demo_pages() -> tuple[bytes, ...]:
    """A page of every template of the demo's sites, three articles of each site among them, in its own encoding."""
    return tuple(
        site.respond(path).body
        for site in open_sites().values()
        for path in [
            *(site.path(article) for article in list(site.articles)[:3]),
            "/",
            site.section_path(next(iter(site.articles)).section),
        ]
    )


def clean_soundly(body: bytes, **values: object) -> Cleaned:
    """What `clean` makes of a page, which must break no part of it: what it raises within, it logs."""
    raised: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = raised.append  # type: ignore[method-assign]
    logger = logging.getLogger("pipeline")
    logger.addHandler(handler)
    try:
        result = clean(capture(body, **values), SOURCE)  # type: ignore[arg-type]
    finally:
        logger.removeHandler(handler)
    assert not raised, raised[0].exc_info
    return result


def check(result: Cleaned) -> None:
    """The result is sound: an article or a rejection, never both, never neither, of the types that it claims."""
    if result.rejected is None:
        assert result.title
        assert result.title == result.title.strip()
        assert result.body
        assert all(line and line == line.strip() for line in result.body.split("\n"))
    else:
        assert result.rejected in set(Rejection)
        assert result.body is None
        assert result.authors == result.dates == ()
    assert result.url.startswith(("http://", "https://"))
    assert all(isinstance(author, str) and author for author in result.authors)
    assert result.language is None or 2 <= len(result.language) <= 3
    for text in (result.title, result.body, result.section, *result.authors):
        assert text is None or (text.encode() and "\x00" not in text)


SNIPPETS = [
    *(
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml ?>",
        '"',
        "'",
        "&",
        "&#0;",
        "&#xD800;",
        "&#1114112;",
        "&amp;#1575;",
    ),
    *(
        "<div>",
        "</div>",
        "<p>",
        "</p>",
        "<br>",
        "<article>",
        "</article>",
        "<h1>",
        "</h1>",
        "<table><tr><td>",
        "<a href='/x'>",
    ),
    *(
        "<script>",
        "</script>",
        '<script type="application/ld+json">',
        "<style>",
        "<title>",
        "</title>",
        "<svg><math>",
        "<template>",
    ),
    *(
        '{"@type":"NewsArticle","headline":',
        "[[[[",
        "\\u00d8\\u00a7",
        "null",
        '<meta property="og:type" content="article">',
    ),
    *(
        "\x00",
        "\ufeff",
        "\u200c",
        "\u202e",
        "\ud7ff",
        "\U0001f600",
        "Ø§Ù„Ø³Ù„Ø§Ù…",
        "ط§ظ„ط³ظ„ط§ظ…",
        "عاجل",
        "404",
        "captcha",
        "5 آذار 2024",
        "٢٠٢٤",
    ),
    *(
        '<base href="http://[">',
        '<link rel="canonical" href="http://[::1">',
        "<input type=password>",
        "<noscript>",
        "<frameset>",
        "<plaintext>",
    ),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A page of the demo with pieces cut out, doubled, moved, and others put in."""
    body = draw(st.sampled_from(demo_pages()))
    for _ in range(draw(st.integers(1, 8))):
        start, end = sorted(draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
        change = draw(st.sampled_from(["cut", "double", "move", "insert", "wrap", "flip", "end"]))
        piece = body[start : min(end, start + 2000)]
        put = draw(st.sampled_from(SNIPPETS)).encode("utf-8", errors="surrogatepass")
        if change == "cut":
            body = body[:start] + body[start + len(piece) :]
        elif change == "double":
            body = body[:start] + piece * draw(st.integers(2, 4)) + body[start:]
        elif change == "move":
            body = body[:start] + body[start + len(piece) :] + piece
        elif change == "insert":
            body = body[:start] + put * draw(st.integers(1, 50)) + body[start:]
        elif change == "wrap":
            body = body[:start] + put + piece + put + body[start + len(piece) :]
        elif change == "flip" and piece:
            body = body[:start] + bytes([piece[0] ^ draw(st.integers(1, 255))]) + body[start + 1 :]
        elif change == "end":
            body = body[:end]
    return body


@given(mutated(), st.sampled_from(["text/html", "text/html; charset=utf-8", "text/html; charset=windows-1256"]))
@BOUNDED
def test_mutations_of_real_pages(body: bytes, content_type: str) -> None:
    check(clean_soundly(body, content_type=content_type))


TAGS = [
    "p",
    "div",
    "span",
    "a",
    "h1",
    "h2",
    "article",
    "main",
    "table",
    "td",
    "ul",
    "li",
    "br",
    "img",
    "script",
    "title",
    "b",
    "meta",
    "time",
    "figure",
]
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(SNIPPETS),
    st.sampled_from(["أعاد المجلس المحلي، صباح اليوم، فتح الجسر الشرقي أمام حركة السيارات بعد أربعة أشهر من إغلاقه."]),
)
TREES = st.recursive(
    TEXTS,
    lambda inner: st.builds(
        lambda tag, attributes, children: f"<{tag} {attributes}>{''.join(children)}</{tag}>",
        st.sampled_from(TAGS),
        st.sampled_from(
            [
                "",
                "class='share'",
                "hidden",
                "style='display:none'",
                "itemprop=author",
                "href='//['",
                "datetime='2024-03-20'",
                "a b c",
            ]
        ),
        st.lists(inner, max_size=6),
    ),
    max_leaves=40,
)


@given(TREES)
@BOUNDED
def test_trees_of_markup(html: str) -> None:
    check(clean_soundly(f"<html>{html}</html>".encode("utf-8", errors="surrogatepass")))


@given(
    st.binary(max_size=3000),
    st.text(max_size=30),
    st.sampled_from([URL, HOME, "http://[", "https://x/%ff%", "http://h:99999/"]),
)
@BOUNDED
@example(b"<p>" * 300, "text/html", "http://[::1")
def test_any_bytes_from_any_address(body: bytes, content_type: str, url: str) -> None:
    result = clean_soundly(body, content_type=content_type, url=url)
    assert (result.body is None) == (result.rejected is not None)


TEXT = "أعلن المجلس المحلي فتح الجسر الشرقي أمام حركة السيارات بعد أربعة أشهر من إغلاقه. "
TITLE = "خبر الجسر الشرقي"
LARGE = {
    "50 MB": "page('<p>' + 'نص ' * (9 * 2**20)).encode()",
    "5 MB in one text": f"page('<p>' + {TEXT!r} * 30_000).encode()",
    "nearly 4 million letters in one text": f"page('<p>' + {TEXT!r} * 45_000).encode()",
    "nearly 4 million letters in one word": "page('<p>' + 'ا' * 3_900_000).encode()",
    "an attribute of 5 MB": "page('<p title=\"' + 'x' * 5_000_000 + '\">نص</p>').encode()",
    "an attribute of 3.9 MB": "page('<p title=\"' + 'x' * 3_900_000 + '\">نص</p>').encode()",
    "100,000 levels": f"page('<div>' * 100_000 + {TEXT!r}).encode()",
    "100,000 levels of inline markup": f"page('<b><i>' * 50_000 + {TEXT!r}).encode()",
    "250 levels, again and again": f"page(('<div>' * 230 + {TEXT!r} + '</div>' * 230) * 200).encode()",
    "200,000 breaks": f"page('<br>' * 200_000 + {TEXT!r}).encode()",
    "50,000 lines": f"page(({TEXT!r} + '<br>') * 40_000).encode()",
    "100,000 links": "page('<a href=\"/x\">رابط خبر</a> ' * 100_000).encode()",
    "50,000 links": "page('<a href=\"/x\">رابط خبر</a> ' * 50_000).encode()",
    "50,000 different paragraphs": f"page(''.join(f'<p>{{n}} {TEXT}</p>' for n in range(40_000))).encode()",
    "a million elements": "page('<b>x' * 950_000).encode()",
    "5 MB of nulls": f"page('\\0' * 5_000_000 + {TEXT!r}).encode()",
    "scripts only": "b'<html>' + b'<script>var a=1;</script>' * 50_000",
    "a script without an end": "page('<script>' + 'a<b;' * 900_000).encode()",
    "a comment without an end": "page('<!--' + 'x-' * 1_900_000).encode()",
    "JSON-LD of 400,000 levels": """page(head='<script type="application/ld+json">' + '[{"@graph":' * 200_000).encode()""",
    "4 million angle brackets": "page('<' * 3_900_000).encode()",
    "4 million ampersands": "page('&' * 3_900_000).encode()",
    "mojibake": f"page('<p>' + {TEXT!r}.encode().decode('latin-1') * 20_000).encode()",
    "15 MB in windows-1256": f"page('<p>' + {TEXT!r} * 180_000).encode('windows-1256', errors='ignore')",
    "3 MB in windows-1256": f"page(('<p>' + {TEXT!r}) * 35_000).encode('windows-1256', errors='ignore')",
    "lines in two encodings": f"page(('<p>' + {TEXT!r}) * 9_000).encode() + (('<p>' + {TEXT!r}) * 9_000).encode('windows-1256')",
    "random bytes": "random.Random(4).randbytes(15_000_000)",
    "digits": "page('<p>' + '1 ' * 1_900_000).encode()",
}
MEMORY = 700
"""MB of address space that a page may take beside the libraries."""


def outcomes(pages: Sequence[str], megabytes: int) -> list[str]:
    """What becomes of pages, cleaned one after the other by a process that may not take more memory."""
    program = f"""
import random, resource, sys
from pipeline.extract.article import clean
from tests.pipeline.extract.pages import SOURCE, capture, page
clean(capture(page()), SOURCE)
pages = [{", ".join(f"lambda: {source}" for source in pages)}]
with open("/proc/self/statm") as statm:
    taken = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + {megabytes} * 2**20, -1))
for make in pages:
    print(clean(capture(make()), SOURCE).rejected)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr[-3000:]  # `clean` logs what a page raises
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited so on Linux alone")
def test_large_pages_in_bounded_memory() -> None:
    told = dict(zip(LARGE, outcomes(list(LARGE.values()), MEMORY), strict=True))
    large = {"50 MB", "an attribute of 5 MB", "100,000 levels", "100,000 levels of inline markup"}
    large |= {"200,000 breaks", "100,000 links", "a million elements", "15 MB in windows-1256"}
    assert {name for name, outcome in told.items() if outcome == Rejection.TOO_LARGE} >= large
    assert told["digits"] == Rejection.HEADLINE_ONLY
    assert set(told.values()) <= {"None", *Rejection}


def test_a_page_that_is_cut_anywhere_is_read_as_far_as_it_goes() -> None:
    body = page().encode()
    for end in random.Random(1).sample(range(len(body)), 40):
        check(clean_soundly(body[:end]))
