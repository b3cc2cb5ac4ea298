"""A text goes from draft to released only through review and by right; then it never changes."""

from __future__ import annotations

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.statements import delegations
from alerts.statements import desk as statements
from alerts.statements.delegations import Paper
from alerts.statements.releasing import Place, add_posted, download, intact, release, withdraw
from alerts.statements.spokesperson import Grant, Person, Refusal, Right, judge_release, may_release
from langnghe.core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.statements import get_statement, released
from tests.conftest import NOW
from tests.speaking import DAY, FILLED, FOOD, REFUSED, SCAN, SpeakHouse, prepare

WEB = [Place("website", "https://suoimo.example/tin/1")]


@pytest.fixture
def house(store: Store, tmp_path: Path) -> SpeakHouse:
    return SpeakHouse(store, tmp_path)


@pytest.fixture
def both(any_store: Store, tmp_path: Path) -> SpeakHouse:
    return SpeakHouse(any_store, tmp_path)


def out(house: SpeakHouse, number: int, who: str = "head_a"):  # type: ignore[no-untyped-def]
    return release(house.services, house.caller(who), number, version=1, places=WEB)


# --- who may ---------------------------------------------------------------------------------


def test_a_release_without_the_right_is_refused_and_audited(house: SpeakHouse) -> None:
    number = house.approved()
    for case, who, code in REFUSED:
        prepare(house, case)
        with pytest.raises(ForbiddenError):
            out(house, number, who)
        line = house.audit("release_refused")[-1]
        told = (line.actor, line.subject, line.data["code"])
        assert told == (who, f"statement:{number}", code), case
        assert line.reason
    assert house.statement(number).state == "approved"
    assert house.audit("released") == []
    assert len(house.audit("release_refused")) == len(REFUSED)


def test_the_head_and_a_valid_delegate_release(both: SpeakHouse) -> None:
    first, second = both.approved(), both.approved()
    assert out(both, first).number == "1/2026"
    given = both.delegate(topics=(FOOD,))
    assert out(both, second, "deputy").number == "2/2026"
    row = both.statement(second)
    assert (row.delegation_id, row.released_name) == (given, "Đ/c deputy")
    assert [line.actor for line in both.audit("released")] == ["head_a", "deputy"]
    assert both.audit("released")[1].data["delegation"] == given


@pytest.mark.parametrize(
    ("after", "right"),
    [(-1, False), (0, True), (3599, True), (3600, False), (3601, False)],
)
def test_a_delegation_begins_and_ends_to_the_second(after: int, right: bool) -> None:
    grant = Grant(7, "th_a", (), NOW, NOW + timedelta(hours=1), None)
    found = judge_release(
        Person("officer", "th_a", True), [grant], unit_id="th_a", topics=(),
        now=NOW + timedelta(seconds=after),
    )  # fmt: skip
    assert (found == Right(7)) is right


def test_a_limited_delegation_needs_a_topic_it_covers() -> None:
    grant = Grant(7, "th_a", (FOOD,), NOW, NOW + DAY, None)
    person = Person("officer", "th_a", True)

    def code(*topics: str) -> str:
        found = judge_release(person, [grant], unit_id="th_a", topics=topics, now=NOW)
        return found.code if isinstance(found, Refusal) else "right"

    assert [code(FOOD), code(FOOD, "khac"), code()] == ["right", "other_topic", "other_topic"]


def test_a_locked_head_and_a_delegate_made_admin_lose_the_right(house: SpeakHouse) -> None:
    house.delegate()
    with house.store.write() as session:
        users = {row.username: row for row in session.scalars(sa.select(t.UserRow))}
        users["head_a"].active = False
        users["deputy"].role = "admin"
    with house.store.read() as session:
        codes = [
            refusal.code
            if (refusal := may_release(session, users[name].id, "th_a", (), NOW))
            else ""
            for name in ("head_a", "deputy")
        ]
    assert codes == ["locked", "admin"]
    assert isinstance(judge_release(None, [], unit_id="th_a", topics=(), now=NOW), Refusal)


