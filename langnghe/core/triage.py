"""Work off the stream: mark, correct or regroup many mentions in one act, and take it back as one.

What somebody else changed meanwhile is told item by item; the rest is done. Corrections and
decisions about stories go through the house's own machinery, so that each stays in the audit log
and can also be undone by itself. Free of any web framework.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from langnghe.core import undoing
from langnghe.core.auth import Action, Caller
from langnghe.core.correcting import correct_in, undo_in
from langnghe.core.corrections import Field
from langnghe.core.errors import ConflictError, InputError, LangNgheError, NotFoundError
from langnghe.core.hand import with_copies
from langnghe.core.handing import Hand, Share
from langnghe.core.store import hand
from langnghe.core.store import triage as rows
from langnghe.core.store.engine import Store, apart
from langnghe.core.store.queries.stories import get_story
from langnghe.core.store.triage import NONE, Marks

MOST = 100
"""Mentions that one act may name."""
_GONE = "Không có tin này, hoặc tin ngoài phạm vi của bạn."


class Act(StrEnum):
    """What is done to the ticked mentions; the values stand in forms and in the table."""

    SEEN = "xem"
    UNSEEN = "chua-xem"
    STAR = "sao"
    UNSTAR = "bo-sao"
    NOISE = "nhieu"
    NOT_NOISE = "khong-nhieu"
    CORRECT = "chinh-lai"
    MOVE = "chuyen"
    SPLIT = "tach"


MARKING: Mapping[Act, Mapping[str, bool]] = {
    Act.SEEN: {"seen": True},
    Act.UNSEEN: {"seen": False},
    Act.STAR: {"starred": True},
    Act.UNSTAR: {"starred": False},
    Act.NOISE: {"noise": True, "seen": True},
    Act.NOT_NOISE: {"noise": False},
}


@dataclass(frozen=True, slots=True)
class Ticked:
    """A mention and the revision of its text that the person had before them."""

    id: int
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """``batch`` can be taken back as one; ``failed`` are (mention, why)."""

    batch: int
    done: int
    failed: tuple[tuple[int, str], ...]
    story: int | None = None


@dataclass(slots=True)
class _Work:
    """What an act has done so far, as the table keeps it."""

    marks: list[list[Any]] = field(default_factory=list)
    corrections: list[list[int]] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    story: int | None = None


def desk_of(caller: Caller) -> str:
    """Return whose marks a person sees and makes: those of their unit, "" for the whole house."""
    return caller.unit_scope or ""


@dataclass(frozen=True, slots=True)
class Triage:
    """One person at the desk. ``topics`` are the ids the playbook knows."""

    store: Store
    caller: Caller
    now: datetime
    topics: Collection[str]
    share: Share

    def mark(self, act: Act, ticked: Sequence[Ticked]) -> Outcome:
        """Put the marks of ``act`` on the ticked mentions.

        Raises ``ForbiddenError`` or ``InputError``; so do the other acts.
        """
        if not (self.caller.may(Action.ACT) or self.caller.may(Action.GROUP)):
            self.caller.require(Action.ACT)
        ids = _ids(ticked)
        work = _Work()
        with self.store.write() as session:
            known = rows.visible(session, ids, viewer_unit=self.caller.unit_scope)
            work.failed = [(i, _GONE) for i in ids if i not in known]
            before = rows.marks_of(session, self._desk, list(known))
            after = {i: replace(before.get(i, NONE), **MARKING[act]) for i in known}
            changed = {i: one for i, one in after.items() if one != before.get(i, NONE)}
            rows.put_marks(session, self._desk, changed, self.now)
            work.marks = [
                [i, before.get(i, NONE).plain(), one.plain()] for i, one in changed.items()
            ]
            work.done = set(known)
            return self._kept(session, act, work)

    def correct(
        self, ticked: Sequence[Ticked], words: Mapping[Field, Any], *, said: str = ""
    ) -> Outcome:
        """Set one thing right about each ticked mention; ``said`` is how the form named it."""
        self.caller.require(Action.ACT)
        work = _Work()
        with self.store.write() as session:
            for one in _each(ticked):
                try:
                    with apart(session):
                        made = correct_in(
                            session, self.caller, one.id, words, topics=self.topics, now=self.now,
                            revision=one.revision,
                        )  # fmt: skip
                except (InputError, ConflictError, NotFoundError) as error:
                    work.failed.append((one.id, _sentence(error)))
                    continue
                work.corrections += [[one.id, number] for number in made]
                work.done.add(one.id)
            return self._kept(session, Act.CORRECT, work, said=said)

    def move(self, ticked: Sequence[Ticked], into: int) -> Outcome:
        """Move the ticked mentions, of whatever stories, to another one; whole stories merge."""
        self.caller.require(Action.GROUP)
        ids = _ids(ticked)
        with self.store.read() as session:
            get_story(session, into, viewer_unit=self.caller.unit_scope)
        work = _Work(story=into)
        for story, (mine, whole) in self._by_story(ids, work).items():
            if story == into:
                work.failed += [(i, f"Tin đã ở trong cụm {into}.") for i in mine]
                continue
            self._regroup(work, story, mine, into, whole=whole)
        with self.store.write() as session:
            return self._kept(session, Act.MOVE, work)

    def split(self, ticked: Sequence[Ticked]) -> Outcome:
        """Make the ticked mentions, of whatever stories, a story of their own."""
        self.caller.require(Action.GROUP)
        work = _Work()
        groups = self._by_story(_ids(ticked), work)
        for story, (mine, whole) in groups.items():
            if whole and len(groups) == 1:
                work.failed += [(i, f"Các tin đã chọn là cả cụm {story}.") for i in mine]
            elif whole and work.story is None:
                work.story = story  # nothing to take it out of: the others join it
                work.done |= set(mine)
            else:
                self._regroup(work, story, mine, work.story, whole=whole)
        with self.store.write() as session:
            return self._kept(session, Act.SPLIT, work)

    def undo(self, batch_id: int) -> Outcome:
        """Take an act back as one; what was changed again since is told and left as it is.

        What could not be taken back can be tried again. Raises ``NotFoundError``.
        """
        with self.store.read() as session:
            row = rows.get_batch(session, self._desk, batch_id)
            data, act = dict(row.data), Act(row.act)
        work = _Work()
        for decision in reversed(data.get("decisions", [])):
            try:
                undoing.undo(self.store, self.caller, decision, now=self.now, share=self.share)
                work.done.add(decision)
            except (ConflictError, NotFoundError) as error:
                work.failed.append((0, _sentence(error)))
        with self.store.write() as session:
            row = rows.get_batch(session, self._desk, batch_id, lock=True)
            self._unmark(session, data.get("marks", []), work)
            for mention, correction in data.get("corrections", []):
                try:
                    with apart(session):
                        undo_in(session, self.caller, mention, correction, self.now)
                    work.done.add(mention)
                except (ConflictError, NotFoundError) as error:
                    work.failed.append((mention, _sentence(error)))
            if not work.failed and row.undone_at is None:
                row.undone_at, row.undone_by = self.now, self.caller.user_id
            row.data = {**data, "kept": work.failed}
            session.add(row)
        if act in (Act.CORRECT, Act.MOVE, Act.SPLIT) or not data.get("done"):
            return Outcome(batch_id, len(work.done), tuple(work.failed))
        return Outcome(batch_id, int(data["done"]) - len(work.failed), tuple(work.failed))

    @property
    def _desk(self) -> str:
        return desk_of(self.caller)

    def _unmark(self, session: Session, marks: Sequence[Sequence[Any]], work: _Work) -> None:
        now = rows.marks_of(session, self._desk, [int(m) for m, _, _ in marks])
        back = {}
        for mention, before, after in marks:
            stands = now.get(mention, NONE).plain()
            if stands == after:
                back[int(mention)] = Marks(*before)
            elif stands != before:
                work.failed.append((mention, "Dấu của tin này đã được đổi sau đó."))
                continue
            work.done.add(int(mention))
        rows.put_marks(session, self._desk, back, self.now)

    def _by_story(self, ids: Sequence[int], work: _Work) -> dict[int, tuple[list[int], bool]]:
        """Return story -> (its ticked mentions, whether they and their copies are all of it)."""
        groups: dict[int, list[int]] = {}
        with self.store.read() as session:
            known = rows.visible(session, ids, viewer_unit=self.caller.unit_scope)
            for one in ids:
                story = known.get(one)
                if one not in known:
                    work.failed.append((one, _GONE))
                elif story is None:
                    work.failed.append((one, "Tin chưa thuộc cụm nào."))
                else:
                    groups.setdefault(story, []).append(one)
            found = {}
            for story, mine in groups.items():
                members = hand.members_of(session, story)
                found[story] = (mine, len(with_copies(mine, members)) == len(members))
        return found

    def _regroup(
        self, work: _Work, story: int, mine: list[int], into: int | None, *, whole: bool
    ) -> None:
        """Carry mentions of one story over; a fault of one story leaves the others alone."""
        by = Hand(self.store, self.caller, self.now, self.share)
        try:
            if into is None:
                made = by.split(story, mine)
                work.story = made.story
            elif whole:
                made = by.merge(story, into)
            else:
                made = by.move(story, mine, into)
        except LangNgheError as error:
            if error.status >= 500:
                raise
            work.failed += [(i, _sentence(error)) for i in mine]
            return
        work.decisions.append(made.decision)
        work.done |= set(mine)

    def _kept(self, session: Session, act: Act, work: _Work, *, said: str = "") -> Outcome:
        data = {
            "done": len(work.done),
            "marks": work.marks,
            "corrections": work.corrections,
            "decisions": work.decisions,
            "failed": work.failed,
            "story": work.story,
            "said": said,
        }
        number = rows.insert_batch(
            session, self._desk, self.caller.user_id, self.now, act.value, data
        )
        return Outcome(number, len(work.done), tuple(work.failed), work.story)


def _each(ticked: Sequence[Ticked]) -> list[Ticked]:
    found = list({one.id: one for one in ticked}.values())
    if not found:
        raise InputError("Chưa chọn tin nào.", mend="Tích vào ô của từng tin rồi làm lại.")
    if len(found) > MOST:
        raise InputError(f"Chọn nhiều nhất {MOST} tin một lần.", mend="Bỏ bớt rồi làm lại.")
    return found


def _ids(ticked: Sequence[Ticked]) -> list[int]:
    return [one.id for one in _each(ticked)]


def _sentence(error: LangNgheError) -> str:
    return f"{error.message} {error.mend}".strip()
