"""The main picture."""

from __future__ import annotations

import pytest

from tests.pipeline.extract.pages import HOME, PARAGRAPHS, URL, cleaned, linked_data, page, paragraphs


def og(address: str) -> str:
    return f'<meta property="og:type" content="article"><meta property="og:image" content="{address}">'


@pytest.mark.parametrize(
    ("head", "image"),
    [
        (og("/i/1.jpg"), HOME + "i/1.jpg"),
        (og(" /i/صورة الجسر.jpg "), HOME + "i/صورة%20الجسر.jpg"),
        (og(HOME + "sites/default/files/bridge.jpg"), HOME + "sites/default/files/bridge.jpg"),
        ('<base href="https://cdn.alnahr.example/a/">' + og("1.jpg"), "https://cdn.alnahr.example/a/1.jpg"),
        (linked_data(image=HOME + "3.jpg"), HOME + "3.jpg"),
        (linked_data(image=[HOME + "3.jpg", HOME + "4.jpg"]), HOME + "3.jpg"),
        (linked_data(image={"@type": "ImageObject", "url": HOME + "3.jpg"}), HOME + "3.jpg"),
        (
            linked_data(image={"@id": "#i"})
            + '<script type="application/ld+json">{"@id": "#i", "@type": "ImageObject", "url": "/3.jpg"}</script>',
            HOME + "3.jpg",
        ),
        (og("/logo.png") + linked_data(image="/3.jpg"), HOME + "3.jpg"),
        (og("/img/default-share.jpg"), None),
        (og("/no-image.png"), None),
        (og("/nahr.png") + linked_data(publisher={"logo": {"url": HOME + "nahr.png"}}), None),
        (og("/x.svg"), None),
        (og("javascript:x"), None),
        (og("http://["), None),
        (og(HOME), None),
        (og(URL), None),
        (og(URL.replace("https", "http") + "/?utm_source=x"), None),
        (f'<link rel="canonical" href="{HOME}news/bridge-7">' + og(HOME + "news/bridge-7"), None),
        (og("/news/2024/03/bridge.html"), None),
        ('<link rel="shortcut icon" href="/n.png">' + og("/n.png"), None),
        (
            '<link rel="apple-touch-icon" href="/up/cropped-nahr-180x180.png">'
            + og("/up/cropped-nahr-512x512.png")
            + linked_data(image="/up/bridge-1024x512.jpg"),
            HOME + "up/bridge-1024x512.jpg",
        ),
        (og("data:image/png;base64,x"), None),
    ],
)
def test_the_picture_that_the_metadata_state(head: str, image: str | None) -> None:
    result = cleaned(page(head=head))
    assert (result.rejected, result.image) == (None, image)


@pytest.mark.parametrize(
    ("markup", "image"),
    [
        ('<figure><img src="/i/5.jpg"><figcaption>الجسر</figcaption></figure>', HOME + "i/5.jpg"),
        ('<figure><img src="data:image/gif;base64,x" data-src="/i/5.jpg"></figure>', HOME + "i/5.jpg"),
        ('<img srcset="/s.jpg 300w, /l.jpg 900w">', HOME + "l.jpg"),
        ('<img src="/spacer.gif"><img src="/i/5.jpg">', HOME + "i/5.jpg"),
        ('<div class="author"><img src="/a/1.jpg"></div>', None),
        ('<img src="/a/1.jpg" width="32" height="32">', None),
        ('<div class="share"><img src="/fb.png"></div>', None),
        ('<div class="related"><img src="/r.jpg"></div>', None),
        ('<a href="/"><img src="/top.jpg"></a>', None),
        ("<img>", None),
    ],
)
def test_else_the_first_picture_of_the_article(markup: str, image: str | None) -> None:
    assert cleaned(page(around=(markup, ""))).image == image


@pytest.mark.parametrize(
    "logo",
    ['<a href="/"><img src="/up/nahr.png"></a>', '<div class="logo"><img data-src="/up/nahr.png" src="/x.gif"></div>'],
)
def test_the_logo_that_the_page_prints_is_not_the_article_s_picture(logo: str) -> None:
    assert cleaned(page(head=og("/up/nahr.png")).replace("<nav>", f"{logo}<nav>")).image is None


CARD = '<a href="/1"><img src="/r.jpg"></a><{0}><a href="/1">وصول القطار الأول إلى المحطة الجديدة</a></{0}>'


@pytest.mark.parametrize(
    "card",
    [
        f"<div>{CARD.format('h4')}</div>",
        f'<div><div class="x">{CARD.format("p")}</div></div>',
        '<div><a href="/1"><img src="/r.jpg"><span>وصول القطار الأول إلى المحطة الجديدة</span></a></div>',
        '<div><img src="/r.jpg"><h3><a href="/1">وصول القطار الأول إلى المحطة الجديدة</a></h3></div>',
    ],
)
def test_a_picture_of_another_article_s_card_is_not_its_own(card: str) -> None:
    assert cleaned(page(around=(card, ""))).image is None
    text = paragraphs(*PARAGRAPHS)
    assert cleaned(page(card + text)).image is None
    assert cleaned(page(f'{card}<figure><img src="/i/5.jpg"></figure>{text}')).image == HOME + "i/5.jpg"


@pytest.mark.parametrize(
    "picture",
    [
        '<p><a href="/up/5-full.jpg"><img src="/i/5.jpg"> الجسر الشرقي بعد إصلاحه هذا الأسبوع</a></p>',
        '<p><a href="/photo/5"><img src="/i/5.jpg"></a></p>',
        f'<div><a href="{URL}"><img src="/i/5.jpg"> الجسر الشرقي بعد إصلاحه هذا الأسبوع</a></div>',
    ],
)
def test_a_picture_that_leads_to_itself_larger_is_the_article_s(picture: str) -> None:
    assert cleaned(page(picture + paragraphs(*PARAGRAPHS))).image == HOME + "i/5.jpg"


@pytest.mark.parametrize("tag", ["img", "amp-img"])
def test_a_picture_above_the_headline_in_the_article_s_own_element(tag: str) -> None:
    html = page().replace("<article>", f'<article><div class="thumb"><{tag} src="/i/6.jpg"></{tag}></div>')
    assert cleaned(html).image == HOME + "i/6.jpg"
    assert cleaned(html.replace("article>", "section>").replace("<article", "<section")).image is None


def test_a_picture_within_the_text() -> None:
    inner = '<div class="wp-caption"><img src="/i/7.jpg"><p class="wp-caption-text">الجسر</p></div>' + paragraphs(
        *PARAGRAPHS
    )
    assert cleaned(page(inner)).image == HOME + "i/7.jpg"


def test_a_picture_after_the_article_is_not_its_own() -> None:
    assert cleaned(page(around=("", '<div><img src="/i/8.jpg"></div>'))).image is None