def test_in_a_house_of_one_unit_its_head_need_not_name_it() -> None:
    head = Person("principal", None, True)
    assert judge_release(head, [], unit_id="th_a", topics=(), now=NOW, lone_unit="th_a") == Right()
    assert isinstance(judge_release(head, [], unit_id="th_a", topics=(), now=NOW), Refusal)


def test_a_revoked_delegation_stays_revoked_when_the_clock_is_set_back() -> None:
    grant = Grant(7, "th_a", (), NOW - DAY, NOW + DAY, NOW)
    person = Person("officer", "th_a", True)
    found = judge_release(person, [grant], unit_id="th_a", topics=(), now=NOW - DAY / 2)
    assert isinstance(found, Refusal)
    assert found.code == "revoked"


def test_who_has_moved_to_another_school_no_longer_speaks_for_the_old_one(
    house: SpeakHouse,
) -> None:
    number = house.approved()
    house.delegate()
    with house.store.write() as session:
        session.execute(
            sa.text("UPDATE user_account SET unit_id = 'th_b' WHERE username = 'deputy'")
        )
    with pytest.raises(ForbiddenError):
        out(house, number, "deputy")
    assert [line.data["code"] for line in house.audit("release_refused")] == ["moved"]


def test_a_matter_that_grew_graver_is_no_longer_covered_by_the_lighter_delegation(
    house: SpeakHouse,
) -> None:
    matter = house.incident(unit="th_a")
    number = house.approved(incident=matter)
    house.delegate(topics=tuple(house.statement(number).topics))
    with house.store.write() as session:
        incident = session.get_one(t.IncidentRow, matter)
        incident.topics = [*incident.topics, "xam_hai_tre_em"]
    with pytest.raises(ForbiddenError):
        out(house, number, "deputy")
    assert [line.data["code"] for line in house.audit("release_refused")] == ["other_topic"]


def test_a_right_that_ends_while_the_release_waits_for_its_turn_is_gone(house: SpeakHouse) -> None:
    number = house.approved()
    house.delegate(until=NOW + timedelta(seconds=1))
    deputy, locked = house.caller("deputy"), threading.Event()

    def hold() -> None:
        with house.store.write():
            locked.set()
            time.sleep(0.3)
            house.clock.move_to(NOW + timedelta(seconds=2))

    with ThreadPoolExecutor(1) as other:
        held = other.submit(hold)
        locked.wait(5)
        with pytest.raises(ForbiddenError):
            release(house.services, deputy, number, version=1, places=WEB)
        held.result()


# --- delegations -----------------------------------------------------------------------------


def grant(house: SpeakHouse, who: str = "head_a", **wrong: object) -> int:
    asked = {
        "holder": "deputy", "unit_id": "th_a", "topics": (), "from_at": NOW,
        "until_at": NOW + DAY, "document_number": "12/GUQ", "paper": Paper("a.pdf", SCAN),
        "now": NOW,
    } | wrong  # fmt: skip
    return delegations.grant(house.store, house.caller(who), house.policy, **asked)  # type: ignore[arg-type]


def test_only_the_spokesperson_grants(house: SpeakHouse) -> None:
    for who in ("staff_a", "admin", "head_b", "chair", "deputy"):
        with pytest.raises(ForbiddenError):
            grant(house, who)
        assert house.audit("delegation_refused")[-1].actor == who


def test_a_delegation_without_paper_time_or_fitting_holder_is_refused(house: SpeakHouse) -> None:
    wrongs: list[dict[str, object]] = [
        {"document_number": " "}, {"paper": Paper("a.pdf", b"")}, {"paper": Paper("a.exe", b"MZ")},
        {"until_at": NOW}, {"from_at": NOW + 2 * DAY}, {"topics": ("khong_co",)},
        {"holder": "admin"}, {"holder": "head_a"}, {"holder": "head_b"},
        {"paper": Paper("a.pdf", SCAN + b"0" * 5_000_001)},
    ]  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(InputError):
            grant(house, **wrong)
    assert grant(house) > 0


def test_the_signed_paper_is_kept_and_known_by_its_hash(both: SpeakHouse) -> None:
    given = both.delegate()
    with both.store.read() as session:
        row = session.get_one(t.DelegationRow, given)
        paper = session.get_one(t.DelegationPaperRow, row.paper)
    assert (paper.content, paper.name) == (SCAN, "giay-uy-quyen.pdf")
    assert row.paper == hashlib.sha256(SCAN).hexdigest()


