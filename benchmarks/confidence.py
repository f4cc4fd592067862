"""Whether the body's confidence means something: ``python -m benchmarks.confidence [FOLDER ...] [--demo] [--seeds N]``.

The articles of each FOLDER of pages with gold (as `benchmarks.quality` reads them; default its own), with ``--demo`` those of the
demo's sites too, are spoiled at random (`benchmarks._spoil`), N times each (default 3), always alike: by the seeds from
``--first-seed`` on (default 1). Seed 0 is the page as it stands. All are read with nothing known of their source but its address,
language and zone. The table has a row for each kind of spoiling; a page that was spoiled in several ways counts in each of their
rows:

- mean F1 of the body's words: 0 for an article rejected, 1 for a page without its text that is rejected, 0 if it is taken;
- under .95: the share of pages with a lower F1;
- rejected: the share of pages rejected, which is right where the text was removed;
- another text: the share of pages taken with a precision under .5;
- of those low: of the pages taken with an F1 under .95, the share of which the confidence is low.

Below stands what is asked of the confidence: of pages taken with an F1 under .95 at least 80 % are marked low, of the others at
most 3 %.

``--fit`` fits the weights of `pipeline.extract.confidence` anew. It prints what stands there (`WEIGHTS`, `BIAS`, and a chance for
`_LOW`), with what each feature is worth: the log loss, and the share of wrong bodies found at 3 % of the right ones, without it.
Whatever is said of an outlet's pages comes from weights fitted without them. After a change of how bodies are found:

    python -m benchmarks.confidence --fit --demo --first-seed 101 --seeds 40     # some five minutes; copy the weights
    python -m benchmarks.confidence --demo --first-seed 20 --seeds 21            # what they are worth on other seeds

``--worst FILE`` writes the pages taken with an F1 under .95 and not marked low, the worst first, as JSON. ``--show FILE SEED
OUT.html`` writes one spoiled page to look at.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import numpy as np
from rich.console import Console
from rich.table import Table

import demo
from benchmarks._fit import FALSE_ALARMS, Case, fit, recall, threshold
from benchmarks._reading import read, source_of
from benchmarks._spoil import KINDS, Original, Spoiled, Story, original, serialized, spoil
from benchmarks.quality import FOLDERS, Extracted, load_pages, score
from demo.gold import gold_rows
from demo.sites import open_sites
from pipeline.errors import WarraqError
from pipeline.page import decode
from pipeline.sources import load_sources

GOOD = 0.95
"""F1 from which a body counts as the article."""
ANOTHER = 0.5
"""Precision under which a body counts as another text."""
AS_IT_STANDS = "as it stands"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the pipeline makes of one spoiled page; `confidence` is None where it says nothing of it."""

    page: str
    outlet: str
    seed: int
    kinds: tuple[str, ...]
    f1: float
    precision: float
    rejected: str | None
    confidence: str | None
    first_lines: tuple[str, ...]
    features: tuple[tuple[str, float], ...]

    @property
    def is_bad(self) -> bool:
        """Whether the page was taken and its body is not the article."""
        return self.rejected is None and self.f1 < GOOD


def originals(folders: Sequence[Path]) -> list[Original]:
    """The articles of some folders, without those whose text is not printed line by line."""
    return [
        found
        for folder in folders
        for page in load_pages(folder)
        if page.gold is not None
        and (text := decode(page.file.read_bytes(), "text/html")) is not None
        and (found := original(page.file.name, page.url, text, page.gold, language=page.language, zone=page.zone))
    ]


def demo_originals() -> list[Original]:
    """The articles of the demo's sites, named after their addresses. What their sources' files say they repeat is optional."""
    sites = {site.id: site for site in open_sites().values()}
    repeated = {source.id: source.furniture for source in load_sources(Path(demo.__file__).parent / "sources").values()}
    found = []
    for row in gold_rows():
        if row["outcome"] in {"article", "copy"}:
            parts = urlsplit(row["url"])
            answer = sites[row["source"]].respond(urlunsplit(("", "", parts.path, parts.query, "")))
            gold = {
                "title": row["title"], "author": row["authors"], "body": row["body"], "captions": [],
                "optional": repeated[row["source"]], "must_not": [], "published_day_local": row["published_day"],
                "published_null_ok": False,
            }  # fmt: skip
            text = decode(answer.body, answer.content_type) or ""
            found.append(original(row["url"], row["url"], text, gold, language="ar", zone="UTC"))
    return [page for page in found if page is not None]


