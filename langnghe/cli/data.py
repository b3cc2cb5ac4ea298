"""Commands over texts: collect, analyse, cluster, replay."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langnghe.cli.output import AsJson, Home, ProfileFile, bar, complain, emit, say, settings_for
from langnghe.core.clock import VirtualClock
from langnghe.core.errors import ConfigError, InputError
from langnghe.core.items import read_items
from langnghe.core.profile import load_profile
from langnghe.core.services import Services
from langnghe.core.text import digest
from langnghe.core.types import Item
from langnghe.core.words import word

if TYPE_CHECKING:
    from langnghe.replay import Archive

_BATCH = 256


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    for command in (collect, analyse, cluster, replay):
        app.command()(command)


def collect(
    home: Home = None,
    profile: ProfileFile = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Đọc mọi nguồn đang bật, kể cả chưa đến giờ.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Đọc một lượt các nguồn đến giờ, cất tin và in tình trạng từng nguồn."""
    from collectors.stage import collect_due
    from langnghe.core.evidence.vault import vault_of
    from langnghe.core.store.queries.system import list_sources
    from langnghe.core.store.sources import count_due, make_due
    from langnghe.house import new_fetcher, open_services

    services = open_services(settings_for(home, profile=profile))
    store, secret = services.store, services.settings.secret_key()
    now = services.clock.now()
    with store.write() as session:
        if everything:
            make_due(session, now)
        total = count_due(session, now)
    fetcher = new_fetcher(services.settings)
    with bar("nguồn") as progress:
        task = progress.add_task("Thu thập", total=total)
        vault = vault_of(services.settings)
        while visited := collect_due(store, fetcher, secret=secret, now=now, vault=vault):
            progress.advance(task, visited)
    with store.read() as session:
        sources = [row for row in list_sources(session) if row.enabled]
    for row in sources:
        if as_json:
            emit({"source": row.id, "state": row.state, "reason": row.reason, "mend": row.mend,
                  "items": row.item_count, "last_ok_at": row.last_ok_at})  # fmt: skip
        else:
            say(
                f"{word('source', row.state):<20} {row.item_count:>6} tin  {row.name}: {row.reason}"
            )
    store.close()
    if any(row.failures for row in sources):
        raise typer.Exit(1)


def analyse(profile: ProfileFile = None, home: Home = None) -> None:
    """Đọc hiểu từng tin: JSON Lines vào, JSON Lines ra (stdin → stdout)."""
    from langnghe.house import load_reader

    settings = settings_for(home)
    found = profile or settings.profile_path
    watched = load_profile(found) if profile or found.is_file() else None
    reader = load_reader(settings, watched)
    tally = Tally()
    for batch in _batches(tally.good(read_items(sys.stdin.buffer))):
        for item, reading in zip(batch, reader.predict(batch), strict=True):
            emit(reader.to_json(item, reading))
    tally.finish()


def cluster() -> None:
    """Gom tin cùng sự việc: JSON Lines vào, {"id","story_id","event_id"} ra theo thứ tự thời gian.

    Cụm tin (story) là một đợt; vụ việc (event) gồm nhiều đợt qua nhiều tháng. Tin chép lại gần như
    nguyên văn có thêm "copy_of": mã của bản đầu tiên.
    """
    from nlp.stories import StoryItem, group_all

    tally = Tally()
    start = datetime(1970, 1, 1, tzinfo=UTC)
    items = (
        StoryItem(
            id=item.id,
            at=item.seen_at or item.published_at or start,
            title=item.title,
            text=item.text,
            kind=item.kind,
        )
        for item in tally.good(read_items(sys.stdin.buffer))
    )
    for placed in group_all(items):
        copied = {} if placed.copy_of is None else {"copy_of": placed.copy_of}
        emit({"id": placed.id, "story_id": placed.story, "event_id": placed.event} | copied)
    tally.finish()


