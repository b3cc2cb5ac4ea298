"""Names of children and private adults, and the class that gives a child away.

A name is never guessed from its letters alone: schools and streets bear the names of persons. It
counts when a word beside it says who it is ("em", "cháu", "mẹ", "cô", "lớp 4A", "13 tuổi"), and an
adult's name is kept when an office stands beside it, for who speaks in office answers by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlp.names import GIVEN, HILLS_GIVEN, PET_NAMES, SURNAMES, SURNAMES_PLAIN
from nlp.normalise import is_syllable
from nlp.shield_again import find_again
from nlp.shield_numbers import Found
from nlp.shield_public import FAMOUS, Offices
from nlp.shield_small import SmallNames
from nlp.shield_uncued import find_uncued
from nlp.shield_words import (
    ACTS,
    AGE_AFTER,
    AND_NAME,
    BEARERS,
    CHILD_WORD,
    CLASS_AFTER,
    CLASS_NEXT,
    COUNTRIES,
    CUE,
    FULL,
    INITIALS,
    MARKER,
    NAME,
    NAMED_AFTER,
    NO_NAME,
    NO_SMALL,
    NOT_PERSON,
    NOT_PERSON_PLAIN,
    OFFICE,
    ONE_CHILD,
    PARENT_AFTER,
    SHOUTED_AFTER,
    SMALL_ENDS,
    START,
    VERBLIKE,
    full_name,
)

_PARENTS = ("mẹ ", "me ", "bố ", "bo ")
_OF_PARENT = ("cháu", "chau", "bé", "be")


class PersonFinder:
    """Finds persons in one text; ``low`` and ``flat`` are as long as ``text`` (marks off: flat)."""

    def __init__(self, text: str, low: str, flat: str, *, marked: bool) -> None:
        self._text = text
        self._low = low
        self._flat = flat
        self._marked = marked
        self._cased = text != low
        spoken = MARKER.sub("", text)  # a marker's small letters are not the writer's
        self._shouting = self._cased and spoken == spoken.upper()
        self.cased = self._cased and not self._shouting
        self._offices = Offices(low, flat, cased=self.cased)
        self._small = SmallNames(
            low, flat.lower(), marked=marked, cased=self._cased, shouting=self._shouting
        )

    def find(self) -> list[Found]:
        """Return names of children and private adults, every later mention included."""
        found: list[Found] = []
        end = 0
        for cue in CUE.finditer(self._low):
            if cue.start() < end:
                continue
            hit = self._after_cue(cue)
            if hit is None:
                continue
            found.append(hit)
            end = hit.end
            if hit.kind == "child_name" or cue["adult"]:
                for more in self._list_on(hit):
                    found.append(more)
                    end = more.end
        found += self._described(found)
        found = [
            hit
            for hit in found
            if hit.kind != "adult_private_name" or not self._offices.elsewhere(hit[:2])
        ]
        found += find_uncued(
            self._text,
            self._low,
            self._flat,
            taken={at for hit in found for at in range(hit.start, hit.end)},
            in_office=self.vouched,
            ends_name=SMALL_ENDS.__contains__,
            cased=self.cased,
        )
        return found + find_again(found, self._low, self._flat, cased=self.cased)

    def vouched(self, span: tuple[int, int]) -> bool:
        """Say whether an office stands beside this or another mention of the name."""
        return self._offices.vouches(span)

    def _after_cue(self, cue: re.Match[str]) -> Found | None:
        if self._part_of_a_name(cue) or self._low.endswith("con rồng ", 0, cue.start()):
            return None
        word = cue["strong"] or cue["adult"] or cue["weak"]
        span = self._name_at(
            cue.end(),
            strong=bool(cue["strong"] or cue["named"] or word in ("tên", "ten")),
            adult=bool(cue["adult"]) and word not in BEARERS,
            small=word not in NO_SMALL,
            one=word in ONE_CHILD,
            named=self._is_named(cue),
        )
        if span is None or (cue["weak"] and self._named_school(span)):
            return None
        before = self._low[max(0, cue.start() - 4) : cue.start()]
        if self._low[cue.start() : span[1]] in FAMOUS and before not in ("con ", "nhà "):
            return None
        kind = "child_name"
        if word in ("mẹ", "bố") and self._low[slice(*span)] in COUNTRIES:
            return None
        if cue["adult"]:
            kind = "adult_private_name"
            if word in ("mẹ", "bố") and self._low[slice(*span)] in PET_NAMES:
                kind = "child_name"
        elif word in ("tên", "ten"):
            before = self._low[max(0, cue.start() - 40) : cue.start()]
            if not CHILD_WORD.search(before):
                kind = "adult_private_name"
        elif word == "giữa" and INITIALS.fullmatch(self._flat, *span):
            pass  # who is cut to a letter is somebody to be protected
        elif word in ("là", "giữa") and not self._childlike(span, word):
            return None
        if kind == "adult_private_name" and (self._offices.holds(span) or self._foreign(span)):
            return None
        return Found(*span, kind, 3)

    def _is_named(self, cue: re.Match[str]) -> bool:
        """Say whether a name must follow: "bé tên ...", "mẹ cháu ..."."""
        of_parent = self._low.endswith(_PARENTS, 0, cue.start()) and cue["strong"] in _OF_PARENT
        called = cue["weak"] in ("tên", "ten") and CHILD_WORD.search(
            self._low, max(0, cue.start() - 40), cue.start()
        )
        return of_parent or bool(called) or (bool(cue["strong"]) and cue["named"] is not None)

    def _part_of_a_name(self, cue: re.Match[str]) -> bool:
        """Say whether the cue is a capital in mid-sentence (Bà Rịa, Hoàng Anh) or a sigle (CU)."""
        if not self._cased or self._shouting or cue["weak"] == "hs":
            return False
        word = self._flat[cue.start() : cue.end()].split(" ")[0]
        if not word[0].isupper():
            return False
        inside = not START.search(self._low[max(0, cue.start() - 4) : cue.start()])
        return inside or (word.isupper() and len(word) > 1)

    def _named_school(self, span: tuple[int, int]) -> bool:
        """Say whether "học sinh Lê Hồng Phong" or "học sinh P.Tây" names a school or a ward."""
        if self._low[slice(*span)] in FAMOUS:
            return True
        region = self._flat[slice(*span)] in ("P.", "Q.", "H.", "X.", "T.")
        return region and self._flat[span[1] : span[1] + 2].strip()[:1].isupper()

    def _foreign(self, span: tuple[int, int]) -> bool:
        """Say whether an adult's name is no Vietnamese one: world news, not a parent."""
        words = self._low[slice(*span)].split()
        if "." in words[0]:
            return False  # initials
        return words[0] not in SURNAMES and not all(
            is_syllable(w.strip(".")) for w in words if len(w) > 2
        )

    def _childlike(self, span: tuple[int, int], word: str) -> bool:
        """Say whether a name behind a loose word ("là", "giữa", "tên") is told to be a pupil's."""
        before = self._low[max(0, span[0] - 60) : span[0]]
        return bool(
            CLASS_AFTER.match(self._low, span[1])
            or CHILD_WORD.search(before)
            or (word == "giữa" and "học sinh" in self._low[span[1] : span[1] + 60])
        )

    def _name_at(
        self,
        at: int,
        *,
        strong: bool,
        adult: bool,
        small: bool = True,
        one: bool = False,
        named: bool = False,
    ) -> tuple[int, int] | None:
        """Return the name that starts at ``at``, or ``None``."""
        if at >= len(self._low) or (self._is_place(at) and not (one and self._does(at))):
            return None
        if self._shouting or not self._cased or self._flat[at].islower():
            return self._small.at(at, strong=strong, adult=adult and small, named=named)
        initials = INITIALS.match(self._flat, at)
        name = NAME.match(self._flat, at)
        if initials and (not name or len(name.group()) == 1 or "." in initials.group()):
            alone = len(initials.group()) == 1
            return None if alone and not strong else initials.span()
        if not name:
            return None
        words = name.group().split()
        if self._low[at : at + len(words[0])] in NO_NAME:
            return None
        if words[0].isupper() and len(words[0]) > 3 and not self._shouting:
            full = len(words) >= 3 and words[0].lower() in SURNAMES_PLAIN
            return name.span() if adult and full else None
        known = self._low[at : at + len(words[0])] in SURNAMES
        if not strong and not adult and not (known and len(words) >= 2):
            shown = self._low[slice(*name.span())].split()
            pet = len(words) == 1 and shown[0] in PET_NAMES
            given = len(words) in (2, 3) and all(word in GIVEN for word in shown)
            if one and len(words) == 1 and shown[0] not in COUNTRIES | VERBLIKE:
                given = shown[0] in GIVEN or shown[0] in HILLS_GIVEN
            return name.span() if pet or given else None
        return name.span()

    def _is_place(self, at: int) -> bool:
        """Say whether a place, office or people's name starts at ``at`` instead of a person's."""
        if self._marked:
            found = NOT_PERSON.match(self._low, at)
        else:
            found = NOT_PERSON_PLAIN.match(self._low, at)
        return found is not None and not full_name(self._flat, at)

    def _does(self, at: int) -> bool:
        """Say whether who stands at ``at`` is in a class or does what a person does."""
        name = NAME.match(self._flat, at) if self.cased else None
        return name is not None and (
            CLASS_NEXT.match(self._low, name.end()) is not None
            or ACTS.match(self._low, name.end()) is not None
        )

    def _list_on(self, first: Found) -> Iterator[Found]:
        """Yield the names that go on a list: "các em A, B và C", "giữa A và B"."""
        at = first.end
        for _ in range(30):
            link = AND_NAME.match(self._low, at)
            if not link:
                return
            span = self._name_at(link.end(), strong=False, adult=False)
            short = NAME.match(self._flat, link.end()) if self._cased else None
            if (
                span is None
                and short
                and len(short.group().split()) >= 2
                and not OFFICE.match(self._low, link.end())
                and not (self._is_place(link.end()))
            ):
                span = short.span()
            elif span is None and short:
                word = self._low[slice(*short.span())]
                if word in GIVEN or word in PET_NAMES or word in HILLS_GIVEN:
                    span = short.span()
            if span is None or (first.kind != "child_name" and self._offices.holds(span)):
                return
            yield Found(*span, first.kind, 3)
            at = span[1]

    def _described(self, known: list[Found]) -> list[Found]:
        """Return full names without a cue word that a class, an age or a child gives away."""
        if not self._cased:
            return []
        taken = {hit.start for hit in known}
        more: list[Found] = []
        for match in FULL.finditer(self._flat):
            start, end = match.span()
            words = self._low[start:end].split()
            while (
                words
                and (words[0] in ("ông", "bà") or words[0] not in SURNAMES)
                and (len(words) > 2 or words[0] in ("ông", "bà"))
            ):
                start += len(words.pop(0)) + 1
            if start in taken or not words or words[0] not in SURNAMES:
                continue
            first = start if self._shouting else match.start()
            if NAMED_AFTER.search(self._low[max(0, first - 16) : first]):
                continue
            if self._is_place(start):
                continue
            if self._shouting and (len(words) < 3 or not SHOUTED_AFTER.match(self._low, end)):
                continue
            age = AGE_AFTER.match(self._low, end)
            if CLASS_AFTER.match(self._low, end):
                more.append(Found(start, end, "child_name", 3))
            elif age:
                young = int(age["age"]) < 18 if age["age"] else int(age["born"]) > 2008
                if young or not (self._offices.holds((start, end)) or self._foreign((start, end))):
                    kind = "child_name" if young else "adult_private_name"
                    more.append(Found(start, end, kind, 3))
            elif PARENT_AFTER.match(self._low, end):
                more.append(Found(start, end, "adult_private_name", 3))
        return more
