"""The words in an exported incident: what is in the pack, what it shows, how to check it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.evidence import Dossier, KeptMention, first_sight
from langnghe.core.clock import say
from langnghe.core.policy.model import Policy
from langnghe.core.store.queries.incidents import IncidentDetail
from langnghe.core.watermark import BANNER
from langnghe.core.words import word


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each the pack lists."""

    attachments: int
    statements: int
    notices: int


def readme(
    policy: Policy,
    drill: str,
    detail: IncidentDetail,
    kept: Dossier,
    counts: Counts,
    events: Sequence[tuple[datetime, str]],
    *,
    originals: bool,
) -> str:
    """Return the page to read first; nothing in it depends on when it is made.

    ``events`` are the timeline's (moment, masked words).
    """
    row = detail.line.row
    lines = [f"*** {BANNER} ***", ""] if drill else []
    lines += [f"HỒ SƠ VỤ VIỆC SỐ {detail.line.id}", row.title, ""]
    if originals:
        lines += ["!!! TỆP NÀY CÓ BẢN GỐC CHƯA CHE (goc/) VÀ TỆP CÓ THỂ NHẬN RA TRẺ EM.",
                  "!!! Chỉ người có trách nhiệm được giữ; không chuyển tiếp, không đăng lại.",
                  "!!! Lý do xuất đã ghi vào nhật ký và vào lan-xuat.json.", ""]  # fmt: skip
    else:
        lines += ["Tên và chi tiết nhận ra trẻ em đã được che. Không kèm bản gốc.", ""]
    lines += [
        f"Đơn vị: {detail.line.unit_name or 'chưa rõ'}",
        f"Mức rủi ro: {policy.level(row.level).name} "
        f"(cao nhất: {policy.level(row.peak_level).name})",
        f"Tình trạng: {word('state', row.state)}. "
        f"Xác minh: {word('verification', row.verification)}",
        f"Mở: {say(row.opened_at)}" + (f". Đóng: {say(row.closed_at)}" if row.closed_at else ""),
        f"Phiên bản kịch bản: {row.policy_version}",
        "Mức rủi ro nói về truyền thông, không nói tin đúng hay sai.",
        "",
        "CÓ GÌ TRONG HỒ SƠ",
        f"  tin.jsonl             {len(kept.mentions)} tin và mọi bản đã thấy (chữ đã che)",
        f"  dong-thoi-gian.json   {len(events)} việc đã xảy ra, theo thứ tự",
        f"  viec-can-lam.json     {len(detail.steps)} việc của kịch bản, ai làm, lúc nào",
        "  rut-kinh-nghiem.json  các bản rút kinh nghiệm",
        f"  tep-dinh-kem.json     {counts.attachments} tệp; tệp được kèm nằm trong tep/",
        f"  phat-ngon.json        {counts.statements} phát ngôn đã công bố",
        f"  thong-bao.json        {counts.notices} thông báo đã gửi, ai đã xem",
        "  chuoi/                chuỗi mã băm của các bản ghi bằng chứng",
        "  lan-xuat.json         ai xuất, lúc nào, đầu chuỗi lúc xuất",
        "  SHA256SUMS            mã băm của mọi tệp",
        "",
        "KIỂM TRA",
        "  sha256sum -c SHA256SUMS",
        "  Chuỗi: xem chuoi/HUONG-DAN.txt",
        "",
        "TIN, THEO GIỜ THU THẬP",
    ]  # fmt: skip
    for m in kept.mentions:
        title = m.shown.title or "(không tiêu đề)"
        source = m.shown.source or "không rõ nguồn"
        lines.append(f"[{m.shown.id}] {say(m.shown.seen_at)} · {source} · {title}")
        lines += [f"      {what}" for what in fate(m)]
    lines += ["", "DÒNG THỜI GIAN", *(f"{say(at)}  {text}" for at, text in events), ""]
    return "\n".join(lines) + "\n"


def fate(kept: KeptMention) -> Iterator[str]:
    """Yield what became of a mention since it was first seen, in short plain phrases."""
    at = first_sight(kept)
    if at is not None:
        yield f"bản gốc giữ lúc {say(at)}, {kept.originals} bản ghi"
    elif kept.gap:
        yield f"THIẾU BẢN GỐC: {kept.gap}"
    else:
        yield "không có bản gốc (tin thu trước khi có kho bằng chứng, hoặc nhập tay)"
    if kept.purged:
        yield "có bản gốc đã xóa theo lệnh; mã băm còn trong chuỗi"
    if len(kept.versions) > 1:
        yield f"{len(kept.versions)} bản chữ"
    if kept.page is not None and kept.page.deleted_at is not None:
        back = f"; hiện lại lúc {say(kept.page.restored_at)}" if kept.page.restored_at else ""
        yield f"đã gỡ, thấy lúc {say(kept.page.deleted_at)}{back}"


GUIDE = """\
CHUỖI BẰNG CHỨNG

Mỗi dòng của register.txt:  <chain> <prev> <bản ghi>
  chain = SHA-256 của:  prev, dấu xuống dòng, bản ghi (đúng từng ký tự).

Kiểm tra một dòng (bash):
  read -r chain prev rest < <(sed -n 1p register.txt)
  printf '%s\\n%s' "$prev" "$rest" | sha256sum      # phải bằng $chain

Dòng sau phải có prev bằng chain của dòng trước. Đầu chuỗi lúc xuất ghi ở ../lan-xuat.json; so với
đầu chuỗi đã ghi vào sổ giấy, hoặc chạy «langnghe verify» ở nơi lưu.

Trong mỗi bản ghi: sha256 là mã băm nội dung thấy ở nguồn, record là mã băm của các byte đã lưu
(trong goc/ban-goc.warc.gz, nếu có), mentions là [số tin, bản, mã băm chữ, vì sao].
"""
