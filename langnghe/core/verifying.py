"""What ``langnghe verify`` runs: checks that recompute what must not have changed.

Each room that keeps a chain gives one check; the command knows none of them by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was: ``kind`` for machines, the rest for people.

    ``seq`` is the number of the broken record in its chain, where it has one.
    """

    kind: str
    what: str
    seq: int | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of one check. ``size`` in bytes, ``seconds`` of work, ``head`` the last hash.

    ``findings`` stand in the order of the chain, the first broken record first; ``notes`` are worth
    saying and no fault.
    """

    name: str
    records: int = 0
    size: int = 0
    seconds: float = 0.0
    head: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing was found changed."""
        return not self.findings


class Check(Protocol):
    """One thing that can be recomputed; ``name`` is shown to people."""

    @property
    def name(self) -> str:
        """What is checked, in Vietnamese."""
        ...

    def run(self, store: Store, settings: Settings) -> Checked:
        """Recompute everything as a stream; change nothing."""
        ...


def checks() -> tuple[Check, ...]:
    """Return every check of the house, in the order they are run."""
    from langnghe.core.attached import AttachedCheck
    from langnghe.core.auditing import AuditCheck
    from langnghe.core.evidence.verify import EvidenceCheck

    return (EvidenceCheck(), AttachedCheck(), AuditCheck())
