"""Write the tables of these pages from the code: ``python docs/tables.py`` (a test holds them to it)."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline import card, corpus, health, rejection
from pipeline.dates import ParsedDate, Refusal, mentions, read_date
from pipeline.duplicates import Features, compare, text_hash
from pipeline.rejection import Rejection
from pipeline.settings import AWS, Settings
from pipeline.sources import Evidence, Politeness, Sections, Source, load_sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa
    from pydantic import BaseModel

DOCS = Path(__file__).parent

READ = (
    ("months of the Gulf and Egypt", "10 مايو 2016"),
    ("of the Levant and Iraq", "10 أيار 2016"),
    ("of Algeria and Tunisia", "5 أوت 2014"),
    ("of Morocco", "25 دجنبر 2015"),
    ("of Mauritania", "21 أغشت 2015"),
    ("of Libya until 2011, with the year", "1 الفاتح 2008"),
    ("both names, in either order", "30 سبتمبر/أيلول 2015"),
    ("", "10 مايو (أيار) 2016"),
    ("spellings of the press", "3 تشرين أول 2015"),
    ("", "12 ك2 2015"),
    ("the day in words", "الثالث من أيار 2016"),
    ("the month first", "مايو 10, 2016"),
    ("numbers, in the source's `date_order`", "10/05/2016"),
    ("the year first", "2016-05-10"),
    ("any digits", "١٠/٠٥/٢٠١٦"),
    ("marks that nobody sees", "10\u200f/05\u200f/2016"),
    ("Hijri (Umm al-Qura)", "17 ذي القعدة 1436هـ"),
    ("in numbers, told by the year", "1437/08/03"),
    ("a 30th of the tabular calendar alone", "30 رجب 1436هـ"),
    ("a day off by sight or tables: its weekday tells", "الثلاثاء 2 شعبان 1437هـ"),
    ("Hijri and Gregorian", "الثلاثاء 3 شعبان 1437هـ الموافق 10 مايو 2016م"),
    ("more than a day apart", "5 شعبان 1437هـ الموافق 10 مايو 2016م"),
    ("Persian solar", "۲۱ اردیبهشت ۱۳۹۵"),
    ("", "سوم شهریور ۱۳۹۴"),
    ("Sorani", "١٠ی ئاداری ٢٠١٦"),
    ("a time of 24 hours", "10 أيار 2016 - 14:35"),
    ("of 12 hours, with the part of the day", "10 مايو 2016 الساعة 3:15 عصراً"),
    ("", "۲۱ اردیبهشت ۱۳۹۵ ساعت ۹ شب"),
    ("", "10/05/2016 9:30 ئێوارە"),
    ("", "10 مايو 2016 0:30 ظهراً"),
    ("in words", "10 أيار 2016، الساعة التاسعة والنصف مساءً"),
    ("the zone stated", "10 أيار 2016 14:35 بتوقيت القاهرة"),
    ("", "10/05/2016 14:35 GMT+3"),
    ("a count of time", "منذ 3 ساعات"),
    ("", "قبل يومين"),
    ("", "منذ شهرين"),
    ("", "قبل شهر ونصف"),
    ("", "حدود ۲ ساعت پیش"),
    ("", "3 ساعات مضت"),
    ("a day by name", "أمس"),
    ("", "اليوم الماضي"),
    ("", "قبل يوم أمس"),
    ("", "أول أمس الساعة 14:30"),
    ("no year: the latest such day", "13 أيار"),
    ("its weekday chooses the year", "الجمعة 13 أيار"),
    ("", "الثلاثاء 13 أيار"),
    ("a month alone with its year", "أيار 2015"),
    ("a place, a label", "دمشق، نُشر في 9 أيار 2016"),
    ("a weekday that is another day's", "الأحد 10 مايو 2016"),
)
"""What dates look like, each kind with an example; one without words is another example of the kind above it."""

REFUSED = (
    ("a count", "الجيش الحر يستعيد 3 قرى"),
    ("a share", "45% من السكان"),
    ("a telephone number", "هاتف: 011/222/3333"),
    ("no such day", "30 شباط 2015"),
    ("later than the day after the capture", "12 أيلول 2016"),
    ("before 1990", "10 أيار 1975"),
    ("a copyright line", "© 2016 جميع الحقوق محفوظة"),
    ("a part of a date", "2016"),
    ("", "آب"),
    ("", "الثلاثاء"),
    ("", "14:35"),
    ("two days", "3-5 أيار 2016"),
    ("two months", "10 أيار/يونيو 2016"),
    ("nobody knows how many", "منذ أيام"),
    ("", "قبل بضعة أيام"),
    ("half of what has no halves in days", "قبل أسبوع ونصف"),
    ("announced, or of years ago", "السبت 14 أيار"),
    ("a 30th of no Hijri calendar but by sight", "30 شعبان 1437هـ"),
    ("a Persian month without its year", "سوم شهریور"),
    ("another day's name", "اليوم المقبل"),
    ("words of a sentence around it", "سقط في 10 أيار ثلاثة جرحى"),
)
"""What looks like a date and is none."""

MENTIONED = (
    ("a day by name, with its part", "مساء أمس الأول"),
    ("a weekday: the latest one", "فجر الثلاثاء"),
    ("", "الخميس الماضي"),
    ("", "الأحد قبل الماضي"),
    ("", "الأحد المقبل"),
    ("a part of this day", "هذا الصباح"),
    ("a night of two days", "ليل الجمعة - السبت"),
    ("a day and month: the latest such day", "في الثالث من أيار"),
    ("", "في 17 كانون الأول الماضي"),
    ("its weekday chooses between the latest and the coming", "الجمعة 13 أيار"),
    ("a week (from Saturday), a month, a year", "الأسبوع الماضي"),
    ("", "الشهر الماضي"),
    ("", "في آذار/مارس 2011"),
    ("", "منذ عام 2011"),
    ("a part of one, in thirds", "مطلع الشهر الجاري"),
    ("", "منذ بداية العام"),
    ("in counted units", "في الأشهر الثلاثة الأخيرة من عام 2014"),
    ("", "في الأشهر الأخيرة من عام 2014"),
    ("a week of a month, by sevens", "في الأسبوع الأول من الشهر الجاري"),
    ("a decade", "في الثمانينيات"),
    ("", "في عشرينيات القرن الماضي"),
    ("a count back", "قبل يومين"),
    ("", "قبل شهر ونصف"),
    ("", "قبل بضعة أيام"),
    ("", "منذ ثلاثة أسابيع"),
    ("a counted span", "خلال الساعات الـ48 الماضية"),
    ("a span of a few, three to ten", "خلال الأيام القليلة الماضية"),
    ("two ends", "من 28 نيسان حتى 3 أيار"),
    ("vague", "في السابق"),
    ("", "في السنوات الماضية"),
    ("a sentence that looks ahead", "سيجتمع المجلس الأحد"),
    ("a day that may be the coming one", "في 10 حزيران"),
    ("counted from something else", "قبل يومين من الهجوم"),
    ("a weekday that is another day's", "أمس الثلاثاء"),
    ("the day of a war, not of publication", "في اليوم الـ80 للحرب"),
    ("a part of a war or a life", "في الأشهر الأخيرة من الحرب"),
    ("a decade that may be an age", "رجل في الستينيات"),
    ("the end of a year that is not near", "في نهاية العام"),
)
"""What texts say of days, each kind with an example."""

REFERENCE, ZONE = datetime(2016, 5, 12, 12), "Asia/Damascus"  # noqa: DTZ001 - naive times are taken in the zone
"""When and where the examples were captured: a Thursday."""


REPORT = (
    "قالت مصادر محلية في بلدة النبعة إن السيول جرفت فجر الثلاثاء جسراً على الطريق الشرقي وقطعت المياه عن ثلاثة أحياء، "
    "وأضافت أن فرق الدفاع المدني أخلت نحو 40 عائلة إلى مدرسة البلدة ريثما تنحسر المياه. "
    "وأوضح رئيس المجلس المحلي سامر القاضي أن إصلاح الجسر يحتاج أسبوعاً على الأقل، وأن شاحنات الإغاثة ستسلك طريق الجبل مؤقتاً. "
    "ودعا الأهالي إلى الابتعاد عن مجرى الوادي بعد أن توقعت الأرصاد أمطاراً أخرى مساء الأربعاء، "
    "وناشد المنظمات إرسال مضخات وأغطية قبل اشتداد البرد."
)
_SENTENCES = REPORT.split(". ")
_OTHER = (
    "أعلنت إدارة المعبر الشمالي استئناف حركة الشاحنات بعد توقف دام يومين بسبب أعمال الصيانة، "
    "وقال مديره إن الأولوية للمواد الغذائية والأدوية، فيما اصطفت عشرات المركبات على جانبي الطريق منذ ساعات الصباح الأولى "
    "بانتظار دورها في التفتيش والعبور إلى الضفة المقابلة"
)
COPIES = (
    ("other spelling, marks and digits", REPORT.replace("أ", "ا").replace("ة", "ه").replace("40", "٤٠")),
    ("a headline's worth of words changed", REPORT.replace("قالت مصادر", "ذكرت مصادر").replace("وأوضح", "وأكد")),
    ("a lead added", f"{_OTHER[:90]}. {REPORT}"),
    ("within a longer report", f"{_OTHER}. {REPORT}"),
    ("the same with another figure", REPORT.replace("40 عائلة", "55 عائلة")),
    ("a follow-up that recalls it", f"{_OTHER}. {_SENTENCES[0]}"),
    ("another report", _OTHER),
)
"""What may become of a report at another outlet."""


def copies() -> str:
    """How the examples stand to the report."""
    rows = []
    for what, text in COPIES:
        made = compare(Features.of(REPORT), Features.of(text))
        same = text_hash(text) == text_hash(REPORT)
        verdict = "same_text" if same else made.kind or f"no copy: {made.reason}"
        covered = "" if made.covered is None else f"{made.covered:.0%}"
        figures = f"{made.kept} / {made.exchanged}"
        rows.append((what, f"{made.jaccard:.0%}", f"{made.contained:.0%}", covered, figures, verdict))
    return _table(("what", "of both", "of the shorter", "blocks", "figures same / exchanged", "verdict"), rows)


def columns() -> str:
    """The columns of the corpus."""
    return _columns(corpus.SCHEMA)


def within_columns() -> str:
    """The fields of the records that stand within columns of the corpus."""
    rows = []
    for name, meanings in corpus.WITHIN.items():
        record = corpus.SCHEMA.field(name).type.value_type
        fields = [record.field(place) for place in range(record.num_fields)]
        rows += [(f"`{name}`", f"`{one.name}`", str(one.type), meanings[one.name]) for one in fields]
    return _table(("column", "field", "type", "meaning"), rows)


def source_columns() -> str:
    """The columns of the table of outlets."""
    return _columns(card.SCHEMA)


def health_columns() -> str:
    """The columns of ``health/``."""
    return _columns(health.SCHEMA)


def _columns(schema: pa.Schema) -> str:
    rows = (
        (f"`{column.name}`", str(column.type).split("<")[0], column.metadata[b"meaning"].decode()) for column in schema
    )
    return _table(("column", "type", "meaning"), rows)


def states() -> str:
    """How a source may stand: each with the sentence that stands below it in the code."""
    [body] = [
        node.body
        for node in ast.parse(inspect.getsource(inspect.getmodule(health.State) or health)).body
        if isinstance(node, ast.ClassDef) and node.name == "State"
    ]
    meanings = [
        str(node.value.value)
        for node in body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    return _table(
        ("state", "meaning"), ((f"`{state}`", said) for state, said in zip(health.State, meanings, strict=True))
    )


def rejections() -> str:
    """The reasons for which a page is no article: each with whether it may pass, and the sentence below it in the code."""
    classes = [node for node in ast.parse(inspect.getsource(rejection)).body if isinstance(node, ast.ClassDef)]
    [body] = [node.body for node in classes if node.name == Rejection.__name__]
    meanings = [
        " ".join(str(node.value.value).split())
        for node in body[1:]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    return _table(
        ("reason", "may pass", "meaning"),
        ((f"`{reason}`", reason.passing, meaning) for reason, meaning in zip(Rejection, meanings, strict=True)),
    )


def keys() -> str:
    """The keys of a source's file."""
    return _table(
        ("key", "default", "meaning"),
        [
            *_keys(Source),
            *_keys(Politeness, "politeness."),
            *_keys(Sections, "sections."),
            *_keys(Evidence, "evidence."),
        ],
    )


