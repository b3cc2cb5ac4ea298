"""Read a draft before people do: what the law forbids, what hurts, what is missing.

A pure function of the text and what is known of the matter. A ``block`` must be mended before the
text may be approved; a ``warn`` is for the reviewer to weigh. Every finding quotes its place, so
that a page can mark it, and says how to mend it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from alerts.statements import words
from alerts.statements.blame import blame
from alerts.statements.draft import UNKNOWN
from alerts.statements.findings import BLOCK, WARN, CheckContext, Finding, here
from alerts.statements.read import Phrase, Sentence, denied, sentences
from alerts.statements.retold import headlines, self_harm
from langnghe.core.text import fold
from nlp.shield import mask
from nlp.shield_words import MARKER

__all__ = ["BLOCK", "WARN", "CheckContext", "Finding", "blocks", "check"]

FOOD, ABUSE = "an_toan_thuc_pham", "xam_hai_tre_em"
_SHIELD = {
    "child_name": "tên học sinh", "adult_private_name": "tên riêng của người không giữ chức vụ",
    "child_class": "lớp của học sinh", "phone": "số điện thoại không phải của đầu mối",
    "email": "địa chỉ thư riêng", "address": "địa chỉ nhà", "id_number": "số định danh",
    "account": "số tài khoản", "plate": "biển số xe", "health": "bệnh tật, sức khỏe riêng",
    "handle": "tài khoản mạng", "birth": "ngày sinh", "body": "đặc điểm nhận dạng",
}  # fmt: skip
_PHONE = re.compile(r"(?<!\d)(?:\+84|0)(?:[ .\-]?\d){8,10}(?!\d)|(?<!\d)1[89]00[ .]?\d{4}(?!\d)")
_ONE = re.compile(r"m(?:ột|ot) [^\W\d]+(?: sinh| viên| hợp| nhân)?$", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>|&#?\w{2,8};")
_EMAIL = re.compile(r"(?<![\w.\-])[\w.\-]{1,64}@[\w\-]{1,63}\.\w")
_SUPPLIER = re.compile(rf"(?<!\w){words.SUPPLIER}")


def check(text: str, context: CheckContext) -> tuple[Finding, ...]:
    """Return what is wrong with a text, in the order of its places; missing things come last.

    Spans lie in the NFC form of ``text``.
    """
    text = unicodedata.normalize("NFC", text)
    parts = sentences(text)
    found = [*_unknown(text, parts), *_shielded(text, parts, context), *_tags(text, parts)]
    for sentence in parts:
        for one in _CHECKS:
            found += one(sentence, context)
        if context.public:
            for one in _PUBLIC_CHECKS:
                found += one(sentence, context)
    found += self_harm(parts, context)
    found += headlines(parts, context)
    unique = {(f.code, f.span): f for f in found}
    placed = sorted(unique.values(), key=lambda f: (f.span, f.code))
    return (*placed, *_missing(text, parts, context))


def blocks(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that must be mended."""
    return [one for one in findings if one.severity == BLOCK]


def _unknown(text: str, parts: Sequence[Sentence]) -> Iterator[Finding]:
    marks = list(UNKNOWN.finditer(text))
    for sentence in parts if marks else ():
        end = sentence.start + len(sentence.text)
        inside = [match for match in marks if sentence.start <= match.start() < end]
        stated = bool(inside) and words.NOT_YET.has(sentence)
        for match in inside:
            yield Finding(
                WARN if stated else BLOCK, "unknown_mark", sentence.text, match.span(),
                f"Còn chỗ chưa rõ: {match[1]}.",
                "Điền dữ kiện đã xác minh, hoặc viết rõ trong câu rằng điều này đang được xác "
                "minh.",
            )  # fmt: skip


def _shielded(text: str, parts: Sequence[Sentence], context: CheckContext) -> Iterator[Finding]:
    """What the child shield would cover has no place in a text that goes out."""
    allowed = fold(" ; ".join(context.allowed))
    digits = re.sub(r"\D", "", " ".join(context.allowed))
    blanked = UNKNOWN.sub(lambda m: " " * len(m[0]), text)
    spans = [(s.start, s.end, s.kind) for s in mask(blanked).spans]
    firms = [m.span() for m in _SUPPLIER.finditer(blanked)]
    for start, end, kind in spans:
        said = text[start:end]
        number = re.sub(r"\D", "", said)
        if (kind in ("phone", "account", "id_number") and number and number in digits) or (
            kind in ("adult_private_name", "email", "address") and fold(said) in allowed
        ):
            continue
        if kind in ("adult_private_name", "child_name") and any(a <= start < b for a, b in firms):
            continue
        # A name typed all in small letters is a guess of the shield's: the reviewer looks.
        guess = kind == "adult_private_name" and said.islower()
        if kind == "child_class" and ABUSE not in context.topics:
            # «lớp 5A chuyển sang phòng khác» tells of nobody; of a child in it, it does.
            guess = not words.A_CHILD.search(_around(parts, start).lower())
        yield Finding(
            WARN if guess else BLOCK,
            "private_name" if kind == "adult_private_name" else "child_data",
            _around(parts, start), (start, end),
            f"Lộ {_SHIELD.get(kind, 'thông tin riêng')}.",
            "Bỏ chi tiết này; gọi chung là «học sinh», «gia đình học sinh» (Luật Trẻ em Điều 6, "
            "NĐ 56/2017 Điều 33).",
        )  # fmt: skip
    for match in MARKER.finditer(text):
        yield Finding(
            BLOCK, "mask_left", _around(parts, match.start()), match.span(),
            "Còn dấu che thông tin riêng chép từ ghi chú.",
            "Viết lại câu để không cần nêu thông tin đã bị che.",
        )  # fmt: skip


