"""Ambiguous short forms, read by their neighbours and never blindly.

"gd" is giáo dục behind "sở", gia đình behind "hoàn cảnh", giao dịch behind "phiên"; "5 k" is money
and "k biết" a negation. Forms that are words of their own ("hong" = hồng, "ca" = ca học) are read
as short only where a neighbour says so.
"""

from __future__ import annotations

from typing import NamedTuple

from nlp.normalise_teen import ALWAYS

_VERB = (
    "biet bit bik bt hieu co cos thay phai duoc dc cho thich muon mun can nen the dam on sao lam "
    "lm noi ns hoc hc di den an ngu quan tin ai con gi j chiu cam bao la ra vao yeu iu hay nghe "
    "hoi nho quen thuong dung tot vui dong ung ho danh mang cham lo day tra thu nop bat ep phat "
    "lien gio he kip dang bang giai xin nhan chap du tinh"
)
_SPEAK = (
    "nghi thay bao noi cung cx da k ko khong biet la co muon hoc van o dang cho se vua moi toi "
    "thich hoi ghet chiu phai rat that chua den"
)

# A form, what it means where no rule speaks (- for: leave it), and below it the rules in order:
# a meaning (- for: leave it), "<" words that may stand before it, ">" words that may follow.
# Words are written without marks; # is any number, ^ any word that begins with a capital.
_TABLE = """
hs: học sinh
    hồ sơ < bo chuyen giay nop rut xet > du goc nhap xin
ph: phụ huynh
    phút < #
hp: học phí
    hiệu phó < ba bgh co ht ong thay truong
    hải phòng < o tai tinh tp
    - < gd hang laptop may
sv: sinh viên
    - < game may server vao > game
k: không
    - < # block khoa khoi khu vitamin
kg: không
    - < # 1 ba hai may moi mot nua tung
kh: không
    khách hàng < cham phuc quy
    kế hoạch < dung hanh lap so theo > day nam so
    khoa học < bao nghien so > cn xh
hong: -
    không > $verb
hông: -
    không > $verb
hum: -
    hôm > kia nay no qua truoc
hk: học kỳ
    học kỳ < ca cuoi dau diem giua het ket moi thi > # 1 2 i ii nay sau toi
    hạnh kiểm < diem giay ha xep > kem kha tb tot trung yeu
    hộ khẩu < chuyen dung ktx nhap so tach
    không > $verb
gd: giáo dục
    giáo dục < bo linh mon nen nganh phong so truong vu > dao dt mam tieu va
    gia đình < ca canh hai hop moi nha thanh trong tung
    gia đình > ban be chau co em gap hs kho minh ngheo toi
    giao dịch < khoan lenh ma ngan phi phien san > bat chung khoan ngan tien
    giám đốc < anh ba chuc ong pho so tong > benh cong cty so trung
gđ: gia đình
    giám đốc < ba chuc cong ong pho so tong > benh cong cty nha so trung
    giai đoạn > # 1 2 cuoi dau nay
đt: điện thoại
    đào tạo < bo duc gd phong so va vu
    đội tuyển < ca thi vao > bong hsg quoc tuyen u23 viet vn
dt: -
    đào tạo < duc gd
    dân tộc < dong nguoi tru truong > noi thieu tru
    diện tích > # dat phong san
    điện thoại < bam cam choi coi dung goi mang nghich qua so thu xai xem
cn: -
    chủ nhiệm < co giao gv gvcn lop thay vien > cua lop
    chủ nhật < 7 bay chieu den ngay sang t7 thu toi > #
    công nhân < anh chi khu nha
    công nghệ < hoc kh mon so
ht: hiệu trưởng
    hệ thống < ca cua mot toan > gd giao quan truong
    hiệu trưởng < ba bgh chu co cua gap len noi ong pho thay thua
    hiệu trưởng > bao cung k keu khong ko la ma moi nay nhan noi phai thu tl tra truong va
hc: học
    huy chương > vang bac dong
    hành chính < cach pham phat to tuc
nv: nhân viên
    nguyện vọng < cac dat dau dk do doi ky so truot > # 1 2 3
    nhân văn < khxh xhnv xh hoi
    nhiệm vụ < hien lam nang thanh
ql: quản lý
    quốc lộ > #
tg: thời gian
    thế giới < ca nhat the toan tren
    tác giả < bai cua gui on
bn: bạn
    bao nhiêu < dong gia het khoang la luong mat nop tam thu ton
    bao nhiêu > bai diem em k lan nam ngay nguoi tien tuoi
    bệnh nhân < # benh ca cho chua kham so > covid duong nhap tu
ng: người
nt: nhà trường
    nội trú < dtnt ptdt toc
    nhắn tin < em goi hay minh > cho hoi qua rieng voi vs zalo
nc: nước
    nói chuyện < cam dang hay ngoi > rieng trong voi vs
dc: được
    địa chỉ < dung ghi so xin > nha o
dk: được
    điều kiện < co du hoan kinh
    đăng ký < chua da phai > hoc nv thi xet
đk: -
    đăng ký < bat chua da het phai > ban hoc mon nv thi xet
    điều kiện < co dinh du gd hoan kinh moi
tr: -
    triệu < # chuc may tram vai
    trời > a dat oi
    trường < bo cac cong den hoc moi ngoai nha o tai toi trong tung ve > ^ con em minh nay
lp: lớp
bt: biết
    bình thường < # het qua rat van > ma thoi
    bài tập < giai lam lm > nha toan ve
tt: -
    thông tin < bao cac cung nam theo
    trung tâm < cac hoc mot o tai > anh day dạy gdnn gdtx hoc ngoai tieng y
    thông tư < theo > # so
tn: -
    tốt nghiệp < bang dau diem do ky sau thi xet > c3 dh loai lop thpt
    thanh niên < doan
bv: -
    bảo vệ < anh bac chu cong ong to > dung o truong
    bệnh viện < den di dua nhap o tai toi trong vao ve > cong lon bach cho da huyen nhi tinh
ca: -
    công an < bao ben goi len nho phia > huyen phuong quan tinh tp vao xac
ck: chồng
    chuyển khoản < bat cau cho da de nop phai qua tien > # cho qua tien truoc vao
mn: mọi người
    mầm non < bac cap co cs gv hoc lop tre trg truong > # ^ cong thcs tu
th: -
    trường hợp < # cac co may moi mot nhieu nhung tung vai
    tiểu học < bac cap trg truong > ^ thcs
    thằng > be cu kia nao nay nhoc
kt: -
    kiểm tra < bai bi de di diem giay lam > # bai cuoi dau giua mieng
    kinh tế < kho lam nen ve
tk: -
    tài khoản < chuyen mo qua so vao > # ngan
    thằng > ban be con cu do kia nao nay
gt: -
    giao thông < luat nan toan
bc: -
    báo cáo < da gui phai theo
c: -
    cô > chu cn danh day giao gv gvcn mang phat
    chị < cac chao gui ib > a ay oi
b: -
    bạn < cac cho cua may mn nhieu nhom oi vs > a ay be cua cung hoc nao noi oi
a: -
    anh < chao > a ay chi em oi trai
e: em
    - < cau dap hang khoi lop muc vitamin
m: -
    - < #
    mày > $speak
t: -
    - < #
    tôi < bo con lop me nha > $speak
h: -
    giờ < # bay den may toi > chua con di hoc k ko la lam ma moi nay no sao thi
z: vậy
    - < gen gene he y
r: rồi
    - < am chu
hn: -
    hà nội < o ra tai tp tu
    hôm nay > con di em lop minh truong
bm: bố mẹ
    bộ môn < gv to vien
pm: -
    phần mềm < cai tai tren
    - < # am
vd: ví dụ
dm: địt
    danh mục < cac theo
cv: công việc
    công văn < co gui so theo > # so
nhiu: nhiều
dị: -
    vậy < gi j lam nhu sao the
bít: -
    biết < ai hok k khong ko ma > gi j lam r roi sao
iu: -
    yêu < dang de rat > con em qua wa
oy: rồi
nà: -
    này < day the vay
hổng: -
    không > $verb
hem: -
    không > $verb
wen: quen
thoai: thôi
    - < dam dien doc doi hoi
sr: xin lỗi
bh: bây giờ
    bảo hiểm < dong mua the thu tien > than xa y yt
"""


