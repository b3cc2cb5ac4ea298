"""The arithmetic of the chain: what of a record is bound, and how one binds the next.

    chain = SHA-256( prev + "\\n" + canonical JSON of the fields )

so that anybody can recompute a link of the register with ``sha256sum``. Addresses are left out: one
may carry a child's name, and what stands in a chain can never be taken out of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
Said = tuple[int, int, str, str]
"""A mention's wording: (mention id, revision, hash of title and text, why it stands here)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The fields of one record that the chain binds.

    ``sha256`` is that of the payload, ``record`` that of the stored bytes; ``start`` and ``length``
    in bytes of ``file``. ``refers`` names the record whose payload a revisit repeats. ``note`` is
    what an event says (a purge: which records, why).
    """

    seq: int
    at: str
    kind: str
    sha256: str
    record: str
    file: str
    start: int
    length: int
    mentions: tuple[Said, ...] = ()
    refers: int | None = None
    note: Mapping[str, Any] = field(default_factory=dict)

    def canonical(self) -> str:
        """Return the one spelling of these fields."""
        return json.dumps(
            asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=list
        )

    def link(self, prev: str) -> str:
        """Return the chain value of this record after ``prev``."""
        return link(prev, self.canonical())


FIELDS = tuple(f.name for f in fields(Bound))


def link(prev: str, canonical: str) -> str:
    """Return the chain value of a canonical record after ``prev`` (both hex)."""
    return hashlib.sha256(f"{prev}\n{canonical}".encode()).hexdigest()


def moment(at: datetime) -> str:
    """Return a time as the chain spells it: UTC, microseconds, ``Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ledger_line(chain: str, prev: str, canonical: str) -> str:
    """Return a record's line in the register beside the WARC files."""
    return f"{chain} {prev} {canonical}\n"


def read_ledger_line(line: str) -> tuple[str, str, str]:
    """Return (chain, prev, canonical) of a line. Raises ValueError for one that is none."""
    chain, prev, canonical = line.rstrip("\n").split(" ", 2)
    if len(chain) != 64 or len(prev) != 64 or not canonical.startswith("{"):
        raise ValueError("not a line of the register")
    return chain, prev, canonical


def altered(ours: str, theirs: str) -> tuple[str, ...]:
    """Return the names of the fields in which two canonical spellings differ."""
    one, other = json.loads(ours), json.loads(theirs)
    return tuple(name for name in FIELDS if one.get(name) != other.get(name))


def said(rows: Sequence[Sequence[Any]]) -> tuple[Said, ...]:
    """Return wordings as the chain orders them, from rows of a JSON column."""
    return tuple(sorted((int(m), int(r), str(h), str(w)) for m, r, h, w in rows))
