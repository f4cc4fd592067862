"""What is an article, and why a page is none."""

from __future__ import annotations

import pytest

from pipeline.clean import Rejection
from tests.pipeline.clean.pages import HOME, PARAGRAPHS, TITLE, cleaned, page, paragraphs


def card(
    number: int, text: str = "أعلن المجلس المحلي في المدينة عن بدء أعمال الصيانة في الحي القديم يوم الأحد المقبل."
) -> str:
    link = f'<h2><a href="/news/{number}">خبر رقم {number} عن أعمال الصيانة في الحي القديم</a></h2>'
    return f'<article class="post">{link}<p>{text}</p><a href="/news/{number}">اقرأ المزيد</a></article>'


LISTING = "".join(card(number) for number in range(12))


def bare(inner: str, title: str = "صحيفة النهر", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{inner}</body></html>"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": 404}, Rejection.HTTP_ERROR),
        ({"status": 500}, Rejection.HTTP_ERROR),
        ({"status": 0}, Rejection.HTTP_ERROR),
        ({"status": 301}, Rejection.REDIRECT),
        ({"status": 304}, Rejection.UNCHANGED),
        ({"revisit": True}, Rejection.UNCHANGED),
        ({"truncated": True}, Rejection.TRUNCATED),
        ({"content_type": "application/pdf"}, Rejection.NOT_HTML),
        ({"content_type": "application/rss+xml"}, Rejection.NOT_HTML),
        ({"content_type": ""}, None),
        ({"content_type": "application/xhtml+xml"}, None),
        ({"content_type": "TEXT/HTML;charset=UTF-8"}, None),
    ],
)
def test_by_the_response(values: dict[str, object], reason: Rejection | None) -> None:
    assert cleaned(page(), **values).rejected == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Rejection.EMPTY),
        (b" \n\x00\x00 ", Rejection.EMPTY),
        (b"<html><body></body></html>", Rejection.EMPTY),
        (b"<html><body><script>var app = start();</script></body></html>", Rejection.EMPTY),
        (b"%PDF-1.4 \xff\xfe", Rejection.UNDECODABLE),
        (bytes(range(128, 256)) * 50, Rejection.UNDECODABLE),
        (b"<div>" * 100_000 + "نص".encode(), Rejection.TOO_LARGE),
        (b"<p>x</p>" * 200_000, Rejection.TOO_LARGE),
        (b"<html><body>" + "نص ".encode() * 4_000_000, Rejection.TOO_LARGE),
    ],
)
def test_by_the_bytes(body: bytes, reason: Rejection) -> None:
    assert cleaned(body).rejected == reason


@pytest.mark.parametrize(
    "html",
    [
        bare(
            "<h1>Just a moment...</h1><p>Checking your browser before accessing alnahr.example.</p>", "Just a moment..."
        ),
        bare("<noscript>Please enable JavaScript to continue</noscript><div id=app></div>"),
        bare("<p>يرجى تفعيل جافا سكريبت في متصفحك لمتابعة تصفح الموقع.</p>"),
        bare("<h1>Access Denied</h1><p>You don't have permission to access this page on this server.</p>"),
        bare("<p>أثبت أنك لست روبوتاً</p><form><input></form>"),
        bare("<h1>نقدر خصوصيتك</h1><p>نستخدم ملفات تعريف الارتباط لتحسين تجربتك. اضغط موافق للمتابعة إلى الموقع.</p>"),
    ],
)
def test_a_wall_is_blocked_never_empty(html: str) -> None:
    assert cleaned(html).rejected == Rejection.BLOCKED


@pytest.mark.parametrize(
    "html",
    [
        bare("<h1>الصفحة غير موجودة</h1><p>عذراً، الصفحة التي تبحث عنها غير موجودة.</p>", "خطأ 404 - صحيفة النهر"),
        bare("<h1>404</h1><p>Page not found</p>"),
        bare("<h1>عذراً</h1><p>لم نعثر على ما تبحث عنه، جرّب البحث في الموقع.</p>"),
    ],
)
def test_a_missing_page_with_status_200(html: str) -> None:
    assert cleaned(html).rejected == Rejection.SOFT_404


