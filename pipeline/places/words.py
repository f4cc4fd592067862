"""The words around a place's name that say whether it is one, in normal form."""

from __future__ import annotations

from pipeline.duplicates import words


def _folded(line: str) -> frozenset[str]:
    return frozenset(words(line))


KINDS = _folded("مدينة مدن مدينتي مدينتا بلدة بلدات بلدتي بلدتا قرية قرى قريتي قريتا العاصمة")
"""What says that the name after it is a settlement's."""

PROVINCES = _folded(
    "محافظة محافظات محافظتي محافظتا ولاية ولايات ولايتي ولايتا إقليم قضاء أقضية مديرية مديريات مديريتي مديريتا ناحية "
    "لواء شعبية إمارة قطاع"
)
AREAS = PROVINCES | _folded("حي أحياء مخيم مخيمات جزيرة نهر جبل جبال وادي بحر بحيرة سهل هضبة صحراء مستوطنة")
"""What says that the name after it is another place's, which bears it as well: a province, a quarter, a camp, a river."""

WIDER = frozenset({("غزه",), ("لحج",)})
"""Names that by themselves mean a wider area more often than the city: they take a word of `KINDS`."""

COMPOUNDS = frozenset({("ريف", "دمشق")})
"""A word and a name that together are a province's."""

NOT_BEFORE = _folded(
    # streets, squares, markets and mosques
    "شارع شوارع جادة ساحة ميدان دوار سوق جامع مسجد باب بوابة حارة "
    # agreements and declarations
    "اتفاق اتفاقية اتفاقات إعلان وثيقة مبادرة معاهدة "
    # media and works
    "صحيفة جريدة مجلة قناة إذاعة راديو وكالة شبكة منصة تلفزيون فضائية مسلسل فيلم رواية كتاب ديوان أغنية قصيدة "
    # armed groups, movements, clubs, firms, operations
    "فيلق سرايا كتيبة كتائب ألوية فرقة جيش حركة حزب تيار تنسيقية حملة عملية عاصفة "
    "نادي فريق منتخب كأس دوري بطولة بنك مصرف شركة مؤسسة "
    # persons; without "علي", of which "على" is the same in normal form
    "أبو أبي أبا أم آل بن ابن بنت عبد بني الشيخ السيد السيدة الدكتور الأستاذ المهندس الشهيد الأسير العميد العقيد اللواء "
    "النقيب الرائد المقدم الملازم القائد النائب الوزير الأمير الحاج محمد أحمد حسن حسين محمود عمر خالد إبراهيم "
    "عبدالله يوسف مصطفى سعيد صالح ناصر جمال كمال سامي "
    # tribes
    "قبيلة قبائل عشيرة عشائر"
)
"""What says that the name after it is no place's, or not that of the settlement."""

NOT_AFTER = _folded("العربي برس نيوز تايمز نت")
"""What makes an outlet's name of a city's before it."""

TODAY = _folded("اليوم الآن")
"""What makes an outlet's name of it, where nothing says "in" before: "حلب اليوم"."""

LOCATIVES = _folded(
    "في من إلى داخل وسط قرب بين نحو باتجاه صوب محيط شمال جنوب شرق غرب شمالي جنوبي شرقي غربي ريف ريفي ضواحي أطراف منطقة "
    "مطار مطاري ميناء ميناءي معبر جامعة مستشفى مشفى سجن سد طريق بلدية أهالي سكان"
)
"""What stands before where something is, or before where a thing or its people are."""
