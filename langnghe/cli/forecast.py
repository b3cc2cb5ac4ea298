"""Commands over the forecast: dig it out of replayed months, and see how far it may be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langnghe.cli.output import emit, say
from langnghe.core.errors import ConfigError

if TYPE_CHECKING:
    from alerts.forecast.model import Model
    from alerts.forecast.trajectories import Moment
    from langnghe.core.policy.model import Policy
    from langnghe.core.store.engine import Store

forecast_app = typer.Typer(
    help="Dự báo khả năng một cụm tin lên Cam, lên Đỏ: dựng từ kho đã phát lại, đo độ tin cậy.",
    no_args_is_help=True,
)
Folders = Annotated[
    list[Path],
    typer.Argument(
        metavar="THƯ_MỤC",
        help="Thư mục của lần phát lại («langnghe replay» in ra ở dòng cuối).",
    ),
]
Playbook = Annotated[
    Path | None,
    typer.Option("--playbook", help="Tệp kịch bản ứng phó, nếu không dùng bản kèm theo."),
]
Day = Annotated[str | None, typer.Option(help="Chỉ lấy cụm tin bắt đầu từ ngày này (YYYY-MM-DD).")]
Until = Annotated[str | None, typer.Option(help="Chỉ lấy cụm tin bắt đầu trước ngày này.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(forecast_app, name="forecast")


@forecast_app.command()
def fit(
    folders: Folders,
    out: Annotated[Path, typer.Option(help="Nơi ghi dự báo mới (JSON).")],
    since: Day = None,
    until: Until = None,
    playbook: Playbook = None,
) -> None:
    """Dựng dự báo từ những cụm tin đã phát lại."""
    from alerts.forecast import fit as learning
    from langnghe.core.policy.loader import load_policy

    policy = load_policy(playbook)
    lived = list(_lived(folders, policy, since, until))
    if not lived:
        raise ConfigError("Không có cụm tin nào để học.", mend="Kiểm tra thư mục và ngày đã chọn.")
    span = [min(m.at for m in lived).date(), max(m.at for m in lived).date()]
    model = learning.fit(lived, policy, {"from": str(span[0]), "to": str(span[1])})
    out.write_text(json.dumps(model.to_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    say(f"{model.about['stories']} cụm tin, {len(lived)} thời điểm. Lên mức trong một ngày:")
    for level, count in model.about["risen"].items():
        used = "" if int(level) in model.weights else " (quá ít, chưa dự báo)"
        say(f"  {policy.level(int(level)).name}: {count}{used}")
    say(f"Đã ghi {out}.")


@forecast_app.command()
def check(
    folders: Folders,
    model: Annotated[
        Path | None, typer.Option(help="Tệp dự báo cần đo (mặc định: bản kèm theo).")
    ] = None,
    since: Day = None,
    until: Until = None,
    playbook: Playbook = None,
    plot: Annotated[
        Path | None, typer.Option(help="Ghi biểu đồ độ tin cậy ra tệp này (SVG).")
    ] = None,
) -> None:
    """Đo dự báo trên những cụm tin đã phát lại: điểm Brier và biểu đồ độ tin cậy."""
    from alerts.forecast import measure
    from alerts.forecast.model import SHIPPED, load
    from langnghe.core.policy.loader import load_policy

    policy = load_policy(playbook)
    told: Model = load(model or SHIPPED)
    scores = measure.measure(told, list(_lived(folders, policy, since, until)), policy)
    if not scores:
        raise ConfigError(
            "Không thời điểm nào có dự báo để đo.",
            mend="Dự báo phải được dựng trên đúng kịch bản đang dùng: «langnghe forecast fit».",
        )
    say(measure.table(scores, policy))
    if plot is not None:
        plot.write_text(measure.plot(scores, policy), encoding="utf-8")
    for score in scores:
        emit(
            {
                "level": score.key[0], "hours": score.key[1], "moments": score.moments,
                "stories_risen": score.stories_risen, "brier": round(score.brier, 5),
                "brier_of_rate": round(score.plain, 5), "skill": round(score.skill, 3),
                "untold": score.untold,
                "bins": [[b.count, round(b.said, 4), round(b.came, 4)] for b in score.bins],
            }
        )  # fmt: skip


def _lived(
    folders: Sequence[Path], policy: Policy, since: str | None, until: str | None
) -> Iterator[Moment]:
    from alerts.forecast.trajectories import moments
    from langnghe.core.store.lived import stories_about_education

    start, end = _day(since), _day(until)
    for number, folder in enumerate(folders):
        with _store(folder) as store, store.read() as session:
            ids = stories_about_education(session, start, end)
            for moment in moments(session, ids, policy):
                # stories of several folders must not be taken for one another
                yield moment.renumbered(moment.story * len(folders) + number)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise ConfigError(f"Ngày phải viết như 2026-01-31, không phải «{text}».") from error


@contextmanager
def _store(folder: Path) -> Iterator[Store]:
    from langnghe.core.settings import load_settings
    from langnghe.core.store.engine import Store

    settings = load_settings(folder)
    if not settings.is_postgres and not (folder / "langnghe.db").is_file():
        raise ConfigError(f"{folder} không phải thư mục của một lần phát lại.")
    with Store(settings.database) as store:
        store.migrate()
        yield store
