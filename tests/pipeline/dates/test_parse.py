"""The date language: tables of strings with their answers, and properties over everything that can be rendered."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime as format_rfc
from itertools import pairwise
from pathlib import Path
from typing import SupportsIndex, overload
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.localedata import locale_identifiers
from convertdate import persian
from hijridate import Gregorian
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dates import EARLIEST, ParsedDate, Reason, Refusal, parse_date, read_date, words
from pipeline.dates.absolute import Bounds, find_absolute
from pipeline.dates.calendars import to_day
from pipeline.dates.months import MONTHS
from pipeline.dates.relative import find_named_days, find_relative
from pipeline.dates.times import find_clocks
from pipeline.dates.tokens import Token, cut, fold, tokenize

OWN = Path(__file__).parent / "examples.tsv"


def _unescaped(text: str) -> str:
    r"""The text with its invisible characters, which the file writes as ``\u200f``."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def _rows(path: Path) -> list[tuple[str, str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (_unescaped(row["text"]), row["reference"], row["expected"])
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _answer(text: str, reference: datetime) -> str:
    parsed = parse_date(text, reference=reference)
    if parsed is None:
        return "none"
    if isinstance(parsed.value, datetime):
        assert parsed.precision in {"minute", "second"}
        return parsed.value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")
    assert parsed.precision in {"day", "month", "year"}
    return parsed.value.isoformat()


def test_own_examples() -> None:
    rows = _rows(OWN)
    answers = [(text, expected, _answer(text, datetime.fromisoformat(reference))) for text, reference, expected in rows]
    assert [row for row in answers if row[1] != row[2]] == []
    assert len({(text, reference) for text, reference, _ in rows}) == len(rows)


@pytest.mark.parametrize(
    ("text", "reason", "matched"),
    [
        ("", Reason.NONE, None),
        ("ثلاثة قتلى في قصف", Reason.NONE, None),
        ("12 قتيلاً و30 جريحاً", Reason.NONE, None),
        ("قال © سانا 10 أيار 2016", Reason.COPYRIGHT, "©"),
        ("جميع الحقوق محفوظة 2016", Reason.COPYRIGHT, "جميع الحقوق"),
        ("بيروت، 31 نيسان 2016", Reason.IMPOSSIBLE, "31 نيسان 2016"),
        ("32/1/1437هـ", Reason.IMPOSSIBLE, "32/1/1437هـ"),
        ("00/00/0000", Reason.IMPOSSIBLE, "00/00/0000"),
        ("14 أيار 2016", Reason.FUTURE, "14 أيار 2016"),
        ("2016-05-14", Reason.FUTURE, "2016-05-14"),
        ("2016-05-13T23:59:00-12:00", Reason.FUTURE, "2016-05-13T23:59:00-12:00"),
        ("10 أيار 1989", Reason.EARLY, "10 أيار 1989"),
        ("منذ 200 سنة", Reason.EARLY, "منذ 200 سنة"),
        ("3-5 أيار 2016", Reason.RANGE, "5 أيار 2016"),
        ("10/05/2016 - 12/05/2016", Reason.RANGE, "10/05/2016 - 12/05/2016"),
        ("يومي 10 و11 أيار 2016", Reason.RANGE, "11 أيار 2016"),
        ("منذ الثلاثاء 10 أيار 2016", Reason.RANGE, "الثلاثاء 10 أيار 2016"),
        ("10 أيار (أيلول) 2015", Reason.NAMES, "10 أيار (أيلول) 2015"),
        ("192.168.10.20", Reason.NUMBER, "192.168.10"),
        ("3-5-2", Reason.NUMBER, "3-5-2"),
        ("منذ أكثر من ساعة", Reason.VAGUE, "منذ أكثر"),
        ("قبل أيام", Reason.VAGUE, "قبل أيام"),
        ("ثورة 25 يناير", Reason.PROSE, "25 يناير"),
        ("قتل أمس خمسة مدنيين", Reason.PROSE, "أمس"),
        ("الحرب مستمرة منذ 3 سنوات", Reason.PROSE, "منذ 3 سنوات"),
        ("مونديال 2022", Reason.YEAR_ALONE, "2022"),
        ("شهر آب", Reason.MONTH_ALONE, "آب"),
        ("صباح الثلاثاء", Reason.WEEKDAY_ALONE, "الثلاثاء"),
        ("الساعة 11:20 مساءً", Reason.TIME_ALONE, "11:20 مساءً"),
    ],
)
def test_a_refusal_says_why(text: str, reason: Reason, matched: str | None) -> None:
    reference = datetime(2016, 5, 12, 12, tzinfo=UTC)
    assert read_date(text, reference=reference) == Refusal(reason, matched)
    assert parse_date(text, reference=reference) is None


