"""Commands over what people decided about stories: ``pairs export|check|learn|back``.

What grouping learns from them is used only where decisions it was not learnt from come out better,
and one command leads back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from langnghe.cli.output import AsJson, Home, emit, say, settings_for
from langnghe.core.clock import SystemClock
from langnghe.core.errors import ConfigError, InputError
from langnghe.core.settings import Settings

pairs_app = typer.Typer(
    help="Các quyết định gom cụm của người: xuất cặp, đối chiếu với máy, dạy lại máy.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(pairs_app, name="pairs")


@pairs_app.command("export")
def export(
    out: Annotated[
        Path | None, typer.Option(help="Tệp JSON Lines (mặc định: in ra màn hình).")
    ] = None,
    texts: Annotated[
        bool, typer.Option("--texts", help="Kèm văn bản đã che; không bao giờ kèm bản gốc.")
    ] = False,
    home: Home = None,
) -> None:
    """Xuất các cặp tin, cặp cụm mà người đã nói là cùng hay khác, mỗi dòng một cặp."""
    from langnghe.core.hand import pairs_of
    from langnghe.core.store.hand import decisions
    from langnghe.core.store.queries.lessons import masked_texts, story_titles

    with _reading(settings_for(home)) as session:
        found = [pair for decision in decisions(session) for pair in pairs_of(decision)]
        told: dict[str, dict[int, str]] = {"story": {}, "event": {}}
        if texts:
            for level, ask in (("story", masked_texts), ("event", story_titles)):
                ids = {i for p in found if p.level == level for i in (p.a, p.b)}
                told[level] = ask(session, ids)
    lines = []
    for pair in found:
        row: dict[str, Any] = {
            "decision": pair.decision, "level": pair.level, "a": pair.a, "b": pair.b,
            "same": pair.same,
        }  # fmt: skip
        if texts:
            row |= {f"{s}_text": told[pair.level].get(i, "") for s, i in _sides(pair.a, pair.b)}
        lines.append(json.dumps(row, ensure_ascii=False))
    if out is None:
        for line in lines:
            typer.echo(line)
    else:
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    say(f"{len(lines)} cặp từ {len({pair.decision for pair in found})} quyết định.")


@pairs_app.command("check")
def check(home: Home = None, as_json: AsJson = False) -> None:
    """Xem máy hiện nay có tự quyết định giống người không."""
    from langnghe.house import load_judge
    from nlp.story_lessons import agreement

    settings = settings_for(home)
    found = agreement(_lessons(settings), load_judge(settings))
    if as_json:
        emit({name: getattr(found, name) for name in found.__slots__})
        return
    say(f"Người đã quyết định {found.lessons} lần về một tin và một cụm; máy nay quyết định giống")
    say(f"{found.agreed} lần, gộp nhầm {found.joined_wrongly}, tách nhầm {found.parted_wrongly}")
    say(f"(trong đó {found.unseen} lần máy không thấy điểm giống nào).")


@pairs_app.command("learn")
def learn(home: Home = None, as_json: AsJson = False) -> None:
    """Dạy lại trọng số gom cụm từ các quyết định; chỉ dùng nếu đo thấy tốt hơn."""
    from langnghe.house import learnt_file, load_judge
    from nlp.story_lessons import learn as fit
    from nlp.story_lessons import told

    settings = settings_for(home)
    load_judge(settings)  # a torn file is told before anything is put over it
    found = fit(_lessons(settings))
    if as_json:
        emit(found.to_dict())
    (right, then), (loss, after) = found.agreed, found.loss
    say(f"Học từ {found.decisions} quyết định, {found.lessons} cặp. Đo trên các quyết định không")
    say(f"dùng để học: đúng {right} → {then} cặp, sai số {loss} → {after}.")
    if not found.better:
        raise InputError(
            "Trọng số mới không tốt hơn, không đưa vào dùng.",
            mend="Đợi có thêm quyết định của người rồi học lại.",
        )
    path = learnt_file(settings)
    now = SystemClock().now().isoformat(timespec="seconds")
    facts = found.to_dict() | {"made_at": now}
    told(facts)
    _put(path, facts)
    say("Đã đưa vào dùng. Khởi động lại dịch vụ. Muốn quay lại: langnghe pairs back")


@pairs_app.command("back")
def back(home: Home = None) -> None:
    """Bỏ trọng số đã học, dùng lại trọng số kèm theo sản phẩm."""
    from langnghe.house import learnt_file

    path = learnt_file(settings_for(home))
    if not path.is_file():
        raise InputError("Đang dùng trọng số kèm theo sản phẩm, không có gì để bỏ.")
    path.replace(path.with_suffix(".old.json"))
    say("Đã dùng lại trọng số kèm theo sản phẩm. Khởi động lại dịch vụ.")


def _sides(a: int, b: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("a", a), ("b", b)


def _lessons(settings: Settings) -> list[Any]:
    from langnghe.core.store.queries.lessons import taught
    from nlp.grouper import story_item
    from nlp.story_lessons import lessons_of

    with _reading(settings) as session:
        found = taught(session)
    return [
        lesson
        for decision, mentions in found
        for lesson in lessons_of(decision, {i: story_item(m) for i, m in mentions.items()})
    ]


@contextmanager
def _reading(settings: Settings) -> Iterator[Session]:
    from langnghe.core.store.engine import Store

    if not settings.database_url and not (settings.home / "langnghe.db").is_file():
        raise ConfigError(f"Chưa có dữ liệu ở {settings.home}.", mend="Chạy «langnghe init».")
    with Store(settings.database) as store:
        store.migrate()
        with store.read() as session:
            yield session


def _put(path: Path, value: dict[str, Any]) -> None:
    """Replace a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    passing = path.with_name(f".{path.name}.new")
    passing.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    passing.replace(path)
