"""Invented labelled rows, enough to train a small model on. No line of them is real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHOOLS = ("Hoa Ban", "Suối Lê", "Nậm Pa", "Đồi Chè", "Bản Mây", "Sông Trăng", "Rừng Thông")

# (title, about, scope, sentiment, topics, risk); {s} is an invented school
_KINDS: tuple[tuple[str, bool, str, str, list[str], int], ...] = (
    ("Trường {s} trao học bổng cho học sinh vượt khó", True, "vn", "pos",
     ["hoat_dong_tich_cuc"], 0),
    ("Phụ huynh Trường {s} bức xúc vì khoản thu quỹ lớp", True, "vn", "neg", ["khoan_thu"], 1),
    ("Clip nữ sinh Trường {s} bị đánh hội đồng", True, "vn", "neg", ["bao_luc_hoc_duong"], 2),
    ("Nhiều học sinh Trường {s} nhập viện nghi ngộ độc", True, "vn", "neg",
     ["an_toan_thuc_pham"], 3),
    ("Đại học {s} ở Nhật Bản công bố lịch tuyển sinh", True, "foreign", "neu", ["khac"], 0),
    ("Trường {s} công bố lịch tuyển sinh lớp 6", True, "vn", "neu", ["khac"], 0),
    ("Giá cà phê ở {s} tăng phiên thứ ba", False, "n/a", "neu", [], 0),
    ("Đội bóng {s} thắng trận mở màn", False, "n/a", "neu", [], 0),
    ("Ca sĩ {s} ra mắt đĩa nhạc mới", False, "n/a", "neu", [], 0),
    ("Ngân hàng {s} hạ lãi suất vay mua nhà", False, "n/a", "neu", [], 0),
)  # fmt: skip
_LEADS = (
    "Thông tin được nêu sáng nay, nhiều người quan tâm theo dõi.",
    "Sự việc ở {s} diễn ra hôm thứ hai, đang được bàn luận.",
    "Theo người dân {s}, chuyện này đã có từ tuần trước.",
)


def rows() -> list[dict[str, Any]]:
    """Return 10 kinds x 7 schools x 2 leads = 140 labelled rows."""
    return [
        {
            "id": f"f{kind}-{place}-{lead}",
            "kind": "news" if (kind + place) % 3 else "comment",
            "title": title.format(s=school),
            "text": _LEADS[(lead + place) % len(_LEADS)].format(s=school),
            "about_education": about,
            "scope": scope,
            "sentiment": sentiment,
            "topics": topics,
            "risk": risk,
        }
        for kind, (title, about, scope, sentiment, topics, risk) in enumerate(_KINDS)
        for place, school in enumerate(SCHOOLS)
        for lead in range(2)
    ]


def write(path: Path, lines: list[Any]) -> Path:
    """Write JSON Lines; a ``str`` goes in as it is, to make bad lines."""
    path.write_text(
        "\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines),
        encoding="utf-8",
    )
    return path
