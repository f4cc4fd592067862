"""The card and the table of outlets say what the corpus holds, are made anew where they must be, and stop no build."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime

import pyarrow.parquet as pq
import pytest
from lxml import html

from pipeline import build as stages
from pipeline import card, corpus
from pipeline.bucket import Bucket
from pipeline.captures import announce
from pipeline.coverage import DayCoverage, State
from pipeline.repair import repair
from pipeline.sources import Source
from tests.pipeline.card.conftest import FILES, TITLES, WIRE, described
from tests.pipeline.conftest import archive, page, prose

Sources = dict[str, Source]
NOW = datetime(2024, 3, 20, 8, tzinfo=UTC)


def outlets(bucket: Bucket) -> dict[str, dict]:
    return {row["source"]: row for row in pq.read_table(io.BytesIO(bucket.get(card.FILE))).to_pylist()}


def words(page: bytes) -> str:
    return " ".join(html.fromstring(page.decode()).text_content().split())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of all that is read from here on."""
    keys: list[str] = []
    get = Bucket.get

    def noting(self: Bucket, key: str) -> bytes:
        keys.append(key)
        return get(self, key)

    monkeypatch.setattr(Bucket, "get", noting)
    return keys


def test_what_it_says_is_what_the_corpus_holds(standing: Bucket) -> None:
    rows, told = list(corpus.read_articles(standing)), outlets(standing)
    assert {id_: row["articles"] for id_, row in told.items()} == {**Counter(row["source"] for row in rows), "badr": 0}
    for id_ in ("alfajr", "almada"):
        days = sorted({row["published_day"] for row in rows if row["source"] == id_})
        assert (told[id_]["first_day"], told[id_]["last_day"], told[id_]["days"]) == (days[0], days[-1], len(days))
    assert [(told[id_]["copied"], told[id_]["taken"]) for id_ in ("alfajr", "almada", "badr")] == [
        (1, 0),
        (0, 1),
        (0, 0),
    ]
    fajr = told["alfajr"]
    assert (fajr["name"], fajr["ownership"], fajr["countries"]) == ("صحيفة الفجر", "party", ["SY"])
    assert (fajr["address"], fajr["timezone"]) == ("http://alfajr.example/", "Asia/Damascus")
    readme, page_ = standing.get(card.README).decode(), words(standing.get(card.PAGE))
    assert "| صحيفة الفجر | `alfajr` | party | 4 | 2024-01-07 | 2024-03-20 | 0 % | 75 % |" in readme
    assert "| 2024 | 5 | 1 |  | 4 |" in readme
    assert "| `captured` | 1 | 20 % |" in readme
    assert "| `stated` | 3 | 60 % |\n| `none` | 2 | 40 % |" in readme
    assert "| `not_an_article` | 1 | at first |" in readme
    assert "| صحيفة الفجر (`alfajr`) | موقع المدى (`almada`) | 1 |" in readme
    assert (
        "| `alfajr` | 70 | 74 | 2024-01-08 to 2024-03-04, 2024-03-09 to 2024-03-19, 2024-03-06 to 2024-03-07 |"
        in readme
    )
    assert "crawled and have no article: `badr`" in readme
    for said in (
        "5 articles of 2 outlets, published from 2024-01-07 to 2024-03-20",
        "7 pages were captured: 5 are articles",
    ):
        assert said in readme
        assert said in page_


def test_the_cards_tables_are_tables(standing: Bucket) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", standing.get(card.README).decode(), re.MULTILINE)
    assert len(tables) == 12
    for table in tables:
        head, rule, *rows = table.splitlines()
        assert re.fullmatch(r"\|( -+:? \|)+", rule), head
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {head.count("|")}, head


