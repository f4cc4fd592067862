"""The decision: which documents are articles, and which are copies of one.

Of the captures of one URL the newest text stands for it. The standing documents are ordered by (publication, first capture
of the URL, URL), and one is a copy if and only if an earlier one within `WINDOW_DAYS` before it is its near-duplicate; it
belongs to the article of the earliest such. The rule looks only backwards and only at the window. So a document that comes
or goes can change the decision of documents in the window after it and of no other; and deciding those alone gives what
deciding everything gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.duplicates.candidates import WINDOW_DAYS, find_pairs
from pipeline.duplicates.compare import Features, Kind, compare
from pipeline.duplicates.text import SHORT_WORDS, SIGNATURE_SIZE

ARTICLE = "article"
REJECTED = "rejected"
"""The decisions on a document that is an article, and on a page that is none; those on copies are the values of `Kind`."""

SHORT_DAYS = 2
"""Days between two short texts (`SHORT_WORDS`) of the same words that are one report: the same eight words about the same town a
week later tell of another strike."""

SLICE_DAYS = 30
"""Days decided in one piece: bounds the memory of a full build, however many years it spans."""

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

Row = dict[str, Any]

_KEPT = (*FACTS.names, *DECISION.names)
_ORDER = ("published_order", "first_captured_at", "url")


class Store(Protocol):
    """Where the documents are. Every table has the columns of `FACTS` and `DECISION`; rejected pages are in none."""

    def pending(self) -> pa.Table:
        """The documents that are not decided."""

    def of_pages(self, article_ids: Sequence[str]) -> pa.Table:
        """Every document of the pages with these article ids."""

    def decided(self, first: date, last: date) -> pa.Table:
        """The decided documents published on these days, both included."""

    def bodies(self, day: date, ids: Sequence[str]) -> Mapping[str, str]:
        """The texts of documents of one day."""

    def undecide(self, ids: Mapping[str, date]) -> None:
        """Take back the decisions on these documents, given with their days."""

    def settle(self, decisions: Mapping[date, Mapping[str, Row]]) -> None:
        """Write the columns of `DECISION` of documents, by day and id; what follows from a document before it is pending."""


def decide(store: Store) -> int:
    """Decide every pending document, and anew those that follow from one; return how many decisions were written.

    Killed at any point and run again, it ends in the same decisions: a document stays pending until all that follows from
    it is written.
    """
    pending = store.pending()
    roles = _roles(store.of_pages(sorted(pc.unique(pending["article_id"]).to_pylist())))
    changed = {id_: day for id_, (day, _role, stale) in roles.items() if stale}
    if changed:
        store.undecide(changed)
        pending = store.pending()
    role_of = {id_: role for id_, (_, role, _) in roles.items()}
    written = 0
    for first, last in _slices(pc.unique(pending["published_day"]).to_pylist()):
        within = pc.and_(
            pc.greater_equal(pending["published_day"], pa.scalar(first)),
            pc.less_equal(pending["published_day"], pa.scalar(last)),
        )
        written += _decide_slice(store, pending.filter(within), first, last, role_of)
        pending = pending.filter(pc.invert(within))
    return written


def _slices(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """The days in pieces of at most `SLICE_DAYS`, in order, each from its first day to its last."""
    start = end = None
    for day in sorted(days):
        if start is None or end is None or (day - start).days >= SLICE_DAYS:
            if start is not None and end is not None:
                yield start, end
            start = day
        end = day
    if start is not None and end is not None:
        yield start, end


# One URL -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Role:
    """What a document is to its URL: `kind` is None for the one that stands for it."""

    kind: Kind | None
    standing: str
    standing_day: date
    first_captured_at: Any


def _roles(rows: pa.Table) -> dict[str, tuple[date, _Role, bool]]:
    """For each document of some URLs its day, its role, and whether what was decided of it says otherwise.

    The URLs are those of pending documents; the only document of one stands for it, and is left out. The newest text stands
    for its URL, by its first capture since the text last changed, so that capturing an unchanged page again changes nothing.
    """
    columns = ["id", "article_id", "captured_at", "body_hash", "published_day", *DECISION.names]
    by_page: defaultdict[str, list[Row]] = defaultdict(list)
    counts = pc.value_counts(rows["article_id"].combine_chunks())
    several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    for row in rows.select(columns).filter(pc.is_in(rows["article_id"], value_set=several)).to_pylist():
        by_page[row["article_id"]].append(row)
    roles = {}
    for captures in by_page.values():
        captures.sort(key=lambda row: (row["captured_at"], row["id"]))
        standing = captures[-1]
        for row in reversed(captures):
            if row["body_hash"] != standing["body_hash"]:
                break
            standing = row
        for row in captures:
            same = row["body_hash"] == standing["body_hash"]
            kind = None if row is standing else Kind.RECAPTURE if same else Kind.REVISION
            role = _Role(kind, standing["id"], standing["published_day"], captures[0]["captured_at"])
            roles[row["id"]] = (row["published_day"], role, row["article"] is not None and not _agrees(row, role))
    return roles


def _agrees(row: Row, role: _Role) -> bool:
    """Whether a document was decided in this role."""
    if row["first_captured_at"] != role.first_captured_at:
        return False
    if role.kind is None:
        return row["decision"] not in {Kind.REVISION, Kind.RECAPTURE}
    return (row["decision"], row["article"], row["article_day"]) == (role.kind, role.standing, role.standing_day)


# One slice ---------------------------------------------------------------------------------------------------------------


def _decide_slice(store: Store, pending: pa.Table, first: date, last: date, roles: Mapping[str, _Role]) -> int:
    """Decide the pending documents of some days, and what follows from them in the window after."""
    window = timedelta(days=WINDOW_DAYS)
    around = store.decided(first - window, last + window)
    settled: defaultdict[date, dict[str, Row]] = defaultdict(dict)
    for id_, day in zip(pending["id"].to_pylist(), pending["published_day"].to_pylist(), strict=True):
        if (role := roles.get(id_)) is not None and role.kind is not None:
            settled[day][id_] = {
                "decision": role.kind.value,
                "article": role.standing,
                "article_day": role.standing_day,
                "matched": role.standing,
                "similarity": None,
                "first_captured_at": role.first_captured_at,
            }
    ids = set(pending["id"].to_pylist())
    documents = _Ordered.of(pending, around, roles)
    del pending, around  # their signatures are copied
    again = documents.following(ids)
    matches = documents.matches(again, store)
    documents.settle(matches, again, settled)
    _follow(store, documents.moved(settled), last + window, settled)
    store.settle(settled)
    return sum(map(len, settled.values()))


def _signatures(column: pa.ChunkedArray, order: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """The numbers of the signatures in this order, a row for each; copied once, since they are the most of what is read."""
    rows = np.full(len(column), -1)
    rows[order] = np.arange(len(order))
    matrix = np.empty((len(order), SIGNATURE_SIZE), "<u4")
    start = 0
    for chunk in column.chunks:
        fixed = chunk.cast(pa.binary(4 * SIGNATURE_SIZE))
        numbers = np.frombuffer(fixed.buffers()[1], "<u4").reshape(-1, SIGNATURE_SIZE)
        numbers = numbers[fixed.offset : fixed.offset + len(fixed)]
        of_chunk = rows[start : start + len(fixed)]
        matrix[of_chunk[of_chunk >= 0]] = numbers[of_chunk >= 0]
        start += len(fixed)
    return matrix


_CHUNK = 100_000


def _one_by_one(pairs: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Pairs as numbers of Python, not all at a time."""
    for start in range(0, len(pairs), _CHUNK):
        yield from map(tuple, pairs[start : start + _CHUNK].tolist())


