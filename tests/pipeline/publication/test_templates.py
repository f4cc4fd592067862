"""Invented pages in the shapes of the Arab world's content systems: the right day among the traps that each of them holds.

Each was published on 10 May 2016, at 14:35 in Damascus where it states a time. Beside that day stand the capture's on
clocks (1 June), other articles' (17 May), the day of the last change (12 May), and that of an event which the text tells
of (3 May 2014).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import html

from pipeline.publication.candidate import Candidate
from pipeline.publication.resolve import Publication, resolve
from tests.pipeline.publication.reading import candidates_of

from .stripping import ADDRESS, LINKED, META, MICRODATA, NOWHERE, PRINTED, still_stated, strip_all

CAPTURED = datetime(2016, 6, 1, 9, 30, tzinfo=UTC)
DAY = date(2016, 5, 10)
LOCAL = "2016-05-10T14:35:00+03:00"
INSTANT = datetime(2016, 5, 10, 11, 35, tzinfo=UTC)
TITLE = "هدوء حذر في الأسواق القديمة بعد إعلان الهدنة"
OTHER = "وزير الزراعة يفتتح معرض الزيتون السنوي في المدينة الرياضية"
CLOCK = "الأربعاء 1 حزيران 2016"
PARAGRAPH = "قال سكان في الحي القديم إن الأسواق فتحت أبوابها صباحا للمرة الأولى منذ أسابيع وإن الحركة عادت. " * 3
STORY = (
    f"<p>{PARAGRAPH}</p><p>وكان التفجير الأول وقع في 3 أيار 2014.</p>"
    f"<p>{PARAGRAPH}</p><p>في 3 أيار 2014 اجتمع الوزراء هنا.</p>"
)
MENU = "<nav><ul><li><a href='/s'>سوريا</a></li><li><a href='/a'>عربي</a></li></ul></nav>"


@dataclass(frozen=True)
class Template:
    """A page, the trap it holds, and the ways in which it states its day, as :func:`still_stated` takes them.

    ``texts`` are the literal dates that it prints; ``counted`` says that it counts from the day of the capture; ``lies`` that
    it states a wrong day too, which stands where nothing contradicts it.
    """

    trap: str
    ways: tuple[str, ...]
    body: str
    head: str = ""
    texts: tuple[str, ...] = ()
    at: datetime | None = INSTANT
    url: str = NOWHERE
    found: dict[str, str] = field(default_factory=dict)
    order: str = "DMY"
    counted: bool = False
    lies: bool = False
    title: str = f"{TITLE} | صحيفة الساحة"

    def tree(self) -> html.HtmlElement:
        head = f"<title>{self.title}</title>{self.head}"
        return html.document_fromstring(f"<html lang=ar dir=rtl><head>{head}</head><body>{self.body}</body></html>")

    def candidates(self, tree: html.HtmlElement, stripped: frozenset[str] = frozenset()) -> tuple[Candidate, ...]:
        return candidates_of(tree, NOWHERE if ADDRESS in stripped else self.url, self.found)

    def publication(self, candidates: tuple[Candidate, ...], years: int = 0) -> Publication:
        captured = CAPTURED + timedelta(days=365 * years)
        return resolve(candidates, captured_at=captured, zone="Asia/Damascus", order=self.order)


def linked(kind: str = "NewsArticle", **stated: object) -> str:
    data = {"@context": "https://schema.org", "@type": kind} | stated
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def cards(before: str, between: str, after: str, day: str = "17 أيار 2016") -> str:
    """Six other articles in a template's own markup: their linked titles, and their days."""
    return "".join(f'{before}<a href="/n/{n}">{OTHER} {n}</a>{between}{day}{after}' for n in range(6))


