"""Who and what may be named: office-holders, history, schools, streets and works called after it.

The shield covers a name that nobody vouches for. "Ông Lò Văn Gió, Chủ tịch xã" answers to the
public by name, and stays named when the text only says "ông Gió" later on; "Chủ tịch xã đến thăm Lò
Văn Gió" vouches for nobody. The names here are a closed list of history and of the curriculum, not
of living people.
"""

from __future__ import annotations

import re

from nlp.names import GIVEN, SURNAMES, word_set
from nlp.plain import plain
from nlp.shield_scan import word_start
from nlp.shield_words import (
    FULL,
    GAP_VERB,
    NOT_PERSON,
    OFFICE,
    OFFICE_AFTER,
    OFFICE_BEFORE,
    PRIVATE_BEFORE,
)

Span = tuple[int, int]

_NAMES = """
    tô lâm|lương cường|phạm minh chính|trần thanh mẫn|nguyễn phú trọng|mỹ tâm|văn mai hương|
    hồ ngọc hà|trấn thành|hoài linh|quang hải|công phượng|sơn tùng|phương mỹ chi|đức phúc|
    bích phương|tùng dương|hà anh tuấn|tóc tiên|noo phước thịnh|ánh viên|thùy tiên|quang linh|
    hồ chí minh|nguyễn ái quốc|nguyễn tất thành|nguyễn sinh cung|nguyễn sinh sắc|võ nguyên giáp|
    phạm văn đồng|trường chinh|lê duẩn|tôn đức thắng|nguyễn lương bằng|trần phú|lê hồng phong|
    hà huy tập|nguyễn văn cừ|nguyễn thị minh khai|hoàng văn thụ|phan đăng lưu|ngô gia tự|
    nguyễn đức cảnh|châu văn liêm|võ văn kiệt|nguyễn văn linh|đỗ mười|lê đức thọ|nguyễn chí thanh|
    văn tiến dũng|hoàng văn thái|chu huy mân|nguyễn thị định|nguyễn thị bình|võ văn tần|
    võ chí công|nguyễn hữu thọ|huỳnh tấn phát|nguyễn văn trỗi|võ thị sáu|lê văn tám|nông văn dền|
    kim đồng|lý tự trọng|phan đình giót|tô vĩnh diện|bế văn đàn|trần can|hoàng công chất|
    lò văn hặc|vừ a dính|nguyễn bá ngọc|cù chính lan|la văn cầu|ngô thị tuyển|núp|
    nguyễn viết xuân|đặng thùy trâm|nguyễn văn thạc|mạc thị bưởi|trần văn ơn|tô hiệu|
    trần đại nghĩa|tôn thất tùng|hồ đắc di|phạm ngọc thạch|đặng văn ngữ|lương định của|
    phạm tuân|trần quốc hoàn|hoàng quốc việt|bùi thị xuân|bà triệu|triệu thị trinh|hai bà trưng|
    trưng trắc|trưng nhị|lý nam đế|lý bí|triệu quang phục|mai thúc loan|phùng hưng|khúc thừa dụ|
    dương đình nghệ|ngô quyền|đinh bộ lĩnh|đinh tiên hoàng|lê hoàn|lê đại hành|lý thái tổ|
    lý công uẩn|lý thái tông|lý thánh tông|lý nhân tông|lý thường kiệt|trần thủ độ|trần thái tông|
    trần nhân tông|trần hưng đạo|trần quốc tuấn|trần quốc toản|trần quang khải|trần nhật duật|
    trần bình trọng|trần khánh dư|phạm ngũ lão|yết kiêu|chu văn an|hồ quý ly|lê lợi|lê thái tổ|
    lê thánh tông|lê lai|nguyễn trãi|lương thế vinh|mạc đĩnh chi|mạc đăng dung|phùng khắc khoan|
    nguyễn bỉnh khiêm|lê quý đôn|ngô thì nhậm|ngô sĩ liên|lê văn hưu|đào duy từ|đào duy anh|
    nguyễn hoàng|nguyễn phúc nguyên|nguyễn hữu cảnh|quang trung|nguyễn huệ|nguyễn nhạc|
    nguyễn ánh|gia long|minh mạng|tự đức|nguyễn công trứ|cao bá quát|nguyễn trường tộ|
    trương định|nguyễn trung trực|nguyễn hữu huân|thủ khoa huân|nguyễn đình chiểu|phan thanh giản|
    phan đình phùng|tôn thất thuyết|hoàng hoa thám|đề thám|phan bội châu|phan châu trinh|
    phan chu trinh|huỳnh thúc kháng|lương văn can|nguyễn thái học|trần cao vân|thái phiên|
    nguyễn an ninh|hàm nghi|duy tân|nguyễn thiện thuật|nguyễn du|đoàn thị điểm|hồ xuân hương|
    bà huyện thanh quan|nguyễn khuyến|trần tế xương|tú xương|tản đà|nguyễn gia thiều|
    lê hữu trác|hải thượng lãn ông|tuệ tĩnh|nam cao|ngô tất tố|vũ trọng phụng|nguyễn công hoan|
    nguyên hồng|thạch lam|nhất linh|khái hưng|hoàng đạo|xuân diệu|huy cận|chế lan viên|
    hàn mặc tử|nguyễn bính|lưu trọng lư|thế lữ|vũ đình liên|anh thơ|tế hanh|tố hữu|tô hoài|
    nguyễn tuân|kim lân|nguyễn đình thi|hoàng cầm|quang dũng|chính hữu|phạm tiến duật|
    nguyễn khoa điềm|thanh thảo|xuân quỳnh|lưu quang vũ|nguyễn minh châu|nguyễn quang sáng|
    nguyễn trung thành|nguyên ngọc|nguyễn thành long|lê minh khuê|nguyễn khải|nguyễn duy|
    hữu thỉnh|viễn phương|y phương|bằng việt|trần đăng khoa|nguyễn nhật ánh|nguyễn huy tưởng|
    nguyễn huy thiệp|bảo ninh|nguyễn ngọc tư|hoàng phủ ngọc tường|đoàn giỏi|võ quảng|phạm hổ|
    nguyễn thi|anh đức|phan tứ|hồ phương|đỗ chu|ma văn kháng|hoàng trung thông|thu bồn|
    nguyễn mỹ|nguyễn việt chiến|trần hoàn|văn cao|trịnh công sơn|phạm duy|hoàng vân|phong nhã|
    phạm tuyên|đỗ nhuận|lưu hữu phước|hoàng việt|nguyễn văn thương|trần văn khê|tô ngọc vân|
    nguyễn phan chánh|nguyễn sáng|bùi xuân phái|trần văn cẩn|lê vĩnh diện|trần văn giàu|
    ngô bảo châu|lê văn thiêm|tạ quang bửu|hoàng tụy|nguyễn văn huyên|nguyễn văn tố|
    đặng thai mai|hoài thanh|trần huy liệu|ngọc hân|dương quảng hàm|bác hồ|lão hạc|chí phèo|
    thị nở|chị dậu|lão goriot|lục vân tiên|thúy kiều|thúy vân|từ hải|kim trọng|thạch sanh|
    lý thông|tấm cám|thánh gióng|mai an tiêm|sơn tinh|thủy tinh|lang liêu|lạc long quân|âu cơ|
    an dương vương|trọng thủy|mị châu|vũ nương|trương sinh|phùng há|huỳnh mẫn đạt|võ trường toản|
    nguyễn đức thuận|lê thị hồng gấm|lê thị riêng|nguyễn minh khai|hồ thị kỷ|mai văn bộ|
    phan thanh|trần quý cáp|ông ích khiêm|thái thị bôi|lê đình chinh|nguyễn văn bé|hồ thị cẩm|
    phạm hồng thái|lê văn sỹ|võ thị thắng|bùi hữu nghĩa|đồ chiểu|nguyễn thông|trần văn thời|
    phan văn trị|lê quang định|trịnh hoài đức|nguyễn hữu tiến|lý chính thắng|nguyễn kiệm|
    cao thắng|phan ngữ|tống duy tân|nguyễn xí|đinh lễ|trần nguyên hãn|nguyễn chích
"""
FAMOUS = frozenset(name.strip() for name in _NAMES.split("|"))
FAMOUS_PLAIN = frozenset(plain(name) for name in FAMOUS)

