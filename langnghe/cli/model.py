"""Commands over models: train, evaluate, and what is used: ``model list|promote|back``.

Training only ever makes a candidate. What reads the texts changes by promotion alone, which asks
for a gold file, and by one command back.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from langnghe.cli.output import AsJson, Home, ProfileFile, emit, say, settings_for
from langnghe.core.clock import SystemClock
from langnghe.core.errors import ConfigError, InputError
from langnghe.core.profile import load_profile
from langnghe.core.settings import Settings
from langnghe.core.shelf import WEIGHTS, Shelf, file_hash
from langnghe.core.text import clean
from langnghe.core.types import Profile

REPORT = "candidate.json"
MIN_GOLD = 50
"""Rows of gold below which «not worse» would say nothing."""
_MIN_REASON = 5
_ANCHORS = 1_000

model_app = typer.Typer(
    help="Mô hình đang dùng: xem, đưa vào dùng, quay lại.", no_args_is_help=True
)
Gold = Annotated[
    list[Path],
    typer.Option("--gold", help="Tệp nhãn chuẩn, JSON Lines; có thể nêu nhiều lần."),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(train)
    app.command()(evaluate)
    app.add_typer(model_app, name="model")


def train(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Tệp có nhãn (JSON Lines); trống nếu --corrections.")
    ] = None,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Học từ những gì người trực đã chỉnh lại.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Thư mục bản đề cử (mặc định: candidate trong dữ liệu).")
    ] = None,
    dev: Annotated[Path | None, typer.Option(help="Tệp chỉ để đo, không để học.")] = None,
    note: Annotated[str, typer.Option(help="Nguồn của dữ liệu, ghi vào CARD.md.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Huấn luyện một bản đề cử; bản đang dùng không đổi cho tới «langnghe model promote».

    Không có tệp nhãn thì lấy mô hình kèm theo làm gốc và chỉ học thêm từ các lần chỉnh. Văn bản
    dùng để học là bản đã che, chỉ ở trong bộ nhớ.
    """
    paths = [_existing(path) for path in files or ()]
    if not paths and not corrections:
        raise ConfigError(
            "Chưa nêu học từ đâu.", mend="Nêu tệp có nhãn, hoặc --corrections, hoặc cả hai."
        )
    settings = settings_for(home)
    place = out or settings.home / "candidate"
    if paths:
        report = _fit(settings, paths, place, dev=dev, corrections=corrections, note=note)
    else:
        report = _learn(settings, place)
    if as_json:
        emit(report)
    say(f"Bản đề cử ở {place}. So sánh: langnghe evaluate --gold TỆP --candidate {place}")


def evaluate(
    gold: Annotated[
        list[Path], typer.Option(help="Tệp nhãn chuẩn, JSON Lines; nêu được nhiều lần.")
    ],
    candidate: Annotated[
        Path | None, typer.Option(help="Thư mục bản đề cử: so với bản đang dùng.")
    ] = None,
    profile: ProfileFile = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Ghi bảng dạng JSON.")] = None,
    home: Home = None,
) -> None:
    """Đo chất lượng trên tệp nhãn chuẩn: từng lớp, khoảng tin cậy, danh sách lỗi.

    Có --candidate thì đo cả hai mô hình trên cùng các dòng và in hơn kém từng chỉ số, kèm khoảng
    tin cậy của hiệu (lấy mẫu lại theo cặp).
    """
    from langnghe.house import load_reader
    from nlp.compare import compare
    from nlp.quality import evaluate_all

    watched = load_profile(profile) if profile else None
    current = load_reader(settings_for(home), watched)
    for path in gold:
        _existing(path)
    if candidate is not None:
        compared = compare(gold, current, _candidate(candidate, watched))
        typer.echo(compared.render())
        _write_json(json_out, compared.to_dict())
        return
    report = evaluate_all(gold, current)
    typer.echo(report.render())
    _write_json(json_out, report.to_dict())
    if report.bad_lines:
        raise typer.Exit(1)


