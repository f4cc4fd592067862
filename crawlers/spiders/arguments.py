"""The spider's arguments, validated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from crawlers.run import Options, check_reasons, new_run
from crawlers.window import Window, resolve_window
from pipeline.errors import WarraqError
from pipeline.sources import SourceError, find_source

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pipeline.sources import Source


class ArgumentError(WarraqError, ValueError):
    """A spider argument that cannot be used; the message is one sentence and names it."""


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str
    since: str | None = None
    until: str | None = None
    run: str | None = Field(None, pattern=r"^[a-z0-9][A-Za-z0-9_.-]{0,127}$")
    recrawl: bool = False
    refetch: str = ""
    refetch_before: AwareDatetime | None = None
    discovery: str = ""
    limit: int | None = Field(None, ge=1)
    dry_run: bool = False
    seconds: int | None = Field(None, ge=1)

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(name for name in self.discovery.split(",") if name)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The spider's arguments: what ``-a source=ID [-a since=DAY] [-a until=DAY] [-a run=NAME]`` and those of `Options` say.

    The window is that of `resolve_window` for a run by hand. The source has the discoveries alone that are to be used.
    """

    source: Source
    window: Window
    run: str
    options: Options

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Arguments:
        """Check the arguments given and find the source.

        Raises:
            ArgumentError: one is missing, unknown or wrong, or there is no such source, or its file is wrong, or it needs a
                browser that is not installed.
        """
        try:
            checked = _Given.model_validate(dict(given))
            source = find_source(checked.source)
            if not source.discovery:
                raise ArgumentError(
                    f"source {source.id} has no discovery, so there is nothing to crawl: name one in its file, "
                    "or import its archives"
                )
            now = datetime.now(UTC)
            window = resolve_window(
                source, since=checked.since, until=checked.until, interval=None, run_after=now, look_back=True
            )
            browser_settings(source)
            options = Options(
                recrawl=checked.recrawl,
                refetch=check_reasons(name for name in checked.refetch.split(",") if name),
                refetch_before=checked.refetch_before,
                discovery=checked.types,
                limit=checked.limit,
                dry_run=checked.dry_run,
                seconds=checked.seconds,
            )
            return cls(_using(source, options.discovery), window, checked.run or new_run(source.id, now), options)
        except ValidationError as error:
            wrong = "; ".join(_explain(detail["loc"], detail["msg"]) for detail in error.errors())
            raise ArgumentError(wrong) from None
        except (SourceError, ValueError) as error:
            raise ArgumentError("; ".join(str(error).splitlines())) from None


def _using(source: Source, types: Collection[str]) -> Source:
    """The source with its discoveries of these types alone; as it is where there are none."""
    if not types:
        return source
    has = {discovery.type for discovery in source.discovery}
    if unknown := sorted(set(types) - has):
        raise ArgumentError(
            f"source {source.id} has no discovery of type {', '.join(unknown)}: it has {', '.join(sorted(has))}"
        )
    kept = tuple(discovery for discovery in source.discovery if discovery.type in types)
    return source.model_copy(update={"discovery": kept})


def browser_settings(source: Source) -> Mapping[str, object]:
    """What a source whose pages need a browser needs of Scrapy, and no other."""
    if not source.browser:
        return {}
    try:
        from crawlers.middlewares import browser  # noqa: PLC0415 - an extra, which no other source needs
    except ModuleNotFoundError as error:
        raise ArgumentError(
            f"source {source.id} needs a browser (`browser: true`), and {error.name} is not installed: "
            "run `pip install 'warraq[browser]'` and `playwright install chromium`"
        ) from None
    return browser.browser_settings(source)


def _explain(location: tuple[int | str, ...], message: str) -> str:
    name = ".".join(str(part) for part in location)
    if message == "Extra inputs are not permitted":
        return f"unknown argument {name!r}: there are {', '.join(_Given.model_fields)}"
    if message == "Field required":
        return f"argument {name!r} is missing: give it as -a {name}=…"
    return f"argument {name!r}: {message}"
