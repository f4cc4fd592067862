"""Every rule takes what it is for, and no sentence or heading that merely has its words."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from re import _constants as opcodes
from re import _parser as parser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.content import load_articles
from demo.sites import open_sites
from pipeline.page.decode import decode
from pipeline.page.parse import read_page
from pipeline.rules.furniture import LONGEST, WrittenRule, all_vocabularies, compile_phrase, load_furniture, read_rules
from pipeline.sources import load_sources
from pipeline.text import fold, letters
from tests.conftest import ROOT

# name of the rule: lines it takes / sentences and headings it must leave, each at the very edge of a text, its most exposed
# place. A line that begins with ">" is a link as a whole.
TAKEN = {
    "comment-prompt": [
        "أضف تعليق",
        "أضف تعليقاً",
        "اضف تعليقك",
        "أضف تعليقاً جديداً",
        "إضافة تعليق جديد",
        "اترك تعليقاً إلغاء الرد",
        "اترك رداً على منى إلغاء الرد",
        "اترك تعليقاً على هذا المقال",
        "اضف تعليقاً واقرأ تعليقات القراء",
        "علّق على الخبر",
        "شاركنا رأيك في التعليقات",
        "3 تعليقات",
        "٥ ردود",
        "التعليقات (12)",
        "تعليقات: ٥",
        "كن أول من يعلّق",
        "كن أول من يكتب تعليقاً على هذا الخبر",
        "لا توجد تعليقات",
        "لا توجد تعليقات على الخبر",
        "ليست هناك تعليقات:",
        "التعليقات مغلقة.",
        "التعليق بواسطة Facebook",
        "شكراً لكم! سوف يتم مراجعة تعليقك من قبل المشرفين",
        "تم إضافة تعليقك سوف يظهر بعد المراجعة",
        "Leave a Reply",
        "Be the first to comment",
        "ارسال نظر",
        "نظر شما",
        "۳ نظر",
        "دیدگاهتان را بنویسید",
    ],
    "comment-form": [
        "لن يتم نشر عنوان بريدك الإلكتروني. الحقول الإلزامية مشار إليها بـ *",
        "لن يظهر بريدك للقراء، والحقول المعلّمة بنجمة لازمة.",
        "احفظ اسمي، بريدي الإلكتروني، والموقع الإلكتروني في هذا المتصفح لاستخدامها المرة المقبلة في تعليقي.",
        "نص التعليق",
        "التعليق *",
        "الاسم *",
        "تعليقك *",
        "بروتوكول نشر التعليقات",
        "يستخدم هذا الموقع خدمة Akismet للتقليل من البريد المزعج.",
        "نشانی ایمیل شما منتشر نخواهد شد.",
        "در انتظار بررسی: ۰",
        "لطفاً نظرات خود را با حروف فارسی تایپ کنید.",
        "نظرات دارای توهین و افترا منتشر نخواهد شد.",
    ],
    "comment-policy": [
        "التعليقات المنشورة لا تعبر عن رأي الموقع بل عن آراء أصحابها",
        "التعليقات تعبّر عن رأي أصحابها ولا تمثل رأي الموقع",
        "الآراء الواردة أدناه لا تعبر عن رأي الصحيفة",
        "المقالات المنشورة لا تعبّر بالضرورة عن رأي صحيفة النهر.",
        "المقال يعبر عن رأي كاتبه فقط",
        "جميع التعليقات المنشورة لا تعبر بالضرورة عن رأي النهر، وإنما تعبر عن آراء أصحابها.",
        "قبل نشر التعليقات نرجو الالتزام بآداب الحوار",
        "يرجى عدم نشر تعليق يحتوي على كلمات نابية",
    ],
    "comment-rules": [
        "نرحب بتعليقاتكم على هذا الموضوع، ويرجى مراعاة قواعد النقاش وعدم نشر إعلانات أو روابط أو كلمات نابية في التعليقات.",
    ],
    "share": [
        "شارك",
        "شارك على واتساب",
        "مشاركة الخبر عبر تويتر",
        "شارك هذا الموضوع:",
        "شارك الخبر مع أصدقائك",
        "مشاركة عبر البريد الإلكتروني",
        "إرسال بالبريد الإلكتروني",
        "كتابة مدونة حول هذه المشاركة",
        "المشاركة على X",
        "فيسبوك تويتر واتساب تلغرام",
        "طباعة Email فيسبوك",
        "نسخ الرابط",
        "تم نسخ الرابط",
        "الرابط المختصر: https://a.example/x",
        "انقر للمشاركة على فيسبوك (فتح في نافذة جديدة)",
        "معجب بهذه:",
        "مرتبط",
        "WhatsApp",
        "Telegram",
        "X",
        "لینک کوتاه",
        "الرابط الثابت https://a.example/x",
        "به اشتراک بگذارید:",
    ],
    "follow": [
        "تابعنا",
        "تابعونا على فيسبوك",
        "تابعونا عبر تلغرام وواتساب.",
        "تابعوا أخبار المدينة من النهر عبر غوغل نيوز",
        "تابع صحيفة النهر على منصة إكس",
        "تابعونا على ثريدز",
        "تابعوا النهر عبر تطبيق نبض",
        "اشترك في قناتنا على تلغرام",
        "انضموا إلى قناة النهر على واتساب",
        "لمتابعة آخر الأخبار اشتركوا في قناتنا",
        "تابعونا على مواقع التواصل الاجتماعي",
        "صفحتنا على فيسبوك",
        "تابع أخبار النهر من متصفحك",
        "Follow us on Twitter",
        "ما را در تلگرام دنبال کنید",
        "اخبار رود را در اینستاگرام دنبال کنید.",
        "تابعوا أخبار النهر على التلغرام https://t.me/alnahr",
        "يمكنكم متابعة أخبارنا عبر تلغرام",
        "به کانال رود در ایتا بپیوندید.",
    ],
    "newsletter": [
        "النشرة البريدية",
        "اشترك في نشرتنا البريدية",
        "سجّل في النشرة الإخبارية ليصلك كل جديد",
        "اشترك في نشرتنا الأسبوعية لتصلك آخر الأخبار إلى بريدك الإلكتروني كل صباح.",
        "تفعيل الإشعارات",
        "Subscribe to our newsletter",
        "عضویت در خبرنامه",
    ],
    "app": ["حمّل تطبيق النهر الآن", "لتحميل تطبيق النهر على هاتفك", "حمّل التطبيق من متجر غوغل"],
    "own-app": ["حملوا تطبيقنا مجاناً من متجر التطبيقات", "متوفر على Google Play"],
    "contact": [
        "اتصل بنا",
        "للتواصل معنا عبر البريد: a@b.example",
        "راسلونا على واتساب",
        "تماس با ما",
    ],
    "account": ["تسجيل الدخول", "سجّل الدخول لإضافة تعليق", "نسيت كلمة المرور؟", "ليس لديك حساب؟ أنشئ واحداً", "Log in"],
    "cookies": [
        "سياسة الخصوصية",
        "نستخدم ملفات تعريف الارتباط لتحسين تجربتك على الموقع.",
        "نحن نستخدم الكوكيز لضمان أفضل تجربة على موقعنا. بالاستمرار في التصفح فإنك توافق على سياسة الخصوصية.",
    ],
    "related-block": [
        "اقرأ أيضاً",
        "إقرأ أيضًا:",
        "اقرأ المزيد",
        "شاهد أيضاً",
        "مواضيع ذات صلة",
        "مقالات ذات صلة",
        "المقالات ذات الصلة",
        "أخبار قد تهمك",
        "قد يهمك أيضاً",
        "ربما يعجبك",
        "المزيد",
        "المزيد حول النازحين",
        "المزيد من الأخبار",
        "الأكثر قراءة",
        "الأكثر مشاهدة هذا الأسبوع",
        "آخر الأخبار",
        "أحدث المقالات",
        "مقالات أخرى للكاتب",
        "اخترنا لك",
        "التالي",
        "المقال السابق",
        "حول هذه القصة",
        "رسالة أقدم",
        "بیشتر بخوانید",
        "اخبار مرتبط",
        "بیشتر در این باره:",
        "Related",
    ],
    "related-inline": [
        "اقرأ أيضاً: إغلاق الجسر الشرقي أمام الشاحنات",
        "اقرأ أيضاً: هل يفتح الجسر الشرقي قبل الشتاء؟",
        "شاهد أيضا | صور من افتتاح الجسر",
        "للمزيد: تقرير سابق عن الجسر",
        "قد يهمك: من بنى الجسر؟",
        "خبر ذو صلة: إغلاق الجسر",
        "مواضيع ذات صلة: إغلاق الجسر",
        "بیشتر بخوانید: گزارش تازه",
    ],
    "related-inline-link": [">اقرأ أيضاً إغلاق الجسر الشرقي أمام الشاحنات", ">اقرأ المزيد عن الجسر الشرقي"],
    "click-here": ["للمزيد اضغط هنا", "لقراءة المزيد عن الموضوع انقر هنا", "اضغط هنا لمشاهدة الفيديو"],
    "media-prompt": [
        "شاهد الفيديو:",
        "شاهد بالصور",
        "فيديو",
        "استمع إلى المقال",
        "استمع للخبر",
        "استمع إلى هذا المقال: 5 دقائق",
        "متصفحك لا يدعم تشغيل الفيديو",
    ],
    "skip-link": [
        "تجاوز إلى المحتوى",
        "انتقل إلى المحتوى الرئيسي",
        "تخطى الأكثر قراءة وواصل القراءة",
        "نهاية قصص مقترحة",
        "تخطى قائمة التنقل",
    ],
    "tags": [
        "الكلمات الدلالية: الجسر الشرقي، المجلس المحلي",
        "وسوم: الجسر، النهر",
        "وسوم",
        "الكلمات المفتاحية",
        "الكلمات الدالة :",
        "التسميات: أخبار",
        "برچسب\u200cها",
        "Tags: bridge, river",
    ],
    "filing": ["التصنيف: أخبار محلية", "رقم الخبر: 4021", "کد خبر: ۱۲۳۴۵۶"],
    "navigation": ["الرئيسية", "الرئيسية > أخبار > سوريا", "الرئيسية سياسة اقتصاد رياضة", "من نحن", "English"],
    "copyright": [
        "جميع الحقوق محفوظة © صحيفة النهر 2024",
        "© 2024 حقوق النشر محفوظة لصحيفة النهر",
        "حقوق النشر © دفاتر النهر 2024. قالب بسيط.",
        "كافة الحقوق محفوظة",
        "الحقوق محفوظة لمؤسسة النهر 2024",
        "جميع الحقوق محفوظة، ويحظر نقل أو نشر المادة دون إذن مسبق",
        "© ٢٠٢٤ النهر. يُسمح بالاقتباس مع ذكر المصدر",
        "يسمح بإعادة النشر بشرط ذكر المصدر",
        "Copyright © 2024 Alnahr. All rights reserved.",
        "© 2024 صحيفة النهر",
        "© REUTERS / SOME BODY",
        "تمامی حقوق این سایت محفوظ است.",
    ],
    "image-credit": ["تصوير: سامر علي", "الصورة: أرشيف", "مصدر الصورة Getty Images", "صورة أرشيفية", "عکس: رود"],
    "date-line": [
        "الاثنين 18 آذار 2024، 07:12",
        "نشر في: 18 مارس/آذار 2024 - 9:30 صباحاً",
        "آخر تحديث: 2024/03/18",
        "الثلاثاء ٨ رمضان ١٤٤٥ هـ",
        "منذ 3 ساعات",
        "القاهرة: الأربعاء، 07 أكتوبر 2020 12:19 م",
        "دمشق - سانا 18 آذار 2024",
        "دوشنبه ۲۸ اسفند ۱۴۰۲",
        "تاریخ انتشار: ۲۸ اسفند ۱۴۰۲ ساعت ۱۲:۳۰",
    ],
    "byline": [
        "كتب: سامر علي",
        "كتبت منى حسن",
        "بقلم سامر علي",
        "مرسلة بواسطة: سامر علي",
        "إعداد: منى حسن",
        "إعداد وتقديم: منى حسن",
        "حوار: سامر علي ومنى حسن",
        "كتب/ سامر علي",
        "خبرنگار: سامر علی",
        "By Some Body",
        "تحرير: منى حسن | تدقيق: سامر علي",
        "ترجمة: منى حسن - تحرير: سامر علي",
    ],
    "agency-credits": [
        "(إعداد سامر علي للنشرة العربية - تحرير منى حسن)",
        "(شارك في التغطية سامر علي - إعداد منى حسن للنشرة العربية)",
    ],
    "author-office": ["كاتب وصحفي سوري", "* كاتبة عراقية", "محلل سياسي لبناني", "نویسنده"],
    "embed-foot": [
        "Posted by المجلس المحلي on Thursday, March 20, 2024",
        "Posted by Nahr1TV on Wednesday, March 20, 2024",
        "تم النشر بواسطة المجلس المحلي في 20 مارس",
        "A post shared by مجلس النهر (@nahr)",
        "عرض هذا المنشور على Instagram",
    ],
    "desk": ["فريق التحرير", "مركز الأخبار", "قسم أخبار المدينة", "خاص"],
    "author-box": ["عن الكاتب", "نبذة عن الكاتب", "جميع مقالات الكاتب", "المزيد من المقالات للكاتب", "عرض كل المقالات"],
    "source-line": [
        "المصدر: وكالات",
        "المصدر: النهر + رويترز",
        "وكالات",
        "رويترز + فرانس برس",
        "(رويترز)",
        "منبع: رود",
        "ترجمة: منى حسن عن صحيفة الجبل",
    ],
    "correspondent": ["مراسل النهر في حلب", "مراسلتنا من غزة"],
    "end-mark": [
        "انتهى",
        "انتهى 29/ ر",
        "انتهى/ 25",
        "انتهای پیام/",
        "س.م/ر",
        "ع.م/س.ح",
        "/ی",
        "ا.ش.ا",
        "(د ب أ)",
        "(أ ف ب)",
        "(النهاية) ك ن / ف م ع",
        "// انتهى // 12:34ت م0123",
        "انتهای پیام/ت30",
        "======= ر.ح.",
        "(بترا) م ف/أ س",
    ],
    "reading-time": [
        "مدة القراءة: 3 دقائق",
        "وقت القراءة",
        "5 دقائق للقراءة",
        "قراءة 4 دقائق",
        "أقل من دقيقة",
    ],
    "counters": ["عدد المشاهدات: 1200", "1200 مشاهدة", "شوهد 350 مرة", "بازدید: ۳۵۰"],
    "page-tools": [
        "حجم الخط",
        "حجم الخط + -",
        "تكبير الخط",
        "نسخة للطباعة | أرسل إلى صديق | أعلى الصفحة",
        "زر الذهاب إلى الأعلى",
        "أضف إلى المفضلة",
        "گزارش خطا",
    ],
    "poll": ["استطلاع الرأي", "عرض النتائج", "شارك في التصويت", "تصويت"],
    "feedback": [
        "هل أعجبك المقال؟",
        "هل كانت هذه المعلومات مفيدة؟",
        "هل وجدت خطأ في المقال؟",
        "أبلغ عن خطأ",
        "إذا كنت تعتقد أن المقال يحوي معلومات خاطئة أرسل تصحيحاً",
        "قيّم هذا الخبر",
    ],
    "advertisement": ["إعلان", "Advertisement", "محتوى ممول", "يستمر المحتوى بعد الإعلان", "يتبع المقال بعد الإعلان"],
    "loading": ["جاري التحميل...", "Loading…", "undefined", "يرجى تفعيل جافا سكريبت لعرض التعليقات."],
    "code": [
        "function(){ return 1; }",
        "function share(url) {",
        "var x = 5;",
        "(function(d, s, id) { var js; }(document, 'script'));",
        "window.dataLayer = window.dataLayer || [];",
        "(adsbygoogle = window.adsbygoogle || []).push({});",
        "googletag.cmd.push(function() { googletag.display('div-1'); });",
        "});",
        ".entry-content p { margin: 0; color: #333; }",
        "@media (max-width: 600px) {",
        "font-size: 14px; line-height: 1.6;",
        '[caption id="attachment_12" align="aligncenter" width="600"] الجسر الشرقي [/caption]',
        "[/vc_column_text]",
        '[gallery ids="1,2,3"]',
        "{{ article.title }}",
        "{% endif %}",
        '<div class="ad"></div>',
        "<!-- ad -->",
        "&nbsp;",
        "&nbsp;&nbsp; &nbsp;",
        "Warning: Undefined array key in /a/b.php on line 12",
    ],
    "signs": ["###", "* * *", "ـ.ـ", "- - -", "…"],
}
KEPT = {
    "comment-prompt": [
        "أضاف تعليقه على القرار مزيداً من الجدل في المدينة.",
        "تعليقاً على القرار، قال الناطق إن المهلة لن تمدد.",
        "ترك تعليقاً على صفحته قبل أن يعتقل.",
        "لا تعليق من الوزارة حتى الآن.",
        "لا تعليق.",
        "وصلت 3 تعليقات رسمية إلى المجلس.",
        "3 تعليقات على القرار أثارت غضب الأهالي.",
        "اكتب تعليقك بالعربية، قال له الضابط قبل أن يأخذ الورقة.",
        "كن أول من يعبر الجسر، هكذا كانوا يقولون.",
        "شاركنا رأيه في تلك الليلة.",
        "التعليقات الدولية على الهدنة",
        "التعليق الوحيد على الهجوم",
        "أول تعليق من دمشق",
        "نظر شما را به این گزارش جلب می\u200cکنیم.",
    ],
    "comment-form": [
        "لن يتم نشر عنوان الضحية حفاظاً على سلامة أسرته.",
        "احفظ اسمي جيداً، قال لي قبل أن يغادر إلى الجبهة.",
        "يطلب الموقع البريد الإلكتروني من كل نازح يسجل فيه.",
        "شروط نشر القوات في الجنوب لم تكتمل بعد.",
        "قواعد الاشتباك الجديدة",
        "الاسم الحركي للقائد",
    ],
    "comment-policy": [
        "الآراء في المدينة منقسمة حول القرار ولا أحد يعبر عن رأيه علناً.",
        "التعليقات المنشورة على صفحته لا تعبر عن رأي الحكومة، بحسب الناطق باسمها.",
        "وقال إن تصريحات الوزير لا تعبر عن رأي الحكومة.",
        "شكراً لكم على صبركم، قال رئيس المجلس للأهالي.",
        "يرجى من الأهالي الابتعاد عن مجرى النهر، بحسب بيان الدفاع المدني.",
        "التعليقات على القرار انهمرت من كل صوب.",
    ],
    "comment-rules": [
        "نرجو من أهالي المدينة ألا يقتربوا من مجرى النهر قبل أن تنتهي فرق الدفاع المدني من عملها.",
        "وقال الناطق في رده على الصحافيين: نرجو عدم نشر صور المصابين قبل إبلاغ عائلاتهم بما جرى لهم في الحادث.",
        "أغلقت الصحيفة باب التعليقات على موقعها بعد سيل من الشتائم التي وجهت إلى كاتبة المقال في الليلة الماضية.",
    ],
    "share": [
        "شارك في المعركة على تويتر ناشطون من المدينة.",
        "شارك الخبر آلاف من سكان المدينة خلال ساعات.",
        "شارك في المعركة مئات المقاتلين.",
        "انشر الخبر، قالها ثم أغلق الهاتف.",
        "أغلقت السلطات فيسبوك وتويتر وواتساب.",
        "مشاركة النساء في المجلس",
        "المشاركة في الانتخابات",
        "طباعة العملة في المنفى",
        "مرتبط بالهدنة",
    ],
    "follow": [
        "تابع المسؤول نشر الصور على تويتر.",
        "تابعنا مع الأهالي رحلة العودة إلى القرى.",
        "تابعنا الأوضاع في المخيم عبر تلغرام طوال الليل.",
        "تابعوا سيرهم على الأقدام إلى الحدود عبر الجبال",
        "انضم المئات إلى الاحتجاجات التي دعا إليها ناشطون عبر فيسبوك",
        "انضم إلى مجموعة مسلحة قبل عامين",
        "اشترك في الهجوم",
        "قناة السويس تعود إلى العمل",
    ],
    "newsletter": [
        "اشترك في الهجوم أكثر من مئة مقاتل.",
        "سجّل في النشرة التي أصدرتها الأمم المتحدة أن عدد النازحين ارتفع.",
        "انضم إلى القائمة ثلاثة مرشحين جدد.",
        "سجّل اليوم الأول من الهدنة خروقات في كل المحاور",
        "النشرة الحمراء بحق الوزير السابق",
    ],
    "app": [
        "حمّل تطبيق القانون على عاتق البلديات أعباء جديدة.",
        "احصل على تطبيق القرار في كل المدن، هذا ما طلبه الوزير.",
        "تحميل تطبيق العقوبات مسؤولية الجوع أمر مرفوض.",
        "تطبيق الاتفاق يتعثر",
        "تحميل تطبيق الضفة إذا كان هاتفك ايفون",
        "لتحميل تطبيق الضفة الذي يعمل على هاتفك",
    ],
    "own-app": ["حمل تطبيقنا للقانون ثمانية أعوام", "متوفر على الرفوف بسعر أقل"],
    "contact": [
        "اتصل بنا رجل من القرية عند منتصف الليل.",
        "للتواصل مع العالقين استخدم المنقذون أجهزة لاسلكية.",
        "تواصل معنا أحد الناجين وروى ما جرى.",
    ],
    "account": [
        "تسجيل الدخول إلى المخيم يستغرق ساعات.",
        "سجل الدخول والخروج عند الحاجز بقي فارغاً.",
        "يجب أن تسجل المنظمات أسماء النازحين قبل نهاية الشهر.",
        "كلمة السر التي فتحت الحاجز",
    ],
    "cookies": [
        "أوافق على الهدنة ولا أثق بها، قال القائد.",
        "سياسة الخصوصية الطائفية مرفوضة عند الأهالي.",
        "فك الارتباط بين الجبهتين",
    ],
    "related-block": [
        "اقرأ أيضاً ما كتبه على جدار زنزانته.",
        "شاهد أيضاً دخاناً يتصاعد من جهة النهر.",
        "المزيد من القتلى سقطوا في الليل.",
        "المزيد من الضغوط على دمشق",
        "المزيد من النازحين",
        "الأكثر قراءة للمشهد يعرفون أن الهدنة هشة.",
        "الأكثر تضرراً",
        "الأكثر تضرراً من القصف هم الأطفال.",
        "السابق كان أسهل، قال الرجل.",
        "مواضيع ذات صلة بالأمن بحثها الوفدان.",
        "آخر التطورات الميدانية",
        "آخر المستجدات",
        "أخبار أخرى",
        "مقالات الرأي في الصحف",
        "قد يهمك الأمر إن كنت من أهل القرية.",
    ],
    "related-inline": [
        "اقرأ أيضاً ما كتبه فلان قبل سنة عن الجسر.",
        "شاهد الجنود الدخان وقالوا: عدنا.",
        "وقال: اقرأ أيضا وصيتي.",
        "قال الناطق: أخبار متعلقة بالأسرى ستصدر قريباً.",
        "تابع قائلاً: لن نغادر القرية.",
        "اقرأ ما كتبته الصحف: الهدنة هشة.",
    ],
    "related-inline-link": [
        "اقرأ أيضاً في الوثيقة أن الانسحاب يبدأ في أيار.",
        "شاهد عيان قال إن الطائرة حلقت مرتين.",
        "تابع الوفد زيارته إلى المدينة.",
    ],
    "click-here": ["للمزيد من المساعدات وصلت هنا قافلة ثانية.", "قال إن اضغط هنا وهناك لن يفيد أحداً."],
    "media-prompt": [
        "فيديو نشره ناشطون أظهر الجسر.",
        "شاهد الفيديو آلاف من سكان المدينة.",
        "صور من الذاكرة",
        "استمع إلى الشهود ثلاثة محققين.",
        "استمع القاضي إلى المقال الذي نشره المتهم.",
    ],
    "skip-link": [
        "تجاوز المحتوى المتفق عليه في البيان.",
        "تخطى المقاتلون خط الجبهة وواصلوا التقدم.",
        "نهاية الهدنة",
        "انتقل إلى البحث عن ناجين تحت الأنقاض.",
    ],
    "tags": [
        "وسوم الإبل في البادية تدل على أصحابها.",
        "العلامات على الجدران تدل على مرور القافلة.",
        "الكلمات الدلالية في الخطاب كانت قاسية.",
        "الكلمات الأولى بعد الحصار",
        "الموضوع معقد، قال الوسيط.",
    ],
    "filing": ["القسم الشرقي من المدينة خال من السكان.", "رقم الخبر صدمنا جميعاً.", "الأقسام المغلقة في المستشفى"],
    "navigation": [
        "الصفحة الأولى من الاتفاق",
        "من نحن حتى نرفض، سأل الشيخ.",
        "الرئيسية من الطرق مقطوعة منذ الفجر.",
        "سياسة الأرض المحروقة",
        "سوريا",
        "اقتصاد",
        "حلب",
    ],
    "copyright": [
        "قال المحامي إن حقوق المعتقلين ليست محفوظة في هذا القانون.",
        "جميع الحقوق التي طالب بها الأهالي رفضت.",
        "حقوق الإنسان محفوظة بنص الدستور.",
        "حقوق العمال محفوظة",
        "يحظر نشر صور القتلى، بحسب القرار.",
        "إعادة نشر القوات جنوب النهر",
        "يسمح بنقل الجرحى إلى المستشفى.",
        "لا يجوز نقل السكان قسراً.",
    ],
    "image-credit": [
        "تصوير الجثامين ممنوع بأمر المحافظ.",
        "الصورة التي نشرها الناشط تعود إلى العام الماضي.",
        "صورة قاتمة رسمها التقرير.",
        "مصدر الصورة مجهول، قال الخبير.",
    ],
    "date-line": [
        "18 آذار 2024 كان يوماً لا ينساه أهل البلدة.",
        "في 18 آذار قصفت البلدة.",
        "قبل 3 أيام وصلت القافلة.",
        "الجمعة الماضية.",
        "اليوم",
        "دمشق",
    ],
    "byline": [
        "كتب الرئيس رسالة إلى أهالي المدينة يعتذر فيها عن تأخر المساعدات.",
        "كتب رسالة إلى أمه",
        "إعداد القائمة استغرق أسبوعين.",
        "تقرير الأمم المتحدة يتهم الطرفين.",
        "تقرير: ثلث السكان بلا مياه",
        "تحقيق: من باع القمح قبل الحصار؟",
        "حوار الطرفين تعثر من جديد.",
        "تحرير البلدة تأخر يومين.",
        "تحقيق: ترجمة: ماذا يقول سكان البلدة القديمة عن الجسر",
    ],
    "agency-credits": ["إعداد التقرير للنشرة العربية استغرق يومين.", "تغطية النهر للحرب"],
    "author-office": ["كاتب سوري يفوز بجائزة", "ناشط سوري", "كاتب وصحفي سوري قتل أمس.", "شاعر من حلب"],
    "embed-foot": [
        "نشر بواسطة الحكومة في الجريدة الرسمية قرار يقضي بمنع مرور الشاحنات فوق الجسر.",
        "بواسطة الأهالي في المدينة",
        "عرض هذا المنشور على لوحة القرية",
    ],
    "desk": [
        "فريق الإنقاذ وصل متأخراً.",
        "مركز المدينة",
        "غرفة العمليات المشتركة",
        "متابعة الجرحى في البيوت",
        "خاص بالنساء",
    ],
    "author-box": ["عن الكاتب الذي رحل بصمت.", "عرض كل طرف شروطه.", "الكاتب في المنفى"],
    "source-line": [
        "المصدر قال إن القافلة تأخرت.",
        "المصدر الرئيسي للمياه",
        "ترجمة الكتاب عن الفارسية",
        "المصدر الرئيسي للمياه في المدينة هو النهر.",
        "المصدر: الهدنة صامدة ولا أحد يريد خرقها الآن.",
        "أضاف المصدر أن القافلة تأخرت.",
        "وكالات الإغاثة حذرت من المجاعة.",
        "وكالات الإغاثة",
        "رويترز نقلت عن مسؤول قوله إن الهدنة صامدة.",
        "وكالة الأنباء نفت الخبر.",
    ],
    "correspondent": ["مراسل صحيفة محلية اعتقل في حلب.", "مراسلنا أصيب بشظية في غزة أمس."],
    "end-mark": [
        "انتهى الاجتماع من دون اتفاق.",
        "انتهى القتال في الحي",
        "انتهى كل شيء.",
        "يتبع الموكب سيارتان.",
        "لم ينته بعد.",
        "لا.",
        "نعم.",
        "من أنت؟",
    ],
    "reading-time": [
        "قراءة الفاتحة على أرواحهم دامت دقيقة.",
        "استغرقت الجلسة 5 دقائق.",
        "قراءة في كتاب الحصار",
        "زمن القراءة ولّى.",
    ],
    "counters": [
        "1200 مشاهد تابعوا العرض.",
        "3 زيارات للوفد في شهر",
        "شوهد 3 مسلحين مرات عدة.",
        "عدد الزيارات الرسمية تضاعف.",
    ],
    "page-tools": [
        "حجم الخط الدفاعي لا يكفي.",
        "نسخة من الاتفاق",
        "أعلى نقطة في الجبل",
        "صفحة جديدة",
        "أضف إلى ذلك",
        "العودة إلى القرية",
        "حفظ السلام",
    ],
    "poll": [
        "تصويت البرلمان تأجل.",
        "نتائج التصويت الأولية",
        "استطلاع للرأي يظهر تراجع الحكومة.",
        "صوت الرصاص",
        "عرض النتائج على المجلس.",
    ],
    "feedback": [
        "هل أعجبك ما رأيت، سأله الضابط؟",
        "تقييم الأضرار",
        "إذا كنت تعتقد أن المقال يغضب أحداً فأنت مخطئ.",
        "أبلغ عن خطأ في الإحداثيات فتوقف القصف.",
        "هل وجدت أختك؟",
    ],
    "advertisement": [
        "إعلان الهدنة",
        "إعلان الهدنة جاء متأخراً.",
        "إعلانات النصر لم تقنع أحداً.",
        "برعاية الأمم المتحدة وقع الاتفاق.",
    ],
    "loading": [
        "جار الجريح نقله إلى المستشفى.",
        "جاري تبادل الأسرى عند المعبر الشمالي منذ الفجر.",
        "يرجى تفعيل الاتفاق بلا تأخير.",
    ],
    "code": [
        "[قال] الناطق إن القوات انسحبت.",
        "العملية (فجر) انتهت.",
        "أصيب 3 {ثلاثة} بجروح.",
        "<الجسر> كما يسميه الأهالي.",
        "UNHCR: 3,200 families",
        "إن كان var x هو الاسم فلا معنى له.",
        "M23",
    ],
    "signs": ["… ثم صمت …", "- لا."],
}

FURNITURE = load_furniture()
WRITTEN = read_rules()
VOCABULARIES = all_vocabularies(WRITTEN)


def taken(line: str, *, edge: bool = True, near: bool = True) -> str | None:
    return FURNITURE.rule_for(line.removeprefix(">"), linked=float(line.startswith(">")), edge=edge, near=near)


def test_every_rule_is_tested_both_ways() -> None:
    assert {rule.name for rule in WRITTEN.rules} == TAKEN.keys() == KEPT.keys()


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in TAKEN.items() for line in lines])
def test_a_rule_takes_its_lines(name: str, line: str) -> None:
    assert taken(line) is not None
    rule = next(rule for rule in WRITTEN.rules if rule.name == name)
    if rule.where == "anywhere":
        assert taken(line, edge=False, near=False) is not None


@pytest.mark.parametrize("name", [rule.name for rule in WRITTEN.rules])
def test_a_rule_is_the_first_to_take_one_of_its_lines(name: str) -> None:
    assert name in {taken(line) for line in TAKEN[name]}


@pytest.mark.parametrize("line", [line for lines in KEPT.values() for line in lines])
def test_no_rule_takes_a_sentence_or_a_heading_with_its_words(line: str) -> None:
    assert taken(line) is None
    assert not FURNITURE.opens_block(line, linked=0.0)
    assert not FURNITURE.closes_article(line, linked=0.0)


@pytest.mark.parametrize(
    "rule", [rule for rule in WRITTEN.rules if rule.where != "anywhere"], ids=lambda rule: rule.name
)
def test_a_line_of_the_edges_may_stand_within(rule: WrittenRule) -> None:
    for line in TAKEN[rule.name]:
        assert taken(line, edge=False, near=False) != rule.name
        assert rule.where == "near" or taken(line, edge=False, near=True) != rule.name


# ---- no sentence is taken, whatever furniture words it has

# Words without a meaning, of an Arabic shape: what a sentence may say besides is no furniture.
INVENTED = [
    first + middle + last
    for first in ("ضر", "طنق", "ظف", "غزم")
    for middle in ("ا", "و", "ي")
    for last in ("خ", "ذن", "ضط", "ثع")
]
# The word "Copyright" is left out of them: it stands for the sign, and no Arabic sentence begins with that.
PIECES = sorted(
    {" ".join(re.findall(r"\w+", line.replace("Copyright", ""))) for lines in TAKEN.values() for line in lines}
)
FOLDED_WORDS = sorted(set().union(*VOCABULARIES.values()) | {word for piece in PIECES for word in piece.split()})
MOST = 6
"""Furniture words of a spliced sentence: fewer than its eight others."""


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """Invented sentences of 8 to 25 words into which furniture is spliced: a piece of a line it is known by, or single words."""
    words = draw(st.lists(st.sampled_from(INVENTED), min_size=8, max_size=25))
    if draw(st.booleans()):
        piece = draw(st.sampled_from(PIECES)).split()
        start = draw(st.integers(0, max(0, len(piece) - MOST)))
        place = draw(st.integers(0, len(words)))
        words[place:place] = piece[start : start + MOST]
    else:
        for word in draw(st.lists(st.sampled_from(FOLDED_WORDS), min_size=1, max_size=MOST)):
            words.insert(draw(st.integers(0, len(words))), word)
    return " ".join(words) + "."


@settings(max_examples=1000)
@given(sentences())
def test_a_sentence_with_furniture_words_stays(sentence: str) -> None:
    """With its full stop; and without, as headlines in a list have none."""
    assert taken(sentence) is None
    assert taken(sentence.removesuffix(".")) is None
    assert FURNITURE.without_suffix(sentence) == sentence


# ---- real text: nothing that a careful editor keeps is taken


def test_no_paragraph_of_the_gold_is_taken(shared: Path) -> None:
    pages = sorted((shared / "real-pages" / "gold").glob("*.json"))
    kept = [line for path in pages for line in json.loads(path.read_text(encoding="utf-8"))["body"]]
    assert len(kept) > 50
    assert [line for line in kept if taken(line)] == []
    assert [line for line in kept if FURNITURE.without_suffix(line) != line] == []


def test_the_furniture_of_the_gold_is_taken(shared: Path) -> None:
    """What the gold names as furniture and is no other article's headline nor the site's own slogan: two thirds of it."""
    pages = sorted((shared / "real-pages" / "gold").glob("*.json"))
    named = [line for path in pages for line in json.loads(path.read_text(encoding="utf-8"))["must_not"]]
    assert sum(taken(line) is not None for line in named) >= 0.5 * len(named)


def test_lines_that_sites_repeat(shared: Path) -> None:
    """Of the lines that stand on three hosts and more all are taken but names of sections, topics and places: see there."""
    rows = (shared / "boilerplate" / "recurring_lines.tsv").read_text(encoding="utf-8").splitlines()[1:]
    left = {line for _, _, line in (row.split("\t") for row in rows) if taken(line) is None}
    known = VOCABULARIES["sections"] | VOCABULARIES["cities"] | VOCABULARIES["countries"] | set(fold(TOPICS).split())
    assert {line for line in left if not set(fold(line).split()) <= known} == set()


# Topics of which sites print tags and menus. As words they are as good as any sub-heading; where they are furniture, they
# are links, or stand in elements marked as tags.
TOPICS = """
قسد روسيا النظام السوري قصف استهداف قوات الجيش الوطني الدفاع المدني معارة النعسان جبل الزاوية هزة أرضية اليوم سورية
"""


@pytest.mark.parametrize("article", load_articles(), ids=lambda article: article.key)
def test_no_paragraph_of_the_demo_is_taken(article: object) -> None:
    paragraphs = article.paragraphs  # type: ignore[attr-defined]
    assert [line for line in paragraphs if taken(line)] == []
    assert [line for line in paragraphs if FURNITURE.without_suffix(line) != line] == []


def test_the_furniture_of_the_demo_s_pages_is_taken() -> None:
    """Nearly all of the lines that article pages print besides the article, its caption and links, and the site's names."""
    lines: list[str] = []
    sources = load_sources(ROOT / "demo" / "sources")
    for host, site in open_sites().items():
        for article in site.articles:
            answer = site.article_page(article)
            page = read_page(decode(answer.body, answer.content_type) or "")
            assert page is not None
            known = (
                *article.paragraphs,
                article.title,
                site.name,
                site.tagline,
                *sources[host.removesuffix(".example")].furniture,
            )
            own = {letters(text) for text in known}
            lines += [
                block.text
                for block in page.blocks
                if block.linked < 0.5 and block.key not in own and block.text.partition(" (")[0] != article.caption
            ]
    left = [line for line in lines if taken(line) is None and not FURNITURE.dateline(line, frozenset())]
    assert len(left) <= 0.15 * len(lines), sorted(set(left))


