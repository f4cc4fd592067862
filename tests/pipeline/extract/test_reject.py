"""What is an article, and why a page is none."""

from __future__ import annotations

import pytest

from pipeline.rejection import Rejection
from tests.pipeline.extract.pages import HOME, PARAGRAPHS, TITLE, cleaned, page, paragraphs


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
        ({"content_type": "application/pdf", "body": b"%PDF-1.7\n"}, Rejection.NOT_HTML),
        ({"content_type": "application/rss+xml", "body": b"<rss version='2.0'>"}, Rejection.NOT_HTML),
        ({"content_type": "text/xml", "body": b"<?xml version='1.0'?><urlset>"}, Rejection.NOT_HTML),
        ({"content_type": ""}, None),
        ({"content_type": "application/xhtml+xml"}, None),
        ({"content_type": "TEXT/HTML;charset=UTF-8"}, None),
        ({"content_type": "text/xml"}, None),
        ({"content_type": "text/html,text/html"}, None),
        ({"content_type": "html"}, None),
        ({"content_type": "image/jpeg"}, None),
        ({"content_type": "binary/octet-stream"}, None),
        ({"status": 202}, Rejection.HTTP_ERROR),
        ({"status": 206}, Rejection.HTTP_ERROR),
    ],
)
def test_by_the_response(values: dict[str, object], reason: Rejection | None) -> None:
    assert cleaned(values.pop("body", page()), **values).rejected == reason  # type: ignore[arg-type]


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


def article(title: str, *lines: str) -> str:
    return page(paragraphs(*lines), title=title)


def site(inner: str, title: str = "صحيفة النهر", head: str = "") -> str:
    """A page with the site's own menus around what it says."""
    links = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("أخبار", "رأي", "رياضة", "ثقافة", "صور"))
    return bare(
        f"<nav><ul>{links}</ul></nav>{inner}<footer>جميع الحقوق محفوظة © صحيفة النهر 2024</footer>", title, head
    )


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Just a moment...", "Verifying you are human. This may take a few seconds."),
        ("لحظة من فضلك...", "يتم التحقق من أنك إنسان. قد يستغرق هذا بضع ثوانٍ."),
        ("Access denied | alnahr.example used Cloudflare to restrict access", "Error 1020. Cloudflare Ray ID: 8a1"),
        (
            "Attention Required! | Cloudflare",
            "Sorry, you have been blocked. Why have I been blocked? This website is using a security service to protect "
            "itself from online attacks. The action you just performed triggered the security solution. There are several "
            "actions that could trigger this block including submitting a certain word or phrase.",
        ),
        (
            "Sucuri WebSite Firewall - Access Denied",
            "If you are the site owner, please whitelist your IP. Block ID: BNP001",
        ),
        ("DDoS-Guard", "Checking your browser before accessing alnahr.example"),
        ("Access to this page has been denied.", "Press & Hold to confirm you are a human (and not a bot)."),
        ("alnahr.example", "Please enable JS and disable any ad blocker"),
        (
            "Access Denied",
            'You don\'t have permission to access "http://alnahr.example/" on this server. Reference #18.1',
        ),
        ("403 Forbidden", "nginx"),
        ("ممنوع الوصول", "عذراً، لا تملك صلاحية الوصول إلى هذه الصفحة."),
        ("429 Too Many Requests", "You have sent too many requests in a given amount of time."),
        ("طلبات كثيرة", "لقد أرسلت طلبات كثيرة، يرجى المحاولة لاحقاً."),
        ("One moment, please...", "Please wait while your request is being verified..."),
        ("Making sure you're not a bot!", "You are seeing this because the administrator has set up Anubis."),
        ("بررسی امنیت مرورگر", "لطفا چند لحظه صبر کنید. مرورگر شما در حال بررسی است."),
        (
            "Your access to this site has been limited",
            "If you think you have been blocked in error, contact the owner.",
        ),
        ("Vercel Security Checkpoint", "We're verifying your browser"),
        ("Pardon Our Interruption", "Something about your browser made us think you were a bot."),
        ("Request Rejected", "The requested URL was rejected. Please consult with your administrator."),
        ("Client Challenge", "A required part of this site couldn’t load. This may be due to a browser extension."),
        ("تم حظرك", "لقد تم حظر عنوان IP الخاص بك بسبب نشاط مشبوه"),
        ("الرجاء الانتظار", "يتم الآن فحص المتصفح، سيتم تحويلك تلقائياً خلال ثوان"),
        ("رمز التحقق", "من فضلك أدخل رمز التحقق لمتابعة التصفح"),
        ("التحقق البشري", "يرجى إكمال اختبار التحقق أدناه للمتابعة إلى الموقع. أنا لست روبوتاً"),
        ("صحيفة النهر", "يرجى تفعيل جافا سكريبت في متصفحك لمتابعة تصفح الموقع."),
        ("Vérification", "Veuillez confirmer que vous n'êtes pas un robot."),
        ("Доступ запрещён", "Подтвердите, что вы не робот"),
        ("صحيفة النهر", "هذا الموقع غير متاح في بلدك."),
        (
            "451: Unavailable due to legal reasons",
            "We recognize you are attempting to access this website from the EEA.",
        ),
        ("Before you continue", "We use cookies and data to deliver and maintain services."),
        ("صحيفة النهر", "نستخدم ملفات تعريف الارتباط لتحسين تجربتك. اضغط موافق للمتابعة إلى الموقع."),
        ("قبل المتابعة إلى الموقع", "نستخدم نحن وشركاؤنا ملفات تعريف الارتباط لتخزين معلومات على جهازك."),
        ("Consentement", "Nous et nos partenaires utilisons des cookies. Continuer sans accepter."),
    ],
)
def test_a_wall_is_blocked_never_empty(title: str, text: str) -> None:
    assert cleaned(bare(f"<h1>{title}</h1><p>{text}</p>", title)).rejected == Rejection.BLOCKED
    assert cleaned(bare(f"<div>{text}</div>", title)).rejected == Rejection.BLOCKED


