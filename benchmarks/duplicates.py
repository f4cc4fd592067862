"""Duplicates, measured: ``python -m benchmarks.duplicates [--documents N[@PER_DAY] ...] [--text-dedup PYTHON]``.

Tables, over invented Arabic news with planted copies (``benchmarks._planted``), and over the demo's articles:

- signatures a second, beside datasketch's MinHash;
- quality on planted documents: precision; recall of each kind of copy; merges in the families that are no copies; beside
  datasketch's MinHashLSH and, with ``--text-dedup``, a Python that has text-dedup, beside its MinHash;
- the demo's articles and the real pages' (``../shared/real-pages``, where present): labelled copies found, others merged;
- a build of 1,000 documents more on the real documents table and corpus, in an S3 server of its own;
- the decision over whole corpora, and over 1,000 documents added to each: seconds, memory, what is stored and read;
- the search for copies in one range of days, by how many documents lie in its window: a first decision goes from range to range.

Times are of this process (CPU) beside the clock's, since the machine may be shared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks._planted import COPIES, FOLLOW_UPS, SERIES, Corpus, Family
from pipeline.bucket import Bucket
from pipeline.corpus import deposit
from pipeline.documents import SCHEMA as TABLE
from pipeline.documents import Documents, row_hash
from pipeline.duplicates import (
    ARTICLE,
    DECISION,
    FACTS,
    WINDOW_DAYS,
    Days,
    Features,
    compare,
    decide,
    find_copies,
    shingles,
    signature,
    text_hash,
    words,
)
from pipeline.duplicates.candidates import ZONE_DAYS
from pipeline.duplicates.decide import DOCUMENTS_A_RANGE, ROLES
from pipeline.duplicates.text import SIGNATURE_SIZE
from warraq.servers import ObjectStore

ROOT = Path(__file__).parent.parent
REAL_PAGES = ROOT.parent / "shared" / "real-pages"
QUALITY_DOCUMENTS = 10_000
PER_DAY = 1_100
SEED = 20_240_101
"""The seed that is measured; thresholds were chosen on others."""
SCHEMA = pa.schema([*FACTS, *DECISION])
PROCESSES = 2
WINDOWS = (100_000, 430_000)

# The store ---------------------------------------------------------------------------------------------------------------


class FileStore:
    """Documents of a planted corpus in a Parquet file a day; their texts are made when asked for.

    Every document has a page of its own. Counts what is read: rows of facts, and texts with the seconds spent to make them.
    """

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        self._folder, self._corpus = folder, corpus
        self._pending = {date.fromisoformat(path.stem) for path in folder.glob("*.parquet")}
        self.rows = self.texts = 0
        self.seconds_of_texts = 0.0

    def _read(self, day: date, columns: Sequence[str] = SCHEMA.names) -> pa.Table:
        path = self._folder / f"{day}.parquet"
        names = list(columns)
        return pq.read_table(path, columns=names) if path.is_file() else SCHEMA.empty_table().select(names)

    def _tables(self, days: Sequence[date]) -> pa.Table:
        table = pa.concat_tables([SCHEMA.empty_table(), *map(self._read, days)])
        self.rows += len(table)
        return table

    def add(self, day: date, rows: pa.Table) -> None:
        """Add new documents of a day."""
        write(pa.concat_tables([self._read(day), rows]), self._folder, day)
        self._pending.add(day)

    def days(self) -> dict[date, int]:
        """The days, with how many documents each has."""
        return {
            date.fromisoformat(path.stem): pq.read_metadata(path).num_rows for path in self._folder.glob("*.parquet")
        }

    def pending(self) -> pa.Table:
        """The documents that are not decided."""
        columns = ["id", "article_id", "published_day", "decision"]
        table = pa.concat_tables([self._read(day, columns) for day in sorted(self._pending)])
        self.rows += len(table)
        return table.filter(pc.is_null(table["decision"]))

    def of_pages(self, article_ids: Sequence[str]) -> pa.Table:
        """Every document of these pages, by the days that their numbers tell."""
        days = {self._corpus.published(number_of(id_)).date() for id_ in article_ids}
        parts = []
        for day in sorted(days):
            table = self._read(day, [name for name in SCHEMA.names if name != "signature"])
            parts.append(table.filter(pc.is_in(table["article_id"], pa.array(article_ids, pa.string()))))
        table = pa.concat_tables(parts)
        self.rows += len(table)
        return table

    def between(self, first: date, last: date, columns: Sequence[str]) -> pa.Table:
        """The documents published on these days, both included."""
        days = [first + timedelta(days=after) for after in range((last - first).days + 1)]
        table = pa.concat_tables([self._read(day, columns) for day in days])
        self.rows += len(table)
        return table

    def bodies(self, day: date, ids: Sequence[str]) -> Mapping[str, str]:
        """The texts of documents of one day."""
        del day
        started = time.process_time()
        made = {id_: self._corpus.body(number_of(id_)) for id_ in ids}
        self.seconds_of_texts += time.process_time() - started
        self.texts += len(ids)
        return made

    def undecide(self, ids: Mapping[str, date]) -> None:
        """Nothing is taken back where every URL has one document."""
        raise NotImplementedError

    def settle(self, decisions: Iterable[tuple[date, pa.Table]]) -> None:
        """Write decisions."""
        for day, table_of_day in decisions:
            table = self._read(day)
            made = {row.pop("id"): row for row in table_of_day.to_pylist()}
            columns = {name: table[name].to_pylist() for name in DECISION.names}
            for row, id_ in enumerate(table["id"].to_pylist()):
                if id_ in made:
                    for name in DECISION.names:
                        columns[name][row] = made[id_][name]
            for name in DECISION.names:
                table = table.set_column(
                    SCHEMA.get_field_index(name), SCHEMA.field(name), pa.array(columns[name], SCHEMA.field(name).type)
                )
            write(table, self._folder, day)
            if table["decision"].null_count == 0:
                self._pending.discard(day)

    def decisions(self) -> dict[int, dict[str, Any]]:
        """What was decided, by the documents' numbers."""
        rows = self._tables(sorted(date.fromisoformat(path.stem) for path in self._folder.glob("*.parquet")))
        return {number_of(row["id"]): row for row in rows.select(["id", "decision", "article", "matched"]).to_pylist()}


