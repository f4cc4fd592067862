"""Responses with their codings undone, as the build undoes them: for the spider and the discoveries, behind the archive.

Scrapy's own middleware fails a page, or a whole feed, whose Content-Encoding is not what the body is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

from crawlers.discovery import content_type
from pipeline.captures import undo_codings, unlabelled

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class ContentCodings:
    """Downloader middleware in place of Scrapy's: it undoes what the bytes bear out, and no label fails a request.

    Of a body that breaks off there is what could be read; what was archived of it is marked so by the build.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ContentCodings:
        """Called by Scrapy."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_response(self, request: Request, response: Response) -> Response:
        """The response as its body is when it is decoded.

        Raises:
            IgnoreRequest: that is larger than DOWNLOAD_MAXSIZE.
        """
        encodings = [label.decode("latin-1") for label in response.headers.getlist("Content-Encoding")]
        labels = ", ".join(encodings or unlabelled(response.body, content_type(response)))
        if not labels or request.method == "HEAD":
            return response
        largest = request.meta.get("download_maxsize", self._largest)
        decoded = undo_codings(response.body, labels, largest)
        if len(decoded.body) >= largest and not decoded.whole:
            raise IgnoreRequest(
                f"{response.url} exceeded DOWNLOAD_MAXSIZE ({largest} bytes) when its codings were undone"
            )
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=decoded.body)
        # With None a text's encoding is told anew, now that there is a text.
        encoding = {"encoding": None} if issubclass(kind, TextResponse) else {}
        return response.replace(cls=kind, body=decoded.body, headers=headers, **encoding)