def test_a_reference_at_the_edge_of_the_calendar_is_refused() -> None:
    assert read_date("10 أيار 2016", reference=datetime.max.replace(tzinfo=UTC)) == Refusal(Reason.REFERENCE, None)


def test_what_is_read_is_the_same_with_and_without_reasons() -> None:
    for text, reference, _ in _rows(OWN):
        read = read_date(text, reference=datetime.fromisoformat(reference))
        parsed = parse_date(text, reference=datetime.fromisoformat(reference))
        assert parsed == (read if isinstance(read, ParsedDate) else None)
        assert read.matched is None or (read.matched and read.matched in text)


def test_shared_examples(shared: Path) -> None:
    wrong: list[tuple[str, str, str]] = []
    beyond: list[str] = []
    for text, reference, expected in _rows(shared / "dates" / "examples.tsv"):
        when = datetime.fromisoformat(reference)
        if expected != "none" and datetime.fromisoformat(expected).date() > when.date() + timedelta(days=1):
            # Later than its own reference allows: refused, and read right by a reference that allows it.
            beyond.append(text)
            assert _answer(text, when) == "none"
            when = datetime.fromisoformat(expected) + timedelta(hours=12)
        if (answer := _answer(text, when)) != expected:
            wrong.append((text, expected, answer))
    assert wrong == []
    assert len(beyond) <= 1


NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
DAYS = st.dates(EARLIEST, NOW.date())
CLOCKS = st.none() | st.tuples(st.integers(0, 23), st.integers(0, 59))


def _split(names: str) -> list[str]:
    return names.split("|")


