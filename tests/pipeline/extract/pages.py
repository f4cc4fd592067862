"""Invented pages and their captures, for the tests of cleaning."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.captures.model import Capture
from pipeline.extract.article import Cleaned, clean
from pipeline.sources import FeedDiscovery, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = "https://www.alnahr.example/"
URL = HOME + "news/2024/03/bridge"
TITLE = "إعادة فتح الجسر الشرقي بعد إصلاحه"
PARAGRAPHS = (
    "أعاد المجلس المحلي، صباح اليوم، فتح الجسر الشرقي أمام حركة السيارات بعد أربعة أشهر من إغلاقه بسبب أضرار لحقت بأعمدته.",
    "وقال المهندس المشرف على الأعمال إن الورشات استبدلت ثلاثة من الأعمدة الرئيسية، وعززت الأساسات بالخرسانة المسلحة.",
    "وأضاف المصدر أن الجسر يخدم أكثر من عشرين قرية على ضفتي النهر، وأن إغلاقه كان يضطر الأهالي إلى سلوك طريق أطول بساعة.",
    "وطالب سكان القرى القريبة بإنارة الطريق المؤدي إلى الجسر، بعد وقوع حوادث عدة في الأسابيع الماضية.",
)
SOURCE = Source(
    id="alnahr",
    name="صحيفة النهر",
    home=HOME,
    timezone="Asia/Damascus",
    discovery=(FeedDiscovery(type="feed", url=HOME + "feed"),),
)


def capture(
    body: str | bytes,
    *,
    url: str = URL,
    status: int = 200,
    content_type: str = "text/html; charset=utf-8",
    truncated: bool = False,
    revisit: bool = False,
    found: Mapping[str, str] | None = None,
) -> Capture:
    """A capture of one page."""
    return Capture(
        key="captures/source=alnahr/fetched=2024-03-20/1-00000.warc.gz",
        offset=0,
        url=url,
        captured_at=datetime(2024, 3, 20, 9, tzinfo=UTC),
        status=status,
        content_type=content_type,
        body=body.encode() if isinstance(body, str) else body,
        truncated=truncated,
        revisit=revisit,
        found=found or {},
    )


def page(
    inner: str | None = None,
    *,
    head: str = '<meta property="og:type" content="article">',
    title: str = TITLE,
    around: tuple[str, str] = ("", ""),
) -> str:
    """An article page: `inner` is what stands in the text's element, `around` what comes right before and after it."""
    if inner is None:
        inner = paragraphs(*PARAGRAPHS)
    return (
        f'<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>{title} - صحيفة النهر</title>{head}</head><body>'
        '<nav><a href="/">الرئيسية</a> <a href="/news">أخبار</a> <a href="/opinion">رأي</a></nav>'
        f'<main><article><h1>{title}</h1>{around[0]}<div class="entry-content">{inner}</div>{around[1]}</article></main>'
        "<footer>جميع الحقوق محفوظة © صحيفة النهر 2024</footer></body></html>"
    )


def linked_data(**values: object) -> str:
    """A JSON-LD script that describes an article."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle", **values}
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def paragraphs(*lines: str) -> str:
    """Lines as paragraphs of a page."""
    return "".join(f"<p>{line}</p>" for line in lines)


def cleaned(html: str | bytes, **values: object) -> Cleaned:
    """What `clean` makes of a page."""
    return clean(capture(html, **values), SOURCE)  # type: ignore[arg-type]


def body_of(html: str) -> tuple[str, ...]:
    """The paragraphs that `clean` finds on a page; it must be an article."""
    result = cleaned(html)
    assert result.rejected is None
    assert result.body is not None
    return tuple(result.body.split("\n"))