@pytest.mark.parametrize(
    "html",
    [
        bare('<script>window._cf_chl_opt={cType:"managed"};</script>'),
        bare('<iframe src="/_Incapsula_Resource?x=1">Request unsuccessful. Incapsula incident ID: 1-2</iframe>'),
        '<html><head><script src="/_Incapsula_Resource?SWJIYLWA=719d"></script></head><body></body></html>',
        '<html><title>You are being redirected...</title><script>var s={},sucuri_cloudproxy_js="";</script></html>',
        bare('<script>var dd={"host":"geo.captcha-delivery.com"}</script>', "alnahr.example"),
        bare('<div id="px-captcha"></div>', "alnahr.example"),
        '<html><head><meta http-equiv="refresh" content="0;/.well-known/sgcaptcha/?r=%2Fnews"></head></html>',
        bare('<script src="/aes.js"></script><script>document.cookie=toHex(slowAES.decrypt(c,2,a,b));</script>'),
        bare("<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>"),
        bare("<noscript>JavaScript مطلوب لعرض هذا الموقع</noscript><div id=root></div>"),
        bare('<h1>تسجيل الدخول</h1><form><input name=u><input type="password"></form>', "تسجيل الدخول"),
        site('<h2>تحقق أمني</h2><p>أدخل الرموز الظاهرة في الصورة</p><form><input name="captcha"></form>'),
    ],
)
def test_a_wall_that_says_little(html: str) -> None:
    assert cleaned(html).rejected == Rejection.BLOCKED


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("الصفحة غير موجودة", "عذراً، الصفحة التي تبحث عنها غير موجودة."),
        ("خطأ 404", "لم يتم العثور على الصفحة المطلوبة"),
        ("عفواً", "الصفحة المطلوبة لم تعد متوفرة أو تم نقلها"),
        ("صفحة غير متاحة", "ربما تم حذف هذا الخبر أو تغيير رابطه"),
        ("عذراً", "لم نعثر على ما تبحث عنه، جرّب البحث في الموقع."),
        ("عذرا", "لا يوجد محتوى في هذه الصفحة"),
        ("عذراً، حدث خطأ", "الرابط الذي اتبعته غير صحيح أو أن الصفحة قد حذفت"),
        ("تنبيه", "هذا الموضوع محذوف أو غير موجود"),
        ("أووبس", "الصفحة اللي بتدور عليها مش موجودة"),
        ("عذراً..", "لا يوجد خبر بهذا الرقم"),
        ("Page not found", "Oops! That page can’t be found."),
        ("404", "The page you requested could not be found."),
        ("Nothing Found", "It looks like nothing was found at this location. Maybe try a search?"),
        ("Sorry", "This page does not exist"),
        ("Lost?", "We can't find that page."),
        ("Page introuvable", "La page que vous recherchez n’existe pas ou a été déplacée."),
        ("صفحه یافت نشد", "متاسفانه صفحه مورد نظر شما پیدا نشد."),
        ("خطای ۴۰۴", "صفحه\u200cای که به دنبال آن بودید وجود ندارد."),
        ("Sayfa bulunamadı", "Aradığınız sayfa bulunamadı."),
        ("Rûpel nehat dîtin", "Rûpela ku hûn lê digerin tune ye."),
        ("پەڕە نەدۆزرایەوە", "ئەو پەڕەیەی بۆی دەگەڕێیت نەدۆزرایەوە"),
    ],
)
def test_a_missing_page_with_status_200(title: str, text: str) -> None:
    message = f"<h1>{title}</h1><p>{text}</p>"
    assert cleaned(bare(message, title)).rejected == Rejection.SOFT_404
    assert cleaned(site(message, f"{title} - صحيفة النهر")).rejected == Rejection.SOFT_404