# A capital word behind these is a school, a street, a prize, a work: named after someone.
_AFTER = (
    r"trường|thcs|thpt|ptdtbt|ptdtnt|gdtx|th|tiểu học|trung học|mầm non|mẫu giáo|chuyên|đại học|"
    r"đh|cao đẳng|học viện|học|đường|phố|đại lộ|quốc lộ|cầu|hầm|ngã tư|ngã ba|ngã năm|vòng xoay|"
    r"quảng trường|công viên|chợ|bến xe|ga|sân vận động|svđ|nhà thi đấu|nhà hát|cung|hội trường|"
    r"quận|huyện|thị xã|thị trấn|xã|phường|tỉnh|tp|thành phố|thôn|bản|buôn|làng|ấp|xóm|khu|tổ|"
    r"núi|sông|suối|hồ|đảo|đèo|đồi|vịnh|bãi|cầu vượt|nút giao|hầm chui|rừng|thác|giải|"
    r"giải thưởng|cúp|quỹ|học bổng|"
    r"bệnh viện|trung tâm|công ty|tập đoàn|ngân hàng|cửa hàng|siêu thị|khách sạn|nhà hàng|"
    r"tượng đài|tượng|đền|chùa|lăng|nhà thờ|miếu|bảo tàng|thư viện|nxb|nhà xuất bản|thơ|truyện|"
    r"tiểu thuyết|bài thơ|bài|tác phẩm|nhân vật|phim|chiến dịch|phong trào|dòng họ|họ|đội|"
    r"trại giam|điểm trường|phân hiệu|cơ sở|chung cư|khu đô thị|tòa nhà|dt|môn|sách|báo|tạp chí|"
    r"chủ tịch|bác|anh hùng|liệt sĩ|thi hào|đại thi hào|danh nhân|trạng nguyên|thầy đồ|vua|"
    r"chương trình|dự án|cuộc thi|hội thi|câu lạc bộ|clb|vở|vở kịch|kịch|game|trò chơi|mô hình|"
    r"ứng dụng|nhóm nhạc|ban nhạc|kênh|hãng|thương hiệu|sữa|gạo|nhà máy|thủy điện|đồn|"
    r"đồn biên phòng|cửa khẩu|cụm|lễ|tết|hội|chiến khu|căn cứ|cánh đồng|lòng chảo"
)
AFTER_THING = re.compile(
    rf"{word_start(f'{_AFTER}|{plain(_AFTER)}')}(?: [\"“'‘])?[ :]{{1,2}}[\"“'‘]?$"
)
AFTER_STREET = re.compile(
    r"(?:duong|Duong|pho|Pho|nga tu|nga ba|quan|phuong|truong|Truong|THCS|THPT|TH|hoc|huyen|xa|ban)"
    r"(?: ?[-–,/]? ?(?:va )?[A-Z0-9][\w.]{0,12}){1,6}(?: ?[-–] ?|, | va |/)$"
)
"""Capitals alone lead here from a street or school: another one, in the text without marks."""
_PLACES = """
    thanh nưa|thanh an|thanh yên|thanh chăn|thanh hưng|thanh luông|thanh xương|thanh minh|
    thanh trường|nam thanh|tân thanh|hua thanh|him lam|noong bua|pom lót|sam mứn|na sang|na son|
    quảng lâm|mường phăng|mường lay|chiềng sinh|tủa chùa|sín chải|sính phình|tủa thàng|sáng nhè|
    si pa phìn|xa dung|mường luân|phình giàng|tìa dình|sín thầu|pú nhung|na ư|tây trang|
    hà đông|thanh xuân|gia lâm|ba đình|hoàn kiếm|đông anh|sơn tây|mỹ đình|mỹ đức|chương mỹ|
    quốc oai|thanh trì|phú xuyên|phúc thọ|đan phượng|long biên|mê linh|phúc yên|việt trì|
    tam kỳ|hội an|điện bàn|sơn trà|hải châu|thanh khê|liên chiểu|phú quốc|lý sơn|phú quý|
    long khánh|long thành|bảo lộc|bảo lâm|di linh|đức trọng|tân bình|tân phú|bình tân|phú nhuận|
    bình thạnh|thủ đức|củ chi|bình chánh|tân an|vị thanh|thuận an|dĩ an|bến cát|phú mỹ|vũng tàu|
    đông hà|đông triều|quảng yên|cẩm phả|hải an|kiến an|mai châu|mai sơn|mộc châu|thuận châu|
    sông mã|yên châu|yên bình|yên thành|diễn châu|nghi sơn|thái thụy|đồng hới|mỹ tho|cao lãnh|
    sa đéc|tân châu|châu đốc|long xuyên|mường thanh|than uyên|tân uyên|phong thổ|tam đường|
    phương đông|đông nam|thái lan|hải quân|việt minh|minh khai|an ninh|thành công|thanh niên|
    an khê|sơn động|lục nam|yên thế|yên dũng|hiệp hòa|tân yên|việt yên|nam trực|hải hậu|ý yên|
    vụ bản|giao thủy|xuân trường|kim sơn|yên mô|yên khánh|hoa lư|nho quan|gia viễn|sơn dương|
    hàm yên|yên sơn|chiêm hóa|lâm bình|quang bình|bắc quang|vị xuyên|hoa ban|trung thu|vu lan
"""
PLACES = frozenset(name.strip() for name in _PLACES.split("|"))
"""Places that read like two given names; only asked where no word tells of a person."""