def stories() -> list[Story]:
    """The demo's articles, as texts that are put into pages."""
    return [Story(one.title, one.paragraphs) for site in open_sites().values() for one in site.articles]


def spoiled(page: Original, seed: int, pages: Sequence[Original], texts: Sequence[Story]) -> Spoiled:
    """A page with what a seed makes of it: nothing for 0, and excerpts of any texts but its own for others."""
    if seed == 0:
        return Spoiled(serialized(page.tree), (AS_IT_STANDS,), page.gold)
    others = [text for text in texts if not {*text.paragraphs} & {*page.gold["body"]}]
    return spoil(page, seed, stories=others, others=pages)


def judge(page: Original, seed: int, made: Spoiled) -> Outcome:
    """Read a spoiled page as the pipeline does, and hold the body beside the gold."""
    cleaned, _ = read(made.html, page.url, source_of(page.url, language=page.language, zone=page.zone))
    body = cleaned.body or ""
    if made.gold is None:
        f1 = precision = float(cleaned.rejected is not None)
    else:
        scored = score(Extracted(body), made.gold)
        f1, precision = scored.f1, scored.precision
    return Outcome(
        page=page.name,
        outlet=urlsplit(page.url).hostname or "",
        seed=seed,
        kinds=made.kinds,
        f1=f1,
        precision=precision,
        rejected=cleaned.rejected,
        confidence=cleaned.body_confidence,
        first_lines=tuple(body.split("\n")[:3]),
        features=cleaned.body_features,
    )


def tabulate(outcomes: Sequence[Outcome]) -> Table:
    """A row for each kind of spoiling, and for all spoiled pages."""
    table = Table("spoiled", "pages", "mean F1", "under .95", "rejected", "another text", "of those low")
    for kind in (AS_IT_STANDS, *KINDS):
        _add_row(table, kind, [one for one in outcomes if kind in one.kinds])
    table.add_section()
    _add_row(table, "all spoiled pages", [one for one in outcomes if one.seed])
    return table


def _add_row(table: Table, name: str, chosen: Sequence[Outcome]) -> None:
    if not chosen:
        return

    def share(is_one: Callable[[Outcome], bool]) -> str:
        return f"{sum(map(is_one, chosen)) / len(chosen):.1%}"

    table.add_row(
        name,
        str(len(chosen)),
        f"{sum(one.f1 for one in chosen) / len(chosen):.4f}",
        share(lambda one: one.f1 < GOOD),
        share(lambda one: one.rejected is not None),
        share(lambda one: one.rejected is None and one.precision < ANOTHER),
        _share_low([one for one in chosen if one.is_bad]),
    )


def summarise(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What is asked of the confidence."""
    if all(one.confidence is None for one in outcomes):
        yield "no confidence known"
    taken = [one for one in outcomes if one.rejected is None]
    yield f"marked low, of those taken with F1 under .95: {_share_low([one for one in taken if one.is_bad])} (≥ 80 %)"
    yield f"marked low, of those taken with F1 from .95: {_share_low([one for one in taken if not one.is_bad])} (≤ 3 %)"


def _share_low(chosen: Sequence[Outcome]) -> str:
    known = [one for one in chosen if one.confidence is not None]
    low = sum(one.confidence == "low" for one in known)
    return f"{low} of {len(known)}, {low / len(known):.1%}" if known else "-"


def silent_failures(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The pages taken whose body is not the article, and whose confidence does not say so; the worst first."""
    return sorted((one for one in outcomes if one.is_bad and one.confidence != "low"), key=lambda one: one.f1)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.confidence", description="Measure whether the body's confidence means something."
    )
    parser.add_argument("folders", nargs="*", type=Path, default=FOLDERS, metavar="FOLDER", help="pages with gold")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="how often each page is spoiled (default: 3)")
    parser.add_argument("--first-seed", type=int, default=1, metavar="N", help="the first of these seeds (default: 1)")
    parser.add_argument("--fit", action="store_true", help="fit the weights of the confidence anew")
    parser.add_argument("--demo", action="store_true", help="spoil the articles of the demo's sites too")
    parser.add_argument("--worst", type=Path, metavar="FILE", help="write the silent failures there, as JSON")
    parser.add_argument(
        "--show", nargs=3, metavar=("FILE", "SEED", "OUT.html"), help="write one spoiled page, and measure nothing"
    )
    return parser


