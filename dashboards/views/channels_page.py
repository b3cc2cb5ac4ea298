"""The ways out, one by one: how each stands in plain words, what it needs, and a test message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from alerts.channels import ALL, APPRISE, EMAIL, PUSH, WEBHOOK, configured, described
from alerts.channels.base import masked
from alerts.channels.trying import try_out
from dashboards.render import page
from dashboards.views.settings_page import Ruling
from dashboards.visitor import Checked, Served
from langnghe.core.auth import Caller, ThrottledError
from langnghe.core.errors import ForbiddenError, LangNgheError
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store import channels as health
from langnghe.core.store.tables import ChannelHealthRow, UserRow
from langnghe.core.store.users import AUDIT, note

router = APIRouter()
TRIED = "channel_tried"
WINDOW = timedelta(minutes=10)
MOST_TRIES = 6
"""Test messages of one person in ``WINDOW``: a form must not become somebody's mail cannon."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out as the page shows it. ``state``: none | off | ready | fine | broken | refused."""

    id: str
    state: str
    needs: str
    asks: str
    example: str
    row: ChannelHealthRow | None
    names: tuple[str, ...] = ()


def _(text: str) -> str:  # marks a word for the catalogs; the page translates it
    return text


# What a way needs before it works, what the test asks for, and an example of that.
_WORDS = {
    "email": (_("Điền máy chủ gửi thư ở trang «Cài đặt»."), _("Địa chỉ thư điện tử"),
              "ten@truong.edu.vn"),
    "zalo_zns": (_("Cần ứng dụng Zalo, Official Account đã xác thực và một mẫu tin ZNS đã duyệt."),
                 _("Số điện thoại dùng Zalo"), "0912345678"),
    "zalo_oa": (_("Cần ứng dụng Zalo và Official Account; người nhận đã bấm Quan tâm."),
                _("Mã người quan tâm (user id)"), "1234567890123456789"),
    "sms": (_("Khai nhà cung cấp SMS trong langnghe.toml, mục channels.sms."),
            _("Số điện thoại di động"), "0912345678"),
    "telegram": (_("Tạo bot bằng BotFather rồi dán mã của bot ở trang «Cài đặt»."),
                 _("Mã phòng chat (chat id)"), "-1001234567890"),
    "webhook": (_("Khai móc nối trong langnghe.toml, mục channels.webhooks."),
                _("Tên móc nối"), "so-gddt"),
    "apprise": (_("Khai địa chỉ trong langnghe.toml, mục channels.apprise."),
                _("Tên cổng"), "zulip"),
    "push": (_("Bật ở trang «Cài đặt»; cần địa chỉ https. Mỗi người bật ở trang «Thông báo trên "
               "máy này»."), _("Tên đăng nhập của người nhận"), "hieutruong"),
}  # fmt: skip


@router.get("/cai-dat/kenh")
def ways_page(request: Request, caller: Ruling, services: Served) -> Response:
    """Show every way out and how it fares."""
    return _show(request, services, caller)


@router.post("/cai-dat/kenh", dependencies=[Checked])
def try_way(
    request: Request,
    caller: Ruling,
    services: Served,
    cach: Annotated[str, Form(max_length=20)] = "",
    dia_chi: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Send one test message and show in plain words what the other side answered."""
    if services.drill:
        raise ForbiddenError("Buổi diễn tập không gửi tin ra ngoài.")
    address, now = dia_chi.strip(), services.clock.now()
    answered, problem = "", None
    try:
        _not_too_often(services, caller)
        answered = try_out(services.settings, services.store, cach, address)
    except LangNgheError as error:
        problem = error
    if not isinstance(problem, ThrottledError):
        outcome = "refused" if problem else "taken"
        with services.store.write() as session:
            note(session, now, caller.username, TRIED, f"way:{cach}",
                 data={"to": masked(address), "outcome": outcome})  # fmt: skip
    status = 200 if problem is None else 429 if isinstance(problem, ThrottledError) else 422
    return _show(
        request, services, caller, tried=cach, typed=address, answered=answered, problem=problem,
        status=status,
    )  # fmt: skip


def ways_of_house(settings: Settings, known: dict[str, ChannelHealthRow]) -> list[Way]:
    """Return every way out with its state, in the order in which they are tried."""
    there, open_ = described(settings), configured(settings)
    names = {
        WEBHOOK: tuple(settings.channels.webhooks), APPRISE: tuple(settings.channels.apprise)
    }  # fmt: skip
    found = []
    for way in ALL:
        row = known.get(way)
        if way not in there:
            state = "none"
        elif way not in open_:
            state = "off"
        elif row is None:
            state = "ready"
        else:
            state = {health.OK: "fine", health.DOWN: "broken"}.get(row.state, "refused")
        needs, asks, example = _WORDS[way]
        found.append(Way(way, state, needs, asks, example, row, names.get(way, ())))
    return found


def _show(
    request: Request, services: Services, caller: Caller, *, tried: str = "", typed: str = "",
    answered: str = "", problem: LangNgheError | None = None, status: int = 200,
) -> Response:  # fmt: skip
    with services.store.read() as session:
        known = health.health_of(session)
        me = session.get(UserRow, caller.user_id)
    mine = {EMAIL: (me.email or "") if me else "", PUSH: caller.username}
    return page(
        request, "channels.html", caller=caller, status=status, tried=tried, typed=typed,
        answered=answered, problem=problem, mine=mine,
        ways=ways_of_house(services.settings, known),
        hooks=[row for name, row in known.items() if name not in ALL],
    )  # fmt: skip


def _not_too_often(services: Services, caller: Caller) -> None:
    since = services.clock.now() - WINDOW
    query = (
        sa.select(AUDIT.c.id)
        .where(AUDIT.c.actor == caller.username, AUDIT.c.action == TRIED, AUDIT.c.at >= since)
        .limit(MOST_TRIES)
    )
    with services.store.read() as session:
        tries = len(session.execute(query).all())
    if tries >= MOST_TRIES:
        raise ThrottledError(
            f"Đã gửi thử {MOST_TRIES} lần trong 10 phút.", mend="Đợi ít phút rồi thử lại."
        )
