"""Which words somebody has read: nobody changes, approves or releases a text they have not seen."""

from __future__ import annotations

from sqlmodel import Session

from alerts.since import Change, check_since, told_apart
from langnghe.core.errors import ConflictError
from langnghe.core.store.statements import acts_of, versions_of
from langnghe.core.store.tables import StatementRow
from langnghe.core.words import word

RELOAD = "Tải lại trang để xem bản mới nhất."


def same_version(session: Session, row: StatementRow, version: int, *, mends: bool = False) -> None:
    """Raise ChangedError unless the caller has read the words as they now stand.

    ``mends``: the caller writes words of their own and may send them again after reading.
    """
    if row.version == version:
        return
    kept = versions_of(session, row.id or 0)
    words = {one.version: f"{one.title}\n{one.text}" for one in kept}
    changes = [
        Change(
            one.version, one.at, one.user_name, f"lưu phiên bản {one.version}",
            told_apart(words.get(one.version - 1, ""), words[one.version]),
        )
        for one in kept
    ]  # fmt: skip
    check_since("Nội dung", version, changes, _numbers(session, row), carries_on=mends)
    raise ConflictError("Không có phiên bản này.", mend=RELOAD)


def nothing_done_since(session: Session, row: StatementRow, seen: int | None) -> None:
    """Raise ChangedError where somebody submitted, approved or returned the text after ``seen``."""
    changes = [
        Change(act.id or 0, act.at, act.user_name, word("statement_act", act.kind))
        for act in acts_of(session, row.id or 0)
    ]
    check_since("Nội dung", seen, changes, _numbers(session, row))


def _numbers(session: Session, row: StatementRow) -> dict[str, int]:
    acts = acts_of(session, row.id or 0)
    return {"version": row.version, "ban": max((act.id or 0 for act in acts), default=0)}