FAMILIES = {
    "gulf": _split("يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"),
    "egypt": _split("يناير|فبراير|مارس|إبريل|مايو|يونيه|يوليه|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"),
    "levant": _split("كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول"),
    "levant short": _split("كانون ثاني|شباط|اذار|نيسان|ايار|حزيران|تموز|اب|ايلول|تشرين أول|تشرين ثاني|كانون أول"),
    "lebanon": _split("ك2|شباط|آذار|نيسان|أيّار|حزيران|تمّوز|آب|أيلول|ت1|ت2|ك1"),
    "tunisia": _split("جانفي|فيفري|مارس|أفريل|ماي|جوان|جويلية|أوت|سبتمبر|أكتوبر|نوفمبر|ديسمبر"),
    "morocco": _split("يناير|فبراير|مارس|أبريل|ماي|يونيو|يوليوز|غشت|شتنبر|أكتوبر|نونبر|دجنبر"),
    "mauritania": _split("يناير|فبراير|مارس|إبريل|مايو|يونيو|يوليو|أغشت|شتمبر|أكتوبر|نوفمبر|دجمبر"),
    "libya": _split("أي النار|النوار|الربيع|الطير|الماء|الصيف|ناصر|هانيبال|الفاتح|التمور|الحرث|الكانون"),
}
FAMILIES["sorani"] = _split(
    "کانوونی دووەمی|شوباتی|ئازاری|نیسانی|ئایاری|حوزەیرانی|تەممووزی|ئابی|ئەیلوولی|تشرینی یەکەمی|تشرینی دووەمی|کانوونی یەکەمی"
)
FAMILIES["kurmanji"] = _split("Çileya|Sibata|Adara|Nîsana|Gulana|Hezîrana|Tîrmeha|Tebaxa|Îlona|Cotmeha|Mijdara|Kanûna")
FAMILIES["dual"] = [f"{a}/{b}" for a, b in zip(FAMILIES["levant"], FAMILIES["gulf"], strict=True)]
FAMILIES["dual spaced"] = [f"{b} / {a}" for a, b in zip(FAMILIES["levant"], FAMILIES["gulf"], strict=True)]
FAMILIES["dual bracketed"] = [f"{b} ({a})" for a, b in zip(FAMILIES["levant"], FAMILIES["gulf"], strict=True)]
HIJRI = (
    _split("محرم|صفر|ربيع الأول|ربيع الآخر|جمادى الأولى|جمادى الآخرة|رجب|شعبان|رمضان|شوال|ذو القعدة|ذو الحجة"),
    _split("المحرم|صفر|ربيع أول|ربيع الثاني|جمادي الاولى|جمادى الثانية|رجب|شعبان|رمضان|شوّال|ذي القعدة|ذي الحجة"),
)
PERSIAN = (
    _split("فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند"),
    _split("حمل|ثور|جوزا|سرطان|اسد|سنبله|میزان|عقرب|قوس|جدی|دلو|حوت"),
)
WEEKDAYS = ("الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
DIGITS = {
    "latin": str.maketrans("", ""),
    "arabic-indic": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    "persian": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
    "mixed": str.maketrans("13579", "١٣٥٧٩"),
}
ORDERS = (
    "{d} {m} {y}",
    "{d} {m}، {y}",
    "{d} من {m} {y}",
    "{d}-{m}-{y}",
    "{d} {m} لعام {y}",
    "{m} {d}, {y}",
    "{d:02d} {m} {y}م",
    "{y} {m} {d}",
)
DECORATIONS = (
    "{}",
    "{w}، {}",
    "{w} {}",
    "نُشر في: {}",
    "كتب أحمد | {}",
    "بيروت - {}",
    "  {}  ",
    "\u200f{}\u200f",
    "\u202b{}\u202c",
    "بتاريخ {}",
    "({})",
    "{} | 12 تعليق",
)


def _noise(text: str, draw: st.DrawFn) -> str:
    """A text as templates deliver it: other spaces, marks of direction between its parts, tatweel in its words."""
    text = text.replace(" ", draw(st.sampled_from([" ", "\u00a0", "  ", " \u200f", "\u202f"])))
    if draw(st.booleans()):
        text = text.replace("ار", "اـر")
    return text


@st.composite
def written(draw: st.DrawFn) -> tuple[str, date, str | None]:
    """A rendered day with what it must be read as."""
    day, clock = draw(DAYS), draw(CLOCKS)
    months = FAMILIES[draw(st.sampled_from(sorted(FAMILIES)))]
    text = draw(st.sampled_from(ORDERS)).format(d=day.day, m=months[day.month - 1], y=day.year)
    if clock is not None:
        hour, minute = clock
        joiner = draw(st.sampled_from([" - ", "، ", " الساعة ", " ", " | "]))
        if draw(st.booleans()):
            text += f"{joiner}{hour:02d}:{minute:02d}"
        else:
            part = draw(st.sampled_from(["ص", "صباحاً"] if hour < 12 else ["م", "مساءً"]))
            text += f"{joiner}{(hour - 1) % 12 + 1}:{minute:02d} {part}"
    text = draw(st.sampled_from(DECORATIONS)).format(text, w=WEEKDAYS[day.weekday()])
    text = _noise(text, draw).translate(DIGITS[draw(st.sampled_from(sorted(DIGITS)))])
    return text, day, None if clock is None else f"{clock[0]:02d}:{clock[1]:02d}"


@given(written())
def test_every_rendered_day_is_read_back(case: tuple[str, date, str | None]) -> None:
    text, day, clock = case
    parsed = parse_date(text, reference=NOW)
    assert parsed is not None
    assert parsed.matched in text
    assert parsed.calendar == "gregorian"
    assert "weekday contradicts" not in parsed.notes
    if clock is None:
        assert (parsed.value, parsed.precision) == (day, "day")
    else:
        assert isinstance(parsed.value, datetime)
        assert (parsed.value.date(), f"{parsed.value:%H:%M}", parsed.precision) == (day, clock, "minute")


@given(
    DAYS, st.sampled_from("/-."), st.sampled_from(["DMY", "MDY", "YMD"]), st.sampled_from(sorted(DIGITS)), st.booleans()
)
def test_numeric_days_follow_the_order(day: date, separator: str, order: str, digits: str, padded: bool) -> None:
    parts = {
        "D": f"{day.day:02d}" if padded else str(day.day),
        "M": f"{day.month:02d}" if padded else str(day.month),
        "Y": str(day.year),
    }
    text = separator.join(parts[letter] for letter in order).translate(DIGITS[digits])
    parsed = parse_date(text, reference=NOW, order=order)
    assert parsed is not None
    assert (parsed.value, parsed.method) == (day, "numeric")


@given(DAYS, st.sampled_from(HIJRI), st.sampled_from(["", "هـ", " هـ", " هجري"]), st.sampled_from(sorted(DIGITS)))
def test_hijri_days_are_read_back(day: date, names: list[str], era: str, digits: str) -> None:
    hijri = Gregorian(day.year, day.month, day.day).to_hijri()
    written_text = f"{hijri.day} {names[hijri.month - 1]} {hijri.year}{era}".translate(DIGITS[digits])
    numeric = f"{hijri.year}/{hijri.month:02d}/{hijri.day:02d}{era}".translate(DIGITS[digits])
    both = f"{written_text} الموافق {day.day} {FAMILIES['gulf'][day.month - 1]} {day.year}م"
    for text, calendar in ((written_text, "hijri"), (numeric, "hijri"), (both, "gregorian")):
        parsed = parse_date(text, reference=NOW)
        assert parsed is not None, text
        assert (parsed.value, parsed.calendar, parsed.notes) == (day, calendar, ()), text


@given(DAYS, st.sampled_from(PERSIAN), st.sampled_from(sorted(DIGITS)))
@settings(max_examples=40)  # convertdate asks astronomy for every year
def test_persian_days_are_read_back(day: date, names: list[str], digits: str) -> None:
    year, month, number = persian.from_gregorian(day.year, day.month, day.day)
    for text in (f"{number} {names[month - 1]} {year}", f"{year}/{month:02d}/{number:02d}"):
        parsed = parse_date(text.translate(DIGITS[digits]), reference=NOW)
        assert parsed is not None, text
        assert (parsed.value, parsed.calendar) == (day, "persian")


@pytest.mark.parametrize("year", range(1343, 1501, 7))
def test_persian_years_begin_where_astronomy_has_them_begin(year: int) -> None:
    assert to_day("persian", year, 1, 1) == date(*persian.to_gregorian(year, 1, 1))
    last = date(*persian.to_gregorian(year + 1, 1, 1)) - timedelta(days=1)
    assert last in {to_day("persian", year, 12, 29), to_day("persian", year, 12, 30)}
    assert (to_day("persian", year, 12, 30) is None) == (last == to_day("persian", year, 12, 29))


LOCALES = [
    *sorted(code for code in locale_identifiers() if code == "ar" or code.startswith("ar_")),
    *("ckb", "ckb_IQ", "fa", "en", "en_GB", "fr", "fr_MA", "fr_TN"),
]


@given(DAYS, st.sampled_from(LOCALES), st.sampled_from(["medium", "long", "full"]))
def test_babels_own_dates_are_read_back(day: date, locale: str, form: str) -> None:
    text = format_date(day, form, locale=locale)
    parsed = parse_date(text, reference=NOW)
    assert parsed is not None, text
    assert (parsed.value, parsed.notes) == (day, ()), text


@given(DAYS, st.sampled_from(LOCALES))
def test_babels_own_short_dates_follow_the_locales_order(day: date, locale: str) -> None:
    pattern = Locale.parse(locale).date_formats["short"].pattern
    order = "".join(letter.upper() for letter in sorted("dMy", key=pattern.index))
    text = format_date(day, "short", locale=locale)
    parsed = parse_date(text, reference=NOW, order=order)
    assert parsed is not None, text
    assert parsed.value == day, text


MOMENTS = st.datetimes(datetime(1990, 1, 2), datetime(2024, 5, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.sampled_from(LOCALES), st.sampled_from(["medium", "long", "d MMMM y h:mm a", "d MMMM y - HH:mm"]))
def test_babels_own_times_are_read_back(moment: datetime, locale: str, form: str) -> None:
    moment = moment.replace(microsecond=0, second=moment.second if form in {"medium", "long"} else 0)
    text = format_datetime(moment, form, locale=locale)
    parsed = parse_date(text, reference=NOW)
    assert parsed is not None, text
    assert parsed.value == moment, text


@given(
    st.sampled_from([("second", 1), ("minute", 60), ("hour", 3600), ("day", 86400), ("week", 7 * 86400)]),
    st.integers(1, 50),
    st.sampled_from(["ar", "ar_SY", "ar_MA", "fa", "en", "fr"]),
)
def test_babels_own_ages_are_counted_back(unit: tuple[str, int], count: int, locale: str) -> None:
    age = timedelta(seconds=count * unit[1])
    text = format_timedelta(-age, granularity=unit[0], threshold=1000, add_direction=True, locale=locale)
    parsed = parse_date(text, reference=NOW)
    assert parsed is not None, text
    assert parsed.value == (NOW - age if unit[1] < 86400 else (NOW - age).date()), text


@given(MOMENTS, st.integers(-12 * 4, 14 * 4), st.sampled_from(["T", " "]))
def test_moments_as_machines_write_them_are_read_back(moment: datetime, quarters: int, separator: str) -> None:
    moment = moment.replace(microsecond=0).astimezone(timezone(timedelta(minutes=15 * quarters)))
    for text in (moment.isoformat(separator), format_rfc(moment), f"{moment:%a %b %d %H:%M:%S %z %Y}"):
        parsed = parse_date(text, reference=NOW)
        assert parsed is not None, text
        assert (parsed.value, parsed.precision, parsed.matched) == (moment, "second", text)
    for form in ("%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%a %b %d %H:%M:%S %Y", "%A, %d-%b-%y %H:%M:%S GMT"):
        text = moment.astimezone(UTC).strftime(form)
        parsed = parse_date(text, reference=NOW)
        assert parsed is not None, text
        assert (parsed.value, parsed.precision) == (moment, "second"), text


@pytest.mark.parametrize(
    "form", ["{} من كانون الأول 2015", "{} كانون الأول/ديسمبر 2015", "يوم {} من شهر ديسمبر لعام 2015"]
)
def test_days_in_words(form: str) -> None:
    assert set(words.ORDINAL_DAYS.values()) == set(range(1, 32))
    for phrase, number in words.ORDINAL_DAYS.items():
        parsed = parse_date(form.format(" ".join(phrase)), reference=NOW)
        assert parsed is not None, phrase
        assert parsed.value == date(2015, 12, number), phrase


@pytest.mark.parametrize(
    ("count", "number"),
    [
        ("ثلاثة", 3),
        ("عشرة", 10),
        ("أحد عشر", 11),
        ("اثني عشر", 12),
        ("ثلاثة عشر", 13),
        ("تسع عشرة", 19),
        ("عشرين", 20),
        ("واحد وعشرين", 21),
        ("خمسة و أربعين", 45),
        ("تسعة وتسعون", 99),
        ("مئة", 100),
    ],
)
def test_counts_in_words(count: str, number: int) -> None:
    for form in ("منذ {} يوماً", "قبل {} يوما", "{} يوما مضت"):
        parsed = parse_date(form.format(count), reference=NOW)
        assert parsed is not None, count
        assert parsed.value == (NOW - timedelta(days=number)).date()


VOCABULARY = sorted(
    {
        *MONTHS,
        *words.WEEKDAYS,
        *words.DAY_PARTS,
        *words.UNITS,
        *words.NUMBER_WORDS,
        *words.ORDINAL_HOURS,
        *words.ZONE_ABBREVIATIONS,
        *words.LABELS,
        *words.AGO,
        *words.MOMENTS,
        *words.SOME,
        *words.MORE,
        *words.NOW,
        *words.BEYOND,
        *words.RANGE_WORDS,
        *words.ERA_GREGORIAN,
        *words.ERA_HIJRI,
        *words.ERA_PERSIAN,
        *(
            " ".join(phrase)
            for phrases in (
                words.DAY_NAMES,
                words.ORDINAL_DAYS,
                words.NUMBER_PHRASES,
                words.ZONES,
                words.DAY_PART_PHRASES,
            )
            for phrase in phrases
        ),
    }
)
NUMBERS = [*map(str, range(33)), "007", "59", "60", "99", "1395", "1437", "1990", "2016", "2024", "20160510", "143500"]
MARKS = [*" /-.:،,()|+'T", " - ", "\u200f", "\u0640", "\n", "و"]
TOKENS = st.sampled_from(VOCABULARY) | st.sampled_from(NUMBERS) | st.sampled_from(MARKS)
ANYTHING = (
    st.text(max_size=60)
    | st.lists(TOKENS | st.just(" "), max_size=16).map("".join)
    | st.tuples(st.binary(max_size=60), st.sampled_from(["utf-8", "cp1256", "iso8859_6", "latin-1", "utf-16"])).map(
        lambda case: case[0].decode(case[1], "replace")
    )
)


@given(
    ANYTHING,
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.sampled_from(["UTC", "Asia/Damascus", "Pacific/Kiritimati", "America/New_York"]),
    st.sampled_from(["DMY", "MDY", "YMD"]),
)
@settings(max_examples=400)
def test_no_text_raises_or_leaves_the_range(text: str, reference: datetime, zone: str, order: str) -> None:
    read = read_date(text, reference=reference, zone=zone, order=order)
    assert read.matched is None or (read.matched and read.matched in text)
    if isinstance(read, Refusal):
        return
    local = (
        reference.replace(tzinfo=ZoneInfo(zone)) if reference.tzinfo is None else reference.astimezone(ZoneInfo(zone))
    )
    day = read.value.date() if isinstance(read.value, datetime) else read.value
    assert EARLIEST <= day <= local.date() + timedelta(days=1)
    assert read.matched
    if isinstance(read.value, datetime):
        assert read.value.tzinfo is not None


@given(ANYTHING)
def test_tokens_are_the_texts_own_and_in_its_order(text: str) -> None:
    pieces = cut(text)
    assert "".join(pieces) == text
    for token, before, literal in zip(tokenize(text), pieces[:-1:2], pieces[1::2], strict=True):
        assert token.length == len(literal) > 0
        assert token.spaced == bool(before)
        assert (fold(literal) or "-") == token.text
        assert token.value in {-1, int(token.text) if token.kind == "n" else -1}


@given(st.dates(NOW.date() + timedelta(days=2), date(2199, 12, 31)), st.sampled_from(sorted(FAMILIES)))
def test_days_to_come_are_refused(day: date, family: str) -> None:
    assert parse_date(f"{day.day} {FAMILIES[family][day.month - 1]} {day.year}", reference=NOW) is None
    assert parse_date(f"{day:%Y-%m-%d}", reference=NOW) is None


@given(st.dates(date(1900, 1, 1), date(1989, 12, 31)))
def test_days_before_the_web_are_refused_unless_asked(day: date) -> None:
    text = f"{day.day} {FAMILIES['levant'][day.month - 1]} {day.year}"
    assert parse_date(text, reference=NOW) is None
    parsed = parse_date(text, reference=NOW, earliest=date(1900, 1, 1))
    assert parsed is not None
    assert parsed.value == day


@given(st.integers(32, 99), st.integers(1, 12), st.integers(1990, 2024), st.sampled_from(sorted(FAMILIES)))
def test_impossible_days_are_refused_whole(day: int, month: int, year: int, family: str) -> None:
    """No part of an impossible date, such as its month and year, is read as another."""
    assert parse_date(f"{day} {FAMILIES[family][month - 1]} {year}", reference=NOW) is None
    assert parse_date(f"{day}/{month}/{year}", reference=NOW) is None


@given(
    st.integers(3, 10),
    st.sampled_from([("ثوان", 1), ("دقائق", 60), ("ساعات", 3600)]),
    st.sampled_from(["منذ {}", "قبل {}", "{} مضت", "نشر منذ {}"]),
)
def test_counts_of_hours_and_less_run_back_from_the_reference(count: int, unit: tuple[str, int], frame: str) -> None:
    parsed = parse_date(frame.format(f"{count} {unit[0]}"), reference=NOW, zone="Asia/Damascus")
    assert parsed is not None
    assert parsed.value == NOW - timedelta(seconds=count * unit[1])


@given(st.integers(1, 12), st.integers(1, 28), DAYS)
def test_a_day_without_a_year_is_the_latest_not_after_the_reference(month: int, day: int, today: date) -> None:
    reference = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    parsed = parse_date(f"{day} {FAMILIES['levant'][month - 1]}", reference=reference)
    expected = date(today.year, month, day)
    expected = expected if expected <= today else date(today.year - 1, month, day)
    assert (parsed.value if parsed else None) == (expected if expected >= EARLIEST else None)


def test_a_weekday_that_contradicts_is_noted() -> None:
    right = parse_date("الثلاثاء 10 أيار 2016", reference=NOW)
    wrong = parse_date("الجمعة 10 أيار 2016", reference=NOW)
    assert right is not None
    assert wrong is not None
    assert (right.value, right.notes) == (wrong.value, ())
    assert wrong.notes == ("weekday contradicts",)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-365 * 4, 1))
