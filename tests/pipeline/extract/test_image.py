"""The main picture."""

from __future__ import annotations

import pytest

from tests.pipeline.extract.pages import HOME, PARAGRAPHS, cleaned, linked_data, page, paragraphs


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
