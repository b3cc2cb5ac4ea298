"""What ids are called on the screen. The words are Vietnamese; catalogues turn them into others.

Level, topic and role-of-office names are data of the playbook and are not here.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "sentiment": {"neg": "tiêu cực", "neu": "trung lập", "pos": "tích cực"},
    "stance": {
        "report": "phản ánh",
        "confirm": "xác nhận",
        "deny": "bác bỏ",
        "correct": "đính chính",
        "conclude": "kết luận",
        "comment": "bình luận",
    },
    "phase": {
        "new": "mới",
        "spreading": "lan rộng",
        "steady": "duy trì",
        "fading": "lắng",
    },
    "turn": {"up": "tăng", "down": "giảm", "exact": "rõ hơn", "other": "số khác"},
    "verification": {
        "unverified": "chưa xác minh",
        "partly": "xác minh một phần",
        "verified": "đã xác minh",
        "false": "sai sự thật",
        "insufficient": "không đủ căn cứ",
    },
    "state": {
        "new": "mới",
        "acknowledged": "đã tiếp nhận",
        "verifying": "đang xác minh",
        "responding": "đang ứng phó",
        "awaiting_conclusion": "chờ kết luận",
        "monitoring": "theo dõi sau",
        "closed": "đã đóng",
    },
    "source": {
        "unchecked": "chưa kiểm tra",
        "working": "hoạt động",
        "empty": "trống",
        "failing": "lỗi kết nối",
        "refused": "bị từ chối",
        "malformed": "sai định dạng",
        "undated": "thiếu ngày đăng",
        "silent": "im lặng bất thường",
    },
    "kind": {"news": "bài viết", "comment": "bình luận"},
    "role": {
        "officer": "Cán bộ truyền thông",
        "principal": "Hiệu trưởng",
        "analyst": "Chuyên viên phân tích",
        "admin": "Quản trị",
    },
    "stage": {
        "collect": "thu thập",
        "understand": "đọc hiểu",
        "group": "gom cụm",
        "watch": "so với ngày thường",
        "assess": "đánh giá",
        "act": "mở vụ việc",
        "escalate": "báo cáo cấp trên",
        "tell": "gửi tin báo",
    },
    "problem": {
        "undated": "không ghi ngày đăng",
        "future_date": "ngày đăng ở tương lai",
        "ancient_date": "ngày đăng quá cũ",
        "truncated": "bài quá dài, đã cắt bớt",
        "unreadable": "máy không đọc hiểu được, cần người xem",
    },
    "note": {
        "no_words": "Tin không có chữ nào để máy đọc hiểu.",
        "broken_encoding": "Chữ trong tin bị lỗi phông, máy không đọc hiểu được; hãy mở bài gốc.",
        "not_vietnamese": "Tin không viết bằng tiếng Việt, máy chưa đọc hiểu.",
    },
    "doubt": {
        "shared_name": "nơi khác cũng có trường trùng tên, tin không nói rõ ở đâu",
        "namesakes": "nhiều đơn vị đang theo dõi trùng tên này",
        "weak": "có nhắc tên nhưng ít chi tiết về trường học",
        "initials": "tin chỉ viết tắt tên",
        "landmark": "tên chỉ được nhắc để chỉ chỗ",
        "negated": "tin nói không phải đơn vị này",
        "home": "chỉ là nơi ở hay quê của người được nhắc",
        "elsewhere": "tin còn nhắc tới tỉnh khác",
        "reused_name": "khi ấy tên này là của nơi khác",
    },
    "speaker": {
        "school": "nhà trường",
        "family": "gia đình",
        "commune": "xã, phường",
        "police": "công an",
        "hospital": "bệnh viện, trạm y tế",
        "department": "ngành giáo dục",
    },
    "fact": {
        "dead": "tử vong",
        "injured": "bị thương",
        "hospitalised": "nhập viện",
        "poisoned": "ngộ độc",
        "absent": "nghỉ học",
        "missing": "mất tích",
        "money": "số tiền",
        "arrested": "bị bắt, khởi tố",
        "suspended": "đình chỉ",
        "weapon": "hung khí",
        "sexual_abuse": "xâm hại tình dục",
        "suicide": "tự tử",
        "clip": "có clip, ảnh",
        "police": "công an vào cuộc",
        "data_leak": "lộ dữ liệu",
        "petition": "đơn thư, kiến nghị",
    },
    "done": {
        "tiep-nhan": "Đã tiếp nhận vụ việc.",
        "hoan-thanh": "Đã ghi nhận việc hoàn thành.",
        "xac-minh": "Đã ghi mức xác minh.",
        "tinh-trang": "Đã chuyển tình trạng.",
        "muc": "Đã đổi mức rủi ro.",
        "dong": "Đã đóng vụ việc.",
        "chinh-lai": "Đã ghi chỉnh sửa; mức rủi ro sẽ được tính lại ngay sau đây.",
        "bo-chinh": "Đã bỏ lần chỉnh; mức rủi ro sẽ được tính lại ngay sau đây.",
        "tach": "Đã tách thành cụm riêng; mức rủi ro của hai cụm sẽ được tính lại.",
        "chuyen": "Đã chuyển tin; mức rủi ro của hai cụm sẽ được tính lại.",
        "gop": "Đã gộp vào cụm này; mức rủi ro sẽ được tính lại ngay sau đây.",
        "cung-su-viec": "Đã đánh dấu hai cụm là cùng sự việc.",
        "khong-lien-quan": "Đã đánh dấu hai cụm không liên quan; máy sẽ không ghép chúng nữa.",
        "hoan-tac": "Đã hoàn tác quyết định.",
    },
    "decision": {
        "split": "Tách thành cụm riêng",
        "move": "Chuyển tin",
        "merge": "Gộp cụm",
        "same": "Cùng sự việc",
        "unrelated": "Không liên quan",
    },
    "near": {
        "event": "cùng sự việc (máy ghép)",
        "unit": "cùng đơn vị, trong tháng",
        "title": "tựa đề giống",
        "same": "cùng sự việc (người đánh dấu)",
        "unrelated": "không liên quan (người đánh dấu)",
    },
    "correction": {
        "about_us": "Có nói về đơn vị này",
        "not_about_us": "Không nói về đơn vị này",
        "about_education": "Về giáo dục",
        "sentiment": "Sắc thái",
        "topics": "Chủ đề",
        "risk": "Mức của tin",
    },
    "risk": {
        "0": "0 – bình thường",
        "1": "1 – nên theo dõi",
        "2": "2 – cần xử lý",
        "3": "3 – khủng hoảng",
    },
}


def word(kind: str, value: object) -> str:
    """Return the Vietnamese word for ``value``, or the value itself where none is known."""
    return WORDS[kind].get(str(value), str(value))
