"""Pages that hold nothing but the way to another one: a refresh, a line of script, a frame. To a reader they are redirects."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from lxml import etree
from lxml import html as lxml_html
from w3lib.html import get_meta_refresh

from pipeline.page.decode import decode

LARGEST = 2**16
"""Bytes of a page that may be a stub; that much has room for the scripts of a counter."""
_MOST_WORDS = 40
"""Words of a page that says no more than that one is led on, and where to click."""
_LONGEST_WAIT = 60
"""Seconds that a stub shows itself."""
_LONGEST_SCRIPT = 300
"""Characters of a script that does nothing but lead on."""

_HINT = re.compile(rb"http-equiv|<frame|location", re.IGNORECASE)
_LOCATION = re.compile(
    r"""\blocation(?:\.href)?\s*=\s*(["'])(?P<set>[^"'\s]+)\1|\blocation\.(?:replace|assign)\s*\(\s*(["'])(?P<called>[^"'\s]+)\3"""
)
_INLINE: Any = etree.XPath("//script/text()")
_FRAMESETS: Any = etree.XPath("//frameset")
_SEEN: Any = etree.XPath(
    "//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::noframes or ancestor::title)]"
)


def leads_to(body: bytes, content_type: str, url: str) -> str | None:
    """The address to which a page at `url` does nothing but lead; None of any other page, and of one that leads to itself."""
    if len(body) > LARGEST or not _HINT.search(body):
        return None
    text = decode(body, content_type) or ""
    try:
        tree: Any = lxml_html.document_fromstring(text)
    except (etree.ParserError, ValueError):
        return None
    target = _by_refresh(text, url) or _by_script(_INLINE(tree)) or _by_frame(_FRAMESETS(tree))
    if target is None or sum(len(text.split()) for text in _SEEN(tree)) > _MOST_WORDS:
        return None
    try:
        absolute = urljoin(url, target.strip())
    except ValueError:
        return None
    return absolute if absolute.startswith(("http://", "https://")) and absolute != url else None


def _by_refresh(text: str, url: str) -> str | None:
    try:
        wait, target = get_meta_refresh(text, url)
    except ValueError:
        return None
    return target if target and wait is not None and wait <= _LONGEST_WAIT else None


def _by_script(scripts: list[str]) -> str | None:
    targets = {
        found["set"] or found["called"]
        for script in scripts
        if len(script) <= _LONGEST_SCRIPT
        for found in _LOCATION.finditer(script)
    }
    return targets.pop() if len(targets) == 1 else None


def _by_frame(framesets: list[etree._Element]) -> str | None:
    """The frame that takes what the others leave ("*"), or the only one."""
    for frameset in framesets:
        frames = [frame for frame in frameset if frame.tag == "frame"]
        sizes = [size.strip() for size in (frameset.get("rows") or frameset.get("cols") or "").split(",")]
        largest = [frame for frame, size in zip(frames, sizes, strict=False) if size.endswith("*")]
        if len(frames) == 1 or len(largest) == 1:
            return (frames if len(frames) == 1 else largest)[0].get("src")
    return None
