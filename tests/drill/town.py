"""An invented school that drills: its people, a short scenario, a clock that jumps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from langnghe.core.policy.loader import load_policy
from langnghe.core.settings import Settings
from langnghe.core.types import Contact, Place, Profile, Unit
from langnghe.drill.cast import Cast, choose_unit, gather
from langnghe.drill.play import Drill, Sheet, furnish, open_drill, play
from langnghe.drill.scenario import Scenario, read_scenario
from tests.fakes import FakeReader

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
POLICY = load_policy()
OWN = {"hieutruong@suoimo.example", "thuky@suoimo.example"}
ABOVE = {"vhxh@banhoa.example", "vanphong@maytrang.example"}
PROFILE = Profile(
    "Hồ sơ thử",
    (
        Unit(
            "truong", "school", "Trường TH&THCS Suối Mơ", "xa",
            places=(
                Place(commune="xã Mơ Cũ", province="tỉnh Mây Trắng", until=START),
                Place(commune="xã Bản Hoa", province="tỉnh Mây Trắng", since=START),
            ),
            contacts=(
                Contact("principal", "Cô Hiệu trưởng", "hieutruong@suoimo.example"),
                Contact("officer", "Thầy Thư ký", "thuky@suoimo.example"),
            ),
        ),
        Unit("khac", "school", "Trường THCS Đồi Gió", "xa",
             contacts=(Contact("officer", "Người trường khác", "khac@doigio.example"),)),
        Unit("xa", "commune", "Giáo dục xã Bản Hoa", "so",
             contacts=(Contact("culture", "Phòng Văn hóa xã", "vhxh@banhoa.example"),)),
        Unit("so", "sector", "Sở GD&ĐT tỉnh Mây Trắng",
             contacts=(Contact("office", "Văn phòng Sở", "vanphong@maytrang.example"),)),
    ),
    version="d1",
)  # fmt: skip
CHILD = "Tẩn Mẩy Hoa Ban"
STORY = f"""
title: Buổi thử ngắn
purpose: Thử mọi đường thư của một buổi diễn tập.
minutes: 180
expect:
  - {{minute: 20, level: do}}
turning:
  - {{minute: 0, what: Tin đầu tiên, level: do}}
learn: ["Ai nhận trước?"]
traps: [{CHILD}]
items:
  - {{minute: 0, source: Báo Đồi Sim, title: "20 em {{truong}} nhập viện", text: "Lúc {{gio-30}}, em {CHILD} lớp 4A {{truong}} ({{xa}}) nhập viện."}}
  - {{minute: 30, source: "Chuyện {{xa}}", kind: comment, text: "trường {{ten}} nói gì đi chứ"}}
  - {{minute: 90, source: Báo Rừng Thông, title: "{{xa}} bác bỏ tin đồn ở {{truong}}"}}
"""  # noqa: E501


class Leaping:
    """A clock of real seconds that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


def scenario() -> Scenario:
    return read_scenario(STORY, "buoi-thu.yaml")


def cast(*, superiors: bool = False, unit: str | None = None) -> Cast:
    return gather(PROFILE, choose_unit(PROFILE, unit), POLICY, with_superiors=superiors)


class Rehearsal:
    """One drill over a folder, on leaping time, with the reader of the tests."""

    def __init__(
        self, home: Path, *, mode: str = "dry", redirect: str = "", superiors: bool = False,
        folder: Path | None = None, sheet: Sheet | None = None, **smtp: object,
    ) -> None:  # fmt: skip
        self.time = Leaping()
        self.said: list[str] = []
        story = scenario()
        self.sheet = sheet or Sheet(
            story.title, story.name, "truong", START, 60.0, mode, redirect, superiors
        )
        base = Settings.model_validate({"home": home, "mail_fallback": "truc@that.example", **smtp})
        self.drill: Drill = open_drill(
            base, folder or home / "drills" / "thu", story, cast(superiors=superiors), self.sheet,
            base_url="http://127.0.0.1:8119", monotonic=self.time,
        )  # fmt: skip
        self.house = furnish(self.drill, FakeReader())

    def play(self, *, until: float | None = None) -> None:
        """Play to the end, or stop after this many drill minutes."""

        def wait(seconds: float) -> None:
            self.time.wait(seconds)
            passed = (self.drill.clock.now() - START).total_seconds() / 60
            if until is not None and passed >= until:
                self.drill.stopped = True

        play(self.drill, self.house, self.said.append, wait=wait, pause=5.0)
