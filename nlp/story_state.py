"""One active story: what its latest members say, and its print drawn up as it grows."""

from __future__ import annotations

import math
from collections import Counter, deque

from nlp.story_evidence import Profile
from nlp.story_features import Features
from nlp.story_memory import StoryPrint, draw_up, merged
from nlp.story_types import Id
from nlp.story_window import INDEXED, Entry

FIRST = 4


class ActiveStory:
    """News and comments apart: five hundred comments must not drown what the reports say."""

    __slots__ = (
        "_counted", "_held", "_latest", "_texts", "changed", "event", "first", "id", "last",
        "members", "news", "talk",
    )  # fmt: skip

    def __init__(self, id_: Id, told: StoryPrint | None, repeated: Counter[str]) -> None:
        self.id = id_
        self.event: Id = id_ if told is None else told.event
        self.news, self.talk = Profile(repeated), Profile(repeated)
        self.members = 0 if told is None else told.members
        self.first = math.inf if told is None else told.first
        self.last = -math.inf if told is None else told.last
        self.changed = False
        self._counted = self.last  # what a remembered story counted is not newer than its print
        self._held: set[Id] = set()
        self._latest: tuple[deque[Entry], deque[Entry]] = (deque(), deque())
        self._texts: list[Features] = []

    @property
    def profile(self) -> Profile:
        """Return what the reports say, or the comments as long as there is no report."""
        return self.news if self.news.members else self.talk

    def texts(self) -> list[Features]:
        """Return the first few members, as long as the story is young."""
        return self._texts

    def alone_with(self, entry: Entry) -> bool:
        """Return whether ``entry`` is the only member still held."""
        return self._held == {entry.id}

    def add(self, entry: Entry, *, fresh: bool) -> Entry | None:
        """Count ``entry`` in; return the member whose place it takes in the index, if any.

        ``fresh``: not merely a new wording of a member. ``changed`` is set when the story has grown
        so much that its print is to be drawn up again.
        """
        talk = entry.kind == "comment"
        if fresh and entry.at > self._counted:
            self.members += 1
        self._held.add(entry.id)
        if entry.f is None:
            return None
        self.first, self.last = min(self.first, entry.at), max(self.last, entry.at)
        if len(self._texts) < FIRST and not talk:
            self._texts.append(entry.features)
        profile, latest = (self.talk if talk else self.news), self._latest[talk]
        profile.add(entry.features, entry.units, entry.topics, 1)
        latest.append(entry)
        # Drawn up at every step while it is small, then each time it has grown by a quarter.
        if self.members < 8 or self.members % max(self.members // 4, 1) == 0:
            self.changed = True
        old = None
        if len(latest) > INDEXED:
            old = latest.popleft()
            profile.add(old.features, old.units, old.topics, -1)
        return old

    def take(self, entry: Entry) -> None:
        """Count ``entry`` out."""
        self._held.discard(entry.id)
        if entry.f is not None:
            talk = entry.kind == "comment"
            (self.talk if talk else self.news).add(entry.f, entry.units, entry.topics, -1)
            self._latest[talk].remove(entry)

    def print(self, told: StoryPrint | None) -> StoryPrint:
        """Return the print of the story, with what ``told`` still knows of earlier members."""
        profile = self.profile
        names: set[str] = set()
        spots: set[str] = set()
        for entry in self._latest[profile is self.talk]:
            names.update(entry.features.names)
            spots.update(entry.features.spots)
        drawn = draw_up(
            self.id, self.event, (self.first, self.last), self.members,
            profile.support, max(profile.members, 1), names, spots,
            provinces=profile.provinces, communes=profile.communes, schools=profile.schools,
            units=profile.units, topics=profile.topics, heads=profile.heads,
        )  # fmt: skip
        return merged(told, drawn)
