"""The small language model that reads what the linear models found to be about education.

It is multilingual-e5-small cut to ten layers and to the word pieces Vietnamese needs, tuned on the
same labels as the linear models (``nlp/training``). Words it never met beside a label still mean
something to it, which is where counting words ends. It costs ten times the linear models, so it
reads only what they pass on (see ``reader``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from langnghe.core.errors import ConfigError
from langnghe.core.text import clean
from langnghe.core.types import Item
from nlp.checked import MEND, sealed_bytes
from nlp.normalise import readable

Floats = NDArray[np.float32]
MODEL, PIECES = "encoder.onnx", "encoder_pieces.json"
TITLE_LETTERS, TEXT_LETTERS = 200, 380  # labels rest on title and lead
TITLE_PIECES, MOST_PIECES = 64, 128
_END = 2
_TAG = re.compile(r"<[^>]{1,200}>")


def written(item: Item) -> tuple[str, str]:
    """Return title and text of an item as the encoder reads them, before short forms are undone.

    The title says whether it is the item's own or that of the article a comment stands under.
    """
    kind = "bình luận: " if item.kind == "comment" else "tin: "
    title = " ".join((item.title or "")[: 2 * TITLE_LETTERS].split())
    text = _TAG.sub(" ", " ".join((item.text or "")[: 4 * TEXT_LETTERS].split()))
    return kind + title[:TITLE_LETTERS], text[:TEXT_LETTERS]


def pieces(tokenizer: Tokenizer, title: str, text: str) -> list[int]:
    """Return the word pieces of one item, with short forms and disguises undone."""
    head = tokenizer.encode(_spelled(title)).ids[:TITLE_PIECES]
    tail = tokenizer.encode(_spelled(text), add_special_tokens=False).ids
    return (head + tail + [_END])[:MOST_PIECES] if tail else head


def _cores() -> int:
    """Return the cores this process may use; two at most, more gain nothing on a single text."""
    allowed = getattr(os, "sched_getaffinity", None)
    return min(2, len(allowed(0)) if allowed else os.cpu_count() or 1)


def _spelled(text: str) -> str:
    # Half a character cannot be passed to the word pieces.
    return readable(clean(text)).text.encode("utf-8", "replace").decode()


class Encoder:
    """A session of the model with its word pieces; holds no other state."""

    def __init__(self, session: Any, tokenizer: Tokenizer, version: str) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self.version = version

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """Load the model of one folder of weights; it uses the cores it may, to the same scores.

        Raises ``ConfigError`` for files that are missing, changed or of another kind.
        """
        try:
            model, spelling = sealed_bytes(folder / MODEL), sealed_bytes(folder / PIECES)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads, options.inter_op_num_threads = _cores(), 1
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_str(spelling.decode())
        except ConfigError:
            raise
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise ConfigError(
                f"Không đọc được mô hình ngôn ngữ trong {folder}.", mend=MEND
            ) from error
        return cls(session, tokenizer, blake2b(model + spelling, digest_size=6).hexdigest())

    def scores(self, items: Sequence[Item]) -> Floats:
        """Return raw scores of shape (items, heads), heads as in ``models.head_names``.

        Each text is read by itself: in int8 the scale of a batch is shared, so that a text would
        be read a little differently beside other texts.
        """
        return np.concatenate(
            [self._one(pieces(self._tokenizer, *written(item))) for item in items]
        )

    def _one(self, row: Sequence[int]) -> Floats:
        ids = np.array([row], dtype=np.int64)
        mask = np.ones(ids.shape, dtype=np.float32)
        found: Floats = self._session.run(["scores"], {"ids": ids, "mask": mask})[0]
        return found
