"""A small chronicle for the document of the API: fiction."""

from __future__ import annotations

from pydantic.config import JsonDict

_SOURCE: JsonDict = {
    "id": 901,
    "at": "2026-11-23T01:30:00Z",
    "outlet": "Báo Mây Trắng",
    "title": "Học sinh Trường TH Suối Mơ nhập viện sau bữa trưa",
    "kind": "news",
    "tier": 2,
}
_NUMBER: JsonDict = {
    "value": 20,
    "at": "2026-11-23T01:30:00Z",
    "outlet": "Báo Mây Trắng",
    "mention_id": 901,
    "voices": 2,
    "late": 0,
    "disputed": False,
    "comment": False,
}
CHRONICLE_EXAMPLE: JsonDict = {
    "phase": {"id": "spreading", "recent": 5, "before": 1, "new_voices": 3},
    "headline": _SOURCE,
    "spread": {
        "first": _SOURCE,
        "first_article": _SOURCE,
        "independent": 3,
        "echoing": 2,
        "originals": 5,
        "copies": 4,
        "comments": 0,
        "families": [],
        "more_families": 0,
    },
    "drifts": [
        {
            "kind": "hospitalised",
            "noun": "học sinh",
            "joined": True,
            "path": "gần 20 → 25",
            "steps": [
                {**_NUMBER, "shown": "gần 20", "turn": "first"},
                {**_NUMBER, "shown": "25", "value": 25, "turn": "up"},
            ],
            "official": None,
        }
    ],
    "wording": {"framings": [], "entered": [], "left": [], "since": None},
    "stances": {"buckets": [], "office": None, "school": None},
    "replies": {
        "replies": [],
        "more": 0,
        "carrying": [],
        "silent": [],
        "silent_total": 0,
        "still": [],
        "latest": None,
    },
    "sentences": [{"text": "Gần 20 em được đưa tới trạm y tế.", "source": _SOURCE}],
}
