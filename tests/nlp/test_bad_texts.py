"""Whatever comes in gets a reading and never an exception, in time that grows with its length."""

import gc
import json
import time
from collections.abc import Callable

import pytest

from langnghe.core.legacy import mend
from langnghe.core.text import clean
from langnghe.core.types import Item, Profile
from langnghe.demo.run import demo_profile
from nlp.facts import find_facts
from nlp.features import names, view
from nlp.legible import unreadable
from nlp.lexicon import taxonomy
from nlp.normalise import tokens
from nlp.reader import Reader
from nlp.shield import mask
from nlp.stance import judge_stance
from nlp.summary import representative
from nlp.units import UnitLinker

SMALL, FACTOR, ALLOWED = 2_000, 10, 12
FLOOR = 0.0004  # seconds; below it a clock tick is more than the work

# Each is repeated to any length. Every rule of the room has a text here that all but matches it.
FLOODS = {
    "one letter": "a",
    "one word": "trường ",
    "prose": "Em Lò Văn Sao, lớp 7B, bị bạn đánh hôm 3/9. ",
    "digits": "0",
    "numbers": "1234567890",
    "phones": "0912 345 67",
    "slashes": "1/2/",
    "dotted": "a.b.c.d.",
    "underscores": "a_b_",
    "dashes": "1-",
    "dot words": "nhà.trường.",
    "letters apart": "b ạ o ",
    "school heads": "Trường ",
    "schools": "Trường THCS ",
    "school names": "Trường Tiểu học Hoa Hồng, ",
    "names": "Nguyễn Văn An ",
    "shouted": "NGUYỄN VĂN AN ",
    "pupils": "em An ",
    "initials": "em K. ",
    "capitals": "A. ",
    "aged": "em T. (14 tuổi, lớp 9) ",
    "mothers": "mẹ cháu ",
    "called": "tên là ",
    "classes": "lớp 4A, ",
    "adults": "ông An ",
    "offices": "hiệu trưởng ",
    "departments": "sở gd&đt tỉnh ",
    "communes": "xã Na U ",
    "provinces": "tỉnh Điện Biên ",
    "house numbers": "số nhà 5 ",
    "hamlets": "xóm An, ",
    "living at": "trú tại bản An, ",
    "identity": "cccd ",
    "accounts": "stk 1 ",
    "plates": "27b1 ",
    "spelled phones": "không hai ba bốn năm sáu ",
    "mail": "a@",
    "mails": "a@b.c ",
    "gmail": "gmail ",
    "dates": "ngày 3/9/2025 ",
    "money": "1.234.567 đồng ",
    "short money": "1tr5 ",
    "counts": "3 học sinh ",
    "hospital": "nhập viện ",
    "denials": "bác bỏ ",
    "no such thing": "không có chuyện ",
    "double denial": "không phải là không ",
    "commas": ",",
    "bangs": "!",
    "brackets": "([{<",
    "quotes": "“",
    "lines": "\n",
    "ellipses": "…",
    "emoji": "😭",
    "families": "👨\u200d👩\u200d👧",
    "flags": "🇻🇳",
    "loose marks": "a\u0323\u0302\u0308",
    "invisible": "\u200b",
    "turned": "\u202eabc\u202c ",
    "nul": "\x00",
    "controls": "\x01a\x85",
    "tcvn3": "Tr­êng häc ",
    "vni": "Tröôøng hoïc ",
    "utf8 twice": "TrÆ°á»\x9dng há»\x8dc ",
    "links": "https://a.b/c?d=e&f=",
    "tags": "<div><p>",
    "drawn out": "buồnnnnnn ",
}
STRANGE = {
    "blank": " ",
    "one emoji": "😭",
    "nul": "\x00",
    "half a character": "\ud83d",
    "bom": "\ufeff",
    "surrogates turned round": "\udc00\ud800 mây",
    "only marks": "\u0301\u0323",
    "chinese": "学校里有学生被打了，家长很生气",
    "english": "A pupil was beaten at the school gate today",
    "lao": "ໂຮງຮຽນ ນັກຮຽນ ຖືກຕີ",
    "khmer": "សាលារៀន សិស្ស ត្រូវបានវាយ",
    "thai": "โรงเรียนประกาศหยุดเรียน",
    "hmong": "Cov menyuam raug ntaus hauv tsev kawm ntawv, niam txiv chim heev",
    "arabic": "\u202bمدرسة\u202c الطلاب",
    "tcvn3": "Phô huynh Tr­êng TiÓu häc NËm S­¬ng ph¶n ¸nh",
    "vni": "Phuï huynh Tröôøng Tieåu hoïc phaûn aùnh",
    "utf8 twice": "Phá»¥ huynh TrÆ°á»ng Tiá»ƒu há»c",
    "bidi": "\u202e\u2066mây\u2069\u202c",
    "private letters": "\ue000\uf8ff\U0010ffff",
    "long lower case": "İẞŉǰ mây İẞ",
}


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load(demo_profile())


