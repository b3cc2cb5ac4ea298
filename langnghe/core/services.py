"""What every edge (web, jobs, command line) is handed: what differs by installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from langnghe.core.clock import Clock
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.types import Profile

if TYPE_CHECKING:
    from langnghe.core.policy.model import Policy


@dataclass(frozen=True, slots=True)
class Services:
    """The store, the settings, the clock, the policy and the profile in force.

    ``settings`` are those in force; ``base`` those of file and environment alone, where somebody
    changed settings on the screen. ``drill`` is the title of the drill whose database this is;
    empty for real work.
    """

    store: Store
    settings: Settings
    clock: Clock
    policy: Policy
    profile: Profile
    drill: str = ""
    base: Settings | None = None

    @property
    def stated(self) -> Settings:
        """Return the settings of file and environment alone."""
        return self.base or self.settings