def settings() -> str:
    """The variables that an operator sets."""
    ours = (
        (
            f"`{field.validation_alias}`",
            f"`{field.default}`" if field.default is not None else "none",
            field.description or "",
        )
        for field in Settings.model_fields.values()
    )
    return _table(
        ("variable", "default", "meaning"), [*ours, *((f"`{name}`", "none", meaning) for name, meaning in AWS.items())]
    )


def sources() -> str:
    """The sources that are shipped, but for the example."""
    shipped = [one for one in load_sources(DOCS.parent / "config" / "sources").values() if one.id != "example"]
    head = ("id", "name", "ownership", "status", "last seen", "reports on", "time zone", "found by", "enabled")
    return _table(
        head,
        (
            (
                f"[{one.id}](../config/sources/{one.id}.yaml)",
                f"[{one.name}]({one.home})",
                one.ownership or "",
                one.status,
                one.last_seen or "",
                ", ".join(one.conflicts),
                one.timezone,
                ", ".join(dict.fromkeys(found.type for found in one.discovery)) or "archives alone",
                "yes" if one.enabled else "no",
            )
            for one in shipped
        ),
    )


def dates_read() -> str:
    """What is read of the examples, and how."""
    return _table(("what", "example", "read as", "method"), (_read(what, text) for what, text in READ))


