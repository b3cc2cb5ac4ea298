"""The words that tell who is named: cues of children and adults, what ends a name, what is none.

Kept apart from ``nlp.shield_persons`` so that a reader can check the language without the logic.
"""

from __future__ import annotations

import re

from nlp.names import GIVEN, ILLNESSES, NOT_PERSONS, OFFICES, word_set
from nlp.plain import plain
from nlp.shield_scan import grouped, word_start

REPLACEMENTS: dict[str, str] = {
    "child_name": "[tên học sinh]",
    "adult_private_name": "[tên]",
    "child_class": "[lớp]",
    "phone": "[số điện thoại]",
    "email": "[thư điện tử]",
    "address": "[địa chỉ]",
    "id_number": "[số định danh]",
    "account": "[tài khoản]",
    "plate": "[biển số]",
    "health": "[sức khỏe]",
    "handle": "[tài khoản mạng]",
    "birth": "[ngày sinh]",
    "body": "[đặc điểm]",
}
MARKER = re.compile("|".join(map(re.escape, REPLACEMENTS.values())))
"""What stands in a masked text for what it covers."""

_CAP = r"[A-Z][a-zA-Z'’]{0,11}"
NAME = re.compile(rf"(?:{_CAP})(?:[ ]{_CAP}){{0,4}}(?!\w)")
SMALL_INITIALS = re.compile(r"[a-zđ]\.(?: ?[a-zđ]\.){0,3}(?=[\s,])")
CLASS_NEXT = re.compile(r" (?:học |hoc )?(?:lớp|lop) \d{1,2} ?[a-zđ/]\d?")
FULL = re.compile(rf"[A-Z](?<![\w.][A-Z])[a-zA-Z'’]{{0,11}}(?: {_CAP}){{1,4}}(?!\w)")
INITIALS = re.compile(
    r"[A-Z][hrgiu]?\.(?: ?[A-Z][hrgiu]?\.){0,3}(?:[A-Z](?!\w))?|[A-Z](?:\.[A-Z]){1,4}(?!\w)|"
    r"[A-Z](?=[ ,)])"
)
LOWER = re.compile(r"[a-z]{1,7}(?: [a-z]{1,7}){0,3}")

