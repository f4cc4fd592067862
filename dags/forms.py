"""The trigger forms: their fields, and what must hold between these."""

from __future__ import annotations

import logging
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowFailException

from crawlers.run import ALL_PASSING
from pipeline.errors import WarraqError
from pipeline.rejection import REASONS
from pipeline.sources import Source, SourceError, find_source, read_sources
from pipeline.urls import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_LOG = logging.getLogger(__name__)

DISCOVERIES = ("feed", "sitemap", "wordpress", "listing", "date_archive", "wayback", "common_crawl")
"""The types of discovery that a source's file may name."""


class FormError(WarraqError, ValueError):
    """What was filled in cannot be done; `reasons` say why, one sentence each."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def refuse(error: FormError) -> AirflowFailException:
    """What a task raises for it: it fails for good. Each reason gets a line of the log before Airflow adds the task's stack."""
    for reason in error.reasons:
        _LOG.error("%s", reason)
    return AirflowFailException(str(error))


def configured() -> dict[str, Source | SourceError]:
    """Every source that is crawled by its id, or what is wrong with its file."""
    files = read_sources()
    found: dict[str, Source | SourceError] = dict(files.sources)
    found |= {path.stem: error for path, error in files.wrong.items() if path.parent == files.folder}
    return dict(sorted(found.items()))


ALL = "all sources"


def groups(sources: Mapping[str, Source | SourceError]) -> dict[str, tuple[str, ...]]:
    """What the form offers beside single sources: all of them, those of a conflict, those of a country; the ids of each."""
    right = [source for source in sources.values() if isinstance(source, Source)]
    conflicts = sorted({conflict for source in right for conflict in source.conflicts})
    countries = sorted({country for source in right for country in source.countries})
    return {
        ALL: tuple(source.id for source in right),
        **{f"conflict: {one}": tuple(source.id for source in right if one in source.conflicts) for one in conflicts},
        **{f"country: {one}": tuple(source.id for source in right if one in source.countries) for one in countries},
    }


def names(sources: Mapping[str, Source | SourceError]) -> dict[str, str]:
    """What a form shows for each source."""
    return {
        source_id: f"{source_id} · {source.name}" if isinstance(source, Source) else f"{source_id} · its file is wrong"
        for source_id, source in sources.items()
    }


def how_to_crawl(types: Sequence[str]) -> dict[str, Param]:
    """The fields that say how a crawl is done, with these types of discovery to choose from."""
    return {
        "discovery": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "enum": list(types)},
            examples=list(types),
            title="طرق الاكتشاف · Discovery",
            description="How articles are found: only in these ways; where none is chosen, in all that the source's file names.",
        ),
        "refetch": Param(
            None,
            type=["null", "array"],
            items={"type": "string", "enum": [ALL_PASSING, *REASONS]},
            examples=[ALL_PASSING, *REASONS],
            title="إعادة الطلب · Refetch",
            description="Ask again, whatever the schedule says, for pages of these days that were rejected for these reasons; "
            f"{ALL_PASSING} stands for all that may pass.",
        ),
        "limit": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="الحد · Limit",
            description="Fetch so many pages at most, of each site.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="تجربة · Dry run",
            description="Find the articles and list those that would be fetched; fetch none.",
        ),
    }


def check_crawls(params: Mapping[str, Any], *, now: datetime, is_paused: Callable[[str], bool]) -> list[dict[str, Any]]:
    """What is to be triggered for a filled-in form: for each source its DAG and that run's parameters.

    Of a group of `groups` those sources are taken that can be crawled so, and whose DAGs are on. `now` must be aware; `is_paused`
    is asked for the DAGs of the sources.

    Raises:
        FormError: the days make no window or lie in the future; a source is unknown, cannot be crawled, does not have a discovery
            that was chosen, or its DAG is paused; or so it is with every source of a group.
    """
    wrong = []
    since, until = date.fromisoformat(params["since"]), date.fromisoformat(params["until"])
    if since >= until:
        wrong.append(f"since ({since}) must lie before until ({until}), which is the first published day to leave out")
    elif since > (now + timedelta(hours=14)).date():  # it is tomorrow there already
        wrong.append(f"since ({since}) lies in the future: nothing is published yet")
    chosen, grouped = params["discovery"] or (), groups(configured())
    named = [one for one in dict.fromkeys(params["sources"]) if one not in grouped]
    taken = list(named)
    for group in (one for one in dict.fromkeys(params["sources"]) if one in grouped):
        fit = [one for one in grouped[group] if not _unfit(one, chosen) and not is_paused(f"crawl_{one}")]
        if not fit:
            wrong.append(f"{group}: none of its sources can be crawled so, or their DAGs are paused: switch them on")
        taken += fit
    paused = []
    for source_id in named:
        problem = _unfit(source_id, chosen)
        if problem:
            wrong.append(problem)
        elif is_paused(f"crawl_{source_id}"):
            paused.append(source_id)
    if paused:
        those = ", ".join(f"crawl_{source_id}" for source_id in paused)
        wrong.append(
            f"paused, so a run would wait for ever: {those}: switch them on in the list of DAGs, or leave these sources out"
        )
    if wrong:
        raise FormError(*wrong)
    conf = {name: params[name] for name in ("since", "until", "discovery", "refetch", "limit", "dry_run")}
    return [{"trigger_dag_id": f"crawl_{source_id}", "conf": conf} for source_id in dict.fromkeys(taken)]


def check_import(source_id: str, locations: Collection[str]) -> list[str]:
    """The locations of a filled-in form, each once, without the blanks around them.

    Raises:
        FormError: there is none, one bears a password, or the source's file is wrong.
    """
    try:
        find_source(source_id)
    except SourceError as error:
        raise FormError(str(error)) from None
    stripped = [location.strip() for location in locations]
    if not any(stripped):
        raise FormError("locations: name at least one WARC, ARC or WACZ file, one a line")
    if any(re.search(SECRETS, location) for location in stripped):
        raise FormError(
            "locations: an address has a password or a signature in it, which all who may read this DAG would see: put the file "
            "into the store of the bucket or on the workers' disks and name it there, or take it in by `warraq import`"
        )
    return list(dict.fromkeys(filter(None, stripped)))


def _unfit(source_id: str, chosen: Sequence[str]) -> str | None:
    """Why a source cannot be crawled in the chosen ways."""
    try:
        source = find_source(source_id)
    except SourceError as error:
        return "; ".join(str(error).splitlines())
    has = list(dict.fromkeys(discovery.type for discovery in source.discovery))
    if not has:
        return f"{source_id} has no discovery, so there is nothing to crawl: its pages come from archives alone"
    if missing := [kind for kind in chosen if kind not in has]:
        return f"{source_id} has no discovery by {' or '.join(missing)}: its file names {', '.join(has)}"
    return None
