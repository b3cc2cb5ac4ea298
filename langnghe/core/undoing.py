"""Take back a decision about stories: what stood before it stands again.

A decision that newer ones build on is not undone under them: the error names the one to undo first.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from langnghe.core.auth import Action, Caller
from langnghe.core.errors import ConflictError, NotFoundError
from langnghe.core.hand import Decision, Kind, blocker, refuse_joining
from langnghe.core.handing import Share
from langnghe.core.store import hand
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import lock_acting
from langnghe.core.store.queries.stories import get_story
from langnghe.core.store.tables import StoryRow
from langnghe.core.trace import Trace, follow, restore_incidents, write_down


def undo(store: Store, caller: Caller, decision_id: int, *, now: datetime, share: Share) -> bool:
    """Undo one decision; return whether this call did it (doing it again changes nothing).

    Mentions that joined a split-off story meanwhile come back with the rest. Raises
    ``ForbiddenError``, ``NotFoundError`` or ``ConflictError``, and then nothing is stored.
    """
    caller.require(Action.GROUP)
    with store.write() as session:
        _visible(session, caller, hand.decision_of(hand.get_decision(session, decision_id)))
        lock_acting(session)
        hand.lock_grouping(session)
        row = hand.get_decision(session, decision_id)
        session.refresh(row)  # as it is now that nobody else can change it
        decision = hand.decision_of(row)
        if decision.undone:
            return False
        if later := blocker(decision, hand.decisions(session, after=decision_id)):
            raise ConflictError(
                f"Quyết định số {later.id} được đưa ra sau và dựa trên quyết định này.",
                mend=f"Hoàn tác quyết định số {later.id} trước.",
            )
        into = hand.leads_to(session)
        if decision.kind is Kind.MERGE:
            del into[decision.story_id]
        home = into.get(decision.story_id, decision.story_id)
        touched = {decision.story_id, decision.other_id, home}
        stories = hand.lock_stories(session, touched | _named(decision))
        going = _going(session, decision)
        row.before = {**row.before, "back": sorted(going)}
        hand.mark_undone(session, row, user_id=caller.user_id, now=now)
        _restore_events(session, decision)
        restore_incidents(session, dict(decision.before), stories)
        _put_back(session, decision, stories, home, going, share)
        trace = Trace(decision.kind, decision.story_id, decision.other_id, len(going), undone=True)
        write_down(
            session, caller, now, trace, decision_id, [stories[s] for s in sorted(touched)], ""
        )
    return True


def _visible(session: Session, caller: Caller, decision: Decision) -> None:
    """Raise ``NotFoundError`` unless the caller sees one of the stories (one may be emptied)."""
    for story_id in (decision.story_id, decision.other_id):
        try:
            get_story(session, story_id, viewer_unit=caller.unit_scope)
        except NotFoundError:
            continue
        return
    raise NotFoundError("Không có quyết định này, hoặc quyết định ngoài phạm vi của bạn.")


def _named(decision: Decision) -> set[int]:
    return {int(s) for key in ("events", "incidents") for s in decision.before.get(key, {})}


def _restore_events(session: Session, decision: Decision) -> None:
    changed = decision.before.get("events", {})
    known = hand.events_around(session, [int(s) for s in changed])
    old = {int(s): was for s, (was, made) in changed.items() if known.get(int(s)) == made}
    if decision.kind is Kind.UNRELATED:
        for story, event in old.items():
            mates = [s for s, e in known.items() if e == event and s not in old]
            refuse_joining([story], mates, hand.apart(session))
    hand.set_events(session, old)


def _going(session: Session, decision: Decision) -> set[int]:
    """Return the mentions that go back: of a split-off story also those that joined it since."""
    if decision.kind is not Kind.SPLIT:
        return set(decision.mention_ids)
    return {m.id for m in hand.members_of(session, decision.other_id)} | decision.mention_ids


def _put_back(
    session: Session,
    decision: Decision,
    stories: dict[int, StoryRow],
    home: int,
    ids: set[int],
    share: Share,
) -> None:
    if not ids:
        return
    here = ids | {m.id for m in hand.members_of(session, home)}
    hand.place(session, ids, home, pinned=False)
    for mention, _, pinned, copy_of in decision.before["members"]:
        if mention in here:  # a copy left behind may have gone elsewhere since
            hand.set_member(session, mention, pinned=pinned, copy_of=copy_of)
    share(session, decision.other_id, home, sorted(ids))
    if decision.kind is Kind.SPLIT:
        follow(session, stories[decision.other_id], stories[home])
    for story_id in sorted({decision.story_id, decision.other_id, home}):
        hand.settle(session, stories[story_id])
