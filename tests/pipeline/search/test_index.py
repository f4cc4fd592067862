"""The index in the bucket: it answers as reading does, and is brought in line with what changed, whatever happens meanwhile."""

from __future__ import annotations

import random
import tempfile
from datetime import date
from pathlib import Path

import pytest
import tantivy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import corpus
from pipeline.bucket import Bucket, BucketError, ConflictError
from pipeline.repair import repair
from pipeline.search import Updated, let_go, read_query, search, update
from pipeline.search.index import INDEX, read_index
from pipeline.search.part import unpack
from pipeline.sources import Source
from tests.pipeline.search.conftest import Days, put

STEMS = [
    "حلب",
    "حلبة",
    "حلبجة",
    "مستشفى",
    "لبنان",
    "خان",
    "طومان",
    "الله",
    "عد",
    "بعد",
    "دم",
    "إدلب",
    "٢٠١٦",
    "مسئول",
    "مسؤول",
]
BEFORE = ["", "", "", "و", "ب", "ل", "ال", "وال", "لل", "كال", "فبال"]
BETWEEN = [" ", " ", " ", "\n", "، ", "-", "_"]
WORDS = st.builds("".join, st.tuples(st.sampled_from(BEFORE), st.sampled_from(STEMS)))
PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: '"' + " ".join(words) + '"')
QUERIES = st.lists(WORDS | PHRASES, min_size=1, max_size=3).map(" ".join)


def invented(seed: int, days: int = 6, articles: int = 25) -> dict[str, list[tuple[str, str]]]:
    """Short texts of few words, so that any query has hits, on days of two months."""
    chance = random.Random(seed)

    def text(words: int) -> str:
        return "".join(
            chance.choice(BEFORE) + chance.choice(STEMS) + chance.choice(BETWEEN)
            for _ in range(chance.randint(1, words))
        )

    return {
        f"2016-{5 + day % 2:02d}-{day + 1:02d}": [(text(3).replace("\n", " "), text(12)) for _ in range(articles)]
        for day in range(days)
    }


def found(bucket: Bucket, query: str, **options: object) -> list[str]:
    return sorted(hit.article_id for hit in search(bucket, query, limit=10_000, **options).hits)  # type: ignore[arg-type]


def read(bucket: Bucket, query: str, since: date | None = None, until: date | None = None) -> list[str]:
    """What reading every article finds."""
    wanted = read_query(query)
    articles = corpus.read_articles(bucket, since, until)
    return sorted(one["article_id"] for one in articles if wanted.meets(one["title"], one["body"]))


def test_the_index_finds_what_reading_every_article_finds_and_nothing_else(bucket: Bucket) -> None:
    days = invented(1)
    put(bucket, {day: articles for day, articles in days.items() if day < "2016-05-05"})
    update(bucket, {})
    put(bucket, days | {"2016-05-01": days["2016-05-01"][:9]})
    update(bucket, {})
    put(bucket, days)  # of the day that changed again, and is not in the index as it is now
    articles = list(corpus.read_articles(bucket))

    @given(QUERIES)
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    def holds(query: str) -> None:
        wanted = read_query(query)
        met = sorted(one["article_id"] for one in articles if wanted.meets(one["title"], one["body"]))
        answer = search(bucket, query, limit=10_000)
        assert sorted(hit.article_id for hit in answer.hits) == met
        assert answer.total == len(met)

    holds()
    for since, until in ((date(2016, 5, 2), None), (None, date(2016, 6, 4)), (date(2016, 5, 3), date(2016, 6, 2))):
        assert found(bucket, "حلب", since=since, until=until) == read(bucket, "حلب", since, until) != []


DAYS: Days = {
    "2024-02-29": [("أول", "حلب في شباط"), ("ثان", "لا شيء")],
    "2024-03-05": [("ثالث", "بحلب أمس"), ("رابع حلب", "اليوم")],
    "2024-03-06": [("خامس", "وحلب غدا")],
}


def parts(bucket: Bucket) -> set[str]:
    return {stored.key for stored in bucket.list("search/") if stored.key != INDEX}


def test_only_what_changed_is_made_anew(bucket: Bucket, sources: dict[str, Source]) -> None:
    put(bucket, DAYS)
    assert update(bucket, sources) == Updated(["2024-02", "2024-03"], 5)
    before, index = parts(bucket), bucket.get(INDEX)
    assert update(bucket, sources) == Updated([], 0)
    assert (parts(bucket), bucket.get(INDEX)) == (before, index)
    put(bucket, DAYS | {"2024-03-06": [("خامس", "وحمص غدا")]})
    assert update(bucket, sources) == Updated(["2024-03"], 1)  # of the month the other day stays as it is
    assert parts(bucket) > before
    assert len(found(bucket, "حلب")) == 3
    put(bucket, DAYS)
    assert update(bucket, sources) == Updated(["2024-03"], 0)
    assert parts(bucket) == before
    put(bucket, {day: articles for day, articles in DAYS.items() if day < "2024-03"})
    assert update(bucket, sources) == Updated(["2024-03"], 0)
    assert len(parts(bucket)) == 1
    assert len(found(bucket, "حلب")) == 1