def write(table: pa.Table, folder: Path, day: date) -> None:
    """Write the file of a day, compressed as `documents/` is."""
    pq.write_table(table, folder / f"{day}.parquet", compression="zstd")


def number_of(id_or_url: str) -> int:
    """The number of a document, which ends its id and its URL."""
    return int(id_or_url[-8:])


def facts(corpus: Corpus, numbers: Sequence[int]) -> pa.Table:
    """The rows of documents before they are decided."""
    rows = []
    for number in numbers:
        body, published = corpus.body(number), corpus.published(number)
        # A hash's worth of an id, as the real ones are, that sorts otherwise than the numbers do.
        id_ = f"{number * 0x9E3779B97F4A7C15 % (1 << 96):024x}{number:08d}"
        rows.append(
            {
                "id": id_,
                "url": f"https://outlet{number % 37}.example/news/{number:08d}",
                "article_id": id_,
                "captured_at": published + timedelta(hours=1),
                "published_order": published,
                "published_day": published.date(),
                "text_hash": text_hash(body),
                "body_hash": id_,
                "signature": signature(body),
            }
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _write_days(corpus: Corpus, folder: Path, first: int, last: int) -> None:
    by_day = defaultdict(list)
    for number in range(first, last):
        by_day[corpus.published(number).date()].append(number)
    for day, numbers in by_day.items():
        write(facts(corpus, numbers), folder, day)


def build(corpus: Corpus, folder: Path, documents: int) -> None:
    """Write the facts of so many documents, in two processes."""
    step = corpus.per_day
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(_write_days, corpus, folder, first, min(first + step, documents))
            for first in range(0, documents, step)
        ]
        for job in jobs:
            job.result()


# Speed of signatures -------------------------------------------------------------------------------------------------------


