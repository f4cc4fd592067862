"""Articles found by their words: what the index says, read in ``articles/``, with the places marked."""

from __future__ import annotations

import hashlib
import io
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import tantivy

from pipeline.bucket import Bucket, BucketError, DamagedError
from pipeline.corpus import ManifestError, read_manifest
from pipeline.errors import WarraqError
from pipeline.progress import OnProgress, tell_nobody
from pipeline.search.cache import Cache
from pipeline.search.index import Index, PartFile, read_day, read_index
from pipeline.search.part import SCALE, VERSION, DayOfArticles, make_part
from pipeline.search.query import Mark, Query, read_query

if TYPE_CHECKING:
    from pipeline.corpus import Partition

_INDEXED_HERE = 20_000
"""Articles, of days that the index lacks, that a search indexes itself, in some half a minute; the others are not searched."""

_RANKED = 1000
"""The best hits, by the engine's score, that are put in order; of more hits no more are looked at."""

_STEPS = 10
"""Parts of the best score within which hits are as good as each other, and go by their days."""

_TITLE_WEIGHT = 2.0
_BEFORE, _SNIPPET = 60, 220
"""Characters of a snippet, and of what stands before its first mark."""

_AT_ONCE = 8
_READ = ["article_id", "url", "source", "source_name", "published_day", "title", "body"]


