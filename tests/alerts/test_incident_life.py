"""The life of an incident: its states, its conclusion, what closing asks for, coming back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.concluding import (
    Conclusion,
    close_incident,
    conclude,
    reopen_incident,
    reviews_of,
    save_review,
)
from alerts.incident_life import ClosingView, choices, missing_for_closing, refusal
from alerts.incidents import Evidence, acknowledge, add_evidence, complete_step, set_state
from alerts.owning import assign, candidates, owner_shown
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import (
    AuditRow,
    DeadlineRow,
    IncidentEventRow,
    StepRow,
    StoryRow,
    UserRow,
)
from langnghe.core.types import IncidentState as S
from tests.alerts.town import HOUR, MINUTE, POISONING, POLICY, T0, Room, poisoning

DAY = timedelta(days=1)
WORD = Conclusion("sai_su_that", "Không có ca ngộ độc nào", "Trạm y tế xã Bản Hoa", T0 + HOUR)
FULL = {field.id: f"Về {field.label}" for field in POLICY.review}


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    opened = Room(store, tmp_path)
    poisoning(opened.press)
    opened.sweep()
    return opened


def number(room: Room) -> int:
    found = room.incident().id
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "after", "acknowledged", "why"),
    [
        (S.ACKNOWLEDGED, S.VERIFYING, True, None),
        (S.VERIFYING, S.MONITORING, True, None),
        (S.MONITORING, S.RESPONDING, True, None),
        (S.ACKNOWLEDGED, S.MONITORING, True, "xác minh hoặc ứng phó trước"),
        (S.RESPONDING, S.VERIFYING, False, "chưa được tiếp nhận"),
        (S.NEW, S.VERIFYING, False, "chưa được tiếp nhận"),
        (S.REOPENED, S.VERIFYING, False, "chưa được tiếp nhận"),
        (S.VERIFYING, S.VERIFYING, True, "rồi"),
        (S.VERIFYING, S.NEW, True, "Không chuyển tay"),
        (S.VERIFYING, S.REOPENED, True, "Không chuyển tay"),
        (S.VERIFYING, S.CLOSED, True, "dùng nút Đóng"),
        (S.CLOSED, S.VERIFYING, True, "mở lại trước"),
    ],
)
def test_which_state_follows_which(
    before: S, after: S, acknowledged: bool, why: str | None
) -> None:
    said = refusal(before, after, acknowledged=acknowledged)
    assert (said is None) if why is None else (said is not None and why in said)


def test_a_page_offers_only_what_is_allowed() -> None:
    assert choices("new", acknowledged=False) == []
    assert choices("acknowledged", acknowledged=True) == [
        S.VERIFYING, S.RESPONDING, S.AWAITING_CONCLUSION,
    ]  # fmt: skip


def test_what_closing_a_crisis_asks_for() -> None:
    done = {"B12": True, "B14": True, "B15": True}
    view = ClosingView(3, True, T0, True, done, {}, FULL)
    assert missing_for_closing(view, POLICY, T0 + 7 * DAY) == ()
    early = missing_for_closing(view, POLICY, T0 + 7 * DAY - MINUTE)
    assert len(early) == 1
    assert "chưa yên đủ 7 ngày" in early[0]
    bare = ClosingView(3, False, T0, False, dict.fromkeys(done, False), {"B12": "Xử lý"}, {})
    said = " | ".join(missing_for_closing(bare, POLICY, T0))
    parts = ["chưa ai tiếp nhận", "7 ngày", "B12 chưa xong: Xử lý", "B14", "B15"]
    parts += ["chưa ghi kết luận", "phiếu rút kinh nghiệm còn thiếu: Dòng thời gian"]
    assert [part for part in parts if part not in said] == []
    light = ClosingView(1, True, T0, False, {"B08": True, "B12": True})
    assert missing_for_closing(light, POLICY, T0 + DAY) == ()


def test_a_step_asks_for_evidence_of_the_right_kind(room: Room) -> None:
    own = number(room)
    acknowledge(room.store, own, "A", T0)
    with pytest.raises(InputError, match="B09 cần bằng chứng"):
        complete_step(room.store, room.office, own, "B09", "A", T0)
    with pytest.raises(InputError, match="Đường dẫn"):
        complete_step(room.store, room.office, own, "B09", "A", T0, Evidence(link="javascript:1"))
    paper = Evidence(document="12/BC-TH", document_at=T0)
    complete_step(room.store, room.office, own, "B09", "A", T0 + MINUTE, paper)
    add_evidence(room.store, own, "B09", "B", T0 + HOUR, Evidence(note="xã đã nhận"))
    add_evidence(room.store, own, "B09", "B", T0 + HOUR, Evidence(note="Sở đã nhận"))
    step = next(s for s in room.rows(StepRow) if s.code == "B09")
    assert (step.document, step.note, step.done_by) == ("12/BC-TH", "xã đã nhận\nSở đã nhận", "A")


def test_a_conclusion_lowers_the_level_after_the_quiet_time_and_not_before(room: Room) -> None:
    own = number(room)
    acknowledge(room.store, own, "A", T0)
    set_state(room.store, own, "awaiting_conclusion", "A", T0)
    before = room.rows(StoryRow)[0].score
    conclude(room.store, room.office, own, WORD, "Cô Hiệu trưởng", T0 + HOUR)
    room.sweep(T0 + HOUR)
    row = room.incident()
    assert (row.verification, row.state, row.level) == ("false", "monitoring", 3)
    assert room.rows(StoryRow)[0].score == before
    assert any(d.kind == "calm" and d.state == "open" for d in room.rows(DeadlineRow))
    room.sweep(T0 + HOUR + POLICY.down.quiet - MINUTE)
    assert room.incident().level == 3
    room.sweep(T0 + HOUR + POLICY.down.quiet)  # the deadline makes the story due
    room.sweep(T0 + HOUR + POLICY.down.quiet)
    assert room.incident().level == 2
    lowered = [e for e in room.rows(IncidentEventRow) if e.kind == "lowered"]
    assert len(lowered) == 1
    assert "đã lên tiếng" in lowered[0].text


def test_a_new_report_after_the_conclusion_starts_the_quiet_anew(room: Room) -> None:
    own = number(room)
    conclude(room.store, room.office, own, WORD, "A", T0 + HOUR)
    story = room.rows(StoryRow)[0].id
    assert story is not None
    room.press.publish(story, POISONING, at=T0 + 20 * HOUR, outlet="Báo Khác")
    for _ in range(2):
        room.sweep(T0 + 26 * HOUR)
    assert room.incident().level == 3
    for _ in range(2):
        room.sweep(T0 + 44 * HOUR)
    assert room.incident().level == 2


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (Conclusion("la", "x y z", "Xã", T0), "kết quả"),
        (Conclusion("mot_phan", "  ", "Xã", T0), "lý do"),
        (Conclusion("mot_phan", "x y z", " ", T0), "cơ quan"),
        (Conclusion("mot_phan", "x y z", "Xã", T0 + DAY), "tương lai"),
    ],
)
def test_a_wrong_conclusion_is_refused(room: Room, said: Conclusion, part: str) -> None:
    with pytest.raises(InputError, match=part):
        conclude(room.store, room.office, number(room), said, "A", T0)
    assert room.incident().concluded_at is None


def test_the_review_is_kept_in_versions_and_a_full_one_fulfils_its_step(room: Room) -> None:
    own = number(room)
    office = room.office
    first = save_review(room.store, office, own, {"dieu_tot": "Báo nhanh"}, "A", T0)
    again = save_review(room.store, office, own, {"dieu_tot": " Báo nhanh"}, "B", T0 + MINUTE)
    assert (first.version, again.version, again.by) == (1, 1, "A")
    assert next(s for s in room.rows(StepRow) if s.code == "B15").done_at is None
    save_review(room.store, office, own, FULL, "Cô Hiệu trưởng", T0 + HOUR)
    step = next(s for s in room.rows(StepRow) if s.code == "B15")
    assert (step.done_by, step.note) == ("Cô Hiệu trưởng", "Phiếu rút kinh nghiệm, bản 2")
    with room.store.read() as session:
        assert [r.version for r in reviews_of(session, own)] == [1, 2]
    for wrong in ({"la": "x"}, {"dieu_tot": " "}, {"dieu_tot": "x" * 6000}):
        with pytest.raises(InputError):
            save_review(room.store, office, own, wrong, "A", T0)


def test_a_crisis_is_closed_when_all_is_done_or_by_force_with_a_trace(room: Room) -> None:
    own = number(room)
    acknowledge(room.store, own, "A", T0)
    with pytest.raises(ConflictError, match="chưa ghi kết luận"):
        close_incident(room.store, room.office, own, "A", "xong", T0 + HOUR)
    assert room.rows(AuditRow) == []
    conclude(room.store, room.office, own, WORD, "A", T0 + HOUR)
    save_review(room.store, room.office, own, FULL, "A", T0 + HOUR)
    for code in ("B12", "B14"):
        proof = Evidence(note="x", document="1/QĐ", link="https://a.example/1")
        complete_step(room.store, room.office, own, code, "A", T0 + HOUR, proof)
    with pytest.raises(ConflictError, match="chưa yên đủ 7 ngày"):
        close_incident(room.store, room.office, own, "A", "xong", T0 + 6 * DAY)
    close_incident(room.store, room.office, own, "A", "đã trả lời phụ huynh", T0 + 8 * DAY)
    assert room.incident().state == "closed"
    assert room.rows(AuditRow) == []


def test_force_leaves_a_line_in_the_audit_trail(room: Room) -> None:
    own = number(room)
    close_incident(room.store, room.office, own, "Cô Hiệu trưởng", "báo nhầm", T0, force=True)
    [line] = room.rows(AuditRow)
    assert (line.action, line.subject, line.reason) == (
        "force_close", f"incident:{own}", "báo nhầm."
    )  # fmt: skip
    assert "chưa ai tiếp nhận" in line.data["missing"]


def test_reopening_by_hand_rings_again_and_forgets_the_conclusion(room: Room) -> None:
    own = number(room)
    with pytest.raises(ConflictError, match="đang mở"):
        reopen_incident(room.store, room.office, own, "A", "x", T0)
    conclude(room.store, room.office, own, WORD, "A", T0 + HOUR)
    close_incident(room.store, room.office, own, "A", "xong", T0 + HOUR, force=True)
    before = len(room.told())
    with pytest.raises(InputError):
        reopen_incident(room.store, room.office, own, "A", " ", T0 + DAY)
    reopen_incident(room.store, room.office, own, "A", "phụ huynh có đơn mới", T0 + DAY)
    row = room.incident()
    assert (row.state, row.level, row.closed_at, row.outcome) == ("reopened", 3, None, "")
    assert row.concluded_at is None
    assert len(room.told()) > before
    assert any(p == "reopen" for p, _ in room.told())
    acknowledge(room.store, own, "A", T0 + DAY)
    assert room.incident().state == "acknowledged"


def test_the_owner_is_the_levels_role_until_somebody_is_named(room: Room) -> None:
    own = number(room)
    with room.store.write() as session:
        session.add_all(
            UserRow(username=name, name=name.title(), password_hash="x", role=role,
                    unit_id=unit, created_at=T0)
            for name, role, unit in [
                ("suoi", "principal", "th_suoi_mo"), ("gio", "principal", "thcs_doi_gio"),
                ("nhin", "analyst", None),
            ]
        )  # fmt: skip
    assert owner_shown(room.office, room.incident()) == "UBND xã (Phòng Văn hóa – Xã hội)"
    with room.store.read() as session:
        names = {c.name: c.key for c in candidates(session, room.office, room.incident())}
    assert "Suoi" in names
    assert "Thầy Thư ký" in names
    assert not {"Gio", "Nhin"} & set(names)
    for key in ("user:999", "user:2", "xx"):
        with pytest.raises(InputError):
            assign(room.store, room.office, own, key, "A", T0)
    assert assign(room.store, room.office, own, names["Suoi"], "A", T0) == "Suoi"
    assert room.incident().owner_user_id == 1
    assign(room.store, room.office, own, names["Thầy Thư ký"], "A", T0 + MINUTE)
    assert (room.incident().owner, room.incident().owner_user_id) == ("Thầy Thư ký", None)
    assign(room.store, room.office, own, "", "A", T0 + MINUTE)
    assert room.incident().owner == ""
    said = [e.text for e in room.rows(IncidentEventRow) if e.kind == "assigned"]
    assert said[1] == "A giao phụ trách cho Thầy Thư ký (trước đó: Suoi)."