def test_every_article_is_in_one_tenth_of_the_probability_or_has_none(standing: Bucket) -> None:
    [table] = re.findall(r"\| it reports on an armed conflict .*\n((?:\|.*\n)+)", standing.get(card.README).decode())
    counted = [int(row.split("|")[2]) for row in table.splitlines()[1:]]
    assert sum(counted) == 5
    probabilities = [row["relevance"]["probability"] for row in corpus.read_articles(standing) if row["relevance"]]
    tenths = [min(int(10 * one), 9) for one in probabilities]
    assert counted[:10] == [tenths.count(tenth) for tenth in range(9, -1, -1)]


def test_it_is_of_the_corpus_whose_manifest_it_names(built: Bucket, sources: Sources) -> None:
    before = described(built)
    archive(built, "almada", "later", {"http://almada.example/z": page("لاحق", prose(5), "2024-03-10")})
    stages.build(built, sources, "b2")
    after = described(built)
    assert corpus.read_manifest(built).counts.articles == 6
    sums = []
    for files in (before, after):
        manifest = next(one for one in json.loads(files[card.CROISSANT])["distribution"] if one["@id"] == "manifest")
        assert manifest["sha256"] in files[card.README].decode()
        assert manifest["sha256"] in files[card.PAGE].decode()
        sums.append(manifest["sha256"])
    assert sums[0] != sums[1]
    head = built.head(corpus.MANIFEST)
    assert head is not None
    assert head.metadata["sha256"] == sums[1]


def test_with_nothing_new_nothing_is_read_but_the_manifest_and_nothing_written(
    built: Bucket, sources: Sources, asked: list[str]
) -> None:
    before = {stored.key: stored for stored in built.list()}
    assert stages.describe(built, "idle", sources) == {"written": [], "problem": None}
    assert set(asked) == {corpus.MANIFEST, "state/card/described.json", "state/coverage.json"}
    built.delete("work/idle/card.json")
    assert {stored.key: stored for stored in built.list()} == before


def test_of_a_changed_day_no_other_is_read(built: Bucket, sources: Sources, asked: list[str]) -> None:
    archive(built, "almada", "later", {"http://almada.example/z": page("لاحق", prose(5), "2024-03-08")})
    stages.build(built, sources, "b2")
    asked.clear()
    built.delete(*(stored.key for stored in built.list("state/card/described")))
    built.delete(card.README)
    stages.describe(built, "again", sources)
    assert not [key for key in asked if "published=" in key], "all days were counted by then"
    asked.clear()
    archive(built, "almada", "more", {"http://almada.example/y": page("أحدث", prose(6), "2024-03-09")})
    batches = stages.find_captures(built, "b3", sources)
    stages.clean_batches(built, sources, batches)
    stages.write_documents(built, "b3")
    stages.deduplicate(built, "b3")
    stages.deposit(built, "b3")
    asked.clear()
    stages.describe(built, "b3", sources)
    assert [key for key in asked if "published=" in key] == ["articles/published=2024-03-09/articles.parquet"]
    assert [key for key in asked if "month=" in key] == ["state/card/month=2024-03.parquet"]


def test_any_order_gives_the_same_bytes(built: Bucket, sources: Sources) -> None:
    whole = described(built)
    captures = {stored.key: built.get(stored.key) for stored in built.list("captures/") if stored.key.endswith(".gz")}
    built.delete(*(stored.key for stored in built.list()))
    keys = sorted(captures, reverse=True)
    for part in (keys[:1], keys[1:]):
        for key in part:
            announce(built, key)
            built.put(key, captures[key])
        stages.build(built, sources, f"b{len(part)}")
    assert described(built) == whole


def spoil(bucket: Bucket, key: str) -> None:
    """Bytes that are not those that were written, as a store that rots has them."""
    client, metadata = bucket.client, bucket.head(key).metadata  # type: ignore[union-attr]
    client.put_object(Bucket=bucket.name, Key=key, Body=bucket.get(key)[:-1] + b"?", Metadata=metadata)


