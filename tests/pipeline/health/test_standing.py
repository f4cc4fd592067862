"""How all stand: sources, wrong files, and whether builds reach their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.bucket import Bucket
from pipeline.health import Health, Standing, State, Verdict, is_sick, standings, unknown, update
from pipeline.sources import Source, SourceError
from tests.pipeline.conftest import archive, page, prose

WITHIN = timedelta(hours=12)


def of(bucket: Bucket, sources: dict[str, Source], now: datetime, *verdicts: Verdict, **wrong: str) -> list[Standing]:
    files = {Path(f"config/sources/{name}.yaml"): SourceError(said) for name, said in wrong.items()}
    return standings(bucket, Health(now, sources, verdicts, [], []), files, WITHIN)


def test_the_corpus_then_the_files_that_are_wrong_then_the_verdicts(bucket: Bucket, sources) -> None:
    sick = Verdict("alfajr", State.SICK, "its host is dead", datetime(2024, 3, 5).date(), "warraq check alfajr")  # noqa: DTZ001
    well = Verdict("almada", State.OK, "3 pages")
    corpus, file, first, second = of(
        bucket, sources, datetime.now(UTC), sick, well, difaf="difaf.yaml:3: colour is no key"
    )
    assert (corpus.state, corpus.wrong) == ("empty", False)
    assert (file.id, file.state, file.reason) == ("difaf", "file is wrong", "difaf.yaml:3: colour is no key")
    assert (first.id, first.name, first.state, first.since) == ("alfajr", "صحيفة الفجر", "sick", "2024-03-05")
    assert first.sentence == "alfajr is sick since 2024-03-05: its host is dead. To do: warraq check alfajr"
    assert (second.wrong, second.since) == (False, "")
    assert [is_sick(one) for one in (corpus, file, first, second)] == [False, False, True, False]


def test_captures_that_no_build_takes_in_are_told(bucket: Bucket, sources) -> None:
    archive(bucket, "alfajr", "x", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")})
    now = datetime.now(UTC)
    (corpus,) = of(bucket, sources, now + WITHIN / 2)
    assert not corpus.wrong
    (corpus,) = of(bucket, sources, now + WITHIN + timedelta(hours=1))
    assert (corpus.state, corpus.wrong) == ("not built", True)
    assert "captures lie in the bucket for 13 hours" in corpus.reason
    assert corpus.since == now.isoformat(timespec="minutes") or corpus.since < now.isoformat()


def test_a_build_counts_also_where_nothing_changed(bucket: Bucket, sources) -> None:
    update(bucket, sources)
    before = next(iter(bucket.list("state/health/head.json"))).etag
    now = datetime.now(UTC)
    (corpus,) = of(bucket, sources, now + timedelta(hours=11))
    assert (corpus.state, corpus.wrong) == ("built", False)
    (corpus,) = of(bucket, sources, now + timedelta(hours=14))
    assert corpus.wrong
    assert "the last build that noted the sources' health did so 14 hours ago" in corpus.reason
    update(bucket, sources)
    assert next(iter(bucket.list("state/health/head.json"))).etag == before
    (corpus,) = of(bucket, sources, datetime.now(UTC))
    assert not corpus.wrong


def test_where_health_cannot_be_read_that_is_what_is_told() -> None:
    one = unknown("health/month=2024-03.parquet cannot be read")
    assert one.key == "corpus corpus"
    assert one.wrong
