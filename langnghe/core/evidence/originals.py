"""What a source really answered, before anything was read out of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from langnghe.core.types import Item

HTTP, LINE = "http", "line"
SIGHT, PAGE, GONE = "sight", "page", "gone"
"""Why a record stands by a mention: first sight of a wording, its page read again, its removal."""


@dataclass(frozen=True)
class Original:
    """One answer of a source: a page, a feed (``HTTP``), or a line or text as given (``LINE``).

    ``body`` are its bytes after transfer and content encoding were undone; ``headers`` those that
    came with it, in order. ``at`` is when it came (UTC). One object stands for one document: the
    mentions found in it share it.
    """

    kind: str
    url: str
    at: datetime
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/octet-stream"
    truncated: bool = False

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the body, in hex."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Sighting:
    """An item and the document it was read from."""

    item: Item
    original: Original


def original_of_item(item: Item, at: datetime) -> Original:
    """Return what somebody typed or pasted, where no document came with it.

    The body is the item as JSON of the file contract, without its author: a name has no place here.
    """
    told = {
        "id": item.id,
        "kind": item.kind,
        "source": item.source,
        "url": item.url,
        "published_at": item.published_at.isoformat() if item.published_at else None,
        "title": item.title,
        "text": item.text,
    }
    body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    return Original(LINE, f"urn:langnghe:item:{item.id}", at, body, media_type="application/json")
