"""What people do to a statement: draft, edit, submit, return, approve.

Each act is one transaction with its line in the statement's own history. Letting a text out, and
taking it back, are in ``alerts.statements.releasing``. A caller acts only inside their own units;
drafting and returning are for everybody of the unit who acts; approving asks for the right to
speak, as release does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.statements.checks import Finding, blocks, check
from alerts.statements.draft import field_keys, fill
from alerts.statements.facts import gather_facts, unit_values
from alerts.statements.matter import context_of, topics_of, whole_text
from alerts.statements.spokesperson import may_release
from alerts.statements.versions import RELOAD, nothing_done_since, same_version
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from langnghe.core.policy.model import Policy
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.store.engine import Store
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.queries.mentions import get_mention
from langnghe.core.store.queries.stories import get_story
from langnghe.core.store.statements import (
    add_act,
    contacts_of,
    get_statement,
    insert_statement,
    keep_version,
    lock_statement,
    only_unit,
    unit_facts,
    unit_within,
)
from langnghe.core.store.tables import StatementRow
from langnghe.core.store.users import note
from langnghe.core.text import clean
from langnghe.core.types import Role
from nlp.shield import mask

DRAFT, REVIEW, APPROVED, RELEASED, WITHDRAWN = (
    "draft", "review", "approved", "released", "withdrawn"
)  # fmt: skip
MAX_TEXT = 20_000
MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new draft is to be about. ``unit_id`` None is the caller's own, or the incident's."""

    template: str
    audience: str
    unit_id: str | None = None
    incident_id: int | None = None
    story_id: int | None = None
    mention_id: int | None = None
    corrects_id: int | None = None
    topics: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None


def draft(store: Store, caller: Caller, policy: Policy, asked: Asked, now: datetime) -> int:
    """Make a draft from a template, with the incident's facts filled in; return its id.

    What a person states wins over what the house knows. Raises NotFoundError outside the caller's
    units, InputError for an audience the template does not speak to or an unknown field.
    """
    caller.require(Action.ACT)
    templates = load_templates()
    template = templates.template(asked.template)
    if asked.audience not in template.audiences:
        names = ", ".join(templates.audience(one).name for one in template.audiences)
        raise InputError(
            f"Mẫu {template.id} không dùng cho nhóm người nhận này.", mend=f"Chọn: {names}."
        )
    stated = {key: clean(value) for key, value in (asked.values or {}).items() if clean(value)}
    unknown = set(stated) - set(field_keys(template))
    if unknown:
        raise InputError(f"Mẫu {template.id} không có mục «{min(unknown)}».")
    wrong = sorted(set(asked.topics) - set(policy.topics))
    if wrong:
        raise InputError(f"Không có chủ đề «{wrong[0]}».")
    with store.write() as session:
        unit = unit_facts(session, _speaking_unit(session, caller, asked))
        known, topics = unit_values(unit, contacts_of(session, [unit.id]), policy), asked.topics
        if asked.incident_id is not None:
            facts = gather_facts(
                session, asked.incident_id, speaking=unit.id, viewer_unit=caller.unit_scope,
                policy=policy, templates=templates, now=now,
            )  # fmt: skip
            known, topics = facts.values, facts.topics
        values = {f.id: known[f.source] for f in template.fields if f.source in known} | stated
        made = fill(
            template, templates.audience(asked.audience), unit_name=unit.name,
            unit_kind=unit.kind, values=values,
        )  # fmt: skip
        _rumour_in_scope(session, caller, asked, unit.id)
        row = StatementRow(
            unit_id=unit.id, incident_id=asked.incident_id, story_id=asked.story_id,
            mention_id=asked.mention_id, corrects_id=asked.corrects_id, template=template.id,
            template_version=templates.version, audience=asked.audience, topics=list(topics),
            title=made.title[:MAX_TITLE], text=made.text, fields=values, created_at=now,
            created_by=caller.user_id, created_name=caller.shown_name, updated_at=now,
            updated_by=caller.user_id,
        )  # fmt: skip
        number = insert_statement(session, row)
        add_act(session, row, now, caller.user_id, caller.shown_name, "drafted")
        return number