@pytest.mark.parametrize(
    "html",
    [
        page(paragraphs(PARAGRAPHS[0]) + "<div class='wall'><p>هذا المقال للمشتركين فقط.</p></div>"),
        page(paragraphs(PARAGRAPHS[0]), around=("", "<div><p>اشترك لمتابعة القراءة</p></div>")),
        page(
            paragraphs(PARAGRAPHS[0]),
            head='<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>',
        ),
    ],
)
def test_the_stub_before_a_paywall(html: str) -> None:
    assert cleaned(html).rejected == Rejection.PAYWALL


@pytest.mark.parametrize(
    ("html", "url"),
    [
        (page(), HOME),
        (bare(LISTING), HOME + "news/"),
        (bare(f"<h1>أخبار</h1>{LISTING}"), HOME + "news/"),
        (bare(f"<h1>وسم: الجسر</h1><main>{LISTING}</main>"), HOME + "tag/bridge/"),
        (
            bare(
                "<h1>صور سوق المدينة</h1>"
                + "<figure><img src=a.jpg><figcaption>بائع في السوق القديم</figcaption></figure>" * 8
            ),
            HOME + "gallery/1",
        ),
        (bare('<h1>شاهد: افتتاح الجسر</h1><video src="a.mp4"></video>'), HOME + "video/1"),
        (bare("<ul>" + "<li><a href='/x'>خبر من أخبار المدينة والريف اليوم</a></li>" * 30 + "</ul>"), HOME + "archive"),
    ],
)
def test_pages_that_are_no_article(html: str, url: str) -> None:
    assert cleaned(html, url=url).rejected == Rejection.NOT_AN_ARTICLE


def test_an_article_in_another_language() -> None:
    text = (
        "The council said on Sunday that the bridge was open to traffic after it had been repaired by the workers. " * 5
    )
    result = cleaned(page(paragraphs(text), title="The bridge is open to traffic again"))
    assert (result.rejected, result.language) == (Rejection.WRONG_LANGUAGE, "en")


@pytest.mark.parametrize(
    ("title", "flash"),
    [
        ("عاجل: قصف على أطراف البلدة", "عاجل: قصف مدفعي يستهدف أطراف البلدة من دون أنباء عن ضحايا."),
        ("مقتل 404 مدنيين منذ مطلع العام", "قتل 404 مدنيين منذ مطلع العام، بحسب حصيلة نشرتها شبكة حقوقية مساء الأحد."),
        ("المجلس: تم حظر التجوال ليلاً", "أعلن المجلس المحلي أنه تم حظر التجوال ليلاً في المدينة حتى إشعار آخر."),
        (
            "الأمم المتحدة: لم نعثر على ناجين",
            "قالت فرق الإنقاذ إنها لم تعثر على ناجين تحت الأنقاض بعد ثلاثة أيام من البحث.",
        ),
    ],
)
def test_a_flash_is_an_article_whatever_it_reports(title: str, flash: str) -> None:
    cookies = "<div class='cookie-bar'>نستخدم ملفات تعريف الارتباط لتحسين تجربتك.</div>"
    result = cleaned(page(paragraphs(flash), title=title, around=("", cookies)))
    assert (result.rejected, result.body) == (None, flash)


def test_an_article_without_any_markup_of_one() -> None:
    assert cleaned(bare(f"<h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS)}", TITLE)).rejected is None


def test_an_article_beside_many_cards_is_one() -> None:
    result = cleaned(bare(f"<h1>{TITLE}</h1><div>{paragraphs(*PARAGRAPHS)}</div><aside>{LISTING}</aside>", TITLE))
    assert (result.rejected, result.body) == (None, "\n".join(PARAGRAPHS))


def test_a_site_with_a_paywall_elsewhere_keeps_its_free_articles() -> None:
    html = page(paragraphs(PARAGRAPHS[0])).replace("</nav>", "<a href='/plus'>للمشتركين فقط</a></nav>")
    assert cleaned(html).rejected is None


def test_what_a_feed_lists_is_an_article_however_short() -> None:
    html = bare("<h1>قصف على أطراف البلدة</h1><p>قصف مدفعي يستهدف أطراف البلدة قبل قليل.</p>", "قصف على أطراف البلدة")
    assert cleaned(html, found={"by": "feed"}).rejected is None
    assert cleaned(html, found={"by": "sitemap"}).rejected == Rejection.NOT_AN_ARTICLE
