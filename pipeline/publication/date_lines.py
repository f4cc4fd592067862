"""What a visible line of a page says of dates: a byline's publication, its last change, or prose that mentions a day."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from pipeline.dates import COUNTING_WORDS, DATE_WORDS, FIRST_WORDS, PLACE_WORDS, fold, parse_date
from pipeline.publication.candidate import MODIFIED, PUBLISHED, UNKNOWN

LONGEST_LINE = 180
"""Characters of the longest line that is read; what is longer is prose."""


class Statement(NamedTuple):
    """A date that a line states: the literal text, its role as a label says, the date's characters, calendar and day.

    The day is good for telling one from another only: no reference was known.
    """

    text: str
    role: str
    length: int
    calendar: str
    day: date


_DIGIT = re.compile(r"\d")
_NUMERIC = re.compile(r"(?<!\d)\d{1,4}\W{1,3}\d{1,2}\W{1,3}\d{2,4}(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")

# Labels are looked for in folded text, so hamza, marks and digits have one form.
_MODIFIED_LABEL = re.compile(
    r"\b(?:(?:اخر|اخرين|تاريخ|تم|وقت) (?:ال)?(?:تحديث|تعديل)|(?:ال)?تحديث(?= ?:| في\b)|محدثه?\b|(?:حدثت?|عدلت?) في\b|"
    r"(?:به ?)?روز ?رساني|بروز ?رساني|ويرايش|(?:last )?(?:updated|modified)\b)"
)
_PUBLISHED_LABEL = re.compile(
    r"\b(?:نشرت?\b|نشره\b|(?:تاريخ )?النشر\b|(?:تاريخ|زمان) انتشار\b|بتاريخ\b|التاريخ\b|تاريخ\b|اضيفت?\b|ادرجت?\b|حررت?\b|"
    r"كتبت? في\b|posted\b|published\b)"
)
# Words that name a writer beside a date, and those that prose puts right before a day.
_BYLINE_WORDS = frozenset(fold("بواسطة بقلم كتب كتبت كتبه كتبها الكاتب المحرر إعداد تحرير المصدر قبل by").split())
_PREPOSITIONS = frozenset(fold("في يوم منذ حتى إلى من خلال بتاريخ قبل بعد مساء صباح فجر ليل ليلة").split())
_ANY_DATE = frozenset(fold("بتاريخ التاريخ تاريخ").split())
_PICTURES = frozenset(fold("أرشيف الأرشيف أرشيفية تصوير صورة الصورة بعدسة عدسة").split())
_JOINTS = frozenset(fold("من في على إلى عن مع بين").split())
_KNOWN = DATE_WORDS | frozenset(fold("نشره ادرج ادرجت كتب كتبت حررت محدثه تعديل").split())
# What ends a phrase, and what divides a byline into cells.
_BREAK = re.compile(r"[|•·●»«:،,؛;()\[\]–—]|\s[-/]\s|^[-/]|[-/]$")
_CELL = re.compile(r"\s*[|•·●]\s*")
_DASH = re.compile(r"\s[-–—/]\s")
_AROUND = " ([|-–،,؛"
_LONGEST_UNLABELLED = 130
_LONGEST_COUNTED = 60
_LONGEST_CELL = 45
_WRITER_WORDS = 4
# The least share of its cell that a date has, and of a byline that names a writer.
_LEAST_OF_LINE, _LEAST_OF_BYLINE = 0.4, 0.2


def may_state_date(text: str) -> bool:
    """Whether a line is short and has the digits or words of a date: the cheap test before `read_line`."""
    if len(text) > LONGEST_LINE:
        return False
    has_digit = _DIGIT.search(text) is not None
    if not has_digit and len(text) > _LONGEST_COUNTED:
        return False
    names = _WORD.findall(fold(text))
    if has_digit and (_NUMERIC.search(text) is not None or not FIRST_WORDS.isdisjoint(names)):
        return True
    return len(text) <= _LONGEST_COUNTED and not COUNTING_WORDS.isdisjoint(names)


def says_published(text: str) -> bool:
    """Whether a line has a word that labels a publication."""
    return _PUBLISHED_LABEL.search(fold(text)) is not None


def says_changed(text: str) -> bool:
    """Whether a line has a word that labels a change."""
    return _MODIFIED_LABEL.search(fold(text)) is not None


def read_line(text: str, *, marked: bool) -> list[Statement]:
    """The dates that a line states as a byline does; prose that only mentions a day states none.

    Args:
        text: a line for which `may_state_date`.
        marked: the page's markup says that it holds a date.
    """
    folded = fold(text)
    modified = _labels(_MODIFIED_LABEL, text, folded)
    published = _labels(_PUBLISHED_LABEL, text, folded)
    return _changed(text, modified[0][0], published) if modified else _printed(text, published, marked=marked)


def _labels(pattern: re.Pattern[str], text: str, folded: str) -> list[tuple[int, int]]:
    """Where a line's labels stand: found in its folded text, and their places counted back."""
    spans = [match.span() for match in pattern.finditer(folded)]
    if spans and len(folded) != len(text):
        places = [index for index, character in enumerate(text) for _ in fold(character)] + [len(text)]
        spans = [(places[start], places[end]) for start, end in spans]
    return spans


class _Found(NamedTuple):
    """A date in a text: where it stands, its calendar and its day."""

    start: int
    end: int
    calendar: str
    day: date