# ---- the file itself


def test_phrases_take_what_they_say() -> None:
    """Each phrase, filled in at random, is taken: none is dead, and no index hides one."""
    chance = random.Random(7)
    for rule in WRITTEN.rules:
        never = frozenset().union(*(VOCABULARIES[name] for name in rule.never))
        for phrase in rule.phrases:
            for _ in range(5):
                line = filled(phrase, chance, never)
                if len(line) <= LONGEST:
                    assert rule.name in {found.name for found in FURNITURE._taking(line)}, (phrase, line)


def filled(phrase: str, chance: random.Random, never: frozenset[str]) -> str:
    words: list[str] = []
    for part in phrase.split():
        if part == "." or (part.startswith("[") and chance.random() < 0.5):
            continue
        if gap := re.fullmatch(r"…(?:(\d+)-)?(\d+)", part):
            words += chance.choices(INVENTED, k=chance.randint(int(gap[1] or 0), int(gap[2])))
        elif part.strip("[]") == "N":
            words.append("12")
        elif part.strip("[]") == "L":
            words.append("س")
        elif part.strip("[]").startswith("<"):
            names = part.strip("[]<>").split("+")
            known = frozenset().union(*(VOCABULARIES.get(name, frozenset({"12"})) for name in names))
            words += chance.choices(sorted(name for name in known if never.isdisjoint(name.split())), k=2)
        else:
            words.append(chance.choice(part.strip("[]").split("|")).replace("_", " "))
    return " ".join(words)


