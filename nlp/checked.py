"""Weights that are what they were when they were saved, or none at all.

A half-copied, hand-edited or swapped file would go on answering, only wrongly, and nobody would
see why. Each folder of weights therefore has a ``MANIFEST.json`` with a hash of every file in it,
written when they are saved and asked whenever one is read. It guards against accidents and
mix-ups; who can rewrite both file and manifest is not stopped by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langnghe.core.errors import ConfigError

MANIFEST = "MANIFEST.json"
MEND = "Cài lại langnghe, hoặc chạy “langnghe train” để huấn luyện lại."


def seal(*paths: Path) -> None:
    """Write the hashes of files just saved into the manifest of their folder.

    Entries of other files in it stay. The manifest is replaced in one step, so that a crash leaves
    either the old one or the new one.
    """
    for folder in {path.parent for path in paths}:
        manifest = folder / MANIFEST
        known = _read(manifest) if manifest.is_file() else {}
        known |= {path.name: _hash(path.read_bytes()) for path in paths if path.parent == folder}
        text = json.dumps(known, indent=2, sort_keys=True) + "\n"
        fresh = manifest.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(manifest)


def sealed_bytes(path: Path) -> bytes:
    """Return the content of a weights file that is as it was sealed.

    Raises ``ConfigError`` for a file that is missing, unknown to its manifest, or changed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"Không đọc được tệp mô hình {path}.", mend=MEND) from error
    wanted = _read(path.parent / MANIFEST).get(path.name)
    if wanted is None:
        raise ConfigError(
            f"Tệp mô hình {path} không có trong bảng kê {MANIFEST} nên không được nạp.", mend=MEND
        )
    if _hash(content) != wanted:
        raise ConfigError(
            f"Tệp mô hình {path} không còn nguyên vẹn (bị sửa, bị thiếu hoặc bị thay) nên không "
            "được nạp.",
            mend=MEND,
        )
    return content


def check_arrays(path: Path, arrays: Mapping[str, tuple[Any, tuple[int, ...]]]) -> None:
    """Check that each named array has the wanted shape and holds finite numbers only.

    ``arrays`` maps a name to (array, shape). Raises ``ConfigError`` naming the first that does not.
    """
    for name, (array, shape) in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            raise ConfigError(f"Tệp mô hình {path}: phần “{name}” không phải bảng số.", mend=MEND)
        if array.shape != shape:
            raise ConfigError(
                f"Tệp mô hình {path}: phần “{name}” có kích thước {_size(array)}, "
                f"cần {' × '.join(map(str, shape))}.",
                mend=MEND,
            )
        if not np.isfinite(array).all():
            raise ConfigError(
                f"Tệp mô hình {path}: phần “{name}” chứa giá trị không phải là số.", mend=MEND
            )


def check_same(path: Path, what: str, stored: object, at_hand: object) -> None:
    """Check that what the weights were made with is what is at hand now.

    ``what`` is said to the user ("bảng chủ đề"). Raises ``ConfigError`` if the two differ.
    """
    if stored != at_hand:
        raise ConfigError(
            f"Tệp mô hình {path} được huấn luyện với {what} khác với {what} đang dùng "
            f"({stored} ≠ {at_hand}).",
            mend=MEND,
        )


def _read(manifest: Path) -> dict[str, str]:
    try:
        known = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Không đọc được bảng kê {manifest} của các tệp mô hình.", mend=MEND
        ) from error
    if not isinstance(known, dict):
        raise ConfigError(f"Bảng kê {manifest} của các tệp mô hình sai cấu trúc.", mend=MEND)
    return known


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=32).hexdigest()


def _size(array: NDArray[np.floating[Any]]) -> str:
    return " × ".join(map(str, array.shape)) or "một số"