@model_app.command("list")
def model_list(home: Home = None, as_json: AsJson = False) -> None:
    """Liệt kê các bản trong thư mục dữ liệu; bản đang dùng có dấu ▶."""
    shelf = Shelf(settings_for(home).home)
    used = shelf.active()
    rows = [(None, {}), *((one.name, one.facts) for one in shelf.versions())]
    for name, facts in rows:
        active = name == (used.name if used else None)
        if as_json:
            emit({"name": name, "active": active, **facts})
        else:
            what = f"đưa vào dùng {facts.get('promoted_at')}" if name else "kèm theo sản phẩm"
            forced = f", ép dùng vì: {facts['forced']}" if facts.get("forced") else ""
            say(f"{'▶' if active else ' '} {name or '–':<16} {what}{forced}")


@model_app.command("promote")
def model_promote(
    candidate: Annotated[Path, typer.Argument(help="Thư mục bản đề cử.")],
    gold: Gold,
    force: Annotated[bool, typer.Option("--force", help="Dùng dù kém hơn; cần --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Lý do ép dùng, ghi vào nhật ký.")] = "",
    profile: ProfileFile = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Đưa một bản đề cử vào dùng, nếu nó không kém bản đang dùng trên tệp nhãn chuẩn."""
    from langnghe.house import load_reader
    from nlp.compare import compare
    from nlp.lexicon import taxonomy
    from nlp.models import DEFAULT_WEIGHTS

    why = clean(reason)
    if force and len(why) < _MIN_REASON:
        raise ConfigError("Ép dùng (--force) phải có lý do.", mend="Thêm --reason «lý do».")
    settings = settings_for(home)
    watched = load_profile(profile) if profile else None
    current = load_reader(settings, watched)
    compared = compare([_existing(path) for path in gold], current, _candidate(candidate, watched))
    say(compared.render())
    if not force:
        _refuse_worse(compared.rows, compared.worse)
    now = SystemClock().now()
    name = _version(candidate)
    facts = {
        "promoted_at": now.isoformat(timespec="seconds"),
        "by": _who(),
        "gold": [path.name for path in gold],
        "forced": why if force else None,
        "lexicon": taxonomy().version,
        "shipped": file_hash(DEFAULT_WEIGHTS),
        "comparison": compared.to_dict(),
    }
    Shelf(settings.home).promote(candidate, name, facts)
    _note(settings, "model_promote", name, why, {"worse": compared.worse, "forced": force})
    if as_json:
        emit({"name": name, **facts})
    say(f"Đã đưa bản {name} vào dùng. Khởi động lại dịch vụ để nó đọc tin mới.")
    say("Muốn quay lại: langnghe model back")


@model_app.command("back")
def model_back(home: Home = None, as_json: AsJson = False) -> None:
    """Quay lại mô hình dùng trước đó (bản kèm theo sản phẩm nếu không còn bản nào)."""
    settings = settings_for(home)
    left, now = Shelf(settings.home).back()
    _note(settings, "model_back", now or "shipped", "", {"left": left})
    if as_json:
        emit({"left": left, "active": now})
    say(f"Đã bỏ bản {left}, dùng lại {now or 'bản kèm theo sản phẩm'}. Khởi động lại dịch vụ.")


def _refuse_worse(rows: int, worse: list[str]) -> None:
    over = "Nếu vẫn muốn dùng: --force --reason «lý do» (được ghi vào nhật ký)."
    if worse:
        raise InputError(
            f"Bản đề cử kém hơn bản đang dùng ở: {', '.join(worse)}. Không đưa vào dùng.",
            mend=f"Xem lại các lần chỉnh rồi huấn luyện lại. {over}",
        )
    if rows < MIN_GOLD:
        raise InputError(
            f"Tệp nhãn chuẩn chỉ có {rows} dòng, không đủ để biết bản đề cử có kém hơn không.",
            mend=f"Cần ít nhất {MIN_GOLD} dòng. {over}",
        )


def _fit(
    settings: Settings,
    paths: list[Path],
    out: Path,
    *,
    dev: Path | None,
    corrections: bool,
    note: str,
) -> dict[str, Any]:
    """Train on labelled files, with the corrected texts among them where wanted."""
    from nlp.train import train as fit

    extra = _lessons(settings)[1] if corrections else []
    return fit(paths, out, dev_path=dev, progress=say, extra=extra, source_note=note)


def _learn(settings: Settings, out: Path) -> dict[str, Any]:
    """Move the shipped model towards the corrections; write weights and a report."""
    from nlp.adapt import adapt, second_reader
    from nlp.checked import seal
    from nlp.lexicon import taxonomy
    from nlp.models import DEFAULT_WEIGHTS, LinearModels

    rows, _, anchors = _lessons(settings)
    base = LinearModels.load()
    second = second_reader(DEFAULT_WEIGHTS.parent, base)
    found = adapt(base, rows, anchors, second=second, progress=say)
    out.mkdir(parents=True, exist_ok=True)
    found.model.save(out / WEIGHTS)
    seal(out / WEIGHTS)
    report = found.to_dict() | {
        "made_at": SystemClock().now().isoformat(timespec="seconds"),
        "base": file_hash(DEFAULT_WEIGHTS),
        "lexicon": taxonomy().version,
    }
    _write_json(out / REPORT, report)
    return report


def _lessons(settings: Settings) -> tuple[list[Any], list[Any], list[Any]]:
    """Return (what people said, the same with every field filled, texts nobody corrected)."""
    from langnghe.core.store.drills import refuse_drill
    from langnghe.core.store.engine import Store
    from langnghe.core.store.queries.corrections import lessons, uncorrected
    from nlp.lessons import filled, stated

    if not _has_database(settings):
        raise ConfigError(f"Chưa có dữ liệu ở {settings.home}.", mend="Chạy «langnghe init».")
    with Store(settings.database) as store:
        refuse_drill(store)  # what people said of an invented affair teaches nothing
        store.migrate()
        with store.read() as session:
            found, stale = lessons(session)
            anchors = uncorrected(session, _ANCHORS)
    taught = [one for one in found if stated(one) is not None]
    if stale:
        say(f"{stale} tin đã bị sửa sau lần chỉnh, không dùng để học.")
    if not taught:
        raise InputError(
            "Chưa có lần chỉnh nào để học.",
            mend="Chỉnh lại sắc thái, chủ đề, mức hoặc «về giáo dục» trên trang tin. Gắn sai đơn "
            "vị thì sửa tên gọi của đơn vị trong hồ sơ.",
        )
    rows = [row for one in taught if (row := stated(one)) is not None]
    return rows, [filled(one) for one in taught], anchors


def _candidate(folder: Path, profile: Profile | None) -> Any:
    from nlp.reader import Reader

    if not (folder / WEIGHTS).is_file():
        raise ConfigError(
            f"Thư mục {folder} không có mô hình ({WEIGHTS}).",
            mend="Chạy «langnghe train» để tạo bản đề cử, rồi chỉ đúng thư mục ấy.",
        )
    return Reader.load(profile, weights=folder / WEIGHTS)


def _version(folder: Path) -> str:
    from nlp.models import LinearModels

    return LinearModels.load(folder / WEIGHTS).version


def _note(settings: Settings, action: str, name: str, reason: str, data: Mapping[str, Any]) -> None:
    """Write a line of the audit trail where there is a database to hold it."""
    from langnghe.core.store import users
    from langnghe.core.store.engine import Store

    if not _has_database(settings):
        return
    with Store(settings.database) as store:
        store.migrate()
        with store.write() as session:
            now = SystemClock().now()
            users.note(session, now, _who(), action, f"model:{name}", reason=reason, data=data)


def _has_database(settings: Settings) -> bool:
    return bool(settings.database_url) or (settings.home / "langnghe.db").is_file()


def _who() -> str:
    """Return who runs the command, as the machine knows them."""
    with suppress(OSError, KeyError):  # a container may run under a number without a name
        return f"cli:{getpass.getuser()}"
    return "cli"


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(f"Không có tệp {path}.", mend="Kiểm tra lại đường dẫn.")
    return path


def _write_json(path: Path | None, value: Mapping[str, Any]) -> None:
    if path is not None:
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        path.write_text(text + "\n", encoding="utf-8")