@pytest.mark.parametrize("rule", WRITTEN.rules, ids=lambda rule: rule.name)
def test_gaps_are_shorter_than_sentences(rule: WrittenRule) -> None:
    for phrase in rule.phrases:
        gaps = [int(size) for size in re.findall(r"…(?:\d+-)?(\d+)", phrase)]
        held = rule.linked or re.search(r"(?:^| )[:©] (?!.*[:©] )", phrase.partition("…")[0]) or not gaps
        assert len(gaps) <= 2
        assert held or sum(gaps) <= 7, phrase


def repeats(tree: object, within: int = 1) -> list[tuple[int, int]]:
    """For every repetition in a parsed regular expression: its bound, and the product of those of the repetitions around it.

    One that never gives back what it took (possessive) counts as 1: it can be done in one way only.
    """
    found: list[tuple[int, int]] = []
    for code, argument in tree:  # type: ignore[attr-defined]
        if code in {opcodes.MAX_REPEAT, opcodes.MIN_REPEAT}:
            found.append((int(argument[1]), within))
            found += repeats(argument[2], within * max(1, int(argument[1])))
        elif code is opcodes.POSSESSIVE_REPEAT:
            found += repeats(argument[2], within)
        elif code is opcodes.BRANCH:
            found += [one for branch in argument[1] for one in repeats(branch, within)]
        elif code is opcodes.SUBPATTERN:
            found += repeats(argument[-1], within)
        elif code in {opcodes.ASSERT, opcodes.ASSERT_NOT}:
            found += repeats(argument[1], within)
    return found


EXPRESSIONS = [pattern for rule in WRITTEN.rules for pattern in rule.patterns] + list(WRITTEN.suffixes)
EXPRESSIONS += [
    compile_phrase(phrase, VOCABULARIES).pattern.pattern for rule in WRITTEN.rules for phrase in rule.phrases
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_repetition_is_bounded(expression: str) -> None:
    """So the work on a line is bounded by a constant: no repetition is endless, nor are endless ones within another."""
    for bound, around in repeats(parser.parse(expression)):
        assert bound <= LONGEST
        assert around == 1 or bound * around <= 100


@pytest.mark.parametrize(
    "piece", ["تابعونا ", "اقرأ أيضاً ", "الحقوق ", "a{", "&nbsp;", "[a ", "12 ", "س ", ": ", "<", "\u0640"]
)
def test_long_lines_are_not_tried(piece: str) -> None:
    line = piece * 100_000
    assert taken(line) is None
    assert len(FURNITURE.without_suffix(line)) <= len(line)
