"""Texts in old encodings come back letter by letter; sound texts are not touched."""

import unicodedata

import pytest

from langnghe.core.legacy import is_vietnamese_syllable, mend
from langnghe.core.text import clean

SOUND = (
    "Phụ huynh Trường Tiểu học Nậm Sương phản ánh con bị bạn đánh, nhà trường chưa trả lời. "
    "Hiệu trưởng nói sẽ kiểm tra những khoản thu đầu năm và kỷ luật nếu có sai phạm."
)
TCVN3 = (
    "Phô huynh Tr­êng TiÓu häc NËm S­¬ng ph¶n ¸nh con bÞ b¹n ®¸nh, nhµ tr­êng ch­a tr¶ lêi. "
    "HiÖu tr­ëng nãi sÏ kiÓm tra nh÷ng kho¶n thu ®Çu n¨m vµ kû luËt nÕu cã sai ph¹m."
)
VNI = (
    "Phuï huynh Tröôøng Tieåu hoïc Naäm Söông phaûn aùnh con bò baïn ñaùnh, nhaø tröôøng chöa traû "
    "lôøi. Hieäu tröôûng noùi seõ kieåm tra nhöõng khoaûn thu ñaàu naêm vaø kyû luaät neáu coù sai "
    "phaïm."
)


def twice(text: str, encoding: str) -> str:
    """Return the text as read once too often: its UTF-8 taken for a Western encoding."""
    return "".join(bytes([b]).decode(encoding, "ignore") or chr(b) for b in text.encode())


@pytest.mark.parametrize(
    ("broken", "was"),
    [
        (TCVN3, "tcvn3"),
        (VNI, "vni"),
        (twice(SOUND, "cp1252"), "utf8-twice"),
        (twice(SOUND, "latin-1"), "utf8-twice"),
    ],
)
def test_an_old_encoding_comes_back(broken: str, was: str) -> None:
    assert mend(broken) == (SOUND, was)


def test_tcvn3_that_lost_its_soft_hyphens_is_still_readable() -> None:
    mended = mend(clean(TCVN3))
    assert mended is not None
    words = zip(mended.text.split(), SOUND.split(), strict=True)
    assert sum(ours != right for ours, right in words) <= 2  # "chưa" is "cha" now


@pytest.mark.parametrize(
    "text",
    [
        SOUND,
        unicodedata.normalize("NFD", SOUND),
        "Phu huynh truong nay buc xuc vi khoan thu dau nam",
        "Tôi là cô Hà, thôi nhé, và là bà Trà già",  # every letter is also a Western one
        "hoà bình, hoá ra là thế này à, oái ăm",
        "L'élève a été blessé à l'école près de l'hôtel, forêt brûlée, où êtes-vous",
        "Schüler für schöne Städte über Öl, Straße, Mädchen, Kühe, Größe",
        "Não há informação sobre a criança; às três vão à avó, mãe e irmã",
        "Año señal también niño mañana José pingüino corazón",
        "学校学生被打了 ໂຮງຮຽນ школа מדרשה",
        "café, résumé, naïve",
        "",
        "😡😡😡",
        "\ud800\udfff",
        "Ø ø ° ± µ ¶ § ¬ ® © « »",
    ],
)
def test_what_is_sound_or_foreign_is_not_touched(text: str) -> None:
    assert mend(text) is None


def test_a_long_text_is_mended_whole() -> None:
    mended = mend(" ".join([TCVN3] * 200))
    assert mended is not None
    assert mended.text == " ".join([SOUND] * 200)


@pytest.mark.parametrize(
    "word", ["trường", "Nghỉ", "giường", "quýt", "uống", "già", "yên", "khuya"]
)
def test_syllables(word: str) -> None:
    assert is_vietnamese_syllable(word)


@pytest.mark.parametrize("word", ["tr", "élève", "häc", "tröôøng", "sớơ", "zzz", "trươngg"])
def test_what_is_no_syllable(word: str) -> None:
    assert not is_vietnamese_syllable(word)