JANNAH = cards('<div class="related-item"><h3>', '</h3><span class="date">', "</span></div>")
TAGDIV = cards(
    '<div class="td_module"><h3 class="entry-title">',
    '</h3><time class="entry-date td-module-date" datetime="2016-05-17T10:00:00+00:00">',
    "</time></div>",
)
SAHIFA = cards("<li><h3>", '</h3><span class="tie-date">', "</span></li>", "منذ 15 يوم")
DRUPAL = cards('<div class="views-row">', "<span>", "</span></div>")
LIST = cards("<li>", " ", "</li>")
ROWS = cards("<tr><td>", "</td><td>", "</td></tr>")
ELEMENTOR = cards(
    '<article class="elementor-post"><h3>', '</h3><span class="elementor-post-date">', "</span></article>"
)
PROMOS = cards('<li class="bbc-t"><h3>', '</h3><time datetime="2016-05-17">', "</time></li>", "17 مايو/ أيار 2016")
PLAIN = cards("<div>", "<div>", "</div></div>", "2016/05/17")
PARAGRAPHS = cards("<p>", " نشر بتاريخ: ", "</p>")

TEMPLATES = {
    "wordpress": Template(
        trap="the change in the same link, hidden by a style",
        ways=("time+datetime", "time+printed"),
        texts=("10 مايو 2016", "12 مايو 2016"),
        body=f"""<header class="site-header">{MENU}</header><main><article class="post hentry"><header class="entry-header">
        <h1 class="entry-title">{TITLE}</h1><div class="entry-meta"><span class="posted-on">نُشر في <a href="/x" rel="bookmark">
        <time class="entry-date published" datetime="{LOCAL}">10 مايو 2016</time><time class="updated"
        datetime="2016-05-12T09:00:00+03:00">12 مايو 2016</time></a></span></div></header>
        <div class="entry-content">{STORY}</div><footer class="entry-footer">التصنيف: محليات</footer></article>
        <div id="comments"><ol><li><time datetime="2016-05-17T10:00:00+03:00">17 مايو 2016</time></li></ol></div></main>""",
    ),
    "jannah": Template(
        trap="the last change in the same line; a clock and a ticker above",
        ways=(META, PRINTED),
        texts=("10 مايو، 2016",),
        head=meta("article:published_time", LOCAL) + meta("article:modified_time", "2016-05-12T09:00:00+03:00"),
        body=f"""<div id="theme-header"><div class="topbar-today-date tie-icon">{CLOCK}</div><div class="breaking">
        <ul><li><a href="/x">{OTHER}</a> <span>منذ 3 ساعات</span></li></ul></div>{MENU}</div><article id="the-post">
        <header class="entry-header-outer"><nav id="breadcrumb"><a href="/">الرئيسية</a>/{TITLE}</nav><div class="entry-header">
        <h1 class="post-title entry-title">{TITLE}</h1><div class="single-post-meta post-meta">
        <span class="author-meta">سليم حداد</span> <span class="date meta-item tie-icon">10 مايو، 2016</span>
        <span class="meta-item last-updated">آخر تحديث: 12 مايو، 2016</span><div class="tie-alignright">
        <span class="meta-views">1204</span> <span>دقيقة واحدة</span></div></div></div></header>
        <div class="entry-content">{STORY}</div></article><div id="related-posts">{JANNAH}</div>""",
    ),
    "newspaper": Template(
        trap="an offset of +00:00 on local time, a date in the site's header, other articles in the same markup",
        ways=(LINKED, "time+datetime", "time+printed"),
        texts=("10 مايو، 2016",),
        head=linked(datePublished=LOCAL, dateModified="2016-05-12T09:00:00+03:00"),
        body=f"""<div class="td-header-wrap"><div class="td_data_time">{CLOCK}</div>{MENU}</div><div class="td-post-header">
        <header class="td-post-title"><h1 class="entry-title">{TITLE}</h1><div class="td-module-meta-info">
        <div class="td-post-author-name">سليم حداد <span>-</span></div><span class="td-post-date">
        <time class="entry-date updated td-module-date" datetime="2016-05-10T14:35:00+00:00">10 مايو، 2016</time></span>
        <div class="td-post-views">312</div></div></header></div><div class="td-post-content">{STORY}</div>
        <div class="td_block_related_posts">{TAGDIV}</div>""",
    ),
    "sahifa": Template(
        trap="time gone by instead of a date, in a line full of other things",
        ways=(PRINTED,),
        texts=("منذ 22 يوم",),
        at=None,
        counted=True,
        body=f"""<div class="top-nav"><span class="today-date">{CLOCK}</span>{MENU}</div><article class="post-listing">
        <div class="post-inner"><h1 class="name post-title entry-title"><span itemprop="name">{TITLE}</span></h1>
        <p class="post-meta"><span class="post-meta-author"><i></i><a href="/a">سليم حداد</a></span>
        <span class="tie-date"><i class="fa fa-clock-o"></i>منذ 22 يوم</span><span class="post-cats"><a href="/c">محليات</a></span>
        <span class="post-views">204 زيارة</span></p><div class="entry">{STORY}</div></div></article>
        <aside id="sidebar">{SAHIFA}</aside>""",
    ),
    "elementor": Template(
        trap="a linked date in a list of icons; loops of other posts",
        ways=(PRINTED,),
        texts=("10 مايو، 2016",),
        at=None,
        body=f"""<div class="elementor elementor-location-header"><div class="elementor-widget">{CLOCK}</div></div>
        <div class="elementor elementor-location-single"><section class="elementor-section"><div class="elementor-widget-wrap">
        <div class="elementor-widget elementor-widget-theme-post-title"><h1 class="elementor-heading-title">{TITLE}</h1></div>
        <div class="elementor-widget elementor-widget-post-info"><ul class="elementor-post-info"><li itemprop="datePublished">
        <a href="/2016/05/10/"><span class="elementor-post-info__item--type-date">10 مايو، 2016</span></a></li></ul></div>
        <div class="elementor-widget elementor-widget-theme-post-content">{STORY}</div></div></section>
        <div class="elementor-posts-container">{ELEMENTOR}</div></div>""",
    ),
    "drupal": Template(
        trap="the month before the day, as Drupal's medium format has it",
        ways=(META, PRINTED),
        texts=("الثلاثاء, 05/10/2016 - 14:35",),
        order="MDY",
        head=meta("article:published_time", LOCAL),
        body=f"""<div class="region region-header"><div class="block-current-date">{CLOCK}</div></div><main>
        <article class="node"><h1 class="page-header"><span>{TITLE}</span></h1><div class="node__meta">
        <div class="field field--name-created">الثلاثاء, 05/10/2016 - 14:35</div></div>
        <div class="field--name-body">{STORY}</div></article><div class="views-element-container">{DRUPAL}</div></main>""",
    ),
    "drupal misread": Template(
        trap="the month before the day where the source's file says otherwise: what else the page states settles it",
        ways=(META,),
        lies=True,
        head=meta("article:published_time", "2016-05-10"),
        body=f"<article><h1>{TITLE}</h1><div class='submitted'>نشر في 05/10/2016 - 14:35</div>{STORY}</article>",
    ),
    "joomla": Template(
        trap="publication and change in one list",
        ways=("time+microdata+datetime", "time+datetime", "time+printed"),
        texts=("10 أيار 2016",),
        body=f"""<div class="item-page"><div class="page-header"><h2>{TITLE}</h2></div><dl class="article-info muted">
        <dt class="article-info-term">التفاصيل</dt><dd class="createdby">كتب بواسطة: سليم حداد</dd><dd class="published">
        <time datetime="{LOCAL}" itemprop="datePublished">نشر بتاريخ: 10 أيار 2016</time></dd><dd class="modified">
        <time datetime="2016-05-12T09:00:00+03:00" itemprop="dateModified">آخر تحديث: 12 أيار 2016</time></dd>
        <dd class="hits">الزيارات: 2016</dd></dl><div itemprop="articleBody">{STORY}</div></div>""",
    ),
    "joomla k2": Template(
        trap="the date above the heading, the change at the foot",
        ways=(PRINTED,),
        texts=("الثلاثاء, 10 أيار 2016 14:35",),
        body=f"""<div id="top-bar"><span>{CLOCK}</span></div>{MENU}<div id="k2Container" class="itemView">
        <div class="itemHeader"><span class="itemDateCreated">الثلاثاء, 10 أيار 2016 14:35</span>
        <h2 class="itemTitle">{TITLE}</h2><span class="itemAuthor">كتبه سليم حداد</span></div><div class="itemBody">{STORY}
        <span class="itemDateModified">آخر تعديل على الخميس, 12 أيار 2016 09:00</span></div>
        <div class="itemRelated"><h3>مواضيع ذات صلة</h3><ul>{LIST}</ul></div></div>""",
    ),
    "blogger": Template(
        trap="the day above the heading, the time at the foot, another heading on top",
        ways=(PRINTED, "abbr"),
        texts=("الثلاثاء، 10 مايو 2016",),
        body=f"""<div class="header section" id="header"><h1 class="title">مدونة الساحة</h1></div><div class="date-outer">
        <h2 class="date-header"><span>الثلاثاء، 10 مايو 2016</span></h2><div class="post hentry">
        <h3 class="post-title entry-title">{TITLE}</h3><div class="post-body entry-content">{STORY}</div><div class="post-footer">
        <span class="post-author vcard">مرسلة بواسطة سليم</span> <span class="post-timestamp">في <a class="timestamp-link"
        href="/2016/05/x.html"><abbr class="published" title="{LOCAL}">2:35 م</abbr></a></span></div></div></div>
        <div id="comments"><dl><dt>سمير</dt><dd>شكرا</dd><dd class="comment-footer">17 مايو 2016 في 5:10 ص</dd></dl></div>""",
    ),
    "asp.net": Template(
        trap="tables, no heading, no class, a clock in the first row",
        ways=(PRINTED,),
        texts=("10/05/2016 02:35 م",),
        title=f"الساحة نت - {TITLE}",
        body=f"""<form><table><tr><td><font size=1>{CLOCK}</font></td></tr><tr><td><a href="/">الرئيسية</a> |
        <a href="/s">سوريا</a></td></tr></table><table><tr><td><span id="ctl00_lblTitle"><b>{TITLE}</b></span></td></tr>
        <tr><td><span id="ctl00_lblDate">10/05/2016 02:35 م</span></td></tr><tr><td>{STORY}</td></tr></table>
        <table>{ROWS}</table></form>""",
    ),
    "fonts": Template(
        trap="a page of 2004: fonts, a marquee, label and date in elements of their own",
        ways=(PRINTED,),
        texts=("10/05/2016",),
        body=f"""<marquee><a href="/x">{OTHER}</a> 17 أيار 2016</marquee><center><table width=760><tr><td>
        <font color=maroon size=5><b>{TITLE}</b></font><br><font size=2>تاريخ النشر : <font color=red>10/05/2016</font>
        الساعة 14:35</font><br><font size=4>{STORY}</font></td></tr></table></center>
        <font size=1>جميع الحقوق محفوظة © 2004-2016</font>""",
    ),
    "agency": Template(
        trap="publication and change in one line of numbers",
        ways=(LINKED, PRINTED),
        texts=("10.05.2016",),
        head=linked(datePublished="2016-05-10T11:35:00.000Z", dateModified="2016-05-12T06:00:00.000Z"),
        body=f"""<header class="header"><div class="tarih">{CLOCK}</div>{MENU}</header><div class="detay-bg">
        <div class="detay-spot-category"><h1>{TITLE}</h1><h4>عادت الحركة إلى شوارع المدينة</h4>
        <span class="tarih">10.05.2016 - آخر تحديث : 12.05.2016</span></div></div><div class="detay-icerik">
        <div class="detay-foto"><img src="a.jpg"></div>{STORY}</div>""",
    ),
    "application": Template(
        trap="an empty page: all is in JSON-LD, in true UTC; a script holds the time of the request",
        ways=(LINKED,),
        head=linked("WebPage", mainEntity={"@type": "NewsArticle", "datePublished": "2016-05-10T11:35:00Z"}),
        body="""<div id="root"></div><script type="application/json">{"props":{"now":"2016-06-01T09:30:00Z"}}</script>
        <noscript>1 حزيران 2016</noscript><footer>© 2016</footer>""",
    ),
    "amp": Template(
        trap="time gone by in what is printed",
        ways=(LINKED, "time+datetime"),
        head=linked("BlogPosting", datePublished=LOCAL, headline=TITLE),
        body=f"""<header class="amp-wp-header"><a href="/">الساحة</a></header><article class="amp-wp-article">
        <header class="amp-wp-article-header"><h1 class="amp-wp-title">{TITLE}</h1>
        <div class="amp-wp-meta amp-wp-byline">سليم حداد</div><div class="amp-wp-meta amp-wp-posted-on">
        <time datetime="2016-05-10T11:35:00+00:00">قبل 3 أسابيع</time></div></header>
        <div class="amp-wp-article-content">{STORY}</div></article><amp-list><template>17 أيار 2016</template></amp-list>""",
    ),
    "channel": Template(
        trap="the date twice, for eyes and for screen readers; the change in the zone of Mecca; a dated picture before",
        ways=(LINKED, PRINTED),
        texts=("10/5/2016", "10 أيار 2016"),
        head=linked(datePublished="2016-05-10T11:35:00Z", dateModified="2016-05-12T12:00:00Z"),
        body=f"""{MENU}<main><header class="article-header"><h1>{TITLE}</h1></header><figure><img src="a.jpg">
        <figcaption>شارع في المدينة 3 أيار 2014 (رويترز)</figcaption></figure><div class="article-info-block">
        <div class="article-dates"><div class="date-simple"><span aria-hidden="true">10/5/2016</span>
        <span class="screen-reader-text">نُشر في 10 أيار 2016</span></div>
        <div class="article-dates__last"> |آخر تحديث: 12/5/2016 (03:00 م) (بتوقيت مكة المكرمة)</div></div></div>
        <div class="wysiwyg">{STORY}</div><ul class="trending-articles">{LIST}</ul></main>""",
    ),
    "hashed classes": Template(
        trap="classes that say nothing, dual month names, other articles' times after the text",
        ways=("time+datetime", "time+printed"),
        texts=("10 مايو/ أيار 2016",),
        at=None,
        body=f"""<header><div class="css-1x"><a href="/">الساحة</a></div></header><main><h1 class="bbc-14g">{TITLE}</h1>
        <figure class="bbc-1qn"><img src="a.jpg"><figcaption>صورة من 3 أيار 2014</figcaption></figure><div class="bbc-19j">
        <div class="bbc-abc"><time class="bbc-1da" datetime="2016-05-10">10 مايو/ أيار 2016</time></div></div>
        <div class="bbc-s">{STORY}</div><section class="bbc-u"><ul>{PROMOS}</ul></section></main>""",
    ),
    "live": Template(
        trap="a page updated for days: newer entries stand first",
        ways=(LINKED,),
        head=linked(
            "LiveBlogPosting",
            datePublished=LOCAL,
            dateModified="2016-05-12T09:00:00+03:00",
            liveBlogUpdate=[
                {"@type": "BlogPosting", "datePublished": f"2016-05-{day}T09:00:00+03:00"} for day in (12, 11)
            ],
        ),
        body=f"""<main><h1>{TITLE}</h1><p class="summary">تغطية مستمرة</p><ol>
        <li><time datetime="2016-05-12T09:00:00+03:00">12 أيار 2016، 09:00</time><p>{PARAGRAPH}</p></li>
        <li><time datetime="2016-05-11T09:00:00+03:00">11 أيار 2016، 09:00</time><p>{PARAGRAPH}</p></li></ol></main>""",
    ),
    "false utc": Template(
        trap="Z on local time: the printed time convicts it",
        ways=(META, PRINTED),
        texts=("الثلاثاء، 10 مايو 2016 02:35 م",),
        head=meta("article:published_time", "2016-05-10T14:35:22Z") + meta("og:updated_time", "2016-05-10T15:00:00Z"),
        body=f"""<article><div class="breadcumb"><a href="/">الرئيسية</a></div><div class="articleHeader"><h1>{TITLE}</h1>
        <span class="newsStoryDate">الثلاثاء، 10 مايو 2016 02:35 م</span></div><div id="articleBody">{STORY}</div></article>""",
    ),
    "utc day": Template(
        trap="the day before in the metadata: the UTC day of a local midnight",
        ways=(PRINTED,),
        texts=("الثلاثاء 10 أيار 2016",),
        at=None,
        lies=True,
        head=meta("article:published_time", "2016-05-09"),
        body=f"<article><h1>{TITLE}</h1><div class='post-date'>الثلاثاء 10 أيار 2016</div>{STORY}</article>",
    ),
    "two calendars": Template(
        trap="the Hijri day first, the number of the issue after",
        ways=(PRINTED,),
        texts=("3 شعبان 1437 هـ", "10 مايو 2016م"),
        at=None,
        body=f"""<div id="header"><div class="hijri">الأربعاء 25 شعبان 1437هـ</div></div><div id="article-view"><h1>{TITLE}</h1>
        <div class="article-date">الثلاثاء 3 شعبان 1437 هـ - 10 مايو 2016م - العدد 17487</div>
        <div class="text">{STORY}</div></div>""",
    ),
    "day in the headline": Template(
        trap="the headline, the breadcrumb and the title name the day of the event",
        ways=(PRINTED,),
        texts=("الثلاثاء 10-05-2016 14:35",),
        title="مجزرة 3 أيار 2014 في ذاكرة أهل المدينة | الساحة",
        body=f"""<div class="bc"><a href="/">الرئيسية</a> » مجزرة 3 أيار 2014 في ذاكرة أهل المدينة</div><div class="post">
        <h1 class="updated">مجزرة 3 أيار 2014 في ذاكرة أهل المدينة</h1><div class="entry-meta">الثلاثاء 10-05-2016 14:35</div>
        {STORY}</div>""",
    ),
    "date in the heading": Template(
        trap="the byline is a part of the heading",
        ways=(PRINTED,),
        texts=("10 أيار 2016 14:35",),
        body=f"""<div class="news"><h1>{TITLE}<span class="news-date">10 أيار 2016 14:35</span></h1><div>{STORY}</div></div>""",
    ),
    "heading twice": Template(
        trap="a bar with the title, shown on scrolling; a wide menu between it and the heading",
        ways=(PRINTED,),
        texts=("10 أيار 2016 - 14:35",),
        body=f"""<div class="sticky"><h1>{TITLE}</h1></div><div class="mega">{"<a href='/s'>قسم من أقسام الموقع</a> " * 60}</div>
        <div class="main"><h1>{TITLE}</h1><div>10 أيار 2016 - 14:35</div><div>{STORY}</div></div>""",
    ),
    "event": Template(
        trap="a calendar beside the article, an event's own day in it; the byline in cells",
        ways=(PRINTED,),
        texts=("10 أيار 2016",),
        at=None,
        body=f"""{MENU}<div class="row"><h1>{TITLE}</h1><table class="wp-calendar"><caption>مايو 2016</caption><tr><td>8</td>
        <td>9</td><td>10</td></tr></table><div class="info">سليم حداد | محليات | 10 أيار 2016 | 204 مشاهدات</div>{STORY}
        <p>الموعد: <time itemprop="startDate" datetime="2016-05-25T18:00">25 أيار 2016</time></p></div>""",
    ),
    "comments": Template(
        trap="comments with the same markup as the article",
        ways=(PRINTED,),
        texts=("الثلاثاء 10 ماي 2016 - 14:35",),
        body=f"""<article class="post"><h1 class="post-title">{TITLE}</h1><div class="story-info">
        <span class="date-post">الثلاثاء 10 ماي 2016 - 14:35</span></div><div class="article-content">{STORY}</div></article>
        <ul class="comment-list"><li><span>سمير</span><div class="comment-date">الثلاثاء 17 ماي 2016 - 15:10</div></li></ul>""",
    ),
    "bare": Template(
        trap="a date without any label, other articles right after the text",
        ways=(PRINTED, ADDRESS),
        texts=("2016/05/10",),
        at=None,
        url="http://alsaha.example/2016/05/10/hodoo",
        body=f"""<div class="d-h">{MENU}</div><div class="d-a"><h1>{TITLE}</h1><div>2016/05/10</div><div>{STORY}</div>
        <div class="d-r">{PLAIN}</div></div>""",
    ),
    "news number": Template(
        trap="Arabic digits, a number of the news in the same line, furniture's class on it",
        ways=(PRINTED,),
        texts=("١٠ مايو ٢٠١٦ - ١٤:٣٥",),
        body=f"""<div class="header_top"><span>{CLOCK}</span></div><section><h1 class="title">{TITLE}</h1>
        <div class="news_nav">رقم الخبر: ٤٥٦٧٨٩٠ - تاريخ النشر: ١٠ مايو ٢٠١٦ - ١٤:٣٥</div><div>{STORY}</div></section>""",
    ),
    "server clock": Template(
        trap="the template stamps the time of the request as the publication",
        ways=(PRINTED,),
        texts=("10 أيار 2016",),
        at=None,
        counted=True,
        lies=True,
        head=meta("article:published_time", "2016-06-01T09:29:58+00:00"),
        body=f"<article><h1>{TITLE}</h1><div class='byline'>سليم حداد - 10 أيار 2016</div>{STORY}</article>",
    ),
    "placeholder": Template(
        trap="a creation date of the year 2000; the label stands below the text",
        ways=(PRINTED,),
        texts=("10 أيار 2016",),
        at=None,
        head=meta("article:published_time", "2000-01-01T00:00:00Z"),
        body=f"""<div><h1>{TITLE}</h1><div class="story">{STORY}{STORY}</div><div class="end">نشر بتاريخ: 10 أيار 2016</div></div>
        <div class="more">{PARAGRAPHS}</div>""",
    ),
    "feed": Template(
        trap="no date on the page at all, only others' in boxes: the feed's stands",
        ways=("feed",),
        found={"by": "feed", "published": "Tue, 10 May 2016 14:35:00 +0300"},
        body=f"<h1>{TITLE}</h1>{STORY}<aside class='most-read'>{PARAGRAPHS}</aside>",
    ),
    "two scripts": Template(
        trap="another article's script before the page's own",
        ways=(LINKED,),
        url="http://alsaha.example/news/1234",
        head=linked(url="http://alsaha.example/news/99", datePublished="2016-05-17T10:00:00+03:00")
        + linked(mainEntityOfPage={"@id": "http://alsaha.example/news/1234"}, datePublished=LOCAL),
        body=f"<main><h1>{TITLE}</h1>{STORY}</main>",
    ),
    "microdata": Template(
        trap="the line by the heading is that of the change; the publication is only marked; another article is marked too",
        ways=(MICRODATA,),
        body=f"""<div itemscope itemtype="http://schema.org/NewsArticle"><h1 itemprop="headline">{TITLE}</h1>
        <span itemprop="dateModified" content="2016-05-12T09:00:00+03:00">آخر تحديث 12 أيار 2016</span>{STORY}{STORY}
        <span itemprop="datePublished" content="{LOCAL}"></span></div><div itemscope itemtype="http://schema.org/NewsArticle">
        <a href="/x">{OTHER}</a><span itemprop="datePublished" content="2016-05-17"></span></div>""",
    ),
}
NO_DATE = {
    "most read": f"<h1>{TITLE}</h1>{STORY}<div class='box'>{PARAGRAPHS}</div>",
    "most read, short text": f"<h1>{TITLE}</h1><p>خبر عاجل</p><div class='box'>{LIST}</div>",
    "comments": f"<h1>{TITLE}</h1>{STORY}<div><b>سمير</b> <time datetime='2016-05-17T10:00'>17 أيار 2016</time><p>شكرا</p></div>",
    "a clock": f"<div class='t'>{CLOCK}</div><div class='a'><h1>{TITLE}</h1>{STORY}</div>",
    "a clock in the same block": f"<div class='a'><div>{CLOCK}</div><h1>{TITLE}</h1>{STORY}</div>",
    "the text": f"<h1>{TITLE}</h1>{STORY}",
    "the first sentence": f"<h1>{TITLE}</h1><p>في 3 أيار 2014 اجتمع الوزراء.</p><p>اجتمعوا في 3 أيار 2014</p>{STORY}",
    "a sentence that publishes": f"<h1>{TITLE}</h1><p>نشرت الصحيفة في 3 أيار 2014 تقريرا عن الأسواق</p>{STORY}",
    "a caption": f"<h1>{TITLE}</h1><div class='wp-caption-text'>3 أيار 2014</div>{STORY}",
    "an event": f"<h1>{TITLE}</h1><p><time itemprop='startDate' datetime='2016-05-25'>الأربعاء</time></p>{STORY}",
    "a change": f"<h1>{TITLE}</h1><p>آخر تحديث: 12 أيار 2016</p>{STORY}",
    "copyright": f"<h1>{TITLE}</h1>{STORY}<p>حقوق النشر محفوظة 10 أيار 2016 ©</p>",
    "a month": f"<h1>{TITLE}</h1><p class='date'>أيار 2016</p>{STORY}",
    "a forum": f"""<table id="post1"><tr><td class="thead">10-05-2016, 02:35 PM</td></tr><tr><td><strong>{TITLE}</strong><hr>{STORY}
        </td></tr></table><table id="post2"><tr><td class="thead">12-05-2016, 09:00 AM</td></tr><tr><td>بوركت</td></tr></table>""",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_published_day(name: str) -> None:
    template = TEMPLATES[name]
    publication = template.publication(template.candidates(template.tree()))
    assert publication.published_day == DAY, publication
    assert publication.published_at == template.at


@pytest.mark.parametrize("name", TEMPLATES)
def test_whatever_is_stripped(name: str) -> None:
    """While any of the ways in which a page states its day is left, that is its day; without them it is none."""
    template = TEMPLATES[name]
    for stripped, tree in strip_all(template.tree(), template.texts):
        stated = still_stated(template.ways, stripped)
        if template.lies and not stated:
            continue
        candidates = template.candidates(tree, stripped)
        for years in (0,) if template.counted else (0, 9):
            publication = template.publication(candidates, years)
            found = None if publication.method == "captured" else publication.published_day
            assert found == (DAY if stated else None), (sorted(stripped), publication)


@pytest.mark.parametrize("name", NO_DATE)
@pytest.mark.parametrize("years", [0, 9])
def test_pages_that_state_no_day_of_their_own(name: str, years: int) -> None:
    page = Template(trap=name, body=NO_DATE[name], ways=())
    assert page.publication(page.candidates(page.tree()), years).method == "captured"
