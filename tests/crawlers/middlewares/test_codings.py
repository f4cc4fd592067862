"""Responses whose Content-Encoding is true, false, several or unknown: a whole crawl of them, and one response by itself."""

import gzip
import io
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response

from crawlers.middlewares.codings import ContentCodings
from crawlers.run import Outcome
from pipeline.captures import list_page_files, read_captures
from tests.crawlers.conftest import HOME, Reply, sitemap
from tests.pipeline.conftest import page, prose

MAY_10 = "Sun, 10 May 2026 10:00:00 +0300"
BODY = page("خبر", prose(1))
SENT = {
    "claimed gzip": ("gzip", bytes),
    "claimed deflate": ("deflate", bytes),
    "claimed br": ("br", bytes),
    "claimed zstd": ("zstd", bytes),
    "claimed two": ("gzip, br", bytes),
    "unknown": ("utf-8", bytes),
    "none": ("none", bytes),
    "gzip": ("GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "zstd": ("zstd", zstd.compress),
    "two": ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
    "one of two": ("gzip, gzip", gzip.compress),
    "unlabelled": ("", gzip.compress),
}


@pytest.mark.slow
def test_no_crawl_fails_for_a_label_and_every_page_is_whole(site, runner, bucket) -> None:
    runner.configure("feed /feed", "sitemap /sitemap.xml")
    bodies = {f"{HOME}/news/{number}": page(f"خبر {number}", prose(number)) for number in range(len(SENT))}
    for (url, body), (label, code) in zip(bodies.items(), SENT.values(), strict=True):
        headers = {"Content-Type": "text/html; charset=utf-8", **({"Content-Encoding": label} if label else {})}
        site.replies[url] = Reply(code(body), headers=headers)
    listed = list(bodies)
    site.feed([(url, MAY_10) for url in listed[:6]])
    site.replies[f"{HOME}/feed"].headers["Content-Encoding"] = "br"
    packed = brotli.compress(sitemap([(url, "2026-05-10") for url in listed[6:]]))
    site.replies[f"{HOME}/sitemap.xml"] = Reply(packed, headers={"Content-Encoding": "gzip, br"})
    site.replies[f"{HOME}/robots.txt"] = Reply(
        b"User-agent: *\nDisallow: /private\n", headers={"Content-Encoding": "deflate"}
    )
    summary = runner.crawl()
    assert (summary.outcome, summary.captured, summary.failed) == (Outcome.FINISHED, len(SENT), ())
    captures = [one for key in list_page_files(bucket) for one in read_captures(io.BytesIO(bucket.get(key)), key)]
    assert {one.url: (one.body, one.truncated) for one in captures} == {
        url: (body, False) for url, body in bodies.items()
    }


@pytest.mark.parametrize(("label", "code"), SENT.values(), ids=SENT)
def test_a_response_is_handed_on_decoded_and_as_what_it_is(label: str, code: Callable[[bytes], bytes]) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8", **({"Content-Encoding": label} if label else {})}
    response = ContentCodings(10**6).process_response(Request(HOME), Response(HOME, headers=headers, body=code(BODY)))
    assert isinstance(response, HtmlResponse)
    assert (response.body, response.headers.get("Content-Encoding")) == (BODY, None)
    assert "خبر" in response.text


def test_what_unpacks_to_more_than_may_be_is_refused() -> None:
    bomb = Response(HOME, headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"0" * 10**6))
    with pytest.raises(IgnoreRequest, match="exceeded DOWNLOAD_MAXSIZE"):
        ContentCodings(10**5).process_response(Request(HOME), bomb)
    small = Request(HOME, meta={"download_maxsize": 10**4})
    with pytest.raises(IgnoreRequest, match="exceeded DOWNLOAD_MAXSIZE"):
        ContentCodings(10**9).process_response(small, bomb)
