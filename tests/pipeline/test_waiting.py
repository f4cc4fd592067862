"""Which capture files wait: whatever was announced, copied by hand, killed or lost, none is overlooked and none is taken twice."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import build, waiting
from pipeline.bucket import Bucket
from pipeline.captures import CaptureWriter, announce, announced, list_page_files
from pipeline.documents import Documents
from pipeline.sources import Source
from tests.pipeline.conftest import archive, page, prose, take_in

Sources = dict[str, Source]


def one(bucket: Bucket, run: str, source: str = "alfajr") -> str:
    """The key of a new capture file."""
    return archive(bucket, source, run, {f"http://{source}.example/{run}": page(run, prose(len(run)), "2024-03-19")})


def copied(bucket: Bucket, run: str, source: str = "alfajr") -> str:
    """The key of one that somebody copied there, so that nobody announced it."""
    key = one(bucket, run, source)
    bucket.delete(f"state/waiting/{key.removeprefix('captures/')}")
    return key


def listings(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The prefixes that are listed from now on."""
    listed: list[str] = []
    list_ = Bucket.list

    def noted(self: Bucket, prefix: str = "", **more: str) -> object:
        listed.append(prefix)
        return list_(self, prefix, **more)

    monkeypatch.setattr(Bucket, "list", noted)
    return listed


def test_a_run_with_nothing_new_lists_no_captures(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(bucket, "first")
    build.build(bucket, sources, "b1")
    assert announced(bucket) == {}, "what is taken in waits no longer"
    listed = listings(bucket, monkeypatch)
    assert build.build(bucket, sources, "b2") is None
    assert not [prefix for prefix in listed if prefix.startswith("captures/")]
    key = one(bucket, "second")
    assert waiting.waiting_captures(bucket, sources) == [key]
    assert [prefix for prefix in listed if prefix.startswith("captures/")] == [f"{key.rpartition('/')[0]}/"]


def test_what_nobody_announced_is_found_within_a_day(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(bucket, "first")
    build.build(bucket, sources, "b1")
    key = copied(bucket, "by-hand")
    assert waiting.waiting_captures(bucket, sources) == []
    monkeypatch.setattr(waiting, "_HOLDS_FOR", timedelta())
    assert waiting.waiting_captures(bucket, sources) == [key]
    build.build(bucket, sources, "b2")
    assert key in Documents(bucket).capture_files()


@pytest.mark.parametrize("event", ["the listing is lost", "the table is lost", "an older table", "another source"])
def test_it_is_found_at_once_where_what_was_noted_may_be_wrong(bucket: Bucket, sources: Sources, event: str) -> None:
    one(bucket, "first")
    build.build(bucket, {"alfajr": sources["alfajr"]}, "b1")
    older = {stored.key: bucket.get(stored.key) for stored in bucket.list("documents/_delta_log/")}
    second = one(bucket, "second")
    build.build(bucket, {"alfajr": sources["alfajr"]}, "b2")
    key = copied(bucket, "by-hand", "almada" if event == "another source" else "alfajr")
    given, expected = {"alfajr": sources["alfajr"]}, {key}
    match event:
        case "the listing is lost":
            bucket.put("state/listing.json", b"{}")
        case "the table is lost":
            bucket.delete_below("documents/")
            expected = set(list_page_files(bucket))
        case "an older table":
            bucket.delete(*(stored.key for stored in bucket.list("documents/_delta_log/") if stored.key not in older))
            expected = {key, second}
        case "another source":
            given = sources
    assert set(waiting.waiting_captures(bucket, given)) == expected


def test_a_file_that_was_announced_and_never_came_stops_nothing(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = one(bucket, "first")
    never = key.replace("first", "never")
    announce(bucket, never)
    build.build(bucket, sources, "b1")
    assert waiting.waiting_captures(bucket, sources) == []
    monkeypatch.setattr(waiting, "_HOLDS_FOR", timedelta())
    waiting.note_captures(bucket, sources)
    assert list(announced(bucket)) == [never], "its writer may be at work yet"
    monkeypatch.setattr(waiting, "_NEVER_WRITTEN", timedelta(days=-1))
    waiting.note_captures(bucket, sources)
    assert announced(bucket) == {}


def test_a_writer_that_is_killed_after_the_file_has_announced_it(
    bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.build(bucket, sources, "b1")
    put = Bucket.put

    def killed(self: Bucket, key: str, data: bytes, **more: object) -> str:
        if key.endswith(".cdxj"):
            raise KeyboardInterrupt
        return put(self, key, data, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Bucket, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        one(bucket, "killed")
    assert waiting.waiting_captures(bucket, sources) == list_page_files(bucket)
    assert len(list_page_files(bucket)) == 1


def test_what_discovery_fetched_waits_for_nobody(bucket: Bucket) -> None:
    writer = CaptureWriter(bucket, "alfajr", "run", kind="discovery")
    assert writer.flush() is None
    announce(bucket, "captures/source=alfajr/fetched=2024-03-20/run-discovery-00000.warc.gz")
    assert not list(bucket.list("state/"))


def test_files_left_out_are_counted_once(bucket: Bucket, sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    one(bucket, "first", "nowhere")
    one(bucket, "known")
    copied(bucket, "copied", "nowhere")
    for _ in range(2):
        assert waiting.left_out(bucket, sources) == {"nowhere": 2}
        waiting.note_captures(bucket, sources)
    one(bucket, "later", "nowhere")
    assert waiting.left_out(bucket, sources) == {"nowhere": 3}
    monkeypatch.setattr(waiting, "_HOLDS_FOR", timedelta())
    waiting.note_captures(bucket, sources)
    assert waiting.left_out(bucket, sources) == {"nowhere": 3}


EVENTS = st.lists(
    st.sampled_from(["crawl", "announce", "build", "killed build", "lose state", "lose documents", "list"]),
    min_size=1,
    max_size=6,
)


def test_after_any_history_a_build_has_taken_in_every_file(bucket: Bucket, sources: Sources) -> None:
    @settings(max_examples=8)
    @given(EVENTS)
    def check(events: list[str]) -> None:
        for prefix in ("captures/", "documents/", "articles/", "state/", "work/"):
            bucket.delete_below(prefix)
        for number, event in enumerate(events):
            match event:
                case "crawl":
                    one(bucket, f"run{number}")
                case "announce":
                    announce(bucket, f"captures/source=alfajr/fetched=2024-03-20/never{number}-00000.warc.gz")
                case "build":
                    build.build(bucket, sources, f"b{number}")
                case "killed build":
                    take_in(bucket, sources, "killed")
                case "lose state":
                    bucket.delete_below("state/")
                case "lose documents":
                    bucket.delete_below("documents/")
                case "list":
                    waiting.note_captures(bucket, sources)
        waits = set(list_page_files(bucket)) - Documents(bucket).capture_files()
        assert set(waiting.waiting_captures(bucket, sources)) == waits
        build.build(bucket, sources, "last")
        assert Documents(bucket).capture_files() == set(list_page_files(bucket))

    check()