def test_a_weekday_chooses_the_year_of_a_day_without_one(today: date, away: int) -> None:
    day = today + timedelta(days=away)
    text = format_date(day, "EEEE d MMMM", locale="ar_SY")
    read = read_date(text, reference=datetime.combine(today, datetime.min.time(), UTC))
    ahead = (today + timedelta(days=days) for days in range(2, 367))
    coming = next((other for other in ahead if (other.day, other.month) == (day.day, day.month)), None)
    if coming is not None and coming.weekday() == day.weekday():  # which of the two is meant nobody knows
        assert read == Refusal(Reason.FUTURE, text)
    else:
        assert isinstance(read, ParsedDate)
        assert (read.value, read.notes) == (day, ())


@pytest.mark.parametrize(
    ("text", "day", "notes"),
    [
        ("الثلاثاء 2 شعبان 1437هـ", date(2016, 5, 10), ()),
        ("الخميس 2 شعبان 1437هـ", date(2016, 5, 9), ("weekday contradicts",)),
        ("الثلاثاء 2 شعبان 1437هـ الموافق 9 مايو 2016", date(2016, 5, 9), ("weekday contradicts",)),
        ("الأحد 29 شباط", date(2024, 2, 29), ("weekday contradicts",)),
    ],
)
def test_a_weekday_tells_a_hijri_day_but_moves_no_other(text: str, day: date, notes: tuple[str, ...]) -> None:
    parsed = parse_date(text, reference=NOW)
    assert parsed is not None
    assert (parsed.value, parsed.notes) == (day, notes)


