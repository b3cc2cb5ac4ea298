"""The demonstration's answer half is laid out from invented data, and only what it should hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from langnghe.core.store import tables as t
from langnghe.demo.answer import lay_out
from langnghe.demo.run import PASSWORD, prepare


def test_the_answer_half_is_laid_out(tmp_path: Path) -> None:
    show = prepare(tmp_path, port=8118, real=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    try:
        with show.services.store.write() as session:
            session.add(t.StoryRow(id=1, first_at=show.clock.now(), last_at=show.clock.now()))
            session.flush()
            session.add(
                t.IncidentRow(
                    story_id=1, unit_id="pa_hieng_ha", title="Phản ánh", summary="", state="new",
                    level=2, peak_level=2, score=60.0, verification="unverified",
                    opened_at=show.clock.now(), updated_at=show.clock.now(), topics=["T06"],
                    policy_version="x",
                )
            )  # fmt: skip
        lay_out(show.services, PASSWORD)
        with show.services.store.read() as session:
            count = {
                kind: session.scalar(sa.select(sa.func.count()).select_from(kind))
                for kind in (t.DutyRow, t.WriterRow, t.ArticleRow, t.FeedbackRow, t.OutboxRow)
            }
            statement = session.scalars(sa.select(t.StatementRow)).one()
        assert list(count.values()) == [2, 4, 2, 2, 0], "laid out, and nobody is written to"
        assert (statement.state, statement.template) == ("draft", "M3")
        assert "[chưa rõ: giờ có kết quả xác minh]" in statement.text
    finally:
        show.stop()
        show.services.store.close()
