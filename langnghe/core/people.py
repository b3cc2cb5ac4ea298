"""Change who answers for a unit: checked, within the caller's units, and written into the audit.

The same desk serves page, API and command line. A change of the roster counts at once; whose duty
changes is told, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from langnghe.core.auth import Action, Caller
from langnghe.core.contacts import contact_problems, tidy_hours
from langnghe.core.duty import (
    HORIZON,
    Duty,
    DutyChange,
    Span,
    Together,
    duty_changes,
    gaps,
    in_reach,
    overlaps,
)
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.lines import LINES, SCHOOLS, Line, overlapping
from langnghe.core.policy.model import Policy
from langnghe.core.services import Services
from langnghe.core.store import people as rows
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import ContactRow, DutyRow, LineRow, UnitRow
from langnghe.core.store.users import note
from langnghe.core.text import clean
from langnghe.core.types import Contact

MOST_TEXT = 300
_FIELD_NAMES = {
    "role": "vai", "name": "họ tên", "email": "thư điện tử", "phone": "điện thoại",
    "zalo": "Zalo", "telegram": "Telegram", "ways": "cách báo", "quiet": "giờ yên lặng",
}  # fmt: skip
_LONGEST_DUTY = timedelta(days=3660)
Teller = Callable[[Session, Sequence[DutyChange], datetime], None]


@dataclass(frozen=True, slots=True)
class Roster:
    """What a change of the roster led to, for one unit and role, over the next two weeks."""

    id: int
    changes: tuple[DutyChange, ...]
    gaps: tuple[Span, ...]
    together: tuple[Together, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where directory, roster and reporting lines are changed.

    ``scope`` is the unit whose subtree may be changed, ``None`` for all. ``tell`` writes to people
    whose duty changes. ``roles`` are those a person may be on duty for (beside the roles of the
    unit's own people); empty means any.
    """

    store: Store
    actor: str
    scope: str | None
    now: datetime
    tell: Teller | None = None
    roles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, services: Services, caller: Caller, tell: Teller | None = None) -> Desk:
        """Return the desk of a signed-in person. Raises ForbiddenError."""
        caller.require(Action.ACT)
        return cls(
            services.store, caller.shown_name, caller.unit_scope, services.clock.now(), tell,
            known_roles(services.policy),
        )  # fmt: skip

    def put_contact(self, unit_id: str, contact: Contact, contact_id: int | None = None) -> int:
        """Enter a person, or change the entry ``contact_id``; return its id.

        Raises InputError with every wrong field, NotFoundError outside the scope.
        """
        contact = tidy(contact)
        wrong = contact_problems(contact)
        if wrong:
            listed = "; ".join(
                f"{_FIELD_NAMES.get(field.split('[')[0], field)}: {words}" for field, words in wrong
            )
            raise InputError(f"Chưa ghi được người này: {listed}.", mend="Sửa các ô nêu trên.")
        with self.store.write() as session:
            rows.unit_in_scope(session, unit_id, self.scope)
            before = self._mine(session, ContactRow, contact_id) if contact_id else None
            if before is not None and before.unit_id != unit_id:
                raise InputError("Người này thuộc đơn vị khác.", mend="Mở trang của đơn vị ấy.")
            values = rows.contact_values(unit_id, contact)
            changed = _changed(before, values)
            row = rows.save(session, ContactRow, values, contact_id)
            self._note(session, "contact", row.id, unit_id, before is None, changed, contact.name)
            return row.id or 0

    def remove_contact(self, contact_id: int) -> tuple[DutyChange, ...]:
        """Take a person out of the directory and the roster; return the duty that ends so."""
        with self.store.write() as session:
            row = self._mine(session, ContactRow, contact_id)
            before = rows.duty_of(session, [row.unit_id])
            rows.remove(session, row, self.now)
            self._note(session, "contact", row.id, row.unit_id, None, (), row.name)
            return duty_changes(before, rows.duty_of(session, [row.unit_id]), self.now)

    def put_duty(self, duty: Duty, duty_id: int | None = None) -> Roster:
        """Enter a row of the roster, or change the row ``duty_id``. ``person_id`` must be set.

        Overlaps and gaps are allowed and told. Raises InputError, NotFoundError.
        """
        _check_duty(duty)
        with self.store.write() as session:
            rows.unit_in_scope(session, duty.unit_id, self.scope)
            person = rows.required(session, ContactRow, duty.person_id or 0)
            if person.unit_id != duty.unit_id:
                raise InputError(
                    "Người trực phải có trong danh bạ của đơn vị.",
                    mend="Thêm người ấy vào danh bạ của đơn vị trước.",
                )
            self._check_role(session, duty)
            before = rows.duty_of(session, [duty.unit_id])
            old = self._mine(session, DutyRow, duty_id) if duty_id else None
            if old is not None and old.unit_id != duty.unit_id:
                raise InputError("Ca trực này thuộc đơn vị khác.", mend="Mở trang của đơn vị ấy.")
            values = rows.duty_values(duty)
            changed = _changed(old, values)
            row = rows.save(session, DutyRow, values, duty_id)
            self._note(session, "duty", row.id, duty.unit_id, old is None, changed, person.name)
            return self._told(session, row, before)

    def remove_duty(self, duty_id: int) -> Roster:
        """Take a row off the roster; return what that leads to."""
        with self.store.write() as session:
            row = self._mine(session, DutyRow, duty_id)
            before = rows.duty_of(session, [row.unit_id])
            rows.remove(session, row, self.now)
            name = next((d.person for d in before if d.id == duty_id), "")
            self._note(session, "duty", row.id, row.unit_id, None, (), name)
            return self._told(session, row, before)

    def put_line(self, line: Line, line_id: int | None = None) -> int:
        """Enter a dated row of the reporting chain, or change one; return its id.

        Raises InputError, ConflictError where another row of the line holds at the same time.
        """
        line = replace(line, to_name=clean(line.to_name), basis=clean(line.basis), id=line_id)
        _check_line(line)
        with self.store.write() as session:
            rows.unit_in_scope(session, line.unit_id, self.scope)
            above = session.get(UnitRow, line.to_unit) if line.to_unit is not None else None
            if line.to_unit is not None and (above is None or not above.active):
                raise InputError(
                    f"Không có đơn vị «{line.to_unit}».", mend="Chọn đơn vị, hoặc ghi tên cơ quan."
                )
            if above is not None and above.kind in SCHOOLS:
                raise InputError(
                    "Trường không phải nơi nhận báo cáo.", mend="Chọn cơ quan quản lý của đơn vị."
                )
            old = self._mine(session, LineRow, line_id) if line_id else None
            if old is not None and old.unit_id != line.unit_id:
                raise InputError("Dòng này thuộc đơn vị khác.", mend="Mở trang của đơn vị ấy.")
            if overlapping(rows.lines_of(session, [line.unit_id]), line) is not None:
                raise ConflictError(
                    f"Tuyến {LINES[line.line].lower()} đã có dòng khác trong thời gian này.",
                    mend="Ghi ngày kết thúc cho dòng cũ trước, rồi thêm dòng mới.",
                )
            values = rows.line_values(line)
            changed = _changed(old, values)
            row = rows.save(session, LineRow, values, line_id)
            self._note(session, "line", row.id, line.unit_id, old is None, changed, line.line)
            return row.id or 0

    def remove_line(self, line_id: int) -> None:
        """Take a row out of the reporting chain."""
        with self.store.write() as session:
            row = self._mine(session, LineRow, line_id)
            rows.remove(session, row, self.now)
            self._note(session, "line", row.id, row.unit_id, None, (), row.line)

    def _check_role(self, session: Session, duty: Duty) -> None:
        """A mistyped role would be a gap nobody sees."""
        own = {person.contact.role for person in rows.people_of(session, [duty.unit_id])}
        if self.roles and duty.role not in self.roles | own:
            raise InputError(
                f"Không có vai «{duty.role}» trong kịch bản.",
                mend=f"Dùng một trong: {', '.join(sorted(self.roles))}.",
            )

    def _mine(self, session: Session, kind: type[rows.Kind], row_id: int) -> rows.Kind:
        row = rows.required(session, kind, row_id)
        rows.unit_in_scope(session, row.unit_id, self.scope)
        return row

    def _told(self, session: Session, row: DutyRow, before: Sequence[Duty]) -> Roster:
        after = rows.duty_of(session, [row.unit_id])
        changes = duty_changes(before, after, self.now)
        if changes and self.tell is not None:
            self.tell(session, changes, self.now)
        mine = [duty for duty in after if duty.role == row.role]
        end = self.now + HORIZON
        return Roster(
            row.id or 0, changes, gaps(mine, self.now, end), overlaps(mine, self.now, end)
        )

    def _note(
        self,
        session: Session,
        kind: str,
        row_id: int | None,
        unit_id: str,
        new: bool | None,
        changed: Sequence[str],
        about: str,
    ) -> None:
        done = "removed" if new is None else "added" if new else "changed"
        note(
            session, self.now, self.actor, f"{kind}_{done}", f"{kind}:{row_id}",
            data={"unit": unit_id, "about": about, "changed": list(changed)},
        )  # fmt: skip