def _tags(text: str, parts: Sequence[Sentence]) -> Iterator[Finding]:
    """A text is plain words; a tag within a name would also hide it from every check."""
    for match in _TAG.finditer(text):
        yield Finding(
            BLOCK, "markup", _around(parts, match.start()), match.span(),
            "Còn mã định dạng (HTML) trong nội dung.", "Chỉ dùng chữ thường, bỏ mã trong dấu < >.",
        )  # fmt: skip


def _details(sentence: Sentence, context: CheckContext) -> Iterator[Finding]:
    for match in words.DETAILS.find(sentence):
        yield here(
            sentence, match, BLOCK, "child_data",
            "Nêu hoàn cảnh riêng khiến người quen nhận ra học sinh.",
            "Bỏ tuổi, dân tộc, nhà ở, gia cảnh, bệnh tật, quan hệ của em.",
        )  # fmt: skip
    for match in words.PICTURE.find(sentence):
        if not denied(sentence, match.start()):
            yield here(
                sentence, match, BLOCK, "child_image", "Kèm hoặc dẫn tới hình ảnh của học sinh.",
                "Không đăng lại ảnh, clip có học sinh, kể cả đã làm mờ.",
            )  # fmt: skip
    if ABUSE in context.topics:
        for match in words.GRADE.find(sentence):
            yield here(
                sentence, match, BLOCK, "child_data",
                "Với vụ việc xâm hại, khối lớp cũng là thông tin nhận ra trẻ.",
                "Chỉ viết «một học sinh của trường» hoặc không nêu.",
            )  # fmt: skip


def _promises(sentence: Sentence, context: CheckContext) -> Iterator[Finding]:
    untrue = [m.start() for m in words.UNTRUE.find(sentence)]
    for match in words.EXPEL.find(sentence):
        rumour = any(match.end() <= at for at in untrue)
        if not denied(sentence, match.start()) and not rumour:
            yield here(
                sentence, match, BLOCK, "forbidden_discipline",
                "Hứa hoặc nêu biện pháp mà quy định không còn cho phép với học sinh.",
                "TT 19/2025/TT-BGDĐT không có đình chỉ học, đuổi học; viết «hỗ trợ, giáo dục học "
                "sinh theo quy định».",
            )  # fmt: skip
    if context.concluded:
        return
    for match in words.DISCIPLINE.find(sentence):
        conditional = words.IF.has(sentence)
        if not denied(sentence, match.start()) and not conditional:
            yield here(
                sentence, match, BLOCK, "promised_discipline", "Hứa kỷ luật khi chưa có kết luận.",
                "Viết: «Sau khi có kết luận của cơ quan có thẩm quyền, sẽ xử lý theo quy định».",
            )  # fmt: skip
    for match in words.COMPENSATE.find(sentence):
        if not denied(sentence, match.start()) and not words.IF.has(sentence):
            yield here(
                sentence, match, WARN, "promised_money", "Hứa bồi thường khi chưa rõ trách nhiệm.",
                "Chỉ nêu việc hỗ trợ đang làm thật; việc bồi thường chờ kết luận.",
            )  # fmt: skip


def _numbers(sentence: Sentence, context: CheckContext) -> Iterator[Finding]:
    harm = words.HARM.has(sentence)
    timed, sourced = words.TIMED.has(sentence), words.SOURCED.has(sentence)
    if timed and sourced:
        return
    lacks = " và ".join(word for word, there in (("giờ", timed), ("nguồn", sourced)) if not there)
    for match in words.COUNT.find(sentence):
        digits = match[0][0].isdigit()
        if not digits and not harm:
            continue
        # «một em» is most often nobody in particular; not so where somebody died.
        if _ONE.match(match[0]) and not words.DEATH.has(sentence):
            continue
        yield here(
            sentence, match, BLOCK if harm else WARN, "bare_number", f"Con số chưa kèm {lacks}.",
            "Viết «Tính đến … giờ …, theo …, có … em»; một số liệu, một nguồn, một giờ.",
        )  # fmt: skip
    if not sourced:
        for match in words.MONEY.find(sentence):
            yield here(
                sentence, match, WARN, "bare_number", "Số tiền chưa kèm căn cứ.",
                "Nêu căn cứ: văn bản, bảng công khai thu chi.",
            )  # fmt: skip


