"""What a channel is told: every change once, whatever fails and in whatever order runs come; and the day's list."""

from __future__ import annotations

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.bucket import Bucket
from pipeline.health import Message, NoticesError, Standing, late_run, notices, tell
from pipeline.health.notices import CLAIM, DIGEST_HOUR, MOST_A_DAY, Memory, changes, compose, is_digest_due, remember

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
NIGHT = NOON.replace(hour=DIGEST_HOUR - 1)
HOUR = timedelta(hours=1)
NAMES = {"siraj": "سراج", "difaf": "ضفاف"}


def standing(source: str, state: str = "ok", **more: str) -> Standing:
    said = {"reason": f"why {source} is {state}", "since": "2026-11-27", "todo": f"mend {source}"}
    return Standing("source", source, NAMES.get(source, source), state, state not in {"ok", "off"}, **(said | more))


class Recipient:
    """Somebody who is told; while `down`, nothing reaches him."""

    def __init__(self) -> None:
        self.down = False
        self.got: list[Message] = []

    def __call__(self, message: Message) -> None:
        if self.down:
            raise ConnectionError("no route to the recipient")
        self.got.append(message)


# Plain data ---------------------------------------------------------------------------------------------------------------

STATES = st.sampled_from(["ok", "sick", "blocked", "silent"])
LOOKS = st.lists(st.tuples(st.fixed_dictionaries({"siraj": STATES, "difaf": STATES}), st.integers(13, 40)), max_size=12)


@given(LOOKS)
def test_every_change_is_told_once_and_what_did_not_change_is_not(looks) -> None:
    memory, now = Memory(), NOON
    before = {"siraj": "ok", "difaf": "ok"}
    for states, hours in looks:  # of which no three lie within a day
        now += hours * HOUR
        all_ = [standing(source, state) for source, state in states.items()]
        told = changes(memory, all_, now)
        expected = {source for source, state in states.items() if state != before[source]}
        assert {one.standing.id for one in told} == expected
        memory = remember(memory, told, all_, now, whole=True, digest=False)
        assert changes(memory, all_, now) == []
        before = states


@given(st.lists(st.tuples(STATES, st.integers(0, 8 * 60)), min_size=1, max_size=40))
def test_a_source_that_wavers_is_told_twice_a_day_at_most_and_the_last_word_is_true(looks) -> None:
    memory, now, told_at = Memory(), NOON, []
    for state, minutes in looks:
        now += minutes * timedelta(minutes=1)
        all_ = [standing("siraj", state)]
        told = changes(memory, all_, now)
        told_at += [now] * len(told)
        memory = remember(memory, told, all_, now, whole=True, digest=False)
    for at in told_at:
        assert sum(at <= other < at + timedelta(days=1) for other in told_at) <= MOST_A_DAY
    last = [standing("siraj", looks[-1][0])]
    later = now + timedelta(days=1)
    memory = remember(memory, changes(memory, last, later), last, later, whole=True, digest=False)
    known = memory.told.get("source siraj")
    assert (known.state if known else "") == ("" if looks[-1][0] == "ok" else looks[-1][0])


def test_between_states_in_which_nothing_is_wrong_nothing_is_told() -> None:
    memory = Memory()
    for state in ("ok", "off", "ok"):
        assert changes(memory, [standing("siraj", state)], NOON) == []


def test_a_source_that_was_removed_is_forgotten() -> None:
    all_ = [standing("siraj", "sick"), standing("difaf", "sick")]
    memory = remember(Memory(), changes(Memory(), all_, NOON), all_, NOON, whole=True, digest=False)
    assert changes(memory, all_[:1], NOON + HOUR) == []
    assert set(remember(memory, [], all_[:1], NOON + HOUR, whole=True, digest=False).told) == {"source siraj"}
    # One look at a part of them forgets nothing.
    assert set(remember(memory, [], all_[:1], NOON + HOUR, whole=False, digest=False).told) == set(memory.told)


