"""What emoji and typed faces mean: "con bị đánh 😡" is no neutral report.

A sign becomes a token of its own (``<giận>``), so that models learn it and a person can read it.
Laughing faces stay apart from joy: under bad news they are mockery as often as delight.
"""

from __future__ import annotations

import re

_EMOJI: dict[str, str] = {
    "giận": "😡😠🤬👿😤💢👊🗯",
    "buồn": "😢😭😥😞😔☹🙁😟😿💔😓🥺😪😫😩😖😣😰🥲",
    "sợ": "😱😨😧😦😳🤯😬🫣",
    "ghê": "🤮🤢💩🤧🪳🪱🐛",
    "cười": "😂🤣😆😹😅",
    "vui": "😀😃😄😁😊☺😍🥰😘😻🤗😇🤩🥳😋😎🌞😸😺🎉🎊🥹",
    "thích": "👍👏❤♥💕💖💗💓💞💙💚💛🧡💜🤍🖤💝💘🌹🌷🌸💐🌺🌻🙌💪🏆🥇⭐🌟✨🔥💯👌✅🫶",
    "chê": "👎🖕❌⛔🚫",
    "mỉa": "🙂🙃😏😒🙄🤡🤨🤔😑😐🤭😌",
    "cầu": "🙏🤲",
    "tang": "🕯⚰🪦🎗🥀",
    "gấp": "🚨🆘⚠❗‼📢🔔📣",
}
_MEANING = {sign: name for name, signs in _EMOJI.items() for sign in signs}
_TYPED: tuple[tuple[str, str], ...] = (
    ("buồn", r":'?-?\(+|=\(+|:<+(?!\w)|;\(+|\({2,}|:\[(?!\w)"),
    ("vui", r":-?\)(?!\))|:-?[dD]+(?!\w)|\^[_.]?\^+|=[dD](?!\w)|:[pP]+(?!\w)|:3(?!\d)|;-?\)"),
    ("cười", r":-?\){2,}|=\)+|:v+(?!\w)|\){3,}|:>+(?!\w)"),
    ("thích", r"<3+(?![\d.,])"),
    ("mỉa", r"-[_.]-+|=[_.]=+|:-?\|(?!\w)|@@+(?!\w)|:-?/(?![/\w])"),
    ("giận", r">[_.:]?<+(?!\w)|>:\("),
)

FACES = "|".join(pattern for _, pattern in _TYPED)
"""Typed faces as one alternation, to be tried where no word begins."""
EMOJI_CLASS = "\u203c\u2049\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff"
"""Inside of a regular expression class: signs that are read as pictures."""
_TYPED_RULES = tuple((name, re.compile(pattern)) for name, pattern in _TYPED)


def meaning(sign: str) -> str:
    """Return the token an emoji or typed face stands for; ``<hình>`` for one that says nothing."""
    name = _MEANING.get(sign[0])
    if name is None:
        name = next((n for n, rule in _TYPED_RULES if rule.fullmatch(sign)), "hình")
    return f"<{name}>"


SHOWN: tuple[str, ...] = (
    *(sign for signs in _EMOJI.values() for sign in signs[:4]),
    ":((", ":(", "=))", ":v", ":)", "<3", "^^", ":))", "=((",
)  # fmt: skip
"""Signs people often type, for making copies."""