@pytest.mark.parametrize(
    "html",
    [
        site(
            f"<h1>404</h1><p>عذراً، الصفحة التي طلبتها غير موجودة</p><h2>آخر الأخبار</h2>{LISTING}", "الصفحة غير موجودة"
        ),
        site(
            "<h1>عذراً، هذا الخبر غير موجود</h1><p>ربما تم حذف الخبر الذي تبحث عنه، أو أن الرابط غير صحيح. يمكنك العودة إلى "
            "الصفحة الرئيسية.</p>",
            head='<meta property="og:type" content="article">',
        ),
        site(
            "<h1>الصفحة غير موجودة</h1><p>نأسف لعدم عثورنا على ما تريد. يمكنك استخدام خانة البحث في أعلى الموقع أو "
            "الانتقال إلى أحد الأقسام المعروضة في القائمة الرئيسية، أو مراسلة فريق الموقع لإبلاغه بالرابط المعطوب.</p>",
            "الصفحة غير موجودة",
        ),
    ],
)
def test_a_missing_page_with_more_on_it(html: str) -> None:
    assert cleaned(html).rejected == Rejection.SOFT_404


@pytest.mark.parametrize(
    "demand",
    [
        "هذا المقال للمشتركين فقط.",
        "هذا المحتوى للمشتركين",
        "اشترك لمتابعة القراءة",
        "اشترك الآن لمتابعة قراءة هذا المقال",
        "لقراءة المقال كاملاً سجّل الدخول أو اشترك.",
        "سجّل الدخول لمتابعة القراءة",
        "هذه المادة حصرية لمشتركي الصحيفة",
        "هذا التقرير متاح لمشتركي الخدمة المدفوعة",
        "بقية المقال للمشتركين",
        "Cet article est réservé aux abonnés.",
        "This article is for subscribers only. Subscribe to continue reading.",
        "برای خواندن ادامه مطلب باید مشترک شوید",
    ],
)
def test_the_stub_before_a_paywall(demand: str) -> None:
    stub = paragraphs(PARAGRAPHS[0])
    assert cleaned(page(stub, around=("", f"<div><p>{demand}</p></div>"))).rejected == Rejection.PAYWALL
    assert cleaned(page(f"{stub}<div class='wall'><p>{demand}</p></div>")).rejected == Rejection.PAYWALL


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>',
        '<script type="application/ld+json">{"@type":"NewsArticle","hasPart":{"isAccessibleForFree":false}}</script>',
        '<script type="application/ld+json">{"@type":"NewsArticle","hasPart":[1,{"isAccessibleForFree":"no"}]}</script>',
        '<meta property="og:type" content="article"><meta property="article:content_tier" content="locked">',
    ],
)
def test_the_stub_of_an_article_whose_metadata_close_it(head: str) -> None:
    assert cleaned(page(paragraphs(PARAGRAPHS[0]), head=head)).rejected == Rejection.PAYWALL
    long = paragraphs(*(f"{number}: {line}" for line in PARAGRAPHS for number in range(3)))
    assert cleaned(page(long, head=head)).rejected is None