def test_calendars_that_disagree_are_noted_and_the_gregorian_wins() -> None:
    parsed = parse_date("3 شعبان 1437هـ الموافق 20 مايو 2014م", reference=NOW)
    assert parsed is not None
    assert (parsed.value, parsed.calendar, parsed.notes) == (date(2014, 5, 20), "gregorian", ("calendars disagree",))


def test_a_stated_zone_wins_over_the_sources() -> None:
    parsed = parse_date("10 أيار 2016 - 14:35 بتوقيت القاهرة", reference=NOW, zone="Asia/Damascus")
    assert parsed is not None
    assert isinstance(parsed.value, datetime)
    assert parsed.value.astimezone(UTC).isoformat() == "2016-05-10T12:35:00+00:00"
    assert parsed.notes == ("zone stated",)


def test_matched_is_the_literal_span() -> None:
    text = "كتبه: سليم | الثلاثاء، ١٠ أيـار ٢٠١٦ الساعة ٠٩:١٥ مساءً (12 تعليقا)"
    parsed = parse_date(text, reference=NOW)
    assert parsed is not None
    assert parsed.matched == "الثلاثاء، ١٠ أيـار ٢٠١٦ الساعة ٠٩:١٥ مساءً"


# What would make a reader look far ahead, far back or at the same words again and again.
NASTY = [
    "1",
    "1 ",
    "10/",
    "10-",
    "10 مايو ",
    "أيار/",
    "مايو/أيار(تموز ",
    "كانون ",
    "الأول من ",
    "منذ ",
    "منذ 3 ساعات ",
    "3 ساعات و",
    "ago ",
    "a few seconds ",
    "il y a ",
    "الآن ",
    "اليوم ",
    "أول من أمس ",
    "الثلاثاء ",
    "نشر ",
    "10:10 ",
    "10:10-",
    "الساعة التاسعة إلا ",
    "KSA ",
    "بتوقيت ",
    "واحد و ",
    "© ",
    ",",
    "(",
    "| ",
    "ي",
    "\u200f",
    "\u0640",
    "\ud800",
    "ﷺ",
]


