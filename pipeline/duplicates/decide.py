"""The decision: which documents are articles, and which are copies of one.

Of the captures of one URL the newest text stands for it. The standing documents are ordered by (publication, first capture
of the URL, URL), and one is a copy if and only if an earlier one within `WINDOW_DAYS` before it is its near-duplicate; it
belongs to the article of the earliest such. The rule looks only backwards and only at the window. So a document that comes
or goes can change the decision of documents in the window after it and of no other; and deciding those alone gives what
deciding everything gives.

What a document repeats is found without knowing what was decided on any other: so the days are cut into ranges (`plan`), whose
copies are found in any order and by any number of processes (`find_copies`). Only to which article a copy belongs is a chain, and
that needs no texts (`settle`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.duplicates.candidates import WINDOW_DAYS, ZONE_DAYS, find_pairs, shortened
from pipeline.duplicates.compare import Features, Kind, compare
from pipeline.duplicates.text import SHORT_WORDS, SIGNATURE_SIZE

ARTICLE = "article"
REJECTED = "rejected"
"""The decisions on a document that is an article, and on a page that is none; those on copies are the values of `Kind`."""

SHORT_DAYS = 2
"""Days between two short texts (`SHORT_WORDS`) of the same words that are one report: the same eight words about the same town a
week later tell of another strike."""

DOCUMENTS_A_RANGE = 100_000
"""Documents of a range of days: some minutes of work, and half a gigabyte for the texts that are compared."""

MAX_RANGES = 1000
"""Ranges that are made at most: Airflow maps a task over 1024 values, and no more."""

_READ_AT_ONCE = 100_000
"""Documents whose signatures are in memory whole, half a kilobyte each, before they are shortened."""

_INSTANT = pa.timestamp("us", tz="UTC")
FACTS = pa.schema(
    [
        ("id", pa.string()),
        ("url", pa.string()),
        ("article_id", pa.string()),
        ("captured_at", _INSTANT),
        ("published_order", _INSTANT),
        ("published_day", pa.date32()),
        ("text_hash", pa.string()),
        ("body_hash", pa.string()),
        ("signature", pa.binary()),
    ]
)
"""What the decision knows of a document besides its text."""

DECISION = pa.schema(
    [
        ("decision", pa.string()),
        ("article", pa.string()),
        ("article_day", pa.date32()),
        ("matched", pa.string()),
        ("similarity", pa.float64()),
        ("first_captured_at", _INSTANT),
    ]
)
"""What is decided on a document.

