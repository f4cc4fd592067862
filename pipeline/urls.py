"""The one spelling of a URL by which pages are told apart."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from courlan import clean_url
from w3lib.url import canonicalize_url, safe_url_string


def normalize_url(url: str) -> str:
    """Spell a URL in its one normal form.

    Host lower case, no default port, no fragment, no tracking parameters, query sorted, path percent-encoded in UTF-8.
    Anything that is no http(s) URL comes back as it is.
    """
    try:
        safe = safe_url_string(url.strip())  # first, since courlan drops blanks that a path may hold
        cleaned = clean_url(safe) or safe
        if urlsplit(cleaned).scheme not in {"http", "https"}:
            return cleaned
        return canonicalize_url(cleaned)
    except ValueError:  # such as an unclosed bracket in the host
        return url


def article_id(url: str) -> str:
    """The identity of an article: 128 bits of the SHA-256 of its canonical URL, in hex."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]