def known_roles(policy: Policy) -> frozenset[str]:
    """Return the playbook's roles with the other names their holders go by in a directory."""
    aliases = (name for rule in policy.roles.values() for name in rule.contacts)
    return frozenset((*policy.roles, *aliases))


def tidy(contact: Contact) -> Contact:
    """Return the entry with clean texts; empty addresses become none."""
    texts = {
        field: clean(getattr(contact, field) or "") or None
        for field in ("email", "phone", "zalo", "telegram", "webhook", "apprise")
    }
    ways = tuple(dict.fromkeys(way for way in map(clean, contact.ways) if way))
    return Contact(
        clean(contact.role), clean(contact.name), **texts, ways=ways,
        quiet=tidy_hours(clean(contact.quiet or "") or None),
    )  # fmt: skip


def _check_duty(duty: Duty) -> None:
    _check_years(duty.since, duty.until)
    if not duty.role or len(duty.role) > MOST_TEXT:
        raise InputError("Chưa ghi vai của ca trực.", mend="Chọn vai rồi gửi lại.")
    if duty.until is not None and duty.until <= duty.since:
        raise InputError(
            "Ca trực kết thúc trước lúc bắt đầu.", mend="Sửa ngày giờ bắt đầu hoặc kết thúc."
        )
    if duty.until is not None and duty.until - duty.since > _LONGEST_DUTY:
        raise InputError("Ca trực dài quá mười năm.", mend="Kiểm tra lại năm.")
    if any(day not in range(7) for day in duty.days):
        raise InputError("Ngày trong tuần không đúng.", mend="Chọn từ T2 đến CN.")


