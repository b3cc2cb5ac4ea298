"""Say in plain Vietnamese what is unusual; numbers as Vietnamese write them."""

from __future__ import annotations

LONGEST = 3650.0
"""Days: rarer than this is only said to be rarer."""


def number(value: float) -> str:
    """Return ``0,3``, ``4`` or ``1.200``: two figures that matter, no false precision."""
    if value >= 1000:
        return f"{round(value, -2):,.0f}".replace(",", ".")
    if value >= 9.95:
        return f"{value:.0f}"
    shown = f"{value:.1f}" if value >= 0.095 else f"{value:.2g}"
    return shown.removesuffix(".0").replace(".", ",")


def rarity(once_in: float) -> str:
    """Return how seldom that happens by itself."""
    if once_in >= LONGEST:
        return f"hơn {number(LONGEST / 365)} năm mới có một lần"
    if once_in >= 730:
        return f"khoảng {number(round(once_in / 365))} năm một lần"
    step = 10 if once_in >= 100 else 1
    return f"khoảng {number(max(round(once_in / step), 1) * step)} ngày một lần"


def burst_text(
    unit: str, topic: str, seen: int, days: int, expected: float, once_in: float, season: str = ""
) -> str:
    """Return one sentence; ``topic`` "" means all topics, ``season`` what was allowed for."""
    about = f" về {topic}" if topic else ""
    within = f"trong {days} ngày" if days > 1 else "trong ngày"
    allowed = f" (đã tính mùa: {season})" if season else ""
    return (
        f"{unit}: {seen} tin{about} {within}, bình thường khoảng {number(expected)} tin{allowed}; "
        f"hiếm gặp: {rarity(once_in)}."
    )


def several_text(unit: str, topic: str, schools: int, seen: int, days: int, expected: float) -> str:
    """Return one sentence about several schools of one place."""
    return (
        f"{unit}: {schools} trường cùng có tin về {topic} trong {days} ngày ({seen} tin), "
        f"bình thường cả địa bàn khoảng {number(expected)} tin."
    )