def seconds_each(work: Callable[[Any], object], inputs: Sequence[Any]) -> float:
    """CPU seconds of one call: the best of three rounds."""
    rounds = []
    for _ in range(3):
        started = time.process_time()
        for one in inputs:
            work(one)
        rounds.append(time.process_time() - started)
    return min(rounds) / len(inputs)


def signatures_table() -> Table:
    """Documents a second, ours and datasketch's."""
    corpus = Corpus(PER_DAY, SEED)
    texts = [corpus.body(number) for number in range(1_000)]
    shingled = [sorted(shingles(text)) for text in texts]
    table = Table("signatures of 128", "documents/s", "warraq is", title="Signatures, one process, CPU time")
    ours = seconds_each(signature, texts)
    table.add_row("warraq: text to signature", f"{1 / ours:,.0f}", "")
    table.add_row("warraq: normal form and shingles alone", f"{1 / seconds_each(shingles, texts):,.0f}", "")
    try:
        from datasketch import MinHash  # noqa: PLC0415
    except ImportError:
        table.add_row("datasketch is not installed", "", "")
        return table

    def of_shingles(tokens: Sequence[str]) -> object:
        sketch = MinHash(num_perm=128)
        sketch.update_batch([token.encode() for token in tokens])
        return sketch

    def one_by_one(text: str) -> object:
        """As its documentation has it."""
        sketch = MinHash(num_perm=128)
        for token in shingles(text):
            sketch.update(token.encode())
        return sketch

    for name, seconds in (
        ("datasketch: our shingles, ready made (update_batch)", seconds_each(of_shingles, shingled)),
        (
            "datasketch: text to our shingles (update_batch)",
            seconds_each(lambda text: of_shingles(list(shingles(text))), texts),
        ),
        ("datasketch: text to our shingles (update)", seconds_each(one_by_one, texts)),
    ):
        table.add_row(name, f"{1 / seconds:,.0f}", f"{seconds / ours:.1f} x as fast")
    return table


# Quality -------------------------------------------------------------------------------------------------------------------


@dataclass
class Quality:
    """How a system did on a planted corpus."""

    found: Counter[Family] = field(default_factory=Counter)
    planted: Counter[Family] = field(default_factory=Counter)
    wrong: Counter[Family] = field(default_factory=Counter)
    right: int = 0

    @property
    def precision(self) -> float:
        """Of the documents held for copies, the share that are, of what they are held for."""
        return self.right / max(self.right + self.wrong.total(), 1)

    def recall(self, *families: Family) -> float:
        """Of the planted copies of these kinds, the share that was found."""
        return sum(self.found[one] for one in families) / max(sum(self.planted[one] for one in families), 1)


def judge(corpus: Corpus, documents: int, matches: Mapping[int, set[int]], texts: Sequence[str]) -> Quality:
    """Judge what each document was held for a copy of.

    A copy is found where its group, of the report and its other copies, is among what it matched; any match outside is
    wrong. Two documents of the very same words are a right match in any family: nobody could tell them apart.
    """
    quality = Quality()
    for number in range(documents):
        family = corpus.family(number)
        group = corpus.origin(number) if family in COPIES else number
        quality.planted[family] += 1
        matched = matches.get(number, set())
        within = {
            other
            for other in matched
            if texts[other] == texts[number]
            or group == (corpus.origin(other) if corpus.family(other) in COPIES else other)
        }
        quality.found[family] += family in COPIES and bool(within)
        if matched - within:
            quality.wrong[family] += 1
        elif matched:
            quality.right += 1
    return quality


def ours(corpus: Corpus, documents: int) -> dict[int, set[int]]:
    """What `decide` matches each document with."""
    with tempfile.TemporaryDirectory() as folder:
        build(corpus, Path(folder), documents)
        store = FileStore(Path(folder), corpus)
        decide(store)
        return {
            number: {number_of(row["matched"])}
            for number, row in store.decisions().items()
            if row["decision"] != ARTICLE
        }