def test_a_text_that_breaks_off_before_subscribers() -> None:
    whole, broken = paragraphs(PARAGRAPHS[0]), paragraphs(PARAGRAPHS[0][:-30] + "...")
    demand = ("", "<div><p>للمشتركين فقط</p></div>")
    assert cleaned(page(broken, around=demand)).rejected == Rejection.PAYWALL
    assert cleaned(page(whole, around=demand)).rejected is None


@pytest.mark.parametrize(
    "html",
    [
        article(
            "????? ??? ?????",
            "???? ??????? ??????? ???? ?????? ??? ?????? ????? ??????? ??? ????? ???? ?? ?????? ????.",
        ),
        article("\ufffd" * 9, "\ufffd" * 4 + (" " + "\ufffd" * 4) * 30),
        article(
            "Ø§Ù",
            *(
                "".join("\ufffd" if 0x80 <= ord(c) < 0xA0 else c for c in p.encode().decode("latin-1"))
                for p in PARAGRAPHS
            ),
        ),
    ],
)
def test_text_that_was_lost_before_it_was_sent(html: str) -> None:
    assert cleaned(html).rejected == Rejection.UNDECODABLE


BIO = (
    "صحافي سوري يكتب عن الاقتصاد والزراعة في المنطقة الشرقية، عمل مراسلاً لعدد من الصحف العربية منذ عام 2009، وهو حاصل على شهادة في "
    "الصحافة."
)
LINKS = "<ul>" + "<li><a href='/x'>خبر من أخبار المدينة والريف اليوم</a></li>" * 30 + "</ul>"
FIGURES = "<figure><img src=a.jpg><figcaption>بائع في السوق القديم</figcaption></figure>" * 8
ARTICLE = '<meta property="og:type" content="article">'


