"""The settings, as the environment has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.settings import AWS, SettingError, Settings, list_settings, read_settings, unknown_variables


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    for variable in AWS:
        monkeypatch.delenv(variable, raising=False)


def test_each_has_its_default() -> None:
    assert read_settings().model_dump() == {
        "bucket": "warraq",
        "sources": Path("config/sources"),
        "contact": None,
        "home": Path(".warraq"),
        "chromium": None,
        "aws_conn_id": None,
        "notify_mail": None,
        "notify_apprise": None,
        "built_within_hours": 12,
        "publisher": None,
    }


def test_several_mailboxes_may_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARRAQ_NOTIFY_MAIL", "desk@news.example, night@news.example,desk@news.example")
    assert read_settings().mail_addresses == ["desk@news.example", "night@news.example"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WARRAQ_NOTIFY_MAIL", "desk"),
        ("WARRAQ_NOTIFY_MAIL", "desk@news.example; night@news.example"),
        ("WARRAQ_NOTIFY_MAIL", "desk@news.example,"),
        ("WARRAQ_BUILT_WITHIN_HOURS", "0"),
        ("WARRAQ_BUILT_WITHIN_HOURS", "soon"),
    ],
)
def test_what_cannot_be_told_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingError, match=f"{variable} is '{value}'"):
        read_settings()


def test_a_password_in_the_stores_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://user:s3cret@store.example")
    with pytest.raises(SettingError, match="AWS_ENDPOINT_URL_S3 has a name or a password") as refused:
        read_settings()
    assert "s3cret" not in str(refused.value)


def test_the_environment_is_read_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARRAQ_BUCKET", "news")
    monkeypatch.setenv("WARRAQ_AWS_CONN_ID", "store")
    first = read_settings()
    assert (first.bucket, first.aws_conn_id) == ("news", "store")
    monkeypatch.setenv("WARRAQ_BUCKET", "other")
    assert read_settings().bucket == "other"
    with pytest.raises(ValidationError, match="frozen"):
        first.bucket = "third"


@pytest.mark.parametrize("name", ["BUCKET", "bucket", "warraq_bucket", "WARRAQ_bucket"])
def test_only_the_whole_name_sets_anything(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "news")
    assert read_settings().bucket == "warraq"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.setenv(str(field.validation_alias), "")
    assert read_settings().model_fields_set == set()


@pytest.mark.parametrize(
    "contact",
    ["https://news.example/crawler", "http://news.example", "desk@news.example", "mailto:desk@news.example"],
)
def test_an_owner_can_be_reached_by_a_url_or_by_mail(monkeypatch: pytest.MonkeyPatch, contact: str) -> None:
    monkeypatch.setenv("WARRAQ_CONTACT", contact)
    assert read_settings().contact == contact


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("WARRAQ_CONTACT", "the desk", "a URL"),
        ("WARRAQ_CONTACT", "news.example", "a URL"),
        ("WARRAQ_CONTACT", "https://news.example/\r\nX-Other: 1", "a URL"),
        ("WARRAQ_CONTACT", "https://news.example/)", "a URL"),
        ("WARRAQ_CONTACT", "https://خبر.example/", "a URL"),
        ("WARRAQ_BUCKET", "s3://news", "a bucket's bare name"),
        ("WARRAQ_BUCKET", "news/articles", "a bucket's bare name"),
        ("WARRAQ_BUCKET", "n", "a bucket's bare name"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingError) as told:
        read_settings()
    assert str(told.value).startswith(f"{variable} is {value!r}: expected {expected}")
    assert "\n" not in str(told.value)


def test_every_setting_is_listed_with_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARRAQ_BUCKET", "warraq")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://store.example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    found = {one.variable: (one.value, one.origin) for one in list_settings()}
    assert found["WARRAQ_BUCKET"] == ("warraq", "environment")
    assert found["WARRAQ_HOME"] == (".warraq", "default")
    assert found["WARRAQ_CONTACT"] == (None, "not set")
    assert found["AWS_ENDPOINT_URL_S3"] == ("https://store.example", "environment")
    assert found["AWS_SECRET_ACCESS_KEY"] == ("set", "environment")
    assert found["AWS_PROFILE"] == (None, "not set")
    assert len(found) == len(Settings.model_fields) + len(AWS)
    assert all(one.description for one in list_settings())


def test_variables_that_are_no_settings_are_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unknown_variables() == {}
    for name in ("WARRAQ_BUKET", "warraq_home", "WARRAQ_XYZZY", "WARRAQ_SOURCES"):
        monkeypatch.setenv(name, "x")
    assert unknown_variables() == {
        "WARRAQ_BUKET": "WARRAQ_BUCKET",
        "WARRAQ_XYZZY": None,
        "warraq_home": "WARRAQ_HOME",
    }