def replay(
    archives: Annotated[
        list[Path],
        typer.Argument(
            metavar="KHO_TIN...",
            help="Kho tin .jsonl/.jsonl.gz/.csv/.csv.gz; nhiều tệp thành một dòng theo thời gian.",
        ),
    ],
    profile: ProfileFile = None,
    speed: Annotated[str, typer.Option(help="«max» hoặc số giây ảo cho một giây thật.")] = "max",
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Ghi mỗi cảnh báo một dòng JSON vào tệp này.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="Ghi báo cáo: Markdown, hoặc JSON nếu tên kết thúc bằng .json."
        ),
    ] = None,
    home: Home = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Bỏ lần phát lại dở, làm lại.")] = False,
    tick: Annotated[float, typer.Option(help="Bước thời gian ảo, phút.", min=0.1)] = 15.0,
    deliver: Annotated[
        bool, typer.Option("--deliver", help="Gửi thư thật qua SMTP đã cấu hình.")
    ] = False,
) -> None:
    """Phát lại một hay nhiều kho tin qua toàn bộ dây chuyền thật, trên đồng hồ ảo.

    Thư chỉ được gửi khi có --deliver; nếu không, thư nằm trong hộp chờ để xem. Bị ngắt giữa chừng
    thì chạy lại đúng lệnh này sẽ đi tiếp.
    """
    from langnghe.core.policy.loader import load_policy
    from langnghe.house import load_reader, open_house, open_services
    from langnghe.replay import Archive, ReadAhead
    from langnghe.replay import replay as run

    pace = _speed(speed)
    base = settings_for(home)
    path = profile or base.profile_path
    watched = load_profile(path) if profile else load_profile(_existing(path))
    for archive in archives:
        if not archive.is_file():
            raise ConfigError(f"Không có tệp kho tin {archive}.", mend="Kiểm tra lại đường dẫn.")
    for out in filter(None, (json_out, report)):
        if not out.parent.is_dir():  # told now, not after an hour of replaying
            raise ConfigError(
                f"Không ghi được {out}: không có thư mục {out.parent}.",
                mend="Kiểm tra lại đường dẫn.",
            )
    reader = load_reader(base, watched)
    made_of = (watched.version, reader.version, load_policy(base.playbook).version)
    sizes = sorted((archive.name, str(archive.stat().st_size)) for archive in archives)
    identity = digest(*(part for name, size in sizes for part in (size, name)), *made_of)
    folder = base.home / "replay" / f"{sizes[0][0].split('.')[0]}-{identity[:8]}"
    if fresh and folder.is_dir():
        shutil.rmtree(folder)
    settings = base.model_copy(
        update={
            "home": folder,
            "database_url": base.database_url if base.is_postgres else "",
        }
    )
    if deliver and not settings.smtp_host:
        raise ConfigError(
            "Có --deliver nhưng chưa cấu hình máy chủ thư.",
            mend="Đặt LANGNGHE_SMTP_HOST (và cổng, kiểu bảo mật), hoặc bỏ --deliver.",
        )
    feed = Archive.load(*archives)
    for bad in feed.bad_lines:
        complain(InputError(f"{bad.archive} dòng {bad.line}: {bad.why}"))
    clock = VirtualClock(datetime(1970, 1, 1, tzinfo=UTC))
    if feed.items and feed.items[0].seen_at:
        clock.move_to(feed.items[0].seen_at)
    services = open_services(settings, clock=clock, profile=watched)
    with services.store:
        house = open_house(services, fetch=False, reader=ReadAhead(reader, feed.items))
        if not deliver:
            house.channel = None
        failures: dict[str, str] = {}
        with bar("tin") as progress:
            task = progress.add_task("Phát lại", total=len(feed.items))
            for step in run(
                feed, house, clock, identity=identity, tick=timedelta(minutes=tick), speed=pace
            ):
                progress.update(task, completed=step.fed)
                failures |= step.failed
        _tell_alerts(services, json_out, delivered=deliver)
        if report is not None:
            _write_report(services, report, [name for name, _ in sizes], feed)
    say(f"{len(feed.items)} tin đã phát lại. Dữ liệu: {folder}")
    for stage, why in failures.items():
        complain(InputError(f"Khâu {stage} có lúc lỗi: {why}"))
    if feed.bad_lines or failures:
        raise typer.Exit(1)


def _write_report(services: Services, path: Path, archives: Sequence[str], feed: Archive) -> None:
    from langnghe.replay_page import gather, write
    from langnghe.replay_report import report

    span = [item.seen_at for item in feed.items if item.seen_at is not None]
    told = gather(services.store, archives, len(feed.items), span, feed.bad_lines)
    write(path, report(told, services.policy), services.policy)
    say(f"Báo cáo: {path}")


def _tell_alerts(services: Services, json_out: Path | None, *, delivered: bool) -> None:
    """Write and print the alerts of a replay, and what became of its mails."""
    from langnghe.core.store.queries.system import counts
    from langnghe.replay import alerts_of

    alerts = alerts_of(services.store)
    if json_out is not None:
        lines = "".join(json.dumps(alert, ensure_ascii=False) + "\n" for alert in alerts)
        json_out.write_text(lines, encoding="utf-8")
    for alert in alerts:
        level = services.policy.level(alert["level"])
        say(f"{alert['at']}  {level.name:<22} {alert['title']}")
    with services.store.read() as session:
        mails = counts(session).outbox
    said = ", ".join(f"{n} {word('notice', state)}" for state, n in sorted(mails.items()))
    say(f"{len(alerts)} cảnh báo. Thư: {said or 'không có'}.")
    if not delivered:
        say("Muốn gửi thư thật, thêm --deliver.")


class Tally:
    """Counts bad lines while passing the good ones on."""

    def __init__(self) -> None:
        self.bad = 0

    def good(self, lines: Iterable[tuple[int, Item | InputError]]) -> Iterator[Item]:
        """Yield the items; complain about each bad line with its number."""
        for number, item in lines:
            if isinstance(item, InputError):
                self.bad += 1
                complain(InputError(f"Dòng {number}: {item.message}"))
            else:
                yield item

    def finish(self) -> None:
        """Exit with 1 when any line was bad."""
        if self.bad:
            say(f"{self.bad} dòng hỏng đã bỏ qua, các dòng khác đã xử lý.")
            raise typer.Exit(1)


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    while batch := list(islice(items, _BATCH)):
        yield batch


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise ConfigError("--speed phải là «max» hoặc một số lớn hơn 0.")
    return value


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(
            f"Chưa có hồ sơ đơn vị ({path}).",
            mend="Chỉ hồ sơ bằng --profile, hoặc chạy «langnghe init».",
        )
    return path