def read(
    reader: Reader, title: str | None, text: str | None, kind: str = "news"
) -> dict[str, object]:
    item = Item(id="x", kind=kind, title=title, text=text)
    told = reader.to_json(item, reader.predict([item])[0])
    json.dumps(told)
    p = told["about_education_p"]
    assert isinstance(p, float)
    assert 0 <= p <= 1
    return told


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_text_is_read(reader: Reader, name: str) -> None:
    for kind in ("news", "comment"):
        read(reader, STRANGE[name], STRANGE[name], kind)
        told = read(reader, None, STRANGE[name], kind)
        assert told["risk"] in (0, 1)


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_read(reader: Reader, name: str) -> None:
    flood = (FLOODS[name] * SMALL)[:SMALL]
    read(reader, flood, flood)


@pytest.mark.parametrize(
    "huge", ["trường" * 175_000, "trường " * 150_000, "😭" * 100_000, "(" * 500_000]
)
def test_a_megabyte_is_read_in_seconds(reader: Reader, huge: str) -> None:
    started = time.perf_counter()
    read(reader, None, huge, "comment")
    assert time.perf_counter() - started < 10


def stages(profile: Profile) -> dict[str, Callable[[str], object]]:
    lexicon, linker = taxonomy(), UnitLinker(profile)
    return {
        "clean": clean,
        "tokens": tokens,
        "phrases": lambda text: lexicon.matches(tokens(text)),
        "features": lambda text: names(view(Item(id="x", kind="news", text=text), lexicon)),
        "shield": mask,
        "facts": find_facts,
        "stance": lambda text: judge_stance(text, text, "comment"),
        "units": lambda text: linker.link(text, at=None),
        "summary": lambda text: representative([text]),
        "encoding": mend,
        "legible": lambda text: unreadable(text, tokens(text)),
    }


@pytest.mark.parametrize("stage", stages(Profile(name="", units=())))
def test_ten_times_the_text_costs_at_most_twelve_times(stage: str) -> None:
    work = stages(demo_profile())[stage]
    slow = {name: cost for name in FLOODS if (cost := _growth(work, FLOODS[name])) > ALLOWED}
    assert not slow


def _growth(work: Callable[[str], object], flood: str) -> float:
    """Return the cost of a text ten times as long over that of the text; the best of a few tries.

    Processor time, not the clock on the wall: other processes do not count. What is left of their
    noise can only make a measurement too large, so the least of several is nearest.
    """
    small = (flood * SMALL)[:SMALL]
    large = (flood * SMALL * FACTOR)[: SMALL * FACTOR]
    short = long = growth = float("inf")
    for _ in range(6):
        short, long = min(short, _seconds(work, small)), min(long, _seconds(work, large))
        growth = long / max(short, FLOOR)
        if growth <= ALLOWED:
            break
    return growth


def _seconds(work: Callable[[str], object], text: str) -> float:
    gc.disable()
    try:
        started = time.process_time()
        work(text)
        return time.process_time() - started
    finally:
        gc.enable()
