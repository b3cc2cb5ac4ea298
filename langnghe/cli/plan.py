"""Commands over the plan: who owes articles, and the register's figures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from alerts.plan.calendar import bounds, month_of, span, tally
from alerts.plan.feedback import figures
from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.core.clock import SystemClock, hanoi
from langnghe.core.store import plan
from langnghe.core.store.engine import Store
from langnghe.core.words import word

plan_app = typer.Typer(help="Kế hoạch truyền thông: bài viết, góp ý.", no_args_is_help=True)
Month = Annotated[str, typer.Option("--month", help="Tháng, ví dụ 2026-11 (mặc định tháng này).")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(plan_app, name="plan")


@plan_app.command("tally")
def plan_tally(month: Month = "", home: Home = None, as_json: AsJson = False) -> None:
    """Tổng hợp viết bài của một tháng: ai còn nợ."""
    now = SystemClock().now()
    wanted = month or month_of(now)
    bounds(wanted)
    with Store(settings_for(home).database) as store:
        store.migrate()
        with store.read() as session:
            writers = plan.writers(session, viewer_unit=None)
            found = plan.articles(session, wanted, viewer_unit=None)
    for line in tally(writers, found, wanted, hanoi(now).date()):
        if as_json:
            emit({"name": line.name, "wanted": line.wanted, "written": line.written,
                  "published": line.published, "state": line.state})  # fmt: skip
        else:
            say(f"{line.name:<30} {line.published}/{line.wanted} bài  {word('tally', line.state)}")
    if not writers and not as_json:
        say("Chưa khai tổ chức nào phải viết bài; thêm ở trang Kế hoạch truyền thông.")


@plan_app.command("feedback")
def plan_feedback(month: Month = "", home: Home = None, as_json: AsJson = False) -> None:
    """Thống kê sổ góp ý, phản ánh của một tháng."""
    now = SystemClock().now()
    wanted = month or month_of(now)
    with Store(settings_for(home).database) as store:
        store.migrate()
        with store.read() as session:
            rows = plan.feedback_counted(session, *span(wanted), viewer_unit=None)
    told = figures(rows, now)
    if as_json:
        emit({"month": wanted} | asdict(told))
        return
    say(f"Tháng {wanted}: nhận {told.received}, trả lời {told.answered} (đúng hạn {told.on_time}), "
        f"quá hạn {told.late}.")  # fmt: skip
