"""Bytes into text, whatever header and markup claim."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.page.decode import decode
from tests.pipeline.extract.pages import PARAGRAPHS

TEXT = "<html><body><p>أعلن المجلس المحلي فتح المدارس يوم الأحد، وقال إن الدوام كامل.</p></body></html>"
PERSIAN = "<p>به گزارش خبرگزاری، مردم شهر از بسته شدن پل شکایت دارند و می\u200cگویند راه دیگری نیست.</p>"
SORANI = "<p>سەرۆکی هەرێم لەگەڵ شاندێکی پەرلەمان کۆبووەوە و باسی دۆخی ناوچەکەیان کرد</p>"
TURKISH = "<p>Köylüler haftalardır su olmadığından şikâyet ediyor, yağış da beklenmiyor.</p>"
RUSSIAN = "<p>Жители жалуются, что воды нет уже несколько недель, и дорога закрыта.</p>"
FRENCH = "<p>Le maire a annoncé la réouverture du pont après l'été.</p>"

CLAIMED = [
    "",
    "text/html",
    "text/html; charset=utf-8",
    "text/html; charset=windows-1256",
    "text/html; charset=iso-8859-6",
    "text/html; charset=iso-8859-1",
    "text/html; charset=windows-1251",
    "text/html; charset=gb2312",
    "text/html; charset=utf-16",
    "text/html; charset=nonsense",
    "text/html; charset=undefined",  # names of Python's that raise, or take forever
    "text/html; charset=punycode",
]
# Of running text, since one word in single bytes may be of several languages.
ARABIC = st.lists(
    st.sampled_from([word for paragraph in PARAGRAPHS for word in paragraph.split()]), min_size=12, max_size=40
).map(lambda words: f"<p>{' '.join(words)}</p>")


@pytest.mark.parametrize("claimed", CLAIMED)
@pytest.mark.parametrize("really", ["utf-8", "windows-1256"])
def test_the_bytes_decide_not_the_header(claimed: str, really: str) -> None:
    assert decode(TEXT.encode(really), claimed) == TEXT


@pytest.mark.parametrize("meta", ["utf-8", "windows-1256", "iso-8859-6", "windows-1252"])
def test_the_bytes_decide_not_the_markup(meta: str) -> None:
    text = TEXT.replace("<body>", f'<head><meta charset="{meta}"></head><body>')
    assert decode(text.encode("windows-1256"), "text/html") == text
    assert decode(text.encode(), "text/html") == text


@pytest.mark.parametrize("claimed", CLAIMED)
def test_iso_8859_6_is_told_from_windows_1256(claimed: str) -> None:
    assert decode(TEXT.encode("iso-8859-6"), claimed) == TEXT


@given(ARABIC, st.sampled_from(["utf-8", "windows-1256"]), st.sampled_from(CLAIMED))
def test_arabic_comes_back_from_every_encoding_whatever_the_header(text: str, really: str, claimed: str) -> None:
    assert decode(text.encode(really), claimed) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PERSIAN.replace("ی", "ي"), "windows-1256"),
        (TURKISH, "windows-1254"),
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (FRENCH, "iso-8859-1"),
        (FRENCH, "windows-1252"),
        ("<p>תושבי הכפר מתלוננים שאין מים כבר שבועות</p>", "windows-1255"),
        ("<p>三人死亡，多人受伤，道路仍然关闭。</p>", "gb2312"),
    ],
)
def test_a_named_encoding_counts_where_the_bytes_bear_it_out(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), f"text/html; charset={encoding}") == text
    assert decode(text.encode(), f"text/html; charset={encoding}") == text


@pytest.mark.parametrize("text", [TEXT, PERSIAN, SORANI, TURKISH, RUSSIAN, FRENCH])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_and_marks(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "text/html; charset=windows-1256") == text


def test_a_wrong_byte_order_mark() -> None:
    assert decode(codecs.BOM_UTF16_LE + TEXT.encode(), "") == TEXT
    assert decode(codecs.BOM_UTF8 * 2 + TEXT.encode(), "") == TEXT
    assert decode(codecs.BOM_UTF8 + TEXT.encode("windows-1256"), "") == TEXT


def test_a_letter_cut_in_two_costs_that_letter_alone() -> None:
    text = decode((TEXT * 20).encode() + "ف".encode()[:1], "text/html; charset=utf-8")
    assert text == TEXT * 20 + "\ufffd"


def test_a_stray_byte_in_a_page_of_references() -> None:
    page = "<p>" + "".join(f"&#{ord(letter)};" for letter in "أعلن المجلس المحلي فتح المدارس يوم الأحد" * 5) + "</p>"
    assert decode(page.encode() + b"\xa9", "text/html") == page + "\ufffd"


def test_a_line_in_windows_1256_in_a_page_in_utf_8() -> None:
    right = f"<p>{PARAGRAPHS[0]}</p>\n"
    assert decode((right * 3).encode() + right.encode("windows-1256"), "text/html; charset=utf-8") == right * 4


def test_nulls_are_taken_out() -> None:
    assert decode(TEXT.replace("فتح", "ف\x00تح").encode(), "") == TEXT


@pytest.mark.parametrize(
    "body", [bytes(range(128, 256)) * 40 + bytes(range(32)), b"%PDF-1.4 \xff\xfe\x01", b"\x1f\x8b\x08" * 99]
)
def test_binary_data_is_no_text(body: bytes) -> None:
    assert decode(body, "text/html") is None


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff")),
    st.sampled_from(["", "text/html; charset=windows-1256"]),
)
def test_every_text_in_utf_8_comes_back(text: str, content_type: str) -> None:
    assert decode(text.encode(), content_type) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&#147;نعم&#148; قال&#133;", "“نعم” قال…"),  # numbers of windows-1252, as browsers read them
        ("&#x93;نعم&#x94;", "“نعم”"),
        ("\x93نعم\x94 \x96 \x85", "“نعم” – …"),
        ("&amp;#1575;&amp;#1604;&amp;#1580;&amp;#1587;&amp;#1585;", "&#1575;&#1604;&#1580;&#1587;&#1585;"),
        ("قال: &amp;quot;النصر قريب.&amp;quot;", "قال: &quot;النصر قريب.&quot;"),
        ("الجسر&amp;nbsp;الشرقي &amp;#8220;مفتوح&amp;#8221;", "الجسر&nbsp;الشرقي &#8220;مفتوح&#8221;"),
    ],
)
def test_references_that_a_site_has_spoilt(written: str, meant: str) -> None:
    assert decode(f"<p>{written}</p>".encode(), "") == f"<p>{meant}</p>"


@pytest.mark.parametrize(
    "right",
    [
        "نكتب المسافة في هذه اللغة هكذا: &amp;nbsp; ونكتب علامة التنصيص هكذا: &amp;quot; لا غير",
        "يكتب حرف الألف &amp;#1575;&amp;#1604;&amp;#1580; بالأرقام",
        "Smith &amp; Sons, AT&amp;T, R&amp;D; &amp;#169;",
        "<a href='/?a=1&amp;quot=2&amp;copy=3'>رابط</a>",
        "&lt;p&gt; &amp;lt; 5 &#169; &#1575;",
    ],
)
def test_references_that_are_right_stay(right: str) -> None:
    assert decode(f"<p>{right}</p>".encode(), "") == f"<p>{right}</p>"


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    text = decode(body, content_type)
    assert text is None or "\x00" not in text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "\n", "\r\n \t"])
def test_utf_16_without_a_mark(encoding: str, before: str) -> None:
    assert decode((before + TEXT).encode(encoding), "text/html; charset=utf-8") == before + TEXT
