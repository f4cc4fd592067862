"""What an operator sets: the ``WARRAQ_*`` variables of the environment, each with its type, default and meaning.

They are read when they are asked for, from the environment alone. What one process hands to its own child is no setting and does
not stand here (`crawlers.run.PARENT`). The bucket's address and credentials are the standard AWS settings, which boto3 reads.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import AliasGenerator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import WarraqError

PREFIX = "WARRAQ_"


class SettingError(WarraqError):
    """A variable has a value that cannot be used; the message names both, and says what is expected."""


class Settings(BaseSettings):
    """The settings as the environment has them now; a variable that is empty counts as not set."""

    model_config = SettingsConfigDict(
        frozen=True,
        # The whole name as it stands: `warraq_bucket` sets nothing, in any tool.
        case_sensitive=True,
        alias_generator=AliasGenerator(validation_alias=lambda name: f"{PREFIX}{name.upper()}"),
        env_ignore_empty=True,
    )

    bucket: str = Field("warraq", description="the bucket's name")
    sources: Path = Field(
        Path("config/sources"),
        description="the folder of the sources' files; `warraq up` takes the demo's own without it",
    )
    contact: str | None = Field(
        None, description="a URL or mail address at which the sites' owners reach you, in the User-Agent"
    )
    publisher: str | None = Field(
        None, description="the person or body who deposits the corpus, as the citations of its snapshots name it"
    )
    home: Path = Field(
        Path(".warraq"), description="the folder in which `warraq demo` and `warraq up` keep their state"
    )
    chromium: Path | None = Field(
        None, description="the Chromium that opens pages of sources with `browser: true`; Playwright's own without it"
    )
    aws_conn_id: str | None = Field(
        None,
        description="the id of an Airflow connection of type `aws`, whose settings Airflow's tasks take in place of those of AWS",
    )

    notify_mail: str | None = Field(
        None,
        description="mail addresses, with commas between, that are told which sources need a person; the Airflow connection "
        "`smtp_default` names the server",
    )
    notify_apprise: str | None = Field(
        None,
        description="the id of an Airflow connection of type `apprise`, whose services (Slack, Telegram, a webhook …) are told "
        "the same",
    )
    built_within_hours: int = Field(12, ge=1, description="hours without a corpus build after which operators are told")

    @property
    def mail_addresses(self) -> list[str]:
        """The addresses of `notify_mail`, each once."""
        return list(dict.fromkeys(one.strip() for one in (self.notify_mail or "").split(",") if one.strip()))

    @field_validator("bucket")
    @classmethod
    def _bare_name(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._-]{3,63}", name):
            raise ValueError(
                "a bucket's bare name such as warraq: 3 to 63 letters, digits, dots, hyphens or underscores"
            )
        return name

    @field_validator("notify_mail")
    @classmethod
    def _addresses(cls, addresses: str | None) -> str | None:
        if addresses and not all(re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", one.strip()) for one in addresses.split(",")):
            raise ValueError("mail addresses with commas between, such as desk@news.example, night@news.example")
        return addresses

    @field_validator("contact")
    @classmethod
    def _reachable(cls, contact: str | None) -> str | None:
        # It stands between brackets in a header.
        if contact and not re.fullmatch(r"(https?://|(mailto:)?[!-'*-~]+@)[!-'*-~]+", contact):
            raise ValueError(
                "a URL such as https://news.example/crawler or a mail address, in ASCII, no spaces or brackets"
            )
        return contact


def read_settings() -> Settings:
    """The settings as they are now.

    Raises:
        SettingError: a value is wrong, or the store's address bears a password.
    """
    for variable in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        if "@" in os.environ.get(variable, ""):  # and every message that names the store would show it
            raise SettingError(
                f"{variable} has a name or a password before the host, which no store is sent: leave them out, and set "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
    try:
        return Settings()
    except ValidationError as error:
        raise SettingError(
            "\n".join(
                f"{detail['loc'][0]} is {detail['input']!r}: expected {detail['msg'].removeprefix('Value error, ')}"
                for detail in error.errors()
            )
        ) from None


AWS = {
    "AWS_ENDPOINT_URL_S3": "the store; leave it out for AWS itself",
    "AWS_ENDPOINT_URL": "the store, where `AWS_ENDPOINT_URL_S3` is not set",
    "AWS_DEFAULT_REGION": "the store's region",
    "AWS_REGION": "the same, where neither `AWS_DEFAULT_REGION` nor the profile names one; `us-east-1` without any",
    "AWS_ACCESS_KEY_ID": "the id of the key",
    "AWS_SECRET_ACCESS_KEY": "the key's secret",
    "AWS_SESSION_TOKEN": "the session's token, with keys that expire",
    "AWS_PROFILE": "a profile of `~/.aws`, for the keys and the region that are not set here",
}
"""The AWS variables by which the bucket is reached, with their meaning."""

_SECRET = frozenset({"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})


Origin = Literal["environment", "default", "not set"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable as it stands: its value (None: it has none; of a secret, only that it is set), whence, and what it means."""

    variable: str
    value: str | None
    origin: Origin
    description: str


def list_settings() -> list[Setting]:
    """Every setting, then the AWS variables.

    Raises:
        SettingError: a value is wrong.
    """
    settings = read_settings()
    listed = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        origin: Origin = "default" if value is not None else "not set"
        if name in settings.model_fields_set:
            origin = "environment"
        shown = None if value is None else str(value)
        listed.append(Setting(str(field.validation_alias), shown, origin, field.description or ""))
    for variable, description in AWS.items():
        given = os.environ.get(variable) or None
        shown = "set" if given and variable in _SECRET else given
        listed.append(Setting(variable, shown, "environment" if given else "not set", description))
    return listed


def unknown_variables() -> dict[str, str | None]:
    """The variables that look like settings and are none, each with the setting whose name is nearest, if any is near."""
    names = [name.upper() for name in Settings.model_fields]
    unknown = {}
    for variable in sorted(os.environ):
        name = variable.upper().removeprefix(PREFIX)
        if variable.upper().startswith(PREFIX) and variable.removeprefix(PREFIX) not in names:
            near = get_close_matches(name, names, n=1)
            unknown[variable] = PREFIX + near[0] if near else None
    return unknown