class Rule(NamedTuple):
    """One reading of an ambiguous form: taken where a word of either list is its neighbour."""

    meaning: str
    before: frozenset[str]
    after: frozenset[str]


def _parsed(table: str) -> dict[str, tuple[tuple[Rule, ...], str | None]]:
    found: dict[str, tuple[tuple[Rule, ...], str | None]] = {}
    form, usual = "", ""
    for line in table.strip().split("\n"):
        if not line.startswith(" "):
            form, _, usual = line.partition(": ")
            found[form] = ((), None if usual == "-" else usual)
            continue
        line = line.replace("$verb", _VERB).replace("$speak", _SPEAK).strip()
        rest, _, after = line.partition(">")
        meaning, _, before = rest.partition("<")
        rule = Rule(
            "" if meaning.strip() == "-" else meaning.strip(),
            frozenset(before.split()),
            frozenset(after.split()),
        )
        rules, default = found[form]
        found[form] = ((*rules, rule), default)
    return found


BY_NEIGHBOUR = _parsed(_TABLE)
_NO_SCHOOL_STEP = frozenset(
    ("tieng", "anh", "vitamin", "trinh", "bang", "do", "phong", "toa", "b2")
)


def expand(key: str, before: str, after: str, capital_after: bool) -> str | None:
    """Return what an ambiguous short form means between two words, ``None`` to leave it.

    ``before`` and ``after`` are the neighbours without marks in lower case, empty at an end.
    """
    if len(key) == 2 and key[0] == "c" and key[1] in "123":
        return None if before in _NO_SCHOOL_STEP else f"cấp {key[1]}"
    rules, usual = BY_NEIGHBOUR[key]
    for rule in rules:
        if (
            before in rule.before
            or after in rule.after
            or ("#" in rule.before and before[:1].isdigit())
            or ("#" in rule.after and after[:1].isdigit())
            or ("^" in rule.after and capital_after)
        ):
            return rule.meaning or None
    return usual


AMBIGUOUS = frozenset(BY_NEIGHBOUR) | {"c1", "c2", "c3"}
FIXED: dict[str, tuple[str, ...]] = {
    short: tuple(long.split()) for short, long in ALWAYS.items() if short not in AMBIGUOUS
}
"""Short forms that mean one thing, with their words."""
