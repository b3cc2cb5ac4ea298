"""Alternations of many words, written so that ``re`` looks at a place in the text only once.

Python tries ``"a1|a2|b1"`` word by word at every letter. Grouped by first letter, over and over,
the same words in the same order match the same texts in a third of the time; the shield reads every
text, so that is worth a module. The lists themselves stay readable where they are.
"""

from __future__ import annotations

import re

_ATOM = re.compile(r"\\.|\[\^?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_QUANTIFIER = re.compile(r"[?*+]\??|\{\d*,?\d*\}\??")
_SPECIAL = frozenset(".^$*+?{}|()")


def grouped(pattern: str) -> str:
    """Return an alternation equal to ``pattern`` ("ab|ac|d" becomes "(?:a(?:b|c)|d)").

    Order among alternatives that could match at one place is kept, so the same one wins. Takes
    literals, classes and groups; what it does not know it leaves as it stands.
    """
    return _join([_atoms(part) for part in _split(pattern)])


def word_start(pattern: str) -> str:
    """Return ``grouped(pattern)`` that only matches where a word starts.

    The look back stands behind the first letter: so ``re`` can skip all other letters unasked,
    which it cannot when a pattern begins with a look back.
    """
    parts = _runs([_atoms(part) for part in _split(pattern)])
    if any(not head for head, _ in parts):
        return rf"(?<!\w){grouped(pattern)}"
    starts = [head + r"(?<!\w" + head + ")" + _join(rest) for head, rest in parts]
    return f"(?:{'|'.join(starts)})"


def _split(pattern: str) -> list[str]:
    """Return the alternatives of the top level."""
    parts, depth, start = [], 0, 0
    for atom in _ATOM.finditer(pattern):
        if atom.group() == "(":
            depth += 1
        elif atom.group() == ")":
            depth -= 1
        elif atom.group() == "|" and not depth:
            parts.append(pattern[start : atom.start()])
            start = atom.end()
    return [*parts, pattern[start:]]


def _atoms(pattern: str) -> list[str]:
    """Return letters, classes and whole groups, each with the quantifier behind it."""
    atoms: list[str] = []
    at = 0
    while at < len(pattern):
        end, depth = at, 0
        while True:
            atom = _ATOM.match(pattern, end)
            assert atom is not None  # noqa: S101 - "." matches anything
            end = atom.end()
            depth += (atom.group() == "(") - (atom.group() == ")")
            if not depth:
                break
        quantifier = _QUANTIFIER.match(pattern, end)
        end = quantifier.end() if quantifier else end
        atoms.append(pattern[at:end])
        at = end
    return atoms


def _opened(atoms: list[str]) -> list[list[str]]:
    """Return the alternatives an alternative stands for once a group at its head is written out."""
    head, rest = (atoms[0], atoms[1:]) if atoms else ("", [])
    if not head.startswith("(?:"):
        return [atoms]
    if head.endswith(")"):
        inside, none = head[3:-1], []
    elif head.endswith(")?"):
        inside, none = head[3:-2], [rest]
    else:
        return [atoms]
    bodies = [_atoms(part) + rest for part in _split(inside)]
    return [each for body in [*bodies, *none] for each in _opened(body)]


def _is_letter(atom: str) -> bool:
    return (len(atom) == 1 and atom not in _SPECIAL) or (
        len(atom) == 2 and atom[0] == "\\" and not atom[1].isalnum()
    )


def _join(alternatives: list[list[str]]) -> str:
    if len(alternatives) == 1:
        return "".join(alternatives[0])
    parts = [head + _join(rest) for head, rest in _runs(alternatives)]
    return f"(?:{'|'.join(parts)})" if len(parts) > 1 else parts[0]


def _runs(alternatives: list[list[str]]) -> list[tuple[str, list[list[str]]]]:
    """Return first letters and what may follow each; "" where an alternative has no first letter.

    Only letters tell two alternatives apart for sure: nothing is moved past another kind of head.
    """
    runs: list[tuple[str, list[list[str]]]] = []
    opens: dict[str, list[list[str]]] = {}
    for atoms in (each for whole in alternatives for each in _opened(whole)):
        head = atoms[0] if atoms else ""
        if not _is_letter(head):
            opens = {}
            runs.append(("", [atoms]))
        elif head in opens:
            opens[head].append(atoms[1:])
        else:
            opens[head] = [atoms[1:]]
            runs.append((head, opens[head]))
    return runs
