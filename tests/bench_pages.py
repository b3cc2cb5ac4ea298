"""How fast every page answers over a big store: ``python -m tests.bench_pages [--mentions N]``.

Builds a store (kept in ``--folder``, a million mentions take some minutes once), starts the real
server in a process of its own, and prints for each page: bytes over the line, processor time of the
server a request (one user, warm), and p50, p95, p99 of 20 users. Ends with 1 when a p95 is above
the bar.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from langnghe.core.clock import VirtualClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.demo.catcher import free_port
from langnghe.web import create_app, server_for
from tests.bench_store import END, PASSWORD, PEOPLE, build
from tests.bench_watch import province
from tests.loadtool import Line, drive
from tests.webhouse import csrf

BAR_S = 0.150
ALONE = 12
"""Requests of one user by which the processor time of a page is taken."""


def pages(file: Path) -> list[tuple[str, list[str]]]:
    """Return the pages by name, with addresses of things that are in the store."""
    with Store(f"sqlite:///{file}") as store, store.engine.connect() as connection:

        def column(query: str) -> list[int]:
            return [row[0] for row in connection.exec_driver_sql(query)]

        mentions = column("SELECT id FROM mention ORDER BY id DESC LIMIT 400")[::20]
        usual = column(
            "SELECT id FROM story WHERE mention_count BETWEEN 2 AND 30 ORDER BY id DESC LIMIT 20"
        )
        big = column("SELECT id FROM story ORDER BY mention_count DESC LIMIT 1")
        opened = column("SELECT id FROM incident WHERE state <> 'closed' ORDER BY id DESC LIMIT 20")
        said = column("SELECT id FROM statement ORDER BY id DESC LIMIT 20")
    return [
        ("tổng quan", ["/"]),
        ("tổng quan, phần sống", ["/manh/tong-quan"]),
        ("vụ việc", ["/vu-viec", "/vu-viec?tinh_trang=mo", "/vu-viec?muc=2"]),
        ("một vụ việc", [f"/vu-viec/{n}" for n in opened]),
        ("vụ việc, thông báo", [f"/vu-viec/{n}/thong-bao" for n in opened]),
        ("vụ việc, hồ sơ", [f"/vu-viec/{n}/ho-so" for n in opened]),
        ("vụ việc trên điện thoại", [f"/dt/vu-viec/{n}" for n in opened]),
        ("dòng tin", ["/dong-tin"]),
        ("dòng tin: đơn vị", ["/dong-tin?don_vi=t0", "/dong-tin?don_vi=xa7",
                              "/dong-tin?don_vi=t900"]),
        ("dòng tin: chủ đề", ["/dong-tin?chu_de=khoan_thu", "/dong-tin?chu_de=ma_tuy_chat_cam"]),
        ("dòng tin: sắc thái", ["/dong-tin?sac_thai=neg", "/dong-tin?sac_thai=pos"]),
        ("dòng tin: mức", ["/dong-tin?muc=3", "/dong-tin?muc=2", "/dong-tin?muc=1"]),
        ("dòng tin: nguồn", ["/dong-tin?nguon=nguon7", "/dong-tin?nguon=nguon149"]),
        ("dòng tin: loại, ngày", ["/dong-tin?loai=comment&tu=2025-03-01&den=2025-03-09",
                                  "/dong-tin?tu=2024-05-01&den=2024-05-02"]),
        ("dòng tin: nhiều bộ lọc", [
            "/dong-tin?don_vi=t3&chu_de=khoan_thu&sac_thai=neg",
            "/dong-tin?don_vi=xa9&muc=3&loai=comment",
            "/dong-tin?chu_de=dich_benh_thien_tai&sac_thai=pos&nguon=nguon11",
            "/dong-tin?muc=3&sac_thai=neg&tu=2024-06-01",
        ]),
        ("tìm", ["/dong-tin?tim=Chi%E1%BB%81ng+S%C6%A1n", "/dong-tin?tim=%22b%E1%BB%AFa+%C4%83n%22",
                 "/dong-tin?tim=truong", "/dong-tin?tim=khongcotunay"]),
        ("tìm và lọc", ["/dong-tin?tim=lu&don_vi=t5", "/dong-tin?tim=clip&muc=3&sac_thai=neg"]),
        ("một tin", [f"/tin/{n}" for n in mentions]),
        ("cụm tin", ["/cum-tin", "/cum-tin?muc=3", "/cum-tin?don_vi=xa3"]),
        ("một cụm tin", [f"/cum-tin/{n}" for n in usual]),
        ("cụm tin lớn nhất", [f"/cum-tin/{n}" for n in big]),
        ("phát ngôn", ["/phat-ngon"]),
        ("một phát ngôn", [f"/phat-ngon/{n}" for n in said]),
        ("thông báo", ["/thong-bao", "/thong-bao?tinh_trang=sent", "/thong-bao?tinh_trang=dead",
                       "/thong-bao?kenh=zalo"]),
        ("nguồn tin", ["/nguon-tin"]),
        ("đơn vị", ["/don-vi", "/don-vi?tim=so+7", "/don-vi/t0"]),
        ("tiếp nhận", ["/tiep-nhan"]),
        ("kế hoạch", ["/ke-hoach"]),
        ("góp ý", ["/gop-y"]),
        ("báo cáo", ["/bao-cao"]),
        ("ủy quyền", ["/uy-quyen"]),
        ("nhật ký", ["/nhat-ky", "/nhat-ky?viec=unmask", "/nhat-ky?viec=khong_co"]),
        ("từ khóa", ["/tu-khoa"]),
        ("người dùng", ["/nguoi-dung"]),
        ("cài đặt", ["/cai-dat"]),
    ]  # fmt: skip


def serve(file: Path, port: int) -> None:
    """Run the server over a store until the process is told to end."""
    with tempfile.TemporaryDirectory() as home, Store(f"sqlite:///{file}") as store:
        services = Services(
            store, Settings(home=Path(home)), VirtualClock(END), load_policy(), province()
        )
        server_for(create_app(services), host="127.0.0.1", port=port).run()


def sign_in(port: int, name: str) -> str:
    """Return the cookies of somebody who signed in."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        seed = csrf(client.get("/dang-nhap").text)
        form = {"csrf": seed, "username": name, "password": PASSWORD}
        if client.post("/dang-nhap", data=form).status_code != 303:
            raise SystemExit(f"{name} could not sign in")
        return "; ".join(f"{key}={value}" for key, value in client.cookies.items())


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def alone(port: int, pid: int, cookie: str, addresses: list[str]) -> tuple[float, float, int]:
    """Return (processor ms a request, longest ms, most bytes) of one user; the first is warm-up."""
    line = Line(port, cookie)
    for path in addresses:
        await line.get(path)
    before = cpu_s(pid)
    answers = [await line.get(addresses[n % len(addresses)]) for n in range(ALONE)]
    spent = cpu_s(pid) - before
    line.close()
    return (
        1000 * spent / ALONE,
        1000 * max(answer.seconds for answer in answers),
        max(answer.size for answer in answers),
    )