def edit(
    store: Store, caller: Caller, statement_id: int, *, version: int, title: str, text: str,
    now: datetime, seen: int | None = None,
) -> int:  # fmt: skip
    """Change the words of a text not yet released; return the new version.

    An approved or submitted text becomes a draft again, for nobody approved these words. Raises
    ChangedError when somebody changed it meanwhile, or did anything to it after act ``seen``.
    """
    title, text = clean(title), _paragraphs(text)
    if not title or not text:
        raise InputError("Tiêu đề và nội dung không được để trống.")
    if len(title) > MAX_TITLE or len(text) > MAX_TEXT:
        raise InputError("Nội dung quá dài.", mend=f"Tối đa {MAX_TEXT} ký tự.")
    with _held(store, caller, statement_id, version, now, mends=True) as (session, row):
        _unreleased(row)
        nothing_done_since(session, row, seen)
        if (title, text) == (row.title, row.text):
            return row.version
        row.title, row.text, row.version = title, text, row.version + 1
        row.state, row.approved_at, row.approved_by, row.approved_name = DRAFT, None, None, ""
        row.updated_at, row.updated_by = now, caller.user_id
        keep_version(session, row, caller.user_id, caller.shown_name)
        add_act(session, row, now, caller.user_id, caller.shown_name, "edited")
        return row.version


def submit(store: Store, caller: Caller, statement_id: int, *, version: int, now: datetime) -> None:
    """Hand a draft to review. Raises InputError while a check blocks, unknown marks excepted."""
    with _held(store, caller, statement_id, version, now) as (session, row):
        _in_state(row, DRAFT)
        found = blocks(check(whole_text(row), context_of(session, row)))
        refuse_findings([one for one in found if one.code != "unknown_mark"])
        row.state = REVIEW
        add_act(session, row, now, caller.user_id, caller.shown_name, "submitted")


def send_back(
    store: Store, caller: Caller, statement_id: int, *, version: int, note: str, now: datetime
) -> None:
    """Return a text to its drafter with a comment."""
    said = mask(clean(note)).text  # the history is read by people who see drafts covered only
    if len(said) < 5:
        raise InputError("Cần ghi rõ điều phải sửa.", mend="Ghi nhận xét rồi bấm Trả lại.")
    _reviewer(caller)
    with _held(store, caller, statement_id, version, now) as (session, row):
        _in_state(row, REVIEW, APPROVED)
        row.state, row.approved_at, row.approved_by, row.approved_name = DRAFT, None, None, ""
        add_act(session, row, now, caller.user_id, caller.shown_name, "returned", said)


def approve(store: Store, caller: Caller, statement_id: int, *, version: int, now: datetime) -> str:
    """Approve a text as it stands; return a warning where drafter and reviewer are one, else "".

    Only who might release it approves it: the plan has the head approve every text. Raises
    ForbiddenError (and leaves an audit line), or InputError while any check blocks.
    """
    _entitled(store, caller, statement_id, now)
    with _held(store, caller, statement_id, version, now) as (session, row):
        _in_state(row, REVIEW)
        refuse_findings(blocks(check(whole_text(row), context_of(session, row))))
        row.state, row.approved_at = APPROVED, now
        row.approved_by, row.approved_name = caller.user_id, caller.shown_name
        alone = caller.user_id in (row.created_by, row.updated_by)
        warning = "Người duyệt cũng là người soạn; nên để người khác đọc lại." if alone else ""
        add_act(session, row, now, caller.user_id, caller.shown_name, "approved", warning)
        return warning


def findings_of(store: Store, caller: Caller, statement_id: int) -> tuple[Finding, ...]:
    """Return what the checks say of a statement as it stands; spans lie in ``whole_text``."""
    with store.read() as session:
        row = get_statement(session, statement_id, viewer_unit=caller.unit_scope).row
        return check(whole_text(row), context_of(session, row))


def refuse_findings(found: Sequence[Finding]) -> None:
    """Raise InputError that names what must be mended, None if nothing."""
    if found:
        told = "; ".join(dict.fromkeys(one.text.rstrip(".") for one in found[:4]))
        raise InputError(
            f"Còn {len(found)} chỗ phải sửa trước khi duyệt: {told}.", mend=found[0].mend
        )


