"""The shelf of promoted models in the data folder: versions side by side, one pointer to the used.

A version is a folder that never changes once it stands there, with the hash of each of its files.
The pointer is one small file that is replaced in a single step, and remembers what was used before,
so that a bad promotion is undone by one command even when the model itself cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langnghe.core.errors import ConfigError, InputError

FOLDER = "models"
POINTER = "active.json"
MANIFEST = "model.json"
WEIGHTS = "linear.npz"
FORMAT = 1
BACK = "Chạy «langnghe model back» để về bản dùng trước đó, rồi khởi động lại dịch vụ."
_KEPT = 20  # steps back that are remembered


@dataclass(frozen=True, slots=True)
class Shelved:
    """One version on the shelf. ``facts`` is what was noted when it was promoted."""

    name: str
    folder: Path
    facts: Mapping[str, Any]


class Shelf:
    """The models of one data folder. ``None`` as a version's name means the shipped model."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER

    def active(self) -> Shelved | None:
        """Return the promoted version in use, checked; ``None`` where the shipped one is used.

        Raises ``ConfigError`` for one that is gone, torn or changed since it was promoted.
        """
        name = self._pointer()[0]
        return None if name is None else self.sound(name)

    def versions(self) -> list[Shelved]:
        """Return every version that can be read, oldest first; hashes are not checked."""
        found = [self._read(path.parent.name) for path in self.folder.glob(f"*/{MANIFEST}")]
        return sorted(
            (one for one in found if one is not None),
            key=lambda one: (str(one.facts.get("promoted_at")), one.name),
        )

    def sound(self, name: str) -> Shelved:
        """Return a version whose files are what they were. Raises ``ConfigError``."""
        one = self._read(name)
        if one is None:
            raise ConfigError(f"Không đọc được mô hình đã đưa vào dùng «{name}».", mend=BACK)
        for file, wanted in one.facts["sha256"].items():
            if file_hash(one.folder / file) != wanted:
                raise ConfigError(
                    f"Mô hình đã đưa vào dùng «{name}» bị hỏng hoặc bị sửa (tệp {file}).", mend=BACK
                )
        return one

    def promote(self, candidate: Path, name: str, facts: Mapping[str, Any]) -> Shelved:
        """Copy a candidate folder onto the shelf as ``name`` and use it from now on.

        Only the files at its top are taken. Raises ``InputError`` for a folder without weights;
        an ``OSError`` leaves what was in use in use.
        """
        if not (candidate / WEIGHTS).is_file():
            raise InputError(
                f"Thư mục {candidate} không có mô hình ({WEIGHTS}).",
                mend="Chạy «langnghe train» để tạo bản đề cử, rồi chỉ đúng thư mục ấy.",
            )
        now, before = self._pointer()
        self.folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
        try:
            for path in sorted(candidate.iterdir()):
                if path.is_file() and path.name != MANIFEST:
                    shutil.copyfile(path, making / path.name)
            hashes = {path.name: file_hash(path) for path in sorted(making.iterdir())}
            _write(making / MANIFEST, {**facts, "format": FORMAT, "sha256": hashes})
            place, old = self.folder / name, making.with_suffix(".old")
            if place.exists():  # the same weights were promoted before: their notes are renewed
                place.replace(old)
            making.replace(place)
            shutil.rmtree(old, ignore_errors=True)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        if now != name:
            before = [*before, now][-_KEPT:]
        _write(self.folder / POINTER, {"now": name, "before": before})
        return self.sound(name)

    def back(self) -> tuple[str | None, str | None]:
        """Use again what was used before; return the names (left, now in use).

        A pointer that cannot be read leads back to the shipped model. Raises ``InputError`` where
        the shipped one is in use already.
        """
        try:
            now, before = self._pointer()
        except ConfigError:
            now, before = "?", []
        if now is None:
            raise InputError(
                "Đang dùng mô hình kèm theo sản phẩm, không có bản nào trước đó.",
                mend="Xem các bản bằng «langnghe model list».",
            )
        then = before[-1] if before else None
        _write(self.folder / POINTER, {"now": then, "before": before[:-1]})
        return now, then

    def _pointer(self) -> tuple[str | None, list[str | None]]:
        path = self.folder / POINTER
        try:
            stated = json.loads(path.read_text(encoding="utf-8"))
            now, before = stated["now"], stated["before"]
        except FileNotFoundError:
            return None, []
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"Tệp chỉ mô hình đang dùng {path} bị hỏng.", mend=BACK) from error
        names = [now, *before] if isinstance(before, list) else [0]
        if not all(name is None or (isinstance(name, str) and _plain(name)) for name in names):
            raise ConfigError(f"Tệp chỉ mô hình đang dùng {path} bị hỏng.", mend=BACK)
        return now, before

    def _read(self, name: str) -> Shelved | None:
        folder = self.folder / name
        try:
            facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            hashes = facts["sha256"]
            sound = facts["format"] == FORMAT and WEIGHTS in hashes and all(map(_plain, hashes))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # the caller says what this means: a listing passes it over
        return Shelved(name, folder, facts) if sound else None


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, an empty string where there is none to be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _plain(name: str) -> bool:
    return Path(name).name == name and not name.startswith(".")


def _write(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a file in one step: a cut of power leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    passing = path.with_name(f".{path.name}.new")
    with passing.open("w", encoding="utf-8") as stream:
        json.dump(value, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    passing.replace(path)