# Surnames that also start places, works and headings: they need a name-like word behind them.
RISKY = word_set(
    """văn đồng sơn kim từ quan ca thân bàn danh đào cao hồ phương bạch y hà mai lục ông lại và ma
    la tăng thái giáp ngân mùa cà tô chu cứ lưu đoàn vương đinh nông hứa trang vi vì ly tiêu hậu
    âu viên ninh diệp cù mè lai trà mua hờ pao páo đàm tống kiều châu lương lâm vàng khổng du già
    hàng bùi đồng phó lỗ quách rơ nay siu y ka rah lý thạch tòng thò dờ giừ tạ quốc quý điêu"""
)
MIDDLE = frozenset(("thị", "văn", "a", "thi", "van", "đình", "bá", "xuân", "y"))


def is_public(words: list[str], name: str) -> bool:
    """Say whether ``name`` (small letters, split into ``words``) belongs to history."""
    if name in FAMOUS or (name.isascii() and name in FAMOUS_PLAIN):
        return True
    if len(words) > 3 and " ".join(words[:3]) in FAMOUS:
        return True
    return len(words) > 2 and " ".join(words[:2]) in FAMOUS and words[2] not in GIVEN


def part_of_a_thing(head: str) -> bool:
    """Say whether capitals before the surname make it a title ("Trường", "Giải", "Đảng")."""
    return bool(AFTER_THING.search(head)) or NOT_PERSON.match(head) is not None


