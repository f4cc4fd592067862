"""Which language a text is in, by its script, its letters and its commonest words; a page's language tag is often wrong."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

_READ = 8_000
"""Characters read: a language shows within a few hundred words."""
_LEAST = 10
"""Letters below which nothing is told."""
UNDETERMINED = "und"
"""The BCP-47 tag of a text that is in some language, but in none that is known here."""

_WORD = re.compile(r"[^\W\d_]+")
# The first and last letter of each script, and its name; or the language, where there is one for the script.
_SCRIPTS = (
    ("a", "\u024f", "latin"),
    ("\u1e00", "\u1eff", "latin"),
    ("\u0600", "\u077f", "arabic"),
    ("\u08a0", "\u08ff", "arabic"),
    ("\ufb50", "\ufefc", "arabic"),
    ("\u0400", "\u052f", "cyrillic"),
    ("\u0590", "\u05ff", "he"),
    ("\u0530", "\u058f", "hy"),
    ("\u0370", "\u03ff", "el"),
    ("\u10a0", "\u10ff", "ka"),
    ("\u1200", "\u137f", "am"),
)
_ALONE = frozenset(script for _, _, script in _SCRIPTS if len(script) == 2)
"""Languages that are told by their script."""
_UNMARKED = {"arabic": "ar", "latin": UNDETERMINED, "cyrillic": UNDETERMINED}
"""What a text without any mark of a language is taken for: a headline may have none."""

# Letters that one language of a script has and its neighbours have not, or hardly: each counts as much as a word. Of languages
# that are equal, the first is taken, so that Persian, whose letters its neighbours have too, comes after them.
_LETTERS = {
    "arabic": {"ckb": "ۆێڕڵە", "ur": "ٹڈڑںےہھ", "ps": "ښځڅډړټېږۍڼ", "sd": "ڄڃٻڀٿڏڊڌڳڱڻڪ", "ug": "ۇۈۋڭ", "fa": "پچژگ"},
    "latin": {"tr": "ğış", "az": "əğış", "ku": "êîû", "de": "ß", "es": "ñ¿", "pt": "ãõ", "fr": "œ"},
    "cyrillic": {"ru": "ыэё", "uk": "іїєґ"},
}
# A text in neither of the Arabic spellings of these letters is hardly Arabic; but Arabic is typed on Persian keyboards too.
_PERSIAN_FORMS, _ARABIC_FORMS = re.compile("[کی]"), re.compile("[كيىةأإؤ]")

# The commonest words of each language, its own spellings only: "و", which Arabic, Persian and Kurdish share, tells nothing.
_WORDS = {
    "arabic": {
        "ar": "في من على إلى الى أن ان إن عن مع التي الذي الذين هذا هذه ذلك كما بعد قبل لا لم لن كان كانت قد بين وقد وفي خلال بن "
        "عبد حيث أو أي كل غير عند حتى ثم إنه أنه قال وقال عاجل أمس اليوم صباح مساء ضد شرق غرب شمال جنوب مقتل "
        "مش اللي إللي احنا إحنا ايه إيه عشان علشان كده دلوقتي عايز عايزة "
        "شو هيك هلق مو كتير عم منيح ليش بدنا بدي هاد هاي يلي حدا عنا "
        "شنو أكو اكو ماكو هسه هواية هواي چان وش الحين وايد مب شلون "
        "واش بزاف ديال كيما راه راهم حنا دابا باش فين كاين هاذ",
        "fa": "در به از که این است را با برای آن تا یک های می شد شده کرد کرده کردند خود نیز بود دارد خواهد باید گفت گفتند کند شود "
        "شدند وی پس بر هم دو سه اند ای همچنان ها میان درباره بازداشت دیگر نفر کشور چند اعلام مردم روز دیروز امروز",
        "ckb": "لە بە بۆ کە ئەو ئەم لەگەڵ یان دا بوو بوون کرد دوو سێ هەر ڕا له به بۆ",
        "ur": "کے کی کا میں ہے ہیں نے سے اور کو پر یہ کہ اس وہ بھی تھا تھی گیا گئی کر ایک لیے نہیں ہو رہا رہے ہوا ہوئے دی آج کل",
        "ps": "د په چې کې دی له سره ته یې هم دا کړي نه شوي او کړه شول شوه وو ده تر خلک کوي یو خبرې وروسته",
        "sd": "جي جو ۾ ۽ کي آهي سان تي",
        "ug": "بىلەن بۇ ۋە ئۇ بولغان ئۇنىڭ دەپ",
    },
    "latin": {
        "en": "the of and to in is that for on was with as it at from said has are be by were after its his have been until "
        "while next any but or who will",
        "fr": "de le la les des du et en un une est que dans pour qui sur au par pas avec plus ont été sont aux d l s n qu ce "
        "se selon après",
        "de": "der die das und den von zu mit ist des im nicht ein eine für auf dem sich nach wurde bei auch",
        "es": "el los las y en que una es por con para del al lo su fue ha un más como tras",
        "it": "il di che è della per con del gli nel una sono alla dei le da più anche ha in la un",
        "pt": "o os as e do da em que um uma para com não por no na dos foi ao mais são",
        "nl": "de het een van en in is dat op te met voor zijn niet aan door bij werd",
        "tr": "ve bir bu da de için ile olarak olan daha çok gibi ancak sonra kadar en oldu ardından iki üç karşı son yeniden "
        "olduğunu eski yakınındaki arasındaki altındaki konusunda neden kişi",
        "az": "və bir bu da də üçün ilə olan daha çox kimi sonra qədər olub edib",
        "ku": "û li ji bi di de ku ev ew jî bo wek yên kir tê ya yê her du hat bû piştî din xwe ber ser hatin kirin kirine nav "
        "navbera dema niha hîn tu dibe",
    },
    "cyrillic": {
        "ru": "и в не на что с по как это из от к за о для был было были его после у а но во об со или",
        "uk": "і в не на що з та як це із від до за про для був було були його після у а але й щодо або",
    },
}
_OF_WORD = {
    script: {
        word: tuple(sorted(tag for tag, others in languages.items() if word in others.split()))
        for words in languages.values()
        for word in words.split()
    }
    for script, languages in _WORDS.items()
}
# Beginnings and endings of words of four letters or more, each word as good as a common one.
_FORMS = {
    "ar": ("ال وال بال فال كال لل ولل أ إ", "ة"),
    "fa": ("می نمی", "های"),
    "en": ("th wh sh", "ing ed ly less ness ght"),
    "fr": ("", "tion ment eux ique aire é és ée ées"),
    "de": ("sch ge", "ung lich keit isch"),
    "es": ("", "ción dad mente ado ada ados adas uerto uertos"),
    "it": ("", "zione zioni mente ità tto tti tta rti ore"),
    "tr": (
        "",
        "lar ler ları leri dı di du dü tı ti tu tü ıyor iyor uyor üyor ması mesi ında inde unda ünde ından inden",
    ),
    "ku": ("", "bên kên lên mên nên rên tên vên yên iya iyê ekî"),
    "ru": ("", "ный ная ные ого ему ает али ила ился ует ении ами ция ость"),
}
_STARTS_ENDS = {tag: (tuple(starts.split()), tuple(ends.split())) for tag, (starts, ends) in _FORMS.items()}
_ENOUGH = 0.12
"""Marks of a language by word of the text, below which a text in Latin or Cyrillic letters is in none that is known here."""


def detect(text: str) -> str | None:
    """The BCP-47 tag of a text's language; "und" where it is none known here, None where the text is too short to tell.

    The languages of the Middle East are told apart, and those that its news sites write in besides.
    """
    words = Counter(_WORD.findall(text[:_READ].lower()))
    scripts: dict[str, dict[str, int]] = {}
    for word, times in words.items():
        scripts.setdefault(_script(word[0]), {})[word] = times
    letters = {script: sum(len(word) * times for word, times in own.items()) for script, own in scripts.items()}
    if sum(letters.values()) < _LEAST:
        return None
    script = max(letters, key=lambda name: letters[name])
    if 2 * letters[script] < sum(letters.values()):
        return UNDETERMINED
    if script not in _WORDS:
        return script
    own = scripts[script]
    scores = _scores(script, own)
    best = max(scores, key=lambda tag: scores[tag])
    return best if scores[best] >= _ENOUGH * sum(own.values()) else _UNMARKED[script]


def may_be(told: str | None, wanted: str) -> bool:
    """Whether a text that `detect` told so may be in the language of a BCP-47 tag.

    Benefit of the doubt has a text too short to tell, one in Latin or Cyrillic letters that bears too few marks of any language,
    and one in a language that is not known here. The tag "ku" stands for all of Kurdish, Sorani included.
    """
    language = wanted.partition("-")[0].lower()
    script = next((script for script, tags in _WORDS.items() if language in tags), None)
    if told == UNDETERMINED:
        return script != "arabic"
    return told in {None, language} or (language, told) == ("ku", "ckb") or (script is None and language not in _ALONE)


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The name of a letter's script, or the language that is written in no other."""
    return next((script for first, last, script in _SCRIPTS if first <= letter <= last), UNDETERMINED)


def _scores(script: str, words: dict[str, int]) -> dict[str, int]:
    """How many marks of each of a script's languages a text has."""
    scores = dict.fromkeys([*_LETTERS[script], *_WORDS[script]], 0)
    forms = [(tag, *_STARTS_ENDS[tag]) for tag in scores if tag in _STARTS_ENDS]
    for word, times in words.items():
        for tag in _OF_WORD[script].get(word, ()):
            scores[tag] += times
        if len(word) > 3:
            for tag, starts, ends in forms:
                if word.startswith(starts) or word.endswith(ends):
                    scores[tag] += times
    text = "".join(word * times for word, times in words.items())
    for tag, letters in _LETTERS[script].items():
        scores[tag] += sum(text.count(letter) for letter in letters)
    if script == "arabic" and _PERSIAN_FORMS.search(text) and not _ARABIC_FORMS.search(text):
        scores["fa"] += 1
    return scores
