"""An invented province with a month of news in it, of the size that papers really have."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from langnghe.core.clock import VirtualClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.tables.statements import StatementPlaceRow, StatementRow
from langnghe.core.store.units import sync_units
from langnghe.core.types import Contact, Place, Profile, Unit
from tests.conftest import NOW

CHILD = "Lò Thị Mẩy Xuân"
MASK = "[tên học sinh]"
POLICY = load_policy()
PROFILE = Profile(
    "Tỉnh Mây Trắng",
    (
        Unit("so", "sector", "Sở GD&ĐT tỉnh Mây Trắng", places=(Place(province="tỉnh Mây Trắng"),)),
        Unit("xa", "commune", "UBND xã Bản Hoa", "so",
             places=(Place(commune="xã Bản Hoa", province="tỉnh Mây Trắng"),)),
        Unit("th", "school", "Trường TH&THCS Suối Mơ", "xa",
             places=(Place(commune="xã Bản Hoa", province="tỉnh Mây Trắng"),),
             contacts=(Contact("officer", "Vàng Thị Nguyệt, Thư ký Hội đồng trường",
                               "thuky@suoimo.example", "0215 000 0000"),)),
        Unit("dg", "school", "Trường THPT Đồi Gió", "so",
             places=(Place(province="tỉnh Mây Trắng"),)),
    ),
    version="papers",
    extra={"paper": {"units": {"th": {"signer_name": "Nguyễn Đức Thuỷ Ưởng"}}}},
)  # fmt: skip
_TITLES = (
    "Phụ huynh phản ánh khoản thu đầu năm chưa được giải thích rõ",
    "Bữa ăn bán trú: phụ huynh đề nghị công khai thực đơn hằng tuần",
    "Hai nhóm học sinh xô xát sau giờ tan học, nhà trường vào cuộc",
    "Mái che sân trường bị tốc sau trận dông, phòng học phải đóng cửa",
    "Học sinh vùng cao dựng vườn rau, góp bữa cơm có thịt cho bạn ở nội trú",
    "Cô giáo cắm bản mười năm giữ lớp: “Còn trò thì còn lớp”",
)
_TOPICS = (
    "khoan_thu", "an_toan_thuc_pham", "bao_luc_hoc_duong", "co_so_vat_chat", "hoat_dong_tich_cuc",
    "hoat_dong_tich_cuc",
)  # fmt: skip
_OUTLETS = ("Báo Mây Trắng", "Trang Phụ huynh Bản Hoa", "Thời báo Núi Xanh", "Đài PT-TH tỉnh",
            "Diễn đàn Giáo dục vùng cao", "Báo Rừng", "Nhóm Cha mẹ Suối Mơ")  # fmt: skip


def services(store: Store, home: Path, *, drill: str = "", profile: Profile = PROFILE) -> Services:
    """Return an installation over ``store`` that knows the province."""
    with store.write() as session:
        sync_units(session, profile, NOW)
    settings = Settings(home=home)
    return Services(store, settings, VirtualClock(NOW), POLICY, profile, drill)


def month_of_news(
    store: Store, *, mentions: int = 3_000, incidents: int = 30, until: datetime = NOW,
    unit: str = "th", seed: int = 7, first: int = 1,
) -> None:  # fmt: skip
    """Store mentions of the thirty days before ``until``, every tenth story with an incident."""
    rng = random.Random(seed)  # noqa: S311 - the same news every time, no secret
    rows: dict[str, list[dict[str, Any]]] = {"mention": [], "reading": [], "unit": [], "member": []}
    stories: dict[int, list[datetime]] = {}
    since = until - timedelta(days=30)
    for n in range(first, first + mentions):
        kind = min(int(rng.random() ** 1.6 * 6), 5)
        story = first + int(rng.random() ** 2 * mentions / 8)
        seen = since + (until - since) * ((n - first) / mentions)
        stories.setdefault(story, []).append(seen)
        tone = "pos" if kind > 3 else rng.choices(("neg", "neu"), (6, 4))[0]
        title = f"{_TITLES[kind]} ({story})"
        rows["mention"].append(
            {"id": n, "key": f"k{n}", "kind": "news", "seen_at": seen, "published_at": seen,
             "content_hash": "h", "title": title, "text": "", "folded": "", "problems": [],
             "source_name": rng.choice(_OUTLETS), "external_id": "", "revision": 1,
             "stage": t.DONE, "about_education": True, "story_id": story,
             "url": f"https://bao.example/{n}"}
        )  # fmt: skip
        rows["reading"].append(
            {"mention_id": n, "revision": 1, "model": "m", "about_education": True,
             "about_education_p": 0.9, "scope": "vn", "sentiment": tone, "sentiment_p": {},
             "topics": [{"topic": _TOPICS[kind], "p": 0.9, "evidence": []}], "risk": 1,
             "risk_p": [0.2, 0.5, 0.2, 0.1], "stance": "report", "facts": [], "units": [],
             "undecided": [], "masked_title": title,
             "masked_text": f"{title}. Nội dung được đăng công khai, chưa được kiểm chứng."}
        )  # fmt: skip
        rows["unit"].append({"mention_id": n, "unit_id": unit, "confidence": 0.9})
        rows["member"].append(
            {"story_id": story, "mention_id": n, "similarity": 0.0, "at": seen, "pinned": False}
        )
    with store.write() as session:
        for table, key in ((t.MentionRow, "mention"), (t.ReadingRow, "reading"),
                           (t.MentionUnitRow, "unit"), (t.StoryMentionRow, "member")):  # fmt: skip
            session.execute(sa.insert(table), rows[key])
        for story, times in sorted(stories.items()):
            session.add(
                t.StoryRow(id=story, title=_TITLES[story % 4], first_at=times[0], last_at=times[-1],
                           mention_count=len(times), unit_id=unit, level=story % 4,
                           topics=[_TOPICS[story % 4]])
            )  # fmt: skip
        begun = sorted(stories.items(), key=lambda pair: (pair[1][0], pair[0]))
        for n in range(incidents):
            story, times = begun[n * len(begun) // incidents]
            level = 1 + n % 3
            closed = n % 3 == 0
            took = timedelta(minutes=7 + 11 * n)
            session.add(
                t.IncidentRow(story_id=story, unit_id=unit, title=f"{_TITLES[n % 4]} ({story})",
                              level=level, peak_level=level, score=40 + n, opened_at=times[0],
                              updated_at=times[-1], topics=[_TOPICS[n % 4]],
                              policy_version=POLICY.version,
                              acknowledged_at=times[0] + took if n % 5 else None,
                              acknowledged_by="Đ/c Nguyệt" if n % 5 else None,
                              state="closed" if closed else "verifying",
                              closed_at=times[0] + timedelta(days=2) if closed else None,
                              reasons=[{"code": "s", "text": "Có tin nêu học sinh nhập viện."}])
            )  # fmt: skip


def crisis(store: Store, *, events: int = 200, unit: str = "th") -> int:
    """Store one incident with a story that names a child in its raw texts; return its id."""
    at = NOW - timedelta(hours=9)
    said = (
        ("Báo Mây Trắng", f"Em {CHILD} cùng 20 học sinh nhập viện sau bữa trưa", 20, "report"),
        ("Trang Phụ huynh Bản Hoa", f"Mẹ em {CHILD} kể lại buổi trưa ở điểm trường", 0, "report"),
        ("Thời báo Núi Xanh", "Đã có 31 học sinh nhập viện ở xã Bản Hoa", 31, "report"),
        ("Đài PT-TH tỉnh", "Trung tâm Y tế: 31 em đã ổn định, đang theo dõi", 31, "confirm"),
    )
    with store.write() as session:
        row = t.StoryRow(title="Học sinh nhập viện sau bữa trưa", first_at=at, last_at=NOW,
                         mention_count=len(said), unit_id=unit, level=3,
                         topics=["an_toan_thuc_pham"])  # fmt: skip
        session.add(row)
        session.flush()
        story = row.id
        assert story is not None
        for n, (outlet, title, count, stance) in enumerate(said):
            seen = at + timedelta(minutes=95 * n)
            masked = title.replace(CHILD, MASK)
            body = f"Sau bữa trưa bán trú, em {CHILD} (lớp 4A) và các bạn được đưa đi theo dõi."
            mention = t.MentionRow(
                key=f"c{n}", kind="news", title=title, text=body, folded="", content_hash=f"c{n}",
                source_name=outlet, seen_at=seen, published_at=seen, stage=t.DONE,
                about_education=True, story_id=story, url=f"https://bao{n}.example/1",
            )  # fmt: skip
            session.add(mention)
            session.flush()
            assert mention.id is not None
            facts = [{"kind": "hospitalised", "value": float(count), "span": [0, 9],
                      "text": f"{count} học sinh nhập viện"}] if count else []  # fmt: skip
            if stance == "confirm":
                facts.append(
                    {"kind": "speaker_hospital", "value": None, "span": [0, 4], "text": ""}
                )
            session.add(
                t.ReadingRow(mention_id=mention.id, revision=1, model="m", about_education=True,
                             about_education_p=0.99, scope="vn", sentiment="neg",
                             topics=[{"topic": "an_toan_thuc_pham", "p": 0.9, "evidence": []}],
                             risk=3, risk_p=[0, 0, 0.2, 0.8], stance=stance, facts=facts,
                             masked_title=masked, masked_text=f"{masked}. "
                             f"{body.replace(CHILD, MASK).replace('lớp 4A', '[lớp]')}")
            )  # fmt: skip
            session.add(t.MentionUnitRow(mention_id=mention.id, unit_id=unit, confidence=0.9))
            session.add(t.StoryMentionRow(story_id=story, mention_id=mention.id, at=seen))
        incident = t.IncidentRow(
            story_id=story, unit_id=unit, title="Học sinh nhập viện sau bữa trưa bán trú", level=3,
            peak_level=3, score=88.0, state="responding", opened_at=at, updated_at=NOW,
            acknowledged_at=at + timedelta(minutes=11), acknowledged_by="Đ/c Nguyệt",
            policy_version=POLICY.version, topics=["an_toan_thuc_pham"],
            reasons=[{"code": "meal", "text": "Từ 2 học sinh nhập viện sau một bữa ăn."}],
        )  # fmt: skip
        session.add(incident)
        session.flush()
        number = incident.id
        assert number is not None
        for place, step in enumerate(POLICY.steps_for(("an_toan_thuc_pham",), 3)):
            allowed = step.due[3]
            assert allowed is not None
            done = place < 6
            session.add(
                t.StepRow(incident_id=number, code=step.code, position=place, title=step.title,
                          detail=step.detail, role=step.role, evidence=step.evidence,
                          due_at=at + allowed,
                          done_at=at + allowed * 0.8 if done else None,
                          done_by="Đ/c Nguyệt" if done else None,
                          note="Biên bản số 3, giờ gọi 11:40" if done else "")
            )  # fmt: skip
        for n in range(events):
            session.add(
                t.IncidentEventRow(
                    incident_id=number, at=at + timedelta(minutes=2 * n), kind="note",
                    actor="engine" if n % 3 else "Đ/c Nguyệt",
                    text=f"Lần cập nhật thứ {n + 1}: đã liên hệ cơ sở y tế, số em đang theo dõi "
                    "không đổi; thông báo cho gia đình và ghi vào nhật ký.",
                )
            )  # fmt: skip
        for n in range(12):
            session.add(
                t.OutboxRow(key=f"o{n}", incident_id=number, level=3, role="principal",
                            purpose=("open", "escalate", "step")[n % 3], recipient="a@b.example",
                            subject="", body_text="", body_html="", message_id=f"m{n}",
                            created_at=at + timedelta(minutes=9 * n),
                            due_at=at + timedelta(minutes=9 * n), state="sent",
                            sent_at=at + timedelta(minutes=9 * n, seconds=4))
            )  # fmt: skip
    return number


def statements(store: Store, incident: int, *, unit: str = "th") -> list[int]:
    """Store three released statements, the second of them correcting a rumour; return their ids."""
    texts = (
        ("Thông tin ban đầu về bữa ăn bán trú", "Nhà trường đã tiếp nhận thông tin phản ánh về bữa "
         "ăn bán trú vào lúc 11 giờ 20 phút ngày 22/11/2026. Ngay khi nhận tin, nhà trường đã đưa "
         "các em đi theo dõi sức khỏe, liên hệ gia đình và báo cáo UBND xã Bản Hoa.\nHiện nguyên "
         "nhân đang được cơ quan chức năng xác minh. Nhà trường sẽ cập nhật vào 17 giờ 00 cùng "
         "ngày.\nĐể bảo vệ học sinh, đề nghị không chia sẻ hình ảnh của các em."),
        ("Đính chính thông tin «trường đóng cửa»", "Thông tin trường đóng cửa đang lan truyền là "
         "không chính xác. Nhà trường dạy học bình thường từ ngày 23/11/2026."),
        ("Kết quả theo dõi sức khỏe học sinh", "Tính đến 16 giờ 00 ngày 22/11/2026, theo Trung tâm "
         "Y tế, 31 em đã ổn định."),
    )  # fmt: skip
    found: list[int] = []
    with store.write() as session:
        for n, (title, text) in enumerate(texts, 1):
            at = NOW - timedelta(hours=12 - n)
            row = StatementRow(
                unit_id=unit, incident_id=incident, template="M1", template_version="1",
                audience="public", title=title, text=text, state="released", created_at=at,
                created_by=1, created_name="Đ/c Nguyệt", updated_at=at, updated_by=1,
                approved_at=at, approved_by=2, approved_name="Nguyễn Đức Thuỷ Ưởng",
                released_at=at, released_by=2, released_name="Nguyễn Đức Thuỷ Ưởng",
                year=2026, number=n, text_hash=f"{n:02d}" + "ab" * 31,
                corrects_id=found[0] if n == 2 else None,
                delegation_id=5 if n == 3 else None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            assert row.id is not None
            found.append(row.id)
            for channel, url in (("website", f"https://truong.example/tb/{n}"),
                                 ("zalo", "")):  # fmt: skip
                session.add(
                    StatementPlaceRow(statement_id=row.id, at=at, user_id=1, channel=channel,
                                      url=url)
                )  # fmt: skip
    return found