@contextmanager
def _held(
    store: Store, caller: Caller, statement_id: int, version: int, now: datetime,
    *, mends: bool = False,
) -> Iterator[tuple[Session, StatementRow]]:  # fmt: skip
    """Yield a statement locked for the caller, at the version they have read."""
    caller.require(Action.ACT)
    with store.write() as session:
        row = lock_statement(session, statement_id)
        if not unit_within(session, row.unit_id, caller.unit_scope):
            raise NotFoundError("Không có nội dung phát ngôn này, hoặc ngoài phạm vi của bạn.")
        same_version(session, row, version, mends=mends)
        yield session, row


def _in_state(row: StatementRow, *states: str) -> None:
    if row.state not in states:
        raise ConflictError("Nội dung không ở bước này nữa.", mend=RELOAD)


def _unreleased(row: StatementRow) -> None:
    if row.state in (RELEASED, WITHDRAWN):
        raise ConflictError(
            "Nội dung đã đăng thì không sửa được nữa.",
            mend="Soạn bản đính chính nối với nội dung này.",
        )


def _reviewer(caller: Caller) -> None:
    if caller.role not in (Role.OFFICER, Role.PRINCIPAL):
        raise ForbiddenError(
            "Quản trị viên không duyệt nội dung phát ngôn.",
            mend="Trình để cán bộ hoặc thủ trưởng của đơn vị duyệt.",
        )


def _entitled(store: Store, caller: Caller, statement_id: int, now: datetime) -> None:
    """Raise unless the caller holds the right to speak on this text."""
    with store.write() as session:
        row = get_statement(session, statement_id, viewer_unit=caller.unit_scope).row
        refusal = may_release(session, caller.user_id, row.unit_id, topics_of(session, row), now)
        if refusal is not None:
            note(
                session, now, caller.username, "approve_refused", f"statement:{statement_id}",
                reason=refusal.text, data={"code": refusal.code},
            )  # fmt: skip
    if refusal is not None:
        raise refusal.error()


def _speaking_unit(session: Session, caller: Caller, asked: Asked) -> str:
    """Return the unit that speaks: one the caller may speak about, at or above the incident's."""
    unit = asked.unit_id or caller.unit_id
    if asked.incident_id is not None:
        detail = get_incident(session, asked.incident_id, viewer_unit=caller.unit_scope)
        own = detail.line.row.unit_id
        unit = unit or own
        if unit not in unit_facts(session, own).chain:
            raise InputError(
                "Đơn vị phát ngôn phải là đơn vị của vụ việc hoặc cấp trên của đơn vị ấy.",
                mend="Chọn lại đơn vị phát ngôn.",
            )
    unit = unit or only_unit(session)
    if unit is None:
        raise InputError("Chưa rõ đơn vị nào phát ngôn.", mend="Chọn đơn vị phát ngôn.")
    if not unit_within(session, unit, caller.unit_scope):
        raise NotFoundError("Không có đơn vị này, hoặc ngoài phạm vi của bạn.")
    return unit


def _rumour_in_scope(session: Session, caller: Caller, asked: Asked, unit_id: str) -> None:
    if asked.story_id is not None:
        get_story(session, asked.story_id, viewer_unit=caller.unit_scope)
    if asked.mention_id is not None:
        get_mention(session, asked.mention_id, viewer_unit=caller.unit_scope)
    if asked.corrects_id is not None:
        old = get_statement(session, asked.corrects_id, viewer_unit=caller.unit_scope).row
        if old.state not in (RELEASED, WITHDRAWN) or old.unit_id != unit_id:
            raise InputError(
                "Chỉ đính chính nội dung mà chính đơn vị này đã đăng.", mend="Chọn lại nội dung."
            )


def _paragraphs(text: str) -> str:
    """Return cleaned text whose paragraphs are parted by one empty line."""
    return "\n\n".join(part for part in clean(text).split("\n") if part)


def shown_words(row: StatementRow, caller: Caller) -> tuple[str, str]:
    """Return title and text as this caller may see them.

    A draft may still hold what must not go out; only those who mend it see it uncovered.
    """
    if row.state in (RELEASED, WITHDRAWN) or caller.may(Action.ACT):
        return row.title, row.text
    return mask(row.title).text, mask(row.text).text
