"""Which word pieces the encoder keeps: Vietnamese needs a twentieth of what a hundred tongues need.

The embeddings of the pieces are most of a small multilingual model. Pieces that no archive uses are
dropped from tokenizer and embeddings alike, so what is left reads Vietnamese as before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from tokenizers import Tokenizer

from langnghe.core.text import strip_marks

SPECIAL = 4  # <s> <pad> </s> <unk>: always there, always first
_LETTERS = (
    "aàáạảãăằắặẳẵâầấậẩẫbcdđeèéẹẻẽêềếệểễfghiìíịỉĩjklmnoòóọỏõôồốộổỗơờớợởỡpqrstuùúụủũưừứựửữvwxyỳýỵỷỹz"
    "0123456789.,!?:;()\"'-/%+*&@#$=<>[]_~“”‘’…–▁"
)
ALWAYS = (
    frozenset(_LETTERS) | {letter.upper() for letter in _LETTERS} | set("😀😂😡😢👍❤🙏😭🤣😊🤮😱")
)
_AT_ONCE = 2000


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """Return how often each piece number occurs, counting every text also without its marks."""
    counts: Counter[int] = Counter()
    rest = iter(texts)
    while part := list(islice(rest, _AT_ONCE)):
        for told in tokenizer.encode_batch(
            part + [strip_marks(text) for text in part], add_special_tokens=False
        ):
            counts.update(told.ids)
    return counts


def choose_pieces(
    pieces: Sequence[str], counts: Mapping[int, int], wanted: int
) -> tuple[list[int], float]:
    """Return the numbers of the pieces to keep, rising, and the share of the text they cover.

    Special pieces, single Vietnamese letters, digits and signs always stay, so that any word can
    still be spelt out; the rest by how often they occur.
    """
    keep = {*range(SPECIAL), *(at for at, piece in enumerate(pieces) if piece in ALWAYS)}
    for at in sorted(counts, key=lambda at: (-counts[at], at)):
        if len(keep) >= wanted:
            break
        keep.add(at)
    covered = sum(counts.get(at, 0) for at in keep) / max(1, sum(counts.values()))
    return sorted(keep), covered


def fewer_pieces(tokenizer_json: str, keep: Sequence[int]) -> str:
    """Return a unigram tokenizer with only the pieces whose old numbers are given, in that order.

    ``keep`` begins with the special pieces (0 to 3), whose numbers the encoder relies on. Limits on
    length and padding are dropped: ``nlp.encoder`` cuts and pads by itself.
    """
    told = json.loads(tokenizer_json)
    number = {old: new for new, old in enumerate(keep)}
    vocabulary = told["model"]["vocab"]
    told["model"]["vocab"] = [vocabulary[old] for old in keep]
    told["added_tokens"] = [
        token | {"id": number[token["id"]]}
        for token in told["added_tokens"]
        if token["id"] in number
    ]
    for token in told["post_processor"]["special_tokens"].values():
        token["ids"] = [number[old] for old in token["ids"]]
    told["truncation"] = told["padding"] = None
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