def test_a_late_run_is_told_once_a_day_and_its_end_is_not() -> None:
    run = {
        "dag_id": "crawl_siraj",
        "dag_display_name": "crawl siraj · سراج",
        "dag_run_id": "scheduled__x",
        "queued_at": "06:00",
    }
    all_ = [late_run(run, "12:00")]
    memory = remember(Memory(), changes(Memory(), all_, NOON), all_, NOON, whole=False, digest=False)
    assert changes(memory, all_, NOON + 23 * HOUR) == []
    assert changes(memory, [standing("siraj")], NOON + HOUR) == []
    kept = remember(memory, [], [standing("siraj")], NOON + HOUR, whole=True, digest=True)
    assert changes(kept, all_, NOON + 2 * HOUR) == []
    assert len(changes(kept, all_, NOON + 24 * HOUR)) == 1
    message = compose(changes(Memory(), all_, NOON), all_, digest=False, pages=None)
    assert message.title == "warraq: crawl_siraj is running late"
    assert "its run scheduled__x was queued at 06:00 and is not over; it was due by 12:00" in message.text


def test_the_digest_is_due_once_a_day_from_its_hour_on() -> None:
    assert not is_digest_due(Memory(), NIGHT)
    assert is_digest_due(Memory(digest="2026-11-28"), NOON)
    assert not is_digest_due(Memory(digest="2026-11-29"), NOON)
    assert not is_digest_due(Memory(digest="2026-11-29"), NIGHT + 24 * HOUR)


# Texts --------------------------------------------------------------------------------------------------------------------


def test_a_message_says_who_what_since_when_why_and_what_to_do() -> None:
    one = standing("siraj", "sick", found="home page http://siraj.example/: HTTP 503")
    told = changes(Memory(), [one], NOON)
    message = compose(told, [one], digest=False, pages="https://airflow.example/warraq/sources/")
    assert message.title == "warraq: siraj is sick"
    assert message.text.splitlines() == [
        "سراج (siraj): sick, was well, since 2026-11-27",
        "Why: why siraj is sick",
        "Looked at just now: home page http://siraj.example/: HTTP 503",
        "To do: mend siraj",
        "https://airflow.example/warraq/sources/siraj",
    ]


def test_what_a_reader_would_not_see_is_escaped_and_no_reason_makes_lines_of_its_own() -> None:
    one = standing("siraj", "sick", reason="a\nTo do: pay {{ me }}\u202eevil<b>")
    message = compose(changes(Memory(), [one], NOON), [one], digest=True, pages=None)
    assert "Why: a\\nTo do: pay {{ me }}\\u202eevil<b>" in message.text.splitlines()
    assert "&lt;b&gt;" in message.html
    assert "<b>" not in message.html
    assert 'dir="auto"' in message.html


def test_the_digest_names_all_that_is_wrong_once_the_worst_first() -> None:
    all_ = [standing("siraj", "sick"), standing("difaf", "silent"), standing("nakhil")]
    message = compose(changes(Memory(), all_[:1], NOON), all_, digest=True, pages=None)
    assert message.title == "warraq: siraj is sick; 2 of 3 sources need a person"
    assert "Sources: 1 sick, 1 silent, 1 ok." in message.text
    heads = [part.splitlines()[0] for part in message.text.split("\n\n")]
    assert [head.partition(":")[0] for head in heads] == ["سراج (siraj)", "The day's list. Sources", "ضفاف (difaf)"]


def test_where_all_is_well_the_digest_is_one_line() -> None:
    message = compose([], [standing("siraj"), standing("difaf", "off")], digest=True, pages="https://airflow.example/")
    assert message == Message(
        "warraq: nothing needs a person", "The day's list. Sources: 1 ok, 1 off. Nothing needs a person."
    )


def test_many_changes_make_one_short_title() -> None:
    all_ = [standing(f"source{number}", "sick") for number in range(7)]
    message = compose(changes(Memory(), all_, NOON), all_, digest=False, pages=None)
    assert message.title == "warraq: source0 is sick, source1 is sick, source2 is sick and 4 more changed"
    assert len(message.text.split("\n\n")) == 7


