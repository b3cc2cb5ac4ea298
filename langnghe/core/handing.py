"""A person splits, merges and moves what was grouped, says what is one event, or takes it back.

Free of any web framework, so that pages and API do the same thing. Each act is one transaction:
mentions, counts, incident, trail and timeline stand or fall together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from langnghe.core.auth import Action, Caller
from langnghe.core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from langnghe.core.hand import (
    MAX_MENTIONS,
    MAX_NOTE,
    Kind,
    joined,
    parted,
    refuse_joining,
    tied,
    with_copies,
)
from langnghe.core.store import hand
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import lock_acting
from langnghe.core.store.queries.hand import unseen
from langnghe.core.store.queries.stories import get_story
from langnghe.core.store.tables import StoryRow
from langnghe.core.text import clean
from langnghe.core.trace import Trace, detach, follow, write_down

Share = Callable[[Session, int, int, Sequence[int]], None]
"""Let a story know the children another names: (session, from, into, mentions that moved)."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided: the decision's id and the story to look at now."""

    decision: int
    story: int


@dataclass(slots=True)
class Hand:
    """One person at work. ``share`` keeps the child shield whole (``nlp.stage.share_children``)."""

    store: Store
    caller: Caller
    now: datetime
    share: Share
    _before: dict[str, Any] = field(default_factory=dict)

    def split(self, story_id: int, mention_ids: Collection[int], note: str = "") -> Done:
        """Take mentions and their copies out of a story into one of their own.

        The incident, if there is one, stays with the story they leave. Raises ``ForbiddenError``,
        ``NotFoundError``, ``InputError`` or ``ConflictError``, and then nothing is stored; so do
        all others here.
        """
        said = self._checked(note)
        with self.store.write() as session:
            stories = self._lock(session, story_id)
            chosen = self._chosen(session, story_id, mention_ids)
            new = hand.open_story(session, min(chosen), self.now)
            number = _id(new)
            self._carry(session, stories[story_id], new, chosen)
            trace = Trace(Kind.SPLIT, story_id, number, len(chosen))
            return self._record(session, trace, stories[story_id], new, chosen, said)

    def move(self, story_id: int, mention_ids: Collection[int], into: int, note: str = "") -> Done:
        """Move mentions and their copies from one story to another."""
        said = self._checked(note)
        with self.store.write() as session:
            stories = self._lock(session, story_id, into)
            self._living(session, stories[into])
            chosen = self._chosen(session, story_id, mention_ids)
            self._carry(session, stories[story_id], stories[into], chosen)
            trace = Trace(Kind.MOVE, story_id, into, len(chosen))
            return self._record(session, trace, stories[story_id], stories[into], chosen, said)

    def merge(self, story_id: int, into: int, note: str = "") -> Done:
        """Empty a story into another one; its incident and its event go along.

        The emptied row stays and leads to the other story. Where both have an incident, each keeps
        its own and the timelines say so.
        """
        said = self._checked(note)
        with self.store.write() as session:
            stories = self._lock(session, story_id, into)
            leaving, target = stories[story_id], stories[into]
            self._living(session, target)
            chosen = {m.id for m in hand.members_of(session, story_id)}
            if not chosen:
                raise ConflictError(
                    "Cụm này không còn tin nào.", mend="Tải lại trang để xem cụm đã nhập vào đâu."
                )
            if unseen(session, chosen, viewer_unit=self.caller.unit_scope):
                raise ForbiddenError(
                    "Cụm có tin ngoài phạm vi của bạn, không gộp cả cụm được.",
                    mend="Chuyển riêng các tin của đơn vị bạn.",
                )
            self._join_events(session, story_id, into)
            self._carry(session, leaving, target, chosen, whole=True)
            self._before |= follow(session, leaving, target)
            trace = Trace(Kind.MERGE, story_id, into, len(chosen))
            return self._record(session, trace, leaving, target, chosen, said)

    def mark(self, kind: Kind, story_id: int, other: int, note: str = "") -> Done:
        """Say that two stories are one event, or that they have nothing to do with each other.

        The stories stay apart. Unrelated ones leave each other's event and incident, and the
        machine never joins them.
        """
        said = self._checked(note)
        with self.store.write() as session:
            stories = self._lock(session, story_id, other)
            for row in stories.values():
                self._living(session, row)
            ties = tied(hand.light_decisions(session))
            marked = ties if kind is Kind.SAME else hand.apart(session)
            if number := marked.get((min(story_id, other), max(story_id, other))):
                raise ConflictError(f"Hai cụm đã được đánh dấu như vậy (quyết định số {number}).")
            if kind is Kind.SAME:
                self._join_events(session, story_id, other)
            elif kind is Kind.UNRELATED:
                known = hand.events_around(session, (story_id, other))
                self._set_events(session, known, parted(known, story_id, other, ties))
                self._before |= detach(session, stories[story_id], stories[other])
            else:
                raise InputError("Không có cách đánh dấu này.")
            trace = Trace(kind, story_id, other, 0)
            return self._record(session, trace, stories[story_id], stories[other], (), said)

    def _checked(self, note: str) -> str:
        self.caller.require(Action.GROUP)
        self._before = {}
        said = clean(note)
        if len(said) > MAX_NOTE:
            raise InputError(f"Ghi chú dài quá {MAX_NOTE} ký tự.", mend="Viết ngắn lại.")
        return said

    def _lock(self, session: Session, *story_ids: int) -> dict[int, StoryRow]:
        if len(set(story_ids)) < len(story_ids):
            raise InputError("Hai cụm phải khác nhau.", mend="Chọn một cụm khác.")
        for story_id in story_ids:
            get_story(session, story_id, viewer_unit=self.caller.unit_scope)
        lock_acting(session)
        hand.lock_grouping(session)
        return hand.lock_stories(session, story_ids)

    def _living(self, session: Session, story: StoryRow) -> None:
        """Refuse a story that was merged away: its row is only a signpost."""
        if (now := hand.leads_to(session).get(_id(story))) is not None:
            raise ConflictError(f"Cụm {story.id} đã được gộp vào cụm {now}.", mend="Dùng cụm ấy.")

    def _chosen(self, session: Session, story_id: int, mention_ids: Collection[int]) -> set[int]:
        """Return the mentions that go: those chosen and their copies, never all of a story."""
        members = hand.members_of(session, story_id)
        wanted = set(mention_ids)
        if not wanted or len(wanted) > MAX_MENTIONS:
            raise InputError(
                f"Chọn từ 1 đến {MAX_MENTIONS} tin.", mend="Tích vào ô trước mỗi tin cần chuyển."
            )
        if not wanted <= {m.id for m in members} or unseen(
            session, wanted, viewer_unit=self.caller.unit_scope
        ):
            raise NotFoundError(
                "Có tin không còn trong cụm này, hoặc ngoài phạm vi của bạn.",
                mend="Tải lại trang rồi chọn lại.",
            )
        chosen = with_copies(wanted, members)
        if len(chosen) == len(members):
            raise InputError(
                "Không thể lấy hết tin ra khỏi cụm.", mend="Muốn nhập cả cụm, dùng «Gộp cụm này»."
            )
        return chosen

    def _carry(
        self,
        session: Session,
        source: StoryRow,
        target: StoryRow,
        chosen: Collection[int],
        *,
        whole: bool = False,
    ) -> None:
        """Move mentions, and with them the knowledge of which names are children's."""
        here, there = (hand.members_of(session, _id(row)) for row in (source, target))
        moved = [m for m in here if m.id in chosen]
        self._before |= {
            "moved": hand.side(moved),
            "left": [] if whole else hand.side(here, without=chosen),
            "there": hand.side(there),
            # Copies left behind may lose their original, so what they said is kept too.
            "members": hand.standing(session, {m.id for m in here if m.id in chosen or m.copy_of}),
        }
        hand.place(session, chosen, _id(target), pinned=True)
        self.share(session, _id(source), _id(target), sorted(chosen))
        for row in (source, target):
            hand.settle(session, row)

    def _join_events(self, session: Session, a: int, b: int) -> None:
        known = hand.events_around(session, (a, b))
        mine, theirs = ({s} | {k for k, e in known.items() if e and e == known[s]} for s in (a, b))
        refuse_joining(mine, theirs, hand.apart(session))
        self._set_events(session, known, joined(known, a, b))

    def _set_events(
        self, session: Session, known: dict[int, int | None], new: dict[int, int]
    ) -> None:
        self._before["events"] = {str(s): [known[s], event] for s, event in new.items()}
        hand.set_events(session, dict(new))

    def _record(
        self,
        session: Session,
        trace: Trace,
        source: StoryRow,
        target: StoryRow,
        chosen: Collection[int],
        note: str,
    ) -> Done:
        number = hand.record(
            session, trace.kind, trace.story, trace.other, chosen, self._before,
            user_id=self.caller.user_id, now=self.now, note=note,
        )  # fmt: skip
        write_down(session, self.caller, self.now, trace, number, (source, target), note)
        return Done(number, trace.other if trace.kind in (Kind.SPLIT, Kind.MERGE) else trace.story)


def _id(row: StoryRow) -> int:
    if row.id is None:
        raise RuntimeError("a stored story has an id")
    return row.id
