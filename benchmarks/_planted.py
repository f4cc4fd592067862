"""Invented Arabic news of any size, with planted copies, and families of reports that look alike and are no copies.

A document is made from its number and a seed alone, on demand, so a corpus of a million texts takes no memory. Documents are
numbered in the order of their publication, the same number every day; a copy repeats a plain report of a lower number,
most often of the last days, of 29 days before at most.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

START = datetime(2024, 1, 1, tzinfo=UTC)


class Family(StrEnum):
    """What a document is: a plain report, a copy of one, or of a family that must not be merged."""

    PLAIN = "plain"
    SPELLING = "other spelling"
    CHANGED_05 = "5 % of words changed"
    CHANGED_10 = "10 % of words changed"
    CHANGED_15 = "15 % of words changed"
    CHANGED_20 = "20 % of words changed"
    LEAD = "lead of 10 to 30 % added"
    WITHIN_2 = "within one twice as long"
    WITHIN_3 = "within one three times as long"
    TRUNCATED = "its first 40 % only"
    TOLL = "toll of one figure"
    PRICES = "price bulletin"
    WEATHER = "weather bulletin"
    FLASH = "flash of ten words"
    FOLLOW_UP = "follow-up, 25 % background"
    MOSTLY_KNOWN = "follow-up, 60 % background"


COPIES = (
    Family.SPELLING,
    Family.CHANGED_05,
    Family.CHANGED_10,
    Family.CHANGED_15,
    Family.CHANGED_20,
    Family.LEAD,
    Family.WITHIN_2,
    Family.WITHIN_3,
    Family.TRUNCATED,
)
SERIES = (Family.TOLL, Family.PRICES, Family.WEATHER)

# How many of a thousand documents are of each family; the others are plain.
FOLLOW_UPS = (Family.FOLLOW_UP, Family.MOSTLY_KNOWN)
_SHARES = {**dict.fromkeys(COPIES, 18), **dict.fromkeys((*SERIES, *FOLLOW_UPS), 20), Family.FLASH: 30}
_FAMILIES = [family for family, share in _SHARES.items() for _ in range(share)]
_FAMILIES += [Family.PLAIN] * (1000 - len(_FAMILIES))
_PLAIN_AT_FIRST = 50


class Corpus:
    """`per_day` documents a day, without end, for a seed."""

    def __init__(self, per_day: int, seed: int) -> None:
        self.per_day = per_day
        self._seed = seed
        self._series = max(per_day * _SHARES[Family.TOLL] // 1000, 1)  # so that each has an issue a day

    def published(self, number: int) -> datetime:
        """When a document was published."""
        return START + timedelta(days=1) * number / self.per_day

    def family(self, number: int) -> Family:
        """What a document is."""
        return Family.PLAIN if number < _PLAIN_AT_FIRST else _FAMILIES[self._hash(number) % 1000]

    def origin(self, number: int) -> int:
        """The plain report that a copy repeats, or a follow-up its background from; of another document, itself."""
        family = self.family(number)
        if family not in COPIES and family not in FOLLOW_UPS:
            return number
        before = 1 + int(min(random.Random(self._hash(number)).expovariate(0.6), 29) * self.per_day)
        origin = number - before if before <= number else before % number
        while self.family(origin) is not Family.PLAIN:
            origin -= 1
        return origin

    def body(self, number: int) -> str:
        """The text of a document."""
        family = self.family(number)
        chance = random.Random(self._hash(number) + 1)
        if family in COPIES or family in FOLLOW_UPS:
            return _rewritten(family, self.body(self.origin(number)), chance)
        if family is Family.FLASH:
            return _flash(chance)
        if family in SERIES:
            series = self._hash(number) // 1000 % self._series
            text_of_series = random.Random((self._seed << 32) + (series << 4) + SERIES.index(family))
            return _ISSUES[family](text_of_series, chance, self.published(number))
        return _prose(chance, _length(chance))

    def _hash(self, number: int) -> int:
        # The finishing steps of splitmix64: neighbouring numbers come out unrelated.
        mixed = (number + self._seed * 0x9E3779B97F4A7C15) & _MASK
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
        return mixed ^ mixed >> 31


_MASK = (1 << 64) - 1

# Words -------------------------------------------------------------------------------------------------------------------


def _split(line: str) -> list[str]:
    return line.split()


_FUNCTION = _split(
    "في من على إلى أن عن مع التي الذي بعد قبل خلال بين كما وقد قد كان كانت هذا هذه ذلك ما لا لم لن حتى أو ثم إن أي كل "
    "وفق بحسب عند منذ نحو أكثر حول ضد دون داخل خارج غير بعض أمام عدة وقال وأضاف وأوضح وأشار إنه أنه إنها أنها وذلك أيضا"
)
_PLACES = _split(
    "إدلب حلب حماة حمص درعا السويداء الرقة دير الزور القامشلي سراقب معرة النعمان جسر الشغور أريحا الباب منبج جرابلس عفرين "
    "غزة رفح خان يونس جباليا الشجاعية نابلس جنين طولكرم الخرطوم أم درمان الفاشر نيالا الجنينة الأبيض صنعاء عدن تعز مأرب "
    "الحديدة الضالع شبوة طرابلس مصراتة بنغازي سرت درنة سبها بغداد الموصل كركوك الأنبار الفلوجة البصرة صور صيدا النبطية"
)
_STOCK = (
    "وقال مصدر عسكري طلب عدم الكشف عن اسمه",
    "بحسب ما أفاد به شهود عيان",
    "ولم تعلن أي جهة مسؤوليتها عن الهجوم",
    "ونقلت وكالة الأنباء الرسمية عن مصدر",
    "المرصد السوري لحقوق الإنسان",
    "مكتب الأمم المتحدة لتنسيق الشؤون الإنسانية",
    "وفق ما ذكرت مصادر محلية",
    "في بيان نشره على موقعه الرسمي",
    "وزارة الصحة في قطاع غزة",
    "قوات الدعم السريع",
    "وقف إطلاق النار",
    "مجلس الأمن الدولي",
    "من جهتها قالت وزارة الدفاع",
    "إلى مستشفيات المدينة لتلقي العلاج",
    "وتشهد المنطقة منذ أسابيع تصعيدا عسكريا",
    "ولم يصدر تعليق رسمي حتى الآن",
    "فرق الدفاع المدني",
    "الأمين العام للأمم المتحدة",
    "بينهم نساء وأطفال",
    "وأصيب آخرون بجروح متفاوتة",
)
_WEEKDAYS = _split("الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد")
_MONTHS = _split("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر")
_STOPS = ("،", ".", ":", ".\n")


def _invented(count: int) -> list[str]:
    """Words of three or four root letters in common patterns, with prefixes and endings."""
    chance = random.Random(0)
    patterns = (
        "{}{}{}",
        "{}ا{}{}",
        "{}{}ي{}",
        "م{}{}و{}",
        "ت{}{}ي{}",
        "ا{}ت{}ا{}",
        "{}{}ا{}",
        "م{}{}{}",
        "{}و{}{}",
        "أ{}{}ا{}",
    )
    prefixes = ("", "", "", "ال", "ال", "و", "وال", "ب", "بال", "لل", "ي", "س")
    endings = ("", "", "", "", "ة", "ات", "ين", "ون", "ها", "ى", "ية", "هم", "نا", "اً")
    found: dict[str, None] = {}
    while len(found) < count:
        root = chance.choices("بتثجحخدذرزسشصضطظعغفقكلمنهوي", k=3)
        word = chance.choice(prefixes) + chance.choice(patterns).format(*root) + chance.choice(endings)
        found[word] = None
    return list(found)


_VOCABULARY = _invented(60_000)


def _urn() -> list[str]:
    """Everything that stands between two blanks of a text, stock phrases whole, as often as it is drawn.

    Each group has its share of the text; within a group the frequencies fall as in real text (Zipf), flatter at the head.
    """
    phrases = random.Random(1)
    stock = [*_STOCK, *(" ".join(phrases.choices(_VOCABULARY[:5000], k=phrases.randint(2, 5))) for _ in range(600))]
    groups: list[tuple[float, int, Sequence[str]]] = [
        (0.22, 3, _FUNCTION),
        (0.05, 20, _PLACES),
        (0.02, 20, stock),
        (0.015, 20, [str(figure) for figure in range(2, 120)]),
        (0.005, 20, [*_WEEKDAYS, *_MONTHS]),
        (0.07, 1, _STOPS),
        (0.62, 20, _VOCABULARY),
    ]
    urn = []
    for share, head, words in groups:
        weight = share * 400_000 / sum(1 / (rank + head) for rank in range(len(words)))
        for rank, word in enumerate(words):
            urn += [word] * max(round(weight / (rank + head)), 1)
    return urn


_URN = _urn()


def _prose(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(_URN, k=count))


def report_of(number: int) -> str:
    """A plain report of some hundred words, whatever the corpus: that of one number is like that of no other."""
    chance = random.Random(number)
    return _prose(chance, _length(chance))


def _length(chance: random.Random) -> int:
    return min(max(round(chance.lognormvariate(5.3, 0.6)), 40), 1500)


# Copies ------------------------------------------------------------------------------------------------------------------


def _rewritten(family: Family, text: str, chance: random.Random) -> str:
    """A copy of a text, as its family has it."""
    words = text.split(" ")
    count = len(words)
    match family:
        case Family.SPELLING:
            return _respelled(text, chance)
        case Family.LEAD:
            return _prose(chance, round(count * chance.uniform(0.1, 0.3))) + "\n" + text
        case Family.WITHIN_2 | Family.WITHIN_3:
            added = count * (1 if family is Family.WITHIN_2 else 2)
            before = chance.randint(0, added)
            return "\n".join((_prose(chance, before), text, _prose(chance, added - before)))
        case Family.TRUNCATED:
            return " ".join(words[: round(count * 0.4)])
        case Family.FOLLOW_UP:
            own = _prose(chance, 3 * min(count // 2, 60))
            return own + "\n" + " ".join(words[: len(own.split()) // 3])
        case Family.MOSTLY_KNOWN:
            # What happened before is recalled in two places.
            new, known = count // 5, 3 * count // 10
            first, second = " ".join(words[-2 * known : -known]), " ".join(words[-known:])
            return "\n".join((_prose(chance, new), first, _prose(chance, new), second))
        case _:
            share = {
                Family.CHANGED_05: 0.05,
                Family.CHANGED_10: 0.1,
                Family.CHANGED_15: 0.15,
                Family.CHANGED_20: 0.2,
            }[family]
            for place in chance.sample(range(count), round(count * share)):
                words[place] = chance.choice(_URN)
            return " ".join(words)


_HABITS: tuple[dict[int, int] | dict[int, str], ...] = (
    str.maketrans("أإآ", "ااا"),
    str.maketrans("ىي", "يی"),
    str.maketrans("ك", "ک"),
    str.maketrans("ة", "ه"),
    str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"),
    str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"),
    str.maketrans({".": "!", "،": " -", ":": "…"}),
    str.maketrans({" ": "\u00a0"}),
)


def _respelled(text: str, chance: random.Random) -> str:
    """The same words with other habits: three of the habits above; diacritics, tatweel and split words here and there."""
    for habit in chance.sample(_HABITS, 3):
        text = text.translate(habit)
    words = text.split(" ")
    for place, word in enumerate(words):
        if word.isalpha() and len(word) > 3:
            cut = chance.randint(1, len(word) - 2)
            middle = chance.choices(("", "\u064e", "\u0651\u0650", "\u0640", "\u0640 \u0640"), (80, 8, 4, 5, 3))[0]
            words[place] = word[:cut] + middle + word[cut:]
    return " ".join(words)


# Families that are no copies ----------------------------------------------------------------------------------------------

_UNITS = _split("صفر واحد اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة")
_TENS = _split("عشرين ثلاثين أربعين خمسين ستين سبعين ثمانين تسعين")


def _spelled_out(figure: int) -> str:
    """A number from 20 to 99 in words."""
    tens = _TENS[figure // 10 - 2]
    return f"{_UNITS[figure % 10]} و{tens}" if figure % 10 else tens


def _toll(series: random.Random, issue: random.Random, _published: datetime) -> str:
    before, after = _without_figures(series, series.randint(15, 60)), _without_figures(series, series.randint(20, 150))
    victims = series.choice(["قتيلاً", "شخصاً", "جريحاً", "مدنياً"])
    figure = _spelled_out(issue.randint(20, 99)) if series.random() < 0.3 else str(issue.randint(3, 400))
    return f"{before} ارتفعت حصيلة الضحايا إلى {figure} {victims} {after}"


def _without_figures(chance: random.Random, count: int) -> str:
    return " ".join(word for word in _prose(chance, count).split() if not word.isdigit())


def _prices(series: random.Random, issue: random.Random, published: datetime) -> str:
    lines = [f"{_without_figures(series, series.randint(10, 40))} {_dated(published)}"]
    measure = " ".join(series.sample(_VOCABULARY, 3))
    for good in series.sample(_VOCABULARY, series.randint(6, 14)):
        price, moved = series.randint(200, 9000), issue.random() < 0.7
        price += issue.randint(-90, 90) if moved else 0
        how = issue.choice(["ارتفع سعر", "انخفض سعر"]) if moved else "استقر سعر"
        lines.append(f"{how} {good} إلى {price} {measure}")
    return "\n".join([*lines, _without_figures(series, series.randint(5, 30))])


def _weather(series: random.Random, issue: random.Random, published: datetime) -> str:
    lines = [f"{_without_figures(series, series.randint(10, 40))} {_dated(published)}"]
    below, above, least = series.sample(_VOCABULARY, 3)  # each outlet has a wording of its own
    for place in series.sample(_PLACES, series.randint(5, 12)):
        sky = issue.choice(["صافية", "غائمة", "غائمة جزئياً", "ماطرة"])
        high = issue.randint(18, 43)
        lines.append(f"{place} {below} {sky} {above} {high} درجة {least} {high - issue.randint(6, 15)} درجة")
    wind = issue.choice(["خفيفة", "معتدلة", "نشطة"])
    return "\n".join([*lines, f"والرياح {wind} السرعة", _without_figures(series, series.randint(5, 30))])


def _dated(published: datetime) -> str:
    return f"{_WEEKDAYS[published.weekday()]} {published.day} {_MONTHS[published.month - 1]} {published.year}"


_ISSUES = {Family.TOLL: _toll, Family.PRICES: _prices, Family.WEATHER: _weather}


def _flash(chance: random.Random) -> str:
    what = chance.choice(["غارة جوية تستهدف", "قصف مدفعي يطال", "اشتباكات عنيفة في", "انفجار يهز", "سقوط قذائف على"])
    where = chance.choice(["محيط", "وسط", "أطراف", "غربي", "شرقي", "جنوبي", "مدخل", "سوق"])
    toll = chance.choice(["وأنباء عن ضحايا", f"ومقتل {chance.randint(2, 40)} أشخاص", "ولا أنباء عن إصابات"])
    return f"عاجل: {what} {where} بلدة {chance.choice(_PLACES[:12])} {toll} {chance.choice(_VOCABULARY[:300])}"
