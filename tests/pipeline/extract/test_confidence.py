"""How sure a body is: what states the same text, what speaks against it."""

from __future__ import annotations

import pytest

from tests.pipeline.extract.pages import PARAGRAPHS, TITLE, cleaned, linked_data, page, paragraphs

FURTHER = (
    "وكانت السيول قد جرفت في مطلع الشتاء جزءاً من الدعامات، فأغلقت البلدية الجسر خشية انهياره وحولت السير إلى الطريق القديم.",
    "ويقول أصحاب المزارع إن نقل محاصيلهم إلى سوق المدينة صار يستغرق نصف النهار، وإن كثيراً من الخضار كان يتلف قبل وصوله.",
    "وتعتزم البلدية أن تفحص الأعمدة مرتين في كل عام، وأن تنشر نتائج الفحص على لوحة عند مدخل الجسر من الجهتين.",
)
OTHER = "تستعد فرق الدوري الممتاز لبداية الموسم الجديد بعد معسكرات خارجية استمرت أسابيع عدة …"


def test_an_article_in_its_own_element_is_sure() -> None:
    result = cleaned(page(paragraphs(*PARAGRAPHS, *FURTHER)))
    assert (result.body_confidence, result.body_method) == ("high", "general")


def test_what_states_the_same_text_is_named() -> None:
    head = linked_data(headline=TITLE, articleBody=" ".join(PARAGRAPHS))
    head += f'<meta name="description" content="{PARAGRAPHS[0]}">'
    result = cleaned(page(head=head), found={"by": "feed", "summary": f"<p>{PARAGRAPHS[0]}</p>"})
    assert {"json-ld", "feed", "description"} <= set(result.body_witnesses)


@pytest.mark.parametrize("by", ["feed", "wordpress"])
def test_another_text_is_no_witness(by: str) -> None:
    assert by not in cleaned(page(), found={"by": by, "content": f"<p>{OTHER * 3}</p>"}).body_witnesses


def test_a_flash_amid_lines_dropped_for_their_place_is_unsure() -> None:
    cards = "".join(f"<div><h4><a href='/n/{n}'>عنوان خبر آخر رقم {n}</a></h4><p>{OTHER}</p></div>" for n in range(9))
    html = (
        f"<html><head><title>{TITLE}</title></head><body><div><h1>{TITLE}</h1><div>{cards}</div>"
        f"<div><p>{PARAGRAPHS[0]}</p></div><div>{cards}</div></div></body></html>"
    )
    result = cleaned(html)
    assert result.rejected is not None or result.body_confidence == "low"


def test_a_rejected_page_has_no_confidence() -> None:
    result = cleaned(page(""))
    assert (result.rejected is not None, result.body_confidence, result.body_witnesses) == (True, None, ())
