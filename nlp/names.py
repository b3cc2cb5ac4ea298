"""Words around persons: surnames, pet names, public offices, and places that look like names.

Open lists of the language, not of people: who is named is decided by ``nlp.shield`` from the words
round a name, these lists only say what may be a name at all.
"""

from __future__ import annotations

from nlp.plain import plain


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text block parted by white space."""
    return frozenset(words.split())


SURNAMES = word_set(
    """nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh
    trương lâm đinh mai tô hà cao phùng tạ thái chu châu quách tống kiều lưu la vi triệu nông ma hứa
    bế lục lương quan nghiêm thân khổng giáp ông ngụy mạc bàn đồng từ lại doãn tăng văn thạch kim
    sơn danh chau lò lường quàng tòng cà cầm vì bạc điêu đèo lèo hoàng kha lộc ngân vi hạng giàng
    vàng vừ thào sùng lầu mùa chá cứ ly lỳ tráng tẩn chảo phàn lù pờ poòng khoàng chang pao páo sình
    thèn xồng xín hảng cháng ly mua lừu sồng hờ và dờ giừ thò phừ mùi phình ksor siu kpă rơ rah nay
    puih rmah y hà niê ayun alê êban bkrông kbuôr blong ka brao đàm ninh viên uông âu diệp nhan
    lã
    cil lơ liêng rơ ông tòng mè lê tiêu bạch phương thiều cấn khuất sầm hầu lai cù phó chử trà"""
)
RARE_SURNAMES = word_set(
    """lô lữ moong cụt xeo già hờ xồng cứ niê mlô knul byă hwing adrơng enuôl kbuôr tẩn chẻo lở mã
    mạ thàng thền giảng
    ngải phá vạy lìm bờ khà lỳ chừ khang hù pìn sần tải vàng kháng hoọc đinh lỷ bru hồ pơloong arất
    zơ râm alăng bhling bhnướch tơ coor ating blúp hốih dụng đàng trượng thiên não thuận bá nại
    kiên tăng neang chau néang huỳnh thị uy hán tạo phú miêu từ quảng não thập dương châu"""
) - frozenset(("thị", "hồ", "vàng", "thiên", "tạo", "từ", "thập", "phú", "quảng", "kiên", "dụng"))
"""Surnames of smaller peoples; only trusted with a whole name behind them."""
SURNAMES_PLAIN = frozenset(plain(word) for word in SURNAMES)
# Surnames that are everyday words once marks and capitals are gone; alone they start no name.
RISKY_PLAIN = word_set(
    """la ma tu lai tang van cao ha ho vu to ta chu chau quan than ong ban dong son danh ca vi bac
    ly mua va do gio tho phu mui nay y ka cam ngan mai kim hua be luc khong nang tan vang hang cha
    cu
    hau phuong tra me co so long au trang dan thai lo giap ninh vien bach tong mac ngo duong"""
)
FEW_SURNAMES = word_set(
    """nguyen tran le pham hoang huynh phan vo dang bui do dinh trinh truong lam phung trieu luong
    giang vu sung lau thao lo vang ho ngo duong ly dao doan vuong luu quang tong lu"""
)
"""Surnames trusted to start a full name written without capitals or marks, if more words follow."""
FEW_SURNAMES_MARKED = word_set(
    """nguyễn trần lê phạm hoàng huỳnh phan đặng bùi đinh trịnh trương lâm phùng giàng sùng lầu thào
    lò vừ quàng lường tòng quách"""
)
"""The same for small letters with marks; surnames that are everyday words are left out."""

PET_NAMES = word_set(
    """bông bống bon bin ben bo bi bí bim bờm bắp ngô khoai tôm cua ốc tép cá sóc gấu thỏ mèo cún
    nhím
    chuột tí tèo tũn tun ken ki kiki kin ku cu míp mít mận mơ na nấm nếp gạo cốm kẹo kem kén sữa
    bơ bào bưởi cam quýt chanh chuối dâu dừa táo ổi xoài su sumo susu sò sushi shin shu sam sa
    tin ti tíu tôm zin zon jin ji jerry tom jack bella anna cherry coca pepsi soda đậu đốm bột bún
    ngỗng vịt gà heo lợn nghé voi hổ sói sao mây mưa nắng gió cát bụi lúa rơm rạ thóc mì miu my mina
    nana nini nhi nho nhót khế hến ngao cò cà chíp chip chíp bòn bẹp bệu bủm bánh mập
    bé-con đen ớt tiêu gừng hành tỏi hạt hột boo bob bun mon moon min minmin sun sunny lucky rio leo
    kitty candy lily lyly daisy rosie mochi pi panda doremi nobita xuka shizuka sumi suri subi dế"""
)

_GIVEN = """anh ánh ân bách bảo bích bình cẩm chi chiến chinh cường công cúc diễm diệp diệu doanh
    dung dũng duy duyên dương đạt điệp định đông đức gấm giang hà hải hân hạnh hằng hậu hiên hiền
    hiếu
    hiệp hoa hòa hoài hoàn hoan hồng huân huệ hùng huy huyền hưng hương hường khánh khải khang khoa
    khôi khuê kiên kiều kỳ lam lan liên liễu linh loan lộc lợi long luân luyến lý mai mạnh mến mẫn
    minh
    mỹ mỷ my nam nga ngân nghĩa ngọc nguyên nguyệt nhã nhàn nhân nhật nhi nhung như oanh phi phong
    phú
    phúc phụng phương phượng quân quang quế quốc quý quyên quyền quỳnh sáng sen sinh sơn sương tài
    tâm tân
    tấn thái thanh thành thảo thắm thắng thêu thi thiện thịnh thoa thoan thơ thơm thu thuận thục
    thùy
    thủy thúy thư thương tiến tiên tín tình toàn toản tôn trâm trân trang tri trí trinh trọng trúc
    trung
    trường trưởng tú tuân tuấn tuệ tùng tuyền tuyến tuyết tươi uyên vân vi việt vinh vũ vương vy
    xoan
    xuân xuyến ý yên yến đào"""
_GIVEN_MORE = """an ái gia kim đăng hạ khả tường hữu cát vĩnh kỳ song diễm phước băng bá thạch
    danh lâm
    vĩ tâm hào kiệt khang khiêm lộc nhẫn phát phấn sỹ sĩ thuyên thụy triết triều trực trường tường
    uy văn viên xuyên ánh bắc châu cảnh chung dịu duệ đan đoan giao hảo hiển hoan hợp khuyên lài
    lành lệ liêm lựu lý mây miên nhài nhâm nhiên nết ngát ngần ngừng phin pánh thắm thoại thúc
    thược tiệp tố trà tuyền vui vượng xinh ước yên út đài đằng đoài hậu tí bảo tuệ mẫn"""
# Given names of Mông, Dao, Thái, Hà Nhì and the peoples of the Central Highlands.
_GIVEN_HILLS = """nỏ và chứ páo tủa dế lử sính súa dợ dua sua mỷ mẩy xá xua sềnh lềnh chu vừ pó chờ
    khua lả dình sình phía dê cở pà chớ dở dì pàng sử tếnh chống thào dủa dếnh nênh nhìa sáu thếnh
    giống trừ vảng mảy lở tả láo sỳ seng phủ san phẩy pham mùi ghển khe mìn chìn sài pu xè gơ mỳ lế
    pơ hừ lòng chí hụ nụ sừ bơ xa pánh inh hịa hặc pấng pâng tượng thoong păn ịn phanh phóng ọi dịu
    biên chựa lún ín un piêng muôn hoan thoan sương pản chum xôm bun phăn ngoan brơi blok lan nay
    phen ly hoàng xuân yang tơ krông đam xiêng bling bhơi"""


def _both_tones(words: frozenset[str]) -> frozenset[str]:
    """Return the words with tones set the old and the new way ("hòa", "hoà")."""
    table = {"òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "ùy": "uỳ", "úy": "uý",
             "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ", "òe": "oè", "óe": "oé"}  # fmt: skip
    more = {
        word.removesuffix(old) + new
        for word in words
        for old, new in table.items()
        if word.endswith(old)
    }
    return words | more


HILLS_GIVEN = word_set(_GIVEN_HILLS)
GIVEN = _both_tones(word_set(_GIVEN) | word_set(_GIVEN_MORE))
# Given names that stay names when written small and without marks behind "co", "chi", "em" ...
GIVEN_PLAIN = word_set(
    """thuy huong linh yen nga loan oanh nhung quynh trinh uyen phuong thao huyen tuyet nguyet hien
    hanh hue lien ngoc bich trang van lan diem diep huy hung dung tuan cuong thang dat khanh"""
)

# What may stand behind "em", "học sinh", "bạn" with a capital and is no person.
_NOT_PERSONS = """
    việt nam|hà nội|hải phòng|đà nẵng|cần thơ|hồ chí minh|sài gòn|thừa thiên huế|huế|hà giang|
    cao bằng|lai châu|sơn la|điện biên|lào cai|yên bái|lạng sơn|bắc kạn|bắc cạn|thái nguyên|
    tuyên quang|phú thọ|vĩnh phúc|bắc ninh|bắc giang|quảng ninh|hải dương|hưng yên|hòa bình|
    thái bình|hà nam|nam định|ninh bình|thanh hóa|nghệ an|hà tĩnh|quảng bình|quảng trị|
    quảng nam|quảng ngãi|bình định|phú yên|khánh hòa|ninh thuận|bình thuận|kon tum|gia lai|
    đắk lắk|đắk nông|đăk nông|lâm đồng|bình phước|tây ninh|bình dương|đồng nai|bà rịa|vũng tàu|
    long an|tiền giang|bến tre|trà vinh|vĩnh long|đồng tháp|an giang|kiên giang|hậu giang|
    sóc trăng|bạc liêu|cà mau|trung quốc|hàn quốc|nhật bản|anh quốc|pháp|campuchia|thái lan|
    ấn độ|úc|canada|singapore|malaysia|ukraine|israel|tây nguyên|tây bắc|miền núi|miền bắc|
    miền nam|trường|lớp|bộ|sở|phòng|ubnd|thpt|thcs|ptdtbt|tiểu học|mầm non|đại học|cao đẳng|
    khối|năm|đoàn|đội|công an|tp|tỉnh|huyện|xã|phường|quận|thành phố|hs|gv|sgk|facebook|zalo|
    tiktok|đọc|đăk lăk|đắc lắc|đăk|đắk|đại sứ|văn phòng|chủ tịch|chủ nhật|văn hóa|văn hoá|công ty|
    công đoàn|công nghệ|công nhân|liên hiệp|liên hợp|hiệp hội|cô|thầy|hoàng sa|xuân mai|
    con rồng cháu tiên|rồng cháu tiên|thái bình dương|đồng bằng sông|hoàng anh gia lai|
    phan rang|văn miếu|quốc tử giám|trường sa|hoàng sa|biển đông|phan thiết|cao đài|hòa hảo|
    tiên học lễ|năm học|yêu trường|đà lạt|nha trang|quy nhơn|đảng|nhà nước|quốc hội|liên đội|khmer|
    mông|tày|nùng|kinh|mường|ê đê|chăm|
    học viện|trung tâm|câu lạc bộ|clb|hiệu trưởng|ban giám hiệu|giáo viên|phụ huynh|olympic|tây|
    ielts|vn|mái ấm|nguyên đán|ngữ văn|tiếng anh|tiếng việt|vật lý|hóa học|covid|nhà trường|rịa
