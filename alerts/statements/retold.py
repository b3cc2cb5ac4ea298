"""What must not be told again: how somebody harmed themself, and the headline of a rumour.

Telling the way, the place or the letter leads others to it; telling a false headline spreads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.statements import words
from alerts.statements.findings import BLOCK, WARN, CheckContext, Finding, here
from alerts.statements.read import Sentence
from langnghe.core.text import fold

SELF_HARM_TOPIC = "suc_khoe_tam_than"
_RUN = 6  # so many words in a row are a headline told again


def self_harm(parts: Sequence[Sentence], context: CheckContext) -> Iterator[Finding]:
    """Yield what tells of self-harm in a text that goes out."""
    about = SELF_HARM_TOPIC in context.topics or any(
        words.SELF_HARM.has(s) or words.OWN_HAND.has(s) for s in parts
    )
    if not about or not context.public:
        return
    for sentence in parts:
        named = words.SELF_HARM.has(sentence)
        for phrase, text in (
            (words.METHOD, "Nêu cách thức tự làm hại."),
            (words.LETTER, "Nêu thư, tin nhắn để lại."),
            (words.PLACE, "Nêu nơi xảy ra."),
        ):
            if phrase is words.PLACE and not (named or words.METHOD.has(sentence)):
                continue
            for match in phrase.find(sentence):
                yield here(
                    sentence, match, BLOCK, "self_harm", text,
                    "Không nêu cách, nơi, thư, lý do; nêu nơi trợ giúp: Tổng đài 111.",
                )  # fmt: skip
        for match in words.SELF_HARM.find(sentence):
            yield here(
                sentence, match, WARN, "self_harm_word", "Gọi thẳng tên sự việc.",
                "Viết «sự việc đau lòng» và nêu Tổng đài 111.",
            )  # fmt: skip


def headlines(parts: Sequence[Sentence], context: CheckContext) -> Iterator[Finding]:
    """A correction that tells the false headline again spreads it again."""
    strict = context.template is not None and context.template.denies
    if not strict:
        return
    for headline in context.headlines:
        told = fold(headline).split()
        least = min(_RUN, len(told))
        if least < 3:
            continue
        runs = {tuple(told[i : i + least]) for i in range(len(told) - least + 1)}
        for sentence in parts:
            said = fold(sentence.text).split()
            if any(tuple(said[i : i + least]) in runs for i in range(len(said) - least + 1)):
                yield Finding(
                    BLOCK, "repeats_rumour", sentence.text,
                    (sentence.start, sentence.start + len(sentence.text)),
                    "Nhắc lại câu của tin sai.",
                    "Nêu sự thật trước; mô tả tin sai bằng lời khác, thật ngắn.",
                )  # fmt: skip