@pytest.mark.parametrize(
    ("lost", "harm"),
    [
        ("months.parquet", spoil),
        ("month=2024-03.parquet", lambda bucket, key: bucket.put(key, b"{}")),
        ("described.json", Bucket.delete),
    ],
)
def test_what_is_lost_or_damaged_below_state_is_made_anew(
    built: Bucket, sources: Sources, lost: str, harm: Callable[[Bucket, str], object]
) -> None:
    harm(built, f"state/card/{lost}")
    archive(built, "almada", "later", {"http://almada.example/z": page("لاحق", prose(5), "2024-03-08")})
    stages.build(built, sources, "b2")
    after = described(built)
    assert outlets(built)["almada"]["articles"] == 2
    built.delete_below("state/card/")
    built.delete(*after)
    assert stages.describe(built, "anew", sources)["problem"] is None
    assert described(built) == after


def test_a_month_that_is_gone_leaves_nothing(built: Bucket, sources: Sources) -> None:
    assert built.head("state/card/month=2024-01.parquet")
    corpus.take_down(built, "http://alfajr.example/follow", "طلب", now=NOW)
    stages.build(built, sources, "b2")
    assert [stored.key for stored in built.list("state/card/month=")] == ["state/card/month=2024-03.parquet"]
    assert outlets(built)["alfajr"]["first_day"] == date(2024, 3, 5)
    assert "| `taken_down` | 1 | no |" in built.get(card.README).decode()


def test_it_holds_no_title_and_no_text(standing: Bucket) -> None:
    for key, data in described(standing).items():
        told = str(pq.read_table(io.BytesIO(data)).to_pylist()) if key.endswith(".parquet") else data.decode()
        assert not [title for title in TITLES if title in told], key
        assert WIRE[0] not in told, key


def test_an_outlet_whose_file_is_gone_is_known_by_its_articles(built: Bucket, sources: Sources) -> None:
    stages.build(built, {"alfajr": sources["alfajr"]}, "b2")
    told = outlets(built)
    assert set(told) == {"alfajr", "almada"}
    assert (told["almada"]["name"], told["almada"]["articles"], told["almada"]["address"]) == ("موقع المدى", 1, None)
    assert "No file of the configuration names `almada` any more" in built.get(card.README).decode()
    assert "no file names it any more" in words(built.get(card.PAGE))


def test_an_outlet_that_was_renamed_is_one(built: Bucket, sources: Sources) -> None:
    fajr = sources["alfajr"].model_copy(update={"id": "fajr", "formerly": ("alfajr", "almada")})
    card.describe(built, {"fajr": fajr}, [])
    told = outlets(built)
    assert {id_: row["articles"] for id_, row in told.items()} == {"fajr": 5}
    assert (told["fajr"]["formerly"], told["fajr"]["copied"], told["fajr"]["taken"]) == (["alfajr", "almada"], 1, 0)


def test_days_that_lack_nothing_are_no_reason_to_make_it_anew(
    built: Bucket, sources: Sources, asked: list[str]
) -> None:
    days = [
        DayCoverage("almada", date(2024, 3, 6), State.NOT_CRAWLED),
        DayCoverage("alfajr", date(2024, 3, 6), State.COVERED),
    ]
    assert card.describe(built, sources, days).written == []
    assert asked == [corpus.MANIFEST, "state/card/described.json"]


def test_days_that_a_crawl_knows_to_be_incomplete_are_named(built: Bucket, sources: Sources) -> None:
    days = [
        DayCoverage("alfajr", date(2024, 3, 6), State.PARTIAL, "3 pages could not be fetched"),
        DayCoverage("alfajr", date(2024, 3, 7), State.COVERED),
        DayCoverage("almada", date(2024, 3, 8), State.GAP, "12 captured pages are gone"),
    ]
    assert card.describe(built, sources, days).written == [card.README, card.PAGE]
    readme = built.get(card.README).decode()
    assert "- `alfajr`: 2024-03-06 (partial)\n- `almada`: 2024-03-08 (gap)\n" in readme
    assert "2024-03-06 ◐" in words(built.get(card.PAGE))


