"""The decision: which documents are articles, and which are copies of one.

The rule is local and free of order. Documents stand in the order of (publication, first capture, URL). A document is a copy
if and only if an earlier one within `WINDOW_DAYS` before it is its near-duplicate. It looks only backwards and only at the
window, so any day can be decided alone, and again, with the same answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pipeline.duplicates.text import compare_form, shingles

WINDOW_DAYS = 30
"""A wire story is taken over within hours or days; a month leaves room for late backdated copies."""

NEAR_JACCARD = 0.4
CONTAINED = 0.8
"""Shares of common three-word shingles from which a text counts as near, or as contained in a longer one. A story with one
word in ten exchanged keeps about .57, with three in twenty .44; unrelated reports from one front stay below .1."""

SHORT_WORDS = 30
"""A text this short says too little for shares to mean anything: it is a copy of the same words only."""

# 42 bands of 3 numbers: a pair at Jaccard .4 is looked at with probability .94, at .5 with .996, at .1 with .04.
_BANDS, _BAND_BYTES = 42, 12

_DIGITS = re.compile(r"\d+")


class Kind(StrEnum):
    """What a copy is to its article."""

    SAME_TEXT = "same_text"
    NEAR = "near"
    CONTAINED = "contained"
    REVISION = "revision"  # an older text of the same URL
    RECAPTURE = "recapture"  # the same text of the same URL, captured again


@dataclass(frozen=True, slots=True)
class Entry:
    """What the decision knows of a document. `published` orders documents: the instant, or the day's local midnight, in UTC."""

    id: str
    url: str
    captured_at: datetime
    published: datetime
    day: date
    text_hash: str
    body_hash: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a document: an article (`article` is its own id), or a copy of `article` and of which kind.

    `similarity` is the Jaccard share of common shingles with the document it was matched to, or the contained share.
    """

    id: str
    article: str
    kind: Kind | None = None
    similarity: float | None = None


def decide(entries: Iterable[Entry], bodies: Callable[[Sequence[str]], Mapping[str, str]]) -> list[Decision]:
    """Decide over documents; `bodies` gives the texts of the documents asked for, and is asked only for likely copies.

    Returns one decision a document, sorted by id; the same for any order of `entries`.
    """
    newest, decisions = _newest_of_each_url(entries)
    ordered = sorted(newest, key=lambda item: (item[0].published, item[1], item[0].url))
    documents = [entry for entry, _first in ordered]
    pairs = list(_candidates(documents))
    wanted = sorted({documents[index].id for pair in pairs for index in pair})
    texts = {id_: _Text.of(body) for id_, body in bodies(wanted).items()}
    matches: dict[int, tuple[int, Kind, float]] = {}
    for later, earlier in pairs:  # for each document the earliest match comes first
        if later not in matches and (match := _compare(documents[earlier], documents[later], texts)):
            matches[later] = (earlier, *match)
    article_of: dict[str, str] = {}
    for index, document in enumerate(documents):
        if index not in matches:
            article_of[document.id] = document.id
            decisions.append(Decision(document.id, document.id))
            continue
        earlier, kind, similarity = matches[index]
        article_of[document.id] = article_of[documents[earlier].id]  # the copy of a copy belongs to the article
        decisions.append(Decision(document.id, article_of[document.id], kind, similarity))
    # An older text of a page that is itself a copy belongs to that copy's article.
    final = [
        Decision(made.id, article_of.get(made.article, made.article), made.kind, made.similarity) for made in decisions
    ]
    return sorted(final, key=lambda made: made.id)


def _newest_of_each_url(entries: Iterable[Entry]) -> tuple[list[tuple[Entry, datetime]], list[Decision]]:
    """For each URL the document that stands for it, with the URL's first capture; and decisions on its other documents.

    The newest text stands for the URL, by its first capture since the text last changed, so that capturing an unchanged
    page again changes nothing.
    """
    by_url: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_url[entry.url].append(entry)
    chosen, decisions = [], []
    for _url, captures in sorted(by_url.items()):
        captures.sort(key=lambda entry: (entry.captured_at, entry.id))
        standing = captures[-1]
        for entry in reversed(captures):
            if entry.body_hash != standing.body_hash:
                break
            standing = entry
        chosen.append((standing, captures[0].captured_at))
        for entry in captures:
            if entry.id != standing.id:
                same = entry.body_hash == standing.body_hash
                decisions.append(Decision(entry.id, standing.id, Kind.RECAPTURE if same else Kind.REVISION))
    return chosen, decisions


def _candidates(documents: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    """Pairs (later, earlier) within the window that share a text hash or a band of the signature; earliest first."""
    buckets: defaultdict[bytes, list[int]] = defaultdict(list)
    for later, document in enumerate(documents):
        keys = [document.text_hash.encode()]
        keys += [
            bytes([band]) + document.signature[band * _BAND_BYTES : (band + 1) * _BAND_BYTES] for band in range(_BANDS)
        ]
        found: set[int] = set()
        for key in keys:
            found.update(
                earlier for earlier in buckets[key] if (document.day - documents[earlier].day).days <= WINDOW_DAYS
            )
            buckets[key].append(later)
        for earlier in sorted(found):
            yield later, earlier


@dataclass(frozen=True, slots=True)
class _Text:
    """A body as the comparison needs it."""

    form: str
    shingles: frozenset[str]

    @classmethod
    def of(cls, body: str) -> _Text:
        return cls(compare_form(body), shingles(body))


def _compare(earlier: Entry, later: Entry, texts: Mapping[str, _Text]) -> tuple[Kind, float] | None:
    """How the later document repeats the earlier one, or None where it does not."""
    if earlier.text_hash == later.text_hash:
        return Kind.SAME_TEXT, 1.0
    one, other = texts[earlier.id], texts[later.id]
    if min(one.form.count(" "), other.form.count(" ")) + 1 < SHORT_WORDS:
        return None
    if _DIGITS.sub("0", one.form) == _DIGITS.sub("0", other.form):
        return None  # a bulletin that differs in its figures only is a new report
    common = len(one.shingles & other.shingles)
    jaccard = common / len(one.shingles | other.shingles)
    if jaccard >= NEAR_JACCARD:
        return Kind.NEAR, round(jaccard, 4)
    contained = common / min(len(one.shingles), len(other.shingles))
    if contained >= CONTAINED:
        return Kind.CONTAINED, round(contained, 4)
    return None