@pytest.mark.parametrize(
    ("html", "url"),
    [
        (page(), HOME),
        (bare(LISTING), HOME + "news/"),
        (bare(f"<h1>أخبار</h1>{LISTING}"), HOME + "news/"),
        (bare(f"<h1>وسم: الجسر</h1><main>{LISTING}</main>"), HOME + "tag/bridge/"),
        (site(f"<h1>الجسر الشرقي</h1><p>{BIO}</p>{LINKS}"), HOME + "tag/the-bridge-over-the-river/page/2"),
        (site(f"<h1>الجسر</h1><p>{BIO}</p>{LINKS}"), HOME + "%D9%88%D8%B3%D9%85/%D8%AC%D8%B3%D8%B1"),
        (site(f"<h1>سامر الحلبي</h1><p>{BIO}</p>{LINKS}"), HOME + "author/samer"),
        (site(f"<h1>سامر</h1><p>{BIO}</p>{LINKS}", head='<meta property="og:type" content="profile">'), HOME + "p/77"),
        (site(f"<h1>نتائج البحث عن: الجسر</h1>{LISTING}"), HOME + "?s=x"),
        (site("<h1>نتائج البحث عن: الجسر</h1><p>لا نتائج مطابقة لبحثك، جرب كلمات أخرى.</p>"), HOME + "?s=x"),
        (
            site(
                f"<h1>ملف الجسر</h1><p>{BIO}</p>",
                head='<script type="application/ld+json">{"@type":"CollectionPage"}</script>',
            ),
            HOME + "f",
        ),
        (site(f"<h1>أرشيف</h1><p>{BIO}</p>{LINKS}"), HOME + "2024/03/05/"),
        (
            site("<h1>محليات</h1>" + "".join(f"<h2><a href='/{n}'>{TITLE}</a></h2><p>{BIO}{n}</p>" for n in range(9))),
            HOME + "local",
        ),
        (bare("<h1>شاهد: افتتاح الجسر</h1><p>قريباً</p>"), HOME + "video/1"),
        (bare('<h1>صحيفة النهر</h1><video src="a.mp4"></video>'), HOME + "live"),
        (
            site('<h1>شاهد: افتتاح الجسر الشرقي في المدينة</h1><iframe src="//v.example"></iframe>', head=ARTICLE),
            HOME + "v/1",
        ),
        (
            site("<h1>مواعيد البرامج</h1><table>" + "<tr><td>10:00</td><td>صباح النهر</td></tr>" * 9 + "</table>"),
            HOME + "tv",
        ),
        (site(f"<h1>من نحن</h1>{paragraphs(*PARAGRAPHS)}", "من نحن"), HOME + "about"),
        (site(f"<h1>سياسة الخصوصية</h1>{paragraphs(*PARAGRAPHS)}", "سياسة الخصوصية"), HOME + "privacy"),
        (bare(LINKS), HOME + "archive"),
    ],
)
def test_pages_that_are_no_article(html: str, url: str) -> None:
    assert cleaned(html, url=url).rejected == Rejection.NOT_AN_ARTICLE


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (bare(f"<h1>صور سوق المدينة</h1>{FIGURES}"), Rejection.GALLERY),
        (site(f"<h1>صور سوق المدينة القديم</h1>{FIGURES}", head=ARTICLE), Rejection.GALLERY),
    ],
)
def test_pages_of_pictures(html: str, reason: Rejection) -> None:
    assert cleaned(html).rejected == reason


@pytest.mark.parametrize(
    "title", ["شاهد: افتتاح الجسر", "افتتاح الجسر الشرقي في المدينة", "شاهدوا بالفيديو: افتتاح الجسر"]
)
@pytest.mark.parametrize("head", ["", ARTICLE])
@pytest.mark.parametrize("stated", ["صحيفة النهر", None])
def test_a_page_of_a_film_states_nothing(title: str, head: str, stated: str | None) -> None:
    html = f'<main><h1>{title}</h1><div><video src="a.mp4"></video></div></main>'
    for around in (bare, site):
        assert cleaned(around(html, stated or title, head), url=HOME + "video/1").rejected == Rejection.VIDEO


@pytest.mark.parametrize("kind", ["video", "gallery"])
def test_wordpress_says_of_what_format_a_post_without_text_is(kind: str) -> None:
    html = "<main><h1>افتتاح الجسر الشرقي في المدينة</h1><p>تابعونا</p></main>"
    page = bare(html, title="افتتاح الجسر الشرقي في المدينة").replace(
        "<body>", f"<body class='single single-format-{kind}'>"
    )
    assert cleaned(page).rejected == kind


