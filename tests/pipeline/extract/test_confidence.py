"""How sure a body is: what states the same text, what speaks against it."""

from __future__ import annotations

import pytest

from pipeline.extract.confidence import WEIGHTS
from tests.pipeline.extract.pages import PARAGRAPHS, TITLE, cleaned, linked_data, page, paragraphs

FURTHER = (
    "وكانت السيول قد جرفت في مطلع الشتاء جزءاً من الدعامات، فأغلقت البلدية الجسر خشية انهياره وحولت السير إلى الطريق القديم.",
    "ويقول أصحاب المزارع إن نقل محاصيلهم إلى سوق المدينة صار يستغرق نصف النهار، وإن كثيراً من الخضار كان يتلف قبل وصوله.",
    "وتعتزم البلدية أن تفحص الأعمدة مرتين في كل عام، وأن تنشر نتائج الفحص على لوحة عند مدخل الجسر من الجهتين.",
)
MATCH = "يلتقي المنتخبان مساء الجمعة في مباراة ودية يديرها حكم سويدي، ويبدأ بيع التذاكر صباح الخميس."
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
    assert result.rejected is not None or result.body_confidence != "high"


def features(html: str) -> dict[str, float]:
    result = cleaned(html)
    assert result.rejected is None
    return dict(result.body_features)


def test_a_body_is_judged_by_what_has_a_weight_alone() -> None:
    found = features(page(paragraphs(*PARAGRAPHS, *FURTHER)))
    assert list(found) == list(WEIGHTS)
    assert [name for name, value in found.items() if value] == ["in an article's element"]


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("first line no sentence", page(paragraphs("سنوات من الانتظار على ضفتي النهر", *PARAGRAPHS))),
        ("no word of the headline", page(title="أسعار الخضار ترتفع قبيل رمضان")),
        ("cut off", page(paragraphs(*PARAGRAPHS, OTHER))),
        ("strange, in other boxes", page(f"{paragraphs(*PARAGRAPHS)}<div>{paragraphs(MATCH)}</div>")),
        (
            "left out, sentences with its words",
            page(f"{paragraphs(*PARAGRAPHS[:2])}<aside><p>{FURTHER[0]}</p></aside>{paragraphs(*PARAGRAPHS[2:])}"),
        ),
    ],
)
def test_what_speaks_against_a_body_is_seen(name: str, html: str) -> None:
    assert features(page())[name] == 0
    assert features(html)[name] > 0


def test_a_text_that_was_sent_whole_makes_the_body_sure() -> None:
    text = paragraphs("سنوات من الانتظار على ضفتي النهر", *PARAGRAPHS)
    sent = {"by": "wordpress", "content": text}
    doubted = page(text, title="أسعار الخضار ترتفع قبيل رمضان")
    assert cleaned(doubted).body_confidence != "high"
    assert cleaned(doubted, found=sent).body_confidence == "high"


@pytest.mark.parametrize("by", ["feed", "wordpress"])
@pytest.mark.parametrize("sent", [(*PARAGRAPHS, *FURTHER), PARAGRAPHS[:1]])
def test_a_body_that_is_not_what_was_sent_is_not_sure(by: str, sent: tuple[str, ...]) -> None:
    assert cleaned(page()).body_confidence == "high"
    assert cleaned(page(), found={"by": by, "content": paragraphs(*sent)}).body_confidence == "medium"


def test_what_was_sent_may_be_cut_off() -> None:
    sent = {"by": "feed", "content": f"<p>{PARAGRAPHS[0]} …</p>"}
    assert cleaned(page(), found=sent).body_confidence == "high"


def test_a_rejected_page_has_no_confidence() -> None:
    result = cleaned(page(""))
    assert (result.rejected is not None, result.body_confidence, result.body_witnesses) == (True, None, ())
