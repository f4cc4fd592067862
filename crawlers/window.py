"""Which published days a run is after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.errors import WarraqError

if TYPE_CHECKING:
    from pipeline.sources import Source


@dataclass(frozen=True, slots=True)
class Window:
    """The published days a crawl is after: from `since` up to, not including, `until`, in the source's time zone."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise ValueError(f"since ({self.since}) must lie before until ({self.until})")


_DAY = timedelta(days=1)


class WindowError(WarraqError, ValueError):
    """Days that were asked for and make no window; the message says why."""


def resolve_window(
    source: Source,
    *,
    since: str | None,
    until: str | None,
    interval: tuple[datetime, datetime] | None,
    run_after: datetime,
    look_back: bool,
) -> Window:
    """The published days, in the source's time zone, that a run covers.

    `since` and `until` (ISO dates; the day `until` itself is left out) go before anything else; `since` alone reaches up to and
    with the day of `run_after`. Without them it is every day that the run's data `interval` touches, with `look_back` widened
    by the source's look-back for late and edited articles. Without an interval (a run started by hand) it is the look-back
    before `run_after`, and that day. Instants must be aware.

    Raises:
        WindowError: `since` or `until` is no date, `until` stands alone, or `since` does not lie before it or is a day to come.
    """
    tomorrow = run_after.astimezone(source.zone).date() + _DAY
    if since or until:
        first, end = _day("since", since), _day("until", until) or tomorrow
        if first is None:
            raise WindowError(f"until ({until}) needs since: the first published day to gather")
        if first >= tomorrow:
            raise WindowError(f"since ({first}) lies in the future: nothing is published yet")
        if first >= end:
            raise WindowError(f"since ({first}) must lie before until ({end})")
        return Window(first, end)
    if interval:
        starts, ends = interval
        # The instant at which an interval ends is not in it; an interval without width covers its day all the same.
        last = max(starts, ends.astimezone(UTC) - timedelta(microseconds=1))
        first, end = starts.astimezone(source.zone).date(), last.astimezone(source.zone).date() + _DAY
        return Window(first - timedelta(days=source.look_back_days if look_back else 0), end)
    return Window(tomorrow - _DAY - timedelta(days=source.look_back_days), tomorrow)


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WindowError(f"{name} must be a date such as 2024-03-01, not {text!r}") from None