def _supplier(sentence: Sentence, context: CheckContext) -> Iterator[Finding]:
    if context.template is not None and context.template.denies:
        return
    for match in _SUPPLIER.finditer(sentence.text):
        food = FOOD in context.topics
        yield here(
            sentence, match, BLOCK if food else WARN, "supplier", "Nêu tên cơ sở, doanh nghiệp.",
            "Chỉ nêu tên nhà cung cấp khi cơ quan chức năng cho phép.",
        )  # fmt: skip


_Said = tuple[Phrase, str, str, str, str]
_PLAINLY: tuple[_Said, ...] = (
    (words.FORCES, BLOCK, "calling_names", "Quy kết báo chí hoặc người phản ánh.",
     "Nêu sự thật và nguồn; không quy kết động cơ của ai."),
    (words.SMALL, BLOCK, "downplay", "Nói giảm sự việc.",
     "Chia sẻ lo lắng trước; chỉ nêu dữ kiện do cơ quan chuyên môn xác nhận."),
    (words.DELETED, BLOCK, "deleting", "Xóa hoặc chặn ý kiến góp ý.",
     "Giữ lại ý kiến hợp pháp và trả lời; chỉ ẩn nội dung lộ thông tin trẻ em."),
    (words.THREAT, BLOCK, "threat", "Đe dọa người phản ánh.",
     "Mời trao đổi trực tiếp; việc xử lý do cơ quan có thẩm quyền quyết định."),
    (words.SILENT, WARN, "silence", "Từ chối trả lời mà không hẹn giờ.",
     "Nói điều đã biết, điều chưa biết và giờ sẽ trả lời."),
)  # fmt: skip


def _tone(sentence: Sentence, context: CheckContext) -> Iterator[Finding]:
    for phrase, severity, code, text, mend in _PLAINLY:
        for match in phrase.find(sentence):
            fine = code in ("deleting", "threat") and words.DELETE_FINE.has(sentence)
            if not fine and not denied(sentence, match.start()):
                yield here(sentence, match, severity, code, text, mend)
    for match in words.VICTIM.find(sentence):
        if not denied(sentence, match.start()) and not words.VICTIM_FINE.has(sentence):
            yield here(
                sentence, match, BLOCK, "blames_victim",
                "Đổ lỗi cho học sinh, phụ huynh hoặc người bị hại.",
                "Bỏ ý này; nói việc nhà trường đã và sẽ làm.",
            )  # fmt: skip
    for match in words.ASK_DELETE.find(sentence):
        if not words.DELETE_FINE.has(sentence) and not denied(sentence, match.start()):
            yield here(
                sentence, match, BLOCK, "deleting", "Đề nghị gỡ hoặc ngừng góp ý hợp pháp.",
                "Chỉ đề nghị không chia sẻ hình ảnh, thông tin cá nhân của học sinh, hoặc đính "
                "chính tin không chính xác.",
            )  # fmt: skip


def _missing(text: str, parts: Sequence[Sentence], context: CheckContext) -> Iterator[Finding]:
    needs = context.template.needs if context.template is not None else frozenset({"contact"})
    end = (len(text), len(text))
    severity = BLOCK if context.template is not None else WARN
    waiting = " ".join(UNKNOWN.findall(text))  # told already as an unknown mark
    if "contact" in needs and not (
        _PHONE.search(text) or _EMAIL.search(text) or "đầu mối" in waiting
    ):
        yield Finding(
            severity, "no_contact", "", end, "Thiếu đầu mối liên hệ.",
            "Thêm câu: «Đầu mối liên hệ: họ tên, chức vụ, điện thoại».",
        )  # fmt: skip
    said = "cập nhật" in waiting or any(words.UPDATE.has(s) for s in parts)
    if "next_update" in needs and not said:
        yield Finding(
            severity, "no_update_time", "", end, "Thiếu giờ cập nhật tiếp theo.",
            "Thêm câu: «… sẽ cập nhật vào … giờ … ngày …».",
        )  # fmt: skip


def _around(parts: Sequence[Sentence], at: int) -> str:
    return next((s.text for s in parts if s.start <= at < s.start + len(s.text)), "")


_Check = Callable[[Sentence, CheckContext], Iterator[Finding]]


def _blame(sentence: Sentence, context: CheckContext) -> Iterator[Finding]:
    return iter(()) if context.concluded else blame(sentence)


_CHECKS: tuple[_Check, ...] = (_details, _blame, _promises, _numbers)
_PUBLIC_CHECKS: tuple[_Check, ...] = (_supplier, _tone)
