"""Bytes into text, whatever header and markup claim."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean.decode import decode

TEXT = "<html><body><p>أعلن المجلس المحلي فتح المدارس يوم الأحد، وقال إن الدوام كامل.</p></body></html>"


@pytest.mark.parametrize(
    "claimed",
    [
        "",
        "text/html",
        "text/html; charset=utf-8",
        "text/html; charset=windows-1256",
        "text/html; charset=iso-8859-1",
        "text/html; charset=nonsense",
    ],
)
@pytest.mark.parametrize("really", ["utf-8", "windows-1256"])
def test_the_bytes_decide_not_the_header(claimed: str, really: str) -> None:
    assert decode(TEXT.encode(really), claimed) == TEXT


@pytest.mark.parametrize("meta", ["utf-8", "windows-1256", "iso-8859-6"])
def test_the_bytes_decide_not_the_markup(meta: str) -> None:
    text = TEXT.replace("<body>", f'<head><meta charset="{meta}"></head><body>')
    assert decode(text.encode("windows-1256"), "text/html") == text
    assert decode(text.encode(), "text/html") == text


def test_a_named_encoding_counts_where_the_bytes_bear_it_out() -> None:
    assert decode(TEXT.replace("،", ",").encode("iso-8859-6"), "text/html; charset=iso-8859-6") == TEXT.replace(
        "،", ","
    )


def test_windows_1256_without_any_name() -> None:
    assert decode(TEXT.encode("windows-1256"), "") == TEXT


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    assert decode(mark + TEXT.encode(encoding), "text/html; charset=windows-1256") == TEXT


def test_a_letter_cut_in_two_costs_that_letter_alone() -> None:
    text = decode((TEXT * 20).encode() + "ف".encode()[:1], "text/html; charset=utf-8")
    assert text == TEXT * 20 + "\ufffd"


def test_nulls_are_taken_out() -> None:
    assert decode(TEXT.replace("فتح", "ف\x00تح").encode(), "") == TEXT


def test_western_pages_in_western_encodings() -> None:
    assert decode(
        "<p>Le maire a annoncé la réouverture du pont.</p>".encode("latin-1"), "text/html; charset=iso-8859-1"
    ) == ("<p>Le maire a annoncé la réouverture du pont.</p>")


def test_binary_data_is_no_text() -> None:
    assert decode(bytes(range(128, 256)) * 40 + bytes(range(32)), "text/html") is None


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff")),
    st.sampled_from(["", "text/html; charset=windows-1256"]),
)
def test_every_text_in_utf_8_comes_back(text: str, content_type: str) -> None:
    assert decode(text.encode(), content_type) == text


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    decode(body, content_type)
