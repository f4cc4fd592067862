"""Who is told by what the settings name: real mail, a real webhook, and the log where nobody is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline.bucket import Bucket
from pipeline.health import Standing
from tests.dags.receivers import MailServer, Webhook, apprise_connection, mail_server, webhook


def sick(state: str = "sick") -> list[Standing]:
    return [Standing("source", "siraj", "سراج", state, state != "ok", "its host is dead", todo="warraq check siraj")]


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def hook() -> Iterator[Webhook]:
    with webhook() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def _both(mails: MailServer, hook: Webhook, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mailboxes and a webhook are told; nobody was, and all answer."""
    for one in (mails, hook):
        one.down = False
        one.got.clear()
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", mails.connection)
    monkeypatch.setenv("AIRFLOW_CONN_CHATS", apprise_connection(hook.address))
    monkeypatch.setenv("WARRAQ_NOTIFY_MAIL", "desk@news.example, night@news.example")
    monkeypatch.setenv("WARRAQ_NOTIFY_APPRISE", "chats")
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example/")


def notify(bucket: Bucket, standings: list[Standing]) -> None:
    from dags import notify

    notify.notify(bucket, standings, whole=False)


def test_mailboxes_and_services_are_told_once_of_each_change(bucket: Bucket, mails: MailServer, hook: Webhook) -> None:
    for state in ("ok", "sick", "sick", "ok", "ok"):
        notify(bucket, sick(state))
    assert [to for to, _ in mails.got] == ["desk@news.example", "night@news.example"] * 2
    assert [mail["Subject"] for _, mail in mails.got[::2]] == ["warraq: siraj is sick", "warraq: siraj is ok"]
    assert mails.got[0][1]["From"] == "warraq@news.example"
    body = mails.got[0][1].get_body()
    assert body
    assert "سراج (siraj): sick, was well" in body.get_content()
    assert [one["title"] for one in hook.got] == ["warraq: siraj is sick", "warraq: siraj is ok"]
    assert hook.texts[0].splitlines() == [
        "سراج (siraj): sick, was well",
        "Why: its host is dead",
        "To do: warraq check siraj",
        "https://airflow.example/warraq/sources/siraj",
    ]


def test_who_cannot_be_told_is_told_the_next_time_and_nobody_twice(
    bucket: Bucket, mails: MailServer, hook: Webhook
) -> None:
    from dags.notify import NotSentError

    hook.down = True
    with pytest.raises(NotSentError, match=r"json \(service 1 of the connection\): it does not answer") as failed:
        notify(bucket, sick())
    assert "sent again by the next run" in str(failed.value)
    assert "\n" not in str(failed.value)
    mails.down, hook.down = True, False
    notify(bucket, sick())
    assert (len(mails.got), len(hook.got)) == (2, 1)
    with pytest.raises(
        NotSentError, match=r"mail to desk@news\.example: .*no such mailbox.*mail to night@news\.example"
    ):
        notify(bucket, sick("ok"))
    mails.down = False
    notify(bucket, sick("ok"))
    assert [mail["Subject"] for _, mail in mails.got[2:]] == ["warraq: siraj is ok"] * 2
    assert len(hook.got) == 2


def test_one_wrong_address_keeps_nothing_from_the_others(
    bucket: Bucket, mails: MailServer, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dags.notify import NotSentError

    monkeypatch.setenv("WARRAQ_NOTIFY_MAIL", "nobody@news.example,desk@news.example")
    monkeypatch.setenv("AIRFLOW_CONN_CHATS", apprise_connection("nonsense://x", hook.address))
    for _ in range(2):
        with pytest.raises(NotSentError, match=r"mail to nobody@.*nonsense \(service 1 .*none that Apprise knows"):
            notify(bucket, sick())
    assert [to for to, _ in mails.got] == ["desk@news.example"]
    assert len(hook.got) == 1


@pytest.mark.parametrize(
    "connection", [None, '{"conn_type": "apprise"}', '{"conn_type": "apprise", "extra": {"config": 5}}']
)
def test_a_connection_that_is_wrong_is_named_also_where_nothing_is_to_be_told(
    bucket: Bucket, mails: MailServer, monkeypatch: pytest.MonkeyPatch, connection: str | None
) -> None:
    from dags.notify import NotSentError

    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_CHATS", connection)
    else:
        monkeypatch.delenv("AIRFLOW_CONN_CHATS")
    with pytest.raises(NotSentError, match="connection chats: "):
        notify(bucket, sick("ok"))
    with pytest.raises(NotSentError):
        notify(bucket, sick())
    assert len(mails.got) == 2


def test_a_long_message_reaches_a_service_whole(bucket: Bucket, hook: Webhook) -> None:
    many = [
        Standing("source", f"source{number:03}", "موقع", "sick", True, "its host is dead " * 20)
        for number in range(150)
    ]
    notify(bucket, many)
    assert len(hook.got) > 1
    assert all(f"(source{number:03})" in "".join(hook.texts) for number in range(150))


def test_with_no_channel_the_log_says_what_would_have_been_told(
    bucket: Bucket, mails: MailServer, hook: Webhook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("WARRAQ_NOTIFY_MAIL")
    monkeypatch.delenv("WARRAQ_NOTIFY_APPRISE")
    with caplog.at_level(logging.INFO, "dags.notify"):
        notify(bucket, sick())
    assert "Would have told" in caplog.text
    assert "سراج (siraj): sick, was well" in caplog.text
    assert (mails.got, hook.got) == ([], [])


def test_a_late_run_is_told(bucket: Bucket, hook: Webhook) -> None:
    from dags.notify import tell_late

    run = {"dag_id": "crawl_siraj", "dag_run_id": "scheduled__1", "queued_at": "2026-11-29T06:00:00Z"}
    for _ in range(2):
        tell_late({"dag_run": run, "deadline": {"deadline_time": datetime(2026, 11, 29, 12, tzinfo=UTC)}})
    assert [one["title"] for one in hook.got] == ["warraq: crawl_siraj is running late"]