class SearchError(WarraqError):
    """A search for what there is not; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found.

    `title_marks` and `marks` are the places in `title` and `snippet`, from a character on up to another. The snippet begins at the
    character `snippet_at` of the body, whose line ends it has as blanks, and `goes_on` says whether that does after it. `score`
    tells how well it meets the query, for comparing within one search alone.
    """

    article_id: str
    url: str
    source: str
    source_name: str
    published_day: date
    title: str
    title_marks: list[tuple[int, int]]
    snippet: str
    snippet_at: int
    goes_on: bool
    marks: list[tuple[int, int]]
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits in order, how many articles there are in all, and what the index lacks, a sentence each."""

    hits: list[Hit]
    total: int
    notes: list[str] = field(default_factory=list)


def search(
    bucket: Bucket,
    text: str,
    *,
    since: date | None = None,
    until: date | None = None,
    sources: Collection[str] = (),
    conflicts: Collection[str] = (),
    relevance: float | None = None,
    limit: int = 10,
    on_progress: OnProgress = tell_nobody,
) -> Found:
    """The articles that have all words and phrases of a query, published from `since` up to, not including, `until`.

    Of those by any of some `sources` (ids), by sources that report any of some `conflicts`, and with at least such a probability of
    reporting on a conflict (`relevance`), which leaves out those of which none is known. The best come first; those that are
    as good as each other, the newest first. What is fetched of the bucket is kept in the user's folder for caches. Days that
    the index lacks are indexed here, up to some thousands of articles.

    Raises:
        QueryError: the query asks for nothing, or a quotation mark is not closed.
        SearchError: there is no such source or conflict, or `since` does not come before `until`.
        ManifestError: there is no corpus.
        BucketError: the store cannot be reached, or refuses.
    """
    query = read_query(text)
    if since and until and since >= until:
        raise SearchError(f"--since {since} must come before --until {until}")
    of, lost = _Filter(since, until, sources, conflicts, relevance), dict[str, str]()
    for is_first in (True, False):
        try:
            return _search(bucket, query, of, limit, on_progress, lost)
        except _LostError as error:
            if not is_first:  # else a build may have put others in place meanwhile
                lost = error.parts
        except (ManifestError, FileNotFoundError, ValueError):  # likewise; or another search has let go of them here
            if not is_first:
                raise
    return _search(bucket, query, of, limit, on_progress, lost)


class _LostError(Exception):
    """Parts that the index names and that cannot be had: why, a sentence for each key."""

    def __init__(self, parts: dict[str, str]) -> None:
        super().__init__(*parts)
        self.parts = parts


@dataclass(frozen=True, slots=True)
class _Filter:
    since: date | None
    until: date | None
    sources: Collection[str]
    conflicts: Collection[str]
    relevance: float | None

    def has(self, day: str) -> bool:
        """Whether a day is among those asked for."""
        return (self.since is None or str(self.since) <= day) and (self.until is None or day < str(self.until))

    def ids(self, index: Index) -> list[str] | None:
        """The ids of the sources that are asked for; None for all."""
        if not index.parts:
            if self.conflicts:
                raise SearchError(
                    "which sources report a conflict stands in the index, and there is none of this version: run `warraq build`"
                )
            return sorted(self.sources) if self.sources else None
        known = {*index.conflicts, *itertools.chain.from_iterable(part.sources for part in index.parts)}
        _require("source", self.sources, known)
        reported = {one.casefold(): one for of_source in index.conflicts.values() for one in of_source}
        _require("conflict", [reported.get(one.casefold(), one) for one in self.conflicts], reported.values())
        wanted = {one.casefold() for one in self.conflicts}
        asked = set(self.sources) or known
        if wanted:
            asked &= {id_ for id_, some in index.conflicts.items() if wanted & {one.casefold() for one in some}}
        return sorted(asked) if self.sources or wanted else None


def _require(what: str, asked: Iterable[str], known: Collection[str]) -> None:
    for one in asked:
        if one not in known:
            there = ", ".join(sorted(set(known))) or f"no {what}"
            raise SearchError(f"no {what} {one!r} is in the corpus; it has {there}")


def _search(
    bucket: Bucket,
    query: Query,
    of: _Filter,
    limit: int,
    on_progress: OnProgress,
    lost: Mapping[str, str],
) -> Found:
    every = {part.published: part for part in read_manifest(bucket).partitions}
    if not every:
        raise SearchError(f"the corpus in bucket {bucket.name!r} has no article yet")
    refused = ""
    try:
        stored = read_index(bucket)
    except BucketError as error:  # to those who may not list them, stores say so of objects that are not there, too
        stored, refused = None, f" that can be read ({error})"
    ids = of.ids(stored if stored and stored.version == VERSION else Index())
    partitions = {day: part for day, part in every.items() if of.has(day)}
    cache = Cache(bucket)
    index, anew, left_out = _as_it_is(_without(stored, lost), every.keys(), partitions, cache, on_progress)
    folders = _fetched(cache, index, partitions, on_progress)
    if anew:
        name = hashlib.sha256(" ".join(day.digest for day in anew).encode()).hexdigest()[:16]
        folders.append(cache.unpacked(name, lambda: make_part(anew)))
    cache.keep_only(
        {part.sha256[:16] for part in index.parts} | {folder.name for folder in folders},
        {part.sha256 for part in every.values()},
    )
    notes = [*lost.values(), *_notes(stored, refused, anew, left_out)]
    if not folders:
        return Found([], 0, notes)
    searcher, schema = _open(cache.joined(folders))
    best, total = _best(searcher, _wanted(schema, query, of, ids, index.dead), limit)
    hits = _read(cache, query, best, partitions)
    return Found(hits, total - (len(best) - len(hits)), notes)


def _without(stored: Index | None, lost: Collection[str]) -> Index:
    """The index as far as it can be used."""
    if stored is None or stored.version != VERSION:
        return Index()
    parts = [part for part in stored.parts if part.key not in lost]
    held = {(day, one.digest) for part in parts for day, one in part.days.items()}
    return replace(stored, parts=parts, days={day: told for day, told in stored.days.items() if (day, told[1]) in held})


def _as_it_is(
    index: Index, every: Collection[str], partitions: Mapping[str, Partition], cache: Cache, on_progress: OnProgress
) -> tuple[Index, list[DayOfArticles], list[str]]:
    """What of the index holds for the corpus as it is now, and which of some days it lacks.

    Those that are to be indexed here are read, the newest first; the others are too many for that.
    """
    days = {day: told for day, told in index.days.items() if day in every}
    held = {(day, one.digest) for part in index.parts for day, one in part.days.items()}
    lacking = [part for day, part in sorted(partitions.items(), reverse=True) if days.get(day, ("",))[0] != part.sha256]
    articles = list(itertools.accumulate(part.rows for part in lacking))
    few = [part for part, so_far in zip(lacking, articles, strict=True) if so_far <= _INDEXED_HERE]
    anew = []
    for number, part in enumerate(few):
        on_progress("reading what the index lacks", number, len(few))
        day = read_day(part, cache.day(part))
        days.pop(part.published, None)
        if (part.published, day.digest) in held:
            days[part.published] = (part.sha256, day.digest)
        else:
            anew.append(day)
    return replace(index, days=days), anew, [part.published for part in lacking[len(few) :]]


def _fetched(cache: Cache, index: Index, partitions: Mapping[str, Partition], on_progress: OnProgress) -> list[Path]:
    """The parts that have any of these days, unpacked."""
    wanted = [
        part
        for part in index.parts
        if any(day in partitions and index.digest(day) == one.digest for day, one in part.days.items())
    ]

    def fetch(part: PartFile) -> Path | str:
        try:
            return cache.part(part)
        except KeyError:
            return f"{part.key} is not there, though the index names it: run `warraq build`, which makes it anew."
        except DamagedError:
            return f"{part.key} is damaged: run `warraq build --repair`, which makes it anew."

    fetched: list[Path | str] = []
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        for one in readers.map(fetch, wanted):
            fetched.append(one)
            on_progress("fetching the index", len(fetched), len(wanted))
    if lost := {part.key: why for part, why in zip(wanted, fetched, strict=True) if isinstance(why, str)}:
        raise _LostError(lost)
    return [one for one in fetched if isinstance(one, Path)]


def _notes(stored: Index | None, refused: str, anew: Sequence[DayOfArticles], left_out: Sequence[str]) -> list[str]:
    if not anew and not left_out:
        return []
    if stored is None:
        why = f"There is no index in search/{refused}"
    elif stored.version != VERSION:
        why = f"The index in search/ is of version {stored.version!r}, and this warraq has {VERSION!r}"
    else:
        why = f"The index in search/ lacks {len(anew) + len(left_out)} days as they are now"
    notes = [f"{why}: run `warraq build`, which brings it in line."]
    if anew:
        days = sorted(str(day.day) for day in anew)
        notes.append(f"Of these, {len(days)} days from {days[0]} to {days[-1]} were indexed here for this search.")
    if left_out:
        few = f"{len(left_out)} days from {min(left_out)} to {max(left_out)}"
        notes.append(f"Not searched, or only as they were before: {few}. Ask for fewer days with --since and --until.")
    return notes


def _open(folder: Path) -> tuple[tantivy.Searcher, tantivy.Schema]:
    index = tantivy.Index.open(str(folder))
    return index.searcher(), index.schema


# What is asked of the engine ---------------------------------------------------------------------------------------------


def _wanted(
    schema: tantivy.Schema,
    query: Query,
    of: _Filter,
    sources: Sequence[str] | None,
    dead: Collection[str],
) -> tantivy.Query:
    """The query for the engine; what only filters adds nothing to the score."""
    must, should, must_not = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
    clauses = [(must, _words(schema, "text", part)) for part in query.parts]
    clauses += [
        (should, tantivy.Query.boost_query(_words(schema, "title", part), _TITLE_WEIGHT)) for part in query.parts
    ]
    filters = []
    first = of.since.toordinal() if of.since else None
    last = of.until.toordinal() - 1 if of.until else None
    least = None if of.relevance is None else round(SCALE * of.relevance)
    for name, low, high in (("day", first, last), ("relevance", least, None)):
        if low is not None or high is not None:
            filters.append(tantivy.Query.range_query(schema, name, tantivy.FieldType.Integer, low, high))
    if sources is not None:
        filters.append(tantivy.Query.term_set_query(schema, "source", list(sources)))
    clauses += [(must, tantivy.Query.const_score_query(one, 0.0)) for one in filters]
    if dead:
        clauses.append((must_not, tantivy.Query.term_set_query(schema, "digest", sorted(dead))))
    return tantivy.Query.boolean_query(clauses)


def _words(schema: tantivy.Schema, field_name: str, part: Sequence[Sequence[str]]) -> tantivy.Query:
    """A word or a phrase, in any of its spellings."""
    rows = [
        tantivy.Query.phrase_query(schema, field_name, list(words))
        if len(words) > 1
        else tantivy.Query.term_query(schema, field_name, words[0], index_option="freq")
        for words in itertools.product(*part)
    ]
    return rows[0] if len(rows) == 1 else tantivy.Query.disjunction_max_query(rows)


@dataclass(frozen=True, slots=True)
class _Ranked:
    article_id: str
    day: str
    score: float


def _best(searcher: tantivy.Searcher, wanted: tantivy.Query, limit: int) -> tuple[list[_Ranked], int]:
    """The best articles in order, and how many there are in all."""
    result = searcher.search(wanted, limit=max(limit, _RANKED), count=True)
    if not result.hits:
        return [], 0
    days = searcher.fast_field_values("day", [address for _, address in result.hits])
    top = result.hits[0][0]
    ranked = [
        (int(_STEPS * score / top), int(day or 0), searcher.doc(address)["article_id"][0], score)
        for (score, address), day in zip(result.hits, days, strict=True)
    ]
    ranked.sort(key=lambda one: (-one[0], -one[1], one[2]))
    best = [_Ranked(id_, str(date.fromordinal(day)), score) for _, day, id_, score in ranked[:limit]]
    return best, result.count or 0  # type: ignore[attr-defined]  # its stub lacks it


# What is shown -----------------------------------------------------------------------------------------------------------


def _read(cache: Cache, query: Query, best: Sequence[_Ranked], partitions: Mapping[str, Partition]) -> list[Hit]:
    """The articles, read in their days' files; one that is another by now, and has not what is asked for, is left out."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for one in best:
        ids[one.day].append(one.article_id)

    def rows(day: str) -> list[dict[str, Any]]:
        file = io.BytesIO(cache.day(partitions[day]))
        found: list[dict[str, Any]] = pq.read_table(
            file, columns=_READ, filters=[("article_id", "in", ids[day])]
        ).to_pylist()
        return found

    with ThreadPoolExecutor(_AT_ONCE) as readers:
        articles = {row["article_id"]: row for of_day in readers.map(rows, ids) for row in of_day}
    hits = (_hit(query, articles[one.article_id], one.score) for one in best if one.article_id in articles)
    return [hit for hit in hits if hit]


