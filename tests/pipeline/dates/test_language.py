"""The date language: tables of strings with their answers, and properties over everything that can be rendered."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_datetime
from convertdate import persian
from hijridate import Gregorian
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dates import EARLIEST, parse_date

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


@pytest.mark.parametrize(("text", "reference", "expected"), _rows(OWN))
def test_own_examples(text: str, reference: str, expected: str) -> None:
    assert _answer(text, datetime.fromisoformat(reference)) == expected


def test_own_examples_are_many_and_refuse_enough() -> None:
    rows = _rows(OWN)
    assert len({text for text, _, _ in rows}) >= 400
    assert sum(expected == "none" for _, _, expected in rows) >= 120


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
FAMILIES["dual"] = [f"{a}/{b}" for a, b in zip(FAMILIES["levant"], FAMILIES["gulf"], strict=True)]
FAMILIES["dual spaced"] = [f"{b} / {a}" for a, b in zip(FAMILIES["levant"], FAMILIES["gulf"], strict=True)]
FAMILIES["dual bracketed"] = [f"{b} ({a})" for a, b in zip(FAMILIES["levant"], FAMILIES["gulf"], strict=True)]
HIJRI = (
    _split("محرم|صفر|ربيع الأول|ربيع الآخر|جمادى الأولى|جمادى الآخرة|رجب|شعبان|رمضان|شوال|ذو القعدة|ذو الحجة"),
    _split("المحرم|صفر|ربيع أول|ربيع الثاني|جمادي الاولى|جمادى الثانية|رجب|شعبان|رمضان|شوّال|ذي القعدة|ذي الحجة"),
)
PERSIAN = _split("فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند")
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


@given(DAYS, st.sampled_from(sorted(DIGITS)))
def test_persian_days_are_read_back(day: date, digits: str) -> None:
    year, month, number = persian.from_gregorian(day.year, day.month, day.day)
    for text in (f"{number} {PERSIAN[month - 1]} {year}", f"{year}/{month:02d}/{number:02d}"):
        parsed = parse_date(text.translate(DIGITS[digits]), reference=NOW)
        assert parsed is not None, text
        assert (parsed.value, parsed.calendar) == (day, "persian")


@given(
    DAYS,
    st.sampled_from(["ar_EG", "ar_SY", "ar_LB", "ar_DZ", "ar_TN", "ar_MA", "ar_MR", "ar_SA", "ar_IQ"]),
    st.sampled_from(["medium", "long", "full"]),
)
def test_babels_own_dates_are_read_back(day: date, locale: str, form: str) -> None:
    parsed = parse_date(format_date(day, form, locale=locale), reference=NOW)
    assert parsed is not None
    assert parsed.value == day


@given(st.datetimes(datetime(1990, 1, 2), datetime(2024, 5, 31)), st.sampled_from(["ar_EG", "ar_SY", "ar_TN", "ar_MA"]))  # noqa: DTZ001
def test_babels_own_times_are_read_back(moment: datetime, locale: str) -> None:
    moment = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    parsed = parse_date(format_datetime(moment, "d MMMM y h:mm a", locale=locale), reference=NOW)
    assert parsed is not None
    assert parsed.value == moment


ALPHABET = st.sampled_from(
    [
        *"0123456789٠١٢٣٤٥٦٧٨٩/-.:،,()| +\u200fـ",
        *_split(
            "منذ |قبل |أمس|اليوم |ساعة| و| ساعات|مايو| أيار |2016|هـ|م|ص|GMT|بتوقيت |دمشق|شعبان |1437|"
            "الأول |من |الحادي |والعشرين |T|Z|الساعة |نصف |سنة|شهرين|حتى |الثلاثاء "
        ),
    ]
)


@given(
    st.text(max_size=60) | st.lists(ALPHABET, max_size=14).map("".join),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.sampled_from(["UTC", "Asia/Damascus", "Pacific/Kiritimati", "America/New_York"]),
    st.sampled_from(["DMY", "MDY", "YMD"]),
)
def test_no_text_raises_or_leaves_the_range(text: str, reference: datetime, zone: str, order: str) -> None:
    parsed = parse_date(text, reference=reference, zone=zone, order=order)
    if parsed is None:
        return
    local = (
        reference.replace(tzinfo=ZoneInfo(zone)) if reference.tzinfo is None else reference.astimezone(ZoneInfo(zone))
    )
    day = parsed.value.date() if isinstance(parsed.value, datetime) else parsed.value
    assert EARLIEST <= day <= local.date() + timedelta(days=1)
    assert parsed.matched
    assert parsed.matched in text
    if isinstance(parsed.value, datetime):
        assert parsed.value.tzinfo is not None


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


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "منذ ",
        "10/",
        "10 مايو ",
        "\u200f",
        "ي",
        "3 ",
        "منذ 3 ساعات ",
        "الأول من ",
        "كانون ",
        "١٠:١٠ ",
        "(",
        "\ud800",
        "أيار/",
        "10-",
        "ﷺ",
    ],
)
def test_a_megabyte_of_anything_is_answered(piece: str) -> None:
    parse_date(piece * (1_000_000 // len(piece)), reference=NOW)


def test_the_work_is_bounded_by_construction() -> None:
    """What stands behind the first 4,096 characters is not read: the cost of a longer text is that of its beginning."""
    text = " " * 4096 + "10 أيار 2016"
    assert parse_date(text, reference=NOW) is None
    assert parse_date(text[1000:], reference=NOW) is not None


@pytest.mark.parametrize(("zone", "order"), [("Asia/Nowhere", "DMY"), ("../etc/passwd", "DMY"), ("UTC", "YDM")])
def test_unknown_settings_are_one_clear_sentence(zone: str, order: str) -> None:
    with pytest.raises(ValueError, match="is not an"):
        parse_date("10 أيار 2016", reference=NOW, zone=zone, order=order)