@pytest.mark.parametrize(
    "path",
    [
        "category/news/12345-bridge",
        "archives/12345",
        "page/12345/bridge-reopens",
        "section/local/bridge-reopens-after-repair",
        "topics/politics/2024/3/20/bridge",
        "2024/03/20/bridge-reopens",
        "قسم/محليات/إعادة-فتح-الجسر-الشرقي-بعد-إصلاحه",
        "index.php?id=77",
    ],
)
def test_an_article_whatever_its_address(path: str) -> None:
    assert (
        cleaned(site(f"<h1>{TITLE}</h1><div>{paragraphs(*PARAGRAPHS)}</div>", TITLE), url=HOME + path).rejected is None
    )


@pytest.mark.parametrize(
    "html",
    [
        article(
            "غوغل تستبدل اختبار «الكابتشا» بنظام جديد",
            "أعلنت شركة غوغل، أمس، أنها ستستبدل اختبار «أنا لست روبوتاً» بنظام جديد يعمل في الخلفية.",
            "وقالت الشركة إن اختبار captcha صار يزعج المستخدمين أكثر مما يزعج البرامج.",
        ),
        article("اختبار لست روبوتاً يختفي قريباً", "قالت غوغل إن اختبار «لست روبوتاً» سيختفي من المواقع خلال عام."),
        article(
            "السلطات تحجب موقع صحيفة",
            "حجبت السلطات الموقع، وظهرت للزوار عبارة «تم حظر الوصول إلى هذا الموقع» من دون ذكر السبب.",
        ),
        article(
            "صحافيون يُمنعون من دخول المخيم", "قال صحافيون إن الأمن منعهم، وإنه تم رفض الوصول إلى المنطقة لأسباب أمنية."
        ),
        article(
            "ممنوع الدخول",
            "على باب المخيم لافتة واحدة لا تتغير منذ أعوام، يقرؤها العائدون كل صباح ثم يجلسون قبالتها بانتظار إذن لا يأتي.",
        ),
        article(
            "«لحظة من فضلك».. فيلم جديد",
            "ينافس فيلم «لحظة من فضلك» على جوائز المهرجان، ويروي حكاية عائلة حوصرت أربعين يوماً.",
        ),
        article(
            "لماذا تظهر رسالة خطأ 404؟",
            "يرى المستخدمون كثيراً رسالة «خطأ 404» أو «الصفحة غير موجودة»، وتعني أن الخادم لم يجد ما طلبوه.",
        ),
        article(
            "«الصفحة غير موجودة».. حال الأرشيف الوطني",
            "لا يعرف الباحثون مصير آلاف الوثائق التي اختفت من موقع الأرشيف بعد نقله.",
        ),
        article(
            "فيسبوك يعتذر عن حذف صور",
            "قالت الشركة إن المحتوى غير متاح لبعض المستخدمين بسبب خطأ تقني، وإنها أعادت صور الناشطين.",
        ),
        article(
            "لم نعثر على أحد",
            "يروي مسعفون كيف حفروا بأيديهم سبع ساعات تحت ركام المدرسة، ثم خرجوا من دون أن يجدوا أحداً.",
        ),
        article(
            "صحيفة تجعل محتواها للمشتركين",
            "أعلنت صحيفة كبرى أن المحتوى سيصبح للمشتركين فقط ابتداء من الشهر المقبل، بعد تراجع الإعلان.",
        ),
        article(
            "نتفليكس ترفع أسعارها للمشتركين",
            "رفعت الشركة سعر الاشتراك، وقالت إن الخدمة الأرخص متاحة للمشتركين القدامى فقط حتى الصيف.",
        ),
        article(
            "قواعد جديدة لملفات تعريف الارتباط",
            "أقر البرلمان قواعد تلزم المواقع بطلب الموافقة قبل أن تستخدم ملفات تعريف الارتباط.",
        ),
        article(
            "ثغرة في جافا سكريبت",
            "حذر باحثون من ثغرة، ونصحوا بعدم تفعيل جافا سكريبت في المواقع غير الموثوقة حتى صدور التحديث.",
        ),
        article("توضيح", "ورد في خبر نشر أمس أن عدد القرى ثلاثون، والصحيح أنها عشرون قرية، لذا اقتضى التوضيح."),
        article(
            "«ما ضل عنا شي»",
            "والله العظيم ما ضل عنا شي، لا مي ولا خبز ولا حدا عم يسأل فينا، هيك بتقول أم محمد وهي عم تجمع الحطب.",
        ),
        page(around=("<noscript><p>يرجى تفعيل جافا سكريبت لمشاهدة التعليقات.</p></noscript>", "")),
        page(around=("", "<form><input type='password'><button>تسجيل الدخول</button></form>")),
        page(paragraphs(*PARAGRAPHS[:2]), around=("", "<p>اشترك في نشرتنا البريدية لمتابعة آخر الأخبار</p>")),
        page(paragraphs(*PARAGRAPHS[:2]), around=("", "<p>سجل الآن لحضور المؤتمر السنوي للصحافة</p>")),
        page(head='<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":true}</script>'),
        page(
            "<iframe src='//v.example'></iframe>"
            + paragraphs("رصدت كاميرا النهر عبور أول سيارة على الجسر الشرقي صباح اليوم.")
        ),
        page(
            "".join(f"<p><strong>1{n}:05</strong></p><p>{PARAGRAPHS[n % 4]} ({n})</p>" for n in range(9)),
            title="لحظة بلحظة: المعارك",
        ),
        page(
            "".join(
                f"<h2><a href='/{n}'>الحدث الأول في أسبوع حافل</a></h2><p>{line}</p>"
                for n, line in enumerate(PARAGRAPHS)
            )
        ),
        site(
            "<h1>حصاد الأسبوع في المنطقة الشرقية</h1><div>"
            + "".join(
                f"<p>{line} <a href='/{n}'>وقال مسؤول للصحيفة في وقت سابق</a> إن العمل مستمر.</p>"
                for n, line in enumerate(PARAGRAPHS)
            )
            + "</div>"
        ),
    ],
)
def test_articles_that_say_what_walls_say(html: str) -> None:
    assert cleaned(html).rejected is None


