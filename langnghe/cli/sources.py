"""Commands over sources: ``sources list | add | on | off``, the twins of the page «Nguồn tin»."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from langnghe.cli.output import AsJson, Home, ProfileFile, emit, say, settings_for
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.words import word

if TYPE_CHECKING:
    from langnghe.core.services import Services

sources_app = typer.Typer(help="Nguồn tin: xem, thêm, bật, tắt.", no_args_is_help=True)
Ids = Annotated[list[str], typer.Argument(help="Mã nguồn, xem bằng «langnghe sources list».")]


def register(app: typer.Typer) -> None:
    """Add this module's command group."""
    app.add_typer(sources_app, name="sources")


@sources_app.command("list")
def sources_list(home: Home = None, profile: ProfileFile = None, as_json: AsJson = False) -> None:
    """Liệt kê nguồn tin và tình trạng."""
    from langnghe.core.store.queries.system import list_sources

    with _opened(home, profile) as services, services.store.read() as session:
        rows = [row for row in list_sources(session) if row.declared]
    for row in rows:
        state = word("source", row.state) if row.enabled else "đã tắt"
        if as_json:
            emit({"id": row.id, "name": row.name, "kind": row.kind, "url": row.url,
                  "tier": row.tier, "enabled": row.enabled, "state": row.state,
                  "items": row.item_count, "last_ok_at": row.last_ok_at})  # fmt: skip
        else:
            say(escape(f"{row.id:<32} {state:<20} {row.item_count:>7} tin  {row.name}"))


@sources_app.command("add")
def sources_add(
    url: Annotated[str, typer.Argument(help="Địa chỉ trang web hoặc RSS.")],
    name: Annotated[str, typer.Option(help="Tên nguồn; để trống: tên trang tự ghi.")] = "",
    tier: Annotated[int, typer.Option(help="Hạng 1 (nhà nước) … 4 (khác).", min=1, max=4)] = 4,
    place: Annotated[str, typer.Option(help="Địa bàn.")] = "",
    every: Annotated[int, typer.Option(help="Đọc lại sau mỗi … phút.", min=5)] = 30,
    home: Home = None,
    profile: ProfileFile = None,
) -> None:
    """Tìm RSS ở một địa chỉ, đọc thử rồi thêm nguồn đầu tiên tìm được."""
    from collectors.discover import address_of, config_of, discover, listed_already, looking_fetcher
    from collectors.overlay import checked, new_id
    from langnghe import __version__
    from langnghe.core.store.edits import Edited
    from langnghe.core.store.queries.system import list_sources
    from langnghe.house import read_sources

    asked = address_of(url)
    with _opened(home, profile) as services:
        found = discover(
            asked,
            lambda out: looking_fetcher(
                services.settings, f"LangNghe/{__version__}", out_of_time=out
            ),
            services.clock.now(),
        )
        if not found.candidates:
            raise InputError(found.why or "Không thấy nguồn nào ở địa chỉ này.", mend=found.mend)
        one = found.candidates[0]
        with services.store.read() as session:
            rows = list_sources(session)
        listed = {row.url: row for row in rows if row.declared}
        known = listed_already(one.url, read_sources(services.stated, services.profile))
        if known is not None or one.url in listed:
            taken = known.id if known is not None else listed[one.url].id
            raise ConflictError(
                f"Nguồn này đã có trong danh sách: {taken}.",
                mend=f"Bật bằng «langnghe sources on {taken}».",
            )
        value = config_of(one.kind, one.url, one.selectors.item if one.selectors else "") | {
            "name": name or one.title, "tier": tier, "place": place,
            "interval_minutes": every, "enabled": True,
        }  # fmt: skip
        key = new_id(str(value["name"]), one.url, [row.id for row in rows])
        checked(None, key, value)
        _lay(services, {key: value}, Edited.SOURCE)
    say(escape(f"Đã thêm nguồn {key}: {one.url} ({len(one.items)} tin đọc thử)."))


@sources_app.command("on")
def sources_on(ids: Ids, home: Home = None, profile: ProfileFile = None) -> None:
    """Bật nguồn; dịch vụ đang chạy tự nhận trong ít giây."""
    _switch(ids, True, home, profile)


@sources_app.command("off")
def sources_off(ids: Ids, home: Home = None, profile: ProfileFile = None) -> None:
    """Tắt nguồn; tin đã nghe được vẫn giữ nguyên."""
    _switch(ids, False, home, profile)


def _switch(ids: list[str], on: bool, home: Home, profile: ProfileFile) -> None:
    from langnghe.core.store.edits import Edited, edits_of
    from langnghe.core.store.tables import SourceRow

    with _opened(home, profile) as services:
        with services.store.read() as session:
            said = edits_of(session, Edited.SOURCE)
            for source_id in ids:
                row = session.get(SourceRow, source_id)
                if row is None or not row.declared:
                    raise NotFoundError(
                        f"Không có nguồn «{source_id}» trong danh sách.",
                        mend="Xem mã bằng «langnghe sources list».",
                    )
        _lay(services, {key: (said.get(key) or {}) | {"enabled": on} for key in ids}, Edited.SOURCE)
    say(f"Đã {'bật' if on else 'tắt'} {len(ids)} nguồn.")


def _lay(services: Services, values: dict[str, dict[str, Any]], kind: Any) -> None:
    from langnghe.core.store.edits import put_edit
    from langnghe.refreshing import Living

    living, now = Living(services), services.clock.now()
    with services.store.write() as session:
        for key, value in values.items():
            put_edit(session, kind, key, value, actor=f"{_me()} (dòng lệnh)", at=now)
    living.look()


@contextmanager
def _opened(home: Home, profile: ProfileFile) -> Iterator[Services]:
    from langnghe.house import open_services

    services = open_services(settings_for(home, profile=profile))
    try:
        yield services
    finally:
        services.store.close()


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a named user
        return "quản trị"
