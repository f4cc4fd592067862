"""A place on a page, or around it, that states a date."""

from __future__ import annotations

from dataclasses import dataclass

PUBLISHED, MODIFIED, UNKNOWN = "published", "modified", "unknown"

LONGEST_VALUE = 200
"""Characters of a statement that are kept."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place that states a date.

    Attributes:
        method: where: "json-ld:datePublished", "meta:article:published_time", "microdata:datePublished", "rdfa:dc:date",
            "time", "abbr", "visible", "url", "feed", "sitemap", "listing" and so on; "selector" where the source's own file
            names the place. ":bare" after it says that nothing but its place makes it the article's date; ":above" that it
            stands above the heading, where clocks stand too; ":foot" that it stands far below, labelled as the article's;
            ":other" that it belongs to something else on the page (another article, a comment).
        role: "published", "modified" or "unknown", as the page labels it.
        text: the literal text found.
    """

    method: str
    role: str
    text: str