# Strong: whatever capital follows is a child. Weak: only a full name or initials are.
_CHILD_STRONG = (
    r"(?:tên|ten) (?:cháu|chau|con|em|bé|be|bạn ấy|nó)(?: là| la)?|"
    r"cháu|chau|bé(?: gái| trai)?|be(?: gai| trai)?|em(?: gái| trai| bé| học sinh)?|"
    r"bạn(?: học sinh)?|"
    r"các (?:em|cháu|bạn|bé)|cac (?:em|chau|ban)|trò|cu|thằng(?: bé| cu| nhóc)?|nhỏ|nhóc|"
    r"thg(?: cháu| bé| cu)?|nhoc|con be|thang (?:be|cu)|"
    r"thang(?= [a-z]{1,7}(?: hoc)? lop \d)(?! (?:truoc|sau|nay|toi|nam|muoi|chap|gieng) )|"
    r"nhok|pé|"
    r"cô bé|cậu bé|con bé|con nhỏ|bé con|bạn nhỏ|đứa(?: bé| trẻ)?|bệnh nhi|bệnh nhân nhi|bn nhi|"
    r"lớp trưởng|lớp phó|học trò|thủ khoa|á khoa|hai (?:em|cháu|bé|bạn)|bạn (?:nam|nữ)|"
    r"anh trai|chị gái|nạn nhân nhí"
)
_CHILD_WEAK = (
    r"học sinh(?: mầm non| nữ| nam| lớp \d+| tiểu học)?|hoc sinh|hs|nữ sinh|nam sinh|nu sinh|"
    r"nam hoc sinh|nữ học sinh|nam học sinh|thí sinh|trẻ|con gái|con trai|con(?: là)?|"
    r"là|tên|ten|e|bn|\[lớp\]|hai anh em|hai chị em|chị em|nạn nhân|thiếu niên|thiếu nữ|"
    r"sinh viên|giữa"
)
_SUBJECT = (
    r"(?:thể dục|toán|văn|ngữ văn|anh văn|tiếng anh|tin(?: học)?|lý|hóa|sử|địa|sinh|nhạc|âm nhạc|"
    r"họa|mĩ thuật|mỹ thuật|bảo mẫu|chủ nhiệm|tổng phụ trách|quản sinh|phụ trách|bán trú|thư viện)"
)
_ADULT = (
    rf"(?:cô|thầy)(?: giáo)? (?:dạy )?(?:môn )?{_SUBJECT}|"
    r"anh|chị|chi|ông bố|ông|bà giáo|bà|cô(?: giáo)?(?: mầm non)?|co(?: giao)?|thầy(?: giáo)?|"
    r"(?:họ|ho)(?= \w+[,.;)])|"
    r"thay(?: giao)?|chú|"
    r"bác|dì|cậu|mợ|thím|người mẹ|người bố|bảo mẫu|giáo viên|phụ huynh|phu huynh|"
    r"facebook|fb|nick|zalo|tài khoản|con nhà|mẹ|bố|vợ|chồng|bảo vệ|tài xế|giáo viên chủ nhiệm|"
    r"gvcn|cô nuôi|đối tượng|nghi phạm|bị can|bị cáo|"
    r"tôi là|tôi tên(?: là)?|tên tôi là|toi la|họ (?:và )?tên|ký tên|lái xe|"
    r"người (?:làm đơn|viết đơn|gửi|nhận|tố cáo|khiếu nại)|chủ (?:tk|tài khoản|hộ|stk)|cha|"
    r"người cha|ông nội|bà nội|ông ngoại|bà ngoại|người nhà|hàng xóm"
)
CUE = re.compile(
    rf"(?<![\w/])(?<!vai )(?<!đàn )(?<!trẻ )(?<!anh )(?<!chị )(?<!thầy )"
    rf"(?:(?P<strong>{grouped(_CHILD_STRONG)})|"
    rf"(?P<adult>{grouped(_ADULT)})|(?P<weak>{grouped(_CHILD_WEAK)}))"
    rf"(?:(?P<named>:? (?:có )?(?:tên|ten)(?: là| la)?:?)|:)? [\"“'‘]?(?=[\w])"
)
AND_NAME = re.compile(r"(?:,| và| va|,? với| cùng| voi) (?:(?:em|cháu|bạn|bé|chị|anh|bà|ông) )?")
_OFFICES = grouped(OFFICES)
OFFICE = re.compile(rf"{word_start(OFFICES)}(?!\w)")
OFFICE_BEFORE = re.compile(rf"{word_start(OFFICES)}(?!\w)(?P<gap>[^.;!?\n]{{0,48}})$")
OFFICE_AFTER = re.compile(
    rf"(?:\s?\([^()\n]{{1,40}}\))?\s{{0,2}}(?:[,(–-]|là|,? hiện là|,? nguyên)\s{{0,2}}(?:là |"
    rf"hiện là |nguyên |cựu |quyền )?"
    rf"{_OFFICES}(?!\w)"
)
PRIVATE_BEFORE = re.compile(
    r"(?:(?:mẹ|bố|ba|má|cha|ông|bà|anh|chị|em|con|bạn|nội|ngoại|vợ|chồng|nhà) của|"
    r"tên|tên là|ten|vợ|chồng|con|phụ huynh là (?:ông|bà|anh|chị)) $"
)
_CLASS_NAME = (
    r"(?:\d{1,2} ?[a-zđ]\d{0,2}|\d{1,2}/\d{1,2}|(?:lá|chồi|mầm|la|choi|mam)(?: \d| [a-d])?)"
)
CLASS = re.compile(
    rf"l(?<!\wl)(?:(?:ớp|op|p|)(?: học)?:? ?({_CLASS_NAME})(?![\w/])|ớp ((?:(?:mẫu giáo|"
    rf"nhà trẻ)(?: \d tuổi)? (?:lớn|nhỡ|bé|[a-d\d]\d?)|[2-5] tuổi [a-d]\d?)(?!\w)))"
)
_BARE = r"(?:[1-9]|1[0-2])[a-h]\d{0,2}"
# Without "lớp": beside its school, its teacher or a covered pupil ("7a2 trường X").
BARE_CLASS = re.compile(
    rf"(?<![\w/.,-])({_BARE})(?= (?:của )?(?:trường|truong|thcs|thpt|tiểu học|th ))|"
    rf"(?:(?<!\w)(?:bên|bạn|đứa|tụi|bọn|lũ)|"
    rf"chủ nhiệm|gvcn|chu nhiem|học sinh|hs|tập thể|phụ huynh|phhs|\[tên học sinh\]"
    rf" ?[-–,(:]|\[tên học sinh\]) ?({_BARE})(?![\w/.]|,\d)"
)
CLASS_AFTER = re.compile(
    rf"\s{{0,2}}[,(–-]?\s?(?:cùng |đều |hiện |đang )?(?:học sinh |hs |hoc sinh )?"
    rf"(?:học )?(?:(?:lớp|lop) ?\d|(?:lớp|lop) (?:lá|chồi|mầm)|học sinh |{_CLASS_NAME}(?!\w))"
)
# Where every word is a capital, "học sinh" alone says too little: "LƯƠNG GIÁO VIÊN, HỌC SINH".
SHOUTED_AFTER = re.compile(
    r"\s{0,2}[,(–-]?\s?(?:học sinh |hs )?(?:lớp ?\d|\d{1,2} ?tuổi|sinh năm ?\d)"
)
AGE_AFTER = re.compile(
    r"(?:\s{0,2}[,(–-]\s?|\s(?!sn|sinh (?!năm)))"
    r"(?:(?P<age>\d{1,2}) ?tuổi|(?:sn|sinh năm|sinh ngày|sinh):? ?"
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-])?(?P<born>(?:19|20)\d\d))"
)
PARENT_AFTER = re.compile(
    r"\s{0,2}[,(–-]?\s?(?:là )?(?:phụ huynh|mẹ|bố|cha|ông nội|bà nội) (?:em|cháu|bé|của)"
)
ILLNESS = re.compile(rf"{word_start(f'{ILLNESSES}|{plain(ILLNESSES)}')}(?!\w)")
_NO_PERSONS = "|".join(map(re.escape, NOT_PERSONS))
NOT_PERSON = re.compile(rf"{grouped(_NO_PERSONS)}(?!\w)")
NOT_PERSON_PLAIN = re.compile(rf"{grouped(plain(_NO_PERSONS))}(?!\w)")
NAMED_AFTER = re.compile(
    r"(?:trường|thcs|thpt|th|tiểu học|mầm non|chuyên|học|đường|phố|quận|huyện|xã|phường|giải|"
    r"bệnh viện) $"
)
START = re.compile(r"(?:^|[.!?:;\n\"'“”‘’(\[•*–-])\s{0,3}$")
CHILD_WORD = re.compile(
    r"\b(?:con|cháu|em|bé|học sinh|nữ sinh|nam sinh|bạn|trò|be|chau|hoc sinh)\b[^.,;]{0,40}$"
)
# Behind these words only a capital starts a name: "phụ huynh thu tiền" is no Mrs Thu.
NO_SMALL = frozenset(
    ("phụ huynh", "phu huynh", "giáo viên", "bảo vệ", "mẹ", "bố", "vợ", "chồng", "bác")
)
# Behind these only a full name counts ("Facebook Lò Văn H", not "Facebook Việt").
BEARERS = frozenset(
    (
        "facebook", "fb", "nick", "zalo", "tài khoản", "phụ huynh", "phu huynh", "giáo viên",
        "bảo vệ", "vợ", "chồng", "lái xe", "tài xế",
    )
)  # fmt: skip
# Pet names that small letters turn into everyday words ("em tin", "bé mơ thấy").
NOT_SMALL = frozenset(("tin", "mơ", "sao", "đen", "mập", "bột", "bánh", "mưa", "nắng", "gió"))
NO_NAME = word_set(
    """không có là rất xin đã đang sẽ cũng muốn thấy nào này ấy nội ngoại được bị cả của và với khi
    nếu thì mà ở đi học hãy ơi yêu chào kính nhà người"""
)
# What a teacher does to a pupil: behind these even "sơn" or "an" is a name.
TEACHES = word_set(
    """sờ dạy mắng chửi quát tát bắt phạt đánh nói bảo đuổi nhốt véo cấu bóp ôm hôn nhắn gọi hay
    lớp chủ nhiệm ơi bị day mang chui quat tat bat phat danh noi bao"""
)
VERBLIKE = word_set(
    """thu thi thương hiền sáng quý trang yên bình thành khoa lợi thắng tiến đông nam xuân tình tài
    tâm đạt định toàn hòa công chiến lan kiên cường tín mến thắm tươi văn chính trung trường
    trưởng ý hồng vinh an đào hiếu phi sinh sơn thái trọng việt vi thiện tiên nhân nhã nhi hoàn
    bảo đăng gia kim kỳ danh bắc chung hợp vui lành cảnh giao lệ trực viên hạ phát điểm đài
    tí ái song nhẫn nhiên ngừng ước xinh đoan thúc tiệp thoại tố trà hữu thanh
    quyền phong nghĩa cúc sen thơ thơm hoài mai cẩm anh lý"""
)