def test_revoking_needs_the_spokesperson_and_a_reason(house: SpeakHouse) -> None:
    given = house.delegate()
    with pytest.raises(ForbiddenError):
        delegations.revoke(house.store, house.caller("deputy"), given, "Không cần nữa", NOW)
    with pytest.raises(NotFoundError):
        delegations.revoke(house.store, house.caller("head_b"), given, "Không cần nữa", NOW)
    with pytest.raises(InputError):
        delegations.revoke(house.store, house.caller("head_a"), given, " ", NOW)
    delegations.revoke(house.store, house.caller("head_a"), given, "Hết nhiệm vụ", NOW)
    with pytest.raises(ConflictError):
        delegations.revoke(house.store, house.caller("head_a"), given, "Hết nhiệm vụ", NOW)


# --- the way of a text -----------------------------------------------------------------------


def test_the_way_from_draft_to_withdrawn_with_every_version_kept(house: SpeakHouse) -> None:
    number = house.drafted()
    staff, head = house.caller("staff_a"), house.caller("head_a")
    statements.submit(house.store, staff, number, version=1, now=NOW)
    statements.send_back(house.store, head, number, version=1, note="Thêm lời chia sẻ", now=NOW)
    row = house.statement(number)
    text = f"Nhà trường chia sẻ với quý phụ huynh.\n\n{row.text}"
    assert statements.edit(
        house.store, staff, number, version=1, title=row.title, text=text, now=NOW
    ) == 2  # fmt: skip
    statements.submit(house.store, staff, number, version=2, now=NOW)
    assert statements.approve(house.store, head, number, version=2, now=NOW) == ""
    done = release(house.services, head, number, version=2, places=WEB)
    row = house.statement(number)
    assert done.text_hash == row.text_hash == hashlib.sha256(download(row)).hexdigest()
    assert intact(row)
    withdraw(house.store, head, number, "Có số liệu mới", NOW)
    with house.store.read() as session:
        detail = get_statement(session, number, viewer_unit="th_a")
        listed = released(session, viewer_unit="xa_a", since=NOW, until=NOW + DAY)
        elsewhere = released(session, viewer_unit="th_b", since=NOW, until=NOW + DAY)
    assert [(v.version, v.user_name) for v in detail.versions] == [
        (1, "Đ/c staff_a"), (2, "Đ/c staff_a")
    ]  # fmt: skip
    assert [(a.kind, a.note) for a in detail.acts] == [
        ("drafted", ""), ("submitted", ""), ("returned", "Thêm lời chia sẻ"), ("edited", ""),
        ("submitted", ""), ("approved", ""), ("released", "người phát ngôn"),
        ("withdrawn", "Có số liệu mới"),
    ]  # fmt: skip
    assert [(r.id, r.withdrawn_reason, [p.url for p in places]) for r, places in listed] == [
        (number, "Có số liệu mới", [WEB[0].url])
    ]
    assert elsewhere == []


def test_an_edit_undoes_the_approval(house: SpeakHouse) -> None:
    number = house.approved()
    row = house.statement(number)
    statements.edit(house.store, house.caller("staff_a"), number, version=1, title=row.title,
                    text=row.text + "\nThêm một câu.", now=NOW)  # fmt: skip
    for version, error in ((1, ConflictError), (2, ConflictError)):
        with pytest.raises(error):
            release(house.services, house.caller("head_a"), number, version=version, places=WEB)
    assert [line.data["code"] for line in house.audit("release_refused")] == ["not_approved"] * 2


def test_the_reviewer_who_drafted_is_warned(house: SpeakHouse) -> None:
    number = house.drafted(who="head_a")
    head = house.caller("head_a")
    statements.submit(house.store, head, number, version=1, now=NOW)
    assert "người soạn" in statements.approve(house.store, head, number, version=1, now=NOW)


def test_what_is_not_known_is_marked_and_cannot_be_approved(house: SpeakHouse) -> None:
    number = house.drafted(an_toan="", da_biet="")
    assert "[chưa rõ: việc an toàn đã làm]" in house.statement(number).text
    statements.submit(house.store, house.caller("staff_a"), number, version=1, now=NOW)
    with pytest.raises(InputError, match="việc an toàn đã làm"):
        statements.approve(house.store, house.caller("head_a"), number, version=1, now=NOW)