def _read(what: str, text: str) -> tuple[str, ...]:
    read = _example(text)
    if isinstance(read, Refusal):
        raise AssertionError(f"{text!r} is not read: {read.reason}")
    value = read.value.isoformat(timespec="minutes") if isinstance(read.value, datetime) else read.value.isoformat()
    facts = [value, f"to the {read.precision}" if read.precision in {"month", "year"} else ""]
    facts += [read.calendar if read.calendar != "gregorian" else "", *read.notes]
    return what, _literal(text), ", ".join(fact for fact in facts if fact), f"`{read.method}`"


def dates_refused() -> str:
    """Why nothing is read of the examples."""
    return _table(("what", "example", "reason"), (_refused(what, text) for what, text in REFUSED))


def _refused(what: str, text: str) -> tuple[str, ...]:
    read = _example(text)
    if isinstance(read, ParsedDate):
        raise AssertionError(f"{text!r} is read as {read.value}")
    return what, _literal(text), read.reason.value


def dates_mentioned() -> str:
    """What the days of the examples are, in an article of the day of the reference."""
    return _table(("what", "example", "first day", "last day", "precision"), (_mentioned(*row) for row in MENTIONED))


def _mentioned(what: str, text: str) -> tuple[str, ...]:
    found = mentions(text, REFERENCE.date())
    facts = [(str(one.start), str(one.end), one.precision) for one in found] or [("none", "", "")]
    return what, _literal(text), *facts[0]


