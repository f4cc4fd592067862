# ruff: noqa: E501 - pages stand here as their sites write them
"""Articles as the content systems and themes of Arabic news sites set them, each to come out whole and with nothing else.

The pages are invented. Each builder writes what is telling of one way to build a page: where the lead stands, what stands
between the paragraphs, what follows them. The text is the same throughout, so that a builder says only how it differs. Every
page is read a second time as other sites would have built it: see `TWISTS`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest
from lxml import etree, html

from pipeline.extract.article import clean
from pipeline.extract.body import Body, find_body
from pipeline.extract.headline import find_headline
from pipeline.extract.site import site_names
from pipeline.page.parse import read_page
from tests.pipeline.extract.pages import SOURCE, capture

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement

TITLE = "قوافل الإغاثة تصل إلى القرى المعزولة شرق النهر بعد أسبوع من الفيضان"
LEAD = "وصلت أولى قوافل الإغاثة إلى القرى التي عزلها الفيضان شرق النهر، فيما تستمر فرق الهندسة في إصلاح الطريق."
A = "دخلت صباح الأربعاء ثلاثون شاحنة محملة بالطحين والأدوية إلى بلدة السواقي، وهي أول قافلة تعبر منذ انهيار الطريق."
B = (
    "وقال رئيس المجلس المحلي يوسف العلي إن المواد تكفي ألفي عائلة مدة عشرة أيام، وإن قافلة "
    "ثانية ستصل مطلع الأسبوع المقبل."
)
C = "وأضاف أن فرق الهندسة تعمل على مدار الساعة لإعادة فتح الطريق الرئيسي، بعد أن جرفت المياه نحو أربعمئة متر منه."
D = "وتقول منظمات محلية إن عشرات العائلات ما زالت تقيم في مدرسة البلدة، وإن المياه لم تنحسر بعد عن بيوتها."
E = "ويخشى المزارعون أن يكون موسم القمح قد ضاع، إذ غمرت السيول أكثر من ستة آلاف دونم من الأراضي المزروعة."
TEXT = (A, B, C, D, E)
# What other parts of the pages say.
OTHER = "انقطاع التيار الكهربائي عن أحياء المدينة القديمة لليوم الثالث"
OTHER_TEXT = "أعلنت شركة الكهرباء أن العطل أصاب المحول الرئيسي وأن إصلاحه قد يستغرق أياماً عدة بسبب نقص قطع الغيار."
THIRD = "مدارس الريف تعيد فتح أبوابها بعد عطلة طويلة"
CAPTION = "شاحنات القافلة عند مدخل بلدة السواقي صباح الأربعاء"
COMMENT = "الحمد لله على وصول المساعدات، ونتمنى أن تصل إلى القرى الصغيرة أيضاً لأن أهلها بلا طعام منذ أيام."
REPLY = "صدقت يا أخي، والطريق إلى قريتنا ما زال مقطوعاً ولم يسأل عنا أحد حتى هذه اللحظة."
ABOUT = "صحيفة النهر يومية مستقلة تصدر عن مؤسسة النهر للإعلام، وتعنى بأخبار المدينة وريفها منذ عام ألفين وتسعة."
BIO = "صحافي من المدينة يكتب في الشؤون المحلية منذ عشر سنوات، وعمل مراسلاً لعدد من الصحف العربية."


class Case(NamedTuple):
    """A page, and what is to come of it."""

    html: str
    body: tuple[str, ...] = TEXT
    standfirst: str | None = None
    captions: tuple[str, ...] = ()


def ps(*lines: str) -> str:
    return "".join(f"<p>{line}</p>\n" for line in lines)


def links(*titles: str) -> str:
    return "".join(f'<li><a href="/news/{number}">{title}</a></li>' for number, title in enumerate(titles))


def document(body: str, *, head: str = "", title: str = f"{TITLE} | صحيفة النهر", attributes: str = "") -> str:
    return (
        f'<!DOCTYPE html><html dir="rtl" lang="ar"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body {attributes}>{body}</body></html>"
    )


def plain(inner: str) -> str:
    return document(
        f'<nav>{MENU}</nav><article><h1>{TITLE}</h1><div class="content">{inner}</div></article>'
        f"<footer>{FOOTER}</footer>"
    )


MENU = f'<ul class="menu">{links("الرئيسية", "أخبار", "تقارير", "رأي", "اقتصاد", "اتصل بنا")}</ul>'
FOOTER = f"<p>{ABOUT}</p><p>جميع الحقوق محفوظة © صحيفة النهر 2024</p>"
LATEST = f"<ul>{links(OTHER, THIRD, 'تعميم من مديرية التربية بشأن الامتحانات النهائية')}</ul>"

TEMPLATES: list[Callable[[], Case]] = []


def template(build: Callable[[], Case]) -> Callable[[], Case]:
    TEMPLATES.append(build)
    return build


@template
def jannah() -> Case:
    related = (
        '<div id="inline-related-post" class="mag-box mini-posts-box content-only"><div class="container-wrapper">'
        '<div class="widget-title the-global-title has-block-head-4">'
        '<div class="the-subtitle">مقالات ذات صلة</div></div>'
        '<div class="mag-box-container clearfix"><ul class="posts-items posts-list-container">'
        '<li class="widget-single-post-item widget-post-list"><div class="post-widget-body">'
        f'<a class="post-title the-subtitle" href="/o">{OTHER}</a>'
        '<div class="post-meta"><span class="date meta-item tie-icon">15 مارس، 2024</span></div>'
        "</div></li></ul></div></div></div>"
    )
    html = document(
        '<div class="background-overlay"><div id="tie-container" class="site tie-container">'
        f'<header id="theme-header"><nav>{MENU}</nav></header>'
        '<div id="content" class="site-content container">'
        '<div id="main-content-row" class="tie-row main-content-row">'
        '<div class="main-content tie-col-md-8 tie-col-xs-12" role="main">'
        '<article id="the-post" class="container-wrapper post-content tie-standard">'
        '<header class="entry-header-outer"><nav id="breadcrumb"><a href="/">الرئيسية</a>'
        '<em class="delimiter">/</em><a href="/c">أخبار</a></nav>'
        '<div class="entry-header"><span class="post-cat-wrap">'
        '<a class="post-cat" href="/c">أخبار</a></span><h1 class="post-title entry-title">'
        f"{TITLE}</h1>"
        '<div class="single-post-meta post-meta clearfix">'
        '<span class="author-meta single-author no-avatars">'
        '<span class="meta-item meta-author-wrapper">'
        '<span class="meta-author"><a href="/author/x" class="author-name tie-icon" title="سليم '
        'الخطيب">سليم الخطيب</a></span></span></span>'
        '<span class="date meta-item tie-icon">منذ أسبوع</span><div class="tie-alignright">'
        '<span class="meta-comment tie-icon meta-item">0</span>'
        '<span class="meta-views meta-item"><span class="tie-icon-fire"></span> 1٬204 </span>'
        '<span class="meta-reading-time meta-item">دقيقة واحدة</span></div></div></div></header>'
        '<div id="share-buttons-top" class="share-buttons share-buttons-top">'
        '<div class="share-links"><a href="#" class="facebook-share-button">'
        '<span class="social-text">فيسبوك</span></a>'
        '<a href="#" class="twitter-share-button"><span class="social-text">X</span></a></div></div>'
        '<div class="featured-area"><div class="featured-area-inner">'
        '<figure class="single-featured-image"><img src="/a.jpg" alt="">'
        '<figcaption class="single-caption-text"><span class="tie-icon-camera">'
        f"</span> {CAPTION}</figcaption></figure></div></div>"
        '<div class="entry-content entry clearfix">'
        f'{ps(A, B)}<div class="stream-item stream-item-in-post stream-item-inline-post '
        f'aligncenter"><ins class="adsbygoogle"></ins></div>{related}{ps(C, D, E)}'
        '<div class="post-bottom-meta post-bottom-tags post-tags-modern">'
        '<div class="post-bottom-meta-title"><span class="tie-icon-tags"></span> الوسوم</div>'
        '<span class="tagcloud"><a href="/t">الفيضان</a> <a href="/t">الإغاثة</a></span></div>'
        "</div>"
        '<div id="post-extra-info"><div class="theiaStickySidebar">'
        '<div class="post-meta clearfix"><span class="date">منذ أسبوع</span></div></div></div>'
        "</article>"
        '<div class="post-components"><div class="about-author container-wrapper about-author-1">'
        '<div class="author-info"><h3 class="author-name"><a href="/a">سليم الخطيب</a></h3>'
        f'<div class="author-bio">{BIO}</div></div></div>'
        '<div class="prev-next-post-nav"><a class="prev-post" href="/p"><h3 class="post-title">'
        f"{OTHER}</h3></a></div>"
        '<div id="related-posts" class="container-wrapper has-extra-post">'
        '<div class="mag-box-title"><h3>مقالات ذات صلة</h3></div><div class="related-posts-list">'
        f'<div class="related-item"><h3 class="post-title"><a href="/o">{THIRD}</a></h3>'
        f'<p class="post-excerpt">{OTHER_TEXT}</p></div></div></div>'
        '<div id="comments" class="comments-area"><div class="container-wrapper">'
        '<h3>تعليق واحد</h3><ol class="comment-list"><li><article class="comment-body"><p>'
        f'{COMMENT}</p></article></li></ol><div id="respond" class="comment-respond">'
        '<h3 id="reply-title">اترك تعليقاً</h3></div></div></div></div></div>'
        '<aside class="sidebar tie-col-md-4"><div class="container-wrapper widget posts-list">'
        f'<div class="the-subtitle">الأكثر قراءة</div>{LATEST}</div></aside></div></div>'
        f'<footer id="footer">{FOOTER}</footer></div></div>',
        attributes='class="rtl post-template-default single single-post wrapper-has-shadow block-head-4 '
        'has-header-ad sidebar-left has-sidebar"',
    )
    return Case(html, captions=(CAPTION,))


@template
def newspaper() -> Case:
    html = document(
        '<div id="td-outer-wrap" class="td-theme-wrap"><div class="td-header-menu-wrap">'
        f'{MENU}</div><div class="td-main-content-wrap td-container-wrap">'
        '<div class="td-container td-post-template-3">'
        '<div class="td-crumb-container"><div class="entry-crumbs"><span><a href="/">الرئيسية</a>'
        '</span> <i class="td-icon-right"></i> <span><a href="/c">أخبار</a></span></div></div>'
        '<div class="td-pb-row"><div class="td-pb-span8 td-main-content" role="main">'
        '<div class="td-ss-main-content"><article id="post-4471" class="post-4471 post '
        'type-post" itemscope>'
        '<div class="td-post-header"><header class="td-post-title"><h1 class="entry-title">'
        f'{TITLE}</h1><p class="td-post-sub-title">{LEAD}</p>'
        '<div class="td-module-meta-info"><div class="td-post-author-name">'
        '<div class="td-author-by">بواسطة</div> <a href="/author/x">سليم الخطيب</a>'
        '<div class="td-author-line"> - </div></div>'
        '<span class="td-post-date"><time class="entry-date updated td-module-date" '
        'datetime="2024-03-20T09:00:00+00:00">مارس 20, 2024</time></span>'
        '<div class="td-post-views"><i class="td-icon-views"></i>'
        '<span class="td-nr-views-4471">812</span></div></div></header></div>'
        '<div class="td-post-sharing-top"><div class="td-post-sharing-visible"><a href="#">'
        '<div class="td-social-but-text">شارك</div></a><a href="#">'
        '<div class="td-social-but-text">Facebook</div></a></div></div>'
        '<div class="td-post-content tagdiv-type"><div class="td-post-featured-image"><figure>'
        '<a href="/a.jpg"><img src="/a.jpg"></a><figcaption class="wp-caption-text">'
        f"{CAPTION}</figcaption></figure></div>"
        f'{ps(A, B)}<div class="td-a-rec td-a-rec-id-content_inline">'
        '<span class="td-adspot-title">- Advertisement -</span><div class="td-all-devices">'
        f'<a href="#"><img src="/ad.jpg"></a></div></div>{ps(C, D, E)}'
        '<div class="td-a-rec td-a-rec-id-content_bottom"><span class="td-adspot-title">- إعلان -</span></div></div>'
        '<footer><div class="td-post-source-tags"><ul class="td-tags td-post-small-box clearfix">'
        '<li><span>الوسوم</span></li><li><a href="/t">الفيضان</a></li></ul></div>'
        '<div class="td-block-row td-post-next-prev">'
        '<div class="td-block-span6 td-post-prev-post"><span>المقال السابق</span><a href="/o">'
        f"{OTHER}</a></div></div>"
        '<div class="author-box-wrap"><div class="desc"><div class="td-author-name vcard author">'
        f'<a href="/a">سليم الخطيب</a></div><div class="td-author-description">{BIO}</div></div>'
        "</div></footer></article>"
        '<div class="td_block_wrap td_block_related_posts"><h4 class="td-related-title">'
        '<a class="td-related-left">مقالات ذات صلة</a><a>المزيد للكاتب</a></h4>'
        f'<div class="td_module_related_posts"><h3 class="entry-title"><a href="/o">{THIRD}</a>'
        "</h3></div></div>"
        '<div class="comments" id="comments"><div class="td-comments-title-wrap"><h4>1 تعليق</h4>'
        '</div><ol class="comment-list"><li class="comment"><article>'
        f'<div class="comment-content"><p>{COMMENT}</p></div></article></li></ol></div></div>'
        "</div>"
        '<div class="td-pb-span4 td-main-sidebar" role="complementary">'
        '<div class="td_block_wrap td_block_7"><h4>آخر الأخبار</h4><div class="td_module_6"><h3>'
        f'<a href="/o">{OTHER}</a></h3><div class="td-excerpt">{OTHER_TEXT}</div></div></div>'
        "</div></div></div></div>"
        '<div class="td-footer-wrapper"><div class="aboutus-wrap">'
        f'<div class="block-title">من نحن</div><div>{ABOUT}</div></div></div></div>'
    )
    return Case(html, (LEAD, *TEXT), LEAD, (CAPTION,))


@template
def sahifa() -> Case:
    html = document(
        '<div class="wrapper-outer"><div class="container"><header id="theme-header">'
        f'<div class="top-nav">{MENU}</div><div class="breaking-news"><span>عاجل</span><ul><li>'
        f'<a href="/o">{OTHER}</a></li></ul></div></header>'
        '<div id="main-content" class="container"><div class="content">'
        '<article class="post-listing post-881 post type-post" id="the-post">'
        '<div class="single-post-thumb"><img src="/a.jpg" alt="x"></div><div class="post-inner">'
        f'<h1 class="name post-title entry-title"><span itemprop="name">{TITLE}</span></h1>'
        '<p class="post-meta"><span class="post-meta-author"><i class="fa fa-user"></i>'
        '<a href="/a">سليم الخطيب</a></span> <span class="tie-date">مارس 20, 2024</span> <span '
        'class="post-cats"><a href="/c">أخبار</a></span> <span class="post-comments">'
        '<a href="#">اضف تعليق</a></span> <span class="post-views">350 زيارة</span></p>'
        '<div class="entry"><div class="share-post"><span class="share-text">شاركها</span>'
        '<ul class="flat-social"><li><a href="#"><span>Facebook</span></a></li><li><a href="#">'
        f"<span>Twitter</span></a></li></ul></div>{ps(A, B, C)}"
        '<section id="related_posts"><div class="block-head"><h3>مقالات ذات صلة</h3></div>'
        f'<div class="post-listing"><div class="related-item"><h3><a href="/o">{OTHER}</a></h3>'
        f'<p class="post-meta">منذ يومين</p></div></div></section>{ps(D, E)}'
        '<div class="share-post"><span class="share-text">شاركها</span></div><div class="clear">'
        "</div></div></div></article>"
        '<p class="post-tag">الوسوم <a href="/t">الفيضان</a> <a href="/t">الإغاثة</a></p>'
        '<section id="author-box"><div class="block-head"><h3>عن سليم الخطيب</h3></div>'
        f'<div class="author-description">{BIO}</div></section>'
        '<section id="check-also-box"><h3>شاهد أيضاً</h3><div class="check-also-post">'
        f'<h2 class="post-title"><a href="/o">{THIRD}</a></h2><p>{OTHER_TEXT}</p></div></section>'
        '<div id="comments"><h3>اترك تعليقاً</h3>'
        '<p class="comment-notes">لن يتم نشر عنوان بريدك الإلكتروني. الحقول الإلزامية مشار إليها '
        f'بـ *</p></div></div><aside id="sidebar">{LATEST}</aside></div><footer>{FOOTER}</footer>'
        "</div></div>"
    )
    return Case(html)


@template
def publisher() -> Case:
    html = document(
        f'<div class="main-wrap content-main-wrap"><header class="site-header">{MENU}</header>'
        '<div class="bf-breadcrumb"><a href="/">الرئيسية</a></div><div class="content-column">'
        '<div class="single-container"><article class="post type-post single-post-content">'
        '<div class="single-featured"><figure><a href="/a.jpg"><img src="/a.jpg"></a>'
        f'<figcaption class="wp-caption-text">{CAPTION}</figcaption></figure></div>'
        '<div class="post-header-inner"><div class="post-header-title"><div class="term-badges">'
        '<a href="/c">أخبار</a></div><h1 class="single-post-title">'
        f'<span class="post-title" itemprop="headline">{TITLE}</span></h1>'
        f'<h2 class="post-subtitle">{LEAD}</h2>'
        '<div class="post-meta single-post-meta"><a class="post-author-a" href="/a">'
        '<i class="post-author author">سليم الخطيب</i></a> <span class="time">'
        '<time class="post-published updated" datetime="2024-03-20T12:00:00+03:00">آخر تحديث '
        "<b>مارس 20, 2024</b></time></span></div></div></div>"
        '<div class="post-share single-post-share top-share"><span class="views">412</span>'
        '<span class="share-handler-label">شارك</span></div>'
        '<div class="entry-content clearfix single-post-content">'
        f'{ps(A, B)}<div class="bs-irp right bs-irp-thumbnail-1"><div class="bs-irp-heading">'
        '<span class="h-text heading-typo">اقرأ أيضاً</span></div>'
        '<div class="bs-pagination-wrapper"><div class="listing listing-thumbnail">'
        '<div class="post-item item-inner"><p class="title"><a class="post-url" href="/o">'
        f'{OTHER}</a></p><div class="post-meta"><span class="time"><time>مارس 18, 2024</time>'
        "</span></div></div></div></div></div>"
        f'{ps(C, D, E)}</div><div class="entry-terms post-tags clearfix">'
        '<span class="terms-label"><i class="fa fa-tags"></i></span><a href="/t">الفيضان</a>'
        "</div></article>"
        '<section class="next-prev-post clearfix"><div class="prev-post">'
        f'<p class="pre-title">المقال السابق</p><p class="title"><a href="/o">{OTHER}</a></p>'
        '</div></section><div class="post-author clearfix">'
        f'<h5 class="post-author-name">سليم الخطيب</h5><div class="post-author-bio"><p>{BIO}</p>'
        "</div></div></div>"
        '<section id="comments-template-1" class="comments-template">'
        '<div id="respond" class="comment-respond">'
        '<div id="reply-title" class="comment-reply-title"><span class="h-text">اترك رد</span>'
        '</div><p class="comment-notes">لن يتم نشر عنوان بريدك الإلكتروني.</p></div></section>'
        f'</div><div class="sidebar-column">{LATEST}</div><footer class="site-footer">'
        f"{FOOTER}</footer></div>"
    )
    return Case(html, (LEAD, *TEXT), LEAD, (CAPTION,))


@template
def drupal() -> Case:
    html = document(
        f'<div id="page"><div id="header">{MENU}</div><div id="main-wrapper">'
        '<div id="content" class="column"><div class="section"><h1 class="title" id="page-title">'
        f'{TITLE}</h1><div class="region region-content"><div class="block block-system">'
        '<div class="content">'
        '<div id="node-5512" class="node node-article node-promoted clearfix">'
        '<div class="meta submitted"><span property="dc:date dc:created">أربعاء, 20/03/2024 - '
        '11:40</span></div><div class="content clearfix">'
        '<div class="field field-name-field-summary field-type-text-long field-label-hidden">'
        f'<div class="field-items"><div class="field-item even">{LEAD}</div></div></div>'
        '<div class="field field-name-field-image"><div class="field-items">'
        '<div class="field-item even"><img src="/a.jpg"><blockquote class="image-field-caption">'
        f"<p>{CAPTION}</p></blockquote></div></div></div>"
        '<div class="field field-name-body field-type-text-with-summary field-label-hidden">'
        '<div class="field-items"><div class="field-item even" property="content:encoded">'
        f"{ps(*TEXT)}</div></div></div>"
        '<div class="field field-name-field-tags">'
        '<div class="field-label">الكلمات الدالة:&nbsp;</div><div class="field-items">'
        '<div class="field-item even"><a href="/t">الفيضان</a></div><div class="field-item odd">'
        '<a href="/t">الإغاثة</a></div></div></div></div>'
        '<div class="link-wrapper"><ul class="links inline"><li class="comment-add">'
        '<a href="#comment-form">إضافة تعليق جديد</a></li></ul></div>'
        '<div id="comments" class="comment-wrapper"><h2 class="title">التعليقات</h2>'
        '<div class="comment"><div class="content"><div class="field"><div class="field-items">'
        f'<div class="field-item">{COMMENT}</div></div></div></div></div></div></div></div></div>'
        "</div></div></div>"
        '<div id="sidebar-first" class="column sidebar"><div class="block block-views">'
        '<h2>آخر الأخبار</h2><div class="view-content"><div class="views-row"><a href="/o">'
        f'{OTHER}</a><p>{OTHER_TEXT}</p></div></div></div></div></div><div id="footer">'
        f"{FOOTER}</div></div>"
    )
    return Case(html, (LEAD, *TEXT), LEAD, (CAPTION,))


@template
def joomla() -> Case:
    html = document(
        f'<div id="rt-menu">{MENU}</div><div id="rt-main"><div class="rt-container">'
        '<div class="rt-grid-8"><div class="rt-block"><div id="rt-mainbody">'
        '<div class="component-content"><article class="item-page"><div class="page-header"><h2>'
        f"{TITLE}</h2></div>"
        '<dl class="article-info muted"><dt class="article-info-term">التفاصيل</dt>'
        '<dd class="category-name">المجموعة: <a href="/c">أخبار</a></dd><dd class="published">'
        '<time datetime="2024-03-20">نشر بتاريخ: 20 آذار 2024</time></dd>'
        '<dd class="hits">الزيارات: 318</dd></dl>'
        f'<div class="itemIntroText"><p>{LEAD}</p></div>'
        f'<div class="itemFullText" itemprop="articleBody">{ps(*TEXT)}</div>'
        '<ul class="pager pagenav"><li class="previous"><a href="/o">السابق</a></li>'
        '<li class="next"><a href="/o">التالي</a></li></ul><div class="itemRelated">'
        f"<h3>مواضيع ذات صلة</h3><ul>{links(OTHER, THIRD)}</ul></div></article></div></div></div>"
        f'</div><div class="rt-grid-4 rt-sidebar-surround">{LATEST}</div></div></div>'
        f'<div id="rt-footer">{FOOTER}</div>'
    )
    return Case(html, (LEAD, *TEXT), LEAD)


@template
def blogger() -> Case:
    inner = "<br /><br />".join(TEXT)
    html = document(
        f'<div class="content-outer"><div class="tabs">{MENU}</div><div class="main-outer">'
        '<div class="main section" id="main"><div class="widget Blog" id="Blog1">'
        '<div class="blog-posts hfeed"><div class="date-outer"><h2 class="date-header">'
        '<span>الأربعاء، 20 مارس 2024</span></h2><div class="date-posts"><div class="post-outer">'
        '<div class="post hentry">'
        f'<h3 class="post-title entry-title" itemprop="name">{TITLE}</h3><div class="post-header">'
        '</div><div class="post-body entry-content" id="post-body-77">'
        '<div dir="rtl" style="text-align: right;" trbidi="on">'
        '<div class="separator" style="clear: both; text-align: center;"><a href="/a.jpg">'
        f'<img border="0" src="/a.jpg" width="400"></a></div>{inner}<br />'
        '<div style="clear: both;"></div></div></div>'
        '<div class="post-footer"><div class="post-footer-line post-footer-line-1">'
        '<span class="post-author vcard">مرسلة بواسطة <span class="fn">سليم الخطيب</span>'
        '</span> <span class="post-timestamp">في <a class="timestamp-link" href="#">'
        '<abbr class="published">11:40 ص</abbr></a></span></div><div class="post-footer-line-2">'
        '<span class="post-labels">التسميات: <a href="/l">أخبار</a></span></div></div></div>'
        '<div class="comments" id="comments"><h4>هناك تعليق واحد:</h4>'
        '<div id="Blog1_comments-block-wrapper"><dl>'
        '<dt class="comment-author">أبو أحمد يقول...</dt><dd class="comment-body"><p>'
        f'{COMMENT}</p></dd></dl></div><p class="comment-footer"><a href="#">إرسال تعليق</a></p>'
        '</div></div></div></div></div><div class="blog-pager">'
        '<a class="blog-pager-newer-link" href="/o">رسالة أحدث</a><a href="/o">رسالة أقدم</a>'
        "</div></div></div>"
        '<div class="column-right-outer"><aside><div class="widget PopularPosts">'
        f'<h2>المشاركات الشائعة</h2><ul><li><div class="item-title"><a href="/o">{OTHER}</a></div>'
        f'<div class="item-snippet">{OTHER_TEXT}</div></li></ul></div></aside></div></div></div>'
    )
    return Case(html)


@template
def aspnet_tables() -> Case:
    inner = "<br><br>".join(TEXT)
    html = document(
        '<form name="aspnetForm" method="post" action="News.aspx?id=88" id="aspnetForm">'
        f'<table width="100%" cellpadding="0"><tr><td colspan="3">{MENU}</td></tr><tr>'
        '<td width="180" valign="top"><table><tr><td class="BoxTitle">آخر الأخبار</td></tr><tr>'
        f'<td><a href="/o">{OTHER}</a></td></tr><tr><td><a href="/o">{THIRD}</a></td></tr></table>'
        "</td>"
        '<td valign="top" class="ContentCell"><table width="100%"><tr><td>'
        '<span id="ctl00_ContentPlaceHolder1_lblDate" class="Date">20/03/2024 11:40:00 ص</span>'
        '</td></tr><tr><td align="center"><font color="#800000" size="5"><b>'
        f'<span id="ctl00_ContentPlaceHolder1_lblTitle">{TITLE}</span></b></font></td></tr>'
        f'<tr><td align="center"><img src="/a.jpg" width="300"><br><font size="1">{CAPTION}</font>'
        '</td></tr><tr><td><font face="Simplified Arabic" size="4"><div align="justify">'
        f'<span id="ctl00_ContentPlaceHolder1_lblBody">{inner}</span></div></font></td></tr>'
        '<tr><td align="left"><a href="#">طباعة</a>&nbsp;|&nbsp;<a href="#">أرسل لصديق</a></td>'
        "</tr><tr><td>عدد القراءات: 1204</td></tr></table>"
        '<table width="100%"><tr><td bgcolor="#cccccc"><b>التعليقات</b></td></tr><tr><td>'
        f'<b>1 - شكراً</b> <font size="1">أبو أحمد</font><br>{COMMENT}</td></tr><tr><td>'
        f"<b>2 - رد</b><br>{REPLY}</td></tr></table></td>"
        '<td width="160" valign="top"><table><tr><td>استفتاء</td></tr><tr>'
        "<td>هل تعتقد أن الطريق سيفتح قبل نهاية الشهر الحالي كما وعد المجلس؟<br>"
        '<input type="radio">نعم<br><input type="radio">لا</td></tr></table></td></tr><tr>'
        f'<td colspan="3" align="center">{ABOUT}<br>جميع الحقوق محفوظة</td></tr></table></form>',
        title=f"صحيفة النهر - {TITLE}",
    )
    return Case(html, captions=(CAPTION,))


@template
def vbulletin() -> Case:
    inner = "<br />\n<br />\n".join(TEXT)
    html = document(
        f'<div class="page"><div class="tborder navbar">{MENU}</div>'
        '<table class="tborder" id="post9911"><tr><td class="thead"><a name="post9911">'
        '</a> 20-03-2024, 11:40 AM</td><td class="thead">#<a href="#">1</a></td></tr><tr>'
        '<td class="alt2"><a class="bigusername" href="/u">سليم الخطيب</a>'
        '<div class="smallfont">عضو مميز</div>'
        '<div class="smallfont">تاريخ التسجيل: Jan 2009<br>المشاركات: 1,204</div></td>'
        f'<td class="alt1" id="td_post_9911"><div class="smallfont"><strong>{TITLE}</strong></div>'
        f'<hr size="1"><div id="post_message_9911">{inner}</div><div>'
        "<hr>__________________<br>اللهم احفظ بلادنا وأهلنا من كل سوء يا رب العالمين</div></td>"
        "</tr></table>"
        '<table class="tborder" id="post9912"><tr><td class="thead">20-03-2024, 12:05 PM</td>'
        f'</tr><tr><td class="alt1" id="td_post_9912"><div id="post_message_9912">{COMMENT}</div>'
        '</td></tr></table><table class="tborder" id="post9913"><tr><td class="alt1">'
        f'<div id="post_message_9913">{REPLY}</div></td></tr></table></div>',
        title=f"{TITLE} - منتديات النهر",
    )
    return Case(html)


@template
def amp() -> Case:
    html = document(
        '<header class="amp-wp-header"><div><a href="/">صحيفة النهر</a></div></header>'
        f'<amp-sidebar id="sidebar" layout="nodisplay">{MENU}</amp-sidebar>'
        '<article class="amp-wp-article"><header class="amp-wp-article-header">'
        f'<h1 class="amp-wp-title">{TITLE}</h1><div class="amp-wp-meta amp-wp-byline">'
        '<span class="amp-wp-author author vcard">سليم الخطيب</span></div>'
        '<div class="amp-wp-meta amp-wp-posted-on"><time datetime="2024-03-20">منذ أسبوع</time>'
        "</div></header>"
        '<figure class="amp-wp-article-featured-image wp-caption">'
        '<amp-img src="/a.jpg" width="600" height="400"></amp-img><p class="wp-caption-text">'
        f'{CAPTION}</p></figure><div class="amp-wp-article-content">{ps(A, B)}<amp-ad width="300">'
        f"</amp-ad>{ps(C, D, E)}</div>"
        '<footer class="amp-wp-article-footer">'
        '<div class="amp-wp-meta amp-wp-tax-category">تصنيفات: <a href="/c">أخبار</a></div>'
        '<div class="amp-wp-meta amp-wp-tax-tag">وسوم: <a href="/t">الفيضان</a></div>'
        '<div class="amp-wp-meta amp-wp-comments-link"><a href="#">اترك تعليقاً</a></div>'
        '</footer></article><footer class="amp-wp-footer"><div><p>'
        '<a href="#">العودة إلى الأعلى</a></p></div></footer>'
    )
    return Case(html, captions=(CAPTION,))


@template
def elementor() -> Case:
    def widget(kind: str, inner: str, number: int) -> str:
        return (
            f'<div class="elementor-element elementor-element-{number:x}7b{number} elementor-widget '
            f'elementor-widget-{kind}" data-id="{number}"><div class="elementor-widget-container">'
            f"{inner}</div></div>"
        )

    html = document(
        '<div data-elementor-type="header" class="elementor elementor-location-header">'
        f'{widget("nav-menu", MENU, 1)}</div><div data-elementor-type="single-post" '
        'class="elementor elementor-location-single post type-post">'
        '<section class="elementor-section"><div class="elementor-container">'
        '<div class="elementor-column elementor-col-66">'
        '<div class="elementor-widget-wrap elementor-element-populated">'
        + widget("theme-post-title", f'<h1 class="elementor-heading-title elementor-size-default">{TITLE}</h1>', 2)
        + widget("theme-post-excerpt", LEAD, 3)
        + widget(
            "post-info",
            '<ul class="elementor-inline-items"><li><a href="/a">'
            '<span class="elementor-post-info__item--type-author">سليم الخطيب</span></a></li><li>'
            "<span>مارس 20, 2024</span></li></ul>",
            4,
        )
        + widget(
            "theme-post-featured-image",
            '<figure class="wp-caption"><img src="/a.jpg">'
            f'<figcaption class="widget-image-caption wp-caption-text">{CAPTION}</figcaption></figure>',
            5,
        )
        + widget("text-editor", ps(A), 6)
        + widget("heading", '<h2 class="elementor-heading-title">طريق مقطوع</h2>', 7)
        + widget("text-editor", ps(B, C), 8)
        + widget("text-editor", ps("انتهى الأسبوع بلا مطر."), 9)
        + widget("text-editor", ps(D, E), 10)
        + widget(
            "share-buttons",
            '<div class="elementor-share-btn"><span class="elementor-share-btn__title">Facebook</span></div>',
            11,
        )
        + widget(
            "post-navigation",
            f'<a href="/o"><span class="post-navigation__prev--label">السابق</span><span>{OTHER}</span></a>',
            12,
        )
        + widget("heading", '<h3 class="elementor-heading-title">مواضيع ذات صلة</h3>', 13)
        + widget(
            "posts",
            '<article class="elementor-post"><h3 class="elementor-post__title"><a href="/o">'
            f'{OTHER}</a></h3><div class="elementor-post__excerpt"><p>{OTHER_TEXT}</p></div></article>',
            14,
        )
        + '</div></div></div></section></div><div data-elementor-type="footer" class="elementor '
        f'elementor-location-footer">{widget("text-editor", FOOTER, 15)}</div>'
    )
    return Case(html, (LEAD, A, "طريق مقطوع", B, C, "انتهى الأسبوع بلا مطر.", D, E), LEAD, (CAPTION,))


@template
def quintype() -> Case:
    cards = "".join(
        '<div class="story-card-m__story-card"><div class="story-element story-element-text">'
        f"<div>{ps(text)}</div></div></div>"
        for text in (A, B, C)
    )
    html = document(
        f'<div id="app"><div class="header-m__header">{MENU}</div>'
        '<div class="text-story-m_story-content-inner-wrapper__x9">'
        f'<div class="story-headline-m__headline-container"><h1 class="headline">{TITLE}</h1>'
        f'</div><div class="subheadline-m__subheadline"><h2>{LEAD}</h2></div>'
        '<div class="text-story-m_hero-image"><figure><img src="/a.jpg"></figure>'
        '<div class="caption-attribution-m__caption-attribution">'
        f'<span class="caption-m__story-element-image-title">{CAPTION}</span>'
        '<span class="attribution">رويترز</span></div></div>'
        '<div class="author-info-m__author-name"><a href="/a">سليم الخطيب</a></div>'
        '<div class="publish-details-m__date">نُشر في 20 مارس 2024</div>'
        f'{cards}<div class="story-card-m__story-card">'
        '<div class="story-element story-element-blockquote">'
        '<blockquote class="m__quote">لم يبق في البيت شيء نأكله<cite>امرأة من البلدة</cite>'
        "</blockquote></div></div>"
        '<div class="story-card-m__story-card">'
        '<div class="story-element story-element-text-also-read"><h3><span>اقرأ أيضاً: </span>'
        f'<a href="/o">{OTHER}</a></h3></div></div>'
        '<div class="story-card-m__story-card"><div class="story-element story-element-text">'
        f'<div>{ps(D, E)}</div></div></div><div class="story-card-m__story-card">'
        '<div class="story-element story-element-text"><div><p>ولم تنحسر المياه بعد.</p></div>'
        "</div></div>"
        '<div class="tags-m__tags"><a href="/t">الفيضان</a></div></div>'
        '<div class="other-stories-m"><h2>اقرأ المزيد</h2><div class="card"><h6><a href="/o">'
        f"{THIRD}</a></h6><p>{OTHER_TEXT}</p></div></div></div>"
    )
    return Case(
        html,
        (LEAD, A, B, C, "لم يبق في البيت شيء نأكله", "امرأة من البلدة", D, E, "ولم تنحسر المياه بعد."),
        LEAD,
        (CAPTION,),
    )


@template
def divs_without_paragraphs() -> Case:
    inner = "".join(f'<div style="text-align: justify;">{text}</div><div>&nbsp;</div>' for text in TEXT)
    html = document(
        f'<div class="top">{MENU}</div><div class="wrap"><div class="right"><div class="ntitle">'
        f'{TITLE}</div><div class="ndate">الأربعاء 20 آذار 2024</div><div class="nphoto">'
        f'<img src="/a.jpg"></div><div class="ntext">{inner}<div>ولم تنحسر المياه.</div></div>'
        '<div class="nshare"><div>شارك الخبر</div></div></div><div class="left">'
        f'{LATEST}<div class="box"><div>{OTHER_TEXT}</div></div></div></div><div class="bottom">'
        f"{ABOUT}</div>"
    )
    return Case(html, (*TEXT, "ولم تنحسر المياه."))


@template
def lead_in_a_div_outside() -> Case:
    html = document(
        f'<nav>{MENU}</nav><div class="page"><div class="news-head"><h1>{TITLE}</h1>'
        f'<div class="news-desc">{LEAD}</div><div class="info">'
        "<span>20 مارس 2024 - 11:40</span> <span>آخر تحديث: 20 مارس 2024 - 14:05</span></div>"
        f'</div><div class="img-holder"><img src="/a.jpg" alt="{TITLE}"><div class="img-title">'
        f'{CAPTION}</div></div><div class="news-body">{ps(*TEXT)}</div></div><footer>'
        f"{FOOTER}</footer>"
    )
    return Case(html, (LEAD, *TEXT), LEAD, (CAPTION,))


@template
def summary_list_at_the_top() -> Case:
    points = (
        "ثلاثون شاحنة دخلت بلدة السواقي",
        "المواد تكفي ألفي عائلة مدة عشرة أيام",
        "المياه جرفت أربعمئة متر من الطريق",
    )
    box = "".join(f"<li>{point}</li>" for point in points)
    html = document(
        f'<nav>{MENU}</nav><main><article><h1>{TITLE}</h1><div class="article-summary">'
        f'<h2>ملخص</h2><ul>{box}</ul></div><div class="wysiwyg article-content">{ps(*TEXT)}</div>'
        f"</article></main><footer>{FOOTER}</footer>"
    )
    return Case(html, (*points, *TEXT), "\n".join(points))


@template
def live_blog() -> Case:
    def entry(time: str, head: str, *lines: str) -> str:
        return (
            f'<div class="live-entry" id="e{time}"><div class="entry-time"><time>{time}</time></div>'
            f'<h3>{head}</h3><div class="entry-text">{ps(*lines)}</div><div class="entry-share">'
            '<a href="#">مشاركة</a></div></div>'
        )

    html = document(
        f'<nav>{MENU}</nav><article><h1>{TITLE}</h1><p class="lead">{LEAD}</p>'
        f'<div class="live-blog">{entry("14:05", "وصول القافلة", A, B)}'
        f"{entry('12:30', 'إصلاح الطريق', C)}{entry('10:10', 'عائلات في المدرسة', D, E)}</div>"
        f"</article><footer>{FOOTER}</footer>"
    )
    return Case(html, (LEAD, "وصول القافلة", A, B, "إصلاح الطريق", C, "عائلات في المدرسة", D, E), LEAD)


@template
def interview() -> Case:
    questions = ("متى يفتح الطريق؟", "كم عائلة وصلتها المساعدات حتى الآن؟", "ماذا عن المزارعين؟")
    inner = (
        f"{ps(A)}<p><strong>{questions[0]}</strong></p>{ps(C)}<p><b>{questions[1]}</b></p>"
        f"{ps(B)}<p><strong>- {questions[2]}</strong></p>{ps(E)}"
    )
    html = document(
        f"<nav>{MENU}</nav><article><h1>{TITLE}</h1><p>حوار: سليم الخطيب</p>"
        f'<div class="post-text">{inner}</div></article><footer>{FOOTER}</footer>'
    )
    return Case(html, (A, questions[0], C, questions[1], B, f"- {questions[2]}", E))


@template
def photo_between_lead_and_text() -> Case:
    html = document(
        f'<div class="menu">{MENU}</div><div class="details"><h1>{TITLE}</h1><h3 class="brief">'
        f'{LEAD}</h3><div class="date">20-03-2024 | 11:40</div><div class="main-img">'
        f'<img src="/a.jpg"><span class="alt">{CAPTION}</span></div><div class="share-icons">'
        '<a href="#">فيسبوك</a> <a href="#">تويتر</a></div><div id="article-text">'
        f'{ps(*TEXT)}</div></div><div class="more-news">{LATEST}</div>'
    )
    return Case(html, (LEAD, *TEXT), LEAD, (CAPTION,))


@template
def links_between_paragraphs() -> Case:
    inner = (
        f'{ps(A)}<p><strong>اقرأ أيضاً: <a href="/o">{OTHER}</a></strong></p>{ps(B)}<p>'
        f'<a href="/o">اقرأ أيضا.. {THIRD}</a></p>{ps(C)}<p>'
        f'<span style="color:red">شاهد أيضا:</span></p><p><a href="/o">{OTHER}</a></p>'
        f'{ps(D)}<p>◄ <a href="/x">{THIRD}</a></p><p>'
        f'<a href="/p">للمزيد من أخبار الفيضان اضغط هنا</a></p>{ps(E)}'
    )
    html = plain(inner)
    return Case(html)


@template
def embeds() -> Case:
    tweet = "وصلت القافلة بسلام، شكراً لكل من ساهم في جمع التبرعات خلال الأيام الماضية."
    inner = (
        f'{ps(A)}<blockquote class="twitter-tweet" data-lang="ar"><p lang="ar" dir="rtl">'
        f'{tweet}</p>&mdash; المجلس المحلي (@example) <a href="https://twitter.com/x">March 20, '
        '2024</a></blockquote><script async src="https://platform.twitter.com/widgets.js">'
        "</script>"
        f'{ps(B, C)}<iframe src="https://t.me/x/1?embed=1"></iframe>'
        '<script>window.x = "نص داخل سكربت لا يراه القارئ أبداً مهما طال";</script>'
        '<div class="fb-post"><blockquote class="fb-xfbml-parse-ignore">'
        f"<p>نشرة المجلس على صفحته</p></blockquote></div>{ps(D, E)}"
    )
    html = plain(inner)
    return Case(html, (A, tweet, "— المجلس المحلي (@example) March 20, 2024", B, C, "نشرة المجلس على صفحته", D, E))


@template
def pull_quote() -> Case:
    quote = "المواد تكفي ألفي عائلة مدة عشرة أيام"
    html = document(
        f'<nav>{MENU}</nav><article><h1>{TITLE}</h1><div class="entry-content">'
        f'{ps(A, B)}<blockquote class="pullquote"><p>{quote}</p></blockquote>'
        f'<div class="quote-box"><span>{D[:60]}</span></div>{ps(C, D, E)}</div></article><footer>'
        f"{FOOTER}</footer>"
    )
    return Case(html)


@template
def tables_and_lists() -> Case:
    table = (
        "<table><caption>المواد الموزعة</caption><tr><th>المادة</th><th>الكمية</th></tr><tr>"
        "<td>طحين</td><td>40 طناً</td></tr><tr><td>أدوية</td><td>3 أطنان</td></tr></table>"
    )
    rows = ("المواد الموزعة", "المادة", "الكمية", "طحين", "40 طناً", "أدوية", "3 أطنان")
    demands = ("فتح الطريق", "إعادة الكهرباء", "تعويض المزارعين")
    items = "".join(f"<li>{demand}</li>" for demand in demands)
    html = plain(f"{ps(A, B)}{table}{ps(C, D)}<p>وطالب الأهالي بما يأتي:</p><ol>{items}</ol>")
    return Case(html, (A, B, *rows, C, D, "وطالب الأهالي بما يأتي:", *demands))


@template
def table_at_the_end() -> Case:
    table = "<table><tr><td>السواقي</td><td>900 عائلة</td></tr><tr><td>عين الحور</td><td>600 عائلة</td></tr></table>"
    html = plain(f"{ps(*TEXT)}{table}")
    return Case(html, (*TEXT, "السواقي", "900 عائلة", "عين الحور", "600 عائلة"))


@template
def verse_and_statement() -> Case:
    verses = ("يا نهر مهلاً على الزرع الذي تعبا", "ففي سنابله خبز لمن نزحا", "كم ليلة بات فيها الحقل مرتقباً")
    inner = f"{ps(A)}<p>{'<br>'.join(verses)}</p>{ps(B, C, D)}<p>والسلام عليكم.<br>المجلس المحلي<br>20 آذار 2024</p>"
    html = plain(inner)
    return Case(html, (A, *verses, B, C, D, "والسلام عليكم.", "المجلس المحلي"))


def flash(lines: tuple[str, ...]) -> Case:
    html = document(
        f'<div class="menu">{MENU}</div><div class="content">'
        '<h1>عاجل | انهيار جسر القرية الشرقية</h1><div class="time">20-03-2024 11:40</div>'
        f'<div class="text">{ps(*lines)}</div><div class="share">شارك</div></div>'
        f'<div class="side"><h3>آخر الأخبار</h3>{LATEST}</div><div class="foot"><p>{ABOUT}</p>'
        "</div>",
        head='<meta property="og:type" content="article">',
        title="عاجل | انهيار جسر القرية الشرقية - صحيفة النهر",
    )
    return Case(html, lines)


@template
def flash_of_one_line() -> Case:
    return flash(("مراسلنا: انهيار جسر القرية الشرقية بعد ارتفاع منسوب النهر.",))


@template
def flash_of_three_lines() -> Case:
    return flash(
        (
            "مراسلنا: انهيار جسر القرية الشرقية بعد ارتفاع منسوب النهر.",
            "الدفاع المدني: لا إصابات حتى الآن.",
            "قطع الطريق الدولي في الاتجاهين.",
        )
    )


@template
def very_long() -> Case:
    text = tuple(f"{line} وهذه هي الفقرة رقم {number} من التقرير المطول." for number in range(200) for line in TEXT)
    html = plain(f"{ps(*text)}")
    return Case(html, text)


@template
def preformatted() -> Case:
    inner = "\n\n".join(text.replace("، ", "،\n", 1) for text in TEXT)
    html = document(f'<div>{MENU}</div><h1>{TITLE}</h1><pre class="story">{inner}</pre><div>{ABOUT}</div>')
    return Case(html)


@template
def after_several_pictures() -> Case:
    pictures = "".join(f'<div class="pic"><img src="/{n}.jpg"><p>{CAPTION} ({n})</p></div>' for n in range(4))
    html = document(
        f'<nav>{MENU}</nav><div class="story"><h1>{TITLE}</h1>{pictures}<div class="txt">'
        f"{ps(*TEXT)}</div></div><footer>{FOOTER}</footer>"
    )
    return Case(html, captions=tuple(f"{CAPTION} ({n})" for n in range(4)))


@template
def end_marks() -> Case:
    html = document(
        f'<nav>{MENU}</nav><div class="story"><h1>{TITLE}</h1><p>السواقي – صحيفة النهر</p>'
        f"{ps(A, B, C, D)}<p>{E} انتهى / س.م</p><p>ا.ع/ك</p></div><footer>{FOOTER}</footer>"
    )
    return Case(html)


@template
def comments_below_without_marks() -> Case:
    html = document(
        f'<div>{MENU}</div><div class="box"><h1>{TITLE}</h1><div class="t">{ps(*TEXT)}</div>'
        f'<div class="c"><h4>تعليقات القراء</h4><div class="i"><b>أبو أحمد</b><p>{COMMENT}</p>'
        f'</div><div class="i"><b>سعاد</b><p>{REPLY}</p></div><div class="i"><b>زائر</b><p>'
        f"{COMMENT[:70]}</p></div></div></div><div>{ABOUT}</div>"
    )
    return Case(html)


@template
def next_article_below() -> Case:
    def post(title: str, *lines: str) -> str:
        return (
            f'<div class="single-post-wrap"><div class="single-head"><h1>{title}</h1>'
            f'<span class="time">20 مارس 2024</span></div><div class="single-body">{ps(*lines)}</div>'
            '<div class="single-tags"><a href="/t">أخبار</a></div></div>'
        )

    other = tuple(f"{OTHER_TEXT} {word}" for word in ("أولاً", "ثانياً", "ثالثاً", "رابعاً", "خامساً", "سادساً", "سابعاً"))
    html = document(
        f'<nav>{MENU}</nav><div id="infinite">'
        f"{post(TITLE, *TEXT)}{post(OTHER, *other)}{post(THIRD, *other[:4])}</div><footer>"
        f"{FOOTER}</footer>"
    )
    return Case(html)


@template
def next_article_in_its_own_element() -> Case:
    other = tuple(f"{OTHER_TEXT} {word}" for word in ("أولاً", "ثانياً", "ثالثاً", "رابعاً", "خامساً", "سادساً", "سابعاً"))
    html = document(
        f'<nav>{MENU}</nav><main><article><h1>{TITLE}</h1><div class="body">{ps(*TEXT)}</div>'
        f'</article><article><h2><a href="/o">{OTHER}</a></h2><div class="body">{ps(*other)}</div>'
        f"</article></main><footer>{FOOTER}</footer>"
    )
    return Case(html)


@template
def saba_persian() -> Case:
    lead = "تهران- شبکه نهر- نخستین کاروان امدادی روز چهارشنبه به روستاهای محاصره\u200cشده در سیلاب رسید."
    text = (
        "به گزارش شبکه نهر، سی کامیون حامل آرد و دارو صبح چهارشنبه وارد شهرک سواقی شد که راه آن یک هفته بسته بود.",
        "رئیس شورای محلی گفت این کمک\u200cها برای دو هزار خانواده به مدت ده روز کافی است و کاروان دوم هفته آینده می\u200cرسد.",
        "وی افزود گروه\u200cهای مهندسی شبانه\u200cروز برای بازگشایی راه اصلی کار می\u200cکنند و آب حدود چهارصد متر از آن را برده است.",
    )
    html = document(
        f'<nav>{MENU}</nav><article id="item" class="item news"><div class="item-header">'
        '<div class="item-nav"><ul><li><span class="item-code">کد خبر 84310</span></li><li>'
        '<span class="item-time">۱ فروردین ۱۴۰۳، ۱۱:۴۰</span></li></ul></div>'
        '<div class="item-title"><h3 class="rutitr">رئیس شورای محلی:</h3><h1 class="title">'
        '<a href="/news/84310">کاروان امدادی به روستاهای محاصره\u200cشده رسید</a></h1></div>'
        '<div class="item-summary"><figure class="item-img"><img src="/a.jpg"></figure>'
        f'<p class="summary introtext" itemprop="description">{lead}</p></div></div>'
        '<div class="item-body"><div itemprop="articleBody" class="item-text">'
        f'{ps(*text)}<p>انتهای پیام/</p></div></div><div class="item-footer">'
        '<section class="box tags"><header><h2>برچسب\u200cها</h2></header><ul><li><a href="/t">سیل</a>'
        f"</li></ul></section></div></article><aside>{LATEST}</aside>",
        title="کاروان امدادی به روستاهای محاصره\u200cشده رسید - شبکه نهر",
    ).replace('lang="ar"', 'lang="fa"')
    return Case(html, (lead, *text), lead)


@template
def gutenberg() -> Case:
    html = document(
        f'<nav>{MENU}</nav><main id="primary"><article class="post hentry">'
        f'<header class="entry-header"><h1 class="entry-title">{TITLE}</h1>'
        '<div class="entry-meta"><span class="posted-on">مارس 20, 2024</span></div></header>'
        '<div class="entry-content"><figure class="wp-block-image size-large"><img src="/a.jpg">'
        f'<figcaption class="wp-element-caption">{CAPTION}</figcaption></figure>'
        f'<p class="has-drop-cap">{A}</p><p class="has-text-align-right">{B}</p>'
        '<div class="wp-block-group"><div class="wp-block-group__inner-container">'
        f'<h3 class="wp-block-heading">طريق مقطوع</h3><p>{C}</p></div></div>'
        '<figure class="wp-block-pullquote"><blockquote>'
        "<p>إن المواد تكفي ألفي عائلة مدة عشرة أيام</p></blockquote></figure>"
        f'<ul class="wp-block-list"><li>فتح الطريق</li><li>إعادة الكهرباء</li></ul><p>{D}</p>'
        '<div class="wp-block-buttons"><div class="wp-block-button">'
        f'<a class="wp-block-button__link">تبرع الآن</a></div></div><p>{E}</p>'
        '<div class="sharedaddy sd-sharing-enabled"><div class="robots-nocontent">'
        '<h3 class="sd-title">شارك هذا الموضوع:</h3><ul><li><a href="#"><span>فيس بوك</span></a>'
        '</li></ul></div></div><div id="jp-relatedposts"><h3 class="jp-relatedposts-headline">'
        '<em>مرتبط</em></h3></div></div></article><section class="widget"><h2>أحدث المقالات</h2>'
        f"{LATEST}</section></main><footer>{FOOTER}</footer>"
    )
    return Case(html, (A, B, "طريق مقطوع", C, "فتح الطريق", "إعادة الكهرباء", D, E), captions=(CAPTION,))


@template
def related_box_with_excerpts_within() -> Case:
    box = (
        '<div class="readmore-box"><h4>اقرأ أيضاً</h4><div class="rm-item"><a href="/o">'
        f"{OTHER}</a><p>{OTHER_TEXT}</p></div></div>"
    )
    html = plain(f"{ps(A, B)}{box}{ps(C, D, E)}")
    return Case(html)


@template
def marks_of_furniture_on_the_whole_page() -> Case:
    html = document(
        '<div class="site-sidebar-wrap has-related widget-area"><div class="menu-top">'
        f'{MENU}</div><div class="content-with-sidebar social-layout"><h1>{TITLE}</h1>'
        f'<div class="post-tags-enabled share-on"><div class="text">{ps(*TEXT)}</div></div></div>'
        f'</div><div class="footer">{FOOTER}</div>',
        attributes='class="single post sidebar-right comments-open newsletter-popup"',
    )
    return Case(html)


@template
def one_paragraph_with_breaks() -> Case:
    html = document(
        f'<div>{MENU}</div><table><tr><td><h1>{TITLE}</h1><p align="justify"><b>{LEAD}</b><br><br>'
        f"{'<br><br>'.join(TEXT)}<br></p></td></tr></table><div>{ABOUT}</div>"
    )
    return Case(html, (LEAD, *TEXT))


@template
def spans_in_a_cell() -> Case:
    inner = "<br>&nbsp;<br>".join(f'<span style="font-size: 14pt" dir="RTL">{text}</span>' for text in TEXT)
    html = document(
        f'<table class="main"><tr><td class="nav" colspan="2">{MENU}</td></tr><tr>'
        f'<td class="body"><div class="cap">{TITLE}</div><img src="/a.jpg" align="left">'
        f'{inner}<p class="MsoNormal">&nbsp;</p></td><td class="blocks">{LATEST}</td></tr><tr>'
        f'<td colspan="2">{ABOUT}</td></tr></table>'
    )
    return Case(html)


@template
def lead_printed_for_phones_and_desks() -> Case:
    html = document(
        f'<nav>{MENU}</nav><article><h1>{TITLE}</h1><div class="visible-xs">{LEAD}</div>'
        f'<div class="img"><img src="/a.jpg"></div><div class="hidden-xs">{LEAD}</div>'
        f'<div class="content">{ps(*TEXT)}</div></article><footer>{FOOTER}</footer>'
    )
    return Case(html, (LEAD, *TEXT), LEAD)


@template
def gallery_within() -> Case:
    pictures = "".join(
        f'<li><img src="/{n}.jpg"><span class="slide-caption">{CAPTION} {n}</span></li>' for n in range(3)
    )
    html = plain(f'{ps(A, B)}<ul class="gallery">{pictures}</ul>{ps(C, D, E)}')
    return Case(html, captions=tuple(f"{CAPTION} {n}" for n in range(3)))


@template
def drop_cap_and_paragraphs_of_spaces() -> Case:
    first = f'<p><span class="dropcap">{A[0]}</span>{A[1:]}</p><p>&nbsp;</p><p> </p>'
    html = plain(f"{first}{ps(B, C, D, E)}")
    return Case(html)


@template
def two_boxes_around_an_advertisement() -> Case:
    html = document(
        f'<nav>{MENU}</nav><div class="details"><h1>{TITLE}</h1><div class="part-one">'
        f'{ps(A, B)}</div><div class="adv"><div>إعلان</div></div><div class="part-two">'
        f'{ps(C, D, E)}</div><div class="tags"><a href="/t">الفيضان</a></div></div>'
        f'<div class="side">{LATEST}<p>{OTHER_TEXT}</p></div><footer>{FOOTER}</footer>'
    )
    return Case(html)


@template
def bio_of_the_writer_at_the_foot() -> Case:
    html = plain(f'{ps(*TEXT)}<div class="writer-box"><img src="/w.jpg"><h4>سليم الخطيب</h4><p>{BIO}</p></div>')
    return Case(html)


@template
def comments_that_outweigh_the_text() -> Case:
    comments = "".join(f'<div class="item"><b>زائر {n}</b><p>{COMMENT} {REPLY} {n}</p></div>' for n in range(25))
    html = document(
        f'<nav>{MENU}</nav><div class="box"><h1>{TITLE}</h1><div class="text">{ps(A, B, C)}</div>'
        f'<div class="bar">شارك الخبر</div><div class="list"><h3>25 تعليقاً</h3>{comments}</div>'
        f"</div><footer>{FOOTER}</footer>"
    )
    return Case(html, (A, B, C))


@template
def sidebar_that_outweighs_the_text() -> Case:
    cards = "".join(
        f'<div class="card"><h4><a href="/{n}">{OTHER} {n}</a></h4><p>{OTHER_TEXT} {n}</p></div>' for n in range(20)
    )
    html = document(
        f'<div>{MENU}</div><div class="cols"><div class="main-col"><h1>{TITLE}</h1><div class="t">'
        f'{ps(A, B)}</div></div><div class="other-col">{cards}</div></div><div>{ABOUT}</div>'
    )
    return Case(html, (A, B))


@template
def section_titles_and_notes() -> Case:
    html = document(
        f'<nav>{MENU}</nav><div class="report"><h1>{TITLE}</h1><div class="intro-text">'
        f"{LEAD}</div><section><h2>الطريق</h2><p>{A}</p><p>{B}</p></section><section>"
        f"<h2>البيوت</h2><p>{C}</p><p>{D}</p></section><section><h2>الحقول</h2><p>{E}</p>"
        '</section><div class="notes"><p>[1] تقديرات المجلس المحلي حتى مساء الثلاثاء.</p></div>'
        f"</div><footer>{FOOTER}</footer>"
    )
    return Case(
        html, (LEAD, "الطريق", A, B, "البيوت", C, D, "الحقول", E, "[1] تقديرات المجلس المحلي حتى مساء الثلاثاء."), LEAD
    )


@template
def headline_as_plain_text() -> Case:
    html = document(
        f'<div id="header">{MENU}</div><div id="c"><div class="t1">{TITLE}</div>'
        f'<div class="t2">الأربعاء 20 آذار 2024</div><div class="t3"><div>{LEAD}</div></div>'
        f'<div class="t4">{"".join(f"<div dir=rtl>{text}</div>" for text in TEXT)}</div></div>'
        f'<div id="f">{ABOUT}</div>'
    )
    return Case(html, (LEAD, *TEXT), LEAD)


def without_semantics(tree: HtmlElement) -> None:
    for element in tree.iter("article", "main", "section", "aside", "nav", "header", "footer", "figure", "figcaption"):
        element.tag = "div"


def paragraphs_in_boxes(tree: HtmlElement) -> None:
    for element in list(tree.iter("p")):
        parent, tail, element.tail = element.getparent(), element.tail, None
        box = html.Element("div")
        parent.replace(element, box)
        box.append(element)
        box.tail = tail


def paragraphs_in_spans(tree: HtmlElement) -> None:
    for element in tree.iter("p"):
        if len(element) == 0 and element.text:
            span = etree.SubElement(element, "span", {"lang": "ar-SA", "style": "font-size: 16pt"})
            span.text, element.text = element.text, None


def all_in_a_form(tree: HtmlElement) -> None:
    body = tree.body
    form = html.Element("form", {"id": "aspnetForm", "action": "News.aspx"})
    form.extend(list(body))
    body.append(form)


def without_white_space(tree: HtmlElement) -> None:
    for element in tree.iter():
        if element.tag != "pre" and element.text and element.text.isspace():
            element.text = None
        if element.tail and element.tail.isspace() and "\n" in element.tail:
            element.tail = None


TWISTS = (without_semantics, paragraphs_in_boxes, paragraphs_in_spans, all_in_a_form, without_white_space)


def read(case: Case) -> Body:
    page = read_page(case.html)
    assert page is not None
    return find_body(page, find_headline(page, site_names(SOURCE, page)), site_names(SOURCE, page))


@pytest.mark.parametrize("build", TEMPLATES, ids=lambda build: build.__name__)
def test_an_article_comes_out_whole_and_alone(build: Callable[[], Case]) -> None:
    case = build()
    language = "fa" if 'lang="fa"' in case.html else "ar"
    result = clean(capture(case.html), SOURCE.model_copy(update={"language": language}))
    assert (result.rejected, result.body) == (None, "\n".join(case.body))


@pytest.mark.parametrize("build", TEMPLATES, ids=lambda build: build.__name__)
def test_what_stands_apart_is_told_apart(build: Callable[[], Case]) -> None:
    case = build()
    body = read(case)
    assert (body.standfirst, body.captions) == (case.standfirst, case.captions)


@pytest.mark.parametrize("build", TEMPLATES, ids=lambda build: build.__name__)
def test_no_line_is_both_kept_and_removed_and_none_is_lost_sight_of(build: Callable[[], Case]) -> None:
    case = build()
    page = read_page(case.html)
    assert page is not None
    body = read(case)
    removed = Counter(line.text for line in body.removed)
    shown = Counter(block.text for block in page.blocks)
    assert all(line.rule for line in body.removed)
    assert removed <= shown
    assert set(body.captions) <= set(removed)
    assert body.standfirst is None or "\n".join(body.paragraphs).startswith(body.standfirst)
    printed_once = {text for text, times in shown.items() if times == 1}
    assert printed_once & removed.keys() & set(body.paragraphs) == set()


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: twist.__name__)
@pytest.mark.parametrize("build", TEMPLATES, ids=lambda build: build.__name__)
def test_however_else_the_page_is_built(build: Callable[[], Case], twist: Callable[[HtmlElement], None]) -> None:
    case = build()
    tree = html.document_fromstring(case.html)
    twist(tree)
    assert read(Case(html.tostring(tree, encoding="unicode"))).paragraphs == case.body
