"""The name of a story: who is alerted reads what happened, not what the story began with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.gather import headline
from langnghe.core.store.incidents import StoryMention

START = datetime(2026, 9, 1, tzinfo=UTC)
CALM, GRAVE = (0.97, 0.02, 0.01, 0.0), (0.0, 0.1, 0.5, 0.4)


def mention(number: int, title: str, risk_p: tuple[float, ...] = CALM, *, kind: str = "news",
            copy: bool = False) -> StoryMention:  # fmt: skip
    return StoryMention(
        id=number, story_id=1, copy=copy, kind=kind, source_id=None, source_name="Báo Sông",
        url=None, published_at=None, seen_at=START + timedelta(hours=number), education_p=1.0,
        scope="vn", risk=0, risk_p=risk_p, stance="report", topics=(), facts=(), units={},
        title=title, text="Nội dung.",
    )  # fmt: skip


def test_the_first_article_about_an_incident_gives_the_name() -> None:
    story = [
        mention(1, "Giải bóng đá sinh viên khai mạc"),
        mention(2, "Cổ động viên ngã khán đài, ba em bị thương", GRAVE, copy=True),
        mention(3, "Ba học sinh bị thương khi khán đài sập", GRAVE),
        mention(4, "Thêm một em nhập viện sau vụ sập khán đài", GRAVE),
    ]
    assert headline(story) == "Ba học sinh bị thương khi khán đài sập"
    assert headline(story[:1]) == "Giải bóng đá sinh viên khai mạc"


def test_without_an_article_the_first_voice_does() -> None:
    post = mention(1, "", GRAVE, kind="comment")
    assert headline([post]) == "Nội dung."
    assert headline([post, mention(2, "Trường trả lời")]) == "Trường trả lời"
    assert headline([]) == ""