def datasketch_lsh(
    texts: Sequence[str], threshold: float, tokens_of: Callable[[str], Sequence[str]]
) -> dict[int, set[int]]:
    """The earliest earlier text that MinHashLSH finds for each, its estimate of the Jaccard share checked."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415

    index, matches = MinHashLSH(threshold=threshold, num_perm=128), {}
    sketches: list[Any] = []
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([token.encode() for token in tokens_of(text)])
        found = [other for other in index.query(sketch) if sketch.jaccard(sketches[other]) >= threshold]
        if found:
            matches[number] = {min(found)}
        index.insert(number, sketch)
        sketches.append(sketch)
    return matches


_CLUSTERS = """
import json, pickle, sys
with open(sys.argv[1], "rb") as dump:
    clusters = pickle.load(dump)
print(json.dumps([clusters.find(number) for number in range(int(sys.argv[2]))]))
"""


def text_dedup(python: Path, texts: Sequence[str], threshold: float, ngram: int) -> dict[int, set[int]]:
    """The first of the cluster that text-dedup puts each text in; the texts are given to it in our normal form."""
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "texts.jsonl", Path(folder) / "out"
        with data.open("w", encoding="utf-8") as lines:
            for text in texts:
                lines.write(json.dumps({"text": " ".join(words(text))}) + "\n")
        options = [
            "--path",
            "json",
            "--data_files",
            str(data),
            "--split",
            "train",
            "--column",
            "text",
            "--output",
            str(out),
        ]
        options += ["--cache_dir", f"{folder}/cache", "--ngram", str(ngram), "--min_length", "0", "--num_perm", "128"]
        options += ["--threshold", str(threshold), "--num_proc", "1", "--debug", "--hash_func", "xxh3"]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}

        def run(*arguments: str) -> str:
            command = [str(python), *arguments]
            return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

        run("-m", "text_dedup.minhash", *options)
        made = run("-c", _CLUSTERS, str(out / "uf.pkl"), str(len(texts)))
    clusters: list[int] = json.loads(made)
    firsts: dict[int, int] = {}
    for number, cluster in enumerate(clusters):
        firsts.setdefault(cluster, number)
    return {number: {firsts[cluster]} for number, cluster in enumerate(clusters) if firsts[cluster] != number}


def plain_words(text: str) -> list[str]:
    """Runs of three words as they stand, the usual setting."""
    split = text.split()
    return [" ".join(split[at : at + 3]) for at in range(max(len(split) - 2, 1))]


def quality_table(seed: int, python: Path | None) -> Table:
    """Precision, recall of each kind, merges in each family."""
    corpus, documents = Corpus(PER_DAY, seed), QUALITY_DOCUMENTS
    texts = [corpus.body(number) for number in range(documents)]
    normal = [" ".join(words(text)) for text in texts]
    systems: dict[str, Callable[[], dict[int, set[int]]]] = {"warraq": lambda: ours(corpus, documents)}
    try:
        import datasketch  # noqa: F401, PLC0415
    except ImportError:
        pass
    else:
        systems["datasketch .5, plain words"] = lambda: datasketch_lsh(texts, 0.5, plain_words)
        systems["datasketch .5, our shingles"] = lambda: datasketch_lsh(texts, 0.5, lambda text: list(shingles(text)))
        systems["datasketch .35, our shingles"] = lambda: datasketch_lsh(texts, 0.35, lambda text: list(shingles(text)))
    if python is not None:
        systems["text-dedup .5, our words, pairs"] = lambda: text_dedup(python, texts, 0.5, 2)
        systems["text-dedup .35, our words, pairs"] = lambda: text_dedup(python, texts, 0.35, 2)
    made = {name: judge(corpus, documents, system(), normal) for name, system in systems.items()}
    table = Table("", *made, title=f"Quality over {documents:,} planted documents, seed {seed}")
    table.add_row("precision", *(f"{one.precision:.4f}" for one in made.values()))
    for family in COPIES:
        table.add_row(f"recall: {family}", *(f"{one.recall(family):.3f}" for one in made.values()))
    wanted = COPIES[: COPIES.index(Family.LEAD) + 1]
    table.add_row("recall: those down to the lead", *(f"{one.recall(*wanted):.4f}" for one in made.values()))
    for family in (*SERIES, Family.FLASH, *FOLLOW_UPS, Family.PLAIN):
        count = next(iter(made.values())).planted[family]
        table.add_row(f"wrong merges: {family} (of {count})", *(str(one.wrong[family]) for one in made.values()))
    return table


def real_table() -> Table:
    """The demo's articles, compared each with each, and with real articles where they are at hand."""
    documents = [json.loads(line) for line in (ROOT / "demo" / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    documents = [one for one in documents if one["outcome"] in {"article", "copy"}]
    articles = [one["copy_of"] or one["url"] for one in documents]
    bodies = ["\n".join(one["body"]) for one in documents]
    for path in sorted((REAL_PAGES / "gold").glob("*.json")):
        articles.append(path.name)
        bodies.append("\n".join(json.loads(path.read_text(encoding="utf-8"))["body"]))
    features = [Features.of(body) for body in bodies]
    counts: Counter[tuple[bool, bool]] = Counter()
    for one, other in combinations(range(len(bodies)), 2):
        copy = text_hash(bodies[one]) == text_hash(bodies[other]) or compare(features[one], features[other]).kind
        counts[articles[one] == articles[other], bool(copy)] += 1
    table = Table("pairs", "merged", "not merged", title="The demo's articles and the real pages'")
    table.add_row("of one story", str(counts[True, True]), str(counts[True, False]))
    table.add_row("of two stories", str(counts[False, True]), str(counts[False, False]))
    return table


# The decision at scale -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spent:
    """What a run took: CPU and clock seconds, of them CPU seconds to make texts; rows and texts read."""

    cpu: float
    clock: float
    texts_cpu: float
    rows: int
    texts: int


@contextmanager
def measured(store: FileStore, into: list[Spent]) -> Iterator[None]:
    """Measure a run of a store."""
    rows, texts, of_texts = store.rows, store.texts, store.seconds_of_texts
    cpu, clock = time.process_time(), time.perf_counter()
    yield
    into.append(
        Spent(
            time.process_time() - cpu,
            time.perf_counter() - clock,
            store.seconds_of_texts - of_texts,
            store.rows - rows,
            store.texts - texts,
        )
    )


def decide_whole(documents: int, per_day: int) -> dict[str, Any]:
    """Decide a corpus, and then 1,000 documents of the day after its last."""
    corpus = Corpus(per_day, SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        build(corpus, folder, documents)
        built = time.perf_counter() - started
        stored = sum(path.stat().st_size for path in folder.iterdir()) / documents
        store, spent = FileStore(folder, corpus), list[Spent]()
        with measured(store, spent):
            decide(store)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        decided = sum(path.stat().st_size for path in folder.iterdir()) / documents
        by_day = defaultdict(list)
        for number in range(documents, documents + 1_000):
            by_day[corpus.published(number).date()].append(number)
        for day, numbers in by_day.items():
            store.add(day, facts(corpus, numbers))
        with measured(store, spent):
            decide(store)
        copies = Counter(
            corpus.family(number) in COPIES for number, row in store.decisions().items() if row["decision"] != ARTICLE
        )
        return {
            "built": built,
            "peak": peak,
            "stored": stored,
            "decided": decided,
            "spent": spent,
            "copies": copies,
        }


def scale_tables(sizes: Sequence[tuple[int, int]]) -> Iterator[Table]:
    """The decision over corpora of these sizes and documents a day."""
    whole = Table(
        "documents",
        "a day",
        "facts: clock s",
        "decide: CPU s",
        "clock s",
        "making texts",
        "texts read",
        "peak MB",
        "bytes/document",
        "copies",
        title="Full build (facts in 2 processes, the decision in one)",
    )
    added = Table(
        "to", "a day", "CPU s", "clock s", "making texts", "rows read", "texts read", title="Adding 1,000 documents"
    )
    for documents, per_day in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:  # its peak memory is its own
            made = alone.submit(decide_whole, documents, per_day).result()
        full, more = made["spent"]
        whole.add_row(
            f"{documents:,}",
            f"{per_day:,}",
            f"{made['built']:.0f}",
            f"{full.cpu:.1f}",
            f"{full.clock:.1f}",
            f"{full.texts_cpu:.1f}",
            f"{full.texts:,}",
            f"{made['peak']:,.0f}",
            f"{made['stored']:.0f} + {made['decided'] - made['stored']:.0f}",
            f"{made['copies'].total():,}",
        )
        added.add_row(
            f"{documents:,}",
            f"{per_day:,}",
            f"{more.cpu:.2f}",
            f"{more.clock:.2f}",
            f"{more.texts_cpu:.2f}",
            f"{more.rows:,}",
            f"{more.texts:,}",
        )
    yield whole
    yield added


# What a window holds in memory ---------------------------------------------------------------------------------------------


def _unlike(day: date, first: int, count: int) -> pa.Table:
    """The facts of documents of one day that repeat nothing: ids and addresses as long as real ones, signatures at random."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    published = [at + timedelta(seconds=86_399 * place // count) for place in range(count)]
    keys = [f"captures/source=outlet{place % 70:03}/fetched={day}/outlet{place % 70:03}-" for place in range(count)]
    ids = [f"{key}{day:%Y%m%d}T{place:06}Z-00000.warc.gz#{first + place:08}" for place, key in enumerate(keys)]
    hashes = [hashlib.sha256(id_.encode()).hexdigest()[:32] for id_ in ids]
    signatures = np.random.default_rng(first).integers(0, 2**32, (count, SIGNATURE_SIZE), np.uint32)
    made = {
        "id": ids,
        "url": [f"https://outlet{place % 70:03}.example/ar/news/2026/06/{first + place:08}" for place in range(count)],
        "article_id": hashes,
        "captured_at": published,
        "published_order": published,
        "published_day": [day] * count,
        "text_hash": hashes,
        "body_hash": hashes,
        "signature": [one.tobytes() for one in signatures],
    }
    return pa.table([made.get(field.name, [None] * count) for field in SCHEMA], schema=SCHEMA)


def find_in_window(documents: int) -> dict[str, float]:
    """Find what the last range of days repeats, where so many documents lie within its window."""
    days = [date(2026, 6, 30) - timedelta(days=ago) for ago in range(WINDOW_DAYS + ZONE_DAYS, -1, -1)]
    per_day = documents // len(days)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for place, day in enumerate(days):
            write(_unlike(day, place * per_day, per_day), folder, day)
        store, spent = FileStore(folder, Corpus(per_day, SEED)), list[Spent]()
        last = Days(days[-max(1, DOCUMENTS_A_RANGE // per_day)], days[-1])
        with measured(store, spent):
            copies = find_copies(store, ROLES.empty_table(), last)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"range": len(copies), "cpu": spent[0].cpu, "texts": spent[0].texts, "peak": peak}


def window_table(sizes: Sequence[int]) -> Table:
    """What finding the copies of one range takes, by how many documents lie in its window."""
    table = Table("documents in a window", "of the range", "CPU s", "texts read", "peak MB", title="One range of days")
    for documents in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            found = alone.submit(find_in_window, documents).result()
        table.add_row(
            f"{documents:,}",
            f"{found['range']:,}",
            f"{found['cpu']:.0f}",
            f"{found['texts']:,}",
            f"{found['peak']:,.0f}",
        )
    return table


# The build on the real table ---------------------------------------------------------------------------------------------


def _documents(corpus: Corpus, first: int, last: int, *, decided: bool) -> pa.Table:
    """Rows of the documents table, each an article already where they are to be decided."""
    rows = []
    for row in facts(corpus, range(first, last)).to_pylist():
        number, body, day = number_of(row["id"]), corpus.body(number_of(row["id"])), str(row["published_day"])
        key = f"captures/source=outlet{number // 50 % 37}/fetched={day}/run-{number // 50:06d}.warc.gz"
        made = dict.fromkeys(TABLE.names) | row
        made |= {
            "id": f"{key}#{number:08d}",
            "capture_key": key,
            "capture_offset": number,
            "http_status": 200,
            "day": day,
        }
        made |= {
            "source": f"outlet{number // 50 % 37}",
            "source_name": "-",
            "fetched_url": row["url"],
            "digest": row["id"],
        }
        made |= {
            "found": "{}",
            "title": body[:60],
            "body": body,
            "extractor": "-",
        }
        made |= dict.fromkeys(("published_precision", "published_method", "published_confidence"), "-")
        made |= {name: [] for name in ("authors", "agencies", "captions", "tags", "dates", "dates_mentioned")}
        made["row_hash"] = row_hash(made)
        if decided:
            made |= {"decision": ARTICLE, "article": made["id"], "article_day": row["published_day"]}
            made |= {"first_captured_at": row["captured_at"]}
        rows.append(made)
    return pa.Table.from_pylist(rows, schema=TABLE)


def build_on_table(count: int, per_day: int) -> dict[str, float]:
    """Clock seconds of the stages of a build that adds 1,000 documents to a table of so many, in an S3 server of its own."""
    corpus = Corpus(per_day, SEED)
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, ObjectStore(Path(folder) / "s3") as server:
        os.environ |= server.settings
        bucket = Bucket("bench")
        bucket.ensure()
        for first in range(0, count, 10 * per_day):
            rows = _documents(corpus, first, min(first + 10 * per_day, count), decided=True)
            Documents(bucket).replace(rows)
        deposit(bucket)
        rows = _documents(corpus, count, count + 1_000, decided=False)
        stages: dict[str, Callable[[], object]] = {
            "commit": lambda: Documents(bucket).replace(rows),
            "decide": lambda: decide(Documents(bucket)),
            "deposit": lambda: deposit(bucket),
        }
        for name, stage in stages.items():
            started = time.perf_counter()
            stage()
            seconds[name] = time.perf_counter() - started
    return seconds


def table_table(sizes: Sequence[tuple[int, int]]) -> Table:
    """A build that adds 1,000 documents to tables of these sizes."""
    table = Table("to", "a day", "commit s", "decide s", "deposit s", "all s", title="A build of 1,000 documents more")
    for count, per_day in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            seconds = alone.submit(build_on_table, count, per_day).result()
        cells = [*seconds.values(), sum(seconds.values())]
        table.add_row(f"{count:,}", f"{per_day:,}", *(f"{cell:.1f}" for cell in cells))
    return table


def _size(argument: str) -> tuple[int, int]:
    documents, _, per_day = argument.partition("@")
    return int(documents), int(per_day or PER_DAY)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates")
    parser.add_argument(
        "--documents",
        type=_size,
        nargs="+",
        default=[(10_000, PER_DAY), (100_000, PER_DAY)],
        metavar="N[@PER_DAY]",
        help=f"sizes of the corpora that are decided, with their documents a day (default {PER_DAY})",
    )
    parser.add_argument("--seed", type=int, default=SEED, help="of the corpus that quality is measured on")
    parser.add_argument("--text-dedup", type=Path, metavar="PYTHON", help="a Python that has text-dedup")
    parser.add_argument(
        "--only", choices=["signatures", "quality", "real", "build", "scale", "window"], help="one of the tables"
    )
    parser.add_argument(
        "--window", type=int, nargs="+", default=WINDOWS, metavar="N", help="documents in the windows of the last table"
    )
    options = parser.parse_args(arguments)
    console = Console()
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if options.only in {None, "signatures"}:
        console.print(signatures_table())
    if options.only in {None, "quality"}:
        console.print(quality_table(options.seed, options.text_dedup))
    if options.only in {None, "real"}:
        console.print(real_table())
    if options.only in {None, "build"}:
        console.print(table_table(options.documents))
    if options.only in {None, "scale"}:
        for table in scale_tables(options.documents):
            console.print(table)
    if options.only in {None, "window"}:
        console.print(window_table(options.window))
    return 0


if __name__ == "__main__":
    sys.exit(main())