"""
NOT_PERSONS = tuple(
    sorted((name.strip() for name in _NOT_PERSONS.split("|")), key=len, reverse=True)
)

# Offices held in public: who speaks in one keeps the name.
OFFICES = (
    r"chủ tịch|phó chủ tịch|bí thư|phó bí thư|hiệu trưởng|phó hiệu trưởng|hiệu phó|giám đốc|"
    r"phó giám đốc|trưởng phòng|phó trưởng phòng|phó phòng|trưởng ban|phó trưởng ban|"
    r"trưởng công an|phó trưởng công an|phó công an|trưởng trạm|trạm trưởng|cục trưởng|"
    r"phó cục trưởng|vụ trưởng|phó vụ trưởng|chánh văn phòng|phó chánh văn phòng|chánh thanh tra|"
    r"bộ trưởng|thứ trưởng|thủ tướng|phó thủ tướng|tổng bí thư|tổng thống|chủ nhiệm ủy ban|"
    r"đại biểu|đbqh|đbhđnd|"
    r"viện trưởng|phó viện trưởng|người phát ngôn|phát ngôn viên|thư ký hội đồng|tổng thư ký|"
    r"đại tướng|thượng tướng|trung tướng|thiếu tướng|đại tá|thượng tá|trung tá|thiếu tá|đại úy|"
    r"thượng úy|trung úy|thiếu úy|đồn trưởng|đồn phó|chính trị viên|tổng phụ trách|bí thư đoàn|"
    r"chủ tịch công đoàn|lãnh đạo|đại diện|cán bộ|chuyên viên|kiểm sát viên|thẩm phán|luật sư|"
    r"bác sĩ|bs|tiến sĩ|ts|gs|pgs|ths|thạc sĩ|giáo sư|phó giáo sư|nhà nghiên cứu|chuyên gia|"
    r"nhà văn|nhà thơ|nhà báo|phóng viên|nhạc sĩ|ca sĩ|diễn viên|đạo diễn|nghệ sĩ|nsnd|nsưt|mc|"
    r"hoa hậu|á hậu|cầu thủ|huấn luyện viên|hlv|tiền đạo|thủ môn|kỷ lục gia|ceo|nhà sáng lập|"
    r"ủy viên|uỷ viên|chánh án|phó chánh án|trưởng đoàn|phó trưởng đoàn|thống đốc|thị trưởng|"
    r"thượng nghị sĩ|ngoại trưởng|phó tổng giám đốc|chủ tọa|điều tra viên|trưởng khối|"
    r"hội trưởng|trưởng thôn|trưởng bản|già làng|tổng giám đốc|chủ tịch hđqt|tỷ phú|tỉ phú|"
    r"hiệu trưởng nhà trường|quyền hiệu trưởng|người đứng đầu|trưởng khoa|phó trưởng khoa|"
    r"trưởng bộ môn|tổ trưởng chuyên môn|anh hùng|liệt sĩ|hạ sĩ|trung sĩ|thượng sĩ|binh nhất|"
    r"binh nhì|nhà giáo ưu tú|"
    r"nhà giáo nhân dân|ngưt|ngnd|nghệ nhân|vận động viên|vđv|kỳ thủ|võ sĩ|người đẹp|đại sứ|"
    r"tổng lãnh sự|cố vấn|chi cục trưởng|kế toán trưởng|tổ trưởng|tổ phó|phó chủ nhiệm|"
    r"phó chi cục trưởng|"
    r"trưởng phân hiệu|trưởng tiểu ban|chủ biên|tổng chủ biên|nhà sử học|nhà giáo|người mẫu|"
    r"youtuber|tiktoker|danh hài|giảng viên cao cấp|bí thư chi bộ|trưởng ấp|đội trưởng|"
    r"tổng biên tập|thuyền trưởng|linh mục|hòa thượng|thượng tọa|danh tướng|vua|bác hồ"
)

ILLNESSES = (
    r"dương tính(?: với)? hiv|nhiễm hiv|hiv(?:/aids)?|viêm gan [abc]|tự kỷ|trầm cảm|động kinh|"
    r"tăng động(?: giảm chú ý)?|rối loạn (?:lo âu|tâm thần|phổ tự kỷ|tăng động)|tâm thần|"
    r"bệnh tim(?: bẩm sinh)?|tim bẩm sinh|ung thư(?: máu)?|bạch cầu|máu trắng|tiểu đường|hen suyễn|"
    r"bệnh lao|lao phổi|chậm phát triển(?: trí tuệ)?|thiểu năng|bại não|down|suy thận|"
    r"suy dinh dưỡng|sâu răng|ghẻ|chấy rận|mang thai|có thai|sảy thai|giang mai|lậu|béo phì|"
    r"câm điếc|khiếm thị|khiếm thính|chậm nói|nói ngọng|nói lắp|adhd|hội chứng down|u não|"
    r"thủy đậu|thuỷ đậu|quai bị|suy tim|chạy thận|xương thủy tinh|máu khó đông|đái dầm|"
    r"rối loạn ngôn ngữ|tự hại|nghiện (?:ma túy|game)|vẹo cột sống|teo cơ|"
    r"liệt (?:nửa người|hai chân)|"
    r"bướu cổ|lang ben|hắc lào|tan máu bẩm sinh|hở van tim|khuyết tật(?: trí tuệ)?|"
    r"tay chân miệng|dị ứng (?:hải sản|tôm|cua|đậu phộng|lạc|sữa|trứng|thuốc|thời tiết|phấn hoa)|"
    r"bệnh sởi|ho gà|bạch hầu|sốt (?:xuất huyết|rét)|"
    r"viêm (?:phổi|phế quản|màng não|não|ruột thừa|da cơ địa|khớp|cầu thận|xoang|dạ dày)|"
    r"hen phế quản|thận hư|bệnh (?:thận|gan|phổi|hiểm nghèo|xã hội|nền|thần kinh|ngoài da)|"
    r"đái tháo đường|thiếu máu|lupus|bại liệt|dị tật(?: bẩm sinh)?|loạn dưỡng cơ|"
    r"rối loạn (?:ăn uống|giấc ngủ|lưỡng cực|cảm xúc|hành vi)|nhiễm giun|chốc lở|đau mắt đỏ|"
    r"dậy thì sớm|mù màu|có bầu|phá thai|nạo thai|tật nguyền|"
    r"tự (?:rạch|cắt|cứa)(?: (?:tay|chân|cổ tay|đùi))?|tự làm đau"
)
