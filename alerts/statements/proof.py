"""Do released texts still say what was released? The hash in the row, and the one in the audit log.

The audit log is sealed (``core.store.audit``), so a text changed together with its own hash still
shows against the line that was written when it was released.
"""

from __future__ import annotations

from time import perf_counter

import sqlalchemy as sa

from alerts.statements.draft import text_hash
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import AuditRow, StatementRow
from langnghe.core.verifying import Checked, Finding

STATEMENT: sa.Table = StatementRow.__table__  # type: ignore[attr-defined]
AUDIT: sa.Table = AuditRow.__table__  # type: ignore[attr-defined]
RELEASED = "released"


class StatementCheck:
    """Hashes every released text anew and holds it against the audit log."""

    name = "Nội dung đã phát ngôn"

    def run(self, store: Store, settings: Settings) -> Checked:
        """Read the released texts and the lines of their release; change nothing."""
        started = perf_counter()
        with store.read() as session:
            noted = {
                row.subject: str(row.data.get("sha256", ""))
                for row in session.scalars(sa.select(AuditRow).where(AUDIT.c.action == RELEASED))
            }
            rows = session.scalars(
                sa.select(StatementRow).where(STATEMENT.c.text_hash != "").order_by(STATEMENT.c.id)
            ).all()
        found: list[Finding] = []
        released = {f"statement:{row.id}": row for row in rows if row.released_at is not None}
        for subject, row in released.items():
            now = text_hash(row.title, row.text)
            if now != row.text_hash:
                what = f"nội dung số {row.id} đã bị sửa"
                found.append(Finding("statement", what, row.id, subject))
            elif subject in noted and noted[subject] != now:
                what = f"nội dung số {row.id} khác với bản ghi trong nhật ký khi phát ngôn"
                found.append(Finding("statement", what, row.id, subject))
        for subject in noted.keys() - released.keys():
            number = subject.rpartition(":")[2]
            what = f"nội dung số {number} đã phát ngôn nhưng không còn"
            found.append(Finding("statement", what, int(number), subject))
        return Checked(
            name=self.name,
            records=len(released),
            size=sum(len(row.text.encode()) for row in released.values()),
            seconds=perf_counter() - started,
            findings=tuple(found),
        )
