"""Where files of evidence lie, and whether each is still what it was when it was handed in."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path

from langnghe.core.oserrors import plain_reason
from langnghe.core.settings import Settings
from langnghe.core.store.attachments import every_hash
from langnghe.core.store.engine import Store
from langnghe.core.verifying import Checked, Finding

_HASH = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


def attached_path(settings: Settings, sha256: str) -> Path:
    """Return where the bytes of this hash lie (or would). Raises ValueError for no hash."""
    if not _HASH.fullmatch(sha256):
        raise ValueError(f"no sha256: {sha256!r}")
    return settings.home / "files" / sha256[:2] / sha256


@dataclass(frozen=True, slots=True)
class AttachedCheck:
    """Reads every attached file again, withdrawn ones included, and compares its hash."""

    name: str = "tệp bằng chứng của vụ việc"

    def run(self, store: Store, settings: Settings) -> Checked:
        """Recompute every hash as a stream; change nothing."""
        began = time.perf_counter()
        with store.read() as session:
            known = every_hash(session)
        size, findings = 0, []
        for sha256, told in known.items():
            if not _HASH.fullmatch(sha256):
                what = f"Mã băm đã ghi của tệp «{told}» bị sửa."
                findings.append(Finding("attachment_changed", what))
                continue
            path = attached_path(settings, sha256)
            try:
                found, length = _hash_of(path)
            except OSError as error:
                what = f"Không đọc được tệp «{told}»: {plain_reason(error)}."
                findings.append(Finding("attachment_missing", what, where=str(path)))
                continue
            size += length
            if found != sha256:
                what = f"Tệp «{told}» không còn đúng mã băm đã ghi."
                findings.append(Finding("attachment_changed", what, where=str(path)))
        return Checked(
            self.name,
            records=len(known),
            size=size,
            seconds=time.perf_counter() - began,
            findings=tuple(findings),
        )


def _hash_of(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as handle:
        while piece := handle.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size
