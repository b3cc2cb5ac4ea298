"""The words a statement must not say, and those that make them harmless.

Kept apart from the checks, so that a reader who knows the law but no code can go through them.
Patterns are written with marks; ``Phrase`` also finds them without.
"""

from __future__ import annotations

import re

from alerts.statements.read import Phrase

CAPITAL = "A-Z" + "".join(chr(n) for n in range(0xC0, 0x1EFA) if chr(n).isupper())
"""Capitals, for a character class: a range such as À-Ỹ would hold small letters (đ, ạ) too."""

ADULT = (
    r"(?:thầy|cô)(?: giáo)?|giáo viên|nhà giáo|bảo mẫu|cô nuôi|nhân viên|bảo vệ|hiệu trưởng|"
    r"hiệu phó|phó hiệu trưởng|kế toán|thủ quỹ|cấp dưỡng|đầu bếp|tài xế|lái xe|chủ nhiệm|gvcn|"
    r"tổng phụ trách|phụ huynh|cha mẹ học sinh|ông|bà|gv|gvbm"
)
CHILD = r"em học sinh|học sinh|hs|nhóm học sinh|nam sinh|nữ sinh|em|cháu|các em|bạn"
A_CHILD = re.compile(rf"(?<!\w)(?<!phụ huynh )(?<!cha mẹ )(?:{CHILD}|hoc sinh|chau|be)(?!\w)")
SUBJECT = Phrase(rf"{ADULT}|{CHILD}")
BLAME = Phrase(
    r"sai phạm|vi phạm(?! được)|thủ phạm|hung thủ|chủ mưu|cầm đầu|hành hung|bạo hành|"
    r"đánh(?: đập| đấm| em| học sinh| bạn| cháu| trẻ| con| hội đồng| vào| nhau| gãy| bầm)|"
    r"tác động vật lý|đánh mắng|quật|bạt tai|véo tai|không (?:đúng|chuẩn) mực|"
    r"tát|bóp cổ|xâm hại|dâm ô|hiếp dâm|cưỡng hiếp|quấy rối|lạm dụng|trộm(?: cắp)?|lấy cắp|"
    r"ăn cắp|ăn chặn|ăn bớt|bớt xén|tham ô|biển thủ|chiếm đoạt|trục lợi|gian lận|bắt nạt|nhục mạ|"
    r"xúc phạm|lăng mạ|chửi(?: bới| mắng)?|gây ra (?:sự việc|vụ việc|cái chết|thương tích|tai nạn)|"
    r"có lỗi|là người (?:có lỗi|gây ra|chịu trách nhiệm)|tắc trách|vô trách nhiệm|"
    r"thiếu trách nhiệm|"
    r"chịu hoàn toàn trách nhiệm|cố ý|cố tình|bao che|đầu độc|dung túng|hành vi (?:sai trái|"
    r"đồi bại)"
)
BLAME_OF = Phrase(
    rf"(?:sai phạm|vi phạm|lỗi|tội|bạo hành|hành hung|sự tắc trách|sự thiếu trách nhiệm|"
    rf"hành vi [^.,;]{{0,30}}) (?:là )?(?:của|thuộc về|do) (?:một |chính )?(?:{ADULT}|{CHILD})"
)
CULPRIT = Phrase(
    r"(?:thủ phạm|hung thủ|kẻ (?:gây|bạo hành|chủ mưu|cầm đầu)[^.,;]{0,20}) (?:là|chính là)"
)
PASSIVE = Phrase(r"bị|là nạn nhân")
REPORTED = Phrase(
    r"phản ánh|nghi vấn|nghi ngờ|nghi|cho rằng|được cho là|thông tin (?:về|cho)|tin đồn|"
    r"chưa (?:có kết luận|xác định|rõ|được kết luận)|đang (?:được )?(?:xác minh|làm rõ)|lan truyền"
)
IF = Phrase(
    r"nếu|trường hợp (?:có|phát hiện)|khi có kết luận|sau kết luận|sau khi có kết luận|"
    r"bất kỳ|mọi hành vi|mọi hình thức|theo quy định|quy tắc ứng xử|quán triệt|"
    r"chưa có kết luận|có hay không|tuyên truyền|quy định về|tập huấn"
)
EXPEL = Phrase(
    r"đuổi học|(?:tạm )?đình chỉ (?:việc )?học(?: tập)?|buộc thôi học|cho thôi học|"
    r"cho nghỉ học vĩnh viễn|"
    r"không cho (?:em|học sinh|các em)[^.,;]{0,25} (?:đến lớp|đến trường|đi học|vào lớp)|"
    r"cấm (?:em|học sinh|các em)[^.,;]{0,25} (?:đến lớp|đến trường|đi học)|"
    r"(?:buộc|bắt|yêu cầu) (?:em|học sinh|các em)[^.,;]{0,25} chuyển trường|xóa tên (?:em|"
    r"học sinh)|"
    r"cho (?:em|học sinh|các em)[^.,;]{0,25} nghỉ học[^.;]{0,30}(?:kiểm điểm|kỷ luật|răn đe)|"
    r"đình chỉ (?:em|học sinh|các em|nhóm học sinh)|tạm dừng học tập đối với|"
    r"nêu tên (?:em|học sinh)[^.,;]{0,25} (?:trước cờ|trước toàn trường)|bêu tên"
)
UNTRUE = Phrase(
    r"là (?:không|chưa) (?:đúng|chính xác)|là sai(?: sự thật)?|là bịa đặt|không đúng sự thật"
)
DISCIPLINE = Phrase(
    r"(?:sẽ|phải|kiên quyết|nhất định|chắc chắn|cam kết|hứa)[^.;]{0,30}"
    r"(?:kỷ luật|kỉ luật|buộc thôi việc|cho thôi việc|sa thải|đuổi việc|cách chức|"
    r"chấm dứt hợp đồng|xử lý (?:thật )?nghiêm|xử lý nghiêm khắc|nghiêm trị|truy cứu|khởi kiện)|"
    r"(?:đuổi việc|sa thải|cách chức) ngay"
)
COMPENSATE = Phrase(
    r"(?:sẽ|cam kết|hứa)[^.;]{0,30}(?:bồi thường|đền bù|chi trả)[^.;]{0,40}"
    r"(?:ngay|toàn bộ|mọi|thỏa đáng|gấp đôi|hết)|bồi thường (?:ngay|toàn bộ|mọi)"
)
_DIGIT = "một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười"
COUNT = Phrase(
    r"(?:\d{1,3}(?:\.\d{3})+|\d{1,4}|"
    # At most five words: without marks many are the same, and trying all readings takes for ever.
    rf"(?:{_DIGIT})(?: (?:mươi|chục|trăm|{_DIGIT}|mốt|lăm)){{0,4}}|"
    r"hàng chục|hàng trăm|vài chục|vài trăm)"
    r" (?:em|học sinh|hs|cháu|bé|trẻ|người|ca|trường hợp|bệnh nhân|nạn nhân|bạn|giáo viên|gv)"
)
DEATH = Phrase(r"tử vong|thiệt mạng|qua đời|chết")
MONEY = Phrase(r"\d[\d.,]* ?(?:đồng|nghìn đồng|ngàn đồng|triệu(?: đồng)?|tỷ(?: đồng)?|tr)")
HARM = Phrase(
    r"nhập viện|cấp cứu|theo dõi|điều trị|bị thương|thương tích|chấn thương|tử vong|thiệt mạng|"
    r"qua đời|"
    r"ngộ độc|đau bụng|nôn|sốt|ốm|mắc bệnh|dương tính|nghỉ học|bỏ học|mất tích|tổn hại|bị hại|"
    r"bị ảnh hưởng|ra viện|xuất viện|chuyển viện|đuối nước|xây xát|bỏng|gãy|nguy kịch|sức khỏe"
)
TIMED = Phrase(
    r"(?:tính đến|đến|lúc|vào|hồi|sáng|chiều|tối|trưa)[^.;]{0,20}\d{1,2} ?(?:giờ|h|g|:|/|"
    r"phút)[^.;]{0,6}|"
    r"\d{1,2} ?(?:giờ|h)(?: ?\d{1,2})?|\d{1,2}:\d{2}|ngày \d{1,2}[/\-]\d{1,2}(?:[/\-]\d{2,4})?"
)
SOURCED = Phrase(
    r"theo (?!dõi|đó|đúng|từng|học|kế hoạch|hướng|quy định|sát|lịch|tinh thần)\w+|nguồn ?:|"
    r"căn cứ|(?:trạm y tế|bệnh viện|trung tâm y tế|công an|ubnd|cơ sở y tế|sở)[^.;]{0,50}"
    r"(?:cho biết|xác nhận|thông báo|cung cấp|công bố)"
)
SELF_HARM = Phrase(
    r"tự tử|tự sát|tự vẫn|tự tự|quyên sinh|tự hủy hoại|tự làm hại|tự gây thương tích|tự kết liễu|"
    r"kết thúc cuộc (?:đời|sống)|nghĩ quẩn|dại dột|tuyệt mệnh"
)
METHOD = Phrase(
    r"treo cổ|thắt cổ|siết cổ|nhảy (?:lầu|cầu|sông|suối|xuống|từ)[^.,;]{0,20}|"
    r"rơi từ tầng[^.,;]{0,10}|"
    r"uống thuốc(?: \w+){0,2}|thuốc (?:trừ sâu|diệt cỏ|diệt chuột|ngủ)|ăn lá ngón|lá ngón|"
    r"cắt (?:cổ )?tay|rạch tay|cứa (?:cổ )?tay|tự thiêu|uống (?:hóa chất|axit)"
)
# Said of nothing else, whatever the matter is filed under.
OWN_HAND = Phrase(
    r"treo cổ|thắt cổ|nhảy lầu|lá ngón|cắt cổ tay|rạch (?:cổ )?tay|cứa (?:cổ )?tay|tự thiêu"
)
LETTER = Phrase(
    r"thư tuyệt mệnh|(?:bức |lá )?thư (?:để lại|viết)|để lại (?:một )?(?:bức |lá )?(?:thư|"
    r"nhật ký|tin nhắn|"
    r"dòng chữ)|lời trăng trối|nhật ký của em"
)
PLACE = Phrase(
    r"(?:tại|ở|trong|trên|từ) (?:phòng|nhà vệ sinh|tầng|sân thượng|ký túc xá|nhà bán trú|lan can|"
    r"cầu|"
    r"suối|sông|hồ|rừng|nương|gốc cây|cây|nhà riêng|phòng ngủ|khu nội trú)[^.,;]{0,25}"
)
FORCES = Phrase(
    r"thế lực(?: \w+){0,2}|phản động|kẻ xấu|đối tượng xấu|báo lá cải|bồi bút|"
    r"(?:báo chí|phóng viên|nhà báo|tờ báo)[^.;]{0,30}(?:bịa đặt|giật gân|câu view|câu khách|"
    r"thêu dệt|thổi phồng|dựng chuyện|vụ lợi|có ý đồ|xuyên tạc|bôi nhọ|đánh phá)|"
    r"(?:phụ huynh|người dân|người phản ánh)[^.;]{0,30}(?:kích động|có ý đồ|động cơ xấu|chống phá)"
)
VICTIM = Phrase(
    r"(?:do|tại|bởi|lỗi (?:là )?(?:của|do|thuộc về)) (?:chính )?(?:phụ huynh|cha mẹ|bố mẹ|gia đình|"
    r"các em|em|học sinh|cháu|nạn nhân)(?! (?:và )?nhà trường)|"
    r"(?:phụ huynh|gia đình|cha mẹ|bố mẹ)[^.;]{0,20}(?:thiếu (?:quan tâm|trách nhiệm|hiểu biết|"
    r"hợp tác)|"
    r"không quan tâm|buông lỏng|bỏ mặc|vô trách nhiệm|làm quá|gây sức ép)|"
    r"(?:em|cháu|học sinh|nạn nhân)[^.;]{0,20}(?:cũng có lỗi|tự chuốc|vốn (?:hay |là )?(?:nghịch|"
    r"cá biệt|"
    r"hư)|hiếu động quá|nghịch ngợm|cá biệt|hay gây sự|khiêu khích trước)|"
    r"ý thức (?:kém )?của (?:các em|học sinh|phụ huynh)"
)
VICTIM_FINE = Phrase(
    r"do (?:các em|em|học sinh|phụ huynh|gia đình) (?:phản ánh|cung cấp|đề nghị|kể|báo|viết|"
    r"thực hiện|làm|"
    r"đóng góp|bầu|lựa chọn|gửi)"
)
SMALL = Phrase(
    r"(?:chỉ|đơn giản) là (?:một )?(?:chuyện|việc|sự cố|va chạm|mâu thuẫn|trò đùa|trò chơi|"
    r"xích mích|"
    r"vết|hiểu lầm)[^.;,]{0,15}(?:nhỏ|trẻ con|bình thường|nhẹ|thường tình|đùa)|"
    r"chỉ là (?:trò đùa|đùa|trẻ con|chuyện nhỏ)|không có gì (?:nghiêm trọng|đáng (?:lo|ngại|kể|"
    r"nói)|to tát)|"
    r"chuyện (?:nhỏ|vặt|thường ngày)|không đáng (?:kể|lo|ngại)|không nghiêm trọng|"
    r"chỉ (?:bị )?(?:xây xát|trầy xước|đau bụng|bầm|sưng|thương)[^.;,]{0,12}(?:nhẹ|thôi|ngoài da)|"
    r"chỉ có (?:vài|một vài|\d{1,3}|một|hai|ba) (?:em|học sinh|ca|trường hợp|cháu)|"
    r"(?:bị )?(?:thổi phồng|làm quá|phóng đại|làm ầm|nghiêm trọng hóa)"
)
ASK_DELETE = Phrase(
    r"(?:đề nghị|yêu cầu|mong|kính mong|xin|nhờ|kêu gọi|buộc)[^.;]{0,60}"
    r"(?:gỡ(?: bỏ)?|xóa(?: bỏ)?|rút(?: lại)?|ngừng|dừng|không (?:được )?(?:đăng|phản ánh|"
    r"bình luận|lên tiếng|"
    r"phát biểu|góp ý|nói|đưa tin))[^.;]{0,20}"
    r"(?:bài(?: viết| đăng| báo)?|bình luận|ý kiến|phản ánh|góp ý|đánh giá|đơn|lên mạng|"
    r"thông tin|tin)"
)
DELETED = Phrase(
    r"(?:đã|sẽ) (?:xóa|ẩn|chặn)[^.;]{0,25}(?:bình luận|ý kiến|bài viết|tài khoản|góp ý|phản ánh)"
)
DELETE_FINE = Phrase(
    r"hình ảnh|clip|video|ảnh|thông tin cá nhân|không chính xác|sai sự thật|không đúng|"
    r"chưa chính xác|"
    r"danh tính|sai lệch|bịa đặt|chưa (?:được )?(?:kiểm chứng|xác minh)|xin lỗi"
)
THREAT = Phrase(
    r"(?:sẽ|phải)[^.;]{0,25}(?:khởi kiện|kiện|xử lý|truy cứu|"
    r"chịu trách nhiệm trước pháp luật)[^.;]{0,30}"
    r"(?:phụ huynh|người (?:đăng|phản ánh|chia sẻ|bình luận)|phóng viên|nhà báo)|"
    r"(?:phụ huynh|người (?:đăng|phản ánh|chia sẻ|bình luận))[^.;]{0,25}(?:sẽ|phải) "
    r"(?:bị xử lý|chịu trách nhiệm trước pháp luật|bị phạt)"
)
SILENT = Phrase(
    r"không (?:có gì )?(?:bình luận|phát biểu gì)|miễn bình luận|đang chờ (?:cấp trên|chỉ đạo)"
)
PICTURE = Phrase(
    r"(?:xem|kèm(?: theo)?|đính kèm|đăng(?: tải)?|dưới đây là|gửi kèm)[^.;]{0,20}"
    r"(?:ảnh|hình|hình ảnh|clip|video)[^.;]{0,20}(?:em|cháu|học sinh|các em|nạn nhân)"
)
# One child, not pupils at large: «hỗ trợ học sinh thuộc hộ nghèo» is about nobody in particular.
ONE_CHILD = (
    r"(?:(?:một |nam |nữ |em )học sinh|học sinh (?:này|ấy|đó|nói trên|bị hại)|nữ sinh|nam sinh|"
    r"(?<!các )(?<!trẻ )(?<!những )(?:em|cháu|bé)(?: gái| trai| này| ấy| đó| nói trên)?)"
)
DETAILS = Phrase(
    rf"{ONE_CHILD}[^.;,]{{0,12}}(?:,? )\(?\d{{1,2}} tuổi|"
    rf"(?:{ONE_CHILD})[^.;]{{0,25}}(?:mồ côi|hộ nghèo|hộ cận nghèo|bố mẹ (?:ly hôn|ly thân)|"
    rf"khuyết tật|tự kỷ|"
    rf"tăng động|chậm phát triển|trầm cảm|nhiễm hiv|có thai|mang thai|động kinh)|"
    rf"(?:{ONE_CHILD})[^.;,]{{0,12}} (?:là )?(?:người )?dân tộc \w+|"
    rf"(?:{ONE_CHILD})[^.;]{{0,20}}(?:nhà ở|trú tại|quê ở|ở nhà số|thường trú|ở (?:bản|thôn|xóm|"
    rf"tổ)) \w+|"
    rf"(?:{ONE_CHILD})[^.;]{{0,20}}(?:là )?con (?:của |nhà )?(?:ông|bà|anh|chị|cô giáo|thầy giáo|"
    rf"trưởng bản)|"
    rf"(?:{ONE_CHILD}) duy nhất"
)
GRADE = Phrase(
    r"(?:học sinh|em|nữ sinh|nam sinh|cháu|bé)[^.;,]{0,15}(?:lớp|khối) \d{1,2}|học lớp \d{1,2}"
)
SUPPLIER = (
    r"(?:[Cc]ông ty|CÔNG TY|[Cc]ong ty|CTY|[Cc]ty|HTX|[Hh]ợp tác xã|[Hh]op tac xa|[Cc]ơ sở|"
    r"[Cc]o so|"
    r"[Cc]ửa hàng|[Cc]ua hang|[Nn]hà cung cấp|[Nn]ha cung cap|[Hh]ộ kinh doanh|[Đđ]ại lý|[Nn]hà xe|"
    r"[Bb]ếp ăn|[Qq]uán|[Nn]hà hàng|[Tt]iệm|[Dd]oanh nghiệp)"
    r"(?: (?:TNHH|tnhh|[Cc]ổ phần|CP|MTV|một thành viên|thực phẩm|suất ăn|dịch vụ|thương mại|"
    r"chế biến|"
    r"tư nhân|thuc pham|suat an))*"
    rf" (?!Trường|Trạm|Bệnh|Sở|UBND|Trung|Y |TNHH)(?:[{CAPITAL}][\wÀ-ỹ]+)(?: [{CAPITAL}][\wÀ-ỹ]*)*"
)
UPDATE = Phrase(
    r"(?:cập nhật|thông tin tiếp|thông tin thêm|thông báo tiếp|thông tin tiếp theo|hẹn trả lời|"
    r"trả lời|"
    r"thông báo kết quả)[^.;]{0,60}(?:\d{1,2} ?(?:giờ|h|g)|\d{1,2}:\d{2}|ngày \d{1,2})"
)
NOT_YET = Phrase(
    r"chưa (?:rõ|có|biết|xác định|được xác định|đủ|thể)|đang (?:được )?(?:xác minh|làm rõ|chờ|"
    r"kiểm tra)|"
    r"sẽ (?:được )?(?:thông báo|cập nhật|cung cấp) (?:sau|khi)"
)
