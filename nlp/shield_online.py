"""A child's trail on the net: accounts, links to profiles, hashtags and links that spell a name.

"#CongLyChoBeAn" or ".../be-an-bi-danh.html" says the name as loudly as the headline does. Accounts
of schools, authorities and newspapers are public and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.names import FEW_SURNAMES, GIVEN, PET_NAMES, SURNAMES_PLAIN
from nlp.plain import plain
from nlp.shield_numbers import Found
from nlp.shield_public import FAMOUS_PLAIN
from nlp.shield_words import NOT_PERSON_PLAIN, SMALL_ENDS

_PROFILE = re.compile(
    r"(?<![\w.])(?:https?://)?(?:www\.|m\.|mobile\.|vi-vn\.|web\.)?"
    r"(?:facebook\.com|fb\.com|fb\.me|tiktok\.com|instagram\.com|threads\.net|twitter\.com|x\.com|"
    r"zalo\.me|t\.me|m\.me|youtube\.com(?=/@))/(?P<who>profile\.php\?id=\d{3,20}|@?[\w.\-]{2,60})"
    r"(?:[/?][\w./?=&%\-]{0,80})?"
)
_MENTION = re.compile(r"(?<![\w.@/])@(?P<who>[a-z0-9_][\w.]{2,38}\w)")
_PUBLIC = re.compile(
    r"thcs|thpt|thvathcs|ptdt|gdtx|truong|school|mamnon|mam\.non|mau-?giao|tieuhoc|tieu\.hoc|"
    r"daihoc|university|edu|gov|ubnd|congan|cong\.an|sogd|phonggd|pgd|giaoduc|giao\.duc|hoidong|"
    r"doanthanhnien|tinhdoan|vtv|vov|vnexpress|tuoitre|thanhnien|dantri|vietnamnet|zing|kenh14|"
    r"baomoi|news|tintuc|thoisu|truyenhinh|benhvien|hospital|official|fanpage|"
    r"^@?(?:groups?|pages?|watch|share|sharer|sharer\.php|reel|reels|stories|story\.php|hashtag|"
    r"events?|permalink\.php|photo|photos|videos?|login|all|everyone|moinguoi|admin|"
    r"nguoitheodoi|channel|intent|home|p|g)$"
)
_TAG = re.compile(r"#(\w{4,80})")
_LINK = re.compile(r"(?<![\w@])(?:https?://|www\.)\S{4,400}")
_HUMP = re.compile(r"[A-Z][a-z]*|[a-z]+|\d+")
_CUES = frozenset(("be", "em", "chau", "cu", "ban"))
_TAG_CUE = re.compile(
    r"(?:^|thuong|cho|cuu|giup|vi|ly|ve|xa|nho|tim|ho|cung|cua|buon|vien|voi|nguyen)"
    r"(?:be|em|chau)(?:gai|trai)?(?=[a-z]{2})"
)
_SLUG_CUE = re.compile(
    r"(?<![a-z])(?:(?P<strong>be(?: gai| trai)?|em(?: be| gai| trai)?|chau(?: be)?)|"
    r"(?:nu sinh|nam sinh|hoc sinh|nu hoc sinh|nam hoc sinh|hs|nan nhan))(?: ten)? "
)
_JOINER = str.maketrans("-_/.+%=&?", "         ")
_GIVEN_PLAIN = frozenset(plain(word) for word in GIVEN)
_NAME_PLAIN = _GIVEN_PLAIN | SURNAMES_PLAIN | frozenset(plain(word) for word in PET_NAMES)
_PLACES = frozenset(("vietnam", "anh", "viet nam"))
_LONGEST = max(map(len, _NAME_PLAIN))


def find_online(low: str, flat: str) -> Iterator[Found]:
    """Yield accounts, profile links and names spelt in hashtags and links of one text."""
    if ("/" in low and "." in low) or "@" in low:
        for match in _PROFILE.finditer(low):
            if not _PUBLIC.search(match["who"]):
                yield Found(match.start(), match.end(), "handle", 8)
        for match in _MENTION.finditer(low):
            if not _PUBLIC.search(match["who"]):
                yield Found(match.start(), match.end(), "handle", 6)
        for match in _LINK.finditer(low):
            yield from _in_slug(plain(match.group()), match.start())
    if "#" in low:
        for match in _TAG.finditer(flat):
            span = _in_tag(match[1])
            if span:
                yield Found(match.start(1) + span[0], match.start(1) + span[1], "child_name", 4)


def _in_tag(tag: str) -> tuple[int, int] | None:
    """Return where a hashtag (without marks) spells a person's name, or ``None``."""
    humps = [(m.start(), m.group().lower()) for m in _HUMP.finditer(tag)]
    if len(humps) >= 2 and not tag.islower() and not tag.isupper():
        for n, (_, word) in enumerate(humps[:-1]):
            rest = [w for _, w in humps[n + 1 :] if not w.isdigit()]
            while rest and rest[0] in ("gai", "trai"):
                rest = rest[1:]
            named = bool(rest) and len(rest) <= 5 and all(w in _NAME_PLAIN for w in rest)
            if word in _CUES and named and "".join(rest) not in _PLACES:
                return tag.lower().rindex(rest[0], humps[n + 1][0]) if len(rest) == 1 else humps[
                    len(humps) - len(rest)
                ][0], len(tag)
        words = [word for _, word in humps]
        full = words[0] in FEW_SURNAMES and 3 <= len(words) <= 5 and words[-1] in _GIVEN_PLAIN
        return (0, len(tag)) if full and " ".join(words) not in FAMOUS_PLAIN else None
    flat = tag.lower()
    for cue in _TAG_CUE.finditer(flat):
        tail = flat[cue.end() :]
        if tail not in _PLACES and _spells(tail):
            return cue.end(), len(tag)
    return None


def _spells(joined: str) -> bool:
    """Say whether run-together letters are one to four name syllables."""
    ends = {0}
    for _ in range(4):
        ends = {
            end
            for at in ends
            for end in range(at + 1, min(len(joined), at + _LONGEST) + 1)
            if joined[at:end] in _NAME_PLAIN
        }
        if len(joined) in ends:
            return True
    return False


def _in_slug(link: str, start: int) -> Iterator[Found]:
    """Yield names behind "be", "em", "nu-sinh" in a link written without marks."""
    words = link.translate(_JOINER)
    for cue in _SLUG_CUE.finditer(words):
        at = cue.end()
        if NOT_PERSON_PLAIN.match(words, at):
            continue
        parts = words[at : at + 40].split(" ")[:4]
        size = 0
        if parts[0] in SURNAMES_PLAIN and (cue["strong"] or parts[0] in FEW_SURNAMES):
            while size < len(parts) and parts[size].isalpha() and parts[size] not in _SLUG_ENDS:
                size += 1
            size = size if size >= 2 else 0
        if not size:
            while size < len(parts) and parts[size] in _GIVEN_PLAIN - _SLUG_ENDS:
                size += 1
            size = size if cue["strong"] or size >= 2 else 0
        if size:
            yield Found(start + at, start + at + len(" ".join(parts[:size])), "child_name", 4)


_SLUG_ENDS = (SMALL_ENDS | {"bi", "thi", "nam", "tu", "an", "hoc", "tai", "sinh", "trong"}) - {
    "van", "thi", "ha", "mai", "sang", "thu", "bao",
}  # fmt: skip