def main(*arguments: str) -> int:
    """Print what was asked for; 0 also where there are no pages to read."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    chosen = _options().parse_args(arguments)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    here = [folder for folder in chosen.folders if (folder / "manifest.json").is_file()]
    for folder in chosen.folders:
        if folder not in here:
            console.print(f"Nothing to measure: {folder} is not here.")
    pages = [*originals(here), *(demo_originals() if chosen.demo else ())]
    try:
        if chosen.show:
            _show(pages, *chosen.show)
        elif pages:
            texts, seeds = stories(), (0, *range(chosen.first_seed, chosen.first_seed + chosen.seeds))
            outcomes = [judge(page, seed, spoiled(page, seed, pages, texts)) for page in pages for seed in seeds]
            (_fit if chosen.fit else _measure)(outcomes, console)
            if chosen.worst:
                _write_worst(outcomes, chosen.worst)
    except WarraqError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _measure(outcomes: Sequence[Outcome], console: Console) -> None:
    console.print(tabulate(outcomes))
    for line in (*summarise(outcomes), f"silent failures: {len(silent_failures(outcomes))}"):
        console.print(line, markup=False, highlight=False)


def _fit(outcomes: Sequence[Outcome], console: Console) -> None:
    cases = [Case(one.outlet, not one.is_bad, dict(one.features)) for one in outcomes if one.rejected is None]
    if len({case.outlet for case in cases}) < 2 or len({case.is_right for case in cases}) < 2:
        raise WarraqError(
            "--fit: these pages are of one outlet, or none of them is read wrongly; give more FOLDERs or --seeds."
        )
    found = fit(cases)
    right = np.array([case.is_right for case in cases], dtype=np.float64)
    table = Table("feature", "weight", "log loss without", "wrong ones found without")
    for name, weight in found.weights.items():
        loss, share = found.without[name]
        table.add_row(name, f"{weight:.1f}", f"{loss:.4f}", f"{share:.1%}")
    table.add_section()
    table.add_row(
        "all (the weight is the bias)",
        f"{found.bias:.1f}",
        f"{found.log_loss:.4f}",
        f"{recall(found.chances, right):.1%}",
    )
    console.print(table)
    console.print(f"{len(cases)} pages taken, {int((right == 0).sum())} of them wrongly", highlight=False)
    invented = np.array([case.outlet.endswith(".example") for case in cases])
    for share in (0.01, 0.02, 0.025, FALSE_ALARMS, 0.05):
        limit = threshold(found.chances, right, share)
        parts = (("the folders", ~invented), ("the demo", invented))
        under = [
            f"{(found.chances[part & (right == 0)] < limit).mean():.1%} of the wrong ones and "
            f"{(found.chances[part & (right == 1)] < limit).mean():.1%} of the right ones of {name}"
            for name, part in parts
            if {0.0, 1.0} <= {*right[part]}
        ]
        console.print(f"under {limit:.3f}: {'; '.join(under)}", highlight=False)


def _write_worst(outcomes: Sequence[Outcome], file: Path) -> None:
    rows = json.dumps([asdict(one) for one in silent_failures(outcomes)], ensure_ascii=False, indent=1)
    file.write_text(rows + "\n", encoding="utf-8")


def _show(pages: Sequence[Original], name: str, seed: str, out: str) -> None:
    page = next((page for page in pages if page.name == name), None)
    if page is None or not seed.isdecimal():
        raise WarraqError(f"--show {name} {seed}: give the name of a page that is measured, and a seed from 0 on.")
    made = spoiled(page, int(seed), pages, stories())
    Path(out).write_bytes(made.html)
    print(", ".join(made.kinds))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