`decision` is "article", a value of `Kind`, or "rejected", which a page that is no article is from the beginning; `article` the
id of the article's document (of a revision or recapture that of the document that stands for its URL) and `article_day`
that one's published day; `matched` the document that it was found to repeat, `similarity` the share that made it a copy;
`first_captured_at` when its URL was captured first.
"""

COPIES = pa.schema(
    [pa.field("id", pa.string()), *(DECISION.field(name) for name in ("decision", "matched", "similarity"))]
)
"""What `find_copies` finds: the documents to decide, each with what it is and which earlier one it repeats."""

ROLES = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("standing", pa.string()),
        ("standing_day", pa.date32()),
        ("first_captured_at", _INSTANT),
    ]
)
"""What the pending documents of URLs with several are to their URL: `kind` is null for the one that stands for it, `standing`."""

_OLDER = pa.array([Kind.REVISION.value, Kind.RECAPTURE.value])
_ORDER = ("published_order", "first_captured_at", "url")

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Store(Protocol):
    """Where the documents are. Rejected pages are none of them; a document is pending as long as its `decision` is null."""

    def days(self) -> Mapping[date, int]:
        """The days on which documents were published, each with how many those are, at the most."""

    def pending(self) -> pa.Table:
        """The pending documents: `id`, `article_id` and `published_day`."""

    def of_pages(self, article_ids: Sequence[str]) -> pa.Table:
        """Every document of the pages with these article ids, with the columns of `FACTS`, but for signatures, and `DECISION`."""

    def between(self, first: date, last: date, columns: Sequence[str]) -> pa.Table:
        """The documents published on these days, both included, with these columns; in the same order at every call."""

    def bodies(self, day: date, ids: Sequence[str]) -> Mapping[str, str]:
        """The texts of documents of one day."""

    def undecide(self, ids: Mapping[str, date]) -> None:
        """Take back the decisions on these documents, given with their days."""

    def settle(self, decisions: Iterable[tuple[date, pa.Table]]) -> None:
        """Write `id` and the columns of `DECISION` of documents, given by days, the last first.

        They are written in this order, so that a document is pending until all that follows from it is written.
        """


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, both included."""

    first: date
    last: date

    @property
    def seen(self) -> Days:
        """The days whose documents may be earlier ones of these, and within the window."""
        return Days(self.first - timedelta(days=WINDOW_DAYS), self.last + timedelta(days=ZONE_DAYS))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be decided: the days on which something may be, in ranges, and what documents are to their URLs (`ROLES`)."""

    ranges: list[Days]
    roles: pa.Table


def decide(store: Store) -> int:
    """Decide every pending document, and anew those that follow from one; return how many decisions were written.

    Killed at any point and run again, it ends in the same decisions: a document stays pending until all that follows from
    it is written.
    """
    planned = plan(store)
    return settle(store, planned, [find_copies(store, planned.roles, days) for days in planned.ranges])


# The plan ----------------------------------------------------------------------------------------------------------------


def plan(store: Store) -> Plan:
    """What is to be decided; decisions that their URL's documents contradict by now are taken back before."""
    pending = store.pending()
    roles, stale = _roles(store.of_pages(sorted(pc.unique(pending["article_id"]).to_pylist())))
    if stale:
        store.undecide(stale)
        pending = store.pending()
    roles = roles.filter(pc.is_in(roles["id"], value_set=pending["id"].combine_chunks()))
    return Plan(_ranges(store.days(), pc.unique(pending["published_day"]).to_pylist()), roles)


