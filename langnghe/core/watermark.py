"""The watermark of a drill: whatever leaves a drill's database says so, first and last.

It is put on where a message enters the outbox, the one door all of them use, so that no letter of
today or tomorrow can be written without it. Putting it on twice changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

WORD = "DIỄN TẬP"
PREFIX = f"[{WORD}]"
HEADER = "X-Langnghe-Drill"
FILE_PREFIX = "DIEN-TAP-"
BANNER = f"{WORD} – SỰ VIỆC KHÔNG CÓ THẬT"
ADVICE = "Thư của một buổi diễn tập: không chuyển tiếp, không đăng lại, không báo cơ quan khác."
FOOTER = f"{WORD} – hết thư. Mọi tin bài, số liệu, tình tiết nêu trên đều do người soạn đặt ra."
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_TITLE = re.compile(r"(<title\b[^>]*>)(?!\s*\[DIỄN TẬP\])", re.IGNORECASE)
_BOX = (
    "margin:0 auto;max-width:560px;padding:10px 16px;background:#5b2a86;color:#fff;"
    "font:700 16px/1.4 system-ui,'Segoe UI',Roboto,Arial,sans-serif"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A message with its watermark."""

    subject: str
    text: str
    html: str
    headers: dict[str, str]


def stamp(subject: str, text: str, html: str, headers: dict[str, str], note: str = "") -> Marked:
    """Return the message saying DIỄN TẬP in subject, first line, banner, footer and headers.

    ``note`` is one more sentence for the banner, such as how fast the drill's clock runs.
    """
    advice = f"{ADVICE} {note}".strip()
    if not subject.startswith(PREFIX):
        subject = f"{PREFIX} {subject}"
    if not text.startswith(f"*** {BANNER}"):
        text = f"*** {BANNER} ***\n{advice}\n\n{text.strip()}\n\n--- {FOOTER} ---\n"
    if _box(FOOTER) not in html:
        html = _framed(_TITLE.sub(rf"\g<1>{PREFIX} ", html), advice)
    return Marked(subject, text, html, {**headers, HEADER: "1"})


def is_stamped(subject: str, text: str, html: str, headers: dict[str, str]) -> bool:
    """Tell whether a message carries the whole watermark."""
    return (
        subject.startswith(PREFIX)
        and text.startswith(f"*** {BANNER}")
        and text.rstrip().endswith(f"--- {FOOTER} ---")
        and _box(FOOTER) in html
        and f"<b>{BANNER}</b>" in html
        and headers.get(HEADER) == "1"
    )


def _framed(html: str, advice: str) -> str:
    head = f'<div style="{_BOX}"><b>{BANNER}</b><br><small>{escape(advice)}</small></div>'
    start = _BODY.search(html)
    at = start.end() if start else 0
    ends = [m.start() for m in _BODY_END.finditer(html) if m.start() >= at]
    end = ends[-1] if ends else len(html)
    return html[:at] + head + html[at:end] + _box(FOOTER) + html[end:]


def _box(said: str) -> str:
    return f'<div style="{_BOX}">{escape(said)}</div>'