# Given names that open a sentence as ordinary words.
EVERYDAY = frozenset(
    ("Anh", "Nam", "Trung", "Thanh", "Chi", "Con", "Sau", "Tu", "Mai", "Hai", "Ba", "Yeu")
)
SMALL_ENDS = word_set(
    """lớp bị học là và của có đi về ở nhà con mà thì cho được đang đã sẽ tên khối trường trong
    ngoài vì do khi hôm sáng chiều tối nay với cùng ơi ạ à nhé nha này kia ấy đó không ko k lại
    ra vào lên xuống cũng đều rất hay hỏi nói kể bảo đánh mất trú sinh ngụ bán thu dạy tại nữa
    rồi cứ mới vẫn lop bi hoc va cua co di ve o nha ma thi duoc dang da se truong trong ngoai vi
    khi hom sang chieu toi voi cung oi nhe nay kia ay do khong lai ra vao len xuong deu rat hay
    hoi noi ke bao danh mat tru sinh ngu ban thu day tai nua roi cu moi van bat cau la con cho
    ten khoi tuoi em chi anh ong ba thay giao mam non"""
) - {"bao", "thu", "van", "sang", "mai", "tru", "hoc", "trong", "thi", "ha"} | {"học"}

GIVEN_PLAIN_ALL = frozenset(plain(word) for word in GIVEN)
SMALL_GIVEN = (
    (
        frozenset(plain(word) for word in GIVEN)
        - word_set(
            """anh an bao binh chi chien cong dinh dong duc hai ha hanh hang hoa hoai hoan hong khoa
            lam lien loan loi long luan ly mai manh man minh my nam nga ngan nghia nhan nhat nhi
            nhung nhu phong phu quang quoc quy sang sen sinh son suong tai tam tan thai thanh thao
            tham thang theu thi thien thinh tho thom thu thuan thuc tien tin tinh toan ton tri
            trong trung truong tu tuan tuoi van vi viet vinh vu xuan y yen dao dien hiep khang
            khai tuong trang hien linh giang dung hung tuyen cam dat diep dieu"""
        )
    )
    | word_set(
        """bon bin ken kin tun bim mimi nana cherry anna jack jerry tom bella coca pepsi mochi kem
        cun soc gau tho tep tom bap khoai bong sua shin susu kitty boo bob miu nobita rio leo bun"""
    )
) - {"tho", "tom", "gau", "bong", "bap", "sua", "kem", "bun", "khoai"}
"""Given and pet names that stay names when written small and without marks behind "em", "be"."""
GAP_VERB = re.compile(
    r"(?<!\w)(?:gia đình|nạn nhân|bị hại|"
    r"nói|cho biết|cho hay|đến|thăm|về|việc|vụ|em|cháu|bé|khẳng định|yêu cầu|trao|tặng|"
    r"với|gặp|mời|kỷ luật|phê bình|đánh|tát|bị|học sinh|nữ sinh|nam sinh|hs|chồng|vợ|con|nhà|"
    r"tố|mắng|đuổi|xử lý|bảo|gọi|xin lỗi|nghe|được|đã|đang|sẽ|xác nhận|thông tin|hỏi|của)(?!\w)"
)
"""Between an office and a name these say that the name is not the office-holder's."""
# The word that follows a person, for names too short to speak for themselves.
_DOES = (
    r" (?:bị|kể|khóc|bỏ học|bỏ nhà|nhập viện|tử vong|mất tích|qua đời|cho biết|cho hay|chia sẻ|"
    r"nói|tâm sự|nghỉ học|ngất|ngã|đánh|ném|tát|dọa|vẫn|không dám|học lớp|trú|quê|sinh năm|sn|"
    r"được đưa|chặn|rủ|đang học|vừa)(?!\w)"
)
ACTS = re.compile(_DOES)
TITLES = frozenset(("ông", "bà", "cô", "thầy", "anh", "chị", "em", "cháu", "bé"))
COMPOUNDS = frozenset(
    pair.replace("_", " ")
    for pair in word_set(
        """an_khang anh_hùng chi_viên chung_thủy hiếu_thảo hoa_hồng hoa_phượng hoa_quỳnh hoa_đào
    hân_hoan hân_hạnh hạnh_phúc hải_quân hảo_tâm khang_trang mỹ_nhân nhân_hậu phong_phú
    phát_huy phượng_vĩ quang_cảnh quang_vinh quốc_gia sinh_nhật thu_chi trang_trí trân_trọng
    tôn_trọng tường_vi vinh_quang văn_minh"""
    )
)
"""Pairs of syllables that are both given names and together an everyday word."""
COUNTRIES = frozenset(("mỹ", "nga", "anh", "nhật", "hàn", "trung", "pháp", "đức", "việt", "thái"))
ONE_CHILD = frozenset(
    (
        "cháu", "chau", "bé", "be", "em", "bạn", "con", "con bé", "thằng", "bé gái", "bé trai",
    )
)  # fmt: skip
"""Words behind which one given name is enough."""


def full_name(flat: str, at: int) -> bool:
    """Say whether three or more capital words stand here (a person with a place-like surname)."""
    name = NAME.match(flat, at)
    return name is not None and len(name.group().split()) >= 3 and not flat.startswith(
        ("Ho Chi Minh", "Dai hoc", "Truong"), at
    )  # fmt: skip
