"""Damage of every kind: an object of a built corpus with one bit flipped, where it lies or on its way."""

from __future__ import annotations

import itertools
import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import build as stages
from pipeline import corpus
from pipeline.bucket import Bucket, DamagedError
from pipeline.documents import SCHEMA, Documents
from pipeline.errors import WarraqError
from pipeline.repair import Repaired, repair
from pipeline.sources import Source
from tests import dialects
from tests.dialects import Answer, Ask, Request, through
from tests.pipeline.conftest import NOW, archive, page, prose

pytestmark = pytest.mark.slow

Sources = dict[str, Source]
Objects = dict[str, tuple[bytes, dict[str, str]]]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is damaged is read again without a wait."""
    monkeypatch.setattr("pipeline.bucket.reading._PAUSE", 0)


def objects(bucket: Bucket) -> Objects:
    """All that the bucket holds, with its metadata."""
    found = {}
    for stored in bucket.list():
        answer = bucket.client.get_object(Bucket=bucket.name, Key=stored.key)
        found[stored.key] = answer["Body"].read(), answer["Metadata"]
    return found


def lay(bucket: Bucket, these: Objects) -> None:
    """Put objects as they are, past all that the bucket does."""
    for key, (data, metadata) in these.items():
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=data, Metadata=metadata)


def flipped(data: bytes, bit: int) -> bytes:
    spoilt = bytearray(data)
    spoilt[bit // 8] ^= 1 << bit % 8
    return bytes(spoilt)


@dataclass
class World:
    """A bucket with a small corpus that is built, what is to come into it, and the corpus after that."""

    bucket: Bucket
    built: Objects
    coming: Objects
    after: dict[str, bytes]

    def keys(self, *prefixes: str) -> list[str]:
        """The objects of the built corpus that begin so and count, sorted: no data file that has left the table."""
        files = {f"documents/{path}" for path in Documents(self.bucket).files}
        found = (key for key, (data, _) in self.built.items() if key.startswith(prefixes) and data)
        return sorted(key for key in found if not key.startswith("documents/day=") or key in files)

    def articles(self) -> dict[str, bytes]:
        return {stored.key: self.bucket.get(stored.key) for stored in self.bucket.list("articles/")}

    def reset(self) -> None:
        """As it was built, with what is to come."""
        self.bucket.delete(*({stored.key for stored in self.bucket.list()} - self.built.keys()))
        lay(self.bucket, self.built | self.coming)

    def spoil(self, key: str, bit: int) -> None:
        data, metadata = self.built[key]
        lay(self.bucket, {key: (flipped(data, bit), metadata)})


@pytest.fixture(scope="module")
def world(s3: str) -> World:
    sources = {id_: Source.model_validate(told) for id_, told in OUTLETS.items()}
    bucket = Bucket(f"test-{uuid.uuid4().hex[:12]}")
    bucket.ensure()
    for number in range(3):
        source = ("alfajr", "almada")[number % 2]
        pages = {
            f"http://{source}.example/{number}-{story}": page(
                f"خبر {number}-{story}",
                prose(900 * story + number * (story > 0)),
                f"2024-03-0{1 + number}T1{story}:30:00+03:00",
            )
            for story in range(2)
        }
        archive(bucket, source, f"run{number}", pages)
    stages.build(bucket, sources, "before")
    built = objects(bucket)
    anew = {
        "http://alfajr.example/9": page("خبر جديد", prose(0), "2024-03-01T08:30:00+03:00"),  # earlier than its copies
        "http://alfajr.example/2-1": page("خبر محدث", prose(77), "2024-03-03T11:30:00+03:00"),
    }
    archive(bucket, "alfajr", "run9", anew)
    coming = {key: held for key, held in objects(bucket).items() if key not in built}
    stages.build(bucket, sources, "after")
    world = World(bucket, built, coming, {})
    world.after = world.articles()
    return world


OUTLETS = {
    id_: {"id": id_, "name": name, "home": f"http://{id_}.example/", "timezone": "Asia/Damascus"}
    for id_, name in (("alfajr", "صحيفة الفجر"), ("almada", "موقع المدى"))
}


def told_by(attempt: Callable[[], object]) -> DamagedError | None:
    """The sentence in which something ends, if it does."""
    try:
        attempt()
    except DamagedError as damaged:
        return damaged if "`warraq build --repair`" in str(damaged) else pytest.fail(str(damaged))
    return None


KINDS = [
    "articles/_manifest.json",
    "articles/published=",
    "documents/day=",
    "documents/_delta_log/",
    "state/by_capture/",
    "state/deposited.json",
    "state/health/",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_told_or_made_good_and_repaired_into_the_same_bytes(
    world: World, sources: Sources, kind: str
) -> None:
    chance = random.Random(kind)
    world.reset()
    key = chance.choice(world.keys(kind))
    world.spoil(key, chance.randrange(8 * len(world.built[key][0])))
    damaged = told_by(lambda: stages.build(world.bucket, sources, "spoilt"))
    if damaged is not None:
        assert key.startswith(damaged.key)
        assert damaged.key in str(repair(world.bucket).damaged)
        stages.build(world.bucket, sources, "repaired")
    assert world.articles() == world.after
    assert corpus.verify(world.bucket) == []


def test_no_damage_of_documents_or_their_log_is_read_as_other_rows(world: World) -> None:
    world.reset()
    keys = world.keys("documents/", "state/by_")
    wanted = Documents(world.bucket).read(SCHEMA.names)
    sources = Documents(world.bucket).sources_of_captures()

    @settings(max_examples=40)
    @given(st.sampled_from(keys), st.floats(0, 1, exclude_max=True))
    def check(key: str, place: float) -> None:
        world.spoil(key, int(place * 8 * len(world.built[key][0])))
        found = []
        damaged = told_by(lambda: found.append(Documents(world.bucket).read(SCHEMA.names)))
        assert damaged is not None or found[0].equals(wanted)
        if key.startswith("state/"):
            assert Documents(world.bucket).sources_of_captures() == sources
        lay(world.bucket, {key: world.built[key]})

    check()


def test_a_takedown_is_never_passed_over(world: World, sources: Sources) -> None:
    world.reset()
    taken = corpus.take_down(world.bucket, "http://almada.example/never", "طلب", now=NOW).takedown
    data, metadata = objects(world.bucket)[taken.key]
    lay(world.bucket, {taken.key: (flipped(data, 8 * len(data) // 2), metadata)})
    with pytest.raises(WarraqError, match=taken.key):
        stages.build(world.bucket, sources, "spoilt")


def test_a_damaged_capture_costs_what_of_it_cannot_be_read_and_is_told(world: World, sources: Sources) -> None:
    world.reset()
    key = next(key for key in world.coming if key.endswith(".warc.gz") and key.startswith("captures/"))
    data, metadata = world.coming[key]
    lay(world.bucket, {key: (flipped(data, 8 * len(data) - 800), metadata)})
    with pytest.raises(DamagedError, match=key):
        world.bucket.get(key)
    stages.build(world.bucket, sources, "spoilt")
    rows = Documents(world.bucket).of_captures(["url", "rejected"], [key]).to_pylist()
    assert {row["rejected"] for row in rows} & {"unreadable", "truncated", "broken_capture"}, rows
    assert world.bucket.get("articles/_manifest.json")


def test_a_repair_that_is_killed_anywhere_goes_on(
    world: World, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reset()
    [key] = world.keys("documents/day=2024-03-01")
    world.spoil(key, 1000)

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    for of, name in ((Documents, "take_out"), (DeltaTable, "create_write_transaction")):
        with monkeypatch.context() as patch:
            patch.setattr(of, name, die)
            with pytest.raises(Killed):
                repair(world.bucket)
    repair(world.bucket)
    stages.build(world.bucket, sources, "repaired")
    assert world.articles() == world.after


def lies(seed: int) -> dialects.Dialect:
    """A store of which one answer in twelve is none, breaks off, or is spoilt on its way, but none twice in turn."""
    chance, lock, spared = random.Random(seed), threading.Lock(), set[tuple[str, str]]()

    def dialect(request: Request, ask: Ask) -> Answer:
        with lock:
            asked = request.method, request.path
            fault = chance.choice(FAULTS) if asked not in spared and chance.random() < 1 / 12 else ""
            spared.add(asked) if fault else spared.discard(asked)
            place = chance.random()
        if fault == "unavailable":
            return dialects.refusal(503, "SlowDown")
        if fault == "broken":
            return dialects.refusal(500, "InternalError")
        answer = ask(request)
        if fault == "lost" and request.method != "GET":  # it was done, and nobody hears of it
            return dialects.refusal(500, "InternalError")
        if request.method != "GET" or not request.is_object or not answer.body:
            return answer
        if fault == "cut":
            return replace(answer, cut=int(place * len(answer.body)))
        if fault == "spoilt":
            return replace(answer, body=flipped(answer.body, int(place * 8 * len(answer.body))))
        return answer

    return dialect


FAULTS = ["unavailable", "broken", "lost", "cut", "spoilt"]


def test_a_build_through_a_store_that_stumbles_ends_in_the_same_bytes(
    world: World, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reset()
    with through(world.bucket, monkeypatch, lies(1)) as stumbling:
        stages.build(stumbling, sources, "stumbled")
    assert world.articles() == world.after
    assert corpus.verify(world.bucket) == []


def test_a_log_whose_bodies_break_off_is_asked_for_again(
    world: World, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reset()
    asked = itertools.count()

    def dialect(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        if request.method == "GET" and request.path.endswith("/_last_checkpoint") and next(asked) % 2 == 0:
            return replace(answer, cut=len(answer.body) // 2)
        return answer

    with through(world.bucket, monkeypatch, dialect) as breaking:
        stages.build(breaking, sources, "broken-off")
    assert next(asked) > 2
    assert world.articles() == world.after


def test_keys_that_no_longer_hold_end_a_build_with_a_sentence(
    world: World, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reset()
    left = [30]

    def dialect(request: Request, ask: Ask) -> Answer:
        left[0] -= 1
        return ask(request) if left[0] > 0 else dialects.refusal(403, "ExpiredToken")

    with (
        through(world.bucket, monkeypatch, dialect) as expired,
        pytest.raises(WarraqError, match=r"AWS_SESSION_TOKEN|documents/"),
    ):
        stages.build(expired, sources, "expired")
    stages.build(world.bucket, sources, "again")
    assert world.articles() == world.after


def test_what_is_lost_is_told_beside_what_is_made_anew() -> None:
    found = Repaired(["documents/day=2024-03-01/part-1.parquet"], 1, ["captures/source=alfajr/1.warc.gz"])
    assert found.damaged_told() == ["documents/day=2024-03-01/part-1.parquet was damaged, and is made anew."]
    [lost] = found.lost_told()
    assert "captures/source=alfajr/1.warc.gz is gone" in lost
    assert Repaired([], 0, []).damaged_told() == ["Nothing that is made from captures is damaged."]
