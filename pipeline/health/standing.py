"""How everything stands that operators look after: the sources, those whose files are wrong, and the corpus itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.bucket import Bucket
from pipeline.health.current import Health
from pipeline.health.model import State
from pipeline.health.state import noted_at

FILE_IS_WRONG = "file is wrong"
NOT_BUILT = "not built"
NOT_KNOWN = "not readable"
LATE = "running late"

_CORPUS = ("corpus", "corpus", "المدوَّنة")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one thing stands: a source, the corpus, or a run of a DAG.

    `kind` is ``source``, ``corpus`` or ``run``, and `id` its id among those; `state` a word or two, `wrong` whether a person must
    look. `reason` is one sentence, `since` a day or a time, empty where it is not known, `todo` what to do next. `found` is what a
    look at the site found just now.
    """

    kind: str
    id: str
    name: str
    state: str
    wrong: bool
    reason: str
    since: str = ""
    todo: str = ""
    found: str = ""

    @property
    def key(self) -> str:
        """What it is remembered by."""
        return f"{self.kind} {self.id}"

    @property
    def sentence(self) -> str:
        """Why it stands so, what was found, and what to do, in a line."""
        found = f"; looked at just now: {self.found}" if self.found else ""
        return f"{self.id} is {self.state}{f' since {self.since}' if self.since else ''}: {self.reason}{found}. To do: {self.todo}"


def standings(
    bucket: Bucket, health: Health, wrong: Mapping[Path, Exception], built_within: timedelta
) -> list[Standing]:
    """How all stand at the moment of `health`, the worst first: the corpus, sources whose files are `wrong`, then the verdicts.

    Raises:
        BucketError: the store cannot be reached.
    """
    files = [
        Standing(
            "source", path.stem, path.name, FILE_IS_WRONG, True, str(error), todo=f"put {path} right; warraq sources"
        )
        for path, error in wrong.items()
    ]
    verdicts = [
        Standing(
            kind="source",
            id=one.source,
            name=health.sources[one.source].name,
            state=one.state.value,
            wrong=one.wrong,
            reason=one.reason,
            since=one.since.isoformat() if one.since else "",
            todo=one.todo,
        )
        for one in health.verdicts
    ]
    return [_corpus(bucket, health.now, built_within), *files, *verdicts]


def is_sick(standing: Standing) -> bool:
    """Whether the site itself could not be read, so that a look at it tells more."""
    return standing.kind == "source" and standing.state == State.SICK.value


def late_run(run: Mapping[str, Any], due: str) -> Standing:
    """A run of a DAG, as Airflow's API describes it, that was not over when it was `due` (an ISO time)."""
    dag_id = str(run["dag_id"])
    return Standing(
        kind="run",
        id=dag_id,
        name=str(run.get("dag_display_name") or dag_id),
        state=LATE,
        wrong=True,
        reason=f"its run {run['dag_run_id']} was queued at {run['queued_at']} and is not over; it was due by {due}",
        since=due,
        todo=f"open {dag_id} in Airflow: a task that waits wants a free worker, one that runs tells in its log what it does",
    )


def unknown(problem: str) -> Standing:
    """That nothing can be said of the sources, for this reason."""
    return Standing(*_CORPUS, NOT_KNOWN, wrong=True, reason=problem, todo="what the reason says; then warraq health")


def _corpus(bucket: Bucket, now: datetime, within: timedelta) -> Standing:
    """Whether builds reach their end: every one notes the sources' health, also where nothing of the corpus changed."""
    built_at = noted_at(bucket)
    since = built_at or next((stored.modified_at for stored in bucket.list("captures/")), None)
    wrong = since is not None and now - since > within
    ago = f"{(now - since) / _HOUR:.0f} hours" if since else ""
    if not since:
        reason = "nothing is captured yet"
    elif built_at:
        reason = f"the last build that noted the sources' health did so {ago} ago"
    else:
        reason = f"captures lie in the bucket for {ago}, and no build has taken them in"
    return Standing(
        *_CORPUS,
        state=NOT_BUILT if wrong else "built" if built_at else "empty",
        wrong=wrong,
        reason=reason,
        since=since.isoformat(timespec="minutes") if wrong and since else "",
        todo="look whether the DAG corpus is paused, fails or waits, or: warraq build; what is said of the sources is that old too",
    )