def test_a_text_that_blames_is_not_even_submitted(house: SpeakHouse) -> None:
    number = house.drafted(da_biet="cô giáo đã đánh học sinh")
    with pytest.raises(InputError, match="Quy lỗi"):
        statements.submit(house.store, house.caller("staff_a"), number, version=1, now=NOW)


@pytest.mark.parametrize(("who", "error"), [("of_b", ForbiddenError), ("head_b", NotFoundError)])
def test_nobody_drafts_for_a_unit_beside_theirs(
    house: SpeakHouse, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        house.drafted(who=who)


def test_admin_neither_approves_nor_returns(house: SpeakHouse) -> None:
    number = house.drafted()
    statements.submit(house.store, house.caller("staff_a"), number, version=1, now=NOW)
    with pytest.raises(ForbiddenError):
        statements.approve(house.store, house.caller("admin"), number, version=1, now=NOW)


# --- what was released -----------------------------------------------------------------------


CHANGES = [
    "UPDATE statement SET text = 'khác'", "UPDATE statement SET title = 'khác'",
    "UPDATE statement SET text_hash = ''", "UPDATE statement SET number = 9",
    "UPDATE statement SET state = 'draft'", "UPDATE statement SET topics = '[]'",
    "UPDATE statement SET released_name = 'ai đó'", "DELETE FROM statement",
    "UPDATE statement_version SET text = 'khác'", "DELETE FROM statement_version",
    "DELETE FROM statement_act", "UPDATE statement_place SET url = ''",
    "UPDATE statement SET incident_id = 5", "UPDATE statement SET id = 99",
    "UPDATE delegation SET until_at = '2099-01-01'", "UPDATE delegation SET topics = '[1]'",
    "DELETE FROM delegation", "UPDATE delegation SET user_id = 991",
    "UPDATE delegation_paper SET name = 'x'", "DELETE FROM delegation_paper",
]  # fmt: skip
_AS_DRAFT = (
    "INTO statement (id, unit_id, template, template_version, audience, topics, title, text, "
    "fields, state, version, created_at, created_by, created_name, updated_at, updated_by, "
    "approved_name, released_name, text_hash, withdrawn_name, withdrawn_reason, year, number) "
    "SELECT {id}, unit_id, template, template_version, audience, topics, title, 'khác', fields, "
    "state, version, created_at, created_by, created_name, updated_at, updated_by, "
    "approved_name, released_name, text_hash, withdrawn_name, withdrawn_reason, year, number "
    "FROM statement WHERE id = 1"
)
REPLACED = [
    "INSERT OR REPLACE " + _AS_DRAFT.format(id=1),
    "REPLACE " + _AS_DRAFT.format(id=77),
    "UPDATE OR REPLACE statement SET id = 1 WHERE id = 2",
    "UPDATE OR REPLACE statement SET year = 2026, number = 1 WHERE id = 2",
    "INSERT OR REPLACE INTO statement_version SELECT id, statement_id, version, at, user_id, "
    "user_name, title, 'khác', fields FROM statement_version WHERE id = 1",
    "INSERT OR REPLACE INTO statement_act SELECT id, statement_id, at, user_id, 'ai đó', kind, "
    "version, note FROM statement_act WHERE id = 1",
    "INSERT OR REPLACE INTO statement_place SELECT id, statement_id, at, user_id, channel, '' "
    "FROM statement_place WHERE id = 1",
    "INSERT OR REPLACE INTO delegation_paper SELECT sha256, 'x', content, at FROM delegation_paper",
]
EMPTIED = ["TRUNCATE statement", "TRUNCATE statement_act", "TRUNCATE delegation"]


def test_the_database_refuses_to_change_what_was_released(both: SpeakHouse) -> None:
    both.delegate()
    out(both, both.approved(), "deputy")
    both.drafted()
    for change in [*CHANGES, *(REPLACED if both.store.is_sqlite else EMPTIED)]:
        with pytest.raises(sa.exc.IntegrityError), both.store.write() as session:
            session.execute(sa.text(change))


def test_a_draft_may_still_be_deleted(both: SpeakHouse) -> None:
    both.drafted()
    with both.store.write() as session:
        for table in ("statement_version", "statement_act", "statement"):
            session.execute(sa.text(f"DELETE FROM {table}"))  # noqa: S608


def test_what_is_withdrawn_stays_withdrawn(both: SpeakHouse) -> None:
    number = both.approved()
    out(both, number)
    head = both.caller("head_a")
    with pytest.raises(ForbiddenError):
        withdraw(both.store, both.caller("staff_a"), number, "Viết sai ngày", NOW)
    withdraw(both.store, head, number, "Viết sai ngày", NOW)
    with pytest.raises(ConflictError):
        withdraw(both.store, head, number, "Lần nữa xem sao", NOW)
    told = [(line.actor, line.data["code"]) for line in both.audit("withdraw_refused")]
    assert told == [("staff_a", "not_spokesperson"), ("head_a", "not_approved")]
    with pytest.raises(sa.exc.IntegrityError), both.store.write() as session:
        session.execute(sa.text("UPDATE statement SET withdrawn_reason = ''"))
    assert both.audit("withdraw_refused")[0].actor == "staff_a"


def test_a_child_named_in_a_reason_is_covered_wherever_the_reason_goes(house: SpeakHouse) -> None:
    named = "Bài lộ tên em Lò Thị Hoa lớp 5A"
    matter = house.incident(unit="th_a")
    number, head = house.approved(incident=matter), house.caller("head_a")
    statements.send_back(house.store, head, number, version=1, note=named, now=NOW)
    statements.submit(house.store, head, number, version=1, now=NOW)
    statements.approve(house.store, head, number, version=1, now=NOW)
    out(house, number)
    withdraw(house.store, head, number, named, NOW)
    with house.store.read() as session:
        rows = [
            session.get_one(t.StatementRow, number),
            *session.scalars(sa.select(t.StatementActRow)),
            *session.scalars(sa.select(t.IncidentEventRow)),
            *session.scalars(sa.select(t.AuditRow)),
        ]
        kept = [str(row.model_dump()) for row in rows]
    assert sum("Bài lộ" in one for one in kept) == 5  # reason, two acts, timeline, audit
    assert not any("Hoa" in one or "5A" in one for one in kept)


def test_two_releases_at_once_give_one_number_each_and_none_twice(both: SpeakHouse) -> None:
    numbers = [both.approved() for _ in range(3)]
    heads = [both.caller("head_a") for _ in range(6)]

    def attempt(turn: int) -> str:
        try:
            return release(
                both.services, heads[turn], numbers[turn % 3], version=1, places=WEB
            ).number
        except ConflictError:
            return "late"

    with ThreadPoolExecutor(6) as pool:
        given = sorted(pool.map(attempt, range(6)))
    assert given == ["1/2026", "2/2026", "3/2026", "late", "late", "late"]
    assert len(both.audit("released")) == len(both.audit("release_refused")) == 3


def test_a_correction_is_a_new_text_linked_to_the_old_and_to_the_rumour(house: SpeakHouse) -> None:
    incident = house.incident(unit="th_a")
    old = house.approved()
    asked = statements.Asked("M3", "parents", unit_id="th_a", corrects_id=old)
    with pytest.raises(InputError, match="đã đăng"):
        statements.draft(house.store, house.caller("staff_a"), house.policy, asked, NOW)
    out(house, old)
    mention = house.mention("Tin đồn về bữa ăn", unit="th_a")
    asked = statements.Asked("M3", "parents", unit_id="th_a", corrects_id=old, mention_id=mention,
                             incident_id=incident)  # fmt: skip
    new = statements.draft(house.store, house.caller("staff_a"), house.policy, asked, NOW)
    row = house.statement(new)
    assert (row.corrects_id, row.mention_id) == (old, mention)
    assert house.statement(old).state == "released"


def test_the_year_of_a_number_turns_at_midnight_in_hanoi(house: SpeakHouse) -> None:
    number = house.approved()
    house.clock.move_to(NOW.replace(month=12, day=31, hour=17, minute=0))
    assert out(house, number).number == "1/2027"


# --- the incident ----------------------------------------------------------------------------


def test_a_release_ticks_the_step_and_stands_in_the_timeline(house: SpeakHouse) -> None:
    incident = house.incident(unit="th_a")
    with house.store.write() as session:
        session.add(t.StepRow(incident_id=incident, code="B08", position=7, title="Thông tin",
                              role="principal"))  # fmt: skip
    number = house.approved(incident=incident)
    done = out(house, number)
    assert (done.step, done.step_done) == ("B08", True)
    with house.store.read() as session:
        step = next(s for s in session.scalars(sa.select(t.StepRow)) if s.code == "B08")
        events = list(session.scalars(sa.select(t.IncidentEventRow)))
    assert step.done_by == "Đ/c head_a"
    assert "1/2026" in step.note
    assert any(e.kind == "statement" and "số 1/2026" in e.text for e in events)
    assert out(house, house.approved(incident=incident)).step_done is False, "it was done before"


def test_what_the_commune_says_does_not_do_the_schools_step(house: SpeakHouse) -> None:
    incident = house.incident(unit="th_a")
    with house.store.write() as session:
        session.add(t.StepRow(incident_id=incident, code="B08", position=7, title="Thông tin",
                              role="principal"))  # fmt: skip
    values = {**FILLED, "su_viec": "bữa trưa", "tiep_nhan": "2026-11-23T07:30"}
    asked = statements.Asked("M1", "public", incident_id=incident, unit_id="xa_a", values=values)
    chair = house.caller("chair")
    number = statements.draft(house.store, chair, house.policy, asked, NOW)
    assert "Giáo dục xã Bản Hoa đã tiếp nhận" in house.statement(number).text
    statements.submit(house.store, chair, number, version=1, now=NOW)
    statements.approve(house.store, chair, number, version=1, now=NOW)
    with pytest.raises(ForbiddenError):
        out(house, number, "head_a")
    assert out(house, number, "chair").step_done is False


def test_facts_of_an_incident_fill_a_draft_and_nothing_else_does(house: SpeakHouse) -> None:
    incident = house.incident(unit="th_a")
    with house.store.write() as session:
        session.add(t.StepRow(incident_id=incident, code="B05", position=7, title="Báo gia đình",
                              role="homeroom", done_at=NOW, done_by="Đ/c staff_a"))  # fmt: skip
        session.add(t.ContactRow(unit_id="th_a", role="principal", name="Quàng Văn Lả",
                                 phone="0911 111 111", removed_at=NOW))  # fmt: skip
        session.add(t.ContactRow(unit_id="th_a", role="principal", name="Lò Văn Panh",
                                 phone="0912 345 678"))  # fmt: skip
    asked = statements.Asked("M1", "parents", incident_id=incident)
    number = statements.draft(house.store, house.caller("staff_a"), house.policy, asked, NOW)
    text = house.statement(number).text
    assert "Trường TH Suối Mơ đã tiếp nhận thông tin phản ánh về sự việc liên quan đến" in text
    assert "vào lúc 08 giờ 00 ngày 23/11/2026" in text
    assert "thông báo cho gia đình học sinh liên quan" in text
    assert "đồng chí Lò Văn Panh, Hiệu trưởng, điện thoại 0912 345 678" in text
    assert "[chưa rõ: việc an toàn đã làm]" in text
    assert "[chưa rõ: nơi đã báo cáo]" in text
    assert "Phụ huynh lo bữa ăn bán trú" not in text, "a headline is never taken over"


def test_more_places_are_added_by_the_unit_and_checked(house: SpeakHouse) -> None:
    number = house.approved()
    staff = house.caller("staff_a")
    with pytest.raises(ConflictError):
        add_posted(house.store, staff, number, Place("zalo"), NOW)
    out(house, number)
    add_posted(house.store, staff, number, Place("zalo", "https://zalo.example/p/1"), NOW)
    for wrong in (Place("tivi"), Place("website", "javascript:alert(1)")):
        with pytest.raises(InputError):
            add_posted(house.store, staff, number, wrong, NOW)
    with pytest.raises(NotFoundError):
        add_posted(house.store, house.caller("head_b"), number, Place("notice"), NOW)
