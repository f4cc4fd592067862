"""Faults by chance, as often as is wanted: ``python -m tests.faults --times 100``, or by name such as ``… deposit takedown``.

What came of them is printed and goes to ``build/faults.jsonl``, and, where no kind was left out, into the table of
``docs/reliability.md``. The seed and a trial's kind and number make the same trial again, as far as a machine's pace allows.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.faults.clock import find_library
from tests.faults.load import Load, carry
from tests.faults.trials import KINDS, Trial, Trials
from tests.pages import put_table
from warraq.servers import ROOT, DemoSites, ObjectStore, no_proxy

_APART: Final = ("store_in_crawl", "store_in_build", "wrong_clock", "disk")
"""Kinds of which each fault has a row of its own."""
_SEEN: Final = ROOT / "build" / "faults.jsonl"


def _told(things: Sequence[str]) -> str:
    """Each thing, the most frequent first, with how often it was there."""
    return "; ".join(f"{thing} {count}" for thing, count in Counter(things).most_common())


def table(trials: Sequence[Trial], load: Load | None) -> str:
    """What was seen, as Markdown."""
    rows = ["| what happens | times | where it hit | what came out | the trial |", "| --- | --- | --- | --- | --- |"]
    for kind, (name, _) in KINDS.items():
        of = [trial for trial in trials if trial.kind == kind]
        for row in _rows(name, of) if kind in _APART else [(name, of, _told([one.hit for one in of if one.hit]))]:
            if row[1]:
                came = _told([one.came or "**did not hold**" for one in row[1]])
                rows.append(f"| {row[0]} | {len(row[1])} | {row[2]} | {came} | `{kind}` |")
    if load is not None:
        what = "fifty sources are crawled every hour, with a build each half hour, on a clock that is moved on"
        rows.append(f"| {what} | {load.hours} hours | {load.where} | {load.told} | `--hours` |")
    return "\n".join(rows)


def _rows(name: str, trials: Sequence[Trial]) -> Iterator[tuple[str, list[Trial], str]]:
    """A row for each fault that these met."""
    for hit in sorted({one.hit for one in trials}):
        yield f"{name}: {hit}" if hit else name, [one for one in trials if one.hit == hit], ""


def main() -> None:
    """Make the trials that are asked for; the exit code is 1 where anything did not hold."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"what is to be tried, of {', '.join(KINDS)}; all of it without one")
    parser.add_argument("--times", type=int, default=len(KINDS), help="trials in all, the kinds in turn")
    parser.add_argument(
        "--hours", type=int, default=0, help="hours of a busy installation to live through, on a clock of its own"
    )
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with")
    asked = parser.parse_args()
    wanted = asked.kinds or list(KINDS)
    if unknown := set(wanted) - set(KINDS):
        parser.error(f"there is no trial {', '.join(sorted(unknown))}: choose of {', '.join(KINDS)}")
    if asked.hours or "wrong_clock" in wanted:
        try:
            find_library()
        except FileNotFoundError as missing:
            parser.error(str(missing))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    seen: list[Trial] = []
    with (
        tempfile.TemporaryDirectory(prefix="warraq-faults-") as made,
        ObjectStore(Path(made, "s3")) as store,
        DemoSites(Path(made, "sites")) as sites,
    ):
        os.environ.update(store.settings, no_proxy=no_proxy())
        trials = Trials(Path(made), store.settings, sites.url, asked.seed)
        trials.prepare()
        _SEEN.parent.mkdir(exist_ok=True)
        with _SEEN.open("w", encoding="utf-8") as lines, suppress(KeyboardInterrupt):  # what was seen by then is told
            for count, kind in enumerate(itertools.islice(itertools.cycle(wanted), asked.times)):
                seen.append(trials.attempt(kind, count // len(wanted)))
                lines.write(json.dumps(asdict(seen[-1]), ensure_ascii=False) + "\n")
                lines.flush()
                print(f"{count + 1:4} of {asked.times}  {seen[-1]}", flush=True)
        load = carry(Path(made), asked.hours) if asked.hours else None
    text = table(seen, load)
    print(text)
    if not asked.kinds:
        put_table("reliability.md", "faults", text)
    fell = sum(bool(one.fell) for one in seen)
    print(f"{len(seen) - fell} held, {fell} did not")
    sys.exit(bool(fell))


if __name__ == "__main__":
    main()