def _changed(text: str, label: int, published: list[tuple[int, int]]) -> list[Statement]:
    """A line with a word of changes: "نشر: … آخر تحديث: …" is two statements, "28 آب 2013، آخر تحديث 14:00" is one."""
    before, after = text[:label].strip(_AROUND), text[label:].strip(_AROUND)
    change, first = _find_date(after), _find_date(before)
    if first and (change or (published and published[0][0] < label)):
        return [*_stated(before, PUBLISHED, first), *_stated(after, MODIFIED, change)]
    later = next((start for start, _ in published if start > label and _find_date(text[label:start])), None)
    if later is not None and (second := _find_date(text[later:])):
        rest = text[later:].strip(_AROUND)
        return [*_stated(text[label:later].strip(_AROUND), MODIFIED, change), *_stated(rest, PUBLISHED, second)]
    return _stated(text, MODIFIED, change or first)


def _printed(text: str, labels: list[tuple[int, int]], *, marked: bool) -> list[Statement]:
    """A line without a word of changes."""
    found = _find_date(text) if marked or labels or len(text) <= _LONGEST_UNLABELLED else None
    if found is None:
        return []
    if any(_is_labelled(text, label, found, marked=marked) for label in labels):
        return _stated(text, PUBLISHED, found)
    if _is_prose(text, found):
        return []
    literal = text[found.start : found.end]
    cell = next((part for part in _cells(text) if literal in part), text)
    least = _LEAST_OF_BYLINE if not _BYLINE_WORDS.isdisjoint(_WORD.findall(fold(text))) else _LEAST_OF_LINE
    return _stated(text, UNKNOWN, found) if marked or len(literal) >= len(cell) * least else []


def _cells(text: str) -> list[str]:
    """A line's cells, "سليم حداد | سوريا | 10 أيار 2016"; dashes divide it only where what they divide is short."""
    cells = [cell for part in _CELL.split(text) for cell in _DASH.split(part)]
    return cells if max(map(len, cells)) <= _LONGEST_CELL else _CELL.split(text)


def _stated(text: str, role: str, found: _Found | None) -> list[Statement]:
    return [Statement(text, role, found.end - found.start, found.calendar, found.day)] if found else []


def _is_labelled(text: str, label: tuple[int, int], found: _Found, *, marked: bool) -> bool:
    """Whether a label leads to the date, over a writer's name at most, and neither stands in a sentence."""
    if label[0] >= found.end:
        return not _content(text[found.end : label[0]])
    name, colon, rest = text[label[1] : found.start].partition(":")
    between, writer = _content(name), _content(rest)
    if between and between[0] not in _BYLINE_WORDS:
        return False  # "تاريخ الميلاد: …", "نشرت الصحيفة في …"
    before = [] if marked else _content(_last_phrase(text[: label[0]]))
    after = _content(_first_phrase(text[found.end :]))
    if len(between) + len(writer) > _WRITER_WORDS or len(after) > _WRITER_WORDS:
        return False
    if after and after[0] not in _BYLINE_WORDS and (_ends_sentence(text) or _is_weak(text, label, colon)):
        return False  # "بتاريخ 10 أيار صدر القرار"
    if before and not (colon and not between and not writer):  # "سليم حداد نشر في …"
        return len(before) < _WRITER_WORDS and (not after or after[0] in _BYLINE_WORDS)
    return True


def _is_prose(text: str, found: _Found) -> bool:
    """Whether a sentence stands around a date, "وقع الانفجار في …", "في … اجتمع الوزراء"; or a label of another, "الموعد: …"."""
    before, after = _last_phrase(text[: found.start]), _first_phrase(text[found.end :])
    leading = _WORD.findall(fold(before))
    content_before, content_after = _content(before), _content(after)
    if leading and leading[-1] in _PREPOSITIONS:
        if content_before and (content_after or _BYLINE_WORDS.isdisjoint(leading)):
            return True
        if len(content_after) > 1 and content_after[0] not in _BYLINE_WORDS:
            return True
    if content_before and not _JOINTS.isdisjoint(leading):
        return True  # "… من البيان 10 أيار"
    if not _PICTURES.isdisjoint(_content(text)):
        return True  # "تصوير: سليم - 3 أيار 2014"
    label = text[: found.start].rstrip()
    if label.endswith(":") and not PLACE_WORDS.issuperset(_content(_last_phrase(label[:-1]))):
        return True
    return _ends_sentence(text) and len(content_before) + len(content_after) > 2


def _is_weak(text: str, label: tuple[int, int], colon: str) -> bool:
    """Whether a label is a word for any date, without a colon."""
    return not colon and fold(text[label[0] : label[1]]) in _ANY_DATE


def _ends_sentence(text: str) -> bool:
    return text.rstrip().endswith((".", "؟", "!"))


def _last_phrase(text: str) -> str:
    return _BREAK.split(text)[-1]


def _first_phrase(text: str) -> str:
    return _BREAK.split(text, maxsplit=1)[0]


def _content(text: str) -> list[str]:
    """The words that are no label, weekday or part of a date, folded."""
    return [word for word in _WORD.findall(fold(text)) if word not in _KNOWN]


# A reference far ahead: here a text is only asked whether it states a date at all.
_FAR = datetime(2200, 1, 1)  # noqa: DTZ001 - taken in the default zone
_FIRST = date(1900, 1, 1)


def _find_date(text: str) -> _Found | None:
    parsed = parse_date(text, reference=_FAR, earliest=_FIRST) if text else None
    if parsed is None:
        return None
    start = text.find(parsed.matched)
    day = parsed.value.date() if isinstance(parsed.value, datetime) else parsed.value
    return _Found(start, start + len(parsed.matched), parsed.calendar, day)
