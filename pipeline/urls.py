"""The one spelling of a URL, the one identity of a page whatever the URL by which it is reached, and its number in an article."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from courlan import clean_url
from w3lib.url import canonicalize_url, safe_url_string


@lru_cache(maxsize=1024)  # a crawl asks for a page's several times, between asking for it and having it
def normalize_url(url: str) -> str:
    """Spell a URL in its one normal form.

    Host lower case and without a last dot, no default port, no fragment, no tracking parameters, no session's id, query sorted,
    path percent-encoded in UTF-8. A fragment that a script takes for a path (``#!/news/1``, ``#/news/1``) stays: it tells pages
    apart. Anything that is no http(s) URL comes back as it is.
    """
    try:
        safe = _without_session(safe_url_string(url.strip()))  # first, since courlan drops blanks that a path may hold
        parts = urlsplit(safe)
        # courlan's trackers are too many: it takes cid and eid, the articles' numbers on many sites, and what has no name.
        bare = parts._replace(query="", fragment="").geturl()
        cleaned = clean_url(bare) or bare
        if urlsplit(cleaned).scheme not in {"http", "https"}:
            return clean_url(safe) or safe
        cleaned = without_last_dot(cleaned)
        canonical = _NO_VALUE.sub("", canonicalize_url(f"{cleaned}?{_telling(parts.query)}"))
        if _SCRIPTS_PATH.match(parts.fragment):
            canonical += f"#{parts.fragment}"
        path = parts.path
        if ";" in path and "%3b" not in path.lower():  # which courlan quotes, and a server takes for another address
            parts = urlsplit(canonical)
            canonical = parts._replace(path=parts.path.replace("%3B", ";")).geturl()
        return canonical
    except ValueError:  # such as an unclosed bracket in the host
        return url


_LAST_DOT = re.compile(r"(https?://[^/?#]*[^/?#.:])\.(?=(?::\d+)?(?:[/?#]|$))", re.IGNORECASE)
_NO_VALUE = re.compile(r"(?<=[^?&=])=(?=&|$)")
"""What w3lib puts behind a name without a value, and a server that reads the whole query may not know."""
_SCRIPTS_PATH = re.compile("[!/].")
# What counts clicks and campaigns, by the names that Google, Meta, Microsoft, Yandex, Twitter, Mailchimp and Matomo give it.
_TRACKERS = re.compile(
    r"(?:dc|fbc|gc|twc|yc|ysc)lid|(?:click|gbra|msclk|igsh|partner|wbra)id|igsh|xtor|_ga|_gl|ref_(?:src|url)|"
    r"(?:mc|ga|gs|itm|mkt|ml|mtm|oly|utm|vero)_.*",
    re.IGNORECASE | re.DOTALL,
)
_PERHAPS_TRACKERS = re.compile(
    r"(?:.*_)?(?:aff|affi|affiliate|campaign|cl?id|eid|ga|gl|kwd|keyword|medium|ref|referr?er|session|source|uid)|(?:ads?|pk)_.*",
    re.IGNORECASE | re.DOTALL,
)
"""Names of these that are an article's number on other sites, and count as trackers with a word for their value alone."""
_NUMBER = re.compile(r"[\da-f-]*\d[\da-f-]*", re.IGNORECASE)
_MERE_NAME = re.compile(r"[A-Za-z_.\[\]-]*")


def _telling(query: str) -> str:
    """What of a query may tell pages apart: neither trackers nor mere names; ``?12345`` and ``?/news/1`` are more."""
    told = []
    for one in query.replace("&amp;", "&").split("&"):
        name, _, value = one.partition("=")
        tracker = _TRACKERS.fullmatch(name) or (_PERHAPS_TRACKERS.fullmatch(name) and not _NUMBER.fullmatch(value))
        if not tracker and (value or not _MERE_NAME.fullmatch(name)):
            told.append(one)
    return "&".join(told)


# The names that PHP, Java, ASP, ASP.NET, ColdFusion, osCommerce, Zen Cart, phpBB and vBulletin give to a session's id in an
# address. The last two are names of articles' numbers too, and so count only with a value that is a digest.
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?#;]*|/\([A-Z]\([a-z0-9]{20,}\)\)(?=/)", re.IGNORECASE)
_SESSION_NAMES = re.compile(
    r"phpsessid|jsessionid|aspsessionid\w*|asp\.net_sessionid|session_?id|sess(?:ion)?|cfid|cftoken|oscsid|zenid",
    re.IGNORECASE,
)
_PERHAPS_SESSION_NAMES = frozenset({"sid", "s"})
_DIGEST = re.compile(r"(?=.*\d)[0-9a-f]{26,64}", re.IGNORECASE)


def _without_session(url: str) -> str:
    """An address without the id of one visitor's session."""
    parts = urlsplit(url)
    path = _SESSION_IN_PATH.sub("", parts.path)
    query = parts.query
    if _MAY_BE_SESSION.search(query):
        query = "&".join(one for one in query.split("&") if not _is_session(*one.partition("=")[::2]))
    return url if (path, query) == (parts.path, parts.query) else parts._replace(path=path, query=query).geturl()


_MAY_BE_SESSION = re.compile(r"sess|cfid|cftoken|csid|zenid|(?:^|&)s(?:id)?=", re.IGNORECASE)


def _is_session(name: str, value: str) -> bool:
    return _SESSION_NAMES.fullmatch(name) is not None or (
        name.lower() in _PERHAPS_SESSION_NAMES and _DIGEST.fullmatch(value) is not None
    )


def without_last_dot(url: str) -> str:
    """An address without the dot behind its host, with which that is the same host."""
    return _LAST_DOT.sub(r"\1", url)


def absolute_url(base: str, link: str) -> str | None:
    """The absolute http(s) address of a link on a page, or None where it is none."""
    try:
        absolute = urljoin(base, link.strip()) if link.strip() else ""
        parts = urlsplit(absolute)
        return absolute if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def article_id(url: str) -> str:
    """The identity of the article at a URL in normal form: 128 bits of the SHA-256 of what tells the page apart, in hex.

    The scheme does not, nor do ``www.``, a closing slash, and the marks of a page's twins for telephones, AMP and print.
    """
    return _id(_identity(url))


def _id(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:32]


# WordPress writes /2/ and, without pretty addresses, ?page=2; others /page/2, ?pg=2, ?p=2. Drupal counts from 0: its second page
# has ?page=1, the first none or ?page=0.
_NUMBERED = re.compile(r"(?<=[^/])(?:/page)?/(\d{1,2})$")
_NUMBERED_QUERY = re.compile(r"(?:^|(?<=&))(page|paged|pg|p)=(\d{1,2})(?:&|$)")


def numbered_page(url: str) -> tuple[str, int]:
    """The id of the first page's address, and the number in the URL, as sites give them to an article's later pages.

    The number is 0 for a URL without one, its own first page, and where 1 can but mean the first. With ``page=1`` it is 1: that
    is the first page or the second, as the site counts, and the address alone does not say. A number after the host alone is
    none: no article stands on the home page.
    """
    identity = _identity(normalize_url(url))
    address, _, query = identity.partition("?")
    found = list(_NUMBERED_QUERY.finditer(query))
    if found:
        rest = (query[: found[-1].start()] + query[found[-1].end() :]).strip("&")
        first, number = (f"{address}?{rest}" if rest else address), int(found[-1][2])
        from_zero = found[-1][1] == "page"
    elif numbered := _NUMBERED.search(address):
        first, number = address[: numbered.start()] + (f"?{query}" if query else ""), int(numbered[1])
        from_zero = False
    else:
        return _id(identity), 0
    if "/" not in first and "?" not in first:
        return _id(identity), 0
    return _id(first), 0 if number == 1 and not from_zero else number


def following_numbers(number: int) -> tuple[int, ...]:
    """The numbers that the page after one may have: after the first page 1 or 2, as the site counts."""
    return (number + 1,) if number else (1, 2)


# AMP's own plugins write /amp/ or ?amp=1 (https://amp-wp.org), older themes outputType=amp; Blogger's pages for telephones
# have m=1; WordPress adds replytocom and share; "print" stands in the modules of Joomla and Drupal.
_TWIN_HOST = re.compile(r"(?:www\d?|m|mobile|wap|amp)\.(?=[^.]+\.[^.])")
_TWIN_PATH = re.compile(r"/(?:amp|print)$|\.amp(?=$|\.html?$)")
_TWIN_QUERY = {
    "amp": {"", "1", "true"},
    "outputtype": {"amp"},
    "output": {"amp"},
    "m": {"0", "1"},
    "mobile": {"1"},
    "print": {"1"},
    "tmpl": {"component"},
    "share": None,
    "replytocom": None,
}


def _identity(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all, such as http://[broken
        return url
    if parts.scheme not in {"http", "https"}:
        return url
    host = _TWIN_HOST.sub("", parts.netloc, count=1)
    path = _TWIN_PATH.sub("", parts.path.rstrip("/")).rstrip("/")
    coding = "latin-1" if parts.query.isascii() else "utf-8"  # so bytes that are no UTF-8 stay what they are
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True, encoding=coding)
        if not _is_twins(name.lower(), value.lower())
    ]
    page = f"{host}{path}?{urlencode(query, encoding=coding)}" if query else f"{host}{path}"
    return f"{page}#{parts.fragment}" if parts.fragment else page


def _is_twins(name: str, value: str) -> bool:
    values = _TWIN_QUERY.get(name, set())
    return values is None or value in values


SECRETS = (
    r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*@|[?&][^=&#]*"
    r"(?:[Ss]ig|[Ss]ignature|[Tt]oken|[Ss]ecret|[Pp]assw(?:or)?d|[Pp]wd|[Cc]redential|[Aa]uth|[Kk]ey(?:-Pair)?)[-_]?(?:[Ii][Dd])?="
)
"""What an address matches that bears a password: before its host, or in its query, as what Amazon, Google and Azure sign does.

JSON Schema and every browser read it, too, so it says both cases of a letter where it means them.
"""


def without_secrets(location: str) -> str:
    """A location as it may be told and kept: an address without whatever stands before its host, its query and its fragment.

    >>> without_secrets("https://me:secret@host.example/2013.warc.gz?X-Amz-Signature=5ec")
    'https://host.example/2013.warc.gz'
    """
    return _ADDRESS.sub(r"\1\2", location)


_ADDRESS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#]*@)?([^?#]*).*$", re.DOTALL)