def test_a_corpus_of_nothing_and_of_one_day_have_sensible_cards(bucket: Bucket, sources: Sources) -> None:
    stages.build(bucket, sources, "b1")
    assert "The corpus is empty yet." in words(bucket.get(card.PAGE))
    assert "None has an article yet." in bucket.get(card.README).decode()
    assert {row["articles"] for row in outlets(bucket).values()} == {0}
    archive(bucket, "alfajr", "one", {"http://alfajr.example/1": page("خبر", prose(1), "2024-03-05")})
    stages.build(bucket, sources, "b2")
    assert "1 article of 1 outlet, published from 2024-03-05 to 2024-03-05 (1 day," in words(bucket.get(card.PAGE))
    assert "No outlet printed another one's story." in bucket.get(card.README).decode()


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\u202eاسم\u202c", "a|b`c`[d](http://x)", "x' onclick='y"]
)
def test_what_an_outlet_calls_itself_is_text(built: Bucket, sources: Sources, name: str) -> None:
    named = sources | {"alfajr": sources["alfajr"].model_copy(update={"name": name})}
    card.describe(built, named, [])
    tree = html.fromstring(built.get(card.PAGE).decode())
    assert not tree.xpath("//script | //*[@onclick]")
    readme = built.get(card.README).decode()
    assert "<script" not in readme
    assert "\u202e" not in readme + built.get(card.PAGE).decode()
    (row,) = [line for line in readme.splitlines() if "| `alfajr` | party |" in line]
    assert row.replace("\\|", "").count("|") == 12
    assert "](http" not in row.replace("\\]", "")


def test_whatever_goes_wrong_is_told_and_stops_no_build(built: Bucket, sources: Sources) -> None:
    before = described(built)
    [first, *_] = [part.path for part in corpus.read_manifest(built).partitions]
    whole = built.get(first)
    built.delete_below("state/card/")
    built.put(first, b"something else")
    told = stages.describe(built, "b2", sources)
    assert told["written"] == []
    assert f"{first} is not as it was deposited" in told["problem"]
    assert described(built) == before, "what stands is another build's, and whole"
    built.put(first, whole)
    stages.build(built, sources, "b3")
    assert described(built) == before


def test_the_report_says_that_the_card_is_stale(
    built: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no such day")

    with monkeypatch.context() as patch:
        patch.setattr(card, "describe", fail)
        key = stages.build(built, sources, "b2")
    assert key, "a build that could not write it is not idle"
    assert json.loads(built.get(key))["card"]["problem"] == "ValueError: no such day"
    assert "say what an earlier build found: ValueError: no such day" in words(built.get(key.replace(".json", ".html")))
    assert stages.build(built, sources, "b3") is None


def test_a_repair_has_what_is_damaged_made_anew(built: Bucket, sources: Sources) -> None:
    before = described(built)
    for key in (card.README, card.FILE):
        spoil(built, key)
    assert repair(built).damaged == [card.README, card.FILE]
    stages.build(built, sources, "b2")
    assert described(built) == before


def test_what_others_leave_there_stays(built: Bucket, sources: Sources) -> None:
    for key in ("card/notes.txt", "sources/old.parquet", "state/card/month=2024-03.parquet.bak"):
        built.put(key, b"theirs")
    built.delete(card.PAGE)
    stages.build(built, sources, "b2")
    assert built.get(card.PAGE)
    assert {built.get(key) for key in ("card/notes.txt", "sources/old.parquet")} == {b"theirs"}


def test_the_files_follow_one_another(standing: Bucket) -> None:
    assert set(FILES[0][2]) > {"http://alfajr.example/wire"}
    assert set(described(standing)) == {card.README, card.CROISSANT, card.PAGE, card.FILE, card.SCHEMA_FILE}
    told = json.loads(standing.get(card.SCHEMA_FILE))
    assert [column["name"] for column in told["columns"]] == card.SCHEMA.names
