"""Vietnamese in encodings of before Unicode, brought back to letters.

Old documents, pasted forms and careless exports still carry TCVN3 (".VnTime"), VNI ("VNI-Times")
or UTF-8 read twice. All look like Western European letters ("Tr­êng häc", "Tröôøng hoïc",
"TrÆ°á»ng"). A text is only touched if it holds no letter that Unicode Vietnamese alone has, if
its marked words are hardly any Vietnamese syllables as they stand, and if they nearly all are
after the change. Sound text is thus never touched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

LONGEST = 20_000  # of longer texts the beginning decides what they are written in
LEAST_WORDS = 3
FEW, MOST = 0.4, 0.75
LONGEST_SYLLABLE = 8  # letters; "nghiêng" has seven

_MODERN = re.compile("[ăĂđĐơƠưƯĩĨũŨ\u1ea0-\u1ef9\u0300\u0301\u0303\u0309\u0323]")
_WORD = re.compile(r"[^\s\d.,;:!?()\[\]{}\"'“”/…–-]+")

_TCVN3: dict[str, str] = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
_VNI_SINGLE = dict(zip("ñôöíìæóòîÑÔÖÍÌÆÓÒÎ", "đơưíìỉĩịỵĐƠƯÍÌỈĨỊỴ", strict=True))
# What stands behind a base letter in VNI: the marks it adds, as combining characters.
_VNI_MARKS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309",
    "ã": "\u0302\u0303", "ä": "\u0302\u0323",
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_MARKS |= {mark.upper(): added for mark, added in _VNI_MARKS.items()}
_VNI_PAIR = re.compile(f"([aeouyAEOUYôöÔÖ])([{''.join(_VNI_MARKS)}])")

_ONSET = "ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnprstvx]"
_RHYME_WORDS = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em
    en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp
    iêt iêu o oa oac oach oai oam oan oang oanh oao oat oay oăc oăm oăn oăng oăt oc oe oen oeo
    oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un
    ung up ut uy uya uych uyn uynh uyt uyu uyên uyêt uân uâng uât uây uê uêch uênh uôc uôi uôm
    uôn uông uôt uơ ư ưa ưc ưi ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt
    yêu êng uan ơng
"""
_RHYMES = frozenset(_RHYME_WORDS.split())
_SYLLABLE = re.compile(rf"({_ONSET})?(\w+)")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_LOST_HORN = (
    (re.compile(r"(?<![uưUƯ])([ơờớởỡợ])(ng|c|u)(?!\w)"), r"ư\1\2"),
    (re.compile(r"(?<!\w)(ngh?|nh|kh|th|tr|ch|[bcdđhlmnrstvx])(ng|c|u|t)?(?!\w)"), r"\1ư\2"),
)


class Mended(NamedTuple):
    """A text brought back, and what it was written in: ``tcvn3``, ``vni`` or ``utf8-twice``."""

    text: str
    was: str


def modern(text: str) -> str:
    """Return the text in Unicode Vietnamese, as it is if it is not in an old encoding."""
    mended = mend(text)
    return mended.text if mended else text


def mend(text: str) -> Mended | None:
    """Return the text in Unicode Vietnamese, or ``None`` if it is not in an old encoding.

    Best called before ``core.text.clean``, which drops the soft hyphen that is ư in TCVN3; where
    it is gone already, ư is put back where no syllable stands without it.
    """
    head = text[:LONGEST]
    if head.isascii() or _MODERN.search(head):
        return None
    marked = _marked_words(head)
    if len(marked) < LEAST_WORDS or _sound(marked) > FEW * len(marked):
        return None
    for was, convert in _CONVERTERS:
        tried = convert(head)
        if tried is None:
            continue
        words = _marked_words(tried)
        if len(words) >= LEAST_WORDS and _sound(words) >= MOST * len(words):
            whole = tried if len(text) <= LONGEST else convert(text)
            return Mended(unicodedata.normalize("NFC", whole or tried), was)
    return None


def is_vietnamese_syllable(word: str) -> bool:
    """Say whether a word, marks and all, can be one Vietnamese syllable."""
    return _is_syllable(word.lower())


def _marked_words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text) if not word.isascii()]


def _sound(words: list[str]) -> int:
    return sum(map(_is_syllable, words))


def _is_syllable(word: str) -> bool:
    return len(word) <= LONGEST_SYLLABLE and _spelled(word)


@lru_cache(maxsize=20_000)
def _spelled(word: str) -> bool:
    loose = unicodedata.normalize("NFD", word)
    if len(_TONES.findall(loose)) > 1:
        return False
    match = _SYLLABLE.fullmatch(unicodedata.normalize("NFC", _TONES.sub("", loose)))
    if match is None:
        return False
    onset, rhyme = match[1] or "", match[2]
    # The u of "qu" and the i of "gi" belong to the rhyme as much as to what stands before it.
    return rhyme in _RHYMES or (onset in ("qu", "gi") and onset[1] + rhyme in _RHYMES)


def _from_tcvn3(text: str) -> str | None:
    made = text.translate(_TCVN3_TABLE)
    if "\u00ad" not in text:
        for pattern, put in _LOST_HORN:
            made = pattern.sub(put, made)
    return made


def _from_vni(text: str) -> str | None:
    def pair(match: re.Match[str]) -> str:
        base = _VNI_SINGLE.get(match[1], match[1])
        return unicodedata.normalize("NFC", base + _VNI_MARKS[match[2]])

    made: list[str] = []
    at = 0
    for match in _VNI_PAIR.finditer(text):
        made += (_singles(text[at : match.start()]), pair(match))
        at = match.end()
    return "".join([*made, _singles(text[at:])])


def _singles(text: str) -> str:
    return text.translate(_VNI_TABLE)


_VNI_TABLE = {ord(old): new for old, new in _VNI_SINGLE.items()}
_TCVN3_TABLE = {ord(old): new for old, new in _TCVN3.items()}
_WESTERN = {bytes([code]).decode("cp1252", "ignore"): code for code in range(128, 256)}
_WESTERN.pop("", None)


def _from_utf8_twice(text: str) -> str | None:
    """Undo one reading of UTF-8 as Windows-1252 or Latin-1; ``None`` if it was none."""
    codes: list[int] = []
    for char in text:
        code = _WESTERN.get(char, ord(char))
        if code > 255:
            return None
        codes.append(code)
    made = bytes(codes).decode("utf-8", "replace")
    return made if made.count("\ufffd") * 20 <= len(made) else None


_CONVERTERS: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("utf8-twice", _from_utf8_twice),
    ("tcvn3", _from_tcvn3),
    ("vni", _from_vni),
)
