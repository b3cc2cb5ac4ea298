"""Words as the models see them, each still tied to the letters it came from.

People write to and about schools with marks, without, half and half, in teencode, with letters
drawn out ("buồnnn") or cut apart to slip past filters ("b_ỏ q_u_ê_n"). All of it is folded here
into syllables in two forms: marked (one tone style, so hòa = hoà) and plain (no marks). Each token
keeps its span, because a score must be able to show the exact words that caused it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from langnghe.core.text import strip_marks

_RAW = re.compile(r"[^\W_]+(?:[._*/\-][^\W_]+)*")
_PIECE = re.compile(r"[^\W_]+")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?"
)
_DRAWN_OUT = re.compile(r"([^\W\d_])\1+")
_DIGIT = re.compile(r"\d")
_TONES = {"\u0300": "2", "\u0301": "1", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_MARKED_SHARE = 0.12

# Short forms met in comments -> what they stand for. Only those that rarely mean anything else.
TEENCODE: dict[str, str] = {
    "ae": "anh em", "atvstp": "an toàn vệ sinh thực phẩm",
    "bgd": "bộ giáo dục", "bgh": "ban giám hiệu", "bgk": "ban giám khảo", "bhyt": "bảo hiểm y tế",
    "bik": "biết", "bít": "biết", "blhđ": "bạo lực học đường", "bn": "bạn",
    "bth": "bình thường", "chj": "chị", "cmhs": "cha mẹ học sinh",
    "cmt": "bình luận", "cn": "chủ nhiệm", "csvc": "cơ sở vật chất", "cx": "cũng", "cg": "cũng",
    "cũg": "cũng", "dc": "được", "đc": "được", "dzậy": "vậy",
    "đh": "đại học", "fb": "facebook", "gd": "giáo dục", "gđ": "gia đình",
    "gdđt": "giáo dục đào tạo",
    "gv": "giáo viên", "gvcn": "giáo viên chủ nhiệm", "gvbm": "giáo viên bộ môn", "hc": "học",
    "hcm": "hồ chí minh", "hcv": "huy chương vàng", "hk": "học kỳ", "hok": "không", "hong": "không",
    "hông": "không", "hp": "học phí", "hs": "học sinh", "hssv": "học sinh sinh viên",
    "ht": "hiệu trưởng", "hum": "hôm", "ib": "nhắn tin", "ik": "đi", "iu": "yêu", "k": "không",
    "kg": "không", "kh": "không", "khg": "không", "khum": "không", "ko": "không",
    "kp": "không phải",
    "lm": "làm", "lun": "luôn", "mk": "mình", "mn": "mọi người", "mng": "mọi người",
    "mog": "mong", "nc": "nước", "ng": "người", "ngta": "người ta", "nta": "người ta",
    "nhìu": "nhiều", "nhma": "nhưng mà", "nma": "nhưng mà", "ns": "nói", "nt": "nhà trường",
    "ntn": "như thế nào", "nv": "nhân viên", "oánh": "đánh", "uýnh": "đánh",
    "ph": "phụ huynh", "phhs": "phụ huynh học sinh", "pht": "phó hiệu trưởng", "qá": "quá",
    "ql": "quản lý", "r": "rồi", "rùi": "rồi", "roài": "rồi", "sgd": "sở giáo dục",
    "sgk": "sách giáo khoa", "stk": "số tài khoản", "sv": "sinh viên", "tg": "thời gian",
    "thcs": "trung học cơ sở", "thpt": "trung học phổ thông", "thik": "thích", "thui": "thôi",
    "trc": "trước", "trg": "trường", "trog": "trong",
    "trườg": "trường", "ttđt": "thông tin điện tử", "vcl": "vãi", "vl": "vãi",
    "vs": "với", "wa": "quá", "wá": "quá", "wc": "nhà vệ sinh", "xh": "xã hội", "xl": "xin lỗi",
    "xoá": "xóa", "đg": "đang", "đag": "đang",
}  # fmt: skip


class Token(NamedTuple):
    """One syllable: marked form (tone as a digit), plain form, span in the source text."""

    marked: str
    plain: str
    start: int
    end: int


def tokens(text: str, offset: int = 0) -> list[Token]:
    """Return the tokens of ``text``; spans are shifted by ``offset``.

    An expanded short form gives several tokens with the same span. Numbers keep only their shape
    (``2026`` → ``0000``), so that no figure or phone number is learnt by heart.
    """
    found: list[Token] = []
    for match in _RAW.finditer(text):
        base = match.start() + offset
        found += [
            Token(marked, plain, base + start, base + end)
            for marked, plain, start, end in _analyse(match.group())
        ]
    return found


def has_marks(sequence: Sequence[Token]) -> bool:
    """Say whether a text is written with marks at all (a few stray ones do not count)."""
    marked = sum(token.marked != token.plain for token in sequence)
    return marked > _MARKED_SHARE * len(sequence)


def tone_key(syllable: str) -> str:
    """Return the lower-case syllable with its tone moved to the end as a digit (hoà → hoa2)."""
    syllable = syllable.lower()
    if syllable.isascii():
        return syllable
    tone, rest = "", []
    for char in unicodedata.normalize("NFD", syllable):
        if char in _TONES:
            tone = _TONES[char]
        else:
            rest.append(char)
    return unicodedata.normalize("NFC", "".join(rest)) + tone


def is_syllable(text: str) -> bool:
    """Say whether the letters could be one Vietnamese syllable (marks are not looked at)."""
    return _SYLLABLE.fullmatch(strip_marks(text).lower()) is not None


@lru_cache(maxsize=200_000)
def _analyse(raw: str) -> tuple[tuple[str, str, int, int], ...]:
    if len(raw) > 64:  # no word: a pasted key or a link; its shape says enough
        return (("<long>", "<long>", 0, len(raw)),)
    pieces = [(m.group(), m.start(), m.end()) for m in _PIECE.finditer(raw)]
    if len(pieces) > 1 and _cut_apart([piece for piece, _, _ in pieces]):
        pieces = [("".join(piece for piece, _, _ in pieces), 0, len(raw))]
    return tuple(
        (tone_key(word), strip_marks(word).lower(), start, end)
        for piece, start, end in pieces
        for word in _words(piece)
    )


def _cut_apart(pieces: list[str]) -> bool:
    """Say whether letters were parted to hide one word (``ch.ử.i``), unlike TP.HCM or và/hoặc."""
    parted = all(len(piece) == 1 for piece in pieces) or not all(map(is_syllable, pieces))
    return parted and all(piece.islower() for piece in pieces[1:]) and is_syllable("".join(pieces))


def _words(piece: str) -> Iterator[str]:
    word = piece.lower()
    if not word.isalpha():
        shape = _DIGIT.sub("0", word)
        if len(shape) > 1 and shape.startswith("l0"):  # "l6" is how pupils write "lớp 6"
            yield "lớp"
            shape = shape[1:]
        yield shape
        return
    if word not in TEENCODE and not (word.endswith(("oong", "ooc"))):
        word = _DRAWN_OUT.sub(r"\1", word)
    # A lone capital is an initial (em K., lớp trưởng R.), not a short form.
    if word in TEENCODE and not (len(piece) == 1 and piece.isupper()):
        yield from TEENCODE[word].split()
    else:
        yield word