def _check_years(*moments: datetime | None) -> None:
    if not all(in_reach(moment) for moment in moments):
        raise InputError("Năm không đúng.", mend="Ghi một năm từ 1900 đến 2199.")


def _check_line(line: Line) -> None:
    _check_years(line.since, line.until)
    if line.line not in LINES:
        raise InputError(
            "Tuyến báo cáo không đúng.", mend=f"Chọn một trong: {', '.join(LINES.values())}."
        )
    if (line.to_unit is None) == (not line.to_name):
        raise InputError(
            "Chưa rõ báo cáo lên đâu.", mend="Chọn một đơn vị, hoặc ghi tên cơ quan, không cả hai."
        )
    if line.to_unit == line.unit_id:
        raise InputError("Đơn vị không báo cáo chính mình.", mend="Chọn đơn vị khác.")
    if line.since and line.until and line.until <= line.since:
        raise InputError("Ngày kết thúc đứng trước ngày bắt đầu.", mend="Sửa một trong hai ngày.")
    if max(len(line.to_name), len(line.basis)) > MOST_TEXT:
        raise InputError(f"Tên cơ quan hoặc căn cứ dài quá {MOST_TEXT} ký tự.")


def _changed(row: Any, values: dict[str, Any]) -> tuple[str, ...]:
    """Return which columns a change touches; names only, an audit needs no addresses."""
    if row is None:
        return ()
    return tuple(name for name, value in values.items() if getattr(row, name) != value)