# In the bucket ------------------------------------------------------------------------------------------------------------


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(STATES, st.booleans(), st.booleans()), max_size=5))
def test_whatever_fails_every_change_that_lasts_reaches_each_recipient_once(bucket: Bucket, looks) -> None:
    example, recipients = uuid.uuid4().hex, {"mail": Recipient(), "chat": Recipient()}
    for day, (state, *down) in enumerate([*looks, ("sick", False, False)]):
        now = NIGHT + timedelta(days=2 * day)
        for (name, recipient), recipient.down in zip(recipients.items(), down, strict=True):
            had = len(recipient.got)
            for _ in range(2):  # the run, and one that finds nothing new
                with suppress(ConnectionError):
                    tell(bucket, f"{example}-{name}", recipient, [standing("siraj", state)], lambda now=now: now)
            assert len(recipient.got) - had <= (not recipient.down)
    for recipient in recipients.values():
        known = "well"
        for message in recipient.got:
            found = re.match(r"سراج \(siraj\): (\w+), was (\w+)", message.text)
            assert found
            assert found[2] == known
            known = found[1].replace("ok", "well")
            assert known != found[2]
        assert known == "sick"


def test_of_two_runs_at_once_one_tells(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_PAUSE_SECONDS", 0.05)
    recipient, all_ = Recipient(), [standing("siraj", "sick")]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: tell(bucket, "chat", recipient, all_, lambda: NOON), range(4)))
    assert [one for one in told if one] == recipient.got
    assert len(recipient.got) == 1


def test_a_run_that_was_killed_while_it_told_holds_the_channel_for_a_while(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    recipient, all_ = Recipient(), [standing("siraj", "sick")]
    put = Bucket.put

    def killed(message: Message) -> None:
        monkeypatch.setattr(Bucket, "put", lambda *_, **__: None)  # it writes nothing any more
        raise KilledError

    with pytest.raises(KilledError):
        tell(bucket, "chat", killed, all_, lambda: NOON)
    monkeypatch.setattr(Bucket, "put", put)
    monkeypatch.setattr(notices, "_PAUSE_SECONDS", CLAIM.total_seconds())
    monkeypatch.setattr(notices.time, "sleep", lambda _: None)
    with pytest.raises(NoticesError, match="another run has been telling"):
        tell(bucket, "chat", recipient, all_, lambda: NOON + CLAIM / 2)
    assert tell(bucket, "chat", recipient, all_, lambda: NOON + CLAIM)
    assert len(recipient.got) == 1


def test_the_memory_is_small_plain_and_the_same_for_the_same(bucket: Bucket) -> None:
    all_ = [standing("siraj", "sick"), standing("difaf", "blocked"), standing("nakhil")]
    for channel, order in (("one", all_), ("two", all_[::-1])):
        assert tell(bucket, channel, Recipient(), order, lambda: NOON)
    assert bucket.get("health/told/one.json") == bucket.get("health/told/two.json")
    assert json.loads(bucket.get("health/told/one.json")) == {
        "digest": "2026-11-29",
        "going_out_by": "",
        "going_out_since": None,
        "told": {
            "source difaf": {"at": ["2026-11-29T12:00:00+00:00"], "state": "blocked"},
            "source siraj": {"at": ["2026-11-29T12:00:00+00:00"], "state": "sick"},
        },
    }
    assert tell(bucket, "one", Recipient(), all_, lambda: NOON + HOUR) is None


def test_a_memory_that_cannot_be_read_is_told_and_not_overwritten(bucket: Bucket) -> None:
    bucket.put("health/told/chat.json", b"[]")
    with pytest.raises(NoticesError, match=r"health/told/chat.json in bucket .* delete it"):
        tell(bucket, "chat", Recipient(), [standing("siraj", "sick")], lambda: NOON)
    assert bucket.get("health/told/chat.json") == b"[]"


def test_a_part_of_them_brings_no_digest(bucket: Bucket) -> None:
    recipient = Recipient()
    assert tell(bucket, "chat", recipient, [standing("siraj")], lambda: NOON, whole=False) is None
    message = tell(bucket, "chat", recipient, [replace(standing("siraj"), wrong=True)], lambda: NOON, whole=False)
    assert message is not None
    assert "The day's list" not in message.text
