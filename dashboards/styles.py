"""One style sheet for a page: ours and the colours of the playbook's levels, which are data.

Two sheets would cost a slow line a second connection before anything can be drawn.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dashboards.wire import Asset
from langnghe.core.policy.model import Policy

ADDRESS = "/giao-dien.css"
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-z]{3,30}")


def level_css(policy: Policy) -> str:
    """Return one class a level; a colour that is none is left out (shape and word remain)."""
    return "".join(
        f".muc-{level.value}{{--muc:{level.colour}}}\n"
        for level in policy.levels
        if _COLOUR.fullmatch(level.colour)
    )


def style_sheet(policy: Policy, own: bytes) -> Asset:
    """Return our sheet ``own`` with the levels of ``policy`` after it."""
    return _sheet(own, level_css(policy))


@lru_cache(maxsize=8)
def _sheet(own: bytes, levels: str) -> Asset:
    return Asset.of(own + b"\n" + levels.encode(), "text/css")
