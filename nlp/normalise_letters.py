"""Letters behind a disguise: look-alikes, leet, drawn-out or parted letters, raw Telex and VNI.

Who wants to be read by parents but not by a filter swaps, parts and repeats letters; who types on
a machine without an input method leaves the keystrokes behind ("truowngf"). Each function takes
one word and gives back the word meant, or nothing where it could as well be something honest.
"""

from __future__ import annotations

import re
import unicodedata

from langnghe.core.text import strip_marks

JOINERS = (
    "\u0300-\u036f\u0483-\u0489\u20d0-\u20ff\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad"
)
"""Inside of a regular expression class: what may sit within a word without being a letter."""

# Letters of other scripts that look like Latin ones; used only in words that also hold Latin.
_TWINS = str.maketrans(
    "аеорсухіјѕһԁԛԝвкмтнАЕОРСУХІЈЅВКМТНαοενιρτυκχΑΒΕΗΙΚΜΝΟΡΤΥΧΖɑɡıʟᴀʙᴄᴅᴇɢʜɪᴊᴋᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢð",
    "aeopcyxijshdqwbkmthAEOPCYXIJSBKMTHaoevipTukxABEHIKMNOPTYXZagilabcdeghijkmnoprstuvwyzđ",
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_NOT_OURS = re.compile(f"[{JOINERS}]")
_OUR_MARKS = frozenset("\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ONSETS = _listed("b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")
_RIMES = _listed(
    "a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich iec iem "
    "ien ieng iep iet ieu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay "
    "oc oe oem oen oeo oet oi om on ong ooc oong op ot u ua uan uang uat uay uau uc ue uec uech "
    "uen uenh uet ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen uyet "
    "uynh uyt uyu uyn y yem yen yet yeu yt"
)
_SYLLABLES = frozenset(onset + rime for onset in ("", *_ONSETS) for rime in _RIMES) | _listed(
    "gi gin gic git gim gip gia giac giai giam gian giang gianh giao giap giat giau giay"
)
_CLOSED = ("c", "ch", "p", "t")

_TONE_MARK = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323",
              "s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303",
              "j": "\u0323"}  # fmt: skip
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_LEET = str.maketrans({"0": "o", "1": "i", "@": "a", "4": "a", "3": "e", "$": "s", "5": "s",
                       "!": "i"})  # fmt: skip
_LEET_SIGN = re.compile("[0-9@$!]")
_VNI = re.compile(r"[a-z]+[1-9][a-z0-9]*")
_DOUBLE_U = frozenset(("cuu", "huu", "luu", "muu", "suu", "buu", "tuu", "truu", "khuu"))  # cứu, hữu
_SAME = re.compile(r"([^\W\d_])\1+")

# Harm words people write with a star for a letter. A star stands for one letter or more.
_CENSORED = _listed(
    "chết giết đánh hiếp dâm tử tát đâm chém cướp bắn máu súng hại dục đập tự ngu chó địt lồn cặc "
    "buồi đĩ đéo cứt phá trộm ma túy bạo hành cưỡng sát nhảy xâm"
)

# Syllables that settle where parted letters can be read in two ways (lực học, not lự chọc).
_LIKELY = _CENSORED | _listed(
    "lực học đường sinh thầy cô trường lớp tiền thu phụ huynh con cháu em bị có thể thế không "
    "khóc nhà chửi tục tĩu đời độc ngộ nhập viện cấp cứu dâm ô sàm sỡ quấy rối tình dục lừa đảo "
    "hối lộ tham nhũng ăn chặn bớt xén lạm phạt quỳ bắt nạt mắng thuốc lá cần sa kẹo chơi game "
    "cờ bạc cá độ thất thiệt giáo viên hiệu trưởng và của là các một người đã này những"
)


def real_syllable(plain: str) -> bool:
    """Say whether lower-case letters without marks have the build of a Vietnamese syllable."""
    return plain in _SYLLABLES


def unmask(word: str) -> str:
    """Return the NFC word without invisible letters, foreign marks and look-alikes."""
    if word.isascii():
        return word
    word = unicodedata.normalize("NFKC", word)
    if _NOT_OURS.search(word):
        loose = unicodedata.normalize("NFD", word)
        kept = [c for c in loose if not _NOT_OURS.match(c) or c in _OUR_MARKS]
        word = unicodedata.normalize("NFC", "".join(kept))
    if not _FOREIGN.search(word) or _LATIN.search(word):
        word = unicodedata.normalize("NFC", word.translate(_TWINS))
    return word


def calm(word: str) -> str:
    """Return the lower-case word with drawn-out letters written once (``quáaaa`` → ``quá``).

    ``ưu`` and the few words in ``oong``, ``ooc`` are no drawn-out letters.
    """
    if word.isascii():
        as_it_is = word.endswith(("oong", "ooc")) or word in _DOUBLE_U
        return word if as_it_is else _SAME.sub(r"\1", word)
    if strip_marks(word).endswith(("oong", "ooc")):
        return word
    word = _SAME.sub(r"\1", word)
    if len(word) < 2:
        return word
    kept = [word[0]]
    for char in word[1:]:
        last = kept[-1]
        if _base(char) == _base(last) and not _horned(char, last):
            kept[-1] = max(last, char, key=lambda c: len(unicodedata.normalize("NFD", c)))
        else:
            kept.append(char)
    return "".join(kept)


def _base(char: str) -> str:
    return char if char.isascii() else unicodedata.normalize("NFD", char)[0]


def _horned(char: str, last: str) -> bool:
    """Say whether two letters are ``ư`` and ``u``, which may stand side by side (``cứu``)."""
    horn = "\u031b"
    pair = (unicodedata.normalize("NFD", c) for c in (last, char))
    return _base(char) == "u" and (horn in next(pair)) != (horn in next(pair))


def leet(word: str) -> str | None:
    """Return the word meant by digits and signs for letters, where only then it is a word."""
    if not _LEET_SIGN.search(word) or not any(c.isalpha() for c in word):
        return None
    letters = sum(c.isalpha() for c in word)
    signs = len(word) - letters
    inner = word[0].isalpha() and (word[-1].isalpha() or word[-1] in "@$" or letters >= 2)
    if not inner or signs > letters:
        return None
    stem = strip_marks(word.rstrip("0123456789!"))
    if stem != strip_marks(word) and (real_syllable(stem) or len(stem) < 2):
        return None  # lop3, thu4, c1: a number behind a word
    for one in "il":
        meant = word.translate(_LEET | {ord("1"): one})
        if real_syllable(strip_marks(meant)):
            return meant
    return None


def uncensored(word: str) -> str | None:
    """Return the one harm word that a starred word (``ch*t``, ``gi**t``) can only be."""
    if "*" not in word or not word[0].isalpha() or not word[-1].isalpha():
        return None
    pattern = re.compile(re.sub(r"\\\*(?:\\\*)*", r"[^\\W\\d_]{1,3}", re.escape(word)))
    loose = word.isascii()
    fits = [w for w in _CENSORED if pattern.fullmatch(strip_marks(w) if loose else w)]
    return fits[0] if len(fits) == 1 else None


def parted(letters: str) -> list[str] | None:
    """Return the syllables that letters typed apart spell (``bạolực``), or nothing.

    Fewest syllables win, likely ones before others; each has two letters or more and
    one tone at most.
    """
    size = len(letters)
    best: list[tuple[float, int] | None] = [None] * (size + 1)
    best[0] = (0.0, 0)
    bases = strip_marks(letters)
    if len(bases) != size:
        return None
    tones = [any(c in _TONES for c in unicodedata.normalize("NFD", char)) for char in letters]
    for end in range(2, size + 1):
        for start in range(max(0, end - 7), end - 1):
            before = best[start]
            if before is None or sum(tones[start:end]) > 1 or bases[start:end] not in _SYLLABLES:
                continue
            here, cost = best[end], before[0] + 1.3 - 0.3 * (letters[start:end] in _LIKELY)
            if here is None or cost < here[0]:
                best[end] = (cost, start)
    found: list[str] = []
    end = size
    while end:
        step = best[end]
        if step is None:
            return None
        found.append(letters[step[1] : end])
        end = step[1]
    return found[::-1]


def keystrokes(word: str) -> str | None:
    """Return what raw Telex or VNI keys of one syllable spell (``truowngf``, ``kho6ng``).

    ``None`` for what is already a syllable as it stands or spells none.
    """
    if not word.isascii() or not 2 <= len(word) <= 10 or word in _SYLLABLES:
        return None
    meant = _vni(word) if _VNI.fullmatch(word) else _telex(word) if word.isalpha() else None
    if meant is None or meant == word:
        return None
    plain = strip_marks(meant)
    tone = [c for c in unicodedata.normalize("NFD", meant) if c in _TONES]
    if plain not in _SYLLABLES or len(tone) > 1:
        return None
    if plain.endswith(_CLOSED) and tone and tone[0] not in "\u0301\u0323":
        return None
    return meant


def surely_keystrokes(word: str) -> bool:
    """Say whether a word can hardly be anything but raw keys, even alone in a text."""
    return bool(_SURE.fullmatch(word))


_SURE = re.compile(
    r"[a-z]*uow(?:[ncimptug][gh]?)?[sfrxj]?|dd[a-z]{2,}|[a-z]*[aeo](?:aa|ee|oo)?6[a-z]*[1-5]?"
    r"|[a-z]{1,3}(?:ieej|uyee|oo|aa|ee)[nmcptu](?:g|h)?[sfrxj]|d9[a-z]+[1-5]?|[a-z]+u7o7[a-z]*[1-5]?"
)


def _telex(word: str) -> str | None:
    tone, body = "", word
    if len(word) > 2 and word[-1] in "sfrxj" and re.search("[aeiouyw]", word[:-1]):
        tone, body = word[-1], word[:-1]
    if body.startswith("dd"):
        body = "đ" + body[2:]
    body = body.replace("uwow", "ươ").replace("uow", "ươ")
    for keys, letter in (("aw", "ă"), ("ow", "ơ"), ("uw", "ư"), ("aa", "â"), ("ee", "ê"),
                         ("oo", "ô")):  # fmt: skip
        body = body.replace(keys, letter)
    if not tone:  # the tone key may stand right behind its vowel: "hojc", "baso"
        inner = re.fullmatch(r"(.*[aeiouyăâêôơưđ])([sfrxj])([a-zăâêôơư]+)", body)
        if inner and not re.search("[sfrxj]", inner[3]):
            body, tone = inner[1] + inner[3], inner[2]
    return _with_tone(body, tone)


def _vni(word: str) -> str | None:
    tone, out = "", ""
    for char in word:
        if char in "12345":
            if tone:
                return None
            tone = char
        elif char == "9" and out.endswith("d"):
            out = out[:-1] + "đ"
        elif char in "678":
            vowels = {"6": "aâeêoô", "7": "oơuư", "8": "aă"}[char]
            at = max(out.rfind(vowels[i]) for i in range(0, len(vowels), 2))
            if at < 0:
                return None
            out = out[:at] + vowels[vowels.index(out[at]) + 1] + out[at + 1 :]
        elif char.isdigit():
            return None
        else:
            out += char
    out = out.replace("uơ", "ươ") if out.endswith(("ng", "n", "c", "i", "m", "p", "t")) else out
    return _with_tone(out, tone)


def _with_tone(body: str, tone: str) -> str | None:
    vowels = [i for i, c in enumerate(body) if _base(c) in "aeiouy"]
    if body.startswith(("gi", "qu")) and len(vowels) > 1:
        vowels = vowels[1:]
    if not vowels:
        return None
    if not tone:
        return body
    special = [i for i in vowels if not body[i].isascii()]
    at = special[-1] if special else vowels[len(vowels) > 1 and vowels[-1] < len(body) - 1]
    return unicodedata.normalize("NFC", body[: at + 1] + _TONE_MARK[tone] + body[at + 1 :])