def _example(text: str) -> ParsedDate | Refusal:
    return read_date(text, reference=REFERENCE, zone=ZONE)


def _literal(text: str) -> str:
    return f"`{text.replace(chr(0x200F), chr(92) + 'u200f')}`"


def _keys(model: type[BaseModel], prefix: str = "") -> Iterable[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if name in {"politeness", "sections"}:
            continue
        default = (
            "**required**"
            if field.is_required()
            else f"`{field.default!r}`"
            if field.default not in {(), "", None}
            else "none"
        )
        yield f"`{prefix}{name}`", default, field.description or ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def filled(page: str) -> str:
    """A page with its tables as the code has them now: each stands between ``<!-- table: name -->`` and ``<!-- end -->``."""
    tables = {
        "columns": columns,
        "within_columns": within_columns,
        "source_columns": source_columns,
        "health_columns": health_columns,
        "states": states,
        "rejections": rejections,
        "keys": keys,
        "copies": copies,
        "settings": settings,
        "sources": sources,
        "dates_read": dates_read,
        "dates_refused": dates_refused,
        "dates_mentioned": dates_mentioned,
    }
    return re.sub(
        r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)",
        lambda match: f"{match[1]}{tables[match[2]]()}\n{match[3]}",
        page,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for path in sorted(DOCS.glob("*.md")):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
