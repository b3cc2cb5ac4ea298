"""The words round a name that tell whether a unit is meant: school talk, offices, streets, persons.

All are matched against folded words (no marks) unless said otherwise.
"""

from __future__ import annotations

import re

from nlp.names import word_set

MOST_HITS = 300  # names looked at in one text: bounds hostile input, no real text has so many
LOWEST = 0.4  # what is less sure than this is left undecided
MOST_DOUBTS = 10  # undecided units named for one text: more is no help to anybody
NEAR = 14  # words: "the same breath" for a place that supports or contradicts a name

_EDU = (
    r"(?<!thị )(?<!môi )(?<!hiện )(?<!xã )(?<!phường )"
    r"(?<!công )(?<!quảng )(?<!lập )(?<!thương )(?<!phim )(?<!chiến )"
    r"trường(?! hợp| sa| kỳ| thọ| đời| tồn)|học sinh|hs|học sih|giáo viên|gv|thầy|thầy cô|"
    r"cô giáo|cô nuôi|"
    r"các cô|hiệu trưởng|phụ huynh|ph|phhs|lớp|mầm non|tiểu học|thcs|thpt|ptdtbt|trg|bán trú|"
    r"nội trú|học phí|học bạ|tuyển sinh|tốt nghiệp|giáo dục|gd|gdđt|gd-đt|sgd|sgdđt|sgdđt|"
    r"khai giảng|"
    r"năm học|nữ sinh|nam sinh|sinh viên|đại học|học bổng|thí sinh|kỳ thi|điểm thi|dạy học|đi học|"
    r"học trò|nhà trẻ|mẫu giáo|nghỉ học|bỏ học|trẻ em|học đường|dạy thêm|học thêm|sách giáo khoa|"
    r"bếp ăn|suất ăn|điểm trường|cấp [123]|nhóm trẻ|dạy trẻ|ptdtnt|dtbt|dtnt|dân tộc nội trú|"
    r"khuyến học|thầy trò|sách vở|tựu trường|vào 10|thi vào lớp|vào lớp|đến lớp|ra lớp|giờ học"
)
# Marks lost, these still speak of school; "di hoc" may be "đi học" in any idle talk.
_EDU_PLAIN = (
    r"(?<!thi )(?<!moi )(?<!hien )(?<!cong )truong(?! hop| doi)|hoc sinh|hs|giao vien|gv|thay co|"
    r"co giao|phu huynh|ph|lop|mam non|tieu hoc|thcs|thpt|trg|ban tru|hoc phi|tuyen sinh|giao duc|"
    r"gd|nu sinh|nam sinh|hieu truong|nam hoc|nha tre|mau giao|truong hoc|trg|ptdtbt|ptdtnt|"
    r"noi tru|gddt|sgd|sgddt|day them|hoc them|day hoc|nghi hoc|bo hoc|hoc bong|hoc ba|hoc tro|"
    r"thi sinh|tot nghiep|khai giang|tuu truong|co nuoi|suat an|thi vao 10|vao lop"
)
EDU_RE = re.compile(rf"(?<!\w)(?:{_EDU})(?!\w)")
EDU_PLAIN_RE = re.compile(rf"(?<!\w)(?:{_EDU_PLAIN})(?!\w)")
PEOPLE = re.compile(
    r" (?:thay co|co giao|thay giao|giao vien|gv|hoc sinh|hs|phu huynh|ph|hieu truong|hieu pho|"
    r"hoc o|hoc tai|day o|day tai|cong tac o|nha truong|cac em|tre em|hoc tro|thay tro|cuu hs|"
    r"dua nho|be nho|tui nho|lu nho|lu tre|tre nho|tre con|con em|cac con|"
    r"cac chau|cac be|may chau|may dua|"
    r"co tro|nu sinh|nam sinh|em hoc|con hoc|chau hoc|day hoc|em day|toi day|minh day|"
    r"(?:ban|minh|toi|em|no|chung|anh|chi|hoi|tung|dang|van|cung) (?:hoc|day))"
    r"(?: (?:cam ban|ban tru|vung cao|vung bien|ngheo|lop \d+\w?))?"
    r"(?: (?:o|tai|xa|ben|tren|cua))? $"
)
PERSON = word_set("""em be chau thay ong ba chi anh chu bac di con ban hoc si vua tuong""") - {
    "hoc"
}
NOT_SCHOOL = word_set(
    """cho ban duong pho suoi cau don deo song nui ho quan homestay khach san cafe bien cay cun
    dat gao rau"""
)
STREET = re.compile(
    r" (?:u\d\d|doi|doi tuyen|tuyen|bong da|bao tang|"
    r"duong|pho|dai lo|ngo|hem|cau|cho|bao|benh vien|khach san|quang truong|chien thang|"
    r"chien dich|truong|th|thcs|thpt|tieu hoc|mam non|chuyen|dai hoc|cong ty|cuoc thi|giai|ga|cho|"
    r"nguoi|ong|ba|anh|chi|em|thay|co|rap|quan|nha hang|clb) $"
)
AGENCY = re.compile(
    r" (?:so (?:gd|giao duc)(?: va dao tao| dao tao| dt)?|so gddt|sgddt|sgd dt|sgd|sgd va dt|"
    r"nganh (?:gd|giao duc)(?: va dao tao| dt)?|nganh gddt|nganh giao duc va dao tao|"
    r"giam doc so)(?: cua)?(?: (?:tinh|thanh pho|tp|t))? $"
)
OFFICE = re.compile(
    r" (?:ubnd|uy ban(?: nhan dan)?|hdnd|chu tich(?: ubnd)?|bi thu|dang uy|phong (?:van hoa|vhxh|"
    r"vh xh)"
    r"(?: xa hoi)?|van hoa xa hoi|lanh dao|chinh quyen|cong an|nganh giao duc|giao duc)"
    r"(?: (?:xa|phuong|thi tran|dac khu|dia phuong))? $"
)
# Words a reporter puts between "trường" and its name: "trường vùng biên Na Ư".
FILLERS = word_set("""xa phuong o tai ben vung bien gioi cao tren ban ten moi""")
CONNECTORS = word_set("""o tai thuoc cua nam tren dia ban""")
NO_SCHOOL_BEFORE = word_set("""thi moi hien cong quang lap nong lam chien nghi chinh hoi pham""")
NOT_TYPE = frozenset(
    ("trưởng", "trương", "trướng", "trượng", "chuyền", "chuyện", "chuyển", "chuyến")
)
AREA_RANK = {
    "xa": 3, "phuong": 3, "p": 3, "x": 3, "thi tran": 3, "tt": 3, "dac khu": 3,
    "quan": 2, "q": 2, "huyen": 2, "h": 2, "thi xa": 2, "thanh pho": 2, "tp": 2,
}  # fmt: skip
LANDMARK = re.compile(
    r" (?:gan|canh|sat|doi dien|cach|doan qua|ke ben|ngang qua|di qua|phia sau|sau lung)"
    r"(?: (?:cong|san|khu vuc|diem))?(?: (?:truong|trg|diem truong))?(?: [a-z]+){0,5} $"
)
# Schools up to grade 12, which a province's department answers for; universities it does not.
GENERAL_EDU_RE = re.compile(
    r"(?<!\w)(?:học sinh|hs|giáo viên|gv|cô giáo|thầy cô|thầy giáo|cô nuôi|hiệu trưởng|phụ huynh|"
    r"phhs|mầm non|tiểu học|thcs|thpt|ptdtbt|ptdtnt|bán trú|nội trú|lớp \d+\w?|cấp [123]|"
    r"khai giảng|"
    r"nữ sinh|nam sinh|thí sinh|học trò|nhà trẻ|mẫu giáo|nghỉ học|bỏ học|trẻ em|dạy thêm|học thêm|"
    r"sách giáo khoa|giáo dục|gd|gdđt|gd-đt|sgd|sgdđt|trường học|nhà trường|các trường|ngôi trường|"
    r"điểm trường|trg|đến trường|hoc sinh|giao vien|co giao|thay co|phu huynh|mam non|tieu hoc|"
    r"giao duc|truong hoc)(?!\w)"
)
HIGHER_EDU_RE = re.compile(
    r"(?<!\w)(?:đại học|đh|cao đẳng|cđ|học viện|sinh viên|sv|giảng viên|cử nhân|thạc sĩ|dai hoc|"
    r"sinh vien)(?!\w)"
)
INSTITUTION = re.compile(
    r" (?:dai hoc|dh|cao dang|cd|hoc vien|benh vien|cong ty|trung tam|tap doan|ngan hang|nha hat|"
    r"bao tang)(?: [a-z]+){0,4} $"
)
SELLING = re.compile(
    r"(?<!\w)(?:ship|freeship|inbox|ib|thanh ly|cho thue|so do|can ban|ban dat|ban gap|ban nha|"
    r"ban \d+m2|dat hang|gia si|order|pass lai)(?!\w)|^ ban "
)
# Before a place: those who come from there to give or to visit.
GUEST = re.compile(
    r" (?:doan|nhom|tu|cong ty|hoi|quy|clb|cau lac bo|sinh vien|nha hao tam|manh thuong quan|"
    r"benh vien|dai hoc|bac si|nghe si|ban be|ba con|nguoi|du khach|xe|"
    r"ngan hang|chuyen ve|ra|vao|xuong|que|que o|que goc)(?: (?:thien nguyen|tu thien|tinh nguyen|"
    r"phuot|khach|tu|o|cua|tp|tinh|thanh pho|tre|dai hoc|bac si|sinh vien|cong tac)){0,3} $"
)
TRAVEL = re.compile(
    r"(?<!\w)(?:tour|homestay|du lich|phuot|khach san|nha nghi|ve may bay|check in|checkin)(?!\w)"
)
# The same with marks: "Bạn nào", "căn bản", "Tây Ban Nha" sell nothing.
SELLING_MARKED = re.compile(
    r"(?<!\w)(?:ship|freeship|inbox|ib|thanh lý|cho thuê|sổ đỏ|cần bán|bán đất|bán gấp|bán nhà|"
    r"bán \d+m2|đặt hàng|giá sỉ|order|pass lại)(?!\w)|^\W*bán "
)
# Right before a province: another department's name, or a ware that bears the province's.
OTHER_THINGS = re.compile(
    r" (?:so (?:noi vu|y te|tai chinh|xay dung|cong thuong|tu phap|ngoai vu|dan toc|"
    r"dan toc va ton giao|khoa hoc(?: va| &)? cong nghe|nong nghiep(?: va)? moi truong|"
    r"van hoa(?: the thao)?(?: va)? du lich|ldtbxh|lao dong)|"
    r"gao|gao tam|xoi|nep|tao meo|ca phe|mat ong|che|thit trau|dac san)"
    r"(?: (?:cua|tinh|tp))? $"
)
NEGATED = re.compile(
    r" (?:khong phai|ko phai|k phai|hong phai|hok phai|chang phai|dau phai|chu khong)"
    r"(?: (?:la|o|tai|cua))? $"
)
HOME = re.compile(
    r" (?:que|nguyen quan|sinh ra|ho khau|que quan|nguoi)(?: (?:o|tai|goc|xa|tinh))? $"
)
# A commune that does something or is called upon, not only the place where a school stands.
ACTING = re.compile(
    r" (?:doan(?: cong tac| kiem tra| can bo)?|can bo|phia|phu huynh keu|kien nghi|de nghi|mong|"
    r"nho|nguoi cua|dai dien|trach nhiem cua|bao cao|gui|hoi)"
    r"(?: (?:cua|len|cho|voi))?(?: (?:xa|phuong))? $"
)
ACTS = re.compile(
    r"^ (?:(?:da|se|dang|vua|cung|lai|co|chua|moi|phai|nen|dau|khong|ko|k|hay|tung) ){0,2}"
    r"(?:nghe|noi|tra loi|hua|yeu cau|de nghi|chi dao|kiem tra|giai quyet|xu ly|vao cuoc|ho tro|"
    r"to chuc|hop|cho|cap|chi|xay|quan tam|lo|tang|trao|gom|sap nhap|len tieng|phoi hop|biet|"
    r"xem xet|dau tu|ra van ban|thong bao|moi|can thiep|cu|chon|giao|bo tri|keu goi|van dong|"
    r"khao sat|tiep nhan|sua|lam viec|xin loi|cam on|quyet dinh|chap thuan|thong nhat) "
)
TYPED_AREA = frozenset(("xa", "phuong", "tran", "khu", "x", "p"))
ADVERB = re.compile(r" (?:o|tai|tinh|tp|thanh pho|t) $")
SCHOOL_HEADS = word_set("""truong trg tr truog truonh""")
TYPOS = word_set("""trung truog truonh turong chuong trwong truonq""")
SCHOOL_WORDS = word_set("""truong trg tr truog truonh ptdtbt ptdtnt ptdt dtbt dtnt""")
NOW = re.compile(r" nay (?:la|thuoc|doi thanh|sap nhap vao)(?: (?:xa|phuong|thi tran|tinh))? ")
