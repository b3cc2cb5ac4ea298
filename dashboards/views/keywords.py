"""Words and topics: what is looked for, and the phrases an office adds of its own.

A phrase is tried against last month before it is laid: how many mentions hold it, what would have
been different for them, ten of them to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from dashboards.render import page
from dashboards.views.house_edits import (
    Shaping,
    lay_edit,
    look_anew,
    may_shape,
    passed_over,
    subtree_of,
)
from dashboards.visitor import Checked, Served, SignedIn
from langnghe.core.auth import Action
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.services import Services
from langnghe.core.store.edits import Edited, edits_of
from langnghe.core.store.queries.lookback import Past, look_back
from langnghe.core.text import clean, fold
from nlp.house_words import (
    IGNORE,
    MOST,
    TOPIC,
    USES,
    WATCH,
    HouseWords,
    Phrase,
    phrase_of,
    words_of,
)
from nlp.lexicon import topic_phrases

router = APIRouter()
BACK = timedelta(days=30)
EXAMPLES = 10
_CHOICES = 200
Text = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a phrase would have done last month. ``changed`` are those it would have changed."""

    phrase: Phrase
    found: int
    changed: int
    more: bool
    examples: tuple[tuple[Past, bool], ...]


@router.get("/tu-khoa")
def keywords(
    request: Request,
    caller: SignedIn,
    services: Served,
    dung: str = "",
    cum: str = "",
    chu_de: str = "",
    don_vi: str = "",
) -> Response:
    """Show what is looked for; with a phrase in the address also what it would have done."""
    shapes = caller.may(Action.ACT) and may_shape(caller, services)
    trial, wrong = None, ""
    with services.store.read() as session:
        edits = edits_of(session, Edited.WORDS)
        lost = passed_over(session, "words")
        if cum and shapes:
            try:
                phrase = _phrase(services, dung, cum[:400], chu_de, don_vi)
                trial = _try(session, services, phrase)
            except InputError as error:
                wrong = f"{error.message} {error.mend}"
    said, _ = words_of(edits, services.policy.topics, services.profile)
    own: dict[str, list[Phrase]] = {use: [] for use in USES}
    for one in said.phrases:
        own[one.use].append(one)
    units = services.profile.units
    return page(
        request,
        "keywords.html",
        caller=caller,
        own=own,
        any_own=bool(said.phrases),
        lost=lost,
        topics=[(t.id, t.name) for t in services.policy.topics.values()],
        phrases=topic_phrases(),
        units=[(u.id, u.name) for u in units] if len(units) <= _CHOICES else None,
        unit_names={phrase.of: _unit_name(services, phrase.of) for phrase in own[WATCH]},
        asked={"dung": dung, "cum": cum[:400], "chu_de": chu_de, "don_vi": don_vi},
        trial=trial,
        known=trial is not None and trial.phrase.key in edits,
        wrong=wrong,
        may_shape=shapes,
        unit_name=_unit_name(services, trial.phrase.of) if trial else "",
    )


@router.post("/tu-khoa", dependencies=[Checked])
def add_phrase(
    request: Request,
    caller: Shaping,
    services: Served,
    dung: Text = "",
    cum: Annotated[str, Form(max_length=500)] = "",
    chu_de: Text = "",
    don_vi: Text = "",
) -> Response:
    """Add a phrase of the house."""
    phrase = _phrase(services, dung, cum, chu_de, don_vi)
    with services.store.write() as session:
        known = edits_of(session, Edited.WORDS)
        if len(known) >= MOST and phrase.key not in known:
            raise ConflictError(f"Đã có {MOST} cụm từ.", mend="Gỡ những cụm không còn dùng.")
        lay_edit(request, session, Edited.WORDS, phrase.key, phrase.value, caller=caller)
    look_anew(request)
    return RedirectResponse("/tu-khoa?xong=them-tu", 303)


@router.post("/tu-khoa/go", dependencies=[Checked])
def remove_phrase(
    request: Request,
    caller: Shaping,
    services: Served,
    khoa: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Take a phrase away."""
    with services.store.write() as session:
        if khoa in edits_of(session, Edited.WORDS):
            lay_edit(request, session, Edited.WORDS, khoa, None, caller=caller)
    look_anew(request)
    return RedirectResponse("/tu-khoa?xong=go-tu", 303)


def _phrase(services: Services, use: str, words: str, topic: str, unit: str) -> Phrase:
    units = {u.id: u.name for u in services.profile.units}
    of = topic if use == TOPIC else _unit_of(units, unit) if use == WATCH else ""
    return phrase_of(use, words, of, services.policy.topics, units)


def _unit_of(units: Mapping[str, str], typed: str) -> str:
    """Return the unit meant: an id, or a name as typed into a long list's field."""
    said = clean(typed)
    if said in units or not said:
        return said
    return next((key for key, name in units.items() if fold(said) in fold(name)), said)


def _unit_name(services: Services, unit_id: str) -> str:
    unit = services.profile.unit(unit_id) if unit_id else None
    return unit.name if unit else unit_id


def _try(session: Session, services: Services, phrase: Phrase) -> Trial:
    """Hold a phrase against last month, by the very rule that would apply it."""
    words = HouseWords([phrase], {u.id: u.parent for u in services.profile.units})
    past = look_back(session, [phrase.words], services.clock.now() - BACK)
    below = subtree_of(services.profile, phrase.of)
    found: list[tuple[Past, bool]] = []
    for one in past.found:
        spans = words.spans(one.full_text)
        if spans:
            found.append((one, _changes(phrase, one, spans, below)))
    examples = sorted(found, key=lambda pair: not pair[1])[:EXAMPLES]
    changed = sum(changes for _, changes in found)
    return Trial(phrase, len(found), changed, past.more, tuple(examples))


def _changes(phrase: Phrase, one: Past, spans: list[tuple[int, int]], below: set[str]) -> bool:
    """Return whether the phrase would have made a difference to one mention."""
    if phrase.use == TOPIC:
        return one.about_education and phrase.of not in one.topics
    if phrase.use == WATCH:
        return not (one.units & below) or not one.ours
    if phrase.use == IGNORE:
        return any(
            (start, end) != (0, 0) and first <= start and end <= last
            for _, start, end in one.named
            for first, last in spans
        )
    return False