@pytest.mark.parametrize(
    "around",
    [
        "<noscript>Please enable JavaScript to view the comments powered by Disqus.</noscript>",
        '<script>var a="/cdn-cgi/challenge-platform/scripts/jsd/main.js";</script>',
        "<h2>تسجيل الدخول</h2><form><input type='password'></form>",
        "<div class='cookies'>نستخدم ملفات تعريف الارتباط لتحسين تجربتك.</div>",
        "<aside><h3>للمشتركين فقط</h3><a href='/p/1'>تقرير خاص عن النهر</a></aside>",
    ],
)
def test_a_flash_is_an_article_whatever_stands_around_it(around: str) -> None:
    flash = "مقتل ثلاثة مدنيين بانفجار لغم في ريف حماة."
    result = cleaned(page(paragraphs(flash), title="مقتل ثلاثة مدنيين بانفجار لغم", around=("", around)))
    assert (result.rejected, result.body) == (None, flash)


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


LONG_TITLE = " ".join(f"{TITLE} في المرة {number}" for number in range(6))


@pytest.mark.parametrize(
    "again",
    [
        f"<div class='entry-content'><p>الرئيسية/فيديو/{LONG_TITLE}</p></div>",
        f"<h1 class='post-title'>صحيفة النهر || {LONG_TITLE}</h1><div class='entry-content'></div>",
    ],
)
def test_a_text_that_is_the_headline_again_is_none_however_long_the_headline(again: str) -> None:
    head = f'<meta property="og:type" content="article"><meta property="og:title" content="{LONG_TITLE}">'
    assert cleaned(bare(f"<main><article>{again}</article></main>", LONG_TITLE, head)).rejected is not None
