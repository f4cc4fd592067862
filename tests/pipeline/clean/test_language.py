"""The language of a text, by its letters and words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean.language import detect
from tests.pipeline.clean.pages import PARAGRAPHS


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("\n".join(PARAGRAPHS), "ar"),
        ("عاجل: قصف مدفعي يستهدف أطراف البلدة", "ar"),
        ("زار وزير الخارجية الايراني محمد جواد ظريف مدينة چابهار ومدينة گرگان يوم أمس", "ar"),
        (
            "وزیر امور خارجه در این نشست گفت که گفتگوها با همسایگان ادامه خواهد داشت و نتیجه آن به زودی اعلام می\u200cشود",
            "fa",
        ),
        ("وزير امور خارجه در اين نشست گفت كه نتيجه از سوي دولت اعلام شد و مردم هم با آن موافق هستند", "fa"),
        ("سەرۆکی هەرێم لەگەڵ شاندێکی پەرلەمان کۆبووەوە و باسی دۆخی ناوچەکەیان کرد", "ckb"),
        ("وزیر اعظم نے کہا ہے کہ حکومت عوام کی خدمت کے لیے ہر ممکن قدم اٹھائے گی", "ur"),
        ("The council said on Sunday that the bridge was open to traffic after it had been repaired", "en"),
        ("Le conseil a annoncé dimanche que le pont est ouvert à la circulation après des travaux", "fr"),
        ("Совет объявил в воскресенье об открытии моста", "ru"),
        ("", None),
        ("2024", None),
    ],
)
def test_detect(text: str, tag: str | None) -> None:
    assert detect(text) == tag


@given(st.text())
def test_no_text_raises(text: str) -> None:
    detect(text)