def test_a_column_that_is_not_searched_costs_nothing(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.pipeline.search import conftest

    put(bucket, DAYS)
    update(bucket, {})
    before = parts(bucket)
    plain = conftest.row
    monkeypatch.setattr(conftest, "row", lambda *told: plain(*told) | {"copies": ["x"]})
    put(bucket, DAYS)
    assert update(bucket, {}) == Updated([], 0)
    assert parts(bucket) == before
    assert search(bucket, "حلب").notes == []


def test_a_month_of_many_changed_days_is_one_part_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.search import index

    monkeypatch.setattr(index, "_FEW", 3)
    days = {f"2024-03-{day:02d}": [(str(day), "حلب")] for day in range(1, 9)}
    put(bucket, days)
    update(bucket, {})
    for number in range(1, 9):
        days[f"2024-03-{number:02d}"] = [(str(number), "حمص")]
        put(bucket, days)
        update(bucket, {})
        assert len(parts(bucket)) <= 2
        assert len(found(bucket, "حمص")) == number
        assert len(found(bucket, "حلب")) == 8 - number
    told = read_index(bucket)
    assert told is not None
    assert sum(part.articles for part in told.parts) <= 8 + 3 + 1


@pytest.mark.parametrize("puts", range(6))
def test_killed_anywhere_and_run_again_it_ends_right(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, puts: int
) -> None:
    from pipeline.search import index

    monkeypatch.setattr(index, "_ARTICLES_A_WRITE", 1)
    put(bucket, {"2024-03-05": [("x", "حمص")], "2024-03-07": [("x", "حلب")]})
    update(bucket, {})
    put(bucket, DAYS)
    left, put_one, delete = [puts], Bucket.put, Bucket.delete

    def killed(work):
        def stop(self, *args, **options):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return work(self, *args, **options)

        return stop

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", killed(put_one))
        patch.setattr(Bucket, "delete", killed(delete))
        try:
            update(bucket, {})
        except KeyboardInterrupt:
            assert found(bucket, "حلب") == read(bucket, "حلب")
    update(bucket, {})
    answer = search(bucket, "حلب")
    assert answer.notes == []
    assert sorted(hit.article_id for hit in answer.hits) == read(bucket, "حلب")
    told = read_index(bucket)
    assert told is not None
    assert parts(bucket) == {part.key for part in told.parts}


def test_an_index_of_another_version_or_a_damaged_one_is_made_anew(
    bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    put(bucket, DAYS)
    update(bucket, {})
    old = bucket.get(INDEX).replace(b'"version": "', b'"version": "0 ')
    for spoilt in (old, b"{}", b"no json", b"[]"):
        bucket.put(INDEX, spoilt)
        before = parts(bucket)
        assert update(bucket, {}).articles == 5
        assert not parts(bucket) & before
    assert "is made anew" in caplog.text
    bucket.delete(next(iter(parts(bucket))))
    assert update(bucket, {}).articles > 0
    assert found(bucket, "حلب") == read(bucket, "حلب")


def test_two_writers_are_told_apart_and_the_slower_leaves_nothing(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.search import index

    put(bucket, DAYS)
    update(bucket, {})
    put(bucket, DAYS | {"2024-03-06": [("خامس", "حمص")]})
    make, theirs = index.make_part, []

    def meanwhile(days):
        monkeypatch.setattr(index, "make_part", make)
        update(bucket, {})
        theirs.append(parts(bucket))
        return make(days)

    monkeypatch.setattr(index, "make_part", meanwhile)
    with pytest.raises(ConflictError):
        update(bucket, {})
    assert [parts(bucket)] == theirs


def holding(bucket: Bucket, word: str) -> list[str]:
    """The objects below search/ that have a word among their terms, whether or not their articles are found."""
    found = []
    for key in sorted(parts(bucket)):
        with tempfile.TemporaryDirectory() as folder:
            unpack(bucket.get(key), Path(folder))
            found += [key] * tantivy.Index.open(folder).searcher().doc_freq("text", word)
    return found


def test_what_was_let_go_of_is_in_no_part_any_more(bucket: Bucket) -> None:
    secret = {"2024-03-06": [("خامس", "قصصي")], "2024-04-01": [("x", "قصصي")]}
    put(bucket, DAYS | secret)
    update(bucket, {})
    assert len(holding(bucket, "قصصي")) == 2
    put(bucket, DAYS)
    before = parts(bucket)
    assert let_go(bucket) == Updated(["2024-03", "2024-04"], 3)
    assert holding(bucket, "قصصي") == []
    assert {key for key in parts(bucket) if "2024-02" in key} == {key for key in before if "2024-02" in key}
    assert let_go(bucket) == Updated([], 0)
    bucket.put(INDEX, b"{}")
    assert let_go(bucket) == Updated([], 0)
    assert list(bucket.list("search/")) == []


def test_a_takedown_while_the_index_is_made_leaves_nothing(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.search import index

    put(bucket, DAYS | {"2024-03-06": [("خامس", "قصصي")]})
    make = index.make_part

    def meanwhile(days):
        made = make(days)
        if days[0].day.month == 3:
            monkeypatch.setattr(index, "make_part", make)
            put(bucket, DAYS)
            let_go(bucket)
        return made

    monkeypatch.setattr(index, "make_part", meanwhile)
    update(bucket, {})
    assert holding(bucket, "قصصي") == []
    update(bucket, {})
    assert len(holding(bucket, "حلب")) == 4


def test_a_damaged_part_is_made_anew_after_a_repair(bucket: Bucket) -> None:
    put(bucket, DAYS)
    update(bucket, {})
    spoilt = min(parts(bucket))
    told = bucket.head(spoilt)
    assert told is not None
    bucket.client.put_object(Bucket=bucket.name, Key=spoilt, Body=b"x" * told.size, Metadata=told.metadata)
    assert repair(bucket).damaged == [spoilt]
    assert update(bucket, {}).articles > 0
    assert search(bucket, "حلب").notes == []
    assert found(bucket, "حلب") == read(bucket, "حلب")


def test_a_partition_that_is_not_as_deposited_is_told(bucket: Bucket) -> None:
    put(bucket, DAYS)
    bucket.put("articles/published=2024-03-05/articles.parquet", b"x")
    with pytest.raises((corpus.ManifestError, BucketError), match="is not as it was deposited: a build writes it anew"):
        update(bucket, {})