def _ranges(documents: Mapping[date, int], pending: Collection[date]) -> list[Days]:
    """The days on which a pending document is or may be repeated, in ranges of `DOCUMENTS_A_RANGE`, or of one day."""
    changed = sorted(pending)
    window, zones = timedelta(days=WINDOW_DAYS), timedelta(days=ZONE_DAYS)
    affected = [
        day for day in sorted(documents) if bisect_left(changed, day - window) < bisect_right(changed, day + zones)
    ]
    size = max(DOCUMENTS_A_RANGE, -(-sum(documents[day] for day in affected) // MAX_RANGES))
    ranges: list[Days] = []
    within = 0
    for day in affected:
        within += documents[day]
        if ranges and within <= size and day - ranges[-1].last <= window:
            ranges[-1] = Days(ranges[-1].first, day)
        else:
            ranges.append(Days(day, day))
            within = documents[day]
    return ranges


def _roles(rows: pa.Table) -> tuple[pa.Table, dict[str, date]]:
    """What the documents of some URLs are to these, and those of which something else was decided, with their days.

    The URLs are those of pending documents; the only document of one stands for it, and is left out. The newest text stands
    for its URL, by its first capture since the text last changed, so that capturing an unchanged page again changes nothing.
    """
    columns = ["id", "article_id", "captured_at", "body_hash", "published_day", *DECISION.names]
    counts = pc.value_counts(rows["article_id"].combine_chunks())
    several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    rows = rows.select(columns).filter(pc.is_in(rows["article_id"], value_set=several))
    rows = rows.sort_by([(name, "ascending") for name in ("article_id", "captured_at", "id")])
    roles: dict[str, list[Any]] = {name: [] for name in ROLES.names}
    stale = {}
    for _, captures_of_one in groupby(_dicts(rows), itemgetter("article_id")):
        captures = list(captures_of_one)
        standing = captures[-1]
        for row in reversed(captures):
            if row["body_hash"] != standing["body_hash"]:
                break
            standing = row
        for row in captures:
            same = row["body_hash"] == standing["body_hash"]
            role = {
                "id": row["id"],
                "kind": None if row is standing else Kind.RECAPTURE.value if same else Kind.REVISION.value,
                "standing": standing["id"],
                "standing_day": standing["published_day"],
                "first_captured_at": captures[0]["captured_at"],
            }
            for name, values in roles.items():
                values.append(role[name])
            if row["decision"] is not None and not _agrees(row, role):
                stale[row["id"]] = row["published_day"]
    return pa.table(roles, schema=ROLES), stale


def _dicts(table: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows of a table, not all of them at a time."""
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _agrees(row: Mapping[str, Any], role: Mapping[str, Any]) -> bool:
    """Whether a document was decided in this role."""
    if row["first_captured_at"] != role["first_captured_at"]:
        return False
    if role["kind"] is None:
        return row["decision"] not in {Kind.REVISION, Kind.RECAPTURE}
    decided = row["decision"], row["article"], row["article_day"]
    return decided == (role["kind"], role["standing"], role["standing_day"])


def _with_roles(documents: pa.Table, roles: pa.Table) -> pa.Table:
    """Documents, `decision` being that of older texts already, and `first_captured_at` known of all."""
    place = pc.index_in(documents["id"], value_set=roles["id"].combine_chunks())
    kind = pc.coalesce(documents["decision"], roles["kind"].take(place))
    captured = pc.coalesce(
        documents["first_captured_at"], roles["first_captured_at"].take(place), documents["captured_at"]
    )
    for name, column in (("decision", kind), ("first_captured_at", captured)):
        documents = documents.set_column(documents.column_names.index(name), name, column)
    return documents


# A range of days ---------------------------------------------------------------------------------------------------------


def find_copies(store: Store, roles: pa.Table, days: Days) -> pa.Table:
    """What every document of a range of days repeats that is to be decided, or decided anew; a table of `COPIES`.

    Those are the pending ones, and the decided ones that repeat a pending one, or may do so now. Older texts are left out.
    """
    return _Standing(store, roles, days).copies(store)


class _Standing:
    """The standing documents of a range of days and of those before it, in their order."""

    def __init__(self, store: Store, roles: pa.Table, days: Days) -> None:
        """Read what is known of the documents: texts' hashes as numbers, and of the signatures never more than a part at once."""
        parts = list(_parts(store.days(), days.seen))
        columns = ["id", "url", "captured_at", "published_order", "published_day"]
        columns += ["decision", "matched", "first_captured_at", "text_hash"]
        tables, texts = [], []
        for part in parts:
            table = store.between(part.first, part.last, columns)
            texts.append(_text_numbers(table["text_hash"]))
            tables.append(table.drop_columns(["text_hash"]))
        documents = pa.concat_tables(tables)
        is_pending = _mask(pc.is_null(documents["decision"]))
        repeats_pending = _mask(pc.is_valid(documents["matched"]))
        pending = documents["id"].filter(pa.array(is_pending & repeats_pending.any())).combine_chunks()
        repeats_pending[repeats_pending] = _mask(pc.is_in(documents["matched"].drop_null(), value_set=pending))
        documents = _with_roles(documents, roles)
        order: Places = pc.sort_indices(documents, [(name, "ascending") for name in _ORDER]).to_numpy().astype(np.int64)
        order = order[~_mask(pc.is_in(documents["decision"], value_set=_OLDER))[order]]
        self._all_ids, self._order = documents["id"], order
        self._days: npt.NDArray[np.int32] = documents["published_day"].cast(pa.int32()).to_numpy()[order]
        self._texts = np.concatenate(texts)[order]
        first, last = pa.array([days.first, days.last], pa.date32()).cast(pa.int32()).to_pylist()
        self._own: Mask = (self._days >= first) & (self._days <= last)
        self._new, self._repeats_new = is_pending[order], repeats_pending[order]
        del documents, tables, texts  # the addresses are as much as all that is kept
        place: Places = np.full(len(is_pending), -1)
        place[order] = np.arange(len(order))
        self._signatures = np.empty((len(order), SIGNATURE_SIZE), np.uint16)
        start = 0
        for part in parts:
            for chunk in store.between(part.first, part.last, ["signature"])["signature"].chunks:
                of_chunk = place[start : start + len(chunk)]
                self._signatures[of_chunk[of_chunk >= 0]] = shortened(chunk)[of_chunk >= 0]
                start += len(chunk)

    def _ids(self, places: Places) -> list[str]:
        ids: list[str] = self._all_ids.take(self._order[places]).to_pylist()
        return ids

    def copies(self, store: Store) -> pa.Table:
        """The documents of the range that are to be decided, with what they are."""
        again = self._again()
        best, kinds, similarities = self._matches(again, store)
        places = np.flatnonzero(again)
        matched: dict[int, str] = dict(zip(kinds, self._ids(best[list(kinds)]), strict=True))
        return pa.table(
            {
                "id": self._ids(places),
                "decision": [kinds.get(place, ARTICLE) for place in places.tolist()],
                "matched": [matched.get(place) for place in places.tolist()],
                "similarity": [similarities.get(place) for place in places.tolist()],
            },
            schema=COPIES,
        )

    def _pairs(self, later: Mask, earlier: Mask) -> Places:
        return find_pairs(self._signatures, self._texts[:, 0], self._days, later, earlier)

    def _again(self) -> Mask:
        """The documents to decide: the new ones of the range, and the decided ones that repeat a pending one, or may do so now."""
        again = self._own & (self._new | self._repeats_new)
        decided = self._own & ~again
        if decided.any():
            again[self._pairs(decided, self._new)[:, 0]] = True
        return again

    def _matches(self, again: Mask, store: Store) -> tuple[Places, dict[int, str], dict[int, float]]:
        """For each document to decide the earliest one that it repeats, or a number too high; and of copies how and how much.

        The texts of the range's own documents are kept; of the days before it only one's are in memory at a time.
        """
        pairs = self._pairs(again, np.ones_like(again))
        same = (self._texts[pairs[:, 0]] == self._texts[pairs[:, 1]]).all(axis=1)
        near = self._days[pairs[:, 0]] - self._days[pairs[:, 1]] <= SHORT_DAYS
        best: Places = np.full(len(again), len(again))
        np.minimum.at(best, pairs[same & near, 0], pairs[same & near, 1])
        kinds = dict.fromkeys(np.flatnonzero(best < len(best)).tolist(), Kind.SAME_TEXT.value)
        similarities = dict.fromkeys(kinds, 1.0)
        open_ = ~(same & near) & (pairs[:, 1] < best[pairs[:, 0]])
        pairs, same = pairs[open_], same[open_]
        own: dict[int, Features] = {}
        for places in self._by_day(np.unique(pairs[:, 0])):
            own |= self._features(store, places)
        for places in self._by_day(np.unique(pairs[:, 1])):
            of_day = np.isin(pairs[:, 1], places)
            of_day[of_day] = pairs[of_day, 1] < best[pairs[of_day, 0]]
            wanted = np.unique(pairs[of_day, 1])
            features = own | self._features(store, wanted[[place not in own for place in wanted.tolist()]])
            order = np.flatnonzero(of_day)
            order = order[np.argsort(pairs[order, 1], kind="stable")]  # the earliest first
            for (later, earlier), is_same in zip(pairs[order].tolist(), same[order].tolist(), strict=True):
                if earlier > best[later]:
                    continue
                if is_same:
                    kind, similarity = Kind.SAME_TEXT if features[later].length >= SHORT_WORDS else None, 1.0
                else:
                    made = compare(features[earlier], features[later])
                    kind, similarity = made.kind, made.similarity
                if kind is not None:
                    best[later], kinds[later], similarities[later] = earlier, kind.value, similarity
        return best, kinds, similarities

    def _by_day(self, places: Places) -> Iterator[Places]:
        """Some documents, a day's at a time, the first days first."""
        places = places[np.argsort(self._days[places], kind="stable")]
        _, starts = np.unique(self._days[places], return_index=True)
        yield from (part for part in np.split(places, starts[1:]) if part.size)

    def _features(self, store: Store, places: Places) -> dict[int, Features]:
        """What the texts of some documents of one day are compared by."""
        if not places.size:
            return {}
        place_of = dict(zip(self._ids(places), places.tolist(), strict=True))
        day = date(1970, 1, 1) + timedelta(days=int(self._days[places[0]]))
        return {place_of[id_]: Features.of(body) for id_, body in store.bodies(day, sorted(place_of)).items()}


def _mask(values: pa.ChunkedArray | pa.Array) -> Mask:
    mask: Mask = values.to_numpy(zero_copy_only=False).astype(np.bool_)
    return mask


def _text_numbers(hashes: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """Hashes of texts in hex, as two numbers each."""
    parts = [np.frombuffer(bytes.fromhex("".join(chunk.to_pylist())), ">u8") for chunk in hashes.chunks]
    return np.concatenate([np.empty(0, np.uint64), *parts]).astype(np.uint64).reshape(-1, 2)


def _parts(documents: Mapping[date, int], days: Days) -> Iterator[Days]:
    """A range of days in pieces whose documents are read at once."""
    within, start = 0, days.first
    for day in sorted(documents):
        if days.first <= day <= days.last:
            if within and within + documents[day] > _READ_AT_ONCE:
                yield Days(start, day - timedelta(days=1))
                within, start = 0, day
            within += documents[day]
    yield Days(start, days.last)


# The articles of all of them ---------------------------------------------------------------------------------------------


def settle(store: Store, planned: Plan, copies: Sequence[pa.Table]) -> int:
    """Write what was found of all the ranges, each copy with the article of what it repeats; return how many decisions were."""
    found = pa.concat_tables([COPIES.empty_table(), *copies]).combine_chunks()
    written = 0
    for days in _apart(planned.ranges):
        chains = _Chains.load(store, planned.roles, found, days)
        following = _follow(store, chains.moved(), days.seen.last)
        store.settle([*following, *chains.decisions()])
        written += sum(len(made) for _, made in following) + chains.count
    return written


def _apart(ranges: Iterable[Days]) -> Iterator[Days]:
    """Ranges joined where one's documents may repeat those of the one before."""
    joined: Days | None = None
    for days in ranges:
        if joined and days.seen.first <= joined.seen.last:
            joined = Days(joined.first, days.last)
        else:
            if joined:
                yield joined
            joined = days
    if joined:
        yield joined


class _Chains:
    """The documents of some days and of the window before, each with what it repeats, and so the article that it belongs to."""

    def __init__(self, documents: pa.Table, roles: pa.Table, found: pa.Table, first: date) -> None:
        """`found` are the copies and articles among them; what was decided before the first day stands."""
        self._stored = documents
        ids = documents["id"]
        self._days: npt.NDArray[np.int32] = documents["published_day"].cast(pa.int32()).to_numpy()
        known = _with_roles(documents, roles)
        place = pc.index_in(ids, value_set=found["id"].combine_chunks())
        role = pc.index_in(ids, value_set=roles["id"].combine_chunks())
        is_found, is_older = pc.is_valid(place), pc.is_in(known["decision"], value_set=_OLDER)
        standing, standing_day = (roles[name].take(role) for name in ("standing", "standing_day"))
        older_of = pc.coalesce(documents["matched"], standing)
        matched = pc.if_else(
            is_found, found["matched"].take(place), pc.if_else(is_older, older_of, documents["matched"])
        )
        stands = pc.or_(pc.less(documents["published_day"], pa.scalar(first)), is_older)
        parent = pc.if_else(stands, None, pc.index_in(matched, value_set=ids.combine_chunks()))
        is_own = pc.and_not(pc.is_null(matched), stands)
        root = _ends(parent)
        article = pc.if_else(is_own, ids, pc.coalesce(documents["article"], standing)).take(root)
        day = pc.if_else(is_own, documents["published_day"], pc.coalesce(documents["article_day"], standing_day))
        self._made = pa.table(
            {
                "id": ids,
                "decision": pc.if_else(is_found, found["decision"].take(place), known["decision"]),
                "article": article,
                "article_day": day.take(root),
                "matched": matched,
                "similarity": pc.if_else(is_found, found["similarity"].take(place), documents["similarity"]),
                "first_captured_at": known["first_captured_at"],
            }
        )
        self._pending = _mask(pc.is_null(documents["decision"]))
        made = _mask(pc.or_(is_found, is_older))
        self._moved: Mask = ~self._pending & self._differs("article")
        differs = [self._differs(name) for name in DECISION.names]
        self._changed: Mask = np.where(self._pending, made, np.logical_or.reduce(differs))

    @classmethod
    def load(cls, store: Store, roles: pa.Table, found: pa.Table, days: Days) -> _Chains:
        """Read what was decided, and no text."""
        columns = ["id", "published_day", "captured_at", *DECISION.names]
        documents = store.between(days.seen.first, days.seen.last, columns)
        return cls(documents, roles, found, days.first)

    def _differs(self, name: str) -> Mask:
        """Of which documents this is another than was decided."""
        stored, made = self._stored[name], self._made[name]
        both_none = pc.and_(pc.is_null(stored), pc.is_null(made))
        return ~_mask(pc.coalesce(pc.equal(stored, made), both_none))

    @property
    def count(self) -> int:
        """How many documents are decided, or decided otherwise than before."""
        return int(np.count_nonzero(self._changed))

    def decisions(self) -> Iterator[tuple[date, pa.Table]]:
        """What is decided on them, by days, the last first."""
        places = np.flatnonzero(self._changed)
        places = places[np.argsort(self._days[places], kind="stable")]
        numbers, starts = np.unique(self._days[places], return_index=True)
        for number, of_day in reversed(list(zip(numbers.tolist(), np.split(places, starts[1:]), strict=True))):
            yield date(1970, 1, 1) + timedelta(days=number), self._made.take(of_day)

    def moved(self) -> dict[str, tuple[str, date]]:
        """The documents decided before that now belong to another article, with that and its day."""
        columns = self._made.select(["id", "article", "article_day"]).filter(pa.array(self._moved)).to_pydict()
        return {id_: (article, day) for id_, article, day in zip(*columns.values(), strict=True)}


def _ends(parent: pa.ChunkedArray | pa.Array) -> Places:
    """Where the chain of each place ends that leads from parent to parent; null has none."""
    ends: Places = np.arange(len(parent))
    has_parent = _mask(pc.is_valid(parent))
    ends[has_parent] = parent.drop_null().to_numpy()
    while not np.array_equal(ends, further := ends[ends]):
        ends = further
    return ends


def _follow(store: Store, moved: Mapping[str, tuple[str, date]], last: date) -> list[tuple[date, pa.Table]]:
    """The decisions on copies of copies, in the days after the last one, whose article is another now; the last days first."""
    decided: dict[date, list[dict[str, Any]]] = defaultdict(list)
    columns = ["id", "url", "published_order", "published_day", *DECISION.names]
    while moved:
        rows = store.between(last + timedelta(days=1), last + timedelta(days=WINDOW_DAYS), columns)
        last += timedelta(days=WINDOW_DAYS)
        rows = rows.filter(pc.and_not(pc.is_valid(rows["article"]), pc.is_in(rows["decision"], value_set=_OLDER)))
        known, following = dict(moved), {}
        for row in _dicts(rows.sort_by([(name, "ascending") for name in _ORDER])):
            if (article := known.get(row["matched"])) is not None:
                known[row["id"]] = following[row["id"]] = article
                made = {**row, "article": article[0], "article_day": article[1]}
                decided[row["published_day"]].append({name: made[name] for name in ("id", *DECISION.names)})
        moved = following
    schema = pa.schema([FACTS.field("id"), *DECISION])
    return [(day, pa.Table.from_pylist(decided[day], schema=schema)) for day in sorted(decided, reverse=True)]