def _hit(query: Query, article: Mapping[str, Any], score: float) -> Hit | None:
    """An article as it is shown; None where it does not have what is asked for."""
    title, body = article["title"] or "", article["body"] or ""
    title_marks, marks = query.marks(title), query.marks(body)
    if not query.is_met_by([*title_marks, *marks]):
        return None
    start, end = _window(body, marks)
    return Hit(
        article_id=article["article_id"],
        url=article["url"],
        source=article["source"],
        source_name=article["source_name"],
        published_day=article["published_day"],
        title=title,
        title_marks=_places(title_marks, 0, len(title)),
        snippet=body[start:end].replace("\n", " "),
        snippet_at=start,
        goes_on=end < len(body),
        marks=_places(marks, start, end),
        score=round(score, 3),
    )


def _window(body: str, marks: Sequence[Mark]) -> tuple[int, int]:
    """From where to where a body is shown: where the most parts of the query stand together, whole words."""
    room = _SNIPPET - _BEFORE
    parts = [
        {other.part for other in marks if one.start <= other.start and other.end <= one.start + room} for one in marks
    ]
    first = marks[max(range(len(marks)), key=lambda at: (len(parts[at]), -at))].start if marks else 0
    start = first if first <= _BEFORE else _word_begin(body, first - _BEFORE, first)
    if first <= _BEFORE:
        start = 0
    end = start + _SNIPPET
    if end >= len(body):
        return start, len(body)
    last = max((one.end for one in marks if one.start >= first and one.end <= end), default=start)
    blank = max(body.rfind(" ", last, end), body.rfind("\n", last, end))
    return start, blank if blank > 0 else end


def _word_begin(body: str, start: int, first: int) -> int:
    while start < first and not body[start - 1].isspace():
        start += 1
    return start


def _places(marks: Iterable[Mark], start: int, end: int) -> list[tuple[int, int]]:
    """Where marks stand in a part of a text, each place once."""
    return sorted({(one.start - start, one.end - start) for one in marks if start <= one.start and one.end <= end})