MANY = 150
"""Names whose other mentions are looked for: each costs a walk through the text."""


class Offices:
    """The office-holders of one text; ``cased`` says whether its capitals tell names."""

    def __init__(self, low: str, flat: str, *, cased: bool) -> None:
        self._low = low
        self._flat = flat
        self._cased = cased
        self._officials: set[str] = set()
        self._learnt = False
        self._sought: set[str] = set()

    def _learn(self) -> None:
        """Remember whom the text calls by office: later they are only "ông Tuấn"."""
        if not self._cased or not OFFICE.search(self._low):
            return
        for match in FULL.finditer(self._flat):
            words = self._low[slice(*match.span())].split()
            if words[0] in SURNAMES and len(words) > 1:
                self.holds(match.span())

    def elsewhere(self, span: Span) -> bool:
        """Say whether another mention of a full name stands beside an office."""
        name = self._low[slice(*span)]
        if " " not in name or len(self._sought | {name}) > MANY:
            return False
        self._sought.add(name)
        at = -1
        for _ in range(5):
            at = self._low.find(name, at + 1)
            if at < 0:
                return False
            if at != span[0] and self.holds((at, at + len(name))):
                return True
        return False

    def vouches(self, span: Span) -> bool:
        """Say whether an office stands beside this or another mention of the name."""
        if self.holds(span):
            return True
        name = self._low[slice(*span)]
        return self.elsewhere(span) or (
            name.rsplit(" ", 1)[-1] in self._officials and " " not in name
        )

    def holds(self, span: Span) -> bool:
        """Say whether the name at ``span`` belongs to somebody who speaks in office."""
        low = self._low
        name = low[slice(*span)]
        before = low[max(0, span[0] - 60) : span[0]]
        last = name.split()[-1]
        if PRIVATE_BEFORE.search(before):
            return False
        office = OFFICE_BEFORE.search(before)
        if office and GAP_VERB.search(office["gap"]):
            office = None
        if office or OFFICE_AFTER.match(low, span[1]):
            self._officials.update((name, last))
            return True
        if " " not in name and not self._learnt:
            self._learnt = True
            self._learn()
        return name in self._officials or (" " not in name and last in self._officials)
