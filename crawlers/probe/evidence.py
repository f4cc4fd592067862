"""What a site's articles prove of how it prints its dates: in which time zone, and in which order its numbers stand.

A zone is proved by instants whose offset is known: by the local time that a page prints beside an instant that it states for
machines, by the offset that such a stamp states itself, or by the time at which the server says the page was made, where
several agree. Zones that all of these fit cannot be told apart by them; which of those it is, is a guess, and said to be one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages

from pipeline.dates import ParsedDate, read_date
from pipeline.publication import MODIFIED, PUBLISHED
from pipeline.sources import known_zones

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipeline.extract import Cleaned


Order = Literal["DMY", "MDY", "YMD"]

_QUARTER = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)
_FURTHEST = timedelta(hours=14)
"""Offsets of zones are quarters of an hour, and none is larger."""

_AGREEING = 3
"""Pages whose making must tell the same zone before the server's word for it counts: a page is made anew for many reasons."""

_OFTEN = 5
"""Mentions of a country that make it a guess where there is nothing else."""

_NUMBERS = re.compile(r"(?<!\d)(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Article:
    """A page that was cleaned: what it says, how its URL was found, when its server says that it was made, and when it came."""

    cleaned: Cleaned
    found: Mapping[str, str]
    last_modified: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Offset:
    """What the site's clocks showed at an instant (aware, UTC), ahead of UTC."""

    at: datetime
    offset: timedelta


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone for a source by its IANA name, whether evidence of the site's own carries it, and which does."""

    name: str
    proved: bool
    why: str


def printed_offsets(articles: Iterable[Article]) -> list[Offset]:
    """What the printed times say beside the instants that the same pages, or the feed, state."""
    return [
        offset
        for article in articles
        for stated in _instants(article)[:1]
        for printed in _printed(article)
        # A stamp of UTC that is the printed time may be local time stamped wrongly: it proves nothing.
        if (offset := _offset(printed, stated)) and offset.offset
    ]


def stated_offsets(literals: Iterable[str]) -> list[Offset]:
    """What stamps with an offset of their own say; UTC is what machines say that do not know better, and left out."""
    instants = (instant for literal in literals if (instant := _instant(literal)))
    return [
        Offset(instant.astimezone(UTC), offset)
        for instant in instants
        if (offset := instant.utcoffset() or timedelta())
    ]


def made_offsets(articles: Iterable[Article]) -> list[Offset]:
    """What the printed times say beside the time at which the server says that each page was made, where several agree."""
    offsets = [
        offset
        for article in articles
        if (made := _instant(article.last_modified))
        for printed in _printed(article)
        if (offset := _offset(printed, made)) and offset.offset
    ]
    common = {value for value, count in Counter(one.offset for one in offsets).items() if count >= _AGREEING}
    return [one for one in offsets if one.offset in common]


def find_zone(
    articles: Sequence[Article],
    *,
    stamps: Iterable[str],
    hints: Sequence[str],
    said: str | None,
    language: str,
    words: str = "",
) -> Zone | None:
    """The zone in which a site prints its dates; None where nothing tells even where it might be.

    Args:
        articles: the sample.
        stamps: dates that feeds and the like state, with what offset they may.
        hints: countries (ISO 3166) that the site's addresses and tags name.
        said: the zone that the site itself says it is in, as WordPress does.
        language: its language, a BCP-47 tag.
        words: what else it says, such as titles; the places that it names tell zones apart that fit equally well.
    """
    texts = [words, *(f"{article.cleaned.title}\n{article.cleaned.body}" for article in articles)]
    named = _named_territories(texts, language)
    machine = [stamp for article in articles for stamp in _stamps(article)]
    for offsets, what in (
        (printed_offsets(articles), "times printed beside stamps for machines"),
        (stated_offsets([*machine, *stamps]), "stamps that state their offset"),
        (made_offsets(articles), "times printed on pages whose server says when they were made"),
    ):
        if fitting := _fitting(offsets):
            told = ", ".join(sorted({_spell(one.offset) for one in offsets}))
            if said in fitting:
                return Zone(said, proved=True, why=f"the site says so, and {len(offsets)} {what} agree ({told})")
            best = min(fitting, key=lambda name: _rank(name, hints, named, language))
            others = sorted(set(fitting) - {best}, key=lambda name: _rank(name, hints, named, language))
            why = f"{len(offsets)} {what} say UTC{told}"
            if others:
                why += f"; the country is a guess, {_reason(best, hints, named)}: {', '.join(others[:4])}"
                why += f" and {len(others) - 4} more zones fit as well" if len(others) > 4 else " fit as well"
            return Zone(best, proved=True, why=why)
    if said and "/" in said and said in _territories():
        return Zone(said, proved=True, why="the site says so of itself")
    spoken_of = [name for name, count in named.most_common() if count >= _OFTEN and _speaks(name, language)]
    for territory in [*hints, *spoken_of]:
        if zones := _zones_of(territory):
            why = "the site's address or tags name" if territory in hints else "its articles speak most of"
            return Zone(zones[0], proved=False, why=f"{why} {_english(territory)}; nothing on the site proves it")
    return None


def find_order(articles: Iterable[Article]) -> tuple[Order, str] | None:
    """The order of the numeric dates that articles print, from those that can be read one way alone, and why."""
    votes: Counter[Order] = Counter()
    samples: dict[Order, str] = {}
    for article in articles:
        days = {stamp.date() for stamp in _instants(article)}  # as the stamp's own clock has them
        for candidate in article.cleaned.dates:
            if not candidate.method.startswith("visible") or not (match := _NUMBERS.search(candidate.text)):
                continue
            first, second, third = int(match[1]), int(match[3]), int(match[4])
            order: Order | None = None
            if len(match[1]) == 4:
                order = "YMD"
            elif len(match[4]) != 4 or max(first, second) > 31:
                continue
            elif first > 12 >= second:
                order = "DMY"
            elif second > 12 >= first:
                order = "MDY"
            elif first != second:
                read: dict[tuple[int, int, int], Order] = {(third, second, first): "DMY", (third, first, second): "MDY"}
                told = {read[key] for day in days if (key := (day.year, day.month, day.day)) in read}
                order = told.pop() if len(told) == 1 else None
            if order:
                votes[order] += 1
                samples.setdefault(order, match[0])
    if not votes:
        return None
    [(best, count)] = votes.most_common(1)
    if count < sum(votes.values()):
        rest = ", ".join(f"{order} such as {samples[order]}" for order in votes if order != best)
        return best, f"{count} printed dates such as {samples[best]} say so, others do not ({rest}): look at them"
    return best, f"{count} printed dates such as {samples[best]}"


def territory_hints(host: str, tags: Iterable[str]) -> list[str]:
    """Countries (ISO 3166) that a host's last label and tags of languages (``ar-YE``, ``ar_SY``) name.

    A tag's counts only where the language is official there: WordPress writes ``ar_AR``, and means no Argentina.
    """
    known = get_global("territory_zones")
    hints = [host.rpartition(".")[2].upper()]
    for tag in tags:
        language, _, territory = tag.strip().replace("_", "-").partition("-")
        if territory.upper() in known and language.lower() in get_official_languages(territory.upper(), regional=True):
            hints.append(territory.upper())
    return [hint for hint in dict.fromkeys(hints) if hint in known]


def contradicts(articles: Sequence[Article], zone: ZoneInfo) -> str | None:
    """What of the articles' printed times does not fit a zone; None where they fit it, or do not tell."""
    offsets = printed_offsets(articles)
    wrong = [one for one in offsets if one.at.astimezone(zone).utcoffset() != one.offset]
    if len(wrong) < 2 or 2 * len(wrong) <= len(offsets):
        return None
    shown = ", ".join(sorted({_spell(one.offset) for one in wrong}))
    return f"{len(wrong)} of {len(offsets)} printed times are UTC{shown}, which {zone.key} was not"


def _printed(article: Article) -> list[datetime]:
    """The local times that a page prints as its own, naive, as read without a zone."""
    times = []
    for candidate in article.cleaned.dates:
        if not candidate.method.startswith("visible") or ":other" in candidate.method or candidate.role == MODIFIED:
            continue
        read = read_date(candidate.text, reference=article.fetched_at, zone="UTC")
        if not isinstance(read, ParsedDate) or not isinstance(read.value, datetime):
            continue
        if not read.method.startswith("relative:") and "zone stated" not in read.notes:
            times.append(read.value.replace(tzinfo=None))
    return times[:1]


def _stamps(article: Article) -> list[str]:
    return [
        candidate.text
        for candidate in article.cleaned.dates
        if candidate.role == PUBLISHED and ":other" not in candidate.method
    ]


def _instants(article: Article) -> list[datetime]:
    return [instant for stamp in _stamps(article) if (instant := _instant(stamp))]


def _instant(literal: str) -> datetime | None:
    """The instant of a stamp that states an offset."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            stated = read(literal.strip())
        except (ValueError, TypeError, IndexError):
            continue
        return stated if stated.tzinfo and stated.year > 1990 else None
    return None


def _offset(printed: datetime, stated: datetime) -> Offset | None:
    """How far the printed time is ahead of UTC at a stated instant, if that can be a zone's offset."""
    at = stated.astimezone(UTC)
    ahead = printed - at.replace(tzinfo=None)
    rounded = round(ahead / _QUARTER) * _QUARTER
    return Offset(at, rounded) if abs(ahead - rounded) <= _MINUTE and abs(rounded) <= _FURTHEST else None


def _fitting(offsets: Sequence[Offset]) -> list[str]:
    """The zones in which all of these clocks could stand, but for one in five that is mistaken."""
    if not offsets:
        return []
    fits = {
        name: sum(one.at.astimezone(ZoneInfo(name)).utcoffset() == one.offset for one in offsets)
        for name in _territories()
    }
    most = max(fits.values())
    return sorted(name for name, count in fits.items() if count == most) if 5 * most >= 4 * len(offsets) else []


@cache
def _territories() -> dict[str, str]:
    """The country of every zone that is some country's."""
    return {zone: territory for territory in sorted(get_global("territory_zones")) for zone in _zones_of(territory)}


def _zones_of(territory: str) -> list[str]:
    return [zone for zone in get_global("territory_zones").get(territory, ()) if zone in known_zones()]


def _rank(name: str, hints: Sequence[str], named: Counter[str], language: str) -> tuple[bool, bool, int, str]:
    territory = _territories()[name]
    return territory not in hints, not _speaks(territory, language), -named[territory], name


def _speaks(territory: str, language: str) -> bool:
    return language.partition("-")[0] in get_official_languages(territory)


def _reason(name: str, hints: Sequence[str], named: Counter[str]) -> str:
    territory = _territories()[name]
    if territory in hints:
        return "for the site's address or tags name it"
    return f"for the site speaks of it most (×{named[territory]})" if named[territory] else "the first by its name"


def _named_territories(texts: Iterable[str], language: str) -> Counter[str]:
    """How often texts name each country or the place its zone is called after, in their own language."""
    whole = "\n".join(texts)
    try:
        locale = Locale.parse(language.partition("-")[0])
    except (ValueError, LookupError):
        return Counter()
    named: Counter[str] = Counter()
    for territory in get_global("territory_zones"):
        names = {str(locale.territories.get(territory, ""))}
        names |= {str(locale.time_zones.get(zone, {}).get("city", "")) for zone in _zones_of(territory)}
        named[territory] = sum(_count(name, whole) for name in names if len(name) > 2)
    return +named


def _count(name: str, text: str) -> int:
    """How often a text has a place's name as a word of its own, or words made of it where enough of it is left to tell."""
    stem = _stem(name)
    alone = len(re.findall(rf"(?<!\w)[وبل]?{re.escape(name)}(?!\w)", text))
    return max(alone, text.count(stem) if len(stem) > 3 else 0)


def _stem(name: str) -> str:
    """What a country's name shares with the words made of it: of السودان and the Sudanese, of الأراضي الفلسطينية and Palestine."""
    longest = max(name.split() or [""], key=len).removeprefix("ال")
    return next((longest.removesuffix(end) for end in ("ية", "ا", "ة") if longest.endswith(end)), longest)


def _english(territory: str) -> str:
    return str(Locale("en").territories.get(territory, territory))


def _spell(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'+' if minutes >= 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