async def measure(
    port: int, pid: int, wanted: list[tuple[str, list[str]]], given: argparse.Namespace
) -> bool:
    """Print the table; return whether every p95 is within the bar."""
    cookies = [sign_in(port, name) for name in PEOPLE]
    all_seeing = [cookies[1]]  # the administrator sees every page and every unit
    single = {name: await alone(port, pid, all_seeing[0], addresses) for name, addresses in wanted}
    before, started = cpu_s(pid), time.monotonic()
    found = await drive(
        port, all_seeing, wanted, users=given.users, seconds=given.seconds, pause_s=given.pause
    )
    busy = (cpu_s(pid) - before) / (time.monotonic() - started)
    out = sys.stdout.write
    out(
        f"{'trang':<26}{'byte':>7}{'CPU ms':>8}{'1 máy':>8}{'p50':>7}{'p95':>7}{'p99':>7}{'n':>6}\n"
    )
    for name, _ in wanted:
        took, (cpu, slowest, size) = found[name], single[name]
        p50, p95, p99 = (1000 * took.quantile(q) for q in (0.5, 0.95, 0.99))
        out(
            f"{name:<26}{size:>7}{cpu:>8.1f}{slowest:>8.0f}{p50:>7.0f}{p95:>7.0f}{p99:>7.0f}"
            f"{len(took.seconds):>6}{'  LỖI ' + took.bad[0] if took.bad else ''}\n"
        )
    seconds = [s for took in found.values() for s in took.seconds]
    total = sorted(seconds)
    late = [name for name, took in found.items() if took.quantile(0.95) > BAR_S or took.bad]
    out(
        f"{given.mentions} tin; {given.users} người, nghỉ {given.pause} s giữa hai trang: "
        f"{len(total) / given.seconds:.0f} trang/s, p95 chung "
        f"{1000 * total[int(0.95 * len(total))]:.0f} ms; máy chủ dùng {busy:.2f} nhân; "
        f"tải máy {os.getloadavg()[0]:.1f}\n"
    )
    out(f"quá {1000 * BAR_S:.0f} ms: {', '.join(late) or 'không trang nào'}\n")
    return not late


def main() -> int:
    """Build what is missing, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--only", default="", help="pages whose name matches")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port)
        return 0
    file = given.folder / f"langnghe-bench-{given.mentions}.db"
    if not file.exists():
        part = file.with_suffix(".part")
        part.unlink(missing_ok=True)
        build(part, given.mentions)
        part.rename(file)
    with Store(f"sqlite:///{file}") as store:
        store.migrate()
    port = free_port()
    command = [sys.executable, "-m", "tests.bench_pages", "--serve", str(file), "--port", str(port)]
    server = subprocess.Popen(command)
    try:
        wait_for(port)
        wanted = [page for page in pages(file) if re.search(given.only, page[0])]
        return 0 if asyncio.run(measure(port, server.pid, wanted, given)) else 1
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int, seconds: float = 60) -> None:
    """Return once a server answers there."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
