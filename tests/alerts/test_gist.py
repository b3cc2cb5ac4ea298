"""An incident tells its texts in their own words, looked for only when the texts change."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.gist import speakers
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import story_mentions
from langnghe.core.store.tables import IncidentRow, StoryRow
from tests.alerts.town import HOUR, MINUTE, POISONING, SCHOOL, T0, WATCH, Room, poisoning

GRAVE = (0.02, 0.08, 0.30, 0.60)
BODY = (
    "Sau bữa trưa bán trú ngày 20/11, 20 học sinh Trường Tiểu học Suối Mơ đau bụng và nôn. "
    "Các em được đưa tới trạm y tế xã để theo dõi. "
    "Nhà trường cho biết mẫu thức ăn đã được gửi đi kiểm nghiệm. "
    "Công an xã Suối Mơ nói đang làm rõ nguồn gốc thực phẩm của bếp ăn bán trú."
)
HARM = ("hospitalised", 20.0, "20 học sinh")


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path)


def told(room: Room) -> int:
    story = room.press.story(POISONING)
    room.press.publish(
        story, POISONING, text=f"{POISONING}. {BODY}", risk_p=GRAVE,
        facts=(HARM, ("speaker_school", None, "Nhà trường"), ("speaker_police", None, "Công an")),
    )  # fmt: skip
    return story


def test_an_incident_tells_its_texts_word_for_word(room: Room) -> None:
    told(room)
    room.sweep()
    incident = room.incident()
    sentences, phrases = incident.gist["sentences"], incident.gist["phrases"]
    assert 2 <= len(sentences) <= 3
    assert all(sentence in BODY for sentence in sentences)
    assert POISONING not in sentences, "the headline stands above it already"
    assert incident.summary == sentences[0], "a mail keeps one"
    assert 1 <= len(phrases) <= 5
    assert all(phrase in f"{POISONING}. {BODY}" for phrase in phrases)
    assert incident.gist["speakers"] == ["school", "police"]


def test_phrases_are_sought_again_only_when_the_texts_change(room: Room) -> None:
    story = told(room)
    room.sweep()
    with room.store.write() as session:
        row = session.get_one(IncidentRow, room.incident().id)
        row.gist = {**row.gist, "phrases": ["tìm từ trước"]}
        session.execute(sa.update(StoryRow).values(assess_due=True))
    room.sweep(T0 + MINUTE)
    assert room.incident().gist["phrases"] == ["tìm từ trước"]
    more = "Phụ huynh Trường Tiểu học Suối Mơ đề nghị công khai kết quả kiểm nghiệm thức ăn."
    room.press.publish(
        story, "Phụ huynh đề nghị công khai kết quả kiểm nghiệm", text=more, at=T0 + HOUR,
        outlet="Báo Bản Hoa", risk_p=GRAVE, facts=(HARM, ("speaker_family", None, "Phụ huynh")),
    )  # fmt: skip
    room.sweep(T0 + HOUR)
    gist = room.incident().gist
    assert "tìm từ trước" not in gist["phrases"]
    assert gist["speakers"] == ["school", "police", "family"]


def test_a_headline_alone_is_its_own_summary_and_no_story_without_incident_has_a_gist(
    room: Room,
) -> None:
    quiet = room.press.story("Góp ý về đồng phục")
    room.press.publish(quiet, "Góp ý về đồng phục", text=BODY, risk_p=WATCH, topic="khoan_thu")
    poisoning(room.press)
    room.sweep()
    rows = {row.id: row.gist for row in room.rows(StoryRow)}
    assert rows[quiet] == {}
    assert room.incident().gist["sentences"] == []
    assert room.incident().unit_id == SCHOOL.id


def test_who_speaks_is_listed_once_in_the_order_heard(room: Room) -> None:
    story = told(room)
    room.press.publish(story, "Công an thông tin", at=T0 + HOUR, facts=(
        ("speaker_police", None, "Công an"), ("speaker_hospital", None, "Bệnh viện"),
        ("date", None, "20/11"), ("place", None, "xã Suối Mơ"),
    ))  # fmt: skip
    with room.store.read() as session:
        mentions = story_mentions(session, [story])[story]
    assert speakers(mentions) == ["school", "police", "hospital"]
