"""What our pages for a browser have in common: templates, how they spell what others wrote, what they may load: nothing."""

from __future__ import annotations

import hashlib
import re
import shlex
from base64 import b64encode
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.text import escape_invisible

_TEMPLATES = Environment(
    loader=PackageLoader("pipeline"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def render(template: str, **values: object) -> str:
    """The page of a template below ``pipeline/templates/``; what it is given is text, and never markup."""
    return _TEMPLATES.get_template(template).render(**values)


def from_markdown(text: str) -> Markup:
    """Markdown of our own (CommonMark) as it stands within a page; tags in it are text."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - the other pages do without

    return Markup(MarkdownIt("commonmark", {"html": False}).render(text))  # noqa: S704 - escaped by the renderer


def _script() -> str:
    loader = _TEMPLATES.loader
    assert loader is not None  # noqa: S101 - said to the type checker alone
    return loader.get_source(_TEMPLATES, "filter.js")[0]


SCRIPT = _script()
"""The only script of any page: what the filter above the list of sources does."""

_SCRIPT_HASH = b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()


def policy(*, with_script: bool = False) -> str:
    """The Content-Security-Policy of our pages, which they state themselves, too: their own style, no host, form or code.

    The one page `with_script` may run ours, told by its hash, and nothing else.
    """
    allowed = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return f"{allowed}; script-src 'sha256-{_SCRIPT_HASH}'" if with_script else allowed


def _readable(url: object) -> Markup:
    """A URL with its Arabic as Arabic, its parts in their order, and escapes for what would not be seen.

    Between Arabic words a browser would show a year before the word that it comes after.
    """
    parts = escape_invisible(unquote(str(url))).split("/")
    return Markup("/").join(Markup("<bdi>{}</bdi>").format(part) for part in parts)


def _is_web_address(url: object) -> bool:
    """Whether a link to it leads to a web page, and runs nothing."""
    try:
        return urlsplit(str(url)).scheme in {"http", "https"}
    except ValueError:
        return False


def _cell(text: object) -> Markup:
    """A text within a cell of a table in Markdown, where it is markup no more than in a page."""
    line = escape_invisible(" ".join(str(text).split()))
    plain = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(re.sub(r"([\\`*_\[\]|])", r"\\\1", plain))  # noqa: S704 - escaped above


_TEMPLATES.filters |= {
    "cell": _cell,
    "visible": lambda text: escape_invisible(str(text)),
    "readable": _readable,
    "quoted": lambda word: shlex.quote(str(word)),
}
_TEMPLATES.tests["web_address"] = _is_web_address
_TEMPLATES.globals |= {"policy": policy, "script": SCRIPT}