class _Ordered:
    """The standing documents of a slice and its window, in their order."""

    def __init__(self, table: pa.Table, signatures: npt.NDArray[np.uint32], new: npt.NDArray[np.bool_]) -> None:
        self.ids: list[str] = table["id"].to_pylist()
        self.days: list[date] = table["published_day"].to_pylist()
        self.new = new
        self.stored: dict[str, list[Any]] = {name: table[name].to_pylist() for name in DECISION.names}
        self._numbers = table["published_day"].cast(pa.int32()).to_numpy()
        self._signatures = signatures
        self._text_hashes: list[str] = table["text_hash"].to_pylist()
        self._texts = np.array([int(text[:16], 16) for text in self._text_hashes], np.uint64)

    @classmethod
    def of(cls, pending: pa.Table, around: pa.Table, roles: Mapping[str, _Role]) -> _Ordered:
        """Those of the pending ones that stand for their URL, and the decided ones that do."""
        own = [roles.get(id_) for id_ in pending["id"].to_pylist()]
        captured = pa.array([None if role is None else role.first_captured_at for role in own], _INSTANT)
        captured = pc.coalesce(captured, pending["captured_at"])
        new = pending.set_column(pending.column_names.index("first_captured_at"), "first_captured_at", captured)
        table = pa.concat_tables([new.select(_KEPT), around.select(_KEPT)])
        kinds = pa.array([Kind.REVISION.value, Kind.RECAPTURE.value])
        standing = np.append(
            np.array([role is None or role.kind is None for role in own], np.bool_),
            ~np.asarray(pc.is_in(around["decision"], value_set=kinds)),
        )
        light = table.drop_columns(["signature"])
        order = np.asarray(pc.sort_indices(light, [(name, "ascending") for name in _ORDER]))
        order = order[standing[order]]
        return cls(light.take(order), _signatures(table["signature"], order), order < len(new))

    def following(self, pending: set[str]) -> npt.NDArray[np.bool_]:
        """The documents to decide: the new ones, and the decided ones that repeat a pending one, or may do so now."""
        again = self.new | np.fromiter((match in pending for match in self.stored["matched"]), np.bool_, len(self.ids))
        if not again.all():
            pairs = self._pairs(self.new)
            again[pairs[self.new[pairs[:, 1]], 0]] = True
        return again

    def _pairs(self, wanted: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return find_pairs(self._signatures, self._texts, self._numbers, wanted)

    def matches(self, again: npt.NDArray[np.bool_], store: Store) -> dict[int, tuple[int, Kind, float]]:
        """For each document to decide that is a copy: the earliest one that it repeats, and how."""
        pairs = self._pairs(again)
        pairs = pairs[again[pairs[:, 0]]]
        wanted: defaultdict[date, set[int]] = defaultdict(set)
        for place in np.unique(pairs).tolist():
            wanted[self.days[place]].add(place)
        texts: dict[int, Features] = {}
        found: dict[int, tuple[int, Kind, float]] = {}
        loaded: list[date] = sorted(wanted)
        for later, earlier in _one_by_one(pairs):  # by later, and for each the earliest first
            if later in found:
                continue
            day, same = self.days[later], self._text_hashes[later] == self._text_hashes[earlier]
            if same and (day - self.days[earlier]).days <= SHORT_DAYS:
                found[later] = earlier, Kind.SAME_TEXT, 1.0
                continue
            while loaded and loaded[0] <= day:
                self._load(store, loaded.pop(0), wanted, texts)
                self._forget(day, wanted, texts)
            if same:
                if texts[later].length >= SHORT_WORDS:
                    found[later] = earlier, Kind.SAME_TEXT, 1.0
                continue
            made = compare(texts[earlier], texts[later])
            if made.kind is not None:
                found[later] = earlier, made.kind, made.similarity
        return found

    def _load(self, store: Store, day: date, wanted: Mapping[date, set[int]], texts: dict[int, Features]) -> None:
        places = {self.ids[place]: place for place in wanted[day]}
        for id_, body in store.bodies(day, sorted(places)).items():
            texts[places[id_]] = Features.of(body)

    def _forget(self, day: date, wanted: Mapping[date, set[int]], texts: dict[int, Features]) -> None:
        """Let go of the texts that no document of a day or later can repeat."""
        for old in [known for known in wanted if (day - known).days > WINDOW_DAYS]:
            for place in wanted[old]:
                texts.pop(place, None)

    def settle(
        self,
        matches: Mapping[int, tuple[int, Kind, float]],
        again: npt.NDArray[np.bool_],
        settled: dict[date, dict[str, Row]],
    ) -> None:
        """Add the decisions that are new or differ from those that stand; a copy belongs to the article of its match."""
        articles: dict[str, tuple[str, date]] = {}
        for place, id_ in enumerate(self.ids):
            stored = {name: values[place] for name, values in self.stored.items()}
            made = dict(stored)
            if again[place]:
                match = matches.get(place)
                made["decision"] = ARTICLE if match is None else match[1].value
                made["similarity"] = None if match is None else match[2]
                made["matched"] = None if match is None else self.ids[match[0]]
            if made["matched"] is None:
                articles[id_] = (id_, self.days[place])
            else:  # a match before the first day loaded keeps the article that it had
                articles[id_] = articles.get(made["matched"]) or (made["article"], made["article_day"])
            made["article"], made["article_day"] = articles[id_]
            if self.new[place] or made != stored:
                settled[self.days[place]][id_] = made

    def moved(self, settled: Mapping[date, Mapping[str, Row]]) -> dict[str, Row]:
        """The documents decided before that now belong to another article."""
        return {
            id_: settled[self.days[place]][id_]
            for place, id_ in enumerate(self.ids)
            if not self.new[place]
            and id_ in settled.get(self.days[place], {})
            and settled[self.days[place]][id_]["article"] != self.stored["article"][place]
        }


def _follow(store: Store, moved: Mapping[str, Row], last: date, settled: dict[date, dict[str, Row]]) -> None:
    """Take the copies of copies along, in the days after the last one loaded, whose article is another now."""
    while moved:
        rows = store.decided(last + timedelta(days=1), last + timedelta(days=WINDOW_DAYS))
        last += timedelta(days=WINDOW_DAYS)
        following: dict[str, Row] = {}
        known = dict(moved)
        for row in (
            rows.sort_by([(name, "ascending") for name in _ORDER])
            .select(("id", "published_day", *DECISION.names))
            .to_pylist()
        ):
            if row["decision"] in {Kind.REVISION, Kind.RECAPTURE} or row["matched"] not in known:
                continue
            of_match = known[row["matched"]]
            made = {name: row[name] for name in DECISION.names}
            made |= {"article": of_match["article"], "article_day": of_match["article_day"]}
            settled[row["published_day"]][row["id"]] = known[row["id"]] = following[row["id"]] = made
        moved = following