@pytest.mark.parametrize("piece", NASTY)
def test_a_megabyte_of_anything_is_answered(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    read_date(text, reference=NOW)


def test_a_megabyte_is_tokenized() -> None:
    text = "10 مايو، " * 111_112
    assert len(tokenize(text)) == 333_336
    assert "".join(cut(text)) == text


def test_the_work_is_bounded_by_construction() -> None:
    """What stands behind the first 4,096 characters is not read: the cost of a longer text is that of its beginning."""
    text = " " * 4096 + "10 أيار 2016"
    assert parse_date(text, reference=NOW) is None
    assert parse_date(text[1000:], reference=NOW) is not None


class _Counted(list[Token]):
    """Tokens that count how often they are looked at."""

    visits = 0

    @overload
    def __getitem__(self, index: SupportsIndex) -> Token: ...
    @overload
    def __getitem__(self, index: slice) -> list[Token]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Token | list[Token]:
        found = super().__getitem__(index)
        self.visits += len(found) if isinstance(index, slice) else 1
        return found

    def __iter__(self) -> Iterator[Token]:
        self.visits += len(self)
        return super().__iter__()


@pytest.mark.parametrize("piece", [*NASTY, *(first + second for first, second in pairwise(NASTY))])
def test_the_work_is_linear_in_any_number_of_tokens(piece: str) -> None:
    """Of texts of any length every token is looked at a bounded number of times, however many there are."""
    bounds = Bounds(NOW, UTC, "DMY", EARLIEST, NOW.date() + timedelta(days=1))
    readers: tuple[Callable[[list[Token]], object], ...] = (
        lambda tokens: find_absolute(tokens, bounds),
        lambda tokens: find_clocks(tokens, frozenset()),
        lambda tokens: find_relative(tokens, bounds),
        lambda tokens: find_named_days(tokens, bounds),
    )
    once = max(len(tokenize(piece * 100)), 1)
    for reader in readers:
        visits = []
        for size in (2_000, 4_000):
            tokens = _Counted(tokenize(piece * (100 * size // once))[:size])
            tokens.visits = 0
            reader(tokens)
            visits.append(tokens.visits)
        assert visits[1] <= visits[0] * 2.1 + 200
        assert visits[1] <= 150 * 4_000


@pytest.mark.parametrize(("zone", "order"), [("Asia/Nowhere", "DMY"), ("../etc/passwd", "DMY"), ("UTC", "YDM")])
def test_unknown_settings_are_one_clear_sentence(zone: str, order: str) -> None:
    with pytest.raises(ValueError, match="is not an"):
        parse_date("10 أيار 2016", reference=NOW, zone=zone, order=order)
