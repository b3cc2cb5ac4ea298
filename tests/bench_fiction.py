"""A stream of invented school news of any length, with what belongs together known beforehand.

Nothing in it happened: schools, communes and persons are put together from word lists. It is made
to be hard in the ways real news is: affairs change their words over days, come back after weeks,
share provinces and kinds with look-alikes, and are copied with new heads and tails.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nlp.stories import StoryItem

START = datetime(2026, 1, 1, tzinfo=UTC)
SYLLABLES = [
    "An",
    "Bạch",
    "Bồng",
    "Cát",
    "Chiềng",
    "Cồn",
    "Dương",
    "Đá",
    "Đắk",
    "Đồi",
    "Gò",
    "Giang",
    "Hạc",
    "Hòn",
    "Hương",
    "Khe",
    "Kim",
    "Kỳ",
    "La",
    "Lam",
    "Lũng",
    "Mai",
    "Mường",
    "Mộc",
    "Nà",
    "Nậm",
    "Ngân",
    "Ngọc",
    "Nhạn",
    "Pa",
    "Phong",
    "Phú",
    "Quan",
    "Rạch",
    "Rơn",
    "Sa",
    "Sơn",
    "Suối",
    "Tà",
    "Tam",
    "Thạch",
    "Thác",
    "Thanh",
    "Trà",
    "Tràng",
    "Trung",
    "Tùng",
    "Vạc",
    "Vân",
    "Vĩnh",
    "Xuân",
    "Yên",
]
FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
]
MIDDLE = [
    "Văn",
    "Thị",
    "Đức",
    "Minh",
    "Thanh",
    "Quốc",
    "Hữu",
    "Ngọc",
    "Gia",
    "Bảo",
    "Tuấn",
    "Khánh",
]
PROVINCES = [
    "Hà Nội",
    "Huế",
    "Hải Phòng",
    "Đà Nẵng",
    "TP.HCM",
    "Cần Thơ",
    "Tuyên Quang",
    "Lào Cai",
    "Thái Nguyên",
    "Phú Thọ",
    "Bắc Ninh",
    "Hưng Yên",
    "Ninh Bình",
    "Quảng Trị",
    "Quảng Ngãi",
    "Gia Lai",
    "Khánh Hòa",
    "Lâm Đồng",
    "Đắk Lắk",
    "Đồng Nai",
    "Tây Ninh",
    "Vĩnh Long",
    "Đồng Tháp",
    "Cà Mau",
    "An Giang",
    "Lai Châu",
    "Điện Biên",
    "Sơn La",
    "Lạng Sơn",
    "Thanh Hóa",
    "Nghệ An",
]
LEVELS = ("Trường mầm non", "Trường tiểu học", "Trường THCS", "Trường THPT")
KINDS = {
    "ngộ độc": (
        "học sinh nhập viện nghi ngộ độc", "bữa ăn bán trú", "nhà cung cấp thực phẩm",
        "mẫu thức ăn dương tính với vi khuẩn", "tạm dừng bếp ăn", "xử phạt hành chính nhà trường",
        "phụ huynh mang cơm đến cho con", "hiệu trưởng nhận trách nhiệm",
    ),
    "đuối nước": (
        "học sinh đuối nước khi tắm sông", "tìm thấy thi thể các em", "người dân lặn tìm trong đêm",
        "cắm biển cảnh báo nước sâu", "hỗ trợ gia đình nạn nhân", "dạy bơi trong trường học",
    ),
    "khoản thu": (
        "phụ huynh bức xúc vì khoản thu đầu năm", "quỹ lớp mua máy lạnh", "trả lại tiền thu sai",
        "thanh tra việc thu chi", "ban đại diện cha mẹ học sinh", "kiểm điểm hiệu trưởng",
    ),
    "bạo lực": (
        "nữ sinh bị bạn đánh hội đồng", "clip lan truyền trên mạng", "công an xã vào cuộc",
        "đình chỉ học nhóm học sinh", "gia đình đề nghị làm rõ", "tư vấn tâm lý cho học sinh",
    ),
    "đạo đức": (
        "cô giáo bị tố đánh học trò", "tạm đình chỉ giáo viên", "xin lỗi phụ huynh",
        "phụ huynh rút con khỏi lớp", "kết luận xác minh", "chuyển công tác giáo viên",
    ),
    "cơ sở": (
        "trần lớp học rơi trong giờ học", "phòng học xuống cấp", "kinh phí sửa chữa",
        "học nhờ nhà văn hóa", "nghiệm thu công trình", "đoàn kiểm tra xây dựng",
    ),
}  # fmt: skip
FILLER = [
    "Sự việc được người dân ghi lại",
    "Cơ quan chức năng đang làm rõ",
    "Nhà trường đã báo cáo cấp trên",
    "Nhiều phụ huynh lo lắng",
    "Lãnh đạo địa phương yêu cầu giữ ổn định",
    "Kết quả sẽ được công bố",
    "Ngành giáo dục rút kinh nghiệm",
    "Đại diện phòng văn hóa xã hội có mặt",
    "Buổi họp kéo dài đến tối",
    "Một số ý kiến cho rằng cần minh bạch",
    "Thầy cô vẫn lên lớp bình thường",
    "Học sinh đã ổn định",
]
PLAIN = [
    "chuyển đổi số trong lớp học",
    "ngày hội đọc sách",
    "hội khỏe Phù Đổng",
    "tuyển sinh đầu cấp",
    "học bổng cho học trò nghèo",
    "giáo viên dạy giỏi",
    "sách giáo khoa mới",
    "thi thử tốt nghiệp",
    "câu lạc bộ robot",
    "trồng cây đầu xuân",
    "tập huấn an toàn giao thông",
    "khám sức khỏe học đường",
]


@dataclass(frozen=True, slots=True)
class Told:
    """An item with its true story and event; ``original`` is set on a copy."""

    item: StoryItem
    story: str
    event: str
    original: str | None = None


@dataclass(slots=True)
class _Affair:
    name: str
    kind: str
    school: str
    commune: str
    province: str
    person: str
    number: int
    ends: float
    reopens: float | None
    burst: int = 1
    said: int = 0
    last: Told | None = None


class Fiction:
    """Endless invented news, ``a_day`` mentions a day, the same for the same ``seed``."""

    def __init__(self, a_day: float, seed: int = 7) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret, only fiction
        self._a_day = a_day
        self._open: list[_Affair] = []
        self._asleep: list[_Affair] = []
        self._made = 0

    def stream(self, size: int) -> Iterator[Told]:
        """Yield ``size`` mentions in time order."""
        for n in range(size):
            day = n / self._a_day
            self._open = [a for a in self._open if a.ends > day] if n % 64 == 0 else self._open
            self._wake(day)
            told = self._mention(n, day)
            yield told

    def _wake(self, day: float) -> None:
        for affair in [a for a in self._asleep if a.reopens is not None and a.reopens <= day]:
            self._asleep.remove(affair)
            affair.burst += 1
            affair.ends, affair.reopens = day + self._random.uniform(1, 4), None
            self._open.append(affair)

    def _mention(self, n: int, day: float) -> Told:
        chance = self._random.random()
        if chance < 0.45 or not self._open:
            if chance < 0.08 or not self._open:
                return self._report(self._affair(day), n, day)
            return self._single(n, day)
        affair = self._random.choice(self._open)
        if affair.last is not None and chance > 0.92:
            return self._copy(affair.last, affair, n, day)
        if affair.said > 2 and chance > 0.8:
            return self._comment(affair, n, day)
        return self._report(affair, n, day)

    def _pick(self, *lists: list[str]) -> str:
        return " ".join(self._random.choice(words) for words in lists)

    def _affair(self, day: float) -> _Affair:
        self._made += 1
        again = self._random.random() < 0.35
        affair = _Affair(
            name=f"affair-{self._made}",
            kind=self._random.choice(list(KINDS)),
            school=f"{self._random.choice(LEVELS)} {self._pick(SYLLABLES, SYLLABLES)}",
            commune=self._pick(SYLLABLES, SYLLABLES),
            province=self._random.choice(PROVINCES),
            person=self._pick(FAMILY, MIDDLE, SYLLABLES),
            number=self._random.randrange(3, 90),
            ends=day + self._random.uniform(0.5, 9),
            reopens=None,
        )
        if again:
            affair.reopens = affair.ends + self._random.uniform(16, 90)
            self._asleep.append(affair)
        self._open.append(affair)
        return affair

    def _report(self, affair: _Affair, n: int, day: float) -> Told:
        turns = KINDS[affair.kind]
        at = min(affair.said // 2 + (affair.burst > 1) * 3, len(turns) - 1)
        turn = turns[(at + self._random.randrange(2)) % len(turns)]
        affair.said += 1
        if self._random.random() < 0.2:
            affair.number += self._random.randrange(1, 9)
        title = self._random.choice((
            f"{affair.province}: {turn[0].upper()}{turn[1:]}",
            f"Vụ {turns[0]} ở {affair.province}: {turn[0].upper()}{turn[1:]}",
            f"{turn[0].upper()}{turn[1:]} tại {affair.school}",
        ))  # fmt: skip
        named = [
            f"Theo ông {affair.person}, vụ việc ở {affair.school} (xã {affair.commune}, "
            f"{affair.province}) liên quan {affair.number} học sinh, {turn}.",
            f"{affair.school} ở xã {affair.commune}, tỉnh {affair.province}: {turn}.",
            f"Tại xã {affair.commune} ({affair.province}), {turn}, ông {affair.person} nói.",
        ]
        lead = self._random.choice(named)
        body = ". ".join(self._random.sample(FILLER, 5))
        extra = f"Nhóm {self._pick(SYLLABLES, SYLLABLES)} {self._random.randrange(2000)} theo dõi."
        told = self._told(affair, n, day, title, f"{lead} {body}. {extra}")
        affair.last = told
        return told

    def _comment(self, affair: _Affair, n: int, day: float) -> Told:
        words = f"{affair.kind} ở {affair.school.split(' ', 1)[1]} {affair.commune} buồn quá"
        return self._told(affair, n, day, None, words, kind="comment")

    def _copy(self, of: Told, affair: _Affair, n: int, day: float) -> Told:
        head = self._random.choice(("", "(Bản Tin) - ", "Theo báo bạn. "))
        tail = self._random.choice(("", " Xem thêm tin nóng. Theo dõi chúng tôi trên mạng xã hội."))
        item = StoryItem(
            f"m{n}", START + timedelta(days=day), of.item.title, f"{head}{of.item.text}{tail}"
        )
        return Told(item, of.story, of.event, of.original or str(of.item.id))

    def _told(
        self, affair: _Affair, n: int, day: float, title: str | None, text: str, kind: str = "news"
    ) -> Told:
        item = StoryItem(f"m{n}", START + timedelta(days=day), title, text, kind=kind)
        return Told(item, f"{affair.name}-{affair.burst}", affair.name)

    def _single(self, n: int, day: float) -> Told:
        where = self._pick(SYLLABLES, SYLLABLES)
        what = self._random.choice(PLAIN)
        word = f"{self._pick(SYLLABLES, SYLLABLES)} {self._random.randrange(5000)}"
        title = f"{self._random.choice(LEVELS)} {where}: {what}"
        body = ". ".join(self._random.sample(FILLER, 4))
        province = self._random.choice(PROVINCES)
        text = f"Chương trình {what} {word} diễn ra ở {where}, {province}. {body}."
        item = StoryItem(f"m{n}", START + timedelta(days=day), title, text)
        return Told(item, f"single-{n}", f"single-{n}")
