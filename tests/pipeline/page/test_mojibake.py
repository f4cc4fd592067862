"""Text that was decoded wrongly before it was written to its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.page.mojibake import is_garbled, mend
from tests.pipeline.extract.pages import PARAGRAPHS, page, paragraphs

TITLE = "إعادة فتح الجسر"


def misread(encoding: str, *, of: str = "utf-8") -> Callable[[str], str]:
    """What a program writes that reads a text in another encoding than it is in; bytes left open are control characters."""

    def written(text: str) -> str:
        signs = (bytes([byte]) for byte in text.encode(of))
        return "".join(sign.decode(encoding, errors="ignore") or chr(sign[0]) for sign in signs)

    return written


def twice(written: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: written(written(text))


def as_references(text: str) -> str:
    """What PHP's htmlentities makes of UTF-8 that it takes for latin-1."""
    names = {"Ø": "&Oslash;", "Ù": "&Ugrave;", "Ú": "&Uacute;", "Û": "&Ucirc;", "§": "&sect;", "±": "&plusmn;"}
    return "".join(names.get(sign, sign) for sign in misread("latin-1")(text))


MISREADINGS = {
    "cp1252": misread("cp1252"),
    "latin-1": misread("latin-1"),
    "cp1256": misread("cp1256"),
    "cp1256 as cp1252": misread("cp1252", of="cp1256"),
    "cp1252 twice": twice(misread("cp1252")),
    "cp1256 twice": twice(misread("cp1256")),
    "references": as_references,
}
WORDS = sorted({word for paragraph in PARAGRAPHS for word in paragraph.split()})
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=4, max_size=12).map(" ".join).filter(lambda text: " ال" in text)


def test_what_it_looks_like() -> None:
    assert mend("<p>Ø§Ù„Ø³Ù„Ø§Ù…</p> <p>ط§ظ„ط³ظ„ط§ظ…</p> <p>ÇáÓáÇã</p>") == "<p>السلام</p> <p>السلام</p> <p>السلام</p>"


@pytest.mark.parametrize("how", MISREADINGS)
def test_a_whole_page(how: str) -> None:
    right = page(title=TITLE, head="<script>var a = {'b': \"نعم\", c: 1 < 2};</script><!-- تعليق -->")
    assert mend(MISREADINGS[how](right)) == right


@pytest.mark.parametrize("how", MISREADINGS)
@given(sentence=SENTENCES)
@settings(max_examples=20)
def test_a_title_or_one_paragraph_in_a_right_page(how: str, sentence: str) -> None:
    def of(text: str) -> str:
        return page(paragraphs(PARAGRAPHS[0], text, PARAGRAPHS[1]), head=f'<meta property="og:title" content="{text}">')

    assert mend(of(MISREADINGS[how](sentence))) == of(sentence)


@pytest.mark.parametrize("how", MISREADINGS)
def test_a_sentence_with_links_in_it(how: str) -> None:
    first, second = PARAGRAPHS[:2]
    parts = [MISREADINGS[how](text) for text in (first, TITLE, second)]
    assert mend(f"<p>{parts[0]} <a href='/x'>{parts[1]}</a> {parts[2]}</p>") == (
        f"<p>{first} <a href='/x'>{TITLE}</a> {second}</p>"
    )


@pytest.mark.parametrize("how", ["cp1252", "latin-1", "cp1256", "cp1256 as cp1252"])
@given(sentence=SENTENCES)
@settings(max_examples=20)
def test_a_quotation_in_right_text_stays(how: str, sentence: str) -> None:
    quoted = MISREADINGS[how](sentence)
    # A sentence that is garbled for the most part is a garbled one with some English in it.
    own = "which, as every reader of this newspaper knows only too well, " * (1 + len(sentence) // 40)
    right = f"<p>ظهرت على الشاشة عبارة «{quoted}» بدل الجملة التي كتبها.</p><p>The page says <q>{quoted}</q>, {own}</p>"
    assert mend(right) == right


@given(
    st.lists(
        st.one_of(
            st.sampled_from(WORDS),
            st.text(
                st.characters(min_codepoint=0x620, max_codepoint=0x6D5, categories=["L", "M"]), min_size=1, max_size=8
            ),
            st.text(st.characters(max_codepoint=0x24F, categories=["L"]), min_size=1, max_size=8),
            st.sampled_from(
                [
                    "«نعم»",
                    "État",
                    "ğüşıöç",
                    "êîû",
                    "naïve",
                    "ÉTÉ",
                    "کوردستان",
                    "می\u200cشود",
                    "§ 5",
                    "„so“",
                    "– 5°",
                    "±2",
                ]
            ),
        ),
        max_size=12,
    ).map(" ".join)
)
def test_right_text_stays(text: str) -> None:
    assert mend(f"<p>{text}</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "right", ["ÀÁÂÃÄÅÆÇÈÉÊË", "Ça a été « là »", "ØRE ØST", "טקסט §", "Ç: 5, Ø: 6 mm, § 7", "ÇA ÉTÉ"]
)
def test_signs_that_look_like_it(right: str) -> None:
    assert mend(f"<p>{right}</p>") == f"<p>{right}</p>"


def test_text_that_lost_bytes_is_told() -> None:
    spoilt = misread("cp1252")(PARAGRAPHS[0])
    lossy = "".join("\ufffd" if "\x80" <= sign <= "\x9f" else sign for sign in spoilt)
    assert mend(f"<p>{lossy}</p>") == f"<p>{lossy}</p>"
    assert is_garbled(lossy)
    assert is_garbled("????? ??? ????? ????.")
    assert is_garbled("\ufffd\ufffd\ufffd \ufffd\ufffd")
    assert not is_garbled(PARAGRAPHS[0])
    assert not is_garbled("قال: ماذا تريدون؟؟ ثم ذهب ولم يعد إلى القرية بعدها??")
    assert not is_garbled("")


@pytest.mark.parametrize("garbled", ["Ø§Ù„Ø¬", "ط§ظ„ط¬", "ÇáÌÓÑ", "(??)", "\ufffd"])
def test_a_text_is_garbled_from_a_third_of_its_words(garbled: str) -> None:
    assert is_garbled(f"فتح {garbled} الجسر\xa0طعظ {garbled}، عند؟")
    assert not is_garbled(f"فتح {garbled} الجسر\xa0طعظ {garbled}، عند؟ الظهر")


@given(st.text())
def test_no_text_raises(text: str) -> None:
    mend(text)
    is_garbled(text)
