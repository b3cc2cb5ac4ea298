"""The answer half of the demonstration: roster, articles owed, a letter, a correction begun.

The replay shows how an incident is heard; without these a visitor would find the pages of the
people who answer it empty. Laid out once the story is told, so that the replay itself is untouched.
All of it is invented.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from alerts.plan import articles, feedback
from alerts.plan.calendar import month_of
from alerts.statements.desk import Asked, draft
from langnghe.core.auth import Caller, sign_in, sign_out
from langnghe.core.clock import hanoi
from langnghe.core.duty import Duty
from langnghe.core.people import Desk
from langnghe.core.services import Services
from langnghe.core.store.people import people_of
from langnghe.core.store.tables import IncidentRow
from langnghe.core.types import Unit

_WRITERS = (
    ("Tổ chuyên môn Tiểu học", "Cà Thị Ngoan"),
    ("Tổ chuyên môn THCS", "Giàng A Phềnh"),
    ("Công đoàn", "Lường Thị Nhạn"),
    ("Đội Thiếu niên Tiền phong", "Vừ A Dếnh"),
)
_CORRECTION = {
    "su_viec": "học sinh lớp 1 phải nhập viện sau giờ bán trú",
    "co_quan": "Trạm Y tế xã Nậm Sương và UBND xã Nậm Sương",
    "su_that": (
        "học sinh khỏe mạnh, không phải nhập viện; việc bỏ quên học sinh trong phòng ngủ trưa đã "
        "được kết luận là do sơ suất, nhà trường đã xin lỗi gia đình và sửa quy trình cuối buổi"
    ),
}


def lay_out(services: Services, password: str) -> None:
    """Do, as the demonstration's secretary, what a school does beside the alarm itself."""
    now = services.clock.now()
    school = services.profile.units[0]
    officer = sign_in(services.store, "vanthu", password, place="demo", now=now, hours=1)[1]
    try:
        _roster(services, officer, school, now)
        _plan(services, officer, school, now)
        _letters(services, officer, school, now)
        _correction(services, officer, school, now)
    finally:
        sign_out(services.store, officer)


def _roster(services: Services, officer: Caller, school: Unit, now: datetime) -> None:
    """The secretary is on duty this fortnight, the head the next: nobody is left without."""
    with services.store.read() as session:
        people = {p.contact.role: p.id for p in people_of(session, [school.id])}
    desk, week = Desk.of(services, officer), timedelta(days=14)
    since = hanoi(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for turn, role in enumerate(("officer", "principal")):
        begin = since + turn * week
        desk.put_duty(Duty(school.id, "officer", "", begin, begin + week, (), None, people[role]))


def _plan(services: Services, officer: Caller, school: Unit, now: datetime) -> None:
    store, month = services.store, month_of(now)
    since = hanoi(now).date().replace(day=1)
    made = [
        articles.set_writer(
            store, officer, now, unit_id=school.id, name=name, head=leader, since=since
        )
        for name, leader in _WRITERS
    ]
    articles.propose(
        store, officer, now, writer_id=made[0], month=month, theme="gương người tốt, việc tốt",
        title="Buổi đọc sách đầu tuần của lớp ghép bản Huổi Sôm", author="Cà Thị Ngoan",
        text="Sáng thứ hai, thầy và trò điểm bản Huổi Sôm mở tủ sách dùng chung đầu tiên.",
    )  # fmt: skip
    articles.propose(
        store, officer, now, writer_id=made[3], month=month, theme="an toàn trường học",
        title="Chi đội lớp 7 làm biển nhắc kiểm tra phòng trước khi khóa", author="Vừ A Dếnh",
    )  # fmt: skip


def _letters(services: Services, officer: Caller, school: Unit, now: datetime) -> None:
    entries = (
        ("hop_thu", "gop_y", "Đề nghị nhà trường báo trước lịch nghỉ trưa của lớp bán trú.", 30),
        ("hop_phu_huynh", "khen", "Cảm ơn thầy cô trực đêm đã đưa các cháu về tận bản.", 5),
    )
    numbers = [
        feedback.take_in(
            services.store, officer, now, secret=services.settings.secret_key(),
            unit_id=school.id, text=text, channel=channel, kind=kind, sender="phu_huynh",
            received_at=now - timedelta(hours=hours),
        ).id
        for channel, kind, text, hours in entries
    ]  # fmt: skip
    feedback.answer(
        services.store, officer, numbers[1] or 0,
        "Nhà trường cảm ơn và chuyển lời tới các thầy cô trực.", now,
    )  # fmt: skip


def _correction(services: Services, officer: Caller, school: Unit, now: datetime) -> None:
    """Begin the correction of the hospital rumour; what is not known stays marked in the draft."""
    with services.store.read() as session:
        found = session.scalars(sa.select(IncidentRow).order_by(sa.text("id")).limit(1)).first()
    if found is None:
        return
    asked = Asked(
        "M3", "parents", school.id, incident_id=found.id, story_id=found.story_id,
        values=_CORRECTION,
    )  # fmt: skip
    draft(services.store, officer, services.policy, asked, now)
