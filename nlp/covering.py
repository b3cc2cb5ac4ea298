"""Children's names across the texts of a story: what one text tells is covered in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from langnghe.core.store.children import (
    Salted,
    children_of,
    cover_told,
    make_due,
    new_salt,
    remember,
    save_covered,
    take_due,
)
from langnghe.core.store.stories import ReadMention
from langnghe.core.types import Item
from nlp.shield_story import Children, child_names, cover, cover_both, digest_of, digests_of
from nlp.story_memory import StoryPrint

_AT_ONCE = 2_000  # texts covered while a person waits; the next sweep covers the rest


def remember_children(
    session: Session, stories: Mapping[int, int], named: Mapping[int, Sequence[str]]
) -> None:
    """Let stories remember the children that newly placed mentions name.

    ``stories`` is the story of each mention, ``named`` the names found in some of them. Of a story
    that learns a name everything is due to be covered again, else only what was just placed.
    """
    names: dict[int, set[str]] = {}
    for mention, found in named.items():
        names.setdefault(stories[mention], set()).update(found)
    known = children_of(session, stories.values())
    for story, found_names in sorted(names.items()):
        salts = known.get(story, {})
        salt = min(salts, default=None) or new_salt()
        fresh = digests_of(found_names, salt) - salts.get(salt, frozenset())
        if fresh:
            _learn(session, story, {salt: fresh})
    make_due(session, sorted(stories))


def share_children(session: Session, source: int, into: int, mentions: Sequence[int]) -> None:
    """Let a story know the children another one names, when mentions have moved between them.

    Hashes cannot be made again under another salt, so they go along with theirs: that two stories
    were one shows in the tables anyway. What moved is covered at once with the names of both.
    """
    known = children_of(session, (source, into))
    mine = known.get(into, {})
    fresh = {
        salt: new
        for salt, digests in known.get(source, {}).items()
        if (new := digests - mine.get(salt, frozenset()))
    }
    if fresh:
        _learn(session, into, fresh)
    make_due(session, mentions)
    cover_due(session, _AT_ONCE)


def cover_due(session: Session, limit: int) -> int:
    """Cover up to ``limit`` waiting mentions with what their story knows; return how many."""
    waiting = take_due(session, limit)
    known = children_of(session, {shown.story_id for shown in waiting})
    covered = []
    for shown in waiting:
        salted = known.get(shown.story_id, {})
        title, text = cover_both(shown.title, shown.text, _children(salted))
        covered.append(replace(shown, title=title, text=text))
    save_covered(session, covered)
    return len(covered)


def without_children(session: Session, prints: Mapping[int, StoryPrint]) -> dict[int, StoryPrint]:
    """Return the prints of stories without the terms that spell a child these stories know.

    The shield has covered most names before; this takes those only the rest of the story tells.
    """
    known = children_of(session, prints) if prints else {}
    return {
        story: told.without(lambda term, salted=salted: _spells_child(term, salted))  # type: ignore[misc]
        if (salted := known.get(story))
        else told
        for story, told in prints.items()
    }


def _spells_child(term: str, salted: Salted) -> bool:
    forms = (f"p {term}", f"f {term}", f"j {term}")
    return any(
        digest_of(form, salt) in digests for salt, digests in salted.items() for form in forms
    )


def named_in(mention: ReadMention) -> tuple[str, ...]:
    """Return the children a mention names, in its own words (they go no further than a hash)."""
    item = Item(id="", title=mention.title, text=mention.text)
    return child_names(item.full_text)


def _learn(session: Session, story: int, fresh: Salted) -> None:
    """Remember digests, and cover with them what was already told of the story."""
    for salt, digests in sorted(fresh.items()):
        remember(session, story, salt, digests)
    told = _children(fresh)
    cover_told(session, story, lambda text: cover(text, told).text)


def _children(salted: Salted) -> tuple[Children, ...]:
    return tuple(Children(salt, digests) for salt, digests in sorted(salted.items()))
